"""Put together what a page shows of one thing."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from mikg import citations, vocabulary
from mikg.entities import reading, summaries
from mikg.entities.model import Alias, Block, Entity, Figure, Group, Line, Link, Moment, Node, Value
from mikg.entities.reading import Statement
from mikg.errors import NotFound
from mikg.labels import Labels
from mikg.namespaces import DOCUMENT, EXTERNAL, GRAPH, MIKG, OWL, PREFIXES, RDF, RDFS, SCHEMA, SKOS, is_sound
from mikg.vocabulary import Vocabulary

ASSERTED = MIKG + "asserted"
# The blocks of a page, in their order, each with the classes of its nodes.
BLOCKS = {
    "posts": ("PostHolding",),
    "participations": ("Participation",),
    "memberships": ("Membership",),
    "roles": ("CountryRole",),
    "flows": ("MigrationFlow", "DataFlow"),
    "commitments": ("Commitment",),
    "claims": ("Claim",),
    "quotations": ("Quotation", "Utterance"),
    "absences": ("Absence", "NegativePropertyAssertion"),
    "comparisons": ("Comparison",),
}
NAMES = {
    SKOS + "prefLabel": "name",
    SKOS + "altLabel": "alias",
    MIKG + "acronym": "acronym",
    MIKG + "namedAs": "printed",
}
MATCHES = (
    *(SKOS + name for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")),
    SCHEMA + "sameAs",
    OWL + "sameAs",
)
CODES = ("iso3166Alpha2", "iso3166Alpha3", "iso3166Numeric", "m49", "unhcrCode", "unLocode", "iataCode", "icaoCode", "wikidata")
ORG = PREFIXES["org"]
# What has a place of its own on the page, or only says again what another property says.
ELSEWHERE = {RDF + "type", RDFS + "label", *NAMES, *MATCHES, ORG + "holds", MIKG + "modality", MIKG + "claimant", *reading.MACHINERY[-2:]}
WORDS = (MIKG + "proposition", MIKG + "asPrinted", MIKG + "basis", MIKG + "gist", RDFS + "label")
TIMES = {MIKG + name for name in ("earliest", "latest", "year", "dateText", "dateBasis")}
# A figure's own columns.
NUMBERS = {SCHEMA + name for name in ("value", "minValue", "maxValue")} | {
    MIKG + name for name in ("unit", "qualifier", "statistic", "indicator")
}
MOMENTS = 40


def describe(labels: Labels, iri: str, language: str, documents: Path | None = None) -> Entity:
    """Return what the graph says of one thing; `NotFound` where it says nothing.

    `documents` is the folder of the texts, for quotations.
    """
    engine = labels.engine
    if not is_sound(iri):
        raise NotFound(f"nothing is called {iri[:200]!r} in this graph")
    known = vocabulary.read(engine)
    said = reading.outgoing(engine, iri)
    counts = reading.relations(engine, iri)
    if not said and not counts:
        raise NotFound(f"nothing is called {iri[:200]!r} in this graph")
    mine, outside = _parted(said)
    classes = _narrowest({each.value["value"] for each in said if each.property == RDF + "type"}, known)
    wider = {*classes, *(each for cls in classes for each in known.above.get(cls, ()))}
    asked = _relations(counts, known)
    leading = reading.incoming(engine, iri, asked)
    near = {each.subject for each in leading} | {each.value["value"] for each in mine if each.value["type"] == "uri"}
    folded = reading.nodes(engine, near - {iri})
    status = reading.statuses(engine, near - set(folded))
    rules = defaultdict(set)
    for row in reading.rows(engine, reading.DERIVED, thing=iri):
        rules[row["property"]["value"], row["value"]["value"]].add(row["rule"]["value"])
    nodes = {node: _node(node, known, statements, _how(node, iri, leading, mine)) for node, statements in folded.items()}
    shown = [each for each in _specific(mine, known) if each.property not in ELSEWHERE and each.property not in _codes()]
    kept = [each for each in shown if each.value["value"] not in nodes or each.value["type"] != "uri"]
    own = {each.property: [other.value["value"] for other in said if other.property == each.property] for each in said}
    lines = _lines(kept, known, wider, status, rules)
    used = {graph for each in (*said, *leading) for graph in each.graphs} | {graph for node in nodes.values() for graph in node.graphs}
    passages = {graph for graph in used if graph.startswith(DOCUMENT)} | (
        {iri} if iri.startswith(DOCUMENT) and "/" in iri.removeprefix(DOCUMENT) else set()
    )
    figures = [_figure(node, folded[node.iri]) for node in nodes.values() if _is(node, known, "Figure", "MissingFigure")]
    judged = [node for node in nodes.values() if _is(node, known, "Judgement")]
    entity = Entity(
        iri=iri,
        named=labels.of([iri], language)[iri],
        classes=tuple(sorted(classes)),
        summary="",
        summary_language=language,
        modality=next(iter(own.get(MIKG + "modality", ())), ""),
        claimants=tuple(own.get(MIKG + "claimant", ())),
        groups=_grouped(lines, known, wider),
        incoming=_incoming(leading, counts, nodes, mine, known, status),
        blocks=tuple(Block(key, found) for key in BLOCKS if (found := _of_block(nodes.values(), known, key))),
        figures=tuple(sorted(figures, key=lambda each: (each.derived, each.node.earliest or "9", each.indicator, each.node.iri))),
        disagreements=tuple(node for node in judged if _is(node, known, "Discrepancy")),
        judgements=tuple(node for node in judged if not _is(node, known, "Discrepancy")),
        aliases=_aliases(said),
        links=_links(engine, iri, said),
        external=_external(outside, leading, counts, known, wider),
        moments=_moments(iri, own, nodes.values(), status, leading),
        citations={each.iri: each for each in citations.cite(engine, passages, documents)},
        passages=len(passages),
        documents=len({passage.removeprefix(DOCUMENT).partition("/")[0] for passage in passages}),
        queries=_queries(iri),
    )
    sentence = summaries.summary(entity, labels, known, language, own)
    return Entity(**{**vars(entity), "summary": sentence})


def more(labels: Labels, iri: str, relation: str, page: int) -> Line:
    """Return one page of the things that a relation leads from to this one; `NotFound` where there is none."""
    engine = labels.engine
    total = reading.relations(engine, iri).get(relation, 0) if is_sound(iri) and is_sound(relation) else 0
    size = 4 * reading.SHOWN
    found = reading.incoming(engine, iri, {relation: ()}, (page - 1) * size, size) if 0 < page <= total // size + 1 else []
    if not found:
        raise NotFound(f"no page {page} of what leads by {relation[:200]} to {iri[:200]}; there are {total} such things")
    known = vocabulary.read(engine)
    term = known.terms.get(relation)
    values = tuple(Value({"type": "uri", "value": each.subject}, each.graphs) for each in found)
    return Line(relation, term.labels if term else {}, values, total, True)


def _parted(said: list[Statement]) -> tuple[list[Statement], dict[str, list[Statement]]]:
    """Return what our graphs state, and what each graph of open data states."""
    mine, outside = [], defaultdict(list)
    for each in said:
        if ours := tuple(graph for graph in each.graphs if not graph.startswith(EXTERNAL) and graph != GRAPH + "links"):
            mine.append(Statement(each.subject, each.property, each.value, ours))
        for graph in each.graphs:
            if graph.startswith(EXTERNAL) and each.property not in (RDF + "type", RDFS + "label"):
                outside[graph].append(Statement(each.subject, each.property, each.value, (graph,)))
    return mine, dict(sorted(outside.items()))


def _narrowest(classes: set[str], known: Vocabulary) -> set[str]:
    ours = {each for each in classes if each in known.terms} or {each for each in classes}
    return {each for each in ours if not any(each in known.above.get(other, ()) for other in ours)}


def _relations(counts: dict[str, int], known: Vocabulary) -> dict[str, list[str]]:
    """Return the relations to follow, each with the narrower ones that are there too and say more."""
    narrower = {each: [other for other in counts if each in known.above.get(other, ())] for each in counts}
    return {each: narrower[each] for each in sorted(counts, key=lambda each: (known.order(known.place(each, set())), each))}


def _specific(found: Iterable[Statement], known: Vocabulary) -> list[Statement]:
    """Leave out what a narrower property says of the same value."""
    found = list(found)
    by_value = defaultdict(set)
    for each in found:
        by_value[each.value["value"], each.subject].add(each.property)
    return [
        each
        for each in found
        if not any(each.property in known.above.get(other, ()) for other in by_value[each.value["value"], each.subject])
    ]


def _codes() -> set[str]:
    return {MIKG + each for each in CODES}


def _how(node: str, iri: str, leading: list[Statement], mine: list[Statement]) -> str:
    found = [each.property for each in leading if each.subject == node] + [each.property for each in mine if each.value["value"] == node]
    ours = [each for each in found if each.startswith(MIKG)]
    return (ours or found or [""])[0]


def _node(iri: str, known: Vocabulary, statements: list[Statement], how: str) -> Node:
    of = defaultdict(list)
    for each in statements:
        of[each.property].append(each)
    classes = _narrowest({each.value["value"] for each in of[RDF + "type"]}, known)
    wider = {*classes, *(each for cls in classes for each in known.above.get(cls, ()))}
    words = next((each.value for property in WORDS for each in of[property]), None)
    hidden = ELSEWHERE | TIMES | {GRAPH} | {property for property in WORDS if words and any(each.value == words for each in of[property])}
    lines = [each for each in _specific(statements, known) if each.property not in hidden]
    own = {each.graphs for each in of[RDF + "type"]}
    return Node(
        iri,
        tuple(sorted(classes)),
        how,
        words,
        _lines(lines, known, wider, {}, {}),
        _first(of[MIKG + "modality"]),
        tuple(dict.fromkeys(each.value["value"] for each in of[MIKG + "claimant"])),
        _first(of[MIKG + "earliest"]),
        _first(of[MIKG + "latest"]),
        tuple(dict.fromkeys(each.value["value"] for each in of[MIKG + "dateText"])),
        tuple(dict.fromkeys(graph for graphs in own for graph in graphs)),
    )


def _first(found: list[Statement]) -> str:
    return found[0].value["value"] if found else ""


def _lines(found: Iterable[Statement], known: Vocabulary, classes: set[str], status: dict, rules: dict) -> tuple[Line, ...]:
    values = defaultdict(list)
    for each in found:
        about = status.get(each.value["value"], {}) if each.value["type"] == "uri" else {}
        modality = next((one for one in about.get("modality", ()) if one != ASSERTED), "")
        why = tuple(sorted(rules.get((each.property, each.value["value"]), ())))
        values[each.property].append(Value(each.value, each.graphs, modality, tuple(about.get("claimant", ())), why))
    order = sorted(values, key=lambda each: (*known.order(known.place(each, classes)), each))
    return tuple(Line(each, _names(each, known, classes), tuple(values[each]), len(values[each])) for each in order)


def _names(property: str, known: Vocabulary, classes: set[str]) -> dict[str, str]:
    term = known.terms.get(property)
    return known.place(property, classes).names or (term.labels if term else {})


def _grouped(lines: tuple[Line, ...], known: Vocabulary, classes: set[str]) -> tuple[Group, ...]:
    by_group = defaultdict(list)
    for line in lines:
        by_group[known.place(line.property, classes).group].append(line)
    order = [*known.groups, *(each for each in by_group if each not in known.groups)]
    return tuple(Group(each, known.groups.get(each, (0, {}))[1], tuple(by_group[each])) for each in order if each in by_group)


def _incoming(
    leading: list[Statement], counts: dict[str, int], nodes: dict[str, Node], mine: list[Statement], known: Vocabulary, status: dict
) -> tuple[Line, ...]:
    """Return the things that lead here, without the nodes that stand in blocks and without what a statement of the thing's own says."""
    shortcuts = {each for term in known.terms.values() for each in term.shortcuts}
    stated = {(each.property, each.value["value"]) for each in mine}
    values = defaultdict(list)
    for each in _specific(leading, known):
        back = {known.inverses.get(each.property, "")} | shortcuts
        if (
            each.subject in nodes
            or all(graph.startswith(EXTERNAL) for graph in each.graphs)
            or any((property, each.subject) in stated for property in back)
        ):
            continue
        about = status.get(each.subject, {})
        modality = next((one for one in about.get("modality", ()) if one != ASSERTED), "")
        values[each.property].append(Value({"type": "uri", "value": each.subject}, each.graphs, modality, tuple(about.get("claimant", ()))))
    order = sorted(values, key=lambda each: (*known.order(known.place(each, set())), each))
    lines = []
    for each in order:
        read = sum(1 for statement in leading if statement.property == each)
        total = counts[each] if read >= reading.SHOWN else len(values[each])
        lines.append(Line(each, _names(each, known, set()), tuple(values[each]), total, True))
    return tuple(lines)


