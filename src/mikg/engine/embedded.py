"""Queries over a release on this machine, each in a worker process that is killed at the deadline."""

import contextlib
import itertools
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mikg import namespaces
from mikg.engine import Answer, Query, guard
from mikg.engine.faults import fault
from mikg.engine.processes import Worker, Zygote
from mikg.engine.worker import term
from mikg.errors import Busy, Cancelled, EngineFailed, Refused, ReleaseError, TimedOut
from mikg.settings import Settings

COPIER = "mikg-copy"  # the thread that has a copy made
BLINK = 0.001  # seconds for which it is believed that the release in use is the same
RECYCLED = 1_000  # queries after which a worker is replaced, since what it has reserved stays reserved


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


@dataclass(frozen=True)
class Load:
    """How busy a pool is: workers that answer, may answer, queries that wait, and workers that ended before their time."""

    busy: int
    workers: int
    waiting: int
    ended: int


class Pool:
    """The workers of one server. `releases` is a folder whose link `current` names the release to read.

    A worker of an older release is replaced when it is next taken, so a new release is in use at once and no request fails.
    """

    base = namespaces.BASE  # what the relative IRIs of a query resolve against

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.limits = guard.Limits(settings.query_bytes, settings.query_depth, settings.query_patterns, settings.query_values)
        self._lock = threading.Condition()
        self._idle: list[Worker] = []
        self._taken = 0
        self._waiting = 0
        self._closed = False
        self.warming = False  # whether the first workers are being started
        self._zygotes: list[Zygote] = []
        self._opening = threading.Lock()
        self._running: dict[int, Running] = {}
        self._numbers = itertools.count(1)
        self._ended = 0
        self._graphs: tuple[str, frozenset[str]] = ("", frozenset())
        self._link = str(settings.releases / "current")
        self._seen: tuple[str, Path, float] = ("", settings.releases, 0.0)  # where the link led last, and when that was
        self._current()

    def release(self) -> str:
        return self._current().name

    def graphs(self) -> frozenset[str]:
        release = self._current()
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
        header, body, rows, release = self._run(self._request(text, media_type, defaults, named), query.text)
        if header:
            raise fault(header, self.settings, query.text)
        return Answer(media_type, body, outline.form, release, rows=rows)

    def begin(self, text: str, form: str, media_type: str) -> Running | None:
        """Have a worker begin with a query without waiting for one; None where none is free at once, or somebody waits for it.

        What was begun ends by `wait`, or by `end` when `worker.arrived()` has given the answer that `told` then reads. The query has passed the guard, and names no graphs.
        """
        worker = self._take_at_once()
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
        keep = False
        try:
            arrived = self._waited(running)
            keep = True
        except EOFError:
            arrived = None
        finally:
            self.end(running, keep)
        if arrived is None:  # it ended before it read the query: another is asked
            return self.query(Query(running.text, results=running.media_type, triples=running.media_type))
        return self.told(running, arrived)

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
        self._give_back(running.worker, keep)

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

    def load(self) -> Load:
        """Return how busy the workers are now."""
        with self._lock:
            return Load(self._taken, self.settings.workers, self._waiting, self._ended)

    def warm(self, started: Callable[[], None] = lambda: None) -> None:
        """Open the store and start the workers now, so that the first query need not wait for them; `started` is called for each."""
        self.warming = True
        try:
            self._warm(started)
        finally:
            self.warming = False

    def _warm(self, started: Callable[[], None]) -> None:
        for _ in range(self.settings.workers):
            # One after the other, and none that is taken: whoever asks meanwhile waits for no worker because of this.
            with self._lock:
                if self._taken + len(self._idle) >= self.settings.workers:
                    return
                self._taken += 1
            try:
                worker = self._start()
            except BaseException:
                self._free()
                raise
            with contextlib.suppress(EOFError):  # whoever takes it finds that it has ended
                worker.wait()
            self._give_back(worker, True)
            started()

    def copying(self) -> bool:
        """Whether a copy of the release in memory is being made, from which later queries are answered."""
        return any(thread.name == COPIER and thread.is_alive() for thread in threading.enumerate())

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            zygotes, self._zygotes = self._zygotes, []
        for worker in idle:
            worker.channel.close()
        for zygote in zygotes:
            zygote.close()

    def _current(self) -> Path:
        name, folder, when = self._seen
        now = time.monotonic()
        if now - when < BLINK:
            return folder
        try:
            link = os.readlink(self._link)
            if link != name:
                folder = self.settings.releases / link
            os.stat(folder)
            self._seen = (link, folder, now)
            return folder
        except OSError:
            raise ReleaseError(f"There is no release in {self.settings.releases}; make one with: mikg build") from None

    def _check_graphs(self, graphs: tuple[str, ...]) -> None:
        for iri in graphs:
            if iri not in self.graphs():
                raise Refused(
                    f"Not done: FROM <{iri}> names no graph of this endpoint, and it fetches none from elsewhere. "
                    "List its graphs with: SELECT DISTINCT ?g { GRAPH ?g {} }"
                )

    def _run(self, request: bytes, text: str = "") -> tuple[dict, bytes, int, str]:
        for _ in range(3):
            worker = self._take()
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
                pass  # it ended before it read the query: the next one is asked
            finally:
                self.end(running, keep)
        raise self._unopened()

    def _waited(self, running: Running) -> tuple[bytes, bytes, int]:
        """Return what the worker answers; `EOFError` where it ended before it read the query, so that another may be asked."""
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
            if running.worker.unread:
                raise
            raise EngineFailed(
                f"The query ended the process that answered it, most likely by using more than "
                f"{self.settings.worker_memory >> 20} MiB of memory. "
                "Ask for less: fewer unconnected patterns, no sorting of large products."
            ) from None

    def _request(self, text: str, media_type: str, defaults: tuple[str, ...] = (), named: tuple[str, ...] = ()) -> bytes:
        """Return what a worker is asked, as it reads it."""
        whole = {"query": text, "base": self.base, "media_type": media_type}
        whole |= {"max_bytes": self.settings.answer_bytes, "max_rows": self.settings.answer_rows}
        if defaults or named:
            whole |= {"default_graphs": defaults, "named_graphs": named}
        return json.dumps(whole).encode()

    def _take_at_once(self) -> Worker | None:
        with self._lock:
            if self._waiting or self._taken >= self.settings.workers or not self._idle:
                return None
            worker = self._idle[-1]
            if not worker.ready or worker.release != self._current() or not self._is_of_newest(worker):
                return None
            self._taken += 1
            return self._idle.pop()

    def _take(self) -> Worker:
        give_up = time.monotonic() + self.settings.deadline
        with self._lock:
            if self._waiting >= self.settings.queue:
                raise Busy(f"{self._waiting} queries are waiting already, as many as may; try again in a few seconds.")
            self._waiting += 1
            try:
                while self._taken >= self.settings.workers:
                    if not self._lock.wait(give_up - time.monotonic()):
                        raise Busy("Every worker was taken for as long as a query may wait; try again in a few seconds.")
                self._taken += 1
                worker = self._idle.pop() if self._idle else None
            finally:
                self._waiting -= 1
        try:
            if worker and (worker.release != self._current() or not self._is_of_newest(worker) or not worker.alive()):
                self._end(worker)
                worker = None
            return worker or self._start()
        except BaseException:
            self._free()
            raise

    def _give_back(self, worker: Worker, keep: bool) -> None:
        with self._lock:
            self._ended += not keep
            keep = keep and worker.queries < RECYCLED and not self._closed and self._is_of_newest(worker)
            if keep:
                self._idle.append(worker)
        if not keep:
            self._end(worker)
        self._free()

    def _is_of_newest(self, worker: Worker) -> bool:
        """Whether the process that forked a worker is the one that forks now."""
        return self._zygotes[-1:] == [worker.zygote]

    def _end(self, worker: Worker) -> None:
        worker.kill()
        self._retire()

    def _start(self) -> Worker:
        for _ in range(3):
            try:
                return self._zygote().fork()
            except EOFError:
                with self._lock:  # it was ended from outside, or its release was deleted while it started
                    dead = [zygote for zygote in self._zygotes if zygote.process.poll() is not None]
                    self._zygotes = [zygote for zygote in self._zygotes if zygote not in dead]
                for zygote in dead:
                    zygote.close()
        raise self._unopened()

    def _zygote(self) -> Zygote:
        """Return the process that forks workers for the release in use: first one that reads the disk, then one that has a copy."""
        with self._opening:
            release = self._current()
            if not self._zygotes or self._zygotes[-1].release != release:
                self._use(Zygote(release, self.settings.worker_memory, False))
                if _size(release) <= self.settings.memory_quads:
                    threading.Thread(target=self._copy, args=(release,), name=COPIER, daemon=True).start()
            return self._zygotes[-1]

    def _copy(self, release: Path) -> None:
        try:
            copy = Zygote(release, self.settings.worker_memory, True)
        except EOFError:
            return  # what reads the disk goes on
        with self._opening:
            if self._zygotes and self._zygotes[-1].release == release:
                self._use(copy)
            else:
                copy.close()

    def _use(self, zygote: Zygote) -> None:
        with self._lock:
            closed = self._closed
            if not closed:
                self._zygotes.append(zygote)
            stale = [worker for worker in self._idle if worker.zygote is not zygote]
            self._idle = []
        for worker in stale:
            worker.kill()
        if closed:
            zygote.close()
            raise ReleaseError("This engine is closed.")
        self._retire()

    def _retire(self) -> None:
        """Close what forks no more workers and has none left."""
        with self._lock:
            retired = [zygote for zygote in self._zygotes[:-1] if zygote.workers <= 0]
            self._zygotes = [zygote for zygote in self._zygotes if zygote not in retired]
        for zygote in retired:
            zygote.close()

    def _unopened(self) -> ReleaseError:
        return ReleaseError(f"The store of {self._current()} cannot be opened; make the release again: mikg build --force")

    def _free(self) -> None:
        with self._lock:
            self._taken -= 1
            self._lock.notify()


def _size(release: Path) -> int:
    """Return how many quads a release has; more than any limit where it does not say."""
    try:
        return json.loads((release / "manifest.json").read_bytes())["counts"]["quads"]
    except (OSError, ValueError, KeyError):
        return sys.maxsize
