"""Every page as it looks: on a phone and a desk, in both themes, nothing that moves, stands out of the window or is a barrier, and what it weighs."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from browsers import SHOTS, assert_sound
from waiting import until

pytestmark = pytest.mark.browser
# Each page of the site: one line a page.
PAGES = {
    "home": "",
    "home-es": "?lang=es",
    "documents": "documents",
    "document": "documents/us-ct-report",
    "document-long": "documents/unhcr-panama",
    "passage": "documents/mire-communique/p4-s1",
    "disagreements": "disagreements",
    "questions": "questions?find=agreement",
    "question": "questions/agreements-of-a-country",
    "question-es": "questions/claims-of-a-claimant?lang=es",
    "search": "search",
    "search-hits": "search?q=panama",
    "search-typo": "search?q=panana+kanal",
    "search-printed": "search?q=Anthony+Blinken",
    "search-empty": "search?q=qqzzqq",
    "search-kind-es": "search?kind=person&lang=es",
    "thing": "page/panama",
    "thing-es": "page/erika-mouynes?lang=es",
    "thing-person": "page/juan-manuel-pino",
    "thing-figure": "page/figure-progress-migrants-through-panama-2021",
    "thing-claim": "page/claim-progress-pandemic-drove-surge",
    "thing-concept": "page/migration",
    "thing-rule": "page/rule/share-of-budget-spent",
    "thing-relation": "page/panama?relation=mikg:actor",
    "ontology": "ontology",
    "explore": "explore",
    "explore-one": "explore?start=id:panama",
    "explore-tree": "explore?start=id:panama&layout=tree",
    "explore-time": "explore?start=id:panama&layout=time",
    "explore-path": "explore?from=id:antony-blinken&to=id:unhcr",
    "explore-dashed": "explore?start=id:unhcr&status=claimed&status=planned",
    "explore-unknown": "explore?start=id:panana",
    "explore-empty": "explore?start=id:panama&since=2030&undated=no",
    "paths": "paths",
    "paths-found": "paths?from=id:antony-blinken&to=id:erika-mouynes&k=2",
    "paths-none": "paths?from=id:antony-blinken&to=id:fatf&since=2021",
    "paths-fault": "paths?from=panana&to=id:fatf",
    "network": "network",
    "network-countries": "network?projection=countries&by=betweenness",
    "timeline": "timeline",
    "timeline-month-es": "timeline?at=2021-08&by=document&lang=es",
    "map": "map",
    "indicators": "indicators?with=unhcr",
    "links": "links",
    "links-es": "links?lang=es",
    "links-fast": "links/fast",
    "links-m49": "links/m49",
    "limits": "limits",
    "reconcile-preview": "reconcile/preview?id=gafilat",
    "downloads": "downloads",
    "graphs": "graphs",
    "graph": "graphs?graph=https%3A%2F%2Fw3id.org%2Fmikg%2Fgraph%2Fexternal%2Fcountries",
    "query": f"sparql?query={quote('SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 20')}",
    "fault": f"sparql?query={quote('SELECT ?s { ?s ?p')}",
    "missing": "no/such/panana",
}
# Read before anything else happens on a page: what moved, and when the largest thing was painted.
WATCH = """
window.seen = { shift: 0, paint: 0 };
new PerformanceObserver((list) => { for (const each of list.getEntries()) if (!each.hadRecentInput) seen.shift += each.value; })
  .observe({ type: 'layout-shift', buffered: true });
new PerformanceObserver((list) => { for (const each of list.getEntries()) seen.paint = each.startTime; })
  .observe({ type: 'largest-contentful-paint', buffered: true });
"""
WIRE = """
[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].reduce((all, each) => all + each.transferSize, 0)
"""
GROUND = {"light": "rgb(251, 250, 247)", "dark": "rgb(20, 24, 26)"}
BEHIND = "getComputedStyle(document.body).backgroundColor"
PAPER = {"width": 680, "height": 980}  # what A4 leaves between its margins
BEYOND = """
[...document.querySelectorAll('h1, h2, h3, p, li, dd, table, svg, pre, img, canvas, meter')].filter((each) => each.checkVisibility())
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1 || each.getBoundingClientRect().left < -1).map((each) => each.outerHTML.slice(0, 200))
"""
SMALL = {"width": 320, "height": 700}  # a small phone, and a window of 1280 at 400 %
# What a finger would miss: less than 24 pixels, and neither a word of a text nor of a drawing nor within a label that is larger.
TINY = """
[...document.querySelectorAll('a[href], button, input, select, textarea, summary')].filter((each) => each.checkVisibility({ visibilityProperty: true }))
  .filter((each) => !each.closest('svg, .skip, .unseen') && getComputedStyle(each).display !== 'inline')
  .map((each) => each.closest('label') ?? each).filter((each) => Math.min(each.offsetWidth, each.offsetHeight) < 24).map((each) => each.outerHTML.slice(0, 200))
"""
TWICE = "[...document.querySelectorAll('[id]')].map((each) => each.id).filter((each, place, all) => all.indexOf(each) !== place)"
MOST = 200_000  # bytes over the wire on a first visit, all files of a page together; half of it is the type, kept for a year
MOVED = {"query": 0.05, "fault": 0.05}  # where an editor takes the place of the text area


@pytest.fixture(scope="module")
def measured():
    """What each page weighs and how fast it was painted, kept beside the screenshots."""
    figures: dict[str, dict] = {}
    yield figures
    if SHOTS:
        (Path(SHOTS) / "measured.json").write_text(json.dumps(figures, indent=2))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_sound(opened, measured, look, name):
    page = opened(None, **look)
    page.add_init_script(WATCH)
    page.goto(PAGES[name], wait_until="networkidle")
    if page.locator("#x-canvas").count():
        page.wait_for_selector("html[data-explore=ready]", state="attached")
    seen = {**page.evaluate("seen"), "bytes": page.evaluate(WIRE)}
    measured[f"{name}-{look['viewport']['width']}-{look['color_scheme']}"] = seen
    assert seen["shift"] < MOVED.get(name, 0.005)
    assert seen["bytes"] < MOST
    here, other = (GROUND["light"], GROUND["dark"])[:: 1 if look["color_scheme"] == "light" else -1]
    assert page.evaluate(BEHIND) == here
    assert page.evaluate(TWICE) == []
    page.evaluate("[...document.querySelectorAll('main details')].slice(0, 4).forEach((each) => { each.open = true })")
    assert_sound(page, name)
    assert page.evaluate(BEHIND) == other
    if look["viewport"]["width"] == 1280:
        page.emulate_media(media="print")
        page.set_viewport_size(PAPER)
        until(lambda: page.evaluate(BEYOND), lambda beyond: beyond == [])  # a drawing takes its new size a moment later
    else:
        page.set_viewport_size(SMALL)
        until(lambda: page.evaluate("document.scrollingElement.scrollWidth"), lambda width: width <= SMALL["width"])
        until(lambda: page.evaluate(TINY), lambda tiny: tiny == [])
