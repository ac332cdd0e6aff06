"""What a SHACL validation report says: https://www.w3.org/TR/shacl/#validation-report"""

from collections.abc import Callable
from dataclasses import dataclass

from rdflib import RDF, SH, Graph
from rdflib.extras.shacl import parse_shacl_path
from rdflib.term import BNode, Node, URIRef

from mikg.errors import SourceError


@dataclass(frozen=True, order=True)
class Result:
    """One validation result: which focus node breaks which shape with which value, and what to do."""

    focus_node: str
    shape: str
    path: str
    value: str
    message: str
    severity: str


def results(report: Graph, told: Callable[[Node], bool] = lambda _: True) -> list[Result]:
    """Return the results of a report in order, of those only that are `told`."""
    paths: dict[Node | None, str] = {None: ""}
    return sorted(_result(report, node, paths) for node in report.subjects(RDF.type, SH.ValidationResult) if told(node))


def whole(report: Graph | Exception) -> Graph:
    """Return a report; a validator that cannot read the shapes gives its reason in the place of one."""
    if isinstance(report, Graph):
        return report
    said = " ".join(str(getattr(report, "message", report)).split())
    raise SourceError(f"ontology/shapes.ttl: a shape cannot be held against data: {said[:300]}")


def _result(report: Graph, node: Node, paths: dict[Node | None, str]) -> Result:
    constraint = report.value(node, SH.sourceConstraint)
    shape = constraint if constraint is not None and not isinstance(constraint, BNode) else report.value(node, SH.sourceShape)
    path, value = report.value(node, SH.resultPath), report.value(node, SH.value)
    if path not in paths:
        # The IRI of a property, or a path of several as SPARQL writes it.
        paths[path] = str(path) if isinstance(path, URIRef) else parse_shacl_path(report, path).n3()
    return Result(
        str(report.value(node, SH.focusNode)),
        str(shape),
        paths[path],
        "" if value is None else str(value),
        " ".join(sorted(map(str, report.objects(node, SH.resultMessage)))),
        str(report.value(node, SH.resultSeverity)).removeprefix(str(SH)).lower(),
    )
