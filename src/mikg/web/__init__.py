"""HTTP in, HTTP out: the Flask application, and the server that runs it."""

import errno
import signal
import socket
import sys
from collections.abc import Callable

from flask import Flask, Response, request
from flask_compress import Compress

from mikg import federation, queries, release
from mikg.engine import RESULTS, TRIPLES
from mikg.errors import Misuse
from mikg.labels import Labels
from mikg.reconciliation import Vocabulary
from mikg.search import Index
from mikg.settings import Settings
from mikg.web import (
    bundle,
    citing,
    description,
    disagreements,
    documents,
    faults,
    frame,
    graphs,
    home,
    languages,
    marks,
    naming,
    ontology,
    pages,
    protocol,
    questions,
    reconcile,
    resources,
    search,
    structured,
)

# One for each subject; a page is added with a module of its own.
BLUEPRINTS = (
    protocol.sparql,
    pages.site,
    home.first,
    questions.asked,
    documents.read,
    disagreements.differing,
    graphs.store,
    description.published,
    resources.data,
    ontology.terms,
    reconcile.service,
    search.finder,
)
# Media types whose answers are worth compressing.
PACKED = ["text/html", "text/plain", "application/json", "application/problem+json", *RESULTS, *TRIPLES]
POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


class App(Flask):
    """A Flask application with its own engine: two of them in one process share nothing."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("mikg.web")
        self.settings = settings
        self.catalogue = queries.catalogue(settings.sources)
        self.engine = federation.engine(settings)
        self.labels = Labels(self.engine)
        self.index = Index(settings.releases)
        self.vocabulary = Vocabulary(self.engine, self.labels)


def create_app(settings: Settings) -> App:
    """Return the application over the release in use; `ReleaseError` when there is none."""
    app = App(settings)
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = 1_000_000
    app.config["COMPRESS_MIMETYPES"] = PACKED
    Compress(app)
    for part in (languages, frame, marks, naming, citing, structured, bundle, faults):
        part.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.after_request(_headers)
    return app


def serve(settings: Settings, say: Callable[[str], None]) -> None:
    """Serve until told to stop; `Misuse` when the address cannot be had."""
    import waitress

    release.ensure(settings, say)
    app = create_app(settings)
    try:
        server = waitress.create_server(
            app, host=settings.host, port=settings.port, threads=settings.workers + settings.queue, ident="mikg"
        )
    except (OSError, ValueError) as fault:
        app.engine.close()
        raise Misuse(_why(settings, fault)) from None
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    port = getattr(server, "effective_port", settings.port)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    say(f"mikg: release {app.engine.release()} at http://{host}:{port}/ (SPARQL: http://{host}:{port}/sparql); stop with Ctrl-C")
    try:
        server.run()
    finally:
        app.engine.close()


def _why(settings: Settings, fault: OSError | ValueError) -> str:
    if isinstance(fault, ValueError | socket.gaierror):
        return f"The host {settings.host!r} is no address of this machine."
    if fault.errno == errno.EADDRINUSE:
        return f"Port {settings.port} of {settings.host} is in use already; choose another with --port (0 takes a free one)."
    if fault.errno == errno.EACCES:
        return f"Port {settings.port} may not be opened by this user; choose one above 1023 with --port."
    return f"Cannot listen on {settings.host} port {settings.port}: {fault.strerror}."


def _headers(answer: Response) -> Response:
    answer.headers["Access-Control-Allow-Origin"] = "*"
    if request.method == "OPTIONS":
        answer.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST, OPTIONS"
        answer.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type"
        answer.headers["Access-Control-Max-Age"] = "86400"
    answer.headers["Access-Control-Expose-Headers"] = "X-Mikg-Release, X-Mikg-Asked, Retry-After, Link, ETag, Content-Location"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers.setdefault("Content-Security-Policy", POLICY)  # a page that others may frame says so itself
    return answer
