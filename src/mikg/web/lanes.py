"""The time line laid out on the server: lanes of bars and marks with their names, as numbers for a template."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from mikg.timeline import Item, Window

WIDTH = 1180
LEFT, RIGHT = 8, 1172  # where the time begins and ends
ROW = 24  # from one row of a lane to the next
HEAD = 34  # above the rows of a lane, for its name
TOP = 30  # above all lanes, for the scale
LETTER = 6.9  # the width of a letter of a name, on average
THIN = 5  # a bar is at least so wide
MANY = 4  # things of one lane and period from which on they are drawn as one


@dataclass(frozen=True)
class Bar:
    """One thing, or several of one period, from `x` on: `way` is day, period or span; `anchor` says where its words stand."""

    item: Item
    x: float
    width: float
    y: float
    way: str
    words: str
    note: str
    text_x: float
    anchor: str
    more: int = 0


@dataclass(frozen=True)
class Lane:
    """The bars of one kind or document."""

    key: str
    y: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Tick:
    """A mark on the scale: its year, month or day, and what to ask for to look at it closely."""

    x: float
    middle: float
    name: str
    at: str = ""


@dataclass(frozen=True)
class Chart:
    """What a template draws."""

    width: int
    height: float
    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]


@dataclass
class _Rows:
    """How far each row of a lane is taken."""

    taken: list[list[tuple[float, float]]] = field(default_factory=list)

    def place(self, start: float, end: float) -> int:
        for number, row in enumerate(self.taken):
            if all(end < first or start > last for first, last in row):
                row.append((start, end))
                return number
        self.taken.append([(start, end)])
        return len(self.taken) - 1


def chart(lanes: Iterable[tuple[str, list[Item]]], shown: Window, called: Callable[[Item], tuple[str, str]], gather: bool = True) -> Chart:
    """Return the drawing of items in their lanes; `called` gives the name and the note of one, `gather` joins many of one period."""
    y, drawn = float(TOP), []
    for key, items in lanes:
        bars, rows = [], _Rows()
        for item, more in _gathered(items) if gather else [(each, 0) for each in items]:
            bars.append(_bar(item, more, shown, called, rows, y + HEAD))
        drawn.append(Lane(key, y + HEAD - 13, tuple(bars)))
        y += HEAD + ROW * len(rows.taken) + 8
    return Chart(WIDTH, y + 4, tuple(drawn), _ticks(shown))


def _gathered(items: list[Item]) -> list[tuple[Item, int]]:
    groups: dict[tuple, list[Item]] = {}
    for item in items:
        groups.setdefault((item.kind, item.earliest, item.latest), []).append(item)
    found = []
    for group in groups.values():
        many = len(group) >= MANY and not group[0].day
        found += [(group[0], len(group))] if many else [(each, 0) for each in group]
    return sorted(found, key=lambda each: (each[0].earliest, each[0].latest))


def _bar(item: Item, more: int, shown: Window, called: Callable[[Item], tuple[str, str]], rows: _Rows, top: float) -> Bar:
    start, end = _x(max(item.earliest, shown.first), shown), _x(min(item.latest, shown.last) + timedelta(1), shown)
    way = "day" if item.day else "period" if item.lasting else "span"
    if way == "day":
        start = end = (start + end) / 2
    width = max(end - start, THIN) if way != "day" else 0
    words, note = called(item) if not more else ("", "")
    length = (len(words) + len(note) + 2 if not more else 34) * LETTER
    gap = 9 if way == "day" else 7
    if way != "day" and width > length + 16:
        text_x, anchor, first, last = start + 8, "start", start, start + width
    elif end + gap + length <= RIGHT + 6 or end < (LEFT + RIGHT) / 2:
        words = _cut(words, len(note), (RIGHT - end - gap) / LETTER)
        length = min(length, RIGHT - end - gap)
        text_x, anchor, first, last = start + width + gap, "start", start, start + width + gap + length
    else:
        words = _cut(words, len(note), (start - gap - LEFT) / LETTER)
        length = min(length, start - gap - LEFT)
        text_x, anchor, first, last = start - gap, "end", start - gap - length, start + width
    row = rows.place(first - 8, last + 8)
    return Bar(
        item, round(start, 1), round(width, 1), round(top + ROW * row + ROW / 2, 1), way, words, note, round(text_x, 1), anchor, more
    )


def _cut(words: str, note: int, room: float) -> str:
    most = max(int(room) - note - 2, 12)
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def _x(day: date, shown: Window) -> float:
    whole = (shown.last - shown.first).days + 1
    return LEFT + (RIGHT - LEFT) * (day - shown.first).days / whole


def _ticks(shown: Window) -> tuple[Tick, ...]:
    starts: list[tuple[date, str, str]] = []
    if shown.step == "year":
        starts = [(date(year, 1, 1), str(year), str(year)) for year in range(shown.first.year, shown.last.year + 1)]
    elif shown.step == "month":
        starts = [(date(shown.first.year, month, 1), str(month), f"{shown.name}-{month:02}") for month in range(1, 13)]
    else:
        starts = [(date(shown.first.year, shown.first.month, day), str(day), "") for day in range(1, shown.last.day + 1)]
    ends = [start for start, _, _ in starts[1:]] + [shown.last + timedelta(1)]
    return tuple(
        Tick(round(_x(start, shown), 1), round((_x(start, shown) + _x(end, shown)) / 2, 1), name, at)
        for (start, name, at), end in zip(starts, ends, strict=True)
    )
