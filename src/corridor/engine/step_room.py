"""The room that people see in the morning, one after another, in the law with a decision at every place.

A camp turns people away who are bound for it while less than half of its margin is left, between its buffer
and its full capacity; and the weight of every place with a capacity falls as its margin fills. In the morning
people leave such places, and Flee lets one person after another decide, the oldest first: who is older than
the person whose leaving makes room does not see it yet. So those who stand at *crowded* places, whose margin
is not empty, decide first; then their leaving is cut into steps, and the others see the step they are in.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from corridor.engine.arrays import OVERFLOW, TODAY
from corridor.engine.draws import open_next
from corridor.engine.random import SEE_ROOM, uniform
from corridor.engine.step_arrays import N_CROWDED, N_STEPS, N_TODAY
from corridor.engine.step_cohorts import FROM, LEFT, TICKS, UNTIL, WHERE, spot_of
from corridor.engine.step_ways import room_beside, room_left

#: Share of a place's margin that may empty before people are told apart by whether they see it.
SHARE_OF_STEP = 0.05
#: So many who leave a place have each an age of their own drawn; of more, the nth oldest is of the mean age.
MOST_DRAWN = 64
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
def find_crowded_places(setup, state):
    """Note the places whose margin is not empty this morning, and how many stand there."""
    n = 0
    for place in range(state.is_crowded.size):
        if state.capacity[place] > 0 and state.occupants[place] > 0 and room_left(setup, state, place) < 1.0:
            state.is_crowded[place] = True
            state.crowded[n], state.crowded_people[n] = place, state.occupants[place]
            state.people_left[n] = state.occupants[place]
            n += 1
    state.counters[N_CROWDED] = n


@njit(cache=True)
def most_in_a_step(setup, state, place):
    """Return how many may leave a crowded place before others are told apart by whether they see it."""
    margin = (1.0 - setup.capacity_buffer) * state.capacity[place] * setup.capacity_scaling
    return max(1, np.int64(SHARE_OF_STEP * margin))


@njit(cache=True)
def find_steps(setup, state, since):
    """Cut the leaving of the crowded places into steps, once those have decided who are away since a time.

    They are the next who decide, after those away for longer: to be called for one lot after another.
    """
    for row in range(state.counters[N_CROWDED]):
        place, people = state.crowded[row], state.people_left[row]
        left = people - state.occupants[place]
        state.people_left[row] = state.occupants[place]
        first_seen = _cut_into_steps(setup, state, place, people, left) if left > 0 else people
        if since <= 0.0:
            state.crowded_people[row] = first_seen
        else:
            _add_step(state, place, since, first_seen)


@njit(cache=True)
def _cut_into_steps(setup, state, place, people, left):
    """Note since when those are away who see each step of the leaving of a place, and how many they see.

    Return how many those see who come before the first step. Of the numbers of a step it is the middle one. A
    step begins where the place begins to have room, and where it lets people in again.
    """
    capacity = state.capacity[place] * setup.capacity_scaling
    most, lets_in = most_in_a_step(setup, state, place), _who_makes_room(setup, state, place, people, left)
    first_seen, times, begin = people, np.zeros(0), 0
    while True:
        end = begin + most
        if people - begin >= capacity:
            end = people - np.int64(math.ceil(capacity)) + 1
        elif people - begin <= setup.capacity_buffer * capacity:
            end = left + 1
        if begin < lets_in < end:
            end = lets_in
        end = min(end, left + 1)
        seen = people - (begin + end - 1) // 2
        if begin == 0:
            first_seen = seen
        elif left <= MOST_DRAWN:
            if times.size == 0:
                times = _draw_times(state, place, left)
            _add_step(state, place, times[begin - 1], seen)
        else:
            _add_step(state, place, _time_of_leaver(state, place, begin), seen)
        if end > left:
            return first_seen
        begin = end


@njit(cache=True)
def _draw_times(state, place, left):
    """Draw since when each of those is away who have just left a place; sorted."""
    times, n = np.zeros(left), 0
    open_next(state, place, SEE_ROOM)
    for row in range(state.counters[N_TODAY]):
        cohort = state.today[row]
        if spot_of(cohort[WHERE]) == place:
            for _ in range(cohort[LEFT]):
                time, at = cohort[FROM] + uniform(state.rng) * (cohort[UNTIL] - cohort[FROM]), n
                while at > 0 and times[at - 1] > time:
                    times[at] = times[at - 1]
                    at -= 1
                times[at] = time
                n += 1
    return times


@njit(cache=True)
def _time_of_leaver(state, place, nth):
    """Return since when about so many are away, or longer, of those who have just left a place."""
    low, high = 0.0, float((state.counters[TODAY] + 2) * TICKS)
    for _ in range(SEARCH_STEPS):
        middle, older = 0.5 * (low + high), 0.0
        for row in range(state.counters[N_TODAY]):
            cohort = state.today[row]
            if spot_of(cohort[WHERE]) == place and cohort[LEFT] > 0:
                apart = (middle - cohort[FROM]) / (cohort[UNTIL] - cohort[FROM])
                older += cohort[LEFT] * min(1.0, max(0.0, apart))
        if older < nth:
            low = middle
        else:
            high = middle
    return high


@njit(cache=True)
def _add_step(state, place, time, people):
    """Note a step, the steps in order of time."""
    row = state.counters[N_STEPS]
    if row >= state.step_time.size:
        state.counters[OVERFLOW] = 1
        return
    state.counters[N_STEPS] = row + 1
    while row > 0 and state.step_time[row - 1] > time:
        before = row - 1
        state.step_time[row], state.step_place[row] = state.step_time[before], state.step_place[before]
        state.step_people[row] = state.step_people[before]
        row = before
    state.step_time[row], state.step_place[row], state.step_people[row] = time, place, people


@njit(cache=True)
def _who_makes_room(setup, state, place, people, left):
    """Return the number of the person, of so many who leave a place, after whom it is less than half full.

    Half way from its buffer to full, that is; 0 if it is so before anybody leaves, left + 1 if it never is.
    """
    if room_beside(setup, state, place, people) >= 0.5:
        return 0
    too_few, enough = 0, left + 1
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if room_beside(setup, state, place, people - middle) < 0.5:
            too_few = middle
        else:
            enough = middle
    return enough


@njit(cache=True)
def show_before(state, time):
    """Let the crowded places hold as many as one sees who is away since a time; return the step after it."""
    for row in range(state.counters[N_CROWDED]):
        state.occupants[state.crowded[row]] = state.crowded_people[row]
    step = 0
    while step < state.counters[N_STEPS] and state.step_time[step] <= time:
        step = show(state, step)
    return step


@njit(cache=True)
def show(state, step):
    """Let a crowded place hold as many as one sees from a step on; return the next step."""
    state.occupants[state.step_place[step]] = state.step_people[step]
    return step + 1


@njit(cache=True)
def forget_crowded_places(state):
    """Let the crowded places hold as many as stand there when all have decided, and forget them."""
    for row in range(state.counters[N_CROWDED]):
        place = state.crowded[row]
        state.occupants[place], state.is_crowded[place] = state.people_left[row], False
    state.counters[N_CROWDED] = state.counters[N_STEPS] = 0
