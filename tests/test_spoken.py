"""Faults and diagnoses in Spanish: each sentence is one that the code says, and readers of pages get it translated."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask

import mikg
from mikg.web import languages, spoken

SOURCE = re.sub(r"\"\n\s*f?\"", "", "\n".join(path.read_text() for path in sorted(Path(mikg.__file__).parent.rglob("*.py"))))
PREFIXES = "PREFIX mikg: <https://w3id.org/mikg/ontology#> PREFIX id: <https://w3id.org/mikg/id/> "


def test_each_hole_of_a_translation_is_one_of_its_sentence():
    known = spoken.sentences("es")
    assert len(known) > 80
    for sentence, translation in known:
        assert set(spoken.HOLE.findall(translation)) <= set(sentence.groupindex), translation


@pytest.mark.parametrize("sentence", [sentence.pattern for sentence, _ in spoken.sentences("es")])
def test_the_code_still_says_each_sentence(sentence):
    words = [re.sub(r"\\(.)", r"\1", part).strip(" .;:,()") for part in re.split(r"\(\?P<\w+>\.\+\?\)", sentence)]
    for part in words:
        longest = max(re.split(r"[;:,'(]", part), key=len).strip()
        assert longest in SOURCE or " ".join(longest.split()[-2:]) in SOURCE, f"nothing says {longest!r} any more"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("page/panana", "Nada se llama 'panana' en este grafo"),
        ("no/such/page", "No hay nada en /no/such/page. Empiece en /"),
        ("questions/nosuch", "Ninguna pregunta se llama 'nosuch'"),
        ("documents/nosuch", "Ningún documento tiene la clave 'nosuch'; hay: mire-communique"),
        ("documents/us-ct-report/p999", "no tiene el pasaje 'p999'; tiene 53, de p1 a p21"),
        ("search?kind=nosuch", "kind es 'nosuch'; admite uno o varios de: country"),
        ("paths?from=id:panama&to=id:panama", "se ha dado dos veces; una conexión une dos cosas distintas"),
        ("network?projection=nosuch", "Ninguna red se llama 'nosuch'"),
        (
            "query?query=" + quote("SELECT ?s { ?s ?p }"),
            "La consulta no se entiende en la línea 1, columna 19: falta un objeto después de ?p.",
        ),
        ("query?query=" + quote("SELECT ?s { ?s ?p"), "El signo «{» en la línea 1, columna 11 no se cierra nunca."),
        (
            "query?query=" + quote(PREFIXES + "SELECT * { ?a mikg:party id:panana }"),
            "id:panana: nada en el grafo se llama así; lo más parecido: id:panama",
        ),
    ],
)
def test_a_reader_of_spanish_is_told_in_spanish_what_is_wrong(server, path, said):
    text = server.ask(path + ("&" if "?" in path else "?") + "lang=es", Accept="text/html").text
    assert said in text.replace("&#39;", "'").replace("&#34;", '"')


def test_a_program_that_names_no_language_is_told_in_english(server):
    answer = server.ask("page/panana", Accept="application/problem+json")
    assert "nothing is called 'panana' in this graph; the nearest: panama" in answer.text
    assert "Accept-Language" in answer.headers["Vary"]


def test_what_has_no_translation_is_marked_as_english():
    app = Flask("told")
    languages.register(app)
    with app.test_request_context("/?lang=es"):
        assert spoken.marked("some words <b>") == '<span lang="en">some words &lt;b&gt;</span>'
    with app.test_request_context("/?lang=en"):
        assert spoken.marked("some words <b>") == "some words &lt;b&gt;"
