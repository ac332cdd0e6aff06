"""How things are connected: paths between two of them, measures of networks, and networks for other tools."""

import json
import re
from functools import lru_cache
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask_babel import lazy_gettext
from markupsafe import Markup

from mikg import citations, network
from mikg.errors import MikgError, Misuse, TooLarge
from mikg.network import Filter, analysis, formats, paths
from mikg.web.languages import current_language

related = Blueprint("relations", __name__)
SHOWN = 20  # rows of a table on a page
MEMBERS = 6  # names of a community on a page
STEPS = 10
MEASURED = 50_000  # relations of a network whose measures a reader waits for
CSV_METADATA = "csv-metadata.json"
EXAMPLES = (("id:antony-blinken", "id:erika-mouynes"), ("id:panama", "id:colombia"), ("id:unhcr", "id:us-department-of-state"))
# What each measure is called, means, and must not be taken for: `analysis.MEASURES` in the reader's language.
MEASURES = {
    "degree": (
        lazy_gettext("Neighbours"),
        lazy_gettext("With how many others a thing is tied."),
        lazy_gettext("Not how important it is: it counts what these few documents chose to tell, and what one publisher tells often."),
    ),
    "ties": (
        lazy_gettext("Ties"),
        lazy_gettext("How many relations tie it to others."),
        lazy_gettext("Not how strong a relation is: a thing told in more words, or by more documents, has more of them."),
    ),
    "betweenness": (
        lazy_gettext("Between others"),
        lazy_gettext("On what share of the shortest ways between all pairs of others it lies."),
        lazy_gettext("Not power or brokerage: a way in this network is a way through statements, not a channel that anyone used."),
    ),
    "pagerank": (
        lazy_gettext("PageRank"),
        lazy_gettext("How often one comes by when following ties at random: much tied to what is much tied."),
        lazy_gettext("Not influence: documents about Panama put Panama in the middle because they are about Panama."),
    ),
    "core": (
        lazy_gettext("Core"),
        lazy_gettext("The largest k such that it belongs to a group in which each is tied to k others of it."),
        lazy_gettext("Not an inner circle: an event with many participants makes a dense group by itself."),
    ),
    "community": (
        lazy_gettext("Community"),
        lazy_gettext("The group, by number, within which ties are denser than to the rest (Louvain, seeded; 1 is the largest)."),
        lazy_gettext("Not an alliance: most communities here are what one document tells; another seed draws other borders."),
    ),
    "bridges": (
        lazy_gettext("Bridges"),
        lazy_gettext("Pairs that, were their tie not there, would fall apart into two parts that nothing else connects."),
        lazy_gettext("Not a vital link in the world: another document could name a second one."),
    ),
    "together": (
        lazy_gettext("Named together"),
        lazy_gettext("In how many passages two things are named together."),
        lazy_gettext("Not a relation: a passage may name two things to set them apart."),
    ),
}
STATUS_NAMES = {
    "asserted": lazy_gettext("stated as a fact"),
    "claimed": lazy_gettext("claimed by someone"),
    "committed": lazy_gettext("promised"),
    "expected": lazy_gettext("expected"),
    "hoped": lazy_gettext("hoped for"),
    "necessary": lazy_gettext("said to be necessary"),
    "negated": lazy_gettext("said not to be"),
    "planned": lazy_gettext("planned"),
    "possible": lazy_gettext("said to be possible"),
    "quoted": lazy_gettext("quoted"),
    "reported": lazy_gettext("reported"),
}
PROJECTIONS = {
    "agents": lazy_gettext("Who acts with whom: people, countries, bodies and groups"),
    "countries": lazy_gettext("Countries, tied by events, agreements, groupings and flows"),
    "countries-events": lazy_gettext("Countries and the events that they are involved in"),
    "figures": lazy_gettext("What is counted where"),
    "organisations-programmes": lazy_gettext("Organisations, programmes and systems"),
    "people-organisations": lazy_gettext("People and organisations"),
    "statements": lazy_gettext("Every relation that a source states"),
}


