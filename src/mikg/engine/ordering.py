"""An order for what has none: ORDER BY over literals of several types, such as numbers, dates and texts.

The standard leaves it open (https://www.w3.org/TR/sparql11-query/#modOrderBy), and Oxigraph ends its process where its own proves to be none.
"""

from mikg.engine.tokens import Cursor


def ordered(query: str) -> str:
    """Return a query that sorts literals by their type first, numbers of all types together, and then as it did.

    >>> ordered("SELECT ?x { ?s ?p ?x } ORDER BY DESC(?x) LIMIT 1")
    'SELECT ?x { ?s ?p ?x } ORDER BY DESC(IF(isNumeric((?x)), "", STR(DATATYPE((?x))))) DESC((?x)) LIMIT 1'
    """
    cursor, parts, done = Cursor(query), [], 0
    while cursor.token.kind != "end":
        if not (cursor.eat("ORDER") and cursor.eat("BY")):
            cursor.take()
            continue
        while cursor.token.kind != "end" and not cursor.sees("LIMIT", "OFFSET", "VALUES", "}"):
            start = cursor.token.start
            way = cursor.take().keyword if cursor.sees("ASC", "DESC") else "ASC"
            by = _expression(cursor)
            parts += query[done:start], f'{way}(IF(isNumeric({by}), "", STR(DATATYPE({by})))) {way}({by}) '
            done = cursor.token.start
    return "".join((*parts, query[done:]))


def _expression(cursor: Cursor) -> str:
    """Pass over what is sorted by, a bracketed expression, a variable or a call, and return its text."""
    start = cursor.token.start
    while not cursor.sees("(", "{") and cursor.token.kind != "variable":
        end = cursor.take()
        if end.kind == "end":
            break
    if cursor.token.kind == "variable":
        return cursor.take().text
    cursor.skip_bracket()
    last = cursor.tokens[min(cursor.at, len(cursor.tokens)) - 1]
    return cursor.text[start : last.start + len(last.text)]
