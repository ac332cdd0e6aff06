"""What happened when, by the documents: a drawing, the same as a table, and how sure each date is."""

import calendar
from datetime import date

from babel.dates import get_month_names
from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from mikg import citations, timeline
from mikg.errors import Misuse
from mikg.labels import Named
from mikg.namespaces import DOCUMENT, MIKG
from mikg.timeline import Item, Wanted, Window
from mikg.web import marks, pasted, sources
from mikg.web.kept import per_release
from mikg.web.lanes import chart
from mikg.web.languages import current_language
from mikg.web.naming import names

timed = Blueprint("timeline", __name__)
every = per_release(timeline.items)

KINDS = {
    "document": lazy_gettext("Documents"),
    "meeting": lazy_gettext("Meetings and visits"),
    "operation": lazy_gettext("Operations, trainings, transfers"),
    "agreement": lazy_gettext("Agreements and memberships"),
    "action": lazy_gettext("Actions and cooperation"),
    "post": lazy_gettext("Posts, as attested"),
    "situation": lazy_gettext("Flows, roles and situations"),
    "lack": lazy_gettext("What was missing"),
    "figure": lazy_gettext("Figures, by their period"),
}
STATUSES = ("asserted", "planned", "expected", "hoped", "necessary", "reported", "derived", "all")


@timed.get("/timeline")
def line() -> Response:
    """All dated things that fit, drawn in lanes and told in a table."""
    found, faults = every(), []
    wanted, shown = _asked(found, faults)
    fitting = wanted.of(found)
    dated = [each for each in fitting if each.earliest and shown.holds(each)]
    undated = [each for each in fitting if not each.earliest]
    by = "document" if request.args.get("by") == "document" else "kind"
    agents = sorted({agent for each in found for agent in each.agents})
    named = names(
        [(each.iri, each.holder, each.agents, each.after) for each in found],
        [each.iri for each in sources.every()],
        [each.publisher for each in sources.every() if each.publisher],
        [MIKG + status for status in STATUSES[:-2]],
        agents,
    )
    passages = {each.iri: each for each in _cited(iri for item in dated + undated for iri in item.passages)}
    body = render_template(
        "timeline.html",
        faults=faults,
        wanted=wanted,
        shown=shown,
        by=by,
        kinds=KINDS,
        drawn=[kind for kind in marks.NAMES if any(named[each.iri].kind == kind for each in dated)],
        statuses=STATUSES,
        status_name=lambda status: _status(status, named),
        documents=sources.every(),
        agents=sorted(agents, key=lambda iri: named[iri].name.casefold()),
        dated=dated,
        undated=undated,
        days=sum(each.day for each in dated),
        ours=sum(each.ours for each in dated),
        latent=len([each for each in found if each.earliest]),
        chart=chart(_lanes(by, dated), shown, lambda item: (_name(item, named), _note(item)), not wanted.kind) if dated else None,
        title=lambda key: KINDS[key] if by == "kind" else named[DOCUMENT + key].name,
        month=lambda number: get_month_names("abbreviated", locale=current_language())[int(number)],
        up=_up(shown),
        before=_beside(shown, -1),
        after=_beside(shown, 1),
        called=_called(shown),
        when=when,
        why=why,
        name=lambda item: _name(item, named),
        named=named,
        cited=passages,
    )
    return make_response(body, 400 if faults else 200)


def when(item: Item) -> str:
    """When a dated thing was, in words that say how sure that is."""
    first, last = item.earliest, item.latest
    if item.kind == "document" and not item.day:
        return _("undated, between %(first)s and %(last)s, by our judgement", first=first, last=last)
    if item.day:
        return _("in the post on %(day)s", day=first) if item.attested else str(first)
    whole = _whole(first, last)
    if item.lasting:
        return whole or _("%(first)s to %(last)s", first=first, last=last)
    return _("some time in %(period)s", period=whole) if whole else _("some time between %(first)s and %(last)s", first=first, last=last)


