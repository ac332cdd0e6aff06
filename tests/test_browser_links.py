"""The pages about links in a real browser: read without JavaScript and by keyboard."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_from_a_thing_without_a_link_to_its_evidence_without_javascript(opened):
    page = opened("links", java_script_enabled=False)
    page.get_by_role("link", name="FAST subject headings").first.click()
    page.locator("a[href='#denied']").click()
    row = page.locator("tr", has_text="Resolution 1325")
    row.locator("summary").click()
    expect(row.get_by_text("another resolution of the same body")).to_be_visible()


def test_a_record_opens_at_its_row(opened, server):
    page = opened("links/wd", reduced_motion="no-preference")
    key = page.locator("table tbody tr").nth(40).get_attribute("id")
    page.goto(f"mapping/{key}")
    expect(page).to_have_url(f"{server.url}links/wd#{key}")
    row = page.locator(f"[id='{key}']")
    expect(row).to_be_in_viewport()  # the page may glide to the row
    assert row.evaluate("row => row.matches(':target')")
