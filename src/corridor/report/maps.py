"""A still map as SVG: people by area, capacity as a ring, trapped people as squares, roads by their people.

The map is drawn in layers, each a function of a `Frame` that gives elements, so that rivers and borders can
be put underneath. The projection is equirectangular, scaled by the cosine of the middle latitude: good for
an area some hundred kilometres wide.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

import numpy as np

from corridor.ensemble.forecast import STATES
from corridor.report.digest import Digest, Floats, band
from corridor.report.markup import element, extend
from corridor.report.texts import LEAST_TOLD, Texts
from corridor.scenario.model import EventKind, Place

#: Kilometres of one degree of latitude.
KM_PER_DEGREE = 111.2
#: Days of flow that a road's width stands for.
FLOW_DAYS = 7
WIDTH = 300.0
_MARGIN = 36.0
_LARGEST_RADIUS = 25.0
_WIDEST_ROAD = 7.0
_FONT = 9.5
_MOST_LABELS = 14
_SHARE_IN_FRAME = 0.85
_LEAST_SPAN_KM = 20.0
_FARTHEST_PUSH = 14.0


@dataclass(frozen=True)
class Frame:
    """The part of the world that is drawn, and its size on paper."""

    west: float
    north: float
    units_per_km: float
    km_per_degree_lon: float
    height: float
    width: float = WIDTH

    def xy(self, lat: float, lon: float) -> tuple[float, float]:
        """Return where a point lies on paper."""
        x = (lon - self.west) * self.km_per_degree_lon * self.units_per_km
        return x, (self.north - lat) * KM_PER_DEGREE * self.units_per_km

    def holds(self, lat: float, lon: float) -> bool:
        """True if a point lies on the map."""
        x, y = self.xy(lat, lon)
        return 0 <= x <= self.width and 0 <= y <= self.height


#: Draws something under the places: rivers, borders, water.
Layer = Callable[[Frame], Sequence[Element]]


@dataclass(frozen=True)
class MapDay:
    """What is drawn for one day: the middle of the futures, people; and their half for the hover card."""

    day: int
    present: Floats  # [3, places]: quantiles 0.25, 0.5, 0.75
    trapped: Floats  # [3, places]
    flow: Floats  # [routes]: people on the road in the week up to the day, both ways
    closed: Floats  # [routes]: share of members in which the road is closed


@dataclass(frozen=True)
class MapPlan:
    """What the maps of a report share: frame, scales, and where each place is drawn."""

    frame: Frame
    largest: float  # people whose circle is the largest
    widest_flow: float  # people a week whose road is the widest
    spots: dict[int, tuple[float, float]] = field(default_factory=dict)  # row of a place -> position

    def radius_of(self, people: float) -> float:
        """Return the radius of a circle whose area stands for so many people."""
        return _LARGEST_RADIUS * math.sqrt(max(people, 0.0) / self.largest)

    def road_width_of(self, people: float) -> float:
        """Return the width of a road with so many people in a week."""
        return 0.8 + _WIDEST_ROAD * people / self.widest_flow


def map_days(digest: Digest, days: Sequence[int]) -> list[MapDay]:
    """Work out what is drawn on each of the days."""
    closed = closed_share(digest, days)
    route_of_leg = _route_of_leg(digest)
    made = []
    for day, shut in zip(days, closed, strict=True):
        made.append(MapDay(day, *_people_on(digest, day), _flow(digest, route_of_leg, day), shut))
    return made


def _people_on(digest: Digest, day: int) -> tuple[Floats, Floats]:
    levels = (0.25, 0.5, 0.75)
    return band(digest.present[:, day], levels), band(digest.trapped[:, day], levels)


def _route_of_leg(digest: Digest) -> list[int]:
    """Return the route of each leg: forth, then back unless it is one-way."""
    made = []
    for row, route in enumerate(digest.scenario.routes):
        made.extend([row] if route.one_way else [row, row])
    return made


def _flow(digest: Digest, route_of_leg: list[int], day: int) -> Floats:
    """Return the middle of the members' people on each route in the week up to the day, both ways."""
    flows = digest.forecast.array("flows")
    week = flows[:, max(0, day - FLOW_DAYS + 1) : day + 1].sum(axis=1, dtype=np.int64)
    both = np.zeros((week.shape[0], len(digest.scenario.routes)), np.int64)
    for leg, route in enumerate(route_of_leg):
        both[:, route] += week[:, leg]
    return np.median(both, axis=0)


