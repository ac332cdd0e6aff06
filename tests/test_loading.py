"""Open data come in whole or not at all, of any syntax, and stay through every build."""

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyoxigraph as ox
import pytest
from waiting import until

from mikg import loading, loads, release, settings
from mikg.engine import Query
from mikg.engine.embedded import Pool
from mikg.errors import Misuse, NotFound, ReleaseError, SourceError
from mikg.namespaces import EXTERNAL

ROOT = Path(__file__).parents[1]
QUADS = [ox.Quad(ox.NamedNode("http://x/a"), ox.NamedNode("http://x/p"), ox.Literal("ours"), ox.NamedNode(EXTERNAL + "ours"))]
TURTLE = '@prefix x: <http://x/> . x:a x:p "Panamá"@es, 1, [ x:q x:a ] ; x:near x:b .'
TRIPLES = 5
ABOUT = 5  # triples that say what a loaded graph is


@pytest.fixture
def chosen(release_of):
    return release_of(QUADS)


def say(text: str) -> None:
    print(text)


def count(chosen: settings.Settings, graph: str, pattern: str = "?s ?p ?o") -> int:
    pool = Pool(chosen)
    try:
        answer = pool.query(Query(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{EXTERNAL}{graph}> {{ {pattern} }} }}"))
        return int(json.loads(answer.body)["results"]["bindings"][0]["n"]["value"])
    finally:
        pool.close()


def state(chosen: settings.Settings) -> tuple:
    """What must not change when a load fails: the release in use, the records, no folder of a half-made release."""
    left = sorted(path.name for path in chosen.releases.glob(".*"))
    return (chosen.releases / "current").resolve(), loads.read(chosen), left


SYNTAXES = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "n3": ox.RdfFormat.N3,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_rdf_of_every_syntax_becomes_a_graph_of_its_own(chosen, tmp_path, syntax, packed):
    quads = list(ox.parse(TURTLE, ox.RdfFormat.TURTLE))
    if syntax in ("nq", "trig"):  # a data set's own graphs become one
        quads = [ox.Quad(*quad.triple, ox.NamedNode(f"http://x/{number}")) for number, quad in enumerate(quads)]
        text = ox.serialize(quads, format=SYNTAXES[syntax])
    else:
        text = ox.serialize((quad.triple for quad in quads), format=SYNTAXES[syntax])
    path = tmp_path / f"data.{syntax}{'.gz' * packed}"
    path.write_bytes(gzip.compress(text) if packed else text)
    record, size = loading.load(chosen, str(path), "data", say, license="https://creativecommons.org/publicdomain/zero/1.0/")
    assert size == count(chosen, "data") == TRIPLES + ABOUT + 1
    assert count(chosen, "ours") == 1
    assert count(chosen, "data", f"<{EXTERNAL}data> <http://purl.org/dc/terms/license> ?l") == 1
    folder = release.current(chosen)
    assert release.manifest(folder)["graphs"] == {EXTERNAL + "data": size, EXTERNAL + "ours": 1}
    assert (folder / record.file).is_file()
    assert folder.name == release.name(chosen)


