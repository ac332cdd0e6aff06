"""Linked data over real HTTP: each IRI of ours leads somewhere, and the same graph comes in each syntax."""

import http.client
import json
import re
import urllib.parse

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic

from mikg import release, resources
from mikg.namespaces import BASE, DOCUMENT, GRAPH, ID, MIKG, SKOS
from mikg.web import addresses

SUFFIXES = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld", "rdf": "xml", "trig": "trig", "nq": "nquads"}
PINO = ID + "juan-manuel-pino"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
THINGS = ("id/juan-manuel-pino", "document/voa-us-panama/p11-s2", "document/voa-us-panama", "rule/label")


class Client:
    """One connection that stays open, and follows no redirect."""

    def __init__(self, url: str) -> None:
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)

    def ask(self, path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
        self.connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = self.connection.getresponse()
        answer.body = answer.read()
        return answer


@pytest.fixture(scope="module")
def client(server):
    return Client(server.url)


@pytest.fixture(scope="module")
def ours(made) -> set[str]:
    """Every IRI of ours in the release, wherever it stands; what is behind # belongs to the document before it."""
    store = ox.Store.read_only(str(release.current(made) / "store"))
    terms = {term.value for quad in store for term in (*quad.triple, quad.graph_name) if isinstance(term, ox.NamedNode)}
    return {iri.partition("#")[0] for iri in terms if iri.startswith(BASE)}


def follow(client: Client, iri: str, accept: str, method: str = "GET") -> http.client.HTTPResponse:
    path = "/" + urllib.parse.quote(iri.removeprefix(BASE))
    for _ in range(5):
        answer = client.ask(path, method, Accept=accept)
        if answer.status not in (301, 302, 303, 307, 308):
            return answer
        path = answer.headers["Location"].partition("#")[0]
    raise AssertionError(f"{iri} leads in a circle")


@pytest.mark.parametrize("part", range(4))  # in parts, so that processes share them
def test_every_iri_of_ours_leads_to_data(client, ours, part):
    assert len(ours) > 3_000
    for iri in sorted(ours)[part::4]:
        answer = follow(client, iri, "text/turtle", "HEAD")
        assert answer.status == 200, iri
        assert answer.headers["Content-Type"].startswith("text/turtle"), iri


def test_the_iris_of_each_family_lead_to_pages(client, ours):
    families = {}
    for iri in sorted(ours):
        families.setdefault(iri.removeprefix(BASE).partition("/")[0], []).append(iri)
    assert set(families) >= {"document", "graph", "id", "ontology", "rule"}
    for iris in families.values():
        for iri in iris[:: max(1, len(iris) // 30)]:
            answer = follow(client, iri, "text/html")
            assert answer.status == 200, iri
            assert answer.headers["Content-Type"].startswith("text/html"), iri


@pytest.mark.parametrize("thing", THINGS)
def test_a_thing_leads_to_what_accept_prefers(client, thing):
    answer = client.ask(f"/{thing}", Accept="text/turtle;q=0.5, application/ld+json;q=0.8, text/html;q=0.1")
    assert answer.status == 303
    assert answer.headers["Location"] == f"/data/{thing.removeprefix('id/')}.jsonld"
    assert "Accept" in answer.headers["Vary"]
    page = client.ask(f"/{thing}", Accept="text/html,application/xhtml+xml,*/*;q=0.8").headers["Location"]
    assert page == addresses.page(BASE + thing)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_suffix_behind_the_iri_asks_for_a_syntax(client, suffix):
    answer = client.ask(f"/id/panama.{suffix}", Accept="text/html")
    assert (answer.status, answer.headers["Location"]) == (303, f"/data/panama.{suffix}")


@pytest.mark.parametrize("thing", [*THINGS, "graph/external/countries"])
def test_the_same_graph_comes_in_each_syntax(server, thing):
    graphs = {}
    for suffix, name in SUFFIXES.items():
        answer = server.ask(f"data/{thing.removeprefix('id/')}.{suffix}")
        whole = rdflib.Dataset()
        whole.parse(data=answer.body, format=name, publicID=server.url)
        graphs[suffix] = rdflib.Graph()
        for subject, predicate, value, _ in whole.quads():
            graphs[suffix].add((subject, predicate, value))
    assert len(graphs["ttl"]) > 5
    for suffix in SUFFIXES:
        assert isomorphic(graphs["ttl"], graphs[suffix]), suffix


def test_the_ontology_comes_in_each_syntax(server):
    triples = {}
    for suffix in SUFFIXES:
        if suffix == "jsonld":
            continue  # read below: rdflib alone knows how
        syntax = {"ttl": "TURTLE", "nt": "N_TRIPLES", "rdf": "RDF_XML", "trig": "TRIG", "nq": "N_QUADS"}[suffix]
        quads = ox.parse(server.ask(f"ontology.{suffix}").body, format=getattr(ox.RdfFormat, syntax))
        dataset = ox.Dataset(ox.Quad(*quad.triple) for quad in quads)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
        triples[suffix] = dataset
    assert all(each == triples["ttl"] for each in triples.values())
    read = rdflib.Graph().parse(data=server.ask("ontology.jsonld").body, format="json-ld")
    assert len(read) == len(triples["ttl"])
    assert (rdflib.URIRef(MIKG + "Agreement"), rdflib.RDF.type, rdflib.OWL.Class) in read
    assert (rdflib.URIRef(MIKG + "AgreementShape"), rdflib.RDF.type, rdflib.SH.NodeShape) in read


def test_what_is_said_and_what_says_it_come_together(pool):
    quads = resources.describe(pool, PINO)
    said = {
        (quad.subject.value, quad.predicate.value): quad.graph_name.value for quad in quads if isinstance(quad.graph_name, ox.NamedNode)
    }
    passage = DOCUMENT + "mire-communique/p3-s2"
    assert said[PINO, MIKG + "namedAs"].startswith(DOCUMENT)
    assert said[ID + "holding-communique-pino-minister", MIKG + "asPrinted"] == passage
    assert said[passage, MIKG + "gist"] == GRAPH + "documents"
    assert said[DOCUMENT + "mire-communique", "http://purl.org/dc/terms/title"] == GRAPH + "documents"
    assert (ID + "minister-of-public-security-of-panama", SKOS + "prefLabel") in said


def test_an_inferred_statement_comes_with_its_rule_and_premises(pool):
    quads = resources.describe(pool, ID + "gafilat")
    derived = [quad for quad in quads if quad.predicate.value == MIKG + "hasMember" and quad.graph_name.value == GRAPH + "derived"]
    assert derived
    rules = {quad.object.value for quad in quads if quad.predicate.value == MIKG + "rule"}
    assert rules
    assert any(quad.predicate.value == MIKG + "premise" for quad in quads)


def test_the_keys_of_json_ld_are_words_of_the_published_context(client):
    document = json.loads(client.ask("/data/juan-manuel-pino.jsonld").body)
    answer = client.ask("/context.jsonld")
    assert answer.headers["Content-Type"] == "application/ld+json"
    published = json.loads(answer.body)["@context"]
    assert set(published) >= {"prefLabel", "namedAs", "holder", "id", "doc"}
    assert document["@context"].items() <= published.items()
    assert 5 < len(document["@context"]) < 60
    first = document["@graph"][0]
    assert first["@id"] == "id:juan-manuel-pino"
    assert first["prefLabel"] == {"en": "Juan Manuel Pino"}


@pytest.mark.parametrize("syntax", ["ttl", "nt", "jsonld", "rdf", "trig", "nq"])
def test_the_data_are_the_same_whatever_the_server_is_called(client, syntax):
    here, elsewhere = client.ask(f"/data/panama.{syntax}"), client.ask(f"/data/panama.{syntax}", Host="evil.example")
    assert here.body == elsewhere.body
    assert here.headers["ETag"] == elsewhere.headers["ETag"]
    assert b"evil.example" not in elsewhere.body


def test_json_ld_is_read_whole_without_asking_any_server(client):
    for thing in ("panama", "gafilat", "juan-manuel-pino"):
        json_ld, turtle = (client.ask(f"/data/{thing}.{suffix}").body for suffix in ("jsonld", "ttl"))
        read = {quad.triple for quad in ox.parse(json_ld, ox.RdfFormat.JSON_LD)}
        due = {quad.triple for quad in ox.parse(turtle, ox.RdfFormat.TURTLE)}
        assert len(due) > 10
        assert {str(each) for each in read if "_:" not in str(each)} == {str(each) for each in due if "_:" not in str(each)}


def test_a_suffix_that_many_use_leads_to_ours(client):
    for asked, status, found in (
        ("/data/panama.json", 301, "/data/panama.jsonld"),
        ("/id/panama.json", 303, "/data/panama.jsonld"),
        ("/id/panama.xml", 303, "/data/panama.rdf"),
        ("/data/panama.n3", 301, "/data/panama.ttl"),
    ):
        answer = client.ask(asked)
        assert (answer.status, answer.headers["Location"]) == (status, found)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "application/ld+json"),
        ('application/ld+json; profile="a, b; q=0"; q=0.9, text/html;q=0.1', "application/ld+json"),
        ("text/turtle;version=1.2", "text/turtle; charset=utf-8"),
    ],
)
def test_what_a_media_type_is_asked_with_does_not_hide_it(client, accept, media_type):
    assert follow(client, ID + "panama", accept).headers["Content-Type"] == media_type


