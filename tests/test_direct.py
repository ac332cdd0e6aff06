"""What the server's loop answers by itself is what the application would have answered, within the same limits."""

import concurrent.futures
import gzip
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from urllib.parse import quote, unquote_plus, urlsplit

import hypothesis
import hypothesis.strategies as some
import pytest
from waiting import until

from mikg.engine import RESULTS, TRIPLES, Query, guard
from mikg.errors import MikgError
from mikg.web import direct, plain
from mikg.web.cache import Cache
from mikg.web.gate import Gate
from mikg.web.metrics import Metrics

SMALL = "SELECT ?s ?o { ?s <https://w3id.org/mikg/ontology#party> ?o } ORDER BY ?s ?o"
GRAPH = "CONSTRUCT { ?s <x:y> ?o } WHERE { ?s <https://w3id.org/mikg/ontology#party> ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


class Line:
    """One connection, on which requests are sent as bytes."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self.channel = socket.create_connection((place.hostname, place.port), timeout=30)
        self.left = b""

    def get(self, query: str, *headers: str, path: str = "/sparql?query=") -> tuple[int, dict, bytes]:
        self.channel.sendall("\r\n".join([f"GET {path}{quote(query)} HTTP/1.1", "Host: x", *headers, "", ""]).encode())
        return self.answer()

    def answer(self) -> tuple[int, dict, bytes]:
        while b"\r\n\r\n" not in self.left:
            self.left += self._more()
        head, _, self.left = self.left.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        size = int(headers.get("content-length", 0))
        while len(self.left) < size:
            self.left += self._more()
        body, self.left = self.left[:size], self.left[size:]
        return int(first.split()[1]), headers, body

    def _more(self) -> bytes:
        data = self.channel.recv(1 << 16)
        assert data, "the connection was closed"
        return data


@pytest.fixture
def line(server):
    line = Line(server.url)
    yield line
    line.channel.close()


def metric(server, name: str) -> float:
    return float(re.search(rf"^{name} (\S+)$", server.ask("metrics").text, re.MULTILINE)[1])


@pytest.mark.parametrize("query", [SMALL, GRAPH, "ASK { ?s ?p 3 }"], ids=["select", "construct", "ask"])
@pytest.mark.parametrize("accept", [*RESULTS, *TRIPLES, "*/*"])
def test_the_loop_and_the_application_say_the_same(line, query, accept):
    fresh = f"{query} # {accept}"
    by_loop = line.get(fresh, f"Accept: {accept}")
    again = line.get(fresh, f"Accept: {accept}")
    by_application = line.get(fresh, f"Accept: {accept}", path="/sparql?unread=&query=")
    assert by_loop[0] == again[0] == by_application[0]
    assert by_loop[2] == again[2] == by_application[2]
    drop = ("date",)
    heads = [{name: value for name, value in each[1].items() if name not in drop} for each in (by_loop, again, by_application)]
    assert heads[0] == heads[1] == heads[2]


def test_posts_are_answered_as_gets_are(server, line):
    plain = line.get(SMALL, "Accept: text/csv")[2]
    for kind, body in (("application/x-www-form-urlencoded", f"query={quote(SMALL)}"), ("application/sparql-query", SMALL)):
        for _ in range(2):
            head = f"POST /sparql HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
            line.channel.sendall((head + body).encode())
            assert line.answer()[2] == plain


def test_a_connection_stays_or_ends_as_its_client_says(line):
    for number in range(2):
        assert line.get(f"ASK {{}} # {number}", "Connection: Keep-Alive")[0] == 200
        assert line.get("ASK {} # the same", "Connection: keep-alive")[0] == 200
    assert line.get("ASK {} # the same", "Connection: close")[0] == 200
    assert line.channel.recv(1) == b""


def test_an_answer_that_the_client_has_is_not_sent_again(line):
    tag = line.get(SMALL + "#tag")[1]["etag"]
    for _ in range(2):
        status, headers, body = line.get(SMALL + "#tag", f"If-None-Match: {tag}")
        assert (status, headers["etag"], body) == (304, tag, b"")


def test_packed_answers_are_whole_and_kept_packed(line):
    plain = line.get(SMALL + "#packed", "Accept: text/csv")[2]
    for _ in range(3):
        status, headers, body = line.get(SMALL + "#packed", "Accept: text/csv", "Accept-Encoding: gzip")
        assert (status, headers["content-encoding"], gzip.decompress(body)) == (200, "gzip", plain)


def test_a_large_answer_is_sent_whole_to_a_client_that_reads_slowly(line):
    query = "SELECT * { ?s ?p ?o } LIMIT 20000"
    line.channel.sendall(f"GET /sparql?query={quote(query)} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 2)
    time.sleep(1)
    first, second = line.answer(), line.answer()
    assert first[0] == second[0] == 200
    assert len(json.loads(first[2])["results"]["bindings"]) == 20_000
    assert first[2] == second[2]
    assert line.get("ASK {}")[0] == 200


def test_requests_that_follow_one_another_at_once_are_answered_in_their_order(line):
    texts = [f"SELECT ({number} AS ?n) {{ }}" for number in range(8)]
    line.channel.sendall(
        b"".join(f"GET /sparql?query={quote(text)} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n".encode() for text in texts)
    )
    assert [line.answer()[2].split()[1] for _ in texts] == [str(number).encode() for number in range(8)]


def test_answers_of_threads_and_of_the_loop_do_not_mix_on_one_connection(line):
    def ask(number: int) -> bytes:
        unread = "&unread=" if number % 2 else ""  # a parameter that leaves the request to a thread
        text = quote(f"SELECT ({number} AS ?n) {{ }}")
        return f"GET /sparql?query={text}{unread} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n".encode()

    for begin_at in range(0, 200, 4):
        for number in range(begin_at, begin_at + 4):
            line.channel.sendall(ask(number))
        for number in range(begin_at, begin_at + 4):
            status, _, body = line.answer()
            assert (status, body.split()[1]) == (200, str(number).encode())
    assert line.left == b""


def test_what_answers_a_query_needs_neither_the_application_nor_its_libraries():
    code = "import sys, mikg.web.serving; print(*{'flask', 'werkzeug', 'rdflib', 'pyshacl', 'networkx', 'scipy', 'httpx'} & {*sys.modules})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == []


def test_the_first_query_waits_for_a_worker_and_not_for_the_application(serve, made):
    line = Line(serve(made.releases).url)
    assert line.get(SMALL)[0] == 200
    status, headers, _ = line.get("ASK {}", "Accept: text/tab-separated-values;q=0.1, application/xml;q=0.5")  # which the application reads
    assert (status, headers["content-type"]) == (200, "application/sparql-results+xml")


@hypothesis.settings(max_examples=2_000, deadline=None)
@hypothesis.given(some.text(alphabet="%=+\n\r aF0zé3D_.", max_size=12) | some.text().map(quote))
def test_a_query_is_unquoted_as_the_library_does(value):
    assert plain.unquoted(value) == unquote_plus(value, errors="replace")


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("SELECT * { ?s ?p", 400, "never closed"),
        ("SELECT * { ?s mikg:x ?o }", 400, "PREFIX mikg:"),
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { } }", 403, "SERVICE"),
        ("INSERT DATA { <x:a> <x:b> <x:c> }", 403, "only reads"),
        ("SELECT ?x ?y { ?x ?p ?o } GROUP BY ?x", 400, "GROUP BY"),
        ("ASK " + "{" * 100 + "}" * 100, 413, "nested"),
        ("SELECT (1 AS ?x) { ?a a ?c . ?d a ?f }", 413, "rows"),
    ],
)
def test_faults_are_told_as_everywhere(line, query, status, said):
    found, headers, body = line.get(query)
    assert (found, said in body.decode()) == (status, True), body
    assert headers["content-type"].startswith("text/plain")
    assert line.get("ASK {}")[0] == 200


def begin(line: Line, query: str = ENDLESS) -> None:
    """Send a query and do not wait for its answer."""
    line.channel.sendall(f"GET /sparql?query={quote(query)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())


def test_a_query_that_takes_long_meets_its_deadline_and_others_go_on(serve, made):
    server = serve(made.releases, MIKG_DEADLINE="5", MIKG_WORKERS="2")
    slow, quick = Line(server.url), Line(server.url)
    begin(slow)
    until(lambda: metric(server, "mikg_workers_busy"))
    for number in range(20):
        assert quick.get(f"ASK {{}} # {number}")[0] == 200
    status, headers, body = slow.answer()
    assert (status, b"stopped after 5 seconds" in body, headers["retry-after"]) == (503, True, "5")
    assert slow.get("ASK {}")[0] == 200


def test_a_worker_that_ends_costs_one_answer(serve, made):
    server = serve(made.releases, MIKG_DEADLINE="3600", MIKG_WORKERS="1")
    line = Line(server.url)
    line.get("ASK {}")
    begin(line)
    until(lambda: json.loads(server.ask("running").body)["running"])
    until(lambda: _works(server))
    for each in _workers(server):
        os.kill(each, signal.SIGKILL)
    status, _, body = line.answer()
    assert (status, b"ended the process" in body) == (503, True)
    assert line.get("ASK {}")[0] == 200


def _works(server) -> bool:
    """Whether a worker has read a query that keeps it busy: what ends before it has read one is replaced unseen."""

    def seconds(process: int) -> float:
        with open(f"/proc/{process}/stat") as status:
            user, system = status.read().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    try:
        return any(seconds(each) > 0.2 for each in _workers(server))
    except (FileNotFoundError, ProcessLookupError):  # one has just been replaced
        return False


def _workers(server) -> list[int]:
    return [worker for zygote in _children(server.process.pid) for worker in _children(zygote)]


def _children(process: int) -> list[int]:
    found = []
    for task in os.listdir(f"/proc/{process}/task"):
        with open(f"/proc/{process}/task/{task}/children") as children:
            found += map(int, children.read().split())
    return found


def test_what_goes_wrong_in_the_loop_costs_neither_a_worker_nor_a_share(made, pool):
    class Channel:
        requests = ()

    limits = replace(made, client_requests=1)
    kept = Cache(None, pool.release, 0)
    gate = Gate(kept, limits, Metrics(pool, kept))
    it = direct.Direct(pool, kept, gate, (), "", {})
    pool.warm()
    for _ in range(pool.settings.workers + 1):
        assert gate.enter("x", 0) is None
        asked = plain.Asked(Channel(), {"REMOTE_ADDR": "x"}, "ASK {}", "ASK", RESULTS[0], 0.0)
        asked.running = until(lambda: pool.begin("ASK {}", "ASK", RESULTS[0]) or (pool.query(Query("ASK {}")) and None))
        it.broken(asked, ValueError("unforeseen"))
        assert (pool.load().busy, pool.running()) == (0, [])


def test_the_server_outlives_what_forks_its_workers(serve, made):
    server = serve(made.releases, MIKG_WORKERS="2", MIKG_DEADLINE="3600")
    line, other = Line(server.url), Line(server.url)
    for _ in range(2):
        line.get("ASK {}")
        begin(other)
        until(lambda: _works(server))
        for each in _children(server.process.pid):
            os.kill(each, signal.SIGKILL)
        assert other.answer()[0] == 503
        for number in range(5):
            assert line.get(f"ASK {{}} # {number}")[0] == 200
    assert server.process.poll() is None


def test_many_at_once_are_all_answered_and_none_is_lost(serve, made):
    server = serve(made.releases, MIKG_WORKERS="2", MIKG_CLIENT_REQUESTS="40")
    server.ask("sparql?query=ASK%7B%7D")

    def ask(number: int) -> list[bytes]:
        line = Line(server.url)
        return [line.get(f"SELECT ({number * 1000 + each} AS ?n) {{ }}", "Accept: text/csv")[2].split()[1] for each in range(50)]

    with concurrent.futures.ThreadPoolExecutor(12) as several:
        for number, found in enumerate(several.map(ask, range(12))):
            assert found == [str(number * 1000 + each).encode() for each in range(50)]
    assert json.loads(server.ask("ready").body)["busy"] == 0
    assert json.loads(server.ask("running").body)["running"] == []


def test_a_client_that_leaves_frees_its_worker(serve, made):
    server = serve(made.releases, MIKG_WORKERS="1", MIKG_DEADLINE="3600")
    leaver = Line(server.url)
    leaver.get("ASK {}")
    begin(leaver)
    until(lambda: metric(server, "mikg_workers_busy"))
    leaver.channel.close()
    until(lambda: not metric(server, "mikg_workers_busy"))
    assert Line(server.url).get("ASK {} # after")[0] == 200


def test_the_share_of_a_client_counts_here_too(serve, made):
    server = serve(made.releases, MIKG_CLIENT_REQUESTS="1", MIKG_DEADLINE="3600", MIKG_WORKERS="2")
    first, second = Line(server.url), Line(server.url)
    second.get("ASK {} # kept")
    begin(first)
    until(lambda: metric(server, "mikg_workers_busy"))
    for query in ("ASK {} # new", "ASK {} # kept"):
        status, headers, body = second.get(query)
        assert (status, b"one client" in body, "retry-after" in headers) == (429, True, True)
    first.channel.close()
    until(lambda: second.get("ASK {} # new")[0] == 200)


def test_the_log_and_the_counters_know_what_the_loop_has_answered(serve, made, tmp_path):
    log = tmp_path / "access.log"
    server = serve(made.releases, MIKG_ACCESS_LOG=str(log))
    line = Line(server.url)
    for _ in range(3):
        line.get("SELECT * { ?s ?p ?o } LIMIT 3")
    # A line is written when its answer has gone.
    lines = [json.loads(each) for each in until(lambda: log.read_text().splitlines(), lambda found: len(found) == 3)]
    assert [(each["status"], each["rows"], each["path"], each.get("cache")) for each in lines] == [
        (200, 3, "/sparql", None),
        *[(200, 3, "/sparql", "hit")] * 2,
    ]
    assert len({each["query"] for each in lines}) == 1
    assert metric(server, r'mikg_requests_total\{kind="query",status="200"\}') == 3
    assert metric(server, "mikg_cache_hits") == 2


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM <x:y> { ?s ?p ?o }",
        "SELECT * { \\u0053ERVICE <x:y> { } }",
        "SELECT * { ?s ?p ?o FILTER(?s <http://x/(1> ?o) } #",
        "SELECT ('é' AS ?x) { }",
        "SELECT * { << ?s ?p ?o >> ?q ?r }",
        "CLEAR ALL",
        "",
    ],
)
def test_what_is_not_plain_is_left_to_whoever_reads_tokens(query):
    assert guard.glance(query) == "" or guard.read(query).form == guard.glance(query)


def test_what_passes_at_a_glance_would_have_passed_the_tokens(made):
    from mikg import queries

    texts = [each.text for each in queries.catalogue(made.sources).values()]
    assert sum(bool(guard.glance(text)) for text in texts) > len(texts) * 0.8
    for text in texts:
        assert guard.glance(text) in ("", guard.read(text).form)


def test_what_is_beyond_a_limit_does_not_pass_at_a_glance():
    limits = guard.Limits(size=2_000, depth=5, patterns=30, values=30)
    for text in (
        "ASK { " + "?s ?p ?o . " * 31 + "}",
        "ASK " + "{" * 6 + "}" * 6,
        "ASK { VALUES ?x { " + "1 " * 31 + "} }",
        "ASK {}" + " " * 2_000,
    ):
        with pytest.raises(MikgError):
            guard.read(text, limits)
        assert guard.glance(text, limits) == ""


def test_the_address_of_a_client_is_the_proxy_s_word_where_it_is_trusted():
    class Channel:
        addr = ("10.0.0.1", 1)

    for proxy, said, seen in (
        ("", "1.2.3.4", "10.0.0.1"),
        ("10.0.0.1", "9.9.9.9, 1.2.3.4", "1.2.3.4"),
        ("10.0.0.2", "1.2.3.4", "10.0.0.1"),
        ("10.0.0.1", "[::1]:80", ""),
    ):
        assert plain.Reader(guard.Limits(), proxy, bool)._client(Channel, {"X_FORWARDED_FOR": said}) == seen
