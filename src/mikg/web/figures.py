"""Charts of years and values laid out on the server: columns, lines and missing cells, as numbers for a template."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mikg.web.languages import number

WIDTH, HEIGHT = 560, 250
LEFT, RIGHT, TOP, BOTTOM = 76, 10, 30, 26
LETTER = 8  # the width of a figure in a label


@dataclass(frozen=True)
class Column:
    """A value as a column; one that is missing has no height and says so."""

    x: float
    y: float
    width: float
    height: float
    words: str
    series: int
    missing: bool = False

    @property
    def inside(self) -> bool:
        """Whether its words have room in the column itself."""
        return self.height > 26 and self.width > len(self.words) * LETTER


@dataclass(frozen=True)
class Plot:
    """What a template draws: columns in their years, a line beside them, and the scale."""

    width: int
    height: int
    floor: float
    columns: tuple[Column, ...]
    line: tuple[tuple[float, float, str], ...]
    years: tuple[tuple[float, str], ...]
    ticks: tuple[tuple[float, str], ...]


def plot(
    years: Sequence[str],
    series: Sequence[Mapping[str, Decimal | None]],
    line: Mapping[str, int] | None = None,
    top: Decimal | None = None,
    written: object = None,
) -> Plot:
    """Return columns of one or more series in their years, None being a missing cell, and a line; `top` fixes the scale, `written` writes a number."""
    write = written or number
    line = line or {}
    values = [value for each in series for value in each.values() if value is not None] + list(line.values())
    scale = ticks(float(top if top is not None else max(values, default=1)))
    floor, most = HEIGHT - BOTTOM, scale[-1] or 1
    slot = (WIDTH - LEFT - RIGHT) / max(len(years), 1)
    width = min(slot * 0.78 / max(len(series), 1), 74)

    def middle(year: str) -> float:
        return LEFT + slot * (years.index(year) + 0.5)

    def height(value: float | Decimal) -> float:
        return (floor - TOP) * float(value) / most

    columns = []
    for order, each in enumerate(series):
        for year, value in each.items():
            x = round(middle(year) + (order - len(series) / 2) * width, 1)
            high = 15.0 if value is None else max(round(height(value), 1), 1.5 if value else 0)
            columns.append(
                Column(x, round(floor - high, 1), round(width - 2, 1), high, "" if value is None else write(value), order, value is None)
            )
    points = tuple(
        (round(middle(year), 1), round(floor - height(value), 1), write(value)) for year, value in sorted(line.items()) if year in years
    )
    marks = tuple((round(floor - height(value), 1), _short(value)) for value in scale)
    return Plot(WIDTH, HEIGHT, floor, tuple(columns), points, tuple((round(middle(year), 1), year) for year in years), marks)


def ticks(most: float) -> list[float]:
    """Return three to six round numbers from 0 to at least `most`.

    >>> ticks(375326)
    [0, 100000, 200000, 300000, 400000]
    >>> ticks(0)
    [0, 1]
    """
    if most <= 0:
        return [0, 1]
    rough = most / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)
    step = int(step) if step >= 1 and step == int(step) else step
    return [step * number for number in range(math.ceil(most / step * 0.999) + 1)]


def _short(value: float) -> str:
    return number(value, 0) if value >= 1 or value == 0 else number(f"{value:g}")
