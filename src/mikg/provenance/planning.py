"""How a query is derived, and the answer to the query itself, which is asked for beside."""

import functools
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from mikg.answers import Table
from mikg.answers import parse as parse_results
from mikg.engine import RESULTS, TRIPLES, Engine, Query, guard
from mikg.errors import MikgError
from mikg.namespaces import XSD
from mikg.provenance.derivations import rewritten
from mikg.provenance.patterns import Group, Parsed, Select, Unsupported, Values
from mikg.provenance.rewriting import Rewriting
from mikg.provenance.syntax import parse

# The guard has read the text already, in the engine and with the engine's limits; here only its outline is wanted.
NO_LIMITS = guard.Limits(1 << 30, 1 << 30, 1 << 30, 1 << 30)
N_TRIPLES = TRIPLES[1]
TRIPLE = ("subject", "predicate", "object")  # the columns of a graph as a table
_beside = ThreadPoolExecutor(64, "mikg-answers")


class Plain:
    """The answer to the query itself: asked for beside all else, or when it is first wanted."""

    def __init__(self, engine: Engine, query: Query) -> None:
        self._engine = engine
        self._query = replace(query, results=RESULTS[0], triples=N_TRIPLES)
        self._answer: Future[tuple[Table, str]] | None = None

    def begin(self) -> None:
        """Have the engine answer it while it is rewritten and the rewritten one is answered too."""
        self._answer = self._answer or _beside.submit(self._ask)

    def table(self) -> Table:
        """Return it; `MikgError` where it fails."""
        if self._answer is None:
            self._answer = Future()
            try:
                self._answer.set_result(self._ask())
            except MikgError as fault:
                self._answer.set_exception(fault)
        return self._answer.result()[0]

    def rows(self, columns: tuple[str, ...], release: str) -> tuple[dict, ...]:
        """Return its rows, which must have these columns and be of a release."""
        table = self.table()
        if set(columns) != set(table.columns):
            raise Unsupported("a query whose columns are not understood")
        if release and self._answer.result()[1] != release:
            raise Unsupported("what was asked while a new release came into use (ask again)")
        return table.rows

    def _ask(self) -> tuple[Table, str]:
        answer = self._engine.query(self._query)
        if answer.media_type == RESULTS[0]:
            return parse_results(answer.body), answer.release
        import pyoxigraph as ox

        triples = ox.parse(answer.body, ox.RdfFormat.N_TRIPLES)
        return Table(TRIPLE, tuple(dict(zip(TRIPLE, map(_json, quad.triple), strict=True)) for quad in triples)), answer.release


@dataclass(frozen=True)
class Plan:
    """A query as it is derived; `rewriting` where its pattern has been rewritten already."""

    parsed: Parsed
    select: Select
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    rewriting: Rewriting | None = None
    together: str = ""  # a query that gives its rows and what they rest on at once, in the order of its own
    telling: bool = False  # whether each of its rows tells by itself what it rests on


@functools.lru_cache(256)  # the questions of the catalogue, and what is asked again and again
def plan(text: str, bindings: tuple[tuple[str, str], ...], default_graphs: tuple[str, ...], named_graphs: tuple[str, ...]) -> Plan:
    """Return how a query is derived; `Unsupported` where it is not. `bindings` are its parameters with their values in N-Triples."""
    parsed = parse(text)
    if parsed.dataset and not default_graphs and not named_graphs:
        outline = guard.read(text, NO_LIMITS)
        default_graphs, named_graphs = outline.default_graphs, outline.named_graphs
    select = _bound(parsed.select, bindings)
    result = Plan(parsed, select, default_graphs, named_graphs)
    if parsed.form != "SELECT" or select.aggregated:
        return result
    rewriting, items, _ = rewritten(parsed, select)
    result = replace(result, rewriting=rewriting)
    if set(rewriting.names) <= set(select.outputs):
        return replace(result, telling=True)
    if not rewriting.same or select.narrowed or select.reduced:
        return result
    chosen = " ".join(dict.fromkeys([*rewriting.names, *items]))
    return replace(result, together=f"{parsed.prologue}SELECT {chosen} WHERE {{ {rewriting.text} }} {select.tail}")


def _bound(select: Select, bindings: tuple[tuple[str, str], ...]) -> Select:
    """Return a SELECT with the values of its parameters at the head of its pattern, as the engine has them."""
    if not bindings:
        return select
    names = tuple(f"?{name}" for name, _ in bindings)
    text = f"VALUES ({' '.join(names)}) {{ ({' '.join(term for _, term in bindings)}) }}"
    where = select.where
    group = Group((Values(text, names, False), *where.elements), "{ " + text + where.text[1:], (*names, *where.names))
    return replace(select, where=group)


def _json(term: object) -> dict[str, str]:
    """Return a term of Oxigraph as in SPARQL JSON results."""
    kind = type(term).__name__
    if kind in ("NamedNode", "BlankNode"):
        return {"type": "uri" if kind == "NamedNode" else "bnode", "value": term.value}
    if kind != "Literal":
        return {"type": "triple", "value": str(term)}
    more = {"xml:lang": term.language} if term.language else {"datatype": term.datatype.value}
    return {"type": "literal", "value": term.value, **({} if more == {"datatype": XSD + "string"} else more)}
