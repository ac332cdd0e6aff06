"""What of another graph could be the same thing: names, kinds and codes compared, each feature shown."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pyoxigraph as ox
from rapidfuzz import fuzz

from mikg import __version__, answers, inventory, spelling
from mikg.engine import Engine, Query
from mikg.errors import Misuse, NotFound, SourceError
from mikg.namespaces import BASE, ID, MIKG, RDF, shorten

NAMING = re.compile(r"(prefLabel|altLabel|hiddenLabel|label|name|officialName|alternateName|title|acronym)$")
KINDS = re.compile(r"(featureCode|featureClass|category)$")
CODE = re.compile(r"[A-Z]{1,3}\d{0,9}|[A-Z]{2,5}|\d{3}")
# How columns of a table are read, by what their heads are called; the first that fits is the identifier.
IDENTIFIER = re.compile(r"^(iri|uri|id|object_id|qid|wikidata\w*|geoname_?id|code|icao|iata|locode|iso3|iso_a3)$", re.IGNORECASE)
NAME = re.compile(r"name|label|title|alias|alternat", re.IGNORECASE)
KIND = re.compile(r"kind|type|class|category", re.IGNORECASE)
# Words in the kinds of other graphs that agree with a class of ours.
WORDS = {
    "Country": "country state nation pcli",
    "City": "city town municipality capital ppl pplc settlement",
    "Place": "place city region area",
    "Airport": "airport aerodrome",
    "Region": "region continent subregion area",
    "Person": "person human politician",
    "InternationalOrganisation": "organization organisation agency",
    "Organisation": "organization organisation agency company",
    "GovernmentBody": "organization organisation agency ministry department",
    "Ministry": "organization organisation agency ministry department",
    "Company": "company corporation organization",
}
ENDINGS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".rdf": ox.RdfFormat.RDF_XML,
}
ASKED = 200  # names in one question to an endpoint
PATIENCE = 30.0  # seconds that an endpoint has for an answer

DESCRIBED = """
PREFIX mikg: <https://w3id.org/mikg/ontology#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?thing ?role ?value
WHERE {
  VALUES (?property ?role) {
    (skos:prefLabel "name") (skos:altLabel "name") (mikg:acronym "name") (rdf:type "class")
    (mikg:iso3166Alpha2 "code") (mikg:iso3166Alpha3 "code") (mikg:iso3166Numeric "code") (mikg:wikidata "code") (mikg:icaoCode "code")
    (mikg:iataCode "code") (mikg:unLocode "code")
  }
  GRAPH <https://w3id.org/mikg/graph/entities> { ?thing a ?any }
  ?thing ?property ?value .
}
"""
FOUND_BY_NAME = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?iri ?name ?class
WHERE {
  VALUES ?name { %s }
  ?iri rdfs:label|skos:prefLabel|skos:altLabel ?name .
  OPTIONAL { ?iri a ?type . OPTIONAL { ?type rdfs:label ?label FILTER(LANG(?label) = "en") } BIND(COALESCE(?label, STR(?type)) AS ?class) }
}
LIMIT 5000
"""


@dataclass
class Described:
    """A thing with what it can be told by."""

    iri: str
    names: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Candidate:
    """A pair with its score from 0 to 1 and the features that make it."""

    subject: str
    object: str
    score: float
    name: str
    features: tuple[str, ...]


def things(engine: Engine, wanted: str = "", kind: str = "") -> list[Described]:
    """Return the entities of a name or class, all when neither is given; `NotFound` when there is none."""
    found: dict[str, Described] = {}
    for row in answers.run(engine, Query(DESCRIBED)).rows:
        iri, value = row["thing"]["value"], row["value"]["value"]
        thing = found.setdefault(iri, Described(iri))
        {"name": thing.names, "class": thing.kinds, "code": thing.codes}[row["role"]["value"]].add(value)
    chosen = [
        thing
        for iri, thing in sorted(found.items())
        if (not wanted or iri == wanted) and (not kind or any(_is(each, kind) for each in thing.kinds))
    ]
    if not chosen:
        asked = f"no entity is called {shorten(wanted)}" if wanted else f"no entity is of the kind {kind!r}"
        kinds = sorted({each.rpartition("#")[2] for thing in found.values() for each in thing.kinds})
        raise NotFound(
            f"{asked}; " + ("find it at /entities or with: mikg ask names-of-a-thing" if wanted else f"kinds: {', '.join(kinds)}")
        )
    return chosen


