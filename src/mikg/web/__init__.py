"""HTTP in, HTTP out: the Flask application, and the server that runs it."""

import logging
import threading
from collections.abc import Callable

from flask import Flask, Response, request
from flask_compress import Compress

from mikg import federation, queries, release
from mikg.engine import RESULTS, TRIPLES
from mikg.engine.embedded import Pool
from mikg.errors import Misuse
from mikg.labels import Labels
from mikg.network import Networks
from mikg.reconciliation import Vocabulary
from mikg.search import Index
from mikg.settings import Settings
from mikg.web import (
    addresses,
    bundle,
    cache,
    citing,
    description,
    direct,
    disagreements,
    documents,
    entities,
    explore,
    faults,
    frame,
    gate,
    graphs,
    heed,
    home,
    indicators,
    languages,
    links,
    maps,
    marks,
    metrics,
    naming,
    ontology,
    openapi,
    operations,
    protocol,
    questions,
    reconcile,
    relations,
    resources,
    search,
    spoken,
    structured,
    timeline,
    workbench,
)

# One for each subject; a page is added with a module of its own.
BLUEPRINTS = (
    protocol.sparql,
    operations.operation,
    openapi.described,
    explore.explore,
    home.first,
    questions.asked,
    documents.read,
    disagreements.differing,
    graphs.store,
    description.published,
    resources.data,
    entities.things,
    ontology.terms,
    reconcile.service,
    links.linked,
    search.finder,
    relations.related,
    workbench.bench,
    timeline.timed,
    indicators.counted,
    maps.placed,
)
# Media types whose answers are worth compressing.
PACKED = ["text/html", "text/plain", "application/json", "application/problem+json", *RESULTS, *TRIPLES]
POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


class App(Flask):
    """A Flask application with its own engine: two of them in one process share nothing."""

    request_class = heed.Asked

    def __init__(self, settings: Settings) -> None:
        super().__init__("mikg.web")
        self.settings = settings
        self.catalogue = queries.catalogue(settings.sources)
        self.engine = federation.engine(settings)
        self.labels = Labels(self.engine)
        self.index = Index(settings.releases)
        self.vocabulary = Vocabulary(self.engine, self.labels)
        self.networks = Networks(self.engine, settings.sources)


def create_app(settings: Settings) -> App:
    """Return the application over the release in use; `ReleaseError` when there is none."""
    app = App(settings)
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = settings.body_bytes
    app.config["COMPRESS_MIMETYPES"] = PACKED
    app.config["COMPRESS_ALGORITHM"] = ["br", "zstd", "gzip"]
    app.config["COMPRESS_BR_LEVEL"] = 5  # /explore?start=id:panama: 16.3 kB in 3 ms; zstd 19.2 kB in 5 ms
    Compress(app)
    for part in (languages, spoken, heed, frame, marks, naming, citing, structured, bundle, faults):
        part.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.after_request(_headers)
    app.kept = cache.Cache(app.wsgi_app, app.engine.release, settings.cache_bytes)
    app.metrics = metrics.Metrics(app.engine, app.kept)
    app.gate = app.wsgi_app = gate.Gate(app.kept, settings, app.metrics)
    return app


def serve(settings: Settings, say: Callable[[str], None]) -> None:
    """Serve until told to stop; `Misuse` when the address cannot be had."""
    from mikg.web.server import Server

    release.ensure(settings, say)
    _logs(settings)
    app = create_app(settings)
    try:
        server = Server(app, settings, lambda sockets: _direct(app, sockets))
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        address = f"http://{host}:{server.port}/"
        say(f"mikg: release {app.engine.release()} at {address} (SPARQL: {address}sparql); stop with Ctrl-C")
        if settings.host in addresses.EVERYWHERE and not (settings.address or settings.trusted_proxy):
            say(
                "mikg: MIKG_ADDRESS is not set; descriptions, sitemap and manifests take this server for one of this machine or network only"
            )
        threading.Thread(target=app.engine.warm, name="mikg-warm", daemon=True).start()
        server.run()
    finally:
        app.engine.close()


def _direct(app: App, sockets: dict) -> direct.Direct | None:
    """Return what answers plain queries without the application; None where the engine is not on this machine."""
    engine = getattr(app.engine, "pool", app.engine)
    headers = (*HEADERS, ("Vary", "Accept, Accept-Encoding"))
    return direct.Direct(engine, app.kept, app.gate, headers, app.settings.trusted_proxy, sockets) if isinstance(engine, Pool) else None


def _logs(settings: Settings) -> None:
    for log, target in ((gate.LOG, settings.access_log), (gate.SLOW, "-")):
        if target:
            try:
                handler = logging.StreamHandler() if target == "-" else logging.FileHandler(target, encoding="utf-8")
            except OSError as fault:
                raise Misuse(
                    f"MIKG_ACCESS_LOG is {target!r}, which cannot be written ({fault.strerror}); name a file, or - for stderr."
                ) from None
            log.handlers = [handler]
            log.propagate = False
            log.setLevel(logging.INFO)


# What every answer bears.
HEADERS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "X-Mikg-Release, X-Mikg-Asked, Retry-After, Link, ETag, Content-Location"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Security-Policy", POLICY),
)


def _headers(answer: Response) -> Response:
    for name, value in HEADERS:
        answer.headers.setdefault(name, value)  # a page that others may frame says so itself
    if request.method == "OPTIONS":
        answer.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST, OPTIONS"
        answer.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type"
        answer.headers["Access-Control-Max-Age"] = "86400"
    return answer
