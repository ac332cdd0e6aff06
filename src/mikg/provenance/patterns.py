"""The parts of a query as a tree: patterns, paths and expressions, and which variables they bind.

Expressions stay text.
"""

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urljoin

from mikg.namespaces import XSD


class Unsupported(Exception):
    """A part of a query whose provenance is not computed; the message says which, and where."""

    def __init__(self, what: str, place: str = "") -> None:
        super().__init__(f"{what}{f' at {place}' if place else ''} is not cited; the answer itself is whole.")


@dataclass(frozen=True)
class Path:
    """A property path: `kind` is iri, inverse, sequence, alternative, negated, or one of * + ?"""

    kind: str
    parts: tuple["Path", ...] = ()
    iri: str = ""

    def __str__(self) -> str:
        if self.kind == "iri":
            return self.iri
        if self.kind == "inverse":
            return f"^({self.parts[0]})"
        if self.kind == "negated":
            return "!(" + "|".join(f"^{part.parts[0]}" if part.kind == "inverse" else str(part) for part in self.parts) + ")"
        joint = {"sequence": "/", "alternative": "|"}.get(self.kind, "")
        inner = joint.join(f"({part})" for part in self.parts)
        return f"{inner}{self.kind}" if self.kind in "*+?" else inner


@dataclass(frozen=True)
class Triple:
    subject: str
    predicate: str
    object: str


@dataclass(frozen=True)
class Closure:
    """Two nodes that `path`, taken as often as `modifier` (* + ?) says, connects."""

    subject: str
    path: Path
    modifier: str
    object: str


@dataclass(frozen=True)
class Group:
    elements: tuple[object, ...]
    text: str = ""
    names: tuple[str, ...] = ()  # each variable as often as it is written


@dataclass(frozen=True)
class Condition:
    """An expression by its truth: `kind` is and, or, exists, absent, plain, or mixed (EXISTS within something else)."""

    kind: str
    text: str = ""
    parts: tuple["Condition", ...] = ()
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True)
class Expression:
    text: str
    condition: Condition

    @property
    def rests_on_patterns(self) -> bool:
        return self.condition.kind != "plain"


@dataclass(frozen=True)
class Filter:
    expression: Expression


@dataclass(frozen=True)
class Bind:
    expression: Expression
    variable: str


@dataclass(frozen=True)
class Optional:
    group: Group


@dataclass(frozen=True)
class Minus:
    group: Group


@dataclass(frozen=True)
class Union:
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Graph:
    name: str
    group: Group


@dataclass(frozen=True)
class Values:
    text: str
    names: tuple[str, ...]
    undefined: bool


@dataclass(frozen=True)
class Select:
    """One SELECT: `items` are variables with their expressions, none where it selects *."""

    where: Group
    items: tuple[tuple[str, Expression | None], ...] | None
    keys: tuple[tuple[str, str], ...] = ()  # of GROUP BY: variable ("" where it has none) and expression
    aggregated: bool = False
    narrowed: bool = False  # by LIMIT, OFFSET or HAVING
    text: str = ""
    head: str = ""  # SELECT and its items
    having: str = ""
    values: Values | None = None
    distinct: bool = False
    reduced: bool = False
    names: tuple[str, ...] = ()
    tail: str = ""  # what stands behind its pattern

    @property
    def outputs(self) -> tuple[str, ...]:
        if self.items is None:
            return tuple(sorted(visible(self.where) & set(self.where.names)))
        return tuple(name for name, _ in self.items)


@dataclass(frozen=True)
class Parsed:
    form: str
    prologue: str
    prefixes: dict[str, str]
    base: str
    select: Select | None
    dataset: bool = False  # whether it has FROM
    template: tuple[Triple, ...] = ()
    fresh: Callable[[], str] = field(default=lambda: "")

    def term(self, text: str) -> str:
        """Return a constant of the query in N-Triples."""
        if text.startswith("<"):
            return f"<{resolve(self.base, text[1:-1])}>"
        if text[0] in "\"'":
            quote = text[:3] if text[:3] in ('"""', "'''") else text[0]
            end = text.rindex(quote)
            value, rest = unescape(text[len(quote) : end]), text[end + len(quote) :]
            if rest.startswith("@"):
                return literal(value, language=rest[1:])
            return literal(value, self.term(rest[2:])[1:-1] if rest else "")
        if text in ("true", "false"):
            return literal(text, XSD + "boolean")
        if re.match(r"[+-]?\.?\d", text):
            return literal(text, XSD + ("double" if "e" in text.lower() else "decimal" if "." in text else "integer"))
        prefix, _, local = text.partition(":")
        name = re.sub(r"\\(.)", r"\1", local)
        return f"<{self.prefixes[prefix]}{name}>"


