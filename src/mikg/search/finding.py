"""Search the index of the release in use: ranked hits, each with the reason why it is one, and counts by kind.

Words are looked for as they stand first (and the last one as a beginning); only where nothing has all of them are misspellings
allowed, and only where that finds nothing, things that have some of the words.
"""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import tantivy
from rapidfuzz import fuzz

from mikg import spelling
from mikg.errors import ReleaseError
from mikg.search.index import FOLDER, LONGEST, STEMMERS, Name, schema, stems, whole

WORDS = 12  # of a search that are looked for; the rest only order the hits
AGAIN = 60  # hits of the index that are ordered again by how like their names are
SUGGESTING = 10  # hits among which another spelling is looked for
FEW = 4  # hits that only begin with the words, and beside which other spellings are looked for
DEEPEST = 10_000  # hits that can be paged through
ROLES = {"name": 1.0, "acronym": 0.99, "alias": 0.97, "printed": 0.97, "code": 0.95, "text": 0.6}
Q = tantivy.Query
MUST, SHOULD = tantivy.Occur.Must, tantivy.Occur.Should


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


@dataclass(frozen=True)
class Hit:
    """A thing that was found: its name in the reader's language, its kind, a line about it, its score and the reason."""

    iri: str
    name: str
    language: str
    kind: str
    about: str
    about_language: str
    score: float
    reason: Reason
    names: tuple[Name, ...] = ()
    classes: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    weight: float = 1.0  # by kind, and by how many passages speak of it


@dataclass(frozen=True)
class Found:
    """A page of hits, how many there are of the kinds asked for, how many of each kind, and what may have been meant instead."""

    hits: tuple[Hit, ...]
    total: int
    facets: dict[str, int]
    suggestion: str = ""


class Index:
    """The index of the release in use: opened read-only, and opened anew when `current` names another release."""

    def __init__(self, releases: Path) -> None:
        self.releases = releases
        self._opened: tuple[Path, tantivy.Searcher] | None = None

    def searcher(self) -> tantivy.Searcher:
        try:
            release = (self.releases / "current").resolve(strict=True)
        except OSError:
            raise ReleaseError(f"There is no release in {self.releases}; make one with: mikg build") from None
        if not self._opened or self._opened[0] != release:
            self._opened = (release, opened(release))
        return self._opened[1]


def opened(release: Path) -> tantivy.Searcher:
    """Return a searcher over the index of a release; `ReleaseError` where it has none or it cannot be read."""
    folder = release / FOLDER
    # The engine writes lock files where it opens an index; so it is shown the files in a folder of its own, and the release
    # stays as it is and may be read-only. What it has opened stays mapped when that folder goes.
    with tempfile.TemporaryDirectory(prefix="mikg-search-") as place:
        try:
            for file in folder.iterdir():
                if file.suffix != ".lock":
                    (Path(place) / file.name).symlink_to(file)
            index = tantivy.Index.open(place)
            index.config_reader("manual")
            return index.searcher()
        except (OSError, ValueError) as fault:
            raise ReleaseError(
                f"{folder} is no search index that can be read ({fault}); make the release again: mikg build --force"
            ) from None


def find(
    index: Index | tantivy.Searcher,
    text: str,
    kinds: Sequence[str] = (),
    language: str = "en",
    limit: int = 20,
    offset: int = 0,
    prefix: bool = True,
    classes: Sequence[str] = (),
    counts: bool = True,
) -> Found:
    """Return the things that `text` names or speaks of, the likeliest first; `prefix` lets its last word be a beginning.

    `kinds` and `classes` narrow the hits; the counts by kind are those before `kinds` does, and may be left out. An empty text
    finds all, what the passages speak of most first; one without a letter or digit finds nothing.
    """
    searcher = index.searcher() if isinstance(index, Index) else index
    text = text.strip()[: spelling.LONGEST]
    words = [word[:LONGEST] for word in spelling.words(text)][:WORDS]
    limit, offset = max(0, limit), max(0, min(offset, DEEPEST))
    if text and not words:
        return Found((), 0, {})
    for step in (_exact, _misspelt, _some) if words else (_all,):
        query = step(words, prefix)
        narrowed = _narrow(query, kinds, classes)
        best = _best(searcher, narrowed, AGAIN, 0, words)
        ranked = _ranked(searcher, best, words, language)
        # What has only the stem of a word, or one of few that begin so, may not be what was meant.
        if best and (step is not _exact or any(_literal(hit, words, len(best) > FEW) for hit in ranked[:SUGGESTING])):
            break
    hits = ranked[offset : offset + limit]
    if limit and offset + limit > AGAIN == len(ranked):
        start = max(offset, AGAIN)
        beyond = _best(searcher, narrowed, offset + limit - start, start, words)
        hits += [_hit(searcher, score / best[0][0], address, words, language) for score, address in beyond]
    facets = _facets(searcher, _narrow(query, (), classes)) if counts else {}
    total = sum(count for kind, count in facets.items() if not kinds or kind in kinds) if counts else len(hits)
    first = ranked[0] if ranked else None
    if words and step is _exact and first.reason.how == "text":
        # No name has the words: was one meant that is written otherwise?
        near = _best(searcher, _narrow(_misspelt(words, False), kinds, classes), SUGGESTING, 0, words)
        first = next((hit for hit in _ranked(searcher, near, words, language) if hit.reason.how == "typo"), first)
    suggestion = _corrected(words, first.reason.typos) if first else ""
    return Found(tuple(hits), total, facets, suggestion)


