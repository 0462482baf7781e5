"""What maps show, as numbers: people by place, people on each road, closed roads and room, day by day.

A `MapView` holds the middle and the half of the futures of one storyline of one forecast. `MapWorld` lines up
the views of several forecasts, so that one map can switch between them: their places and routes are joined by
name, and what a forecast does not have is empty in its views. Draws nothing; words nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from corridor.ensemble.compare import check_comparable
from corridor.report.digest import Digest, Floats, Ints, band
from corridor.report.words import storyline_members
from corridor.scenario.model import Event, EventKind, Place, Route

#: Days of flow that a road's width stands for.
FLOW_DAYS = 7
#: The half of the futures and their middle.
HALF = (0.25, 0.5, 0.75)

Key = tuple[str, str]


@dataclass(frozen=True)
class MapView:
    """Some members of one forecast on some days, people; places and routes as in the world it belongs to."""

    title: str  # of the storyline; "" for all members
    n_members: int
    days: tuple[int, ...]
    present: Floats  # [3, days, places]: quantiles `HALF` of people who are not at home there, or left for it
    trapped: Floats  # [3, days, places]
    flow: Floats  # [days, roads]: the middle of people in the week up to the day; below 0 if most go back
    closed: Floats  # [days, roads]: share of members in which it is closed; NaN if there is no such road
    room: Floats  # [days, places]: capacity of a site, middle of the members; NaN where not known
    displaced: Floats  # [3, days]: newly displaced, all places
    all_trapped: Floats  # [3, days]
    half_full: tuple[int | None, ...]  # [places]: first day by which it is full in half of the members

    def on(self, days: Sequence[int]) -> MapView:
        """Return the same view on some of its days."""
        at = [self.days.index(day) for day in days]
        return replace(
            self,
            days=tuple(days),
            present=self.present[:, at],
            trapped=self.trapped[:, at],
            flow=self.flow[at],
            closed=self.closed[at],
            room=self.room[at],
            displaced=self.displaced[:, at],
            all_trapped=self.all_trapped[:, at],
        )

    def day(self, day: int) -> MapDay:
        """Return what is shown on one of the days."""
        at = self.days.index(day)
        return MapDay(
            day,
            self.present[:, at],
            self.trapped[:, at],
            self.flow[at],
            self.closed[at],
            self.room[at],
            self.displaced[:, at],
        )


@dataclass(frozen=True)
class MapDay:
    """One day of a view."""

    day: int
    present: Floats  # [3, places]
    trapped: Floats  # [3, places]
    flow: Floats  # [roads]
    closed: Floats  # [roads]
    room: Floats  # [places]
    displaced: Floats  # [3]


@dataclass(frozen=True)
class MapWorld:
    """The places and roads of all forecasts that a map shows, and the views: forecast, storyline."""

    places: tuple[Place, ...]
    roads: tuple[Key, ...]  # places they join, in order of name; routes between the same places are one road
    views: tuple[tuple[MapView, ...], ...]  # [forecasts][all members, then each storyline]

    def on(self, days: Sequence[int]) -> MapWorld:
        """Return the same world on some of its days."""
        views = tuple(tuple(view.on(days) for view in forecast) for forecast in self.views)
        return MapWorld(self.places, self.roads, views)

    @property
    def base(self) -> MapView:
        """All members of the first forecast."""
        return self.views[0][0]


def make_world(digests: Sequence[Digest], days: Sequence[int], *, storylines: bool = True) -> MapWorld:
    """Return what maps show of forecasts of one crisis, the first one with its what-ifs.

    Parameters
    ----------
    digests : sequence of Digest
    days : sequence of int
        Days after the issue date, rising.
    storylines : bool
        Also a view for each storyline that a forecast followed, where it followed more than one.

    Raises
    ------
    InputError
        If the forecasts are not of one crisis, or differ in their days, seed or members.
    """
    if len(digests) > 1:
        check_comparable([digest.forecast for digest in digests])
    places = {place.name: place for digest in reversed(digests) for place in digest.places}
    names = list(dict.fromkeys(place.name for digest in digests for place in digest.places))
    keys = list(dict.fromkeys(_key(route) for digest in digests for route in digest.scenario.routes))
    found = tuple(tuple(_views(digest, names, keys, days, storylines)) for digest in digests)
    return MapWorld(tuple(places[name] for name in names), tuple(keys), found)


def _key(route: Route) -> Key:
    return (route.start, route.end) if route.start <= route.end else (route.end, route.start)


def _views(
    digest: Digest, names: list[str], keys: list[Key], days: Sequence[int], storylines: bool
) -> list[MapView]:
    """Return the view of all members, then of each storyline that some of them follow."""
    row_of_name = {name: row for row, name in enumerate(names)}
    row_of_key = {key: row for row, key in enumerate(keys)}
    rows = [row_of_name[place.name] for place in digest.places]
    own = [row_of_key[_key(route)] for route in digest.scenario.routes]
    roads = closed_on_roads(digest, own, len(keys), days), week_on_roads(digest, own, len(keys), days)
    everyone = np.arange(digest.n_members)
    chosen = [("", everyone)]
    if storylines:
        followed = [(title, members) for title, members in storyline_members(digest) if members.size]
        chosen += followed if len(followed) > 1 else []
    return [_view(digest, title, members, (rows, len(names)), roads, days) for title, members in chosen]


def _view(
    digest: Digest,
    title: str,
    members: Ints,
    where: tuple[list[int], int],
    roads: tuple[Floats, tuple[NDArray[np.int32], NDArray[np.int32]]],
    days: Sequence[int],
) -> MapView:
    rows, n_places = where
    shut, week = roads
    both, net = (band(people[members], (0.5,))[0] for people in week)
    flow = np.where(net < 0, -both, both)

    def spread(values: Floats, empty: float = 0.0) -> Floats:
        """Put the places of this forecast where they stand among all."""
        made = np.full((*values.shape[:-1], n_places), empty)
        made[..., rows] = values
        return made

    def of(name: str) -> Floats:
        return band(digest.totals[name][members][:, days], HALF)

    half: list[int | None] = [None] * n_places
    full_by = digest.full_by_in(members)
    for column, row in enumerate(rows):
        reached = full_by[:, column] >= 0.5
        half[row] = int(reached.argmax()) if reached.any() else None
    return MapView(
        title,
        members.size,
        tuple(days),
        spread(band(digest.present[members][:, days] + digest.left_area[members][:, days], HALF)),
        spread(band(digest.trapped[members][:, days], HALF)),
        flow,
        shut[members].mean(axis=0),
        spread(_room(digest, members, days), np.nan),
        of("newly_displaced"),
        of("trapped"),
        tuple(half),
    )


def _room(digest: Digest, members: Ints, days: Sequence[int]) -> Floats:
    """Return the middle capacity of the sites, [days, places]; NaN where it is not a site or not known."""
    limits = digest.capacity[members][:, days]
    known = np.array([place.is_site for place in digest.places]) & (limits >= 0).all(axis=0)
    return np.where(known, band(limits, (0.5,))[0], np.nan)


def week_on_roads(
    digest: Digest, own: Sequence[int], n_roads: int, days: Sequence[int]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return people in the week up to each day, both ways together and there less back.

    Each is [members, days, roads]; ``own`` gives the road of each route. A leg is one direction of a route:
    forth, then back.
    """
    flows = digest.forecast.array("flows")
    so_far = np.cumsum(flows, axis=1, dtype=np.int32)
    at = np.array(days)
    week = so_far[:, at] - np.where((at >= FLOW_DAYS)[:, None], so_far[:, np.maximum(at - FLOW_DAYS, 0)], 0)
    both = np.zeros((flows.shape[0], len(at), n_roads), np.int32)
    net = np.zeros_like(both)
    leg = 0
    for route, road in zip(digest.scenario.routes, own, strict=True):
        sign = 1 if route.start <= route.end else -1
        for way in (sign,) if route.one_way else (sign, -sign):
            both[:, :, road] += week[:, :, leg]
            net[:, :, road] += way * week[:, :, leg]
            leg += 1
    return both, net


