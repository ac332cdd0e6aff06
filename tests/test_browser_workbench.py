"""The workbench in a real browser: write with completion, break, mend, run, read the source, share; stop; a hundred thousand rows."""

import json
import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from browsers import assert_sound, picture, violations
from playwright.sync_api import expect

from mikg import release, usage
from mikg.namespaces import MIKG

pytestmark = pytest.mark.browser
PREFIX = "PREFIX id: <https://w3id.org/mikg/id/>\nPREFIX mikg: <https://w3id.org/mikg/ontology#>\n"
AGREEMENTS = PREFIX + "SELECT ?agreement ?party\nWHERE {\n  ?agreement mikg:party ?party\n}\nORDER BY ?agreement ?party"
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a != ?d && ?d != ?g) }"


@pytest.fixture
def open_bench(opened):
    """Open the workbench and turn to its editor."""

    def open_(path="query", ready=True, **options):
        page = opened(path, **options)
        if ready:
            page.locator("#query").focus()
            page.wait_for_selector("[data-bench=ready]")
        return page

    return open_


def write(page, text):
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
    page.keyboard.press("Escape")


def written(page):
    return page.evaluate("document.querySelector('#query').value")


def offered(page, among=80):
    """The names that completion offers, or those among the first of them."""
    return page.locator(f".cm-tooltip-autocomplete li:nth-of-type(-n+{among}) .cm-completionLabel")


def is_written(page, text):
    """Wait until the query is this one, or fits the pattern."""
    expect(page.locator("#query")).to_have_value(text)


def test_write_break_mend_run_read_and_share(open_bench):
    page = open_bench()
    write(page, "SELECT ?x ?y\nWHERE {\n  ?x a mikg:Agreement ;\n    \n}")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("End")
    page.keyboard.type("mikg:p", delay=40)
    expect(offered(page).first).to_have_text("mikg:party")  # the property of agreements that is used most
    is_written(page, re.compile(r"^PREFIX mikg: <https://w3id\.org/mikg/ontology#>\n\s*SELECT[\s\S]+ mikg:p\s"))
    picture(page, "workbench-completion")
    page.wait_for_timeout(100)  # a key within 40 ms of the list's appearing is not yet for the list
    page.keyboard.press("Enter")
    expect(offered(page).get_by_text("id:panama", exact=True)).to_be_visible()  # what stands behind that property in the graph
    page.keyboard.press("Escape")
    page.locator(".cm-content").press_sequentially("?y")
    page.keyboard.press("Escape")
    is_written(page, re.compile(r"mikg:party \?y\s"))
    # break it: the fault stands in its line while one types
    good = written(page)
    write(page, good.replace("?y\n}", "\n}"))
    expect(page.locator(".cm-lint-marker-error")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("an object is missing after mikg:party")
    # mend it and run it
    write(page, good)
    expect(page.locator(".cm-lint-marker-error")).to_have_count(0)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#status")).to_contain_text("rows")
    rows = page.locator("table.answer tbody tr")
    expect(rows).to_have_count(6)
    expect(rows.first.locator("a.chip").first).to_contain_text(re.compile("agreement|arrangement", re.IGNORECASE))
    # read what a row rests on
    page.get_by_role("button", name="Sources of row 1", exact=True).click()
    expect(page.locator("tr.sources .said").first).to_contain_text(re.compile("agreement|arrangement", re.IGNORECASE))
    expect(page.locator("tr.sources a[href^='/documents/']").first).to_be_visible()
    picture(page, "workbench-sources")
    # share it
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#status")).to_contain_text("copied")
    assert parse_qs(urlsplit(page.url).query)["query"] == [good]
    other = open_bench(page.url)
    is_written(other, good)
    expect(other.locator("table.answer tbody tr")).to_have_count(6)


def test_completion_knows_what_fits(open_bench, made):
    page = open_bench()

    def typed(text):
        write(page, "")
        page.locator(".cm-content").press_sequentially(text)

    uses = [iri for iri in usage.read(release.current(made)).uses[MIKG + "Agreement"] if iri.startswith(MIKG)]
    typed("SELECT ?x { ?x a mikg:Agreement ; ")
    for place, iri in enumerate(uses[:5]):
        expect(offered(page).nth(place)).to_have_text(f"mikg:{iri.removeprefix(MIKG)}")
    typed("SELECT ?x { ?x mikg:modality ")
    expect(offered(page, among=4).get_by_text("mikg:planned", exact=True)).to_be_visible()
    typed("SELECT ?x { darien")
    expect(offered(page).get_by_text("darien-gap").first).to_be_visible()
    for text, first in {
        "SELECT ?x { ?x mikg:party pana": re.compile("^id:panama"),
        "SELECT ?x { ?x a mikg:Cou": "mikg:Country",
        "PREFIX sk": re.compile("^skos: <"),
        "SELECT ?x { ?s ?p ?o FILTER(lang": re.compile("^LANG"),
        "SELECT ?longname { ?lon": "?longname",
    }.items():
        typed(text)
        expect(offered(page).first).to_have_text(first)
    page.keyboard.press("Escape")
    expect(page.locator(".cm-tooltip-autocomplete")).to_have_count(0)


def test_a_name_tells_its_meaning(open_bench):
    page = open_bench(f"query?query={quote(AGREEMENTS)}")
    page.get_by_text("mikg:party", exact=False).last.hover()
    page.locator(".cm-line", has_text="mikg:party").hover(position={"x": 160, "y": 8})
    expect(page.locator(".about")).to_contain_text("Relation of an agreement")


def test_what_is_unknown_is_marked_and_mended_with_a_click(open_bench):
    page = open_bench()
    write(page, PREFIX + "SELECT ?a { ?a mikg:partyOf id:panana }")
    expect(page.locator(".cm-lint-marker-warning")).to_be_visible()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("heading", name="No row. Why?")).to_be_visible()
    page.get_by_role("button", name="Write mikg:party", exact=True).click()
    page.get_by_role("button", name="Write id:panama", exact=True).click()
    expect(page.locator("table.answer tbody tr")).to_have_count(2)
    is_written(page, re.compile(r"\?a mikg:party id:panama"))


