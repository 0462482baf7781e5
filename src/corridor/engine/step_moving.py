"""How people choose a way and take it, in the law with a decision at every place.

Who is on a plan follows it, if its next leg is open and its end has room; others choose by the weights of
`step_ways`. `go` takes people from a place to the end of a leg, or to where the day ends on it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from corridor.engine.draws import open_next
from corridor.engine.paths import make_plan
from corridor.engine.random import DESTINATION, MOVE_ON, PASS_ROUTE, binomial, multinomial, uniform
from corridor.engine.step_cohorts import FORCED, FREE, STOPS, expect, join_wave, stand, stay_on_leg
from corridor.engine.step_optional import chance_today
from corridor.engine.step_room import half_way, lets_nobody_in
from corridor.engine.step_ways import find_ways_ahead, room_left, write_weights

#: Share of a camp's margin (between its buffer and full) that may fill before its room is looked at again.
MARGIN_AT_ONCE = 0.05
#: People who are placed one by one.
FEW = 6


@njit(cache=True)
def choose_and_go(setup, state, place, group, recent, first_leg, moved, people, flows):
    """Let people at a place choose a way and take its first leg; return how many stay after all."""
    find_ways_ahead(setup, state, place)
    first, n = state.ways_first[place], state.ways_count[place]
    if n == 0:
        return people
    staying = np.int64(0)
    weight, chosen = state.scratch_weight[:n], state.scratch_people[:n]
    while people > 0:
        write_weights(setup, state, place, group, weight)
        if setup.routes_are_fixed and weight.max() == 0.0:
            return staying + people
        now = people if moved == 0 else _people_at_once(setup, state, place, people, weight)
        open_next(state, place, DESTINATION)
        _split(state.rng, now, weight, chosen)
        people -= now
        for i in range(n):
            if chosen[i] > 0:
                plan = state.way_plan[first + i]
                admitted = _admitted(setup, state, plan, moved, chosen[i])
                staying += chosen[i] - admitted
                if admitted > 0:
                    go(setup, state, place, group, recent, plan, first_leg, moved, admitted, flows)
    return staying


@njit(cache=True)
def _split(rng, people, weight, chosen):
    """Split people over ways by weight; a few are placed one by one, which is the same law and faster."""
    if people > FEW:
        multinomial(rng, people, weight, chosen)
        return
    chosen[:] = 0
    total, last = weight.sum(), weight.size - 1
    while weight[last] == 0.0:
        last -= 1
    for _ in range(people):
        rest, way = uniform(rng) * total, 0
        while way < last and rest >= weight[way]:
            rest -= weight[way]
            way += 1
        chosen[way] += 1


@njit(cache=True)
def _people_at_once(setup, state, place, people, weight):
    """Return how many people may choose before the room left at some destination has changed noticeably."""
    at_once, total = people, weight.sum()
    for i in range(weight.size):
        end = state.way_place[state.ways_first[place] + i]
        capacity = state.capacity[end] * setup.capacity_scaling
        if capacity < 1.0:
            continue
        share, buffered = weight[i] / total, setup.capacity_buffer * capacity
        if state.occupants[end] + share * people <= buffered:
            continue
        if share > 0.0 and not lets_nobody_in(setup, state, end):
            margin = MARGIN_AT_ONCE * (capacity - buffered)
            unseen = max(1.0, margin, buffered - state.occupants[end])
            at_once = min(at_once, max(1, np.int64(unseen / share)))
    return at_once


@njit(cache=True)
def _admitted(setup, state, plan, moved, people):
    """Return how many of those who have a plan are not turned away from the camp at its end.

    In the morning nobody has arrived yet: all or none. Later the camp closes when as many have come as bring
    it half way from its buffer to full.
    """
    end, leg = state.plan_end[plan], state.plan_leg[plan]
    if not state.is_camp[end]:
        return people
    if room_left(setup, state, end) < 0.5:
        return 0
    capacity = state.capacity[end] * setup.capacity_scaling
    comes_now = moved > 0 and state.plan_rest[plan] < 0
    comes_now = comes_now and reaches_end(setup, setup.leg_metres[leg], leg_speed(setup, leg, 0))
    if capacity < 1.0 or not comes_now:
        return people
    return min(people, max(1, np.int64(half_way(setup, capacity)) - state.occupants[end] + 1))


@njit(cache=True)
def recent_after(recent, moved):
    """Return the recent travel after a day on which people moved so many metres."""
    return (recent + moved) // 2


@njit(cache=True)
def kind_on_arrival(setup, recent, moved, speed):
    """Return what people may do today who come to a place after so many metres, the last leg at a speed."""
    if moved >= speed:
        return STOPS
    if setup.avoid_short_stints and recent + moved < setup.metres_per_day:
        return FORCED
    return FREE


@njit(cache=True)
def chance_to_go(setup, state, place, group):
    """Return the chance that a person standing at a place without a plan goes on."""
    chance = state.move_chance[place] * state.chance_factor[place]
    return chance_today(setup, state, place, group, chance) if setup.chance_share.shape[0] > 0 else chance


@njit(cache=True)
def who_go(setup, state, place, group, people):
    """Draw how many of the people standing at a place without a plan go on."""
    chance = chance_to_go(setup, state, place, group)
    if chance >= 1.0:
        return people
    open_next(state, place, MOVE_ON)
    return binomial(state.rng, people, chance)


@njit(cache=True)
def set_out(setup, state, place, group, recent, plan, first_leg, moved, people, flows):
    """Let people follow their plan, or choose one; return how many stay after all, without a plan."""
    if plan < 0:
        return choose_and_go(setup, state, place, group, recent, first_leg, moved, people, flows)
    plan = plan_from(setup, state, place, plan)
    if plan < 0:
        return people
    following = _who_follow(setup, state, plan, moved, people)
    if following > 0:
        go(setup, state, place, group, recent, plan, first_leg, moved, following, flows)
    return people - following


@njit(cache=True)
def go_along(setup, state, place, group, recent, first_leg, moved, people, flows):
    """Let people take the road that everybody here must take, whatever the room at its end."""
    plan = make_plan(setup, state, state.redirect[place], -1)
    go(setup, state, place, group, recent, plan, first_leg, moved, people, flows)


@njit(cache=True)
def go(setup, state, place, group, recent, plan, first_leg, moved, people, flows):
    """Let people take the first leg of a plan, with a full day's distance ahead of them."""
    leg = state.plan_leg[plan]
    speed = leg_speed(setup, leg, first_leg)
    walkers = np.int64(0)
    if setup.leg_walk_chance[leg] > 0.0 and speed != setup.walk_metres_per_day:
        open_next(state, place, PASS_ROUTE)
        walkers = binomial(state.rng, people, setup.leg_walk_chance[leg])
    if walkers > 0:
        on_foot = setup.walk_metres_per_day
        _go_at(setup, state, place, group, recent, plan, first_leg, moved, on_foot, walkers, flows)
    if people > walkers:
        _go_at(setup, state, place, group, recent, plan, first_leg, moved, speed, people - walkers, flows)


