"""The reconciliation service: https://reconciliation-api.github.io/specs/, 0.2 at /reconcile, 1.0 draft at /reconcile/1.0-draft.

The two manifests cannot be one (`suggest` is an object of addresses in the one and of booleans in the other), so each version has
a root of its own, and its manifest names that version only.
"""

from collections.abc import Sequence

from flask import Blueprint, Response, current_app, render_template, request

from mikg import reconciliation, search
from mikg.errors import Misuse, NotFound, TooLarge
from mikg.namespaces import ID, MIKG
from mikg.reconciliation import Candidate, Question
from mikg.reconciliation.matching import KINDS_MATCHED
from mikg.reconciliation.vocabulary import identifier, resolved
from mikg.web import addresses, marks
from mikg.web import reconcile_manifests as manifests
from mikg.web import reconcile_reading as reading
from mikg.web import reconcile_saying as saying
from mikg.web.languages import LANGUAGES, current_language

service = Blueprint("reconcile", __name__, url_prefix="/reconcile")
DRAFT = "/1.0-draft"
WIDE = 1_000  # things or cells of an extension
SUGGESTED, MOST = 10, 100
# A preview stands in the frame of whoever asks for it.
FRAMED = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors *"


@service.route("", methods=["GET", "POST"], strict_slashes=False)
def root() -> Response:
    """0.2: the manifest; with `queries` a batch of queries; with `extend` a request for values. `query` is the single query of 0.1."""
    given = request.values
    if "queries" in given:
        return saying.said(_results(reading.parsed("queries", given["queries"])))
    if "extend" in given:
        return saying.said(_extended(reading.parsed("extend", given["extend"])))
    if "query" in given:
        single = given["query"]
        query = reading.parsed("query", single) if single.lstrip().startswith("{") else {"query": single}
        return saying.said(_results({"query": query})["query"])
    if request.method == "POST":
        raise Misuse(
            "The body has no form field queries or extend; send application/x-www-form-urlencoded (1.0 draft: JSON to /reconcile/1.0-draft/match)."
        )
    return saying.said(manifests.plain())


@service.get(DRAFT, strict_slashes=False)
def draft() -> Response:
    """1.0 draft: the manifest."""
    return saying.said(manifests.draft())


@service.post(f"{DRAFT}/match")
def draft_match() -> Response:
    """1.0 draft: a batch of queries as JSON."""
    body = reading.body()
    queries = body.get("queries") if isinstance(body, dict) else None
    if not isinstance(queries, list):
        raise Misuse('The body is no query batch; it takes an object with an array: {"queries": [...]}.')
    language = next((each["lang"] for each in queries if isinstance(each, dict) and each.get("lang") in LANGUAGES), current_language())
    found = _matched([reading.draft_question(each, f"query {number}") for number, each in enumerate(reading.bounded(queries), 1)], language)
    return saying.said({"results": [{"candidates": [saying.candidate(each, draft=True) for each in candidates]} for candidates in found]})


@service.post(f"{DRAFT}/extend")
def draft_extend() -> Response:
    """1.0 draft: values of properties."""
    answer = _extended(reading.body(), draft=True)
    rows = [
        {"id": each, "properties": [{"id": name, "values": values} for name, values in cells.items()]}
        for each, cells in answer["rows"].items()
    ]
    return saying.said({"meta": answer["meta"], "rows": rows})


@service.get("/suggest/<any(entity, property, type):what>")
@service.get(f"{DRAFT}/suggest/<any(entity, property, type):what>")
def suggest(what: str) -> Response:
    """What a beginning may stand for."""
    prefix = request.args.get("prefix", "")[:400]
    start, limit = max(reading.number("offset", 0, 10_000), reading.number("cursor", 0, 10_000)), reading.number("limit", SUGGESTED, MOST)
    if what == "entity":
        found = _entities(prefix, start + limit)[start : start + limit]
        return saying.said({"result": [saying.suggested(hit) for hit in found]})
    vocabulary = current_app.vocabulary
    terms = vocabulary.types() if what == "type" else vocabulary.properties()
    found = vocabulary.suggest(terms, prefix, saying.language())[start : start + limit]
    return saying.said({"result": [saying.term(each, each_name, what == "type") for each, each_name in saying.named(found)]})


@service.get("/flyout/<any(entity, property, type):what>")
def flyout(what: str) -> Response:
    """A few lines about what is suggested, as 0.2 has them."""
    name = request.args.get("id", "")
    if what == "entity":
        hit = _known(name)
        html = render_template("reconcile/flyout.html", name=hit.name, kind=marks.kind_name(hit.kind), about=hit.about)
        return saying.said({"id": identifier(hit.iri), "html": html})
    vocabulary = current_app.vocabulary
    for each, said in saying.named(vocabulary.types() if what == "type" else vocabulary.properties()):
        if name in (each.id, each.iri):
            return saying.said({"id": each.id, "html": render_template("reconcile/flyout.html", name=said, kind="", about=each.definition)})
    raise NotFound(f"No {what} has the identifier {name[:100]!r}; find one at {addresses.home()}reconcile/suggest/{what}?prefix=")


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
            root=addresses.home().rstrip("/"),
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
    limit = reading.number("limit", MOST, MOST)
    vocabulary = current_app.vocabulary
    iri = resolved(asked, MIKG)
    if asked and not iri:
        raise Misuse(f"type is {asked[:100]!r}; it takes the identifier of a type, such as Country.")
    terms = vocabulary.of_type(iri) if iri else vocabulary.properties()
    return saying.said(
        {"properties": [saying.term(each, name, False) for each, name in saying.named(terms[:limit])], "type": asked, "limit": limit}
    )


def _results(batch: object) -> dict:
    if not isinstance(batch, dict):
        raise Misuse('queries is no query batch; it takes an object with a name for each query: {"q0": {"query": "Panama"}}.')
    keys = list(batch)
    questions = [reading.question(batch[key], key) for key in reading.bounded(keys, batch)]
    found = _matched(questions, saying.language())
    return {key: {"result": [saying.candidate(each) for each in candidates]} for key, candidates in zip(keys, found, strict=True)}


def _matched(questions: Sequence[Question], language: str) -> list[list[Candidate]]:
    app = current_app
    return reconciliation.match(app.index, app.engine, app.labels, questions, language)


def _entities(prefix: str, count: int) -> list[search.Hit]:
    classes = [iri for each in request.args.getlist("type") if (iri := resolved(each, MIKG))]
    found = list(search.find(current_app.index, prefix, KINDS_MATCHED, saying.language(), count, classes=classes, counts=False).hits)
    iri = resolved(prefix.strip(), ID)
    own = search.known(current_app.index, [iri], saying.language()).get(iri) if iri else None
    if not own or (classes and not set(classes) & set(own.classes)):
        return found
    return [own, *(hit for hit in found if hit.iri != iri)]


def _known(name: str) -> search.Hit:
    iri = resolved(name, ID)
    hit = search.known(current_app.index, [iri], saying.language()).get(iri) if iri else None
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
    rows = reconciliation.extend(app.engine, app.labels, list(dict.fromkeys(ids)), settings, saying.language())
    if not draft:
        for cells in rows.values():
            for values in cells.values():
                for value in values:
                    value.pop("lang", None)
    terms = {each.id: each for each in app.vocabulary.properties()} | {each.iri: each for each in app.vocabulary.properties() if each.iri}
    names = {each.id: name for each, name in saying.named([terms[name] for name in settings if name in terms])}
    return {"meta": [{"id": name, "name": names.get(terms[name].id, name) if name in terms else name} for name in settings], "rows": rows}
