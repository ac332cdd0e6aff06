"""The terms of the ontology and the shapes, as pages need them: names, hierarchy, order of statements, rules in parts."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from mikg.engine import Engine, Query
from mikg.namespaces import BASE, DCTERMS, GRAPH, MIKG, OWL, RDF, RDFS, SKOS

SH = "http://www.w3.org/ns/shacl#"
KINDS = {
    OWL + "Ontology": "ontology",
    OWL + "Class": "class",
    OWL + "ObjectProperty": "relation",
    OWL + "DatatypeProperty": "value",
    OWL + "AnnotationProperty": "note",
    SKOS + "ConceptScheme": "list",
    SKOS + "Concept": "entry",
}
PROPERTIES = ("relation", "value", "note")
ALIGNED = (
    RDFS + "subClassOf",
    RDFS + "subPropertyOf",
    OWL + "equivalentClass",
    OWL + "equivalentProperty",
    SKOS + "exactMatch",
    SKOS + "closeMatch",
)
LAST = 99  # the order of what no shape orders
EVERYTHING = "SELECT ?s ?p ?o WHERE { GRAPH ?graph { ?s ?p ?o } } ORDER BY ?s ?p ?o"
# Things of a class are ours, not the terms, and examples have names.
CLASS_USES = f"""
PREFIX skos: <{SKOS}>
SELECT ?term (COUNT(DISTINCT ?thing) AS ?count) (MIN(?named) AS ?first) (MAX(?named) AS ?last)
WHERE {{
  GRAPH ?graph {{ ?thing a ?term }}
  FILTER(STRSTARTS(STR(?term), "{MIKG}") && !STRSTARTS(STR(?thing), "{MIKG}"))
  OPTIONAL {{ ?thing skos:prefLabel|<{MIKG}asPrinted>|<{MIKG}proposition>|<{MIKG}basis>|<{RDFS}label> ?name BIND(STR(?thing) AS ?named) }}
}}
GROUP BY ?term
"""
PROPERTY_USES = f"""
SELECT ?term ?count ?first (SAMPLE(?o) AS ?value) (SAMPLE(?g) AS ?graph)
WHERE {{
  {{ SELECT ?term (COUNT(DISTINCT ?s) AS ?count) (MIN(STR(?s)) AS ?first)
    WHERE {{ GRAPH ?any {{ ?s ?term ?any_value }} FILTER(STRSTARTS(STR(?term), "{MIKG}") && STRSTARTS(STR(?s), "{BASE}")) }}
    GROUP BY ?term }}
  BIND(IRI(?first) AS ?subject)
  GRAPH ?g {{ ?subject ?term ?o }}
}}
GROUP BY ?term ?count ?first
"""
RULES = f"""
PREFIX mikg: <{MIKG}>
PREFIX skos: <{SKOS}>
SELECT ?rule ?title (COUNT(?why) AS ?count)
WHERE {{ ?rule a mikg:Rule ; skos:prefLabel ?title OPTIONAL {{ ?why mikg:rule ?rule }} FILTER(LANG(?title) = "en") }}
GROUP BY ?rule ?title ORDER BY ?rule
"""

Texts = dict[str, str]  # a language tag to a text


@dataclass(frozen=True)
class Term:
    """One term of the ontology; `kind` is one of KINDS' values, `aligned` pairs a relation with a term of another vocabulary."""

    iri: str
    kind: str
    labels: Texts
    definitions: Texts
    examples: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    domain: tuple[str, ...] = ()
    range: tuple[str, ...] = ()
    inverse: tuple[str, ...] = ()
    shortcuts: tuple[str, ...] = ()
    scheme: str = ""
    aligned: tuple[tuple[str, str], ...] = ()

    @property
    def local(self) -> str:
        """The local name, which is the term's anchor on the page."""
        return self.iri.removeprefix(MIKG)


@dataclass(frozen=True)
class PropertyRule:
    """One property shape in parts; a path that goes backwards has `inverse`."""

    iri: str
    path: str
    inverse: bool
    names: Texts
    minimum: int
    maximum: int | None
    datatypes: tuple[str, ...]
    classes: tuple[str, ...]
    values: tuple[str, ...]
    pattern: str
    group: str
    order: float
    message: str


@dataclass(frozen=True)
class Shape:
    """One node shape: what it is for, and its property shapes in the order of a page."""

    iri: str
    names: Texts
    targets: tuple[str, ...]
    closed: bool
    message: str
    rules: tuple[PropertyRule, ...]


