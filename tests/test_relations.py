"""Connections, measures and exports over HTTP: the same as in Python, and every odd question answered kindly."""

import io
import json
import re
from urllib.parse import quote, urlencode

import networkx
import pytest
import rdflib
from rdflib import QB, RDF

import mikg
from mikg.network import analysis, formats
from mikg.network.filters import STATUSES
from mikg.web import relations
from mikg.web.application import create_app

HTML = {"Accept": "text/html"}


def test_http_gives_what_python_gives(server):
    answer = server.ask("api/paths.json?from=panama&to=fatf&statuses=all&k=2")
    assert json.loads(answer.text) == json.loads(json.dumps(mikg.path("panama", "fatf", statuses="all", best=2).to_json()))


def test_the_page_says_each_step_with_its_passages_and_a_query_that_runs(server):
    page = server.ask("paths?from=id:panama&to=id:colombia&since=2021&k=1", **HTML).text
    assert "Panama acts in bilateral meeting of Panama and Colombia (6 August 2021)" in re.sub(r"<.*?>", "", page)
    assert "Communique of 1 February 2022" in page
    address = re.search(r'href="/(sparql\?query=[^"]+)"', page).group(1)
    assert b"mire-communique/p9-s1" in server.ask(address, Accept="text/csv").body


def test_the_page_speaks_spanish(server):
    page = server.ask("paths?from=id:panama&to=id:colombia&since=2021&k=1&lang=es", **HTML).text
    assert "Panamá actúa en" in page
    assert "¿Cómo están conectadas dos cosas?" in page


def test_no_connection_is_said_on_the_page(server):
    answer = server.ask("paths?from=antony-blinken&to=fatf", **HTML)
    assert answer.status == 200
    assert "No connection between Antony Blinken and FATF" in answer.text


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("from=panana&to=colombia", 404, "id:panama"),
        ("from=panama&to=", 400, "to is empty"),
        ("from=&to=panama", 400, "from is empty"),
        ("from=panama&to=Panama", 400, "twice"),
        ("from=panama&to=colombia&k=0", 400, "1 to 50"),
        ("from=panama&to=colombia&k=²", 400, "1 to 50"),
        ("from=panama&to=colombia&k=99999999999999999999", 400, "1 to 50"),
        ("from=panama&to=colombia&since=yesterday", 400, "2021-09-23"),
        ("from=panama&to=colombia&statuses=planed", 404, "planned"),
        ("from=panama&to=colombia&documents=x", 404, "us-ct-report"),
        ("from=panama&to=colombia&not=panama", 400, "avoided"),
        ("from=" + "x" * 5000 + "&to=panama", 404, "nothing in this network"),
        ("from=" + "<script>alert(1)</script>" + "&to=panama", 404, "nothing in this network"),
    ],
)
@pytest.mark.parametrize("form", ["paths", "api/paths.json"])
def test_odd_questions_are_answered_kindly(server, query, status, said, form):
    answer = server.ask(f"{form}?{quote(query, safe='=&')}", **(HTML if form == "paths" else {}))
    assert answer.status == status
    assert said in answer.text
    assert "<script>alert" not in answer.text or answer.headers["Content-Type"].startswith("text/plain")
    assert "Traceback" not in answer.text


def test_the_empty_form_offers_examples_that_have_an_answer(server):
    page = server.ask("paths", **HTML).text
    examples = re.findall(r'href="(/paths\?from=[^"]+)"', page)
    assert len(examples) == len(relations.EXAMPLES)
    for each in examples:
        assert 'class="hops"' in server.ask(each.replace("&amp;", "&"), **HTML).text


def test_measures_mean_the_same_on_pages_and_in_python():
    assert {name: (str(means), str(caution)) for name, (_, means, caution) in relations.MEASURES.items()} == analysis.MEASURES
    assert set(relations.STATUS_NAMES) == set(STATUSES)


