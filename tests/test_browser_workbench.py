"""The workbench in a real browser: write with completion, break, mend, run, read the source, share; stop; a hundred thousand rows."""

import json
import os
import re
import shutil
import time
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason="Chromium is not on this machine (.ci/run installs it)")]
SHOTS = Path(os.environ.get("MIKG_SCREENSHOTS", Path(__file__).parents[1] / "screenshots"))
PREFIX = "PREFIX id: <https://w3id.org/mikg/id/>\nPREFIX mikg: <https://w3id.org/mikg/ontology#>\n"
AGREEMENTS = PREFIX + "SELECT ?agreement ?party\nWHERE {\n  ?agreement mikg:party ?party\n}\nORDER BY ?agreement ?party"
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a != ?d && ?d != ?g) }"


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield launched
        launched.close()


@pytest.fixture
def open_bench(browser, server):
    """Open the workbench; at the end nothing has gone wrong in it and nothing was asked of others."""
    contexts, wrong = [], []

    def opened(path="query", ready=True, **options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "base_url": server.url, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda fault: wrong.append(str(fault)))
        page.on(
            "request", lambda request: wrong.append(request.url) if not request.url.startswith((server.url, "data:", "blob:")) else None
        )
        page.goto(path)
        if ready:
            page.locator("#query").focus()
            page.wait_for_selector("[data-bench=ready]")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def write(page, text):
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
    page.keyboard.press("Escape")


def written(page):
    return page.evaluate("document.querySelector('#query').value")


def shot(page, name):
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"workbench-{name}.png", full_page=True)


def options(page):
    page.wait_for_selector(".cm-tooltip-autocomplete")
    return [text.split("\n")[0] for text in page.locator(".cm-tooltip-autocomplete li").all_inner_texts()]


def test_write_break_mend_run_read_and_share(open_bench):
    from playwright.sync_api import expect

    page = open_bench()
    write(page, "SELECT ?x ?y\nWHERE {\n  ?x a mikg:Agreement ;\n    \n}")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("End")
    page.keyboard.type("mikg:p", delay=40)
    page.wait_for_timeout(600)
    assert options(page)[0] == "mikg:party"  # the property of agreements that is used most
    assert written(page).startswith("PREFIX mikg: <https://w3id.org/mikg/ontology#>\n")
    shot(page, "completion")
    page.keyboard.press("Enter")
    page.wait_for_timeout(800)
    assert "id:panama" in options(page)  # what stands behind that property in the graph
    page.keyboard.press("Escape")
    page.locator(".cm-content").press_sequentially("?y")
    page.keyboard.press("Escape")
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
    expect(rows.first.locator("a.chip").first).to_contain_text("Agreement")
    # read what a row rests on
    page.get_by_role("button", name="Sources of row 1", exact=True).click()
    expect(page.locator("tr.sources .said").first).to_contain_text("agreement")
    assert page.locator("tr.sources a[href^='/documents/']").count() >= 1
    shot(page, "sources")
    # share it
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#status")).to_contain_text("copied")
    assert parse_qs(urlsplit(page.url).query)["query"] == [good]
    other = open_bench(page.url)
    assert written(other) == good
    expect(other.locator("table.answer tbody tr")).to_have_count(6)


@pytest.mark.timeout(300)
def test_completion_knows_what_fits(open_bench, made):
    from mikg import release, usage
    from mikg.namespaces import MIKG

    page = open_bench()

    def offered(text):
        write(page, "")
        page.locator(".cm-content").press_sequentially(text)
        page.wait_for_timeout(900)
        return options(page)

    uses = [iri for iri in usage.read(release.current(made)).uses[MIKG + "Agreement"] if iri.startswith(MIKG)]
    fitting = offered("SELECT ?x { ?x a mikg:Agreement ; ")
    assert [f"mikg:{iri.removeprefix(MIKG)}" for iri in uses[:5]] == fitting[:5]
    assert "mikg:planned" in offered("SELECT ?x { ?x mikg:modality ")[:4]
    assert offered("SELECT ?x { ?x mikg:party pana")[0].startswith("id:panama")
    assert offered("SELECT ?x { ?x a mikg:Cou")[0] == "mikg:Country"
    assert any("darien-gap" in option for option in offered("SELECT ?x { darien"))
    assert offered("PREFIX sk")[0].startswith("skos: <")
    assert offered("SELECT ?x { ?s ?p ?o FILTER(lang")[0].startswith("LANG")
    assert offered("SELECT ?longname { ?lon")[0] == "?longname"
    page.keyboard.press("Escape")
    assert page.locator(".cm-tooltip-autocomplete").count() == 0


