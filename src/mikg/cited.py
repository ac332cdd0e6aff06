"""An answer with the passages that each of its rows rests on, in every form in which a user meets it.

JSON: SPARQL results with a member `mikg:citations`, which other clients pass over. CSV: two more columns. In `mikg:citations` a
space joins what is used together and ` | ` parts the alternatives; `mikg:status` says what is not just asserted there: `planned`,
`reported by id:erika-mouynes`.
"""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from html import escape
from pathlib import Path

from mikg import citations, provenance
from mikg.answers import SHOWN, Table
from mikg.citations import Citation
from mikg.engine import Engine, Query
from mikg.labels import Labels
from mikg.namespaces import DOCUMENT, RULE, shorten
from mikg.provenance import Row

COLUMN = "mikg:citations"
STATUS = "mikg:status"


@dataclass(frozen=True)
class Cited:
    """An answer; for each row what it rests on; and each graph that is so used, as a reader sees it, in the order of the numbers."""

    table: Table
    rows: tuple[Row, ...]
    graphs: tuple[Citation, ...]
    sources: tuple[tuple[str, ...], ...]  # passages that render one utterance or print the same words stand together
    refused: str
    names: Mapping[str, str] = field(default_factory=dict)  # of those who claim something, and of what a notebook shows by name

    def numbers(self, row: Row) -> str:
        """Return the numbers of a row's citations: `1+3 or 2`; the rules of an inference and what lies beneath; `absence`; statuses.

        >>> Cited(Table((), ()), (), (Citation("a"), Citation("b")), (), "").numbers(Row((frozenset("ab"),)))
        '1+2'
        """
        number = {each.iri: place for place, each in enumerate(self.graphs, 1)}
        ways = sorted((sorted(number[graph] for graph in way) for way in row.derivations if way), key=lambda way: (len(way), way))
        said = " or ".join("+".join(map(str, way)) for way in ways) + (" or more" if row.more else "")
        if row.rules:
            rules = ", ".join(rule.removeprefix(RULE) for rule in row.rules)
            said += f"; by rule {rules} from " + ", ".join(map(str, sorted(number[graph] for graph in row.beneath)))
        if row.absence:
            said += ("; and " if said else "") + "absence"
        if told := self.statuses(row):
            said += f" ({'; '.join(told)})"
        return said or "-"

    def statuses(self, row: Row) -> list[str]:
        """Return in words what of a row's citations is not just asserted: `3 planned`, `4, 5 reported by Erika Mouynes`."""
        number = {each.iri: place for place, each in enumerate(self.graphs, 1)}
        told: dict[str, set[int]] = {}
        for status in row.statuses:
            who = " and ".join(self.names.get(iri, shorten(iri)) for iri in status.claimants)
            told.setdefault(f"{status.modality}{f' by {who}' if who else ''}", set()).add(number[status.graph])
        return [
            f"{', '.join(map(str, sorted(numbers)))} {words}" for words, numbers in sorted(told.items(), key=lambda item: sorted(item[1]))
        ]

    def to_text(self) -> str:
        """Return the table with a column of numbers, and below it the passages by number."""
        parts = [self.table.to_text([self.numbers(row) for row in self.rows] if self.rows else None)]
        parts += [f"[{number}] {each.to_text()}" for number, each in enumerate(self.graphs, 1)]
        passages = sum(len(group) for group in self.sources)
        if len(self.sources) < passages:
            parts.append(f"{passages} passages, {len(self.sources)} independent sources: some repeat one utterance or the same words.")
        return "\n\n".join([*parts, *([self.refused] if self.refused else [])])

    def _repr_html_(self) -> str:
        """Return the table for a notebook, and below it the passages of the rows that it shows, each to unfold."""
        shown = self.rows[:SHOWN]
        used = {graph for row in shown for way in row.derivations for graph in way}.union(*(row.beneath for row in shown))
        parts = [self.table.to_html([self.numbers(row) for row in shown] if shown else None, self.names)]
        parts += [_unfolding(number, each) for number, each in enumerate(self.graphs, 1) if each.iri in used]
        return "".join([*parts, *([f"<p>{escape(self.refused)}</p>"] if self.refused else [])])

    def to_json(self) -> str:
        """Return SPARQL JSON results with `mikg:citations`."""
        whole = json.loads(self.table.to_json())
        whole[COLUMN] = {
            "passages": [{name: value for name, value in asdict(each).items() if value} for each in self.graphs],
            "rows": [_row(row) for row in self.rows],
            "sources": self.sources,
            **({"refused": self.refused} if self.refused else {}),
        }
        return json.dumps(whole, ensure_ascii=False, indent=2)

    def to_csv(self) -> str:
        """Return CSV with two more columns."""
        lines = list(csv.reader(io.StringIO(self.table.to_csv(), newline="")))
        output = io.StringIO()
        writer = csv.writer(output)
        writer.writerow([*lines[0], COLUMN, STATUS])
        for number, line in enumerate(lines[1:]):
            row = self.rows[number] if self.rows else Row()
            told = dict.fromkeys(" ".join([each.modality, *(f"by {shorten(iri)}" for iri in each.claimants)]) for each in row.statuses)
            status = " | ".join(told) or ("asserted" if row.derivations else "")
            writer.writerow([*line, " | ".join(" ".join(sorted(way)) for way in row.derivations), status])
        return output.getvalue()


