"""Citations where a user meets them: on the command line, over HTTP, on pages, in Python."""

import csv
import io
import json
import time
from dataclasses import replace
from urllib.parse import urlencode

import pytest

import mikg
from mikg import api, cited
from mikg.engine import Query
from mikg.engine.embedded import Pool
from mikg.errors import TimedOut
from mikg.namespaces import DOCUMENT, GRAPH, ID, RULE

PREFIX = "PREFIX mikg: <https://w3id.org/mikg/ontology#> PREFIX id: <https://w3id.org/mikg/id/> "
PARTIES = PREFIX + "SELECT ?who { id:us-costa-rica-arrangement mikg:party ?who } ORDER BY ?who"


def ask(server, query: str, **more: str):
    accept = more.pop("Accept", "*/*")
    return server.ask(f"sparql?{urlencode({'query': query, **more})}", Accept=accept)


@pytest.mark.parametrize(
    ("parameters", "accept"),
    [({"cite": "true"}, "application/sparql-results+json"), ({}, "application/sparql-results+json;citations=true")],
    ids=["parameter", "media type"],
)
def test_json_results_carry_citations_on_request_and_stay_sparql_results(server, parameters, accept):
    answer = ask(server, PARTIES, **parameters, Accept=accept)
    assert answer.status == 200
    whole = json.loads(answer.body)
    assert whole["results"] == json.loads(ask(server, PARTIES).body)["results"]
    assert "mikg:citations" not in json.loads(ask(server, PARTIES).body)
    ways = [row["derivations"] for row in whole["mikg:citations"]["rows"]]
    assert ways == [[[f"{DOCUMENT}voa-us-panama/p12-s1"], [f"{DOCUMENT}voa-us-panama/p6-s1"]]] * 2


def test_a_sentence_printed_twice_is_one_source(server):
    found = json.loads(ask(server, PARTIES, cite="true").body)["mikg:citations"]
    assert [sorted(group) for group in found["sources"]] == [[f"{DOCUMENT}voa-us-panama/p12-s1", f"{DOCUMENT}voa-us-panama/p6-s1"]]


def test_csv_has_two_more_columns(server):
    rows = list(csv.reader(io.StringIO(ask(server, PARTIES, cite="true", format="csv").text)))
    assert rows[0] == ["who", "mikg:citations", "mikg:status"]
    assert rows[1][1:] == [f"{DOCUMENT}voa-us-panama/p12-s1 | {DOCUMENT}voa-us-panama/p6-s1", "reported by id:antony-blinken"]
    rows = list(csv.reader(io.StringIO(ask(server, PREFIX + "SELECT ?x { ?x a mikg:Visit }", cite="true", format="csv").text)))
    assert {row[2] for row in rows[1:]} == {"asserted"}


@pytest.mark.parametrize(
    ("pattern", "status"),
    [
        ("?x a mikg:Target ; mikg:modality mikg:planned", "planned"),
        ("?x a mikg:Event ; mikg:modality mikg:hoped ; mikg:claimant id:panama", "hoped by id:panama"),
        ("?x a mikg:Assessment ; mikg:claimant id:unhcr", "asserted by id:unhcr"),
        ("?x a <http://www.w3.org/2002/07/owl#NegativePropertyAssertion>", "negated"),
        ("id:panama mikg:takesPartIn ?x", "asserted"),
    ],
)
def test_what_is_not_just_asserted_says_so_and_by_whom_it_is_claimed(server, pattern, status):
    text = ask(server, f"{PREFIX} SELECT DISTINCT ?x {{ {pattern} }}", cite="true", format="csv").text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows
    assert {row["mikg:status"] for row in rows} == {status}


def test_an_inference_from_a_claim_says_that_it_is_claimed(pool):
    found = cited.answer(pool, Query(PREFIX + "SELECT ?x { ?x mikg:indicator id:indicator-fall-in-daily-crossings }"))
    told = {status.claimants for row in found.rows for status in row.statuses if row.rules}
    assert told == {(ID + "erika-mouynes",)}


def test_what_a_shortcut_adds_to_an_inferred_thing_is_followed_too(pool):
    found = cited.answer(
        pool, Query(PREFIX + "SELECT ?x { ?x a mikg:Figure . GRAPH <https://w3id.org/mikg/graph/derived> { ?x a mikg:Figure } }")
    )
    assert len(found.rows) == len(found.table.rows) > 20
    for row in found.rows:
        assert RULE + "superclass" in row.rules
        assert any(graph.startswith(DOCUMENT) for graph in row.beneath)


@pytest.mark.parametrize("accept", ["text/csv; Citations=TRUE", 'text/csv;citations="true";q=0.9, text/html;q=0.1'])
def test_the_media_type_parameter_is_read_as_parameters_are(server, accept):
    assert ask(server, PARTIES, Accept=accept).text.startswith("who,mikg:citations,mikg:status")


def test_a_parameter_that_is_neither_true_nor_false_is_an_error(server):
    assert json.loads(ask(server, PARTIES, cite="false").body)["results"]
    answer = ask(server, PARTIES, cite="yes")
    assert answer.status == 400 and "cite is 'yes'; it takes true or false" in answer.text
    answer = ask(server, "CONSTRUCT WHERE { ?s ?p 1 }", cite="true", Accept="text/turtle")
    assert answer.status == 406 and "as JSON or CSV" in answer.text


