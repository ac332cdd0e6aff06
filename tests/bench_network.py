"""How long networks take, beside their peers in one run: the projection, connections and measures of generated graphs in our shape.

    python tests/bench_network.py [1000 100000 1000000]    (make bench leaves the million out)
    python tests/bench_network.py drawn 1000000            (without a store: connections, and measures by the faster back ends)

Events with three roles each, told in passages; a few hubs have most of the ties. Quote the ratios, not the times.
"""

import dataclasses
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox
from stopwatch import once, timed

from mikg import network, settings
from mikg.engine.embedded import Pool
from mikg.namespaces import DOCUMENT, GRAPH, ID, MIKG, OWL, RDF, RDFS, SKOS, XSD
from mikg.network import Filter, analysis, measures, paths

SIZES = (1_000, 100_000, 1_000_000)
ROUNDS = 5
ROLES = ("actor", "counterpart", "beneficiary")
SMALL = 100_000  # up to here each figure is a median of rounds; above, of one


def main() -> None:
    if sys.argv[1:2] == ["drawn"]:
        for size in map(int, sys.argv[2:]):
            bench_drawn(size)
        return
    for size in [int(each) for each in sys.argv[1:]] or SIZES:
        with tempfile.TemporaryDirectory() as folder:
            bench(size, Path(folder))


