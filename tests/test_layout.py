"""A query laid out is the same query: the same tokens, the same algebra, its comments in their places, and laid out twice the same."""

from pathlib import Path

import pytest
from rdflib.plugins.sparql import prepareQuery

from mikg.engine.tokens import TOKEN
from mikg.layout import layout
from mikg.namespaces import BASE

QUERIES = sorted((Path(__file__).parents[1] / "queries").glob("*.rq"))
PAIRS = {
    "select ?s where {?s a ?c.filter(?c=1&&!bound(?d)||?e=-1)}limit 3": (
        "SELECT ?s\nWHERE {\n  ?s a ?c .\n  FILTER(?c = 1 && !BOUND(?d) || ?e = -1)\n}\nLIMIT 3"
    ),
    "PREFIX a: <http://x/> # why\nask{?s a:p -5,'x'@en}": "PREFIX a: <http://x/>  # why\n\nASK {\n  ?s a:p -5 , 'x'@en\n}",
    "select*{?s ^a:p/(a:q|a:r)*/a:t+ ?o}": "SELECT * {\n  ?s ^a:p/(a:q|a:r)*/a:t+ ?o\n}",
    "select*{{select(count(*)as?n){?a ?b ?c}}union{values(?x ?y){(1 2)(3 undef)}}}": (
        "SELECT * {\n  {\n    SELECT (COUNT(*) AS ?n) { ?a ?b ?c }\n  } UNION { VALUES (?x ?y) { (1 2) (3 UNDEF) } }\n}"
    ),
    "construct{?s ?p ?o}where{?s ?p ?o.optional{?a ?b ?c}}": ("CONSTRUCT { ?s ?p ?o }\nWHERE {\n  ?s ?p ?o .\n  OPTIONAL { ?a ?b ?c }\n}"),
    "SELECT ?s{# one\n\n\n?s ?p ?o;\n\n# two\n ?q ?r.# three\n}# four": (
        "SELECT ?s {  # one\n\n  ?s ?p ?o ;\n\n    # two\n    ?q ?r .  # three\n}  # four"
    ),
    "  ": "",
}


def comments(text: str) -> list[str]:
    return [match.group().rstrip() for match in TOKEN.finditer(text) if match.group().startswith("#")]


@pytest.mark.parametrize("given", PAIRS)
def test_a_query_is_laid_out(given):
    assert layout(given) == PAIRS[given]


@pytest.mark.parametrize("given", ["SELECT ?s { ?s ?p ", "}{", "'", "SELECT ?s { FILTER(?x <?y && ?z> 3) }", "\x00 ?", "((((", "?s . . ;"])
def test_what_does_not_parse_keeps_its_tokens(given):
    assert "".join(layout(given).split()).upper() == "".join(given.split()).upper()
    assert layout(layout(given)) == layout(given)


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_a_question_of_the_catalogue_stays_itself(path):
    text = path.read_text(encoding="utf-8")
    for given in (text, text.replace("\n  ", " ")):
        done = layout(given)
        assert layout(done) == done
        assert comments(done) == comments(given)
    done = layout(text)
    assert repr(prepareQuery(done, base=BASE).algebra) == repr(prepareQuery(text, base=BASE).algebra)
    assert max(map(len, done.splitlines())) <= max(150, *map(len, text.splitlines()))