def test_other_formats_say_where_citations_are_to_be_had(server):
    answer = ask(server, PARTIES, cite="true", format="xml")
    assert answer.status == 400
    assert "as JSON or CSV" in answer.text


@pytest.mark.parametrize(
    "form", ["CONSTRUCT WHERE { id:us-costa-rica-arrangement mikg:party ?who }", "DESCRIBE id:us-costa-rica-arrangement"]
)
def test_a_graph_is_cited_as_a_table_of_its_triples(server, form):
    whole = json.loads(ask(server, PREFIX + form, cite="true", format="json").body)
    assert whole["head"]["vars"] == ["subject", "predicate", "object"]
    rows = whole["mikg:citations"]["rows"]
    assert len(rows) == len(whole["results"]["bindings"]) > 1
    assert all(row["derivations"] for row in rows) and "refused" not in whole["mikg:citations"]
    lines = list(csv.reader(io.StringIO(ask(server, PREFIX + form, cite="true", format="csv").text)))
    assert lines[0] == ["subject", "predicate", "object", "mikg:citations", "mikg:status"] and len(lines) == len(rows) + 1
    page = server.ask("query?" + urlencode({"query": PREFIX + form, "cite": "true"}), Accept="text/html").text
    assert page.count('class="rests"') == len(rows)


def test_a_page_says_why_a_query_is_not_cited_and_answers_it(server):
    page = ask(server, "SELECT (RAND() AS ?x) {}", cite="true", Accept="text/html").text
    assert "RAND, which is another value each time, at line 1, column 9" in page
    assert "Sources are shown for answers" not in page


def test_an_inference_shows_its_rule_and_what_lies_beneath(pool):
    found = cited.answer(
        pool,
        Query(PREFIX + "SELECT ?v { ?x mikg:indicator id:indicator-share-of-budget-spent ; <https://schema.org/value> ?v } ORDER BY ?v"),
    )
    assert len(found.rows) == 4
    for row in found.rows:
        assert row.rules == (RULE + "share-of-budget-spent",)
        assert any(graph.startswith(f"{DOCUMENT}unhcr-panama/p28-") for graph in row.beneath)
    assert "by rule share-of-budget-spent from" in found.to_text()


def test_absence_is_said_and_given_no_source(pool):
    query = (
        PREFIX + "SELECT ?who { VALUES ?who { id:el-salvador } FILTER NOT EXISTS { ?who mikg:takesPartIn id:crrf-participating-states } }"
    )
    found = cited.answer(pool, Query(query))
    assert [row.absence for row in found.rows] == [True]
    assert found.graphs == ()
    assert "absence" in found.to_text()


def test_what_cannot_be_cited_is_answered_all_the_same_with_the_reason(pool):
    found = cited.answer(pool, Query("SELECT (RAND() AS ?x) { } LIMIT 1"))
    assert len(found.table.rows) == 1
    assert "Not cited" in found.refused
    assert found.refused in found.to_text()
    assert json.loads(found.to_json())["mikg:citations"]["refused"] == found.refused


def test_where_only_the_plain_answer_is_within_the_limits_it_is_given_and_citations_are_left_out(pool, made):
    query = Query(PREFIX + "SELECT ?name { ?x <http://www.w3.org/2004/02/skos/core#prefLabel> ?name ; a mikg:Person } ORDER BY ?name")
    plain = pool.query(query).body
    small = Pool(replace(made, answer_bytes=len(plain) + 100))
    found = cited.answer(small, query)
    small.close()
    assert [row["name"] for row in found.table.rows] == [row["name"] for row in json.loads(plain)["results"]["bindings"]]
    assert "what the citation asks of the engine failed: The answer has more than" in found.refused


def test_a_query_beyond_the_deadline_fails_cited_as_it_does_plain(made):
    slow = Pool(replace(made, deadline=0.5))
    for query in (
        "SELECT ?a { ?a ?b ?c . ?d ?e ?f FILTER(STRLEN(STR(?c)) = 7 + STRLEN(STR(?f))) } ORDER BY ?f LIMIT 3",
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }",
    ):
        began = time.monotonic()
        with pytest.raises(TimedOut):
            cited.answer(slow, Query(query))
        assert time.monotonic() - began < 30
    slow.close()


def test_a_page_shows_for_each_row_what_it_rests_on(server):
    page = ask(server, PARTIES, cite="true", Accept="text/html").text
    assert page.count('<span class="status">(reported by Antony Blinken)</span>') == 2
    assert "1 independent source:" in page


def test_python_has_the_citations_too(made, monkeypatch):
    monkeypatch.setenv("MIKG_RELEASES", str(made.releases))
    api._opened.cache_clear()
    found = mikg.ask("agreements-of-a-country", cite=True, country="id:costa-rica")
    assert {each.iri for each in found.graphs} == {f"{DOCUMENT}voa-us-panama/p12-s1", f"{DOCUMENT}voa-us-panama/p6-s1", GRAPH + "entities"}
