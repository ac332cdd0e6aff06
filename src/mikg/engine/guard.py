"""Read a query's tokens before any parser does: what it asks for, and whether it is within the limits.

A few hundred bytes can overflow the stack of a SPARQL engine or keep its planner busy for minutes, so size and nesting
are counted on the tokens (https://www.w3.org/TR/sparql11-query/#sparqlGrammar, terminals 139 to 174), where nothing recurses.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from mikg import namespaces
from mikg.engine.tokens import FORMS, Token, iri_of, position, resolved, tokens_of
from mikg.errors import QueryError, Refused, TooLarge

UPDATES = frozenset(["INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD", "WITH"])
OPENING, CLOSING = "{[(", "}])"
OPERATORS = frozenset(["+", "-", "*", "/", "!", "&&", "||", "=", "!=", "<", ">", "<=", ">=", "|", "^"])
IRIS = re.compile(r"<[^<>\"{}|^`\\\x00-\x20]*>")
# An IRI that could also be a comparison with something behind it: `<` and a name or number, then a comment or a bracket.
DOUBTFUL = re.compile(r"<(?![A-Za-z][A-Za-z0-9+.-]*://).*[#&()',;!\\]", re.DOTALL)
# A query that can be let pass without a look at its tokens: see `glance`.
BETWEEN = r"(?:\s|\#[^\r\n]*(?:[\r\n]|\Z))*"
PROLOGUE = re.compile(
    rf"{BETWEEN}(?:(?:PREFIX\b{BETWEEN}[\w.-]*:|BASE\b){BETWEEN}<[^<>\"{{}}|^`\\\s]*>{BETWEEN})*(SELECT|ASK|CONSTRUCT|DESCRIBE)\b",
    re.IGNORECASE | re.ASCII,
)
NAMED = re.compile(r"(?<![\w?$:])FROM(?![\w:])", re.IGNORECASE | re.ASCII)
ATOM = re.compile(r"[^\W\d]\w*|\d+|[^\w\s]", re.ASCII)
SHORT = 8_000  # characters of a query beyond which a glance saves nothing


@dataclass(frozen=True)
class Limits:
    """What a query's text may hold."""

    size: int = 65_536  # bytes
    depth: int = 64  # nested brackets
    patterns: int = 500  # triple patterns, list items, operators and groups together
    values: int = 10_000  # terms of inline data
    services: bool = False  # whether SERVICE may stand in it: whoever reads on must then replace it, since no worker can follow it


@dataclass(frozen=True)
class Outline:
    """What the tokens tell: the query form, the graphs of its dataset clause, and where its pattern begins."""

    form: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    group: int = -1  # where the inside of the outermost group graph pattern begins, -1 where there is none


def glance(query: str, limits: Limits = Limits()) -> str:
    """Return the form of a query in which nothing can be that `read` would refuse, by a few searches; empty where `read` must decide.

    It is short and plain: no word that a refused keyword is part of, no escape behind which one could hide, and in all fewer atoms
    (words, numbers, signs) than any limit allows. What does not parse is the engine's to find.

    >>> glance("SELECT * { ?s ?p ?o }"), glance("SELECT * { SERVICE <http://x/> { } }")
    ('SELECT', '')
    """
    if len(query) > min(SHORT, limits.size) or not query.isascii() or "\\" in query:
        return ""
    capitals = query.upper()  # looked through at a tenth of the cost of a pattern
    if "SERVICE" in capitals or ("FROM" in capitals and NAMED.search(query)):
        return ""
    found = PROLOGUE.match(query)
    if not found:
        return ""
    pattern = query[found.start(1) :]
    brackets = pattern.count("{") + pattern.count("(") + pattern.count("[")
    most = min(limits.patterns, limits.values)
    if brackets > limits.depth or "<<" in pattern or (len(pattern) > most and len(ATOM.findall(pattern)) > most):
        return ""
    # An IRI with brackets or the like in it could also be a comparison.
    if any(DOUBTFUL.match(part) for part in IRIS.findall(pattern)):
        return ""
    return found[1].upper()


