"""The figures of the graph by what they measure: as printed, with their dimensions, what is missing, and the open data beside them."""

from dataclasses import dataclass
from decimal import Decimal

from mikg import answers
from mikg.engine import Engine, Query
from mikg.namespaces import DOCUMENT, EXTERNAL, MIKG, RDF, SCHEMA, SKOS

PREFIXES = """
PREFIX mikg: <https://w3id.org/mikg/ontology#>
PREFIX qb: <http://purl.org/linked-data/cube#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX schema: <https://schema.org/>
PREFIX sdmx-dimension: <http://purl.org/linked-data/sdmx/2009/dimension#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
FACTS = """
SELECT ?figure ?graph ?property ?value
WHERE {
  { SELECT DISTINCT ?figure { VALUES ?class { mikg:Figure mikg:MissingFigure } ?figure a ?class ; mikg:indicator ?indicator } }
  GRAPH ?graph { ?figure ?property ?value }
}
ORDER BY ?figure ?graph ?property ?value
"""
RULES = "SELECT DISTINCT ?figure ?rule { ?derivation rdf:subject ?figure ; rdf:predicate ?number ; mikg:rule ?rule . ?figure mikg:indicator ?indicator VALUES ?number { schema:value schema:minValue } }"
DEFINITIONS = "SELECT ?indicator ?definition { ?indicator a mikg:Indicator ; skos:definition ?definition }"
# How two indicators are related: what one plans, the other may tell reached.
ALIKE = "SELECT ?one ?likeness ?other { VALUES ?likeness { skos:closeMatch skos:related } ?one a mikg:Indicator ; ?likeness ?other }"
# UNHCR's series, summed over the countries of an office; one that came under it later is not in the sums of the years before.
OF_OFFICE = """
SELECT ?year ?type (SUM(?persons) AS ?sum) (COUNT(DISTINCT ?country) AS ?countries)
WHERE {
  { ?office mikg:locatedIn ?country } UNION { ?office mikg:coversCountry ?country }
  ?country a mikg:Country .
  OPTIONAL { ?start mikg:actor ?office ; mikg:object ?country ; mikg:year ?since }
  GRAPH <https://w3id.org/mikg/graph/external/unhcr-population> {
    ?observation sdmx-dimension:refArea ?country ; sdmx-dimension:refPeriod ?year ; mikg:population ?type ; schema:value ?persons
  }
  FILTER(!BOUND(?since) || STR(?year) >= STR(?since))
}
GROUP BY ?year ?type ORDER BY ?year ?type
"""
OF_COUNTRY = """
SELECT ?year ?sum
WHERE {
  GRAPH <https://w3id.org/mikg/graph/external/worldbank-population> {
    ?observation sdmx-dimension:refArea ?country ; sdmx-dimension:refPeriod ?year ; schema:value ?sum
  }
}
ORDER BY ?year
"""
SERIES = {"unhcr": EXTERNAL + "unhcr-population", "worldbank": EXTERNAL + "worldbank-population"}
EXACT = ("", "exactly", "noneReported")
# In the order in which they tell figures of one indicator apart.
DIMENSIONS = ("moneyFlow", "pillar", "population", "about", "place", "statistic", "operation")


@dataclass(frozen=True)
class Figure:
    """One figure; `value` is None where the source has an empty cell, or a bound alone is known. Dimensions and qualifier are IRIs."""

    iri: str
    indicator: str
    form: str  # Observation, Target, Result, BudgetFigure, MissingFigure, DerivedFigure
    value: Decimal | None = None
    printed: tuple[str, ...] = ()
    qualifier: str = ""
    unit: str = ""
    year: str = ""
    earliest: str = ""
    latest: str = ""
    dated: tuple[str, ...] = ()  # the words of its date
    dimensions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    claimants: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    computed_from: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    least: Decimal | None = None  # what it is at the least, where nothing else is known

    @property
    def missing(self) -> bool:
        """Whether the source shows an empty cell."""
        return self.form == "MissingFigure"

    @property
    def derived(self) -> bool:
        """Whether a rule has computed it."""
        return self.form == "DerivedFigure"

    @property
    def approximate(self) -> bool:
        """Whether the words around the number say that it is not exact."""
        return self.qualifier.removeprefix(MIKG) not in EXACT

    @property
    def documents(self) -> tuple[str, ...]:
        """The keys of the documents that print it."""
        return tuple(dict.fromkeys(each.removeprefix(DOCUMENT).partition("/")[0] for each in self.passages))

    def of(self, dimension: str) -> tuple[str, ...]:
        """Return the values of a dimension."""
        return dict(self.dimensions).get(dimension, ())


@dataclass(frozen=True)
class Indicator:
    """What is measured, with its figures: by year, then the printed before the derived."""

    iri: str
    definition: str
    figures: tuple[Figure, ...]

    @property
    def key(self) -> str:
        """The last part of its IRI."""
        return self.iri.rpartition("/")[2]


def indicators(engine: Engine) -> list[Indicator]:
    """Return every indicator that has figures, those with the most first."""
    definitions = {row["indicator"]: row["definition"] for row in _rows(engine, DEFINITIONS)}
    rules: dict[str, list[str]] = {}
    for row in _rows(engine, RULES):
        rules.setdefault(row["figure"], []).append(row["rule"])
    facts: dict[str, list[tuple[str, str, str]]] = {}
    for row in _rows(engine, FACTS):
        facts.setdefault(row["figure"], []).append((row["graph"], row["property"], row["value"]))
    found: dict[str, list[Figure]] = {}
    for iri, about in facts.items():
        figure = _figure(iri, about, tuple(rules.get(iri, ())))
        found.setdefault(figure.indicator, []).append(figure)
    made = [Indicator(iri, definitions.get(iri, ""), tuple(sorted(each, key=_order))) for iri, each in found.items()]
    return sorted(made, key=lambda each: (-len(each.figures), each.iri))


def alike(engine: Engine) -> dict[tuple[str, str], str]:
    """Return each pair of indicators that are near each other, with how: closeMatch or related."""
    return {(row["one"], row["other"]): row["likeness"].removeprefix(SKOS) for row in _rows(engine, ALIKE)}


def of_office(engine: Engine, office: str) -> list[tuple[str, str, int, int]]:
    """Return year, type, people and countries of UNHCR's series, summed over the countries of an office."""
    rows = _rows(engine, OF_OFFICE, office=office)
    return [(row["year"], row["type"], int(row["sum"]), int(row["countries"])) for row in rows if "year" in row]


