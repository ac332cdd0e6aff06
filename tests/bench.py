"""How long the questions of the catalogue take, side by side in one run: through the worker processes, in Oxigraph directly, in rdflib.

    make bench

Each figure is a median over the catalogue of medians over rounds; quote the ratios, not the times: machines differ and are noisy.
rdflib is given a sample, with a limit of time for each question, since some of its answers take minutes.
"""

import signal
import statistics
import sys
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
from stopwatch import median, once

import mikg
from mikg import provenance, queries, release, settings
from mikg.engine import Query, guard
from mikg.engine.embedded import Pool
from mikg.engine.worker import term

ROUNDS = 5
SAMPLE = 20
PATIENCE = 10  # seconds that rdflib may take for one question


def main() -> None:
    chosen = settings.load()
    folder = release.ensure(chosen, lambda text: print(text, file=sys.stderr))
    catalogue = list(queries.catalogue(chosen.sources).values())
    pool = Pool(chosen)
    store = ox.Store.read_only(str(folder / "store"))
    texts = {each.name: bound(each) for each in catalogue}
    workers = {name: median(lambda text=text: pool.query(Query(text)), ROUNDS) for name, text in texts.items()}
    direct = {
        name: median(lambda text=text: store.query(text).serialize(format=ox.QueryResultsFormat.JSON), ROUNDS)
        for name, text in texts.items()
    }
    cited = {name: median(lambda text=text: provenance.cite(pool, Query(text)), ROUNDS) for name, text in texts.items()}
    pool.close()
    print(f"{len(catalogue)} questions, {ROUNDS} rounds; milliseconds: median, slowest of the catalogue")
    show("worker process", workers, direct)
    show("Oxigraph in process", direct, direct)
    show("worker process, each row cited", cited, workers, "the plain answer")
    dataset = mikg.open()
    some = {name: texts[name] for name in sorted(texts)[:: max(1, len(texts) // SAMPLE)]}
    rdflib = {name: taken for name, text in some.items() if (taken := patient(lambda text=text: list(dataset.query(text)))) is not None}
    show(f"rdflib in process ({len(rdflib)} of a sample of {len(some)} within {PATIENCE} s each)", rdflib, direct)
    print(f"release: {sum(path.stat().st_size for path in Path(folder).rglob('*')) >> 10} KiB on disk")


def bound(question: queries.Question) -> str:
    values = {name: str(term(value)) for name, value in question.bindings({}).items()}
    return guard.bind(question.text, guard.read(question.text), values)


def patient(work: Callable[[], object]) -> float | None:
    def stop(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(PATIENCE)
    try:
        return once(work)
    except Exception:  # rdflib cannot evaluate some of what the standard has
        return None
    finally:
        signal.alarm(0)


def show(name: str, times: dict[str, float], base: dict[str, float], peer: str = "Oxigraph in process") -> None:
    ratios = [times[each] / base[each] for each in times]
    worst = max(times, key=times.get)
    print(
        f"{name:60} {1000 * statistics.median(times.values()):8.2f} {1000 * times[worst]:8.2f} ({worst}); "
        f"ratio to {peer}: median {statistics.median(ratios):.2f}"
    )


if __name__ == "__main__":
    main()
