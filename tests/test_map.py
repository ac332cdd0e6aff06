"""The map: every country with a part, drawn where it lies, told in a table, with the data's licences."""

import html
import re

import pytest

from mikg import answers, geography
from mikg.engine import Query
from mikg.namespaces import DOCUMENT, ID
from mikg.web import atlas

PREFIX = "PREFIX mikg: <https://w3id.org/mikg/ontology#> "
EVERY_LAYER = "map?" + "&".join(f"layer={layer}" for layer in geography.TIES)


@pytest.fixture(scope="module")
def found(pool):
    return geography.ties(pool)


@pytest.fixture(scope="module")
def ground(pool):
    return geography.ground(pool)


def picture(ground, ties, frame=atlas.WIDE) -> atlas.Map:
    return atlas.drawing(ground, ties, lambda iri: iri.removeprefix(ID), lambda tie: "", frame)


@pytest.mark.parametrize(
    "pattern",
    [
        "?role a mikg:CountryRole ; mikg:country ?country",
        "?flow a mikg:MigrationFlow ; mikg:origin|mikg:transit|mikg:destination ?country . ?country a mikg:Country",
        "?country mikg:takesPartIn ?group . ?country a mikg:Country",
        "?agreement mikg:party ?country . ?country a mikg:Country",
    ],
)
def test_every_country_with_a_part_is_on_the_map(pool, found, ground, server, pattern):
    countries = {row["country"]["value"] for row in answers.run(pool, Query(PREFIX + f"SELECT DISTINCT ?country {{ {pattern} }}")).rows}
    assert countries
    assert countries <= {mark.iri for mark in picture(ground, found).marks}
    drawn = re.search(r"<figure class=\"atlas\">.*?</svg>", server.ask(EVERY_LAYER, Accept="text/html").text, re.DOTALL)[0]
    assert [iri for iri in countries if f'<a href="/page/{iri.removeprefix(ID)}"' not in drawn] == []


def test_each_row_shows_its_places_and_passages(found, server):
    page = html.unescape(server.ask(EVERY_LAYER, Accept="text/html").text)
    rows = re.findall(r'<tr id="tie-\d+">.*?</tr>', page, re.DOTALL)
    assert len(rows) == len(found)
    for tie, row in zip(found, rows, strict=True):
        for iri in (tie.thing, *(place for _part, place in tie.places)):
            assert f"/page/{iri.removeprefix(ID)}" in row, (tie.thing, iri)
        assert all(f"/documents/{each.removeprefix(DOCUMENT).replace('/', '#', 1)}" in row for each in tie.passages)


@pytest.mark.parametrize("layers", [("flows", "roles"), ("events",), ("groups", "offices"), tuple(geography.TIES)])
def test_no_name_covers_another_name_or_a_mark(found, ground, layers):
    no_name_covers(picture(ground, [each for each in found if each.layer in layers]).marks, atlas.WIDE)


def test_nor_does_one_on_a_phone(found, ground):
    no_name_covers(picture(ground, [each for each in found if each.layer in ("flows", "roles")], atlas.NARROW).marks, atlas.NARROW)


def no_name_covers(marks, frame):
    assert marks
    boxes = []
    for mark in marks:
        width = len(mark.name) * atlas.LETTER
        left = mark.text_x - (width if mark.anchor == "end" else width / 2 if mark.anchor == "middle" else 0)
        boxes.append((left, mark.text_y - 12, left + width, mark.text_y + 2))
    for number, (left, top, right, bottom) in enumerate(boxes):
        assert left >= 0 and right <= frame.width, marks[number].name
        for other in boxes[number + 1 :]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top, (marks[number].name, other)
        for mark in marks:
            assert not (left < mark.x < right and top < mark.y < bottom), (marks[number].name, mark.name)


def test_a_flow_is_a_curve_from_origin_by_way_of_transit_to_destination(found, ground):
    flow = next(each for each in found if each.thing == ID + "flow-communique-haiti-through-panama-2021")
    assert flow.places == (("origin", ID + "haiti"), ("transit", ID + "panama"))
    drawn = picture(ground, [flow])
    (curve,) = drawn.curves
    haiti = next(mark for mark in drawn.marks if mark.iri == ID + "haiti")
    assert curve.path.startswith(f"M{haiti.x:.1f} {haiti.y:.1f}Q")
    assert flow.figures == (ID + "figure-communique-share-from-haiti-2021",)


def test_a_count_is_shown_as_printed(server):
    page = server.ask("map", Accept="text/html").text
    assert re.search(r'class="much"[^>]*>nearly 80%<', page)
    assert "not counted" in page


def test_what_lies_beyond_the_frame_is_marked_on_its_edge(found, ground):
    marks = {mark.iri: mark for mark in picture(ground, found).marks}
    assert marks[ID + "canada"].beyond == marks[ID + "united-states"].beyond == "↑"
    assert marks[ID + "panama"].beyond == ""
    assert abs(marks[ID + "canada"].x - marks[ID + "united-states"].x) >= 100


def test_places_without_a_point_are_named_and_not_guessed(found, ground, server):
    unplaced = picture(ground, found).unplaced
    assert ID + "darien-gap" in unplaced
    assert "with no point in the open data" in server.ask("map", Accept="text/html").text


def test_licences_and_the_day_of_the_snapshot_stand_below_the_map(server):
    caption = re.search(r"<figcaption>.*?</figcaption>", server.ask("map", Accept="text/html").text, re.DOTALL)[0]
    assert "Natural Earth" in caption and "GeoNames" in caption and 'rel="license"' in caption and "snapshot of 20" in caption


def test_a_point_of_mercator_lies_where_the_formula_says():
    x, y = atlas.WIDE.project((atlas.WIDE.west + 10, 0))
    assert x == pytest.approx(10 * atlas.WIDE.scale)
    assert y > atlas.WIDE.project((atlas.WIDE.west, atlas.WIDE.south))[1] > atlas.WIDE.project((atlas.WIDE.west, 10))[1] > 0


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("map?layer=%3Cb%3Ex", 400, "No layer is called “<b>x”; it takes: flows, roles"),
        ("map?year=20", 400, "year is “20”; it takes four figures, such as 2021."),
        ("map?document=no-such", 400, "No document has the key “no-such”"),
        ("map?layer=flows&year=1900", 200, "Nothing in these layers fits."),
        ("map?layer=" + "y" * 4000, 400, "No layer is called “yyy"),
    ],
)
def test_what_cannot_be_or_leaves_nothing_is_said(server, path, status, said):
    answer = server.ask(path, Accept="text/html")
    assert answer.status == status
    assert said in html.unescape(answer.text) and "<b>x" not in answer.text


def test_layers_period_and_source_narrow_the_rows(server):
    whole = server.ask("map?layer=flows", Accept="text/html").text.count('<tr id="tie-')
    of_year = server.ask("map?layer=flows&year=2021", Accept="text/html").text
    of_source = server.ask("map?layer=flows&document=unhcr-panama", Accept="text/html").text
    assert 0 < of_year.count('<tr id="tie-') < whole and "no date and are left out" in of_year
    assert 0 < of_source.count('<tr id="tie-') < whole and "flow-communique-haiti" not in of_source


def test_the_map_of_a_phone_shows_what_lies_around_panama_without_scrolling(server):
    page = server.ask("map", Accept="text/html").text
    whole, close = re.findall(r'<svg viewBox="0 0 (\d+) \d+"[^>]* class="(?:whole|close)">', page)
    assert int(whole) > 900
    assert int(close) <= 390 - 30
