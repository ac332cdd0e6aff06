"""Which files the graph is made of, and one digest over them all: needs no RDF library, so a start without news is quick."""

import hashlib
from pathlib import Path

from mikg.errors import SourceError

PATTERNS = ("ontology/*.ttl", "ontology/rules/*.rq", "graph/**/*.ttl", "graph/**/*.trig", "graph/**/*.nt", "graph/**/*.tsv")
RDF_ENDINGS = (".ttl", ".trig", ".nt")


def files(root: Path) -> list[Path]:
    """Return the source files below a root, in order; `SourceError` when no RDF is among them."""
    found = sorted({path for pattern in PATTERNS for path in root.glob(pattern)})
    if not any(path.suffix in RDF_ENDINGS for path in found):
        raise SourceError(f"{root}: no RDF file was found in ontology/ or graph/; MIKG_SOURCES names the folder above them.")
    return found


def digest(root: Path) -> str:
    """Return the SHA-256 over the names and bytes of all source files, in hexadecimal."""
    whole = hashlib.sha256()
    for path in files(root):
        whole.update(f"{path.relative_to(root).as_posix()}\0".encode())
        whole.update(hashlib.sha256(read(path)).digest())
    return whole.hexdigest()


def read(path: Path) -> bytes:
    """Return the bytes of a file; `SourceError` says why it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as fault:
        raise SourceError(f"{path}: it cannot be read ({fault.strerror}).") from None
