"""SERVICE, to named endpoints only: real servers on loopback, one of them ill-behaved on purpose."""

import json
import re
import shutil
import subprocess
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pyoxigraph as ox
import pytest

from mikg import cited, federation
from mikg.engine import Query
from mikg.errors import Misuse, QueryError, Refused, RemoteFailed
from mikg.federation import clauses, services

DATA = """
PREFIX ex: <http://x.example/>
INSERT DATA {
  <https://w3id.org/mikg/id/panama> ex:capital "Panama City" ; ex:size 1 .
  <https://w3id.org/mikg/id/costa-rica> ex:capital "San José"@es ; ex:size 2 .
  ex:elsewhere ex:capital "Nowhere" ; ex:size 3 ; ex:near [ ex:capital "Blank" ] .
}
"""


class Other:
    """A SPARQL server that answers from a store, and misbehaves as it is told."""

    def __init__(self) -> None:
        self.store = ox.Store()
        self.store.update(DATA)
        self.asked: list[tuple[str, dict]] = []
        self.behave = []  # (status, headers, body) of the next answers
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["query"][0]
                outer.asked.append((query, dict(self.headers)))
                if outer.behave:
                    status, headers, body = outer.behave.pop(0)
                    body = body() if callable(body) else body
                else:
                    status, headers = 200, {"Content-Type": "application/sparql-results+json"}
                    body = outer.store.query(query).serialize(format=ox.QueryResultsFormat.JSON)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/sparql"


@pytest.fixture
def other():
    running = Other()
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture
def federated(pool, other):
    """A function that makes an engine with budgets over the other server; SERVICE <o:> in a query names it."""
    made = []

    def make(contact: str = "mailto:us@x.example", recordings: Path | None = None, mode: str = "", **budgets: object):
        service = services.Service("other", other.url, **budgets)
        made.append(federation.Federated(pool, services.Services({other.url: service}, contact, recordings, mode)))
        return lambda query, **more: rows(made[-1], query.replace("<o:>", f"<{other.url}>"), **more)

    yield make
    for each in made:
        each._remote.close()


