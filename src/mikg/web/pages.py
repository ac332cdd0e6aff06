"""Pages for people: what there is, questions with their answers and passages, a form for SPARQL. All read without JavaScript."""

import json
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, make_response, render_template, request

from mikg import answers, cited, queries
from mikg.engine import TRIPLES, Query
from mikg.errors import MikgError

site = Blueprint("pages", __name__)
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


@site.get("/questions")
def questions() -> str:
    """All competency questions, or those that have the words of `find`."""
    words = request.args.get("find", "")[:200]
    return render_template("questions.html", words=words, found=queries.search(current_app.catalogue, words))


@site.get("/questions/<name>")
def question(name: str) -> str | Response:
    """One competency question with its form, answer and passages."""
    found = queries.find(current_app.catalogue, name)
    names = {parameter.name for parameter in found.parameters}
    given = {key: value for key, value in request.args.items() if key in names and value}
    answer, fault, status = None, "", 200
    try:
        answer = cited.answer(current_app.engine, queries.query(found, given), current_app.settings.documents)
    except MikgError as error:
        fault, status = str(error), error.status
    address = urlencode({"query": found.text})
    body = render_template("question.html", question=found, given=given, answer=answer, fault=fault, address=address, shown=SHOWN)
    return make_response(body, status)


@site.get("/api/questions/<name>.<any(json, csv):form>")
def question_data(name: str, form: str) -> Response:
    """The answer to a question as SPARQL JSON results with its citations, or as CSV, with them when cite=true."""
    found = queries.find(current_app.catalogue, name)
    given = request.args.to_dict()
    cite = given.pop("cite", "") == "true" or form == "json"
    query = queries.query(found, given)
    answer = cited.answer(current_app.engine, query, current_app.settings.documents) if cite else answers.run(current_app.engine, query)
    if form == "csv":
        return Response(answer.to_csv(), mimetype="text/csv")
    return Response(answer.to_json(), mimetype="application/sparql-results+json")


@site.get("/health")
def health() -> Response:
    """Whether a query is answered, and by which release."""
    engine = current_app.engine
    engine.query(Query("ASK {}"))
    return Response(json.dumps({"status": "ok", "release": engine.release()}), mimetype="application/json")


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
