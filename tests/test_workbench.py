"""The workbench over real HTTP, without a script: it runs, shows, explains and bounds; what its script asks for is right."""

import json
from urllib.parse import quote

import pytest

from mikg.layout import layout

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PREFIX = "PREFIX id: <https://w3id.org/mikg/id/> PREFIX mikg: <https://w3id.org/mikg/ontology#> "
ODD = """SELECT ("<img src=x onerror=alert(1)>" AS ?markup) ("\\u202eright to left" AS ?turned) (BNODE() AS ?blank)
(<<( <a:x> <a:y> "<b>z</b>" )>> AS ?triple) ("a\\u0000b" AS ?zero) {}"""


def page(server, query, **more):
    return server.ask(f"query?query={quote(query)}" + "".join(f"&{name}={value}" for name, value in more.items()), Accept=BROWSER)


def posted(server, path, body, kind="application/json"):
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    answer = server.ask(path, data, Content_Type=kind, Accept="application/json")
    return answer.status, json.loads(answer.text) if answer.text.startswith(("{", "[")) else answer.text


def test_a_browser_at_the_endpoint_is_led_to_the_page_with_its_query(server):
    import urllib.request

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    opener = urllib.request.build_opener(Stay)
    for path in ("sparql", "sparql?query=ASK%20%7B%7D&default-graph-uri=a%3Ab"):
        with pytest.raises(urllib.error.HTTPError) as raised:
            opener.open(urllib.request.Request(server.url + path, headers={"Accept": BROWSER}))
        assert raised.value.code == 303
        assert raised.value.headers["Location"] == "/" + path.replace("sparql", "query")
        assert "Accept" in raised.value.headers["Vary"]


@pytest.mark.parametrize("accept", ["*/*", "application/sparql-results+json", "text/turtle, */*;q=0.1", ""])
def test_a_program_at_the_endpoint_is_answered_there(server, accept):
    assert "<html" not in server.ask("sparql?query=ASK%20%7B%7D", Accept=accept).text[:200]


def test_the_form_runs_and_names_what_it_finds(server):
    answer = page(server, PREFIX + "SELECT ?agreement { ?agreement mikg:party id:panama } ORDER BY ?agreement")
    assert answer.status == 200
    assert "Arrangement on Migration and Protection between the United States and Panama" in answer.text
    assert "rests on" not in answer.text.split('<script type="application/json"')[0]


def test_with_sources_the_passages_stand_below(server):
    answer = page(server, PREFIX + "SELECT ?agreement { ?agreement mikg:party id:panama }", cite="true")
    assert "The passages it rests on" in answer.text
    assert 'href="#cited-1"' in answer.text


def test_a_fault_is_marked_at_its_place(server):
    answer = page(server, "SELECT ?s\nWHERE {\n  ?s ?p .\n}")
    assert answer.status == 400
    assert "line 3, column 9: an object is missing after ?p." in answer.text
    assert "  ?s ?p <mark>.</mark>" in answer.text
    assert "?s ?p .\n}</textarea>" in answer.text


def test_an_empty_answer_says_why_with_a_link_that_mends_it(server):
    answer = page(server, PREFIX + "SELECT ?a { ?a mikg:party id:panana }")
    assert "nothing in the graph is called so" in answer.text
    assert quote("id:panama", safe="") in answer.text


def test_odd_texts_are_escaped_and_shown(server):
    answer = page(server, ODD)
    assert answer.status == 200
    assert "&lt;img src=x" in answer.text
    assert "<img src=x" not in answer.text
    assert "<bdi>\u202eright to left</bdi>" in answer.text
    assert "&lt;b&gt;z&lt;/b&gt;" in answer.text


def test_a_literal_of_a_million_characters_is_cut_on_the_page(server):
    doubled = "?t0"
    query = 'SELECT ?t20 { BIND("x" AS ?t0) ' + " ".join(f"BIND(CONCAT(?t{n}, ?t{n}) AS ?t{n + 1})" for n in range(20)) + " }"
    assert doubled in query
    answer = page(server, query)
    assert answer.status == 200
    assert "(1048576 characters)" in answer.text
    assert len(answer.text) < 120_000


