"""What moves people in a scenario under the law flee: who leaves, and which optional rules are on.

Reads the scenario alone, so that report and model card say of a forecast what its rules are, and no more.
"""

from __future__ import annotations

from collections.abc import Iterator

from corridor.report.texts import Texts
from corridor.scenario.check_composition import attributes_asked
from corridor.scenario.model import FleeRules, Scenario


def leaving_in_words(rules: FleeRules, texts: Texts) -> str:
    """Return what decides how many leave home."""
    if rules.flood_displaced_per_day:
        return texts.flee_left_by_floods
    return texts.flee_left_as_given if rules.departures == "given" else texts.flee_left_by_fighting


def optional_rules_in_words(scenario: Scenario, texts: Texts) -> Iterator[str]:
    """Yield a sentence for each optional rule that is on."""
    rules = scenario.rules.flee
    assert rules is not None
    hunger = {
        texts.flee_hunger_displaces: rules.hunger_displaces,
        texts.flee_hunger_moves_on: rules.hunger_moves_on,
        texts.flee_hunger_repels: rules.hunger_repels,
    }
    if any(hunger.values()):
        yield texts.flee_hunger.format(
            does=texts.listing([words for words, is_on in hunger.items() if is_on])
        )
    if rules.flood_displaced_per_day:
        yield texts.flee_floods
    if rules.flood_forecast_days:
        yield texts.flee_flood_forecasts.format(days=rules.flood_forecast_days)
    if rules.fixed_routes:
        yield texts.flee_fixed_routes
    if rules.harvest_months:
        yield texts.flee_harvest_all if rules.harvest_stops_all else texts.flee_harvest
    shared = {"religion": texts.flee_religion, "ethnicity": texts.flee_ethnicity}
    if asked := attributes_asked(rules):
        yield texts.flee_matching.format(what=texts.listing([shared[attribute] for attribute in asked]))
    if any(route.forced_to for route in scenario.routes):
        yield texts.flee_forced_roads
    if any(place.stay_chance for place in scenario.places):
        yield texts.flee_stay
