"""Apply the rules of ontology/rules to a fixpoint: each a SPARQL CONSTRUCT over the merge of all that is public.

A rule whose pattern binds ?graph is a shortcut: what it concludes is written into that graph, beside the node it follows from.
Any other rule infers: its conclusions go to the derived graph. Whatever stands there has a mikg:Derivation that names the rule and
the premises, but for what records derivations.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
from rdflib import BNode, Variable
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from mikg.errors import SourceError
from mikg.namespaces import GRAPH, ID, MIKG, PROV, RDF, RULE, SKOS, is_public
from mikg.sources import to_term

DERIVED = ox.NamedNode(GRAPH + "derived")
TYPE = ox.NamedNode(RDF + "type")
RECORDS = (ID + "derivation-", ID + "statement-", RULE)  # what IRIs begin with that record derivations
MAX_ROUNDS = 50


@dataclass(frozen=True)
class Rule:
    """One rule: its name (that of its file), its pattern as a SELECT query, what it concludes and from which triples."""

    name: str
    title: str
    select: str
    template: tuple[tuple, ...]
    premises: tuple[tuple, ...]
    shortcut: bool
    aggregates: bool


def read(root: Path) -> list[Rule]:
    """Return the rules below ontology/rules, in the order of their names; `SourceError` names the file that does not parse."""
    return [_read(path, path.relative_to(root).as_posix()) for path in sorted(root.glob("ontology/rules/*.rq"))]


def apply(rules: list[Rule], store: ox.Store, progress: Callable[[str], None] = lambda _: None) -> int:
    """Add to the store, round by round until nothing new follows, what the rules conclude; return how many triples.

    The store's default graph is the merge of what is public, and is kept so.
    """
    before = len(store)
    for rule in rules:
        _add(store, _described(rule))
    for number in range(1, MAX_ROUNDS + 1):
        new = 0
        # Shortcuts first: an inference should rest on all that stands in the passages.
        for rule in sorted(rules, key=lambda rule: (not rule.shortcut, rule.name)):
            quads = set(_shortcuts(rule, store) if rule.shortcut else _inferences(rule, store))
            fresh = [quad for quad in quads if quad not in store]
            _add(store, fresh)
            new += len(fresh)
        progress(f"round {number}: {new} new")
        if not new:
            return len(store) - before
    raise SourceError(f"ontology/rules: something new still followed after {MAX_ROUNDS} rounds; a rule makes IRIs without end.")


def _add(store: ox.Store, quads: Iterable[ox.Quad]) -> None:
    """Add quads to their graphs and to the merge."""
    for quad in quads:
        store.add(quad)
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object, ox.DefaultGraph()))


def _described(rule: Rule) -> Iterator[ox.Quad]:
    node = ox.NamedNode(RULE + rule.name)
    yield ox.Quad(node, TYPE, ox.NamedNode(MIKG + "Rule"), DERIVED)
    yield ox.Quad(node, ox.NamedNode(SKOS + "prefLabel"), ox.Literal(rule.title, language="en"), DERIVED)


def _read(path: Path, name: str) -> Rule:
    text = path.read_text(encoding="utf-8")
    template_text = re.search(r"CONSTRUCT\s*\{[^{}]*\}", text, re.IGNORECASE)
    try:
        query = translateQuery(parseQuery(text))
    except Exception as fault:  # pyparsing raises what it likes
        raise SourceError(f"{name}:{getattr(fault, 'lineno', 1)}: the rule does not parse: {fault}") from None
    if template_text is None or query.algebra.name != "ConstructQuery":
        raise SourceError(f"{name}:1: a rule is a CONSTRUCT query with a template in braces.")
    title = re.search(r"^#\+ title: *(\S.*)$", text, re.MULTILINE)
    if title is None:
        raise SourceError(f"{name}:1: the rule has no title; begin it with a line: #+ title: ...")
    return Rule(
        path.stem,
        title[1].strip(),
        text[: template_text.start()] + "SELECT *" + text[template_text.end() :],
        tuple(query.algebra.template),
        tuple(dict.fromkeys(_patterns(query.algebra.p))),
        bool(re.search(r"GRAPH\s+\?graph\b", text)),
        bool(re.search(r"\bGROUP\s+BY\b", text, re.IGNORECASE)),
    )


def _patterns(node: object) -> Iterator[tuple]:
    """Yield the triple patterns that a solution matches; those within EXISTS and MINUS match nothing that a conclusion rests on."""
    if isinstance(node, CompValue):
        if node.name == "BGP":
            yield from node.triples
        for key, part in node.items():
            if node.name.startswith("Builtin_") or (node.name == "Minus" and key == "p2"):
                continue
            yield from _patterns(part)
    elif isinstance(node, list | tuple):
        for part in node:
            yield from _patterns(part)


def _solutions(rule: Rule, store: ox.Store) -> list[ox.QuerySolution]:
    return list(store.query(rule.select))


def _instance(patterns: tuple[tuple, ...], solution: ox.QuerySolution, names: frozenset[str]) -> list[ox.Triple]:
    """Return the triples of a template or pattern under a solution, without those that have an unbound or path term."""
    triples = []
    for pattern in patterns:
        terms = [_bound(term, solution, names) for term in pattern]
        if all(terms) and isinstance(terms[0], ox.NamedNode) and isinstance(terms[1], ox.NamedNode):
            triples.append(ox.Triple(*terms))
    return triples


def _bound(term: object, solution: ox.QuerySolution, names: frozenset[str]) -> ox.NamedNode | ox.Literal | None:
    if isinstance(term, Variable):
        return solution[str(term)] if str(term) in names else None
    return None if isinstance(term, BNode) or not hasattr(term, "n3") or "path" in type(term).__module__ else to_term(term)


def _names(solutions: list, store: ox.Store, rule: Rule) -> frozenset[str]:
    return frozenset(variable.value for variable in store.query(rule.select).variables) if solutions else frozenset()


def _shortcuts(rule: Rule, store: ox.Store) -> Iterator[ox.Quad]:
    solutions = _solutions(rule, store)
    names = _names(solutions, store, rule)
    for solution in solutions:
        graph = solution["graph"]
        if not is_public(graph.value):  # open data stay as they came
            continue
        for triple in _instance(rule.template, solution, names):
            yield ox.Quad(*_terms(triple), graph)
            if graph == DERIVED and not triple.subject.value.startswith(RECORDS):
                support = frozenset(each for each in _instance(rule.premises, solution, names) if _stated(each, store))
                if triple not in support:
                    yield from _derivation(rule, triple, support, store)


def _inferences(rule: Rule, store: ox.Store) -> Iterator[ox.Quad]:
    solutions = _solutions(rule, store)
    names = _names(solutions, store, rule)
    premises: dict[ox.Triple, list[frozenset[ox.Triple]]] = {}
    for solution in solutions:
        support = frozenset(triple for triple in _instance(rule.premises, solution, names) if _stated(triple, store))
        for conclusion in _instance(rule.template, solution, names):
            premises.setdefault(conclusion, []).append(support)
    for conclusion, supports in premises.items():
        if rule.aggregates:
            supports = [frozenset().union(*supports)]
        stated = [
            quad.graph_name
            for quad in store.quads_for_pattern(*_terms(conclusion), None)
            if not isinstance(quad.graph_name, ox.DefaultGraph)
        ]
        if any(graph != DERIVED for graph in stated):
            continue  # a passage says so itself
        yield ox.Quad(*_terms(conclusion), DERIVED)
        for support in supports:
            if conclusion not in support:
                yield from _derivation(rule, conclusion, support, store)


def _stated(triple: ox.Triple, store: ox.Store) -> bool:
    # One side of a UNION or an OPTIONAL may not have matched.
    return ox.Quad(*_terms(triple), ox.DefaultGraph()) in store


def _terms(triple: ox.Triple) -> tuple:
    return (triple.subject, triple.predicate, triple.object)


def _derivation(rule: Rule, conclusion: ox.Triple, support: frozenset[ox.Triple], store: ox.Store) -> Iterator[ox.Quad]:
    """The record of one step: the conclusion, the rule, each premise as a statement, and the graphs that state the premises."""
    node = _statement_iri("derivation", rule.name, conclusion, *sorted(support, key=str))
    yield ox.Quad(node, TYPE, ox.NamedNode(MIKG + "Derivation"), DERIVED)
    yield ox.Quad(node, ox.NamedNode(MIKG + "rule"), ox.NamedNode(RULE + rule.name), DERIVED)
    yield from _reified(node, conclusion)
    for premise in support:
        statement = _statement_iri("statement", premise)
        yield ox.Quad(node, ox.NamedNode(MIKG + "premise"), statement, DERIVED)
        yield from _reified(statement, premise)
        for quad in store.quads_for_pattern(*_terms(premise), None):
            if not isinstance(quad.graph_name, ox.DefaultGraph):
                yield ox.Quad(node, ox.NamedNode(PROV + "wasDerivedFrom"), quad.graph_name, DERIVED)


def _reified(node: ox.NamedNode, triple: ox.Triple) -> Iterator[ox.Quad]:
    for role, term in zip(("subject", "predicate", "object"), _terms(triple), strict=True):
        yield ox.Quad(node, ox.NamedNode(RDF + role), term, DERIVED)


def _statement_iri(kind: str, *parts: object) -> ox.NamedNode:
    digest = hashlib.sha256("\n".join(str(part) for part in parts).encode()).hexdigest()
    return ox.NamedNode(f"{ID}{kind}-{digest[:16]}")
