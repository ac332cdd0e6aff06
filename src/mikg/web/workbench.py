"""The workbench: write a query, run it, read what each row rests on. The form does all of it; the script makes it quicker.

/api/complete.json what an editor offers · /api/check.json what is wrong as one types · /api/format.json the query laid out
/api/labels.json names for IRIs · /api/places.json where they are · /api/why.json why an answer is empty · /api/ask.json choices instead of SPARQL
"""

import hashlib
import json
import time
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from mikg import answers, cited, diagnosis, drafting, layout, queries, usage
from mikg.engine import TRIPLES, Query, grammar, guard
from mikg.engine.tokens import TOKEN, line_column
from mikg.engine.worker import term
from mikg.errors import MikgError, QueryError
from mikg.namespaces import MIKG, PREFIXES, expand, shorten
from mikg.web import addresses, marks
from mikg.web.languages import current_language
from mikg.web.spoken import spoken

bench = Blueprint("workbench", __name__)
SHOWN = 100  # rows on a page
CUT = 1000  # characters of a literal in a cell
HANDED = 200_000  # bytes of an answer that the page hands to its script
GRAPH = 200_000  # characters of a graph on the page
NAMED = 500  # IRIs in one request for names
EXAMPLE = """\
PREFIX id:   <https://w3id.org/mikg/id/>
PREFIX mikg: <https://w3id.org/mikg/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

# Which agreements is Panama party to, and which passage says so?
SELECT ?agreement ?name ?passage
WHERE {
  GRAPH ?passage { ?agreement mikg:party id:panama }
  ?agreement skos:prefLabel ?name .
  FILTER(LANG(?name) = "en")
}
ORDER BY ?agreement ?passage
"""
PLACES = """
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX gn: <http://www.geonames.org/ontology#>
PREFIX mikg: <https://w3id.org/mikg/ontology#>
PREFIX pos: <http://www.w3.org/2003/01/geo/wgs84_pos#>
SELECT ?thing ?lat ?long ?alpha2 ?alpha3
WHERE {
  { GRAPH ?one { ?capital gn:parentCountry ?thing ; pos:lat ?lat ; pos:long ?long } }
  UNION { GRAPH ?one { ?thing pos:lat ?lat ; pos:long ?long } }
  OPTIONAL { GRAPH ?two { ?thing mikg:iso3166Alpha2 ?alpha2 ; mikg:iso3166Alpha3 ?alpha3 } }
}
"""


@bench.route("/query", methods=["GET", "POST"])
def page() -> Response:
    """The form with the query of the address, its answer, and what goes wrong with it."""
    given = request.form if request.method == "POST" else request.args
    text = given.get("query", "") or _example(given.get("example", ""))
    shown = {"answer": None, "graph": "", "fault": None, "why": None, "status": 200, "took": 0.0, "plain": b"", "beyond": ""}
    given.get("view")  # which view is open the script knows
    draft, drafted = _draft(given)
    if text.strip() and not drafted:
        began = time.monotonic()
        try:
            shown |= _answered(text, given)
        except MikgError as fault:
            place = fault.place if isinstance(fault, QueryError) else None
            shown |= {"fault": fault, "place": place, "marked": _marked(text, place), "status": fault.status}
        shown["took"] = time.monotonic() - began
    shown["from_row"] = _number("from")
    rows = len(shown["answer"].table.rows) if shown["answer"] else 0
    if given.get("from") and (shown["from_row"] >= rows or not given["from"].isdigit()):
        shown |= {"beyond": given["from"][:40], "from_row": 0}
    text = drafted or text or EXAMPLE
    body = render_template(
        "query.html",
        text=text,
        given=given,
        draft=_choices(draft),
        shown_rows=SHOWN,
        deadline=current_app.settings.deadline,
        examples=current_app.catalogue.values(),
        start=[each for each in current_app.catalogue.values() if each.start],
        link=lambda **changed: "/query?" + urlencode({"query": text, **({"cite": "true"} if given.get("cite") else {}), **changed}),
        download=lambda form: "/sparql?" + urlencode({"query": text, "format": form}),
        cut=_cut,
        handed=_handed(shown, text),
        **shown,
    )
    return make_response(body, shown["status"])


@bench.get("/api/complete.json")
def complete() -> Response:
    """The terms of the release in use, how they go together, and the prefixes: what completion needs, once a visit."""
    known = _usage().to_json(current_language())
    return _kept({**known, "prefixes": PREFIXES})