def test_two_hundred_columns_are_a_table(server):
    answer = page(server, "SELECT " + " ".join(f"({n} AS ?c{n})" for n in range(200)) + " {}")
    assert answer.status == 200
    assert answer.text.count('<th scope="col">') == 200


def test_a_hundred_thousand_rows_are_shown_page_by_page(server):
    query = "SELECT ?s ?p ?o ?n { ?s ?p ?o VALUES ?n { 1 2 3 4 } } LIMIT 100000"
    answer = page(server, query)
    assert answer.status == 200
    assert "rows 1 to 100 of 100,000" in answer.text
    assert len(answer.text) < 400_000
    deep = page(server, query, **{"from": "99950"})
    assert "rows 99,951 to 100,000 of 100,000" in deep.text
    assert 'rel="next"' not in deep.text


@pytest.mark.parametrize("wrong", ["-5", "x", "9" * 30, "<b>", "1e3", "%00"])
def test_a_page_that_cannot_be_is_a_page_all_the_same(server, wrong):
    assert page(server, "SELECT * { ?s ?p ?o } LIMIT 5", **{"from": wrong}).status == 200


@pytest.mark.parametrize(
    "query",
    [
        "\u202e'\"<script>",
        "SELECT * { SERVICE <a:b> {} }",
        "LOAD <file:///etc/passwd>",
        "{" * 500,
        "\ud800".encode("utf-8", "replace").decode(),
    ],
)
def test_what_cannot_run_keeps_its_text_and_says_so(server, query):
    answer = page(server, query)
    assert answer.status in (400, 403, 413)
    assert 'role="alert"' in answer.text
    assert "Traceback" not in answer.text
    assert '<script>"' not in answer.text


def test_a_query_too_long_for_an_address_is_taken_as_a_form(server):
    for query, status in (("ASK {}" + "#" + "x" * 50_000, 200), ("SELECT " + "?x " * 30_000, 413)):
        answer = server.ask("query", f"query={quote(query)}".encode(), Accept=BROWSER, Content_Type="application/x-www-form-urlencoded")
        assert answer.status == status
        assert "</textarea>" in answer.text


def test_an_example_comes_with_its_defaults(server):
    answer = server.ask("query?example=agreements-of-a-country", Accept=BROWSER)
    assert "VALUES (?country) { (&lt;https://w3id.org/mikg/id/panama&gt;) }" in answer.text
    assert "# Agreements of a country" in answer.text
    assert "rows 1 to" in answer.text
    assert server.ask("query?example=agrements", Accept=BROWSER).status == 404


def test_every_question_of_the_catalogue_can_be_opened(server):
    listed = server.ask("query", Accept=BROWSER).text
    names = {part.split('"')[0] for part in listed.split('href="/query?example=')[1:]}
    assert len(names) > 150
    for name in sorted(names)[::12]:
        assert server.ask(f"query?example={name}", Accept=BROWSER).status == 200, name


def test_choices_write_a_query_that_runs(server):
    classes = json.loads(server.ask("api/ask.json").text)["classes"]
    assert "mikg:Agreement" in [each["value"] for each in classes]
    first = json.loads(server.ask("api/ask.json?class=mikg:Agreement").text)
    assert "mikg:party" in [each["value"] for each in first["properties"]]
    second = json.loads(server.ask("api/ask.json?class=mikg:Agreement&property=mikg:party").text)
    panama = next(each["value"] for each in second["values"] if each["name"] == "Panama")
    third = json.loads(server.ask(f"api/ask.json?class=mikg:Agreement&property=mikg:party&value={panama}").text)
    assert "GRAPH ?passage { ?thing mikg:party id:panama }" in third["query"]
    assert layout(third["query"]).split() == third["query"].split()
    for draft in (first, second, third):
        assert "rows 1 to" in page(server, draft["query"]).text
    shown = server.ask("query?class=mikg:Agreement&property=mikg:party", Accept=BROWSER).text
    assert '<option value="mikg:party" selected>' in shown
    assert "GRAPH ?passage { ?thing mikg:party ?value }" in shown


