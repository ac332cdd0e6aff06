"""Derivations against what the engine itself answers from fewer graphs: properties over generated data and queries, then cases."""

import io
import itertools
import json
import os
from dataclasses import dataclass, replace

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mikg import answers, queries
from mikg.answers import run
from mikg.engine import RESULTS, Answer, Query, guard
from mikg.engine.embedded import Pool
from mikg.engine.worker import term
from mikg.errors import QueryError
from mikg.namespaces import BASE, DOCUMENT, EXTERNAL, GRAPH, ID, MIKG, PROV, RDF, is_public
from mikg.provenance import Row, cite, explain, lookups, sources
from mikg.provenance.rewriting import rewrite
from mikg.provenance.syntax import parse

P1, P2, P3, P4 = (DOCUMENT + f"a/p{number}" for number in range(1, 5))
CURATION, DERIVED, SHAPES, OUTSIDE = GRAPH + "curation", GRAPH + "derived", GRAPH + "shapes", EXTERNAL + "x"
MANY = lookups.MANY
HEAD = f"PREFIX : <{ID}>\nPREFIX doc: <{DOCUMENT}>\nPREFIX graph: <{GRAPH}>\n"


class Memory:
    """An engine over some quads in memory: the default graph is the merge of what is public."""

    def __init__(self, quads: list[ox.Quad]) -> None:
        self.quads = quads
        self.store = ox.Store()
        self.store.extend(quads)
        self.store.extend(ox.Quad(*quad.triple, ox.DefaultGraph()) for quad in quads if is_public(quad.graph_name.value))
        self.asked: list[Query] = []
        self.answers: dict[str, Answer] = {}  # an order that a query does not ask for is another one each time

    def query(self, query: Query) -> Answer:
        key = repr(replace(query, triples=""))
        if key not in self.answers:
            self.answers[key] = self.answer(query)
        return self.answers[key]

    def answer(self, query: Query) -> Answer:
        outline = guard.read(query.text)
        self.asked.append(query)
        text = guard.bind(query.text, outline, {name: str(term(value)) for name, value in query.bindings.items()}, query.data)
        defaults, named = query.default_graphs or outline.default_graphs, query.named_graphs or outline.named_graphs
        options, store = {}, self.store
        if defaults or named:
            store = ox.Store()
            store.extend(ox.Quad(*quad.triple, ox.DefaultGraph()) for quad in self.quads if quad.graph_name.value in defaults)
            store.extend(quad for quad in self.quads if quad.graph_name.value in named)
            options = {"default_graph": ox.DefaultGraph(), "named_graphs": [ox.NamedNode(iri) for iri in named]}
        try:
            results = store.query(text, base_iri=BASE, **options)
        except SyntaxError as fault:
            raise QueryError(f"{fault}\n{text}") from None
        output = io.BytesIO()
        if isinstance(results, ox.QueryTriples):
            ox.serialize(results, output, ox.RdfFormat.N_TRIPLES)
            return Answer(query.triples, output.getvalue(), outline.form, "memory")
        results.serialize(output, ox.QueryResultsFormat.JSON)
        return Answer(RESULTS[0], output.getvalue(), outline.form, "memory")

    def graphs(self) -> frozenset[str]:
        return frozenset(quad.graph_name.value for quad in self.quads)

    def release(self) -> str:
        return "memory"

    def close(self) -> None:
        pass

    def only(self, graphs) -> "Memory":
        return Memory([quad for quad in self.quads if quad.graph_name.value in graphs])


def memory(trig: str) -> Memory:
    return Memory(list(ox.parse((HEAD.replace("PREFIX", "@prefix").replace(">\n", "> .\n") + trig).encode(), ox.RdfFormat.TRIG)))


def rows_of(engine: Memory, query: str) -> list[str]:
    return [json.dumps(row, sort_keys=True) for row in run(engine, Query(query)).rows]


def minimal(sets) -> set[frozenset]:
    found = set(sets)
    return {each for each in found if not any(other < each for other in found)}


# Generated data and queries

NODES = [f":n{number}" for number in range(3)]
EDGES = [":p", ":q", ":r"]
ALL_GRAPHS = [P1, P2, P3, DERIVED, OUTSIDE]
VARIABLES = ["?a", "?b", "?c", "?d"]


@st.composite
def data(draw) -> Memory:
    lines = draw(st.lists(st.tuples(*map(st.sampled_from, (NODES, EDGES, [*NODES, "1", "2"], ALL_GRAPHS))), min_size=6, max_size=22))
    return memory("\n".join(f"<{graph}> {{ {s} {p} {o} }}" for s, p, o, graph in lines))


@dataclass(frozen=True)
class Shape:
    """What a generated group may hold."""

    absence: bool  # OPTIONAL, MINUS, NOT EXISTS
    depth: int = 2


def triple(draw) -> str:
    subject = draw(st.sampled_from([*VARIABLES, *VARIABLES, ":n0", "_:x"]))
    edge = draw(st.sampled_from([*EDGES, *EDGES, "?e"]))
    return f"{subject} {edge} {draw(st.sampled_from([*VARIABLES, *VARIABLES, ':n1', '1', '[]', '[ :p ?d ]']))} ."


