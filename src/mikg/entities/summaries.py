"""One sentence about a thing, made of what the graph says and nothing else, in English and Spanish."""

from collections.abc import Iterable, Mapping

from mikg.entities.model import Entity
from mikg.labels import Labels
from mikg.namespaces import MIKG, RDF, SKOS
from mikg.vocabulary import Vocabulary

AND = {"en": " and ", "es": " y "}
MORE = {"en": "{n} more", "es": "{n} más"}
MOST = 3  # names in a listing
WORDS = {
    "en": {
        "member": "member of {0}",
        "party": "party to {0}",
        "post in": "in {0}",
        "part": "part of {0}",
        "located": "in {0}",
        "holds": "{0}",
        "held": "held by {0}",
        "actors": "by {0}",
        "parties": "between {0}",
        "on": "{0}",
        "at": "in {0}",
        "operator": "run by {0}",
        "users": "used by {0}",
        "use": "for {0}",
        "about": "about {0}",
        "indicator": "{0}",
        "claimant": "said by {0}",
        "speaker": "words of {0}",
        "promised": "promised by {0}",
        "commitments": ("{n} commitment", "{n} commitments"),
        "events": ("{n} event", "{n} events"),
        "passages": ("{n} passage", "{n} passages"),
        "of documents": ("of {n} document", "of {n} documents"),
        "told": "It appears in {0}.",
    },
    "es": {
        "member": "miembro de {0}",
        "party": "parte en {0}",
        "post in": "en {0}",
        "part": "parte de {0}",
        "located": "en {0}",
        "holds": "{0}",
        "held": "ocupado por {0}",
        "actors": "de {0}",
        "parties": "entre {0}",
        "on": "{0}",
        "at": "en {0}",
        "operator": "gestionado por {0}",
        "users": "usado por {0}",
        "use": "para {0}",
        "about": "sobre {0}",
        "indicator": "{0}",
        "claimant": "según {0}",
        "speaker": "palabras de {0}",
        "promised": "prometido por {0}",
        "commitments": ("{n} compromiso", "{n} compromisos"),
        "events": ("{n} evento", "{n} eventos"),
        "passages": ("{n} pasaje", "{n} pasajes"),
        "of documents": ("de {n} documento", "de {n} documentos"),
        "told": "Aparece en {0}.",
    },
}
# Classes of other vocabularies that are the only ones of some things.
CLASSES = {
    SKOS + "Concept": {"en": "concept", "es": "concepto"},
    "http://purl.org/linked-data/cube#Observation": {"en": "observation of open data", "es": "observación de datos abiertos"},
    "http://purl.org/linked-data/cube#DataSet": {"en": "data set", "es": "conjunto de datos"},
    "http://rdfs.org/ns/void#Dataset": {"en": "data set", "es": "conjunto de datos"},
    RDF + "Statement": {"en": "statement on which an inference rests", "es": "enunciado en que se apoya una inferencia"},
}
# For each kind the parts of its sentence, in their order: which words, and the properties whose values they take.
PARTS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "country": (("located", ("inRegion",)), ("member", ("memberOf",)), ("party", ("partyTo",))),
    "person": (("holds", ("http://www.w3.org/ns/org#holds",)),),
    "post": (("post in", ("postIn",)),),
    "organisation": (("part", ("subOrganisationOf",)), ("located", ("locatedIn",)), ("member", ("memberOf",))),
    "agreement": (("parties", ("party",)), ("about", ("topic",))),
    "event": (("actors", ("actor",)), ("at", ("place", "locatedIn"))),
    "programme": (("operator", ("operator",)), ("use", ("usedFor", "objective"))),
    "system": (("operator", ("operator",)), ("users", ("user",)), ("use", ("usedFor",))),
    "place": (("located", ("locatedIn",)),),
    "figure": (("indicator", ("indicator",)), ("about", ("about",))),
    "claim": (("claimant", ("claimant",)), ("speaker", ("speaker",)), ("about", ("about", "topic"))),
    "group": (("part", ("subOrganisationOf",)), ("located", ("locatedIn",))),
    "thing": (("promised", ("committedParty",)), ("about", ("about", "topic"))),
}


