"""What the shape of a network tells: who has many ties, who stands between, what holds together; and what it must not be taken for.

All is computed by networkx on the undirected network with one edge a pair, through its dispatch: `backend` (or
NETWORKX_BACKEND_PRIORITY) names an installed faster one. Two measures that it takes too long for are counted in arrays, with the same
result: core numbers, and betweenness of large networks where no backend is named. The same input gives the same output: what needs
chance has a fixed seed.
"""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from mikg import answers
from mikg.engine import Engine, Query
from mikg.errors import Misuse
from mikg.labels import Labels
from mikg.namespaces import shorten
from mikg.network import measures
from mikg.network.graph import Network, Node

if TYPE_CHECKING:
    import networkx

SEED = 20_220_420
EXACT = 2_000  # nodes up to which betweenness is computed from each of them; above, from some drawn by lot:
SAMPLE = 500  # so many,
VISITS = 50_000_000  # or as few as keep the nodes and edges that are visited below this

# Each measure with what it means, and what it must not be taken for.
MEASURES = {
    "degree": (
        "With how many others a thing is tied.",
        "Not how important it is: it counts what these few documents chose to tell, and what one publisher tells often.",
    ),
    "ties": (
        "How many relations tie it to others.",
        "Not how strong a relation is: a thing told in more words, or by more documents, has more of them.",
    ),
    "betweenness": (
        "On what share of the shortest ways between all pairs of others it lies.",
        "Not power or brokerage: a way in this network is a way through statements, not a channel that anyone used.",
    ),
    "pagerank": (
        "How often one comes by when following ties at random: much tied to what is much tied.",
        "Not influence: documents about Panama put Panama in the middle because they are about Panama.",
    ),
    "core": (
        "The largest k such that it belongs to a group in which each is tied to k others of it.",
        "Not an inner circle: an event with many participants makes a dense group by itself.",
    ),
    "community": (
        "The group, by number, within which ties are denser than to the rest (Louvain, seeded; 1 is the largest).",
        "Not an alliance: most communities here are what one document tells; another seed draws other borders.",
    ),
    "bridges": (
        "Pairs that, were their tie not there, would fall apart into two parts that nothing else connects.",
        "Not a vital link in the world: another document could name a second one.",
    ),
    "together": (
        "In how many passages two things are named together.",
        "Not a relation: a passage may name two things to set them apart.",
    ),
}
NUMBERS = ("degree", "ties", "betweenness", "pagerank", "core", "community")

NAMED = """
PREFIX graph: <https://w3id.org/mikg/graph/>
PREFIX mikg: <https://w3id.org/mikg/ontology#>
SELECT DISTINCT ?passage ?thing
WHERE {
  GRAPH ?passage { ?thing mikg:namedAs ?form }
  ?passage mikg:document ?document .
  FILTER EXISTS { GRAPH graph:entities { ?thing a ?class } }
}
ORDER BY ?passage ?thing
"""


@dataclass(frozen=True)
class Measured:
    """A node with its numbers."""

    iri: str
    name: str
    kind: str
    degree: int
    ties: int
    betweenness: float
    pagerank: float
    core: int
    community: int


@dataclass(frozen=True)
class Pair:
    """Two things and a count: of passages, or of what a bridge would cut off."""

    one: str
    name: str
    other: str
    other_name: str
    count: int


@dataclass(frozen=True)
class Analysis:
    """The nodes by PageRank, the pairs that hold the network together, the count of its parts."""

    projection: str
    nodes: tuple[Measured, ...]
    bridges: tuple[Pair, ...]
    edges: int
    parts: int
    sampled: int = 0  # nodes drawn by lot from which betweenness is estimated; 0: computed from every one

    def by(self, measure: str) -> list[Measured]:
        """Return the nodes by one of their numbers, the largest first; of a community the lowest number."""
        if measure not in NUMBERS:
            raise Misuse(f"there is no measure {measure[:40]!r} of nodes; there are: {', '.join(NUMBERS)}.")
        largest = -1 if measure != "community" else 1
        return sorted(self.nodes, key=lambda node: (largest * getattr(node, measure), -node.pagerank, node.iri))

    def communities(self) -> list[tuple[int, list[Measured]]]:
        """Return each community with its members by PageRank, the largest first."""
        groups: dict[int, list[Measured]] = {}
        for node in self.nodes:
            groups.setdefault(node.community, []).append(node)
        return sorted(groups.items())

    def note(self) -> str:
        """Return what is to be said of how betweenness was computed; nothing where it is exact."""
        if not self.sampled:
            return ""
        return f"Betweenness is estimated here from {self.sampled} of {len(self.nodes)} things, drawn by lot, always the same."

    def to_json(self) -> dict[str, object]:
        return {**asdict(self), "measures": {name: dict(zip(("means", "caution"), said, strict=True)) for name, said in MEASURES.items()}}


