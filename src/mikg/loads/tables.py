"""CSV as triples, row by row, as its metadata say: CSV on the Web (https://www.w3.org/TR/csv2rdf/, minimal mode).

Reading, types, nulls and separators are those of the library csvw. aboutUrl, propertyUrl and valueUrl are templates over the
columns; relative IRIs resolve against the graph, and the prefixes of the project may be used besides those of CSVW.
"""

import datetime
import json
import warnings
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import csvw
import pyoxigraph as ox

from mikg.errors import Misuse, SourceError
from mikg.loads.progress import Progress
from mikg.namespaces import PREFIXES, RDF, XSD

CONTEXT = "http://www.w3.org/ns/csvw"
# Prefixes that CSVW itself has (https://www.w3.org/2011/rdfa-context/rdfa-1.1), where ours leave them free.
NAMES = {
    "dc": PREFIXES["dcterms"],
    "foaf": "http://xmlns.com/foaf/0.1/",
    "wgs84": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    **PREFIXES,
}
DATATYPES = {"number": "double", "datetime": "dateTime", "any": "anySimpleType", "binary": "base64Binary"}


def triples(path: Path, metadata: dict | None, source: str, graph: str, progress: Progress) -> Iterator[ox.Triple]:
    """Yield the triples of a table; `SourceError` names file and line of a cell that is not as the metadata have it."""
    name = source.rstrip("/").rpartition("/")[2]
    table = _table(metadata or {"@context": CONTEXT, "url": name}, name, source)
    if source.removesuffix(".gz").endswith(".tsv") and not table.dialect:
        table.dialect = csvw.Dialect(delimiter="\t")
    columns = {column.header: column for column in table.tableSchema.columns}
    encoding = table.dialect.encoding if table.dialect else "utf-8"
    number = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.filterwarnings("ignore", "Unspecified column")  # a column that no metadata describe is read all the same
            for number, (_, line, row) in enumerate(table.iterdicts(fname=path, with_metadata=True), 1):
                progress.tell_rows(number)
                yield from _row(table, columns, row, graph, number, line)
    except UnicodeDecodeError as fault:
        raise SourceError(
            f"{source}:{number + 2}: near here it is not {encoding} ({fault.reason}); save it as UTF-8, or name its encoding in the metadata."
        ) from None
    except (ValueError, UserWarning, OSError) as fault:
        said = str(fault).replace(str(path), source)
        raise SourceError(said if said.startswith(source) else f"{source}:{number + 2}: {said[:300]}") from None


class _Table(csvw.Table):
    """A table that has as many cells in each row as in its head: the library would pass over what is missing."""

    def _read_row(self, row: object, parse_spec: object, header_cols: list, spec: object) -> object:
        if len(row.row) != len(header_cols):
            raise ValueError(f"{row.fname}:{row.lineno}: the row has {len(row.row)} cells, the table {len(header_cols)} columns")
        return super()._read_row(row, parse_spec, header_cols, spec)


def read_mapping(path: Path) -> str:
    """Return the text of a metadata file; `Misuse` where it is no CSVW metadata."""
    try:
        whole = json.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise Misuse(f"{path} cannot be read ({fault.strerror}).") from None
    except ValueError as fault:
        raise Misuse(f"{path} is not JSON: {fault}.") from None
    if not isinstance(whole, dict) or CONTEXT not in json.dumps(whole.get("@context", "")):
        raise Misuse(f'{path} is no metadata of CSV on the Web: it has no "@context": "{CONTEXT}".')
    return json.dumps(whole)


def _table(metadata: dict, name: str, source: str) -> _Table:
    tables = metadata.get("tables", [metadata])
    chosen = [each for each in tables if str(each.get("url", "")).rpartition("/")[2] == name] or (tables if len(tables) == 1 else [])
    if not chosen:
        raise Misuse(f"{source}: its metadata describe {', '.join(str(each.get('url')) for each in tables)}, but no {name}.")
    inherited = {key: value for key, value in metadata.items() if key in ("dialect", "tableSchema")}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _Table.fromvalue({**inherited, **chosen[0], "@context": CONTEXT})
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        raise Misuse(f"{source}: its metadata cannot be read: {fault}.") from None


def _row(table: _Table, columns: dict, row: dict, graph: str, number: int, line: int) -> Iterator[ox.Triple]:
    values = {name: _lexical(value) for name, value in row.items() if value is not None and not isinstance(value, list)}
    values |= {name: ",".join(_lexical(each) for each in value) for name, value in row.items() if isinstance(value, list)}
    values |= {"_row": str(number), "_sourceRow": str(line)}
    nobody = ox.BlankNode(f"row{number}")

    def iri(template: object, name: str) -> ox.NamedNode:
        return _iri(template.expand({**values, "_name": name}), graph)

    virtual = [column.header for column in table.tableSchema.columns if column.virtual]
    for name in dict.fromkeys([*row, *virtual]):
        column = columns.get(name)
        found = column or table.tableSchema
        if column is not None and column.suppressOutput:
            continue
        about, prop, value = (found.inherit(each) for each in ("aboutUrl", "propertyUrl", "valueUrl"))
        cell = row.get(name)
        if not (column is not None and column.virtual) and (cell is None or cell == "" or cell == []):
            continue
        subject = iri(about, name) if about else nobody
        predicate = iri(prop, name) if prop else ox.NamedNode(f"{graph}#{quote(name, safe='-._~')}")
        if value:
            yield ox.Triple(subject, predicate, iri(value, name))
            continue
        for each in cell if isinstance(cell, list) else [cell]:
            yield ox.Triple(subject, predicate, _literal(each, column))


def _iri(name: str, graph: str) -> ox.NamedNode:
    prefix, colon, local = name.partition(":")
    if colon and prefix in NAMES and not local.startswith("//"):
        name = NAMES[prefix] + local
    elif not colon:
        name = f"{graph}{name}" if name.startswith("#") else f"{graph}/{name}"
    return ox.NamedNode(name)


def _lexical(value: object) -> str:
    """Return a value as XML Schema writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, datetime.date | datetime.time | datetime.datetime) else str(value)


def _literal(value: object, column: csvw.Column | None) -> ox.Literal:
    datatype = column.inherit("datatype") if column is not None else None
    base = datatype.base if datatype else "string"
    text = _lexical(value)
    if base == "string":
        language = column.inherit("lang") if column is not None else None
        return ox.Literal(text, language=language) if language and language != "und" else ox.Literal(text)
    if base in ("html", "xml", "json"):
        return ox.Literal(text, datatype=ox.NamedNode(RDF + {"html": "HTML", "xml": "XMLLiteral", "json": "JSON"}[base]))
    return ox.Literal(text, datatype=ox.NamedNode(XSD + DATATYPES.get(base, base)))
