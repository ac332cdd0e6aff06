"""Passages as a reader sees them: document, publisher, date, place, gist, and the quotation where the text is at hand."""

import functools
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mikg.engine import Engine, Query
from mikg.engine.kept import Kept
from mikg.namespaces import shorten

PASSAGES = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX mikg: <https://w3id.org/mikg/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?passage ?key ?title ?publisher ?issued ?from ?to ?kind ?position ?gist ?start ?end ?sha256
WHERE {
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
"""

AT_ONCE = 200  # passages that are asked for in one request
KEPT: Kept[dict[str, dict[str, str]]] = Kept(dict, len, 20_000)  # what passages say of themselves


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
    known = KEPT.of(engine, engine.release())
    unknown = [iri for iri in wanted if iri not in known]
    for start in range(0, len(unknown), AT_ONCE):
        asked = unknown[start : start + AT_ONCE]
        values = " ".join(f"(<{iri}>)" for iri in asked)
        answer = json.loads(engine.query(Query(PASSAGES, data=f"VALUES (?passage) {{ {values} }}")).body)
        described: dict[str, dict[str, str]] = {}
        for row in answer["results"]["bindings"]:
            described.setdefault(row["passage"]["value"], {name: term["value"] for name, term in row.items()})
        known.update((iri, described.get(iri, {})) for iri in asked)
    passages = sorted((iri for iri in wanted if known[iri]), key=lambda iri: (known[iri]["key"], int(known[iri]["position"])))
    return [*(_citation(known[iri], documents) for iri in passages), *(Citation(iri) for iri in wanted if not known[iri])]


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
    path = documents / f"{facts['key']}.txt"
    try:
        text = _text(path, path.stat().st_mtime_ns)
    except OSError:
        return ""
    piece = text[int(facts["start"]) : int(facts["end"])]
    return piece if hashlib.sha256(piece.encode()).hexdigest() == facts["sha256"] else ""


@functools.lru_cache(16)
def _text(path: Path, _changed: int) -> str:
    """Return what a file says, nothing where it is no text."""
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        return ""
