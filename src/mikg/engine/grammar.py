"""Say in plain words where a query leaves the grammar of SPARQL (https://www.w3.org/TR/sparql11-query/#sparqlGrammar).

Oxigraph tells neither: `SELECT ?s { ?s ?p }` is to it `error at 1:20: expected one of LATERAL, SERVICE, [_]`, a place that is some
signs away and words that nobody asked for. This reads the tokens once, left to right, for the message alone; what it does not
know (RDF 1.2, extensions) it leaves to the engine.
"""

import difflib
from collections.abc import Callable
from dataclasses import dataclass

from mikg.engine.guard import Token, tokens_of

FUNCTIONS = {
    **dict.fromkeys(
        [
            "STR",
            "LANG",
            "DATATYPE",
            "ABS",
            "CEIL",
            "FLOOR",
            "ROUND",
            "STRLEN",
            "UCASE",
            "LCASE",
            "ENCODE_FOR_URI",
            "YEAR",
            "MONTH",
            "DAY",
            "HOURS",
        ],
        (1, 1),
    ),
    **dict.fromkeys(
        ["MINUTES", "SECONDS", "TIMEZONE", "TZ", "MD5", "SHA1", "SHA256", "SHA384", "SHA512", "IRI", "URI", "BOUND", "ISIRI", "ISURI"],
        (1, 1),
    ),
    **dict.fromkeys(["ISBLANK", "ISLITERAL", "ISNUMERIC"], (1, 1)),
    **dict.fromkeys(["LANGMATCHES", "CONTAINS", "STRSTARTS", "STRENDS", "STRBEFORE", "STRAFTER", "STRLANG", "STRDT", "SAMETERM"], (2, 2)),
    **dict.fromkeys(["RAND", "NOW", "UUID", "STRUUID"], (0, 0)),
    **{"BNODE": (0, 1), "CONCAT": (0, 99), "COALESCE": (0, 99), "IF": (3, 3), "SUBSTR": (2, 3), "REGEX": (2, 3), "REPLACE": (3, 4)},
}
AGGREGATES = ("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT")
MODIFIERS = ("GROUP", "HAVING", "ORDER", "LIMIT", "VALUES")  # in the order in which they stand; OFFSET may stand on either side of LIMIT
IN_GROUPS = ("OPTIONAL", "MINUS", "GRAPH", "FILTER", "BIND", "VALUES", "UNION", "SELECT")
OPERATORS = frozenset(["||", "&&", "=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/"])
NEWER = frozenset(
    [
        "<<",
        "<<(",
        "{|",
        "~",
        "LATERAL",
        "VERSION",
        "TRIPLE",
        "SUBJECT",
        "PREDICATE",
        "OBJECT",
        "ISTRIPLE",
        "LANGDIR",
        "HASLANG",
        "HASLANGDIR",
        "STRLANGDIR",
        "LTR",
        "RTL",
    ]
)


@dataclass(frozen=True)
class Fault:
    """What is wrong, as half a sentence, and where it begins and ends."""

    said: str
    start: int
    end: int


class _Wrong(Exception):
    def __init__(self, fault: Fault) -> None:
        self.fault = fault


class _Unknown(Exception):
    """A part of a newer language: no more can be said."""


