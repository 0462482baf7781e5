"""The law with a decision at every place: Flee's order of the day, on the same cohorts, plans, wave and
random numbers.

Here people look a few routes ahead, decide anew wherever they stand, see the room that is left at that
moment, and each route of a day is travelled with a full day's distance. docs/flee.md says where this differs
from docs/law.md and what it reproduces. Distances are whole metres. What `corridor.engine.cohorts` calls HOME
holds *recent travel* here, in units of 1/RECENT_ONE: half of yesterday's value plus half of today's distance
over the longest possible one.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corridor.engine.arrays import (
    BATCH_COLUMNS,
    HEAP_COLUMNS,
    MOVING_COLUMNS,
    N_COUNTERS,
    N_HEAP,
    N_MOVING,
    N_WAYS,
    OVERFLOW,
    TODAY,
    VERSION,
    Bools,
    Floats,
    Ints,
)
from corridor.engine.cohorts import (
    M_DONE,
    M_FIRST_LEG,
    M_GROUP,
    M_HOME,
    M_LEG,
    M_PASSED,
    M_PEOPLE,
    M_PLACE,
    M_PLAN,
    W_FIRST_LEG,
    W_GROUP,
    W_HOME,
    W_PASSED,
    W_PEOPLE,
    W_PLACE,
    W_PLAN,
    W_SECOND,
    W_SINCE,
    has_passed_packed,
    keep_moving,
    next_batch,
    place_of_packed,
    plan_of_packed,
    push_packed,
    push_wave,
    start_new_moving,
)
from corridor.engine.paths import forget_ways, make_plan
from corridor.engine.random import (
    DESTINATION,
    FIND_WAY,
    LEAVE_GIVEN,
    LEAVE_RESIDENT,
    MOVE_ON,
    N_DECISIONS,
    PASS_PLACE,
    PASS_ROUTE,
    RNG_SIZE,
    binomial,
    multinomial,
    new_rng,
    open_draw,
    poisson,
)
from corridor.engine.structs import as_struct

#: Recent travel of one full day, in the units of the cohorts' column; finer units tell more people apart.
RECENT_ONE = 4096
#: Mean radius of the earth, as Flee rounds it.
EARTH_RADIUS_KM = 6371.0
#: Parts into which a day is cut at most, where the order of people matters; see `travel`.
MOST_PARTS = 64.0
#: Legs of a day that are looked ahead to tell whether the order matters.
LEGS_FORESEEN = 4

# Kinds of event. The first group acts before people leave home, the second after.
CONFLICT_ON, CONFLICT_OFF, SET_CAMP, SET_TOWN, SET_MARKER, SET_INTENSITY, SET_MOVE_CHANCE = range(7)
CLOSE_LEG, OPEN_LEG, CLOSE_CAMP, OPEN_CAMP, OPEN_IDP_CAMP = range(10, 15)

# How many leave home.
GIVEN, CONSTANT, POPULATION_SHARE, POISSON = range(4)


class StepSetup(NamedTuple):
    """Everything one run is told before its first day. Not changed."""

    # places
    population: Floats  # [places] people who can leave, for the weights of where they leave from
    capacity: Ints  # [places] people; below 1 = no limit
    capacity_per_day: Ints  # [places] added each day
    is_camp: Bools
    is_town: Bools
    is_marker: Bools
    base_score: Floats  # [places] of a destination, by its country; camps and conflict come on top
    x_degrees: Floats  # [places] taken for the longitude by Flee; used by `stays_close` alone
    y_degrees: Floats  # [places]
    move_chance: Floats
    intensity: Floats  # [places] of conflict on day 0, 0 = none
    conflict_start: Ints  # [places] day since when
    inserted: Ints  # [places] people there on day 0
    # legs, by start; the order in the file within a place
    leg_start: Ints
    leg_end: Ints
    leg_metres: Ints
    leg_speed: Ints  # metres a day, 0 = the general speed
    leg_walk_chance: Floats
    out_first: Ints  # [places + 1]
    # events in order of day, then as written
    event_day: Ints
    event_kind: Ints
    event_target: Ints
    event_value: Floats
    # who leaves home
    leaving: int  # GIVEN, CONSTANT, ...
    given: Ints  # [days]
    displaced_per_day: float
    takes_from_population: bool  # who leaves is no longer in the population
    group_weight: Floats  # [places, groups]
    score_power: Floats  # [groups] of the score of a destination
    # rules
    metres_per_day: int
    walk_metres_per_day: int
    camp_weight: float
    conflict_weight: float
    awareness: int
    capacity_buffer: float
    capacity_scaling: float
    avoid_short_stints: bool
    start_on_foot: bool
    softening_km: float
    weight_softening: float
    weight_power: float
    distance_power: float
    pruning_threshold: float
    stays_close: bool  # a destination counts for less the farther it is from where people stand
    close_power: float
    population_power: (
        float  # of the population in the score of a destination that is no camp; 0 = it does not count
    )
    size_base: float  # people; the move chance grows with the size of a place over this
    size_power: float  # to this power, 0 = not at all
    default_move_chance: float
    conflict_move_chance: float
    camp_move_chance: float
    idp_camp_move_chance: float
    decay: Floats  # [steps], at least one entry
    decay_days: float
    arrives_on_equal: bool  # a leg of exactly a day's distance takes one day, not two


class StepState(NamedTuple):
    """What changes within a run."""

    rng: NDArray[np.uint64]
    draws: Ints
    counters: Ints
    capacity: Ints
    population: Floats
    is_camp: Bools
    is_town: Bools
    is_marker: Bools
    move_chance: Floats
    intensity: Floats
    conflict_start: Ints
    score: Floats  # [places] today
    score_factor: Floats  # [places] today, of the score after its power
    chance_factor: Floats  # [places] today, of the move chance
    leave_weight: Floats  # [places] as last worked out
    occupants: Ints  # [places] people standing there
    came_onwards: Ints  # [places] people who came on the day's second leg or a later one
    leg_open: Bools
    leg_closed_today: Bools
    moving: Ints
    arriving: Ints
    moving_slots: Ints
    heap: Ints
    batch: Ints
    plan_leg: Ints
    plan_rest: Ints
    plan_end: Ints
    plan_slots: Ints
    ways_first: Ints
    ways_count: Ints
    ways_version: Ints
    way_place: Ints
    way_base: Floats  # 1 / softened distance to a power
    way_factor: Floats  # of the score of its end
    way_plan: Ints
    path_leg: Ints  # [n] scratch of the search for ways
    path_next: Ints
    path_metres: Ints
    path_depth: Ints
    scratch_weight: Floats
    scratch_people: Ints


class StepSizes(NamedTuple):
    """Rows the tables of a `StepState` have room for; a run that needs more is made again with twice that."""

    moving: int = 1 << 14
    plans: int = 1 << 13
    ways: int = 1 << 14

    def doubled(self) -> StepSizes:
        """Return sizes of twice the rows."""
        return StepSizes(*(2 * size for size in self))


class StepRecord(NamedTuple):
    """What is kept of one run; rows are days, day 0 being the state after the first step."""

    standing: Ints  # [days, places] people standing at a place
    flows: Ints  # [days, legs] people who entered a leg
    created: Ints  # [days] people who ever left home or were there on day 0


def _new_step_state(setup: StepSetup, sizes: StepSizes) -> StepState:
    places, legs = setup.population.size, setup.leg_start.size

    def ints(*shape: int) -> Ints:
        return np.zeros(shape, np.int64)

    fields: dict[str, Any] = {
        "rng": np.zeros(RNG_SIZE, np.uint64),
        "draws": ints(places, N_DECISIONS),
        "counters": ints(N_COUNTERS),
        "capacity": setup.capacity.copy(),
        "population": setup.population.copy(),
        "is_camp": setup.is_camp.copy(),
        "is_town": setup.is_town.copy(),
        "is_marker": setup.is_marker.copy(),
        "move_chance": setup.move_chance.copy(),
        "intensity": setup.intensity.copy(),
        "conflict_start": setup.conflict_start.copy(),
        "score": np.ones(places),
        "score_factor": np.ones(places),
        "chance_factor": np.ones(places),
        "leave_weight": np.zeros(places),
        "occupants": ints(places),
        "came_onwards": ints(places),
        "leg_open": np.ones(legs, np.bool_),
        "leg_closed_today": np.zeros(legs, np.bool_),
        "moving": ints(sizes.moving, MOVING_COLUMNS),
        "arriving": ints(sizes.moving, MOVING_COLUMNS),
        "moving_slots": np.full(2 * sizes.moving, -1, np.int64),
        "heap": ints(2 * sizes.moving, HEAP_COLUMNS),
        "batch": ints(2 * sizes.moving, BATCH_COLUMNS),
        "plan_leg": ints(sizes.plans),
        "plan_rest": ints(sizes.plans),
        "plan_end": ints(sizes.plans),
        "plan_slots": np.full(2 * sizes.plans, -1, np.int64),
        "ways_first": ints(places),
        "ways_count": ints(places),
        "ways_version": ints(places),
        "way_place": ints(sizes.ways),
        "way_base": np.zeros(sizes.ways),
        "way_factor": np.ones(sizes.ways),
        "way_plan": ints(sizes.ways),
        "path_leg": ints(places + 1),
        "path_next": ints(places + 1),
        "path_metres": ints(places + 1),
        "path_depth": ints(places + 1),
        "scratch_weight": np.zeros(max(places, sizes.ways)),
        "scratch_people": ints(max(places, sizes.ways, setup.group_weight.shape[1])),
    }
    return StepState(**fields)


def simulate_steps(
    setup: StepSetup, *, n_days: int, seed: int, member: int, sizes: StepSizes | None = None
) -> StepRecord:
    """Simulate one future with a decision at every place; see `StepSetup` and `StepRecord` for the arrays."""
    places = setup.population.size
    sizes, struct = sizes or StepSizes(), as_struct(setup)
    while True:
        state = _new_step_state(setup, sizes)
        state.rng[:] = new_rng(seed, member)
        kept = StepRecord(
            np.zeros((n_days, places), np.int64),
            np.zeros((n_days, setup.leg_start.size), np.int64),
            np.zeros(n_days, np.int64),
        )
        if run_step_days(struct, as_struct(state), n_days, kept):
            return kept
        sizes = sizes.doubled()


@njit(cache=True, nogil=True)
def run_step_days(setup, state, n_days, kept):
    """Run all days; False if a table was too small and the record is not complete."""
    state.counters[VERSION] = 1
    created = insert_people(setup, state)
    work_out_leave_weights(setup, state, 0)
    before = after = 0
    for day in range(n_days):
        state.counters[TODAY] = day
        state.draws[:] = 0
        before = switch(setup, state, day, before)
        created += leave_home(setup, state, day)
        work_out_leave_weights(setup, state, day)
        after = close_and_open(setup, state, day, after)
        work_out_scores(setup, state, day)
        decide(setup, state, kept.flows[day])
        travel(setup, state, kept.flows[day])
        start_new_moving(state)
        kept.standing[day] = state.occupants
        kept.created[day] = created
        if state.counters[OVERFLOW] != 0:
            return False
    return True


@njit(cache=True)
def _open(state, place, decision):
    open_draw(state.rng, state.counters[TODAY], place, decision, state.draws[place, decision])
    state.draws[place, decision] += 1


# People appear


@njit(cache=True)
def insert_people(setup, state):
    """Let the people of day 0 stand in their places; return how many they are."""
    for place in range(setup.inserted.size):
        if setup.inserted[place] > 0:
            appear(setup, state, place, setup.inserted[place], FIND_WAY)
    start_new_moving(state)
    return setup.inserted.sum()


@njit(cache=True)
def appear(setup, state, place, people, decision):
    """Let new people stand at a place, their groups drawn by the weights of the place."""
    groups = setup.group_weight.shape[1]
    drawn = np.zeros(groups, np.int64)
    drawn[0] = people
    if groups > 1:
        _open(state, place, decision)
        multinomial(state.rng, people, setup.group_weight[place], drawn)
    for group in range(groups):
        if drawn[group] > 0:
            keep_moving(state, place, -1, 0, group, 0, 0, -1, 1, 0, 0, drawn[group])
    state.occupants[place] += people


@njit(cache=True)
def decay(setup, age):
    """Return the factor of a conflict of this age in days."""
    return setup.decay[min(int(age / setup.decay_days), setup.decay.size - 1)]


@njit(cache=True)
def work_out_leave_weights(setup, state, day):
    """Work out where people leave from: population x intensity x decay of each place in conflict."""
    for place in range(state.leave_weight.size):
        weight = 0.0
        if state.intensity[place] > 0.0:
            age = day - state.conflict_start[place]
            weight = state.population[place] * state.intensity[place] * decay(setup, age)
        state.leave_weight[place] = weight


@njit(cache=True)
def leave_home(setup, state, day):
    """Let the day's people leave home; return how many they are. They are added to the cohorts of today."""
    total = np.int64(0)
    leavers = np.zeros(setup.population.size, np.int64)
    if setup.leaving == GIVEN:
        if setup.given[day] > 0 and state.leave_weight.sum() > 0.0:
            _open(state, 0, LEAVE_GIVEN)
            multinomial(state.rng, setup.given[day], state.leave_weight, leavers)
    else:
        for place in range(leavers.size):
            if state.intensity[place] > 0.0:
                leavers[place] = _leavers_of(setup, state, place)
    for row in range(state.counters[N_MOVING]):
        cohort = state.moving[row]
        keep_moving(
            state,
            cohort[M_PLACE],
            cohort[M_LEG],
            cohort[M_DONE],
            cohort[M_GROUP],
            cohort[M_HOME],
            0,
            cohort[M_PLAN],
            cohort[M_FIRST_LEG],
            cohort[M_PASSED],
            0,
            cohort[M_PEOPLE],
        )
    for place in range(leavers.size):
        if leavers[place] > 0:
            appear(setup, state, place, leavers[place], LEAVE_RESIDENT)
            total += leavers[place]
            if setup.takes_from_population:
                state.population[place] = max(0.0, state.population[place] - leavers[place])
    start_new_moving(state)
    return total


