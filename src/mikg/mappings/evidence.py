"""Each link with its evidence, as the release holds it: for pages."""

from dataclasses import dataclass

from mikg import answers
from mikg.engine import Engine, Query
from mikg.namespaces import AUTHORITY, MAPPING, NONE_FOUND

NAMES = """
PREFIX dcterms: <http://purl.org/dc/terms/>
SELECT ?authority ?title ?description
WHERE {
  GRAPH <https://w3id.org/mikg/graph/mappings> {
    ?authority a <http://rdfs.org/ns/void#Dataset> ; dcterms:title ?title ; dcterms:description ?description .
  }
  FILTER(LANG(?title) = ?language && LANG(?description) = ?language)
}
"""
LINKS = """
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sssom: <https://w3id.org/sssom/>
SELECT ?record ?subject ?predicate ?object ?label ?justification ?confidence ?evidence ?negative
WHERE {
  GRAPH <https://w3id.org/mikg/graph/mappings> {
    ?record sssom:object_source ?authority ;
      owl:annotatedSource ?subject ;
      owl:annotatedProperty ?predicate ;
      owl:annotatedTarget ?object ;
      sssom:mapping_justification ?justification .
    OPTIONAL { ?record sssom:object_label ?label }
    OPTIONAL { ?record sssom:confidence ?confidence }
    OPTIONAL { ?record rdfs:comment ?evidence }
    BIND(EXISTS { ?record sssom:predicate_modifier sssom:NegatedPredicate } AS ?negative)
  }
}
ORDER BY ?subject ?predicate ?object
"""
WHERE = "SELECT ?authority { GRAPH <https://w3id.org/mikg/graph/mappings> { ?record <https://w3id.org/sssom/object_source> ?authority } }"


@dataclass(frozen=True)
class Named:
    """An authority with its name and what it identifies."""

    prefix: str
    title: str
    description: str


@dataclass(frozen=True)
class Link:
    """One row of a mapping table."""

    record: str
    subject: str
    predicate: str
    object: str
    label: str
    justification: str
    confidence: float | None
    evidence: str
    negative: bool

    @property
    def key(self) -> str:
        """The last part of the record's IRI, an anchor on the page of its authority."""
        return self.record.removeprefix(MAPPING)

    @property
    def none_found(self) -> bool:
        """Whether it says that no term was found."""
        return self.object == NONE_FOUND


def authorities(engine: Engine, language: str = "en") -> dict[str, Named]:
    """Return the authorities by prefix, named in the language."""
    bound = {"language": {"type": "literal", "value": language}}
    rows = answers.run(engine, Query(NAMES, bound)).values()
    named = (Named(str(row["authority"]).removeprefix(AUTHORITY), str(row["title"]), str(row["description"])) for row in rows)
    return {each.prefix: each for each in sorted(named, key=lambda each: each.prefix)}


def links(engine: Engine, prefix: str) -> tuple[Link, ...]:
    """Return all rows about an authority: matches, denials and what was not found; none when it is not known."""
    bound = {"authority": {"type": "uri", "value": AUTHORITY + prefix}}
    return tuple(
        Link(
            *(str(row[name] or "") for name in ("record", "subject", "predicate", "object", "label", "justification")),
            row["confidence"],
            str(row["evidence"] or ""),
            bool(row["negative"]),
        )
        for row in answers.run(engine, Query(LINKS, bound)).values()
    )


def where(engine: Engine, key: str) -> str:
    """Return the prefix of the authority that a record is about; empty when there is no such record."""
    rows = answers.run(engine, Query(WHERE, {"record": {"type": "uri", "value": MAPPING + key}})).values()
    return str(rows[0]["authority"]).removeprefix(AUTHORITY) if rows else ""
