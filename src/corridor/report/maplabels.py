"""Names on a map, written where there is room for them, the most important first."""

from __future__ import annotations

import math
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from corridor.report.digest import Digest
from corridor.report.mapplan import MapDay, MapPlan, room_at
from corridor.report.markup import element
from corridor.report.texts import LEAST_TOLD
from corridor.scenario.model import Place

_FONT = 9.5  # as in the style sheet
_MOST_LABELS = 14
_KIND_WORDS = (" camp", " emergency site", " screening site", " screening centre", " site")


def label_name(place: Place) -> str:
    """Return the name of a place on the map: without the word for its kind, which its ring shows."""
    ending = next((word for word in _KIND_WORDS if place.name.endswith(word)), "")
    return place.name.removesuffix(ending) or place.name


@dataclass(frozen=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        apart = (
            self.right < other.left
            or other.right < self.left
            or self.bottom < other.top
            or other.bottom < self.top
        )
        return not apart


def draw_labels(digest: Digest, plan: MapPlan, shown: MapDay) -> list[Element]:
    """Write names where there is room for them, the most important first."""
    frame = plan.frame
    boxes = {row: _mark_box(digest, plan, shown, row) for row in plan.spots}
    taken = [_Box(0, frame.height - 22, 120, frame.height)]
    made: list[Element] = []
    for row in _by_importance(digest, plan, shown):
        words = label_name(digest.places[row])
        others = [box for other, box in boxes.items() if other != row and box.right - box.left > 3]
        for x, y, anchor in _candidates(boxes[row]):
            box = _text_box(words, x, y, anchor)
            fits = (
                box.left >= 2
                and box.right <= frame.width - 2
                and box.top >= 2
                and box.bottom <= frame.height - 2
            )
            if fits and not any(box.meets(other) for other in (*taken, *others)):
                taken.append(box)
                made.append(element("text", words, class_="name halo", x=x, y=y, text_anchor=anchor))
                break
        if len(made) == _MOST_LABELS:
            break
    return made


def _by_importance(digest: Digest, plan: MapPlan, shown: MapDay) -> list[int]:
    """Return rows of places worth a name: by people there, then by people who live there or could."""

    def importance(row: int) -> tuple[float, float, str]:
        place = digest.places[row]
        home = place.population if isinstance(place.population, int | float) else 0.0
        people = float(shown.present[1, row] + shown.trapped[1, row])
        return (-people if people >= LEAST_TOLD else 0.0, -max(home, room_at(digest, row)), place.name)

    return [row for row in sorted(plan.spots, key=importance) if importance(row)[:2] != (0.0, 0.0)]


def _mark_box(digest: Digest, plan: MapPlan, shown: MapDay, row: int) -> _Box:
    x, y = plan.spots[row]
    square = plan.radius_of(float(shown.trapped[1, row])) * math.sqrt(math.pi) / 2
    radius = max(
        1.5, square, plan.radius_of(float(shown.present[1, row])), plan.radius_of(room_at(digest, row))
    )
    return _Box(x - radius, y - radius, x + radius, y + radius)


def _candidates(box: _Box) -> list[tuple[float, float, str]]:
    """Return where a name may stand beside its mark, best first: x, base line, anchor."""
    x, y, near = (box.left + box.right) / 2, (box.top + box.bottom) / 2, 0.7 * (box.right - box.left) / 2
    return [
        (box.right + 2, y + 3, "start"),
        (box.left - 2, y + 3, "end"),
        (x, box.top - 2, "middle"),
        (x, box.bottom + _FONT, "middle"),
        (x + near + 2, box.top + 2, "start"),
        (x + near + 2, box.bottom + 3, "start"),
        (x - near - 2, box.top + 2, "end"),
        (x - near - 2, box.bottom + 3, "end"),
    ]


def _text_box(words: str, x: float, y: float, anchor: str) -> _Box:
    width = 0.56 * _FONT * len(words)
    left = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
    return _Box(left, y - 0.8 * _FONT, left + width, y + 0.25 * _FONT)
