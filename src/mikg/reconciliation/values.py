"""The values that things have for properties, asked for in one batch."""

from collections import defaultdict
from collections.abc import Iterable

from mikg import answers
from mikg.engine import Engine, Query
from mikg.labels import Labels
from mikg.namespaces import MIKG
from mikg.reconciliation.vocabulary import VIRTUAL, resolved

ONCE = 400  # things in one query
SAID = """
SELECT DISTINCT ?thing ?property ?value
WHERE {
  VALUES ?thing { %s }
  VALUES ?property { %s }
  { ?thing ?property ?value } UNION { GRAPH ?graph { ?thing ?property ?value } FILTER(CONTAINS(STR(?graph), "/graph/external/")) }
}
"""
DOCUMENTS = """
PREFIX mikg: <https://w3id.org/mikg/ontology#>
SELECT DISTINCT ?thing ?value
WHERE { VALUES ?thing { %s } { GRAPH ?passage { ?thing ?p ?o } } UNION { GRAPH ?passage { ?s ?p ?thing } } ?passage mikg:document ?value }
"""
COUNTRIES = """
PREFIX mikg: <https://w3id.org/mikg/ontology#>
SELECT DISTINCT ?thing ?value
WHERE {
  VALUES ?thing { %s }
  ?thing (mikg:locatedIn|mikg:subOrganisationOf|mikg:postIn|mikg:authorityOf|mikg:place|^mikg:holder/mikg:post)* ?value .
  ?value a mikg:Country
}
"""
Term = dict[str, str]


def of(engine: Engine, labels: Labels, things: Iterable[str], properties: Iterable[str]) -> dict[str, dict[str, list[Term]]]:
    """Return, for each thing (an IRI), the values of each property (a client's identifier) as terms of JSON results, in order."""
    things, properties = list(dict.fromkeys(things)), list(dict.fromkeys(properties))
    found: dict[str, dict[str, list[Term]]] = {thing: {name: [] for name in properties} for thing in things}
    iris: dict[str, list[str]] = defaultdict(list)
    for name in properties:
        if name not in VIRTUAL and (iri := resolved(name, MIKG)):
            iris[iri].append(name)
    for start in range(0, len(things), ONCE):
        some = " ".join(f"<{thing}>" for thing in things[start : start + ONCE])
        if iris:
            for row in answers.run(engine, Query(SAID % (some, " ".join(f"<{iri}>" for iri in iris)))).rows:
                for name in iris[row["property"]["value"]]:
                    found[row["thing"]["value"]][name].append(row["value"])
        for name, text in (("spokenOfIn", DOCUMENTS), ("inCountry", COUNTRIES)):
            if name in properties:
                for row in answers.run(engine, Query(text % some)).rows:
                    found[row["thing"]["value"]][name].append(row["value"])
    if "kind" in properties:
        for iri, named in labels.of(things).items():
            found[iri]["kind"].append({"type": "literal", "value": named.kind})
    for each in found.values():
        for values in each.values():
            values.sort(key=lambda term: (term.get("xml:lang", "") != "en", term["value"]))
    return found
