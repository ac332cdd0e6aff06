"""What frames every page: where one can go, light or dark, and which release answers."""

import datetime
from urllib.parse import urlencode

from flask import Flask, Response, current_app, request
from flask_babel import lazy_gettext

from mikg.errors import MikgError
from mikg.web import addresses
from mikg.web.languages import YEAR

THEMES = ("auto", "light", "dark")
# The sections in their order; one whose page is not there is left out.
SECTIONS = (
    ("/questions", lazy_gettext("Questions")),
    ("/documents", lazy_gettext("Documents")),
    ("/explore", lazy_gettext("Explore")),
    ("/paths", lazy_gettext("Connections")),
    ("/timeline", lazy_gettext("Timeline")),
    ("/map", lazy_gettext("Map")),
    ("/indicators", lazy_gettext("Indicators")),
    ("/disagreements", lazy_gettext("Disagreements")),
    ("/ontology", lazy_gettext("Ontology")),
    ("/links", lazy_gettext("Links")),
    ("/query", lazy_gettext("Query")),
)


def register(app: Flask) -> None:
    """Hand the frame to the templates, and keep the theme that an address chooses (`?theme=dark`) for later pages."""
    app.jinja_env.globals.update(
        offered=offered, sections=sections, theme=theme, themes=THEMES, here=here, address_here=address_here, release_in_use=release_in_use
    )
    app.after_request(_remember)


def offered(path: str) -> bool:
    """Whether this server has a page at a path."""
    return any(rule.rule == path for rule in current_app.url_map.iter_rules())


def sections() -> list[tuple[str, str, bool]]:
    """Return each section with its address and whether the reader is in it."""
    here = request.path
    return [(path, label, here == path or here.startswith(path + "/")) for path, label in SECTIONS if offered(path)]


def theme() -> str:
    """Return light or dark where the reader has chosen, else auto."""
    asked = request.args.get("theme") or request.cookies.get("theme")
    return asked if asked in THEMES else "auto"


def here(**changed: str) -> str:
    """Return the address of this page with some of its parameters changed."""
    given = {name: values for name, values in request.args.to_dict(flat=False).items() if name not in changed}
    return "?" + urlencode({**given, **changed}, doseq=True)


def address_here() -> str:
    """Return the whole address of this page, as paper needs it."""
    return addresses.home() + request.full_path.lstrip("/").rstrip("?")


def release_in_use() -> tuple[str, str]:
    """Return the release that answers and the day on which it was made; nothing where there is none."""
    try:
        name = current_app.engine.release()
        made = (current_app.settings.releases / name / "manifest.json").stat().st_mtime
    except (MikgError, OSError):
        return "", ""
    return name, datetime.date.fromtimestamp(made).isoformat()


def _remember(answer: Response) -> Response:
    if answer.mimetype == "text/html" and request.args.get("theme") in THEMES:
        answer.set_cookie("theme", request.args["theme"], max_age=YEAR, samesite="Lax")
    return answer
