"""Flee's settings as the rules of a scenario, each under its plain name, and the table of food.

A setting without effect in an instance is not stated: docs/flee.md says which.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from typing import Any

from corridor.engine.step_matching import CAMP, CONFLICT, ELSEWHERE, ETHNICITY, RELIGION
from corridor.formats.flee.matched_groups import match_weights
from corridor.formats.flee.model import FleeInstance
from corridor.scenario.model import FleeRules, Hunger


def date_of(instance: FleeInstance, day: int) -> dt.date:
    """Return the date of a day as Flee counts."""
    return instance.start_date + dt.timedelta(days=day)


def departures(instance: FleeInstance) -> str:
    """Return how it is decided how many leave home."""
    spawn = instance.settings.spawn
    in_flood = spawn.flood_driven_spawn_mode if instance.settings.is_flood_mode else None
    spawning = in_flood or spawn.conflict_driven_spawning
    if spawning is None:
        return "given"
    return {"pop_ratio": "share"}.get(spawning.spawn_mode, spawning.spawn_mode)


def rules_of_scenario(instance: FleeInstance) -> FleeRules:
    """Return every setting under its plain name."""
    move, spawn = instance.settings.move, instance.settings.spawn
    spawning = None if instance.settings.is_flood_mode else spawn.conflict_driven_spawning
    return FleeRules.model_validate(
        {
            "home_country": instance.home_country.strip(),
            "departures": departures(instance),
            "displaced_per_day": spawning.displaced_per_conflict_day if spawning else None,
            "population_shrinks": spawn.take_from_population,
            "fighting_decay": spawn.conflict_spawn_decay,
            "fighting_decay_days": spawn.conflict_spawn_decay_interval,
            "ride_km_per_day": move.max_move_speed,
            "walk_km_per_day": move.max_walk_speed,
            "first_leg_on_foot": move.start_on_foot,
            "avoid_short_stints": move.avoid_short_stints,
            "exact_day_is_enough": instance.law == "as-meant",
            "awareness_roads": max(1, move.awareness_level),
            "softening_km": move.softening,
            "distance_power": move.distance_power,
            "attraction_softening": move.weight_softening,
            "attraction_power": move.weight_power,
            "pruning": 1.0 if move.fixed_routes else move.pruning_threshold,
            "abroad_attraction": move.foreign_weight,
            "site_attraction": move.camp_weight,
            "fighting_attraction": move.conflict_weight,
            "population_power": move.pop_power_for_loc_weight if move.use_pop_for_loc_weight else 0.0,
            "nearness_power": move.home_distance_power if move.stay_close_to_home else 0.0,
            "town_move_chance": move.default_movechance,
            "camp_move_chance": move.camp_movechance,
            "emergency_site_move_chance": move.idpcamp_movechance,
            "fighting_move_chance": move.conflict_movechance,
            "size_base_people": move.movechance_pop_base,
            "size_power": move.movechance_pop_scale_factor,
            "capacity_buffer": move.capacity_buffer,
            "capacity_scaling": move.capacity_scaling,
            **_hunger_rules(instance),
            **_flood_rules(instance),
            **_matching_rules(instance),
            "harvest_months": [int(month) for month in move.harvest_months],
            "harvest_stops_all": bool(move.harvest_months) and instance.law == "as-run",
            "place_kind_fighting": _new_fighting(instance),
            "fixed_routes": move.fixed_routes,
            "fixed_routes_as_run": move.fixed_routes and instance.law == "as-run",
            "major_routes": [
                [instance.places[place].name.strip() for place in chain] for chain in instance.major_routes
            ],
        }
    )


def _new_fighting(instance: FleeInstance) -> float | None:
    """Return the intensity where a location change brings conflict, None for 1."""
    intensities = [change.conflict_intensity for change in instance.place_changes if change.is_conflict]
    return intensities[0] if intensities and intensities[0] != 1.0 else None


def _flood_rules(instance: FleeInstance) -> dict[str, Any]:
    """Return the numbers for floods by level, and of their forecasts."""
    rules, spawning = instance.settings.move.flood_rules, instance.settings.spawn.flood_driven_spawn_mode
    if instance.flood is None or rules is None or spawning is None:
        return {}
    is_as_run, displaced = instance.law == "as-run", spawning.displaced_per_flood_day
    if is_as_run and spawning.spawn_mode == "poisson":
        displaced = tuple(math.floor(mean) for mean in displaced)  # as Flee cuts them
    found = {
        "flood_displaced_per_day": displaced,
        "flood_move_chance": rules.flood_movechances,
        "flood_attraction": rules.flood_loc_weights,
        "floods_as_run": is_as_run,
    }
    if rules.forecasts:
        found["flood_forecast_days"] = rules.flood_forecaster_timescale
        found["flood_forecast_until"] = date_of(instance, rules.flood_forecaster_end_time)
        found["flood_forecast_weights"] = rules.flood_forecaster_weights
    return found


def _matching_rules(instance: FleeInstance) -> dict[str, float]:
    """Return what a place counts for where all have one's religion or ethnicity; 0 where no rule asks."""
    weight = match_weights(instance)
    return {
        "same_religion_at_sites": float(weight[CAMP, RELIGION]),
        "same_ethnicity_at_sites": float(weight[CAMP, ETHNICITY]),
        "same_ethnicity_in_fighting": float(weight[CONFLICT, ETHNICITY]),
        "same_ethnicity_elsewhere": float(weight[ELSEWHERE, ETHNICITY]),
    }


def _hunger_rules(instance: FleeInstance) -> dict[str, bool]:
    """Return which rules of food are on and have an effect: where people leave from is asked only if how many
    leave is given.
    """
    move, spawn = instance.settings.move, instance.settings.spawn
    displaces = spawn.starvation_driven_spawning and instance.settings.arrivals_from == "data"
    return {
        "hunger_displaces": displaces,
        "hunger_displaces_in_peace": displaces and not spawn.conflict_zone_spawning_only,
        "hunger_moves_on": move.flee_when_starving,
        "hunger_repels": move.avoid_food_deprived_locations,
    }


def uses_hunger(instance: FleeInstance) -> bool:
    """Return whether a rule of food has an effect."""
    return any(_hunger_rules(instance).values())


def hunger_of_scenario(instance: FleeInstance) -> Iterator[Hunger]:
    """Yield the table of food for the areas in which places lie, day by day."""
    if not uses_hunger(instance):
        return
    assert instance.food is not None
    areas = {place.region for place in instance.places}
    for day, percents in zip(instance.food.days.tolist(), instance.food.percent.tolist(), strict=True):
        for area, percent in zip(instance.food.regions, percents, strict=True):
            if area in areas:
                date = instance.start_date + dt.timedelta(days=day)
                yield Hunger(date=date, admin=area, percent=percent)