@njit(cache=True)
def _go_at(setup, state, place, group, recent, plan, first_leg, moved, speed, people, flows):
    """Move people along a plan at a speed on its first leg, on to its next legs if this day lets them.

    Who sets out in the morning is expected at the end of the first leg; who is on the way already follows
    the plan at once.
    """
    while True:
        leg, rest = state.plan_leg[plan], state.plan_rest[plan]
        flows[leg] += people
        state.occupants[place] -= people
        if not reaches_end(setup, setup.leg_metres[leg], speed):
            recent = recent_after(recent, moved + speed)
            stay_on_leg(setup, state, leg, speed, group, recent, plan, first_leg, 0, people)
            return
        place, first_leg, at_end = setup.leg_end[leg], 0, moved + setup.leg_metres[leg]
        kind = kind_on_arrival(setup, recent, at_end, speed)
        if moved == 0:
            expect(setup, state, place, group, recent, rest, at_end, kind, people)
            return
        state.occupants[place] += people
        state.came_onwards[place] += people
        if kind == STOPS:
            stand(setup, state, place, group, recent_after(recent, at_end), rest, 0, people)
            return
        if rest < 0 or setup.leg_walk_chance[state.plan_leg[rest]] > 0.0 or state.redirect[place] >= 0:
            join_wave(setup, state, place, group, recent, rest, at_end, kind, people)
            return
        following = _who_follow(setup, state, rest, at_end, people)
        if following < people:
            stand(setup, state, place, group, recent_after(recent, at_end), -1, 0, people - following)
        if following == 0:
            return
        plan, moved, people = rest, at_end, following
        speed = leg_speed(setup, state.plan_leg[plan], 0)


@njit(cache=True)
def plan_from(setup, state, place, plan):
    """Return the plan that leads from here to the same places, -1 if there is none.

    People know the places ahead and not the roads: who came back from a closed road goes on to the place
    after the one they did not reach, if a road leads there.
    """
    next_leg = state.plan_leg[plan]
    if setup.leg_start[next_leg] == place:
        return plan
    for leg in range(setup.out_first[place], setup.out_first[place + 1]):
        if setup.leg_end[leg] == setup.leg_end[next_leg] and state.leg_open[leg]:
            return make_plan(setup, state, leg, state.plan_rest[plan])
    return -1


@njit(cache=True)
def _who_follow(setup, state, plan, moved, people):
    """Return how many of those who have a plan find its next leg open, and its end with room."""
    if not state.leg_open[state.plan_leg[plan]]:
        return 0
    return _admitted(setup, state, plan, moved, people)


@njit(cache=True)
def reaches_end(setup, ahead, speed):
    """Return whether people who move so many metres today reach the end of a leg that is so far ahead."""
    return speed > ahead or (speed == ahead and setup.arrives_on_equal)


@njit(cache=True)
def leg_speed(setup, leg, first_leg):
    """Return the metres a day on a leg."""
    if first_leg == 1 and setup.start_on_foot:
        return setup.walk_metres_per_day
    return setup.leg_speed[leg] if setup.leg_speed[leg] > 0 else setup.metres_per_day
