"""What stands before the application, and is ready before it: the engine, answers that are kept, counters, and the bounds of the gate."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from mikg import federation
from mikg.settings import Settings
from mikg.web.cache import Cache
from mikg.web.gate import Gate
from mikg.web.metrics import Metrics

POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
# What every answer bears.
HEADERS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "X-Mikg-Release, X-Mikg-Asked, Retry-After, Link, ETag, Content-Location"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Security-Policy", POLICY),
)


class Front:
    """One engine and what is before the application over it; called as WSGI by whatever passes the gate. `make` gives the application when it is first needed."""

    def __init__(self, settings: Settings, make: Callable[[Front], Callable] | None = None) -> None:
        self.engine = federation.engine(settings)
        self.kept = Cache(self._ask, self.engine.release, settings.cache_bytes)
        self.metrics = Metrics(self.engine, self.kept)
        self.gate = Gate(self.kept, settings, self.metrics)
        self._make = make
        self._app: Callable | None = None
        self._making = threading.Lock()

    def stand_before(self, app: Callable) -> None:
        """Let an application answer what is asked from now on."""
        self._app = app

    def made(self) -> bool:
        """Whether the application is there."""
        return self._app is not None

    def ready(self) -> None:
        """Have the application made, if it is not yet; return when it is."""
        with self._making:
            if self._app is None and self._make:
                self._make(self)

    def _ask(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        if self._app is None:
            self.ready()
        return self._app(environ, start_response)
