"""The ontology: one page for people, whose anchors are the local names of the terms, and the whole of it as RDF."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from mikg import resources, vocabulary
from mikg.engine import TRIPLES
from mikg.namespaces import BASE, MIKG, PREFIXES, shorten
from mikg.vocabulary import PropertyRule, Term, Vocabulary, pick
from mikg.web import naming, negotiation
from mikg.web.languages import current_language
from mikg.web.resources import SUFFIXES, address, header, send, signposts

terms = Blueprint("ontology", __name__)
ROW, STEP, COLUMNS = 22, 20, 3
# Vocabularies from which we take, by the beginning of their IRIs.
OTHERS = {
    "https://schema.org/": "schema.org",
    PREFIXES["prov"]: "PROV-O",
    PREFIXES["org"]: "The Organization Ontology",
    PREFIXES["sem"]: "Simple Event Model",
    PREFIXES["dcterms"]: "DCMI Metadata Terms",
    PREFIXES["oa"]: "Web Annotation",
    PREFIXES["skos"]: "SKOS",
    PREFIXES["qb"]: "RDF Data Cube",
    PREFIXES["geo"]: "GeoSPARQL",
    PREFIXES["rdf"]: "RDF",
    "http://purl.org/spar/doco/": "Document Components Ontology",
    "http://purl.org/spar/deo/": "Discourse Elements Ontology",
    "http://xmlns.com/foaf/0.1/": "FOAF",
    "http://purl.org/linked-data/sdmx/": "SDMX",
    "http://www.w3.org/2006/time#": "OWL-Time",
}
RELATIONS = {
    "subClassOf": lazy_gettext("narrower than"),
    "subPropertyOf": lazy_gettext("narrower than"),
    "equivalentClass": lazy_gettext("the same as"),
    "equivalentProperty": lazy_gettext("the same as"),
    "exactMatch": lazy_gettext("the same as"),
    "closeMatch": lazy_gettext("near"),
}


@dataclass(frozen=True)
class Twig:
    """One class in the drawing of the hierarchy, with the elbow that ties it to the wider one."""

    term: Term
    x: int
    y: int
    elbow: str


@terms.get("/ontology")
def ontology() -> Response:
    """The terms, as a page or as RDF; a fragment (#Agreement) is the reader's own business, so one address serves all terms."""
    accept = request.headers.get("Accept", "")
    if request.args.get("format") or negotiation.choose(accept, "", (negotiation.HTML, *TRIPLES)) != negotiation.HTML:
        return send(resources.ONTOLOGY)
    engine = current_app.engine
    known, uses = vocabulary.read(engine), vocabulary.uses(engine)
    by_kind = defaultdict(list)
    for term in known.terms.values():
        by_kind[term.kind].append(term)
    entries = defaultdict(list)
    for term in by_kind["entry"]:
        entries[term.scheme].append(term)
    shapes = defaultdict(list)
    for shape in known.shapes:
        shapes[next((each for each in shape.targets if len(shape.targets) == 1 and each in known.terms), "")].append(shape)
    examples = [use.things for use in uses.values()] + [use.statement[:2] for use in uses.values() if use.statement]
    body = render_template(
        "ontology.html",
        known=known,
        itself=known.terms[resources.ONTOLOGY],
        classes=by_kind["class"],
        properties=[term for term in known.terms.values() if term.kind in vocabulary.PROPERTIES],
        lists=by_kind["list"],
        entries=entries,
        shapes=shapes,
        uses=uses,
        rules=vocabulary.rules(engine),
        reused=reused(known),
        trees=trees(known),
        named=naming.names(examples),
        words=words,
        RELATIONS=RELATIONS,
        pick=pick,
        language=current_language(),
        data={suffix: address(resources.ONTOLOGY, suffix) for suffix in SUFFIXES},
        media_types=SUFFIXES,
        version=_versions(engine),
        canonical=BASE + "ontology",
        MIKG=MIKG,
    )
    answer = make_response(body)
    answer.headers["Link"] = header(signposts(resources.ONTOLOGY))
    return answer


@terms.get(f"/ontology.<any({', '.join(SUFFIXES)}):suffix>")
def ontology_data(suffix: str) -> Response:
    """The terms and the shapes in one syntax."""
    return send(resources.ONTOLOGY, suffix)


@terms.after_request
def _vary(answer: Response) -> Response:
    answer.vary.add("Accept")
    return answer


def words(rule: PropertyRule, known: Vocabulary) -> str:
    """Return what a property shape asks, in words: how many values, and of what kind."""
    language = current_language()
    if rule.minimum and rule.maximum == rule.minimum:
        count = _("exactly %(n)s", n=rule.minimum)
    elif rule.maximum is not None:
        count = _("from %(low)s to %(high)s", low=rule.minimum, high=rule.maximum) if rule.minimum else _("at most %(n)s", n=rule.maximum)
    else:
        count = _("at least %(n)s", n=rule.minimum) if rule.minimum else _("any number")
    parts = [count]
    if rule.values:
        parts.append(_("one of: %(values)s", values=", ".join(known.name(each, language) or shorten(each) for each in rule.values)))
    if rule.classes:
        parts.append(_(" or ").join(known.name(each, language) or shorten(each) for each in rule.classes))
    if rule.datatypes:
        parts.append(_(" or ").join(shorten(each) for each in rule.datatypes))
    if rule.pattern:
        parts.append(_("written as %(pattern)s", pattern=rule.pattern))
    return "; ".join(parts)


def reused(known: Vocabulary) -> list[tuple[str, str, list[tuple[Term, str, str]]]]:
    """Return each vocabulary from which we take: its name, its namespace, and our terms with how they stand to its own."""
    found = defaultdict(list)
    for term in known.terms.values():
        for relation, other in term.aligned:
            space = next((each for each in OTHERS if other.startswith(each)), other.rpartition("#")[0] + "#")
            found[space].append((term, relation.rsplit("#")[-1], other))
    return [(OTHERS.get(space, space), space, ties) for space, ties in sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))]


