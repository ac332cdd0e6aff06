"""A hop in words: who, what, whom, in what capacity, since when, and who says so. The phrases stand in queries/networks/relations.yaml."""

from functools import cache
from pathlib import Path

import yaml

from mikg import settings
from mikg.errors import SourceError
from mikg.namespaces import MIKG, PREFIXES, expand
from mikg.network.graph import Edge

LANGUAGES = ("en", "es")
# Relations whose capacity is one in which something is done; of others it is what is said, flows or is passed on.
CAPACITIES = {MIKG + "participant", MIKG + "memberOf", MIKG + "role", PREFIXES["org"] + "holds"}
# What the source does with a statement that it does not assert, and what stands before who says so.
STATUSES = {
    "en": {
        "asserted": "",
        "claimed": "claimed",
        "committed": "promised",
        "expected": "expected",
        "hoped": "hoped for",
        "necessary": "said to be necessary",
        "negated": "said not to be",
        "planned": "planned",
        "possible": "said to be possible",
        "quoted": "quoted",
        "reported": "reported",
        "by": "by",
        "as": "as",
        "between": "between {} and {}",
    },
    "es": {
        "asserted": "",
        "claimed": "se afirma",
        "committed": "compromiso",
        "expected": "se espera",
        "hoped": "se desea",
        "necessary": "se dice necesario",
        "negated": "se dice que no es así",
        "planned": "previsto",
        "possible": "se dice posible",
        "quoted": "citado",
        "reported": "según se informa",
        "by": "según",
        "as": "como",
        "between": "entre {} y {}",
    },
}

# What is said where there is no connection, or where the search was stopped.
NOTES = {
    "en": {
        "none": "No connection between {} and {}{} in what was asked for",
        "by way of": " by way of {}",
        "all": ", which is all that the graph says.",
        "statuses": ": with every status (planned, claimed, reported ...) there is one.",
        "period": ": without the period there is one.",
        "undated": ": with what bears no date there is one.",
        "narrow": ": without the filters on documents, relations, kinds and speakers there is one.",
        "filters": ": without any filter there is one.",
        "nothing": ": nor is there one without the filters.",
        "unsure": "; there was no time left to see whether there is one without the filters.",
        "stopped": "The search was stopped after {} seconds; there may be more.",
        "judgement": "our own judgement",
    },
    "es": {
        "none": "No hay conexión entre {} y {}{} en lo que se pidió",
        "by way of": " pasando por {}",
        "all": ", que es todo lo que dice el grafo.",
        "statuses": ": con todas las modalidades (previsto, afirmado, informado ...) la hay.",
        "period": ": sin el período la hay.",
        "undated": ": con lo que no lleva fecha la hay.",
        "narrow": ": sin los filtros de documentos, relaciones, clases y hablantes la hay.",
        "filters": ": sin ningún filtro la hay.",
        "nothing": ": tampoco la hay sin los filtros.",
        "unsure": "; no quedó tiempo para ver si la hay sin los filtros.",
        "stopped": "La búsqueda se detuvo después de {} segundos; puede haber más.",
        "judgement": "juicio nuestro",
    },
}


def say(edge: Edge, start: str, names: dict[str, str], language: str = "en", root: Path | None = None) -> str:
    """Return an edge as a sentence that begins at the node `start`; `names` holds those of its ends and its speaker.

    >>> edge = Edge("e", "a", "b", "https://w3id.org/mikg/ontology#actor", "actor", "planned", start="2019-01-01", end="2019-12-31")
    >>> say(edge, "b", {"a": "The summit", "b": "Panama"})
    'Panama acts in The summit (planned; 2019).'
    """
    words = STATUSES[language]
    forward = edge.source == start
    verb = phrase(edge, forward, language, root)
    notes = []
    if edge.status != "asserted":
        said_by = f" {words['by']} {names.get(edge.speaker, edge.speaker)}" if edge.speaker and edge.speaker != start else ""
        notes.append(words.get(edge.status, edge.status) + said_by)
    if edge.capacity:
        notes.append(f"{words['as']} {edge.capacity}" if edge.relation in CAPACITIES else edge.capacity.rstrip("."))
    if when := _when(edge.start, edge.end, words["between"]):
        notes.append(when)
    said = f"{names[start]} {verb} {names[edge.other(start)]}"
    return said + (f" ({'; '.join(notes)})." if notes else ".")


def phrase(edge: Edge, forward: bool, language: str = "en", root: Path | None = None) -> str:
    """Return the verb of an edge, from its source on or the other way round; of a relation without a phrase its label."""
    known = phrases(root).get(edge.relation, {}).get(language)
    if not known:
        return f"– {edge.label} →" if forward else f"← {edge.label} –"
    return known[0 if forward else 1]


def phrases(root: Path | None = None) -> dict[str, dict]:
    """Return the phrases of each relation by its IRI and language; `SourceError` where the file is not as it must be."""
    return _read((root or settings.load().sources) / "queries/networks/relations.yaml")


def _when(start: str, end: str, between: str) -> str:
    if not (start or end):
        return ""
    if start == end or not (start and end):
        return start or end
    if start.endswith("-01-01") and end.endswith("-12-31"):
        return start[:4] if start[:4] == end[:4] else f"{start[:4]}–{end[:4]}"
    return between.format(start, end)


@cache
def _read(path: Path) -> dict[str, dict]:
    if not path.is_file():
        return {}
    try:
        whole = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise SourceError(f"queries/networks/{path.name}: it cannot be read ({fault}).") from None
    known = {}
    for name, each in whole.items():
        iri = expand(name)
        if not iri or not all(isinstance(each.get(language), list) and len(each[language]) == 2 for language in LANGUAGES):
            raise SourceError(f"queries/networks/{path.name}: {name} needs two phrases in each of: {', '.join(LANGUAGES)}.")
        known[iri] = each
    return known