def test_the_views_of_an_answer(open_bench):
    page = open_bench(f"query?query={quote(AGREEMENTS)}")
    expect(page.locator("table.answer")).to_be_visible()
    page.get_by_role("tab", name="Map").click()
    expect(page.locator("svg.map")).to_contain_text("Panama")
    expect(page.locator("svg.map path.land")).to_have_attribute("d", re.compile(r"^M[\d. -]+L"))
    expect(page.locator("#view figcaption")).to_contain_text("Natural Earth")
    page.get_by_role("tab", name="Network").click()
    expect(page.locator(".network")).to_have_attribute("data-drawn", "6")
    expect(page.locator(".network")).to_have_attribute("aria-label", re.compile("^Network: .+ – (Panama|United States|Costa Rica)"))
    page.get_by_role("tab", name="Chart").click()
    expect(page.locator("#view")).to_contain_text("needs a column of numbers")
    expect(page).to_have_url(re.compile("view=chart"))
    figures = "PREFIX mikg: <https://w3id.org/mikg/ontology#> SELECT ?printed ?value { ?f mikg:asPrinted ?printed ; <https://schema.org/value> ?value } LIMIT 12"
    charted = open_bench(f"query?view=chart&query={quote(figures)}")
    expect(charted.locator("#view svg")).to_be_visible()
    picture(charted, "workbench-chart")
    graph = open_bench(f"query?query={quote(PREFIX + 'CONSTRUCT WHERE { ?a mikg:party ?b }')}")
    expect(graph.locator("#status")).to_contain_text("6 triples")
    graph.get_by_role("tab", name="Raw").click()
    expect(graph.locator("#view pre")).to_contain_text("mikg:party")


def test_sort_filter_and_turn_the_pages(open_bench):
    page = open_bench(f"query?query={quote('SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 250')}")
    expect(page.locator("table.answer tbody tr")).to_have_count(100)
    page.get_by_role("button", name="last").click()
    expect(page.locator("table.answer tbody tr")).to_have_count(50)
    page.get_by_role("button", name="o", exact=True).click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text(re.compile(r"^\s*o"))
    page.get_by_label("Filter p").fill("type")
    expect(page.locator(".pager")).to_contain_text("fit the filter")


def test_a_query_is_stopped_and_the_worker_is_free_again(open_bench, made, serve):
    # One worker, and more time for a query than this test is given: only a query that has been stopped lets the next one be answered.
    server = serve(made.releases, MIKG_WORKERS="1", MIKG_DEADLINE="3600")

    def running():
        return [each["query"] for each in json.loads(server.ask("running").body)["running"]]

    page = open_bench(at=server)
    write(page, SLOW)
    page.keyboard.press("Control+Enter")
    stop = page.get_by_role("button", name="Stop")
    expect(stop).to_be_visible()
    while running() != [SLOW]:
        page.wait_for_timeout(100)
    stop.click()
    expect(page.locator("#status")).to_have_text("Stopped.")
    write(page, "ASK {}")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".verdict")).to_have_text("Yes.")
    assert SLOW not in running()