def test_who_reads_xhtml_reads_the_page(client):
    answer = client.ask("/id/panama", Accept="application/xhtml+xml,application/xml;q=0.9")
    assert (answer.status, answer.headers["Location"]) == (303, "/page/panama")


def test_an_entity_tag_stands_for_release_thing_and_syntax(client):
    tags = {client.ask(f"/data/{path}", "HEAD").headers["ETag"] for path in ("panama.ttl", "panama.nt", "colombia.ttl")}
    assert len(tags) == 3
    assert not any(tag.startswith("W/") for tag in tags)


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_what_the_client_has_is_not_sent_again(client, coding):
    first = client.ask("/data/panama.ttl", Accept_Encoding=coding)
    again = client.ask("/data/panama.ttl", Accept_Encoding=coding, If_None_Match=f'"other", {first.headers["ETag"]}')
    assert (again.status, again.body) == (304, b"")
    assert client.ask("/data/panama.ttl", Accept_Encoding=coding, If_None_Match='"other"').status == 200


def test_head_says_what_get_would(client):
    head, get = (client.ask("/data/panama.ttl", method) for method in ("HEAD", "GET"))
    assert head.body == b""
    for name in ("Content-Type", "ETag", "Link", "Vary", "Content-Length"):
        assert head.headers[name] == get.headers[name]


