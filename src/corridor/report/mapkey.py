"""The key to a map: what a circle, a ring, a square and a road stand for, in the scales of the map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from corridor.report.mapplan import MapPlan
from corridor.report.maps import arrow
from corridor.report.markup import element
from corridor.report.texts import Texts

_SYMBOL_WIDTH = 46.0


def map_key(
    plan: MapPlan, texts: Texts, *, name: str, width: float, columns: int, has_disputed: bool, class_: str
) -> Element:
    """Return the key as SVG, marks of round size with their numbers; ``name`` is its id on the page."""
    people, flow = _round_below(0.2 * plan.largest), _round_below(0.5 * plan.widest_flow)
    radius, road = plan.radius_of(people), plan.road_width_of(flow)
    x, first = _SYMBOL_WIDTH / 2, max(1.9 * plan.form.font, 2 * radius + 4)
    side = radius * math.sqrt(math.pi)
    square = {"x": x - side / 2, "y": -side / 2, "width": side, "height": side}
    closed = [_line("closed"), element("path", class_="cross", d=f"M{x - 3:.1f},-3 l6,6 m0,-6 l-6,6")]
    rows = [
        (_circle("people", radius), texts.map_key_people.format(n=f"{people:,}")),
        (_circle("room", radius), texts.map_key_room.format(n=f"{people:,}")),
        (
            [element("rect", class_="trapped-people", **square)],
            texts.map_key_trapped.format(n=f"{people:,}"),
        ),
        (_circle("fullring", 6.0), texts.map_key_full),
        (
            [_line("flow", stroke_width=f"{road:.1f}"), *arrow(4, 0, _SYMBOL_WIDTH - 4, 0, road)],
            texts.map_key_flow.format(n=f"{flow:,}"),
        ),
        (closed, texts.map_key_closed),
    ]
    if has_disputed:
        rows.append(([_line("border disputed")], texts.map_key_disputed))
    return _in_columns(rows, (name, class_), (width, first, plan.form.font), columns, texts)


def _circle(class_: str, radius: float) -> list[Element]:
    return [element("circle", class_=class_, cx=_SYMBOL_WIDTH / 2, cy=0.0, r=radius)]


def _line(class_: str, **attributes: str) -> Element:
    return element("line", class_=class_, x1=6.0, x2=_SYMBOL_WIDTH - 6, y1=0.0, y2=0.0, **attributes)


def _in_columns(
    rows: Sequence[tuple[list[Element], str]],
    names: tuple[str, str],
    sizes: tuple[float, float, float],
    columns: int,
    texts: Texts,
) -> Element:
    (name, class_), (width, height, font) = names, sizes
    each = math.ceil(len(rows) / columns)
    svg = element(
        "svg",
        element("title", texts.map_alt_key, id=name),
        class_=f"map key {class_}".rstrip(),
        role="img",
        aria_labelledby=name,
        viewBox=f"0 0 {width:g} {each * height:.0f}",
    )
    for order, (symbol, words) in enumerate(rows):
        x, y = (order // each) * width / columns, (order % each + 0.5) * height
        text = element("text", words, x=_SYMBOL_WIDTH + 2, y=0.34 * font)
        svg.append(element("g", *symbol, text, transform=f"translate({x:.1f} {y:.1f})"))
    return svg


def _round_below(value: float) -> int:
    """Return the largest of 1, 2, 5 times a power of ten that is not above the value, at least 10."""
    size = 10 ** max(1, math.floor(math.log10(max(value, 10.0))))
    return int(max(size * factor for factor in (1, 2, 5) if size * factor <= max(value, 10.0)))
