"""The pages in a real browser: both themes, phone and desk, no script needed, no request that leaves the machine, nothing for axe to find."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from browsers import SHOTS, assert_fits, picture
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
# Each page of the site that is looked at in both themes and widths: one line a page.
PAGES = {
    "home": "",
    "home-es": "?lang=es",
    "documents": "documents",
    "document": "documents/us-ct-report",
    "document-long": "documents/unhcr-panama",
    "passage": "documents/mire-communique/p4-s1",
    "disagreements": "disagreements",
    "questions": "questions?find=agreement",
    "question": "questions/agreements-of-a-country",
    "question-es": "questions/claims-of-a-claimant?lang=es",
    "search": "search?q=panana",
    "thing": "page/panama",
    "thing-es": "page/erika-mouynes?lang=es",
    "ontology": "ontology",
    "explore": "explore?start=id:panama",
    "downloads": "downloads",
    "graphs": "graphs",
    "graph": "graphs?graph=https%3A%2F%2Fw3id.org%2Fmikg%2Fgraph%2Fexternal%2Fcountries",
    "query": f"sparql?query={quote('SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 20')}",
    "fault": f"sparql?query={quote('SELECT ?s { ?s ?p')}",
    "missing": "no/such/page",
}
# Read before anything else happens on a page: what moved, and when the largest thing was painted.
WATCH = """
window.seen = { shift: 0, paint: 0 };
new PerformanceObserver((list) => { for (const each of list.getEntries()) if (!each.hadRecentInput) seen.shift += each.value; })
  .observe({ type: 'layout-shift', buffered: true });
new PerformanceObserver((list) => { for (const each of list.getEntries()) seen.paint = each.startTime; })
  .observe({ type: 'largest-contentful-paint', buffered: true });
"""
WIRE = """
[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].reduce((all, each) => all + each.transferSize, 0)
"""
MOST = 200_000  # bytes over the wire on a first visit, all files of a page together; half of it is the type, kept for a year
MOVED = {"query": 0.05, "fault": 0.05}  # where an editor takes the place of the text area


@pytest.fixture(scope="module")
def measured():
    """What each page weighs and how fast it was painted, kept beside the screenshots."""
    figures: dict[str, dict] = {}
    yield figures
    if SHOTS:
        (Path(SHOTS) / "measured.json").write_text(json.dumps(figures, indent=2))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_sound(opened, measured, look, name):
    page = opened(None, **look)
    page.add_init_script(WATCH)
    page.goto(PAGES[name], wait_until="networkidle")
    seen = {**page.evaluate("seen"), "bytes": page.evaluate(WIRE)}
    measured[f"{name}-{look['viewport']['width']}-{look['color_scheme']}"] = seen
    picture(page, name)
    assert seen["shift"] < MOVED.get(name, 0.005)
    assert seen["bytes"] < MOST
    ground = "rgb(251, 250, 247)" if look["color_scheme"] == "light" else "rgb(20, 24, 26)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == ground
    page.evaluate("[...document.querySelectorAll('main details')].slice(0, 3).forEach((each) => { each.open = true })")
    assert_fits(page)


def test_the_reading_journey_works_without_javascript(opened):
    page = opened("/", java_script_enabled=False)
    page.get_by_role("link", name="Agreements of a country").click()
    page.get_by_label("country").select_option(label="Costa Rica")
    page.get_by_role("button", name="Show the answer").click()
    expect(page).to_have_url(re.compile("country=id%3Acosta-rica"))
    expect(page.get_by_role("cell", name="arrangement between the United States and Costa Rica").first).to_be_visible()
    page.locator("td.rests summary").first.click()
    expect(page.locator("td.rests .said").first).to_be_visible()
    expect(page.get_by_role("heading", name="The passages it rests on")).to_be_visible()
    page.locator("td.rests .said a").first.click()
    expect(page).to_have_url(re.compile("/documents/.*#p"))
    passage = page.locator("article:target")
    passage.locator("summary").click()
    expect(passage.locator(".node").first).to_be_visible()
    passage.locator(".place a").click()
    expect(page.get_by_role("heading", name="What the graph holds of it")).to_be_visible()
    page.get_by_role("navigation", name="Sections").get_by_role("link", name="Disagreements").click()
    page.locator(".side summary").first.click()
    expect(page.locator(".side .said").first).to_be_visible()
    page.goto("sparql")
    page.get_by_label("SPARQL query", exact=True).fill("SELECT * {")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("never closed")
    page.get_by_label("SPARQL query", exact=True).fill("ASK { ?s ?p ?o }")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("Yes.")).to_be_visible()


def test_language_and_theme_are_chosen_without_javascript_and_kept(opened):
    page = opened("questions?find=agreement", java_script_enabled=False, color_scheme="light")
    html = page.locator("html")
    page.get_by_role("link", name="Español").click()
    expect(html).to_have_attribute("lang", "es")
    expect(page.locator("#find")).to_have_value("agreement")
    page.locator("a.theme").click()
    expect(html).to_have_attribute("data-theme", "light")
    page.locator("a.theme").click()
    expect(html).to_have_attribute("data-theme", "dark")
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^\s*¿Quién"))
    expect(html).to_have_attribute("data-theme", "dark")


def test_the_theme_changes_without_a_reload(opened, server):
    page = opened("documents", color_scheme="dark")
    page.evaluate("window.stays = true")
    page.locator("a.theme").click()
    expect(page.locator("body")).to_have_css("background-color", "rgb(251, 250, 247)")
    assert page.evaluate("window.stays") and page.url == server.url + "documents"
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_the_keyboard_reaches_the_content_first(opened):
    page = opened("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("input[name=q]").first).to_be_focused()


def test_on_paper_the_evidence_is_unfolded_and_the_bars_are_gone(opened):
    page = opened("disagreements")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator(".side .said").first).to_be_visible()
    expect(page.locator(".top nav").first).to_be_hidden()
