"""A network as arrays, and the cheapest ways in it: made once for each network, a few milliseconds a way among a million edges.

A way that is better than all found so far is looked for from each place of those (Yen 1971, with the places of Lawler 1972). Each such
search goes straight for its end, since one pass of Dijkstra from there (in scipy) has told how far every node is from it: leaving nodes
out makes no way cheaper, so A* may rely on that.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Collection, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import numpy
from scipy import sparse
from scipy.sparse import csgraph

if TYPE_CHECKING:
    from mikg.network.graph import Edge, Network

UNIT = 1_000_000  # costs are whole numbers of millionths, so that of two ways that cost the same none is cheaper by rounding
Way = tuple[int, ...]


class Ways:
    """The nodes by number, A to Z, and beside each those that an edge ties to it, whichever way it runs; loops are left out.

    To step from one to the other costs 1 and half the binary logarithm of 1 + its neighbours for each of the two.
    """

    def __init__(self, network: Network, check: Callable[[], None] = lambda: None) -> None:
        self.names = [node.iri for node in network.nodes]
        self.number = {name: number for number, name in enumerate(self.names)}
        self._edges = network.edges
        check()
        number = self.number
        ends = [numpy.array([number[edge.source] for edge in network.edges], numpy.int64)]
        check()
        ends.append(numpy.array([number[edge.target] for edge in network.edges], numpy.int64))
        check()
        size = len(self.names)
        pairs = numpy.minimum(*ends) * size + numpy.maximum(*ends)
        self._order = numpy.argsort(pairs, kind="stable")
        self._pairs = pairs[self._order]
        check()
        one, other = numpy.divmod(self._pairs[numpy.diff(self._pairs, prepend=-1) > 0], max(size, 1))
        one, other = one[one != other], other[one != other]
        froms, tos = numpy.concatenate((one, other)), numpy.concatenate((other, one))
        half = numpy.rint(numpy.log2(1 + numpy.bincount(froms, minlength=size)) / 2 * UNIT)
        self._matrix = sparse.csr_matrix((UNIT + half[froms] + half[tos], (froms, tos)), shape=(size, size))
        self._matrix.sort_indices()
        self._half = half.tolist()
        self._starts = self._matrix.indptr.tolist()
        check()

    @cached_property
    def _parts(self) -> numpy.ndarray:
        return csgraph.connected_components(self._matrix, directed=False)[1]

    def joined(self, one: str, other: str) -> bool:
        """Whether any way leads from one to the other."""
        return one in self.number and other in self.number and bool(self._parts[self.number[one]] == self._parts[self.number[other]])

    def between(self, one: str, other: str) -> list[Edge]:
        """Return the edges that tie two nodes, in their order."""
        low, high = sorted((self.number[one], self.number[other]))
        first, last = (int(numpy.searchsorted(self._pairs, low * len(self.names) + high, side)) for side in ("left", "right"))
        return [self._edges[number] for number in self._order[first:last]]

    def cost(self, nodes: list[str]) -> float:
        """Return what a way costs."""
        halves = [self._half[self.number[name]] for name in nodes]
        return (UNIT * (len(nodes) - 1) + 2 * sum(halves) - halves[0] - halves[-1]) / UNIT

    def best(self, source: str, target: str, tick: Callable[[], None], without: Collection[str] = ()) -> Iterator[list[str]]:
        """Yield ways from one node to another that touch no node twice, the cheapest first; `tick` is called at each step."""
        if not self.joined(source, target):
            return
        start, end = self.number[source], self.number[target]
        barred = frozenset(self.number[name] for name in without if name in self.number)
        ahead = csgraph.dijkstra(self._matrix, directed=True, indices=end).tolist()
        found: list[Way] = []
        waiting: list[tuple[float, Way, int]] = []
        first = self._way(start, end, ahead, barred, frozenset(), tick)
        if first:
            waiting.append((first[0], first[1], 0))
        known = {first[1]} if first else set()
        while waiting:
            _, way, place = heapq.heappop(waiting)
            yield [self.names[node] for node in way]
            found.append(way)
            done = sum(self._step(*pair) for pair in itertools.pairwise(way[: place + 1]))
            for turn in range(place, len(way) - 1):
                begun = way[: turn + 1]
                taken = frozenset(each[turn + 1] for each in found if each[: turn + 1] == begun)
                other = self._way(begun[-1], end, ahead, barred | set(begun[:-1]), taken, tick)
                if other and (whole := begun[:-1] + other[1]) not in known:
                    known.add(whole)
                    heapq.heappush(waiting, (done + other[0], whole, turn))
                done += self._step(way[turn], way[turn + 1])

    def _step(self, one: int, other: int) -> float:
        return UNIT + self._half[one] + self._half[other]

    def _beside(self, node: int) -> list[int]:
        return self._matrix.indices[self._starts[node] : self._starts[node + 1]].tolist()

    def _way(
        self, start: int, end: int, ahead: list[float], barred: frozenset[int], taken: frozenset[int], tick: Callable[[], None]
    ) -> tuple[float, Way] | None:
        """Return the cheapest way that touches none of `barred` and does not begin by one of `taken`, with its cost.

        Beside the search, the nodes from which the end is reached are walked from there, one for each of its steps: where what is left
        out cuts off a small part around the end, that walk is over soon, and says that there is no way.
        """
        spent, before, done = {start: 0.0}, {start: -1}, set()
        reached, border, open_ = {end}, [end], True
        queue = [(ahead[start], start)]
        while queue:
            tick()
            node = heapq.heappop(queue)[1]
            if node == end:
                way = [end]
                while (node := before[way[-1]]) >= 0:
                    way.append(node)
                return spent[end], tuple(reversed(way))
            if node in done:
                continue
            done.add(node)
            if open_:
                if not border:
                    return None
                back = border.pop()
                for other in self._beside(back):
                    if other == start and back not in taken:
                        open_ = False
                    elif other != start and other not in barred and other not in reached:
                        reached.add(other)
                        border.append(other)
            so_far = spent[node] + UNIT + self._half[node]
            for other in self._beside(node):
                if other in done or other in barred or (node == start and other in taken):
                    continue
                cost = so_far + self._half[other]
                if cost < spent.get(other, float("inf")):
                    spent[other], before[other] = cost, node
                    heapq.heappush(queue, (cost + ahead[other], other))
        return None