def closed_share(digest: Digest, days: Sequence[int]) -> list[Floats]:
    """Return the share of members in which each route is closed, [routes], for each of the days."""
    from corridor.ensemble.compile import event_ordinal
    from corridor.ensemble.sample import resolve

    scenario, followed = digest.scenario, digest.forecast.storylines
    parameters = digest.forecast.array("parameters")
    closed = np.zeros((len(days), digest.n_members, len(scenario.routes)), np.bool_)
    dates = [digest.dates[day] for day in days]
    for row, route in enumerate(scenario.routes):
        for i, date in enumerate(dates):
            too_early = route.opens is not None and date < route.opens
            closed[i, :, row] = too_early or (route.closes is not None and date >= route.closes)
    events = [event for event in scenario.events if event.kind is EventKind.ROUTE]
    for member in range(digest.n_members):
        values = dict(zip(scenario.priors, parameters[member].tolist(), strict=True))
        own = [event for event in events if event.storyline in ("", followed[member])]
        dated = sorted(((event_ordinal(event, values), at) for at, event in enumerate(own)))
        for ordinal, at in dated:
            ends = {own[at].place, own[at].to}
            rows = [row for row, route in enumerate(scenario.routes) if {route.start, route.end} == ends]
            later = [i for i, date in enumerate(dates) if ordinal <= date.toordinal()]
            closed[np.ix_(later, [member], rows)] = resolve(own[at].value, values) == 0.0
    return list(closed.mean(axis=1))


# --- the plan: what is in the frame, how large, where ---------------------------------------------


def plan_maps(digest: Digest, days: Sequence[MapDay]) -> MapPlan:
    """Choose the frame and the scales that all maps share."""
    weight = np.max([day.present[1] + day.trapped[1] for day in days], axis=0)
    change = [
        np.abs(day.present[1] - np.median(digest.present[:, 0], axis=0)) + day.trapped[1] for day in days
    ]
    frame = _frame(digest.places, np.max(change, axis=0))
    inside = [row for row, place in enumerate(digest.places) if frame.holds(place.lat, place.lon)]
    rooms = [digest.usual_capacity(row) or 0 for row in inside if digest.places[row].is_site]
    largest = max([LEAST_TOLD, *rooms, *(float(weight[row]) for row in inside)])
    widest = max([LEAST_TOLD, *(float(day.flow.max(initial=0.0)) for day in days)])

    plan = MapPlan(frame, largest, widest)
    radii = {row: max(plan.radius_of(max(float(weight[row]), _room(digest, row))), 2.0) for row in inside}
    spots = {row: frame.xy(digest.places[row].lat, digest.places[row].lon) for row in inside}
    return replace(plan, spots=_pushed_apart(spots, radii, frame))


def _room(digest: Digest, row: int) -> float:
    return float(digest.usual_capacity(row) or 0) if digest.places[row].is_site else 0.0


def _frame(places: Sequence[Place], weight: Floats) -> Frame:
    """Frame the places where most changes; the root of people, so that small sites are seen."""
    shown = _nearest_holding(places, np.sqrt(np.where(weight >= LEAST_TOLD, weight, 0.0)))
    lats, lons = [place.lat for place in shown], [place.lon for place in shown]
    middle_lat, middle_lon = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
    per_lon = KM_PER_DEGREE * math.cos(math.radians(middle_lat))
    wide_km = max((max(lons) - min(lons)) * per_lon, _LEAST_SPAN_KM)
    high_km = max((max(lats) - min(lats)) * KM_PER_DEGREE, _LEAST_SPAN_KM)
    inner = WIDTH - 2 * _MARGIN
    height = min(1.4 * WIDTH, max(0.9 * WIDTH, high_km / wide_km * inner + 2 * _MARGIN))
    units = min(inner / wide_km, (height - 2 * _MARGIN) / high_km)
    west = middle_lon - WIDTH / 2 / units / per_lon
    return Frame(west, middle_lat + height / 2 / units / KM_PER_DEGREE, units, per_lon, height)


