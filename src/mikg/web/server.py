"""The HTTP server: waitress, whose one loop reads every request whole before a thread takes it, so that slow clients hold no thread.

Measured beside gunicorn and granian it answers small queries about as fast, and it alone of the three tells a running request that
its client has left. What is added here: a time within which a request must have arrived, and words for what the server refuses.
"""

import errno
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import MultiSocketServer, TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask
from waitress.utilities import Error

from mikg.errors import Misuse
from mikg.settings import Settings
from mikg.web.direct import Begun, Direct
from mikg.web.plain import stays

LOOKED_AFTER = 1  # seconds between two looks at connections that wait
TURN = 0.1  # seconds for which the loop sleeps where nothing happens
LINGER = 2  # seconds for which what is still sent of a refused request is read away
GRACE = 30  # seconds that running requests are given when the server is told to stop
WORDS = {
    408: "The request did not arrive within {request_seconds:g} seconds; send it again, and at once.",
    413: "The request has a body of more than {body_bytes} bytes, which is the limit here; ask in parts.",
    431: "The header of the request has more than {header_bytes} bytes, which is the limit here; send a long query by POST.",
}


class RequestTimeout(Error):
    code = 408
    reason = "Request Timeout"


class Parser(HTTPRequestParser):
    """Reads one request; what it refuses it says in our words."""

    raw = b""  # all its bytes, where they came at once
    begun: Begun | None = None  # gives the answer of the query that a worker has begun with

    def received(self, data: bytes) -> int:
        taken = super().received(data)
        if self.error and self.error.code in self.adj.words:
            self.error = type(self.error)(self.adj.words[self.error.code])
        return taken


class Task(WSGITask):
    """One request, answered by the application in a thread."""

    def get_environment(self) -> dict:
        environ = super().get_environment()
        if self.request.begun:
            environ["mikg.begun"] = self.request.begun
        if self.request.raw:
            environ["mikg.raw"] = (self.channel.addr[0], self.request.raw)
        return environ


class Channel(HTTPChannel):
    """One connection; it knows since when the request that arrives now has been arriving."""

    parser_class = Parser
    task_class = Task
    since = 0.0
    raw = b""
    rest = memoryview(b"")  # what is still to be sent of an answer of the loop
    refused = False  # whether a request was refused before all of it had come
    lingers = 0.0  # until when a connection that is over for us is still read from

    def received(self, data: bytes) -> bool:
        whole = b""
        if self.request is None:
            self.since = time.monotonic()
            if self.server.direct and not self.requests and data[:4] == b"GET " and data.find(b"\r\n\r\n") == len(data) - 4:
                if self.server.direct.again(self, data):
                    return True
                whole = data
        self.raw = whole
        return super().received(data)

    def service(self) -> None:
        begun = self.requests[0].begun
        self.refused = self.requests[0].error is not None
        try:
            super().service()
        finally:
            if begun:
                begun.drop()

    def readable(self) -> bool:
        return bool(self.lingers) or super().readable()

    def writable(self) -> bool:
        return time.monotonic() > self.lingers if self.lingers else super().writable()

    def handle_write(self) -> None:
        if self.lingers:
            self.handle_close()
        else:
            super().handle_write()

    def handle_read(self) -> None:
        if not self.lingers:
            super().handle_read()
            return
        try:
            self.recv(self.adj.recv_bytes)  # closes the connection where the client has
        except OSError:
            self.handle_close()

    def handle_close(self) -> None:
        """Close the connection; where a request was refused, read away first what is still sent of it.

        Else a client that is still sending meets a reset before it has read why (RFC 9112, section 9.6).
        """
        if self.refused and self.connected and not self.lingers:
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            else:
                self.lingers = time.monotonic() + LINGER
                return
        super().handle_close()

    def send_whole(self, data: bytes) -> None:
        """Send an answer from the server's loop, as much at once as goes; nothing else waits to be sent."""
        with self.outbuf_lock:
            self.rest = memoryview(data)
            self.total_outbufs_len += len(data)
            self._flush_exception(self._flush_some)

    def _flush_some(self, do_close: bool = True) -> bool:
        if not self.rest:
            return super()._flush_some(do_close)
        sent = self.send(self.rest, do_close=do_close)
        self.rest = self.rest[sent:]
        self.total_outbufs_len -= sent
        self.last_activity = time.time()
        return bool(sent)

    def give_up(self, seconds: float) -> None:
        """Refuse a request that has been arriving for longer."""
        with self.requests_lock:
            late = self.request is not None and not self.requests and time.monotonic() - self.since > seconds
            if late:
                self.request.error = RequestTimeout(self.adj.words[408])
                self.request.completed = True
                self.requests.append(self.request)
                self.request = None
        if late:
            self.server.add_task(self)


