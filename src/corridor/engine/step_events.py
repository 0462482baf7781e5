"""What changes on a day of the law with a decision at every place: conflicts, closures, capacities."""

from __future__ import annotations

import numpy as np
from numba import njit

from corridor.engine.paths import forget_ways
from corridor.engine.step_arrays import N_TODAY
from corridor.engine.step_cohorts import WHERE, WHO, spot_of, turned
from corridor.engine.step_leaving import work_out_leave_weights
from corridor.engine.step_optional import find_redirects

# Kinds of event. The first group acts before people leave home, the second after.
CONFLICT_ON, CONFLICT_OFF, SET_CAMP, SET_TOWN, SET_MARKER, SET_INTENSITY, SET_MOVE_CHANCE = range(7)
CLOSE_LEG, OPEN_LEG, CLOSE_CAMP, OPEN_CAMP, OPEN_IDP_CAMP, REDIRECT_OFF, REDIRECT_ON = range(10, 17)
SET_CAPACITY = 30  # of the second group, too


@njit(cache=True)
def switch(setup, state, day, row):
    """Let conflicts begin and end and places change, before people leave; return the next row of events."""
    switched = False
    while row < setup.event_day.size and setup.event_day[row] <= day:
        kind, place, value = setup.event_kind[row], setup.event_target[row], setup.event_value[row]
        row += 1
        if setup.event_day[row - 1] < day:
            continue
        if kind == CONFLICT_ON:
            state.intensity[place], state.conflict_start[place] = value, day
            state.move_chance[place], state.is_town[place] = setup.conflict_move_chance, False
            switched = True
        elif kind == CONFLICT_OFF:
            state.intensity[place] = 0.0
            state.move_chance[place], state.is_town[place] = setup.default_move_chance, True
            switched = True
        elif kind == SET_CAMP:
            state.is_camp[place] = value > 0.0
        elif kind == SET_TOWN:
            state.is_town[place] = value > 0.0
        elif kind == SET_MARKER:
            state.is_marker[place] = value > 0.0
            forget_ways(state)
        elif kind == SET_INTENSITY:
            state.intensity[place] = value
        elif kind == SET_MOVE_CHANCE:
            state.move_chance[place] = value
    if switched:
        work_out_leave_weights(setup, state, day)
    return row


@njit(cache=True)
def close_and_open(setup, state, day, row):
    """Let legs and camps close and open; people on a leg that closes will turn back at its end."""
    changed = False
    state.leg_closed_today[:] = False
    while row < setup.event_day.size and setup.event_day[row] <= day:
        kind, target = setup.event_kind[row], setup.event_target[row]
        row += 1
        if setup.event_day[row - 1] < day:
            continue
        if kind == CLOSE_LEG:
            state.leg_open[target], state.leg_closed_today[target], changed = False, True, True
        elif kind == OPEN_LEG:
            state.leg_open[target], changed = True, True
        elif kind == SET_CAPACITY:
            state.capacity[target] = np.int64(setup.event_value[row - 1])
        elif kind == CLOSE_CAMP:
            state.is_camp[target], state.is_town[target] = False, True
            state.move_chance[target], state.intensity[target] = setup.default_move_chance, 0.0
        elif kind in (OPEN_CAMP, OPEN_IDP_CAMP):
            chance = setup.camp_move_chance if kind == OPEN_CAMP else setup.idp_camp_move_chance
            state.is_camp[target], state.is_town[target] = True, False
            state.move_chance[target], state.intensity[target] = chance, 0.0
        elif kind in (REDIRECT_OFF, REDIRECT_ON):
            state.leg_redirects[target], changed = kind == REDIRECT_ON, True
    if changed:
        find_redirects(setup, state)
        forget_ways(state)
        for cohort in range(state.counters[N_TODAY]):
            leg = spot_of(state.today[cohort, WHERE]) - setup.population.size
            if leg >= 0 and state.leg_closed_today[leg]:
                state.today[cohort, WHO] = turned(state.today[cohort, WHO])
    return row
