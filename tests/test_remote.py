"""A release on another server: published there, answered from there, with the same answers, limits and words."""

import contextlib
import http.server
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from waiting import until

from mikg import answers, cited, publishing, queries, release
from mikg.engine import Query
from mikg.engine.remote import Remote
from mikg.errors import Busy, EngineFailed, Misuse, QueryError, Refused, ReleaseError, TimedOut, TooLarge

OXIGRAPH = Path(sys.executable).with_name("oxigraph")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def answers_at(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


@contextlib.contextmanager
def started(folder: Path) -> Iterator[str]:
    """The address of Oxigraph's own server, over an empty store."""
    if not OXIGRAPH.is_file():
        pytest.skip("oxigraph serve is not installed (pip install oxigraph)")
    port = free_port()
    process = subprocess.Popen(
        [str(OXIGRAPH), "serve", "--location", str(folder), "--bind", f"127.0.0.1:{port}"], stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: answers_at(f"http://127.0.0.1:{port}/"))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="module")
def oxigraph(tmp_path_factory):
    with started(tmp_path_factory.mktemp("oxigraph")) as address:
        yield address


@pytest.fixture(scope="module")
def elsewhere(made, oxigraph):
    """The engine over the release as Oxigraph's server holds it."""
    folder = release.current(made)
    with pytest.raises(ReleaseError, match="mikg publish"):
        Remote(replace(made, engine=f"{oxigraph}/query")).warm()
    written = publishing.publish(folder, f"{oxigraph}/store", print)
    counts = release.manifest(folder)["counts"]
    assert written == counts["quads"] + counts["default graph"]
    engine = Remote(replace(made, engine=f"{oxigraph}/query"))
    yield engine
    engine.close()


def comparable(table: answers.Table) -> list:
    return sorted(json.dumps(row, sort_keys=True) for row in table.rows)


def test_every_question_has_the_same_answer_there_as_here(made, pool, elsewhere):
    for question in queries.catalogue(made.sources).values():
        asked = queries.query(question, {})
        assert comparable(answers.run(elsewhere, asked)) == comparable(answers.run(pool, asked)), question.name


def test_citations_are_the_same_there_as_here(made, pool, elsewhere):
    catalogue = queries.catalogue(made.sources)
    for name in ("agreements-of-a-country", "crossings-at-the-peak-and-now", "what-is-said-not-to-be"):
        asked = queries.query(catalogue[name], {})
        assert cited.answer(elsewhere, asked).to_json() == cited.answer(pool, asked).to_json()


def test_formats_limits_and_words_are_those_of_the_store_here(pool, elsewhere):
    for kind in ("text/csv", "text/tab-separated-values"):
        asked = Query("SELECT ?s ?o { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?o } ORDER BY ?s ?o LIMIT 5", results=kind)
        assert elsewhere.query(asked).body == pool.query(asked).body
    graph = Query("CONSTRUCT { ?s a ?o } { ?s a ?o } LIMIT 3", triples="application/ld+json")
    assert json.loads(elsewhere.query(graph).body)
    with pytest.raises(Refused, match="only reads"):
        elsewhere.query(Query("CLEAR ALL"))
    with pytest.raises(QueryError):
        elsewhere.query(Query("SELECT * {"))
    with pytest.raises(TimedOut):
        Remote(replace(elsewhere.settings, deadline=0.5)).query(Query("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"))
    with pytest.raises(TooLarge):
        Remote(replace(elsewhere.settings, answer_bytes=1000)).query(Query("SELECT * { ?s ?p ?o }"))
    with pytest.raises(TooLarge, match="cuts it"):
        Remote(replace(elsewhere.settings, engine_rows=10)).query(Query("SELECT * { ?s ?p ?o } LIMIT 10"))


def test_pages_and_endpoint_answer_from_there(serve, made, elsewhere, oxigraph):
    server = serve(made.releases, "--engine", f"{oxigraph}/query")
    assert json.loads(server.ask("health").body)["status"] == "ok"
    assert "costa-rica" in server.ask("api/questions/agreements-of-a-country.csv?country=id:costa-rica").text
    page = server.ask("documents/voa-us-panama", Accept="text/html")
    assert page.status == 200, page.text
    assert server.ask("sparql?" + urlencode({"query": "ASK { ?s ?p ?o }", "cite": "true"})).status == 200


