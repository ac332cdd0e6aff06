"""Whole named graphs in any RDF syntax, read from the files of a release piece by piece: nothing is held, however large a graph is.

    python -m mikg.graphs FILE GRAPH MEDIA-TYPE BASE

writes the triples that FILE (any RDF syntax, packed or not) has of GRAPH to standard output; an empty GRAPH stands for all, and
BASE is what its relative IRIs resolve against.
"""

import gzip
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from mikg.engine.worker import TRIPLES as SERIALISERS
from mikg.errors import EngineFailed
from mikg.namespaces import PREFIXES
from mikg.settings import PACKAGE

PIECE = 1 << 16
ABOUT = ".about"  # ending of the N-Triples that tell what a loaded graph is, beside its file
WHOLE = "graph.nq"  # the file of a release that holds every graph of ours
N_TRIPLES = "application/n-triples"
DATASETS = ("application/trig", "application/n-quads")  # syntaxes that name the graph


def stream(file: Path, graph: str, media_type: str, base: str = "") -> Iterator[bytes]:
    """Yield the graph from a file of a release, made by a process of its own that ends with its reader.

    `EngineFailed` when that process ends early: what was yielded is then not the whole graph, and must not pass for it.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "mikg.graphs", str(file), graph, media_type, base or graph],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": str(PACKAGE.parent), "PATH": os.defpath},
    )
    try:
        while piece := process.stdout.read(PIECE):
            yield piece
        if process.wait() != 0:
            raise EngineFailed(f"The graph <{graph}> could not be written whole; try again.")
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def write(file: Path, graph: str, media_type: str, base: str, output: object) -> None:
    """Write the triples that a file has of a graph: of N-Quads those of that graph, of any other syntax all."""
    import pyoxigraph as ox

    name = file.name.removesuffix(".gz")
    with gzip.open(file, "rb") if file.suffix == ".gz" else open(file, "rb") as lines:
        # A line of N-Quads ends with its graph: the others are not even parsed.
        wanted = f"<{graph}> .\n".encode()
        source = _Lines(line for line in lines if line.endswith(wanted)) if name == WHOLE and graph else lines
        quads = ox.parse(source, format=ox.RdfFormat.from_extension(name.rpartition(".")[2]), base_iri=base or None)
        about = file.with_name(file.name + ABOUT)
        if about.is_file():
            quads = itertools.chain(ox.parse(path=str(about), format=ox.RdfFormat.N_TRIPLES), quads)
        if media_type in DATASETS:
            named = ox.NamedNode(graph) if graph else None
            written = (ox.Quad(*quad.triple, named or quad.graph_name) for quad in quads)
        else:
            written = (quad.triple for quad in quads)
        ox.serialize(written, output, SERIALISERS[media_type], prefixes=PREFIXES if media_type != N_TRIPLES else None)


class _Lines:
    """Lines as a file to read from."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self.lines, self.rest = iter(lines), b""

    def read(self, size: int = -1) -> bytes:
        parts, length = [self.rest], len(self.rest)
        while size < 0 or length < size:
            line = next(self.lines, b"")
            if not line:
                break
            parts.append(line)
            length += len(line)
        whole = b"".join(parts)
        size = len(whole) if size < 0 else size
        whole, self.rest = whole[:size], whole[size:]
        return whole


if __name__ == "__main__":
    with os.fdopen(sys.stdout.fileno(), "wb", buffering=PIECE) as out:
        write(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], out)
