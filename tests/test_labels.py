"""Names of IRIs: in the reader's language, with the kind of thing."""

import pytest

from mikg import answers
from mikg.engine import Query
from mikg.labels import OTHER, Labels
from mikg.namespaces import DOCUMENT, ID, MIKG


@pytest.fixture(scope="module")
def labels(pool):
    return Labels(pool)


@pytest.mark.parametrize(
    ("iri", "language", "name", "kind"),
    [
        (ID + "united-states", "es", "Estados Unidos", "country"),
        (ID + "panama", "en", "Panama", "country"),
        (ID + "panama", "fr", "Panama", "country"),
        (MIKG + "Agreement", "es", "acuerdo", "term"),
        (ID + "venezuela-crisis", "en", "crisis in Venezuela", "situation"),
        (ID + "commitment-voa-stabilization", "en", "More is to be done for stabilization.", "relation"),
        (ID + "nobody", "en", "id:nobody", "thing"),
        ("https://example.org/a b", "en", "https://example.org/a b", "thing"),
    ],
)
def test_an_iri_has_a_name_and_a_kind(labels, iri, language, name, kind):
    found = labels.of([iri], language)[iri]
    assert (found.name, found.kind) == (name, kind)


def test_nothing_that_the_passages_speak_of_is_of_no_kind(pool, labels):
    query = """PREFIX mikg: <https://w3id.org/mikg/ontology#>
        SELECT DISTINCT ?thing WHERE { GRAPH ?passage { ?thing mikg:modality ?how } ?passage a mikg:Passage FILTER(isIRI(?thing)) }"""
    things = [row["thing"]["value"] for row in answers.run(pool, Query(query)).rows]
    assert len(things) > 300
    assert [each.iri for each in labels.of(things).values() if each.kind == OTHER] == []


def test_a_passage_is_named_by_its_gist_and_a_document_by_its_title(labels):
    document, passage = DOCUMENT + "voa-us-panama", DOCUMENT + "voa-us-panama/p11-s1"
    found = labels.of([document, passage])
    assert [found[iri].kind for iri in (document, passage)] == ["document", "passage"]
    assert found[passage].name.endswith(".")


def test_what_is_not_in_the_graph_is_not_known(labels):
    assert not labels.of([ID + "nobody"])[ID + "nobody"].known
    assert labels.of([ID + "panama"])[ID + "panama"].known
