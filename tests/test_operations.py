"""The server under bad weather: slow, greedy and vanishing clients; kept answers; what an operator sees and does."""

import gzip
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from urllib.parse import quote, urlencode, urlsplit

import pytest
from waiting import until

from mikg import release

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
SMALL = "sparql?" + urlencode({"query": "SELECT * { ?s <https://w3id.org/mikg/ontology#party> ?o } ORDER BY ?s ?o LIMIT 3"})


def send(url: str, data: bytes) -> socket.socket:
    """Return an open connection on which some bytes have been sent."""
    place = urlsplit(url)
    channel = socket.create_connection((place.hostname, place.port), timeout=20)
    channel.sendall(data)
    return channel


def running(server, **headers: str) -> list[dict]:
    """The queries that a server runs now."""
    return json.loads(server.ask("running", **headers).body)["running"]


def counter(server, name: str) -> float:
    (value,) = re.findall(rf"^{re.escape(name)} (\S+)$", server.ask("metrics").text, re.MULTILINE)
    return float(value)


def test_a_client_that_leaves_frees_its_worker(serve, made):
    server = serve(made.releases, MIKG_WORKERS="1", MIKG_DEADLINE="3600")
    channel = send(server.url, f"GET /sparql?query={quote(ENDLESS)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    until(lambda: running(server))
    channel.close()
    assert server.ask(SMALL).status == 200
    assert running(server) == []


def test_the_operator_lists_and_stops_a_query(serve, made):
    server = serve(made.releases, MIKG_DEADLINE="3600", MIKG_OPERATOR_TOKEN="secret")
    replies = []
    thread = threading.Thread(target=lambda: replies.append(server.ask(f"sparql?query={quote(ENDLESS)}")))
    thread.start()
    assert server.ask("running").status == server.ask("metrics").status == server.ask("running/1", method="DELETE").status == 403
    key = {"Authorization": "Bearer secret"}
    found = until(lambda: running(server, **key))
    assert found[0]["query"] == ENDLESS
    assert server.ask(f"running/{found[0]['number']}", method="DELETE", **key).status == 200
    thread.join()
    assert (replies[0].status, "operator" in replies[0].text) == (503, True)
    assert server.ask("running/99999", method="DELETE", **key).status == 404


def test_one_client_has_its_share_and_no_more(serve, made):
    server = serve(made.releases, MIKG_CLIENT_REQUESTS="2", MIKG_DEADLINE="3600")
    endless = f"GET /sparql?query={quote(ENDLESS)} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with send(server.url, endless):
        until(lambda: running(server))
        assert server.ask(SMALL).status == 200
        with send(server.url, endless):
            refused = until(lambda: server.ask(SMALL), lambda reply: reply.status != 200)
            assert refused.status == 429
            assert refused.headers["Retry-After"] and "one client" in refused.text
    until(lambda: server.ask(SMALL), lambda reply: reply.status == 200)


@pytest.mark.parametrize("begun", [b"GET /sparql?query=ASK", b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nquery"])
def test_a_request_that_never_ends_is_given_up(serve, made, begun):
    server = serve(made.releases, MIKG_REQUEST_SECONDS="1")
    with send(server.url, begun) as channel:
        for _ in range(6):  # it drips on, so that the connection is never idle
            time.sleep(0.5)
            try:
                channel.sendall(b"x")
            except OSError:
                break
        answer = channel.recv(4096)
    assert b" 408 Request Timeout" in answer
    assert b"within 1 seconds" in answer
    assert server.ask(SMALL).status == 200


def test_a_client_that_still_sends_what_is_refused_reads_why(server):
    channel = send(server.url, b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n" + b"x" * 1_000_000)
    for _ in range(3):
        time.sleep(0.2)
        channel.sendall(b"x" * 1_000_000)
    answer = b"".join(iter(lambda: channel.recv(1 << 16), b""))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"1000000 bytes, which is the limit here" in answer


def test_a_refused_client_that_never_ends_is_left_all_the_same(server):
    channel = send(server.url, b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n")
    until(lambda: not _takes(channel))


def _takes(channel: socket.socket) -> bool:
    """Whether the other end still takes what is sent."""
    try:
        return bool(channel.send(b"x"))
    except OSError:
        return False


def test_an_answer_is_kept_and_given_again_until_the_release_changes(serve, release_of):
    import pyoxigraph as ox

    def quads(value: str) -> list[ox.Quad]:
        name = ox.NamedNode("https://w3id.org/mikg/id/x")
        return [ox.Quad(name, name, ox.Literal(value), ox.DefaultGraph())]

    first, second = release_of(quads("one")), release_of(quads("two"))
    server = serve(first.releases, MIKG_SOURCES=str(first.sources))
    question = "sparql?" + urlencode({"query": "SELECT ?o { ?s ?p ?o }"})
    before = server.ask(question)
    assert "one" in before.text
    assert server.ask(question).body == before.body
    assert counter(server, "mikg_cache_hits") >= 1
    assert server.ask(question, If_None_Match=before.headers["Etag"]).status == 304
    (second_folder,) = [path for path in second.releases.iterdir() if not path.is_symlink()]
    moved = first.releases / second_folder.name
    second_folder.rename(moved)
    release.use(moved)
    after = server.ask(question, If_None_Match=before.headers["Etag"])
    assert (after.status, "two" in after.text) == (200, True)


@pytest.mark.parametrize("query", ["SELECT (RAND() AS ?x) { }", "SELECT (NOW() AS ?x) { }", "SELECT (STRUUID() AS ?x) {}"])
def test_what_time_or_chance_changes_is_not_kept(server, query):
    path = "sparql?" + urlencode({"query": query})
    assert server.ask(path).body != server.ask(path).body


def test_kept_answers_differ_by_what_the_client_accepts(server):
    bodies = {
        server.ask(SMALL, Accept=kind).body for kind in ("application/sparql-results+json", "text/csv", "text/tab-separated-values") * 2
    }
    assert len(bodies) == 3
    packed = server.ask(SMALL, Accept_Encoding="gzip", Accept="text/csv")
    plain = server.ask(SMALL, Accept="text/csv")
    if packed.headers.get("Content-Encoding") == "gzip":
        assert gzip.decompress(packed.body) == plain.body
    assert server.ask(SMALL, method="HEAD", Accept="text/csv").headers["Content-Length"] == str(len(plain.body))


def test_posted_queries_are_kept_too_and_told_apart(server):
    kind = {"Content_Type": "application/sparql-query", "Accept": "text/csv"}
    for number in (1, 2, 1, 2):
        assert server.ask("sparql", f"SELECT ({number} AS ?n) {{ }}".encode(), **kind).text == f"n\r\n{number}\r\n"


def test_metrics_count_what_happened(server):
    server.ask(SMALL)
    text = server.ask("metrics").text
    assert re.search(r'^mikg_requests_total\{kind="query",status="200"\} [1-9]', text, re.MULTILINE)
    assert counter(server, "mikg_workers") >= 1


def test_ready_says_so_and_why_not(serve, made, release_of):
    assert json.loads(serve(made.releases).ask("ready").body)["status"] == "ready"
    lost = release_of([])
    server = serve(lost.releases, MIKG_SOURCES=str(lost.sources))
    (lost.releases / "current").unlink()
    answer = server.ask("ready")
    assert (answer.status, "mikg build" in answer.text) == (503, True)


def test_each_limit_stands_on_a_page_with_its_value(server, made):
    page = server.ask("limits", Accept="text/html").text
    for name in ("QUERY_BYTES", "DEADLINE", "ANSWER_BYTES", "ANSWER_ROWS", "CLIENT_REQUESTS", "REQUEST_SECONDS", "ADDRESS_BYTES"):
        assert f"MIKG_{name}" in page
    assert "50,000,000" in page


def test_the_access_log_has_a_line_of_json_for_each_request(serve, made, tmp_path):
    log = tmp_path / "access.log"
    server = serve(made.releases, MIKG_ACCESS_LOG=str(log), MIKG_SLOW_SECONDS="0.001")
    server.ask(SMALL)
    server.ask("no/such/page")
    first, second = (json.loads(line) for line in log.read_text().splitlines()[:2])
    assert (first["status"], first["rows"], first["path"]) == (200, 3, "/sparql")
    assert re.fullmatch(r"[0-9a-f]{12}", first["query"])
    assert second["status"] == 404


def test_a_log_that_cannot_be_written_is_told_before_the_server_starts(made, tmp_path):
    import subprocess
    import sys

    environment = {**os.environ, "MIKG_RELEASES": str(made.releases), "MIKG_ACCESS_LOG": str(tmp_path / "none" / "x.log")}
    done = subprocess.run(
        [sys.executable, "-m", "mikg", "serve", "--port", "0"], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "cannot be written" in done.stderr, "Traceback" in done.stderr) == (2, True, False)


def test_pages_that_cannot_be_made_end_the_server_with_the_reason(made):
    code = "import sys; sys.modules['mikg.web.application'] = None; from mikg.cli import main; sys.argv = ['mikg', 'serve', '--port', '0']; main()"
    environment = {**os.environ, "MIKG_RELEASES": str(made.releases)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment, timeout=60)
    assert done.returncode not in (0, -signal.SIGTERM)
    assert "mikg.web.application" in done.stderr


def test_a_server_told_to_stop_ends_what_it_has_begun(serve, made):
    server = serve(made.releases, MIKG_DEADLINE="3")
    replies = []
    thread = threading.Thread(target=lambda: replies.append(server.ask(f"sparql?query={quote(ENDLESS)}")))
    thread.start()
    until(lambda: running(server) or replies)
    server.process.send_signal(signal.SIGTERM)
    thread.join()
    assert replies[0].status == 503
    assert "3 seconds" in replies[0].text
    assert server.process.wait(60) == 0


def test_a_proxy_s_headers_are_believed_only_where_it_is_trusted(serve, made):
    for variables, seen in (({}, "127.0.0.1"), ({"MIKG_TRUSTED_PROXY": "127.0.0.1"}, "203.0.113.7")):
        log = made.releases / f"access-{len(variables)}.log"
        server = serve(made.releases, MIKG_ACCESS_LOG=str(log), **variables)
        server.ask("health", X_Forwarded_For="203.0.113.7", X_Forwarded_Proto="https", X_Forwarded_Host="graph.example")
        assert json.loads(log.read_text().splitlines()[0])["client"] == seen
        log.unlink()
