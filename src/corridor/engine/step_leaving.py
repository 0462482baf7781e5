"""Who leaves home, in the law with a decision at every place: how many, from where, and since when."""

from __future__ import annotations

import numpy as np
from numba import njit

from corridor.engine.draws import open_next
from corridor.engine.random import FIND_WAY, LEAVE_GIVEN, LEAVE_RESIDENT, multinomial, poisson
from corridor.engine.step_cohorts import stand, take_new
from corridor.engine.step_optional import leave_weight_of_food

# How many leave home.
GIVEN, CONSTANT, POPULATION_SHARE, POISSON = range(4)


@njit(cache=True)
def insert_people(setup, state):
    """Let the people of day 0 stand in their places; return how many they are."""
    total, before = setup.inserted.sum(), np.int64(0)
    for place in range(setup.inserted.size):
        people = setup.inserted[place]
        if people > 0:
            take_new(state, 0, before / total, (before + people) / total)
            appear(setup, state, place, people, FIND_WAY)
            before += people
    take_new(state, 0, 0.0, 1.0)
    for row in range(setup.listed.shape[0]):
        place, group, people = setup.listed[row]
        stand(setup, state, place, group, 0, -1, 1, people)
        state.occupants[place] += people
    return total + setup.listed[:, 2].sum()


@njit(cache=True)
def appear(setup, state, place, people, decision):
    """Let the people in hand, who are new, stand at a place, their groups drawn by its weights."""
    groups = setup.group_weight.shape[1]
    drawn = np.zeros(groups, np.int64)
    drawn[0] = people
    if groups > 1:
        open_next(state, place, decision)
        multinomial(state.rng, people, setup.group_weight[place], drawn)
    for group in range(groups):
        if drawn[group] > 0:
            stand(setup, state, place, group, 0, -1, 1, drawn[group])
    state.occupants[place] += people


@njit(cache=True)
def decay(setup, age):
    """Return the factor of a conflict of this age in days."""
    return setup.decay[min(int(age / setup.decay_days), setup.decay.size - 1)]


@njit(cache=True)
def work_out_leave_weights(setup, state, day):
    """Work out where people leave from: population x intensity x decay of each place in conflict."""
    for place in range(state.leave_weight.size):
        weight = 0.0
        if state.intensity[place] > 0.0:
            age = day - state.conflict_start[place]
            weight = state.population[place] * state.intensity[place] * decay(setup, age)
        state.leave_weight[place] = weight + leave_weight_of_food(setup, state, place, day)


@njit(cache=True)
def leave_home(setup, state, day):
    """Let the day's people leave home; return how many they are.

    Those whose number is given leave in any order, otherwise one place after another.
    """
    leavers = np.zeros(setup.population.size, np.int64)
    if setup.leaving == GIVEN:
        homes = np.nonzero(state.leave_weight)[0]
        if setup.given[day] > 0 and homes.size > 0:
            drawn = np.zeros(homes.size, np.int64)
            open_next(state, 0, LEAVE_GIVEN)
            multinomial(state.rng, setup.given[day], state.leave_weight[homes], drawn)
            leavers[homes] = drawn
    else:
        for place in range(leavers.size):
            leavers[place] = _leavers_of(setup, state, place, day)
    total, before = leavers.sum(), np.int64(0)
    for place in range(leavers.size):
        people = leavers[place]
        if people == 0:
            continue
        if setup.leaving == GIVEN:
            take_new(state, day + 1, 0.0, 1.0)
        else:
            take_new(state, day + 1, before / total, (before + people) / total)
        appear(setup, state, place, people, LEAVE_RESIDENT)
        before += people
        if setup.takes_from_population:
            state.population[place] = max(0.0, state.population[place] - people)
    return total


@njit(cache=True)
def _leavers_of(setup, state, place, day):
    """Return how many leave a place where that follows from the fighting or a flood there."""
    people, rate = 1.0, setup.displaced_per_day
    if setup.leaving == POPULATION_SHARE:
        people = state.population[place]
    if setup.leave_rate.shape[0] > 0:
        people *= setup.leave_rate[day, place]
    else:
        people = rate * people * state.intensity[place]  # in this order, on which rounding down depends
    if people <= 0.0:
        return np.int64(0)
    if setup.leaving != POISSON:
        return np.int64(people)
    open_next(state, place, LEAVE_GIVEN)
    return poisson(state.rng, people)
