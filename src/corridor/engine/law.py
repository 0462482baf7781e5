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
    N_ARRIVING,
    N_MOVING,
    N_STANDING,
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
    TRAVELLING,
    WAITING,
)
from corridor.engine.cohorts import (
    GROUP,
    HOME,
    M_DONE,
    M_FIRST_LEG,
    M_GROUP,
    M_HOME,
    M_LEG,
    M_PASSED,
    M_PEOPLE,
    M_PLACE,
    M_PLAN,
    M_SINCE,
    M_STATUS,
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
    keep_moving,
    next_batch,
    occupy,
    push_wave,
    stand,
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
    open_draw,
)


@njit(cache=True)
def _open(state, place, decision):
    """Open the next draw of this kind at this place today."""
    open_draw(state.rng, state.counters[TODAY], place, decision, state.draws[place, decision])
    state.draws[place, decision] += 1


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
                _open(state, place, LEAVE_RESIDENT)
                leavers = binomial(state.rng, state.residents[place, group], chance)
                state.residents[place, group] -= leavers
                state.trapped[place, group] += leavers
            if state.returned[place, group] > 0:
                _open(state, place, LEAVE_RETURNED)
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
    _open(state, 0, LEAVE_GIVEN)
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
                _open(state, place, FIND_WAY)
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
        _open(state, place, decision)
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
def fix_room_factors(setup, state):
    """Phase 4: k(D) of every place, fixed for the day, and no weights known yet."""
    for place in range(state.room_factor.size):
        capacity = state.capacity[place]
        if capacity == NO_LIMIT:
            state.room_factor[place] = 1.0
            continue
        occupancy = state.inside[place] + state.unsheltered[place]
        buffered = setup.capacity_buffer * capacity
        if occupancy >= capacity:
            state.room_factor[place] = 0.0
        elif occupancy <= buffered:
            state.room_factor[place] = 1.0
        else:
            state.room_factor[place] = 1.0 - (occupancy - buffered) / (capacity - buffered)
    state.weight_first[:] = -1
    state.counters[N_WEIGHTS] = 0


@njit(cache=True)
def _weights_from(setup, state, place, group):
    """Return (first, number) of the weights of the destinations from a place for a group, in State.weight."""
    reach = np.int64(-1) if setup.return_rate_per_day > 0.0 else np.int64(setup.awareness_metres)
    find_ways(setup, state, place, reach)
    n = state.ways_count[place]
    first = state.weight_first[place, group]
    if first >= 0:
        return first, n
    first = state.counters[N_WEIGHTS]
    if first + n > state.weight.size:
        state.counters[OVERFLOW] = 1
        return 0, 0
    for i in range(n):
        row = state.ways_first[place] + i
        state.weight[first + i] = _weight(
            setup, state, place, group, state.way_place[row], state.way_metres[row]
        )
    state.counters[N_WEIGHTS] = first + n
    state.weight_first[place, group] = first
    return first, n


@njit(cache=True)
def _weight(setup, state, start, group, place, metres):
    """Return the weight of a destination: attraction x room / softened distance to a power."""
    if metres > setup.awareness_metres:
        return 0.0
    if setup.stops[place] == STOPS_IN_SITE and not state.site_open[place]:
        return 0.0
    weight = (
        setup.attraction[place]
        * setup.control_attraction[group, state.control[place]]
        * state.room_factor[place]
    )
    if state.fighting[place] > 0.0:
        weight *= setup.fighting_attraction ** state.fighting[place]
    if setup.country[place] != setup.country[start]:
        weight *= setup.abroad_attraction
    return weight / (setup.softening_km + metres / 1000.0) ** setup.distance_power


@njit(cache=True)
def choose_destinations(setup, state, place, group, home, people, from_home):
    """Phase 4: people standing at a place choose destinations and join the wave; False if there is none to
    choose.
    """
    first, n = _weights_from(setup, state, place, group)
    weight = state.scratch_weight[:n]
    weight[:] = state.weight[first : first + n]
    for i in range(n):
        if state.way_place[state.ways_first[place] + i] == home:
            weight[i] = 0.0
    if weight.sum() <= 0.0:
        return False
    chosen = state.scratch_people[:n]
    _open(state, place, DESTINATION)
    multinomial(state.rng, people, weight, chosen)
    for i in range(n):
        if chosen[i] > 0:
            plan = plan_of_way(setup, state, state.ways_first[place] + i)
            today = state.counters[TODAY]
            push_wave(state, 0, place, today, group, home, plan, np.int64(from_home), 1, chosen[i])
    return True


