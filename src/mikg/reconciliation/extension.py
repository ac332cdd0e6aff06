"""What the graph says of things that a client has matched, property by property."""

from collections.abc import Mapping, Sequence

from mikg.engine import Engine
from mikg.labels import Labels
from mikg.namespaces import ID, XSD
from mikg.reconciliation import values
from mikg.reconciliation.vocabulary import identifier, resolved

Cell = dict[str, object]


def extend(
    engine: Engine, labels: Labels, ids: Sequence[str], properties: Mapping[str, Mapping], language: str = "en"
) -> dict[str, dict[str, list[Cell]]]:
    """Return for each identifier, as the client gave it, and each property its values; none for what is not in the graph.

    `properties` are identifiers with their settings: `limit` bounds the values of a cell (0: all).
    """
    iris = {each: iri for each in ids if (iri := resolved(each, ID)) and iri.startswith(ID)}
    said = values.of(engine, labels, iris.values(), properties) if iris else {}
    things = {term["value"] for each in said.values() for terms in each.values() for term in terms if term["type"] == "uri"}
    named = labels.of(sorted(things), language)
    rows: dict[str, dict[str, list[Cell]]] = {}
    for each in ids:
        cells = said.get(iris.get(each, ""), {})
        rows[each] = {}
        for name, settings in properties.items():
            found = [_cell(term, named) for term in cells.get(name, [])]
            limit = _limit(settings)
            rows[each][name] = found[:limit] if limit else found
    return rows


def _limit(settings: Mapping) -> int:
    try:
        return max(0, int(settings.get("limit") or 0))
    except (TypeError, ValueError):
        return 0


def _cell(term: Mapping[str, str], named: Mapping) -> Cell:
    value = term["value"]
    if term["type"] == "uri":
        if value.startswith(ID):
            return {"id": identifier(value), "name": named[value].name}
        return {"str": named[value].name if named[value].known else value}
    datatype = term.get("datatype", "").removeprefix(XSD)
    try:
        if datatype in ("integer", "gYear", "nonNegativeInteger", "positiveInteger"):
            return {"int": int(value)}
        if datatype in ("decimal", "double", "float"):
            number = float(value)
            return {"int": int(number)} if number.is_integer() and abs(number) < 1e15 else {"float": number}
    except (ValueError, OverflowError):
        return {"str": value}
    if datatype == "date" and len(value) == 10:
        return {"date": f"{value}T00:00:00Z"}
    return {"str": value, **({"lang": term["xml:lang"]} if term.get("xml:lang") else {})}