def rows(engine, query: str, **more) -> list[dict[str, str]]:
    prefixes = "PREFIX ex: <http://x.example/> PREFIX id: <https://w3id.org/mikg/id/> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
    whole = json.loads(engine.query(Query(prefixes + query, **more)).body)["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in whole]


NAMES = '?country a <https://w3id.org/mikg/ontology#Country> ; skos:prefLabel ?name . FILTER(LANG(?name) = "en")'


def test_rows_of_another_server_join_with_ours(federated, other):
    found = federated()(f"SELECT ?name ?capital {{ {NAMES} SERVICE <o:> {{ ?country ex:capital ?capital }} }} ORDER BY ?name")
    assert found == [{"name": "Costa Rica", "capital": "San José"}, {"name": "Panama", "capital": "Panama City"}]
    (query, headers) = other.asked[0]
    assert "VALUES" in query
    assert "id/panama>" in query
    assert re.fullmatch(r"mikg/\S+ \(mailto:us@x.example\)", headers["User-Agent"])


@pytest.fixture(scope="module")
def both(made):
    """Our graph and the other's in one store: SERVICE <o:> is then GRAPH <o:>."""
    store, theirs = ox.Store(), ox.Store()
    store.extend(ox.Store.read_only(str(made.releases / "current/store")))
    theirs.update(DATA)
    store.extend(ox.Quad(*quad.triple, ox.NamedNode("o:")) for quad in theirs)
    return store


# Each query has one answer, wherever it is evaluated: here with federation, there in one store that holds both graphs.
MEANINGS = [
    "SELECT * { SERVICE <o:> { ?c ex:capital ?n } }",
    "SELECT * { SERVICE <o:> { ?c ex:capital ?n } ?c skos:prefLabel ?l }",
    "SELECT * { ?c skos:prefLabel ?l . SERVICE <o:> { ?c ex:capital ?n } FILTER(?size > 1) SERVICE <o:> { ?c ex:size ?size } }",
    "SELECT * { VALUES ?c { id:panama id:cuba } OPTIONAL { SERVICE <o:> { ?c ex:capital ?n } } }",
    "SELECT * { VALUES ?c { id:panama id:cuba } OPTIONAL { ?c skos:prefLabel ?l SERVICE <o:> { ?c ex:capital ?n } } }",
    "SELECT * { VALUES ?c { id:panama id:cuba } MINUS { SERVICE <o:> { ?c ex:capital ?n } } }",
    "SELECT * { { SERVICE <o:> { ?c ex:size 1 } } UNION { SERVICE <o:> { ?c ex:size 2 } } ?c skos:prefLabel ?l }",
    "SELECT * { VALUES ?c { id:panama id:cuba } FILTER NOT EXISTS { SERVICE <o:> { ?c ex:capital ?n } } }",
    "SELECT * { VALUES (?c ?s) { (id:panama UNDEF) (id:panama 1) (UNDEF 2) } SERVICE <o:> { ?c ex:size ?s } }",
    "SELECT (COUNT(*) AS ?k) { VALUES (?c ?s) { (id:panama UNDEF) (id:panama 1) } SERVICE <o:> { ?c ex:size ?s } }",
    "SELECT * { VALUES ?c { id:panama id:cuba } SERVICE <o:> { OPTIONAL { ?c ex:capital ?n } } }",
    "SELECT * { VALUES ?c { id:panama } SERVICE <o:> { { SELECT ?c (COUNT(*) AS ?k) { ?c ?p ?o } GROUP BY ?c } } }",
    "SELECT * { VALUES ?c { id:panama } SERVICE <o:> { ?c ex:capital ?n FILTER(BOUND(?c)) } }",
    "SELECT ?c ?n { { SELECT ?c { SERVICE <o:> { ?c ex:size ?s } } ORDER BY DESC(?s) LIMIT 2 } SERVICE <o:> { ?c ex:capital ?n } }",
    "SELECT * { BIND(id:panama AS ?c) SERVICE <o:> { ?c ex:capital ?n } BIND(STRLEN(?n) AS ?k) }",
    "SELECT * { GRAPH <https://w3id.org/mikg/graph/external/countries> { ?c <https://w3id.org/mikg/ontology#m49> ?code SERVICE <o:> { ?c ex:size ?s } } }",
    "SELECT * { SERVICE <o:> { ?c ex:size ?s . FILTER(?s < 3) } . ?c skos:prefLabel ?l . FILTER(LANG(?l) = 'es') }",
    "SELECT * { SERVICE <o:> { } }",
    "SELECT * { ?c ex:none ?x SERVICE <o:> { ?c ex:capital ?n } }",
]  # fmt: skip


@pytest.mark.parametrize("query", MEANINGS)
@pytest.mark.parametrize("batch", [7, 100])
def test_a_federated_query_means_what_the_standard_says(federated, both, query, batch):
    found = federated(batch=batch, requests=1000, per_minute=10_000)(query)
    prefixes = "PREFIX ex: <http://x.example/> PREFIX id: <https://w3id.org/mikg/id/> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
    same = prefixes + query.replace("SERVICE <o:>", "GRAPH <o:>")
    expected = json.loads(both.query(same).serialize(format=ox.QueryResultsFormat.JSON))["results"]["bindings"]
    plain = [{name: term["value"] for name, term in row.items() if term["type"] != "bnode"} for row in expected]
    ours = [{name: value for name, value in row.items() if "genid" not in value} for row in found]
    assert sorted(map(str, map(sorted, map(dict.items, ours)))) == sorted(map(str, map(sorted, map(dict.items, plain))))


def test_values_go_in_batches_and_nothing_is_asked_where_nothing_could_fit(federated, other):
    ask = federated(batch=2)
    ask("SELECT * { VALUES ?c { id:panama id:cuba id:mexico id:costa-rica id:belize } SERVICE <o:> { ?c ex:size ?s } }")
    assert [query.count("id/") for query, _ in other.asked] == [2, 2, 1]
    ask("SELECT * { ?c ex:none ?x SERVICE <o:> { ?c ex:size ?s } }")
    assert len(other.asked) == 3


def test_more_values_than_the_budget_has_requests_for_are_not_sent(federated, other):
    federated(batch=2, requests=2)("SELECT * { ?c skos:prefLabel ?l SERVICE <o:> { ?c ex:size ?s } }")
    assert [("VALUES" in query) for query, _ in other.asked] == [False]


def test_a_parameter_is_bound_in_the_other_server_s_pattern_too(federated, other):
    given = {"c": {"type": "uri", "value": "https://w3id.org/mikg/id/panama"}}
    assert federated()("SELECT ?s { SERVICE <o:> { ?c ex:size ?s } }", bindings=given) == [{"s": "1"}]
    assert "id/panama" in other.asked[0][0]


def test_a_blank_node_of_another_server_stays_one_thing(federated):
    found = federated()("SELECT ?b ?n { SERVICE <o:> { ?x ex:near ?b . ?b ex:capital ?n } }")
    assert [row["n"] for row in found] == ["Blank"]
    assert ".well-known/genid/other-" in found[0]["b"]


# What is refused


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "no endpoint that the operator of this server names"),
        ("SELECT * { VALUES ?e { <o:> } SERVICE ?e { ?s ?p ?o } }", r"the variable \?e"),
        ("SELECT * { SERVICE <o:> { SERVICE <o:> { ?s ?p ?o } } }", "SERVICE within a SERVICE"),
        ("SELECT * { SERVICE <o:> }", "no pattern"),
        ("SELECT * { ?s ?p ?o SERVICE <o:> { ?s ?p } }", "does not parse at line 1"),
        ("SELECT * { SERVICE <o:> { ?s ?p ?o } ", "never closed"),
        ("PREFIX servicex: <http://x/> SELECT * { servicex:y { ?s ?p ?o } SERVICE <o:> { ?s ?p ?o } }", "SERVICE"),
    ],
)
def test_what_would_reach_elsewhere_is_refused_and_nobody_is_asked(federated, other, query, said):
    with pytest.raises(QueryError, match=said):
        federated()(query)
    assert not other.asked


