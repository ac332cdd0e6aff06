"""The W3C suites of SPARQL 1.1 against what answers here, and those of SPARQL 1.0 that 1.1 keeps: https://w3c.github.io/rdf-tests/

The protocol and the service description are asked of a server of their own, by real HTTP. The thousand queries of the
other suites go the same way but for the processes: application, guard and engine, each query over its own data in this process.
"""

import contextlib
import csv
import functools
import http.client
import io
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import pyoxigraph as ox
import pytest

from mikg.engine import RESULTS, TRIPLES, guard, worker
from mikg.engine.embedded import Pool
from mikg.errors import QueryError
from mikg.web.application import create_app

BESIDE = Path(__file__).parents[2] / "shared/conformance"
SUITES = Path(os.environ.get("MIKG_CONFORMANCE") or BESIDE) / "rdf-tests"
BASE = "https://w3c.github.io/rdf-tests/"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
DIRECT = "application/sparql-query"
SD = "http://www.w3.org/ns/sparql-service-description#"

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(not SUITES.is_dir(), reason="the W3C suites are not at hand (MIKG_CONFORMANCE)"),
]

AS_VALUES = "the store keeps numbers as values: 1, 01 and +1 are one term"
GRAPH = "the engine puts the name of GRAPH ?g into each pattern inside; by the standard it is joined to what the group answers"
TAGGED = "GROUP_CONCAT of texts in one language has that language; the suite expects a plain text"
UNKNOWN = "it parses, but a function that the engine does not know is refused (400); by the standard it is an error in each solution"
ZERO = "a path of length zero from or to a term that no triple has: the engine gives no answer"
# The tests that fail, and why. Each is run, and one that passes of a sudden fails by its name.
FAILS = {
    "sparql10/distinct/distinct-1": AS_VALUES,
    "sparql10/distinct/distinct-9": AS_VALUES,
    "sparql10/expr-builtin/case-insensitive-booleans": "the engine reads true and false in lower case only (a proposed test)",
    "sparql10/expr-builtin/dawg-str-1": AS_VALUES,
    "sparql10/expr-builtin/dawg-str-2": AS_VALUES,
    "sparql10/expr-builtin/sameTerm-eq": AS_VALUES,
    "sparql10/expr-builtin/sameTerm-not-eq": AS_VALUES,
    "sparql10/expr-builtin/sameTerm-simple": AS_VALUES,
    "sparql10/expr-equals/eq-graph-1": AS_VALUES,
    "sparql10/expr-equals/eq-graph-2": AS_VALUES,
    "sparql10/graph/graph-optional": GRAPH,
    "sparql10/graph/graph-variable-scope": GRAPH,
    "sparql10/open-world/date-2": "to the engine a date with a time zone and one without are different; to the suite it is an error to compare them",
    "sparql10/open-world/open-eq-01": AS_VALUES,
    "sparql10/syntax-sparql1/syntax-expr-05": UNKNOWN,
    "sparql10/syntax-sparql1/syntax-order-05": UNKNOWN,
    "sparql10/syntax-sparql1/syntax-order-06": UNKNOWN,
    "sparql10/syntax-sparql2/syntax-function-01": UNKNOWN,
    "sparql10/syntax-sparql2/syntax-function-02": UNKNOWN,
    "sparql10/syntax-sparql2/syntax-function-03": UNKNOWN,
    "sparql10/syntax-sparql2/syntax-function-04": UNKNOWN,
    "sparql11/aggregates/agg-empty-group-count-graph": GRAPH,
    "sparql11/aggregates/agg-groupconcat-04": TAGGED,
    "sparql11/aggregates/agg-groupconcat-06": TAGGED,
    "sparql11/bindings/graph": GRAPH,
    "sparql11/csv-tsv-res/csv03": AS_VALUES + ", and 1.0E6 is written 1000000",
    "sparql11/csv-tsv-res/tsv03": AS_VALUES + ", and an xsd:negativeInteger is an xsd:integer",
    "sparql11/functions/bnode01": "BNODE(text) is one node in all solutions; by the standard each solution has its own",
    "sparql11/negation/graph-minus": GRAPH,
    "sparql11/property-path/zero_or_more_set_end": ZERO,
    "sparql11/property-path/zero_or_more_set_start": ZERO,
    "sparql11/property-path/zero_or_one_set_end": ZERO,
    "sparql11/property-path/zero_or_one_set_start": ZERO,
    "sparql11/syntax-query/test_4": UNKNOWN,
}

