"""The search: what people type, as they type it, finds the thing that they mean, and says why."""

import os
import stat
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mikg import release, search, spelling
from mikg.errors import ReleaseError
from mikg.namespaces import BASE, DOCUMENT, ID, MIKG
from mikg.search.finding import AGAIN, opened
from mikg.search.index import Name, Record, write


@pytest.fixture(scope="module")
def index(made):
    return search.Index(made.releases)


@pytest.fixture(scope="module")
def things(made):
    """Each named thing of the graph, as the index was made of it."""
    import pyoxigraph as ox

    from mikg.search.index import records

    return [each for each in records(ox.Store.read_only(str(release.current(made) / "store"))) if each.names[0].role == "name"]


@pytest.fixture(scope="module")
def countries(things):
    return [each.names[0].text for each in things if each.kind == "country"]


@pytest.fixture
def index_of(tmp_path):
    """A function that makes an index of given names: IRI to names."""

    def make(**things: str) -> object:
        write(
            tmp_path,
            [Record(ID + iri, "place", [Name(each, "name", "en") for each in names.split(" / ")]) for iri, names in things.items()],
        )
        return opened(tmp_path)

    return make


@pytest.mark.parametrize(
    ("typed", "iri", "how", "matched"),
    [
        ("Panama", ID + "panama", "name", "Panama"),
        ("panamá", ID + "panama", "name", "Panama"),
        ("PANAMA", ID + "panama", "name", "Panama"),
        ("Панама", ID + "panama", "name", "Panama"),
        ("panana", ID + "panama", "typo", "Panama"),
        ("estados unidos", ID + "united-states", "name", "Estados Unidos"),
        ("unidos estados", ID + "united-states", "name", "Estados Unidos"),
        ("el salvadro", ID + "el-salvador", "typo", "El Salvador"),
        ("elsalvador", ID + "el-salvador", "name", "El Salvador"),
        ("ACNUR", ID + "unhcr", "name", "ACNUR"),
        ("blinken antony", ID + "antony-blinken", "name", "Antony Blinken"),
        ("Anthony Blinken", ID + "antony-blinken", "printed", "Anthony Blinken"),
        ("tocumen airport", ID + "tocumen-international-airport", "name", "Tocumen International Airport"),
        ("costa ri", ID + "costa-rica", "name", "Costa Rica"),
        ("États-Unis", ID + "united-states", "alias", "États-Unis"),
        ("vereinigte staaten", ID + "united-states", "alias", "Vereinigte Staaten"),
        ("Colômbia", ID + "colombia", "name", "Colombia"),
        ("Kolumbien", ID + "colombia", "alias", "Kolumbien"),
        ("美國", ID + "united-states", "alias", "美國"),
        ("Ayiti", ID + "haiti", "alias", "Ayiti"),
        ("Organização das Nações Unidas", ID + "united-nations", "alias", "Organização das Nações Unidas"),
        ("Banque mondiale", ID + "world-bank", "alias", "Banque mondiale"),
    ],
)
def test_what_people_type_finds_what_they_mean_and_says_why(index, typed, iri, how, matched):
    first = search.find(index, typed).hits[0]
    assert (first.iri, first.reason.how, first.reason.text) == (iri, how, matched)


def test_a_name_that_a_passage_prints_comes_with_the_passage(index):
    reason = search.find(index, "Anthony Blinken").hits[0].reason
    assert reason.passage.startswith(DOCUMENT + "mire-communique/")


def test_a_misspelt_word_is_told_and_a_better_search_offered(index):
    found = search.find(index, "colombia panana")
    assert ("panana", "panama") in found.hits[0].reason.typos
    assert found.suggestion == "colombia panama"


def test_a_search_that_has_its_words_offers_no_other(index):
    assert search.find(index, "migration").suggestion == ""


@pytest.mark.parametrize(("typed", "kind"), [("who met whom", "question"), ("mikg Agreement", "term"), ("biometric", "passage")])
def test_questions_terms_and_passages_are_found_too(index, typed, kind):
    found = search.find(index, typed, kinds=[kind])
    assert found.hits
    assert {hit.kind for hit in found.hits} == {kind}


