"""Measures of large networks, counted in arrays: what networkx counts node by node, in a hundredth of the time.

Each takes the adjacency of an undirected graph without loops, as a sparse matrix whose rows and columns are its nodes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy
from scipy import sparse


def cores(graph: sparse.csr_matrix) -> numpy.ndarray:
    """Return the core number of each node: the largest k such that it belongs to a group in which each is tied to k others of it.

    Nodes are taken away from the least tied on, as by Batagelj and Zaveršnik (2003); networkx does so too, but strikes each
    tie from a list, which takes the square of their number: for a hub with a hundred thousand, hours.
    """
    left = numpy.diff(graph.indptr).astype(numpy.int64)
    found = numpy.zeros(len(left), numpy.int64)
    there = numpy.ones(len(left), bool)
    level = 0
    while there.any():
        level = max(level, int(left[there].min()))
        leaving = numpy.flatnonzero(there & (left <= level))
        while len(leaving):
            found[leaving] = level
            there[leaving] = False
            _, beside = _steps(graph, leaving)
            touched, lost = numpy.unique(beside[there[beside]], return_counts=True)
            left[touched] -= lost
            leaving = touched[left[touched] <= level]
    return found


def betweenness(graph: sparse.csr_matrix, pivots: Sequence[int]) -> numpy.ndarray:
    """Return the share of shortest ways that each node lies on, estimated from the ways that begin at the pivots (Brandes, Pich 2007)."""
    size, count = graph.shape[0], len(pivots)
    if size < 3 or not count:
        return numpy.zeros(size)
    whole = numpy.zeros(size)
    for pivot in pivots:
        whole += _dependency(graph, pivot)
    # A pivot is no end of the ways that begin there, so its share comes from the ways of the others.
    scale = numpy.full(size, 1 / (count * (size - 2)))
    scale[list(pivots)] = 1 / ((count - 1) * (size - 2)) if count > 1 else 0
    return whole * scale


def _dependency(graph: sparse.csr_matrix, pivot: int) -> numpy.ndarray:
    """Return how much the ways that begin at a node lean on each other node: https://doi.org/10.1080/0022250X.2001.9990249"""
    size = graph.shape[0]
    ways, distance = numpy.zeros(size), numpy.full(size, -1, numpy.int32)
    ways[pivot], distance[pivot] = 1, 0
    front, levels = numpy.array([pivot]), []
    while len(front):
        froms, tos = _steps(graph, front)
        distance[tos[distance[tos] < 0]] = len(levels) + 1
        on = distance[tos] == len(levels) + 1
        froms, tos = froms[on], tos[on]
        ways += numpy.bincount(tos, ways[froms], size)
        levels.append((froms, tos))
        front = numpy.unique(tos)
    leaning = numpy.zeros(size)
    for froms, tos in reversed(levels):
        leaning += numpy.bincount(froms, ways[froms] / ways[tos] * (1 + leaning[tos]), size)
    leaning[pivot] = 0
    return leaning


def _steps(graph: sparse.csr_matrix, nodes: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Return every step from some nodes to those beside them, as two arrays."""
    first, counts = graph.indptr[nodes], graph.indptr[nodes + 1] - graph.indptr[nodes]
    place = numpy.repeat(first - numpy.cumsum(counts) + counts, counts) + numpy.arange(counts.sum())
    return numpy.repeat(nodes, counts), graph.indices[place]