@njit(cache=True)
def choose_again(setup, state):
    """Phase 4: displaced people who stand somewhere without a plan may move on."""
    for row in range(state.counters[N_STANDING]):
        cohort = state.standing[row]
        if cohort[PEOPLE] == 0:
            continue
        place, group, status = cohort[PLACE], cohort[GROUP], cohort[STATUS]
        chance = 1.0
        if status in (IN_CAMP, IN_HOST):
            chance = max(setup.move_chance[place], chance_of_leaving(setup, state, place, group))
        if setup.held_by_siege[group]:
            chance *= 1.0 - state.siege[place]
        people = cohort[PEOPLE]
        if chance < 1.0:
            if chance <= 0.0:
                continue
            _open(state, place, MOVE_ON)
            people = binomial(state.rng, people, chance)
        if people > 0 and choose_destinations(setup, state, place, group, cohort[HOME], people, False):
            cohort[PEOPLE] -= people
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
def start_wave(setup, state):
    """Phase 5: everybody with a plan from before joins the wave, or goes on along a leg that does not end
    today.

    People too far back in a queue to be served today do not join: they would only wait again.
    """
    served_at_place = np.full(state.throughput.size, NO_END)
    served_on_leg = np.full(state.leg_throughput.size, NO_END)
    _find_days_served(state, served_at_place, served_on_leg)
    for row in range(state.counters[N_MOVING]):
        cohort = state.moving[row]
        if cohort[M_LEG] >= 0:
            _go_on(setup, state, cohort)
            continue
        leg = state.plan_leg[cohort[M_PLAN]]
        if cohort[M_STATUS] != WAITING:
            occupy(state, cohort[M_PLACE], cohort[M_STATUS], -cohort[M_PEOPLE])
        elif state.leg_open[leg]:
            served = served_at_place[cohort[M_PLACE]] if cohort[M_PASSED] == 0 else served_on_leg[leg]
            if cohort[M_SINCE] > served:
                _stay_in_queue(state, cohort)
                continue
        _join_wave(state, cohort, 0, cohort[M_PLACE], cohort[M_SINCE], cohort[M_PLAN], cohort[M_PASSED])


@njit(cache=True)
def _find_days_served(state, at_place, on_leg):
    """Write, for each limited place and leg, the last day since which people wait of whom some can be served
    today.

    Both queues are counted by the day since which people wait; those let through a place today may take up
    room on a leg besides, so the day found for a leg is never too early.
    """
    queues, place_queue, leg_queue = 0, np.full(at_place.size, -1), np.full(on_leg.size, -1)
    for row in range(state.counters[N_MOVING]):
        cohort = state.moving[row]
        if cohort[M_LEG] >= 0 or cohort[M_STATUS] != WAITING:
            continue
        leg = state.plan_leg[cohort[M_PLAN]]
        if cohort[M_PASSED] == 0 and place_queue[cohort[M_PLACE]] < 0:
            place_queue[cohort[M_PLACE]] = queues
            queues += 1
        elif cohort[M_PASSED] == 1 and leg_queue[leg] < 0:
            leg_queue[leg] = queues
            queues += 1
    if queues == 0:
        return
    waiting = np.zeros((queues, state.counters[TODAY] + 1), np.int64)
    for row in range(state.counters[N_MOVING]):
        cohort = state.moving[row]
        if (
            cohort[M_LEG] >= 0
            or cohort[M_STATUS] != WAITING
            or not state.leg_open[state.plan_leg[cohort[M_PLAN]]]
        ):
            continue
        leg = state.plan_leg[cohort[M_PLAN]]
        queue = place_queue[cohort[M_PLACE]] if cohort[M_PASSED] == 0 else leg_queue[leg]
        waiting[queue, cohort[M_SINCE]] += cohort[M_PEOPLE]
    for place in range(at_place.size):
        if place_queue[place] >= 0 and state.throughput[place] != NO_LIMIT:
            at_place[place] = _last_day_served(waiting[place_queue[place]], state.throughput[place])
    for leg in range(on_leg.size):
        if leg_queue[leg] >= 0 and state.leg_throughput[leg] != NO_LIMIT:
            on_leg[leg] = _last_day_served(waiting[leg_queue[leg]], state.leg_throughput[leg])


