import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mikg.namespaces import BASE
from mikg.segmentation import digest, segment, skeleton


@given(st.text())
def test_passages_stand_in_order_without_overlap_and_bear_the_digest_of_their_span(text):
    reached = 0
    for span in segment(text):
        assert reached <= span.start < span.end <= len(text)
        assert span.sha256 == digest(text[span.start : span.end])
        assert text[span.start : span.end].strip() == text[span.start : span.end]
        reached = span.end


@given(st.text())
def test_all_that_is_visible_stands_in_a_passage_but_bullets_and_the_braces_of_charts(text):
    inside = "".join(text[span.start : span.end] for span in segment(text))
    if "•" not in text and "[" not in text:
        assert "".join(inside.split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("The U.S. signed. It hopes.", ["The U.S. signed.", "It hopes."]),
        ("“We agree.” He left.", ["“We agree.”", "He left."]),
        ("Scope:  One thing. Two things.", ["Scope:", "One thing.", "Two things."]),
        ("• One item\n• Two items", ["One item", "Two items"]),
        ('{"budget":[1,null],"spent":[2,3]}', ['"budget":[1,null]', '"spent":[2,3]']),
        ("3,000 people will be helped", ["3,000 people will be helped"]),
    ],
)
def test_a_text_is_cut_where_a_reader_would(text, pieces):
    assert [text[span.start : span.end] for span in segment(text)] == pieces


def test_every_passage_of_the_real_graph_is_one_that_the_cutter_makes(documents, made):
    from mikg import evidence, sources

    for passage in evidence.read_passages(sources.read(made.sources)):
        spans = segment((documents / f"{passage.document}.txt").read_bytes().decode())
        assert (passage.start, passage.end, passage.sha256) in {(span.start, span.end, span.sha256) for span in spans}, passage.iri


def test_the_skeleton_is_trig_with_each_passage_placed():
    quads = list(ox.parse(skeleton("Head\n\nOne. Two.\n", "a-text", BASE).encode(), format=ox.RdfFormat.TRIG))
    passages = {str(quad.subject.value) for quad in quads if quad.predicate.value.endswith("sha256")}
    assert passages == {f"{BASE}document/a-text/{name}" for name in ("p1", "p2-s1", "p2-s2")}
