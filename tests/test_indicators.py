"""The figures of the graph as pages: every one of them, as printed, with what is missing and what is computed told apart."""

import csv
import html
import io
import re

import pytest

from mikg import answers, indicators
from mikg.engine import Query
from mikg.namespaces import ID
from mikg.web import figures

PREFIX = "PREFIX mikg: <https://w3id.org/mikg/ontology#> PREFIX schema: <https://schema.org/> "
EVERY = (
    PREFIX
    + "SELECT DISTINCT ?figure ?missing { VALUES ?class { mikg:Figure mikg:MissingFigure } ?figure a ?class . BIND(EXISTS { ?figure a mikg:MissingFigure } AS ?missing) }"
)


@pytest.fixture(scope="module")
def found(pool):
    return indicators.indicators(pool)


@pytest.fixture(scope="module")
def page(server):
    return html.unescape(server.ask("indicators", Accept="text/html").text)


def test_every_figure_of_the_graph_has_a_row(pool, found, page):
    rows = answers.run(pool, Query(EVERY)).rows
    assert len(rows) > 100
    assert {row["figure"]["value"] for row in rows} == {figure.iri for each in found for figure in each.figures}
    shown = set(re.findall(r'<tr id="([^"]+)"', page))
    assert {row["figure"]["value"].removeprefix(ID) for row in rows} == shown


def test_what_the_source_leaves_empty_is_empty_and_not_nought(pool, found, server):
    missing = {row["figure"]["value"] for row in answers.run(pool, Query(EVERY)).rows if row["missing"]["value"] == "true"}
    assert missing == {figure.iri for each in found for figure in each.figures if figure.missing}
    page = server.ask("indicators?indicator=indicator-budget", Accept="text/html").text
    assert len(re.findall(r'class="column s\d gap"', page)) == len(missing)
    assert page.count(">no figure</td>") == len(missing)


def test_an_approximate_value_says_so_in_sign_words_and_drawing(page):
    row = re.search(r'<tr id="figure-progress-migrants-through-panama-2021".*?</tr>', page, re.DOTALL)[0]
    assert "≈ nearly 140,000" in row and 'class="about"' in row and '<q lang="en">nearly 140,000 migrants</q>' in row
    exact = re.search(r'<tr id="figure-unhcr-people-of-concern-2017".*?</tr>', page, re.DOTALL)[0]
    assert "≈" not in exact and 'class="about"' not in exact and "375,326" in exact


def test_sources_that_differ_lead_to_the_disagreement(page):
    section = re.search(r'<section class="measure" id="indicator-migrants-through-panama">.*?</section>', page, re.DOTALL)[0]
    assert 'href="/disagreements#judgement-discrepancy-migrants-of-2021"' in section
    assert "up to 133,726" in section and "nearly 140,000" in section


def test_a_computed_figure_names_its_rule_and_what_it_was_computed_from(found, page):
    computed = [figure for each in found for figure in each.figures if figure.derived]
    assert computed
    for figure in computed:
        row = re.search(rf'<tr id="{figure.iri.removeprefix(ID)}" class="made".*?</tr>', page, re.DOTALL)[0]
        assert figure.rules and "/page/rule/" in row, figure.iri
        assert all(f"/page/{iri.removeprefix(ID)}" in row for iri in figure.computed_from)


def test_titles_say_what_the_figures_say(page):
    titles = re.findall(r"<h2>(.*?)</h2>", page)
    assert "Number of people of concern rose from 214,190 in 2015 to 375,326 in 2017" in titles
    assert "Budget rose from 8.4 million US$ in 2014 to 30.3 million US$ in 2019; no expenditure is given for 2018, 2019" in titles


def test_planned_stands_beside_reached_with_how_alike_they_are(page):
    section = re.search(r'<section class="measure" id="planned">.*?</section>', page, re.DOTALL)[0]
    assert "9,000" in section and "5,970" in section and "the same measure" in section and "a related measure, not the same" in section


@pytest.mark.parametrize(
    ("path", "said", "line"),
    [
        ("indicators?with=unhcr&indicator=indicator-people-of-concern", "The same measure: people of concern to UNHCR", True),
        (
            "indicators?with=worldbank&indicator=indicator-migrants-through-panama",
            "Not the same measure: the World Bank counts the inhabitants",
            False,
        ),
        ("indicators?with=unhcr&indicator=indicator-registered-refugees-and-asylum-seekers", "Not the same measure", False),
    ],
)
def test_open_data_share_an_axis_only_where_they_measure_the_same(server, path, said, line):
    page = html.unescape(server.ask(path, Accept="text/html").text)
    assert said in page and "snapshot of 20" in page and "CC BY 4.0" in page
    assert ('class="point"' in page) is line


def test_the_sum_of_the_series_is_that_of_the_catalogue(pool, server):
    sums: dict[str, int] = {}
    for year, _type, people, _countries in indicators.of_office(pool, ID + "unhcr-panama-regional-office"):
        sums[year] = sums.get(year, 0) + people
    asked = server.ask("api/questions/people-of-concern-against-unhcr-series.csv").text
    rows = list(csv.DictReader(io.StringIO(asked)))
    assert rows and all(sums[row["year"]] == int(row["series"]) for row in rows)


def test_the_csv_has_every_figure_once(server, found):
    rows = list(csv.DictReader(io.StringIO(server.ask("indicators.csv").text)))
    assert sorted(row["figure"] for row in rows) == sorted(figure.iri for each in found for figure in each.figures)
    some = list(csv.DictReader(io.StringIO(server.ask("indicators.csv?indicator=darien-crossings&document=panama-progress").text)))
    assert some and all("panama-progress" in row["documents"] or row["computed_from"] for row in some)


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("indicators?indicator=no-such", 400, "No indicator is called “no-such”"),
        ("indicators?document=%3Cb%3Ex", 400, "No document has the key “<b>x”"),
        ("indicators?with=moon", 400, "with is “moon”; it takes unhcr or worldbank."),
        ("indicators?document=us-ct-report&indicator=indicator-budget", 200, "No figure fits."),
        ("indicators?with=worldbank&indicator=indicator-steps-of-plan", 200, "none of the measures shown here"),
        ("indicators.csv?indicator=" + "x" * 3000, 404, "No indicator is called"),
    ],
)
def test_what_cannot_be_or_leaves_nothing_is_said(server, path, status, said):
    answer = server.ask(path, Accept="text/html")
    assert answer.status == status
    assert said in html.unescape(answer.text) and "<b>x" not in answer.text


def test_each_section_leads_to_its_query_which_answers(pool, page):
    from urllib.parse import parse_qs, urlsplit

    queries = [parse_qs(urlsplit(address).query)["query"][0] for address in re.findall(r'href="(/(?:query|sparql)\?query=[^"]+)"', page)]
    assert len(queries) > 30
    assert len(answers.run(pool, Query(queries[0])).rows) >= 10


@pytest.mark.parametrize("most", [0.3, 1, 7, 99, 30.32, 2461, 375326, 13e9])
def test_ticks_are_few_round_and_reach_the_top(most):
    found = figures.ticks(most)
    assert found[0] == 0 and found[-1] >= most * 0.999 and 3 <= len(found) <= 6
