"""How-provenance: for each row of an answer the graphs that it rests on, in alternatives.

The plain query is answered as ever. Then the query is rewritten so that its solutions tell which triples they matched, as in
SPARQLprov (Hernández, Galárraga, Hose, VLDB 2021) and NPCS (Asma et al., WWW 2024); but the graphs of the triples are looked up
afterwards, in a request of their own: a triple of twenty graphs, matched five times, is then a sum of hundred terms and not a
product of three millions, and the rewritten query is as fast as the plain one.
"""

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mikg.answers import Table
from mikg.engine import Engine, Query
from mikg.errors import MikgError
from mikg.provenance.asking import ntriples, solutions
from mikg.provenance.derivations import Deriver, Place
from mikg.provenance.explanations import Step, Triple, beneath, explain, followed, sources
from mikg.provenance.formulas import Support, finish
from mikg.provenance.lookups import Lookup
from mikg.provenance.patterns import Unsupported
from mikg.provenance.planning import TRIPLE, Plain, Plan, plan
from mikg.provenance.rewriting import rewrite
from mikg.provenance.statuses import Status, Statuses
from mikg.provenance.ways import ABSENT, Ways, either

__all__ = ["Cited", "Row", "Status", "Step", "cite", "explain", "sources"]

NOWHERE: Place = ("", ())  # the key of an ASK's answer
WITNESSES = 100  # solutions of an ASK that are derived


@dataclass(frozen=True)
class Row:
    """What one row rests on: alternatives, smallest first, each the graphs that it takes together.

    An empty alternative rests on no triple; no alternative at all: on absence alone, or it is not cited.
    """

    derivations: tuple[frozenset[str], ...] = ()
    absence: bool = False  # it also rests on something not being there: MINUS, NOT EXISTS, an OPTIONAL without match, an empty group
    more: bool = False  # there are further alternatives
    derived: tuple[Triple, ...] = ()  # the inferred triples among its support, in N-Triples
    rules: tuple[str, ...] = ()  # by which they follow
    beneath: tuple[str, ...] = ()  # graphs of the premises of these rules, down to what is stated
    statuses: tuple[Status, ...] = ()  # of what its graphs do not just assert: planned, hoped, reported, denied; claimed by whom


@dataclass(frozen=True)
class Cited:
    """An answer with what each of its rows rests on; `refused` says why there are no citations, or which are missing."""

    table: Table
    rows: tuple[Row, ...] = ()
    steps: tuple[Step, ...] = ()
    refused: str = ""


def cite(engine: Engine, query: Query) -> Cited:
    """Return the answer to a query and what it rests on: each row of a SELECT, an ASK, each triple of a CONSTRUCT or DESCRIBE.

    The answer is that of the query itself; a graph comes as a table of its triples. What fails after it only leaves citations out.
    """
    answer = Plain(engine, query)
    try:
        return _cited(engine, query, answer)
    except Unsupported as fault:
        refused = f"Not cited: {fault}"
    except MikgError as fault:
        refused = f"Not cited, since what the citation asks of the engine failed: {fault}"
    except (RecursionError, LookupError, ValueError):
        refused = "Not cited: the query is written in a way that is not understood; the answer itself is whole."
    return Cited(answer.table(), refused=refused)


def _cited(engine: Engine, query: Query, answer: Plain) -> Cited:
    bindings = tuple((name, ntriples(term)) for name, term in query.bindings.items())
    planned = plan(query.text, bindings, query.default_graphs, query.named_graphs)
    deriver = Deriver(Lookup(engine, planned.default_graphs, planned.named_graphs), planned.parsed)
    table, keys, ways = _derived(deriver, planned, answer)
    supports = {key: (finish(each), each.more) for key, each in ways.items() if each.sets}
    inferred = followed(deriver.lookup, dict.fromkeys(triple for support, _ in supports.values() for triple in support.derived))
    rows = {key: _row(*support, inferred, deriver.lookup.statuses) for key, support in supports.items()}
    steps = tuple(step for each in inferred.values() for step in each)
    return Cited(table, tuple(rows.get(key, Row()) for key in keys), steps, _refused(keys, rows, planned))


