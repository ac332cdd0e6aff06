"""How-provenance: for each row of an answer the graphs that it rests on, in alternatives.

The plain query is answered as ever. Then the query is rewritten so that its solutions tell which triples they matched, as in
SPARQLprov (Hernández, Galárraga, Hose, VLDB 2021) and NPCS (Asma et al., WWW 2024); but the graphs of the triples are looked up
afterwards, in a request of their own: a triple of twenty graphs, matched five times, is then a sum of hundred terms and not a
product of three millions, and the rewritten query is as fast as the plain one.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from mikg.answers import Table
from mikg.answers import parse as parse_results
from mikg.engine import RESULTS, TRIPLES, Engine, Query, guard
from mikg.errors import MikgError
from mikg.namespaces import XSD
from mikg.provenance.derivations import Deriver, ntriples
from mikg.provenance.explanations import Step, Triple, beneath, explain, sources
from mikg.provenance.formulas import finish
from mikg.provenance.patterns import Group, Parsed, Select, Unsupported, Values
from mikg.provenance.statuses import Status, Statuses
from mikg.provenance.syntax import parse
from mikg.provenance.ways import ABSENT, Ways

__all__ = ["Cited", "Row", "Status", "Step", "cite", "explain", "sources"]

# The guard has read the text already, in the engine and with the engine's limits; here only its outline is wanted.
NO_LIMITS = guard.Limits(1 << 30, 1 << 30, 1 << 30, 1 << 30)
N_TRIPLES = TRIPLES[1]
TRIPLE = ("subject", "predicate", "object")
_beside = ThreadPoolExecutor(64, "mikg-answers")
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
    # The engine answers the query itself while it is rewritten and the rewritten one is answered too.
    answer = _beside.submit(_answer, engine, query)
    try:
        return _cited(engine, query, answer)
    except Unsupported as fault:
        return Cited(answer.result(), refused=f"Not cited: {fault}")
    except MikgError as fault:
        return Cited(answer.result(), refused=f"Not cited, since what the citation asks of the engine failed: {fault}")
    except (RecursionError, LookupError, ValueError):
        refused = "Not cited: the query is written in a way that is not understood; the answer itself is whole."
        return Cited(answer.result(), refused=refused)


def _answer(engine: Engine, query: Query) -> Table:
    answer = engine.query(replace(query, results=RESULTS[0], triples=N_TRIPLES))
    if answer.media_type == RESULTS[0]:
        return parse_results(answer.body)
    import pyoxigraph as ox

    triples = ox.parse(answer.body, ox.RdfFormat.N_TRIPLES)
    return Table(TRIPLE, tuple(dict(zip(TRIPLE, map(_json, quad.triple), strict=True)) for quad in triples))


def _cited(engine: Engine, query: Query, answer: Future[Table]) -> Cited:
    parsed = parse(query.text)
    defaults, named = query.default_graphs, query.named_graphs
    if parsed.dataset and not defaults and not named:
        outline = guard.read(query.text, NO_LIMITS)
        defaults, named = outline.default_graphs, outline.named_graphs
    select = _bound(parsed, query)
    deriver = Deriver(engine, parsed, defaults, named)
    columns: tuple[str, ...] = TRIPLE
    if parsed.form == "ASK":
        keys = Keys(lambda: [("", ())])
        ways = deriver.select(select, "", keys, True, WITNESSES) if answer.result().boolean else {("", ()): ABSENT}
    elif parsed.form == "SELECT":
        columns = tuple(name[1:] for name in select.outputs)
        keys = Keys(lambda: [("", _key(row, columns)) for row in _rows_of(answer, columns)])
        ways = deriver.select(select, "", keys, whole=not select.narrowed)
    else:
        keys = Keys(lambda: [_key(row, TRIPLE) for row in answer.result().rows])
        ways = deriver.construct(select, parsed.template, keys) if parsed.form == "CONSTRUCT" else deriver.describe(keys)
    table = answer.result()
    rows = {key: _row(each, deriver.statuses) for key, each in ways.items() if each.sets}
    missing = [str(number) for number, key in enumerate(keys, 1) if key not in rows]
    refused = ""
    if missing:
        shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        refused = f"Not cited: row{'' if len(missing) == 1 else 's'} {shown}, which could not be traced; the answer itself is whole."
    steps = explain(engine, dict.fromkeys(triple for key in keys for triple in rows.get(key, Row()).derived))
    if steps:
        rows = {key: _with_rules(row, steps, deriver.statuses) for key, row in rows.items()}
    return Cited(table, tuple(rows.get(key, Row()) for key in keys), steps, refused)


class Keys:
    """The keys of an answer's rows, in order; the answer is waited for when they are first looked at."""

    def __init__(self, make: Callable[[], list]) -> None:
        self._make = make

    @functools.cached_property
    def _all(self) -> list:
        return self._make()

    def __iter__(self) -> Iterator:
        return iter(self._all)


def _rows_of(answer: Future[Table], columns: tuple[str, ...]) -> tuple[dict, ...]:
    table = answer.result()
    if set(columns) != set(table.columns):
        raise Unsupported("a query whose columns are not understood")
    return table.rows


def _key(row: Mapping[str, Mapping[str, str]], columns: Iterable[str]) -> tuple[str | None, ...]:
    return tuple(ntriples(row[name]) if name in row else None for name in columns)


def _bound(parsed: Parsed, query: Query) -> Select:
    """Return the query's SELECT with the values of its parameters at the head of its pattern, as the engine has them."""
    select = parsed.select
    if not query.bindings:
        return select
    names = tuple(f"?{name}" for name in query.bindings)
    text = f"VALUES ({' '.join(names)}) {{ ({' '.join(ntriples(term) for term in query.bindings.values())}) }}"
    where = select.where
    group = Group((Values(text, names, False), *where.elements), "{ " + text + where.text[1:], (*names, *where.names))
    return replace(select, where=group)


def _row(ways: Ways, statuses: Statuses) -> Row:
    found = finish(ways)
    told = tuple(status for place in found.told if (status := statuses.of(*place)))
    return Row(found.graphs, found.absence, ways.more, found.derived, statuses=told)


def _with_rules(row: Row, steps: tuple[Step, ...], statuses: Statuses) -> Row:
    rules: dict[str, None] = {}
    graphs: dict[str, None] = {}
    told = dict.fromkeys(row.statuses)
    for triple in row.derived:
        of_triple, places = beneath(steps, triple)
        rules.update(dict.fromkeys(of_triple))
        graphs.update(dict.fromkeys(graph for graph, _ in places))
        told.update(dict.fromkeys(status for graph, node in places if (status := statuses.of(f"<{graph}>", node))))
    return replace(row, rules=tuple(rules), beneath=tuple(sorted(graphs)), statuses=tuple(told))


def _json(term: object) -> dict[str, str]:
    """Return a term of Oxigraph as in SPARQL JSON results."""
    kind = type(term).__name__
    if kind in ("NamedNode", "BlankNode"):
        return {"type": "uri" if kind == "NamedNode" else "bnode", "value": term.value}
    if kind != "Literal":
        return {"type": "triple", "value": str(term)}
    more = {"xml:lang": term.language} if term.language else {"datatype": term.datatype.value}
    return {"type": "literal", "value": term.value, **({} if more == {"datatype": XSD + "string"} else more)}
