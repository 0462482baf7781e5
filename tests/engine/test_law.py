"""The law, case by case: what engine and twin must give by docs/law.md.

Where nothing is left to chance `run_both` runs a world on both, holds them to each other in every number, and
the test states the figures worked out by hand. Where chance decides, the engine's numbers are compared with a
closed form; each of 36 p-values gives a false alarm for 1 seed in 100,000.

The engine was broken in 39 ways: a comparison swapped, a factor or a state forgotten, phases in another
order. This file catches 38; the last, gates opened after the room factors are fixed, changes nothing, as
people at the gate count as occupants.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from compare import engine_future, engine_stocks, setup_of
from laws import ALARM, p_value_of_counts, p_value_of_draws
from numpy.testing import assert_array_equal
from numpy.typing import NDArray
from scipy.stats import binom, chi2, hypergeom
from twin import KINDS, STATES, World, random_world
from worlds import CERTAIN, Event, Roads, make_world, people_in, plain_group, run_both

from corridor.engine.law import leg_seconds


def only(kind: str) -> dict[str, float]:
    """Return attractions under which people go to places of one kind alone."""
    return {each: float(each == kind) for each in KINDS}


def uncompiled(function: Any) -> Any:
    """Return a function of the engine as Python, whether it is compiled or not."""
    return getattr(function, "py_func", function)


# Travelling


def test_leg_of_exactly_one_day_ends_today_and_the_next_begins():
    result = run_both(make_world(["town", "junction", "camp"], [(0, 1, 100), (1, 2, 100)], {0: [10]}, 2))
    assert people_in(result, 1, "travelling") == [0, 10, 0]  # counted at the place last left
    assert people_in(result, 2, "in_camp") == [0, 0, 10]
    assert result.flows[:, [0, 2]].tolist() == [[0, 0], [10, 10], [0, 0]]
    assert result.arrivals[:, 2].tolist() == [0, 0, 10]


def test_leg_one_second_longer_than_a_day_ends_tomorrow():
    km = 100 * (86_401 / 86_400)
    result = run_both(make_world(["town", "junction", "camp"], [(0, 1, km), (1, 2, 50)], {0: [10]}, 2))
    assert people_in(result, 0, "travelling") == [0, 10, 0]
    assert result.flows[:, [0, 2]].tolist() == [[0, 0], [10, 0], [0, 10]]
    assert people_in(result, 2, "in_camp") == [0, 0, 10]


def test_several_legs_on_one_day():
    result = run_both(make_world(["town", "junction", "camp"], [(0, 1, 30), (1, 2, 70)], {0: [10]}, 1))
    assert people_in(result, 2, "in_camp") == [0, 10]


def test_first_leg_is_on_foot_and_the_second_is_not():
    """50 km at 20 km a day end at noon of day 3; the 100 km after that, at 200 a day, exactly fill day 3."""
    rules = {"first_leg_on_foot": True, "walk_km_per_day": 20.0, "ride_km_per_day": 200.0}
    roads: Roads = [(0, 1, 50), (1, 2, 100)]
    result = run_both(make_world(["town", "junction", "camp"], roads, {0: [10]}, 3, rules=rules))
    assert people_in(result, 0, "travelling") == [0, 10, 10, 0]
    assert people_in(result, 2, "in_camp") == [0, 0, 0, 10]


@pytest.mark.parametrize("on_foot", [False, True])
def test_groups_travel_at_their_own_speed(on_foot: bool):
    groups = [plain_group(), plain_group(speed_factor=0.5)]
    world = make_world(["town", "camp"], [(0, 1, 100)], {0: [3, 4]}, 2, groups=groups)
    world.rules["first_leg_on_foot"] = on_foot  # 100 km a day either way
    result = run_both(world)
    assert people_in(result, 1, "in_camp", group=0) == [0, 3, 3]
    assert people_in(result, 1, "in_camp", group=1) == [0, 0, 4]


def test_of_equal_ways_the_last_leg_starts_first_in_order_of_name():
    """A to E by B, C or D: all 40 km. The way by B is taken."""
    roads: Roads = [
        (0, 3, 10),
        (3, 4, 30),
        (0, 2, 20),
        (2, 4, 20),
        (0, 1, 30),
        (1, 4, 10),
    ]
    result = run_both(make_world(["town", "junction", "junction", "junction", "camp"], roads, {0: [10]}, 1))
    assert result.flows[1].tolist() == [0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 10, 0]


def test_people_on_a_leg_that_closes_go_on_and_stop_before_the_next_closed_one():
    events: list[Event] = [(2, "route", 0, 0.0), (2, "route", 2, 0.0)]
    roads: Roads = [(0, 1, 150), (1, 2, 10)]
    result = run_both(make_world(["town", "junction", "camp"], roads, {0: [10]}, 3, events=events))
    assert people_in(result, 0, "travelling") == [0, 10, 0, 0]
    assert people_in(result, 1, "displaced") == [0, 0, 10, 10]
    assert result.arrivals[:, 1].tolist() == [0, 0, 10, 0]


def test_who_leaves_again_after_a_stop_rides():
    """On foot to the camp (50 km at 25 a day), where fighting starts on day 3: the next 100 km are ridden."""
    rules = {"first_leg_on_foot": True, "walk_km_per_day": 25.0, "attraction": only("camp")}
    world = make_world(["town", "camp", "camp"], [(0, 1, 50), (1, 2, 100)], {0: [10]}, 3, rules=rules)
    world.site_open[2] = False
    world.events = [(3, "fighting", 1, 1.0), (3, "site", 2, 1.0)]
    result = run_both(world)
    assert people_in(result, 0, "travelling") == [0, 10, 0, 0]
    assert people_in(result, 1, "in_camp") == [0, 0, 10, 0]
    assert people_in(result, 2, "in_camp") == [0, 0, 0, 10]


@pytest.mark.parametrize(
    ("km", "km_per_day", "speed_factor", "seconds"),
    [
        (100, 100, 1.0, 86_400),
        (0.001, 100, 1.0, 1),  # 0.864 seconds
        (0.001, 200, 1.0, 1),  # 0.432 seconds: at least 1
        (0.1, 3456, 1.0, 3),  # 2.5 seconds: half up
        (50, 100, 0.25, 172_800),
    ],
)
def test_seconds_of_a_leg(km: float, km_per_day: float, speed_factor: float, seconds: int):
    groups = [plain_group(speed_factor=speed_factor)]
    world = make_world(["town", "camp"], [(0, 1, km)], {0: [1]}, 1, groups=groups)
    world.rules["ride_km_per_day"] = float(km_per_day)
    setup, _ = setup_of(world)
    assert uncompiled(leg_seconds)(setup, 0, 0, 0) == seconds


# Trapped


def test_siege_traps_everybody_until_it_is_lifted_and_spares_a_group_that_is_not_held():
    groups = [plain_group(), plain_group(held_by_siege=False)]
    events: list[Event] = [(3, "siege", 0, 0.0)]
    world = make_world(["town", "camp"], [(0, 1, 50)], {0: [6, 4]}, 3, groups=groups, events=events)
    world.siege[0] = 1.0
    result = run_both(world)
    assert people_in(result, 0, "trapped", group=0) == [0, 6, 6, 0]
    assert people_in(result, 1, "in_camp", group=0) == [0, 0, 0, 6]
    assert people_in(result, 1, "in_camp", group=1) == [0, 4, 4, 4]


def test_nobody_leaves_without_fighting_and_the_trapped_stay_trapped_after_it():
    events: list[Event] = [(1, "fighting", 0, 0.0), (2, "fighting", 0, 1.0), (3, "fighting", 0, 0.0)]
    world = make_world(["town", "camp"], [(0, 1, 50)], {0: [6]}, 3, events=events)
    world.route_open[0] = False
    result = run_both(world)
    assert people_in(result, 0, "resident") == [6, 6, 0, 0]
    assert people_in(result, 0, "trapped") == [0, 0, 6, 6]


@pytest.mark.parametrize("why", ["closed road", "closed site", "no capacity", "too far", "no attraction"])
@pytest.mark.parametrize("return_rate", [0.0, 0.1])  # who may return looks for ways home at any distance
def test_trapped_where_no_destination_has_a_weight(why: str, return_rate: float):
    world = make_world(["town", "camp"], [(0, 1, 50)], {0: [6]}, 1)
    world.rules["return_rate_per_day"] = return_rate
    if why == "closed road":
        world.route_open[0] = False
    elif why == "closed site":
        world.site_open[1] = False
    elif why == "no capacity":
        world.capacity[1] = 0.0
    elif why == "too far":
        world.rules["awareness_km"] = 49.9
    else:
        world.rules["attraction"]["camp"] = 0.0
    assert people_in(run_both(world), 0, "trapped") == [0, 6]


def test_the_trapped_go_as_soon_as_a_road_opens():
    world = make_world(["town", "camp"], [(0, 1, 50)], {0: [6]}, 3, events=[(3, "route", 0, 1.0)])
    world.route_open[0] = False
    result = run_both(world)
    assert people_in(result, 0, "trapped") == [0, 6, 6, 0]
    assert people_in(result, 1, "in_camp") == [0, 0, 0, 6]


def test_a_siege_keeps_those_at_home_and_not_those_who_pass_through():
    """A is reached through B, which is under siege: who lives in B stays, who comes from C passes."""
    roads: Roads = [(2, 1, 50), (1, 0, 10)]
    world = make_world(
        ["camp", "town", "town"], roads, {1: [4], 2: [6]}, 2, rules={"attraction": only("camp")}
    )
    world.siege[1] = 1.0
    result = run_both(world)
    assert people_in(result, 1, "trapped") == [0, 4, 4]
    assert people_in(result, 0, "in_camp") == [0, 6, 6]


def test_a_corridor_that_opens_closes_and_opens_again():
    """Ten are shut in. On days 2 and 3 the road is open to three a day, then shut, then open without limit.

    Who waits for the road when it closes is trapped again.
    """
    events: list[Event] = [
        (2, "route", 0, 1.0),
        (2, "route_throughput", 0, 3.9),  # the integer part counts
        (4, "route", 0, 0.0),
        (6, "route_throughput", 0, 100.0),
        (6, "route", 0, 1.0),
    ]
    world = make_world(["town", "camp"], [(0, 1, 50)], {0: [10]}, 6, events=events)
    world.route_open[0] = False
    result = run_both(world)
    assert people_in(result, 0, "trapped") == [0, 10, 0, 0, 4, 4, 0]
    assert people_in(result, 0, "waiting") == [0, 0, 7, 4, 0, 0, 0]
    assert people_in(result, 1, "in_camp") == [0, 0, 3, 6, 6, 6, 10]
    assert result.flows[:, 0].tolist() == [0, 0, 3, 3, 0, 0, 4]


def test_awareness_reaches_a_place_at_exactly_its_distance():
    world = make_world(["town", "camp"], [(0, 1, 50)], {0: [6]}, 1, rules={"awareness_km": 50.0})
    assert people_in(run_both(world), 1, "in_camp") == [0, 6]


# Queues


def test_throughput_lets_twenty_a_day_through_in_order_of_the_day_of_arrival():
    """Sixty of group 0 reach the screening site C on day 1, twenty of group 1 on day 2."""
    world = make_world(
        ["town", "town", "screening_site", "camp"],
        [(0, 2, 50), (1, 2, 150), (2, 3, 10)],
        {0: [60, 0], 1: [0, 20]},
        4,
        groups=[plain_group(), plain_group()],
        rules={"attraction": {kind: float(kind == "camp") for kind in KINDS}},
    )
    world.throughput[2] = 20.9  # the integer part counts
    result = run_both(world)
    assert people_in(result, 3, "in_camp", group=0) == [0, 20, 40, 60, 60]
    assert people_in(result, 3, "in_camp", group=1) == [0, 0, 0, 0, 20]
    assert people_in(result, 2, "waiting", group=0) == [0, 40, 20, 0, 0]
    assert people_in(result, 2, "waiting", group=1) == [0, 0, 20, 20, 0]
    assert result.flows[:, 4].tolist() == [0, 20, 20, 20, 20]
    assert result.arrivals[:, 2].tolist() == [0, 0, 0, 0, 0]  # who waits on the way has not stopped


def test_each_place_on_the_way_asks_anew():
    roads: Roads = [(0, 1, 50), (1, 2, 10), (2, 3, 10)]
    world = make_world(["town", "screening_site", "screening_site", "camp"], roads, {0: [5]}, 2)
    world.throughput[1:3] = [4.0, 2.0]
    result = run_both(world)
    assert people_in(result, 1, "waiting") == [0, 1, 0]
    assert people_in(result, 2, "waiting") == [0, 2, 1]
    assert people_in(result, 3, "in_camp") == [0, 2, 4]


def test_a_day_waited_at_one_place_counts_for_nothing_at_the_next():
    roads: Roads = [(0, 1, 50), (1, 2, 10), (2, 3, 10)]
    world = make_world(["town", "screening_site", "screening_site", "camp"], roads, {0: [10]}, 4)
    world.throughput[1:3] = [0.0, 3.0]
    world.events = [(2, "throughput", 1, 100.0)]
    result = run_both(world)
    assert people_in(result, 1, "waiting") == [0, 10, 0, 0, 0]
    assert people_in(result, 2, "waiting") == [0, 0, 7, 4, 1]
    assert people_in(result, 3, "in_camp") == [0, 0, 3, 6, 9]


def test_who_is_let_through_is_not_asked_again_while_waiting_for_the_road():
    """Day 1: all five are let through, two get on the road. Throughput falls to 0; the others still go."""
    world = make_world(["town", "screening_site", "camp"], [(0, 1, 50), (1, 2, 10)], {0: [5]}, 3)
    world.throughput[1] = 5.0
    world.route_throughput[2] = 2.0
    world.events = [(2, "throughput", 1, 0.0)]
    result = run_both(world)
    assert people_in(result, 1, "waiting") == [0, 3, 1, 0]
    assert people_in(result, 2, "in_camp") == [0, 2, 4, 5]


def test_a_queue_of_two_days_is_served_up_to_the_limit_of_the_day():
    """Nobody is let through before day 3; then the fifteen since day 1 go first, and five of those since
    day 2.
    """
    world = make_world(
        ["town", "town", "screening_site", "camp"],
        [(0, 2, 50), (1, 2, 150), (2, 3, 10)],
        {0: [15, 0], 1: [0, 30]},
        4,
        groups=[plain_group(), plain_group()],
        rules={"attraction": {kind: float(kind == "camp") for kind in KINDS}},
    )
    world.throughput[2] = 0.0
    world.events = [(3, "throughput", 2, 20.0)]
    result = run_both(world)
    assert people_in(result, 3, "in_camp", group=0) == [0, 0, 0, 15, 15]
    assert people_in(result, 3, "in_camp", group=1) == [0, 0, 0, 5, 25]


def test_who_is_let_through_too_late_for_the_road_is_not_asked_again_either():
    """Five a day go on along the road. The ten of group 1, who come on day 2, are let through on day 3 and
    wait for the road behind group 0, also when nobody is let through any more.
    """
    world = make_world(
        ["town", "town", "screening_site", "camp"],
        [(0, 2, 50), (1, 2, 150), (2, 3, 10)],
        {0: [30, 0], 1: [0, 10]},
        8,
        groups=[plain_group(), plain_group()],
        rules={"attraction": {kind: float(kind == "camp") for kind in KINDS}},
    )
    world.throughput[2] = 20.0
    world.route_throughput[4] = 5.0
    world.events = [
        (2, "throughput", 2, 0.0),
        (3, "throughput", 2, 100.0),
        (4, "throughput", 2, 0.0),
    ]
    result = run_both(world)
    assert people_in(result, 3, "in_camp", group=0) == [0, 5, 10, 15, 20, 25, 30, 30, 30]
    assert people_in(result, 3, "in_camp", group=1) == [0, 0, 0, 0, 0, 0, 0, 5, 10]


def test_throughput_of_the_place_does_not_hold_who_starts_there():
    world = make_world(["town", "camp"], [(0, 1, 50)], {0: [5]}, 1)
    world.throughput[0] = 0.0
    assert people_in(run_both(world), 1, "in_camp") == [0, 5]


def test_queue_before_the_first_road_and_its_closing():
    """Three a day get on the road; on day 3 it closes, and who still waits at home is trapped."""
    world = make_world(["town", "camp"], [(0, 1, 50)], {0: [10]}, 4, events=[(3, "route", 0, 0.0)])
    world.route_throughput[0] = 3.0
    result = run_both(world)
    assert people_in(result, 0, "waiting") == [0, 7, 4, 0, 0]
    assert people_in(result, 0, "trapped") == [0, 0, 0, 4, 4]
    assert people_in(result, 1, "in_camp") == [0, 3, 6, 6, 6]
    assert result.arrivals[:, 0].sum() == 0


def test_queue_on_the_way_is_freed_when_the_road_closes():
    world = make_world(["town", "junction", "camp"], [(0, 1, 50), (1, 2, 10)], {0: [5]}, 2)
    world.route_throughput[2] = 2.0
    world.events = [(2, "route", 2, 0.0)]
    result = run_both(world)
    assert people_in(result, 1, "waiting") == [0, 3, 0]
    assert people_in(result, 1, "displaced") == [0, 0, 3]
    assert result.arrivals[:, 1].tolist() == [0, 0, 3]


def test_a_closed_road_frees_also_who_waits_to_be_let_through():
    world = make_world(["town", "screening_site", "camp"], [(0, 1, 50), (1, 2, 10)], {0: [5]}, 2)
    world.throughput[1] = 0.0
    world.events = [(2, "route", 2, 0.0)]
    result = run_both(world)
    assert people_in(result, 1, "waiting") == [0, 5, 0]
    assert people_in(result, 1, "displaced") == [0, 0, 5]


def test_each_direction_of_a_road_has_its_own_throughput():
    """Ten flee from A to B and eight from B to A, three a day each way."""
    world = make_world(["town", "town"], [(0, 1, 50)], {0: [10], 1: [8]}, 3)
    world.route_throughput[0:2] = [3.0, 3.0]
    result = run_both(world)
    assert result.flows.tolist() == [[0, 0], [3, 3], [3, 3], [3, 2]]
    assert people_in(result, 0, "waiting") == [0, 7, 4, 1]
    assert people_in(result, 1, "in_host_community") == [0, 3, 6, 9]  # under fire, but only home is left


def test_who_comes_earlier_in_the_day_is_served_first():
    """One place a day at the screening site: B, 20 km away, comes before A, 30 km away."""
    roads: Roads = [(0, 2, 30), (1, 2, 20), (2, 3, 10)]
    groups = [plain_group(), plain_group()]
    world = make_world(
        ["town", "town", "screening_site", "camp"], roads, {0: [1, 0], 1: [0, 1]}, 2, groups=groups
    )
    world.rules["attraction"] = only("camp")
    world.throughput[2] = 1.0
    result = run_both(world)
    assert people_in(result, 3, "in_camp", group=1) == [0, 1, 1]
    assert people_in(result, 3, "in_camp", group=0) == [0, 0, 1]


def test_the_queue_of_the_road_is_served_by_the_day_since_which_people_wait_at_the_place():
    """Two a day pass the screening site, one a day gets on the road behind it.

    Group 0 comes on day 1, group 1 on day 2; who was let through and did not get on goes before those let
    through later, so all of group 0 are on the road before anybody of group 1.
    """
    groups = [plain_group(), plain_group(speed_factor=0.5)]
    world = make_world(["town", "screening_site", "camp"], [(0, 1, 100), (1, 2, 1)], {0: [3, 2]}, 6)
    world.groups, world.residents, world.inside = groups, [[3, 2], [0, 0], [0, 0]], [[0, 0]] * 3
    world.rules["attraction"] = only("camp")
    world.throughput[1], world.route_throughput[2] = 2.0, 1.0
    result = run_both(world)
    assert result.flows[:, 2].tolist() == [0, 1, 1, 1, 1, 1, 0]
    assert people_in(result, 1, "waiting", group=0) == [0, 2, 1, 0, 0, 0, 0]
    assert people_in(result, 1, "waiting", group=1) == [0, 0, 2, 2, 1, 0, 0]


def test_a_queue_of_many_days_moves_one_step_a_day():
    """Four towns at one, two, three and four days' distance; one a day gets through; nobody overtakes."""
    roads: Roads = [(town, 4, 100 * (town + 1)) for town in range(4)] + [(4, 5, 1)]
    people = {town: [int(group == town) * 2 for group in range(4)] for town in range(4)}
    world = make_world(
        ["town"] * 4 + ["screening_site", "camp"], roads, people, 9, groups=[plain_group()] * 4
    )
    world.rules["attraction"] = only("camp")
    world.throughput[4] = 1.0
    result = run_both(world)
    by_day = [[people_in(result, 5, "in_camp", group=g)[day] for g in range(4)] for day in range(1, 9)]
    # who reaches the site at the last second of day 1 and is let through then is in the camp on day 2
    assert by_day == [
        [0, 0, 0, 0],
        [2, 0, 0, 0],
        [2, 1, 0, 0],
        [2, 2, 0, 0],
        [2, 2, 1, 0],
        [2, 2, 2, 0],
        [2, 2, 2, 1],
        [2, 2, 2, 2],
    ]