@dataclass(frozen=True)
class Place:
    """Where a page shows a property: its group (a key of `Vocabulary.groups`, empty for none) and the order within."""

    group: str
    order: float
    names: Texts = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Vocabulary:
    """Terms by IRI, shapes A to Z, and groups (IRI to order and names) in their order."""

    terms: dict[str, Term]
    shapes: tuple[Shape, ...]
    groups: dict[str, tuple[float, Texts]]
    above: dict[str, frozenset[str]]  # a property or class to all that are wider, foreign ones among them
    inverses: dict[str, str]

    def name(self, iri: str, language: str) -> str:
        """Return the name of a term, empty where it is none of ours."""
        term = self.terms.get(iri)
        return pick(term.labels, language) if term else ""

    def place(self, iri: str, classes: frozenset[str] | set[str]) -> Place:
        """Return where a page about something of these classes shows a property: by its own shape, else by a wider property's."""
        found = self._places.get(iri, ())
        mine = [place for targets, place in found if targets & classes]
        if found:
            return min(mine or [place for _, place in found], key=self._rank)
        wider = [place for each in self.above.get(iri, ()) for _, place in self._places.get(each, ())]
        nearest = min(wider, key=self._rank, default=Place(MIKG + "WhatGroup", LAST))
        return Place(nearest.group, nearest.order + 0.5)

    def order(self, place: Place) -> tuple[float, float]:
        """Return what places are sorted by."""
        return (self.groups.get(place.group, (LAST, {}))[0], place.order)

    def _rank(self, place: Place) -> tuple[float, float]:
        return self.order(place)

    @cached_property
    def _places(self) -> dict[str, tuple[tuple[set[str], Place], ...]]:
        places = defaultdict(list)
        for shape in self.shapes:
            for rule in shape.rules:
                if rule.group and not rule.inverse:
                    places[rule.path].append((set(shape.targets), Place(rule.group, rule.order, rule.names)))
        return {iri: tuple(found) for iri, found in places.items()}


@dataclass(frozen=True)
class Use:
    """How the graph uses a term: how often, and some things (of a class) or one statement (of a property) as an example."""

    count: int
    things: tuple[str, ...] = ()
    statement: tuple[str, dict[str, str], str] | None = None  # subject, value, graph


def pick(texts: Texts, language: str) -> str:
    """Return the text in a language, else in English, else in any; empty where there is none.

    >>> pick({"en": "country", "es": "país"}, "es"), pick({"en": "country"}, "fr"), pick({}, "en")
    ('país', 'country', '')
    """
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


def read(engine: Engine) -> Vocabulary:
    """Return the vocabulary of the release in use; read once for each release."""
    return _read(engine, engine.release())


@lru_cache(maxsize=4)
def _read(engine: Engine, release: str) -> Vocabulary:
    ontology, shapes = _Index(engine, GRAPH + "ontology"), _Index(engine, GRAPH + "shapes")
    above = _closures(ontology)
    groups = {
        iri: (float(shapes.first(iri, SH + "order") or LAST), shapes.texts(iri, RDFS + "label")) for iri in shapes.of(SH + "PropertyGroup")
    }
    return Vocabulary(
        _terms(ontology),
        tuple(_shape(shapes, iri) for iri in sorted(shapes.of(SH + "NodeShape"))),
        dict(sorted(groups.items(), key=lambda item: item[1][0])),
        above,
        _inverses(ontology),
    )


def uses(engine: Engine) -> dict[str, Use]:
    """Return how the graph uses each term of ours that it uses; read once for each release."""
    return _uses(engine, engine.release())


@lru_cache(maxsize=4)
def _uses(engine: Engine, release: str) -> dict[str, Use]:
    found = {}
    for row in _rows(engine, CLASS_USES):
        examples = dict.fromkeys(row[name]["value"] for name in ("first", "last") if name in row)
        found[row["term"]["value"]] = Use(int(row["count"]["value"]), tuple(examples))
    for row in _rows(engine, PROPERTY_USES):
        statement = (row["first"]["value"], row["value"], row["graph"]["value"])
        found[row["term"]["value"]] = Use(int(row["count"]["value"]), (), statement)
    return found


def rules(engine: Engine) -> list[tuple[str, str, int]]:
    """Return each rule of inference with its title and the number of statements that it gave, A to Z."""
    return [(row["rule"]["value"], row["title"]["value"], int(row["count"]["value"])) for row in _rows(engine, RULES)]


def _rows(engine: Engine, text: str) -> list[dict]:
    return json.loads(engine.query(Query(text)).body)["results"]["bindings"]


