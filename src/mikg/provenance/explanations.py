"""What lies beneath a graph: the derivations of an inferred triple down to the documents, and passages that are one source."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mikg.engine import Engine
from mikg.namespaces import GRAPH, MIKG, RDF, is_public
from mikg.provenance.asking import Asker
from mikg.provenance.lookups import DERIVED, Lookup
from mikg.provenance.memory import MEMORIES

Triple = tuple[str, str, str]  # terms in N-Triples
STEPS = f"""
SELECT ?i ?node ?rule ?s ?p ?o ?graph WHERE {{
  GRAPH <{DERIVED}> {{
    ?node <{RDF}subject> ?subject ; <{RDF}predicate> ?predicate ; <{RDF}object> ?object ; <{MIKG}rule> ?rule ; <{MIKG}premise> ?premise .
    ?premise <{RDF}subject> ?s ; <{RDF}predicate> ?p ; <{RDF}object> ?o .
  }}
  GRAPH ?graph {{ ?s ?p ?o }}
}}
"""
SAME = f"""
SELECT ?passage ?what WHERE {{
  {{ GRAPH ?passage {{ ?quotation <{MIKG}renders> ?what }} }}
  UNION {{ GRAPH <{GRAPH}documents> {{ ?passage <{MIKG}sha256> ?what }} }}
}}
"""


@dataclass(frozen=True)
class Step:
    """One derivation of an inferred triple: its rule, and each premise with the graphs that state it."""

    node: str
    rule: str
    conclusion: Triple
    premises: tuple[tuple[Triple, tuple[str, ...]], ...]


def explain(engine: Engine, triples: Iterable[Triple]) -> tuple[Step, ...]:
    """Return the derivations of inferred triples (terms in N-Triples), then those of inferred premises, down to what is stated."""
    return tuple(step for steps in followed(Lookup(engine), triples).values() for step in steps)


def followed(lookup: Lookup, triples: Iterable[Triple]) -> dict[Triple, tuple[Step, ...]]:
    """Return the derivations of inferred triples, and of the inferred premises of these, by what they conclude."""
    known = lookup.memory.steps
    found: dict[Triple, tuple[Step, ...]] = {}
    waiting = list(dict.fromkeys(triples))
    while waiting:
        unknown = [triple for triple in waiting if triple not in known]
        if unknown:
            known.update(_steps(lookup.asker, unknown))
        found.update((triple, known[triple]) for triple in waiting)
        premises = dict.fromkeys(
            premise for triple in waiting for step in known[triple] for premise, graphs in step.premises if DERIVED in graphs
        )
        waiting = [premise for premise in premises if premise not in found]
    lookup.statuses.learn(lookup.asker, {premise[0] for steps in found.values() for step in steps for premise, _ in step.premises})
    return found


def beneath(steps: Mapping[Triple, Iterable[Step]], triple: Triple) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return the rules by which a triple follows, and what it comes down to: graphs other than the derived one, each with a node of it."""
    rules: dict[str, None] = {}
    places: set[tuple[str, str]] = set()
    known = {triple}
    waiting = [triple]
    while waiting:
        for step in steps.get(waiting.pop(0), ()):
            rules[step.rule] = None
            for premise, stated in step.premises:
                places.update((graph, premise[0]) for graph in stated if graph != DERIVED)
                if DERIVED in stated and premise not in known:
                    known.add(premise)
                    waiting.append(premise)
    return tuple(rules), tuple(sorted(places))


def sources(engine: Engine, passages: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return the passages in groups, each one source: they render one utterance, or print the same words.

    Groups and passages stand in the order in which they are given.
    """
    given = list(dict.fromkeys(passages))
    group = {passage: passage for passage in given}

    def head(passage: str) -> str:
        while group[passage] != passage:
            passage = group[passage]
        return passage

    first: dict[str, str] = {}
    for passage, what in _same(engine, given).items():
        for each in what:
            other = first.setdefault(each, passage)
            left, right = sorted((head(passage), head(other)), key=given.index)
            group[right] = left
    together = defaultdict(list)
    for passage in given:
        together[head(passage)].append(passage)
    return tuple(map(tuple, together.values()))


def _same(engine: Engine, passages: list[str]) -> dict[str, tuple[str, ...]]:
    """Return for each passage what it renders, and the digest of what it prints."""
    asker = Asker(engine)
    known = MEMORIES.of(engine, asker.release).same
    found: dict[str, list[str]] = {passage: [] for passage in passages if passage not in known}
    rows = [(f"<{passage}>",) for passage in found]
    for solution in asker.each(SAME, ["?passage"], rows):
        found[solution["?passage"][1:-1]].append(solution["?what"])
    known.update((passage, tuple(what)) for passage, what in found.items())
    return {passage: known[passage] for passage in passages}


def _steps(asker: Asker, triples: list[Triple]) -> dict[Triple, tuple[Step, ...]]:
    found: dict[tuple[int, str, str], dict[Triple, set[str]]] = {}
    rows = [(str(number), *triple) for number, triple in enumerate(triples)]
    for solution in asker.each(STEPS, ["?i", "?subject", "?predicate", "?object"], rows):
        step = (int(solution["?i"].split('"')[1]), solution["?node"][1:-1], solution["?rule"][1:-1])
        premises = found.setdefault(step, {})
        graphs = premises.setdefault((solution["?s"], solution["?p"], solution["?o"]), set())
        if is_public(solution["?graph"][1:-1]):
            graphs.add(solution["?graph"][1:-1])
    steps: dict[Triple, list[Step]] = {triple: [] for triple in triples}
    for (number, node, rule), premises in sorted(found.items()):
        told = tuple((triple, tuple(sorted(graphs))) for triple, graphs in sorted(premises.items()))
        steps[triples[number]].append(Step(node, rule, triples[number], told))
    return {triple: tuple(each) for triple, each in steps.items()}