def answer(engine: Engine, query: Query, documents: Path | None = None) -> Cited:
    """Return the answer to a query with what it rests on; `documents` is the folder of the texts, for quotations.

    The answer is that of the query itself; what cannot be cited is said in `refused`.
    """
    found = provenance.cite(engine, query)
    used: dict[str, None] = {}
    for row in found.rows:
        for graph in sorted(graph for way in row.derivations for graph in way) + list(row.beneath):
            used[graph] = None
    graphs = citations.cite(engine, used, documents)
    passages = [each.iri for each in graphs if each.iri.startswith(DOCUMENT)]
    claimants = dict.fromkeys(iri for row in found.rows for status in row.statuses for iri in status.claimants)
    names = {iri: each.name for iri, each in Labels(engine).of(claimants).items()} if claimants else {}
    return Cited(found.table, found.rows, tuple(graphs), provenance.sources(engine, passages) if passages else (), found.refused, names)


def named(found: Cited, labels: Labels, language: str = "en") -> Cited:
    """Return the answer with the names of what a notebook shows of it."""
    iris = dict.fromkeys(term["value"] for row in found.table.rows[:SHOWN] for term in row.values() if term["type"] == "uri")
    names = {iri: each.name for iri, each in labels.of(iris, language).items() if each.known} if iris else {}
    return replace(found, names={**found.names, **names})


def _unfolding(number: int, graph: Citation) -> str:
    if not graph.document:
        return f"<p>[{number}] {escape(graph.to_text())}</p>"
    head = ", ".join(part for part in (f"“{graph.title}”", graph.publisher, graph.date, graph.place) if part)
    said = f"<blockquote>{escape(graph.quotation)}</blockquote>" if graph.quotation else ""
    link = f'<a href="{escape(graph.iri)}">{escape(shorten(graph.iri))}</a>'
    return f"<details><summary>[{number}] {escape(head)}</summary><p>{escape(graph.gist)} ({link})</p>{said}</details>"


def _row(row: Row) -> dict:
    said: dict = {"derivations": [sorted(way) for way in row.derivations]}
    if row.absence:
        said["absence"] = True
    if row.more:
        said["more"] = True
    if row.rules:
        said |= {"rules": list(row.rules), "beneath": list(row.beneath)}
    if row.statuses:
        said["statuses"] = [asdict(status) for status in row.statuses]
    return said
