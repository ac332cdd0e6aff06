"""How a passage holds what it states: as a fact in its own voice, or as a plan, a hope, a report of somebody's claim, a denial.

What is not a fact in a passage's own voice is a node of its own there, with a modality and mostly a claimant (ontology/README.md);
the status of a statement is that of the node which it is about, in its passage, else in the other passages of its document.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from mikg.namespaces import DOCUMENT, MIKG, OWL
from mikg.provenance.asking import Asker

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
Place = tuple[str, str]  # the IRI of a graph, and a node of it in N-Triples


@dataclass(frozen=True)
class Status:
    """How one graph holds one node: the local name of its modality, and the IRIs of those who claim it."""

    graph: str
    node: str
    modality: str = ASSERTED
    claimants: tuple[str, ...] = ()


class Statuses:
    """What is known of how graphs hold nodes; of a node that was never asked for nothing is."""

    def __init__(self) -> None:
        self._nodes: dict[str, tuple[Status, ...]] = {}

    def __len__(self) -> int:
        return len(self._nodes)

    def learn(self, asker: Asker, nodes: Iterable[str]) -> None:
        """Ask in which graphs these nodes (in N-Triples) have a modality or a claimant, unless that is known."""
        unknown = {node for node in nodes if node not in self._nodes}
        iris = [(node,) for node in unknown if node.startswith("<")]
        modalities: dict[Place, str] = {}
        claimants: dict[Place, set[str]] = {}
        for solution in asker.each(TOLD, ["?node"], iris):
            place = (solution["?graph"][1:-1], solution["?node"])
            before = modalities.setdefault(place, ASSERTED)
            if "?modality" in solution and before == ASSERTED:
                modalities[place] = solution["?modality"][1:-1].removeprefix(MIKG)
            if "?claimant" in solution:
                claimants.setdefault(place, set()).add(solution["?claimant"][1:-1])
        found: dict[str, list[Status]] = {node: [] for node in unknown}
        for (graph, node), modality in modalities.items():
            found[node].append(Status(graph, node[1:-1], modality, tuple(sorted(claimants.get((graph, node), ())))))
        self._nodes.update((node, tuple(held)) for node, held in found.items())

    def of(self, graph: str, node: str) -> Status | None:
        """Return how a graph holds a node (in N-Triples); None where it just asserts what it states of it."""
        held = self._nodes.get(node)
        if not held:
            return None
        found = next((each for each in held if each.graph == graph), None)
        if found is None:
            document = _document(graph)
            others = [each for each in held if _document(each.graph) == document]
            if len({each.modality for each in others}) == 1:
                # Another passage of the document says how it is meant, and all that say so agree.
                claimants = {claimant for each in others for claimant in each.claimants}
                found = Status(graph, node[1:-1], others[0].modality, tuple(sorted(claimants)))
        return None if found is None or (found.modality == ASSERTED and not found.claimants) else found


def _document(graph: str) -> str:
    """Return the document that a passage is part of, or the graph itself where it is no passage."""
    return DOCUMENT + graph.removeprefix(DOCUMENT).partition("/")[0] if graph.startswith(DOCUMENT) else graph
