"""Mappings as RDF and back: each row a described record, as the SSSOM schema writes it (https://w3id.org/sssom/schema/)."""

import datetime
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator

import curies
import pyoxigraph as ox
import sssom_pydantic as sssom
from sssom_pydantic.api import MappingSetRecord
from sssom_pydantic.constants import MULTIVALUED
from sssom_pydantic.io import record_to_semantic_mapping
from sssom_pydantic.models import MULTIPLE_REFERENCE_FIELDS, SINGLE_REFERENCE_FIELDS

from mikg.mappings.tables import Row, Table, to_row
from mikg.namespaces import DCTERMS, GRAPH, MAPPING, OWL, PREFIXES, RDF, RDFS, SSSOM, XSD

RECORDS = ox.NamedNode(GRAPH + "mappings")
# The slots to which the schema gives an IRI of another vocabulary; the others bear their own name below SSSOM.
SLOTS = {
    "subject_id": OWL + "annotatedSource",
    "predicate_id": OWL + "annotatedProperty",
    "object_id": OWL + "annotatedTarget",
    "creator_id": DCTERMS + "creator",
    "author_id": "http://purl.org/pav/authoredBy",
    "license": DCTERMS + "license",
    "mapping_date": DCTERMS + "created",
    "publication_date": DCTERMS + "issued",
    "see_also": RDFS + "seeAlso",
    "comment": RDFS + "comment",
    "mapping_set_version": OWL + "versionInfo",
    "mapping_set_title": DCTERMS + "title",
    "mapping_set_description": DCTERMS + "description",
    "mapping_set_source": "http://www.w3.org/ns/prov#wasDerivedFrom",
}
NAMES = {iri: name for name, iri in SLOTS.items()}
REFERENCES = SINGLE_REFERENCE_FIELDS | MULTIPLE_REFERENCE_FIELDS
LISTS = MULTIVALUED | {"mapping_set_source"}
TYPE, PREFIX, NAMESPACE = (ox.NamedNode(iri) for iri in (RDF + "type", PREFIXES["sh"] + "prefix", PREFIXES["sh"] + "namespace"))
HOLDS, DECLARES, MODIFIER = (ox.NamedNode(iri) for iri in (SSSOM + "mappings", PREFIXES["sh"] + "declare", SSSOM + "predicate_modifier"))
NEGATED = ox.NamedNode(SSSOM + "NegatedPredicate")


def iri(row: Row) -> str:
    """Return the IRI of the record: it stays as long as the row says the same of the same two terms by the same method."""
    return MAPPING + hashlib.sha256("\n".join(row.key).encode()).hexdigest()[:12]


def quads(table: Table) -> Iterator[ox.Quad]:
    """Yield the mapping set, its prefixes, and each row as a record of the graph of mappings."""
    whole = ox.NamedNode(str(table.about.id))
    yield _quad(whole, TYPE, ox.NamedNode(SSSOM + "MappingSet"))
    for name, value in table.about.to_record().model_dump(mode="json", exclude_none=True).items():
        if name != "mapping_set_id":
            for each in value if isinstance(value, list) else [value]:
                yield _quad(whole, _slot(name), _literal(each))
    for prefix, namespace in table.prefixes.items():
        declared = ox.NamedNode(f"{whole.value}#prefix-{prefix}")
        yield _quad(whole, DECLARES, declared)
        yield _quad(declared, PREFIX, ox.Literal(prefix))
        yield _quad(declared, NAMESPACE, ox.Literal(namespace, datatype=ox.NamedNode(XSD + "anyURI")))
    converter = table.converter
    for row in table.rows:
        record = ox.NamedNode(iri(row))
        yield _quad(whole, HOLDS, record)
        yield _quad(record, TYPE, ox.NamedNode(OWL + "Axiom"))
        for name, value in row.mapping.to_record().model_dump(exclude_none=True).items():
            if name == "predicate_modifier":
                yield _quad(record, MODIFIER, NEGATED)
                continue
            for each in value if isinstance(value, list) else [value]:
                term = ox.NamedNode(converter.expand(each, strict=True)) if name in REFERENCES else _literal(each)
                yield _quad(record, _slot(name), term)


def tables(quads: Iterable[ox.Quad]) -> list[Table]:
    """Return the tables that the records of a graph of mappings were made of, rows in the order of their terms."""
    found: dict[ox.NamedNode, dict[ox.NamedNode, list]] = defaultdict(lambda: defaultdict(list))
    for quad in quads:
        if quad.graph_name == RECORDS:
            found[quad.subject][quad.predicate].append(quad.object)
    sets = sorted((node for node, said in found.items() if ox.NamedNode(SSSOM + "MappingSet") in said[TYPE]), key=lambda node: node.value)
    return [_table(node, found) for node in sets]


def _table(whole: ox.NamedNode, found: dict) -> Table:
    said = found[whole]
    prefixes = {found[node][PREFIX][0].value: found[node][NAMESPACE][0].value for node in said[DECLARES]}
    facts = _facts(said, (TYPE, DECLARES, HOLDS), lambda _, term: term.value)
    converter = curies.Converter.from_prefix_map(prefixes)
    about = MappingSetRecord.model_validate({**facts, "mapping_set_id": whole.value}).process(converter)

    def value(name: str, term: ox.NamedNode | ox.Literal) -> str:
        return converter.compress(term.value, strict=True) if name in REFERENCES else term.value

    rows = []
    for node in said[HOLDS]:
        facts = _facts(found[node], (TYPE, MODIFIER), value)
        if MODIFIER in found[node]:
            facts["predicate_modifier"] = "Not"
        mapping = record_to_semantic_mapping(sssom.Record.model_validate(facts), converter)
        rows.append(to_row(mapping, converter))
    return Table("", tuple(sorted(rows, key=lambda row: row.key)), about, prefixes)


def _facts(said: dict, without: tuple, value: object) -> dict:
    facts: dict = {}
    for predicate, terms in said.items():
        if predicate not in without:
            name = NAMES.get(predicate.value, predicate.value.removeprefix(SSSOM))
            values = sorted(value(name, term) for term in terms)
            facts[name] = values if name in LISTS else values[0]
    return facts


def _slot(name: str) -> ox.NamedNode:
    return ox.NamedNode(SLOTS.get(name, SSSOM + name))


def _literal(value: object) -> ox.Literal:
    if isinstance(value, float):
        return ox.Literal(repr(value), datatype=ox.NamedNode(XSD + "double"))
    if isinstance(value, datetime.date):
        return ox.Literal(value.isoformat(), datatype=ox.NamedNode(XSD + "date"))
    return ox.Literal(str(value))


def _quad(subject: ox.NamedNode, predicate: ox.NamedNode, term: ox.NamedNode | ox.Literal) -> ox.Quad:
    return ox.Quad(subject, predicate, term, RECORDS)
