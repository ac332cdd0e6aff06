"""Answers of SELECT and ASK as tables, to print or to go on with in Python."""

import csv
import datetime
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from html import escape

from mikg.engine import RESULTS, Engine, Query
from mikg.errors import MikgError, Misuse
from mikg.namespaces import XSD, is_sound, shorten

SHOWN = 50  # rows in a notebook
LONGEST = 300  # characters of a cell there
NAMES = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX mikg: <https://w3id.org/mikg/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?iri (MIN(?each) AS ?name)
WHERE { VALUES ?iri { %s } ?iri skos:prefLabel|dcterms:title|mikg:gist ?each FILTER(LANG(?each) = "en") }
GROUP BY ?iri
"""


@dataclass(frozen=True)
class Table:
    """The rows of an answer: RDF terms as in SPARQL JSON results (https://www.w3.org/TR/sparql11-results-json/)."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, dict[str, str]], ...]
    boolean: bool | None = None
    engine: Engine | None = field(default=None, compare=False, repr=False)  # that gave them, and knows what their IRIs are called

    def values(self) -> list[dict[str, object]]:
        """Return each row as plain Python values: IRIs and texts as str, numbers, dates and booleans as such; unbound is None."""
        return [{column: to_python(row.get(column)) for column in self.columns} for row in self.rows]

    def to_text(self, notes: Sequence[str] | None = None) -> str:
        """Return a table to read, IRIs as CURIEs, with the count of rows below; `notes`, one a row, make a last column."""
        if self.boolean is not None:
            return ("yes" if self.boolean else "no") + (f"  ({notes[0]})" if notes else "")
        heads = [*self.columns, *(["rests on"] if notes else [])]
        cells = [[_short(row.get(column)) for column in self.columns] for row in self.rows]
        cells = [[*row, note] for row, note in zip(cells, notes, strict=True)] if notes else cells
        widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (heads, *cells)]
        rule = "  ".join("-" * width for width in widths)
        count = f"({len(self.rows)} row{'' if len(self.rows) == 1 else 's'})"
        return "\n".join([lines[0], rule, *lines[1:], count])

    def to_html(self, notes: Sequence[str] | None = None, names: Mapping[str, str] | None = None) -> str:
        """Return the first rows as a table for a notebook: IRIs as links, with their names and CURIEs; `notes` as in a text."""
        if self.boolean is not None:
            return f"<p><b>{escape(self.to_text(notes))}</b></p>"
        heads = [*self.columns, *(["rests on"] if notes else [])]
        names = self._names() if names is None else names
        rows = [[_cell(row.get(column), names) for column in self.columns] for row in self.rows[:SHOWN]]
        rows = [[*row, escape(note)] for row, note in zip(rows, notes, strict=False)] if notes else rows
        body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
        head = "".join(f"<th>{escape(each)}</th>" for each in heads)
        count = f"{len(self.rows)} row{'' if len(self.rows) == 1 else 's'}"
        count = f"the first {SHOWN} of {count}; to_csv() has all" if len(self.rows) > SHOWN else count
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{count}</p>"

    def _repr_html_(self) -> str:
        return self.to_html()

    def _names(self) -> dict[str, str]:
        """Return what the IRIs of the rows that are shown are called in English; nothing where that cannot be asked."""
        shown = {term["value"] for row in self.rows[:SHOWN] for term in row.values() if term["type"] == "uri" and is_sound(term["value"])}
        if not (self.engine and shown):
            return {}
        try:
            found = run(self.engine, Query(NAMES % " ".join(f"<{iri}>" for iri in sorted(shown))))
        except MikgError:
            return {}
        return {row["iri"]["value"]: row["name"]["value"] for row in found.rows}

    def to_csv(self) -> str:
        """Return CSV with a head, IRIs whole, as the SPARQL CSV format (https://www.w3.org/TR/sparql11-results-csv-tsv/)."""
        if self.boolean is not None:
            return f"boolean\r\n{str(self.boolean).lower()}\r\n"
        output = io.StringIO()
        writer = csv.writer(output)
        writer.writerow(self.columns)
        writer.writerows([row.get(column, {}).get("value", "") for column in self.columns] for row in self.rows)
        return output.getvalue()

    def to_json(self) -> str:
        """Return SPARQL JSON results."""
        if self.boolean is not None:
            return json.dumps({"head": {}, "boolean": self.boolean})
        whole = {"head": {"vars": self.columns}, "results": {"bindings": self.rows}}
        return json.dumps(whole, ensure_ascii=False, indent=2)


def run(engine: Engine, query: Query) -> Table:
    """Return the answer to a SELECT or ASK query; `Misuse` for a CONSTRUCT or DESCRIBE, whose answer is a graph."""
    answer = engine.query(query)
    if answer.media_type != RESULTS[0]:
        raise Misuse(f"{answer.form} gives a graph, not a table; ask for it as Turtle or another RDF format.")
    return replace(parse(answer.body), engine=engine)


def parse(body: bytes) -> Table:
    """Return SPARQL JSON results as a table."""
    whole = json.loads(body)
    if "boolean" in whole:
        return Table((), (), whole["boolean"])
    return Table(tuple(whole["head"]["vars"]), tuple(whole["results"]["bindings"]))


def to_python(term: Mapping[str, str] | None) -> object:
    """Return an RDF term of JSON results as a plain Python value; a literal that its datatype does not fit stays a str.

    >>> to_python({"type": "literal", "value": "7", "datatype": "http://www.w3.org/2001/XMLSchema#integer"})
    7
    """
    if term is None:
        return None
    convert = _PYTHON.get(term.get("datatype", "").removeprefix(XSD))
    try:
        return convert(term["value"]) if convert else term["value"]
    except (ValueError, InvalidOperation):
        return term["value"]


def _short(term: Mapping[str, str] | None) -> str:
    if term is None:
        return ""
    return shorten(term["value"]) if term["type"] == "uri" else re.sub(r"\s+", " ", term["value"])


def _cell(term: Mapping[str, str] | None, names: Mapping[str, str]) -> str:
    """Return a term as HTML. Only addresses of the web become links: a graph may hold `javascript:` as well as any other IRI."""
    if term is None:
        return ""
    own = _short(term)
    text = names.get(term["value"], own) if term["type"] == "uri" else own
    shown = escape(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")
    if term["type"] != "uri" or not term["value"].startswith(("https://", "http://")):
        return shown
    beside = f" <small>{escape(own.strip('<>'))}</small>" if text not in (own, own.strip("<>")) else ""
    return f'<a href="{escape(term["value"])}" title="{escape(own)}">{shown}</a>{beside}'


_PYTHON = {
    "integer": int,
    "decimal": Decimal,
    "double": float,
    "float": float,
    "boolean": lambda value: value in ("true", "1"),
    "date": datetime.date.fromisoformat,
    "dateTime": datetime.datetime.fromisoformat,
    "gYear": int,
}
