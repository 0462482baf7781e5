"""Matching by religion and ethnicity of a Flee instance as arrays, as the engine takes them.

The engine counts who stands where each morning; here stand the values it tells apart, who lives where by the
columns of locations.csv, and how much each rule that is on makes of a share. docs/flee.md has the law.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from corridor.engine.step_matching import CAMP, CONFLICT, ELSEWHERE, ETHNICITY, RELIGION
from corridor.formats.flee.matching import (
    ETHNICITY_FACTOR,
    MATCHED,
    attributes_matched,
    known_values,
)
from corridor.formats.flee.model import FleeInstance, FleePlace


def matching_arrays(instance: FleeInstance, people: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the fields of `StepSetup` for matching; empty if no rule of it is on.

    ``people`` are the religion and ethnicity of each group, "" where no rule reads the attribute.
    """
    values = numbered_values(instance)
    if not attributes_matched(instance.settings.move):
        return {}
    row = {name: number for number, name in enumerate(values)}
    living = [
        [living_people(place, value, instance.hasten) for _, value in values] for place in instance.places
    ]
    of_groups = [[row.get(pair, -1) for pair in enumerate(both)] for both in people]
    return {
        "own_people": np.array(living, np.float64),
        "attribute_of_value": np.array([attribute for attribute, _ in values], np.int64),
        "value_of_group": np.array(of_groups, np.int64),
        "match_weight": match_weights(instance),
    }


def numbered_values(instance: FleeInstance) -> list[tuple[int, str]]:
    """Return the values that rules match by, each with its attribute, in the order of their numbers."""
    return [
        (MATCHED.index(attribute), value)
        for attribute in attributes_matched(instance.settings.move)
        for value in known_values(instance, attribute)
    ]


def living_people(place: FleePlace, value: str, hasten: int) -> float:
    """Return how many of a value live at a place, in simulated people."""
    return float(place.attributes.get(value, "").strip() or 0.0) / hasten


def match_weights(instance: FleeInstance) -> Any:
    """Return [kinds of place, attributes] the factor of a place where all have the person's value."""
    move = instance.settings.move
    weight = np.zeros((3, 2))
    weight[CAMP, RELIGION] = move.match_camp_religion / move.avg_religion_fraction
    weight[CAMP, ETHNICITY] = move.match_camp_ethnicity * ETHNICITY_FACTOR
    weight[CONFLICT, ETHNICITY] = move.match_conflict_ethnicity * ETHNICITY_FACTOR
    weight[ELSEWHERE, ETHNICITY] = move.match_town_ethnicity * ETHNICITY_FACTOR
    return weight
