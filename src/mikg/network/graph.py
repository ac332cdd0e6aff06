"""Nodes, edges, and the network that they make: to look around in, to narrow, to hand to networkx."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from mikg import spelling
from mikg.errors import Misuse, NotFound
from mikg.mappings import pages
from mikg.namespaces import ID, expand, shorten

if TYPE_CHECKING:
    import networkx

ELSEWHERE = "elsewhere"  # the key of `derived` for the things that terms of other graphs stand for


@dataclass(frozen=True, slots=True)
class Node:
    """A named thing; the years and documents are those of its edges."""

    iri: str
    name: str
    kind: str
    first: int | None = None
    last: int | None = None
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """One relation between two things, as one speaker has it; what is not known is empty.

    `via` is the node that says more of it (a holding, a participation, a claim), `speaker` who is said to say so where it is not the
    document itself, `start` and `end` the days between which it may have held. `passages` are all that say so; where it is our own
    judgement, the graph of curation. `weight` counts the passages.
    """

    id: str
    source: str
    target: str
    relation: str
    label: str
    status: str = "asserted"
    speaker: str = ""
    start: str = ""
    end: str = ""
    via: str = ""
    capacity: str = ""
    passages: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    weight: int = 1

    def other(self, iri: str) -> str:
        """Return the end that is not `iri`; of a loop the same."""
        return self.target if self.source == iri else self.source


@dataclass(frozen=True)
class Network:
    """Nodes A to Z by IRI, and edges in a fixed order."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    projection: str = ""

    def __repr__(self) -> str:
        return f"<Network {self.projection}: {len(self.nodes)} nodes, {len(self.edges)} edges>"

    @cached_property
    def by_iri(self) -> dict[str, Node]:
        return {node.iri: node for node in self.nodes}

    @cached_property
    def derived(self) -> dict[object, object]:
        """What others have made of this network and keep with it, such as its parts by filter."""
        return {}

    @cached_property
    def _touching(self) -> dict[str, list[Edge]]:
        touching: dict[str, list[Edge]] = {node.iri: [] for node in self.nodes}
        for edge in self.edges:
            touching[edge.source].append(edge)
            if edge.target != edge.source:
                touching[edge.target].append(edge)
        return touching

    def __len__(self) -> int:
        return len(self.nodes)

    def find(self, words: str) -> Node:
        """Return the node with this IRI, CURIE, bare name of an IRI, page, or name; `NotFound` offers the nearest."""
        words = pages.meant(words.strip(), lambda: self.derived.get(ELSEWHERE, {}))
        for iri in (words, expand(words), ID + words, ID + words.lower().replace(" ", "-")):
            if iri in self.by_iri:
                return self.by_iri[iri]
        wanted = words.casefold()
        named = [node for node in self.nodes if node.name.casefold() == wanted]
        if len(named) == 1:
            return named[0]
        if named:
            raise Misuse(f"{words!r} is the name of {len(named)} things: {', '.join(shorten(node.iri) for node in named)}; choose one.")
        raise NotFound(f"nothing in this network is called {words[:100]!r}; {self._nearest(words[:100])}")

    def _nearest(self, words: str) -> str:
        names: dict[str, Node] = {}
        for node in self.nodes:
            names[node.name] = node
            names[shorten(node.iri).partition(":")[2].replace("-", " ")] = node
        wanted = (words.partition(":")[2] or words).replace("-", " ")
        near = dict.fromkeys(f"{names[name].name} ({shorten(names[name].iri)})" for name in spelling.nearest(wanted, names, 6))
        return f"the nearest: {', '.join(list(near)[:3])}" if near else "nothing has a name like it"

    def around(self, iri: str) -> tuple[Edge, ...]:
        """Return the edges that begin or end at a node."""
        return tuple(self._touching[self.find(iri).iri])

    def counts(self, iri: str) -> list[tuple[str, str, str, int]]:
        """Return how many edges expanding a node would add: relation, its label, `out` or `in`, and the count, the largest first."""
        own = self.find(iri).iri
        counted = Counter((edge.relation, edge.label, "out" if edge.source == own else "in") for edge in self._touching[own])
        return sorted(((*key, count) for key, count in counted.items()), key=lambda row: (-row[3], row[:3]))

    def neighbours(self, iri: str, relations: Collection[str] = (), direction: str = "both") -> Network:
        """Return the network of a node and those beside it; `direction` out, in or both."""
        own = self.find(iri).iri
        kept = [
            edge
            for edge in self._touching[own]
            if (not relations or edge.relation in relations)
            and (direction == "both" or (edge.source == own if direction == "out" else edge.target == own))
        ]
        return self._of(kept, (own,))

    def ego(self, iri: str, steps: int = 1) -> Network:
        """Return the network of all nodes within some steps of a node, with every edge among them."""
        reached = {self.find(iri).iri}
        border = set(reached)
        for _ in range(steps):
            border = {edge.other(one) for one in border for edge in self._touching[one]} - reached
            reached |= border
        return self._of([edge for edge in self.edges if edge.source in reached and edge.target in reached], reached)

    def narrow(
        self,
        kinds: Collection[str] = (),
        relations: Collection[str] = (),
        documents: Collection[str] = (),
        speakers: Collection[str] = (),
        statuses: Collection[str] = (),
        start: str = "",
        end: str = "",
        undated: bool = False,
    ) -> Network:
        """Return what is left of the network: an empty filter lets all through, and a node without an edge is dropped.

        An edge stays where each of its ends is of one of the kinds, one of its documents is among those asked for, and its days
        overlap those from `start` to `end` (2021, 2021-09 or 2021-09-23); what bears no date then stays only if `undated`.
        """
        first, last = period(start, end)
        if not (kinds or relations or documents or speakers or statuses or first or last):
            return self._of(self.edges, ())
        kind = {node.iri: node.kind for node in self.nodes}
        wanted = set(documents)

        def fits(edge: Edge) -> bool:
            if kinds and not (kind[edge.source] in kinds and kind[edge.target] in kinds):
                return False
            if (relations and edge.relation not in relations) or (statuses and edge.status not in statuses):
                return False
            if (speakers and edge.speaker not in speakers) or (wanted and wanted.isdisjoint(edge.documents)):
                return False
            if not (first or last):
                return True
            if not (edge.start or edge.end):
                return undated
            return (not last or (edge.start or edge.end) <= last) and (not first or (edge.end or edge.start) >= first)

        return self._of([edge for edge in self.edges if fits(edge)], ())

    def to_networkx(self) -> networkx.MultiDiGraph:
        """Return a networkx.MultiDiGraph with the same attributes; the key of an edge is its id."""
        import networkx

        graph = networkx.MultiDiGraph(name=self.projection)
        graph.add_nodes_from((node.iri, _attributes(node, "iri")) for node in self.nodes)
        graph.add_edges_from((edge.source, edge.target, edge.id, _attributes(edge, "source", "target", "id")) for edge in self.edges)
        return graph

    def to_json(self) -> dict[str, list[dict[str, object]]]:
        """Return `{"nodes": [...], "edges": [...]}` with the fields of `Node` and `Edge`."""
        return {"nodes": [asdict(node) for node in self.nodes], "edges": [asdict(edge) for edge in self.edges]}

    def _repr_html_(self) -> str:
        from mikg.network import showing

        return showing.html(self)

    def _of(self, edges: Sequence[Edge], kept: Collection[str]) -> Network:
        """Return the network of some of its edges, in their order, with the nodes that they join and those to keep in any case."""
        joined = {edge.source for edge in edges} | {edge.target for edge in edges} | set(kept)
        if len(edges) == len(self.edges) and len(joined) == len(self.nodes):
            return self
        return Network(tuple(node for node in self.nodes if node.iri in joined), tuple(edges), self.projection)


def period(start: str, end: str) -> tuple[str, str]:
    """Return the first and last day of a period given by day, month or year; `Misuse` for what is none of these.

    >>> period("2021", "2021-09")
    ('2021-01-01', '2021-09-30')
    """
    first, last = _day(start, "01-01", "01"), _day(end, "12-31", "")
    if first and last and first > last:
        raise Misuse(f"the period begins on {first}, after its end on {last}.")
    return first, last


def _day(given: str, of_year: str, of_month: str) -> str:
    import calendar
    import datetime
    import re

    if not given:
        return ""
    parts = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", given.strip())
    try:
        if not parts:
            raise ValueError
        year, month, day = parts.groups()
        if not month:
            return datetime.date.fromisoformat(f"{year}-{of_year}").isoformat()
        day = day or of_month or f"{calendar.monthrange(int(year), int(month))[1]:02}"
        return datetime.date.fromisoformat(f"{year}-{month}-{day}").isoformat()
    except (ValueError, calendar.IllegalMonthError):
        raise Misuse(f"{given[:40]!r} is no date; it takes a day, month or year such as 2021-09-23, 2021-09 or 2021.") from None


def _attributes(one: Node | Edge, *without: str) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__slots__ if name not in without}
