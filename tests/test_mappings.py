import pytest

from mikg import mappings
from mikg.errors import SourceError

ROW = "id:panama\tPanama\tcountry\tskos:exactMatch\twd:Q804\tPanama\n"
HEAD = """# curie_map:
#   id: "https://w3id.org/mikg/id/"
#   skos: "http://www.w3.org/2004/02/skos/core#"
#   wd: "http://www.wikidata.org/entity/"
#   iso3166n: "urn:iso:std:iso:3166:-1:numeric:"
subject_id\tsubject_label\tsubject_category\tpredicate_id\tobject_id\tobject_label
"""


def quads(tree, text: str) -> set[tuple[str, str]]:
    found = mappings.quads(tree(**{"graph/links/small.sssom.tsv": text}))
    return {(quad.predicate.value.rpartition("/")[2].rpartition("#")[2], quad.object.value) for quad in found}


def test_a_thing_has_match_identity_and_code(tree):
    text = HEAD + ROW + "id:panama\tPanama\tcountry\tskos:exactMatch\tiso3166n:084\tPanama\n"
    assert quads(tree, text) == {
        ("exactMatch", "http://www.wikidata.org/entity/Q804"),
        ("sameAs", "http://www.wikidata.org/entity/Q804"),
        ("wikidata", "Q804"),
        ("exactMatch", "urn:iso:std:iso:3166:-1:numeric:084"),
        ("iso3166Numeric", "084"),
    }


def test_a_concept_and_a_related_thing_are_no_identities(tree):
    text = HEAD + ROW.replace("country", "concept") + ROW.replace("exactMatch", "relatedMatch")
    assert "sameAs" not in {predicate for predicate, _ in quads(tree, text)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + ROW + "id:panama\tPanama\n", "small.sssom.tsv:8: the row has 2 cells, the table 6 columns"),
        (HEAD + ROW.replace("wd:", "nowhere:"), "small.sssom.tsv:7: object_id 'nowhere:Q804' has a prefix"),
        (HEAD + ROW.replace("id:panama", "wd:Q1"), "the subject wd:Q1 is no id:"),
        ("# - : not yaml: [\n" + ROW, "not YAML with a curie_map"),
        (ROW, "not YAML with a curie_map"),
    ],
)
def test_a_broken_table_is_named_with_its_line(tree, text, said):
    with pytest.raises(SourceError) as caught:
        quads(tree, text)
    assert said in str(caught.value)


def test_every_linked_subject_is_a_thing_or_concept_that_links_may_have(made):
    assert len(mappings.read(made.sources)) > 600