@functools.lru_cache(256)
def read(query: str, limits: Limits = Limits(), base: str = namespaces.BASE) -> Outline:
    """Return the outline of a query whose relative IRIs resolve against `base`.

    `Refused`, `TooLarge` or `QueryError` say with line and column why it cannot run.
    """
    size = len(query.encode(errors="surrogatepass"))
    if size > limits.size:
        raise TooLarge(f"The query has {size} bytes; this endpoint reads up to {limits.size}. Shorten it, or ask in parts.")
    tokens = tokens_of(query)
    _check_tokens(query, tokens)
    outline = _outline(query, tokens, base, limits.services)
    _check_size(query, tokens, limits)
    _check_prefixes(query, tokens)
    return outline


def _outline(query: str, tokens: list[Token], base: str, services: bool) -> Outline:
    form = ""
    prefixes: dict[str, str] = {}
    graphs: dict[str, list[str]] = {"": [], "NAMED": []}
    depth = 0
    group = -1
    for index, token in enumerate(tokens):
        if token.text in OPENING and token.kind == "mark":
            template = index and tokens[index - 1].keyword == "CONSTRUCT"
            if token.text == "{" and depth == 0 and form and group < 0 and not template:
                group = token.start + 1
            depth += 1
        elif token.text in CLOSING and token.kind == "mark":
            depth -= 1
        keyword = token.keyword
        following = tokens[index + 1 : index + 4]
        if services and keyword == "SERVICE":
            continue
        if _is_service(tokens, index):
            _refuse(query, token, "SERVICE would open a connection to another server, and this endpoint opens none")
        elif keyword in UPDATES and depth == 0:
            what = "LOAD would fetch a file or address" if keyword == "LOAD" else f"{keyword} would change the graph"
            _refuse(query, token, f"{what}; this endpoint only reads")
        elif keyword == "PREFIX" and not form and len(following) > 1:
            prefixes[following[0].text] = resolved(following[1], base)
        elif keyword == "BASE" and not form and following:
            base = resolved(following[0], base)
        elif keyword in FORMS and not form:
            form = keyword
        elif keyword == "FROM" and depth == 0 and following:
            named = following[0].keyword
            term = following[1 if named == "NAMED" else 0 :][:1]
            if term:
                graphs["NAMED" if named == "NAMED" else ""].append(iri_of(term[0], prefixes, base))
    if not form:
        what = f"found {tokens[0].text[:40]!r}" if tokens else "the query is empty"
        raise QueryError(f"A query begins with SELECT, ASK, CONSTRUCT or DESCRIBE (after its prefixes); {what}.")
    return Outline(form, tuple(graphs[""]), tuple(graphs["NAMED"]), group)


def bind(query: str, outline: Outline, values: Mapping[str, str], data: str = "") -> str:
    """Return the query with its variables bound to terms, given in N-Triples: a data block at the head of its pattern, and another as given.

    Oxigraph's own substitution takes only variables that are projected. A sub-SELECT sees a value if it projects the variable.

    >>> bind("ASK { ?s ?p ?o }", read("ASK { ?s ?p ?o }"), {"s": "<http://x/>"})
    'ASK { VALUES (?s) { (<http://x/>) } ?s ?p ?o }'
    """
    if not values and not data:
        return query
    names = " ".join(f"?{name}" for name in values)
    block = (f" VALUES ({names}) {{ ({' '.join(values.values())}) }}" if values else "") + (f" {data} " if data else "")
    return query[: outline.group] + block + query[outline.group :]


def _is_service(tokens: list[Token], index: int) -> bool:
    """Whether the engine could read the keyword SERVICE here. It asks for no space around keywords: `true` may stand before.

    With the prefixes servicex: and x: both declared, servicex:y { is a name to the grammar, and x:y asked to the engine.
    """
    token = tokens[index]
    if token.kind != "name":
        return "SERVICE" in token.keyword
    opens = index + 1 < len(tokens) and tokens[index + 1].text == "{"
    named = index and tokens[index - 1].keyword in ("GRAPH", "FROM", "NAMED", "DESCRIBE")
    return opens and not named and "SERVICE" in token.text.partition(":")[0].upper()


