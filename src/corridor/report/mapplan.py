"""What maps of one report share: the part of the world, the scales, and where each mark stands.

The projection is equirectangular, scaled by the cosine of the middle latitude: good for an area some
hundred kilometres wide. ``maps`` draws; nothing is drawn here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.spatial import KDTree

from corridor.report.digest import Floats, Ints
from corridor.report.mapviews import MapDay, MapWorld
from corridor.report.texts import LEAST_TOLD
from corridor.scenario.model import Place, PlaceKind

#: Kilometres of one degree of latitude.
KM_PER_DEGREE = 111.2
_SHARE_IN_FRAME = 0.85
_LEAST_SPAN_KM = 20.0


@dataclass(frozen=True)
class MapForm:
    """How large a map is and how strong its marks are, in units of its view box."""

    width: float
    least_height: float  # as a share of the width
    most_height: float
    margin: float
    largest_radius: float
    widest_road: float
    farthest_push: float
    font: float  # as in the style sheet
    most_names: int


STILL = MapForm(300, 0.9, 1.4, 36, 25, 7, 14, 9.5, 14)
LIVE = MapForm(720, 0.72, 0.85, 60, 40, 10, 22, 12, 30)
PHONE = MapForm(360, 1.0, 1.3, 36, 27, 8, 16, 11.5, 12)


@dataclass(frozen=True)
class Frame:
    """The part of the world that is drawn, and its size on paper."""

    west: float
    north: float
    units_per_km: float
    km_per_degree_lon: float
    height: float
    width: float

    def xy(self, lat: float, lon: float) -> tuple[float, float]:
        """Return where a point lies on paper."""
        x = (lon - self.west) * self.km_per_degree_lon * self.units_per_km
        return x, (self.north - lat) * KM_PER_DEGREE * self.units_per_km

    def on_paper(self, line: Floats) -> Floats:
        """Return where points lie on paper, [points, 2]; given as longitude and latitude."""
        per_degree = np.array([self.km_per_degree_lon, -KM_PER_DEGREE]) * self.units_per_km
        return np.asarray((line - np.array([self.west, self.north])) * per_degree)

    def holds(self, lat: float, lon: float) -> bool:
        """True if a point lies on the map."""
        x, y = self.xy(lat, lon)
        return 0 <= x <= self.width and 0 <= y <= self.height

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east and north, degrees."""
        east = self.west + self.width / self.units_per_km / self.km_per_degree_lon
        return self.west, self.north - self.height / self.units_per_km / KM_PER_DEGREE, east, self.north


@dataclass(frozen=True)
class MapPlan:
    """What the maps of a report share: frame, scales, and where each place is drawn."""

    form: MapForm
    frame: Frame
    largest: float  # people whose circle is the largest
    widest_flow: float  # people a week whose road is as wide as the form says; others in proportion
    most: Floats  # [places]: the most people, trapped ones included, of any day shown
    room: Floats  # [places]: the most room of any day shown, 0 where none is known
    spots: dict[int, tuple[float, float]] = field(default_factory=dict)  # row of a place -> position

    def radius_of(self, people: float) -> float:
        """Return the radius of a circle whose area stands for so many people."""
        return self.form.largest_radius * math.sqrt(max(people, 0.0) / self.largest)

    def road_width_of(self, people: float) -> float:
        """Return the width of a road with so many people in a week, at most twice that of the widest."""
        return 0.8 + self.form.widest_road * min(people / self.widest_flow, 2.0)

    def spot(self, world: MapWorld, row: int) -> tuple[float, float]:
        """Return where a place is drawn, or would be if it were on the map."""
        place = world.places[row]
        return self.spots.get(row) or self.frame.xy(place.lat, place.lon)


def plan_maps(world: MapWorld, days: Sequence[int], form: MapForm = STILL) -> MapPlan:
    """Choose the frame and the scales that hold for all views of a world on these days."""
    views = [view for forecast in world.views for view in forecast]
    shown = [view.day(day) for view in views for day in days]
    weight = np.max([day.present[1] + day.trapped[1] for day in shown], axis=0)
    first = world.base.present[1, 0]
    change = np.max([np.abs(day.present[1] - first) + day.trapped[1] for day in shown], axis=0)
    change[[place.kind is PlaceKind.OUTSIDE for place in world.places]] = 0.0
    room = np.max([np.nan_to_num(day.room) for day in shown], axis=0)

    frame = _frame(world.places, change, form)
    inside = [row for row, place in enumerate(world.places) if frame.holds(place.lat, place.lon)]
    largest = max([LEAST_TOLD, *(float(max(weight[row], room[row])) for row in inside)])
    widest = max(LEAST_TOLD, _widest_flow([world.base.day(day) for day in days]))

    plan = MapPlan(form, frame, largest, widest, weight, room)
    radii = {row: max(plan.radius_of(float(max(weight[row], room[row]))), 2.0) for row in inside}
    spots = {row: frame.xy(world.places[row].lat, world.places[row].lon) for row in inside}
    return replace(plan, spots=_pushed_apart(spots, radii, frame, form.farthest_push))


