"""The fast validator: pyshifty, which is written in Rust, brought to report what the reference reports."""

from collections.abc import Iterable

import pyoxigraph as ox
from pyshacl.rdfutil.inoculate import inoculate
from rdflib import RDF, SH, XSD, Graph, Literal
from rdflib.term import BNode, Node, URIRef
from rdflib.util import from_n3

from mikg.errors import Misuse
from mikg.validation.reports import whole

TARGETS = (SH.target, SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf)
ORDERS = (SH.LessThanConstraintComponent, SH.LessThanOrEqualsConstraintComponent)


def report(data: Graph, shapes: Graph, ontology: Graph) -> Graph:
    """Return the validation report; `SourceError` where the shapes cannot be read, `Misuse` where the validator is missing.

    The nodes that fail are found first, which is quick; what then takes two thirds of the time, the report, is asked for these alone.
    """
    try:
        from shifty._shifty import PreparedValidator
    except ImportError:
        raise Misuse("The fast validator is not installed; it comes with: pip install 'mikg[fast]'") from None
    how = {"graph_mode": "data", "run_infer": False, "on_unsupported": "error"}
    # Of the ontology pySHACL mixes in what says how its terms are related.
    text = _turtle(data) + _turtle(inoculate(Graph(), ontology))
    try:
        failing = PreparedValidator(_turtle(shapes)).validate_algebra(text, **how).violations
        aimed = _aimed(shapes, {(each.shape_name, each.focus_node) for each in failing})
        # Its own Python hands over a report that rdflib has read, which takes longer than to make it.
        found = _read(PreparedValidator(_turtle(aimed)).validate_w3c(text, **how).report_turtle)
    except ValueError as fault:
        return whole(fault)
    return _with_constraints(_with_paths(found, shapes), shapes)


def incomparable(report: Graph, node: Node) -> bool:
    """Whether a result says of the order of a value that is none ("2022-02-30"), which the reference cannot compare."""
    ordered = report.value(node, SH.sourceConstraintComponent) in ORDERS
    return ordered and bool(getattr(report.value(node, SH.value), "ill_typed", False))


def _aimed(shapes: Graph, failing: Iterable[tuple[str | None, str]]) -> Graph:
    """Return the shapes with the nodes that fail as their only targets; as they are, where a shape or a node has no name."""
    if not all(shape and not node.startswith("_:") for shape, node in failing):
        return shapes
    aimed = Graph(namespace_manager=shapes.namespace_manager)
    for subject, predicate, value in shapes:
        implicit = predicate == RDF.type and value not in SH  # a shape that is a class has its instances as targets
        if predicate not in TARGETS and not implicit:
            aimed.add((subject, predicate, value))
    for shape, node in failing:
        aimed.add((URIRef(shape), SH.targetNode, from_n3(node)))
    return aimed


def _turtle(graph: Graph) -> bytes:
    """Return a graph in Turtle with its prefixes, which SPARQL constraints use, and with the labels of its blank nodes."""
    prefixes = (f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in graph.namespaces())
    return "".join((*prefixes, *(f"{s.n3()} {p.n3()} {o.n3()} .\n" for s, p, o in graph))).encode()


def _read(turtle: str) -> Graph:
    """Return a report as rdflib has it, in a fifth of the time that rdflib takes to parse it."""
    graph = Graph(store="SimpleMemory")
    known: dict[object, Node] = {}
    for triple in ox.parse(turtle.encode(), ox.RdfFormat.TURTLE):
        for term in triple.triple:
            if term not in known:
                known[term] = _term(term)
        graph.add((known[triple.subject], known[triple.predicate], known[triple.object]))
    return graph


def _term(term: object) -> Node:
    match term:
        case ox.NamedNode():
            return URIRef(term.value)
        case ox.BlankNode():
            return BNode(term.value)
    datatype = None if term.language or term.datatype.value == str(XSD.string) else URIRef(term.datatype.value)
    return Literal(term.value, lang=term.language, datatype=datatype)


def _with_paths(report: Graph, shapes: Graph) -> Graph:
    """Return the report with each path of several properties described as its shape does; pyshifty only says that there is one."""
    described: set[Node] = set()
    for node, path in list(report.subject_objects(SH.resultPath)):
        if isinstance(path, BNode) and (path, None, None) not in report:
            told = shapes.value(report.value(node, SH.sourceShape), SH.path)
            if told is not None:
                report.set((node, SH.resultPath, told))
                described.add(told)
    for told in described:
        report += shapes.cbd(told)
    return report


def _with_constraints(report: Graph, shapes: Graph) -> Graph:
    """Return the report with the SPARQL constraint that each such result breaks, which pyshifty leaves out; of several of a shape, by its message."""
    for node in list(report.subjects(SH.sourceConstraintComponent, SH.SPARQLConstraintComponent)):
        queries = list(shapes.objects(report.value(node, SH.sourceShape), SH.sparql))
        if len(queries) > 1:
            said = set(report.objects(node, SH.resultMessage))
            queries = [each for each in queries if not said.isdisjoint(shapes.objects(each, SH.message))]
        if len(queries) == 1:
            report.add((node, SH.sourceConstraint, queries[0]))
    return report
