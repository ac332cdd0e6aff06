"""Coverage is measured: on a small document of our own, and on the real ones by taking statements away."""

from dataclasses import replace

import pytest

from mikg import evidence, sources
from mikg.namespaces import MIKG, SCHEMA
from mikg.segmentation import digest, segment

TEXT = "Ministry statement\n\nMinister Ana Ruiz met 1,200 people in Boca Chica. It rained.\n"
HEAD = """@prefix doc: <https://w3id.org/mikg/document/> .
@prefix graph: <https://w3id.org/mikg/graph/> .
@prefix id: <https://w3id.org/mikg/id/> .
@prefix mikg: <https://w3id.org/mikg/ontology#> .
@prefix s: <https://w3id.org/mikg/document/small/> .
@prefix schema: <https://schema.org/> .
"""
STATED = """s:p2-s1 {
    id:ana-ruiz mikg:namedAs "Minister Ana Ruiz"@en .
    id:figure-small-met mikg:asPrinted "1,200 people"@en ; schema:value 1200 .
    id:boca-chica mikg:namedAs "Boca Chica"@en .
}
"""


def small(tree, stated: str = STATED, text: str = TEXT, change=lambda span: span) -> tuple:
    described = f'graph:documents {{ doc:small mikg:key "small" ; mikg:sha256 "{digest(text)}" .\n'
    for position, span in enumerate(map(change, segment(TEXT)), 1):
        silent = "" if span.name == "p2-s1" else '; mikg:noStatement "nothing of note"@en'
        described += (
            f"s:{span.name} a mikg:{span.kind} ; mikg:document doc:small ; mikg:position {position} ; mikg:characterStart {span.start} ; "
            f'mikg:characterEnd {span.end} ; mikg:sha256 "{span.sha256}" {silent} .\n'
        )
    root = tree(**{"graph/documents/small.trig": HEAD + described + "}\n" + stated, "texts/small.txt": text})
    return sources.read(root), root / "texts"


def rules(found: tuple) -> list[str]:
    return sorted({finding.rule for finding in evidence.check(*found)[0]})


def test_a_document_that_is_all_accounted_for_has_no_finding(tree):
    findings, (coverage,) = evidence.check(*small(tree))
    assert findings == []
    assert (coverage.passages, len(coverage.furniture), coverage.figures, coverage.names, coverage.uncovered) == (3, 2, 1, 5, 0)


@pytest.mark.parametrize(
    ("gone", "rule"),
    [
        ('    id:ana-ruiz mikg:namedAs "Minister Ana Ruiz"@en .\n', "coverage-names"),
        ('    id:figure-small-met mikg:asPrinted "1,200 people"@en ; schema:value 1200 .\n', "coverage-figures"),
        (STATED, "evidence-statement"),
    ],
)
def test_what_no_statement_accounts_for_is_found(tree, gone, rule):
    assert rule in rules(small(tree, STATED.replace(gone, "")))


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("Minister Ana Ruiz", "Minister Anna Ruiz", "evidence-printed"),
        ("1,200 people", "1,200 persons", "evidence-printed"),
        ("value 1200", "value 1300", "evidence-value"),
    ],
)
def test_what_the_text_does_not_say_is_found(tree, old, new, rule):
    assert rule in rules(small(tree, STATED.replace(old, new)))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda span: replace(span, end=span.end + 500), "evidence-place"),
        (lambda span: replace(span, start=span.end, end=span.start), "evidence-place"),
        (lambda span: replace(span, start=span.start + 1), "evidence-digest"),
        (lambda span: replace(span, sha256="0" * 64), "evidence-digest"),
        (lambda span: replace(span, sha256="nonsense"), "evidence-digest"),
        (lambda span: replace(span, start=0) if span.name == "p2-s1" else span, "evidence-place"),
        (lambda span: replace(span, end=span.start + 3) if span.name == "p1" else span, "evidence-gap"),
    ],
    ids=["beyond the end", "backwards", "shifted", "other digest", "no digest", "overlap", "gap"],
)
def test_a_wrong_place_is_found_with_file_and_line(tree, change, rule):
    findings, _ = evidence.check(*small(tree, change=change))
    assert rule in {finding.rule for finding in findings}
    assert all(finding.file == "graph/documents/small.trig" and finding.line > 0 for finding in findings)


def test_another_edition_of_the_text_is_found(tree):
    read, texts = small(tree)
    (texts / "small.txt").write_text(TEXT.replace("rained", "snowed"), encoding="utf-8")
    assert "evidence-digest" in rules((read, texts))


def test_a_text_that_is_missing_or_not_utf8_is_named(tree):
    read, texts = small(tree)
    (texts / "small.txt").write_bytes(b"\xff\xfe")
    assert rules((read, texts)) == ["evidence-text"]
    (texts / "small.txt").unlink()
    assert rules((read, texts)) == ["evidence-text"]


def test_without_the_texts_the_structure_is_still_checked(tree):
    read, _ = small(tree, "")
    findings, (coverage,) = evidence.check(read, None)
    assert [finding.rule for finding in findings] == ["evidence-statement"]
    assert not coverage.checked


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("more than $13 billion", [13_000_000_000]),
        ("nearly 140,000 migrants", [140_000]),
        ("six", [6]),
        ("a tenfold increase", [10]),
        ("8.42523081", ["8.42523081"]),
        ("72 percent", [72]),
        ("none", []),
    ],
)
def test_printed_quantities_are_read_as_numbers(words, numbers):
    assert [str(number) for number in evidence._numbers(words)] == [str(number) for number in numbers]


@pytest.fixture(scope="module")
def real(made):
    return sources.read(made.sources)


def test_the_five_documents_are_all_accounted_for(real, documents):
    findings, coverage = evidence.check(real, documents)
    assert [str(finding) for finding in findings] == []
    assert [each.document for each in coverage] == ["mire-communique", "panama-progress", "unhcr-panama", "us-ct-report", "voa-us-panama"]
    assert all(each.checked and each.figures and each.names for each in coverage)


def test_taking_away_what_is_printed_leaves_a_gap_for_every_figure_and_every_named_thing(real, documents):
    """Each asPrinted with digits and each namedAs in turn is taken from its passage: the report then has a finding.

    One printed form may stand inside another ("first Meeting of Attorneys General"); every thing has a form that is missed.
    """
    texts, _ = evidence._texts(real, documents)
    known = evidence._names(real)
    missed, seen = set(), set()
    figures = {each.subject for each in real.statements if str(each.predicate) == SCHEMA + "value"}
    for passage in evidence.read_passages(real):
        passage.text = texts[passage.document][passage.start : passage.end]
        for each in passage.statements:
            figure = each.subject in figures and str(each.predicate) == MIKG + "asPrinted" and any(map(str.isdigit, str(each.object)))
            name = str(each.predicate) == MIKG + "namedAs" and str(each.object)[0].isupper()
            if not figure and not name:
                continue
            seen.add(each.subject)
            without = replace(passage, statements=[other for other in passage.statements if other is not each])
            if list(evidence._uncovered(without, known, {"figures": 0, "names": 0})):
                missed.add(each.subject)
    assert len(seen) > 150
    assert sorted(seen - missed) == []


def test_each_figure_has_a_value_that_its_printed_words_bear_out(real):
    valued = {
        each.subject for each in real.statements if str(each.predicate) == SCHEMA + "value" and each.file.startswith("graph/documents")
    }
    printed = {each.subject for each in real.statements if str(each.predicate) == MIKG + "asPrinted"}
    assert valued
    assert valued <= printed
