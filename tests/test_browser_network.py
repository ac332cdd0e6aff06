"""Connections and measures in a real browser, with and without scripts."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_two_things_are_connected_without_scripts_and_a_passage_unfolds(opened):
    page = opened("paths", java_script_enabled=False)
    page.locator("#from").fill("Panama")
    page.locator("#to").fill("Colombia")
    page.get_by_role("button", name="Connect").click()
    expect(page.locator(".hops > li").nth(1)).to_be_visible()
    first = page.locator(".hops details.evidence").first
    first.locator("summary").click()
    expect(first.locator(".said")).to_be_visible()


def test_a_name_is_chosen_from_suggestions_by_the_keyboard(opened):
    page = opened("paths")
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
