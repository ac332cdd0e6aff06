"""Groups of a query as patterns: triples with their nodes and paths, and what stands around them."""

from collections.abc import Callable

from mikg.namespaces import RDF
from mikg.provenance.conditions import Conditions
from mikg.provenance.patterns import Bind, Filter, Graph, Group, Minus, Optional, Path, Select, Triple, Union, Values, expand


class Groups(Conditions):
    """Reads groups; a SELECT within one is read by whoever knows queries."""

    def select(self) -> Select:
        raise NotImplementedError

    def group(self) -> Group:
        first = self.at
        self.need("{")
        elements: list[object] = []
        if self.token.keyword == "SELECT":
            elements.append(self.select())
        while not self.eat("}"):
            if self.token.kind == "end":
                self.refuse("a group that does not end")
            self.element(elements)
        return Group(tuple(elements), self.slice(first, self.at), self.names(first, self.at))

    def element(self, elements: list[object]) -> None:
        token = self.token
        if self.eat("."):
            return
        if self.eat("OPTIONAL"):
            elements.append(Optional(self.group()))
        elif self.eat("MINUS"):
            elements.append(Minus(self.group()))
        elif self.eat("GRAPH"):
            elements.append(Graph(self.node([]), self.group()))
        elif self.eat("FILTER"):
            first = self.at
            self.constraint()
            elements.append(Filter(self.expression(first, self.at)))
        elif self.eat("BIND"):
            self.need("(")
            first = self.at
            self.skip("AS")
            expression = self.expression(first, self.at)
            self.need("AS")
            elements.append(Bind(expression, f"?{self.take().text[1:]}"))
            self.need(")")
        elif token.keyword == "VALUES":
            elements.append(self.values())
        elif token.kind == "mark" and token.text == "{":
            groups = [self.group()]
            while self.eat("UNION"):
                groups.append(self.group())
            elements.append(Union(tuple(groups)) if len(groups) > 1 else groups[0])
        elif token.keyword and token.keyword not in ("TRUE", "FALSE"):
            self.refuse(token.keyword)
        else:
            self.triples(elements)

    def values(self) -> Values:
        first = self.at
        self.need("VALUES")
        if self.token.text == "(":
            self.skip_bracket()
        else:
            self.take()
        names = self.names(first, self.at)
        start = self.at
        self.skip_bracket()
        undefined = any(token.keyword == "UNDEF" for token in self.tokens[start : self.at])
        return Values(self.slice(first, self.at), names, undefined)

    def triples(self, elements: list[object]) -> None:
        composed = self.token.kind == "mark" and self.token.text in ("[", "(")
        subject = self.node(elements)
        if not composed or self.verb_begins():
            self.properties(subject, elements)

    def properties(self, subject: str, elements: list[object]) -> None:
        while True:
            predicate: str | Path
            predicate = f"?{self.take().text[1:]}" if self.token.kind == "variable" else self.path()
            while True:
                thing = self.node(elements)
                if isinstance(predicate, Path):
                    elements.extend(expand(subject, predicate, thing, self.fresh))
                else:
                    elements.append(Triple(subject, predicate, thing))
                if self.token.text in ("{|", "~"):
                    self.refuse("an annotation")
                if not self.eat(","):
                    break
            if not self.eat_all(";") or not self.verb_begins():
                return

    def verb_begins(self) -> bool:
        return self.token.kind in ("variable", "iri", "name") or self.token.text in ("a", "^", "!", "(")

    def node(self, elements: list[object]) -> str:
        token = self.take()
        if token.kind == "variable":
            return f"?{token.text[1:]}"
        if token.kind in ("iri", "name", "number"):
            return token.text
        if token.kind == "blank":
            return self.blank(token.text[2:])
        if token.kind == "string":
            text = token.text
            if self.token.kind == "language":
                return text + self.take().text
            if self.token.text == "^^":
                self.take()
                return f"{text}^^{self.take().text}"
            return text
        if token.keyword in ("TRUE", "FALSE"):
            return token.text
        if token.text in ("+", "-") and self.token.kind == "number":
            return token.text + self.take().text
        if token.text == "[":
            name = self.fresh()
            if not self.eat("]"):
                self.properties(name, elements)
                self.need("]")
            return name
        if token.text == "(":
            head = f"<{RDF}nil>"
            cells = []
            while not self.eat(")"):
                cells.append((self.fresh(), self.node(elements)))
            for cell, thing in reversed(cells):
                elements += [Triple(cell, f"<{RDF}first>", thing), Triple(cell, f"<{RDF}rest>", head)]
                head = cell
            return head
        self.refuse(f"{token.text[:20]!r}", token)
        return ""

    # Paths

    def path(self) -> Path:
        return self.several("alternative", "|", lambda: self.several("sequence", "/", self.step))

    def several(self, kind: str, sign: str, part: Callable[[], Path]) -> Path:
        parts = [part()]
        while self.eat(sign):
            parts.append(part())
        return Path(kind, tuple(parts)) if len(parts) > 1 else parts[0]

    def step(self) -> Path:
        if self.eat("^"):
            return Path("inverse", (self.step(),))
        if self.eat("("):
            path = self.path()
            self.need(")")
        elif self.eat("!"):
            if self.eat("("):
                parts = []
                while not self.eat(")"):
                    parts.append(self.step())
                    self.eat("|")
            else:
                parts = [self.step()]
            return Path("negated", tuple(parts))
        elif self.token.kind in ("iri", "name"):
            path = Path("iri", (), self.take().text)
        elif self.token.text == "a":
            self.take()
            path = Path("iri", (), f"<{RDF}type>")
        else:
            self.refuse(f"{self.token.text[:20]!r} in a path")
        if self.token.kind == "mark" and self.token.text in ("*", "+", "?"):
            return Path(self.take().text, (path,))
        return path