class Listener(TcpWSGIServer):
    """One address listened on."""

    channel_class = Channel
    direct: Direct | None = None
    loop = 0  # the thread in which the server's loop runs

    def add_task(self, task: Channel) -> None:
        # A thread that has answered one request of a channel begins the next one that is there: that is none for the loop.
        if self.direct and threading.get_ident() == self.loop:
            request = task.requests[0]
            # What a client says of its connection is for the others to read, and so is an older protocol.
            request.raw = task.raw if request.version == "1.1" and stays(request.headers) else b""
            if self.direct.take(task):
                return
        super().add_task(task)

    def readable(self) -> bool:
        if self.direct:
            self.direct.tick()
        return super().readable()

    def maintenance(self, now: float) -> None:
        super().maintenance(now)
        for channel in list(self.active_channels.values()):
            channel.give_up(self.adj.request_seconds)


class Server:
    """Listens at the settings' address from the moment that it is made; `Misuse` when the address cannot be had."""

    def __init__(self, app: Callable, settings: Settings, direct: Callable[[dict], Direct | None] = lambda sockets: None) -> None:
        self._tasks = ThreadedTaskDispatcher()
        self._heeding = threading.Event()  # whether signals are heeded, which would end the process before
        try:
            adjustments = _adjustments(settings)
            self._map: dict = {}
            self._listeners = [
                Listener(app, self._map, dispatcher=self._tasks, adj=adjustments, sockinfo=each) for each in adjustments.listen
            ]
        except (OSError, ValueError) as fault:
            raise Misuse(_why(settings, fault)) from None
        for each in self._listeners:
            each.direct = direct(self._map)
        self._tasks.set_thread_count(adjustments.threads)
        self.port = self._listeners[0].effective_port
        listening = [(each.effective_host, each.effective_port) for each in self._listeners]
        self._loop = (
            self._listeners[0]
            if len(self._listeners) == 1
            else MultiSocketServer(self._map, adjustments, effective_listen=listening, dispatcher=self._tasks)
        )

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; then take no more connections, and let running requests end."""
        stopping = threading.Event()

        def stop(*_: object) -> None:
            if stopping.is_set():
                sys.exit(0)
            stopping.set()
            threading.Thread(target=self._drain, name="mikg-drain", daemon=True).start()

        for listener in self._listeners:
            listener.loop = threading.get_ident()
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        self._heeding.set()
        self._loop.run()

    def wake(self) -> None:
        """Have the loop look at once at what waits, from any thread."""
        self._listeners[0].pull_trigger()

    def stop(self) -> None:
        """Tell the server to stop, from any thread, as soon as it runs."""
        self._heeding.wait()
        signal.pthread_kill(threading.main_thread().ident, signal.SIGTERM)

    def _drain(self) -> None:
        for listener in self._listeners:
            listener.accepting = False
            listener.socket.shutdown(socket.SHUT_RD) if sys.platform != "darwin" else None
        until = time.monotonic() + GRACE
        while self._busy() and time.monotonic() < until:
            time.sleep(0.05)
        self.stop()

    def _busy(self) -> bool:
        return any(
            channel.requests or channel.total_outbufs_len for each in self._listeners for channel in list(each.active_channels.values())
        )


def _adjustments(settings: Settings) -> Adjustments:
    trusted = {"trusted_proxy": settings.trusted_proxy, "trusted_proxy_headers": "x-forwarded-for x-forwarded-proto x-forwarded-host"}
    adjustments = Adjustments(
        host=settings.host,
        port=settings.port,
        ident="mikg",
        threads=settings.workers + settings.queue,
        connection_limit=settings.connections,
        cleanup_interval=LOOKED_AFTER,
        channel_timeout=settings.request_seconds * 2,
        channel_request_lookahead=1,  # what is behind `waitress.client_disconnected`
        max_request_header_size=settings.header_bytes,
        max_request_body_size=settings.body_bytes + 1,
        clear_untrusted_proxy_headers=True,
        **(trusted if settings.trusted_proxy else {}),
    )
    adjustments.asyncore_loop_timeout = TURN  # given above, it would be cut to whole seconds
    adjustments.request_seconds = settings.request_seconds
    adjustments.words = {code: text.format(**vars(settings)) for code, text in WORDS.items()}
    return adjustments


def _why(settings: Settings, fault: OSError | ValueError) -> str:
    if isinstance(fault, ValueError | socket.gaierror):
        return f"The host {settings.host!r} is no address of this machine."
    if fault.errno == errno.EADDRINUSE:
        return f"Port {settings.port} of {settings.host} is in use already; choose another with --port (0 takes a free one)."
    if fault.errno == errno.EACCES:
        return f"Port {settings.port} may not be opened by this user; choose one above 1023 with --port."
    return f"Cannot listen on {settings.host} port {settings.port}: {fault.strerror}."
