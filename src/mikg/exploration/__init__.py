"""Which part of a network an address of the explorer shows: begun somewhere, opened by relation, filtered, bounded.

The drawing is a function of the address: the nodes that it starts from, those that its openings add, less those that it hides, and
every edge between them. Nothing is drawn beyond `BOUND` nodes: what the drawing would hold is then told by kind, relation and document.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from mikg.errors import Misuse, NotFound
from mikg.exploration.ground import Ground
from mikg.exploration.state import ASSERTED, Opening, Said, State, short
from mikg.network import Edge, Filter, Node
from mikg.network.filters import STATUSES
from mikg.network.paths import Connections, connect

BOUND = 3_000  # nodes that are drawn
EDGES = 12_000  # edges that are drawn
FIRST = 60  # neighbours that a start without openings shows
FIRST_ONLY = "{shown} of {size} neighbours are drawn, those that most documents speak of. Open a relation to see all of it."
APART = "Nothing ties these {count} things to each other directly; open one to see what it is tied to."
TOO_MUCH = (
    "This would draw {nodes} things and {edges} relations; beyond {bound} things or {most} relations a drawing shows nothing but a grey "
    "ball. Take away kinds, relations or documents, choose years, or draw the best attested only."
)


@dataclass(frozen=True)
class View:
    """What an address shows: nodes, edges, what can be filtered with how much each value holds, and what is to be said of it."""

    state: State
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    facets: dict[str, list[tuple[str, int]]] = None
    years: tuple[int, int] | None = None
    total: tuple[int, int] = (0, 0)  # nodes and edges before filters
    kept: frozenset[str] = frozenset()  # nodes that no filter takes away: those that the address names
    connections: Connections | None = None  # the paths between two that were asked for
    narrowed: bool = False  # the filters have been applied here, since all of it would be too much
    refused: Said | None = None
    missing: tuple[str, ...] = ()  # names that nothing bears
    notes: tuple[Said, ...] = ()


def view(ground: Ground, state: State, language: str = "en") -> View:
    """Return what a state shows of a network; `refused` says why nothing is drawn and what would narrow it.

    `NotFound` or `Misuse` where the two ends of a path are no two things.
    """
    notes = list(state.notes)
    starts, missing = _found(ground, state.start, notes)
    state = replace(state, start=starts)
    connections = None
    if state.source and state.target:
        wanted = Filter(statuses=tuple(sorted(state.status & set(STATUSES))))
        connections = connect(ground.network, short(state.source), short(state.target), wanted, language=language)
        state = replace(state, source=connections.source.iri, target=connections.target.iri)
        notes += [Said("{text}", {"text": connections.note})] if connections.note else []
    on_paths = {node.iri for path in connections.paths for node in path.nodes} if connections else set()
    ends = {state.source, state.target} if connections else set()
    if len(starts) == 1 and not (state.open or ends):
        size = len(ground.neighbours(starts[0], state.status))
        state = replace(state, open=(Opening(starts[0]),), most=state.most or (FIRST if size > FIRST else None))
        if state.most == FIRST and size > FIRST:
            notes.append(Said(FIRST_ONLY, {"shown": FIRST, "size": f"{size:,}"}))
    opened = [each for each in state.open if each.node in ground.nodes]
    missing += tuple(short(each.node) for each in state.open if each.node not in ground.nodes)
    kept = {*starts, *(each.node for each in opened), *ends, *on_paths}
    drawn = kept.union(*(ground.opened(each, state.status) for each in opened)) - set(state.hide)
    kept &= drawn
    edges = ground.between(drawn, state.status)
    if len(drawn) > 1 and not edges:
        notes.append(Said(APART, {"count": f"{len(drawn):,}"}))
    facets, years = _facets(ground, drawn, edges, state), _years(edges)
    whole = View(
        state,
        facets=facets,
        years=years,
        total=(len(drawn), len(edges)),
        kept=frozenset(kept),
        missing=missing,
        notes=tuple(notes),
        connections=connections,
    )
    if state.most and len(drawn) > len(kept) + state.most:
        drawn, edges = most(ground, drawn, edges, kept, state.most)
    narrowed = False
    if len(drawn) > BOUND or len(edges) > EDGES:
        narrowed = True
        drawn, edges = filtered(ground, drawn, edges, kept, state)
        if len(drawn) > BOUND or len(edges) > EDGES:
            return replace(
                whole, nodes=tuple(ground.nodes[each] for each in sorted(kept)[:BOUND]), narrowed=True, refused=_refusal(drawn, edges)
            )
    return replace(whole, nodes=tuple(ground.nodes[each] for each in sorted(drawn)), edges=tuple(edges), narrowed=narrowed)


def shown(ground: Ground, view: View) -> tuple[list[Node], list[Edge]]:
    """Return the nodes and edges of a view that pass its filters."""
    drawn, edges = filtered(ground, {each.iri for each in view.nodes}, view.edges, set(view.kept), view.state)
    return [ground.nodes[each] for each in sorted(drawn)], edges


def filtered(ground: Ground, drawn: set[str], edges: Iterable[Edge], kept: set[str], state: State) -> tuple[set[str], list[Edge]]:
    """Return the nodes and edges that pass the filters of a state; a node that is left without an edge goes, unless it is `kept`."""
    passes = fits(ground, state)
    inside = {each for each in drawn if each in kept or not _off(state, ground, each)}
    left = [each for each in edges if each.source in inside and each.target in inside and passes(each)]
    touched = {each.source for each in left} | {each.target for each in left}
    return (inside & touched) | kept, left


def fits(ground: Ground, state: State) -> Callable:
    """Return a test of one edge: relation, document, speaker and time of a state."""
    off = {facet: {value for name, value in state.no if name == facet} for facet in ("relation", "document", "speaker")}

    def test(edge: Edge) -> bool:
        if edge.relation in off["relation"] or (edge.speaker or "") in off["speaker"]:
            return False
        if off["document"] and edge.documents and off["document"].issuperset(edge.documents):
            return False
        first, last = ground.period(edge)
        if first is None and last is None:
            return state.undated
        return (state.until is None or (first or last) <= state.until) and (state.since is None or (last or first) >= state.since)

    return test


def most(ground: Ground, drawn: set[str], edges: Iterable[Edge], kept: set[str], number: int) -> tuple[set[str], list[Edge]]:
    """Return the drawing with only `number` nodes beside the `kept`: those that most documents speak of, then the best connected."""
    rank = sorted(drawn - kept, key=lambda each: (-len(ground.nodes[each].documents), -ground.degree(each), each))
    left = kept | set(rank[:number])
    return left, [each for each in edges if each.source in left and each.target in left]


def relations(ground: Ground, node: str) -> list[dict]:
    """Return what opening a node would add, before it is opened: each relation and direction, with its edges by status."""
    groups: dict[tuple[str, str, str], Counter] = {}
    for edge in ground.edges_of(node):
        direction = "out" if edge.source == node else "in"
        groups.setdefault((edge.relation, edge.label, direction), Counter())[edge.status] += 1
    ordered = sorted(groups.items(), key=lambda item: (-item[1].total(), item[0]))
    return [
        {
            "relation": short(iri),
            "label": label,
            "direction": direction,
            "asserted": count[ASSERTED],
            "others": count.total() - count[ASSERTED],
        }
        for (iri, label, direction), count in ordered
    ]


def _found(ground: Ground, names: Iterable[str], notes: list[Said]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the IRIs of the things that are so called, and the names that nothing or more than one bears."""
    found, missing = [], []
    for name in names:
        try:
            found.append(ground.network.find(name).iri)
        except NotFound:
            missing.append(short(name))
        except Misuse as fault:
            missing.append(short(name))
            notes.append(Said("{text}", {"text": fault}))
    return tuple(dict.fromkeys(found)), tuple(missing)


