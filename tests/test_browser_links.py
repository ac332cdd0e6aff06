"""The pages about links in a real browser: both themes, phone and desk, checked by axe, read without JavaScript and by keyboard."""

import os
import shutil
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason="Chromium is not on this machine (.ci/run installs it)")]
SHOTS = Path(os.environ.get("MIKG_SCREENSHOTS", Path(__file__).parents[1] / "screenshots"))
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage"]
PAGES = {"links": "links", "links-es": "links?lang=es", "links-fast": "links/fast", "links-m49": "links/m49"}


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
def test_a_page_fits_its_window_and_has_no_barrier(browser, server, name, width, theme):
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 900})
    page = context.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(server.url + PAGES[name], wait_until="networkidle")
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}-{width}-{theme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert all(url.startswith(server.url) for url in asked) and said == []
    violations = Axe().run(page).response["violations"]
    assert [f"{each['id']}: {node['html'][:160]}" for each in violations for node in each["nodes"]] == []
    context.close()


def test_from_a_thing_without_a_link_to_its_evidence_without_javascript(browser, server):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server.url + "links")
    page.get_by_role("link", name="FAST subject headings").first.click()
    page.locator("a[href='#denied']").click()
    row = page.locator("tr", has_text="Resolution 1325")
    row.locator("summary").click()
    assert row.get_by_text("another resolution of the same body").is_visible()
    context.close()


def test_a_record_opens_at_its_row(browser, server):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(server.url + "links/wd")
    key = page.locator("table tbody tr").nth(40).get_attribute("id")
    page.goto(f"{server.url}mapping/{key}")
    assert page.url.endswith(f"/links/wd#{key}")
    # The page may glide to the row: wait until it is in the window.
    page.wait_for_function(
        "key => { const top = document.getElementById(key).getBoundingClientRect().top; return top >= 0 && top < 900 }", arg=key
    )
    assert page.locator(f"[id='{key}']").evaluate("row => row.matches(':target')")
    page.close()
