"""The tokens of a query: https://www.w3.org/TR/sparql11-query/#sparqlGrammar, terminals 139 to 174; where one stands, and which IRI it names."""

import re
from typing import NamedTuple
from urllib.parse import urljoin

# What names are made of, as classes of characters.
BASE = (
    r"A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D\u2070-\u218F\u2C00-\u2FEF"
    r"\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
INNER = rf"{BASE}_0-9\u00B7\u0300-\u036F\u203F\u2040"
CODEPOINT = r"\\u(?![Dd][89A-Fa-f])[0-9A-Fa-f]{4}|\\U(?!0000[Dd][89A-Fa-f])00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{4}"
ESCAPE = rf"\\[tbnrf\\\"']|{CODEPOINT}"
LOCAL = r"%[0-9A-Fa-f]{2}|\\[_~.!$&'()*+,;=/?\#@%-]"
TOKEN = re.compile(
    rf"""
    (?P<space>[ \t\r\n]+|\#[^\r\n]*)
  | (?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]|{CODEPOINT})*>)
  | (?P<string>\"\"\"(?:\"{{0,2}}(?:[^"\\]|{ESCAPE}))*\"\"\"|\'\'\'(?:'{{0,2}}(?:[^'\\]|{ESCAPE}))*\'\'\'
      |\"(?:[^"\\\r\n]|{ESCAPE})*\"|'(?:[^'\\\r\n]|{ESCAPE})*')
  | (?P<variable>[?$][{BASE}_0-9][{INNER}]*)
  | (?P<blank>_:[{BASE}_0-9](?:[{INNER}.-]*[{INNER}-])?)
  | (?P<name>(?:[{BASE}](?:[{INNER}.-]*[{INNER}-])?)?:(?:(?:[{BASE}_0-9:]|{LOCAL})(?:(?:[{INNER}:.-]|{LOCAL})*(?:[{INNER}:-]|{LOCAL}))?)?)
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
  | (?P<word>[A-Za-z_][A-Za-z_0-9]*)
  | (?P<mark>\^\^|&&|\|\||!=|<=|>=|<<\(?|\)?>>|\{{\||\|\}}|.)
    """,
    re.VERBOSE | re.DOTALL,
)
FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")


class Token(NamedTuple):
    kind: str
    text: str
    start: int
    keyword: str = ""  # a word in capitals


def tokens_of(query: str) -> list[Token]:
    """Return the tokens of a query, without what stands between them."""
    tokens = []
    for match in TOKEN.finditer(query):
        kind = match.lastgroup
        if kind != "space":
            text = match.group()
            tokens.append(Token(kind, text, match.start(), text.upper() if kind == "word" else ""))
    return tokens


class Cursor:
    """The tokens of a query, read left to right: which one has been reached, and what is there."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens_of(text)
        self.end = Token("end", "", len(text.rstrip()))
        self.at = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else self.end

    def sees(self, *texts: str) -> bool:
        """Whether the token is one of these keywords or marks."""
        token = self.token
        return token.keyword in texts or (token.kind == "mark" and token.text in texts)

    def take(self) -> Token:
        token = self.token
        self.at += 1
        return token

    def eat(self, *texts: str) -> bool:
        """Pass over one of these keywords or marks; whether it was there."""
        if self.sees(*texts):
            self.at += 1
            return True
        return False

    def eat_all(self, text: str) -> bool:
        """Pass over a keyword or mark as often as it stands here; whether it was there."""
        if not self.eat(text):
            return False
        while self.eat(text):
            pass
        return True

    def skip_bracket(self) -> None:
        """Pass over a bracket that opens here, with all that it holds."""
        depth = 0
        while self.token.kind != "end":
            token = self.take()
            if token.kind == "mark":
                depth += (token.text in "([{") - (token.text in ")]}")
            if depth == 0:
                return


def position(query: str, offset: int) -> str:
    """Return 'line L, column C' of a character offset, both from 1.

    >>> position("ASK\\n{ }", 4)
    'line 2, column 1'
    """
    line, column = line_column(query, offset)
    return f"line {line}, column {column}"


def line_column(query: str, offset: int) -> tuple[int, int]:
    """Return line and column of a character offset, both from 1."""
    return query.count("\n", 0, offset) + 1, offset - query.rfind("\n", 0, offset)


def iri_of(token: Token, prefixes: dict[str, str], base: str) -> str:
    """Return the IRI that a token names, a prefixed name by its prefix."""
    if token.kind == "iri":
        return resolved(token, base)
    prefix, _, local = token.text.partition(":")
    if f"{prefix}:" not in prefixes:
        return token.text
    return prefixes[f"{prefix}:"] + re.sub(r"\\(.)", r"\1", local)


def resolved(token: Token, base: str) -> str:
    """Return the IRI of a token, its codepoint escapes read and relative to the base."""
    iri = re.sub(CODEPOINT, lambda escape: chr(int(escape.group()[2:], 16)), token.text[1:-1])
    # urljoin would take an empty fragment away, with which many namespaces end.
    return iri if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", iri) else urljoin(base, iri) + "#" * iri.endswith("#")
