"""Time line, map and figures in a real browser: both themes, phone and desk, nothing for axe to find, read and zoomed without JavaScript."""

import os
import shutil
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason="Chromium is not on this machine (.ci/run installs it)")]
SHOTS = Path(os.environ.get("MIKG_SCREENSHOTS", Path(__file__).parents[1] / "screenshots"))
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage"]
PAGES = {
    "timeline": "timeline",
    "timeline-month-es": "timeline?at=2021-08&by=document&lang=es",
    "map": "map",
    "indicators": "indicators?with=unhcr",
}


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield launched
        launched.close()


@pytest.fixture
def plain(browser):
    """A page without JavaScript."""
    context = browser.new_context(java_script_enabled=False, locale="en-US", viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_its_window_and_has_no_barrier(browser, server, name, width, theme):
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 900}, locale="en-US")
    page = context.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(server.url + PAGES[name], wait_until="networkidle")
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}-{width}-{theme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert all(url.startswith(server.url) for url in asked) and said == []
    page.evaluate("[...document.querySelectorAll('main details')].slice(0, 4).forEach((each) => { each.open = true })")
    violations = Axe().run(page).response["violations"]
    assert [f"{each['id']}: {node['html'][:160]}" for each in violations for node in each["nodes"]] == []
    context.close()


def test_names_on_the_line_and_the_map_do_not_cover_each_other(browser, server):
    page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-US")
    boxes = "(where) => [...document.querySelectorAll(where)].map((each) => { const { x, y, right, bottom } = each.getBoundingClientRect(); return [x, y, right, bottom, each.textContent] })"
    for path, where in (("timeline", ".lane a text"), ("timeline?at=2021", ".lane a text"), ("map", ".spot text")):
        page.goto(server.url + path)
        found = [box for box in page.evaluate(boxes, where) if box[4]]
        assert len(found) > 8
        for number, (x, y, right, bottom, words) in enumerate(found):
            for other in found[number + 1 :]:
                apart = right <= other[0] + 1 or other[2] <= x + 1 or bottom <= other[1] + 3 or other[3] <= y + 3
                assert apart, f"{path}: {words!r} covers {other[4]!r}"
    page.close()


def test_one_zooms_from_all_years_to_a_month_and_a_passage_without_javascript(plain, server):
    plain.goto(server.url + "timeline")
    plain.get_by_role("navigation", name="Period").get_by_role("link", name="2021", exact=True).click()
    plain.get_by_role("navigation", name="Period").get_by_role("link", name="Aug", exact=True).click()
    assert plain.url.endswith("at=2021-08")
    row = plain.locator("table.dates tr", has_text="bilateral meeting of Panama and Colombia")
    row.locator("summary").click()
    assert row.locator(".said").first.is_visible()
    plain.get_by_label("Country, body or person").select_option(label="Colombia")
    plain.get_by_role("button", name="Show").click()
    assert "agent=colombia" in plain.url and "at=2021-08" in plain.url
    assert "first High-Level Ministerial" not in plain.locator("table.dates").inner_text()


def test_one_chooses_layers_and_follows_a_flow_to_its_row_without_javascript(plain, server):
    plain.goto(server.url + "map")
    plain.get_by_label("Roles of countries").uncheck()
    plain.get_by_label("Year").select_option("2021")
    plain.get_by_role("button", name="Show").click()
    assert "layer=flows" in plain.url and "layer=roles" not in plain.url and "year=2021" in plain.url
    plain.locator(".number text").first.click()
    assert "#tie-" in plain.url


def test_on_a_phone_the_line_is_a_list(browser, server):
    page = browser.new_page(viewport={"width": 390, "height": 800}, locale="en-US")
    page.goto(server.url + "timeline")
    assert not page.locator("figure.line").is_visible()
    assert page.locator("table.dates tbody tr").first.is_visible()
    page.close()
