"""Pages over real HTTP, without a browser: what is asked wrongly is said kindly, what is odd is escaped."""

from urllib.parse import quote

import pytest

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def test_home_has_documents_counts_and_questions(server):
    page = server.ask("", Accept=BROWSER).text
    for words in ("Panama Regional Office", "U.S. - Panama Relations", "Questions to start from", "questions/agreements-of-a-country"):
        assert words in page


def test_questions_are_listed_and_found_by_words(server):
    every, some = (server.ask(path, Accept=BROWSER).text for path in ("questions", "questions?find=agreements+country"))
    assert every.count("<li>") > some.count("<li>") > 0
    assert "questions/agreements-of-a-country" in some
    none = server.ask(f"questions?find={quote('<b>zzzz</b>' + 'x' * 10_000)}", Accept=BROWSER)
    assert none.status == 200
    assert "0 questions" in none.text
    assert "<b>zzzz" not in none.text


def test_a_question_page_answers_with_passages(server):
    page = server.ask("questions/agreements-of-a-country", Accept=BROWSER).text
    assert "<table>" in page
    assert "The passages it rests on" in page


def test_a_parameter_that_does_not_fit_is_said_on_the_page(server):
    answer = server.ask(f"questions/agreements-of-a-country?country={quote('<script>alert(1)</script>')}", Accept=BROWSER)
    assert answer.status == 400
    assert "it takes an IRI or CURIE" in answer.text
    assert "<script>alert" not in answer.text


def test_nothing_found_is_an_answer(server):
    answer = server.ask("questions/agreements-of-a-country?country=id:nobody", Accept=BROWSER)
    assert answer.status == 200
    assert "No row" in answer.text


@pytest.mark.parametrize("path", ["questions/nothing-like-it", "no/such/page", "questions/%00", "api/questions/none.json", "graph.zip"])
def test_an_unknown_address_is_a_404_with_a_way_on(server, path):
    answer = server.ask(path, Accept=BROWSER)
    assert answer.status == 404
    assert "To the beginning" in answer.text


def test_odd_texts_are_escaped(server):
    query = "SELECT ('<img src=x onerror=alert(1)>\\u202e\"' AS ?x) {}"
    page = server.ask(f"sparql?query={quote(query)}", Accept=BROWSER).text
    assert "&lt;img src=x" in page
    assert "<img src=x" not in page


def test_a_long_answer_is_cut_on_the_page_and_says_so(server):
    page = server.ask(f"sparql?query={quote('SELECT * { ?s ?p ?o } LIMIT 5000')}", Accept=BROWSER).text
    assert "rows 1 to 100 of 5,000" in page
    assert page.count("<tr>") == 101
