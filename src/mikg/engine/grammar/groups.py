"""The rules of groups: patterns, paths, nodes and inline data."""

from collections.abc import Callable

from mikg.engine.grammar.expressions import Expressions
from mikg.engine.grammar.keywords import FUNCTIONS, IN_GROUPS, MODIFIERS
from mikg.engine.grammar.reading import counted, names, shown


class Groups(Expressions):
    """Reads one group; a SELECT within it is read by whoever knows queries."""

    def select(self) -> None:
        raise NotImplementedError

    def modifiers(self) -> None:
        raise NotImplementedError

    def named_as(self) -> None:
        """Pass over AS and the new variable."""
        if not self.eat("AS"):
            self.wrong("AS and a new variable are missing: (... AS ?name)" + self.found())
        if self.token.kind != "variable":
            self.wrong("a variable is missing after AS" + self.found())
        self.take()

    def braces(self, inside: Callable[[], None]) -> None:
        self.need("{", f"after {self.before}")
        inside()
        self.need("}", f"after {self.before}")

    def group(self) -> None:
        if not self.sees("{"):
            self.wrong(f"a group in braces {{ ... }} is missing after {self.before}" + self.found())
        self.braces(self.inside)

    def inside(self) -> None:
        if self.eat("SELECT"):
            self.select()
            self.modifiers()
            return
        self.triples_until_brace(paths=True)

    def triples_until_brace(self, paths: bool) -> None:
        dotted = True  # whether a triple may begin here
        while self.token is not self.end and not self.sees("}"):
            token = self.token
            if token.text == "." and token.kind == "mark":
                if self.tokens[self.at - 1].text in (".", "{"):
                    self.wrong(f"a full stop ends a triple, and none stands between {self.before} and this one")
                self.take()
                dotted = True
            elif token.kind == "word" and token.keyword not in ("TRUE", "FALSE") and not (token.keyword == "A" and not dotted):
                self.pattern()
                dotted = True
            elif self.sees("{"):
                self.group()
                while self.eat("UNION"):
                    self.group()
                dotted = True
            else:
                if not dotted:
                    self.wrong(f"a full stop, semicolon or comma is missing between {self.before} and {shown(token)}")
                self.triple(paths)
                dotted = False

    def pattern(self) -> None:
        token = self.take()
        match token.keyword:
            case "OPTIONAL" | "MINUS":
                self.group()
            case "GRAPH":
                if self.token.kind not in ("variable", "iri", "name"):
                    self.wrong("GRAPH takes a variable or the IRI of a graph" + self.found())
                self.take()
                self.group()
            case "FILTER":
                if not (self.sees("(", "NOT", "EXISTS") or self.token.kind in ("word", "iri", "name")):
                    self.wrong("FILTER takes a condition in brackets: FILTER(?year > 2020)" + self.found())
                self.constraint()
            case "BIND":
                self.need("(", "after BIND: BIND(... AS ?name)")
                self.expression()
                self.named_as()
                self.need(")", f"after {self.before}")
            case "VALUES":
                self.at -= 1
                self.values()
            case "UNION":
                self.wrong("UNION stands between two groups in braces: { ... } UNION { ... }", token)
            case "SELECT":
                self.wrong("a SELECT within a pattern stands in braces of its own: { SELECT ... }", token)
            case _ if token.keyword in FUNCTIONS or token.keyword in ("NOT", "EXISTS"):
                self.wrong(f"a condition stands in FILTER: FILTER({token.text}...)", token)
            case _ if token.keyword in (*MODIFIERS, "OFFSET"):
                self.wrong(f"{token.keyword} stands behind the closing brace of the pattern", token)
            case _:
                self.at -= 1
                self.keyword_or(f"{token.text} is no keyword of SPARQL; {names(token)}", IN_GROUPS)

    def triple(self, paths: bool) -> None:
        composed = self.sees("[", "(") and self.tokens[self.at + 1 : self.at + 2] and self.tokens[self.at + 1].text not in ("]", ")")
        self.node("a subject")
        if composed and (self.sees(".", "}") or self.token is self.end):
            return
        self.properties(paths)

    def properties(self, paths: bool) -> None:
        while True:
            self.verb(paths)
            while True:
                if not self.node_begins() and not self.sees("<"):
                    self.wrong(f"an object is missing after {self.before}")
                self.node("an object")
                if not self.eat(","):
                    break
            if not self.eat_all(";"):
                return
            if self.sees(".", "}", "]") or self.token is self.end or (self.token.kind == "word" and self.token.keyword in IN_GROUPS):
                return

    def verb(self, paths: bool) -> None:
        token = self.token
        if token.kind == "variable":
            self.take()
        elif self.sees(".", "}", "]", ";", ",") or token is self.end:
            self.wrong(f"a property and an object are missing after {self.before}")
        elif paths:
            self.path()
        elif token.kind in ("iri", "name") or token.text == "a":
            self.take()
        else:
            self.wrong("a property is expected" + self.found())

    def path(self) -> None:
        self.step()
        while self.eat("/", "|"):
            self.step()

    def step(self) -> None:
        self.eat("^")
        token = self.token
        if self.eat("!"):
            self.step()
        elif self.eat("("):
            if not self.sees(")"):
                self.path()
            self.need(")", "to close the path")
        elif token.kind in ("iri", "name") or token.text == "a":
            self.take()
        elif token.kind == "word":
            self.wrong(f"{token.text} is no property; {names(token)}")
        else:
            self.wrong(f"a property is expected after {self.before}" + self.found())
        self.eat("*", "+", "?")

    def node_begins(self) -> bool:
        token = self.token
        signed = self.sees("+", "-")
        return token.kind in ("variable", "iri", "name", "blank", "string", "number", "word") or signed or self.sees("[", "(")

    def node(self, what: str) -> None:
        token = self.token
        if token.kind == "mark" and token.text == "<":
            self.wrong("the IRI that begins here holds a space or another sign that an IRI cannot, or has no >")
        if self.eat("["):
            if not self.sees("]"):
                self.properties(paths=True)
            self.need("]", f"after {self.before}")
        elif self.eat("("):
            while self.token is not self.end and not self.sees(")"):
                self.node("an item")
            self.need(")", f"after {self.before}")
        elif token.kind in ("variable", "blank"):
            self.take()
        else:
            self.constant(what)

    def values(self) -> None:
        self.take()
        if self.token.kind == "variable":
            self.take()
            width = 0
        elif self.eat("("):
            width = 0
            while self.token.kind == "variable":
                self.take()
                width += 1
            self.need(")", f"after {self.before}")
        else:
            self.wrong("VALUES takes a variable, or several in brackets" + self.found())
        bracketed = self.tokens[self.at - 1].text == ")"
        self.need("{", f"after {self.before}")
        while self.token is not self.end and not self.sees("}"):
            if not bracketed:
                if self.sees("("):
                    self.wrong("the values of one variable stand without brackets: VALUES ?name { id:panama id:colombia }")
                self.datum()
                continue
            row = self.token
            self.need("(", "before the values of a row")
            count = 0
            while self.token is not self.end and not self.sees(")"):
                self.datum()
                count += 1
            self.need(")", f"after {self.before}")
            if count != width:
                self.wrong(f"this row has {counted(count, 'value')} for {counted(width, 'variable')}; UNDEF stands for none", row)
        self.need("}", f"after {self.before}")

    def datum(self) -> None:
        if self.token.kind == "variable":
            self.wrong("VALUES holds constants, no variables")
        if not self.eat("UNDEF"):
            self.constant("a value")
