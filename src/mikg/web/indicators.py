"""Every figure of the graph by what it measures: a finding, a chart, the same as a table, its passages, its query."""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from mikg import citations, disagreements, external, indicators
from mikg.errors import NotFound
from mikg.indicators import DIMENSIONS, Figure, Indicator
from mikg.labels import Named
from mikg.namespaces import ID, MIKG
from mikg.web import sources
from mikg.web.figures import Plot, plot
from mikg.web.frame import offered
from mikg.web.kept import per_release
from mikg.web.languages import current_language, number
from mikg.web.naming import names

counted = Blueprint("indicators", __name__)
every = per_release(indicators.indicators)
near = per_release(indicators.alike)
of_office = per_release(indicators.of_office)
of_country = per_release(indicators.of_country)
opened = per_release(external.sources)
judged = per_release(disagreements.judgements)

PEOPLE, MONEY = "indicator-people-of-concern", "indicator-budget"
FIRST = (PEOPLE, MONEY, "indicator-darien-crossings", "indicator-migrants-through-panama")
PANAMA, WHOLE, ALL_PILLARS = ID + "panama", ID + "people-of-concern", ID + "all-pillars"
FLOWS = (MIKG + "budget", MIKG + "expenditure")
AROUND = 2  # years of an open series that are drawn before and after those of a document
FOLDED = 14  # rows from which on a table is folded
# What open data say of the same: whether they may share an axis, and why.
COMPARED = {
    ("unhcr", PEOPLE): (
        True,
        lazy_gettext(
            "The same measure: people of concern to UNHCR, in people, at the end of a year, by UNHCR itself. The series is summed over the countries that the office lies in or covers in that year; how the document sums, and when it was drawn up, it does not say."
        ),
    ),
    ("unhcr", "indicator-registered-refugees-and-asylum-seekers"): (
        False,
        lazy_gettext(
            "Not the same measure: the document counts refugees and asylum-seekers by where they come from, at mid-year; the series here counts them by where they are, at the end of a year."
        ),
    ),
    ("unhcr", "indicator-migrants-through-panama"): (
        False,
        lazy_gettext(
            "Not the same measure: the documents count migrants who enter or pass through in a year; UNHCR counts people of concern to it who are in a country at the end of a year."
        ),
    ),
    ("worldbank", "indicator-migrants-through-panama"): (
        False,
        lazy_gettext(
            "Not the same measure: the World Bank counts the inhabitants of Panama at mid-year; the documents count migrants who enter or pass through. It only gives a scale, and gets no place on the axis."
        ),
    ),
    ("worldbank", PEOPLE): (
        False,
        lazy_gettext(
            "Not the same measure: the World Bank counts all inhabitants of a country at mid-year, not those of concern to UNHCR."
        ),
    ),
    ("worldbank", "indicator-share-of-population-fully-vaccinated"): (
        False,
        lazy_gettext(
            "Not the same measure: the document gives a share of the population; the World Bank gives that population, of which the share would be a part."
        ),
    ),
}
QUERY = """\
PREFIX mikg: <https://w3id.org/mikg/ontology#>
PREFIX schema: <https://schema.org/>

SELECT ?year ?figure ?value ?words ?passage
WHERE {{
  ?figure mikg:indicator <{indicator}> .
  OPTIONAL {{ ?figure schema:value ?value }}
  OPTIONAL {{ ?figure mikg:year ?year }}
  OPTIONAL {{ GRAPH ?passage {{ ?figure mikg:asPrinted ?words }} }}
}}
ORDER BY ?year ?figure
"""


@dataclass(frozen=True)
class Row:
    """A figure as a row: what tells it from the others, and how long its bar is, from 0 to 1 (None for no bar)."""

    figure: Figure
    label: str
    words: str
    bar: float | None


@dataclass(frozen=True)
class Section:
    """One indicator as the page shows it."""

    indicator: Indicator
    name: str
    finding: str
    rows: tuple[Row, ...]
    plots: tuple[tuple[str, Plot, tuple[str, ...]], ...]  # heading, chart, what its series are called
    remark: str = ""
    disagreements: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    comparable: bool | None = None
    compared: str = ""
    beside: tuple[tuple[str, ...], ...] = ()


