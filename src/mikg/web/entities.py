"""A page for each thing that has an IRI of ours and no page of another kind."""

import datetime
import json
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from flask_babel import format_date, lazy_gettext

from mikg import entities
from mikg.entities import butterfly
from mikg.entities.model import Entity
from mikg.errors import Misuse
from mikg.namespaces import BASE, MIKG, RULE, expand
from mikg.web import addresses, naming, resources
from mikg.web.languages import current_language

things = Blueprint("entities", __name__)
SHORT = 42  # letters of a title where a passage is only pointed to
SCHEMA_TYPES = {
    "country": "Country",
    "person": "Person",
    "organisation": "Organization",
    "place": "Place",
    "event": "Event",
    "programme": "Project",
    "agreement": "CreativeWork",
    "system": "SoftwareApplication",
    "claim": "Claim",
    "concept": "DefinedTerm",
}


WORDS = {
    "asserted": MIKG + "asserted",
    "media_types": resources.SUFFIXES,
    "format_names": {"ttl": "Turtle", "nt": "N-Triples", "jsonld": "JSON-LD", "rdf": "RDF/XML", "trig": "TriG", "nq": "N-Quads"},
    "headings": {
        "posts": lazy_gettext("Posts"),
        "participations": lazy_gettext("Part taken, in what capacity"),
        "memberships": lazy_gettext("Memberships"),
        "roles": lazy_gettext("Roles in migration"),
        "flows": lazy_gettext("Flows"),
        "commitments": lazy_gettext("Commitments"),
        "claims": lazy_gettext("Claims"),
        "quotations": lazy_gettext("Quotations"),
        "absences": lazy_gettext("What is said not to be"),
        "comparisons": lazy_gettext("Comparisons"),
    },
    "notes": {
        "claims": lazy_gettext("What someone says, in our words; the graph does not assert it. Each is marked with who says so."),
        "quotations": lazy_gettext("What a passage quotes, in our words, with its speaker."),
        "commitments": lazy_gettext("What a party has bound itself to do; whether it was done is another matter."),
    },
    "roles": {
        "name": lazy_gettext("name"),
        "alias": lazy_gettext("other name"),
        "acronym": lazy_gettext("acronym"),
        "printed": lazy_gettext("as printed"),
    },
    "relations": {
        "exactMatch": lazy_gettext("the same thing"),
        "closeMatch": lazy_gettext("nearly the same"),
        "broadMatch": lazy_gettext("something wider"),
        "narrowMatch": lazy_gettext("something narrower"),
        "relatedMatch": lazy_gettext("something related"),
        "sameAs": lazy_gettext("the same thing"),
    },
    "families": {
        "entities": lazy_gettext("agreed across the documents"),
        "curation": lazy_gettext("our own decision"),
        "derived": lazy_gettext("inferred"),
        "links": lazy_gettext("from our table of links"),
        "ontology": lazy_gettext("from the ontology"),
        "documents": lazy_gettext("our description of the documents"),
    },
}


@dataclass(frozen=True)
class Bar:
    """One thing on the small timeline: where it begins and how long it is, in per cent of the whole."""

    iri: str
    start: float
    length: float
    days: str


@things.get("/page/<path:name>")
def page(name: str) -> Response:
    """One thing: what the graph says of it, and which passages say so."""
    iri = resources.existing(name)
    canonical = addresses.page(iri)
    if not canonical.startswith("/page/"):
        return redirect(canonical, 303)
    if relation := request.args.get("relation", ""):
        return _relation(iri, relation)
    language = current_language()
    entity = entities.describe(current_app.labels, iri, language, current_app.settings.documents)
    named = naming.names(entity.iris())
    links = resources.signposts(iri)
    answer = make_response(
        render_template(
            "entity.html",
            entity=entity,
            named=named,
            drawing=butterfly.draw(entity, named, language),
            column=butterfly.draw(entity, named, language, narrow=True),
            bars=bars(entity),
            data={suffix: resources.address(iri, suffix) for suffix in resources.SUFFIXES},
            about=structured(entity),
            query_of=query_of,
            canonical=BASE.rstrip("/") + canonical,
            rule=_rule(iri) if iri.startswith(RULE) else "",
            short_titles=_titles(entity),
            recorded=any(link.justification or link.confidence for link in entity.links),
            **WORDS,
        )
    )
    answer.headers["Link"] = resources.header(links)
    return answer


