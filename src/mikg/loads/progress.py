"""Say how far a long reading has come, and read packed files as if they were not."""

import contextlib
import gzip
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

EVERY = 2.0  # seconds


class Progress:
    """Words for what is being done, now and then."""

    def __init__(self, what: str, say: Callable[[str], None]) -> None:
        self.what, self.say = what, say
        self._last = time.monotonic()

    def tell(self, done: int, whole: int) -> None:
        """Say how many bytes are done, if it is time to."""
        now = time.monotonic()
        if now - self._last >= EVERY:
            self._last = now
            share = f" of {whole / 1e6:.1f} MB ({100 * done // whole} %)" if whole else " MB"
            self.say(f"{self.what}: {done / 1e6:.1f}{share}")

    def tell_rows(self, done: int) -> None:
        """Say how many rows are done, if it is time to."""
        now = time.monotonic()
        if now - self._last >= EVERY:
            self._last = now
            self.say(f"{self.what}: {done} rows")

    @contextlib.contextmanager
    def opened(self, path: Path) -> Iterator["Counted"]:
        """Give the unpacked bytes of a file; the share that is told is that of the file as it lies there."""
        with open(path, "rb") as raw:
            unpacked = gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw
            yield Counted(unpacked, raw, path.stat().st_size, self)


class Counted:
    """A file that tells how far it has been read."""

    def __init__(self, file: BinaryIO, raw: BinaryIO, whole: int, progress: Progress) -> None:
        self.file, self.raw, self.whole, self.progress = file, raw, whole, progress

    def read(self, size: int = -1) -> bytes:
        self.progress.tell(self.raw.tell(), self.whole)
        return self.file.read(size)
