"""The language of the reader: `_()` in templates and Python, by catalogues kept as text and compiled in memory at the start.

A subject keeps its Spanish in translations/es/<subject>.po; all files of a language make one catalogue.
"""

import io
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from flask import Flask, Response, has_request_context, request
from flask_babel import Babel, Domain, get_locale
from markupsafe import Markup, escape

LANGUAGES = {"en": "English", "es": "Español"}  # the first is that of the source
FOLDER = Path(__file__).parent / "translations"
YEAR = 31_536_000  # seconds for which a browser remembers a choice


class Catalogues(Domain):
    """The catalogues of all subjects, merged for each language; what is counted is written as the language writes numbers."""

    def get_translations(self) -> NullTranslations:
        return catalogue(current_language())

    def ngettext(self, singular: str, plural: str, num: int, **variables: object) -> str:
        return self.get_translations().ngettext(singular, plural, num) % {"num": number(num), **variables}


def register(app: Flask) -> None:
    """Make `_()` speak the reader's language, and keep a choice that the address makes (`?lang=es`) for later pages."""
    babel = Babel(app, locale_selector=chosen)
    babel.domain_instance = Catalogues()
    app.jinja_env.globals.update(current_language=current_language, written=number, told=told, LANGUAGES=LANGUAGES)
    app.after_request(_remember)


def current_language() -> str:
    """Return the language in which the reader of this request is answered; outside of a request English."""
    return str(get_locale() or "en") if has_request_context() else "en"


def number(value: object, places: int | None = None) -> str:
    """Return a number as the reader's language writes it, with so many decimal places, else with all of its digits; other text as it is.

    >>> number(1234567), number("12.50"), number(Decimal("0.125"), 2), number("about 5")
    ('1,234,567', '12.50', '0.12', 'about 5')
    """
    try:
        exact = Decimal(str(value))
        digits = max(0, -exact.as_tuple().exponent) if places is None else places
    except (InvalidOperation, TypeError):  # not a number, or none that has digits
        return str(value)
    return format_decimal(exact, "#,##0" + (f".{'0' * digits}" if digits else ""), locale=current_language())


def told(text: str, context: str = "") -> Markup:
    """Return a text that the sources have in English in the reader's language; where it is not translated, marked as English.

    A word that stands alone means one thing as the head of a column and another on a button: it is looked up in its context first.
    """
    if current_language() == "en" or not text:
        return escape(text)
    words = catalogue(current_language())
    translated = words.pgettext(context, text) if context else text
    translated = words.gettext(text) if translated == text else translated
    return Markup('<span lang="en">{}</span>').format(text) if translated == text else escape(translated)


def chosen() -> str:
    """Return the language of `?lang=`, else of the cookie, else the best of Accept-Language, else English."""
    for asked in (request.args.get("lang"), request.cookies.get("lang")):
        if asked in LANGUAGES:
            return asked
    return request.accept_languages.best_match(LANGUAGES, "en")


@cache
def catalogue(language: str) -> NullTranslations:
    """Return the catalogue of a language; for the language of the source one that says what it is asked."""
    files = sorted(FOLDER.glob(f"{language}/*.po"))
    whole: NullTranslations = NullTranslations()
    for file in files:
        compiled = io.BytesIO()
        with open(file, "rb") as text:
            write_mo(compiled, read_po(text, locale=language))
        compiled.seek(0)
        part = Translations(compiled)
        whole = whole.merge(part) if isinstance(whole, Translations) else part
    return whole


def _remember(answer: Response) -> Response:
    if answer.mimetype == "text/html":
        answer.vary.update(("Accept-Language", "Cookie"))
        answer.content_language.add(current_language())
        if request.args.get("lang") in LANGUAGES:
            answer.set_cookie("lang", request.args["lang"], max_age=YEAR, samesite="Lax", httponly=True)
    return answer
