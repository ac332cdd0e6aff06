"""How long the explorer takes to answer pointer and keys, and to be laid out, with 200, 2,000 and 10,000 things, in a real Chromium.

    make bench

Each size is a graph of its own: a hub with so many neighbours, which also know each other. Quote the ratios to the smallest: machines
differ and are noisy. The largest is beyond what is drawn: there the time is that until the refusal stands with its ways to narrow, and
then until the best attested are drawn.
"""

import json
import random
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
from conftest import Server
from playwright.sync_api import Page, sync_playwright

from mikg import release, settings
from mikg.namespaces import DOCUMENT, GRAPH, ID, MIKG, RDF

ROOT = Path(__file__).parents[1]
SIZES = (200, 2_000, 10_000)
ROUNDS = 3
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage"]
MARKS = "Object.fromEntries(performance.getEntriesByType('mark').map(each => [each.name, each.startTime]))"
# How long one frame takes while the drawing is moved.
PAN = """async () => { const cy = document.getElementById('x-canvas')._cyreg.cy; const began = performance.now();
for (let step = 0; step < 20; step++) { cy.panBy({ x: step % 2 ? 9 : -9, y: 3 }); await new Promise(requestAnimationFrame) }
return (performance.now() - began) / 20 }"""
LONG = "window.longest = 0; new PerformanceObserver(list => { for (const each of list.getEntries()) longest = Math.max(longest, each.duration) }).observe({ type: 'longtask', buffered: true })"


def main() -> None:
    chromium = shutil.which("chromium") or sys.exit("Chromium is not on this machine (.ci/run installs it)")
    base = 0.0
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        print(f"median of {ROUNDS} rounds; milliseconds from the beginning of the navigation")
        for size in SIZES:
            chosen = made(Path(place) / str(size), size)
            server = Server(chosen.releases, MIKG_SOURCES=str(chosen.sources))
            server.ask("explore?start=hub")  # the network is read once
            rounds = [once(browser.new_page(viewport={"width": 1280, "height": 900}), server.url) for _ in range(ROUNDS)]
            server.stop()
            found = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
            base = base or found["laid out"]
            told = ", ".join(f"{name} {value:.0f}" for name, value in found.items())
            print(f"{size:>6} things: {told}; ratio to {SIZES[0]} things: {found['laid out'] / base:.1f}")
        browser.close()


def once(page: Page, url: str) -> dict[str, float]:
    page.add_init_script(LONG)
    page.goto(url + "explore?start=hub&open=hub")
    page.wait_for_selector("html[data-explore=ready]", state="attached", timeout=120_000)
    marks = page.evaluate(MARKS)
    found = {"laid out": marks["explore-ready"], "longest pause": page.evaluate("longest")}
    if page.locator("#x-refused").is_visible():
        began = page.evaluate("performance.now()")
        page.get_by_role("button", name="the 300 best attested").click()
        page.locator("#x-canvas:not([aria-busy=true])").wait_for()
        page.get_by_text("301 things").wait_for(timeout=60_000)
        found["300 drawn after"] = page.evaluate("performance.now()") - began
    found["a frame of panning"] = page.evaluate(PAN)
    page.close()
    return found


def made(root: Path, size: int) -> settings.Settings:
    """Return settings under which a release with a hub and so many neighbours is in use."""
    shutil.copytree(ROOT / "queries", root / "queries")
    (root / "graph").mkdir()
    (root / "graph/size.trig").write_text(f"# {size}\n")
    chosen = settings.Settings(sources=root, releases=root / "releases")
    folder = chosen.releases / release.name(chosen)
    folder.mkdir(parents=True)
    store = ox.Store(str(folder / "store"))
    store.extend(quads(size))
    store.flush()
    (folder / "manifest.json").write_text(json.dumps({"counts": {}, "graphs": {}}))
    (chosen.releases / "current").symlink_to(folder.name)
    return chosen


def quads(size: int) -> Iterator[ox.Quad]:
    chance = random.Random(size)
    names = ["hub", *(f"n{number}" for number in range(size))]
    kinds = ("Organisation", "Person", "Country", "Event", "Place")

    def say(source: str, relation: str, target: str, graph: str) -> Iterator[ox.Quad]:
        for where in (ox.NamedNode(graph), ox.DefaultGraph()):
            yield ox.Quad(ox.NamedNode(source), ox.NamedNode(relation), ox.NamedNode(target), where)

    yield from say(MIKG + "memberOf", RDF + "type", "http://www.w3.org/2002/07/owl#ObjectProperty", GRAPH + "ontology")
    for number, name in enumerate(names):
        yield from say(ID + name, RDF + "type", MIKG + kinds[number % len(kinds)], GRAPH + "entities")
        if number:
            yield from say(ID + name, MIKG + "memberOf", ID + "hub", f"{DOCUMENT}made/p{number}")
    for number in range(size // 2):
        one, other = chance.sample(names[1:], 2)
        yield from say(ID + one, MIKG + "memberOf", ID + other, f"{DOCUMENT}made/q{number}")


if __name__ == "__main__":
    main()