# Sites, room, gates


def test_gate_overflow_and_new_plots():
    world = make_world(["town", "camp"], [(0, 1, 50)], {0: [10]}, 4, events=[(3, "capacity", 1, 7.0)])
    world.capacity[1] = 4.0
    result = run_both(world)
    assert people_in(result, 1, "in_camp") == [0, 4, 4, 7, 7]
    assert people_in(result, 1, "waiting") == [0, 6, 6, 3, 3]
    assert result.arrivals[:, 1].tolist() == [0, 10, 0, 0, 0]


def test_site_that_closes_keeps_who_is_inside_and_leaves_who_comes_at_the_gate():
    events: list[Event] = [(2, "site", 1, 0.0), (3, "site", 1, 1.0)]
    groups = [plain_group(), plain_group(speed_factor=0.25)]
    world = make_world(["town", "camp"], [(0, 1, 50)], {0: [6, 4]}, 3, groups=groups, events=events)
    result = run_both(world)
    assert people_in(result, 1, "in_camp") == [0, 6, 6, 10]
    assert people_in(result, 1, "waiting") == [0, 0, 4, 0]


def test_who_is_let_in_at_the_gate_is_in_the_camp_when_people_choose():
    """On day 2 B has room for all at its gate and C opens as well: all go in, and who is in a camp stays."""
    world = make_world(["town", "camp", "camp"], [(0, 1, 50), (1, 2, 10)], {0: [10]}, 2)
    world.capacity[1] = 4.0
    world.site_open[2] = False
    world.events = [(2, "site", 2, 1.0), (2, "capacity", 1, 10.0)]
    result = run_both(world)
    assert people_in(result, 1, "in_camp") == [0, 4, 10]
    assert people_in(result, 1, "waiting") == [0, 6, 0]


