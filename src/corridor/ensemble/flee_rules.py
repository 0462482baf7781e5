"""The rules and tables of a scenario under the law flee as Flee's settings and tables, for one member.

Values of priors are brought into the range the law needs. `corridor.ensemble.flee_scenario` puts the pieces
together; docs/scenario.md says what each rule is called in Flee.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence

import numpy as np

from corridor.ensemble.sample import resolve
from corridor.formats.flee import FloodTable, FoodTable, PlaceChange
from corridor.formats.flee.settings import (
    ConflictSpawning,
    FleeSettings,
    FloodRules,
    FloodSpawning,
    MoveRules,
    SpawnRules,
)
from corridor.scenario.check_law import FASTEST_KM_PER_DAY
from corridor.scenario.model import (
    BECOMES_SITE,
    PLACE_KIND_VALUES,
    Event,
    EventKind,
    FleeRules,
    Place,
    Scenario,
    Value,
)

_SPAWN_MODES = {"constant": "constant", "share": "pop_ratio", "poisson": "poisson"}

_Values = Mapping[str, float]
_Dated = Sequence[tuple[int, Event]]  # with the day as Flee counts


def flee_settings(scenario: Scenario, rules: FleeRules, values: _Values) -> FleeSettings:
    """Return the rules as Flee's settings."""

    def number(value: Value, least: float = 0.0, most: float = math.inf) -> float:
        return min(most, max(least, resolve(value, values)))

    spawning = None
    flood_spawning, flood_rules = _floods_of(scenario, rules)
    if rules.departures != "given" and flood_spawning is None:
        per_day = number(rules.displaced_per_day or 0.0)
        spawning = ConflictSpawning(_SPAWN_MODES[rules.departures], per_day)
    spawn = SpawnRules(
        take_from_population=rules.population_shrinks,
        starvation_driven_spawning=rules.hunger_displaces,
        conflict_zone_spawning_only=not rules.hunger_displaces_in_peace and flood_spawning is None,
        flood_zone_spawning_only=flood_spawning is not None,
        flood_driven_spawn_mode=flood_spawning,
        conflict_spawn_decay=rules.fighting_decay,
        conflict_spawn_decay_interval=number(rules.fighting_decay_days, least=1e-3),
        conflict_driven_spawning=spawning,
    )
    move = MoveRules(
        max_move_speed=speed_of(rules.ride_km_per_day, values),
        max_walk_speed=speed_of(rules.walk_km_per_day, values),
        camp_weight=number(rules.site_attraction),
        conflict_weight=number(rules.fighting_attraction),
        conflict_movechance=number(rules.fighting_move_chance, most=1.0),
        camp_movechance=number(rules.camp_move_chance, most=1.0),
        idpcamp_movechance=number(rules.emergency_site_move_chance, most=1.0),
        default_movechance=number(rules.town_move_chance, most=1.0),
        awareness_level=rules.awareness_roads,
        capacity_buffer=number(rules.capacity_buffer, most=1.0),
        capacity_scaling=number(rules.capacity_scaling, least=1e-9),
        avoid_short_stints=rules.avoid_short_stints,
        start_on_foot=rules.first_leg_on_foot,
        flee_when_starving=rules.hunger_moves_on,
        avoid_food_deprived_locations=rules.hunger_repels,
        flood_rules=flood_rules,
        fixed_routes=rules.fixed_routes,
        harvest_months=tuple(float(month) for month in rules.harvest_months),
        softening=number(rules.softening_km),
        weight_softening=number(rules.attraction_softening),
        weight_power=resolve(rules.attraction_power, values),
        distance_power=resolve(rules.distance_power, values),
        pruning_threshold=number(rules.pruning),
        stay_close_to_home=rules.nearness_power != 0.0,
        home_distance_power=resolve(rules.nearness_power, values),
        use_pop_for_loc_weight=rules.population_power != 0.0,
        pop_power_for_loc_weight=resolve(rules.population_power, values),
        movechance_pop_base=number(rules.size_base_people, least=1e-9),
        movechance_pop_scale_factor=resolve(rules.size_power, values),
    )
    return FleeSettings(spawn=spawn, move=move)


