"""A scenario under the law flee as the instance that it describes, and that as arrays of the engine.

`FleeCompiler` stands beside `corridor.ensemble.compile.Compiler` and is used alike. A member's scenario is
put as a `FleeInstance`, so that a folder of Flee's and a scenario made from it go one way to the engine,
through `corridor.ensemble.flee.step_setup`, and draw the same random numbers. Places keep the order of
places.csv, because Flee's law depends on it. Day 0 of a scenario is the evening before Flee's first day:
Flee's day t is day t + 1 here, on the same date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corridor.engine.arrays import Record
from corridor.engine.step_arrays import StepSetup
from corridor.engine.step_events import REDIRECT_OFF, REDIRECT_ON, SET_CAPACITY
from corridor.engine.stepwise import simulate_steps
from corridor.ensemble.compile import event_ordinal, legs_by_way, legs_of, legs_of_event
from corridor.ensemble.flee import Event as StepEvent
from corridor.ensemble.flee import first_day_short, step_setup
from corridor.ensemble.flee_cohorts import tell_cohorts_apart
from corridor.ensemble.flee_kept import record_of
from corridor.ensemble.flee_matching import matching_arrays
from corridor.ensemble.flee_rules import (
    flee_settings,
    flood_table,
    food_table,
    number_of,
    place_changes,
    speed_of,
)
from corridor.ensemble.flee_told_apart import told_apart
from corridor.ensemble.sample import resolve
from corridor.formats.flee import (
    ConflictSwitch,
    DataTable,
    FleeClosure,
    FleeInstance,
    FleePlace,
    FleeRoute,
    FloodTable,
)
from corridor.problems import InputError, Problem
from corridor.scenario.flee_weights import numbers_of, too_far_out
from corridor.scenario.model import (
    SITE_OPENS_AS,
    Event,
    EventKind,
    Place,
    PlaceKind,
    Scenario,
    Storyline,
    Value,
)

#: Kinds where people on their way do not stop while there is time left, if they avoid short stints.
TOWN_KINDS = frozenset({PlaceKind.TOWN, PlaceKind.NEIGHBOURHOOD, PlaceKind.HOST_COMMUNITY})
#: Kinds that everybody leaves as soon as they decide; a junction costs no awareness and is no destination.
PASSING_KINDS = frozenset({PlaceKind.SCREENING_SITE, PlaceKind.BORDER_CROSSING, PlaceKind.JUNCTION})
_MOST_PEOPLE = 2.0e9  # of a place, so that stocks fit 32 bits

_Values = Mapping[str, float]


class FleeCompiler:
    """Turns (storyline, values of the priors) into a `StepSetup`, and simulates; made once per scenario."""

    def __init__(self, scenario: Scenario) -> None:
        assert scenario.rules.flee is not None
        self.scenario, self.rules = scenario, scenario.rules.flee
        self.legs = legs_of(scenario)
        by_name = {place.name: place for place in scenario.places}
        self.places = [by_name.get(name) or _empty_place(name) for name in scenario.numbered_places]
        self.index = {place.name: row for row, place in enumerate(self.places)}
        order = sorted(range(len(self.legs)), key=lambda row: (self.index[self.legs[row].start], row))
        self.leg_row = np.empty(len(order), np.int64)  # [legs of the results] -> row of the engine
        self.leg_row[order] = np.arange(len(order))
        #: [places of the results, in file order] -> row of the engine
        self.place_row = np.array([self.index[place.name] for place in scenario.places], np.int64)
        self._is_site = np.array([place.is_site for place in self.places])
        self._shares = _shares(scenario, self.places)
        self._told_apart = told_apart(scenario, self.places, self._shares)

    def simulate(self, storyline: Storyline, values: _Values, *, seed: int, member: int) -> Record:
        """Simulate one member; see `corridor.engine.arrays.Record`, places and legs in the engine's order.

        Raises
        ------
        InputError
            If people should leave home on a day and nobody could (`nobody-left`), or more do than can be
            counted (`too-many-people`).
        """
        setup = self.setup(storyline, values)
        kept = simulate_steps(setup, n_days=self.scenario.n_days, seed=seed, member=member, in_detail=True)
        day = first_day_short(setup, kept.created)
        if day is not None:
            raise InputError([self._nobody_left(storyline, day, int(setup.given[day]))])
        if kept.created[-1] > _MOST_PEOPLE:
            raise InputError([_too_many(storyline, int(kept.created[-1]))])
        closed = self._closed_on_day_0(self._dated_events(storyline, values))
        return record_of(setup, kept, is_site=self._is_site, closed=closed, shares=self._shares)

    def _nobody_left(self, storyline: Storyline, day: int, people: int) -> Problem:
        """Return the problem of a day of Flee's on which people should leave home and nobody could."""
        shrinks, hungry = self.rules.population_shrinks, self.rules.hunger_displaces_in_peace
        where = "at any place" if self.rules.hunger_displaces and hungry else "where there is fighting"
        message = (
            f"on {self.scenario.issue_date + dt.timedelta(days=day + 1)} {people} "
            f"{'person' if people == 1 else 'people'} should leave home in the storyline '{storyline.name}', "
            f"but nobody {'is left' if shrinks else 'lives'} {where}"
        )
        hint = "check the fighting in timeline.csv and the populations"
        hint += "; or set population_shrinks: false" if shrinks else ""
        return Problem("nobody-left", "displaced_per_day.csv", 0, 0, message, hint)

    # --- what a member is told ------------------------------------------------------------------------
    def setup(self, storyline: Storyline, values: _Values) -> StepSetup:
        """Return what a member of this storyline with these values of the priors is told.

        Values are brought into the range the law needs: numbers of people are whole and at least 0, chances
        at most 1.
        """
        dated = self._dated_events(storyline, values)
        fighting, switches = self._fighting(dated, values)
        capacity, changes = self._capacities(dated, values)
        floods = flood_table(self.scenario, self.rules, self.index, dated, values)
        instance = self._instance(values, fighting, switches, self._closures(dated), floods)
        instance = replace(instance, place_changes=place_changes(self.rules, self.index, dated, values))
        self._check_weights(storyline, values)
        setup, leg_row = step_setup(instance, self._table(instance, capacity, values))
        assert (leg_row == self.leg_row).all()
        starts, listed = [start for start, _ in fighting], self._listed(values)
        setup = _with_events(setup, [*changes, *self._redirections(dated)])._replace(
            **self._groups(values),
            **matching_arrays(self.scenario, self.index, self._told_apart.group, values),
            listed=listed,
            population=_less_listed(setup, listed),
            leg_redirects=self._redirected_legs(dated),
            stay_chance=self._stay_chances(values),
            conflict_start=np.array(starts, np.int64),
            base_score=np.array([self._attraction(place, values) for place in self.places], np.float64),
            arrives_on_equal=self.rules.exact_day_is_enough,
            stores_today=not self.rules.fixed_routes_as_run,
        )
        return tell_cohorts_apart(setup)

    def _check_weights(self, storyline: Storyline, values: _Values) -> None:
        """Refuse values drawn from priors without bounds with which a weight is larger than any number."""
        if not self.scenario.priors:
            return  # checked when it was read
        events = [event for event in self.scenario.events if event.storyline in ("", storyline.name)]
        numbers = numbers_of(
            self.rules,
            self.scenario.groups,
            self.places,
            self.scenario.routes,
            events,
            lambda value: (resolve(value, values),) * 2,
        )
        if found := too_far_out(numbers):
            drawn = resolve(getattr(self.rules, found[0], 1.0) or 0.0, values)
            message = (
                f"in one of the futures {found[0]} is {drawn:g}: a weight would be up to 10^{found[1]:.0f}"
            )
            hint = "give the prior bounds: low and high"
            raise InputError([Problem("weight-too-large", "scenario.yaml", 0, 0, message, hint)])

    def _groups(self, values: _Values) -> dict[str, Any]:
        """Return the groups as the engine takes them: shares by place, and the rules of each."""
        aware = [group.flood_awareness for group in self.scenario.groups]
        powers = [group.destination_power for group in self.scenario.groups]
        groups, rows = self._told_apart, self._told_apart.group
        power = np.array([1.0 if p is None else max(0.0, resolve(p, values)) for p in powers])
        awareness = np.array([1.0 if a is None else max(0.0, resolve(a, values)) for a in aware])
        return {
            "group_weight": groups.weight,
            "score_power": power[rows],
            "awareness_of_group": awareness[rows],
            "group_home": groups.home,
            "group_farms": groups.farms,
            "kept_row": rows if groups.home.size else rows[:0],
        }

    def _listed(self, values: _Values) -> NDArray[np.int64]:
        """Return (place, group, people) of those who have left home already, in the order of groups.csv."""
        rows = [
            (self.index[row.place], self._told_apart.of_listed[row.place, row.group], people)
            for row in self.scenario.groups_at_places
            if row.people is not None and (people := _people(row.people, values)) > 0
        ]
        return np.array(rows, np.int64).reshape(-1, 3)

    def _dated_events(self, storyline: Storyline, values: _Values) -> list[tuple[int, Event]]:
        """Return the events of a storyline with their day as Flee counts, in order; -1 is the issue date."""
        first_day = self.scenario.issue_date.toordinal() + 1
        events = [event for event in self.scenario.events if event.storyline in ("", storyline.name)]
        dated = [(event_ordinal(event, values) - first_day, event) for event in events]
        return sorted(dated, key=lambda pair: pair[0])

    def _fighting(
        self, dated: Sequence[tuple[int, Event]], values: _Values
    ) -> tuple[list[tuple[int, float]], list[ConflictSwitch]]:
        """Return (since when, intensity) by place before Flee's first day, and the switches from then on.

        Fighting begins on the day of its event and keeps its intensity; an end where there is none is none.
        """
        before = [(-1, 0.0)] * len(self.places)
        now, switches = [0.0] * len(self.places), list[ConflictSwitch]()
        for day, event in dated:
            if event.kind is not EventKind.FIGHTING:
                continue
            place, intensity = self.index[event.place], max(0.0, resolve(event.value, values))
            is_on = intensity > 0.0
            if day < 0:
                before[place] = (day, intensity)
            elif is_on or now[place] > 0.0:
                switches.append(ConflictSwitch(day, place, is_on, intensity if is_on else -1.0))
            now[place] = intensity
        return before, switches

    def _capacities(
        self, dated: Sequence[tuple[int, Event]], values: _Values
    ) -> tuple[list[int], list[StepEvent]]:
        """Return the capacity of each place before Flee's first day, -1 = none, and its changes."""
        before = [_first_capacity(place, values) for place in self.places]
        changes = list[StepEvent]()
        for day, event in dated:
            if event.kind is EventKind.CAPACITY:
                place, capacity = self.index[event.place], _capacity(event.value, values)
                if day < 0:
                    before[place] = capacity
                else:
                    changes.append((day, SET_CAPACITY, place, float(capacity)))
        return before, changes

    def _closures(self, dated: Sequence[tuple[int, Event]]) -> list[FleeClosure]:
        """Return every opening and closing, each as a closure that only begins or only ends."""
        found = list[FleeClosure]()
        for row, place in enumerate(self.places):
            found += [_site_closure(place, row, *turn) for turn in self._turns(place.opens, place.closes)]
        for row, leg in enumerate(self.legs):
            route = self.scenario.routes[leg.route]
            found += [_road_closure((row,), *turn) for turn in self._turns(route.opens, route.closes)]
        legs_on = legs_by_way(self.legs)
        for day, event in dated:
            is_opening = event.value != 0.0
            if event.kind is EventKind.SITE:
                site, kind = self.index[event.place], SITE_OPENS_AS.get(number_of(event))
                found.append(_site_closure(self.places[site], site, max(0, day), is_opening, kind))
            elif event.kind in (EventKind.ROUTE, EventKind.ROUTE_ONE_WAY):
                legs = tuple(legs_of_event(event, legs_on))
                found.append(_road_closure(legs, max(0, day), is_opening))
        return found

    def _redirections(self, dated: Sequence[tuple[int, Event]]) -> list[StepEvent]:
        """Return from when on everybody at a place takes a road, and from when on no longer."""
        legs_on = legs_by_way(self.legs)
        return [
            (max(0, day), REDIRECT_ON if event.value else REDIRECT_OFF, int(self.leg_row[leg]), 0.0)
            for day, event in dated
            if event.kind is EventKind.FORCED_ROUTE
            for leg in legs_on.get((event.place, event.to), [])
        ]

    def _redirected_legs(self, dated: Sequence[tuple[int, Event]]) -> NDArray[np.bool_]:
        """Return [legs] whether everybody at its start must take it on day 0; no legs if it is never so."""
        flags = np.zeros(len(self.legs), np.bool_)
        for row, leg in zip(self.leg_row, self.legs, strict=True):
            flags[row] = self.scenario.routes[leg.route].forced_to == leg.end
        may_be = flags.any() or any(event.kind is EventKind.FORCED_ROUTE for _, event in dated)
        return flags if may_be else flags[:0]

    def _stay_chances(self, values: _Values) -> NDArray[np.float64]:
        """Return [places] the chance a day of staying for good; no places if nobody ever does."""
        chances = [place.stay_chance for place in self.places]
        if all(chance is None for chance in chances):
            return np.zeros(0)
        return np.array([min(1.0, max(0.0, resolve(chance or 0.0, values))) for chance in chances])

    def _turns(self, opens: dt.date | None, closes: dt.date | None) -> list[tuple[int, bool]]:
        """Return the days, as Flee counts, on which a thing with these dates opens or closes."""
        first, turns = self.scenario.issue_date + dt.timedelta(days=1), list[tuple[int, bool]]()
        if opens is not None and opens >= first:
            turns += [(0, False), ((opens - first).days, True)]
        if closes is not None:
            turns.append((max(0, (closes - first).days), False))
        return turns

    # --- the instance -----------------------------------------------------------------------------------
    def _instance(
        self,
        values: _Values,
        fighting: Sequence[tuple[int, float]],
        switches: Sequence[ConflictSwitch],
        closures: Sequence[FleeClosure],
        floods: FloodTable | None,
    ) -> FleeInstance:
        n_days = self.scenario.n_days
        return FleeInstance(
            input_csv="",
            source_data="",
            settings_file="",
            law="as-run" if self.rules.floods_as_run else "as-meant",
            settings=flee_settings(self.scenario, self.rules, values),
            start_date=self.scenario.issue_date + dt.timedelta(days=1),
            n_days=n_days,
            home_country=self.rules.home_country,
            places=tuple(
                self._place(place, intensity, values)
                for place, (_, intensity) in zip(self.places, fighting, strict=True)
            ),
            routes=tuple(self._route(row, values) for row in range(len(self.legs))),
            closures=tuple(closures),
            switches=tuple(switches),
            conflict_columns=(),
            conflict_intensity=np.zeros((n_days, 0)),
            place_changes=(),
            demographics=(),
            food=food_table(self.scenario, self.places, values),
            flood=floods,
            people=(),
            major_routes=tuple(
                tuple(self.index[name] for name in chain) for chain in self.rules.major_routes
            ),
            series=(),
            sites=tuple(row for row, place in enumerate(self.places) if place.is_site or place.displaced),
            warnings=(),
        )

    def _place(self, place: Place, fighting: float, values: _Values) -> FleePlace:
        chances = {
            PlaceKind.CAMP: self.rules.camp_move_chance,
            PlaceKind.EMERGENCY_SITE: self.rules.emergency_site_move_chance,
            **dict.fromkeys(PASSING_KINDS, 1.0),
        }
        general = chances.get(place.kind, self.rules.town_move_chance)
        chance = self.rules.fighting_move_chance if fighting > 0.0 else general
        if place.move_chance is not None and fighting == 0.0:
            chance = place.move_chance
        per_day = 0.0 if place.capacity_per_day is None else resolve(place.capacity_per_day, values)
        return FleePlace(
            name=place.name,
            region=place.admin,
            country=place.country,
            x=place.lat,  # Flee takes the first number, the latitude, for the longitude
            y=place.lon,
            kind=place.kind.value,
            is_camp=place.is_site,
            is_idp_camp=place.kind is PlaceKind.EMERGENCY_SITE,
            is_town=(place.kind in TOWN_KINDS or place.no_short_stops) and fighting == 0.0,
            is_marker=place.kind is PlaceKind.JUNCTION,
            is_forward=False,
            is_flood_zone=place.flood_zone,
            is_conflict_type=fighting > 0.0,
            conflict_intensity=fighting,
            population=_people((place.residents or 0.0) if place.is_site else place.population, values),
            capacity=-1,  # the table has it
            move_chance=min(1.0, max(0.0, resolve(chance, values))),
            is_foreign=place.country != self.rules.home_country,
            capacity_per_day=int(max(0.0, per_day)),
        )

    def _attraction(self, place: Place, values: _Values) -> float:
        own = 1.0 if place.attraction is None else max(0.0, resolve(place.attraction, values))
        is_abroad = place.country != self.rules.home_country
        return own * max(0.0, resolve(self.rules.abroad_attraction, values)) if is_abroad else own

    def _route(self, row: int, values: _Values) -> FleeRoute:
        leg = self.legs[row]
        route = self.scenario.routes[leg.route]
        speed = None if route.km_per_day is None else speed_of(route.km_per_day, values)
        on_foot = None if route.walk_chance is None else resolve(route.walk_chance, values)
        return FleeRoute(
            self.index[leg.start],
            self.index[leg.end],
            leg.length_km,
            max_move_speed=speed,
            walk_probability=None if on_foot is None else min(1.0, max(0.0, on_foot)),
        )

    def _table(self, instance: FleeInstance, capacity: Sequence[int], values: _Values) -> DataTable:
        """Return what the engine is told of counts: how many leave, who is there, and capacities."""
        first = self.scenario.issue_date + dt.timedelta(days=1)
        arrivals = np.zeros(instance.n_days, np.int64)
        for row in self.scenario.displaced_per_day:
            day = (row.date - first).days
            if 0 <= day < arrivals.size:
                arrivals[day] += row.people
        sites = [self.places[site] for site in instance.sites]
        none, by_site = np.zeros(0, np.int64), np.zeros((0, len(sites)), np.int64)
        return DataTable(
            site_names=tuple(site.name for site in sites),
            series_names=(),
            observed=by_site,
            by_series=by_site,
            total=none,
            raw=none,
            arrivals=arrivals,
            debt=none,
            people_created=none,
            day0_people=np.array([_people(_there(site), values) for site in sites], np.int64),
            capacity=np.array(capacity, np.int64),
        )

    def _closed_on_day_0(self, dated: Sequence[tuple[int, Event]]) -> list[int]:
        """Return the sites that are closed on the issue date: by their own dates, or by events up to then."""
        issue = self.scenario.issue_date
        closed = {
            row: (place.opens is not None and place.opens > issue)
            or (place.closes is not None and place.closes <= issue)
            for row, place in enumerate(self.places)
            if place.is_site
        }
        for day, event in dated:
            if event.kind is EventKind.SITE and day < 0:
                closed[self.index[event.place]] = event.value == 0.0
        return [row for row, is_closed in closed.items() if is_closed]