def _widest_flow(shown: Sequence[MapDay]) -> float:
    """Return the most people on one road in a week, of days on which people are on the road."""
    widest = [float(np.abs(day.flow).max(initial=0.0)) for day in shown]
    moving = [people for people in widest if people >= LEAST_TOLD]
    return float(np.median(moving)) if moving else 0.0


def _frame(places: Sequence[Place], weight: Floats, form: MapForm) -> Frame:
    """Frame the places where most changes; the root of people, so that small sites are seen."""
    shown = _nearest_holding(places, np.sqrt(np.where(weight >= LEAST_TOLD, weight, 0.0)))
    lats, lons = [place.lat for place in shown], [place.lon for place in shown]
    middle_lat, middle_lon = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
    per_lon = KM_PER_DEGREE * math.cos(math.radians(middle_lat))
    wide_km = max((max(lons) - min(lons)) * per_lon, _LEAST_SPAN_KM)
    high_km = max((max(lats) - min(lats)) * KM_PER_DEGREE, _LEAST_SPAN_KM)
    width, inner = form.width, form.width - 2 * form.margin
    wanted = high_km / wide_km * inner + 2 * form.margin
    height = min(form.most_height * width, max(form.least_height * width, wanted))
    units = min(inner / wide_km, (height - 2 * form.margin) / high_km)
    west = middle_lon - width / 2 / units / per_lon
    return Frame(west, middle_lat + height / 2 / units / KM_PER_DEGREE, units, per_lon, height, width)


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
    spots: dict[int, tuple[float, float]], radii: dict[int, float], frame: Frame, farthest: float
) -> dict[int, tuple[float, float]]:
    """Push circles apart until they overlap by a third at most, or have moved as far as is honest."""
    rows = sorted(spots)
    home = np.array([spots[row] for row in rows], float).reshape(-1, 2)
    size = np.array([radii[row] for row in rows])
    start = [(0.01 * math.cos(i), 0.01 * math.sin(i)) for i in range(len(rows))]
    here = home + np.array(start).reshape(-1, 2)
    one, other = _near_pairs(home, size, farthest)
    wanted = 0.75 * (size[one] + size[other])
    for _ in range(80):
        apart = here[one] - here[other]
        distance = np.maximum(np.hypot(apart[:, 0], apart[:, 1]), 1e-6)
        push = apart * (np.maximum(wanted - distance, 0.0) / distance)[:, None]
        pushed = [np.bincount(one, push[:, axis], len(rows)) for axis in (0, 1)]
        here = here + 0.15 * np.column_stack(pushed) + 0.05 * (home - here)
        moved = here - home
        length = np.maximum(np.hypot(moved[:, 0], moved[:, 1]), 1e-6)
        here = home + moved * np.minimum(1.0, farthest / length)[:, None]
    edge = np.minimum(size + 2.0, frame.width / 2)[:, None]
    here = np.clip(here, edge, np.array([frame.width, frame.height]) - edge)
    return {row: (float(x), float(y)) for row, (x, y) in zip(rows, here.tolist(), strict=True)}


def _near_pairs(home: Floats, size: Floats, farthest: float) -> tuple[Ints, Ints]:
    """Return the pairs, each both ways, of circles large enough to matter that could ever overlap."""
    reach = 1.5 * float(size.max(initial=0.0)) + 2 * farthest
    pairs = KDTree(home).query_pairs(reach, output_type="ndarray") if len(home) else np.zeros((0, 2), int)
    one, other = np.concatenate([pairs, pairs[:, ::-1]]).T
    apart, sizes = np.hypot(*(home[one] - home[other]).T), size[one] + size[other]
    may_meet = (sizes > 8.0) & (apart < 0.75 * sizes + 2 * farthest)
    order = np.lexsort((other[may_meet], one[may_meet]))
    return one[may_meet][order], other[may_meet][order]


def still_days(last_day: int) -> list[int]:
    """Return the days of the still maps: two weeks, six weeks and the last; fewer if the horizon is short.

    >>> still_days(105), still_days(20), still_days(3)
    ([14, 42, 105], [14, 20], [3])
    """
    return [day for day in (14, 42) if day < last_day] + [last_day]