def test_blank_nodes_of_two_files_are_never_the_same(chosen, tmp_path):
    (tmp_path / "data.nt").write_text("_:a <http://x/p> _:a .\n")
    loading.load(chosen, str(tmp_path / "data.nt"), "one", say)
    loading.load(chosen, str(tmp_path / "data.nt"), "two", say)
    pool = Pool(chosen)
    both = f"SELECT ?s {{ GRAPH <{EXTERNAL}one> {{ ?s <http://x/p> ?s }} GRAPH <{EXTERNAL}two> {{ ?s <http://x/p> ?s }} }}"
    assert json.loads(pool.query(Query(both)).body)["results"]["bindings"] == []
    pool.close()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("cut.nt", b'<http://x/a> <http://x/p> "1" .\n<http://x/a> <http://x/p> "2', "cut.nt:2: "),
        ("cut.ttl", b'@prefix x: <http://x/> .\nx:a x:p "1" ;\n', "cut.ttl:"),
        ("cut.rdf", b'<?xml version="1.0"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n<rdf:Description', "cut.rdf"),
        ("cut.jsonld", b'{"@id": "http://x/a",\n "http://x/p": [', "cut.jsonld:"),
        ("cut.nq", b'<http://x/a> <http://x/p> "1" .\n<http://x/a> <ht', "cut.nq:2: "),
        ("cut.nt.gz", gzip.compress(b'<http://x/a> <http://x/p> "1" .\n' * 9999, mtime=0)[:-40], "cut.nt.gz: the packed file is cut"),
        ("cut.nq.gz", gzip.compress(b'<http://x/a> <http://x/p> "1" .\n' * 9999, mtime=0)[:-40], "cut.nq.gz: it is cut"),
        ("empty.ttl", b"", "empty.ttl: it is empty"),
        ("only.ttl", b"# nothing\n\n@prefix x: <http://x/> .\n# more\n", "only.ttl: it has no triple, only lines of comments: 2, of prefixes: 1, that state nothing: 1; nothing was loaded."),
        ("only.nt.gz", gzip.compress(b"# nothing\n", mtime=0), "only lines of comments: 1"),
        ("only.trig", b"# nothing\n<http://x/g> {}\n", "only.trig: it has no triple, only "),
        ("only.jsonld", b"{}", "only.jsonld: it has no triple, only "),
        ("only.rdf", b'<?xml version="1.0"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>\n', "only.rdf: it has no triple, only "),
        ("head.csv", b"a,b\n", "head.csv: it has no triple, only "),
        ("latin.ttl", "<http://x/a> <http://x/p> 'Panamá' .".encode("latin-1"), "latin.ttl:1"),
        ("bad-iri.nt", b"<http://x/a> <http://x/p> <no iri> .\n", "bad-iri.nt:1: "),
        ("wide.csv", b"a,b\n1,2\n1,2,3\n", "wide.csv:3: the row has 3 cells, the table 2 columns"),
        ("narrow.csv", b"a,b\n1,2\n1\n", "narrow.csv:3: the row has 1 cells"),
        ("latin.csv", "a,b\n1,Panamá\n".encode("latin-1"), "it is not utf-8"),
        ("cut.csv.gz", gzip.compress(random.Random(7).randbytes(9999), mtime=0)[:-40], "cut.csv.gz: the packed file is cut"),
    ],
)  # fmt: skip
def test_a_broken_file_names_file_and_line_and_changes_nothing(chosen, tmp_path, name, content, said):
    before = state(chosen)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError) as caught:
        loading.load(chosen, str(tmp_path / name), "data", say)
    assert said in str(caught.value)
    assert state(chosen) == before
    assert count(chosen, "data") == 0


