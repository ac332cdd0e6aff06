"""What is wrong in the mapping tables beyond their syntax: a part of `mikg check`."""

import difflib
import re
from collections import defaultdict
from collections.abc import Iterator

from curies.vocabulary import matching_processes
from rdflib import RDF, SKOS, URIRef

from mikg.findings import Finding
from mikg.mappings import tables
from mikg.mappings.tables import Row, Table
from mikg.namespaces import AUTHORITY, MATCHES, MIKG, shorten
from mikg.sources import Sources

EXACT, CLOSE = MATCHES[:2]
PATTERN = URIRef("http://rdfs.org/ns/void#uriRegexPattern")
JUSTIFICATIONS = {process.curie for process in matching_processes}


def check(sources: Sources, found: list[Table] | None = None) -> list[Finding]:
    """Return what is wrong in the tables below graph/links, or in those given; `SourceError` when one cannot be read."""
    found = tables.read(sources.root) if found is None else found
    placed = [(table.name, row) for table in found for row in table.rows]
    rules = (_terms(found, sources), _forms(placed, sources), _said_twice(placed), _contradictions(placed), _rivals(placed))
    return sorted({finding for rule in rules for finding in rule})


def _terms(found: list[Table], sources: Sources) -> Iterator[Finding]:
    """Each row is about something that the graph knows, in terms that exist, and says how it is known."""
    classes, names = defaultdict(set), defaultdict(set)
    for each in sources.statements:
        if each.predicate == RDF.type:
            classes[str(each.subject)].add(str(each.object))
        elif each.predicate in (SKOS.prefLabel, SKOS.altLabel, URIRef(MIKG + "acronym")):
            names[str(each.subject)].add(str(each.object))
    authorities = {node for node in classes if node.startswith(AUTHORITY)}
    for table in found:
        for row in table.rows:
            for message in _slips(row, classes, names, authorities):
                yield Finding(table.name, row.line, row.subject, "mapping-term", message)


def _slips(row: Row, classes: dict, names: dict, authorities: set[str]) -> Iterator[str]:
    mapping = row.mapping
    if row.subject not in classes:
        near = difflib.get_close_matches(row.subject, classes, 1)
        yield f"the graph knows no {shorten(row.subject)}" + (f"; is {shorten(near[0])} meant?" if near else ".")
    elif row.category not in classes[row.subject]:
        kinds = ", ".join(shorten(each) for each in sorted(classes[row.subject]))
        yield f"subject_category is {shorten(row.category) if row.category else 'missing'}; in the graph it is {kinds}."
    elif names[row.subject] and mapping.subject.name not in names[row.subject]:
        yield f"subject_label {mapping.subject.name!r} is none of its names in the graph: {', '.join(sorted(names[row.subject]))}."
    if row.predicate not in MATCHES:
        yield f"the predicate {shorten(row.predicate)} is none of {', '.join(shorten(each) for each in MATCHES)}."
    if mapping.justification.curie not in JUSTIFICATIONS:
        yield f"the justification {mapping.justification.curie} is none of {', '.join(sorted(JUSTIFICATIONS))}."
    if row.source not in authorities:
        yield f"object_source {shorten(row.source)} is not described in graph/links/authorities.ttl."
    elif not row.none_found and mapping.object.prefix != mapping.object_source.identifier:
        yield f"the object {mapping.object.curie} is no term of {mapping.object_source.curie}."
    if row.none_found != (mapping.cardinality == "1:0"):
        yield "mapping_cardinality is 1:0 where no term was found, and nowhere else."
    if not mapping.comment:
        yield "it has no evidence; say in the column comment where the pair was read, or where it was looked for."
    if mapping.confidence is None and not row.none_found:
        yield "it has no confidence; give a number from 0 to 1."


def _forms(placed: list[tuple[str, Row]], sources: Sources) -> Iterator[Finding]:
    """A term is of the form that its authority gives its terms: the pattern in graph/links/authorities.ttl."""
    patterns: dict[str, re.Pattern] = {}
    for each in sources.statements:
        if each.predicate == PATTERN:
            try:
                patterns[str(each.subject)] = re.compile(str(each.object))
            except re.error as fault:
                message = f"the pattern {str(each.object)!r} is no regular expression: {fault}."
                yield Finding(each.file, each.line, str(each.subject), "mapping-form", message)
    good: dict[str, str] = {}
    wrong = []
    for name, row in placed:
        if row.source in patterns and not row.none_found and row.mapping.object.prefix == row.mapping.object_source.identifier:
            if patterns[row.source].search(row.object):
                good.setdefault(row.source, row.mapping.object.curie)
            else:
                wrong.append((name, row))
    for name, row in wrong:
        such = f", such as {good[row.source]}" if row.source in good else ""
        curie = row.mapping.object.curie
        message = f"{curie} is no identifier of {shorten(row.source)}: these are of the form {patterns[row.source].pattern}{such}."
        yield Finding(name, row.line, row.subject, "mapping-form", message)


def _said_twice(placed: list[tuple[str, Row]]) -> Iterator[Finding]:
    first: dict[tuple, tuple[str, Row]] = {}
    for name, row in placed:
        if row.key in first:
            yield _against(name, row, "mapping-twice", "the same mapping stands", first[row.key], "; delete one.")
        first.setdefault(row.key, (name, row))


def _contradictions(placed: list[tuple[str, Row]]) -> Iterator[Finding]:
    """Two things match or do not match; a term is found or not found."""
    positive = defaultdict(list)
    for name, row in placed:
        if not row.negative and not row.none_found:
            positive[row.subject, row.object].append((name, row))
            positive[row.subject, row.source].append((name, row))
    for name, row in placed:
        if row.negative:
            for other in positive[row.subject, row.object]:
                # What is not even close is not the same either.
                if other[1].predicate == row.predicate or (row.predicate, other[1].predicate) == (CLOSE, EXACT):
                    yield _against(name, row, "mapping-contradiction", "it denies what stands", other, "; one of the two is wrong.")
        elif row.none_found:
            for other in positive[row.subject, row.source]:
                if other[1].predicate == row.predicate:
                    yield _against(name, row, "mapping-contradiction", "a term that was not found stands", other, "; delete one.")


def _rivals(placed: list[tuple[str, Row]]) -> Iterator[Finding]:
    """A thing has one exact match in an authority, and a term of it is the exact match of one thing."""
    by_subject: dict[tuple, tuple[str, Row]] = {}
    by_object: dict[str, tuple[str, Row]] = {}
    for name, row in placed:
        if row.predicate != EXACT or row.negative or row.none_found:
            continue
        one = by_subject.setdefault((row.subject, row.source), (name, row))
        if one[1].object != row.object:
            why = f"{row.mapping.object.curie} and {one[1].mapping.object.curie} are both its exact match, the latter"
            yield _against(name, row, "mapping-contradiction", why, one, "; one of them is close at most.")
        one = by_object.setdefault(row.object, (name, row))
        if one[1].subject != row.subject:
            why = f"{row.mapping.object.curie} is also the exact match of {shorten(one[1].subject)}"
            yield _against(name, row, "mapping-contradiction", why, one, "; two things are not one.")


def _against(name: str, row: Row, rule: str, why: str, other: tuple[str, Row], remedy: str) -> Finding:
    return Finding(name, row.line, row.subject, rule, f"{why} at {other[0]}:{other[1].line}{remedy}")
