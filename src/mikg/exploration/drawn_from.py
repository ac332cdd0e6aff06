"""Where a drawing begins when not with things: the things in a question's answer, the triples that a query constructs."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace

import pyoxigraph as ox

from mikg import answers, queries
from mikg.engine import RESULTS, TRIPLES, Engine, Query
from mikg.errors import Misuse
from mikg.exploration.ground import Ground
from mikg.exploration.state import ASSERTED, Said, State, unique
from mikg.labels import Labels
from mikg.namespaces import DOCUMENT, RDF
from mikg.network import Edge, Network, Node

MADE = "constructed"  # the status of what only the query says
ONCE = 200  # triples in one query
STATING = (
    "SELECT ?s ?p ?o ?passage { VALUES (?s ?p ?o) { %s } GRAPH ?passage { ?s ?p ?o } FILTER(STRSTARTS(STR(?passage), '" + DOCUMENT + "')) }"
)
NOTHING = "The answer names nothing that the network holds; a drawing begins with things such as countries, people or events."


def question(engine: Engine, ground: Ground, asked: queries.Question, state: State) -> tuple[Ground, State]:
    """Return the state begun with the things that the answer to a question names."""
    given = {name: value for name, value in state.given.items() if name in {each.name for each in asked.parameters}}
    table = answers.run(engine, queries.query(asked, given))
    return ground, _begun(ground, state, _iris(table.rows))


def query(engine: Engine, labels: Labels, ground: Ground, state: State, language: str) -> tuple[Ground, State]:
    """Return the ground with the triples that a query constructs, or the things that it selects; `Misuse` for an ASK."""
    answer = engine.query(Query(state.query, triples=TRIPLES[1]))
    if answer.media_type == RESULTS[0]:
        selected = json.loads(answer.body)
        if "boolean" in selected:
            raise Misuse("An ASK query answers yes or no; to explore, SELECT things or CONSTRUCT triples.")
        return ground, _begun(ground, state, _iris(selected["results"]["bindings"]))
    made = constructed(engine, labels, answer.body, language)
    known = {(each.source, each.relation, each.target) for each in made.edges}
    opened = {each.node for each in state.open}
    others = [
        each
        for each in ground.edges.values()
        if (each.source in opened or each.target in opened) and (each.source, each.relation, each.target) not in known
    ]
    nodes = {**{node.iri: node for node in made.nodes}, **ground.nodes}
    whole = Ground(Network(tuple(nodes.values()), (*made.edges, *others)))
    begun = _begun(whole, state, [node.iri for node in made.nodes])
    return whole, replace(begun, status=begun.status | {MADE})


def constructed(engine: Engine, labels: Labels, body: bytes, language: str) -> Network:
    """Return triples (N-Triples) as a network; an edge has the passages that state its triple, or the status `constructed`."""
    triples = [
        (each.subject.value, each.predicate.value, each.object.value)
        for each in ox.parse(body, format=ox.RdfFormat.N_TRIPLES)
        if isinstance(each.subject, ox.NamedNode) and isinstance(each.object, ox.NamedNode) and each.predicate.value != RDF + "type"
    ]
    triples = sorted(set(triples))
    stated: dict[tuple[str, str, str], list[str]] = {}
    for start in range(0, len(triples), ONCE):
        values = " ".join("(" + " ".join(f"<{iri}>" for iri in triple) + ")" for triple in triples[start : start + ONCE])
        for row in answers.run(engine, Query(STATING % values)).rows:
            stated.setdefault(tuple(row[name]["value"] for name in "spo"), []).append(row["passage"]["value"])
    names = labels.of({iri for triple in triples for iri in triple}, language)
    edges = []
    for triple in triples:
        passages = tuple(sorted(stated.get(triple, ())))
        edges.append(
            Edge(
                "c" + hashlib.sha256("\n".join(triple).encode()).hexdigest()[:15],
                triple[0],
                triple[2],
                triple[1],
                names[triple[1]].name,
                ASSERTED if passages else MADE,
                passages=passages,
                documents=unique(each.removeprefix(DOCUMENT).partition("/")[0] for each in passages),
                weight=len(passages),
            )
        )
    ends = sorted({iri for triple in triples for iri in (triple[0], triple[2])})
    return Network(tuple(Node(iri, names[iri].name, names[iri].kind) for iri in ends), tuple(edges))


def _begun(ground: Ground, state: State, iris: Iterable[str]) -> State:
    found = unique(iri for iri in iris if iri in ground.nodes)
    notes = state.notes if found or state.start else (*state.notes, Said(NOTHING))
    return replace(state, start=unique((*state.start, *found)), notes=notes)


def _iris(rows: Iterable[dict]) -> list[str]:
    return [term["value"] for row in rows for term in row.values() if term["type"] == "uri"]
