"""Queries over a release that another SPARQL 1.1 server holds: the same limits, errors and whole answers as here.

The release is published there first (`mikg publish`); its name stands in the graph `release`, and what answers under another name is
not asked. Servers differ in what their default graph is: where it is not the merge that a release has, the merge is asked for as a
graph of its own, with the protocol's parameters.
"""

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx

from mikg import __version__, namespaces
from mikg.engine import RESULTS, TRIPLES, Answer, Query, guard
from mikg.engine.bounded import NotInXml, exact, rows
from mikg.engine.embedded import Running
from mikg.engine.faults import not_in_xml, too_many_rows
from mikg.engine.processes import gone
from mikg.engine.worker import term
from mikg.engine.workers import Load
from mikg.errors import Busy, Cancelled, EngineFailed, Misuse, QueryError, Refused, ReleaseError, TimedOut, TooLarge
from mikg.namespaces import GRAPH
from mikg.settings import Settings

MARK = GRAPH + "release"  # the graph that names the release which a server holds
MERGE = GRAPH + "merge"  # the merge as a graph of its own, for servers whose default graph is something else
NAME = "http://purl.org/dc/terms/identifier"
FRESH = 5  # seconds for which it is believed that a server holds what it held
SAID = 400  # characters of a server's words that are shown
# What is asked of servers that write no other RDF format of ours.
PLAIN = "application/n-triples"


class Remote:
    """One endpoint in the place of a store."""

    base = namespaces.BASE

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.limits = guard.Limits(settings.query_bytes, settings.query_depth, settings.query_patterns, settings.query_values)
        self.url, auth = address(settings.engine, settings.engine_auth)
        self._client = httpx.Client(auth=auth, headers={"User-Agent": f"mikg/{__version__}"}, trust_env=False)
        self._slots = threading.BoundedSemaphore(settings.workers + settings.queue)
        self._lock = threading.Lock()
        self._busy = self._failed = 0
        self._checked: tuple[str, float, bool] = ("", 0.0, False)
        self._manifest: tuple[str, dict] = ("", {})
        self.release()

    def release(self) -> str:
        """Return the name of the release in use here, which the server must hold too."""
        try:
            return Path(os.readlink(self.settings.releases / "current")).name
        except OSError:
            raise ReleaseError(f"There is no release in {self.settings.releases}; make one with: mikg build") from None

    def graphs(self) -> frozenset[str]:
        return frozenset(self._about()["graphs"])

    def query(self, query: Query, limits: guard.Limits | None = None) -> Answer:
        outline = guard.read(query.text, limits or self.limits, self.base)
        defaults = query.default_graphs or (() if query.named_graphs else outline.default_graphs)
        named = query.named_graphs or (() if query.default_graphs else outline.named_graphs)
        for iri in (*defaults, *named):
            if iri not in self.graphs():
                raise Refused(f"Not done: FROM <{iri}> names no graph of this endpoint, and it fetches none from elsewhere.")
        release = self.release()
        if not defaults and not named and self._is_union(release):
            defaults, named = (MERGE,), tuple(sorted(self.graphs()))
        text = guard.bind(query.text, outline, {name: str(term(value)) for name, value in query.bindings.items()}, query.data)
        graph = outline.form in ("CONSTRUCT", "DESCRIBE")
        wanted = query.triples if graph else query.results
        if not self._slots.acquire(blocking=False):
            raise Busy("As many queries are waiting for the server behind this one as may; try again in a few seconds.")
        try:
            with self._lock:
                self._busy += 1
            body, given = self._ask(text, defaults, named, wanted, graph)
        finally:
            with self._lock:
                self._busy -= 1
            self._slots.release()
        if given != wanted:
            body = _as_wanted(body, given, wanted)
        whole = self._check_whole(body, wanted)
        count = _triples(body, wanted) if graph else whole if wanted == RESULTS[0] else rows(body, wanted)
        if count > self.settings.answer_rows:
            raise too_many_rows(self.settings.answer_rows)
        try:
            return Answer(wanted, exact(body, wanted), outline.form, release, rows=count)
        except NotInXml:
            raise not_in_xml() from None

    def load(self) -> Load:
        with self._lock:
            return Load(self._busy, self.settings.workers + self.settings.queue, 0, self._failed)

    def running(self) -> list[Running]:
        return []

    def cancel(self, number: int) -> bool:
        return False

    def warm(self, started: Callable[[], None] = lambda: None) -> None:
        self._is_union(self.release())
        started()

    def close(self) -> None:
        self._client.close()

    def _about(self) -> dict:
        release = self.release()
        if self._manifest[0] != release:
            self._manifest = (release, json.loads((self.settings.releases / release / "manifest.json").read_bytes()))
        return self._manifest[1]

    def _is_union(self, release: str) -> bool:
        """Whether the server's default graph is something else than the merge; `ReleaseError` when it holds another release."""
        name, when, union = self._checked
        if name == release and time.monotonic() - when < FRESH:
            return union
        held = {row["name"]["value"] for row in self._rows(f"SELECT ?name {{ GRAPH <{MARK}> {{ ?it <{NAME}> ?name }} }}")}
        if release not in held:
            what = f"holds the release {', '.join(sorted(held))}" if held else "holds no whole release"
            raise ReleaseError(f"The server {self.url} {what}, and {release} is in use here; publish it with: mikg publish --to URL")
        if name != release:
            (row,) = self._rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
            union = int(row["n"]["value"]) != self._about()["counts"]["default graph"]
        self._checked = (release, time.monotonic(), union)
        return union

    def _rows(self, text: str) -> list[dict]:
        body, _ = self._ask(text, (), (), RESULTS[0], False)
        return json.loads(body)["results"]["bindings"]

    def _ask(self, text: str, defaults: tuple, named: tuple, wanted: str, graph: bool) -> tuple[bytes, str]:
        """Return the bytes of the answer and their media type."""
        accept = f"{wanted}, {PLAIN if graph else RESULTS[0]};q=0.5"
        form = {"query": text, "default-graph-uri": list(defaults), "named-graph-uri": list(named)}
        deadline = time.monotonic() + self.settings.deadline
        left_by = gone.get()
        try:
            with self._client.stream("POST", self.url, data=form, headers={"Accept": accept}, timeout=self.settings.deadline) as answer:
                parts, size = [], 0
                for part in answer.iter_bytes(1 << 16):
                    size += len(part)
                    if size > self.settings.answer_bytes:
                        raise TooLarge(
                            f"The answer has more than {self.settings.answer_bytes} bytes. Add a LIMIT, or ask for fewer columns."
                        )
                    if time.monotonic() > deadline:
                        raise httpx.ReadTimeout("")
                    if left_by and left_by():
                        raise Cancelled("The query was stopped, since whoever asked has gone.")
                    parts.append(part)
        except httpx.TimeoutException:
            raise TimedOut(
                f"The query was stopped after {self.settings.deadline:g} seconds, the time that one query may take. "
                "Ask for less: more constants, fewer unconnected patterns, a LIMIT."
            ) from None
        except httpx.HTTPError as fault:
            with self._lock:
                self._failed += 1
            raise EngineFailed(f"The server behind this one gave no whole answer ({type(fault).__name__}); try again in a while.") from None
        body = b"".join(parts)
        if answer.status_code != 200:
            raise self._fault(answer, body)
        return body, answer.headers.get("Content-Type", "").partition(";")[0].strip()

    def _fault(self, answer: httpx.Response, body: bytes) -> Exception:
        status = answer.status_code
        said = "" if b"<html" in body[:500].lower() else " ".join(body.decode(errors="replace").split())[:SAID]
        if status in (429, 503):
            after = answer.headers.get("Retry-After", "")
            return Busy(f"The server behind this one is busy{f', for {after} seconds' if after.isdigit() else ''}; try again later.")
        if status == 400:
            return QueryError(f"The query cannot be answered: {said or 'the server behind this one does not understand it'}")
        with self._lock:
            self._failed += 1
        if status in (401, 403):
            return EngineFailed("The server behind this one refuses us; its operator and ours have to agree on a name and a password.")
        return EngineFailed(f"The server behind this one failed (HTTP {status}){f': {said}' if said else '.'}")

    def _check_whole(self, body: bytes, media_type: str) -> int:
        """Return the rows of JSON. Refuse what is cut: bytes that do not parse, or as many rows as the server gives at most."""
        if media_type != RESULTS[0]:
            return 0
        try:
            found = json.loads(body).get("results", {}).get("bindings", ())
        except ValueError:
            raise EngineFailed("The server behind this one cut its answer off; it is not shown. Ask for less.") from None
        if self.settings.engine_rows and len(found) >= self.settings.engine_rows:
            raise TooLarge(
                f"The answer has {len(found)} rows or more, where the server behind this one cuts it. Add a LIMIT, or ask in parts."
            )
        return len(found)


