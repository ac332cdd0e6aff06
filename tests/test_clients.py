"""Clients of others, as their users run them, against the live server on loopback."""

import io
import json
import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from mikg.namespaces import BASE, EXTERNAL

ROOT = Path(__file__).parents[1]
NAMES = """
PREFIX mikg: <https://w3id.org/mikg/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?country ?name WHERE { ?country a mikg:Country ; skos:prefLabel ?name FILTER(LANG(?name) = "es") } ORDER BY ?name
"""
PANAMA = "CONSTRUCT WHERE { <https://w3id.org/mikg/id/panama> ?p ?o }"


@pytest.fixture(scope="module")
def names(server) -> list[str]:
    answer = server.ask(f"sparql?{urlencode({'query': NAMES})}", Accept="application/sparql-results+json")
    return [row["name"]["value"] for row in json.loads(answer.body)["results"]["bindings"]]


def run(*command: str, **more: object) -> str:
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not on this machine")
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False, **more)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


# Python


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sparqlwrapper_gets_rows_and_a_graph(server, names, method):
    wrapper = pytest.importorskip("SPARQLWrapper")
    client = wrapper.SPARQLWrapper(server.url + "sparql")
    client.setMethod(method)
    client.setQuery(NAMES)
    for form in (wrapper.JSON, wrapper.XML):
        client.setReturnFormat(form)
        found = client.queryAndConvert()
        if form == wrapper.JSON:
            assert [row["name"]["value"] for row in found["results"]["bindings"]] == names
        else:
            assert len(found.getElementsByTagName("result")) == len(names)
    client.setQuery(PANAMA)
    client.setReturnFormat(wrapper.TURTLE)
    assert len(list(ox.parse(client.queryAndConvert(), ox.RdfFormat.TURTLE))) > 5


def test_rdflib_reads_the_endpoint_as_a_graph(server, names):
    from rdflib import SKOS, ConjunctiveGraph, Literal, URIRef
    from rdflib.plugins.stores.sparqlstore import SPARQLStore

    store = SPARQLStore(server.url + "sparql", returnFormat="json")
    graph = ConjunctiveGraph(store)
    assert [str(row.name) for row in graph.query(NAMES)] == names
    assert (URIRef(BASE + "id/panama"), SKOS.prefLabel, Literal("Panama", lang="en")) in graph
    assert Literal("Panamá", lang="es") in set(graph.objects(URIRef(BASE + "id/panama"), SKOS.prefLabel))


@pytest.mark.parametrize("suffix", ["ttl", "jsonld", "rdf", "nt"])
def test_rdflib_reads_a_graph_by_its_address(server, suffix):
    from rdflib import Graph

    found = Graph().parse(f"{server.url}graphs?{urlencode({'graph': EXTERNAL + 'countries', 'format': suffix})}")
    lines = server.ask("graph/external/countries", Accept="application/n-triples").body.splitlines()
    assert len(found) == len(set(lines)) > 100


def test_pandas_reads_an_answer_as_a_table(server, names):
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(f"{server.url}sparql?{urlencode({'query': NAMES, 'format': 'csv'})}")
    assert list(frame["name"]) == names
    assert list(frame.columns) == ["country", "name"]


# The command line


def test_curl_follows_an_iri_to_data_in_the_form_it_asks_for(server):
    text = run("curl", "-sSLf", "-H", "Accept: text/turtle", server.url + "id/panama")
    assert any(quad.subject.value == BASE + "id/panama" for quad in ox.parse(text, ox.RdfFormat.TURTLE))


def test_curl_is_sent_packed_bytes_and_an_unchanged_graph_only_once(server, tmp_path):
    address = f"{server.url}graph/external/countries"
    run("curl", "-sSf", "--compressed", "--etag-save", str(tmp_path / "tag"), "-o", str(tmp_path / "graph.ttl"), address)
    assert len(list(ox.parse(path=str(tmp_path / "graph.ttl"), format=ox.RdfFormat.TURTLE))) > 100
    again = run(
        "curl", "-sS", "--compressed", "--etag-compare", str(tmp_path / "tag"), "-o", str(tmp_path / "again"), "-w", "%{http_code}", address
    )
    assert again == "304"


def test_curl_posts_a_query_from_a_file(server, names, tmp_path):
    (tmp_path / "names.rq").write_text(NAMES)
    text = run(
        "curl",
        "-sSf",
        "-H",
        "Content-Type: application/sparql-query",
        "-H",
        "Accept: text/csv",
        "--data-binary",
        "@names.rq",
        server.url + "sparql",
        cwd=tmp_path,
    )
    assert [line.split(",")[1] for line in io.StringIO(text).read().split()[1:] if "," in line][:1] == names[:1][0].split()[:1]


