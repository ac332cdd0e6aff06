"""What a worker found wrong, in our words."""

import re

from mikg.engine import grammar
from mikg.engine.tokens import line_column
from mikg.errors import QueryError, Refused, TooLarge
from mikg.settings import Settings

WINDOW = 100  # signs of a line that an error shows on each side of its place


def fault(header: dict, settings: Settings, text: str) -> QueryError:
    """Return the error that the header of a worker's answer tells, for the query `text`."""
    kind, message = header["fault"], header.get("message", "")
    if kind == "size":
        limit = settings.answer_bytes
        return TooLarge(f"The answer has more than {limit} bytes. Add a LIMIT, ask for fewer columns, or download the whole graph.")
    if kind == "rows":
        return too_many_rows(settings.answer_rows)
    if kind == "xml":
        return not_in_xml()
    if kind == "syntax":
        return _syntax(text, message)
    if "service" in message.lower():
        return Refused("Not done: this endpoint opens no connection.")
    return QueryError(f"The query cannot be answered: {message}")


def not_in_xml() -> QueryError:
    """Return the error of an answer that XML cannot hold."""
    return QueryError("The answer holds a control character, which XML cannot; ask for it as JSON, CSV or TSV.")


def too_many_rows(limit: int) -> TooLarge:
    """Return the error of an answer that has more rows, or triples, than the limit."""
    return TooLarge(
        f"The answer has more than {limit} rows. Add a LIMIT, ask in parts by ORDER BY with LIMIT and OFFSET, or download the whole graph."
    )


# What Oxigraph finds wrong beyond the grammar, in our words.
PHRASES = {
    "The SELECT contains a variable that is unbound": "with GROUP BY or an aggregate such as COUNT, each column is grouped by or computed; add the "
    "others to GROUP BY",
    "SELECT * is not authorized with GROUP BY": "SELECT * cannot stand with GROUP BY; name the columns",
    "The SELECT overrides an existing variable": "a variable after AS has a value already; choose a new name",
    "IRI parsing failed": "an IRI holds a sign that it cannot, such as a space",
}


def _syntax(text: str, message: str) -> QueryError:
    """Return the error in plain words with its place marked, and what the engine said as details."""
    if found := grammar.fault(text):
        line, column, said = *line_column(text, found.start), found.said
    else:
        place = re.match(r"error at (\d+):(\d+): ", message)
        line, column = (int(place[1]), int(place[2])) if place else (1, 1)
        said = next(
            (plain for phrase, plain in PHRASES.items() if phrase in message),
            "something is not as the grammar of SPARQL has it, here or shortly before",
        )
    shown = text.split("\n")[min(line, text.count("\n") + 1) - 1]
    cut = max(0, column - WINDOW)
    shown = shown[cut : column + WINDOW].replace("\t", " ")
    return QueryError(f"The query does not parse at line {line}, column {column}: {said}.\n{shown}\n{' ' * (column - 1 - cut)}^", message)
