"""Wait for what is due instead of for a time: a machine that is busy takes longer, and one that is not loses nothing."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Found = TypeVar("Found")
PATIENCE = 60  # seconds


def until(look: Callable[[], Found], due: Callable[[Found], object] = bool) -> Found:
    """Look again and again until what is found is due, and return it; `AssertionError` with what was found last."""
    last = time.monotonic() + PATIENCE
    while not due(found := look()):
        assert time.monotonic() < last, f"after {PATIENCE} seconds: {found!r}"
        time.sleep(0.02)
    return found


def has_ended(process: int) -> bool:
    """Whether a process is gone with all its threads, or waits only for its parent to take note of that."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        return state == "Z" and len(list(Path(f"/proc/{process}/task").iterdir())) == 1
    except (FileNotFoundError, ProcessLookupError):
        return True