@njit(cache=True)
def _leavers_of(setup, state, place):
    rate = setup.displaced_per_day * state.intensity[place]
    if setup.leaving == CONSTANT:
        return np.int64(rate)
    if setup.leaving == POPULATION_SHARE:
        return np.int64(rate * state.population[place])
    _open(state, place, LEAVE_GIVEN)
    return poisson(state.rng, rate)


# Events


@njit(cache=True)
def switch(setup, state, day, row):
    """Let conflicts begin and end and places change, before people leave; return the next row of events."""
    switched = False
    while row < setup.event_day.size and setup.event_day[row] <= day:
        kind, place, value = setup.event_kind[row], setup.event_target[row], setup.event_value[row]
        row += 1
        if setup.event_day[row - 1] < day:
            continue
        if kind == CONFLICT_ON:
            state.intensity[place], state.conflict_start[place] = value, day
            state.move_chance[place], state.is_town[place] = setup.conflict_move_chance, False
            switched = True
        elif kind == CONFLICT_OFF:
            state.intensity[place] = 0.0
            state.move_chance[place], state.is_town[place] = setup.default_move_chance, True
            switched = True
        elif kind == SET_CAMP:
            state.is_camp[place] = value > 0.0
        elif kind == SET_TOWN:
            state.is_town[place] = value > 0.0
        elif kind == SET_MARKER:
            state.is_marker[place] = value > 0.0
            forget_ways(state)
        elif kind == SET_INTENSITY:
            state.intensity[place] = value
        elif kind == SET_MOVE_CHANCE:
            state.move_chance[place] = value
    if switched:
        work_out_leave_weights(setup, state, day)
    return row


