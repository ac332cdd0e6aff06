"""What of the graph is linked, what was looked for and not found, and what no other graph can have."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from mikg import answers
from mikg.engine import Engine, Query
from mikg.namespaces import AUTHORITY, MIKG, NONE_FOUND, PREFIXES, shorten

# Classes of things that one document tells of and no other graph could name: what happened once, or is counted or grouped in passing.
UNSHARED = frozenset(
    MIKG + name
    for name in (
        "Action",
        "Cooperation",
        "MigrationFlow",
        "Priority",
        "Situation",
        "Transfer",
        "UnnamedCollection",
        "UnnamedGroup",
        "Utterance",
    )
) | {PREFIXES["qb"] + "DataSet"}
LINKED, SOUGHT, OPEN, OWN = "linked", "none found", "not looked for", "only ours"

THINGS = """
PREFIX graph: <https://w3id.org/mikg/graph/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?thing ?class
WHERE {
  GRAPH graph:entities { ?thing a ?class }
  FILTER NOT EXISTS { GRAPH graph:entities { ?thing a ?narrower } ?narrower rdfs:subClassOf ?class FILTER(?narrower != ?class) }
}
ORDER BY ?thing ?class
"""
RECORDS = """
PREFIX graph: <https://w3id.org/mikg/graph/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX sssom: <https://w3id.org/sssom/>
SELECT ?subject ?authority ?object ?negative ?predicate
WHERE {
  GRAPH graph:mappings {
    ?record owl:annotatedSource ?subject ; owl:annotatedProperty ?predicate ; owl:annotatedTarget ?object ; sssom:object_source ?authority .
    BIND(EXISTS { ?record sssom:predicate_modifier ?modifier } AS ?negative)
  }
}
"""


@dataclass(frozen=True, order=True)
class Thing:
    """One entity of the graph: its class, whether it is linked, and the prefixes of the authorities asked."""

    iri: str
    kind: str
    state: str
    authorities: tuple[str, ...]


@dataclass(frozen=True, order=True)
class Authority:
    """One other graph: how many things of ours it has by predicate, how often it was asked in vain, and how often a likeness was denied."""

    prefix: str
    predicates: tuple[tuple[str, int], ...]
    subjects: int
    none_found: int
    denied: int


@dataclass(frozen=True)
class Coverage:
    """The state of the links as a whole."""

    things: tuple[Thing, ...]
    authorities: tuple[Authority, ...]

    def by_kind(self) -> dict[str, dict[str, int]]:
        """Return for each class how many of its things are in each state, most things first."""
        kinds: dict[str, Counter] = defaultdict(Counter)
        for thing in self.things:
            kinds[thing.kind][thing.state] += 1
        return {kind: dict(states) for kind, states in sorted(kinds.items(), key=lambda item: (-item[1].total(), item[0]))}

    def total(self) -> dict[str, int]:
        """Return how many things are in each state."""
        return dict(Counter(thing.state for thing in self.things))


def of(engine: Engine) -> Coverage:
    """Return the state of the links in the release in use."""
    classes: dict[str, list[str]] = defaultdict(list)
    for row in answers.run(engine, Query(THINGS)).rows:
        classes[row["thing"]["value"]].append(row["class"]["value"])
    rows = [{name: term["value"] for name, term in row.items()} for row in answers.run(engine, Query(RECORDS)).rows]
    return Coverage(_things(classes, rows), _authorities(rows))


def _things(classes: dict[str, list[str]], rows: list[dict[str, str]]) -> tuple[Thing, ...]:
    linked, sought = defaultdict(set), defaultdict(set)
    for row in rows:
        prefix = row["authority"].removeprefix(AUTHORITY)
        if row["object"] == NONE_FOUND:
            sought[row["subject"]].add(prefix)
        elif row["negative"] == "false":
            linked[row["subject"]].add(prefix)
    things = []
    for iri, kinds in classes.items():
        own = sorted(set(kinds) & UNSHARED)
        if iri in linked:
            state, authorities = LINKED, linked[iri]
        elif own:
            state, authorities = OWN, set()
        else:
            state, authorities = (SOUGHT, sought[iri]) if iri in sought else (OPEN, set())
        things.append(Thing(iri, own[0] if state == OWN else kinds[0], state, tuple(sorted(authorities))))
    return tuple(things)


def _authorities(rows: list[dict[str, str]]) -> tuple[Authority, ...]:
    groups: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        groups[row["authority"].removeprefix(AUTHORITY)].append(row)
    found = []
    for prefix, group in groups.items():
        matches = [row for row in group if row["object"] != NONE_FOUND and row["negative"] == "false"]
        predicates = Counter(row["predicate"].rpartition("#")[2] for row in matches)
        none = sum(row["object"] == NONE_FOUND for row in group)
        denied = sum(row["negative"] == "true" for row in group)
        found.append(Authority(prefix, tuple(predicates.most_common()), len({row["subject"] for row in matches}), none, denied))
    return tuple(sorted(found, key=lambda each: (-each.subjects, each.prefix)))


def to_text(found: Coverage, without: bool = False) -> str:
    """Return what is linked by kind and by authority; with `without` each thing that has no link, and why."""
    total = found.total()
    states = (LINKED, SOUGHT, OPEN, OWN)
    lines = [f"{len(found.things)} things: " + ", ".join(f"{total.get(state, 0)} {state}" for state in states), ""]
    lines.append(f"{'kind':32}" + "".join(f"{state:>16}" for state in states))
    for kind, counts in found.by_kind().items():
        lines.append(f"{shorten(kind):32}" + "".join(f"{counts.get(state, 0) or '':>16}" for state in states))
    lines += ["", f"{'authority':16}{'things':>8}{'none found':>12}{'denied':>8}  matches"]
    for each in found.authorities:
        matches = ", ".join(f"{count} {predicate}" for predicate, count in each.predicates)
        lines.append(f"{each.prefix:16}{each.subjects or '':>8}{each.none_found or '':>12}{each.denied or '':>8}  {matches}".rstrip())
    if without:
        lines.append("")
        for thing in found.things:
            if thing.state != LINKED:
                where = f" in {', '.join(thing.authorities)}" if thing.authorities else ""
                lines.append(f"{shorten(thing.iri)} ({shorten(thing.kind)}): {thing.state}{where}")
    return "\n".join(lines)
