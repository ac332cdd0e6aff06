"""What is published says only what is true: counts, files, checksums, functions, limits, questions."""

import dataclasses
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pyoxigraph as ox
import pytest
import yaml

from mikg import downloads, release
from mikg.description import dataset, examples, service
from mikg.description.statistics import DATASET, HOME
from mikg.description.triples import iri
from mikg.engine import Query
from mikg.engine.worker import TRIPLES
from mikg.namespaces import BASE, EXTERNAL, GRAPH, PREFIXES
from mikg.web.application import create_app

ROOT = Path(__file__).parents[1]
SUITES = Path(os.environ.get("MIKG_CONFORMANCE") or ROOT.parent / "shared/conformance")
VOID = "PREFIX void: <http://rdfs.org/ns/void#> PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX spdx: <http://spdx.org/rdf/terms#> "


@pytest.fixture(scope="module")
def described(server):
    """A function that asks the description, as served."""
    store = ox.Store()
    store.load(server.ask(".well-known/void", Accept="text/turtle").body, format=ox.RdfFormat.TURTLE)

    def ask(pattern: str) -> list[dict[str, str]]:
        found = store.query(f"{VOID} SELECT * WHERE {{ {pattern} }}")
        names = [variable.value for variable in found.variables]
        return [{name: row[name].value for name in names if row[name] is not None} for row in found]

    return ask


def number(pool, query: str) -> str:
    (row,) = json.loads(pool.query(Query(query)).body)["results"]["bindings"]
    return row["n"]["value"]


# Counts


@pytest.mark.parametrize(
    ("term", "expression"),
    [
        ("triples", "COUNT(*)"),
        ("distinctSubjects", "COUNT(DISTINCT ?s)"),
        ("distinctObjects", "COUNT(DISTINCT ?o)"),
        ("properties", "COUNT(DISTINCT ?p)"),
    ],
)
def test_the_counts_of_the_whole_are_those_that_a_query_gives(described, pool, term, expression):
    (row,) = described(f"<{DATASET}> void:{term} ?n")
    assert row["n"] == number(pool, f"SELECT ({expression} AS ?n) {{ ?s ?p ?o }}")


def test_the_counts_of_every_class_are_those_that_a_query_gives(described, pool):
    said = {row["c"]: row["n"] for row in described(f"<{DATASET}> void:classPartition ?part . ?part void:class ?c ; void:entities ?n")}
    found = json.loads(pool.query(Query("SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c FILTER(isIRI(?c)) } GROUP BY ?c")).body)
    assert said == {row["c"]["value"]: row["n"]["value"] for row in found["results"]["bindings"]}
    assert described(f"<{DATASET}> void:classes ?n") == [{"n": str(len(said))}]


def test_the_counts_of_every_property_are_those_that_a_query_gives(described, pool):
    said = {row["p"]: row["n"] for row in described(f"<{DATASET}> void:propertyPartition ?part . ?part void:property ?p ; void:triples ?n")}
    found = json.loads(pool.query(Query("SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p")).body)
    assert said == {row["p"]["value"]: row["n"]["value"] for row in found["results"]["bindings"]}


def test_a_class_says_which_properties_its_things_have(described, pool):
    agreement = iri("mikg:Agreement").value
    said = {
        row["p"]: row["n"]
        for row in described(f"?c void:class <{agreement}> ; void:propertyPartition ?part . ?part void:property ?p ; void:triples ?n")
    }
    found = json.loads(pool.query(Query(f"SELECT ?p (COUNT(*) AS ?n) {{ ?s a <{agreement}> ; ?p ?o }} GROUP BY ?p")).body)
    assert said == {row["p"]["value"]: row["n"]["value"] for row in found["results"]["bindings"]}


