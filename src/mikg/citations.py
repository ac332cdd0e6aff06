"""Passages as a reader sees them: document, publisher, date, place, gist, and the quotation where the text is at hand."""

import functools
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mikg.engine import Engine, Query
from mikg.engine.kept import Kept
from mikg.namespaces import DCTERMS, MIKG, RDF, RDFS, SKOS, shorten

OF_PASSAGES = (RDF + "type", *(MIKG + name for name in ("document", "position", "gist", "characterStart", "characterEnd", "sha256")))
OF_DOCUMENTS = (MIKG + "key", MIKG + "earliest", MIKG + "latest", *(DCTERMS + name for name in ("title", "publisher", "issued")))
LABEL = SKOS + "prefLabel"
# One pattern, for subjects and properties that are told: on a graph of any size it costs what it finds.
OBJECTS = "SELECT ?s ?p ?o WHERE { ?s ?p ?o }"
NARROWER = f"SELECT DISTINCT ?s WHERE {{ ?narrower <{RDFS}subClassOf> ?s }}"
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
        found = _described(engine, asked)
        known.update((iri, found.get(iri, {})) for iri in asked)
    passages = sorted((iri for iri in wanted if known[iri]), key=lambda iri: (known[iri]["key"], int(known[iri]["position"])))
    return [*(_citation(known[iri], documents) for iri in passages), *(Citation(iri) for iri in wanted if not known[iri])]


def _described(engine: Engine, iris: list[str]) -> dict[str, dict[str, str]]:
    """Return what those of the IRIs that are passages say of themselves and of their documents."""
    passages = _objects(engine, iris, OF_PASSAGES)
    documents = _objects(engine, {document for each in passages.values() for document in each.get(MIKG + "document", ())}, OF_DOCUMENTS)
    classes = {kind for each in passages.values() for kind in each.get(RDF + "type", ())}
    publishers = {iri for each in documents.values() for iri in each.get(DCTERMS + "publisher", ())}
    labels = _objects(engine, classes | publishers, (LABEL,), "en")
    wide = {row["s"]["value"] for row in _rows(engine, NARROWER, "?s", [f"<{iri}>" for iri in classes])}
    described = {}
    for iri, of_passage in passages.items():
        (document, *_), facts = of_passage.get(MIKG + "document", ("",)), {"passage": iri}
        for of, prefix, names in (
            (of_passage, MIKG, ("position", "gist", "characterStart", "characterEnd", "sha256")),
            (documents.get(document, {}), MIKG, ("key", "earliest", "latest")),
            (documents.get(document, {}), DCTERMS, ("title", "issued")),
        ):
            facts.update((name, of[prefix + name][0]) for name in names if prefix + name in of)
        kinds = [label for kind in of_passage.get(RDF + "type", ()) if kind not in wide for label in labels.get(kind, {}).get(LABEL, ())]
        by = [label for each in documents.get(document, {}).get(DCTERMS + "publisher", ()) for label in labels.get(each, {}).get(LABEL, ())]
        facts.update({name: sorted(found)[0] for name, found in (("kind", kinds), ("publisher", by)) if found})
        if {"key", "position", "gist", "characterStart", "characterEnd", "sha256"} <= facts.keys():
            described[iri] = facts
    return described


def _objects(engine: Engine, subjects: Iterable[str], predicates: Iterable[str], language: str = "") -> dict[str, dict[str, list[str]]]:
    """Return the values of some properties of some things, of a language if one is given."""
    found: dict[str, dict[str, list[str]]] = {}
    pairs = [f"<{subject}> <{predicate}>" for subject in sorted(subjects) for predicate in predicates]
    for row in _rows(engine, OBJECTS, "?s ?p", pairs):
        if not language or row["o"].get("xml:lang") == language:
            found.setdefault(row["s"]["value"], {}).setdefault(row["p"]["value"], []).append(row["o"]["value"])
    return {subject: {predicate: sorted(values) for predicate, values in each.items()} for subject, each in found.items()}


def _rows(engine: Engine, text: str, names: str, values: Iterable[str]) -> list[dict[str, dict[str, str]]]:
    lines = " ".join(f"({each})" for each in values)
    return json.loads(engine.query(Query(text, data=f"VALUES ({names}) {{ {lines} }}")).body)["results"]["bindings"] if lines else []


def _citation(facts: dict[str, str], documents: Path | None) -> Citation:
    date = facts.get("issued", "")
    if not date and {"earliest", "latest"} <= facts.keys():
        date = f"undated, between {facts['earliest']} and {facts['latest']}"
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
    piece = text[int(facts["characterStart"]) : int(facts["characterEnd"])]
    return piece if hashlib.sha256(piece.encode()).hexdigest() == facts["sha256"] else ""


@functools.lru_cache(16)
def _text(path: Path, _changed: int) -> str:
    """Return what a file says, nothing where it is no text."""
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        return ""