@pytest.mark.parametrize(
    ("syntax", "suffix"), [("turtle", "ttl"), ("rdfxml", "rdf"), ("ntriples", "nt"), ("nquads", "nq"), ("trig", "trig")]
)
def test_rapper_counts_the_same_triples_in_every_syntax(server, syntax, suffix):
    address = f"{server.url}graphs?{urlencode({'graph': EXTERNAL + 'countries', 'format': suffix})}"
    lines = server.ask("graph/external/countries", Accept="application/n-triples").body.splitlines()
    assert len(set(run("rapper", "-q", "-i", syntax, "-o", "ntriples", address).splitlines())) == len(set(lines))


def test_rapper_reads_the_description(server):
    assert "Dataset" in run("rapper", "-q", "-i", "turtle", "-o", "ntriples", server.url + ".well-known/void")


# Comunica: the same engine that runs in browsers

COMUNICA = Path(os.environ.get("MIKG_COMUNICA") or ROOT / "tests/clients/node_modules")
SCRIPT = """
const [package_, query, sources, here] = process.argv.slice(2);
const { QueryEngine } = require(package_);
// w3id.org would send on to whoever serves these names; on loopback that is done here. It is to ask for Turtle: in N-Quads, which
// it likes best, each statement stands in the graph of its passage, and the default graph that it queries is empty.
const lead = (url, init) => {
  const headers = new Headers(init?.headers);
  if (!headers.get('accept')?.includes('sparql-results')) headers.set('accept', 'text/turtle');
  return fetch(String(url.url ?? url).replace('https://w3id.org/mikg/', here), { ...init, headers });
};
(async () => {
  const found = await new QueryEngine().queryBindings(query, { sources: JSON.parse(sources), fetch: lead, lenient: true });
  const rows = await found.toArray({ limit: 100 });
  console.log(JSON.stringify(rows.map((row) => Object.fromEntries([...row].map(([name, term]) => [name.value, term.value])))));
  process.exit(0);
})().catch((fault) => { console.error(fault); process.exit(1); });
"""


def comunica(folder: Path, package: str, query: str, sources: list, here: str) -> list[dict[str, str]]:
    if not (COMUNICA / package).is_dir():
        pytest.skip(f"{package} is not installed (npm install --prefix tests/clients --ignore-scripts)")
    (folder / "ask.js").write_text(SCRIPT)
    out = run("node", str(folder / "ask.js"), package, query, json.dumps(sources), here, env={**os.environ, "NODE_PATH": str(COMUNICA)})
    return json.loads(out.splitlines()[-1])


def test_comunica_joins_two_endpoints(server, release_of, serve, tmp_path):
    theirs = [
        ox.Quad(ox.NamedNode(BASE + "id/panama"), ox.NamedNode("http://x.example/size"), ox.Literal("seven"), ox.DefaultGraph()),
        ox.Quad(ox.NamedNode(BASE + "id/nowhere"), ox.NamedNode("http://x.example/size"), ox.Literal("none"), ox.DefaultGraph()),
    ]
    chosen = release_of(theirs)
    other = serve(chosen.releases, MIKG_SOURCES=str(chosen.sources))
    query = 'PREFIX skos: <http://www.w3.org/2004/02/skos/core#> SELECT ?name ?size { ?c <http://x.example/size> ?size ; skos:prefLabel ?name FILTER(LANG(?name) = "es") }'
    sources = [{"type": "sparql", "value": each.url + "sparql"} for each in (server, other)]
    assert comunica(tmp_path, "@comunica/query-sparql", query, sources, server.url) == [{"name": "Panamá", "size": "seven"}]


def test_comunica_follows_links_from_one_name_to_the_next(server, tmp_path):
    query = """
    PREFIX mikg: <https://w3id.org/mikg/ontology#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
    SELECT DISTINCT ?name {
      <https://w3id.org/mikg/id/us-costa-rica-arrangement> mikg:party ?party . ?party skos:prefLabel ?name FILTER(LANG(?name) = "es")
    }"""
    found = comunica(tmp_path, "@comunica/query-sparql-link-traversal", query, [server.url + "id/us-costa-rica-arrangement"], server.url)
    assert {row["name"] for row in found} == {"Costa Rica", "Estados Unidos"}
