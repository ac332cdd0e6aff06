"""The SPARQL 1.1 Protocol for queries (https://www.w3.org/TR/sparql11-protocol/) and the service description."""

import re

from flask import Blueprint, Response, current_app, make_response, redirect, request
from werkzeug.exceptions import BadRequest, NotAcceptable, UnsupportedMediaType

from mikg import cited, federation
from mikg.description import service
from mikg.description.triples import serialize
from mikg.engine import RESULTS, TRIPLES, Query, guard
from mikg.errors import Refused
from mikg.web import addresses, negotiation
from mikg.web.media import DIRECT, FORM, content_type

sparql = Blueprint("sparql", __name__)


@sparql.route("/sparql", methods=["GET", "POST", "OPTIONS"])
@sparql.route(f"/sparql.<any({', '.join(negotiation.SUFFIXES)}):suffix>", methods=["GET", "POST", "OPTIONS"])
def endpoint(suffix: str = "") -> Response:
    """Answer a query; without one describe the service, to a browser as a page with a form. A suffix says the same as `format=`."""
    if request.method == "OPTIONS":
        answer = make_response("", 204)
        answer.headers["Allow"] = "GET, HEAD, POST, OPTIONS"
        return answer
    given = _given()
    text = given.get("query", [None])[0]
    wanted = _agreed(suffix, given.get("format", [""])[0])
    accept, cite = _without_citations(request.headers.get("Accept", ""))
    html = request.method in ("GET", "HEAD") and not wanted and _wants_html(accept)
    if text is None:
        if request.method == "POST":
            raise BadRequest("A POST carries a query: as the form field query, or as its body of the type application/sparql-query.")
        return _to_the_workbench() if html else _description(accept, wanted)
    request.environ["mikg.query"] = text
    query = Query(text, default_graphs=tuple(given.get("default-graph-uri", ())), named_graphs=tuple(given.get("named-graph-uri", ())))
    if html:
        return _to_the_workbench()
    outline = guard.read(text, current_app.engine.limits)
    if cite or _wants_citations(given.get("cite", ["false"])[0]):
        return _cited(query, accept, wanted)
    offered = TRIPLES if outline.form in ("CONSTRUCT", "DESCRIBE") else RESULTS
    chosen = negotiation.choose(accept, wanted, offered)
    begun = request.environ.get("mikg.begun")
    answer = (
        begun() if begun else current_app.engine.query(Query(**{**vars(query), "triples" if offered is TRIPLES else "results": chosen}))
    )
    request.environ["mikg.rows"] = answer.rows
    reply = _response(answer.body, answer.media_type, answer.release)
    if answer.notes:
        reply.headers["X-Mikg-Asked"] = "; ".join(re.sub(r"[^ -~]", "?", note) for note in answer.notes)[:2000]
    return reply


def _agreed(suffix: str, wanted: str) -> str:
    """Return the format that suffix and `format=` name; `BadRequest` where they name two."""
    if suffix and wanted and negotiation.named(wanted) != negotiation.named(suffix):
        raise BadRequest(f"The address asks for .{suffix} and format for {wanted[:40]!r}; keep one of the two.")
    return wanted or suffix


def _to_the_workbench() -> Response:
    """A browser is shown the page with the same query; programs never are."""
    answer = redirect("/query" + ("?" + request.query_string.decode("ascii", "replace") if request.query_string else ""), 303)
    answer.headers["Vary"] = "Accept"
    return answer


def _without_citations(accept: str) -> tuple[str, bool]:
    """Return the Accept header without our media-type parameter `citations=true`, and whether it was there."""
    plain, found = re.subn(r';\s*citations\s*=\s*"?true\b"?', "", accept, flags=re.IGNORECASE)
    return plain, bool(found)


def _wants_citations(said: str) -> bool:
    if said not in ("true", "false"):
        raise BadRequest(f"The parameter cite is {said[:40]!r}; it takes true or false.")
    return said == "true"


def _cited(query: Query, accept: str, wanted: str) -> Response:
    """The answer with what each row rests on: a member of the JSON results, columns of the CSV. A graph comes as a table of its triples."""
    said = "Citations come with an answer as JSON or CSV (a graph then as a table of its triples); ask for one, or without cite=true."
    try:
        media_type = negotiation.choose(accept, wanted, RESULTS)
    except NotAcceptable:
        raise NotAcceptable(said) from None
    if media_type not in (RESULTS[0], RESULTS[2]):
        raise BadRequest(said)
    found = cited.answer(current_app.engine, query, current_app.settings.documents)
    text = found.to_json() if media_type == RESULTS[0] else found.to_csv()
    return _response(text.encode(), media_type, current_app.engine.release())


def _wants_html(accept: str) -> bool:
    """Whether the client prefers a page: browsers do, `*/*` and RDF clients do not."""
    return "text/html" in accept and negotiation.choose(accept, "", (negotiation.HTML, *RESULTS, *TRIPLES)) == negotiation.HTML


def _given() -> dict[str, list[str]]:
    """Return the protocol's parameters; 4xx when they are not as the protocol has them."""
    if request.method == "POST":
        kind = request.mimetype
        if kind == DIRECT:
            given = request.args.to_dict(flat=False)
            if "query" in given:
                raise BadRequest("The query is given twice: in the address and as the body.")
            given["query"] = [_body()]
        elif kind == FORM:
            given = {**request.args.to_dict(flat=False), **request.form.to_dict(flat=False)}
        else:
            raise UnsupportedMediaType(f"The body is {kind or 'of no type'}; send the query as {DIRECT} or as a form ({FORM}).")
    else:
        given = request.args.to_dict(flat=False)
    for name in ("query", "format"):
        if len(given.get(name, ())) > 1:
            raise BadRequest(f"The parameter {name} is given {len(given[name])} times; give it once.")
    if "update" in given or "using-graph-uri" in given or "using-named-graph-uri" in given:
        raise Refused("Not done: this endpoint only reads; it takes queries, no updates.")
    return given


def _body() -> str:
    charset = request.mimetype_params.get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedMediaType(f"The body is said to be {charset[:40]}; the protocol has queries in UTF-8 only.")
    try:
        return request.get_data().decode()
    except UnicodeDecodeError:
        raise BadRequest("The body is not UTF-8.") from None


def _response(body: bytes, media_type: str, release: str) -> Response:
    answer = make_response(body)
    answer.headers["Content-Type"] = content_type(media_type)
    answer.headers["Vary"] = "Accept"
    answer.headers["X-Mikg-Release"] = release
    return answer


def _description(accept: str, wanted: str) -> Response:
    """The service description."""
    chosen = negotiation.choose(accept, wanted, TRIPLES)
    engine = current_app.engine
    whole = service.describe(addresses.home(), engine.graphs(), current_app.settings, federation.endpoints(engine))
    return _response(serialize(whole, chosen), chosen, engine.release())
