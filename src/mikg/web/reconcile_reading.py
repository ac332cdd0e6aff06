"""What is asked of the reconciliation service, read and bounded: queries of 0.2 and of 1.0 draft."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app, request

from mikg import reconciliation
from mikg.errors import Misuse, TooLarge
from mikg.namespaces import MIKG
from mikg.reconciliation import Condition, Question
from mikg.reconciliation.vocabulary import VIRTUAL, identifier, resolved

BATCH = 50  # queries in one request
QUERY_BYTES = 1_000  # of one query
FIELDS = ("query", "type", "limit", "properties", "type_strict")  # of a query of 0.2


def question(query: object, key: str) -> Question:
    """A query of 0.2."""
    if isinstance(query, str):
        query = {"query": query}
    if not isinstance(query, dict):
        raise Misuse(f'{key[:40]} is no query; it takes an object such as {{"query": "Panama"}}.')
    for name in query:
        if name not in FIELDS:
            raise Misuse(f"{key[:40]} has a field {str(name)[:40]!r}; a query of 0.2 takes: {', '.join(FIELDS)}.")
    conditions = [_condition(each, key, "pid", "v") for each in _list(query.get("properties"), key, "properties")]
    types = query.get("type") or []
    text = query.get("query", "")
    if not (isinstance(text, str) and (text.strip() or conditions)):
        raise Misuse(f"{key[:40]} has no name to look for; query takes a text that is not empty, or properties are given.")
    return Question(
        text,
        tuple(str(each) for each in (types if isinstance(types, list) else [types])),
        tuple(conditions),
        _limit(query, key),
        query.get("type_strict") == "should",
    )


def draft_question(query: object, key: str) -> Question:
    """A query of 1.0 draft."""
    if not isinstance(query, dict) or not isinstance(query.get("conditions"), list) or not query["conditions"]:
        raise Misuse(f"{key} is no query; it takes an object with an array of conditions, at least one.")
    names, conditions = [], []
    for each in query["conditions"]:
        kind = each.get("matchType") if isinstance(each, dict) else None
        if kind not in ("name", "id", "property") or "propertyValue" not in each:
            raise Misuse(f"{key} has a condition without matchType (name, id or property) or propertyValue.")
        if kind == "property":
            conditions.append(_condition(each, key, "propertyId", "propertyValue"))
        else:
            given = each["propertyValue"]
            names.append(str(given[0] if isinstance(given, list) and given else given))
    if not isinstance(query.get("type", ""), str):
        raise Misuse(f"{key} has a type that is no text; 1.0 draft takes one identifier.")
    types = (query["type"],) if query.get("type") else ()
    return Question(" ".join(names), types, tuple(conditions), _limit(query, key))


def bounded(queries: Sequence, batch: Mapping | None = None) -> Sequence:
    if len(queries) > BATCH:
        raise TooLarge(f"The batch has {len(queries)} queries; one request takes up to {BATCH}. Send the rest in a request of their own.")
    for number, each in enumerate(queries, 1):
        size = len(json.dumps(batch[each] if batch is not None else each, ensure_ascii=False).encode("utf-8", "replace"))
        if size > QUERY_BYTES:
            raise TooLarge(
                f"Query {number} of the batch has {size} bytes; one query takes up to {QUERY_BYTES}. Give a shorter name or fewer properties."
            )
    return queries


def parsed(field: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise Misuse(f"{field} is not JSON: {str(fault)[:200]}.") from None


def body() -> Any:
    if not request.is_json:
        raise Misuse(f"The body is {request.mimetype or 'of no type'}; it takes application/json.")
    return parsed("The body", request.get_data(as_text=True))


def number(name: str, default: int, most: int) -> int:
    given = request.args.get(name, "")
    if not given:
        return default
    if not (given.isascii() and given.isdigit()):
        raise Misuse(f"{name} is {given[:40]!r}; it takes a whole number.")
    return min(int(given[:9]), most)


def _condition(given: object, key: str, name: str, value: str) -> Condition:
    if not isinstance(given, dict) or not isinstance(given.get(name), str) or value not in given:
        raise Misuse(f"{key[:40]} has a property without {name} or {value}.")
    values = given[value] if isinstance(given[value], list) else [given[value]]
    if not all(
        isinstance(each, str | int | float | bool) or (isinstance(each, dict) and isinstance(each.get("id"), str)) for each in values
    ):
        raise Misuse(f"{key[:40]} has a value of {given[name][:60]} that is neither text, number, boolean nor an object with an id.")
    known = {each.id for each in current_app.vocabulary.properties()}
    pid = given[name]
    if pid not in VIRTUAL and pid not in known:
        iri = resolved(pid, MIKG)
        pid = identifier(iri) if iri else pid
    return Condition(pid, tuple(values), bool(given.get("required", False)), str(given.get("matchQuantifier", "any")))


def _list(given: object, key: str, what: str) -> list:
    if given is None:
        return []
    if not isinstance(given, list):
        raise Misuse(f"{key[:40]}: {what} is no array.")
    return given


def _limit(query: Mapping, key: str) -> int:
    limit = query.get("limit", reconciliation.matching.LIMIT)
    if isinstance(limit, bool) or not isinstance(limit, int | float) or limit < 1:
        raise Misuse(f"{key[:40]} has the limit {str(limit)[:40]}; it takes a number above zero.")
    return int(min(limit, reconciliation.matching.MOST))
