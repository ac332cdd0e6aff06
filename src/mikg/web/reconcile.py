"""The reconciliation service: https://reconciliation-api.github.io/specs/, 0.2 at /reconcile, 1.0 draft at /reconcile/1.0-draft.

The two manifests cannot be one (`suggest` is an object of addresses in the one and of booleans in the other), so each version has
a root of its own, and its manifest names that version only.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request
from flask_babel import gettext as _

from mikg import __version__, reconciliation, search
from mikg.errors import Misuse, NotFound, TooLarge
from mikg.namespaces import ID, MIKG
from mikg.reconciliation import Candidate, Condition, Question, Term
from mikg.reconciliation.matching import KINDS_MATCHED
from mikg.reconciliation.vocabulary import VIRTUAL, identifier, resolved
from mikg.web import marks
from mikg.web.frame import offered
from mikg.web.languages import LANGUAGES, current_language

service = Blueprint("reconcile", __name__, url_prefix="/reconcile")
DRAFT = "/1.0-draft"
BATCH = 50  # queries in one request
QUERY_BYTES = 1_000  # of one query
WIDE = 1_000  # things or cells of an extension
SUGGESTED, MOST = 10, 100
WIDTH, HEIGHT = 420, 180  # of a preview, in pixels
FIELDS = ("query", "type", "limit", "properties", "type_strict")  # of a query of 0.2
CALLBACK = re.compile(r"[A-Za-z_$][\w$]{0,59}(\.[A-Za-z_$][\w$]{0,59}){0,4}", re.ASCII)
# A preview stands in the frame of whoever asks for it.
FRAMED = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors *"
DEFAULT_TYPES = ("Country", "Organisation", "Person", "Place", "Event", "Programme", "Instrument")


@service.route("", methods=["GET", "POST"], strict_slashes=False)
def root() -> Response:
    """0.2: the manifest; with `queries` a batch of queries; with `extend` a request for values. `query` is the single query of 0.1."""
    given = request.values
    if "queries" in given:
        return _said(_results(_parsed("queries", given["queries"])))
    if "extend" in given:
        return _said(_extended(_parsed("extend", given["extend"])))
    if "query" in given:
        single = given["query"]
        query = _parsed("query", single) if single.lstrip().startswith("{") else {"query": single}
        return _said(_results({"query": query})["query"])
    if request.method == "POST":
        raise Misuse(
            "The body has no form field queries or extend; send application/x-www-form-urlencoded (1.0 draft: JSON to /reconcile/1.0-draft/match)."
        )
    return _said(_manifest())


@service.get(DRAFT, strict_slashes=False)
def draft() -> Response:
    """1.0 draft: the manifest."""
    return _said(_draft_manifest())


@service.post(f"{DRAFT}/match")
def draft_match() -> Response:
    """1.0 draft: a batch of queries as JSON."""
    body = _body()
    queries = body.get("queries") if isinstance(body, dict) else None
    if not isinstance(queries, list):
        raise Misuse('The body is no query batch; it takes an object with an array: {"queries": [...]}.')
    language = next((each["lang"] for each in queries if isinstance(each, dict) and each.get("lang") in LANGUAGES), current_language())
    found = _matched([_draft_question(each, f"query {number}") for number, each in enumerate(_bounded(queries), 1)], language)
    return _said({"results": [{"candidates": [_candidate(each, draft=True) for each in candidates]} for candidates in found]})


@service.post(f"{DRAFT}/extend")
def draft_extend() -> Response:
    """1.0 draft: values of properties."""
    answer = _extended(_body(), draft=True)
    rows = [
        {"id": each, "properties": [{"id": name, "values": values} for name, values in cells.items()]}
        for each, cells in answer["rows"].items()
    ]
    return _said({"meta": answer["meta"], "rows": rows})


@service.get("/suggest/<any(entity, property, type):what>")
@service.get(f"{DRAFT}/suggest/<any(entity, property, type):what>")
def suggest(what: str) -> Response:
    """What a beginning may stand for."""
    prefix = request.args.get("prefix", "")[:400]
    start, limit = max(_number("offset", 0, 10_000), _number("cursor", 0, 10_000)), _number("limit", SUGGESTED, MOST)
    if what == "entity":
        found = _entities(prefix, start + limit)[start : start + limit]
        return _said({"result": [_suggested(hit) for hit in found]})
    vocabulary = current_app.vocabulary
    terms = vocabulary.types() if what == "type" else vocabulary.properties()
    found = vocabulary.suggest(terms, prefix, _language())[start : start + limit]
    return _said({"result": [_term(each, each_name, what == "type") for each, each_name in _named(found)]})


@service.get("/flyout/<any(entity, property, type):what>")
def flyout(what: str) -> Response:
    """A few lines about what is suggested, as 0.2 has them."""
    name = request.args.get("id", "")
    if what == "entity":
        hit = _known(name)
        html = render_template("reconcile/flyout.html", name=hit.name, kind=marks.kind_name(hit.kind), about=hit.about)
        return _said({"id": identifier(hit.iri), "html": html})
    vocabulary = current_app.vocabulary
    for each, said in _named(vocabulary.types() if what == "type" else vocabulary.properties()):
        if name in (each.id, each.iri):
            return _said({"id": each.id, "html": render_template("reconcile/flyout.html", name=said, kind="", about=each.definition)})
    raise NotFound(f"No {what} has the identifier {name[:100]!r}; find one at {request.url_root}reconcile/suggest/{what}?prefix=")


@service.get("/preview")
@service.get(f"{DRAFT}/preview")
def preview() -> Response:
    """A small page about a thing, to be shown in a frame."""
    hit = _known(request.args.get("id", ""))
    others = list(
        dict.fromkeys(each.text for each in hit.names if each.role in ("name", "alias", "acronym", "printed") and each.text != hit.name)
    )
    answer = Response(
        render_template(
            "reconcile/preview.html",
            hit=hit,
            kind=marks.kind_name(hit.kind),
            others=others[:8],
            root=request.url_root.rstrip("/"),
            id=identifier(hit.iri),
        )
    )
    answer.headers["Content-Security-Policy"] = FRAMED
    return answer


@service.get("/extend/propose")
@service.get(f"{DRAFT}/extend/propose")
def propose() -> Response:
    """The properties that things of a type have, the most used first."""
    asked = request.args.get("type", "")
    limit = _number("limit", MOST, MOST)
    vocabulary = current_app.vocabulary
    iri = resolved(asked, MIKG)
    if asked and not iri:
        raise Misuse(f"type is {asked[:100]!r}; it takes the identifier of a type, such as Country.")
    terms = vocabulary.of_type(iri) if iri else vocabulary.properties()
    return _said({"properties": [_term(each, name, False) for each, name in _named(terms[:limit])], "type": asked, "limit": limit})


def _manifest() -> dict:
    root = request.url_root.rstrip("/")
    suggest = {
        what: {
            "service_url": root,
            "service_path": f"/reconcile/suggest/{what}",
            "flyout_service_url": root,
            "flyout_service_path": f"/reconcile/flyout/{what}?id=${{id}}",
        }
        for what in ("entity", "property", "type")
    }
    return {
        "versions": ["0.1", "0.2"],
        **_described(root),
        "identifierSpace": ID,
        "schemaSpace": MIKG,
        "view": {"url": root + "/id/{{id}}"},
        "feature_view": {"url": root + "/ontology#{{id}}"},
        "suggest": suggest,
        "preview": {"url": root + "/reconcile/preview?id={{id}}", "width": WIDTH, "height": HEIGHT},
        "extend": {
            "propose_properties": {"service_url": root, "service_path": "/reconcile/extend/propose"},
            "property_settings": [
                {
                    "name": "limit",
                    "label": _("Limit"),
                    "type": "number",
                    "default": 0,
                    "help_text": _("At most so many values in a cell; 0 for all"),
                }
            ],
        },
    }


def _draft_manifest() -> dict:
    root = request.url_root.rstrip("/")
    setting = {
        "id": "limit",
        "name": _("Limit"),
        "type": "number",
        "default": 0,
        "helpText": _("At most so many values in a cell; 0 for all"),
    }
    return {
        "versions": ["1.0-draft"],
        **_described(root),
        "lang": _language(),
        "dir": "ltr",
        "view": {"url": root + "/id/{id}"},
        "standardizedScore": True,
        "suggest": {"entity": True, "property": True, "type": True},
        "preview": {"width": WIDTH, "height": HEIGHT},
        "extend": {"proposeProperties": True, "propertySettings": [setting]},
    }


def _described(root: str) -> dict:
    types = [each for each in current_app.vocabulary.types() if each.id in DEFAULT_TYPES]
    return {
        "name": _("mikg, a knowledge graph of migration policy"),
        "documentation": root + ("/links" if offered("/links") else "/"),
        "serviceVersion": __version__,
        "defaultTypes": [{"id": each.id, "name": name} for each, name in _named(types)],
        "batchSize": BATCH,
    }


def _results(batch: object) -> dict:
    if not isinstance(batch, dict):
        raise Misuse('queries is no query batch; it takes an object with a name for each query: {"q0": {"query": "Panama"}}.')
    keys = list(batch)
    questions = [_question(batch[key], key) for key in _bounded(keys, batch)]
    found = _matched(questions, _language())
    return {key: {"result": [_candidate(each) for each in candidates]} for key, candidates in zip(keys, found, strict=True)}


def _matched(questions: Sequence[Question], language: str) -> list[list[Candidate]]:
    app = current_app
    return reconciliation.match(app.index, app.engine, app.labels, questions, language)


def _question(query: object, key: str) -> Question:
    """A query of 0.2."""
    if isinstance(query, str):
        query = {"query": query}
    if not isinstance(query, dict):
        raise Misuse(f'{key[:40]} is no query; it takes an object such as {{"query": "Panama"}}.')
    for name in query:
        if name not in FIELDS:
            raise Misuse(f"{key[:40]} has a field {str(name)[:40]!r}; a query of 0.2 takes: {', '.join(FIELDS)}.")
    conditions = [_condition(each, key, "pid", "v") for each in _list(query.get("properties"), key, "properties")]
    types = query.get("type") or []
    text = query.get("query", "")
    if not (isinstance(text, str) and (text.strip() or conditions)):
        raise Misuse(f"{key[:40]} has no name to look for; query takes a text that is not empty, or properties are given.")
    return Question(
        text,
        tuple(str(each) for each in (types if isinstance(types, list) else [types])),
        tuple(conditions),
        _limit(query, key),
        query.get("type_strict") == "should",
    )


def _draft_question(query: object, key: str) -> Question:
    """A query of 1.0 draft."""
    if not isinstance(query, dict) or not isinstance(query.get("conditions"), list) or not query["conditions"]:
        raise Misuse(f"{key} is no query; it takes an object with an array of conditions, at least one.")
    names, conditions = [], []
    for each in query["conditions"]:
        kind = each.get("matchType") if isinstance(each, dict) else None
        if kind not in ("name", "id", "property") or "propertyValue" not in each:
            raise Misuse(f"{key} has a condition without matchType (name, id or property) or propertyValue.")
        if kind == "property":
            conditions.append(_condition(each, key, "propertyId", "propertyValue"))
        else:
            given = each["propertyValue"]
            names.append(str(given[0] if isinstance(given, list) and given else given))
    if not isinstance(query.get("type", ""), str):
        raise Misuse(f"{key} has a type that is no text; 1.0 draft takes one identifier.")
    types = (query["type"],) if query.get("type") else ()
    return Question(" ".join(names), types, tuple(conditions), _limit(query, key))


def _condition(given: object, key: str, name: str, value: str) -> Condition:
    if not isinstance(given, dict) or not isinstance(given.get(name), str) or value not in given:
        raise Misuse(f"{key[:40]} has a property without {name} or {value}.")
    values = given[value] if isinstance(given[value], list) else [given[value]]
    if not all(
        isinstance(each, str | int | float | bool) or (isinstance(each, dict) and isinstance(each.get("id"), str)) for each in values
    ):
        raise Misuse(f"{key[:40]} has a value of {given[name][:60]} that is neither text, number, boolean nor an object with an id.")
    known = {each.id for each in current_app.vocabulary.properties()}
    pid = given[name]
    if pid not in VIRTUAL and pid not in known:
        iri = resolved(pid, MIKG)
        pid = identifier(iri) if iri else pid
    return Condition(pid, tuple(values), bool(given.get("required", False)), str(given.get("matchQuantifier", "any")))


def _list(given: object, key: str, what: str) -> list:
    if given is None:
        return []
    if not isinstance(given, list):
        raise Misuse(f"{key[:40]}: {what} is no array.")
    return given


def _limit(query: Mapping, key: str) -> int:
    limit = query.get("limit", reconciliation.matching.LIMIT)
    if isinstance(limit, bool) or not isinstance(limit, int | float) or limit < 1:
        raise Misuse(f"{key[:40]} has the limit {str(limit)[:40]}; it takes a number above zero.")
    return int(min(limit, reconciliation.matching.MOST))


def _bounded(queries: Sequence, batch: Mapping | None = None) -> Sequence:
    if len(queries) > BATCH:
        raise TooLarge(f"The batch has {len(queries)} queries; one request takes up to {BATCH}. Send the rest in a request of their own.")
    for number, each in enumerate(queries, 1):
        size = len(json.dumps(batch[each] if batch is not None else each, ensure_ascii=False).encode("utf-8", "replace"))
        if size > QUERY_BYTES:
            raise TooLarge(
                f"Query {number} of the batch has {size} bytes; one query takes up to {QUERY_BYTES}. Give a shorter name or fewer properties."
            )
    return queries


def _candidate(candidate: Candidate, draft: bool = False) -> dict:
    hit = candidate.hit
    names = {
        "name": _("how like the name is"),
        "same_name": _("the same name"),
        "passages": _("how much the passages speak of it"),
        "type": _("of the type asked for"),
    }
    features = [
        {"id": each, **({"name": names.get(each, each.removeprefix("property:"))} if draft else {}), "value": value}
        for each, value in candidate.features.items()
    ]
    return {
        "id": identifier(hit.iri),
        "name": hit.name,
        "description": _about(hit),
        "score": candidate.score,
        "match": candidate.match,
        "type": _types(hit),
        "features": features,
        **({"lang": hit.language} if draft and hit.language else {}),
    }


def _types(hit: search.Hit) -> list[dict]:
    ours = [each for each in current_app.vocabulary.types() if each.iri in hit.classes]
    # The narrowest first: those that no other type of the thing is below.
    wider = {name for each in ours for name in each.broader}
    return [{"id": each.id, "name": name} for each, name in _named(sorted(ours, key=lambda each: (each.id in wider, each.uses)))]


def _about(hit: search.Hit) -> str:
    """A line to tell namesakes apart: the kind, the other name where that is what matched, and what is said of it."""
    reason = hit.reason
    named = f"“{reason.text[:120]}”" if reason.how != "text" and reason.text != hit.name else ""
    return "; ".join(part for part in (str(marks.kind_name(hit.kind)), named, hit.about[:200]) if part)


def _entities(prefix: str, count: int) -> list[search.Hit]:
    classes = [iri for each in request.args.getlist("type") if (iri := resolved(each, MIKG))]
    found = list(search.find(current_app.index, prefix, KINDS_MATCHED, _language(), count, classes=classes, counts=False).hits)
    iri = resolved(prefix.strip(), ID)
    own = search.known(current_app.index, [iri], _language()).get(iri) if iri else None
    if not own or (classes and not set(classes) & set(own.classes)):
        return found
    return [own, *(hit for hit in found if hit.iri != iri)]


def _suggested(hit: search.Hit) -> dict:
    return {"id": identifier(hit.iri), "name": hit.name, "description": _about(hit), "notable": _types(hit)[:3]}


def _known(name: str) -> search.Hit:
    iri = resolved(name, ID)
    hit = search.known(current_app.index, [iri], _language()).get(iri) if iri else None
    if not hit:
        near = ", ".join(identifier(each.iri) for each in search.nearest(current_app.index, name, 3, kinds=KINDS_MATCHED))
        raise NotFound(
            f"No entity has the identifier {name[:100]!r}"
            + (f"; the nearest: {near}" if near else "; find one at /reconcile/suggest/entity?prefix=")
        )
    return hit


def _extended(asked: object, draft: bool = False) -> dict:
    ids = asked.get("ids") if isinstance(asked, dict) else None
    properties = asked.get("properties") if isinstance(asked, dict) else None
    if not isinstance(ids, list) or not isinstance(properties, list) or not all(isinstance(each, str) for each in ids):
        raise Misuse('This is no data extension query; it takes {"ids": ["panama"], "properties": [{"id": "memberOf"}]}.')
    if not all(isinstance(each, dict) and isinstance(each.get("id"), str) for each in properties):
        raise Misuse('properties takes objects with an id, such as {"id": "memberOf"}.')
    if len(ids) * max(1, len(properties)) > WIDE:
        raise TooLarge(f"{len(ids)} things with {len(properties)} properties are more than {WIDE} cells; ask for fewer at a time.")
    settings = {each["id"]: each["settings"] if isinstance(each.get("settings"), dict) else {} for each in properties}
    app = current_app
    rows = reconciliation.extend(app.engine, app.labels, list(dict.fromkeys(ids)), settings, _language())
    if not draft:
        for cells in rows.values():
            for values in cells.values():
                for value in values:
                    value.pop("lang", None)
    terms = {each.id: each for each in app.vocabulary.properties()} | {each.iri: each for each in app.vocabulary.properties() if each.iri}
    names = {each.id: name for each, name in _named([terms[name] for name in settings if name in terms])}
    return {"meta": [{"id": name, "name": names.get(terms[name].id, name) if name in terms else name} for name in settings], "rows": rows}


def _named(terms: Iterable[Term]) -> list[tuple[Term, str]]:
    terms = list(terms)
    names = current_app.vocabulary.names(terms, _language())
    return [(each, names[each.id]) for each in terms]


def _term(term: Term, name: str, is_type: bool) -> dict:
    said = {"id": term.id, "name": name, **({"description": term.definition} if term.definition else {})}
    if is_type and term.broader:
        named = {each.id: each_name for each, each_name in _named(current_app.vocabulary.types())}
        said["broader"] = [{"id": each, "name": named[each]} for each in term.broader if each in named]
    return said


def _parsed(field: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise Misuse(f"{field} is not JSON: {str(fault)[:200]}.") from None


def _body() -> Any:
    if not request.is_json:
        raise Misuse(f"The body is {request.mimetype or 'of no type'}; it takes application/json.")
    return _parsed("The body", request.get_data(as_text=True))


def _number(name: str, default: int, most: int) -> int:
    given = request.args.get(name, "")
    if not given:
        return default
    if not (given.isascii() and given.isdigit()):
        raise Misuse(f"{name} is {given[:40]!r}; it takes a whole number.")
    return min(int(given[:9]), most)


def _language() -> str:
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else current_language()


def _said(body: object) -> Response:
    """JSON, or for a page of old that gives the name of a function (0.1 and 0.2 allow it) a call of that."""
    text = json.dumps(body, ensure_ascii=False)
    callback = request.values.get("callback", "") if not request.path.startswith("/reconcile" + DRAFT) else ""
    if callback and not CALLBACK.fullmatch(callback):
        raise Misuse(f"callback is {callback[:60]!r}; it takes the name of a function: letters, digits, _, $ and dots.")
    if callback:
        # JavaScript takes these two for ends of lines; the comment keeps the name from being the first bytes of the answer.
        text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        return Response(f"/**/{callback}({text});", mimetype="application/javascript")
    answer = Response(text + "\n", mimetype="application/json")
    answer.vary.update(("Accept-Language", "Cookie"))
    return answer
