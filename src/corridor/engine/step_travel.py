"""The day of the law with a decision at every place: all who are on the way move, the oldest first.

Each leg of a day is travelled with a full day's distance: who comes to a place with time left decides anew.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from corridor.engine.arrays import TODAY
from corridor.engine.draws import open_next
from corridor.engine.random import PASS_PLACE, PASS_ROUTE, binomial
from corridor.engine.step_arrays import N_COMING, N_TODAY, WAVE_BIN, WAVE_BLOCK
from corridor.engine.step_cohorts import (
    EARLIEST,
    FORCED,
    LATEST,
    MOVED,
    PEOPLE,
    RECENT,
    STOPS,
    TICKS,
    WHERE,
    WHO,
    add_to_ages,
    done_of,
    empty_coming,
    empty_wave,
    expect,
    first_leg_of,
    group_of,
    is_turned,
    join_wave,
    kind_of,
    mean,
    new_ages,
    plan_of,
    settle,
    spot_of,
    stand,
    stay_on_leg,
    sum_up_ages,
    take_between,
    take_from_wave,
    take_row,
    time_of,
)
from corridor.engine.step_moving import (
    MARGIN_AT_ONCE,
    chance_to_go,
    go_along,
    kind_on_arrival,
    leg_speed,
    reaches_end,
    recent_after,
    set_out,
    who_go,
)
from corridor.engine.step_optional import freeze, is_frozen
from corridor.engine.step_room import half_way, lets_nobody_in
from corridor.engine.step_ways import find_ways_ahead, write_weights

#: Share of the room that `step_moving.MARGIN_AT_ONCE` is which may fill at least, however little is left.
LEAST_AT_ONCE = 0.2
#: Parts into which a day is cut at most, where the order of people matters; see `travel`.
MOST_PARTS = 400.0
#: Legs of a day that are looked ahead to tell whether the order matters.
LEGS_FORESEEN = 4


@njit(cache=True)
def travel(setup, state, flows):
    """Move who is on a leg, then let everybody who arrives today stay or go on.

    In Flee one person after another makes all of today's moves, the oldest first. What the order matters for
    is the room that is left: so where a day's arrivals change it noticeably, they are cut by age into several
    parts that follow each other.
    """
    for row in range(state.counters[N_TODAY]):
        if spot_of(state.today[row, WHERE]) >= setup.population.size:
            take_row(state, state.today[row])
            go_on(setup, state, state.today[row], flows)
    newest = np.int64((state.counters[TODAY] + 2) * TICKS)
    for row in range(state.counters[N_COMING]):
        settle(state.coming[row], newest)
    known, onwards = _expected(setup, state)
    part = _next_part(setup, state, known, onwards, 0.0)
    ages = _ages_of_coming(state) if part < 1.0 else np.zeros((2, 1))
    done, begin = 0.0, 0.0
    while done < 0.999:
        done += part
        end = time_of(ages, done) if done < 0.999 else float(newest)
        for row in range(state.counters[N_COMING]):
            _come_between(setup, state, state.coming[row], begin, end, flows)
        _run_wave(setup, state, flows)
        begin, part = end, _next_part(setup, state, known, onwards, done)
    empty_coming(state)
    empty_wave(state)


@njit(cache=True)
def go_on(setup, state, cohort, flows):
    """Move people who are on a leg; at its end they are expected, or turn back if it closed under them."""
    leg, people = spot_of(cohort[WHERE]) - setup.population.size, cohort[PEOPLE]
    speed = leg_speed(setup, leg, first_leg_of(cohort[WHO]))
    ahead = setup.leg_metres[leg] - done_of(cohort[WHERE])
    if setup.leg_walk_chance[leg] > 0.0 and speed != setup.walk_metres_per_day:
        open_next(state, setup.leg_start[leg], PASS_ROUTE)
        walkers = binomial(state.rng, people, setup.leg_walk_chance[leg])
        people -= walkers
        if walkers > 0:
            _go_on_at(setup, state, cohort, leg, ahead, setup.walk_metres_per_day, walkers)
    if people > 0:
        _go_on_at(setup, state, cohort, leg, ahead, speed, people)


@njit(cache=True)
def _go_on_at(setup, state, cohort, leg, ahead, speed, people):
    who, recent = cohort[WHO], mean(cohort, RECENT)
    group, plan, start = group_of(who), plan_of(who), setup.leg_start[leg]
    if not reaches_end(setup, ahead, speed):
        done, recent = done_of(cohort[WHERE]) + speed, recent_after(recent, speed)
        back = np.int64(is_turned(who))
        stay_on_leg(setup, state, leg, done, group, recent, plan, first_leg_of(who), back, people)
    elif is_turned(who):
        expect(setup, state, start, group, recent, state.plan_rest[plan], ahead, STOPS, people)
    else:
        moved = max(1, ahead)  # 0 is kept for those who set out in the morning
        kind, rest = kind_on_arrival(setup, recent, moved, speed), state.plan_rest[plan]
        expect(setup, state, setup.leg_end[leg], group, recent, rest, moved, kind, people)


@njit(cache=True)
def _ages_of_coming(state):
    """Return the ages of all who come today, as `new_ages` has them."""
    ages = new_ages(state)
    for row in range(state.counters[N_COMING]):
        cohort = state.coming[row]
        add_to_ages(ages, cohort[EARLIEST], cohort[LATEST], cohort[PEOPLE])
    sum_up_ages(ages)
    return ages


@njit(cache=True)
def _come_between(setup, state, cohort, begin, end, flows):
    """Let those of a row of `StepState.coming`, settled, come who are away since a time from begin to end."""
    people, earliest, latest = cohort[PEOPLE], max(begin, cohort[EARLIEST]), min(end, cohort[LATEST])
    if people == 0 or latest <= earliest:
        return
    if latest < cohort[LATEST]:
        open_next(state, 0, PASS_PLACE)
        people = binomial(state.rng, people, (latest - earliest) / (cohort[LATEST] - earliest))
    if people > 0:
        cohort[PEOPLE] -= people
        take_between(state, earliest, latest)
        come(setup, state, cohort, people, flows)


@njit(cache=True)
def come(setup, state, cohort, people, flows):
    """Let people of a row of `StepState.coming`, settled by now, come to their place.

    Who is to go on as planned does so at once: nobody else sees them there.
    """
    place, who, moved, recent = spot_of(cohort[WHERE]), cohort[WHO], cohort[MOVED], cohort[RECENT]
    state.occupants[place] += people
    if kind_of(who) == STOPS:
        stand(setup, state, place, group_of(who), recent_after(recent, moved), plan_of(who), 0, people)
    elif plan_of(who) >= 0:
        go_on_or_stay(setup, state, place, who, recent, moved, people, flows)
    else:
        join_wave(setup, state, place, group_of(who), recent, plan_of(who), moved, kind_of(who), people)


@njit(cache=True)
def _expected(setup, state):
    """Return how many are expected at each place today, and how many more are likely to come onwards.

    Both are 0 if no camp may fill, and the order of people does not matter.
    """
    known = np.zeros(state.occupants.size)
    for row in range(state.counters[N_COMING]):
        known[spot_of(state.coming[row, WHERE])] += state.coming[row, PEOPLE]
    if _may_fill(setup, state, known.sum()):
        onwards = _likely_to_come_onwards(setup, state)
    else:
        known[:] = 0.0
        onwards = np.zeros(known.size)
    state.came_onwards[:] = 0
    return known, onwards


@njit(cache=True)
def _next_part(setup, state, known, onwards, done):
    """Return the share of the day's people who may move before the room left at some camp has changed.

    It has changed when a part of the margin (`MARGIN_AT_ONCE`) has filled, or half of what is left until the
    camp turns people away; below its buffer when a quarter of the way there is filled, as who is expected is
    a guess. A camp that turns people away has room for those alone whom it cannot turn away.
    """
    part = 1.0 - done
    for place in range(known.size):
        capacity, occupants = state.capacity[place] * setup.capacity_scaling, state.occupants[place]
        if capacity < 1.0 or occupants >= capacity:
            continue
        buffered = setup.capacity_buffer * capacity
        expected, unseen = known[place], MARGIN_AT_ONCE * (capacity - buffered)
        if not lets_nobody_in(setup, state, place):
            expected += onwards[place]
            room = half_way(setup, capacity) - occupants
            unseen = min(unseen, max(LEAST_AT_ONCE * unseen, 0.5 * room))
        if expected > 0.0 and occupants + expected * (1.0 - done) > buffered:
            unseen = max(1.0, unseen, 0.25 * (buffered - occupants))
            part = min(part, unseen / expected)
    return max(part, 1.0 / MOST_PARTS)


@njit(cache=True)
def _may_fill(setup, state, people):
    """Return whether any camp could come above its buffer today with so many people on the way."""
    for place in range(state.capacity.size):
        capacity, occupants = state.capacity[place] * setup.capacity_scaling, state.occupants[place]
        has_room = capacity >= 1.0 and occupants < capacity
        if has_room and occupants + people > setup.capacity_buffer * capacity:
            return True
    return False


@njit(cache=True)
def _likely_to_come_onwards(setup, state):
    """Return how many are likely to come to each place on their second leg of today or a later one.

    They are as many as yesterday or, if that is more, those who would come by the weights of this moment on
    the next few legs, if the day were long enough.
    """
    choosing, onwards = np.zeros(state.occupants.size), np.zeros(state.occupants.size)
    for row in range(state.counters[N_COMING]):
        where, who = state.coming[row, WHERE], state.coming[row, WHO]
        if kind_of(who) != STOPS:
            if plan_of(who) >= 0:
                onwards[state.plan_end[plan_of(who)]] += state.coming[row, PEOPLE]
            else:
                choosing[spot_of(where)] += state.coming[row, PEOPLE]
    for _ in range(LEGS_FORESEEN):
        coming = np.zeros(choosing.size)
        for place in range(choosing.size):
            if choosing[place] > 0.0:
                _spread(setup, state, place, choosing[place], coming)
        onwards += coming
        choosing = coming
    return np.maximum(onwards, state.came_onwards)


@njit(cache=True)
def _spread(setup, state, place, people, coming):
    """Add to the places ahead who is likely to go there of so many people at a place."""
    if state.redirect[place] >= 0:
        coming[setup.leg_end[state.redirect[place]]] += people
        return
    find_ways_ahead(setup, state, place)
    first, n = state.ways_first[place], state.ways_count[place]
    weight = state.scratch_weight[:n]
    write_weights(setup, state, place, 0, weight)
    total = weight.sum()
    if total == 0.0:
        return
    is_hurried = state.is_town[place] and setup.avoid_short_stints
    going = people if is_hurried else people * min(1.0, chance_to_go(setup, state, place, 0))
    for i in range(n):
        coming[state.way_place[first + i]] += going * weight[i] / total


@njit(cache=True)
def _run_wave(setup, state, flows):
    """Let everybody in the wave stop or go on, in order of metres moved today, bin by bin.

    In a large network block after block of places, until nobody waits in any: what one block needs to know
    fits the processor's caches. The order is for economy alone: who come to one place together are lumped.
    """
    are_waiting = True
    while are_waiting:
        are_waiting = False
        for block in range(state.wave_waiting.size):
            if state.wave_waiting[block] > 0:
                are_waiting = True
                _run_block(setup, state, block, flows)


@njit(cache=True)
def _run_block(setup, state, block, flows):
    cohort = state.in_turn
    state.counters[WAVE_BLOCK] = block
    for bin_ in range(state.wave_first.shape[1]):
        state.counters[WAVE_BIN] = bin_
        while take_from_wave(state, block, bin_, cohort):
            take_row(state, cohort)
            arrive(setup, state, cohort, flows)
    state.counters[WAVE_BIN] = 0


@njit(cache=True)
def arrive(setup, state, cohort, flows):
    """Let people of a row of the wave stay for the night or go on."""
    moved, recent = mean(cohort, MOVED), mean(cohort, RECENT)
    go_on_or_stay(setup, state, spot_of(cohort[WHERE]), cohort[WHO], recent, moved, cohort[PEOPLE], flows)


@njit(cache=True)
def go_on_or_stay(setup, state, place, who, recent, moved, people, flows):
    """Let people stay at a place for the night, or go on with a fresh day's distance."""
    group, plan = group_of(who), plan_of(who)
    if is_frozen(setup, state, group):
        freeze(setup, state, place, group, people)
        stand(setup, state, place, group, recent_after(recent, moved), plan, 0, people)
        return
    if state.redirect[place] >= 0:
        go_along(setup, state, place, group, recent, 0, moved, people, flows)
        return
    is_sure_to_go = plan >= 0 or (kind_of(who) == FORCED and state.is_town[place])
    going = people if is_sure_to_go else who_go(setup, state, place, group, people)
    staying = people - going
    if going > 0:
        staying += set_out(setup, state, place, group, recent, plan, 0, moved, going, flows)
    if staying > 0:
        stand(setup, state, place, group, recent_after(recent, moved), -1, 0, staying)