@counted.get("/indicators")
def listing() -> Response:
    """Every indicator with its figures, those of one document or of one indicator, with open data beside them when asked."""
    found, faults = _asked(every())
    beside = request.args.get("with", "")
    if beside and beside not in indicators.SERIES:
        faults.append(_("with is “%(value)s”; it takes unhcr or worldbank.", value=beside[:40]))
        beside = ""
    figures = [figure for each in found for figure in each.figures]
    named = names(
        [each.iri for each in every()],
        [(figure.unit, figure.qualifier, figure.claimants, figure.computed_from, figure.rules) for figure in figures],
        [values for figure in figures for _name, values in figure.dimensions],
        [MIKG + status for status in ("asserted", "planned", "reported")],
        FLOWS,
    )
    cited = citations.cite(current_app.engine, [iri for each in figures for iri in each.passages], current_app.settings.documents)
    body = render_template(
        "indicators.html",
        faults=faults,
        measures=[_section(each, named, beside) for each in found],
        pairs=_pairs(found, named),
        every=sorted(every(), key=lambda each: named[each.iri].name.casefold()),
        documents=sources.every(),
        beside=beside,
        comparable=[key for source, key in COMPARED if source == beside],
        source=next((each for each in opened(current_language()) if each.graph == indicators.SERIES.get(beside)), None),
        count=len(figures),
        missing=sum(each.missing for each in figures),
        derived=sum(each.derived for each in figures),
        approximate=sum(each.approximate for each in figures),
        form_name=form_name,
        query=lambda each: ("/query?" if offered("/query") else "/sparql?") + urlencode({"query": QUERY.format(indicator=each.iri)}),
        folded=FOLDED,
        named=named,
        cited={each.iri: each for each in cited},
    )
    return make_response(body, 400 if faults else 200)


