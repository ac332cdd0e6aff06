"""What pages read again and again, kept for as long as one release is in use."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

from flask import current_app


def per_release(read: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function of an engine remember its answers, as long as the same release of the same application gives them."""

    @lru_cache(maxsize=64)
    def remembered(application: int, release: str, given: tuple) -> Any:
        return read(current_app.engine, *given)

    @wraps(read)
    def kept(*given: Any) -> Any:
        return remembered(id(current_app._get_current_object()), current_app.engine.release(), given)

    return kept
