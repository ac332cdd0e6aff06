"""Relationships to walk through: /explore, as a drawing, as a table, and as JSON; without JavaScript a picture drawn here."""

import json
from collections.abc import Iterable

from flask import Blueprint, Response, current_app, render_template, request
from flask_babel import gettext

from mikg import answers, citations, exploration, queries, search
from mikg.engine import Query
from mikg.errors import MikgError, Misuse, NotFound, ReleaseError
from mikg.exploration import State, View, drawn_from
from mikg.exploration.ground import Ground
from mikg.exploration.state import ASSERTED, OURS, Opening, Said, read, short, whole
from mikg.namespaces import DOCUMENT, ID
from mikg.network import Edge
from mikg.web import addresses, explore_words, marks
from mikg.web.citing import standing
from mikg.web.columns import picture
from mikg.web.languages import current_language

explore = Blueprint("explore", __name__)
EMBEDDED = 400  # nodes up to which the page brings the data of its drawing with it
ROWS = 100  # of the table of the page
TITLES = "SELECT ?key ?title { ?document <https://w3id.org/mikg/ontology#key> ?key ; <http://purl.org/dc/terms/title> ?title }"
PASSAGES = 25  # shown of a node or an edge
STARTS = ("panama", "unhcr", "united-states", "antony-blinken", "us-panama-arrangement-on-migration-and-protection", "migrant")


@explore.get("/explore")
def page() -> tuple[str, int]:
    """The drawing that the address describes; without one an invitation with good starts."""
    # A question has parameters of its own; without one, what is no part of a state is told as passed over.
    asked = request.args.to_dict(flat=False) if request.args.get("question") else {name: request.args.getlist(name) for name in OURS}
    state = read(asked)
    try:
        ground, view = seen(state)
        fault, status = "", 404 if view.missing and not view.nodes else 200
    except MikgError as error:
        ground, view, fault, status = _ground(), View(state), str(error), error.status
    shown = exploration.shown(ground, view)
    whole_view = to_json(ground, view) if view.facets is not None else None
    data = {
        **explore_words.of_page(),
        "view": whole_view if whole_view and len(view.nodes) <= EMBEDDED else None,
        "language": current_language(),
        "release": current_app.engine.release(),
    }
    body = render_template(
        "explore.html",
        state=view.state,
        view=view,
        shown=shown,
        about=whole_view,
        data=data,
        fault=fault,
        notes=[say(note) for note in view.notes],
        refused=say(view.refused) if view.refused else "",
        missing=[(asked, [_named(ground, iri) for iri in _nearest(ground, asked)]) for asked in view.missing],
        drawing=picture(ground, view.state, shown) if view.nodes else "",
        rows=_sorted(ground, shown[1], request.args.get("sort", ""))[:ROWS],
        sort=request.args.get("sort", ""),
        starts=[_named(ground, ID + name) for name in STARTS if ID + name in ground.nodes],
        title=_title(ground, view),
        ground=ground,
        status_name=explore_words.status,
        short=short,
        kinds=",".join(sorted({each.kind for each in ground.nodes.values()})),
        relations_of=lambda iri: exploration.relations(ground, iri),
        opening=lambda iri, row: Opening(iri, whole(row["relation"]), row["direction"]),
    )
    return body, status


@explore.route("/api/explore/view.json", methods=["GET", "POST"])
def view_data() -> Response:
    """Nodes and edges of the drawing that the address describes, or a form where it is too long for one, with what can be filtered."""
    ground, view = seen(read(request.values.to_dict(flat=False)))
    return _json(to_json(ground, view))


@explore.get("/api/explore/relations.json")
def relations_data() -> Response:
    """What opening a thing would add: its relations with counts. `of` names it."""
    ground = _ground()
    node = _known(ground, request.args.get("of", ""))
    return _json({"node": _node(ground, node), "relations": exploration.relations(ground, node)})


