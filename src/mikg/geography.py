"""Where it happens: which place or country has which part in a flow, role, event, group, agreement or office, and where it lies."""

import re
from dataclasses import dataclass

from mikg import answers
from mikg.engine import Engine, Query
from mikg.namespaces import DOCUMENT, MIKG

PREFIXES = """
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX gn: <http://www.geonames.org/ontology#>
PREFIX mikg: <https://w3id.org/mikg/ontology#>
PREFIX schema: <https://schema.org/>
"""
# Each layer with the parts that a place can have in it; the same names serve as filters and as words of the page.
TIES = {
    "flows": """
  VALUES (?property ?part) {
    (mikg:origin "origin") (mikg:originIncludes "origin") (mikg:transit "transit") (mikg:through "transit")
    (mikg:destination "destination") (mikg:place "within")
  }
  ?thing a mikg:MigrationFlow .
  GRAPH ?graph { ?thing ?property ?place }""",
    "roles": """
  VALUES (?role ?part) {
    (mikg:originCountry "origin") (mikg:transitCountry "transit") (mikg:asylumCountry "asylum") (mikg:destinationCountry "destination")
  }
  ?thing a mikg:CountryRole ; mikg:role ?role .
  GRAPH ?graph { ?thing mikg:country ?place }""",
    "events": """
  VALUES (?property ?part) {
    (mikg:place "place") (mikg:actor "party") (mikg:counterpart "party") (mikg:convener "party") (mikg:host "party")
  }
  ?thing a mikg:Event .
  GRAPH ?graph { ?thing ?property ?place }
  FILTER(?part = "place" || EXISTS {
    VALUES ?class { mikg:Meeting mikg:Summit mikg:Visit mikg:LawEnforcementOperation mikg:Training mikg:Workshop mikg:Transfer } ?thing a ?class })""",
    "groups": """
  { VALUES (?property ?part) { (mikg:memberOf "member") (mikg:participatesIn "participant") } GRAPH ?graph { ?place ?property ?thing } }
  UNION { GRAPH ?graph { ?thing mikg:party ?place } BIND("signatory" AS ?part) }""",
    "offices": """
  VALUES (?property ?part) { (mikg:coversCountry "covered") (mikg:hasPresenceIn "presence") (mikg:locatedIn "seat") }
  GRAPH ?graph { ?thing ?property ?place }
  FILTER NOT EXISTS { ?thing a mikg:Place }
  FILTER NOT EXISTS { ?thing a mikg:Country }""",
    "figures": """
  VALUES ?property { mikg:about mikg:place }
  ?thing a mikg:Figure .
  GRAPH ?graph { ?thing ?property ?place }
  FILTER NOT EXISTS { ?thing a mikg:DerivedFigure }
  BIND("counted" AS ?part)""",
}
TIED = """
SELECT DISTINCT ?thing ?place ?part ?graph ?earliest ?latest ?modality
WHERE {%s
  { ?place a mikg:Country } UNION { ?place a mikg:Place }
  OPTIONAL { ?thing mikg:earliest ?earliest ; mikg:latest ?latest }
  OPTIONAL { ?thing mikg:modality ?modality }
}
ORDER BY ?thing ?part ?place ?graph
"""
COUNTED = "SELECT DISTINCT ?thing ?figure { ?thing a mikg:MigrationFlow . ?figure mikg:about ?thing ; a mikg:Figure ; mikg:asPrinted ?words } ORDER BY ?figure"
SHAPES = """
SELECT ?place ?shape
WHERE { GRAPH <https://w3id.org/mikg/graph/external/outlines> { ?place geo:hasGeometry/geo:asWKT ?shape } }
ORDER BY ?place
"""
POINTS = """
SELECT ?place ?point
WHERE {
  { GRAPH <https://w3id.org/mikg/graph/external/places> { ?place geo:hasGeometry/geo:asWKT ?point } }
  UNION {
    GRAPH <https://w3id.org/mikg/graph/external/countries> { ?capital gn:parentCountry ?place }
    GRAPH <https://w3id.org/mikg/graph/external/places> { ?capital geo:hasGeometry/geo:asWKT ?point }
  }
}
ORDER BY ?place
"""
MEMBERS = "SELECT ?region ?country { ?region mikg:memberCountry ?country } ORDER BY ?region ?country"

