"""Rows of people who are lumped: who shares one, what it keeps, in what order the wave gives them back."""

from __future__ import annotations

import numpy as np
import pytest
from test_stepwise import SMALL, plain_setup

from corridor.engine.arrays import OVERFLOW, TODAY
from corridor.engine.step_arrays import (
    N_COMING,
    N_TODAY,
    N_TONIGHT,
    N_WAVE,
    TABLE_COLUMNS,
    WAVE_BIN,
    StepSetup,
    StepSizes,
    StepState,
    last_metres,
    new_step_state,
)
from corridor.engine.step_cohorts import (
    EARLIEST,
    FORCED,
    FREE,
    LATEST,
    MOVED,
    PEOPLE,
    RECENT,
    SINCE,
    SPREAD,
    STOPS,
    TICKS,
    WHERE,
    WHO,
    away_since,
    empty_wave,
    expect,
    group_of,
    join_wave,
    kind_of,
    mean,
    newest_of,
    plan_of,
    settle,
    spot_of,
    stand,
    start_day,
    stay_on_leg,
    take_between,
    take_from_wave,
    take_new,
)
from corridor.engine.step_moving import kind_on_arrival
from corridor.engine.structs import as_struct

SETUP = plain_setup(
    3,
    [(0, 1, 10.0), (1, 2, 10.0)],
    [0],
    avoid_short_stints=True,
    wave_metres=25_000,
    near_metres=10_000,
    far_metres=100_000,
    most_rows=np.array([[2, 1, 2, 2]]),
    few_rows=np.array([0]),
)


def taken(state: StepState, bin_: int, block: int = 0) -> list[np.ndarray]:
    """Return the rows of a bin of a block of the wave, in order."""
    rows, row = [], np.zeros(state.wave.shape[1], np.int64)
    while take_from_wave(as_struct(state), block, bin_, row):
        rows.append(row.copy())
    return rows


def rows_of_wave(state: StepState) -> list[tuple[int, int, int]]:
    """Return people, mean metres moved and mean recent travel of the rows, in order of people."""
    rows = state.wave[: state.counters[N_WAVE]]
    return sorted((int(row[PEOPLE]), int(mean(row, MOVED)), int(mean(row, RECENT))) for row in rows)


def test_the_wave_lumps_who_are_near_and_keeps_their_means():
    state = new_step_state(SETUP, SMALL)
    for people, moved, recent in ((3, 26_000, 0), (1, 30_000, 4_000), (5, 50_001, 0)):
        join_wave(as_struct(SETUP), as_struct(state), 1, 0, recent, -1, moved, FORCED, people)
    assert rows_of_wave(state) == [(4, 27_000, 1_000), (5, 50_001, 0)]


def test_nearness_is_that_of_both_distances_and_for_the_free_of_metres_moved():
    for kind, expected in ((FORCED, [(1, 30_000, 8_000), (3, 26_000, 0)]), (FREE, [(4, 27_000, 2_000)])):
        state = new_step_state(SETUP, SMALL)
        for people, moved, recent in ((3, 26_000, 0), (1, 30_000, 8_000)):
            join_wave(as_struct(SETUP), as_struct(state), 1, 0, recent, -1, moved, kind, people)
        assert rows_of_wave(state) == expected


def test_where_rows_are_many_others_join_the_nearest_unless_it_is_far():
    for first, second in ((0, 50_000), (50_000, 0)):
        state = new_step_state(SETUP, SMALL)
        for people, moved in ((1, first), (2, second), (4, 90_000), (8, 151_000)):
            join_wave(as_struct(SETUP), as_struct(state), 1, 0, 0, -1, moved, FORCED, people)
        # two rows of a name at most, so 90 km joins 50; 151 km is more than 100 away from that row
        near = (6, 76_667, 0) if second else (5, 82_000, 0)
        assert rows_of_wave(state) == sorted([(7 - near[0], 0, 0), near, (8, 151_000, 0)])


def test_of_those_who_cannot_be_forced_on_there_are_fewer_rows():
    state = new_step_state(SETUP, SMALL)
    for people, moved in ((1, 0), (2, 50_000), (8, 151_000)):
        join_wave(as_struct(SETUP), as_struct(state), 1, 0, 0, -1, moved, FREE, people)
    assert rows_of_wave(state) == [(3, 33_334, 0), (8, 151_000, 0)]