def test_people_at_the_gate_go_elsewhere_when_another_site_opens():
    world = make_world(["town", "camp", "camp"], [(0, 1, 50), (1, 2, 10)], {0: [10]}, 2)
    world.capacity[1] = 4.0
    world.site_open[2] = False
    world.events = [(2, "site", 2, 1.0)]
    result = run_both(world)
    assert people_in(result, 1, "waiting") == [0, 6, 0]
    assert people_in(result, 2, "in_camp") == [0, 0, 6]


def test_host_community_takes_people_in_while_there_is_room():
    world = make_world(["town", "host_community"], [(0, 1, 50)], {0: [10]}, 2)
    world.capacity[1] = 7.5
    result = run_both(world)
    assert people_in(result, 1, "in_host_community") == [0, 7, 7]
    assert people_in(result, 1, "displaced") == [0, 3, 3]


def test_people_inside_a_site_on_day_0_are_counted_there_and_have_no_home():
    rules = {"return_rate_per_day": CERTAIN}
    result = run_both(make_world(["town", "camp"], [(0, 1, 50)], {1: [10]}, 2, rules=rules))
    assert people_in(result, 1, "in_camp") == [10, 10, 10]


def test_people_flee_a_camp_under_fire():
    world = make_world(
        ["camp", "host_community"], [(0, 1, 50)], {0: [10]}, 2, events=[(2, "fighting", 0, 1.0)]
    )
    result = run_both(world)
    assert people_in(result, 0, "in_camp") == [10, 10, 0]
    assert people_in(result, 1, "in_host_community") == [0, 0, 10]


