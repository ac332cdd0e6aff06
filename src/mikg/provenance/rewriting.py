"""Rewrite a group of patterns so that each solution tells which triples it matched.

The text stays as it was, apart from paths, which are taken apart into edges, and marks that tell which OPTIONAL and which
branch of a UNION took part. Beside it stands a formula over the bindings: what the group rests on.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from mikg.provenance import patterns
from mikg.provenance.asking import Solution
from mikg.provenance.formulas import Formula, Matched, Several, Statement, Task
from mikg.provenance.patterns import Condition, Expression, Group, Parsed, Unsupported, certain, variables, visible
from mikg.provenance.tokens import renamed
from mikg.provenance.ways import ABSENT, NEVER, NOTHING, Ways

Maker = Callable[[Solution], Formula]


@dataclass(frozen=True)
class Part:
    """A sub-SELECT, the group of an EXISTS, or a path taken any number of times; `names` are those of its keys."""

    body: object
    graph: str
    names: tuple[str, ...]


@dataclass
class Rewriting:
    """What a group becomes: its text, the variables to ask for, and from their values its formula."""

    parsed: Parsed
    given: frozenset[str] = frozenset()
    text: str = ""
    names: dict[str, None] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    makers: list[Maker] = field(default_factory=list)
    same: bool = True  # whether an engine takes the text as it takes the group itself, and gives its solutions in the same order
    always: list[tuple[patterns.Triple, Maker]] = field(default_factory=list)  # what each solution matches in the default graph
    apart: dict[str, None] = field(
        default_factory=dict
    )  # variables that stand in an EXISTS, have a value elsewhere, and none where it stands

    def formula(self, solution: Solution) -> Formula:
        return Several("and", [make(solution) for make in self.makers])


def rewrite(parsed: Parsed, group: Group, graph: str = "", given: Iterable[str] = (), outside: Iterable[str] = ()) -> Rewriting:
    """Return what a group becomes; `given` are variables that have a value before it begins, `outside` those that get one after it."""
    result = Rewriting(parsed, frozenset(given))
    writer = _Writer(result, Counter([*group.names, *outside, graph]), visible(group) | {*given, *outside} | variables(graph))
    result.text, result.makers = writer.group(group, graph, alone=True)
    result.names.update(dict.fromkeys(variables(graph)))
    return result


def rest(rewriting: Rewriting, expression: Expression, graph: str, scope: set[str]) -> None:
    """Add to a rewriting what the value of a projected expression rests on."""
    rewriting.makers.append(_Writer(rewriting, Counter(), set()).mixed(expression.condition, graph, scope))


class _Writer:
    def __init__(self, result: Rewriting, written: Counter, bound: set[str]) -> None:
        self.result = result
        self.parsed = result.parsed
        self.fresh = result.parsed.fresh
        self.written = written
        self.bound = bound
        self.within = Group(())  # the group that is being written

    def group(
        self,
        group: Group,
        graph: str,
        around: set[str] = frozenset(),
        optional: bool = False,
        sure: bool = True,
        alone: bool = False,
    ) -> tuple[str, list]:
        """Return the inside of a group.

        `around` is what a filter of an OPTIONAL sees beside it, `sure` whether each solution matches it, `alone` whether nothing is joined with it.
        """
        lines: list[str] = []
        last: list[str] = []  # stands behind all else, where every variable of the group has its value
        makers: list = []
        seen: set[str] = set(around)
        whole = visible(group) | around | self.result.given
        alone &= sum(not isinstance(element, patterns.Filter) for element in group.elements) == 1
        surrounding, self.within = self.within, group
        for element in group.elements:
            match element:
                case patterns.Triple():
                    lines.append(f"{element.subject} {element.predicate} {element.object} .")
                    makers.append(self.triple(element, graph, sure))
                case patterns.Closure():
                    lines.append(f"{element.subject} ({element.path}){element.modifier} {element.object} .")
                    ends = ("subject", element.subject), ("object", element.object)
                    makers.append(self.task(element, graph, ends))
                case patterns.Filter():
                    lines.append(f"FILTER({self.apart(element.expression, whole)})")
                    if element.expression.rests_on_patterns:
                        binds = None if optional else last
                        makers.append(self.condition(element.expression.condition, graph, whole, binds))
                case patterns.Bind():
                    if element.expression.rests_on_patterns:
                        makers.append(self.mixed(element.expression.condition, graph, seen | self.result.given, lines))
                    lines.append(f"BIND({self.apart(element.expression, seen | self.result.given)} AS {element.variable})")
                case patterns.Values():
                    lines.append(element.text)
                case patterns.Optional():
                    text, inner = self.group(element.group, graph, seen, optional=True, sure=False)
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
                        text, inner = self.group(branch, graph, sure=False, alone=alone)
                        branches.append(f"{{ {text}\nBIND({number} AS {mark}) }}")
                        makers.append(self.when(mark, patterns.literal(str(number), patterns.XSD + "integer"), inner, NOTHING))
                    lines.append("\nUNION ".join(branches))
                    # What is joined with a union that bears marks may be taken in another order than with one that does not.
                    self.result.same &= alone and all(branch.text for branch in element.groups)
                case patterns.Graph():
                    text, inner = self.group(element.group, element.name, sure=sure, alone=alone)
                    lines.append(f"GRAPH {element.name} {{ {text} }}")
                    makers += inner
                    if element.name.startswith("?"):
                        makers.append(self.author(element.name))
                case patterns.Group():
                    text, inner = self.group(element, graph, sure=sure, alone=alone)
                    self.result.same &= bool(element.text)
                    lines.append(f"{{ {text} }}")
                    makers += inner
                case patterns.Select():
                    text, make = self.select(element, graph)
                    lines.append(text)
                    makers.append(make)
            seen |= visible(element)
        self.within = surrounding
        return "\n".join(lines + last), makers

    def triple(self, triple: patterns.Triple, graph: str, sure: bool) -> Maker:
        # A term that is no variable is looked up under no name, and so is always itself.
        (a, subject), (b, predicate), (c, thing) = (self.named(term) for term in (triple.subject, triple.predicate, triple.object))
        if graph:
            d, where = self.named(graph)
            return lambda solution: Matched(
                solution.get(d, where)[1:-1], solution.get(a, subject), solution.get(b, predicate), solution.get(c, thing)
            )

        def statement(solution: Solution) -> Statement:
            return Statement(solution.get(a, subject), solution.get(b, predicate), solution.get(c, thing))

        if sure:
            self.result.always.append((triple, statement))
        return statement

    def named(self, term: str) -> tuple[str, str]:
        """Return under which name a solution has a term's value, and what it is where it has none."""
        if term.startswith("?"):
            self.result.names[term] = None
            return term, ""
        return "", self.parsed.term(term)

    def read(self, term: str) -> Callable[[Solution], str]:
        """Return how to get a term's value from a solution, "" where it has none."""
        name, otherwise = self.named(term)
        return lambda solution: solution.get(name, otherwise)

    def author(self, name: str) -> Maker:
        where = self.read(name)
        return lambda solution: Matched(where(solution)[1:-1], "", "", "")

    def task(self, body: object, graph: str, names: Iterable[tuple[str, str]]) -> Maker:
        """Return a formula that leaves a part to a query of its own; `names` are its keys and where their values stand."""
        number = len(self.result.parts)
        self.result.parts.append(Part(body, graph, tuple(name for name, _ in names)))
        reads = [self.read(source) for _, source in names]
        where = self.read(graph) if graph else lambda _: ""
        return lambda solution: Task(number, where(solution), tuple(read(solution) or None for read in reads))

    def when(self, mark: str, expected: str | None, makers: list, otherwise: Ways) -> Maker:
        read = self.read(mark)

        def formula(solution: Solution) -> Formula:
            found = read(solution)
            active = bool(found) if expected is None else found == expected
            return Several("and", [make(solution) for make in makers]) if active else otherwise

        return formula

    def mark(self, group: Group) -> str | None:
        """Return a variable that is bound when and only when an OPTIONAL takes part, None where there is none."""
        inside = Counter(group.names)
        own = (name for name in sorted(certain(group) - self.result.given) if self.written[name] == inside[name])
        return next(own, None)

    def select(self, select: patterns.Select, graph: str) -> tuple[str, Maker]:
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
                self.result.same = False
        return f"{{ {{ {select.text} }} {' '.join(copies)} }}", self.task(select, graph, names.items())

    # Conditions

    def apart(self, expression: Expression, scope: set[str]) -> str:
        """Return the text of an expression in which each EXISTS has names of its own for what has no value where it stands.

        A group is answered before it is joined (https://www.w3.org/TR/sparql11-query/#sparqlAlgebra), but an engine that answers one side
        of a join from the values of the other, as Oxigraph does, lets them into an EXISTS too.
        """
        text = expression.text
        for group in _groups(expression.condition):
            if names := sorted((set(group.names) & self.bound) - scope):
                text = text.replace(group.text, renamed(group.text, {name: self.fresh() for name in names}))
                self.result.apart.update(dict.fromkeys(names))
                self.result.same = False
        return text

    def condition(self, condition: Condition, graph: str, scope: set[str], lines: list[str] | None, alone: bool = True) -> Callable:
        """Return what the truth of a filter rests on; `lines` take a BIND for what must be known of it, None where none may stand."""
        match condition.kind:
            case "and":
                parts = [self.condition(part, graph, scope, lines, alone) for part in condition.parts]
                return lambda solution: Several("and", [part(solution) for part in parts])
            case "or":
                parts = [self.condition(part, graph, scope, lines, False) for part in condition.parts]
                kind = "or" if lines is not None else "or nothing"
                return lambda solution: Several(kind, [part(solution) for part in parts])
            case "exists":
                return self.witness(condition.groups[0], graph, scope, lines)
            case "absent" if alone:
                return lambda _: ABSENT
            case "absent":  # one of several: it is so only where nothing matches
                witness = self.witness(condition.groups[0], graph, scope, lines)
                return lambda solution: Several("absent", [witness(solution)])
            case "plain" if alone or lines is None:
                return lambda _: NOTHING if alone else NEVER
            case "plain":
                name = self.fresh()
                lines.append(f"BIND(IF({condition.text}, true, false) AS {name})")
                self.result.same = False
                read = self.read(name)
                return lambda solution: NOTHING if read(solution).startswith('"true"') else NEVER
        return self.mixed(condition, graph, scope, lines)

    def mixed(self, condition: Condition, graph: str, scope: set[str], lines: list[str] | None = None) -> Maker:
        """Return what a value rests on that depends on whether patterns match: on what they match, else on absence."""
        witnesses = [self.witness(group, graph, scope, lines) for group in _groups(condition)]
        return lambda solution: Several("and", [Several("or absent", [witness(solution)]) for witness in witnesses])

    def witness(self, group: Group, graph: str, scope: set[str], lines: list[str] | None) -> Maker:
        names = sorted((set(group.names) | variables(graph)) & scope)
        return self.task(group, graph, [(name, self.kept(name, lines)) for name in names])

    def kept(self, name: str, lines: list[str] | None) -> str:
        """Return the variable that has the value of a name as it is here; what surrounds the group may bind one that it leaves unbound."""
        inside = Counter(self.within.names)[name]
        if lines is None or not inside or self.written[name] == inside or name in certain(self.within) | self.result.given:
            return name
        copy = self.fresh()
        lines.append(f"BIND({name} AS {copy})")
        self.result.same = False
        return copy


def _groups(condition: Condition) -> list[Group]:
    return [*condition.groups, *(group for part in condition.parts for group in _groups(part))]
