"""Searching in a real browser: by keyboard alone, with and without JavaScript."""

import re

import pytest
from browsers import picture, violations
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def page(opened):
    return opened("/")


def test_the_keyboard_alone_finds_and_opens_a_thing(page):
    page.keyboard.press("/")
    box = page.get_by_role("combobox").first
    page.keyboard.type("panan", delay=20)
    expect(page.get_by_role("option").first).to_contain_text("Panama")
    expect(box).to_have_attribute("aria-expanded", "true")
    assert violations(page) == []
    page.keyboard.press("ArrowDown")
    first = page.get_by_role("option").first
    expect(first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", first.get_attribute("id"))
    picture(page, "search-suggestions", whole=False)
    page.keyboard.press("ArrowUp")
    expect(box).not_to_have_attribute("aria-activedescendant", re.compile(".*"))
    page.keyboard.press("ArrowDown")
    with page.expect_navigation(url=re.compile("/page/panama")):
        page.keyboard.press("Enter")


def test_escape_closes_the_list_and_keeps_the_words(page):
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
    expect(page.get_by_role("link", name="GAFILAT").first).to_be_visible()


def test_a_suggestion_can_be_clicked(page):
    page.get_by_label("Search the graph").click()
    page.keyboard.type("acnur", delay=20)
    expect(page.get_by_role("option").first).to_contain_text("UNHCR")
    with page.expect_navigation(url=re.compile("/page/unhcr")):
        page.get_by_role("option").first.click()


def test_only_the_last_words_count_however_late_an_answer_comes(page):
    late = []
    page.route("**/api/suggest.json*", lambda route: late.append(route) if "q=pan&" in route.request.url else route.continue_())
    box = page.get_by_label("Search the graph")
    box.click()
    with page.expect_request("**/api/suggest.json?q=pan&*"):
        page.keyboard.type("pan")
    box.fill("costa rica")
    expect(page.get_by_role("option").first).to_contain_text("Costa Rica")
    for route in late:  # given up by the page, or answered now: neither changes the list
        route.fulfill(json=[])
    page.evaluate("new Promise(requestAnimationFrame)")
    expect(page.get_by_role("option").first).to_contain_text("Costa Rica")


def test_keys_pressed_before_the_list_of_the_present_words_is_there_wait_for_it(page):
    held = []
    box = page.get_by_label("Search the graph")
    box.click()
    page.keyboard.type("bel")
    expect(page.get_by_role("option", name="Belize").first).to_be_visible()
    page.route("**/api/suggest.json*", lambda route: held.append(route))
    box.fill("blinken")
    with page.expect_request("**/api/suggest.json*"):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    with page.expect_navigation(url=re.compile("/page/antony-blinken")):
        held[0].continue_()


def test_enter_that_waited_in_vain_searches_for_the_words(page):
    box = page.get_by_label("Search the graph")
    box.click()
    expect(box).to_have_role("combobox")
    page.keyboard.type("qqzzqq")
    with page.expect_navigation(url=re.compile(r"/search\?q=qqzzqq")):
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")


def test_a_field_of_a_form_shows_the_name_and_sends_the_curie(page):
    page.evaluate(
        """() => { document.querySelector('main').innerHTML =
          '<form action="/search"><label for="c">Country</label><input id="c" name="q" value="id:panama" data-called="Panama" data-suggest="value" data-kind="country"><button>Go</button></form>' }"""
    )
    field = page.locator("#c")
    field.focus()
    expect(field).to_have_value("Panama")
    expect(page.locator("input[type=hidden][name=q]")).to_have_value("id:panama")
    field.fill("estados u")
    expect(page.get_by_role("option").first).to_contain_text("United States")
    page.get_by_role("option").first.click()
    expect(field).to_have_value("United States")
    with page.expect_navigation(url=re.compile("q=id%3Aunited-states$")):
        page.get_by_role("button", name="Go").click()


def test_the_search_works_without_javascript(opened):
    page = opened("/", java_script_enabled=False)
    page.get_by_label("Search the graph").fill("panana")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="panama", exact=True).click()
    page.get_by_role("navigation", name="Kinds").get_by_role("link", name="events").click()
    expect(page.locator("ol.hits > li").nth(5)).to_be_visible()
    page.get_by_role("link", name="next").click()
    expect(page).to_have_url(re.compile("page=2"))
