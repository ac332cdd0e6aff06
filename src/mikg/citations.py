"""Passages as a reader sees them: document, publisher, date, place, gist, and the quotation where the text is at hand."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mikg.engine import Engine, Query
from mikg.namespaces import shorten

PASSAGES = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX mikg: <https://w3id.org/mikg/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?passage ?key ?title ?publisher ?issued ?from ?to ?kind ?position ?gist ?start ?end ?sha256
WHERE {
  VALUES ?passage { %s }
  ?passage mikg:document ?document ; mikg:position ?position ; mikg:gist ?gist ;
           mikg:characterStart ?start ; mikg:characterEnd ?end ; mikg:sha256 ?sha256 .
  GRAPH <https://w3id.org/mikg/graph/documents> { ?document mikg:key ?key . OPTIONAL { ?passage a ?class } }
  OPTIONAL { ?class skos:prefLabel ?kind FILTER(LANG(?kind) = "en") }
  FILTER(!BOUND(?class) || NOT EXISTS { ?narrower <http://www.w3.org/2000/01/rdf-schema#subClassOf> ?class })
  OPTIONAL { ?document dcterms:title ?title }
  OPTIONAL { ?document dcterms:publisher/skos:prefLabel ?publisher FILTER(LANG(?publisher) = "en") }
  OPTIONAL { ?document dcterms:issued ?issued }
  OPTIONAL { ?document mikg:earliest ?from ; mikg:latest ?to }
}
ORDER BY ?key ?position
"""


@dataclass(frozen=True)
class Citation:
    """One passage, or one graph that is none (curation, derived); a part that is not known is empty."""

    iri: str
    document: str = ""
    title: str = ""
    publisher: str = ""
    date: str = ""
    place: str = ""
    gist: str = ""
    quotation: str = ""

    def to_text(self) -> str:
        """Return a few lines to read."""
        if not self.document:
            return f"{shorten(self.iri)}: not a passage, but a graph of ours"
        head = ", ".join(part for part in (f"“{self.title}”", self.publisher, self.date, self.place) if part)
        said = f'\n    says: "{self.quotation}"' if self.quotation else ""
        return f"{shorten(self.iri)}\n    {head}\n    gist: {self.gist}{said}"


def cite(engine: Engine, iris: Iterable[str], documents: Path | None = None) -> list[Citation]:
    """Return a citation for each IRI, in the order of documents and positions; `documents` is the folder of the texts."""
    wanted = [iri for iri in dict.fromkeys(iris) if not set(iri) & set('<>"{}|\\^` \n')]
    if not wanted:
        return []
    found = {}
    for start in range(0, len(wanted), 200):
        values = " ".join(f"<{iri}>" for iri in wanted[start : start + 200])
        answer = json.loads(engine.query(Query(PASSAGES % values)).body)
        for row in answer["results"]["bindings"]:
            facts = {name: term["value"] for name, term in row.items()}
            found.setdefault(facts["passage"], _citation(facts, documents))
    return [*found.values(), *(Citation(iri) for iri in wanted if iri not in found)]


def _citation(facts: dict[str, str], documents: Path | None) -> Citation:
    date = facts.get("issued", "")
    if not date and "from" in facts:
        date = f"undated, between {facts['from']} and {facts['to']}"
    place = f"{facts.get('kind', 'passage')} {facts['position']}"
    quotation = _quotation(facts, documents) if documents else ""
    return Citation(
        facts["passage"], facts["key"], facts.get("title", ""), facts.get("publisher", ""), date, place, facts["gist"], quotation
    )


def _quotation(facts: dict[str, str], documents: Path) -> str:
    """Return the passage's text if the file is there and is the edition that the graph was read from, else nothing."""
    try:
        text = (documents / f"{facts['key']}.txt").read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return ""
    piece = text[int(facts["start"]) : int(facts["end"])]
    return piece if hashlib.sha256(piece.encode()).hexdigest() == facts["sha256"] else ""
