"""Everything that `mikg check` looks at, as one report."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from rdflib import Dataset, URIRef

from mikg import evidence, hygiene, reach, validation
from mikg.findings import Finding
from mikg.mappings import faults
from mikg.namespaces import EXTERNAL, GRAPH, PREFIXES, shorten
from mikg.sources import Sources, Statement, to_quad

ONTOLOGY, SHAPES = GRAPH + "ontology", GRAPH + "shapes"


@dataclass(frozen=True)
class Report:
    """The findings in the order of file and line, and the coverage of each document."""

    findings: tuple[Finding, ...]
    coverage: tuple[evidence.Coverage, ...]

    @property
    def wrong(self) -> int:
        """How many findings are violations."""
        return sum(finding.severity == "violation" for finding in self.findings)

    def summary(self) -> dict:
        """Return counts that say the same for the same sources."""
        return {
            "findings": dict(sorted(Counter(finding.severity for finding in self.findings).items())),
            "documents": [asdict(each) for each in self.coverage],
        }

    def to_text(self) -> str:
        """Return a line for each finding and each document."""
        lines = [str(finding) for finding in self.findings]
        for each in self.coverage:
            checked = f"{each.figures} figures and {each.names} names printed, {each.uncovered} of them in no statement"
            lines.append(
                f"{each.document}: {each.passages} passages ({len(each.furniture)} state nothing), {each.statements} statements; "
                + (checked if each.checked else "text not at hand, coverage not checked (--documents DIR)")
            )
            lines += [f"    {passage}: {reason}" for passage, reason in each.furniture]
        lines.append("nothing to mend" if not self.findings else f"{len(self.findings)} to look at, {self.wrong} of them violations")
        return "\n".join(lines)

    def to_json(self) -> str:
        """Return findings and coverage as JSON."""
        whole = {"findings": [asdict(finding) for finding in self.findings], "coverage": [asdict(each) for each in self.coverage]}
        return json.dumps(whole, ensure_ascii=False, indent=2)

    def to_turtle(self) -> str:
        """Return a SHACL validation report in Turtle, with file and line of each result."""
        from rdflib import RDF, SH, XSD, BNode, Graph, Literal

        graph = Graph()
        for prefix in ("sh", "mikg", "id", "doc", "schema", "xsd"):
            graph.bind(prefix, PREFIXES[prefix])
        report = BNode("report")
        graph.add((report, RDF.type, SH.ValidationReport))
        graph.add((report, SH.conforms, Literal(not self.wrong)))
        for number, finding in enumerate(self.findings):
            node = BNode(f"result{number}")
            graph.add((report, SH.result, node))
            graph.add((node, RDF.type, SH.ValidationResult))
            graph.add((node, SH.focusNode, URIRef(finding.node)))
            graph.add((node, SH.resultSeverity, SH[finding.severity.capitalize()]))
            graph.add((node, SH.resultMessage, Literal(finding.message, lang="en")))
            rule = finding.rule
            graph.add((node, SH.sourceShape, URIRef(PREFIXES["mikg"] + rule.removeprefix("mikg:"))))
            graph.add((node, URIRef(PREFIXES["mikg"] + "file"), Literal(finding.file)))
            graph.add((node, URIRef(PREFIXES["mikg"] + "line"), Literal(finding.line, datatype=XSD.integer)))
        return graph.serialize(format="turtle")


def check(
    sources: Sources,
    documents: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
    fast: bool = False,
    known: frozenset[str] | None = None,
) -> Report:
    """Return the report on the sources.

    `documents` is the folder of the texts, if they are at hand; `fast` as in `validation.validate`. With `known`, the statements of a
    release in N-Quads, only what has changed since is told of: things of which something is stated now and was not then, and
    what points to them; and of the shapes, what can be otherwise now than it was then.
    """
    delta = None if known is None else _delta(sources, known)
    changed = None if delta is None else _changed(sources, delta)
    progress("hygiene: terms, names, graphs, literals")
    findings = hygiene.check(sources)
    progress("evidence: places, digests, printed words" + ("" if documents else " (texts not at hand)"))
    found, coverage = evidence.check(sources, documents)
    progress("mappings: subjects, evidence, contradictions")
    linked = faults.check(sources)
    progress("SHACL shapes")
    plain = (each for each in {*findings, *found, *linked} if changed is None or not each.node or each.node in changed)
    return Report(tuple(sorted({*plain, *_shapes(sources, fast, delta)})), tuple(coverage))


@dataclass(frozen=True)
class _Delta:
    """What is stated now and was not then, and what was stated then and is not now."""

    added: tuple[Statement, ...]
    removed: tuple[tuple, ...]  # quads of rdflib

    @property
    def graphs(self) -> set[str]:
        return {each.graph for each in self.added} | {str(quad[3]) for quad in self.removed}

    @property
    def triples(self) -> set[tuple]:
        return {each.triple for each in self.added} | {quad[:3] for quad in self.removed}


def _delta(sources: Sources, known: frozenset[str]) -> _Delta:
    now = {str(to_quad(each)): each for each in sources.statements}
    lost = Dataset().parse(data="".join(f"{line} .\n" for line in known - now.keys()), format="nquads")
    return _Delta(tuple(each for line, each in now.items() if line not in known), tuple(lost.quads()))


def _changed(sources: Sources, delta: _Delta) -> frozenset[str]:
    subjects = {str(each.subject) for each in delta.added}
    return frozenset(subjects | {str(each.subject) for each in sources.statements if str(each.object) in subjects})


def _shapes(sources: Sources, fast: bool, delta: _Delta | None) -> list[Finding]:
    data = sources.graph(*({each.graph for each in sources.statements} - {ONTOLOGY, SHAPES} - _external(sources)))
    shapes, ontology = sources.graph(SHAPES), sources.graph(ONTOLOGY)
    # Other terms or rules can change what holds of anything.
    if delta and not delta.graphs & {ONTOLOGY, SHAPES}:
        shapes = reach.narrowed(shapes, ontology, data, delta.triples)
    results = validation.validate(data, shapes, ontology, fast)
    findings = []
    for result in results:
        node, path = URIRef(result.focus_node), URIRef(result.path)
        value = next((term for term in data.objects(node, path) if str(term) == result.value), None)
        # A constraint over a whole document or data set names the guilty figure as its value.
        guilty = URIRef(result.value) if not result.path and result.value.startswith("http") else node
        file, line = sources.place(node, path, value) if value is not None else sources.place(guilty, path)
        said = (
            f"{result.message} (Found: {shorten(result.value) if result.value.startswith('http') else result.value})"
            if result.value
            else result.message
        )
        findings.append(Finding(file, line, result.focus_node, shorten(result.shape), said, result.severity))
    return findings


def _external(sources: Sources) -> set[str]:
    return {each.graph for each in sources.statements if each.graph.startswith(EXTERNAL)}
