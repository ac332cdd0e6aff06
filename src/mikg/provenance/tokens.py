"""What a parser of whole queries needs of their tokens: parts of the text, what stands within brackets, fresh names."""

import itertools
from collections.abc import Iterator, Mapping
from typing import NoReturn

from mikg.engine.grammar.keywords import AGGREGATES
from mikg.engine.tokens import Cursor, Token, position, tokens_of
from mikg.provenance.patterns import Unsupported


class Tokens(Cursor):
    """The tokens, the place that has been reached, and names that the query does not use."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        written = {token.text[1:] for token in self.tokens if token.kind == "variable"}
        mark = next(mark for mark in (f"m{number}x" for number in itertools.count()) if not any(name.startswith(mark) for name in written))
        numbers = itertools.count()
        self.fresh = lambda: f"?{mark}{next(numbers)}"
        self.blank = lambda label: f"?{mark}b{label.encode().hex()}"

    def need(self, *texts: str) -> None:
        if not self.eat(*texts):
            self.refuse(f"{self.token.text[:20]!r} (where {' or '.join(texts)} was expected)")

    def refuse(self, what: str, token: Token | None = None) -> NoReturn:
        raise Unsupported(what, position(self.text, (token or self.token).start))

    def slice(self, first: int, after: int) -> str:
        """Return the query's own text of some tokens."""
        if after <= first:
            return ""
        last = self.tokens[after - 1]
        return self.text[self.tokens[first].start : last.start + len(last.text)]

    def names(self, first: int, after: int) -> tuple[str, ...]:
        return tuple(f"?{token.text[1:]}" for token in self.tokens[first:after] if token.kind == "variable")

    def skip(self, keyword: str) -> None:
        """Pass over tokens up to a keyword outside all brackets."""
        while self.token.kind != "end" and self.token.keyword != keyword:
            if self.token.kind == "mark" and self.token.text in "([{":
                self.skip_bracket()
            else:
                self.take()

    def has_exists(self, first: int, after: int) -> bool:
        return any(token.keyword == "EXISTS" for token in self.tokens[first:after])

    def aggregates(self, first: int, after: int) -> bool:
        return any(
            token.keyword in AGGREGATES and self.tokens[index + 1].text == "("
            for index, token in enumerate(self.tokens[first:after], first)
        )

    def top(self, first: int, after: int) -> Iterator[int]:
        """Yield the places of tokens outside brackets, and of brackets that open."""
        depth = 0
        for index in range(first, after):
            token = self.tokens[index]
            closes = token.kind == "mark" and token.text in ")]}"
            depth -= closes
            if depth == 0 and not closes:
                yield index
            depth += token.kind == "mark" and token.text in "([{"


def renamed(text: str, names: Mapping[str, str]) -> str:
    """Return a part of a query with other names for some of its variables.

    >>> renamed("{ ?a :p ?ab, '?a' }", {"?a": "?x"})
    "{ ?x :p ?ab, '?a' }"
    """
    parts, done = [], 0
    for token in tokens_of(text):
        if token.kind == "variable" and (name := f"?{token.text[1:]}") in names:
            parts += text[done : token.start], names[name]
            done = token.start + len(token.text)
    return "".join([*parts, text[done:]])
