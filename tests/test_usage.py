"""What a release says of its own terms agrees with what the engine counts."""

import gzip
import json

from mikg import release, usage
from mikg.answers import run
from mikg.engine import Query
from mikg.namespaces import MIKG

COUNTS = """
SELECT ?property (COUNT(*) AS ?count) { ?x a <%s> ; ?property ?value } GROUP BY ?property
"""


def test_the_properties_of_a_class_are_those_of_its_instances(made, pool):
    known = usage.read(release.current(made))
    for name in ("Agreement", "Figure", "Person", "Country"):
        rows = run(pool, Query(COUNTS % (MIKG + name))).values()
        assert known.uses[MIKG + name] == {row["property"]: row["count"] for row in rows}
        counts = list(known.uses[MIKG + name].values())
        assert counts == sorted(counts, reverse=True)


def test_a_term_has_its_names_its_definition_and_its_count(made, pool):
    known = usage.read(release.current(made))
    country = known.terms[MIKG + "Country"]
    assert (country.kind, country.name("es")) == ("class", "país")
    assert country.definition("en").endswith(".")
    assert country.count == run(pool, Query(f"SELECT (COUNT(*) AS ?n) {{ ?x a <{MIKG}Country> }}")).values()[0]["n"]
    classes = [iri for iri in known.values[MIKG + "party"] if iri.startswith(MIKG)]
    assert classes[0] == MIKG + "Country"  # of the classes of all parties the narrowest


def test_properties_that_only_open_data_uses_say_where(made):
    known = usage.read(release.current(made))
    assert known.terms["http://www.w3.org/ns/shacl#path"].elsewhere == ("https://w3id.org/mikg/graph/shapes",)
    assert known.terms[MIKG + "party"].elsewhere == ()


def test_of_two_classes_what_both_have_fits(made):
    known = usage.read(release.current(made))
    both = known.fitting([MIKG + "Agreement", MIKG + "Instrument"])
    assert MIKG + "party" in both
    assert set(known.fitting([])) > set(both)


def test_what_an_editor_gets_is_small_and_in_its_language(made):
    known = usage.read(release.current(made))
    sent = json.dumps(known.to_json("es"), separators=(",", ":")).encode()
    assert ["mikg:Country", "class"] in [term[:2] for term in json.loads(sent)["terms"]]
    assert len(gzip.compress(sent)) < 25_000


def test_a_release_that_was_made_without_has_an_empty_one(tmp_path):
    assert usage.read(tmp_path).terms == {}
