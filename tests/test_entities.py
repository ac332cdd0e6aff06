"""What a page about a thing says: only what the graph says, with its passages, its status, and bounded."""

import http.client
import itertools
import json
import re
import urllib.parse

import pyoxigraph as ox
import pytest

from mikg import entities, release
from mikg.engine.embedded import Pool
from mikg.entities import butterfly, reading
from mikg.entities.summaries import listing
from mikg.errors import NotFound
from mikg.labels import Labels
from mikg.namespaces import DOCUMENT, GRAPH, ID, MIKG, RDF, SKOS

PINO = ID + "juan-manuel-pino"


@pytest.fixture(scope="module")
def labels(pool):
    return Labels(pool)


@pytest.fixture(scope="module")
def panama(labels):
    return entities.describe(labels, ID + "panama", "en")


def values(lines, property):
    return {value.term["value"]: value for line in lines if line.property == MIKG + property for value in line.values}


def test_a_statement_comes_with_each_passage_that_states_it(panama):
    found = values([line for group in panama.groups for line in group.lines], "partyTo")
    assert found[ID + "us-panama-arrangement-on-migration-and-protection"].graphs == (DOCUMENT + "voa-us-panama/p11-s2",)
    cited = panama.citations[DOCUMENT + "voa-us-panama/p11-s2"]
    assert cited.gist and cited.document == "voa-us-panama"


def test_groups_and_lines_stand_in_the_order_of_the_shapes(panama, labels):
    assert [group.iri.removeprefix(MIKG) for group in panama.groups] == ["WhatGroup", "WhoGroup", "WhereGroup"]
    figure = entities.describe(labels, ID + "figure-progress-migrants-through-panama-2021", "en")
    order = [line.property.rsplit("#")[-1].rsplit("/")[-1] for group in figure.groups for line in group.lines]
    assert order.index("indicator") < order.index("population") < order.index("earliest") < order.index("value") < order.index("qualifier")


def test_only_the_narrowest_of_several_relations_is_shown(panama):
    shown = {line.property for group in panama.groups for line in group.lines}
    assert MIKG + "memberOf" in shown
    assert not shown & {MIKG + "takesPartIn", "http://www.w3.org/ns/org#memberOf", "https://schema.org/memberOf", RDF + "type"}
    incoming = {line.property: line for line in panama.incoming}
    assert not any(property.startswith(("http://semanticweb", "http://www.w3.org/ns/org")) for property in incoming)


def test_a_post_is_read_with_its_printed_title_and_the_day_that_attests_it(labels):
    pino = entities.describe(labels, PINO, "en")
    (posts,) = [block for block in pino.blocks if block.key == "posts"]
    titles = {node.words["value"]: node for node in posts.nodes}
    assert set(titles) == {"Minister of Public Security", "Panamanian Security Minister"}
    node = titles["Minister of Public Security"]
    assert {line.property.removeprefix(MIKG) for line in node.lines} >= {"post", "attestedOn"}
    assert node.graphs == (DOCUMENT + "mire-communique/p3-s2",)
    assert node.modality == MIKG + "asserted"


def test_what_is_planned_or_claimed_says_so_and_by_whom(panama):
    events = values(panama.incoming, "claimant") | values(panama.incoming, "beneficiary")
    assert events[ID + "joint-prevention-of-future-crises"].status not in ("", MIKG + "asserted")
    (claims,) = [block for block in panama.blocks if block.key == "claims"]
    assert all(node.claimants for node in claims.nodes)
    (commitments,) = [block for block in panama.blocks if block.key == "commitments"]
    assert {node.modality for node in commitments.nodes} == {MIKG + "committed"}


def test_a_figure_has_value_unit_words_period_and_qualifier(panama):
    figures = {figure.node.iri: figure for figure in panama.figures}
    figure = figures[ID + "figure-progress-migrants-through-panama-2021"]
    assert (figure.value, figure.unit, figure.qualifier, figure.maximum) == ("140000", MIKG + "person", MIKG + "nearly", "140000")
    assert figure.node.words["value"] == "nearly 140,000 migrants"
    assert (figure.node.earliest, figure.node.latest) == ("2021-01-01", "2021-12-31")


def test_a_disagreement_is_told_on_the_pages_of_both_sides(labels):
    for name in ("figure-progress-migrants-through-panama-2021", "figure-communique-migrants-through-panama-2021"):
        found = entities.describe(labels, ID + name, "en")
        assert [node.iri for node in found.disagreements] == [ID + "judgement-discrepancy-migrants-of-2021"]


def test_each_name_says_which_passages_use_it(labels):
    aliases = entities.describe(labels, PINO, "en").aliases
    printed = {alias.text: alias.graphs for alias in aliases if alias.role == "printed"}
    assert printed["Juan Manuel Pino"] == (DOCUMENT + "mire-communique/p3-s2",)
    assert set(printed["Juan Manuel Pino Forero"]) == {DOCUMENT + "voa-us-panama/p4", DOCUMENT + "voa-us-panama/p5"}


def test_an_identifier_in_another_graph_is_listed_once(panama):
    targets = [link.target for link in panama.links]
    assert "http://www.wikidata.org/entity/Q804" in targets
    assert len(targets) == len(set(targets))