def of_file(path: Path) -> list[Described]:
    """Return what an RDF file or a table names; `SourceError` when it cannot be read, `Misuse` when it names nothing."""
    if path.suffix in (".csv", ".tsv"):
        found = _of_table(path)
    elif path.suffix in ENDINGS:
        found = _of_rdf(path)
    else:
        raise Misuse(f"{path.name} ends with {path.suffix or 'nothing'}; candidates are read from {', '.join([*ENDINGS, '.csv', '.tsv'])}.")
    if not found:
        raise Misuse(f"{path.name} names nothing: it has no label, or no column of identifiers and names.")
    return found


def of_endpoint(address: str, subjects: Iterable[Described]) -> list[Described]:
    """Return what a SPARQL endpoint calls by a name of one of the things; `Misuse` with its error when it does not answer."""
    names = sorted({name for thing in subjects for name in thing.names})
    found: dict[str, Described] = {}
    for start in range(0, len(names), ASKED):
        asked = names[start : start + ASKED]
        values = " ".join(str(ox.Literal(name, language=tag) if tag else ox.Literal(name)) for name in asked for tag in ("en", "es", ""))
        for row in _ask(address, FOUND_BY_NAME % values):
            thing = found.setdefault(row["iri"]["value"], Described(row["iri"]["value"]))
            thing.names.add(row["name"]["value"])
            if "class" in row:
                thing.kinds.add(row["class"]["value"])
    return list(found.values())


def match(subjects: Iterable[Described], targets: Iterable[Described], least: float = 0.75, most: int = 5) -> list[Candidate]:
    """Return the pairs that score at least `least`, best first, at most `most` for each thing."""
    prepared = [(target, {_plain(name): name for name in sorted(target.names)}) for target in targets]
    found = []
    for thing in subjects:
        names = {_plain(name): name for name in sorted(thing.names)}
        pairs = (_compare(thing, names, target, others, least) for target, others in prepared)
        best = sorted((pair for pair in pairs if pair and pair.score >= least), key=lambda pair: (-pair.score, pair.object))
        found += best[:most]
    return found


def _compare(thing: Described, names: dict[str, str], target: Described, others: dict[str, str], least: float) -> Candidate | None:
    shared = sorted(names.keys() & others.keys(), key=lambda name: (-len(name), name))
    if shared:
        likeness, ours, theirs = 1.0, names[shared[0]], others[shared[0]]
    else:
        pairs = [
            (fuzz.token_sort_ratio(one, other) / 100, one, other) for one in names for other in others if len(one) > 3 and len(other) > 3
        ]
        likeness, one, other = max(pairs, default=(0.0, "", ""))
        ours, theirs = names.get(one, ""), others.get(other, "")
    codes = sorted(thing.codes & target.codes)
    if likeness < least and not codes:
        return None
    features = [f"name {likeness:.2f} ({ours} {'=' if shared else '~'} {theirs})"]
    score = 0.8 * likeness
    if len(shared) > 1:
        score += 0.1
        features.append(f"{len(shared)} names")
    agree = _kinds_agree(thing, target)
    score += {True: 0.1, None: 0.05, False: -0.15}[agree]
    features.append({True: "kind agrees", None: "kind unknown", False: "kind differs"}[agree])
    if codes:
        score = max(score, 0.85 + 0.05 * min(len(codes), 3)) if likeness > 0.5 else score + 0.1
        features.append(f"code {', '.join(codes)}")
    return Candidate(thing.iri, target.iri, round(max(0.0, min(score, 1.0)), 2), theirs or min(target.names, default=""), tuple(features))


def _kinds_agree(thing: Described, target: Described) -> bool | None:
    words = {word for kind in thing.kinds for word in WORDS.get(kind.rpartition("#")[2], "").split()}
    theirs = {
        word
        for kind in target.kinds
        for word in re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", kind.rpartition("/")[2]).lower())
    }
    if not words or not theirs:
        return None
    return True if words & theirs else False if theirs & {word for each in WORDS.values() for word in each.split()} else None