@related.get("/paths")
def ways() -> Response:
    """The form for two things, and the best connections between them, each step with its passages."""
    given = request.args
    found, fault, status = None, "", 200
    whole = current_app.networks.get("statements", (), current_language())
    if given.get("from", "").strip() or given.get("to", "").strip():
        try:
            found = _connect(whole)
        except MikgError as error:
            fault, status = str(error), error.status
    cited = {}
    if found:
        wanted = [passage for path in found.paths for hop in path.hops for passage in hop.passages]
        cited = {each.iri: each for each in citations.cite(current_app.engine, wanted, current_app.settings.documents)}
    body = render_template(
        "paths.html",
        found=found,
        fault=fault,
        given=given,
        called=lambda name: _called(whole, given.get(name, "")),
        cited=cited,
        sparql=paths.sparql,
        unbroken=_unbroken,
        statuses=STATUS_NAMES,
        documents=sorted({document for edge in whole.edges for document in edge.documents}),
        opened=any(given.get(name) for name in ("via", "not", "since", "until", "documents", "statuses", "relations")),
        examples=[(one, other, _called(whole, one), _called(whole, other)) for one, other in EXAMPLES],
    )
    return make_response(body, status)


@related.get("/api/paths.json")
def ways_data() -> Response:
    """The same for programs: from, to, via, not, k, and the filters of a network."""
    whole = current_app.networks.get("statements", (), current_language())
    return _json(_connect(whole).to_json())


@related.get("/network")
def measures() -> str:
    """Tables of who has many ties, who stands between and what holds together, with what each must not be taken for."""
    name, by = request.args.get("projection", "statements"), request.args.get("by", "pagerank")
    projection = network.find(name, current_app.settings.sources)
    found = _analysed(name)
    communities = [(number, group) for number, group in found.communities() if len(group) > 1]
    return render_template(
        "network.html",
        projection=projection,
        name=name,
        names_of=PROJECTIONS,
        projections=network.projections(current_app.settings.sources),
        measures=MEASURES,
        numbers=analysis.NUMBERS,
        statuses=STATUS_NAMES,
        by=by,
        found=found,
        rows=found.by(by)[:SHOWN],
        communities=communities[:SHOWN],
        members=MEMBERS,
        bridges=found.bridges[:SHOWN],
        together=_together()[:SHOWN],
        formats=formats.FORMATS,
        query=[(key, value) for key, value in request.args.items(multi=True) if key not in ("by", "lang", "theme") and value],
    )


@related.get("/api/network/analysis.<any(json, csv, ttl):form>")
def measures_data(form: str) -> Response:
    """The measures of a network: JSON with bridges and meanings, CSV of the nodes, or a data cube as Turtle."""
    found = _analysed(request.args.get("projection", "statements"))
    if form == "json":
        return _json(found.to_json())
    if form == "csv":
        return Response(analysis.to_csv(found.by(request.args.get("by", "pagerank"))), mimetype="text/csv")
    return Response(analysis.to_turtle(found), mimetype="text/turtle")


@related.get("/api/network/together.json")
def together_data() -> Response:
    """The pairs of things that passages name together, with the count of these passages."""
    return _json(json.loads(analysis.rows_to_json(_together())))


@related.route("/api/network/export.<form>", methods=["GET", "POST"])
def export(form: str) -> Response:
    """A network, or the graph of a `construct` query, in a format of other tools; `csv-metadata.json` tells what the CSV holds."""
    given = request.values
    asked = urlencode(list(given.items(multi=True)))
    if form == CSV_METADATA:
        return Response(formats.csv_metadata(_about(given), f"export.csv?{asked}"), mimetype="application/csvm+json")
    if form not in formats.FORMATS:
        raise Misuse(f"a network has no format {form[:40]!r}; it takes one of: {', '.join(formats.FORMATS)}.")
    name = given.get("projection", "statements")
    about = _about(given)
    if query := given.get("construct", ""):
        name, whole = "construct", formats.constructed(current_app.engine, query, current_language())
    else:
        whole = _filter(given).apply(current_app.networks.get(name, (), current_language()))
    if around := given.get("around", ""):
        whole = whole.ego(around, _count(given.get("steps", "1"), "steps", STEPS))
    answer = Response(formats.write(whole, form, about), mimetype=formats.FORMATS[form][0])
    if form == "csv":
        answer.headers["Link"] = f'<export.{CSV_METADATA}?{asked}>; rel="describedby"; type="application/csvm+json"'
    suffix = "cyjs" if form == "cytoscape" else form
    answer.headers["Content-Disposition"] = f'attachment; filename="mikg-{name}.{suffix}"'
    return answer


