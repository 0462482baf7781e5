"""Food, floods and harvest of a Flee instance as arrays by day and place, as the engine takes them.

What these rules do depends on the day, the place and, through its awareness of forecasts, the group; on
nothing that happens in a run. So they are worked out here once, by docs/flee.md: as Flee runs, or as meant.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corridor.formats.flee import FleeInstance

Table = NDArray[np.float64]


def arrays_by_day(instance: FleeInstance) -> dict[str, Any]:
    """Return the fields of `StepSetup` for the rules of food and floods that are on; empty if none is."""
    found: dict[str, Any] = {}
    least, share = _unchanged(instance, 0.0), _unchanged(instance, 1.0)
    if instance.settings.uses_food:
        _add_food(instance, found, least, share)
    if instance.flood is not None:
        _add_floods(instance, found, least, share)
    if instance.settings.move.flee_when_starving or instance.flood is not None:
        found["chance_least"], found["chance_share"] = least, share
    return found


def _unchanged(instance: FleeInstance, value: float) -> Table:
    """Return [days, places, 2]: a number for everybody, and nothing for awareness."""
    table = np.zeros((instance.n_days, len(instance.places), 2))
    table[:, :, 0] = value
    return table


def harvest_days(instance: FleeInstance) -> NDArray[np.bool_]:
    """Return [days] whether a day is in a month of harvest; no days at all if there are no such months."""
    months = instance.settings.move.harvest_months
    if not months:
        return np.zeros(0, np.bool_)
    dates = (instance.start_date + dt.timedelta(days=day) for day in range(instance.n_days))
    return np.array([date.month in months for date in dates], np.bool_)


def food_shortage(instance: FleeInstance) -> Table:
    """Return [days, places] the share of people short of food: IPC of the place's region, over 100."""
    food = instance.food
    assert food is not None
    days = np.arange(instance.n_days)
    columns = {
        region: np.interp(days, food.days, food.percent[:, column]) / 100.0
        for column, region in enumerate(food.regions)
    }
    return np.stack([columns[place.region] for place in instance.places], axis=1)


def _add_food(instance: FleeInstance, found: dict[str, Any], least: Table, share: Table) -> None:
    """Day 0 is without food in who leaves home and in where people go, not in whether they go on."""
    spawn, move = instance.settings.spawn, instance.settings.move
    shortage = food_shortage(instance)
    if move.flee_when_starving:
        least[:, :, 0], share[:, :, 0] = shortage, 1.0 - shortage
    later = shortage.copy()
    later[0] = 0.0
    if spawn.starvation_driven_spawning:
        found["leave_share"] = later
        found["leaves_only_in_conflict"] = spawn.conflict_zone_spawning_only
    if move.avoid_food_deprived_locations:
        is_home = np.array([not place.is_foreign for place in instance.places])
        found["day_score"] = np.where(is_home, 1.0 - later**2, 1.0)


def flood_levels(instance: FleeInstance) -> Table:
    """Return [rows of flood_level.csv, places] the flood level: whole numbers as Flee runs."""
    flood = instance.flood
    assert flood is not None
    levels = np.zeros((flood.level.shape[0], len(instance.places)))
    levels[:, list(flood.places)] = flood.level if instance.law == "as-run" else flood.as_written
    return levels


def at_level(numbers: Sequence[float], level: Table) -> Table:
    """Return a list of numbers by flood level at these levels, linear between whole ones."""
    return np.asarray(np.interp(level, np.arange(len(numbers)), numbers))


