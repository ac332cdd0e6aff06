"""What is worth keeping of an engine's release, which never changes, until another comes into use."""

from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from mikg.engine import Engine

Thing = TypeVar("Thing")


class Kept(Generic[Thing]):
    """One thing for each engine, made anew when its release changes or when it has grown beyond what may be kept."""

    def __init__(self, make: Callable[[], Thing], size: Callable[[Thing], int], most: int) -> None:
        self._make, self._size, self._most = make, size, most
        self._things: WeakKeyDictionary[Engine, tuple[str, Thing]] = WeakKeyDictionary()

    def of(self, engine: Engine, release: str) -> Thing:
        found = self._things.get(engine)
        if found is None or found[0] != release or self._size(found[1]) > self._most:
            found = self._things[engine] = (release, self._make())
        return found[1]
