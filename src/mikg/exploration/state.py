"""What an address of the explorer says: where a drawing begins, what is opened, hidden and filtered, how it is laid out.

start=id:panama                        an entity; may be repeated
open=id:panama~mikg:partyTo~out        its neighbours by one relation in one direction; `id:panama` alone: all of them
hide=, pin=                            nodes taken away, nodes that stay where they are
no=kind:place                          a filter; also relation:, document:, speaker:, community:
status=planned                         drawn beside what is asserted
since=2019, until=2022, undated=no     years
most=60                                only so many nodes, the best attested
layout=tree, at=…, select=…            how it is drawn, where each node is, what is selected
from=, to=                             paths between two entities
question=NAME, query=CONSTRUCT …       the result of a question or of a query
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from mikg.namespaces import ID, expand, shorten

LAYOUTS = ("force", "tree", "time")
FACETS = ("kind", "relation", "document", "speaker", "community")
ASSERTED = "asserted"
NO_YEAR = "{name} is “{value}”, which is no year such as 2019; it was left out."
GIVEN = "given."  # before a parameter of the question that is called like one of ours
LISTED = 3_000  # values of one parameter that are read
OURS = ("start", "open", "hide", "pin", "no", "status", "since", "until", "undated", "most", "layout", "at", "select", "from", "to", "question", "query", "sort", "page")  # fmt: skip


@dataclass(frozen=True)
class Said:
    """A sentence for the reader, in English, with values to put in: pages say it in the reader's language."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text.format(**self.values)


@dataclass(frozen=True)
class Opening:
    """The neighbours of a node: all, or those by one relation in one direction (`out` or `in`)."""

    node: str
    relation: str = ""
    direction: str = ""

    def to_text(self) -> str:
        """Return `id:panama~mikg:partyTo~out`."""
        return short(self.node) + (f"~{short(self.relation)}~{self.direction}" if self.relation else "")


@dataclass(frozen=True)
class State:
    """One drawing as an address says it. IRIs are whole."""

    start: tuple[str, ...] = ()
    open: tuple[Opening, ...] = ()
    hide: tuple[str, ...] = ()
    pin: tuple[str, ...] = ()
    no: frozenset[tuple[str, str]] = frozenset()
    status: frozenset[str] = frozenset({ASSERTED})
    since: int | None = None
    until: int | None = None
    undated: bool = True
    most: int | None = None
    layout: str = "force"
    select: str = ""
    source: str = ""
    target: str = ""
    question: str = ""
    query: str = ""
    given: Mapping[str, str] = field(default_factory=dict)  # the parameters of the question
    notes: tuple[Said, ...] = ()  # what the address says that cannot be so

    @property
    def empty(self) -> bool:
        """Whether the address names nothing to begin with."""
        return not (self.start or self.open or self.source or self.target or self.question or self.query)

    def address(self, **changes: object) -> str:
        """Return `/explore?…` for this state with some parts changed."""
        state = replace(self, **changes)
        pairs = [("start", short(each)) for each in state.start]
        pairs += [("question", state.question)] if state.question else []
        pairs += [((GIVEN if name in OURS else "") + name, value) for name, value in state.given.items()]
        pairs += [("query", state.query), ("from", short(state.source)), ("to", short(state.target))]
        pairs += [("open", each.to_text()) for each in state.open]
        pairs += [("hide", short(each)) for each in state.hide] + [("pin", short(each)) for each in state.pin]
        pairs += [("no", f"{facet}:{short(value)}") for facet, value in sorted(state.no)]
        pairs += [("status", each) for each in sorted(state.status - {ASSERTED})]
        pairs += [("since", state.since), ("until", state.until), ("undated", "" if state.undated else "no"), ("most", state.most)]
        pairs += [("layout", "" if state.layout == LAYOUTS[0] else state.layout), ("select", state.select)]
        return "/explore?" + urlencode([pair for pair in pairs if pair[1] not in ("", None)], safe=":~/")

    def toggled(self, facet: str, value: str) -> str:
        """Return the address with one filter set where it is not, else lifted; `status` is drawn where it is not, else taken away."""
        if facet == "status":
            return self.address(status=self.status ^ {value})
        return self.address(no=self.no ^ {(facet, value)})


