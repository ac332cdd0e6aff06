"""The explorer in a real browser: by mouse, by keyboard alone, by touch, with motion reduced."""

import json
import re
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from playwright.sync_api import expect

from mikg.namespaces import DOCUMENT, GRAPH, ID, MIKG, OWL, RDF

pytestmark = pytest.mark.browser
ENTITIES, MEMBER = ox.NamedNode(GRAPH + "entities"), ox.NamedNode(MIKG + "memberOf")
CY = "document.getElementById('x-canvas')._cyreg.cy"
NODES = f"{CY}.nodes(':visible').map(node => node.id())"
KINDS = f"{CY}.nodes(':visible').map(node => node.data('kind'))"


@pytest.fixture
def open_page(opened):
    """A function that opens an address and waits for the drawing."""

    def open_(path: str, **options):
        page = opened(path, **options)
        if options.get("java_script_enabled", True) and page.locator("#x-canvas").count():
            page.wait_for_selector("html[data-explore=ready]", state="attached")
        return page

    return open_


def until(page, holds: str, arg: object = None) -> None:
    """Wait until something is true in the page."""
    page.wait_for_function(f"arg => {holds}", arg=arg)


def nodes(page) -> list[str]:
    return page.evaluate(NODES)


def place(page, name: str) -> tuple[float, float]:
    """Return where a node, or the middle of an edge, is on the screen."""
    found = page.evaluate(
        f"""name => {{ const each = {CY}.getElementById(name); const box = document.getElementById('x-canvas').getBoundingClientRect();
        const at = each.isNode() ? each.renderedPosition() : each.renderedMidpoint(); return [at.x + box.x, at.y + box.y] }}""",
        name,
    )
    return tuple(found)


def said(page) -> str:
    return page.locator("#x-said").inner_text()


def test_a_click_on_a_line_reads_its_passages_and_the_address_remembers_it(open_page, documents):
    page = open_page("explore?start=id:costa-rica")
    edge = page.evaluate(f"{CY}.edges()[0].id()")
    page.mouse.click(*place(page, edge))
    expect(page.locator("#x-panel blockquote").first).to_be_visible()
    expect(page.locator("#x-panel .said a[href^='/documents/']").first).to_be_visible()
    expect(page).to_have_url(re.compile(f"select={re.escape(edge)}"))
    again = open_page(page.url)
    expect(again.locator("#x-panel blockquote").first).to_be_visible()


def test_a_double_click_opens_a_thing_and_undo_closes_it(open_page):
    page = open_page("explore?start=id:alliance-for-development-in-democracy")
    before = nodes(page)
    page.mouse.dblclick(*place(page, "id:panama"))
    until(page, f"{NODES}.length > arg.length", before)
    assert set(before) < set(nodes(page))
    expect(page).to_have_url(re.compile("open=id:panama"))
    page.get_by_role("button", name="Undo").click()
    until(page, f"String({NODES}) === String(arg)", before)
    page.get_by_role("button", name="Redo").click()
    until(page, f"{NODES}.length > arg.length", before)


def test_two_changes_before_the_server_answers_are_two_steps(open_page):
    page = open_page("explore?start=id:unhcr")
    first = nodes(page)
    page.route("**/api/explore/view.json**", lambda route: (time.sleep(0.3), route.continue_()))
    page.evaluate("""() => { document.querySelector("[data-facet='status:planned']").click();
        document.querySelector("input[name=x-layout][value=tree]").click() }""")
    expect(page).to_have_url(re.compile("status=planned.*layout=tree"))
    until(page, f"{NODES}.length > arg.length", first)
    undo = page.get_by_role("button", name="Undo")
    undo.click()
    expect(page).to_have_url(re.compile("status=planned"))
    expect(page).not_to_have_url(re.compile("layout="))
    undo.click()
    until(page, f"String({NODES}.sort()) === String(arg.sort())", first)
    expect(page).not_to_have_url(re.compile("status="))


