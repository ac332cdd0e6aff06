"""Hold a graph against its SHACL shapes: https://www.w3.org/TR/shacl/#validation-report"""

import pyshacl
from rdflib import SH, Graph

from mikg.validation import fast as quick
from mikg.validation.reports import Result, results, whole

__all__ = ["Result", "validate"]


def validate(data: Graph, shapes: Graph, ontology: Graph, fast: bool = False) -> list[Result]:
    """Return the validation results in order; an empty list means that `data` conforms.

    `ontology` gives the class hierarchy: an instance of a subclass is held against the shapes of all its superclasses. With `fast` the
    same report comes from pyshifty, which is written in Rust; pySHACL is the reference, and `Misuse` says where the other is missing.

    >>> validate(Graph(), Graph(), Graph())
    []
    """
    if fast:
        report = quick.report(data, shapes, ontology)
        return results(report, lambda node: not quick.incomparable(report, node))
    try:
        return results(reference(data, _copy(shapes), ontology))
    except TypeError:
        # pySHACL cannot compare a date that is none ("2022-02-30"); its datatype is then what there is to find first.
        comparable = _copy(shapes)
        for order in (SH.lessThan, SH.lessThanOrEquals):
            comparable.remove((None, order, None))
        return results(reference(data, comparable, ontology))


def reference(data: Graph, shapes: Graph, ontology: Graph) -> Graph:
    """Return the report of pySHACL; `SourceError` where it cannot read the shapes."""
    # It mixes the ontology into the graphs that it is handed, so it is handed copies.
    return whole(pyshacl.validate(Graph() + data, shacl_graph=shapes, ont_graph=ontology, advanced=True)[1])


def _copy(shapes: Graph) -> Graph:
    # rdflib's simpler store knows of no named graphs, and is read faster for that.
    copied = Graph(store="SimpleMemory", namespace_manager=shapes.namespace_manager)
    copied.addN((*triple, copied) for triple in shapes)
    return copied
