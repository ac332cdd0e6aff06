"""Addresses of pages in other graphs, as one copies them from a browser, read as the terms that they are about."""

import re
from collections.abc import Callable, Mapping

from mikg import answers
from mikg.engine import Engine, Query
from mikg.namespaces import AUTHORITY, BASE, expand, shorten

# Each address in as many forms as its site has, and the term. Beside these, http and https, www. and a final slash make no difference.
PAGES = tuple(
    (re.compile(pattern), term)
    for pattern, term in (
        (r"(?:m\.)?wikidata\.org/(?:wiki|entity)/(?:Special:EntityData/)?(Q\d+)(?:\.\w+)?", r"http://www.wikidata.org/entity/\1"),
        (r"dbpedia\.org/(?:page|resource|data)/([^?#]+?)(?:\.\w+)?", r"http://dbpedia.org/resource/\1"),
        (r"en\.(?:m\.)?wikipedia\.org/wiki/([^?#]+)", r"http://dbpedia.org/resource/\1"),  # which names its terms after these pages
        (r"(?:sws\.)?geonames\.org/(\d+)(?:/[^?#]*)?", r"https://sws.geonames.org/\1/"),
        (r"id\.loc\.gov/((?:authorities|vocabulary)/\w+/\w+)(?:\.\w+)?", r"http://id.loc.gov/\1"),
        (r"openstreetmap\.org/relation/(\d+)", r"https://www.openstreetmap.org/relation/\1"),
        (r"viaf\.org/(?:\w\w/)?viaf/(\d+)(?:/[^?#]*)?", r"http://viaf.org/viaf/\1"),
        (r"(?:meshb|id)\.nlm\.nih\.gov/(?:record/ui\?ui=|mesh/)(\w+)(?:\.html)?", r"http://id.nlm.nih.gov/mesh/\1"),
        (r"eurovoc\.europa\.eu/(\w+)", r"http://eurovoc.europa.eu/\1"),
    )
)
NAMED = re.compile(r"<?[A-Za-z][\w.+-]*:\S+")  # a text that names one term: a CURIE, an IRI, an address
LINKED = """
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX sssom: <https://w3id.org/sssom/>
SELECT ?thing ?term ?authority ?space
WHERE {
  GRAPH <https://w3id.org/mikg/graph/mappings> {
    ?record owl:annotatedProperty skos:exactMatch ; owl:annotatedSource ?thing ; owl:annotatedTarget ?term ; sssom:object_source ?authority .
    ?authority <http://rdfs.org/ns/void#uriSpace> ?space .
    FILTER NOT EXISTS { ?record sssom:predicate_modifier ?not }
  }
}
"""


def term(address: str) -> str:
    """Return the term of another graph that the address of its page is about; any other text as it is.

    >>> term("https://www.wikidata.org/wiki/Q804#sitelinks"), term("https://www.geonames.org/3703430/panama.html")
    ('http://www.wikidata.org/entity/Q804', 'https://sws.geonames.org/3703430/')
    """
    address = address.strip().strip("<>")
    if not address.startswith(("http://", "https://")):
        return address
    plain = re.sub(r"^https?://(?:www\.)?", "", address).partition("#")[0]
    for pattern, found in PAGES:
        for each in dict.fromkeys((plain, plain.partition("?")[0], plain.partition("?")[0].rstrip("/"))):
            if about := pattern.fullmatch(each):
                return about.expand(found)
    return address


def elsewhere(engine: Engine) -> dict[str, str]:
    """Return the thing that each term of another graph is the same as, by the IRI and by the CURIE of the term."""
    found: dict[str, str] = {}
    for row in answers.run(engine, Query(LINKED)).values():
        iri, space = str(row["term"]), str(row["space"])
        if iri.startswith(space):
            curie = f"{str(row['authority']).removeprefix(AUTHORITY)}:{iri.removeprefix(space)}"
            found |= dict.fromkeys((iri, curie), str(row["thing"]))
    return found


def meant(text: str, known: Callable[[], Mapping[str, str]]) -> str:
    """Return a text as the CURIE of the thing of ours that it means, where it is the address of a page or a term of another graph.

    `known` gives what `elsewhere` does; it is asked only where the text looks like an identifier.

    >>> meant("http://localhost:8000/page/panama", dict), meant("https://www.wikidata.org/wiki/Q804", dict)
    ('id:panama', 'https://www.wikidata.org/wiki/Q804')
    """
    if not NAMED.fullmatch(text.strip()):
        return text
    own = expand(text) or ""
    thing = own if own.startswith(BASE) else known().get(term(text), "")
    return shorten(thing).strip("<>") if thing else text