def test_no_worker_can_follow_a_service_clause_with_federation_as_without(federated, pool):
    federated()
    with pytest.raises(Refused, match="opens none"):
        pool.query(Query("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"))


ONE = "SELECT ?s { SERVICE <o:> { id:panama ex:size ?s } }"


@pytest.mark.parametrize(
    ("status", "headers", "body", "budgets", "said"),
    [
        (500, {"Content-Type": "text/html"}, b"<html><style>x</style><h1>Out of <b>memory</b></h1></html>", {}, "HTTP 500: Out of memory"),
        (200, {"Content-Type": "text/html"}, b"<p>Welcome</p>", {}, "not with SPARQL JSON results: Welcome"),
        (200, {}, b'{"head": {"vars": ["s"]}, "results": {"bindings": [', {}, "not with SPARQL JSON results"),
        (200, {}, b'{"head": {"vars": ["s"]}, "results": {"bindings": [{"s": {"type": "uri", "value": "no iri"}}]}}', {}, "RDF does not have"),
        (200, {}, b" " * 5000, {"bytes": 1000}, "more than 1000 bytes"),
        (200, {}, lambda: time.sleep(2) or b"", {"seconds": 0.5}, "no answer within 0.5 seconds"),
        (200, {"Content-Length": "9999"}, b"{", {}, "cannot be reached"),
        (302, {"Location": "http://169.254.169.254/latest"}, b"", {}, "on no server that the operator names"),
        (302, {"Location": "/sparql"}, b"", {}, None),
        (429, {"Retry-After": "3600"}, b"", {}, "left alone for 3600 seconds"),
        (503, {"Retry-After": "Wed, 21 Oct 2099 07:28:00 GMT"}, b"", {}, "left alone for"),
        (503, {"Retry-After": "0"}, b"", {}, None),
    ],
)  # fmt: skip
def test_what_the_other_server_does_wrong_is_said_in_plain_words(federated, other, status, headers, body, budgets, said):
    other.behave.append((status, headers, body))
    if said is None:
        assert federated(**budgets)(ONE) == [{"s": "1"}]
        return
    with pytest.raises(RemoteFailed, match=re.escape(said)) as caught:
        federated(**budgets)(ONE)
    assert str(caught.value).startswith(f"The service other ({other.url})")