@pytest.mark.parametrize("path", ["/id/panama", "/data/panama", "/ontology"])
def test_what_is_not_offered_is_refused_with_a_list(client, path):
    answer = client.ask(path, Accept="image/png")
    assert answer.status == 406
    assert b"text/turtle" in answer.body
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("accept", "leads"),
    [
        ("text/turtle;q=high, text/html;q=0.3", "/data/panama.ttl"),
        ("text/turtle;q=0, text/html;q=0.3", "/page/panama"),
        (",;;q=,text/turtle", "/data/panama.ttl"),
        (", ".join(f"x-{number}/y;q=0.{number % 9 + 1}" for number in range(500)) + ", application/n-triples;q=0.01", "/data/panama.nt"),
        ("*/*", "/page/panama"),
        ("", "/page/panama"),
    ],
    ids=["weight", "zero", "commas", "long", "any", "none"],
)
def test_a_strange_accept_gets_a_right_answer(client, accept, leads):
    answer = client.ask("/id/panama", Accept=accept)
    assert (answer.status, answer.headers["Location"]) == (303, leads)


@pytest.mark.parametrize("name", ["a b", 'x"><script>alert(1)</script>', "%00", "..%2f..%2fetc", "é" * 3_000, "<>", "\\", "‮قناة بنما"])
@pytest.mark.parametrize("place", ["id", "data", "page", "rule", "linkset"])
def test_an_unknown_name_is_not_found_whatever_it_is(client, place, name):
    answer = client.ask(f"/{place}/{urllib.parse.quote(name, safe='%')}", Accept="text/html")
    assert answer.status == 404
    assert b"<script>alert" not in answer.body


