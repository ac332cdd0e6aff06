"""What a drawing shows, written for other tools: GraphML and GEXF by networkx, JSON and CSV."""

import csv
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict

from mikg.network import Edge, Network, Node

MEDIA = {"graphml": "application/graphml+xml", "gexf": "application/gexf+xml", "json": "application/json", "csv": "text/csv"}


def write(form: str, nodes: Iterable[Node], edges: Iterable[Edge]) -> str:
    """Return nodes and edges in a form of `MEDIA`."""
    return _FORMS[form](Network(tuple(nodes), tuple(edges)))


def _plain(network: Network) -> object:
    """Return the network as networkx writes it: no tuples, nothing empty, and `label` for the name, as Gephi has it."""
    graph = network.to_networkx()
    for _, facts in graph.nodes(data=True):
        facts["label"] = facts.pop("name")
        _flatten(facts)
    for _, _, facts in graph.edges(data=True):
        _flatten(facts)
    return graph


def _flatten(facts: dict) -> None:
    for name, value in list(facts.items()):
        if isinstance(value, tuple):
            facts[name] = " ".join(value)
        elif value is None or (name in ("start", "end") and not value):
            del facts[name]  # GEXF reads `start` and `end` as the life of an edge


def _graphml(network: Network) -> str:
    import networkx as nx

    return "\n".join(nx.generate_graphml(_plain(network))) + "\n"


def _gexf(network: Network) -> str:
    import networkx as nx

    return "\n".join(nx.generate_gexf(_plain(network))) + "\n"


def _json(network: Network) -> str:
    return json.dumps(network.to_json(), ensure_ascii=False, indent=1) + "\n"


def _csv(network: Network) -> str:
    output = io.StringIO()
    writer = None
    for edge in network.edges:
        row = {
            name: " ".join(value) if isinstance(value, tuple) else value
            for name, value in {
                **asdict(edge),
                "source name": network.by_iri[edge.source].name,
                "target name": network.by_iri[edge.target].name,
            }.items()
        }
        if writer is None:
            writer = csv.DictWriter(output, row)
            writer.writeheader()
        writer.writerow(row)
    return output.getvalue()


_FORMS: dict[str, Callable[[Network], str]] = {"graphml": _graphml, "gexf": _gexf, "json": _json, "csv": _csv}
