"""The SPARQL 1.1 Protocol over real HTTP."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from urllib.parse import quote, urlencode

import pyoxigraph as ox
import pytest

from mikg.namespaces import GRAPH
from mikg.web import negotiation

SELECT = "SELECT ?x ?y { VALUES (?x ?y) { (1 'a') (<http://x/> UNDEF) } }"
CONSTRUCT = "CONSTRUCT WHERE { <https://w3id.org/mikg/id/bitmap> ?p ?o }"


def get(server, query: str, path: str = "sparql", **headers):
    return server.ask(f"{path}?{urlencode({'query': query})}", **headers)


def test_get_form_and_direct_post_give_the_same_answer(server):
    form = server.ask("sparql", urlencode({"query": SELECT}).encode(), Content_Type="application/x-www-form-urlencoded")
    direct = server.ask("sparql", SELECT.encode(), Content_Type="application/sparql-query")
    assert form.status == direct.status == 200
    assert get(server, SELECT).body == form.body == direct.body


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("application/json", "application/sparql-results+json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("application/xml", "application/sparql-results+xml"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/tab-separated-values;q=0.3, text/csv;q=0.9", "text/csv; charset=utf-8"),
        ("text/*", "text/csv; charset=utf-8"),
        ("application/sparql-results+json;q=0, */*;q=0.1", "application/sparql-results+xml"),
        ("text/csv;q=0.1, application/sparql-results+xml;q=0.2, application/pdf", "application/sparql-results+xml"),
    ],
)
def test_select_is_negotiated_with_q_values(server, accept, media_type):
    answer = get(server, SELECT, Accept=accept)
    assert (answer.status, answer.headers["Content-Type"]) == (200, media_type)
    assert "Accept" in answer.headers["Vary"].split(", ")


def test_the_four_result_formats_say_the_same(server):
    whole = json.loads(get(server, SELECT, Accept="application/sparql-results+json").body)
    assert [sorted(row) for row in whole["results"]["bindings"]] == [["x", "y"], ["x"]]
    assert list(csv.reader(io.StringIO(get(server, SELECT, Accept="text/csv").text))) == [["x", "y"], ["1", "a"], ["http://x/", ""]]
    assert get(server, SELECT, Accept="text/tab-separated-values").text == '?x\t?y\n1\t"a"\n<http://x/>\t\n'
    tree = ET.fromstring(get(server, SELECT, Accept="application/sparql-results+xml").body)
    assert [len(result) for result in tree.iter("{http://www.w3.org/2005/sparql-results#}result")] == [2, 1]


FORMATS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/trig": ox.RdfFormat.TRIG,
    "application/n-quads": ox.RdfFormat.N_QUADS,
}


@pytest.mark.parametrize("media_type", FORMATS)
def test_a_graph_is_the_same_in_every_rdf_format(server, media_type):
    answer = get(server, CONSTRUCT, Accept=media_type)
    assert answer.headers["Content-Type"].startswith(media_type)
    triples = {quad.triple for quad in ox.parse(answer.body, format=FORMATS[media_type])}
    expected = {
        quad.triple for quad in ox.parse(get(server, CONSTRUCT, Accept="application/n-triples").body, format=ox.RdfFormat.N_TRIPLES)
    }
    assert triples == expected
    assert len(triples) > 5


@pytest.mark.parametrize(
    ("query", "name", "media_type"),
    [
        (SELECT, "json", "application/sparql-results+json"),
        (SELECT, "xml", "application/sparql-results+xml"),
        (SELECT, "csv", "text/csv"),
        (SELECT, "tsv", "text/tab-separated-values"),
        ("ASK {}", "json", "application/sparql-results+json"),
        (CONSTRUCT, "ttl", "text/turtle"),
        (CONSTRUCT, "nt", "application/n-triples"),
        (CONSTRUCT, "jsonld", "application/ld+json"),
        (CONSTRUCT, "json", "application/ld+json"),
        (CONSTRUCT, "rdf", "application/rdf+xml"),
        ("DESCRIBE <https://w3id.org/mikg/id/panama>", "nq", "application/n-quads"),
    ],
)
def test_format_names_a_format_and_wins_over_accept(server, query, name, media_type):
    answer = server.ask(f"sparql?{urlencode({'query': query, 'format': name})}", Accept="text/csv")
    if name == "json" and query == CONSTRUCT:
        assert answer.status == 400
        return
    assert (answer.status, answer.headers["Content-Type"].split(";")[0]) == (200, media_type)


# Of one triple: a release on disk and its copy in memory give several in different orders.
@pytest.mark.parametrize(
    "query", [SELECT, "CONSTRUCT { ?y <http://x/p> ?y } WHERE { VALUES ?y { <http://x/> } }", "ASK {}"], ids=["select", "construct", "ask"]
)
@pytest.mark.parametrize("suffix", negotiation.SUFFIXES)
def test_suffix_format_and_accept_agree(server, query, suffix):
    by_suffix = get(server, query, f"sparql.{suffix}", Accept="text/html, */*;q=0.1")
    by_format = server.ask(f"sparql?{urlencode({'query': query, 'format': suffix})}")
    by_accept = get(server, query, Accept=negotiation.SUFFIXES[suffix])
    posted = server.ask(f"sparql.{suffix}", query.encode(), Content_Type="application/sparql-query")
    assert by_suffix.status == by_format.status == posted.status == {200: 200, 406: 400}[by_accept.status]
    if by_suffix.status == 200:
        answers = (by_suffix, by_format, by_accept, posted)
        assert len({(each.headers["Content-Type"], each.body) for each in answers}) == 1
        assert by_suffix.headers["Content-Type"].split(";")[0] == negotiation.SUFFIXES[suffix]
    else:
        assert "for this query it can be" in by_suffix.text


def test_a_suffix_that_is_none_or_contradicts_is_told(server):
    assert get(server, SELECT, "sparql.pdf").status == 404
    answer = server.ask(f"sparql.csv?{urlencode({'query': SELECT, 'format': 'tsv'})}")
    assert (answer.status, "keep one of the two" in answer.text) == (400, True)
    assert server.ask(f"sparql.ttl?{urlencode({'query': CONSTRUCT, 'format': 'turtle'})}").status == 200
    assert server.ask("sparql.ttl").text.count("sd:Service") >= 1


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "said"),
    [
        (f"sparql?query={quote('SELECT * {')}", None, {}, 400, "line 1, column 10"),
        ("sparql?query=", None, {}, 400, "the query is empty"),
        ("sparql?query=ASK+%7B%7D&query=ASK+%7B%7D", None, {}, 400, "given 2 times"),
        ("sparql?update=CLEAR+ALL", None, {}, 403, "only reads"),
        ("sparql", b"update=CLEAR+ALL", {"Content_Type": "application/x-www-form-urlencoded"}, 403, "only reads"),
        ("sparql", b"CLEAR ALL", {"Content_Type": "application/sparql-update"}, 415, "application/sparql-query"),
        ("sparql", b"ASK {}", {"Content_Type": "text/plain"}, 415, "application/sparql-query"),
        ("sparql", b"", {"Content_Type": "application/x-www-form-urlencoded"}, 400, "carries a query"),
        ("sparql", b"\xff\xfe", {"Content_Type": "application/sparql-query"}, 400, "not UTF-8"),
        ("sparql", b"ASK {}", {"Content_Type": "application/sparql-query; charset=iso-8859-1"}, 415, "UTF-8 only"),
        ("sparql?query=ASK+%7B%7D", b"ASK {}", {"Content_Type": "application/sparql-query"}, 400, "given twice"),
        ("sparql?query=ASK+%7B%7D", None, {"Accept": "application/pdf"}, 406, "There is: application/sparql-results+json"),
        ("sparql?query=ASK+%7B%7D&format=pdf", None, {}, 400, "json, xml, csv, tsv"),
        (f"sparql?query={quote('SELECT * FROM <http://nowhere/> { ?s ?p ?o }')}", None, {}, 403, "names no graph"),
        ("sparql?query=ASK+%7B%7D&default-graph-uri=http://nowhere/", None, {}, 403, "names no graph"),
        (f"sparql?query={quote('SELECT * { SERVICE <http://127.0.0.1:9/> {} }')}", None, {}, 403, "opens none"),
        (f"sparql?query={quote('ASK {} #' + 'x' * 66_000)}", None, {}, 431, "32768"),
        (f"sparql?query={quote('ASK {} #' + 'x' * 20_000)}", None, {}, 414, "16384"),
        ("sparql", b"ASK {} #" + b"x" * 66_000, {"Content_Type": "application/sparql-query"}, 413, "65536"),
        ("sparql", b"x" * 1_200_000, {"Content_Type": "application/sparql-query"}, 413, ""),
        ("nowhere", None, {}, 404, "Nothing is at /nowhere"),
    ],
)
def test_what_is_asked_wrongly_is_answered_with_its_status_and_a_sentence(server, path, body, headers, status, said):
    answer = server.ask(path, body, **headers)
    assert answer.status == status
    assert said in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_no_route_writes(server):
    for method in ("PUT", "DELETE", "PATCH"):
        answer = server.ask("sparql", b"x", method=method)
        assert answer.status == 405
        assert "GET" in answer.headers["Allow"]


def test_head_is_get_without_the_body(server):
    whole, head = get(server, SELECT), server.ask(f"sparql?{urlencode({'query': SELECT})}", method="HEAD")
    assert head.status == 200
    assert head.body == b""
    for name in ("Content-Type", "Content-Length", "Vary"):
        assert head.headers[name] == whole.headers[name]


def test_pages_of_other_sites_may_ask(server):
    answer = server.ask("sparql", method="OPTIONS", Origin="https://example.org", Access_Control_Request_Method="POST")
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert get(server, "ASK {}").headers["Access-Control-Allow-Origin"] == "*"


def test_without_a_query_the_service_describes_itself(server):
    answer = server.ask("sparql", Accept="text/turtle")
    description = ox.Store()
    description.load(answer.body, format=ox.RdfFormat.TURTLE)
    sd = "http://www.w3.org/ns/sparql-service-description#"
    (endpoint,) = [quad.object.value for quad in description.quads_for_pattern(None, ox.NamedNode(sd + "endpoint"), None)]
    assert endpoint == server.url + "sparql"
    named = {quad.object.value for quad in description.quads_for_pattern(None, ox.NamedNode(sd + "name"), None)}
    listed = json.loads(get(server, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }").body)["results"]["bindings"]
    assert named == {row["g"]["value"] for row in listed}
    assert server.ask("sparql").headers["Content-Type"].startswith("text/turtle")
    assert server.ask("sparql", Accept="application/ld+json").headers["Content-Type"] == "application/ld+json"


def test_the_dataset_parameters_choose_the_graphs(server):
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    one = server.ask(f"sparql?{urlencode({'query': count, 'default-graph-uri': GRAPH + 'curation'})}")
    inside = get(server, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{GRAPH}curation> {{ ?s ?p ?o }} }}")
    assert one.body == inside.body
    names = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    some = server.ask(f"sparql?{urlencode({'query': names, 'named-graph-uri': [GRAPH + 'curation', GRAPH + 'entities']}, doseq=True)}")
    assert len(json.loads(some.body)["results"]["bindings"]) == 2


def test_carriage_returns_survive_xml_and_what_xml_cannot_hold_is_refused(server):
    answer = get(server, 'SELECT ("a\\r\\nb" AS ?x) {}', Accept="application/sparql-results+xml")
    (literal,) = ET.fromstring(answer.body).iter("{http://www.w3.org/2005/sparql-results#}literal")
    assert literal.text == "a\r\nb"
    refused = get(server, 'SELECT ("a\\u0001b" AS ?x) {}', Accept="application/sparql-results+xml")
    assert refused.status == 400
    assert "control character" in refused.text


def test_a_browser_gets_a_page_and_its_faults_on_the_page(server):
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    page = get(server, SELECT, Accept=browser)
    assert page.headers["Content-Type"].startswith("text/html")
    assert '<table class="answer">' in page.text
    broken = get(server, "SELECT * {", Accept=browser)
    assert broken.status == 400
    assert "never closed" in broken.text
    assert "SELECT * {" in broken.text


def test_headers_keep_the_pages_to_themselves(server):
    for path in ("", "sparql", "nowhere"):
        headers = server.ask(path, Accept="text/html").headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_the_whole_graph_can_be_downloaded(server):
    listed = json.loads(get(server, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }").body)["results"]["bindings"][0]["n"]["value"]
    assert server.ask("graph.nq").body.count(b"\n") == int(listed)
    assert server.ask("graph.nq.gz").body[:2] == b"\x1f\x8b"


def test_health_names_the_release(server):
    assert json.loads(server.ask("health").body)["status"] == "ok"
