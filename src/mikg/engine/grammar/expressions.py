"""The rules of conditions, computed values and constants."""

import difflib

from mikg.engine.grammar.keywords import AGGREGATES, FUNCTIONS, OPERATORS
from mikg.engine.grammar.reading import Reader, counted, names, shown


class Expressions(Reader):
    """Reads one expression; the group of an EXISTS is read by whoever knows groups."""

    def group(self) -> None:
        raise NotImplementedError

    def constraint(self) -> None:
        """A condition as FILTER, HAVING and ORDER BY take it: in brackets, a call, or [NOT] EXISTS."""
        if self.eat("("):
            self.expression()
            self.need(")", f"after {self.before}")
        else:
            self.primary()

    def expression(self) -> None:
        self.primary()
        while True:
            if self.eat(*OPERATORS):
                self.primary()
            elif self.sees("IN") or (self.sees("NOT") and self.at + 1 < len(self.tokens) and self.tokens[self.at + 1].keyword == "IN"):
                self.eat("NOT")
                self.take()
                if not self.sees("("):
                    self.wrong("IN takes a list in brackets: ?x IN (1, 2)" + self.found())
                self.arguments("IN", 0, 10_000)
            elif self.token.kind == "number" and self.tokens[self.at - 1].kind != "number":
                self.wrong(f"an operator or a comma is missing between {self.before} and {shown(self.token)}")
            else:
                return

    def primary(self) -> None:
        token = self.token
        if self.eat("!", "+", "-"):
            self.primary()
        elif self.eat("("):
            self.expression()
            self.need(")", f"after {self.before}")
        elif self.eat("NOT"):
            if not self.eat("EXISTS"):
                self.wrong("EXISTS is missing after NOT" + self.found())
            self.group()
        elif self.eat("EXISTS"):
            self.group()
        elif token.keyword in AGGREGATES:
            self.aggregate()
        elif token.keyword in FUNCTIONS:
            self.take()
            if not self.sees("("):
                self.wrong(f"{token.keyword} takes its values in brackets" + self.found())
            self.arguments(token.keyword, *FUNCTIONS[token.keyword])
        elif token.kind == "variable":
            self.take()
        elif token.kind in ("iri", "name"):
            self.take()
            if self.sees("("):
                self.arguments(shown(token), 0, 99)
        elif token.kind == "word" and token.keyword not in ("TRUE", "FALSE"):
            known = [*FUNCTIONS, *AGGREGATES, "EXISTS"]
            near = difflib.get_close_matches(token.keyword, known, 1, 0.7)
            self.wrong(f"{token.text} is no function of SPARQL; " + (f"the nearest: {near[0]}" if near else names(token)))
        elif token.kind in ("string", "number", "word"):
            self.constant("a value")
        else:
            self.wrong(f"a value is missing after {self.before}" + self.found())

    def aggregate(self) -> None:
        name = self.take().keyword
        self.need("(", f"after {name}")
        self.eat("DISTINCT")
        if not (name == "COUNT" and self.eat("*")):
            self.expression()
        if name == "GROUP_CONCAT" and self.eat(";"):
            if not (self.eat("SEPARATOR") and self.eat("=") and self.token.kind == "string"):
                self.wrong('GROUP_CONCAT takes a separator as ; SEPARATOR = ", "')
            self.take()
        self.need(")", f"to close {name}")

    def arguments(self, name: str, least: int, most: int) -> None:
        opened = self.take()
        count = 0
        self.eat("DISTINCT")
        while self.token is not self.end and not self.sees(")"):
            self.expression()
            count += 1
            if self.sees(","):
                self.take()
                if self.sees(")"):
                    self.wrong(f"a value is missing after the comma of {name}")
            elif not self.sees(")"):
                self.wrong(f"a comma or ) is missing between {self.before} and {shown(self.token)}")
        self.need(")", f"to close {name}")
        if not least <= count <= most:
            takes = counted(least, "value") if least == most else f"{least} to {most} values" if most < 99 else f"at least {least}"
            self.wrong(f"{name} takes {takes}, and here {'is' if count == 1 else 'are'} {count or 'none'}", opened)

    def constant(self, what: str) -> None:
        token = self.token
        if token.kind in ("iri", "name") or token.keyword in ("TRUE", "FALSE") or token.kind == "number":
            self.take()
        elif self.sees("+", "-") and self.at + 1 < len(self.tokens) and self.tokens[self.at + 1].kind == "number":
            self.at += 2
        elif token.kind == "string":
            self.take()
            if self.eat("^^"):
                if self.token.kind not in ("iri", "name"):
                    self.wrong("a datatype such as xsd:date is missing after ^^" + self.found())
                self.take()
            elif self.token.kind == "language":
                self.take()
            elif self.sees("@"):
                self.wrong('a language tag such as en is missing after @: "..."@en')
        elif token.kind == "word":
            self.wrong(f"{what} is expected, and {token.text} is none; {names(token)}")
        else:
            self.wrong(f"{what} is expected" + self.found())
