"""A release is made from the sources, or the old one stays: on a small graph of its own, with real files."""

import json
import os
import signal
import subprocess
import sys
import threading

import pyoxigraph as ox
import pytest
from waiting import until

from mikg import release
from mikg.engine import Query
from mikg.engine.embedded import Pool
from mikg.errors import ReleaseError, SourceError
from mikg.namespaces import is_public
from mikg.settings import Settings

ENTITIES = """@prefix id: <https://w3id.org/mikg/id/> .
@prefix mikg: <https://w3id.org/mikg/ontology#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
id:ana a skos:Concept ; skos:prefLabel "Ana"@en , "Ana"@es .
"""
SHAPE = """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix mikg: <https://w3id.org/mikg/ontology#> .
mikg:NamedShape a sh:NodeShape ; sh:targetClass skos:Concept ; sh:property mikg:NamedShape-name .
mikg:NamedShape-name sh:path skos:prefLabel ; sh:minCount 2 ; sh:message "Give it two names."@en .
"""


@pytest.fixture
def small(tree, tmp_path) -> Settings:
    sources = tree(**{"sources/graph/entities.ttl": ENTITIES, "sources/ontology/shapes.ttl": SHAPE}) / "sources"
    return Settings(sources=sources, releases=tmp_path / "releases", documents=None)


def add(settings: Settings, text: str) -> None:
    with open(settings.sources / "graph/entities.ttl", "a", encoding="utf-8") as file:
        file.write(text)


def test_the_same_sources_give_the_same_release_byte_for_byte(small, tmp_path):
    first = release.build(small, print)
    second = release.build(Settings(sources=small.sources, releases=tmp_path / "elsewhere"), print)
    assert first.name == second.name
    for file in ("manifest.json", "graph.nq", "graph.nq.gz"):
        assert (first / file).read_bytes() == (second / file).read_bytes()


def test_the_real_sources_give_the_same_manifest_twice(made, tmp_path):
    again = release.build(Settings(sources=made.sources, releases=tmp_path, documents=made.documents), print)
    assert (again / "manifest.json").read_bytes() == (release.current(made) / "manifest.json").read_bytes()


def test_another_statement_gives_another_release_and_the_one_before_is_kept(small):
    names = [release.build(small, print).name]
    for number in range(3):
        add(small, f'id:n{number} a skos:Concept ; skos:prefLabel "N{number}"@en , "N{number}"@es .\n')
        for folder in small.releases.glob("[!.]*"):
            os.utime(folder, (10**9, 10**9))
        names.append(release.build(small, print).name)
    assert len(set(names)) == 4
    assert release.current(small).name == names[-1]
    assert sorted(path.name for path in small.releases.iterdir() if not path.is_symlink()) == sorted(names[-2:])


@pytest.mark.parametrize(
    "broken", ["id:eva a skos:Concept", 'id:eva a skos:Concept ; skos:prefLabel "Eva"@en .'], ids=["syntax", "violation"]
)
def test_a_build_that_fails_leaves_the_old_release_in_place(small, broken):
    before = release.build(small, print)
    add(small, broken)
    with pytest.raises(SourceError, match=r"graph/entities.ttl:\d"):
        release.build(small, print)
    assert release.current(small) == before
    assert not list(small.releases.glob(".building-*"))


def test_a_killed_build_leaves_the_old_release_and_is_cleared_up_by_the_next(small):
    before = release.build(small, print)
    add(small, "".join(f'id:n{number} a skos:Concept ; skos:prefLabel "N{number}"@en , "N{number}"@es .\n' for number in range(300)))
    variables = {**os.environ, "MIKG_SOURCES": str(small.sources), "MIKG_RELEASES": str(small.releases)}
    process = subprocess.Popen([sys.executable, "-m", "mikg", "build"], env=variables, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "checking" in line:
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert release.current(small) == before
    assert list(small.releases.glob(".building-*"))
    after = release.build(small, print)
    assert after != before
    assert not list(small.releases.glob(".building-*"))


def test_a_new_release_is_picked_up_while_queries_run_and_none_fails(small):
    release.build(small, print)
    pool = Pool(small)
    counts, faults, stop = set(), [], threading.Event()

    def ask() -> None:
        while not stop.is_set():
            try:
                counts.add(
                    json.loads(pool.query(Query("SELECT (COUNT(*) AS ?n) { ?s a ?c }")).body)["results"]["bindings"][0]["n"]["value"]
                )
            except Exception as fault:
                faults.append(fault)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(3):
        add(small, f'id:m{number} a skos:Concept ; skos:prefLabel "M{number}"@en , "M{number}"@es .\n')
        release.build(small, print)
        until(lambda: len(counts) + 4 * len(faults), (number + 2).__le__)
    stop.set()
    for thread in threads:
        thread.join()
    pool.close()
    assert not faults
    assert counts == {"1", "2", "3", "4"}


def test_the_default_graph_is_the_merge_without_duplicates(pool, made):
    dump = list(ox.parse(path=str(release.current(made) / "graph.nq"), format=ox.RdfFormat.N_QUADS))
    public = ox.Store()
    public.extend(
        ox.Quad(quad.subject, quad.predicate, quad.object, ox.DefaultGraph()) for quad in dump if is_public(quad.graph_name.value)
    )
    counted = json.loads(pool.query(Query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")).body)["results"]["bindings"][0]["n"]["value"]
    assert int(counted) == len(public)
    stated_twice = json.loads(
        pool.query(
            Query("SELECT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } } GROUP BY ?s ?p ?o HAVING (COUNT(?g) > 1) ORDER BY ?s ?p ?o LIMIT 1")
        ).body
    )["results"]["bindings"]
    assert stated_twice, "the graph has triples that several passages state: without them this test would show nothing"


def test_downloads_keep_literals_as_they_were_written(small):
    text = '<https://w3id.org/mikg/id/ana> <http://www.w3.org/2004/02/skos/core#notation> "01"^^<http://www.w3.org/2001/XMLSchema#int> , "1.50" .\n'
    (small.sources / "graph/external").mkdir()
    (small.sources / "graph/external/codes.ttl").write_text(text)
    folder = release.build(small, print)
    assert '"01"^^<http://www.w3.org/2001/XMLSchema#int>' in (folder / "graph.nq").read_text()
    pool = Pool(small)
    kept = pool.query(
        Query("SELECT ?o { GRAPH <https://w3id.org/mikg/graph/external/codes> { ?s ?p ?o } } ORDER BY ?o", results="text/csv")
    )
    pool.close()
    assert sorted(kept.body.split()[1:]) == [b"1", b"1.50"], "the store writes the number in its own way, the download does not"


def test_a_release_made_anew_never_moves_the_one_that_is_open(small):
    first = release.build(small, print)
    pool = Pool(small)
    pool.query(Query("ASK {}"))
    again = release.build(small, print, force=True)
    assert again != first
    assert (again / "manifest.json").read_bytes() == (first / "manifest.json").read_bytes()
    assert release.ensure(small, print) == again
    assert pool.query(Query("ASK { ?s ?p ?o }")).release == again.name
    pool.close()


def test_a_folder_that_cannot_be_written_is_named(small, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ReleaseError, match=r"cannot be written to .*MIKG_RELEASES"):
        release.build(Settings(sources=small.sources, releases=tmp_path / "file" / "below"), print)


def test_a_missing_or_broken_release_says_what_to_do(small):
    with pytest.raises(ReleaseError, match="mikg build"):
        Pool(small)
    folder = release.build(small, print)
    (folder / "manifest.json").write_text("{")
    with pytest.raises(ReleaseError, match="mikg build --force"):
        release.manifest(folder)
