"""A network made ready to be explored: neighbours at hand, names to find, communities."""

from functools import cached_property

from mikg.exploration.state import ASSERTED, Opening
from mikg.network import Edge, Network, Node


class Ground:
    """The nodes and edges of a network, by node."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.nodes: dict[str, Node] = network.by_iri
        self.edges: dict[str, Edge] = {each.id: each for each in network.edges}
        self._of: dict[str, list[Edge]] = {}
        for edge in network.edges:
            self._of.setdefault(edge.source, []).append(edge)
            if edge.target != edge.source:
                self._of.setdefault(edge.target, []).append(edge)

    def edges_of(self, node: str) -> list[Edge]:
        """Return the edges at a node, a loop once."""
        return self._of.get(node, [])

    def degree(self, node: str) -> int:
        """Return how many edges a node has."""
        return len(self.edges_of(node))

    def neighbours(self, node: str, statuses: frozenset[str]) -> set[str]:
        """Return what stands at the other end of the edges of some statuses."""
        return {edge.other(node) for edge in self.edges_of(node) if edge.status in statuses} - {node}

    def opened(self, opening: Opening, statuses: frozenset[str]) -> set[str]:
        """Return the neighbours that an opening adds."""
        return {
            edge.other(opening.node)
            for edge in self.edges_of(opening.node)
            if edge.status in statuses
            and (
                not opening.relation
                or (edge.relation == opening.relation and (edge.source == opening.node) == (opening.direction == "out"))
            )
        }

    def between(self, drawn: set[str], statuses: frozenset[str]) -> list[Edge]:
        """Return the edges of some statuses with both ends drawn, in order."""
        found: dict[str, Edge] = {}
        for node in drawn:
            for edge in self._of.get(node, ()):
                if edge.status in statuses and edge.source in drawn and edge.target in drawn:
                    found[edge.id] = edge
        return [found[each] for each in sorted(found)]

    def community(self, node: str) -> int:
        """Return the number of a node's community, the largest first; 0 where it has no edge."""
        return self._communities.get(node, 0)

    def centre(self, community: int) -> str:
        """Return the best connected node of a community, after which it is called."""
        members = [each for each, number in self._communities.items() if number == community]
        return max(members, key=lambda each: (self.degree(each), each), default="")

    @cached_property
    def labels(self) -> dict[str, str]:
        """The name of each relation."""
        return {each.relation: each.label for each in self.edges.values()}

    @cached_property
    def _communities(self) -> dict[str, int]:
        import networkx as nx

        graph = nx.Graph()
        graph.add_nodes_from(sorted(self._of))
        graph.add_edges_from(sorted((each.source, each.target) for each in self.edges.values() if each.status == ASSERTED))
        groups = sorted(nx.community.louvain_communities(graph, seed=1), key=lambda group: (-len(group), min(group)))
        return {node: number for number, group in enumerate((each for each in groups if len(each) > 1), 1) for node in group}

    @staticmethod
    def period(edge: Edge) -> tuple[int | None, int | None]:
        """Return the first and last year of an edge, as far as they are known."""
        return _year(edge.start), _year(edge.end)


def _year(date: str | int | None) -> int | None:
    text = str(date or "")[:4]
    return int(text) if text.isdigit() else None
