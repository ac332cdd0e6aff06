"""Pages of things and of the ontology in a real browser: both themes, phone and desk, without script, and for a screen reader."""

import os
import shutil
from pathlib import Path

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
]
PAGES = {
    "country": "page/panama",
    "person": "page/juan-manuel-pino",
    "figure": "page/figure-progress-migrants-through-panama-2021",
    "claim": "page/claim-progress-pandemic-drove-surge",
    "concept": "page/migration",
    "rule": "page/rule/share-of-budget-spent",
    "relation": "page/panama?relation=mikg:actor",
    "ontology": "ontology",
}


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield launched
        launched.close()


@pytest.fixture
def opened(browser, server):
    """A function that opens a page; at the end no script has failed and nothing was asked of another machine."""
    contexts, wrong = [], []

    def open_(path: str, **options):
        context = browser.new_context(reduced_motion="reduce", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda fault: wrong.append(str(fault)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: wrong.append(request.url) if not request.url.startswith((server.url, "data:")) else None)
        page.goto(server.url + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_its_window_and_axe_finds_nothing(opened, name, width, theme):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(PAGES[name], color_scheme=theme, viewport={"width": width, "height": 900})
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}-{width}-{theme}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_drawing_is_there_once_and_its_names_lead_on(opened, width):
    page = opened("page/panama", viewport={"width": width, "height": 900}, java_script_enabled=False)
    drawings = page.locator("svg.butterfly:visible")
    assert drawings.count() == 1
    drawings.get_by_role("link", name="GAFILAT").click()
    assert page.get_by_role("heading", level=1).inner_text() == "GAFILAT"


def test_the_names_of_the_drawing_stay_in_its_frame(opened):
    page = opened("page/panama", viewport={"width": 1280, "height": 900})
    outside = page.evaluate(
        """() => { const svg = document.querySelector('svg.butterfly.wide'), frame = svg.getBoundingClientRect();
        return [...svg.querySelectorAll('text')].filter(each => { const box = each.getBoundingClientRect();
          return box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1 })
          .map(each => each.textContent) }"""
    )
    assert outside == []


def test_the_passage_behind_a_statement_unfolds_in_place_without_script(opened):
    page = opened("page/panama", java_script_enabled=False)
    line = page.locator("#mikg-partyTo").locator("xpath=..")
    evidence = line.locator("details").last
    assert not evidence.locator(".said").is_visible()
    evidence.locator("summary").click()
    assert "arrangement" in evidence.locator(".said").inner_text()
    assert page.url.endswith("page/panama")


def test_the_query_behind_a_block_runs(opened):
    page = opened("page/juan-manuel-pino", java_script_enabled=False)
    behind = page.locator("#names .behind")
    behind.locator("summary").click()
    behind.get_by_role("link").click()
    assert page.get_by_text("Juan Manuel Pino Forero").count() >= 1


def test_on_paper_the_drawing_is_there(opened):
    page = opened("page/panama", viewport={"width": 800, "height": 900})
    page.emulate_media(media="print")
    assert page.locator("svg.butterfly:visible").count() == 1


def test_terms_are_found_by_their_letters(opened):
    page = opened("ontology")
    if not page.locator(".filter").is_visible():
        pytest.skip("the interactive parts were not installed")
    page.get_by_label("Show only terms").fill("arrang")
    assert page.locator("article.term[data-text]:visible").count() == 1
    page.get_by_label("Show only terms").fill("zzz")
    assert page.get_by_role("status").filter(has_text="No term").is_visible()


def test_the_anchor_of_a_term_leads_to_it(opened):
    page = opened("ontology#content", viewport={"width": 1280, "height": 700})
    place = page.evaluate("document.querySelector('article#content').getBoundingClientRect().top")
    assert -5 <= place < 300
