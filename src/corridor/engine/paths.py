"""Shortest open ways: who can go where from a place, how far it is, and by which legs.

Ways are found from one place at a time, when first asked for, and kept until a route opens or closes. Plans
are stored as legs with a shared tail, so that people bound for one place by one way have one plan, wherever
they came from.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from corridor.engine.arrays import N_PLANS, N_WAYS, OVERFLOW, STOPS_OUTSIDE, VERSION


@njit(cache=True)
def forget_ways(state):
    """Forget all ways: a route has opened or closed."""
    state.counters[VERSION] += 1
    state.counters[N_WAYS] = 0


@njit(cache=True)
def find_ways(setup, state, origin, reach):
    """Find the shortest open ways from ``origin`` up to ``reach`` metres (reach < 0: without limit), if not
    yet known.

    Dijkstra's algorithm in whole metres. Rows are in order of distance, then of name; among equally short
    ways the one whose last leg starts at the first place in order of name is kept. Nobody passes through a
    place that is outside.
    """
    if state.ways_version[origin] == state.counters[VERSION]:
        return
    first = state.counters[N_WAYS]
    n_rows, n_heap = first, 0
    state.search_metres[origin] = 0
    n_heap = _reach_ends(setup, state, origin, 0, reach, n_heap)
    state.search_row[origin] = -1
    while n_heap > 0:
        metres, place = state.search_heap[0, 0], state.search_heap[0, 1]
        n_heap = _pop(state.search_heap, n_heap)
        if state.search_metres[place] != metres or state.search_row[place] >= 0:
            continue
        if n_rows >= state.way_place.size:
            state.counters[OVERFLOW] = 1
            break
        leg = state.search_leg[place]
        state.way_place[n_rows], state.way_metres[n_rows], state.way_leg[n_rows] = place, metres, leg
        state.way_before[n_rows] = state.search_row[setup.leg_start[leg]]
        state.way_plan[n_rows], state.way_pull[n_rows] = -1, -1.0
        state.search_row[place] = n_rows
        n_rows += 1
        if setup.stops[place] != STOPS_OUTSIDE:
            n_heap = _reach_ends(setup, state, place, metres, reach, n_heap)
    _clear_search(setup, state, origin, first, n_rows, n_heap)
    state.ways_first[origin], state.ways_count[origin] = first, n_rows - first
    state.ways_version[origin] = state.counters[VERSION]
    state.counters[N_WAYS] = n_rows


@njit(cache=True)
def _reach_ends(setup, state, place, metres, reach, n_heap):
    for leg in range(setup.out_first[place], setup.out_first[place + 1]):
        if not state.leg_open[leg]:
            continue
        end, ahead = setup.leg_end[leg], metres + setup.leg_metres[leg]
        if reach >= 0 and ahead > reach:
            continue
        known = state.search_metres[end]
        if known < 0 or ahead < known:
            state.search_metres[end] = ahead
            state.search_leg[end] = leg
            state.search_row[end] = -2
            n_heap = _push(state.search_heap, n_heap, ahead, end)
        elif (
            ahead == known and state.search_row[end] == -2 and place < setup.leg_start[state.search_leg[end]]
        ):
            state.search_leg[end] = leg
    return n_heap


@njit(cache=True)
def _clear_search(setup, state, origin, first, n_rows, n_heap):
    state.search_metres[origin] = -1
    for row in range(first, n_rows):
        state.search_metres[state.way_place[row]] = -1
    for row in range(n_heap):
        state.search_metres[state.search_heap[row, 1]] = -1


@njit(cache=True)
def _push(heap, n, metres, place):
    row = n
    while row > 0:
        above = (row - 1) >> 1
        if heap[above, 0] < metres or (heap[above, 0] == metres and heap[above, 1] <= place):
            break
        heap[row, 0], heap[row, 1] = heap[above, 0], heap[above, 1]
        row = above
    heap[row, 0], heap[row, 1] = metres, place
    return n + 1


@njit(cache=True)
def _pop(heap, n):
    n -= 1
    metres, place = heap[n, 0], heap[n, 1]
    row = 0
    while True:
        below = 2 * row + 1
        if below >= n:
            break
        if below + 1 < n and (
            heap[below + 1, 0] < heap[below, 0]
            or (heap[below + 1, 0] == heap[below, 0] and heap[below + 1, 1] < heap[below, 1])
        ):
            below += 1
        if metres < heap[below, 0] or (metres == heap[below, 0] and place <= heap[below, 1]):
            break
        heap[row, 0], heap[row, 1] = heap[below, 0], heap[below, 1]
        row = below
    heap[row, 0], heap[row, 1] = metres, place
    return n


@njit(cache=True)
def plan_of_way(setup, state, row):
    """Return the plan that follows the way in ``row`` of the table of ways (made if it is new)."""
    if state.way_plan[row] < 0:
        plan, last = -1, row
        while last >= 0:
            plan = make_plan(setup, state, state.way_leg[last], plan)
            last = state.way_before[last]
        state.way_plan[row] = plan
    return state.way_plan[row]


@njit(cache=True)
def make_plan(setup, state, leg, rest):
    """Return the plan of a leg and the plan after it (-1 = none), made if it is new."""
    slots = state.plan_slots
    mixed = (np.uint64(leg) * np.uint64(0x9E3779B97F4A7C15)) ^ (
        np.uint64(rest + 1) * np.uint64(0xC2B2AE3D27D4EB4F)
    )
    slot = np.int64((mixed >> np.uint64(17)) % np.uint64(slots.size))
    while slots[slot] >= 0:
        plan = slots[slot]
        if state.plan_leg[plan] == leg and state.plan_rest[plan] == rest:
            return plan
        slot = (slot + 1) % slots.size
    plan = state.counters[N_PLANS]
    if plan >= state.plan_leg.size:
        state.counters[OVERFLOW] = 1
        return 0
    slots[slot] = plan
    state.plan_leg[plan], state.plan_rest[plan] = leg, rest
    state.plan_end[plan] = setup.leg_end[leg] if rest < 0 else state.plan_end[rest]
    state.counters[N_PLANS] = plan + 1
    return plan
