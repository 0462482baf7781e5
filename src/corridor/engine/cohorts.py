"""Cohorts: rows of whole numbers for people who share everything the law looks at, and the tables that hold
them.

*Standing* cohorts have no plan; their rows stay where they are and their number of people changes. (Those
with a plan are in `corridor.engine.journeys`.) The *wave* is today's queue of people who stand at a place at
some second of the day, in order of second, then place, then the other columns, so that equal cohorts meet and
merge.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from corridor.engine.arrays import (
    BATCH_COLUMNS,
    DISPLACED,
    HEAP_COLUMNS,
    N_HEAP,
    N_STANDING,
    OVERFLOW,
    STANDING_COLUMNS,
    WAITING,
)

# Columns of State.standing. HOME is a place, or -1.
PLACE, GROUP, HOME, STATUS, PEOPLE = range(STANDING_COLUMNS)

# Columns of State.batch. W_PLAN -1: the journey ends here.
(
    W_SECOND,
    W_PLACE,
    W_SINCE,
    W_GROUP,
    W_HOME,
    W_PLAN,
    W_FIRST_LEG,
    W_PASSED,
    W_PEOPLE,
) = range(BATCH_COLUMNS)

# The wave is a heap of three columns: what a cohort is, packed in two numbers whose order is the order of the
# wave (second, place, since; then group, home, plan, first leg, passed), and its people. Bits of each part:
_SECOND_BITS, _PLACE_BITS, _SINCE_BITS = 22, 24, 16
_GROUP_BITS, _HOME_BITS, _PLAN_BITS = 8, 24, 28
WHEN, WHO, WAVE_PEOPLE = range(HEAP_COLUMNS)


@njit(cache=True)
def _slot(place, group, home, status, n_slots):
    """Return where to look for a row first; the number of slots is a power of two."""
    mixed = np.uint64((place << 24) ^ (home + 1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= np.uint64((group << 4) | status) * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return np.int64((mixed >> np.uint64(33)) & np.uint64(n_slots - 1))


@njit(cache=True)
def stand(state, place, group, home, status, people):
    """Let people without a plan stand at a place in a state, and count them as occupying it."""
    occupy(state, place, status, people)
    table, slots, n = state.standing, state.standing_slots, state.counters[N_STANDING]
    slot = _slot(place, group, home, status, slots.size)
    while slots[slot] >= 0:
        row = slots[slot]
        if (
            table[row, PLACE] == place
            and table[row, HOME] == home
            and table[row, GROUP] == group
            and table[row, STATUS] == status
        ):
            table[row, PEOPLE] += people
            return
        slot = (slot + 1) & (slots.size - 1)
    if n >= table.shape[0]:
        state.counters[OVERFLOW] = 1
        return
    slots[slot] = n
    table[n, PLACE], table[n, GROUP], table[n, HOME], table[n, STATUS] = place, group, home, status
    table[n, PEOPLE] = people
    state.counters[N_STANDING] = n + 1


@njit(cache=True)
def occupy(state, place, status, people):
    """Count people (less than 0: who go) among those inside a place, or without shelter there."""
    if status in (DISPLACED, WAITING):
        state.unsheltered[place] += people
    else:
        state.inside[place] += people


@njit(cache=True)
def pack_when(second, place, since):
    """Return the first column of a row of the wave: when and where, in the order in which the wave goes."""
    return (((second << _PLACE_BITS) | place) << _SINCE_BITS) | since


@njit(cache=True)
def pack_who(group, home, plan, first_leg, passed):
    """Return the second column of a row of the wave: all that the law looks at in people, but when and
    where.
    """
    who = (((group << _HOME_BITS) | (home + 1)) << _PLAN_BITS) | (plan + 1)
    return (who << 2) | (first_leg << 1) | passed


@njit(cache=True)
def push_packed(state, when, who, people):
    """Put a row of the wave back, with so many people."""
    if people > 0:
        if state.counters[N_HEAP] >= state.heap.shape[0] - 1:
            state.counters[OVERFLOW] = 1
            return
        _sift_up(state.heap, state.counters[N_HEAP], when, who, people)
        state.counters[N_HEAP] += 1


@njit(cache=True)
def place_of_packed(when):
    """Return the place of a row of the wave from its first column."""
    return (when >> _SINCE_BITS) & ((1 << _PLACE_BITS) - 1)


@njit(cache=True)
def plan_of_packed(who):
    """Return the plan of a row of the wave from its second column, -1 if its journey ends."""
    return ((who >> 2) & ((1 << _PLAN_BITS) - 1)) - 1


@njit(cache=True)
def group_of_packed(who):
    """Return the group of a row of the wave from its second column."""
    return who >> (2 + _PLAN_BITS + _HOME_BITS)


@njit(cache=True)
def home_of_packed(who):
    """Return the home of a row of the wave from its second column, -1 if it has none."""
    return ((who >> (2 + _PLAN_BITS)) & ((1 << _HOME_BITS) - 1)) - 1


@njit(cache=True)
def first_leg_of_packed(who):
    """Return whether a row of the wave is on its first leg from home, 1 or 0, from its second column."""
    return (who >> 1) & 1


@njit(cache=True)
def has_passed_packed(who):
    """Return the last part of the second column of a row of the wave."""
    return who & 1


@njit(cache=True)
def _unpack(when, who, people, row):
    row[W_SINCE] = when & ((1 << _SINCE_BITS) - 1)
    row[W_PLACE] = (when >> _SINCE_BITS) & ((1 << _PLACE_BITS) - 1)
    row[W_SECOND] = when >> (_SINCE_BITS + _PLACE_BITS)
    row[W_PASSED] = who & 1
    row[W_FIRST_LEG] = (who >> 1) & 1
    row[W_PLAN] = ((who >> 2) & ((1 << _PLAN_BITS) - 1)) - 1
    row[W_HOME] = ((who >> (2 + _PLAN_BITS)) & ((1 << _HOME_BITS) - 1)) - 1
    row[W_GROUP] = who >> (2 + _PLAN_BITS + _HOME_BITS)
    row[W_PEOPLE] = people


@njit(cache=True)
def _sift_up(heap, row, when, who, people):
    """Put a cohort into the heap, from the free row at its end upwards."""
    while row > 0:
        above = (row - 1) >> 1
        if heap[above, WHEN] < when or (heap[above, WHEN] == when and heap[above, WHO] <= who):
            break
        heap[row, WHEN], heap[row, WHO], heap[row, WAVE_PEOPLE] = (
            heap[above, WHEN],
            heap[above, WHO],
            heap[above, WAVE_PEOPLE],
        )
        row = above
    heap[row, WHEN], heap[row, WHO], heap[row, WAVE_PEOPLE] = when, who, people


@njit(cache=True)
def _drop_top(heap, n):
    """Take the first cohort out of a heap of n; return the rows left."""
    n -= 1
    when, who, people = heap[n, WHEN], heap[n, WHO], heap[n, WAVE_PEOPLE]
    row = 0
    while True:
        below = 2 * row + 1
        if below >= n:
            break
        right = below + 1
        if right < n and (
            heap[right, WHEN] < heap[below, WHEN]
            or (heap[right, WHEN] == heap[below, WHEN] and heap[right, WHO] < heap[below, WHO])
        ):
            below = right
        if when < heap[below, WHEN] or (when == heap[below, WHEN] and who <= heap[below, WHO]):
            break
        heap[row, WHEN], heap[row, WHO], heap[row, WAVE_PEOPLE] = (
            heap[below, WHEN],
            heap[below, WHO],
            heap[below, WAVE_PEOPLE],
        )
        row = below
    heap[row, WHEN], heap[row, WHO], heap[row, WAVE_PEOPLE] = when, who, people
    return n


@njit(cache=True)
def next_batch(state):
    """Move the people at the next second and place of the wave, who wait since the same day, to
    ``state.batch``.

    Returns the number of rows, 0 when the wave is over. Equal cohorts are merged; rows are in the order of
    the wave.
    """
    heap, batch, n_heap, n = state.heap, state.batch, state.counters[N_HEAP], 0
    when, last_who = heap[0, WHEN], np.int64(-1)
    while n_heap > 0 and heap[0, WHEN] == when:
        who, people = heap[0, WHO], heap[0, WAVE_PEOPLE]
        if who == last_who:
            batch[n - 1, W_PEOPLE] += people
        else:
            _unpack(when, who, people, batch[n])
            n += 1
        last_who = who
        n_heap = _drop_top(heap, n_heap)
    state.counters[N_HEAP] = n_heap
    return n