def _floods_of(scenario: Scenario, rules: FleeRules) -> tuple[FloodSpawning | None, FloodRules | None]:
    """Return the numbers for floods as Flee's settings have them, None where there are none."""
    if not rules.flood_displaced_per_day:
        return None, None
    ahead, first = rules.flood_forecast_days, scenario.issue_date + dt.timedelta(days=1)
    until = rules.flood_forecast_until
    return FloodSpawning(_SPAWN_MODES[rules.departures], rules.flood_displaced_per_day), FloodRules(
        flood_movechances=rules.flood_move_chance,
        flood_loc_weights=rules.flood_attraction,
        flood_forecaster=ahead > 0,
        flood_forecaster_timescale=ahead,
        flood_forecaster_end_time=scenario.n_days - 1 + ahead if until is None else (until - first).days,
        flood_forecaster_weights=rules.flood_forecast_weights,
    )


def place_changes(
    rules: FleeRules, index: Mapping[str, int], dated: _Dated, values: _Values
) -> tuple[PlaceChange, ...]:
    """Return what places become, and when."""
    words = {value: word for word, value in PLACE_KIND_VALUES.items()}
    stated = rules.place_kind_fighting
    intensity = 1.0 if stated is None else max(0.0, resolve(stated, values))
    chances = {
        "town": rules.town_move_chance,
        "flood_zone": rules.town_move_chance,
        "camp": rules.camp_move_chance,
        "emergency_site": rules.emergency_site_move_chance,
        "fighting": rules.fighting_move_chance,
    }
    return tuple(
        PlaceChange(
            day=max(0, day),
            place=index[event.place],
            kind=(word := words[number_of(event)]),
            is_camp=event.value in BECOMES_SITE,
            is_idp_camp=word == "emergency_site",
            is_town=word == "town",
            is_marker=word == "junction",
            is_forward=word == "screening_site",
            is_flood_zone=word == "flood_zone",
            is_conflict=word == "fighting",
            conflict_intensity=intensity if word == "fighting" else -1.0,
            move_chance=min(1.0, max(0.0, resolve(chances.get(word, 1.0), values))),
        )
        for day, event in dated
        if event.kind is EventKind.PLACE_KIND
    )


def food_table(scenario: Scenario, places: Sequence[Place], values: _Values) -> FoodTable | None:
    """Return the hunger of all areas by day, as Flee counts; an area without rows has none."""
    first = scenario.issue_date + dt.timedelta(days=1)
    rows: dict[str, dict[int, float]] = {}
    for row in scenario.hunger:
        percent = min(100.0, max(0.0, resolve(row.percent, values)))
        rows.setdefault(row.admin, {})[(row.date - first).days] = percent
    if not rows:
        return None
    days = np.array(sorted({day for by_day in rows.values() for day in by_day}), np.int64)
    areas = tuple(dict.fromkeys([*rows, *(place.admin for place in places)]))
    percents = np.zeros((days.size, len(areas)))
    for column, by_day in enumerate(rows.values()):
        known = sorted(by_day)
        percents[:, column] = np.interp(days, known, [by_day[day] for day in known])
    return FoodTable(areas, days, percents)


def flood_table(
    scenario: Scenario, rules: FleeRules, index: Mapping[str, int], dated: _Dated, values: _Values
) -> FloodTable | None:
    """Return the flood level of every place by day, as Flee counts, as far as floods are forecast."""
    if not rules.flood_displaced_per_day:
        return None
    lists = (rules.flood_displaced_per_day, rules.flood_move_chance, rules.flood_attraction)
    highest = min(len(numbers) for numbers in lists) - 1
    levels = np.zeros((scenario.n_days + rules.flood_forecast_days, len(index)))
    for day, event in dated:
        if event.kind is EventKind.FLOOD:
            level = min(highest, max(0.0, resolve(event.value, values)))
            levels[max(0, day) :, index[event.place]] = level
    return FloodTable(tuple(range(len(index))), levels.astype(np.int64), levels)


def speed_of(value: Value, values: _Values) -> float:
    """Return a speed in km a day that the engine can go."""
    return min(FASTEST_KM_PER_DAY, max(0.0, resolve(value, values)))


def number_of(event: Event) -> float:
    """Return the value of an event whose value is a word."""
    assert not isinstance(event.value, str)
    return event.value
