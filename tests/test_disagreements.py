"""Where sources differ: every discrepancy with both its sides and their passages."""

from mikg import disagreements
from mikg.namespaces import DOCUMENT, ID, MIKG


def test_the_open_ones_come_first_and_each_has_sides_with_passages(pool):
    found = [each for each in disagreements.judgements(pool) if each.kind == "Discrepancy"]
    assert [each.open for each in found] == sorted((each.open for each in found), reverse=True)
    assert {each.open for each in found} == {True, False}
    for each in found:
        assert each.basis and each.nature and len(each.sides) >= 2, each.iri
        for side in each.sides:
            assert (side.printed or side.said) and side.passages, side.iri
            assert all(passage.startswith(DOCUMENT) for passage in side.passages)
        assert sum(side.preferred for side in each.sides) <= 1


def test_a_side_shows_what_its_passage_prints(pool):
    (found,) = [each for each in disagreements.judgements(pool) if each.iri == ID + "judgement-discrepancy-migrants-of-2021"]
    assert {(side.printed, side.preferred) for side in found.sides} == {(("up to 133,726",), True), (("nearly 140,000 migrants",), False)}
    assert found.nature == MIKG + "differentPrecision"


def test_names_that_differ_are_shown_as_printed(pool):
    (found,) = [each for each in disagreements.judgements(pool) if each.iri == ID + "judgement-discrepancy-spelling-of-blinken"]
    assert {name for side in found.sides for name in side.printed} >= {"Anthony Blinken", "Antony Blinken"}


def test_the_page_has_every_judgement_at_an_address_of_its_own(server, pool):
    page = server.ask("disagreements", Accept="text/html").text
    for each in disagreements.judgements(pool):
        assert f'id="{each.iri.removeprefix(ID)}"' in page