def test_a_siege_holds_the_displaced_too():
    events: list[Event] = [(2, "fighting", 0, 1.0), (2, "siege", 0, 1.0)]
    world = make_world(["camp", "host_community"], [(0, 1, 50)], {0: [10]}, 2, events=events)
    assert people_in(run_both(world), 0, "in_camp") == [10, 10, 10]


def test_a_camp_that_loses_plots_puts_nobody_out_and_takes_nobody_in():
    """Ten are inside when the plots fall to two; five more come on day 2 and wait at the gate."""
    world = make_world(["town", "camp"], [(0, 1, 150)], {0: [5], 1: [10]}, 3)
    world.capacity[1] = 20.0
    world.events = [(2, "capacity", 1, 2.0)]
    result = run_both(world)
    assert people_in(result, 1, "in_camp") == [10, 10, 10, 10]
    assert people_in(result, 1, "waiting") == [0, 0, 5, 5]


def test_nobody_chooses_a_full_camp_and_those_at_its_gate_count():
    """Capacity 8: ten come at once, eight go in, two wait at the gate. On day 2 the plots grow to ten.

    The gate opens first, so the camp is full again: who wants to leave C on day 2 is trapped there. With
    twelve plots from day 3 there is room for two, and all four choose the camp: nobody knows of the others.
    """
    world = make_world(["town", "camp", "town"], [(0, 1, 50), (2, 1, 10)], {0: [10], 2: [4]}, 3)
    world.rules["attraction"] = only("camp")
    world.capacity[1] = 8.0
    world.fighting[2] = 0.0
    world.events = [(2, "fighting", 2, 1.0), (2, "capacity", 1, 10.0), (3, "capacity", 1, 12.0)]
    result = run_both(world)
    assert people_in(result, 1, "in_camp") == [0, 8, 10, 12]
    assert people_in(result, 1, "waiting") == [0, 2, 0, 2]
    assert people_in(result, 2, "trapped") == [0, 0, 4, 0]


