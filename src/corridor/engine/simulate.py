"""One member from its first day to its last: the eight phases in order, and nothing between the days but the
state.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from corridor.engine.arrays import (
    IN_CAMP,
    N_STATES,
    OVERFLOW,
    VERSION,
    Record,
    Setup,
    Sizes,
    new_state,
)
from corridor.engine.cohorts import stand
from corridor.engine.journeys import start_tomorrow
from corridor.engine.law import (
    apply_events,
    choose_again,
    fix_pulls,
    is_safe,
    leave_home,
    leg_seconds,
    open_gates,
    record,
    release_trapped,
    set_out_home,
    start_day,
    travel,
)
from corridor.engine.random import new_rng
from corridor.engine.structs import as_struct


def simulate_member(
    setup: Setup, *, n_days: int, seed: int, member: int, sizes: Sizes | None = None
) -> Record:
    """Simulate one future and return what is kept of it.

    Parameters
    ----------
    setup : Setup
        What the member is told; trusted, see `corridor.ensemble.compile`.
    n_days : int
        Days simulated, >= 0; the record has one row more, day 0 being the state before the first step.
    seed, member : int
        Together they name every random number of the member.
    sizes : Sizes, optional
        Rows of the working tables to begin with. Too few only cost time: the member is run again with twice
        as many.
    """
    places, groups = setup.residents.shape
    sizes, struct = sizes or Sizes(), as_struct(setup)
    while True:
        state = new_state(setup, sizes)
        state.rng[:] = new_rng(seed, member)
        kept = Record(
            np.zeros((n_days + 1, places, groups, N_STATES), np.int32),
            np.zeros((n_days + 1, setup.leg_start.size), np.int32),
            np.zeros((n_days + 1, places), np.int32),
            np.zeros((n_days + 1, places), np.int32),
        )
        if run_days(struct, as_struct(state), n_days, as_struct(kept)):
            return kept
        sizes = sizes.doubled()


@njit(cache=True, nogil=True)
def run_days(setup, state, n_days, kept):
    """Run all days of a member; False if a table was too small and the record is not complete."""
    next_event = begin(setup, state)
    record(setup, state, kept, 0)
    for day in range(1, n_days + 1):
        next_event = apply_events(setup, state, day, next_event)
        start_day(setup, state, day)
        leave_home(setup, state, day)
        open_gates(setup, state)
        fix_pulls(setup, state)
        release_trapped(setup, state)
        choose_again(setup, state)
        travel(setup, state)
        set_out_home(setup, state)
        start_tomorrow(state)
        record(setup, state, kept, day)
        if state.counters[OVERFLOW] != 0:
            return False
    return True


@njit(cache=True)
def begin(setup, state):
    """Set the state of day 0, the events dated up to then included; return the first event still to come."""
    state.fighting[:] = setup.fighting
    state.control[:] = setup.control
    state.siege[:] = setup.siege
    state.site_open[:] = setup.site_open
    state.capacity[:] = setup.capacity
    state.throughput[:] = setup.throughput
    state.leg_open[:] = setup.leg_open
    state.leg_throughput[:] = setup.leg_throughput
    state.counters[VERSION] = 1
    next_event = apply_events(setup, state, 0, 0)
    state.residents[:] = setup.residents
    places, groups = setup.residents.shape
    for group in range(groups):
        while (setup.control_attraction[state.drawn_like[group]] != setup.control_attraction[group]).any():
            state.drawn_like[group] += 1
    for leg in range(setup.leg_start.size):
        for group in range(groups):
            for first in range(2):
                state.leg_seconds[leg, group, first] = leg_seconds(setup, leg, group, first)
    for place in range(places):
        state.safe_days[place] = setup.return_after_safe_days if is_safe(setup, state, place) else 0
        for group in range(groups):
            if setup.inside[place, group] > 0:
                stand(state, place, group, -1, IN_CAMP, setup.inside[place, group])
    return next_event
