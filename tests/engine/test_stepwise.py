"""Flee's order of the day in the engine: cases worked by hand, and each oddity of Flee that is reproduced.

Test vectors are those observed in Flee's own program at commit 02cd2cbd8a02 (docs/flee.md).
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import flee_tiny
from corridor.engine.arrays import VERSION
from corridor.engine.random import new_rng
from corridor.engine.step_arrays import (
    N_STEPS,
    N_TONIGHT,
    StepRecord,
    StepSetup,
    StepSizes,
    StepState,
    new_step_state,
    sizes_to_begin_with,
)
from corridor.engine.step_cohorts import (
    FROM,
    LEFT,
    RECENT,
    UNTIL,
    WHERE,
    mean,
    spot_of,
    stand,
    start_day,
    take_new,
)
from corridor.engine.step_events import CLOSE_CAMP, CLOSE_LEG, CONFLICT_OFF, CONFLICT_ON, OPEN_LEG
from corridor.engine.step_leaving import CONSTANT, GIVEN, POPULATION_SHARE, work_out_leave_weights
from corridor.engine.step_room import find_crowded_places, find_steps, forget_crowded_places, show_before
from corridor.engine.step_scores import work_out_scores
from corridor.engine.step_ways import find_ways_ahead, room_left, write_weights
from corridor.engine.stepwise import run_step_days, simulate_steps
from corridor.engine.structs import as_struct
from corridor.ensemble.flee import run_flee, step_setup
from corridor.formats.flee import FleeInstance, data_table

SMALL = StepSizes(cohorts=512, plans=256, ways=256)


def plain_setup(
    n_places: int, legs: list[tuple[int, int, float]], given: list[int], **changes: Any
) -> StepSetup:
    """Return one-way legs (start, end, km) between towns; who leaves home leaves place 0, a conflict zone."""
    legs = sorted(legs, key=lambda leg: leg[0])
    starts = np.array([leg[0] for leg in legs], np.int64)
    n_legs, first = len(legs), np.arange(n_places) == 0
    no_events = np.zeros(0, np.int64)
    setup = StepSetup(
        population=np.where(first, 1000.0, 0.0),
        capacity=np.full(n_places, -1),
        capacity_per_day=np.zeros(n_places, np.int64),
        is_camp=np.zeros(n_places, np.bool_),
        is_town=~first,
        is_marker=np.zeros(n_places, np.bool_),
        base_score=np.ones(n_places),
        x_degrees=np.zeros(n_places),
        y_degrees=np.zeros(n_places),
        move_chance=np.ones(n_places),
        intensity=np.where(first, 1.0, 0.0),
        conflict_start=np.full(n_places, -1),
        inserted=np.zeros(n_places, np.int64),
        leg_start=starts,
        leg_end=np.array([leg[1] for leg in legs], np.int64),
        leg_metres=np.array([round(leg[2] * 1000) for leg in legs], np.int64),
        leg_speed=np.zeros(n_legs, np.int64),
        leg_walk_chance=np.zeros(n_legs),
        out_first=np.searchsorted(starts, np.arange(n_places + 1)).astype(np.int64),
        event_day=no_events,
        event_kind=no_events,
        event_target=no_events,
        event_value=np.zeros(0),
        leaving=GIVEN,
        given=np.array(given, np.int64),
        displaced_per_day=0.0,
        takes_from_population=False,
        group_weight=np.ones((n_places, 1)),
        score_power=np.ones(1),
        metres_per_day=400_000,
        walk_metres_per_day=35_000,
        camp_weight=1.0,
        conflict_weight=10**-0.5,
        awareness=1,
        capacity_buffer=0.9,
        capacity_scaling=1.0,
        avoid_short_stints=False,
        start_on_foot=False,
        softening_km=0.0,
        weight_softening=0.0,
        weight_power=1.0,
        distance_power=1.0,
        pruning_threshold=1.0,
        stays_close=False,
        close_power=0.5,
        population_power=0.0,
        size_base=10_000.0,
        size_power=0.0,
        default_move_chance=1.0,
        conflict_move_chance=1.0,
        camp_move_chance=0.001,
        idp_camp_move_chance=0.1,
        decay=np.ones(1),
        decay_days=30.0,
        arrives_on_equal=False,
        wave_metres=1_000,
        block_places=512,
        last_metres=np.full(n_places, 1 << 40),
        near_metres=1_000,
        far_metres=1_000,
        most_rows=np.full((len(given), 4), 1_000),
        few_rows=np.zeros(len(given), np.int64),
        age_apart=math.inf,
    )
    return setup._replace(**changes)


def camps(n_places: int, *which: int) -> dict[str, Any]:
    """Return the changes that make places camps that nobody leaves."""
    is_camp = np.isin(np.arange(n_places), which)
    return {"is_camp": is_camp, "move_chance": np.where(is_camp, 0.0, 1.0)}


def at_camp(setup: StepSetup) -> StepSetup:
    """Return the setup with camps that are no towns."""
    return setup._replace(is_town=setup.is_town & ~setup.is_camp)


def simulated(setup: StepSetup, days: int, seed: int = 1) -> StepRecord:
    assert setup.given.size >= days
    return simulate_steps(setup, n_days=days, seed=seed, member=0, sizes=SMALL)


def state_of(setup: StepSetup, occupants: list[int] | None = None) -> StepState:
    """Return a state before the first day, the scores of day 0 worked out."""
    state = new_step_state(setup, SMALL)
    state.counters[VERSION] = 1
    if occupants is not None:
        state.occupants[:] = occupants
    work_out_scores(as_struct(setup), as_struct(state), 0)
    return state


# Travelling


@pytest.mark.parametrize(
    ("lengths", "on_foot", "days"),
    [
        ([100, 390, 50, 50], False, [("2", 0.6125), ("4", 0.4313)]),
        ([399, 399, 399], False, [("2", 0.9975), ("3", 0.9975)]),
        ([400, 400], False, [("0>1", 0.5), ("1>2", 0.75), ("2", 0.375)]),
        ([100, 500, 50], False, [("1>2", 0.625), ("3", 0.5)]),
        ([70, 390, 50], True, [("0>1", 0.0437), ("0>1", 0.0656), ("3", 0.5828)]),
        ([20, 390, 50], True, [("2", 0.5125), ("3", 0.3187)]),
    ],
)
def test_where_a_person_stands_each_evening(
    lengths: list[float], on_foot: bool, days: list[tuple[str, float]]
):
    """One person on a chain of one-way roads at 400 km a day: place or road, and recent travel."""
    legs = [(row, row + 1, float(km)) for row, km in enumerate(lengths)]
    setup = plain_setup(len(legs) + 1, legs, [1, 0, 0], start_on_foot=on_foot)
    for day, (where, recent) in enumerate(days, start=1):
        state = new_step_state(setup, SMALL)
        state.rng[:] = new_rng(1, 0)
        kept = StepRecord(
            np.zeros((day, len(legs) + 1), np.int64),
            np.zeros((day, len(legs)), np.int64),
            np.zeros(day, np.int64),
        )
        assert run_step_days(as_struct(setup), as_struct(state), day, kept)
        (person,) = state.tonight[: state.counters[N_TONIGHT]]
        leg = spot_of(person[WHERE]) - setup.population.size
        stands = f"{setup.leg_start[leg]}>{setup.leg_end[leg]}" if leg >= 0 else str(spot_of(person[WHERE]))
        assert stands == where
        assert mean(person, RECENT) / setup.metres_per_day == pytest.approx(recent, abs=1e-4)


def test_a_road_of_exactly_a_day_takes_one_day_as_meant():
    setup = plain_setup(3, [(0, 1, 400.0), (1, 2, 400.0)], [1, 0, 0], arrives_on_equal=True)
    assert simulated(setup, 2).standing.tolist() == [[0, 1, 0], [0, 0, 1]]


def test_nobody_stops_in_a_town_with_time_to_spare_if_short_stints_are_avoided():
    """50 km are less than half a day's 400: who would stay in the town (move chance 0) is forced on."""
    chance = np.array([1.0, 0.0, 0.0])
    setup = plain_setup(3, [(0, 1, 50.0), (1, 2, 50.0)], [10], move_chance=chance)
    assert simulated(setup, 1).standing.tolist() == [[0, 10, 0]]
    assert simulated(setup._replace(avoid_short_stints=True), 1).standing.tolist() == [[0, 0, 10]]
    no_town = setup._replace(avoid_short_stints=True, is_town=np.zeros(3, np.bool_))
    assert simulated(no_town, 1).standing.tolist() == [[0, 10, 0]]