def _relation(iri: str, relation: str) -> str:
    """All that a relation leads from to a thing, page by page."""
    number = request.args.get("page", "1")
    if not (number.isascii() and number.isdigit() and len(number) < 8):
        raise Misuse(f"page is {number[:40]!r}; it takes a number from 1 on.")
    line = entities.more(current_app.labels, iri, expand(relation) or relation, int(number))
    named = naming.names([iri, line.property, *(value.term["value"] for value in line.values)])
    last = (line.total - 1) // (4 * entities.SHOWN) + 1
    return render_template("relation.html", iri=iri, line=line, named=named, number=int(number), last=last, relation=relation)


def query_of(text: str) -> str:
    """Return the address at which a query is run."""
    return "/sparql?" + urlencode({"query": text})


@things.app_template_global()
def period(earliest: str, latest: str) -> str:
    """Return a time as one reads it: a day, a year, or from one day to another."""
    first, last = _day(earliest), _day(latest or earliest)
    if not first or not last:
        return f"{earliest} – {latest}" if latest and latest != earliest else earliest
    if first == last:
        return format_date(first, "d MMM y")
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return str(first.year) if first.year == last.year else f"{first.year} – {last.year}"
    return f"{format_date(first, 'd MMM y')} – {format_date(last, 'd MMM y')}"


def bars(entity: Entity) -> tuple[list[Bar], list[tuple[float, int]]]:
    """Return the bars of the small timeline and its years with their places; neither where fewer than two days are known."""
    moments = [(each, _day(each.earliest), _day(each.latest)) for each in entity.moments]
    moments = [(each, first, last) for each, first, last in moments if first and last and first <= last]
    if not moments:
        return [], []
    first = datetime.date(min(begin for _, begin, _ in moments).year, 1, 1)
    last = datetime.date(max(end for _, _, end in moments).year, 12, 31)
    whole = (last - first).days

    def place(day: datetime.date) -> float:
        return round(100 * (day - first).days / whole, 2)

    step = max(1, (last.year - first.year + 1) // 6)
    years = [(place(datetime.date(year, 1, 1)), year) for year in range(first.year, last.year + 1, step)]
    found = []
    for each, begin, end in moments:
        found.append(Bar(each.iri, place(begin), max(place(end) - place(begin), 0.8), period(each.earliest, each.latest)))
    return found, years


def structured(entity: Entity) -> str:
    """Return what the page is about for search engines, as JSON-LD in the terms of schema.org; safe inside a script element."""
    kind = SCHEMA_TYPES.get(entity.named.kind, "Thing")
    thing = {
        "@context": "https://schema.org/",
        "@type": kind,
        "@id": entity.iri,
        "name": entity.named.name,
        "url": BASE.rstrip("/") + addresses.page(entity.iri),
        **({"description": entity.summary} if entity.summary else {}),
    }
    others = sorted({alias.text for alias in entity.aliases if alias.role in ("name", "alias", "acronym")} - {entity.named.name})
    same = [link.target for link in entity.links if link.relation.endswith(("exactMatch", "sameAs")) and link.target.startswith("http")]
    if others:
        thing["alternateName"] = others
    if same:
        thing["sameAs"] = same
    return json.dumps(thing, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _titles(entity: Entity) -> dict[str, str]:
    """Return a short name for each document, for the many places where a passage is only pointed to."""
    titles = {each.document: each.title or each.document for each in entity.citations.values() if each.document}
    return {key: said if len(said) <= SHORT else said[: SHORT - 1].rsplit(" ", 1)[0] + " …" for key, said in titles.items()}


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def _rule(iri: str) -> str:
    """Return the text of a rule as it is kept, empty where the file is not at hand."""
    name = iri.removeprefix(RULE)
    known = {path.stem: path for path in (current_app.settings.sources / "ontology/rules").glob("*.rq")}
    return known[name].read_text(encoding="utf-8") if name in known else ""
