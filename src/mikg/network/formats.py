"""Networks for other tools: GraphML, GEXF, DOT, JSON, CSV, Cytoscape JSON; and any CONSTRUCT as a network.

Title, licence and source stand in each file whose format has a place for them: in all but CSV, which has a file beside it that says
them, and what its columns hold (CSVW, https://www.w3.org/TR/tabular-data-primer/).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from xml.etree import ElementTree

from mikg.engine import Engine, Query
from mikg.errors import Misuse
from mikg.labels import Labels
from mikg.namespaces import shorten
from mikg.network.graph import Edge, Network, Node

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
RELATED = "constructed"  # the status of an edge that a query has made
GEXF = "http://gexf.net/1.3"
# Shapes of Graphviz for the kinds that a drawing tells apart; others are ellipses.
DOT_SHAPES = {"country": "circle", "person": "diamond", "organisation": "box", "agreement": "note", "event": "cds", "place": "invtriangle"}

CSV_COLUMNS = (
    "source",
    "source_name",
    "target",
    "target_name",
    *(name for name in Edge.__slots__ if name not in ("source", "target")),
)
# What a column holds, where its name does not say it.
MEANINGS = {
    "label": "the relation in words",
    "status": "asserted, or what else the source does with it: planned, claimed, negated ...",
    "speaker": "who is said to say so; empty where the document itself does",
    "start": "first day on which it may have held",
    "end": "last such day",
    "via": "the node that says more of it",
    "capacity": "in what capacity or words",
    "passages": "the passages that say so",
    "weight": "how many passages say so",
}


@dataclass(frozen=True)
class About:
    """What a file says of itself."""

    title: str
    release: str = ""
    licence: str = LICENCE
    source: str = "mikg, a knowledge graph of migration policy that cites its sources; every edge names the passages that state it"


def constructed(engine: Engine, text: str, language: str = "en") -> Network:
    """Return the graph of a CONSTRUCT or DESCRIBE as a network: IRIs are nodes, triples between them edges; literals are left out."""
    import pyoxigraph as ox

    answer = engine.query(Query(text, triples="application/n-triples"))
    if answer.form not in ("CONSTRUCT", "DESCRIBE"):
        raise Misuse(f"{answer.form} gives a table; a network is made of a CONSTRUCT or DESCRIBE.")
    triples = sorted(
        (triple.subject.value, triple.predicate.value, triple.object.value)
        for triple in ox.parse(answer.body, format=ox.RdfFormat.N_TRIPLES)
        if not isinstance(triple.object, ox.Literal)
    )
    names = Labels(engine).of({each for triple in triples for each in triple}, language)
    edges = tuple(
        Edge(
            f"e{hashlib.sha256(' '.join(triple).encode()).hexdigest()[:15]}",
            triple[0],
            triple[2],
            triple[1],
            names[triple[1]].name,
            RELATED,
        )
        for triple in triples
    )
    nodes = sorted({end for edge in edges for end in (edge.source, edge.target)})
    return Network(tuple(Node(iri, names[iri].name, names[iri].kind) for iri in nodes), edges, "construct")


def write(network: Network, form: str, about: About) -> str:
    """Return the network as a file of this format."""
    if form not in FORMATS:
        raise Misuse(f"a network has no format {form[:40]!r}; it takes one of: {', '.join(FORMATS)}.")
    return FORMATS[form][1](network, about)


def graphml(network: Network, about: About) -> str:
    """Return GraphML (http://graphml.graphdrawing.org), written by networkx; lists are joined by spaces."""
    import networkx

    graph = networkx.MultiDiGraph(**asdict(about))
    for node in network.nodes:
        graph.add_node(node.iri, label=_xml(node.name), **_flat(node, "iri", "name"))
    for edge in network.edges:
        graph.add_edge(edge.source, edge.target, edge.id, **_flat(edge, "id", "source", "target"))
    return "\n".join(networkx.generate_graphml(graph, named_key_ids=True)) + "\n"


def gexf(network: Network, about: About) -> str:
    """Return GEXF 1.3 (https://gexf.net), as Gephi reads it: edges with a start and an end, so that its timeline works."""
    ElementTree.register_namespace("", GEXF)
    root = ElementTree.Element(f"{{{GEXF}}}gexf", version="1.3")
    meta = _below(root, "meta")
    for name, words in (
        ("creator", "mikg"),
        ("title", about.title),
        ("description", f"{about.source}. Licence: {about.licence}. Release: {about.release}."),
    ):
        _below(meta, name).text = words
    graph = _below(root, "graph", defaultedgetype="directed", mode="dynamic", timeformat="date")
    nodes = [(node.iri, node.name, _flat(node, "iri", "name"), {}) for node in network.nodes]
    edges = []
    for edge in network.edges:
        span = {name: day for name, day in (("start", edge.start), ("end", edge.end)) if day}
        ends = {"source": edge.source, "target": edge.target, "weight": str(edge.weight)}
        edges.append((edge.id, edge.label, _flat(edge, "id", "source", "target", "label", "start", "end", "weight"), {**ends, **span}))
    for kind, rows in (("node", nodes), ("edge", edges)):
        titles = {
            "node": ("kind", "first", "last", "documents"),
            "edge": ("relation", "status", "speaker", "via", "capacity", "passages", "documents"),
        }[kind]
        declared = _below(graph, "attributes", {"class": kind})
        for title in titles:
            _below(declared, "attribute", id=title, title=title, type="integer" if title in ("first", "last") else "string")
        parent = _below(graph, f"{kind}s")
        for identifier, label, facts, more in rows:
            one = _below(parent, kind, {"id": identifier, "label": _xml(label), **more})
            values = _below(one, "attvalues")
            for name, value in facts.items():
                _below(values, "attvalue", {"for": name, "value": _xml(str(value))})
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def dot(network: Network, about: About) -> str:
    """Return DOT (https://graphviz.org/doc/info/lang.html): nodes by CURIE, what is not asserted dashed."""
    lines = [
        f"// {' '.join(about.source.split())}",
        f"// licence: {about.licence}",
        f"// release: {about.release}",
        f"digraph {_quoted(about.title)} {{",
        f"  graph [label={_quoted(about.title)}, rankdir=LR];",
        '  node [fontname="sans-serif"]; edge [fontname="sans-serif"];',
    ]
    for node in network.nodes:
        lines.append(
            f"  {_quoted(shorten(node.iri))} [label={_quoted(node.name)}, URL={_quoted(node.iri)}, shape={DOT_SHAPES.get(node.kind, 'ellipse')}];"
        )
    for edge in network.edges:
        facts = {
            "id": edge.id,
            "label": edge.label,
            "weight": str(edge.weight),
            "URL": edge.passages[0] if edge.passages else edge.relation,
        }
        if edge.status not in ("asserted", RELATED):
            facts["style"] = "dashed"
        said = ", ".join(f"{name}={_quoted(value)}" for name, value in facts.items())
        lines.append(f"  {_quoted(shorten(edge.source))} -> {_quoted(shorten(edge.target))} [{said}];")
    return "\n".join([*lines, "}"]) + "\n"


def plain_json(network: Network, about: About) -> str:
    """Return JSON with the fields of `Node` and `Edge`."""
    return json.dumps({**asdict(about), **network.to_json()}, ensure_ascii=False, indent=1) + "\n"


def edges_csv(network: Network, _about: About) -> str:
    """Return the edges as CSV, with the names of their ends; lists are joined by spaces."""
    names = {node.iri: node.name for node in network.nodes}
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(CSV_COLUMNS)
    for edge in network.edges:
        row = [getattr(edge, name) for name in CSV_COLUMNS[4:]]
        writer.writerow(
            [
                edge.source,
                names[edge.source],
                edge.target,
                names[edge.target],
                *(" ".join(each) if isinstance(each, tuple) else each for each in row),
            ]
        )
    return output.getvalue()


def csv_metadata(about: About, url: str) -> str:
    """Return what is to stand beside the CSV of a network, as `<file>-metadata.json`; `url` is where the CSV is."""
    types = {"start": "date", "end": "date", "weight": "integer", "source": "anyURI", "target": "anyURI", "relation": "anyURI"}
    columns: list[dict[str, object]] = []
    for name in CSV_COLUMNS:
        column: dict[str, object] = {"name": name, "titles": name, "datatype": types.get(name, "string")}
        if name in MEANINGS:
            column["dc:description"] = MEANINGS[name]
        if name in ("passages", "documents"):
            column["separator"] = " "
        columns.append(column)
    whole = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": url,
        "dc:title": about.title,
        "dc:license": {"@id": about.licence},
        "dc:source": about.source,
        "dc:identifier": about.release,
        "tableSchema": {"columns": columns, "primaryKey": "id"},
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def cytoscape(network: Network, about: About) -> str:
    """Return Cytoscape JSON (https://js.cytoscape.org/#notation/elements-json), as Cytoscape and cytoscape.js read it."""
    nodes = [{"data": {"id": node.iri, "value": node.iri, "label": node.name, **_flat(node, "iri")}} for node in network.nodes]
    edges = [{"data": {**_flat(edge), "key": edge.id, "interaction": edge.label}} for edge in network.edges]
    whole = {
        "data": {**asdict(about), "name": about.title},
        "directed": True,
        "multigraph": True,
        "elements": {"nodes": nodes, "edges": edges},
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


# Each format with its media type and its writer.
FORMATS: dict[str, tuple[str, Callable[[Network, About], str]]] = {
    "graphml": ("application/graphml+xml", graphml),
    "gexf": ("application/gexf+xml", gexf),
    "dot": ("text/vnd.graphviz", dot),
    "json": ("application/json", plain_json),
    "csv": ("text/csv", edges_csv),
    "cytoscape": ("application/vnd.cytoscape+json", cytoscape),
}


def _flat(one: Node | Edge, *without: str) -> dict[str, str | int]:
    """Return the fields that are known, lists joined by spaces."""
    facts = {}
    for name in one.__slots__:
        value = getattr(one, name)
        if name not in without and value not in ("", None, ()):
            facts[name] = " ".join(value) if isinstance(value, tuple) else _xml(value) if isinstance(value, str) else value
    return facts


def _xml(text: str) -> str:
    """Return the text without the control characters that XML 1.0 has no way to write."""
    return "".join(character for character in text if character >= " " or character in "\t\n\r")


def _below(parent: ElementTree.Element, name: str, facts: dict[str, str] | None = None, **more: str) -> ElementTree.Element:
    return ElementTree.SubElement(parent, f"{{{GEXF}}}{name}", {**(facts or {}), **more})


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
