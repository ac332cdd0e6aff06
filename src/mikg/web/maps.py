"""Countries and places with their parts in flows, meetings, groups and offices: a map without tiles, and the table with the same rows."""

from flask import Blueprint, Response, current_app, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from mikg import citations, external, geography
from mikg.geography import Tie
from mikg.namespaces import EXTERNAL, MIKG
from mikg.web import sources
from mikg.web.atlas import NARROW, WIDE, drawing
from mikg.web.kept import per_release
from mikg.web.languages import current_language
from mikg.web.naming import names

placed = Blueprint("maps", __name__)
every = per_release(geography.ties)
ground = per_release(geography.ground)
opened = per_release(external.sources)

LAYERS = {
    "flows": lazy_gettext("Flows of people"),
    "roles": lazy_gettext("Roles of countries"),
    "events": lazy_gettext("Meetings, operations, transfers"),
    "groups": lazy_gettext("Memberships, participating states, agreements"),
    "offices": lazy_gettext("Offices and what they cover"),
    "figures": lazy_gettext("Figures by place"),
}
DEFAULT = ("flows", "roles")
PARTS = {
    "origin": lazy_gettext("origin"),
    "transit": lazy_gettext("transit"),
    "destination": lazy_gettext("destination"),
    "asylum": lazy_gettext("asylum"),
    "within": lazy_gettext("within"),
    "place": lazy_gettext("place"),
    "party": lazy_gettext("taking part"),
    "member": lazy_gettext("member"),
    "participant": lazy_gettext("participating state"),
    "signatory": lazy_gettext("party"),
    "covered": lazy_gettext("covered"),
    "presence": lazy_gettext("presence"),
    "seat": lazy_gettext("seat"),
    "counted": lazy_gettext("counted there"),
}
USED = tuple(EXTERNAL + name for name in ("outlines", "places", "countries"))


@placed.get("/map")
def atlas() -> Response:
    """The layers that are asked for, of a year and a document, drawn and told."""
    faults: list[str] = []
    layers, document, year = _asked(faults)
    whole = [each for each in every() if each.layer in layers and (not document or document in each.documents)]
    shown = [each for each in whole if not year or (each.earliest and each.earliest[:4] <= year <= each.latest[:4])]
    figures = [iri for each in shown for iri in each.figures]
    named = names(
        [(each.thing, [place for _part, place in each.places]) for each in shown],
        figures,
        [MIKG + status for each in shown for status in each.statuses],
        [iri for iri, _members in ground().members],
    )
    wide, narrow = (
        drawing(ground(), shown, lambda iri: named[iri].name, lambda tie: ", ".join(named[iri].name for iri in tie.figures), frame)
        for frame in (WIDE, NARROW)
    )
    cited = citations.cite(current_app.engine, [iri for each in shown for iri in each.passages], current_app.settings.documents)
    body = render_template(
        "map.html",
        faults=faults,
        all_layers=LAYERS,
        layers=layers,
        document=document,
        year=year,
        years=sorted(
            {str(number) for each in every() if each.earliest for number in range(int(each.earliest[:4]), int(each.latest[:4]) + 1)}
        ),
        documents=sources.every(),
        shown=shown,
        undated=sum(not each.earliest for each in whole) if year else 0,
        parts_of=_parts,
        part_names=PARTS,
        when=_when,
        picture=wide,
        narrow=narrow,
        sources=[each for each in opened(current_language()) if each.graph in USED],
        named=named,
        cited={each.iri: each for each in cited},
    )
    return make_response(body, 400 if faults else 200)


@placed.get("/api/outlines.json")
def outlines() -> Response:
    """The outlines of countries that the map draws, each a ring of longitudes and latitudes, and whose they are."""
    (source,) = [each for each in opened(current_language()) if each.graph == EXTERNAL + "outlines"] or [None]
    rings = [[[round(x, 2), round(y, 2)] for x, y in ring] for _iri, each in ground().outlines for ring in each]
    return jsonify(rings=rings, attribution=source.attribution if source else "")


def _asked(faults: list[str]) -> tuple[tuple[str, ...], str, str]:
    layers = [each for each in request.args.getlist("layer") if each.strip()]
    for each in layers:
        if each not in LAYERS:
            faults.append(_("No layer is called “%(value)s”; it takes: %(offers)s.", value=each[:60], offers=", ".join(LAYERS)))
    document, year = sources.asked(faults), request.args.get("year", "").strip()
    if year and not (len(year) == 4 and year.isascii() and year.isdigit()):
        faults.append(_("year is “%(value)s”; it takes four figures, such as 2021.", value=year[:40]))
        year = ""
    return tuple(each for each in LAYERS if each in layers) or DEFAULT, document, year


def _parts(tie: Tie) -> list[tuple[str, list[str]]]:
    """The places of a tie by their part, in the order of the parts."""
    return [(part, [place for own, place in tie.places if own == part]) for part in PARTS if part in dict(tie.places)]


def _when(tie: Tie) -> str:
    first, last = tie.earliest, tie.latest
    if not first:
        return _("no date")
    if first == last:
        return first
    if first.endswith("-01-01") and last.endswith("-12-31"):
        return first[:4] if first[:4] == last[:4] else f"{first[:4]}–{last[:4]}"
    return _("%(first)s to %(last)s", first=first, last=last)