def test_a_name_is_shown_in_the_language_of_the_reader(index):
    for language, name in (("en", "United States"), ("es", "Estados Unidos"), ("fr", "United States")):
        assert search.find(index, "united states", language=language).hits[0].name == name


def test_counts_by_kind_cover_all_hits_whatever_kind_is_asked_for(index):
    whole = search.find(index, "migration")
    assert sum(whole.facets.values()) == whole.total
    kind, count = next(iter(whole.facets.items()))
    narrowed = search.find(index, "migration", kinds=[kind], limit=500)
    assert narrowed.facets == whole.facets
    assert narrowed.total == count == len(narrowed.hits)


def test_pages_tell_each_hit_once_and_in_one_order(index):
    whole = search.find(index, "panama", limit=300)
    assert whole.total > AGAIN
    pages = [search.find(index, "panama", limit=7, offset=start).hits for start in range(0, whole.total, 7)]
    assert [hit.iri for page in pages for hit in page] == [hit.iri for hit in whole.hits]
    assert len({hit.iri for hit in whole.hits}) == whole.total


@pytest.mark.parametrize("typed", ["?!…", " - ", "\x00", "\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace"), "«»"])
def test_what_has_no_word_finds_nothing(index, typed):
    assert search.find(index, typed) == search.Found((), 0, {})


@pytest.mark.parametrize(
    "typed",
    [
        "a" * 10_000,
        "word " * 2_000,
        '"panama" AND (name:*',
        "<script>alert(1)</script>",
        "بنما",
        "\u202epanama",
        "' OR 1=1 --",
        "[1 TO *]",
        "o'neil\\",
    ],
)
def test_no_search_is_too_odd_to_answer(index, typed):
    assert search.find(index, typed).total >= 0


@settings(deadline=None, max_examples=150)
@given(typed=st.text(max_size=60), offset=st.integers(-5, 20_000), limit=st.integers(-5, 40))
def test_any_text_has_an_answer(index, typed, offset, limit):
    found = search.find(index, typed, offset=offset, limit=limit)
    assert len(found.hits) <= max(0, limit)


def test_a_thing_is_found_first_by_each_of_its_own_names(index, things):
    wrong = []
    for record in things:
        for name in (each for each in record.names if each.role == "name"):
            first = search.find(index, name.text, language=name.language, limit=5).hits
            # Two things may bear one name: then either is right.
            same = [hit.iri for hit in first if any(spelling.words(each.text) == spelling.words(name.text) for each in hit.names)]
            if record.iri not in same[:3]:
                wrong.append((name.text, [hit.name for hit in first]))
    assert wrong == []


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_one_wrong_letter_in_a_long_word_hides_nothing(index, countries, data):
    name = data.draw(st.sampled_from(countries))
    long = [word for word in name.split() if len(word) >= 6]
    if long:
        word = data.draw(st.sampled_from(long))
        place = data.draw(st.integers(1, len(word) - 1))
        wrong = word[:place] + data.draw(st.sampled_from("aeioulnrst")) + word[place + 1 :]
        hits = search.find(index, name.replace(word, wrong), limit=5).hits
        assert name in [hit.name for hit in hits], (name, wrong)


def test_case_accents_and_the_order_of_words_do_not_lower_the_rank(index, things):
    for record in things[::9]:
        name = record.names[0].text
        place = _place(index, name, record.iri)
        for other in (name.upper(), name.lower(), spelling.fold(name), " ".join(reversed(name.split()))):
            assert _place(index, other, record.iri) <= place + (other.split() != name.split()), (name, other)


def _place(index, typed: str, iri: str) -> int:
    return next((place for place, hit in enumerate(search.find(index, typed, limit=60).hits) if hit.iri == iri), 99)


@pytest.mark.parametrize(("asked", "iri"), [("panana", ID + "panama"), ("united-state", ID + "united-states"), ("unhrc", ID + "unhcr")])
def test_the_nearest_of_what_is_not_there(index, asked, iri):
    assert iri in [hit.iri for hit in search.nearest(index, asked)]