def test_who_cannot_but_reach_the_end_of_the_day_or_be_free_next_are_alike():
    setup, state = SETUP._replace(last_metres=np.full(3, 300_000)), new_step_state(SETUP, SMALL)
    for people, moved, recent in (
        (1, 300_000, 0),
        (2, 390_000, 9_000),
        (4, 240_000, 70_000),
        (8, 240_000, 99_000),
    ):
        join_wave(as_struct(setup), as_struct(state), 1, 0, recent, -1, moved, FORCED, people)
    assert rows_of_wave(state) == [(3, 360_000, 6_000), (12, 240_000, 89_334)]


def test_the_last_metres_of_a_place_are_those_of_its_shortest_leg():
    first, metres = np.array([0, 2, 3, 3]), np.array([150_000, 280_000, 100_000])
    assert list(last_metres(first, metres, np.array([0, 0, 500_000]), 400_000)) == [250_000, 400_000, 0]
    assert list(last_metres(first, metres, np.array([200_000, 0, 0]), 400_000)) == [250_000, 300_000, 0]


def test_where_rows_are_few_nobody_joins_another_who_is_not_near():
    setup, state = SETUP._replace(few_rows=np.array([4])), new_step_state(SETUP, SMALL)
    for people, moved in ((1, 0), (2, 50_000), (4, 90_000), (8, 120_000), (16, 140_000)):
        join_wave(as_struct(setup), as_struct(state), 1, 0, 0, -1, moved, FORCED, people)
    assert rows_of_wave(state) == [(1, 0, 0), (2, 50_000, 0), (4, 90_000, 0), (24, 133_334, 0)]


@pytest.mark.parametrize(("day", "rows"), [(0, [5, 5, 5, 5]), (1, [1, 2, 3, 4])])
def test_each_day_and_kind_has_its_own_number_of_rows(day: int, rows: list[int]):
    """Five rows 12 to 24 km apart: on day 0 rows are few up to 100, on day 1 they are many at once."""
    limits = {"most_rows": np.array([[4, 3, 2, 1], [1, 2, 3, 4]]), "few_rows": np.array([100, 0])}
    setup, found = SETUP._replace(**limits), []
    for kind in (STOPS, FREE, FORCED):
        state = new_step_state(SETUP, SMALL)
        state.counters[TODAY] = day
        for number in range(5):
            expect(as_struct(setup), as_struct(state), 1, 0, 0, -1, 24_000 * number, kind, 1)
        found.append(int(state.counters[N_COMING]))
    state = new_step_state(SETUP, SMALL)
    state.counters[TODAY] = day
    for number in range(5):
        stand(as_struct(setup), as_struct(state), 1, 0, 24_000 * number, -1, 0, 1)
    assert [*found, int(state.counters[N_TONIGHT])] == rows


def test_where_rows_are_few_who_left_at_other_times_have_rows_of_their_own():
    for few, expected in ((3, [3, 4, 8]), (1, [15])):
        setup, state = SETUP._replace(few_rows=np.array([few]), age_apart=8.0), new_step_state(SETUP, SMALL)
        for people, day in ((1, 3), (2, 3), (4, 4), (8, 6)):
            take_new(as_struct(state), day, 0.0, 1.0)
            join_wave(as_struct(setup), as_struct(state), 1, 0, 0, -1, 0, FORCED, people)
        assert [row[0] for row in rows_of_wave(state)] == expected


@pytest.mark.parametrize(
    "other",
    [
        {"place": 2},
        {"group": 1},
        {"plan": 4},
        {"kind": FREE},
        {"recent": 60_000},
        {"moved": 55_000},
    ],
)
def test_the_wave_tells_apart_who_would_not_do_the_same(other: dict[str, int]):
    state = new_step_state(SETUP, SMALL)
    first = {"place": 1, "group": 0, "recent": 10_000, "plan": -1, "moved": 30_000, "kind": FORCED}
    for row in (first, {**first, **other}):
        join_wave(as_struct(SETUP), as_struct(state), *row.values(), 7)
    assert state.counters[N_WAVE] == 2
    for row in state.wave[:2]:
        assert (row[PEOPLE], group_of(row[WHO]) < 2) == (7, True)


