"""Derive rows: ask the engine for the solutions behind them, look their triples up in the named graphs, and combine."""

import functools
import itertools
import json
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from mikg.engine import Engine, Query
from mikg.errors import QueryError
from mikg.namespaces import is_public
from mikg.provenance.formulas import Part, Rewriting, Solution, Statement, Task, leaves, rest, rewrite, token, value
from mikg.provenance.paths import follow
from mikg.provenance.patterns import Closure, Group, Parsed, Select, Triple, Unsupported, expand, fixed, literal, variables, visible
from mikg.provenance.statuses import Statuses, statuses
from mikg.provenance.ways import ABSENT, NEVER, NOTHING, Ways, both, either

Key = tuple[str | None, ...]
BYTES = 400_000  # of the data of one request
TERMS = 40_000
CHUNKS = 6  # requests for which the rows that are asked for are told; for more rows, all are derived
LOOKED_UP = 1_500  # triples that are looked up one by one
REMEMBERED = 100_000  # triples of a release whose graphs are kept for the next citation
REQUESTS = 200  # that one citation may make


def ntriples(term: Mapping[str, str]) -> str:
    """Return a term of SPARQL JSON results in N-Triples."""
    if term["type"] == "uri":
        return f"<{term['value']}>"
    if term["type"] == "bnode":
        return f"_:{term['value']}"
    if term["type"] == "triple":
        raise Unsupported("a triple term in the answer")
    direction = f"--{term['its:dir']}" if "its:dir" in term else ""
    return literal(term["value"], term.get("datatype", ""), term.get("xml:lang", "") + direction)


@dataclass
class Memory:
    """What is known of an engine's release: which graphs state a triple, and how they hold it. A release never changes."""

    release: str
    stated: dict[Hashable, Ways] = field(default_factory=dict)
    statuses: Statuses | None = None


_memories: WeakKeyDictionary[Engine, Memory] = WeakKeyDictionary()


