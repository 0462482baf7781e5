"""The arrays of the law with a decision at every place: what a run is told, what changes in it, what is kept.

Axes in this order and these words: ``[days, places]``, ``[legs]``, ``[groups]``. Distances are whole metres.
`corridor.engine.stepwise` is the law, `corridor.engine.step_cohorts` says what the rows of the tables are.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corridor.engine.arrays import N_COUNTERS, Bools, Floats, Ints, ShortInts
from corridor.engine.random import N_DECISIONS, RNG_SIZE

#: Entries of `StepState.counters` beyond those that other engine files know: rows of the four tables in use.
N_TODAY, N_TONIGHT, N_COMING, N_WAVE, WAVE_BLOCK, WAVE_BIN, N_CROWDED, N_STEPS = range(
    N_COUNTERS, N_COUNTERS + 8
)
#: Columns of the tables of cohorts.
TABLE_COLUMNS = 12
#: Rows of the tables of cohorts for each place, in a large network.
ROWS_OF_A_PLACE = 4
#: Columns of `StepRecord.people`: at home still, away from home at a place, and on a leg.
AT_HOME, STANDING, ON_THE_WAY = range(3)


#: What an optional rule is told where it is off.
_NO_DAYS, _NO_DAYS_TWICE = np.zeros((0, 0)), np.zeros((0, 0, 2))
_NONE, _NO_NUMBERS, _NO_ROWS = np.zeros(0, np.int64), np.zeros(0), np.zeros((0, 3), np.int64)
_NO_FLAGS = np.zeros(0, np.bool_)


class StepSetup(NamedTuple):
    """Everything one run is told before its first day. Not changed.

    The arrays of the optional rules, at the end, have no rows where a rule is off. In those of three axes the
    last holds two numbers: one for everybody, and what is added to it for each unit of a group's awareness.
    """

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
    # cohorts
    wave_metres: int  # who stand at a place today go on in turns of so many metres of today's journey
    block_places: int  # so many places that follow each other take turns together; see `step_travel`
    # who are one row; see `step_cohorts`
    last_metres: Ints  # [places] who has moved so far today is at the end of the day after any next leg
    near_metres: int  # those no farther apart than this; and ...
    far_metres: int  # ... than this, where there are more ...
    most_rows: Ints  # [days, STOPS..AT_NIGHT] ... than so many rows of a name, and ...
    few_rows: Ints  # [days] ... than so many in all
    age_apart: float  # ticks; up to so many rows those who differ more in since when they are away are two
    # optional rules by day; corridor.engine.step_optional
    has_special_weights: bool = False  # see write_special_weights
    day_score: Floats = _NO_DAYS  # [days, places] factor of the score of a place
    end_factor: Floats = _NO_DAYS_TWICE  # [days, places, 2] factor of a destination after its power
    chance_least: Floats = _NO_DAYS_TWICE  # [days, places, 2] the move chance p becomes least + share x p
    chance_share: Floats = _NO_DAYS_TWICE  # [days, places, 2]
    awareness_of_group: Floats = _NO_NUMBERS  # [groups]
    leave_share: Floats = _NO_DAYS  # [days, places] of the population, added to the weight of leaving
    leaves_only_in_conflict: bool = True  # that share counts in places in conflict alone
    leave_rate: Floats = _NO_DAYS  # [days, places] who leaves, instead of displaced_per_day x intensity
    # people known on day 0: (place, group, people)
    listed: Ints = _NO_ROWS
    # harvest
    is_harvest: Bools = _NO_FLAGS  # [days]
    group_home: Ints = _NONE  # [groups] place
    group_farms: Bools = _NO_FLAGS  # [groups] who stops in harvest and is counted at home
    # camps that keep people
    stay_chance: Floats = _NO_NUMBERS  # [places] a day, that a person in a camp never moves again
    # fixed routes; corridor.engine.step_fixed
    routes_are_fixed: bool = False
    stores_today: bool = True  # else places later in the file are stored with yesterday's score
    stored_factor: Floats = _NO_DAYS  # [days, places] of the score as it is stored
    chain_first: Ints = _NONE  # [chains + 1] into chain_place
    chain_place: Ints = _NONE
    # roads that everybody at their start must take
    leg_redirects: Bools = _NO_FLAGS  # [legs] on day 0
    # matching by religion and ethnicity, whose values are told apart; corridor.engine.step_matching
    own_people: Floats = _NO_DAYS  # [places, values] who live there and are not simulated
    attribute_of_value: Ints = _NONE  # [values] RELIGION or ETHNICITY
    value_of_group: Ints = _NO_ROWS  # [groups, 2] value of each; -1 = no rule reads the attribute
    match_weight: Floats = _NO_DAYS  # [CAMP.., 2] factor at a share of 1, by place and attribute; 0 = no rule
    # where a group stands in what is kept in detail; empty = each has a row of its own
    kept_row: Ints = _NONE  # [groups]


def last_metres(out_first: Ints, leg_metres: Ints, leg_speed: Ints, metres_per_day: int) -> Ints:
    """Return [places] the metres moved today from which on any leg of a place takes the rest of the day."""
    rest = np.maximum(np.where(leg_speed > 0, leg_speed, metres_per_day), metres_per_day) - leg_metres
    start = np.repeat(np.arange(out_first.size - 1), np.diff(out_first))
    last = np.zeros(out_first.size - 1, np.int64)
    np.maximum.at(last, start, rest)
    return last


class StepState(NamedTuple):
    """What changes within a run."""

    rng: NDArray[np.uint64]
    draws: Ints  # [places, decisions] draws made today
    counters: Ints
    in_hand: Floats  # [2] since when the people in hand are away: mean and variance, see `step_cohorts`
    # places today
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
    is_settled: Bools  # [places] today, whether it is a camp that few leave
    # the morning at places whose margin is not empty; see `step_room`
    is_crowded: Bools
    crowded: Ints  # [places] which they are
    crowded_people: Ints  # [places] how many stand there at dawn, then how many those see who decide first
    people_left: Ints  # [places] how many stand there when all have decided
    step_time: Floats  # [n] who is away since then or later sees ...
    step_people: Ints  # ... so many ...
    step_place: Ints  # ... at this place
    came_onwards: Ints  # [places] people who came on the day's second leg or a later one
    leg_open: Bools
    leg_closed_today: Bools
    # optional rules
    score_before: Floats  # [places] yesterday, 1 on day 0
    lent: Ints  # [places] people who stand here and are counted at home, less those counted here
    leg_redirects: Bools
    stayed: Ints  # [places, kept rows of groups] people who never leave their camp again
    lent_of_group: (
        Ints  # [places, kept rows of groups] as `lent` with the other sign; empty without kept rows
    )
    redirect: Ints  # [places] leg that everybody here must take, -1 = none
    for_good: Ints  # [places, values] people whom camps keep for good
    match: Floats  # [places, values] this morning's factor of a destination
    # cohorts, [n, TABLE_COLUMNS], and where to look for a row that equals another
    today: Ints  # as they were this morning
    tonight: Ints  # as they will be tomorrow morning
    tonight_slots: ShortInts
    coming: Ints  # who will come to a place today, as known when all have set out
    coming_slots: ShortInts
    wave: Ints  # who stand at a place today with time to go on
    wave_slots: ShortInts
    in_turn: Ints  # [TABLE_COLUMNS] the row of the wave whose turn it is
    wave_first: Ints  # [blocks, bins] first row of each bin of the wave, -1 = none
    wave_last: Ints
    wave_waiting: Ints  # [blocks] rows that hang in the bins
    # plans: a leg and the plan after it, -1 ends
    plan_leg: ShortInts
    plan_rest: ShortInts
    plan_end: ShortInts
    plan_slots: ShortInts
    # ways from each place, found when first asked for
    ways_first: Ints  # [places]
    ways_count: Ints
    ways_version: Ints
    ways_weighed: Ints  # [places] day of way_weight
    way_weight: Floats  # today, without the room left at its end
    way_place: ShortInts
    way_divisor: Floats  # softened distance to a power
    way_factor: Floats  # of the score of its end
    way_plan: ShortInts
    path_leg: Ints  # [n] scratch of the search for ways
    path_next: Ints
    path_metres: Ints
    path_depth: Ints
    scratch_weight: Floats
    scratch_people: Ints


class StepSizes(NamedTuple):
    """Rows the tables of a `StepState` have room for; a run that needs more is made again with twice that.

    All are powers of two.
    """

    cohorts: int = 1 << 12
    plans: int = 1 << 11
    ways: int = 1 << 12

    def doubled(self) -> StepSizes:
        """Return sizes of twice the rows."""
        return StepSizes(*(2 * size for size in self))


def sizes_to_begin_with(setup: StepSetup) -> StepSizes:
    """Return sizes that do for most runs of a network: four rows a place, and a way for each leg."""
    least, legs = StepSizes(), setup.leg_start.size
    wanted = StepSizes(ROWS_OF_A_PLACE * setup.population.size, legs, legs)
    pairs = zip(least, wanted, strict=True)
    return StepSizes(*(max(few, 1 << (many - 1).bit_length()) for few, many in pairs))


class StepRecord(NamedTuple):
    """What is kept of one run; rows are days, day 0 being the state after the first step."""

    standing: Ints  # [days, places] people standing at a place
    flows: Ints  # [days, legs] people who entered a leg
    created: Ints  # [days] people who ever left home or were there on day 0
    # kept in detail only if asked for, else without rows; see `step_record`
    people: Ints = np.zeros((0, 0, 0, 3), np.int64)  # [days, places, groups, AT_HOME..ON_THE_WAY] tonight
    left: Ints = np.zeros((0, 0, 0), np.int64)  # [days, places, groups] people who left home
    stopped: Ints = np.zeros((0, 0), np.int64)  # [days, places] people who came and stand there tonight
    at_start: Ints = np.zeros((0, 0), np.int64)  # [places, groups] people there before the first day
    room: Ints = np.zeros((0, 0), np.int64)  # [days, places] when full; 0 = a closed camp, -1 = no limit


def n_kept_rows(setup: StepSetup) -> int:
    """Return how many rows the groups have in what is kept in detail."""
    return int(setup.kept_row.max()) + 1 if setup.kept_row.size else setup.group_weight.shape[1]


def new_step_record(setup: StepSetup, n_days: int, *, in_detail: bool) -> StepRecord:
    """Allocate what is kept of one run."""
    places, groups = setup.population.size, n_kept_rows(setup)
    detailed_days = n_days if in_detail else 0
    return StepRecord(
        np.zeros((n_days, places), np.int64),
        np.zeros((n_days, setup.leg_start.size), np.int64),
        np.zeros(n_days, np.int64),
        people=np.zeros((detailed_days, places, groups, 3), np.int64),
        left=np.zeros((detailed_days, places, groups), np.int64),
        stopped=np.zeros((detailed_days, places), np.int64),
        at_start=np.zeros((places if in_detail else 0, groups), np.int64),
        room=np.zeros((detailed_days, places), np.int64),
    )


def new_step_state(setup: StepSetup, sizes: StepSizes) -> StepState:
    """Allocate the state of one run; the first day fills it."""
    places, legs = setup.population.size, setup.leg_start.size

    def ints(*shape: int) -> Ints:
        return np.zeros(shape, np.int64)

    fields: dict[str, Any] = {
        "rng": np.zeros(RNG_SIZE, np.uint64),
        "draws": ints(places, N_DECISIONS),
        "counters": ints(N_STEPS + 1),
        "in_hand": np.zeros(2),
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
        "is_settled": np.zeros(places, np.bool_),
        "is_crowded": np.zeros(places, np.bool_),
        "crowded": ints(places),
        "crowded_people": ints(places),
        "people_left": ints(places),
        "step_time": np.zeros(sizes.cohorts),
        "step_people": ints(sizes.cohorts),
        "step_place": ints(sizes.cohorts),
        "came_onwards": ints(places),
        "leg_open": np.ones(legs, np.bool_),
        "leg_closed_today": np.zeros(legs, np.bool_),
        "score_before": np.ones(places),
        "lent": ints(places),
        "leg_redirects": setup.leg_redirects.copy() if setup.leg_redirects.size else np.zeros(legs, np.bool_),
        "stayed": ints(places, n_kept_rows(setup)),
        "lent_of_group": ints(places if setup.kept_row.size else 0, n_kept_rows(setup)),
        "redirect": np.full(places, -1, np.int64),
        "for_good": ints(*setup.own_people.shape),
        "match": np.ones(setup.own_people.shape),
        "today": ints(sizes.cohorts, TABLE_COLUMNS),
        "tonight": ints(sizes.cohorts, TABLE_COLUMNS),
        "tonight_slots": np.full(2 * sizes.cohorts, -1, np.int32),
        "coming": ints(sizes.cohorts, TABLE_COLUMNS),
        "coming_slots": np.full(2 * sizes.cohorts, -1, np.int32),
        "wave": ints(sizes.cohorts, TABLE_COLUMNS),
        "wave_slots": np.full(2 * sizes.cohorts, -1, np.int32),
        "in_turn": ints(TABLE_COLUMNS),
        "wave_first": np.full((n_blocks(setup), _bins(setup)), -1, np.int64),
        "wave_last": np.full((n_blocks(setup), _bins(setup)), -1, np.int64),
        "wave_waiting": ints(n_blocks(setup)),
        "plan_leg": np.zeros(sizes.plans, np.int32),
        "plan_rest": np.zeros(sizes.plans, np.int32),
        "plan_end": np.zeros(sizes.plans, np.int32),
        "plan_slots": np.full(2 * sizes.plans, -1, np.int32),
        "ways_first": ints(places),
        "ways_count": ints(places),
        "ways_version": ints(places),
        "ways_weighed": ints(places),
        "way_weight": np.zeros(sizes.ways),
        "way_place": np.zeros(sizes.ways, np.int32),
        "way_divisor": np.zeros(sizes.ways),
        "way_factor": np.ones(sizes.ways),
        "way_plan": np.zeros(sizes.ways, np.int32),
        "path_leg": ints(places + 1),
        "path_next": ints(places + 1),
        "path_metres": ints(places + 1),
        "path_depth": ints(places + 1),
        "scratch_weight": np.zeros(max(places, sizes.ways)),
        "scratch_people": ints(max(places, sizes.ways, setup.group_weight.shape[1])),
    }
    return StepState(**fields)


def n_blocks(setup: StepSetup) -> int:
    """Return how many blocks of places there are, the last of which may have fewer."""
    return -(-setup.population.size // setup.block_places)


def _bins(setup: StepSetup) -> int:
    """Return how many bins the wave has: who has come farther than the fastest go in a day is not in it."""
    fastest = max(setup.metres_per_day, setup.walk_metres_per_day, int(setup.leg_speed.max(initial=0)))
    return fastest // setup.wave_metres + 1