@njit(cache=True)
def close_and_open(setup, state, day, row):
    """Let legs and camps close and open; people on a leg that closes will turn back at its end."""
    changed = False
    state.leg_closed_today[:] = False
    while row < setup.event_day.size and setup.event_day[row] <= day:
        kind, target = setup.event_kind[row], setup.event_target[row]
        row += 1
        if setup.event_day[row - 1] < day:
            continue
        if kind == CLOSE_LEG:
            state.leg_open[target], state.leg_closed_today[target], changed = False, True, True
        elif kind == OPEN_LEG:
            state.leg_open[target], changed = True, True
        elif kind == CLOSE_CAMP:
            state.is_camp[target], state.is_town[target] = False, True
            state.move_chance[target], state.intensity[target] = setup.default_move_chance, 0.0
        elif kind in (OPEN_CAMP, OPEN_IDP_CAMP):
            chance = setup.camp_move_chance if kind == OPEN_CAMP else setup.idp_camp_move_chance
            state.is_camp[target], state.is_town[target] = True, False
            state.move_chance[target], state.intensity[target] = chance, 0.0
    if changed:
        forget_ways(state)
        for moving in range(state.counters[N_MOVING]):
            leg = state.moving[moving, M_LEG]
            if leg >= 0 and state.leg_closed_today[leg]:
                state.moving[moving, M_PASSED] = 1
    return row


