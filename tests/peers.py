"""SPARQL servers over the same release, ours and those beside which it is measured: each a process of its own, on loopback."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pyoxigraph as ox

from mikg import publishing, settings
from mikg import release as releases

START = 600  # seconds that a server may take to read its data
BIN = Path(sys.executable).parent


@dataclass
class Peer:
    """A server that runs: its name, port, path of its endpoint, process, and how long it took to give its first answer."""

    name: str
    port: int
    path: str
    process: subprocess.Popen
    first: float = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"


@contextlib.contextmanager
def mikg(release: Path, **variables: str) -> Iterator[Peer]:
    """`mikg serve` over a release."""
    with tempfile.TemporaryDirectory(prefix="mikg-peer-") as folder:
        # Under the name of the release of today's sources, since another one would be made first.
        name = releases.name(settings.load())
        (Path(folder) / name).symlink_to(release.resolve())
        (Path(folder) / "current").symlink_to(name)
        environment = {**os.environ, "MIKG_RELEASES": folder, **variables}
        with _running("mikg", "/sparql", lambda port: [sys.executable, "-m", "mikg", "serve", "--port", str(port)], environment) as peer:
            yield peer


@contextlib.contextmanager
def oxigraph_on_disk(release: Path, *options: str) -> Iterator[Peer]:
    """`oxigraph serve-read-only` over the store of a release."""
    command = [str(BIN / "oxigraph"), "serve-read-only", "--location", str(release / "store"), *options]
    with _running("oxigraph on disk", "/query", lambda port: [*command, "--bind", f"127.0.0.1:{port}"]) as peer:
        yield peer


@contextlib.contextmanager
def oxigraph_in_memory(release: Path, *options: str) -> Iterator[Peer]:
    """`oxigraph serve` in memory, with the quads of a release."""
    command = [str(BIN / "oxigraph"), "serve", *options]
    with _running("oxigraph in memory", "/query", lambda port: [*command, "--bind", f"127.0.0.1:{port}"]) as peer:
        file = quads(release)
        with open(file, "rb") as body:
            sent = httpx.post(
                f"http://127.0.0.1:{peer.port}/store", content=body, headers={"Content-Type": "application/n-quads"}, timeout=START
            )
        sent.raise_for_status()
        yield peer


@contextlib.contextmanager
def rdflib_endpoint(release: Path) -> Iterator[Peer]:
    """rdflib-endpoint with the quads of a release in rdflib's memory."""
    command = [str(BIN / "rdflib-endpoint"), "serve", "--host", "127.0.0.1", str(quads(release))]
    with _running("rdflib-endpoint", "/", lambda port: [*command, "--port", str(port)]) as peer:
        yield peer


@contextlib.contextmanager
def virtuoso(release: Path) -> Iterator[Peer]:
    """Virtuoso (Debian: virtuoso-opensource-7-bin) with a release published to it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        database = listener.getsockname()[1]

    def command(port: int) -> list[str]:
        (place / "virtuoso.ini").write_text(
            "[Database]\nDatabaseFile = virtuoso.db\nErrorLogFile = virtuoso.log\nTransactionFile = virtuoso.trx\n"
            "xa_persistent_file = virtuoso.pxa\n[TempDatabase]\nDatabaseFile = temp.db\nTransactionFile = temp.trx\n"
            f"[Parameters]\nServerPort = 127.0.0.1:{database}\nNumberOfBuffers = 20000\nMaxDirtyBuffers = 10000\n"
            f"[HTTPServer]\nServerPort = 127.0.0.1:{port}\n[SPARQL]\nResultSetMaxRows = 100000\nMaxQueryExecutionTime = 5\n"
        )
        return ["virtuoso-t", "-f", "+configfile", str(place / "virtuoso.ini"), "+wait"]

    with tempfile.TemporaryDirectory(prefix="mikg-virtuoso-") as folder:
        place = Path(folder)
        with _running("Virtuoso", "/sparql", command, cwd=place) as peer:
            store = f"http://dba:dba@127.0.0.1:{peer.port}/sparql-graph-crud-auth"
            publishing.publish(release, store, lambda _: None, "digest", merge=True)
            yield peer


def quads(release: Path) -> Path:
    """Return a file of all quads of a release, made where there is none; its merge stands in the default graph."""
    file = release / "all.nq"
    if not file.exists():
        ox.Store.read_only(str(release / "store")).dump(str(file), format=ox.RdfFormat.N_QUADS)
    return file


@contextlib.contextmanager
def _running(
    name: str, path: str, command: Callable[[int], list[str]], environment: dict | None = None, cwd: Path | None = None
) -> Iterator[Peer]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    began = time.monotonic()
    process = subprocess.Popen(command(port), env=environment, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peer = Peer(name, port, path, process)
    try:
        while not _answers(peer):
            if process.poll() is not None or time.monotonic() - began > START:
                raise SystemExit(f"{name} does not start: {' '.join(map(str, command(port)))}")
            time.sleep(0.005)
        peer.first = time.monotonic() - began
        yield peer
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(peer: Peer) -> bool:
    request = f"GET {peer.path}?query=ASK%7B%7D HTTP/1.1\r\nHost: 127.0.0.1:{peer.port}\r\nAccept: application/sparql-results+json\r\n\r\n"
    try:
        with socket.create_connection(("127.0.0.1", peer.port), timeout=30) as channel:
            channel.sendall(request.encode())
            return b" 200 " in channel.recv(200)
    except OSError:
        return False


def descendants(process: int) -> list[int]:
    """Return a process and all below it."""
    found = [process]
    for each in found:
        for task in Path(f"/proc/{each}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += map(int, task.read_text().split())
    return found


def processor(process: int) -> float:
    """Return the seconds of processor time that a process, those below it and those that they have seen end have taken."""
    ticks = 0
    for each in descendants(process):
        with contextlib.suppress(OSError):
            ticks += sum(map(int, Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def memory(process: int) -> int:
    """Return the bytes that a process has to itself, and its part of what it shares (PSS)."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:")), 0)
