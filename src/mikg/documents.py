"""The sources of the graph as a reader meets them: each document, its passages in reading order, and what each passage states."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from mikg import answers
from mikg.engine import Engine, Query
from mikg.errors import NotFound
from mikg.namespaces import DOCUMENT, MIKG, OWL, RDF, SCHEMA

PREFIXES = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX mikg: <https://w3id.org/mikg/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
DOCUMENTS = """
SELECT ?document ?key ?title ?description ?publisher ?issued ?earliest ?latest ?period ?language ?rights ?sha256 ?length
WHERE {
  ?document mikg:key ?key .
  OPTIONAL { ?document dcterms:title ?title }
  OPTIONAL { ?document dcterms:description ?description }
  OPTIONAL { ?document dcterms:publisher ?publisher }
  OPTIONAL { ?document dcterms:issued ?issued }
  OPTIONAL { ?document mikg:earliest ?earliest ; mikg:latest ?latest }
  OPTIONAL { ?document mikg:coversPeriod ?period }
  OPTIONAL { ?document dcterms:language ?language }
  OPTIONAL { ?document dcterms:license|dcterms:rights ?rights }
  OPTIONAL { ?document mikg:sha256 ?sha256 ; mikg:characterEnd ?length }
}
ORDER BY ?key
"""
COVERAGE = """
SELECT ?document (COUNT(DISTINCT ?passage) AS ?passages) (SUM(?triples) AS ?statements) (SUM(IF(?triples > 0, 1, 0)) AS ?stating)
WHERE {
  { SELECT ?document ?passage (COUNT(?subject) AS ?triples)
    WHERE { ?passage mikg:document ?document OPTIONAL { GRAPH ?passage { ?subject ?predicate ?object } } }
    GROUP BY ?document ?passage }
}
GROUP BY ?document
"""
PASSAGES = """
SELECT ?passage ?part ?position ?gist ?class ?why ?start ?end ?sha256 ?topic
WHERE {
  ?passage mikg:document ?document ; mikg:position ?position ; dcterms:isPartOf ?part .
  OPTIONAL { ?passage mikg:gist ?gist }
  OPTIONAL { GRAPH <https://w3id.org/mikg/graph/documents> { ?passage a ?class } }
  OPTIONAL { ?passage mikg:noStatement ?why }
  OPTIONAL { ?passage mikg:characterStart ?start ; mikg:characterEnd ?end ; mikg:sha256 ?sha256 }
  OPTIONAL { GRAPH <https://w3id.org/mikg/graph/documents> { ?passage dcterms:subject ?topic } }
}
ORDER BY ?position ?passage ?topic
"""
STATEMENTS = """
SELECT ?passage ?subject ?predicate ?object
WHERE { ?passage mikg:document ?document . GRAPH ?passage { ?subject ?predicate ?object } }
ORDER BY ?passage ?subject ?predicate ?object
"""
WIDER = """
SELECT ?narrower ?wider
WHERE { ?narrower rdfs:subPropertyOf|rdfs:subClassOf ?wider FILTER(isIRI(?wider) && ?wider != ?narrower) }
"""
TYPE = RDF + "type"
NAMED_AS = MIKG + "namedAs"
# The kinds of passage that pages tell apart, the narrow ones first.
KINDS = ("Sentence", "Heading", "ListItem", "Caption", "ChartSeries", "Furniture")
# What a statement is written in: our terms and those that our modelling takes over as they are; what only repeats them is left out.
OWN = (MIKG, SCHEMA, OWL, "http://purl.org/linked-data/cube#")
# Said first of a node, in this order; everything else after, A to Z.
FIRST = tuple(
    MIKG + name for name in ("asPrinted", "proposition", "modality", "claimant", "indicator", "about", "holder", "post", "actor", "party")
)

Term = dict[str, str]


@dataclass(frozen=True)
class Document:
    """One source; what is not known is empty. `statements` counts the triples that its passages hold."""

    iri: str
    key: str
    title: str
    description: str = ""
    publisher: str = ""
    issued: str = ""
    earliest: str = ""
    latest: str = ""
    period: str = ""
    language: str = ""
    rights: str = ""
    sha256: str = ""
    length: int = 0
    passages: int = 0
    stating: int = 0
    statements: int = 0


@dataclass(frozen=True)
class Node:
    """What a passage says of one thing: its classes, the narrowest only, and its properties with their values, in order."""

    iri: str
    classes: tuple[str, ...]
    lines: tuple[tuple[str, tuple[Term, ...]], ...]


@dataclass(frozen=True)
class Passage:
    """One passage: `kind` is the local name of its class, `part` the paragraph or section that it stands in."""

    iri: str
    name: str
    position: int
    kind: str
    part: str
    gist: str = ""
    why_silent: str = ""
    start: int = 0
    end: int = 0
    sha256: str = ""
    topics: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()  # each printed name with what it names
    nodes: tuple[Node, ...] = field(default=())
    quotation: str = ""

    @property
    def iris(self) -> list[str]:
        """Return each IRI that a page about the passage names."""
        found = [self.iri, *self.topics, *(iri for _, iri in self.names)]
        for node in self.nodes:
            found += [node.iri, *node.classes]
            for predicate, objects in node.lines:
                found += [predicate, *(each["value"] for each in objects if each["type"] == "uri")]
        return found


def documents(engine: Engine) -> list[Document]:
    """Return the sources, A to Z by key."""
    counts = {row["document"]: row for row in _rows(engine, COVERAGE)}
    found: dict[str, Document] = {}
    for row in _rows(engine, DOCUMENTS):
        iri = row.pop("document")
        counted = {name: int(counts.get(iri, {}).get(name, 0)) for name in ("passages", "stating", "statements")}
        facts = {**row, "title": row.get("title", row["key"]), "length": int(row.get("length", 0))}
        found.setdefault(iri, Document(iri, **facts, **counted))
    return list(found.values())


def document(engine: Engine, key: str) -> Document:
    """Return the source with this key; `NotFound` names those that there are."""
    every = documents(engine)
    for each in every:
        if each.key == key:
            return each
    raise NotFound(f"no document has the key {key[:100]!r}; there are: {', '.join(each.key for each in every)}.")


def passages(engine: Engine, key: str, texts: Path | None = None) -> list[Passage]:
    """Return the passages of a document in reading order, with what each states; with the texts at hand also its words."""
    given = {"document": {"type": "uri", "value": DOCUMENT + key}}
    found: dict[str, Passage] = {}
    for row in _rows(engine, PASSAGES, given):
        iri = row["passage"]
        kind = row.get("class", "").removeprefix(MIKG)
        passage = found.get(iri) or Passage(
            iri,
            iri.removeprefix(f"{DOCUMENT}{key}/"),
            int(row["position"]),
            "",
            row["part"],
            row.get("gist", ""),
            row.get("why", ""),
            int(row.get("start", 0)),
            int(row.get("end", 0)),
            row.get("sha256", ""),
        )
        if kind in KINDS:
            passage = replace(passage, kind=kind)
        if row.get("topic") and row["topic"] not in passage.topics:
            passage = replace(passage, topics=(*passage.topics, row["topic"]))
        found[iri] = passage
    wider = _wider(engine)
    stated: dict[str, list[tuple[str, str, Term]]] = {}
    for row in answers.run(engine, Query(PREFIXES + STATEMENTS, given)).rows:
        stated.setdefault(row["passage"]["value"], []).append((row["subject"]["value"], row["predicate"]["value"], row["object"]))
    text = _text(texts / f"{key}.txt") if texts else ""
    return [_whole(each, stated.get(each.iri, []), wider, text) for each in found.values()]


def _whole(passage: Passage, stated: list[tuple[str, str, Term]], wider: dict[str, set[str]], text: str) -> Passage:
    names = tuple((each["value"], subject) for subject, predicate, each in stated if predicate == NAMED_AS)
    piece = text[passage.start : passage.end]
    fits = piece and hashlib.sha256(piece.encode()).hexdigest() == passage.sha256
    return replace(passage, names=names, nodes=_nodes(stated, wider), quotation=piece if fits else "")


def _nodes(stated: list[tuple[str, str, Term]], wider: dict[str, set[str]]) -> tuple[Node, ...]:
    """Return what is said by subject, without what only follows: a wider class or property beside the narrower."""
    said: dict[str, dict[str, list[Term]]] = {}
    for subject, predicate, each in stated:
        if predicate == TYPE or (predicate.startswith(OWN) and predicate != NAMED_AS):
            said.setdefault(subject, {}).setdefault(predicate, []).append(each)
    nodes = []
    for subject, lines in said.items():
        classes = {each["value"] for each in lines.pop(TYPE, []) if each["value"].startswith((MIKG, OWL))}
        implied = set().union(*(wider.get(each, set()) for each in classes))
        kept = []
        for predicate, objects in lines.items():
            narrower = [other for other in lines if predicate in wider.get(other, set())]
            told = {each["value"] for other in narrower for each in lines[other]}
            left = tuple(each for each in objects if each["value"] not in told)
            if left and predicate.startswith((MIKG, *OWN[1:])):
                kept.append((predicate, left))
        if kept or classes:
            order = {each: place for place, each in enumerate(FIRST)}
            kept.sort(key=lambda line: (order.get(line[0], len(order)), line[0]))
            nodes.append(Node(subject, tuple(sorted(classes - implied)), tuple(kept)))
    # A node of its own (an event, a figure, a claim) comes before a plain statement about a thing that is known.
    return tuple(sorted(nodes, key=lambda node: (not node.classes, node.iri)))


def _wider(engine: Engine) -> dict[str, set[str]]:
    """Return for each property and class all that are wider, near or far."""
    near: dict[str, set[str]] = {}
    for row in _rows(engine, WIDER):
        near.setdefault(row["narrower"], set()).add(row["wider"])
    far: dict[str, set[str]] = {}
    for term in near:
        seen: set[str] = set()
        ahead = set(near[term])
        while ahead:
            seen |= ahead
            ahead = set().union(*(near.get(each, set()) for each in ahead)) - seen
        far[term] = seen - {term}
    return far


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return ""


def _rows(engine: Engine, query: str, given: dict[str, Term] | None = None) -> Iterable[dict[str, str]]:
    table = answers.run(engine, Query(PREFIXES + query, given or {}))
    return [{name: term["value"] for name, term in row.items()} for row in table.rows]
