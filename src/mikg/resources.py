"""What the graph says about one IRI of ours, and what says it, as RDF in every syntax.

A description holds, each statement in its named graph: the statements whose subject or object the IRI is; all that is stated
of the nodes with qualifiers that point to it (figures, claims, participations ...); the derivations of what was inferred;
each passage that one of these statements rests on, with its place, gist and document; and the names of what is spoken of.
Syntaxes with graphs (TriG, N-Quads) keep them; the others have their merge, and name the passages as what the whole rests on.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import lru_cache

import pyoxigraph as ox

from mikg import spelling, vocabulary
from mikg.engine import TRIPLES, Engine, Query
from mikg.engine.worker import TRIPLES as SYNTAXES
from mikg.errors import NotFound
from mikg.namespaces import BASE, DCTERMS, DOCUMENT, GRAPH, ID, MIKG, OWL, PREFIXES, PROV, RDF, RDFS, SCHEMA, SKOS, XSD, is_sound, shorten

ONTOLOGY = BASE + "ontology"
DATA = BASE + "data/"  # where the data about a thing have an IRI of their own
FAMILIES = ("document", "rule", "mapping", "mappings", "authority")  # what IRIs of ours begin with, besides id/ and graph/
WHOLES = ("ontology", "mappings")  # IRIs of ours that are one word
LICENSE = "https://creativecommons.org/licenses/by/4.0/"
INCOMING = 2_000  # statements with the thing as their object: a hub has more, and says so
LOOKED_THROUGH = 20_000  # names among which the nearest are looked for
AT_ONCE = 200  # IRIs in one query
WITH_GRAPHS = ("application/trig", "application/n-quads")
FOAF = "http://xmlns.com/foaf/0.1/"
VOID = "http://rdfs.org/ns/void#"
# Nodes that say something with its qualifiers, and are nothing without what they point to.
NODES = (
    *(MIKG + name for name in ["Absence", "Claim", "Commitment", "Comparison", "CountryRole", "DataFlow", "Figure", "Judgemen"]),
    *(MIKG + name for name in ["t", "Membership", "MigrationFlow", "MissingFigure", "Participation", "PostHolding", "Quotation"]),
    OWL + "NegativePropertyAssertion",
)
KNOWN = "ASK { { GRAPH ?any { ?iri ?p ?o } } UNION { GRAPH ?any { ?s ?q ?iri } } UNION { GRAPH ?iri { ?s ?r ?o } } }"
OUTGOING = "SELECT ?graph ?s ?p ?o WHERE { GRAPH ?graph { ?s ?p ?o } } ORDER BY ?graph ?p ?o"
INCOMING_OF = f"""
PREFIX mikg: <{MIKG}> PREFIX rdf: <{RDF}>
SELECT ?graph ?s ?p ?o WHERE {{
  GRAPH ?graph {{ ?s ?p ?o }}
  FILTER(?p NOT IN (rdf:subject, rdf:object, mikg:premise))
}}
ORDER BY ?s ?p ?graph LIMIT {INCOMING + 1}
"""
DERIVATIONS = f"""
PREFIX mikg: <{MIKG}> PREFIX rdf: <{RDF}>
SELECT ?graph ?s ?p ?o WHERE {{ GRAPH ?graph {{ ?s rdf:subject ?node ; a mikg:Derivation ; ?p ?o }} }}
"""
# The IRIs of these enter where %s stands, each after `is_sound`. A second VALUES would be joined with all that the graph says, not looked up.
NODES_OF = "SELECT DISTINCT ?s WHERE { VALUES ?s { %s } ?s a ?class FILTER(?class IN (" + ", ".join(f"<{each}>" for each in NODES) + ")) }"
ALL_OF = "SELECT ?graph ?s ?p ?o WHERE { VALUES ?s { %s } GRAPH ?graph { ?s ?p ?o } }"
PLACES_OF = f"SELECT (<{GRAPH}documents> AS ?graph) ?s ?p ?o WHERE {{ VALUES ?s {{ %s }} GRAPH <{GRAPH}documents> {{ ?s ?p ?o }} }}"
NAMES_OF = f"""
PREFIX dcterms: <{DCTERMS}> PREFIX skos: <{SKOS}>
SELECT ?graph ?s ?p ?o WHERE {{
  VALUES ?s {{ %s }}
  {{ GRAPH ?graph {{ ?s skos:prefLabel ?o }} BIND(skos:prefLabel AS ?p) }} UNION {{ GRAPH ?graph {{ ?s dcterms:title ?o }} BIND(dcterms:title AS ?p) }}
}}
"""
WHOLE = f"SELECT ?graph ?s ?p ?o WHERE {{ VALUES ?graph {{ <{GRAPH}ontology> <{GRAPH}shapes> }} GRAPH ?graph {{ ?s ?p ?o }} }}"
NAMED = f"""
PREFIX dcterms: <{DCTERMS}> PREFIX skos: <{SKOS}>
SELECT DISTINCT ?s WHERE {{ ?s skos:prefLabel|dcterms:title ?name FILTER(STRSTARTS(STR(?s), "{BASE}")) }} ORDER BY ?s LIMIT %d
"""
KINDS_OF = "SELECT DISTINCT ?o WHERE { GRAPH ?any { ?s a ?o } } ORDER BY ?o"


def exists(engine: Engine, iri: str) -> bool:
    """Whether the graph says anything of an IRI, or has a graph of that name."""
    if not is_sound(iri):
        return False
    return json.loads(engine.query(Query(KNOWN, {"iri": _iri(iri)})).body)["boolean"]


def tag(engine: Engine, iri: str, media_type: str) -> str:
    """Return a strong entity tag: another for another release, thing or syntax."""
    return hashlib.sha256(f"{engine.release()}\n{iri}\n{media_type}".encode()).hexdigest()[:20]


def serialise(engine: Engine, iri: str, media_type: str) -> bytes:
    """Return the description of an IRI in a syntax; `NotFound` where the graph knows nothing of it."""
    found = describe(engine, iri)
    if media_type in WITH_GRAPHS:
        return ox.serialize(_sorted(found), format=SYNTAXES[media_type], prefixes=_used(found))
    merged = sorted({quad.triple for quad in found}, key=str)
    if media_type == TRIPLES[2]:
        return _json_ld(engine, merged, iri)
    return ox.serialize(merged, format=SYNTAXES[media_type], prefixes=_used(found))


def describe(engine: Engine, iri: str) -> frozenset[ox.Quad]:
    """Return what the graph says about an IRI and what says it; the document of the data itself is described in the default graph."""
    return _describe(engine, iri, engine.release())


@lru_cache(maxsize=64)
def _describe(engine: Engine, iri: str, release: str) -> frozenset[ox.Quad]:
    if iri == ONTOLOGY:
        quads = set(_ask(engine, WHOLE))
        return frozenset({*quads, *_about(iri, quads, False)})
    incoming = list(_ask(engine, INCOMING_OF, o=iri))
    cut = len(incoming) > INCOMING
    quads = {*_ask(engine, OUTGOING, s=iri), *incoming[:INCOMING], *_ask(engine, DERIVATIONS, node=iri)}
    if not quads and not exists(engine, iri):
        raise NotFound(f"nothing is called {iri[:200]} in this graph")
    if iri.startswith(ID):
        subjects = {quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)} - {iri}
        nodes = [row["s"]["value"] for row in _rows(engine, NODES_OF, subjects)]
        quads |= set(_quads(_rows(engine, ALL_OF, nodes)))
    if iri.startswith(DOCUMENT):
        quads |= set(_ask(engine, OUTGOING, graph=iri))
        # A place in the text is an IRI below the document's, so it is described with it.
        parts = {term.value for quad in quads for term in (quad.subject, quad.object) if _is_part(term, iri)}
        quads |= set(_quads(_rows(engine, PLACES_OF, parts)))
        places = {quad.object.value for quad in quads if _is_part(quad.object, iri)}
        quads |= set(_quads(_rows(engine, PLACES_OF, places - parts)))
    rests = _passages(quads)
    quads |= set(_quads(_rows(engine, PLACES_OF, rests | {_document(each) for each in rests})))
    spoken_of = {
        term.value
        for quad in quads
        for term in (quad.subject, quad.object)
        if isinstance(term, ox.NamedNode) and term.value.startswith(BASE)
    }
    quads |= set(_quads(_rows(engine, NAMES_OF, spoken_of - {iri})))
    return frozenset({*quads, *_about(iri, quads, cut)})


def named(engine: Engine, limit: int) -> list[str]:
    """Return the IRIs of ours that have a name, A to Z, as many as `limit` at most."""
    return list(_named(engine, engine.release(), limit))


@lru_cache(maxsize=4)
def _named(engine: Engine, release: str, limit: int) -> tuple[str, ...]:
    rows = json.loads(engine.query(Query(NAMED % limit)).body)["results"]["bindings"]
    return tuple(row["s"]["value"] for row in rows)


def nearest(engine: Engine, iri: str) -> list[str]:
    """Return up to three names that are written much as that of an unknown IRI."""
    names = [path(each) for each in named(engine, LOOKED_THROUGH) if each.startswith(iri[: len(ID)])]
    return spelling.nearest(path(iri)[:100], names)


def schema_types(engine: Engine, iri: str) -> list[str]:
    """Return the types of schema.org that the graph gives to an IRI."""
    rows = json.loads(engine.query(Query(KINDS_OF, {"s": _iri(iri)})).body)["results"]["bindings"]
    return [row["o"]["value"] for row in rows if row["o"]["value"].startswith(SCHEMA)]


def _ask(engine: Engine, text: str, **bound: str) -> Iterator[ox.Quad]:
    answer = engine.query(Query(text, {name: _iri(value) for name, value in bound.items()}))
    return _quads(json.loads(answer.body)["results"]["bindings"])


def _rows(engine: Engine, text: str, iris: Iterable[str]) -> Iterator[dict]:
    wanted = sorted(iri for iri in iris if is_sound(iri))
    for start in range(0, len(wanted), AT_ONCE):
        values = " ".join(f"<{iri}>" for iri in wanted[start : start + AT_ONCE])
        yield from json.loads(engine.query(Query(text % values)).body)["results"]["bindings"]


def _quads(rows: Iterable[dict]) -> Iterator[ox.Quad]:
    for row in rows:
        yield ox.Quad(*(_term(row[name]) for name in ("s", "p", "o", "graph")))


def _is_part(term: object, iri: str) -> bool:
    return isinstance(term, ox.NamedNode) and term.value.startswith((iri + "/", iri + "#", _document(iri) + "#"))


def _iri(value: str) -> dict[str, str]:
    return {"type": "uri", "value": value}


def _term(term: dict[str, str]) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    if term["type"] == "uri":
        return ox.NamedNode(term["value"])
    if term["type"] == "bnode":
        return ox.BlankNode(term["value"])
    if language := term.get("xml:lang"):
        return ox.Literal(term["value"], language=language)
    datatype = term.get("datatype")
    return ox.Literal(term["value"], datatype=ox.NamedNode(datatype)) if datatype else ox.Literal(term["value"])


def _passages(quads: Iterable[ox.Quad]) -> set[str]:
    named = {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, ox.NamedNode)}
    derived = {
        quad.object.value for quad in quads if quad.predicate.value == PROV + "wasDerivedFrom" and isinstance(quad.object, ox.NamedNode)
    }
    return {iri for iri in named | derived if iri.startswith(DOCUMENT)}


def _document(passage: str) -> str:
    return DOCUMENT + passage.removeprefix(DOCUMENT).partition("/")[0]


def _about(iri: str, quads: Iterable[ox.Quad], cut: bool) -> Iterator[ox.Quad]:
    """What the data are: a document about the thing, that rests on passages and other graphs."""
    data, thing = ox.NamedNode(DATA + path(iri)), ox.NamedNode(iri)
    yield ox.Quad(data, ox.NamedNode(RDF + "type"), ox.NamedNode(FOAF + "Document"))
    yield ox.Quad(data, ox.NamedNode(FOAF + "primaryTopic"), thing)
    yield ox.Quad(data, ox.NamedNode(DCTERMS + "license"), ox.NamedNode(LICENSE))
    graphs = {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, ox.NamedNode)}
    for graph in graphs:
        yield ox.Quad(data, ox.NamedNode(PROV + "wasDerivedFrom"), ox.NamedNode(graph))
    if iri in graphs and iri.startswith(GRAPH):
        yield ox.Quad(thing, ox.NamedNode(VOID + "dataDump"), ox.NamedNode(BASE + "graphs?graph=" + iri))
    if cut:
        said = f"Of the statements that point to this thing the first {INCOMING} are here; a query or the whole graph has all."
        yield ox.Quad(data, ox.NamedNode(RDFS + "comment"), ox.Literal(said, language="en"))


def path(iri: str) -> str:
    """Return what stands behind /data/ and /page/ for an IRI of ours.

    >>> path(ID + "panama"), path(DOCUMENT + "voa-us-panama/p4"), path(ONTOLOGY)
    ('panama', 'document/voa-us-panama/p4', 'ontology')
    """
    return iri.removeprefix(ID) if iri.startswith(ID) else iri.removeprefix(BASE)


def iri(path: str) -> str:
    """Return the IRI that a path behind /data/ or /page/ stands for: `path` the other way round.

    >>> iri("panama"), iri("graph/external/countries")
    ('https://w3id.org/mikg/id/panama', 'https://w3id.org/mikg/graph/external/countries')
    """
    first, slash, _ = path.partition("/")
    return BASE + path if path in WHOLES or (slash and first in (*FAMILIES, "graph")) else ID + path


def _sorted(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    return sorted(quads, key=lambda quad: (str(quad.graph_name), str(quad.subject), str(quad.predicate), str(quad.object)))


def _used(quads: Iterable[ox.Quad]) -> dict[str, str]:
    iris = {term.value for quad in quads for term in quad.triple if isinstance(term, ox.NamedNode)}
    known = {**PREFIXES, "foaf": FOAF}
    return {prefix: namespace for prefix, namespace in known.items() if any(iri.startswith(namespace) for iri in iris)}


def context(engine: Engine) -> dict:
    """Return the JSON-LD context: our terms by their local names, prefixes, and what is common of other vocabularies."""
    return _context(engine, engine.release())


@lru_cache(maxsize=4)
def _context(engine: Engine, release: str) -> dict:
    known = vocabulary.read(engine)
    keys: dict = {
        "@version": 1.1,
        **{prefix: {"@id": namespace, "@prefix": True} for prefix, namespace in {**PREFIXES, "foaf": FOAF, "void": VOID}.items()},
        "type": "@type",
        "label": {"@id": RDFS + "label", "@container": "@language"},
        "prefLabel": {"@id": SKOS + "prefLabel", "@container": "@language"},
        "altLabel": {"@id": SKOS + "altLabel", "@container": "@language"},
        "definition": {"@id": SKOS + "definition", "@container": "@language"},
        "title": {"@id": DCTERMS + "title", "@container": "@language"},
        "value": {"@id": SCHEMA + "value"},
        "minValue": {"@id": SCHEMA + "minValue"},
        "maxValue": {"@id": SCHEMA + "maxValue"},
        "sameAs": {"@id": SCHEMA + "sameAs", "@type": "@id"},
        "exactMatch": {"@id": SKOS + "exactMatch", "@type": "@id"},
        "isPartOf": {"@id": DCTERMS + "isPartOf", "@type": "@id"},
        "subject": {"@id": DCTERMS + "subject", "@type": "@id"},
        "publisher": {"@id": DCTERMS + "publisher", "@type": "@id"},
        "license": {"@id": DCTERMS + "license", "@type": "@id"},
        "issued": {"@id": DCTERMS + "issued", "@type": XSD + "date"},
        "wasDerivedFrom": {"@id": PROV + "wasDerivedFrom", "@type": "@id"},
        "primaryTopic": {"@id": FOAF + "primaryTopic", "@type": "@id"},
    }
    for term in known.terms.values():
        if term.kind in vocabulary.PROPERTIES and term.local not in keys:
            keys[term.local] = {"@id": term.iri, **_coercion(term)}
        elif term.kind == "class" and term.local not in keys:
            keys[term.local] = {"@id": term.iri}
    return {"@context": keys}


def _coercion(term: vocabulary.Term) -> dict[str, str]:
    if term.kind == "relation":
        return {"@type": "@id"}
    dates = {"earliest": "date", "latest": "date", "attestedOn": "date", "year": "gYear"}
    return {"@type": XSD + dates[term.local]} if term.local in dates else {}


def _json_ld(engine: Engine, triples: list[ox.Triple], iri: str) -> bytes:
    # Imported here: only this syntax needs it. PyLD took 30 times as long for the same answer.
    import rdflib

    graph = rdflib.Graph().parse(data=ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES), format="nt")
    keys = context(engine)["@context"]
    nodes = json.loads(graph.serialize(format="json-ld", context=keys, use_native_types=True))["@graph"]
    # The thing itself comes first, then those that speak of it, A to Z.
    first = shorten(iri)
    nodes.sort(key=lambda node: (node["@id"] not in (first, iri), node["@id"]))
    # The keys that are used come along: the data can be read far from any server, and say the same from each.
    used = set(_words(nodes))
    own = {key: meaning for key, meaning in keys.items() if key in used or key == "@version"}
    return json.dumps({"@context": own, "@graph": nodes}, ensure_ascii=False, indent=1).encode()


def _words(value: object) -> Iterator[str]:
    """The keys, words and prefixes of a JSON document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from (key, key.partition(":")[0])
            yield from _words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner)
    elif isinstance(value, str):
        yield from (value, value.partition(":")[0])
