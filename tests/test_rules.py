import pyoxigraph as ox
import pytest

from mikg import rules
from mikg.errors import SourceError
from mikg.namespaces import GRAPH, MIKG, PROV, RDF, RULE

HEAD = "PREFIX mikg: <https://w3id.org/mikg/ontology#>\n"
EX = "http://example.org/"
G1, G2, G3 = (f"https://w3id.org/mikg/document/small/p{number}" for number in (1, 2, 3))


def store(*quads: tuple[str, str, str, str]) -> ox.Store:
    made = ox.Store()
    for subject, predicate, obj, graph in quads:
        for name in (ox.NamedNode(graph), ox.DefaultGraph()):
            made.add(ox.Quad(ox.NamedNode(EX + subject), ox.NamedNode(predicate), ox.NamedNode(EX + obj), name))
    return made


def read(tree, **texts: str) -> list[rules.Rule]:
    return rules.read(tree(**{f"ontology/rules/{name}.rq": "#+ title: A rule\n" + HEAD + text for name, text in texts.items()}))


def concluded(found: list[rules.Rule], data: ox.Store) -> int:
    """How many triples follow, beside the description of the rules themselves."""
    return rules.apply(found, data) - 2 * 2 * len(found)


TRANSITIVE = "CONSTRUCT { ?a mikg:locatedIn ?c } WHERE { ?a mikg:locatedIn ?b . ?b mikg:locatedIn ?c FILTER(?a != ?c) }"
SHORTCUT = "CONSTRUCT { ?who mikg:holds ?post } WHERE { GRAPH ?graph { ?node mikg:holder ?who ; mikg:post ?post } }"


def test_an_inference_runs_to_the_end_and_names_rule_and_premises(tree):
    inside = MIKG + "locatedIn"
    data = store(("a", inside, "b", G1), ("b", inside, "c", G2), ("c", inside, "d", G3))
    rules.apply(read(tree, within=TRANSITIVE), data)
    derived = ox.NamedNode(GRAPH + "derived")
    concluded = {
        (quad.subject.value[-1], quad.object.value[-1]) for quad in data.quads_for_pattern(None, ox.NamedNode(inside), None, derived)
    }
    assert concluded == {("a", "c"), ("b", "d"), ("a", "d")}
    query = f"""SELECT DISTINCT ?rule ?source WHERE {{ GRAPH <{GRAPH}derived> {{
        ?step <{RDF}subject> <{EX}a> ; <{RDF}object> <{EX}c> ; <{MIKG}rule> ?rule ; <{PROV}wasDerivedFrom> ?source }} }} ORDER BY ?source"""
    assert [(row["rule"].value, row["source"].value) for row in data.query(query)] == [
        (RULE + "within", G1),
        (RULE + "within", G2),
    ]


def test_a_shortcut_stays_in_the_graph_of_its_node_and_needs_no_record(tree):
    data = store(("n", MIKG + "holder", "ana", G1), ("n", MIKG + "post", "chair", G1))
    rules.apply(read(tree, holds=SHORTCUT), data)
    (quad,) = [
        quad for quad in data.quads_for_pattern(None, ox.NamedNode(MIKG + "holds"), None) if isinstance(quad.graph_name, ox.NamedNode)
    ]
    assert quad.graph_name.value == G1
    derived = data.quads_for_pattern(None, None, None, ox.NamedNode(GRAPH + "derived"))
    assert {quad.subject.value for quad in derived} == {RULE + "holds"}


def test_a_node_whose_halves_stand_in_two_passages_gives_no_shortcut(tree):
    data = store(("n", MIKG + "holder", "ana", G1), ("n", MIKG + "post", "chair", G2))
    assert concluded(read(tree, holds=SHORTCUT), data) == 0


def test_open_data_stay_as_they_came(tree):
    outside = "https://w3id.org/mikg/graph/external/small"
    data = store(("n", MIKG + "holder", "ana", outside), ("n", MIKG + "post", "chair", outside))
    assert concluded(read(tree, holds=SHORTCUT), data) == 0


def test_what_a_passage_says_itself_is_not_derived_again(tree):
    inside = MIKG + "locatedIn"
    data = store(("a", inside, "b", G1), ("b", inside, "c", G1), ("a", inside, "c", G1))
    assert concluded(read(tree, within=TRANSITIVE), data) == 0


def test_the_default_graph_stays_the_merge(tree):
    inside = MIKG + "locatedIn"
    data = store(("a", inside, "b", G1), ("b", inside, "c", G1))
    rules.apply(read(tree, within=TRANSITIVE), data)
    named = {(quad.subject, quad.predicate, quad.object) for quad in data if isinstance(quad.graph_name, ox.NamedNode)}
    assert named == {(quad.subject, quad.predicate, quad.object) for quad in data.quads_for_pattern(None, None, None, ox.DefaultGraph())}


@pytest.mark.parametrize(
    ("text", "said"),
    [("CONSTRUCT { ?a mikg:p ", "ontology/rules/bad.rq:"), ("SELECT * { ?s ?p ?o }", "a rule is a CONSTRUCT query")],
)
def test_a_rule_that_is_none_is_named(tree, text, said):
    with pytest.raises(SourceError, match=said):
        read(tree, bad=text)


def test_a_rule_that_never_ends_is_stopped(tree):
    endless = 'CONSTRUCT { ?b mikg:p ?a } WHERE { ?a mikg:p ?x BIND(IRI(CONCAT(STR(?a), "x")) AS ?b) }'
    with pytest.raises(SourceError, match="after 50 rounds"):
        rules.apply(read(tree, endless=endless), store(("a", MIKG + "p", "b", G1)))


def test_the_twin_rule_holds_both_ways_in_the_real_graph(pool):
    """Each asserted node has its shortcut in its own graph, and each shortcut a node: for posts, memberships, participations."""
    from mikg import answers
    from mikg.engine import Query

    prefixes = HEAD + "PREFIX org: <http://www.w3.org/ns/org#>\nPREFIX sem: <http://semanticweb.cs.vu.nl/2009/11/sem/>\n"
    missing = """
    ASK { GRAPH ?g { ?node mikg:holder ?who ; mikg:post ?post ; mikg:modality mikg:asserted }
          FILTER NOT EXISTS { GRAPH ?g { ?who org:holds ?post } } }"""
    orphan = "ASK { GRAPH ?g { ?who org:holds ?post } FILTER NOT EXISTS { GRAPH ?g { ?node mikg:holder ?who ; mikg:post ?post } } }"
    planned = "ASK { GRAPH ?g { ?event sem:hasActor ?who ; mikg:modality ?modality } FILTER(?modality != mikg:asserted) FILTER NOT EXISTS { GRAPH ?g { ?event mikg:modality mikg:asserted } } FILTER NOT EXISTS { GRAPH ?g { ?part mikg:event ?event ; mikg:participant ?who ; mikg:modality mikg:asserted } } }"
    for query in (missing, orphan, planned):
        assert answers.run(pool, Query(prefixes + query)).boolean is False, query
    assert answers.run(pool, Query(prefixes + "ASK { ?who org:holds ?post . ?event sem:hasActor ?who }")).boolean is True
