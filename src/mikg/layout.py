"""Lay a query out so that it reads: a pattern a line, groups indented, keywords in capitals, comments where they were.

No formatter of the field that pip can install keeps comments and asks for no compiler, so this writes the same tokens with other
space between them; a query in which that would change a token comes back as it was. A group that was written on one line
and fits stays on one line. Laid out twice is laid out once.
"""

from dataclasses import dataclass

from mikg.engine.grammar.keywords import AGGREGATES, FUNCTIONS
from mikg.engine.tokens import TOKEN

WIDTH = 120
LONG = 90  # a line of this length is broken at its next semicolon
STEP = "  "
BEGINS = frozenset(["OPTIONAL", "MINUS", "GRAPH", "FILTER", "BIND", "VALUES"])  # each on a line of its own within a group
CLAUSES = frozenset(["FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET"])
FORMS = frozenset(["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"])
WORDS = (
    BEGINS
    | CLAUSES
    | FORMS
    | frozenset(
        ["PREFIX", "BASE", "DISTINCT", "REDUCED", "AS", "NAMED", "BY", "ASC", "DESC", "UNION", "NOT", "IN", "EXISTS", "UNDEF", "SEPARATOR"]
    )
)
CALLS = frozenset([*FUNCTIONS, *AGGREGATES, "ASC", "DESC"])
CAMEL = {
    "ISIRI": "isIRI",
    "ISURI": "isURI",
    "ISBLANK": "isBlank",
    "ISLITERAL": "isLiteral",
    "ISNUMERIC": "isNumeric",
    "SAMETERM": "sameTerm",
}
INFIX = frozenset(["||", "&&", "=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/"])


@dataclass(frozen=True)
class Piece:
    """A token or comment, with how many lines end before it."""

    kind: str
    text: str
    lines: int = 0

    @property
    def word(self) -> str:
        return self.text.upper() if self.kind == "word" else ""

    def is_mark(self, *texts: str) -> bool:
        return self.kind == "mark" and self.text in texts


END = Piece("end", "")


def layout(query: str) -> str:
    """Return the query laid out; as it was, where that is not possible.

    >>> print(layout("select ?s where {?s a ?c.filter(?c=1)}limit 3"))
    SELECT ?s
    WHERE {
      ?s a ?c .
      FILTER(?c = 1)
    }
    LIMIT 3
    """
    pieces = _pieces(query)
    text = _Writer(pieces).write()
    return text if [_same(each) for each in _pieces(text)] == [_same(each) for each in pieces] else query


def _pieces(query: str) -> list[Piece]:
    pieces: list[Piece] = []
    lines = 0
    for match in TOKEN.finditer(query):
        kind, text = match.lastgroup or "", match.group()
        if kind == "space" and not text.startswith("#"):
            lines += text.count("\n")
            continue
        pieces.append(Piece("comment" if kind == "space" else kind, text.rstrip() if kind == "space" else text, lines))
        lines = 0
    return pieces


def _same(piece: Piece) -> tuple[str, str]:
    return piece.kind, piece.word or piece.text


