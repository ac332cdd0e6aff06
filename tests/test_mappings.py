"""Mapping tables: read, checked, put into the graph, and written back without loss."""

import re
from pathlib import Path

import pyoxigraph as ox
import pytest
import sssom_pydantic as sssom

from mikg import sources
from mikg.engine import Query
from mikg.errors import SourceError
from mikg.mappings import coverage, faults, links, records, tables
from mikg.namespaces import SKOS

ROOT = Path(__file__).parents[1]
FILES = sorted(ROOT.glob("graph/links/*.sssom.tsv"))
HEAD = """#curie_map:
#  authority: https://w3id.org/mikg/authority/
#  id: https://w3id.org/mikg/id/
#  iso3166n: 'urn:iso:std:iso:3166:-1:numeric:'
#  lcsh: http://id.loc.gov/authorities/subjects/
#  mikg: https://w3id.org/mikg/ontology#
#  semapv: https://w3id.org/semapv/vocab/
#  skos: http://www.w3.org/2004/02/skos/core#
#  sssom: https://w3id.org/sssom/
#  wd: http://www.wikidata.org/entity/
#mapping_set_id: https://w3id.org/mikg/mappings/small
#mapping_set_title: 'Small: a set of few'
"""
COLUMNS = [name for name in sssom.Record.model_fields if name in tables.COLUMNS]
FIRST = HEAD.count("\n") + 2  # the line of the first row
ENTITIES = """@prefix id: <https://w3id.org/mikg/id/> .
@prefix mikg: <https://w3id.org/mikg/ontology#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
id:panama a mikg:Country ; skos:prefLabel "Panama"@en ; skos:altLabel "Republic of Panama"@en .
id:panama-city a mikg:City ; skos:prefLabel "Panama City"@en .
id:migrant a mikg:PopulationGroup ; skos:prefLabel "migrant"@en .
"""
AUTHORITIES = "@prefix void: <http://rdfs.org/ns/void#> .\n" + "".join(
    f"<https://w3id.org/mikg/authority/{prefix}> a void:Dataset ; void:uriRegexPattern '{pattern}' .\n"
    for prefix, pattern in (("wd", "^http://www.wikidata.org/entity/Q[1-9][0-9]*$"), ("lcsh", "sh[0-9]+$"), ("iso3166n", ":[0-9]{3}$"))
)


def row(**cells: str) -> str:
    given = {
        "subject_id": "id:panama",
        "subject_label": "Panama",
        "subject_category": "mikg:Country",
        "predicate_id": "skos:exactMatch",
        "object_id": "wd:Q804",
        "mapping_justification": "semapv:ManualMappingCuration",
        "object_source": "authority:wd",
        "confidence": "0.9",
        "comment": "read in a table",
    } | cells
    return "\t".join(given.get(column, "") for column in COLUMNS) + "\n"


def table(*rows: str) -> str:
    return HEAD + "\t".join(COLUMNS) + "\n" + "".join(rows)


def root(tree, text: str) -> Path:
    return tree(**{"graph/links/small.sssom.tsv": text, "graph/links/authorities.ttl": AUTHORITIES, "graph/entities.ttl": ENTITIES})


def said(tree, text: str) -> set[tuple[str, str]]:
    """What the links graph says of the subject: the last part of the predicate and the object."""
    found = [quad for quad in links.quads(root(tree, text)) if quad.graph_name == links.LINKS]
    return {(quad.predicate.value.rpartition("/")[2].rpartition("#")[2], quad.object.value) for quad in found}


def findings(tree, *rows: str) -> list[str]:
    return [f"{each.line}: {each.message}" for each in faults.check(sources.read(root(tree, table(*rows))))]


def test_a_thing_has_match_identity_and_code(tree):
    assert said(tree, table(row(), row(object_id="iso3166n:591", object_source="authority:iso3166n"))) == {
        ("exactMatch", "http://www.wikidata.org/entity/Q804"),
        ("sameAs", "http://www.wikidata.org/entity/Q804"),
        ("wikidata", "Q804"),
        ("exactMatch", "urn:iso:std:iso:3166:-1:numeric:591"),
        ("iso3166Numeric", "591"),
    }


@pytest.mark.parametrize(
    "cells",
    [
        {"object_id": "lcsh:sh85097359", "object_source": "authority:lcsh"},
        {"subject_id": "id:migrant", "subject_category": "mikg:PopulationGroup"},
        {"predicate_id": "skos:closeMatch"},
        {"predicate_id": "skos:relatedMatch"},
    ],
    ids=["a subject heading", "a notion of ours", "a near thing", "a related thing"],
)
def test_identity_is_said_of_things_only(tree, cells):
    assert "sameAs" not in {predicate for predicate, _ in said(tree, table(row(**cells)))}


