"""Where sources differ and what we make of it: discrepancies with their sides, and what is held apart or read as one."""

from collections.abc import Iterable
from dataclasses import dataclass

from mikg import answers
from mikg.engine import Engine, Query
from mikg.namespaces import DOCUMENT, MIKG, PROV

PREFIXES = """
PREFIX mikg: <https://w3id.org/mikg/ontology#>
PREFIX prov: <http://www.w3.org/ns/prov#>
"""
JUDGEMENTS = """
SELECT ?judgement ?class ?property ?value
WHERE {
  VALUES ?class { mikg:Discrepancy mikg:Distinction mikg:Identification }
  VALUES ?property { mikg:basis mikg:between mikg:concerns mikg:nature mikg:prefers mikg:status prov:wasDerivedFrom }
  GRAPH <https://w3id.org/mikg/graph/curation> { ?judgement a ?class ; ?property ?value }
}
ORDER BY ?judgement ?property ?value
"""
# What a side says: as printed, else in our words; a side that is a passage says its gist, and the names that it prints.
SIDES = """
SELECT DISTINCT ?side ?order ?words ?passage
WHERE {
  ?judgement mikg:between ?side .
  {
    VALUES (?property ?order) { (mikg:asPrinted 1) (mikg:proposition 2) }
    GRAPH ?passage { ?side ?property ?words }
  } UNION {
    ?side mikg:gist ?words .
    BIND(?side AS ?passage) BIND(2 AS ?order)
  } UNION {
    ?judgement mikg:concerns ?thing .
    GRAPH ?side { ?thing mikg:namedAs ?words }
    BIND(?side AS ?passage) BIND(1 AS ?order)
  }
}
ORDER BY ?side ?order ?words ?passage
"""


@dataclass(frozen=True)
class Side:
    """One of the statements that differ: the words that it prints, what it says in ours, and the passages where it stands."""

    iri: str
    printed: tuple[str, ...] = ()
    said: str = ""
    passages: tuple[str, ...] = ()
    preferred: bool = False


@dataclass(frozen=True)
class Judgement:
    """A judgement of the curators: `kind` is Discrepancy, Distinction or Identification; only the first has sides."""

    iri: str
    kind: str
    basis: str
    nature: str = ""
    status: str = ""
    concerns: tuple[str, ...] = ()
    sides: tuple[Side, ...] = ()
    passages: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether it is not settled which side holds."""
        return self.status == MIKG + "open"


def judgements(engine: Engine) -> list[Judgement]:
    """Return the judgements: discrepancies first, the open ones before the others, then by IRI."""
    facts: dict[str, dict[str, list[str]]] = {}
    for row in _rows(engine, JUDGEMENTS):
        about = facts.setdefault(row["judgement"], {"kind": [row["class"].removeprefix(MIKG)]})
        about.setdefault(row["property"], []).append(row["value"])
    sides = _sides(engine)
    found = [_judgement(iri, about, sides) for iri, about in facts.items()]
    order = ("Discrepancy", "Distinction", "Identification")
    return sorted(found, key=lambda each: (order.index(each.kind), not each.open, each.iri))


def _judgement(iri: str, about: dict[str, list[str]], sides: dict[str, Side]) -> Judgement:
    def first(name: str) -> str:
        return next(iter(about.get(MIKG + name, ())), "")

    preferred = about.get(MIKG + "prefers", [])
    between = [sides.get(each, Side(each)) for each in about.get(MIKG + "between", ())]
    return Judgement(
        iri,
        about["kind"][0],
        first("basis"),
        first("nature"),
        first("status"),
        tuple(about.get(MIKG + "concerns", ())),
        tuple(Side(each.iri, each.printed, each.said, each.passages, each.iri in preferred) for each in between),
        tuple(each for each in about.get(PROV + "wasDerivedFrom", ()) if each.startswith(DOCUMENT)),
    )


def _sides(engine: Engine) -> dict[str, Side]:
    found: dict[str, tuple[list[str], list[str], list[str]]] = {}
    for row in _rows(engine, SIDES):
        printed, said, passages = found.setdefault(row["side"], ([], [], []))
        words = printed if row["order"] == "1" else said
        if row["words"] not in words:
            words.append(row["words"])
        if row["passage"] not in passages:
            passages.append(row["passage"])
    return {iri: Side(iri, tuple(each[0]), " ".join(each[1]), tuple(each[2])) for iri, each in found.items()}


def _rows(engine: Engine, query: str) -> Iterable[dict[str, str]]:
    return [{name: term["value"] for name, term in row.items()} for row in answers.run(engine, Query(PREFIXES + query)).rows]
