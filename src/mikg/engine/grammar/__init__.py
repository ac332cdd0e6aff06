"""Say in plain words where a query leaves the grammar of SPARQL (https://www.w3.org/TR/sparql11-query/#sparqlGrammar).

Oxigraph tells neither: `SELECT ?s { ?s ?p }` is to it `error at 1:20: expected one of LATERAL, SERVICE, [_]`, a place that is some
signs away and words that nobody asked for. This reads the tokens once, left to right, for the message alone; what it does not
know (RDF 1.2, extensions) it leaves to the engine.
"""

from mikg.engine.grammar.groups import Groups
from mikg.engine.grammar.keywords import AGGREGATES, FUNCTIONS, MODIFIERS
from mikg.engine.grammar.reading import Fault, Unknown, Wrong, shown


def fault(text: str) -> Fault | None:
    """Return the first fault of a query that `guard.read` has let pass; None when there is none that is known here.

    >>> fault("SELECT ?s { ?s ?p }")
    Fault(said='an object is missing after ?p', start=18, end=19)
    """
    try:
        _Query(text).query()
    except Wrong as wrong:
        return wrong.fault
    except Unknown:
        return None
    return None


class _Query(Groups):
    def query(self) -> None:
        while self.sees("PREFIX", "BASE"):
            if self.take().keyword == "PREFIX":
                if self.token.kind != "name" or not self.token.text.endswith(":"):
                    self.wrong("PREFIX takes a prefix with its colon and an IRI: PREFIX mikg: <https://w3id.org/mikg/ontology#>")
                self.take()
            if self.token.kind != "iri":
                self.wrong(f"an IRI in angle brackets is missing after {self.before}")
            self.take()
        if self.eat("SELECT"):
            self.select()
        elif self.eat("CONSTRUCT"):
            if self.sees("{"):
                self.braces(lambda: self.triples_until_brace(paths=False))
            self.dataset()
            self.where()
        elif self.eat("DESCRIBE"):
            if not self.eat("*") and not self.some(lambda: self.token.kind in ("variable", "iri", "name"), self.take):
                self.wrong("DESCRIBE takes IRIs or variables" + self.found())
            self.dataset()
            if self.sees("WHERE", "{"):
                self.where()
        elif self.eat("ASK"):
            self.dataset()
            self.where()
        else:
            self.keyword_or(
                "a query begins with SELECT, ASK, CONSTRUCT or DESCRIBE" + self.found(),
                ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "PREFIX"),
            )
        self.modifiers()
        if self.token is not self.end:
            after = f"{shown(self.token)} stands behind the end of the query"
            self.keyword_or(after, (*MODIFIERS, "OFFSET"))

    def select(self) -> None:
        self.eat("DISTINCT", "REDUCED")
        if not self.eat("*"):
            count = 0
            while not self.sees("WHERE", "FROM", "{"):
                self.column()
                count += 1
            if not count:
                self.wrong("SELECT names no column: give variables, or * for all")
        self.dataset()
        self.where()

    def column(self) -> None:
        token = self.token
        if token.kind == "variable":
            self.take()
        elif self.eat("("):
            self.expression()
            self.named_as()
            self.need(")", f"after {self.before}")
        elif token.text == ",":
            self.wrong("the columns of SELECT are parted by spaces, not by commas")
        elif token.kind == "word" and (token.keyword in AGGREGATES or token.keyword in FUNCTIONS):
            self.wrong(f"a computed column stands in brackets and has a name: ({token.keyword}(...) AS ?name)")
        elif token.kind == "word":
            self.keyword_or(
                f"{token.text} is no variable; a variable begins with a question mark: ?{token.text}", ("DISTINCT", "WHERE", "FROM")
            )
        else:
            self.wrong("a variable or { is expected" + self.found())

    def dataset(self) -> None:
        while self.eat("FROM"):
            self.eat("NAMED")
            if self.token.kind not in ("iri", "name"):
                self.wrong(f"the IRI of a graph is missing after {self.before}")
            self.take()

    def where(self) -> None:
        if self.eat("WHERE") and not self.sees("{"):
            self.wrong("{ is missing after WHERE" + self.found())
        if not self.sees("{"):
            self.keyword_or(f"{{ is missing after {self.before}" + self.found(), ("WHERE", "FROM"))
        self.group()

    def modifiers(self) -> None:
        reached = -1
        while self.sees(*MODIFIERS, "OFFSET"):
            token = self.token
            rank = MODIFIERS.index("LIMIT" if token.keyword == "OFFSET" else token.keyword)
            if rank < reached or (rank == reached and token.keyword not in ("LIMIT", "OFFSET")):
                self.wrong(f"{token.keyword} stands too late: the order is GROUP BY, HAVING, ORDER BY, LIMIT, OFFSET, VALUES")
            reached = rank
            if token.keyword == "VALUES":
                self.values()
                continue
            self.take()
            if token.keyword in ("LIMIT", "OFFSET"):
                if self.token.kind != "number" or not self.token.text.isdigit():
                    self.wrong(f"{token.keyword} takes a whole number" + self.found())
                self.take()
                continue
            if token.keyword in ("GROUP", "ORDER") and not self.eat("BY"):
                self.wrong(f"BY is missing after {token.keyword}" + self.found())
            rule = {"GROUP": self.group_key, "ORDER": self.order_key, "HAVING": self.constraint}[token.keyword]
            if not self.some(self.key_begins, rule):
                self.wrong(
                    f"{token.keyword}{' BY' * (token.keyword != 'HAVING')} takes variables or expressions in brackets" + self.found()
                )

    def key_begins(self) -> bool:
        token = self.token
        ends = token.keyword in (*MODIFIERS, "OFFSET")
        return self.sees("(") or token.kind in ("variable", "iri", "name") or (token.kind == "word" and not ends)

    def group_key(self) -> None:
        if self.token.kind == "variable":
            self.take()
        elif self.eat("("):
            self.expression()
            if self.sees("AS"):
                self.named_as()
            self.need(")", f"after {self.before}")
        else:
            self.constraint()

    def order_key(self) -> None:
        if self.eat("ASC", "DESC"):
            if not self.sees("("):
                self.wrong(f"{self.before} takes brackets: {self.before}(?name)" + self.found())
            self.constraint()
        elif self.token.kind == "variable":
            self.take()
        else:
            self.constraint()