def path(draw) -> str:
    start = draw(st.sampled_from(VARIABLES))
    form = draw(
        st.sampled_from(
            [
                ":p/:q",
                "^:p",
                ":p|:q",
                "(:p|^:q)/:r",
                "!:p",
                "!(:p|^:q)",
                ":p+",
                ":p*",
                ":q?",
                "(:p/:q)*",
                "(:p|:q)+",
                "^:p+",
                "(:p+)/:q?",
                "(:p?|:q)+",
            ]
        )
    )
    # The start stands in a triple: whether a node that stands in none reaches itself is the engine's affair.
    return (
        f"{start} {draw(st.sampled_from(EDGES))} {draw(st.sampled_from(VARIABLES))} . {start} {form} {draw(st.sampled_from(VARIABLES))} ."
    )


def condition(draw) -> str:
    left, right = draw(st.sampled_from(VARIABLES)), draw(st.sampled_from([*VARIABLES, ":n0", "1"]))
    return f"({left} {draw(st.sampled_from(['=', '!=', '<']))} {right})"


def part(draw, shape: Shape, bound: list[str]) -> str:
    kinds = ["triple"] * 3 + ["path", "filter", "values"]
    if shape.depth:
        kinds += ["union", "graph", "constant graph", "group", "exists", "or exists", "select", "bind", "bind exists"]
        if shape.absence:
            kinds += ["optional"] * 3 + ["minus", "not exists", "or not exists"]
    kind = draw(st.sampled_from(kinds))
    inner = Shape(shape.absence, shape.depth - 1)
    match kind:
        case "triple":
            return triple(draw)
        case "path":
            return path(draw)
        case "filter":
            return f"FILTER {condition(draw)}"
        case "values":
            return f"VALUES {draw(st.sampled_from(VARIABLES))} {{ :n0 :n1 1 }}"
        case "union":
            return f"{group(draw, inner)} UNION {group(draw, inner)}"
        case "graph":
            return f"GRAPH ?g {group(draw, Shape(shape.absence, 0))}"
        case "constant graph":
            return f"GRAPH <{draw(st.sampled_from(ALL_GRAPHS))}> {{ {triple(draw)} }}"
        case "group":
            return group(draw, inner)
        case "exists":
            return f"FILTER EXISTS {{ {triple(draw)} {triple(draw)} }}"
        case "or exists":
            return f"FILTER({condition(draw)} || EXISTS {{ {triple(draw)} }})"
        case "not exists":
            return f"FILTER NOT EXISTS {{ {triple(draw)} }}"
        case "or not exists":
            return f"FILTER({condition(draw)} || NOT EXISTS {{ {triple(draw)} }})"
        case "select":
            chosen = " ".join(draw(st.lists(st.sampled_from(VARIABLES), min_size=1, max_size=2, unique=True)))
            return f"{{ SELECT {draw(st.sampled_from(['', 'DISTINCT ']))}{chosen} WHERE {group(draw, inner)} }}"
        case "bind":
            bound.append(f"?bound{len(bound)}")
            return f"BIND(STR({draw(st.sampled_from(VARIABLES))}) AS {bound[-1]})"
        case "bind exists":
            if not shape.absence:
                return triple(draw)
            bound.append(f"?bound{len(bound)}")
            return f"BIND(EXISTS {{ {triple(draw)} }} AS {bound[-1]})"
        case "optional":
            return f"OPTIONAL {group(draw, inner)}"
        case "minus":
            return f"MINUS {group(draw, Shape(False, 0))}"
    raise AssertionError(kind)


def group(draw, shape: Shape) -> str:
    bound: list[str] = []
    parts = [triple(draw), *(part(draw, shape, bound) for _ in range(draw(st.integers(0, 2))))]
    return "{ " + "\n".join(parts) + " }"


@st.composite
def selects(draw, absence: bool, limited: bool = False) -> str:
    where = group(draw, Shape(absence))
    form = draw(st.sampled_from(["", "DISTINCT ", "REDUCED "]))
    chosen = draw(st.sampled_from(["*", "?a", "?a ?b", "?b ?g ?c", "?a (STR(?b) AS ?text)"]))
    order = draw(st.sampled_from(["", "ORDER BY ?a ?b", "ORDER BY DESC(?b)"])) if "bound" not in where else ""
    limit = draw(st.sampled_from(["", "LIMIT 2", "LIMIT 3 OFFSET 1"])) if limited else ""
    return f"{HEAD}SELECT {form}{chosen} WHERE {where} {order} {limit}"


@st.composite
def groupings(draw) -> str:
    where = group(draw, Shape(False))
    keys = draw(st.sampled_from([("?a", "?a"), ("?a ?b", "?a ?b"), ("", "?a"), ("?text", "(STR(?b) AS ?text)"), ("", "")]))
    having = draw(st.sampled_from(["", "HAVING(COUNT(*) > 1)"]))
    return f"{HEAD}SELECT {keys[0]} (COUNT(*) AS ?count) WHERE {where} {f'GROUP BY {keys[1]}' if keys[1] else ''} {having}"