@njit(cache=True)
def _last_day_served(waiting, limit):
    before = np.int64(0)
    for since in range(waiting.size):
        before += waiting[since]
        if before >= limit:
            return np.int64(since)
    return NO_END


@njit(cache=True)
def _stay_in_queue(state, cohort):
    """Keep a waiting cohort as it is; it equals no other, for all who wait since that day are in it."""
    n = state.counters[N_ARRIVING]
    if n >= state.arriving.shape[0] - 1:
        state.counters[OVERFLOW] = 1
        return
    state.arriving[n] = cohort
    state.counters[N_ARRIVING] = n + 1


@njit(cache=True)
def _go_on(setup, state, cohort):
    """Let people who are on a leg arrive at its end today, or travel on all day."""
    seconds = leg_seconds(setup, cohort[M_LEG], cohort[M_GROUP], cohort[M_FIRST_LEG]) - cohort[M_DONE]
    if seconds <= DAY_SECONDS:
        end, rest = setup.leg_end[cohort[M_LEG]], state.plan_rest[cohort[M_PLAN]]
        cohort[M_FIRST_LEG] = 0
        _join_wave(state, cohort, seconds, end, state.counters[TODAY], rest, 0)
        return
    keep_moving(
        state,
        cohort[M_PLACE],
        cohort[M_LEG],
        cohort[M_DONE] + DAY_SECONDS,
        cohort[M_GROUP],
        cohort[M_HOME],
        TRAVELLING,
        cohort[M_PLAN],
        cohort[M_FIRST_LEG],
        0,
        0,
        cohort[M_PEOPLE],
    )


@njit(cache=True)
def _join_wave(state, cohort, second, place, since, plan, passed):
    push_wave(
        state,
        second,
        place,
        since,
        cohort[M_GROUP],
        cohort[M_HOME],
        plan,
        cohort[M_FIRST_LEG],
        passed,
        cohort[M_PEOPLE],
    )


@njit(cache=True)
def travel(setup, state, flows, arrivals):
    """Phases 5 and 6: take the wave in order; at each place people pass or wait, go on, or stop."""
    start_wave(setup, state)
    while state.counters[OVERFLOW] == 0:
        n = next_batch(state)
        if n == 0:
            return
        batch = state.batch[:n]
        drop_closed_plans(state, batch)
        pass_place(state, batch)
        enter_legs(setup, state, batch, flows)
        stop(setup, state, batch, arrivals)


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
        keep_moving(
            state,
            cohort[W_PLACE],
            -1,
            0,
            cohort[W_GROUP],
            cohort[W_HOME],
            WAITING,
            cohort[W_PLAN],
            cohort[W_FIRST_LEG],
            passed,
            cohort[W_SINCE],
            people,
        )


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
def enter_legs(setup, state, batch, flows):
    """Phase 5: people enter their next leg, as many as its throughput lets; the rest wait."""
    for row in range(batch.shape[0]):
        plan = batch[row, W_PLAN]
        if plan < 0 or batch[row, W_PEOPLE] == 0:
            continue
        leg = state.plan_leg[plan]
        if state.leg_throughput[leg] == NO_LIMIT:
            _enter_leg(setup, state, batch[row], leg, batch[row, W_PEOPLE], flows)
            batch[row, W_PEOPLE] = 0
        else:
            _enter_limited_leg(setup, state, batch, leg, flows)


@njit(cache=True)
def _enter_limited_leg(setup, state, batch, leg, flows):
    people = np.zeros(batch.shape[0], np.int64)
    for row in range(batch.shape[0]):
        plan = batch[row, W_PLAN]
        if plan >= 0 and state.plan_leg[plan] == leg:
            people[row] = batch[row, W_PEOPLE]
    free = max(0, state.leg_throughput[leg] - state.entered[leg])
    entering = _those_with_room(state, people, free, batch[0, W_PLACE], PASS_ROUTE)
    for row in range(batch.shape[0]):
        if people[row] > 0:
            _enter_leg(setup, state, batch[row], leg, entering[row], flows)
            wait(state, batch[row], 1, people[row] - entering[row])
            batch[row, W_PEOPLE] = 0


