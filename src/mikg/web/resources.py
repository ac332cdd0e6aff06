"""Linked data: every IRI of ours leads to a page or to data, by `Accept` (https://www.w3.org/TR/cooluris/, 303), with links that machines follow.

/id/panama           303 to /page/panama or /data/panama.ttl; so do /document/..., /rule/... and their like (/graph/... is the graph itself)
/id/panama.ttl       303 to the data in that syntax
/data/panama.ttl     the description in one syntax; /data/panama chooses by `Accept`
/linkset/panama      the links of the page as a link set (RFC 9264), for FAIR Signposting (https://signposting.org/FAIR/)
/context.jsonld      the JSON-LD context: all words; each document has those that it uses
"""

import json
import posixpath
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from flask import Blueprint, Response, current_app, make_response, redirect, request
from werkzeug.http import quote_etag

from mikg import resources
from mikg.engine import TRIPLES
from mikg.errors import NotFound
from mikg.namespaces import BASE
from mikg.web import addresses, negotiation

data = Blueprint("resources", __name__)
SUFFIXES = {suffix: media_type for suffix, media_type in negotiation.SUFFIXES.items() if media_type in TRIPLES}
ELSEWHERE = {"json": "jsonld", "xml": "rdf", "n3": "ttl"}  # what other servers call the same
SUFFIX_OF = {media_type: suffix for suffix, media_type in SUFFIXES.items()}
CACHED = "public, no-cache"  # kept, and asked for each time: the entity tag says whether it is still right
SITEMAP = 50_000  # addresses in one sitemap, the limit of https://www.sitemaps.org/protocol.html


@data.get("/id/<path:name>")
@data.get(f"/<any({', '.join(resources.FAMILIES)}):family>/<path:name>")
@data.get("/mappings", defaults={"name": "mappings", "family": ""})
def thing(name: str, family: str = "id") -> Response:
    """303: the thing itself cannot be sent, a page or data about it can."""
    iri, suffix = _named(f"{BASE}{family}/" if family else BASE, name)
    if suffix:
        return _see(address(iri, suffix))
    chosen = _chosen()
    return _see(addresses.page(iri) if chosen == negotiation.HTML else address(iri, SUFFIX_OF[chosen]))


@data.get("/data/<path:name>")
def description(name: str) -> Response:
    """What the graph says of a thing, and what says it."""
    stem, dot, suffix = name.rpartition(".")
    if dot and suffix in ELSEWHERE:
        return redirect(address(_existing(resources.iri(stem)), ELSEWHERE[suffix]), 301)
    if not (dot and suffix in SUFFIXES):
        stem, suffix = name, ""
    iri = _existing(resources.iri(stem))
    return send(iri, suffix)


@data.get("/linkset/<path:name>")
def linkset(name: str) -> Response:
    """The links of a page, by and by, as JSON."""
    iri = _existing(resources.iri(name))
    found: dict = {"anchor": _absolute(addresses.page(iri))}
    for target, relation, kind in signposts(iri):
        found.setdefault(relation, []).append({"href": target, **({"type": kind} if kind else {})})
    answer = make_response(json.dumps({"linkset": [found]}, indent=1))
    answer.headers["Content-Type"] = "application/linkset+json"
    return answer


@data.get("/context.jsonld")
def context() -> Response:
    """The JSON-LD context of the data."""
    answer = make_response(json.dumps(resources.context(current_app.engine), ensure_ascii=False, indent=1))
    answer.headers["Content-Type"] = "application/ld+json"
    return _tagged(answer, resources.tag(current_app.engine, "context", TRIPLES[2]))


@data.get("/robots.txt")
def robots() -> Response:
    """Pages and data are for all; queries are for people and their programs."""
    lines = ["User-agent: *", "Disallow: /sparql", "Disallow: /query", f"Sitemap: {addresses.home()}sitemap.xml", ""]
    return Response("\n".join(lines), mimetype="text/plain")


@data.get("/sitemap.xml")
def sitemap() -> Response:
    """The addresses of the pages: the fixed ones, the questions, and one for each thing with a name."""
    paths = ["/", "/questions", "/ontology", *(f"/questions/{name}" for name in current_app.catalogue)]
    paths += [addresses.page(iri) for iri in resources.named(current_app.engine, SITEMAP - len(paths))]
    pages = dict.fromkeys(path.partition("#")[0] for path in paths)
    root = addresses.home().rstrip("/")
    body = "".join(f"<url><loc>{escape(root + path)}</loc></url>\n" for path in pages)
    whole = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{body}</urlset>\n'
    return Response(whole, mimetype="application/xml")


@data.before_app_request
def _to_data() -> Response | None:
    """Whatever page a family of IRIs has of its own, who prefers RDF is led to the data."""
    family, _, name = request.path[1:].partition("/")
    if (
        family not in resources.FAMILIES
        or not name
        or request.endpoint in (None, "resources.thing")
        or request.method not in ("GET", "HEAD")
    ):
        return None
    return thing(name, family) if _chosen() != negotiation.HTML else None