def _off(state: State, ground: Ground, node: str) -> bool:
    return ("kind", ground.nodes[node].kind) in state.no or ("community", str(ground.community(node))) in state.no


def _facets(ground: Ground, drawn: set[str], edges: Iterable[Edge], state: State) -> dict[str, list[tuple[str, int]]]:
    counts: dict[str, Counter] = {name: Counter() for name in ("kind", "relation", "document", "speaker", "community", "status")}
    for node in drawn:
        counts["kind"][ground.nodes[node].kind] += 1
        counts["community"][str(ground.community(node))] += 1
    for edge in edges:
        counts["relation"][edge.relation] += 1
        counts["speaker"][edge.speaker or ""] += 1
        counts["document"].update(edge.documents)
    centres = {each.node for each in state.open} & drawn or drawn
    for node in centres:
        counts["status"].update(edge.status for edge in ground.edges_of(node))
    return {name: sorted(count.items(), key=lambda item: (-item[1], item[0])) for name, count in counts.items()}


def _years(edges: Iterable[Edge]) -> tuple[int, int] | None:
    years = [year for edge in edges for year in Ground.period(edge) if year is not None]
    return (min(years), max(years)) if years else None


def _refusal(drawn: set[str], edges: list[Edge]) -> Said:
    return Said(TOO_MUCH, {"nodes": f"{len(drawn):,}", "edges": f"{len(edges):,}", "bound": f"{BOUND:,}", "most": f"{EDGES:,}"})
