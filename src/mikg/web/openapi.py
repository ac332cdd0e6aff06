"""What programs can ask here, as OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0): /openapi.json, with each competency question."""

from flask import Blueprint, Response, current_app, jsonify

from mikg import __version__
from mikg.engine import RESULTS, TRIPLES
from mikg.queries import Parameter
from mikg.web.faults import PROBLEM

described = Blueprint("openapi", __name__)
JSON, CSV, GEXF, GRAPHML = "application/json", "text/csv", "application/gexf+xml", "application/graphml+xml"
TYPES = {
    "integer": "integer",
    "decimal": "number",
    "date": "string",
    "year": "string",
    "language": "string",
    "iri": "string",
    "text": "string",
}
# What may be answered in place of the answer: asked wrongly, refused, not there, in no such form, over a limit, too busy.
FAULTS = ("400", "403", "404", "405", "406", "413", "414", "415", "429", "503")


def _text(name: str, words: str, required: bool = False, **more: object) -> dict:
    return {"name": name, "in": "query", "description": words, "required": required, "schema": {"type": "string", **more}}


def _number(name: str, words: str, least: int, most: int) -> dict:
    return {"name": name, "in": "query", "description": words, "schema": {"type": "integer", "minimum": least, "maximum": most}}


LANGUAGE = _text("lang", "Language of names: en or es.", enum=["en", "es"])
FORMAT = _text("format", "Form of the answer, in place of Accept.")
# Each address with what it gives, its parameters and the media types of its answers.
READ: dict[str, tuple[str, list[dict], tuple[str, ...]]] = {
    "/sparql": (
        "Answer a SPARQL 1.1 query, by the SPARQL 1.1 Protocol; without a query describe the service.",
        [
            _text("query", "The query."),
            _text("default-graph-uri", "A graph of the default graph."),
            _text("named-graph-uri", "A named graph."),
            FORMAT,
            _text(
                "cite", "true: with what each row rests on (JSON and CSV; a graph then as a table of its triples).", enum=["true", "false"]
            ),
        ],
        (*RESULTS, *TRIPLES),
    ),
    "/graphs": (
        "Give a graph, by the SPARQL 1.1 Graph Store HTTP Protocol.",
        [_text("graph", "IRI of a named graph."), _text("default", "The default graph.")],
        TRIPLES,
    ),
    "/api/search.json": (
        "Find things, passages, questions and terms by name.",
        [_text("q", "What to look for."), _number("limit", "How many.", 1, 100), _number("offset", "From which on.", 0, 10_000), LANGUAGE],
        (JSON,),
    ),
    "/api/suggest.json": (
        "Suggest things whose name begins like what is typed.",
        [_text("q", "What is typed."), _text("kind", "A kind of thing."), _number("limit", "How many.", 1, 50), LANGUAGE],
        (JSON,),
    ),
    "/api/complete.json": ("What a query over this graph can be completed with.", [LANGUAGE], (JSON,)),
    "/api/why.json": ("Why a query has no rows.", [_text("query", "The query.", True), LANGUAGE], (JSON,)),
    "/api/paths.json": (
        "The best connections between two things, each step with its passages.",
        [_text("from", "A thing, by IRI, CURIE or name."), _text("to", "Another."), _number("k", "How many.", 1, 10), LANGUAGE],
        (JSON,),
    ),
    "/api/network/analysis.json": (
        "Measures of a network.",
        [_text("projection", "The name of a projection."), _text("by", "The measure that sorts."), LANGUAGE],
        (JSON,),
    ),
    "/api/outlines.json": ("Outlines of countries, from the open data beside the graph.", [], (JSON,)),
    "/api/explore/search.json": ("Things to begin to explore from.", [_text("q", "What to look for."), LANGUAGE], (JSON,)),
    "/indicators.csv": (
        "Every figure, or those of an indicator or a document, as CSV.",
        [_text("indicator", "The last part of the IRI of an indicator."), _text("document", "The key of a document.")],
        ("text/csv",),
    ),
    "/documents": ("The documents.", [LANGUAGE], ("text/html",)),
    "/search": ("Search, as a page.", [_text("q", "What to look for."), _text("kind", "A kind of thing."), LANGUAGE], ("text/html",)),
    "/health": ("Whether a query is answered.", [], (JSON,)),
    "/ready": ("Whether a query would be answered now.", [], (JSON,)),
    "/manifest.json": ("What the release in use holds.", [], (JSON,)),
    "/prefixes.json": ("The prefixes of the graph.", [], (JSON,)),
    "/reconcile": (
        "The manifest of the reconciliation service, or what matches names.",
        [_text("query", "A name, or a query as JSON."), _text("queries", "Queries as JSON.")],
        (JSON,),
    ),
}


@described.get("/openapi.json")
def openapi() -> Response:
    """The description of what programs can ask."""
    paths = {path: {"get": _operation(*about)} for path, about in READ.items()}
    for name, question in current_app.catalogue.items():
        parameters = [_parameter(each) for each in question.parameters]
        for form, kind in (("json", RESULTS[0]), ("csv", CSV)):
            paths[f"/api/questions/{name}.{form}"] = {"get": _operation(question.description, parameters, (kind,))}
    return jsonify(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "mikg",
                "version": __version__,
                "description": "A knowledge graph of migration policy that cites its sources.",
                "license": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
            },
            "paths": paths,
            "components": {
                "responses": {
                    "fault": {"description": "What is wrong, and what to do.", "content": {"text/plain": {}, PROBLEM: {}, "text/html": {}}}
                }
            },
        }
    )


def _operation(summary: str, parameters: list[dict], kinds: tuple[str, ...]) -> dict:
    answers: dict = {"200": {"description": "The whole answer.", "content": {kind: {} for kind in kinds}}}
    answers["303"] = {"description": "What is asked for is at another address."}
    return {"summary": summary, "parameters": parameters, "responses": {**answers, **{status: _FAULT for status in FAULTS}}}


_FAULT = {"$ref": "#/components/responses/fault"}


def _parameter(parameter: Parameter) -> dict:
    kind = TYPES[parameter.type]
    default = {"integer": int, "number": float}.get(kind, str)(parameter.default)
    schema = {"type": kind, "default": default}
    return {"name": parameter.name, "in": "query", "description": parameter.description or parameter.name, "schema": schema}
