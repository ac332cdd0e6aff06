"""The official SHACL suite (https://w3c.github.io/data-shapes/data-shapes-test-suite/), where it is at hand: both validators of `mikg check`."""

import os
from collections import Counter
from pathlib import Path

import pytest
from rdflib import RDF, SH, BNode, Graph, Namespace, URIRef
from rdflib.compare import to_isomorphic

from mikg import validation
from mikg.errors import SourceError
from mikg.validation import fast

ROOT = Path(__file__).parents[1]
SUITES = next(
    (Path(path) for path in (os.environ.get("MIKG_CONFORMANCE"), ROOT.parent / "shared/conformance") if path and Path(path).is_dir()), None
)
pytestmark = pytest.mark.conformance
CASES = sorted(path for path in (SUITES / "shacl/tests").rglob("*.ttl") if path.name != "manifest.ttl") if SUITES else []
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")
# Data or shapes beside the cases that name them, and no cases by themselves.
CASES = [path for path in CASES if "sht:Validate" in path.read_text()]
# What a validator does otherwise than the suite has it, each with the reason.
UNIQUE = 'rdflib reads "1"^^xsd:boolean as true, where the suite has it that only true is'
STRANGE = "the path is told as the shape has it, with what else is said of its node"
KNOWN: dict[tuple[str, str], str] = {
    ("pySHACL", "uniqueLang-002"): UNIQUE,
    ("pyshifty", "uniqueLang-002"): UNIQUE,
    ("pySHACL", "shapesGraph-001"): "pySHACL has no $shapesGraph, which is optional",
    ("pyshifty", "or-datatypes-001"): "rdflib has read the malformed boolean before, and writes it as false",
    ("pyshifty", "path-complex-002"): "of two shapes that say the same of the same things it names one",
    ("pyshifty", "path-strange-001"): STRANGE,
    ("pyshifty", "path-strange-002"): STRANGE,
}


def results(report: Graph, node: object) -> Counter:
    """Return the results of a report as tuples; blank nodes are one like another, paths are told by their triples."""

    def told(value: object) -> str:
        if isinstance(value, BNode):
            described = report.cbd(value)
            return to_isomorphic(described).graph_digest().__str__() if len(described) else "[]"
        return "" if value is None else value.n3()

    parts = (SH.focusNode, SH.resultPath, SH.sourceConstraintComponent, SH.resultSeverity, SH.value)
    return Counter(
        tuple(
            "[]" if isinstance(report.value(each, part), BNode) and part != SH.resultPath else told(report.value(each, part))
            for part in parts
        )
        for each in report.objects(node, SH.result)
    )


@pytest.mark.skipif(not SUITES, reason="the official suites are not at hand (MIKG_CONFORMANCE)")
@pytest.mark.parametrize("engine", ["pySHACL", "pyshifty"])
@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_validator_reports_what_the_suite_expects(path, engine):
    if engine == "pyshifty":
        pytest.importorskip("shifty")
    if reason := KNOWN.get((engine, path.stem)):
        pytest.xfail(reason)
    manifest = Graph().parse(path, publicID=path.as_uri())
    for case in manifest.subjects(RDF.type, SHT.Validate):
        action, expected = manifest.value(case, MF.action), manifest.value(case, MF.result)
        data, shapes = (read(manifest.value(action, part)) for part in (SHT.dataGraph, SHT.shapesGraph))
        make = fast.report if engine == "pyshifty" else validation.reference
        if expected == SHT.Failure:
            with pytest.raises(SourceError):
                make(data, shapes, Graph())
            continue
        report = make(data, shapes, Graph())
        (node,) = report.subjects(RDF.type, SH.ValidationReport)
        assert report.value(node, SH.conforms).toPython() == manifest.value(expected, SH.conforms).toPython()
        assert results(report, node) == results(manifest, expected)


def read(iri: URIRef) -> Graph:
    return Graph().parse(Path(iri.removeprefix("file://")), publicID=iri)
