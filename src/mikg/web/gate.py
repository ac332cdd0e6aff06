"""What stands before the application: a share for each client, a bound on addresses, and word to the engine when a client leaves.

These are WSGI, so that they hold for every answer whatever makes it, and count requests and write them down where all outcomes pass.
"""

import collections
import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable

from mikg.engine.processes import gone
from mikg.settings import Settings
from mikg.web.metrics import Metrics

LOG = logging.getLogger("mikg.access")
SLOW = logging.getLogger("mikg.slow")
FREE = ("/static/", "/plain/", "/health", "/ready", "/metrics")  # what takes no part of a client's share


class Gate:
    """The application behind its bounds."""

    def __init__(self, app: Callable, settings: Settings, metrics: Metrics) -> None:
        self._app = app
        self._settings = settings
        self._metrics = metrics
        self._lock = threading.Lock()
        self._clients: collections.Counter[str] = collections.Counter()

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        began = time.monotonic()
        said: dict = {}

        def start(status: str, headers: list, exc_info: object = None) -> Callable:
            said["status"] = int(status[:3])
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        client = environ.get("REMOTE_ADDR", "")
        counted = not environ.get("PATH_INFO", "").startswith(FREE)
        if counted and (refused := self.enter(client, len(environ.get("PATH_INFO", "")) + len(environ.get("QUERY_STRING", "")))):
            status, text = refused
            body = [f"{text}\n".encode()]
            more = [("Retry-After", "1")] if status.startswith("429") else []
            start(status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body[0]))), *more])
            self.written(environ, said["status"], len(body[0]), began)
            return body
        token = gone.set(environ.get("waitress.client_disconnected"))
        size = 0
        try:
            body = self._app(environ, start)
            # What is no list is a file, which the server sends by itself.
            size = sum(map(len, body)) if isinstance(body, list | tuple) else -1
            return body
        finally:
            gone.reset(token)
            if counted:
                self.leave(client)
            self.written(environ, said.get("status", 500), size, began)

    def enter(self, client: str, length: int) -> tuple[str, str] | None:
        """Count a request of a client, with an address of so many bytes; return status and words where it is refused instead."""
        if length > self._settings.address_bytes:
            return "414 URI Too Long", (
                f"The address has {length} bytes; this server reads up to {self._settings.address_bytes}. Send a long query by POST."
            )
        with self._lock:
            if self._clients[client] >= self._settings.client_requests:
                return "429 Too Many Requests", (
                    f"{self._settings.client_requests} requests of yours are being answered, as many as one client may have at once. "
                    "Wait for one of them, then go on."
                )
            self._clients[client] += 1
        return None

    def leave(self, client: str) -> None:
        """Count a request of a client as answered."""
        with self._lock:
            self._clients[client] -= 1
            if self._clients[client] <= 0:
                del self._clients[client]

    def written(self, environ: dict, status: int, size: int, began: float) -> None:
        """Count an answer, and write it down where a log is kept."""
        seconds = time.monotonic() - began
        query = environ.get("mikg.query", "")
        kind = environ.get("mikg.kind") or ("query" if query else "page")
        self._metrics.answered(kind, status, seconds, max(size, 0))
        slow = query and seconds >= self._settings.slow_seconds
        if not (slow or LOG.isEnabledFor(logging.INFO)):
            return
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "client": environ.get("REMOTE_ADDR", ""),
            "method": environ.get("REQUEST_METHOD", ""),
            "path": environ.get("PATH_INFO", "")[:200],
            "status": status,
            "seconds": round(seconds, 4),
            "bytes": size,
            **({"query": hashlib.sha256(query.encode(errors="replace")).hexdigest()[:12]} if query else {}),
            **({"rows": environ["mikg.rows"]} if "mikg.rows" in environ else {}),
            **({"cache": environ["mikg.cache"]} if "mikg.cache" in environ else {}),
        }
        LOG.info(json.dumps(line))
        if slow:
            SLOW.warning(json.dumps({**line, "text": query[:4_000]}))
