"""How-provenance: for each row of an answer the graphs that it rests on, in alternatives.

The plain query is answered as ever. Then the query is rewritten so that its solutions tell which triples they matched, as in
SPARQLprov (Hernández, Galárraga, Hose, VLDB 2021) and NPCS (Asma et al., WWW 2024); but the graphs of the triples are looked up
afterwards, in a request of their own: a triple of twenty graphs, matched five times, is then a sum of hundred terms and not a
product of three millions, and the rewritten query is as fast as the plain one.
"""

from collections.abc import Iterable, Mapping
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
from mikg.provenance.syntax import parse
from mikg.provenance.ways import ABSENT, Ways

__all__ = ["Cited", "Row", "Step", "cite", "explain", "sources"]

# The guard has read the text already, in the engine and with the engine's limits; here only its outline is wanted.
NO_LIMITS = guard.Limits(1 << 30, 1 << 30, 1 << 30, 1 << 30)
N_TRIPLES = TRIPLES[1]
TRIPLE = ("subject", "predicate", "object")
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
    table = _answer(engine, query)
    try:
        return _cited(engine, query, table)
    except Unsupported as fault:
        return Cited(table, refused=f"Not cited: {fault}")
    except MikgError as fault:
        return Cited(table, refused=f"Not cited, since what the citation asks of the engine failed: {fault}")
    except (RecursionError, LookupError, ValueError):
        return Cited(table, refused="Not cited: the query is written in a way that is not understood; the answer itself is whole.")


def _answer(engine: Engine, query: Query) -> Table:
    answer = engine.query(replace(query, results=RESULTS[0], triples=N_TRIPLES))
    if answer.media_type == RESULTS[0]:
        return parse_results(answer.body)
    import pyoxigraph as ox

    triples = ox.parse(answer.body, ox.RdfFormat.N_TRIPLES)
    return Table(TRIPLE, tuple(dict(zip(TRIPLE, map(_json, quad.triple), strict=True)) for quad in triples))


def _cited(engine: Engine, query: Query, table: Table) -> Cited:
    parsed = parse(query.text)
    defaults, named = query.default_graphs, query.named_graphs
    if parsed.dataset and not defaults and not named:
        outline = guard.read(query.text, NO_LIMITS)
        defaults, named = outline.default_graphs, outline.named_graphs
    select = _bound(parsed, query)
    deriver = Deriver(engine, parsed, defaults, named)
    if parsed.form == "ASK":
        keys = [("", ())]
        ways = deriver.select(select, "", keys, True, WITNESSES) if table.boolean else {("", ()): ABSENT}
    elif parsed.form == "SELECT":
        if set(select.outputs) != {f"?{name}" for name in table.columns}:
            raise Unsupported("a query whose columns are not understood")
        keys = [("", _key(row, [name[1:] for name in select.outputs])) for row in table.rows]
        ways = deriver.select(select, "", keys, whole=not select.narrowed)
    else:
        keys = [_key(row, TRIPLE) for row in table.rows]
        ways = deriver.construct(select, parsed.template, set(keys)) if parsed.form == "CONSTRUCT" else deriver.describe(keys)
    rows = {key: _row(each) for key, each in ways.items() if each.sets}
    missing = [str(number) for number, key in enumerate(keys, 1) if key not in rows]
    refused = ""
    if missing:
        shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        refused = f"Not cited: row{'' if len(missing) == 1 else 's'} {shown}, which could not be traced; the answer itself is whole."
    steps = explain(engine, dict.fromkeys(triple for key in keys for triple in rows.get(key, Row()).derived))
    if steps:
        rows = {key: _with_rules(row, steps) for key, row in rows.items()}
    return Cited(table, tuple(rows.get(key, Row()) for key in keys), steps, refused)


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


def _row(ways: Ways) -> Row:
    derivations, absence, derived = finish(ways)
    return Row(derivations, absence, ways.more, derived)


def _with_rules(row: Row, steps: tuple[Step, ...]) -> Row:
    rules: dict[str, None] = {}
    graphs: dict[str, None] = {}
    for triple in row.derived:
        of_triple, under = beneath(steps, triple)
        rules.update(dict.fromkeys(of_triple))
        graphs.update(dict.fromkeys(under))
    return replace(row, rules=tuple(rules), beneath=tuple(sorted(graphs)))


def _json(term: object) -> dict[str, str]:
    """Return a term of Oxigraph as in SPARQL JSON results."""
    kind = type(term).__name__
    if kind in ("NamedNode", "BlankNode"):
        return {"type": "uri" if kind == "NamedNode" else "bnode", "value": term.value}
    if kind != "Literal":
        return {"type": "triple", "value": str(term)}
    more = {"xml:lang": term.language} if term.language else {"datatype": term.datatype.value}
    return {"type": "literal", "value": term.value, **({} if more == {"datatype": XSD + "string"} else more)}
