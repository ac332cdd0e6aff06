"""The pages about links in a real browser: both themes, phone and desk, checked by axe, read without JavaScript and by keyboard."""

import pytest
from browsers import assert_fits, picture
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
PAGES = {"links": "links", "links-es": "links?lang=es", "links-fast": "links/fast", "links-m49": "links/m49"}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_its_window_and_has_no_barrier(opened, look, name):
    page = opened(PAGES[name], **look)
    picture(page, name)
    assert_fits(page)


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
