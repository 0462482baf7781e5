"""What a scenario keeps of the law with a decision at every place: who is where, and who has not left home.

Reads the rows of the night and changes nothing, so a run draws the same numbers whether it is kept in detail
or not. People on a leg are counted at the place they left last, as in docs/law.md. Who has left home and not
reached any place yet stands at home still: their rows say so.
"""

from __future__ import annotations

from numba import njit

from corridor.engine.step_arrays import AT_HOME, N_TONIGHT, ON_THE_WAY, STANDING
from corridor.engine.step_cohorts import PEOPLE, WHERE, WHO, first_leg_of, group_of, spot_of
from corridor.engine.step_optional import kept_row_of


@njit(cache=True)
def add_standing(setup, state, sums, sign):
    """Add the people who stand at places tonight to ``sums`` [places, groups], or take them away."""
    for row in range(state.counters[N_TONIGHT]):
        cohort = state.tonight[row]
        place = spot_of(cohort[WHERE])
        if place < setup.population.size:
            sums[place, kept_row_of(setup, group_of(cohort[WHO]))] += sign * cohort[PEOPLE]


@njit(cache=True)
def record_in_detail(setup, state, kept, day):
    """Write where everybody is tonight, and what each place has room for."""
    places = setup.population.size
    for row in range(state.counters[N_TONIGHT]):
        cohort = state.tonight[row]
        spot, who = spot_of(cohort[WHERE]), cohort[WHO]
        if spot >= places:
            place, column = setup.leg_start[spot - places], ON_THE_WAY
        else:
            place, column = spot, AT_HOME if first_leg_of(who) else STANDING
        kept.people[day, place, kept_row_of(setup, group_of(who)), column] += cohort[PEOPLE]
    kept.people[day, :, :, STANDING] += state.stayed
    if state.lent_of_group.shape[0] > 0:  # who is counted at home in harvest has left it before
        kept.people[day, :, :, STANDING] += state.lent_of_group
    for place in range(places):
        kept.room[day, place] = room_in_all(setup, state, place)


@njit(cache=True)
def room_in_all(setup, state, place):
    """Return how many people a place holds when full: 0 for a camp that is closed, -1 without a limit."""
    if setup.is_camp[place] and not state.is_camp[place]:
        return 0
    capacity = state.capacity[place] * setup.capacity_scaling
    return int(capacity) if capacity >= 1.0 else -1
