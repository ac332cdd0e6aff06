"""Each competency question has its whole answer beside it, and gives it over real HTTP; its passages can be cited."""

import csv
import io
import json
from pathlib import Path
from urllib.parse import urlencode

import pytest

from mikg import citations, cited, queries
from mikg.errors import Misuse, NotFound, SourceError
from mikg.namespaces import DOCUMENT

ROOT = Path(__file__).parents[1]
CATALOGUE = queries.catalogue(ROOT)
ANSWERS = ROOT / "tests/answers"


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_question_has_its_whole_answer(server, name):
    expected = rows((ANSWERS / f"{name}.csv").read_bytes().decode())
    answer = server.ask(f"api/questions/{name}.csv")
    assert answer.status == 200, answer.text
    assert rows(answer.text) == expected


def test_every_answer_belongs_to_a_question():
    assert {path.stem for path in ANSWERS.glob("*.csv")} == set(CATALOGUE)


@pytest.mark.parametrize("name", [name for name, question in CATALOGUE.items() if not question.parameters])
def test_a_question_without_parameters_can_be_asked_at_the_endpoint_as_it_stands(server, name):
    answer = server.ask(f"sparql?{urlencode({'query': CATALOGUE[name].text, 'format': 'json'})}")
    assert answer.status == 200, answer.text


def test_the_questions_touch_every_document():
    answers = "".join(path.read_text(encoding="utf-8") for path in ANSWERS.glob("*.csv"))
    for key in ("mire-communique", "panama-progress", "unhcr-panama", "us-ct-report", "voa-us-panama"):
        assert f"{DOCUMENT}{key}/" in answers


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_row_of_every_answer_is_cited(server, name):
    """Each row has a derivation or rests on absence, and each graph that it names is shown with its document and gist."""
    whole = json.loads(server.ask(f"api/questions/{name}.json").body)
    cited = whole["mikg:citations"]
    assert "refused" not in cited
    count = 1 if "boolean" in whole else len(whole["results"]["bindings"])
    assert len(cited["rows"]) == count
    assert all(row["derivations"] or row.get("absence") for row in cited["rows"])
    shown = {each["iri"]: each for each in cited["passages"]}
    assert {graph for row in cited["rows"] for way in row["derivations"] for graph in way} <= set(shown)
    for iri, each in shown.items():
        if iri.startswith(DOCUMENT) and iri.count("/") > 5:
            assert each["title"] and each["gist"] and each["place"], each


def agreements(documents: Path | None, pool) -> list[citations.Citation]:
    found = cited.answer(pool, queries.query(CATALOGUE["agreements-of-a-country"], {}), documents)
    return [each for each in found.graphs if each.document]


def test_a_citation_quotes_the_text_where_it_is_at_hand(pool, documents):
    for each in agreements(documents, pool):
        assert each.quotation
        assert each.quotation in (documents / f"{each.document}.txt").read_bytes().decode()


def test_without_the_texts_a_citation_has_the_gist_only(pool):
    assert agreements(None, pool)
    assert all(each.gist and not each.quotation for each in agreements(None, pool))


def test_another_edition_of_the_text_is_not_quoted(pool, tmp_path):
    for key in ("us-ct-report", "voa-us-panama"):
        (tmp_path / f"{key}.txt").write_text("something else " * 1000)
    assert all(not each.quotation for each in agreements(tmp_path, pool))


def test_a_graph_that_is_no_passage_is_said_to_be_none(pool):
    (cited,) = citations.cite(pool, ["https://w3id.org/mikg/graph/curation"])
    assert "not a passage" in cited.to_text()


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(NotFound, match="agreements-of-a-country"):
        queries.find(CATALOGUE, "agreement-of-country")


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        ("iri", "id:panama", "pan ama"),
        ("iri", "panama", "<a b>"),
        ("integer", "12", "twelve"),
        ("decimal", "3.5", "x"),
        ("date", "2022-02-01", "2022-02-30"),
        ("year", "2017", "17"),
        ("language", "en", "english language"),
        ("text", "anything", None),
    ],
)
def test_a_parameter_takes_what_its_type_has_and_says_so(type_, good, bad):
    parameter = queries.Parameter("given", type_, good)
    assert parameter.term(good)["value"]
    if bad is not None:
        with pytest.raises(Misuse, match="it takes"):
            parameter.term(bad)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT * {}", "has no title"),
        ("#+ title: T\nASK {}", "has no description"),
        ("#+ title: [\nASK {}", "bad.rq:"),
        ("#+ title: T\n#+ description: D\n#+ parameters:\n#+   x: {type: thing, default: 1}\nASK {}", "one of the types"),
        ("#+ title: T\n#+ description: D\n#+ parameters:\n#+   x: {type: iri, default: 'id:a'}\nASK {}", "no variable"),
    ],
)
def test_a_broken_head_is_named(tree, text, said):
    with pytest.raises(SourceError, match=said):
        queries.catalogue(tree(**{"queries/bad.rq": text}))


def test_every_term_of_a_question_is_declared():
    import re

    declared = set(re.findall(r"^mikg:(\w+)\s*$", (ROOT / "ontology/mikg.ttl").read_text(), re.MULTILINE))
    for question in CATALOGUE.values():
        body = re.sub(r"#.*|\"[^\"]*\"|<[^>]*>", "", question.text)
        for name in re.findall(r"\bmikg:(\w+)", body):
            assert name in declared, (question.name, name)
