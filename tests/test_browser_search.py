"""Searching in a real browser: by keyboard alone, on a phone and a desk, in both themes, with and without JavaScript."""

import os
import re
import shutil
import time
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
    "--disable-dev-shm-usage",
]
PAGES = {
    "search-hits": "search?q=panama",
    "search-typo": "search?q=panana+kanal",
    "search-printed": "search?q=Anthony+Blinken",
    "search-empty": "search?q=qqzzqq",
    "search-begin": "search",
    "search-kind": "search?kind=person&lang=es",
    "search-not-found": "no/such/panana",
    "reconcile-preview": "reconcile/preview?id=gafilat",
}


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield launched
        launched.close()


@pytest.fixture
def page(browser, server):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(server.url)
    yield page
    page.close()


def violations(page) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_search_fits_reads_and_stays_here(browser, server, name, width, theme):
    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 900})
    page = context.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(server.url + PAGES[name], wait_until="networkidle")
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}-{width}-{theme}.png", full_page=name != "search-hits")
    assert all(url.startswith(server.url) for url in asked)
    assert [text for text in said if "Failed to load resource" not in text] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    context.close()


def test_the_keyboard_alone_finds_and_opens_a_thing(page, server):
    from playwright.sync_api import expect

    page.keyboard.press("/")
    box = page.get_by_role("combobox").first
    page.keyboard.type("panan", delay=20)
    expect(page.get_by_role("option").first).to_contain_text("Panama")
    expect(box).to_have_attribute("aria-expanded", "true")
    assert violations(page) == []
    page.keyboard.press("ArrowDown")
    first = page.get_by_role("option").first
    expect(first).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == first.get_attribute("id")
    page.screenshot(path=SHOTS / "search-suggestions.png")
    page.keyboard.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") is None
    page.keyboard.press("ArrowDown")
    with page.expect_navigation(url=re.compile("/page/panama")):
        page.keyboard.press("Enter")


def test_escape_closes_the_list_and_keeps_the_words(page):
    from playwright.sync_api import expect

    box = page.get_by_label("Search the graph")
    box.click()
    page.keyboard.type("colom", delay=20)
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_value("colom")


def test_enter_without_a_choice_searches_for_the_words(page):
    page.get_by_label("Search the graph").click()
    page.keyboard.type("gafilat")
    with page.expect_navigation(url=re.compile(r"/search\?q=gafilat")):
        page.keyboard.press("Enter")
    assert page.get_by_role("link", name="GAFILAT").count() >= 1


def test_a_suggestion_can_be_clicked(page):
    from playwright.sync_api import expect

    page.get_by_label("Search the graph").click()
    page.keyboard.type("acnur", delay=20)
    expect(page.get_by_role("option").first).to_contain_text("UNHCR")
    with page.expect_navigation(url=re.compile("/page/unhcr")):
        page.get_by_role("option").first.click()


def test_only_the_last_words_count_however_late_an_answer_comes(page):
    from playwright.sync_api import expect

    def late(route):
        if "q=pan&" in route.request.url:
            page.wait_for_timeout(400)
        route.continue_()

    page.route("**/api/suggest.json*", late)
    page.get_by_label("Search the graph").click()
    page.keyboard.type("pan")
    page.wait_for_timeout(150)
    page.get_by_label("Search the graph").fill("costa rica")
    expect(page.get_by_role("option").first).to_contain_text("Costa Rica")
    page.wait_for_timeout(500)
    expect(page.get_by_role("option").first).to_contain_text("Costa Rica")


def test_keys_pressed_before_the_list_of_the_present_words_is_there_wait_for_it(page):
    from playwright.sync_api import expect

    def slow(route):
        time.sleep(0.4)
        route.continue_()

    box = page.get_by_label("Search the graph")
    box.click()
    page.keyboard.type("bel")
    expect(page.get_by_role("option", name="Belize").first).to_be_visible()
    page.route("**/api/suggest.json*", slow)
    box.fill("blinken")
    with page.expect_navigation(url=re.compile("/page/antony-blinken")):
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")


def test_enter_that_waited_in_vain_searches_for_the_words(page):
    from playwright.sync_api import expect

    box = page.get_by_label("Search the graph")
    box.click()
    expect(box).to_have_role("combobox")
    page.keyboard.type("qqzzqq")
    with page.expect_navigation(url=re.compile(r"/search\?q=qqzzqq")):
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")


def test_a_field_of_a_form_shows_the_name_and_sends_the_curie(page, server):
    from playwright.sync_api import expect

    page.evaluate(
        """() => { document.querySelector('main').innerHTML =
          '<form action="/search"><label for="c">Country</label><input id="c" name="q" value="id:panama" data-called="Panama" data-suggest="value" data-kind="country"><button>Go</button></form>' }"""
    )
    field = page.locator("#c")
    field.focus()
    expect(field).to_have_value("Panama")
    assert page.locator("input[type=hidden][name=q]").input_value() == "id:panama"
    field.fill("estados u")
    expect(page.get_by_role("option").first).to_contain_text("United States")
    page.get_by_role("option").first.click()
    expect(field).to_have_value("United States")
    with page.expect_navigation(url=re.compile("q=id%3Aunited-states$")):
        page.get_by_role("button", name="Go").click()


def test_the_search_works_without_javascript(browser, server):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server.url)
    page.get_by_label("Search the graph").fill("panana")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="panama", exact=True).click()
    page.get_by_role("navigation", name="Kinds").get_by_role("link", name="events").click()
    assert page.locator("ol.hits > li").count() > 5
    page.get_by_role("link", name="next").click()
    assert "page=2" in page.url
    context.close()
