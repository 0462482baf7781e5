"""What the maps of a report share: days, the part of the world, the scales, and where each mark stands.

The projection is equirectangular, scaled by the cosine of the middle latitude: good for an area some
hundred kilometres wide. ``maps`` draws; nothing is drawn here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

import numpy as np

from corridor.report.digest import Digest, Floats, band
from corridor.report.texts import LEAST_TOLD
from corridor.scenario.model import EventKind, Place

#: Kilometres of one degree of latitude.
KM_PER_DEGREE = 111.2
#: Days of flow that a road's width stands for.
FLOW_DAYS = 7
#: Width of a map, in units of its view box.
WIDTH = 300.0
_MARGIN = 36.0
_LARGEST_RADIUS = 25.0
_WIDEST_ROAD = 7.0
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
    radii = {row: max(plan.radius_of(max(float(weight[row]), room_at(digest, row))), 2.0) for row in inside}
    spots = {row: frame.xy(digest.places[row].lat, digest.places[row].lon) for row in inside}
    return replace(plan, spots=_pushed_apart(spots, radii, frame))


def room_at(digest: Digest, row: int) -> float:
    """Return the last capacity of a site, 0 where it is not a site or none is known."""
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


def map_dates(last_day: int) -> list[int]:
    """Return the days that are drawn: two weeks, six weeks and the last; fewer if the horizon is short.

    >>> map_dates(105), map_dates(20), map_dates(3)
    ([14, 42, 105], [14, 20], [3])
    """
    return [day for day in (14, 42) if day < last_day] + [last_day]
