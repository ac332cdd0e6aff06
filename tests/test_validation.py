"""The two validators hold the same; what has changed since a release is validated by itself."""

import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from rdflib import SH, Graph

from mikg import checking, reach, release, sources, validation

ROOT = Path(__file__).parents[1]
CASES = sorted((ROOT / "tests/data/shapes").glob("*/*.ttl"))
SHAPES = Graph().parse(ROOT / "ontology/shapes.ttl")
ONTOLOGY = Graph().parse(ROOT / "ontology/mikg.ttl")
CONTEXT = Graph().parse(ROOT / "tests/data/shapes/context.ttl")


def test_the_fast_validator_reports_what_the_reference_reports():
    pytest.importorskip("shifty")
    whole = Graph() + CONTEXT
    for case in CASES:
        whole += Graph().parse(case)
    reference = validation.validate(whole, SHAPES, ONTOLOGY)
    assert len(reference) > 50
    assert validation.validate(whole, SHAPES, ONTOLOGY, fast=True) == reference


def test_where_the_fast_validator_is_missing_it_is_said_how_to_get_it():
    code = "import sys; sys.modules['shifty'] = None; from mikg.cli import main; sys.argv = ['mikg', 'check', '--fast']; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, "pip install 'mikg[fast]'" in done.stderr) == (2, True)


@pytest.fixture
def changed(made, tmp_path):
    """The sources with one figure that has two values, and the statements of the release that was made before."""
    for name in ("ontology", "graph", "queries"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "graph").unlink()
    import shutil

    shutil.copytree(ROOT / "graph", tmp_path / "graph")
    path = tmp_path / "graph/documents/voa-us-panama.trig"
    text = path.read_text()
    at = text.index("schema:value")
    path.write_text(text[:at] + "schema:value 123456789 ;\n        " + text[at:])
    return sources.read(tmp_path), release.statements(made, "current")


def test_only_what_has_changed_is_looked_at(changed):
    read, known = changed
    whole = checking.check(read)
    some = checking.check(read, known=known)
    assert some.findings
    assert set(some.findings) <= set(whole.findings)
    assert checking.check(sources.read(ROOT), known=known).findings == ()


# Properties of which some statements are taken away, and given to other things instead.
LOST = (
    "type",
    "value",
    "about",
    "prefLabel",
    "modality",
    "claimant",
    "position",
    "earliest",
    "characterEnd",
    "indicator",
    "renders",
    "holder",
)


@pytest.fixture(scope="module")
def whole():
    read = sources.read(ROOT)
    graphs = {each.graph for each in read.statements} - {checking.ONTOLOGY, checking.SHAPES}
    return read.graph(*(graph for graph in graphs if "/external/" not in graph))


@pytest.mark.parametrize("seed", range(2))
def test_what_is_held_against_a_change_is_all_that_the_change_can_touch(whole, seed):
    pytest.importorskip("shifty")
    chance = random.Random(seed)
    lost, gained = set(), set()
    for name in LOST:
        there = sorted((each for each in whole if re.split("[#/]", each[1])[-1] == name), key=str)
        some = chance.sample(there, min(2, len(there)))
        lost |= set(some[:1])
        gained |= {(chance.choice(there)[0], predicate, value) for _, predicate, value in some[1:]} - set(whole)
    after = Graph() + whole
    for each in lost:
        after.remove(each)
    for each in gained:
        after.add(each)
    full = Counter(validation.validate(after, SHAPES, ONTOLOGY, fast=True))
    shapes = reach.narrowed(SHAPES, ONTOLOGY, after, lost | gained)
    some = Counter(validation.validate(after, shapes, ONTOLOGY, fast=True))
    new = full - Counter(validation.validate(whole, SHAPES, ONTOLOGY, fast=True))
    assert len(new) > 5
    assert not some - full
    assert not new - some
    assert sum(1 for _ in shapes.objects(None, SH.targetNode)) < len(set(whole.subjects())) / 4


def test_both_validators_report_the_same_of_a_change(changed):
    pytest.importorskip("shifty")
    read, known = changed
    assert checking.check(read, known=known) == checking.check(read, known=known, fast=True)


def test_an_unknown_release_is_told_with_those_that_are_there(made):
    done = subprocess.run([sys.executable, "-m", "mikg", "check", "--since", "nonsense"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no release 'nonsense'" in done.stderr
    assert release.current(made).name in done.stderr