def test_dragging_pins_and_the_address_brings_back_every_place(open_page):
    page = open_page("explore?start=id:unhcr")
    x, y = place(page, "id:guatemala")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 40, steps=5)
    page.mouse.up()
    expect(page).to_have_url(re.compile("pin=id:guatemala"))
    where = f"Object.fromEntries({CY}.nodes().map(node => [node.id(), [node.position('x'), node.position('y')]]))"
    first = page.evaluate(where)
    second = open_page(page.url).evaluate(where)
    assert first.keys() == second.keys()
    assert all(abs(first[name][axis] - second[name][axis]) <= 4 for name in first for axis in (0, 1))


def test_the_same_address_gives_the_same_drawing(open_page):
    where = f"{CY}.nodes().map(node => [node.id(), Math.round(node.position('x')), Math.round(node.position('y'))])"
    assert open_page("explore?start=id:unhcr").evaluate(where) == open_page("explore?start=id:unhcr").evaluate(where)


def test_filters_narrow_drawing_and_table_alike(open_page):
    page = open_page("explore?start=id:panama")
    assert "event" in page.evaluate(KINDS)
    page.get_by_role("checkbox", name=re.compile("^event")).uncheck()
    until(page, f"!{KINDS}.includes('event')")
    expect(page.locator("#x-table .kind-event")).to_have_count(0)
    expect(page).to_have_url(re.compile("no=kind:event"))
    page.get_by_role("button", name="only located in").click()
    relations = page.locator("#x-table tbody td:nth-child(2)")
    expect(relations.filter(has_not_text=re.compile(r"^\s*located in\s*$"))).to_have_count(0)
    expect(relations.first).to_be_visible()
    page.get_by_role("button", name="Clear all filters").click()
    until(page, f"{KINDS}.includes('event')")
    expect(page).not_to_have_url(re.compile("no="))


def test_years_are_chosen_by_keyboard_and_what_bears_no_date_can_go(open_page):
    page = open_page("explore?start=id:panama")
    low = page.get_by_role("slider", name="from year")
    first = int(low.input_value())
    low.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(f"since={first + 2}"))
    until(page, "document.activeElement.dataset.facet === 'since'")
    page.get_by_role("checkbox", name="also what bears no date").uncheck()
    whens = page.locator("#x-table tbody td:nth-child(4)")
    expect(whens.filter(has_not_text=re.compile(r"\S"))).to_have_count(0)
    expect(whens.first).to_be_visible()


def test_filters_that_leave_nothing_say_so(open_page):
    page = open_page("explore?start=id:panama&since=2030&undated=no")
    expect(page.get_by_text("The filters leave nothing to draw.")).to_be_visible()
    assert nodes(page) == ["id:panama"]


def test_what_is_not_asserted_is_drawn_dashed_when_asked_for(open_page):
    page = open_page("explore?start=id:unhcr")
    dashed = f"{CY}.edges().filter(edge => edge.style('line-style') === 'dashed').length"
    assert page.evaluate(dashed) == 0
    page.get_by_text("Also drawn").click()
    page.get_by_role("checkbox", name="planned").check()
    until(page, f"{dashed} > 0")
    expect(page).to_have_url(re.compile("status=planned"))