def closed_on_roads(digest: Digest, own: Sequence[int], n_roads: int, days: Sequence[int]) -> Floats:
    """Return 1 where all routes of a road are closed, else 0, NaN without any, [members, days, roads]."""
    made = np.full((digest.n_members, len(days), n_roads), np.nan)
    for road, shut in zip(own, closed_routes(digest, days), strict=True):
        made[:, :, road] = np.fmin(made[:, :, road], shut)
    return made


def closed_routes(digest: Digest, days: Sequence[int]) -> list[NDArray[np.float64]]:
    """Return for each route where it is closed, [members, days], 0 or 1: by its own dates and by events.

    Of events on one day the later in the file counts, as in the law.
    """
    scenario = digest.scenario
    dates = np.array([digest.dates[day].toordinal() for day in days])
    events = [event for event in scenario.events if event.kind is EventKind.ROUTE]
    acts = _when_and_what(digest, events)
    made = []
    for route in scenario.routes:
        opens, closes = route.opens, route.closes
        shut = np.zeros(len(days), np.bool_)
        if opens is not None:
            shut |= dates < opens.toordinal()
        if closes is not None:
            shut |= dates >= closes.toordinal()
        own = [
            act
            for event, act in zip(events, acts, strict=True)
            if {event.place, event.to} == {route.start, route.end}
        ]
        made.append(_last_word(shut, own, dates, digest.n_members))
    return made


def _when_and_what(digest: Digest, events: Sequence[Event]) -> list[tuple[Ints, NDArray[np.bool_]]]:
    """Return for each event its day in each member, and whether it closes; far off where it is not theirs."""
    from corridor.ensemble.compile import event_ordinal
    from corridor.ensemble.sample import resolve

    never = np.iinfo(np.int64).max
    scenario, followed = digest.scenario, digest.forecast.storylines
    parameters = digest.forecast.array("parameters").tolist() if events else []
    values = [dict(zip(scenario.priors, row, strict=True)) for row in parameters]
    made = []
    for event in events:
        is_theirs = [event.storyline in ("", line) for line in followed]
        when = [
            event_ordinal(event, known) if mine else never
            for known, mine in zip(values, is_theirs, strict=True)
        ]
        shuts = [resolve(event.value, known) == 0.0 for known in values]
        made.append((np.array(when, np.int64), np.array(shuts)))
    return made


def _last_word(
    start: NDArray[np.bool_],
    acts: Sequence[tuple[Ints, NDArray[np.bool_]]],
    dates: Ints,
    n_members: int,
) -> NDArray[np.float64]:
    """Return the state of a road after the latest event up to each day, [members, days]."""
    state = np.broadcast_to(start, (n_members, len(dates))).copy()
    latest = np.full(state.shape, -1, np.int64)
    for when, shuts in acts:
        acting = (when[:, None] <= dates) & (when[:, None] >= latest)
        state = np.where(acting, shuts[:, None], state)
        latest = np.where(acting, when[:, None], latest)
    return state.astype(np.float64)