def _external(
    outside: dict[str, list[Statement]], leading: list[Statement], counts: dict[str, int], known: Vocabulary, classes: set[str]
) -> tuple[tuple[str, tuple[Line, ...]], ...]:
    """Return what each graph of open data says of the thing, and how much of it leads there."""
    lines = {graph: _lines(found, known, classes, {}, {}) for graph, found in outside.items()}
    for each in leading:
        for graph in each.graphs:
            if graph.startswith(EXTERNAL) and not any(line.property == each.property and line.incoming for line in lines.get(graph, ())):
                lines[graph] = (*lines.get(graph, ()), Line(each.property, {}, (), counts[each.property], True))
    return tuple(sorted(lines.items()))


def _is(node: Node, known: Vocabulary, *names: str) -> bool:
    wanted = {MIKG + name for name in names} | {OWL + name for name in names}
    return any(each in wanted or wanted & known.above.get(each, frozenset()) for each in node.classes)


def _of_block(nodes: Iterable[Node], known: Vocabulary, key: str) -> tuple[Node, ...]:
    found = [node for node in nodes if _is(node, known, *BLOCKS[key])]
    return tuple(sorted(found, key=lambda node: (node.earliest or "9", node.graphs, node.iri)))


def _figure(node: Node, statements: list[Statement]) -> Figure:
    of = defaultdict(str)
    for each in statements:
        of[each.property] = of[each.property] or each.value["value"]
    rest = tuple(line for line in node.lines if line.property not in NUMBERS)
    return Figure(
        Node(**{**vars(node), "lines": rest}),
        of[SCHEMA + "value"],
        of[MIKG + "unit"],
        of[MIKG + "qualifier"],
        of[SCHEMA + "minValue"] or of[MIKG + "exclusiveMinimum"],
        of[SCHEMA + "maxValue"],
        of[MIKG + "statistic"],
        of[MIKG + "indicator"],
        MIKG + "DerivedFigure" in node.classes,
    )


