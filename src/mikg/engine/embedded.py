"""Queries over a release on this machine, each in a worker process that is killed at the deadline."""

import itertools
import json
import os
import signal
import time
from dataclasses import dataclass, field

from mikg import namespaces
from mikg.engine import Answer, Query, guard
from mikg.engine.faults import fault
from mikg.engine.ordering import ordered
from mikg.engine.processes import Worker
from mikg.engine.worker import term
from mikg.engine.workers import Workers
from mikg.engine.zygote import UNORDERED
from mikg.errors import Cancelled, EngineFailed, Refused, TimedOut
from mikg.settings import Settings


@dataclass
class Running:
    """A query that is being answered."""

    number: int
    text: str
    worker: Worker
    form: str = ""
    media_type: str = ""
    began: float = field(default_factory=time.monotonic)
    cancelled: bool = False


class _Unordered(EngineFailed):
    """A query that sorts values for which the engine has no order."""


class Pool(Workers):
    """The workers of one server and what they are asked."""

    base = namespaces.BASE  # what the relative IRIs of a query resolve against

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.limits = guard.Limits(settings.query_bytes, settings.query_depth, settings.query_patterns, settings.query_values)
        self._running: dict[int, Running] = {}
        self._numbers = itertools.count(1)
        self._graphs: tuple[str, frozenset[str]] = ("", frozenset())

    def release(self) -> str:
        return self.current().name

    def graphs(self) -> frozenset[str]:
        release = self.current()
        if self._graphs[0] != release.name:
            manifest = json.loads((release / "manifest.json").read_bytes())
            self._graphs = (release.name, frozenset(manifest["graphs"]))
        return self._graphs[1]

    def query(self, query: Query, limits: guard.Limits | None = None) -> Answer:
        """Return the whole answer; `limits` stand in for those of the settings where the text is not the asker's own."""
        outline = guard.read(query.text, limits or self.limits, self.base)
        defaults = query.default_graphs or (() if query.named_graphs else outline.default_graphs)
        named = query.named_graphs or (() if query.default_graphs else outline.named_graphs)
        self._check_graphs((*defaults, *named))
        text = guard.bind(query.text, outline, {name: str(term(value)) for name, value in query.bindings.items()}, query.data)
        media_type = query.triples if outline.form in ("CONSTRUCT", "DESCRIBE") else query.results
        try:
            header, body, rows, release = self._run(self._request(text, media_type, defaults, named), query.text)
        except _Unordered:
            header, body, rows, release = self._run(self._request(ordered(text), media_type, defaults, named), query.text)
        if header:
            raise fault(header, self.settings, query.text)
        return Answer(media_type, body, outline.form, release, rows=rows)

    def begin(self, text: str, form: str, media_type: str) -> Running | None:
        """Have a worker begin with a query without waiting for one; None where none is free at once, or somebody waits for it.

        What was begun ends by `wait`, or by `end` when `worker.arrived()` has given the answer that `told` then reads. The query has passed the guard, and names no graphs.
        """
        worker = self.take_at_once()
        if worker is None:
            return None
        running = Running(next(self._numbers), text, worker, form, media_type)
        with self._lock:
            self._running[running.number] = running
        try:
            worker.send(self._request(text, media_type))
        except EOFError:
            self.end(running, False)
            return None
        return running

    def wait(self, running: Running) -> Answer:
        """Return the answer to what was begun, once it has arrived; or raise a `QueryError`."""
        keep, text = False, running.text
        try:
            arrived = self._waited(running)
            keep = True
        except EOFError:
            arrived = None
        finally:
            self.end(running, keep)
        if arrived:
            return self.told(running, arrived)
        try:
            self._look_why(running.worker)
        except _Unordered:
            text = ordered(text)
        return self.query(Query(text, results=running.media_type, triples=running.media_type))

    def told(self, running: Running, arrived: tuple[bytes, bytes, int]) -> Answer:
        """Return the answer that has arrived, or raise the `QueryError` that it tells."""
        header, body, rows = arrived
        if header:
            raise fault(json.loads(header), self.settings, running.text)
        return Answer(running.media_type, body, running.form, running.worker.release.name, rows=rows)

    def end(self, running: Running, keep: bool) -> None:
        """Give the worker of a query back; without `keep` it is ended."""
        with self._lock:
            self._running.pop(running.number, None)
        self.give_back(running.worker, keep)

    def running(self) -> list[Running]:
        """Return the queries that are being answered, the oldest first."""
        with self._lock:
            return list(self._running.values())

    def cancel(self, number: int) -> bool:
        """Stop a running query; whoever asked is told so. False where no query has that number."""
        with self._lock:
            found = self._running.get(number)
            if found:
                found.cancelled = True
                os.kill(found.worker.process, signal.SIGKILL)
        return found is not None

    def _check_graphs(self, graphs: tuple[str, ...]) -> None:
        for iri in graphs:
            if iri not in self.graphs():
                raise Refused(
                    f"Not done: FROM <{iri}> names no graph of this endpoint, and it fetches none from elsewhere. "
                    "List its graphs with: SELECT DISTINCT ?g { GRAPH ?g {} }"
                )

    def _run(self, request: bytes, text: str = "") -> tuple[dict, bytes, int, str]:
        for _ in range(3):
            worker = self.take()
            running = Running(next(self._numbers), text, worker)
            keep = False
            try:
                worker.wait()
                with self._lock:
                    self._running[running.number] = running
                running.began = time.monotonic()
                worker.send(request)
                header, body, rows = self._waited(running)
                keep = True
                return json.loads(header) if header else {}, body, rows, worker.release.name
            except EOFError:
                pass
            finally:
                self.end(running, keep)
            self._look_why(worker)
        raise self.unopened()

    def _waited(self, running: Running) -> tuple[bytes, bytes, int]:
        """Return what the worker answers; `EOFError` where it ended instead."""
        try:
            return running.worker.rest(running.began + self.settings.deadline)
        except TimeoutError:
            raise TimedOut(
                f"The query was stopped after {self.settings.deadline:g} seconds, the time that one query may take. "
                "Ask for less: more constants, fewer unconnected patterns, a LIMIT."
            ) from None
        except EOFError:
            if running.cancelled:
                raise Cancelled("The query was stopped by the operator of this endpoint.") from None
            raise

    def _look_why(self, worker: Worker) -> None:
        """Raise why a worker has ended; if it had not read what it was asked, another may be asked."""
        if not worker.asked:
            return
        if worker.ended == UNORDERED:
            raise _Unordered(
                "The query sorts values that have no order among each other, such as dates and texts. "
                "Sort by their texts: ORDER BY STR(?x); or leave ORDER BY out."
            )
        raise EngineFailed(
            f"The query ended the process that answered it, most likely by using more than {self.settings.worker_memory >> 20} MiB of memory. "
            "Ask for less: fewer unconnected patterns, no sorting of large products."
        )

    def _request(self, text: str, media_type: str, defaults: tuple[str, ...] = (), named: tuple[str, ...] = ()) -> bytes:
        """Return what a worker is asked, as it reads it."""
        whole = {"query": text, "base": self.base, "media_type": media_type}
        whole |= {"max_bytes": self.settings.answer_bytes, "max_rows": self.settings.answer_rows}
        if defaults or named:
            whole |= {"default_graphs": defaults, "named_graphs": named}
        return json.dumps(whole).encode()