def _about(given: object) -> formats.About:
    if given.get("construct", ""):
        return formats.About("mikg: a query of its graph", current_app.engine.release())
    question = network.find(given.get("projection", "statements"), current_app.settings.sources)
    return formats.About(f"mikg: {question.title}", current_app.engine.release())


def _connect(whole: network.Network) -> paths.Connections:
    given = request.args
    for name in ("from", "to"):
        if not given.get(name, "").strip():
            raise Misuse(f"{name} is empty; it takes the name or IRI of a thing, such as id:panama.")
    return paths.connect(
        whole,
        given["from"],
        given["to"],
        _filter(given),
        [each for each in given.getlist("via") if each.strip()],
        [each for each in given.getlist("not") if each.strip()],
        _count(given.get("k", "") or "5", "k", paths.MOST),
        current_app.settings.deadline,
        current_language(),
        current_app.settings.sources,
    )


def _filter(given: object) -> Filter:
    lists = ("kinds", "relations", "documents", "speakers", "statuses")
    asked: dict[str, object] = {name: [each for each in given.getlist(name) if each] for name in lists}
    return Filter.of(**asked, since=given.get("since", ""), until=given.get("until", ""), undated=given.get("undated", ""))


def _count(text: str, name: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= most):
        raise Misuse(f"{name} is {text[:40]!r}; it takes a whole number from 1 to {most}.")
    return int(text)


def _unbroken(words: str) -> Markup:
    """Return words in which a line never ends within a date.

    >>> _unbroken("on 2021-09-23 <")
    Markup('on <span class="day">2021-09-23</span> &lt;')
    """
    parts = re.split(r"(\d{4}-\d\d-\d\d)", words)
    return Markup().join(Markup('<span class="day">{}</span>').format(part) if place % 2 else part for place, part in enumerate(parts))


def _called(whole: network.Network, text: str) -> str:
    """Return the name of what a field holds, where it is a thing of the network and no other has this name."""
    try:
        node = whole.find(text)
        return node.name if whole.find(node.name) == node else text
    except MikgError:
        return text


def _analysed(name: str) -> analysis.Analysis:
    given = request.args
    around, steps = given.get("around", ""), _count(given.get("steps", "1") or "1", "steps", STEPS)
    application = id(current_app._get_current_object())
    return _measured(application, current_app.engine.release(), current_language(), name, _filter(given), around, steps)


@lru_cache(maxsize=32)
def _measured(_application: int, _release: str, language: str, name: str, wanted: Filter, around: str, steps: int) -> analysis.Analysis:
    whole = wanted.apply(current_app.networks.get(name, (), language))
    found = whole.ego(around, steps) if around else whole
    if len(found.edges) > MEASURED:
        raise TooLarge(
            f"This network has {len(found.edges)} relations; a page counts measures of up to {MEASURED}. Ask for less: a period, a document, "
            "what lies around one thing. The command mikg central counts them all."
        )
    return analysis.analyse(found)


def _together() -> list[analysis.Pair]:
    return _paired(id(current_app._get_current_object()), current_app.engine.release(), current_language())


@lru_cache(maxsize=8)
def _paired(_application: int, _release: str, language: str) -> list[analysis.Pair]:
    return analysis.together(current_app.engine, language)


def _json(whole: object) -> Response:
    return Response(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", mimetype="application/json")
