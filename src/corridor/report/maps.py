"""A still map as SVG: people by area, capacity as a ring, trapped people as squares, roads by their people.

The map is drawn in layers from below: base map, roads, places, names, scale.
"""

from __future__ import annotations

import math
from xml.etree.ElementTree import Element

import numpy as np

from corridor.report.basemap import BaseMap
from corridor.report.digest import Digest
from corridor.report.maplabels import Labels, label_name
from corridor.report.mapplan import Frame, MapPlan
from corridor.report.mapviews import MapDay, MapWorld
from corridor.report.markup import element, extend
from corridor.report.texts import LEAST_TOLD, Texts, isolated

#: Share of its capacity from which a site's ring is dark.
FULL_RING = 0.95


def draw_map(
    digest: Digest,
    world: MapWorld,
    plan: MapPlan,
    shown: MapDay,
    *,
    name: str,
    texts: Texts,
    base: BaseMap | None = None,
) -> Element:
    """Return the map of one day; ``name`` is its id on the page."""
    date = digest.dates[shown.day]
    labels = Labels(world, plan, shown.present[1], shown.trapped[1])
    svg = element(
        "svg",
        element("title", texts.map_title.format(date=texts.full_date(date)), id=f"{name}-t"),
        element("desc", describe(digest, world, shown, texts), id=f"{name}-d"),
        class_="map",
        role="img",
        aria_labelledby=f"{name}-t {name}-d",
        viewBox=f"0 0 {plan.frame.width:g} {plan.frame.height:.0f}",
    )
    extend(svg, ground(plan.frame, base))
    extend(svg, _roads(world, plan, shown))
    extend(svg, _places(world, plan, shown, texts))
    extend(svg, labels.places())
    extend(svg, labels.base(base.names) if base else [])
    extend(svg, scale_bar(plan.frame, texts))
    return svg


def ground(frame: Frame, base: BaseMap | None) -> list[Element]:
    """Return what lies under everything: the base map, or plain land."""
    if base is None:
        return [element("rect", class_="land", x=0.0, y=0.0, width=frame.width, height=frame.height)]
    return list(base.elements)


def _roads(world: MapWorld, plan: MapPlan, shown: MapDay) -> list[Element]:
    rows = {place.name: row for row, place in enumerate(world.places)}
    below, above = [], []
    for road, flow, closed in zip(world.roads, shown.flow.tolist(), shown.closed.tolist(), strict=True):
        (x1, y1), (x2, y2) = (plan.spot(world, rows[name]) for name in road)
        line = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
        if math.isnan(closed):
            continue
        if closed >= 0.5:
            above += [element("line", class_="closed", **line), _cross((x1 + x2) / 2, (y1 + y2) / 2)]
        elif abs(flow) >= LEAST_TOLD:
            width = plan.road_width_of(abs(flow))
            above.append(element("line", class_="flow", **line, stroke_width=f"{width:.1f}"))
            above += arrow(*((x1, y1, x2, y2) if flow > 0 else (x2, y2, x1, y1)), width)
        else:
            below.append(element("line", class_="road", **line))
    return [*below, *above]


def arrow(x1: float, y1: float, x2: float, y2: float, width: float) -> list[Element]:
    """Return a small head in the middle of a road that many take, pointing the way most of them go."""
    length = math.hypot(x2 - x1, y2 - y1)
    if width < 1.6 or length < 26:
        return []
    size = min(2.4 + 0.7 * width, 8.0)
    turn = math.degrees(math.atan2(y2 - y1, x2 - x1))
    where = f"translate({(x1 + x2) / 2:.1f} {(y1 + y2) / 2:.1f}) rotate({turn:.0f}) scale({size:.1f})"
    return [element("path", class_="arrow", d="M-.6,-1L.8,0L-.6,1Z", transform=where)]


def _cross(x: float, y: float) -> Element:
    return element("path", class_="cross", d=f"M{x - 3:.1f},{y - 3:.1f} l6,6 m0,-6 l-6,6")


