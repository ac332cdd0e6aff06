"""Try a SPARQL endpoint with what the open web sends: each case once, one after another, and whether it still answers after each.

It is bounded in count, size and time; it is for endpoints of one's own. What a case should come to: an answer that is whole, or a
refusal with a status that says why, within the time; never silence, a cut answer under 200, a fetch on somebody's behalf, or a dead server.
"""

import contextlib
import itertools
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import httpx

from mikg.errors import Misuse

GOOD = frozenset([400, 403, 405, 406, 408, 413, 414, 415, 422, 429, 431, 500, 501, 503, 504, 507])
PROBE = "SELECT ?s { ?s ?p ?o } LIMIT 1"  # to ASK, some give rows
PROBE_SECONDS = 5
SPARE = 5  # seconds beyond the time that an endpoint may take
JSON = "application/sparql-results+json"


@dataclass(frozen=True)
class Case:
    """One thing to try: in words, and as a query (or as bytes that are sent as they are)."""

    name: str
    query: str = ""
    raw: bytes = b""
    leaves: bool = False  # the client goes away at once
    waits: bool = False  # the client never ends its request
    canary: bool = False  # the query asks the endpoint to fetch from us
    must_refuse: bool = False


@dataclass(frozen=True)
class Finding:
    """What came of a case."""

    case: str
    outcome: str  # the status, or what happened instead
    seconds: float
    healthy: bool  # whether it answered the probe afterwards
    verdict: str  # good, or what is wrong