TESTS = """
PREFIX mf: <http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#>
PREFIX qt: <http://www.w3.org/2001/sw/DataAccess/tests/test-query#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
SELECT ?manifest ?test ?kind (SAMPLE(COALESCE(?inner, ?action)) AS ?query) (SAMPLE(?expected) AS ?result) (COUNT(?cardinality) > 0 AS ?lax)
  (GROUP_CONCAT(DISTINCT COALESCE(STR(?file), ""); separator=" ") AS ?data) (GROUP_CONCAT(DISTINCT COALESCE(STR(?graph), ""); separator=" ") AS ?graphs)
WHERE {
  GRAPH ?manifest {
    [] mf:entries/rdf:rest*/rdf:first ?test .
    ?test a ?kind ; mf:action ?action .
    OPTIONAL { ?action qt:query ?inner }
    OPTIONAL { ?action qt:data ?file }
    OPTIONAL { ?action qt:graphData ?graph }
    OPTIONAL { ?test mf:result ?expected }
    OPTIONAL { ?test mf:resultCardinality ?cardinality }
  }
}
GROUP BY ?manifest ?test ?kind
ORDER BY ?manifest ?test
"""


@dataclass(frozen=True)
class Case:
    """One test of a manifest; its files by their IRIs."""

    name: str  # version, folder and name, such as sparql11/bind/bind01
    kind: str
    query: str
    data: tuple[str, ...]
    graphs: tuple[str, ...]
    result: str
    lax: bool

    @property
    def text(self) -> str:
        return path_of(self.query).read_text(encoding="utf-8")


def path_of(iri: str) -> Path:
    return SUITES / iri.removeprefix(BASE)


def rdf(path: Path, graph: ox.NamedNode | None = None) -> Iterator[ox.Quad]:
    """Read a file of RDF into a graph, the default graph where none is named; its blank nodes are its own."""
    base = BASE + path.relative_to(SUITES).as_posix()
    for quad in ox.parse(path=path, base_iri=base, rename_blank_nodes=True):
        yield ox.Quad(*quad.triple, graph)


def manifests() -> ox.Store:
    store = ox.Store()
    for path in sorted(SUITES.glob("sparql/sparql1[01]/*/manifest.ttl")):
        store.extend(rdf(path, ox.NamedNode(BASE + path.relative_to(SUITES).as_posix())))
    return store


@functools.cache
def cases() -> tuple[Case, ...]:
    """Return the tests of all manifests; none where the suites are not at hand."""
    found = []
    for row in manifests().query(TESTS):
        folder = row["manifest"].value.removeprefix(BASE + "sparql/").removesuffix("/manifest.ttl")
        name = f"{folder}/{row['test'].value.rpartition('#')[2]}"
        result = row["result"].value if row["result"] else ""
        query = row["query"].value
        data, graphs = (tuple(row[column].value.split()) for column in ("data", "graphs"))
        found.append(Case(name, row["kind"].value.rpartition("#")[2], query, data, graphs, result, row["lax"].value == "true"))
    return tuple(found)


def chosen(*kinds: str, without: tuple[str, ...] = ()) -> list:
    """Return the tests of some kinds as parameters, without those of some folders."""
    return [
        pytest.param(case, id=case.name, marks=_marks(case.name))
        for case in cases()
        if case.kind in kinds and case.name.rpartition("/")[0] not in without
    ]