def _places(world: MapWorld, plan: MapPlan, shown: MapDay, texts: Texts) -> list[Element]:
    order = sorted(plan.spots, key=lambda row: -max(shown.present[1, row], shown.trapped[1, row]))
    made = []
    for row in order:
        x, y = plan.spots[row]
        people, trapped = float(shown.present[1, row]), float(shown.trapped[1, row])
        room = float(np.nan_to_num(shown.room[row]))
        if trapped >= LEAST_TOLD:
            made.append(_square(world, plan, shown, row, texts))
        if room:
            made.append(element("circle", class_="room", cx=x, cy=y, r=plan.radius_of(room)))
        if people >= LEAST_TOLD:
            made.append(_circle(world, plan, shown, row, texts))
            if room and people >= FULL_RING * room:
                made.append(element("circle", class_="fullring", cx=x, cy=y, r=plan.radius_of(people) + 0.6))
        elif not room and trapped < LEAST_TOLD:
            made.append(element("circle", class_="spot", cx=x, cy=y, r=1.3))
    return made


def _circle(world: MapWorld, plan: MapPlan, shown: MapDay, row: int, texts: Texts) -> Element:
    low, middle, high = (float(value) for value in shown.present[:, row])
    words = texts.map_card.format(place=isolated(world.places[row].name), range=texts.range(low, high))
    room = float(np.nan_to_num(shown.room[row]))
    words += texts.map_card_room.format(room=texts.exact(room)) if room else ""
    x, y = plan.spots[row]
    radius = max(plan.radius_of(middle), 1.6)
    return element("circle", element("title", words), class_="people", cx=x, cy=y, r=radius)


def _square(world: MapWorld, plan: MapPlan, shown: MapDay, row: int, texts: Texts) -> Element:
    low, middle, high = (float(value) for value in shown.trapped[:, row])
    words = texts.map_card_trapped.format(
        place=isolated(world.places[row].name), range=texts.range(low, high)
    )
    side = max(plan.radius_of(middle) * math.sqrt(math.pi), 3.0)
    x, y = plan.spots[row]
    box = {"x": x - side / 2, "y": y - side / 2, "width": side, "height": side}
    return element("rect", element("title", words), class_="trapped-people", **box)


def scale_bar(frame: Frame, texts: Texts) -> list[Element]:
    """Return a bar of a round number of kilometres, with its words."""
    most = 0.3 * min(frame.width, 400)
    km = next(km for km in (500, 200, 100, 50, 20, 10, 5, 2, 1) if km * frame.units_per_km <= most or km == 1)
    y, end = frame.height - 8, 8 + km * frame.units_per_km
    line = element("path", class_="scale", d=f"M8,{y - 4:.1f} V{y:.1f} H{end:.1f} V{y - 4:.1f}")
    return [line, element("text", texts.map_scale.format(km=km), class_="scale-text halo", x=end + 4, y=y)]


def describe(digest: Digest, world: MapWorld, shown: MapDay, texts: Texts) -> str:
    """Return the map of a day in words, for readers who do not see it."""
    rows = range(len(world.places))
    facts = [(float(shown.present[1, row]), texts.map_fact, row) for row in rows]
    facts += [(float(shown.trapped[1, row]), texts.map_fact_trapped, row) for row in rows]
    largest = [fact for fact in sorted(facts, key=lambda fact: -fact[0])[:6] if fact[0] >= LEAST_TOLD]
    words = [
        text.format(place=isolated(world.places[row].name), people=texts.number(people))
        for people, text, row in largest
    ]
    return texts.map_desc.format(
        date=texts.full_date(digest.dates[shown.day]),
        facts=texts.listing(words) or texts.map_no_people,
        total=texts.range(float(shown.displaced[0]), float(shown.displaced[2])),
    )


def beyond(world: MapWorld, plan: MapPlan, shown: MapDay, texts: Texts) -> list[str]:
    """Return the places beyond the frame where people are, in words, most people first."""
    people = shown.present[1] + shown.trapped[1]
    rows = [row for row in range(len(world.places)) if row not in plan.spots and people[row] >= LEAST_TOLD]
    return [
        texts.map_outside_place.format(
            place=isolated(label_name(world.places[row])), people=texts.number(float(people[row]))
        )
        for row in sorted(rows, key=lambda row: -people[row])
    ]
