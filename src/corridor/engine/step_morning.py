"""The morning of the law with a decision at every place: all who stand somewhere decide, the oldest first."""

from __future__ import annotations

import numpy as np
from numba import njit

from corridor.engine.draws import open_next
from corridor.engine.random import SEE_ROOM, binomial
from corridor.engine.step_arrays import N_CROWDED, N_STEPS, N_TODAY
from corridor.engine.step_cohorts import (
    FARTHEST,
    FROM,
    LAST,
    LEFT,
    PEOPLE,
    RECENT,
    REST,
    UNTIL,
    WHERE,
    WHO,
    add_to_ages,
    away_since,
    first_leg_of,
    group_of,
    mean,
    new_ages,
    newest_of,
    plan_of,
    spot_of,
    stand,
    sum_up_ages,
    take_between,
    take_row,
    time_of,
)
from corridor.engine.step_moving import chance_to_go, go_along, recent_after, set_out, who_go
from corridor.engine.step_optional import is_frozen
from corridor.engine.step_room import (
    find_crowded_places,
    find_steps,
    forget_crowded_places,
    most_in_a_step,
    show,
    show_before,
)

#: Lots by age in which those at crowded places decide who are likely to notice each other's leaving.
LOTS = 16


@njit(cache=True)
def decide(setup, state, flows):
    """Let everybody who stands somewhere decide, before anybody travels.

    The oldest go first in Flee. That matters where somebody leaves a place whose room others weigh: who comes
    later sees more room there. So the crowded places come first, then the others by what they see of them.
    """
    find_crowded_places(setup, state)
    if state.counters[N_CROWDED] > 0:
        _decide_first(setup, state, flows)
    for row in range(state.counters[N_TODAY]):
        cohort = state.today[row]
        place = spot_of(cohort[WHERE])
        if place >= setup.population.size or state.is_crowded[place] or cohort[PEOPLE] == 0:
            continue
        if state.counters[N_STEPS] > 0:
            _decide_in_turn(setup, state, cohort, flows)
        else:
            take_row(state, cohort)
            _decide(setup, state, cohort, cohort[PEOPLE], flows)
    forget_crowded_places(state)


@njit(cache=True)
def _decide_first(setup, state, flows):
    """Let those decide who stand at crowded places, and find what others see of their leaving.

    If they are likely to notice the leaving of each other, they do so in several lots by age, within which
    row goes after row: forwards in one lot and backwards in the next.
    """
    lots = LOTS if _crowds_notice(setup, state) else 1
    ages = new_ages(state)
    for row in range(state.counters[N_TODAY]):
        cohort = state.today[row]
        if _is_at_crowded_place(setup, state, cohort):
            earliest, latest = away_since(cohort, newest_of(state, cohort))
            cohort[REST], cohort[UNTIL], cohort[LAST] = cohort[PEOPLE], earliest, latest
            add_to_ages(ages, earliest, latest, cohort[PEOPLE])
    sum_up_ages(ages)
    begin = np.int64(0)
    for lot in range(1, lots + 1):
        end = np.int64(time_of(ages, lot / lots)) if lot < lots else np.int64(FARTHEST)
        n = state.counters[N_TODAY]
        for turn in range(n):
            cohort = state.today[turn if lot % 2 == 1 else n - 1 - turn]
            if _is_at_crowded_place(setup, state, cohort):
                _decide_lot(setup, state, cohort, end, flows)
        find_steps(setup, state, begin)
        begin = end


@njit(cache=True)
def _decide_lot(setup, state, cohort, end, flows):
    """Let those of a row of `StepState.today` decide who are away since a time before the end of a lot."""
    place, people = spot_of(cohort[WHERE]), cohort[REST]
    before = state.occupants[place]
    cohort[FROM], cohort[UNTIL] = cohort[UNTIL], max(cohort[UNTIL], min(end, cohort[LAST]))
    if people > 0 and cohort[UNTIL] > cohort[FROM]:
        if cohort[UNTIL] < cohort[LAST]:
            open_next(state, place, SEE_ROOM)
            share = (cohort[UNTIL] - cohort[FROM]) / (cohort[LAST] - cohort[FROM])
            people = binomial(state.rng, people, share)
        if people > 0:
            cohort[REST] -= people
            take_between(state, cohort[FROM], cohort[UNTIL])
            _decide(setup, state, cohort, people, flows)
    cohort[LEFT] = before - state.occupants[place]


@njit(cache=True)
def _is_at_crowded_place(setup, state, cohort):
    """Return whether a row of `StepState.today` has people who stand at a crowded place."""
    place = spot_of(cohort[WHERE])
    return place < setup.population.size and state.is_crowded[place] and cohort[PEOPLE] > 0


@njit(cache=True)
def _crowds_notice(setup, state):
    """Return whether more than one place is crowded, and so many are likely to leave one that it is seen."""
    if state.counters[N_CROWDED] < 2:
        return False
    for row in range(state.counters[N_CROWDED]):
        place = state.crowded[row]
        leaving = state.occupants[place] * min(1.0, chance_to_go(setup, state, place, 0))
        if leaving > most_in_a_step(setup, state, place):
            return True
    return False


@njit(cache=True)
def _decide_in_turn(setup, state, cohort, flows):
    """Let people of a row of `StepState.today` decide, in parts by what they see of the crowded places."""
    earliest, latest = away_since(cohort, newest_of(state, cohort))
    people, now = cohort[PEOPLE], float(earliest)
    step = show_before(state, now)
    while people > 0:
        end, part = float(latest), people
        if step < state.counters[N_STEPS] and state.step_time[step] < latest:
            end = state.step_time[step]
            open_next(state, spot_of(cohort[WHERE]), SEE_ROOM)
            part = binomial(state.rng, people, (end - now) / (latest - now))
        if part > 0:
            take_between(state, now, end)
            _decide(setup, state, cohort, part, flows)
        people, now = people - part, end
        if end < latest:
            step = show(state, step)


@njit(cache=True)
def _decide(setup, state, cohort, people, flows):
    """Let people in hand, of a row of `StepState.today`, stay at their place or set out."""
    place, who = spot_of(cohort[WHERE]), cohort[WHO]
    group, plan, first_leg, recent = group_of(who), plan_of(who), first_leg_of(who), mean(cohort, RECENT)
    if is_frozen(setup, state, group):
        stand(setup, state, place, group, recent_after(recent, 0), plan, first_leg, people)
        return
    if state.redirect[place] >= 0:
        go_along(setup, state, place, group, recent, first_leg, 0, people, flows)
        return
    going = people if plan >= 0 else who_go(setup, state, place, group, people)
    staying = people - going
    if going > 0:
        staying += set_out(setup, state, place, group, recent, plan, first_leg, 0, going, flows)
    if staying > 0:
        stand(setup, state, place, group, recent_after(recent, 0), -1, first_leg, staying)
