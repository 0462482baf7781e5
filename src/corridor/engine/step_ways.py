"""What people weigh when they choose: the ways ahead of a place up to the awareness level, and their weights.

Ways are found from one place at a time, when first asked for, and kept until a route opens or closes. Their
weights are those of the moment: they fall as camps fill.
"""

from __future__ import annotations

import math

from numba import njit

from corridor.engine.arrays import N_WAYS, OVERFLOW, TODAY, VERSION
from corridor.engine.paths import make_plan
from corridor.engine.step_fixed import end_score, keep_fixed_ways, write_fixed_weights

#: Mean radius of the earth, as Flee rounds it.
EARTH_RADIUS_KM = 6371.0


@njit(cache=True)
def room_left(setup, state, place):
    """Return the factor for the room left at a place at this moment: 1 below the buffer, 0 when full."""
    return room_beside(setup, state, place, state.occupants[place])


@njit(cache=True)
def room_beside(setup, state, place, people):
    """Return the factor for the room left at a place beside so many people."""
    capacity = state.capacity[place] * setup.capacity_scaling
    if capacity < 1.0:
        return 1.0
    if people <= setup.capacity_buffer * capacity:
        return 1.0
    if people >= capacity:
        return 0.0
    return 1.0 - (people - setup.capacity_buffer * capacity) / (capacity * (1.0 - setup.capacity_buffer))


@njit(cache=True)
def find_ways_ahead(setup, state, origin):
    """List the ways from a place up to the awareness level, if they are not yet known since routes changed.

    Depth first, in the order of the legs. A way may not come back to a place it has left. Markers cost no
    level and are no destinations.
    """
    if state.ways_version[origin] == state.counters[VERSION]:
        return
    first, n = state.counters[N_WAYS], state.counters[N_WAYS]
    level = 0
    state.path_next[0], state.path_metres[0], state.path_depth[0] = setup.out_first[origin], 0, 1
    if setup.routes_are_fixed and state.is_marker[origin]:
        level = -1
    while level >= 0 and setup.awareness != 0:
        place = origin if level == 0 else setup.leg_end[state.path_leg[level - 1]]
        leg = state.path_next[level]
        if leg >= setup.out_first[place + 1]:
            level -= 1
            continue
        state.path_next[level] += 1
        end = setup.leg_end[leg]
        if not state.leg_open[leg] or (level > 0 and _has_left(setup, state, origin, level, end)):
            continue
        metres, depth = state.path_metres[level] + setup.leg_metres[leg], state.path_depth[level]
        state.path_leg[level] = leg
        if state.is_marker[end]:
            depth -= 0 if setup.routes_are_fixed else 1
        else:
            if n >= state.way_place.size:
                state.counters[OVERFLOW] = 1
                break
            state.way_place[n] = end
            state.way_divisor[n] = (setup.softening_km + metres / 1000.0) ** setup.distance_power
            state.way_factor[n] = _nearness(setup, origin, end) if setup.stays_close else 1.0
            state.way_plan[n] = _plan_of_path(setup, state, level)
            n += 1
        if setup.awareness > depth and level + 1 < state.path_leg.size:
            level += 1
            state.path_next[level], state.path_metres[level] = setup.out_first[end], metres
            state.path_depth[level] = depth + 1
    if setup.routes_are_fixed:
        n = keep_fixed_ways(setup, state, origin, first, n)
        for row in range(first, n):
            end = state.way_place[row]
            state.way_factor[row] = _nearness(setup, origin, end) if setup.stays_close else 1.0
    state.ways_first[origin], state.ways_count[origin] = first, n - first
    state.ways_version[origin], state.ways_weighed[origin] = state.counters[VERSION], -1
    state.counters[N_WAYS] = n


@njit(cache=True)
def _nearness(setup, place, other):
    """Return the factor for how near two places are, by the great circle, x being the longitude."""
    y1, y2 = math.radians(setup.y_degrees[place]), math.radians(setup.y_degrees[other])
    half_dx = math.radians(setup.x_degrees[other] - setup.x_degrees[place]) / 2.0
    chord = math.sin((y2 - y1) / 2.0) ** 2 + math.cos(y1) * math.cos(y2) * math.sin(half_dx) ** 2
    km = 2.0 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(max(0.0, chord))))
    return max(1.0, km) ** -setup.close_power


