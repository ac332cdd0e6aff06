"""Which graphs state the triples that a citation needs: asked for in batches, and remembered for the release."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field

from mikg.engine import Engine
from mikg.errors import QueryError
from mikg.namespaces import GRAPH, ID, RULE, is_public
from mikg.provenance.asking import Asker, Solution, blocks, solutions
from mikg.provenance.formulas import Matched, Statement
from mikg.provenance.memory import MEMORIES
from mikg.provenance.patterns import variables
from mikg.provenance.rewriting import Rewriting
from mikg.provenance.statuses import Statuses
from mikg.provenance.ways import NEVER, NOTHING, Ways, either, one

DERIVED = GRAPH + "derived"
RECORDS = (f"<{ID}derivation-", f"<{ID}statement-", f"<{RULE}")
MANY = 1_500  # unknown triples of one pattern, after which they are asked for by the pattern


@dataclass
class Lookup:
    """The graphs of triples, in the dataset of one query."""

    engine: Engine
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    stated: dict[Hashable, Ways] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.asker = Asker(self.engine)
        self.memory = MEMORIES.of(self.engine, self.asker.release)
        if not (self.default_graphs or self.named_graphs):
            self.stated = self.memory.stated

    @property
    def statuses(self) -> Statuses:
        """How graphs hold nodes, of those that were looked up."""
        return self.memory.statuses

    def rows(self, text: str, data: str = "") -> list[dict[str, dict[str, str]]]:
        """Return the rows of a SELECT over the query's own dataset."""
        return self.asker.rows(text, self.default_graphs, self.named_graphs, data)

    def look_up(self, needed: Iterable[Statement | Matched]) -> None:
        """Put into `stated` the ways of each triple."""
        unknown = [each for each in needed if each not in self.stated]
        statements = [each for each in unknown if type(each) is Statement]
        matched = [each for each in unknown if type(each) is Matched]
        self._put(self._graphs(statements))
        self.statuses.learn(self.asker, (each.subject for each in matched))
        self.stated.update((each, self._token(each.graph, each)) for each in matched)

    def look_up_by_pattern(
        self, rewriting: Rewriting, matched: list[Solution], asking: Callable[[str, str, int], Iterator[Solution]]
    ) -> None:
        """Look up at once the triples that one pattern matches in many solutions; `asking` what, what must also match, and how many."""
        if len(matched) <= MANY or self.default_graphs or self.named_graphs:
            return
        for pattern, make in rewriting.always:
            unknown = {statement for solution in matched if (statement := make(solution)) not in self.stated}
            if len(unknown) <= MANY:
                continue
            terms = (pattern.subject, pattern.predicate, pattern.object)
            graph = rewriting.parsed.fresh()
            most = 4 * len(unknown) + 1_000
            found: dict[Statement, set[str]] = defaultdict(set)
            count = 0
            try:
                for solution in asking(
                    " ".join(["DISTINCT", *sorted(variables(*terms)), graph]), f"GRAPH {graph} {{ {' '.join(terms)} }}", most
                ):
                    found[make(solution)].add(solution[graph][1:-1])
                    count += 1
            except QueryError:
                continue  # they are asked for one by one
            if count < most:
                self._put(found)

    def _graphs(self, statements: list[Statement]) -> dict[Statement, set[str]]:
        """Return which graphs of the default graph state each triple."""
        graphs: dict[Statement, set[str]] = {each: set() for each in statements}
        numbered = sorted(statements, key=lambda each: (each.predicate, each.subject, each.object))
        rows = [(str(number), *each) for number, each in enumerate(numbered)]
        if self.named_graphs and not self.default_graphs:
            rows = []
        for block in blocks(["?i", "?s", "?p", "?o"], rows):
            # A blank node cannot be asked for: what matches in its place is compared.
            blank = "?s ?o " if "UNDEF" in block else ""
            text = f"SELECT ?i {blank}?g WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }}"
            for solution in solutions(self.asker.rows(text, (), self.default_graphs, block)):
                statement = numbered[int(solution["?i"].split('"')[1])]
                if not blank or (solution["?s"], solution["?o"]) == (statement.subject, statement.object):
                    graphs[statement].add(solution["?g"][1:-1])
        return graphs

    def _put(self, found: dict[Statement, set[str]]) -> None:
        self.statuses.learn(self.asker, (each.subject for each in found))
        for statement, graphs in found.items():
            stating = graphs if self.default_graphs else filter(is_public, graphs)
            ways = [self._token(graph, statement) for graph in sorted(stating)]
            self.stated[statement] = either(ways) if ways else NEVER

    def _token(self, graph: str, triple: Statement | Matched) -> Ways:
        """Return the way of one triple in one graph.

        A derived one is kept whole, so that its derivation can be followed; of one that is not just asserted its node is kept.
        """
        if not triple.subject:
            # GRAPH ?g by itself: with a derived triple within, it is that which is kept.
            return NOTHING if graph == DERIVED else one(graph)
        # What records a derivation stands in the derived graph too, but follows from nothing.
        if graph == DERIVED:
            return one(graph if triple.subject.startswith(RECORDS) else (graph, *triple[-3:]))
        return one((graph, triple.subject) if self.statuses.of(graph, triple.subject) else graph)
