"""Names become numbers: a `Scenario`, a storyline and a value of each prior become the `Setup` of one member.

Places are sorted by name and legs by their start, so the same scenario in another file order gives the same
forecast. Places that a what-if adds come after those of its base, and one that it removes leaves its number
empty, so that both draw the same numbers for the same things. What is the same for every member is worked out
once, by `Compiler`; what depends on the member is filled in by `Compiler.setup`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from corridor.engine import arrays as law
from corridor.engine.arrays import Floats, Record, Setup
from corridor.engine.simulate import simulate_member
from corridor.ensemble.sample import resolve
from corridor.scenario.model import (
    Event,
    EventKind,
    Group,
    Place,
    PlaceKind,
    Route,
    Scenario,
    Storyline,
    Value,
)

if TYPE_CHECKING:
    from corridor.ensemble.flee_scenario import FleeCompiler

_STOPS = {
    PlaceKind.TOWN: law.STOPS_IN_HOST,
    PlaceKind.NEIGHBOURHOOD: law.STOPS_IN_HOST,
    PlaceKind.HOST_COMMUNITY: law.STOPS_IN_HOST,
    PlaceKind.CAMP: law.STOPS_IN_SITE,
    PlaceKind.EMERGENCY_SITE: law.STOPS_IN_SITE,
    PlaceKind.SCREENING_SITE: law.STOPS_ON_THE_WAY,
    PlaceKind.BORDER_CROSSING: law.STOPS_ON_THE_WAY,
    PlaceKind.JUNCTION: law.STOPS_ON_THE_WAY,
    PlaceKind.OUTSIDE: law.STOPS_OUTSIDE,
}
_EVENTS = {
    EventKind.FIGHTING: law.FIGHTING,
    EventKind.CONTROL: law.CONTROL,
    EventKind.SIEGE: law.SIEGE,
    EventKind.ROUTE: law.ROUTE,
    EventKind.ROUTE_ONE_WAY: law.ROUTE,
    EventKind.SITE: law.SITE,
    EventKind.CAPACITY: law.CAPACITY,
    EventKind.THROUGHPUT: law.THROUGHPUT,
}
_MOST_PEOPLE = 2.0e9  # of a place, so that stocks fit 32 bits


@dataclass(frozen=True)
class Leg:
    """One direction of a route."""

    route: int  # row of Scenario.routes
    start: str
    end: str
    length_km: float


def legs_of(scenario: Scenario) -> tuple[Leg, ...]:
    """Return the legs in the order of the results: for each route forth, then back unless it is one-way."""
    legs = []
    for row, route in enumerate(scenario.routes):
        legs.append(Leg(row, route.start, route.end, route.length_km))
        if not route.one_way:
            legs.append(Leg(row, route.end, route.start, route.length_km))
    return tuple(legs)


def share_out(people: int, shares: Sequence[float]) -> list[int]:
    """Split people by shares into whole numbers that sum to them: largest remainders, ties to the first.

    >>> share_out(10, [0.55, 0.25, 0.2])
    [6, 2, 2]
    """
    total = math.fsum(shares)
    exact = [people * share / total for share in shares]
    counts = [math.floor(number + 1e-9) for number in exact]
    by_remainder = sorted(range(len(shares)), key=lambda i: (round(counts[i] - exact[i], 9), i))
    for i in by_remainder[: people - sum(counts)]:
        counts[i] += 1
    return counts


class Compiler:
    """Turns (storyline, values of the priors) into a `Setup`; made once per scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.legs = legs_of(scenario)
        by_name = {place.name: place for place in scenario.places}
        self.places = [by_name.get(name) or _empty_place(name) for name in scenario.numbered_places]
        self.index = {place.name: row for row, place in enumerate(self.places)}
        order = sorted(range(len(self.legs)), key=lambda row: (self.index[self.legs[row].start], row))
        self.leg_row = np.empty(len(order), np.int64)  # [legs of the results] -> row of the engine
        self.leg_row[order] = np.arange(len(order))
        self._sorted_legs = [self.legs[row] for row in order]
        self._legs_on = legs_by_way(self._sorted_legs)
        #: [places of the results, in file order] -> row of the engine
        self.place_row = np.array([self.index[place.name] for place in scenario.places], np.int64)
        self.holders = self._holders()
        self._network = self._fixed_network()

    def _holders(self) -> list[str]:
        named = {place.control for place in self.places} | {event.actor for event in self.scenario.events}
        for factors in (
            self.scenario.rules.control_attraction,
            *(g.control_attraction for g in self.scenario.groups),
        ):
            named |= set(factors)
        return sorted(named | set(self.scenario.rules.unsafe_control) | {""})

    def _fixed_network(self) -> dict[str, Any]:
        countries = sorted({place.country for place in self.places})
        starts = np.array([self.index[leg.start] for leg in self._sorted_legs], np.int64)
        return {
            "stops": np.array([_STOPS[place.kind] for place in self.places], np.int64),
            "country": np.array([countries.index(place.country) for place in self.places], np.int64),
            "leg_start": starts,
            "leg_end": np.array([self.index[leg.end] for leg in self._sorted_legs], np.int64),
            "leg_metres": np.array(
                [max(1, math.floor(leg.length_km * 1000.0 + 0.5)) for leg in self._sorted_legs], np.int64
            ),
            "out_first": np.searchsorted(starts, np.arange(len(self.places) + 1)).astype(np.int64),
        }

    def simulate(
        self, storyline: Storyline, values: Mapping[str, float], *, seed: int, member: int
    ) -> Record:
        """Simulate one member; places and legs are in the engine's order."""
        setup = self.setup(storyline, values)
        return simulate_member(setup, n_days=self.scenario.n_days, seed=seed, member=member)

    def setup(self, storyline: Storyline, values: Mapping[str, float]) -> Setup:
        """Return what a member of this storyline with these values of the priors is told.

        Values are brought into the range the law needs: numbers of people are whole and at least 0, chances
        at most 1.
        """
        return Setup(
            **self._network,
            **self._places(values),
            **self._state_on_day_0(values),
            **self._events(storyline, values),
            **self._groups(values),
            **self._rules(values),
        )

    def _places(self, values: Mapping[str, float]) -> dict[str, Any]:
        rules, groups = self.scenario.rules, self.scenario.groups
        attraction = {kind: max(0.0, resolve(value, values)) for kind, value in rules.attraction.items()}
        chance = {kind: _chance(value, values) for kind, value in rules.move_chance.items()}
        people = np.zeros((len(self.places), len(groups)), np.int64)
        shared = [row for row, group in enumerate(groups) if group.share is not None]
        shares = [group.share or 0.0 for group in groups if group.share is not None]
        for row, place in enumerate(self.places):
            people[row, shared] = share_out(_people(place.population, values), shares)
        inside = people.copy()
        is_site = np.array([place.is_site for place in self.places])
        inside[~is_site] = 0
        people[is_site] = 0
        for column, group in enumerate(groups):
            for name, number in group.people.items():
                (inside if is_site[self.index[name]] else people)[self.index[name], column] += _people(
                    number, values
                )
        return {
            "attraction": np.array([attraction[place.kind] for place in self.places]),
            "move_chance": np.array([chance[place.kind] for place in self.places]),
            "residents": people,
            "inside": inside,
        }

    def _state_on_day_0(self, values: Mapping[str, float]) -> dict[str, Any]:
        issue = self.scenario.issue_date
        n = len(self.places)

        def is_open(thing: Place | Route) -> bool:
            return (thing.opens is None or thing.opens <= issue) and (
                thing.closes is None or thing.closes > issue
            )

        routes = [self.scenario.routes[leg.route] for leg in self._sorted_legs]
        return {
            "fighting": np.zeros(n),
            "siege": np.zeros(n),
            "control": np.array([self.holders.index(place.control) for place in self.places], np.int64),
            "site_open": np.array([is_open(place) for place in self.places], np.bool_),
            "capacity": np.array([_limit(place.capacity, values) for place in self.places], np.int64),
            "throughput": np.array(
                [_limit(place.throughput_per_day, values) for place in self.places], np.int64
            ),
            "leg_open": np.array([is_open(route) for route in routes], np.bool_),
            "leg_throughput": np.array(
                [_limit(route.throughput_per_day, values) for route in routes], np.int64
            ),
        }

    def _events(self, storyline: Storyline, values: Mapping[str, float]) -> dict[str, Any]:
        rows: list[tuple[int, int, int, float]] = self._openings()
        for event in self.scenario.events:
            if event.storyline in ("", storyline.name):
                rows.extend(self._event_rows(event, values))
        rows.sort(key=lambda row: row[0])  # stable: events of a day stay in file order
        columns = tuple(zip(*rows, strict=True)) if rows else ((), (), (), ())
        return {
            "event_day": np.array(columns[0], np.int64),
            "event_kind": np.array(columns[1], np.int64),
            "event_target": np.array(columns[2], np.int64),
            "event_value": np.array(columns[3], np.float64),
        }

    def _openings(self) -> list[tuple[int, int, int, float]]:
        issue, rows = self.scenario.issue_date, []
        routes = [self.scenario.routes[leg.route] for leg in self._sorted_legs]
        dated: list[tuple[int, int, Place | Route]] = [
            (law.SITE, row, place) for row, place in enumerate(self.places)
        ]
        dated += [(law.ROUTE, row, route) for row, route in enumerate(routes)]
        for kind, target, thing in dated:
            for date, value in ((thing.opens, 1.0), (thing.closes, 0.0)):
                if date is not None and date > issue:
                    rows.append(((date - issue).days, kind, target, value))
        return rows

    def _event_rows(self, event: Event, values: Mapping[str, float]) -> list[tuple[int, int, int, float]]:
        day = event_ordinal(event, values) - self.scenario.issue_date.toordinal()
        value = resolve(event.value, values)
        kind = _EVENTS[event.kind]
        if event.kind is EventKind.CONTROL:
            value = float(self.holders.index(event.actor))
        elif event.kind is EventKind.SIEGE:
            value = min(1.0, max(0.0, value))
        elif event.kind in (EventKind.CAPACITY, EventKind.THROUGHPUT):
            value = float(_limit(value, values))
        else:
            value = max(0.0, value)
        if not event.to:
            return [(day, kind, self.index[event.place], value)]
        kind = law.ROUTE_THROUGHPUT if event.kind is EventKind.THROUGHPUT else kind
        return [(day, kind, row, value) for row in legs_of_event(event, self._legs_on)]

    def _groups(self, values: Mapping[str, float]) -> dict[str, Any]:
        groups, general = self.scenario.groups, self.scenario.rules.control_attraction

        def factors(group: Group) -> list[float]:
            own = {**general, **group.control_attraction}
            return [max(0.0, resolve(own.get(holder, 1.0), values)) for holder in self.holders]

        def each(name: str, least: float) -> Floats:
            return np.array([max(least, resolve(getattr(group, name), values)) for group in groups])

        return {
            "leave_factor": each("leave_factor", 0.0),
            "speed_factor": each("speed_factor", 1e-3),
            "return_factor": each("return_factor", 0.0),
            "held_by_siege": np.array([group.held_by_siege for group in groups], np.bool_),
            "control_attraction": np.array([factors(group) for group in groups]),
        }

    def _rules(self, values: Mapping[str, float]) -> dict[str, Any]:
        rules = self.scenario.rules

        def number(value: Value, least: float = 0.0, most: float = math.inf) -> float:
            return min(most, max(least, resolve(value, values)))

        given = np.zeros(self.scenario.n_days + 1, np.int64)
        for row in self.scenario.displaced_per_day:
            day = (row.date - self.scenario.issue_date).days
            if 0 <= day < given.size:
                given[day] += row.people
        return {
            "leaving_given": rules.leaving == "given",
            "given": given,
            "leave_rate_per_day": number(rules.leave_rate_per_day),
            "leave_intensity_power": number(rules.leave_intensity_power),
            "awareness_metres": int(number(rules.awareness_km, most=1e6) * 1000.0 + 0.5),
            "softening_km": number(rules.softening_km, least=1e-3),
            "distance_power": number(rules.distance_power),
            "fighting_attraction": number(rules.fighting_attraction),
            "abroad_attraction": number(rules.abroad_attraction),
            "capacity_buffer": number(rules.capacity_buffer, most=1.0),
            "walk_km_per_day": number(rules.walk_km_per_day, least=0.1),
            "ride_km_per_day": number(rules.ride_km_per_day, least=0.1),
            "first_leg_on_foot": rules.first_leg_on_foot,
            "return_rate_per_day": number(rules.return_rate_per_day),
            "return_after_safe_days": rules.return_after_safe_days,
            "unsafe_control": np.array([holder in rules.unsafe_control for holder in self.holders], np.bool_),
        }


