"""What the index is asked: the words as they are typed, other spellings of them, or some of them."""

from collections.abc import Sequence
from functools import lru_cache

import tantivy

from mikg import spelling
from mikg.search.index import LONGEST, STEMMERS, schema, stems, whole

Q = tantivy.Query
MUST, SHOULD = tantivy.Occur.Must, tantivy.Occur.Should


def everything(words: list[str], prefix: bool) -> tantivy.Query:
    """All things, whatever the words."""
    return Q.all_query()


def as_typed(words: list[str], prefix: bool) -> tantivy.Query:
    """Things that have each word; with `prefix` the last may be a beginning."""
    # A word that every other name has, such as "of", need not be there.
    wanted = [word for word in words if word not in spelling.SMALL] or words
    parts = [(MUST, _word(word, prefix and word is words[-1])) for word in wanted]
    parts += [(SHOULD, _word(word, False)) for word in words if word not in wanted]
    return _or_whole(Q.boolean_query(parts), words)


def misspelt(words: list[str], prefix: bool) -> tantivy.Query:
    """Things that have each word, or one that is spelt nearly so; those of `as_typed` are among them."""
    wanted = [word for word in words if word not in spelling.SMALL] or words
    parts = [(MUST, _near(word, prefix and word is words[-1])) for word in wanted]
    joined = "".join(words)
    return Q.disjunction_max_query(
        [_or_whole(Q.boolean_query(parts), words), _fuzzy("whole", joined[:LONGEST], spelling.edits(joined) if len(words) == 1 else 1, 4)],
        tie_breaker=0.1,
    )


def some_of(words: list[str], prefix: bool) -> tantivy.Query:
    """Things that have any of the words, or one that is spelt nearly so."""
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


def narrowed(query: tantivy.Query, kinds: Sequence[str], classes: Sequence[str]) -> tantivy.Query:
    """The same, of these kinds and classes only."""
    parts = [(MUST, query)]
    for field, values in (("kind", kinds), ("class", classes)):
        if values:
            parts.append((MUST, Q.const_score_query(Q.term_set_query(_schema(), field, list(values)), 0)))
    return Q.boolean_query(parts) if len(parts) > 1 else query


def named(iris: Sequence[str]) -> tantivy.Query:
    """The things with these IRIs."""
    return Q.term_set_query(_schema(), "iri", list(iris))
