"""Which focus nodes a change can make valid or not: what SHACL shapes read of the data, followed back from the statements that changed.

A shape reads along its paths, and those of the shapes within it. A node is affected where one of these ways, begun at the node, would pass
over a statement that was added or taken away. The targets of each shape are then narrowed to these nodes, so that any validator holds
them, and only them, against the whole data. (pySHACL's own `focus_nodes` also leaves out the nodes that a shape within a shape looks at,
which then count as valid: it finds what is not there.)
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from rdflib import RDF, RDFS, SH, BNode, Graph
from rdflib.collection import Collection
from rdflib.term import Node

TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
WITHIN = (SH.property, SH.node, SH["not"], SH.qualifiedValueShape)
LISTS = (SH["or"], SH["and"], SH.xone)
BESIDE = (SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals)
# A shape with one of these may read anything.
UNBOUNDED = (SH.sparql, SH.target, SH.rule, SH.js, SH.expression)
REPEATED = (SH.zeroOrMorePath, SH.oneOrMorePath, SH.zeroOrOnePath)

Step = tuple[Node | None, bool]  # a predicate, None for any, and whether it is followed backwards
Triple = tuple[Node, Node, Node]


class _Unbounded(Exception):
    """The shape reads along ways of any length."""


def narrowed(shapes: Graph, ontology: Graph, data: Graph, changed: Iterable[Triple]) -> Graph:
    """Return the shapes with those targets only that the changed statements can affect; what reads without bounds keeps all of them."""
    by_predicate: dict[Node, set[Triple]] = defaultdict(set)
    for triple in changed:
        by_predicate[triple[1]].add(triple)
    found = Graph() + shapes
    for shape in {subject for target in TARGETS for subject in shapes.subjects(target, None)}:
        try:
            ways = set(_ways(shapes, shape, (), frozenset())) | set(_aims(shapes, shape))
        except _Unbounded:
            continue
        nodes = _targets(shapes, ontology, data, shape) & {node for way in ways for node in _affected(data, way, by_predicate)}
        for target in TARGETS:
            found.remove((shape, target, None))
        for node in nodes:
            found.add((shape, SH.targetNode, node))
    return found


def _aims(shapes: Graph, shape: Node) -> Iterator[tuple[Step, ...]]:
    """What makes a node a target."""
    yield ((RDF.type, False),)
    for predicate in shapes.objects(shape, SH.targetSubjectsOf):
        yield ((predicate, False),)
    for predicate in shapes.objects(shape, SH.targetObjectsOf):
        yield ((predicate, True),)


def _ways(shapes: Graph, shape: Node, before: tuple[Step, ...], seen: frozenset[Node]) -> Iterator[tuple[Step, ...]]:
    """Yield the ways along which a shape reads, from a node that is reached by the steps `before`."""
    if shape in seen or any((shape, each, None) in shapes for each in UNBOUNDED):
        raise _Unbounded
    path = shapes.value(shape, SH.path)
    ends = [(*before, *steps) for steps in _paths(shapes, path)] if path is not None else [before]
    for predicate in BESIDE:
        for other in shapes.objects(shape, predicate):
            yield (*before, (other, False))
    for end in ends:
        if path is not None:
            yield end
        if (shape, SH["class"], None) in shapes:
            yield (*end, (RDF.type, False))
        if (shape, SH.closed, None) in shapes:
            yield (*end, (None, False))
        within = [each for predicate in WITHIN for each in shapes.objects(shape, predicate)]
        within += [each for predicate in LISTS for head in shapes.objects(shape, predicate) for each in Collection(shapes, head)]
        for each in within:
            yield from _ways(shapes, each, end, seen | {shape})


def _paths(shapes: Graph, path: Node) -> Iterator[tuple[Step, ...]]:
    """Yield the ways that a SHACL path stands for."""
    if not isinstance(path, BNode):
        yield ((path, False),)
    elif (inverse := shapes.value(path, SH.inversePath)) is not None:
        for steps in _paths(shapes, inverse):
            yield tuple((predicate, not backwards) for predicate, backwards in reversed(steps))
    elif (choice := shapes.value(path, SH.alternativePath)) is not None:
        for each in Collection(shapes, choice):
            yield from _paths(shapes, each)
    elif any((path, each, None) in shapes for each in REPEATED):
        raise _Unbounded
    else:
        heads: list[tuple[Step, ...]] = [()]
        for each in Collection(shapes, path):
            heads = [(*head, *steps) for head in heads for steps in _paths(shapes, each)]
        yield from heads


def _affected(data: Graph, way: tuple[Step, ...], changed: dict[Node, set[Triple]]) -> set[Node]:
    """Return the nodes from which the way passes over a changed statement."""
    found: set[Node] = set()
    for number, (predicate, backwards) in enumerate(way):
        triples = changed.get(predicate, set()) if predicate is not None else {each for some in changed.values() for each in some}
        nodes = {value if backwards else subject for subject, _, value in triples}
        for before, back in reversed(way[:number]):
            nodes = {each for node in nodes for each in (data.objects(node, before) if back else data.subjects(before, node))}
        found |= nodes
    return found


def _targets(shapes: Graph, ontology: Graph, data: Graph, shape: Node) -> set[Node]:
    found = set(shapes.objects(shape, SH.targetNode))
    for predicate in shapes.objects(shape, SH.targetSubjectsOf):
        found.update(data.subjects(predicate, None))
    for predicate in shapes.objects(shape, SH.targetObjectsOf):
        found.update(data.objects(None, predicate))
    for kind in shapes.objects(shape, SH.targetClass):
        for each in {*ontology.transitive_subjects(RDFS.subClassOf, kind), *data.transitive_subjects(RDFS.subClassOf, kind)}:
            found.update(data.subjects(RDF.type, each))
    return found