@pytest.mark.parametrize(
    "given",
    ["class=mikg:Nothing", "class=mikg:Agreement&property=foo", "class=mikg:Agreement&property=mikg:party&value=99", "class=%3Cb%3E"],
)
def test_a_choice_that_is_not_in_the_list_is_refused(server, given):
    answer = server.ask(f"api/ask.json?{given}", Accept="application/json")
    assert answer.status == 400
    assert "choose" in answer.text or "it takes" in answer.text


def test_every_class_with_every_first_property_makes_a_query_that_parses(server):
    for each in json.loads(server.ask("api/ask.json").text)["classes"][::9]:
        found = json.loads(server.ask(f"api/ask.json?class={quote(each['value'])}").text)
        status, said = posted(server, "api/check.json", found["query"], "application/sparql-query")
        assert (status, said) == (200, {"faults": []}), each


def test_what_completion_needs_is_kept_until_the_release_changes(server):
    answer = server.ask("api/complete.json")
    known = json.loads(answer.text)
    assert known["prefixes"]["mikg"] == "https://w3id.org/mikg/ontology#"
    assert (
        server.ask(
            "api/complete.json", If_None_Match=next(value for name, value in answer.headers.items() if name.lower() == "etag")
        ).status
        == 304
    )
    spanish = json.loads(server.ask("api/complete.json", Accept_Language="es").text)
    assert ["mikg:Country", "class", "país"] in [[term[0], term[1], term[3]] for term in spanish["terms"]]


@pytest.mark.parametrize(
    ("query", "line", "column", "words"),
    [
        ("SELECT ?s {\n ?s ?p\n}", 3, 1, "An object is missing after ?p."),
        ("SELECT ?s { ?s mikg:party ?o }", 1, 16, "is not declared"),
        ("SELECT ?s {", 1, 11, "never closed"),
        (PREFIX + "SELECT ?s {\n ?s mikg:partyOf ?o }", 2, 5, "mikg:partyOf is no term of this graph. The nearest: mikg:party"),
        ("", 1, 1, "the query is empty"),
    ],
)
def test_what_is_wrong_is_said_without_running(server, query, line, column, words):
    _, said = posted(server, "api/check.json", query, "application/sparql-query")
    (fault,) = said["faults"]
    assert (fault["line"], fault["column"]) == (line, column)
    assert words in fault["said"]


def test_a_query_is_laid_out_and_looked_into_on_request(server):
    assert posted(server, "api/format.json", "ask{?s ?p ?o}", "application/sparql-query") == (200, {"query": "ASK {\n  ?s ?p ?o\n}\n"})
    status, said = posted(server, "api/why.json", PREFIX + "SELECT * { ?a mikg:party id:panana }", "application/sparql-query")
    assert (status, said["reasons"][0]["instead"]) == (200, ["id:panama"])
    assert posted(server, "api/why.json", "SELECT", "application/sparql-query")[0] == 400


def test_names_and_places_are_given_for_lists_of_iris(server):
    panama = "https://w3id.org/mikg/id/panama"
    _, named = posted(server, "api/labels.json", [panama, "https://example.org/<b>", "not an iri"])
    assert (named[panama]["name"], named[panama]["kind"], named[panama]["page"]) == ("Panama", "country", "/page/panama")
    assert not named["https://example.org/<b>"]["known"]
    _, places = posted(server, "api/places.json", [panama, "CR", "https://example.org/"])
    assert places[panama] == {"lat": pytest.approx(8.99, abs=0.1), "long": pytest.approx(-79.52, abs=0.1), "iri": panama}
    assert places["CR"]["iri"] == "https://w3id.org/mikg/id/costa-rica"


@pytest.mark.parametrize("body", ["{", '{"a": 1}', "[1]", "[" + ",".join(['"a:b"'] * 501) + "]", ""])
def test_a_list_that_is_none_is_refused(server, body):
    assert posted(server, "api/labels.json", body)[0] == 400


def test_a_fault_for_a_program_has_its_place(server):
    answer = server.ask(
        f"sparql?query={quote('SELECT ?s { ?s ?p }')}", Accept="application/sparql-results+json, application/problem+json;q=0.5"
    )
    told = json.loads(answer.text)
    assert (told["line"], told["column"]) == (1, 19)
    assert "expected" in told["engine"]
