"""What is remembered of the release that an engine answers from, until another comes into use: a release never changes."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from mikg.engine import Engine
from mikg.provenance.statuses import Statuses
from mikg.provenance.ways import Ways

MOST = 100_000  # triples, and nodes, after which all is forgotten


@dataclass
class Memory:
    """Which graphs state a triple, how they hold what it is about, and how it was derived."""

    release: str
    stated: dict[Hashable, Ways] = field(default_factory=dict)
    statuses: Statuses = field(default_factory=Statuses)
    steps: dict[tuple[str, str, str], tuple] = field(default_factory=dict)


_memories: WeakKeyDictionary[Engine, Memory] = WeakKeyDictionary()


def of(engine: Engine, release: str) -> Memory:
    """Return what is remembered of a release, for one citation: what that adds is bounded by what it may ask."""
    found = _memories.get(engine)
    if found is None or found.release != release or max(len(found.stated), len(found.statuses), len(found.steps)) > MOST:
        found = _memories[engine] = Memory(release)
    return found