def read(arguments: Mapping[str, Sequence[str]]) -> State:
    """Return the state that the parameters of an address say; what cannot be so is left out and told in `notes`.

    >>> print(*read({"start": ["panama"], "since": ["soon"]}).notes)
    since is “soon”, which is no year such as 2019; it was left out.
    """
    notes: list[Said] = []

    def values(name: str) -> Sequence[str]:
        return [each.strip() for each in arguments.get(name, ())[:LISTED] if each.strip()]

    def one(name: str) -> str:
        return next(iter(values(name)), "")

    def number(name: str, pattern: str, wrong: str) -> int | None:
        text = one(name)
        if text and not re.fullmatch(pattern, text, re.ASCII):
            notes.append(Said(wrong, {"name": name, "value": text[:40]}))
            return None
        return int(text) if text else None

    since, until = number("since", r"\d{4}", NO_YEAR), number("until", r"\d{4}", NO_YEAR)
    if since is not None and until is not None and since > until:
        notes.append(Said("since {since} is after until {until}; they were exchanged.", {"since": since, "until": until}))
        since, until = until, since
    layout = one("layout") or LAYOUTS[0]
    if layout not in LAYOUTS:
        notes.append(Said("layout is “{value}”; there are {known}.", {"value": layout[:40], "known": ", ".join(LAYOUTS)}))
        layout = LAYOUTS[0]
    no = set()
    for text in values("no"):
        facet, _, value = text.partition(":")
        if facet in FACETS and value:
            no.add((facet, whole(value) if facet in ("relation", "speaker") else value))
        else:
            notes.append(
                Said("no is “{value}”; it takes one of {known}, a colon and a value.", {"value": text[:40], "known": ", ".join(FACETS)})
            )
    return State(
        start=unique(expand(each) or each for each in values("start")),
        open=tuple(dict.fromkeys(_opening(each) for each in values("open"))),
        hide=unique(whole(each) for each in values("hide")),
        pin=unique(whole(each) for each in values("pin")),
        no=frozenset(no),
        status=frozenset({ASSERTED, *values("status")}),
        since=since,
        until=until,
        undated=one("undated") != "no",
        most=number("most", r"[1-9]\d{0,3}", "most is “{value}”, which is no number from 1 to 9999; it was left out."),
        layout=layout,
        select=one("select")[:2_000],
        source=expand(one("from")) or one("from"),
        target=expand(one("to")) or one("to"),
        question=one("question"),
        query=one("query"),
        given={name.removeprefix(GIVEN): each[0] for name, each in arguments.items() if name not in OURS and each}
        if one("question")
        else {},
        notes=tuple(notes),
    )


def whole(name: str) -> str:
    """Return the IRI of a name: an IRI, a CURIE, or the bare name of a thing of this graph.

    >>> whole("panama") == whole("id:panama") == "https://w3id.org/mikg/id/panama"
    True
    """
    return expand(name) or (ID + name if re.fullmatch(r"[\w-]+", name) else name)


def short(iri: str) -> str:
    """Return the name of an IRI as it stands in an address: a CURIE, else the IRI itself."""
    return shorten(iri).strip("<>") if ":" in iri else iri


def unique(values: Sequence[str]) -> tuple[str, ...]:
    """Return the values in their order, each once."""
    return tuple(dict.fromkeys(values))


def _opening(text: str) -> Opening:
    found = re.fullmatch(r"(.+)~(.+)~(out|in)", text)
    return Opening(whole(found[1]), whole(found[2]), found[3]) if found else Opening(whole(text))