def summary(entity: Entity, labels: Labels, known: Vocabulary, language: str, own: Mapping[str, list[str]]) -> str:
    """Return the sentence; `own` holds the values of the thing's own statements by property."""
    words = WORDS.get(language, WORDS["en"])
    for property in (SKOS + "definition", MIKG + "proposition", MIKG + "basis"):
        if property in own and entity.named.kind in ("concept", "term", "judgement"):
            return _text(entity, property, language) or own[property][0]
    parts = []
    wanted = [(key, [each if ":" in each else MIKG + each for each in properties]) for key, properties in PARTS.get(entity.named.kind, ())]
    names = labels.of({value for _, properties in wanted for each in properties for value in own.get(each, ()) if ":" in value}, language)
    for key, properties in wanted:
        values = list(dict.fromkeys(value for each in properties for value in own.get(each, ()) if value in names))
        if values:
            parts.append(words[key].format(listing([names[value].name for value in values], language)))
    if entity.named.kind == "post" and (holders := _holders(entity, labels, language)):
        parts.append(words["held"].format(listing(holders, language)))
    if when := _when(own):
        parts.append(words["on"].format(when))
    if promised := len(own.get(MIKG + "hasCommitment", ())):
        parts.append(_number(words["commitments"], promised))
    kinds = [known.name(each, language) or CLASSES.get(each, {}).get(language, "") for each in entity.classes]
    kind = listing([each for each in kinds if each][:2], language)
    whole = (f"{kind}{' ' if _joins(parts, words) else ', ' if parts else ''}" if kind else "") + ", ".join(parts)
    sentences = [whole[:1].upper() + whole[1:] + "."] if whole else []
    if entity.passages and entity.named.kind != "passage":
        told = f"{_number(words['passages'], entity.passages)} {_number(words['of documents'], entity.documents)}"
        sentences.append(words["told"].format(told))
    return " ".join(sentences)


def listing(names: Iterable[str], language: str) -> str:
    """Return names as one reads them aloud.

    >>> listing(["Panama", "Colombia"], "en"), listing(["a", "b", "c", "d", "e"], "es")
    ('Panama and Colombia', 'a, b, c y 2 más')
    """
    names = list(names)
    if len(names) > MOST + 1:
        names = [*names[:MOST], MORE.get(language, MORE["en"]).format(n=len(names) - MOST)]
    return AND.get(language, AND["en"]).join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _joins(parts: list[str], words: Mapping) -> bool:
    """Whether the first part goes on from the kind without a comma: `agreement between ...`."""
    openings = [words[key].partition("{")[0] for key in ("post in", "part", "located", "actors", "parties", "operator", "about", "use")]
    return bool(parts) and any(opening and parts[0].startswith(opening) for opening in openings)


def _holders(entity: Entity, labels: Labels, language: str) -> list[str]:
    iris = [
        value.term["value"]
        for block in entity.blocks
        if block.key == "posts"
        for node in block.nodes
        for line in node.lines
        if line.property == MIKG + "holder"
        for value in line.values
    ]
    return list(dict.fromkeys(named.name for named in labels.of(iris, language).values()))


def _when(own: Mapping[str, list[str]]) -> str:
    first, last = (next(iter(own.get(MIKG + name, ())), "") for name in ("earliest", "latest"))
    if not first:
        return ""
    if first[:4] == last[:4] and first[5:] == "01-01" and last[5:] == "12-31":
        return first[:4]
    return first if first == last else f"{first} – {last}"


def _number(forms: tuple[str, str], count: int) -> str:
    return forms[count != 1].format(n=count)


def _text(entity: Entity, property: str, language: str) -> str:
    texts = {
        value.term.get("xml:lang", ""): value.term["value"]
        for group in entity.groups
        for line in group.lines
        if line.property == property
        for value in line.values
    }
    return texts.get(language) or texts.get("en", "")