@pytest.mark.parametrize("why", ["people at the gate", "people displaced in town"])
def test_people_without_shelter_make_a_place_full(why: str):
    """Five come to a place for three. Two stay without shelter, so that it is full on day 2 as well."""
    kind = "camp" if why == "people at the gate" else "host_community"
    world = make_world(["town", kind, "town"], [(0, 1, 50), (2, 1, 50)], {0: [5], 2: [4]}, 2)
    world.rules["attraction"] = only(kind)
    world.capacity[1] = 3.0
    world.fighting[2] = 0.0
    world.events = [(2, "fighting", 2, 1.0), (2, "capacity", 1, 5.0 if kind == "host_community" else 3.0)]
    result = run_both(world)
    assert people_in(result, 2, "trapped") == [0, 0, 4]


def test_who_sets_out_at_second_0_leaves_room_for_who_arrives_that_day():
    """On day 2 fighting drives five out of the full camp B; the five who come from A that day find room."""
    world = make_world(["town", "camp", "outside"], [(0, 1, 150), (1, 2, 10)], {0: [5], 1: [5]}, 2)
    world.rules["attraction"] = {**only("camp"), "outside": 1e-9}
    world.capacity[1] = 6.0
    world.events = [(2, "fighting", 1, 1.0), (2, "capacity", 1, 5.0)]
    world.rules["awareness_km"] = 155.0  # from A only B is near enough
    result = run_both(world)
    assert people_in(result, 1, "in_camp") == [5, 5, 5]
    assert people_in(result, 2, "left_area") == [0, 0, 5]


def test_a_closed_site_is_no_destination_and_its_gate_stays_shut():
    """B closes before six people arrive there on day 2; they are at its gate until it opens on day 3."""
    world = make_world(
        ["town", "camp"], [(0, 1, 150)], {0: [6]}, 3, events=[(2, "site", 1, 0.0), (3, "site", 1, 1.0)]
    )
    result = run_both(world)
    assert people_in(result, 1, "waiting") == [0, 0, 6, 0]
    assert people_in(result, 1, "in_camp") == [0, 0, 0, 6]
    assert result.arrivals[:, 1].tolist() == [0, 0, 6, 0]  # going in at the gate is no second arrival


def test_people_who_move_on_every_day_go_to_and_fro():
    """Home is no destination, so from B only C is left and from C only B."""
    rules = {"move_chance": dict.fromkeys(KINDS, 1.0)}
    world = make_world(["town", "camp", "camp"], [(0, 1, 10), (1, 2, 50)], {0: [6]}, 4, rules=rules)
    world.rules["awareness_km"] = 50.0
    world.events = [(2, "fighting", 0, 0.0)]
    result = run_both(world)
    assert people_in(result, 1, "in_camp") == [0, 6, 0, 6, 0]
    assert people_in(result, 2, "in_camp") == [0, 0, 6, 0, 6]


# Outside


def test_outside_is_for_good():
    rules = {"return_rate_per_day": CERTAIN, "move_chance": dict.fromkeys(KINDS, 1.0)}
    world = make_world(["town", "outside", "camp"], [(0, 1, 50), (1, 2, 10)], {0: [10]}, 4, rules=rules)
    world.events = [(2, "fighting", 0, 0.0)]
    result = run_both(world)
    assert people_in(result, 1, "left_area") == [0, 10, 10, 10, 10]
    assert result.flows.sum() == 10


def test_no_way_leads_through_outside():
    rules = {"attraction": {kind: float(kind == "camp") for kind in KINDS}}
    world = make_world(["town", "outside", "camp"], [(0, 1, 50), (1, 2, 10)], {0: [10]}, 2, rules=rules)
    assert people_in(run_both(world), 0, "trapped") == [0, 10, 10]


def test_who_left_the_area_did_not_stop_before():
    """Two days' ride by a border crossing: travelling, then gone; the crossing lets six a day through."""
    world = make_world(["town", "border_crossing", "outside"], [(0, 1, 150), (1, 2, 10)], {0: [10]}, 4)
    world.throughput[1] = 6.0
    result = run_both(world)
    assert people_in(result, 0, "travelling") == [0, 10, 0, 0, 0]
    assert people_in(result, 1, "waiting") == [0, 0, 4, 0, 0]
    assert people_in(result, 2, "left_area") == [0, 0, 6, 10, 10]
    assert result.arrivals[:, 2].tolist() == [0, 0, 6, 4, 0]


# Returning


def test_return_after_two_safe_days():
    """Fighting ends on day 2; days 2 and 3 are safe; all set out in the evening of day 3, ride on day 4."""
    rules = {"return_rate_per_day": CERTAIN, "return_after_safe_days": 2}
    world = make_world(["town", "camp"], [(0, 1, 50)], {0: [10]}, 5, rules=rules)
    world.events = [(2, "fighting", 0, 0.0)]
    result = run_both(world)
    assert people_in(result, 1, "in_camp") == [0, 10, 10, 10, 0, 0]
    assert people_in(result, 0, "returned") == [0, 0, 0, 0, 10, 10]
    assert result.flows[:, 1].tolist() == [0, 0, 0, 0, 10, 0]
    assert result.arrivals[:, 0].tolist() == [0, 0, 0, 0, 10, 0]


@pytest.mark.parametrize("why", ["holder", "siege at home", "siege at the camp", "closed road"])
def test_nobody_returns_to_what_is_not_safe_or_from_where_they_are_held(why: str):
    rules = {"return_rate_per_day": CERTAIN, "return_after_safe_days": 1, "unsafe_control": ("red",)}
    world = make_world(["town", "camp"], [(0, 1, 50)], {0: [10]}, 4, rules=rules)
    world.events = [
        (2, "fighting", 0, 0.0),
        {
            "holder": (2, "control", 0, "red"),
            "siege at home": (2, "siege", 0, 0.5),
            "siege at the camp": (2, "siege", 1, 0.5),
            "closed road": (2, "route", 1, 0.0),
        }[why],
    ]
    assert people_in(run_both(world), 1, "in_camp") == [0, 10, 10, 10, 10]


