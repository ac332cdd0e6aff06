"""Measures counted in arrays are those of networkx, and are counted in time where its own are not."""

import random

import networkx
import numpy
import pytest

from mikg.namespaces import MIKG
from mikg.network import Edge, Network, Node, analysis, measures, paths
from mikg.network.ways import Ways


def drawn(seed: int) -> networkx.Graph:
    """A small graph with cycles, leaves, several parts, and in some a hub."""
    graph = networkx.gnm_random_graph(60, 50 + 3 * seed, seed=seed)
    if seed % 3 == 0:
        graph.add_edges_from((0, number) for number in range(1, 60))
    return graph


def arrays(graph: networkx.Graph):
    return networkx.to_scipy_sparse_array(graph, weight=None, format="csr")


def network(graph: networkx.Graph) -> Network:
    edges = tuple(
        Edge(f"e{number:04}", f"n{one:02}", f"n{other:02}", MIKG + "actor", "actor") for number, (one, other) in enumerate(graph.edges)
    )
    return Network(tuple(Node(f"n{number:02}", f"n{number:02}", "thing") for number in graph), edges)


@pytest.mark.parametrize("seed", range(12))
def test_core_numbers_are_those_of_networkx(seed):
    graph = drawn(seed)
    assert measures.cores(arrays(graph)).tolist() == list(networkx.core_number(graph).values())


@pytest.mark.parametrize("seed", range(12))
def test_betweenness_from_some_nodes_is_that_of_networkx_from_the_same(seed):
    graph = drawn(seed)
    theirs = networkx.betweenness_centrality(graph, k=20, seed=analysis.SEED)
    ours = measures.betweenness(arrays(graph), random.Random(analysis.SEED).sample(range(60), 20))
    assert numpy.allclose(ours, list(theirs.values()))


def test_a_hub_with_fifty_thousand_neighbours_has_its_core_number():
    graph = networkx.star_graph(50_000)
    graph.add_edges_from((number, number + 1) for number in range(1, 50_000))
    found = measures.cores(arrays(graph))
    assert (found[0], set(found.tolist())) == (2, {2})


def test_a_large_network_says_from_how_many_things_betweenness_is_estimated(monkeypatch):
    monkeypatch.setattr(analysis, "EXACT", 50)
    found = analysis.analyse(network(drawn(6)))
    exact = networkx.betweenness_centrality(analysis.simple(network(drawn(6))))
    assert found.sampled == 60 and "from 60 of 60 things, drawn by lot" in found.note()
    assert {node.iri: node.betweenness for node in found.nodes} == pytest.approx(exact, abs=0.02)


@pytest.mark.parametrize("seed", range(12))
def test_the_best_ways_cost_what_those_of_networkx_do(seed):
    graph = drawn(seed)
    whole = network(graph)
    known = Ways(whole)
    for one, other in graph.edges:
        graph.edges[one, other]["cost"] = known.cost([f"n{one:02}", f"n{other:02}"])
    for source, target in ((1, 2), (3, 40), (59, 7)):
        left = {5, 6} - {source, target}
        ours = list(take(known.best(f"n{source:02}", f"n{target:02}", lambda: None, [f"n{each:02}" for each in left]), 25))
        theirs = networkx.shortest_simple_paths(networkx.restricted_view(graph, left, ()), source, target, weight="cost")
        try:
            expected = [networkx.path_weight(graph, way, "cost") for way in take(theirs, 25)]
        except networkx.NetworkXNoPath:
            expected = []
        assert [known.cost(way) for way in ours] == pytest.approx(expected)
        assert len({tuple(way) for way in ours}) == len(ours) == len([way for way in ours if len(set(way)) == len(way)])


def test_ways_that_cost_the_same_come_in_one_order_however_the_edges_stand():
    graph = networkx.grid_2d_graph(4, 4)
    graph = networkx.convert_node_labels_to_integers(graph)
    whole = network(graph)
    turned = Network(whole.nodes, tuple(reversed(whole.edges)))
    found = [
        [tuple(node.iri for node in path.nodes) for path in paths.connect(each, "n00", "n15", best=20).paths] for each in (whole, turned)
    ]
    assert found[0] == found[1] and len(found[0]) == 20


def take(ways, count: int):
    for way, _ in zip(ways, range(count), strict=False):
        yield way