def test_a_name_tells_its_meaning(open_bench):
    from playwright.sync_api import expect

    page = open_bench(f"query?query={quote(AGREEMENTS)}")
    page.get_by_text("mikg:party", exact=False).last.hover()
    page.locator(".cm-line", has_text="mikg:party").hover(position={"x": 160, "y": 8})
    expect(page.locator(".about")).to_contain_text("Relation of an agreement")


def test_what_is_unknown_is_marked_and_mended_with_a_click(open_bench):
    from playwright.sync_api import expect

    page = open_bench()
    write(page, PREFIX + "SELECT ?a { ?a mikg:partyOf id:panana }")
    expect(page.locator(".cm-lint-marker-warning")).to_be_visible()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("heading", name="No row. Why?")).to_be_visible()
    page.get_by_role("button", name="Write mikg:party", exact=True).click()
    page.get_by_role("button", name="Write id:panama", exact=True).click()
    expect(page.locator("table.answer tbody tr")).to_have_count(2)
    assert "?a mikg:party id:panama" in written(page)


def test_the_views_of_an_answer(open_bench):
    from playwright.sync_api import expect

    page = open_bench(f"query?query={quote(AGREEMENTS)}")
    expect(page.locator("table.answer")).to_be_visible()
    page.get_by_role("tab", name="Map").click()
    expect(page.locator("svg.map")).to_contain_text("Panama")
    page.get_by_role("tab", name="Network").click()
    page.wait_for_selector(".network[data-drawn]")
    assert int(page.locator(".network").get_attribute("data-drawn")) == 6
    page.get_by_role("tab", name="Chart").click()
    expect(page.locator("#view")).to_contain_text("needs a column of numbers")
    assert "view=chart" in page.url
    figures = "PREFIX mikg: <https://w3id.org/mikg/ontology#> SELECT ?printed ?value { ?f mikg:asPrinted ?printed ; <https://schema.org/value> ?value } LIMIT 12"
    charted = open_bench(f"query?view=chart&query={quote(figures)}")
    expect(charted.locator("#view svg")).to_be_visible()
    shot(charted, "chart")
    graph = open_bench(f"query?query={quote(PREFIX + 'CONSTRUCT WHERE { ?a mikg:party ?b }')}")
    expect(graph.locator("#status")).to_contain_text("6 triples")
    graph.get_by_role("tab", name="Raw").click()
    expect(graph.locator("#view pre")).to_contain_text("mikg:party")


def test_sort_filter_and_turn_the_pages(open_bench):
    from playwright.sync_api import expect

    page = open_bench(f"query?query={quote('SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 250')}")
    expect(page.locator("table.answer tbody tr")).to_have_count(100)
    page.get_by_role("button", name="last").click()
    expect(page.locator("table.answer tbody tr")).to_have_count(50)
    page.get_by_role("button", name="o", exact=True).click()
    assert page.locator("th[aria-sort=ascending]").inner_text().startswith("o")
    page.get_by_label("Filter p").fill("type")
    expect(page.locator(".pager")).to_contain_text("fit the filter")