def address(url: str, auth: str) -> tuple[str, httpx.Auth | None]:
    """Return a URL without its user and password, and how to send these; `Misuse` when it is none, or `auth` is neither basic nor digest."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Misuse(f"{url!r} is no address of a SPARQL endpoint; it takes one such as http://localhost:7878/query.")
    if auth not in ("basic", "digest"):
        raise Misuse(f"MIKG_ENGINE_AUTH is {auth!r}; it takes basic or digest.")
    plain = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    if parts.username is None:
        return plain, None
    kind = httpx.BasicAuth if auth == "basic" else httpx.DigestAuth
    return plain, kind(parts.username, parts.password or "")


def _triples(body: bytes, media_type: str) -> int:
    """Return how many triples a graph has that a server has written."""
    import pyoxigraph as ox

    from mikg.engine.worker import TRIPLES as FORMATS

    try:
        return sum(1 for _ in ox.parse(body, FORMATS[media_type]))
    except SyntaxError:
        raise EngineFailed("The server behind this one cut its answer off; it is not shown. Ask for less.") from None


def _as_wanted(body: bytes, given: str, wanted: str) -> bytes:
    """Return an answer in the media type that was asked for, where the server has given another."""
    import pyoxigraph as ox

    from mikg.engine.worker import RESULTS as RESULT_FORMATS
    from mikg.engine.worker import TRIPLES as TRIPLE_FORMATS

    try:
        if wanted in TRIPLES:
            return ox.serialize(ox.parse(body, TRIPLE_FORMATS[given]), format=TRIPLE_FORMATS[wanted])
        return ox.parse_query_results(body, RESULT_FORMATS[given]).serialize(format=RESULT_FORMATS[wanted])
    except (KeyError, ValueError, SyntaxError):
        raise EngineFailed(
            f"The server behind this one answered as {given or 'no media type'}, which is not what it was asked for."
        ) from None
