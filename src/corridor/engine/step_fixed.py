"""Fixed routes: each place keeps one way to each destination, and chains of roads lead beyond.

The ways of a place are found as always, with two differences: markers cost a level, and of several ways to
one destination the best alone is kept. Then come the chains (Flee's major routes): from the place itself or
from any of those destinations to the end of a chain that is not among them, at a quarter of the distance. The
weight of a way is stored by place with the score of its end; each person weighs it with that score again.
"""

from __future__ import annotations

from numba import njit

from corridor.engine.arrays import OVERFLOW, TODAY
from corridor.engine.paths import make_plan
from corridor.engine.step_matching import match_factor
from corridor.engine.step_optional import factor_for

#: By this much a way along a chain counts as shorter than it is.
CHAIN_SHORTENING = 4.0


@njit(cache=True)
def keep_fixed_ways(setup, state, origin, first, n):
    """Keep the best way to each destination, add those along chains; return the number of rows of ways.

    A marker has none, not even along a chain that begins there.
    """
    if state.is_marker[origin]:
        return first
    kept = first
    for row in range(first, n):
        kept = _keep_better(setup, state, first, kept, row)
    regular = kept
    for chain in range(setup.chain_first.size - 1):
        start = setup.chain_place[setup.chain_first[chain]]
        end = setup.chain_place[setup.chain_first[chain + 1] - 1]
        if end == origin or _row_of(state, first, regular, end) >= 0:
            continue
        hub = _row_of(state, first, regular, start)
        if start == origin or hub >= 0:
            kept = _add_chain(setup, state, hub, chain, regular, kept)
    return kept


@njit(cache=True)
def _row_of(state, first, n, place):
    """Return the row of the way to a place, -1 if there is none."""
    for row in range(first, n):
        if state.way_place[row] == place:
            return row
    return -1


@njit(cache=True)
def _keep_better(setup, state, first, kept, row):
    """Move a row among those kept if it is the first to its destination, or in place of a worse one."""
    other = _row_of(state, first, kept, state.way_place[row])
    if other < 0:
        _copy(state, row, kept)
        return kept + 1
    if state.way_divisor[row] ** setup.weight_power < state.way_divisor[other] ** setup.weight_power:
        _copy(state, row, other)
    return kept


@njit(cache=True)
def _copy(state, row, to):
    state.way_place[to], state.way_divisor[to] = state.way_place[row], state.way_divisor[row]
    state.way_factor[to], state.way_plan[to] = state.way_factor[row], state.way_plan[row]


@njit(cache=True)
def _add_chain(setup, state, hub, chain, first, n):
    """Add the way to a hub (-1: we are there) and along a chain, unless a road of it is closed."""
    metres, plan = 0, -1
    for stop in range(setup.chain_first[chain + 1] - 1, setup.chain_first[chain], -1):
        leg = _open_leg(setup, state, setup.chain_place[stop - 1], setup.chain_place[stop])
        if leg < 0:
            return n
        metres += setup.leg_metres[leg]
        plan = make_plan(setup, state, leg, plan)
    if hub >= 0:
        legs, before = 0, state.way_plan[hub]
        while before >= 0:
            state.path_leg[legs] = state.plan_leg[before]
            metres += setup.leg_metres[state.path_leg[legs]]
            legs, before = legs + 1, state.plan_rest[before]
        for row in range(legs - 1, -1, -1):
            plan = make_plan(setup, state, state.path_leg[row], plan)
    if n >= state.way_place.size:
        state.counters[OVERFLOW] = 1
        return n
    state.way_place[n], state.way_plan[n] = setup.chain_place[setup.chain_first[chain + 1] - 1], plan
    softened = setup.softening_km + metres / 1000.0 / CHAIN_SHORTENING
    state.way_divisor[n], state.way_factor[n] = softened**setup.distance_power, 1.0
    return _keep_better(setup, state, first, n, n)


@njit(cache=True)
def _open_leg(setup, state, start, end):
    for leg in range(setup.out_first[start], setup.out_first[start + 1]):
        if setup.leg_end[leg] == end and state.leg_open[leg]:
            return leg
    return -1


@njit(cache=True)
def end_score(setup, state, row, group):
    """Return the score of the end of a way for a group, today."""
    end = state.way_place[row]
    score = state.score[end] ** setup.score_power[group] * state.score_factor[end] * state.way_factor[row]
    score *= match_factor(setup, state, end, group)
    return score * factor_for(setup, state, end, group) if setup.end_factor.shape[0] > 0 else score


@njit(cache=True)
def write_fixed_weights(setup, state, place, group, weight):
    """Write the weights of the fixed ways from a place for a group.

    Where all are 0 those are equal whose stored weight is not 0; where there are none all stay 0.
    """
    first, total = state.ways_first[place], 0.0
    for i in range(weight.size):
        stored = _stored_weight(setup, state, place, first + i)
        weight[i] = stored * end_score(setup, state, first + i, group)
        total += weight[i]
    if total <= 0.0:
        for i in range(weight.size):
            weight[i] = 1.0 if _stored_weight(setup, state, place, first + i) > 0.0 else 0.0


@njit(cache=True)
def _stored_weight(setup, state, place, row):
    """Return the weight of a way as its place has stored it, the same for all and whatever the room left."""
    end = state.way_place[row]
    is_known = setup.stores_today or end <= place
    score = state.score[end] if is_known else state.score_before[end]
    if setup.stored_factor.shape[0] > 0:
        score *= setup.stored_factor[state.counters[TODAY], end]
    value = (setup.weight_softening + score) / state.way_divisor[row]
    return value**setup.weight_power if value > 0.0 else 0.0
