"""A sixth, invented document, encoded by ontology/README.md alone: it conforms, and each slip in it is found with its remedy."""

import json
import re
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from mikg import checking, sources
from mikg.engine import Query
from mikg.errors import SourceError
from mikg.namespaces import DOCUMENT, PREFIXES

ROOT = Path(__file__).parents[1]
SIXTH = ROOT / "tests/data/sixth"
PAGE = (ROOT / "ontology/README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+) ?(\S*)\n(.*?)^```$", PAGE, re.M | re.S)
EXAMPLES = [(language, source, text) for language, source, text in BLOCKS if language in ("turtle", "trig")]
QUERIES = [text for language, _, text in BLOCKS if language == "sparql"]

BULLETIN = "graph/documents/island-bulletin.trig"
CURATION = "graph/curation.trig"
DOCUMENTS = "graph/documents.ttl"
ENTITIES = "graph/entities.ttl"


def report(root: Path) -> checking.Report:
    return checking.check(sources.read(root), SIXTH / "texts")


@pytest.fixture
def island(tmp_path):
    """A function that copies the invented document, with one text replaced in one file, and returns the root."""
    shutil.copytree(SIXTH / "graph", tmp_path / "graph")
    (tmp_path / "ontology").symlink_to(ROOT / "ontology")

    def change(file: str = BULLETIN, old: str = "", new: str = "") -> Path:
        path = tmp_path / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} no longer holds {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return tmp_path

    return change


def test_the_invented_document_conforms_with_its_text(island):
    found = report(island())
    assert [str(finding) for finding in found.findings] == []
    (coverage,) = found.coverage
    assert (coverage.document, coverage.passages, coverage.furniture) == ("island-bulletin", 18, ())
    assert coverage.checked and coverage.figures and coverage.names and not coverage.uncovered


SLIPS = {
    "a statement without a passage": (BULLETIN, "s:p9-s4 {", "s:p9-s5 {", "hygiene-graph", "no passage that graph:documents describes"),
    "a passage without a statement": (BULLETIN, "s:p9-s4 {", "s:p9-s3 {", "evidence-statement", "encode it, or give mikg:noStatement"),
    "a triple outside any graph": (BULLETIN, "s:p1 {", "id:elsewhere mikg:host id:elsewhere .\ns:p1 {", "hygiene-graph", "within { }"),
    "an offset outside its document": (BULLETIN, "mikg:characterEnd 77 ", "mikg:characterEnd 9999 ", "evidence-place", "mikg segment"),
    "a digest that does not fit the passage": (BULLETIN, 'mikg:sha256 "b84f', 'mikg:sha256 "c84f', "evidence-digest", "has digest b84f"),
    "a digest that does not fit the text": (DOCUMENTS, 'mikg:sha256 "be0', 'mikg:sha256 "ce0', "evidence-digest", "the same edition"),
    "a duplicate IRI with two meanings": (
        ENTITIES,
        '"Coast Lookout"@en ;',
        '"Coast Lookout"@en ;\n    skos:prefLabel "Gull Watch"@en ;',
        "hygiene-meaning",
        "two things need two IRIs",
    ),
    "a duplicate IRI with two disjoint types": (
        ENTITIES,
        "a mikg:GovernmentBody ;",
        "a mikg:GovernmentBody ;\n    a mikg:Country ;",
        "mikg:OneKindShape",
        "Give each its own IRI",
    ),
    "a day of attestation that no calendar has": (
        CURATION,
        'mikg:attestedOn "2031-05-12"',
        'mikg:attestedOn "2022-02-30"',
        "mikg:DatedShape-attestedOn",
        "a day of the calendar",
    ),
    "an unknown qualifier": (BULLETIN, "mikg:approximately", "mikg:roughly", "mikg:FigureShape-qualifier", "mikg:approximately"),
    "an undeclared term": (BULLETIN, "mikg:approximately", "mikg:aproximately", "hygiene-declared", "the nearest: mikg:approximately"),
    "a misspelt predicate": (BULLETIN, "mikg:counterpart ", "mikg:counterpat ", "hygiene-declared", "the nearest: mikg:counterpart"),
    "a person without any public role": (
        ENTITIES,
        "id:ottoline-quillfeather\n",
        'id:passer-by\n    a mikg:Person ;\n    skos:prefLabel "Passer By"@en ;\n.\n\nid:ottoline-quillfeather\n',
        "mikg:PersonShape-publicRole",
        "make the person the mikg:holder of a post",
    ),
    "a removed printed figure": (
        BULLETIN,
        'mikg:asPrinted "45 lamp makers"@en ;',
        "",
        "coverage-figures",
        "give it a figure's mikg:asPrinted",
    ),
    "a printed figure that the text does not have": (
        BULLETIN,
        '"45 lamp makers"',
        '"54 lamp makers"',
        "evidence-printed",
        "copy it to the letter",
    ),
    "an event without modality": (
        BULLETIN,
        "a mikg:Action ;\n        mikg:modality mikg:asserted ;",
        "a mikg:Action ;",
        "mikg:EventShape-modality",
        "mikg:modality mikg:asserted",
    ),
    "a figure without unit": (BULLETIN, "mikg:unit mikg:percent ;", "", "mikg:ObservationShape-unit", "mikg:unit mikg:person"),
    "a figure without qualifier": (
        BULLETIN,
        "mikg:qualifier mikg:approximately ;",
        "",
        "mikg:CountedShape-qualifier",
        "mikg:qualifier mikg:exactly",
    ),
    "a null cell with a value": (
        BULLETIN,
        "a mikg:MissingFigure ;",
        "a mikg:MissingFigure ;\n        schema:value 0 ;",
        "mikg:MissingFigureShape-noValue",
        "with a value it is a mikg:BudgetFigure",
    ),
}


@pytest.mark.parametrize(("file", "old", "new", "rule", "remedy"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_found_in_its_file_with_line_and_remedy(island, file, old, new, rule, remedy):
    root = island(file, old, new)
    found = [finding for finding in report(root).findings if finding.rule == rule and remedy in finding.message]
    assert found
    for finding in found:
        lines = (root / finding.file).read_text(encoding="utf-8").count("\n")
        assert 0 < finding.line <= lines
    assert any(finding.file in (file, BULLETIN) for finding in found)


def test_a_bound_that_no_calendar_has_is_found(island):
    root = island(CURATION, 'mikg:latest "2031-05-12"', 'mikg:latest "2022-02-30"')
    (finding,) = [finding for finding in report(root).findings if finding.rule == "mikg:BoundsShape-latest"]
    assert (finding.file, finding.line > 0) == (CURATION, True)
    assert "a day of the calendar" in finding.message


@pytest.mark.parametrize("node", ["[]", "[ a mikg:Person ]"])
def test_a_blank_node_is_refused_with_its_line_and_remedy(island, node):
    root = island(BULLETIN, "mikg:counterpart id:barnaby-thistlewick", f"mikg:counterpart {node}")
    with pytest.raises(SourceError, match=rf"^{BULLETIN}:\d+: a blank node stands at .*; give it an IRI \(id:\.\.\.\)"):
        report(root)


def test_the_page_has_examples_and_queries():
    assert len(EXAMPLES) > 15
    assert len(QUERIES) > 15
    assert len(PAGE.splitlines()) < 400


@pytest.fixture(scope="module")
def stated() -> dict[str, set[ox.Quad]]:
    """All statements of the real sources, as quads, by file."""
    found: dict[str, set[ox.Quad]] = {}
    for each in sources.read(ROOT).statements:
        found.setdefault(each.file, set()).add(sources.to_quad(each))
    return found


@pytest.mark.parametrize(("language", "source", "text"), EXAMPLES, ids=[text.split("\n")[0][:60] for *_, text in EXAMPLES])
def test_an_example_of_the_page_parses_and_stands_in_the_file_that_it_names(stated, language, source, text):
    file = source if "/" in source else f"graph/documents/{source}.trig"
    prefixes = {**PREFIXES, "s": f"{DOCUMENT}{source}/"}
    head = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in prefixes.items())
    form = ox.RdfFormat.TURTLE if language == "turtle" else ox.RdfFormat.TRIG
    graph = next(iter(stated[file])).graph_name if language == "turtle" else None
    quads = {ox.Quad(*quad.triple, graph or quad.graph_name) for quad in ox.parse(head + text, format=form)}
    assert quads
    assert [str(quad) for quad in quads - stated[file]] == []


@pytest.mark.parametrize("text", QUERIES, ids=[re.sub(r"\s+", " ", text)[:60] for text in QUERIES])
def test_a_query_of_the_page_runs_and_has_an_answer(pool, text):
    head = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
    assert json.loads(pool.query(Query(head + text)).body)["results"]["bindings"]


@pytest.mark.parametrize("text", QUERIES, ids=[re.sub(r"\s+", " ", text)[:60] for text in QUERIES])
def test_a_query_of_the_page_is_short(text):
    assert text.count("\n") <= 3
