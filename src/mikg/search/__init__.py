"""Find things by what people call them: names, acronyms, aliases, misspelt or not, in either language, each hit with its reason."""

from mikg.search.finding import DEEPEST, Found, Hit, Index, Reason, find, nearest
from mikg.search.index import product

__all__ = ["DEEPEST", "Found", "Hit", "Index", "Reason", "find", "nearest", "product"]
