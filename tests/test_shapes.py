"""The shapes of ontology/shapes.ttl: each one catches the fault that it is for, and lets what is right pass."""

import re
from functools import cache
from pathlib import Path

import pyoxigraph
import pyshacl
import pytest
from rdflib import OWL, RDF, RDFS, SH, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.extras.shacl import parse_shacl_path
from rdflib.term import Node

from mikg import validation

ROOT = Path(__file__).parents[1]
DATA = ROOT / "tests/data/shapes"
MIKG = Namespace("https://w3id.org/mikg/ontology#")
ONTOLOGY = Graph().parse(ROOT / "ontology/mikg.ttl")
SHAPES = Graph().parse(ROOT / "ontology/shapes.ttl")
CONTEXT = Graph().parse(DATA / "context.ttl")
NODE_SHAPES = sorted(SHAPES.subjects(RDF.type, SH.NodeShape))
PROPERTY_SHAPES = sorted(SHAPES.subjects(RDF.type, SH.PropertyShape))
QUERIES = sorted(SHAPES.subjects(RDF.type, SH.SPARQLConstraint))
CASES = sorted(DATA.glob("*/*.ttl"))
# What a node shape says itself, without a property shape or a query; its own message then advises.
OWN_CONSTRAINTS = (SH.closed, SH["or"], SH.xone)
# Validation reads the classes and their order from the ontology and nothing else: a case is checked in half the time.
HIERARCHY = Graph()
for predicate in (RDFS.subClassOf, OWL.disjointWith):
    HIERARCHY += ONTOLOGY.triples((None, predicate, None))


def short(term: Node) -> str:
    return "mikg:" + str(term).removeprefix(MIKG)


def expected_shapes(case: Path) -> list[str]:
    """Return the shapes that the first line of a case names; an empty list where it says that the case conforms."""
    first = case.read_text(encoding="utf-8").partition("\n")[0]
    names = first.removeprefix("# expect: ").split()
    assert first.startswith("# expect: ") and names, f"{case.name} does not begin with '# expect: '"
    return [] if names == ["conforms"] else sorted(names)


def described(case: Path) -> Graph:
    """Return a case with the description, from context.ttl, of all that it points to."""
    graph = Graph().parse(case)
    todo, done = set(graph.objects()), set()
    while todo:
        node = todo.pop()
        done.add(node)
        # A person needs a public role and an utterance a quotation, and both point the other way.
        near = {node, *CONTEXT.subjects(MIKG.holder, node), *CONTEXT.subjects(MIKG.renders, node)}
        for triple in (triple for each in near for triple in CONTEXT.triples((each, None, None))):
            graph.add(triple)
            todo |= {triple[2]} - done
    return graph


@cache
def broken_by_cases() -> set[str]:
    return {name for case in CASES for name in expected_shapes(case)}


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_case_breaks_the_shapes_that_it_names_and_no_other(case):
    results = validation.validate(described(case), SHAPES, HIERARCHY)
    assert sorted({short(result.shape) for result in results}) == expected_shapes(case), results


def test_what_the_cases_point_to_conforms_itself():
    assert validation.validate(CONTEXT, SHAPES, ONTOLOGY) == []


@pytest.mark.parametrize("shape", [*PROPERTY_SHAPES, *QUERIES], ids=short)
def test_each_property_shape_and_query_has_a_case_that_breaks_it(shape):
    assert short(shape) in broken_by_cases()


@pytest.mark.parametrize("shape", NODE_SHAPES, ids=short)
def test_what_a_node_shape_says_itself_has_a_case_that_breaks_it(shape):
    assert not any((shape, own, None) in SHAPES for own in OWN_CONSTRAINTS) or short(shape) in broken_by_cases()


@pytest.mark.parametrize("shape", NODE_SHAPES, ids=short)
def test_a_case_that_conforms_has_a_value_for_each_property_shape(shape):
    case = DATA / shape.removeprefix(MIKG) / "conforms.ttl"
    assert expected_shapes(case) == []
    graph, own = described(case), set(Graph().parse(case).subjects())
    for each in SHAPES.objects(shape, SH.property):
        path = parse_shacl_path(SHAPES, SHAPES.value(each, SH.path))
        forbidden = SHAPES.value(each, SH.maxCount) == Literal(0)
        assert forbidden or any((node, path, None) in graph for node in own), short(each)


def test_each_case_stands_in_the_folder_of_a_shape_that_it_tries():
    for case in CASES:
        assert MIKG[case.parent.name] in NODE_SHAPES, case
        assert all(name.startswith(f"mikg:{case.parent.name}") for name in expected_shapes(case)[:1]), case


