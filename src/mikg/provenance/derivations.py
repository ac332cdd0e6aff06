"""Derive rows: ask the engine for the solutions behind them, look their triples up in the named graphs, and combine."""

import functools
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

from mikg.provenance import closures
from mikg.provenance.asking import Solution, blocks, solutions
from mikg.provenance.formulas import Formula, Found, Statement, Task, leaves, value
from mikg.provenance.lookups import Lookup
from mikg.provenance.patterns import Closure, Group, Parsed, Select, Triple, fixed, variables, visible
from mikg.provenance.rewriting import Part, Rewriting, rest, rewrite
from mikg.provenance.ways import ABSENT, NEVER, Ways, both, either

Key = tuple[str | None, ...]
Place = tuple[str, Key]  # of a row: the graph that it stands in, and its values
CHUNKS = 6  # requests for which the rows that are asked for are told; for more rows, all are derived


@dataclass
class Deriver:
    """What derives the rows of one query, and of the queries within it."""

    lookup: Lookup
    parsed: Parsed

    # Rows

    def select(
        self, select: Select, graph: str, wanted: Iterable[Place], whole: bool, limit: int = 0, counted: bool = False
    ) -> dict[Place, Ways]:
        """Return the ways of the wanted rows.

        `whole` where they are all there are (what they are is then looked at last, when the engine has answered); `counted` where it matters how often each is there, as it does in a group.
        """
        if not whole:
            wanted = set(wanted)
            if not wanted:
                return {}
        combine = both if counted and not select.distinct else either
        if select.aggregated:
            return self._grouped(select, graph, wanted, whole, combine)
        rewriting, items, plain = rewritten(self.parsed, select, graph)
        names = _restricting(select.where, graph, plain)
        rows = [] if whole else [_values_of(names, select.outputs, graph, row) for row in wanted]
        tail = select.values.text if select.values else ""
        found = self.solve(rewriting, graph, names, rows, items, tail, limit)
        ways = self.combined(rewriting, self._keyed(found, graph, select.outputs, wanted), combine)
        return {key: Ways(each.sets, True) for key, each in ways.items()} if limit and len(found) == limit else ways

    def construct(self, select: Select, template: Iterable[Triple], wanted: Iterable[Place]) -> dict[Place, Ways]:
        """Return the ways of the wanted triples: a triple rests on the solutions that fill the template with it."""
        wanted = set(wanted)
        rewriting = rewrite(self.parsed, select.where, "", (), select.values.names if select.values else ())
        # What the pattern cannot bind is a blank node, new for each solution.
        shown = visible(select.where) | set(select.values.names if select.values else ())
        rewriting.names.update(dict.fromkeys(name for each in template for name in visible(each) & shown))
        tail = select.values.text if select.values else ""
        keys, formulas = [], []
        # With LIMIT only what gives the wanted triples is derived: for each triple of the template by itself.
        for part in [(each,) for each in template] if select.narrowed else [template]:
            names, rows = self._filling(part[0], select.where, wanted) if select.narrowed else ([], [])
            for solution in self.solve(rewriting, "", names, rows, (), tail):
                for each in part:
                    key = ("", tuple(solution.get(term) if term[0] == "?" else self.parsed.term(term) for term in _terms(each)))
                    if key in wanted:
                        keys.append(key)
                        formulas.append(rewriting.formula(solution))
        return _together(keys, self.valued(rewriting, formulas), either)

    def _filling(self, triple: Triple, where: Group, wanted: Iterable[Place]) -> tuple[list[str], list[Key]]:
        """Return which values of a pattern's variables fill a triple of the template to one that is wanted."""
        names = sorted(visible(triple) & fixed(where))
        return names, [tuple(dict(zip(_terms(triple), key, strict=True))[name] for name in names) for _, key in wanted]

    def describe(self, wanted: Iterable[Place]) -> dict[Place, Ways]:
        """Return the graphs of each triple."""
        statements = {key: Statement(*key[1]) for key in wanted}
        self.lookup.look_up(statements.values())
        return {key: self.lookup.stated[each] for key, each in statements.items()}

    def combined(self, rewriting: Rewriting, keyed: list[tuple[Place, Solution]], combine: Callable) -> dict[Place, Ways]:
        """Return the ways of rows from their solutions: those of any, or where `combine` is `both`, of all together."""
        formulas = [rewriting.formula(solution) for _, solution in keyed]
        return _together((key for key, _ in keyed), self.valued(rewriting, formulas, combine is both), combine)

    def _grouped(self, select: Select, graph: str, wanted: Iterable[Place], whole: bool, combine: Callable) -> dict[Place, Ways]:
        """A group rests on all its members: which group gives which row, and then which solutions are its members."""
        keys = [(name or self.parsed.fresh(), text) for name, text in select.keys]
        names = [name for name, _ in keys]
        plain = [name for name, expression in select.items or () if expression is None]

        @functools.cache
        def groups() -> dict[Place, set[Place]]:
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

    def _groups_of(self, select: Select, graph: str, keys: list[tuple[str, str]]) -> Iterable[Solution]:
        chosen = {name for name, _ in select.items or ()}
        extra = " ".join(name for name, _ in keys if name not in chosen)
        by = " ".join(f"({text} AS {name})" if text else name for name, text in keys)
        inner = f"SELECT {select.head} {extra} WHERE {select.where.text} {f'GROUP BY {by}' if by else ''} {select.having}"
        tail = select.values.text if select.values else ""
        text = f"SELECT * WHERE {{ GRAPH {graph} {{ {{ {inner} {tail} }} }} }}" if graph else f"{inner} {tail}"
        return solutions(self.lookup.rows(self.parsed.prologue + text))

    def _members(self, where: Group, graph: str, keys: list, wanted: Callable[[], set[Place]], whole: bool) -> dict[Place, Ways]:
        all_names = [name for name, _ in keys]
        rewriting = rewrite(self.parsed, where, graph)
        rewriting.names.update(dict.fromkeys(all_names))
        rewriting.text += "".join(f"\nBIND({text} AS {name})" for name, text in keys if text)
        names = _restricting(where, graph, [name for name, text in keys if not text])
        rows = [] if whole else [_values_of(names, all_names, graph, row) for row in wanted()]
        found = self.solve(rewriting, graph, names, rows)
        return self.combined(rewriting, self._keyed(found, graph, all_names, wanted()), both)

    def _keyed(
        self, found: Iterable[Solution], graph: str, columns: Iterable[str], wanted: Iterable[Place]
    ) -> list[tuple[Place, Solution]]:
        """Return the solutions of the wanted rows, each with its row."""
        rows = set(wanted)
        return [(key, solution) for solution in found if (key := self._key(solution, graph, columns)) in rows]

    def _key(self, solution: Solution, graph: str, columns: Iterable[str]) -> Place:
        where = solution.get(graph, "") if graph.startswith("?") else self.parsed.term(graph) if graph else ""
        return where, tuple(solution.get(name) for name in columns)

    # Solutions

    def solve(
        self,
        rewriting: Rewriting,
        graph: str = "",
        names: list[str] = (),
        rows: Iterable[Key] = (),
        items: Iterable[str] = (),
        tail: str = "",
        limit: int = 0,
        always: bool = False,
    ) -> list[Solution]:
        """Return the solutions of a rewritten group, of those rows only that are told (and of all, where they are too many)."""
        given = list(blocks(names, rows))
        if not given or (len(given) > CHUNKS and not always):
            given = [""]

        def asking(chosen: str, beside: str, limit: int) -> Iterable[Solution]:
            inside = f"GRAPH {graph} {{ {rewriting.text} }}" if graph else rewriting.text
            end = f"LIMIT {limit} {tail}" if limit else tail
            text = f"{self.parsed.prologue}SELECT {chosen} WHERE {{ {inside} {beside} }} {end}"
            return (solution for block in given for solution in solutions(self.lookup.rows(text, block)))

        chosen = " ".join(dict.fromkeys([*rewriting.names, *items])) or f"(1 AS {self.parsed.fresh()})"
        found = list(asking(chosen, "", limit))
        if not limit:
            self.lookup.look_up_by_pattern(rewriting, found, asking)
        return found

    # What a formula needs

    def valued(self, rewriting: Rewriting, formulas: list[Formula], counted: bool = False) -> list[Ways]:
        """Return the ways of each formula; `counted` where it matters how often a row of a sub-SELECT is there."""
        needed: set = set()
        for formula in formulas:
            leaves(formula, self.lookup.stated, needed)
        tasks: dict[int, list[Task]] = defaultdict(list)
        for each in needed:
            if type(each) is Task:
                tasks[each.part].append(each)
        self.lookup.look_up(each for each in needed if type(each) is not Task)
        derived: dict[Hashable, Ways] = {}
        for number, each in sorted(tasks.items()):
            derived.update(self._part(rewriting.parts[number], each, counted))
        return [value(formula, self.lookup.stated, derived) for formula in formulas]

    def _part(self, part: Part, tasks: list[Task], counted: bool) -> Found:
        match part.body:
            case Select():
                rows = self.select(part.body, part.graph, {(task.graph, task.key) for task in tasks}, False, counted=counted)
                return {task: rows.get((task.graph, task.key), NEVER) for task in tasks}
            case Closure():
                return closures.derive(self, part.body, part.graph, tasks)
        return self._witnesses(part, tasks)

    def _witnesses(self, part: Part, tasks: list[Task]) -> Found:
        number = self.parsed.fresh()
        rewriting = rewrite(self.parsed, part.body, part.graph, part.names)
        rewriting.names.update(dict.fromkeys((number, *part.names)))
        names = [number, *part.names, *sorted(variables(part.graph) - set(part.names))]
        rows = [(str(index), *task.key, *([task.graph] if len(names) > len(part.names) + 1 else [])) for index, task in enumerate(tasks)]
        matched, formulas = [], []
        for solution in self.solve(rewriting, part.graph, names, rows, always=True):
            task = tasks[int(solution[number].split('"')[1])]
            if all(cell is None or solution.get(name) == cell for name, cell in zip(part.names, task.key, strict=True)):
                matched.append(task)
                formulas.append(rewriting.formula(solution))
        return _together(matched, self.valued(rewriting, formulas), either)