def _marks(name: str) -> list:
    return [pytest.mark.xfail(reason=FAILS[name], raises=AssertionError, strict=True)] if name in FAILS else []


class Direct(Pool):
    """The pool with its limits raised, that calls what its workers call; over the data of one test."""

    store = ox.Store()

    def __init__(self, settings) -> None:
        super().__init__(settings)
        self.limits = guard.Limits(1 << 20, 1 << 10, 1 << 20, 1 << 20)

    def hold(self, case: Case) -> None:
        """Hold the data that a test names in its manifest or in the dataset clause of its query."""
        self.base = case.query
        self.store = ox.Store()
        for iri in case.data:
            self.store.extend(rdf(path_of(iri)))
        named = list(case.graphs)
        if not named and not case.data:
            try:
                outline = guard.read(case.text, self.limits, self.base)
                named = [*outline.default_graphs, *outline.named_graphs]
            except QueryError:
                pass
        for iri in dict.fromkeys(named):
            self.store.add_graph(ox.NamedNode(iri))
            if path_of(iri).is_file():
                self.store.extend(rdf(path_of(iri), ox.NamedNode(iri)))

    def graphs(self) -> frozenset[str]:
        return frozenset(graph.value for graph in self.store.named_graphs())

    def _run(self, request: bytes, text: str = "") -> tuple[dict, bytes, str]:
        return *worker.answer(self.store, json.loads(request)), "suite"


@pytest.fixture(scope="module")
def small(release_of):
    """Settings of a release with the graphs that the protocol tests name."""
    data = "http://kasei.us/2009/09/sparql/data/data{}.rdf"
    files = {data.format(number): SUITES / f"sparql/sparql11/protocol/data{number}.nt" for number in (1, 2, 3)}
    quads = [quad for iri, path in files.items() for quad in rdf(path, ox.NamedNode(iri))]
    # data0.rdf is named by tests that do not look into it, and comes with no file.
    empty = ox.NamedNode(data.format(0))
    return release_of([*quads, ox.Quad(empty, ox.NamedNode(RDF + "value"), ox.Literal("0"), empty)])


@pytest.fixture(scope="module")
def live(small, serve_module):
    return serve_module(small.releases, MIKG_SOURCES=str(small.sources))


@pytest.fixture(scope="module")
def client(small):
    """A client of the application whose engine is a `Direct`."""
    # One application for many stores: what it answered from one is not kept for the next.
    app = create_app(replace(small, cache_bytes=0))
    app.engine.close()
    app.engine = Direct(small)
    return app.test_client()


@pytest.fixture(scope="module")
def endpoint(client):
    """A function that asks a case's query over its data, and returns status, media type and body."""

    def ask(case: Case, accept: str = "*/*") -> tuple[int, str, bytes]:
        client.application.engine.hold(case)
        answer = client.post("/sparql", data=path_of(case.query).read_bytes(), content_type=DIRECT, headers={"Accept": accept})
        return answer.status_code, answer.content_type, answer.data

    return ask


# Query evaluation and result formats

Term = ox.NamedNode | ox.BlankNode | ox.Literal
Rows = list[dict[str, Term]]


@dataclass(frozen=True)
class Table:
    variables: frozenset[str]
    rows: Rows
    ordered: bool


def same_rows(rows: Rows, ordered: bool = False) -> list[str]:
    """Return rows in a form that is equal for equal multisets of rows, whatever their blank nodes are called."""
    quads = []
    for number, row in enumerate(rows):
        node = ox.BlankNode()
        quads.append(ox.Quad(node, ox.NamedNode(RS + "index"), ox.Literal(number if ordered else 0)))
        quads += [ox.Quad(node, ox.NamedNode(f"{RS}value-of-{name}"), _plain(term)) for name, term in row.items()]
    return same_graph(quads)


def same_graph(quads: Iterable[ox.Quad]) -> list[str]:
    """Return a graph in a form that is equal for isomorphic graphs."""
    graph = ox.Dataset(quads)
    graph.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return sorted(map(str, graph))