@explore.get("/api/explore/search.json")
def search_data() -> Response:
    """Things of the network that `q` names, misspelt or not, the likeliest first."""
    ground, words = _ground(), request.args.get("q", "")
    found = [hit.iri for hit in search.find(current_app.index, words, language=current_language(), limit=60, counts=False).hits]
    return _json(
        [{**_node(ground, iri), "called": str(marks.kind_name(ground.nodes[iri].kind))} for iri in found if iri in ground.nodes][:12]
    )


@explore.get("/api/explore/passages.json")
def passages_data() -> Response:
    """The passages of an edge (`edge`, may be repeated) or of a thing (`node`) as citations, with quotations where the texts are at hand."""
    ground = _ground() if not request.args.get("query") else seen(read(request.args.to_dict(flat=False)))[0]
    if ids := request.args.getlist("edge"):
        edges = [ground.edges[each] for each in ids if each in ground.edges]
        if not edges:
            raise NotFound(f"no relation has the id {ids[0][:60]!r} in this release; begin again at /explore.")
    else:
        edges = ground.edges_of(_known(ground, request.args.get("node", "")))
    iris = list(dict.fromkeys(iri for edge in edges for iri in edge.passages))
    found = citations.cite(current_app.engine, iris[:PASSAGES], current_app.settings.documents)
    told = [
        {
            **vars(each),
            "page": addresses.page(each.iri),
            "standing": standing(each),
            "curie": short(each.iri),
            "passage": each.iri.startswith(DOCUMENT),
        }
        for each in found
    ]
    return _json({"passages": told, "total": len(iris)})


@explore.get("/explore.<any('json', 'csv', 'graphml', 'gexf'):form>")
def download(form: str) -> Response:
    """What the drawing of this address shows, with its filters, for other tools."""
    from mikg.exploration import exports

    ground, view = seen(read(request.args.to_dict(flat=False)))
    if view.refused:
        raise Misuse(str(view.refused))
    text = exports.write(form, *exploration.shown(ground, view))
    answer = Response(text, mimetype=exports.MEDIA[form])
    answer.headers["Content-Disposition"] = f"attachment; filename=mikg-drawing.{form}"
    return answer


def seen(state: State) -> tuple[Ground, View]:
    """Return the network that a state is about, and what it shows of it."""
    ground = _ground()
    if state.question:
        question = queries.find(current_app.catalogue, state.question)
        ground, state = drawn_from.question(current_app.engine, ground, question, state)
    elif state.query:
        ground, state = drawn_from.query(current_app.engine, current_app.labels, ground, state, current_language())
    return ground, exploration.view(ground, state, current_language())


def say(said: Said) -> str:
    """Return a sentence of the exploration in the reader's language."""
    return gettext(said.text).format(**said.values)


def to_json(ground: Ground, view: View) -> dict:
    """Return a view as the script takes it, with short names for IRIs."""
    names = {facet: {value: _value(ground, facet, value) for value, _ in values} for facet, values in view.facets.items()}
    return {
        "nodes": [_node(ground, each.iri) for each in view.nodes],
        "edges": [_edge(each) for each in view.edges],
        "facets": {facet: [[short(value), count] for value, count in values] for facet, values in view.facets.items()},
        "names": {facet: {short(value): name for value, name in each.items()} for facet, each in names.items()},
        "years": view.years,
        "total": view.total,
        "narrowed": view.narrowed,
        "refused": say(view.refused) if view.refused else "",
        "missing": view.missing,
        "notes": [say(note) for note in view.notes],
        "kept": [short(each) for each in sorted(view.kept)],
        "paths": [
            {"edges": [hop.edges[0].id for hop in path.hops], "words": [view.connections.words(hop)[0] for hop in path.hops]}
            for path in (view.connections.paths if view.connections else ())
        ],
        "state": {
            "start": [short(each) for each in view.state.start],
            "open": [each.to_text() for each in view.state.open],
            "most": str(view.state.most or ""),
        },
        "release": current_app.engine.release(),
    }


def _ground() -> Ground:
    """Return the network of the release in use, made ready once for each language."""
    release, kept = current_app.engine.release(), current_app.extensions.setdefault("explore", {})
    if kept.get("release") != release:
        kept.clear()
        kept["release"] = release
    language = current_language()
    if language not in kept:
        kept[language] = Ground(current_app.networks.get("statements", (), language))
    return kept[language]


