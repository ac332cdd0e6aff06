"""How long SHACL takes over data in our shape: pySHACL, and the faster validator of `mikg check --fast`, each in a process of its own.

    python tests/bench_shacl.py [TRIPLES ...]

The data are the statements of the sources, so many times over under IRIs and names of their own; every hundredth is left out on purpose. Quote
the ratios of processor time, that of validation alone: reading the data is the same for both, and told beside it. pySHACL takes a
minute for 100,000 triples and ten for a million, and is left out beyond.
"""

import hashlib
import resource
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path

from rdflib import SKOS, Graph, Literal, URIRef

from mikg import checking, sources, validation
from mikg.namespaces import DOCUMENT, ID
from mikg.settings import sources_root

MOST = 1_500_000  # triples up to which pySHACL is waited for


def main() -> None:
    read = sources.read(sources_root())
    graphs = {each.graph for each in read.statements} - {checking.ONTOLOGY, checking.SHAPES}
    own = read.graph(*(graph for graph in graphs if "/external/" not in graph))
    with tempfile.TemporaryDirectory(prefix="mikg-shacl-") as folder:
        for triples in [int(each) for each in sys.argv[1:]] or [10_000, 100_000]:
            file = Path(folder) / "data.nt"
            count = write(file, own, max(1, round(triples / len(own))))
            print(f"{count:,} triples of the shape of ours")
            shapes, ontology = read.graph(checking.SHAPES), read.graph(checking.ONTOLOGY)
            found = {}
            for name, fast in (("pyshifty", True), ("pySHACL", False)):
                if fast or count <= MOST:
                    with get_context("fork").Pool(1) as pool:
                        found[name] = pool.apply(run, (file, shapes, ontology, fast))
                    seconds, reading, memory, results, _ = found[name]
                    print(
                        f"  {name:14} {seconds:8.1f} s processor (and {reading:.1f} s to read) {memory >> 10:6} MiB {results} results",
                        flush=True,
                    )
            if len(found) == 2:
                ours, theirs = found["pyshifty"], found["pySHACL"]
                print(f"  {theirs[0] / ours[0]:.1f} times as fast; the same report: {ours[-1] == theirs[-1]}")


def write(file: Path, own: Graph, copies: int) -> int:
    """Write the statements so many times over, as N-Triples; return how many triples there are."""
    names = {node for triple in own for node in triple if isinstance(node, URIRef) and str(node).startswith((ID, DOCUMENT))}
    count = 0
    with open(file, "w", encoding="utf-8") as output:
        for copy in range(copies):
            new = {name: URIRef(f"{name}-{copy}") for name in names} if copy else {}
            for number, (subject, predicate, value) in enumerate(own):
                if number % 100 == 0:
                    continue
                if predicate == SKOS.prefLabel and copy:  # things that bear one name would break a shape
                    value = Literal(f"{value} {copy}", value.language)
                output.write(f"{new.get(subject, subject).n3()} {predicate.n3()} {new.get(value, value).n3()} .\n")
                count += 1
    return count


def run(file: Path, shapes: Graph, ontology: Graph, fast: bool) -> tuple[float, float, int, int, str]:
    """Return processor seconds of validation and of reading, peak memory in KiB, how many results, and a digest of them."""
    began = time.process_time()
    data = Graph().parse(file, format="nt")
    read = time.process_time()
    results = validation.validate(data, shapes, ontology, fast)
    return (
        time.process_time() - read,
        read - began,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        len(results),
        hashlib.sha256(repr(results).encode()).hexdigest(),
    )


if __name__ == "__main__":
    main()
