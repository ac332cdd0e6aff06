"""Questions as pages: what can be chosen, what a name stands for, and addresses that keep what was asked."""

import re
from urllib.parse import quote, urlencode

import pytest

from mikg import choices, queries
from mikg.errors import Misuse
from mikg.labels import Labels
from mikg.namespaces import ID
from mikg.settings import sources_root

BROWSER = "text/html"


@pytest.fixture(scope="module")
def catalogue():
    return queries.catalogue(sources_root())


@pytest.mark.parametrize(
    "given",
    ["https://www.wikidata.org/wiki/Q800", "wd:Q800", "http://localhost:8000/page/costa-rica", "https://w3id.org/mikg/id/costa-rica"],
)
def test_a_parameter_takes_the_address_of_a_page(server, given):
    expected = server.ask("api/questions/agreements-of-a-country.csv?country=id:costa-rica").text
    assert server.ask(f"api/questions/agreements-of-a-country.csv?{urlencode({'country': given})}").text == expected
    page = server.ask(f"questions/agreements-of-a-country?{urlencode({'country': given})}", Accept="text/html").text
    assert "arrangement between the United States and Costa Rica" in page


def test_every_question_has_a_page_that_answers(server, catalogue):
    for name in catalogue:
        answer = server.ask(f"questions/{name}", Accept=BROWSER)
        assert answer.status == 200, name
        assert 'role="alert"' not in answer.text, name


def test_every_question_stands_in_a_group(server, catalogue):
    assert {each.group for each in catalogue.values()} <= set(queries.GROUPS)
    page = server.ask("questions", Accept=BROWSER).text
    listed = re.findall(r'href="/questions/([\w-]+)"', page)
    assert sorted(listed) == sorted(catalogue)


def test_each_offered_value_has_an_answer(pool, catalogue):
    question = catalogue["agreements-of-a-country"]
    (country,) = question.parameters
    offered = choices.values(pool, question, country)
    assert ID + "panama" in offered and ID + "costa-rica" in offered
    assert len(offered) < 10  # of eighteen countries only those with an agreement
    for iri in offered:
        assert pool.query(queries.query(question, {"country": iri})).body.count(b'"agreement"') > 1


def test_values_are_offered_where_the_pattern_has_literals_too_and_no_worker_ends(pool, catalogue):
    question = catalogue["independent-sources-of-a-thing"]
    (thing,) = question.parameters
    before = pool.load().ended
    assert len(choices.values(pool, question, thing)) == choices.MOST
    assert pool.load().ended == before


def test_a_name_stands_for_what_it_names_and_the_nearest_are_told(pool, catalogue):
    (country,) = catalogue["agreements-of-a-country"].parameters
    offered = Labels(pool).of([ID + "panama", ID + "costa-rica"])
    assert choices.resolve(country, "costa RICA ", offered) == ID + "costa-rica"
    assert choices.resolve(country, "id:nobody", offered) == "id:nobody"
    with pytest.raises(Misuse, match="the nearest: Costa Rica"):
        choices.resolve(country, "Costa Rcia", offered)


def test_an_address_keeps_what_was_asked(server):
    page = server.ask(f"questions/agreements-of-a-country?country={quote('Costa Rica')}", Accept=BROWSER).text
    assert re.search(r'<option value="id:costa-rica" selected>|<option value="https://[^"]*costa-rica" selected>', page)
    assert "country=https" in page or "country=id" in page


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("questions/meetings-in-order?since=yesterday", 200),  # no such parameter: it is left out
        ("questions/events-in-a-period?since=yesterday", 400),
        ("questions/agreements-of-a-country?country=" + "x" * 6000, 200),
        ("questions/agreements-of-a-country?country=%E2%80%AE%22%3E%3Cb%3E%20x", 400),
        ("questions/agreements-of-a-country?country=%20", 200),
    ],
    ids=lambda value: str(value)[:60],
)
def test_odd_values_are_answered_in_words(server, path, status):
    answer = server.ask(path, Accept=BROWSER)
    assert answer.status == status
    assert "<b> x" not in answer.text


def test_a_row_shows_its_passages_in_place(server):
    page = server.ask("questions/agreements-of-a-country", Accept=BROWSER).text
    cells = re.findall(r'<td class="rests"><details class="evidence"><summary>(.*?)</summary>(.*?)</details></td>', page, re.DOTALL)
    assert cells
    for numbers, said in cells:
        assert re.fullmatch(r"[\d+ ]+", numbers)
        assert 'href="/documents/' in said


@pytest.mark.parametrize(("words", "title"), [("acuerdos país", "Acuerdos de un país"), ("AGREEMENTS country", "Acuerdos de un país")])
def test_questions_are_found_by_their_words_in_either_language(server, words, title):
    assert title in server.ask(f"questions?lang=es&find={quote(words)}", Accept="text/html").text


def test_the_workbench_offers_its_questions_in_the_language_of_the_reader(server):
    page = server.ask("query?lang=es", Accept="text/html").text
    assert "Acuerdos de un país" in page
    assert "Agreements of a country" not in page
