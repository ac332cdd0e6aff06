"""Where a thing is read on this server: canonical IRIs stay what they are, links go to our own pages."""

import ipaddress
from urllib.parse import quote, urlsplit

from flask import current_app, request

from mikg.namespaces import BASE, DOCUMENT, GRAPH, ID, MIKG
from mikg.settings import EVERYWHERE


def page(iri: str) -> str:
    """Return the address of the page about an IRI of ours as a path, and any other IRI as it is.

    >>> page("https://w3id.org/mikg/id/panama")
    '/page/panama'
    >>> page("https://w3id.org/mikg/document/voa-us-panama/p11-s1")
    '/documents/voa-us-panama#p11-s1'
    >>> page("https://w3id.org/mikg/ontology#Agreement")
    '/ontology#Agreement'
    >>> page("https://w3id.org/mikg/rule/label")
    '/page/rule/label'
    >>> page("http://www.wikidata.org/entity/Q804")
    'http://www.wikidata.org/entity/Q804'
    """
    if iri.startswith(ID):
        return "/page/" + quote(iri.removeprefix(ID), safe="-._~")
    if iri.startswith(DOCUMENT):
        key, _, passage = iri.removeprefix(DOCUMENT).partition("/")
        return f"/documents/{quote(key, safe='')}" + (f"#{quote(passage, safe='-._~/')}" if passage else "")
    if iri.startswith(MIKG):
        return "/ontology#" + quote(iri.removeprefix(MIKG), safe="-._~")
    if iri == BASE + "ontology":
        return "/ontology"
    if iri.startswith(GRAPH):
        return "/graphs?" + "graph=" + quote(iri, safe="")
    return "/page/" + quote(iri.removeprefix(BASE), safe="-._~/") if iri.startswith(BASE) else iri


def home() -> str:
    """Return the address under which this server describes itself, with a slash at its end.

    It is that of MIKG_ADDRESS; else the one that the request names, where it comes through the trusted proxy or names this machine or
    its network by number. Any other name is the client's say-so, and would send whoever reads the answer to where the client likes.
    """
    settings = current_app.settings
    if settings.address:
        return settings.address
    if settings.trusted_proxy or _ours(request.host, settings.host):
        return request.url_root
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{request.scheme}://{'127.0.0.1' if settings.host in EVERYWHERE else host}:{request.environ['SERVER_PORT']}/"


def _ours(given: str, own: str) -> bool:
    try:
        name = urlsplit(f"//{given}").hostname or ""
    except ValueError:
        return False
    if name in ("localhost", own.lower()):
        return True
    try:
        return ipaddress.ip_address(name).is_private
    except ValueError:
        return False
