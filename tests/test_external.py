"""Open data beside the documents: whose it is, that its cubes are well formed, and that its script makes the same again."""

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from mikg import answers, external, queries
from mikg.engine import Query
from mikg.namespaces import EXTERNAL, OWL, PROV

ROOT = Path(__file__).parents[1]
GRAPHS = sorted(path.stem for path in ROOT.glob("graph/external/*.ttl"))
CUBES = ("unhcr-population", "worldbank-population")
CHECKS = sorted((ROOT / "tests/data/cube").glob("ic-*.rq"))
CATALOGUE = queries.catalogue(ROOT)
RESTING = sorted(name for name, question in CATALOGUE.items() if "graph/external/" in question.text)

# https://www.w3.org/TR/vocab-data-cube/#normalize-algorithm: first what is implied is written out, then attributes pushed down.
NORMALISED = """
PREFIX qb: <http://purl.org/linked-data/cube#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
INSERT { ?o rdf:type qb:Observation } WHERE { [] qb:observation ?o } ;
INSERT { ?ds rdf:type qb:DataSet } WHERE { ?o qb:dataSet ?ds } ;
INSERT { ?cs qb:componentProperty ?p ; rdf:type qb:ComponentSpecification . ?p rdf:type qb:DimensionProperty } WHERE { ?cs qb:dimension ?p } ;
INSERT { ?cs qb:componentProperty ?p . ?p rdf:type qb:MeasureProperty } WHERE { ?cs qb:measure ?p } ;
INSERT { ?cs qb:componentProperty ?p . ?p rdf:type qb:AttributeProperty } WHERE { ?cs qb:attribute ?p } ;
INSERT { ?obs ?comp ?value } WHERE {
  ?spec qb:componentProperty ?comp ; qb:componentAttachment qb:DataSet . ?dataset qb:structure [ qb:component ?spec ] ; ?comp ?value .
  ?obs qb:dataSet ?dataset }
"""


@pytest.fixture(scope="module", params=CUBES)
def cube(request):
    """One data cube, normalised."""
    store = ox.Store()
    for path in (ROOT / f"graph/external/{request.param}.ttl", ROOT / "ontology/mikg.ttl"):
        store.load(path=str(path), format=ox.RdfFormat.TURTLE)
    store.update(NORMALISED)
    return store


@pytest.mark.parametrize("check", CHECKS, ids=lambda path: path.stem)
def test_a_cube_keeps_the_integrity_constraints(cube, check):
    assert not bool(cube.query(check.read_text(encoding="utf-8")))


BROKEN = {
    "ic-1": "INSERT DATA { <o:1> a qb:Observation }",
    "ic-2": "INSERT DATA { <d:1> a qb:DataSet }",
    "ic-3": "INSERT DATA { <s:1> a qb:DataStructureDefinition }",
    "ic-4": "INSERT DATA { <p:1> a qb:DimensionProperty }",
    "ic-5": "INSERT DATA { <p:1> a qb:DimensionProperty ; rdfs:range skos:Concept }",
    "ic-6": "INSERT DATA { <s:1> qb:component <c:1> . <c:1> qb:componentRequired false ; qb:componentProperty <p:1> }",
    "ic-7": "INSERT DATA { <k:1> a qb:SliceKey }",
    "ic-8": "INSERT DATA { <k:1> a qb:SliceKey ; qb:componentProperty <p:1> . <s:1> qb:sliceKey <k:1> }",
    "ic-9": "INSERT DATA { <x:1> a qb:Slice }",
    "ic-10": "INSERT DATA { <x:1> qb:sliceStructure <k:1> . <k:1> qb:componentProperty <p:1> }",
    "ic-11": "DELETE { ?o sdmx:refArea ?a } WHERE { { SELECT ?o ?a { ?o sdmx:refArea ?a } LIMIT 1 } }",
    "ic-12": "INSERT { <o:1> ?p ?v } WHERE { { SELECT ?o { ?o a qb:Observation } LIMIT 1 } ?o ?p ?v }",
    "ic-13": "INSERT { ?s qb:component <c:1> . <c:1> qb:componentRequired true ; qb:componentProperty <p:1> . <p:1> a qb:AttributeProperty } "
    "WHERE { ?s a qb:DataStructureDefinition }",
    "ic-14": "DELETE { ?o schema:value ?v } WHERE { { SELECT ?o ?v { ?o schema:value ?v } LIMIT 1 } }",
    "ic-15": "INSERT { ?s qb:component <c:1> . <c:1> qb:componentProperty qb:measureType . ?o qb:measureType <m:1> } "
    "WHERE { ?s a qb:DataStructureDefinition . ?o a qb:Observation }",
    "ic-16": "INSERT { ?s qb:component <c:1> . <c:1> qb:componentProperty qb:measureType , <m:2> . <m:2> a qb:MeasureProperty . "
    "?o qb:measureType schema:value ; <m:2> 1 } WHERE { ?s a qb:DataStructureDefinition . ?o a qb:Observation }",
    "ic-17": "INSERT { ?s qb:component <c:1> . <c:1> qb:componentProperty qb:measureType , <m:2> . <m:2> a qb:MeasureProperty . "
    "?o qb:measureType schema:value } WHERE { ?s a qb:DataStructureDefinition . { SELECT ?o { ?o a qb:Observation } LIMIT 1 } }",
    "ic-18": "INSERT { ?d qb:slice <x:1> . <x:1> qb:observation <o:1> . <o:1> qb:dataSet <d:2> } WHERE { ?d a qb:DataSet }",
    "ic-19": "INSERT { sdmx:refArea qb:codeList <l:1> . <l:1> a skos:ConceptScheme } WHERE {}",
    "ic-20": "INSERT { sdmx:refArea qb:codeList <l:1> . <l:1> a qb:HierarchicalCodeList ; qb:parentChildProperty <n:1> } WHERE {}",
    "ic-21": "INSERT { sdmx:refArea qb:codeList <l:1> . <l:1> a qb:HierarchicalCodeList ; qb:parentChildProperty <i:1> . <i:1> <http://www.w3.org/2002/07/owl#inverseOf> <n:1> } WHERE {}",
}
PREFIXES = """PREFIX qb: <http://purl.org/linked-data/cube#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX schema: <https://schema.org/>
PREFIX sdmx: <http://purl.org/linked-data/sdmx/2009/dimension#>
"""