@pytest.mark.parametrize("cells", [{"predicate_modifier": "Not"}, {"object_id": "sssom:NoTermFound", "mapping_cardinality": "1:0"}])
def test_what_does_not_match_and_what_was_not_found_is_in_the_records_only(tree, cells):
    assert said(tree, table(row(**cells))) == set()
    (small,) = tables.read(root(tree, table(row(**cells))))
    assert records.iri(small.rows[0]) in {quad.subject.value for quad in records.quads(small)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_table_is_the_same_after_rdf_and_back(path):
    before = tables.read_table(path, path.name)
    store = ox.Store()
    store.extend(records.quads(before))
    (after,) = records.tables(store)
    assert (after.about, after.prefixes) == (before.about, before.prefixes)
    assert sorted(each.mapping for each in after.rows) == sorted(each.mapping for each in before.rows)
    assert tables.write(after) == tables.write(before)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_table_written_again_reads_the_same(path, tmp_path):
    before = tables.read_table(path, path.name)
    (tmp_path / path.name).write_text(tables.write(before), encoding="utf-8")
    after = tables.read_table(tmp_path / path.name, path.name)
    assert sorted(each.mapping for each in after.rows) == sorted(each.mapping for each in before.rows)
    assert (after.about, after.prefixes) == (before.about, before.prefixes)


def test_a_cell_with_quotes_tabs_and_lines_keeps_them_through_rdf(tree):
    (small,) = tables.read(root(tree, table(row(comment='"read in ""A\tB"",\nsecond line"'), row(object_id="wd:Q1"))))
    assert small.rows[0].mapping.comment == 'read in "A\tB",\nsecond line'
    assert [each.line for each in small.rows] == [FIRST, FIRST + 2]
    (after,) = records.tables(records.quads(small))
    assert tables.write(after) == tables.write(small)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (table(row(), "id:panama\tPanama\n"), f"small.sssom.tsv:{FIRST + 1}: the row has 2 cells, the table {len(COLUMNS)} columns"),
        (table(row(object_id="nowhere:Q804")), f"small.sssom.tsv:{FIRST}: 'nowhere' has no prefix that the table's curie_map names"),
        (table(row(subject_category="country")), f"small.sssom.tsv:{FIRST}: 'country' has no prefix"),
        (table(row(confidence="1.7")), f"small.sssom.tsv:{FIRST}: confidence: Input should be less than"),
        (table(row(predicate_modifier="No")), f"small.sssom.tsv:{FIRST}: predicate_modifier"),
        (table(row(subject_id="")), f"small.sssom.tsv:{FIRST}: subject_id: Field required"),
        (table(row()).removesuffix("\n"), f"small.sssom.tsv:{FIRST}: the last line has no end; was the file cut?"),
        (table(row(comment='"never closed')), f"small.sssom.tsv:{FIRST}: the row is not tab-separated text"),
        (table(row()).replace("object_label", "object_name"), f"small.sssom.tsv:{FIRST - 1}: SSSOM has no column 'object_name'"),
        (table(row()).replace("subject_label", "subject_id"), f"small.sssom.tsv:{FIRST - 1}: the column subject_id is named twice"),
        (table(row()).replace("\t", ";"), f"small.sssom.tsv:{FIRST - 1}: SSSOM has no column 'subject_id;subject_label;"),
        ("\ufeff" + table(row()), "small.sssom.tsv:1: it begins with a byte order mark"),
        ("", "small.sssom.tsv:1: it is empty"),
        ("# - : not yaml: [\n" + row(), "small.sssom.tsv:1: the comment lines at its head are not YAML"),
        (row(), "small.sssom.tsv:1: the comment lines at its head are not YAML"),
        (HEAD, "has no row of column names"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) and "small" in value else "",
)
def test_a_broken_table_is_named_with_its_line(tree, text, expected):
    with pytest.raises(SourceError) as caught:
        tables.read(root(tree, text))
    assert expected in str(caught.value)


def test_a_table_in_another_encoding_is_named_with_its_line(tree):
    folder = root(tree, table(row()))
    (folder / "graph/links/small.sssom.tsv").write_bytes(table(row(), row(comment="leído")).encode("latin-1"))
    with pytest.raises(SourceError, match=rf"small.sssom.tsv:{FIRST + 1}: it is not UTF-8"):
        tables.read(folder)


