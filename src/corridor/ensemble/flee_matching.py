"""Religion and ethnicity in a scenario under the law flee as the engine takes them, for one member.

Values are numbered in the order of the groups, as `corridor.formats.flee.matched_groups` has them for an
instance of Flee; docs/flee.md has the law.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corridor.engine.step_matching import CAMP, CONFLICT, ELSEWHERE, ETHNICITY, RELIGION
from corridor.ensemble.sample import resolve
from corridor.scenario.check_composition import attributes_asked
from corridor.scenario.model import FleeRules, Scenario, Value

_ATTRIBUTES = {"religion": RELIGION, "ethnicity": ETHNICITY}
#: Where each rule counts, and for what.
_CELLS = {
    "same_religion_at_sites": (CAMP, RELIGION),
    "same_ethnicity_at_sites": (CAMP, ETHNICITY),
    "same_ethnicity_in_fighting": (CONFLICT, ETHNICITY),
    "same_ethnicity_elsewhere": (ELSEWHERE, ETHNICITY),
}

_Values = Mapping[str, float]


def matching_arrays(
    scenario: Scenario, index: Mapping[str, int], rows: NDArray[np.int64], values: _Values
) -> dict[str, Any]:
    """Return the fields of `StepSetup` for matching; empty if no rule of it is on.

    ``index`` numbers the places, ``rows`` [groups of the engine] says which group of the scenario each is.
    """
    flee = scenario.rules.flee
    assert flee is not None
    asked = attributes_asked(flee)
    if not asked:
        return {}
    of_group = [
        [(attribute, str(getattr(group, attribute))) for attribute in _ATTRIBUTES]
        for group in scenario.groups
    ]
    known = [pair for at in range(len(_ATTRIBUTES)) for pair in dict.fromkeys(both[at] for both in of_group)]
    column = {pair: at for at, pair in enumerate(pair for pair in known if pair[0] in asked)}
    living = np.zeros((len(index), len(column)))
    for some in scenario.composition:
        if some.attribute in asked:
            people = max(0.0, resolve(some.people, values))
            living[index[some.place], column[some.attribute, some.value]] = people
    value_of_group = np.array([[column.get(pair, -1) for pair in both] for both in of_group], np.int64)
    return {
        "has_special_weights": True,
        "own_people": living,
        "attribute_of_value": np.array([_ATTRIBUTES[attribute] for attribute, _ in column], np.int64),
        "value_of_group": value_of_group[rows],
        "match_weight": _weights(flee, values),
    }


def _weights(flee: FleeRules, values: _Values) -> NDArray[np.float64]:
    """Return [kinds of place, attributes] the factor of a place where all share what the person has."""
    weight = np.zeros((3, len(_ATTRIBUTES)))
    for rule, cell in _CELLS.items():
        stated: Value = getattr(flee, rule)
        weight[cell] = max(0.0, resolve(stated, values))
    return weight
