"""Matching by religion and ethnicity: what a destination counts for by how many there are like oneself.

Each morning everybody who stands somewhere is counted, with those who live there, and the share of each value
becomes a factor of the place for the people of that value; docs/flee.md has the law. Flee documents this and
stops. Where no such rule is on `StepSetup.own_people` has no values, and nothing here counts or changes
anything.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from corridor.engine.step_arrays import N_TODAY
from corridor.engine.step_cohorts import PEOPLE, WHERE, WHO, group_of, spot_of
from corridor.engine.step_optional import is_frozen

#: Rows of `StepSetup.match_weight`: what a place is today. A camp in conflict is a camp.
CAMP, CONFLICT, ELSEWHERE = range(3)
#: Its columns, and those of `StepSetup.value_of_group`.
RELIGION, ETHNICITY = range(2)


@njit(cache=True)
def match_factor(setup, state, place, group):
    """Return this morning's factor of a destination for a group; 1 where no rule of matching is on."""
    if setup.own_people.size == 0:
        return 1.0
    factor = 1.0
    for value in setup.value_of_group[group]:
        if value >= 0:
            factor *= state.match[place, value]
    return factor


@njit(cache=True)
def work_out_matching(setup, state):
    """Work out the factor of each place for each value: its share there times the weight of the rule.

    It is 1 where no rule asks for the value, and where nobody is known who has any value of its kind.
    """
    if setup.own_people.size == 0:
        return
    people = _people_by_value(setup, state)
    places, values = people.shape
    for place in range(places):
        kind = _kind_of_place(state, place)
        known = _known(setup, people[place])
        for value in range(values):
            attribute = setup.attribute_of_value[value]
            weight = setup.match_weight[kind, attribute]
            state.match[place, value] = 1.0
            if weight > 0.0 and known[attribute] > 0.0:
                state.match[place, value] = weight * people[place, value] / known[attribute]


@njit(cache=True)
def _people_by_value(setup, state):
    """Return [places, values] who live there, stand there this morning or stay there for good.

    Who is counted at home for the harvest today counts there.
    """
    people = setup.own_people + state.for_good
    for row in range(state.counters[N_TODAY]):
        place, group = spot_of(state.today[row, WHERE]), group_of(state.today[row, WHO])
        if place >= setup.population.size:
            continue
        if is_frozen(setup, state, group):
            place = setup.group_home[group]
        for value in setup.value_of_group[group]:
            if value >= 0:
                people[place, value] += state.today[row, PEOPLE]
    return people


@njit(cache=True)
def _known(setup, people):
    """Return how many people have a known religion, and how many a known ethnicity."""
    known = np.zeros(2)
    for value in range(people.size):
        known[setup.attribute_of_value[value]] += people[value]
    return known


@njit(cache=True)
def _kind_of_place(state, place):
    if state.is_camp[place]:
        return CAMP
    return CONFLICT if state.intensity[place] > 0.0 else ELSEWHERE
