"""Find things by what people call them: names, acronyms, aliases, misspelt or not, in either language, each hit with its reason."""

from mikg.search.finding import DEEPEST, Found, Hit, Index, find, known, nearest
from mikg.search.index import Name, product
from mikg.search.reasons import Reason

__all__ = ["DEEPEST", "Found", "Hit", "Index", "Name", "Reason", "find", "known", "nearest", "product"]
