"""The files kept by hand under ontology/, graph/ and queries/, each triple with the file and line that it stands on."""

import bisect
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import pyoxigraph as ox
import rdflib
from rdflib.plugins.parsers.notation3 import RDFSink
from rdflib.plugins.parsers.trig import TrigSinkParser

from mikg import inventory, namespaces
from mikg.errors import SourceError

ENDINGS = {".ttl": ox.RdfFormat.TURTLE, ".trig": ox.RdfFormat.TRIG, ".nt": ox.RdfFormat.N_TRIPLES}

# The named graph of a Turtle file; TriG files name their graphs themselves.
GRAPHS = {
    "ontology/mikg.ttl": "ontology",
    "ontology/alignments.ttl": "ontology",
    "ontology/shapes.ttl": "shapes",
    "graph/documents.ttl": "documents",
    "graph/entities.ttl": "entities",
    "graph/links/authorities.ttl": "mappings",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One quad as it was written: its terms, its named graph, and where it stands."""

    subject: rdflib.term.Node
    predicate: rdflib.URIRef
    object: rdflib.term.Node
    graph: str
    file: str
    line: int

    @property
    def triple(self) -> tuple:
        return (self.subject, self.predicate, self.object)


@dataclass(frozen=True)
class Sources:
    """All statements of the files below `root`, in the order of files and lines."""

    root: Path
    statements: tuple[Statement, ...]

    @cached_property
    def places(self) -> dict[tuple, tuple[str, int]]:
        """File and line of each triple, of each subject with predicate, and of each subject: where a passage describes it."""
        places: dict[tuple, tuple[str, int]] = {}
        for each in self.statements:
            for key in (each.triple, each.triple[:2], each.triple[:1]):
                places.setdefault(key, (each.file, each.line))
        best: dict[rdflib.term.Node, int] = {}
        for each in self.statements:
            if (rank := _rank(each)) < best.get(each.subject, 9):
                best[each.subject] = rank
                places[each.triple[:1]] = (each.file, each.line)
        return places

    def place(self, *terms: rdflib.term.Node) -> tuple[str, int]:
        """Return file and line of a triple, else of its subject and predicate, else of its subject; ("", 0) if unknown."""
        for length in range(len(terms), 0, -1):
            if found := self.places.get(terms[:length]):
                return found
        return ("", 0)

    def graph(self, *names: str) -> rdflib.Graph:
        """Return one graph that merges the named graphs with these IRIs; all of them when none is named."""
        merged = rdflib.Graph()
        for each in self.statements:
            if not names or each.graph in names:
                merged.add(each.triple)
        return merged


def _rank(statement: Statement) -> int:
    """How well the place of a statement tells where its subject is described: what is missing of it is missing there."""
    in_passage = statement.graph.startswith(namespaces.DOCUMENT) and statement.predicate != rdflib.URIRef(namespaces.MIKG + "namedAs")
    return 2 * (not in_passage) + (statement.predicate != rdflib.RDF.type)


def read(root: Path) -> Sources:
    """Return all statements of the RDF files below `root`; `SourceError` names file, line and column of a fault."""
    paths = [path for path in inventory.files(root) if path.suffix in ENDINGS]
    return Sources(root, tuple(statement for path in paths for statement in read_file(path, root)))


def read_file(path: Path, root: Path) -> tuple[Statement, ...]:
    """Return the statements of one Turtle, TriG or N-Triples file, with lines counted from 1."""
    name = path.relative_to(root).as_posix()
    text = _text(path, name)
    _check_syntax(path, name, text)
    return _statements(text, name, _graph_of(name))


def _graph_of(name: str) -> str:
    if name in GRAPHS:
        return namespaces.GRAPH + GRAPHS[name]
    if name.startswith("graph/external/"):
        return namespaces.EXTERNAL + Path(name).stem
    return ""


def _text(path: Path, name: str) -> str:
    data = inventory.read(path)
    try:
        return data.decode()
    except UnicodeDecodeError as fault:
        line = data[: fault.start].count(b"\n") + 1
        raise SourceError(f"{name}:{line}: it is not UTF-8 (byte {data[fault.start]:#04x}); save the file as UTF-8.") from None


def _check_syntax(path: Path, name: str, text: str) -> None:
    # Oxigraph's parsers are strict and say line and column; rdflib's, below, know the line of each triple.
    try:
        for _ in ox.parse(text.encode(), format=ENDINGS[path.suffix]):
            pass
    except SyntaxError as fault:
        column = f":{fault.offset}" if fault.offset else ""
        raise SourceError(f"{name}:{fault.lineno or 1}{column}: {fault.msg}") from None


class _Parser(TrigSinkParser):
    """Remember where each object ends: rdflib's own line counter runs on when the parser looks ahead."""

    ends: list[int] = []
    pending: list[int] = []

    def objectList(self, argstr, i, res) -> int:  # noqa: N802 (rdflib's name)
        outer, self.ends = self.ends, []
        j = super().objectList(argstr, i, res)
        self.ends, self.pending = outer, self.ends
        return j

    def object(self, argstr, i, res) -> int:
        known = len(self.ends)
        j = super().object(argstr, i, res)
        self.ends = [*self.ends[:known], j]  # the members of a list or of a blank node are within this object
        return j


class _Sink(RDFSink):
    """Keep each statement with the line on which its object ends."""

    def __init__(self, name: str, default: str, text: str) -> None:
        super().__init__(rdflib.Graph(identifier="urn:x-rdflib:default"))
        self.name, self.default = name, default
        self.newlines = [offset for offset, character in enumerate(text) if character == "\n"]
        self.parser = _Parser(self, baseURI=namespaces.BASE, turtle=True)
        self.found: list[Statement] = []
        self.blank: dict[rdflib.BNode, rdflib.BNode] = {}
        self.line = 1

    def makeStatement(self, quadruple, why=None) -> None:  # noqa: N802 (rdflib's name)
        formula, *terms = quadruple
        predicate, subject, obj = (self._stable(self.normalise(formula, term)) for term in terms)
        graph = str(getattr(formula, "identifier", formula))
        graph = self.default if formula is None or graph.startswith("urn:x-rdflib:default") else graph
        if self.parser.pending:
            self.line = bisect.bisect_left(self.newlines, self.parser.pending.pop(0)) + 1
        if self.name.startswith("graph/") and (isinstance(subject, rdflib.BNode) or isinstance(obj, rdflib.BNode)):
            raise SourceError(
                f"{self.name}:{self.line}: a blank node stands at {namespaces.shorten(str(predicate))}; "
                "give it an IRI (id:...), so that other files and queries can name it."
            )
        self.found.append(Statement(subject, predicate, obj, graph, self.name, self.line))

    def _stable(self, term: rdflib.term.Node) -> rdflib.term.Node:
        # Blank nodes are numbered as they come, so that the same file gives the same release.
        if not isinstance(term, rdflib.BNode):
            return term
        return self.blank.setdefault(term, rdflib.BNode(f"{Path(self.name).stem}{len(self.blank) + 1}"))


@lru_cache(maxsize=64)
def _statements(text: str, name: str, graph: str) -> tuple[Statement, ...]:
    # Remembered: whoever reads the sources again after a change waits for the files that have changed.
    sink = _Sink(name, graph, text)
    # A literal keeps the form in which it was written. The switch is rdflib's for the whole process, and pySHACL turns it too.
    before, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        sink.parser.loadBuf(text)
    finally:
        rdflib.NORMALIZE_LITERALS = before
    return tuple(sink.found)


def to_quad(statement: Statement) -> ox.Quad:
    """Return the statement in Oxigraph's terms."""
    return ox.Quad(*(to_term(term) for term in statement.triple), ox.NamedNode(statement.graph) if statement.graph else ox.DefaultGraph())


def to_term(term: rdflib.term.Node) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """Return an rdflib term as an Oxigraph term, its written form unchanged."""
    if isinstance(term, rdflib.URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, rdflib.BNode):
        return ox.BlankNode(str(term))
    if term.language:
        return ox.Literal(str(term), language=term.language)
    return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype))) if term.datatype else ox.Literal(str(term))


def from_term(term: ox.NamedNode | ox.BlankNode | ox.Literal) -> rdflib.term.Node:
    """Return an Oxigraph term as an rdflib term."""
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    plain = term.datatype.value == namespaces.XSD + "string"
    return rdflib.Literal(term.value, datatype=None if plain else rdflib.URIRef(term.datatype.value), normalize=False)


def graphs(statements: Iterable[Statement]) -> list[str]:
    """Return the IRIs of the named graphs that hold any of the statements, in order."""
    return sorted({each.graph for each in statements})
