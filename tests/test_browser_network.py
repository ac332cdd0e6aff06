"""Connections and measures in a real browser: both themes, phone and desk, with and without scripts."""

import os
import re
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
    "--disable-sync",
]
PAGES = {
    "paths": "paths",
    "paths-found": "paths?from=id:antony-blinken&to=id:erika-mouynes&k=2",
    "paths-none": "paths?from=id:antony-blinken&to=id:fatf&since=2021",
    "paths-fault": "paths?from=panana&to=id:fatf",
    "network": "network",
    "network-countries": "network?projection=countries&by=betweenness",
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
def test_a_page_fits_its_window_and_breaks_no_rule_of_accessibility(browser, server, name, width, theme):
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 900}, locale="en-GB").new_page()
    said = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(server.url + PAGES[name], wait_until="networkidle")
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}-{width}-{theme}.png", full_page=True)
    assert [text for text in said if "Failed to load resource" not in text] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []
    page.context.close()


def test_two_things_are_connected_without_scripts_and_a_passage_unfolds(browser, server):
    page = browser.new_context(java_script_enabled=False, locale="en-GB").new_page()
    page.goto(server.url + "paths")
    page.locator("#from").fill("Panama")
    page.locator("#to").fill("Colombia")
    page.get_by_role("button", name="Connect").click()
    assert page.locator(".hops > li").count() >= 2
    first = page.locator(".hops details.evidence").first
    first.locator("summary").click()
    assert first.locator(".said").is_visible()
    page.context.close()


def test_a_name_is_chosen_from_suggestions_by_the_keyboard(browser, server):
    from playwright.sync_api import expect

    page = browser.new_context(locale="en-GB").new_page()
    page.goto(server.url + "paths", wait_until="networkidle")
    for field, typed, chosen in (("#from", "blinken", "Antony Blinken"), ("#to", "mouynes", "Erika Mouynes")):
        page.locator(field).click()
        expect(page.locator(field)).to_have_role("combobox")
        page.keyboard.type(typed, delay=20)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator(field)).to_have_value(chosen)
    page.get_by_role("button", name="Connect").click()
    expect(page.locator(".chain").first).to_be_visible()
    expect(page).to_have_url(re.compile("id(:|%3A)antony-blinken"))
    page.context.close()
