"""Candidates for a link, and the decision about them: the commands over the real graph, the writing on a copy of it."""

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from mikg import sources
from mikg.cli import main
from mikg.errors import Misuse, SourceError
from mikg.mappings import candidates, curation, tables
from mikg.mappings.candidates import Described
from mikg.namespaces import ID

ROOT = Path(__file__).parents[1]
CSV = "id,name,type,iata_code\n1,Tocumen International Airport,large_airport,PTY\n2,Tocumen,city,\n3,Bocas del Toro Airport,medium_airport,BOC\n"


def run(*words: str, **variables: str):
    return CliRunner().invoke(main, words, env=variables, catch_exceptions=False)


@pytest.fixture
def copy(tmp_path):
    """A copy of the sources that a test may write into."""
    for name in ("ontology", "graph"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def endpoint():
    """A SPARQL endpoint on loopback over few triples, and the queries that it was asked."""
    store = ox.Store()
    store.load(
        b"""@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix e: <http://example.org/> .
        e:org rdfs:label "organization"@en . e:1 a e:org ; rdfs:label "Egmont Group"@en . e:2 rdfs:label "Egmont"@fr . e:3 rdfs:label "Panama"@en .""",
        format=ox.RdfFormat.TURTLE,
    )
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            query = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["query"][0]
            asked.append((self.headers["User-Agent"], query))
            status, body = (500, b"out of order") if self.path == "/broken" else (200, b"<html>" if self.path == "/page" else None)
            if body is None:
                body = store.query(query).serialize(format=ox.QueryResultsFormat.JSON)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()


def test_the_state_of_the_links_names_kinds_authorities_and_what_has_none(made):
    shown = run("link", "status", "--without").stdout
    assert "mikg:Country" in shown and "wd " in shown
    assert "id:samira-gozaine (mikg:Person): none found in fast" in shown
    assert "id:group-six-alleged-coyotes (mikg:UnnamedGroup): only ours" in shown
    whole = json.loads(run("link", "status", "--format", "json").stdout)
    assert {"things", "authorities"} == set(whole)


def test_candidates_are_scored_and_their_features_shown(made, tmp_path):
    table = tmp_path / "airports.csv"
    table.write_text(CSV, encoding="utf-8")
    done = run("link", "candidates", "tocumen-international-airport", "--from", str(table), "--format", "json")
    (row,) = json.loads(done.stdout)["results"]["bindings"]
    assert row["candidate"]["value"] == "1"
    assert row["features"]["value"].endswith("kind agrees; code PTY")
    more = run("link", "candidates", "tocumen-international-airport", "--from", str(table), "--least", "0.3", "--format", "csv")
    scores = [line.split(",")[2] for line in more.stdout.splitlines()[1:]]
    assert len(scores) > 1 and scores == sorted(scores, reverse=True)


def test_candidates_come_from_an_extract_of_the_graph_by_its_name(made):
    done = run("link", "candidates", "panama-city", "--from", "countries")
    assert "https://sws.geonames.org/3703443/" in done.stdout


def test_candidates_come_from_a_sparql_endpoint_that_learns_who_asks(made, endpoint):
    address, asked = endpoint
    done = run("link", "candidates", "egmont-group", "--from", address)
    assert "http://example.org/1" in done.stdout and "example.org/3" not in done.stdout
    assert all(agent.startswith("mikg/") and "http" in agent for agent, _ in asked)


@pytest.mark.parametrize(("path", "said"), [("/broken", "answered 500: out of order"), ("/page", "is it a SPARQL endpoint?")])
def test_an_endpoint_that_fails_is_named_with_what_it_said(made, endpoint, path, said):
    done = run("link", "candidates", "panama", "--from", endpoint[0] + path)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_an_endpoint_out_of_reach_is_no_stack_trace(made):
    done = run("link", "candidates", "panama", "--from", "http://127.0.0.1:9/sparql")
    assert done.exit_code == 2 and "cannot be asked" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["panama", "--kind", "Country"], "name one ENTITY"),
        ([], "name one ENTITY"),
        (["panamaa"], "no entity is called id:panamaa"),
        (["--kind", "Contry"], "no entity is of the kind 'Contry'; kinds: "),
    ],
)
def test_a_wrong_question_for_candidates_is_answered_with_what_to_do(made, tmp_path, words, said):
    (tmp_path / "some.csv").write_text(CSV, encoding="utf-8")
    done = run("link", "candidates", *words, "--from", str(tmp_path / "some.csv"))
    assert done.exit_code == 2 and said in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "error", "said"),
    [
        ("a.xlsx", b"", Misuse, "ends with .xlsx"),
        ("a.csv", b"x,y\n1,2\n", Misuse, "names nothing"),
        ("a.csv", b"id,name\n1,Panam\xe1\n", SourceError, "it is not UTF-8"),
        ("a.ttl", b"<a> <b> .\n", SourceError, "a.ttl:1"),
        ("a.ttl", b'<http://e.org/a> <http://e.org/name> "cut', SourceError, "a.ttl:1"),
    ],
)
def test_a_file_that_cannot_be_compared_says_why(tmp_path, name, content, error, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=said):
        candidates.of_file(tmp_path / name)


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        candidates.of_file(tmp_path / "none.ttl")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Marta Lucía Ramírez", "RAMIREZ, Marta Lucia"),
        ("FATF", "FATF"),
        ("Панама", "Panama"),
        ("Organización de los Estados Americanos", "Organizacion de los Estados Americanos"),
    ],
    ids=["accents and word order", "acronym", "another script", "accents"],
)
def test_names_are_compared_without_accents_case_and_order(ours, theirs):
    (found,) = candidates.match([Described("a", {ours})], [Described("b", {theirs}), Described("c", {"Something else"})])
    assert found.object == "b" and found.score >= 0.85


