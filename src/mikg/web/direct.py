"""Queries that the server's one loop answers by itself: no thread takes them over, and no framework reads them.

Two kinds. The same bytes that were answered before are answered with the same, from the cache. A plain query by the protocol (GET or
POST, one parameter, a worker free) is handed to the worker at once, and its answer sent when it has arrived. Whatever is more than that
goes the way of all other requests, and so does a query that takes longer than a moment, with the worker that has begun with it: there
it meets its deadline, its size, and the words of its faults. Limits, cache, counters and log are those of that way.
"""

import logging
import time
from collections.abc import Callable

from mikg.engine import Answer
from mikg.engine.embedded import Pool, Running
from mikg.errors import MikgError
from mikg.web import media
from mikg.web.cache import Cache, Kept
from mikg.web.gate import Gate
from mikg.web.plain import Asked, Reader

LOG = logging.getLogger("mikg.direct")
PATIENCE = 0.2  # seconds after which a query is no longer waited for in the loop
LARGE = 500  # bytes of an answer from which it is worth packing, which takes a thread
LARGEST = 1 << 23  # bytes of an answer beyond which a thread writes it, packed or not


class Begun:
    """What a worker has begun with, for the thread that goes on: called, it gives the answer."""

    def __init__(self, engine: Pool, running: Running, whole: tuple | None) -> None:
        self._engine, self._running, self._whole = engine, running, whole
        self._ended = whole is not None

    def __call__(self) -> Answer:
        if self._whole:
            return self._engine.told(self._running, self._whole)
        self._ended = True
        return self._engine.wait(self._running)

    def drop(self) -> None:
        """End the worker if nobody has asked for the answer."""
        if not self._ended:
            self._engine.end(self._running, False)