def test_the_returned_leave_again_on_foot():
    """They return on day 3; fighting on day 4 drives them out again: 50 km at 40 a day take two days."""
    rules = {
        "return_rate_per_day": CERTAIN,
        "return_after_safe_days": 1,
        "first_leg_on_foot": True,
        "walk_km_per_day": 40.0,
    }
    world = make_world(["town", "camp"], [(0, 1, 50)], {0: [10]}, 6, rules=rules)
    world.events = [(3, "fighting", 0, 0.0), (5, "fighting", 0, 1.0)]
    result = run_both(world)
    assert people_in(result, 0, "travelling") == [0, 10, 0, 0, 0, 10, 0]
    assert people_in(result, 1, "in_camp") == [0, 0, 10, 10, 0, 0, 10]
    assert people_in(result, 0, "returned") == [0, 0, 0, 0, 10, 0, 0]


def test_who_set_out_to_return_and_finds_the_road_closed_stays_in_the_camp():
    rules = {"return_rate_per_day": CERTAIN}
    world = make_world(["town", "camp"], [(0, 1, 50)], {0: [10]}, 3, rules=rules)
    world.capacity[1] = 10.0
    world.events = [(2, "fighting", 0, 0.0), (3, "route", 1, 0.0)]
    result = run_both(world)
    assert people_in(result, 1, "in_camp") == [0, 10, 10, 10]
    assert result.flows[:, 1].sum() == 0


def test_who_has_to_stop_at_home_on_the_way_elsewhere_is_back_home():
    """B flees to A and on day 3 from A by B towards C; the road to C closes before they reach B."""
    rules = {"return_rate_per_day": CERTAIN, "return_after_safe_days": 2}
    world = make_world(["camp", "town", "camp"], [(0, 1, 150), (1, 2, 50)], {1: [10]}, 6, rules=rules)
    world.rules["move_chance"]["camp"] = 1.0
    world.site_open[2] = False
    world.events = [(3, "site", 2, 1.0), (3, "fighting", 1, 0.0), (4, "route", 2, 0.0)]
    result = run_both(world)
    assert people_in(result, 0, "in_camp") == [0, 0, 10, 0, 0, 0, 0]
    assert people_in(result, 1, "returned") == [0, 0, 0, 0, 10, 10, 10]


def test_a_returner_passes_the_gate_of_the_place_they_start_from_and_queues_at_others():
    """Camp C, throughput 0, lets its own people go; the screening site B lets two a day through."""
    rules = {"return_rate_per_day": CERTAIN, "attraction": only("camp"), "return_after_safe_days": 1}
    world = make_world(["town", "screening_site", "camp"], [(0, 1, 10), (1, 2, 10)], {0: [5]}, 5, rules=rules)
    world.throughput[2] = 0.0
    world.events = [(2, "fighting", 0, 0.0), (2, "throughput", 1, 2.0)]
    result = run_both(world)
    assert people_in(result, 2, "in_camp") == [0, 5, 5, 0, 0, 0]
    assert people_in(result, 1, "waiting") == [0, 0, 0, 3, 1, 0]
    assert people_in(result, 0, "returned") == [0, 0, 0, 2, 4, 5]


def test_a_home_that_was_safe_from_the_start_needs_no_waiting():
    """Day 0 counts as safe for long enough; fighting on day 1 alone starts the count anew: days 2, 3, 4."""
    rules = {"return_rate_per_day": CERTAIN, "return_after_safe_days": 3}
    world = make_world(["town", "camp"], [(0, 1, 50)], {0: [6]}, 5, rules=rules)
    world.events = [(2, "fighting", 0, 0.0)]
    result = run_both(world)
    assert people_in(result, 0, "returned") == [0, 0, 0, 0, 0, 6]


# Given numbers of leavers


def test_given_numbers_leave_and_a_cell_gives_at_most_what_it_has():
    rules = {"leaving": "given", "given": [3, 1000, 5]}
    result = run_both(make_world(["town", "camp"], [(0, 1, 50)], {0: [10]}, 3, rules=rules))
    assert people_in(result, 0, "resident") == [10, 7, 0, 0]
    assert people_in(result, 1, "in_camp") == [0, 3, 10, 10]


def test_given_numbers_leave_only_where_there_is_fighting():
    rules = {"leaving": "given", "given": [8]}
    world = make_world(["town", "town"], [(0, 1, 50)], {0: [10], 1: [10]}, 1, rules=rules)
    world.fighting[1] = 0.0
    result = run_both(world)
    assert people_in(result, 0, "resident") == [10, 2]
    assert people_in(result, 1, "resident") == [10, 10]
    assert people_in(result, 1, "in_host_community") == [0, 8]


def test_given_numbers_spread_over_groups_by_their_factor_and_go_again_when_they_are_back():
    """A group of factor 0 never leaves; the others leave on day 1, are back on day 3 and leave on day 4."""
    rules = {
        "leaving": "given",
        "given": [100, 0, 0, 100],
        "return_rate_per_day": CERTAIN,
        "return_after_safe_days": 1,
    }
    groups = [plain_group(), plain_group(leave_factor=0.0)]
    world = make_world(["town", "camp"], [(0, 1, 50)], {0: [6, 4]}, 4, rules=rules, groups=groups)
    world.events = [(2, "fighting", 0, 0.0), (4, "fighting", 0, 1.0)]
    result = run_both(world)
    assert people_in(result, 0, "returned") == [0, 0, 0, 6, 0]
    assert people_in(result, 1, "in_camp") == [0, 6, 6, 0, 6]
    assert people_in(result, 0, "resident") == [10, 4, 4, 4, 4]


# Events


def test_events_of_a_day_take_effect_in_file_order_and_those_of_other_days_on_their_day():
    events: list[Event] = [
        (3, "siege", 0, 1.0),
        (1, "siege", 0, 1.0),
        (1, "siege", 0, 0.0),
        (1, "fighting", 0, 0.0),
    ]
    events += [(3, "fighting", 0, 1.0), (3, "siege", 0, 0.0)]
    world = make_world(["town", "camp"], [(0, 1, 50)], {0: [6]}, 3, events=events)
    result = run_both(world)
    assert people_in(result, 0, "resident") == [6, 6, 6, 0]
    assert people_in(result, 1, "in_camp") == [0, 0, 0, 6]


