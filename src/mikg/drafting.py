"""Ask without SPARQL: a class, one of its properties and a value, as a query to run and to go on from.

Choices come from what the release uses, most used first; what is chosen is held against them, so that no text from outside
gets into the query.
"""

from dataclasses import dataclass

from mikg.answers import run
from mikg.engine import Engine, Query
from mikg.errors import Misuse
from mikg.namespaces import PREFIXES, RDF, RDFS, SKOS, expand, shorten
from mikg.usage import Usage

OFFERED = 200  # classes, properties and values in a list
OWN = ("mikg", "skos", "dcterms", "schema", "qb")  # vocabularies that are offered: others repeat them by inference
LEFT_OUT = frozenset([RDF + "type", RDFS + "label", RDFS + "subClassOf", RDFS + "domain", RDFS + "range", SKOS + "prefLabel"])
VALUES = """
SELECT ?value (COUNT(DISTINCT ?thing) AS ?count) { ?thing a ?class ; ?property ?value } GROUP BY ?value ORDER BY DESC(?count) ?value LIMIT %d
"""


@dataclass(frozen=True)
class Draft:
    """What can be chosen next (IRIs, and values as RDF terms with their counts), and the query as far as it goes; none without a class."""

    classes: tuple[str, ...]
    properties: tuple[str, ...] = ()
    values: tuple[tuple[dict[str, str], int], ...] = ()
    query: str = ""


def draft(engine: Engine, usage: Usage, kind: str = "", property_: str = "", value: str = "", language: str = "en") -> Draft:
    """Return the draft for a class and property (CURIEs) and the place of a value in their list; `Misuse` where they do not fit."""
    classes = tuple(each.iri for each in usage.terms.values() if each.kind == "class" and each.count and _is_own(each.iri))[:OFFERED]
    if not kind:
        return Draft(classes)
    chosen = expand(kind)
    if chosen not in classes:
        raise Misuse(f"class is {kind[:80]!r}, and nothing in the graph is of that class; choose one of the list.")
    properties = tuple(each for each in usage.uses.get(chosen, {}) if _is_own(each) and each not in LEFT_OUT)[:OFFERED]
    if not property_:
        return Draft(classes, properties, (), _written(chosen, "", None, language))
    wanted = expand(property_)
    if wanted not in properties:
        raise Misuse(f"property is {property_[:80]!r}, which no {kind} has; choose one of the list.")
    given = {"class": {"type": "uri", "value": chosen}, "property": {"type": "uri", "value": wanted}}
    rows = run(engine, Query(VALUES % OFFERED, given)).rows
    values = tuple((row["value"], int(row["count"]["value"])) for row in rows if row["value"]["type"] != "bnode")
    if value and not (value.isdigit() and int(value) < len(values)):
        raise Misuse(f"value is {value[:80]!r}; it takes the place of a value in the list, from 0 to {len(values) - 1}.")
    return Draft(classes, properties, values, _written(chosen, wanted, values[int(value)][0] if value else None, language))


def _written(kind: str, property_: str, value: dict[str, str] | None, language: str) -> str:
    used = ["skos"]
    name = lambda iri: _name(iri, used)  # noqa: E731
    lines = [f"  ?thing a {name(kind)} ."]
    columns = "?thing ?name"
    if property_ and value is None:
        lines.append(f"  GRAPH ?passage {{ ?thing {name(property_)} ?value }}")
        columns += " ?value ?passage"
    elif property_:
        lines.append(f"  GRAPH ?passage {{ ?thing {name(property_)} {_term(value, name)} }}")
        columns += " ?passage"
    lines.append(f'  OPTIONAL {{ ?thing skos:prefLabel ?name FILTER(LANG(?name) = "{"es" if language == "es" else "en"}") }}')
    head = "\n".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>" for prefix in sorted(set(used)))
    return f"{head}\n\nSELECT {columns}\nWHERE {{\n" + "\n".join(lines) + "\n}\nORDER BY ?name ?thing\nLIMIT 500\n"


def _name(iri: str, used: list[str]) -> str:
    short = shorten(iri)
    local = short.partition(":")[2]
    if short.startswith("<") or not local.replace("-", "").replace("_", "").isalnum():
        return f"<{iri}>"
    used.append(short.partition(":")[0])
    return short


def _term(term: dict[str, str], name: object) -> str:
    import pyoxigraph as ox

    if term["type"] == "uri":
        return name(term["value"])
    if term.get("xml:lang"):
        return str(ox.Literal(term["value"], language=term["xml:lang"]))
    datatype = term.get("datatype")
    return str(ox.Literal(term["value"], datatype=ox.NamedNode(datatype)) if datatype else ox.Literal(term["value"]))


def _is_own(iri: str) -> bool:
    return any(iri.startswith(PREFIXES[prefix]) for prefix in OWN)