def answer(engine: Memory, query: str, at_once: bool = False):
    """Return the citation of a query; a draw that the engine does not take, or not by the standard, is left out."""
    assume(not rewrite(parsed := parse(query), parsed.select.where).apart)
    lookups.MANY = -1 if at_once else MANY
    try:
        plain = run(engine, Query(query))
    except QueryError:
        assume(False)  # a blank node in two groups, most often
    assume(len(plain.rows) <= 60)
    cited = cite(engine, Query(query))
    assert cited.table == plain, query
    assert not cited.refused, cited.refused
    assert len(cited.rows) == len(plain.rows)
    return cited


@pytest.fixture(autouse=True)
def as_many_as_ever():
    """What a draw has set is set back: `monkeypatch` would last for all draws of a test."""
    yield
    lookups.MANY = MANY


PROFILE = settings(max_examples=int(os.environ.get("MIKG_FUZZ") or 300), deadline=None, suppress_health_check=list(HealthCheck))


@PROFILE
@given(data(), selects(absence=False, limited=True), st.booleans())
def test_the_derivations_of_a_monotone_query_are_the_least_sets_of_graphs_that_give_the_row(engine, query, at_once):
    cited = answer(engine, query, at_once)
    query = query.split(" LIMIT")[0]
    graphs = sorted(engine.graphs())
    giving: dict[str, list[frozenset]] = {}
    for size in range(len(graphs) + 1):
        for chosen in itertools.combinations(graphs, size):
            for row in rows_of(engine.only(chosen), query):
                giving.setdefault(row, []).append(frozenset(chosen))
    for table_row, row in zip(cited.table.rows, cited.rows, strict=True):
        assert not row.more and not row.absence
        assert set(row.derivations) == minimal(giving[json.dumps(table_row, sort_keys=True)]), table_row


@st.composite
def well_designed(draw) -> str:
    """A query in which what is absent binds nothing for the rest (Pérez et al., Semantics and complexity of SPARQL, 2009)."""
    parts = [group(draw, Shape(False))[1:-1]]
    for number in range(draw(st.integers(1, 2))):
        start, edge = draw(st.sampled_from(VARIABLES)), draw(st.sampled_from(EDGES))
        test = draw(st.sampled_from(["", f"FILTER(?o{number} != {start})", f"FILTER EXISTS {{ ?o{number} ?any {start} }}"]))
        forms = (
            f"OPTIONAL {{ {start} {edge} ?o{number} {test} }}",
            f"MINUS {{ {start} {edge} ?m }}",
            f"FILTER NOT EXISTS {{ {start} {edge} ?m }}",
        )
        parts.append(draw(st.sampled_from(forms)))
    limit = draw(st.sampled_from(["", "LIMIT 2", "LIMIT 3 OFFSET 1"]))
    return f"{HEAD}SELECT {draw(st.sampled_from(['', 'DISTINCT ']))}* WHERE {{ {' '.join(parts)} }} {limit}"


@PROFILE
@given(data(), selects(absence=True, limited=True), st.booleans())
def test_each_row_of_any_query_has_a_derivation_or_rests_on_absence(engine, query, at_once):
    cited = answer(engine, query, at_once)
    assert all(row.derivations or row.absence for row in cited.rows)
    assert all(graph in engine.graphs() for row in cited.rows for derivation in row.derivations for graph in derivation)


@PROFILE
@given(data(), well_designed(), st.booleans())
def test_without_the_graphs_that_are_cited_the_row_is_gone(engine, query, at_once):
    cited = answer(engine, query, at_once)
    unlimited = query.split(" LIMIT")[0]
    for table_row, row in list(zip(cited.table.rows, cited.rows, strict=True))[:8]:
        assert row.derivations or row.absence
        if not all(row.derivations):
            continue
        left = engine.only(engine.graphs() - frozenset().union(*row.derivations))
        assert json.dumps(table_row, sort_keys=True) not in rows_of(left, unlimited)


@PROFILE
@given(data(), groupings(), st.booleans())
def test_the_graphs_of_a_group_alone_give_the_group(engine, query, at_once):
    cited = answer(engine, query, at_once)
    for table_row, row in list(zip(cited.table.rows, cited.rows, strict=True))[:8]:
        text = json.dumps(table_row, sort_keys=True)
        for derivation in row.derivations[:4]:
            assert text in rows_of(engine.only(derivation), query)
        # With its key hidden, another group may come to count the same.
        shown = "GROUP BY" not in query or "SELECT  (" not in query
        if shown and row.derivations and all(row.derivations) and not row.more:
            assert text not in rows_of(engine.only(engine.graphs() - frozenset().union(*row.derivations)), query)


# Cases: each operator once, over data that a reader can hold in the head

CASE = f"""
<{P1}> {{ :ana :memberOf :north . :north :partOf :union . :ana :age 40 }}
<{P2}> {{ :ana :memberOf :north . :ben :memberOf :south ; :age 30 . :south :partOf :union }}
<{P3}> {{ :union :partOf :world . :ben :friend :ana . _:someone :friend :ben }}
<{CURATION}> {{ :ana :label "Ana"@en }}
<{SHAPES}> {{ :ben :label "a shape"@en . :ana :memberOf :north }}
<{OUTSIDE}> {{ :ben :age 99 . :carl :memberOf :east }}
"""
SHORT = {P1: "1", P2: "2", P3: "3", P4: "4", CURATION: "curation", DERIVED: "derived", SHAPES: "shapes", OUTSIDE: "outside"}


