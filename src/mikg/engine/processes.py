"""The processes behind an engine, seen from their parent: the zygote that holds a store, and the workers that it forks."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path

from mikg.engine.worker import LENGTHS, READY
from mikg.engine.zygote import FORK, KILL, NUMBER, OPEN
from mikg.errors import Cancelled
from mikg.settings import PACKAGE

START = 60  # seconds that a store may take to open, or a worker to start
AT_ONCE = 1 << 18  # bytes of an answer that are taken at once where nothing waits for it
GLANCE = 0.2  # seconds after which it is looked whether the client is still there

# Whether whoever asked has gone away: set by what serves a client, looked at while a query runs.
gone: ContextVar[Callable[[], bool] | None] = ContextVar("gone", default=None)


class Zygote:
    """The process that holds the store of one release, and forks its workers."""

    def __init__(self, release: Path, memory: int, copy: bool) -> None:
        self.release = release
        self.workers = 0
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "mikg.engine.zygote", str(theirs.fileno())),
                    *(str(release / "store"), str(memory), str(int(copy))),
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={"PYTHONPATH": str(PACKAGE.parent), "PATH": os.defpath},
            )
        self._control.settimeout(START)
        if self._control.recv(1) != OPEN:
            self.close()
            raise EOFError

    def fork(self) -> "Worker":
        """Return a new worker; `EOFError` when the process is no more."""
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            try:
                socket.send_fds(self._control, [FORK], [theirs.fileno()])
                answer = self._control.recv(NUMBER.size)
            except OSError:
                answer = b""
            if not answer:
                ours.close()
                raise EOFError
            self.workers += 1
        return Worker(self, ours, NUMBER.unpack(answer)[0])

    def end(self, process: int) -> int | None:
        """Kill a worker; return how it ended, None where that is not known."""
        with self._lock:
            self.workers -= 1
            try:
                self._control.send(KILL + NUMBER.pack(process))
                answer = self._control.recv(NUMBER.size)
            except OSError:
                return None
        return NUMBER.unpack(answer)[0] if answer else None

    def close(self) -> None:
        """End the process, and with it all its workers."""
        self._control.close()
        self.process.kill()
        self.process.wait()


class Worker:
    """One process that answers queries over one release."""

    def __init__(self, zygote: Zygote, channel: socket.socket, process: int) -> None:
        self.zygote = zygote
        self.release = zygote.release
        self.channel = channel
        self.process = process
        self.queries = 0
        self.ready = False  # whether it has said that it can answer
        self.asked = False  # whether it has been asked something, and did not end before it read that
        self.ended: int | None = None  # how, where that is known
        self._come = bytearray()  # of the answer that is under way

    def wait(self) -> None:
        """Return when the process can answer; `EOFError` when it ended instead. A query's time begins after this."""
        if not self.ready:
            self._fill(1, time.monotonic() + START)
            if self._come != READY:
                raise EOFError
            self.ready = True

    def send(self, request: bytes) -> None:
        """Ask something, of which `rest` or `arrived` then gives the answer; `EOFError` when the process has ended."""
        self.queries += 1
        self.asked = False
        self._come = bytearray()
        try:
            self._wait_never()
            self.channel.sendall(LENGTHS.pack(len(request), 0, 0) + request)
        except OSError:
            raise EOFError from None
        self.asked = True

    def arrived(self) -> tuple[bytes, bytes, int] | None:
        """Return what `rest` returns if all of it is there; None where it is not, or is large. Never waits."""
        self._wait_never()
        try:
            data = self.channel.recv(AT_ONCE, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None
        except ConnectionResetError:
            self.asked, data = False, b""
        if not data:
            raise EOFError
        self._come += data
        return self._taken() if self._needed() <= len(self._come) else None

    def rest(self, deadline: float) -> tuple[bytes, bytes, int]:
        """Return header, body and rows of the answer; `TimeoutError` at the deadline (a `time.monotonic` value), `EOFError` when the process ended."""
        self._fill(LENGTHS.size, deadline)
        self._fill(self._needed(), deadline)
        return self._taken()

    def _wait_never(self) -> None:
        """Let the socket have no time-out of its own: with one, each call would wait for it first."""
        if self.channel.gettimeout() is not None:
            self.channel.settimeout(None)

    def _needed(self) -> int:
        if len(self._come) < LENGTHS.size:
            return LENGTHS.size
        head, body, _ = LENGTHS.unpack_from(self._come)
        return LENGTHS.size + head + body

    def _taken(self) -> tuple[bytes, bytes, int]:
        head, _, rows = LENGTHS.unpack_from(self._come)
        come, self._come = memoryview(self._come), bytearray()
        begins = LENGTHS.size + head
        return bytes(come[LENGTHS.size : begins]), bytes(come[begins:]), rows

    def _fill(self, size: int, deadline: float) -> None:
        """Wait until so many bytes have come."""
        here = len(self._come)
        if size <= here:
            return
        self._come.extend(bytes(size - here))
        view = memoryview(self._come)[here:]
        left_by = gone.get()
        while view:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.channel.settimeout(min(left, GLANCE) if left_by else left)
            try:
                taken = self.channel.recv_into(view)
            except TimeoutError:
                if left_by and left_by():
                    raise Cancelled("The query was stopped, since whoever asked has gone.") from None
                continue
            except ConnectionResetError:  # what a socket says whose other end was closed with something in it
                self.asked, taken = False, 0
            if not taken:
                raise EOFError
            view = view[taken:]

    def alive(self) -> bool:
        """Whether the process still listens."""
        self.channel.settimeout(0)
        try:
            return bool(self.channel.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def kill(self) -> None:
        """End the process, whatever it does."""
        self.channel.close()
        self.ended = self.zygote.end(self.process)
