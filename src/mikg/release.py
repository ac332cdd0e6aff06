"""Make a release from the sources: a store, downloads and a manifest in one folder, swapped in at once.

releases/0a1b2c3d4e5f/store/         Oxigraph, opened read-only by readers
releases/0a1b2c3d4e5f/search/        the search index
releases/0a1b2c3d4e5f/stated.nq.gz   what the sources state, without what is inferred from it
releases/0a1b2c3d4e5f/graph.nq       every quad as it was written, sorted; packed, and in other syntaxes, beside it
releases/0a1b2c3d4e5f/void.nt        statistics
releases/0a1b2c3d4e5f/manifest.json  digest of the sources, versions, counts, report
releases/current                     a link to the release in use
"""

import contextlib
import gzip
import hashlib
import json
import os
import re
import shutil
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from mikg import __version__, downloads, inventory, loads, usage
from mikg.description import dataset, statistics
from mikg.errors import NotFound, ReleaseError, SourceError
from mikg.graphs import ABOUT
from mikg.loads.progress import Progress
from mikg.namespaces import DOCUMENT, EXTERNAL, GRAPH, is_public
from mikg.settings import PACKAGE, Settings

# What of the program shapes a release: when one of these changes, the same sources give another release.
MAKERS = (
    "namespaces.py",
    "inventory.py",
    "sources.py",
    "rules.py",
    "mappings/links.py",
    "mappings/records.py",
    "mappings/tables.py",
    "labels.py",
    "spelling.py",
    "search/index.py",
    "release.py",
    "usage.py",
    "downloads.py",
    "loads/__init__.py",
    "description/dataset.py",
    "description/statistics.py",
    "description/triples.py",
)


def _mapping_tables(settings: Settings, place: Path, store: object, say: Callable[[str], None]) -> None:
    from mikg.mappings import links  # loads the reader of tables, which a start that finds its release does not need

    links.product(settings, place, store, say)


def _search_index(settings: Settings, place: Path, store: object, say: Callable[[str], None]) -> None:
    from mikg import search  # loads the search engine, which a start that finds its release does not need here

    search.product(settings, place, store, say)


# What else a release holds, beside store and downloads: each is handed the settings, the folder to write into, the store and `say`.
PRODUCTS: tuple[Callable[[Settings, Path, object, Callable[[str], None]], None], ...] = (
    statistics.write,
    usage.product,
    _mapping_tables,
    _search_index,
)
GRACE = 600  # seconds for which a release is kept in any case
STATED = "stated.nq.gz"  # what the sources themselves state, for whoever asks what has changed since
SHOWN = 10  # violations that stop a build and are printed


def name(settings: Settings) -> str:
    """Return the name that a release of today's sources has."""
    makers = "".join(hashlib.sha256((PACKAGE / maker).read_bytes()).hexdigest() for maker in MAKERS)
    return hashlib.sha256((inventory.digest(settings.sources) + makers + loads.digest(settings)).encode()).hexdigest()[:12]


def current(settings: Settings) -> Path | None:
    """Return the folder of the release in use, None where there is none or it is not whole."""
    try:
        folder = (settings.releases / "current").resolve(strict=True)
    except OSError:
        return None
    return folder if (folder / "manifest.json").is_file() and (folder / "store").is_dir() else None


def manifest(folder: Path) -> dict:
    """Return the manifest of a release; `ReleaseError` when it cannot be read."""
    try:
        return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise ReleaseError(f"{folder / 'manifest.json'} cannot be read ({fault}); make the release again: mikg build --force") from None


def versions(releases: Path) -> dict[Path, dict]:
    """Return the manifests of the releases that are there, by folder, the newest first."""
    found = []
    for path in releases.glob("*/manifest.json"):
        # One may be cleared away while it is looked at.
        with contextlib.suppress(OSError, ReleaseError):
            if not path.parent.is_symlink() and not path.parent.name.startswith("."):
                found.append((-path.stat().st_mtime, path.parent, manifest(path.parent)))
    return {folder: whole for _, folder, whole in sorted(found, key=lambda each: each[:2])}


def statements(settings: Settings, name: str) -> frozenset[str]:
    """Return what the sources of a release, or of `current`, stated, as N-Quads; `NotFound` names those that are there.

    Of a release that does not hold this apart, all that is in it, with what was inferred.
    """
    folder = settings.releases / name
    text = ""
    if re.fullmatch(r"[\w.-]+", name):
        with contextlib.suppress(OSError):
            text = (folder / "graph.nq").read_text(encoding="utf-8")
        with contextlib.suppress(OSError):
            text = gzip.decompress((folder / STATED).read_bytes()).decode()
    if not text:
        there = sorted(each.parent.name for each in settings.releases.glob("*/manifest.json") if not each.parent.is_symlink())
        raise NotFound(f"There is no release {name!r} in {settings.releases}; there is: {', '.join(there) or 'none'}.")
    return frozenset(line.removesuffix(" .") for line in text.splitlines())