def test_walking_on_a_road():
    setup = plain_setup(2, [(0, 1, 60.0)], [10, 0], leg_walk_chance=np.ones(1))
    assert simulated(setup, 2).standing.tolist() == [[0, 0], [0, 10]]


def test_a_road_has_its_own_speed():
    setup = plain_setup(2, [(0, 1, 60.0)], [10, 0], leg_speed=np.array([50_000]))
    assert simulated(setup, 2).standing.tolist() == [[0, 0], [0, 10]]


# Choosing


def ways_from(setup: StepSetup, origin: int) -> list[tuple[list[int], float]]:
    """Return (places of the way, weight) of what people at a place consider."""
    state = state_of(setup)
    find_ways_ahead(as_struct(setup), as_struct(state), origin)
    n, found = state.ways_count[origin], []
    weight = np.zeros(n)
    write_weights(as_struct(setup), as_struct(state), origin, 0, weight)
    for row in range(n):
        plan, places = state.way_plan[state.ways_first[origin] + row], [origin]
        while plan >= 0:
            places.append(int(setup.leg_end[state.plan_leg[plan]]))
            plan = state.plan_rest[plan]
        found.append((places, float(weight[row])))
    return found


def test_markers_cost_no_awareness():
    """Roads S-M 10, M-P 20, P-Q 30, Q-Z 40 km, M a marker, Q a camp; Z is out of sight."""
    legs = [(0, 1, 10.0), (1, 2, 20.0), (2, 3, 30.0), (3, 4, 40.0)]
    setup = plain_setup(5, legs, [0], is_marker=np.arange(5) == 1, **camps(5, 3))
    assert ways_from(setup, 0) == [([0, 1, 2], pytest.approx(1 / 30))]
    assert ways_from(setup._replace(awareness=2), 0) == [
        ([0, 1, 2], pytest.approx(1 / 30)),
        ([0, 1, 2, 3], pytest.approx(1 / 60)),
    ]


def test_ways_of_a_triangle_do_not_come_back():
    both = [(a, b, 10.0) for a in range(3) for b in range(3) if a != b]
    setup = plain_setup(3, both, [0], awareness=3)
    assert [places for places, _ in ways_from(setup, 0)] == [[0, 1], [0, 1, 2], [0, 2], [0, 2, 1]]


@pytest.mark.parametrize(("awareness", "n"), [(0, 0), (-1, 2), (1, 2)])
def test_awareness_of_nothing_and_of_less(awareness: int, n: int):
    """Flee: with level 0 nobody ever moves, with -1 it is as with 1."""
    setup = plain_setup(4, [(0, 1, 10.0), (0, 2, 10.0), (1, 3, 10.0)], [5], awareness=awareness)
    assert len(ways_from(setup, 0)) == n
    assert simulated(setup, 1).standing[0, 0] == (5 if n == 0 else 0)


