"""The picture of a drawing without JavaScript: from left to right, each thing beside the one through which it is reached first."""

from collections.abc import Iterable
from itertools import groupby

from markupsafe import Markup, escape

from mikg.exploration import State
from mikg.exploration.ground import Ground
from mikg.exploration.state import ASSERTED, short
from mikg.network import Edge, Node
from mikg.web.marks import SHAPES

WIDE, ROW, NAMED = 330, 24, 34  # width of a column, height of a row, letters of a name
ROWS = 60  # in one column


def picture(ground: Ground, state: State, shown: tuple[list[Node], list[Edge]]) -> Markup:
    """Return an SVG with a link for each thing; what exceeds `ROWS` of a column is left to the table."""
    nodes, edges = shown
    order = _columns([node.iri for node in nodes], edges, [each for each in (*state.start, state.source) if each in ground.nodes])
    kept = [column[:ROWS] for column in order[:4]]
    high = max([len(column) for column in kept] + [3]) * ROW + 2 * ROW
    at = {
        iri: (30 + number * WIDE, round(high / 2 + (row - (len(column) - 1) / 2) * ROW))
        for number, column in enumerate(kept)
        for row, iri in enumerate(column)
    }
    lines = [_line(at[edge.source], at[edge.target], edge) for edge in _once(edges) if edge.source in at and edge.target in at]
    names = [_name(ground.nodes[iri], x, y, state) for iri, (x, y) in at.items()]
    wide = len(kept) * WIDE
    return Markup(
        f'<svg class="x-picture" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" role="group">'
        + "".join(lines + names)
        + "</svg>"
    )


def _columns(iris: Iterable[str], edges: Iterable[Edge], starts: Iterable[str]) -> list[list[str]]:
    beside: dict[str, list[str]] = {iri: [] for iri in iris}
    for edge in edges:
        beside[edge.source].append(edge.target)
        beside[edge.target].append(edge.source)
    ranked = sorted(beside, key=lambda iri: (-len(beside[iri]), iri))
    column = [iri for iri in starts if iri in beside] or ranked[:1]
    seen, columns = set(column), []
    while column:
        columns.append(column)
        column = list(dict.fromkeys(other for iri in column for other in sorted(beside[iri]) if other not in seen))
        seen.update(column)
    rest = [iri for iri in ranked if iri not in seen]
    return [*columns, rest] if rest else columns


def _once(edges: Iterable[Edge]) -> list[Edge]:
    ordered = sorted(edges, key=lambda edge: (edge.source, edge.target, edge.status != ASSERTED))
    return [next(group) for _, group in groupby(ordered, key=lambda edge: (edge.source, edge.target))]


def _line(start: tuple[int, int], end: tuple[int, int], edge: Edge) -> str:
    (x1, y1), (x2, y2) = start, end
    bend = (x2 - x1) * 0.45 if x1 != x2 else -60
    dashed = ' class="x-other"' if edge.status != ASSERTED else ""
    return f'<path{dashed} d="M{x1} {y1}C{x1 + bend:.0f} {y1} {x2 - bend if x1 != x2 else x2 + bend:.0f} {y2} {x2} {y2}"><title>{escape(edge.label)}</title></path>'


def _name(node: Node, x: int, y: int, state: State) -> str:
    kind = node.kind if node.kind in SHAPES else "thing"
    name = node.name if len(node.name) <= NAMED else node.name[: NAMED - 1] + "…"
    address = State(start=(node.iri,), status=state.status).address()
    return (
        f'<a href="{escape(address)}"><title>{escape(node.name)} ({escape(short(node.iri))})</title>'
        f'<path class="x-mark kind-{kind}" transform="translate({x - 7} {y - 7}) scale(1.2)" d="{SHAPES[kind]}"/>'
        f'<text x="{x + 13}" y="{y + 4}">{escape(name)}</text></a>'
    )
