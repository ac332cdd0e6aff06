"""Alternative derivations and how they combine: the minimal monomials of a how-provenance polynomial.

A way is a set of what is used jointly: IRIs of graphs, derived statements, or ABSENCE.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

MOST = 64  # ways that are kept of one row
ABSENCE = ""  # stands in a way that rests on something that is not there


@dataclass(frozen=True)
class Ways:
    """Alternatives, none of which holds another; `more` where there are others that were left out."""

    sets: tuple[frozenset, ...]
    more: bool = False


NOTHING = Ways((frozenset(),))  # holds whatever the graphs say
NEVER = Ways(())
ABSENT = Ways((frozenset([ABSENCE]),))


def one(*parts: Hashable) -> Ways:
    return Ways((frozenset(parts),))


def either(alternatives: Iterable[Ways]) -> Ways:
    """Return the ways of any.

    >>> sorted(either([one("a", "b"), one("a"), one("c")]).sets, key=sorted)
    [frozenset({'a'}), frozenset({'c'})]
    """
    given = list(dict.fromkeys(alternatives))
    if len(given) == 1:
        return given[0]
    return _least({each for ways in given for each in ways.sets}, any(ways.more for ways in given))


def both(parts: Iterable[Ways]) -> Ways:
    """Return the ways of all together.

    >>> both([one("a"), one("b")]).sets == (frozenset({"a", "b"}),)
    True
    """
    single: set = set()
    several: list[Ways] = []
    more = False
    for ways in parts:
        if len(ways.sets) == 1:
            single.update(ways.sets[0])
        else:
            several.append(ways)
        more |= ways.more
    result = Ways((frozenset(single),), more)
    for ways in sorted(dict.fromkeys(several), key=lambda ways: len(ways.sets)):
        result = _least({left | right for left in result.sets for right in ways.sets}, result.more)
    return result


def _least(sets: set[frozenset], more: bool) -> Ways:
    kept: list[frozenset] = []
    for each in sorted(sets, key=lambda each: (len(each), sorted(map(str, each)))):
        if any(smaller <= each for smaller in kept):
            continue
        if len(kept) == MOST:
            return Ways(tuple(kept), True)
        kept.append(each)
    return Ways(tuple(kept), more)