def ensure(settings: Settings, say: Callable[[str], None]) -> Path:
    """Return the release of today's sources; made first if it is not there."""
    folder = current(settings)
    return folder if folder and _is_of(folder, name(settings)) else build(settings, say)


def opened(settings: Settings, say: Callable[[str], None]) -> Path:
    """Return the release in use, and say so where the sources have changed since; made first only if there is none."""
    folder = current(settings)
    if not folder:
        return build(settings, say)
    if not _is_of(folder, name(settings)):
        say(f"mikg: the sources have changed since release {folder.name} was made; mikg build brings it up to date")
    return folder


def build(settings: Settings, say: Callable[[str], None], force: bool = False) -> Path:
    """Make the release of today's sources and put it in use; return its folder.

    `SourceError` when a file cannot be read or the check finds a violation, `ReleaseError` when the folder cannot be
    written: the release in use stays.
    """
    wanted = name(settings)
    target = settings.releases / wanted
    if not force and (target / "manifest.json").is_file():
        use(target)
        return target
    with workplace(settings.releases) as place:
        make(settings, place, loads.read(settings), say)
        return swap_in(settings, place, wanted, say)


def swap_in(settings: Settings, place: Path, wanted: str, say: Callable[[str], None]) -> Path:
    """Give a whole release that was made in `place` its name, and put it in use, in one step; return its folder."""
    target = settings.releases / wanted
    # A folder that readers may have open is never moved: one made anew has a name of its own.
    number = 1
    while target.exists():
        number += 1
        target = settings.releases / f"{wanted}.{number}"
    os.replace(place, target)
    before = current(settings)
    use(target)
    tidy(settings.releases, {target, before})
    say(f"release {target.name} is in use ({target})")
    return target


def _is_of(folder: Path, wanted: str) -> bool:
    return folder.name.partition(".")[0] == wanted


def make(settings: Settings, place: Path, loaded: Iterable[loads.Record], say: Callable[[str], None], without: str = "") -> None:
    """Make a release in a folder, with the loaded graphs that are given: each takes the place of a source's graph of its name.

    The graph `without` is left out of it.
    """
    # Imported here: a start that finds its release needs none of these.
    import pyoxigraph as ox

    from mikg import checking, rules, sources
    from mikg.mappings import links

    say("reading ontology/ and graph/ ...")
    read = sources.read(settings.sources)
    say(f"checking {len(read.statements)} statements ...")
    report = checking.check(read, settings.documents, lambda step: say(f"  {step}"))
    if report.wrong:
        worst = [str(finding) for finding in report.findings if finding.severity == "violation"]
        shown = "\n".join(worst[:SHOWN]) + (f"\n... and {len(worst) - SHOWN} more" if len(worst) > SHOWN else "")
        raise SourceError(f"the sources have {len(worst)} violations, and no release is made of them (mikg check lists all):\n{shown}")
    say("applying the rules ...")
    quads = {sources.to_quad(each) for each in read.statements}
    lines = "".join(sorted(f"{quad} .\n" for quad in quads))
    (place / STATED).write_bytes(gzip.compress(lines.encode(), mtime=0))
    quads |= set(links.quads(settings.sources))
    loaded = list(loaded)
    replaced = {record.graph for record in loaded} | {without}
    quads = {quad for quad in quads if quad.graph_name.value not in replaced}
    store = ox.Store()
    store.extend(quads)
    store.extend(ox.Quad(*quad.triple, ox.DefaultGraph()) for quad in quads if is_public(quad.graph_name.value))
    stated = set(store)
    rules.apply(rules.read(settings.sources), store, lambda step: say(f"  {step}"))
    say("counting what is inside ...")
    store.extend(dataset.quads(store))
    say(f"writing {len(store)} quads ...")
    disk = ox.Store(str(place / "store"))
    disk.bulk_extend(iter(store))
    disk.flush()
    disk.optimize()
    sizes = {record.graph: put(disk, place, record, loads.folder(settings) / record.file, say) for record in loaded}
    del disk
    # What was stated goes into the downloads as it was written, not as the store keeps it.
    inferred = {quad for quad in store if not isinstance(quad.graph_name, ox.DefaultGraph)} - stated
    default = (quad.triple for quad in store.quads_for_pattern(None, None, None, ox.DefaultGraph()))
    files = downloads.write(place, quads | inferred, default)
    for product in PRODUCTS:
        product(settings, place, store, say)
    _write_manifest(settings, place, store, report, files)
    with_loaded(place, loaded, sizes)