def of_country(engine: Engine, country: str) -> list[tuple[str, int]]:
    """Return year and inhabitants of a country by the World Bank's series."""
    return [(row["year"], int(row["sum"])) for row in _rows(engine, OF_COUNTRY, country=country)]


def _figure(iri: str, about: list[tuple[str, str, str]], rules: tuple[str, ...]) -> Figure:
    said: dict[str, list[str]] = {}
    for _graph, name, value in about:
        if value not in said.setdefault(name, []):
            said[name].append(value)

    def every(name: str) -> tuple[str, ...]:
        return tuple(said.get(MIKG + name, ()))

    def first(name: str) -> str:
        return next(iter(every(name)), "")

    classes = {each.removeprefix(MIKG) for each in said.get(RDF + "type", ())}
    order = ("DerivedFigure", "MissingFigure", "BudgetFigure", "Target", "Result", "Observation")
    value = next(iter(said.get(SCHEMA + "value", ())), None)
    passages = dict.fromkeys(graph for graph, _, _ in about if graph.startswith(DOCUMENT))
    return Figure(
        iri,
        first("indicator"),
        next((each for each in order if each in classes), "Observation"),
        None if value is None else Decimal(value),
        () if "MissingFigure" in classes else every("asPrinted"),
        first("qualifier"),
        first("unit"),
        first("year"),
        first("earliest"),
        first("latest"),
        every("dateText"),
        tuple((name, every(name)) for name in DIMENSIONS if every(name)),
        every("claimant"),
        tuple(each.removeprefix(MIKG) for each in every("modality")),
        tuple(passages),
        every("computedFrom"),
        rules,
        Decimal(said[SCHEMA + "minValue"][0]) if value is None and SCHEMA + "minValue" in said else None,
    )


def _order(figure: Figure) -> tuple:
    return (
        figure.of("moneyFlow"),
        figure.year or figure.earliest[:4] or "9",
        figure.derived,
        figure.of("pillar"),
        figure.earliest,
        figure.iri,
    )


def _rows(engine: Engine, query: str, **bound: str) -> list[dict[str, str]]:
    bindings = {name: {"type": "uri", "value": value} for name, value in bound.items()}
    table = answers.run(engine, Query(PREFIXES + query, bindings=bindings) if bindings else Query(PREFIXES + query))
    return [{name: term["value"] for name, term in row.items()} for row in table.rows]
