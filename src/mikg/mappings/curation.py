"""A pair accepted or rejected: written into a table of graph/links with its reason, or not at all."""

import datetime
from pathlib import Path

import sssom_pydantic as sssom
from curies import Converter
from rdflib import RDF, SKOS, Literal, URIRef
from sssom_pydantic.io import record_to_semantic_mapping

from mikg import sources
from mikg.errors import Misuse
from mikg.mappings import faults, pages, tables
from mikg.namespaces import AUTHORITY, ID, MATCHES, NONE_FOUND, expand, shorten
from mikg.sources import Sources

TABLE = "graph/links/mappings.sssom.tsv"
# How a pair came to be known: somebody read what both are, or their names and kinds were compared, or their names alone.
JUSTIFIED = {"manual": "semapv:ManualMappingCuration", "kinds": "semapv:CompositeMatching", "names": "semapv:LexicalMatching"}
PREDICATES = tuple(match.rpartition("#")[2].removesuffix("Match") for match in MATCHES)


def decide(
    root: Path,
    subject: str,
    other: str,
    predicate: str,
    reason: str,
    *,
    matches: bool,
    label: str = "",
    confidence: float = 0.9,
    by: str = "manual",
    table: str = TABLE,
) -> tables.Row:
    """Write that the subject matches the term of another graph, or does not, and return the row.

    `Misuse` says why the pair cannot stand: an unknown subject or prefix, no reason, a contradiction. The table then stays as it is.
    """
    if not reason.strip():
        raise Misuse("--reason is empty; say where the pair was read or why the two are (not) the same, so that others can check it.")
    path = root / table
    if not path.is_file():
        raise Misuse(f"there is no {table} below {root}; MIKG_SOURCES names the folder above graph/.")
    before = tables.read(root)
    known = next(each for each in before if each.name == table)
    graph = sources.read(root)
    iri = expand(subject) or ID + subject
    converter = known.converter
    term = _curie(other, converter, known)
    record = {
        "subject_id": converter.compress(iri) or subject,
        "subject_label": _name(graph, iri),
        "subject_category": converter.compress(_class(graph, iri) or "") or None,
        "predicate_id": f"skos:{predicate}Match",
        "predicate_modifier": None if matches else "Not",
        "object_id": term,
        "object_label": label or None,
        "mapping_justification": JUSTIFIED[by],
        "object_source": converter.compress(AUTHORITY + term.partition(":")[0]),
        "mapping_date": datetime.date.today(),
        "confidence": confidence,
        "comment": " ".join(reason.split()),
    }
    mapping = record_to_semantic_mapping(sssom.Record.model_validate({name: value for name, value in record.items() if value}), converter)

    def approve(draft: tables.Table) -> None:
        whole = [draft if each.name == table else each for each in before]
        wrong = [finding for finding in faults.check(graph, whole) if finding.file == table and finding.line == draft.rows[-1].line]
        if wrong:
            raise Misuse("; ".join(f"{shorten(finding.node)}: {finding.message}" for finding in wrong) + " Nothing was written.")

    return tables.append(path, table, mapping, approve)


def _curie(given: str, converter: Converter, table: tables.Table) -> str:
    """The term as a CURIE of the table."""
    found = converter.compress(pages.term(given)) if "//" in given or given.startswith("urn:") else given.strip()
    prefix, colon, local = (found or "").partition(":")
    if not found or not colon or not local or prefix not in table.prefixes:
        known = ", ".join(
            sorted(name for name in table.prefixes if name not in ("id", "mikg", "skos", "owl", "semapv", "sssom", "authority"))
        )
        raise Misuse(
            f"{given!r} begins with no prefix of {table.name}; it knows {known}. A new one goes into its curie_map and authorities.ttl."
        )
    if converter.expand(found) == NONE_FOUND or any(sign in found for sign in ' \t\n<>"'):
        raise Misuse(f"{given!r} is no term of another graph.")
    return found


def _name(graph: Sources, iri: str) -> str:
    names = [each.object for each in graph.statements if each.subject == URIRef(iri) and each.predicate == SKOS.prefLabel]
    english = [str(name) for name in names if isinstance(name, Literal) and name.language == "en"]
    return min(english or [str(name) for name in names], default="")


def _class(graph: Sources, iri: str) -> str:
    return min((str(each.object) for each in graph.statements if each.subject == URIRef(iri) and each.predicate == RDF.type), default="")