def test_events_of_day_0_make_the_state_of_day_0():
    """The engine alone: the same future whether a state holds from the start or by events of day 0."""
    for seed in range(20):
        world = random_world(np.random.default_rng(seed))
        eventful = dataclasses.replace(world, events=[*state_as_events(world), *world.events])
        eventful.fighting, eventful.siege = [0.0] * 5, [0.0] * 5
        eventful.control, eventful.site_open = ["blue"] * 5, [False] * 5
        eventful.capacity = [c if c is None else 7.0 for c in world.capacity]
        for mine, other in zip(
            vars(engine_future(world, seed=1)).values(),
            vars(engine_future(eventful, seed=1)).values(),
            strict=True,
        ):
            assert_array_equal(mine, other)


def state_as_events(world: World) -> list[Event]:
    """Return the state of the places of a world as events of day 0."""
    events: list[Event] = []
    for place in range(len(world.names)):
        events += [(0, "fighting", place, world.fighting[place]), (0, "siege", place, world.siege[place])]
        events += [
            (0, "control", place, world.control[place]),
            (0, "site", place, float(world.site_open[place])),
        ]
        capacity = world.capacity[place]
        events += [] if capacity is None else [(0, "capacity", place, capacity)]
    return events


# In law. The engine moves a million people as fast as ten, so a few futures of many people tell much.


def stocks_of(world: World, state: str, place: int = 0, futures: int = 1, seed: int = 1) -> NDArray[np.int64]:
    """Return people in a state at a place, [futures, days, groups]."""
    return engine_stocks(world, futures, seed)[:, :, place, :, STATES.index(state)]


@pytest.mark.law
@pytest.mark.parametrize("people", [5, 4000])
def test_leavers_are_binomial(people: int):
    """Day 1 of 4,000 towns: Binomial(n, 1 - exp(-0.1 x 2^2 x 1.5)).

    A rate used as a probability, or the power or the factor left out, gives p below 1e-100.
    """
    towns, p = 4000, -np.expm1(-0.1 * 2**2 * 1.5)
    world = make_world(["town"] * towns, [], {town: [people] for town in range(towns)}, 1)
    world.rules |= {"leave_rate_per_day": 0.1, "leave_intensity_power": 2.0}
    world.groups, world.fighting = [plain_group(leave_factor=1.5)], [2.0] * towns
    leavers = engine_future(world, seed=1).stocks[1, :, 0, STATES.index("trapped")]
    assert p_value_of_draws(leavers, binom(people, p)) > ALARM


@pytest.mark.law
def test_people_leave_home_at_random_times():
    """Of 2,000 in a town under fire 2,000 x 0.8^t are left after t days, each day and each future anew."""
    world = make_world(
        ["town", "camp"], [(0, 1, 50)], {0: [2000]}, 8, rules={"leave_rate_per_day": -np.log(0.8)}
    )
    left = stocks_of(world, "resident", futures=1000)[:, :, 0]
    assert p_value_of_draws(left[:, 8], binom(2000, 0.8**8)) > ALARM
    assert p_value_of_draws(left[:, 1] - left[:, 2], binom(2000, 0.8 * 0.2)) > ALARM
    by_day = left[:, :-1] * 0.8 - left[:, 1:]  # what each day differs from what was to be expected of it
    correlation = np.corrcoef(by_day, rowvar=False)[np.triu_indices(8, 1)]
    assert chi2.sf(1000 * (correlation**2).sum(), correlation.size) > ALARM


@pytest.mark.law
def test_a_siege_of_three_quarters_lets_a_quarter_out_each_day():
    """Trapped after t days: Binomial(n, 0.75^t) of a group that is held, nobody of one that is not."""
    groups = [plain_group(), plain_group(held_by_siege=False)]
    world = make_world(["town", "camp"], [(0, 1, 50)], {0: [3000, 3000]}, 4, groups=groups)
    world.siege[0] = 0.75
    trapped = stocks_of(world, "trapped", futures=1000)
    assert not trapped[:, :, 1].any()
    assert p_value_of_draws(trapped[:, 1, 0], binom(3000, 0.75)) > ALARM
    assert p_value_of_draws(trapped[:, 4, 0], binom(3000, 0.75**4)) > ALARM


@pytest.mark.law
def test_a_siege_slows_those_who_move_on():
    """Of n in a camp Binomial(n, 0.4 x (1 - 0.5)) move on; of a group that is not held Binomial(n, 0.4)."""
    groups = [plain_group(), plain_group(held_by_siege=False)]
    world = make_world(["camp", "outside"], [(0, 1, 50)], {0: [3000, 3000]}, 1, groups=groups)
    world.rules["move_chance"]["camp"] = 0.4
    world.siege[0] = 0.5
    gone = stocks_of(world, "left_area", place=1, futures=1000)[:, 1]
    assert p_value_of_draws(gone[:, 0], binom(3000, 0.2)) > ALARM
    assert p_value_of_draws(gone[:, 1], binom(3000, 0.4)) > ALARM


@pytest.mark.law
@pytest.mark.parametrize(("rate", "chance"), [(0.01, 0.4), (1.0, 1 - np.exp(-2.0))])
def test_people_under_fire_move_on_with_the_larger_chance(rate: float, chance: float):
    """Intensity 2, move chance 0.4: the hazard of fleeing counts where it is the larger."""
    world = make_world(["camp", "outside"], [(0, 1, 50)], {0: [3000]}, 1, rules={"leave_rate_per_day": rate})
    world.rules["move_chance"]["camp"] = 0.4
    world.fighting[0] = 2.0
    gone = stocks_of(world, "left_area", place=1, futures=1000)[:, 1, 0]
    assert p_value_of_draws(gone, binom(3000, chance)) > ALARM


