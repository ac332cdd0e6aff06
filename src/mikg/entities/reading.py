"""The few queries behind a page about one thing; each is bounded, whatever the thing is linked to."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mikg.engine import Engine, Query
from mikg.namespaces import MIKG, OWL, PROV, RDF, RDFS, is_sound

MOST = 3_000  # statements about one thing that are read
SHOWN = 30  # things of one relation on a page
AT_ONCE = 200  # IRIs in one query
# Nodes that are read as sentences with their qualifiers, not as things beside the thing.
FOLDED = (
    *(MIKG + name for name in ("Participation", "PostHolding", "Membership", "CountryRole", "MigrationFlow", "DataFlow", "Commitment")),
    *(MIKG + name for name in ("Figure", "MissingFigure", "Comparison", "Claim", "Quotation", "Utterance", "Absence", "Judgement")),
    OWL + "NegativePropertyAssertion",
)
# Relations of the machinery: records of inference and of mappings have pages of their own.
MACHINERY = (
    *(RDF + name for name in ("subject", "predicate", "object")),
    *(OWL + name for name in ("annotatedSource", "annotatedProperty", "annotatedTarget")),
    *(MIKG + name for name in ("premise", "rule")),
    PROV + "wasDerivedFrom",
    RDFS + "isDefinedBy",
    # The shortcuts of asserted events say again, in the words of SEM, what our roles say.
    *("http://semanticweb.cs.vu.nl/2009/11/sem/" + name for name in ("hasActor", "hasPlace")),
)

OUTGOING = (
    f"SELECT ?graph ?property ?value WHERE {{ GRAPH ?graph {{ ?thing ?property ?value }} }} ORDER BY ?property ?value ?graph LIMIT {MOST}"
)
RELATIONS = f"""
SELECT ?property (COUNT(DISTINCT ?from) AS ?count)
WHERE {{ GRAPH ?graph {{ ?from ?property ?thing }} FILTER(?property NOT IN ({", ".join(f"<{each}>" for each in MACHINERY)})) }}
GROUP BY ?thing ?property
"""
# The IRIs of these enter where %s stands, each after `is_sound`.
FROM = """
{ SELECT DISTINCT ?from WHERE { GRAPH ?any { ?from <%s> <%s> } %s } ORDER BY ?from LIMIT %d OFFSET %d }
GRAPH ?graph { ?from ?property <%s> } FILTER(?property = <%s>)
"""
UNLESS = "FILTER NOT EXISTS { GRAPH ?other { ?from ?narrower <%s> } FILTER(?narrower IN (%s)) }"
INCOMING = "SELECT ?from ?property ?graph WHERE { { %s } } ORDER BY ?property ?from ?graph"
NODES = (
    "SELECT DISTINCT ?from WHERE { VALUES ?from { %s } ?from a ?class . VALUES ?class { "
    + " ".join(f"<{each}>" for each in FOLDED)
    + " } }"
)
OF_NODES = "SELECT ?from ?graph ?property ?value WHERE { VALUES ?from { %s } GRAPH ?graph { ?from ?property ?value } } ORDER BY ?from ?property ?value ?graph"
STATUS = f"""
PREFIX mikg: <{MIKG}>
SELECT DISTINCT ?from ?property ?value
WHERE {{ VALUES ?from {{ %s }} VALUES ?property {{ mikg:modality mikg:claimant mikg:earliest mikg:latest }} ?from ?property ?value }}
ORDER BY ?from ?property ?value
"""
LINKS = f"""
PREFIX owl: <{OWL}>
PREFIX sssom: <https://w3id.org/sssom/>
SELECT DISTINCT ?target ?relation ?authority ?label ?confidence ?justification ?evidence
WHERE {{
  GRAPH <https://w3id.org/mikg/graph/mappings> {{
    ?record owl:annotatedSource ?thing ; owl:annotatedTarget ?target ; owl:annotatedProperty ?relation .
    OPTIONAL {{ ?record sssom:object_source ?authority }}
    OPTIONAL {{ ?record sssom:object_label ?label }}
    OPTIONAL {{ ?record sssom:confidence ?confidence }}
    OPTIONAL {{ ?record sssom:mapping_justification ?justification }}
    OPTIONAL {{ ?record <{RDFS}comment>|sssom:comment ?evidence }}
    FILTER NOT EXISTS {{ ?record sssom:predicate_modifier ?not }}
    FILTER(?target != sssom:NoTermFound)
  }}
}}
ORDER BY ?authority ?target
"""
DERIVED = f"""
PREFIX mikg: <{MIKG}>
PREFIX rdf: <{RDF}>
SELECT DISTINCT ?property ?value ?rule
WHERE {{ GRAPH <https://w3id.org/mikg/graph/derived> {{ ?why rdf:subject ?thing ; rdf:predicate ?property ; rdf:object ?value ; mikg:rule ?rule }} }}
"""

Row = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Statement:
    """A property and a value of one subject, with every graph that says so."""

    subject: str
    property: str
    value: dict[str, str]
    graphs: tuple[str, ...]


def outgoing(engine: Engine, iri: str) -> list[Statement]:
    """Return what is stated with the thing as subject."""
    return _statements({**row, "from": _uri(iri)} for row in rows(engine, OUTGOING, thing=iri))


def relations(engine: Engine, iri: str) -> dict[str, int]:
    """Return each relation that leads to the thing, with the number of things that it leads from."""
    found = rows(engine, RELATIONS, thing=iri)
    return {row["property"]["value"]: int(row["count"]["value"]) for row in found if "property" in row}


def incoming(engine: Engine, iri: str, wanted: Mapping[str, Sequence[str]], offset: int = 0, shown: int = SHOWN) -> list[Statement]:
    """Return the first things of each relation, or those from `offset` on, as statements whose value is the thing.

    A relation comes with those narrower ones that say the same in other words: what they lead from is left out.
    """
    found: list[Row] = []
    sound = [each for each in wanted if is_sound(each)]
    for start in range(0, len(sound), 20):
        parts = []
        for each in sound[start : start + 20]:
            narrower = ", ".join(f"<{one}>" for one in wanted[each] if is_sound(one))
            parts.append(FROM % (each, iri, UNLESS % (iri, narrower) if narrower else "", shown, offset, iri, each))
        found += rows(engine, INCOMING % "} UNION {".join(parts))
    return _statements({**row, "value": _uri(iri)} for row in found)


def nodes(engine: Engine, iris: Iterable[str]) -> dict[str, list[Statement]]:
    """Return the folded nodes among the IRIs, each with all that is stated of it."""
    folded = [row["from"]["value"] for row in _many(engine, NODES, iris)]
    found = defaultdict(list)
    for statement in _statements(_many(engine, OF_NODES, folded)):
        found[statement.subject].append(statement)
    return dict(found)


def statuses(engine: Engine, iris: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """Return modality, claimants and days of those things that have any."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in _many(engine, STATUS, iris):
        found[row["from"]["value"]][row["property"]["value"].removeprefix(MIKG)].append(row["value"]["value"])
    return found


def rows(engine: Engine, text: str, **bound: str) -> list[Row]:
    """Return the rows of a query with some of its variables bound to IRIs."""
    answer = engine.query(Query(text, {name: _uri(value) for name, value in bound.items()}))
    return json.loads(answer.body)["results"]["bindings"]


def _many(engine: Engine, text: str, iris: Iterable[str]) -> list[Row]:
    wanted = sorted({iri for iri in iris if is_sound(iri) and ":" in iri})
    found: list[Row] = []
    for start in range(0, len(wanted), AT_ONCE):
        found += rows(engine, text % " ".join(f"<{iri}>" for iri in wanted[start : start + AT_ONCE]))
    return found


def _statements(found: Iterable[Row]) -> list[Statement]:
    graphs: dict[tuple, list[str]] = {}
    for row in found:
        key = (row["from"]["value"], row["property"]["value"], tuple(sorted(row["value"].items())))
        graphs.setdefault(key, []).append(row["graph"]["value"])
    return [Statement(subject, property, dict(value), tuple(dict.fromkeys(each))) for (subject, property, value), each in graphs.items()]


def _uri(value: str) -> dict[str, str]:
    return {"type": "uri", "value": value}