def _known(ground: Ground, name: str) -> str:
    iri = whole(name)
    if iri in ground.nodes:
        return iri
    near = ", ".join(short(each) for each in _nearest(ground, name))
    raise NotFound(f"nothing in the network is called {name[:100]!r}; " + (f"the nearest: {near}" if near else "search for it at /explore"))


def _nearest(ground: Ground, name: str) -> list[str]:
    """Return the things of the network that someone may have meant."""
    try:
        found = search.nearest(current_app.index, name.rpartition(":")[2][:200], 12, current_language())
    except ReleaseError:  # a release without an index
        return []
    return [hit.iri for hit in found if hit.iri in ground.nodes][:3]


def _named(ground: Ground, iri: str) -> dict:
    return {"iri": iri, "short": short(iri), "name": ground.nodes[iri].name, "kind": ground.nodes[iri].kind, "degree": ground.degree(iri)}


def _node(ground: Ground, iri: str) -> dict:
    node = ground.nodes[iri]
    return {
        "id": short(iri),
        "iri": iri,
        "name": node.name,
        "kind": node.kind,
        "first": node.first,
        "last": node.last,
        "degree": ground.degree(iri),
        "documents": node.documents,
        "community": str(ground.community(iri)),
        "page": addresses.page(iri),
    }


def _edge(edge: Edge) -> dict:
    return {
        "id": edge.id,
        "source": short(edge.source),
        "target": short(edge.target),
        "relation": short(edge.relation),
        "label": edge.label,
        "status": edge.status,
        "speaker": short(edge.speaker),
        "start": edge.start,
        "end": edge.end,
        "via": edge.via and addresses.page(edge.via),
        "capacity": edge.capacity,
        "documents": edge.documents,
        "passages": len(edge.passages),
    }


def _value(ground: Ground, facet: str, value: str) -> str:
    """Return what a value of a filter is called."""
    if facet == "kind":
        return str(marks.kind_name(value))
    if facet == "status":
        return explore_words.status(value)
    if facet == "relation":
        return ground.labels.get(value, short(value))
    if facet == "document":
        return _titles().get(value, value)
    if facet == "community":
        return explore_words.around(ground.nodes[ground.centre(int(value))].name) if value != "0" else explore_words.alone()
    return (
        (ground.nodes[value].name if value in ground.nodes else current_app.labels.of([value], current_language())[value].name)
        if value
        else explore_words.itself()
    )


def _titles() -> dict[str, str]:
    kept = current_app.extensions["explore"]
    if "titles" not in kept:
        kept["titles"] = {row["key"]["value"]: row["title"]["value"] for row in answers.run(current_app.engine, Query(TITLES)).rows}
    return kept["titles"]


def _title(ground: Ground, view: View) -> str:
    state = view.state
    if state.question:
        return current_app.catalogue[state.question].title if state.question in current_app.catalogue else ""
    names = [ground.nodes[each].name for each in state.start if each in ground.nodes]
    if state.source in ground.nodes and state.target in ground.nodes:
        return explore_words.between(ground.nodes[state.source].name, ground.nodes[state.target].name)
    return explore_words.of(names[0], len(names) - 1) if names else ""


def _sorted(ground: Ground, edges: Iterable[Edge], column: str) -> list:
    down, column = column.startswith("-"), column.lstrip("-")
    name = {iri: node.name.casefold() for iri, node in ground.nodes.items()}
    keys = {
        "from": lambda edge: name[edge.source],
        "relation": lambda edge: edge.label,
        "to": lambda edge: name[edge.target],
        "when": lambda edge: edge.start or edge.end or "9999",
        "status": lambda edge: (edge.status != ASSERTED, edge.status),
        "passages": lambda edge: len(edge.passages),
    }
    return sorted(edges, key=keys.get(column, lambda edge: (name[edge.source], edge.label, name[edge.target])), reverse=down)


def _json(data: dict) -> Response:
    return Response(json.dumps(data, ensure_ascii=False, separators=(",", ":")), mimetype="application/json")