def test_a_hundred_thousand_rows_stay_quick(open_bench):
    page = open_bench()
    write(page, "SELECT ?s ?p ?o ?n { ?s ?p ?o VALUES ?n { 1 2 3 4 } } LIMIT 100000")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#status")).to_contain_text("100,000 rows", timeout=120_000)
    expect(page.locator("table.answer tbody tr")).to_have_count(100)
    page.get_by_role("button", name="last").click()
    expect(page.locator(".pager")).to_contain_text("99,901 to 100,000")
    page.get_by_role("button", name="s", exact=True).click()
    expect(page.locator("th[aria-sort]")).to_be_visible()
    assert page.locator("*").count() < 6000
    page.get_by_role("tab", name="Chart").click()
    expect(page.locator("#view svg, #view .empty").first).to_be_visible(timeout=60_000)


def test_odd_texts_are_only_text(open_bench):
    query = 'SELECT ("<img src=x onerror=document.title=1>" AS ?markup) ("\\u202eturned" AS ?t) (BNODE() AS ?b) (<javascript:alert(1)> AS ?link) (<<( <a:x> <a:y> "<b>z</b>" )>> AS ?triple) {}'
    page = open_bench()
    write(page, query)
    page.keyboard.press("Control+Enter")
    expect(page.locator("table.answer tbody tr")).to_have_count(1)
    assert page.locator("#result img, #result b").count() == 0
    assert page.locator("#result a[href^='javascript']").count() == 0
    assert page.title().startswith("Query the graph")


def test_choices_write_the_query(open_bench):
    page = open_bench()
    page.get_by_label("Things that are a").select_option("mikg:Agreement")
    page.get_by_label("with", exact=True).select_option("mikg:party")
    value = page.get_by_label("being")
    expect(value).to_be_enabled()
    value.select_option(value.locator("option", has_text="Panama").get_attribute("value"))
    expect(page.locator(".cm-content")).to_contain_text("mikg:party id:panama")
    page.get_by_role("button", name="Write the query").click()
    expect(page.locator("table.answer tbody tr").first).to_be_visible()


def test_history_code_and_layout(open_bench):
    page = open_bench()
    write(page, "ask{?s ?p ?o}")
    page.get_by_role("button", name="Lay out").click()
    expect(page.locator(".cm-content")).to_contain_text("ASK {")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(".verdict")).to_be_visible()
    page.get_by_role("button", name="As code").click()
    for language in ("Python", "SPARQLWrapper", "R", "JavaScript", "curl"):
        page.get_by_role("button", name=language, exact=True).click()
        expect(page.locator("#snippets pre")).to_contain_text("/sparql")
    page.get_by_role("button", name="History").click()
    page.locator("#history button.old").first.click()
    is_written(page, re.compile(r"ASK \{"))


def test_the_keyboard_enters_and_leaves_the_editor(open_bench):
    page = open_bench()
    page.locator(".cm-content").focus()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.locator("#run")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.locator(".cm-content")).to_be_focused()


def test_without_a_script_the_form_runs(open_bench):
    page = open_bench(ready=False, java_script_enabled=False)
    page.get_by_label("SPARQL query").fill(AGREEMENTS)
    page.get_by_label("with sources").check()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("table.answer tbody tr")).to_have_count(6)
    expect(page.get_by_role("heading", name="The passages it rests on")).to_be_visible()
    page.get_by_label("SPARQL query").fill(PREFIX + "SELECT ?a { ?a mikg:party id:panana }")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("link", name="id:panama", exact=True).click()
    expect(page.locator("table.answer tbody tr")).to_have_count(2)
    picture(page, "workbench-without-script")


def test_the_page_is_accessible_fits_and_does_not_move(open_bench, look):
    page = open_bench(f"query?query={quote(AGREEMENTS)}&cite=true", **look)
    expect(page.locator("table.answer tbody tr")).to_have_count(6)
    moved = page.evaluate(
        "new Promise((done) => { let sum = 0; new PerformanceObserver((list) => { for (const each of list.getEntries()) sum += each.value; }).observe({ type: 'layout-shift', buffered: true }); setTimeout(() => done(sum), 300); })"
    )
    assert moved < 0.1
    assert_sound(page, "workbench")
    page.get_by_role("button", name="Sources of row 1", exact=True).click()
    page.get_by_role("button", name="As code").click()
    expect(page.locator("tr.sources .said").first).to_be_visible()
    expect(page.locator("#snippets pre")).to_be_visible()
    assert violations(page) == []


def test_the_page_is_light_on_the_wire(open_bench):
    page = open_bench()
    sizes = json.loads(
        page.evaluate(
            "JSON.stringify([...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map((each) => [each.name, each.transferSize]))"
        )
    )
    code = {name: size for name, size in sizes if ".woff2" not in name}
    assert sum(code.values()) < 200_000, code
