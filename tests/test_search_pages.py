"""The search over HTTP: the page, the data, suggestions, what browsers read, and the help on a page that is not there."""

import json
import xml.etree.ElementTree as ET
from urllib.parse import quote, urlencode

import pytest

from mikg.namespaces import ID

BROWSER = "text/html,application/xhtml+xml"


def page(server, **parameters):
    return server.ask(f"search?{urlencode(parameters, doseq=True)}", Accept=BROWSER)


@pytest.mark.parametrize(
    "given",
    [
        "http://127.0.0.1:8000/page/panama",
        "https://w3id.org/mikg/id/panama",
        "https://www.wikidata.org/wiki/Q804",
        "wd:Q804",
        "iso3166a3:PAN",
    ],
)
def test_a_pasted_address_is_read_as_the_thing_that_it_means(server, given):
    hits = json.loads(server.ask(f"api/search.json?{urlencode({'q': given})}").body)["hits"]
    assert hits[0]["iri"] == "https://w3id.org/mikg/id/panama"
    assert json.loads(server.ask(f"api/suggest.json?{urlencode({'q': given})}").body)[0]["iri"] == "https://w3id.org/mikg/id/panama"
    assert 'href="/page/panama"' in server.ask(f"search?{urlencode({'q': given})}", Accept="text/html").text


def test_the_page_shows_hits_with_kinds_reasons_and_counts(server):
    text = page(server, q="Anthony Blinken").text
    assert 'href="/page/antony-blinken"' in text
    assert "printed as" in text
    assert 'href="/documents/mire-communique#' in text


def test_a_kind_narrows_the_page_and_the_counts_stay(server):
    whole, narrowed = page(server, q="migration").text, page(server, q="migration", kind="event").text
    assert "kind-person" not in narrowed.partition('<ol class="hits"')[2]
    for text in (whole, narrowed):
        assert 'href="/search?q=migration&amp;kind=event"' in text


def test_pages_follow_each_other_to_the_last(server):
    text = page(server, q="panama", page=2).text
    assert 'rel="prev"' in text
    assert 'start="21"' in text
    beyond = page(server, q="panama", page=999)
    assert beyond.status == 400
    assert "has" in beyond.text


def test_a_misspelt_search_says_what_was_meant(server):
    text = page(server, q="panana").text
    assert "panana → panama" in text
    assert 'href="/search?q=panama"' in text


def test_nothing_found_offers_what_is_near_and_where_to_go_on(server):
    text = page(server, q="qqqqzzzz").text
    assert "qqqqzzzz" in text
    assert 'href="/questions"' in text
    other = page(server, q="blinken", kind="place").text
    assert 'href="/search?q=blinken"' in other


@pytest.mark.parametrize(
    "text", ["", "  ", "?!", "a" * 10_000, '"><script>alert(1)</script>', "بنما", "\u202eamanap", "O'Brien \\ %", "\U0001f600", "\x00"]
)
def test_no_search_breaks_the_page(server, text):
    answer = page(server, q=text[:8_000])
    assert answer.status == 200
    assert "<script>alert" not in answer.text


def test_all_of_a_kind_can_be_read_without_words(server):
    text = server.ask("search?kind=country", Accept=BROWSER).text
    assert text.count('<p class="called">') == 18
    assert 'href="/search?kind=person"' in server.ask("search", Accept=BROWSER).text
    assert json.loads(server.ask("api/suggest.json?q=").text) == []


def test_an_unknown_kind_or_page_is_told(server):
    for query, word in (("kind=bogus", "country"), ("page=0", None), ("page=x", None)):
        answer = server.ask(f"search?q=panama&{query}")
        assert answer.status == (400 if word else 200)
        assert word is None or word in answer.text


def test_the_page_speaks_spanish(server):
    text = server.ask("search?q=united+states&lang=es", Accept=BROWSER).text
    assert "Estados Unidos" in text
    assert "países" in text


def test_the_data_has_what_the_page_has(server):
    body = json.loads(server.ask("api/search.json?q=panana&limit=3").text)
    first = body["hits"][0]
    assert (first["iri"], first["page"], first["reason"]["misspelt"]) == (ID + "panama", "/page/panama", {"panana": "panama"})
    assert body["total"] == sum(body["kinds"].values())
    assert len(body["hits"]) == 3
    assert body["suggestion"] == "panama"


@pytest.mark.parametrize("query", ["limit=x", "limit=-1", "limit=1000000", "offset=99999999999", "kind=bogus"])
def test_a_parameter_that_cannot_be_is_told(server, query):
    answer = server.ask(f"api/search.json?q=panama&{query}")
    assert answer.status == 400
    assert query.partition("=")[0] in answer.text


def test_suggestions_come_for_a_beginning_and_can_be_narrowed(server):
    hits = json.loads(server.ask("api/suggest.json?q=co&kind=country&limit=4").text)
    assert {hit["kind"] for hit in hits} == {"country"}
    assert "id:colombia" in [hit["curie"] for hit in hits]
    assert set(hits[0]) >= {"iri", "curie", "name", "kind", "called", "language", "reason", "page"}
    classes = json.loads(server.ask("api/suggest.json?q=co&class=mikg:Country").text)
    assert {hit["kind"] for hit in classes} == {"country"}


def test_a_suggestion_says_which_other_name_matched(server):
    (first, *_) = json.loads(server.ask("api/suggest.json?q=acnur").text)
    assert (first["name"], first["reason"]) == ("UNHCR", "ACNUR")


def test_suggestions_may_be_kept_and_asked_for_again_by_tag(server):
    first = server.ask("api/suggest.json?q=pan")
    assert "max-age" in first.headers["Cache-Control"]
    (tag,) = (value for name, value in first.headers.items() if name.lower() == "etag")
    assert server.ask("api/suggest.json?q=pan", If_None_Match=tag).status == 304


def test_a_browser_can_add_the_search(server):
    assert 'href="/opensearch.xml"' in server.ask("", Accept=BROWSER).text
    answer = server.ask("opensearch.xml")
    assert answer.headers["Content-Type"].startswith("application/opensearchdescription+xml")
    urls = ET.fromstring(answer.text).findall("{http://a9.com/-/spec/opensearch/1.1/}Url")
    templates = {each.get("type"): each.get("template") for each in urls}
    found = server.ask(templates["text/html"].replace("{searchTerms}", quote("panamá")).removeprefix(server.url), Accept=BROWSER)
    assert "/page/panama" in found.text
    words = server.ask(templates["application/x-suggestions+json"].replace("{searchTerms}", "pana").removeprefix(server.url))
    assert json.loads(words.text)[0] == "pana"
    assert "Panama" in json.loads(words.text)[1]


def test_a_page_that_is_not_there_names_the_nearest(server):
    answer = server.ask("no/such/panana", Accept=BROWSER)
    assert answer.status == 404
    assert 'href="/page/panama"' in answer.text
    details = json.loads(server.ask("no/such/panana", Accept="application/problem+json").text)
    assert ID + "panama" in [each["iri"] for each in details["nearest"]]


def test_a_release_without_an_index_still_answers_the_rest(serve, release_of, made):
    import pyoxigraph as ox

    bare = release_of([ox.Quad(ox.NamedNode(ID + "a"), ox.NamedNode(ID + "b"), ox.Literal("c"), ox.DefaultGraph())])
    from mikg.web.application import create_app

    app = create_app(bare)
    with app.test_client() as client:
        assert client.get("/search?q=panama").status_code == 503
        assert client.get("/nothing", headers={"Accept": BROWSER}).status_code == 404
    app.engine.close()
