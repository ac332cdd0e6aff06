"""Hold the graph against the texts that it was read from: places, digests, printed words, coverage.

Offsets are Unicode code points, start inclusive, end exclusive
(https://www.w3.org/TR/annotation-model/#text-position-selector).
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from rdflib import RDF, Literal, URIRef

from mikg.findings import Finding
from mikg.namespaces import DOCUMENT, MIKG, PREFIXES, SCHEMA, shorten
from mikg.sources import Sources, Statement

# The predicates whose literals stand in the text to the letter.
NAMED_AS, DATE_TEXT = URIRef(MIKG + "namedAs"), URIRef(MIKG + "dateText")
VERBATIM = (NAMED_AS, DATE_TEXT, URIRef(MIKG + "asPrinted"), URIRef(MIKG + "baseText"))
POSITION, START, END, SHA, DOCUMENT_OF, NO_STATEMENT, KEY = (
    URIRef(MIKG + name) for name in ("position", "characterStart", "characterEnd", "sha256", "document", "noStatement", "key")
)
CAPITALISED = re.compile(r"\b[A-ZÁÉÍÓÚÑ][\w]*(?:\.[A-Z])*")
DIGITS = re.compile(r"\d+(?:,\d{3}(?!\d))*(?:[.:]\d+)*")
OPENS_SENTENCE = re.compile(r"(?:^|[.!?:;•]|^[“\"‘(]|[.!?,:]\s*[“\"‘(])\s*[“\"‘(]?$")
NUMBER_WORDS = {
    word: value
    for value, words in enumerate(
        [
            "zero",
            "one,once,single",
            "two,both,twice",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten,tenfold",
            "eleven",
            "twelve,dozen",
        ]
    )
    for word in words.split(",")
}
SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9}
FUNCTION_WORDS = frozenset(
    [
        "a",
        "additional",
        "although",
        "an",
        "and",
        "as",
        "at",
        "both",
        "but",
        "by",
        "data",
        "during",
        "each",
        "for",
        "from",
        "having",
        "however",
        "if",
        "in",
        "indeed",
        "it",
        "its",
        "last",
        "likewise",
        "no",
        "not",
        "of",
        "on",
        "or",
        "over",
        "secure",
        "since",
        "such",
        "that",
        "the",
        "their",
        "there",
        "these",
        "they",
        "this",
        "those",
        "through",
        "to",
        "under",
        "up",
        "we",
        "when",
        "where",
        "whether",
        "while",
        "with",
    ]
)


@dataclass
class Passage:
    """A passage as the graph describes it, with what its own graph states; `text` is empty where the document is not at hand."""

    iri: URIRef
    document: str
    kind: str = ""
    start: int = -1
    end: int = -1
    sha256: str = ""
    no_statement: str = ""
    file: str = ""
    line: int = 0
    statements: list[Statement] = field(default_factory=list)
    text: str = ""

    def finding(self, rule: str, message: str, at: Statement | None = None) -> Finding:
        file, line = (at.file, at.line) if at else (self.file, self.line)
        return Finding(file, line, str(at.subject if at else self.iri), rule, message)


@dataclass(frozen=True)
class Coverage:
    """What of one document the graph accounts for; counts of passages, statements, printed figures and names."""

    document: str
    passages: int
    furniture: tuple[tuple[str, str], ...]  # passages that state nothing, each with the reason
    statements: int
    figures: int
    names: int
    uncovered: int
    checked: bool  # whether the text was at hand


def check(sources: Sources, documents: Path | None) -> tuple[list[Finding], list[Coverage]]:
    """Return what does not fit between graph and texts, in order, and the coverage of each document.

    `documents` is the folder of the texts (KEY.txt); without it only what needs no text is checked.
    """
    passages = read_passages(sources)
    texts, findings = _texts(sources, documents)
    by_document = defaultdict(list)
    for passage in passages:
        by_document[passage.document].append(passage)
    known = _names(sources)
    coverages = []
    for key in sorted(by_document):
        own = by_document[key]
        found = [finding for passage in own for finding in _structure(passage)]
        uncovered: list[Finding] = []
        counts = {"figures": 0, "names": 0}
        if text := texts.get(key):
            found += _places(own, text)
            for passage in own:
                found += _printed(passage)
                uncovered += _uncovered(passage, known, counts)
            found += _gaps(own, text, key)
        coverages.append(
            Coverage(
                key,
                len(own),
                tuple((shorten(str(passage.iri)), passage.no_statement) for passage in own if passage.no_statement),
                sum(len(passage.statements) for passage in own),
                counts["figures"],
                counts["names"],
                len(uncovered),
                key in texts,
            )
        )
        findings += found + uncovered
    return sorted(set(findings)), coverages


def read_passages(sources: Sources) -> list[Passage]:
    """Return the passages that the graph describes, in the order of document and position."""
    passages: dict[URIRef, Passage] = {}
    position: dict[URIRef, int] = {}
    described = defaultdict(dict)
    for each in sources.statements:
        if each.predicate == DOCUMENT_OF:
            passages[each.subject] = Passage(each.subject, str(each.object).removeprefix(DOCUMENT), file=each.file, line=each.line)
        described[each.subject].setdefault(each.predicate, each.object)
    for iri, passage in passages.items():
        facts = described[iri]
        passage.kind = str(facts.get(RDF.type, "")).removeprefix(MIKG)
        passage.start, passage.end = (_integer(facts.get(name)) for name in (START, END))
        passage.sha256 = str(facts.get(SHA, ""))
        passage.no_statement = str(facts.get(NO_STATEMENT, ""))
        position[iri] = _integer(facts.get(POSITION))
    for each in sources.statements:
        if passage := passages.get(URIRef(each.graph)):
            passage.statements.append(each)
    return sorted(passages.values(), key=lambda passage: (passage.document, position[passage.iri], passage.iri))


def _integer(term: Literal | None) -> int:
    return int(term) if term is not None and re.fullmatch(r"\d+", str(term)) else -1


def _texts(sources: Sources, folder: Path | None) -> tuple[dict[str, str], list[Finding]]:
    texts, findings = {}, []
    if folder is None:
        return texts, findings
    digests = {each.subject: each for each in sources.statements if each.predicate == SHA and str(each.subject).startswith(DOCUMENT)}
    for each in sources.statements:
        if each.predicate != KEY:
            continue
        path = folder / f"{each.object}.txt"
        try:
            data = path.read_bytes()
            texts[str(each.object)] = data.decode()
        except OSError:
            message = f"{path.name} is not among the texts; put it there, or check without --documents."
            findings.append(Finding(each.file, each.line, str(each.subject), "evidence-text", message))
            continue
        except UnicodeDecodeError:
            findings.append(Finding(each.file, each.line, str(each.subject), "evidence-text", f"{path.name} is not UTF-8."))
            continue
        digest = hashlib.sha256(data).hexdigest()
        stated = digests.get(each.subject)
        if stated is None or str(stated.object) != digest:
            line = stated.line if stated else each.line
            found = stated.object if stated else "none"
            message = f"the digest of {path.name} is {digest}, the graph says {found}: is it the same edition of the text?"
            findings.append(Finding(each.file, line, str(each.subject), "evidence-digest", message))
    return texts, findings


def _structure(passage: Passage) -> Iterator[Finding]:
    """What can be seen without the text: place, digest, and that a passage states something or says why not."""
    if not 0 <= passage.start < passage.end:
        yield passage.finding("evidence-place", "mikg:characterStart and mikg:characterEnd do not bound a piece of text.")
    if not re.fullmatch(r"[0-9a-f]{64}", passage.sha256):
        yield passage.finding("evidence-digest", "mikg:sha256 is not a SHA-256 in hexadecimal; mikg segment prints it.")
    if passage.statements and passage.no_statement:
        yield passage.finding("evidence-statement", "it has both statements and mikg:noStatement; keep one.")
    if not passage.statements and not passage.no_statement:
        yield passage.finding("evidence-statement", "nothing is stated for it: encode it, or give mikg:noStatement with the reason.")


def _places(passages: list[Passage], text: str) -> Iterator[Finding]:
    reached, before = 0, None
    for passage in sorted(passages, key=lambda passage: passage.start):
        if passage.end > len(text):
            yield passage.finding(
                "evidence-place", f"it ends at character {passage.end}, the document has {len(text)}; mikg segment prints the places."
            )
            continue
        if passage.start < 0 or passage.start >= passage.end:
            continue
        if passage.start < reached and before:
            yield passage.finding("evidence-place", f"it overlaps {shorten(str(before.iri))}, which ends at {reached}.")
        reached, before = max(reached, passage.end), passage
        passage.text = text[passage.start : passage.end]
        digest = hashlib.sha256(passage.text.encode()).hexdigest()
        if digest != passage.sha256:
            yield passage.finding(
                "evidence-digest",
                f"the text at {passage.start}-{passage.end} has digest {digest}, not the one given: the offsets are wrong.",
            )


def _gaps(passages: list[Passage], text: str, key: str) -> Iterator[Finding]:
    """Words that stand in no passage."""
    covered = bytearray(len(text))
    for passage in passages:
        if passage.text:
            covered[passage.start : passage.end] = b"\1" * (passage.end - passage.start)
    for word in re.finditer(r"[^\W_]{2,}", text):
        if not any(covered[word.start() : word.end()]):
            before = [passage for passage in passages if 0 <= passage.start <= word.start()]
            at = before[-1] if before else passages[0]
            yield at.finding("evidence-gap", f"{word.group()!r} at character {word.start()} of {key} stands in no passage.")


def _printed(passage: Passage) -> Iterator[Finding]:
    """Printed words that the text does not have, and values that the printed words do not bear out."""
    if not passage.text:
        return
    values = {each.subject: each for each in passage.statements if str(each.predicate) == SCHEMA + "value"}
    for each in passage.statements:
        if each.predicate not in VERBATIM:
            continue
        if not _occurrences(str(each.object), passage.text):
            message = f"{shorten(str(each.predicate))} {str(each.object)!r} does not stand in the passage; copy it to the letter."
            yield passage.finding("evidence-printed", message, each)
        elif str(each.predicate) == MIKG + "asPrinted" and (value := values.get(each.subject)):
            numbers = _numbers(str(each.object))
            if numbers and Decimal(str(value.object)) not in numbers:
                found = ", ".join(str(number) for number in numbers)
                yield passage.finding("evidence-value", f"its value is {value.object}, the printed words say {found}.", value)


def _occurrences(string: str, text: str) -> list[tuple[int, int]]:
    """Return where a string stands in a text, not inside a longer word; every kind of white space is a space."""
    pattern = r"\s+".join(re.escape(word) for word in string.split())
    return [match.span() for match in re.finditer(rf"(?<!\w){pattern}(?!\w)", text)] if pattern else []


def _numbers(words: str) -> list[Decimal]:
    """Return the numbers that a printed quantity names.

    >>> _numbers("more than $13 billion")
    [Decimal('13000000000')]
    >>> _numbers("six")
    [Decimal('6')]
    """
    found = []
    for match in re.finditer(r"(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)(?:\s+(?P<scale>thousand|million|billion))?", words):
        found.append(Decimal(match["number"].replace(",", "")) * SCALES.get(match["scale"], 1))
    return found or [Decimal(NUMBER_WORDS[word]) for word in re.findall(r"[a-z]+", words.lower()) if word in NUMBER_WORDS]


@dataclass(frozen=True)
class Names:
    """All names and labels of the graph: by their first word, and those of each named thing."""

    by_word: dict[str, tuple[str, ...]]
    of_things: dict[URIRef, tuple[str, ...]]


def _names(sources: Sources) -> Names:
    naming = {PREFIXES["skos"] + "prefLabel", PREFIXES["skos"] + "altLabel", MIKG + "acronym", MIKG + "namedAs"}
    by_word, of_things = defaultdict(set), defaultdict(set)
    for each in sources.statements:
        if str(each.predicate) in naming and each.object.language in (None, "en"):
            of_things[each.subject].add(str(each.object))
            if first := CAPITALISED.match(str(each.object)):
                by_word[first.group()].add(str(each.object))
    named = {each.subject for each in sources.statements if each.predicate == NAMED_AS}
    return Names(
        {word: tuple(sorted(found)) for word, found in by_word.items()},
        {thing: tuple(sorted(found)) for thing, found in of_things.items() if thing in named},
    )


def _uncovered(passage: Passage, known: Names, counts: dict[str, int]) -> Iterator[Finding]:
    """Digits and names of the text that no printed words of the passage's graph account for."""
    if not passage.text or passage.no_statement:
        return
    for kind, pattern in (("figures", DIGITS), ("names", CAPITALISED)):
        # A name stands in a mikg:namedAs: that it is also part of a printed title or quantity does not tie it to its thing.
        covered = _covered(passage, VERBATIM if kind == "figures" else (NAMED_AS, DATE_TEXT))
        for match in pattern.finditer(passage.text):
            if kind == "names" and not _is_name(match, passage.text, known):
                continue
            counts[kind] += 1
            if not all(covered[match.start() : match.end()]):
                how = (
                    "a figure's mikg:asPrinted or a mikg:dateText"
                    if kind == "figures"
                    else "a mikg:namedAs (a month or weekday: a mikg:dateText)"
                )
                yield passage.finding(
                    f"coverage-{kind}", f"{match.group()!r} at character {passage.start + match.start()} is in no statement; give it {how}."
                )
    yield from _unnamed(passage, known)