def told(row: Row) -> str:
    """Return a row's support in short: alternatives by |, what is used jointly by +, a dash where it rests on absence too."""
    ways = " | ".join("+".join(sorted(SHORT[graph] for graph in each)) or "nothing" for each in row.derivations)
    return ways + (" -" if row.absence else "")


def cited(query: str, engine: Memory | None = None, **more):
    return cite(engine or memory(CASE), Query(HEAD + query, **more))


OPERATORS = {
    "a triple of two graphs, and not of shapes": ("SELECT * { :ana :memberOf ?x }", ["1 | 2"]),
    "a join": ("SELECT ?x { :ana :memberOf ?x . ?x :partOf ?y }", ["1"]),
    "a join across": ("SELECT ?y { :ben :memberOf/:partOf/:partOf ?y }", ["2+3"]),
    "a repeated row cites all that it may come from": ("SELECT ?u { ?x :partOf ?u FILTER(?u = :union) }", ["1 | 2", "1 | 2"]),
    "DISTINCT": ("SELECT DISTINCT ?u { ?x :partOf ?u FILTER(?u = :union) }", ["1 | 2"]),
    "FILTER": ("SELECT ?who { ?who :age ?age FILTER(?age > 35) }", ["1"]),
    "BIND": ("SELECT ?next { :ben :age ?age BIND(?age + 1 AS ?next) }", ["2"]),
    "an expression that is projected": ("SELECT (?age * 2 AS ?twice) { :ben :age ?age }", ["2"]),
    "VALUES": ("SELECT ?who ?age { VALUES ?who { :ana :ben } ?who :age ?age } ORDER BY ?who", ["1", "2"]),
    "VALUES behind the group": ("SELECT ?who ?age { ?who :age ?age } VALUES ?who { :ben }", ["2"]),
    "VALUES behind the group, for what is optional": (
        "SELECT ?x ?l { ?x :memberOf ?y OPTIONAL { ?x :label ?l } } ORDER BY ?x VALUES ?l { 'of mine' }",
        ["2 -"],
    ),
    "nothing of the graph": ("SELECT ?x { VALUES ?x { 1 } }", ["nothing"]),
    "UNION": ("SELECT ?x { { :ben :friend ?x } UNION { :ana :memberOf ?x } } ORDER BY ?x", ["3", "1 | 2"]),
    "OPTIONAL": ("SELECT * { ?x :memberOf ?y OPTIONAL { ?x :label ?l } } ORDER BY ?x", ["1+curation | 2+curation", "2 -"]),
    "OPTIONAL with a filter on what is around it": (
        "SELECT * { ?x :age ?a OPTIONAL { ?x :memberOf ?y FILTER(?a > 35) } } ORDER BY ?x",
        ["1", "2 -"],
    ),
    "OPTIONAL without a variable of its own": ("SELECT * { ?x :age ?a OPTIONAL { ?x :friend :ana } } ORDER BY ?x", ["1 -", "2+3"]),
    "MINUS": ("SELECT * { ?x :memberOf ?y MINUS { ?x :label ?l } }", ["2 -"]),
    "NOT EXISTS": ("SELECT * { ?x :memberOf ?y FILTER NOT EXISTS { ?x :friend ?z } }", ["1 | 2 -"]),
    "EXISTS cites its witness": ("SELECT * { ?x :memberOf ?y FILTER EXISTS { ?x :friend ?z } }", ["2+3"]),
    "EXISTS with a filter on what is around it": (
        "SELECT ?x { ?x :age ?a FILTER EXISTS { ?other :age ?b FILTER(?b > ?a) } }",
        ["1+2"],
    ),
    "EXISTS within EXISTS": (
        "SELECT ?x { ?x :age ?a FILTER EXISTS { ?x :memberOf ?y FILTER EXISTS { ?y :partOf :union } } } ORDER BY ?x",
        ["1", "2"],
    ),
    "EXISTS in a group by itself, with a name that has a value outside": (
        "SELECT * { ?b :age ?n . { ?a :memberOf ?c . FILTER EXISTS { ?c :partOf ?b } } } ORDER BY ?b ?a LIMIT 4",
        ["1", "1+2", "1+2", "2"],
    ),
    "EXISTS with a name that gets its value behind its group": (
        "SELECT * { ?b :age ?n . { ?a :memberOf ?c OPTIONAL { ?c :nothing ?b } FILTER EXISTS { ?c :partOf ?b } } } ORDER BY ?b ?a LIMIT 4",
        ["1 -", "1+2 -", "1+2 -", "2 -"],
    ),
    "a comparison or EXISTS": ("SELECT ?x { ?x :age ?a FILTER(?a > 35 || EXISTS { ?x :friend ?z }) } ORDER BY ?x", ["1", "2+3"]),
    "the value of EXISTS": ("SELECT ?x ?is { ?x :age ?a BIND(EXISTS { ?x :friend ?z } AS ?is) } ORDER BY ?x", ["1 -", "2+3"]),
    "EXISTS that is projected": ("SELECT ?x (EXISTS { ?x :friend ?z } AS ?is) { ?x :age ?a } ORDER BY ?x", ["1 -", "2+3"]),
    "GRAPH with a variable": ("SELECT * { GRAPH ?g { ?x :age ?a } } ORDER BY ?a", ["2", "1", "outside"]),
    "GRAPH with a name": ("SELECT * { GRAPH graph:shapes { ?x :label ?l } }", ["shapes"]),
    "GRAPH and the default graph": ("SELECT ?g { GRAPH ?g { ?x :age 40 } ?x :memberOf ?y }", ["1"]),
    "EXISTS within GRAPH": ("SELECT ?x { GRAPH ?g { ?x :age ?a FILTER EXISTS { ?x :memberOf ?y } } } ORDER BY ?x", ["1", "2"]),
    "a path within GRAPH": (f"SELECT ?y {{ GRAPH <{P1}> {{ :ana (:memberOf|:partOf)+ ?y }} }} ORDER BY ?y", ["1", "1"]),
    "an empty GRAPH": ("SELECT ?g { GRAPH ?g {} } ORDER BY ?g", ["1", "2", "3", "curation", "outside", "shapes"]),
    "a sub-SELECT": ("SELECT ?x ?u { ?x :memberOf ?y { SELECT ?y ?u { ?y :partOf ?u } } } ORDER BY ?x", ["1", "2"]),
    "a sub-SELECT that hides": ("SELECT ?x { ?x :age ?a { SELECT DISTINCT ?x { ?x :friend ?a } } }", ["2+3"]),
    "a sub-SELECT with LIMIT": ("SELECT ?y { ?x :memberOf ?y { SELECT ?x { ?x :age ?a } ORDER BY ?a LIMIT 1 } }", ["2"]),
    "a sub-SELECT that counts": (
        "SELECT ?u ?n ?w { ?u :partOf ?w { SELECT ?u (COUNT(?x) AS ?n) { ?x :partOf ?u } GROUP BY ?u } }",
        ["1+2+3"],
    ),
    "GROUP BY": ("SELECT ?u (COUNT(?x) AS ?n) { ?x :partOf ?u } GROUP BY ?u ORDER BY ?u", ["1+2", "3"]),
    "GROUP BY a key that is not shown": ("SELECT (COUNT(?x) AS ?n) { ?x :partOf ?u } GROUP BY ?u ORDER BY ?n", ["3", "1+2"]),
    "GROUP BY an expression": ("SELECT ?w (MAX(?a) AS ?m) { ?x :age ?a } GROUP BY (STRLEN(STR(?x)) AS ?w)", ["1+2"]),
    "GROUP BY what is unbound": (
        "SELECT ?l (COUNT(*) AS ?n) { ?x :age ?a OPTIONAL { ?x :label ?l } } GROUP BY ?l ORDER BY ?l",
        ["2 -", "1+curation"],
    ),
    "HAVING": ("SELECT ?u { ?x :partOf ?u } GROUP BY ?u HAVING(COUNT(*) > 1)", ["1+2"]),
    "a group of all": ("SELECT (SUM(?a) AS ?s) { ?x :age ?a }", ["1+2"]),
    "a group of none": ("SELECT (COUNT(*) AS ?n) { :ana :dislikes ?x }", [" -"]),
    "an order by an aggregate": ("SELECT ?u { ?x :partOf ?u } GROUP BY ?u ORDER BY COUNT(?x)", ["3", "1+2"]),
    "LIMIT and OFFSET": ("SELECT ?x { ?x :age ?a } ORDER BY ?a LIMIT 1 OFFSET 1", ["1"]),
    "an inverse path": ("SELECT ?x { :ben ^:friend ?x . ?x :friend :ben }", ["3"]),
    "an alternative path": ("SELECT ?x { :ben :friend|:memberOf ?x } ORDER BY ?x", ["3", "2"]),
    "a negated path": ("SELECT ?x { :ben !(:age|^:friend) ?x } ORDER BY ?x", ["3", "2"]),
    "a path of one and more": ("SELECT ?y { :ana :memberOf/:partOf+ ?y } ORDER BY ?y", ["1", "1+3"]),
    "a path of none and more": ("SELECT ?y { :south :partOf* ?y } ORDER BY ?y", ["nothing", "2", "2+3"]),
    "a path of none and more, from its end": ("SELECT ?x { ?x :memberOf ?y . ?y :partOf* :world } ORDER BY ?x", ["1+3", "2+3"]),
    "a path that may be": ("SELECT ?y { :south :partOf? ?y } ORDER BY ?y", ["nothing", "2"]),
    "a closure of a sequence": ("SELECT ?y { :ana (:memberOf/:partOf)+ ?y }", ["1"]),
    "blank nodes are variables": ("SELECT ?x { ?x :friend [ :memberOf _:club ] . _:club :partOf [] } ORDER BY ?x", ["2+3", "1+3"]),
    "a blank node in the answer": ("SELECT ?who { ?who :friend :ben }", ["3"]),
    "a blank node on a page": ("SELECT ?who { ?who :friend :ben } LIMIT 1", ["3"]),
    "names like those of the rewriting": ("SELECT ?m0x0 ?m0x1 { ?m0x0 :memberOf/:partOf ?m0x1 } ORDER BY ?m0x0", ["1", "2"]),
    "a base that ends in a sharp": ("BASE <https://w3id.org/x> PREFIX x: <#> SELECT ?a { :ana :age ?a FILTER(?a != x:a || true) }", ["1"]),
    "dollar signs": ("SELECT $x { $x :age ?a FILTER($a < 35) }", ["2"]),
    "comments and other words": ("SELECT ?x # UNION {\nWHERE { ?x :age 40 # FILTER\n}", ["1"]),
    "FROM": (f"SELECT ?a FROM <{P2}> FROM <{OUTSIDE}> {{ ?x :age ?a }} ORDER BY ?a", ["2", "outside"]),
    "FROM NAMED": (f"SELECT ?x FROM NAMED <{P2}> {{ GRAPH ?g {{ ?x :age ?a }} }}", ["2"]),
}


