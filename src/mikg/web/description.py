"""What is published, for programs and people: VoID, DCAT, the questions as RDF, prefixes, files with their checksums."""

import json
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, send_file

from mikg import downloads, external, federation, release
from mikg.description import citing, dataset, examples, service, versions
from mikg.description.triples import serialize
from mikg.engine import TRIPLES, Query
from mikg.errors import NotFound
from mikg.namespaces import PREFIXES
from mikg.web import negotiation
from mikg.web.addresses import home
from mikg.web.languages import current_language

published = Blueprint("description", __name__)
SUFFIXES = "any(ttl, nt, jsonld, rdf, trig, nq):form"
OPEN_DATA = """
CONSTRUCT { ?graph ?property ?value }
WHERE { GRAPH ?graph { ?graph a <http://rdfs.org/ns/void#Dataset> ; ?property ?value } }
"""


@published.get("/.well-known/void")
@published.get("/description")
@published.get(f"/description.<{SUFFIXES}>")
def description(form: str = "") -> Response:
    """The data set, its parts, files and service."""
    address, engine = home(), current_app.engine
    folder = _folder()
    whole = dataset.describe(address, folder, release.manifest(folder))
    whole.extend(versions.describe(address, folder, release.versions(current_app.settings.releases)))
    whole.extend(service.describe(address, engine.graphs(), current_app.settings, federation.endpoints(engine)))
    own = engine.query(Query(OPEN_DATA, triples="application/n-triples")).body
    whole.extend(quad.triple for quad in ox.parse(own, ox.RdfFormat.N_TRIPLES))
    return _rdf(whole, form)


@published.get("/catalogue")
@published.get(f"/catalogue.<{SUFFIXES}>")
def catalogue(form: str = "") -> Response:
    """The competency questions as queries that an editor can offer."""
    return _rdf(examples.describe(current_app.catalogue, f"{home()}sparql"), form)


@published.get("/prefixes")
@published.get(f"/prefixes.<{SUFFIXES}>")
def prefixes(form: str = "") -> Response:
    """The prefixes of the project."""
    return _rdf(examples.prefixes(), form)


@published.get("/prefixes.json")
def prefixes_json() -> Response:
    """The prefixes as one JSON object."""
    return Response(json.dumps(PREFIXES, indent=2) + "\n", mimetype="application/json")


@published.get("/dataset")
def about() -> Response:
    """The IRI of the data set itself: a person is sent to the page, a program to the description."""
    html = negotiation.choose(request.headers.get("Accept", ""), "", (*TRIPLES, negotiation.HTML)) == negotiation.HTML
    answer = redirect("/downloads" if html else "/.well-known/void", 303)
    answer.headers["Vary"] = "Accept"
    return answer


@published.get("/downloads")
def page() -> str:
    """The files with sizes and checksums, licences, how to cite, and the addresses for programs."""
    folder = _folder()
    digests = release.manifest(folder)["files"]
    files = [(file, (folder / file.name).stat().st_size, digests[file.name]) for file in downloads.FILES if file.name in digests]
    return render_template(
        "downloads.html",
        files=files,
        release=folder.name,
        sources=external.sources(current_app.engine, current_language()),
        counts=release.manifest(folder)["counts"],
        about=dataset,
        address=home(),
    )


@published.get("/SHA256SUMS")
def sums() -> Response:
    """The checksums of the files, as `sha256sum --check` reads them."""
    return Response(downloads.sums(release.manifest(_folder())["files"]), mimetype="text/plain")


@published.get("/manifest.json")
def manifest() -> Response:
    """What the release in use was made of and holds."""
    return send_file(_folder() / "manifest.json", mimetype="application/json")


@published.get("/CITATION.cff")
def citation() -> Response:
    """How to cite the data set, with the release in use: https://citation-file-format.github.io/"""
    return Response(citing.cff(_folder(), home()), mimetype="application/yaml")


FILE = f"any({', '.join(repr(file.name) for file in downloads.FILES)}):name"


@published.get(f"/<{FILE}>")
def download(name: str) -> Response:
    """One file of the release in use, whole."""
    return _sent(_folder(), name)


@published.get(f"/release/<version>/<{FILE}>")
def download_of(version: str, name: str) -> Response:
    """One file of a release that is still there."""
    return _sent(_version(version), name)


@published.get("/release/<version>")
def of_version(version: str) -> Response:
    """The IRI of a release: a person is sent to the page, a program to what the release was made of."""
    html = negotiation.choose(request.headers.get("Accept", ""), "", (*TRIPLES, negotiation.HTML)) == negotiation.HTML
    _version(version)
    answer = redirect("/downloads" if html else "/.well-known/void", 303)
    answer.headers["Vary"] = "Accept"
    return answer


def _version(version: str) -> Path:
    known = {folder.name: folder for folder in release.versions(current_app.settings.releases)}
    if version not in known:
        raise NotFound(f"no release {version[:60]!r} is here; there is: {', '.join(known)}")
    return known[version]


def _sent(folder: Path, name: str) -> Response:
    path = folder / name
    if not path.is_file():
        abort(404)
    (file,) = (each for each in downloads.FILES if each.name == name)
    answer = send_file(path, mimetype="application/gzip" if file.packed else file.media_type, download_name=f"mikg-{name}")
    answer.set_etag(release.manifest(folder)["files"][name])
    return answer.make_conditional(request)


def _folder() -> Path:
    return current_app.settings.releases / current_app.engine.release()


def _rdf(triples: Iterable[ox.Triple], form: str) -> Response:
    chosen = negotiation.choose(request.headers.get("Accept", ""), form, TRIPLES)
    answer = make_response(serialize(triples, chosen))
    answer.headers["Content-Type"] = f"{chosen}; charset=utf-8" if chosen.startswith("text/") else chosen
    answer.headers["Vary"] = "Accept"
    answer.headers["X-Mikg-Release"] = current_app.engine.release()
    answer.add_etag()
    return answer.make_conditional(request)