def _add_floods(instance: FleeInstance, found: dict[str, Any], least: Table, share: Table) -> None:
    rules, spawning = instance.settings.move.flood_rules, instance.settings.spawn.flood_driven_spawn_mode
    assert rules is not None and spawning is not None
    ahead, n_days = flood_levels(instance), instance.n_days
    level = ahead[:n_days]
    is_wet = level > 0
    weight = np.where(is_wet, at_level(rules.flood_loc_weights, level), 1.0)
    rate = np.where(is_wet, at_level(spawning.displaced_per_flood_day, level), 0.0)
    whole = spawning.spawn_mode == "poisson" and instance.law == "as-run"
    found["leave_rate"] = np.floor(rate) if whole else rate
    found["stored_factor"] = weight
    least[:, :, 0] = np.where(is_wet, at_level(rules.flood_movechances, level), least[:, :, 0])
    share[:, :, 0] = np.where(is_wet, 0.0, share[:, :, 0])
    factor = _unchanged(instance, 1.0)
    factor[:, :, 0] = weight
    found["end_factor"] = factor
    if instance.law == "as-run":
        score = np.where(_flood_zones(instance), weight, 1.0)
        if rules.forecasts:
            score[: rules.flood_forecaster_end_time + 1][
                _flood_zones(instance)[: rules.flood_forecaster_end_time + 1]
            ] = 0.0
        found["day_score"] = found.get("day_score", 1.0) * score
    if rules.forecasts:
        forecast = _forecast_as_run if instance.law == "as-run" else _forecast_as_meant
        for day in range(min(n_days, rules.flood_forecaster_end_time + 1)):
            forecast(instance, ahead, day, factor[day], least[day], share[day])


def _flood_zones(instance: FleeInstance) -> NDArray[np.bool_]:
    """Return [days, places] whether a place is of the type flood_zone."""
    zones = np.zeros((instance.n_days, len(instance.places)), np.bool_)
    zones[:] = [place.is_flood_zone for place in instance.places]
    for change in sorted(instance.place_changes, key=lambda change: change.day):
        zones[change.day :, change.place] = change.is_flood_zone
    return zones


def _forecast_as_run(
    instance: FleeInstance, ahead: Table, day: int, factor: Table, least: Table, share: Table
) -> None:
    """Let the forecast of a day act as Flee does: on awareness alone, and 0 where no flood is forecast.

    Weights are taken by the number of the day; in the score the flood of today stands for that of each day.
    """
    rules = instance.settings.move.flood_rules
    assert rules is not None
    coming, today = np.zeros(ahead.shape[1]), np.zeros(ahead.shape[1])
    weight_now = at_level(rules.flood_loc_weights, ahead[day])
    for lead in range(1, rules.flood_forecaster_timescale + 1):
        then = min(day + lead, rules.flood_forecaster_end_time)
        weight = np.where(ahead[then] > 0, rules.flood_forecaster_weights[then], 0.0)
        coming += at_level(rules.flood_loc_weights, ahead[then]) * weight
        today += weight_now * weight
        if then == rules.flood_forecaster_end_time:
            break
    mean = coming / rules.flood_forecaster_timescale
    for table, by_awareness in (
        (least, mean),
        (share, mean),
        (factor, today**2 / rules.flood_forecaster_timescale),
    ):
        table[:, 1], table[:, 0] = table[:, 0] * by_awareness, 0.0


def _forecast_as_meant(
    instance: FleeInstance, ahead: Table, day: int, factor: Table, least: Table, share: Table
) -> None:
    """Let people leave places with a forecast flood, and avoid them, as far as they are aware of it.

    Weights are taken by how many days ahead, a forecast ends with its last day. With r the mean of weight x
    (1 - factor of the flood) and m that of weight x move chance of the flood: e -> e (1 - awareness r), and
    p -> p + (1 - p) awareness m, both means up to 1.
    """
    rules = instance.settings.move.flood_rules
    assert rules is not None
    repels, moves = np.zeros(ahead.shape[1]), np.zeros(ahead.shape[1])
    for lead in range(1, rules.flood_forecaster_timescale + 1):
        then = day + lead
        if then > rules.flood_forecaster_end_time:
            break
        weight = np.where(ahead[then] > 0, rules.flood_forecaster_weights[lead - 1], 0.0)
        repels += weight * (1.0 - at_level(rules.flood_loc_weights, ahead[then]))
        moves += weight * at_level(rules.flood_movechances, ahead[then])
    repels = np.minimum(1.0, repels / rules.flood_forecaster_timescale)
    moves = np.minimum(1.0, moves / rules.flood_forecaster_timescale)
    factor[:, 1] = -factor[:, 0] * repels
    least[:, 1] = moves - moves * least[:, 0]
    share[:, 1] = -moves * share[:, 0]
