"""Pages of things and of the ontology in a real browser: without script, and for a screen reader."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [390, 1280])
def test_the_drawing_is_there_once_and_its_names_lead_on(opened, width):
    page = opened("page/panama", viewport={"width": width, "height": 900}, java_script_enabled=False)
    drawings = page.locator("svg.butterfly:visible")
    expect(drawings).to_have_count(1)
    drawings.get_by_role("link", name="GAFILAT").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("GAFILAT")


def test_the_names_of_the_drawing_stay_in_its_frame(opened):
    page = opened("page/panama")
    outside = page.evaluate(
        """() => { const svg = document.querySelector('svg.butterfly.wide'), frame = svg.getBoundingClientRect();
        return [...svg.querySelectorAll('text')].filter(each => { const box = each.getBoundingClientRect();
          return box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1 })
          .map(each => each.textContent) }"""
    )
    assert outside == []


def test_the_passage_behind_a_statement_unfolds_in_place_without_script(opened, server):
    page = opened("page/panama", java_script_enabled=False)
    line = page.locator("#mikg-partyTo").locator("xpath=..")
    evidence = line.locator("details").last
    expect(evidence.locator(".said")).to_be_hidden()
    evidence.locator("summary").click()
    expect(evidence.locator(".said")).to_be_visible()
    expect(evidence.locator(".said")).to_contain_text("arrangement")
    assert page.url == server.url + "page/panama"


def test_the_query_behind_a_block_runs(opened):
    page = opened("page/juan-manuel-pino", java_script_enabled=False)
    behind = page.locator("#names .behind")
    behind.locator("summary").click()
    behind.get_by_role("link").click()
    expect(page.locator("table.answer")).to_contain_text("Juan Manuel Pino Forero")


def test_on_paper_the_drawing_is_there(opened):
    page = opened("page/panama", viewport={"width": 800, "height": 900})
    page.emulate_media(media="print")
    expect(page.locator("svg.butterfly:visible")).to_have_count(1)


def test_terms_are_found_by_their_letters(opened):
    page = opened("ontology")
    page.get_by_label("Show only terms").fill("arrang")
    expect(page.locator("article.term[data-text]:visible")).to_have_count(1)
    page.get_by_label("Show only terms").fill("zzz")
    expect(page.get_by_role("status").filter(has_text="No term")).to_be_visible()


def test_the_anchor_of_a_term_leads_to_it(opened):
    page = opened("ontology#content", viewport={"width": 1280, "height": 700})
    page.wait_for_function(
        "() => { const { top } = document.querySelector('article#content').getBoundingClientRect(); return -5 <= top && top < 300 }"
    )
