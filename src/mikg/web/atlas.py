"""The map laid out on the server: outlines, places, flows as curves, and names that do not cover each other, as numbers for a template."""

import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from mikg.geography import Ground, Point, Tie

EDGE = 20  # how far inside the frame those are marked that lie beyond it
LETTER, LINE = 7.4, 17  # of a name
FINE = 0.8  # points of an outline that lie closer to one another are drawn as one


@dataclass(frozen=True)
class Frame:
    """What a map shows: degrees, its width in pixels, how far marks on its edge stand apart, and how long a curve is that bears a number."""

    west: float
    south: float
    east: float
    north: float
    width: int
    apart: int
    short: int

    @property
    def scale(self) -> float:
        """Pixels to a degree of longitude."""
        return self.width / (self.east - self.west)

    @property
    def height(self) -> int:
        """Its height in pixels."""
        return round(self.project((self.west, self.south))[1])

    def project(self, point: Point) -> Point:
        """Return the place of a point in the drawing, by Mercator's projection.

        >>> WIDE.project((WIDE.west, WIDE.north))
        (0.0, 0.0)
        """
        return (self.scale * (point[0] - self.west), self.scale * (_north(self.north) - _north(point[1])))

    def beyond(self, place: Point) -> bool:
        """Whether a place of the drawing lies outside of it, or on its edge."""
        return not (EDGE < place[0] < self.width - EDGE and EDGE < place[1] < self.height - EDGE)


WIDE = Frame(-107.5, 2.0, -60.0, 31.5, width=980, apart=150, short=80)
NARROW = Frame(-94.0, 4.0, -69.0, 24.5, width=360, apart=120, short=50)  # of a phone: what lies around Panama


@dataclass(frozen=True)
class Mark:
    """A place that has a part: where it is drawn, its name and where that stands; `beyond` is an arrow for one outside of the frame."""

    iri: str
    x: float
    y: float
    parts: tuple[str, ...]
    count: int
    name: str
    text_x: float
    text_y: float
    anchor: str
    beyond: str = ""
    leader: bool = False


@dataclass(frozen=True)
class Curve:
    """A flow from one place to another, by its number in the table."""

    number: int
    path: str
    words: str
    x: float
    y: float
    unsure: bool
    numbered: bool = True  # a short one has no room for its number


@dataclass(frozen=True)
class Map:
    """What a template draws; `unplaced` are those of which the open data know no point."""

    width: int
    height: int
    land: tuple[tuple[str, str, bool], ...]  # IRI, path, whether it has a part
    curves: tuple[Curve, ...]
    marks: tuple[Mark, ...]
    unplaced: tuple[str, ...]


def drawing(ground: Ground, ties: Iterable[Tie], name: Callable[[str], str], words: Callable[[Tie], str], frame: Frame = WIDE) -> Map:
    """Return the map of ties, numbered from 1 in their order; `words` says how much flows."""
    ties = list(ties)
    outlines = dict(ground.outlines)
    anchors = _anchors(ground, frame)
    regions = {iri: _mean(anchors, countries) for iri, countries in ground.members if set(countries) & set(anchors)}
    anchors |= regions
    parts: dict[str, list[str]] = {}
    for tie in ties:
        for part, place in tie.places:
            parts.setdefault(place, []).append(part)
    placed = {iri: anchors[iri] for iri in parts if iri in anchors}
    edges = _spread({iri: place for iri, place in placed.items() if frame.beyond(place)}, frame)
    spots = {iri: edges[iri][:2] if iri in edges else place for iri, place in placed.items()}
    curves = _curves(ties, spots, regions, words, frame)
    marks = _marks(spots, edges, parts, name, curves, frame)
    land = tuple((iri, path, iri in parts) for iri, rings in outlines.items() if (path := _path(rings, frame)))
    unplaced = tuple(iri for iri in parts if iri not in spots)
    return Map(frame.width, frame.height, land, tuple(curves), tuple(marks), unplaced)


def _north(latitude: float) -> float:
    return math.degrees(math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2)))


def _anchors(ground: Ground, frame: Frame) -> dict[str, Point]:
    found = {iri: frame.project(point) for iri, point in ground.points}
    for iri, rings in ground.outlines:
        middle = _centre([frame.project(point) for point in max(rings, key=len)])
        if not frame.beyond(middle):
            found[iri] = middle
    return found


def _centre(ring: list[Point]) -> Point:
    """The centre of gravity of an area: https://en.wikipedia.org/wiki/Centroid#Of_a_polygon"""
    area = x = y = 0.0
    for (x0, y0), (x1, y1) in itertools.pairwise(ring):
        cross = x0 * y1 - x1 * y0
        area, x, y = area + cross, x + (x0 + x1) * cross, y + (y0 + y1) * cross
    return (x / (3 * area), y / (3 * area)) if area else ring[0]


def _spread(far: Mapping[str, Point], frame: Frame) -> dict[str, tuple[float, float, str]]:
    """The marks on the edge for what lies beyond it, side by side, each with an arrow."""
    found: dict[str, tuple[float, float, str]] = {}
    for iri, (x, y) in sorted(far.items(), key=lambda item: item[1]):
        arrow = "↑" if y <= EDGE else "↓" if y >= frame.height - EDGE else "→" if x >= frame.width - EDGE else "←"
        spot = (min(max(x, EDGE), frame.width - EDGE - frame.apart), min(max(y, EDGE), frame.height - EDGE))
        near = [other for other in found.values() if abs(spot[0] - other[0]) < frame.apart and abs(spot[1] - other[1]) < LINE]
        if near and near[-1][0] + frame.apart <= frame.width - EDGE - frame.apart:
            spot = (near[-1][0] + frame.apart, spot[1])
        elif near:
            spot = (spot[0], spot[1] + LINE * 1.5 * len(near))
        found[iri] = (*spot, arrow)
    return found


