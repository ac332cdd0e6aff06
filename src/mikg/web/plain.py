"""A plain query, read from a request of the protocol without the framework: GET or POST, one parameter, a format that is easily chosen."""

import binascii
import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote_plus

from mikg.engine import RESULTS, TRIPLES, guard
from mikg.engine.embedded import Running
from mikg.errors import MikgError
from mikg.web import media

GET, POST = "GET", "POST"
NAMES = {"ACCEPT": "HTTP_ACCEPT", "ACCEPT_ENCODING": "HTTP_ACCEPT_ENCODING", "ACCEPT_LANGUAGE": "HTTP_ACCEPT_LANGUAGE"}
NAMES |= {"COOKIE": "HTTP_COOKIE", "HOST": "HTTP_HOST", "IF_NONE_MATCH": "HTTP_IF_NONE_MATCH", "CONTENT_TYPE": "CONTENT_TYPE"}
# A request with one of these is read by the others.
UNUSUAL = frozenset(["EXPECT", "TRANSFER_ENCODING", "FORWARDED", "ORIGIN", "RANGE", "AUTHORIZATION"])


@dataclass
class Asked:
    """A query of one channel, on its way."""

    channel: object
    environ: dict
    text: str
    form: str
    media_type: str
    began: float
    key: tuple | None = None  # under which its answer is kept
    running: Running | None = None
    descriptor: int = -1
    left: bool = False  # whether it counts no more among those of its client


class Reader:
    """Reads plain queries within `limits`; `proxy` is the address whose word on its clients is taken, `made` tells whether the application is there."""

    def __init__(self, limits: guard.Limits, proxy: str, made: Callable[[], bool]) -> None:
        self._limits = limits
        self._proxy = proxy
        self._made = made

    def read(self, channel: object, request: object) -> Asked | None:
        """Return the query of a request, None where it is no plain one. It is not yet said under which key its answer is kept."""
        if (
            request.error
            or request.version != "1.1"
            or request.path != "/sparql"
            or not stays(request.headers)
            or not UNUSUAL.isdisjoint(request.headers)
        ):
            return None
        headers = request.headers
        method, body, query = request.command, b"", request.query
        if method == POST:
            kind = headers.get("CONTENT_TYPE", "")
            if query or kind not in (media.FORM, media.DIRECT):
                return None
            body = request.get_body_stream().read()
            request.get_body_stream().seek(0)
            try:
                query = body.decode() if kind == media.DIRECT else body.decode("ascii")
            except UnicodeDecodeError:
                return None
        elif method != GET:
            return None
        if method == GET or kind == media.FORM:
            if not query.startswith("query=") or "&" in query or ";" in query:
                return None
            text = unquoted(query[6:])
        else:
            text = query
        client = self._client(channel, headers)
        form = guard.glance(text, self._limits)
        media_type = form and client and self._media_type(headers.get("ACCEPT", ""), form)
        if not media_type:
            return None
        environ = {"REQUEST_METHOD": method, "PATH_INFO": request.path, "QUERY_STRING": request.query, "REMOTE_ADDR": client}
        environ |= {"mikg.query": text, "wsgi.url_scheme": request.url_scheme, "mikg.body": body}
        for name, known in NAMES.items():
            if name in headers:
                environ[known] = headers[name]
        if method == GET and request.raw:
            environ["mikg.raw"] = (channel.addr[0], request.raw)
        return Asked(channel, environ, text, form, media_type, time.monotonic())

    def _media_type(self, accept: str, form: str) -> str:
        """Return what a query of this form is answered with; empty where others must read Accept, as until the application is there.

        What reads it is imported with the application, in another thread: two that import one package at once can both fail.
        """
        offered = TRIPLES if form in ("CONSTRUCT", "DESCRIBE") else RESULTS
        if accept in ("", "*/*"):
            return offered[0]
        if accept in offered:
            return accept
        return _chosen(accept, offered) if self._made() else ""

    def _client(self, channel: object, headers: dict) -> str:
        """Return the address of the client, by the proxy's word where there is one that is trusted; empty where it says more than that."""
        peer = channel.addr[0]
        said = headers.get("X_FORWARDED_FOR", "")
        if not self._proxy or peer != self._proxy or not said:
            return peer
        last = said.split(",")[-1].strip()
        return last if last.replace(".", "").isdigit() else ""


def stays(headers: dict[str, str]) -> bool:
    """Whether a client says of its connection nothing but what holds for each of HTTP/1.1: that it stays open.

    >>> stays({}), stays({"CONNECTION": "keep-alive"}), stays({"CONNECTION": "close"})
    (True, True, False)
    """
    return headers.get("CONNECTION", "keep-alive").lower() == "keep-alive"


def unquoted(value: str) -> str:
    """Return what `unquote_plus` returns, by the decoder of quoted-printable: a twentieth of the time.

    >>> unquoted("ASK+%7B+%3Fs%20=%3Fp+%7D")
    'ASK { ?s =?p }'
    """
    if value.isascii() and "\n" not in value and "\r" not in value:
        text = binascii.a2b_qp(value.replace("=", "=3D").replace("+", " ").replace("%", "=").encode())
        if len(text) == len(value) - 2 * value.count("%"):  # each escape is one
            return text.decode(errors="replace")
    return unquote_plus(value, errors="replace")


@functools.lru_cache(1024)
def _chosen(accept: str, offered: tuple[str, ...]) -> str:
    """Return what is answered by Accept; empty where that is for others to say."""
    from werkzeug.exceptions import HTTPException

    from mikg.web import negotiation

    if "html" in accept or "citations" in accept:
        return ""
    try:
        return negotiation.choose(accept, "", offered)
    except (MikgError, HTTPException):
        return ""