def _aliases(said: list[Statement]) -> tuple[Alias, ...]:
    found = [
        Alias(each.value["value"], each.value.get("xml:lang", ""), NAMES[each.property], each.graphs)
        for each in said
        if each.property in NAMES
    ]
    order = list(NAMES.values())
    return tuple(sorted(found, key=lambda alias: (order.index(alias.role), alias.text, alias.language)))


def _links(engine, iri: str, said: list[Statement]) -> tuple[Link, ...]:
    """Return the identifiers in other graphs; an exact match and an identity of the same target are one link."""
    recorded = {}
    for row in reading.rows(engine, reading.LINKS, thing=iri):
        facts = {name: term["value"] for name, term in row.items() if name != "thing"}
        recorded.setdefault(facts["target"], Link(**facts))
    plain = {each.value["value"]: Link(each.value["value"], each.property) for each in said if each.property in MATCHES}
    for each in said:
        # The mapping's own relation tells more than the identity that follows from it.
        if each.property in MATCHES[:5]:
            plain[each.value["value"]] = Link(each.value["value"], each.property)
    return tuple(
        sorted(
            {**plain, **recorded}.values(), key=lambda link: (MATCHES.index(link.relation) if link.relation in MATCHES else 9, link.target)
        )
    )


def _moments(iri: str, own: dict, nodes: Iterable[Node], status: dict, leading: list[Statement]) -> tuple[Moment, ...]:
    found = {}
    if MIKG + "earliest" in own:
        found[iri] = Moment(iri, own[MIKG + "earliest"][0], own.get(MIKG + "latest", own[MIKG + "earliest"])[0])
    for thing, about in status.items():
        if about.get("earliest") and any(each.subject == thing for each in leading):
            found[thing] = Moment(thing, about["earliest"][0], (about.get("latest") or about["earliest"])[0])
    for node in nodes:
        if node.earliest:
            found[node.iri] = Moment(node.iri, node.earliest, node.latest or node.earliest)
    return tuple(sorted(found.values(), key=lambda each: (each.earliest, each.latest, each.iri))[:MOMENTS])


