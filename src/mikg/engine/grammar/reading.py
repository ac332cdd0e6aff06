"""What every rule of the grammar uses: faults, and what is said of the tokens that were reached."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from mikg.engine.grammar.keywords import NEWER
from mikg.engine.tokens import Cursor, Token


@dataclass(frozen=True)
class Fault:
    """What is wrong, as half a sentence, and where it begins and ends."""

    said: str
    start: int
    end: int


class Wrong(Exception):
    def __init__(self, fault: Fault) -> None:
        self.fault = fault


class Unknown(Exception):
    """A part of a newer language: no more can be said."""


class Reader(Cursor):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        if not NEWER.isdisjoint(token.keyword or token.text for token in self.tokens if token.kind in ("word", "mark")):
            raise Unknown

    @property
    def before(self) -> str:
        return shown(self.tokens[self.at - 1]) if self.at else "the beginning"

    def wrong(self, said: str, token: Token | None = None) -> NoReturn:
        token = token or self.token
        raise Wrong(Fault(said, token.start, token.start + max(1, len(token.text))))

    def need(self, mark: str, where: str) -> None:
        if not self.eat(mark):
            self.wrong(f"{mark} is missing {where}" + self.found())

    def found(self) -> str:
        return "; the query ends here" if self.token is self.end else f"; found {shown(self.token)}"

    def keyword_or(self, said: str, known: tuple[str, ...]) -> NoReturn:
        """Offer the nearest keyword to a word that is none, else say what was expected."""
        near = difflib.get_close_matches(self.token.keyword, known, 1, 0.7) if self.token.kind == "word" else []
        self.wrong(f"{self.token.text} is no keyword of SPARQL; the nearest: {near[0]}" if near and near[0] != self.token.keyword else said)

    def some(self, begins: Callable[[], bool], rule: Callable[[], object]) -> int:
        count = 0
        while begins():
            rule()
            count += 1
        return count


def shown(token: Token) -> str:
    text = " ".join(token.text.split())
    return text if len(text) <= 40 else text[:39] + "…"


def names(token: Token) -> str:
    return f"a variable begins with a question mark (?{token.text}), a name has a prefix (mikg:{token.text}), a text quotation marks"


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