class _Index:
    """The triples of one graph by subject and predicate."""

    def __init__(self, engine: Engine, graph: str) -> None:
        body = engine.query(Query(EVERYTHING, {"graph": {"type": "uri", "value": graph}})).body
        self.triples: dict[str, dict[str, list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
        for row in json.loads(body)["results"]["bindings"]:
            self.triples[row["s"]["value"]][row["p"]["value"]].append(row["o"])

    def all(self, subject: str, predicate: str) -> tuple[str, ...]:
        return tuple(term["value"] for term in self.triples[subject][predicate]) if subject in self.triples else ()

    def first(self, subject: str, predicate: str) -> str:
        return next(iter(self.all(subject, predicate)), "")

    def texts(self, subject: str, predicate: str) -> Texts:
        return {term.get("xml:lang", ""): term["value"] for term in self.triples[subject][predicate]} if subject in self.triples else {}

    def of(self, kind: str) -> list[str]:
        return [subject for subject in list(self.triples) if kind in self.all(subject, RDF + "type")]

    def members(self, head: str) -> tuple[str, ...]:
        found = []
        while head and head != RDF + "nil":
            found.append(self.first(head, RDF + "first"))
            head = self.first(head, RDF + "rest")
        return tuple(found)


def _terms(index: _Index) -> dict[str, Term]:
    children = defaultdict(list)
    for iri in list(index.triples):
        for parent in (*index.all(iri, RDFS + "subClassOf"), *index.all(iri, RDFS + "subPropertyOf")):
            children[parent].append(iri)
    terms = {}
    for iri in sorted(index.triples, key=str.lower):
        kinds = index.all(iri, RDF + "type")
        kind = next((name for cls, name in KINDS.items() if cls in kinds), "")
        if not kind or not iri.startswith(MIKG.rstrip("#")):
            continue
        wider = (*index.all(iri, RDFS + "subClassOf"), *index.all(iri, RDFS + "subPropertyOf"))
        terms[iri] = Term(
            iri,
            kind,
            index.texts(iri, SKOS + "prefLabel") or index.texts(iri, DCTERMS + "title"),
            index.texts(iri, SKOS + "definition") or index.texts(iri, DCTERMS + "description"),
            index.all(iri, SKOS + "example"),
            index.all(iri, SKOS + "scopeNote"),
            tuple(each for each in wider if each.startswith(MIKG)),
            tuple(sorted(children[iri])),
            index.all(iri, RDFS + "domain"),
            index.all(iri, RDFS + "range"),
            (*index.all(iri, OWL + "inverseOf"), *(each for each in index.triples if iri in index.all(each, OWL + "inverseOf"))),
            index.all(iri, MIKG + "impliesShortcut"),
            index.first(iri, SKOS + "inScheme"),
            tuple((relation, each) for relation in ALIGNED for each in index.all(iri, relation) if not each.startswith(MIKG)),
        )
    return terms


def _closures(index: _Index) -> dict[str, frozenset[str]]:
    direct = {}
    for iri in list(index.triples):
        if wider := (*index.all(iri, RDFS + "subClassOf"), *index.all(iri, RDFS + "subPropertyOf")):
            direct[iri] = wider
    closed = {}
    for iri in direct:
        found, todo = set(), list(direct[iri])
        while todo:
            each = todo.pop()
            if each not in found and each != iri:
                found.add(each)
                todo += direct.get(each, ())
        closed[iri] = frozenset(found)
    return closed


def _inverses(index: _Index) -> dict[str, str]:
    pairs = [(iri, each) for iri in list(index.triples) for each in index.all(iri, OWL + "inverseOf")]
    return dict([*pairs, *((b, a) for a, b in pairs)])


def _shape(index: _Index, iri: str) -> Shape:
    targets = (*index.all(iri, SH + "targetClass"), *index.all(iri, SH + "targetSubjectsOf"), *index.all(iri, SH + "targetNode"))
    rules = sorted((_rule(index, each) for each in index.all(iri, SH + "property")), key=lambda rule: (rule.group, rule.order, rule.iri))
    return Shape(
        iri,
        index.texts(iri, RDFS + "label"),
        targets,
        index.first(iri, SH + "closed") == "true",
        index.first(iri, SH + "message"),
        tuple(rules),
    )


def _rule(index: _Index, iri: str) -> PropertyRule:
    path = index.first(iri, SH + "path")
    inverse = index.first(path, SH + "inversePath")
    either = index.members(index.first(iri, SH + "or"))
    parts = (iri, *either)
    # sh:qualifiedMaxCount 0 says what a value may not be, not how many there are.
    maximum = index.first(iri, SH + "maxCount")
    return PropertyRule(
        iri,
        inverse or path,
        bool(inverse),
        index.texts(iri, SH + "name"),
        int(index.first(iri, SH + "minCount") or index.first(iri, SH + "qualifiedMinCount") or 0),
        int(maximum) if maximum else None,
        tuple(each for part in parts for each in index.all(part, SH + "datatype")),
        tuple(each for part in parts for each in index.all(part, SH + "class")),
        (*index.members(index.first(iri, SH + "in")), *index.all(iri, SH + "hasValue")),
        index.first(iri, SH + "pattern"),
        index.first(iri, SH + "group"),
        float(index.first(iri, SH + "order") or LAST),
        index.first(iri, SH + "message"),
    )