def test_a_row_that_the_engine_gives_against_the_standard_is_not_cited_and_why():
    # The engine answers the inner group with a value of ?u, which that does not know.
    answered = cited("SELECT ?u { ?x :partOf ?u . { ?x :partOf ?w FILTER NOT EXISTS { ?w :partOf ?u } } } ORDER BY ?u")
    assert [told(row) for row in answered.rows] == ["", "", "3 -"]
    assert "rows 1, 2, which could not be traced" in answered.refused and "gives ?u a value within EXISTS" in answered.refused


@pytest.mark.parametrize("at_once", [False, True], ids=["looked up", "at once"])
@pytest.mark.parametrize("case", OPERATORS)
def test_each_operator_is_cited(case, at_once, monkeypatch):
    monkeypatch.setattr(lookups, "MANY", -1 if at_once else MANY)
    query, expected = OPERATORS[case]
    answered = cited(query)
    assert not answered.refused
    assert [told(row) for row in answered.rows] == expected


def test_an_answer_yes_cites_what_makes_it_so_and_no_is_absence():
    yes, no = cited("ASK { ?x :partOf :union }"), cited("ASK { ?x :partOf :moon }")
    assert yes.table.boolean is True and [told(row) for row in yes.rows] == ["1 | 2"]
    assert no.table.boolean is False and [told(row) for row in no.rows] == [" -"]