# Choosing


@njit(cache=True)
def work_out_scores(setup, state, day):
    """Work out today's score of every place, and add to the capacities what they grow by a day."""
    for place in range(state.score.size):
        score = setup.base_score[place]
        if state.is_camp[place]:
            score *= setup.camp_weight
        if state.intensity[place] > 0.0:
            age = day - state.conflict_start[place]
            score *= setup.conflict_weight ** (decay(setup, age) * state.intensity[place])
        state.score[place] = score
        if setup.capacity_per_day[place] > 0:
            state.capacity[place] += setup.capacity_per_day[place]
        if setup.population_power != 0.0:
            people = max(1.0, state.population[place])
            state.score_factor[place] = 1.0 if state.is_camp[place] else people**setup.population_power
        if setup.size_power != 0.0:
            size = max(state.population[place], np.float64(state.capacity[place]))
            state.chance_factor[place] = (size / setup.size_base) ** setup.size_power


@njit(cache=True)
def room_left(setup, state, place):
    """Return the factor for the room left at a place at this moment: 1 below the buffer, 0 when full."""
    capacity = state.capacity[place] * setup.capacity_scaling
    if capacity < 1.0:
        return 1.0
    people = state.occupants[place]
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
            depth -= 1
        else:
            if n >= state.way_place.size:
                state.counters[OVERFLOW] = 1
                break
            state.way_place[n] = end
            state.way_base[n] = (setup.softening_km + metres / 1000.0) ** -setup.distance_power
            state.way_factor[n] = _nearness(setup, origin, end) if setup.stays_close else 1.0
            state.way_plan[n] = _plan_of_path(setup, state, level)
            n += 1
        if setup.awareness > depth and level + 1 < state.path_leg.size:
            level += 1
            state.path_next[level], state.path_metres[level] = setup.out_first[end], metres
            state.path_depth[level] = depth + 1
    state.ways_first[origin], state.ways_count[origin] = first, n - first
    state.ways_version[origin] = state.counters[VERSION]
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
def _weights(setup, state, place, group, weight):
    """Write the weights of the ways from a place for a group; all 1 where all are 0."""
    first, power = state.ways_first[place], setup.score_power[group]
    total, largest = 0.0, 0.0
    for i in range(weight.size):
        end = state.way_place[first + i]
        score = state.score[end] if power == 1.0 else state.score[end] ** power
        score *= state.score_factor[end] * state.way_factor[first + i]
        value = (setup.weight_softening + score) * state.way_base[first + i]
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
def _people_at_once(setup, state, place, people):
    """Return how many people may choose before the room left at some destination has changed noticeably.

    All of them, where no destination is between its buffer and full; else a hundredth of the narrowest such
    margin.
    """
    at_once = people
    for i in range(state.ways_count[place]):
        end = state.way_place[state.ways_first[place] + i]
        capacity = state.capacity[end] * setup.capacity_scaling
        if capacity < 1.0 or state.occupants[end] >= capacity:
            continue
        buffered = setup.capacity_buffer * capacity
        if state.occupants[end] + people <= buffered:
            continue
        margin = np.int64(max(1.0, 0.01 * (capacity - buffered)))
        below = np.int64(buffered - state.occupants[end])
        at_once = min(at_once, max(margin, below))
    return at_once


