"""The arrays the law works on: `Setup` is what one member is told, `State` is what changes, `Record` is what
is kept.

Axes in this order and these words: ``[days, places, groups, states]``, ``[legs]``, ``[groups, holders]``. A
*leg* is one direction of a route. Places are in order of name, so that ties are broken by name. The engine
trusts what it is given here; `corridor.ensemble.compile` checks it and words every error.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corridor.engine.random import N_DECISIONS, RNG_SIZE

# States of a person, in the order of the results.
RESIDENT, TRAPPED, DISPLACED, TRAVELLING, WAITING, IN_CAMP, IN_HOST, RETURNED, LEFT = range(9)
N_STATES = 9

# Who stops at a place, by kind; docs/law.md, "Kinds of place".
STOPS_IN_HOST, STOPS_IN_SITE, STOPS_ON_THE_WAY, STOPS_OUTSIDE = range(4)

# Kinds of event.
FIGHTING, CONTROL, SIEGE, ROUTE, SITE, CAPACITY, THROUGHPUT, ROUTE_THROUGHPUT = range(8)

NO_LIMIT = -1  # of a capacity or a throughput
NO_END = 1 << 60  # more room than there can be people
DAY_SECONDS = 86_400

Ints = NDArray[np.int64]
ShortInts = NDArray[np.int32]  # where many of them are looked at: row numbers
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Setup(NamedTuple):
    """Everything one member is told before its first day. Not changed."""

    # places
    stops: Ints  # [places] one of STOPS_*
    country: Ints  # [places]
    attraction: Floats  # [places] by kind, >= 0
    move_chance: Floats  # [places] a day, 0..1
    residents: Ints  # [places, groups] on day 0
    inside: Ints  # [places, groups] in sites on day 0
    # legs, sorted by start; out_first[p]:out_first[p + 1] are the legs out of p
    leg_start: Ints
    leg_end: Ints
    leg_metres: Ints  # >= 1
    out_first: Ints  # [places + 1]
    # state on day 0, before the events of day 0
    fighting: Floats  # [places] >= 0
    control: Ints  # [places] index of the holder
    siege: Floats  # [places] 0..1
    site_open: Bools  # [places]
    capacity: Ints  # [places] people, or NO_LIMIT
    throughput: Ints  # [places] people a day, or NO_LIMIT
    leg_open: Bools  # [legs]
    leg_throughput: Ints  # [legs] people a day, or NO_LIMIT
    # events in order of day, then of file
    event_day: Ints
    event_kind: Ints
    event_target: Ints  # place or leg
    event_value: Floats
    # groups
    leave_factor: Floats  # [groups]
    speed_factor: Floats  # [groups]
    return_factor: Floats  # [groups]
    held_by_siege: Bools  # [groups]
    control_attraction: Floats  # [groups, holders]
    # rules
    leaving_given: bool
    given: Ints  # [days + 1] people leaving home on a day, if leaving_given
    leave_rate_per_day: float
    leave_intensity_power: float
    awareness_metres: int
    softening_km: float
    distance_power: float
    fighting_attraction: float
    abroad_attraction: float
    capacity_buffer: float
    walk_km_per_day: float
    ride_km_per_day: float
    first_leg_on_foot: bool
    return_rate_per_day: float
    return_after_safe_days: int
    unsafe_control: Bools  # [holders]


class State(NamedTuple):
    """What changes within a member. Cohorts are rows of int64 tables; see `corridor.engine.cohorts` for the
    columns.
    """

    rng: NDArray[np.uint64]
    draws: Ints  # [places, decisions] draws made today
    counters: Ints  # [N_COUNTERS]
    # the world today
    fighting: Floats
    control: Ints
    siege: Floats
    site_open: Bools
    capacity: Ints
    throughput: Ints
    leg_open: Bools
    leg_throughput: Ints
    safe_days: Ints
    let_through: Ints  # [places] today
    entered: Ints  # [legs] today
    demand: Ints  # [places] people who come by today at the most
    lets_all_through: Bools  # [places] nobody can have to wait to be let through today
    leg_is_free: Bools  # [legs] open, and without a throughput
    served_at_place: Ints  # [places] last day since which people wait of whom some can be served today
    served_on_leg: Ints  # [legs]
    flows: Ints  # [legs] people who entered today
    arrivals: Ints  # [places] people who stopped today
    # people at home
    residents: Ints  # [places, groups]
    trapped: Ints
    returned: Ints
    left: Ints
    # occupancy
    inside: Ints  # [places] in_camp or in_host_community
    unsheltered: Ints  # [places] displaced, or waiting at the gate
    pull: Floats  # [places] of a destination but for group, border and distance, fixed in phase 4
    leg_seconds: Ints  # [legs, groups, 2] that a leg takes, and that it takes as a first leg
    # cohorts
    standing: Ints  # [n, STANDING_COLUMNS] without a plan; rows keep their place, people may be 0
    standing_slots: Ints  # hash of standing
    moving: Ints  # [n, JOURNEY_COLUMNS] with a plan, at the end of the day before
    arriving: Ints  # [n, JOURNEY_COLUMNS] with a plan, at the end of today
    moving_slots: Ints  # hash of arriving
    setting_out: Ints  # [n, SETTING_OUT_COLUMNS] with a plan since today
    stopping: Ints  # [n, HEAP_COLUMNS] who stop today where room is limited
    heap: Ints  # [n, HEAP_COLUMNS] today's wave
    batch: Ints  # [n, BATCH_COLUMNS] those at one place at one second
    # plans: a leg and the plan after it, -1 ends
    plan_leg: Ints
    plan_rest: Ints
    plan_end: Ints
    plan_slots: Ints
    plan_seconds: Ints  # [plans, groups] that all legs of a plan take, none of them as a first leg
    plan_is_open: Bools  # [plans] all legs are open today
    plan_is_free: Bools  # [plans] nothing on the way can hold anybody today
    passing: Ints  # [plans] people counted for a plan and not yet for each of its legs
    # shortest open ways from each place, found when first asked for
    ways_first: Ints  # [places]
    ways_count: Ints  # [places]
    ways_version: Ints  # [places]
    way_place: Ints
    way_metres: Ints
    way_pull: Floats  # what distance and border leave of a pull, 0 beyond awareness, -1 = not yet found
    way_leg: Ints  # last leg of the way
    way_plan: Ints  # the plan that follows the way, -1 = not yet made
    way_before: Ints  # row of the way to the place before, -1 at the start
    search_metres: Ints  # [places] scratch
    search_leg: Ints
    search_row: Ints
    search_heap: Ints  # [n, 2]
    # weights of destinations, one row a (place, group), found when first asked for that day
    drawn_like: Ints  # [groups] the first group that all holders attract alike
    weight: Floats
    weight_sum: Floats  # sums of the weights of one (place, group) so far
    weight_first: Ints  # [places, groups] row in weight, -1 = not today
    scratch_people: Ints  # [places or cohorts]
    scratch_ways: Ints  # [places]
    scratch_weight: Floats


class Record(NamedTuple):
    """What is kept of one member. Day 0 is the state before the first step, so there are n_days + 1 rows."""

    stocks: NDArray[np.int32]  # [days, places, groups, states]
    flows: NDArray[np.int32]  # [days, legs] people who entered the leg
    arrivals: NDArray[np.int32]  # [days, places] people who stopped there
    capacity: NDArray[np.int32]  # [days, places] people; 0 at a closed site, NO_LIMIT where there is none


# Entries of State.counters.
N_STANDING, N_MOVING, N_ARRIVING, N_HEAP, N_PLANS, N_WAYS, N_WEIGHTS, VERSION, TODAY, OVERFLOW = range(10)
N_SETTING_OUT, N_STOPPING, N_SLOTS, N_TIMED_PLANS = 10, 11, 12, 13
N_COUNTERS = 14

STANDING_COLUMNS = 5
JOURNEY_COLUMNS = 4
SETTING_OUT_COLUMNS = 3
BATCH_COLUMNS = 9
HEAP_COLUMNS = 3


class Sizes(NamedTuple):
    """Rows that the tables of a `State` hold; a member that needs more is run again with twice as many."""

    standing: int = 1 << 13
    moving: int = 1 << 15
    plans: int = 1 << 14
    ways: int = 1 << 14
    weights: int = 1 << 16

    def doubled(self) -> Sizes:
        """Return sizes of twice the rows."""
        return Sizes(*(2 * size for size in self))


def _slots(rows: int) -> int:
    """Return the number of slots of a hash of so many rows: a power of two, at least twice the rows."""
    return 1 << (2 * rows - 1).bit_length()


def new_state(setup: Setup, sizes: Sizes) -> State:
    """Allocate the state of one member; `corridor.engine.simulate.simulate_member` fills it."""
    places, groups, legs = setup.residents.shape[0], setup.residents.shape[1], setup.leg_start.size

    def ints(*shape: int) -> Ints:
        return np.zeros(shape, np.int64)

    scratch = max(places, sizes.moving, sizes.standing)
    fields: dict[str, Any] = {
        "rng": np.zeros(RNG_SIZE, np.uint64),
        "draws": ints(places, N_DECISIONS),
        "counters": ints(N_COUNTERS),
        "fighting": np.zeros(places),
        "control": ints(places),
        "siege": np.zeros(places),
        "site_open": np.zeros(places, np.bool_),
        "capacity": ints(places),
        "throughput": ints(places),
        "leg_open": np.zeros(legs, np.bool_),
        "leg_throughput": ints(legs),
        "safe_days": ints(places),
        "let_through": ints(places),
        "entered": ints(legs),
        "demand": ints(places),
        "lets_all_through": np.zeros(places, np.bool_),
        "leg_is_free": np.zeros(legs, np.bool_),
        "served_at_place": ints(places),
        "served_on_leg": ints(legs),
        "flows": ints(legs),
        "arrivals": ints(places),
        "residents": ints(places, groups),
        "trapped": ints(places, groups),
        "returned": ints(places, groups),
        "left": ints(places, groups),
        "inside": ints(places),
        "unsheltered": ints(places),
        "pull": np.zeros(places),
        "leg_seconds": ints(legs, groups, 2),
        "standing": ints(sizes.standing, STANDING_COLUMNS),
        "standing_slots": np.full(_slots(sizes.standing), -1, np.int64),
        "moving": ints(sizes.moving, JOURNEY_COLUMNS),
        "arriving": ints(sizes.moving, JOURNEY_COLUMNS),
        "moving_slots": ints(_slots(sizes.moving)),
        "setting_out": ints(sizes.moving, SETTING_OUT_COLUMNS),
        "stopping": ints(sizes.moving, HEAP_COLUMNS),
        "heap": ints(2 * sizes.moving, HEAP_COLUMNS),
        "batch": ints(2 * sizes.moving, BATCH_COLUMNS),
        "plan_leg": ints(sizes.plans),
        "plan_rest": ints(sizes.plans),
        "plan_end": ints(sizes.plans),
        "plan_slots": np.full(2 * sizes.plans, -1, np.int64),
        "plan_seconds": ints(sizes.plans, groups),
        "plan_is_open": np.zeros(sizes.plans, np.bool_),
        "plan_is_free": np.zeros(sizes.plans, np.bool_),
        "passing": ints(sizes.plans),
        "ways_first": ints(places),
        "ways_count": ints(places),
        "ways_version": ints(places),
        "way_place": ints(sizes.ways),
        "way_metres": ints(sizes.ways),
        "way_pull": np.zeros(sizes.ways),
        "way_leg": ints(sizes.ways),
        "way_plan": ints(sizes.ways),
        "way_before": ints(sizes.ways),
        "search_metres": np.full(places, -1, np.int64),
        "search_leg": ints(places),
        "search_row": ints(places),
        "search_heap": ints(legs + 1, 2),
        "drawn_like": ints(groups),
        "weight": np.zeros(sizes.weights),
        "weight_sum": np.zeros(sizes.weights),
        "weight_first": ints(places, groups),
        "scratch_people": ints(scratch),
        "scratch_ways": ints(places),
        "scratch_weight": np.zeros(scratch),
    }
    return State(**fields)