def _check_tokens(query: str, tokens: list[Token]) -> None:
    """Refuse what this reader and the engine could cut into different tokens, so that one would see a comment where the other reads on.

    The engine has no tokens of its own; where the grammar's longest token makes no sense to it, it takes a shorter one.
    """
    brackets = [""]
    for index, token in enumerate(tokens):
        mark = token.text if token.kind == "mark" else ""
        if mark and mark in "\"'\\":
            what = "The backslash" if mark == "\\" else "The string"
            raise QueryError(f"{what} at {position(query, token.start)} is never closed, or begins an escape that SPARQL does not have.")
        if mark and mark in OPENING:
            brackets.append("VALUES" if mark == "{" and _opens_values(tokens, index) else mark)
        elif mark and mark in CLOSING and len(brackets) > 1:
            brackets.pop()
        elif (
            brackets[-1] == "("
            and brackets[-2] != "VALUES"
            and (mark.startswith("<<") or (token.kind == "iri" and DOUBTFUL.match(token.text)))
        ):
            before = tokens[index - 1]
            if before.kind != "mark" or before.text not in (*OPERATORS, "(", ",", "^^"):
                raise QueryError(
                    f"The {token.text[:40]!r} at {position(query, token.start)} is one token by the grammar of SPARQL. "
                    "If its first sign is a comparison, put a space behind it; if it is an IRI, write it whole."
                )


def _refuse(query: str, token: Token, why: str) -> None:
    raise Refused(f"Not done: {why} ({token.text} at {position(query, token.start)}).")


def _check_size(query: str, tokens: list[Token], limits: Limits) -> None:
    stack: list[Token] = []
    patterns = values = terms = 0
    values_depth = 0
    for index, token in enumerate(tokens):
        if (token.kind == "mark" and token.text in ("{|", "<<", "<<(")) or (token.text in OPENING and token.kind == "mark"):
            stack.append(token)
            patterns += token.text != "("
            if values_depth == 0 and token.text == "{" and _opens_values(tokens, index):
                values_depth = len(stack)
            if len(stack) > limits.depth:
                raise TooLarge(
                    f"Brackets are nested {len(stack)} deep at {position(query, token.start)}; this endpoint reads up to {limits.depth}."
                )
        elif token.kind == "mark" and token.text in (*CLOSING, "|}", ">>", ")>>"):
            if not stack:
                raise QueryError(f"{token.text!r} at {position(query, token.start)} closes a bracket that was never opened.")
            if values_depth == len(stack):
                values_depth = 0
            opened = stack.pop()
            if token.text in CLOSING and opened.text in OPENING and CLOSING.index(token.text) != OPENING.index(opened.text):
                raise QueryError(
                    f"{token.text!r} at {position(query, token.start)} closes the {opened.text!r} of {position(query, opened.start)}."
                )
        elif values_depth:
            values += token.kind != "mark"
        elif (
            (token.kind == "mark" and token.text in (".", ";", ","))
            or (token.text in OPERATORS and token.kind == "mark")
            or token.keyword in ("UNION", "OPTIONAL", "FILTER", "MINUS", "BIND", "EXISTS", "GRAPH")
        ):
            patterns += 1
        elif any(opened.text == "(" for opened in stack[-1:]) and token.kind in ("iri", "name", "variable", "string", "number", "blank"):
            terms += 1
        if patterns + terms > limits.patterns:
            raise TooLarge(
                f"The query has more than {limits.patterns} patterns, list items and operators (reached at "
                f"{position(query, token.start)}). Ask in parts, or give data as VALUES."
            )
        if values > limits.values:
            raise TooLarge(f"VALUES holds more than {limits.values} terms (reached at {position(query, token.start)}). Ask in parts.")
    if stack:
        raise QueryError(f"The {stack[-1].text!r} at {position(query, stack[-1].start)} is never closed.")


def _opens_values(tokens: list[Token], index: int) -> bool:
    """Whether the brace at `index` begins the rows of VALUES ?x { or VALUES (?x ?y) {."""
    for token in reversed(tokens[max(0, index - 40) : index]):
        if token.keyword == "VALUES":
            return True
        if token.kind != "variable" and token.text not in "()":
            return False
    return False


def _check_prefixes(query: str, tokens: list[Token]) -> None:
    declared = {tokens[index + 1].text for index, token in enumerate(tokens[:-1]) if token.keyword == "PREFIX"}
    for token in tokens:
        if token.kind == "name" and (prefix := token.text.partition(":")[0] + ":") not in declared:
            known = namespaces.PREFIXES.get(prefix[:-1])
            line = f"PREFIX {prefix} <{known}>" if known else f"PREFIX {prefix} <...>"
            raise QueryError(f"The prefix {prefix!r} at {position(query, token.start)} is not declared; begin the query with: {line}")