@pytest.mark.parametrize(
    ("query", "yes", "expected"),
    [
        ("ASK { ?x :partOf ?y } VALUES ?y { :world }", True, "3"),
        ("ASK { ?x :partOf ?y } VALUES ?y { :moon }", False, " -"),
        ("ASK { ?x :age 40 } LIMIT 0", False, " -"),
        ("ASK { ?x :age 40 } OFFSET 1", False, " -"),
        (f"ASK FROM <{P2}> {{ ?x :age ?y }}", True, "2"),
        (f"ASK {{ GRAPH <{P1}> {{ :ben :age ?y }} }}", False, " -"),
    ],
)
def test_an_answer_that_is_yes_or_no_is_that_of_the_query_with_all_that_stands_behind_its_pattern(query, yes, expected):
    answered = cited(query)
    assert answered.table == run(memory(CASE), Query(HEAD + query)) and answered.table.boolean is yes
    assert [told(row) for row in answered.rows] == [expected] and not answered.refused


def test_each_triple_of_a_graph_is_cited():
    built = cited("CONSTRUCT { ?x :knows ?y . ?y :knownIn :here } WHERE { ?x :friend ?y . ?y :memberOf :south OPTIONAL { ?y :label ?l } }")
    assert {row["predicate"]["value"].removeprefix(ID): told(each) for row, each in zip(built.table.rows, built.rows, strict=True)} == {
        "knows": "2+3 -",
        "knownIn": "2+3 -",
    }
    short = cited("CONSTRUCT WHERE { ?x :age 40 }")
    assert [told(row) for row in short.rows] == ["1"] and not short.refused
    described = cited("DESCRIBE :ben")
    assert sorted(told(row) for row in described.rows) == ["2", "2", "3"] and not described.refused
    literal = cited('CONSTRUCT { :x :says "a \\"b\\"\\n"@en , 7.5 } WHERE { ?x :age 40 }')
    assert [told(row) for row in literal.rows] == ["1", "1"] and not literal.refused


def test_a_graph_of_some_values_or_of_the_first_solutions_is_cited():
    some = cited("CONSTRUCT { ?x :in ?y . ?y :has ?x } WHERE { ?x :memberOf ?y } VALUES ?x { :ben }")
    assert [told(row) for row in some.rows] == ["2", "2"] and not some.refused
    first = cited(
        "CONSTRUCT { ?x :in ?y . ?y :has ?x . ?x :is :known } WHERE { ?x :memberOf ?y OPTIONAL { ?x :label ?l } } ORDER BY ?x LIMIT 1"
    )
    assert {told(row) for row in first.rows} == {"1+curation | 2+curation"} and len(first.rows) == 3
    many = memory("\n".join(f"<{P1}> {{ :n{number} :size {number} ; :like :n{number + 1} }}" for number in range(500)))
    few = cited("CONSTRUCT { ?x :much ?n } WHERE { ?x :size ?n ; :like ?y } LIMIT 3", many)
    assert [told(row) for row in few.rows] == ["1"] * 3
    assert max(many.query(asked).body.count(b"\n") + many.query(asked).body.count(b'"type"') for asked in list(many.asked)) < 50