def _nearest_holding(places: Sequence[Place], weight: Floats) -> list[Place]:
    if not weight.any():
        return list(places)
    lat = float(np.average([place.lat for place in places], weights=weight))
    lon = float(np.average([place.lon for place in places], weights=weight))

    def distance(row: int) -> float:
        return math.hypot(places[row].lat - lat, (places[row].lon - lon) * math.cos(math.radians(lat)))

    order = sorted((row for row in range(len(places)) if weight[row] > 0), key=distance)
    reached = np.cumsum(weight[order]) >= _SHARE_IN_FRAME * weight.sum()
    return [places[row] for row in order[: int(reached.argmax()) + 1]]


def _pushed_apart(
    spots: dict[int, tuple[float, float]], radii: dict[int, float], frame: Frame
) -> dict[int, tuple[float, float]]:
    """Push circles apart until they overlap by a third at most, or have moved as far as is honest."""
    rows = sorted(spots)
    home = np.array([spots[row] for row in rows], float).reshape(-1, 2)
    size = np.array([radii[row] for row in rows])
    here = home + np.array([(0.01 * math.cos(i), 0.01 * math.sin(i)) for i in range(len(rows))]).reshape(
        -1, 2
    )
    wanted = 0.75 * (size[:, None] + size[None, :])
    np.fill_diagonal(wanted, 0.0)
    for _ in range(80):
        apart = here[:, None] - here[None, :]
        distance = np.maximum(np.hypot(apart[..., 0], apart[..., 1]), 1e-6)
        push = np.where(size[:, None] + size[None, :] > 8.0, np.maximum(wanted - distance, 0.0), 0.0)
        here = (
            here + 0.15 * (apart / distance[..., None] * push[..., None]).sum(axis=1) + 0.05 * (home - here)
        )
        moved = here - home
        length = np.maximum(np.hypot(moved[:, 0], moved[:, 1]), 1e-6)
        here = home + moved * np.minimum(1.0, _FARTHEST_PUSH / length)[:, None]
    edge = np.minimum(size + 2.0, WIDTH / 2)[:, None]
    here = np.clip(here, edge, np.array([frame.width, frame.height]) - edge)
    return {row: (float(x), float(y)) for row, (x, y) in zip(rows, here.tolist(), strict=True)}


# --- drawing --------------------------------------------------------------------------------------


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
    extend(svg, _labels(digest, plan, shown))
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
        people, trapped, room = float(shown.present[1, row]), float(shown.trapped[1, row]), _room(digest, row)
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
    room = _room(digest, row)
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


# --- names ----------------------------------------------------------------------------------------

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


def _labels(digest: Digest, plan: MapPlan, shown: MapDay) -> list[Element]:
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
        return (-people if people >= LEAST_TOLD else 0.0, -max(home, _room(digest, row)), place.name)

    return [row for row in sorted(plan.spots, key=importance) if importance(row)[:2] != (0.0, 0.0)]


def _mark_box(digest: Digest, plan: MapPlan, shown: MapDay, row: int) -> _Box:
    x, y = plan.spots[row]
    square = plan.radius_of(float(shown.trapped[1, row])) * math.sqrt(math.pi) / 2
    radius = max(
        1.5, square, plan.radius_of(float(shown.present[1, row])), plan.radius_of(_room(digest, row))
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


# --- words ----------------------------------------------------------------------------------------


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


def map_dates(last_day: int) -> list[int]:
    """Return the days that are drawn: two weeks, six weeks and the last; fewer if the horizon is short.

    >>> map_dates(105), map_dates(20), map_dates(3)
    ([14, 42, 105], [14, 20], [3])
    """
    return [day for day in (14, 42) if day < last_day] + [last_day]
