"""The groups of a Flee instance as those of a scenario: named for who is in them, with their shares by place.

`corridor.formats.flee.groups` says who is told apart: people who follow the same rules are one group, so that
a scenario draws the same random numbers. Here each gets a name that a planner can read, "women 19-59 and
people 60+", "religion amber". Who lives where by religion and ethnicity is in composition.csv.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from corridor.formats.flee.groups import group_arrays, score_power
from corridor.formats.flee.matched_groups import living_people, numbered_values
from corridor.formats.flee.matching import MATCHED, attributes_matched
from corridor.formats.flee.model import FleeInstance
from corridor.formats.flee.tables import GENDERS, attributes_used
from corridor.scenario.check_composition import places_asked
from corridor.scenario.model import Composition, Event, FleeRules, Group, GroupAtPlace, Place

#: The years of age at which some rule begins or ends.
_FIRST_YEARS = (0, 15, 19, 60)
_WORDS = {"female": "women", "male": "men"}
_RULES = {
    "women_avoid_hazards": "WomenAvoidHazards",
    "children_avoid_hazards": "ChildrenAvoidHazards",
    "boys_take_risk": "BoysTakeRisk",
    "elderly_avoid_hazards": "ElderlyAvoidHazards",
}


def groups_of_scenario(instance: FleeInstance) -> tuple[tuple[Group, ...], tuple[GroupAtPlace, ...]]:
    """Return the groups of an instance, and by place its people of agents.csv and shares of its own."""
    move = replace(instance.settings.move, harvest_months=())  # whose homes are told apart by the law
    arrays = group_arrays(replace(instance, settings=replace(instance.settings, move=move)))
    weights = arrays["group_weight"]
    general = weights[_place_without_own(instance)]
    groups = _groups(instance, arrays, general.tolist())
    own = {
        (place, group): share
        for place, shares in enumerate(weights.tolist())
        if shares != general.tolist()
        for group, share in enumerate(shares)
    }
    people = {(place, group): float(number) for place, group, number in arrays["listed"].tolist()}
    at_places = [
        GroupAtPlace(
            place=instance.places[place].name.strip(),
            group=groups[group].name,
            share=own.get((place, group)),
            people=people.get((place, group)),
        )
        for place, group in dict.fromkeys([*people, *own])  # people in the order of their draws
    ]
    return tuple(groups), tuple(at_places)


def _groups(instance: FleeInstance, arrays: Mapping[str, Any], shares: Sequence[float]) -> list[Group]:
    """Return the groups with their general shares, named for what tells them apart."""
    powers, aware = arrays["score_power"].tolist(), arrays["awareness_of_group"].tolist()
    forecasts, reason, groups = flood_forecasts(instance), _reason(instance), []
    is_told = forecasts and len(set(aware)) > 1
    for power, awareness, share, shared in zip(
        powers, aware, shares, _matched(instance, arrays), strict=True
    ):
        parts = [_name(instance, power)]
        parts += [f"flood awareness {awareness:g}"] if is_told else []
        parts += [f"{attribute} {value}" for attribute, value in shared.items()]
        name = ", ".join(parts[1:] if parts[0] == "everyone" and len(parts) > 1 else parts)
        groups.append(
            Group(
                name=name,
                title=name[0].upper() + name[1:],
                share=share,
                destination_power=None if power == 1.0 else power,
                flood_awareness=awareness if forecasts else None,
                reason=reason,
                religion=shared.get("religion", ""),
                ethnicity=shared.get("ethnicity", ""),
            )
        )
    return groups


def _matched(instance: FleeInstance, arrays: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the religion and ethnicity of each group, as far as rules ask for them."""
    values = numbered_values(instance)
    if not values:
        return [{} for _ in arrays["score_power"]]
    return [
        {MATCHED[values[number][0]]: values[number][1].strip() for number in numbers if number >= 0}
        for numbers in arrays["value_of_group"].tolist()
    ]


def composition_of_scenario(
    instance: FleeInstance, rules: FleeRules, places: Sequence[Place], events: Sequence[Event]
) -> Iterator[Composition]:
    """Yield who lives where by religion and ethnicity, as far as rules may ever ask for it there."""
    values = [(MATCHED[number], value) for number, value in numbered_values(instance)]
    asked = {attribute: places_asked(rules, attribute, places, events) for attribute, _ in values}
    for place in instance.places:
        name = place.name.strip()
        for attribute, value in values:
            people = living_people(place, value, instance.hasten)
            if people > 0.0 and name in asked[attribute]:
                row = {"place": name, "attribute": attribute, "value": value.strip(), "people": people}
                yield Composition.model_validate(row)


def flood_forecasts(instance: FleeInstance) -> bool:
    """Return whether forecasts of floods count."""
    rules = instance.settings.move.flood_rules
    return rules is not None and rules.forecasts


def _place_without_own(instance: FleeInstance) -> int:
    """Return a place that has the default shares of all attributes that count; the first if there is none."""
    used = attributes_used(instance.settings.move)
    own = {name for table in instance.demographics if table.attribute in used for name in table.by_place}
    return next((row for row, place in enumerate(instance.places) if place.name not in own), 0)


def _reason(instance: FleeInstance) -> str:
    named = [rule for key, rule in _RULES.items() if getattr(instance.settings.move, key)]
    named += ["floodawareness"] if flood_forecasts(instance) else []
    named += [f"matching by {attribute}" for attribute in attributes_matched(instance.settings.move)]
    return f"Flee's {', '.join(named)}" if named else ""


def _name(instance: FleeInstance, power: float) -> str:
    """Return who takes attractions to a power: "people 0-18 and women 60+"."""
    used = attributes_used(instance.settings.move)
    ages = _FIRST_YEARS if "age" in used else _FIRST_YEARS[:1]
    genders = GENDERS if "gender" in used else GENDERS[:1]
    is_in = {
        gender: [score_power(instance, {"age": str(age), "gender": gender}) == power for age in ages]
        for gender in genders
    }
    both = [all(is_in[gender][band] for gender in genders) for band in range(len(ages))]
    if all(both):
        return "everyone"
    parts = _years("people", both, ages)
    if len(genders) > 1:
        for gender in reversed(genders):
            alone = [here and not all_are for here, all_are in zip(is_in[gender], both, strict=True)]
            parts += _years(_WORDS[gender], alone, ages)
    return " and ".join(parts)


def _years(who: str, is_in: list[bool], ages: tuple[int, ...]) -> list[str]:
    """Return the stretches of age in which all bands are in: ["women 0-14", "women 60+"].

    >>> _years("men", [True, True, False, True], (0, 15, 19, 60))
    ['men 0-18', 'men 60+']
    """
    if all(is_in):
        return [who]
    turns = [at for at, (before, now) in enumerate(pairwise([False, *is_in, False])) if before != now]
    stretches = zip(turns[::2], turns[1::2], strict=True)
    return [
        f"{who} {ages[first]}-{ages[end] - 1}" if end < len(ages) else f"{who} {ages[first]}+"
        for first, end in stretches
    ]