def test_every_link_counted_is_a_link_of_the_graph(described, pool):
    rows = described("?set a void:Linkset ; void:linkPredicate ?p ; void:triples ?n ; void:objectsTarget/void:uriSpace ?space")
    assert len(rows) > 20
    for row in rows:
        counted = f'SELECT (COUNT(*) AS ?n) {{ GRAPH <https://w3id.org/mikg/graph/links> {{ ?s <{row["p"]}> ?o FILTER(STRSTARTS(STR(?o), "{row["space"]}")) }} }}'
        assert int(number(pool, counted)) >= int(row["n"])
    whole = (
        "SELECT (COUNT(*) AS ?n) { GRAPH <https://w3id.org/mikg/graph/links> { ?s <http://www.w3.org/2004/02/skos/core#exactMatch> ?o } }"
    )
    assert str(sum(int(row["n"]) for row in rows if row["p"].endswith("exactMatch"))) == number(pool, whole)


def test_every_graph_is_described_by_itself_or_with_its_document(described, pool, made):
    sizes = release.manifest(made.releases / "current")["graphs"]
    said = {row["g"]: int(row["n"]) for row in described(f"<{DATASET}> void:subset ?g . ?g void:triples ?n")}
    assert {graph: size for graph, size in sizes.items() if "/document/" not in graph}.items() <= said.items()
    documents = {re.sub(r".*/document/([^/]+).*", r"\1", graph) for graph in sizes if "/document/" in graph}
    for key in documents:
        passages = [graph for graph in sizes if f"/document/{key}/" in graph]
        assert described(f"<{DATASET}#document-{key}> void:documents ?n") == [{"n": str(len(passages))}]
        assert 0 < said[f"{DATASET}#document-{key}"] <= sum(sizes[graph] for graph in passages)


def test_the_description_is_a_graph_of_the_release_whose_counts_a_query_gives_again(pool):
    inside = f"PREFIX void: <http://rdfs.org/ns/void#> SELECT ?n {{ GRAPH <{HOME}> {{ %s }} }}"
    whole = f"<{DATASET}> a <http://www.w3.org/ns/dcat#Dataset> ; void:triples ?n"
    assert number(pool, inside % whole) == number(pool, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    for graph in (HOME, GRAPH + "entities", EXTERNAL + "countries"):
        assert number(pool, inside % f"<{graph}> void:triples ?n") == number(
            pool, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        )
    people = "?part void:class <https://w3id.org/mikg/ontology#Person> ; void:entities ?n"
    assert number(pool, inside % people) == number(
        pool, "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a <https://w3id.org/mikg/ontology#Person> }"
    )


def test_the_description_is_one_graph_away_and_tells_nothing_of_a_server(pool):
    assert not json.loads(pool.query(Query(f"ASK {{ <{DATASET}> ?p ?o }}")).body)["boolean"]
    found = pool.query(
        Query(f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{HOME}> {{ ?s ?p ?o }} }}", triples="application/n-triples")
    ).body.decode()
    assert "127.0.0.1" not in found and "downloadURL" not in found and "endpoint" not in found.casefold()


# Files


def test_older_versions_are_linked_and_their_files_are_there(serve, release_of, described):
    chosen = release_of([ox.Quad(*(ox.NamedNode(f"http://x.example/{each}") for each in "spog"))])
    (folder,) = (path for path in chosen.releases.iterdir() if not path.is_symlink())
    whole = json.loads((folder / "manifest.json").read_text())
    (folder / "graph.nq").write_text("<http://x.example/s> <http://x.example/p> <http://x.example/o> <http://x.example/g> .\n")
    (folder / "manifest.json").write_text(
        json.dumps({**whole, "files": {"graph.nq": hashlib.sha256((folder / "graph.nq").read_bytes()).hexdigest()}})
    )
    older = folder.with_name("0123456789ab")
    shutil.copytree(folder, older)
    os.utime(older / "manifest.json", (1_700_000_000, 1_700_000_000))
    (folder.with_name("broken") / "manifest.json").parent.mkdir()
    (folder.with_name("broken") / "manifest.json").write_text("{")
    running = serve(chosen.releases, MIKG_SOURCES=str(chosen.sources))
    store = ox.Store()
    store.load(running.ask(".well-known/void", Accept="text/turtle").body, format=ox.RdfFormat.TURTLE)
    found = store.query(
        f"{VOID} SELECT * {{ <{DATASET}> dcat:previousVersion ?v . ?v dcat:isVersionOf <{DATASET}> ; dcat:version ?n ; dcat:distribution/dcat:downloadURL ?url }}"
    )
    ((name, url),) = [(row["n"].value, row["url"].value) for row in found]
    assert name == older.name and url == f"{running.url}release/{older.name}/graph.nq"
    assert running.ask(url.removeprefix(running.url)).body == (older / "graph.nq").read_bytes()
    assert running.ask(f"release/{older.name}", Accept="text/turtle").status == 200
    missing = running.ask("release/ffffffffffff/graph.nq")
    assert missing.status == 404 and older.name in missing.text
    assert described(f"<{DATASET}> dcat:hasVersion ?v . ?v dcat:version ?n")


