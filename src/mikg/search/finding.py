"""Search the index of the release in use: ranked hits, each with the reason why it is one, and counts by kind.

Words are looked for as they stand first (and the last one as a beginning); only where nothing has all of them are misspellings
allowed, and only where that finds nothing, things that have some of the words.
"""

import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tantivy

from mikg import spelling
from mikg.errors import ReleaseError
from mikg.search import asking, reasons
from mikg.search.index import FOLDER, LONGEST, Name
from mikg.search.reasons import Reason

WORDS = 12  # of a search that are looked for; the rest only order the hits
AGAIN = 60  # hits of the index that are ordered again by how like their names are
SUGGESTING = 10  # hits among which another spelling is looked for
FEW = 4  # hits that only begin with the words, and beside which other spellings are looked for
DEEPEST = 10_000  # hits that can be paged through
REMOVALS = 10  # attempts at removing the folder of links


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
    place = tempfile.mkdtemp(prefix="mikg-search-")
    try:
        for file in folder.iterdir():
            if file.suffix != ".lock":
                (Path(place) / file.name).symlink_to(file)
        index = tantivy.Index.open(place)
        index.config_reader("manual")
        return index.searcher()
    except (OSError, ValueError) as fault:
        raise ReleaseError(f"{folder} is no search index that can be read ({fault}); make the release again: mikg build --force") from None
    finally:
        _remove(place)


def _remove(place: str) -> None:
    """Remove a folder of links. A thread of the engine looks once for changes as it opens, and may make a lock there meanwhile."""
    for _ in range(REMOVALS):
        shutil.rmtree(place, ignore_errors=True)
        if not Path(place).exists():
            return
        time.sleep(0.02)


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
    for step in (asking.as_typed, asking.misspelt, asking.some_of) if words else (asking.everything,):
        query = step(words, prefix)
        narrowed = asking.narrowed(query, kinds, classes)
        best = _best(searcher, narrowed, AGAIN, 0, words)
        ranked = _ranked(searcher, best, words, language)
        # What has only the stem of a word, or one of few that begin so, may not be what was meant.
        if best and (step is not asking.as_typed or any(_literal(hit, words, len(best) > FEW) for hit in ranked[:SUGGESTING])):
            break
    hits = ranked[offset : offset + limit]
    if limit and offset + limit > AGAIN == len(ranked):
        start = max(offset, AGAIN)
        beyond = _best(searcher, narrowed, offset + limit - start, start, words)
        hits += [_hit(searcher, score / best[0][0], address, words, language) for score, address in beyond]
    facets = _facets(searcher, asking.narrowed(query, (), classes)) if counts else {}
    total = sum(count for kind, count in facets.items() if not kinds or kind in kinds) if counts else len(hits)
    first = ranked[0] if ranked else None
    if words and step is asking.as_typed and first.reason.how == "text":
        # No name has the words: was one meant that is written otherwise?
        near = _best(searcher, asking.narrowed(asking.misspelt(words, False), kinds, classes), SUGGESTING, 0, words)
        first = next((hit for hit in _ranked(searcher, near, words, language) if hit.reason.how == "typo"), first)
    suggestion = reasons.corrected(words, first.reason.typos) if first else ""
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
    found = searcher.search(asking.named(iris), len(iris), count=False).hits
    return {hit.iri: hit for _, address in found if (hit := _hit(searcher, 1, address, [], language))}


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
    reason, like = reasons.reason(names, called, shown["texts"], words, language)
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


def _literal(hit: Hit, words: list[str], begun: bool) -> bool:
    """Whether a thing has each word as it was typed, or where `begun` will do as the beginning of a word, somewhere."""
    joined = "".join(words)
    if any(joined == "".join(spelling.words(name.text)) for name in hit.names):
        return True
    theirs = spelling.words(" ".join((*hit.texts, *(name.text for name in hit.names))))
    return all(word in theirs or (begun and reasons.has(theirs, word)) for word in words if word not in spelling.SMALL)
