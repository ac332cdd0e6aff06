import pytest

from mikg import hygiene, sources

HEAD = """@prefix doc: <https://w3id.org/mikg/document/> .
@prefix graph: <https://w3id.org/mikg/graph/> .
@prefix id: <https://w3id.org/mikg/id/> .
@prefix mikg: <https://w3id.org/mikg/ontology#> .
@prefix s: <https://w3id.org/mikg/document/small/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
ONTOLOGY = (
    HEAD
    + "mikg:Person a mikg:Class . mikg:knows a mikg:Property . mikg:document a mikg:Property . mikg:size a mikg:Property . mikg:Class a mikg:Class .\n"
)
ENTITIES = HEAD + 'id:ana a mikg:Person ; skos:prefLabel "Ana"@en .\nid:eva a mikg:Person ; skos:prefLabel "Eva"@en .\n'
PASSAGE = (
    HEAD + "graph:documents { doc:small mikg:document doc:small . s:p1 mikg:document doc:small . }\ns:p1 { id:ana mikg:knows id:eva . }\n"
)


def findings(tree, entities: str = ENTITIES, passage: str = PASSAGE) -> list:
    files = {"ontology/mikg.ttl": ONTOLOGY, "graph/entities.ttl": entities, "graph/documents/small.trig": passage}
    return hygiene.check(sources.read(tree(**files)))


def test_a_tidy_graph_has_no_finding(tree):
    assert findings(tree) == []


@pytest.mark.parametrize(
    ("extra", "rule", "said"),
    [
        ("s:p1 { id:ana mikg:knowz id:eva . }", "hygiene-declared", "the nearest: mikg:knows"),
        ("s:p1 { id:ana skos:related2 id:eva . }", "hygiene-declared", "skos:related2"),
        ("s:p1 { id:ana <http://example.org/p> id:eva . }", "hygiene-declared", "no vocabulary that is known"),
        ("s:p1 { id:ana a mikg:Persn . }", "hygiene-declared", "mikg:Person"),
        ("s:p9 { id:ana mikg:knows id:eva . }", "hygiene-graph", "doc:small/p9 is no passage"),
        ("id:ana mikg:knows id:eva .", "hygiene-graph", "no named graph"),
        ("s:p1 { id:ana mikg:knows id:evaa . }", "hygiene-typed", "is id:eva meant?"),
        ("s:p1 { id:ida a mikg:Person . }", "hygiene-label", "no English name"),
        ("s:p1 { id:ana mikg:knows s:p7 . }", "hygiene-passage", "s:p7 is no document or passage".replace("s:", "doc:small/")),
        ('s:p1 { id:ana mikg:size "01"^^xsd:integer . }', "hygiene-form", "a code is a string"),
        ('s:p1 { id:ana mikg:size "1.50"^^xsd:decimal . }', "hygiene-form", "canonical"),
        ('s:p1 { id:ana mikg:size "5"^^xsd:int . }', "hygiene-form", "xsd:integer"),
        ('s:p1 { id:ana mikg:size "x"@en-GB . }', "hygiene-language", "@en-gb"),
        ('graph:curation { id:ana skos:definition "a person" . }', "hygiene-language", "no language tag"),
        ("s:p1 { id:ana mikg:knows id:eva . }", "hygiene-twice", "stands at graph/documents/small.trig:9"),
    ],
)
def test_each_kind_of_slip_is_found_where_it_stands_with_a_remedy(tree, extra, rule, said):
    found = [finding for finding in findings(tree, passage=PASSAGE + extra + "\n") if finding.rule == rule]
    assert found
    assert found[0].file == "graph/documents/small.trig"
    assert found[0].line == 10
    assert said in found[0].message


def test_an_iri_with_two_meanings_is_found(tree):
    (finding,) = findings(tree, ENTITIES + 'id:ana skos:prefLabel "Anna Bell"@en .\n')
    assert finding.rule == "hygiene-meaning"
    assert "two things need two IRIs" in finding.message


def test_the_entities_graph_holds_names_and_types_only(tree):
    (finding,) = findings(tree, ENTITIES + "id:ana mikg:knows id:eva .\n")
    assert finding.rule == "hygiene-entities"