def test_without_words_all_of_a_kind_are_listed_what_is_spoken_of_most_first(index):
    found = search.find(index, " ", kinds=["country"], limit=100)
    assert found.total == len(found.hits) == found.facets["country"]
    assert found.hits[0].iri == ID + "panama"


def test_nothing_is_near_to_nonsense(index):
    assert search.nearest(index, "qzxwvkj") == []


def test_small_words_need_not_be_there(index_of):
    index = index_of(ministry="Ministry of Security", other="Ministry of Health")
    assert [hit.iri for hit in search.find(index, "ministry for the security").hits] == [ID + "ministry"]


def test_an_index_is_opened_from_a_folder_that_cannot_be_written(index_of, tmp_path):
    index_of(panama="Panama")
    before = sorted(path.name for path in (tmp_path / "search").iterdir())
    os.chmod(tmp_path / "search", stat.S_IRUSR | stat.S_IXUSR)
    assert search.find(opened(tmp_path), "panama").total == 1
    os.chmod(tmp_path / "search", stat.S_IRWXU)
    assert sorted(path.name for path in (tmp_path / "search").iterdir()) == before


def test_many_open_an_index_at_once_and_nothing_is_left_behind(index_of, tmp_path, monkeypatch):
    index_of(panama="Panama")
    (links := tmp_path / "links").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(links))
    with ThreadPoolExecutor(8) as threads:
        assert all(searcher.num_docs == 1 for searcher in threads.map(opened, [tmp_path] * 200))
    assert list(links.iterdir()) == []


def test_a_new_release_is_searched_at_once(tmp_path):
    for number, name in enumerate(("Panama", "Colombia")):
        (folder := tmp_path / str(number)).mkdir()
        write(folder, [Record(ID + name.lower(), "country", [Name(name, "name", "en")])])
    (tmp_path / "current").symlink_to("0")
    index = search.Index(tmp_path)
    assert search.find(index, "panama").total == 1
    (tmp_path / "next").symlink_to("1")
    os.replace(tmp_path / "next", tmp_path / "current")
    assert [search.find(index, each).total for each in ("panama", "colombia")] == [0, 1]


def test_many_may_search_at_once(index):
    counts = []
    threads = [threading.Thread(target=lambda: counts.append(search.find(index, "migration").total)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(counts)) == 1
    assert len(counts) == 16


def test_a_release_without_an_index_says_what_to_do(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "current").symlink_to("old")
    with pytest.raises(ReleaseError, match="mikg build --force"):
        search.find(search.Index(tmp_path), "panama")
    with pytest.raises(ReleaseError, match="mikg build"):
        search.find(search.Index(tmp_path / "none"), "panama")


def test_the_index_has_the_questions_and_the_terms(index):
    assert search.find(index, "agreements of a country").hits[0].iri == BASE + "questions/agreements-of-a-country"
    assert search.find(index, "commitment", kinds=["term"]).hits[0].iri == MIKG + "Commitment"


def test_the_counts_by_kind_are_those_of_the_first_page(index, pool):
    from mikg import counting

    counted = search.find(index, "").facets
    assert {kind: counted.get(kind) for kind in counting.kinds(pool)} == counting.kinds(pool)


def test_a_question_is_found_and_called_in_the_language_of_the_reader(index):
    hit = search.find(index, "acuerdos de un pais", ["question"], "es").hits[0]
    assert (hit.name, hit.language) == ("Acuerdos de un país", "es")
    assert search.find(index, "agreements of a country", ["question"], "es").hits[0].iri == hit.iri


@pytest.mark.parametrize(
    ("words", "iri"),
    [("acuerdos panama", "us-panama-agreement-of-august-2020"), ("agreements panama", "us-panama-agreement-of-august-2020")],
)
def test_the_plural_finds_what_is_named_in_the_singular(index, words, iri):
    assert ID + iri in [hit.iri for hit in search.find(index, words, language="es").hits]
