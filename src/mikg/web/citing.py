"""What a row rests on, as numbers that lead to the passages below the table; and where a passage stands."""

import re

from flask import Flask
from flask_babel import gettext as _
from markupsafe import Markup, escape

from mikg.citations import Citation
from mikg.cited import Cited
from mikg.engine import Engine
from mikg.namespaces import MIKG, RULE
from mikg.provenance import Row
from mikg.web import sources
from mikg.web.kept import per_release
from mikg.web.languages import current_language
from mikg.web.naming import names


def register(app: Flask) -> None:
    """Offer `rests(answer, row)`, `rested(answer, row)` and `standing(citation)` to the templates."""
    app.jinja_env.globals.update(rests=rests, rested=rested, standing=standing)


def rests(answer: Cited, row: Row, linked: bool = True) -> Markup:
    """Return the numbers of a row's citations, each a link: `1+3 or 2`; then rules with what lies beneath, absence, and what is not just asserted."""
    number = _numbers(answer)

    def joined(mark: str, numbers: list[int]) -> Markup:
        shape = Markup('<a href="#cited-{0}">{0}</a>' if linked else "{0}")
        return Markup(mark).join(shape.format(each) for each in numbers)

    ways = sorted((sorted(number[graph] for graph in way) for way in row.derivations if way), key=lambda way: (len(way), way))
    said = [Markup(" {} ").format(_("or")).join(joined("+", way) for way in ways)] if ways else []
    if ways and row.more:
        said[0] += " " + _("or more")
    if row.rules:
        rules = ", ".join(rule.removeprefix(RULE).replace("-", " ") for rule in row.rules)
        said.append(
            escape(_("by the rule “%(rules)s” from", rules=rules)) + " " + joined(", ", sorted(number[graph] for graph in row.beneath))
        )
    if row.absence:
        said.append(escape(_("absence")))
    told = _told(answer, row)
    return (Markup("; ").join(said) or Markup("-")) + (Markup(' <span class="status">({})</span>').format(told) if told else "")


def rested(answer: Cited, row: Row) -> list[tuple[int, Citation]]:
    """Return each citation of a row with its number, in order."""
    used = {graph for way in row.derivations for graph in way} | set(row.beneath)
    return [(number, each) for number, each in enumerate(answer.graphs, 1) if each.iri in used]


def standing(citation: Citation, brief: bool = False) -> str:
    """Return publisher, date and place of a citation in the reader's language; in brief only the place."""
    date = citation.date
    if span := re.fullmatch(r"undated, between (\S+) and (\S+)", date):
        date = _("undated, between %(first)s and %(last)s", first=span.group(1), last=span.group(2))
    kind, _space, position = citation.place.rpartition(" ")
    place = f"{_(kind)} {position}" if kind else citation.place
    return place if brief else ", ".join(part for part in (_publisher(citation), date, place) if part)


def _publisher(citation: Citation) -> str:
    """Return the publisher as the graph names it in the reader's language; citations have it in English."""
    if current_language() == "en" or not citation.publisher:
        return citation.publisher
    return _publishers(current_language()).get(citation.document, citation.publisher)


@per_release
def _publishers(_engine: Engine, _language: str) -> dict[str, str]:
    by = {each.key: each.publisher for each in sources.every() if each.publisher}
    named = names(list(by.values()))
    return {key: named[iri].name for key, iri in by.items()}


def _told(answer: Cited, row: Row) -> str:
    """Return in words what of the citations is not just asserted: `3 planned; 4 reported by Erika Mouynes`."""
    number = _numbers(answer)
    named = names([MIKG + each.modality for each in row.statuses], [each.claimants for each in row.statuses])
    told: dict[str, set[int]] = {}
    for each in row.statuses:
        modality = named[MIKG + each.modality].name
        who = ", ".join(named[iri].name for iri in each.claimants)
        told.setdefault(_("%(modality)s by %(who)s", modality=modality, who=who) if who else modality, set()).add(number[each.graph])
    used = {number[graph] for way in row.derivations for graph in way}
    ordered = sorted(told.items(), key=lambda item: sorted(item[1]))
    # Where it is all that the row rests on, its number says nothing.
    return "; ".join(words if numbers == used else f"{', '.join(map(str, sorted(numbers)))} {words}" for words, numbers in ordered)


def _numbers(answer: Cited) -> dict[str, int]:
    return {each.iri: place for place, each in enumerate(answer.graphs, 1)}
