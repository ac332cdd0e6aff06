"""What the documents date: events, posts, agreements, flows and the periods of figures, each with its bounds and who sets them.

Bounds are what is known: a thing whose bounds differ happened some time between them, or lasted between them.
"""

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from mikg import answers
from mikg.engine import Engine, Query
from mikg.errors import Misuse
from mikg.namespaces import DOCUMENT, MIKG, PROV, RDF

PREFIXES = "PREFIX mikg: <https://w3id.org/mikg/ontology#>\n"
FACTS = """
SELECT ?thing ?graph ?property ?value
WHERE {
  { SELECT DISTINCT ?thing { { ?thing mikg:earliest ?from } UNION { ?thing mikg:attestedOn ?day } UNION { ?thing a mikg:Event } } }
  GRAPH ?graph { ?thing ?property ?value }
}
ORDER BY ?thing ?graph ?property ?value
"""
AGENTS = "SELECT DISTINCT ?agent { VALUES ?class { mikg:Agent mikg:Country mikg:Organisation mikg:Person mikg:Grouping } ?agent a ?class }"
# Who takes part by way of a node of its own, and in which body a post is.
BESIDE = """
SELECT ?thing ?agent
WHERE {
  { ?part mikg:event ?thing ; mikg:participant ?agent } UNION { ?thing mikg:post/mikg:postIn ?agent }
}
ORDER BY ?thing ?agent
"""
RESOLVED = "SELECT ?thing ?basis { ?why a mikg:DateResolution ; mikg:concerns ?thing ; mikg:basis ?basis } ORDER BY ?thing ?basis"

# The kinds that are told apart, each with its classes; the first that fits counts.
KINDS = {
    "document": ("Document",),
    "meeting": ("Meeting", "Summit", "PressEvent", "Visit"),
    "operation": ("LawEnforcementOperation", "Training", "Workshop", "Transfer"),
    "agreement": ("Instrument", "Membership"),
    "action": ("Event",),
    "post": ("PostHolding",),
    "situation": ("Situation", "DataFlow", "CountryRole"),
    "lack": ("Absence",),
    "figure": ("Figure", "MissingFigure"),
}
# Of these the bounds are a period over which something held or was counted; of the others, a span in which it happened.
LASTING = {"agreement", "post", "situation", "lack", "figure"}
DERIVED = "derived"  # the status of what a rule has made
ASSERTED = "asserted"


@dataclass(frozen=True)
class Item:
    """One thing with its bounds; `members` are the figures of one indicator, document and period that stand together."""

    iri: str
    kind: str
    earliest: date | None = None
    latest: date | None = None
    words: tuple[str, ...] = ()  # of the date, as printed
    basis: str = ""  # stated, resolvedFromContext, resolvedFromPublication, fiscalYear
    why: str = ""  # our reasons, where the date is our reading
    statuses: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    holder: str = ""  # of a post or a membership
    attested: bool = False

    @property
    def documents(self) -> tuple[str, ...]:
        """The keys of the documents that tell of it."""
        own = [self.iri] if self.kind == "document" else []
        return tuple(dict.fromkeys(each.removeprefix(DOCUMENT).partition("/")[0] for each in (*own, *self.passages)))

    @property
    def day(self) -> bool:
        """Whether the day is known."""
        return self.earliest == self.latest

    @property
    def lasting(self) -> bool:
        """Whether the bounds are a period rather than a span in which it happened."""
        return self.kind in LASTING and not self.attested

    @property
    def ours(self) -> bool:
        """Whether the date is our reading, and not printed."""
        return self.basis not in ("", "stated")


@dataclass(frozen=True)
class Window:
    """What is looked at: all years, one year, or one month of it."""

    first: date
    last: date
    step: str  # what its ticks are: year, month, day
    name: str = ""

    def holds(self, item: Item) -> bool:
        """Whether the bounds of a dated item reach into it."""
        return item.earliest <= self.last and item.latest >= self.first


@dataclass(frozen=True)
class Wanted:
    """What is asked for; an empty part asks for all. `status` is asserted, all, or another modality."""

    kind: str = ""
    document: str = ""
    agent: str = ""
    status: str = ASSERTED

    def of(self, items: Iterable[Item]) -> list[Item]:
        """Return the items that fit."""
        return [each for each in items if self._fits(each)]

    def _fits(self, item: Item) -> bool:
        return (
            (not self.kind or item.kind == self.kind)
            and (not self.document or self.document in item.documents)
            and (not self.agent or self.agent in item.agents)
            and (self.status == "all" or self.status in item.statuses)
        )