def test_silent_goes_on_without_the_answer_and_says_so(federated, other, pool):
    other.behave.append((500, {}, b""))
    assert federated()("SELECT ?c ?s { VALUES ?c { id:panama } SERVICE SILENT <o:> { ?c ex:size ?s } }") == [
        {"c": "https://w3id.org/mikg/id/panama"}
    ]
    engine = federation.Federated(pool, services.Services({}))
    answer = engine.query(Query("SELECT * { SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }"))
    assert json.loads(answer.body)["results"]["bindings"] == [{}]
    assert "SILENT" in answer.notes[0]


def test_a_server_that_wants_to_be_left_alone_is_left_alone(federated, other):
    ask = federated()
    other.behave.append((429, {"Retry-After": "3600"}, b""))
    for _ in range(3):
        with pytest.raises(RemoteFailed):
            ask(ONE)
    assert len(other.asked) == 1


def test_the_rate_budget_holds_for_all_queries_together(federated, other):
    ask = federated(per_minute=2, seconds=1)
    for size in (1, 2):
        ask(f"SELECT ?c {{ SERVICE <o:> {{ ?c ex:size {size} }} }}")
    with pytest.raises(RemoteFailed, match="may be asked again in"):
        ask("SELECT ?c { SERVICE <o:> { ?c ex:size 3 } }")
    assert len(other.asked) == 2


def test_a_name_that_leads_into_a_private_network_needs_the_operator_s_word(pool, other, monkeypatch):
    url = other.url.replace("127.0.0.1", "data.example.org")
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("127.0.0.1", 80))])
    engine = federation.Federated(pool, services.Services({url: services.Service("other", url)}))
    with pytest.raises(RemoteFailed, match="an address of a private network"):
        rows(engine, f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}")
    assert not other.asked


# Recordings


def test_a_recorded_answer_is_repeated_without_the_other_server(federated, other, tmp_path):
    assert federated(recordings=tmp_path, mode="record")(ONE) == [{"s": "1"}]
    assert federated(recordings=tmp_path, mode="replay")(ONE) == [{"s": "1"}]
    assert len(other.asked) == 1
    with pytest.raises(RemoteFailed, match="has no recording"):
        federated(recordings=tmp_path, mode="replay")("SELECT ?s { SERVICE <o:> { id:cuba ex:size ?s } }")
    other.server.shutdown()
    other.server.server_close()
    assert federated(recordings=tmp_path, mode="fallback")(ONE) == [{"s": "1"}]
    with pytest.raises(RemoteFailed, match="cannot be reached"):
        federated()(ONE)


def test_an_answer_from_a_recording_tells_its_date(pool, other, tmp_path):
    named = services.Services({other.url: services.Service("other", other.url)}, "", tmp_path, "record")
    query = Query(f"SELECT * {{ SERVICE <{other.url}> {{ ?s ?p ?o }} }}")
    assert "recorded" not in federation.Federated(pool, named).query(query).notes[0]
    assert re.search(r"recorded \d{4}-\d\d-\d\dT", federation.Federated(pool, replace(named, mode="replay")).query(query).notes[0])