def test_a_server_whose_default_graph_is_something_else_is_asked_for_the_merge(made, pool, tmp_path):
    with started(tmp_path) as other:
        publishing.publish(release.current(made), f"{other}/store", print, merge=True)
        request = urllib.request.Request(f"{other}/store?default", data=b"<http://x/> <http://x/> <http://x/> .", method="PUT")
        request.add_header("Content-Type", "text/turtle")
        urllib.request.urlopen(request)
        engine = Remote(replace(made, engine=f"{other}/query"))
        for text in (
            "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
            "SELECT ?g { GRAPH ?g { <https://w3id.org/mikg/id/panama> a ?class } } ORDER BY ?g",
        ):
            assert answers.run(engine, Query(text)).rows == answers.run(pool, Query(text)).rows
        engine.close()


class Hostile(http.server.BaseHTTPRequestHandler):
    """A server in bad health; what it does stands in the path."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        case = self.path.strip("/")
        if case == "slow":
            time.sleep(3)
        status, kind, body = {
            "cut": (200, "application/sparql-results+json", b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"ur'),
            "html": (502, "text/html", b"<html><body><h1>Bad gateway</h1></body></html>"),
            "busy": (503, "text/plain", b"later"),
            "locked": (401, "text/plain", b"who are you"),
            "odd": (200, "image/png", b"\x89PNG"),
        }.get(case, (200, "application/sparql-results+json", b"{}"))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status == 503:
            self.send_header("Retry-After", "7")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(
    ("case", "fault", "said"),
    [
        ("cut", EngineFailed, "cut its answer off"),
        ("html", EngineFailed, "HTTP 502"),
        ("busy", Busy, "for 7 seconds"),
        ("locked", EngineFailed, "a name and a password"),
        ("odd", EngineFailed, "image/png"),
        ("slow", TimedOut, "1 seconds"),
    ],
)
def test_a_server_in_bad_health_is_told_in_plain_words(made, case, fault, said):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hostile) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        engine = Remote(replace(made, engine=f"http://127.0.0.1:{running.server_port}/{case}", deadline=1.0 if case == "slow" else 30.0))
        with pytest.raises(fault, match=said) as caught:
            engine.query(Query("SELECT * FROM <https://w3id.org/mikg/graph/entities> { ?s ?p ?o }"))
        assert "<html" not in str(caught.value)
        engine.close()
        running.shutdown()


def test_what_cannot_be_reached_or_is_no_address_is_told(made):
    with pytest.raises(EngineFailed, match="cannot be reached"):
        publishing.publish(release.current(made), f"http://127.0.0.1:{free_port()}/store", print)
    with pytest.raises(Misuse, match="no address of a SPARQL endpoint"):
        Remote(replace(made, engine="localhost:7878"))


@pytest.mark.parametrize("command", [["publish", "--to", "nonsense"], ["serve", "--engine", "nonsense"]])
def test_commands_say_what_an_address_is(made, command):
    done = subprocess.run([sys.executable, "-m", "mikg", *command], capture_output=True, text=True, check=False)
    assert (done.returncode, "http://localhost:7878/query" in done.stderr, "Traceback" in done.stderr) == (2, True, False)


@pytest.mark.skipif(not shutil.which("virtuoso-t"), reason="Virtuoso is not on this machine")
def test_virtuoso_answers_the_catalogue_from_what_is_published_there(made, pool, tmp_path):
    port, isql = free_port(), free_port()
    (tmp_path / "virtuoso.ini").write_text(
        f"[Database]\nDatabaseFile = virtuoso.db\nErrorLogFile = virtuoso.log\nTransactionFile = virtuoso.trx\nxa_persistent_file = virtuoso.pxa\n"
        f"[TempDatabase]\nDatabaseFile = temp.db\nTransactionFile = temp.trx\n"
        f"[Parameters]\nServerPort = 127.0.0.1:{isql}\nNumberOfBuffers = 20000\nMaxDirtyBuffers = 10000\nDefaultIsolation = 2\n"
        f"[HTTPServer]\nServerPort = 127.0.0.1:{port}\n[SPARQL]\nResultSetMaxRows = 100000\n"
    )
    process = subprocess.Popen(["virtuoso-t", "-f"], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: answers_at(f"http://127.0.0.1:{port}/sparql"))
        base = f"http://dba:dba@127.0.0.1:{port}"
        publishing.publish(release.current(made), f"{base}/sparql-graph-crud-auth", print, "digest", merge=True)
        engine = Remote(replace(made, engine=f"{base}/sparql-auth", engine_auth="digest", engine_rows=100_000, deadline=60.0))
        some = list(queries.catalogue(made.sources).values())[::8]
        same = 0
        for question in some:
            asked = queries.query(question, {})
            try:
                same += len(answers.run(engine, asked).rows) == len(answers.run(pool, asked).rows)
            except QueryError as fault:
                print(question.name, str(fault)[:200])  # what Virtuoso does not take
        assert same >= len(some) * 0.7
    finally:
        process.kill()
        process.wait(10)