def items(engine: Engine) -> list[Item]:
    """Return the dated things and the undated events, by date: first the earlier, then the shorter; the undated come last."""
    agents = {row["agent"] for row in _rows(engine, AGENTS)}
    reasons = {row["thing"]: row["basis"] for row in _rows(engine, RESOLVED)}
    beside: dict[str, list[str]] = {}
    for row in _rows(engine, BESIDE):
        beside.setdefault(row["thing"], []).append(row["agent"])
    facts: dict[str, list[tuple[str, str, str]]] = {}
    for row in _rows(engine, FACTS):
        facts.setdefault(row["thing"], []).append((row["graph"], row["property"], row["value"]))
    found, figures = [], {}
    for iri, about in facts.items():
        item = _item(iri, about, agents, beside.get(iri, []), reasons.get(iri, ""))
        if item and item.kind == "figure":
            # Figures of one indicator, period and document stand together: a chart would else be dozens of equal bars.
            indicator = next(value for _, name, value in about if name == MIKG + "indicator")
            key = (indicator, item.earliest, item.latest, item.documents, item.statuses, item.basis)
            figures.setdefault(key, []).append(item)
        elif item:
            found.append(item)
    return sorted(found + [_together(key[0], each) for key, each in figures.items()], key=_order)


def window(asked: str, every: Iterable[Item]) -> Window:
    """Return the years of all items, or the year or month that is asked for, as 2021 or 2021-08; `Misuse` where it is neither."""
    dated = [each for each in every if each.earliest]
    first = min((each.earliest.year for each in dated), default=2000)
    last = max((each.latest.year for each in dated), default=first)
    if not asked:
        return Window(date(first, 1, 1), date(last, 12, 31), "year")
    found = re.fullmatch(r"(\d{4})(?:-(\d\d))?", asked, re.ASCII)
    if not found or int(found[1]) < 1 or (found[2] and not 1 <= int(found[2]) <= 12):
        raise Misuse(f"at is {asked[:40]!r}; it takes a year or a month, such as {last} or {last}-01.")
    year = int(found[1])
    if not found[2]:
        return Window(date(year, 1, 1), date(year, 12, 31), "month", asked)
    month = int(found[2])
    return Window(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]), "day", asked)


def _item(iri: str, about: list[tuple[str, str, str]], agents: set[str], beside: list[str], why: str) -> Item | None:
    said: dict[str, list[str]] = {}
    for _graph, name, value in about:
        if value not in said.setdefault(name, []):
            said[name].append(value)
    classes = {each.removeprefix(MIKG) for each in said.get(RDF + "type", ())}
    kind = next((kind for kind, covered in KINDS.items() if classes & set(covered)), "")
    if not kind:
        return None
    attested = [date.fromisoformat(each) for each in said.get(MIKG + "attestedOn", ())]
    first = [date.fromisoformat(each) for each in said.get(MIKG + "earliest", ())] or attested
    last = [date.fromisoformat(each) for each in said.get(MIKG + "latest", ())] or attested
    passages = dict.fromkeys(graph for graph, _, _ in about if graph.startswith(DOCUMENT) and graph.count("/") > DOCUMENT.count("/"))
    involved = [value for _, _, value in about if value in agents and value != iri]
    statuses = sorted(each.removeprefix(MIKG) for each in said.get(MIKG + "modality", ()))
    derived = "DerivedFigure" in classes
    basis = next((each.removeprefix(MIKG) for each in said.get(MIKG + "dateBasis", ())), "")
    if attested and not said.get(MIKG + "earliest"):
        printed = any(graph.startswith(DOCUMENT) for graph, name, _ in about if name == MIKG + "attestedOn")
        basis = "stated" if printed else "resolvedFromContext"
    return Item(
        iri,
        kind,
        min(first, default=None),
        max(last, default=None),
        tuple(said.get(MIKG + "dateText", ())),
        basis,
        why,
        tuple(statuses) or ((DERIVED,) if derived else (ASSERTED,)),
        tuple(passages) or tuple(each for each in said.get(PROV + "wasDerivedFrom", ()) if each.startswith(DOCUMENT)),
        tuple(dict.fromkeys([*involved, *beside])),
        tuple(said.get(MIKG + "afterEvent", ())),
        holder=next(iter(said.get(MIKG + "holder", ()) or said.get(MIKG + "member", ())), ""),
        attested=bool(attested),
    )


def _together(indicator: str, figures: list[Item]) -> Item:
    def joined(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for each in figures for value in getattr(each, name)))

    return replace(
        figures[0],
        iri=indicator,
        words=joined("words"),
        why=next((each.why for each in figures if each.why), ""),
        passages=joined("passages"),
        agents=joined("agents"),
        members=tuple(each.iri for each in figures),
    )


def _order(item: Item) -> tuple:
    first, last = item.earliest or date.max, item.latest or date.max
    return (first, last, list(KINDS).index(item.kind), item.iri)


def _rows(engine: Engine, query: str) -> list[dict[str, str]]:
    return [{name: term["value"] for name, term in row.items()} for row in answers.run(engine, Query(PREFIXES + query)).rows]
