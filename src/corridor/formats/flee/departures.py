"""Who can leave home on a day, and whether those can who should: what Flee's law asks of an instance.

Where the data say how many leave, Flee draws their homes with the weights that it stored the day before, and
stops on a day on which all are 0. `stored_weights` gives them as far as no chance is in them: who has left
is not taken off. Whom a run could not let leave, `nobody_left` words.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np

from corridor.formats.flee.lines import Faults
from corridor.formats.flee.model import ConflictSwitch, FleeInstance, FloodTable, PlaceChange
from corridor.formats.flee.series import data_table
from corridor.formats.flee.setting_lines import problem_of_setting, settings_lines
from corridor.formats.flee.settings import FloodSpawning
from corridor.problems import Problem

#: People who can leave home on a day: as many as fit the numbers of people of a forecast.
MOST_LEAVERS = 2_000_000_000

_Dated = TypeVar("_Dated", ConflictSwitch, PlaceChange)
_Numbers = list[float]
_Stored = tuple[_Numbers, list[int], int]  # intensities, since when, by place; the day


def check_departures(instance: FleeInstance, faults: Faults) -> None:
    """Check what can be told of departures before a run."""
    if instance.settings.arrivals_from == "data":
        if _check_weights(instance, faults) and instance.settings.spawn.take_from_population:
            _warn_population(instance, faults)
    elif _check_numbers(instance, faults) and instance.settings.arrivals_from == "flood":
        _warn_flooded_population(instance, faults)


def stored_weights(instance: FleeInstance) -> Iterator[tuple[_Numbers, _Numbers]]:
    """Yield by day (weights by which homes are drawn, intensities of conflict on which they rest), by place.

    Weights are worked out at the end of a day's events, and anew on a day on which a conflict begins or ends;
    a change of places and the closing of a camp count from the next day on.
    """
    for _, (intensity, start, day) in _days(instance):
        yield list(_weights(instance, intensity, start, day)), intensity


def intensities(instance: FleeInstance) -> Iterator[_Numbers]:
    """Yield by day the intensity of conflict at each place as people leave home."""
    for now, _ in _days(instance):
        yield now


def _days(instance: FleeInstance) -> Iterator[tuple[_Numbers, _Stored]]:
    """Yield by day (intensities as people leave, what the weights rest on by which their homes are drawn)."""
    intensity = [place.conflict_intensity for place in instance.places]
    start = [-1] * len(intensity)
    switches, changes = _by_day(instance.switches), _by_day(instance.place_changes)
    closed = _closed_camps(instance)

    def store(day: int) -> _Stored:
        return intensity.copy(), start.copy(), day

    stored = store(0)
    for day in range(instance.n_days):
        for change in changes.get(day, ()):
            intensity[change.place] = max(0.0, change.conflict_intensity)
        for switch in switches.get(day, ()):
            intensity[switch.place] = max(0.0, switch.intensity)
            start[switch.place] = day if switch.is_on else start[switch.place]
        if day in switches:
            stored = store(day)
        yield intensity, stored
        for place in closed.get(day, ()):
            intensity[place] = 0.0
        stored = store(day)


def _by_day(dated: Iterable[_Dated]) -> dict[int, list[_Dated]]:
    by_day: dict[int, list[_Dated]] = {}
    for one in dated:
        by_day.setdefault(one.day, []).append(one)
    return by_day


def _closed_camps(instance: FleeInstance) -> dict[int, list[int]]:
    """Return day -> camps that close or open again, which ends a conflict there."""
    closed: dict[int, list[int]] = {}
    for closure in instance.closures:
        if closure.place >= 0:
            for day in (closure.start_day, closure.end_day):
                closed.setdefault(day, []).append(closure.place)
    return closed


def _weights(instance: FleeInstance, intensity: _Numbers, start: list[int], day: int) -> Iterator[float]:
    spawn = instance.settings.spawn
    for index, place in enumerate(instance.places):
        weight = 0.0
        if intensity[index] > 0:
            weight = place.population * intensity[index] * spawn.decay(day - start[index])
        if intensity[index] > 0 or not spawn.conflict_zone_spawning_only:
            weight += place.population * _shortage(instance, index, day)
        yield weight


def _shortage(instance: FleeInstance, place: int, day: int) -> float:
    """Return the share of people whom lack of food lets leave a place, if that is a rule."""
    food, region = instance.food, instance.places[place].region
    if not instance.settings.spawn.starvation_driven_spawning or food is None or day == 0:
        return 0.0
    return float(np.interp(day, food.days, food.percent[:, food.regions.index(region)])) / 100.0


# --- before a run -----------------------------------------------------------------------------------------


def _check_weights(instance: FleeInstance, faults: Faults) -> bool:
    """Check that on every day somebody could set out; Flee stops on the first day without such a place."""
    for day, (_, stored) in enumerate(_days(instance)):
        if not any(_weights(instance, *stored)):
            message = (
                f"on day {day} no place {'' if _leave_in_peace(instance) else 'in conflict '}has people who "
                f"could set out (population divided by hasten {instance.hasten}, times intensity and decay); "
                "Flee stops there"
            )
            hint = "check conflicts.csv, populations and the decay"
            faults.add("flee-no-departure", message, file=_file(instance, "conflicts.csv"), hint=hint)
            return False
    return True


def _leave_in_peace(instance: FleeInstance) -> bool:
    """True if lack of food lets people leave places without conflict, too."""
    spawn = instance.settings.spawn
    return spawn.starvation_driven_spawning and not spawn.conflict_zone_spawning_only


def _warn_population(instance: FleeInstance, faults: Faults) -> None:
    """Warn where more people must leave than live in all places they can leave; whether Flee stops, a run
    tells.
    """
    leavers = data_table(instance).arrivals
    fled, seen = 0, set[int]()
    for day, (weights, _) in enumerate(stored_weights(instance)):
        seen |= {place for place, weight in enumerate(weights) if weight > 0}
        available = sum(instance.places[place].population for place in seen)
        fled += int(leavers[day])
        if fled > available:
            message = (
                f"take_from_population is on, and by day {day} the data ask for {fled} people, but the "
                f"places in conflict so far hold {available}; Flee warns of each in its table, and stops "
                "once nobody is left"
            )
            faults.warn("flee-population-short", message, file=_file(instance, "locations.csv"))
            return


def _check_numbers(instance: FleeInstance, faults: Faults) -> bool:
    """Check that no day lets more people leave home than the engine can count."""
    by_day = _flooded(instance) if instance.settings.arrivals_from == "flood" else _fought_over(instance)
    for day, leavers in enumerate(by_day):
        if not sum(leavers) <= MOST_LEAVERS:
            key = f"displaced_per_{instance.settings.arrivals_from}_day"
            given = _displaced_as_written(instance)
            message = (
                f"{key} is '{given}': on day {day} {sum(leavers):.3g} people would leave home; it must be so "
                f"low that {MOST_LEAVERS:.0e} do at most"
            )
            hint = "in spawn_mode pop_ratio it is a share of the population, else a number of people"
            faults.found.append(
                problem_of_setting(
                    "flee-setting-value", instance, settings_lines(instance), key, message, hint
                )
            )
            return False
    return True


def _displaced_as_written(instance: FleeInstance) -> str:
    spawn = instance.settings.spawn
    if instance.settings.arrivals_from == "flood" and spawn.flood_driven_spawn_mode is not None:
        return f"[{', '.join(f'{rate:g}' for rate in spawn.flood_driven_spawn_mode.displaced_per_flood_day)}]"
    assert spawn.conflict_driven_spawning is not None
    return f"{spawn.conflict_driven_spawning.displaced_per_conflict_day:g}"


def _fought_over(instance: FleeInstance) -> Iterator[_Numbers]:
    """Yield by day how many people conflict lets leave each place; who has left is not taken off."""
    spawning = instance.settings.spawn.conflict_driven_spawning
    assert spawning is not None
    is_share, displaced = spawning.spawn_mode == "pop_ratio", spawning.displaced_per_conflict_day
    for now in intensities(instance):
        yield [
            displaced * intensity * (place.population if is_share else 1.0)
            for intensity, place in zip(now, instance.places, strict=True)
        ]


def _flooded(instance: FleeInstance) -> Iterator[_Numbers]:
    """Yield by day how many people floods let leave each place; who has left is not taken off."""
    spawning, flood = instance.settings.spawn.flood_driven_spawn_mode, instance.flood
    if spawning is None or flood is None:
        return
    is_share = spawning.spawn_mode == "pop_ratio"
    for rates in _flood_rates(instance, spawning, flood):
        yield [
            rate * (instance.places[place].population if is_share else 1.0)
            for rate, place in zip(rates, flood.places, strict=True)
        ]


def _flood_rates(instance: FleeInstance, spawning: FloodSpawning, flood: FloodTable) -> list[_Numbers]:
    """Return by day how many people, or which share, a flood lets leave each place of flood_level.csv."""
    levels = (flood.level if instance.law == "as-run" else flood.as_written)[: instance.n_days]
    numbers = spawning.displaced_per_flood_day
    rates = np.where(levels > 0, np.interp(levels, np.arange(len(numbers)), numbers), 0.0)
    return list(rates.tolist())


def _warn_flooded_population(instance: FleeInstance, faults: Faults) -> None:
    """Warn where a flood makes more people leave than live there, as far as no chance is in it."""
    spawning, flood = instance.settings.spawn.flood_driven_spawn_mode, instance.flood
    if spawning is None or flood is None or spawning.spawn_mode == "poisson":
        return
    left = [instance.places[place].population for place in flood.places]
    for day, rates in enumerate(_flood_rates(instance, spawning, flood)):
        for column, place in enumerate(flood.places):
            leave = int(rates[column] * (left[column] if spawning.spawn_mode == "pop_ratio" else 1))
            if leave > left[column]:
                name = instance.places[place].name
                message = (
                    f"on day {day} the flood lets {leave} people leave '{name}', where {left[column]} are "
                    "left; Flee warns of each in its table"
                )
                faults.warn("flee-population-short", message, file=_file(instance, "locations.csv"))
                return
            left[column] -= leave


# --- after a run ------------------------------------------------------------------------------------------


def nobody_left(instance: FleeInstance, day: int, people: int) -> Problem:
    """Return the problem of a day on which people should leave home and nobody could; Flee stops there."""
    _, intensity = next(islice(stored_weights(instance), day, None))
    names = [f"'{instance.places[place].name}'" for place, value in enumerate(intensity) if value > 0]
    should = (
        f"on day {day} ({instance.start_date + dt.timedelta(days=day)}) "
        f"{people} {'person' if people == 1 else 'people'} should leave home"
    )
    if not instance.settings.spawn.take_from_population:
        message = f"{should}, but no place in conflict has people who could; Flee stops there"
        hint = "check conflicts.csv, populations and the decay"
        return Problem("flee-no-departure", _file(instance, "conflicts.csv"), 0, 0, message, hint)
    where = f"in {', '.join(names)}, where there is conflict" if names else "in any place in conflict"
    where = "at any place" if _leave_in_peace(instance) else where
    message = f"{should}, but nobody is left {where}; Flee stops there"
    hint = "raise the population, or switch take_from_population off"
    return Problem("flee-population-short", _file(instance, "locations.csv"), 0, 0, message, hint)


def _file(instance: FleeInstance, name: str) -> str:
    return str(Path(instance.input_csv) / name)
