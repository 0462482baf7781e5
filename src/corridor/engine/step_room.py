"""Who is turned away from a camp, and who decides before there is room again, in the law with a decision at
every place.

A camp turns people away who are bound for it while less than half of its margin is left, between its buffer
and its full capacity. In the morning people leave such camps, and Flee lets one person after another decide,
the oldest first: who is older than the person whose leaving makes room does not see it yet.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from corridor.engine.arrays import TODAY
from corridor.engine.draws import open_next
from corridor.engine.random import SEE_ROOM, nth_of
from corridor.engine.step_arrays import N_FULL, N_TODAY
from corridor.engine.step_cohorts import LEFT, PEOPLE, TICKS, WHERE, away_since, spot_of
from corridor.engine.step_ways import room_beside, room_left

#: Halvings in the search for an age.
SEARCH_STEPS = 24


@njit(cache=True)
def half_way(setup, capacity):
    """Return the number of people above which a camp turns people away: half way from its buffer to full."""
    return 0.5 * (1.0 + setup.capacity_buffer) * capacity


@njit(cache=True)
def lets_nobody_in(setup, state, place):
    """Return whether a place is a camp that is more than half way from its buffer to full."""
    return state.is_camp[place] and room_left(setup, state, place) < 0.5


@njit(cache=True)
def find_full_camps(setup, state):
    """Note which camps turn people away this morning, and how many stand there."""
    state.counters[N_FULL] = 0
    for place in range(state.is_camp.size):
        if state.capacity[place] > 0 and lets_nobody_in(setup, state, place):
            n = state.counters[N_FULL]
            state.full[n], state.full_people[n] = place, state.occupants[place]
            state.counters[N_FULL] = n + 1


@njit(cache=True)
def find_when_there_is_room(setup, state):
    """Keep, of the full camps, those that have room now, and draw since when who sees it first is away."""
    kept = 0
    for row in range(state.counters[N_FULL]):
        place, people = state.full[row], state.full_people[row]
        if not lets_nobody_in(setup, state, place):
            left = people - state.occupants[place]
            open_next(state, place, SEE_ROOM)
            share = nth_of(state.rng, _who_makes_room(setup, state, place, people, left), left)
            state.opens_at[place] = _away_since_of(setup, state, place, share)
            state.full[kept] = place
            kept += 1
    state.counters[N_FULL] = kept


@njit(cache=True)
def _who_makes_room(setup, state, place, people, left):
    """Return the number of the person, of so many who leave a full camp, after whom it lets people in."""
    too_few, enough = 0, left
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if room_beside(setup, state, place, people - middle) < 0.5:
            too_few = middle
        else:
            enough = middle
    return enough


@njit(cache=True)
def _away_since_of(setup, state, place, share):
    """Return since when the youngest of this share of those who left a place this morning is away."""
    newest = np.int64((state.counters[TODAY] + 2) * TICKS)
    low, high = 0.0, float(newest)
    for _ in range(SEARCH_STEPS):
        middle = 0.5 * (low + high)
        older = left = 0.0
        for row in range(state.counters[N_TODAY]):
            cohort = state.today[row]
            if spot_of(cohort[WHERE]) == place and cohort[PEOPLE] > 0 and cohort[LEFT] > 0:
                earliest, latest = away_since(cohort, newest)
                left += cohort[LEFT]
                older += cohort[LEFT] * min(1.0, max(0.0, (middle - earliest) / (latest - earliest)))
        if older < share * left:
            low = middle
        else:
            high = middle
    return high


@njit(cache=True)
def next_opening(state, since, until):
    """Return the next time between two at which a full camp has room again, ``until`` if there is none."""
    for row in range(state.counters[N_FULL]):
        opens_at = state.opens_at[state.full[row]]
        if since < opens_at < until:
            until = opens_at
    return until
