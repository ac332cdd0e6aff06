"""Find things by what people call them: names, acronyms, aliases, misspelt or not, in either language, each hit with its reason."""

from mikg.search.finding import DEEPEST, Found, Hit, Index, Reason, find, known, nearest
from mikg.search.index import Name, product

__all__ = ["DEEPEST", "Found", "Hit", "Index", "Name", "Reason", "find", "known", "nearest", "product"]