def resolve(base: str, iri: str) -> str:
    """Return an absolute IRI; one that is absolute stays to the letter, since urljoin drops a final #.

    >>> resolve("https://w3id.org/mikg/", "id/panama"), resolve("", "https://w3id.org/mikg/ontology#")
    ('https://w3id.org/mikg/id/panama', 'https://w3id.org/mikg/ontology#')
    """
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", iri):
        return iri
    joined = urljoin(base, iri)
    return joined + "#" if iri.endswith("#") and not joined.endswith("#") else joined


def unescape(text: str) -> str:
    """Return the value of a string's inside.

    >>> unescape(r"a\\tb")
    'a\\tb'
    """
    short = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
    point = lambda match: chr(int(match[1] or match[2], 16)) if match[1] or match[2] else short.get(match[3], match[3])  # noqa: E731
    return re.sub(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", point, text, flags=re.DOTALL)


def literal(value: str, datatype: str = "", language: str = "") -> str:
    """Return a literal in N-Triples.

    >>> literal("7", XSD + "integer")
    '"7"^^<http://www.w3.org/2001/XMLSchema#integer>'
    """
    for sign, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r")):
        value = value.replace(sign, escaped)
    if language:
        return f'"{value}"@{language.lower()}'
    return f'"{value}"^^<{datatype}>' if datatype and datatype != XSD + "string" else f'"{value}"'


def variables(*terms: str) -> set[str]:
    return {term for term in terms if term.startswith("?")}


def visible(part: object) -> set[str]:
    """Return the variables that a part may bind for what stands around it."""
    match part:
        case Triple():
            return variables(part.subject, part.predicate, part.object)
        case Closure():
            return variables(part.subject, part.object)
        case Group():
            return set().union(*map(visible, part.elements))
        case Union():
            return set().union(*map(visible, part.groups))
        case Optional():
            return visible(part.group)
        case Graph():
            return visible(part.group) | variables(part.name)
        case Bind():
            return {part.variable}
        case Values():
            return set(part.names)
        case Select():
            return set(part.outputs)
    return set()


def certain(part: object) -> set[str]:
    """Return the variables that a part binds in each of its solutions."""
    match part:
        case Triple() | Closure():
            return visible(part)
        case Group():
            return set().union(*map(certain, part.elements))
        case Union():
            return set.intersection(*map(certain, part.groups))
        case Graph():
            return certain(part.group) | variables(part.name)
        case Values():
            return set() if part.undefined else set(part.names)
        case Select():
            if part.items is None:
                return certain(part.where)
            return {name for name, expression in part.items if expression is None} & (
                certain(part.where) if not part.aggregated else certain(part.where) & {name for name, _ in part.keys}
            )
    return set()


def fixed(group: Group) -> set[str]:
    """Return the variables that may be given their values at the head of a group without changing what it means.

    They are bound before anything that looks at whether a variable is bound.
    """
    names: set[str] = set()
    for part in group.elements:
        if isinstance(part, Optional | Minus | Bind):
            break
        names |= certain(part)
    return names


def expand(subject: str, path: Path, thing: str, fresh: Callable[[], str]) -> list[object]:
    """Return patterns that match as the path does: each edge a pattern of its own, unless it is taken any number of times."""
    match path.kind:
        case "iri":
            return [Triple(subject, path.iri, thing)]
        case "inverse":
            return expand(thing, path.parts[0], subject, fresh)
        case "sequence":
            nodes = [subject, *(fresh() for _ in path.parts[1:]), thing]
            return [
                each
                for part, (left, right) in zip(path.parts, itertools.pairwise(nodes), strict=True)
                for each in expand(left, part, right, fresh)
            ]
        case "alternative":
            return [Union(tuple(Group(tuple(expand(subject, part, thing, fresh))) for part in path.parts))]
        case "negated":
            forward = [part.iri for part in path.parts if part.kind == "iri"]
            backward = [part.parts[0].iri for part in path.parts if part.kind == "inverse"]
            groups = []
            for left, right, iris in ((subject, thing, forward), (thing, subject, backward)):
                if iris:
                    edge = fresh()
                    text = f"({edge} NOT IN ({', '.join(iris)}))"
                    groups.append(Group((Triple(left, edge, right), Filter(Expression(text, Condition("plain", text))))))
            return [groups[0] if len(groups) == 1 else Union(tuple(groups))]
    return [Closure(subject, path.parts[0], path.kind, thing)]