def analyse(network: Network, backend: str = "") -> Analysis:
    """Return the measures of a network; `Misuse` for a backend that is not installed."""
    import networkx

    graph = simple(network)
    size = graph.number_of_nodes()
    drawn = min(size, max(10, min(SAMPLE, VISITS // (size + graph.number_of_edges() + 1)))) if size > EXACT else 0
    nodes = list(graph)
    ties_of = networkx.to_scipy_sparse_array(graph, weight=None, format="csr") if size else None
    core = dict(zip(nodes, measures.cores(ties_of).tolist(), strict=True)) if size else {}
    with using(backend):
        if drawn and not backend:
            # The same that networkx draws by this seed.
            estimated = measures.betweenness(ties_of, random.Random(SEED).sample(range(size), drawn))
            betweenness = dict(zip(nodes, estimated.tolist(), strict=True))
        else:
            betweenness = networkx.betweenness_centrality(graph, k=drawn or None, seed=SEED) if size else {}
        rank = networkx.pagerank(graph, weight="weight") if size else {}
        groups = (
            networkx.community.louvain_communities(graph, weight="weight", seed=SEED)
            if graph.number_of_edges()
            else map(set, ([n] for n in graph))
        )
        cut = list(networkx.bridges(graph)) if size else []
        parts = networkx.number_connected_components(graph) if size else 0
    number = {node: place for place, group in enumerate(sorted(groups, key=lambda group: (-len(group), min(group))), 1) for node in group}
    ties = Counter(itertools.chain.from_iterable({edge.source, edge.target} for edge in network.edges))
    measured = [
        Measured(
            node.iri,
            node.name,
            node.kind,
            graph.degree(node.iri),
            ties[node.iri],
            *_floats(betweenness, rank, node),
            core[node.iri],
            number[node.iri],
        )
        for node in network.nodes
    ]
    measured.sort(key=lambda node: (-node.pagerank, node.iri))
    names = {node.iri: node.name for node in network.nodes}
    bridges = [Pair(one, names[one], other, names[other], count) for one, other, count in _cut(graph, cut)]
    return Analysis(network.projection, tuple(measured), tuple(bridges), len(network.edges), parts, drawn)


def together(engine: Engine, language: str = "en", least: int = 2) -> list[Pair]:
    """Return the pairs of things that passages name together, with the count of these passages, the most frequent first."""
    passages: dict[str, list[str]] = {}
    for row in answers.run(engine, Query(NAMED)).values():
        passages.setdefault(row["passage"], []).append(row["thing"])
    counted = Counter(pair for things in passages.values() for pair in itertools.combinations(things, 2))
    kept = sorted(((count, pair) for pair, count in counted.items() if count >= least), key=lambda each: (-each[0], each[1]))
    names = Labels(engine).of({iri for _, pair in kept for iri in pair}, language)
    return [Pair(one, names[one].name, other, names[other].name, count) for count, (one, other) in kept]


def simple(network: Network) -> networkx.Graph:
    """Return the network as an undirected graph with one edge a pair, weighted by its relations; loops are left out."""
    import networkx

    graph = networkx.Graph()
    graph.add_nodes_from(node.iri for node in network.nodes)
    weights = Counter(tuple(sorted((edge.source, edge.target))) for edge in network.edges if edge.source != edge.target)
    graph.add_edges_from((one, other, {"weight": count}) for (one, other), count in weights.items())
    return graph


@contextlib.contextmanager
def using(backend: str) -> Iterator[None]:
    """Let networkx hand what it can to a backend; what that does not offer it does itself."""
    import networkx

    if not backend:
        yield
        return
    known = sorted(set(networkx.utils.backends.backends) | {"networkx"})
    if backend not in known:
        raise Misuse(f"networkx has no backend {backend[:40]!r}; installed are: {', '.join(known)}.")
    with networkx.config(backend_priority=[] if backend == "networkx" else [backend], warnings_to_ignore={"cache"}):
        yield


def to_text(rows: Sequence[Measured | Pair], top: int = 0) -> str:
    """Return rows as a table to read."""
    if not rows:
        return "(0 rows)"
    shown = list(rows[:top] if top else rows)
    heads = list(asdict(rows[0]))
    cells = [
        [
            f"{value:.4f}" if isinstance(value, float) else shorten(value) if str(value).startswith("http") else str(value)
            for value in asdict(row).values()
        ]
        for row in shown
    ]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [heads, ["-" * width for width in widths], *cells]
    ]
    return "\n".join([*lines, f"({len(shown)} of {len(rows)} rows)"])


def to_csv(rows: Sequence[Measured | Pair]) -> str:
    """Return rows as CSV with a head; nothing but the end of a line where there is no row."""
    output = io.StringIO()
    writer = csv.writer(output)
    if rows:
        writer.writerow(asdict(rows[0]))
        writer.writerows(asdict(row).values() for row in rows)
    return output.getvalue()


def rows_to_json(rows: Sequence[Measured | Pair]) -> str:
    return json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=2)


def to_turtle(analysis: Analysis) -> str:
    """Return the measures of the nodes as a data cube (https://www.w3.org/TR/vocab-data-cube/) that says what each means.

    It is a product of a moment, so it stands in no graph of the release; its terms are described in it.
    """
    import rdflib
    from rdflib import DCTERMS, QB, RDF, RDFS, SKOS, XSD, Literal, URIRef

    from mikg.namespaces import BASE, ID

    base = f"{BASE}analysis/"
    terms = rdflib.Namespace(f"{base}terms#")
    cube = URIRef(f"{base}{analysis.projection or 'network'}")
    graph = rdflib.Graph()
    for prefix, namespace in (("analysis", terms), ("qb", QB), ("id", rdflib.Namespace(ID)), ("skos", SKOS), ("dcterms", DCTERMS)):
        graph.bind(prefix, namespace)
    structure = URIRef(f"{cube}/structure")
    graph.add((cube, RDF.type, QB.DataSet))
    graph.add((cube, DCTERMS.title, Literal(f"Measures of the network “{analysis.projection}”", "en")))
    graph.add((cube, QB.structure, structure))
    graph.add((structure, RDF.type, QB.DataStructureDefinition))
    graph.add((terms.node, RDF.type, QB.DimensionProperty))
    graph.add((terms.node, RDFS.label, Literal("node", "en")))
    graph.add((terms.node, SKOS.definition, Literal("The thing that is measured.", "en")))
    for name in ("node", *NUMBERS):
        component = URIRef(f"{structure}/{name}")
        graph.add((structure, QB.component, component))
        graph.add((component, QB.dimension if name == "node" else QB.measure, terms[name]))
    for name in NUMBERS:
        means, caution = MEASURES[name]
        graph.add((terms[name], RDF.type, QB.MeasureProperty))
        graph.add((terms[name], RDFS.label, Literal(name, "en")))
        graph.add((terms[name], SKOS.definition, Literal(means, "en")))
        graph.add((terms[name], SKOS.scopeNote, Literal(caution, "en")))
    if analysis.note():
        graph.add((terms.betweenness, SKOS.scopeNote, Literal(analysis.note(), "en")))
    for node in analysis.nodes:
        observation = URIRef(f"{cube}/{node.iri.rpartition('/')[2]}")
        graph.add((observation, RDF.type, QB.Observation))
        graph.add((observation, QB.dataSet, cube))
        graph.add((observation, terms.node, URIRef(node.iri)))
        for name in NUMBERS:
            value = getattr(node, name)
            graph.add((observation, terms[name], Literal(value, datatype=XSD.double if isinstance(value, float) else XSD.integer)))
    return graph.serialize(format="turtle")


def _floats(betweenness: dict, rank: dict, node: Node) -> tuple[float, float]:
    # Rounded, so that the last digits of another backend or machine do not count.
    return round(float(betweenness[node.iri]), 6), round(float(rank[node.iri]), 6)


def _cut(graph: networkx.Graph, bridges: list[tuple[str, str]]) -> list[tuple[str, str, int]]:
    """Return each bridge with the count of nodes on its smaller side, the largest first: those that cut off one node alone last."""
    import networkx

    # The blocks that remain without the bridges form a forest whose edges are the bridges: sides are sums over subtrees.
    kept = graph.copy()
    kept.remove_edges_from(bridges)
    block = {node: number for number, part in enumerate(networkx.connected_components(kept)) for node in part}
    size = Counter(block.values())
    forest = networkx.Graph()
    forest.add_nodes_from(size)
    forest.add_edges_from((block[one], block[other]) for one, other in bridges)
    below: dict[int, int] = dict(size)
    whole: dict[int, int] = {}
    parent: dict[int, int] = {}
    for part in networkx.connected_components(forest):
        root = min(part)
        order = list(networkx.dfs_postorder_nodes(forest, root))
        parent.update({child: one for one, child in networkx.dfs_edges(forest, root)})
        for node in order:
            if node in parent:
                below[parent[node]] += below[node]
        whole.update(dict.fromkeys(part, below[root]))
    found = []
    for one, other in bridges:
        child = block[one] if parent.get(block[one]) == block[other] else block[other]
        found.append((*sorted((one, other)), min(below[child], whole[child] - below[child])))
    return sorted(found, key=lambda each: (-each[2], each[0], each[1]))
