"""Hold a graph against its SHACL shapes: https://www.w3.org/TR/shacl/#validation-report"""

from dataclasses import dataclass

import pyshacl
from pyshacl.rdfutil.inoculate import inoculate
from rdflib import RDF, SH, Graph
from rdflib.extras.shacl import parse_shacl_path
from rdflib.term import BNode, Node, URIRef

from mikg.errors import Misuse, SourceError


@dataclass(frozen=True, order=True)
class Result:
    """One validation result: which focus node breaks which shape with which value, and what to do."""

    focus_node: str
    shape: str
    path: str
    value: str
    message: str
    severity: str


def validate(data: Graph, shapes: Graph, ontology: Graph, fast: bool = False) -> list[Result]:
    """Return the validation results in order; an empty list means that `data` conforms.

    `ontology` gives the class hierarchy: an instance of a subclass is held against the shapes of all its superclasses. With `fast` the
    same report comes from pyshifty, which is written in Rust; pySHACL is the reference, and `Misuse` says where the other is missing.

    >>> validate(Graph(), Graph(), Graph())
    []
    """
    if fast:
        report = _fast_report(data, _copy(shapes), ontology)
        return sorted(_result(report, node) for node in report.subjects(RDF.type, SH.ValidationResult) if not _incomparable(report, node))
    try:
        report = _report(data, _copy(shapes), ontology)
    except TypeError:
        # pySHACL cannot compare a date that is none ("2022-02-30"); its datatype is then what there is to find first.
        comparable = _copy(shapes)
        for order in (SH.lessThan, SH.lessThanOrEquals):
            comparable.remove((None, order, None))
        report = _report(data, comparable, ontology)
    return sorted(_result(report, node) for node in report.subjects(RDF.type, SH.ValidationResult))


def _report(data: Graph, shapes: Graph, ontology: Graph) -> Graph:
    # pySHACL mixes the ontology into the graphs that it is handed, so it is handed copies.
    return _whole(pyshacl.validate(_copy(data), shacl_graph=shapes, ont_graph=ontology, advanced=True)[1])


def _fast_report(data: Graph, shapes: Graph, ontology: Graph) -> Graph:
    try:
        import shifty
    except ImportError:
        raise Misuse("The fast validator is not installed; it comes with: pip install 'mikg[fast]'") from None
    try:
        report = shifty.validate(inoculate(_copy(data), ontology), shapes, graph_mode="data", infer=False, on_unsupported="error")[1]
    except ValueError as fault:
        return _whole(fault)
    return _with_constraints(_with_paths(report, shapes), shapes)


def _with_paths(report: Graph, shapes: Graph) -> Graph:
    """Return the report with each path of several properties described as its shape does; pyshifty only says that there is one."""
    described: set[Node] = set()
    for node, path in report.subject_objects(SH.resultPath):
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
    for node in report.subjects(SH.sourceConstraintComponent, SH.SPARQLConstraintComponent):
        queries = list(shapes.objects(report.value(node, SH.sourceShape), SH.sparql))
        if len(queries) > 1:
            said = set(report.objects(node, SH.resultMessage))
            queries = [each for each in queries if not said.isdisjoint(shapes.objects(each, SH.message))]
        if len(queries) == 1:
            report.add((node, SH.sourceConstraint, queries[0]))
    return report


def _incomparable(report: Graph, node: Node) -> bool:
    """Whether a result says of the order of a value that is none ("2022-02-30"), which the reference cannot compare."""
    ordered = report.value(node, SH.sourceConstraintComponent) in (SH.LessThanConstraintComponent, SH.LessThanOrEqualsConstraintComponent)
    return ordered and bool(getattr(report.value(node, SH.value), "ill_typed", False))


def _whole(report: Graph | Exception) -> Graph:
    """Return a report; a validator that cannot read the shapes gives its reason in the place of one."""
    if isinstance(report, Graph):
        return report
    said = " ".join(str(getattr(report, "message", report)).split())
    raise SourceError(f"ontology/shapes.ttl: a shape cannot be held against data: {said[:300]}")


def _copy(graph: Graph) -> Graph:
    return Graph() + graph


def _result(report: Graph, node: Node) -> Result:
    constraint = report.value(node, SH.sourceConstraint)
    shape = constraint if constraint is not None and not isinstance(constraint, BNode) else report.value(node, SH.sourceShape)
    severity = str(report.value(node, SH.resultSeverity)).removeprefix(str(SH)).lower()
    messages = sorted(str(message) for message in report.objects(node, SH.resultMessage))
    return Result(
        str(report.value(node, SH.focusNode)),
        str(shape),
        _path(report, report.value(node, SH.resultPath)),
        str(report.value(node, SH.value) or ""),
        " ".join(messages),
        severity,
    )


def _path(report: Graph, path: Node | None) -> str:
    """Return the IRI of a property, or a path of several as SPARQL writes it."""
    return "" if path is None else str(path) if isinstance(path, URIRef) else parse_shacl_path(report, path).n3()
