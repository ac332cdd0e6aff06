"""The best connections between two things: short ones, and none by way of a thing that everything is tied to.

A step costs 1 and, for each node that it touches, half the binary logarithm of 1 + its neighbours: to go through one with sixty
neighbours costs as much as seven more steps, so that "both are in Panama" does not win.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from html import escape
from pathlib import Path as Folder

from mikg.errors import Misuse, TimedOut
from mikg.namespaces import GRAPH, MIKG, PREFIXES, shorten
from mikg.network.filters import ALL, Filter
from mikg.network.graph import Edge, Network, Node
from mikg.network.ways import Ways
from mikg.network.words import NOTES, say

BEST = 5  # connections that are looked for
MOST = 50
PATIENCE = 10.0  # seconds
WAYS = "ways"  # the key of `derived` for the ways of a network
FIGURED = tuple(MIKG + name for name in ("operation", "place", "population"))  # ties that the words of a figure make


@dataclass(frozen=True)
class Hop:
    """One step of a connection: from one node to the next by each of the edges that tie them, the best told first."""

    source: Node
    target: Node
    edges: tuple[Edge, ...]

    @property
    def passages(self) -> tuple[str, ...]:
        """Return the passages of all its edges."""
        return tuple(sorted({passage for edge in self.edges for passage in edge.passages}))


@dataclass(frozen=True)
class Path:
    """One connection, and what it costs: the cheaper, the better."""

    hops: tuple[Hop, ...]
    cost: float

    @property
    def nodes(self) -> tuple[Node, ...]:
        return (self.hops[0].source, *(hop.target for hop in self.hops))


@dataclass(frozen=True)
class Connections:
    """The best connections between two things, the best first; none is an answer, and `note` then says what else there is."""

    source: Node
    target: Node
    paths: tuple[Path, ...]
    names: dict[str, str]
    language: str = "en"
    note: str = ""
    root: Folder | None = None

    def words(self, hop: Hop) -> list[str]:
        """Return a sentence for each edge of a hop."""
        return [say(edge, hop.source.iri, self.names, self.language, self.root) for edge in hop.edges]

    def to_text(self) -> str:
        """Return the connections to read, with the passages of each step."""
        if not self.paths:
            return self.note
        lines = []
        for number, path in enumerate(self.paths, 1):
            lines.append(f"{number}. {' – '.join(node.name for node in path.nodes)}  (cost {path.cost:.1f})")
            for hop in path.hops:
                for edge, words in zip(hop.edges, self.words(hop), strict=True):
                    lines += [f"   {words}", f"      [{', '.join(_source(each, self.language) for each in edge.passages)}]"]
        return "\n".join([*lines, *([self.note] if self.note else [])])

    def _repr_html_(self) -> str:
        """Return the connections as a notebook shows them."""
        ways = "".join(
            f"<li><b>{escape(' – '.join(node.name for node in path.nodes))}</b><ul>"
            + "".join(
                f"<li>{escape(words)} <small>{escape(', '.join(_source(each, self.language) for each in edge.passages))}</small></li>"
                for hop in path.hops
                for edge, words in zip(hop.edges, self.words(hop), strict=True)
            )
            + "</ul></li>"
            for path in self.paths
        )
        return (f"<ol>{ways}</ol>" if ways else "") + (f"<p>{escape(self.note)}</p>" if self.note else "")

    def to_json(self) -> dict[str, object]:
        """Return the connections with the words, passages and query of each edge."""
        return {
            "from": asdict(self.source),
            "to": asdict(self.target),
            "note": self.note,
            "paths": [
                {
                    "cost": round(path.cost, 6),
                    "nodes": [asdict(node) for node in path.nodes],
                    "hops": [
                        {
                            "from": hop.source.iri,
                            "to": hop.target.iri,
                            "edges": [
                                {**asdict(edge), "words": words, "sparql": sparql(edge)}
                                for edge, words in zip(hop.edges, self.words(hop), strict=True)
                            ],
                        }
                        for hop in path.hops
                    ],
                }
                for path in self.paths
            ],
        }


def connect(
    whole: Network,
    source: str,
    target: str,
    wanted: Filter | None = None,
    via: Collection[str] = (),
    avoid: Collection[str] = (),
    best: int = BEST,
    patience: float = PATIENCE,
    language: str = "en",
    root: Folder | None = None,
) -> Connections:
    """Return the best connections between two things of a network with all statuses, whichever way their edges run.

    Names are looked for in the whole network, edges in what the filter leaves of it: unasked, what is asserted.

    `NotFound` offers the nearest where a name is not known; `Misuse` for the same thing twice; `TimedOut` when the first
    connection takes longer than `patience`, the making of the graph included. Of the others as many are given as were found in that time.
    """
    if not 1 <= best <= MOST:
        raise Misuse(f"{best} connections were asked for; it takes 1 to {MOST}.")
    clock = Clock(patience)
    wanted = wanted or Filter()
    ends = [whole.find(source), whole.find(target)]
    through = [whole.find(each) for each in via]
    without = {whole.find(each).iri for each in avoid}
    network = wanted.apply(whole)
    for one, other in itertools.pairwise(sorted(node.iri for node in [*ends, *through])):
        if one == other:
            raise Misuse(f"{whole.by_iri[one].name} ({shorten(one)}) is given twice; a connection takes two different things.")
    for node in [*ends, *through]:
        if node.iri in without:
            raise Misuse(f"{node.name} ({shorten(node.iri)}) is to be avoided, and to be reached; it cannot be both.")
    clock.check()
    known = ways(network, clock)
    stops = [ends[0].iri, *(node.iri for node in through), ends[1].iri]
    found, note, texts = [], "", NOTES[language]
    try:
        for nodes in _legs(known, stops, best, clock, without) if through else known.best(*stops, clock.tick, without):
            found.append(nodes)
            if len(found) == best:
                break
    except TimedOut:
        if not found:
            raise
        note = texts["stopped"].format(f"{patience:g}")
    paths = tuple(Path(tuple(_hops(network, known, nodes)), known.cost(nodes)) for nodes in found)
    edges = [edge for path in paths for hop in path.hops for edge in hop.edges]
    mentioned = {iri for edge in edges for iri in (edge.source, edge.target, edge.speaker) if iri in whole.by_iri}
    names = {iri: whole.by_iri[iri].name for iri in mentioned}
    if not paths:
        by_way = texts["by way of"].format(", ".join(node.name for node in through)) if through else ""
        why = "all" if wanted == Filter(statuses=(ALL,)) else _why(whole, wanted, stops, clock)
        note = texts["none"].format(ends[0].name, ends[1].name, by_way) + texts[why]
    return Connections(ends[0], ends[1], paths, names, language, note, root)


def ways(network: Network, clock: Clock | None = None) -> Ways:
    """Return the ways of a network, made once for each; `TimedOut` when the clock runs out."""
    if WAYS not in network.derived:
        network.derived[WAYS] = Ways(network, clock.check) if clock else Ways(network)
    return network.derived[WAYS]


def sparql(edge: Edge) -> str:
    """Return the query that gives the passages of an edge, and what each says of its two ends."""
    prefixes = sorted(
        {"doc", "mikg", *(shorten(iri).partition(":")[0] for iri in (edge.source, edge.target, edge.relation, edge.via) if iri)}
    )
    head = "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in prefixes if prefix in PREFIXES)
    source, relation, target, via = (_name(iri) for iri in (edge.source, edge.relation, edge.target, edge.via or edge.source))
    if not edge.via:
        body = f"  GRAPH ?passage {{ {source} {relation} {target} }}\n"
        return f"{head}SELECT DISTINCT ?passage\nWHERE {{\n{body}}}\nORDER BY ?passage"
    # What ties the two besides the triples of the node between: the flow of a role, the words of a figure, the post that is held.
    more = {
        MIKG + "role": f"\n    UNION {{ {via} mikg:flow ?flow . ?flow ?role ?end }}",
        **dict.fromkeys(FIGURED, f"\n    UNION {{ {via} mikg:asPrinted ?words BIND(mikg:asPrinted AS ?role) }}"),
    }
    between = more.get(edge.relation, "")
    beside = ""
    if edge.relation == MIKG + "postIn":
        beside = (
            f"  UNION {{ {via} mikg:post ?post GRAPH ?passage {{ ?post ?role ?end }} }}\n"
            f"  UNION {{ {via} mikg:post ?post GRAPH ?passage {{ {via} ?role ?post }} ?post mikg:postIn ?end }}\n"
        )
    body = (
        f"  VALUES ?end {{ {source} {target} }}\n"
        f"  {{ GRAPH ?passage {{\n    {{ {via} ?role ?end }} UNION {{ ?end ?role {via} }}{between}\n  }} }}\n{beside}"
        f"  FILTER(STRSTARTS(STR(?role), STR(mikg:)) || STRSTARTS(STR(?role), {chr(34)}{PREFIXES['owl']}{chr(34)}))\n"
    )
    return f"{head}SELECT DISTINCT ?passage ?role ?end\nWHERE {{\n{body}}}\nORDER BY ?passage ?role ?end"


def _why(whole: Network, wanted: Filter, stops: list[str], clock: Clock) -> str:
    """Return which of the filters, left out, would connect the stops: a key of `NOTES`, `unsure` where the time ran out."""
    for name, leave in (
        ("statuses", replace(wanted, statuses=(ALL,))),
        ("period", replace(wanted, since="", until="")),
        ("undated", replace(wanted, undated=True)),
        ("narrow", replace(wanted, documents=(), relations=(), speakers=(), kinds=())),
        ("filters", Filter(statuses=(ALL,))),
    ):
        try:
            clock.check()
            known = ways(leave.apply(whole), clock)
        except TimedOut:
            return "unsure"
        if leave != wanted and all(known.joined(one, other) for one, other in itertools.pairwise(stops)):
            return name
    return "nothing"


class Clock:
    """Ends the making of a graph and the search in it in time: to be asked at each step."""

    def __init__(self, patience: float) -> None:
        self.patience = patience
        self.until = time.monotonic() + patience
        self.steps = 0

    def tick(self) -> None:
        self.steps += 1
        if not self.steps % 1024:
            self.check()

    def check(self) -> None:
        if time.monotonic() > self.until:
            raise TimedOut(
                f"The search for connections was stopped after {self.patience:g} seconds. Ask for less: fewer connections, a period, "
                "a document, things to avoid."
            )


def _legs(known: Ways, stops: list[str], best: int, clock: Clock, without: Collection[str]) -> Iterator[list[str]]:
    """Return paths that touch each stop, in the order given, and no node twice; the cheapest first."""
    legs = [list(itertools.islice(known.best(one, other, clock.tick, without), best * 4)) for one, other in itertools.pairwise(stops)]
    whole = []
    for parts in itertools.product(*legs):
        nodes = [parts[0][0], *(node for part in parts for node in part[1:])]
        if len(set(nodes)) == len(nodes):
            whole.append(nodes)
    return iter(sorted(whole, key=lambda nodes: (known.cost(nodes), nodes)))


def _hops(network: Network, known: Ways, nodes: list[str]) -> Iterator[Hop]:
    for one, other in itertools.pairwise(nodes):
        edges = known.between(one, other)
        edges.sort(key=lambda edge: (edge.status != "asserted", -edge.weight, edge.id))
        yield Hop(network.by_iri[one], network.by_iri[other], tuple(edges))


def _source(passage: str, language: str) -> str:
    return f"{NOTES[language]['judgement']}, graph:curation" if passage == GRAPH + "curation" else shorten(passage)


def _name(iri: str) -> str:
    """Return an IRI as SPARQL writes it: a prefixed name where it is a plain one."""
    short = shorten(iri)
    local = short.partition(":")[2]
    return short if not short.startswith("<") and local.replace("-", "").replace("_", "").isalnum() and local.isascii() else f"<{iri}>"