def put(store: object, place: Path, record: loads.Record, file: Path, say: Callable[[str], None]) -> int:
    """Load a file into a release's store, and lay it beside the store for downloads; return the size of its graph."""
    say(f"loading {record.name} from {record.source} ...")
    try:
        size = loads.put(store, record, file, Progress(f"loading {record.name}", say))
    except SyntaxError as fault:
        where = f":{fault.lineno}" if fault.lineno else ""
        raise SourceError(f"{record.source}{where}: {fault.msg}; nothing was loaded.") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise SourceError(f"{record.source}: the packed file is cut or broken ({fault}); nothing was loaded.") from None
    except (ValueError, OSError) as fault:
        raise SourceError(f"{record.source}: it cannot be loaded ({fault}); nothing was loaded.") from None
    link(file, place / record.file)
    said = "".join(sorted(f"{triple} .\n" for triple in loads.about(record)))
    (place / f"{record.file}{ABOUT}").write_text(said, encoding="utf-8")
    return size


def link(source: Path, target: Path) -> None:
    """Let a file that never changes stand in a second folder, without a copy where the file system can."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def with_loaded(place: Path, loaded: Iterable[loads.Record], sizes: Mapping[str, int]) -> None:
    """Add loaded graphs to the manifest of a release that is being made."""
    whole = manifest(place)
    for record in loaded:
        size = sizes[record.graph]
        whole.setdefault("loaded", {})[record.graph] = {"file": record.file, "source": record.source, "date": record.date}
        whole["graphs"][record.graph] = size
        whole["counts"]["quads"] += size
        whole["counts"]["named graphs"] += 1
        families = whole["counts"].setdefault("families", {})
        families["external"] = families.get("external", 0) + size
    whole["graphs"] = dict(sorted(whole["graphs"].items()))
    (place / "manifest.json").write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")


def _write_manifest(settings: Settings, place: Path, store: object, report: object, files: dict[str, str]) -> None:
    import pyoxigraph as ox
    import rdflib

    graphs = Counter(quad.graph_name.value for quad in store if not isinstance(quad.graph_name, ox.DefaultGraph))
    families: Counter = Counter()
    for graph, size in graphs.items():
        families[_family(graph)] += size
    whole = {
        "mikg": __version__,
        "sources": inventory.digest(settings.sources),
        "packages": {"pyoxigraph": ox.__version__, "rdflib": rdflib.__version__},
        "counts": {
            "quads": sum(graphs.values()),
            "default graph": sum(1 for _ in store.quads_for_pattern(None, None, None, ox.DefaultGraph())),
            "named graphs": len(graphs),
            "families": dict(sorted(families.items())),
        },
        "report": report.summary(),
        "files": files,
        "graphs": dict(sorted(graphs.items())),
    }
    (place / "manifest.json").write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")


def _family(graph: str) -> str:
    if graph.startswith(DOCUMENT):
        return "passages"
    return "external" if graph.startswith(EXTERNAL) else graph.removeprefix(GRAPH)


@contextlib.contextmanager
def workplace(releases: Path) -> Iterator[Path]:
    place = releases / f".building-{os.getpid()}"
    try:
        releases.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
    except OSError as fault:
        raise ReleaseError(
            f"Releases cannot be written to {releases} ({fault.strerror}); set MIKG_RELEASES to a folder that can be."
        ) from None
    try:
        yield place
    except OSError as fault:
        raise ReleaseError(f"Writing the release to {releases} failed ({fault.strerror}); the release in use stays.") from None
    finally:
        shutil.rmtree(place, ignore_errors=True)


def use(target: Path) -> None:
    """Point `current` at the release, in one step."""
    link = target.parent / f".current-{os.getpid()}"
    try:
        link.unlink(missing_ok=True)
        link.symlink_to(target.name)
        os.replace(link, target.parent / "current")
    except OSError as fault:
        raise ReleaseError(f"The link {target.parent / 'current'} cannot be written ({fault.strerror}).") from None


def tidy(releases: Path, keep: set[Path | None]) -> None:
    """Delete the releases of older builds but the last, which readers may still have open, and what killed builds have left."""
    for left in releases.glob(".building-*"):
        process = left.name.removeprefix(".building-")
        if not (process.isdigit() and _alive(int(process))):
            shutil.rmtree(left, ignore_errors=True)
    names = {folder.name for folder in keep if folder}
    for folder in releases.iterdir():
        # One made a moment ago may still be read by a query that began before the next was in use.
        old = (folder / "manifest.json").is_file() and time.time() - folder.stat().st_mtime > GRACE
        if old and not folder.is_symlink() and folder.name not in names:
            shutil.rmtree(folder, ignore_errors=True)


def _alive(process: int) -> bool:
    if sys.platform == "win32":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
