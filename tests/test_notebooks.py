"""What a notebook shows of an answer: a table that is bounded and escaped, with names, numbers, and passages to unfold."""

import contextlib
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest

import mikg
from mikg import answers, api, cited
from mikg.answers import SHOWN, Table
from mikg.citations import Citation
from mikg.cited import Cited
from mikg.engine import Query
from mikg.engine.embedded import Pool
from mikg.namespaces import ID
from mikg.provenance import Row


@pytest.fixture
def agreements(made, monkeypatch) -> Cited:
    monkeypatch.setenv("MIKG_RELEASES", str(made.releases))
    api._opened.cache_clear()
    return mikg.ask("agreements-of-a-country", cite=True, country="id:costa-rica")


def read(html: str) -> ElementTree.Element:
    return ElementTree.fromstring(f"<div>{html}</div>")


def literal(text: str) -> dict[str, str]:
    return {"type": "literal", "value": text}


def test_a_table_shows_names_with_curies_beside_that_lead_to_their_iris(pool):
    table = answers.run(pool, Query(f"SELECT ?x ?y {{ VALUES (?x ?y) {{ (<{ID}panama> 3) (<{ID}nothing> <urn:isbn:1>) (UNDEF 4) }} }}"))
    shown = read(table._repr_html_())
    assert [head.text for head in shown.iter("th")] == ["x", "y"]
    assert [(link.text, link.get("href")) for link in shown.iter("a")] == [("Panama", ID + "panama"), ("id:nothing", ID + "nothing")]
    assert ["".join(cell.itertext()) for cell in shown.iter("td")] == ["Panama id:panama", "3", "id:nothing", "<urn:isbn:1>", "", "4"]


def test_a_table_whose_engine_is_gone_shows_curies(release_of):
    with contextlib.closing(
        Pool(release_of([ox.Quad(ox.NamedNode(ID + "panama"), ox.NamedNode("http://x/p"), ox.Literal("x"), ox.DefaultGraph())]))
    ) as pool:
        table = answers.run(pool, Query("SELECT ?s { ?s ?p ?o }"))
    assert "id:panama" in table._repr_html_()


def test_a_long_table_shows_its_first_rows_and_says_how_many_there_are(pool):
    shown = Table(("n",), tuple({"n": literal(str(number))} for number in range(100_000)))._repr_html_()
    assert len(list(read(shown).iter("tr"))) == SHOWN + 1
    assert f"the first {SHOWN} of 100000 rows" in shown
    assert len(Table(("n",), ({"n": literal("x" * 1_000_000)},))._repr_html_()) < 1_000


def test_what_a_graph_says_is_shown_and_never_run():
    odd = "<script>alert('1')</script>"
    table = Table((odd,), ({odd: literal(odd)}, {odd: {"type": "uri", "value": "javascript:alert(1)"}}))
    names = {"urn:b": odd}
    shown = Cited(table, (Row((frozenset(["urn:a"]),)), Row()), (Citation("urn:a", "d", odd, odd, odd, odd, odd, odd),), (), odd, names)
    html = shown._repr_html_()
    assert "<script" not in html
    assert "href" not in html.replace('href="urn:a"', "")
    assert "".join(read(html).find("table/thead/tr/th").itertext()) == odd


def test_yes_no_and_nothing_are_shown_too():
    assert "yes" in Table((), (), True)._repr_html_()
    assert "0 rows" in Table(("x",), ())._repr_html_()
    assert "0 rows" in Cited(Table(("x",), ()), (), (), (), "")._repr_html_()


def test_a_cited_answer_shows_names_numbers_and_passages_to_unfold(agreements):
    shown = read(agreements._repr_html_())
    assert "rests on" in [head.text for head in shown.iter("th")]
    assert [row[-1].text for row in shown.iter("tr")][1:] == [agreements.numbers(row) for row in agreements.rows]
    names = {term["value"] for row in agreements.table.rows for term in row.values() if term["type"] == "uri"}
    assert names
    assert all(agreements.names[iri] != iri for iri in names)
    unfolding = ["".join(each.find("summary").itertext()) for each in shown.iter("details")]
    passages = [(number, each) for number, each in enumerate(agreements.graphs, 1) if each.document]
    assert [each.partition("]")[0] for each in unfolding] == [f"[{number}" for number, _ in passages]
    assert all(each.gist in "".join(shown.itertext()) for _, each in passages)


def test_of_a_long_cited_answer_the_passages_of_the_rows_that_are_shown_are_told(pool):
    found = cited.answer(pool, Query("SELECT ?s ?o { ?s <https://w3id.org/mikg/ontology#topic> ?o } ORDER BY ?s ?o"))
    assert len(found.rows) > SHOWN
    told = len(list(read(found._repr_html_()).iter("details")))
    assert 0 < told < len(found.graphs)


def test_ipython_asks_an_answer_for_its_html(agreements):
    formatters = pytest.importorskip("IPython.core.formatters")
    for each in (agreements, agreements.table):
        shown, _ = formatters.DisplayFormatter().format(each, include={"text/html"})
        assert "<table>" in shown["text/html"]
