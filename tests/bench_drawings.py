"""What the drawings of the server cost: the time line, the map and the charts of figures, against the questions that they draw.

    python tests/bench_drawings.py

Each line tells how long a drawing takes, as a share of the time in which the engine answers what it draws (1.0: as long as the answer),
and how much longer it takes with three and ten times as many things.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from mikg import geography, indicators, release, settings, timeline
from mikg.engine.embedded import Pool
from mikg.web import atlas, figures, lanes

ROOT = Path(__file__).parents[1]
ROUNDS = 5
TIMES = (3, 10)


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        chosen = settings.Settings(sources=ROOT, releases=Path(os.environ.get("MIKG_TEST_RELEASES") or place))
        release.build(chosen, lambda line: None)
        pool = Pool(chosen)
        try:
            _tell("time line", lambda: timeline.items(pool), _line)
            ground = geography.ground(pool)
            _tell("map", lambda: geography.ties(pool), lambda ties: lambda: atlas.drawing(ground, ties, _name, lambda tie: ""))
            _tell("map of a phone", lambda: geography.ties(pool), lambda ties: lambda: _phone(ground, ties))
            _tell("charts", lambda: [each for one in indicators.indicators(pool) for each in one.figures], _charts)
        finally:
            pool.close()


def _tell(name: str, read: Callable[[], list], drawn: Callable[[list], Callable[[], object]]) -> None:
    asked, things = _took(read), list(read())
    once = _took(drawn(things))
    grown = ", ".join(f"{times} times as many {_took(drawn(_more(things, times))) / once:.0f} times as long" for times in TIMES)
    print(f"{name:<15} {len(things):>4} things: {once / asked:.3f} of the time of asking; {grown}")


def _took(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def _more(things: list, times: int) -> list:
    """The same things again and again, the dated ones each time some days later."""
    if not hasattr(things[0], "lasting"):
        return things * times
    moved = [
        replace(each, earliest=each.earliest + timedelta(days), latest=each.latest + timedelta(days)) if each.earliest else each
        for days in range(times)
        for each in things
    ]
    return moved


def _line(items: list) -> Callable[[], object]:
    dated = [each for each in items if each.earliest]
    shown = timeline.window("", items)
    by_kind = [(kind, [each for each in dated if each.kind == kind]) for kind in timeline.KINDS]
    return lambda: lanes.chart(by_kind, shown, lambda item: (_name(item.iri), str(item.earliest)))


def _phone(ground: geography.Ground, ties: list) -> atlas.Map:
    return atlas.drawing(ground, [each for each in ties if each.layer in ("flows", "roles")], _name, lambda tie: "", atlas.NARROW)


def _charts(found: list) -> Callable[[], object]:
    values: dict[str, dict] = {}
    for each in found:
        if each.year and each.value is not None:
            values.setdefault(each.indicator, {})[each.year] = each.value
    return lambda: [figures.plot(sorted(each), [each]) for each in values.values() for _ in range(max(1, len(found) // 136))]


def _name(iri: str) -> str:
    return iri.rpartition("/")[2].replace("-", " ")


if __name__ == "__main__":
    sys.exit(main())
