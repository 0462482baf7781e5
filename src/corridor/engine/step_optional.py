"""Flee's optional rules in the law with a decision at every place.

Food, floods, harvest, camps that keep people, and roads that everybody must take. What food and floods do
depends on day, place and group alone and comes as arrays of `StepSetup`; docs/flee.md has the rules. Where a
rule is off its arrays are empty, and nothing here draws a number or changes one.
"""

from __future__ import annotations

from numba import njit

from corridor.engine.arrays import TODAY
from corridor.engine.draws import open_next
from corridor.engine.random import STAY_FOR_GOOD, binomial
from corridor.engine.step_arrays import N_TODAY, N_TONIGHT
from corridor.engine.step_cohorts import (
    PEOPLE,
    RECENT,
    SINCE,
    SPREAD,
    WHERE,
    WHO,
    group_of,
    mean,
    spot_of,
)

#: Stands for a chance without limit: a place of no size where the chance falls with the size.
TOP_CHANCE = 1e300


@njit(cache=True)
def kept_row_of(setup, group):
    """Return the row of a group in what is kept in detail."""
    return setup.kept_row[group] if setup.kept_row.size > 0 else group


# Food and floods


@njit(cache=True)
def factor_for(setup, state, place, group):
    """Return today's factor of a destination for a group, 0 or more."""
    today, aware = state.counters[TODAY], setup.awareness_of_group[group]
    return max(0.0, setup.end_factor[today, place, 0] + aware * setup.end_factor[today, place, 1])


@njit(cache=True)
def chance_today(setup, state, place, group, chance):
    """Return what a move chance becomes today for a group."""
    today, aware = state.counters[TODAY], setup.awareness_of_group[group]
    least = setup.chance_least[today, place, 0] + aware * setup.chance_least[today, place, 1]
    share = setup.chance_share[today, place, 0] + aware * setup.chance_share[today, place, 1]
    return max(0.0, least + share * chance)


@njit(cache=True)
def leave_weight_of_food(setup, state, place, day):
    """Return what the lack of food adds to the weight of leaving a place."""
    if setup.leave_share.shape[0] == 0:
        return 0.0
    if setup.leaves_only_in_conflict and state.intensity[place] <= 0.0:
        return 0.0
    return state.population[place] * setup.leave_share[day, place]


# Harvest


@njit(cache=True)
def is_frozen(setup, state, group):
    """Return whether people of a group who stand somewhere today do not move, and are counted at home."""
    return setup.is_harvest.size > 0 and setup.is_harvest[state.counters[TODAY]] and setup.group_farms[group]


@njit(cache=True)
def freeze(setup, state, place, group, people):
    """Count people who stand at a place at their home."""
    home = setup.group_home[group]
    state.occupants[place] -= people
    state.occupants[home] += people
    state.lent[place] += people
    state.lent[home] -= people
    if state.lent_of_group.shape[0] > 0:
        row = kept_row_of(setup, group)
        state.lent_of_group[place, row] -= people
        state.lent_of_group[home, row] += people


@njit(cache=True)
def count_at_home(setup, state):
    """Count everybody where they stand again, and in harvest those who farm at their homes."""
    if setup.is_harvest.size == 0:
        return
    state.occupants[:] += state.lent
    state.lent[:] = 0
    state.lent_of_group[:] = 0
    for row in range(state.counters[N_TODAY]):
        cohort = state.today[row]
        place, group = spot_of(cohort[WHERE]), group_of(cohort[WHO])
        if place < setup.population.size and is_frozen(setup, state, group):
            freeze(setup, state, place, group, cohort[PEOPLE])


# Camps that keep people


@njit(cache=True)
def keep_in_camps(setup, state):
    """Let each person who stands in a camp tonight stay for good with the chance of the camp.

    They are no cohort any more: they still count as occupants and with their religion and ethnicity, and
    never move.
    """
    if setup.stay_chance.size == 0:
        return
    for row in range(state.counters[N_TONIGHT]):
        cohort = state.tonight[row]
        place, people = spot_of(cohort[WHERE]), cohort[PEOPLE]
        if place >= setup.population.size or people == 0 or not state.is_camp[place]:
            continue
        if setup.stay_chance[place] == 0.0 or is_frozen(setup, state, group_of(cohort[WHO])):
            continue
        open_next(state, place, STAY_FOR_GOOD)
        going_on = people - binomial(state.rng, people, setup.stay_chance[place])
        state.stayed[place, kept_row_of(setup, group_of(cohort[WHO]))] += people - going_on
        for column in (RECENT, SINCE, SPREAD):
            cohort[column] = mean(cohort, column) * going_on
        cohort[PEOPLE] = going_on
        if setup.own_people.size > 0:
            for value in setup.value_of_group[group_of(cohort[WHO])]:
                if value >= 0:
                    state.for_good[place, value] += people - going_on


# Roads that everybody must take


@njit(cache=True)
def find_redirects(setup, state):
    """Find for each place the first open road that everybody there must take, if there is one."""
    if setup.leg_redirects.size == 0:
        return
    for place in range(state.redirect.size):
        state.redirect[place] = -1
        for leg in range(setup.out_first[place], setup.out_first[place + 1]):
            if state.leg_redirects[leg] and state.leg_open[leg]:
                state.redirect[place] = leg
                break
