"""The types and properties that a client can name: the classes of our things, and what is said of them."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from mikg import answers, spelling
from mikg.engine import Engine, Query
from mikg.labels import Labels
from mikg.namespaces import ID, MIKG, expand, shorten

TYPES = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?term (COUNT(DISTINCT ?thing) AS ?uses) (SAMPLE(?said) AS ?definition) (GROUP_CONCAT(DISTINCT STR(?wider)) AS ?broader)
WHERE {
  ?thing a ?term .
  FILTER(STRSTARTS(STR(?thing), "https://w3id.org/mikg/id/") && STRSTARTS(STR(?term), "https://w3id.org/mikg/ontology#"))
  OPTIONAL { ?term skos:definition ?said FILTER(LANG(?said) = "en") }
  OPTIONAL { ?term rdfs:subClassOf ?wider FILTER(?wider != ?term && STRSTARTS(STR(?wider), "https://w3id.org/mikg/ontology#")) }
}
GROUP BY ?term
"""
PROPERTIES = """
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?term (COUNT(*) AS ?uses) (SAMPLE(?said) AS ?definition)
WHERE {
  { SELECT ?term ?thing ?value WHERE { { ?thing ?term ?value } UNION { GRAPH ?graph { ?thing ?term ?value } FILTER(CONTAINS(STR(?graph), "/graph/external/")) } } }
  FILTER(STRSTARTS(STR(?thing), "https://w3id.org/mikg/id/"))
  OPTIONAL { ?term skos:definition ?said FILTER(LANG(?said) = "en") }
}
GROUP BY ?term
"""
OF_A_TYPE = """
SELECT ?term (COUNT(*) AS ?uses)
WHERE { ?thing a ?type . { ?thing ?term ?value } UNION { GRAPH ?graph { ?thing ?term ?value } FILTER(CONTAINS(STR(?graph), "/graph/external/")) } }
GROUP BY ?term
"""
# What repeats our own terms in those of others, and bookkeeping.
HIDDEN = ("rdf:", "rdfs:", "owl:", "org:", "sem:", "prov:", "schema:memberOf", "void:")


@dataclass(frozen=True)
class Term:
    """A type or property: its identifier for clients, IRI, how often it is used, definition, and the wider types."""

    id: str
    iri: str
    uses: int
    definition: str = ""
    broader: tuple[str, ...] = ()


# What is said of a thing by way of others, or by the names of its classes, as properties of their own: name and definition.
VIRTUAL = {
    "kind": ({"en": "kind", "es": "clase"}, "What sort of thing it is: country, person, organisation …"),
    "inCountry": (
        {"en": "country, directly or by way of others", "es": "país, directamente o por medio de otros"},
        "The country that it is, belongs to or is in, be it by way of what it is part of.",
    ),
    "spokenOfIn": ({"en": "document that speaks of it", "es": "documento que habla de ello"}, "The documents that speak of it."),
}


class Vocabulary:
    """The types and properties of the release in use, read when they are first asked for."""

    def __init__(self, engine: Engine, labels: Labels) -> None:
        self.engine, self.labels = engine, labels
        self._lock = threading.Lock()
        self._release, self._types, self._properties = "", (), ()

    def types(self) -> tuple[Term, ...]:
        """Return the types, the most used first."""
        return self._read()[0]

    def properties(self) -> tuple[Term, ...]:
        """Return the properties, the virtual ones first, then the most used."""
        return self._read()[1]

    def of_type(self, iri: str) -> list[Term]:
        """Return the properties that things of a type have, the most used first."""
        rows = answers.run(self.engine, Query(OF_A_TYPE, {"type": {"type": "uri", "value": iri}})).rows
        uses = {row["term"]["value"]: int(row["uses"]["value"]) for row in rows if "term" in row}
        return sorted(
            (each for each in self.properties() if each.iri in uses or each.id in VIRTUAL),
            key=lambda each: (each.id not in VIRTUAL, -uses.get(each.iri, 0), each.id),
        )

    def suggest(self, terms: Sequence[Term], prefix: str, language: str) -> list[Term]:
        """Return the terms that a beginning, a name or an identifier fits, the best first; all of them for an empty one."""
        text = prefix.strip()
        if not text:
            return list(terms)
        wanted = spelling.words(text)
        named = self.names(terms, language)
        scored = []
        for each in terms:
            score = max(_fits(wanted, name) for name in (named[each.id], each.id.rpartition(":")[2]))
            if text in (each.id, each.iri):
                score = 2
            if score >= 0.6:
                scored.append((-score, -each.uses, each.id, each))
        return [each for *_, each in sorted(scored)]

    def names(self, terms: Sequence[Term], language: str) -> dict[str, str]:
        """Return each term's identifier with its name in a language."""
        found = self.labels.of([each.iri for each in terms if each.iri], language)
        return {each.id: found[each.iri].name if each.iri else VIRTUAL[each.id][0].get(language, each.id) for each in terms}

    def _read(self) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
        with self._lock:
            release = self.engine.release()
            if release != self._release:
                types = self._terms(TYPES)
                properties = [each for each in self._terms(PROPERTIES) if not each.id.startswith(HIDDEN)]
                virtual = [Term(name, "", 0, said) for name, (_, said) in VIRTUAL.items()]
                self._release, self._types, self._properties = release, tuple(types), (*virtual, *properties)
            return self._types, self._properties

    def _terms(self, text: str) -> list[Term]:
        found = []
        for row in answers.run(self.engine, Query(text)).rows:
            if "term" in row:
                iri = row["term"]["value"]
                broader = tuple(identifier(each) for each in row.get("broader", {}).get("value", "").split())
                found.append(Term(identifier(iri), iri, int(row["uses"]["value"]), row.get("definition", {}).get("value", ""), broader))
        return sorted(found, key=lambda each: (-each.uses, each.id))


def identifier(iri: str) -> str:
    """Return what clients call an IRI: the local name of a term or thing of ours, else a CURIE or the IRI.

    >>> identifier("https://w3id.org/mikg/ontology#Country"), identifier("https://w3id.org/mikg/id/panama")
    ('Country', 'panama')
    """
    for namespace in (MIKG, ID):
        if iri.startswith(namespace):
            return iri.removeprefix(namespace)
    return shorten(iri).strip("<>")


def resolved(name: str, namespace: str) -> str | None:
    """Return the IRI that a client's identifier stands for: a local name of the namespace, a CURIE or an IRI; None for other words.

    >>> resolved("Country", MIKG), resolved("mikg:Country", MIKG), resolved("two words", MIKG)
    ('https://w3id.org/mikg/ontology#Country', 'https://w3id.org/mikg/ontology#Country', None)
    """
    iri = expand(name) or (namespace + name if name and all(letter.isalnum() or letter in "-._~" for letter in name) else None)
    return iri if iri and not set(iri) & set(' <>"{}|\\^`\t\r\n') and iri.isprintable() else None


def _fits(wanted: list[str], name: str) -> float:
    theirs = spelling.words(_apart(name))
    if not wanted or not theirs:
        return 0
    if "".join(theirs).startswith("".join(wanted)):
        return 1
    begun = all(any(each.startswith(word) for each in theirs) for word in wanted)
    return 0.9 if begun else spelling.likeness(" ".join(wanted), " ".join(theirs)) * 0.8


def _apart(name: str) -> str:
    """Set the words of a local name apart: memberOf is member Of."""
    return "".join(f" {letter}" if letter.isupper() else letter for letter in name)