def test_the_answer_comes_without_citations_and_says_why(pool, other):
    engine = federation.Federated(pool, services.Services({other.url: services.Service("other", other.url)}))
    found = cited.answer(engine, Query(f"SELECT * {{ SERVICE <{other.url}> {{ ?s <http://x.example/size> ?o }} }}"), None)
    assert len(found.table.rows) == 3
    assert "SERVICE" in found.refused
    assert len(other.asked) == 1


# The file of services


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("services: [", "cannot be read"),
        ("x: 1", "has no `services:`"),
        ("services: {a: {}}", "'a' has no url"),
        ("services: {a: {url: 'ftp://x'}}", "begins with http"),
        ("services: {a: {url: 'http://me:secret@x/'}}", "no name, password"),
        ("services: {a: {url: 'http://x/', seconds: -1}}", "takes a number above zero"),
        ("services: {a: {url: 'http://x/', speed: 1}}", "'speed' of the service 'a' is not known"),
        ("services: {}\nrecordings: {mode: sometimes, folder: x}", "record, fallback, replay"),
        ("services: {}\nusers: 1", "'users' is not known"),
    ],
)
def test_a_broken_file_of_services_says_what_is_wrong(tmp_path, text, said):
    (tmp_path / "services.yaml").write_text(text)
    with pytest.raises(Misuse, match=re.escape(said)):
        services.read(tmp_path / "services.yaml")


def test_the_example_in_the_words_of_the_module_is_read(tmp_path):
    text = re.search(r"(?ms)^    contact.*?^(?=A recording)", services.__doc__).group()
    (tmp_path / "services.yaml").write_text(re.sub(r"(?m)^    ", "", text))
    found = services.read(tmp_path / "services.yaml")
    assert found.by_url["https://query.wikidata.org/sparql"] == services.Service("wikidata", "https://query.wikidata.org/sparql")


# Over HTTP, and with two other servers in both directions


