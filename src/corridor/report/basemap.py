"""What lies under a map: land, borders, rivers and their names, from small files of the package.

The files are cut from Natural Earth by ``scripts/make_basemap.py``. The finest file that holds the whole
frame is drawn. A scenario whose places do not lie in the countries they name, such as a made-up one, is drawn
without a base map: a wrong country under a map would be worse than none.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray

from corridor.report.digest import Floats
from corridor.report.mapplan import Frame
from corridor.report.markup import element
from corridor.scenario.model import Place

Bools = NDArray[np.bool_]

#: Files, the finest first.
_FILES = ("iraq-syria", "world")
#: Points nearer than this, in units of the map, are drawn as one.
_LEAST_STEP = 0.5
#: Beyond the frame by this share of its size, nothing is written down.
_BEYOND = 0.1
#: Rivers named on a map; others are drawn without a name.
_MOST_RIVER_NAMES = 3
_LEAST_COUNTRY_SHARE = 0.01  # of the map, to be named


@dataclass(frozen=True)
class Name:
    """A name of the base map: ``kind`` is country or river; it may stand at any of the spots, best first."""

    kind: str
    words: str
    spots: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class BaseMap:
    """The parts of one frame, ready to draw."""

    elements: tuple[Element, ...]
    names: tuple[Name, ...]
    source: str
    has_disputed: bool


def base_map(places: Sequence[Place], frame: Frame) -> BaseMap | None:
    """Return what lies under a frame, or None where the places lie in none of the countries they name."""
    for name in _FILES:
        stored = json.loads(files("corridor.report").joinpath(f"basemap/{name}.json").read_text("utf-8"))
        if _holds(stored["box"], frame):
            return _Drawn(stored, frame).base_map() if _is_real(stored, places) else None
    return None


def _holds(box: Sequence[float], frame: Frame) -> bool:
    west, south, east, north = frame.box
    return bool(box[0] <= west and box[1] <= south and box[2] >= east and box[3] >= north)


def _points(steps: Sequence[int], per_degree: int) -> Floats:
    """Return a stored line as longitude and latitude, [points, 2]."""
    return np.asarray(np.cumsum(np.array(steps).reshape(-1, 2), axis=0) / per_degree)


# --- is it there at all? ----------------------------------------------------------------------------------


def _is_real(stored: dict[str, Any], places: Sequence[Place]) -> bool:
    """True if more than half of the places lie in the country they name, as far as the file shows it."""
    west, south, east, north = stored["box"]
    shown = [place for place in places if west <= place.lon <= east and south <= place.lat <= north]
    at = np.array([(place.lon, place.lat) for place in shown]).reshape(-1, 2)
    right = np.zeros(len(shown), np.bool_)
    for name, rings in stored["countries"]:
        mine = [row for row, place in enumerate(shown) if is_same_country(place.country, name)]
        if mine:
            right[mine] |= _inside([_points(ring, stored["per_degree"]) for ring in rings], at[mine])
    return bool(2 * right.sum() > len(shown))


def is_same_country(written: str, name: str) -> bool:
    """True if a scenario and the base map may mean the same country, however each of them writes it.

    >>> [is_same_country(word, "Syria") for word in ("Syrian Arab Republic", "SYR", "syria", "Y", "Iraq")]
    [True, True, True, False, False]
    >>> is_same_country("DRC", "Dem. Rep. Congo"), is_same_country("Türkiye", "Turkey")
    (True, True)
    """
    ours, theirs = _words(written), _words(name)
    if any(a[:4] == b[:4] for a in ours for b in theirs if min(len(a), len(b)) >= 4):
        return True
    code = "".join(ours)
    if not 2 <= len(code) <= 4:
        return ours == theirs
    initials, rest = "".join(word[0] for word in theirs), iter("".join(theirs))
    return (
        sorted(code) == sorted(initials) or (code[0] == theirs[0][0] and all(c in rest for c in code))
        if theirs
        else False
    )


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").casefold()
    return "".join(c if c.isalnum() else " " for c in plain).split()


def _inside(rings: Sequence[Floats], at: Floats) -> Bools:
    """Return which points lie within rings, by how often a ray to the east crosses them."""
    x, y = at[:, :1], at[:, 1:]
    crossed = np.zeros(len(at), np.int64)
    for ring in rings:
        (x1, y1), (x2, y2) = ring.T, np.roll(ring, -1, axis=0).T
        slope = (x2 - x1) / np.where(y2 == y1, 1.0, y2 - y1)
        between = (y1 > y) != (y2 > y)  # [points, sides]
        crossed += (between & (x1 + (y - y1) * slope > x)).sum(axis=1)
    return np.asarray(crossed % 2 == 1)


# --- drawing ----------------------------------------------------------------------------------------------


class _Drawn:
    """One stored file on one frame."""

    def __init__(self, stored: dict[str, Any], frame: Frame) -> None:
        self.stored, self.frame = stored, frame

    def base_map(self) -> BaseMap:
        borders, disputed = (self._lines(self.stored[kind]) for kind in ("borders", "disputed"))
        rivers = [(name, self._lines(parts)) for name, parts in self.stored["rivers"]]
        land, countries = self._countries()
        frame = self.frame
        made = [
            element("rect", class_="water", x=0.0, y=0.0, width=frame.width, height=frame.height),
            element("path", class_="land", d=" ".join(_path(ring, closed=True) for ring in land)),
            _drawn("river", [line for _, lines in rivers for line in lines]),
            _drawn("border", borders),
            _drawn("border disputed", disputed),
        ]
        elements = tuple(part for part in made if part is not None)
        return BaseMap(elements, (*countries, *_river_names(rivers)), self.stored["source"], bool(disputed))

    def _on_paper(self, steps: Sequence[int]) -> Floats | None:
        """Return a line in units of the map, [points, 2]; None if it lies beyond."""
        paper = self.frame.on_paper(_points(steps, self.stored["per_degree"]))
        low, high = paper.min(axis=0), paper.max(axis=0)
        size = np.array([self.frame.width, self.frame.height])
        return paper if (high > -_BEYOND * size).all() and (low < (1 + _BEYOND) * size).all() else None

    def _lines(self, parts: Sequence[Sequence[int]]) -> list[Floats]:
        found = (self._on_paper(part) for part in parts)
        return [piece for line in found if line is not None for piece in _cut(line, self.frame)]

    def _countries(self) -> tuple[list[Floats], list[Name]]:
        """Return the land within the frame, and the names of countries that have enough of it."""
        land, names = [], []
        for name, rings in self.stored["countries"]:
            cut = [_clipped(ring, self.frame) for ring in map(self._on_paper, rings) if ring is not None]
            kept = [ring for ring in cut if len(ring) > 2]
            land += [_thinned(ring) for ring in kept]
            if kept:
                largest = max(kept, key=lambda ring: abs(_area(ring)))
                if abs(_area(largest)) >= _LEAST_COUNTRY_SHARE * self.frame.width * self.frame.height:
                    names.append(Name("country", name, tuple(_roomy_spots(largest, self.frame))))
        return land, names


def _drawn(class_: str, lines: Sequence[Floats]) -> Element | None:
    if not lines:
        return None
    return element("path", class_=class_, d=" ".join(_path(_thinned(line)) for line in lines))


def _path(line: Floats, *, closed: bool = False) -> str:
    points = [f"{x:.1f},{y:.1f}" for x, y in line.tolist()]
    return f"M{' '.join(points)}{'Z' if closed else ''}"


def _thinned(line: Floats) -> Floats:
    """Return a line without points that can hardly be told from the one before."""
    kept, last = [0], line[0]
    for i in range(1, len(line)):
        if abs(line[i] - last).max() >= _LEAST_STEP or i == len(line) - 1:
            kept.append(i)
            last = line[i]
    return line[kept]


def _cut(line: Floats, frame: Frame) -> list[Floats]:
    """Return the pieces of a line in and about the frame."""
    size = np.array([frame.width, frame.height])
    near = np.asarray(((line > -_BEYOND * size) & (line < (1 + _BEYOND) * size)).all(axis=1), np.bool_)
    near[1:] |= near[:-1].copy()
    near[:-1] |= near[1:].copy()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], near.astype(int), [0]])))
    pairs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [line[start:end] for start, end in pairs if end - start > 1]


def _clipped(ring: Floats, frame: Frame) -> Floats:
    """Return the part of a ring in and about the frame (Sutherland and Hodgman 1974)."""
    for axis, size in ((0, frame.width), (1, frame.height)):
        for limit, sign in ((-_BEYOND * size, 1.0), ((1 + _BEYOND) * size, -1.0)):
            if not len(ring):
                return ring
            inside = sign * (ring[:, axis] - limit) >= 0
            if inside.all():
                continue
            ring = _clipped_at(ring, inside, axis, limit)
    return ring


def _clipped_at(ring: Floats, inside: Bools, axis: int, limit: float) -> Floats:
    before, was_inside = np.roll(ring, 1, axis=0), np.roll(inside, 1)
    made: list[Floats] = []
    for point, last, is_in, was_in in zip(ring, before, inside, was_inside, strict=True):
        if is_in != was_in:
            made.append(last + (point - last) * (limit - last[axis]) / (point[axis] - last[axis]))
        if is_in:
            made.append(point)
    return np.array(made).reshape(-1, 2)


def _area(ring: Floats) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def _roomy_spots(ring: Floats, frame: Frame) -> list[tuple[float, float]]:
    """Return spots in a ring and in the frame, those farthest from its edge first."""
    steps = (np.arange(12) + 0.5) / 12
    points = np.array([(frame.width * i, frame.height * j) for i in steps for j in steps])
    within = points[_inside([ring], points)]
    if not len(within):
        return []
    far = np.hypot(within[:, None, 0] - ring[None, :, 0], within[:, None, 1] - ring[None, :, 1]).min(axis=1)
    return [(float(x), float(y)) for x, y in within[np.argsort(-far)][:24]]


def _river_names(rivers: Sequence[tuple[str, list[Floats]]]) -> list[Name]:
    """Name the longest rivers, at several points along them."""

    def length(lines: list[Floats]) -> float:
        return sum(float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in lines)

    named = sorted(((name, lines) for name, lines in rivers if name and lines), key=lambda r: -length(r[1]))
    made = []
    for name, lines in named[:_MOST_RIVER_NAMES]:
        along = np.concatenate(lines)
        picked = along[(np.linspace(0.1, 0.9, 30) * (len(along) - 1)).astype(int)]
        made.append(Name("river", name, tuple((float(x), float(y)) for x, y in picked)))
    return made