@pytest.mark.parametrize(
    ("source", "graph", "more", "said"),
    [
        ("nowhere.ttl", "data", {}, "nowhere.ttl cannot be read"),
        ("ftp://x.example/data.ttl", "data", {}, "from a file, or from an http"),
        ("data.pdf", "data", {}, "names no syntax that is read here"),
        ("data.ttl", "Data Set", {}, "small letters, digits and single hyphens"),
        ("data.ttl", "https://w3id.org/mikg/graph/entities", {}, "small letters"),
        ("data.ttl", "data", {"form": "word"}, "--format is 'word'"),
        ("data.ttl", "data", {"license": "free"}, "takes the address of a licence"),
        ("data.csv", "data", {"mapping": "data.ttl"}, "is not JSON"),
        ("data.csv", "data", {"mapping": "other.json"}, "no metadata of CSV on the Web"),
    ],
)
def test_what_is_asked_wrongly_is_said_and_changes_nothing(chosen, tmp_path, monkeypatch, source, graph, more, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.ttl").write_text(TURTLE)
    (tmp_path / "data.pdf").write_text("%PDF")
    (tmp_path / "data.csv").write_text("a\n1\n")
    (tmp_path / "other.json").write_text("{}")
    before = state(chosen)
    if "mapping" in more:
        more["mapping"] = Path(more["mapping"])
    with pytest.raises(Misuse) as caught:
        loading.load(chosen, source, graph, say, **more)
    assert said in str(caught.value)
    assert state(chosen) == before


# Tables

TABLE = "iso3,year,people,names\nPAN,2017,1500,Panama|Panamá\nCRI,2018,,Costa Rica\n"
MAPPING = {
    "@context": "http://www.w3.org/ns/csvw",
    "url": "people.csv",
    "tableSchema": {
        "aboutUrl": "#{iso3}-{year}",
        "columns": [
            {"name": "iso3", "titles": "iso3", "propertyUrl": "mikg:iso3166Alpha3"},
            {"name": "year", "titles": "year", "datatype": "gYear", "propertyUrl": "dcterms:date"},
            {"name": "people", "titles": "people", "datatype": "integer", "propertyUrl": "http://x/people"},
            {"name": "names", "titles": "names", "separator": "|", "lang": "es", "propertyUrl": "skos:altLabel"},
            {"name": "kind", "virtual": True, "propertyUrl": "rdf:type", "valueUrl": "http://x/Observation"},
        ],
    },
}
MAPPED = """
@prefix mikg: <https://w3id.org/mikg/ontology#> . @prefix dcterms: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<#PAN-2017> a <http://x/Observation> ; mikg:iso3166Alpha3 "PAN" ; dcterms:date "2017"^^xsd:gYear ; <http://x/people> 1500 ; skos:altLabel "Panama"@es, "Panamá"@es .
<#CRI-2018> a <http://x/Observation> ; mikg:iso3166Alpha3 "CRI" ; dcterms:date "2018"^^xsd:gYear ; skos:altLabel "Costa Rica"@es .
"""


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
def test_a_table_becomes_what_its_metadata_say(chosen, tmp_path, packed):
    path = tmp_path / f"people.csv{'.gz' * packed}"
    path.write_bytes(gzip.compress(TABLE.encode()) if packed else TABLE.encode())
    mapping = {**MAPPING, "url": path.name}
    (tmp_path / f"{path.name}-metadata.json").write_text(json.dumps(mapping))
    loading.load(chosen, str(path), "people", say)
    store = ox.Store.read_only(str(release.current(chosen) / "store"))
    graph = ox.NamedNode(EXTERNAL + "people")
    found = {str(quad.triple) for quad in store.quads_for_pattern(None, None, None, graph) if quad.subject != graph}
    assert found == {str(quad.triple) for quad in ox.parse(MAPPED, ox.RdfFormat.TURTLE, base_iri=graph.value)}


def test_a_table_without_metadata_has_a_property_for_each_column(chosen, tmp_path):
    (tmp_path / "people.tsv").write_text("iso3\tin 2017\nPAN\t7\n")
    loading.load(chosen, str(tmp_path / "people.tsv"), "people", say)
    assert count(chosen, "people", f'?s <{EXTERNAL}people#iso3> "PAN" ; <{EXTERNAL}people#in%202017> "7"') == 1


def test_a_cell_that_is_not_of_its_type_is_named_by_its_line(chosen, tmp_path):
    (tmp_path / "people.csv").write_text(TABLE.replace("1500", "many"))
    (tmp_path / "people.csv-metadata.json").write_text(json.dumps(MAPPING))
    with pytest.raises(SourceError, match=r"people\.csv:2.*many"):
        loading.load(chosen, str(tmp_path / "people.csv"), "people", say)


# Killed, built again, replaced


def test_a_load_that_is_killed_leaves_the_old_release_and_the_next_one_clears_up(chosen, tmp_path):
    with gzip.open(tmp_path / "large.nt.gz", "wb", compresslevel=1) as output:
        for number in range(400_000):
            output.write(f'<http://x/{number}> <http://x/p> "{number}" .\n'.encode())
    before = state(chosen)
    environment = {**os.environ, "MIKG_RELEASES": str(chosen.releases), "MIKG_SOURCES": str(chosen.sources)}
    command = [sys.executable, "-m", "mikg", "load", str(tmp_path / "large.nt.gz"), "--graph", "large"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if line.startswith("loading large"):
            break
    until(lambda: list(chosen.releases.glob(".building-*")))
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    current, records, left = state(chosen)
    assert (current, records) == before[:2]
    assert [name.startswith(".building-") for name in left] == [True]
    assert count(chosen, "ours") == 1
    (tmp_path / "small.ttl").write_text(TURTLE)
    loading.load(chosen, str(tmp_path / "small.ttl"), "small", say)
    assert state(chosen)[2] == []
    assert count(chosen, "small") == TRIPLES + ABOUT


def test_a_running_server_has_the_data_at_once_and_gives_them_whole(chosen, serve, tmp_path):
    server = serve(chosen.releases, MIKG_SOURCES=str(chosen.sources))
    (tmp_path / "data.nt").write_text("".join(f'<http://x/{n}> <http://x/p> "{n}" .\n' for n in range(25_000)))
    _, size = loading.load(chosen, str(tmp_path / "data.nt"), "data", say, title="Numbers")
    assert (
        "Numbers"
        in server.ask(
            "sparql?query=SELECT+*+{+GRAPH+?g+{+?g+<http://purl.org/dc/terms/title>+?t+}+}".replace("{", "%7B")
            .replace("}", "%7D")
            .replace("<", "%3C")
            .replace(">", "%3E")
        ).text
    )
    answer = server.ask("graph/external/data", Accept="application/n-triples")
    assert len(set(answer.body.splitlines())) == size == 25_000 + ABOUT
    assert b"Numbers" in server.ask(".well-known/void", Accept="text/turtle").body


def test_what_was_loaded_is_in_every_later_build_and_takes_the_place_of_a_source(chosen, tmp_path):
    (chosen.sources / "graph/external").mkdir()
    (chosen.sources / "graph/external/worldbank-population.ttl").write_text("<http://x/shipped> <http://x/p> 1 .\n")
    release.build(chosen, say)
    shipped = count(chosen, "worldbank-population")
    assert shipped == 1
    (tmp_path / "data.ttl").write_text(TURTLE)
    loading.load(chosen, str(tmp_path / "data.ttl"), "worldbank-population", say)
    assert count(chosen, "worldbank-population") == TRIPLES + ABOUT
    release.build(chosen, say, force=True)
    assert count(chosen, "worldbank-population") == TRIPLES + ABOUT
    loading.drop(chosen, "worldbank-population", say)
    assert count(chosen, "worldbank-population") == shipped
    assert loads.read(chosen) == []
    assert list(loads.folder(chosen).iterdir()) == []


def test_a_record_without_its_file_says_what_to_do(chosen, tmp_path):
    (tmp_path / "data.ttl").write_text(TURTLE)
    record, _ = loading.load(chosen, str(tmp_path / "data.ttl"), "data", say)
    (loads.folder(chosen) / record.file).unlink()
    with pytest.raises(ReleaseError, match="delete the record, and load the data again"):
        release.name(chosen)


# From an address, and fetched anew


@pytest.fixture
def publisher():
    """A server that publishes a file, knows ETags, and can be told to misbehave."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            publisher.asked.append(dict(self.headers))
            tag = f'"{hash(publisher.body)}"'
            if self.headers.get("If-None-Match") == tag:
                self.send_response(304)
                self.end_headers()
                return
            self.send_response(publisher.status)
            self.send_header("Content-Type", "text/turtle; charset=utf-8")
            self.send_header("Content-Length", str(len(publisher.body) + publisher.missing))
            self.send_header("ETag", tag)
            self.end_headers()
            self.wfile.write(publisher.body)

        def log_message(self, *_: object) -> None:
            pass

    publisher = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    publisher.body, publisher.status, publisher.missing, publisher.asked = TURTLE.encode(), 200, 0, []
    publisher.url = f"http://127.0.0.1:{publisher.server_port}/data"
    threading.Thread(target=publisher.serve_forever, daemon=True).start()
    yield publisher
    publisher.shutdown()
    publisher.server_close()


def test_an_address_is_loaded_by_its_media_type(chosen, publisher):
    record, size = loading.load(chosen, publisher.url, "data", say)
    assert size == TRIPLES + ABOUT + 1
    assert count(chosen, "data", f"<{EXTERNAL}data> <http://rdfs.org/ns/void#dataDump> <{publisher.url}>") == 1
    assert publisher.asked[0]["User-Agent"].startswith("mikg/")
    assert record.etag


@pytest.mark.parametrize(("status", "missing", "said"), [(404, 0, "HTTP 404"), (200, 100, "cannot be fetched")])
def test_an_address_that_gives_nothing_whole_changes_nothing(chosen, publisher, status, missing, said):
    before = state(chosen)
    publisher.status, publisher.missing = status, missing
    with pytest.raises(SourceError, match=said):
        loading.load(chosen, publisher.url, "data", say)
    assert state(chosen) == before


def test_fetching_anew_takes_what_is_new_and_keeps_the_snapshot_where_it_cannot(chosen, publisher, monkeypatch):
    before, _ = loading.load(chosen, publisher.url, "data", say)
    ((_, said),) = loading.refresh(chosen, [], say)
    assert said == f"unchanged; snapshot of {before.date}"
    monkeypatch.setattr(release, "make", lambda settings, place, others, say, without: _made(chosen, place))
    publisher.body += b' x:a x:p "more" .'
    ((fresh, said),) = loading.refresh(chosen, ["data"], say)
    assert fresh.sha256 != before.sha256
    assert count(chosen, "data") == TRIPLES + ABOUT + 2
    publisher.body = b"<broken"
    ((kept, said),) = loading.refresh(chosen, ["data"], say)
    assert kept == fresh
    assert f"kept as it was, snapshot of {fresh.date}: " in said
    publisher.shutdown()
    publisher.server_close()
    ((_, said),) = loading.refresh(chosen, ["data"], say)
    assert "cannot be fetched" in said
    assert count(chosen, "data") == TRIPLES + ABOUT + 2
    with pytest.raises(NotFound, match="there is: data"):
        loading.refresh(chosen, ["other"], say)


def test_a_graph_of_the_sources_that_says_where_it_can_be_fetched_is_fetched_anew(release_of, publisher, monkeypatch):
    graph = ox.NamedNode(EXTERNAL + "shipped")
    facts = {
        "http://www.w3.org/ns/dcat#downloadURL": ox.NamedNode(publisher.url),
        "http://purl.org/dc/terms/modified": ox.Literal("2020-02-02"),
    }
    chosen = release_of([*QUADS, *(ox.Quad(graph, ox.NamedNode(name), value, graph) for name, value in facts.items())])
    monkeypatch.setattr(release, "make", lambda settings, place, others, say, without: _made(chosen, place))
    publisher.status = 503
    ((_, said),) = loading.refresh(chosen, [], say)
    assert said.startswith("kept as it was, snapshot of 2020-02-02: ")
    assert count(chosen, "shipped") == 2
    publisher.status = 200
    loading.refresh(chosen, ["shipped"], say)
    assert count(chosen, "shipped") == TRIPLES + ABOUT + 1


def _made(chosen: settings.Settings, place: Path) -> None:
    """A release of the unchecked quads with which these tests begin."""
    store = ox.Store(str(place / "store"))
    store.extend(QUADS)
    store.flush()
    (place / "manifest.json").write_text(
        json.dumps({"counts": {"quads": 1, "default graph": 0, "named graphs": 1}, "graphs": {EXTERNAL + "ours": 1}})
    )


def test_the_commands_load_list_refresh_and_drop(chosen, tmp_path):
    (tmp_path / "data.ttl").write_text(TURTLE)
    environment = {**os.environ, "MIKG_RELEASES": str(chosen.releases), "MIKG_SOURCES": str(chosen.sources)}

    def run(*words: str) -> subprocess.CompletedProcess:
        return subprocess.run([sys.executable, "-m", "mikg", *words], env=environment, capture_output=True, text=True, check=False)

    assert run("external", "list").stderr.startswith("mikg: nothing has been loaded")
    done = run("load", str(tmp_path / "data.ttl"), "--graph", "data")
    assert (done.returncode, done.stdout.startswith(f"{EXTERNAL}data: {TRIPLES + ABOUT} triples; snapshot of 20")) == (0, True)
    assert "licence not stated" in run("external", "list").stdout
    assert "came from the file" in run("external", "refresh").stdout
    failed = run("load", str(tmp_path / "nowhere.ttl"), "--graph", "data")
    assert (failed.returncode, failed.stderr.startswith("mikg: ")) == (2, True)
    assert run("external", "drop", "other").returncode == 2