AnyCompiler: TypeAlias = "Compiler | FleeCompiler"


def compiler_of(scenario: Scenario) -> AnyCompiler:
    """Return the compiler for the law of a scenario."""
    if scenario.rules.law == "corridor":
        return Compiler(scenario)
    from corridor.ensemble.flee_scenario import FleeCompiler

    return FleeCompiler(scenario)


def legs_by_way(legs: Sequence[Leg]) -> dict[tuple[str, str], list[int]]:
    """Return the rows of the legs from one place to another."""
    rows: dict[tuple[str, str], list[int]] = {}
    for row, leg in enumerate(legs):
        rows.setdefault((leg.start, leg.end), []).append(row)
    return rows


def legs_of_event(event: Event, legs_on: Mapping[tuple[str, str], list[int]]) -> list[int]:
    """Return the rows of the legs that an event about a road is about; see `legs_by_way`."""
    rows = list(legs_on.get((event.place, event.to), []))
    if event.kind is not EventKind.ROUTE_ONE_WAY:
        rows += legs_on.get((event.to, event.place), [])
    return sorted(rows)


def event_ordinal(event: Event, values: Mapping[str, float]) -> int:
    """Return the day of an event as a proleptic ordinal: the sum of its terms, rounded down."""
    total = 0.0
    for term in event.when:
        total += term.sign * (values[term.prior] if term.prior else float(term.days))
    return math.floor(total)


def _empty_place(name: str) -> Place:
    """Return what stands at the number of a place that a what-if removed: no road leads to it."""
    return Place(name=name, lat=0.0, lon=0.0, kind=PlaceKind.JUNCTION, country="")


def _people(value: Value, values: Mapping[str, float]) -> int:
    return int(min(_MOST_PEOPLE, max(0.0, resolve(value, values))) + 0.5)


def _limit(value: Value | None, values: Mapping[str, float]) -> int:
    return law.NO_LIMIT if value is None else int(min(_MOST_PEOPLE, max(0.0, resolve(value, values))))


def _chance(value: Value, values: Mapping[str, float]) -> float:
    return min(1.0, max(0.0, resolve(value, values)))
