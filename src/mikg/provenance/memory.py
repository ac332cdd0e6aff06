"""What is remembered of a release from one citation to the next: what each adds is bounded by what it may ask."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from mikg.engine.kept import Kept
from mikg.provenance.statuses import Statuses
from mikg.provenance.ways import Ways

MOST = 100_000  # triples, and nodes, after which all is forgotten


@dataclass
class Memory:
    """Which graphs state a triple, how they hold what it is about, how it was derived; which passages are one source."""

    stated: dict[Hashable, Ways] = field(default_factory=dict)
    statuses: Statuses = field(default_factory=Statuses)
    steps: dict[tuple[str, str, str], tuple] = field(default_factory=dict)
    same: dict[str, tuple[str, ...]] = field(default_factory=dict)  # passage to what it renders and prints

    def size(self) -> int:
        return max(len(self.stated), len(self.statuses), len(self.steps), len(self.same))


MEMORIES = Kept(Memory, Memory.size, MOST)
