"""A Flee instance as the engine takes it, and many futures of it in parallel.

`step_setup` turns names and files into arrays; `run_flee` simulates replicates, each a function of (instance,
seed, replicate) alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corridor.engine.step_arrays import StepSetup, last_metres
from corridor.engine.step_events import (
    CLOSE_CAMP,
    CLOSE_LEG,
    CONFLICT_OFF,
    CONFLICT_ON,
    OPEN_CAMP,
    OPEN_IDP_CAMP,
    OPEN_LEG,
    REDIRECT_OFF,
    REDIRECT_ON,
    SET_CAMP,
    SET_INTENSITY,
    SET_MARKER,
    SET_MOVE_CHANCE,
    SET_TOWN,
)
from corridor.engine.step_leaving import CONSTANT, GIVEN, POISSON, POPULATION_SHARE
from corridor.engine.stepwise import simulate_steps
from corridor.ensemble.flee_cohorts import tell_cohorts_apart
from corridor.ensemble.flee_days import arrays_by_day, harvest_days
from corridor.ensemble.flee_support import check_supported
from corridor.ensemble.run import Progress, run_in_parallel
from corridor.formats.flee import DataTable, FleeClosure, FleeInstance, FleePlace, data_table
from corridor.formats.flee.departures import nobody_left
from corridor.formats.flee.groups import group_arrays
from corridor.formats.flee.matching import attributes_matched
from corridor.problems import InputError, Problem

_LEAVING = {"constant": CONSTANT, "pop_ratio": POPULATION_SHARE, "poisson": POISSON}
#: Who comes to a place goes on in so many turns, by the part of a day's distance they have moved.
WAVE_BINS = 16
#: Places that are looked at together: what the law looks up for so many fits a processor's own cache.
BLOCK_PLACES = 512
Event = tuple[int, int, int, float]


@dataclass(frozen=True)
class FleeRuns:
    """Replicates of an instance. Days as in Flee's table: day 0 is the state after the first step."""

    instance: FleeInstance
    table: DataTable
    simulated: NDArray[np.int64]  # [replicates, days, sites] people standing in each site
    created: NDArray[np.int64]  # [replicates, days] people who ever set out, day 0 included
    entered: NDArray[np.int64]  # [replicates, days, legs] people who entered a leg that day
    in_idp_camps: NDArray[
        np.int64
    ]  # [replicates, days] people standing in places that are IDP camps that day


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

    Raises
    ------
    InputError
        If an argument is out of range, a rule is needed that is not there yet (`flee-not-supported`), or
        people should leave home on a day and nobody could (`flee-no-departure`, `flee-population-short`).
    """
    _check_arguments(replicates, seed, workers)
    problems = check_supported(instance)
    if any(not problem.warning for problem in problems):
        raise InputError(problems)
    table = data_table(instance)
    setup, leg_row = step_setup(instance, table)
    sites = np.array(instance.sites, np.int64)
    simulated = np.zeros((replicates, instance.n_days, sites.size), np.int64)
    created = np.zeros((replicates, instance.n_days), np.int64)
    entered = np.zeros((replicates, instance.n_days, leg_row.size), np.int64)
    in_idp_camps = np.zeros((replicates, instance.n_days), np.int64)
    is_idp_camp = _idp_camps_by_day(instance)

    def simulate(replicate: int) -> None:
        kept = simulate_steps(setup, n_days=instance.n_days, seed=seed, member=replicate)
        simulated[replicate] = kept.standing[:, sites]
        created[replicate] = kept.created
        entered[replicate] = kept.flows[:, leg_row]
        in_idp_camps[replicate] = (kept.standing * is_idp_camp).sum(axis=1)

    run_in_parallel(simulate, replicates, workers, progress)
    _check_all_left(instance, setup, created)
    return FleeRuns(instance, table, simulated, created, entered, in_idp_camps)


def _check_all_left(instance: FleeInstance, setup: StepSetup, created: NDArray[np.int64]) -> None:
    """Check that all left home who should, in every replicate; the first that differs is told."""
    days = (first_day_short(setup, replicate) for replicate in created)
    day = next((day for day in days if day is not None), None)
    if day is not None:
        raise InputError([nobody_left(instance, day, int(setup.given[day]))])


def first_day_short(setup: StepSetup, created: NDArray[np.int64]) -> int | None:
    """Return the first day on which fewer people left home than were given, None if there is none.

    ``created`` is [days], everybody who ever entered.
    """
    if setup.leaving != GIVEN:
        return None
    there = int(setup.inserted.sum()) + int(setup.listed[:, 2].sum())
    short = np.flatnonzero(created != there + np.cumsum(setup.given))
    return int(short[0]) if short.size else None


def _check_arguments(replicates: int, seed: int, workers: int | None) -> None:
    problems = []
    if replicates < 1:
        problems.append(Problem("replicates", "", 0, 0, f"'{replicates}' replicates; at least 1 is needed"))
    if not 0 <= seed < 2**63:
        problems.append(Problem("seed", "", 0, 0, f"the seed is '{seed}'; it must be 0 to 2**63 - 1"))
    if workers is not None and workers < 1:
        problems.append(Problem("workers", "", 0, 0, f"'{workers}' workers; at least 1 is needed"))
    if problems:
        raise InputError(problems)


def _idp_camps_by_day(instance: FleeInstance) -> NDArray[np.bool_]:
    """Return [days, places] whether a place is an IDP camp at the end of a day."""
    changes = [(change.day, change.place, change.is_idp_camp) for change in instance.place_changes]
    for closure in instance.closures:
        if closure.kind in ("camp", "idpcamp"):
            changes.append((closure.start_day, closure.place, False))
        if closure.kind == "idpcamp":
            changes.append((closure.end_day, closure.place, True))
    is_idp_camp = np.zeros((instance.n_days, len(instance.places)), np.bool_)
    now = np.array([place.is_idp_camp for place in instance.places], np.bool_)
    for day in range(instance.n_days):
        for _, place, is_one in (change for change in changes if change[0] == day):
            now[place] = is_one
        is_idp_camp[day] = now
    return is_idp_camp


def step_setup(instance: FleeInstance, table: DataTable) -> tuple[StepSetup, NDArray[np.int64]]:
    """Return an instance as the engine takes it, and the engine's row of each of its directed routes."""
    settings, places = instance.settings, instance.places
    starts = [route.start for route in instance.routes]
    order = sorted(range(len(starts)), key=lambda row: (starts[row], row))
    leg_row = np.empty(len(order), np.int64)
    leg_row[order] = np.arange(len(order))
    inserted = np.zeros(len(places), np.int64)
    inserted[list(instance.sites)] = table.day0_people
    spawning = settings.spawn.conflict_driven_spawning
    flood_spawning = settings.spawn.flood_driven_spawn_mode if settings.is_flood_mode else None
    driven = flood_spawning or spawning
    decay = settings.spawn.conflict_spawn_decay or (1.0,)
    metres = max(1, _metres(settings.move.max_move_speed))
    legs = _leg_arrays(instance, order)
    setup = StepSetup(
        **_place_arrays(instance, table),
        inserted=inserted,
        **legs,
        **_event_arrays(instance, leg_row),
        leaving=_LEAVING[driven.spawn_mode] if driven else GIVEN,
        given=table.arrivals.astype(np.int64),
        displaced_per_day=float(spawning.displaced_per_conflict_day) if spawning else 0.0,
        takes_from_population=settings.spawn.take_from_population,
        **group_arrays(instance),
        **_rule_numbers(instance),
        **arrays_by_day(instance),
        is_harvest=harvest_days(instance),
        stay_chance=_camps_that_keep_people(instance),
        has_special_weights=settings.move.fixed_routes
        or instance.flood is not None
        or bool(attributes_matched(settings.move))
        or settings.move.weight_power < 0,
        routes_are_fixed=settings.move.fixed_routes,
        stores_today=instance.law == "as-meant",
        **_chain_arrays(instance),
        leg_redirects=_redirected_legs(instance, order),
        decay=np.array(decay, np.float64),
        decay_days=float(settings.spawn.conflict_spawn_decay_interval),
        arrives_on_equal=instance.law == "as-meant",
        wave_metres=max(1, metres // WAVE_BINS),
        block_places=BLOCK_PLACES,
        last_metres=last_metres(legs["out_first"], legs["leg_metres"], legs["leg_speed"], metres),
        near_metres=0,  # who is one cohort depends on all of this
        far_metres=0,
        most_rows=np.zeros((0, 0), np.int64),
        few_rows=np.zeros(0, np.int64),
        age_apart=0.0,
    )
    return tell_cohorts_apart(setup), leg_row


def _place_arrays(instance: FleeInstance, table: DataTable) -> dict[str, Any]:
    places, move = instance.places, instance.settings.move
    return {
        "population": _population(instance),
        "capacity": table.capacity.astype(np.int64),
        "capacity_per_day": np.array([place.capacity_per_day for place in places], np.int64),
        "is_camp": np.array([place.is_camp for place in places], np.bool_),
        "is_town": np.array([place.is_town for place in places], np.bool_),
        "is_marker": np.array([place.is_marker for place in places], np.bool_),
        "base_score": np.array([_base_score(place, move) for place in places], np.float64),
        "x_degrees": np.array([place.x for place in places], np.float64),
        "y_degrees": np.array([place.y for place in places], np.float64),
        "move_chance": np.array([place.move_chance for place in places], np.float64),
        "intensity": np.array([place.conflict_intensity for place in places], np.float64),
        "conflict_start": np.full(len(places), -1, np.int64),
    }


def _population(instance: FleeInstance) -> NDArray[np.float64]:
    """Return [places] who can still leave; people of agents.csv have left if departures are subtracted."""
    population = np.array([place.population for place in instance.places], np.float64)
    if instance.settings.spawn.take_from_population:
        listed = np.bincount([person.place for person in instance.people], minlength=population.size)
        population = np.maximum(0.0, population - listed)
    return population


def _base_score(place: FleePlace, move: Any) -> float:
    """Return the score of a place as a destination without camps and conflict: 1 in the home country."""
    if not place.is_foreign:
        return 1.0
    pull = 1.0
    if move.use_economic_pull:
        pull += float(place.attributes["trade_volume"]) + float(place.attributes["hdi"]) ** 2
    return float(pull * move.foreign_weight)


def _leg_arrays(instance: FleeInstance, order: Sequence[int]) -> dict[str, Any]:
    routes = [instance.routes[row] for row in order]
    starts = np.array([route.start for route in routes], np.int64)
    return {
        "leg_start": starts,
        "leg_end": np.array([route.end for route in routes], np.int64),
        "leg_metres": np.array([max(1, _metres(route.length_km)) for route in routes], np.int64),
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
        kind = CONFLICT_ON if switch.is_on else CONFLICT_OFF
        events.append((switch.day, kind, switch.place, max(0.0, switch.intensity)))
    for closure in instance.closures:
        for day, is_closing in ((closure.start_day, True), (closure.end_day, False)):
            if 0 <= day < instance.n_days:
                routes = _closed_routes(instance, closure)
                events += _closing_events(closure, routes, day, is_closing, leg_row)
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
        (SET_CAMP, change.is_camp),
        (SET_TOWN, change.is_town),
        (SET_MARKER, change.is_marker),
        (SET_INTENSITY, change.conflict_intensity if change.is_conflict else 0.0),
        (SET_MOVE_CHANCE, change.move_chance),
    )
    return [(change.day, kind, change.place, float(value)) for kind, value in values]


def _closed_routes(instance: FleeInstance, closure: FleeClosure) -> Sequence[int]:
    """Return the directed routes of a closure; as meant a ``link`` is closed both ways, and the redirection
    that is removed is whichever there is between the two places.
    """
    if closure.kind not in ("link", "remove_forced_redirection") or instance.law == "as-run":
        return closure.routes
    names = {closure.name1, closure.name2}
    ends = [{instance.places[route.start].name, instance.places[route.end].name} for route in instance.routes]
    between = [row for row, pair in enumerate(ends) if pair == names]
    if closure.kind == "link":
        return between
    return [row for row in between if instance.routes[row].forced_redirection]


def _closing_events(
    closure: FleeClosure, routes: Sequence[int], day: int, is_closing: bool, leg_row: NDArray[np.int64]
) -> list[Event]:
    if closure.kind in ("camp", "idpcamp"):
        opening = OPEN_CAMP if closure.kind == "camp" else OPEN_IDP_CAMP
        return [(day, CLOSE_CAMP if is_closing else opening, closure.place, 0.0)]
    if closure.kind == "remove_forced_redirection":
        kind = REDIRECT_OFF if is_closing else REDIRECT_ON
    else:
        kind = CLOSE_LEG if is_closing else OPEN_LEG
    return [(day, kind, int(leg_row[route]), 0.0) for route in routes]


def _chain_arrays(instance: FleeInstance) -> dict[str, Any]:
    """Return the major routes, each in both directions."""
    chains = [way for chain in instance.major_routes for way in (chain, chain[::-1])]
    lengths = np.array([0, *(len(chain) for chain in chains)], np.int64)
    return {
        "chain_first": np.cumsum(lengths),
        "chain_place": np.array([place for chain in chains for place in chain], np.int64),
    }


def _camps_that_keep_people(instance: FleeInstance) -> NDArray[np.float64]:
    """Return [places] the chance a day that a person in a camp stays for good; no places if no camp does."""
    if not instance.has_sinks:
        return np.zeros(0)
    written = [place.attributes.get("deactivation_probability", "").strip() for place in instance.places]
    return np.array([float(chance or 0.0) for chance in written])


def _redirected_legs(instance: FleeInstance, order: Sequence[int]) -> NDArray[np.bool_]:
    """Return [legs] whether everybody at its start must take it; no legs if none is so, or as Flee runs."""
    flags = np.array([instance.routes[row].forced_redirection for row in order], np.bool_)
    return flags if instance.law == "as-meant" and flags.any() else np.zeros(0, np.bool_)


def _rule_numbers(instance: FleeInstance) -> dict[str, Any]:
    move = instance.settings.move
    return {
        "metres_per_day": max(1, _metres(move.max_move_speed)),
        "walk_metres_per_day": max(1, _metres(move.max_walk_speed)),
        "camp_weight": move.camp_weight,
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
        "stays_close": move.stay_close_to_home,
        "close_power": move.home_distance_power,
        "population_power": move.pop_power_for_loc_weight if move.use_pop_for_loc_weight else 0.0,
        "size_base": move.movechance_pop_base,
        "size_power": move.movechance_pop_scale_factor,
        "default_move_chance": move.default_movechance,
        "conflict_move_chance": move.conflict_movechance,
        "camp_move_chance": move.camp_movechance,
        "idp_camp_move_chance": move.idpcamp_movechance,
    }
