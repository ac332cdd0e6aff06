"""Networks hold every relation that the sources state, each with its status, time and passages, and nothing else."""

import datetime
import json
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from mikg import answers, network
from mikg.engine import Query
from mikg.engine.embedded import Pool
from mikg.errors import Misuse, NotFound, SourceError
from mikg.namespaces import DOCUMENT, GRAPH, ID, MIKG, RDF
from mikg.network import Edge, Network, Node
from mikg.network.graph import period

ROOT = Path(__file__).parents[1]
ORG = "http://www.w3.org/ns/org#"
A = RDF + "type"

# How many edges each folded node gives, counted from the n-ary nodes themselves and not from the projection.
FOLDED = {
    (ORG + "holds",): "SELECT (COUNT(*) AS ?n) { ?x mikg:holder ?a ; mikg:post ?b }",
    (MIKG + "participant",): "SELECT (COUNT(*) AS ?n) { ?x mikg:event ?a ; mikg:participant ?b }",
    (MIKG + "memberOf",): "SELECT (COUNT(*) AS ?n) { ?x mikg:member ?a ; mikg:group ?b }",
    (MIKG + "saidToBeCausedBy",): "SELECT (COUNT(*) AS ?n) { ?x mikg:cause ?a ; mikg:effect ?b ; mikg:claimant ?c }",
    (MIKG + "speaker",): "SELECT (COUNT(*) AS ?n) { ?x mikg:speaker ?a ; mikg:renders ?b }",
    (MIKG + "absentKind",): "SELECT (COUNT(*) AS ?n) { ?x mikg:absentFrom ?a ; mikg:absentKind ?b }",
    (
        MIKG + "recipient",
        MIKG + "processor",
    ): """SELECT (COUNT(*) AS ?n) { { SELECT DISTINCT ?x ?a ?b {
        { ?x mikg:dataSource ?a ; mikg:recipient|mikg:processor ?b } UNION { ?x mikg:processor ?a ; mikg:recipient ?b } FILTER(?a != ?b) } } }""",
}


@pytest.fixture(scope="module")
def whole(pool) -> Network:
    return network.load(pool, statuses=())


@pytest.fixture(scope="module")
def asserted(pool) -> Network:
    return network.load(pool)


def one(pool: Pool, text: str) -> int:
    return answers.run(pool, Query(f"PREFIX mikg: <{MIKG}> " + text)).values()[0]["n"]


@pytest.mark.parametrize("relations", FOLDED, ids=lambda relations: relations[0])
def test_every_folded_node_becomes_as_many_edges_as_it_has_pairs_of_ends(whole, pool, relations):
    folded = [edge for edge in whole.edges if edge.relation in relations and edge.via]
    assert len(folded) == one(pool, FOLDED[relations]) > 0


def test_a_plain_relation_between_two_named_things_is_an_edge_for_each_that_a_source_writes(whole):
    # From the files of graph/ as they are written by hand, before any rule: no query of ours is used.
    quads = [quad for path in ROOT.glob("graph/**/*.trig") for quad in ox.parse(path=str(path), format=ox.RdfFormat.TRIG)]
    entities = {
        triple.subject.value
        for triple in ox.parse(path=str(ROOT / "graph/entities.ttl"), format=ox.RdfFormat.TURTLE)
        if triple.predicate.value == A and triple.object.value != MIKG + "MigrationFlow"  # which is an edge
    }
    spoken = {DOCUMENT, GRAPH + "curation"}
    omitted = {MIKG + name for name in ("claimant", "indicator", "topic")}
    written = {
        (quad.subject.value, quad.predicate.value, quad.object.value)
        for quad in quads
        if isinstance(quad.object, ox.NamedNode)
        and any(quad.graph_name.value.startswith(each) for each in spoken)
        and quad.predicate.value.startswith(MIKG)
        and quad.predicate.value not in omitted
        and {quad.subject.value, quad.object.value} <= entities
    }
    drawn = {(edge.source, edge.relation, edge.target) for edge in whole.edges if not edge.via}
    assert drawn == written


def test_only_what_is_asserted_draws_an_edge_unless_asked_otherwise(asserted, whole, pool):
    assert {edge.status for edge in asserted.edges} == {"asserted"}
    planned = {row["x"] for row in answers.run(pool, Query(f"SELECT ?x {{ ?x <{MIKG}modality> <{MIKG}planned> }}")).values()}
    assert planned & {node.iri for node in whole.nodes}
    for edge in asserted.edges:
        assert not planned & {edge.source, edge.target, edge.via}, edge
    assert {"asserted", "planned", "claimed", "negated", "quoted"} <= {edge.status for edge in whole.edges}


def test_a_claim_draws_an_edge_only_as_a_claim_and_names_who_makes_it(whole):
    causes = [edge for edge in whole.edges if edge.relation == MIKG + "saidToBeCausedBy"]
    assert causes
    for edge in causes:
        assert edge.status != "asserted"
        assert edge.speaker
        assert edge.capacity