def _plain(term: Term) -> Term:
    """Return a value in one of the ways to write it: of literals the datatype and the value count, not how the engine writes them."""
    if not isinstance(term, ox.Literal):
        return term
    if term.language:
        return ox.Literal(term.value, language=term.language.lower())
    kind = term.datatype.value.removeprefix(XSD)
    with contextlib.suppress(ValueError, ArithmeticError):
        if kind in ("integer", "decimal"):
            return ox.Literal(f"{Decimal(term.value).normalize():f}", datatype=term.datatype)
        if kind in ("double", "float"):
            return ox.Literal(repr(float(term.value)), datatype=term.datatype)
    if kind == "boolean":
        return ox.Literal({"1": "true", "0": "false"}.get(term.value, term.value), datatype=term.datatype)
    if kind in ("date", "dateTime"):
        return ox.Literal(re.sub(r"[+-]00:00$", "Z", term.value), datatype=term.datatype)
    return term


def due(case: Case) -> Table | bool | list[ox.Quad]:
    """Return the answer that a test expects."""
    path = path_of(case.result)
    ordered = bool(re.search(r"ORDER\s+BY", case.text.rpartition("}")[2], re.IGNORECASE))
    formats = {".srx": ox.QueryResultsFormat.XML, ".srj": ox.QueryResultsFormat.JSON, ".tsv": ox.QueryResultsFormat.TSV}
    if path.suffix in formats:
        return table(path.read_bytes(), formats[path.suffix], ordered)
    if path.suffix == ".csv":
        return sheet(path.read_bytes())
    graph = ox.Dataset(rdf(path))
    (answer,) = [quad.subject for quad in graph.quads_for_object(ox.NamedNode(RS + "ResultSet"))] or [None]
    return list(graph) if answer is None else described(graph, answer, ordered)


def table(body: bytes, form: ox.QueryResultsFormat, ordered: bool) -> Table | bool:
    answer = ox.parse_query_results(body, form)
    if isinstance(answer, ox.QueryBoolean):
        return bool(answer)
    names = [variable.value for variable in answer.variables]
    rows = [{name: row[name] for name in names if row[name] is not None} for row in answer]
    return Table(frozenset(names), rows, ordered)


def sheet(body: bytes) -> Table:
    """Read CSV results: what they keep of a term is its text, and whether it is a blank node."""
    names, *lines = csv.reader(io.StringIO(body.decode(), newline=""), strict=True)
    # An unbound variable that stands alone is an empty line, which the reader gives as no cell.
    return Table(frozenset(names), [dict(zip(names, map(_cell, line or [""] * len(names)), strict=True)) for line in lines], False)


def _cell(text: str) -> ox.BlankNode | ox.Literal:
    return ox.BlankNode(text[2:]) if text.startswith("_:") else ox.Literal(text)


def described(graph: ox.Dataset, answer: ox.BlankNode, ordered: bool) -> Table | bool:
    """Read a result set that is written in RDF: https://www.w3.org/2001/sw/DataAccess/tests/result-set"""

    def objects(subject: ox.BlankNode, name: str) -> list:
        return [quad.object for quad in graph.quads_for_subject(subject) if quad.predicate.value == RS + name]

    if boolean := objects(answer, "boolean"):
        return boolean[0].value == "true"
    found = []
    for solution in objects(answer, "solution"):
        index = [int(each.value) for each in objects(solution, "index")]
        row = {objects(each, "variable")[0].value: objects(each, "value")[0] for each in objects(solution, "binding")}
        found.append((index, row))
    ordered = ordered and all(index for index, _ in found)
    if ordered:
        found.sort(key=lambda each: each[0])
    return Table(frozenset(name.value for name in objects(answer, "resultVariable")), [row for _, row in found], ordered)


FORMATS = {media_type: form for media_type, form in worker.RESULTS.items() if form != ox.QueryResultsFormat.CSV}
FEDERATION = ("sparql11/service", "sparql11/syntax-fed")
ELSEWHERE = ("sparql11/entailment", *FEDERATION)  # what needs a reasoner, and what needs other servers