def test_every_file_is_what_its_size_and_checksum_say(server, described):
    rows = described(
        f"<{DATASET}> dcat:distribution ?d . ?d dcat:downloadURL ?url ; dcat:byteSize ?size ; spdx:checksum/spdx:checksumValue ?sum"
    )
    assert {row["url"].removeprefix(server.url) for row in rows} == {file.name for file in downloads.FILES}
    sums = dict(reversed(line.split("  ")) for line in server.ask("SHA256SUMS").text.splitlines())
    for row in rows:
        name = row["url"].removeprefix(server.url)
        answer = server.ask(name)
        assert (answer.status, len(answer.body)) == (200, int(row["size"]))
        assert hashlib.sha256(answer.body).hexdigest() == row["sum"] == sums[name]
        assert server.ask(name, If_None_Match=answer.headers["Etag"]).status == 304


def test_the_files_hold_the_same_graph_in_every_syntax(made):
    folder = made.releases / "current"
    quads = {str(quad) for quad in ox.parse(path=str(folder / "graph.nq"), format=ox.RdfFormat.N_QUADS)}
    assert gzip.decompress((folder / "graph.nq.gz").read_bytes()) == (folder / "graph.nq").read_bytes()
    assert {str(quad) for quad in ox.parse(gzip.decompress((folder / "graph.trig.gz").read_bytes()), ox.RdfFormat.TRIG)} == quads
    store = ox.Store.read_only(str(folder / "store"))
    merged = {str(quad.triple) for quad in store.quads_for_pattern(None, None, None, ox.DefaultGraph())}
    for name, form in (("merged.nt.gz", ox.RdfFormat.N_TRIPLES), ("merged.ttl.gz", ox.RdfFormat.TURTLE)):
        assert {str(quad.triple) for quad in ox.parse(gzip.decompress((folder / name).read_bytes()), form)} == merged


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="sha256sum is not on this machine")
def test_sha256sum_checks_the_files(server, tmp_path):
    for name in ("SHA256SUMS", "graph.nq.gz", "merged.nt.gz"):
        (tmp_path / name).write_bytes(server.ask(name).body)
    command = ["sha256sum", "--check", "--ignore-missing", "SHA256SUMS"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.count(": OK") == 2
    (tmp_path / "graph.nq.gz").write_bytes(b"something else")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_the_open_data_keep_their_licences_in_the_catalogue(described):
    rows = described(
        "?d a dcat:Dataset ; void:triples ?n ; <http://purl.org/dc/terms/license> ?licence ; dcat:distribution/dcat:downloadURL ?url"
    )
    assert {row["d"].rpartition("/")[2] for row in rows} >= {"countries", "unhcr-population", "worldbank-population"}


def test_the_catalogue_conforms_to_dcat_ap(server):
    shapes = SUITES / "dcat-ap-3.0.1/shapes.ttl"
    if not shapes.is_file():
        pytest.skip("the shapes of DCAT-AP are not at hand (MIKG_CONFORMANCE)")
    import pyshacl
    from rdflib import Graph

    data = Graph().parse(data=server.ask("description.nt").body, format="nt")
    conforms, _, text = pyshacl.validate(data, shacl_graph=Graph().parse(shapes), do_owl_imports=False)
    assert conforms, text[:4000]


@pytest.mark.parametrize("suffix", ["ttl", "nt", "jsonld", "rdf", "trig", "nq"])
@pytest.mark.parametrize("name", ["description", "catalogue", "prefixes"])
def test_each_description_is_the_same_in_every_rdf_format(server, name, suffix):
    whole = server.ask(f"{name}.nt")
    answer = server.ask(f"{name}.{suffix}")
    media_type = answer.headers["Content-Type"].split(";")[0]
    found = {str(quad.triple) for quad in ox.parse(answer.body, TRIPLES[media_type])}
    assert found == {str(quad.triple) for quad in ox.parse(whole.body, ox.RdfFormat.N_TRIPLES)}
    assert server.ask(name, Accept=media_type, If_None_Match=server.ask(name, Accept=media_type).headers["Etag"]).status == 304


def test_the_name_of_the_data_set_leads_to_a_page_or_to_the_description(server):
    page, data = server.ask("dataset", Accept="text/html"), server.ask("dataset", Accept="text/turtle")
    assert "SHA-256" in page.text
    assert DATASET in data.text


def test_the_page_shows_files_licences_and_how_to_cite(server, made):
    text = server.ask("downloads", Accept="text/html").text
    for word in ("graph.nq.gz", "CC BY 4.0", "GeoNames", "snapshot of", (made.releases / "current").resolve().name, "SHA256SUMS", "@misc"):
        assert word in text
    assert "Descargas" in server.ask("downloads?lang=es", Accept="text/html").text


# The service


def test_every_function_that_the_service_names_gives_a_value(pool):
    wkt = "^^<http://www.opengis.net/ont/geosparql#wktLiteral>"
    point, square = f'"POINT(0 0)"{wkt}', f'"POLYGON((-1 -1,1 -1,1 1,-1 1,-1 -1))"{wkt}'
    given = {
        "date": '"2020-01-01"', "time": '"10:00:00"', "duration": '"P1D"', "dayTimeDuration": '"PT1H"', "yearMonthDuration": '"P1Y"',
        "gYear": '"2020"', "gYearMonth": '"2020-01"', "gMonth": '"--01"', "gMonthDay": '"--01-01"', "gDay": '"---01"',
        "distance": f'{point}, "POINT(1 0)"{wkt}, <http://www.opengis.net/def/uom/OGC/1.0/metre>',
        **dict.fromkeys(service.SIMPLE_FEATURES, f"{point}, {square}"),
    }  # fmt: skip
    for name in service.FUNCTIONS:
        function = iri(name).value
        arguments = given.get(re.split(r"[#/]", function)[-1], point)
        answer = json.loads(pool.query(Query(f"SELECT (<{function}>({arguments}) AS ?value) {{}}")).body)
        assert answer["results"]["bindings"] != [{}], name


def test_the_service_tells_its_limits_and_promises_no_federation_where_there_is_none(server, made):
    text = server.ask("sparql", Accept="application/n-triples").text
    limits = re.findall(r"<(\S+#limit-[\w-]+)> <https://schema.org/maxValue> \"([^\"]+)\"", text)
    assert {name.rpartition("#limit-")[2].replace("-", "_"): float(value) for name, value in limits} == {
        name: float(getattr(made, name)) for name in service.LIMITS
    }
    assert "BasicFederatedQuery" not in text
    assert "<http://www.w3.org/ns/entailment/Simple>" in text


# Questions and prefixes


def test_an_editor_finds_every_question_and_each_has_an_answer(server, pool):
    store = ox.Store()
    store.load(server.ask("catalogue.ttl").body, format=ox.RdfFormat.TURTLE)
    # The query with which SPARQL editors collect examples.
    found = store.query("""
        PREFIX sh: <http://www.w3.org/ns/shacl#>
        SELECT DISTINCT ?sq ?comment ?query WHERE {
          ?sq a sh:SPARQLExecutable ; <http://www.w3.org/2000/01/rdf-schema#comment> ?comment ; sh:select|sh:ask|sh:construct|sh:describe ?query .
        } ORDER BY ?sq""")
    rows = [(row["sq"].value, row["query"].value) for row in found]
    assert [name.removeprefix(examples.QUESTIONS) for name, _ in rows] == sorted(path.stem for path in (ROOT / "queries").glob("*.rq"))
    for name, query in rows:
        assert "#+" not in query
        assert pool.query(Query(query)).body, name


def test_the_prefixes_are_declared_in_json_and_as_shacl_has_them(server):
    assert json.loads(server.ask("prefixes.json").body) == PREFIXES
    store = ox.Store()
    store.load(server.ask("prefixes.ttl").body, format=ox.RdfFormat.TURTLE)
    found = store.query("SELECT * { [] <http://www.w3.org/ns/shacl#prefix> ?p ; <http://www.w3.org/ns/shacl#namespace> ?n }")
    assert {row["p"].value: row["n"].value for row in found} == PREFIXES
    assert examples.QUESTIONS.startswith(BASE)


# Where the server says it is


@pytest.mark.parametrize(
    "path", ["sitemap.xml", "robots.txt", ".well-known/void", "catalogue", "reconcile", "opensearch.xml", "CITATION.cff"]
)
def test_a_name_that_a_client_makes_up_is_not_taken_for_the_server(server, path):
    text = server.ask(path, Host="evil.example", X_Forwarded_Host="evil.example").text
    assert "evil.example" not in text and server.url in text


def test_names_and_numbers_of_this_machine_and_network_are_taken_for_the_server_and_no_other(made):
    app = create_app(dataclasses.replace(made, host="0.0.0.0"))
    said = {}
    for host in ("localhost", "192.168.1.5", "[::1]", "8.8.8.8", "evil.example", "127.0.0.1.evil.example"):
        text = app.test_client().get("/robots.txt", base_url=f"http://{host}:8123").text
        said[host] = text.partition("Sitemap: ")[2].strip()
    app.engine.close()
    own = "http://127.0.0.1:8123/sitemap.xml"
    kept = {host: f"http://{host}:8123/sitemap.xml" for host in ("localhost", "192.168.1.5", "[::1]")}
    assert said == {**kept, **dict.fromkeys(("8.8.8.8", "evil.example", "127.0.0.1.evil.example"), own)}


def test_the_address_that_the_operator_names_is_the_one_that_is_told(serve, made):
    running = serve(made.releases, MIKG_ADDRESS="https://mikg.example.org")
    for path in ("sitemap.xml", ".well-known/void", "sparql", "reconcile"):
        text = running.ask(path, Host="evil.example").text
        assert "https://mikg.example.org/" in text and running.url not in text and "evil.example" not in text


def test_a_proxy_that_is_trusted_says_how_the_world_knows_the_server(serve, made):
    running = serve(made.releases, MIKG_TRUSTED_PROXY="127.0.0.1")
    text = running.ask("sitemap.xml", X_Forwarded_Host="open.example.org", X_Forwarded_Proto="https").text
    assert "<loc>https://open.example.org/questions</loc>" in text


# The citation file


def test_the_citation_file_is_served_with_the_release_that_answers(server, made):
    answer = server.ask("CITATION.cff")
    kept = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    facts = yaml.safe_load(answer.body)
    assert answer.headers["Content-Type"].startswith("application/yaml")
    assert kept.items() <= facts.items()
    assert facts["version"] == (made.releases / "current").resolve().name and str(facts["date-released"])[:2] == "20"


def test_the_citation_file_says_what_the_description_says():
    facts = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert re.fullmatch(r"1\.2\.\d+", facts["cff-version"])
    assert {"message", "title", "authors"} <= set(facts)
    assert (facts["type"], facts["license"]) == ("dataset", "CC-BY-4.0")
    assert (facts["title"], facts["abstract"], tuple(facts["keywords"])) == (dataset.TITLE, dataset.ABSTRACT.strip(), dataset.KEYWORDS)
    assert facts["authors"] == [{"name": dataset.MAKER}]
