"""Which classes and properties a release uses, how often, and with each other: counted once, when the release is made.

releases/.../usage.json is one object: `terms` by IRI, `uses` (of a class: properties of its instances with counts) and `values`
(of a property: classes of its objects, or datatypes, with counts), both most used first. What a workbench offers next, what a
misspelt name may have meant, and where a property occurs that the default graph does not have, are read from it.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from mikg.namespaces import OWL, RDF, RDFS, SKOS, is_public, shorten
from mikg.settings import Settings

FILE = "usage.json"
KEPT = 400  # terms in one list of uses or values
CLASSES = (OWL + "Class", RDFS + "Class")
PROPERTIES = (OWL + "ObjectProperty", OWL + "DatatypeProperty", OWL + "AnnotationProperty", RDF + "Property")


@dataclass(frozen=True)
class Term:
    """A class or property: its use, names and definitions by language."""

    iri: str
    kind: str  # class or property
    count: int = 0  # instances of a class, statements with a property, in the default graph
    names: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, str] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()  # named graphs outside of the default graph in which it is used

    def name(self, language: str) -> str:
        return self.names.get(language) or self.names.get("en") or next(iter(self.names.values()), "")

    def definition(self, language: str) -> str:
        return self.definitions.get(language) or self.definitions.get("en") or next(iter(self.definitions.values()), "")


@dataclass(frozen=True)
class Usage:
    """The terms of a release and how they go together."""

    terms: dict[str, Term] = field(default_factory=dict)
    uses: dict[str, dict[str, int]] = field(default_factory=dict)
    values: dict[str, dict[str, int]] = field(default_factory=dict)

    def fitting(self, classes: Iterable[str]) -> dict[str, int]:
        """Return the properties that instances of all these classes have, most used first; of none: all properties."""
        wanted = [self.uses.get(each, {}) for each in classes]
        if not wanted:
            return {iri: each.count for iri, each in self.terms.items() if each.kind == "property"}
        return {iri: count for iri, count in wanted[0].items() if all(iri in others for others in wanted[1:])}

    def to_json(self, language: str) -> dict:
        """Return what an editor needs: terms as [CURIE, kind, count, name, definition], uses and values by the numbers of terms."""
        numbers = {iri: number for number, iri in enumerate(self.terms)}
        terms = [[shorten(each.iri), each.kind, each.count, each.name(language), each.definition(language)] for each in self.terms.values()]

        def pairs(table: dict[str, dict[str, int]]) -> dict[int, list[int]]:
            return {numbers[iri]: [numbers[each] for each in found if each in numbers] for iri, found in table.items() if iri in numbers}

        return {"terms": terms, "uses": pairs(self.uses), "values": pairs(self.values)}


def product(settings: Settings, place: Path, store: object, say: Callable[[str], None]) -> None:
    """Count the terms of a store and write them beside it."""
    (place / FILE).write_text(json.dumps(count(store), ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def count(store: object) -> dict:
    """Return the use of terms in a store as it is written."""
    import pyoxigraph as ox

    node = ox.NamedNode
    default = ox.DefaultGraph()
    classes: dict[object, list[str]] = defaultdict(list)
    for quad in store.quads_for_pattern(None, node(RDF + "type"), None, default):
        if isinstance(quad.object, ox.NamedNode):
            classes[quad.subject].append(quad.object.value)
    instances = Counter(each for several in classes.values() for each in several)
    statements: Counter = Counter()
    uses: dict[str, Counter] = defaultdict(Counter)
    values: dict[str, Counter] = defaultdict(Counter)
    for quad in store.quads_for_pattern(None, None, None, default):
        predicate = quad.predicate.value
        statements[predicate] += 1
        for each in classes.get(quad.subject, ()):
            uses[each][predicate] += 1
        if isinstance(quad.object, ox.Literal):
            values[predicate][quad.object.datatype.value] += 1
        elif predicate != RDF + "type":
            values[predicate].update(classes.get(quad.object, ()))
    kinds = dict.fromkeys(statements, "property") | dict.fromkeys(instances, "class")
    for kind, iris in (("property", PROPERTIES), ("class", CLASSES)):
        for iri in iris:
            for quad in store.quads_for_pattern(None, node(RDF + "type"), node(iri), default):
                if isinstance(quad.subject, ox.NamedNode):
                    kinds.setdefault(quad.subject.value, kind)
    elsewhere: dict[str, set[str]] = defaultdict(set)
    outside = {graph for graph in store.named_graphs() if not is_public(graph.value)}
    for graph in outside:
        for quad in store.quads_for_pattern(None, None, None, graph):
            elsewhere[quad.predicate.value].add(graph.value)
    for iri in elsewhere:
        kinds.setdefault(iri, "property")
    terms = {}
    total = {iri: instances[iri] if kind == "class" else statements[iri] for iri, kind in kinds.items()}
    for iri, kind in sorted(kinds.items(), key=lambda item: (-total[item[0]], item[0])):
        terms[iri] = {
            "kind": kind,
            "count": total[iri],
            "names": _texts(store, iri, SKOS + "prefLabel") or _texts(store, iri, RDFS + "label"),
            "definitions": _texts(store, iri, SKOS + "definition") or _texts(store, iri, RDFS + "comment"),
            "elsewhere": sorted(elsewhere.get(iri, ())),
        }
    return {"terms": terms, "uses": _ordered(uses), "values": _ordered(values, instances)}


@lru_cache(maxsize=4)
def read(release: Path) -> Usage:
    """Return the use of terms in a release; an empty one where it was made without."""
    try:
        whole = json.loads((release / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Usage()
    terms = {iri: Term(iri, **{**facts, "elsewhere": tuple(facts["elsewhere"])}) for iri, facts in whole["terms"].items()}
    return Usage(terms, whole["uses"], whole["values"])


def _texts(store: object, iri: str, predicate: str) -> dict[str, str]:
    import pyoxigraph as ox

    found = store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(predicate), None, ox.DefaultGraph())
    texts = sorted((quad.object.language or "", quad.object.value) for quad in found if isinstance(quad.object, ox.Literal))
    return dict(texts)


def _ordered(table: dict[str, Counter], common: Mapping[str, int] = MappingProxyType({})) -> dict[str, dict[str, int]]:
    """Return each row with what is counted in it, most first, bounded; of those counted alike the less common first: a country, then a place."""

    def rank(item: tuple[str, int]) -> tuple[int, int, str]:
        return (-item[1], common.get(item[0], 0), item[0])

    return {iri: dict(sorted(counts.items(), key=rank)[:KEPT]) for iri, counts in sorted(table.items())}
