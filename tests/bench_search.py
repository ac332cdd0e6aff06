"""Measure the search beside its peer: `python tests/bench_search.py [COUNT]` prints one table, for the graph and for COUNT made-up things.

The peer is FTS5 of SQLite with its trigram tokenizer, which is in every Python: the same names, the same searches. Build time, size,
memory, and the 50th and 99th percentile of a search, both engines in the same run.
"""

import json
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from mikg import release, search, settings, spelling
from mikg.search import index
from mikg.search.finding import opened

MILLION = 1_000_000
ROUNDS = 300
TEMPLATES = (
    "{a}",
    "{a} {b}",
    "Ministry of {w} of {a}",
    "{a} {w} Office",
    "{w} Agreement of {a} and {b}",
    "{w} Programme in {a}",
    "National {w} Service of {a}",
    "meeting on {w} in {a} with {b}",
)
SUBJECTS = [
    "Migration",
    "Security",
    "Health",
    "Trade",
    "Labour",
    "Borders",
    "Education",
    "Justice",
    "Finance",
    "Asylum",
    "Transport",
    "Customs",
    "Statistics",
    "Energy",
]
KINDS = ["country", "person", "organisation", "event", "agreement", "programme", "place", "concept"]


def made_up(count: int) -> Iterator[index.Record]:
    """Things with names of made-up places, each with a Spanish name and every third with an acronym."""
    chance = random.Random(7)
    syllables = [a + b for a in "bcdfghjklmnprstvz" for b in "aeiou"]
    places = ["".join(chance.choices(syllables, k=chance.choice((2, 3, 3, 4)))).capitalize() for _ in range(60_000)]
    for number in range(count):
        a, b, w = chance.choice(places), chance.choice(places), chance.choice(SUBJECTS)
        name = chance.choice(TEMPLATES).format(a=a, b=b, w=w)
        names = [index.Name(name, "name", "en"), index.Name(f"{a} {w.lower()} ñandú", "name", "es")]
        if number % 3 == 0:
            names.append(index.Name("".join(word[0] for word in (a, b, w)) + str(number % 97), "acronym"))
        yield index.Record(
            f"https://w3id.org/mikg/id/thing-{number}", KINDS[number % len(KINDS)], names, {"en": f"What {b} says of {w} in {a}."}
        )


def searches(names: list[str]) -> dict[str, list[str]]:
    """Searches of each sort: whole names, beginnings, names with one wrong letter, words in another order, common words."""
    chance = random.Random(11)
    picked = [chance.choice(names) for _ in range(ROUNDS)]

    def wrong(name: str) -> str:
        place = chance.randrange(1, max(2, len(name)))
        return name[:place] + chance.choice("aeirstn") + name[place + 1 :]

    return {
        "whole names": picked,
        "beginnings": [name[: max(3, len(name) // 2)] for name in picked],
        "one letter wrong": [wrong(name) for name in picked],
        "another order": [" ".join(reversed(name.split())) for name in picked],
        "one common word": [chance.choice(SUBJECTS) for _ in picked],
    }


class Peer:
    """The same records in FTS5, trigram tokenizer, ranked by bm25."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "peer.sqlite"
        self.base = sqlite3.connect(self.file)

    def write(self, records: Iterator[index.Record]) -> None:
        self.base.execute("CREATE VIRTUAL TABLE things USING fts5(iri UNINDEXED, kind UNINDEXED, names, texts, tokenize='trigram')")
        rows = (
            (each.iri, each.kind, spelling.fold(" | ".join(name.text for name in each.names)), spelling.fold(" ".join(each.texts.values())))
            for each in records
        )
        self.base.executemany("INSERT INTO things VALUES (?, ?, ?, ?)", rows)
        self.base.execute("INSERT INTO things(things) VALUES ('optimize')")
        self.base.commit()

    def find(self, text: str) -> list[str]:
        words = [word for word in spelling.words(text) if len(word) > 2]
        if not words:
            return []
        hits = self._match(" ".join(f'"{word}"' for word in words))
        if hits:
            return hits
        # Misspelt: any of its trigrams.
        grams = {word[at : at + 3] for word in words for at in range(len(word) - 2)}
        return self._match(" OR ".join(f'"{gram}"' for gram in sorted(grams)))

    def _match(self, expression: str) -> list[str]:
        return [row[0] for row in self.base.execute("SELECT iri FROM things WHERE things MATCH ? ORDER BY rank LIMIT 20", (expression,))]


def percentiles(ask: Callable[[str], object], texts: list[str], limit: float) -> tuple[float, float, int]:
    """The 50th and 99th percentile in milliseconds, and how many searches fitted in the time given."""
    taken, end = [], time.perf_counter() + limit
    for text in texts:
        start = time.perf_counter()
        ask(text)
        taken.append((time.perf_counter() - start) * 1000)
        if time.perf_counter() > end:
            break
    taken.sort()
    return taken[len(taken) // 2], taken[min(len(taken) - 1, int(len(taken) * 0.99))], len(taken)


def size(path: Path) -> float:
    files = [each for each in path.rglob("*") if each.is_file()] if path.is_dir() else [path]
    return sum(each.stat().st_size for each in files) / 1e6


def measure(engine: str, records: Callable[[], Iterator[index.Record]], texts: dict[str, list[str]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        start = time.perf_counter()
        if engine == "tantivy":
            index.write(folder, records())
            built, taken = time.perf_counter() - start, size(folder / index.FOLDER)
            searcher = opened(folder)
            ask: Callable[[str], object] = lambda text: search.find(searcher, text)  # noqa: E731
        else:
            peer = Peer(folder)
            peer.write(records())
            built, taken = time.perf_counter() - start, size(peer.file)
            ask = peer.find
        rows = {sort: percentiles(ask, each, 60) for sort, each in texts.items()}
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"  {engine}: built in {built:.1f} s, {taken:.1f} MB on disk, {memory:.0f} MB of memory at most")
        for sort, (half, most, count) in rows.items():
            print(f"    {sort:18} p50 {half:8.2f} ms   p99 {most:8.2f} ms   ({count} searches)")


def real() -> list[index.Record]:
    import pyoxigraph as ox

    chosen = settings.load()
    folder = release.opened(chosen, print)
    return [*index.records(ox.Store.read_only(str(folder / "store"))), *index.questions(chosen.sources)]


def main(count: int) -> None:
    for what, many in (("the graph", 0), ("made-up things", count)):
        print(f"{what}:")
        for engine in ("tantivy", "fts5"):
            # Each in a process of its own, so that the memory is its own.
            code = f"import bench_search as b; b.run({engine!r}, {many})"
            subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent, check=True)


def run(engine: str, many: int) -> None:
    if many:
        names = [record.names[0].text for record in made_up(min(many, 20_000))]
        measure(engine, lambda: made_up(many), searches(names))
    else:
        records = real()
        names = [record.names[0].text for record in records if record.kind not in ("passage", "claim", "judgement")]
        print(f"  {len(records)} records, {len(json.dumps(names))} bytes of names")
        measure(engine, lambda: iter(records), searches(names))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else MILLION)