def nearest(index: Index | tantivy.Searcher, text: str, count: int = 3, language: str = "en", kinds: Sequence[str] = ()) -> list[Hit]:
    """Return the things that someone may have meant who asked for what is not there; none where nothing is near."""
    found = find(index, text.replace("-", " ").replace("_", " "), kinds, language, max(count * 4, 12), counts=False)
    return [hit for hit in found.hits if hit.reason.how != "text"][:count] or list(found.hits[:count])


def known(index: Index | tantivy.Searcher, iris: Sequence[str], language: str = "en") -> dict[str, Hit]:
    """Return those of the IRIs that the index has, each as a hit of its own."""
    searcher = index.searcher() if isinstance(index, Index) else index
    if not iris:
        return {}
    found = searcher.search(Q.term_set_query(_schema(), "iri", list(iris)), len(iris), count=False).hits
    return {hit.iri: hit for _, address in found if (hit := _hit(searcher, 1, address, [], language))}


def _all(words: list[str], prefix: bool) -> tantivy.Query:
    return Q.all_query()


def _exact(words: list[str], prefix: bool) -> tantivy.Query:
    # A word that every other name has, such as "of", need not be there.
    wanted = [word for word in words if word not in spelling.SMALL] or words
    parts = [(MUST, _word(word, prefix and word is words[-1])) for word in wanted]
    parts += [(SHOULD, _word(word, False)) for word in words if word not in wanted]
    return _or_whole(Q.boolean_query(parts), words)


def _misspelt(words: list[str], prefix: bool) -> tantivy.Query:
    wanted = [word for word in words if word not in spelling.SMALL] or words
    parts = [(MUST, _near(word, prefix and word is words[-1])) for word in wanted]
    joined = "".join(words)
    return Q.disjunction_max_query(
        [_or_whole(Q.boolean_query(parts), words), _fuzzy("whole", joined[:LONGEST], spelling.edits(joined) if len(words) == 1 else 1, 4)],
        tie_breaker=0.1,
    )


def _some(words: list[str], prefix: bool) -> tantivy.Query:
    wanted = [word for word in words if word not in spelling.SMALL] or words
    return Q.boolean_query([(SHOULD, _near(word, prefix and word is words[-1])) for word in wanted])


def _word(word: str, prefix: bool) -> tantivy.Query:
    """Things that have the word in a name, as an acronym or, stemmed, in what is said of them."""
    ways = [
        Q.boost_query(_term("name", word), 4),
        Q.boost_query(_term("acronym", word), 6),
        *(_term(f"text_{language}", stems([word], language)[0]) for language in STEMMERS),
    ]
    if prefix:
        ways.append(_fuzzy("name", word, 0, 2, True))
        if len(word) > 2:
            ways += [_fuzzy(f"text_{language}", word, 0, 0.3, True) for language in STEMMERS]
    return Q.disjunction_max_query(ways, tie_breaker=0.1)


def _near(word: str, prefix: bool) -> tantivy.Query:
    allowed = spelling.edits(word)
    ways = [_word(word, prefix)]
    if allowed:
        ways += [_fuzzy("name", word, allowed, 1.5), *(_fuzzy(f"text_{language}", word, 1, 0.2) for language in STEMMERS)]
        if prefix:
            ways.append(_fuzzy("name", word, 1, 0.8, True))
    return Q.disjunction_max_query(ways, tie_breaker=0.1)


def _or_whole(query: tantivy.Query, words: list[str]) -> tantivy.Query:
    keys = [Q.boost_query(Q.const_score_query(_term("whole", key), 1), 40) for key in whole(words)]
    return Q.disjunction_max_query([query, *keys], tie_breaker=0.5)


@lru_cache(1)
def _schema() -> tantivy.Schema:
    return schema()


def _term(field: str, word: str) -> tantivy.Query:
    return Q.term_query(_schema(), field, word, "basic" if field in ("acronym", "whole") else "freq")


def _fuzzy(field: str, word: str, distance: int, boost: float, prefix: bool = False) -> tantivy.Query:
    return Q.boost_query(Q.fuzzy_term_query(_schema(), field, word, distance, True, prefix), boost)


def _narrow(query: tantivy.Query, kinds: Sequence[str], classes: Sequence[str]) -> tantivy.Query:
    parts = [(MUST, query)]
    for field, values in (("kind", kinds), ("class", classes)):
        if values:
            parts.append((MUST, Q.const_score_query(Q.term_set_query(_schema(), field, list(values)), 0)))
    return Q.boolean_query(parts) if len(parts) > 1 else query


