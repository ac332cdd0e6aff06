"""Bring a file or address into a folder, as a file that a store can take: RDF as it is, tables and data sets as N-Triples."""

import gzip
import hashlib
import json
import re
import shutil
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from mikg import __version__
from mikg.errors import Misuse, SourceError
from mikg.loads.progress import Progress

PIECE = 1 << 20
# Endings by which a syntax is known, and the ending under which the store knows it.
SYNTAXES = {
    "ttl": "ttl",
    "turtle": "ttl",
    "nt": "nt",
    "n3": "n3",
    "rdf": "rdf",
    "owl": "rdf",
    "xml": "rdf",
    "jsonld": "jsonld",
    "json": "jsonld",
    "nq": "nq",
    "trig": "trig",
    "csv": "csv",
    "tsv": "csv",
}
TYPES = {
    "text/turtle": "ttl",
    "application/x-turtle": "ttl",
    "application/n-triples": "nt",
    "text/n3": "n3",
    "application/rdf+xml": "rdf",
    "application/ld+json": "jsonld",
    "application/n-quads": "nq",
    "application/trig": "trig",
    "text/csv": "csv",
    "text/tab-separated-values": "csv",
}
DATASETS = ("nq", "trig", "jsonld")  # syntaxes that can name graphs: these become one
PATIENCE = 60.0  # seconds without a byte


@dataclass(frozen=True)
class Staged:
    """A file in a folder of ours, and what its server said of it."""

    path: Path
    syntax: str
    packed: bool
    sha256: str
    etag: str = ""
    last_modified: str = ""


class Unchanged(Exception):
    """The server says that what we have is what it has."""


def is_address(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def stage(source: str, form: str, place: Path, say: Callable[[str], None], etag: str = "", last_modified: str = "") -> Staged:
    """Return the file or what an address gives, copied into `place`; `Unchanged` where etag or date still hold.

    `Misuse` for what cannot be read at all, `SourceError` for what broke on the way.
    """
    if form and form not in SYNTAXES:
        raise Misuse(f"--format is {form!r}; it takes one of: {', '.join(SYNTAXES)}.")
    path = place / "staged"
    said: dict[str, str] = {}
    if is_address(source):
        said = _fetch(source, path, say, etag, last_modified)
    elif re.match(r"[a-z][a-z0-9+.-]+://", source):
        raise Misuse(f"{source}: data is loaded from a file, or from an http:// or https:// address.")
    else:
        _copy(Path(source), path, say)
    with open(path, "rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    name = urlsplit(source).path if is_address(source) else source
    ending = name.removesuffix(".gz").rpartition(".")[2].lower()
    syntax = SYNTAXES.get(form) or TYPES.get(said.get("type", "")) or SYNTAXES.get(ending)
    if not syntax:
        raise Misuse(
            f"{source}: the ending {ending[:20]!r} names no syntax that is read here; say it with --format: {', '.join(SYNTAXES)}."
        )
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Staged(path, syntax, packed, digest, said.get("etag", ""), said.get("last_modified", ""))


def triples_of(staged: Staged, place: Path, source: str, graph: str, mapping: str, say: Callable[[str], None]) -> Path:
    """Return a file of triples: the staged one, or N-Triples made of a table, or of a data set whose graphs become one."""
    import pyoxigraph as ox

    if staged.syntax != "csv" and staged.syntax not in DATASETS:
        target = place / f"staged.{staged.syntax}{'.gz' if staged.packed else ''}"
        staged.path.rename(target)
        return target
    target = place / "staged.nt.gz"
    path = staged.path.rename(place / ("unread.gz" if staged.packed else "unread"))
    progress = Progress(f"reading {source}", say)
    with gzip.open(target, "wb", compresslevel=1) as output:
        if staged.syntax == "csv":
            from mikg.loads import tables

            found = json.loads(mapping) if mapping else None
            if staged.packed:  # the library reads by name, and what it can read
                path = _unpacked(path, place / "unread", source)
            for triple in tables.triples(path, found, source, graph, progress):
                output.write(f"{triple} .\n".encode())
        else:
            with progress.opened(path) as text:
                base = source if is_address(source) else graph
                for quad in ox.parse(text, format=ox.RdfFormat.from_extension(staged.syntax), base_iri=base):
                    output.write(f"{quad.triple} .\n".encode())
    path.unlink()
    return target


def nothing(file: Path) -> str:
    """Return what a file of triples has in place of any, counted; nothing where it has a triple, or breaks before its first."""
    import pyoxigraph as ox

    syntax = file.name.removesuffix(".gz").rpartition(".")[2]
    try:
        with gzip.open(file, "rb") if file.suffix == ".gz" else open(file, "rb") as text:
            if next(ox.parse(text, format=ox.RdfFormat.from_extension(syntax), base_iri="http://x/"), None) is not None:
                return ""
            text.seek(0)
            lines = [line.strip().lower() for line in text.read(PIECE).splitlines()]
    except (SyntaxError, ValueError, EOFError, OSError, zlib.error):
        return ""
    comments = sum(line.startswith(b"#") for line in lines)
    heads = sum(line.startswith((b"@prefix", b"@base", b"prefix", b"base")) for line in lines)
    counted = ((comments, "of comments"), (heads, "of prefixes"), (len(lines) - comments - heads, "that state nothing"))
    return "lines " + ", ".join(f"{what}: {number}" for number, what in counted if number) if lines else "no line that makes a triple"


def _unpacked(path: Path, target: Path, source: str) -> Path:
    try:
        with gzip.open(path, "rb") as packed, open(target, "wb") as output:
            shutil.copyfileobj(packed, output, PIECE)
    except (EOFError, OSError, zlib.error) as fault:
        raise SourceError(f"{source}: the packed file is cut or broken ({fault}).") from None
    path.unlink()
    return target


def _copy(source: Path, target: Path, say: Callable[[str], None]) -> None:
    progress = Progress(f"copying {source}", say)
    try:
        whole = source.stat().st_size
        with open(source, "rb") as file, open(target, "wb") as output:
            while piece := file.read(PIECE):
                output.write(piece)
                progress.tell(output.tell(), whole)
    except OSError as fault:
        raise Misuse(f"{source} cannot be read ({fault.strerror}).") from None


def _fetch(url: str, target: Path, say: Callable[[str], None], etag: str, last_modified: str) -> dict[str, str]:
    import httpx

    headers = {"User-Agent": f"mikg/{__version__}", "Accept": ", ".join([*TYPES, "*/*;q=0.1"]), "Accept-Encoding": "identity"}
    headers |= {name: value for name, value in (("If-None-Match", etag), ("If-Modified-Since", last_modified)) if value}
    progress = Progress(f"fetching {url}", say)
    try:
        with httpx.stream("GET", url, headers=headers, follow_redirects=True, timeout=PATIENCE) as answer, open(target, "wb") as output:
            if answer.status_code == 304:
                raise Unchanged
            if answer.status_code != 200:
                raise SourceError(f"{url}: the server answered with HTTP {answer.status_code}; nothing was loaded.")
            whole = int(answer.headers.get("Content-Length", 0))
            for piece in answer.iter_raw(PIECE):
                output.write(piece)
                progress.tell(output.tell(), whole)
            if whole and output.tell() != whole:
                raise SourceError(f"{url}: {output.tell()} of {whole} bytes came; nothing was loaded.")
            kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            return {"type": kind, "etag": answer.headers.get("ETag", ""), "last_modified": answer.headers.get("Last-Modified", "")}
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        raise SourceError(f"{url}: it cannot be fetched ({str(fault)[:200] or type(fault).__name__}); nothing was loaded.") from None


def today() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime())