def _queries(iri: str) -> dict[str, str]:
    """Return the SPARQL behind each part of the page, to be run as it is."""
    head = "PREFIX mikg: <https://w3id.org/mikg/ontology#>\n"
    return {
        "statements": f"SELECT ?property ?value ?graph\nWHERE {{ GRAPH ?graph {{ <{iri}> ?property ?value }} }}\nORDER BY ?property ?value",
        "incoming": f"SELECT ?thing ?property ?graph\nWHERE {{ GRAPH ?graph {{ ?thing ?property <{iri}> }} }}\nORDER BY ?property ?thing\nLIMIT 1000",
        "nodes": f"{head}SELECT ?node ?property ?value ?graph\nWHERE {{\n  ?node ?how <{iri}> ; mikg:modality ?modality .\n  GRAPH ?graph {{ ?node ?property ?value }}\n}}\nORDER BY ?node ?property\nLIMIT 1000",
        "figures": f"{head}SELECT ?figure ?value ?qualifier ?unit ?words ?passage\nWHERE {{\n  ?figure ?how <{iri}> ; a mikg:Figure .\n  GRAPH ?passage {{ ?figure mikg:asPrinted ?words }}\n  OPTIONAL {{ ?figure <https://schema.org/value> ?value }}\n  OPTIONAL {{ ?figure mikg:qualifier ?qualifier }}\n  OPTIONAL {{ ?figure mikg:unit ?unit }}\n}}\nORDER BY ?figure",
        "names": f"{head}SELECT ?name ?graph\nWHERE {{ GRAPH ?graph {{ <{iri}> mikg:namedAs|<{SKOS}prefLabel>|<{SKOS}altLabel>|mikg:acronym ?name }} }}\nORDER BY ?name",
        "links": f"SELECT ?relation ?target\nWHERE {{ GRAPH <{GRAPH}links> {{ <{iri}> ?relation ?target }} }}\nORDER BY ?relation ?target",
        "disagreements": f"{head}SELECT DISTINCT ?disagreement ?basis\nWHERE {{\n  ?disagreement a mikg:Discrepancy ; ?how <{iri}> ; mikg:basis ?basis .\n}}",
    }
