"""Cut a plain text into passages: the skeleton from which a curator encodes a new document.

A passage is the smallest piece of text that states something by itself. Offsets are Unicode code
points in the decoded file, start inclusive and end exclusive, as in the Web Annotation model
(https://www.w3.org/TR/annotation-model/#text-position-selector).
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

# A full stop that ends no sentence: initials, abbreviations and the dots inside "U.S."
ABBREVIATION = re.compile(r"(?:\b[A-Z]|\b(?:Mr|Mrs|Ms|Dr|No|St|vs|etc|Gen|Sen|Rep))\.$")
SENTENCE_END = re.compile(r"[.!?][”\"’)]*\s+(?=[“\"‘(]?[A-ZÁÉÍÓÚÑ0-9])")
RUN_IN_HEADING = re.compile(r"(?P<title>[A-Z0-9][^.:;]{2,80}:)\s{2,}(?=\S)")
ARRAY = re.compile(r'"(?P<name>\w+)":\[[^\[\]]*\]')
PAIRS = re.compile(r"\[\[.*\]\]")
BULLET = re.compile(r"\s*•\s*")


@dataclass(frozen=True)
class Span:
    """One passage of a text: its local name, its kind (a class of the ontology) and where it stands."""

    name: str
    kind: str
    start: int
    end: int
    sha256: str


def digest(text: str) -> str:
    """Return the SHA-256 of a piece of text as UTF-8, in hexadecimal.

    >>> digest("Panama")[:8]
    'c3668f58'
    """
    return hashlib.sha256(text.encode()).hexdigest()


def segment(text: str) -> list[Span]:
    """Return the passages of a text in reading order; a text without a visible character has none.

    Kinds are guesses from the form of a line, for a curator to correct.

    >>> [(span.name, span.kind) for span in segment("A heading\\n\\nIt rained. It stopped.\\n• One item")]
    [('p1', 'Heading'), ('p2-s1', 'Sentence'), ('p2-s2', 'Sentence'), ('p3', 'ListItem')]
    """
    spans = []
    offset = 0
    number = 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            number += 1
            for name, kind, start, end in _block(line):
                piece = line[start:end]
                start += len(piece) - len(piece.lstrip())
                end -= len(piece) - len(piece.rstrip())
                name = f"p{number}-{name}" if name else f"p{number}"
                spans.append(Span(name, kind, offset + start, offset + end, digest(line[start:end])))
        offset += len(line)
    return spans


def _block(line: str) -> Iterator[tuple[str, str, int, int]]:
    """Yield name, kind, start and end of the passages of one line, before white space is trimmed."""
    if arrays := list(ARRAY.finditer(line)):
        if line[: line.index("{")].strip():
            yield "label", "Heading", 0, line.index("{")
        for number, array in enumerate(arrays, 1):
            yield f"{array['name']}-{number}", "ChartSeries", *array.span()
    elif PAIRS.search(line):
        yield "", "ChartSeries", 0, len(line)
    elif bullet := BULLET.match(line):
        yield "", "ListItem", bullet.end(), len(line)
    elif re.match(r"\s*\d[\d,.]*\s", line) and not RUN_IN_HEADING.match(line):
        yield "", "ListItem", 0, len(line)
    elif not re.search(r"[.!?][”\"’)]*\s*$", line):
        yield "", "Heading", 0, len(line)
    else:
        start = 0
        if heading := RUN_IN_HEADING.match(line):
            yield "h", "Heading", heading.start("title"), heading.end("title")
            start = heading.end()
        for number, (begin, end) in enumerate(_sentences(line, start), 1):
            yield f"s{number}", "Sentence", begin, end


def _sentences(line: str, start: int) -> Iterator[tuple[int, int]]:
    begin = start
    for end in SENTENCE_END.finditer(line, start):
        if not ABBREVIATION.search(line[begin : end.start() + 1]) or line[end.start() + 1 : end.start() + 2] in '”"':
            yield begin, end.end()
            begin = end.end()
    if line[begin:].strip():
        yield begin, len(line)


SKELETON = """\
graph:documents {{
    s:{name}
        a mikg:{kind} ;
        mikg:document doc:{key} ;
        dcterms:isPartOf {parent} ;
        mikg:position {position} ;
        mikg:characterStart {start} ;
        mikg:characterEnd {end} ;
        mikg:sha256 "{sha256}" ;
        mikg:gist ""@en ;
    .
}}

s:{name} {{
}}
"""


def skeleton(text: str, key: str, base: str) -> str:
    """Return the TriG in which a curator encodes the text: each passage placed, gists and statements empty.

    `key` names the document, `base` is the start of all IRIs of the project.
    """
    parts = [
        f"@prefix dcterms: <http://purl.org/dc/terms/> .\n@prefix doc:     <{base}document/> .\n"
        f"@prefix graph:   <{base}graph/> .\n@prefix id:      <{base}id/> .\n"
        f"@prefix mikg:    <{base}ontology#> .\n@prefix s:       <{base}document/{key}/> .\n"
    ]
    seen: set[str] = set()
    for position, span in enumerate(segment(text), 1):
        block, _, inner = span.name.partition("-")
        parent = f"s:{block}" if inner else f"doc:{key}"
        if inner and block not in seen:
            seen.add(block)
            parts.append(f"graph:documents {{\n    s:{block} a mikg:Paragraph ; dcterms:isPartOf doc:{key} .\n}}\n")
        parts.append(SKELETON.format(key=key, parent=parent, position=position, **vars(span)))
    return "\n".join(parts)