@counted.get("/indicators.csv")
def table() -> Response:
    """The same figures as CSV: `indicator` and `document` narrow them."""
    found, faults = _asked(every())
    if faults:
        raise NotFound(" ".join(faults))
    output = io.StringIO()
    writer = csv.writer(output)
    plain = ("figure", "indicator", "form", "value", "least", "qualifier", "unit", "year", "earliest", "latest")
    lists = ("printed", "dated", *DIMENSIONS, "claimants", "statuses", "documents", "passages", "computed_from", "rules")
    writer.writerow([*plain, *lists])
    for figure in (figure for each in found for figure in each.figures):
        own = [figure.iri, *(getattr(figure, name) for name in plain[1:])]
        several = [figure.of(name) if name in DIMENSIONS else getattr(figure, name) for name in lists]
        writer.writerow([*("" if value is None else value for value in own), *(" | ".join(values) for values in several)])
    answer = Response(output.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="mikg-figures.csv"'
    return answer


def form_name(figure: Figure) -> str:
    """What sort of figure it is, in the reader's language."""
    called = {"Target": _("planned"), "Result": _("reached"), "DerivedFigure": _("computed by a rule"), "MissingFigure": _("empty cell")}
    return called.get(figure.form, "")


def _asked(whole: list[Indicator]) -> tuple[list[Indicator], list[str]]:
    faults = []
    indicator = request.args.get("indicator", "").strip()
    key = indicator.rpartition("/")[2].removeprefix("id:")
    if key and not any(key in (each.key, each.key.removeprefix("indicator-")) for each in whole):
        faults.append(_("No indicator is called “%(value)s”; the list below has all of them.", value=indicator[:60]))
        key = ""
    document = sources.asked(faults)
    found = [each for each in whole if not key or key in (each.key, each.key.removeprefix("indicator-"))]
    if document:
        # What a rule computed goes with the document of the figures that it was computed from.
        at_home = {figure.iri for each in whole for figure in each.figures if document in figure.documents}
        kept = [
            (each, tuple(figure for figure in each.figures if figure.iri in at_home or at_home & set(figure.computed_from)))
            for each in found
        ]
        found = [Indicator(each.iri, each.definition, figures) for each, figures in kept if figures]
    return sorted(found, key=lambda each: FIRST.index(each.key) if each.key in FIRST else len(FIRST)), faults


def _section(indicator: Indicator, named: dict[str, Named], beside: str) -> Section:
    figures = indicator.figures
    name = named[indicator.iri].name
    differing = [
        each.iri.rpartition("/")[2]
        for each in judged()
        if each.kind == "Discrepancy" and {side.iri for side in each.sides} & {figure.iri for figure in figures}
    ]
    plots, remark, finding = (), "", _finding(figures, name, named)
    comparable, compared = COMPARED.get((beside, indicator.key), (None, ""))
    rows_beside: tuple[tuple[str, ...], ...] = ()
    if indicator.key == PEOPLE:
        told, plots, remark, rows_beside = _people(figures, name, named, beside)
        finding = told or finding
    elif indicator.key == MONEY:
        plots, finding = _money(figures, named)
    if comparable is False:
        rows_beside = _scale(beside)
    units = tuple(dict.fromkeys(named[figure.unit].name for figure in figures if figure.unit))
    rows = _rows(figures, named)
    return Section(indicator, name, _capital(finding), rows, plots, remark, tuple(differing), units, comparable, str(compared), rows_beside)


def _rows(figures: tuple[Figure, ...], named: dict[str, Named]) -> tuple[Row, ...]:
    printed = [figure for figure in figures if not figure.derived] or figures
    varying = [name for name in DIMENSIONS if len({figure.of(name) for figure in printed}) > 1]
    most: dict[str, Decimal] = {}
    size = Counter(figure.unit for figure in figures if figure.value is not None)
    for figure in figures:
        if figure.value is not None:
            most[figure.unit] = max(most.get(figure.unit, Decimal(0)), figure.value)
    rows = []
    for figure in figures:
        when = [figure.year or ", ".join(f"“{each}”" for each in figure.dated)]
        others = [", ".join(named[iri].name for iri in figure.of(name)) for name in varying]
        label = " · ".join(part for part in (*when, *others) if part) or ", ".join(named[iri].name for iri in figure.of("about"))
        drawn = figure.value is not None and figure.value >= 0 and size[figure.unit] > 1 and most[figure.unit]
        rows.append(Row(figure, label, _words(figure, named), float(figure.value / most[figure.unit]) if drawn else None))
    return tuple(rows)


def _signed(difference: Decimal) -> str:
    return f"+{number(difference)}" if difference > 0 else number(difference)


def _words(figure: Figure, named: dict[str, Named], brief: bool = False) -> str:
    """A value with its qualifier and unit; in brief, for a title, without a sign and with few decimals."""
    if figure.value is None:
        return _("no figure") if figure.least is None else _("at least %(value)s", value=number(figure.least))
    qualifier = named[figure.qualifier].name if figure.approximate and figure.qualifier in named else ""
    if figure.qualifier.endswith("orderOfMagnitude"):
        return f"“{figure.printed[0]}”" if brief and figure.printed else f"≈ {number(figure.value)} ({qualifier})"
    marks = {"percent": " %", "usDollar": " US$", "millionUsDollar": _(" million US$"), "personPerDay": _(" a day")}
    written = number(figure.value, 1 if brief and figure.value.as_tuple().exponent < -1 else None)
    sign = "≈ " if qualifier and not brief else ""
    return f"{sign}{qualifier} {written}{marks.get(figure.unit.removeprefix(MIKG), '')}".strip()


def _finding(figures: tuple[Figure, ...], name: str, named: dict[str, Named]) -> str:
    """What the figures say, as the title of their chart."""
    told = [figure for figure in figures if figure.value is not None]
    if not told:
        return _("%(name)s: every cell is empty", name=name)
    units = Counter(figure.unit for figure in told)
    alike = [figure for figure in told if figure.unit == units.most_common(1)[0][0]]
    by_year = _by_year(alike)
    if len(by_year) > 1:
        first, last = by_year[min(by_year)], by_year[max(by_year)]
        return _movement(name, first, last, named)
    low, high = min(alike, key=lambda each: each.value), max(alike, key=lambda each: each.value)
    if low.value != high.value:
        return _("%(name)s: from %(low)s to %(high)s", name=name, low=_words(low, named, True), high=_words(high, named, True))
    return f"{name}: {_words(high, named, True)}"


def _by_year(figures: list[Figure]) -> dict[str, Figure]:
    """The figures as one series by year; nothing where a year has several, or they differ in what they count."""
    if len({figure.dimensions for figure in figures}) > 1 or not all(figure.year for figure in figures):
        return {}
    found = {figure.year: figure for figure in figures}
    return found if len(found) == len(figures) else {}


def _movement(name: str, first: Figure, last: Figure, named: dict[str, Named]) -> str:
    given = {"name": name, "low": _words(first, named, True), "then": first.year, "high": _words(last, named, True), "now": last.year}
    if last.value > first.value:
        return _("%(name)s rose from %(low)s in %(then)s to %(high)s in %(now)s", **given)
    if last.value < first.value:
        return _("%(name)s fell from %(low)s in %(then)s to %(high)s in %(now)s", **given)
    return _("%(name)s stayed at %(high)s from %(then)s to %(now)s", **given)


def _people(figures: tuple[Figure, ...], name: str, named: dict[str, Named], beside: str) -> tuple:
    """The finding, the chart by year with UNHCR's series beside it, what the types say, and the same as rows."""
    printed = [figure for figure in figures if not figure.derived and figure.value is not None]
    whole = {figure.year: figure.value for figure in printed if figure.of("population") == (WHOLE,)}
    parts = [figure for figure in printed if figure.of("population") != (WHOLE,)]
    if not whole:
        return "", (), "", ()
    totals = [figure for figure in printed if figure.of("population") == (WHOLE,)]
    finding = _movement(name, min(totals, key=lambda each: each.year), max(totals, key=lambda each: each.year), named)
    line: dict[str, int] = {}
    rows: list[tuple[str, ...]] = []
    office = next((iri for figure in printed for iri in figure.of("about")), "")
    if beside == "unhcr" and office:
        countries: dict[str, int] = {}
        for year, _type, people, lands in of_office(office):
            line[year] = line.get(year, 0) + people
            countries[year] = max(countries.get(year, 0), lands)
        rows.append((_("year"), _("document"), _("UNHCR's series"), _("difference"), _("countries that report")))
        for year in sorted({*whole, *line}):
            less = _signed(whole[year] - line[year]) if year in whole and year in line else ""
            rows.append((year, number(whole[year]) if year in whole else "", number(line.get(year, 0)), less, str(countries.get(year, ""))))
    first, last = int(min(whole)) - AROUND, int(max(whole)) + AROUND
    years = [str(year) for year in range(first, last + 1)] if line else sorted(whole)
    line = {year: people for year, people in line.items() if year in years}
    called = (_("as the document prints it"), *([_("UNHCR's series, summed")] if line else []))
    head = _("%(name)s by year", name=_capital(name))
    drawing = plot(years, [whole], line)
    remark = ""
    if parts:
        largest = max(parts, key=lambda each: each.value)
        share = largest.value * 100 / whole[largest.year] if largest.year in whole else 0
        of = _("%(type)s: the largest type in %(year)s, %(value)s, or %(share)s %% of all", type=_capital(named[largest.of("population")[0]].name), year=largest.year, value=number(largest.value), share=number(share, 0))  # fmt: skip
        remark = of + "."
    return finding, ((head, drawing, called),), remark, tuple(rows)


def _money(figures: tuple[Figure, ...], named: dict[str, Named]) -> tuple:
    """A chart of budget and expenditure for each pillar, all on one scale, and the finding."""
    cells = [figure for figure in figures if not figure.derived and figure.of("pillar")]
    years = sorted({figure.year for figure in cells})
    if not years:
        return (), named[figures[0].indicator].name
    top = max((figure.value for figure in cells if figure.value is not None), default=Decimal(1))
    plots = []
    for pillar in sorted({figure.of("pillar")[0] for figure in cells}):
        series = [
            {figure.year: figure.value for figure in cells if figure.of("pillar") == (pillar,) and figure.of("moneyFlow") == (flow,)}
            for flow in FLOWS
        ]
        if any(series):
            drawing = plot(years, series, top=top, written=lambda value: number(value, 1))
            plots.append((_capital(named[pillar].name), drawing, tuple(_capital(named[flow].name) for flow in FLOWS)))
    whole = {
        flow: [figure for figure in cells if figure.of("pillar") == (ALL_PILLARS,) and figure.of("moneyFlow") == (flow,)] for flow in FLOWS
    }
    known = [figure for figure in whole[FLOWS[0]] if figure.value is not None]
    empty = [figure.year for figure in whole[FLOWS[1]] if figure.missing]
    finding = _movement(named[FLOWS[0]].name, known[0], known[-1], named) if known else named[figures[0].indicator].name
    if empty:
        finding = _("%(finding)s; no expenditure is given for %(years)s", finding=finding, years=", ".join(empty))
    return tuple(plots), finding


def _pairs(found: list[Indicator], named: dict[str, Named]) -> list[tuple[str, str, Figure, Figure]]:
    """What was planned beside what was reached, where the two measures are the same, close or related."""
    likeness = near()
    figures = [figure for each in found for figure in each.figures]
    words = {"": _("the same measure"), "closeMatch": _("a close measure"), "related": _("a related measure, not the same")}
    pairs = []
    for target in (figure for figure in figures if figure.form == "Target"):
        for result in (figure for figure in figures if figure.form == "Result" and figure.of("operation") == target.of("operation")):
            between = (target.indicator, result.indicator)
            how = "" if between[0] == between[1] else likeness.get(between) or likeness.get(between[::-1])
            if how is not None:
                pairs.append((named[target.indicator].name, words[how], target, result))
    return sorted(pairs, key=lambda each: (each[1] != words[""], each[0]))


def _scale(beside: str) -> tuple[tuple[str, ...], ...]:
    """A few numbers of an open series, to compare by eye and not on one axis."""
    if beside == "worldbank":
        return ((_("year"), _("inhabitants of Panama")), *((year, number(people)) for year, people in of_country(PANAMA)))
    return ()


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
