"""An empty answer says why: the part of the query that leaves nothing, and what the graph has instead."""

import subprocess
import sys

import pytest

from mikg.diagnosis import diagnose
from mikg.engine import Query

PREFIXES = """PREFIX graph: <https://w3id.org/mikg/graph/>
PREFIX id: <https://w3id.org/mikg/id/>
PREFIX mikg: <https://w3id.org/mikg/ontology#>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
# A query, what the first reason says, the token that it points at, and what it offers first in its place.
CASES = [
    ("SELECT * { ?a mikg:party id:panana }", "nothing in the graph is called so", "id:panana", "id:panama"),
    ("SELECT * { ?a mikg:partyOf id:panama }", "no such property", "mikg:partyOf", "mikg:party"),
    ("SELECT * { ?a a mikg:Agrement }", "no such class", "mikg:Agrement", "mikg:Agreement"),
    ("SELECT * { VALUES ?x { id:panana } ?x a ?c }", "nothing in the graph", "id:panana", "id:panama"),
    ("DESCRIBE id:panana", "nothing in the graph", "id:panana", "id:panama"),
    ("CONSTRUCT { ?a mikg:x ?b } WHERE { ?a mikg:partyOf ?b }", "no such property", "mikg:partyOf", "mikg:party"),
    ("ASK { ?a mikg:partyOf ?b }", "no such property", "mikg:partyOf", "mikg:party"),
    ("SELECT * { id:panama mikg:party ?a }", "the other way round it is there: ?a mikg:party id:panama", "mikg:party", None),
    ('SELECT * { ?x skos:prefLabel "Panama"@fr }', 'it writes "Panama"@en', '"Panama"@fr', '"Panama"@en'),
    ('SELECT * { ?x skos:prefLabel "panama"@en }', 'it writes "Panama"@en', '"panama"@en', '"Panama"@en'),
    ('SELECT * { ?x skos:prefLabel "Panama" }', 'it writes "Panama"@en', '"Panama"', '"Panama"@en'),
    ('SELECT * { ?x mikg:year "2020" }', '"2020"^^xsd:gYear', '"2020"', '"2020"^^xsd:gYear'),
    ("SELECT * { ?x mikg:year 2020 }", '"2020"^^xsd:gYear', "2020", '"2020"^^xsd:gYear'),
    ("SELECT * { ?x mikg:year ?y FILTER(?y > 2020) }", "?y is", "FILTER", None),
    ('SELECT * { ?x skos:prefLabel ?n FILTER(LANG(?n) = "fr") }', "the languages of ?n: en, es", "FILTER", None),
    ("SELECT * { ?x mikg:year ?y FILTER(?z > 1) }", "?z has no value there", "FILTER", None),
    ("SELECT * { ?x sh:path ?y }", "write GRAPH graph:shapes", "sh:path", None),
    ("SELECT * { ?x mikg:areaInSquareKilometres ?y }", "GRAPH graph:external/", "mikg:areaInSquareKilometres", None),
    ("SELECT * { ?x a mikg:Agreement ; mikg:memberOf ?y }", "no mikg:Agreement has mikg:memberOf; its properties: ", "mikg:memberOf", None),
    ("SELECT * { GRAPH graph:entitties { ?a a mikg:Country } }", "no graph of this name", "graph:entitties", "graph:entities"),
    ("SELECT * { GRAPH ?p { ?a mikg:party ?b ; skos:prefLabel ?n } }", "no single graph states all of it", "GRAPH", None),
    ("SELECT ?a { ?a mikg:party ?b } GROUP BY ?a HAVING(COUNT(?b) > 100)", "Every group is refused", "HAVING", None),
    ("SELECT * { ?a mikg:party ?b } OFFSET 9999", "OFFSET beyond the last", None, None),
    ("SELECT * { ?a mikg:party ?b MINUS { ?a mikg:party ?c } }", "MINUS takes every solution away", "MINUS", None),
    ("SELECT * { { ?a mikg:partyOf ?b } UNION { ?a mikg:partiesTo ?b } }", "None of the 2 alternatives", "UNION", None),
    ("SELECT * { { SELECT ?a { ?a mikg:partyOf ?b } } ?a ?c ?d }", "no such property", "mikg:partyOf", "mikg:party"),
    ("SELECT * { ?a mikg:party ?c . ?c skos:prefLabel 'Nowhere'@en }", "never 'Nowhere'@en; it is for example", "'Nowhere'@en", None),
]


@pytest.mark.parametrize(("text", "said", "token", "instead"), CASES, ids=[case[0] for case in CASES])
def test_an_empty_answer_says_why(pool, made, text, said, token, instead):
    whole = PREFIXES + text
    found = diagnose(pool, Query(whole), made.releases)
    assert found.empty
    first = found.reasons[0]
    assert said in first.said
    if token:
        line, column = first.place
        assert whole.splitlines()[line - 1][column - 1 :].startswith(token)
    if instead:
        assert (first.token, first.instead[0]) == (token, instead)


@pytest.mark.parametrize("case", [case for case in CASES if case[3]], ids=lambda case: case[0])
def test_what_is_offered_mends_the_query(pool, made, case):
    found = diagnose(pool, Query(PREFIXES + case[0]), made.releases).reasons[0]
    mended = (PREFIXES + case[0]).replace(found.token, found.instead[0])
    assert not diagnose(pool, Query(mended), made.releases).empty or "partyOf" in case[0]


def test_an_answer_that_is_there_needs_no_reason(pool, made):
    for text in ("SELECT * { ?s ?p ?o } LIMIT 1", "ASK { ?s ?p ?o }", "CONSTRUCT WHERE { ?s a ?c } LIMIT 1"):
        assert diagnose(pool, Query(text), made.releases).to_json() == {"empty": False, "reasons": []}


def test_values_from_outside_count(pool, made):
    given = {"who": {"type": "uri", "value": "https://w3id.org/mikg/id/nobody"}}
    found = diagnose(pool, Query(PREFIXES + "SELECT * { ?a mikg:party ?who }", given), made.releases)
    assert found.empty
    assert found.reasons


def test_a_query_of_many_parts_is_looked_into_for_a_bounded_time(pool, made):
    text = PREFIXES + "SELECT * { " + " ".join(f"?x{n} a mikg:Country ." for n in range(3)) + " ?y mikg:party ?z FILTER(?z = 1) } LIMIT 5"
    assert diagnose(pool, Query(text), made.releases).empty


def test_a_release_without_counts_is_looked_into_too(pool):
    assert diagnose(pool, Query(PREFIXES + "SELECT * { ?a mikg:party id:panana }")).reasons[0].instead[0] == "id:panama"


def test_the_command_line_adds_the_hint_to_an_empty_answer(made):
    done = subprocess.run(
        [sys.executable, "-m", "mikg", "query", PREFIXES + "SELECT * { ?a mikg:party id:panana }"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert "(0 rows)" in done.stdout
    assert "mikg: line 7, column 26: id:panana: nothing in the graph is called so; the nearest: id:panama." in done.stderr