class Direct:
    """What answers by itself for one server. Only the thread of the server's loop calls it; `sockets` is what that loop looks after, `made` tells whether the application is there."""

    def __init__(
        self,
        engine: Pool,
        kept: Cache,
        gate: Gate,
        headers: tuple[tuple[str, str], ...],
        proxy: str,
        sockets: dict,
        made: Callable[[], bool] = lambda: True,
    ) -> None:
        self._engine = engine
        self._kept = kept
        self._gate = gate
        self._headers = headers
        self._reader = Reader(engine.limits, proxy, made)
        self._sockets = sockets
        self._begun: dict[int, Asked] = {}  # by the descriptor of their worker's socket
        self._waiting: list[Asked] = []
        self._head: tuple[int, str] = (0, "")

    def again(self, channel: object, data: bytes) -> bool:
        """Answer a request if the same bytes have been answered before; whether that was so."""
        began = time.monotonic()
        found = self._kept.again((channel.addr[0], data))
        if found is None or channel.will_close or channel.close_when_flushed or channel.total_outbufs_len:
            return False
        environ = dict(found.noted)
        client = environ["REMOTE_ADDR"]
        if self._gate.enter(client, 0):
            return False
        self._gate.leave(client)
        self._send(channel, found)
        self._gate.written(environ, int(found.status[:3]), len(found.body), began)
        return True

    def take(self, channel: object) -> bool:
        """Begin with the one request of a channel; False where it is one for the others."""
        if len(channel.requests) != 1 or channel.total_outbufs_len:
            return False
        request = channel.requests[0]
        asked = self._reader.read(channel, request)
        if asked is None or self._gate.enter(asked.environ["REMOTE_ADDR"], len(request.path) + len(request.query)):
            return False
        asked.key = self._kept.key(asked.environ)
        if asked.key and (found := self._kept.find(asked.key)):
            asked.environ |= {**found.noted, "mikg.cache": "hit"}
            # The lock of the channel's requests is held where a request has just come.
            channel.requests.pop()
            self._reply(asked, self._kept.sent(asked.environ, found, asked.key))
            return True
        if self._begin(asked):
            return True
        if self._begun or self._engine.warming:
            self._waiting.append(asked)
            return True
        self._leave(asked)
        return False

    def tick(self) -> None:
        """Hand over what has taken longer than a moment; called at each turn of the loop."""
        if self._begun or self._waiting:
            try:
                self._hand_over_late()
            except Exception as fault:
                LOG.error("unexpected fault in the server's loop", exc_info=fault)

    def broken(self, asked: Asked, fault: Exception) -> None:
        """Let a thread begin anew with a request in which something unforeseen has happened here."""
        LOG.error("unexpected fault in the server's loop", exc_info=fault)
        self._forget(asked)
        self._leave(asked)
        if any(each is asked.running for each in self._engine.running()):
            self._engine.end(asked.running, False)
        if asked.channel.requests:
            asked.channel.requests[0].begun = None
            asked.channel.server.task_dispatcher.add_task(asked.channel)

    def _hand_over_late(self) -> None:
        late = time.monotonic() - PATIENCE
        for asked in [each for each in self._begun.values() if each.began < late]:
            self._forget(asked)
            self._hand_over(asked)
        self._begin_waiting()
        while self._waiting and not self._engine.warming and (self._waiting[0].began < late or not self._begun):
            self._hand_over(self._waiting.pop(0))

    def _begin_waiting(self) -> None:
        while self._waiting and self._begin(self._waiting[0]):
            self._waiting.pop(0)

    def _begin(self, asked: Asked) -> bool:
        try:
            asked.running = self._engine.begin(asked.text, asked.form, asked.media_type)
        except MikgError:
            return False
        if asked.running is None:
            return False
        asked.descriptor = asked.running.worker.channel.fileno()
        self._begun[asked.descriptor] = asked
        self._sockets[asked.descriptor] = _Socket(self, asked)
        return True

    def waits_for(self, asked: Asked) -> bool:
        """Whether an answer is still to be taken here."""
        return self._begun.get(asked.descriptor) is asked

    def arrived(self, asked: Asked) -> None:
        """Look at what a worker has sent; answer when that is all."""
        try:
            whole = asked.running.worker.arrived()
        except EOFError:
            self._forget(asked)
            self._hand_over(asked)
            return
        if whole is None:
            return
        self._forget(asked)
        self._engine.end(asked.running, True)
        header, body, rows = whole
        packed = len(body) >= LARGE and asked.environ.get("HTTP_ACCEPT_ENCODING", "identity") != "identity"
        if header or packed or len(body) > LARGEST:
            self._hand_over(asked, whole)
        else:
            asked.environ["mikg.rows"] = rows
            release = asked.running.worker.release.name
            more = [("Content-Type", media.content_type(asked.media_type)), ("X-Mikg-Release", release)]
            made = self._kept.made(asked.environ, "200 OK", (*self._headers, *more), body, asked.key)
            with asked.channel.requests_lock:
                asked.channel.requests.pop(0)
                others = bool(asked.channel.requests)
            self._reply(asked, self._kept.sent(asked.environ, made, asked.key))
            if others:
                asked.channel.server.add_task(asked.channel)
        self._begin_waiting()

    def _leave(self, asked: Asked) -> None:
        """Count a query no more among those of its client, once."""
        if not asked.left:
            asked.left = True
            self._gate.leave(asked.environ["REMOTE_ADDR"])

    def _forget(self, asked: Asked) -> None:
        self._begun.pop(asked.descriptor, None)
        self._sockets.pop(asked.descriptor, None)

    def _hand_over(self, asked: Asked, whole: tuple | None = None) -> None:
        """Let a thread go on with a request, with the worker that has begun with it, or with what that has answered."""
        self._leave(asked)
        if asked.running:
            asked.channel.requests[0].begun = Begun(self._engine, asked.running, whole)
        asked.channel.server.task_dispatcher.add_task(asked.channel)

    def _reply(self, asked: Asked, found: Kept) -> None:
        self._leave(asked)
        self._send(asked.channel, found)
        self._gate.written(asked.environ, int(found.status[:3]), len(found.body), asked.began)

    def _send(self, channel: object, found: Kept) -> None:
        now = int(time.time())
        if now != self._head[0]:
            date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(now))
            self._head = (now, f"\r\nServer: {channel.adj.ident}\r\nDate: {date}\r\n\r\n")
        lines = "\r\n".join(map(": ".join, found.headers))
        channel.send_whole(f"HTTP/1.1 {found.status}\r\n{lines}{self._head[1]}".encode("latin-1") + found.body)


class _Socket:
    """A worker's socket, as the server's loop knows sockets."""

    accepting = False

    def __init__(self, direct: Direct, asked: Asked) -> None:
        self._direct, self._asked = direct, asked

    def readable(self) -> bool:
        # The loop asks all that it has listed; of these, some may have been handed over since, and closed by a thread.
        return self._direct.waits_for(self._asked)

    def writable(self) -> bool:
        return False

    def handle_read_event(self) -> None:
        try:
            self._direct.arrived(self._asked)
        except Exception as fault:  # the loop serves all others too, and goes on
            self._direct.broken(self._asked, fault)

    handle_expt_event = handle_read_event

    def handle_error(self) -> None:
        """What went wrong is told where it is caught."""
