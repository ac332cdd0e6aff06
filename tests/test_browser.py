"""The pages in a real browser: both themes, phone and desk, no script needed, no request that leaves the machine, nothing for axe to find."""

import json
import os
import shutil
from pathlib import Path
from urllib.parse import quote

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason="Chromium is not on this machine (.ci/run installs it)")]
SHOTS = Path(os.environ.get("MIKG_SCREENSHOTS", Path(__file__).parents[1] / "screenshots"))
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
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
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def measured():
    """What each page weighs and how fast it was painted, kept beside the screenshots."""
    figures: dict[str, dict] = {}
    yield figures
    SHOTS.mkdir(exist_ok=True)
    (SHOTS / "measured.json").write_text(json.dumps(figures, indent=2))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_sound(browser, server, measured, name, width, theme):
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 900}, locale="en-US")
    page = context.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.add_init_script(WATCH)
    page.goto(server.url + PAGES[name], wait_until="networkidle")
    seen = {**page.evaluate("seen"), "bytes": page.evaluate(WIRE)}
    measured[f"{name}-{width}-{theme}"] = seen
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}-{width}-{theme}.png", full_page=True)
    assert all(url.startswith(server.url) for url in asked)
    assert [text for text in said if "Failed to load resource" not in text] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert seen["shift"] < MOVED.get(name, 0.005)
    assert seen["bytes"] < MOST
    ground = "rgb(251, 250, 247)" if theme == "light" else "rgb(20, 24, 26)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == ground
    page.evaluate("[...document.querySelectorAll('main details')].slice(0, 3).forEach((each) => { each.open = true })")
    found = Axe().run(page).response["violations"]
    assert not found, "\n".join(f"{each['id']}: {each['help']}: {each['nodes'][0]['html'][:300]}" for each in found)
    context.close()


def test_the_reading_journey_works_without_javascript(browser, server):
    context = browser.new_context(java_script_enabled=False, locale="en-US")
    page = context.new_page()
    page.goto(server.url)
    page.get_by_role("link", name="Agreements of a country").click()
    page.get_by_label("country").select_option(label="Costa Rica")
    page.get_by_role("button", name="Show the answer").click()
    assert "country=id%3Acosta-rica" in page.url
    assert page.get_by_role("cell", name="arrangement between the United States and Costa Rica").count() >= 1
    page.locator("td.rests summary").first.click()
    assert page.locator("td.rests .said").first.is_visible()
    assert page.get_by_role("heading", name="The passages it rests on").is_visible()
    page.locator("td.rests .said a").first.click()
    assert "/documents/" in page.url and "#p" in page.url
    passage = page.locator("article:target")
    passage.locator("summary").click()
    assert passage.locator(".node").first.is_visible()
    passage.locator(".place a").click()
    assert page.get_by_role("heading", name="What the graph holds of it").is_visible()
    page.get_by_role("navigation", name="Sections").get_by_role("link", name="Disagreements").click()
    page.locator(".side summary").first.click()
    assert page.locator(".side .said").first.is_visible()
    page.goto(server.url + "sparql")
    page.get_by_label("SPARQL query", exact=True).fill("SELECT * {")
    page.get_by_role("button", name="Run", exact=True).click()
    assert "never closed" in page.get_by_role("alert").inner_text()
    page.get_by_label("SPARQL query", exact=True).fill("ASK { ?s ?p ?o }")
    page.get_by_role("button", name="Run", exact=True).click()
    assert page.get_by_text("Yes.").is_visible()
    context.close()


def test_language_and_theme_are_chosen_without_javascript_and_kept(browser, server):
    context = browser.new_context(java_script_enabled=False, locale="en-US", color_scheme="light")
    page = context.new_page()
    page.goto(server.url + "questions?find=agreement")
    page.get_by_role("link", name="Español").click()
    assert page.locator("html").get_attribute("lang") == "es"
    assert page.locator("#find").input_value() == "agreement"
    page.locator("a.theme").click()
    page.locator("a.theme").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.goto(server.url)
    assert page.get_by_role("heading", level=1).inner_text().startswith("¿Quién")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    context.close()


def test_the_theme_changes_without_a_reload(browser, server):
    context = browser.new_context(locale="en-US", color_scheme="dark")
    page = context.new_page()
    page.goto(server.url + "documents")
    page.locator("a.theme").click()
    assert page.url == server.url + "documents"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(251, 250, 247)"
    page.goto(server.url)
    assert page.locator("html").get_attribute("data-theme") == "light"
    context.close()


def test_the_keyboard_reaches_the_content_first(browser, server):
    page = browser.new_page()
    page.goto(server.url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.close()


def test_on_paper_the_evidence_is_unfolded_and_the_bars_are_gone(browser, server):
    page = browser.new_page()
    page.goto(server.url + "disagreements")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator(".side .said").first.is_visible()
    assert not page.locator(".top nav").first.is_visible()
    page.close()
