"""Why is an answer empty? Which part of a query leaves nothing, and what in the graph comes nearest to what it asks for.

The patterns are asked for one more at a time, in their order, conditions last; the first with which nothing is left is the one to
look at. The work is bounded: so many small queries, and so many seconds.
"""

import re
import time
from dataclasses import dataclass, field
from pathlib import Path

from mikg.answers import run
from mikg.diagnosis import writing
from mikg.diagnosis.terms import Suggestion, Terms, like
from mikg.engine import Engine, Query
from mikg.engine.tokens import TOKEN, line_column
from mikg.errors import MikgError, QueryError
from mikg.provenance.patterns import (
    Bind,
    Closure,
    Filter,
    Graph,
    Group,
    Minus,
    Optional,
    Parsed,
    Select,
    Triple,
    Union,
    Unsupported,
    Values,
    variables,
)
from mikg.provenance.syntax import parse
from mikg.usage import Usage, read

__all__ = ["Diagnosis", "Reason", "diagnose", "hint", "like"]
ASKED = 60  # small queries for one diagnosis
SECONDS = 5.0
COUNTED = 1000  # solutions are counted up to here
DEEP = 4  # groups within groups
LISTED = 10  # constants of VALUES that are looked up


@dataclass(frozen=True)
class Reason:
    """One reason: what it is, where in the query it stands, and what could be written instead of a token."""

    said: str
    place: tuple[int, int] | None = None
    token: str = ""
    instead: tuple[str, ...] = ()


@dataclass(frozen=True)
class Diagnosis:
    """The reasons, the likeliest first; `empty` is False where the query has an answer after all."""

    empty: bool
    reasons: tuple[Reason, ...] = ()

    def to_text(self) -> str:
        """Return the reasons as lines, each with its place."""
        return "\n".join(f"line {each.place[0]}, column {each.place[1]}: {each.said}" if each.place else each.said for each in self.reasons)

    def to_json(self) -> dict:
        reasons = [
            {
                "said": each.said,
                **({"line": each.place[0], "column": each.place[1]} if each.place else {}),
                **({"token": each.token, "instead": list(each.instead)} if each.instead else {}),
            }
            for each in self.reasons
        ]
        return {"empty": self.empty, "reasons": reasons}


def diagnose(engine: Engine, query: Query, releases: Path | None = None) -> Diagnosis:
    """Return why a SELECT, ASK or CONSTRUCT finds nothing; a `QueryError` when it cannot be asked at all."""
    answer = engine.query(query)
    body = answer.body.strip()
    if answer.media_type == query.results:
        table = run(engine, query)
        if table.rows or table.boolean:
            return Diagnosis(False)
    elif body and any(line and not line.startswith(b"@prefix") for line in body.splitlines()):
        return Diagnosis(False)
    usage = read(releases / answer.release) if releases else Usage()
    try:
        return Diagnosis(True, tuple(_Doctor(engine, query, parse(query.text), usage).reasons()))
    except Unsupported as unread:
        return Diagnosis(
            True,
            (Reason(f"This query is not looked into further: {str(unread).removesuffix(' is not cited; the answer itself is whole.')}."),),
        )


class _Spent(Exception):
    """The time or the number of queries is used up."""


