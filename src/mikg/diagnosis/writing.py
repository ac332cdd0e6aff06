"""Patterns as SPARQL again: to be asked for, and to be shown."""

import re

from mikg.engine.tokens import TOKEN
from mikg.namespaces import RDF
from mikg.provenance.patterns import Bind, Closure, Filter, Graph, Group, Minus, Optional, Select, Triple, Union, Values, variables

SHOWN = 90  # characters of a pattern in a sentence


def text(part: object) -> str:
    """Return a part of a query as it is asked for; patterns into which a path was parted come back as such.

    >>> text(Group((Triple("?s", "mikg:party", "?o"),)))
    '{ ?s mikg:party ?o . }'
    """
    match part:
        case Triple():
            return f"{part.subject} {part.predicate} {part.object} ."
        case Closure():
            return f"{part.subject} ({part.path}){part.modifier} {part.object} ."
        case Group():
            return part.text or "{ " + " ".join(map(text, part.elements)) + " }"
        case Union():
            return " UNION ".join(map(text, part.groups))
        case Optional():
            return f"OPTIONAL {text(part.group)}"
        case Minus():
            return f"MINUS {text(part.group)}"
        case Graph():
            return f"GRAPH {part.name} {text(part.group)}"
        case Filter():
            return f"FILTER {part.expression.text}"
        case Bind():
            return f"BIND({part.expression.text} AS {part.variable})"
        case Values():
            return part.text
        case Select():
            return "{ " + part.text + " }"
    return ""


def shown(part: object) -> str:
    """Return a part as a reader wrote it.

    >>> shown(Triple("?s", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", "?m0x1"))
    '?s a []'
    """
    return short(re.sub(r"\?m\d+x\w+", "[]", text(part).removesuffix(" .").replace(f"<{RDF}type>", "a")))


def short(words: str) -> str:
    """Return words on one line, cut where they are many."""
    words = " ".join(words.split())
    return words if len(words) <= SHOWN else words[: SHOWN - 1] + "…"


def names(part: object) -> tuple[str, ...]:
    """Return the variables that a part speaks of."""
    match part:
        case Triple():
            return tuple(variables(part.subject, part.predicate, part.object))
        case Closure():
            return tuple(variables(part.subject, part.object))
        case Group() | Select() | Values():
            inner = tuple(name for each in getattr(part, "elements", ()) for name in names(each))
            return tuple(dict.fromkeys((*part.names, *inner)))
        case Union():
            return tuple(dict.fromkeys(name for group in part.groups for name in names(group)))
        case Optional() | Minus():
            return names(part.group)
        case Graph():
            return (*variables(part.name), *names(part.group))
        case Bind():
            return (part.variable,)
        case Filter():
            return tuple(f"?{each.group()[1:]}" for each in TOKEN.finditer(part.expression.text) if each.lastgroup == "variable")
    return ()
