"""What a reader sees instead of an IRI: a name in the reader's language, and the kind of thing that it names."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from mikg import answers
from mikg.engine import Engine, Query
from mikg.namespaces import MIKG, OWL, SKOS, shorten

KEPT = 50_000  # names that are remembered for one release
ONCE = 200  # IRIs in one query

# The kinds that pages, drawings and lists tell apart, each with the classes that it covers; the first that fits counts.
KINDS = {
    "country": (MIKG + "Country",),
    "person": (MIKG + "Person",),
    "document": (MIKG + "Document", MIKG + "Publication"),
    "passage": (MIKG + "TextPart",),
    "post": (MIKG + "Post", MIKG + "PostHolding"),
    "organisation": (MIKG + "Organisation", MIKG + "Grouping"),
    "programme": (MIKG + "Programme",),
    "system": (MIKG + "InformationSystem",),
    "agreement": (MIKG + "Instrument",),
    "event": (MIKG + "Event", MIKG + "EventSeries"),
    "place": (MIKG + "Place",),
    "figure": (MIKG + "Figure", MIKG + "MissingFigure", MIKG + "Comparison"),
    "claim": (MIKG + "Claim", MIKG + "Utterance", MIKG + "Quotation"),
    "situation": (MIKG + "Situation", MIKG + "Absence", OWL + "NegativePropertyAssertion"),
    "relation": tuple(MIKG + each for each in ("Commitment", "CountryRole", "DataFlow", "Membership", "Participation")),
    "judgement": (MIKG + "Judgement",),
    "group": (MIKG + "PopulationGroup", MIKG + "UnnamedCollection", MIKG + "UnnamedGroup", MIKG + "Agent"),
    "term": (MIKG + "Rule", OWL + "Class", OWL + "ObjectProperty", OWL + "DatatypeProperty", OWL + "AnnotationProperty", OWL + "Ontology"),
    "concept": (SKOS + "Concept", MIKG + "Indicator"),
}
OTHER = "thing"

NAMES = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX mikg: <https://w3id.org/mikg/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?iri ?order ?name ?class
WHERE {
  VALUES ?iri { %s }
  { VALUES (?property ?order) { (skos:prefLabel 1) (dcterms:title 2) (mikg:gist 3)
                                  (mikg:proposition 4) (mikg:asPrinted 5) (mikg:basis 6) (skos:altLabel 7) (rdfs:label 8) }
    ?iri ?property ?name }
  UNION { ?iri a ?class }
}
"""


@dataclass(frozen=True)
class Named:
    """An IRI with its name, the language of the name (empty where it has none), its kind, and whether the graph knows it."""

    iri: str
    name: str
    language: str
    kind: str
    known: bool = True


class Labels:
    """Names of IRIs from the release in use, remembered until it changes."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._release = ""
        self._known: OrderedDict[tuple[str, str], Named] = OrderedDict()

    def of(self, iris: Iterable[str], language: str = "en") -> dict[str, Named]:
        """Return each IRI with its name: in the language asked for, else in English, else in any; else its CURIE."""
        wanted = list(dict.fromkeys(iris))
        release = self.engine.release()
        if release != self._release:
            self._release, self._known = release, OrderedDict()
        known = self._known
        found = {iri: each for iri in wanted if (each := known.get((iri, language)))}
        missing = [iri for iri in wanted if iri not in found]
        for start in range(0, len(missing), ONCE):
            found |= self._ask(missing[start : start + ONCE], language)
        for iri, each in found.items():
            known[iri, language] = each
        while len(known) > KEPT:
            known.popitem(last=False)
        return found

    def _ask(self, iris: list[str], language: str) -> dict[str, Named]:
        safe = [iri for iri in iris if not set(iri) & set('<>"{}|\\^` \n\t\r') and ":" in iri]
        names: dict[str, list[tuple[int, int, str, str]]] = {}
        classes: dict[str, set[str]] = {}
        if safe:
            for row in answers.run(self.engine, Query(NAMES % " ".join(f"<{iri}>" for iri in safe))).rows:
                iri = row["iri"]["value"]
                if "class" in row:
                    classes.setdefault(iri, set()).add(row["class"]["value"])
                    continue
                tag = row["name"].get("xml:lang", "")
                fits = 0 if tag == language else 1 if tag == "en" else 2 if not tag else 3
                names.setdefault(iri, []).append((fits, int(row["order"]["value"]), row["name"]["value"], tag))
        named = {}
        for iri in iris:
            kind = next((kind for kind, covered in KINDS.items() if classes.get(iri, set()) & set(covered)), OTHER)
            # A preferred name in another language comes before an alternative one in the reader's.
            best = min(names.get(iri, ()), key=lambda each: (each[1] == 7, *each), default=None)
            name, tag = (best[2], best[3]) if best else (shorten(iri).strip("<>"), "")
            named[iri] = Named(iri, name, tag, kind, iri in names or iri in classes)
        return named