@njit(cache=True)
def _has_left(setup, state, origin, level, place):
    """Return whether the path has left a place before the place it stands at now."""
    if place == origin:
        return True
    for above in range(level - 1):  # noqa: SIM110 - a loop compiles faster than a generator
        if setup.leg_end[state.path_leg[above]] == place:
            return True
    return False


@njit(cache=True)
def _plan_of_path(setup, state, level):
    plan = -1
    for above in range(level, -1, -1):
        plan = make_plan(setup, state, _first_parallel(setup, state, state.path_leg[above]), plan)
    return plan


@njit(cache=True)
def _first_parallel(setup, state, leg):
    """Return the first open leg with the same ends: people weigh each parallel road, and take the first."""
    for other in range(setup.out_first[setup.leg_start[leg]], leg):
        if setup.leg_end[other] == setup.leg_end[leg] and state.leg_open[other]:
            return other
    return leg


@njit(cache=True)
def write_weights(setup, state, place, group, weight):
    """Write the weights of the ways from a place for a group; all 1 where all are 0."""
    if setup.has_special_weights:
        write_special_weights(setup, state, place, group, weight)
        return
    if setup.score_power[group] != 1.0 or setup.weight_power != 1.0 or setup.pruning_threshold > 1.001:
        _write_weights_with_powers(setup, state, place, group, weight)
        return
    if state.ways_weighed[place] != state.counters[TODAY]:
        _weigh(setup, state, place)
    first, total = state.ways_first[place], 0.0
    for i in range(weight.size):
        value = state.way_weight[first + i]
        end = state.way_place[first + i]
        if state.capacity[end] > 0:
            value *= room_left(setup, state, end)
        weight[i] = value
        total += value
    if total <= 0.0:
        weight[:] = 1.0


@njit(cache=True)
def _weigh(setup, state, place):
    """Write the weights that the ways from a place have all day, whatever the room left."""
    first = state.ways_first[place]
    for row in range(first, first + state.ways_count[place]):
        end = state.way_place[row]
        score = state.score[end] * state.score_factor[end] * state.way_factor[row]
        state.way_weight[row] = (setup.weight_softening + score) / state.way_divisor[row]
    state.ways_weighed[place] = state.counters[TODAY]


@njit(cache=True)
def _write_weights_with_powers(setup, state, place, group, weight):
    first, power = state.ways_first[place], setup.score_power[group]
    total, largest = 0.0, 0.0
    for i in range(weight.size):
        end = state.way_place[first + i]
        score = state.score[end] if power == 1.0 else state.score[end] ** power
        score *= state.score_factor[end] * state.way_factor[first + i]
        value = (setup.weight_softening + score) / state.way_divisor[first + i]
        if state.capacity[end] > 0:
            value *= room_left(setup, state, end)
        if setup.weight_power != 1.0:
            value **= setup.weight_power
        weight[i] = value
        total += value
        largest = max(largest, value)
    if setup.pruning_threshold > 1.001:
        for i in range(weight.size):
            if weight[i] < largest / setup.pruning_threshold:
                weight[i] = 0.0
    if total <= 0.0:
        weight[:] = 1.0


@njit(cache=True)
def write_special_weights(setup, state, place, group, weight):
    """Write the weights of the ways from a place for a group where an optional rule has a say in them.

    Apart from `write_weights`, as a run without these rules spends its time there.
    """
    if setup.routes_are_fixed:
        write_fixed_weights(setup, state, place, group, weight)
        return
    first, total, largest = state.ways_first[place], 0.0, 0.0
    for i in range(weight.size):
        end = state.way_place[first + i]
        score = end_score(setup, state, first + i, group)
        value = (setup.weight_softening + score) / state.way_divisor[first + i] * room_left(setup, state, end)
        weight[i] = value**setup.weight_power if value > 0.0 else 0.0
        total += weight[i]
        largest = max(largest, weight[i])
    if setup.pruning_threshold > 1.001:
        for i in range(weight.size):
            if weight[i] < largest / setup.pruning_threshold:
                weight[i] = 0.0
    if total <= 0.0:
        weight[:] = 1.0