def test_a_whole_table_has_no_fault(tree):
    assert findings(tree, row(), row(object_id="wd:Q3306", predicate_modifier="Not")) == []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row(subject_id="id:panamaa")], "the graph knows no id:panamaa; is id:panama meant?"),
        ([row(subject_category="mikg:City")], "in the graph it is mikg:Country"),
        ([row(subject_label="Panamá City")], "is none of its names in the graph: Panama, Republic of Panama"),
        ([row(predicate_id="skos:related")], "the predicate skos:related is none of skos:exactMatch"),
        ([row(mapping_justification="semapv:Guessing")], "the justification semapv:Guessing is none of"),
        ([row(object_source="authority:wikidata")], "is not described in graph/links/authorities.ttl"),
        ([row(object_source="authority:lcsh")], "the object wd:Q804 is no term of authority:lcsh"),
        (
            [row(object_id="wd:notanitem")],
            "wd:notanitem is no identifier of <https://w3id.org/mikg/authority/wd>: these are of the form ^http",
        ),
        ([row(object_id="wd:Q804x")], "wd:Q804x is no identifier of"),
        ([row(), row(object_id="wd:Q0", predicate_id="skos:closeMatch")], ", such as wd:Q804"),
        ([row(comment="")], "it has no evidence"),
        ([row(confidence="")], "it has no confidence"),
        ([row(mapping_cardinality="1:0")], "1:0 where no term was found"),
        ([row(), row(predicate_modifier="Not")], f"it denies what stands at graph/links/small.sssom.tsv:{FIRST}"),
        ([row(), row(predicate_id="skos:closeMatch", predicate_modifier="Not")], "it denies what stands"),
        ([row(), row(object_id="wd:Q3306")], "wd:Q3306 and wd:Q804 are both its exact match"),
        (
            [row(), row(subject_id="id:panama-city", subject_label="Panama City", subject_category="mikg:City")],
            "is also the exact match of id:panama",
        ),
        ([row(), row(comment="read elsewhere")], "the same mapping stands"),
        ([row(), row(object_id="sssom:NoTermFound", mapping_cardinality="1:0")], "a term that was not found stands"),
    ],
    ids=lambda value: value[:50] if isinstance(value, str) else "",
)
def test_each_fault_is_found_where_it_stands(tree, rows, expected):
    (finding,) = findings(tree, *rows)
    assert expected in finding
    assert finding.startswith(f"{FIRST + len(rows) - 1}: ")


def test_every_authority_says_what_its_identifiers_look_like_and_where_that_was_read():
    said = ox.Store()
    said.load(path=str(ROOT / "graph/links/authorities.ttl"), format=ox.RdfFormat.TURTLE)
    head = "PREFIX void: <http://rdfs.org/ns/void#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>"
    assert not said.query(f"{head} ASK {{ ?a a void:Dataset FILTER NOT EXISTS {{ ?a void:uriRegexPattern ?p ; skos:editorialNote ?n }} }}")
    for row in said.query(f"{head} SELECT ?space ?pattern {{ ?a void:uriSpace ?space ; void:uriRegexPattern ?pattern }}"):
        pattern = re.compile(row["pattern"].value)
        assert pattern.pattern.startswith("^" + re.escape(row["space"].value)[:7]) and pattern.pattern.endswith("$")
        assert not pattern.search(row["space"].value) and not pattern.search(row["space"].value + "not an identifier")


def test_a_pattern_that_is_none_is_named_with_its_line(tree):
    folder = root(tree, table(row()))
    (folder / "graph/links/authorities.ttl").write_text(AUTHORITIES.replace("sh[0-9]+$", "sh[0-9"), encoding="utf-8")
    (finding,) = faults.check(sources.read(folder))
    assert str(finding).startswith("graph/links/authorities.ttl:3: ") and "is no regular expression" in finding.message


def test_a_related_thing_may_be_denied_to_be_the_same(tree):
    assert findings(tree, row(predicate_id="skos:relatedMatch"), row(predicate_modifier="Not")) == []


def test_every_entity_that_another_graph_could_have_is_linked_or_was_looked_for(pool):
    found = coverage.of(pool)
    assert [thing.iri for thing in found.things if thing.state == coverage.OPEN] == []
    assert found.total()[coverage.LINKED] > 100


def test_what_was_not_found_says_where_it_was_looked_for():
    rows = [each for path in FILES for each in tables.read_table(path, path.name).rows if each.none_found]
    assert rows
    for each in rows:
        assert each.mapping.object_source and each.mapping.object_source_version and "looked for" in each.mapping.comment, each


def test_where_more_than_names_was_compared_the_evidence_says_what():
    rows = [each for path in FILES for each in tables.read_table(path, path.name).rows]
    composite = [each for each in rows if each.mapping.justification.curie == "semapv:CompositeMatching"]
    assert len(composite) > 40
    for each in composite:
        assert "Its kind too: " in each.mapping.comment and each.category != SKOS + "Concept", each


def test_each_record_is_described_in_the_release(pool):
    query = """PREFIX owl: <http://www.w3.org/2002/07/owl#> PREFIX sssom: <https://w3id.org/sssom/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    SELECT ?subject ?object (COUNT(*) AS ?n) { GRAPH <https://w3id.org/mikg/graph/links> { ?subject ?match ?object FILTER(STRSTARTS(STR(?match), "http://www.w3.org/2004/02/skos/core#")) }
      FILTER NOT EXISTS { GRAPH <https://w3id.org/mikg/graph/mappings> {
        ?record owl:annotatedSource ?subject ; owl:annotatedProperty ?match ; owl:annotatedTarget ?object ; sssom:confidence ?c ; rdfs:comment ?why } } } GROUP BY ?subject ?object"""
    assert pool.query(Query(query, results="text/csv")).body.decode().splitlines() == ["subject,object,n"]