def _row(found: Support, more: bool, inferred: Mapping[Triple, tuple[Step, ...]], statuses: Statuses) -> Row:
    if not (found.told or found.derived):
        return Row(found.graphs, found.absence, more)
    told = dict.fromkeys(status for place in found.told if (status := statuses.of(*place)))
    rules: dict[str, None] = {}
    graphs: set[str] = set()
    for triple in found.derived:
        by, places = beneath(inferred, triple)
        rules.update(dict.fromkeys(by))
        graphs.update(graph for graph, _ in places)
        told.update(dict.fromkeys(status for place in places if (status := statuses.of(*place))))
    return Row(found.graphs, found.absence, more, found.derived, tuple(rules), tuple(sorted(graphs)), tuple(told))


def _derived(deriver: Deriver, planned: Plan, answer: Plain) -> tuple[Table, Iterable[Place], Mapping[Place, Ways]]:
    """Return the answer, the key of each of its rows, and the ways of each key."""
    select, form = planned.select, planned.parsed.form
    if form == "ASK":
        ways = deriver.select(select, "", [NOWHERE], True, WITNESSES)
        table = answer.table() if select.narrowed else Table((), (), bool(ways))
        return table, [NOWHERE], ways if table.boolean else {NOWHERE: ABSENT}
    if planned.telling or planned.together:
        return _at_once(deriver, planned, answer)
    if form != "DESCRIBE":
        answer.begin()
    keys = _Keys(answer, select.outputs if form == "SELECT" else tuple(f"?{name}" for name in TRIPLE), deriver.lookup.asker.release)
    if form == "SELECT":
        ways = deriver.select(select, "", keys, whole=not select.narrowed)
    else:
        ways = deriver.construct(select, planned.parsed.template, keys) if form == "CONSTRUCT" else deriver.describe(keys)
    return answer.table(), keys, ways


def _at_once(deriver: Deriver, planned: Plan, answer: Plain) -> tuple[Table, Iterable[Place], Mapping[Place, Ways]]:
    """The rows of the query, or of what asks for its rows with all else, are the solutions themselves."""
    outputs = planned.select.outputs
    columns = tuple(name[1:] for name in outputs)
    rows = answer.rows(columns, deriver.lookup.asker.release) if planned.telling else deriver.lookup.rows(planned.together)
    found = list(solutions(rows))
    keys = [_place(each, outputs) for each in found]
    ways = deriver.combined(planned.rewriting, list(zip(keys, found, strict=True)), either)
    if planned.telling:
        return answer.table(), keys, ways
    if planned.select.distinct:
        first: dict[Place, dict] = {}
        for key, row in zip(keys, rows, strict=True):
            first.setdefault(key, row)
        keys, rows = list(first), list(first.values())
    return Table(columns, tuple({name: row[name] for name in columns if name in row} for row in rows)), keys, ways


class _Keys:
    """The keys of an answer's rows, in order; the answer is waited for when they are first looked at."""

    def __init__(self, answer: Plain, outputs: tuple[str, ...], release: str) -> None:
        self._make = lambda: answer.rows(tuple(name[1:] for name in outputs), release)
        self._outputs = outputs

    @functools.cached_property
    def _all(self) -> list[Place]:
        return [_place(solution, self._outputs) for solution in solutions(self._make())]

    def __iter__(self) -> Iterator[Place]:
        return iter(self._all)


def _place(solution: Mapping[str, str], outputs: tuple[str, ...]) -> Place:
    return "", tuple(map(solution.get, outputs))


def _refused(keys: Iterable[Place], rows: Mapping[Place, Row], planned: Plan) -> str:
    missing = [str(number) for number, key in enumerate(keys, 1) if key not in rows]
    if not missing:
        return ""
    shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
    said = f"Not cited: row{'' if len(missing) == 1 else 's'} {shown}, which could not be traced; the answer itself is whole."
    if apart := rewrite(planned.parsed, planned.select.where).apart:
        said += f" The engine gives {', '.join(apart)} a value within EXISTS, where by the standard there is none: the group around it is answered by itself."
    return said