def test_an_unknown_name_is_told_its_nearest(client):
    assert b"panama" in client.ask("/id/panana", Accept="text/plain").body


def test_names_with_percent_signs_and_letters_of_all_kinds_lead_to_data(release_of, serve):
    label = ox.NamedNode(SKOS + "prefLabel")
    names = ["café", "a%20b", "it's-(here)", "u.s.", "قناة-بنما", "x~y;z=1,2@3", "n" * 500, "v1.ttl"]
    chosen = release_of(
        ox.Quad(ox.NamedNode(ID + name), label, ox.Literal(name), graph)
        for name in names
        for graph in (ox.NamedNode(GRAPH + "entities"), ox.DefaultGraph())
    )
    here = Client(serve(chosen.releases, MIKG_SOURCES=str(chosen.sources)).url)
    for name in names:
        answer = here.ask("/id/" + urllib.parse.quote(name, safe=""), Accept="text/turtle")
        assert answer.status == 303, name
        data = here.ask(answer.headers["Location"])
        assert data.status == 200, name
        assert ox.Triple(ox.NamedNode(ID + name), label, ox.Literal(name)) in {
            quad.triple for quad in ox.parse(data.body, format=ox.RdfFormat.TURTLE)
        }


def test_a_hub_is_cut_and_says_so(release_of):
    from mikg.engine.embedded import Pool

    hub, about = ox.NamedNode(ID + "hub"), ox.NamedNode(MIKG + "about")
    quads = [
        ox.Quad(ox.NamedNode(f"{ID}n{number}"), about, hub, ox.NamedNode(DOCUMENT + "x/p1")) for number in range(resources.INCOMING + 500)
    ]
    pool = Pool(release_of(quads))
    try:
        found = resources.describe(pool, hub.value)
    finally:
        pool.close()
    assert sum(quad.object == hub and quad.predicate == about for quad in found) == resources.INCOMING
    assert any(str(resources.INCOMING) in quad.object.value for quad in found if quad.predicate.value.endswith("#comment"))


def test_the_links_of_a_page_are_there_as_a_link_set(client):
    answer = client.ask("/linkset/panama")
    assert answer.headers["Content-Type"] == "application/linkset+json"
    (found,) = json.loads(answer.body)["linkset"]
    assert found["cite-as"] == [{"href": ID + "panama"}]
    assert {each["type"] for each in found["describedby"]} >= {"text/turtle", "application/ld+json"}
    assert {"href": "https://schema.org/Country"} in found["type"]
    for each in found["describedby"]:
        assert client.ask(urllib.parse.urlsplit(each["href"]).path, "HEAD").status == 200


def test_the_sitemap_lists_pages_that_are_there(client):
    assert b"Sitemap: http" in client.ask("/robots.txt").body
    body = client.ask("/sitemap.xml").body.decode()
    paths = [urllib.parse.urlsplit(address).path for address in re.findall(r"<loc>(.*?)</loc>", body)]
    assert "/page/panama" in paths
    assert len(paths) == len(set(paths)) > 400
