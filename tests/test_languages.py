"""Every word of the pages is there in Spanish, and a reader gets the language that was asked for."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from mikg import answers, network, queries
from mikg.engine import Query
from mikg.settings import sources_root
from mikg.web import languages, naming

WEB = Path(languages.__file__).parent
BROWSER = "text/html,application/xhtml+xml"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}


def messages() -> list[tuple[str, str]]:
    """Return each text for readers with the file and line where it stands."""
    found = extract_from_dir(WEB, [("templates/**.html", "jinja2"), ("*.py", "python")], keywords=KEYWORDS)
    return [(text if isinstance(text, str) else text[0], f"{file}:{line}") for file, line, text, *_ in found if text]


def questions() -> set[str]:
    """Return what the catalogue of questions shows to readers."""
    every = queries.catalogue(sources_root()).values()
    parameters = [parameter for each in every for parameter in each.parameters]
    shown = {text for each in every for text in (each.title, each.description)}
    shown |= {naming._words(variable) for each in every for variable in re.findall(r"[?$](\w+)", each.text)}
    shown |= {each.description for each in network.projections(sources_root()).values()}
    return shown | {text for each in parameters for text in (each.name, each.description) if text}


@pytest.mark.parametrize("language", [each for each in languages.LANGUAGES if each != "en"])
def test_every_text_is_translated(language):
    catalogue = languages.catalogue(language)
    known = {key[0] if isinstance(key, tuple) else key for key in catalogue._catalog}
    every = messages()
    assert len(every) > 50
    missing = [f"{place}: {text!r}" for text, place in every if text not in known]
    assert not missing, "write these into a file of translations/" + language + ":\n" + "\n".join(missing)


def test_nearly_all_questions_are_asked_in_spanish():
    catalogue = languages.catalogue("es")
    asked = [each.title for each in queries.catalogue(sources_root()).values()]
    translated = [title for title in asked if catalogue.gettext(title) != title]
    assert len(translated) > 0.9 * len(asked)


def test_every_network_is_described_in_spanish():
    said = [each.description for each in network.projections(sources_root()).values()]
    assert [text for text in said if languages.catalogue("es").gettext(text) == text] == []


def test_why_a_passage_states_nothing_is_said_in_spanish(pool):
    asked = Query("PREFIX mikg: <https://w3id.org/mikg/ontology#> SELECT DISTINCT ?why { GRAPH ?any { ?passage mikg:noStatement ?why } }")
    given = {row["why"]["value"] for row in answers.run(pool, asked).rows}
    assert given
    assert [why for why in given if languages.catalogue("es").pgettext("silence", why) == why] == []


def test_no_translation_is_left_over_or_given_twice():
    from babel.messages.pofile import read_po

    texts = {text for text, _ in messages()} | questions()
    given: dict[str, str] = {}
    for file in sorted((WEB / "translations/es").glob("*.po")):
        for message in read_po(file.open("rb")):
            text = message.id[0] if isinstance(message.id, tuple) else message.id
            if not text or message.context:
                continue
            assert text in texts, f"{file.name}: nothing says {text!r} any more"
            said = message.string[0] if isinstance(message.string, tuple) else message.string
            assert given.setdefault(text, said) == said, f"{file.name}: {text!r} is translated otherwise elsewhere"


@pytest.mark.parametrize(
    ("path", "headers", "language"),
    [
        ("", {}, "en"),
        ("", {"Accept_Language": "es-PA,es;q=0.9,en;q=0.5"}, "es"),
        ("", {"Accept_Language": "de"}, "en"),
        ("?lang=es", {}, "es"),
        ("", {"Cookie": "lang=es"}, "es"),
        ("?lang=en", {"Cookie": "lang=es", "Accept_Language": "es"}, "en"),
        ("?lang=xx%00", {"Cookie": 'lang="<b>"', "Accept_Language": "q" * 5000}, "en"),
        ("no/such/page?lang=es", {}, "es"),
    ],
    ids=str,
)
def test_the_address_goes_before_the_cookie_and_that_before_the_browser(server, path, headers, language):
    answer = server.ask(path, Accept=BROWSER, **headers)
    assert f'<html lang="{language}"' in answer.text
    assert answer.headers["Content-Language"] == language
    assert {"Accept-Language", "Cookie"} <= set(answer.headers["Vary"].replace(" ", "").split(","))
    assert ("Preguntas" in answer.text) == (language == "es")


def test_a_citation_is_in_the_language_of_the_reader_and_its_title_in_its_own(server):
    english, spanish = (server.ask(f"page/panama?lang={language}", Accept=BROWSER).text for language in ("en", "es"))
    assert "Ministry of Foreign Affairs of Panama, 2022-02-01, sentence 14" in english
    assert "Ministerio de Relaciones Exteriores de Panamá, 2022-02-01, frase 14" in spanish
    assert "Ministry of Foreign Affairs of Panama, 2022" not in spanish
    assert re.search(r'<summary><span lang="en">Communique [^<]+</span><span class="soft">, frase 14<', spanish)


def test_a_choice_is_kept_by_a_cookie(server):
    assert "lang=es" in server.ask("?lang=es", Accept=BROWSER).headers["Set-Cookie"]
    assert "Set-Cookie" not in server.ask("", Accept=BROWSER).headers


@pytest.mark.parametrize(
    "path, english, spanish",
    [
        ("indicators", "375,326", "375.326"),
        ("questions/people-of-concern-by-year", "375,326", "375.326"),
        ("graphs", r"\d,\d{3}", r"\d\.\d{3}"),
        ("limits", "10,000", "10.000"),
        ("links/wd", r"0\.\d\d", r"0,\d\d"),
        ("network", r"0\.\d{3}", r"0,\d{3}"),
    ],
)
def test_numbers_are_written_as_the_language_of_the_page_writes_them(server, path, english, spanish):
    written = {
        language: re.sub(r"<[^>]*>", " ", re.sub(r"<(q|script|style|blockquote|pre)\b.*?</\1>", "", page, flags=re.DOTALL))
        for language in ("en", "es")
        for page in [server.ask(path, Accept="text/html", Accept_Language=language).text]
    }
    assert re.search(english, written["en"])
    assert re.search(spanish, written["es"])
