"""One shape for each kind of thing, beside its colour in css/app.css: chips, drawings and legends use the same."""

from flask import Flask
from flask_babel import lazy_gettext, ngettext
from markupsafe import Markup

# Paths in a box of 12 by 12, to be filled by the rule evenodd.
SHAPES = {
    "country": "M6 1.2a4.8 4.8 0 1 1 0 9.6a4.8 4.8 0 0 1 0-9.6z",
    "person": "M6 .6 11.4 6 6 11.4.6 6z",
    "document": "M2 .8h5.4L10.4 3.8V11.2H2z",
    "passage": "M1.2 2h9.6v1.8H1.2zM1.2 5.1h9.6v1.8H1.2zM1.2 8.2h6v1.8h-6z",
    "post": "M6 1 11.4 10.8H.6zM6 4.6 3.5 9.1h5z",
    "organisation": "M1.5 1.5h9v9h-9z",
    "programme": "M6 1a5 5 0 1 1 0 10a5 5 0 0 1 0-10zM6 3a3 3 0 1 0 0 6a3 3 0 0 0 0-6z",
    "system": "M3.3 1.2h5.4L11.4 6 8.7 10.8H3.3L.6 6z",
    "agreement": "M1.3 1.3h9.4v9.4H1.3zM3.3 3.3v5.4h5.4V3.3z",
    "event": "M2 .9 11 6 2 11.1z",
    "place": "M.6 1.2h10.8L6 11z",
    "figure": "M1 6.5h2.6V11H1zM4.7 1h2.6v10H4.7zM8.4 4h2.6v7H8.4z",
    "claim": "M1 1.4h10v6.8H6L3.2 11V8.2H1z",
    "situation": "M6 1.4C3.4 4.6 2.2 6 2.2 7.6a3.8 3.8 0 0 0 7.6 0C9.8 6 8.6 4.6 6 1.4z",
    "relation": "M1 3.2h6.4V1L11 4.4 7.4 7.8V5.6H1zM1 9h10v1.8H1z",
    "judgement": "M4.7 1h2.6v3.7H11v2.6H7.3V11H4.7V7.3H1V4.7h3.7z",
    "group": "M3.4 1a2.3 2.3 0 1 1 0 4.6a2.3 2.3 0 0 1 0-4.6zM8.6 1a2.3 2.3 0 1 1 0 4.6a2.3 2.3 0 0 1 0-4.6zM6 6.2a2.3 2.3 0 1 1 0 4.6a2.3 2.3 0 0 1 0-4.6z",
    "term": "M3.3 1.2h5.4L11.4 6 8.7 10.8H3.3L.6 6zM4.4 3.1 2.8 6l1.6 2.9h3.2L9.2 6 7.6 3.1z",
    "concept": "M6 .6 11.4 6 6 11.4.6 6zM6 3.5 3.5 6 6 8.5 8.5 6z",
    "thing": "M6 3.6a2.4 2.4 0 1 1 0 4.8a2.4 2.4 0 0 1 0-4.8z",
}
NAMES = {
    "country": lazy_gettext("country"),
    "person": lazy_gettext("person"),
    "document": lazy_gettext("document"),
    "passage": lazy_gettext("passage"),
    "post": lazy_gettext("post"),
    "organisation": lazy_gettext("organisation"),
    "programme": lazy_gettext("programme"),
    "system": lazy_gettext("information system"),
    "agreement": lazy_gettext("agreement or instrument"),
    "event": lazy_gettext("event"),
    "place": lazy_gettext("place"),
    "figure": lazy_gettext("figure"),
    "claim": lazy_gettext("claim"),
    "situation": lazy_gettext("situation"),
    "relation": lazy_gettext("relation or role"),
    "judgement": lazy_gettext("judgement"),
    "group": lazy_gettext("group"),
    "term": lazy_gettext("term of the ontology"),
    "concept": lazy_gettext("concept"),
    "thing": lazy_gettext("thing"),
}


def register(app: Flask) -> None:
    """Offer `mark(kind)`, `kind_name(kind)`, `kind_plural(kind, count)` and `shapes` to the templates."""
    app.jinja_env.globals.update(mark=mark, kind_name=kind_name, kind_plural=kind_plural, shapes=SHAPES)


def mark(kind: str) -> Markup:
    """Return the shape of a kind as a small drawing, which a screen reader passes over.

    >>> mark("organisation")
    Markup('<svg class="mark kind-organisation" viewBox="0 0 12 12" aria-hidden="true"><path d="M1.5 1.5h9v9h-9z"/></svg>')
    """
    kind = kind if kind in SHAPES else "thing"
    return Markup(f'<svg class="mark kind-{kind}" viewBox="0 0 12 12" aria-hidden="true"><path d="{SHAPES[kind]}"/></svg>')


def kind_name(kind: str) -> str:
    """Return what a kind is called in the reader's language."""
    return NAMES.get(kind, NAMES["thing"])


def kind_plural(kind: str, count: int) -> str:
    """Return what so many of a kind are called in the reader's language."""
    plural = {
        "country": lambda: ngettext("country", "countries", count),
        "person": lambda: ngettext("person", "people", count),
        "document": lambda: ngettext("document", "documents", count),
        "passage": lambda: ngettext("passage", "passages", count),
        "post": lambda: ngettext("post", "posts", count),
        "organisation": lambda: ngettext("organisation", "organisations", count),
        "programme": lambda: ngettext("programme", "programmes", count),
        "system": lambda: ngettext("information system", "information systems", count),
        "agreement": lambda: ngettext("agreement or instrument", "agreements and instruments", count),
        "event": lambda: ngettext("event", "events", count),
        "place": lambda: ngettext("place", "places", count),
        "figure": lambda: ngettext("figure", "figures", count),
        "claim": lambda: ngettext("claim", "claims", count),
        "situation": lambda: ngettext("situation", "situations", count),
        "relation": lambda: ngettext("relation or role", "relations and roles", count),
        "judgement": lambda: ngettext("judgement", "judgements", count),
        "group": lambda: ngettext("group", "groups", count),
        "term": lambda: ngettext("term of the ontology", "terms of the ontology", count),
        "concept": lambda: ngettext("concept", "concepts", count),
    }
    return plural[kind]() if kind in plural else ngettext("thing", "things", count)
