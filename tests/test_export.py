"""Networks for other tools, each opened by a reader that is not the writer."""

import csv
import io
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import networkx
import pytest

from mikg import network
from mikg.errors import Misuse
from mikg.namespaces import ID, MIKG, shorten
from mikg.network import Edge, Network, Node, formats

ABOUT = formats.About("mikg: Statements", "abc")
ODD = Network(
    (
        Node("urn:a", 'quote " back \\ slash\nline <b>&amp;</b>', "thing"),
        Node("urn:b", "ñandú 🦆 \x07", "place", 2020, 2021, ("doc-a", "doc-b")),
    ),
    (
        Edge("e1", "urn:a", "urn:b", MIKG + "actor", "is, “said”; 'so'", "planned", passages=("urn:p1", "urn:p2"), capacity='a "b"\n<c>'),
        Edge("e2", "urn:a", "urn:b", MIKG + "actor", "actor", start="2020-01-01", end="2020-12-31"),
        Edge("loop", "urn:b", "urn:b", MIKG + "actor", "actor", weight=3),
    ),
    "odd",
)
EMPTY = Network((), (), "empty")


@pytest.fixture(scope="module")
def whole(pool) -> Network:
    return network.load(pool, statuses=())


def ends(one: Network) -> list[tuple[str, str]]:
    return sorted((edge.source, edge.target) for edge in one.edges)


@pytest.fixture(params=["whole", "odd", "empty"])
def given(request, whole) -> Network:
    return {"whole": whole, "odd": ODD, "empty": EMPTY}[request.param]


def test_networkx_reads_graphml(given):
    text = formats.write(given, "graphml", ABOUT)
    graph = networkx.parse_graphml(text, force_multigraph=True)
    assert sorted((one, other) for one, other in graph.edges()) == ends(given)
    assert graph.graph["title"] == ABOUT.title
    assert graph.graph["licence"] == formats.LICENCE
    assert "passages" in graph.graph["source"]
    for edge in given.edges:
        facts = graph.edges[edge.source, edge.target, edge.id]
        assert facts["status"] == edge.status
        assert facts.get("passages", "") == " ".join(edge.passages)
        assert facts.get("start", "") == edge.start


def test_igraph_reads_graphml(given, tmp_path):
    igraph = pytest.importorskip("igraph")
    path = tmp_path / "one.graphml"
    path.write_text(formats.write(given, "graphml", ABOUT), encoding="utf-8")
    graph = igraph.Graph.Read_GraphML(str(path))
    assert graph.is_directed()
    assert sorted((graph.vs[edge.source]["id"], graph.vs[edge.target]["id"]) for edge in graph.es) == ends(given)
    assert {vertex["label"] for vertex in graph.vs} == {formats._xml(node.name) for node in given.nodes}


def test_networkx_reads_gexf(given):
    text = formats.write(given, "gexf", ABOUT)
    # networkx reads GEXF up to 1.2, which differs from 1.3 in what we write by the namespace alone.
    older = text.replace(formats.GEXF, "http://www.gexf.net/1.2draft").replace('version="1.3"', 'version="1.2"')
    graph = networkx.read_gexf(io.BytesIO(older.encode()))
    assert sorted((one, other) for one, other in graph.edges()) == ends(given)
    assert {node: facts["label"] for node, facts in graph.nodes(data=True)} == {node.iri: formats._xml(node.name) for node in given.nodes}
    meta = ElementTree.fromstring(text)[0]
    assert ABOUT.title in [each.text for each in meta]
    assert formats.LICENCE in "".join(meta.itertext())


def test_gexf_has_the_days_of_each_edge(whole):
    root = ElementTree.fromstring(formats.write(whole, "gexf", ABOUT))
    written = {each.get("id"): (each.get("start", ""), each.get("end", "")) for each in root.iter(f"{{{formats.GEXF}}}edge")}
    assert written == {edge.id: (edge.start, edge.end) for edge in whole.edges}


