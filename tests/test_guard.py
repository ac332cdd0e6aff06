import contextlib

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mikg.engine.guard import Limits, read
from mikg.errors import QueryError, Refused, TooLarge


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * { SERVICE <http://localhost:1/> { ?s ?p ?o } }", "SERVICE at line 1, column 12"),
        ("SELECT * {\n  service silent <http://localhost:1/> { } }", "service at line 2, column 3"),
        ("SELECT * { ?s ?p ?o FILTER EXISTS { SERVICE ?x { } } }", "SERVICE"),
        ("LOAD <file:///etc/passwd>", "LOAD would fetch"),
        ("PREFIX a: <b>\nINSERT DATA { a:a a:b a:c }", "INSERT would change the graph"),
        ("DELETE WHERE { ?s ?p ?o }", "only reads"),
        ("SELECT * {} ; DROP ALL", "DROP"),
    ],
)
def test_what_would_reach_out_or_write_is_refused_with_its_place(query, said):
    with pytest.raises(Refused, match="Not done") as caught:
        read(query)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "query",
    [
        'SELECT * { ?s ?p "SERVICE <x> {}" }',
        "SELECT * { ?s ?p '''a\nSERVICE''' } # SERVICE <x>",
        "SELECT ?service { ?service <http://x/SERVICE> ?LOAD }",
        "PREFIX service: <http://x/> SELECT * { ?s service:load service:insert }",
        "SELECT * { ?s ?p ?o FILTER(?o < 3 && ?o > 1) }",
        "ASK {}",
    ],
)
def test_the_same_words_in_strings_names_and_comments_do_no_harm(query):
    assert read(query).form in ("SELECT", "ASK")
    ox.Store().query(query)


@pytest.mark.parametrize(
    ("query", "limit"),
    [
        ("SELECT * " + "{" * 2000 + "}" * 2000, "nested"),
        ("SELECT * { FILTER(" + "(" * 10_000 + "1" + ")" * 10_000 + ") }", "nested"),
        ("SELECT * { FILTER(" + "!" * 10_000 + "true) }", "operators"),
        ("SELECT * { FILTER(1" + "+1" * 20_000 + ") }", "operators"),
        ("SELECT * { " + "?s ?p ?o . " * 3000 + "}", "patterns"),
        ("SELECT * { ?s ?p ?o FILTER(?o IN (" + ",".join(map(str, range(3000))) + ")) }", "list items"),
        ("SELECT * { ?s ?p (" + "1 " * 1000 + ") }", "list items"),
        ("SELECT * { VALUES ?x { " + "1 " * 20_000 + "} }", "VALUES"),
        ("SELECT * { " + "OPTIONAL { ?s ?p ?o } " * 1000 + "}", "patterns"),
        ("SELECT * { ?s " + "/".join(["<p>"] * 2000) + " ?o }", "operators"),
        ("#" * 70_000 + "\nASK {}", "bytes"),
    ],
    ids=range(11),
)
def test_what_would_overflow_an_engine_is_refused_by_the_name_of_its_limit(query, limit):
    with pytest.raises(TooLarge, match=limit):
        read(query)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "the query is empty"),
        ("  # only a comment", "the query is empty"),
        ("HELLO { }", "found 'HELLO'"),
        ("SELECT * { ?s ?p ?o", "'{' at line 1, column 10 is never closed"),
        ("SELECT * { (?s ?p ?o }", "'}' at line 1, column 22 closes the '(' of line 1, column 12"),
        ("SELECT * } {", "closes a bracket that was never opened"),
        ("SELECT * { ?s mikg:name ?o }", "begin the query with: PREFIX mikg: <https://w3id.org/mikg/ontology#>"),
        ("SELECT * { ?s other:name ?o }", "PREFIX other: <...>"),
    ],
)
def test_a_query_that_cannot_parse_is_told_where(query, said):
    with pytest.raises(QueryError) as caught:
        read(query)
    assert said in str(caught.value)


def test_the_graphs_of_the_dataset_clause_are_read():
    outline = read("BASE <http://b/> PREFIX g: <http://g/> SELECT * FROM <x> FROM NAMED g:y WHERE { ?s ?p ?o }")
    assert (outline.default_graphs, outline.named_graphs) == (("http://b/x",), ("http://g/y",))


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet="SELECT*?x{}()<>\"'\\#.;, \n:/!=&|^@aA1_\U0001f600", max_size=300))
def test_any_text_is_read_or_refused_and_nothing_else(text):
    with contextlib.suppress(QueryError):
        read(text, Limits(depth=16))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(["SELECT", "*", "{", "}", "?s", "?p", "?o", ".", "OPTIONAL", "FILTER", "(", ")", "1", "+", "UNION", "'a'"]),
        max_size=40,
    )
)
def test_what_the_engine_can_parse_is_not_called_a_syntax_error(words):
    query = " ".join(words)
    try:
        ox.Store().query(query)
    except SyntaxError:
        return
    assert read(query).form
