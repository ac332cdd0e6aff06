"""The graph as a network: named things as nodes, what is said of two of them as edges that keep relation, time and passages.

A projection is a SPARQL query of queries/networks/; `statements` holds every relation. Only what is asserted draws an edge, unless
asked otherwise.
"""

from mikg.network.filters import Filter
from mikg.network.graph import Edge, Network, Node
from mikg.network.projections import ASSERTED, PROJECTIONS, Networks, find, load, projections

__all__ = ["ASSERTED", "PROJECTIONS", "Edge", "Filter", "Network", "Networks", "Node", "find", "load", "projections"]
