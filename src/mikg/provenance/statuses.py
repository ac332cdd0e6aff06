"""How a passage holds what it states: as a fact in its own voice, or as a plan, a hope, a report of somebody's claim, a denial.

What is not a fact in a passage's own voice is a node of its own there, with a modality and mostly a claimant (ontology/README.md);
the status of a statement is that of the node which it is about, in its passage, else in the other passages of its document.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from mikg.engine import Engine, Query
from mikg.namespaces import DOCUMENT, MIKG, OWL

ASSERTED = "asserted"
NEGATED = "negated"
TOLD = f"""
SELECT ?graph ?node ?modality ?claimant
WHERE {{
  GRAPH ?graph {{
    {{ ?node <{MIKG}modality> ?modality }}
    UNION {{ ?node <{MIKG}claimant> ?claimant }}
    UNION {{ ?node a <{OWL}NegativePropertyAssertion> BIND(<{MIKG}{NEGATED}> AS ?modality) }}
  }}
}}
"""
Place = tuple[str, str]  # graph and node, as N-Triples


@dataclass(frozen=True)
class Status:
    """How one graph holds one node: the local name of its modality, and the IRIs of those who claim it."""

    graph: str
    node: str
    modality: str = ASSERTED
    claimants: tuple[str, ...] = ()


class Statuses:
    """What is known of the nodes that have a modality or a claimant."""

    def __init__(self, held: Iterable[Status]) -> None:
        self._places: dict[Place, Status] = {}
        self._documents: dict[Place, list[Status]] = {}
        for each in held:
            graph, node = f"<{each.graph}>", f"<{each.node}>"
            self._places[graph, node] = each
            self._documents.setdefault((_document(graph), node), []).append(each)

    def of(self, graph: str, node: str) -> Status | None:
        """Return how a graph holds a node (both in N-Triples); None where it just asserts what it states of it."""
        found = self._places.get((graph, node))
        others = [] if found else self._documents.get((_document(graph), node), [])
        if len({each.modality for each in others}) == 1:
            # Another passage of the document says how it is meant, and all that say so agree.
            claimants = {iri for each in others for iri in each.claimants}
            found = Status(graph[1:-1], node[1:-1], others[0].modality, tuple(sorted(claimants)))
        return None if found is None or (found.modality == ASSERTED and not found.claimants) else found


def statuses(engine: Engine) -> Statuses:
    """Return the statuses that a release tells."""
    modalities: dict[Place, str] = {}
    claimants: dict[Place, set[str]] = {}
    for row in json.loads(engine.query(Query(TOLD)).body)["results"]["bindings"]:
        place = (row["graph"]["value"], row["node"]["value"])
        if "modality" in row and modalities.get(place, ASSERTED) == ASSERTED:
            modalities[place] = row["modality"]["value"].removeprefix(MIKG)
        if "claimant" in row:
            claimants.setdefault(place, set()).add(row["claimant"]["value"])
    return Statuses(
        Status(*place, modalities.get(place, ASSERTED), tuple(sorted(claimants.get(place, ())))) for place in {**modalities, **claimants}
    )


def _document(graph: str) -> str:
    """Return the document that a passage is part of, or the graph itself where it is no passage."""
    whole = graph[1:-1]
    return DOCUMENT + whole.removeprefix(DOCUMENT).partition("/")[0] if whole.startswith(DOCUMENT) else whole