def test_a_row_that_has_gone_can_come_again_and_stands_last():
    state = new_step_state(SETUP, SMALL)
    struct = as_struct(state)
    row = np.zeros(state.wave.shape[1], np.int64)
    for place in (0, 1):
        join_wave(as_struct(SETUP), struct, place, 0, 0, -1, 5_000, FREE, 2)
    assert take_from_wave(struct, 0, 0, row) and spot_of(row[WHERE]) == 0
    join_wave(as_struct(SETUP), struct, 0, 0, 0, -1, 6_000, FREE, 3)
    rows = taken(state, 0)
    assert [(spot_of(row[WHERE]), row[PEOPLE], mean(row, MOVED)) for row in rows] == [
        (1, 2, 5_000),
        (0, 3, 6_000),
    ]
    empty_wave(struct)
    assert state.counters[N_WAVE] == 0 and (state.wave_slots == -1).all()


def test_names_are_unpacked_as_they_were_packed():
    state = new_step_state(SETUP, SMALL)
    join_wave(as_struct(SETUP), as_struct(state), 2, 200, 399_999, 123_456, 1_000, FREE, 1)
    (row,) = taken(state, 0)
    found = (spot_of(row[WHERE]), group_of(row[WHO]), plan_of(row[WHO]), kind_of(row[WHO]))
    assert found == (2, 200, 123_456, FREE)


def test_in_a_camp_that_few_leave_recent_travel_tells_nobody_apart():
    state = new_step_state(SETUP, SMALL)
    state.is_settled[2] = True
    for place in (1, 2):
        for recent in (0, 200_000):
            stand(as_struct(SETUP), as_struct(state), place, 0, recent, -1, 0, 10)
    rows = state.tonight[: state.counters[N_TONIGHT]]
    assert [(spot_of(row[WHERE]), row[PEOPLE]) for row in rows] == [(1, 10), (1, 10), (2, 20)]
    start_day(as_struct(SETUP), as_struct(state))
    assert (state.counters[N_TODAY], state.counters[N_TONIGHT]) == (3, 0)
    assert mean(state.today[2], RECENT) == 100_000


@pytest.mark.parametrize(
    ("recent", "moved", "speed", "kind"),
    [
        (0, 399_999, 400_000, FORCED),
        (1, 399_999, 400_000, FREE),
        (0, 400_000, 400_000, STOPS),
        (0, 35_000, 35_000, STOPS),
        (300_000, 99_999, 400_000, FORCED),
        (300_000, 100_000, 400_000, FREE),
    ],
)
def test_what_people_may_do_who_come_to_a_place(recent: int, moved: int, speed: int, kind: int):
    """Forced on while half of recent travel and today's distance is less than half of a day's 400 km."""
    assert kind_on_arrival(as_struct(SETUP), recent, moved, speed) == kind


def test_a_full_table_is_told():
    state = new_step_state(SETUP, StepSizes(cohorts=2, plans=2, ways=2))
    for place in range(3):
        stand(as_struct(SETUP), as_struct(state), place, 0, 0, -1, 0, 1)
    assert state.counters[OVERFLOW] == 1


def test_a_row_keeps_since_when_its_people_are_away():
    """30 people of day 10 and 30 of day 20 count as spread evenly over a time of their mean and spread.

    Mean 15.5 days, variance 25 + 1/12; an even spread of that variance is 17.35 days wide.
    """
    state = new_step_state(SETUP, SMALL)
    struct = as_struct(state)
    for day in (10, 20):
        take_new(struct, day, 0.0, 1.0)
        stand(as_struct(SETUP), struct, 1, 0, 0, -1, 0, 30)
    row = state.tonight[0].copy()
    settle(row, 1000)
    middle, width = (row[EARLIEST] + row[LATEST]) / 2 / TICKS, (row[LATEST] - row[EARLIEST]) / TICKS
    assert (middle, width) == (pytest.approx(15.5, abs=0.1), pytest.approx(17.35, abs=0.1))


