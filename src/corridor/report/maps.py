"""A still map as SVG: people by area, capacity as a ring, trapped people as squares, roads by their people.

The map is drawn in layers, each a function of a `Frame` that gives elements, so that rivers and borders can
be put underneath.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.etree.ElementTree import Element

import numpy as np

from corridor.ensemble.forecast import STATES
from corridor.report.digest import Digest, Floats, band
from corridor.report.maplabels import draw_labels, label_name
from corridor.report.mapplan import Frame, Layer, MapDay, MapPlan, room_at
from corridor.report.markup import element, extend
from corridor.report.texts import LEAST_TOLD, Texts


def draw_map(
    digest: Digest, plan: MapPlan, shown: MapDay, *, name: str, texts: Texts, base: Sequence[Layer] = ()
) -> Element:
    """Return the map of one day; ``base`` layers are drawn first."""
    frame = plan.frame
    date = digest.dates[shown.day]
    description = describe(digest, shown, texts)
    svg = element(
        "svg",
        element("title", texts.map_title.format(date=texts.full_date(date)), id=f"{name}-t"),
        element("desc", description, id=f"{name}-d"),
        element("rect", class_="land", x=0.0, y=0.0, width=frame.width, height=frame.height),
        class_="map",
        role="img",
        aria_labelledby=f"{name}-t {name}-d",
        viewBox=f"0 0 {frame.width:g} {frame.height:.0f}",
    )
    for layer in base:
        extend(svg, layer(frame))
    extend(svg, _roads(digest, plan, shown))
    extend(svg, _places(digest, plan, shown, texts))
    extend(svg, draw_labels(digest, plan, shown))
    extend(svg, _scale_bar(frame, texts))
    return svg


def _roads(digest: Digest, plan: MapPlan, shown: MapDay) -> list[Element]:
    rows = {place.name: row for row, place in enumerate(digest.places)}
    made = []
    for route, flow, closed in zip(digest.scenario.routes, shown.flow, shown.closed, strict=True):
        ends = [_spot(digest, plan, rows[name]) for name in (route.start, route.end)]
        (x1, y1), (x2, y2) = ends
        if closed >= 0.5:
            made.append(element("line", class_="closed", x1=x1, y1=y1, x2=x2, y2=y2))
            made.append(_cross((x1 + x2) / 2, (y1 + y2) / 2))
        elif flow >= LEAST_TOLD:
            width = plan.road_width_of(float(flow))
            made.append(
                element("line", class_="flow", x1=x1, y1=y1, x2=x2, y2=y2, stroke_width=f"{width:.1f}")
            )
        else:
            made.insert(0, element("line", class_="road", x1=x1, y1=y1, x2=x2, y2=y2))
    return made


def _spot(digest: Digest, plan: MapPlan, row: int) -> tuple[float, float]:
    place = digest.places[row]
    return plan.spots.get(row) or plan.frame.xy(place.lat, place.lon)


def _cross(x: float, y: float) -> Element:
    return element("path", class_="cross", d=f"M{x - 3:.1f},{y - 3:.1f} l6,6 m0,-6 l-6,6")


def _places(digest: Digest, plan: MapPlan, shown: MapDay, texts: Texts) -> list[Element]:
    order = sorted(plan.spots, key=lambda row: -max(shown.present[1, row], shown.trapped[1, row]))
    made = []
    for row in order:
        x, y = plan.spots[row]
        people, trapped, room = (
            float(shown.present[1, row]),
            float(shown.trapped[1, row]),
            room_at(digest, row),
        )
        if trapped >= LEAST_TOLD:
            made.append(_square(digest, plan, shown, row, texts))
        if room:
            made.append(element("circle", class_="room", cx=x, cy=y, r=plan.radius_of(room)))
        if people >= LEAST_TOLD:
            made.append(_circle(digest, plan, shown, row, texts))
            if room and people >= 0.95 * room:
                made.append(element("circle", class_="fullring", cx=x, cy=y, r=plan.radius_of(people) + 0.6))
        elif not room and trapped < LEAST_TOLD:
            made.append(element("circle", class_="spot", cx=x, cy=y, r=1.3))
    return made


def _circle(digest: Digest, plan: MapPlan, shown: MapDay, row: int, texts: Texts) -> Element:
    low, middle, high = (float(value) for value in shown.present[:, row])
    words = texts.map_card.format(place=digest.places[row].name, range=texts.range(low, high))
    room = room_at(digest, row)
    words += texts.map_card_room.format(room=texts.exact(room)) if room else ""
    x, y = plan.spots[row]
    radius = max(plan.radius_of(middle), 1.6)
    return element("circle", element("title", words), class_="people", cx=x, cy=y, r=radius)


def _square(digest: Digest, plan: MapPlan, shown: MapDay, row: int, texts: Texts) -> Element:
    low, middle, high = (float(value) for value in shown.trapped[:, row])
    words = texts.map_card_trapped.format(place=digest.places[row].name, range=texts.range(low, high))
    side = max(plan.radius_of(middle) * math.sqrt(math.pi), 3.0)
    x, y = plan.spots[row]
    box = {"x": x - side / 2, "y": y - side / 2, "width": side, "height": side}
    return element("rect", element("title", words), class_="trapped-people", **box)


def _scale_bar(frame: Frame, texts: Texts) -> list[Element]:
    km = next(km for km in (500, 200, 100, 50, 20, 10, 5, 2, 1) if km * frame.units_per_km <= 90 or km == 1)
    y, end = frame.height - 8, 8 + km * frame.units_per_km
    line = element("path", class_="scale", d=f"M8,{y - 4:.1f} V{y:.1f} H{end:.1f} V{y - 4:.1f}")
    return [line, element("text", texts.map_scale.format(km=km), class_="scale-text halo", x=end + 4, y=y)]


def describe(digest: Digest, shown: MapDay, texts: Texts) -> str:
    """Return the map of a day in words, for readers who do not see it."""
    facts = [(float(shown.present[1, row]), texts.map_fact, row) for row in range(len(digest.places))]
    facts += [
        (float(shown.trapped[1, row]), texts.map_fact_trapped, row) for row in range(len(digest.places))
    ]
    largest = [fact for fact in sorted(facts, key=lambda fact: -fact[0])[:6] if fact[0] >= LEAST_TOLD]
    words = [
        text.format(place=digest.places[row].name, people=texts.number(people))
        for people, text, row in largest
    ]
    q25, q75 = band(digest.totals["newly_displaced"][:, shown.day], (0.25, 0.75))
    return texts.map_desc.format(
        date=texts.full_date(digest.dates[shown.day]),
        facts=texts.listing(words) or texts.map_no_people,
        total=texts.range(float(q25), float(q75)),
    )


def beyond(digest: Digest, plan: MapPlan, shown: MapDay, texts: Texts) -> list[str]:
    """Return the places beyond the frame where people are, in words, most people first."""
    people = shown.present[1] + _left_area(digest, shown.day) + shown.trapped[1]
    rows = [row for row in range(len(digest.places)) if row not in plan.spots and people[row] >= LEAST_TOLD]
    rows.sort(key=lambda row: -people[row])
    return [
        texts.map_outside_place.format(
            place=label_name(digest.places[row]), people=texts.number(float(people[row]))
        )
        for row in rows
    ]


def _left_area(digest: Digest, day: int) -> Floats:
    stocks = digest.forecast.array("stocks")[:, day, :, :, STATES.index("left_area")]
    return np.asarray(np.median(stocks.sum(axis=2), axis=0))
