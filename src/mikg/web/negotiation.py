"""Which representation a client gets: by `format=`, else by `Accept` with q-values (RFC 9110, section 12.5.1)."""

import re

from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import NotAcceptable
from werkzeug.http import parse_accept_header

from mikg.engine import RESULTS, TRIPLES
from mikg.errors import Misuse

# Short names for `format=`, the command line and file endings.
SUFFIXES = {
    "json": RESULTS[0],
    "xml": RESULTS[1],
    "csv": RESULTS[2],
    "tsv": RESULTS[3],
    "ttl": TRIPLES[0],
    "nt": TRIPLES[1],
    "jsonld": TRIPLES[2],
    "rdf": TRIPLES[3],
    "trig": TRIPLES[4],
    "nq": TRIPLES[5],
}
# Names that clients send as `format=` for the same, whatever they also say by Accept.
NAMES = {
    "turtle": TRIPLES[0],
    "n3": TRIPLES[0],
    "ntriples": TRIPLES[1],
    "n-triples": TRIPLES[1],
    "json-ld": TRIPLES[2],
    "rdf+xml": TRIPLES[3],
    "rdf xml": TRIPLES[3],
    "rdfxml": TRIPLES[3],
    "nquads": TRIPLES[5],
}
# Media types under which clients also ask for ours.
ALIASES = {
    "application/json": RESULTS[0],
    "application/xml": RESULTS[1],
    "text/xml": RESULTS[1],
    "application/x-turtle": TRIPLES[0],
    "text/n3": TRIPLES[0],
    "text/plain": TRIPLES[1],
    "application/xhtml+xml": "text/html",
}
ALIASES_TRIPLES = {"application/json": TRIPLES[2], "application/xml": TRIPLES[3], "text/xml": TRIPLES[3]}
HTML = "text/html"
# A weight that is none (`q=high`, `q=7`) is passed over, and the type that bears it counts in full.
# What else a type is asked with (a charset, a profile, a version of RDF) chooses nothing here: there is one of each type.
PARAMETER = re.compile(r';\s*(?!q\s*=)[\w-]+\s*=\s*("[^"]*"|[^\s,;"]*)', re.IGNORECASE)
MALFORMED = re.compile(r";\s*[qQ]\s*=(?!\s*(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*(?:[,;]|$))[^,;]*")


def named(wanted: str) -> str:
    """Return the media type that a short name stands for; what is none, as it is.

    >>> named("ttl")
    'text/turtle'
    """
    return SUFFIXES.get(wanted) or NAMES.get(wanted.lower(), wanted)


def choose(accept: str, wanted: str, offered: tuple[str, ...]) -> str:
    """Return the media type among `offered` that fits `format=` (if given) or the Accept header best.

    Where the client has no preference, the first that is offered. `NotAcceptable` lists what there is.

    >>> choose("text/csv;q=0.9, application/sparql-results+json;q=0.4", "", RESULTS)
    'text/csv'
    >>> choose("text/turtle; charset=utf-8", "", TRIPLES)
    'text/turtle'
    >>> choose('application/ld+json; profile="http://www.w3.org/ns/json-ld#compacted"', "", TRIPLES)
    'application/ld+json'
    >>> choose("text/csv;q=much, application/sparql-results+json;q=0.4", "", RESULTS)
    'text/csv'
    """
    known = {**ALIASES, **(ALIASES_TRIPLES if TRIPLES[0] in offered else {})}
    aliases = {alias: type_ for alias, type_ in known.items() if type_ in offered}
    if wanted:
        chosen = named(wanted)
        chosen = aliases.get(chosen, chosen)
        if chosen not in offered:
            short = [name for name, type_ in SUFFIXES.items() if type_ in offered]
            raise Misuse(f"format is {wanted!r}; for this query it can be: {', '.join(short)}.")
        return chosen
    if not accept.strip():
        return offered[0]
    accepted = parse_accept_header(MALFORMED.sub("", PARAMETER.sub("", accept)), MIMEAccept)
    best = accepted.best_match([*offered, *aliases])
    if best is None:
        raise NotAcceptable(f"Accept: {accept[:200]!r} asks for nothing that there is. There is: {', '.join(offered)}.")
    return aliases.get(best, best)