def test_where_all_weights_are_zero_all_ways_are_equal():
    """Three camps, all full, at different distances. And who then chooses one of them is turned away."""
    legs = [(0, 1, 10.0), (0, 2, 20.0), (0, 3, 30.0)]
    setup = at_camp(plain_setup(4, legs, [5, 0, 0], capacity=np.array([-1, 10, 10, 10]), **camps(4, 1, 2, 3)))
    setup = setup._replace(inserted=np.array([0, 10, 10, 10]))
    state = state_of(setup, [0, 10, 10, 10])
    find_ways_ahead(as_struct(setup), as_struct(state), 0)
    weight = np.zeros(3)
    write_weights(as_struct(setup), as_struct(state), 0, 0, weight)
    assert weight.tolist() == [1.0, 1.0, 1.0]
    assert simulated(setup, 3).standing[-1].tolist() == [5, 10, 10, 10]


@pytest.mark.parametrize(
    ("threshold", "kept"), [(0.5, [1, 1, 1]), (1.0, [1, 1, 1]), (1.05, [1, 0, 0]), (2.5, [1, 1, 0])]
)
def test_pruning_keeps_what_is_near_the_best(threshold: float, kept: list[int]):
    """Weights 1/10, 1/20, 1/30. Up to 1.001 pruning is off; larger thresholds keep more."""
    legs = [(0, 1, 10.0), (0, 2, 20.0), (0, 3, 30.0)]
    weights = [weight for _, weight in ways_from(plain_setup(4, legs, [0], pruning_threshold=threshold), 0)]
    expected = [keep / km for keep, km in zip(kept, (10, 20, 30), strict=True)]
    assert weights == pytest.approx(expected)


def test_pruning_keeps_what_is_just_as_near_as_the_threshold_says():
    """1.5 / 60 is not less than a third of 1.5 / 20, to the computer too if it divides as Flee does."""
    setup = plain_setup(3, [(0, 1, 10.0), (0, 2, 50.0)], [0], pruning_threshold=3.0, softening_km=10.0)
    weights = [weight for _, weight in ways_from(setup._replace(weight_softening=0.5), 0)]
    assert weights == [1.5 / 20, 1.5 / 60]


def test_weight_by_hand():
    """(0.5 + s x 4^0.5) / (10 + 30)^2, to the power 2, with s = 3 for a place abroad that is no camp."""
    rules = {
        "base_score": np.array([1.0, 3.0]),
        "population": np.array([1.0, 4.0]),
        "population_power": 0.5,
        "weight_softening": 0.5,
        "softening_km": 10.0,
        "distance_power": 2.0,
        "weight_power": 2.0,
    }
    setup = plain_setup(2, [(0, 1, 30.0)], [0], **rules)
    assert ways_from(setup, 0) == [([0, 1], pytest.approx((6.5 / 1600) ** 2))]
    as_camp = setup._replace(**camps(2, 1))
    assert ways_from(as_camp, 0) == [([0, 1], pytest.approx((3.5 / 1600) ** 2))]


def test_near_places_with_latitude_taken_for_longitude():
    """Two places at 60 degrees north, 10 degrees of longitude apart: 1112 km for Flee, not 555."""
    lat, lon = np.array([60.0, 60.0]), np.array([10.0, 20.0])
    setup = plain_setup(2, [(0, 1, 1.0)], [0], stays_close=True, x_degrees=lat, y_degrees=lon)
    km = 6371.0 * np.radians(10.0)
    assert round(km) == 1112
    assert ways_from(setup, 0) == [([0, 1], pytest.approx(km**-0.5))]


@pytest.mark.parametrize(
    ("people", "factor"), [(0, 1.0), (90, 1.0), (95, 0.5), (96, 0.4), (100, 0.0), (200, 0.0)]
)
def test_room_left_falls_from_the_buffer_to_the_full_capacity(people: int, factor: float):
    setup = plain_setup(2, [(0, 1, 1.0)], [0], capacity=np.array([-1, 80]), capacity_scaling=1.25)
    state = state_of(setup, [0, people])
    assert room_left(as_struct(setup), as_struct(state), 1) == pytest.approx(factor)


@pytest.mark.parametrize(("people", "stands"), [(75, [0, 85]), (76, [10, 76])])
def test_a_camp_past_half_of_its_margin_turns_people_away(people: int, stands: list[int]):
    """Capacity 100, buffer 0.5: with 75 people the factor is 0.5, with 76 it is 0.48."""
    setup = at_camp(plain_setup(2, [(0, 1, 50.0)], [10], capacity=np.array([-1, 100]), **camps(2, 1)))
    setup = setup._replace(capacity_buffer=0.5)
    assert simulated(setup._replace(inserted=np.array([0, people])), 1).standing.tolist() == [stands]


def full_camp(**changes: Any) -> StepSetup:
    """A road to a camp for 100 that turns people away above 75, and loses 2 % a day to a town.

    There are 50 people at the start of the road and 76 in the camp, all of them as old.
    """
    setup = plain_setup(3, [(0, 1, 10.0), (1, 2, 10.0)], [0], is_camp=np.array([False, True, False]))
    rest = {
        "capacity_buffer": 0.5,
        "listed": np.array([[0, 0, 50], [1, 0, 76]]),
        "capacity": np.array([-1, 100, -1]),
        "move_chance": np.array([1.0, 0.02, 1.0]),
    }
    return at_camp(setup)._replace(**{**rest, **changes})


def entering(setup: StepSetup, futures: int) -> list[int]:
    """Return how many took the road to the camp on the first day, by future."""
    runs = (simulate_steps(setup, n_days=1, seed=3, member=m, sizes=SMALL) for m in range(futures))
    return [int(run.flows[0, 0]) for run in runs]