@pytest.mark.parametrize("case", chosen("QueryEvaluationTest", without=ELSEWHERE))
def test_a_query_has_the_answer_that_the_suite_expects_in_every_format(endpoint, case):
    expected = due(case)
    if isinstance(expected, list):
        for media_type, form in worker.TRIPLES.items():
            assert same_graph(ox.parse(answered(endpoint, case, media_type), form)) == same_graph(expected)
    elif isinstance(expected, bool):
        for media_type in RESULTS[:2]:
            assert table(answered(endpoint, case, media_type), FORMATS[media_type], False) == expected
    else:
        for media_type, form in FORMATS.items():
            answer = table(answered(endpoint, case, media_type), form, expected.ordered)
            assert answer.variables == expected.variables
            if case.lax:
                assert same_rows(distinct(answer.rows)) == same_rows(distinct(expected.rows))
                assert len(answer.rows) <= len(expected.rows)
            else:
                assert same_rows(answer.rows, expected.ordered) == same_rows(expected.rows, expected.ordered)
        # CSV keeps the text of a term only, so it is held against what the other formats said.
        flat = flattened(answer)
        assert same_rows(sheet(answered(endpoint, case, "text/csv")).rows, expected.ordered) == same_rows(flat.rows, expected.ordered)


@pytest.mark.parametrize("case", chosen("CSVResultFormatTest"))
def test_csv_is_written_as_the_suite_expects(endpoint, case):
    body = answered(endpoint, case, "text/csv")
    assert same_rows(sheet(body).rows) == same_rows(due(case).rows)
    # RFC 4180, which https://www.w3.org/TR/sparql11-results-csv-tsv/ takes over: each line ends with CR LF.
    assert body.count(b"\n") == body.count(b"\r\n") == len(due(case).rows) + 1


def answered(endpoint, case: Case, media_type: str) -> bytes:
    status, kind, body = endpoint(case, media_type)
    assert status == 200, body.decode()
    assert kind == (f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type)
    return body


def flattened(whole: Table) -> Table:
    """Return a table as CSV keeps it."""
    rows = [{name: _flat(row.get(name)) for name in whole.variables} for row in whole.rows]
    return Table(whole.variables, rows, whole.ordered)


def _flat(term: Term | None) -> ox.BlankNode | ox.Literal:
    return term if isinstance(term, ox.BlankNode) else ox.Literal(term.value if term else "")


def distinct(rows: Rows) -> Rows:
    return [row for number, row in enumerate(rows) if row not in rows[:number]]


# Syntax, and what this endpoint does not do


@pytest.mark.parametrize("case", chosen("PositiveSyntaxTest", "PositiveSyntaxTest11", without=FEDERATION))
def test_a_query_that_the_suite_calls_right_is_answered(endpoint, case):
    status, _, body = endpoint(case)
    assert status == 200, body.decode()


@pytest.mark.parametrize("case", chosen("NegativeSyntaxTest", "NegativeSyntaxTest11"))
def test_a_query_that_the_suite_calls_wrong_is_refused(endpoint, case):
    status, kind, body = endpoint(case)
    # Among them are updates, which are refused before anyone looks whether they parse.
    assert (status, kind) == (403 if case.query.endswith(".ru") else 400, "text/plain; charset=utf-8"), body.decode()


@pytest.mark.parametrize("case", [each for each in chosen("QueryEvaluationTest", "PositiveSyntaxTest11") if each.id.startswith(FEDERATION)])
def test_a_query_that_would_ask_another_server_is_refused(endpoint, case):
    status, _, body = endpoint(case)
    assert (status, "this endpoint opens none" in body.decode()) == (403, True)


