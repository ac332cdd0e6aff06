"""The pages in a real browser: both themes, phone and desk, no script needed, no request that leaves the machine."""

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
]
PAGES = {
    "home": "",
    "documents": "documents",
    "document": "documents/us-ct-report",
    "passage": "documents/mire-communique/p4-s1",
    "disagreements": "disagreements",
    "questions": "questions?find=agreement",
    "question": "questions/agreements-of-a-country",
    "query": f"sparql?query={quote('SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 20')}",
    "fault": f"sparql?query={quote('SELECT ?s { ?s ?p')}",
    "missing": "no/such/page",
    "downloads": "downloads",
    "graphs": "graphs",
    "graph": "graphs?graph=https%3A%2F%2Fw3id.org%2Fmikg%2Fgraph%2Fexternal%2Fcountries",
}


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield launched
        launched.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_its_window_and_asks_nothing_of_others(browser, server, name, width, theme):
    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 900})
    page = context.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(server.url + PAGES[name], wait_until="networkidle")
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}-{width}-{theme}.png", full_page=True)
    assert all(url.startswith(server.url) for url in asked)
    assert [text for text in said if "Failed to load resource" not in text] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
        "rgb(251, 250, 247)" if theme == "light" else "rgb(20, 24, 26)"
    )
    context.close()


def test_the_reading_journey_works_without_javascript(browser, server):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server.url)
    page.get_by_role("link", name="Agreements of a country").click()
    page.get_by_label("country").fill("id:costa-rica")
    page.get_by_role("button", name="Answer").click()
    assert page.get_by_role("cell", name="id:us-costa-rica-arrangement").count() >= 1
    assert page.get_by_role("heading", name="The passages it rests on").is_visible()
    page.get_by_role("link", name="open the query").click()
    page.get_by_label("SPARQL query", exact=True).fill("SELECT * {")
    page.get_by_role("button", name="Run", exact=True).click()
    assert "never closed" in page.get_by_role("alert").inner_text()
    page.get_by_label("SPARQL query", exact=True).fill("ASK { ?s ?p ?o }")
    page.get_by_role("button", name="Run", exact=True).click()
    assert page.get_by_text("Yes.").is_visible()
    context.close()


def test_the_keyboard_reaches_the_content_first(browser, server):
    page = browser.new_page()
    page.goto(server.url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.close()
