"""What no one would write by hand: texts for the guard, requests for every address, queries for two engines.

A bounded run is part of the tests; `make fuzz` runs for longer.
"""

import json
import os
from dataclasses import replace

import hypothesis
import hypothesis.strategies as some
import pytest
import schemathesis
from openapi_spec_validator import validate
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from mikg import answers
from mikg.engine import Query, guard
from mikg.engine.tokens import FORMS
from mikg.errors import QueryError
from mikg.web.application import create_app

EXAMPLES = int(os.environ.get("MIKG_FUZZ") or 50)
ANY = hypothesis.settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(hypothesis.HealthCheck), database=None)
PIECES = [
    *("SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "WHERE", "OPTIONAL", "UNION", "FILTER", "SERVICE", "FROM", "NAMED", "GRAPH", "VALUES"),
    *("INSERT DATA", "LOAD", "PREFIX x: <http://x/>", "BASE <http://y/>", "?s", "$o", "x:p", "<http://a/>", "_:b", "'a'", '"""b"""', "@en"),
    *(
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ".",
        ";",
        ",",
        "^",
        "|",
        "/",
        "*",
        "+",
        "?",
        "!",
        "&&",
        "||",
        "=",
        "<",
        ">",
        "<<",
        ">>",
        "#c\n",
        "\\u0041",
    ),
    *("1", "2.5", "1e3", "true", "COUNT(*)", "GROUP BY", "ORDER BY", "LIMIT 3", "EXISTS", "MINUS", "BIND", "AS", "a", "\x00", "\U0001f600"),
]


@pytest.fixture(scope="module")
def app(made):
    application = create_app(replace(made, deadline=2.0, client_requests=1000))
    yield application
    application.engine.close()


@ANY
@hypothesis.given(some.lists(some.one_of(some.sampled_from(PIECES), some.text(max_size=8)), max_size=60))
def test_any_text_passes_the_guard_or_is_refused_in_words(pieces):
    text = " ".join(pieces)
    try:
        assert guard.read(text).form in FORMS
    except QueryError as fault:
        assert str(fault)


@ANY
@hypothesis.given(some.lists(some.sampled_from(PIECES), max_size=25))
def test_what_passes_the_guard_is_answered_or_refused_and_the_next_one_is_served(pool, pieces):
    try:
        pool.query(Query("ASK " + " ".join(pieces)))
    except QueryError as fault:
        assert str(fault)
    assert answers.run(pool, Query("ASK {}")).boolean


@ANY
@hypothesis.given(some.integers(0, 40), some.sampled_from(["?s", "?o", "?p"]))
def test_related_queries_have_related_answers(pool, limit, by):
    body = "?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?o . ?s ?p ?o FILTER(LANG(?o) = 'es')"

    def rows(text: str) -> list[str]:
        return [json.dumps(row, sort_keys=True) for row in answers.run(pool, Query(text)).rows]

    whole = rows(f"SELECT ?s ?p ?o {{ {body} }} ORDER BY {by} ?s ?p ?o")
    assert rows(f"SELECT ?s ?p ?o {{ {body} }} ORDER BY {by} ?s ?p ?o LIMIT {limit}") == whole[:limit]
    assert rows(f"SELECT ?s ?p ?o {{ {body} FILTER(true) }} ORDER BY {by} ?s ?p ?o OFFSET {limit}") == whole[limit:]
    doubled = rows(f"SELECT ?s ?p ?o {{ {{ {body} }} UNION {{ {body} }} }}")
    assert sorted(doubled) == sorted(whole * 2)
    assert len(rows(f"SELECT DISTINCT ?s {{ {body} }}")) <= len(whole)


def test_the_description_is_openapi_and_names_what_is_there(app):
    client = app.test_client()
    described = client.get("/openapi.json").json
    validate(described)
    there = {rule.rule for rule in app.url_map.iter_rules()}
    for path in described["paths"]:
        assert path in there or path.startswith("/api/questions/") or client.get(path).status_code != 404, path
    assert len([path for path in described["paths"] if path.startswith("/api/questions/")]) == 2 * len(app.catalogue)


# The addresses that a short run asks: each kind once, and two questions.
SOME = (
    *("/sparql", "/graphs", "/api/search.json", "/api/suggest.json", "/api/why.json", "/api/paths.json", "/search", "/reconcile"),
    *("/api/explore/search.json", "/api/questions/agreements-of-a-country.json", "/api/questions/crossings-at-the-peak-and-now.csv"),
)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("path", SOME)
def test_no_request_breaks_the_server(app, path, mode):
    operation = schemathesis.openapi.from_wsgi("/openapi.json", app)[path]["GET"]

    @hypothesis.settings(ANY, max_examples=max(5, EXAMPLES // 5))
    @hypothesis.given(operation.as_strategy(generation_mode=mode))
    def ask(case):
        answer = case.call()
        if answer.status_code != 503:
            case.validate_response(answer, checks=(not_a_server_error, status_code_conformance, content_type_conformance))

    try:
        ask()
    except hypothesis.errors.Unsatisfiable:
        pytest.skip("nothing of this kind can be asked here")