@pytest.mark.parametrize("shape", PROPERTY_SHAPES, ids=short)
def test_a_property_shape_has_names_advice_severity_group_and_order(shape):
    assert sorted(name.language for name in SHAPES.objects(shape, SH.name)) == ["en", "es"]
    assert SHAPES.value(shape, SH.severity) in {SH.Violation, SH.Warning}
    assert (SHAPES.value(shape, SH.group), RDF.type, SH.PropertyGroup) in SHAPES
    assert SHAPES.value(shape, SH.order) is not None
    assert len(list(SHAPES.subjects(SH.property, shape))) == 1, "it belongs to one node shape"


@pytest.mark.parametrize("shape", [*PROPERTY_SHAPES, *QUERIES], ids=short)
def test_a_message_shows_what_to_write(shape):
    (message,) = SHAPES.objects(shape, SH.message)
    assert message.language == "en"
    assert re.search(r"\b(?:mikg|id|doc|dcterms|owl|prov|qb|rule|s|schema|skos):\w", message), message


@pytest.mark.parametrize("shape", NODE_SHAPES, ids=short)
def test_a_node_shape_has_names_a_target_and_a_severity_and_advises_on_what_it_says_itself(shape):
    assert sorted(label.language for label in SHAPES.objects(shape, RDFS.label)) == ["en", "es"]
    assert any((shape, target, None) in SHAPES for target in (SH.targetClass, SH.targetSubjectsOf, SH.targetNode))
    assert SHAPES.value(shape, SH.severity) in {SH.Violation, SH.Warning}
    assert any((shape, own, None) in SHAPES for own in OWN_CONSTRAINTS) == ((shape, SH.message, None) in SHAPES)


def test_groups_have_names_in_both_languages_and_an_order_of_their_own():
    groups = sorted(SHAPES.subjects(RDF.type, SH.PropertyGroup))
    assert all(sorted(label.language for label in SHAPES.objects(group, RDFS.label)) == ["en", "es"] for group in groups)
    assert len({SHAPES.value(group, SH.order) for group in groups}) == len(groups)
    assert set(SHAPES.objects(None, SH.group)) == set(groups)


def test_the_shapes_conform_to_the_shapes_of_shacl():
    conforms, _, report = pyshacl.validate(Graph(), shacl_graph=Graph() + SHAPES, meta_shacl=True)
    assert conforms, report


def test_the_shapes_speak_of_terms_that_the_ontology_has():
    ours = {term for triple in SHAPES for term in triple if isinstance(term, URIRef) and term.startswith(MIKG)} - set(SHAPES.subjects())
    assert ours - set(ONTOLOGY.subjects()) == set()


def allowed_concepts() -> dict[URIRef, set[Node]]:
    lists = {shape: set(Collection(SHAPES, values)) for shape, values in SHAPES.subject_objects(SH["in"]) if shape in PROPERTY_SHAPES}
    concepts = set(ONTOLOGY.subjects(RDF.type, SKOS.Concept))
    return {shape: values for shape, values in lists.items() if values & concepts}


def test_a_list_of_values_is_a_whole_scheme_of_the_ontology_but_for_the_modalities_of_a_result():
    schemes = [set(ONTOLOGY.subjects(SKOS.inScheme, scheme)) for scheme in ONTOLOGY.subjects(RDF.type, SKOS.ConceptScheme)]
    allowed = allowed_concepts()
    assert {MIKG.asserted, MIKG.reported} == allowed.pop(MIKG["ResultShape-modality"])
    assert [short(shape) for shape, values in sorted(allowed.items()) if values not in schemes] == []
    assert [sorted(map(short, scheme)) for scheme in schemes if scheme not in allowed.values()] == []


def classes_of_the_graph() -> set[URIRef]:
    paths = [*(ROOT / "graph").glob("*.t*"), *(ROOT / "graph/documents").glob("*.trig")]
    quads = (quad for path in paths for quad in pyoxigraph.parse(path=path))
    return {URIRef(quad.object.value) for quad in quads if quad.predicate.value == str(RDF.type)}


@pytest.mark.parametrize("kind", sorted(classes_of_the_graph()), ids=lambda kind: re.split("[/#]", kind)[-1])
def test_each_class_that_the_graph_uses_has_a_shape(kind):
    targets = set(SHAPES.objects(None, SH.targetClass))
    assert targets & set(ONTOLOGY.transitive_objects(kind, RDFS.subClassOf))
