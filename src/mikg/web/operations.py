"""What an operator looks at: whether the server is well, what it counts, its limits, and the queries that run."""

import hmac
import ipaddress
import json
import time

from flask import Blueprint, Response, current_app, render_template, request
from flask_babel import lazy_gettext
from werkzeug.exceptions import Forbidden, NotFound

from mikg.engine import Query
from mikg.errors import MikgError
from mikg.web.metrics import CONTENT_TYPE

operation = Blueprint("operation", __name__)
# Each limit with what happens beyond it.
LIMITS = (
    ("query_bytes", lazy_gettext("bytes of a query's text"), 413),
    ("query_depth", lazy_gettext("brackets within brackets"), 413),
    ("query_patterns", lazy_gettext("triple patterns, list items and operators of a query"), 413),
    ("query_values", lazy_gettext("terms of VALUES"), 413),
    ("deadline", lazy_gettext("seconds that a query may take, and wait for a worker"), 503),
    ("worker_memory", lazy_gettext("bytes of memory that a query may use"), 503),
    ("answer_bytes", lazy_gettext("bytes of an answer; what is larger is refused whole, never cut"), 413),
    ("answer_rows", lazy_gettext("rows or triples of an answer; with more it is refused whole, never cut"), 413),
    ("workers", lazy_gettext("queries that are answered at once"), 503),
    ("queue", lazy_gettext("queries that may wait"), 503),
    ("client_requests", lazy_gettext("requests of one client at once"), 429),
    ("connections", lazy_gettext("open connections; more wait to be accepted"), 0),
    ("request_seconds", lazy_gettext("seconds within which a request must have arrived"), 408),
    ("address_bytes", lazy_gettext("bytes of a request's address"), 414),
    ("header_bytes", lazy_gettext("bytes of a request's header"), 431),
    ("body_bytes", lazy_gettext("bytes of a request's body"), 413),
)


@operation.get("/health")
def health() -> Response:
    """Whether a query is answered, and by which release."""
    engine = current_app.engine
    engine.query(Query("ASK {}"))
    return _json({"status": "ok", "release": engine.release()})


@operation.get("/ready")
def ready() -> Response:
    """Whether a query would be answered now: there is a release, and the queue has room."""
    load = current_app.engine.load()
    try:
        release = current_app.engine.release()
    except MikgError as fault:
        return _json({"status": "not ready", "reason": str(fault)}, 503)
    if load.waiting >= current_app.settings.queue:
        return _json({"status": "not ready", "reason": f"{load.waiting} queries wait, as many as may"}, 503)
    return _json({"status": "ready", "release": release, "busy": load.busy, "waiting": load.waiting})


@operation.get("/metrics")
def metrics() -> Response:
    """The counters, for Prometheus; for the operator only."""
    _operator()
    return Response(current_app.metrics.expose(), content_type=CONTENT_TYPE)


@operation.get("/limits")
def limits() -> str:
    """The limits of this server, each with its setting and what answers beyond it."""
    settings = current_app.settings
    shown = [(name, getattr(settings, name), words, status) for name, words, status in LIMITS]
    return render_template("limits.html", limits=shown)


@operation.get("/running")
def running() -> Response:
    """The queries that run now; for the operator only."""
    _operator()
    now = time.monotonic()
    found = [
        {"number": each.number, "seconds": round(now - each.began, 3), "query": each.text[:2_000]} for each in current_app.engine.running()
    ]
    return _json({"running": found})


@operation.delete("/running/<int:number>")
def cancel(number: int) -> Response:
    """Stop a running query; for the operator only."""
    _operator()
    if not current_app.engine.cancel(number):
        raise NotFound(f"No query with the number {number} runs; GET /running lists those that do.")
    return _json({"cancelled": number})


def _operator() -> None:
    """Let pass who sends the operator's token; without one set, who asks from this machine and through no proxy."""
    token = current_app.settings.operator_token
    if token:
        sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if hmac.compare_digest(sent.encode(), token.encode()):
            return
        raise Forbidden("This is for the operator: send the header Authorization: Bearer with the value of MIKG_OPERATOR_TOKEN.")
    try:
        near = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        near = False
    if not near or current_app.settings.trusted_proxy:
        raise Forbidden("This is for the operator: from elsewhere than this machine it takes MIKG_OPERATOR_TOKEN to be set, and sent.")


def _json(whole: dict, status: int = 200) -> Response:
    return Response(
        json.dumps(whole, ensure_ascii=False) + "\n", status, mimetype="application/json", headers={"Cache-Control": "no-store"}
    )
