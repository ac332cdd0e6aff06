"""What a solution rests on, as a formula over triples and over parts that queries of their own derive; and what it comes to."""

import functools
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from mikg.provenance.statuses import Place
from mikg.provenance.ways import ABSENCE, ABSENT, NEVER, NOTHING, Ways, both, either


class Statement(NamedTuple):
    """A triple of the default graph, to be looked up in the named graphs."""

    subject: str
    predicate: str
    object: str


class Matched(NamedTuple):
    """A triple in the graph in which it was matched."""

    graph: str
    subject: str
    predicate: str
    object: str


class Task(NamedTuple):
    """A part that a query of its own derives: `part` is a number of `Rewriting.parts`, `key` the values it starts from."""

    part: int
    graph: str
    key: tuple[str | None, ...]


class Several(NamedTuple):
    """Formulas of which there must be all ("and") or any ("or", "or absent", "or nothing": what it rests on else), or none ("absent")."""

    kind: str
    formulas: list


Formula = Ways | Statement | Matched | Task | Several
Found = Mapping[Hashable, Ways]


def leaves(formula: Formula, stated: Found, into: set) -> None:
    """Add what a formula needs to have looked up besides what is `stated`."""
    kind = type(formula)
    if kind is Several:
        for each in formula.formulas:
            leaves(each, stated, into)
    elif kind is not Ways and formula not in stated:
        into.add(formula)


def value(formula: Formula, stated: Found, derived: Found) -> Ways:
    """Return the ways of a formula, from those of triples and of parts."""
    kind = type(formula)
    if kind is Ways:
        return formula
    if kind is not Several:
        return (derived if kind is Task else stated).get(formula, NEVER)
    ways = [value(each, stated, derived) for each in formula.formulas]
    if formula.kind == "and":
        return both(ways)
    found = either([NEVER, *ways])
    if formula.kind == "absent":
        return NEVER if found.sets else ABSENT
    if found.sets or formula.kind == "or":
        return found
    return ABSENT if formula.kind == "or absent" else NOTHING


@dataclass(frozen=True)
class Support:
    """What a row rests on: sets of graphs, smallest first; whether also on absence; which inferred triples and which nodes are used."""

    graphs: tuple[frozenset[str], ...]
    absence: bool = False
    derived: tuple[tuple[str, str, str], ...] = ()
    told: tuple[Place, ...] = ()


@functools.lru_cache(20_000)  # many rows rest on the same passages
def finish(ways: Ways) -> Support:
    """Return what ways come to.

    A way that rests on absence alone has no set: nothing can be cited for it. Where the same graphs also assert what the row needs,
    no node of theirs is told.
    """
    if len(ways.sets) == 1:
        return _one(ways.sets[0])
    if all(part and type(part) is str for each in ways.sets for part in each):
        return Support(ways.sets)
    graphs: dict[frozenset[str], set[Place]] = {}
    derived: dict[tuple[str, str, str], None] = {}
    for each in ways.sets:
        stated = frozenset(part[0] if isinstance(part, tuple) else part for part in each if part != ABSENCE)
        kept = [part for part in each if isinstance(part, tuple)]
        if stated or not each:
            told = {part for part in kept if len(part) == 2}
            before = graphs.get(stated, told)
            graphs[stated] = told | before if told and before else set()
        derived.update(dict.fromkeys(sorted(part[1:] for part in kept if len(part) == 4)))
    ordered = sorted(graphs, key=lambda each: (len(each), sorted(each)))
    least = [each for number, each in enumerate(ordered) if not any(smaller <= each for smaller in ordered[:number])]
    told = sorted(set().union(*(graphs[each] for each in least)))
    return Support(tuple(least), any(ABSENCE in each for each in ways.sets), tuple(derived), tuple(told))


def _one(way: frozenset) -> Support:
    """Return what a single way comes to, which is what most rows have."""
    graphs, told, derived = [], [], []
    for part in way:
        if type(part) is str:
            graphs.append(part)
        else:
            graphs.append(part[0])
            (told if len(part) == 2 else derived).append(part)
    stated = frozenset(graphs)
    absence = ABSENCE in stated
    if absence:
        stated -= {ABSENCE}
    cited = (stated,) if stated or not way else ()
    return Support(cited, absence, tuple(sorted(part[1:] for part in derived)), tuple(sorted(told)))
