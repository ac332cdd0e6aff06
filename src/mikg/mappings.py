"""Links to other graphs, kept as SSSOM tables in graph/links: https://mapping-commons.github.io/sssom/spec/"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import yaml

from mikg import inventory
from mikg.errors import SourceError
from mikg.namespaces import GRAPH, ID, MIKG, SCHEMA, SKOS

LINKS = ox.NamedNode(GRAPH + "links")
# Code lists whose value is also given as a plain string, so that tables of other people can be joined on it.
CODES = {
    "iso3166a2": "iso3166Alpha2",
    "iso3166a3": "iso3166Alpha3",
    "iso3166n": "iso3166Numeric",
    "m49": "m49",
    "unhcrcountry": "unhcrCode",
    "unlocode": "unLocode",
    "iata": "iataCode",
    "icao": "icaoCode",
    "wd": "wikidata",
}
# An exact match of a thing that is no concept is an identity of things, not of concepts.
CONCEPTS = ("concept", "class", "role")


@dataclass(frozen=True)
class Mapping:
    """One row of an SSSOM table, its CURIEs expanded."""

    subject: str
    predicate: str
    object: str
    category: str
    code: tuple[str, str]
    file: str
    line: int


def read(root: Path) -> list[Mapping]:
    """Return the mappings of all tables below graph/links; `SourceError` names file and line of a broken row."""
    return [mapping for path in sorted(root.glob("graph/links/*.sssom.tsv")) for mapping in _read(path, path.relative_to(root).as_posix())]


def quads(root: Path) -> Iterator[ox.Quad]:
    """Yield the mappings as quads of the links graph: the mapping itself, an identity for things, and codes as strings."""
    for mapping in read(root):
        subject, target = ox.NamedNode(mapping.subject), ox.NamedNode(mapping.object)
        yield ox.Quad(subject, ox.NamedNode(mapping.predicate), target, LINKS)
        if mapping.predicate == SKOS + "exactMatch":
            if mapping.category not in CONCEPTS and mapping.object.startswith("http"):
                yield ox.Quad(subject, ox.NamedNode(SCHEMA + "sameAs"), target, LINKS)
            prefix, value = mapping.code
            if prefix in CODES:
                yield ox.Quad(subject, ox.NamedNode(MIKG + CODES[prefix]), ox.Literal(value), LINKS)


def _read(path: Path, name: str) -> Iterator[Mapping]:
    try:
        lines = inventory.read(path).decode().splitlines()
    except UnicodeDecodeError:
        raise SourceError(f"{name}:1: it is not UTF-8; save the table as UTF-8.") from None
    head = [line[1:] for line in lines if line.startswith("#")]
    try:
        prefixes = (yaml.safe_load("\n".join(line[1:] if line.startswith(" ") else line for line in head)) or {})["curie_map"]
    except (yaml.YAMLError, KeyError, TypeError):
        raise SourceError(f"{name}:1: the comment lines at its head are not YAML with a curie_map.") from None
    rows = csv.reader(lines[len(head) :], delimiter="\t", quoting=csv.QUOTE_NONE)
    columns = next(rows, [])
    for number, cells in enumerate(rows, len(head) + 2):
        if len(cells) != len(columns):
            raise SourceError(f"{name}:{number}: the row has {len(cells)} cells, the table {len(columns)} columns.")
        row = dict(zip(columns, cells, strict=True))
        terms = [_expand(row[column], prefixes, f"{name}:{number}: {column}") for column in ("subject_id", "predicate_id", "object_id")]
        if not terms[0].startswith(ID):
            raise SourceError(f"{name}:{number}: the subject {row['subject_id']} is no id: of this graph.")
        if row["subject_id"].startswith("id:class-"):
            continue  # classes are aligned in ontology/alignments.ttl
        prefix, _, value = row["object_id"].partition(":")
        yield Mapping(*terms, row["subject_category"], (prefix, value), name, number)


def _expand(curie: str, prefixes: dict[str, str], where: str) -> str:
    prefix, colon, local = curie.partition(":")
    if not colon or prefix not in prefixes:
        raise SourceError(f"{where} {curie!r} has a prefix that the table's curie_map does not name.")
    return prefixes[prefix] + local