def test_another_kind_tells_namesakes_apart():
    panama = Described(ID + "panama", {"Panama"}, {"https://w3id.org/mikg/ontology#Country"})
    best, other = candidates.match(
        [panama], [Described("city", {"Panama"}, {"city"}), Described("state", {"Panama"}, {"country"})], least=0.5
    )
    assert (best.object, other.object) == ("state", "city")
    assert "kind differs" in other.features


def test_an_accepted_pair_is_appended_and_all_else_stays(copy):
    before = (copy / curation.TABLE).read_text(encoding="utf-8")
    done = run(
        *("link", "accept", "id:egmont-group", "wd:Q1306384", "--label", 'Egmont "Group"', "--reason", "read in a test, version 1"),
        *("--confidence", "0.7"),
        MIKG_SOURCES=str(copy),
    )
    assert done.exit_code == 0, done.stderr
    after = (copy / curation.TABLE).read_text(encoding="utf-8")
    assert after.startswith(before) and after.count("\n") == before.count("\n") + 1
    row = tables.read_table(copy / curation.TABLE, curation.TABLE).rows[-1]
    assert (row.mapping.confidence, row.mapping.object.name, row.mapping.comment) == (0.7, 'Egmont "Group"', "read in a test, version 1")
    assert done.stdout.strip().endswith(f"{curation.TABLE}:{row.line}")


@pytest.mark.parametrize(
    ("by", "justification"), [("manual", "ManualMappingCuration"), ("kinds", "CompositeMatching"), ("names", "LexicalMatching")]
)
def test_a_pair_says_whether_more_than_its_names_was_read(copy, by, justification):
    words = ("link", "accept", "id:egmont-group", "wd:Q1306384", "--reason", "called so in a test", "--by", by)
    assert run(*words, MIKG_SOURCES=str(copy)).exit_code == 0
    row = tables.read_table(copy / curation.TABLE, curation.TABLE).rows[-1]
    assert row.mapping.justification.curie == f"semapv:{justification}"


def test_a_rejected_pair_is_a_negative_row(copy):
    row = curation.decide(copy, "id:panama-city", "http://www.wikidata.org/entity/Q804", "exact", "the country", matches=False)
    assert row.negative and row.mapping.object.curie == "wd:Q804"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("id:panamaa", "wd:Q1"), "the graph knows no id:panamaa; is id:panama"),
        (("id:panama", "wdd:Q1"), "begins with no prefix of graph/links/mappings.sssom.tsv"),
        (("id:panama", "http://example.org/1"), "begins with no prefix"),
        (("id:panama", "wd:Q2"), "wd:Q2 and wd:Q804 are both its exact match"),
        (("id:panama", "wd:Q804"), "the same mapping stands"),
        (("id:panama", "geonames:3703443/"), "both its exact match"),
        (("id:costa-rica", "wd:Q804"), "is also the exact match of id:panama"),
        (("id:panama", "sssom:NoTermFound"), "is no term of another graph"),
        (("id:panama", "wd:notanitem"), "wd:notanitem is no identifier of <https://w3id.org/mikg/authority/wd>"),
        (("id:panama", "iso3166a3:PANAMA"), "these are of the form ^urn:iso:std:iso:3166:-1:alpha-3:[A-Z]{3}$, such as iso3166a3:"),
        (("http://127.0.0.1:8000/page/panama", "https://www.wikidata.org/wiki/Q804"), "the same mapping stands"),
        (("https://w3id.org/mikg/id/panama", "https://www.wikidata.org/wiki/Q2"), "wd:Q2 and wd:Q804 are both its exact match"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, tuple) else "",
)
def test_a_pair_that_cannot_stand_is_refused_and_nothing_is_written(copy, words, said):
    path = copy / curation.TABLE
    before = path.read_bytes()
    done = run("link", "accept", *words, "--reason", "a test", MIKG_SOURCES=str(copy))
    assert done.exit_code == 2 and said in done.stderr, done.stderr
    assert path.read_bytes() == before
    assert not list(path.parent.glob(".linking-*"))


def test_a_decision_needs_a_reason():
    done = run("link", "reject", "id:panama", "wd:Q2", "--reason", "  ")
    assert done.exit_code == 2 and "--reason is empty" in done.stderr


def test_a_denied_pair_is_not_accepted_later(copy):
    with pytest.raises(Misuse, match="it denies what stands"):
        curation.decide(copy, "id:panama", "wd:Q804", "exact", "a test", matches=False)
    sources.read(copy)  # the copy is whole
