"""SSSOM tables, read and written with sssom-pydantic: one row says how a thing of ours stands to a term of another graph.

https://mapping-commons.github.io/sssom/spec-formats-tsv/
"""

import csv
import io
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import curies
import sssom_pydantic as sssom
import yaml
from sssom_pydantic.api import MappingSetRecord

from mikg import inventory
from mikg.errors import SourceError
from mikg.namespaces import NONE_FOUND

# What a table of ours has room for, beside what its rows fill: so that a mapping accepted or rejected later finds its columns.
COLUMNS = frozenset(
    [
        "subject_id",
        "subject_label",
        "subject_category",
        "predicate_id",
        "predicate_modifier",
        "object_id",
        "object_label",
        "mapping_justification",
        "object_source",
        "object_source_version",
        "mapping_cardinality",
        "mapping_tool",
        "mapping_date",
        "confidence",
        "similarity_score",
        "comment",
    ]
)


@dataclass(frozen=True)
class Row:
    """One mapping, its terms as IRIs, with the line of the table that it begins on."""

    mapping: sssom.SemanticMapping
    subject: str
    predicate: str
    object: str
    source: str  # the authority whose term the object is, or in which none was found
    category: str  # the class of the subject
    line: int

    @property
    def negative(self) -> bool:
        """Whether the row says that the two do not match."""
        return self.mapping.predicate_modifier is not None

    @property
    def none_found(self) -> bool:
        """Whether the row says that a term was looked for and not found."""
        return self.object == NONE_FOUND

    @property
    def key(self) -> tuple[str, ...]:
        """What two rows that say the same have in common."""
        return (self.subject, self.predicate, str(self.negative), self.object, self.source, self.mapping.justification.curie)


@dataclass(frozen=True)
class Table:
    """One mapping set: its rows in the order of the file, what its head says of it, and its prefixes."""

    name: str
    rows: tuple[Row, ...]
    about: sssom.MappingSet
    prefixes: dict[str, str]

    @property
    def converter(self) -> curies.Converter:
        """From CURIEs to IRIs and back, by the prefixes of the table."""
        return curies.Converter.from_prefix_map(self.prefixes)


def read(root: Path) -> list[Table]:
    """Return the tables below graph/links, A to Z; `SourceError` names file and line of a broken row."""
    return [read_table(path, path.relative_to(root).as_posix()) for path in sorted(root.glob("graph/links/*.sssom.tsv"))]


def read_table(path: Path, name: str) -> Table:
    """Return one table; `name` is what messages call it."""
    text = _text(path, name)
    head, prefixes = _head(text, name)
    lines = _lines(text, head, name)
    try:
        with sssom.read_iterable(io.StringIO(text)) as found:
            mappings = list(found.mappings)
            about = found.mapping_set
    except ValueError as fault:
        raise SourceError(f"{name}:1: the head is not that of an SSSOM table: {_reason(fault)}.") from None
    converter = curies.Converter.from_prefix_map(prefixes)
    rows = tuple(_row(mapping, converter, f"{name}:{line}", line) for mapping, line in zip(mappings, lines, strict=True))
    return Table(name, rows, about, prefixes)


def write(table: Table) -> str:
    """Return the table as text, its rows in the order of their terms: the same table always gives the same text."""
    whole = io.StringIO()
    about = table.about.to_record().model_copy(update={"curie_map": dict(sorted(table.prefixes.items()))})
    about = MappingSetRecord.model_validate(about.model_dump(exclude_none=True))
    mappings = [row.mapping for row in sorted(table.rows, key=lambda row: row.key)]
    used = COLUMNS | {name for each in mappings for name in each.to_record().model_dump(exclude_none=True)}
    columns = [name for name in sssom.Record.model_fields if name in used]
    sssom.write(mappings, whole, metadata=about, converter=table.converter, columns=columns, condense=False, reduce_prefix_map=False)
    return whole.getvalue().replace("\r\n", "\n")  # the library ends rows as RFC 4180 does, and the lines of the head as Unix does


def append(path: Path, name: str, mapping: sssom.SemanticMapping, approve: Callable[[Table], None]) -> Row:
    """Add one mapping at the end of the table and return its row; head, comments and the other rows stay as they are.

    The new file takes the place of the old one in one step, once it has been read whole and `approve` has not raised.
    """
    before = _text(path, name)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".linking-") as folder:
        draft = Path(folder, path.name)
        draft.write_text(before, encoding="utf-8", newline="")
        try:
            sssom.append([mapping], draft)
        except NotImplementedError:
            raise SourceError(f"{name}: the table lacks a column that the mapping needs; its columns are named in the first row.") from None
        draft.write_text(before + draft.read_bytes().decode()[len(before) :].replace("\r\n", "\n"), encoding="utf-8", newline="")
        table = read_table(draft, name)
        approve(table)
        os.chmod(draft, path.stat().st_mode)
        os.replace(draft, path)
    return table.rows[-1]


