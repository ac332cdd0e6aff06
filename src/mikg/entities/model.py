"""What a page about one thing is made of, each part with the graphs that say it."""

from dataclasses import dataclass, field

from mikg.citations import Citation
from mikg.labels import Named
from mikg.vocabulary import Texts

Term = dict[str, str]  # an RDF term as in SPARQL JSON results


@dataclass(frozen=True)
class Value:
    """One value of a property, with the named graphs that state it."""

    term: Term
    graphs: tuple[str, ...]
    status: str = ""  # a modality that is not asserted, on what the value is
    claimants: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()  # the rules by which it follows, where it was inferred


@dataclass(frozen=True)
class Line:
    """One property with its values; `total` counts those that there are, more than `values` where they are paged."""

    property: str
    names: Texts
    values: tuple[Value, ...]
    total: int = 0
    incoming: bool = False


@dataclass(frozen=True)
class Group:
    """Lines that the shapes put together: naming, what, who, where, when ..."""

    iri: str
    names: Texts
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Node:
    """A node with qualifiers (participation, post holding, claim ...) as one reads it: its words, its lines, its time and status.

    `how` is the property by which it is tied to the thing of the page; modality and claimants are never left out.
    """

    iri: str
    classes: tuple[str, ...]
    how: str
    words: Term | None
    lines: tuple[Line, ...]
    modality: str
    claimants: tuple[str, ...]
    earliest: str
    latest: str
    when: tuple[str, ...]  # the time in the words of the passages
    graphs: tuple[str, ...]


@dataclass(frozen=True)
class Figure:
    """A figure: its number with unit and qualifier, what it counts, when, and the words of the passage."""

    node: Node
    value: str
    unit: str
    qualifier: str
    minimum: str
    maximum: str
    statistic: str
    indicator: str
    derived: bool


@dataclass(frozen=True)
class Block:
    """Nodes of one sort: participations, posts, claims ..."""

    key: str
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Alias:
    """A name that is not the first: `role` is name, alias, acronym or printed; the graphs say who uses it."""

    text: str
    language: str
    role: str
    graphs: tuple[str, ...]


@dataclass(frozen=True)
class Link:
    """An identifier in another graph, with how sure and why where a record says so."""

    target: str
    relation: str
    authority: str = ""
    label: str = ""
    confidence: str = ""
    justification: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class Moment:
    """One bar of the small timeline."""

    iri: str
    earliest: str
    latest: str


@dataclass(frozen=True)
class Entity:
    """All that a page shows of one thing."""

    iri: str
    named: Named
    classes: tuple[str, ...]  # of ours, the narrowest
    summary: str
    summary_language: str
    modality: str
    claimants: tuple[str, ...]
    groups: tuple[Group, ...]
    incoming: tuple[Line, ...]
    blocks: tuple[Block, ...]
    figures: tuple[Figure, ...]
    disagreements: tuple[Node, ...]
    judgements: tuple[Node, ...]
    aliases: tuple[Alias, ...]
    links: tuple[Link, ...]
    external: tuple[tuple[str, tuple[Line, ...]], ...]  # a graph of open data to what it says
    moments: tuple[Moment, ...]
    citations: dict[str, Citation]
    passages: int
    documents: int
    queries: dict[str, str] = field(default_factory=dict)

    def iris(self) -> set[str]:
        """Return every IRI that the page names."""
        found = {self.iri, *self.classes, *self.claimants, self.modality}
        for group in self.groups:
            found |= _of(group.lines)
        found |= _of(self.incoming) | {moment.iri for moment in self.moments}
        for _, lines in self.external:
            found |= _of(lines)
        nodes = [node for block in self.blocks for node in block.nodes] + [*self.disagreements, *self.judgements]
        for node in [*nodes, *(figure.node for figure in self.figures)]:
            found |= {node.iri, node.modality, *node.claimants, *node.classes[:1]} | _of(node.lines)
        for figure in self.figures:
            found |= {figure.unit, figure.qualifier, figure.statistic, figure.indicator}
        return found - {""}


def _of(lines: tuple[Line, ...]) -> set[str]:
    found = {line.property for line in lines}
    for line in lines:
        for value in line.values:
            found |= (
                set(value.claimants) | set(value.rules) | ({value.term["value"]} if value.term["type"] == "uri" else set()) | {value.status}
            )
    return found
