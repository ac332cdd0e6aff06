"""Journeys through the pages in a real browser: read without JavaScript, by keyboard, in another language and theme, on paper."""

import re

import pytest
from browsers import violations
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


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
    page.get_by_role("link", name="Light or dark: as the system has it").click()
    expect(page.get_by_role("link", name="Light or dark: light")).to_be_focused()
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


@pytest.mark.parametrize("scripts", [True, False])
def test_on_paper_the_evidence_is_unfolded_and_the_bars_are_gone(opened, scripts):
    page = opened("disagreements?theme=dark", java_script_enabled=scripts)
    if scripts:
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator(".side .said").first).to_be_visible()
    expect(page.locator(".top nav").first).to_be_hidden()
    expect(page.locator(".paper")).to_contain_text(page.url)
    expect(page.locator("html")).to_have_css("color-scheme", "light")


def test_on_paper_a_question_says_what_was_asked_and_each_passage_once(opened, server):
    page = opened("questions/agreements-of-a-country?country=id:panama", viewport={"width": 680, "height": 900})
    page.emulate_media(media="print")
    expect(page.get_by_label("country")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.locator("td.rests .said").first).to_be_hidden()
    expect(page.locator(".cited .said").first).to_be_visible()
    address = page.locator(".cited a:has(cite)").first.evaluate("each => getComputedStyle(each, '::after').content")
    assert "/documents/" in address


def test_on_paper_the_query_is_there_and_its_fields_are_not(opened):
    page = opened("query?query=SELECT%20%2A%20%7B%20%3Fs%20a%20mikg%3ACountry%20%7D", viewport={"width": 680, "height": 900})
    page.emulate_media(media="print")
    expect(page.locator("#query")).to_be_visible()
    expect(page.locator("select, input, button").filter(visible=True)).to_have_count(0)


def test_one_text_that_is_paler_than_those_of_its_like_is_found(opened):
    page = opened("ontology")
    texts = page.locator("main a:visible")
    assert texts.count() > 200
    assert violations(page, "color-contrast", alike=True) == []
    pale = texts.nth(150)
    pale.evaluate("(text) => { text.style.color = '#bbb' }")
    (found,) = violations(page, "color-contrast", alike=True)
    assert pale.inner_text() in found
