"""Why a thing is a hit: which of its names or texts has the words, and which of them were misspelt."""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from mikg import spelling
from mikg.search.index import Name, stems

# How much a name says by its role.
ROLES = {"name": 1.0, "acronym": 0.99, "alias": 0.97, "printed": 0.97, "code": 0.95, "text": 0.6}
# What is only like a name is the less likely one in a language that the reader most likely did not type.
FOREIGN = 0.92
AT_HOME = ("en", "es", "")


@dataclass(frozen=True)
class Reason:
    """Why a thing is a hit.

    `how` is `name`, `acronym`, `alias`, `printed` (a passage prints it so), `code`, `text` (words about it), or `typo`; `text` is what
    matched, with its language and, where one prints it, the passage; `typos` pairs what was typed with what was found.
    """

    how: str
    text: str
    language: str = ""
    passage: str = ""
    typos: tuple[tuple[str, str], ...] = ()


def reason(names: Sequence[Name], called: Name, texts: dict[str, str], words: list[str], language: str) -> tuple[Reason, float]:
    """Why this is a hit, and how like the nearest name is, from 0 to 1."""
    if not words:
        return Reason(called.role, called.text, called.language, called.passage), 1.0
    best = max(
        ((_like(words, name), name) for name in names),
        key=lambda each: (each[0], each[1] == called, each[1].passage != "", each[1].language == language),
    )
    like, name = best
    theirs = spelling.words(name.text)
    typos = _typos(words, theirs)
    covered = "".join(words) == "".join(theirs) or all(has(theirs, word) for word in words if word not in spelling.SMALL)
    if name.role == "text" or not (covered or typos or like >= 0.8):
        for tag in sorted(texts, key=lambda tag: tag != language):
            said = spelling.words(texts[tag])
            known = set(stems(said, tag))
            if any(stem in known for stem in stems(words, tag)) or any(has(said, word) for word in words):
                return Reason("text", texts[tag], tag), min(like, 0.5)
            if typos := _typos(words, said):
                return Reason("text", texts[tag], tag, "", typos), min(like, 0.4)
    return Reason("typo" if typos and not covered else name.role, name.text, name.language, name.passage, () if covered else typos), like


def _like(words: list[str], name: Name) -> float:
    """How well the words name this: as a whole, in another order, misspelt, or as a part of it."""
    theirs = spelling.words(name.text)
    if words == theirs or "".join(words) == "".join(theirs):
        return ROLES[name.role]
    if sorted(words) == sorted(theirs):
        return 0.98 * ROLES[name.role]
    mine = [word for word in words if word not in spelling.SMALL] or words
    rest = [word for word in theirs if word not in spelling.SMALL] or theirs
    near = fuzz.ratio(" ".join(sorted(mine)), " ".join(sorted(rest))) / 100
    share = sum(has(rest, word) for word in mine) / len(mine)
    # All words are there: the more of the name they are, the better, and best at its beginning.
    part = (
        0.6 * share
        + 0.25 * min(1.0, len("".join(mine)) / max(1, len("".join(rest))))
        + 0.1 * (rest[:1] == mine[:1] or "".join(rest).startswith("".join(mine)))
    )
    return max(0.95 * near, part) * ROLES[name.role] * (1 if name.language in AT_HOME else FOREIGN)


def has(theirs: Sequence[str], word: str) -> bool:
    """Whether a word is one of theirs or the beginning of one."""
    return word in theirs or any(each.startswith(word) for each in theirs)


def _typos(words: list[str], theirs: list[str]) -> tuple[tuple[str, str], ...]:
    """The words that are misspelt, each with what it stands for in a name."""
    pairs = []
    for word in words:
        if not has(theirs, word) and (meant := spelling.typo(word, set(theirs).difference(words))):
            pairs.append((word, meant))
    if not pairs and (meant := spelling.typo("".join(words), ["".join(theirs)])) and meant != "".join(words):
        pairs.append((" ".join(words), " ".join(theirs)))
    return tuple(pairs)


def corrected(words: list[str], typos: tuple[tuple[str, str], ...]) -> str:
    """Return the search with its misspelt words put right; empty where none is."""
    meant = dict(typos)
    if " ".join(words) in meant:
        return meant[" ".join(words)]
    return " ".join(meant.get(word, word) for word in words) if meant else ""
