"""Pages over real HTTP, without a browser: what is asked wrongly is said kindly, what is odd is escaped."""

import re
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


@pytest.mark.parametrize(
    "path, said",
    [
        ("links/wd?page=99", "This page does not read “page”, so it is left out."),
        ("questions?page=999999", "This page does not read “page”"),
        ("questions/claims-of-a-claimant?claimnt=id:panama", "It reads “claimant”."),
        ("timeline?knd=meeting", "It reads “kind”."),
        ("explore?start=id:panama&opne=id:unhcr", "It reads “open”."),
        (f"query?query={quote('SELECT * { ?s ?p ?o } LIMIT 20')}&from=999999", "this answer has 20 rows, and is shown from the first"),
    ],
)
def test_what_a_page_does_not_heed_it_says(server, path, said):
    answer = server.ask(path, Accept=BROWSER)
    assert answer.status == 200
    assert said in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "timeline?kind=meeting&by=document&document=&agent=&status=asserted&lang=en",
        "map?layer=flows&year=&document=&utm_source=letter",
        "indicators?indicator=&document=&with=",
        "search?q=panama&kind=country",
        "questions/claims-of-a-claimant?claimant=id:panama",
        "network?projection=countries&by=degree",
        "explore?start=id:panama&layout=tree&select=id:panama",
        f"query?query={quote('ASK {}')}&cite=true&view=table",
        "page/panama?theme=dark",
    ],
)
def test_a_page_that_heeds_all_says_nothing(server, path):
    assert "passed-over" not in server.ask(path, Accept=BROWSER).text


def test_an_unknown_thing_in_a_question_has_the_nearest_beside_it(server):
    page = server.ask("questions/claims-of-a-claimant?claimant=id:panana", Accept=BROWSER).text
    told = re.search(r'<p class="fault" role="alert">.*?</p>', page)[0]
    assert "id:panana" in told
    assert re.search(r'href="\?claimant=id(:|%3A)panama"[^>]*>.*?Panama</a>', told)


def test_an_address_without_its_name_and_one_with_a_slash_too_many(server):
    assert "/page takes a name behind it, such as /page/panama." in server.ask("page/", Accept=BROWSER).text
    assert "<h1>" in server.ask("documents/", Accept=BROWSER).text
    missing = server.ask("page/panana", Accept=BROWSER)
    assert missing.status == 404
    assert '<a class="chip" href="/page/panama"' in missing.text
    assert "assistance-of-panama" not in re.search(r'role="alert">.*?</p>', missing.text)[0]
