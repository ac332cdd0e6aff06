"""Time line, map and figures in a real browser: names that do not cover each other, read and zoomed without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_names_on_the_line_and_the_map_do_not_cover_each_other(opened):
    page = opened(None)
    boxes = "(where) => [...document.querySelectorAll(where)].map((each) => { const { x, y, right, bottom } = each.getBoundingClientRect(); return [x, y, right, bottom, each.textContent] })"
    for path, where in (("timeline", ".lane a text"), ("timeline?at=2021", ".lane a text"), ("map", ".spot text")):
        page.goto(path)
        found = [box for box in page.evaluate(boxes, where) if box[4]]
        assert len(found) > 8
        for number, (x, y, right, bottom, words) in enumerate(found):
            for other in found[number + 1 :]:
                apart = right <= other[0] + 1 or other[2] <= x + 1 or bottom <= other[1] + 3 or other[3] <= y + 3
                assert apart, f"{path}: {words!r} covers {other[4]!r}"


def test_one_zooms_from_all_years_to_a_month_and_a_passage_without_javascript(opened):
    page = opened("timeline", java_script_enabled=False)
    page.get_by_role("navigation", name="Period").get_by_role("link", name="2021", exact=True).click()
    page.get_by_role("navigation", name="Period").get_by_role("link", name="Aug", exact=True).click()
    expect(page).to_have_url(re.compile("at=2021-08$"))
    row = page.locator("table.dates tr", has_text="bilateral meeting of Panama and Colombia")
    row.locator("summary").click()
    expect(row.locator(".said").first).to_be_visible()
    page.get_by_label("Country, body or person").select_option(label="Colombia")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("agent=colombia"))
    expect(page).to_have_url(re.compile("at=2021-08"))
    expect(page.locator("table.dates")).not_to_contain_text("first High-Level Ministerial")


def test_one_chooses_layers_and_follows_a_flow_to_its_row_without_javascript(opened):
    page = opened("map", java_script_enabled=False)
    page.get_by_label("Roles of countries").uncheck()
    page.get_by_label("Year").select_option("2021")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile(r"^(?=.*layer=flows)(?!.*layer=roles)(?=.*year=2021)"))
    page.locator(".number text").first.click()
    expect(page).to_have_url(re.compile("#tie-"))


def test_on_a_phone_the_line_is_a_list(opened):
    page = opened("timeline", viewport={"width": 390, "height": 800})
    expect(page.locator("table.dates tbody tr").first).to_be_visible()
    expect(page.locator("figure.line")).to_be_hidden()