@dataclass
class Deriver:
    """What one citation asks, and what it has found out so far."""

    engine: Engine
    parsed: Parsed
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    release: str = ""
    requests: int = 0
    stated: dict[Hashable, Ways] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.release = self.engine.release()
        memory = _memories.get(self.engine)
        if memory is None or memory.release != self.release or len(memory.stated) > REMEMBERED:
            memory = _memories[self.engine] = Memory(self.release)
        self.memory = memory
        if not (self.default_graphs or self.named_graphs):
            self.stated = memory.stated

    @property
    def statuses(self) -> Statuses:
        """How graphs hold nodes that they do not just assert."""
        if self.memory.statuses is None:
            self.memory.statuses = statuses(self.engine)
        return self.memory.statuses

    def rewrite(self, *arguments: Any) -> Rewriting:
        return rewrite(self.parsed, self.statuses, *arguments)

    @functools.cached_property
    def hidden(self) -> tuple[str, ...]:
        """The named graphs that are no part of the default graph."""
        return tuple(f"<{graph}>" for graph in sorted(self.engine.graphs()) if not is_public(graph))

    # Rows

    def select(
        self, select: Select, graph: str, wanted: Iterable[tuple[str, Key]], whole: bool, limit: int = 0, counted: bool = False
    ) -> dict[tuple[str, Key], Ways]:
        """Return the ways of the wanted rows, each the graph it stands in and its values.

        `whole` where they are all there are (what they are is then looked at last, when the engine has answered); `counted` where it matters how often each is there, as it does in a group.
        """
        if not whole:
            wanted = set(wanted)
            if not wanted:
                return {}
        combine = both if counted and not select.distinct else either
        if select.aggregated:
            return self._grouped(select, graph, wanted, whole, combine)
        items = [f"({expression.text} AS {name})" for name, expression in select.items or () if expression is not None]
        computed = {name for name, expression in select.items or () if expression is not None}
        plain = [name for name in select.outputs if name not in computed]

        def rewritten(direct: bool) -> Rewriting:
            rewriting = self.rewrite(
                select.where, graph, (), direct, self.hidden if direct else (), select.values.names if select.values else ()
            )
            rewriting.names.update(dict.fromkeys(plain))
            for _, expression in select.items or ():
                if expression is not None and expression.rests_on_patterns:
                    rest(rewriting, expression, graph, visible(select.where))
            return rewriting

        names = self._restricting(select.where, graph, plain)
        rows = [] if whole else [self._values_of(names, select.outputs, graph, row) for row in wanted]
        tail = select.values.text if select.values else ""
        rewriting, solutions = self._solved(rewritten, graph, names, rows, items, tail, limit)
        ways = self._combined(rewriting, solutions, graph, select.outputs, set(wanted), combine)
        return {key: Ways(each.sets, True) for key, each in ways.items()} if limit and len(solutions) == limit else ways

    def construct(self, select: Select, template: Iterable[Triple], wanted: Iterable[Key]) -> dict[Key, Ways]:
        """Return the ways of the wanted triples: a triple rests on the solutions that fill the template with it."""

        def rewritten(direct: bool) -> Rewriting:
            rewriting = self.rewrite(select.where, "", (), direct, self.hidden if direct else ())
            # What the pattern cannot bind is a blank node, new for each solution.
            rewriting.names.update(dict.fromkeys(name for each in template for name in visible(each) & visible(select.where)))
            return rewriting

        rewriting, solutions = self._solved(rewritten, "", [], ())
        wanted = set(wanted)
        pairs = []
        for solution in solutions:
            terms = [tuple(solution.get(term) if term[0] == "?" else self.parsed.term(term) for term in _terms(each)) for each in template]
            pairs += [(key, rewriting.formula(solution)) for key in terms if key in wanted]
        found = self._look_up(rewriting, (formula for _, formula in pairs))
        ways: dict[Key, dict[Ways, None]] = defaultdict(dict)
        for key, formula in pairs:
            ways[key][value(formula, found)] = None
        return {key: either(each) for key, each in ways.items()}

    def describe(self, wanted: Iterable[Key]) -> dict[Key, Ways]:
        """Return the graphs of each triple."""
        statements = {key: Statement(*key) for key in wanted}
        self._state([each for each in statements.values() if each not in self.stated])
        return {key: self.stated[each] for key, each in statements.items()}

    def _combined(
        self, rewriting: Rewriting, solutions: list[Solution], graph: str, columns: Iterable[str], wanted: set, combine: Callable
    ) -> dict[tuple[str, Key], Ways]:
        """Return the ways of the wanted keys: those of any of its solutions, or where `combine` is `both`, of all together."""
        pairs = [(key, solution) for solution in solutions if (key := self._key(solution, graph, columns)) in wanted]
        formulas = [rewriting.formula(solution) for _, solution in pairs]
        found = self._look_up(rewriting, formulas, combine is both)
        ways: dict[tuple[str, Key], dict[Hashable, dict[Ways, None]]] = defaultdict(lambda: defaultdict(dict))
        matched = [name for name in rewriting.names if name not in rewriting.graphs] if combine is both else []
        for (key, solution), formula in zip(pairs, formulas, strict=True):
            # One solution whose triples stand in several graphs comes several times.
            ways[key][tuple(solution.get(name) for name in matched)][value(formula, found)] = None
        members = {key: [either(alternatives) for alternatives in each.values()] for key, each in ways.items()}
        if rewriting.graphs:  # what only shapes or open data state came with the rest, and is no solution
            members = {key: [each for each in several if each.sets] for key, several in members.items()}
        return {key: combine(several) for key, several in members.items() if several}

    def _grouped(
        self, select: Select, graph: str, wanted: Iterable[tuple[str, Key]], whole: bool, combine: Callable[[Iterable[Ways]], Ways]
    ) -> dict[tuple[str, Key], Ways]:
        """A group rests on all its members: which group gives which row, and then which solutions are its members."""
        keys = [(name or self.parsed.fresh(), text) for name, text in select.keys]
        names = [name for name, _ in keys]
        plain = [name for name, expression in select.items or () if expression is None]

        @functools.cache
        def groups() -> dict[tuple[str, Key], set[tuple[str, Key]]]:
            rows = set(wanted)
            found = defaultdict(set)
            if set(names) <= set(plain) and not select.values:
                for row in rows:
                    found[row].add((row[0], tuple(row[1][select.outputs.index(name)] for name in names)))
                return found
            for solution in self._groups_of(select, graph, keys):
                row = self._key(solution, graph, select.outputs)
                if row in rows:
                    found[row].add(self._key(solution, graph, names))
            return found

        members = self._members(select.where, graph, keys, lambda: set().union(*groups().values()), whole)
        return {row: combine(members.get(group, ABSENT) for group in each) for row, each in groups().items()}

    def _groups_of(self, select: Select, graph: str, keys: list[tuple[str, str]]) -> Iterator[Solution]:
        chosen = {name for name, _ in select.items or ()}
        extra = " ".join(name for name, _ in keys if name not in chosen)
        by = " ".join(f"({text} AS {name})" if text else name for name, text in keys)
        inner = f"SELECT {select.head} {extra} WHERE {select.where.text} {f'GROUP BY {by}' if by else ''} {select.having}"
        tail = select.values.text if select.values else ""
        text = f"SELECT * WHERE {{ GRAPH {graph} {{ {{ {inner} {tail} }} }} }}" if graph else f"{inner} {tail}"
        return self.ask(self.parsed.prologue + text)

    def _members(
        self, where: Group, graph: str, keys: list, wanted: Callable[[], set[tuple[str, Key]]], whole: bool
    ) -> dict[tuple[str, Key], Ways]:
        all_names = [name for name, _ in keys]

        def rewritten(direct: bool) -> Rewriting:
            rewriting = self.rewrite(where, graph, (), direct, self.hidden if direct else ())
            rewriting.names.update(dict.fromkeys(all_names))
            rewriting.text += "".join(f"\nBIND({text} AS {name})" for name, text in keys if text)
            return rewriting

        names = self._restricting(where, graph, [name for name, text in keys if not text])
        rows = [] if whole else [self._values_of(names, all_names, graph, row) for row in wanted()]
        rewriting, solutions = self._solved(rewritten, graph, names, rows)
        return self._combined(rewriting, solutions, graph, all_names, wanted(), both)

    def _restricting(self, where: Group, graph: str, names: list[str]) -> list[str]:
        return sorted((set(names) & fixed(where)) | variables(graph))

    def _values_of(self, names: list[str], columns: Iterable[str], graph: str, row: tuple[str, Key]) -> Key:
        cells = {graph: row[0] or None, **dict(zip(columns, row[1], strict=True))}
        return tuple(cells[name] for name in names)

    def _key(self, solution: Solution, graph: str, columns: Iterable[str]) -> tuple[str, Key]:
        where = solution.get(graph, "") if graph.startswith("?") else self.parsed.term(graph) if graph else ""
        return where, tuple(solution.get(name) for name in columns)

    # Solutions

    def _solved(
        self,
        rewritten: Callable[[bool], Rewriting],
        graph: str,
        names: list[str],
        rows: Iterable[Key],
        items: Iterable[str] = (),
        tail: str = "",
        limit: int = 0,
        always: bool = False,
    ) -> tuple[Rewriting, list[Solution]]:
        """Return the solutions of a rewritten group, and the rewriting that they belong to.

        It asks for the graphs at once where many triples would have to be looked up, and does not where that gives many more
        solutions: five triples in twenty graphs each are one solution, or three million.
        """
        rewriting = rewritten(False)
        solutions = list(self._solutions(rewriting, graph, names, rows, items, f"{tail} LIMIT {limit}" if limit else tail, always))
        if limit or self.default_graphs or self.named_graphs or not self._many(rewriting, solutions):
            return rewriting, solutions
        direct = rewritten(True)
        most = 4 * len(solutions) + 1_000
        try:
            found = list(self._solutions(direct, graph, names, rows, items, f"{tail} LIMIT {most}", always))
        except QueryError:
            return rewriting, solutions
        return (direct, found) if len(found) < most else (rewriting, solutions)

    def _many(self, rewriting: Rewriting, solutions: list[Solution]) -> bool:
        """Whether the triples of the solutions are too many to be looked up one by one."""
        needed: set = set()
        for solution in solutions if len(solutions) * len(rewriting.makers) > LOOKED_UP else ():
            leaves(rewriting.formula(solution), needed)
            if len(needed) > 2 * LOOKED_UP:
                break
        return sum(isinstance(each, Statement) and each not in self.stated for each in needed) > LOOKED_UP

    def _solutions(
        self,
        rewriting: Rewriting,
        graph: str,
        names: list[str],
        rows: Iterable[Key],
        items: Iterable[str] = (),
        tail: str = "",
        always: bool = False,
    ) -> Iterator[Solution]:
        """Yield the solutions of a rewritten group, of those rows only that are told (and of all, where they are too many)."""
        chosen = " ".join(dict.fromkeys([*rewriting.names, *items])) or f"(1 AS {self.parsed.fresh()})"

        inside = f"GRAPH {graph} {{ {rewriting.text} }}" if graph else rewriting.text
        text = f"{self.parsed.prologue}SELECT {chosen} WHERE {{ {inside} }} {tail}"
        blocks = list(self.blocks(names, rows))
        if not blocks or (len(blocks) > CHUNKS and not always):
            blocks = [""]
        for block in blocks:
            yield from self.ask(text, data=block)

    def blocks(self, names: list[str], rows: Iterable[Key]) -> Iterator[str]:
        """Yield VALUES for some rows at a time."""
        head = f"VALUES ({' '.join(names)}) {{ "
        lines: list[str] = []
        size = 0
        for row in sorted(set(rows), key=str) if names else ():
            line = "(" + " ".join("UNDEF" if cell is None or cell.startswith("_:") else cell for cell in row) + ") "
            if lines and (size + len(line) > BYTES or (len(lines) + 1) * len(names) > TERMS):
                yield head + "".join(lines) + "}"
                lines, size = [], 0
            lines.append(line)
            size += len(line)
        if lines:
            yield head + "".join(lines) + "}"

    def ask(
        self, text: str, default_graphs: tuple[str, ...] | None = None, named_graphs: tuple[str, ...] | None = None, data: str = ""
    ) -> Iterator[Solution]:
        """Yield the solutions of a SELECT, each variable with its term in N-Triples."""
        self.requests += 1
        if self.requests > REQUESTS:
            raise Unsupported(f"what takes more than {REQUESTS} requests (ask for fewer rows)")
        query = Query(
            text,
            default_graphs=self.default_graphs if default_graphs is None else default_graphs,
            named_graphs=self.named_graphs if named_graphs is None else named_graphs,
            data=data,
        )
        terms: dict[tuple, str] = {}
        answer = self.engine.query(query)
        if self.release and answer.release != self.release:
            raise Unsupported("what was asked while a new release came into use (ask again)")
        for row in json.loads(answer.body)["results"]["bindings"]:
            solution = {}
            for name, term in row.items():
                sign = tuple(term.values()) if term["type"] != "triple" else ("triple",)
                if sign not in terms:
                    terms[sign] = ntriples(term)
                solution["?" + name] = terms[sign]
            yield solution

    # What a formula needs

    def _look_up(self, rewriting: Rewriting, formulas: Iterable, counted: bool = False) -> Mapping[Hashable, Ways]:
        needed: set = set()
        for formula in formulas:
            leaves(formula, needed)
        statements = [each for each in needed if isinstance(each, Statement) and each not in self.stated]
        self._state(statements)
        tasks: dict[int, list[Task]] = defaultdict(list)
        for each in needed:
            if isinstance(each, Task):
                tasks[each.part].append(each)
        found: dict[Hashable, Ways] = dict(self.stated) if tasks else self.stated
        for number, each in sorted(tasks.items()):
            found.update(self._part(rewriting.parts[number], each, counted))
        return found

    def _state(self, statements: list[Statement]) -> None:
        """Look up which graphs of the default graph state each triple."""
        graphs: dict[Statement, dict[Ways, None]] = {each: {} for each in statements}
        numbered = dict(enumerate(sorted(statements, key=lambda each: (each.predicate, each.subject, each.object))))
        rows = [(str(number), each.subject, each.predicate, each.object) for number, each in numbered.items()]
        if self.default_graphs or self.named_graphs:
            dataset = ((), self.default_graphs)
            rows = rows if self.default_graphs else []
        else:
            dataset = ((), ())
        for block in self.blocks(["?i", "?s", "?p", "?o"], rows):
            # A blank node cannot be asked for: what matches in its place is compared.
            blank = "?s ?o " if "UNDEF" in block else ""
            for solution in self.ask(f"SELECT ?i {blank}?g WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }}", *dataset, data=block):
                statement = numbered[int(solution["?i"].split('"')[1])]
                if blank and (solution["?s"], solution["?o"]) != (statement.subject, statement.object):
                    continue
                if self.default_graphs or is_public(solution["?g"][1:-1]):
                    graphs[statement][token(self.statuses, solution["?g"], statement.subject, statement.predicate, statement.object)] = None
        self.stated.update({statement: either([NEVER, *each]) for statement, each in graphs.items()})

    def _part(self, part: Part, tasks: list[Task], counted: bool) -> dict[Task, Ways]:
        match part.body:
            case Select():
                rows = self.select(part.body, part.graph, {(task.graph, task.key) for task in tasks}, False, counted=counted)
                return {task: rows.get((task.graph, task.key), NEVER) for task in tasks}
            case Closure():
                return self._closure(part.body, part.graph, tasks)
        return self._witnesses(part, tasks)

    def _witnesses(self, part: Part, tasks: list[Task]) -> dict[Task, Ways]:
        number = self.parsed.fresh()

        def rewritten(direct: bool) -> Rewriting:
            rewriting = self.rewrite(part.body, part.graph, part.names, direct, self.hidden if direct else ())
            rewriting.names.update(dict.fromkeys((number, *part.names)))
            return rewriting

        names = [number, *part.names, *sorted(variables(part.graph) - set(part.names))]
        rows = [(str(index), *task.key, *([task.graph] if len(names) > len(part.names) + 1 else [])) for index, task in enumerate(tasks)]
        formulas: dict[Task, list] = defaultdict(list)
        rewriting, solutions = self._solved(rewritten, part.graph, names, rows, always=True)
        for solution in solutions:
            task = tasks[int(solution[number].split('"')[1])]
            if all(cell is None or solution.get(name) == cell for name, cell in zip(part.names, task.key, strict=True)):
                formulas[task].append(rewriting.formula(solution))
        found = self._look_up(rewriting, itertools.chain.from_iterable(formulas.values()))
        return {task: either([NEVER, *(value(formula, found) for formula in each)]) for task, each in formulas.items()}

    # Paths taken any number of times

    def _closure(self, closure: Closure, graph: str, tasks: list[Task]) -> dict[Task, Ways]:
        starts = {(task.graph, task.key[0]) for task in tasks}
        ends = {(task.graph, task.key[1]) for task in tasks}
        forward = len(starts) <= len(ends)
        edges: dict[tuple[str, str], list[tuple[str, Ways]]] = defaultdict(list)
        for (where, left, right), ways in self._edges(closure, graph, starts if forward else ends, forward).items():
            source, target = (left, right) if forward else (right, left)
            edges[(where, source)].append((target, ways))
        found: dict[Task, Ways] = {}
        for where, start in sorted(starts if forward else ends):
            goals = {task.key[forward]: task for task in tasks if (task.graph, task.key[not forward]) == (where, start)}
            reached = follow(start, where, edges, set(goals), once=closure.modifier == "?")
            for goal, task in goals.items():
                itself = [NOTHING] if goal == start and closure.modifier != "+" else []
                found[task] = either([NEVER, *itself, *([reached[goal]] if goal in reached else [])])
        return found

    def _edges(self, closure: Closure, graph: str, origins: set[tuple[str, str]], forward: bool) -> dict[tuple[str, str, str], Ways]:
        """Return the ways of each edge that can be reached from the origins (against its direction if not `forward`)."""
        left, right, origin = self.parsed.fresh(), self.parsed.fresh(), self.parsed.fresh()
        edge = Group(tuple(expand(left, closure.path, right, self.parsed.fresh)))
        hops = f"{origin} ({closure.path})* {left} ." if forward else f"{right} ({closure.path})* {origin} ."
        if closure.modifier == "?":
            origin, hops = left if forward else right, ""

        def rewritten(direct: bool) -> Rewriting:
            rewriting = self.rewrite(edge, graph, (), direct, self.hidden if direct else ())
            rewriting.names.update(dict.fromkeys((left, right)))
            rewriting.text = f"{hops}\n{rewriting.text}"
            return rewriting

        names = [origin, *variables(graph)]
        rows = [(node, where)[: len(names)] for where, node in origins]
        formulas = defaultdict(dict)
        rewriting, solutions = self._solved(rewritten, graph, names, rows, always=True)
        for solution in solutions:
            where = self._key(solution, graph, ())[0]
            formulas[(where, solution[left], solution[right])][json.dumps(sorted(solution.items()))] = rewriting.formula(solution)
        found = self._look_up(rewriting, (formula for each in formulas.values() for formula in each.values()))
        return {edge: either(value(formula, found) for formula in each.values()) for edge, each in formulas.items()}


def _terms(triple: Triple) -> tuple[str, str, str]:
    return triple.subject, triple.predicate, triple.object
