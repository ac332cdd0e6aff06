"""The competency questions: files of queries/, each a SPARQL query with its title, description and typed parameters in its head.

    #+ title: Agreements of a country
    #+ description: Which agreements is a country party to, and which passage says so?
    #+ parameters:
    #+   country: {type: iri, default: "id:panama", description: "a country of the graph"}

`start: true` puts a question among those that the first page offers; `group:` is one of GROUPS. A head is YAML behind `#+`, the convention of grlc (https://grlc.io). A parameter is a variable of the query: its value enters
as a binding, never as text.
"""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

import yaml

from mikg import spelling
from mikg.engine import Query
from mikg.errors import Misuse, NotFound, SourceError
from mikg.namespaces import ID, XSD, expand

TYPES = {
    "iri": "an IRI or CURIE such as id:panama",
    "text": "any text",
    "language": "a language tag such as en",
    "integer": "a whole number",
    "decimal": "a number such as 3.5",
    "date": "a date such as 2022-02-01",
    "year": "a year such as 2017",
}


# What a question is about, in the order of the pages.
GROUPS = ("actors", "events", "agreements", "movements", "figures", "claims", "disagreements", "documents", "names", "ontology", "other")


@dataclass(frozen=True)
class Parameter:
    """One parameter of a question: a variable of its query, with the type of its values and a default."""

    name: str
    type: str
    default: str
    description: str = ""

    def term(self, value: str) -> dict[str, str]:
        """Return the value as an RDF term (as in SPARQL JSON results); `Misuse` says what would fit."""
        try:
            return _TERMS[self.type](value)
        except (ValueError, InvalidOperation):
            raise Misuse(
                f"{self.name} is {value!r}; it takes {TYPES[self.type].partition(' such as ')[0]}, such as {self.default}."
            ) from None


@dataclass(frozen=True)
class Question:
    """One competency question."""

    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    text: str
    start: bool = False  # a question to start from
    group: str = "other"

    def bindings(self, given: Mapping[str, str]) -> dict[str, dict[str, str]]:
        """Return a term for each parameter; `Misuse` for a parameter that the question does not have."""
        names = [parameter.name for parameter in self.parameters]
        for name in given:
            if name not in names:
                has = "its parameters: " + ", ".join(names) if names else "it has none"
                raise Misuse(f"the question {self.name} has no parameter {name!r}; {has}.")
        return {each.name: each.term(given.get(each.name, each.default)) for each in self.parameters}


def catalogue(root: Path) -> dict[str, Question]:
    """Return the questions below a root by name, A to Z; `SourceError` names the file and line of a broken head."""
    return {path.stem: read(path, path.relative_to(root).as_posix()) for path in sorted(root.glob("queries/*.rq"))}


def search(questions: Mapping[str, Question], words: str, language: str = "en") -> list[Question]:
    """Return the questions that have each of the words in their name, title or description, in English or in `language`, A to Z."""
    wanted = [spelling.fold(word) for word in words.split()]
    told = translations(language)

    def text(each: Question) -> str:
        return spelling.fold(" ".join((each.name, each.title, each.description, told.get(each.title, ""), told.get(each.description, ""))))

    return [each for each in questions.values() if all(word in text(each) for word in wanted)]


@cache
def translations(language: str) -> dict[str, str]:
    """Return the titles and descriptions of the catalogue in another language, by those in English; nothing where there are none."""
    from babel.messages.pofile import read_po

    file = Path(__file__).parent / "web" / "translations" / language / "catalogue.po"
    if not file.is_file():
        return {}
    with open(file, "rb") as text:
        return {each.id: each.string for each in read_po(text, locale=language) if each.id and isinstance(each.string, str) and each.string}


def find(questions: Mapping[str, Question], name: str) -> Question:
    """Return the question of this name; `NotFound` offers the nearest."""
    name = name.removesuffix(".rq")
    if name in questions:
        return questions[name]
    near = spelling.nearest(name, questions)
    hint = f"the nearest: {', '.join(near)}" if near else "list them with: mikg questions"
    raise NotFound(f"no question is called {name!r}; {hint}")


def read(path: Path, name: str) -> Question:
    """Return the question of one file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise SourceError(f"{name}: it cannot be read ({fault}).") from None
    head = "\n".join(line[2:].removeprefix(" ") if line.startswith("#+") else "" for line in text.splitlines())
    try:
        facts = yaml.safe_load(head) or {}
    except yaml.YAMLError as fault:
        line = getattr(getattr(fault, "problem_mark", None), "line", 0) + 1
        raise SourceError(f"{name}:{line}: the head (lines that begin with #+) is not YAML: {getattr(fault, 'problem', fault)}.") from None
    for key in ("title", "description"):
        if not isinstance(facts, dict) or not isinstance(facts.get(key), str):
            raise SourceError(f"{name}:1: the head has no {key}; write a line: #+ {key}: ...")
    parameters = []
    for variable, about in (facts.get("parameters") or {}).items():
        if about.get("type") not in TYPES or "default" not in about:
            raise SourceError(f"{name}:1: the parameter {variable} needs a default and one of the types {', '.join(TYPES)}.")
        if not re.search(rf"[?$]{re.escape(variable)}\b", text):
            raise SourceError(f"{name}:1: the query has no variable ?{variable} for its parameter.")
        parameter = Parameter(variable, about["type"], str(about["default"]), about.get("description", ""))
        parameter.term(parameter.default)
        parameters.append(parameter)
    group = facts.get("group", "other")
    if group not in GROUPS:
        raise SourceError(f"{name}:1: the group is {group!r}; it can be: {', '.join(GROUPS)}.")
    return Question(path.stem, facts["title"], facts["description"], tuple(parameters), text, bool(facts.get("start")), group)


def query(question: Question, given: Mapping[str, str]) -> Query:
    """Return the question as a query with values for its parameters."""
    return Query(question.text, question.bindings(given))


def _iri(value: str) -> dict[str, str]:
    # A bare name is the name of a thing of this graph.
    iri = expand(value) or (ID + value if re.fullmatch(r"[\w-]+", value) else None)
    if iri is None or re.search(r'[\x00-\x20<>"{}|\\^`]', iri):
        raise ValueError
    return {"type": "uri", "value": iri}


def _typed(datatype: str, convert: object) -> object:
    def term(value: str) -> dict[str, str]:
        convert(value)
        return {"type": "literal", "value": value, "datatype": XSD + datatype}

    return term


def _year(value: str) -> int:
    if not re.fullmatch(r"\d{4}", value):
        raise ValueError
    return int(value)


def _language(value: str) -> dict[str, str]:
    if not re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", value):
        raise ValueError
    return {"type": "literal", "value": value.lower()}


_TERMS = {
    "iri": _iri,
    "text": lambda value: {"type": "literal", "value": value},
    "language": _language,
    "integer": _typed("integer", int),
    "decimal": _typed("decimal", Decimal),
    "date": _typed("date", datetime.date.fromisoformat),
    "year": _typed("gYear", _year),
}
