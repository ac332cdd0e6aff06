"""Connections: short, not by way of hubs, in words that run the right way, each step with its passages and the query that gives it."""

import json
import re
import subprocess
import sys

import pytest

import mikg
from mikg import answers, network
from mikg.engine import Query
from mikg.errors import Misuse, NotFound, TimedOut
from mikg.namespaces import ID, MIKG
from mikg.network import Edge, Filter, Network, Node
from mikg.network.paths import WAYS, Clock, _why, connect, sparql
from mikg.network.words import LANGUAGES, NOTES, STATUSES, phrases, say

ALL = Filter(statuses=("all",))


@pytest.fixture(scope="module")
def whole(pool) -> Network:
    return network.load(pool, statuses=())


def made(*pairs: tuple[str, str], **facts: str) -> Network:
    """A network of plain edges between nodes named by letters or words."""
    edges = tuple(Edge(f"e{number}", one, other, MIKG + "actor", "actor", **facts) for number, (one, other) in enumerate(pairs))
    names = sorted({each for pair in pairs for each in pair})
    return Network(tuple(Node(name, name, "thing") for name in names), edges)


def ways(found) -> list[list[str]]:
    return [[node.iri for node in path.nodes] for path in found.paths]


def test_ends_are_named_by_pages_and_by_terms_of_other_graphs(whole):
    found = connect(whole, "https://www.wikidata.org/wiki/Q739", "http://localhost:8000/page/panama?lang=es", best=1)
    assert [node.iri for node in (found.source, found.target)] == [ID + "colombia", ID + "panama"]
    assert connect(whole, "iso3166a3:COL", "wd:Q804", best=1).paths == found.paths


def test_a_short_way_comes_first_and_no_way_touches_a_thing_twice():
    found = connect(made(("a", "b"), ("b", "c"), ("a", "x"), ("x", "y"), ("y", "c")), "a", "c")
    assert ways(found) == [["a", "b", "c"], ["a", "x", "y", "c"]]


def test_a_hub_loses_against_a_longer_way_by_things_that_few_share():
    spokes = [("hub", f"spoke{number}") for number in range(60)]
    found = connect(made(("a", "hub"), ("hub", "c"), ("a", "x"), ("x", "y"), ("y", "c"), *spokes), "a", "c")
    assert ways(found) == [["a", "x", "y", "c"], ["a", "hub", "c"]]


def test_in_the_real_graph_two_ministers_are_not_tied_by_a_country_first(whole):
    found = connect(whole, "Antony Blinken", "Erika Mouynes")
    assert found.paths
    assert ID + "panama" not in ways(found)[0]


def test_direction_is_said_the_right_way_round(whole):
    found = connect(whole, "panama", "colombia", Filter(since="2021"), best=1)
    back = connect(whole, "colombia", "panama", Filter(since="2021"), best=1)
    meeting = "bilateral meeting of Panama and Colombia (6 August 2021)"
    assert [found.words(hop) for hop in found.paths[0].hops] == [
        [f"Panama acts in {meeting} (2021-08-06)."],
        [f"{meeting} is done together with Colombia (2021-08-06)."],
    ]
    assert [back.words(hop) for hop in back.paths[0].hops] == [
        [f"Colombia is the counterpart in {meeting} (2021-08-06)."],
        [f"{meeting} is undertaken by Panama (2021-08-06)."],
    ]


def test_words_come_in_spanish(pool):
    found = connect(network.load(pool, statuses=(), language="es"), "panama", "colombia", Filter(since="2021"), best=1, language="es")
    assert "Panamá actúa en" in found.words(found.paths[0].hops[0])[0]
    assert "se hace junto con Colombia" in found.words(found.paths[0].hops[1])[0]


def test_what_is_not_asserted_says_so_and_by_whom(whole):
    names = {node.iri: node.name for node in whole.nodes}
    for edge in whole.edges:
        words = say(edge, edge.source, names)
        assert STATUSES["en"].get(edge.status, edge.status) in words
        if edge.speaker and edge.speaker != edge.source and edge.status != "asserted":
            assert f"by {names.get(edge.speaker, edge.speaker)}" in words


@pytest.mark.parametrize("projection", network.projections())
def test_every_relation_of_a_network_has_a_phrase_in_both_languages(pool, projection):
    used = {edge.relation for edge in network.load(pool, projection, ()).edges}
    assert used
    assert not [relation for relation in used if relation not in phrases()]
    assert all(set(LANGUAGES) <= set(each) for each in phrases().values())


@pytest.mark.parametrize("projection", network.projections())
def test_the_query_of_each_edge_gives_its_ends_and_all_its_passages(pool, projection):
    for edge in network.load(pool, projection, ()).edges:
        rows = answers.run(pool, Query(sparql(edge))).values()
        assert set(edge.passages) <= {row["passage"] for row in rows}, edge
        if edge.via:
            assert {edge.source, edge.target} <= {row["end"] for row in rows} | {edge.via}, edge


def test_no_connection_is_an_answer_that_says_what_else_there_is(whole):
    found = connect(whole, "antony-blinken", "fatf")
    assert found.paths == ()
    assert "with every status" in found.to_text()
    assert connect(whole, "antony-blinken", "fatf", ALL).paths
    apart = made(("a", "b"), ("c", "d"))
    assert "which is all that the graph says" in connect(apart, "a", "d", ALL).to_text()
    assert "nor is there one" in connect(apart, "a", "d").to_text()


