"""One thing as a page shows it: names, statements with their passages, nodes with their qualifiers, links, all bounded."""

from mikg.entities.describing import describe, more
from mikg.entities.model import Entity
from mikg.entities.reading import SHOWN

__all__ = ["SHOWN", "Entity", "describe", "more"]