def _text(path: Path, name: str) -> str:
    data = inventory.read(path)
    try:
        text = data.decode()
    except UnicodeDecodeError as fault:
        line = data[: fault.start].count(b"\n") + 1
        raise SourceError(f"{name}:{line}: it is not UTF-8; save the table as UTF-8.") from None
    if not text.strip():
        raise SourceError(f"{name}:1: it is empty; a table has a head, a row of column names, and rows.")
    if text.startswith("\ufeff"):
        raise SourceError(f"{name}:1: it begins with a byte order mark; save the table as UTF-8 without one.")
    if not text.endswith("\n"):
        line = text.count("\n") + 1
        raise SourceError(f"{name}:{line}: the last line has no end; was the file cut? If it is whole, end it with a new line.")
    return text


def _head(text: str, name: str) -> tuple[int, dict[str, str]]:
    """Return how many lines the head has, and its prefixes."""
    head = [line for line in text.splitlines() if line.startswith("#")]
    count = next((number for number, line in enumerate(text.splitlines()) if not line.startswith("#")), len(head))
    try:
        facts = yaml.safe_load("\n".join(line.lstrip("#").rstrip() for line in head[:count])) or {}
        prefixes = {str(prefix): str(iri) for prefix, iri in facts["curie_map"].items()}
        facts["mapping_set_id"].startswith("http")
    except (yaml.YAMLError, KeyError, TypeError, AttributeError):
        said = "the comment lines at its head are not YAML with a mapping_set_id and a curie_map."
        raise SourceError(f"{name}:1: {said}") from None
    return count, prefixes


def _lines(text: str, head: int, name: str) -> list[int]:
    """Return the line on which each row begins."""
    rows = csv.reader(io.StringIO("".join(text.splitlines(keepends=True)[head:])), delimiter="\t", strict=True)
    found, begins = [], head + 1
    columns: list[str] = []
    try:
        for cells in rows:
            if not columns:
                columns = cells
                if unknown := [column for column in columns if column not in sssom.Record.model_fields]:
                    raise SourceError(f"{name}:{begins}: SSSOM has no column {unknown[0][:60]!r}.")
                if twice := [column for column in columns if columns.count(column) > 1]:
                    raise SourceError(f"{name}:{begins}: the column {twice[0]} is named twice.")
            elif cells:
                if len(cells) != len(columns):
                    raise SourceError(f"{name}:{begins}: the row has {len(cells)} cells, the table {len(columns)} columns.")
                found.append(begins)
            begins = head + rows.line_num + 1
    except csv.Error as fault:
        raise SourceError(f"{name}:{begins}: the row is not tab-separated text: {fault}.") from None
    if not columns:
        raise SourceError(f"{name}:{begins}: the table has no row of column names.")
    return found


def _row(mapping: object, converter: curies.Converter, where: str, line: int) -> Row:
    if not isinstance(mapping, sssom.SemanticMapping):
        raise SourceError(f"{where}: {_reason(mapping.exception)}.")
    return to_row(mapping, converter, where, line)


def to_row(mapping: sssom.SemanticMapping, converter: curies.Converter, where: str = "", line: int = 0) -> Row:
    """Return the mapping as a row; `SourceError` when a prefix is not known to the table."""
    terms = (mapping.subject, mapping.predicate, mapping.object, mapping.object_source, mapping.subject_category)
    iris = [(converter.expand_reference(term) or "") if term else "" for term in terms]
    for term, iri in zip((*terms, mapping.justification), (*iris, converter.expand_reference(mapping.justification)), strict=True):
        if term and not iri:
            raise SourceError(f"{where}: {term.prefix!r} has no prefix that the table's curie_map names; write prefix:name.")
    return Row(mapping, *iris, line)


def _reason(fault: Exception) -> str:
    """What went wrong, in one line."""
    errors = getattr(fault, "errors", None)
    if errors:
        first = errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    if type(fault).__module__.startswith("curies"):  # its errors hold the text that was given, and nothing else
        return f"{fault.args[0]!r} has no prefix that the table's curie_map names; write prefix:name"
    return " ".join(str(fault).split()).rstrip(".")
