"""What can be asked of a question: the values of a parameter for which it has an answer, and the one that a name stands for."""

from collections.abc import Mapping

from mikg import answers, spelling
from mikg.engine import Engine, Query
from mikg.engine.tokens import Token, tokens_of
from mikg.errors import Misuse, QueryError
from mikg.labels import KINDS, Labels, Named
from mikg.mappings import pages
from mikg.queries import Parameter, Question

MOST = 400  # values that are offered


def values(engine: Engine, question: Question, parameter: Parameter) -> tuple[str, ...]:
    """Return the IRIs for which the question has an answer, else those of the kind of its default, A to Z."""
    if parameter.type != "iri":
        return ()
    try:
        found = _iris(engine, Query(_asking(question.text, parameter.name)), parameter.name)
    except QueryError:
        found = ()
    return found or _like(engine, parameter.term(parameter.default)["value"])


def meant(engine: Engine, question: Question, given: Mapping[str, str]) -> dict[str, str]:
    """Return given values; an address of a page, or a term of another graph, as the thing that it means."""
    iris = {parameter.name for parameter in question.parameters if parameter.type == "iri"}
    return {name: pages.meant(value, lambda: pages.elsewhere(engine)) if name in iris else value for name, value in given.items()}


def resolve(parameter: Parameter, given: str, offered: Mapping[str, Named]) -> str:
    """Return what the query takes for a given value: a name of something that is offered becomes its IRI, all else stays.

    `Misuse` offers the nearest where a name has blanks, and so cannot be the last part of an IRI, but nothing bears it.
    """
    if parameter.type != "iri" or ":" in given:
        return given
    folded = spelling.fold(given.strip())
    for iri, each in offered.items():
        if spelling.fold(each.name) == folded:
            return iri
    if not given.strip() or not any(letter.isspace() for letter in given.strip()):
        return given
    names = sorted({each.name for each in offered.values()})
    near = spelling.nearest(given, names)
    hint = f"the nearest: {', '.join(near)}" if near else f"it takes a name or an IRI such as {parameter.default}"
    raise Misuse(f"{parameter.name} is {given[:200]!r}, and nothing of that name has an answer here; {hint}.")


def _like(engine: Engine, iri: str) -> tuple[str, ...]:
    kind = Labels(engine).of([iri])[iri].kind
    classes = " ".join(f"<{each}>" for each in KINDS.get(kind, ()))
    return _iris(
        engine, Query(f"SELECT DISTINCT ?thing {{ VALUES ?class {{ {classes} }} ?thing a ?class }} ORDER BY ?thing LIMIT {MOST}"), "thing"
    )


def _iris(engine: Engine, query: Query, variable: str) -> tuple[str, ...]:
    return tuple(row[variable]["value"] for row in answers.run(engine, query).rows if row.get(variable, {}).get("type") == "uri")


def _asking(text: str, variable: str) -> str:
    """Return a query for the values that a variable takes in the pattern of another."""
    tokens = tokens_of(text)
    select = next((place for place, token in enumerate(tokens) if token.keyword in ("SELECT", "ASK")), 0)
    opening = next((place for place in range(select, len(tokens)) if _is(tokens[place], "{")), len(tokens))
    depth, closing = 0, opening
    for closing in range(opening, len(tokens)):
        depth += _is(tokens[closing], "{") - _is(tokens[closing], "}")
        if depth == 0:
            break
    if opening == len(tokens) or depth:
        return text
    start, end = tokens[opening].start, tokens[closing].start + 1
    prologue = text[: tokens[select].start]
    # Only IRIs are offered; literals would take their places within the limit, and those of many types have no order for the engine.
    asked = f"{{ {text[start:end]} FILTER(isIRI(?{variable})) }}"
    return f"{prologue}SELECT DISTINCT ?{variable} WHERE {asked} ORDER BY ?{variable} LIMIT {MOST}"


def _is(token: Token, mark: str) -> bool:
    return token.kind == "mark" and token.text == mark
