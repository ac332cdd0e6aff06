"""Where a query leaves the grammar is said at its place and in plain words, and nothing that parses is called wrong."""

import os
from pathlib import Path

import pyoxigraph as ox
import pytest

from mikg.engine import Query, grammar, guard
from mikg.errors import QueryError

ROOT = Path(__file__).parents[1]
SUITES = Path(os.environ.get("MIKG_CONFORMANCE", ROOT.parent / "shared/conformance"))
FAULTS = {
    "SELECT ?s { ?s ?p > }": (">", "an object is missing after ?p"),
    "SELECT ?s { ?s mikg:party ; }": (";", "an object is missing after mikg:party"),
    "SELECT ?s { ?s mikg:party ?o . ?o }": ("}", "a property and an object are missing after ?o"),
    "SELECT ?s { ?s mikg:party ?o ?p }": ("?p", "a full stop, semicolon or comma is missing between ?o and ?p"),
    "SELECT ?s { ?s party ?o }": ("party", "a name has a prefix (mikg:party)"),
    "SELECT s { ?s ?p ?o }": ("s", "a variable begins with a question mark: ?s"),
    "SELECT ?s, ?o { ?s ?p ?o }": (",", "parted by spaces"),
    "SELECT { ?s ?p ?o }": ("{", "SELECT names no column"),
    "SELECT (COUNT(?o) ?n) { ?s ?p ?o }": ("?n", "AS and a new variable are missing"),
    "SELECT COUNT(?o) { ?s ?p ?o }": ("COUNT", "in brackets and has a name: (COUNT(...) AS ?name)"),
    "SELECT ?s { ?s ?p ?o } ORDR BY ?s": ("ORDR", "the nearest: ORDER"),
    "SELECT ?s { ?s ?p ?o } LIMIT ?x": ("?x", "LIMIT takes a whole number"),
    "SELECT ?s { ?s ?p ?o } LIMIT 5 ORDER BY ?s": ("ORDER", "stands too late"),
    "SELECT ?s { ?s ?p ?o } ORDER ?s": ("?s", "BY is missing after ORDER"),
    "SELECT ?s { FILTER ?s = 2 }": ("?s", "FILTER takes a condition in brackets"),
    "SELECT ?s { ?s ?p ?o FILTER(?s = ) }": (")", "a value is missing after ="),
    "SELECT ?s { ?s ?p ?o FILTER(foo(?o)) }": ("foo", "foo is no function of SPARQL"),
    "SELECT ?s { ?s ?p ?o FILTER(STRLEN(?o, 1)) }": ("(", "STRLEN takes 1 value, and here are 2"),
    "SELECT ?s { ?s ?p ?o FILTER(regex(?o, 'a' 'b')) }": ("'b'", "a comma or ) is missing between 'a' and 'b'"),
    "SELECT ?s { ?s ?p ?o FILTER EXISTS ?s }": ("?s", "a group in braces"),
    "SELECT ?s { ?s ?p ?o . OPTIONAL ?s ?p ?o }": ("?s", "a group in braces"),
    "SELECT ?s { ?s ?p ?o UNION ?x ?y ?z }": ("UNION", "UNION stands between two groups"),
    "SELECT ?s { ?s ?p ?o . SELECT ?x { ?x ?y ?z } }": ("SELECT", "in braces of its own"),
    "SELECT ?s { ?s ?p ?o ORDER BY ?s }": ("ORDER", "behind the closing brace"),
    "SELECT ?s { ?s mikg:party/ ?o }": ("?o", "a property is expected after /"),
    "SELECT ?s { VALUES (?a ?b) { (1) } }": ("(", "this row has 1 value for 2 variables"),
    "SELECT ?s { BIND(1 AS 2) }": ("2", "a variable is missing after AS"),
    "SELECT ?s { ?s ?p 'x'^^ }": ("}", "a datatype such as xsd:date is missing"),
    "SELECT ?s { ?s ?p <a b> }": ("<", "the IRI that begins here"),
    "SELECT ?s ?s ?p ?o": ("", "a variable or { is expected"),
}


@pytest.mark.parametrize("text", list(FAULTS))
def test_a_fault_is_said_at_its_place(text):
    token, words = FAULTS[text]
    found = grammar.fault(text)
    assert words in found.said
    assert text[found.start : found.end] == token


def queries() -> list[Path]:
    return sorted(ROOT.glob("queries/*.rq"))


def test_no_question_of_the_catalogue_is_called_wrong():
    assert [path.name for path in queries() if grammar.fault(path.read_text(encoding="utf-8"))] == []


@pytest.mark.skipif(not SUITES.is_dir(), reason="the official suites are not at hand (MIKG_CONFORMANCE)")
def test_no_query_of_the_official_suites_that_parses_is_called_wrong():
    store, read = ox.Store(), 0
    for path in sorted(SUITES.rglob("*.rq")):
        text = path.read_text(encoding="utf-8", errors="replace")
        try:
            store.query(text, base_iri="http://example.org/")
            guard.read(text)
        except (SyntaxError, ValueError, OSError, RuntimeError, QueryError):
            continue
        assert grammar.fault(text) is None, path.name
        read += 1
    assert read > 500


@pytest.mark.parametrize("end", range(10, 330, 7))
def test_a_question_that_is_cut_anywhere_is_explained_or_whole(end):
    text = (ROOT / "queries/agreements-of-a-country.rq").read_text(encoding="utf-8")
    cut = text[: text.index("SELECT") + end]
    try:
        ox.Store().query(cut)
    except SyntaxError:
        try:
            guard.read(cut)
        except QueryError as fault:
            assert fault.place, fault
        else:
            assert grammar.fault(cut)


def test_the_engine_passes_the_words_on_with_its_own_as_details(pool):
    with pytest.raises(QueryError) as raised:
        pool.query(Query("SELECT ?s\nWHERE {\n  ?s ?p .\n}"))
    assert str(raised.value) == "The query does not parse at line 3, column 9: an object is missing after ?p.\n  ?s ?p .\n        ^"
    assert raised.value.place == (3, 9)
    assert "expected" in raised.value.details


def test_what_is_beyond_the_grammar_is_said_too(pool):
    for text, words in {
        "SELECT ?s (COUNT(?o) AS ?n) { ?s ?p ?o }": "add the others to GROUP BY",
        "SELECT * { ?s ?p ?o } GROUP BY ?s": "name the columns",
        "SELECT (1 AS ?s) { ?s ?p ?o }": "choose a new name",
    }.items():
        with pytest.raises(QueryError, match=words):
            pool.query(Query(text))


def test_a_line_without_end_is_shown_around_its_fault(pool):
    with pytest.raises(QueryError) as raised:
        pool.query(Query("SELECT ?s { " + "?s ?p ?o . " * 400 + "?s ?p }"))
    assert len(str(raised.value)) < 600