@njit(cache=True)
def choose_and_go(setup, state, place, group, recent, first_leg, moved, people, flows):
    """Let people at a place choose a way and take its first leg; return how many stay after all."""
    find_ways_ahead(setup, state, place)
    n = state.ways_count[place]
    if n == 0:
        return people
    staying = np.int64(0)
    weight, chosen = state.scratch_weight[:n], state.scratch_people[:n]
    while people > 0:
        now = people if moved == 0 else _people_at_once(setup, state, place, people)
        _weights(setup, state, place, group, weight)
        _open(state, place, DESTINATION)
        multinomial(state.rng, now, weight, chosen)
        people -= now
        for i in range(n):
            if chosen[i] > 0:
                plan = state.way_plan[state.ways_first[place] + i]
                if _is_turned_away(setup, state, plan):
                    staying += chosen[i]
                else:
                    go(setup, state, place, group, recent, plan, first_leg, moved, chosen[i], flows)
    return staying


@njit(cache=True)
def _is_turned_away(setup, state, plan):
    """Return whether a plan ends in a camp that is more than half way from its buffer to full."""
    end = state.plan_end[plan]
    return state.is_camp[end] and room_left(setup, state, end) < 0.5


# Moving


@njit(cache=True)
def recent_travel(setup, recent, moved):
    """Return the recent travel after a day in which people moved so many metres."""
    day = setup.metres_per_day
    return (recent * day + moved * RECENT_ONE + day) // (2 * day)