@bench.post("/api/check.json")
def check() -> Response:
    """What is wrong with a query, without running it: the first fault with its place, else names that the graph does not know."""
    text = _posted()
    try:
        guard.read(text, current_app.engine.limits)
    except QueryError as fault:
        line, column = fault.place or (1, 1)
        return _json({"faults": [{"said": _plain(fault), "line": line, "column": column, "length": 1, "severity": "error"}]})
    if found := grammar.fault(text):
        line, column = line_column(text, found.start)
        said = found.said[0].upper() + found.said[1:] + "."
        return _json({"faults": [{"said": said, "line": line, "column": column, "length": found.end - found.start, "severity": "error"}]})
    return _json({"faults": _unknown(text)})


@bench.post("/api/format.json")
def formatted() -> Response:
    """The query laid out."""
    text = _posted()
    if len(text.encode()) > current_app.engine.limits.size:
        raise BadRequest(_("The query is too long to be laid out."))
    return _json({"query": layout.layout(text) + "\n"})


@bench.get("/api/why.json")
@bench.post("/api/why.json")
def why() -> Response:
    """Why a query finds nothing: reasons with places, and what could be written instead."""
    query = Query(_posted() if request.method == "POST" else request.args.get("query", ""))
    found = diagnosis.diagnose(current_app.engine, query, current_app.settings.releases).to_json()
    for each in found["reasons"]:
        each["said"] = spoken(each["said"])
    answer = _json(found)
    answer.vary.update(("Accept-Language", "Cookie"))
    return answer


@bench.post("/api/labels.json")
def labels() -> Response:
    """Names, kinds and pages of up to 500 IRIs: a JSON array in, an object by IRI out."""
    iris = _iris()
    named = current_app.labels.of(iris, current_language())
    found = {
        iri: {
            "name": each.name[:300],
            "language": each.language,
            "kind": each.kind,
            "called": str(marks.kind_name(each.kind)),
            "shape": marks.SHAPES.get(each.kind, marks.SHAPES["thing"]),
            "page": addresses.page(iri),
            "known": each.known,
        }
        for iri, each in named.items()
    }
    return _json(found)


@bench.post("/api/places.json")
def places() -> Response:
    """Coordinates that open data beside the graph has of things, countries by their capitals: IRIs or ISO codes in, an object out."""
    wanted = set(_iris())
    found = {}
    for row in answers.run(current_app.engine, Query(PLACES)).values():
        for key in (row["thing"], row["alpha2"], row["alpha3"]):
            if key in wanted:
                found[key] = {"lat": float(row["lat"]), "long": float(row["long"]), "iri": row["thing"]}
    return _json(found)


@bench.get("/api/ask.json")
def ask() -> Response:
    """Choices instead of SPARQL: classes, then properties of `class`, then values of `property`, and the query so far."""
    draft, _query = _draft(request.args)
    return _json(_choices(draft))


def _answered(text: str, given: object) -> dict:
    """Return what the page shows of an answer."""
    engine = current_app.engine
    query = Query(text, default_graphs=tuple(given.getlist("default-graph-uri")), named_graphs=tuple(given.getlist("named-graph-uri")))
    plain = engine.query(query)
    if plain.media_type in TRIPLES:
        text = plain.body.decode()
        answer = cited.answer(engine, query, current_app.settings.documents) if given.get("cite") == "true" and len(text) <= GRAPH else None
        return {"graph": text[:GRAPH], "answer": answer if answer and len(answer.table.rows) <= SHOWN else None}
    table = answers.parse(plain.body)
    answer = cited.Cited(table, (), (), (), "")
    if given.get("cite") == "true" and len(table.rows) <= SHOWN:
        answer = cited.answer(engine, query, current_app.settings.documents)
    empty = not table.rows and table.boolean is None
    reasons = diagnosis.diagnose(engine, query, current_app.settings.releases) if empty else None
    return {"answer": answer, "why": reasons, "plain": plain.body}


def _example(name: str) -> str:
    """Return a question of the catalogue to go on from: its head as a comment, the defaults of its parameters as VALUES."""
    if not name:
        return ""
    found = queries.find(current_app.catalogue, name)
    lines = [line for line in found.text.splitlines() if not line.startswith("#+")]
    text = f"# {found.title}\n# {found.description}\n" + "\n".join(lines).strip() + "\n"
    values = {name: str(term(value)) for name, value in found.bindings({}).items()}
    return layout.layout(guard.bind(text, guard.read(text), values)) + "\n" if values else text


def _handed(shown: dict, text: str) -> dict:
    """Return what the script of the page begins with."""
    plain = shown["plain"] if len(shown["plain"]) <= HANDED else b""
    return {
        "answer": json.loads(plain) if plain else None,
        "graph": shown["graph"],
        "ran": bool(shown["answer"] or shown["graph"]),
        "took": round(shown["took"] * 1000),
        "query": text,
        "deadline": current_app.settings.deadline,
        "base": addresses.home().rstrip("/"),
        "fault": {"said": str(shown["fault"]), "place": shown.get("place")} if shown["fault"] else None,
        "language": current_language(),
    }


