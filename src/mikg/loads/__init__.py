"""What has been loaded beside the sources, graph by graph: files of any size that go straight into the store of every release.

releases/loaded/NAME.json      where it came from and when, its licence, and the digest that names its file
releases/loaded/DIGEST.ttl.gz  the file itself, as it came (RDF), or as N-Triples made of it (CSV, and RDF with graphs of its own)

A record is written in one step, after its file and after a store that holds it has been made: what is recorded can be loaded again.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from mikg.errors import ReleaseError
from mikg.namespaces import DCTERMS, EXTERNAL, OWL, RDF, XSD
from mikg.settings import Settings

VOID = "http://rdfs.org/ns/void#"


@dataclass(frozen=True)
class Record:
    """One loaded graph."""

    name: str
    source: str  # the address, or the name of the file, that it was loaded from
    date: str  # of the snapshot
    sha256: str  # of the file that is kept
    file: str  # its name in loaded/
    title: str = ""
    license: str = ""
    etag: str = ""  # what the server said of it, to be asked again with
    last_modified: str = ""
    mapping: str = ""  # the CSVW metadata by which a table was read, as JSON
    form: str = ""  # the syntax that was named for it

    @property
    def graph(self) -> str:
        return EXTERNAL + self.name


def folder(settings: Settings) -> Path:
    return settings.releases / "loaded"


def read(settings: Settings) -> list[Record]:
    """Return what has been loaded, A to Z; `ReleaseError` names a record that cannot be read."""
    found = []
    for path in sorted(folder(settings).glob("*.json")):
        try:
            record = Record(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as fault:
            raise ReleaseError(
                f"{path}: this record of loaded data cannot be read ({fault}); delete it, and load the data again."
            ) from None
        if not (folder(settings) / record.file).is_file():
            raise ReleaseError(f"{path}: its file {record.file} is gone; delete the record, and load the data again.")
        found.append(record)
    return found


def digest(settings: Settings) -> str:
    """Return one digest over all that has been loaded; empty where nothing has."""
    found = read(settings)
    return hashlib.sha256(json.dumps([asdict(each) for each in found]).encode()).hexdigest() if found else ""


def keep(settings: Settings, record: Record, file: Path) -> None:
    """Put a file and then its record where every build finds them; the file that it replaces is deleted."""
    target = folder(settings)
    target.mkdir(parents=True, exist_ok=True)
    os.replace(file, target / record.file)
    part = target / f".{record.name}-{os.getpid()}"
    part.write_text(json.dumps(asdict(record), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(part, target / f"{record.name}.json")
    _tidy(settings)


def drop(settings: Settings, record: Record) -> None:
    """Forget a loaded graph; the next build is without it."""
    (folder(settings) / f"{record.name}.json").unlink(missing_ok=True)
    _tidy(settings)


def _tidy(settings: Settings) -> None:
    used = {record.file for record in read(settings)}
    for path in folder(settings).iterdir():
        if path.suffix != ".json" and path.name not in used and not path.name.startswith("."):
            path.unlink(missing_ok=True)


def about(record: Record) -> Iterator[object]:
    """Yield what is said of a loaded graph, in the graph itself: triples of VoID and Dublin Core, as in graph/external/."""
    import pyoxigraph as ox

    node = ox.NamedNode(record.graph)

    def triple(predicate: str, value: object) -> ox.Triple:
        return ox.Triple(node, ox.NamedNode(predicate), value)

    yield triple(RDF + "type", ox.NamedNode(VOID + "Dataset"))
    yield triple(DCTERMS + "title", ox.Literal(record.title or record.name, language="en"))
    yield triple(DCTERMS + "modified", ox.Literal(record.date, datatype=ox.NamedNode(XSD + "date")))
    yield triple(OWL + "versionInfo", ox.Literal(f"SHA-256 {record.sha256[:16]}"))
    address = record.source.startswith(("http://", "https://"))
    yield triple(DCTERMS + "source", ox.NamedNode(record.source) if address else ox.Literal(record.source))
    if address:
        yield triple(VOID + "dataDump", ox.NamedNode(record.source))
    if record.license:
        yield triple(DCTERMS + "license", ox.NamedNode(record.license))


def put(store: object, record: Record, file: Path, progress: object) -> int:
    """Load a file and what is said of it into a store on disk; return how many triples the graph then has.

    `SyntaxError`, `ValueError` or `OSError` where the file is broken: the store is then of no use.
    """
    import pyoxigraph as ox

    graph = ox.NamedNode(record.graph)
    with progress.opened(file) as source:
        suffix = record.file.removesuffix(".gz").rpartition(".")[2]
        store.bulk_load(input=source, format=ox.RdfFormat.from_extension(suffix), to_graph=graph, base_iri=_base(record))
    store.bulk_extend(ox.Quad(*each, graph) for each in about(record))
    store.flush()
    (row,) = store.query(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{record.graph}> {{ ?s ?p ?o }} }}")
    return int(row["n"].value)


def _base(record: Record) -> str:
    return record.source if record.source.startswith(("http://", "https://")) else record.graph
