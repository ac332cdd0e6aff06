"""Rewrite a group of patterns so that each solution tells which triples it matched.

The text stays as it was, apart from paths, which are taken apart into edges, and marks that tell which OPTIONAL and which
branch of a UNION took part. Beside it stands a formula over the bindings: what the group rests on.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from mikg.namespaces import GRAPH, ID, RULE, is_public
from mikg.provenance import patterns
from mikg.provenance.patterns import Condition, Expression, Group, Parsed, Unsupported, certain, variables, visible
from mikg.provenance.statuses import Place, Statuses
from mikg.provenance.ways import ABSENCE, ABSENT, NEVER, NOTHING, Ways, both, either, one

DERIVED = f"<{GRAPH}derived>"
RECORDS = (f"<{ID}derivation-", f"<{ID}statement-", f"<{RULE}")
Solution = Mapping[str, str]  # variable to term in N-Triples
Found = Mapping[Hashable, Ways]


@dataclass(frozen=True)
class Statement:
    """A triple of the default graph, to be looked up in the named graphs."""

    subject: str
    predicate: str
    object: str


@dataclass(frozen=True)
class Task:
    """A part that a query of its own derives: `part` is a number of `Rewriting.parts`, `key` the values it starts from."""

    part: int
    graph: str
    key: tuple[str | None, ...]


@dataclass(frozen=True)
class Part:
    """A sub-SELECT, the group of an EXISTS, or a path taken any number of times; `names` are those of its keys."""

    body: object
    graph: str
    names: tuple[str, ...]


Formula = Ways | Statement | Task | tuple  # ("and" | "or" | "or absent" | "or nothing" | "absent", formulas)


@dataclass
class Rewriting:
    """What a group becomes: its text, the variables to ask for, and from their values its formula."""

    parsed: Parsed
    statuses: Statuses
    given: frozenset[str] = frozenset()
    direct: bool = False  # whether each triple is asked for with its graph
    hidden: tuple[str, ...] = ()  # the named graphs that are no part of the default graph
    graphs: dict[str, None] = field(default_factory=dict)  # the variables of these graphs
    text: str = ""
    names: dict[str, None] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    makers: list[Callable[[Solution], Formula]] = field(default_factory=list)

    def formula(self, solution: Solution) -> Formula:
        return ("and", [make(solution) for make in self.makers])


def rewrite(
    parsed: Parsed,
    statuses: Statuses,
    group: Group,
    graph: str = "",
    given: Iterable[str] = (),
    direct: bool = False,
    hidden: tuple[str, ...] = (),
    outside: Iterable[str] = (),
) -> Rewriting:
    """Return what a group becomes; `given` are variables that have a value before it begins, `outside` those that get one after it."""
    result = Rewriting(parsed, statuses, frozenset(given), direct, hidden)
    writer = _Writer(result, Counter([*group.names, *outside, graph]))
    text, result.makers = writer.group(group, graph)
    result.text = text
    result.names.update(dict.fromkeys(variables(graph)))
    return result


def rest(rewriting: Rewriting, expression: Expression, graph: str, scope: set[str]) -> None:
    """Add to a rewriting what the value of a projected expression rests on."""
    rewriting.makers.append(_Writer(rewriting, Counter()).mixed(expression.condition, graph, scope))


def leaves(formula: Formula, into: set) -> None:
    """Add what a formula needs to have looked up."""
    if isinstance(formula, tuple):
        for each in formula[1]:
            leaves(each, into)
    elif not isinstance(formula, Ways):
        into.add(formula)


def value(formula: Formula, found: Found) -> Ways:
    """Return the ways of a formula."""
    if isinstance(formula, Ways):
        return formula
    if not isinstance(formula, tuple):
        return found.get(formula, NEVER)
    kind, formulas = formula
    if kind == "and":
        return both(value(each, found) for each in formulas)
    ways = either([NEVER, *(value(each, found) for each in formulas)])
    if kind == "absent":
        return NEVER if ways.sets else ABSENT
    if ways.sets or kind == "or":
        return ways
    return ABSENT if kind == "or absent" else NOTHING


def token(statuses: Statuses, graph: str, subject: str, predicate: str, thing: str) -> Ways:
    """Return the way of one triple in one graph.

    A derived one is kept whole, so that its derivation can be followed; of one that is not just asserted its node is kept.
    """
    # What records a derivation stands in the derived graph too, but follows from nothing.
    if graph == DERIVED:
        return one(graph if subject.startswith(RECORDS) else (graph, subject, predicate, thing))
    return one((graph, subject) if statuses.of(graph, subject) else graph)


class _Writer:
    def __init__(self, result: Rewriting, written: Counter) -> None:
        self.result = result
        self.parsed = result.parsed
        self.statuses = result.statuses
        self.fresh = result.parsed.fresh
        self.written = written

    def group(
        self, group: Group, graph: str, around: set[str] = frozenset(), optional: bool = False, within: bool = False
    ) -> tuple[str, list]:
        """Return the inside of a group; `around` is what a filter of an OPTIONAL sees beside it."""
        lines: list[str] = []
        last: list[str] = []  # stands behind all else, where every variable of the group has its value
        makers: list = []
        seen: set[str] = set(around)
        whole = visible(group) | around | self.result.given
        for element in group.elements:
            match element:
                case patterns.Triple():
                    makers.append(self.triple(element, graph, lines, optional or within))
                case patterns.Closure():
                    lines.append(f"{element.subject} ({element.path}){element.modifier} {element.object} .")
                    ends = ("subject", element.subject), ("object", element.object)
                    makers.append(self.task(element, graph, ends))
                case patterns.Filter():
                    lines.append(f"FILTER({element.expression.text})")
                    if element.expression.rests_on_patterns:
                        binds = None if optional else last
                        makers.append(self.condition(element.expression.condition, graph, whole, binds))
                case patterns.Bind():
                    lines.append(f"BIND({element.expression.text} AS {element.variable})")
                    if element.expression.rests_on_patterns:
                        makers.append(self.mixed(element.expression.condition, graph, seen | self.result.given))
                case patterns.Values():
                    lines.append(element.text)
                case patterns.Optional():
                    text, inner = self.group(element.group, graph, seen, True)
                    mark = self.mark(element.group)
                    if mark is None:
                        mark = self.fresh()
                        text += f"\nBIND(true AS {mark})"
                    lines.append(f"OPTIONAL {{ {text} }}")
                    makers.append(self.when(mark, None, inner, ABSENT))
                case patterns.Minus():
                    lines.append(f"MINUS {element.group.text}")
                    makers.append(lambda _: ABSENT)
                case patterns.Union():
                    mark = self.fresh()
                    branches = []
                    for number, branch in enumerate(element.groups):
                        text, inner = self.group(branch, graph, within=optional or within)
                        branches.append(f"{{ {text}\nBIND({number} AS {mark}) }}")
                        makers.append(self.when(mark, patterns.literal(str(number), patterns.XSD + "integer"), inner, NOTHING))
                    lines.append("\nUNION ".join(branches))
                case patterns.Graph():
                    text, inner = self.group(element.group, element.name, within=optional or within)
                    lines.append(f"GRAPH {element.name} {{ {text} }}")
                    makers += inner
                    if element.name.startswith("?"):
                        makers.append(self.author(element.name))
                case patterns.Group():
                    text, inner = self.group(element, graph, within=optional or within)
                    lines.append(f"{{ {text} }}")
                    makers += inner
                case patterns.Select():
                    text, make = self.select(element, graph)
                    lines.append(text)
                    makers.append(make)
            seen |= visible(element)
        return "\n".join(lines + last), makers

    def triple(self, triple: patterns.Triple, graph: str, lines: list[str], optional: bool) -> Callable[[Solution], Formula]:
        text = f"{triple.subject} {triple.predicate} {triple.object} ."
        first, second, third = (self.read(term) for term in (triple.subject, triple.predicate, triple.object))
        if graph or not self.result.direct:
            lines.append(text)
        if graph:
            where = self.read(graph)
            return lambda solution: token(self.statuses, where(solution), first(solution), second(solution), third(solution))
        if not self.result.direct:
            return lambda solution: Statement(first(solution), second(solution), third(solution))
        name = self.fresh()
        source = self.read(name)
        self.result.graphs[name] = None
        lines.append(f"GRAPH {name} {{ {text} }}")
        if optional and self.result.hidden:
            # What shapes or open data state must not match here; elsewhere such a solution is dropped.
            lines.append(f"FILTER({name} NOT IN ({', '.join(self.result.hidden)}))")

        def formula(solution: Solution) -> Formula:
            found = source(solution)
            return token(self.statuses, found, first(solution), second(solution), third(solution)) if is_public(found[1:-1]) else NEVER

        return formula

    def read(self, term: str) -> Callable[[Solution], str]:
        """Return how to get a term's value from a solution, "" where it has none."""
        if term.startswith("?"):
            self.result.names[term] = None
            return lambda solution: solution.get(term, "")
        constant = self.parsed.term(term)
        return lambda _: constant

    def author(self, name: str) -> Callable[[Solution], Formula]:
        where = self.read(name)
        # A triple within cites its graph itself; with a derived one it is the statement that is kept.
        return lambda solution: NOTHING if where(solution) == DERIVED else one(where(solution))

    def task(self, body: object, graph: str, names: Iterable[tuple[str, str]]) -> Callable[[Solution], Formula]:
        """Return a formula that leaves a part to a query of its own; `names` are its keys and where their values stand."""
        number = len(self.result.parts)
        self.result.parts.append(Part(body, graph, tuple(name for name, _ in names)))
        reads = [self.read(source) for _, source in names]
        where = self.read(graph) if graph else lambda _: ""
        return lambda solution: Task(number, where(solution), tuple(read(solution) or None for read in reads))

    def when(self, mark: str, expected: str | None, makers: list, otherwise: Ways) -> Callable[[Solution], Formula]:
        read = self.read(mark)

        def formula(solution: Solution) -> Formula:
            found = read(solution)
            active = bool(found) if expected is None else found == expected
            return ("and", [make(solution) for make in makers]) if active else otherwise

        return formula

    def mark(self, group: Group) -> str | None:
        """Return a variable that is bound when and only when an OPTIONAL takes part, None where there is none."""
        inside = Counter(group.names)
        own = (name for name in sorted(certain(group) - self.result.given) if self.written[name] == inside[name])
        return next(own, None)

    def select(self, select: patterns.Select, graph: str) -> tuple[str, Callable[[Solution], Formula]]:
        if graph.startswith("?") and graph in select.names and graph not in select.outputs:
            raise Unsupported(f"a sub-SELECT that uses {graph} for something else than the graph it stands in")
        inside = Counter(select.names)
        names = {}
        copies = []
        for name in select.outputs:
            names[name] = name
            # What surrounds it may bind a variable that it leaves unbound: its own value is copied.
            if name not in certain(select) and self.written[name] != inside[name]:
                names[name] = self.fresh()
                copies.append(f"BIND({name} AS {names[name]})")
        return f"{{ {{ {select.text} }} {' '.join(copies)} }}", self.task(select, graph, names.items())

    # Conditions

    def condition(self, condition: Condition, graph: str, scope: set[str], lines: list[str] | None, alone: bool = True) -> Callable:
        """Return what the truth of a filter rests on; `lines` take a BIND for what must be known of it, None where none may stand."""
        match condition.kind:
            case "and":
                parts = [self.condition(part, graph, scope, lines, alone) for part in condition.parts]
                return lambda solution: ("and", [part(solution) for part in parts])
            case "or":
                parts = [self.condition(part, graph, scope, lines, False) for part in condition.parts]
                kind = "or" if lines is not None else "or nothing"
                return lambda solution: (kind, [part(solution) for part in parts])
            case "exists":
                return self.witness(condition.groups[0], graph, scope)
            case "absent" if alone:
                return lambda _: ABSENT
            case "absent":  # one of several: it is so only where nothing matches
                witness = self.witness(condition.groups[0], graph, scope)
                return lambda solution: ("absent", [witness(solution)])
            case "plain" if alone or lines is None:
                return lambda _: NOTHING if alone else NEVER
            case "plain":
                name = self.fresh()
                lines.append(f"BIND(IF({condition.text}, true, false) AS {name})")
                read = self.read(name)
                return lambda solution: NOTHING if read(solution).startswith('"true"') else NEVER
        return self.mixed(condition, graph, scope)

    def mixed(self, condition: Condition, graph: str, scope: set[str]) -> Callable[[Solution], Formula]:
        """Return what a value rests on that depends on whether patterns match: on what they match, else on absence."""
        witnesses = [self.witness(group, graph, scope) for group in _groups(condition)]
        return lambda solution: ("and", [("or absent", [witness(solution)]) for witness in witnesses])

    def witness(self, group: Group, graph: str, scope: set[str]) -> Callable[[Solution], Formula]:
        names = sorted((set(group.names) | variables(graph)) & scope)
        return self.task(group, graph, [(name, name) for name in names])


def _groups(condition: Condition) -> list[Group]:
    return [*condition.groups, *(group for part in condition.parts for group in _groups(part))]


@dataclass(frozen=True)
class Support:
    """What a row rests on: sets of graphs, smallest first; whether also on absence; which inferred triples and which nodes are used."""

    graphs: tuple[frozenset[str], ...]
    absence: bool
    derived: tuple[tuple[str, str, str], ...]
    told: tuple[Place, ...]


def finish(ways: Ways) -> Support:
    """Return what ways come to.

    A way that rests on absence alone has no set: nothing can be cited for it. Where the same graphs also assert what the row needs,
    no node of theirs is told.
    """
    graphs: dict[frozenset[str], set[Place]] = {}
    derived: dict[tuple[str, str, str], None] = {}
    for each in ways.sets:
        stated = frozenset((part[0] if isinstance(part, tuple) else part)[1:-1] for part in each if part != ABSENCE)
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
