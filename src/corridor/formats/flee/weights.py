"""Settings with which the weights of ways in a Flee instance are larger than any number are refused."""

from __future__ import annotations

import math
from collections.abc import Iterator

from corridor.formats.flee.lines import Faults
from corridor.formats.flee.matching import attributes_matched
from corridor.formats.flee.model import FleeInstance
from corridor.formats.flee.setting_lines import problem_of_setting, settings_lines
from corridor.scenario.flee_weights import (
    LEAST_SHARE,
    Range,
    WeightNumbers,
    flood_factor,
    span,
    too_far_out,
)

#: What the settings are called in a scenario, and in Flee.
_NAMES = {
    "fighting_decay": "conflict_spawn_decay",
    "size_power": "movechance_pop_scale_factor",
    "distance_power": "distance_power",
    "fighting_attraction": "conflict_weight",
    "abroad_attraction": "foreign_weight",
    "site_attraction": "camp_weight",
    "destination_power": "conflict_weight",
    "population_power": "pop_power_for_loc_weight",
    "nearness_power": "home_distance_power",
    "attraction_softening": "weight_softening",
    "attraction_power": "weight_power",
}


def check_weights(instance: FleeInstance, faults: Faults) -> None:
    """Refuse settings with which a weight is larger than any number."""
    found = too_far_out(_numbers_of(instance))
    if found is None:
        return
    key, power = _NAMES.get(found[0], found[0]), found[1]
    value = getattr(instance.settings.move, key, None)
    stated = f"{key} is '{value:g}'" if isinstance(value, int | float) else key
    message = f"{stated}: a weight would be up to 10^{power:.0f}, more than a number can hold"
    hint = "weights are what people choose their way by; docs/flee.md has the law"
    faults.found.append(
        problem_of_setting("flee-weight", instance, settings_lines(instance), key, message, hint)
    )


def _numbers_of(instance: FleeInstance) -> WeightNumbers:
    move, places = instance.settings.move, instance.places
    pull = [
        float(place.attributes[name])
        for place in places
        for name in ("trade_volume", "hdi")
        if move.use_economic_pull and place.is_foreign
    ]
    abroad = move.foreign_weight * (1.0 + sum(pull) + sum(pull) ** 2)
    populations = [1.0, *(float(place.population) for place in places)]
    roads = [route.length_km for route in instance.routes]
    fighting = [place.conflict_intensity for place in places]
    fighting += [switch.intensity for switch in instance.switches]
    fighting += [change.conflict_intensity for change in instance.place_changes]
    tells_people_apart = move.children_avoid_hazards or move.elderly_avoid_hazards or move.women_avoid_hazards
    population_power = move.pop_power_for_loc_weight if move.use_pop_for_loc_weight else 0.0
    return WeightNumbers(
        km=(min(roads, default=1.0) / 4.0, max(1.0, math.fsum(roads))),
        attraction=span([1.0, move.foreign_weight, abroad]),
        people=span(populations),
        size=span([*populations, *(float(place.capacity) for place in places)]),
        fighting=(0.0, max(fighting) * max(instance.settings.spawn.conflict_spawn_decay, default=1.0)),
        factors=list(_factors(instance)),
        softening_km=_one(move.softening),
        distance_power=_one(move.distance_power),
        attraction_softening=_one(move.weight_softening),
        attraction_power=_one(move.weight_power),
        site_attraction=_one(move.camp_weight),
        fighting_attraction=_one(move.conflict_weight),
        population_power=_one(population_power),
        nearness_power=_one(move.home_distance_power if move.stay_close_to_home else 0.0),
        destination_power=(0.0, 4.0) if tells_people_apart else (1.0, 1.0),
        size_base_people=_one(move.movechance_pop_base),
        size_power=_one(move.movechance_pop_scale_factor),
        counts_twice=move.fixed_routes,
    )


def _one(number: float) -> Range:
    return number, number


def _factors(instance: FleeInstance) -> Iterator[tuple[str, Range]]:
    move = instance.settings.move
    rules = move.flood_rules if instance.settings.is_flood_mode else None
    if rules is not None:
        yield "flood_loc_weights", flood_factor(rules.flood_loc_weights, rules.flood_forecaster_weights)
    if attributes_matched(move):
        highest = 1.0 - math.log10(move.avg_religion_fraction)
        yield "avg_religion_fraction", (2.0 * LEAST_SHARE, highest)
