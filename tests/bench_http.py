"""The endpoint beside others over HTTP, in one run: `oxigraph serve` in memory and on disk (pip install oxigraph), and rdflib-endpoint.

    python tests/bench_http.py [catalogue] [QUADS ...]

Over the catalogue, and over generated graphs of so many quads (tests/generated.py; kept below releases/generated). Each figure is the
median of rounds in which the servers take turns. Quote the ratios to Oxigraph: machines differ and are noisy.
"""

import contextlib
import itertools
import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import bench
import generated
import peers
import pressure

from mikg import queries, release, settings
from mikg.engine import RESULTS, TRIPLES

ROUNDS, SECONDS = 3, 2.0
CLIENTS = (1, 4)
LARGE = 10_000  # rows of a large answer
SMALL_FOR_RDFLIB = 100_000  # quads up to which rdflib-endpoint is beside us
PREFIXES = f"PREFIX mikg: <{generated.MIKG}> PREFIX id: <{generated.ID}> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
# What is asked of one thing, as pages and clients do.
SMALL = (
    "SELECT ?p ?o {{ id:event-{0} ?p ?o }}",
    "SELECT ?name ?date ?actor {{ id:event-{0} skos:prefLabel ?name ; mikg:earliest ?date ; mikg:actor ?actor }}",
    "SELECT ?passage ?who {{ GRAPH ?passage {{ id:event-{0} mikg:actor ?who }} }}",
    "SELECT ?event ?name {{ id:event-{0} mikg:actor ?who . ?who mikg:holdsPost ?post . ?event mikg:actor ?who ; skos:prefLabel ?name }} LIMIT 20",
    "ASK {{ id:event-{0} mikg:modality mikg:planned }}",
    "SELECT ?value {{ id:figure-{0}-1 <https://schema.org/value> ?value }}",
)


def main() -> None:
    chosen = settings.load()
    for what in sys.argv[1:] or ["catalogue", "10000", "1000000"]:
        if what == "catalogue":
            folder = release.ensure(chosen, lambda text: print(text, file=sys.stderr))
            texts = [bench.bound(each) for each in queries.catalogue(chosen.sources).values()]
            compare("the catalogue", folder, lambda texts=texts: (text for text in itertools.cycle(texts)), True)
        else:
            folder = generated.make(int(what), chosen.releases / f"generated/{what}")
            count = int(what) // generated.EACH
            compare(f"{int(what):,} quads", folder, lambda count=count: things(count), int(what) <= SMALL_FOR_RDFLIB)


def things(count: int) -> Iterator[str]:
    for number in itertools.count():
        yield PREFIXES + SMALL[number % len(SMALL)].format(number * 7919 % count)


def compare(name: str, folder: Path, small: Callable[[], Iterator[str]], rdflib: bool) -> None:
    """Print how the servers answer over one release."""
    with contextlib.ExitStack() as stack:
        makers = [peers.mikg, peers.oxigraph_in_memory, peers.oxigraph_on_disk, *([peers.rdflib_endpoint] if rdflib else [])]
        servers = [stack.enter_context(make(folder)) for make in makers]
        print(f"{name}: first answer after start: " + ", ".join(f"{each.name} {each.first:.2f} s" for each in servers))
        fresh = itertools.count()  # a comment that makes a query another one, so that no answer is one that was kept
        json = RESULTS[0]
        cells = [
            (f"small, uncached, {clients} at once", clients, json, lambda: (f"{text}#{next(fresh)}" for text in small()))
            for clients in CLIENTS
        ]
        again = [text for text, _ in zip(small(), range(20), strict=False)]
        cells += [(f"repeated, {clients} at once", clients, json, lambda: itertools.cycle(again)) for clients in CLIENTS]
        large = f"SELECT * {{{{ ?s ?p ?o }}}} LIMIT {LARGE} #{{}}"
        cells += [
            (f"{LARGE:,} rows as {kind.rpartition('/')[2].rpartition('+')[2]}", 1, kind, lambda: map(large.format, fresh))
            for kind in RESULTS
        ]
        graph = f"CONSTRUCT WHERE {{{{ ?s ?p ?o }}}} LIMIT {LARGE} #{{}}"
        cells += [(f"{LARGE:,} triples as {kind}", 1, kind, lambda: map(graph.format, fresh)) for kind in TRIPLES[:2]]
        for words, clients, accept, texts in cells:
            runs: dict[str, list[pressure.Run]] = {each.name: [] for each in servers}
            for _ in range(ROUNDS):
                for each in servers:
                    asked = (pressure.request(each.port, each.path, text, accept) for text in texts())
                    before = peers.processor(each.process.pid)
                    run = pressure.drive(each.port, asked, SECONDS, clients)
                    run.processor = peers.processor(each.process.pid) - before
                    runs[each.name].append(run)
            show(words, runs)
        processes = peers.descendants(servers[0].process.pid)
        parts = [f"{peers.memory(process) >> 20}" for process in processes]
        print(f"  memory of mikg, MiB: server {parts[0]}, holds the store {parts[1] if parts[1:] else '-'}, workers {' '.join(parts[2:])}")
        for each in servers[1:]:
            print(f"  memory of {each.name}, MiB: {peers.memory(each.process.pid) >> 20}")


def show(words: str, runs: dict[str, list[pressure.Run]]) -> None:
    rates = {name: statistics.median(run.rate for run in found) for name, found in runs.items()}
    late = {name: statistics.median(run.at(0.99) for run in found) for name, found in runs.items()}
    each = {name: sum(run.processor for run in found) / sum(len(run.times) for run in found) for name, found in runs.items()}
    faults = {name: sum(run.faults for run in found) for name, found in runs.items()}
    ours, *others = rates
    middle = 1000 * statistics.median(run.at(0.5) for run in runs[ours])
    print(
        f"  {words:36} {rates[ours]:8.0f}/s p50 {middle:7.2f} p99 {1000 * late[ours]:7.2f} ms, processor {1000 * each[ours]:.2f} ms; ratio to",
        end=" ",
    )
    parts = (
        f"{name} {rates[ours] / rates[name]:.2f} (p99 {late[ours] / late[name]:.2f}, processor time {each[ours] / each[name]:.2f})"
        for name in others
    )
    print("; ".join(parts), end="")
    print("".join(f"; {name}: {count} faults" for name, count in faults.items() if count), flush=True)


if __name__ == "__main__":
    main()
