"""Answers that are kept, and answers that need not be sent: RFC 9110, section 8.8.3 (ETag) and 13 (conditional requests).

A whole answer of the endpoint is kept under what it depends on: the release in use, the request, what the client accepts. A new release
has other keys, so it is answered from at once. Answers that time or chance change are not kept.
"""

import hashlib
import io
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import unquote_plus

from mikg.errors import MikgError

KEPT = ("/sparql", "/api/")  # paths whose answers depend on release and request alone
VARIES = ("HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_ACCEPT_LANGUAGE", "HTTP_COOKIE", "CONTENT_TYPE", "HTTP_HOST", "wsgi.url_scheme")
FICKLE_WORDS = ("NOW", "RAND", "UUID", "BNODE", "SERVICE")  # in one of which each of FICKLE's stands
FICKLE = re.compile(r"\b(?:NOW|RAND|UUID|STRUUID|BNODE)\s*\(|\bSERVICE\b", re.IGNORECASE)
NOTED = ("mikg.query", "mikg.rows")  # what the log says of a query, whoever asks it
ASKED = ("REMOTE_ADDR", "REQUEST_METHOD", "PATH_INFO")  # and of a request
LARGEST = 8  # an answer of more than this part of the whole is not kept
TAGGED = 4_000_000  # bytes up to which an answer gets an ETag


@dataclass(frozen=True)
class Stands:
    size: int
    entries: int
    hits: int
    misses: int


@dataclass(frozen=True)
class Kept:
    """A whole answer, and what the log says of it."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    noted: Mapping[str, object] = field(default_factory=dict)


class Cache:
    """The application with its answers kept, up to `limit` bytes; none are with 0."""

    def __init__(self, app: Callable, release: Callable[[], str], limit: int) -> None:
        self._app = app
        self._release = release
        self._limit = limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple, Kept] = OrderedDict()
        self._size = self._hits = self._misses = 0
        self._of = ""

    def stands(self) -> Stands:
        with self._lock:
            return Stands(self._size, len(self._kept), self._hits, self._misses)

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        key = self.key(environ)
        found = self.find(key) if key else None
        if found is None:
            found = self._make(environ, start_response, key)
            if not isinstance(found, Kept):
                return found
        else:
            environ.update(found.noted)
            environ["mikg.cache"] = "hit"
            environ["mikg.kind"] = "query"
        found = self.sent(environ, found, key)
        start_response(found.status, list(found.headers))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [found.body]

    def sent(self, environ: dict, found: Kept, key: tuple | None) -> Kept:
        """Return what is sent: the answer, or 304 where the client has it. The same bytes asked again get the same, with no more ado."""
        tag = next((value for name, value in found.headers if name == "ETag"), "")
        if tag and _matches(environ.get("HTTP_IF_NONE_MATCH", ""), tag):
            kept = tuple(
                (name, value) for name, value in found.headers if name not in ("Content-Length", "Content-Type", "Content-Encoding")
            )
            found = replace(found, status="304 Not Modified", headers=kept, body=b"")
        if key and (raw := environ.get("mikg.raw")):
            noted = {name: environ[name] for name in (*NOTED, *ASKED) if name in environ}
            self.keep((key[0], *raw), replace(found, noted={**noted, "mikg.cache": "hit", "mikg.kind": "query"}))
        return found

    def again(self, raw: tuple) -> Kept | None:
        """Return what the same bytes were answered with, for the release in use."""
        try:
            release = self._release()
        except MikgError:
            return None
        with self._lock:
            found = self._kept.get((release, *raw)) if release == self._of else None
            if found:
                self._kept.move_to_end((release, *raw))
                self._hits += 1
        return found

    def key(self, environ: dict) -> tuple | None:
        """Return what the answer depends on, None where it is not to be kept."""
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        if not self._limit or method not in ("GET", "HEAD", "POST") or not path.startswith(KEPT):
            return None
        body = environ.get("mikg.body", b"")
        if method == "POST" and not body:
            length = environ.get("CONTENT_LENGTH") or ""
            if not length.isdigit():
                return None
            body = environ["wsgi.input"].read(int(length))
            environ["wsgi.input"] = io.BytesIO(body)
        asked = environ.get("mikg.query") or unquote_plus(environ.get("QUERY_STRING", "")) + unquote_plus(body.decode("latin-1"))
        capitals = asked.upper()
        if any(word in capitals for word in FICKLE_WORDS) and FICKLE.search(asked):
            return None
        try:
            release = self._release()
        except MikgError:
            return None
        verb = "POST" if method == "POST" else "GET"
        return (release, verb, path, environ.get("QUERY_STRING", ""), body, *(environ.get(name, "") for name in VARIES))

    def find(self, key: tuple) -> Kept | None:
        """Return what is kept under a key."""
        with self._lock:
            if key[0] != self._of:  # those of an older release are of no use any more
                self._kept.clear()
                self._of, self._size = key[0], 0
            found = self._kept.get(key)
            if found:
                self._kept.move_to_end(key)
                self._hits += 1
            else:
                self._misses += 1
            return found

    def _make(self, environ: dict, start_response: Callable, key: tuple | None) -> Kept | Iterable[bytes]:
        """Return the answer of the application whole, or as it comes where it is no plain page."""
        said: list = []
        body = self._app(environ, lambda status, headers, exc_info=None: said.append((status, headers)))
        ((status, headers),) = said
        length = next((int(value) for name, value in headers if name == "Content-Length"), TAGGED + 1)
        if (not key and length > TAGGED) or status != "200 OK" or environ["REQUEST_METHOD"] == "HEAD":
            start_response(status, headers)
            return body
        whole = body[0] if isinstance(body, list) and len(body) == 1 else b"".join(body)
        if hasattr(body, "close"):
            body.close()
        return self.made(environ, status, headers, whole, key)

    def made(self, environ: dict, status: str, headers: Iterable[tuple[str, str]], whole: bytes, key: tuple | None) -> Kept:
        """Return an answer with its tag, kept where it may be."""
        headers = [(name, value) for name, value in headers if name != "Content-Length"]
        if len(whole) <= TAGGED and not any(name == "ETag" for name, _ in headers) and environ["REQUEST_METHOD"] == "GET":
            headers.append(("ETag", f'"{hashlib.sha256(whole).hexdigest()[:32]}"'))
            if not any(name == "Cache-Control" for name, _ in headers):
                headers.append(("Cache-Control", "no-cache"))
        noted = {name: environ[name] for name in NOTED if name in environ}
        kept = Kept(status, (*headers, ("Content-Length", str(len(whole)))), whole, noted)
        if key and not any(name == "Set-Cookie" for name, _ in headers):
            self.keep(key, kept)
        return kept

    def keep(self, key: tuple, kept: Kept) -> None:
        """Keep an answer to give it again; not one that is too large, or of another release than that in use."""
        with self._lock:
            if key[0] != self._of or key in self._kept or len(kept.body) * LARGEST > self._limit:
                return
            self._kept[key] = kept
            self._size += _weight(key, kept)
            while self._size > self._limit:
                self._size -= _weight(*self._kept.popitem(last=False))


def _weight(key: tuple, kept: Kept) -> int:
    return len(kept.body) + sum(map(len, key)) + 2_000


def _matches(header: str, tag: str) -> bool:
    """Whether If-None-Match names the tag, by weak comparison."""
    return header.strip() == "*" or tag in [each.strip().removeprefix("W/") for each in header.split(",")]