def wait_for(url: str, process: subprocess.Popen, seconds: float = 60) -> None:
    import httpx

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended"
        try:
            if httpx.get(url, params={"query": "ASK {}"}, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer within {seconds} s")


def free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def oxigraph(tmp_path_factory):
    """`oxigraph serve`, with the other graph."""
    import sys

    command = shutil.which("oxigraph") or str(Path(sys.executable).with_name("oxigraph"))
    if not Path(command).is_file():
        pytest.skip("oxigraph is not installed (pip install oxigraph)")
    folder = tmp_path_factory.mktemp("oxigraph")
    store = ox.Store(str(folder / "store"))
    store.update(DATA)
    store.flush()
    del store
    port = free_port()
    process = subprocess.Popen(
        [command, "serve", "--location", str(folder / "store"), "--bind", f"127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}/query"
    wait_for(url, process)
    yield url
    process.terminate()
    process.wait(20)


VIRTUOSO = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/temp.db
TransactionFile = {folder}/temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = {folder}
NumberOfBuffers = 4000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
[SPARQL]
DefaultQueryTimeout = 0
"""


@pytest.fixture(scope="module")
def virtuoso(tmp_path_factory):
    """Virtuoso, with the other graph."""
    if not shutil.which("virtuoso-t") or not shutil.which("isql-vt"):
        pytest.skip("Virtuoso is not installed (Debian: virtuoso-opensource-7-bin)")
    folder = tmp_path_factory.mktemp("virtuoso")
    ports = {"sql": free_port(), "http": free_port()}
    (folder / "virtuoso.ini").write_text(VIRTUOSO.format(folder=folder, **ports))
    process = subprocess.Popen(
        ["virtuoso-t", "+configfile", str(folder / "virtuoso.ini"), "+foreground"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{ports['http']}/sparql"
    try:
        wait_for(url, process, 120)
        data = (
            re.sub(r"ex:elsewhere.*", "", DATA)
            .replace("\n", " ")
            .replace("INSERT DATA {", "INSERT DATA { GRAPH <http://x.example/graph> {")
        )
        statement = f"SPARQL {data.strip()} }};"
        grants = 'GRANT SELECT ON DB.DBA.SPARQL_SINV_2 TO "SPARQL";\nGRANT EXECUTE ON DB.DBA.SPARQL_SINV_IMP TO "SPARQL";'
        told = subprocess.run(
            ["isql-vt", f"127.0.0.1:{ports['sql']}", "dba", "dba"],
            input=f"{statement}\n{grants}\n",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        yield url, told.stdout + told.stderr
    finally:
        process.terminate()
        process.wait(60)


def named(tmp_path, url: str) -> dict[str, str]:
    (tmp_path / "services.yaml").write_text(json.dumps({"services": {"other": {"url": url}}}))
    return {"MIKG_SERVICES": str(tmp_path / "services.yaml")}


def asked(url: str, query: str) -> list[dict[str, str]]:
    import httpx

    answer = httpx.post(url, data={"query": query}, headers={"Accept": "application/sparql-results+json"}, timeout=60)
    assert answer.status_code == 200, answer.text
    return [{name: term["value"] for name, term in row.items()} for row in answer.json()["results"]["bindings"]]


OURS = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> SELECT ?name ?capital {{ ?c skos:prefLabel ?name FILTER(LANG(?name) = 'es') SERVICE <{}> {{ ?c <http://x.example/capital> ?capital }} }} ORDER BY ?name"
THEIRS = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> SELECT ?name ?capital {{ ?c <http://x.example/capital> ?capital SERVICE <{}> {{ ?c skos:prefLabel ?name FILTER(LANG(?name) = 'es') }} }} ORDER BY ?name"
BOTH = [{"name": "Costa Rica", "capital": "San José"}, {"name": "Panamá", "capital": "Panama City"}]


def test_we_ask_oxigraph_and_oxigraph_asks_us(oxigraph, serve, made, tmp_path):
    ours = serve(made.releases, **named(tmp_path, oxigraph))
    assert asked(ours.url + "sparql", OURS.format(oxigraph)) == BOTH
    assert asked(oxigraph, THEIRS.format(ours.url + "sparql")) == BOTH


def test_we_ask_virtuoso_and_virtuoso_asks_us(virtuoso, serve, made, tmp_path):
    url, told = virtuoso
    ours = serve(made.releases, **named(tmp_path, url))
    assert asked(ours.url + "sparql", OURS.format(url)) == BOTH, told
    assert asked(url, THEIRS.format(ours.url + "sparql")) == BOTH, told


def test_over_http_the_service_is_described_and_its_failure_is_a_bad_gateway(serve, made, tmp_path, other):
    from urllib.parse import urlencode

    ours = serve(made.releases, **named(tmp_path, other.url))
    assert "BasicFederatedQuery" in ours.ask("sparql", Accept="text/turtle").text
    answer = ours.ask(f"sparql?{urlencode({'query': f'SELECT * {{ SERVICE <{other.url}> {{ ?s ?p ?o }} }}'})}")
    assert answer.status == 200
    assert answer.headers["X-Mikg-Asked"] == f"other <{other.url}>"
    other.behave.append((500, {}, b"no"))
    answer = ours.ask(f"sparql?{urlencode({'query': f'ASK {{ SERVICE <{other.url}> {{ ?s ?p 7 }} }}'})}")
    assert (answer.status, "The service other" in answer.text) == (502, True)


def test_what_stands_around_a_clause_is_read_from_the_text():
    clause = clauses.first(
        "SELECT * { ?a ?b ?c . FILTER(?c > 1) OPTIONAL { ?a ?d ?e } SERVICE <http://x/> { ?a ?f ?g } ?g ?h ?i OPTIONAL { ?i ?j ?k } }", ""
    )
    assert re.sub(r"\s+", " ", clause.around) == "{ ?a ?b ?c . OPTIONAL { ?a ?d ?e } ?g ?h ?i . }"
    assert clause.variables == ("a", "g")