@pytest.mark.law
def test_who_decides_before_somebody_leaves_a_full_camp_sees_no_room():
    """Of 50 people as old as those of the camp each enters if one of L who leave it is older: L / (L + 1).

    L is Binomial(76, 0.02), so 50 (1 - (1 - 0.98^77) / (77 x 0.02)) enter on average; z-test on the mean of
    4,000 mornings. False alarms: 1 in 10,000. Catches camps that decide before all others (39.2, not 24.4).
    """
    entered = entering(full_camp(), 4_000)
    expected = 50.0 * (1.0 - (1.0 - 0.98**77) / (77 * 0.02))
    assert abs(np.mean(entered) - expected) < 3.9 * np.std(entered) / np.sqrt(len(entered))


def test_who_is_younger_than_all_in_a_full_camp_sees_the_room_they_leave():
    people = {"listed": np.array([[1, 0, 76]]), "given": np.array([50])}
    assert entering(full_camp(**people, move_chance=np.array([1.0, 0.5, 1.0])), 20) == [50] * 20


def test_people_of_day_0_are_older_where_their_place_comes_first():
    people = {"listed": np.zeros((0, 3), np.int64), "inserted": np.array([50, 76, 0])}
    assert entering(full_camp(**people, move_chance=np.ones(3)), 20) == [0] * 20


@pytest.mark.parametrize("is_camp", [True, False])
def test_who_sees_no_room_chooses_another_way(is_camp: bool):
    """All leave place 1, which is full; those of place 0 are older, see it as it was and take road 0-3."""
    legs = [(0, 1, 10.0), (0, 3, 100.0), (1, 2, 10.0)]
    setup = plain_setup(4, legs, [0], inserted=np.array([50, 76, 0, 0]), capacity=np.array([-1, 70, -1, -1]))
    setup = setup._replace(is_camp=np.array([False, is_camp, False, False]))
    assert simulated(setup, 1).flows.tolist() == [[0, 50, 76]]


@pytest.mark.law
def test_those_of_crowded_places_see_the_room_that_others_leave():
    """Two towns for ten with 20 people each, all as old; all leave. A road leads from one to the other.

    One of the second goes to the first, if eleven of the first are older: 10/21 of them. By the mean of 2,000
    mornings, to 0.25 people: lots by age are not the exact order (one lot gives 20, the exact order 9.5).
    """
    legs = [(0, 2, 500.0), (1, 0, 500.0), (1, 2, 1000.0)]
    setup = plain_setup(3, legs, [0], capacity=np.array([10, 10, -1]), base_score=np.array([1.0, 1.0, 1e-9]))
    setup = setup._replace(listed=np.array([[0, 0, 20], [1, 0, 20]]), intensity=np.zeros(3))
    runs = [simulate_steps(setup, n_days=1, seed=3, member=m, sizes=SMALL).flows[0] for m in range(2_000)]
    assert all(run[0] == 20 for run in runs)
    assert np.mean([run[1] for run in runs]) == pytest.approx(20 * 10 / 21, abs=0.25)


def test_those_who_leave_a_crowded_place_are_seen_in_steps_of_a_twentieth_of_its_margin():
    """100 people in a place for 150, with room for all from 50 down; 100 leave in steps of five.

    The middle of the first step, before anybody was seen to leave, is two less; in the end nobody is there.
    """
    setup = plain_setup(2, [(0, 1, 10.0)], [0], capacity=np.array([150, -1]), capacity_buffer=1 / 3)
    state = state_of(setup)
    fields, kept = as_struct(state), as_struct(setup)
    take_new(fields, 0, 0.0, 1.0)
    stand(kept, fields, 0, 0, 0, -1, 0, 100)
    state.occupants[0] = 100
    start_day(kept, fields)
    find_crowded_places(kept, fields)
    row = state.today[0]
    state.occupants[0], row[LEFT], row[FROM], row[UNTIL] = 0, 100, 16, 32
    find_steps(kept, fields, 0)
    steps = state.counters[N_STEPS]
    assert state.crowded_people[0] == 98
    assert state.step_people[:steps].tolist() == [93, 88, 83, 78, 73, 68, 63, 58, 53, 25]
    assert state.step_time[:steps] == pytest.approx(16 + 16 * np.arange(5, 51, 5) / 100, abs=1e-3)
    assert (show_before(fields, 16.0), state.occupants[0]) == (0, 98)
    assert (show_before(fields, 18.0), state.occupants[0]) == (2, 88)
    forget_crowded_places(fields)
    assert (state.occupants[0], state.is_crowded[0]) == (0, False)


def test_nobody_enters_a_full_camp_that_nobody_leaves():
    assert entering(full_camp(move_chance=np.array([1.0, 0.0, 1.0])), 20) == [0] * 20


def test_those_who_leave_make_room_whatever_the_age_of_those_who_stay():
    """Thirty people spend a night in a full camp (1) on their way (0 to 2); 46 as old as those at 4 stay.

    The first of the thirty who leaves makes room, and all of them are younger than the fifty whose road to
    the camp (4 to 3 to 1) opens that morning: these see no room yet, and stay where they are.
    """
    legs = [(0, 1, 400.0), (1, 2, 10.0), (3, 1, 10.0), (4, 3, 10.0)]
    setup = plain_setup(5, legs, [30, 0], awareness=2, arrives_on_equal=True, capacity_buffer=0.5)
    setup = setup._replace(
        is_camp=np.array([False, True, True, False, False]),
        capacity=np.array([-1, 100, -1, -1, -1]),
        base_score=np.array([0.0, 1e-9, 1.0, 0.0, 0.0]),
        move_chance=np.array([1.0, 0.0, 0.0, 1.0, 1.0]),
        inserted=np.array([0, 46, 0, 0, 50]),
        event_day=np.array([0, 1]),
        event_kind=np.array([CLOSE_LEG, OPEN_LEG]),
        event_target=np.array([3, 3]),
        event_value=np.zeros(2),
    )
    kept = simulated(at_camp(setup), 2)
    assert list(kept.standing[0]) == [0, 76, 0, 0, 50]
    assert list(kept.standing[1]) == [0, 46, 30, 0, 50]


