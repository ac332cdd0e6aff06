"""Load open data of any size into the release in use: beside it, and swapped in whole or not at all.

A release is never written to. The new one shares the files of the store in use (they never change), takes the new graph by the bulk
loader, and is swapped in; a process killed in between leaves the old one in use, and a folder that the next build clears away.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from re import fullmatch

from mikg import loads, release
from mikg.errors import MikgError, Misuse, NotFound, SourceError
from mikg.loads import Record, staging
from mikg.namespaces import EXTERNAL
from mikg.settings import Settings

NAME = r"[a-z0-9]+(-[a-z0-9]+)*"
FETCHABLE = """
PREFIX dcterms: <http://purl.org/dc/terms/>
SELECT ?graph (SAMPLE(?each) AS ?url) (SAMPLE(?t) AS ?title) (SAMPLE(?l) AS ?license) (MAX(?d) AS ?date)
WHERE {
  GRAPH ?graph {
    ?graph <http://www.w3.org/ns/dcat#downloadURL>|<http://rdfs.org/ns/void#dataDump> ?each .
    OPTIONAL { ?graph dcterms:title ?t FILTER(LANG(?t) IN ("", "en")) }
    OPTIONAL { ?graph dcterms:license ?l }
    OPTIONAL { ?graph dcterms:modified ?d }
  }
}
GROUP BY ?graph
"""
LINKED = (".sst", ".blob")  # files of a store that are written once


def load(
    settings: Settings,
    source: str,
    graph: str,
    say: Callable[[str], None],
    form: str = "",
    mapping: Path | None = None,
    title: str = "",
    license: str = "",
) -> tuple[Record, int]:
    """Load a file or address as the graph of a name; return its record, and the size of the graph.

    `Misuse` and `SourceError` say with file and line what is wrong: nothing has then changed.
    """
    name = graph.removeprefix(EXTERNAL)
    if not fullmatch(NAME, name):
        raise Misuse(
            f"--graph is {graph!r}; it takes a name of small letters, digits and single hyphens, such as world-bank (as {EXTERNAL}world-bank)."
        )
    if license and not staging.is_address(license):
        raise Misuse(f"--license is {license!r}; it takes the address of a licence, such as https://creativecommons.org/licenses/by/4.0/.")
    metadata = _mapping(source, mapping, say)
    record = Record(name, source, staging.today(), "", "", title, license, mapping=metadata, form=form)
    return _load(settings, record, say)


def refresh(settings: Settings, names: list[str], say: Callable[[str], None]) -> list[tuple[Record, str]]:
    """Fetch anew what was loaded from an address, or says where it can be fetched; return each record with what became of it.

    A source that is out of reach, or now broken, keeps its snapshot.
    """
    release.ensure(settings, say)
    known = {**_fetchable(settings), **{record.name: record for record in loads.read(settings)}}
    for name in names:
        if name not in known:
            raise NotFound(f"no graph {name!r} was loaded or says where it can be fetched; there is: {', '.join(known) or 'none'}.")
    done = []
    for record in [known[name] for name in names] or list(known.values()):
        if not staging.is_address(record.source):
            done.append((record, f"came from the file {record.source}; snapshot of {record.date}"))
            continue
        try:
            fresh, size = _load(settings, replace(record, date=staging.today()), say, known=record)
            done.append((fresh, f"{size} triples; snapshot of {fresh.date}"))
        except staging.Unchanged:
            done.append((record, f"unchanged; snapshot of {record.date}"))
        except MikgError as fault:
            done.append((record, f"kept as it was, snapshot of {record.date}: {fault}"))
    return done


def drop(settings: Settings, name: str, say: Callable[[str], None]) -> Path:
    """Take a loaded graph out again; return the release without it."""
    known = {record.name: record for record in loads.read(settings)}
    if name not in known:
        raise NotFound(f"no graph {name!r} has been loaded; there is: {', '.join(known) or 'none'}.")
    loads.drop(settings, known[name])
    return release.build(settings, say)


def _fetchable(settings: Settings) -> dict[str, Record]:
    """Return the graphs of the sources that say in themselves where they can be fetched, as records of their snapshots."""
    import pyoxigraph as ox

    store = ox.Store.read_only(str(release.current(settings) / "store"))
    found = {}
    for row in store.query(FETCHABLE):
        name = row["graph"].value.removeprefix(EXTERNAL)
        if row["graph"].value.startswith(EXTERNAL) and fullmatch(NAME, name) and staging.is_address(row["url"].value):
            title, license, date = (row[each].value if row[each] is not None else "" for each in ("title", "license", "date"))
            found[name] = Record(name, row["url"].value, date or "an unknown date", "", "", title, license)
    return found


def _load(settings: Settings, record: Record, say: Callable[[str], None], known: Record | None = None) -> tuple[Record, int]:
    folder = release.ensure(settings, say)
    with release.workplace(settings.releases) as place:
        # Staged inside the workplace, so that a killed process leaves nothing elsewhere.
        stage = place / ".stage"
        stage.mkdir()
        etag, modified = (known.etag, known.last_modified) if known else ("", "")
        staged = staging.stage(record.source, record.form, stage, say, etag, modified)
        try:
            file = staging.triples_of(staged, stage, record.source, record.graph, record.mapping, say)
        except SyntaxError as fault:
            raise SourceError(f"{record.source}:{fault.lineno or 1}: {fault.msg}; nothing was loaded.") from None
        except (EOFError, OSError) as fault:
            raise SourceError(f"{record.source}: it is cut or broken ({fault}); nothing was loaded.") from None
        if not file.stat().st_size:
            raise SourceError(f"{record.source}: it is empty; nothing was loaded.")
        if found := staging.nothing(file):
            raise SourceError(f"{record.source}: it has no triple, only {found}; nothing was loaded.")
        record = replace(
            record,
            sha256=staged.sha256,
            etag=staged.etag,
            last_modified=staged.last_modified,
            file=f"{record.name}-{staged.sha256[:12]}{''.join(file.suffixes)}",
        )
        if record.graph in release.manifest(folder)["graphs"]:
            say(f"the graph {record.name} is there already: making the release again, with the new one in its place")
            others = [each for each in loads.read(settings) if each.name != record.name]
            release.make(settings, place, others, say, without=record.graph)
        else:
            _share(folder, place)
        kept = stage / record.file
        file.rename(kept)
        _add(place, record, kept, say)
        loads.keep(settings, record, kept)
        shutil.rmtree(stage)
        target = release.swap_in(settings, place, release.name(settings), say)
        return record, release.manifest(target)["graphs"][record.graph]


def _add(place: Path, record: Record, file: Path, say: Callable[[str], None]) -> None:
    import pyoxigraph as ox

    store = ox.Store(str(place / "store"))
    size = release.put(store, place, record, file, say)
    del store
    release.with_loaded(place, [record], {record.graph: size})


def _share(folder: Path, place: Path) -> None:
    """Let `place` hold what a release holds: the same files where they never change, copies of the few that do."""
    for path in folder.rglob("*"):
        target = place / path.relative_to(folder)
        if path.is_dir():
            target.mkdir(exist_ok=True)
        elif path.parent.name == "store" and path.suffix not in LINKED:
            if path.name != "LOCK":
                shutil.copy2(path, target)
        elif path.name == "manifest.json":
            shutil.copy2(path, target)
            os.utime(target)
        else:
            release.link(path, target)


def _mapping(source: str, given: Path | None, say: Callable[[str], None]) -> str:
    """Return the metadata of a table: those that are named, else those that lie beside it (FILE-metadata.json)."""
    table = source.removesuffix(".gz").endswith((".csv", ".tsv"))
    beside = Path(f"{source}-metadata.json")
    if given is None and table and not staging.is_address(source) and beside.is_file():
        given = beside
        say(f"mapping: {beside}")
    if given is None:
        if table:
            say("no mapping (--mapping): each row becomes a blank node with a property for each column")
        return ""
    from mikg.loads import tables

    return tables.read_mapping(given)
