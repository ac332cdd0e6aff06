"""Queries over a release on this machine, each in a worker process that is killed at the deadline."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mikg import namespaces
from mikg.engine import Answer, Query, grammar, guard
from mikg.engine.worker import LENGTHS, NO_STORE, READY, term
from mikg.errors import Busy, EngineFailed, QueryError, Refused, ReleaseError, TimedOut, TooLarge
from mikg.settings import PACKAGE, Settings

WINDOW = 100  # signs of a line that an error shows on each side of its place
START = 60  # seconds that a worker may take to open its store


class Worker:
    """One process over one release."""

    def __init__(self, release: Path, memory: int) -> None:
        self.release = release
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mikg.engine.worker", str(theirs.fileno()), str(release / "store"), str(memory)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={"PYTHONPATH": str(PACKAGE.parent), "PATH": os.defpath},
            )
        self.channel = ours
        self._ready = False

    def wait(self) -> None:
        """Return when the process can answer; `EOFError` when it ended instead. A query's time begins after this."""
        if not self._ready:
            self._until(time.monotonic() + START)
            try:
                answer = self.channel.recv(1)
            except ConnectionResetError:
                answer = b""
            if answer != READY:
                raise EOFError
            self._ready = True

    def ask(self, request: bytes, deadline: float) -> tuple[dict, bytes]:
        """Return header and body; `TimeoutError` at the deadline (a `time.monotonic` value), `EOFError` when the process ended."""
        self._until(deadline)
        try:
            self.channel.sendall(LENGTHS.pack(len(request), 0) + request)
            head, body = LENGTHS.unpack(self._read(LENGTHS.size, deadline))
            return json.loads(self._read(head, deadline)), self._read(body, deadline)
        except (BrokenPipeError, ConnectionResetError):
            raise EOFError from None

    def _until(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.channel.settimeout(left)

    def _read(self, size: int, deadline: float) -> bytes:
        parts = []
        while size:
            self._until(deadline)
            data = self.channel.recv(min(size, 1 << 20))
            if not data:
                raise EOFError
            parts.append(data)
            size -= len(data)
        return b"".join(parts)

    def kill(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.channel.close()
        self.process.wait()


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
        # A worker ends with the thread that started it (PR_SET_PDEATHSIG): one that lives as long as the pool.
        self._starter = ThreadPoolExecutor(1, "mikg-workers")
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

    def query(self, query: Query) -> Answer:
        outline = guard.read(query.text, self.limits, self.base)
        defaults = query.default_graphs or (() if query.named_graphs else outline.default_graphs)
        named = query.named_graphs or (() if query.default_graphs else outline.named_graphs)
        self._check_graphs((*defaults, *named))
        request = {
            "query": guard.bind(query.text, outline, {name: str(term(value)) for name, value in query.bindings.items()}),
            "base": self.base,
            "prefixes": namespaces.PREFIXES,
            "default_graphs": defaults,
            "named_graphs": named,
            "media_types": {"results": query.results, "triples": query.triples},
            "max_bytes": self.settings.answer_bytes,
        }
        header, body, release = self._run(json.dumps(request).encode())
        if fault := header.get("fault"):
            raise self._fault(fault, header.get("message", ""), query.text)
        media_type = query.triples if outline.form in ("CONSTRUCT", "DESCRIBE") else query.results
        return Answer(media_type, body, outline.form, release)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.kill()
        self._starter.shutdown()

    def _current(self) -> Path:
        try:
            return (self.settings.releases / "current").resolve(strict=True)
        except OSError:
            raise ReleaseError(f"There is no release in {self.settings.releases}; make one with: mikg build") from None

    def _check_graphs(self, graphs: tuple[str, ...]) -> None:
        for iri in graphs:
            if iri not in self.graphs():
                raise Refused(
                    f"Not done: FROM <{iri}> names no graph of this endpoint, and it fetches none from elsewhere. "
                    "List its graphs with: SELECT DISTINCT ?g { GRAPH ?g {} }"
                )

    def _run(self, request: bytes) -> tuple[dict, bytes, str]:
        for _ in range(3):
            worker = self._take()
            keep = False
            try:
                worker.wait()
                deadline = time.monotonic() + self.settings.deadline
                header, body = worker.ask(request, deadline)
                keep = True
                return header, body, worker.release.name
            except TimeoutError:
                raise TimedOut(
                    f"The query was stopped after {self.settings.deadline:g} seconds, the time that one query may take. "
                    "Ask for less: more constants, fewer unconnected patterns, a LIMIT."
                ) from None
            except EOFError:
                if worker.process.wait() != NO_STORE:
                    raise EngineFailed(
                        f"The query ended the process that answered it, most likely by using more than "
                        f"{self.settings.worker_memory >> 20} MiB of memory. "
                        "Ask for less: fewer unconnected patterns, no sorting of large products."
                    ) from None
                # Its release was replaced and deleted while it started: the next one opens the new release.
            finally:
                self._give_back(worker, keep)
        raise ReleaseError(f"The store of {self._current()} cannot be opened; make the release again: mikg build --force")

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
            release = self._current()
            if worker and (worker.release != release or worker.process.poll() is not None):
                worker.kill()
                worker = None
            return worker or self._start(release)
        except BaseException:
            self._free()
            raise

    def _give_back(self, worker: Worker, keep: bool) -> None:
        if not keep or self._closed:
            worker.kill()
            # The next one is started now, so that nobody waits for it.
            worker = None if self._closed else self._start(self._current())
        if worker:
            self._idle.append(worker)
        self._free()

    def _start(self, release: Path) -> Worker:
        return self._starter.submit(Worker, release, self.settings.worker_memory).result()

    def _free(self) -> None:
        with self._lock:
            self._taken -= 1
            self._lock.notify()

    def _fault(self, fault: str, message: str, text: str) -> QueryError:
        if fault == "size":
            limit = self.settings.answer_bytes
            return TooLarge(f"The answer has more than {limit} bytes. Add a LIMIT, ask for fewer columns, or download the whole graph.")
        if fault == "syntax":
            return _syntax(text, message)
        if "service" in message.lower():
            return Refused("Not done: this endpoint opens no connection.")
        return QueryError(f"The query cannot be answered: {message}")


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