@njit(cache=True)
def _enter_leg(setup, state, cohort, leg, people, flows):
    """Let people enter a leg, and the next ones as far as this day goes.

    They join the wave again where something can happen to them: at the end of their plan, at a place or
    before a leg with a throughput, and before a closed leg. Between these nothing is drawn.
    """
    if people == 0:
        return
    place, second, plan = cohort[W_PLACE], cohort[W_SECOND], cohort[W_PLAN]
    group, home, first_leg = cohort[W_GROUP], cohort[W_HOME], cohort[W_FIRST_LEG]
    while True:
        flows[leg] += people
        state.entered[leg] += people
        at_end = second + leg_seconds(setup, leg, group, first_leg)
        if at_end > DAY_SECONDS:
            done = DAY_SECONDS - second
            keep_moving(state, place, leg, done, group, home, TRAVELLING, plan, first_leg, 0, 0, people)
            return
        place, second, plan, first_leg = setup.leg_end[leg], at_end, state.plan_rest[plan], 0
        if plan < 0 or state.throughput[place] != NO_LIMIT:
            break
        leg = state.plan_leg[plan]
        if not state.leg_open[leg] or state.leg_throughput[leg] != NO_LIMIT:
            break
    push_wave(state, second, place, state.counters[TODAY], group, home, plan, first_leg, 0, people)


@njit(cache=True)
def stop(setup, state, batch, arrivals):
    """Phase 6: people at the end of their plan stop: back home, inside while there is room, or as the kind
    of place says.
    """
    place, stops = batch[0, W_PLACE], setup.stops[batch[0, W_PLACE]]
    stopping = np.int64(0)
    for row in range(batch.shape[0]):
        people, group = batch[row, W_PEOPLE], batch[row, W_GROUP]
        if people == 0 or batch[row, W_PLAN] >= 0:
            batch[row, W_PEOPLE] = 0
            continue
        arrivals[place] += people
        if batch[row, W_HOME] == place:
            state.returned[place, group] += people
            batch[row, W_PEOPLE] = 0
        elif stops == STOPS_OUTSIDE:
            state.left[place, group] += people
            batch[row, W_PEOPLE] = 0
        stopping += batch[row, W_PEOPLE]
    limit = room(setup, state, place)
    inside = IN_CAMP if stops == STOPS_IN_SITE else IN_HOST
    unsheltered = WAITING if stops == STOPS_IN_SITE else DISPLACED
    if stopping <= limit:
        _stand_all(state, batch, inside)
    elif limit <= 0:
        _stand_all(state, batch, unsheltered)
    else:
        people = batch[:, W_PEOPLE].copy()
        entering = _those_with_room(state, people, limit, place, ENTER_PLACE)
        batch[:, W_PEOPLE] = entering
        _stand_all(state, batch, inside)
        batch[:, W_PEOPLE] = people - entering
        _stand_all(state, batch, unsheltered)


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
        way = _way_to(setup, state, place, home)
        if way < 0:
            continue
        _open(state, place, SET_OUT_HOME)
        chance = -math.expm1(-setup.return_rate_per_day * setup.return_factor[group])
        people = binomial(state.rng, cohort[PEOPLE], chance)
        if people > 0:
            cohort[PEOPLE] -= people
            plan = plan_of_way(setup, state, way)
            tomorrow = state.counters[TODAY] + 1
            keep_moving(state, place, -1, 0, group, home, status, plan, 0, 1, tomorrow, people)


@njit(cache=True)
def _way_to(setup, state, place, home):
    find_ways(setup, state, place, np.int64(-1))
    for row in range(state.ways_first[place], state.ways_first[place] + state.ways_count[place]):
        if state.way_place[row] == home:
            return row
    return -1


# 8. Recording


@njit(cache=True)
def record(setup, state, stocks, capacity):
    """Phase 8: write today's stocks, [places, groups, states], and capacities, [places]."""
    places, groups = state.residents.shape
    for place in range(places):
        for group in range(groups):
            stocks[place, group, RESIDENT] = state.residents[place, group]
            stocks[place, group, TRAPPED] = state.trapped[place, group]
            stocks[place, group, RETURNED] = state.returned[place, group]
            stocks[place, group, LEFT] = state.left[place, group]
    for row in range(state.counters[N_STANDING]):
        cohort = state.standing[row]
        stocks[cohort[PLACE], cohort[GROUP], cohort[STATUS]] += cohort[PEOPLE]
    for row in range(state.counters[N_MOVING]):
        cohort = state.moving[row]
        stocks[cohort[M_PLACE], cohort[M_GROUP], cohort[M_STATUS]] += cohort[M_PEOPLE]
    for place in range(places):
        is_open = setup.stops[place] != STOPS_IN_SITE or state.site_open[place]
        capacity[place] = state.capacity[place] if is_open else 0
