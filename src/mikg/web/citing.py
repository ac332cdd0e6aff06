"""What a row rests on, as numbers that lead to the passages below the table."""

from flask import Flask
from flask_babel import gettext as _
from markupsafe import Markup

from mikg.cited import Cited
from mikg.namespaces import RULE
from mikg.provenance import Row


def register(app: Flask) -> None:
    """Offer `rests(answer, row)` to the templates."""
    app.jinja_env.globals.update(rests=rests)


def rests(answer: Cited, row: Row) -> Markup:
    """Return the numbers of a row's citations, each a link: `1+3 or 2`; then rules with what lies beneath; then `absence`."""
    number = {each.iri: place for place, each in enumerate(answer.graphs, 1)}

    def joined(mark: str, numbers: list[int]) -> Markup:
        return Markup(mark).join(Markup('<a href="#cited-{0}">{0}</a>').format(each) for each in numbers)

    ways = sorted((sorted(number[graph] for graph in way) for way in row.derivations if way), key=lambda way: (len(way), way))
    said = [Markup(" {} ").format(_("or")).join(joined("+", way) for way in ways)] if ways else []
    if ways and row.more:
        said[0] += " " + _("or more")
    if row.rules:
        rules = ", ".join(rule.removeprefix(RULE).replace("-", " ") for rule in row.rules)
        said.append(
            Markup(_("by the rule “%(rules)s” from", rules=rules)) + " " + joined(", ", sorted(number[graph] for graph in row.beneath))
        )
    if row.absence:
        said.append(Markup.escape(_("absence")))
    return Markup("; ").join(said) or Markup("-")
