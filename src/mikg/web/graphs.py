"""The SPARQL 1.1 Graph Store Protocol, read: https://www.w3.org/TR/sparql11-http-rdf-update/

/graphs?default and /graphs?graph=IRI, and a graph of ours under its own path (/graph/external/countries). Small graphs are asked of
the engine; large ones are streamed from the files of the release.
"""

import hashlib
from urllib.parse import urljoin

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from werkzeug.exceptions import BadRequest

from mikg import external, graphs, release
from mikg.engine import TRIPLES, Query
from mikg.errors import NotFound
from mikg.namespaces import BASE, DOCUMENT, GRAPH, shorten
from mikg.web import addresses, negotiation
from mikg.web.languages import current_language

store = Blueprint("graphs", __name__)
STREAMED = 20_000  # triples from which on a graph is streamed from the files
READ = ["GET", "HEAD", "OPTIONS"]
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <%s> { ?s ?p ?o } }"
DEFAULT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
SHOWN = 200  # lines of a graph on its page


@store.route("/graphs", methods=READ)
def indirect() -> Response:
    """A graph by its IRI, or the default graph; without either, which graphs there are."""
    if request.method == "OPTIONS":
        return _options()
    named, default = request.args.getlist("graph"), "default" in request.args
    if len(named) + default > 1:
        raise BadRequest("Name one graph: /graphs?default, or /graphs?graph=IRI once.")
    if default:
        return _graph("")
    if not named:
        return _list()
    iri = urljoin(request.base_url, named[0])
    return _graph(iri if iri in _sizes() else _canonical(iri))


@store.route("/graph/<path:name>", methods=READ)
def direct(name: str) -> Response:
    """A graph of ours by its own path."""
    return _options() if request.method == "OPTIONS" else _graph(GRAPH + name)


def _options() -> Response:
    answer = make_response("", 204)
    answer.headers["Allow"] = ", ".join(READ)
    return answer


def _canonical(iri: str) -> str:
    """Return the IRI that is meant by an address of this server; any other as it is."""
    here = request.url_root
    return BASE + iri.removeprefix(here) if iri.startswith(here) else iri


def _sizes() -> dict[str, int]:
    return _manifest()["graphs"]


def _manifest() -> dict:
    return release.manifest(_folder())


def _folder():
    return current_app.settings.releases / current_app.engine.release()


def _list() -> Response:
    """The named graphs: a page for people, the description of the data sets for programs."""
    if negotiation.choose(request.headers.get("Accept", ""), "", (*TRIPLES, negotiation.HTML)) != negotiation.HTML:
        return redirect("/.well-known/void", 303)
    sizes = _sizes()
    ours = {iri: size for iri, size in sizes.items() if not iri.startswith(DOCUMENT)}
    passages = {iri: size for iri, size in sizes.items() if iri.startswith(DOCUMENT)}
    body = render_template("graphs.html", ours=ours, passages=passages, default=_manifest()["counts"]["default graph"], shorten=shorten)
    return _varied(make_response(body))


def _graph(iri: str) -> Response:
    """One graph, the default graph where the IRI is empty; 404 names what was asked for."""
    size = _sizes().get(iri) if iri else _manifest()["counts"]["default graph"]
    if size is None:
        raise NotFound(f"No graph is called <{iri[:300]}>. /graphs lists those that there are.")
    wanted = request.args.get("format", "")
    chosen = negotiation.choose(request.headers.get("Accept", ""), wanted, (*TRIPLES, negotiation.HTML))
    if chosen == negotiation.HTML:
        return _varied(_page(iri, size))
    name = current_app.engine.release()
    tag = hashlib.sha256(f"{name} {iri} {chosen}".encode()).hexdigest()[:32]
    if tag in request.if_none_match:
        answer = make_response("", 304)
    elif iri and size >= STREAMED:
        loaded = _manifest().get("loaded", {}).get(iri, {})
        base = loaded.get("source", "") if loaded.get("source", "").startswith("http") else iri
        file = _folder() / loaded.get("file", graphs.WHOLE)
        answer = Response("" if request.method == "HEAD" else graphs.stream(file, iri, chosen, base))
    else:
        answer = make_response(current_app.engine.query(Query(CONSTRUCT % iri if iri else DEFAULT, triples=chosen)).body)
    if answer.status_code == 200:
        answer.headers["Content-Type"] = f"{chosen}; charset=utf-8" if chosen.startswith("text/") else chosen
    answer.set_etag(tag)
    answer.headers["X-Mikg-Release"] = name
    return _varied(answer)


def _page(iri: str, size: int) -> Response:
    """A page about a graph; a passage has one already."""
    if iri.startswith(DOCUMENT):
        return redirect(addresses.page(iri), 303)
    text = current_app.engine.query(Query((CONSTRUCT % iri if iri else DEFAULT) + f" LIMIT {SHOWN}")).body.decode()
    parameters = {"graph": iri} if iri else {"default": ""}
    about = next((each for each in external.sources(current_app.engine, current_language()) if each.graph == iri), None)
    return make_response(
        render_template("graph.html", about=about, iri=iri, size=size, text=text, parameters=parameters, shorten=shorten, shown=SHOWN)
    )


def _varied(answer: Response) -> Response:
    answer.headers["Vary"] = "Accept"
    return answer