@pytest.mark.law
def test_destinations_are_chosen_by_weight():
    """A million people of each of two groups over five destinations that differ in every factor.

    Chi-square on where they are. Each factor left out or squared gives p below 1e-100.
    """
    rules = {
        "attraction": {**only("camp"), "camp": 3.0, "town": 1.5, "host_community": 1.0, "outside": 0.7},
        "control_attraction": {"blue": 0.6},
        "fighting_attraction": 0.3,
        "abroad_attraction": 0.5,
        "distance_power": 1.7,
        "softening_km": 12.0,
        "capacity_buffer": 0.5,
        "awareness_km": 120.0,
    }
    kinds = ["town", "camp", "town", "host_community", "outside", "camp", "camp"]
    roads: Roads = [(0, 1, 20), (1, 2, 30), (0, 3, 40), (0, 4, 25), (0, 5, 70), (0, 6, 121)]
    groups = [plain_group(), plain_group(control_attraction={"blue": 2.0})]
    n = 1_000_000
    world = make_world(kinds, roads, {0: [n, n], 5: [30 * n, 0]}, 1, rules=rules, groups=groups)
    world.rules["ride_km_per_day"] = 1000.0
    world.country, world.control = ["X", "X", "X", "X", "Y", "X", "X"], ["", "blue", "", "blue", "", "", ""]
    world.fighting[2] = 1.5
    world.capacity[5] = 40.0 * n
    weight = np.array(
        [
            [0, 0],
            [3.0 * 0.6 / 32**1.7, 3.0 * 2.0 / 32**1.7],
            [1.5 * 0.3**1.5 / 62**1.7] * 2,
            [0.6 / 52**1.7, 2.0 / 52**1.7],
            [0.7 * 0.5 / 37**1.7] * 2,
            [3.0 * (1 - (30 - 20) / (40 - 20)) / 82**1.7] * 2,  # k, three quarters full
            [0, 0],  # too far
        ]
    )
    stocks = engine_future(world, seed=1).stocks
    arrived = stocks[1].sum(axis=2) - stocks[0].sum(axis=2)
    for group in range(2):
        assert arrived[0, group] == -n
        assert p_value_of_counts(arrived[1:, group], weight[1:, group] / weight[:, group].sum()) > ALARM


@pytest.mark.law
@pytest.mark.parametrize("home", [0, 1])
def test_their_own_home_draws_nobody_back(home: int):
    """Towns A and B, camp C, equally far from each other. Who lives in B flees to A and C, then to C."""
    roads: Roads = [(0, 1, 10), (0, 2, 10), (1, 2, 10)]
    world = make_world(["town", "town", "camp"], roads, {home: [1_000_000]}, 2)
    world.rules["move_chance"] = dict.fromkeys(KINDS, 0.0) | {"town": 1.0}
    stocks = engine_future(world, seed=1).stocks.sum(axis=(2, 3))
    assert p_value_of_counts(stocks[1, [1 - home, 2]], [0.5, 0.5]) > ALARM
    assert stocks[2].tolist() == [0, 0, 1_000_000]


def three_kinds(where: str) -> World:
    """Return a world in which 60, 40 and 30 people meet one limit of 50 at the same second."""
    world = make_world(
        ["town", "screening_site", "camp"],
        [(0, 1, 50), (1, 2, 10)],
        {0: [60, 40, 30]},
        1,
        groups=[plain_group()] * 3,
        rules={"attraction": only("camp")},
    )
    if where == "room":
        world.capacity[2] = 50.0
    elif where == "screening site":
        world.throughput[1] = 50.0
    elif where == "road":
        world.route_throughput[2] = 50.0
    elif where == "first road":
        world.route_throughput[0] = 50.0
    else:  # the gate: they come on day 1 while the camp is closed, and find 50 plots on day 2
        world.days = 3
        world.routes = [(a, b, 3 * km) for a, b, km in world.routes]
        world.events = [(2, "site", 2, 0.0), (3, "site", 2, 1.0), (3, "capacity", 2, 50.0)]
    return world


@pytest.mark.law
@pytest.mark.parametrize("where", ["room", "screening site", "road", "first road", "gate"])
def test_who_meets_a_limit_together_is_equally_likely_to_be_first(where: str):
    """Of group 0 Hypergeometric(130, 60, 50) get in, and of groups 1 and 2 alike; 1,000 futures."""
    got_in = stocks_of(three_kinds(where), "in_camp", place=2, futures=1000)[:, -1]
    assert (got_in.sum(axis=1) == 50).all()
    for group, people in enumerate((60, 40, 30)):
        assert p_value_of_draws(got_in[:, group], hypergeom(130, people, 50)) > ALARM


@pytest.mark.law
def test_lots_are_drawn_anew_at_each_limit():
    """Two of four pass the place, one of the two gets on the road: each of the four in 1 of 4 futures."""
    world = make_world(
        ["town", "screening_site", "camp"],
        [(0, 1, 50), (1, 2, 10)],
        {0: [1, 1, 1, 1]},
        1,
        groups=[plain_group()] * 4,
    )
    world.throughput[1], world.route_throughput[2] = 2.0, 1.0
    stocks = engine_stocks(world, 1000, 1)[:, 1, 2, :, STATES.index("in_camp")]
    assert (stocks.sum(axis=1) == 1).all()
    assert p_value_of_counts(stocks.sum(axis=0), [0.25] * 4) > ALARM


@pytest.mark.law
def test_given_numbers_are_spread_by_people_intensity_and_factor():
    """600,000 leave: weights 3, 3 x 2, 2 x 0.5, 2 x 0.5 x 2, and 0 where there is no fighting."""
    rules = {"leaving": "given", "given": [600_000]}
    groups = [plain_group(), plain_group(leave_factor=2.0)]
    million = 1_000_000
    people = {0: [3 * million] * 2, 1: [2 * million] * 2, 2: [5 * million] * 2}
    world = make_world(["town"] * 3, [], people, 1, rules=rules, groups=groups)
    world.fighting = [1.0, 0.5, 0.0]
    left = engine_future(world, seed=1).stocks[1, :, :, STATES.index("trapped")]
    assert left.sum() == 600_000
    assert p_value_of_counts(left, np.array([3, 6, 1, 2, 0, 0]) / 12) > ALARM


@pytest.mark.law
def test_people_return_with_a_hazard():
    """Of 3,000 in the camp Binomial(n, 1 - exp(-0.2 x factor)) set out each evening, from day 2 on."""
    rules = {"return_rate_per_day": 0.2, "return_after_safe_days": 1}
    groups = [plain_group(), plain_group(return_factor=3.0)]
    world = make_world(["town", "camp"], [(0, 1, 50)], {0: [3000, 3000]}, 4, rules=rules, groups=groups)
    world.events = [(2, "fighting", 0, 0.0)]
    back = stocks_of(world, "returned", futures=1000)
    assert not back[:, 2].any()
    for group, factor in enumerate((1.0, 3.0)):
        for evenings in (1, 2):
            chance = -np.expm1(-0.2 * factor * evenings)
            assert p_value_of_draws(back[:, 2 + evenings, group], binom(3000, chance)) > ALARM