def _is(iri: str, kind: str) -> bool:
    return iri in (kind, MIKG + kind.removeprefix("mikg:")) or iri.rpartition("#")[2].lower() == kind.lower()


def _plain(name: str) -> str:
    """The name as the search compares it: in small letters of one script, without accents and signs."""
    return " ".join(spelling.words(name))


def _of_rdf(path: Path) -> list[Described]:
    found: dict[str, Described] = defaultdict(lambda: Described(""))
    labels: dict[str, str] = {}
    try:
        for quad in ox.parse(path=str(path), format=ENDINGS[path.suffix]):
            if not isinstance(quad.subject, ox.NamedNode):
                continue
            thing, predicate = found[quad.subject.value], quad.predicate.value
            if isinstance(quad.object, ox.Literal):
                if NAMING.search(predicate):
                    thing.names.add(quad.object.value)
                    if quad.object.language == "en":
                        labels[quad.subject.value] = quad.object.value
                elif CODE.fullmatch(quad.object.value) and quad.object.datatype.value.endswith("#string"):
                    thing.codes.add(quad.object.value)
            elif isinstance(quad.object, ox.NamedNode) and (
                predicate == RDF + "type" or KINDS.search(predicate) or predicate.endswith("/P31")
            ):
                thing.kinds.add(quad.object.value)
    except OSError as fault:
        raise SourceError(f"{path}: it cannot be read ({fault.strerror or fault}).") from None
    except SyntaxError as fault:
        raise SourceError(f"{path}:{fault.lineno or 1}: {fault.msg}") from None
    for iri, thing in found.items():
        thing.iri = iri
        thing.kinds |= {labels[kind] for kind in thing.kinds if kind in labels}
        if re.fullmatch(r"Q\d+", iri.rpartition("/")[2]):
            thing.codes.add(iri.rpartition("/")[2])
    return [thing for thing in found.values() if thing.names and not thing.iri.startswith(ID)]


def _of_table(path: Path) -> list[Described]:
    try:
        text = inventory.read(path).decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise SourceError(f"{path}: it is not UTF-8 (byte {fault.start}); save the table as UTF-8.") from None
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    rows = csv.DictReader(lines, delimiter="\t" if path.suffix == ".tsv" else ",")
    heads = [head for head in rows.fieldnames or [] if head]
    # The table of mappings has identifiers of ours too: those of the other graph are the ones to compare with.
    key = "object_id" if "object_id" in heads else next((head for head in heads if IDENTIFIER.match(head)), None)
    named = ["object_label"] if key == "object_id" else [head for head in heads if NAME.search(head)]
    if not key or not named:
        return []
    found: dict[str, Described] = {}
    for row in rows:
        if not row.get(key):
            continue
        thing = found.setdefault(row[key], Described(row[key]))
        thing.names |= {part.strip() for head in named for part in re.split(r"[|;]", row.get(head) or "") if part.strip()}
        if key != "object_id":
            thing.kinds |= {row[head] for head in heads if KIND.search(head) and row.get(head)}
            thing.codes |= {value for head, value in row.items() if head and value and CODE.fullmatch(value)}
    return [thing for thing in found.values() if thing.names]


def _ask(address: str, query: str) -> list[dict]:
    headers = {"Accept": "application/sparql-results+json", "User-Agent": f"mikg/{__version__} (+{BASE})"}
    try:
        reply = httpx.post(address, data={"query": query}, headers=headers, timeout=PATIENCE, follow_redirects=True)
        reply.raise_for_status()
        return reply.json()["results"]["bindings"]
    except httpx.HTTPStatusError as fault:
        said = " ".join(fault.response.text.split())[:300]
        raise Misuse(f"{address} answered {fault.response.status_code}: {said}") from None
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        raise Misuse(f"{address} cannot be asked ({fault}); a downloaded file can be given instead: --from FILE.") from None
    except (ValueError, KeyError, TypeError):
        raise Misuse(f"{address} did not answer with SPARQL JSON results; is it a SPARQL endpoint?") from None