@pytest.mark.law
def test_a_camp_has_room_when_so_many_have_left_that_it_is_half_way_through_its_margin():
    """Of 78 people all leave, and the third makes room; on average 3 of 79 of the others are older than that.

    z-test on the mean of 2,000 mornings. False alarms: 1 in 10,000.
    """
    crowd = np.array([[0, 0, 50], [1, 0, 78]])
    entered = entering(full_camp(listed=crowd, move_chance=np.ones(3)), 2_000)
    assert abs(np.mean(entered) - 50 * (1 - 3 / 79)) < 3.9 * np.std(entered) / np.sqrt(len(entered))


def test_a_camp_closes_on_the_way_when_it_is_half_way_through_its_margin():
    """200 people come through a town on one day. Capacity 100, buffer 0.5: the 76th is the last to get in."""
    setup = at_camp(plain_setup(3, [(0, 1, 50.0), (1, 2, 50.0)], [200], **camps(3, 2)))
    setup = setup._replace(capacity=np.array([-1, -1, 100]), capacity_buffer=0.5)
    assert simulated(setup, 1).standing.tolist() == [[0, 124, 76]]


def test_who_left_home_first_gets_the_last_room():
    """100 people of day 0 and 100 of day 1 pass two towns on day 1, on their way to a camp that closes at 76.

    A day that is cut at random instead of by age gives some of the room to those of day 1.
    """
    legs = [(0, 2, 700.0), (1, 3, 100.0), (2, 4, 50.0), (3, 4, 50.0)]
    setup = at_camp(plain_setup(5, legs, [100, 100], **camps(5, 4)))
    setup = setup._replace(
        population=np.array([1000.0, 1000.0, 0.0, 0.0, 0.0]),
        capacity=np.array([-1, -1, -1, -1, 100]),
        capacity_buffer=0.5,
        event_day=np.array([1, 1]),
        event_kind=np.array([CONFLICT_OFF, CONFLICT_ON]),
        event_target=np.array([0, 1]),
        event_value=np.array([0.0, 1.0]),
    )
    assert simulated(setup, 2).standing[-1].tolist() == [0, 0, 24, 100, 76]


@pytest.mark.parametrize(("age_apart", "enter"), [(8.0, {28}), (math.inf, {22, 23, 24, 25, 26, 27})])
def test_who_left_at_different_times_and_waits_at_one_place_keeps_their_age(
    age_apart: float, enter: set[int]
):
    """18 people of day 0 and 2 of day 10 wait in a town, 10 of day 5 next to a camp that closes at 24.

    On day 12 roads open. The 18 come to it by another town before the 10 do, whose plan leads nowhere else;
    the 2 find it closed. As one cohort the 20 come spread evenly over some days, and more find it closed.
    """
    legs = [(0, 1, 10.0), (0, 4, 10.0), (1, 2, 10.0), (2, 3, 10.0), (4, 3, 10.0)]
    given = [18, 0, 0, 0, 0, 10, 0, 0, 0, 0, 2, 0, 0]
    events = [(0, CLOSE_LEG, leg) for leg in (1, 2, 4)] + [(5, CLOSE_LEG, 0), (5, OPEN_LEG, 1)]
    events += [(9, OPEN_LEG, 0), (9, CLOSE_LEG, 1), (12, OPEN_LEG, 2), (12, OPEN_LEG, 4)]
    days, kinds, targets = (np.array(column) for column in zip(*events, strict=True))
    setup = at_camp(plain_setup(5, legs, given, **camps(5, 3)))._replace(
        capacity=np.array([-1, -1, -1, 25, -1]),
        event_day=days,
        event_kind=kinds,
        event_target=targets,
        event_value=np.zeros(len(events)),
        few_rows=np.full(13, 100),
        age_apart=8.0,
    )
    lumped = setup._replace(age_apart=math.inf)
    runs = [[simulated(each, 13, seed=seed).standing for seed in range(20)] for each in (setup, lumped)]
    assert all(run[11].tolist() == [0, 20, 0, 0, 10] for both in runs for run in both)
    assert all(run[12].tolist() == [0, 0, 2, 28, 0] for run in runs[0])
    assert min(run[12, 3] for run in runs[1]) < 28


def test_capacity_grows_by_the_day():
    setup = at_camp(plain_setup(2, [(0, 1, 50.0)], [10, 0, 0], capacity=np.array([-1, 100]), **camps(2, 1)))
    setup = setup._replace(inserted=np.array([0, 100]), capacity_per_day=np.array([0, 2]))
    assert simulated(setup, 3).standing.tolist() == [[10, 100], [10, 100], [0, 110]]


def test_a_camp_is_settled_if_few_leave_it():
    """Chances 0.01 and 0.02 of camps, 0.01 of a town; where food or floods change them, none."""
    setup = plain_setup(3, [(0, 1, 1.0)], [0], is_camp=np.array([True, True, False]))
    setup = setup._replace(move_chance=np.array([0.01, 0.02, 0.01]))
    hungry = setup._replace(chance_share=np.ones((1, 3, 2)), chance_least=np.zeros((1, 3, 2)))
    for case, settled in ((setup, [True, False, False]), (hungry, [False] * 3)):
        state = state_of(case)
        work_out_scores(as_struct(case), as_struct(state), 0)
        assert state.is_settled.tolist() == settled