@njit(cache=True)
def chance_to_go(setup, state, place):
    """Return the chance that a person standing at a place without a plan goes on."""
    return state.move_chance[place] * state.chance_factor[place]


@njit(cache=True)
def decide(setup, state, flows):
    """Let everybody who stands somewhere decide, before anybody travels."""
    for row in range(state.counters[N_MOVING]):
        cohort = state.moving[row]
        if cohort[M_LEG] >= 0:
            continue
        place, group, plan = cohort[M_PLACE], cohort[M_GROUP], cohort[M_PLAN]
        going = cohort[M_PEOPLE]
        if plan < 0:
            chance = chance_to_go(setup, state, place)
            if chance < 1.0:
                _open(state, place, MOVE_ON)
                going = binomial(state.rng, going, chance)
        staying = cohort[M_PEOPLE] - going
        if going > 0:
            recent, first_leg = cohort[M_HOME], cohort[M_FIRST_LEG]
            staying += set_out(setup, state, place, group, recent, plan, first_leg, 0, going, flows)
        if staying > 0:
            recent = recent_travel(setup, cohort[M_HOME], 0)
            keep_moving(state, place, -1, 0, group, recent, 0, -1, cohort[M_FIRST_LEG], 0, 0, staying)


@njit(cache=True)
def set_out(setup, state, place, group, recent, plan, first_leg, moved, people, flows):
    """Let people follow their plan, or choose one; return how many stay after all, without a plan."""
    if plan < 0:
        return choose_and_go(setup, state, place, group, recent, first_leg, moved, people, flows)
    plan = _plan_from(setup, state, place, plan)
    if plan < 0 or not _can_follow(setup, state, plan):
        return people
    go(setup, state, place, group, recent, plan, first_leg, moved, people, flows)
    return 0


@njit(cache=True)
def go(setup, state, place, group, recent, plan, first_leg, moved, people, flows):
    """Let people take the first leg of a plan, with a full day's distance ahead of them."""
    leg = state.plan_leg[plan]
    speed = leg_speed(setup, leg, first_leg)
    walkers = np.int64(0)
    if setup.leg_walk_chance[leg] > 0.0 and speed != setup.walk_metres_per_day:
        _open(state, place, PASS_ROUTE)
        walkers = binomial(state.rng, people, setup.leg_walk_chance[leg])
    if walkers > 0:
        on_foot = setup.walk_metres_per_day
        _go_at(setup, state, place, group, recent, plan, first_leg, moved, on_foot, walkers, flows)
    if people > walkers:
        _go_at(setup, state, place, group, recent, plan, first_leg, moved, speed, people - walkers, flows)


@njit(cache=True)
def _go_at(setup, state, place, group, recent, plan, first_leg, moved, speed, people, flows):
    """Move people along a plan at a speed on its first leg, on to its next legs if this day lets them.

    Who sets out in the morning joins the wave at the end of the first leg; who is on the way already follows
    the plan at once.
    """
    while True:
        leg, rest = state.plan_leg[plan], state.plan_rest[plan]
        flows[leg] += people
        state.occupants[place] -= people
        at_end = moved + setup.leg_metres[leg]
        if not _reaches_end(setup, setup.leg_metres[leg], speed):
            recent = recent_travel(setup, recent, moved + speed)
            keep_moving(state, place, leg, speed, group, recent, 0, plan, first_leg, 0, 0, people)
            return
        place, first_leg = setup.leg_end[leg], 0
        if moved == 0:
            push_wave(state, at_end, place, 0, group, recent, rest, 0, np.int64(at_end < speed), people)
            return
        state.occupants[place] += people
        if rest < 0 or at_end >= speed or setup.leg_walk_chance[state.plan_leg[rest]] > 0.0:
            push_wave(state, at_end, place, 1, group, recent, rest, 0, np.int64(at_end < speed), people)
            return
        if not _can_follow(setup, state, rest):
            _stay(setup, state, place, group, recent, -1, 0, at_end, people)
            return
        plan, moved = rest, at_end
        speed = leg_speed(setup, state.plan_leg[plan], 0)