def test_every_projection_has_a_name_for_readers(made):
    from mikg import network

    assert set(relations.PROJECTIONS) == set(network.projections(made.sources))


@pytest.mark.parametrize(("language", "said"), [("en", "Ask for less: a period"), ("es", "Pida menos: un periodo")])
def test_a_network_too_large_for_a_page_is_refused_with_ways_to_narrow_it(made, monkeypatch, language, said):
    monkeypatch.setattr(relations, "MEASURED", 3)
    app = create_app(made)
    relations._measured.cache_clear()
    try:
        answer = app.test_client().get(f"/network?lang={language}", headers=HTML)
    finally:
        app.engine.close()
        relations._measured.cache_clear()
    assert (answer.status_code, said in answer.text) == (413, True)


@pytest.mark.parametrize("projection", relations.PROJECTIONS)
def test_every_network_has_its_page(server, projection):
    page = server.ask(f"network?projection={projection}&by=degree&statuses=all", **HTML)
    assert page.status == 200
    assert "Not influence" in page.text


def test_the_measures_come_as_json_csv_and_a_data_cube(server):
    whole = json.loads(server.ask("api/network/analysis.json").text)
    table = server.ask("api/network/analysis.csv").text.splitlines()
    graph = rdflib.Graph().parse(data=server.ask("api/network/analysis.ttl").text, format="turtle")
    assert len(whole["nodes"]) == len(table) - 1 == len(set(graph.subjects(RDF.type, QB.Observation)))
    assert whole["measures"]["pagerank"]["caution"].startswith("Not")
    assert json.loads(server.ask("api/network/together.json").text)[0]["count"] > 5


@pytest.mark.parametrize("form", formats.FORMATS)
def test_every_format_is_served_as_a_file(server, form):
    answer = server.ask(f"api/network/export.{form}?projection=countries")
    assert answer.headers["Content-Type"].startswith(formats.FORMATS[form][0])
    assert 'filename="mikg-countries' in answer.headers["Content-Disposition"]
    assert "panama" in answer.text.lower()


def test_the_csv_leads_to_its_licence_and_columns(server):
    link = server.ask("api/network/export.csv?projection=countries&since=2021").headers["Link"]
    assert 'rel="describedby"' in link
    beside = json.loads(server.ask(f"api/network/{link[1 : link.index('>')]}").text)
    assert beside["url"] == "export.csv?projection=countries&since=2021"
    assert beside["dc:license"]["@id"].startswith("https://creativecommons.org/")
    assert server.ask("api/network/export.csv-metadata.json?projection=panana").status == 404


def test_a_construct_is_exported(server):
    query = "PREFIX mikg: <https://w3id.org/mikg/ontology#> CONSTRUCT { ?a mikg:party ?b } WHERE { ?a mikg:party ?b }"
    text = server.ask("api/network/export.graphml", urlencode({"construct": query}).encode()).text
    assert networkx.read_graphml(io.BytesIO(text.encode())).number_of_edges() > 3


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("network?by=importance", 400, "pagerank"),
        ("network?projection=contries", 404, "countries"),
        ("network?statuses=zzz", 404, "asserted"),
        ("api/network/export.png", 400, "graphml"),
        ("api/network/export.json?construct=SELECT%20*%20%7B%7D", 400, "CONSTRUCT"),
        ("api/network/export.json?construct=CONSTRUCT%20%7B", 400, "never closed"),
        ("api/network/export.json?around=panana", 404, "id:panama"),
        ("api/network/export.json?around=panama&steps=0", 400, "1 to 10"),
    ],
)
def test_what_a_network_does_not_have_is_said(server, path, status, said):
    answer = server.ask(path)
    assert answer.status == status
    assert said in answer.text


def test_filters_that_leave_nothing_leave_a_page_that_says_so(server):
    page = server.ask("network?since=1900&until=1901", **HTML)
    assert page.status == 200
    assert "Nothing is left" in page.text
