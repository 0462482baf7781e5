"""Names on a map, written where there is room for them, the most important first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import numpy as np

from corridor.report.basemap import Name
from corridor.report.digest import Floats
from corridor.report.mapplan import MapPlan
from corridor.report.mapviews import MapWorld
from corridor.report.markup import element
from corridor.report.texts import LEAST_TOLD
from corridor.scenario.model import Place

_KIND_WORDS = (" camp", " emergency site", " screening site", " screening centre", " site")
_MOST_CHARACTERS = 24
_POINTS_ON_ROAD = 80


def label_name(place: Place) -> str:
    """Return the name of a place on the map: without the word for its kind, which its ring shows."""
    ending = next((word for word in _KIND_WORDS if place.name.endswith(word)), "")
    name = place.name.removesuffix(ending) or place.name
    return name if len(name) <= _MOST_CHARACTERS else f"{name[: _MOST_CHARACTERS - 1]}…"


@dataclass(frozen=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float

    def is_within(self, width: float, height: float) -> bool:
        return self.left >= 2 and self.right <= width - 2 and self.top >= 2 and self.bottom <= height - 2

    def holds_any(self, points: Floats) -> bool:
        """True if one of the points, [points, 2], lies in it."""
        x, y = points.T
        within = (x > self.left) & (x < self.right) & (y > self.top) & (y < self.bottom)
        return bool(within.any())

    def meets_any(self, others: Floats) -> bool:
        """True if it meets one of the boxes, [boxes, left top right bottom]."""
        left, top, right, bottom = others.T
        apart = (self.right < left) | (right < self.left) | (self.bottom < top) | (bottom < self.top)
        return not apart.all()


class Labels:
    """Writes names on one map; a name that would meet a mark or another name is not written."""

    def __init__(self, world: MapWorld, plan: MapPlan, people: Floats, trapped: Floats) -> None:
        self.world, self.plan, self.people, self.trapped = world, plan, people, trapped
        self.boxes = {row: self._mark_box(row) for row in plan.spots}
        self.taken = [_Box(0, plan.frame.height - 22, 120, plan.frame.height)]  # the scale bar
        self.on_roads = self._points_on_roads()

    def places(self) -> list[Element]:
        """Return the names of places, the most important first."""
        made: list[Element] = []
        for row in self._by_importance():
            name = label_name(self.world.places[row])
            written = self._write(name, self._beside(self.boxes[row]), row, "name halo")
            made += [written] if written is not None else []
            if len(made) == self.plan.form.most_names:
                break
        return made

    def base(self, names: Sequence[Name]) -> list[Element]:
        """Return the names of the base map that still have room."""
        made = []
        for name in names:
            spots = [(x, y, "middle") for x, y in name.spots]
            written = self._write(name.words, spots, None, f"base-name {name.kind}-name halo")
            made += [written] if written is not None else []
        return made

    def _write(
        self, words: str, spots: Sequence[tuple[float, float, str]], row: int | None, class_: str
    ) -> Element | None:
        frame = self.plan.frame
        others = [box for other, box in self.boxes.items() if other != row and box.right - box.left > 3]
        taken = np.array([(box.left, box.top, box.right, box.bottom) for box in (*self.taken, *others)])
        boxes = [(self._text_box(words, *spot), spot) for spot in spots]
        free = [
            (box, spot)
            for box, spot in boxes
            if box.is_within(frame.width, frame.height) and not box.meets_any(taken)
        ]
        if not free:
            return None
        clear = next((found for found in free if not found[0].holds_any(self.on_roads)), free[0])
        box, (x, y, anchor) = clear
        self.taken.append(box)
        return element("text", words, class_=class_, x=x, y=y, text_anchor=anchor)

    def _points_on_roads(self) -> Floats:
        """Return points along the roads, [points, 2]; a name stands beside them where it can."""
        rows = {place.name: row for row, place in enumerate(self.world.places)}
        ends = [[self.plan.spot(self.world, rows[name]) for name in road] for road in self.world.roads]
        lines = np.array(ends, float).reshape(-1, 2, 2)
        along = np.linspace(0.0, 1.0, _POINTS_ON_ROAD)[None, :, None]
        points = (lines[:, :1] * (1 - along) + lines[:, 1:] * along).reshape(-1, 2)
        near = (points > 0) & (points < (self.plan.frame.width, self.plan.frame.height))
        return np.asarray(points[near.all(axis=1)])

    def _by_importance(self) -> list[int]:
        """Return rows of places worth a name: by people there, then by people who live there or could."""

        def importance(row: int) -> tuple[float, float, str]:
            place = self.world.places[row]
            home = place.population if isinstance(place.population, int | float) else 0.0
            people = float(self.people[row] + self.trapped[row])
            told = -people if people >= LEAST_TOLD else 0.0
            return told, -max(home, float(self.plan.room[row])), place.name

        return [row for row in sorted(self.plan.spots, key=importance) if importance(row)[:2] != (0.0, 0.0)]

    def _mark_box(self, row: int) -> _Box:
        plan = self.plan
        x, y = plan.spots[row]
        square = plan.radius_of(float(self.trapped[row])) * math.sqrt(math.pi) / 2
        circle = plan.radius_of(float(max(self.people[row], plan.room[row])))
        radius = max(1.5, square, circle)
        return _Box(x - radius, y - radius, x + radius, y + radius)

    def _beside(self, box: _Box) -> list[tuple[float, float, str]]:
        """Return where a name may stand beside its mark, best first: x, base line, anchor."""
        font = self.plan.form.font
        x, y, near = (box.left + box.right) / 2, (box.top + box.bottom) / 2, 0.35 * (box.right - box.left)
        return [
            (box.right + 2, y + 3, "start"),
            (box.left - 2, y + 3, "end"),
            (x, box.top - 2, "middle"),
            (x, box.bottom + font, "middle"),
            (x + near + 2, box.top + 2, "start"),
            (x + near + 2, box.bottom + 3, "start"),
            (x - near - 2, box.top + 2, "end"),
            (x - near - 2, box.bottom + 3, "end"),
        ]

    def _text_box(self, words: str, x: float, y: float, anchor: str) -> _Box:
        font = self.plan.form.font
        width = 0.56 * font * len(words)
        left = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
        return _Box(left, y - 0.8 * font, left + width, y + 0.25 * font)
