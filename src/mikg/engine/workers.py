"""The worker processes of a server: taken for a query and given back, ended and replaced, for whichever release is in use."""

import contextlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mikg.engine.processes import Worker, Zygote
from mikg.errors import Busy, ReleaseError
from mikg.settings import Settings

COPIER = "mikg-copy"  # the thread that has a copy made
BLINK = 0.001  # seconds for which it is believed that the release in use is the same
RECYCLED = 1_000  # queries after which a worker is replaced, since what it has reserved stays reserved


@dataclass(frozen=True)
class Load:
    """How busy a pool is: workers that answer, may answer, queries that wait, and workers that ended before their time."""

    busy: int
    workers: int
    waiting: int
    ended: int


class Workers:
    """As many processes as may answer at once. `releases` is a folder whose link `current` names the release that they read.

    A worker of an older release is replaced when it is next taken, so a new release is in use at once and no request fails.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.warming = False  # whether the first workers are being started
        self._lock = threading.Condition()
        self._idle: list[Worker] = []
        self._taken = 0
        self._waiting = 0
        self._closed = False
        self._zygotes: list[Zygote] = []
        self._opening = threading.Lock()
        self._ended = 0
        self._link = str(settings.releases / "current")
        self._seen: tuple[str, Path, float] = ("", settings.releases, 0.0)  # where the link led last, and when that was
        self.current()

    def current(self) -> Path:
        """Return the folder of the release in use."""
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

    def warm(self, started: Callable[[], None] = lambda: None) -> None:
        """Open the store and start the workers now, so that the first query need not wait for them; `started` is called for each."""
        self.warming = True
        try:
            self._warm(started)
        finally:
            self.warming = False

    def load(self) -> Load:
        """Return how busy the workers are now."""
        with self._lock:
            return Load(self._taken, self.settings.workers, self._waiting, self._ended)

    def copying(self) -> bool:
        """Whether a copy of the release in memory is being made, from which later queries are answered."""
        return any(thread.name == COPIER and thread.is_alive() for thread in threading.enumerate())

    def take_at_once(self) -> Worker | None:
        """Return a worker that can answer now; None where there is none, or somebody waits for one."""
        with self._lock:
            if self._waiting or self._taken >= self.settings.workers or not self._idle:
                return None
            worker = self._idle[-1]
            if not worker.ready or worker.release != self.current() or not self._is_of_newest(worker):
                return None
            self._taken += 1
            return self._idle.pop()

    def take(self) -> Worker:
        """Return a worker, once one is free; `Busy` where too many wait, or for too long."""
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
            if worker and (worker.release != self.current() or not self._is_of_newest(worker) or not worker.alive()):
                self._end(worker)
                worker = None
            return worker or self._start()
        except BaseException:
            self._free()
            raise

    def give_back(self, worker: Worker, keep: bool) -> None:
        """Let others have a worker; without `keep` it is ended."""
        with self._lock:
            self._ended += not keep
            keep = keep and worker.queries < RECYCLED and not self._closed and self._is_of_newest(worker)
            if keep:
                self._idle.append(worker)
        if not keep:
            self._end(worker)
        self._free()

    def close(self) -> None:
        """End all processes."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            zygotes, self._zygotes = self._zygotes, []
        for worker in idle:
            worker.channel.close()
        for zygote in zygotes:
            zygote.close()

    def unopened(self) -> ReleaseError:
        """Return what to raise where no worker can be had."""
        return ReleaseError(f"The store of {self.current()} cannot be opened; make the release again: mikg build --force")

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
            self.give_back(worker, True)
            started()

    def _free(self) -> None:
        with self._lock:
            self._taken -= 1
            self._lock.notify()

    def _end(self, worker: Worker) -> None:
        worker.kill()
        self._retire()

    def _is_of_newest(self, worker: Worker) -> bool:
        """Whether the process that forked a worker is the one that forks now."""
        return self._zygotes[-1:] == [worker.zygote]

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
        raise self.unopened()

    def _zygote(self) -> Zygote:
        """Return the process that forks workers for the release in use: first one that reads the disk, then one that has a copy."""
        with self._opening:
            release = self.current()
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


def _size(release: Path) -> int:
    """Return how many quads a release has; more than any limit where it does not say."""
    try:
        return json.loads((release / "manifest.json").read_bytes())["counts"]["quads"]
    except (OSError, ValueError, KeyError):
        return sys.maxsize
