"""How many things of each kind the graph knows."""

import json

from mikg.engine import Engine, Query
from mikg.labels import KINDS

# What has a name or words of its own; the search finds the same.
COUNT = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX mikg: <https://w3id.org/mikg/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?class ?thing WHERE { VALUES ?class { %s } GRAPH ?graph { ?thing a ?class }
  FILTER(?graph IN (<https://w3id.org/mikg/graph/entities>, <https://w3id.org/mikg/graph/documents>, <https://w3id.org/mikg/graph/curation>)
    || STRSTARTS(STR(?graph), "https://w3id.org/mikg/document/"))
  FILTER EXISTS {
    ?thing skos:prefLabel|dcterms:title|skos:altLabel|mikg:asPrinted|mikg:gist|mikg:proposition|skos:definition|dcterms:description|mikg:basis ?words
  } }
"""
LEFT_OUT = ("document", "passage", "term")  # counted elsewhere


def kinds(engine: Engine) -> dict[str, int]:
    """Return the number of things of each kind, in the order of KINDS; a thing of two kinds counts as the first."""
    classes = {iri: kind for kind, covered in KINDS.items() if kind not in LEFT_OUT for iri in covered}
    found: dict[str, set[str]] = {}
    body = engine.query(Query(COUNT % " ".join(f"<{iri}>" for iri in classes))).body
    for row in json.loads(body)["results"]["bindings"]:
        found.setdefault(classes[row["class"]["value"]], set()).add(row["thing"]["value"])
    counts, seen = {}, set()
    for kind in KINDS:
        things = found.get(kind, set()) - seen
        seen |= things
        if things:
            counts[kind] = len(things)
    return counts
