"""The ways of a path of any length, from those of its edges."""

from collections import defaultdict
from collections.abc import Mapping

from mikg.provenance.ways import NEVER, NOTHING, Ways, both, either

KEPT = 32  # ways of one node while paths are followed


def follow(start: str, where: str, edges: Mapping, goals: set[str], once: bool) -> dict[str, Ways]:
    """Return the ways of the paths of one edge or more from a node to those that it reaches."""
    if once:
        first: dict[str, list[Ways]] = defaultdict(list)
        for target, ways in edges.get((where, start), ()):
            first[target].append(ways)
        return {target: either(each) for target, each in first.items()}
    relevant = _leading_to(goals, where, edges)
    reached: dict[str, Ways] = {}
    waiting = {start: NOTHING}
    while waiting:
        following: dict[str, Ways] = {}
        for node, ways in waiting.items():
            for target, edge in edges.get((where, node), ()):
                if target not in relevant:
                    continue
                before = reached.get(target, NEVER)
                after = either([before, both([ways, edge])])
                if len(after.sets) > KEPT:
                    after = Ways(after.sets[:KEPT], True)
                if after.sets != before.sets:
                    reached[target] = following[target] = after
        waiting = following
    return reached


def _leading_to(goals: set[str], where: str, edges: Mapping) -> set[str]:
    into = defaultdict(set)
    for (graph, source), targets in edges.items():
        if graph == where:
            for target, _ in targets:
                into[target].add(source)
    found, waiting = set(goals), list(goals)
    while waiting:
        for source in into[waiting.pop()] - found:
            found.add(source)
            waiting.append(source)
    return found