def test_the_walk_by_keyboard_says_where_it_is(open_page):
    page = open_page("explore?start=id:alliance-for-development-in-democracy")
    canvas, status = page.get_by_role("application", name="arrow keys"), page.locator("#x-said")
    canvas.focus()
    expect(status).to_have_text(
        re.compile(r"^Alliance for Development in Democracy, organisation; \d+ of \d+ relations drawn; \d+ of \d+\.")
    )
    page.keyboard.press("e")
    expect(status).to_have_text(re.compile(r"^1 of \d+: .+; asserted; passages: \d+"))
    page.keyboard.press("Space")
    expect(page.locator("#x-panel .said").first).to_be_visible()
    page.keyboard.press("ArrowRight")  # follows the relation
    expect(status).not_to_have_text(re.compile("^(Alliance for Development|1 of)"))
    page.keyboard.press("Home")
    expect(status).to_have_text(re.compile("^Alliance for Development"))
    heard = set()
    for key in ("ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
        heard.add(said(page))
        page.keyboard.press("Home")
    assert len(heard) >= 3
    page.keyboard.press("ArrowRight")
    before = nodes(page)
    page.keyboard.press("Enter")
    expect(status).to_have_text(re.compile(r"more things, \d+ in all"))
    until(page, f"{NODES}.length >= arg.length", before)
    page.keyboard.press("Backspace")
    until(page, f"String({NODES}) === String(arg)", before)
    page.keyboard.press("h")
    expect(status).to_contain_text("is hidden")
    until(page, f"{NODES}.length < arg.length", before)
    page.keyboard.press("Backspace")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys of the drawing")).to_be_visible()
    page.keyboard.press("Escape")
    expect(canvas).to_be_focused()
    page.keyboard.press("f")
    expect(page.locator("#x-find")).to_be_focused()


def test_a_thing_is_found_and_another_added_by_keyboard(open_page):
    page = open_page("explore?start=id:panama")
    page.get_by_label("Find in the drawing").fill("alliance dem")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("select=id:alliance-for-development-in-democracy"))
    page.get_by_label("Add a thing to the drawing").fill("guatamala")
    page.locator("[role=option]", has_text="Guatemala").first.click()
    until(page, f"{NODES}.includes('id:guatemala')")
    expect(page).to_have_url(re.compile("start=id:guatemala|start=id:panama&start=id:guatemala"))


def test_a_path_between_two_things_is_highlighted_and_read(open_page):
    page = open_page("explore?from=id:antony-blinken&to=id:unhcr")
    assert page.evaluate(f"{CY}.edges('.on').length") >= 2
    steps = page.locator("#x-panel .x-path button")
    expect(steps.first).to_contain_text("Antony Blinken")
    steps.first.click()
    expect(page.locator("#x-panel .said").first).to_be_visible()
    page.locator("#x-paths-box summary").click()
    page.locator("#x-paths button").nth(1).click()
    until(page, f"{CY}.edges('.on').length >= 2")


def test_downloads_hold_title_legend_names_and_source_and_no_names_overlap(open_page, tmp_path):
    page = open_page("explore?start=id:panama")
    page.locator("summary", has_text="Download").click()
    with page.expect_download() as got:
        page.get_by_role("button", name="SVG").click()
    got.value.save_as(tmp_path / "drawing.svg")
    svg = ET.parse(tmp_path / "drawing.svg").getroot()
    texts = svg.findall(".//{*}text")
    words = " ".join(each.text or "" for each in texts)
    assert "Connections of Panama" in words
    assert "organisation" in words
    assert "release" in words
    names = [each for each in texts if each.get("text-anchor")]
    assert len(names) > 12
    boxes = []
    for each in names:
        width = 6.1 * len(each.text)
        left = float(each.get("x")) - {"start": 0, "middle": width / 2, "end": width}[each.get("text-anchor")]
        boxes.append((left, float(each.get("y")) - 10, left + width, float(each.get("y")), each.text))
    overlaps = [
        (one[4], other[4])
        for at, one in enumerate(boxes)
        for other in boxes[at + 1 :]
        if one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
    ]
    assert overlaps == []
    with page.expect_download() as got:
        page.get_by_role("button", name="PNG").click()
    got.value.save_as(tmp_path / "drawing.png")
    assert (tmp_path / "drawing.png").read_bytes().startswith(b"\x89PNG")
    with page.expect_download() as got:
        page.get_by_role("link", name="JSON").click()
    got.value.save_as(tmp_path / "drawing.json")
    assert len(json.loads((tmp_path / "drawing.json").read_text())["nodes"]) == len(nodes(page))


