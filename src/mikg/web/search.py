"""Search: the page for readers, the same for programs, and suggestions while one types."""

import hashlib
import json
import math

from flask import Blueprint, Response, current_app, render_template, request
from flask_babel import gettext, ngettext

from mikg import search
from mikg.errors import Misuse
from mikg.labels import KINDS, OTHER
from mikg.namespaces import expand, shorten
from mikg.web import addresses, marks, pasted
from mikg.web.languages import LANGUAGES, current_language

finder = Blueprint("search", __name__)
PAGE = 20  # hits on a page
MOST = 100  # hits in one answer for programs
SUGGESTED = 8
FRESH = 300  # seconds for which a browser keeps a suggestion
ABOUT = 220  # characters of the line about a hit
QUESTION = "question"
ASK = "M6 .8a3.4 3.4 0 0 1 1 6.6V8.6H5V5.8h1a1.4 1.4 0 1 0-1.4-1.4H2.6A3.4 3.4 0 0 1 6 .8zM5 9.6h2v2H5z"  # the mark of a question
ALL = (*KINDS, OTHER, QUESTION)


@finder.get("/search")
def page() -> str:
    """The hits for `q`, of the kinds chosen, page by page, each with its reason."""
    text, kinds = _text(), _kinds()
    number = max(1, request.args.get("page", 1, int))
    # Without words and kind there is nothing to list, only what there is to choose from.
    limit = PAGE if text or kinds else 0
    found = search.find(current_app.index, text, kinds, current_language(), limit, (number - 1) * PAGE)
    pages = 0 if not limit else min(math.ceil(found.total / PAGE), search.DEEPEST // PAGE)
    if number > max(1, pages):
        raise Misuse(f"page is {number}; this search has {pages} pages.")
    near = search.nearest(current_app.index, text, 6, current_language()) if text and not found.hits else []
    passages = [hit.reason.passage for hit in found.hits if hit.reason.passage]
    named = current_app.labels.of([each.rpartition("/")[0] for each in passages], current_language())
    return render_template(
        "search.html",
        text=text,
        kinds=kinds,
        found=found,
        number=number,
        pages=pages,
        near=near,
        named=named,
        plural=plural,
        first=PAGE * (number - 1) + 1,
        clip=clip,
    )


@finder.get("/api/search.json")
def hits() -> Response:
    """The same as data: total, counts by kind, suggestion, and hits with their reasons."""
    text, limit, offset = _text(), _number("limit", PAGE, MOST), _number("offset", 0, search.DEEPEST)
    found = search.find(current_app.index, text, _kinds(), _language(), limit, offset, classes=_classes())
    body = {
        "query": text[:500],
        "total": found.total,
        "offset": offset,
        "limit": limit,
        "kinds": found.facets,
        "suggestion": found.suggestion or None,
        "hits": [
            {
                **_brief(hit),
                "about": clip(hit.about, ABOUT) or None,
                "score": hit.score,
                "reason": {
                    "how": hit.reason.how,
                    "text": clip(hit.reason.text, ABOUT),
                    "language": hit.reason.language or None,
                    "passage": hit.reason.passage or None,
                    "misspelt": dict(hit.reason.typos),
                },
            }
            for hit in found.hits
        ],
    }
    return _kept(body)


@finder.get("/api/suggest.json")
def suggest() -> Response:
    """What may be meant by the beginning `q`: things of a `kind` or `class`, best first, each with the drawing of its mark."""
    found = search.find(
        current_app.index,
        _text() or "-",
        _kinds(),
        _language(),
        _number("limit", SUGGESTED, 50),
        classes=_classes(),
        counts=False,
    )
    return _kept([{**_brief(hit), "reason": _short(hit), "shape": marks.SHAPES.get(hit.kind, ASK)} for hit in found.hits])


@finder.get("/api/suggest-words.json")
def suggest_words() -> Response:
    """The same in the form that browsers read: https://github.com/dewitt/opensearch (suggestions extension)."""
    text = request.args.get("q", "")[:200]
    found = search.find(current_app.index, text, (), _language(), SUGGESTED, counts=False).hits
    root = addresses.home().rstrip("/")
    answer = _kept([text, [hit.name for hit in found], [hit.kind for hit in found], [_absolute(root, hit.iri) for hit in found]])
    answer.mimetype = "application/x-suggestions+json"
    return answer


@finder.get("/opensearch.xml")
def description() -> Response:
    """What a browser needs to offer this search: https://github.com/dewitt/opensearch"""
    body = render_template("opensearch.xml", root=addresses.home().rstrip("/"))
    return Response(body, mimetype="application/opensearchdescription+xml")


def plural(kind: str, count: int) -> str:
    """Return what so many of a kind are called, questions among them."""
    return ngettext("question", "questions", count) if kind == QUESTION else marks.kind_plural(kind, count)


def clip(text: str, length: int) -> str:
    """Return a text cut at a word.

    >>> clip("one two three", 9)
    'one two …'
    """
    return text if len(text) <= length else text[:length].rpartition(" ")[0] + " …"


def _brief(hit: search.Hit) -> dict:
    # `called` is what the kind is called in the reader's language.
    return {
        "iri": hit.iri,
        "curie": shorten(hit.iri).strip("<>"),
        "name": clip(hit.name, ABOUT),
        "language": hit.language or None,
        "kind": hit.kind,
        "called": str(gettext("question") if hit.kind == QUESTION else marks.kind_name(hit.kind)),
        "page": addresses.page(hit.iri),
    }


def _short(hit: search.Hit) -> str | None:
    """The name that matched, where it is not the one shown."""
    return clip(hit.reason.text, 80) if hit.reason.text != hit.name and hit.reason.how != "text" else None


def _absolute(root: str, iri: str) -> str:
    path = addresses.page(iri)
    return root + path if path.startswith("/") else path


def _text() -> str:
    """What is looked for; an address pasted from elsewhere as the CURIE that it means."""
    return pasted.meant(request.args.get("q", ""))


def _kinds() -> list[str]:
    kinds = [kind for given in request.args.getlist("kind") for kind in given.split(",") if kind]
    for kind in kinds:
        if kind not in ALL:
            raise Misuse(f"kind is {kind[:80]!r}; it takes one or more of: {', '.join(ALL)}.")
    return kinds


def _classes() -> list[str]:
    return [iri for given in request.args.getlist("class") if (iri := expand(given))]


def _language() -> str:
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else current_language()


def _number(name: str, default: int, most: int) -> int:
    given = request.args.get(name, "")
    if not given:
        return default
    if not (given.isascii() and given.isdigit()) or int(given[:9]) > most:
        raise Misuse(f"{name} is {given[:40]!r}; it takes a number from 0 to {most}.")
    return int(given)


def _kept(body: object) -> Response:
    """An answer that may be kept for a while, and asked for again by its tag."""
    text = json.dumps(body, ensure_ascii=False)
    answer = Response(text + "\n", mimetype="application/json")
    answer.cache_control.public = True
    answer.cache_control.max_age = FRESH
    answer.vary.update(("Accept-Language", "Cookie"))
    answer.set_etag(hashlib.sha256(text.encode()).hexdigest()[:24])
    return answer.make_conditional(request)