@data.after_app_request
def _vary(answer: Response) -> Response:
    # Also where nothing is acceptable: a cache must not hand that answer to the next client.
    if request.endpoint in ("resources.thing", "resources.description") or request.path[1:].partition("/")[0] in resources.FAMILIES:
        answer.vary.add("Accept")
    return answer


def send(iri: str, suffix: str = "") -> Response:
    """Return the description of an IRI in the syntax of a suffix, else in the one that `Accept` prefers; 304 where the client has it."""
    media_type = (
        SUFFIXES[suffix] if suffix else negotiation.choose(request.headers.get("Accept", ""), request.args.get("format", ""), TRIPLES)
    )
    tag = resources.tag(current_app.engine, iri, media_type)
    if _has(tag):
        answer = make_response("", 304)
    else:
        answer = make_response(resources.serialise(current_app.engine, iri, media_type))
        answer.headers["Content-Type"] = f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
    answer.headers["Content-Location"] = address(iri, SUFFIX_OF[media_type])
    answer.headers["X-Mikg-Release"] = current_app.engine.release()
    links = [(iri, "describes", ""), (BASE.rstrip("/") + address(iri, SUFFIX_OF[media_type]), "canonical", "")]
    links += [(address(iri, other), "alternate", kind) for other, kind in SUFFIXES.items() if kind != media_type]
    links += [(addresses.page(iri), "alternate", negotiation.HTML), (resources.LICENSE, "license", "")]
    answer.headers["Link"] = header(links)
    answer.vary.add("Accept")
    return _tagged(answer, tag)


def signposts(iri: str) -> list[tuple[str, str, str]]:
    """Return what a page about an IRI links to: target, relation and media type, as FAIR Signposting has them."""
    found = [(iri, "cite-as", ""), ("https://schema.org/AboutPage", "type", "")]
    found += [(kind, "type", "") for kind in resources.schema_types(current_app.engine, iri)]
    found += [(_absolute(address(iri, suffix)), "describedby", kind) for suffix, kind in SUFFIXES.items()]
    found += [(_absolute(address(iri, "nq")), "item", SUFFIXES["nq"]), (resources.LICENSE, "license", ""), (BASE, "author", "")]
    return [*found, (_absolute("/linkset/" + _path(iri)), "linkset", "application/linkset+json")]


def header(links: list[tuple[str, str, str]]) -> str:
    """Return links as the value of a `Link` header (RFC 8288)."""
    return ", ".join(f'<{_ascii(target)}>; rel="{relation}"' + (f'; type="{kind}"' if kind else "") for target, relation, kind in links)


def address(iri: str, suffix: str = "") -> str:
    """Return where the data about an IRI are, as a path."""
    return ("/ontology" if iri == resources.ONTOLOGY else "/data/" + _path(iri)) + (f".{suffix}" if suffix else "")


def existing(path: str) -> str:
    """Return the IRI that a path behind /page/ stands for; `NotFound` offers the nearest."""
    return _existing(resources.iri(path))


def _chosen() -> str:
    return negotiation.choose(request.headers.get("Accept", ""), request.args.get("format", ""), (negotiation.HTML, *TRIPLES))


def _named(family: str, name: str) -> tuple[str, str]:
    """Return the IRI of an address and the suffix that was put behind it."""
    stem, dot, suffix = name.rpartition(".")
    suffix = ELSEWHERE.get(suffix, suffix)
    if dot and suffix in SUFFIXES and not resources.exists(current_app.engine, family + name):
        return _existing(family + stem), suffix
    return _existing(family + name), ""


def _existing(iri: str) -> str:
    engine = current_app.engine
    raw = iri[: len(BASE)] + quote(iri[len(BASE) :], safe="/-._~#:;,=@!$&'()*+")
    # What an address has in percent signs may be written so in the IRI itself.
    for each in dict.fromkeys((iri, raw, unquote(raw))):
        if each == resources.ONTOLOGY or resources.exists(engine, each):
            return each
    name = resources.path(iri)
    near = resources.nearest(engine, iri)
    hint = f"; the nearest: {', '.join(near)}" if near else "; look for it by its name on the first page"
    raise NotFound(f"nothing is called {name[:200]!r} in this graph{hint}")


def _path(iri: str) -> str:
    return quote(resources.path(iri), safe="-._~/")


def _see(path: str) -> Response:
    return redirect(path, 303)


def _absolute(path: str) -> str:
    return posixpath.join(addresses.home(), path.lstrip("/"))


def _ascii(target: str) -> str:
    return quote(target, safe="-._~:/?#[]@!$&'()*+,;=%")


def _tagged(answer: Response, tag: str) -> Response:
    answer.headers["ETag"] = quote_etag(tag)
    answer.headers["Cache-Control"] = CACHED
    if _has(tag) and answer.status_code == 200:
        answer.status_code = 304
        answer.set_data(b"")
        del answer.headers["Content-Type"]
    return answer


def _has(tag: str) -> bool:
    # A compressed answer has a tag of its own: ours, with the coding behind it.
    given = request.if_none_match
    return given.star_tag or any(each.partition(":")[0] == tag for each in given.as_set())