def why(item: Item) -> str:
    """Who says so: the words of the document, or our reading of them."""
    words = ", ".join(f"“{each}”" for each in item.words)
    if not item.ours:
        return _("printed: %(words)s", words=words) if words else _("printed")
    if item.basis == "fiscalYear":
        return _("the document says %(words)s, a fiscal year, which we spell out", words=words)
    if item.basis == "resolvedFromPublication" and words:
        return _("the document says %(words)s, counted from its own date, by our judgement", words=words)
    return _("the document says %(words)s, the rest is our judgement", words=words) if words else _("no date is printed, by our judgement")


def _asked(found: list[Item], faults: list[str]) -> tuple[Wanted, Window]:
    """Return what is looked for; what cannot be is left out and said."""
    given = {name: request.args.get(name, "").strip() for name in ("kind", "document", "agent", "status", "at")}
    given["agent"] = pasted.meant(given["agent"])
    known = {
        "kind": list(timeline.KINDS),
        "document": [each.key for each in sources.every()],
        "agent": sorted({agent.rpartition("/")[2] for each in found for agent in each.agents}),
        "status": list(STATUSES),
    }
    for name, values in known.items():
        value = given[name].removeprefix("id:")
        if value and value not in values:
            offered = ", ".join(values) if name != "agent" else _("those that the list below offers")
            faults.append(
                _(
                    "%(name)s is “%(value)s”, which nothing here has; it takes one of: %(offered)s.",
                    name=name,
                    value=value[:60],
                    offered=offered,
                )
            )
            value = ""
        given[name] = value
    try:
        shown = timeline.window(given["at"], found)
    except Misuse as fault:
        faults.append(str(fault))
        shown = timeline.window("", found)
    agent = next((agent for each in found for agent in each.agents if agent.rpartition("/")[2] == given["agent"]), "")
    return Wanted(given["kind"], given["document"], agent, given["status"] or timeline.ASSERTED), shown


def _lanes(by: str, dated: list[Item]) -> list[tuple[str, list[Item]]]:
    keys = list(KINDS) if by == "kind" else [each.key for each in sources.every()]
    lanes = [(key, [each for each in dated if (each.kind == key if by == "kind" else key in each.documents)]) for key in keys]
    return [(key, items) for key, items in lanes if items]


def _name(item: Item, named: dict[str, Named]) -> str:
    """What a thing is called; a post or membership with its holder before it, where its own name does not say it."""
    own, holder = named[item.iri].name, named[item.holder].name if item.holder else ""
    return f"{holder}: {own}" if holder and holder not in own else own


def _note(item: Item) -> str:
    """The few words on the date that stand beside a name."""
    if item.day:
        return str(item.earliest)
    return f"“{item.words[0][:28]}”" if item.words and not item.lasting else ""


def _whole(first: date, last: date) -> str:
    """Whole years or one whole month as one period, else nothing."""
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return str(first.year) if first.year == last.year else f"{first.year}–{last.year}"
    if (first.year, first.month, first.day) == (last.year, last.month, 1) and last.day == calendar.monthrange(last.year, last.month)[1]:
        return _called(Window(first, last, "day", f"{first:%Y-%m}"))
    return ""


def _called(shown: Window) -> str:
    if shown.step == "day":
        return f"{get_month_names('wide', locale=current_language())[shown.first.month]} {shown.first.year}"
    return shown.name or f"{shown.first.year}–{shown.last.year}"


def _up(shown: Window) -> str | None:
    return None if shown.step == "year" else shown.name[:4] if shown.step == "day" else ""


def _beside(shown: Window, step: int) -> str:
    """The year or month before or after; nothing where all years are shown."""
    if shown.step == "year":
        return ""
    if shown.step == "month":
        year = shown.first.year + step
        return f"{year:04}" if 1 <= year <= 9999 else ""
    place = shown.first.year * 12 + shown.first.month - 1 + step
    return f"{place // 12:04}-{place % 12 + 1:02}" if 12 <= place < 120_000 else ""


def _status(status: str, named: dict[str, Named]) -> str:
    own = {"derived": _("computed by a rule"), "all": _("all, planned and reported too")}
    return own.get(status) or named[MIKG + status].name


def _cited(iris: object) -> list[citations.Citation]:
    return citations.cite(current_app.engine, iris, current_app.settings.documents)
