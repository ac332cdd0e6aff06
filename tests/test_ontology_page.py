"""The page of the ontology: every term under its own anchor, with what the graph and the shapes say of it."""

import html
import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDF, SH, Graph

from mikg import vocabulary
from mikg.namespaces import MIKG
from mikg.web import ontology

ROOT = Path(__file__).parents[1]
TERMS = Graph().parse(ROOT / "ontology/mikg.ttl")
SHAPES = Graph().parse(ROOT / "ontology/shapes.ttl")


@pytest.fixture(scope="module")
def known(pool):
    return vocabulary.read(pool)


@pytest.fixture(scope="module")
def page(server) -> str:
    answer = server.ask("ontology", Accept="text/html")
    assert answer.status == 200
    return answer.text


def test_each_term_and_each_shape_has_one_anchor_that_is_its_local_name(page):
    anchors = re.findall(r'\sid="([^"]+)"', page)
    assert len(anchors) == len(set(anchors)), sorted({each for each in anchors if anchors.count(each) > 1})
    terms = {str(term).removeprefix(MIKG) for term in set(TERMS.subjects()) if str(term).startswith(MIKG)}
    shapes = {str(shape).removeprefix(MIKG) for kind in (SH.NodeShape, SH.PropertyShape) for shape in SHAPES.subjects(RDF.type, kind)}
    assert terms <= set(anchors)
    assert shapes <= set(anchors)


def test_a_term_is_told_with_definition_example_neighbours_and_use(page):
    (agreement,) = re.findall(r'<article class="term" id="Agreement".*?</article>', page, re.DOTALL)
    for said in (
        "Instrument by which two or more parties",
        "joint task force",
        'href="#Instrument"',
        'href="#Arrangement"',
        'href="#partyTo"',
        "/page/",
    ):
        assert said in agreement


def test_the_page_speaks_spanish(server):
    text = server.ask("ontology?lang=es", Accept="text/html").text
    assert '<html lang="es"' in text
    assert "Instrumento por el que dos o más partes" in text
    assert "exactamente 1" in text


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ("AbsenceShape-nature", "exactly 1; one of: limited, none, not yet, unchanged"),
        ("AbsenceShape-kind", "at least 1; skos:Concept"),
        ("AgentShape-memberOf", "any number; grouping or organisation"),
        ("UnnamedGroupShape-size", "at most 1; xsd:integer"),
    ],
)
def test_a_shape_is_said_in_words(page, shape, said):
    (found,) = re.findall(rf'<li id="{shape}">(.*?)</li>', page, re.DOTALL)
    assert said in html.unescape(found)


def test_every_class_stands_once_in_the_drawing(known):
    drawn = [twig.term.iri for _, twigs in ontology.trees(known) for twig in twigs]
    assert sorted(drawn) == sorted(term.iri for term in known.terms.values() if term.kind == "class")
    heights = [height for height, _ in ontology.trees(known)]
    assert max(heights) < 2 * min(heights)


def test_every_alignment_stands_with_the_vocabulary_from_which_it_comes(known):
    ties = [other for _, _, found in ontology.reused(known) for _, _, other in found]
    assert len(ties) == sum(len(term.aligned) for term in known.terms.values())
    assert all(not name.startswith("http") for name, _, _ in ontology.reused(known))


def test_an_example_of_use_is_in_the_graph(pool, known):
    uses = vocabulary.uses(pool)
    assert uses[MIKG + "Country"].count == 18
    used = [term.iri for term in known.terms.values() if term.kind == "class" and term.iri in uses]
    assert len(used) > 60
    subject, value, graph = uses[MIKG + "partyTo"].statement
    from mikg.engine import Query

    bound = {"s": {"type": "uri", "value": subject}, "o": value, "g": {"type": "uri", "value": graph}}
    assert b"true" in pool.query(Query(f"ASK {{ GRAPH ?g {{ ?s <{MIKG}partyTo> ?o }} }}", bound)).body


def test_the_rules_and_the_version_are_listed(page):
    assert "/page/rule/share-of-budget-spent" in page
    assert "0.1.0" in page


def test_the_page_and_the_data_share_an_address(server):
    turtle = server.ask("ontology", Accept="text/turtle")
    assert turtle.headers["Content-Type"].startswith("text/turtle")
    assert any(quad.subject == ox.NamedNode(MIKG + "Agreement") for quad in ox.parse(turtle.body, format=ox.RdfFormat.TURTLE))
    assert "Accept" in turtle.headers["Vary"]
