"""The search index of a release: one record for each thing that has a name or a text, kept by tantivy (https://docs.rs/tantivy)."""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import tantivy

from mikg import queries, spelling
from mikg.labels import KINDS, OTHER
from mikg.namespaces import BASE, DCTERMS, DOCUMENT, EXTERNAL, ID, MIKG, RDF, SKOS
from mikg.settings import Settings

FOLDER = "search"
QUESTION = BASE + "questions/"
HEAP = 256 << 20  # bytes that the writer may hold
LONGEST = 255  # bytes of a word; longer ones are cut by the index and never found

# What a property says of a thing: a name of it, in this role, or a text about it.
NAMES = {
    SKOS + "prefLabel": "name",
    DCTERMS + "title": "name",
    MIKG + "acronym": "acronym",
    SKOS + "altLabel": "alias",
    MIKG + "namedAs": "printed",
    MIKG + "asPrinted": "printed",
}
# Codes of the thing in lists of others, from whatever graph gives them.
CODES = ("iso3166Alpha2", "iso3166Alpha3", "iso3166Numeric", "m49", "unhcrCode", "worldBankCode", "unLocode", "iataCode", "icaoCode")
TEXTS = (MIKG + "gist", MIKG + "proposition", SKOS + "definition", DCTERMS + "description", MIKG + "basis", SKOS + "scopeNote")
# What a reader most likely means by a name, before how often the passages speak of it.
WEIGHTS = {"country": 3, "question": 0.9, "term": 0.8, "passage": 0.7, "figure": 0.7, "claim": 0.7, "judgement": 0.5, OTHER: 0.6}
STEMMERS = {
    language: tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).filter(tantivy.Filter.stemmer(name)).build()
    for language, name in (("en", "english"), ("es", "spanish"))
}


@dataclass(frozen=True)
class Name:
    """One name of a thing: its role (name, acronym, alias, printed, code), its language and, where one prints it, the passage."""

    text: str
    role: str
    language: str = ""
    passage: str = ""


@dataclass
class Record:
    """All that the index holds of one thing."""

    iri: str
    kind: str
    names: list[Name] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)  # language to text
    classes: list[str] = field(default_factory=list)
    weight: float = 1.0


def product(settings: Settings, place: Path, store: object, say: Callable[[str], None]) -> None:
    """Write the search index of a release."""
    say("writing the search index ...")
    write(place, [*records(store), *questions(settings.sources)])


def write(place: Path, records: Iterable[Record]) -> int:
    """Write the index of these records below a folder, in one segment; return how many there are."""
    folder = place / FOLDER
    folder.mkdir()
    writer = (index := tantivy.Index(schema(), str(folder))).writer(HEAP, 1)
    count = 0
    for count, record in enumerate(records, 1):  # noqa: B007 (the count is what is returned)
        writer.add_document(_document(record))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return count


