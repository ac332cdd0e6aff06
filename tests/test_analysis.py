"""Measures of networks: known by hand on small ones, the same in each run and with another backend, each with its caution."""

import csv
import io
import json
import os
import subprocess
import sys

import pytest
import rdflib
from rdflib import QB, RDF, SKOS, URIRef

from mikg import answers, network
from mikg.engine import Query
from mikg.errors import Misuse
from mikg.namespaces import ID, MIKG
from mikg.network import Edge, Network, Node, analysis

KITE = ("ab", "ac", "bc", "cd", "de")  # a triangle with a tail of two: c-d and d-e are bridges


def made(*pairs: str) -> Network:
    edges = tuple(Edge(f"e{number}", pair[0], pair[1], MIKG + "actor", "actor") for number, pair in enumerate(pairs))
    names = sorted({each for pair in pairs for each in pair})
    return Network(tuple(Node(name, name, "thing") for name in names), edges, "test")


@pytest.fixture(scope="module")
def measured(pool) -> analysis.Analysis:
    return analysis.analyse(network.load(pool))


def test_the_numbers_of_a_small_network_are_those_that_one_counts_by_hand():
    found = {node.iri: node for node in analysis.analyse(made(*KITE)).nodes}
    assert {name: node.degree for name, node in found.items()} == {"a": 2, "b": 2, "c": 3, "d": 2, "e": 1}
    assert {name: node.core for name, node in found.items()} == {"a": 2, "b": 2, "c": 2, "d": 1, "e": 1}
    # c stands between a or b and d or e: 4 of the 6 pairs of others; d between e and the other three: 3 of 6.
    assert {name: node.betweenness for name, node in found.items()} == {"a": 0, "b": 0, "c": round(4 / 6, 6), "d": 0.5, "e": 0}
    assert sum(node.pagerank for node in found.values()) == pytest.approx(1, abs=1e-4)
    assert max(found.values(), key=lambda node: node.pagerank).iri == "c"


def test_bridges_come_with_what_they_would_cut_off():
    found = analysis.analyse(made(*KITE, "xy"))
    assert [(pair.one, pair.other, pair.count) for pair in found.bridges] == [("c", "d", 2), ("d", "e", 1), ("x", "y", 1)]
    assert found.parts == 2


def test_two_dense_groups_are_two_communities_and_the_larger_is_the_first():
    found = analysis.analyse(made("ab", "ac", "bc", "ad", "bd", "cd", "dx", "xy", "xz", "yz"))
    assert [(number, sorted(node.iri for node in group)) for number, group in found.communities()] == [(1, list("abcd")), (2, list("xyz"))]


@pytest.mark.parametrize("pairs", [(), ("aa",), ("ab", "ba"), ("ab", "bc", "ca")], ids=str)
def test_an_empty_network_loops_and_cycles_have_measures_too(pairs):
    found = analysis.analyse(made(*pairs))
    assert len(found.nodes) == len(set("".join(pairs)))
    assert found.bridges == () or pairs == ("ab", "ba")
    assert analysis.to_text(found.nodes)
    assert analysis.to_csv(found.nodes).count("\n") == (len(found.nodes) + 1 if pairs else 0)


def test_parallel_relations_count_as_ties_and_as_one_neighbour():
    found = {node.iri: node for node in analysis.analyse(made("ab", "ba", "ab")).nodes}
    assert (found["a"].degree, found["a"].ties) == (1, 3)


def test_another_backend_gives_the_same_numbers(pool, measured):
    pytest.importorskip("graphblas_algorithms")
    whole = network.load(pool)
    assert analysis.analyse(whole, "graphblas") == measured
    assert analysis.analyse(whole, "networkx") == measured


def test_the_other_backend_is_really_asked():
    pytest.importorskip("graphblas_algorithms")
    import networkx

    graph = analysis.simple(made(*KITE))
    with analysis.using("graphblas"):
        networkx.pagerank(graph)
    assert any("graphblas" in kinds for kinds in graph.__networkx_cache__["backends"])


def test_a_backend_that_is_not_installed_is_refused_with_those_that_are():
    with pytest.raises(Misuse, match=r"installed are: .*networkx"):
        analysis.analyse(made(*KITE), "cuquantum")