def test_a_post_keeps_its_printed_title_its_day_and_its_passage(asserted):
    held = [edge for edge in asserted.around(ID + "laurentino-cortizo") if edge.relation == ORG + "holds"]
    assert any(edge.capacity == "President" and edge.start == "2020-01-01" and edge.end == "2020-12-31" for edge in held)
    assert all(edge.passages and edge.documents and edge.via for edge in held)


def test_each_passage_of_an_edge_says_something_of_its_ends_or_of_the_node_between(whole, pool):
    rows = answers.run(pool, Query("SELECT ?g ?s ?o { GRAPH ?g { ?s ?p ?o } FILTER(isIRI(?o)) }")).values()
    said: dict[str, set[str]] = {}
    for row in rows:
        said.setdefault(row["g"], set()).update((row["s"], row["o"]))
    for edge in whole.edges:
        assert edge.passages
        for passage in edge.passages:
            assert {edge.source, edge.target, edge.via} & said[passage], edge


def test_ids_are_the_same_in_each_run_and_no_two_edges_share_one(pool, whole):
    again = network.load(pool, statuses=(), language="es")
    assert [edge.id for edge in again.edges] == [edge.id for edge in whole.edges]
    assert len({edge.id for edge in whole.edges}) == len(whole.edges)


def test_names_and_relations_come_in_the_language_asked_for(pool):
    spanish = network.load(pool, language="es")
    assert spanish.by_iri[ID + "panama"].name == "Panamá"
    assert any(edge.label == "anfitrión" or edge.label != edge.relation for edge in spanish.edges)


def test_networkx_and_json_hold_the_same_nodes_and_edges(asserted):
    graph = asserted.to_networkx()
    assert graph.number_of_nodes() == len(asserted.nodes)
    assert graph.number_of_edges() == len(asserted.edges)
    edge = asserted.edges[0]
    assert graph.edges[edge.source, edge.target, edge.id]["passages"] == edge.passages
    assert graph.nodes[edge.source]["name"] == asserted.by_iri[edge.source].name
    plain = json.loads(json.dumps(asserted.to_json()))
    assert [each["id"] for each in plain["edges"]] == [edge.id for edge in asserted.edges]


def test_a_node_has_the_years_and_documents_of_its_edges(asserted):
    for node in asserted.nodes:
        edges = asserted.around(node.iri)
        assert node.documents == tuple(sorted({document for edge in edges for document in edge.documents}))
        years = [int(day[:4]) for edge in edges for day in (edge.start, edge.end) if day]
        assert (node.first, node.last) == ((min(years), max(years)) if years else (None, None))


def test_the_counts_before_expanding_are_those_that_expanding_gives(asserted):
    for relation, _, direction, count in asserted.counts("panama"):
        assert len(asserted.neighbours("panama", [relation], direction).edges) == count


def test_filters_leave_what_they_say(whole):
    assert {edge.status for edge in whole.narrow(statuses=["planned"]).edges} == {"planned"}
    assert all("us-ct-report" in edge.documents for edge in whole.narrow(documents=["us-ct-report"]).edges)
    assert {node.kind for node in whole.narrow(kinds=["country", "organisation"]).nodes} == {"country", "organisation"}
    assert {edge.speaker for edge in whole.narrow(speakers=[ID + "antony-blinken"]).edges} == {ID + "antony-blinken"}
    of_2020 = whole.narrow(start="2020", end="2020")
    assert of_2020.edges
    assert all(edge.start <= "2020-12-31" and edge.end >= "2020-01-01" for edge in of_2020.edges)
    undated = whole.narrow(start="2020", end="2020", undated=True)
    assert len(undated.edges) == len(of_2020.edges) + Counter(edge.start for edge in whole.edges)[""]


def test_filters_that_leave_nothing_leave_an_empty_network(whole):
    empty = whole.narrow(kinds=["country"], start="1900", end="1901")
    assert (empty.nodes, empty.edges) == ((), ())
    assert empty.to_networkx().number_of_nodes() == 0


@pytest.mark.parametrize("given", ["yesterday", "2021-13", "2021-02-30", "20211", "0000", "2021-09-23T10:00"])
def test_an_odd_date_is_refused_with_an_example(given):
    with pytest.raises(Misuse, match="such as 2021-09-23"):
        period(given, "")


def test_a_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(Misuse, match="after its end"):
        period("2022", "2021")


@pytest.mark.parametrize(("given", "near"), [("panana", "id:panama"), ("Blinkin", "id:antony-blinken"), ("id:costarica", "id:costa-rica")])
def test_an_unknown_name_gets_the_nearest(asserted, given, near):
    with pytest.raises(NotFound, match=near):
        asserted.find(given)


@pytest.mark.parametrize("given", ["", " ", "x" * 5000, '<>"{}|\\^`', "🦆"])
def test_odd_names_are_refused_kindly(asserted, given):
    with pytest.raises(NotFound):
        asserted.find(given)


