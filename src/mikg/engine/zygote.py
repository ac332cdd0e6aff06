"""The process that holds a store and forks the workers: `python -m mikg.engine.zygote FD STORE MEMORY COPY`.

It has one thread and answers to one parent, by messages over the socket FD: F with a socket forks a worker that answers on it, K and a
process number ends one. A small store is copied into memory first, which workers share; a large one stays on disk, opened read-only.
It ends when its parent does, and its workers with it.
"""

import gc
import os
import signal
import socket
import struct
import sys

import pyoxigraph as ox

from mikg.engine import worker

NUMBER = struct.Struct("!i")
OPEN = b"O"  # what it says once its store is open
FORK, KILL = b"F", b"K"
NO_STORE = 3  # the exit code where the store cannot be opened
UNORDERED = 1_000  # how a worker ended that could not sort, beyond all exit codes
NO_ORDER = b"total order"  # what the engine says then
MOST_SAID = 10_000  # bytes
SAID: dict[int, int] = {}  # by worker: a file in memory for what it says as it ends


def main(descriptor: int, directory: str, memory: int, copy: bool) -> None:
    """Answer the parent until it closes the socket."""
    control = socket.socket(fileno=descriptor)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        store = ox.Store.read_only(directory)
        if copy:
            kept = ox.Store()
            kept.bulk_extend(store)
            store = kept
        bool(store.query("ASK { ?s ?p ?o }"))  # what the engine reserves for itself is there before workers are limited
    except (OSError, ValueError, RuntimeError):
        sys.exit(NO_STORE)
    # What is there now is left alone by the collector, so that workers go on sharing it.
    gc.collect()
    gc.freeze()
    control.send(OPEN)
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 16, 1)
        if not message:
            return
        if message[:1] == FORK:
            control.send(NUMBER.pack(_fork(control, descriptors[0], store, memory)))
        elif message[:1] == KILL:
            control.send(NUMBER.pack(_end(NUMBER.unpack(message[1:])[0])))


def _fork(control: socket.socket, descriptor: int, store: ox.Store, memory: int) -> int:
    parent = os.getpid()
    said = os.memfd_create("said") if hasattr(os, "memfd_create") else os.open(os.devnull, os.O_RDWR)
    process = os.fork()
    if process == 0:
        try:
            os.dup2(said, sys.stderr.fileno())
            control.close()
            worker.main(socket.socket(fileno=descriptor), store, memory, parent)
        finally:
            os._exit(0)
    os.close(descriptor)
    SAID[process] = said
    return process


def _end(process: int) -> int:
    """Kill a worker and return how it ended: its exit code, the negative number of a signal, or UNORDERED."""
    os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    with open(SAID.pop(process), "rb") as said:
        said.seek(0)
        return UNORDERED if NO_ORDER in said.read(MOST_SAID) else os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4] == "1")