def _draft(given: object) -> tuple[drafting.Draft, str]:
    """Return the choices, and the query where one was chosen."""
    kind, property_, value = (given.get(name, "") for name in ("class", "property", "value"))
    if not kind:
        property_ = value = ""
    found = drafting.draft(current_app.engine, _usage(), kind, property_, value if property_ else "", current_language())
    return found, found.query


def _choices(draft: drafting.Draft) -> dict:
    """Return a draft with names to read."""
    language = current_language()
    terms = _usage().terms
    named = current_app.labels.of([value["value"] for value, _count in draft.values if value["type"] == "uri"], language)

    def term(iri: str) -> dict:
        return {"value": shorten(iri), "name": terms[iri].name(language) or shorten(iri), "count": terms[iri].count}

    return {
        "classes": sorted(map(term, draft.classes), key=lambda each: each["name"].lower()),
        "properties": sorted(map(term, draft.properties), key=lambda each: each["name"].lower()),
        "values": [
            {"value": str(place), "name": (named[value["value"]].name if value["type"] == "uri" else value["value"])[:80], "count": count}
            for place, (value, count) in enumerate(draft.values)
        ],
        "query": draft.query,
    }


def _unknown(text: str) -> list[dict]:
    """Return a warning for each of our terms that the ontology does not have and nothing uses, with the nearest."""
    terms = _usage().terms
    if not terms:
        return []
    tokens = [match for match in TOKEN.finditer(text) if match.lastgroup != "space"]
    prefixes = {
        tokens[at + 1].group(): tokens[at + 2].group()[1:-1]
        for at, each in enumerate(tokens[:-2])
        if each.group().upper() == "PREFIX" and each.lastgroup == "word"
    }
    found = []
    for match in tokens:
        prefix, colon, local = match.group().partition(":")
        iri = prefixes.get(prefix + ":", "") + local
        if match.lastgroup == "name" and colon and local and iri.startswith(MIKG) and iri not in terms and not _is_named(iri):
            near = diagnosis.like(_usage(), iri)
            line, column = line_column(text, match.start())
            hint = _("the nearest: %(names)s", names=", ".join(near)) if near else ""
            said = _("%(name)s is no term of this graph.", name=match.group()) + (f" {hint[0].upper()}{hint[1:]}." if hint else "")
            fault = {"said": said, "line": line, "column": column, "length": len(match.group()), "severity": "warning"}
            found.append({**fault, "instead": list(near)})
    return found[:20]


def _is_named(iri: str) -> bool:
    return current_app.labels.of([iri])[iri].known


def _plain(fault: QueryError) -> str:
    return spoken(str(fault).partition("\n")[0])


def _marked(text: str, place: tuple[int, int] | None) -> tuple[str, str, str] | None:
    """Return the line of a fault as what stands before its place, the sign there, and what stands behind."""
    if not place:
        return None
    lines = text.replace("\r\n", "\n").split("\n")
    line = lines[min(place[0], len(lines)) - 1]
    at = min(place[1] - 1, len(line))
    first = max(0, at - 100)
    return line[first:at], line[at : at + 1] or " ", line[at + 1 : at + 100]


def _cut(text: str) -> tuple[str, int]:
    """Return a text as a cell shows it, and how many characters it has where some are left out."""
    return (text, 0) if len(text) <= CUT else (text[:CUT], len(text))


def _usage() -> usage.Usage:
    return usage.read(current_app.settings.releases / current_app.engine.release())


def _posted() -> str:
    """Return the query of a POST: a form field, JSON, or the body itself."""
    if request.mimetype == "application/x-www-form-urlencoded":
        return request.form.get("query", "")
    if request.is_json:
        given = request.get_json(silent=True)
        return str(given.get("query", "")) if isinstance(given, dict) else ""
    return request.get_data(as_text=True)


def _iris() -> list[str]:
    given = request.get_json(silent=True)
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise BadRequest(_("The body is a JSON array of IRIs."))
    if len(given) > NAMED:
        raise BadRequest(_("The body has %(count)s IRIs; up to %(most)s are named at a time.", count=len(given), most=NAMED))
    return [expand(each) or each for each in given]


def _number(name: str) -> int:
    given = request.values.get(name, "")
    return min(int(given), 10_000_000) if given.isdigit() and len(given) < 10 else 0


def _json(body: object) -> Response:
    return Response(json.dumps(body, ensure_ascii=False, separators=(",", ":")) + "\n", mimetype="application/json")


def _kept(body: object) -> Response:
    """Return JSON that a browser may keep until the release changes."""
    answer = _json(body)
    answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:20])
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.vary.update(("Accept-Language", "Cookie"))
    return answer.make_conditional(request)