def trees(known: Vocabulary) -> list[tuple[int, list[Twig]]]:
    """Return the classes as indented trees in columns of like height: the height of each, and its twigs."""
    classes = {term.iri: term for term in known.terms.values() if term.kind == "class"}
    children = defaultdict(list)
    for term in classes.values():
        for parent in term.parents[:1]:
            children[parent].append(term)
    roots = [term for term in classes.values() if not term.parents]
    sizes = {root.iri: _size(root, children) for root in roots}
    share = sum(sizes.values()) / COLUMNS
    columns: list[list[Term]] = [[]]
    room = Counter()
    for root in roots:
        if room[len(columns)] + sizes[root.iri] / 2 > share and len(columns) < COLUMNS:
            columns.append([])
        columns[-1].append(root)
        room[len(columns)] += sizes[root.iri]
    return [_column(column, children) for column in columns]


def _size(term: Term, children: dict[str, list[Term]]) -> int:
    return 1 + sum(_size(each, children) for each in children[term.iri])


def _column(roots: list[Term], children: dict[str, list[Term]]) -> tuple[int, list[Twig]]:
    twigs: list[Twig] = []

    def grow(term: Term, depth: int, above: int) -> None:
        y = len(twigs) * ROW + ROW // 2
        x = depth * STEP + 6
        elbow = f"M{x - STEP} {above + 5}V{y}H{x - 5}" if depth else ""
        twigs.append(Twig(term, x, y, elbow))
        for each in children[term.iri]:
            grow(each, depth + 1, y)

    for root in roots:
        grow(root, 0, 0)
    return len(twigs) * ROW + 4, twigs


def _versions(engine) -> dict[str, str]:
    found = resources.describe(engine, resources.ONTOLOGY)
    own = {
        quad.predicate.value.rsplit("#")[-1].rsplit("/")[-1]: quad.object.value
        for quad in found
        if quad.subject.value == resources.ONTOLOGY
    }
    return {name: own[name] for name in ("versionInfo", "license", "priorVersion", "modified") if name in own}