def rewritten(parsed: Parsed, select: Select, graph: str = "") -> tuple[Rewriting, list[str], list[str]]:
    """Return what the pattern of a SELECT becomes, what it computes besides, and which of its columns are variables of the pattern."""
    items = [f"({expression.text} AS {name})" for name, expression in select.items or () if expression is not None]
    computed = {name for name, expression in select.items or () if expression is not None}
    plain = [name for name in select.outputs if name not in computed]
    rewriting = rewrite(parsed, select.where, graph, (), select.values.names if select.values else ())
    rewriting.names.update(dict.fromkeys(plain))
    for _, expression in select.items or ():
        if expression is not None and expression.rests_on_patterns:
            rest(rewriting, expression, graph, visible(select.where))
    return rewriting, items, plain


def _restricting(where: Group, graph: str, names: list[str]) -> list[str]:
    return sorted((set(names) & fixed(where)) | variables(graph))


def _values_of(names: list[str], columns: Iterable[str], graph: str, row: Place) -> Key:
    cells = {graph: row[0] or None, **dict(zip(columns, row[1], strict=True))}
    return tuple(cells[name] for name in names)


def _terms(triple: Triple) -> Key:
    return triple.subject, triple.predicate, triple.object


def _together(keys: Iterable[Hashable], ways: Iterable[Ways], combine: Callable[[Iterable[Ways]], Ways]) -> dict:
    """Return for each key its ways, combined."""
    found: dict[Hashable, list[Ways]] = defaultdict(list)
    for key, each in zip(keys, ways, strict=True):
        found[key].append(each)
    return {key: combine(each) if len(each) > 1 else each[0] for key, each in found.items()}