@njit(cache=True)
def _plan_from(setup, state, place, plan):
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
def _can_follow(setup, state, plan):
    """Return whether the next leg of a plan is open, and its end has room."""
    return state.leg_open[state.plan_leg[plan]] and not _is_turned_away(setup, state, plan)


@njit(cache=True)
def _reaches_end(setup, ahead, speed):
    """Return whether people who move so many metres today reach the end of a leg that is so far ahead."""
    return speed > ahead or (speed == ahead and setup.arrives_on_equal)


@njit(cache=True)
def leg_speed(setup, leg, first_leg):
    """Return the metres a day on a leg."""
    if first_leg == 1 and setup.start_on_foot:
        return setup.walk_metres_per_day
    return setup.leg_speed[leg] if setup.leg_speed[leg] > 0 else setup.metres_per_day


@njit(cache=True)
def go_on(setup, state, cohort):
    """Move people who are on a leg; at its end they join the wave, or turn back if it closed under them."""
    place, leg, people = cohort[M_PLACE], cohort[M_LEG], cohort[M_PEOPLE]
    speed, ahead = leg_speed(setup, leg, cohort[M_FIRST_LEG]), setup.leg_metres[leg] - cohort[M_DONE]
    if setup.leg_walk_chance[leg] > 0.0 and speed != setup.walk_metres_per_day:
        _open(state, place, PASS_ROUTE)
        walkers = binomial(state.rng, people, setup.leg_walk_chance[leg])
        people -= walkers
        if walkers > 0:
            _go_on_at(setup, state, cohort, ahead, setup.walk_metres_per_day, walkers)
    if people > 0:
        _go_on_at(setup, state, cohort, ahead, speed, people)


@njit(cache=True)
def _go_on_at(setup, state, cohort, ahead, speed, people):
    place, leg, plan, group = cohort[M_PLACE], cohort[M_LEG], cohort[M_PLAN], cohort[M_GROUP]
    if not _reaches_end(setup, ahead, speed):
        recent = recent_travel(setup, cohort[M_HOME], speed)
        done, first_leg, turned = cohort[M_DONE] + speed, cohort[M_FIRST_LEG], cohort[M_PASSED]
        keep_moving(state, place, leg, done, group, recent, 0, plan, first_leg, turned, 0, people)
    elif cohort[M_PASSED] == 1:
        state.occupants[place] += people
        _stay(setup, state, place, group, cohort[M_HOME], state.plan_rest[plan], 0, ahead, people)
    else:
        rest, end = state.plan_rest[plan], setup.leg_end[leg]
        push_wave(state, ahead, end, 0, group, cohort[M_HOME], rest, 0, np.int64(ahead < speed), people)


@njit(cache=True)
def travel(setup, state, flows):
    """Move who is on a leg, then let everybody who arrives today stay or go on.

    In Flee one person after another makes all of today's moves. What the order matters for is the room that
    is left: so where a day's arrivals change it noticeably, everybody is put at random into one of several
    parts that follow each other.
    """
    for row in range(state.counters[N_MOVING]):
        if state.moving[row, M_LEG] >= 0:
            go_on(setup, state, state.moving[row])
    parts = _parts_of_day(setup, state)
    if parts == 1:
        _run_wave(setup, state, flows)
        return
    n = state.counters[N_HEAP]
    arriving = state.heap[:n].copy()
    state.counters[N_HEAP] = 0
    for part in range(parts):
        for row in range(n):
            if arriving[row, 2] > 0:
                _open(state, 0, PASS_PLACE)
                people = binomial(state.rng, arriving[row, 2], 1.0 / (parts - part))
                arriving[row, 2] -= people
                push_packed(state, arriving[row, 0], arriving[row, 1], people)
        _run_wave(setup, state, flows)


