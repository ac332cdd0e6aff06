"""What a server counts of itself, in the exposition format of Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from mikg.engine.embedded import Pool
from mikg.web.cache import Cache

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)  # seconds
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The counters of one server."""

    def __init__(self, engine: Pool, cache: Cache) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter("mikg_requests", "Requests answered, by kind and status.", ["kind", "status"], registry=self._registry)
        self._seconds = Histogram(
            "mikg_request_seconds", "Time from a request to its answer.", ["kind"], buckets=BUCKETS, registry=self._registry
        )
        self._bytes = Counter("mikg_answer_bytes", "Bytes of answers.", ["kind"], registry=self._registry)
        self._registry.register(_Now(engine, cache))
        self._seen: dict[tuple[str, int], tuple] = {}  # the counters of a kind and status, which take a while to find

    def answered(self, kind: str, status: int, seconds: float, size: int) -> None:
        """Count one answer."""
        found = self._seen.get((kind, status))
        if found is None:
            found = self._requests.labels(kind, str(status)), self._seconds.labels(kind), self._bytes.labels(kind)
            self._seen[kind, status] = found
        requests, took, sizes = found
        requests.inc()
        took.observe(seconds)
        sizes.inc(size)

    def expose(self) -> bytes:
        """Return all counters as text."""
        return generate_latest(self._registry)


class _Now(Collector):
    def __init__(self, engine: Pool, cache: Cache) -> None:
        self._engine, self._cache = engine, cache

    def collect(self) -> list[GaugeMetricFamily]:
        load = self._engine.load()
        cache = self._cache.stands()
        found = []
        for name, words, value in (
            ("mikg_workers_busy", "Workers that answer a query now.", load.busy),
            ("mikg_workers", "Workers that may answer queries at once.", load.workers),
            ("mikg_queries_waiting", "Queries that wait for a worker.", load.waiting),
            ("mikg_workers_ended", "Workers that were stopped at a limit or ended by themselves.", load.ended),
            ("mikg_cache_bytes", "Bytes of answers that are kept.", cache.size),
            ("mikg_cache_entries", "Answers that are kept.", cache.entries),
            ("mikg_cache_hits", "Answers that were given from those kept.", cache.hits),
            ("mikg_cache_misses", "Answers that had to be made.", cache.misses),
        ):
            gauge = GaugeMetricFamily(name, words)
            gauge.add_metric([], value)
            found.append(gauge)
        return found