def test_pydot_reads_dot(given):
    pydot = pytest.importorskip("pydot")
    text = formats.write(given, "dot", ABOUT)
    assert formats.LICENCE in text
    (graph,) = pydot.graph_from_dot_data(text)
    read = sorted((edge.get_source().strip('"'), edge.get_destination().strip('"')) for edge in graph.get_edges())
    assert read == sorted((shorten(one), shorten(other)) for one, other in ends(given))


@pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz is not on this machine")
def test_graphviz_draws_dot(given):
    done = subprocess.run(
        ["dot", "-Tplain"], input=formats.write(given, "dot", ABOUT), capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    drawn = [line.split()[0] for line in done.stdout.splitlines()]
    assert drawn.count("edge") == len(given.edges)
    assert drawn.count("node") == len(given.nodes)


def test_pandas_reads_csv(given):
    pandas = pytest.importorskip("pandas")
    text = formats.write(given, "csv", ABOUT)
    frame = pandas.read_csv(io.StringIO(text, newline=""), keep_default_na=False)
    assert list(frame["id"]) == [edge.id for edge in given.edges]
    assert list(frame["capacity"]) == [edge.capacity for edge in given.edges]
    assert [row["passages"].split() for row in csv.DictReader(io.StringIO(text, newline=""))] == [
        list(edge.passages) for edge in given.edges
    ]


def test_csvw_reads_the_csv_with_what_stands_beside_it(given, tmp_path):
    csvw = pytest.importorskip("csvw")
    (tmp_path / "edges.csv").write_text(formats.write(given, "csv", ABOUT), encoding="utf-8", newline="")
    beside = tmp_path / "edges.csv-metadata.json"
    beside.write_text(formats.csv_metadata(ABOUT, "edges.csv"), encoding="utf-8")
    table = csvw.Table.from_file(beside)
    rows = list(table.iterdicts())
    assert [row["id"] for row in rows] == [edge.id for edge in given.edges]
    assert [tuple(row["passages"]) for row in rows] == [edge.passages for edge in given.edges]
    assert [row["start"].isoformat()[:10] if row["start"] else "" for row in rows] == [edge.start for edge in given.edges]
    assert [row["weight"] for row in rows] == [edge.weight for edge in given.edges]
    assert json.loads(beside.read_text())["dc:license"] == {"@id": formats.LICENCE}


CYTOSCAPE = """
const { createRequire } = require('module');
const cytoscape = createRequire(process.argv[1] + '/x.js')('cytoscape');
const file = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const cy = cytoscape({ headless: true, data: file.data, elements: file.elements });
console.log(JSON.stringify({
  nodes: cy.nodes().map(node => [node.id(), node.data('label')]),
  edges: cy.edges().map(edge => [edge.id(), edge.source().id(), edge.target().id(), edge.data('status')]),
  licence: cy.data('licence'),
}));
"""


def test_cytoscape_js_reads_cytoscape_json(given):
    kept = Path(__file__).parents[1] / "src/mikg/web/assets/node_modules"
    folders = [kept, *sorted(Path(tempfile.gettempdir()).glob("assets-*/node_modules"))]
    modules = next((folder for folder in folders if (folder / "cytoscape/package.json").is_file()), None)
    if not shutil.which("node") or not modules:
        pytest.skip("node or its package cytoscape is not installed (npm ci in src/mikg/web/assets)")
    done = subprocess.run(
        ["node", "-e", CYTOSCAPE, str(modules)],
        input=formats.write(given, "cytoscape", ABOUT),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    read = json.loads(done.stdout)
    assert sorted(map(tuple, read["edges"])) == sorted((edge.id, edge.source, edge.target, edge.status) for edge in given.edges)
    assert sorted(identifier for identifier, _ in read["nodes"]) == sorted(node.iri for node in given.nodes)
    assert read["licence"] == formats.LICENCE


def test_networkx_reads_cytoscape_json(given):
    whole = json.loads(formats.write(given, "cytoscape", ABOUT))
    assert whole["data"]["licence"] == formats.LICENCE
    graph = networkx.cytoscape_graph(whole)
    assert sorted((one, other) for one, other in graph.edges()) == ends(given)


def test_cytoscape_json_is_as_cytoscape_takes_it(given):
    # https://js.cytoscape.org/#notation/elements-json: ids are unique texts, and an edge names nodes that there are.
    elements = json.loads(formats.write(given, "cytoscape", ABOUT))["elements"]
    nodes = [each["data"]["id"] for each in elements["nodes"]]
    edges = [each["data"]["id"] for each in elements["edges"]]
    assert len({*nodes, *edges}) == len(nodes) + len(edges)
    assert all({each["data"]["source"], each["data"]["target"]} <= set(nodes) for each in elements["edges"])


def test_json_has_every_field_and_says_what_it_is(given):
    read = json.loads(formats.write(given, "json", ABOUT))
    assert read["licence"] == formats.LICENCE
    assert read["nodes"] == json.loads(json.dumps(given.to_json()))["nodes"]
    assert read["edges"] == json.loads(json.dumps(given.to_json()))["edges"]


@pytest.mark.parametrize("form", formats.FORMATS)
def test_the_same_network_is_the_same_file(whole, form):
    assert formats.write(whole, form, ABOUT) == formats.write(whole, form, ABOUT)


def test_a_construct_is_a_network(pool):
    text = f"CONSTRUCT {{ ?a <{MIKG}met> ?b . ?a <{MIKG}name> ?n }} WHERE {{ ?e <{MIKG}party> ?a , ?b . ?a <http://www.w3.org/2004/02/skos/core#prefLabel> ?n FILTER(?a != ?b) }}"
    made = formats.constructed(pool, text)
    assert made.by_iri[ID + "panama"].name == "Panama"
    assert {edge.relation for edge in made.edges} == {MIKG + "met"}
    assert networkx.parse_graphml(formats.write(made, "graphml", ABOUT)).number_of_edges() == len(made.edges)


def test_a_select_is_no_network(pool):
    with pytest.raises(Misuse, match="CONSTRUCT"):
        formats.constructed(pool, "SELECT * { ?s ?p ?o } LIMIT 1")


def export(*arguments: str, **more: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "mikg", "export", *arguments], capture_output=True, text=True, check=False, **more)


def test_the_command_writes_a_file(pool, tmp_path):
    path = tmp_path / "countries.graphml"
    done = export("--format", "graphml", "--projection", "countries", "-o", str(path))
    assert (done.returncode, done.stdout) == (0, "")
    graph = networkx.read_graphml(path)
    assert ID + "panama" in graph
    assert f"{graph.number_of_nodes()} nodes" in done.stderr


def test_beside_a_csv_file_stands_its_licence(pool, tmp_path):
    path = tmp_path / "countries.csv"
    assert export("--format", "csv", "--projection", "countries", "-o", str(path)).returncode == 0
    beside = json.loads((tmp_path / "countries.csv-metadata.json").read_text())
    assert (beside["url"], beside["dc:license"]["@id"]) == ("countries.csv", formats.LICENCE)
    assert [each["name"] for each in beside["tableSchema"]["columns"]] == next(csv.reader([path.read_text().splitlines()[0]]))


def test_filters_that_leave_nothing_are_written_and_said(pool, tmp_path):
    done = export("--format", "graphml", "--since", "2099", "-o", str(tmp_path / "none.graphml"))
    assert done.returncode == 0
    assert "0 nodes, 0 edges" in done.stderr
    assert networkx.read_graphml(tmp_path / "none.graphml").number_of_nodes() == 0


def test_the_command_takes_a_construct_from_standard_input(pool):
    done = export("--format", "json", "--construct", "-", input=f"CONSTRUCT {{ ?a <{MIKG}party> ?b }} WHERE {{ ?a <{MIKG}party> ?b }}")
    assert len(json.loads(done.stdout)["edges"]) > 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "png"], "graphml"),
        (["--format", "json", "--projection", "x"], "countries"),
        (["--format", "json", "--construct", "SELECT * { ?s ?p ?o } LIMIT 1"], "CONSTRUCT"),
        (["--format", "json", "-o", "/no/such/folder/x.json"], "cannot be written"),
        (["--format", "json", "--around", "panana"], "id:panama"),
    ],
    ids=str,
)
def test_what_cannot_be_written_is_said(pool, arguments, said):
    done = export(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