def test_open_data_stand_apart_from_what_the_documents_say(panama):
    graphs = dict(panama.external)
    assert GRAPH + "external/countries" in graphs
    mine = [value for group in panama.groups for line in group.lines for value in line.values]
    assert not any("/external/" in graph for value in mine for graph in value.graphs)


def test_an_inferred_statement_names_its_rule(labels):
    group = entities.describe(labels, ID + "gafilat", "en")
    found = values([line for each in group.groups for line in each.lines], "hasMember")
    assert found[ID + "panama"].rules == ("https://w3id.org/mikg/rule/inverse",)


@pytest.mark.parametrize(
    ("name", "english", "spanish"),
    [
        ("juan-manuel-pino", "Person, Minister of Public Security of Panama.", "Persona, ministro de Seguridad Pública de Panamá."),
        ("minister-of-public-security-of-panama", "held by Juan Manuel Pino", "ocupado por Juan Manuel Pino"),
        ("claim-progress-pandemic-drove-surge", "Causal claim, said by Panama", "Afirmación causal, según Panamá"),
        ("us-panama-arrangement-on-migration-and-protection", "Arrangement between", "Arreglo entre"),
    ],
)
def test_the_summary_is_a_sentence_of_what_the_graph_says(labels, name, english, spanish):
    assert english in entities.describe(labels, ID + name, "en").summary
    assert spanish in entities.describe(labels, ID + name, "es").summary


def test_a_listing_of_many_is_cut():
    assert listing(["a", "b", "c", "d", "e", "f"], "en") == "a, b, c and 3 more"


def test_the_query_behind_each_block_runs(panama, pool):
    from mikg.engine import Query

    for text in panama.queries.values():
        pool.query(Query(text))


@pytest.mark.parametrize("iri", [ID + "no-such-thing", ID + 'x"><script>', ID + "a b", "", "::", ID + "x" * 100_000])
def test_what_the_graph_does_not_know_is_not_found(labels, iri):
    with pytest.raises(NotFound):
        entities.describe(labels, iri, "en")


@pytest.fixture(scope="module")
def hub(release_of):
    """A thing to which thousands of others lead, with a name that would break a careless page."""
    about, label = ox.NamedNode(MIKG + "about"), ox.NamedNode(SKOS + "prefLabel")
    passage, merged = ox.NamedNode(DOCUMENT + "x/p1"), ox.DefaultGraph()
    name = ox.Literal('"</script><b>قناة‏</b>" & ' + "long " * 300, language="en")
    triples = [
        (ox.NamedNode(ID + "hub"), label, name),
        (ox.NamedNode(ID + "hub"), ox.NamedNode(RDF + "type"), ox.NamedNode(MIKG + "Country")),
    ]
    triples += [(ox.NamedNode(f"{ID}n{number}"), about, ox.NamedNode(ID + "hub")) for number in range(5_000)]
    return release_of(ox.Quad(*triple, graph) for triple in triples for graph in (passage, merged))


def test_a_hub_is_paged(hub):
    pool = Pool(hub)
    try:
        labels = Labels(pool)
        (line,) = entities.describe(labels, ID + "hub", "en").incoming
        assert (len(line.values), line.total) == (reading.SHOWN, 5_000)
        seen = set()
        for page in range(1, 43):
            seen |= {value.term["value"] for value in entities.more(labels, ID + "hub", MIKG + "about", page).values}
        assert len(seen) == 5_000
        with pytest.raises(NotFound):
            entities.more(labels, ID + "hub", MIKG + "about", 43)
    finally:
        pool.close()


def test_names_with_markup_stay_names(hub, serve):
    answer = serve(hub.releases, MIKG_SOURCES=str(hub.sources)).ask("page/hub", Accept="text/html")
    assert answer.status == 200
    assert "<b>قناة" not in answer.text
    (structured,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', answer.text)
    assert json.loads(structured)["name"].startswith('"</script><b>')
    assert answer.text.count("<li") + answer.text.count("<dd") < 200


def test_a_drawing_keeps_every_row_in_its_frame_and_none_on_another(panama, labels):
    named = labels.of(panama.iris(), "en")
    for narrow in (False, True):
        drawing = butterfly.draw(panama, named, "en", narrow)
        for wing in (drawing.left, drawing.right):
            places = [row.y for bundle in wing for row in bundle.rows]
            assert all(0 < place < drawing.height for place in places)
            assert all(later - earlier >= butterfly.ROW for earlier, later in itertools.pairwise(places))
        assert drawing.rows >= 20


@pytest.mark.parametrize("part", range(4))  # in parts, so that processes share them
def test_every_thing_has_a_page(server, made, part):
    store = ox.Store.read_only(str(release.current(made) / "store"))
    terms = {term.value for quad in store for term in (quad.subject, quad.object) if isinstance(term, ox.NamedNode)}
    names = sorted(term.removeprefix(ID) for term in terms if term.startswith(ID))
    assert len(names) > 3_000
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc, timeout=60)
    for name in names[part::4]:
        connection.request("GET", "/page/" + urllib.parse.quote(name), headers={"Accept": "text/html"})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, name
        assert body.count(b"<h1") == 1, name
