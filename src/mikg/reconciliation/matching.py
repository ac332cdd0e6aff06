"""From a name, a type and what else a table says to the things that may be meant, each with a score and its parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mikg import answers, search, spelling
from mikg.engine import Engine, Query
from mikg.labels import KINDS, OTHER, Labels
from mikg.namespaces import ID, MIKG
from mikg.reconciliation import values
from mikg.reconciliation.vocabulary import resolved
from mikg.search import Hit, Name

# The kinds of things that a table may name; passages, claims, figures and the like are reached through them.
KINDS_MATCHED = [kind for kind in (*KINDS, OTHER) if kind not in ("passage", "document", "figure", "claim", "judgement", "term")]
LIMIT, MOST = 10, 50  # candidates of a query
SHARE = 0.4  # weight of a property beside the name's 1
SURE = 0.94  # likeness of a name that is the name, whatever its role
ALIKE = 0.06  # another name that is less than this behind makes the first unsure
SHORTEST = 3  # letters of an acronym or code that stands for a thing of a known type
HAVING = "SELECT DISTINCT ?thing ?value WHERE { { ?thing ?property ?value } UNION { GRAPH ?graph { ?thing ?property ?value } } } LIMIT 5000"


@dataclass(frozen=True)
class Condition:
    """A property and the values that it should have: any, all or none of them; one that is required sifts, others only count."""

    property: str
    values: tuple[object, ...]  # str, number, bool, or {"id": ...}
    required: bool = False
    quantifier: str = "any"


@dataclass(frozen=True)
class Question:
    """A reconciliation query: a name (or identifier), types, conditions."""

    text: str = ""
    types: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    limit: int = LIMIT
    soft_types: bool = False  # candidates of other types are let in, with a lower score


@dataclass(frozen=True)
class Candidate:
    """A thing that may be meant, its score from 0 to 100, whether it is safe to take, and the features behind that."""

    hit: Hit
    score: float
    match: bool
    features: dict[str, float | bool]


def match(
    index: search.Index, engine: Engine, labels: Labels, questions: Sequence[Question], language: str = "en"
) -> list[list[Candidate]]:
    """Return the candidates of each question, the best first. Each is answered as if it were the only one."""
    pools = [_pool(index, engine, question, language) for question in questions]
    things = [hit.iri for pool in pools for hit, _ in pool]
    names = [condition.property for question in questions for condition in question.conditions]
    said = values.of(engine, labels, things, names) if names and things else {}
    spoken = {term["value"] for each in said.values() for terms in each.values() for term in terms if term["type"] == "uri"}
    known = search.known(index, sorted(spoken))
    return [_judged(pool, question, said, known) for pool, question in zip(pools, questions, strict=True)]


def _pool(index: search.Index, engine: Engine, question: Question, language: str) -> list[tuple[Hit, float]]:
    """The things that may be meant, each with how like its name is (1 where no name is asked for)."""
    classes = () if question.soft_types else [iri for each in question.types if (iri := resolved(each, MIKG))]
    if question.types and not classes and not question.soft_types:
        return []
    text = question.text.strip()
    if not text:
        having = [iri for condition in question.conditions[:3] for iri in _having(engine, condition)]
        found = search.known(index, list(dict.fromkeys(having))[:500], language).values()
        return [(hit, 1.0) for hit in found if hit.kind in KINDS_MATCHED and (not classes or set(classes) & set(hit.classes))]
    hits = {
        hit.iri: hit for hit in search.find(index, text, KINDS_MATCHED, language, MOST, classes=classes, prefix=False, counts=False).hits
    }
    pool = {iri: (hit, max((likeness(text, name) for name in hit.names), default=0.0)) for iri, hit in hits.items()}
    if (
        (iri := resolved(text, ID))
        and (own := search.known(index, [iri], language).get(iri))
        and (not classes or set(classes) & set(own.classes))
    ):
        pool[iri] = (own, 1.0)
    return list(pool.values())


def _having(engine: Engine, condition: Condition) -> list[str]:
    """The things that have a value of a condition, for a question that gives no name."""
    if not (iri := resolved(condition.property, MIKG)):
        return []
    rows = answers.run(engine, Query(HAVING, {"property": {"type": "uri", "value": iri}})).rows
    return [row["thing"]["value"] for row in rows if row["thing"]["type"] == "uri" and row["thing"]["value"].startswith(ID)]


def likeness(text: str, name: Name) -> float:
    """Return how like a text and one name are, from 0 to 1; a code or acronym is that to the letter or not at all."""
    if name.role in ("code", "acronym") or (name.text.isupper() and len(name.text) < 6):
        return (0.95 if name.role == "code" else 1.0) if spelling.words(text) == spelling.words(name.text) else 0.0
    return spelling.likeness(text, name.text) * (1.0 if name.role == "name" else 0.98 if name.role in ("alias", "printed") else 0.8)


def _judged(
    pool: list[tuple[Hit, float]], question: Question, said: Mapping[str, Mapping[str, list]], known: Mapping[str, Hit]
) -> list[Candidate]:
    types = {iri for each in question.types if (iri := resolved(each, MIKG))}
    judged = []
    for hit, like in pool:
        features: dict[str, float | bool] = {}
        if question.text.strip():
            features["name"] = round(like * 100, 1)
            features["same_name"] = like >= SURE
        features["passages"] = round(hit.weight, 2)
        right_type = not types or bool(types & set(hit.classes))
        if types:
            features["type"] = right_type
        total, weight, kept, agree = like, 1.0, True, True
        for condition in question.conditions:
            fit = _fit(condition, said.get(hit.iri, {}).get(condition.property, []), known)
            features[f"property:{condition.property}"] = round(fit * 100, 1)
            total, weight = total + SHARE * fit, weight + SHARE
            agree = agree and fit >= 0.9
            kept = kept and (fit >= 0.9 or not condition.required)
        score = 100 * total / weight * (1 if right_type else 0.7)
        if kept and (question.text.strip() or agree):
            judged.append((round(score, 2), like, right_type and agree, hit, features))
    judged.sort(key=lambda each: (-each[0], -each[1], -each[3].weight, each[3].iri))
    return [
        Candidate(hit, score, place == 0 and fits and _safe(question, hit, like, score, judged[1:]), features)
        for place, (score, like, fits, hit, features) in enumerate(judged[: max(1, min(question.limit, MOST))])
    ]


def _safe(question: Question, hit: Hit, like: float, score: float, others: list) -> bool:
    """Whether the first candidate can be taken unseen: it bears the name, and no other comes near."""
    text = question.text
    if not text.strip():
        return not others
    if like < SURE or any(other[0] > score - 100 * ALIKE for other in others):
        return False
    if resolved(text.strip(), ID) == hit.iri:
        return True
    of_a_code = not any(spelling.likeness(text, name.text) == 1 for name in hit.names if name.role in ("name", "alias", "printed"))
    # An acronym or code may stand for anything; with a type it is told from others of its length.
    return not of_a_code or (bool(question.types) and len("".join(spelling.words(text))) >= SHORTEST)


def _fit(condition: Condition, terms: list[dict[str, str]], known: Mapping[str, Hit]) -> float:
    fits = [max((_same(value, term, known) for term in terms), default=0.0) for value in condition.values]
    if not fits:
        return 0.0
    if condition.quantifier == "none":
        return 1 - max(fits)
    return min(fits) if condition.quantifier == "all" else max(fits)


def _same(value: object, term: Mapping[str, str], known: Mapping[str, Hit]) -> float:
    """How well a value of a table agrees with a value of the graph, from 0 to 1."""
    if isinstance(value, Mapping):
        wanted = resolved(str(value.get("id", "")), ID)
        return float(term["type"] == "uri" and wanted == term["value"])
    if term["type"] == "uri":
        if resolved(str(value), ID) == term["value"]:
            return 1.0
        hit = known.get(term["value"])
        return max((likeness(str(value), name) for name in hit.names), default=0.0) if hit else 0.0
    if isinstance(value, bool):
        return float(term["value"] == str(value).lower())
    try:
        mine, theirs = float(str(value)), float(term["value"])
    except ValueError:
        text = str(value)
        # A short value is a code: PAN is not nearly CAN.
        if min(len(text), len(term["value"])) < 5:
            return float(spelling.fold(text.strip()) == spelling.fold(term["value"]))
        return spelling.likeness(text, term["value"])
    return 1.0 if mine == theirs else max(0.0, 1 - 5 * abs(mine - theirs) / max(abs(mine), abs(theirs)))
