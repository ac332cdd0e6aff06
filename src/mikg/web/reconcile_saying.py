"""How the reconciliation service tells of candidates, things and terms."""

import json
import re
from collections.abc import Iterable

from flask import Response, current_app, request
from flask_babel import gettext as _

from mikg import search
from mikg.errors import Misuse
from mikg.reconciliation import Candidate, Term
from mikg.reconciliation.vocabulary import identifier
from mikg.web import marks
from mikg.web.languages import LANGUAGES, current_language

CALLBACK = re.compile(r"[A-Za-z_$][\w$]{0,59}(\.[A-Za-z_$][\w$]{0,59}){0,4}", re.ASCII)
DRAFT = "/reconcile/1.0-draft"


def said(body: object) -> Response:
    """JSON, or for a page of old that gives the name of a function (0.1 and 0.2 allow it) a call of that."""
    text = json.dumps(body, ensure_ascii=False)
    callback = request.values.get("callback", "") if not request.path.startswith(DRAFT) else ""
    if callback and not CALLBACK.fullmatch(callback):
        raise Misuse(f"callback is {callback[:60]!r}; it takes the name of a function: letters, digits, _, $ and dots.")
    if callback:
        # JavaScript takes these two for ends of lines; the comment keeps the name from being the first bytes of the answer.
        text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        return Response(f"/**/{callback}({text});", mimetype="application/javascript")
    answer = Response(text + "\n", mimetype="application/json")
    answer.vary.update(("Accept-Language", "Cookie"))
    return answer


def candidate(candidate: Candidate, draft: bool = False) -> dict:
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


def suggested(hit: search.Hit) -> dict:
    return {"id": identifier(hit.iri), "name": hit.name, "description": _about(hit), "notable": _types(hit)[:3]}


def term(term: Term, name: str, is_type: bool) -> dict:
    said = {"id": term.id, "name": name, **({"description": term.definition} if term.definition else {})}
    if is_type and term.broader:
        known = {each.id: each_name for each, each_name in named(current_app.vocabulary.types())}
        said["broader"] = [{"id": each, "name": known[each]} for each in term.broader if each in known]
    return said


def _types(hit: search.Hit) -> list[dict]:
    ours = [each for each in current_app.vocabulary.types() if each.iri in hit.classes]
    # The narrowest first: those that no other type of the thing is below.
    wider = {name for each in ours for name in each.broader}
    return [{"id": each.id, "name": name} for each, name in named(sorted(ours, key=lambda each: (each.id in wider, each.uses)))]


def _about(hit: search.Hit) -> str:
    """A line to tell namesakes apart: the kind, the other name where that is what matched, and what is said of it."""
    reason = hit.reason
    named = f"“{reason.text[:120]}”" if reason.how != "text" and reason.text != hit.name else ""
    return "; ".join(part for part in (str(marks.kind_name(hit.kind)), named, hit.about[:200]) if part)


def named(terms: Iterable[Term]) -> list[tuple[Term, str]]:
    terms = list(terms)
    names = current_app.vocabulary.names(terms, language())
    return [(each, names[each.id]) for each in terms]


def language() -> str:
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else current_language()