def cases(canary: str) -> Iterator[Case]:
    """Yield what is tried; `canary` is an address of ours that nobody should ask."""
    yield Case("a plain question", "SELECT * { ?s ?p ?o } LIMIT 1")
    yield Case("2,000 groups in one another", "ASK " + "{" * 2_000 + "}" * 2_000, must_refuse=True)
    yield Case("5,000 brackets in an expression", f"ASK {{ FILTER({'(' * 5_000}1{')' * 5_000}) }}", must_refuse=True)
    yield Case("10,000 negations", f"ASK {{ FILTER({'!' * 10_000}true) }}", must_refuse=True)
    yield Case("a sum of 20,000 terms", f"SELECT ({'1+' * 20_000}1 AS ?x) {{ }}", must_refuse=True)
    yield Case("2,000 triple patterns", "ASK {" + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(2_000)) + "}", must_refuse=True)
    yield Case("a list of 400 things", "ASK { ?s ?p (" + " ".join(map(str, range(400))) + ") }")
    yield Case("VALUES of 200,000 terms", "ASK { VALUES ?x { " + "1 " * 200_000 + "} }")
    yield Case("the count of a threefold product", "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    yield Case("a product in order", "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i LIMIT 1")
    yield Case("a product told apart", "SELECT DISTINCT ?a ?d ?g { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } LIMIT 100000000")
    yield Case("any path between any two", "SELECT (COUNT(*) AS ?n) { ?a (!<x:x>)* ?b . ?b (!<x:x>)* ?c }")
    yield Case(
        "a text that doubles 40 times",
        "SELECT (STRLEN(?t40) AS ?n) { BIND('x' AS ?t0) " + " ".join(f"BIND(CONCAT(?t{n}, ?t{n}) AS ?t{n + 1})" for n in range(40)) + "}",
    )
    yield Case("a pattern that backtracks", 'ASK { FILTER(REGEX("' + "a" * 40 + '!", "^(a+)+$")) }')
    yield Case("SERVICE to this machine", f"SELECT * {{ SERVICE <{canary}> {{ ?s ?p ?o }} }}", canary=True)
    yield Case("SERVICE SILENT to this machine", f"SELECT * {{ SERVICE SILENT <{canary}> {{ ?s ?p ?o }} }}", canary=True)
    yield Case("SERVICE behind a comparison", f"SELECT * {{ FILTER(1<2) SERVICE<{canary}>{{?s ?p ?o}} }}", canary=True)
    yield Case("FROM this machine", f"SELECT * FROM <{canary}> {{ ?s ?p ?o }}", canary=True)
    yield Case("a file as FROM", "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o } LIMIT 1")
    yield Case("LOAD from this machine", raw=_post(f"update={quote(f'LOAD <{canary}>')}", "application/x-www-form-urlencoded"), canary=True)
    yield Case(
        "an update",
        raw=_post(f"update={quote('INSERT DATA { <x:a> <x:b> <x:c> }')}", "application/x-www-form-urlencoded"),
        must_refuse=True,
    )
    yield Case("a query of 2 MB", "ASK { } #" + "x" * 2_000_000, must_refuse=True)
    yield Case("an address of 200 kB", raw=b"GET {path}?query=" + b"x" * 200_000 + b" HTTP/1.1\r\nHost: {host}\r\n\r\n", must_refuse=True)
    yield Case("a header of 200 kB", raw=b"GET {path} HTTP/1.1\r\nHost: {host}\r\nX: " + b"x" * 200_000 + b"\r\n\r\n", must_refuse=True)
    yield Case("a body that is announced as 10 GB", raw=_head("application/sparql-query", 10_000_000_000), must_refuse=True)
    yield Case("a length below zero", raw=_head("application/sparql-query", -1), must_refuse=True)
    yield Case("bytes that are no text", raw=_post(b"\xff\xfe\x00ASK", "application/sparql-query"), must_refuse=True)
    yield Case("no HTTP at all", raw=b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64, waits=True)
    yield Case("a request that never ends", raw=b"GET {path}?query=ASK", waits=True)
    yield Case("a body that never ends", raw=_head("application/sparql-query", 1000) + b"ASK", waits=True)
    yield Case("a client that leaves in the middle", "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", leaves=True)
    yield Case("control characters for XML", "SELECT ?x { VALUES ?x { '\\u0001' } }")


def examine(url: str, seconds: float, say: Callable[[str], None] = lambda _: None, first: int = 0) -> list[Finding]:
    """Return what comes of each case, from the `first`, at the endpoint `url`, which may take `seconds` for a query.

    It ends with the case after which there is no answer any more; `Misuse` where there is none from the beginning.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise Misuse(f"{url!r} is no address that can be examined; it takes one such as http://127.0.0.1:8000/sparql.")
    if not _probe(url)[0]:
        raise Misuse(f"{url} does not answer {PROBE!r}; is it a SPARQL endpoint, and running?")
    findings = []
    with _Canary() as canary:
        for case in itertools.islice(cases(canary.url), first, None):
            canary.asked = False
            began = time.monotonic()
            outcome, fault = _raw(url, case, seconds) if case.raw else _query(url, case, seconds)
            taken = time.monotonic() - began
            healthy = _well(url)
            if canary.asked and case.canary:
                fault = "it fetched what was asked for"
            elif case.must_refuse and outcome.startswith("2"):
                fault = "it was let pass"
            elif not healthy:
                fault = "it does not answer any more"
            elif not fault and taken > seconds + SPARE and not case.waits:
                fault = f"it took longer than {seconds:g} s"
            findings.append(Finding(case.name, outcome, taken, healthy, fault or "good"))
            say(f"{case.name}: {outcome}, {fault or 'good'}")
            if not healthy and not _well(url, PROBE_SECONDS * 4):
                break
    return findings


def to_text(findings: list[Finding]) -> str:
    """Return a table."""
    width = max(len(each.case) for each in findings)
    lines = [f"{'case':{width}}  {'outcome':22}  seconds  verdict"]
    lines += [f"{each.case:{width}}  {each.outcome:22.22}  {each.seconds:7.2f}  {each.verdict}" for each in findings]
    good = sum(each.verdict == "good" for each in findings)
    return "\n".join(
        [*lines, f"{good} of {len(findings)} good" + ("" if findings[-1].healthy else "; the endpoint does not answer any more")]
    )


def _query(url: str, case: Case, seconds: float) -> tuple[str, str]:
    """Return the outcome of a query and what is wrong with it."""
    patience = 0.5 if case.leaves else seconds + SPARE * 2
    accept = "application/sparql-results+xml" if "XML" in case.name else JSON
    try:
        answer = httpx.post(url, data={"query": case.query}, headers={"Accept": accept}, timeout=patience, trust_env=False)
    except httpx.TimeoutException:
        return ("left", "") if case.leaves else ("no answer", "it gave no answer in time")
    except httpx.HTTPError as fault:
        return type(fault).__name__, "it broke the connection off"
    if answer.status_code == 200:
        return "200", "" if _whole(answer) else "a part of the answer came as if it were all"
    return str(answer.status_code), "" if answer.status_code in GOOD else "an odd status"


def _whole(answer: httpx.Response) -> bool:
    kind = answer.headers.get("Content-Type", "")
    try:
        if "json" in kind:
            json.loads(answer.content)
        elif "xml" in kind:
            from xml.etree import ElementTree

            ElementTree.fromstring(answer.content)
    except ValueError:
        return False
    except SyntaxError:
        return False
    return True


def _raw(url: str, case: Case, seconds: float) -> tuple[str, str]:
    """Send bytes as they are; return the status that came back and what is wrong with that."""
    parts = urlsplit(url)
    data = case.raw.replace(b"{path}", parts.path.encode()).replace(b"{host}", parts.netloc.encode())
    patience = max(seconds, 20) + SPARE if case.waits else seconds + SPARE
    try:
        with socket.create_connection((parts.hostname, parts.port or 80), timeout=patience) as channel:
            with contextlib.suppress(OSError):  # it may refuse before all was sent, and say so
                channel.sendall(data)
            answer = channel.recv(4_096)
    except TimeoutError:
        return "waits still", "it holds the connection without end" if case.waits else "it gave no answer in time"
    except OSError:
        return "closed", ""
    status = answer[9:12].decode("latin-1") if answer.startswith(b"HTTP/") else "closed" if not answer else "no HTTP"
    return status, ""


def _probe(url: str, timeout: float = PROBE_SECONDS) -> tuple[bool, float]:
    began = time.monotonic()
    try:
        answer = httpx.get(url, params={"query": PROBE}, headers={"Accept": JSON}, timeout=timeout, trust_env=False)
        return answer.status_code == 200 and isinstance(answer.json()["results"]["bindings"], list), time.monotonic() - began
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return False, time.monotonic() - began


def _well(url: str, patience: float = PROBE_SECONDS) -> bool:
    """Whether a probe is answered within some seconds; a refusal because of too much work is asked again."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if _probe(url)[0]:
            return True
        time.sleep(0.2)
    return False


def _head(kind: str, length: int) -> bytes:
    return f"POST {{path}} HTTP/1.1\r\nHost: {{host}}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n".encode()


def _post(body: str | bytes, kind: str) -> bytes:
    data = body.encode() if isinstance(body, str) else body
    return _head(kind, len(data)) + data


class _Canary:
    """A server of ours that notes whether anybody has asked it."""

    def __enter__(self) -> "_Canary":
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self.asked = False
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                channel, _ = self._listener.accept()
            except OSError:
                return
            self.asked = True
            channel.close()