def test_a_blank_node_that_is_made_is_not_cited_and_that_is_said():
    made = cited("CONSTRUCT { ?x :has [] . ?x :old true } WHERE { ?x :age 40 }")
    assert sorted(told(row) for row in made.rows) == ["", "1"]
    assert "which could not be traced" in made.refused


def test_a_parameter_enters_as_data():
    value = {"x": {"type": "uri", "value": ID + "ben"}}
    assert [told(row) for row in cited("SELECT ?y { ?x :memberOf ?y }", bindings=value).rows] == ["2"]
    assert [told(row) for row in cited("SELECT (COUNT(*) AS ?n) ?a { ?x :age ?a } GROUP BY ?a", bindings=value).rows] == ["2"]
    assert [told(row) for row in cited("SELECT * { ?x :memberOf ?y }", bindings=value).rows] == ["2"]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT ?x {\n  ?x :age ?a FILTER(RAND() < 2) }", "RAND, which is another value each time, at line 5, column 21 is not cited"),
        ("SELECT ?u {\n  ?x :partOf ?u }\nGROUP BY ?u\nHAVING(EXISTS { ?u :partOf ?w })", "EXISTS within HAVING at line 7, column 1 is"),
        ("SELECT ?y { GRAPH ?g {\n { SELECT ?y { ?g :memberOf ?y } } } }", "a sub-SELECT that uses ?g for something else"),
    ],
)
def test_what_is_not_cited_is_refused_with_its_place_and_still_answered(query, reason):
    answered = cited(query)
    assert reason in answered.refused
    assert answered.rows == ()
    assert answered.table == run(memory(CASE), Query(HEAD + query))


def test_a_query_that_does_not_parse_is_an_error_as_ever():
    with pytest.raises(QueryError):
        cited("SELECT ?x { ?x }")


def test_a_page_is_derived_and_not_the_whole_answer():
    many = memory("\n".join(f"<{P1}> {{ :thing{number} :size {number} ; :like :thing{number + 1} }}" for number in range(500)))
    answered = cited("SELECT ?x ?y { ?x :size ?n . ?x :like ?y } ORDER BY ?n LIMIT 3", many)
    assert [told(row) for row in answered.rows] == ["1"] * 3
    sizes = [len(json.loads(many.query(asked).body)["results"]["bindings"]) for asked in list(many.asked)]
    assert max(sizes) <= 6


def test_no_request_of_a_citation_grows_with_the_release():
    lines = [
        f"<{DOCUMENT}a/p{number}> {{ :n{number} :size {number} ; <{MIKG}modality> <{MIKG}planned> ; <{MIKG}claimant> :n{number} }}"
        for number in range(500)
    ]
    many = memory("\n".join(lines))
    for query in ("SELECT ?n { :n7 :size ?n }", "SELECT ?g { GRAPH ?g { :n7 :size ?n } }", "DESCRIBE :n7", "ASK { :n7 :size ?n }"):
        [status] = {status for row in cited(query, many).rows for status in row.statuses}
        assert (status.graph, status.modality, status.claimants) == (f"{DOCUMENT}a/p7", "planned", (ID + "n7",))
    assert all(len(many.query(asked).body) < 1_000 for asked in list(many.asked))


def test_a_document_that_says_elsewhere_how_it_means_a_thing_is_believed():
    engine = memory(f"""
        <{P1}> {{ :trip :to :ben }}
        <{P2}> {{ :trip <{MIKG}modality> <{MIKG}planned> ; <{MIKG}claimant> :ana }}
        <{DOCUMENT}b/p1> {{ :trip :to :ben }}
    """)
    [row] = cited("SELECT ?who { :trip :to ?who }", engine).rows
    assert [(status.graph, status.modality, status.claimants) for status in row.statuses] == [(P1, "planned", (ID + "ana",))]


def test_many_alternatives_are_cut_off_and_that_is_said():
    many = memory("\n".join(f"<{DOCUMENT}a/p{number}> {{ :x :p :y . :y :q :z . :z :r :x }}" for number in range(30)))
    [row] = cited("SELECT * { ?x :p ?y . ?y :q ?z . ?z :r ?x }", many).rows
    assert not row.more and len(row.derivations) == 30
    rest = memory("\n".join(f"<{DOCUMENT}{key}/p{number}> {{ :x :{key} :y }}" for key in "pqr" for number in range(20)))
    [row] = cited("SELECT * { ?x :p ?y ; :q ?y ; :r ?y }", rest).rows
    assert row.more and len(row.derivations) == 64 and all(len(each) == 3 for each in row.derivations)


def test_the_smallest_derivation_comes_first_and_the_order_is_the_same_each_time():
    engine = memory(f"<{P1}> {{ :a :p :b }} <{P2}> {{ :b :q :c }} <{P3}> {{ :a :p :b . :b :q :c }}")
    [row] = cited("SELECT * { ?a :p ?b . ?b :q ?c }", engine).rows
    assert row.derivations == (frozenset([P3]), frozenset([P1, P2]))


