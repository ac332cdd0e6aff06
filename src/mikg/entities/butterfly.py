"""The relations of one thing as a drawing: what leads to it on the left, where it leads on the right, grouped by relation.

Only where everything stands is worked out here; a template draws it. One row a thing; a group that has more than its share says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mikg.entities.model import Entity, Line
from mikg.labels import Named
from mikg.namespaces import ID
from mikg.vocabulary import Texts, pick

WIDTH, NARROW = 1120, 380
WING = 415  # from the edge of the drawing to the dots of a wing
ROW, HEAD, GAP, TOP = 25, 25, 11, 12
EACH, ALL = 5, 26  # rows of one relation, rows of one wing
RADIUS = 58
LETTERS = 50  # of a name on a row
# What a folded node leads to, for each block whose nodes are drawn as relations.
ENDS = {"posts": ("post", "holder"), "participations": ("event", "participant"), "memberships": ("group", "member"), "roles": ("role",)}


@dataclass(frozen=True)
class Row:
    """One thing at the end of a relation; `status` is a modality that is not asserted."""

    iri: str
    name: str
    cut: str
    kind: str
    status: str
    x: float
    y: float
    curve: str


@dataclass(frozen=True)
class Bundle:
    """The rows of one relation, with the number of those for which there was no room."""

    label: str
    property: str
    incoming: bool
    y: float
    rows: tuple[Row, ...]
    more: int
    more_y: float


@dataclass(frozen=True)
class Drawing:
    """A whole drawing: its size, its middle, the lines of the name in it, and both wings."""

    width: int
    height: float
    x: float
    y: float
    name: tuple[str, ...]
    left: tuple[Bundle, ...]
    right: tuple[Bundle, ...]

    @property
    def rows(self) -> int:
        """How many things it shows."""
        return sum(len(bundle.rows) for bundle in (*self.left, *self.right))


def draw(entity: Entity, named: Mapping[str, Named], language: str, narrow: bool = False) -> Drawing:
    """Return the drawing for a wide page, or the one for a phone: all in one column, the thing above it."""
    outgoing = [line for group in entity.groups for line in group.lines]
    left = [(_label(line.names, line.property), line) for line in entity.incoming]
    folded = _folded(entity)
    # What a holding or participation ties to the thing is drawn once, with the relation that says most.
    tied = {value.term["value"] for line in folded for value in line.values}
    left = [(names, _without(line, tied)) for names, line in left]
    right = [(_label(line.names, line.property), line) for line in [*folded, *(_without(line, tied) for line in outgoing)]]
    left, right = ([(pick(texts, language), line) for texts, line in wing] for wing in (left, right))
    if narrow:
        return _column(entity, named, left, right)
    heights = [_height(_kept(wing, entity, named)) for wing in (left, right)]
    height = max(*heights, 2 * RADIUS + 20) + 2 * TOP
    middle = height / 2
    wings = []
    for wing, size, is_left in ((left, heights[0], True), (right, heights[1], False)):
        wings.append(_wing(_kept(wing, entity, named), named, middle - size / 2, middle, is_left))
    return Drawing(WIDTH, height, WIDTH / 2, middle, _wrapped(entity.named.name), *wings)


def _label(names: Texts, property: str) -> Texts:
    return names or {"en": property.rsplit("#")[-1].rsplit("/")[-1]}


def _folded(entity: Entity) -> list[Line]:
    """Return the relations that lie in nodes: the posts, events, groups and roles behind holdings, participations and memberships."""
    found = []
    for block in entity.blocks:
        for property in ENDS.get(block.key, ()):
            lines = [line for node in block.nodes for line in node.lines if line.property.endswith("#" + property)]
            values = {value.term["value"]: value for line in lines for value in line.values if value.term["value"] != entity.iri}
            if values:
                found.append(Line(lines[0].property, lines[0].names, tuple(values.values()), len(values)))
    return found


def _without(line: Line, tied: set[str]) -> Line:
    values = tuple(value for value in line.values if value.term["value"] not in tied)
    return Line(line.property, line.names, values, line.total - (len(line.values) - len(values)), line.incoming)


def _kept(wing: list[tuple[str, Line]], entity: Entity, named: Mapping[str, Named]) -> list[tuple[str, Line, list]]:
    """Return the relations to things that have a page, with the rows for which there is room."""
    found = []
    drawn: set[tuple[str, str]] = set()
    room = ALL
    for label, line in wing:
        values = []
        for value in line.values:
            iri = value.term["value"]
            if value.term["type"] == "uri" and iri.startswith(ID) and iri in named and iri != entity.iri and (label, iri) not in drawn:
                drawn.add((label, iri))
                values.append(value)
        values.sort(key=lambda value: named[value.term["value"]].name.casefold())
        if values and room > 0:
            kept = values[: min(EACH, room)]
            room -= len(kept)
            more = max(line.total - (len(line.values) - len(values)), len(values)) - len(kept)
            found.append((label, line, kept, more))
    return found


def _height(kept: list) -> float:
    return sum(HEAD + ROW * (len(values) + (more > 0)) + GAP for _, _, values, more in kept)


def _wing(kept: list, named: Mapping[str, Named], top: float, middle: float, is_left: bool) -> tuple[Bundle, ...]:
    x, edge = (WING, WIDTH / 2 - RADIUS) if is_left else (WIDTH - WING, WIDTH / 2 + RADIUS)
    bundles, y = [], top
    for label, line, values, more in kept:
        head = y + 14
        y += HEAD
        rows = []
        for value in values:
            row_y = y + ROW / 2 - 4
            bend = (x + edge) / 2
            curve = f"M{edge:g} {middle:g}C{bend:g} {middle:g} {bend:g} {row_y:g} {x:g} {row_y:g}"
            rows.append(_row(value, named, x, row_y, curve))
            y += ROW
        more_y = y + ROW / 2
        y += ROW * (more > 0) + GAP
        bundles.append(Bundle(label, line.property, line.incoming, head, tuple(rows), more, more_y))
    return tuple(bundles)


def _column(entity: Entity, named: Mapping[str, Named], left: list, right: list) -> Drawing:
    x, y = 34, 4.0
    wings = []
    for wing in (right, left):
        bundles = []
        for label, line, values, more in _kept(wing, entity, named):
            head = y + 16
            y += HEAD
            rows = []
            for value in values:
                row_y = y + ROW / 2
                curve = f"M12 {row_y - 12:g}Q12 {row_y:g} {x - 2} {row_y:g}"
                rows.append(_row(value, named, x, row_y, curve, 40))
                y += ROW
            more_y = y + ROW / 2 + 4
            y += ROW * (more > 0) + GAP
            bundles.append(Bundle(label, line.property, line.incoming, head, tuple(rows), more, more_y))
        wings.append(tuple(bundles))
    return Drawing(NARROW, y + TOP, 12, 18, (entity.named.name,), wings[1], wings[0])


def _row(value, named: Mapping[str, Named], x: float, y: float, curve: str, letters: int = LETTERS) -> Row:
    thing = named[value.term["value"]]
    letters -= 12 * bool(value.status)
    cut = thing.name if len(thing.name) <= letters else thing.name[: letters - 1].rstrip() + "…"
    return Row(thing.iri, thing.name, cut, thing.kind, value.status, x, y, curve)


def _wrapped(name: str) -> tuple[str, ...]:
    """Return a name in up to four lines of some 14 letters, for the circle in the middle.

    >>> _wrapped("Bilateral Arrangement on Migration and Protection between two states")
    ('Bilateral', 'Arrangement on', 'Migration and', 'Protection …')
    """
    lines: list[str] = []
    for word in name.split():
        word = word if len(word) <= 15 else word[:14] + "…"
        if lines and len(lines[-1]) + len(word) < 15:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return tuple([*lines[:3], lines[3].split("…")[0] + " …"] if len(lines) > 4 else lines)
