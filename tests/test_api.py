import datetime
import sys
from decimal import Decimal

import pytest

import mikg
from mikg import api
from mikg.answers import to_python
from mikg.errors import Misuse, NotFound
from mikg.namespaces import GRAPH, XSD


@pytest.fixture(autouse=True)
def _of_this_run(made, monkeypatch):
    monkeypatch.setenv("MIKG_RELEASES", str(made.releases))
    api._opened.cache_clear()


def test_open_gives_the_passages_and_their_merge():
    import rdflib

    dataset = mikg.open()
    assert isinstance(dataset, rdflib.Dataset)
    panama, name = rdflib.URIRef("https://w3id.org/mikg/id/panama"), rdflib.Literal("Panama", lang="en")
    assert (panama, rdflib.SKOS.prefLabel, name) in dataset.default_graph
    rows = dataset.query(
        "SELECT ?p { GRAPH ?p { ?a <https://w3id.org/mikg/ontology#party> <https://w3id.org/mikg/id/costa-rica> } }", initNs={}
    )
    assert {str(row.p) for row in rows}
    assert len(dataset.graph(GRAPH + "shapes"))


def test_ask_gives_a_data_frame_where_pandas_is():
    pandas = pytest.importorskip("pandas")
    frame = mikg.ask("agreements-of-a-country", country="id:costa-rica")
    assert isinstance(frame, pandas.DataFrame)
    assert len(frame) >= 1


def test_ask_gives_plain_values_where_pandas_is_not(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    rows = mikg.ask("agreements-of-a-country", country="id:costa-rica")
    assert rows[0]["agreement"] == "https://w3id.org/mikg/id/us-costa-rica-arrangement"


def test_ask_says_what_it_does_not_know():
    with pytest.raises(NotFound, match="nearest"):
        mikg.ask("agreements-of-country")
    with pytest.raises(Misuse, match="its parameters"):
        mikg.ask("agreements-of-a-country", county="x")


@pytest.mark.parametrize(
    ("datatype", "text", "value"),
    [
        ("integer", "7", 7),
        ("decimal", "8.42", Decimal("8.42")),
        ("date", "2022-02-01", datetime.date(2022, 2, 1)),
        ("gYear", "2017", 2017),
        ("boolean", "true", True),
        ("date", "2022-02-30", "2022-02-30"),
        ("string", "x", "x"),
    ],
)
def test_terms_become_plain_values(datatype, text, value):
    assert to_python({"type": "literal", "value": text, "datatype": XSD + datatype}) == value
    assert to_python(None) is None
