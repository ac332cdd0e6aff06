"""Paths that are taken any number of times: the ways of the pairs that they connect, from those of the edges between."""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Protocol

from mikg.provenance.formulas import Found, Task
from mikg.provenance.patterns import Closure, Group, Parsed, expand, variables
from mikg.provenance.rewriting import Rewriting, rewrite
from mikg.provenance.ways import NEVER, NOTHING, Ways, both, either

KEPT = 32  # ways of one node while paths are followed


class Solver(Protocol):
    """What asks for the solutions of rewritten patterns, and what their formulas come to."""

    parsed: Parsed

    def solve(self, rewriting: Rewriting, graph: str, names: list[str], rows: list[tuple], *, always: bool) -> list[dict[str, str]]: ...

    def valued(self, rewriting: Rewriting, formulas: list) -> list[Ways]: ...


def derive(solver: Solver, closure: Closure, graph: str, tasks: list[Task]) -> Found:
    """Return the ways of each pair of nodes."""
    starts = {(task.graph, task.key[0]) for task in tasks}
    ends = {(task.graph, task.key[1]) for task in tasks}
    forward = len(starts) <= len(ends)
    edges: dict[tuple[str, str], list[tuple[str, Ways]]] = defaultdict(list)
    for (where, left, right), ways in _edges(solver, closure, graph, starts if forward else ends, forward).items():
        source, target = (left, right) if forward else (right, left)
        edges[(where, source)].append((target, ways))
    found: dict[Task, Ways] = {}
    for where, start in sorted(starts if forward else ends):
        goals = {task.key[forward]: task for task in tasks if (task.graph, task.key[not forward]) == (where, start)}
        reached = _follow(start, where, edges, set(goals), once=closure.modifier == "?")
        for goal, task in goals.items():
            itself = [NOTHING] if goal == start and closure.modifier != "+" else []
            found[task] = either([NEVER, *itself, *([reached[goal]] if goal in reached else [])])
    return found


def _edges(solver: Solver, closure: Closure, graph: str, origins: set[tuple[str, str]], forward: bool) -> dict[tuple[str, str, str], Ways]:
    """Return the ways of each edge that can be reached from the origins (against its direction if not `forward`)."""
    parsed = solver.parsed
    left, right, origin = parsed.fresh(), parsed.fresh(), parsed.fresh()
    rewriting = rewrite(parsed, Group(tuple(expand(left, closure.path, right, parsed.fresh))), graph)
    rewriting.names.update(dict.fromkeys((left, right)))
    hops = f"{origin} ({closure.path})* {left} ." if forward else f"{right} ({closure.path})* {origin} ."
    if closure.modifier == "?":
        origin, hops = left if forward else right, ""
    rewriting.text = f"{hops}\n{rewriting.text}"
    names = [origin, *variables(graph)]
    rows = [(node, where)[: len(names)] for where, node in origins]
    # An edge that several origins reach comes several times.
    matched = {json.dumps(sorted(each.items())): each for each in solver.solve(rewriting, graph, names, rows, always=True)}
    valued = solver.valued(rewriting, [rewriting.formula(solution) for solution in matched.values()])
    ways: dict[tuple[str, str, str], list[Ways]] = defaultdict(list)
    for solution, each in zip(matched.values(), valued, strict=True):
        where = solution[graph] if graph.startswith("?") else parsed.term(graph) if graph else ""
        ways[(where, solution[left], solution[right])].append(each)
    return {edge: either(each) for edge, each in ways.items()}


def _follow(start: str, where: str, edges: Mapping, goals: set[str], once: bool) -> dict[str, Ways]:
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