def test_a_period_in_which_nothing_holds_leaves_no_connection(whole):
    found = connect(whole, "panama", "colombia", Filter(since="1990", until="1991"))
    assert not found.paths
    assert "without the period" in found.note


@pytest.mark.parametrize(("source", "target", "via"), [("panama", "Panama", ()), ("panama", "colombia", ("panama",))])
def test_the_same_thing_twice_is_refused(whole, source, target, via):
    with pytest.raises(Misuse, match="twice"):
        connect(whole, source, target, via=via)


def test_what_is_to_be_avoided_cannot_be_reached(whole):
    with pytest.raises(Misuse, match="avoided"):
        connect(whole, "panama", "colombia", avoid=["colombia"])


@pytest.mark.parametrize("count", [0, -1, 51, 10**9])
def test_an_impossible_number_of_connections_is_refused(whole, count):
    with pytest.raises(Misuse, match="1 to 50"):
        connect(whole, "panama", "colombia", best=count)


def test_unknown_names_get_the_nearest(whole):
    with pytest.raises(NotFound, match="id:panama"):
        connect(whole, "panana", "colombia")


@pytest.mark.parametrize(
    ("given", "near"),
    [
        ({"statuses": "planed"}, "planned"),
        ({"documents": "us-ct"}, "us-ct-report"),
        ({"relations": "memberof"}, "memberOf"),
        ({"kinds": "contry"}, "country"),
    ],
    ids=str,
)
def test_an_unknown_filter_value_gets_the_nearest(whole, given, near):
    with pytest.raises(NotFound, match=near):
        connect(whole, "panama", "colombia", Filter.of(**given))


def test_a_filter_that_does_not_exist_is_refused():
    with pytest.raises(Misuse, match="statuses"):
        Filter.of(colour="red")


def test_a_filter_reads_back_from_its_parameters():
    asked = Filter.of(statuses="planned,claimed", since="2021", undated="true", documents=["us-ct-report"])
    pairs = asked.parameters()
    assert (
        Filter.of(
            **{
                name: [value for other, value in pairs if other == name] if name in ("statuses", "documents") else dict(pairs)[name]
                for name, _ in pairs
            }
        )
        == asked
    )


def test_ways_by_and_not_by_a_thing(whole):
    by = connect(whole, "antony-blinken", "colombia", ALL, via=["united-states"], best=3)
    assert by.paths
    assert all(ID + "united-states" in way[1:-1] for way in ways(by))
    around = connect(whole, "antony-blinken", "colombia", ALL, avoid=["united-states"], best=3)
    assert around.paths
    assert all(ID + "united-states" not in way for way in ways(around))


def test_cycles_loops_and_parallel_edges_do_no_harm():
    found = connect(made(("a", "a"), ("a", "b"), ("b", "a"), ("b", "c"), ("c", "a"), ("c", "c")), "a", "c")
    assert ways(found) == [["a", "c"], ["a", "b", "c"]]
    assert len(found.paths[1].hops[0].edges) == 2


def test_a_thing_with_ten_thousand_neighbours_is_passed_in_time():
    pairs = [("hub", f"n{number}") for number in range(10_000)] + [(f"n{number}", f"n{number + 1}") for number in range(9_999)]
    found = connect(made(*pairs), "n5", "n9000", best=3)
    assert ways(found)[0] == ["n5", "hub", "n9000"]


def test_a_search_that_takes_too_long_is_stopped():
    pairs = [
        (f"{row},{column}", f"{row + down},{column + right}")
        for row in range(60)
        for column in range(60)
        for down, right in ((0, 1), (1, 0))
    ]
    grid = made(*pairs)
    with pytest.raises(TimedOut, match="stopped"):
        connect(grid, "0,0", "59,59", patience=0)
    found = connect(grid, "0,0", "4,4", best=50, patience=0.5)
    assert found.paths
    assert len(found.paths) == 50 or "stopped" in found.note


def test_the_time_to_make_the_graph_counts_too():
    chain = made(*((f"n{number}", f"n{number + 1}") for number in range(50_000)))
    with pytest.raises(TimedOut, match=r"stopped after 0\.01 seconds"):
        connect(chain, "n0", "n2", patience=0.01)
    assert WAYS not in chain.derived


def test_no_time_left_to_look_without_the_filters_is_said():
    apart = made(("a", "b"), ("c", "d"))
    clock = Clock(1)
    clock.until, clock.steps = 0, 1023
    assert _why(apart, Filter(), ["a", "c"], clock) == "unsure"
    assert all("unsure" in each for each in NOTES.values())


def test_python_gives_what_the_command_gives(pool):
    found = mikg.path("panama", "fatf", statuses="all", best=2)
    done = subprocess.run(
        [sys.executable, "-m", "mikg", "path", "panama", "fatf", "--status", "all", "-k", "2", "--format", "json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == json.loads(json.dumps(found.to_json()))


def test_the_command_says_no_by_its_exit_code(pool):
    done = subprocess.run([sys.executable, "-m", "mikg", "path", "antony-blinken", "fatf"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "No connection" in done.stdout
    done = subprocess.run([sys.executable, "-m", "mikg", "path", "antony-blinken", "panana"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "the nearest" in done.stderr


def test_no_phrase_is_made_of_the_name_of_a_property():
    # "has as actor" is what a property says; a person says "is undertaken by".
    said = [phrase for each in phrases().values() for language in ("en", "es") for phrase in each[language]]
    assert len(said) > 200
    assert [phrase for phrase in said if re.match("has as|tiene como|is concerned by", phrase)] == []
