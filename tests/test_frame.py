"""What every page has: files that browsers keep, faults in the reader's form, structured data; and the look without the bundle."""

import gzip
import json
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import brotli
import pytest

from mikg.web import bundle, frame
from mikg.web.application import create_app

BROWSER = "text/html"
BUNDLED = (bundle.STATIC / "dist/.stamp").is_file()
bundled = pytest.mark.skipif(not BUNDLED, reason="the scripts were left out of this installation (MIKG_ASSETS=skip)")


@bundled
def test_styles_and_scripts_come_packed_and_may_be_kept_for_a_year(server):
    page = server.ask("", Accept=BROWSER).text
    addresses = re.findall(r'(?:href|src)="/(static/[^"]+)"', page)
    assert len(addresses) >= 5
    for address in addresses:
        plain = server.ask(address)
        assert plain.status == 200
        assert plain.headers["Cache-Control"] == "max-age=31536000, public, immutable"
        assert plain.headers["X-Content-Type-Options"] == "nosniff"
        if address.endswith(".woff2"):
            continue
        assert "?v=" in address
        if ".css" in address or ".js" in address:
            for encoding, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress)):
                packed = server.ask(address, Accept_Encoding=encoding)
                assert packed.headers["Content-Encoding"] == encoding
                assert unpack(packed.body) == plain.body


def test_pages_and_answers_come_packed(server):
    for path, accept in (("documents/us-ct-report", BROWSER), ("sparql?query=" + quote("SELECT * { ?s ?p ?o } LIMIT 500"), "*/*")):
        plain = server.ask(path, Accept=accept)
        packed = server.ask(path, Accept=accept, Accept_Encoding="gzip")
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.body) == plain.body
        assert len(packed.body) < len(plain.body) / 3
        assert "Accept-Encoding" in packed.headers["Vary"]


def test_two_readers_do_not_get_each_others_language(server):
    def heading(language: str) -> str:
        return re.search(r"<h1>(.*?)</h1>", server.ask("questions", Accept=BROWSER, Accept_Language=language).text).group(1)

    wanted = ["en", "es"] * 12
    with ThreadPoolExecutor(8) as several:
        assert list(several.map(heading, wanted)) == ["Questions", "Preguntas"] * 12


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("no/such/page", 404),
        ("documents/nothing", 404),
        ("questions/agrements-of-a-country", 404),
        ("sparql?query=" + quote("SELECT * {"), 400),
        ("sparql?query=" + quote("SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }"), 403),
    ],
)
def test_programs_get_problem_details(server, path, status):
    answer = server.ask(path, Accept="application/problem+json, application/json;q=0.5")
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = json.loads(answer.body)
    assert told["status"] == status
    assert told["title"] and told["detail"]
    assert told["instance"] == "/" + path.partition("?")[0]


def test_a_fault_is_a_line_for_those_who_do_not_say_and_a_page_for_people(server):
    plain, page = server.ask("no/such/page"), server.ask("no/such/page", Accept=BROWSER)
    assert plain.headers["Content-Type"].startswith("text/plain")
    assert plain.text.count("\n") == 1
    assert "<h1>Not found</h1>" in page.text
    assert "<title>Not found · mikg</title>" in page.text


def test_where_the_time_is_up_there_is_advice_and_a_time_to_come_back(made, serve):
    hasty = serve(made.releases, MIKG_DEADLINE="0.001")
    answer = hasty.ask("documents", Accept=BROWSER)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert "<h1>Not now</h1>" in answer.text
    assert "Wait some seconds and ask again" in answer.text


def test_a_page_describes_itself_to_search_engines(server):
    def data(path: str) -> dict:
        return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', server.ask(path, Accept=BROWSER).text).group(1))

    whole, work = data(""), data("documents/mire-communique")
    assert whole["@type"] == "Dataset" and len(whole["isBasedOn"]) == 5
    assert (work["@type"], work["datePublished"]) == ("CreativeWork", "2022-02-01")
    assert work["publisher"]["name"] == "Ministry of Foreign Affairs of Panama"


def test_each_page_has_a_title_of_its_own_and_one_heading(server):
    titles = []
    for path in (
        "",
        "documents",
        "documents/us-ct-report",
        "documents/us-ct-report/p6-s4",
        "disagreements",
        "questions",
        "sparql",
        "search?q=panama",
    ):
        page = server.ask(path, Accept=BROWSER).text
        titles.append(re.search(r"<title>(.*?)</title>", page, re.DOTALL).group(1))
        assert page.count("<h1") == 1, path
        assert re.search(r'<meta name="description" content="[^"]{20,}', page), path
    assert len(set(titles)) == len(titles)


def test_only_sections_that_are_there_are_offered(server):
    page = server.ask("", Accept=BROWSER).text
    shown = re.findall(r'<a href="(/[a-z]+)"', page.partition('<nav class="wide"')[2].partition("</nav>")[0])
    assert "/documents" in shown
    assert set(shown) <= {path for path, _ in frame.SECTIONS}
    for path in shown:
        assert server.ask(path, Accept=BROWSER).status == 200


def test_without_the_bundle_pages_are_read_with_plain_styles_and_no_script(made, monkeypatch, tmp_path):
    monkeypatch.setattr(bundle, "STATIC", tmp_path)
    app = create_app(made)
    try:
        client = app.test_client()
        page = client.get("/", headers={"Accept": BROWSER}).text
        assert '<script type="module"' not in page
        styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
        assert any("/plain/app.css?v=" in each for each in styles)
        assert not any("style.css" in each or "type.css" in each for each in styles)
        for each in styles:
            answer = client.get(each)
            assert answer.status_code == 200 and answer.content_type.startswith("text/css")
            assert "immutable" in answer.headers["Cache-Control"]
            assert "node_modules" not in answer.text
        for path in ("/documents", "/questions/agreements-of-a-country", "/disagreements", "/no/such/page"):
            assert "<main" in client.get(path, headers={"Accept": BROWSER}).text
    finally:
        app.engine.close()


def test_a_script_may_import_what_it_shares_with_the_page_in_a_worker_too(server):
    for name in ("explore-layout.js", "app.js"):
        assert server.ask(f"static/dist/{name}").headers["Content-Security-Policy"] == "default-src 'none'; script-src 'self'"
    assert "script-src" not in server.ask("static/icon.svg").headers["Content-Security-Policy"]
