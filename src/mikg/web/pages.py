"""The form for SPARQL with its answer and passages."""

from urllib.parse import urlencode

from flask import Response, current_app, make_response, render_template

from mikg import answers, cited
from mikg.engine import TRIPLES, Query
from mikg.errors import MikgError

SHOWN = 500  # rows of a table on a page

EXAMPLE = """\
PREFIX mikg: <https://w3id.org/mikg/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

SELECT ?figure ?printed ?value ?passage
WHERE {
  GRAPH ?passage { ?figure mikg:asPrinted ?printed ; <https://schema.org/value> ?value }
}
ORDER BY DESC(?value)
LIMIT 10
"""


def query_page(text: str, query: Query | None) -> Response:
    """The form for a query, with its answer when there is one, and with what it rests on where the page shows all of it."""
    answer, graph, fault, status = None, "", "", 200
    engine = current_app.engine
    try:
        if query:
            plain = engine.query(query)
            if plain.media_type in TRIPLES:
                graph = plain.body.decode()
            else:
                table = answers.parse(plain.body)
                answer = cited.Cited(table, (), (), (), "")
                if len(table.rows) <= SHOWN:
                    answer = cited.answer(engine, query, current_app.settings.documents)
    except MikgError as error:
        fault, status = str(error), error.status
    links = {
        form: "?" + urlencode({"query": text, "format": form}) for form in (("ttl", "nt", "jsonld") if graph else ("json", "csv", "xml"))
    }
    body = render_template("query.html", text=text or EXAMPLE, answer=answer, graph=graph[:200_000], fault=fault, links=links, shown=SHOWN)
    reply = make_response(body, status)
    reply.headers["Vary"] = "Accept"
    return reply
