"""The network at a glance, laid out on the server: two columns of names and the lines between them, as numbers for a template."""

from dataclasses import dataclass

from mikg.labels import Named
from mikg.ties import Ties

WIDTH = 1100
ROW = 27  # from one name to the next
LEFT, RIGHT = 330, 570  # where the marks stand
LONGEST = 66  # letters of a name


@dataclass(frozen=True)
class Dot:
    """A name with its place: `words` is cut where it is too long."""

    iri: str
    words: str
    kind: str
    x: int
    y: float


@dataclass(frozen=True)
class Drawing:
    """What a template draws: dots on the left and the right, and a curve for each tie with the kind of its right end."""

    width: int
    height: int
    left: tuple[Dot, ...]
    right: tuple[Dot, ...]
    curves: tuple[tuple[str, str, str, str], ...]  # path, kind, party, hub


def columns(ties: Ties, named: dict[str, Named]) -> Drawing:
    """Return the drawing of ties; the shorter column is spread over the height of the longer."""
    longer = max(len(ties.parties), len(ties.hubs), 1)
    left = _column(ties.parties, named, LEFT, longer)
    right = _column(ties.hubs, named, RIGHT, longer)
    place = {dot.iri: dot for dot in (*left, *right)}
    middle = (LEFT + RIGHT) // 2
    curves = []
    for party, hub in ties.lines:
        one, other = place[party], place[hub]
        path = f"M{LEFT + 9} {one.y:g}C{middle} {one.y:g} {middle} {other.y:g} {RIGHT - 9} {other.y:g}"
        curves.append((path, other.kind, party, hub))
    return Drawing(WIDTH, longer * ROW + 10, left, right, tuple(curves))


def _column(iris: tuple[str, ...], named: dict[str, Named], x: int, longer: int) -> tuple[Dot, ...]:
    step = longer * ROW / max(len(iris), 1)
    dots = []
    for number, iri in enumerate(iris):
        name = named[iri].name
        words = name if len(name) <= LONGEST else name[: LONGEST - 1].rstrip() + "…"
        dots.append(Dot(iri, words, named[iri].kind, x, round(5 + step * (number + 0.5), 1)))
    return tuple(dots)
