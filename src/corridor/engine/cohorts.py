"""Cohorts: rows of whole numbers for people who share everything the law looks at, and the tables that hold them.

*Standing* cohorts have no plan; their rows stay where they are and their number of people changes. *Moving* cohorts have a
plan; their table is made anew each day. The *wave* is today's queue of people who stand at a place at some second of the day,
in order of second, then place, then the other columns, so that equal cohorts meet and merge.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from corridor.engine.arrays import (
    DISPLACED,
    HEAP_COLUMNS,
    MOVING_COLUMNS,
    N_ARRIVING,
    N_HEAP,
    N_MOVING,
    N_STANDING,
    OVERFLOW,
    STANDING_COLUMNS,
    WAITING,
)

# Columns of State.standing. HOME is a place, or -1.
PLACE, GROUP, HOME, STATUS, PEOPLE = range(STANDING_COLUMNS)

# Columns of State.moving and State.arriving. M_LEG -1: standing at M_PLACE; else on that leg, M_DONE seconds along.
(
    M_PLACE,
    M_LEG,
    M_DONE,
    M_GROUP,
    M_HOME,
    M_STATUS,
    M_PLAN,
    M_FIRST_LEG,
    M_PASSED,
    M_SINCE,
    M_PEOPLE,
) = range(MOVING_COLUMNS)

# Columns of State.heap and State.batch; all but the last are the order of the wave. W_PLAN -1: the journey ends here.
(
    W_SECOND,
    W_PLACE,
    W_SINCE,
    W_GROUP,
    W_HOME,
    W_STATUS,
    W_PLAN,
    W_FIRST_LEG,
    W_PASSED,
    W_PEOPLE,
) = range(HEAP_COLUMNS)


@njit(cache=True)
def _slot(table, row, columns, n_slots):  # type: ignore[no-untyped-def]
    mixed = np.uint64(0x9E3779B97F4A7C15)
    for column in range(columns):
        mixed ^= np.uint64(table[row, column] + 1)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(29)
    return np.int64((mixed >> np.uint64(11)) % np.uint64(n_slots))


@njit(cache=True)
def _merge_last(table, slots, n, people):  # type: ignore[no-untyped-def]
    """Merge row n into the row that equals it in all columns before ``people``; return the new number of rows."""
    slot = _slot(table, n, people, slots.size)
    while slots[slot] >= 0:
        row = slots[slot]
        equal = True
        for column in range(people):
            if table[row, column] != table[n, column]:
                equal = False
                break
        if equal:
            table[row, people] += table[n, people]
            return n
        slot = (slot + 1) % slots.size
    slots[slot] = n
    return n + 1


@njit(cache=True)
def stand(state, place, group, home, status, people):  # type: ignore[no-untyped-def]
    """Let people without a plan stand at a place in a state, and count them as occupying it."""
    n = state.counters[N_STANDING]
    if n >= state.standing.shape[0] - 1:
        state.counters[OVERFLOW] = 1
        return
    row = state.standing[n]
    row[PLACE], row[GROUP], row[HOME], row[STATUS], row[PEOPLE] = place, group, home, status, people
    state.counters[N_STANDING] = _merge_last(state.standing, state.standing_slots, n, PEOPLE)
    occupy(state, place, status, people)


@njit(cache=True)
def occupy(state, place, status, people):  # type: ignore[no-untyped-def]
    """Count people (less than 0: who go) among those inside a place, or without shelter there."""
    if status in (DISPLACED, WAITING):
        state.unsheltered[place] += people
    else:
        state.inside[place] += people


@njit(cache=True)
def keep_moving(
    state, place, leg, done, group, home, status, plan, first_leg, passed, since, people
):  # type: ignore[no-untyped-def]
    """Keep people with a plan for tomorrow."""
    n = state.counters[N_ARRIVING]
    if n >= state.arriving.shape[0] - 1:
        state.counters[OVERFLOW] = 1
        return
    row = state.arriving[n]
    row[M_PLACE], row[M_LEG], row[M_DONE], row[M_GROUP], row[M_HOME] = place, leg, done, group, home
    row[M_STATUS], row[M_PLAN], row[M_FIRST_LEG], row[M_PASSED] = status, plan, first_leg, passed
    row[M_SINCE], row[M_PEOPLE] = since, people
    state.counters[N_ARRIVING] = _merge_last(state.arriving, state.moving_slots, n, M_PEOPLE)


@njit(cache=True)
def start_new_moving(state):  # type: ignore[no-untyped-def]
    """Make what was kept for tomorrow into today's moving cohorts, and empty the table for the next day."""
    n = state.counters[N_ARRIVING]
    state.moving[:n] = state.arriving[:n]
    state.counters[N_MOVING] = n
    state.counters[N_ARRIVING] = 0
    state.moving_slots[:] = -1


@njit(cache=True)
def _before(heap, first, second):  # type: ignore[no-untyped-def]
    for column in range(W_PEOPLE):
        if heap[first, column] != heap[second, column]:
            return heap[first, column] < heap[second, column]
    return False


@njit(cache=True)
def _swap(heap, first, second):  # type: ignore[no-untyped-def]
    for column in range(HEAP_COLUMNS):
        heap[first, column], heap[second, column] = heap[second, column], heap[first, column]


@njit(cache=True)
def push_wave(
    state, second, place, since, group, home, status, plan, first_leg, passed, people
):  # type: ignore[no-untyped-def]
    """Let people with a plan (or at its end: plan -1) stand at a place at a second of today."""
    heap, n = state.heap, state.counters[N_HEAP]
    if n >= heap.shape[0] - 1:
        state.counters[OVERFLOW] = 1
        return
    row = heap[n]
    row[W_SECOND], row[W_PLACE], row[W_SINCE], row[W_GROUP], row[W_HOME] = second, place, since, group, home
    row[W_STATUS], row[W_PLAN], row[W_FIRST_LEG], row[W_PASSED] = status, plan, first_leg, passed
    row[W_PEOPLE] = people
    state.counters[N_HEAP] = n + 1
    while n > 0:
        above = (n - 1) >> 1
        if not _before(heap, n, above):
            break
        _swap(heap, n, above)
        n = above


@njit(cache=True)
def _pop_wave(state):  # type: ignore[no-untyped-def]
    heap = state.heap
    n = state.counters[N_HEAP] - 1
    state.counters[N_HEAP] = n
    heap[0] = heap[n]
    row = 0
    while True:
        below = 2 * row + 1
        if below >= n:
            return
        if below + 1 < n and _before(heap, below + 1, below):
            below += 1
        if not _before(heap, below, row):
            return
        _swap(heap, row, below)
        row = below


@njit(cache=True)
def next_batch(state):  # type: ignore[no-untyped-def]
    """Move the people at the next second and place of the wave, who wait since the same day, to ``state.batch``.

    Returns the number of rows, 0 when the wave is over. Equal cohorts are merged; rows are in the order of the wave.
    """
    heap, batch, n = state.heap, state.batch, 0
    while state.counters[N_HEAP] > 0:
        if n > 0 and (
            heap[0, W_SECOND] != batch[0, W_SECOND]
            or heap[0, W_PLACE] != batch[0, W_PLACE]
            or heap[0, W_SINCE] != batch[0, W_SINCE]
        ):
            break
        equal = n > 0
        if equal:
            for column in range(W_PEOPLE):
                if heap[0, column] != batch[n - 1, column]:
                    equal = False
                    break
        if equal:
            batch[n - 1, W_PEOPLE] += heap[0, W_PEOPLE]
        else:
            batch[n] = heap[0]
            n += 1
        _pop_wave(state)
    return n
