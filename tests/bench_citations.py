"""What citing costs: each answer with what its rows rest on beside the plain answer, by class of query, as the graph grows.

    python tests/bench_citations.py [QUADS ...]

Over the catalogue, and over generated graphs of so many quads (tests/generated.py; kept below releases/generated). Plain and cited
answers take turns, so that both meet the same load. `first`: when nothing is remembered of the release yet; `shown`: with the words
in which a reader meets the passages.
"""

import statistics
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from stopwatch import once

sys.path.insert(0, str(Path(__file__).parent))

import generated

from mikg import cited, provenance, queries, release, settings
from mikg.engine import Query
from mikg.engine.embedded import Pool
from mikg.provenance.memory import MEMORIES

ROUNDS = 7
PREFIXES = "".join(
    f"PREFIX {name}: <{iri}>\n"
    for name, iri in (
        ("mikg", generated.MIKG),
        ("id", generated.ID),
        ("skos", "http://www.w3.org/2004/02/skos/core#"),
        ("s", "https://schema.org/"),
    )
)
CLASSES = {
    "one thing": "SELECT ?p ?o { id:event-7 ?p ?o }",
    "star": "SELECT ?event ?when ?country { ?event mikg:actor id:person-11 ; mikg:earliest ?when ; mikg:actor ?country }",
    "path of four": "SELECT ?other { id:event-7 mikg:actor/mikg:holdsPost/^mikg:holdsPost/^mikg:actor ?other } LIMIT 100",
    "optional": "SELECT ?event ?claim { ?event mikg:actor id:person-11 OPTIONAL { ?claim mikg:about ?event ; mikg:claimant ?who } }",
    "union": "SELECT ?x { { ?x mikg:actor id:person-11 } UNION { ?x mikg:claimant id:person-11 } }",
    "not there": "SELECT ?event { ?event mikg:actor id:person-11 FILTER NOT EXISTS { ?claim mikg:about ?event } }",
    "there": "SELECT ?event { ?event mikg:actor id:person-11 FILTER EXISTS { ?claim mikg:about ?event } }",
    "any path": "SELECT ?x { id:claim-0 (mikg:about|mikg:actor)+ ?x }",
    "group": "SELECT ?indicator (SUM(?v) AS ?sum) { ?f mikg:about id:country-150 ; mikg:indicator ?indicator ; s:value ?v } GROUP BY ?indicator",
    "first of many": "SELECT ?event ?name { ?event mikg:modality mikg:planned ; skos:prefLabel ?name } LIMIT 20",
    "sorted, first of many": "SELECT ?f ?v { ?f mikg:about id:country-150 ; s:value ?v } ORDER BY DESC(?v) LIMIT 20",
    "told apart": "SELECT DISTINCT ?indicator { ?f mikg:about id:country-150 ; mikg:indicator ?indicator }",
    "yes or no": "ASK { ?event mikg:actor id:person-11 ; mikg:modality mikg:reported }",
    "thousand rows": "SELECT ?f ?v { ?f mikg:indicator id:indicator-5 ; s:value ?v } LIMIT 1000",
    "passages": "SELECT ?passage ?event { GRAPH ?passage { ?event mikg:actor id:person-11 } }",
}


def main(sizes: list[int]) -> None:
    chosen = settings.load()
    release.ensure(chosen, lambda text: print(text, file=sys.stderr))
    catalogue = queries.catalogue(chosen.sources)
    show("catalogue", chosen, {name: queries.query(each, {}) for name, each in catalogue.items()}, False)
    for size in sizes:
        folder = chosen.releases / f"generated/{size}"
        folder.mkdir(parents=True, exist_ok=True)
        generated.make(size, folder)
        there = replace(chosen, releases=folder, deadline=60.0)
        show(f"{size:,} quads", there, {name: Query(PREFIXES + text) for name, text in CLASSES.items()}, True)


def show(name: str, chosen: settings.Settings, asked: dict[str, Query], each: bool) -> None:
    pool = Pool(chosen)
    pool.warm()
    until = time.monotonic() + 120
    while pool.copying() and time.monotonic() < until:
        time.sleep(0.1)
    times = {label: measure(pool, query) for label, query in asked.items()}
    pool.close()
    ratios = {label: found.cited / found.plain for label, found in times.items()}
    worst = max(ratios, key=ratios.get)
    middle = statistics.median(ratios.values())
    under = sum(ratio < 2 for ratio in ratios.values())
    print(f"{name}: cited to plain, median {middle:.2f}, worst {ratios[worst]:.2f} ({worst}); under 2: {under} of {len(ratios)}")
    for what in ("first", "shown"):
        print(f"    {what}: median {statistics.median(getattr(found, what) / found.plain for found in times.values()):.2f}")
    for label in sorted(ratios, key=ratios.get) if each else sorted(ratios, key=ratios.get)[-5:]:
        found = times[label]
        figures = "".join(f"{1000 * figure:9.2f}" for figure in (found.plain, found.cited, found.first, found.shown))
        print(f"    {label:44} ms plain, cited, first, shown {figures}  {ratios[label]:6.2f}")


@dataclass(frozen=True)
class Times:
    """Seconds: the medians of some rounds, and the first time."""

    plain: float
    cited: float
    first: float
    shown: float


def measure(pool: Pool, query: Query) -> Times:
    pool.query(query)
    MEMORIES.of(pool, "")  # another release: all is forgotten
    first = once(lambda: provenance.cite(pool, query))
    cited.answer(pool, query)
    works = (lambda: pool.query(query), lambda: provenance.cite(pool, query), lambda: cited.answer(pool, query))
    rounds = [[once(work) for work in works] for _ in range(ROUNDS)]
    plain, again, shown = map(statistics.median, zip(*rounds, strict=True))
    return Times(plain, again, first, shown)


if __name__ == "__main__":
    main([int(each) for each in sys.argv[1:]] or [10_000, 1_000_000])