def test_move_chance_grows_with_the_size_of_a_place():
    """(population 0 / 100)^1 = 0 keeps everybody in the town, (10,000 / 100)^1 lets all go."""
    move = {"size_power": 1.0, "size_base": 100.0, "move_chance": np.array([1.0, 0.5, 0.0])}
    setup = plain_setup(3, [(0, 1, 399.0), (1, 2, 399.0)], [10, 0], **move)
    assert simulated(setup, 2).standing[-1].tolist() == [0, 10, 0]
    large = setup._replace(population=np.array([1000.0, 10_000.0, 0.0]))
    assert simulated(large, 1).standing[-1].tolist() == [0, 0, 10]


# Leaving home


@pytest.mark.parametrize(
    ("start", "by_day"),
    [
        (-1, {0: 0.31623, 88: 0.31623, 89: 0.56234, 118: 0.56234, 119: 0.89125, 500: 0.89125}),
        (0, {0: 0.31623, 89: 0.31623, 90: 0.56234, 120: 0.89125}),
    ],
)
def test_an_old_conflict_repels_less(start: int, by_day: dict[int, float]):
    decay = np.array([1.0, 1.0, 1.0, 0.5, 0.1])
    setup = plain_setup(2, [(0, 1, 1.0)], [0], decay=decay, conflict_start=np.array([start, -1]))
    state = state_of(setup)
    for day, score in by_day.items():
        work_out_scores(as_struct(setup), as_struct(state), day)
        assert state.score[0] == pytest.approx(score, abs=5e-6)


def decaying_setup(*events: tuple[int, int, int, float]) -> StepSetup:
    """Two zones whose people leave for three days: one in conflict since day 0, one by its type (day -1)."""
    columns = list(zip(*events, strict=True)) if events else [(), (), (), ()]
    return plain_setup(
        5,
        [(0, 3, 500.0), (1, 3, 500.0), (2, 3, 500.0)],
        [0, 0, 0, 10, 0],
        population=np.array([1000.0, 1000.0, 1000.0, 0.0, 0.0]),
        intensity=np.array([1.0, 1.0, 0.0, 0.0, 0.0]),
        conflict_start=np.array([0, -1, -1, -1, -1]),
        decay=np.array([1.0, 0.0]),
        decay_days=3.0,
        event_day=np.array(columns[0], np.int64),
        event_kind=np.array(columns[1], np.int64),
        event_target=np.array(columns[2], np.int64),
        event_value=np.array(columns[3], np.float64),
    )


def test_departures_follow_the_decay_one_day_late():
    """On day 3 the weights are those of day 2: the zone of day 0 is two days old, the other three."""
    assert simulated(decaying_setup(), 4).flows[3].tolist() == [10, 0, 0]


def test_departures_follow_the_decay_at_once_where_a_conflict_switches():
    setup = decaying_setup((3, CONFLICT_ON, 2, 0.5))
    assert simulated(setup, 4).flows[3].tolist() == [0, 0, 10]


def test_a_decay_of_ninety_days_is_first_felt_on_day_91():
    setup = plain_setup(2, [(0, 1, 1.0)], [0], decay=np.array([1.0, 1.0, 1.0, 0.5]))
    setup = setup._replace(conflict_start=np.zeros(2, np.int64))
    state, used = state_of(setup), []
    work_out_leave_weights(as_struct(setup), as_struct(state), 0)
    for day in range(93):
        used.append(float(state.leave_weight[0]))
        work_out_leave_weights(as_struct(setup), as_struct(state), day)
    assert used == [1000.0] * 91 + [500.0] * 2


def test_who_leaves_is_taken_from_the_population():
    setup = plain_setup(2, [(0, 1, 500.0)], [0] * 3, takes_from_population=True)
    setup = setup._replace(leaving=POPULATION_SHARE, displaced_per_day=0.5, population=np.array([100.0, 0.0]))
    assert simulated(setup, 3).created.tolist() == [50, 75, 87]
    assert simulated(setup._replace(takes_from_population=False), 3).created.tolist() == [50, 100, 150]


def test_a_share_of_the_population_is_rounded_down_in_the_order_of_flee():
    """0.01 x 1000 x 0.7 is 7 in this order; 0.01 x 0.7 x 1000 would be 6.999 and a little."""
    setup = plain_setup(2, [(0, 1, 500.0)], [0], intensity=np.array([0.7, 0.0]))
    setup = setup._replace(leaving=POPULATION_SHARE, displaced_per_day=0.01)
    assert simulated(setup, 1).created.tolist() == [7]


@pytest.mark.parametrize(("home", "flows"), [(1, [10, 10, 0]), (0, [0, 10, 10])])
def test_people_who_flee_from_fighting_appear_one_place_after_another(home: int, flows: list[int]):
    """Ten flee from each of two places for 5 people. Who comes first finds the other full, and goes to 2."""
    other = 1 - home
    legs = [(other, 2, 500.0), (home, other, 500.0), (home, 2, 1000.0)]
    setup = plain_setup(3, legs, [0], capacity=np.array([5, 5, -1]), base_score=np.array([1.0, 1.0, 1e-9]))
    setup = setup._replace(
        leaving=CONSTANT, displaced_per_day=10.0, intensity=np.array([1.0, 1.0, 0.0]), conflict_weight=1.0
    )
    assert simulated(setup, 1).flows.tolist() == [flows]


def test_a_zone_that_a_closure_turns_into_a_town_sends_nobody_on_the_next_day():
    setup = decaying_setup((2, CLOSE_CAMP, 0, 0.0))._replace(decay=np.ones(1))
    setup = setup._replace(given=np.array([0, 0, 10, 10]), population=np.array([1e9, 1.0, 0.0, 0.0, 0.0]))
    kept = simulated(setup, 4)
    assert (kept.flows[2].tolist(), kept.flows[3].tolist()) == ([10, 0, 0], [0, 10, 0])


# Closures


def closing(*events: tuple[int, int, int]) -> dict[str, Any]:
    """Return events (day, kind, leg)."""
    return {
        "event_day": np.array([event[0] for event in events], np.int64),
        "event_kind": np.array([event[1] for event in events], np.int64),
        "event_target": np.array([event[2] for event in events], np.int64),
        "event_value": np.zeros(len(events)),
    }