class _Writer:
    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces
        self.closing = _closing(pieces)
        self.done: list[str] = []
        self.line = ""
        self.depth = 0  # of braces that stand open on lines of their own
        self.inner = 0  # further indentation of what goes on after a semicolon
        self.stack: list[str] = []  # brackets that stand open: group, expression, path, list

    def write(self) -> str:
        index = 0
        seen_form = False
        while index < len(self.pieces):
            piece, before = self.pieces[index], self.pieces[index - 1] if index else END
            if piece.lines > 1 and not self.line and self.done and self.done[-1] and not piece.is_mark("}"):
                self.done.append("")
            if piece.kind == "comment":
                if piece.lines or before is END:
                    self.break_line()
                self.line += ("  " if self.line else self.indent()) + piece.text
                self.break_line()
                index += 1
                continue
            outside = not self.stack or self.stack[-1] == "group"
            if outside and piece.word in FORMS and not self.stack and not seen_form:
                self.break_line()
                seen_form = True
                if self.done and self.done[-1] and not self.done[-1].startswith("#"):
                    self.done.append("")
            elif (
                (outside and piece.word in BEGINS and (self.stack or piece.word == "VALUES"))
                or (outside and piece.word in CLAUSES)
                or piece.word in ("PREFIX", "BASE")
            ):
                self.break_line()
                self.inner = 0
            elif piece.is_mark("}"):
                self.break_line()
                self.depth, self.inner = self.depth - 1, 0
            if outside and piece.lines and self.stack and self.in_values(index):
                self.break_line()
            if outside and piece.lines and (piece.is_mark("(") or piece.kind == "variable") and self.in_head(index):
                self.break_line()
                self.inner = 1
            if piece.is_mark("{") and (flat := self.flat(index)):
                self.add(index, flat)
                index = self.closing[index]
                self.after_group(index)
            else:
                self.add(index, self.shown(piece))
                self.follow(index)
            index += 1
        self.break_line()
        return "\n".join(self.done).strip("\n")

    # Lines

    def indent(self) -> str:
        return STEP * (self.depth + self.inner)

    def break_line(self) -> None:
        if self.line.strip():
            self.done.append(self.line.rstrip())
        self.line = ""

    def add(self, index: int, text: str) -> None:
        self.line += (self.gap(index) if self.line else self.indent()) + text

    def follow(self, index: int) -> None:
        """Open and close brackets, and break the line where a statement ends."""
        piece = self.pieces[index]
        following = self.pieces[index + 1] if index + 1 < len(self.pieces) else END
        remark = following.kind == "comment" and not following.lines
        if piece.is_mark("{"):
            self.stack.append("group")
            self.depth += 1
            if not remark:
                self.break_line()
        elif piece.is_mark("}"):
            if self.stack:
                self.stack.pop()
            self.after_group(index)
        elif piece.is_mark("(", "["):
            self.stack.append(self.kind(index))
        elif piece.is_mark(")", "]") and self.stack:
            closed = self.stack.pop()
            in_group = self.stack and self.stack[-1] == "group"
            if closed == "expression" and in_group and not following.is_mark(".", ",") and not remark and not self.in_head(index):
                self.break_line()
            if closed == "row" and self.stack and self.stack[-1] == "group" and not remark:
                self.break_line()
        elif piece.is_mark(".") and self.stack and self.stack[-1] == "group":
            self.inner = 0
            if not remark:
                self.break_line()
        elif piece.is_mark(";") and self.stack and self.stack[-1] == "group":
            self.inner = 1
            if not remark and (following.lines or len(self.line) > LONG):
                self.break_line()

    def after_group(self, index: int) -> None:
        following = self.pieces[index + 1] if index + 1 < len(self.pieces) else END
        goes_on = following.word == "UNION" or following.is_mark(".") or (following.kind == "comment" and not following.lines)
        if not goes_on and not (self.stack and self.stack[-1] == "expression"):
            self.break_line()

    def in_head(self, index: int) -> bool:
        """Whether a bracket closes among the columns of a sub-SELECT or the keys of its modifiers."""
        for piece in reversed(self.pieces[:index]):
            if piece.word in ("SELECT", "GROUP", "ORDER", "HAVING"):
                return True
            if piece.is_mark("{", "}", ".") or piece.word in BEGINS or piece.word == "WHERE":
                return False
        return False

    def kind(self, index: int) -> str:
        """What a bracket that opens at `index` holds."""
        piece, before = self.pieces[index], self.pieces[index - 1] if index else END
        if piece.text == "[":
            return "list"
        if self.stack and self.stack[-1] == "expression":
            return "expression"
        if before.word == "VALUES":
            return "list"
        if self.in_values(index):
            return "row"
        in_group = bool(self.stack) and self.stack[-1] == "group"
        if not in_group or (before.kind == "word" and before.word not in ("A", "TRUE", "FALSE")) or self.in_head(index):
            return "path" if self.stack and self.stack[-1] == "path" else "expression"
        # FILTER ex:test(?x): a call by IRI. Elsewhere a bracket behind a name is the list that is its object.
        return "expression" if index > 1 and self.pieces[index - 2].word == "FILTER" and before.kind in ("iri", "name") else "path"

    def in_values(self, index: int) -> bool:
        depth = 0
        for place in range(index - 1, -1, -1):
            piece = self.pieces[place]
            depth += piece.is_mark(")") - piece.is_mark("(")
            if piece.is_mark("{"):
                before = place - 1
                while before >= 0 and (self.pieces[before].kind == "variable" or self.pieces[before].is_mark("(", ")")):
                    before -= 1
                return before >= 0 and self.pieces[before].word == "VALUES"
            if piece.is_mark("}", "."):
                return False
        return False

    # Within a line

    def shown(self, piece: Piece) -> str:
        word = piece.word
        if word in CAMEL:
            return CAMEL[word]
        return word if word in WORDS or word in CALLS else piece.text.lower() if word in ("TRUE", "FALSE", "A") else piece.text

    def gap(self, index: int) -> str:
        """Return what stands between the piece at `index` and the one before it on its line."""
        before, piece = self.pieces[index - 1] if index else END, self.pieces[index]
        inside = self.stack[-1] if self.stack else ""
        if (
            before.is_mark("(")
            or piece.is_mark(")")
            or (piece.is_mark(",") and inside in ("expression", ""))
            or piece.kind == "language"
            or "^^" in (before.text, piece.text)
        ):
            return ""
        if before.is_mark("!") or (before.is_mark("[") and piece.is_mark("]")) or self.is_sign(index - 1):
            return ""
        if piece.is_mark("("):
            called = before.word in CALLS or before.word in ("FILTER", "BIND", "HAVING")
            return "" if called or (inside == "expression" and before.kind in ("iri", "name")) or before.is_mark("^", "/", "|") else " "
        if inside in ("expression", ""):
            return " "
        if before.is_mark("^", "/", "|") or piece.is_mark("/", "|"):
            return ""
        repeats = piece.is_mark("*", "+", "?") and (before.kind in ("iri", "name") or before.is_mark(")") or before.word == "A")
        return "" if repeats and not self.is_sign(index) else " "

    def is_sign(self, index: int) -> bool:
        """Whether the piece at `index` is the sign of what follows it, as in (-1), = -1, or as an object."""
        if index < 0 or not self.pieces[index].is_mark("-", "+"):
            return False
        before = self.pieces[index - 1] if index else END
        following = self.pieces[index + 1] if index + 1 < len(self.pieces) else END
        if (self.stack and self.stack[-1] in ("expression", "")) or not self.stack:
            return before.is_mark("(", ",", "!", *INFIX) or before.word in ("BY", "IN", "AS", "ASC", "DESC")
        return following.kind == "number"

    def flat(self, index: int) -> str:
        """Return a group on one line, if it was written so and fits; else nothing."""
        last = self.closing.get(index)
        inside = self.pieces[index + 1 : last]
        values = self.in_values(index + 1)
        if last is None or (not self.stack and not values and self.line.split(" ")[0] not in ("VALUES", "CONSTRUCT")):
            return ""
        if any(each.kind == "comment" for each in inside) or sum(each.is_mark(".") for each in inside) > 2:
            return ""
        if any(each.lines for each in self.pieces[index + 1 : last + 1]) or any(each.word == "SELECT" for each in inside):
            return ""
        small = _Writer(self.pieces)
        small.stack, small.line = [*self.stack, "group"], "{"
        for place in range(index + 1, last):
            piece = self.pieces[place]
            small.add(place, small.shown(piece))
            if piece.is_mark("(", "["):
                small.stack.append(small.kind(place))
            elif piece.is_mark("{"):
                small.stack.append("group")
            elif piece.is_mark(")", "]", "}") and len(small.stack) > 1:
                small.stack.pop()
        text = small.line + " }" if inside else "{}"
        return text if len(self.indent()) + len(self.line) + len(text) <= WIDTH else ""


def _closing(pieces: list[Piece]) -> dict[int, int]:
    """Return where each brace closes."""
    opened: list[int] = []
    closing = {}
    for index, piece in enumerate(pieces):
        if piece.is_mark("{"):
            opened.append(index)
        elif piece.is_mark("}") and opened:
            closing[opened.pop()] = index
    return closing
