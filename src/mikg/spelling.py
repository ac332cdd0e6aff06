"""Words as a search compares them: without case, accents and script, and how like two names are."""

import re
import unicodedata
from collections.abc import Iterable

from anyascii import anyascii
from rapidfuzz import fuzz, process, utils
from rapidfuzz.distance import DamerauLevenshtein

LONGEST = 400  # characters of a text that are compared
SMALL = frozenset(
    [
        "a",
        "an",
        "and",
        "at",
        "by",
        "for",
        "from",
        "in",
        "of",
        "on",
        "or",
        "the",
        "to",
        "with",
        "al",
        "como",
        "con",
        "de",
        "del",
        "el",
        "en",
        "la",
        "las",
        "los",
        "o",
        "para",
        "por",
        "que",
        "se",
        "su",
        "un",
        "una",
        "y",
    ]
)
_DOTTED = re.compile(r"\b(?:[a-z0-9]\.){2,}")
_WORD = re.compile(r"[a-z0-9]+")


def fold(text: str) -> str:
    """Return a text in small ASCII letters: accents dropped, other scripts transliterated.

    >>> fold("PANAMÁ"), fold("Панама"), fold("ﬁgure")
    ('panama', 'panama', 'figure')
    """
    if not text.isascii():
        text = anyascii(unicodedata.normalize("NFKC", text))
    return text.lower()


def words(text: str) -> list[str]:
    """Return the words of a text, folded; dots of an abbreviation and a possessive s are left out.

    >>> words("The U.S. Secretary's visit, Panamá")
    ['the', 'us', 'secretary', 'visit', 'panama']
    """
    plain = _DOTTED.sub(lambda found: found.group().replace(".", ""), fold(text).replace("’", "'").replace("'s", ""))
    return _WORD.findall(plain)


def edits(word: str) -> int:
    """Return how many letters of a word may be wrong: short words are taken as they are."""
    return 0 if len(word) < 4 or word.isdigit() else 1 if len(word) < 8 else 2


def typo(word: str, among: Iterable[str]) -> str | None:
    """Return the word that was meant, None where none is near enough.

    >>> typo("panana", ["canal", "panama"])
    'panama'
    """
    allowed = edits(word)
    near = [
        (distance, each)
        for each in among
        if abs(len(each) - len(word)) <= allowed and (distance := DamerauLevenshtein.distance(word, each, score_cutoff=allowed)) <= allowed
    ]
    return min(near)[1] if near else None


def likeness(one: str, other: str) -> float:
    """Return how like two names are, from 0 to 1; case, accents and the order of words do not count.

    >>> likeness("República de Panamá", "panama republica de"), likeness("panana", "Panama") > 0.8
    (1.0, True)
    """
    mine, theirs = words(one[:LONGEST]), words(other[:LONGEST])
    if not mine or not theirs:
        return float(one.strip() == other.strip() != "")
    if sorted(mine) == sorted(theirs) or "".join(mine) == "".join(theirs):
        return 1.0
    return min(0.99, fuzz.ratio(" ".join(sorted(mine)), " ".join(sorted(theirs))) / 100)


def nearest(text: str, among: Iterable[str], count: int = 3, least: float = 60) -> list[str]:
    """Return the names that are most like a text, the best first; none where nothing is near.

    >>> nearest("agreement-of-a-country", ["agreements-of-a-country", "events-by-place"])
    ['agreements-of-a-country']
    """
    found = process.extract(
        text[:LONGEST], list(among), scorer=fuzz.WRatio, processor=utils.default_process, limit=count, score_cutoff=least
    )
    best = found[0][1] if found else 0
    return [name for name, score, _ in found if score >= best - 12]