def _facets(searcher: tantivy.Searcher, query: tantivy.Query) -> dict[str, int]:
    answer = searcher.aggregate(query, {"kinds": {"terms": {"field": "kind", "size": 60}}})
    buckets = answer["kinds"]["buckets"]
    return {each["key"]: each["doc_count"] for each in sorted(buckets, key=lambda each: (-each["doc_count"], each["key"]))}


def _best(searcher: tantivy.Searcher, query: tantivy.Query, count: int, start: int, words: list[str]) -> list:
    if not words:
        return searcher.search(query, count, count=False, offset=start, order_by_field="weight").hits
    return searcher.search(query, count, count=False, offset=start, weight_by_field="weight").hits


def _ranked(searcher: tantivy.Searcher, found: list, words: list[str], language: str) -> list[Hit]:
    hits = [_hit(searcher, score / found[0][0], address, words, language) for score, address in found]
    return sorted(hits, key=lambda hit: (-hit.score, hit.name, hit.iri))


def _hit(searcher: tantivy.Searcher, relevance: float, address: tantivy.DocAddress, words: list[str], language: str) -> Hit:
    stored = searcher.doc(address)
    shown = json.loads(bytes(stored.get_first("shown")))
    names = tuple(Name(*each) for each in shown["names"])
    called = _called(names, language)
    reason, like = _reason(names, shown["texts"], words, language)
    about = next((tag for tag in (language, "en", *shown["texts"]) if tag in shown["texts"]), "")
    return Hit(
        stored.get_first("iri"),
        called.text,
        called.language,
        stored.get_first("kind"),
        shown["texts"].get(about, ""),
        about,
        round(like + 0.25 * relevance, 4),
        reason,
        names,
        tuple(shown["classes"]),
        tuple(shown["texts"].values()),
        shown["weight"],
    )


def _called(names: Sequence[Name], language: str) -> Name:
    """The name that a reader of this language sees."""
    order = {"name": 0, "text": 1, "printed": 2, "alias": 3, "acronym": 4, "code": 5}
    return min(names, key=lambda each: (order[each.role], each.language != language, each.language != "en", each.language))


def _reason(names: Sequence[Name], texts: dict[str, str], words: list[str], language: str) -> tuple[Reason, float]:
    """Why this is a hit, and how like the nearest name is, from 0 to 1."""
    called = _called(names, language)
    if not words:
        return Reason(called.role, called.text, called.language, called.passage), 1.0
    best = max(
        ((_like(words, name), name) for name in names),
        key=lambda each: (each[0], each[1] == called, each[1].passage != "", each[1].language == language),
    )
    like, name = best
    theirs = spelling.words(name.text)
    typos = _typos(words, theirs)
    covered = "".join(words) == "".join(theirs) or all(_has(theirs, word) for word in words if word not in spelling.SMALL)
    if name.role == "text" or not (covered or typos or like >= 0.8):
        for tag in sorted(texts, key=lambda tag: tag != language):
            said = spelling.words(texts[tag])
            known = set(stems(said, tag))
            if any(stem in known for stem in stems(words, tag)) or any(_has(said, word) for word in words):
                return Reason("text", texts[tag], tag), min(like, 0.5)
            if typos := _typos(words, said):
                return Reason("text", texts[tag], tag, "", typos), min(like, 0.4)
    return Reason("typo" if typos and not covered else name.role, name.text, name.language, name.passage, () if covered else typos), like


def _literal(hit: Hit, words: list[str], begun: bool) -> bool:
    """Whether a thing has each word as it was typed, or where `begun` will do as the beginning of a word, somewhere."""
    joined = "".join(words)
    if any(joined == "".join(spelling.words(name.text)) for name in hit.names):
        return True
    theirs = spelling.words(" ".join((*hit.texts, *(name.text for name in hit.names))))
    return all(word in theirs or (begun and _has(theirs, word)) for word in words if word not in spelling.SMALL)


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
    has = sum(_has(rest, word) for word in mine) / len(mine)
    # All words are there: the more of the name they are, the better, and best at its beginning.
    part = (
        0.6 * has
        + 0.25 * min(1.0, len("".join(mine)) / max(1, len("".join(rest))))
        + 0.1 * (rest[:1] == mine[:1] or "".join(rest).startswith("".join(mine)))
    )
    return max(0.95 * near, part) * ROLES[name.role]


def _has(theirs: Sequence[str], word: str) -> bool:
    return word in theirs or any(each.startswith(word) for each in theirs)


def _typos(words: list[str], theirs: list[str]) -> tuple[tuple[str, str], ...]:
    """The words that are misspelt, each with what it stands for in a name."""
    pairs = []
    for word in words:
        if not _has(theirs, word) and (meant := spelling.typo(word, set(theirs).difference(words))):
            pairs.append((word, meant))
    if not pairs and (meant := spelling.typo("".join(words), ["".join(theirs)])) and meant != "".join(words):
        pairs.append((" ".join(words), " ".join(theirs)))
    return tuple(pairs)


def _corrected(words: list[str], typos: tuple[tuple[str, str], ...]) -> str:
    meant = dict(typos)
    if " ".join(words) in meant:
        return meant[" ".join(words)]
    return " ".join(meant.get(word, word) for word in words) if meant else ""
