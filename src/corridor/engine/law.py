"""One day of the law: eight phases, each a function, in the order and the words of docs/law.md.

Each takes the member's `Setup` and `State` and changes the state. Numbers of people are drawn, never persons.
The phases trust their input and can fail in one way only: a table that is too small sets
``counters[OVERFLOW]``, and the member is run again with more room.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from corridor.engine.arrays import (
    CAPACITY,
    CONTROL,
    DAY_SECONDS,
    DISPLACED,
    FIGHTING,
    IN_CAMP,
    IN_HOST,
    LEFT,
    N_MOVING,
    N_PLANS,
    N_SETTING_OUT,
    N_STANDING,
    N_STOPPING,
    N_TIMED_PLANS,
    N_WEIGHTS,
    NO_END,
    NO_LIMIT,
    OVERFLOW,
    RESIDENT,
    RETURNED,
    ROUTE,
    ROUTE_THROUGHPUT,
    SIEGE,
    SITE,
    STOPS_IN_HOST,
    STOPS_IN_SITE,
    STOPS_OUTSIDE,
    THROUGHPUT,
    TODAY,
    TRAPPED,
    WAITING,
)
from corridor.engine.cohorts import (
    GROUP,
    HOME,
    PEOPLE,
    PLACE,
    STATUS,
    W_FIRST_LEG,
    W_GROUP,
    W_HOME,
    W_PASSED,
    W_PEOPLE,
    W_PLACE,
    W_PLAN,
    W_SECOND,
    W_SINCE,
    WAVE_PEOPLE,
    WHEN,
    WHO,
    first_leg_of_packed,
    group_of_packed,
    has_passed_packed,
    home_of_packed,
    next_batch,
    occupy,
    pack_when,
    pack_who,
    place_of_packed,
    plan_of_packed,
    push_packed,
    stand,
)
from corridor.engine.draws import open_next
from corridor.engine.journeys import (
    J_PEOPLE,
    J_WHEN,
    J_WHERE,
    J_WHO,
    S_PEOPLE,
    S_PLACE,
    S_WHO,
    fit_slots,
    is_on_leg,
    keep_as_is,
    keep_on_leg,
    keep_standing,
    keep_stopping,
    place_of,
    set_out,
    status_of,
)
from corridor.engine.paths import find_ways, forget_ways, plan_of_way
from corridor.engine.random import (
    DESTINATION,
    ENTER_PLACE,
    FIND_WAY,
    LEAVE_GIVEN,
    LEAVE_RESIDENT,
    LEAVE_RETURNED,
    MOVE_ON,
    OPEN_GATE,
    PASS_PLACE,
    PASS_ROUTE,
    SET_OUT_HOME,
    binomial,
    choose_some,
    multinomial,
    place_one_by_one,
    uniform,
)

#: Up to so many people are placed one by one and set out alone; more are counted by destination.
FEW_PEOPLE = 2


# 1. Events


@njit(cache=True)
def apply_events(setup, state, day, next_event):
    """Phase 1: let the events dated up to ``day`` take effect, from row ``next_event`` on; return the next
    row.
    """
    network_changed = False
    while next_event < setup.event_day.size and setup.event_day[next_event] <= day:
        kind, target = setup.event_kind[next_event], setup.event_target[next_event]
        value = setup.event_value[next_event]
        if kind == FIGHTING:
            state.fighting[target] = value
        elif kind == CONTROL:
            state.control[target] = np.int64(value)
        elif kind == SIEGE:
            state.siege[target] = value
        elif kind == ROUTE:
            is_open = value > 0.0
            network_changed = network_changed or state.leg_open[target] != is_open
            state.leg_open[target] = is_open
        elif kind == SITE:
            state.site_open[target] = value > 0.0
        elif kind == CAPACITY:
            state.capacity[target] = np.int64(value)
        elif kind == THROUGHPUT:
            state.throughput[target] = np.int64(value)
        elif kind == ROUTE_THROUGHPUT:
            state.leg_throughput[target] = np.int64(value)
        next_event += 1
    if network_changed:
        forget_ways(state)
    return next_event


@njit(cache=True)
def is_safe(setup, state, place):
    """Return whether a place is safe today."""
    quiet = state.fighting[place] == 0.0 and state.siege[place] == 0.0
    return quiet and not setup.unsafe_control[state.control[place]]


@njit(cache=True)
def start_day(setup, state, day):
    """Count safe days and clear what is counted by the day."""
    state.counters[TODAY] = day
    state.draws[:] = 0
    state.let_through[:] = 0
    state.entered[:] = 0
    state.flows[:] = 0
    state.arrivals[:] = 0
    for place in range(state.safe_days.size):
        state.safe_days[place] = state.safe_days[place] + 1 if is_safe(setup, state, place) else 0


# 2. Leaving home


@njit(cache=True)
def chance_of_leaving(setup, state, place, group):
    """Return the probability that a person of a group wants to leave a place today, 0 where there is no
    fighting.
    """
    if state.fighting[place] <= 0.0:
        return 0.0
    rate = setup.leave_rate_per_day * state.fighting[place] ** setup.leave_intensity_power
    return -math.expm1(-rate * setup.leave_factor[group])


@njit(cache=True)
def leave_home(setup, state, day):
    """Phase 2: residents and returned people who want to leave become trapped until they are on the way."""
    if setup.leaving_given:
        _leave_as_given(setup, state, day)
        return
    places, groups = state.residents.shape
    for place in range(places):
        if state.fighting[place] <= 0.0:
            continue
        for group in range(groups):
            chance = chance_of_leaving(setup, state, place, group)
            if state.residents[place, group] > 0:
                open_next(state, place, LEAVE_RESIDENT)
                leavers = binomial(state.rng, state.residents[place, group], chance)
                state.residents[place, group] -= leavers
                state.trapped[place, group] += leavers
            if state.returned[place, group] > 0:
                open_next(state, place, LEAVE_RETURNED)
                leavers = binomial(state.rng, state.returned[place, group], chance)
                state.returned[place, group] -= leavers
                state.trapped[place, group] += leavers


@njit(cache=True)
def _leave_as_given(setup, state, day):
    places, groups = state.residents.shape
    weight = np.zeros(2 * places * groups)
    for place in range(places):
        for group in range(groups):
            pull = state.fighting[place] * setup.leave_factor[group]
            cell = 2 * (place * groups + group)
            weight[cell] = state.residents[place, group] * pull
            weight[cell + 1] = state.returned[place, group] * pull
    if setup.given[day] <= 0 or weight.sum() <= 0.0:
        return
    drawn = np.zeros(weight.size, np.int64)
    open_next(state, 0, LEAVE_GIVEN)
    multinomial(state.rng, setup.given[day], weight, drawn)
    for cell in range(weight.size):
        place, group = cell // 2 // groups, cell // 2 % groups
        home = state.residents if cell % 2 == 0 else state.returned
        leavers = min(drawn[cell], home[place, group])
        home[place, group] -= leavers
        state.trapped[place, group] += leavers


# 3. Trapped, and 4. Choosing


@njit(cache=True)
def release_trapped(setup, state):
    """Phase 3, and 4 for those who find a way: the trapped set out if a way is open and leads anywhere."""
    places, groups = state.trapped.shape
    for place in range(places):
        for group in range(groups):
            people = state.trapped[place, group]
            if people == 0:
                continue
            if setup.held_by_siege[group] and state.siege[place] > 0.0:
                open_next(state, place, FIND_WAY)
                people = binomial(state.rng, people, 1.0 - state.siege[place])
            if people > 0 and choose_destinations(setup, state, place, group, place, people, True):
                state.trapped[place, group] -= people


@njit(cache=True)
def open_gates(setup, state):
    """Phase 4, first: people at the gate of an open site with room go in."""
    for row in range(state.counters[N_STANDING]):
        cohort = state.standing[row]
        if cohort[STATUS] == WAITING and cohort[PEOPLE] > 0 and room(setup, state, cohort[PLACE]) > 0:
            _open_gate(setup, state, cohort[PLACE], row)


@njit(cache=True)
def _open_gate(setup, state, place, first_row):
    rows = np.empty(state.counters[N_STANDING] - first_row, np.int64)
    n = 0
    for row in range(first_row, state.counters[N_STANDING]):
        cohort = state.standing[row]
        if cohort[PLACE] == place and cohort[STATUS] == WAITING and cohort[PEOPLE] > 0:
            rows[n] = row
            n += 1
    people = np.empty(n, np.int64)
    for i in range(n):
        people[i] = state.standing[rows[i], PEOPLE]
    entering = _those_with_room(state, people, room(setup, state, place), place, OPEN_GATE)
    for i in range(n):
        if entering[i] > 0:
            cohort = state.standing[rows[i]]
            cohort[PEOPLE] -= entering[i]
            occupy(state, place, WAITING, -entering[i])
            stand(state, place, cohort[GROUP], cohort[HOME], IN_CAMP, entering[i])


@njit(cache=True)
def _those_with_room(state, people, limit, place, decision):
    """Return how many of each cohort are among the first ``limit``, all being equally likely to be first."""
    if limit >= people.sum():
        return people.copy()
    chosen = np.zeros(people.size, np.int64)
    if limit > 0:
        open_next(state, place, decision)
        choose_some(state.rng, people, limit, chosen)
    return chosen


@njit(cache=True)
def room(setup, state, place):
    """Return how many more people can be inside a place; NO_END where that is not limited."""
    stops = setup.stops[place]
    if stops == STOPS_IN_SITE and not state.site_open[place]:
        return 0
    if stops != STOPS_IN_SITE and stops != STOPS_IN_HOST:
        return 0
    if state.capacity[place] == NO_LIMIT:
        return NO_END
    return max(0, state.capacity[place] - state.inside[place])


@njit(cache=True)
def fix_pulls(setup, state):
    """Phase 4: what draws people to each place is fixed for the day, and no weights are known yet."""
    for place in range(state.pull.size):
        state.pull[place] = 0.0
        if setup.stops[place] != STOPS_IN_SITE or state.site_open[place]:
            state.pull[place] = setup.attraction[place] * room_factor(setup, state, place)
            if state.fighting[place] > 0.0:
                state.pull[place] *= setup.fighting_attraction ** state.fighting[place]
    state.weight_first[:] = -1
    state.counters[N_WEIGHTS] = 0


@njit(cache=True)
def room_factor(setup, state, place):
    """Phase 4: return k(D), 1 while there is ample room at a place and 0 where it is full."""
    capacity = state.capacity[place]
    if capacity == NO_LIMIT:
        return 1.0
    occupancy = state.inside[place] + state.unsheltered[place]
    buffered = setup.capacity_buffer * capacity
    if occupancy >= capacity:
        return 0.0
    if occupancy <= buffered:
        return 1.0
    return 1.0 - (occupancy - buffered) / (capacity - buffered)


@njit(cache=True)
def _weights_from(setup, state, place, group):
    """Return (first, number) of the weights of the destinations from a place for a group, in State.weight.

    Groups that all holders attract alike have the same weights.
    """
    reach = np.int64(-1) if setup.return_rate_per_day > 0.0 else np.int64(setup.awareness_metres)
    find_ways(setup, state, place, reach)
    n, like = state.ways_count[place], state.drawn_like[group]
    first = state.weight_first[place, like]
    if first >= 0:
        return first, n
    first = state.counters[N_WEIGHTS]
    if first + n > state.weight.size:
        state.counters[OVERFLOW] = 1
        return 0, 0
    _weigh(setup, state, place, like, state.ways_first[place], n, first)
    state.counters[N_WEIGHTS] = first + n
    state.weight_first[place, like] = first
    return first, n


@njit(cache=True)
def _weigh(setup, state, start, group, first_way, n, first_weight):
    """Write the weights of n destinations, attraction x room / softened distance to a power, and their sums
    so far.
    """
    weight, sums, so_far = state.weight, state.weight_sum, 0.0
    way_place, way_pull, pull = state.way_place, state.way_pull, state.pull
    control, control_attraction = state.control, setup.control_attraction
    for i in range(n):
        way = first_way + i
        place = way_place[way]
        if way_pull[way] < 0.0:
            way_pull[way] = _way_factor(setup, start, place, state.way_metres[way])
        weight[first_weight + i] = pull[place] * control_attraction[group, control[place]] * way_pull[way]
        so_far += weight[first_weight + i]
        sums[first_weight + i] = so_far


@njit(cache=True)
def _way_factor(setup, start, place, metres):
    """Phase 4: return what the way to a destination leaves of its pull: distance, and a border."""
    if metres > setup.awareness_metres:
        return 0.0
    factor = (setup.softening_km + metres / 1000.0) ** -setup.distance_power
    return factor if setup.country[place] == setup.country[start] else factor * setup.abroad_attraction


@njit(cache=True)
def choose_destinations(setup, state, place, group, home, people, from_home):
    """Phase 4: people standing at a place choose destinations and set out; False if there is none to
    choose.
    """
    first, n = _weights_from(setup, state, place, group)
    if n == 0 or state.weight_sum[first + n - 1] <= 0.0:
        return False
    open_next(state, place, DESTINATION)
    while 0 < people <= FEW_PEOPLE:
        i = _draw_other_than(state, first, n, state.ways_first[place], home)
        if i < 0:
            break
        _set_out_to(setup, state, place, group, home, i, 1, from_home)
        people -= 1
    return people == 0 or _split_over(setup, state, place, group, home, people, from_home, first, n)


@njit(cache=True)
def _draw_other_than(state, first, n, first_way, home):
    """Draw one of n destinations by weight; again if it is home, and -1 if that is drawn too often."""
    sums = state.weight_sum[first : first + n]
    for _ in range(8):
        i = np.searchsorted(sums, uniform(state.rng) * sums[n - 1], side="right")
        if i < n and state.way_place[first_way + i] != home:
            return i
    return np.int64(-1)


@njit(cache=True)
def _split_over(setup, state, place, group, home, people, from_home, first, n):
    """Split people over those of n destinations that have a weight and are not home; False if none is."""
    weight, known, way_place = state.scratch_weight, state.weight, state.way_place
    ways, first_way, cells = state.scratch_ways, state.ways_first[place], 0
    for i in range(n):
        if known[first + i] > 0.0 and way_place[first_way + i] != home:
            weight[cells], ways[cells] = known[first + i], i
            cells += 1
    if cells == 0:
        return False
    weight, chosen = weight[:cells], state.scratch_people[:cells]
    if people <= cells:
        place_one_by_one(state.rng, people, weight, chosen)
    else:
        multinomial(state.rng, people, weight, chosen)
    for cell in range(cells):
        if chosen[cell] > 0:
            _set_out_to(setup, state, place, group, home, ways[cell], chosen[cell], from_home)
    return True


@njit(cache=True)
def _set_out_to(setup, state, place, group, home, destination, people, from_home):
    plan = plan_of_way(setup, state, state.ways_first[place] + destination)
    set_out(state, pack_who(group, home, plan, np.int64(from_home), 1), place, people)


@njit(cache=True)
def choose_again(setup, state):
    """Phase 4: displaced people who stand somewhere without a plan may move on."""
    standing = state.standing
    for row in range(state.counters[N_STANDING]):
        if standing[row, PEOPLE] == 0:
            continue
        place, group, status = standing[row, PLACE], standing[row, GROUP], standing[row, STATUS]
        chance = 1.0
        if status in (IN_CAMP, IN_HOST):
            chance = max(setup.move_chance[place], chance_of_leaving(setup, state, place, group))
        if setup.held_by_siege[group]:
            chance *= 1.0 - state.siege[place]
        people, home = standing[row, PEOPLE], standing[row, HOME]
        if chance < 1.0:
            if chance <= 0.0:
                continue
            open_next(state, place, MOVE_ON)
            people = binomial(state.rng, people, chance)
        if people > 0 and choose_destinations(setup, state, place, group, home, people, False):
            standing[row, PEOPLE] -= people
            occupy(state, place, status, -people)


# 5. Travelling, and 6. Arriving


@njit(cache=True)
def leg_seconds(setup, leg, group, first_leg):
    """Return how long a leg takes a group, in whole seconds, at least 1."""
    on_foot = first_leg != 0 and setup.first_leg_on_foot
    km_per_day = (setup.walk_km_per_day if on_foot else setup.ride_km_per_day) * setup.speed_factor[group]
    seconds = math.floor(DAY_SECONDS * (setup.leg_metres[leg] / 1000.0) / km_per_day + 0.5)
    return max(np.int64(1), np.int64(min(seconds, 1e15)))


@njit(cache=True)
def travel(setup, state):
    """Phases 5 and 6: everybody with a plan goes as far as nothing can hold them; the others join the wave.

    The wave is taken in order; at each place people pass or wait, go on, or stop. Nobody's way depends on who
    finds room, so places with limited room take people in when all ways of the day are known.
    """
    fit_slots(state)
    find_days_served(state)
    time_plans(state)
    find_ample_places(setup, state)
    find_free_plans(setup, state)
    go_on_from_yesterday(setup, state)
    setting_out, today = state.setting_out, state.counters[TODAY]
    for row in range(state.counters[N_SETTING_OUT]):
        who, place, people = setting_out[row, S_WHO], setting_out[row, S_PLACE], setting_out[row, S_PEOPLE]
        _go_on(setup, state, who, place, 0, today, people)
    while state.counters[OVERFLOW] == 0:
        n = next_batch(state)
        if n == 0:
            break
        batch = state.batch[:n]
        drop_closed_plans(state, batch)
        pass_place(state, batch)
        enter_legs(setup, state, batch)
        stop_dropped(setup, state, batch)
    count_along_plans(state, state.flows)
    take_in(setup, state)


@njit(cache=True)
def time_plans(state):
    """Phase 5: find how long the new plans take each group, and which plans are open all along."""
    plan_leg, plan_rest, seconds = state.plan_leg, state.plan_rest, state.plan_seconds
    for plan in range(state.counters[N_TIMED_PLANS], state.counters[N_PLANS]):
        leg, rest = plan_leg[plan], plan_rest[plan]
        for group in range(seconds.shape[1]):
            seconds[plan, group] = state.leg_seconds[leg, group, 0]
            if rest >= 0:
                seconds[plan, group] += seconds[rest, group]
    state.counters[N_TIMED_PLANS] = state.counters[N_PLANS]
    is_open, leg_open = state.plan_is_open, state.leg_open
    for plan in range(state.counters[N_PLANS]):  # the rest of a plan stands before it
        rest = plan_rest[plan]
        is_open[plan] = leg_open[plan_leg[plan]] and (rest < 0 or is_open[rest])


@njit(cache=True)
def find_free_plans(setup, state):
    """Phase 5: find the plans on which nothing can hold anybody today."""
    plan_leg, plan_rest, is_free = state.plan_leg, state.plan_rest, state.plan_is_free
    leg_is_free, lets_all_through, leg_start = state.leg_is_free, state.lets_all_through, setup.leg_start
    for plan in range(state.counters[N_PLANS]):
        leg, rest = plan_leg[plan], plan_rest[plan]
        is_free[plan] = leg_is_free[leg] and lets_all_through[leg_start[leg]] and (rest < 0 or is_free[rest])


@njit(cache=True)
def count_along_plans(state, by_leg):
    """Count those whom ``State.passing`` holds for a whole plan at each of its legs, and empty it."""
    passing, plan_leg, plan_rest = state.passing, state.plan_leg, state.plan_rest
    for plan in range(state.counters[N_PLANS] - 1, -1, -1):  # the rest of a plan stands before it
        people = passing[plan]
        if people > 0:
            by_leg[plan_leg[plan]] += people
            passing[plan] = 0
            if plan_rest[plan] >= 0:
                passing[plan_rest[plan]] += people


@njit(cache=True)
def go_on_from_yesterday(setup, state):
    """Phase 5: everybody with a plan from before goes on, from where they stand or along their leg."""
    moving = state.moving
    for row in range(state.counters[N_MOVING]):
        who, where = moving[row, J_WHO], moving[row, J_WHERE]
        place, when, people = place_of(where), moving[row, J_WHEN], moving[row, J_PEOPLE]
        if is_on_leg(where):
            _go_along_leg(setup, state, who, place, when, people)
        elif status_of(where) != WAITING:
            occupy(state, place, status_of(where), -people)
            _go_on(setup, state, who, place, 0, when, people)
        elif _is_too_late(state, who, place, when):
            keep_as_is(state, who, where, when, people)
        else:
            _go_on(setup, state, who, place, 0, when, people)


@njit(cache=True)
def _is_too_late(state, who, place, since):
    """Return whether people wait too far back in a queue to be served today."""
    leg = state.plan_leg[plan_of_packed(who)]
    served = state.served_on_leg[leg] if has_passed_packed(who) else state.served_at_place[place]
    return state.leg_open[leg] and since > served


@njit(cache=True)
def find_days_served(state):
    """Find, for each limited place and leg, the last day since which people wait of whom some can be served
    today; NO_END if all who wait can.

    Both queues are counted by the day since which people wait; those let through a place today may take up
    room on a leg besides, so the day found for a leg is never too early.
    """
    at_place, on_leg = state.served_at_place, state.served_on_leg
    at_place[:] = NO_END
    on_leg[:] = NO_END
    queues, place_queue, leg_queue = 0, np.full(at_place.size, -1), np.full(on_leg.size, -1)
    moving, plan_leg, leg_open = state.moving, state.plan_leg, state.leg_open
    for row in range(state.counters[N_MOVING]):
        who, where = moving[row, J_WHO], moving[row, J_WHERE]
        if is_on_leg(where) or status_of(where) != WAITING:
            continue
        place, leg = place_of(where), plan_leg[plan_of_packed(who)]
        if has_passed_packed(who) == 0 and place_queue[place] < 0:
            place_queue[place] = queues
            queues += 1
        elif has_passed_packed(who) == 1 and leg_queue[leg] < 0:
            leg_queue[leg] = queues
            queues += 1
    if queues == 0:
        return
    waiting = np.zeros((queues, state.counters[TODAY] + 1), np.int64)
    for row in range(state.counters[N_MOVING]):
        who, where = moving[row, J_WHO], moving[row, J_WHERE]
        if is_on_leg(where) or status_of(where) != WAITING:
            continue
        leg = plan_leg[plan_of_packed(who)]
        if leg_open[leg]:
            queue = leg_queue[leg] if has_passed_packed(who) else place_queue[place_of(where)]
            waiting[queue, moving[row, J_WHEN]] += moving[row, J_PEOPLE]
    for place in range(at_place.size):
        if place_queue[place] >= 0 and state.throughput[place] != NO_LIMIT:
            at_place[place] = _last_day_served(waiting[place_queue[place]], state.throughput[place])
    for leg in range(on_leg.size):
        if leg_queue[leg] >= 0 and state.leg_throughput[leg] != NO_LIMIT:
            on_leg[leg] = _last_day_served(waiting[leg_queue[leg]], state.leg_throughput[leg])


@njit(cache=True)
def find_ample_places(setup, state):
    """Phase 5: find the places where nobody can have to wait to be let through today, because no more people
    would come by than the throughput if nothing held anybody; and the legs that hold nobody.

    Who is too far back in a queue stays there: those before fill the throughput, and whoever comes besides is
    too many.
    """
    state.demand[:] = 0
    if (state.throughput != NO_LIMIT).any():
        moving, setting_out = state.moving, state.setting_out
        for row in range(state.counters[N_MOVING]):
            who, where, people = moving[row, J_WHO], moving[row, J_WHERE], moving[row, J_PEOPLE]
            place, when = place_of(where), moving[row, J_WHEN]
            if is_on_leg(where):
                _count_way(setup, state, who, place, -when, True, people)
            elif status_of(where) != WAITING or not _is_too_late(state, who, place, when):
                _count_way(setup, state, who, place, 0, False, people)
        for row in range(state.counters[N_SETTING_OUT]):
            who, place = setting_out[row, S_WHO], setting_out[row, S_PLACE]
            _count_way(setup, state, who, place, 0, False, setting_out[row, S_PEOPLE])
        passing_leg = np.zeros(state.leg_open.size, np.int64)
        count_along_plans(state, passing_leg)
        for leg in range(passing_leg.size):
            state.demand[setup.leg_start[leg]] += passing_leg[leg]
    for leg in range(state.leg_is_free.size):
        state.leg_is_free[leg] = state.leg_open[leg] and state.leg_throughput[leg] == NO_LIMIT
    for place in range(state.demand.size):
        limit = state.throughput[place]
        state.lets_all_through[place] = limit == NO_LIMIT or state.demand[place] <= limit


@njit(cache=True)
def _count_way(setup, state, who, place, second, is_on_leg, people):
    """Count people at each place that asks them today, as far as they come if nothing holds them."""
    plan, group, first_leg = plan_of_packed(who), group_of_packed(who), first_leg_of_packed(who)
    asked, plan_leg, plan_rest = has_passed_packed(who) == 0, state.plan_leg, state.plan_rest
    demand, leg_open, leg_end, seconds = state.demand, state.leg_open, setup.leg_end, state.leg_seconds
    while plan >= 0:
        leg, rest = plan_leg[plan], plan_rest[plan]
        if not is_on_leg:
            if asked:
                demand[place] += people
            if not leg_open[leg]:
                return
        second += seconds[leg, group, first_leg]
        if second > DAY_SECONDS:
            return
        if rest >= 0 and state.plan_is_open[rest] and second + state.plan_seconds[rest, group] <= DAY_SECONDS:
            state.passing[rest] += people
            return
        place, plan, first_leg, asked, is_on_leg = leg_end[leg], rest, 0, True, False


@njit(cache=True)
def _last_day_served(waiting, limit):
    before = np.int64(0)
    for since in range(waiting.size):
        before += waiting[since]
        if before >= limit:
            return np.int64(since)
    return NO_END


@njit(cache=True)
def _go_along_leg(setup, state, who, place, done, people):
    """Phase 5: people who are on a leg arrive at its end today, or travel on all day."""
    plan, group = plan_of_packed(who), group_of_packed(who)
    leg = state.plan_leg[plan]
    left = state.leg_seconds[leg, group, first_leg_of_packed(who)] - done
    if left > DAY_SECONDS:
        keep_on_leg(state, who, place, done + DAY_SECONDS, people)
        return
    who = pack_who(group, home_of_packed(who), state.plan_rest[plan], 0, 0)
    today = state.counters[TODAY]
    _go_on(setup, state, who, setup.leg_end[leg], left, today, people)


@njit(cache=True)
def _go_on(setup, state, who, place, second, since, people):
    """Let people who stand at a place go as far today as nothing holds them, and stop where their plan
    ends.
    """
    plan, group, home = plan_of_packed(who), group_of_packed(who), home_of_packed(who)
    first_leg, asked, today = first_leg_of_packed(who), has_passed_packed(who) == 0, state.counters[TODAY]
    plan_leg, plan_rest, leg_end, seconds = state.plan_leg, state.plan_rest, setup.leg_end, state.leg_seconds
    leg_is_free, lets_all_through, flows = state.leg_is_free, state.lets_all_through, state.flows
    while plan >= 0:
        leg, rest = plan_leg[plan], plan_rest[plan]
        if not (leg_is_free[leg] and (lets_all_through[place] or not asked)):
            who = pack_who(group, home, plan, first_leg, np.int64(not asked))
            if _is_held(state, who, place, second, since, people):
                return
        flows[leg] += people
        at_end = second + seconds[leg, group, first_leg]
        if at_end > DAY_SECONDS:
            keep_on_leg(state, pack_who(group, home, plan, first_leg, 0), place, DAY_SECONDS - second, people)
            return
        place, second, since, plan, first_leg, asked = leg_end[leg], at_end, today, rest, 0, True
        if rest >= 0 and state.plan_is_free[rest] and second + state.plan_seconds[rest, group] <= DAY_SECONDS:
            state.passing[rest] += people
            place, second, plan = state.plan_end[rest], second + state.plan_seconds[rest, group], -1
    _end_plan(setup, state, pack_who(group, home, -1, 0, 0), place, second, since, people)


@njit(cache=True)
def _is_held(state, who, place, second, since, people):
    """Return whether people cannot simply enter their next leg.

    In a queue that is too long for today they wait. Where the order of people matters, or lots are drawn, or
    the leg is closed, they join the wave. Those before the last day served are let through without lots.
    """
    leg, today = state.plan_leg[plan_of_packed(who)], state.counters[TODAY]
    if state.leg_open[leg]:
        if not state.lets_all_through[place] and has_passed_packed(who) == 0:
            served = state.served_at_place[place]
            if since > served:
                keep_standing(state, who, place, WAITING, since, people)
                return True
            if since in (served, today):
                push_packed(state, pack_when(second, place, since), who, people)
                return True
            state.let_through[place] += people
            who |= 1
        if state.leg_throughput[leg] == NO_LIMIT:
            return False
        if since > state.served_on_leg[leg]:
            keep_standing(state, who | 1, place, WAITING, since, people)
            return True
    push_packed(state, pack_when(second, place, since), who, people)
    return True


@njit(cache=True)
def _enter_leg(setup, state, cohort, people):
    """Phase 5: people of a cohort of the wave enter their next leg, and go on."""
    if people == 0:
        return
    plan, group, second = cohort[W_PLAN], cohort[W_GROUP], cohort[W_SECOND]
    leg, today = state.plan_leg[plan], state.counters[TODAY]
    state.flows[leg] += people
    at_end = second + state.leg_seconds[leg, group, cohort[W_FIRST_LEG]]
    if at_end > DAY_SECONDS:
        keep_on_leg(state, _who(cohort, 0), cohort[W_PLACE], DAY_SECONDS - second, people)
        return
    who = pack_who(group, cohort[W_HOME], state.plan_rest[plan], 0, 0)
    _go_on(setup, state, who, setup.leg_end[leg], at_end, today, people)


@njit(cache=True)
def _end_plan(setup, state, who, place, second, since, people):
    """Phase 6: people at the end of their plan stop; where room is limited they wait to be taken in."""
    stops = setup.stops[place]
    takes_in = stops == STOPS_IN_HOST or (stops == STOPS_IN_SITE and state.site_open[place])
    home, group = home_of_packed(who), group_of_packed(who)
    if takes_in and state.capacity[place] != NO_LIMIT and home != place:
        keep_stopping(state, pack_when(second, place, since), who, people)
        return
    state.arrivals[place] += people
    if home == place:
        state.returned[place, group] += people
    elif stops == STOPS_OUTSIDE:
        state.left[place, group] += people
    else:
        stand(state, place, group, home, inside_state(stops) if takes_in else outside_state(stops), people)


@njit(cache=True)
def take_in(setup, state):
    """Phase 6: places with limited room take in those who stop there; where not all find room, the first."""
    stopping, n = state.stopping, state.counters[N_STOPPING]
    people = np.zeros(state.capacity.size, np.int64)
    for row in range(n):
        people[place_of_packed(stopping[row, WHEN])] += stopping[row, WAVE_PEOPLE]
    place_room = np.zeros(people.size, np.int64)
    for place in range(people.size):
        place_room[place] = room(setup, state, place)
    for row in range(n):
        when, who, stop_now = stopping[row, WHEN], stopping[row, WHO], stopping[row, WAVE_PEOPLE]
        place = place_of_packed(when)
        if 0 < place_room[place] < people[place]:
            push_packed(state, when, who, stop_now)
            continue
        state.arrivals[place] += stop_now
        stops = setup.stops[place]
        status = inside_state(stops) if place_room[place] > 0 else outside_state(stops)
        stand(state, place, group_of_packed(who), home_of_packed(who), status, stop_now)
    while state.counters[OVERFLOW] == 0:
        n = next_batch(state)
        if n == 0:
            return
        stop(setup, state, state.batch[:n])


@njit(cache=True)
def inside_state(stops):
    """Return the state of people whom a place takes in."""
    return IN_CAMP if stops == STOPS_IN_SITE else IN_HOST


@njit(cache=True)
def outside_state(stops):
    """Return the state of people who have stopped at a place and are not taken in."""
    return WAITING if stops == STOPS_IN_SITE else DISPLACED


@njit(cache=True)
def pass_place(state, batch):
    """Phase 5: a place with a throughput lets so many through a day; the rest of the batch waits here."""
    place = batch[0, W_PLACE]
    if state.throughput[place] == NO_LIMIT:
        return
    people = np.zeros(batch.shape[0], np.int64)
    for row in range(batch.shape[0]):
        if batch[row, W_PLAN] >= 0 and batch[row, W_PASSED] == 0:
            people[row] = batch[row, W_PEOPLE]
    free = max(0, state.throughput[place] - state.let_through[place])
    passing = _those_with_room(state, people, free, place, PASS_PLACE)
    for row in range(batch.shape[0]):
        if people[row] > 0:
            state.let_through[place] += passing[row]
            wait(state, batch[row], 0, people[row] - passing[row])
            batch[row, W_PEOPLE] = passing[row]


@njit(cache=True)
def wait(state, cohort, passed, people):
    """Let people of a cohort of the wave wait where they stand until tomorrow."""
    if people > 0:
        keep_standing(state, _who(cohort, passed), cohort[W_PLACE], WAITING, cohort[W_SINCE], people)


@njit(cache=True)
def _who(cohort, passed):
    return pack_who(cohort[W_GROUP], cohort[W_HOME], cohort[W_PLAN], cohort[W_FIRST_LEG], passed)


@njit(cache=True)
def drop_closed_plans(state, batch):
    """Phase 5: where the next leg is closed the plan is dropped; who is still at home is trapped again."""
    for row in range(batch.shape[0]):
        plan = batch[row, W_PLAN]
        if plan < 0 or state.leg_open[state.plan_leg[plan]]:
            continue
        batch[row, W_PLAN] = -1
        if batch[row, W_FIRST_LEG] == 1:
            state.trapped[batch[row, W_HOME], batch[row, W_GROUP]] += batch[row, W_PEOPLE]
            batch[row, W_PEOPLE] = 0


@njit(cache=True)
def enter_legs(setup, state, batch):
    """Phase 5: people enter their next leg, as many as its throughput lets; the rest wait."""
    for row in range(batch.shape[0]):
        cohort = batch[row]
        if cohort[W_PLAN] < 0 or cohort[W_PEOPLE] == 0:
            continue
        leg = state.plan_leg[cohort[W_PLAN]]
        if state.leg_throughput[leg] != NO_LIMIT:
            _enter_limited_leg(setup, state, batch, leg)
        else:
            _enter_leg(setup, state, cohort, cohort[W_PEOPLE])
            cohort[W_PEOPLE] = 0


@njit(cache=True)
def _enter_limited_leg(setup, state, batch, leg):
    people = np.zeros(batch.shape[0], np.int64)
    for row in range(batch.shape[0]):
        plan = batch[row, W_PLAN]
        if plan >= 0 and state.plan_leg[plan] == leg:
            people[row] = batch[row, W_PEOPLE]
    free = max(0, state.leg_throughput[leg] - state.entered[leg])
    entering = _those_with_room(state, people, free, batch[0, W_PLACE], PASS_ROUTE)
    for row in range(batch.shape[0]):
        if people[row] > 0:
            state.entered[leg] += entering[row]
            _enter_leg(setup, state, batch[row], entering[row])
            wait(state, batch[row], 1, people[row] - entering[row])
            batch[row, W_PEOPLE] = 0


@njit(cache=True)
def stop_dropped(setup, state, batch):
    """Phase 6: people whose plan was dropped stop where they are."""
    for row in range(batch.shape[0]):
        cohort = batch[row]
        if cohort[W_PEOPLE] > 0:
            place, second, since = cohort[W_PLACE], cohort[W_SECOND], cohort[W_SINCE]
            _end_plan(setup, state, _who(cohort, 0), place, second, since, cohort[W_PEOPLE])


@njit(cache=True)
def stop(setup, state, batch):
    """Phase 6: people stop at a place with limited room: inside while there is any, else as its kind says."""
    place, stops = batch[0, W_PLACE], setup.stops[batch[0, W_PLACE]]
    people = batch[:, W_PEOPLE].copy()
    state.arrivals[place] += people.sum()
    entering = _those_with_room(state, people, room(setup, state, place), place, ENTER_PLACE)
    batch[:, W_PEOPLE] = entering
    _stand_all(state, batch, inside_state(stops))
    batch[:, W_PEOPLE] = people - entering
    _stand_all(state, batch, outside_state(stops))


@njit(cache=True)
def _stand_all(state, batch, status):
    """Let all people of a batch stand where they are, in one state."""
    for row in range(batch.shape[0]):
        cohort = batch[row]
        if cohort[W_PEOPLE] > 0:
            stand(state, cohort[W_PLACE], cohort[W_GROUP], cohort[W_HOME], status, cohort[W_PEOPLE])


# 7. Returning


@njit(cache=True)
def set_out_home(setup, state):
    """Phase 7: people whose home has been safe long enough plan the way back and start tomorrow."""
    if setup.return_rate_per_day <= 0.0:
        return
    for row in range(state.counters[N_STANDING]):
        cohort = state.standing[row]
        place, group, home, status = cohort[PLACE], cohort[GROUP], cohort[HOME], cohort[STATUS]
        if cohort[PEOPLE] == 0 or home < 0 or status == WAITING:
            continue
        if state.safe_days[home] < max(1, setup.return_after_safe_days):
            continue
        if setup.held_by_siege[group] and state.siege[place] > 0.0:
            continue
        open_next(state, place, SET_OUT_HOME)
        chance = -math.expm1(-setup.return_rate_per_day * setup.return_factor[group])
        people = binomial(state.rng, cohort[PEOPLE], chance)
        way = _way_to(setup, state, place, home) if people > 0 else -1
        if way >= 0:
            cohort[PEOPLE] -= people
            plan = plan_of_way(setup, state, way)
            tomorrow = state.counters[TODAY] + 1
            keep_standing(state, pack_who(group, home, plan, 0, 1), place, status, tomorrow, people)


@njit(cache=True)
def _way_to(setup, state, place, home):
    find_ways(setup, state, place, np.int64(-1))
    for row in range(state.ways_first[place], state.ways_first[place] + state.ways_count[place]):
        if state.way_place[row] == home:
            return row
    return -1


# 8. Recording


@njit(cache=True)
def record(setup, state, kept, day):
    """Phase 8: write the stocks at the end of a day, who entered each leg and stopped at each place, and the
    capacities.
    """
    stocks, moving, standing = kept.stocks[day], state.moving, state.standing
    places, groups = state.residents.shape
    for place in range(places):
        for group in range(groups):
            stocks[place, group, RESIDENT] = state.residents[place, group]
            stocks[place, group, TRAPPED] = state.trapped[place, group]
            stocks[place, group, RETURNED] = state.returned[place, group]
            stocks[place, group, LEFT] = state.left[place, group]
    for row in range(state.counters[N_STANDING]):
        place, group, status = standing[row, PLACE], standing[row, GROUP], standing[row, STATUS]
        stocks[place, group, status] += standing[row, PEOPLE]
    for row in range(state.counters[N_MOVING]):
        who, where = moving[row, J_WHO], moving[row, J_WHERE]
        stocks[place_of(where), group_of_packed(who), status_of(where)] += moving[row, J_PEOPLE]
    kept.flows[day] = state.flows
    kept.arrivals[day] = state.arrivals
    for place in range(places):
        is_open = setup.stops[place] != STOPS_IN_SITE or state.site_open[place]
        kept.capacity[day, place] = state.capacity[place] if is_open else 0