def test_people_in_hand_are_spread_over_the_time_they_are_taken_from():
    state = new_step_state(SETUP, SMALL)
    take_between(as_struct(state), 20.0, 32.0)
    assert state.in_hand.tolist() == [26.0, 12.0]


def test_nobody_hangs_in_a_bin_of_the_wave_whose_turn_is_over():
    """A row goes on with its mean, which may lie below the bin whose turn it is: it waits in that one."""
    state = new_step_state(SETUP, SMALL)
    state.counters[WAVE_BIN] = 3
    join_wave(as_struct(SETUP), as_struct(state), 1, 0, 0, -1, 30_000, FREE, 7)
    assert taken(state, 1) == []
    assert [row[PEOPLE] for row in taken(state, 3)] == [7]


def in_blocks(places: int) -> StepSetup:
    """Return the three places with blocks of so many of them."""
    return SETUP._replace(block_places=places)


def test_a_block_of_places_has_bins_of_its_own():
    """Places 0 and 1, and place 2. Who comes to the block whose turn it is waits in no bin before."""
    setup = in_blocks(2)
    state = new_step_state(setup, SMALL)
    struct = as_struct(state)
    state.counters[WAVE_BIN] = 3
    for place, people in ((0, 1), (1, 2), (2, 4)):
        join_wave(as_struct(setup), struct, place, 0, 0, -1, 30_000, FREE, people)
    assert state.wave_waiting.tolist() == [2, 1]
    assert [row[PEOPLE] for row in taken(state, 3)] == [1, 2]
    assert (taken(state, 1), taken(state, 3, block=1)) == ([], [])
    assert [row[PEOPLE] for row in taken(state, 1, block=1)] == [4]
    assert state.wave_waiting.tolist() == [0, 0]


def test_the_day_begins_with_those_of_a_block_beside_each_other():
    """On a leg they belong to the place where it starts: leg 0 at place 0, leg 1 at place 1."""
    setup = in_blocks(1)
    state = new_step_state(setup, SMALL)
    stand(as_struct(setup), as_struct(state), 2, 0, 0, -1, 0, 1)
    stay_on_leg(as_struct(setup), as_struct(state), 1, 5_000, 0, 0, -1, 0, 0, 2)
    stand(as_struct(setup), as_struct(state), 0, 0, 0, -1, 0, 3)
    stay_on_leg(as_struct(setup), as_struct(state), 0, 5_000, 0, 0, -1, 0, 0, 4)
    stand(as_struct(setup), as_struct(state), 1, 0, 0, -1, 0, 5)
    start_day(as_struct(setup), as_struct(state))
    rows = state.today[: state.counters[N_TODAY]]
    assert [(spot_of(row[WHERE]), row[PEOPLE]) for row in rows] == [(0, 3), (3, 4), (4, 2), (1, 5), (2, 1)]


def test_names_whose_first_slots_are_taken_are_found_again():
    """Ten thousand names of one place, more than the slots where they are looked for first."""
    sizes = StepSizes(cohorts=1 << 14, plans=2, ways=2)
    state = new_step_state(SETUP, sizes)
    for _ in range(2):
        for plan in range(10_000):
            stand(as_struct(SETUP), as_struct(state), 1, 0, 0, plan, 0, 1)
    assert state.counters[N_TONIGHT] == 10_000 and state.counters[OVERFLOW] == 0
    assert (state.tonight[:10_000, PEOPLE] == 2).all()


def test_ages_keep_their_mean_where_nobody_can_be_younger():
    row = np.zeros(TABLE_COLUMNS, np.int64)
    row[PEOPLE], row[SINCE], row[SPREAD] = (
        10,
        900,
        3_000,
    )  # the mean is 90, and they would reach from 60 to 120
    assert away_since(row, 100) == (80, 100)
    assert away_since(row, 200) == (60, 120)


@pytest.mark.parametrize(("first_leg", "days"), [(1, 6), (0, 5)])
def test_who_has_set_out_did_not_appear_today(first_leg: int, days: int):
    state = new_step_state(SETUP, SMALL)
    state.counters[TODAY] = 4
    stand(as_struct(SETUP), as_struct(state), 1, 0, 0, -1, first_leg, 5)
    assert newest_of(as_struct(state), state.tonight[0]) == days * TICKS