def test_who_is_on_a_road_that_closes_comes_back_although_it_has_opened_again():
    """950 km at 400 a day: arrives on day 2. Closed on day 1, opened on day 2: back at the start."""
    move = {"move_chance": np.array([1.0, 0.0])}
    events = closing((1, CLOSE_LEG, 0), (2, OPEN_LEG, 0))
    setup = plain_setup(2, [(0, 1, 950.0)], [1, 0, 0, 0, 0, 0], **move, **events)
    kept = simulated(setup, 6)
    assert kept.standing.tolist() == [[0, 0], [0, 0], [1, 0], [0, 0], [0, 0], [0, 1]]
    assert kept.flows[:, 0].tolist() == [1, 0, 0, 1, 0, 0]


def test_who_comes_back_from_a_closed_road_takes_room_in_turn():
    """Ten come back to a town (1) for ten, on the day on which five who are older come by (3) and find room.

    If those who come back were there before all others, the five would go to 4.
    """
    legs = [(0, 3, 1000.0), (1, 2, 950.0), (3, 1, 10.0), (3, 4, 10.0)]
    setup = plain_setup(5, legs, [0, 0, 0], **closing((1, CLOSE_LEG, 1)), intensity=np.zeros(5))
    setup = setup._replace(
        inserted=np.array([5, 10, 0, 0, 0]),
        capacity=np.array([-1, 10, -1, -1, -1]),
        base_score=np.array([1.0, 1.0, 1.0, 1.0, 1e-9]),
    )
    assert simulated(setup, 3).standing[-1].tolist() == [0, 15, 0, 0, 0]


def test_who_comes_back_goes_on_to_the_next_place_of_the_route():
    """Places 0-1-2, chosen from 0 as one route (the score of 1 is 0). 0-1 closes; 0-2 is another road."""
    legs = [(0, 1, 950.0), (0, 2, 9000.0), (1, 2, 10.0)]
    rules = {"awareness": 2, "base_score": np.array([1.0, 0.0, 1.0]), "distance_power": 20.0}
    setup = plain_setup(3, legs, [1, 0, 0, 0], **rules, **closing((1, CLOSE_LEG, 0)))
    kept = simulated(setup, 4)
    assert kept.flows.tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 0], [0, 1, 0]]


def instance_of(folder: Path, settings: str = "", **files: str) -> FleeInstance:
    """Return the tiny instance with other files, and lines added to its rules of movement."""
    text = flee_tiny.FILES["settings.yml"].replace("move_rules:\n", f"move_rules:\n{settings}")
    return flee_tiny.read(flee_tiny.write_files(folder, settings=text, **files))


def same(first: FleeInstance, second: FleeInstance) -> None:
    """Assert that two instances give the same futures to the last person."""
    one, other = (run_flee(instance, replicates=3, seed=4) for instance in (first, second))
    assert_array_equal(one.simulated, other.simulated)
    assert_array_equal(one.entered, other.entered)
    assert one.entered.sum() > 0


CLOSURES = flee_tiny.FILES["input_csv/closures.csv"]


def test_a_link_closure_has_no_effect_as_run_and_closes_both_ways_as_meant(tmp_path):
    closures = f"{CLOSURES}link,CampTwo,Beta,5,12\n"
    closed = instance_of(tmp_path / "closed", closures=closures)
    same(closed, instance_of(tmp_path / "open"))
    meant = flee_tiny.read(tmp_path / "closed", law="as-meant")
    entered = run_flee(meant, replicates=3, seed=4).entered[:, :, 4:6].sum(axis=(0, 2))
    assert (entered[5:12] == 0).all() and entered[:5].sum() > 0 and (entered[12:] > 0).all()


def test_a_location_closure_closes_every_road_whatever_its_second_name(tmp_path):
    closed = instance_of(tmp_path / "a", closures=f"{CLOSURES}location,Beta,CampTwo,5,12\n")
    same(closed, instance_of(tmp_path / "b", closures=f"{CLOSURES}location,Beta,Alpha,5,12\n"))
    entered = run_flee(closed, replicates=3, seed=4).entered.sum(axis=(0, 2))
    assert (entered[5:12] == 0).all() and (entered[12:] > 0).all()


def test_intensity_is_that_of_the_day_on_which_the_conflict_began(tmp_path):
    def conflicts(values: list[float]) -> str:
        rows = [f"{day},{value},{0.5},0,0" for day, value in enumerate(values)]
        return "\n".join(["#Day,Alpha,Beta,Camp One,CampTwo", *rows]) + "\n"

    locations = flee_tiny.FILES["input_csv/locations.csv"].replace("town,,", "town,,9000")
    first = instance_of(tmp_path / "a", locations=locations, conflicts=conflicts([0.2] * 5 + [1.0] * 15))
    same(first, instance_of(tmp_path / "b", locations=locations, conflicts=conflicts([0.2] * 20)))


def test_the_type_of_a_place_counts_although_conflicts_csv_says_nothing(tmp_path):
    """Without decay, since a conflict by type is one day older than one that begins on day 0."""
    quiet = flee_tiny.FILES["input_csv/conflicts.csv"].replace(",1,0,0,0", ",0,0,0,0")
    settings = flee_tiny.FILES["settings.yml"].replace("[1.0,1.0,1.0,0.5,0.1]", "[1.0]")
    folders = [
        flee_tiny.write_files(tmp_path / "a", conflicts=quiet, settings=settings),
        flee_tiny.write_files(tmp_path / "b", settings=settings),
    ]
    same(*(flee_tiny.read(folder) for folder in folders))


