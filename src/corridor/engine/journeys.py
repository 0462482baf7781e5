"""People with a plan, from one day to the next: rows of four whole numbers, made anew each day.

A row says who they are, where they are, and since when they wait or how far along they are; equal rows are
merged as they are kept. Who they are (group, home, plan and what is behind them) is packed as in the wave of
`corridor.engine.cohorts`, so that a row passes from one table to the other without being taken apart.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from corridor.engine.arrays import (
    JOURNEY_COLUMNS,
    N_ARRIVING,
    N_MOVING,
    N_SETTING_OUT,
    N_SLOTS,
    N_STANDING,
    N_STOPPING,
    OVERFLOW,
    SETTING_OUT_COLUMNS,
    TODAY,
    TRAVELLING,
)
from corridor.engine.cohorts import WAVE_PEOPLE, WHEN, WHO

# Columns of State.moving and State.arriving. J_WHERE packs the place (on a leg: where it starts), the state
# of the people there and whether they are on the leg; J_WHEN holds the seconds of the leg done, or the day
# since which they wait.
J_WHO, J_WHERE, J_WHEN, J_PEOPLE = range(JOURNEY_COLUMNS)

# Columns of State.setting_out: those who chose today and are not yet on the way.
S_WHO, S_PLACE, S_PEOPLE = range(SETTING_OUT_COLUMNS)

# A slot of the hash holds the day on which it was filled and the row: those of other days count as free.
_ROW_BITS = 32


@njit(cache=True)
def place_of(where):
    """Return the place of a row from its column J_WHERE."""
    return where >> 5


@njit(cache=True)
def status_of(where):
    """Return the state of the people of a row from its column J_WHERE."""
    return (where >> 1) & 15


@njit(cache=True)
def is_on_leg(where):
    """Return whether the people of a row are on a leg, from its column J_WHERE."""
    return (where & 1) == 1


@njit(cache=True)
def keep_on_leg(state, who, place, done, people):
    """Keep people for tomorrow who are ``done`` seconds along the first leg of their plan."""
    _keep(state, who, (place << 5) | (TRAVELLING << 1) | 1, done, people)


@njit(cache=True)
def keep_standing(state, who, place, status, since, people):
    """Keep people for tomorrow who have a plan and stand at a place, in a state, since a day."""
    _keep(state, who, (place << 5) | (status << 1), since, people)


@njit(cache=True)
def _keep(state, who, where, when, people):
    n = state.counters[N_ARRIVING]
    if n >= state.arriving.shape[0] - 1:
        state.counters[OVERFLOW] = 1
        return
    slots, arriving, today = state.moving_slots, state.arriving, state.counters[TODAY]
    n_slots = state.counters[N_SLOTS]
    slot = _slot(who, where, when, n_slots)
    while slots[slot] >> _ROW_BITS == today:
        row = slots[slot] & ((1 << _ROW_BITS) - 1)
        if arriving[row, J_WHO] == who and arriving[row, J_WHERE] == where and arriving[row, J_WHEN] == when:
            arriving[row, J_PEOPLE] += people
            return
        slot = (slot + 1) & (n_slots - 1)
    slots[slot] = (today << _ROW_BITS) | n
    arriving[n, J_WHO], arriving[n, J_WHERE] = who, where
    arriving[n, J_WHEN], arriving[n, J_PEOPLE] = when, people
    state.counters[N_ARRIVING] = n + 1


@njit(cache=True)
def _slot(who, where, when, n_slots):
    mixed = np.uint64(who) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= (mixed >> np.uint64(29)) ^ (np.uint64(where) * np.uint64(0xC2B2AE3D27D4EB4F))
    mixed ^= np.uint64(when) * np.uint64(0x165667B19E3779F9)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return np.int64((mixed >> np.uint64(31)) & np.uint64(n_slots - 1))


@njit(cache=True)
def keep_as_is(state, who, where, when, people):
    """Keep a row of State.moving for tomorrow that equals no other: nothing has happened to it."""
    n = state.counters[N_ARRIVING]
    if n >= state.arriving.shape[0] - 1:
        state.counters[OVERFLOW] = 1
        return
    row = state.arriving[n]
    row[J_WHO], row[J_WHERE], row[J_WHEN], row[J_PEOPLE] = who, where, when, people
    state.counters[N_ARRIVING] = n + 1


@njit(cache=True)
def set_out(state, who, place, people):
    """Note people who chose today and set out from a place at second 0."""
    n = state.counters[N_SETTING_OUT]
    if n >= state.setting_out.shape[0]:
        state.counters[OVERFLOW] = 1
        return
    row = state.setting_out[n]
    row[S_WHO], row[S_PLACE], row[S_PEOPLE] = who, place, people
    state.counters[N_SETTING_OUT] = n + 1


@njit(cache=True)
def keep_stopping(state, when, who, people):
    """Note people who have come to a place with limited room, as a row of the wave."""
    n = state.counters[N_STOPPING]
    if n >= state.stopping.shape[0]:
        state.counters[OVERFLOW] = 1
        return
    row = state.stopping[n]
    row[WHEN], row[WHO], row[WAVE_PEOPLE] = when, who, people
    state.counters[N_STOPPING] = n + 1


@njit(cache=True)
def start_tomorrow(state):
    """Make what was kept for tomorrow into the moving cohorts of a new day."""
    n = state.counters[N_ARRIVING]
    state.moving[:n] = state.arriving[:n]
    state.counters[N_MOVING] = n
    state.counters[N_ARRIVING] = 0
    state.counters[N_SETTING_OUT] = 0
    state.counters[N_STOPPING] = 0


@njit(cache=True)
def fit_slots(state):
    """Use only as many slots of the hash as today can need: a small one stays near the processor.

    A cohort that moves is kept in two rows at most, what goes on and what waits, and may come to stand; of
    one that stands, those are kept who set out home.
    """
    rows = 3 * (state.counters[N_MOVING] + state.counters[N_SETTING_OUT]) + state.counters[N_STANDING]
    n_slots = min(64, state.moving_slots.size)
    while n_slots < 2 * rows and n_slots < state.moving_slots.size:
        n_slots *= 2
    state.counters[N_SLOTS] = n_slots