Point = tuple[float, float]  # longitude and latitude, WGS 84


@dataclass(frozen=True)
class Tie:
    """One thing with the places that have a part in it, each as part and IRI; `figures` count it."""

    layer: str
    thing: str
    places: tuple[tuple[str, str], ...]
    passages: tuple[str, ...]
    statuses: tuple[str, ...] = ()
    earliest: str = ""
    latest: str = ""
    figures: tuple[str, ...] = ()

    @property
    def documents(self) -> tuple[str, ...]:
        """The keys of the documents that say so."""
        return tuple(dict.fromkeys(each.removeprefix(DOCUMENT).partition("/")[0] for each in self.passages))

    def of(self, *parts: str) -> tuple[str, ...]:
        """Return the places that have one of these parts."""
        return tuple(dict.fromkeys(place for part, place in self.places if part in parts))


@dataclass(frozen=True)
class Ground:
    """Outlines as rings of points, points of places and capitals, and the countries of each region."""

    outlines: tuple[tuple[str, tuple[tuple[Point, ...], ...]], ...]
    points: tuple[tuple[str, Point], ...]
    members: tuple[tuple[str, tuple[str, ...]], ...]


def ties(engine: Engine) -> list[Tie]:
    """Return what places have a part in, layer by layer, the dated first."""
    counted: dict[str, list[str]] = {}
    for row in _rows(engine, COUNTED):
        counted.setdefault(row["thing"], []).append(row["figure"])
    found = []
    for layer, pattern in TIES.items():
        things: dict[str, list[dict[str, str]]] = {}
        for row in _rows(engine, TIED % pattern):
            things.setdefault(row["thing"], []).append(row)
        found += [_tie(layer, thing, rows, tuple(counted.get(thing, ()))) for thing, rows in things.items()]
    order = list(TIES)
    return sorted(found, key=lambda each: (order.index(each.layer), each.earliest or "9", each.thing))


def ground(engine: Engine) -> Ground:
    """Return outlines, points and regions, as the open data of the release give them."""
    members: dict[str, list[str]] = {}
    for row in _rows(engine, MEMBERS):
        members.setdefault(row["region"], []).append(row["country"])
    points: dict[str, Point] = {}
    for row in _rows(engine, POINTS):
        points.setdefault(row["place"], read(row["point"])[0][0])
    return Ground(
        tuple((row["place"], read(row["shape"])) for row in _rows(engine, SHAPES)),
        tuple(points.items()),
        tuple((region, tuple(countries)) for region, countries in members.items()),
    )


def read(text: str) -> tuple[tuple[Point, ...], ...]:
    """Return the rings of a shape in well-known text (https://www.ogc.org/standard/sfa/); a point is one ring of one.

    >>> read("POINT (-79.5 9)")
    (((-79.5, 9.0),),)
    >>> len(read("MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))"))
    2
    """
    rings = re.findall(r"\(([^()]+)\)", text)
    return tuple(tuple((float(x), float(y)) for x, y in (pair.split()[:2] for pair in ring.split(","))) for ring in rings)


def _tie(layer: str, thing: str, rows: list[dict[str, str]], figures: tuple[str, ...]) -> Tie:
    passages = dict.fromkeys(row["graph"] for row in rows if row["graph"].startswith(DOCUMENT))
    statuses = dict.fromkeys(row["modality"].removeprefix(MIKG) for row in rows if "modality" in row)
    return Tie(
        layer,
        thing,
        tuple(dict.fromkeys((row["part"], row["place"]) for row in rows)),
        tuple(passages),
        tuple(statuses) or ("asserted",),
        min((row["earliest"] for row in rows if "earliest" in row), default=""),
        max((row["latest"] for row in rows if "latest" in row), default=""),
        figures,
    )


def _rows(engine: Engine, query: str) -> list[dict[str, str]]:
    return [{name: term["value"] for name, term in row.items()} for row in answers.run(engine, Query(PREFIXES + query)).rows]