def schema() -> tantivy.Schema:
    """Return the fields: words of names, whole names, stems of texts, and what is shown."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("iri", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("kind", stored=True, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("class", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("name", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("acronym", tokenizer_name="whitespace", index_option="basic")
    builder.add_text_field("whole", tokenizer_name="whitespace", index_option="basic")
    for language in STEMMERS:
        builder.add_text_field(f"text_{language}", tokenizer_name="whitespace", index_option="freq")
    builder.add_float_field("weight", fast=True)
    builder.add_bytes_field("shown", stored=True)
    return builder.build()


def stems(words: Iterable[str], language: str) -> list[str]:
    """Return the words without their endings, in the language of the text.

    >>> stems(["agreements", "signed"], "en")
    ['agreement', 'sign']
    """
    return STEMMERS.get(language[:2], STEMMERS["en"]).analyze(" ".join(words))


def whole(words: list[str]) -> list[str]:
    """Return a name as single terms: its words run together, as they stand and sorted."""
    return sorted({key for order in (words, sorted(words)) if 0 < len(key := "".join(order)) <= LONGEST})


def records(store: object) -> Iterator[Record]:
    """Return a record for each named thing of the default graph, in the order of the IRIs."""
    import pyoxigraph as ox

    found: dict[str, Record] = {}
    merge = ox.DefaultGraph()

    def of(node: object) -> Record | None:
        if not isinstance(node, ox.NamedNode):
            return None
        return found.setdefault(node.value, Record(node.value, OTHER))

    for predicate, role in NAMES.items():
        for quad in store.quads_for_pattern(None, ox.NamedNode(predicate), None, None):
            graph = getattr(quad.graph_name, "value", "")
            # Where a passage prints a name, that passage is its reason; what no passage prints comes from the merge, and other
            # names of our things from open data too.
            foreign = role == "alias" and graph.startswith(EXTERNAL) and quad.subject.value.startswith(ID)
            if graph.startswith(DOCUMENT) if role == "printed" else quad.graph_name == merge or foreign:
                _add_name(of(quad.subject), quad.object, role, graph if role == "printed" else "")
    for code in CODES:
        for quad in store.quads_for_pattern(None, ox.NamedNode(MIKG + code), None, None):
            if quad.subject.value.startswith(ID):
                _add_name(of(quad.subject), quad.object, "code", "")
    for predicate in TEXTS:
        for quad in store.quads_for_pattern(None, ox.NamedNode(predicate), None, merge):
            if (record := of(quad.subject)) and isinstance(quad.object, ox.Literal):
                language = quad.object.language or "en"
                record.texts[language] = f"{record.texts[language]} {quad.object.value}" if language in record.texts else quad.object.value
    classes: dict[str, set[str]] = defaultdict(set)
    for quad in store.quads_for_pattern(None, ox.NamedNode(RDF + "type"), None, merge):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            classes[quad.subject.value].add(quad.object.value)
    spoken = _spoken_of(store)
    for iri in sorted(found):
        record = found[iri]
        record.classes = sorted(classes[iri])
        # A concept of the ontology is read there, among its terms.
        record.kind = (
            "term" if iri.startswith(MIKG) else next((kind for kind, covered in KINDS.items() if classes[iri] & set(covered)), OTHER)
        )
        record.weight = WEIGHTS.get(record.kind, 1.0) * (1 + math.log1p(spoken[iri]) / 4)
        if not record.names:
            # A passage or claim is called by what it says.
            record.names = [Name(text, "text", language) for language, text in record.texts.items()]
        if record.names and iri.startswith(BASE):
            record.names.sort(key=lambda each: (_ROLES.index(each.role), each.language, each.text, each.passage))
            yield record


_ROLES = ("name", "acronym", "alias", "printed", "code", "text")


def questions(root: Path) -> Iterator[Record]:
    """Return a record for each competency question."""
    for name, question in queries.catalogue(root).items():
        names, texts = [Name(question.title, "name", "en")], {"en": question.description}
        for language in STEMMERS:
            told = queries.translations(language)
            if question.title in told:
                names.append(Name(told[question.title], "name", language))
            if question.description in told:
                texts[language] = told[question.description]
        yield Record(QUESTION + name, "question", names, texts, [], WEIGHTS["question"])


def _add_name(record: Record | None, value: object, role: str, passage: str) -> None:
    text = getattr(value, "value", "").strip()
    if record is None or not text:
        return
    language = getattr(value, "language", None) or ""
    for known in record.names:
        # An acronym is an alternative label too, and a name is printed in many passages: each is told once, by its first reason.
        if known.text == text and (
            known.role == role in ("printed", "code")
            or (known.role, known.language, role) == ("alias", language, "alias")
            or (known.role, role) == ("acronym", "alias")
        ):
            return
    record.names.append(Name(text, role, language, passage))


def _spoken_of(store: object) -> Counter:
    """How many passages speak of each IRI."""
    import pyoxigraph as ox

    count: Counter = Counter()
    for graph in store.named_graphs():
        if graph.value.startswith(DOCUMENT):
            terms = {term for quad in store.quads_for_pattern(None, None, None, graph) for term in (quad.subject, quad.object)}
            count.update(term.value for term in terms if isinstance(term, ox.NamedNode))
    return count


def _document(record: Record) -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("iri", record.iri)
    document.add_text("kind", record.kind)
    for each in record.classes:
        document.add_text("class", each)
    keys: set[str] = set()
    for name in record.names:
        words = spelling.words(name.text)
        if name.role == "text":
            continue
        if name.role != "code":
            document.add_text("name", " ".join(words))
            # Who types the plural means the singular too.
            if name.role == "name":
                language = name.language if name.language in STEMMERS else "en"
                document.add_text(f"text_{language}", " ".join(stems(words, language)))
        keys.update(whole(words))
        if name.role in ("acronym", "code") or name.text.isupper():
            document.add_text("acronym", "".join(words))
    for key in sorted(keys):
        document.add_text("whole", key)
    for language, text in record.texts.items():
        document.add_text(f"text_{language if language in STEMMERS else 'en'}", " ".join(stems(spelling.words(text), language)))
    document.add_float("weight", record.weight)
    shown = {
        "names": [[each.text, each.role, each.language, each.passage] for each in record.names],
        "texts": record.texts,
        "classes": record.classes,
        "weight": record.weight,
    }
    document.add_bytes("shown", json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode())
    return document
