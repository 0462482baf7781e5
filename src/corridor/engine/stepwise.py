"""The law with a decision at every place: Flee's order of the day, on the same plans and random numbers.

Here people look a few routes ahead, decide anew wherever they stand, see the room that is left at that
moment, and each route of a day is travelled with a full day's distance. docs/flee.md says where this differs
from docs/law.md and what it reproduces. Distances are whole metres; `corridor.engine.step_cohorts` says who
is lumped with whom.
"""

from __future__ import annotations

from numba import njit

from corridor.engine.arrays import OVERFLOW, TODAY, VERSION
from corridor.engine.random import new_rng
from corridor.engine.step_arrays import (
    StepRecord,
    StepSetup,
    StepSizes,
    new_step_record,
    new_step_state,
    sizes_to_begin_with,
)
from corridor.engine.step_cohorts import start_day
from corridor.engine.step_events import close_and_open, switch
from corridor.engine.step_leaving import insert_people, leave_home, work_out_leave_weights
from corridor.engine.step_matching import work_out_matching
from corridor.engine.step_morning import decide
from corridor.engine.step_optional import count_at_home, find_redirects, keep_in_camps
from corridor.engine.step_record import add_standing, record_in_detail
from corridor.engine.step_scores import work_out_scores
from corridor.engine.step_travel import travel
from corridor.engine.structs import as_struct


def simulate_steps(
    setup: StepSetup,
    *,
    n_days: int,
    seed: int,
    member: int,
    sizes: StepSizes | None = None,
    in_detail: bool = False,
) -> StepRecord:
    """Simulate one future with a decision at every place; see `StepSetup` and `StepRecord` for the arrays."""
    sizes, struct = sizes or sizes_to_begin_with(setup), as_struct(setup)
    while True:
        state = new_step_state(setup, sizes)
        state.rng[:] = new_rng(seed, member)
        kept = new_step_record(setup, n_days, in_detail=in_detail)
        if run_step_days(struct, as_struct(state), n_days, as_struct(kept)):
            return kept
        sizes = sizes.doubled()


@njit(cache=True, nogil=True)
def run_step_days(setup, state, n_days, kept):
    """Run all days; False if a table was too small and the record is not complete."""
    state.counters[VERSION] = 1
    created = insert_people(setup, state)
    find_redirects(setup, state)
    work_out_leave_weights(setup, state, 0)
    before = after = 0
    in_detail = kept.left.shape[0] > 0
    if in_detail:
        add_standing(setup, state, kept.at_start, 1)
    for day in range(n_days):
        state.counters[TODAY] = day
        state.draws[:] = 0
        before = switch(setup, state, day, before)
        if in_detail:
            add_standing(setup, state, kept.left[day], -1)
        created += leave_home(setup, state, day)
        if in_detail:
            add_standing(setup, state, kept.left[day], 1)
        start_day(setup, state)
        after = close_and_open(setup, state, day, after)
        work_out_leave_weights(setup, state, day)
        work_out_scores(setup, state, day)
        count_at_home(setup, state)
        work_out_matching(setup, state)
        decide(setup, state, kept.flows[day])
        if in_detail:
            kept.stopped[day] -= state.occupants
        travel(setup, state, kept.flows[day])
        keep_in_camps(setup, state)
        kept.standing[day] = state.occupants
        if in_detail:
            kept.stopped[day] += state.occupants
            record_in_detail(setup, state, kept, day)
        kept.created[day] = created
        if state.counters[OVERFLOW] != 0:
            return False
    return True
