"""Documents and their passages, in Python and as pages."""

import re

import pytest

from mikg import documents
from mikg.errors import NotFound
from mikg.namespaces import ID, MIKG

BROWSER = "text/html"
KEYS = ["mire-communique", "panama-progress", "unhcr-panama", "us-ct-report", "voa-us-panama"]


@pytest.fixture
def texts(request):
    """The folder of the source texts, under a name that leaves `documents` to the module."""
    return request.getfixturevalue("documents")


def test_each_document_says_who_published_it_when_and_how_much_of_it_is_held(pool):
    found = documents.documents(pool)
    assert [each.key for each in found] == KEYS
    for each in found:
        assert each.title and each.description and each.publisher and each.sha256
        assert each.issued or each.earliest <= each.latest
        assert 0 < each.stating <= each.passages < each.statements


def test_passages_come_in_reading_order_and_each_states_something_or_says_why_not(pool):
    counts = {each.key: each for each in documents.documents(pool)}
    for key in KEYS:
        found = documents.passages(pool, key)
        assert [each.position for each in found] == sorted({each.position for each in found})
        assert len(found) == counts[key].passages
        assert all(each.kind in documents.KINDS and each.gist for each in found if not each.why_silent)
        assert [each.name for each in found if not each.nodes and not each.names and not each.why_silent] == []


def test_a_passage_says_what_it_states_and_not_what_only_follows(pool):
    first = documents.passages(pool, "mire-communique")[0]
    assert ("Laurentino Cortizo Cohen", ID + "laurentino-cortizo") in first.names
    action = next(node for node in first.nodes if node.iri == ID + "joint-actions-with-ten-countries")
    assert action.classes == (MIKG + "Cooperation",)
    said = dict(action.lines)
    assert [each["value"] for each in said[MIKG + "leader"]] == [ID + "laurentino-cortizo"]
    assert MIKG + "involves" not in said


def test_the_words_are_there_only_with_the_text_at_hand(pool, texts):
    assert not documents.passages(pool, "voa-us-panama")[0].quotation
    assert all(each.quotation for each in documents.passages(pool, "voa-us-panama", texts))


def test_a_changed_text_gives_no_quotation(pool, texts, tmp_path):
    text = (texts / "voa-us-panama.txt").read_text()
    (tmp_path / "voa-us-panama.txt").write_text("x" + text)
    assert not any(each.quotation for each in documents.passages(pool, "voa-us-panama", tmp_path))


def test_an_unknown_document_is_told_which_there_are(pool):
    with pytest.raises(NotFound, match="mire-communique, panama-progress"):
        documents.document(pool, "nothing")


def test_every_document_and_every_passage_has_a_page(server, pool):
    listing = server.ask("documents", Accept=BROWSER).text
    for key in KEYS:
        assert f'href="/documents/{key}"' in listing
        page = server.ask(f"documents/{key}", Accept=BROWSER)
        assert page.status == 200
        ids = re.findall(r'<article class="passage[^"]*" id="([\w-]+)"', page.text)
        assert ids == [each.name for each in documents.passages(pool, key)]
    for name in ids[:3] + ids[-1:]:
        assert server.ask(f"documents/{KEYS[-1]}/{name}", Accept=BROWSER).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "documents/nothing",
        "documents/mire-communique/p999",
        "documents/mire-communique/p1/deeper",
        "documents/%3Cb%3E/%00",
        "documents/" + "x" * 5000,
    ],
    ids=lambda path: path[:40],
)
def test_what_is_not_there_is_a_404_that_escapes_what_was_asked(server, path):
    answer = server.ask(path, Accept=BROWSER)
    assert answer.status == 404
    assert "<b>" not in answer.text.partition("<main")[2]
    assert len(answer.body) < 20_000


def test_a_name_in_the_text_leads_to_what_it_names(server, texts):
    page = server.ask("documents/mire-communique", Accept=BROWSER).text
    assert re.search(r'<a class="named kind-person" href="/page/laurentino-cortizo"[^>]*>Laurentino Cortizo Cohen</a>', page)


def test_a_passage_page_shows_the_judgements_that_rest_on_it(server):
    page = server.ask("documents/mire-communique/p4-s1", Accept=BROWSER).text
    assert 'href="/disagreements#judgement-discrepancy-migrants-of-2021"' in page
