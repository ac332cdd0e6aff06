"""A knowledge graph of migration policy that cites its sources."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mikg.api import ask, find, open, path, related

__version__ = "0.1.0"
__all__ = ["ask", "find", "open", "path", "related"]


def __getattr__(name: str) -> Any:
    # The Python door is imported when it is used: a worker that answers one query needs none of it.
    if name in __all__:
        from mikg import api

        return getattr(api, name)
    raise AttributeError(f"module 'mikg' has no attribute '{name}'")
