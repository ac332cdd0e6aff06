"""The Graph Store Protocol, read, over real HTTP; large graphs are streamed."""

import gzip
import http.client
import json
import os
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode, urljoin, urlsplit

import pyoxigraph as ox
import pytest

from mikg import graphs
from mikg.engine.worker import TRIPLES
from mikg.errors import EngineFailed
from mikg.namespaces import EXTERNAL, GRAPH
from mikg.web.application import create_app

COUNTRIES = EXTERNAL + "countries"


def triples(body: bytes, media_type: str) -> set:
    return {str(quad.triple) for quad in ox.parse(body, TRIPLES[media_type])}


def stored(made, graph: str | None) -> set:
    store = ox.Store.read_only(str(made.releases / "current/store"))
    return {str(quad.triple) for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(graph) if graph else ox.DefaultGraph())}


@pytest.mark.parametrize("media_type", TRIPLES)
def test_a_graph_is_given_whole_in_every_rdf_format(server, made, media_type):
    answer = server.ask(f"graphs?{urlencode({'graph': COUNTRIES})}", Accept=media_type)
    assert (answer.status, answer.headers["Content-Type"].split(";")[0]) == (200, media_type)
    found = triples(answer.body, media_type)
    plain = triples(server.ask(f"graphs?{urlencode({'graph': COUNTRIES})}", Accept="application/n-triples").body, "application/n-triples")
    assert found == plain == stored(made, COUNTRIES)


def test_the_default_graph_is_the_merge(server, made):
    assert triples(server.ask("graphs?default", Accept="application/n-triples").body, "application/n-triples") == stored(made, None)


def test_a_graph_of_ours_is_named_directly_relatively_and_by_the_address_it_is_served_at(server):
    whole = server.ask(f"graphs?{urlencode({'graph': GRAPH + 'curation'})}", Accept="application/n-triples").body
    for path in ("graph/curation", f"graphs?graph={quote(server.url + 'graph/curation')}", "graphs?graph=graph/curation"):
        assert server.ask(path, Accept="application/n-triples").body == whole


def test_an_unchanged_graph_is_not_sent_again(server):
    path = f"graphs?{urlencode({'graph': COUNTRIES})}"
    first = server.ask(path, Accept="text/turtle")
    again = server.ask(path, Accept="text/turtle", If_None_Match=first.headers["Etag"])
    assert (again.status, again.body, again.headers["Etag"]) == (304, b"", first.headers["Etag"])
    assert "Accept" in again.headers["Vary"]
    assert server.ask(path, Accept="application/n-triples", If_None_Match=first.headers["Etag"]).status == 200


