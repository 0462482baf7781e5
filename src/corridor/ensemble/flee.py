"""A Flee instance as the engine takes it, and many futures of it in parallel.

`step_setup` turns names and files into arrays; `run_flee` simulates replicates, each a function of (instance,
seed, replicate) alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corridor.engine import stepwise as law
from corridor.engine.stepwise import StepSetup, simulate_steps
from corridor.ensemble.run import Progress, run_in_parallel
from corridor.formats.flee import DataTable, FleeInstance, data_table

_LEAVING = {"constant": law.CONSTANT, "pop_ratio": law.POPULATION_SHARE, "poisson": law.POISSON}
Event = tuple[int, int, int, float]


@dataclass(frozen=True)
class FleeRuns:
    """Replicates of an instance. Days as in Flee's table: day 0 is the state after the first step."""

    instance: FleeInstance
    table: DataTable
    simulated: NDArray[np.int64]  # [replicates, days, sites] people standing in each site
    created: NDArray[np.int64]  # [replicates, days] people who ever set out, day 0 included
    entered: NDArray[np.int64]  # [replicates, days, legs] people who entered a leg that day


def run_flee(
    instance: FleeInstance,
    *,
    replicates: int = 1,
    seed: int,
    workers: int | None = None,
    progress: Progress | None = None,
) -> FleeRuns:
    """Simulate replicates of an instance.

    Parameters
    ----------
    instance : FleeInstance
        From `corridor.formats.flee.read_flee_instance`.
    replicates : int
        Number of futures, >= 1.
    seed : int
        Names all random numbers; the same seed gives the same numbers whatever the number of workers.
    workers : int, optional
        Threads; all cores if not given.
    progress : callable, optional
        Called with (replicates done, replicates).
    """
    table = data_table(instance)
    setup, leg_row = step_setup(instance, table)
    sites = np.array(instance.sites, np.int64)
    simulated = np.zeros((replicates, instance.n_days, sites.size), np.int64)
    created = np.zeros((replicates, instance.n_days), np.int64)
    entered = np.zeros((replicates, instance.n_days, leg_row.size), np.int64)

    def simulate(replicate: int) -> None:
        kept = simulate_steps(setup, n_days=instance.n_days, seed=seed, member=replicate)
        simulated[replicate] = kept.standing[:, sites]
        created[replicate] = kept.created
        entered[replicate] = kept.flows[:, leg_row]

    run_in_parallel(simulate, replicates, workers, progress)
    return FleeRuns(instance, table, simulated, created, entered)


def step_setup(instance: FleeInstance, table: DataTable) -> tuple[StepSetup, NDArray[np.int64]]:
    """Return an instance as the engine takes it, and the engine's row of each directed route of the instance."""
    settings, places = instance.settings, instance.places
    starts = [route.start for route in instance.routes]
    order = sorted(range(len(starts)), key=lambda row: (starts[row], row))
    leg_row = np.empty(len(order), np.int64)
    leg_row[order] = np.arange(len(order))
    inserted = np.zeros(len(places), np.int64)
    inserted[list(instance.sites)] = table.day0_people
    spawning = settings.spawn.conflict_driven_spawning
    decay = settings.spawn.conflict_spawn_decay or (1.0,)
    setup = StepSetup(
        **_place_arrays(instance, table),
        inserted=inserted,
        **_leg_arrays(instance, order),
        **_event_arrays(instance, leg_row),
        leaving=_LEAVING[spawning.spawn_mode] if spawning else law.GIVEN,
        given=table.arrivals.astype(np.int64),
        displaced_per_day=float(spawning.displaced_per_conflict_day) if spawning else 0.0,
        **_group_arrays(instance),
        **_rule_numbers(instance),
        decay=np.array(decay, np.float64),
        decay_days=float(settings.spawn.conflict_spawn_decay_interval),
        arrives_on_equal=instance.law == "as-meant",
    )
    return setup, leg_row


def _place_arrays(instance: FleeInstance, table: DataTable) -> dict[str, Any]:
    places, move = instance.places, instance.settings.move
    size = [
        max(place.population, int(capacity)) for place, capacity in zip(places, table.capacity, strict=True)
    ]
    return {
        "population": np.array([place.population for place in places], np.float64),
        "capacity": table.capacity.astype(np.int64),
        "capacity_per_day": np.array([place.capacity_per_day for place in places], np.int64),
        "is_camp": np.array([place.is_camp for place in places], np.bool_),
        "is_town": np.array([place.is_town for place in places], np.bool_),
        "is_marker": np.array([place.is_marker for place in places], np.bool_),
        "is_foreign": np.array([place.is_foreign for place in places], np.bool_),
        "move_chance": np.array([place.move_chance for place in places], np.float64),
        "intensity": np.array([place.conflict_intensity for place in places], np.float64),
        "conflict_start": np.full(len(places), -1, np.int64),
        "chance_factor": np.array([_size_factor(n, move) for n in size], np.float64),
    }


def _size_factor(people: int, move: Any) -> float:
    if move.movechance_pop_scale_factor == 0.0:
        return 1.0
    return float((max(people, 0) / move.movechance_pop_base) ** move.movechance_pop_scale_factor)


