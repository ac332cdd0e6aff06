"""The real graph: it conforms, what disagrees is judged, and each of its terms is asked for."""

import json
import re
from pathlib import Path

import pytest

from mikg import checking, sources
from mikg.engine import Query
from mikg.namespaces import MIKG

ROOT = Path(__file__).parents[1]
PREFIXES = """PREFIX id: <https://w3id.org/mikg/id/>
PREFIX mikg: <https://w3id.org/mikg/ontology#>
PREFIX schema: <https://schema.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""


def rows(pool, text: str, prefixes: str = PREFIXES) -> list[dict[str, str]]:
    found = json.loads(pool.query(Query(prefixes + text)).body)["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in found]


def test_the_real_graph_has_nothing_to_mend(made):
    report = checking.check(sources.read(made.sources), made.documents)
    assert [str(finding) for finding in report.findings] == []


def test_figures_that_differ_stand_in_a_discrepancy_that_is_judged_or_open(pool):
    asked = (ROOT / "queries/figures-of-one-indicator-that-differ.rq").read_text()
    pattern = asked[asked.index("WHERE {") + 7 : asked.rindex("}")]
    unjudged = f"""SELECT ?one ?other WHERE {{ {pattern}
      FILTER NOT EXISTS {{ ?discrepancy a mikg:Discrepancy ; mikg:between ?one ; mikg:between ?other ; mikg:status ?status ; mikg:basis ?why }} }}"""
    pairs = f"SELECT ?one ?other WHERE {{ {pattern} }}"
    assert rows(pool, pairs), "no figures differ: then this test would show nothing"
    assert rows(pool, unjudged) == []


@pytest.mark.parametrize(
    ("missing", "pattern"),
    [
        ("a modality", "?x a mikg:Event . FILTER NOT EXISTS { ?x mikg:modality ?m }"),
        ("a claimant", "?x a mikg:Claim . FILTER NOT EXISTS { ?x mikg:claimant ?who }"),
        ("a basis", "?x a mikg:Judgement . FILTER NOT EXISTS { ?x mikg:basis ?why }"),
        ("an utterance", "?x a mikg:Quotation . FILTER NOT EXISTS { ?x mikg:renders ?said }"),
        ("printed words", "GRAPH ?g { ?x a mikg:Observation } FILTER NOT EXISTS { ?x mikg:asPrinted ?words }"),
        ("a definition", "?figure mikg:indicator ?x . FILTER NOT EXISTS { ?x skos:definition ?d }"),
    ],
)
def test_nothing_of_its_kind_lacks_what_it_needs(pool, missing, pattern):
    kind = pattern.split("FILTER")[0] + "}"
    assert rows(pool, f"SELECT ?x WHERE {{ {kind} LIMIT 1"), "there is none of the kind: then this test would show nothing"
    assert rows(pool, f"SELECT DISTINCT ?x WHERE {{ {pattern} }}") == [], missing


def test_what_is_only_said_gives_no_plain_fact(pool):
    """The events that are planned, hoped for or possible have no actor by shortcut in the graph that says so."""
    assert rows(pool, "SELECT ?x { ?x a mikg:Event ; mikg:modality mikg:hoped }")
    query = """SELECT ?x ?who { GRAPH ?g { ?x <http://semanticweb.cs.vu.nl/2009/11/sem/hasActor> ?who ; mikg:modality ?m }
      FILTER(?m IN (mikg:planned, mikg:hoped, mikg:expected, mikg:possible)) }"""
    assert rows(pool, query) == []


def test_each_derived_figure_is_computed_from_figures_and_equals_what_the_documents_print_where_they_do(pool):
    derived = rows(pool, "SELECT DISTINCT ?x { ?x a mikg:DerivedFigure }")
    whole = rows(
        pool,
        "SELECT DISTINCT ?x { ?x a mikg:DerivedFigure ; mikg:indicator ?i ; mikg:computedFrom ?f . { ?x schema:value ?v } UNION { ?x schema:minValue ?v } }",
    )
    assert len(derived) == len(whole) > 20
    sums = rows(
        pool,
        """SELECT ?sum ?printed { ?x a mikg:DerivedFigure ; mikg:indicator id:indicator-people-of-concern ; mikg:year ?year ; schema:value ?sum .
           ?y mikg:indicator id:indicator-people-of-concern ; mikg:population id:people-of-concern ; mikg:year ?year ; mikg:asPrinted ?p ; schema:value ?printed }""",
    )
    assert [row["sum"] == row["printed"] == "375326" for row in sums] == [True]
    shares = rows(
        pool, "SELECT ?v ?year { ?x mikg:indicator id:indicator-share-of-budget-spent ; schema:value ?v ; mikg:year ?year } ORDER BY ?year"
    )
    assert [(row["year"], row["v"]) for row in shares] == [("2014", "52.8"), ("2015", "53.4"), ("2016", "55.5"), ("2017", "56")]


def test_each_term_of_the_ontology_is_used_and_asked_for(pool):
    """A question shows how often each term is used; what nobody uses goes, but for what the modelling page offers to a sixth document."""
    declared = set(re.findall(r"^mikg:(\w+)\s*$", (ROOT / "ontology/mikg.ttl").read_text(encoding="utf-8"), re.MULTILINE))
    asked = (ROOT / "queries/terms-by-use.rq").read_text()
    uses = {row["term"].removeprefix(MIKG): int(row["uses"]) for row in rows(pool, asked, "")}
    assert {name for name in declared if not name.endswith("Scheme")} == set(uses)
    sixth = (ROOT / "tests/data/sixth/graph/documents/island-bulletin.trig").read_text(encoding="utf-8")
    assert [name for name, count in uses.items() if not count and f"mikg:{name} " not in sixth] == []