def test_head_is_get_without_the_body(server):
    path = f"graphs?{urlencode({'graph': COUNTRIES})}"
    whole, head = server.ask(path), server.ask(path, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    for name in ("Content-Type", "Etag", "Vary"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize(
    ("path", "headers", "status", "said"),
    [
        ("graphs?graph=http://nowhere.example/", {}, 404, "No graph is called <http://nowhere.example/>"),
        ("graph/nowhere", {}, 404, "No graph is called <https://w3id.org/mikg/graph/nowhere>"),
        ("graphs?graph=", {}, 404, "No graph is called"),
        (f"graphs?graph={quote('<x> } DELETE {')}", {}, 404, "No graph is called"),
        (f"graphs?graph={GRAPH}entities&graph={GRAPH}curation", {}, 400, "Name one graph"),
        (f"graphs?default&graph={GRAPH}entities", {}, 400, "Name one graph"),
        ("graphs?default", {"Accept": "application/pdf"}, 406, "There is: text/turtle"),
        ("graphs?default&format=pdf", {}, 400, "ttl, nt, jsonld, rdf, trig, nq"),
        (f"graphs?graph=http://x.example/{'a' * 6000}", {}, 404, "No graph is called"),
    ],
)
def test_what_is_asked_wrongly_is_answered_with_its_status_and_a_sentence(server, path, headers, status, said):
    answer = server.ask(path, **headers)
    assert answer.status == status
    assert said in answer.text
    assert len(answer.body) < 1000


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["graphs?default", "graph/entities", "graphs"])
def test_a_graph_is_not_written(server, path, method):
    answer = server.ask(path, b"<a:a> <a:b> <a:c> .", method=method, Content_Type="text/turtle")
    assert answer.status == 405
    assert {each.strip() for each in answer.headers["Allow"].split(",")} == {"GET", "HEAD", "OPTIONS"}


def test_options_says_what_may_be_done(server):
    answer = server.ask("graphs", method="OPTIONS")
    assert (answer.status, answer.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")


def test_a_reader_finds_the_graphs_and_what_is_in_them(server):
    listed = server.ask("graphs", Accept="text/html").text
    assert quote(COUNTRIES, safe="") in listed or COUNTRIES in listed
    page = server.ask(f"graphs?{urlencode({'graph': COUNTRIES})}", Accept="text/html").text
    assert "format=jsonld" in page
    assert "PDDL" in page


# Large graphs


@pytest.fixture(scope="module")
def large(release_of, serve_module):
    """A server whose one graph is above the size from which graphs are streamed, and the folder of its release."""
    graph = EXTERNAL + "large"
    quads = [
        ox.Quad(ox.NamedNode(f"http://x.example/{n}"), ox.NamedNode("http://x.example/p"), ox.Literal(str(n)), ox.NamedNode(graph))
        for n in range(30_000)
    ]
    chosen = release_of(quads)
    folder = (chosen.releases / "current").resolve()
    (folder / "large.nt.gz").write_bytes(gzip.compress(ox.serialize((quad.triple for quad in quads), format=ox.RdfFormat.N_TRIPLES)))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["loaded"] = {graph: {"file": "large.nt.gz"}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return serve_module(chosen.releases, MIKG_SOURCES=str(chosen.sources)), graph, folder


@pytest.mark.parametrize("media_type", TRIPLES)
def test_a_large_graph_is_streamed_whole(large, media_type):
    server, graph, _ = large
    answer = server.ask(f"graphs?{urlencode({'graph': graph})}", Accept=media_type)
    assert answer.status == 200
    assert "Content-Length" not in answer.headers
    assert len(triples(answer.body, media_type)) == 30_000
    if media_type in graphs.DATASETS:
        assert {quad.graph_name.value for quad in ox.parse(answer.body, TRIPLES[media_type])} == {graph}


def test_a_stream_that_breaks_never_looks_whole(large):
    server, graph, folder = large
    whole = (folder / "large.nt.gz").read_bytes()
    (folder / "large.nt.gz").write_bytes(whole[: len(whole) // 2])
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    connection.request("GET", f"/graphs?{urlencode({'graph': graph})}", headers={"Accept": "application/n-triples"})
    try:
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            connection.getresponse().read()
    finally:
        connection.close()
        (folder / "large.nt.gz").write_bytes(whole)


def test_a_stream_is_an_error_to_its_reader_when_the_file_is_not_there(tmp_path):
    with pytest.raises(EngineFailed, match="could not be written whole"):
        list(graphs.stream(tmp_path / "nowhere.nq", GRAPH + "x", "text/turtle"))


def test_one_graph_of_the_whole_file_is_read_by_its_lines(made):
    found = b"".join(graphs.stream(made.releases / "current/graph.nq", COUNTRIES, "application/n-triples"))
    assert triples(found, "application/n-triples") == stored(made, COUNTRIES)


# The official suite: what it writes is refused and laid into a release instead, what it reads must then be there


HT, MF = "http://www.w3.org/2011/http#", "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
CNT, RDF = "http://www.w3.org/2011/content#", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SUITES = Path(os.environ.get("MIKG_CONFORMANCE") or Path(__file__).parents[2] / "shared/conformance")
PLACE = "http://www.example"  # the server that the suite names


def exchanges() -> dict[str, list[dict]]:
    """Return the requests of each test with their expected statuses and bodies; none where the suite is not at hand."""
    found = {}
    for path in sorted(SUITES.glob("sparql/sparql11/graph-store-protocol/manifest-*.ttl")) or sorted(
        SUITES.glob("rdf-tests/sparql/sparql11/graph-store-protocol/manifest-*.ttl")
    ):
        store = ox.Store()
        store.load(path=str(path), format=ox.RdfFormat.TURTLE, base_iri="http://suite.example/")

        def value(node, *names, store=store):
            for name in names:
                node = next((quad.object for quad in store.quads_for_pattern(node, ox.NamedNode(name), None)), None) if node else None
            return node

        def items(head, value=value):
            while head is not None and head.value != RDF + "nil":
                yield value(head, RDF + "first")
                head = value(head, RDF + "rest")

        for test in sorted({quad.subject for quad in store.quads_for_pattern(None, ox.NamedNode(MF + "action"), None)}, key=str):
            found[f"{path.stem}/{test.value.rpartition('#')[2]}"] = [
                {
                    "method": value(node, HT + "methodName").value,
                    "path": value(node, HT + "absolutePath").value,
                    "accept": {value(each, HT + "fieldName").value.lower(): value(each, HT + "fieldValue").value for each in items(value(node, HT + "headers"))}.get("accept", "text/turtle"),
                    "body": getattr(value(node, HT + "body", CNT + "chars"), "value", None),
                    "statuses": {quad.object.value.rpartition("#")[2] for quad in store.quads_for_pattern(value(node, HT + "resp"), ox.NamedNode(MF + "expectedStatus"), None)},
                    "due": getattr(value(node, HT + "resp", HT + "body", CNT + "chars"), "value", None),
                }
                for node in items(value(test, MF + "action", HT + "requests"))
            ]  # fmt: skip
    return found


# Tests of writing alone, and those whose graphs are named by what a write answers or sent in several parts.
WRITING = ("post", "multipart", "create")


def graph_of(path: str) -> str:
    """The graph that a request of the suite is about: by parameter, by its own address, or the default graph."""
    address = urlsplit(path)
    if "default" in address.query:
        return ""
    given = parse_qs(address.query).get("graph")
    return urljoin(f"{PLACE}{address.path}", given[0]) if given else PLACE + path


@pytest.mark.conformance
@pytest.mark.parametrize("name", [name for name in exchanges() if not any(word in name.lower() for word in WRITING)])
def test_the_suite_of_the_graph_store_protocol_reads_what_is_there(name, release_of):
    held: dict[str, list[ox.Triple]] = {}
    reads = 0
    for request in exchanges()[name]:
        graph = graph_of(request["path"])
        if request["method"] in ("PUT", "DELETE"):
            held.pop(graph, None)
            if request["method"] == "PUT":
                held[graph] = [quad.triple for quad in ox.parse(request["body"], ox.RdfFormat.TURTLE)]
            continue
        quads = [ox.Quad(*each, ox.NamedNode(key) if key else ox.DefaultGraph()) for key, triples in held.items() for each in triples]
        client_app = create_app(release_of(quads))
        try:
            client = client_app.test_client()
            path = "/graphs?default" if not graph else f"/graphs?{urlencode({'graph': graph})}"
            answer = client.open(path, method=request["method"], headers={"Accept": request["accept"]})
            missing = {"NotFound", "StatusCode4xx"} & request["statuses"]
            assert answer.status_code == (404 if missing else 200)
            if request["due"]:
                due, got = (ox.Dataset(ox.parse(text, ox.RdfFormat.TURTLE)) for text in (request["due"], answer.data))
                for each in (due, got):
                    each.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
                assert set(due) == set(got)
            reads += 1
            for method in ("PUT", "DELETE"):
                assert client.open(path, method=method, data=b"").status_code == 405
        finally:
            client_app.engine.close()
    assert reads
