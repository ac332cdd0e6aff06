"""The SERVICE clauses of a query: where they stand, and what of the query around them can be known before they are asked.

A clause is later replaced by its rows. What stands in the same group before it (and what is joined after it) gives values that
its answer must agree with: sent along, they keep the answer small. Only what cannot exclude a row of the whole answer is used, so
a FILTER is left out, and so is an OPTIONAL, BIND or MINUS that stands behind.
"""

from dataclasses import dataclass

from mikg.engine.tokens import FORMS, Token, iri_of, position, resolved, tokens_of
from mikg.errors import Refused

PAIRS = {"{": "}", "(": ")", "[": "]"}
STARTS = frozenset(["FILTER", "BIND", "OPTIONAL", "MINUS", "GRAPH", "VALUES", "SERVICE"])


@dataclass(frozen=True)
class Clause:
    """One SERVICE clause: its place in the text, its endpoint, its pattern, and the text of what is known around it."""

    start: int
    end: int
    endpoint: str
    silent: bool
    pattern: str
    around: str  # group graph pattern without braces, empty where nothing is known
    variables: tuple[str, ...]  # of the pattern, those that also occur around
    plain: bool  # the pattern has triples only, so that values may stand beside them


@dataclass(frozen=True)
class Element:
    kind: str  # a keyword, "{" for a group, "" for triples
    start: int  # indices of tokens
    end: int


def first(query: str, base: str) -> Clause | None:
    """Return the first SERVICE clause of a query, None where there is none; `Refused` for what is not done."""
    tokens = tokens_of(query)
    index = next((number for number, token in enumerate(tokens) if token.keyword == "SERVICE"), None)
    if index is None:
        return None
    closing = _pairs(tokens)
    at = index + 1
    silent = tokens[at].keyword == "SILENT"
    at += silent
    endpoint = _endpoint(query, tokens, at, base)
    opening = at + 1
    if opening not in closing or tokens[opening].text != "{":
        raise Refused(f"Not done: SERVICE at {position(query, tokens[index].start)} has no pattern in braces behind its endpoint.")
    inside = tokens[opening + 1 : closing[opening]]
    for token in inside:
        if token.keyword == "SERVICE":
            raise Refused(f"Not done: a SERVICE within a SERVICE ({position(query, token.start)}) would be asked by the other server.")
    around = _around(query, tokens, closing, index)
    mine = {token.text[1:] for token in inside if token.kind == "variable"}
    theirs = {token.text[1:] for token in tokens_of(around) if token.kind == "variable"}
    return Clause(
        tokens[index].start,
        tokens[closing[opening]].start + 1,
        endpoint,
        silent,
        query[tokens[opening].start + 1 : tokens[closing[opening]].start].strip(),
        around,
        tuple(sorted(mine & theirs)),
        not any(token.text == "{" or token.keyword in STARTS or token.keyword == "SELECT" for token in inside),
    )


def prologue(query: str, pattern: str) -> str:
    """Return the BASE of a query and those of its prefixes that a pattern uses."""
    used = {token.text.partition(":")[0] + ":" for token in tokens_of(pattern) if token.kind == "name"}
    lines = []
    tokens = tokens_of(query)
    for token, name, value in zip(tokens, tokens[1:], [*tokens[2:], tokens[-1]], strict=False):
        if token.keyword in FORMS:
            break
        if token.keyword == "BASE":
            lines.append(f"BASE {name.text}")
        elif token.keyword == "PREFIX" and name.text in used:
            lines.append(f"PREFIX {name.text} {value.text}")
    return "".join(f"{line}\n" for line in lines)


def _endpoint(query: str, tokens: list[Token], at: int, base: str) -> str:
    token = tokens[at]
    if token.kind == "variable":
        raise Refused(
            f"Not done: the endpoint of SERVICE at {position(query, token.start)} is the variable {token.text}; name it as an IRI."
        )
    prefixes: dict[str, str] = {}
    for keyword, name, value in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if keyword.keyword in FORMS:
            break
        if keyword.keyword == "BASE":
            base = resolved(name, base)
        elif keyword.keyword == "PREFIX":
            prefixes[name.text] = resolved(value, base)
    return iri_of(token, prefixes, base)


def _pairs(tokens: list[Token]) -> dict[int, int]:
    """Return the index of the closing bracket of each opening one."""
    stack, pairs = [], {}
    for index, token in enumerate(tokens):
        if token.kind == "mark" and token.text in PAIRS:
            stack.append(index)
        elif token.kind == "mark" and token.text in PAIRS.values() and stack:
            pairs[stack.pop()] = index
    return pairs


def _around(query: str, tokens: list[Token], closing: dict[int, int], index: int) -> str:
    """Return what is known beside the element at `index`, from its own group outwards, as far as rows are only joined."""
    text = ""
    groups = [start for start, end in closing.items() if tokens[start].text == "{" and start < index < end]
    for opening in sorted(groups, reverse=True):
        if _kept_apart(tokens, opening):
            break
        before, after = [], []
        for element in _elements(tokens, closing, opening):
            whole = query[tokens[element.start].start : tokens[element.end].start + len(tokens[element.end].text)]
            if not element.kind:
                whole = whole.strip(". \t\r\n") + " ."
            remote = any(token.keyword == "SERVICE" for token in tokens[element.start : element.end + 1])
            if element.start <= index <= element.end:
                before.append(text)
            elif element.kind == "FILTER" or remote:
                continue
            elif element.end < index:
                before.append(whole)
            elif element.kind in ("", "{", "GRAPH", "VALUES"):
                after.append(whole)
        inner = "\n".join(part for part in (*before, *after) if part)
        if inner and opening > 1 and tokens[opening - 2].keyword == "GRAPH":
            text = f"GRAPH {tokens[opening - 1].text} {{ {inner} }}"
        else:
            text = f"{{ {inner} }}" if inner else ""
    return text


def _kept_apart(tokens: list[Token], opening: int) -> bool:
    """Whether the group at `opening` is the outside of a sub-SELECT, or the pattern of an EXISTS, which are no plain joins."""
    return tokens[opening + 1].keyword == "SELECT" or (opening > 0 and tokens[opening - 1].keyword in ("EXISTS", "CONSTRUCT"))


def _elements(tokens: list[Token], closing: dict[int, int], opening: int) -> list[Element]:
    """Return the elements of the group that opens at a token."""
    found = []
    at, end = opening + 1, closing[opening]
    while at < end:
        start, keyword = at, tokens[at].keyword
        kind = keyword if keyword in STARTS else "{" if tokens[at].text == "{" else ""
        if kind == "{":
            at = closing[at]
            while at + 2 < end and tokens[at + 1].keyword == "UNION":
                at = closing[at + 2]
        elif kind:
            opens = ("(", "{") if kind in ("FILTER", "BIND") else ("{",)
            while tokens[at].text not in opens:
                at += 1
            at = closing[at]
        else:
            at = closing.get(at, at)
            while at + 1 < end and tokens[at + 1].keyword not in STARTS and tokens[at + 1].text != "{":
                at = closing.get(at + 1, at + 1)
        if tokens[start].text != "." or at > start:
            found.append(Element(kind, start, at))
        at += 1
    return found
