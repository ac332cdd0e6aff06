"""Names for all that a page shows, asked for in one batch; `_parts.html` makes chips and cells of them."""

import re
from collections.abc import Iterable, Iterator, Mapping

from flask import Flask, current_app
from markupsafe import Markup

from mikg.answers import Table
from mikg.cited import Cited
from mikg.labels import Named
from mikg.namespaces import shorten
from mikg.web import addresses
from mikg.web.languages import current_language, number, told


def register(app: Flask) -> None:
    """Offer `names(...)`, `property_name(iri, named)`, `column_name(variable)`, `page(iri)`, `curie(iri)`, `is_number(term)` and `long_number(text)` to the templates."""
    app.jinja_env.globals.update(
        names=names,
        property_name=property_name,
        column_name=column_name,
        page=addresses.page,
        curie=shorten,
        is_number=is_number,
        long_number=long_number,
    )


def names(*shown: object) -> dict[str, Named]:
    """Return a name for each IRI in tables, cited answers, rows, terms of JSON results, or plain IRIs."""
    return current_app.labels.of(dict.fromkeys(_iris(shown)), current_language())


def property_name(iri: str, named: Mapping[str, Named]) -> str:
    """Return what a property is called; one that the graph has no name for by the words of its IRI.

    >>> property_name("https://schema.org/maxValue", {})
    'max value'
    """
    found = named.get(iri)
    local = re.split(r"[/#]", iri)[-1]
    return found.name if found and found.known else _words(local)


def column_name(variable: str) -> Markup:
    """Return a variable of a query as the words of a heading: those of a name in camel case, apart.

    >>> column_name("independentSources")
    Markup('independent sources')
    """
    return told(_words(variable).replace("_", " "), "column")


def is_number(term: Mapping[str, str]) -> bool:
    """Whether a term is a literal that reads as a number.

    >>> is_number({"type": "literal", "value": "-3.5", "datatype": "http://www.w3.org/2001/XMLSchema#decimal"})
    True
    >>> is_number({"type": "literal", "value": "2017", "datatype": "http://www.w3.org/2001/XMLSchema#gYear"})
    False
    """
    datatype = term.get("datatype", "")
    return not datatype.endswith(("gYear", "string")) and bool(datatype) and bool(re.fullmatch(r"-?\d+(\.\d+)?", term["value"]))


def long_number(text: str) -> str:
    """Return a number of an answer as the reader's language writes it; its thousands apart from five digits on, as years and codes have fewer.

    >>> long_number("2021"), long_number("133726"), long_number("0.5")
    ('2021', '133,726', '0.5')
    """
    return text if re.fullmatch(r"-?\d{1,4}", text) else number(text)


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _iris(shown: object) -> Iterator[str]:
    if isinstance(shown, str):
        if shown:
            yield shown
    elif isinstance(shown, Cited):
        yield from _iris(shown.table)
    elif isinstance(shown, Table):
        yield from _iris(shown.rows)
    elif isinstance(shown, Mapping):
        if "type" in shown and isinstance(shown.get("value"), str):
            if shown["type"] == "uri":
                yield shown["value"]
        else:
            yield from _iris(shown.values())
    elif isinstance(shown, Iterable):
        for each in shown:
            yield from _iris(each)