def _mean(spots: Mapping[str, Point], iris: Iterable[str]) -> Point:
    known = [spots[iri] for iri in iris if iri in spots]
    return (sum(x for x, _ in known) / len(known), sum(y for _, y in known) / len(known))


def _curves(
    ties: list[Tie], spots: Mapping[str, Point], regions: Mapping[str, object], words: Callable[[Tie], str], frame: Frame
) -> list[Curve]:
    found = []
    for number, tie in enumerate(ties, 1):
        if tie.layer != "flows":
            continue
        origins, transits, ends = tie.of("origin"), tie.of("transit"), tie.of("destination")
        # Of a region and its countries, the region alone is drawn from: that is what the passage says.
        starts = [iri for iri in origins if iri in regions and iri in spots] or [iri for iri in origins if iri in spots]
        legs = [(one, other) for one in starts for other in transits if other in spots]
        legs += [(one, other) for one in (transits or starts) for other in ends if one in spots and other in spots]
        for place, (one, other) in enumerate(legs):
            curve = _curve(number, spots[one], spots[other], words(tie) if place == 0 else "", tie.statuses != ("asserted",), frame.short)
            found.append(curve)
    return found


def _curve(number: int, start: Point, end: Point, words: str, unsure: bool, short: int) -> Curve:
    (x0, y0), (x1, y1) = start, end
    bend = 0.22
    x, y = (x0 + x1) / 2 + (y1 - y0) * bend, (y0 + y1) / 2 - (x1 - x0) * bend
    long = math.hypot(x1 - x, y1 - y) or 1
    x1, y1 = x1 - (x1 - x) / long * 11, y1 - (y1 - y) / long * 11  # short of the mark, for the arrow
    path = f"M{x0:.1f} {y0:.1f}Q{x:.1f} {y:.1f} {x1:.1f} {y1:.1f}"
    middle = (round(x0 / 4 + x / 2 + x1 / 4, 1), round(y0 / 4 + y / 2 + y1 / 4, 1))
    return Curve(number, path, words, *middle, unsure, math.hypot(x1 - x0, y1 - y0) > short)


def _marks(
    spots: Mapping[str, Point],
    edges: Mapping[str, tuple[float, float, str]],
    parts: Mapping[str, list[str]],
    name: Callable[[str], str],
    curves: list[Curve],
    frame: Frame,
) -> list[Mark]:
    taken = [(x - 9, y - 9, x + 9, y + 9) for x, y in spots.values()]
    taken += [(each.x - 10, each.y - 10, each.x + 10 + len(each.words) * LETTER, each.y + 10) for each in curves if each.numbered]
    found = []
    for iri in sorted(spots, key=lambda iri: (-len(parts[iri]), iri)):
        x, y = spots[iri]
        beyond = edges[iri][2] if iri in edges else ""
        told = name(iri) + (f" {beyond}" if beyond else "")
        text_x, text_y, anchor, box, far = _room(x, y, len(told) * LETTER, taken, frame)
        taken.append(box)
        found.append(
            Mark(
                iri,
                round(x, 1),
                round(y, 1),
                tuple(dict.fromkeys(parts[iri])),
                len(parts[iri]),
                told,
                round(text_x, 1),
                round(text_y, 1),
                anchor,
                beyond,
                far,
            )
        )
    return found


def _room(x: float, y: float, width: float, taken: list[tuple], frame: Frame) -> tuple:
    """Where a name stands free, nearest first: beside its mark, above or below it, then farther off with a line to it."""
    best = None
    for far in (12, 26, 44, 66, 92, 120, 150):
        for dx, dy, anchor in (
            (1, 0, "start"),
            (-1, 0, "end"),
            (0.7, -0.7, "start"),
            (0.7, 0.7, "start"),
            (-0.7, -0.7, "end"),
            (-0.7, 0.7, "end"),
            (0, -1, "middle"),
            (0, 1, "middle"),
            (1, -0.5, "start"),
            (1, 0.5, "start"),
            (-1, -0.5, "end"),
            (-1, 0.5, "end"),
        ):
            text_x, text_y = x + dx * far, y + dy * far + 4.5
            left = text_x - (width if anchor == "end" else width / 2 if anchor == "middle" else 0)
            box = (left - 2, text_y - LINE + 3, left + width + 2, text_y + 4)
            best = best or (text_x, text_y, anchor, box, False)
            inside = box[0] > 2 and box[2] < frame.width - 2 and box[1] > 2 and box[3] < frame.height - 2
            if inside and not any(box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in taken):
                return (text_x, text_y, anchor, box, far > 20)
    return best


def _path(rings: tuple, frame: Frame) -> str:
    said = []
    for ring in rings:
        points = [frame.project((x, max(min(y, 80), -70))) for x, y in ring]
        if any(-60 < x < frame.width + 60 and -60 < y < frame.height + 60 for x, y in points):
            said.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in _thinned(points)) + "Z")
    return "".join(said)


def _thinned(points: list[Point]) -> list[Point]:
    kept = points[:1]
    for each in points[1:]:
        if math.dist(each, kept[-1]) > FINE:
            kept.append(each)
    return kept