def _covered(passage: Passage, predicates: tuple[URIRef, ...]) -> bytearray:
    """Return a byte for each character of the passage's text: 1 where words of these predicates stand."""
    covered = bytearray(len(passage.text))
    for each in passage.statements:
        if each.predicate in predicates:
            for start, end in _occurrences(str(each.object), passage.text):
                covered[start:end] = b"\1" * (end - start)
    return covered


def _unnamed(passage: Passage, known: Names) -> Iterator[Finding]:
    """Things of which the passage's graph speaks and whose name stands in the text, without a mikg:namedAs: a name within a longer one."""
    named = {each.subject for each in passage.statements if each.predicate == NAMED_AS}
    things = {term for each in passage.statements for term in (each.subject, each.object) if term in known.of_things}
    for thing in sorted(things - named):
        for name in known.of_things[thing]:
            if name[:1].isupper() and re.search(rf"(?<!\w){re.escape(name)}(?:n|nian|ian)?(?!\w)", passage.text):
                yield passage.finding(
                    "coverage-names",
                    f"{shorten(str(thing))} has a part in its statements and {name!r} stands in its text; give it a mikg:namedAs.",
                )
                break


def _is_name(match: re.Match, text: str, known: Names) -> bool:
    """Whether a capitalised word is (the beginning of) a name; at the head of a sentence it is one only if such a name is known."""
    word = match.group()
    if not OPENS_SENTENCE.search(text[: match.start()]):
        return word != "I"
    if word.lower() in FUNCTION_WORDS:
        return False
    return (len(word) > 1 and word.isupper()) or any(
        re.match(rf"{re.escape(name)}(?!\w)", text[match.start() :]) for name in known.by_word.get(word, ())
    )