def fault(text: str) -> Fault | None:
    """Return the first fault of a query that `guard.read` has let pass; None when there is none that is known here.

    >>> fault("SELECT ?s { ?s ?p }")
    Fault(said='an object is missing after ?p', start=18, end=19)
    """
    try:
        _Reader(text).query()
    except _Wrong as wrong:
        return wrong.fault
    except _Unknown:
        return None
    return None


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens = tokens_of(text)
        self.end = Token("end", "", len(text.rstrip()))
        self.at = 0
        if not NEWER.isdisjoint(token.keyword or token.text for token in self.tokens if token.kind in ("word", "mark")):
            raise _Unknown

    # What every rule uses

    @property
    def token(self) -> Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else self.end

    @property
    def before(self) -> str:
        return _shown(self.tokens[self.at - 1]) if self.at else "the beginning"

    def sees(self, *texts: str) -> bool:
        token = self.token
        return token.keyword in texts or (token.kind == "mark" and token.text in texts)

    def eat(self, *texts: str) -> bool:
        if self.sees(*texts):
            self.at += 1
            return True
        return False

    def take(self) -> Token:
        token = self.token
        self.at += 1
        return token

    def wrong(self, said: str, token: Token | None = None) -> None:
        token = token or self.token
        raise _Wrong(Fault(said, token.start, token.start + max(1, len(token.text))))

    def need(self, mark: str, where: str) -> None:
        if not self.eat(mark):
            self.wrong(f"{mark} is missing {where}" + self.found())

    def found(self) -> str:
        return "; the query ends here" if self.token is self.end else f"; found {_shown(self.token)}"

    def keyword_or(self, said: str, known: tuple[str, ...]) -> None:
        """Offer the nearest keyword to a word that is none, else say what was expected."""
        near = difflib.get_close_matches(self.token.keyword, known, 1, 0.7) if self.token.kind == "word" else []
        self.wrong(f"{self.token.text} is no keyword of SPARQL; the nearest: {near[0]}" if near and near[0] != self.token.keyword else said)

    # The query

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
            after = f"{_shown(self.token)} stands behind the end of the query"
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

    def named_as(self) -> None:
        if not self.eat("AS"):
            self.wrong("AS and a new variable are missing: (... AS ?name)" + self.found())
        if self.token.kind != "variable":
            self.wrong("a variable is missing after AS" + self.found())
        self.take()

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

    # Patterns

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
                    self.wrong(f"a full stop, semicolon or comma is missing between {self.before} and {_shown(token)}")
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
                self.keyword_or(f"{token.text} is no keyword of SPARQL; {_names(token)}", IN_GROUPS)

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
            if not self.eat(";"):
                return
            while self.eat(";"):
                pass
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
            self.wrong(f"{token.text} is no property; {_names(token)}")
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
            self.wrong(f"{what} is expected, and {token.text} is none; {_names(token)}")
        else:
            self.wrong(f"{what} is expected" + self.found())

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
                self.wrong(f"this row has {_count(count, 'value')} for {_count(width, 'variable')}; UNDEF stands for none", row)
        self.need("}", f"after {self.before}")

    def datum(self) -> None:
        if self.token.kind == "variable":
            self.wrong("VALUES holds constants, no variables")
        if not self.eat("UNDEF"):
            self.constant("a value")

    # Expressions

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
                self.wrong(f"an operator or a comma is missing between {self.before} and {_shown(self.token)}")
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
                self.arguments(_shown(token), 0, 99)
        elif token.kind == "word" and token.keyword not in ("TRUE", "FALSE"):
            known = [*FUNCTIONS, *AGGREGATES, "EXISTS"]
            near = difflib.get_close_matches(token.keyword, known, 1, 0.7)
            self.wrong(f"{token.text} is no function of SPARQL; " + (f"the nearest: {near[0]}" if near else _names(token)))
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
                self.wrong(f"a comma or ) is missing between {self.before} and {_shown(self.token)}")
        self.need(")", f"to close {name}")
        if not least <= count <= most:
            takes = _count(least, "value") if least == most else f"{least} to {most} values" if most < 99 else f"at least {least}"
            self.wrong(f"{name} takes {takes}, and here {'is' if count == 1 else 'are'} {count or 'none'}", opened)

    def some(self, begins: Callable[[], bool], rule: Callable[[], object]) -> int:
        count = 0
        while begins():
            rule()
            count += 1
        return count


def _shown(token: Token) -> str:
    text = " ".join(token.text.split())
    return text if len(text) <= 40 else text[:39] + "…"


def _names(token: Token) -> str:
    return f"a variable begins with a question mark (?{token.text}), a name has a prefix (mikg:{token.text}), a text quotation marks"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
