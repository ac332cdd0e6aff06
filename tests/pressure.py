"""A client that keeps connections busy: each asks, waits for the whole answer, and asks again. One process, so that it takes little of the machine."""

import itertools
import select
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote


@dataclass
class Run:
    """What came of a run: seconds of each answer, in order, and how many answers bore another status than 200."""

    seconds: float
    times: list[float]
    faults: int
    size: int
    processor: float = 0.0  # seconds of processor time that the server took

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds

    def at(self, part: float) -> float:
        return self.times[min(len(self.times) - 1, int(part * len(self.times)))]


def request(port: int, path: str, query: str, accept: str, *headers: str) -> bytes:
    lines = [f"GET {path}?query={quote(query)} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Accept: {accept}", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def drive(port: int, requests: Iterable[bytes], seconds: float, clients: int) -> Run:
    """Send the requests, round and round, over so many connections for so long."""
    queue = itertools.cycle(requests) if isinstance(requests, list) else iter(requests)
    poll = select.epoll()
    open_: dict[int, list] = {}
    times: list[float] = []
    faults = size = 0
    began = time.perf_counter()
    for _ in range(clients):
        channel = socket.create_connection(("127.0.0.1", port))
        channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        open_[channel.fileno()] = [channel, bytearray(), 0, time.perf_counter()]
        poll.register(channel.fileno(), select.EPOLLIN)
        channel.sendall(next(queue))
    until = began + seconds
    while open_:
        for number, _ in poll.poll():
            state = open_[number]
            channel, buffer, needed, asked = state
            data = channel.recv(1 << 20)
            buffer += data
            if not data:
                raise SystemExit(f"the server closed a connection after {bytes(buffer[:200])!r}")
            if not needed:
                needed = state[2] = _length(buffer)
            if needed < 0 and buffer.endswith(b"0\r\n\r\n"):
                needed = len(buffer)
            if needed <= 0 or len(buffer) < needed:
                continue
            now = time.perf_counter()
            times.append(now - asked)
            faults += buffer[9:12] != b"200"
            size += len(buffer)
            if now > until:
                poll.unregister(number)
                channel.close()
                del open_[number]
                continue
            state[1], state[2] = bytearray(), 0
            state[3] = time.perf_counter()
            channel.sendall(next(queue))
    return Run(time.perf_counter() - began, sorted(times), faults, size)


def _length(buffer: bytearray) -> int:
    """Return the size of an answer, head with it; 0 where its head is not whole, -1 where its end tells it."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return 0
    head = bytes(buffer[:end]).lower()
    at = head.find(b"content-length:")
    return end + 4 + int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else -1