@pytest.mark.parametrize("given", ["panama", "Panama", "id:panama", ID + "panama", f"<{ID}panama>", " PANAMA "])
def test_a_thing_is_found_by_iri_curie_or_name(asserted, given):
    assert asserted.find(given).iri == ID + "panama"


def test_an_unknown_projection_gets_the_list(pool):
    with pytest.raises(NotFound, match="statements"):
        network.load(pool, "statments")


def test_a_projection_that_lacks_a_column_is_refused_with_its_file(pool, tree):
    root = tree(**{"queries/networks/broken.rq": "#+ title: x\n#+ description: y\nSELECT ?source WHERE { ?source ?p ?o }"})
    with pytest.raises(SourceError, match=r"queries/networks/broken.rq.*\?relation"):
        network.projections(root)


def test_loops_cycles_and_many_neighbours_are_kept_as_they_are():
    node = [Node(f"n{number}", f"name {number}", "thing") for number in range(10_001)]
    edges = [Edge(f"e{number}", "n0", f"n{number}", "r", "related") for number in range(10_001)]  # e0 is a loop
    edges.append(Edge("back", "n1", "n0", "r", "related"))
    star = Network(tuple(node), tuple(edges))
    assert len(star.around("n0")) == 10_002
    assert len(star.neighbours("n1").edges) == 2
    assert len(star.neighbours("n0", direction="in").edges) == 2
    assert len(star.ego("n1", 2)) == 10_001


def test_a_network_of_the_application_is_made_once_for_a_release(pool):
    networks = network.Networks(pool)
    assert networks.get(statuses=()) is networks.get(statuses=())
    assert all(edge.status == "asserted" for edge in networks.get().edges)


def test_dates_are_days(whole):
    for edge in whole.edges:
        for day in filter(None, (edge.start, edge.end)):
            datetime.date.fromisoformat(day)
        assert edge.start <= edge.end


def test_a_small_network_draws_itself_in_a_notebook_and_a_large_one_is_a_table(pool):
    from xml.etree import ElementTree

    from mikg.network import showing

    small = network.load(pool, "countries")
    drawing = ElementTree.fromstring(showing.svg(small))
    assert len(drawing.findall("{http://www.w3.org/2000/svg}circle")) == len(small.nodes)
    assert len(drawing.findall("{http://www.w3.org/2000/svg}path")) == len(small.edges)
    assert "<svg" in small._repr_html_()
    large = network.load(pool)
    assert "<svg" not in large._repr_html_()
    assert large._repr_html_().count("<tr>") == showing.ROWS + 1
    assert f"of {len(large.edges)} edges" in large._repr_html_()


def test_a_notebook_shows_names_with_odd_characters_as_text():
    odd = Network((Node("urn:a", "<script>alert(1)</script>", "thing"),), (Edge("e", "urn:a", "urn:a", "urn:r", "<b>"),))
    assert "<script>" not in odd._repr_html_()
    assert "&lt;b&gt;" in odd._repr_html_()


def test_ipython_asks_a_network_for_its_html(pool):
    formatters = pytest.importorskip("IPython.core.formatters")
    shown, _ = formatters.DisplayFormatter().format(network.load(pool, "countries"), include={"text/html", "text/plain"})
    assert "<svg" in shown["text/html"]
    assert shown["text/plain"].startswith("<Network countries:")


def test_every_node_that_says_more_is_folded_into_an_edge_or_names_fewer_than_two_things(whole, pool):
    """Each kind of n-ary node is covered: what gives no edge has not two ends that a network could join."""
    folded = {edge.via for edge in whole.edges if edge.via}
    kinds = [
        "PostHolding",
        "Participation",
        "Membership",
        "CountryRole",
        "MigrationFlow",
        "DataFlow",
        "CausalClaim",
        "Commitment",
        "Absence",
        "Quotation",
        "Comparison",
    ]
    for kind in kinds:
        rows = answers.run(pool, Query(f"SELECT DISTINCT ?x {{ GRAPH ?g {{ ?x a <{MIKG}{kind}> }} }}")).values()
        assert rows, kind
        left = {row["x"] for row in rows} - folded
        for node in left:
            ends = answers.run(
                pool,
                Query(
                    f"""PREFIX graph: <{GRAPH}> SELECT DISTINCT ?p {{ <{node}> ?p ?end . FILTER(STRSTARTS(STR(?p), "{MIKG}"))
                    FILTER(?p NOT IN (<{MIKG}topic>, <{MIKG}claimant>, <http://purl.org/dc/terms/subject>, <{MIKG}purpose>, <{MIKG}place>, <{MIKG}content>, <{MIKG}originIncludes>, <{MIKG}flow>))
                    GRAPH graph:entities {{ ?end a ?class }} }}"""
                ),
            ).values()
            assert len(ends) < 2, (kind, node, ends)
