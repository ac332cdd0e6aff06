"""The time line: every dated thing, how sure its date is, and what is asked of it wrongly."""

import html
import re
from datetime import date
from urllib.parse import urlencode

import pytest

from mikg import answers, timeline
from mikg.engine import Query
from mikg.errors import Misuse
from mikg.namespaces import DOCUMENT, ID

PREFIX = "PREFIX mikg: <https://w3id.org/mikg/ontology#> "


@pytest.fixture(scope="module")
def found(pool):
    return timeline.items(pool)


def asked(pool, query: str) -> set[str]:
    return {row["thing"]["value"] for row in answers.run(pool, Query(PREFIX + query)).rows}


def shown(server, path: str) -> str:
    return html.unescape(server.ask(path, Accept="text/html").text)


@pytest.mark.parametrize(
    "given", ["colombia", "id:colombia", "wd:Q739", "https://www.wikidata.org/wiki/Q739", "http://localhost:8000/page/colombia"]
)
def test_who_acts_is_named_by_name_or_page(server, given):
    asked_for = server.ask(f"timeline?{urlencode({'agent': given})}", Accept="text/html")
    assert asked_for.status == 200
    plain = server.ask("timeline?agent=colombia", Accept="text/html").text
    rows = [re.findall(r'<table class="dates".*?</table>', each, re.DOTALL) for each in (asked_for.text, plain)]
    assert rows[0] == rows[1] and "bilateral meeting of Panama and Colombia" in plain


@pytest.mark.parametrize("kind", ["Event", "PostHolding", "Figure", "MissingFigure", "Absence", "Document", "Membership", "CountryRole"])
def test_every_dated_thing_of_a_kind_is_on_the_line(pool, found, kind):
    dated = asked(
        pool, f"SELECT DISTINCT ?thing {{ ?thing a mikg:{kind} {{ ?thing mikg:earliest ?day }} UNION {{ ?thing mikg:attestedOn ?day }} }}"
    )
    assert dated
    assert dated <= {iri for each in found if each.earliest for iri in (each.iri, *each.members)}


def test_every_event_is_dated_or_told_without_a_date(pool, found, server):
    events = asked(pool, "SELECT DISTINCT ?thing { ?thing a mikg:Event }")
    assert events <= {each.iri for each in found}
    page = shown(server, "timeline?status=all")
    assert [iri for iri in events if f'"/page/{iri.removeprefix(ID)}"' not in page] == []


def test_each_item_leads_to_its_page_and_passages(found, server):
    page = shown(server, "timeline?status=all")
    for each in found:
        if each.kind not in ("document", "figure"):
            assert f'href="/page/{each.iri.removeprefix(ID)}"' in page, each.iri
            assert each.passages and all(
                f'href="/documents/{each.removeprefix(DOCUMENT).replace("/", "#", 1)}"' in page for each in each.passages
            )


def test_what_is_planned_is_left_out_unless_asked_for(found, server):
    planned = next(each for each in found if each.statuses == ("planned",) and each.earliest and each.kind == "action")
    assert planned.iri.removeprefix(ID) not in shown(server, "timeline")
    assert planned.iri.removeprefix(ID) in shown(server, "timeline?status=planned")


def test_a_date_says_how_sure_it_is(server):
    page = shown(server, "timeline?status=all")
    assert "undated, between 2022-02-06 and 2022-02-13, by our judgement" in page
    assert "the document says “Last month”, counted from its own date, by our judgement" in page
    assert "some time between 2021-08-11 and 2022-02-01" in page
    assert "printed: “August 6, 2021”" in page
    assert "sin fecha, entre el 2022-02-06 y el 2022-02-13, a nuestro juicio" in shown(server, "timeline?lang=es")


def test_a_span_fades_and_a_day_is_a_mark(server):
    drawing = re.search(r"<figure class=\"line\">.*?</figure>", server.ask("timeline?at=2021", Accept="text/html").text, re.DOTALL)[0]
    meeting = re.search(r'<a [^>]*href="#meeting-\d+">.{0,120}first Meeting of Attorneys General.*?</a>', drawing, re.DOTALL)[0]
    assert 'mask="url(#fading)"' in meeting and "span ours" in meeting
    assert 'class="dot"' in re.search(r'<a [^>]*href="#meeting-\d+">.{0,120}bilateral meeting of Panama.*?</a>', drawing, re.DOTALL)[0]


def test_each_mark_leads_to_a_row_of_the_table(server):
    for path in ("timeline", "timeline?by=document", "timeline?at=2021-08", "timeline?kind=figure&status=all"):
        page = server.ask(path, Accept="text/html").text
        leading = re.findall(r'href="#([a-z]+-\d+)"', page)
        assert leading, path
        assert set(leading) <= set(re.findall(r'<tr id="([^"]+)"', page)), path


@pytest.mark.parametrize(
    ("asked", "first", "last", "step"),
    [
        ("2021", date(2021, 1, 1), date(2021, 12, 31), "month"),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29), "day"),
        ("", date(2014, 1, 1), date(2022, 12, 31), "year"),
    ],
)
def test_a_window_is_all_years_a_year_or_a_month(found, asked, first, last, step):
    window = timeline.window(asked, found)
    assert (window.first, window.last, window.step) == (first, last, step)


@pytest.mark.parametrize("odd", ["0000", "2021-13", "2021-00", "21", "next", "２０２１", "2021-08-06", "9" * 500])
def test_an_odd_period_is_refused_with_an_example(found, odd):
    with pytest.raises(Misuse, match="it takes a year or a month, such as 2022 or 2022-01"):
        timeline.window(odd, found)


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("timeline?at=9999", 200, "Nothing that is dated fits in 9999."),
        ("timeline?at=0001-01", 200, "Nothing that is dated fits in January 1."),
        ("timeline?at=yesterday", 400, "at is 'yesterday'; it takes a year or a month"),
        ("timeline?document=no-such", 400, "document is “no-such”, which nothing here has; it takes one of: mire-communique"),
        ("timeline?kind=%3Cb%3E&agent=nobody&status=sure", 400, "kind is “<b>”"),
        ("timeline?document=voa-us-panama&at=2014", 200, "Nothing that is dated fits in 2014."),
    ],
)
def test_what_cannot_be_or_leaves_nothing_is_said(server, path, status, said):
    answer = server.ask(path, Accept="text/html")
    assert answer.status == status
    assert said in html.unescape(answer.text)
    assert "<b>”" not in answer.text


def test_filters_narrow_and_stay_in_the_address(found, server):
    page = server.ask("timeline?agent=colombia&document=mire-communique&at=2021", Accept="text/html").text
    assert "bilateral meeting of Panama and Colombia" in page
    assert "/page/un-margins-meeting" not in page
    assert "agent=colombia&amp;document=mire-communique&amp;at=2021-08" in page
    wanted = timeline.Wanted(agent=ID + "colombia", document="mire-communique")
    assert {each.iri for each in wanted.of(found)} < {each.iri for each in found}


def test_a_mark_and_the_legend_are_of_the_kind_that_a_thing_is_of_everywhere(server):
    page = server.ask("timeline?kind=situation", Accept="text/html").text
    drawn = set(re.findall(r'<a class="kind-(\w+) (?:day|period|span)', page))
    assert drawn == {"situation", "relation"}
    legend = re.search(r'<ul class="key kinds">.*?</ul>', page, re.DOTALL)[0]
    assert set(re.findall(r"mark kind-(\w+)", legend)) == drawn
