"""How long a piece of work takes, in seconds, for the benchmarks."""

import statistics
import time
from collections.abc import Callable


def timed(work: Callable[[], object]) -> tuple[object, float]:
    """Return what the work gives, and how long it took."""
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began


def once(work: Callable[[], object]) -> float:
    return timed(work)[1]


def median(work: Callable[[], object], rounds: int) -> float:
    """Return the median of some rounds, after one that is not counted."""
    work()
    return statistics.median(once(work) for _ in range(rounds))