def _too_many(storyline: Storyline, people: int) -> Problem:
    """Return the problem of more people than fit the stocks of a forecast."""
    message = f"in the storyline '{storyline.name}' {people:.3g} people are displaced in all"
    hint = "check how many leave home a day, and the populations of sites"
    return Problem("too-many-people", "", 0, 0, f"{message}; at most {_MOST_PEOPLE:.0e} can be counted", hint)


def _shares(scenario: Scenario, places: Sequence[Place]) -> NDArray[np.float64]:
    """Return [places, groups] the share of each group in the people of a place."""
    rows = scenario.groups_at_places
    own = {(row.place, row.group): row.share for row in rows if row.share is not None}
    return np.array(
        [
            [own.get((place.name, group.name), group.share or 0.0) for group in scenario.groups]
            for place in places
        ]
    )


def _less_listed(setup: StepSetup, listed: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return [places] who can still leave: those who have left already are taken from them if any are."""
    if not setup.takes_from_population:
        return setup.population
    gone = np.bincount(listed[:, 0], weights=listed[:, 2], minlength=setup.population.size)
    return np.maximum(0.0, setup.population - gone)


def _with_events(setup: StepSetup, events: Sequence[StepEvent]) -> StepSetup:
    """Return a setup with more events, each after those of its day."""
    if not events:
        return setup
    days, kinds, targets, values = (np.array(column) for column in zip(*events, strict=True))
    order = np.argsort(np.concatenate([setup.event_day, days]), kind="stable")
    return setup._replace(
        event_day=np.concatenate([setup.event_day, days])[order],
        event_kind=np.concatenate([setup.event_kind, kinds])[order],
        event_target=np.concatenate([setup.event_target, targets])[order],
        event_value=np.concatenate([setup.event_value, values])[order],
    )


def _there(place: Place) -> Value:
    """Return how many displaced people are at a place on the issue date."""
    return place.population if place.is_site else place.displaced or 0.0


def _site_closure(
    place: Place, row: int, day: int, is_opening: bool, opens_as: PlaceKind | None = None
) -> FleeClosure:
    kind = "idpcamp" if (opens_as or place.kind) is PlaceKind.EMERGENCY_SITE else "camp"
    return FleeClosure(kind, place.name, "", -1 if is_opening else day, day if is_opening else -1, (), row)


def _road_closure(legs: tuple[int, ...], day: int, is_opening: bool) -> FleeClosure:
    return FleeClosure("location", "", "", -1 if is_opening else day, day if is_opening else -1, legs)


def _people(value: Value, values: _Values) -> int:
    return int(min(_MOST_PEOPLE, max(0.0, resolve(value, values))) + 0.5)


def _first_capacity(place: Place, values: _Values) -> int:
    """Return the capacity before Flee's first day; one that grows may be below 1, and is no limit then."""
    if place.capacity is None or place.capacity_per_day is None:
        return _capacity(place.capacity, values)
    return int(min(_MOST_PEOPLE, max(-_MOST_PEOPLE, resolve(place.capacity, values))))


def _capacity(value: Value | None, values: _Values) -> int:
    """Return a capacity as the engine takes it: -1 without a limit, else 1 at least."""
    return -1 if value is None else int(min(_MOST_PEOPLE, max(1.0, resolve(value, values))))


def _empty_place(name: str) -> Place:
    """Return what stands at the number of a place that a what-if removed: no road leads to it."""
    return Place(name=name, lat=0.0, lon=0.0, kind=PlaceKind.JUNCTION, country="")
