"""Links to other graphs, for readers: what is linked, how, how sure, by what evidence, and what has no link and why."""

import re
from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, current_app, redirect, render_template, send_file
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from mikg import external, queries
from mikg.citations import Citation
from mikg.errors import NotFound
from mikg.mappings import coverage, evidence
from mikg.namespaces import GRAPH, PREFIXES, SKOS
from mikg.web.frame import offered
from mikg.web.kept import per_release
from mikg.web.languages import current_language
from mikg.web.naming import names

linked = Blueprint("links", __name__)
state = per_release(coverage.of)
named_authorities = per_release(evidence.authorities)
opened = per_release(external.sources)
of_authority = per_release(evidence.links)

TABLES = ("mappings", "none-found")
FIRST = 16  # kinds that are listed at once, the others unfold
KEY = re.compile(r"[0-9a-f]{12}")
# Questions of the catalogue that join the documents with open data, or tell of the links; the best first.
JOINED = (
    "people-of-concern-against-unhcr-series",
    "definitions-of-people-of-concern-compared",
    "figures-per-100000-inhabitants",
    "refugees-and-asylum-seekers-per-100000-inhabitants",
    "participating-states-that-are-neighbours",
    "capitals-of-a-group-by-distance",
    "places-near-a-place",
    "codes-to-join-countries-on",
    "evidence-for-a-link",
    "looked-for-and-not-found",
    "pairs-that-were-rejected",
)
MATCH = {
    "exactMatch": lazy_gettext("the same"),
    "closeMatch": lazy_gettext("nearly the same"),
    "broadMatch": lazy_gettext("something wider"),
    "narrowMatch": lazy_gettext("something narrower"),
    "relatedMatch": lazy_gettext("something related"),
}
JUSTIFIED = {
    "ManualMappingCuration": lazy_gettext("curated by hand"),
    "MappingChaining": lazy_gettext("follows from another link"),
    "CompositeMatching": lazy_gettext("names and kinds compared"),
    "LexicalSimilarityThresholdMatching": lazy_gettext("names compared by program"),
    "LexicalMatching": lazy_gettext("names compared by program"),
}
FEDERATED = """\
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX sssom: <https://w3id.org/sssom/>

# Every link that is at least so sure, to join on in a table of one's own
SELECT ?thing ?term ?confidence
WHERE {
  GRAPH <https://w3id.org/mikg/graph/mappings> {
    ?record owl:annotatedSource ?thing ;
      owl:annotatedTarget ?term ;
      sssom:object_source <https://w3id.org/mikg/authority/wd> ;
      sssom:confidence ?confidence .
    FILTER NOT EXISTS { ?record sssom:predicate_modifier ?not }
    FILTER(?confidence >= 0.95)
  }
}
ORDER BY ?thing
"""


@linked.get("/links")
def overview() -> str:
    """What is linked to which graph, what is not and why, open data with their licences, joins to run, and the tables."""
    found = state()
    without: dict[str, dict[str, list]] = defaultdict(lambda: defaultdict(list))
    for thing in found.things:
        if thing.state != coverage.LINKED:
            without[thing.state][thing.kind].append(thing)
    kinds = found.by_kind()
    joined = [queries.find(current_app.catalogue, name) for name in JOINED if name in current_app.catalogue]
    return render_template(
        "links.html",
        total=found.total(),
        count=len(found.things),
        kinds=list(kinds.items()),
        first=FIRST,
        authorities=[(each, sure(each.prefix)) for each in found.authorities],
        titles=named_authorities(current_language()),
        without={name: dict(sorted(groups.items(), key=lambda item: -len(item[1]))) for name, groups in without.items()},
        states=coverage,
        sources=opened(current_language()),
        joined=joined,
        example=("/query?" if offered("/query") else "/sparql?") + urlencode({"query": FEDERATED}),
        example_text=FEDERATED,
        tables=TABLES,
        graphs={name: "/graphs?" + urlencode({"graph": GRAPH + name}) for name in ("links", "mappings")},
        classed=classed,
        asked=asked,
        named=names(list(kinds), [thing.iri for thing in found.things if thing.state != coverage.LINKED]),
        match=match,
    )


@linked.get("/links/<prefix>")
def authority(prefix: str) -> str:
    """Every row about one other graph, with its evidence."""
    known = named_authorities(current_language())
    if prefix not in known:
        raise NotFound(f"no graph that things are linked to has the prefix {prefix[:50]!r}; all are listed at /links")
    rows = of_authority(prefix)
    return render_template(
        "links-authority.html",
        about=known[prefix],
        matches=[row for row in rows if not row.negative and not row.none_found],
        denied=[row for row in rows if row.negative],
        missing=[row for row in rows if row.none_found],
        sure=sure(prefix),
        named=names([row.subject for row in rows]),
        match=match,
        justified=justified,
    )


@linked.get("/links/<any('mappings', 'none-found'):name>.sssom.tsv")
def table(name: str) -> Response:
    """One mapping table as it was when the release in use was made."""
    path = current_app.settings.releases / current_app.engine.release() / "links" / f"{name}.sssom.tsv"
    if not path.is_file():
        abort(404)
    return send_file(path, mimetype="text/tab-separated-values", download_name=path.name)


@linked.get("/mapping/<key>")
def record(key: str) -> Response:
    """303: a record is read on the page of its authority."""
    prefix = evidence.where(current_app.engine, key) if KEY.fullmatch(key) else ""
    if not prefix:
        raise NotFound(f"no mapping has the key {key[:50]!r}; all are listed at /links")
    return redirect(f"/links/{prefix}#{key}", 303)


@linked.get("/authority/<prefix>")
def of(prefix: str) -> Response:
    """303: an authority is read on its page."""
    authority(prefix)
    return redirect(f"/links/{prefix}", 303)


@linked.app_template_global("open_data")
def open_data(cited: Iterable[Citation]) -> list[external.Source]:
    """The open data among what an answer rests on: whose they are stands where the answer does."""
    graphs = {each.iri for each in cited}
    return [each for each in opened(current_language()) if each.graph in graphs]


def sure(prefix: str) -> tuple[float, float] | None:
    """The lowest and the highest confidence of the matches of an authority."""
    given = [row.confidence for row in of_authority(prefix) if row.confidence is not None and not row.negative]
    return (min(given), max(given)) if given else None


def asked(things: list[coverage.Thing]) -> list[str]:
    """The names of the graphs in which things were looked for."""
    known = named_authorities(current_language())
    prefixes = sorted({prefix for thing in things for prefix in thing.authorities})
    return [known[prefix].title if prefix in known else prefix for prefix in prefixes]


def classed(iri: str, named: dict) -> str:
    """What a class is called; two of other vocabularies have their name here."""
    foreign = {SKOS + "Concept": _("concept"), PREFIXES["qb"] + "DataSet": _("data set")}
    return foreign.get(iri) or named[iri].name


def match(predicate: str) -> str:
    """What a match is called in the reader's language."""
    return _called(MATCH, predicate)


def justified(iri: str) -> str:
    """How a pair was found, in the reader's language."""
    return _called(JUSTIFIED, iri)


def _called(names: dict[str, object], iri: str) -> str:
    local = re.split("[#/]", iri)[-1]
    return str(names.get(local, local))