def test_the_same_network_gives_the_same_answer_in_another_process(pool):
    def run(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-m", "mikg", "central", "--format", "json", "--status", "all"]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout

    assert run("1") == run("2")


def test_every_measure_says_what_it_means_and_what_it_is_not():
    assert set(analysis.NUMBERS) < set(analysis.MEASURES)
    for means, caution in analysis.MEASURES.values():
        assert means.endswith(".")
        assert caution.startswith("Not ")


def test_things_named_together_are_those_that_sparql_counts(pool):
    found = analysis.together(pool)
    first = found[0]
    assert {first.one, first.other} == {ID + "panama", ID + "united-states"}
    query = (
        f"""SELECT (COUNT(DISTINCT ?g) AS ?n) {{ GRAPH ?g {{ <{first.one}> <{MIKG}namedAs> ?a . <{first.other}> <{MIKG}namedAs> ?b }} }}"""
    )
    assert first.count == answers.run(pool, Query(query)).values()[0]["n"]
    assert [pair.count for pair in found] == sorted((pair.count for pair in found), reverse=True)


def test_turtle_is_a_data_cube_whose_terms_are_described_in_it(measured):
    graph = rdflib.Graph().parse(data=analysis.to_turtle(measured), format="turtle")
    observations = set(graph.subjects(RDF.type, QB.Observation))
    assert len(observations) == len(measured.nodes)
    measures = set(graph.subjects(RDF.type, QB.MeasureProperty))
    assert len(measures) == len(analysis.NUMBERS)
    assert all(graph.value(each, SKOS.definition) and graph.value(each, SKOS.scopeNote) for each in measures)
    (cube,) = graph.subjects(RDF.type, QB.DataSet)
    structure = graph.value(cube, QB.structure)
    declared = {
        term
        for component in graph.objects(structure, QB.component)
        for term in (*graph.objects(component, QB.measure), *graph.objects(component, QB.dimension))
    }
    used = {predicate for each in observations for predicate in graph.predicates(each)} - {RDF.type, QB.dataSet}
    assert used == declared
    panama = next(each for each in observations if (each, None, URIRef(ID + "panama")) in graph)
    degree = next(each for each in measures if str(each).endswith("degree"))
    assert int(graph.value(panama, degree)) == next(node.degree for node in measured.nodes if node.iri == ID + "panama")


def test_measures_are_written_nowhere_into_the_release(pool):
    assert not answers.run(pool, Query("ASK { ?x a <http://purl.org/linked-data/cube#MeasureProperty> }")).boolean


def central(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "mikg", "central", *arguments], capture_output=True, text=True, check=False)


def test_the_command_prints_tables_with_their_meaning_and_caution(pool):
    done = central("--projection", "countries", "--by", "betweenness", "--top", "5")
    assert done.returncode == 0
    assert analysis.MEASURES["betweenness"][0] in done.stdout
    assert analysis.MEASURES["betweenness"][1] in done.stdout
    assert "(5 of 1" in done.stdout


def test_the_command_gives_csv_and_json_that_agree(pool):
    rows = list(csv.DictReader(io.StringIO(central("--format", "csv", "--by", "degree").stdout)))
    objects = json.loads(central("--format", "json", "--by", "degree").stdout)
    assert [row["iri"] for row in rows] == [each["iri"] for each in objects]
    assert int(rows[0]["degree"]) == objects[0]["degree"] == max(each["degree"] for each in objects)


@pytest.mark.parametrize("show", ["communities", "bridges", "together"])
def test_the_command_shows_groups_bridges_and_pairs(pool, show):
    done = central("--show", show, "--top", "3")
    assert done.returncode == 0
    assert "(3 of" in done.stdout


def test_a_network_around_a_thing_is_measured_alone(pool):
    done = central("--around", "unhcr", "--format", "json")
    assert ID + "unhcr" in {each["iri"] for each in json.loads(done.stdout)}
    assert len(json.loads(done.stdout)) < 50


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--by", "importance"], "pagerank"),
        (["--projection", "contries"], "countries"),
        (["--around", "panana"], "id:panama"),
        (["--show", "bridges", "--format", "ttl"], "no RDF"),
        (["--kind", "land"], "country"),
    ],
    ids=str,
)
def test_what_cannot_be_measured_is_said(pool, arguments, said):
    done = central(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_filters_that_leave_nothing_leave_an_empty_table(pool):
    done = central("--since", "1900", "--until", "1901")
    assert done.returncode == 0
    assert "(0 rows)" in done.stdout


def test_where_betweenness_is_estimated_every_form_says_from_how_many(pool, monkeypatch):
    from click.testing import CliRunner

    from mikg.cli import main

    monkeypatch.setattr(analysis, "EXACT", 5)
    monkeypatch.setattr(analysis, "SAMPLE", 11)
    said = CliRunner().invoke(main, ["central", "--projection", "agents", "--by", "betweenness"], catch_exceptions=False).stdout
    assert "estimated here from 11 of " in said
    found = analysis.analyse(network.load(pool, "agents"))
    assert found.to_json()["sampled"] == 11
    assert "from 11 of" in analysis.to_turtle(found)
    monkeypatch.setattr(analysis, "EXACT", 2_000)
    assert "estimated" not in CliRunner().invoke(main, ["central", "--projection", "agents"]).stdout
