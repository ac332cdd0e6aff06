"""Faults and diagnoses in the reader's language.

The lower floors say what is wrong in one English sentence, with names and places in it. The catalogues hold these sentences under the
context `said`, with {holes} where names stand; a sentence is known by its words around the holes. What a hole holds carries over as it is,
but for a hole that is called `said...`: a sentence of its own.
"""

import re
from functools import cache

from flask import Flask
from markupsafe import Markup, escape

from mikg.web.languages import catalogue, current_language

CONTEXT = "said"
HOLE = re.compile(r"\{(\w+)\}")
LONGEST = 1000  # characters of a sentence that is looked up
DEEPEST = 4  # sentences within a sentence


def register(app: Flask) -> None:
    """Offer `spoken(text)` to the templates: where a text has no translation it is marked as English."""
    app.jinja_env.globals["spoken"] = marked


def spoken(text: str, deep: int = DEEPEST) -> str:
    """Return the first line of a fault in the reader's language, the lines below it as they are; all as it is where it is not known."""
    first, newline, rest = str(text).partition("\n")
    if current_language() != "en" and deep and len(first) <= LONGEST:
        for sentence, translation in sentences(current_language()):
            if found := sentence.fullmatch(first):
                parts = {name: spoken(part, deep - 1) if name.startswith("said") else part for name, part in found.groupdict().items()}
                first = HOLE.sub(lambda hole, parts=parts: parts[hole[1]], translation)
                break
    return first + newline + rest


def marked(text: object) -> Markup:
    """Return the same for a page."""
    said = spoken(str(text))
    return Markup('<span lang="en">{}</span>').format(said) if current_language() != "en" and said == str(text) else escape(said)


@cache
def sentences(language: str) -> list[tuple[re.Pattern, str]]:
    """Return the sentences of a language with their translations, those with the most words of their own first.

    >>> sentence, translation = sentences("es")[-1]
    >>> HOLE.findall(translation)
    ['name']
    """
    given = [
        (key.partition("\x04")[2], text)
        for key, text in catalogue(language)._catalog.items()
        if isinstance(key, str) and key.startswith(CONTEXT + "\x04")
    ]
    given.sort(key=lambda each: (-len(HOLE.sub("", each[0])), each[0]))
    return [(re.compile(_pattern(sentence)), text) for sentence, text in given]


def _pattern(sentence: str) -> str:
    parts = HOLE.split(sentence)
    return "".join(f"(?P<{part}>.+?)" if number % 2 else re.escape(part) for number, part in enumerate(parts))
