import pyoxigraph as ox
import pytest
from rdflib import Literal, URIRef

from mikg import sources
from mikg.errors import SourceError
from mikg.namespaces import GRAPH

HEAD = "@prefix id: <https://w3id.org/mikg/id/> .\n"


def test_each_triple_knows_the_line_on_which_its_object_ends(tree):
    root = tree(
        **{
            "graph/entities.ttl": HEAD
            + 'id:a\n    id:p 1 ,\n        2 ;\n    id:q """x\ny""" ;\n.\nid:b id:p [ id:q 3 ] ,\n 4 .\n'.replace("[ id:q 3 ]", "5")
        }
    )
    found = {(str(each.subject)[-1], str(each.object)): each.line for each in sources.read(root).statements}
    assert found == {("a", "1"): 3, ("a", "2"): 4, ("a", "x\ny"): 6, ("b", "5"): 8, ("b", "4"): 9}


def test_members_of_a_list_do_not_shift_the_lines_after_it(tree):
    root = tree(**{"ontology/shapes.ttl": HEAD + "id:a id:in ( 1 2\n 3 ) ;\n id:p [ id:q 1 ; id:r 2 ] ;\n id:last 4 .\n"})
    assert [each.line for each in sources.read(root).statements if str(each.predicate).endswith("last")] == [5]


@pytest.mark.parametrize(
    "literal", ['"01"^^xsd:integer', '"1.50"^^xsd:decimal', '"x"@en-GB', '"7"^^xsd:int', "true", "8.10", '"2022-02-30"^^xsd:date'], ids=str
)
def test_a_literal_keeps_the_form_in_which_it_was_written(tree, literal):
    text = "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n" + HEAD + f"id:a id:p {literal} .\n"
    (statement,) = sources.read(tree(**{"graph/entities.ttl": text})).statements
    (quad,) = ox.parse(text, format=ox.RdfFormat.TURTLE)
    assert sources.to_quad(statement).object == quad.object
    assert sources.from_term(sources.to_term(statement.object)) == statement.object


def test_a_turtle_file_has_the_graph_of_its_name_and_a_trig_file_its_own(tree):
    root = tree(
        **{
            "graph/entities.ttl": HEAD + "id:a id:p id:b .",
            "graph/external/countries.ttl": HEAD + "id:a id:p id:b .",
            "graph/documents/x.trig": HEAD + "id:g { id:a id:p id:b . }",
        }
    )
    assert sources.graphs(sources.read(root).statements) == [GRAPH + "entities", GRAPH + "external/countries", "https://w3id.org/mikg/id/g"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "id:a id:p \n id:b id:c .", "graph/entities.ttl:3"),
        (HEAD + "id:a other:p id:b .", "graph/entities.ttl:2"),
        (HEAD + "id:a id:p [] . [] id:p id:b .", "blank node"),
    ],
    ids=["syntax", "prefix", "blank node"],
)
def test_a_fault_names_file_and_line(tree, text, said):
    with pytest.raises(SourceError, match=said):
        sources.read(tree(**{"graph/entities.ttl": text}))


def test_a_file_that_is_not_utf8_is_named_with_the_line(tree):
    root = tree(**{"graph/entities.ttl": HEAD})
    (root / "graph/entities.ttl").write_bytes(HEAD.encode() + b'id:a id:p "\xe9" .')
    with pytest.raises(SourceError, match=r"graph/entities.ttl:2: it is not UTF-8 \(byte 0xe9\)"):
        sources.read(root)


def test_a_root_without_rdf_says_what_was_looked_for(tmp_path):
    with pytest.raises(SourceError, match=r"no RDF file was found in ontology/ or graph/; MIKG_SOURCES"):
        sources.read(tmp_path)


def test_a_place_falls_back_from_triple_to_subject(tree):
    read = sources.read(tree(**{"graph/entities.ttl": HEAD + "\nid:a id:p id:b .\n"}))
    subject = URIRef("https://w3id.org/mikg/id/a")
    assert read.place(subject, subject, Literal("x")) == ("graph/entities.ttl", 3)
    assert read.place(Literal("nobody")) == ("", 0)