@pytest.mark.parametrize("check", CHECKS, ids=lambda path: path.stem)
def test_each_constraint_sees_a_cube_that_breaks_it(check):
    store = ox.Store()
    store.load(path=str(ROOT / "graph/external/worldbank-population.ttl"), format=ox.RdfFormat.TURTLE)
    store.update(NORMALISED)
    assert not bool(store.query(check.read_text(encoding="utf-8")))
    store.update(PREFIXES + BROKEN[check.stem])
    assert bool(store.query(check.read_text(encoding="utf-8")))


def test_there_is_a_constraint_for_each_of_the_specification():
    assert {path.stem for path in CHECKS} == {f"ic-{number}" for number in range(1, 22)} == set(BROKEN)


def test_every_graph_of_open_data_says_whose_it_is(pool):
    found = external.sources(pool)
    assert [each.name for each in found] == GRAPHS
    for each in found:
        assert each.title and each.description and each.licence_name in external.LICENCES.values()
        assert each.attribution and each.version and each.date == "2026-11-21" and each.addresses
    assert all("ACNUR" in each.title for each in external.sources(pool, "es") if each.name == "unhcr-population")


def test_a_page_with_an_answer_from_open_data_names_whose_it_is(server):
    page = server.ask("questions/people-of-concern-against-unhcr-series", Accept="text/html").text
    assert "UNHCR Refugee Population Statistics Database, CC BY 4.0" in page and "snapshot of 2026-11-21" in page
    assert "OurAirports" not in page
    assert "Statistics Database" not in server.ask("questions/agreements-of-a-country", Accept="text/html").text


@pytest.mark.parametrize("name", GRAPHS)
def test_each_source_names_the_packages_and_files_that_it_was_cut_from(name):
    store = ox.Store()
    store.load(path=str(ROOT / f"graph/external/{name}.ttl"), format=ox.RdfFormat.TURTLE)
    graph = ox.NamedNode(EXTERNAL + name)
    (version,) = (quad.object.value for quad in store.quads_for_pattern(graph, ox.NamedNode(OWL + "versionInfo"), None))
    cut = [quad.object.value for quad in store.quads_for_pattern(graph, ox.NamedNode(PROV + "wasDerivedFrom"), None)]
    assert cut
    for each in cut:
        found = re.fullmatch(r"pkg:(?:github|npm|pypi)/[a-z0-9/-]+@([\w.]+)#([\w./-]+)", each)
        assert found and (found[1] in version or "refugees@0c16a6d" in each), each


@pytest.mark.parametrize("name", [f"external/{name}" for name in GRAPHS] + ["curation", "derived", "entities", "links", "mappings"])
def test_a_graph_has_a_page_and_open_data_says_there_whose_it_is(server, name):
    page = server.ask(f"graph/{name}", Accept="text/html")
    assert page.status == 200
    assert ("snapshot of 2026-11-21" in page.text and 'rel="license"' in page.text) == name.startswith("external/")


@pytest.mark.parametrize("name", RESTING)
def test_an_answer_from_open_data_says_of_which_day(name):
    assert "snapshot of 2026-11-21" in (ROOT / f"tests/answers/{name}.csv").read_text(encoding="utf-8")


def test_open_data_is_never_in_the_default_graph(pool):
    assert pool.query(Query("ASK { ?x a <http://purl.org/linked-data/cube#DataStructureDefinition> }")).body.find(b"true") < 0


def test_every_geometry_is_read_by_the_engine(pool):
    query = """PREFIX geo: <http://www.opengis.net/ont/geosparql#> PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
    SELECT (COUNT(*) AS ?all) (SUM(IF(BOUND(?d), 1, 0)) AS ?read) { GRAPH ?g { ?x geo:asWKT ?wkt }
      BIND(geof:sfDisjoint(?wkt, "POINT (0 0)"^^geo:wktLiteral) AS ?d) }"""
    ((every, read),) = [row.values() for row in answers.run(pool, Query(query)).values()]
    assert every == read > 50


def test_panama_lies_in_its_outline_and_haiti_does_not(pool):
    query = """PREFIX geo: <http://www.opengis.net/ont/geosparql#> PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
    PREFIX id: <https://w3id.org/mikg/id/> PREFIX mikg: <https://w3id.org/mikg/ontology#>
    SELECT ?country { GRAPH <https://w3id.org/mikg/graph/external/outlines> { ?country geo:hasGeometry/geo:asWKT ?outline }
      FILTER(geof:sfContains(?outline, "POINT (-80.5 8.4)"^^geo:wktLiteral)) }"""
    assert [row["country"] for row in answers.run(pool, Query(query)).values()] == ["https://w3id.org/mikg/id/panama"]
