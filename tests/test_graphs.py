"""The Graph Store Protocol, read, over real HTTP; large graphs are streamed."""

import gzip
import http.client
import json
from urllib.parse import quote, urlencode, urlsplit

import pyoxigraph as ox
import pytest

from mikg import graphs
from mikg.engine.worker import TRIPLES
from mikg.errors import EngineFailed
from mikg.namespaces import EXTERNAL, GRAPH

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
