"""What of a release can be fetched as a file: each with its media type, its size and its SHA-256."""

import gzip
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

SUMS = "SHA256SUMS"  # as `sha256sum --check` reads it


@dataclass(frozen=True)
class File:
    """One file to fetch."""

    name: str
    media_type: str
    what: str

    @property
    def packed(self) -> bool:
        return self.name.endswith(".gz")


FILES = (
    File("graph.nq.gz", "application/n-quads", "every named graph"),
    File("graph.nq", "application/n-quads", "every named graph"),
    File("graph.trig.gz", "application/trig", "every named graph"),
    File(
        "merged.ttl.gz",
        "text/turtle",
        "the default graph: the merge of what the documents say and what we make of it, without shapes, open data and descriptions",
    ),
    File(
        "merged.nt.gz",
        "application/n-triples",
        "the default graph: the merge of what the documents say and what we make of it, without shapes, open data and descriptions",
    ),
)


def write(place: Path, quads: Iterable, public: Iterable) -> dict[str, str]:
    """Write the files: `quads` as they were written, `public` the triples of the default graph; return the SHA-256 of each by name.

    The same quads give the same bytes.
    """
    import pyoxigraph as ox

    from mikg.namespaces import PREFIXES

    lines = sorted(f"{quad} .\n" for quad in quads)
    triples = sorted({f"{triple} .\n" for triple in public})
    whole = "".join(lines).encode()
    merged = "".join(triples).encode()
    # Read again from the sorted lines, so that TriG and Turtle come in one order too.
    by_graph = sorted(ox.parse(whole, ox.RdfFormat.N_QUADS), key=lambda quad: quad.graph_name.value)
    contents = {
        "graph.nq": whole,
        "graph.nq.gz": whole,
        "graph.trig.gz": ox.serialize(by_graph, format=ox.RdfFormat.TRIG, prefixes=PREFIXES),
        "merged.ttl.gz": ox.serialize(
            (quad.triple for quad in ox.parse(merged, ox.RdfFormat.N_TRIPLES)), format=ox.RdfFormat.TURTLE, prefixes=PREFIXES
        ),
        "merged.nt.gz": merged,
    }
    for name, content in contents.items():
        # No time and no name in the head of the packed file: same bytes each time.
        (place / name).write_bytes(gzip.compress(content, mtime=0) if name.endswith(".gz") else content)
    return digests(place)


def digests(place: Path) -> dict[str, str]:
    """Return the SHA-256 of each file that is there, by name."""
    return {file.name: hashlib.sha256((place / file.name).read_bytes()).hexdigest() for file in FILES if (place / file.name).is_file()}


def sums(digests: Mapping[str, str]) -> str:
    """Return the sums as `sha256sum --check` reads them.

    >>> sums({"graph.nq": "0a1b"})
    '0a1b  graph.nq\\n'
    """
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
