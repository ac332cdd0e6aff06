"""Queries over a release on this machine, each in a worker process that is killed at the deadline."""

import itertools
import json
import os
import re
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from mikg import namespaces
from mikg.engine import Answer, Query, grammar, guard
from mikg.engine.processes import Worker, Zygote
from mikg.engine.worker import term
from mikg.errors import Busy, Cancelled, EngineFailed, QueryError, Refused, ReleaseError, TimedOut, TooLarge
from mikg.settings import Settings

COPIER = "mikg-copy"  # the thread that has a copy made
RECYCLED = 1_000  # queries after which a worker is replaced, since what it has reserved stays reserved
WINDOW = 100  # signs of a line that an error shows on each side of its place


@dataclass
class Running:
    """A query that is being answered."""

    number: int
    text: str
    worker: Worker
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
        self._zygotes: list[Zygote] = []
        self._opening = threading.Lock()
        self._running: dict[int, Running] = {}
        self._numbers = itertools.count(1)
        self._ended = 0
        self._graphs: tuple[str, frozenset[str]] = ("", frozenset())
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
        request = {
            "query": guard.bind(query.text, outline, {name: str(term(value)) for name, value in query.bindings.items()}, query.data),
            "base": self.base,
            "prefixes": namespaces.PREFIXES,
            "default_graphs": defaults,
            "named_graphs": named,
            "media_types": {"results": query.results, "triples": query.triples},
            "max_bytes": self.settings.answer_bytes,
            "max_rows": self.settings.answer_rows,
        }
        header, body, rows, release = self._run(json.dumps(request).encode(), query.text)
        if fault := header.get("fault"):
            raise self._fault(fault, header.get("message", ""), query.text)
        media_type = query.triples if outline.form in ("CONSTRUCT", "DESCRIBE") else query.results
        return Answer(media_type, body, outline.form, release, rows=rows)

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

    def warm(self) -> None:
        """Open the store and start the workers now, so that the first query need not wait for them."""
        workers = [self._take() for _ in range(self.settings.workers)]
        for worker in workers:
            self._give_back(worker, True)

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
        link = self.settings.releases / "current"
        try:
            folder = self.settings.releases / os.readlink(link)
            os.stat(folder)
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
                header, body, rows = worker.ask(request, time.monotonic() + self.settings.deadline)
                keep = True
                return header, body, rows, worker.release.name
            except TimeoutError:
                raise TimedOut(
                    f"The query was stopped after {self.settings.deadline:g} seconds, the time that one query may take. "
                    "Ask for less: more constants, fewer unconnected patterns, a LIMIT."
                ) from None
            except EOFError:
                if running.cancelled:
                    raise Cancelled("The query was stopped by the operator of this endpoint.") from None
                if worker.queries:
                    raise EngineFailed(
                        f"The query ended the process that answered it, most likely by using more than "
                        f"{self.settings.worker_memory >> 20} MiB of memory. "
                        "Ask for less: fewer unconnected patterns, no sorting of large products."
                    ) from None
                # It ended before it was asked anything: the next one is asked.
            finally:
                with self._lock:
                    self._running.pop(running.number, None)
                self._give_back(worker, keep)
        raise self._unopened()

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
            if worker and (worker.release != self._current() or worker.zygote is not self._zygotes[-1] or not worker.alive()):
                self._end(worker)
                worker = None
            return worker or self._start()
        except BaseException:
            self._free()
            raise

    def _give_back(self, worker: Worker, keep: bool) -> None:
        with self._lock:
            self._ended += not keep
            keep = keep and worker.queries < RECYCLED and not self._closed and worker.zygote is self._zygotes[-1]
            if keep:
                self._idle.append(worker)
        if not keep:
            self._end(worker)
        self._free()

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

    def _fault(self, fault: str, message: str, text: str) -> QueryError:
        if fault == "size":
            limit = self.settings.answer_bytes
            return TooLarge(f"The answer has more than {limit} bytes. Add a LIMIT, ask for fewer columns, or download the whole graph.")
        if fault == "rows":
            return too_many_rows(self.settings.answer_rows)
        if fault == "syntax":
            return _syntax(text, message)
        if "service" in message.lower():
            return Refused("Not done: this endpoint opens no connection.")
        return QueryError(f"The query cannot be answered: {message}")


def too_many_rows(limit: int) -> TooLarge:
    """Return the error of an answer that has more rows, or triples, than the limit."""
    return TooLarge(
        f"The answer has more than {limit} rows. Add a LIMIT, ask in parts by ORDER BY with LIMIT and OFFSET, or download the whole graph."
    )


# What Oxigraph finds wrong beyond the grammar, in our words.
PHRASES = {
    "The SELECT contains a variable that is unbound": "with GROUP BY or an aggregate such as COUNT, each column is grouped by or computed; add the "
    "others to GROUP BY",
    "SELECT * is not authorized with GROUP BY": "SELECT * cannot stand with GROUP BY; name the columns",
    "The SELECT overrides an existing variable": "a variable after AS has a value already; choose a new name",
    "IRI parsing failed": "an IRI holds a sign that it cannot, such as a space",
}


def _syntax(text: str, message: str) -> QueryError:
    """Return the error in plain words with its place marked, and what the engine said as details."""
    if found := grammar.fault(text):
        line, column, said = *guard.line_column(text, found.start), found.said
    else:
        place = re.match(r"error at (\d+):(\d+): ", message)
        line, column = (int(place[1]), int(place[2])) if place else (1, 1)
        said = next(
            (plain for phrase, plain in PHRASES.items() if phrase in message),
            "something is not as the grammar of SPARQL has it, here or shortly before",
        )
    shown = text.split("\n")[min(line, text.count("\n") + 1) - 1]
    cut = max(0, column - WINDOW)
    shown = shown[cut : column + WINDOW].replace("\t", " ")
    return QueryError(f"The query does not parse at line {line}, column {column}: {said}.\n{shown}\n{' ' * (column - 1 - cut)}^", message)


def _size(release: Path) -> int:
    """Return how many quads a release has; more than any limit where it does not say."""
    try:
        return json.loads((release / "manifest.json").read_bytes())["counts"]["quads"]
    except (OSError, ValueError, KeyError):
        return sys.maxsize