@dataclass
class _Doctor:
    engine: Engine
    query: Query
    parsed: Parsed
    usage: Usage
    asked: int = 0
    found: list[Reason] = field(default_factory=list)

    def reasons(self) -> list[Reason]:
        self.until = time.monotonic() + SECONDS
        self.terms = Terms(self.parsed, self.usage, self.ask, self.rows)
        self.terms.read(self.query.text)
        select = self.parsed.select
        try:
            if select is None or self.parsed.form == "DESCRIBE":
                self.described()
            else:
                self.unknown(select.where, "")
                if not self.found:
                    self.whole(select)
        except _Spent:
            self.say("There may be more reasons; looking for them was stopped here.")
        except QueryError as fault:
            self.say(f"Looking further was stopped: {fault}")
        return self.found or [Reason("Each part of the query finds something by itself; no single part leaves nothing.")]

    # Asking

    def rows(self, pattern: str, limit: int = 3, head: str = "*") -> list[dict[str, dict[str, str]]]:
        self.asked += 1
        if self.asked > ASKED or time.monotonic() > self.until:
            raise _Spent
        text = f"{self.parsed.prologue}SELECT {head} WHERE {{ {pattern} }} LIMIT {limit}"
        given = Query(text, self.query.bindings, self.query.default_graphs, self.query.named_graphs)
        return list(run(self.engine, given).rows)

    def ask(self, pattern: str) -> bool:
        return bool(self.rows(pattern, 1))

    def say(self, said: str, token: str = "", instead: tuple[str, ...] = ()) -> None:
        place = self.terms.place(token) if token else None
        reason = Reason(said, line_column(self.query.text, place) if place is not None else None, token, instead)
        if reason not in self.found:
            self.found.append(reason)

    # What the graph does not have

    def unknown(self, group: Group, graph: str) -> None:
        """Name the constants of a group that the graph does not have, with the nearest that it has."""
        for part in group.elements:
            if isinstance(part, Triple | Closure):
                for suggestion in self.terms.look(part, graph):
                    self.tell(suggestion)
            elif isinstance(part, Group):
                self.unknown(part, graph)
            elif isinstance(part, Select):
                self.unknown(part.where, graph)
            elif isinstance(part, Values):
                self.missing(part.text, graph)
            elif isinstance(part, Graph):
                iri = "" if part.name.startswith("?") else self.parsed.term(part.name)[1:-1]
                if iri and iri not in self.engine.graphs():
                    self.tell(self.terms.unknown_graph(part.name, iri, self.engine.graphs()))
                else:
                    self.unknown(part.group, part.name)

    def missing(self, text: str, graph: str = "") -> None:
        """Name the things in a piece of the query that the graph does not have."""
        names = dict.fromkeys(match.group() for match in TOKEN.finditer(text) if match.lastgroup in ("name", "iri"))
        for token in list(names)[:LISTED]:
            if not self.ask(f"{{ {token} ?p ?o }} UNION {{ ?s ?q {token} }}"):
                self.tell(self.terms.unknown_thing(token, graph))

    def described(self) -> None:
        self.missing(self.query.text[self.terms.place("DESCRIBE") or 0 :])

    def tell(self, suggestion: Suggestion) -> None:
        self.say(suggestion.said, suggestion.token, suggestion.instead)

    # Which part leaves nothing

    def whole(self, select: Select) -> None:
        before = len(self.found)
        self.group(select.where.elements, lambda inner: inner, 0)
        if len(self.found) > before:
            return
        if select.having:
            self.say(f"Every group is refused by {writing.short(select.having)}.", "HAVING")
        elif select.values:
            self.say("The pattern has solutions, and none of them fits the VALUES behind it.", "VALUES")
        elif select.narrowed:
            self.say("There are solutions; LIMIT 0, or an OFFSET beyond the last of them, leaves none.")

    def group(self, elements: tuple[object, ...], wrap: object, depth: int) -> None:
        """Find the first element with which nothing is left; `wrap` puts GRAPH around a pattern where the group stands in one."""
        parts = sorted(elements, key=lambda part: isinstance(part, Filter | Minus))  # stable: conditions see all that is bound
        texts = [writing.text(part) for part in parts]
        for number, part in enumerate(parts):
            if isinstance(part, Optional | Bind):
                continue
            if not self.ask(wrap(" ".join(texts[: number + 1]))):
                self.explain(part, parts[:number], wrap, depth)
                return

    def explain(self, part: object, before: list[object], wrap: object, depth: int) -> None:
        text = writing.text(part)
        alone = self.ask(wrap(text)) if not isinstance(part, Filter | Minus) else True
        if isinstance(part, Filter):
            self.refused(part, before, wrap)
        elif isinstance(part, Minus):
            self.say("MINUS takes every solution away.", "MINUS")
        elif alone:
            self.apart(part, before, wrap)
        elif isinstance(part, Graph) and depth < DEEP:
            self.graph(part, depth)
        elif isinstance(part, Group) and depth < DEEP:
            self.group(part.elements, wrap, depth + 1)
        elif isinstance(part, Select):
            self.whole(part)
        elif isinstance(part, Union):
            self.say(f"None of the {len(part.groups)} alternatives of UNION finds anything.", "UNION")
            for group in part.groups:
                self.unknown(group, "")
        elif isinstance(part, Values):
            self.say("VALUES gives no value.", "VALUES")
        else:
            self.pattern(part, wrap)

    def pattern(self, part: Triple | Closure, wrap: object) -> None:
        """A triple that the graph does not have, though it has its terms."""
        shown = writing.shown(part)
        token = self.terms.token(part)
        if isinstance(part, Triple):
            if self.ask(
                wrap(writing.text(Triple(part.object, part.predicate, part.subject)))
                if not part.object.startswith(('"', "'"))
                else "FILTER(false)"
            ):
                self.say(
                    f"Nothing in the graph fits {shown}; the other way round it is there: {part.object} {part.predicate} {part.subject}.",
                    token,
                )
                return
            if near := self.terms.near_value(part):
                self.tell(near)
                return
            if (places := self.terms.graphs_with(part)) and wrap("") == "":
                self.say(
                    f"{shown} is not in the default graph; it is in {places}: write GRAPH {places.split(', ')[0]} {{ ... }} around it.",
                    token,
                )
                return
        self.say(f"Nothing in the graph fits {shown}.", token)

    def graph(self, part: Graph, depth: int) -> None:
        """A GRAPH that finds nothing: no single graph has all that its group asks for."""
        inner = " ".join(map(writing.text, part.group.elements))
        wrap = lambda text: f"GRAPH {part.name} {{ {text} }}"  # noqa: E731
        if self.ask(inner):
            one = "no single graph states all of it" if part.name.startswith("?") else f"{part.name} does not state it"
            self.say(
                f"The default graph has what stands in GRAPH {part.name}, but {one}. What several passages state together is asked "
                "in a GRAPH for each, or without GRAPH; labels and types stand in graph:entities.",
                "GRAPH",
            )
        self.group(part.group.elements, wrap, depth + 1)

    def apart(self, part: object, before: list[object], wrap: object) -> None:
        """A part that finds something by itself, but nothing with those before it."""
        shown = writing.shown(part)
        mine = set(writing.names(part))
        for other in before:
            shared = mine & set(writing.names(other))
            if not shared or isinstance(other, Optional | Bind | Filter):
                continue
            if not self.ask(wrap(f"{writing.text(other)} {writing.text(part)}")):
                said = f"{shown} finds something by itself, but nothing together with {writing.shown(other)}"
                if isinstance(part, Triple) and (hint := self.terms.of_class(other, part) or self.terms.of_class(part, other)):
                    said += f": {hint}"
                self.say(said + ".", self.terms.token(part))
                return
        names = " and ".join(sorted(mine)) or "it"
        self.say(
            f"{shown} finds something by itself, but nothing for the {names} of the patterns before it{self.counted(before, wrap)}.",
            self.terms.token(part),
        )

    def refused(self, part: Filter, before: list[object], wrap: object) -> None:
        pattern = " ".join(map(writing.text, before))
        names = sorted(variables(*writing.names(part)))
        said = f"FILTER {writing.short(part.expression.text)} lets none of the solutions before it pass{self.counted(before, wrap)}"
        bound = {name for other in before for name in writing.names(other)}
        never = [name for name in names if name not in bound] if not part.expression.rests_on_patterns else []
        if never:
            self.say(f"{said}: {', '.join(never)} has no value there.", "FILTER")
            return
        samples = []
        if not part.expression.rests_on_patterns:
            tags = re.search(r"\bLANG", part.expression.text, re.IGNORECASE)
            for name in names[:3]:
                if tags:
                    rows = self.rows(f"{wrap(pattern)} FILTER(isLiteral({name}))", 5, f"DISTINCT (LANG({name}) AS ?tag)")
                    if found := [row["tag"]["value"] or "none" for row in rows]:
                        samples.append(f"the languages of {name}: {', '.join(sorted(found))}")
                        continue
                rows = self.rows(wrap(pattern), 3, f"DISTINCT {name}")
                values = [self.terms.shown(row[name[1:]]) for row in rows if name[1:] in row]
                samples.append(
                    f"{name} is {' or '.join(values)}" + (" or another" if len(values) == 3 else "") if values else f"{name} is unbound"
                )
        self.say(said + (": " + "; ".join(samples) if samples else "") + ".", "FILTER")

    def counted(self, before: list[object], wrap: object) -> str:
        if not before:
            return ""
        pattern = " ".join(map(writing.text, before))
        rows = self.rows(f"{{ SELECT * WHERE {{ {wrap(pattern)} }} LIMIT {COUNTED + 1} }}", 1, "(COUNT(*) AS ?count)")
        number = int(rows[0]["count"]["value"]) if rows else 0
        return f" ({'more than ' + str(COUNTED) if number > COUNTED else number} of them)"


def hint(engine: Engine, query: Query, releases: Path | None) -> str:
    """Return the reasons in lines, nothing where there are none or they cannot be found: what a command adds to an empty answer."""
    try:
        return diagnose(engine, query, releases).to_text()
    except MikgError:
        return ""