def test_a_view_is_cited_saved_and_drawn_again(open_page):
    page = open_page("explore?start=id:unhcr&no=kind:event")
    page.locator("summary", has_text="Save and cite").click()
    page.get_by_role("button", name="Cite this view").click()
    cited = page.get_by_label("Text to copy")
    expect(cited).to_have_value(re.compile(r"^Connections of UNHCR\. mikg, release .*/explore\?start=id:unhcr", re.DOTALL))
    expect(cited).to_have_value(re.compile("Panama Regional Office"))
    drawn = nodes(page)
    page.get_by_label("Save this view as").fill("offices")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="offices", exact=True)).to_be_visible()
    page.goto("explore?start=id:panama")
    page.wait_for_selector("html[data-explore=ready]", state="attached")
    page.locator("summary", has_text="Save and cite").click()
    page.get_by_role("button", name="offices", exact=True).click()
    expect(page).to_have_url(re.compile("no=kind:event"))
    until(page, f"String({NODES}.sort()) === String(arg.sort())", drawn)


def test_the_theme_changes_the_drawing_while_it_is_read(open_page):
    page = open_page("explore?start=id:unhcr", color_scheme="light")
    colour = f"{CY}.edges()[0].style('line-color')"
    light = page.evaluate(colour)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    until(page, f"{colour} !== arg", light)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_lines_and_kinds_stand_out_from_the_paper(open_page, theme):
    page = open_page("explore?start=id:unhcr", color_scheme=theme)
    paper, edge, *kinds = page.evaluate(
        """() => { const probe = document.body.appendChild(document.createElement('i'));
        const read = name => { probe.style.color = `var(${name})`; return getComputedStyle(probe).color.match(/\\d+/g).slice(0, 3).map(Number) };
        return ['--card', '--x-edge', ...['country', 'person', 'organisation', 'event', 'place', 'group'].map(kind => '--c-' + kind)].map(read) }"""
    )

    def light(colour: list[int]) -> float:
        parts = [each / 255 / 12.92 if each / 255 <= 0.03928 else ((each / 255 + 0.055) / 1.055) ** 2.4 for each in colour]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    def contrast(one: list[int], other: list[int]) -> float:
        return (max(light(one), light(other)) + 0.05) / (min(light(one), light(other)) + 0.05)

    assert contrast(paper, edge) >= 3
    assert min(contrast(paper, each) for each in kinds) >= 4.5


def touch(session, kind: str, *points: tuple[float, float]) -> None:
    session.send(
        "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y, "id": at} for at, (x, y) in enumerate(points)]}
    )


def test_touch_selects_opens_and_zooms(open_page):
    page = open_page("explore?start=id:alliance-for-development-in-democracy", viewport={"width": 390, "height": 844}, has_touch=True)
    fingers = page.context.new_cdp_session(page)
    page.locator("#x-canvas").scroll_into_view_if_needed()
    page.touchscreen.tap(*place(page, "id:panama"))
    expect(page.locator("#x-panel h2")).to_have_text("Panama")
    x, y = place(page, "id:alliance-for-development-in-democracy")
    before = page.evaluate(f"{CY}.zoom()")
    touch(fingers, "touchStart", (x - 40, y + 90), (x + 40, y + 90))
    for step in range(1, 6):
        touch(fingers, "touchMove", (x - 40 - 8 * step, y + 90), (x + 40 + 8 * step, y + 90))
    touch(fingers, "touchEnd")
    until(page, f"{CY}.zoom() > arg * 1.3", before)
    count = len(nodes(page))
    page.evaluate(f"void {CY}.center({CY}.getElementById('id:panama'))")
    at = place(page, "id:panama")
    touch(fingers, "touchStart", at)
    until(page, f"{NODES}.length > arg", count)  # held long enough, it opens
    touch(fingers, "touchEnd")


def test_a_server_that_is_gone_leaves_the_drawing(open_page):
    page = open_page("explore?start=id:unhcr")
    before = nodes(page)
    page.context.set_offline(True)
    page.mouse.dblclick(*place(page, "id:guatemala"))
    expect(page.locator("#x-said")).to_contain_text("cannot be reached")
    assert nodes(page) == before
    page.context.set_offline(False)


