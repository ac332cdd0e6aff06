"""Triples by their CURIEs, for descriptions that the program writes."""

from collections.abc import Iterable

import pyoxigraph as ox

from mikg.namespaces import PREFIXES, XSD

VOCABULARIES = {
    "cnt": "http://www.w3.org/2011/content#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "formats": "http://www.w3.org/ns/formats/",
    "entailment": "http://www.w3.org/ns/entailment/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vann": "http://purl.org/vocab/vann/",
    "void": "http://rdfs.org/ns/void#",
}
KNOWN = {**PREFIXES, **VOCABULARIES}


def iri(name: str) -> ox.NamedNode:
    """Return the node that a CURIE or an IRI names.

    >>> iri("void:Dataset")
    <NamedNode value=http://rdfs.org/ns/void#Dataset>
    >>> iri("http://x.example/")
    <NamedNode value=http://x.example/>
    """
    prefix, _, local = name.partition(":")
    return ox.NamedNode(KNOWN[prefix] + local if prefix in KNOWN and not local.startswith("//") else name)


def text(value: str, language: str = "en") -> ox.Literal:
    return ox.Literal(value, language=language)


def typed(value: object, datatype: str) -> ox.Literal:
    return ox.Literal(str(value), datatype=ox.NamedNode(XSD + datatype))


class Triples(list):
    """A list of triples that grows by subject and property."""

    def say(self, subject: str | ox.NamedNode, **objects: object) -> None:
        """Add a triple for each property (`void_triples=7` is `void:triples 7`; `a` the type); a list holds several objects."""
        node = iri(subject) if isinstance(subject, str) else subject
        for name, given in objects.items():
            predicate = iri("rdf:type" if name == "a" else name.replace("_", ":", 1))
            for each in given if isinstance(given, list | tuple) else [given]:
                self.append(ox.Triple(node, predicate, _object(each)))


def _object(value: object) -> ox.NamedNode | ox.Literal | ox.BlankNode:
    if isinstance(value, str):
        return iri(value)
    return ox.Literal(value) if isinstance(value, int | float | bool) else value


def serialize(triples: Iterable[ox.Triple], media_type: str) -> bytes:
    """Return the triples in an RDF syntax, with the prefixes that they use."""
    from mikg.engine.worker import TRIPLES

    triples = sorted(set(triples), key=str)  # what is said of one thing stands together
    values = {term.value for triple in triples for term in triple if isinstance(term, ox.NamedNode)}
    used = {prefix: namespace for prefix, namespace in KNOWN.items() if any(value.startswith(namespace) for value in values)}
    return ox.serialize(triples, format=TRIPLES[media_type], prefixes=used)