INFERRED = f"""
<{P1}> {{ :a :p :b }}
<{P2}> {{ :b :p :c }}
<{DERIVED}> {{
  :a :above :c . :derivation-1 a <{MIKG}Derivation> ; <{MIKG}rule> :rule-one ; <{MIKG}premise> :statement-1 , :statement-2 ;
    <{RDF}subject> :a ; <{RDF}predicate> :above ; <{RDF}object> :c ; <{PROV}wasDerivedFrom> <{P1}> , <{P2}> .
  :statement-1 <{RDF}subject> :a ; <{RDF}predicate> :p ; <{RDF}object> :b .
  :statement-2 <{RDF}subject> :b ; <{RDF}predicate> :p ; <{RDF}object> :c .
  :a :over "c" . :derivation-2 a <{MIKG}Derivation> ; <{MIKG}rule> :rule-two ; <{MIKG}premise> :statement-3 ;
    <{RDF}subject> :a ; <{RDF}predicate> :over ; <{RDF}object> "c" ; <{PROV}wasDerivedFrom> <{DERIVED}> .
  :statement-3 <{RDF}subject> :a ; <{RDF}predicate> :above ; <{RDF}object> :c .
}}
"""


def test_an_inferred_triple_leads_by_its_rules_to_the_passages():
    answered = cited("SELECT ?what { :a :over ?what }", memory(INFERRED))
    [row] = answered.rows
    assert told(row) == "derived"
    assert row.derived == ((f"<{ID}a>", f"<{ID}over>", '"c"'),)
    assert row.rules == (ID + "rule-two", ID + "rule-one")
    assert row.beneath == (P1, P2)
    assert [step.rule for step in answered.steps] == [ID + "rule-two", ID + "rule-one"]


def test_only_the_derivation_of_the_triple_that_was_matched_is_shown():
    [step] = explain(memory(INFERRED), [(f"<{ID}a>", f"<{ID}above>", f"<{ID}c>")])
    assert step.rule == ID + "rule-one"
    assert [graphs for _, graphs in step.premises] == [(P1,), (P2,)]


def test_passages_that_render_one_utterance_or_print_the_same_are_one_source():
    engine = memory(f"""
        <{P1}> {{ :quotation-1 <{MIKG}renders> :speech }}
        <{P2}> {{ :quotation-2 <{MIKG}renders> :speech }}
        <{GRAPH}documents> {{ <{P2}> <{MIKG}sha256> "a" . <{P3}> <{MIKG}sha256> "a" . <{P4}> <{MIKG}sha256> "b" }}
    """)
    assert sources(engine, [P4, P3, P1, P2]) == ((P4,), (P3, P1, P2))
    assert sources(engine, [P1, P3]) == ((P1,), (P3,))


# The real graph, through the workers


def test_a_hundred_optionals_are_cited(made):
    # To plan them alone takes the engine some seconds.
    patient = Pool(replace(made, deadline=100))
    optionals = "".join(f" OPTIONAL {{ ?x mikg:none{number} ?v{number} }}" for number in range(99))
    text = f"PREFIX mikg: <{MIKG}> SELECT ?x ?form {{ ?x mikg:acronym ?form OPTIONAL {{ ?x a ?class }}{optionals} }} LIMIT 5"
    answered = cite(patient, Query(text))
    patient.close()
    assert not answered.refused and len(answered.rows) == 5
    assert all(row.derivations and row.absence for row in answered.rows)


def test_a_query_near_the_limits_is_cited_or_says_why_not(pool):
    filters = " ".join(f'FILTER(?form != "{number}")' for number in range(118))
    answered = cite(pool, Query(f"SELECT * {{ ?x <{MIKG}acronym> ?form {filters} OPTIONAL {{ ?x a/a ?y }} }} LIMIT 3"))
    assert len(answered.table.rows) == 3
    assert answered.refused or all(row.derivations for row in answered.rows)


def test_every_question_is_cited_and_its_rows_are_those_of_the_question(pool, made):
    refused, without = {}, []
    questions = queries.catalogue(made.sources)
    for name, question in questions.items():
        answered = cite(pool, Query(question.text, question.bindings({})))
        assert answered.table == answers.run(pool, queries.query(question, {})), name
        if answered.refused:
            refused[name] = answered.refused
        elif not all(row.derivations or row.absence for row in answered.rows):
            without.append(name)
    assert not refused, refused
    assert not without


def test_a_row_of_the_real_graph_that_rests_on_a_rule_shows_its_passages(pool):
    text = f"PREFIX rdf: <{RDF}> SELECT ?s ?p ?o {{ GRAPH <{DERIVED}> {{ ?d <{MIKG}rule> ?rule ; rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o }} ?s ?p ?o }} ORDER BY ?d LIMIT 20"
    answered = cite(pool, Query(text))
    assert not answered.refused and answered.rows
    assert all(row.rules and row.beneath for row in answered.rows if (DERIVED,) in map(tuple, row.derivations))
    assert any(graph.startswith(DOCUMENT) for row in answered.rows for graph in row.beneath)
