"""What went wrong, told to people as a page, to programs as problem details (RFC 9457), to anything else as a line of text."""

import json

from flask import Flask, Response, current_app, redirect, render_template, request
from flask_babel import lazy_gettext
from werkzeug.exceptions import HTTPException, NotFound

from mikg import search
from mikg.errors import Busy, EngineFailed, MikgError, QueryError, TimedOut
from mikg.web import addresses
from mikg.web.frame import offered
from mikg.web.languages import current_language
from mikg.web.spoken import spoken

RETRY_AFTER = "5"  # seconds
PROBLEM = "application/problem+json"
HEADINGS = {
    400: lazy_gettext("Not understood"),
    403: lazy_gettext("Not done here"),
    404: lazy_gettext("Not found"),
    405: lazy_gettext("Not this way"),
    406: lazy_gettext("Not in that form"),
    413: lazy_gettext("Too large"),
    415: lazy_gettext("Not in that form"),
    502: lazy_gettext("Another server gave no answer"),
    503: lazy_gettext("Not now"),
}
NAMELESS = {
    "/page": "panama",
    "/id": "panama",
    "/data": "panama.ttl",
    "/document": "unhcr-panama",
    "/api/questions": "meetings-in-order.json",
}
OTHER = lazy_gettext("It did not work")


def register(app: Flask) -> None:
    """Answer every fault here."""
    app.register_error_handler(MikgError, _failed)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Exception, _broken)


def _failed(fault: MikgError) -> Response:
    where = {}
    if isinstance(fault, QueryError):
        line, column = fault.place or (None, None)
        where = {name: value for name, value in (("line", line), ("column", column), ("engine", fault.details[:2000])) if value}
    return _say(fault.status, str(fault), isinstance(fault, Busy | TimedOut | EngineFailed), where)


def _refused(fault: HTTPException) -> Response:
    said = fault.description or fault.name
    if isinstance(fault, NotFound) and said == NotFound.description:
        bare = request.path.rstrip("/")
        if request.method == "GET" and bare != request.path and offered(bare):
            return redirect(f"{bare}?{request.query_string.decode()}".rstrip("?"), 308)
        said = f"Nothing is at {request.path[:200]}. Begin at / , ask at /sparql."
        if bare in NAMELESS:
            said = f"{bare} takes a name behind it, such as {bare}/{NAMELESS[bare]}."
    answer = _say(fault.code or 500, said)
    for name, value in fault.get_headers():
        if name == "Allow":
            answer.headers[name] = value
    return answer


def _broken(fault: Exception) -> Response:
    current_app.logger.error("unexpected fault at %s", request.path, exc_info=fault)
    return _say(500, "Something went wrong here; it has been written to the server's log.")


def _say(status: int, text: str, retry: bool = False, where: dict | None = None) -> Response:
    """Return the fault in the form that Accept prefers; only what is named there counts, so `*/*` is answered with a line."""
    accept = request.accept_mimetypes
    wanted = [kind for kind in ("text/html", PROBLEM, "application/json") if kind in request.headers.get("Accept", "")]
    best = accept.best_match(["text/plain", *wanted])
    near = _nearest() if status == 404 and best != "text/plain" else []
    if best == "text/html":
        # A page names the nearest things below, with links; the sentence does not need their addresses.
        said = text.partition("; the nearest:")[0] if near and text.startswith("nothing is called ") else text
        page = render_template("error.html", heading=HEADINGS.get(status, OTHER), status=status, said=said, near=near)
        answer = Response(page, status, mimetype="text/html")
    elif best in (PROBLEM, "application/json"):
        details = {
            "title": str(HEADINGS.get(status, OTHER)),
            "status": status,
            "detail": spoken(text),
            "instance": request.path[:500],
            **(where or {}),
        }
        if near:
            details["nearest"] = [{"name": hit.name, "iri": hit.iri, "page": addresses.page(hit.iri)} for hit in near]
        answer = Response(json.dumps(details, ensure_ascii=False) + "\n", status, mimetype=PROBLEM)
    else:
        answer = Response(spoken(text) + "\n", status, mimetype="text/plain")
    answer.vary.update(("Accept", "Accept-Language", "Cookie"))
    if retry:
        answer.headers["Retry-After"] = RETRY_AFTER
    return answer


def _nearest() -> list[search.Hit]:
    """What may have been meant by an address at which nothing is; nothing where the search cannot be asked either."""
    words = request.path.rstrip("/").rpartition("/")[2].partition(".")[0]
    if f"/{words}" in NAMELESS:
        return []
    try:
        return search.nearest(current_app.index, words, 5, current_language())
    except MikgError:
        return []