@pytest.mark.parametrize("path", sorted(SUITES.glob("sparql/sparql11/*/*.ru")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_an_update_is_refused_whatever_type_it_claims(client, path):
    for kind, statuses in ((DIRECT, (400, 403)), ("application/sparql-update", (415,))):
        assert client.post("/sparql", data=path.read_bytes(), content_type=kind).status_code in statuses


# The protocol


@dataclass(frozen=True)
class Request:
    """One request of a protocol test, and what it expects."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    statuses: frozenset[int]  # 2 for 2xx
    boolean: bool | None
    form: str

    @property
    def updates(self) -> bool:
        return "sparql-update" in str(self.headers) or (self.body or b"").startswith(b"update=") or "update=" in self.target


@functools.cache
def exchanges() -> dict[str, list[Request]]:
    """Return the requests of each protocol test, in order; none where the suites are not at hand."""
    store = ox.Store()
    for path in SUITES.glob("sparql/sparql11/protocol/manifest.ttl"):
        store.extend(rdf(path))

    def value(subject: Term, *names: str) -> Term | None:
        for name in names:
            subject = next((quad.object for quad in store.quads_for_pattern(subject, ox.NamedNode(name), None)), None)
        return subject

    def items(head: Term) -> list[Term]:
        found = []
        while head != ox.NamedNode(RDF + "nil"):
            found.append(value(head, RDF + "first"))
            head = value(head, RDF + "rest")
        return found

    def request(node: Term) -> Request:
        headers = value(node, HT + "headers")
        pairs = [
            (value(each, HT + "fieldName").value, value(each, HT + "fieldValue").value) for each in (items(headers) if headers else [])
        ]
        body = value(node, HT + "body")
        encoded = value(body, CNT + "chars").value.encode(value(body, CNT + "characterEncoding").value) if body else None
        answer = value(node, HT + "resp")
        statuses = store.quads_for_pattern(answer, ox.NamedNode(MF + "expectedStatus"), None)
        boolean, form = value(answer, MF + "expectedBoolean"), value(answer, MF + "expectedFormat")
        return Request(
            value(node, HT + "methodName").value,
            value(node, HT + "absolutePath").value.replace("/sparql/", "/sparql", 1),
            tuple(pairs),
            encoded,
            frozenset(int(re.search(r"StatusCode(\d)xx", quad.object.value)[1]) for quad in statuses),
            boolean.value == "true" if boolean else None,
            form.value if form else "",
        )

    tests = [quad.subject for quad in store.quads_for_pattern(None, None, ox.NamedNode(MF + "ProtocolTest"))]
    return {
        test.value.rpartition("#")[2]: [request(node) for node in items(value(test, MF + "action", HT + "requests"))]
        for test in sorted(tests, key=str)
    }


def send(live, request: Request) -> tuple[int, str, bytes]:
    """Send a request as it stands: http.client adds no type to a body that has none."""
    with contextlib.closing(http.client.HTTPConnection(urlsplit(live.url).netloc, timeout=30)) as connection:
        connection.request(request.method, request.target, request.body, dict(request.headers))
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Content-Type", "").partition(";")[0], answer.read()


@pytest.mark.parametrize("name", [name for name in exchanges() if name.startswith(("query_", "bad_"))])
def test_the_protocol_is_kept(live, name):
    for request in exchanges()[name]:
        status, kind, body = send(live, request)
        assert status // 100 in request.statuses, body
        if request.form == "RDF":
            list(ox.parse(body, worker.TRIPLES[kind]))
        elif request.form == "tabular":
            assert isinstance(table(body, worker.RESULTS[kind], False), Table)
        elif request.form == "boolean":
            assert kind in RESULTS[:2]
            assert table(body, worker.RESULTS[kind], False) in ([True, False] if request.boolean is None else [request.boolean])


@pytest.mark.parametrize("name", [name for name in exchanges() if name.startswith("update_")])
def test_the_protocol_s_updates_are_refused_and_change_nothing(live, name):
    for request in exchanges()[name]:
        status, kind, body = send(live, request)
        if request.updates:
            assert status in (403, 415)
        else:
            assert status == 200
            assert table(body, worker.RESULTS[kind], False) is False


# The service description

# Each property with its domain and range: https://www.w3.org/ns/sparql-service-description#
SCHEMA = {
    "endpoint": ("Service", ""),
    "feature": ("Service", "Feature"),
    "defaultEntailmentRegime": ("Service", "EntailmentRegime"),
    "supportedEntailmentProfile": ("Service", "EntailmentProfile"),
    "extensionFunction": ("Service", "Function"),
    "extensionAggregate": ("Service", "Aggregate"),
    "languageExtension": ("Service", "Feature"),
    "supportedLanguage": ("Service", "Language"),
    "propertyFeature": ("Service", "Feature"),
    "defaultDataset": ("Service", "Dataset"),
    "availableGraphs": ("Service", "GraphCollection"),
    "resultFormat": ("Service", "Format"),
    "inputFormat": ("Service", "Format"),
    "defaultGraph": ("Dataset", "Graph"),
    "namedGraph": ("Dataset", "NamedGraph"),  # GraphCollection, of which Dataset is a subclass
    "name": ("NamedGraph", ""),
    "graph": ("NamedGraph", "Graph"),
    "entailmentRegime": ("NamedGraph", "EntailmentRegime"),
}
FILE = "http://www.w3.org/ns/formats/"
INSTANCES = {
    "EntailmentRegime": [
        f"http://www.w3.org/ns/entailment/{name}" for name in ("Simple", "RDF", "RDFS", "OWL-Direct", "OWL-RDF-Based", "RIF")
    ],
    "Language": [SD + name for name in ("SPARQL10Query", "SPARQL11Query", "SPARQL11Update")],
    "Feature": [SD + name for name in ("DereferencesURIs", "UnionDefaultGraph", "RequiresDataset", "EmptyGraphs", "BasicFederatedQuery")],
    "Format": [FILE + f"SPARQL_Results_{name}" for name in ("XML", "JSON", "CSV", "TSV")]
    + [FILE + name for name in ("RDF_XML", "Turtle", "N-Triples", "N-Quads", "TriG", "JSON-LD")],
}
ONCE = (("Service", "endpoint"), ("Service", "defaultDataset"), ("Dataset", "defaultGraph"), ("NamedGraph", "name"))


@pytest.fixture(scope="module", params=TRIPLES)
def description(live, request) -> ox.Dataset:
    answer = live.ask("sparql", Accept=request.param)
    assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (200, request.param)
    return ox.Dataset(ox.parse(answer.body, worker.TRIPLES[request.param]))


def test_a_get_on_the_endpoint_returns_rdf(live):
    answer = live.ask("sparql")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/turtle; charset=utf-8")
    assert list(ox.parse(answer.body, ox.RdfFormat.TURTLE))


def test_the_description_has_an_endpoint_triple(live, description):
    (endpoint,) = [quad.object for quad in description if quad.predicate.value == SD + "endpoint"]
    assert endpoint == ox.NamedNode(live.url + "sparql")


def test_the_description_conforms_to_the_schema(description):
    types = {(quad.subject, quad.object.value) for quad in description if quad.predicate.value == RDF + "type"}
    for quad in description:
        if quad.predicate.value != RDF + "type":
            if not quad.predicate.value.startswith(SD):
                continue  # what else is said of the service, in other vocabularies
            domain, wanted = SCHEMA[quad.predicate.value.removeprefix(SD)]
            assert (quad.subject, SD + domain) in types
            assert isinstance(quad.object, ox.NamedNode)
            assert not wanted or (quad.object, SD + wanted) in types or quad.object.value in INSTANCES.get(wanted, ()), quad
    for kind, name in ONCE:
        for subject in (subject for subject, each in types if each == SD + kind):
            assert len([quad for quad in description.quads_for_subject(subject) if quad.predicate.value == SD + name]) == 1


def test_the_list_of_failures_names_tests_of_the_suites():
    assert set(FAILS) <= {case.name for case in cases()}