@njit(cache=True)
def _parts_of_day(setup, state):
    """Return into how many parts a day is cut: so many that none fills more than a hundredth of any camp's
    margin.

    The arrivals of a camp are those known in the morning and as many more as are likely to come onwards.
    """
    expected = _likely_to_come_onwards(setup, state)
    state.came_onwards[:] = 0
    for row in range(state.counters[N_HEAP]):
        expected[place_of_packed(state.heap[row, 0])] += state.heap[row, 2]
    parts = 1.0
    for place in range(expected.size):
        capacity = state.capacity[place] * setup.capacity_scaling
        if capacity < 1.0 or state.occupants[place] >= capacity:
            continue
        if state.occupants[place] + expected[place] > setup.capacity_buffer * capacity:
            margin = max(1.0, 0.01 * capacity * (1.0 - setup.capacity_buffer))
            parts = max(parts, min(MOST_PARTS, math.ceil(expected[place] / margin)))
    return np.int64(parts)


@njit(cache=True)
def _likely_to_come_onwards(setup, state):
    """Return how many are likely to come to each place on their second leg of today or a later one.

    They are as many as yesterday or, if that is more, those who would come by the weights of this moment on
    the next few legs, if the day were long enough.
    """
    choosing, onwards = np.zeros(state.occupants.size), np.zeros(state.occupants.size)
    for row in range(state.counters[N_HEAP]):
        if has_passed_packed(state.heap[row, 1]) == 1:
            plan = plan_of_packed(state.heap[row, 1])
            if plan >= 0:
                onwards[state.plan_end[plan]] += state.heap[row, 2]
            else:
                choosing[place_of_packed(state.heap[row, 0])] += state.heap[row, 2]
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
    find_ways_ahead(setup, state, place)
    first, n = state.ways_first[place], state.ways_count[place]
    weight = state.scratch_weight[:n]
    _weights(setup, state, place, 0, weight)
    total = weight.sum()
    is_hurried = state.is_town[place] and setup.avoid_short_stints
    going = people if is_hurried else people * min(1.0, chance_to_go(setup, state, place))
    for i in range(n):
        coming[state.way_place[first + i]] += going * weight[i] / total


@njit(cache=True)
def _run_wave(setup, state, flows):
    while state.counters[OVERFLOW] == 0:
        n = next_batch(state)
        if n == 0:
            return
        for row in range(n):
            arrive(setup, state, state.batch[row], flows)


@njit(cache=True)
def arrive(setup, state, cohort, flows):
    """Let people who have arrived at a place stay for the night or go on at once, with a fresh day's
    distance.
    """
    place, people, moved = cohort[W_PLACE], cohort[W_PEOPLE], cohort[W_SECOND]
    group, recent, plan, first_leg = cohort[W_GROUP], cohort[W_HOME], cohort[W_PLAN], cohort[W_FIRST_LEG]
    if cohort[W_SINCE] == 0:
        state.occupants[place] += people
    else:
        state.came_onwards[place] += people
    staying = people
    if cohort[W_PASSED] == 1:
        going = people
        if plan < 0 and not (state.is_town[place] and is_forced_on(setup, recent, moved)):
            chance = chance_to_go(setup, state, place)
            if chance < 1.0:
                _open(state, place, MOVE_ON)
                going = binomial(state.rng, going, chance)
        staying = people - going
        if going > 0:
            back = set_out(setup, state, place, group, recent, plan, first_leg, moved, going, flows)
            if back > 0:
                _stay(setup, state, place, group, recent, -1, first_leg, moved, back)
            plan = -1
    if staying > 0:
        _stay(setup, state, place, group, recent, plan, first_leg, moved, staying)


@njit(cache=True)
def _stay(setup, state, place, group, recent, plan, first_leg, moved, people):
    recent = recent_travel(setup, recent, moved)
    keep_moving(state, place, -1, 0, group, recent, 0, plan, first_leg, 0, 0, people)


@njit(cache=True)
def is_forced_on(setup, recent, moved):
    """Return whether people have travelled so little of late that they do not stop in a town."""
    day = setup.metres_per_day
    return setup.avoid_short_stints and recent * day + moved * RECENT_ONE < RECENT_ONE * day
