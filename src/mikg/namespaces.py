"""The IRIs of the project, and the prefixes that its files, answers and messages use."""

import re

BASE = "https://w3id.org/mikg/"
MIKG = BASE + "ontology#"
ID = BASE + "id/"
DOCUMENT = BASE + "document/"
GRAPH = BASE + "graph/"
EXTERNAL = GRAPH + "external/"
RULE = BASE + "rule/"
MAPPING = BASE + "mapping/"  # records of the mapping tables
RELEASE = BASE + "release/"  # versions of the data set
AUTHORITY = BASE + "authority/"  # other graphs and code lists, by the prefix of their terms

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
PROV = "http://www.w3.org/ns/prov#"
SCHEMA = "https://schema.org/"
SSSOM = "https://w3id.org/sssom/"

PREFIXES = {
    "dcterms": DCTERMS,
    "doc": DOCUMENT,
    "geo": "http://www.opengis.net/ont/geosparql#",
    "graph": GRAPH,
    "id": ID,
    "mikg": MIKG,
    "oa": "http://www.w3.org/ns/oa#",
    "org": "http://www.w3.org/ns/org#",
    "owl": OWL,
    "prov": PROV,
    "qb": "http://purl.org/linked-data/cube#",
    "rdf": RDF,
    "rdfs": RDFS,
    "rule": RULE,
    "schema": SCHEMA,
    "sem": "http://semanticweb.cs.vu.nl/2009/11/sem/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": SKOS,
    "sssom": SSSOM,
    "xsd": XSD,
}

# How a thing of ours may stand to a term of another graph, nearest first; and the term that says that none was found.
MATCHES = tuple(SKOS + name for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch"))
NONE_FOUND = SSSOM + "NoTermFound"

# Graphs of ours whose statements stand in the default graph, beside those of the passages: not shapes, open data, mapping records and descriptions.
PUBLIC = frozenset(GRAPH + name for name in ("documents", "entities", "curation", "derived", "links", "ontology"))

# What one copies from the address line of a browser: our pages, on whatever server they are read.
PASTED = (
    (re.compile(r"https?://[^/?#]+/(?:page|data)/((?:document|rule|mapping|authority|graph)/[\w./-]+)"), BASE),
    (re.compile(r"https?://[^/?#]+/(?:page|data)/([a-z0-9][a-z0-9-]*)"), ID),
    (re.compile(r"https?://[^/?#]+/documents/([a-z0-9][a-z0-9-]*(?:#[\w-]+)?)"), DOCUMENT),
    (re.compile(r"https?://[^/?#]+/ontology#([A-Za-z][\w-]*)"), MIKG),
)
SUFFIX = re.compile(r"\.(?:ttl|nt|jsonld|rdf|trig|nq)$")

LONGEST = 2_000  # letters of an IRI that is looked for

# Longest namespace first, so that `graph:` wins over a prefix that its IRI also begins with.
_BY_LENGTH = sorted(PREFIXES.items(), key=lambda item: -len(item[1]))


def shorten(iri: str) -> str:
    """Return the IRI as a CURIE where a known prefix covers it, else in angle brackets.

    >>> shorten("https://w3id.org/mikg/id/panama")
    'id:panama'
    >>> shorten("https://w3id.org/mikg/document/voa-us-panama/p4")
    'doc:voa-us-panama/p4'
    >>> shorten("https://example.org/")
    '<https://example.org/>'
    """
    for prefix, namespace in _BY_LENGTH:
        if iri.startswith(namespace) and len(iri) > len(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return f"<{iri}>"


def expand(name: str) -> str | None:
    """Return the IRI that a CURIE, an IRI (in angle brackets or bare) or the address of one of our pages stands for; None for others.

    >>> expand("id:panama")
    'https://w3id.org/mikg/id/panama'
    >>> expand("http://localhost:8000/page/panama?lang=es#links")
    'https://w3id.org/mikg/id/panama'
    >>> expand("panama") is None
    True
    """
    name = name.strip()
    if name.startswith("<") and name.endswith(">"):
        name = name[1:-1]
    if name.startswith(("http://", "https://")):
        return _pasted(name)
    prefix, colon, local = name.partition(":")
    if not colon:
        return None
    if prefix in PREFIXES:
        return PREFIXES[prefix] + local
    return name if "/" in local or prefix == "urn" else None


def _pasted(address: str) -> str:
    """Return the IRI that the address of a page of ours leads to; any other as it is.

    >>> _pasted("https://mikg.example.org/documents/voa-us-panama#p4")
    'https://w3id.org/mikg/document/voa-us-panama/p4'
    >>> _pasted("http://dbpedia.org/page/Panama")
    'http://dbpedia.org/page/Panama'
    """
    address = re.sub(r"^https?://(?:www\.)?w3id\.org/mikg/", BASE, address)
    place, _, fragment = address.partition("#")
    plain = SUFFIX.sub("", place.partition("?")[0])
    if address.startswith(BASE):
        return plain if plain.startswith(ID) else address
    for pattern, namespace in PASTED:
        # A part of a page is a thing of its own among the passages and terms, and nowhere else.
        own = f"{plain}#{fragment}" if fragment and namespace in (DOCUMENT, MIKG) else plain
        if found := pattern.fullmatch(own):
            return namespace + (found[1].replace("#", "/") if namespace == DOCUMENT else found[1])
    return address


def is_sound(iri: str) -> bool:
    """Whether a text is an IRI, and so can stand between < and > in a query.

    >>> is_sound(ID + "panama"), is_sound(ID + "a b"), is_sound(ID + 'x"><script>')
    (True, False, False)
    """
    import pyoxigraph as ox

    if len(iri) > LONGEST or re.search(r'[\x00-\x20<>"{}|\\^`\x7f]', iri):
        return False
    try:
        ox.NamedNode(iri)
    except ValueError:
        return False
    return True


def is_public(graph: str) -> bool:
    """Whether the named graph with this IRI is part of the default graph.

    >>> is_public(DOCUMENT + "voa-us-panama/p4"), is_public(EXTERNAL + "countries")
    (True, False)
    """
    return graph.startswith(DOCUMENT) or graph in PUBLIC