def test_eight_hundred_neighbours_are_drawn_each_in_a_place_of_its_own(open_page, release_of, serve):
    def quads() -> Iterator[ox.Quad]:
        names = ["hub", *(f"n{number}" for number in range(800))]
        for name in names:
            yield ox.Quad(ox.NamedNode(ID + name), ox.NamedNode(RDF + "type"), ox.NamedNode(MIKG + "Organisation"), ENTITIES)
            if name != "hub":
                yield ox.Quad(ox.NamedNode(ID + name), MEMBER, ox.NamedNode(ID + "hub"), ox.NamedNode(f"{DOCUMENT}made/{name}"))
        yield ox.Quad(MEMBER, ox.NamedNode(RDF + "type"), ox.NamedNode(OWL + "ObjectProperty"), ox.NamedNode(GRAPH + "ontology"))

    every = list(quads())
    chosen = release_of([*every, *(ox.Quad(*quad.triple, ox.DefaultGraph()) for quad in every)], queries=True)
    page = open_page("explore?start=hub&open=hub", at=serve(chosen.releases, MIKG_SOURCES=str(chosen.sources)))
    places = page.evaluate(f"{CY}.nodes().map(node => `${{Math.round(node.position('x') / 8)}} ${{Math.round(node.position('y') / 8)}}`)")
    assert len(places) == len(set(places)) == 801


def test_all_of_it_is_read_without_javascript(open_page):
    page = open_page("explore", java_script_enabled=False)
    page.get_by_label("Begin with").fill("UNHCR")
    page.get_by_role("button", name="Explore").click()
    expect(page.get_by_role("heading", name="Connections of UNHCR")).to_be_visible()
    expect(page.get_by_role("button", name="Fit")).to_be_hidden()  # what needs a script is not offered
    rows = page.locator("#x-table tbody tr").count()
    page.locator("#x-facets a", has_text="country").first.click()
    expect(page).to_have_url(re.compile("kind:country"))
    assert 0 < page.locator("#x-table tbody tr").count() < rows
    page.locator(".x-picture a").nth(2).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Connections of")


def test_nothing_is_drawn_before_it_has_its_place(opened):
    page = opened(None, reduced_motion="no-preference")
    page.add_init_script("""
      window.seen = [];
      new MutationObserver(() => {
        const canvas = document.getElementById('x-canvas');
        const cy = canvas?._cyreg?.cy;
        if (!cy) return;
        const shown = getComputedStyle(canvas.querySelector('canvas')).visibility;
        const box = cy.nodes().length ? cy.nodes().renderedBoundingBox() : null;
        seen.push([shown, box && [box.x1, box.y1, box.x2, box.y2, cy.width(), cy.height()]]);
      }).observe(document, { subtree: true, childList: true, attributes: true });
    """)
    page.goto("explore?start=id:panama")
    page.wait_for_selector("html[data-explore=ready]", state="attached")
    seen = page.evaluate("seen")
    assert "hidden" in [shown for shown, _ in seen]  # the picture of the page stood until then
    for x1, y1, x2, y2, width, height in (box for shown, box in seen if shown == "visible"):
        assert -20 < x1 < x2 < width + 20
        assert -20 < y1 < y2 < height + 20
        assert x2 - x1 > width / 3
        assert y2 - y1 > height / 3


def test_where_the_system_sets_the_colours_lines_are_told_from_names_and_the_section_from_the_others(open_page):
    page = open_page("explore?start=id:alliance-for-development-in-democracy", forced_colors="active")
    line, ink = page.evaluate(f"[{CY}.edges()[0].style('line-color'), getComputedStyle(document.body).color]")
    assert line != ink
    here, other = page.locator(".top .wide a[aria-current]"), page.locator(".top .wide a:not([aria-current])").first
    border = "each => getComputedStyle(each).borderBottomColor"
    assert here.evaluate(border) != other.evaluate(border)