def _leg_arrays(instance: FleeInstance, order: Sequence[int]) -> dict[str, Any]:
    routes = [instance.routes[row] for row in order]
    starts = np.array([route.start for route in routes], np.int64)
    return {
        "leg_start": starts,
        "leg_end": np.array([route.end for route in routes], np.int64),
        "leg_metres": np.array([_metres(route.length_km) for route in routes], np.int64),
        "leg_speed": np.array([_metres(route.max_move_speed or 0.0) for route in routes], np.int64),
        "leg_walk_chance": np.array([route.walk_probability or 0.0 for route in routes], np.float64),
        "out_first": np.searchsorted(starts, np.arange(len(instance.places) + 1)).astype(np.int64),
    }


def _metres(km: float) -> int:
    return math.floor(km * 1000.0 + 0.5)


def _event_arrays(instance: FleeInstance, leg_row: NDArray[np.int64]) -> dict[str, Any]:
    events: list[Event] = []
    for change in instance.place_changes:
        events += _changes_of_place(change)
    for switch in instance.switches:
        kind = law.CONFLICT_ON if switch.is_on else law.CONFLICT_OFF
        events.append((switch.day, kind, switch.place, max(0.0, switch.intensity)))
    for closure in instance.closures:
        for day, is_closing in ((closure.start_day, True), (closure.end_day, False)):
            if 0 <= day < instance.n_days:
                events += _closing_events(closure, day, is_closing, leg_row)
    events.sort(key=lambda event: event[0])
    columns = tuple(zip(*events, strict=True)) if events else ((), (), (), ())
    return {
        "event_day": np.array(columns[0], np.int64),
        "event_kind": np.array(columns[1], np.int64),
        "event_target": np.array(columns[2], np.int64),
        "event_value": np.array(columns[3], np.float64),
    }


def _changes_of_place(change: Any) -> list[Event]:
    values = (
        (law.SET_CAMP, change.is_camp),
        (law.SET_TOWN, change.is_town),
        (law.SET_MARKER, change.is_marker),
        (law.SET_INTENSITY, change.conflict_intensity if change.is_conflict else 0.0),
        (law.SET_MOVE_CHANCE, change.move_chance),
    )
    return [(change.day, kind, change.place, float(value)) for kind, value in values]


def _closing_events(closure: Any, day: int, is_closing: bool, leg_row: NDArray[np.int64]) -> list[Event]:
    if closure.kind in ("camp", "idpcamp"):
        opening = law.OPEN_CAMP if closure.kind == "camp" else law.OPEN_IDP_CAMP
        return [(day, law.CLOSE_CAMP if is_closing else opening, closure.place, 0.0)]
    kind = law.CLOSE_LEG if is_closing else law.OPEN_LEG
    return [(day, kind, int(leg_row[route]), 0.0) for route in closure.routes]


def _group_arrays(instance: FleeInstance) -> dict[str, Any]:
    """Return one group for each combination of attribute values that changes how people choose, and its
    weights by place.
    """
    tables = [table for table in instance.demographics if table.attribute in _attributes_used(instance)]
    combinations = list(product(*(range(len(table.values)) for table in tables)))
    weights = np.ones((len(instance.places), len(combinations)))
    for row, place in enumerate(instance.places):
        for column, combination in enumerate(combinations):
            for table, value in zip(tables, combination, strict=True):
                weights[row, column] *= table.by_place.get(place.name, table.default)[value]
    powers = [
        _score_power(instance, {t.attribute: t.values[v] for t, v in zip(tables, combination, strict=True)})
        for combination in combinations
    ]
    return {"group_weight": weights, "score_power": np.array(powers, np.float64)}


def _attributes_used(instance: FleeInstance) -> set[str]:
    move = instance.settings.move
    used = set()
    if move.children_avoid_hazards or move.elderly_avoid_hazards:
        used.add("age")
    if move.women_avoid_hazards or (move.children_avoid_hazards and move.boys_take_risk):
        used.add("gender")
    return used


def _score_power(instance: FleeInstance, person: dict[str, str]) -> float:
    """Return the power to which people with these attributes take the score of a destination."""
    move = instance.settings.move
    power, applied = 1.0, False
    if move.children_avoid_hazards:
        if float(person["age"]) < 19:
            power, applied = 2.0, True
        if move.boys_take_risk and person["gender"] == "male" and float(person["age"]) > 14:
            power = 0.0
    if move.elderly_avoid_hazards and float(person["age"]) > 59:
        power *= 2.0
    if move.women_avoid_hazards and person["gender"] == "female" and not applied:
        power *= 2.0
    return power


def _rule_numbers(instance: FleeInstance) -> dict[str, Any]:
    move = instance.settings.move
    return {
        "metres_per_day": _metres(move.max_move_speed),
        "walk_metres_per_day": _metres(move.max_walk_speed),
        "camp_weight": move.camp_weight,
        "foreign_weight": move.foreign_weight,
        "conflict_weight": move.conflict_weight,
        "awareness": move.awareness_level,
        "capacity_buffer": move.capacity_buffer,
        "capacity_scaling": move.capacity_scaling,
        "avoid_short_stints": move.avoid_short_stints,
        "start_on_foot": move.start_on_foot,
        "softening_km": move.softening,
        "weight_softening": move.weight_softening,
        "weight_power": move.weight_power,
        "distance_power": move.distance_power,
        "pruning_threshold": move.pruning_threshold,
        "default_move_chance": move.default_movechance,
        "conflict_move_chance": move.conflict_movechance,
        "camp_move_chance": move.camp_movechance,
        "idp_camp_move_chance": move.idpcamp_movechance,
    }
