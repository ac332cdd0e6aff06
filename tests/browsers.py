"""One Chromium for all tests of a process, a fresh context for every page that a test opens, and what is asked of each page.

MIKG_SCREENSHOTS names a folder in which a picture of each page that is looked at is kept.
"""

import os
import shutil
from pathlib import Path
from urllib.parse import urljoin

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
SHOTS = os.environ.get("MIKG_SCREENSHOTS")
ALIKE = Path(__file__).with_name("alike.js")
PATIENCE = 20_000  # milliseconds that `expect` waits for what is due: a page is slow where every processor is taken


@pytest.fixture(scope="session")
def browser():
    if not CHROMIUM:
        pytest.skip("Chromium is not on this machine (.ci/run installs it)")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def opened(browser, server):
    """A function that opens a page of the server, or of the one that is handed as `at`, in a context of its own.

    At the end no script has failed, nothing was said as an error and nothing was asked of another machine.
    """
    contexts, wrong = [], []

    def open_(path: str | None, at=server, **options):
        options = {"viewport": {"width": 1280, "height": 900}, "locale": "en-US", "reduced_motion": "reduce", **options}
        own = (at.url, "data:", "blob:")
        contexts.append(browser.new_context(base_url=at.url, **options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda fault: wrong.append(str(fault)))
        page.on(
            "console", lambda said: wrong.append(said.text) if said.type == "error" and "Failed to load resource" not in said.text else None
        )
        page.on("request", lambda asked: wrong.append(asked.url) if not asked.url.startswith(own) else None)
        if path is not None:
            page.goto(urljoin(at.url, path))
        return page

    yield open_
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture(params=["390-light", "1280-dark"])
def look(request) -> dict:
    """A phone and a desk, each in a theme, as options of `opened`; `assert_sound` then looks at the page in the other theme too."""
    width, theme = request.param.split("-")
    return {"viewport": {"width": int(width), "height": 900}, "color_scheme": theme}


def picture(page, name: str, whole: bool = True) -> None:
    """Keep a picture of the page where MIKG_SCREENSHOTS asks for it, named for the page and its look."""
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(SHOTS) / f"{name}-{page.viewport_size['width']}-{_theme(page)}.png", full_page=whole)


def violations(page, *rules: str, alike: bool = False) -> list[str]:
    """Return what axe finds, by all of its rules or by those named: the rule, and the element that breaks it; with `alike` contrast is asked of a few texts of each look."""
    from axe_playwright_python.sync_playwright import Axe

    chosen = {"runOnly": list(rules)} if rules else {}
    axe = Axe()
    if alike:
        axe.axe_script += "\n" + ALIKE.read_text(encoding="utf-8")
    found = axe.run(page, options={"resultTypes": ["violations"], **chosen}).response["violations"]
    return [f"{each['id']}: {each['help']}: {node['html'][:300]}" for each in found for node in each["nodes"]]


def assert_sound(page, name: str) -> None:
    """Nothing of the page stands out of its window, axe finds nothing, and in the other theme everything can be read as well; `name` is that of its pictures."""
    picture(page, name)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert violations(page) == []
    page.emulate_media(color_scheme="light" if _theme(page) == "dark" else "dark")
    picture(page, name)
    # What covers what is the same in both themes, and each text has been asked in the first.
    assert violations(page, "color-contrast", "link-in-text-block", alike=True) == []


def _theme(page) -> str:
    return "dark" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"
