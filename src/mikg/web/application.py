"""The Flask application: the pages and addresses, behind what stands before them."""

from flask import Flask, Response, request
from flask_compress import Compress

from mikg import queries
from mikg.engine import RESULTS, TRIPLES
from mikg.labels import Labels
from mikg.network import Networks
from mikg.reconciliation import Vocabulary
from mikg.search import Index
from mikg.settings import Settings
from mikg.web import (
    bundle,
    citing,
    description,
    disagreements,
    documents,
    entities,
    explore,
    faults,
    frame,
    graphs,
    heed,
    home,
    indicators,
    languages,
    links,
    maps,
    marks,
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
from mikg.web.front import HEADERS, Front

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


class App(Flask):
    """A Flask application with its own engine: two of them in one process share nothing."""

    request_class = heed.Asked

    def __init__(self, settings: Settings, front: Front) -> None:
        super().__init__("mikg.web")
        self.settings = settings
        self.catalogue = queries.catalogue(settings.sources)
        self.engine = front.engine
        self.metrics = front.metrics
        self.labels = Labels(self.engine)
        self.index = Index(settings.releases)
        self.vocabulary = Vocabulary(self.engine, self.labels)
        self.networks = Networks(self.engine, settings.sources)


def create_app(settings: Settings, front: Front | None = None) -> App:
    """Return the application over the release in use, behind `front` or one of its own; `ReleaseError` when there is none."""
    front = front or Front(settings)
    app = App(settings, front)
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
    front.stand_before(app.wsgi_app)
    app.wsgi_app = front.gate
    return app


def _headers(answer: Response) -> Response:
    for name, value in HEADERS:
        answer.headers.setdefault(name, value)  # a page that others may frame says so itself
    if request.method == "OPTIONS":
        answer.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST, OPTIONS"
        answer.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type"
        answer.headers["Access-Control-Max-Age"] = "86400"
    return answer
