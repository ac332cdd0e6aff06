"""What SHACL does not see: undeclared terms, things without a name, statements outside a passage, forms that a store would change."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

import rdflib
from rdflib import OWL, RDF, RDFS, SKOS, XSD, Literal, URIRef

from mikg import spelling
from mikg.findings import Finding
from mikg.namespaces import DOCUMENT, EXTERNAL, GRAPH, ID, MIKG, shorten
from mikg.sources import Sources, Statement

# Families of graph in which a curator writes; the others are passages.
OURS = frozenset(GRAPH + name for name in ("documents", "entities", "curation", "mappings", "ontology", "shapes"))
NAMING = frozenset([RDF.type, SKOS.prefLabel, SKOS.altLabel, SKOS.inScheme, SKOS.broader, SKOS.topConceptOf, URIRef(MIKG + "acronym")])
TEXTS = frozenset([SKOS.prefLabel, SKOS.altLabel, SKOS.definition, SKOS.example, SKOS.scopeNote]) | {
    URIRef(MIKG + name) for name in ("gist", "proposition", "asPrinted", "namedAs", "dateText", "basis", "noStatement", "baseText")
}
# Labels that a rule gives to statements which have no name of their own.
LABELLED_BY_RULE = frozenset(
    URIRef(MIKG + name)
    for name in (
        "asPrinted",
        "proposition",
        "basis",
        "renders",
        "participant",
        "holder",
        "member",
        "country",
        "origin",
        "transit",
        "dataSource",
        "population",
    )
)
VOCABULARIES = (
    RDF,
    RDFS,
    OWL,
    SKOS,
    rdflib.DCTERMS,
    rdflib.PROV,
    rdflib.ORG,
    rdflib.QB,
    rdflib.SDO,
    rdflib.namespace.GEO,
    rdflib.SH,
    rdflib.VOID,
    rdflib.DCAT,
)
CANONICAL = {
    XSD.integer: r"-?(0|[1-9]\d*)",
    XSD.decimal: r"-?(0|[1-9]\d*)(\.\d*[1-9])?",
    XSD.boolean: r"true|false",
}
STORED_AS_INTEGER = frozenset(
    XSD[name]
    for name in [
        "int",
        "long",
        "short",
        "byte",
        "nonNegativeInteger",
        "positiveInteger",
        "negativeInteger",
        "nonPositiveInteger",
        "unsignedInt",
        "unsignedLong",
    ]
)


def check(sources: Sources) -> list[Finding]:
    """Return what is untidy in the sources, in order."""
    curated = [each for each in sources.statements if each.file.startswith("graph/") and not each.graph.startswith(EXTERNAL)]
    declared = {each.subject for each in sources.statements if each.file.startswith("ontology/")}
    rules = (_vocabulary(curated, declared), _places(curated), _entities(curated), _literals(curated), _meanings(curated))
    return sorted({finding for rule in rules for finding in rule})


def _finding(each: Statement, rule: str, message: str, severity: str = "violation") -> Finding:
    return Finding(each.file, each.line, str(each.subject), rule, message, severity)


def _vocabulary(statements: list[Statement], declared: set) -> Iterator[Finding]:
    """Each term of ours is declared in the ontology, each foreign one exists where its vocabulary is known."""
    names = sorted(str(term).removeprefix(MIKG) for term in declared if str(term).startswith(MIKG))
    for each in statements:
        for term, role in ((each.predicate, "property"), (each.object, "term")):
            if not isinstance(term, URIRef) or term in declared:
                continue
            if str(term).startswith(MIKG):
                near = spelling.nearest(str(term).removeprefix(MIKG), names, 1)
                hint = f"; the nearest: mikg:{near[0]}" if near else ""
                yield _finding(each, "hygiene-declared", f"the {role} {shorten(term)} is not declared in ontology/mikg.ttl{hint}.")
            elif (role == "property" or each.predicate == RDF.type) and not _known(term):
                yield _finding(
                    each,
                    "hygiene-declared",
                    f"the {role} {shorten(term)} is in no vocabulary that is known here; declare or align it in ontology/.",
                )


@cache
def _known(term: URIRef) -> bool:
    for vocabulary in VOCABULARIES:
        if str(term).startswith(str(vocabulary)):
            return str(term).removeprefix(str(vocabulary)) in dir(vocabulary) or term in vocabulary
    return False


def _places(statements: list[Statement]) -> Iterator[Finding]:
    """Each statement stands in the graph of a passage that is described, or in one of ours."""
    passages = {each.subject for each in statements if each.predicate == URIRef(MIKG + "document")}
    described = {each.subject for each in statements if each.graph == GRAPH + "documents"}
    for each in statements:
        if each.graph in OURS:
            if each.graph == GRAPH + "entities" and each.predicate not in NAMING:
                message = f"{shorten(each.predicate)} does not belong into graph:entities, which holds names and types; put it where its source is."
                yield _finding(each, "hygiene-entities", message)
        elif not each.graph:
            yield _finding(each, "hygiene-graph", "it stands in no named graph; write it within { } after the IRI of its passage.")
        elif URIRef(each.graph) not in passages:
            message = f"its graph {shorten(each.graph)} is no passage that graph:documents describes (with mikg:document)."
            yield _finding(each, "hygiene-graph", message)
        for term in (each.subject, each.object):
            if isinstance(term, URIRef) and str(term).startswith(DOCUMENT) and term not in described:
                yield _finding(each, "hygiene-passage", f"{shorten(term)} is no document or passage that graph:documents describes.")


def _entities(statements: list[Statement]) -> Iterator[Finding]:
    """Each thing is typed, and has an English label or gets one by rule."""
    typed = {each.subject for each in statements if each.predicate == RDF.type}
    labelled = {each.subject for each in statements if each.predicate in LABELLED_BY_RULE}
    labelled |= {each.subject for each in statements if each.predicate == SKOS.prefLabel and each.object.language == "en"}
    seen = set()
    names = sorted(str(node).removeprefix(ID) for node in typed if str(node).startswith(ID))
    for each in statements:
        for term in (each.subject, each.object):
            if not isinstance(term, URIRef) or not str(term).startswith(ID) or term in seen:
                continue
            seen.add(term)
            if term not in typed:
                near = spelling.nearest(str(term).removeprefix(ID), names, 1)
                hint = f" Or is id:{near[0]} meant?" if near else ""
                message = f"{shorten(term)} has no type; add it to graph/entities.ttl, or its class to the passage that describes it.{hint}"
                yield Finding(each.file, each.line, str(term), "hygiene-typed", message)
            elif term not in labelled:
                message = "it has no English name; give it skos:prefLabel in graph/entities.ttl, or mikg:asPrinted or mikg:proposition in its passage."
                yield Finding(each.file, each.line, str(term), "hygiene-label", message)


def _literals(statements: list[Statement]) -> Iterator[Finding]:
    """Texts have a language; numbers have the one form that a store keeps."""
    for each in statements:
        literal = each.object
        if not isinstance(literal, Literal):
            continue
        if each.predicate in TEXTS and not literal.language:
            yield _finding(each, "hygiene-language", f'{shorten(each.predicate)} {str(literal)!r} has no language tag; write "..."@en.')
        if literal.language and literal.language != literal.language.lower():
            yield _finding(
                each, "hygiene-language", f"the language tag @{literal.language} is kept in lower case; write @{literal.language.lower()}."
            )
        if literal.datatype in STORED_AS_INTEGER:
            yield _finding(each, "hygiene-form", f"a store keeps {shorten(literal.datatype)} as xsd:integer; write a plain {literal}.")
        elif (form := CANONICAL.get(literal.datatype)) and not re.fullmatch(form, str(literal)):
            message = f"{str(literal)!r} is not the canonical form of {shorten(literal.datatype)} and a store would change it; a code is a string."
            yield _finding(each, "hygiene-form", message)


def _meanings(statements: list[Statement]) -> Iterator[Finding]:
    """An IRI stands for one thing, and a triple stands once in its graph."""
    labels: dict[tuple, list[Statement]] = defaultdict(list)
    seen: dict[tuple, Statement] = {}
    for each in statements:
        if each.predicate == SKOS.prefLabel:
            labels[each.subject, each.object.language].append(each)
        if (key := (*each.triple, each.graph)) in seen and each.graph not in (GRAPH + "documents",):
            first = seen[key]
            yield _finding(each, "hygiene-twice", f"the same triple stands at {first.file}:{first.line} already; delete one.", "warning")
        seen.setdefault(key, each)
    for (_, language), named in labels.items():
        if len({each.object for each in named}) > 1:
            first, *others = named
            for each in others:
                message = (
                    f"it has two preferred labels in {language}: {str(first.object)!r} ({first.file}:{first.line}) and {str(each.object)!r}; "
                    "two things need two IRIs, a second name is a skos:altLabel."
                )
                yield _finding(each, "hygiene-meaning", message)
