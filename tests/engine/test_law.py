"""The law by hand and in law: small cases in which engine and twin must give the figures worked out from docs/law.md.

Where nothing is left to chance `run_both` runs the same world on both and holds them to each other in every number. Where chance
decides, the engine's numbers are compared with a closed form; each such test fails for 1 seed in 10,000 (p below 1e-4).
"""

from __future__ import annotations

import pytest
from twin import KINDS
from worlds import CERTAIN, Event, Roads, make_world, people_in, plain_group, run_both

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


def test_groups_travel_at_their_own_speed():
    groups = [plain_group(), plain_group(speed_factor=0.5)]
    result = run_both(make_world(["town", "camp"], [(0, 1, 100)], {0: [3, 4]}, 2, groups=groups))
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
def test_trapped_where_no_destination_has_a_weight(why: str):
    world = make_world(["town", "camp"], [(0, 1, 50)], {0: [6]}, 1)
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


def test_who_is_let_through_is_not_asked_again_while_waiting_for_the_road():
    """Day 1: all five are let through, two get on the road. Throughput falls to 0; the others still go."""
    world = make_world(["town", "screening_site", "camp"], [(0, 1, 50), (1, 2, 10)], {0: [5]}, 3)
    world.throughput[1] = 5.0
    world.route_throughput[2] = 2.0
    world.events = [(2, "throughput", 1, 0.0)]
    result = run_both(world)
    assert people_in(result, 1, "waiting") == [0, 3, 1, 0]
    assert people_in(result, 2, "in_camp") == [0, 2, 4, 5]


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
