import contextlib

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mikg.engine.guard import Limits, bind, read
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


# The engine has no tokens of its own: it takes keywords with no space between them, and as a comparison what the
# grammar calls an IRI. In each of these it finds a SERVICE where a reader by the letter of the grammar finds none, or a comment.
EVASIONS = [
    "SELECT * { ?s ?p trueSERVICE<http://127.0.0.1:1/>{ } }",
    "PREFIX servicex: <http://x/> PREFIX x: <http://127.0.0.1:1/> SELECT * { servicex:y { } }",
    "SELECT * { ?s <\\u0078#> ?o . SERVICE <http://127.0.0.1:1/> { }\n}",
    "SELECT * { VALUES (?g ?a) { (<http://127.0.0.1:1/> 0) } LATERAL { FILTER(?a<1)SERVICE?g#>)\n{ } } }",
    "SELECT * { VALUES (?a ?b) { (0 1) } FILTER(?a<?b#>'''\n) SERVICE <http://127.0.0.1:1/> { } #''')\n}",
    "SELECT * { FILTER(1<<?b#>) SERVICE <http://127.0.0.1:1/> { } FILTER('''\n>> ) #''')\n}",
    "SELECT * { ?s ?p ('''a' # \\q\n) SERVICE <http://127.0.0.1:1/> { } # ''')\n}",
    "PREFIX x: <http://x/> SELECT * { ?s x:a\u0301\\' ?o . SERVICE <http://127.0.0.1:1/> { } ?s x:a\u0301\\' ?o }",
]


@pytest.mark.parametrize("query", EVASIONS)
def test_what_the_engine_could_read_as_a_service_is_refused(query):
    with contextlib.suppress(OSError, RuntimeError):
        ox.Store().query(query, base_iri="http://x/")  # it parses
    with pytest.raises(QueryError):
        read(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p ?o FILTER(?o < <http://x/y#z> && ?o != <z#z>) }",
        "SELECT * { ?s ?p (<http://x/a#b> <http://x/c#d> 1) FILTER(?s IN (<a#b>, <c#d>)) }",
        "SELECT * { VALUES (?x ?y) { (<a#b> <c#d>) (UNDEF <e(f)>) } }",
        "SELECT * { ?s ?p '1'^^<http://x/t#u> FILTER(?o = '1'^^<t#u> && STR(?s) < 'b') }",
        "SELECT * { ?s <http://x/\\u00e9#y> 'it\\'s \\u0041', '''a\\\\''', \"\"\"\\t\"\"\" }",
        "PREFIX ex: <http://x/> SELECT ?e\u0301 { ?e\u0301 ex:e\u0301\\'s ex:a\u00b7b . GRAPH ex:g { } }",
        "PREFIX service: <http://x/> SELECT * FROM NAMED service:g { GRAPH service:g { ?s service:load ?o } }",
    ],
)
def test_what_the_grammar_allows_is_read(query):
    ox.Store().query(query, base_iri="http://x/")
    assert read(query).form == "SELECT"


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
        ("SELECT * { ?s ?p 'it }", "The string at line 1, column 18 is never closed"),
        ("SELECT * {\n FILTER(?a<?b&&?c>?d) }", "The '<?b&&?c>' at line 2, column 11 is one token"),
    ],
)
def test_a_query_that_cannot_parse_is_told_where(query, said):
    with pytest.raises(QueryError) as caught:
        read(query)
    assert said in str(caught.value)


def test_the_graphs_of_the_dataset_clause_are_read():
    outline = read("BASE <http://b/> PREFIX g: <http://g/> SELECT * FROM <x> FROM NAMED g:y WHERE { ?s ?p ?o }")
    assert (outline.default_graphs, outline.named_graphs) == (("http://b/x",), ("http://g/y",))
    assert read("PREFIX g: <http://g/x#> ASK FROM g:y { ?s ?p ?o }").default_graphs == ("http://g/x#y",)
    relative = read("BASE <b/> PREFIX g: <g/> SELECT * FROM <\\u0078> FROM NAMED g:y WHERE { ?s ?p ?o }", base="http://a/")
    assert (relative.default_graphs, relative.named_graphs) == (("http://a/b/x",), ("http://a/b/g/y",))


@pytest.mark.parametrize("template", ["CONSTRUCT { ?s ?p ?o } {", "CONSTRUCT { ?s ?p ?o } WHERE {", "CONSTRUCT WHERE {", "ASK {"])
def test_a_value_goes_into_the_pattern_and_not_into_the_template(template):
    query = template + " ?s ?p ?o }"
    assert bind(query, read(query), {"s": "<http://x/>"}) == template + " VALUES (?s) { (<http://x/>) } ?s ?p ?o }"


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
