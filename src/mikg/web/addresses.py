"""Where a thing is read on this server: canonical IRIs stay what they are, links go to our own pages."""

from urllib.parse import quote

from mikg.namespaces import BASE, DOCUMENT, GRAPH, ID, MIKG


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
