"""The colours of the pages can be read, in light and in dark."""

import re
from pathlib import Path

import pytest

from mikg.labels import KINDS, OTHER
from mikg.web import marks

CSS = (Path(marks.__file__).parent / "assets/css/app.css").read_text()
TOKENS = {name: pair for name, *pair in re.findall(r"(--[\w-]+): light-dark\((#\w{6}), (#\w{6})\)", CSS)}
TEXT = [name for name in TOKENS if name.startswith("--c-") or name in ("--ink", "--soft", "--sea", "--sand", "--flag")]


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", TEXT)
def test_a_colour_of_text_has_five_to_one(name, theme):
    place = ("light", "dark").index(theme)
    for ground in ("--paper", "--card", "--wash"):
        assert contrast(TOKENS[name][place], TOKENS[ground][place]) >= 5, ground


def test_lines_that_carry_meaning_have_three_to_one():
    for place in (0, 1):
        assert contrast(TOKENS["--line"][place], TOKENS["--paper"][place]) >= 3
        assert contrast(TOKENS["--on-sea"][place], TOKENS["--sea"][place]) >= 5


def test_every_kind_has_a_colour_a_shape_and_a_name_of_its_own():
    kinds = {*KINDS, OTHER}
    assert set(marks.SHAPES) == set(marks.NAMES) == kinds
    assert len(set(marks.SHAPES.values())) == len(kinds)
    for kind in kinds:
        assert f"--c-{kind}" in TOKENS
        assert f".kind-{kind} {{ --c: var(--c-{kind}); }}" in CSS