def bench(size: int, root: Path) -> None:
    chosen = made(size, root)
    pool = Pool(chosen)
    rounds = ROUNDS if size <= SMALL else 1
    store = ox.Store.read_only(str((chosen.releases / "current").resolve() / "store"))
    text = network.find("statements").text
    whole, taken = timed(lambda: network.load(pool, statuses=()))
    print(f"\n{len(whole.edges)} edges, {len(whole.nodes)} nodes")
    peer = once(lambda: store.query(text).serialize(format=ox.QueryResultsFormat.CSV)) if size <= SMALL else taken
    show("projection, with names and kinds", taken, peer, "its query in Oxigraph directly" if size <= SMALL else "itself")
    pool.close()
    ends = [(f"agent-{number}", f"agent-{number + 1}") for number in range(20, 20 + 2 * 5, 2)]
    first = once(lambda: paths.connect(whole, *ends[0], Filter(statuses=("all",)), best=3, patience=600))
    again = statistics.median(
        once(lambda pair=pair: paths.connect(whole, *pair, Filter(statuses=("all",)), best=3, patience=600)) for pair in ends[1:]
    )
    import igraph
    import networkx

    graph = analysis.simple(whole)
    costs = weighted(Filter(statuses=("all",)).apply(whole))
    plain = statistics.median(
        once(lambda pair=pair: networkx.bidirectional_dijkstra(costs, ID + pair[0], ID + pair[1], weight="cost")) for pair in ends[1:]
    )
    show("three best connections, the first asked for", first, plain, "one of networkx")
    show("three best connections, later ones", again, plain, "one of networkx")
    other = igraph.Graph.from_networkx(graph)
    for name, ours, theirs in (
        ("PageRank", lambda: networkx.pagerank(graph, weight="weight"), lambda: other.pagerank(weights="weight")),
        ("core numbers", lambda: measures.cores(networkx.to_scipy_sparse_array(graph, weight=None, format="csr")), other.coreness),
        (
            "communities",
            lambda: networkx.community.louvain_communities(graph, weight="weight", seed=analysis.SEED),
            lambda: other.community_multilevel(weights="weight"),
        ),
        ("bridges", lambda: list(networkx.bridges(graph)), other.bridges),
    ):
        show(name, median(ours, rounds), median(theirs, rounds), "igraph")
    with analysis.using("graphblas"):
        show(
            "PageRank, back end graphblas",
            median(lambda: networkx.pagerank(graph, weight="weight"), rounds),
            median(other.pagerank, rounds),
            "igraph",
        )
    count = min(len(graph), max(10, min(analysis.SAMPLE, analysis.VISITS // (len(whole.nodes) + graph.number_of_edges()))))
    pivots = random.Random(1).sample(range(len(graph)), count)
    matrix = networkx.to_scipy_sparse_array(graph, weight=None, format="csr")
    sampled = once(lambda: measures.betweenness(matrix, pivots))
    show(f"betweenness from {count} nodes", sampled, once(lambda: other.betweenness(sources=pivots)), "igraph")
    show("all measures together", once(lambda: analysis.analyse(whole)), sampled, "betweenness alone")


def bench_drawn(size: int) -> None:
    """Time what needs no store on a network of any size, up to what memory holds: some 2 kB an edge."""
    import networkx

    whole, taken = timed(lambda: drawn(size))
    print(f"\n{len(whole.edges)} edges, {len(whole.nodes)} nodes, drawn in {taken:.1f} s", flush=True)
    everything = Filter(statuses=("all",))
    ends = [(f"agent-{number}", f"agent-{number + 1}") for number in (20, 22, 24)]
    costs = weighted(whole)
    _, taken = timed(lambda: paths.ways(everything.apply(whole)))
    plain = statistics.median(
        once(lambda pair=pair: networkx.bidirectional_dijkstra(costs, ID + pair[0], ID + pair[1], weight="cost")) for pair in ends
    )
    show("the ways, made once", taken, plain, "one Dijkstra of networkx")
    again = statistics.median(once(lambda pair=pair: paths.connect(whole, *pair, everything, best=3, patience=600)) for pair in ends)
    show("three best connections", again, plain, "one Dijkstra of networkx")
    graph, taken = timed(lambda: analysis.simple(whole))
    show("the graph of measures", taken, plain, "one Dijkstra of networkx")
    own = once(lambda: networkx.pagerank(graph, weight="weight"))
    show("PageRank", own, own, "itself")
    with analysis.using("graphblas"):
        show("PageRank, back end graphblas", once(lambda: networkx.pagerank(graph, weight="weight")), own, "networkx")
    import igraph

    other = igraph.Graph.from_networkx(graph)
    matrix = networkx.to_scipy_sparse_array(graph, weight=None, format="csr")
    show("core numbers", once(lambda: measures.cores(matrix)), once(other.coreness), "igraph")
    count = max(10, min(analysis.SAMPLE, analysis.VISITS // (len(whole.nodes) + graph.number_of_edges())))
    pivots = random.Random(1).sample(range(len(graph)), count)
    taken = once(lambda: measures.betweenness(matrix, pivots))
    show(f"betweenness from {count} things", taken, once(lambda: other.betweenness(sources=pivots)), "igraph")
    show("bridges", once(lambda: list(networkx.bridges(graph))), once(other.bridges), "igraph")
    communities = once(lambda: networkx.community.louvain_communities(graph, weight="weight", seed=analysis.SEED))
    show("communities", communities, once(lambda: other.community_multilevel(weights="weight")), "igraph")


def weighted(whole: network.Network) -> object:
    """Return the network as networkx has it, with the costs of our ways."""
    import networkx

    known, graph = paths.ways(whole), networkx.Graph()
    for edge in whole.edges:
        if edge.source != edge.target:
            graph.add_edge(edge.source, edge.target, cost=known.cost([edge.source, edge.target]))
    return graph


def drawn(size: int) -> network.Network:
    """Return a network of the shape of `quads`, as a projection would give it."""
    lot = random.Random(1)
    agents = [f"{ID}agent-{number}" for number in range(size // 5 + 30)]
    nodes = [network.Node(agent, f"Agent {number}", "organisation") for number, agent in enumerate(agents)]
    edges = []
    for number in range(size // len(ROLES)):
        event, year = f"{ID}event-{number}", 2000 + number % 25
        nodes.append(network.Node(event, f"Event {number}", "event"))
        for role in ROLES:
            agent = agents[lot.randrange(20)] if lot.random() < 0.2 else lot.choice(agents)
            edges.append(
                network.Edge(
                    f"e{len(edges):015x}",
                    event,
                    agent,
                    MIKG + role,
                    role,
                    "planned" if number % 10 == 0 else "asserted",
                    start=f"{year}-01-01",
                    end=f"{year}-12-31",
                    passages=(f"{DOCUMENT}document-{number % 50}/p{number}",),
                    documents=(f"document-{number % 50}",),
                )
            )
    return network.Network(tuple(sorted(nodes, key=lambda node: node.iri)), tuple(edges), "drawn")


def made(size: int, root: Path) -> settings.Settings:
    """Return settings under which a generated release is in use."""
    folder = root / "releases/generated"
    folder.mkdir(parents=True)
    store = ox.Store(str(folder / "store"))
    store.bulk_extend(quads(size))
    store.flush()
    (folder / "manifest.json").write_text('{"graphs": {}, "counts": {}}')
    (root / "releases/current").symlink_to("generated")
    # A whole network in one answer is more than the limits of a public server let through.
    return dataclasses.replace(
        settings.load({}), releases=root / "releases", deadline=3600, answer_bytes=1 << 34, worker_memory=1 << 34, workers=1
    )


def quads(size: int) -> Iterator[ox.Quad]:
    lot = random.Random(1)
    agents = [ox.NamedNode(f"{ID}agent-{number}") for number in range(size // 5 + 30)]
    named, entities, ontology = (ox.NamedNode(iri) for iri in (SKOS + "prefLabel", GRAPH + "entities", GRAPH + "ontology"))
    kind, day = ox.NamedNode(RDF + "type"), ox.NamedNode(XSD + "date")

    def both(subject: ox.NamedNode, predicate: str, value: ox.NamedNode | ox.Literal, graph: ox.NamedNode) -> Iterator[ox.Quad]:
        yield ox.Quad(subject, ox.NamedNode(predicate), value, graph)
        yield ox.Quad(subject, ox.NamedNode(predicate), value, ox.DefaultGraph())

    for role in ROLES:
        yield ox.Quad(ox.NamedNode(MIKG + role), kind, ox.NamedNode(OWL + "ObjectProperty"), ontology)
        yield ox.Quad(ox.NamedNode(MIKG + role), ox.NamedNode(RDFS + "subPropertyOf"), ox.NamedNode(MIKG + "involves"), ontology)
    for number, agent in enumerate(agents):
        yield from both(agent, kind.value, ox.NamedNode(MIKG + ("Country" if number < 20 else "Organisation")), entities)
        yield from both(agent, named.value, ox.Literal(f"Agent {number}", language="en"), entities)
    for number in range(size // len(ROLES)):
        event, passage = ox.NamedNode(f"{ID}event-{number}"), ox.NamedNode(f"{DOCUMENT}document-{number % 50}/p{number}")
        year = 2000 + number % 25
        yield from both(event, kind.value, ox.NamedNode(MIKG + "Event"), entities)
        yield from both(event, named.value, ox.Literal(f"Event {number}", language="en"), entities)
        yield from both(event, MIKG + "modality", ox.NamedNode(MIKG + ("planned" if number % 10 == 0 else "asserted")), passage)
        yield from both(event, MIKG + "earliest", ox.Literal(f"{year}-01-01", datatype=day), passage)
        yield from both(event, MIKG + "latest", ox.Literal(f"{year}-12-31", datatype=day), passage)
        for role in ROLES:
            # One in five roles is that of a hub.
            agent = agents[lot.randrange(20)] if lot.random() < 0.2 else lot.choice(agents)
            yield from both(event, MIKG + role, agent, passage)


def median(work: Callable[[], object], rounds: int) -> float:
    return statistics.median(once(work) for _ in range(rounds))


def show(name: str, taken: float, peer: float, called: str) -> None:
    print(f"  {name:<46} {taken * 1000:>10.1f} ms  {taken / peer:>7.1f} x {called} ({peer * 1000:.1f} ms)", flush=True)


if __name__ == "__main__":
    main()
