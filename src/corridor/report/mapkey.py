"""The key to the maps: what a circle, a ring, a square and a road stand for, in the scales of the maps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from corridor.report.mapplan import WIDTH, MapPlan
from corridor.report.markup import element
from corridor.report.texts import Texts

_ROW_HEIGHT = 20.0
_SYMBOL_WIDTH = 40.0
_GAP = 14.0  # between two maps on the page, in units of a map


def map_key(plan: MapPlan, texts: Texts, *, columns: int) -> Element:
    """Return the key as SVG, marks of round size with their numbers: as wide as two maps, or as one."""
    people, flow = _round_below(0.2 * plan.largest), _round_below(0.5 * plan.widest_flow)
    radius, road = plan.radius_of(people), plan.road_width_of(flow)
    x, y, first = _SYMBOL_WIDTH / 2, 0.0, max(_ROW_HEIGHT, 2 * radius + 6)
    side = radius * math.sqrt(math.pi)
    rows = [
        (
            element("circle", class_="people", cx=x, cy=y, r=radius),
            texts.map_key_people.format(n=f"{people:,}"),
        ),
        (element("circle", class_="room", cx=x, cy=y, r=radius), texts.map_key_room.format(n=f"{people:,}")),
        (
            element("rect", class_="trapped-people", x=x - side / 2, y=y - side / 2, width=side, height=side),
            texts.map_key_trapped.format(n=f"{people:,}"),
        ),
        (element("circle", class_="fullring", cx=x, cy=y, r=6.0), texts.map_key_full),
        (_line("flow", stroke_width=f"{road:.1f}"), texts.map_key_flow.format(n=f"{flow:,}")),
        (_line("closed"), texts.map_key_closed),
    ]
    return _in_columns(rows, columns, first, texts)


def _line(class_: str, **attributes: str) -> Element:
    return element("line", class_=class_, x1=6.0, x2=_SYMBOL_WIDTH - 6, y1=0.0, y2=0.0, **attributes)


def _in_columns(rows: Sequence[tuple[Element, str]], columns: int, height: float, texts: Texts) -> Element:
    each = math.ceil(len(rows) / columns)
    name = f"key{columns}"
    width = WIDTH if columns == 1 else 2 * WIDTH + _GAP
    svg = element(
        "svg",
        element("title", texts.map_alt_key, id=name),
        class_=f"map key {'narrow' if columns == 1 else 'wide'}",
        role="img",
        aria_labelledby=name,
        viewBox=f"0 0 {width:g} {each * height:.0f}",
    )
    for order, (symbol, words) in enumerate(rows):
        x, y = (order // each) * width / columns, (order % each + 0.5) * height
        text = element("text", words, x=_SYMBOL_WIDTH + 2, y=3.2)
        svg.append(element("g", symbol, text, transform=f"translate({x:.1f} {y:.1f})"))
    return svg


def _round_below(value: float) -> int:
    """Return the largest of 1, 2, 5 times a power of ten that is not above the value, at least 10."""
    size = 10 ** max(1, math.floor(math.log10(max(value, 10.0))))
    return int(max(size * factor for factor in (1, 2, 5) if size * factor <= max(value, 10.0)))