def test_a_negative_awareness_level_is_the_same_as_1(tmp_path):
    same(instance_of(tmp_path / "a", "  awareness_level: -1\n"), instance_of(tmp_path / "b"))


# Day 0


@pytest.mark.parametrize(("capacity", "room"), [(1000, 800), (240, 40), (201, 1), (200, 0), (150, -50)])
def test_people_of_day_0_count_twice_against_the_capacity(tmp_path, capacity: int, room: int):
    """CampTwo holds 200 people on day 0; scaling 1.25. 0 or less is no limit at all."""
    locations = flee_tiny.FILES["input_csv/locations.csv"].replace("camp,,10000", f"camp,,{capacity}")
    instance = instance_of(tmp_path, "  camp_movechance: 0\n", locations=locations)
    setup, _ = step_setup(instance, data_table(instance))
    assert setup.capacity[3] == room
    state = state_of(setup)
    factor_at = dict.fromkeys((999, 1000, 10**6), 0.0)
    for people in factor_at:
        state.occupants[3] = people
        factor_at[people] = room_left(as_struct(setup), as_struct(state), 3)
    largest = run_flee(instance, seed=1).simulated[0, :, 1].max()
    if capacity == 1000:
        assert factor_at[999] > 0.0 == factor_at[1000]
    elif room > 0:
        assert factor_at[999] == 0.0 and largest == 200
    else:
        assert factor_at[10**6] == 1.0 and largest > 1000


def test_camps_that_start_empty_have_their_capacity_reduced_all_the_same(tmp_path):
    folder = flee_tiny.write_files(tmp_path)
    settings = folder / "settings.yml"
    text = settings.read_text("utf-8").replace(
        "spawn_rules:\n", "spawn_rules:\n  empty_camps_on_day0: true\n"
    )
    settings.write_text(text, "utf-8")
    instance = flee_tiny.read(folder)
    setup, _ = step_setup(instance, data_table(instance))
    assert setup.capacity.tolist() == [-1, -1, 19_700, 9_800]
    assert setup.inserted.sum() == 0


@pytest.mark.parametrize(("from_camps", "people"), [("true", 1000), ("false", 500)])
def test_without_insertion_day_0_spawns_total_and_sites(tmp_path, from_camps: str, people: int):
    folder = flee_tiny.write_files(tmp_path)
    rules = f"spawn_rules:\n  insert_day0: false\n  sum_from_camps: {from_camps}\n"
    settings = folder / "settings.yml"
    settings.write_text(settings.read_text("utf-8").replace("spawn_rules:\n", rules), "utf-8")
    assert run_flee(flee_tiny.read(folder), seed=1).created[0, 0] == people


# Groups


def test_age_rules(tmp_path):
    """Score of (conflict zone, camp of weight 2): girl 10: 0.1, 4; boy 16, man 45: 1, 1; woman: 0.3162, 2."""
    rules = "  ChildrenAvoidHazards: true\n  BoysTakeRisk: true\n  camp_weight: 2\n"
    demographics = {
        "demographics_age": "age,Default\n10,1\n16,1\n45,2\n",
        "demographics_gender": "gender,Default\nfemale,3\nmale,1\n",
    }
    instance = instance_of(tmp_path, rules, **demographics)
    setup, _ = step_setup(instance, data_table(instance))
    state = state_of(setup)
    assert setup.score_power.tolist() == [2.0, 0.0, 1.0]  # children, males above 14, women of age
    scores = [(state.score[0] ** power, state.score[2] ** power) for power in setup.score_power]
    assert scores[0] == pytest.approx((0.1, 4.0))
    assert scores[1] == (1.0, 1.0)
    assert scores[2] == pytest.approx((0.31623, 2.0), abs=1e-5)
    assert (setup.group_weight[0] * 16).tolist() == [3 + 1 + 3, 1 + 2, 6]


def test_economic_pull_counts_abroad(tmp_path):
    """CampTwo: 1 + 0.5 + 0.6^2 = 1.86, times the weight of places abroad."""
    rows = flee_tiny.FILES["input_csv/locations.csv"].splitlines()
    header, places = f"{rows[0]},trade_volume,hdi", [f"{row},0.5,0.6" for row in rows[1:]]
    locations = "\n".join([header, *places]) + "\n"
    instance = instance_of(tmp_path, "  use_economic_pull: true\n  foreign_weight: 2\n", locations=locations)
    setup, _ = step_setup(instance, data_table(instance))
    assert setup.base_score == pytest.approx([1.0, 1.0, 3.72, 3.72])


def test_people_of_agents_csv_stand_where_they_are_listed(tmp_path):
    folder = flee_tiny.write_files(tmp_path, agents="location,age\nBeta,12\nBeta,40\nAlpha,3\n")
    settings = folder / "settings.yml"
    rules = "spawn_rules:\n  read_from_agents_csv_file: true\n"
    settings.write_text(settings.read_text("utf-8").replace("spawn_rules:\n", rules), "utf-8")
    instance = flee_tiny.read(folder)
    setup, _ = step_setup(instance, data_table(instance))
    assert setup.inserted.tolist() == [0, 0, 300, 200]
    assert setup.listed.tolist() == [[1, 0, 2], [0, 0, 1]]
    assert run_flee(instance, seed=1).created[0, 0] == 503


def test_tables_have_room_for_large_networks_from_the_start():
    """Four rows a place and a way a leg, in powers of two, and no less than a small network has."""
    assert sizes_to_begin_with(plain_setup(2, [(0, 1, 10.0)], [0])) == StepSizes()
    assert sizes_to_begin_with(plain_setup(0, [], [0])) == StepSizes()
    roads = [(place, place + 1, 10.0) for place in range(4_999)]
    sizes = sizes_to_begin_with(plain_setup(5_000, roads, [0]))
    assert sizes == StepSizes(cohorts=32_768, plans=8_192, ways=8_192)
