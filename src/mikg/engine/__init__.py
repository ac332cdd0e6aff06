"""Where the data is: one interface, `Engine`, whatever answers behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

# Media types of SELECT and ASK results, and of CONSTRUCT and DESCRIBE results, in the order of our preference.
RESULTS = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
)
TRIPLES = (
    "text/turtle",
    "application/n-triples",
    "application/ld+json",
    "application/rdf+xml",
    "application/trig",
    "application/n-quads",
)


@dataclass(frozen=True)
class Query:
    """A query with what belongs to it: values for its variables, its dataset, the form of its answer."""

    text: str
    bindings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # variable to an RDF term as in SPARQL JSON results
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    results: str = RESULTS[0]
    triples: str = TRIPLES[0]
    data: str = ""  # a data block (VALUES) of terms that the engine itself has given: it stands at the head of the pattern, and in no limit


@dataclass(frozen=True)
class Answer:
    """A whole answer: its media type, its bytes, the query form, the release that gave it, and what else went into it."""

    media_type: str
    body: bytes
    form: str
    release: str
    notes: tuple[str, ...] = ()  # which other servers were asked, and when
    rows: int = 0  # or triples; 0 for an ASK


class Engine(Protocol):
    """What every engine offers."""

    def query(self, query: Query) -> Answer:
        """Return the whole answer, or raise a `QueryError`."""

    def graphs(self) -> frozenset[str]:
        """Return the IRIs of the named graphs."""

    def release(self) -> str:
        """Return the name of the release that answers now."""

    def close(self) -> None:
        """End what runs for this engine."""