def test_a_query_is_stopped_and_the_worker_is_free_again(open_bench, server):
    from playwright.sync_api import expect

    page = open_bench()
    write(page, SLOW)
    page.keyboard.press("Control+Enter")
    stop = page.get_by_role("button", name="Stop")
    expect(stop).to_be_visible()
    page.wait_for_timeout(500)
    stop.click()
    expect(page.locator("#status")).to_have_text("Stopped.")
    write(page, "ASK {}")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".verdict")).to_have_text("Yes.")
    for _ in range(30):  # the server hears of it within a moment, well before the deadline
        if "mikg_queries_running 0" in re.sub(r"\{.*?\}", "", server.ask("metrics").text) or "running" not in server.ask("metrics").text:
            break
        time.sleep(0.2)
    else:
        raise AssertionError(server.ask("metrics").text)


def test_a_hundred_thousand_rows_stay_quick(open_bench):
    from playwright.sync_api import expect

    page = open_bench()
    write(page, "SELECT ?s ?p ?o ?n { ?s ?p ?o VALUES ?n { 1 2 3 4 } } LIMIT 100000")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#status")).to_contain_text("100,000 rows", timeout=30_000)
    expect(page.locator("table.answer tbody tr")).to_have_count(100)
    page.get_by_role("button", name="last").click()
    expect(page.locator(".pager")).to_contain_text("99,901 to 100,000")
    page.get_by_role("button", name="s", exact=True).click()
    expect(page.locator("th[aria-sort]")).to_be_visible()
    assert page.locator("*").count() < 6000
    page.get_by_role("tab", name="Chart").click()
    expect(page.locator("#view svg, #view .empty").first).to_be_visible(timeout=20_000)


def test_odd_texts_are_only_text(open_bench):
    query = 'SELECT ("<img src=x onerror=document.title=1>" AS ?markup) ("\\u202eturned" AS ?t) (BNODE() AS ?b) (<javascript:alert(1)> AS ?link) (<<( <a:x> <a:y> "<b>z</b>" )>> AS ?triple) {}'
    page = open_bench()
    write(page, query)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("table.answer tbody tr")
    assert page.locator("#result img, #result b").count() == 0
    assert page.locator("#result a[href^='javascript']").count() == 0
    assert page.title().startswith("Query the graph")


def test_choices_write_the_query(open_bench):
    from playwright.sync_api import expect

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
    from playwright.sync_api import expect

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
    assert "ASK {" in written(page)


def test_the_keyboard_enters_and_leaves_the_editor(open_bench):
    page = open_bench()
    page.locator(".cm-content").focus()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "run"
    page.keyboard.press("Shift+Tab")
    assert "cm-content" in page.evaluate("document.activeElement.className")


def test_without_a_script_the_form_runs(open_bench):
    from playwright.sync_api import expect

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
    shot(page, "without-script")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_is_accessible_fits_and_does_not_move(open_bench, theme, width):
    from axe_playwright_python.sync_playwright import Axe

    page = open_bench(
        f"query?query={quote(AGREEMENTS)}&cite=true", color_scheme=theme, viewport={"width": width, "height": 900}, reduced_motion="reduce"
    )
    page.wait_for_selector("table.answer tbody tr")
    page.wait_for_timeout(600)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    moved = page.evaluate(
        "new Promise((done) => { let sum = 0; new PerformanceObserver((list) => { for (const each of list.getEntries()) sum += each.value; }).observe({ type: 'layout-shift', buffered: true }); setTimeout(() => done(sum), 300); })"
    )
    assert moved < 0.1
    shot(page, f"{width}-{theme}")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.get_by_role("button", name="Sources of row 1", exact=True).click()
    page.get_by_role("button", name="As code").click()
    page.wait_for_selector("tr.sources .said")
    assert Axe().run(page).violations_count == 0


def test_the_page_is_light_on_the_wire(open_bench):
    page = open_bench()
    sizes = json.loads(
        page.evaluate(
            "JSON.stringify([...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map((each) => [each.name, each.transferSize]))"
        )
    )
    code = {name: size for name, size in sizes if ".woff2" not in name}
    assert sum(code.values()) < 200_000, code
