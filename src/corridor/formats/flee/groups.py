"""Who is told apart among the people of a Flee instance: one group for all who follow the same rules.

A person's age and gender decide the power of a destination's score, the attribute `floodawareness` how much a
forecast counts; religion and ethnicity matter where a rule matches by them, the home in months of harvest.
People who are alike in all of these are one group, whatever else differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from corridor.engine.step_cohorts import MOST_GROUPS
from corridor.formats.flee.matched_groups import matching_arrays
from corridor.formats.flee.matching import MATCHED, attributes_matched
from corridor.formats.flee.model import FleeInstance, FleePlace
from corridor.formats.flee.tables import attributes_used

#: The column of locations.csv that says how many of those who leave a place are farmers.
FARMERS = "farmer_fraction"


@dataclass(frozen=True)
class Group:
    """What the rules ask of a person."""

    score_power: float
    awareness: float
    matched: tuple[str, str] = ("", "")  # religion and ethnicity, where a rule reads them
    home: int = -1  # place, where it matters
    farms: bool = False  # stops in harvest and is counted at home


def group_arrays(instance: FleeInstance) -> dict[str, Any]:
    """Return the fields of `StepSetup` about groups: their rules, weights by place, and listed people.

    Raises
    ------
    ValueError
        If there are more groups than the engine can name; `check_supported` words it before.
    """
    weights = _weights(instance)
    listed = _listed(instance, weights)
    groups = list(weights)
    if len(groups) > MOST_GROUPS:
        raise ValueError(f"{len(groups)} groups; the engine has room for {MOST_GROUPS}")
    has_harvest = bool(instance.settings.move.harvest_months)
    return {
        "group_weight": np.ascontiguousarray(np.stack(list(weights.values()), axis=1)),
        "score_power": np.array([group.score_power for group in groups], np.float64),
        "awareness_of_group": np.array([group.awareness for group in groups], np.float64),
        "group_home": np.array([group.home for group in groups if has_harvest], np.int64),
        "group_farms": np.array([group.farms for group in groups if has_harvest], np.bool_),
        "listed": listed,
        **matching_arrays(instance, [group.matched for group in groups]),
    }


def _weights(instance: FleeInstance) -> dict[Group, Any]:
    """Return the weight [places] of each group in who appears there.

    Who appears nowhere and is known from agents.csv alone is told apart by the homes of those people alone.
    """
    alike: dict[Group, Any] = {}
    for person, weight in _kinds_of_people(instance):
        column = alike.setdefault(_rules_of(instance, person), np.zeros(len(instance.places)))
        column += weight
    listed = {_rules_of(instance, person.attributes) for person in instance.people}
    has_harvest = bool(instance.settings.move.harvest_months)
    return {
        group: weight * share
        for rules, weight in alike.items()
        if weight.any() or rules not in listed or not has_harvest
        for group, share in _by_home(instance, rules)
    }


def n_groups(instance: FleeInstance) -> int:
    """Return how many groups there are at most."""
    homes = 2 * len(instance.places) if instance.settings.move.harvest_months else 1
    people = {group for person, _ in _kinds_of_people(instance) for group in [_rules_of(instance, person)]}
    return homes * max(1, len(people))


def _kinds_of_people(instance: FleeInstance) -> Iterator[tuple[dict[str, str], Any]]:
    """Yield each combination of attributes that rules read, and its share [places] of who appears there."""
    used = attributes_used(instance.settings.move)
    tables = [table for table in instance.demographics if table.attribute in used]
    for combination in product(*(range(len(table.values)) for table in tables)):
        weight = np.ones(len(instance.places))
        for table, value in zip(tables, combination, strict=True):
            weight *= [table.by_place.get(place.name, table.default)[value] for place in instance.places]
        yield (
            {table.attribute: table.values[value] for table, value in zip(tables, combination, strict=True)},
            weight,
        )


def _rules_of(instance: FleeInstance, person: Mapping[str, str]) -> Group:
    rules, awareness = instance.settings.move.flood_rules, 0.0
    if rules is not None and rules.forecasts and "floodawareness" in person:
        awareness = rules.flood_awareness_weights[int(person["floodawareness"])]
    read = attributes_matched(instance.settings.move)
    religion, ethnicity = (person[attribute] if attribute in read else "" for attribute in MATCHED)
    return Group(score_power(instance, person), awareness, (religion, ethnicity))


def _by_home(instance: FleeInstance, group: Group) -> Iterator[tuple[Group, Any]]:
    """Yield a group by home and farming, where they matter, and the share [places] of who appears there."""
    if not instance.settings.move.harvest_months:
        yield group, 1.0
        return
    for home, place in enumerate(instance.places):
        is_here = np.arange(len(instance.places)) == home
        farmers = 1.0 if instance.law == "as-run" else farmer_share(place)
        for farms, share in ((True, farmers), (False, 1.0 - farmers)):
            if share > 0.0:
                yield replace(group, home=home, farms=farms), is_here * share


def farmer_share(place: FleePlace) -> float:
    """Return the share of farmers among those who leave a place."""
    return float(place.attributes.get(FARMERS, "").strip() or 0.0)


def _listed(instance: FleeInstance, weights: dict[Group, Any]) -> Any:
    """Return (place, group, people) of agents.csv, in the order of its lines; new groups are added."""
    counts: dict[tuple[int, Group], int] = {}
    for person in instance.people:
        shares = list(_by_home(instance, _rules_of(instance, person.attributes)))
        group = next(group for group, _ in shares if group.home in (-1, person.place))
        counts[person.place, group] = counts.get((person.place, group), 0) + 1
        weights.setdefault(group, np.zeros(len(instance.places)))
    column = {group: number for number, group in enumerate(weights)}
    rows = [(place, column[group], people) for (place, group), people in counts.items()]
    return np.array(rows, np.int64).reshape(len(rows), 3)


def score_power(instance: FleeInstance, person: Mapping[str, str]) -> float:
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
