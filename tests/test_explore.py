"""What an address of the explorer shows: begun, opened, filtered, bounded; by real HTTP over the real graph, and over graphs made odd."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import quote, urlencode

import networkx as nx
import pyoxigraph as ox
import pytest

from mikg import exploration
from mikg.exploration import BOUND, FIRST, State
from mikg.exploration.ground import Ground
from mikg.exploration.state import Opening, read, short
from mikg.namespaces import ID, MIKG
from mikg.network import Edge, Network, Node
from mikg.web import explore_words

SCRIPTS = Path(exploration.__file__).parents[1] / "web/assets/js"
BROWSER = "text/html,application/xhtml+xml"
CONSTRUCT = f"CONSTRUCT {{ ?s <{MIKG}memberOf> ?o . ?s <https://example.org/beside> ?o }} WHERE {{ ?s <{MIKG}memberOf> ?o }}"


def edge(number: int, source: str, target: str, relation: str = "meets", **more: object) -> Edge:
    return Edge(f"e{number}", ID + source, ID + target, MIKG + relation, relation, **{"documents": ("one",), "weight": 1, **more})


def ground(*edges: Edge, kinds: dict[str, str] | None = None) -> Ground:
    iris = sorted({iri for each in edges for iri in (each.source, each.target)})
    nodes = [
        Node(iri, short(iri).removeprefix("id:"), (kinds or {}).get(short(iri).removeprefix("id:"), "thing"), documents=("one",))
        for iri in iris
    ]
    return Ground(Network(tuple(nodes), edges))


def seen(ground: Ground, **asked: str | list[str]) -> tuple[list[str], list[str]]:
    """Return the last parts of the nodes and the ids of the edges that an address shows, filters applied."""
    view = exploration.view(ground, read({name: [value] if isinstance(value, str) else value for name, value in asked.items()}))
    nodes, edges = exploration.shown(ground, view)
    return [each.iri.removeprefix(ID) for each in nodes], [each.id for each in edges]


SMALL = ground(
    edge(1, "a", "b", start="2019-01-01", end="2019-12-31"),
    edge(2, "a", "c", relation="funds", documents=("two",)),
    edge(3, "b", "c", status="planned", speaker=ID + "a"),
    edge(4, "c", "d", start="2021"),
    edge(5, "a", "a", relation="names"),
    edge(6, "b", "a"),
    kinds={"c": "country"},
)


def test_one_start_is_opened_and_what_is_not_asserted_stays_out():
    assert seen(SMALL, start="a") == (["a", "b", "c"], ["e1", "e2", "e5", "e6"])
    assert seen(SMALL, start="a", status="planned")[1] == ["e1", "e2", "e3", "e5", "e6"]


def test_several_starts_are_not_opened_but_what_joins_them_is_drawn():
    assert seen(SMALL, start=["b", "c"], status="planned") == (["b", "c"], ["e3"])


def test_an_opening_takes_one_relation_in_one_direction():
    assert seen(SMALL, start="a", open="id:a~mikg:funds~out")[0] == ["a", "c"]
    assert seen(SMALL, start="a", open="id:a~mikg:meets~in")[0] == ["a", "b"]
    assert seen(SMALL, start="a", open=["id:a~mikg:funds~out", "id:c"])[0] == ["a", "c", "d"]


@pytest.mark.parametrize(
    ("filters", "edges"),
    [
        ({"no": "kind:country"}, ["e1", "e5", "e6"]),
        ({"no": "relation:mikg:funds"}, ["e1", "e5", "e6"]),
        ({"no": "document:two"}, ["e1", "e5", "e6"]),
        ({"no": ["document:one", "document:two"]}, []),
        ({"since": "2020"}, ["e2", "e5", "e6"]),
        ({"since": "2019", "until": "2019", "undated": "no"}, ["e1"]),
        ({"hide": "b"}, ["e2", "e5"]),
        ({"status": "planned", "no": f"speaker:{ID}a"}, ["e1", "e2", "e5", "e6"]),
    ],
    ids=str,
)
def test_a_filter_leaves_what_passes_and_always_the_start(filters, edges):
    nodes, found = seen(SMALL, start="a", **filters)
    assert found == edges
    assert "a" in nodes


def test_communities_are_told_apart_and_can_be_left_out():
    def clique(names: str, first: int) -> list[Edge]:
        return [edge(first + at, *pair) for at, pair in enumerate((one, other) for one in names for other in names if one < other)]

    two = ground(*clique("abcd", 0), *clique("wxyz", 10), edge(99, "a", "w"))
    assert two.community(ID + "a") == two.community(ID + "d") != two.community(ID + "z")
    nodes, _ = seen(two, start=["a", "w"], open=["id:a", "id:w"], no=f"community:{two.community(ID + 'z')}")
    assert nodes == ["a", "b", "c", "d", "w"]


def test_ten_thousand_neighbours_are_refused_with_counts_and_narrowed_by_most_or_by_a_filter():
    hub = ground(*(edge(number, "hub", f"n{number}", relation="owns" if number % 10 else "meets") for number in range(10_000)))
    first = exploration.view(hub, read({"start": ["hub"]}))
    assert len(first.nodes) == FIRST + 1
    assert str(first.notes[0]).startswith("60 of 10,000 neighbours")
    whole = exploration.view(hub, read({"start": ["hub"], "open": ["hub"]}))
    assert "10,001 things" in str(whole.refused)
    assert [each.iri for each in whole.nodes] == [ID + "hub"]
    assert whole.facets["relation"] == [(MIKG + "owns", 9000), (MIKG + "meets", 1000)]
    narrowed = exploration.view(hub, read({"start": ["hub"], "open": ["hub"], "no": ["relation:mikg:owns"]}))
    assert (narrowed.refused, narrowed.narrowed, len(narrowed.nodes)) == (None, True, 1001)
    assert len(exploration.view(hub, read({"start": ["hub"], "open": ["hub"], "most": ["300"]})).nodes) == 301
    assert BOUND < 10_000


def test_a_thing_without_edges_is_drawn_alone():
    lonely = Ground(Network((Node(ID + "a", "a", "thing"),), ()))
    assert seen(lonely, start="a") == (["a"], [])


def test_what_an_address_cannot_mean_is_told_and_left_out():
    state = read({"since": ["soon"], "until": ["²⁰¹⁹"], "layout": ["star"], "no": ["colour:red"], "most": ["-1"]})
    assert [str(note).partition(" is ")[0] for note in state.notes] == ["since", "until", "layout", "no", "most"]
    assert (state.since, state.layout, state.no, state.most) == (None, "force", frozenset(), None)
    assert read({"since": ["2022"], "until": ["2019"]}).since == 2019


def test_an_address_says_the_state_again():
    asked = {
        "start": ["id:a", "id:b"],
        "open": ["id:a~mikg:funds~out", "id:b"],
        "hide": ["id:c"],
        "no": ["kind:place", "relation:mikg:funds"],
        "status": ["planned"],
        "since": ["2019"],
        "undated": ["no"],
        "layout": ["tree"],
    }
    state = read(asked)
    assert state.open == (Opening(ID + "a", MIKG + "funds", "out"), Opening(ID + "b"))
    from urllib.parse import parse_qs, urlsplit

    assert read(parse_qs(urlsplit(state.address()).query)) == state
    assert read({}).empty
    assert State(query="CONSTRUCT {} {}").address() == "/explore?query=CONSTRUCT+%7B%7D+%7B%7D"


def test_relations_are_counted_before_they_are_opened():
    assert [(each["label"], each["direction"], each["asserted"], each["others"]) for each in exploration.relations(SMALL, ID + "b")] == [
        ("meets", "out", 1, 1),
        ("meets", "in", 1, 0),
    ]


# The real graph, by HTTP.


def view(server, **asked: str | list[str]) -> dict:
    return json.loads(server.ask(f"api/explore/view.json?{urlencode(asked, doseq=True)}").body)


def test_without_a_start_the_page_invites(server):
    page = server.ask("explore", Accept=BROWSER)
    assert page.status == 200
    assert "Good places to begin" in page.text
    assert "/explore?start=id:panama" in page.text.replace("%3A", ":")
    assert "x-canvas" not in page.text


def test_every_place_to_begin_that_the_invitation_offers_draws_something(server):
    found = re.findall(r'<li><a href="(/explore\?[^"]+)"', server.ask("explore", Accept=BROWSER).text)
    assert len(found) >= 8
    for address in found:
        answer = server.ask(address.replace("&amp;", "&"), Accept=BROWSER)
        assert answer.status == 200, address
        assert 'id="x-canvas" role="region"' in answer.text, address  # the keys are those of the script


def test_a_drawing_is_there_without_javascript_as_picture_table_and_links(server):
    page = server.ask("explore?start=id:panama", Accept=BROWSER).text
    assert "Connections of Panama" in page
    assert page.count('<a href="/explore?start=id:') > 40  # each thing of the picture leads on
    assert page.count("<tr>") > 60
    assert 'href="/documents/' in page
    assert "open=id:panama~mikg:actor~in" in page
    assert "no=kind:event" in page


def test_the_table_is_sorted_by_the_address(server):
    def column(sort: str) -> list[str]:
        rows = re.findall(r"<tr><td>.*?</td><td>(.*?)</td>", server.ask(f"explore?start=id:unhcr&sort={sort}", Accept=BROWSER).text)
        return rows

    assert column("relation") == sorted(column("relation"))
    assert column("-relation") == sorted(column("relation"), reverse=True)
    assert column("nonsense")


def test_an_unknown_thing_offers_the_nearest(server):
    answer = server.ask("explore?start=id:panana", Accept=BROWSER)
    assert answer.status == 404
    assert "Nothing here is called “id:panana”" in answer.text
    assert ">Panama</a>" in answer.text
    some = view(server, start=["id:panana", "id:unhcr"])
    assert some["missing"] == ["id:panana"]
    assert "id:unhcr" in {node["id"] for node in some["nodes"]}


def test_a_name_is_as_good_as_an_iri(server):
    assert view(server, start="Antony Blinken")["state"]["start"] == ["id:antony-blinken"]


def test_a_question_begins_a_drawing_with_its_answer(server):
    found = view(server, question="meetings-in-order")
    assert {"event"} <= {node["kind"] for node in found["nodes"]}
    assert server.ask("explore?question=no-such-question", Accept=BROWSER).status == 404


def test_a_question_page_leads_to_its_drawing_with_its_parameters(server):
    page = server.ask("questions/asylum-in-destination-countries?from=2015", Accept=BROWSER).text
    (address,) = re.findall(r'href="(/explore\?[^"]+)"', page)
    assert "given.from=2015" in address  # `from` alone is where a path begins
    assert 'id="x-canvas"' in server.ask(address.replace("&amp;", "&"), Accept=BROWSER).text
    assert "/explore?start=id%3Apanama" in server.ask("page/panama", Accept=BROWSER).text.replace("id:panama", "id%3Apanama")


def test_a_construct_is_drawn_with_the_passages_that_state_its_triples(server):
    found = view(server, query=CONSTRUCT)
    members = [each for each in found["edges"] if each["relation"] == "mikg:memberOf"]
    made = [each for each in found["edges"] if each["relation"] == "https://example.org/beside"]
    assert {each["status"] for each in members} == {"asserted"}
    assert all(each["passages"] for each in members)
    assert {each["status"] for each in made} == {"constructed"}
    assert len(made) == len(members) > 3
    told = json.loads(server.ask(f"api/explore/passages.json?edge={members[0]['id']}&query={quote(CONSTRUCT)}").body)
    assert told["passages"][0]["title"]


@pytest.mark.parametrize("query", ["ASK {}", "SELECT ?x {", "INSERT DATA { <a:b> <a:b> <a:b> }", "x" * 5000])
def test_a_query_that_gives_nothing_to_draw_says_why(server, query):
    answer = server.ask(f"explore?query={quote(query)}", Accept=BROWSER)
    assert answer.status in (400, 403)
    assert 'role="alert"' in answer.text
    assert "Traceback" not in answer.text


def test_two_things_begin_a_drawing_of_what_connects_them(server):
    found = view(server, **{"from": "id:antony-blinken", "to": "id:unhcr"})
    assert found["paths"]
    known = {edge["id"] for edge in found["edges"]}
    for path in found["paths"]:
        assert set(path["edges"]) <= known
        assert len(path["words"]) == len(path["edges"])
    assert server.ask("explore?from=id:panama&to=id:panama", Accept=BROWSER).status == 400
    assert server.ask("explore?from=id:panama&to=id:nowhere", Accept=BROWSER).status == 404


def test_passages_of_an_edge_are_cited_with_their_words(server, documents):
    some = next(each for each in view(server, start="id:panama")["edges"] if each["relation"] == "mikg:memberOf")
    told = json.loads(server.ask(f"api/explore/passages.json?edge={some['id']}").body)
    assert told["total"] == some["passages"]
    assert all(each["title"] and each["gist"] and each["quotation"] and each["page"].startswith("/documents/") for each in told["passages"])
    assert server.ask("api/explore/passages.json?edge=e0").status == 404
    assert server.ask("api/explore/passages.json?node=id:nobody").status == 404


def test_a_state_too_long_for_an_address_is_posted(server):
    body = urlencode({"start": ["id:panama", *(f"id:nothing-{number}" for number in range(2_000))]}, doseq=True).encode()
    found = json.loads(server.ask("api/explore/view.json", body, Content_Type="application/x-www-form-urlencoded").body)
    assert "id:panama" in {node["id"] for node in found["nodes"]}
    assert len(found["missing"]) == 2_000


def test_search_forgives_a_misspelling(server):
    found = json.loads(server.ask("api/explore/search.json?q=blinkn").body)
    assert found[0]["id"] == "id:antony-blinken"
    assert server.ask(f"api/explore/search.json?q={quote('‮💥' * 500)}").status == 200


def test_what_is_drawn_is_opened_by_independent_readers(server):
    address = "start=id:panama&no=kind:event"
    shown = json.loads(server.ask(f"explore.json?{address}").body)
    graphml = nx.parse_graphml(server.ask(f"explore.graphml?{address}").text, force_multigraph=True)
    assert (len(graphml), graphml.number_of_edges()) == (len(shown["nodes"]), len(shown["edges"]))
    assert "Panama" in {label for _, label in graphml.nodes(data="label")}
    gexf = ET.fromstring(server.ask(f"explore.gexf?{address}").body)
    assert len(gexf.findall(".//{*}node")) == len(shown["nodes"])
    assert len(gexf.findall(".//{*}edge")) == len(shown["edges"])
    assert len(list(csv.DictReader(io.StringIO(server.ask(f"explore.csv?{address}").text)))) == len(shown["edges"])
    assert "event" not in {node["kind"] for node in shown["nodes"]}


@pytest.mark.parametrize(
    "address",
    [
        "start=" + quote("<script>alert(1)</script>"),
        "start=" + quote("'\"}{|\\^` \x01"),
        "start=id:panama&open=" + quote("~~~") + "&hide=%00&at=%FF&select=zzz&no=:&no=kind:",
        "start=id:panama&since=9999&until=9999&undated=no",
        "&".join(f"start=x{number}" for number in range(1200)),
        "start=" + "a" * 15_000,
        "question=meetings-in-order&country=%22",
    ],
    ids=["markup", "not an IRI", "broken state", "nothing left", "many unknown", "long", "odd parameter"],
)
def test_odd_addresses_are_answered_kindly(server, address):
    answer = server.ask(f"explore?{address}", Accept=BROWSER)
    assert answer.status in (200, 400, 404)
    assert "<script>alert" not in answer.text
    assert "Something went wrong" not in answer.text


def test_the_page_speaks_spanish(server):
    page = server.ask("explore?start=id:panama&lang=es", Accept=BROWSER).text
    assert "Conexiones de Panamá" in page
    assert "vecinos, los que más documentos mencionan" in page
    assert view(server, start="id:panama", lang="es")["names"]["status"]["planned"] == "previsto"


def test_each_text_of_the_script_is_one_that_the_server_hands_over():
    said = {str(each._args[0]) for each in explore_words.WORDS}
    scripts = "".join(path.read_text() for path in [SCRIPTS / "explore.js", *(SCRIPTS / "lib/explore").glob("*.js")])
    asked = set(re.findall(r"(?<![\w.])t\('((?:[^'\\]|\\.)*)'", scripts))
    assert asked <= said
    assert all(f"'{text}'" in scripts for text in said), [text for text in said if f"'{text}'" not in scripts]


# A graph of its own, with what is odd: a hub, a loop, a circle.


@pytest.fixture(scope="module")
def odd(release_of, serve_module):
    passage = ox.NamedNode("https://w3id.org/mikg/document/odd/p1")
    entities = ox.NamedNode("https://w3id.org/mikg/graph/entities")
    quads = []

    def say(s: str, p: str, o: str, graph: ox.NamedNode) -> None:
        for where in (graph, ox.DefaultGraph()):
            quads.append(ox.Quad(ox.NamedNode(s), ox.NamedNode(p), ox.NamedNode(o), where))

    rdf_type = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    say(MIKG + "memberOf", rdf_type, "http://www.w3.org/2002/07/owl#ObjectProperty", ox.NamedNode("https://w3id.org/mikg/graph/ontology"))
    names = ["hub", "loop", "x", "y", "z", *(f"n{number}" for number in range(3200))]
    for name in names:
        say(ID + name, rdf_type, MIKG + "Organisation", entities)
    pairs = [("loop", "loop"), ("x", "y"), ("y", "z"), ("z", "x"), *((name, "hub") for name in names[5:])]
    for source, target in pairs:
        say(ID + source, MIKG + "memberOf", ID + target, passage)
    chosen = release_of(quads, queries=True)
    return serve_module(chosen.releases, MIKG_SOURCES=str(chosen.sources))


def test_loops_circles_and_hubs_have_their_page(odd):
    (loop,) = view(odd, query=f"CONSTRUCT WHERE {{ <{ID}loop> <{MIKG}memberOf> ?group }}")["edges"]
    assert loop["source"] == loop["target"] == "id:loop"
    assert len(view(odd, start=["x"], open=["id:x", "id:y"])["edges"]) == 3
    page = odd.ask("explore?start=hub&open=hub", Accept=BROWSER).text
    assert "This would draw 3,201 things" in page
    assert "most=300" in page
    assert odd.ask("explore.gexf?start=hub&open=hub").status == 400
    assert odd.ask("explore?start=hubb", Accept=BROWSER).status == 404  # this release has no index to name the nearest
