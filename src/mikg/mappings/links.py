"""What the mapping tables say as plain triples, and their rows as records."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox

from mikg.mappings import records, tables
from mikg.mappings.tables import Row
from mikg.namespaces import AUTHORITY, GRAPH, ID, MIKG, OWL, SCHEMA, SKOS
from mikg.settings import Settings

LINKS = ox.NamedNode(GRAPH + "links")
# Code lists whose value is also given as a plain string, so that tables of other people can be joined on it.
CODES = {
    "iso3166a2": "iso3166Alpha2",
    "iso3166a3": "iso3166Alpha3",
    "iso3166n": "iso3166Numeric",
    "m49": "m49",
    "unhcrcountry": "unhcrCode",
    "wbcountry": "worldBankCode",
    "unlocode": "unLocode",
    "iata": "iataCode",
    "icao": "icaoCode",
    "wd": "wikidata",
}
# Graphs whose IRIs stand for the things themselves. A subject heading, a thesaurus term and a code stand for a notion of the
# thing: they match it, and are not it.
OF_THINGS = ("dbr", "geonames", "gnd", "isni", "osmrel", "ourairports", "ror", "viaf", "wd", "wof")
# Things of ours that are notions themselves.
NOTIONS = (SKOS + "Concept", OWL + "Class", MIKG + "Post", MIKG + "PopulationGroup")


def quads(root: Path) -> Iterator[ox.Quad]:
    """Yield the links, each row as a record with its evidence, identities of things, and codes as strings.

    What does not match, and what was not found, is in the records only.
    """
    for table in tables.read(root):
        yield from records.quads(table)
        for row in table.rows:
            yield from _links(row)


def product(settings: Settings, place: Path, store: object, say: Callable[[str], None]) -> None:
    """Keep the tables as they are with the release that was made of them."""
    (place / "links").mkdir()
    for path in settings.sources.glob("graph/links/*.sssom.tsv"):
        shutil.copyfile(path, place / "links" / path.name)


def _links(row: Row) -> Iterator[ox.Quad]:
    if row.negative or row.none_found:
        return
    subject, target = ox.NamedNode(row.subject), ox.NamedNode(row.object)
    yield ox.Quad(subject, ox.NamedNode(row.predicate), target, LINKS)
    if row.predicate != SKOS + "exactMatch":
        return
    authority = row.source.removeprefix(AUTHORITY)
    if authority in OF_THINGS and row.category not in NOTIONS:
        yield ox.Quad(subject, ox.NamedNode(SCHEMA + "sameAs"), target, LINKS)
    if authority in CODES and row.subject.startswith(ID):
        yield ox.Quad(subject, ox.NamedNode(MIKG + CODES[authority]), ox.Literal(row.mapping.object.identifier), LINKS)
