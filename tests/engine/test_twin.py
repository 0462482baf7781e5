"""The plain twin itself: its numbers, its draws and its random worlds.

test_law.py holds it, and the engine, to cases worked by hand.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import twin
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, chisquare
from twin import KINDS, STATES, random_world, simulate
from worlds import Event, Roads, make_world, people_in, plain_group, run_twin


@pytest.mark.parametrize(("km", "seconds"), [(100, 86_400), (0.0001, 1), (2.5 / 864, 3), (2.4 / 864, 2)])
def test_seconds_of_a_leg(km: float, seconds: int):
    world = make_world(["town", "camp"], [(0, 1, km)], {0: [1]}, 1)
    person = twin.people_on_day_0(world)[0]
    assert twin.leg_seconds(world, person, km) == seconds


# Weights


def test_weight_by_hand():
    """3 x 2 x 0.1^2 x 0.5 x k / (10 + 30)^2 with k = 1 - (8 - 5) / (10 - 5) = 0.4."""
    rules = {
        "attraction": {**dict.fromkeys(KINDS, 1.0), "camp": 3.0},
        "control_attraction": {"blue": 7.0},
        "fighting_attraction": 0.1,
        "abroad_attraction": 0.5,
        "distance_power": 2.0,
        "capacity_buffer": 0.5,
    }
    groups = [plain_group(control_attraction={"blue": 2.0}), plain_group()]
    world = make_world(["town", "camp"], [(0, 1, 30)], {0: [1, 1], 1: [8, 0]}, 1, rules=rules, groups=groups)
    world.country[1], world.control[1], world.fighting[1], world.capacity[1] = "Y", "blue", 2.0, 10.0
    now, people = twin.situation_on_day_0(world), twin.people_on_day_0(world)
    k = [twin.room_factor(world, now, people, place) for place in range(2)]
    assert k == [1.0, pytest.approx(0.4)]
    weight = 3 * 2 * 0.1**2 * 0.5 * 0.4 / 40**2
    assert twin.weight_of(world, now, people[0], 1, 30.0, k) == pytest.approx(weight)
    assert twin.weight_of(world, now, people[1], 1, 30.0, k) == pytest.approx(weight * 7 / 2)
    assert twin.weight_of(world, now, people[0], 0, 30.0, k) == 0.0  # their own home


@pytest.mark.law
def test_people_choose_in_proportion_to_weight():
    """Weights 1 / (10 + 10) and 3 / (10 + 20) are as 1 to 2. Binomial, 2,000 people, two-sided.

    False alarms: 1 seed in 10,000. Catches softening left out (1 to 1.5) in about 999 of 1,000.
    """
    rules = {"attraction": {**dict.fromkeys(KINDS, 1.0), "camp": 3.0}}
    roads: Roads = [(0, 1, 10), (0, 2, 20)]
    result = run_twin(
        make_world(["town", "host_community", "camp"], roads, {0: [2000]}, 1, rules=rules), seed=2
    )
    in_camp = people_in(result, 2, "in_camp")[1]
    assert min(binom.cdf(in_camp, 2000, 2 / 3), binom.sf(in_camp - 1, 2000, 2 / 3)) > 5e-5


@pytest.mark.law
def test_leavers_are_binomial():
    """Daily leavers follow Binomial(4, 1 - exp(-0.1 x 2^2 x 1.5)). Chi-square over 400 towns.

    False alarms: 1 seed in 10,000. Catches the power of the intensity left out in all but 1 of 10,000.
    """
    n, p = 4, 1 - math.exp(-0.1 * 2**2 * 1.5)
    world = make_world(
        ["town"] * 400,
        [],
        {place: [n] for place in range(400)},
        1,
        rules={"leave_rate_per_day": 0.1, "leave_intensity_power": 2.0},
        groups=[plain_group(leave_factor=1.5)],
        fighting=[2.0] * 400,
    )
    leavers = run_twin(world, seed=3).stocks[1, :, 0, STATES.index("trapped")]
    observed = [int((leavers == i).sum()) for i in range(n + 1)]
    assert chisquare(observed, 400 * binom.pmf(np.arange(n + 1), n, p)).pvalue > 1e-4


@pytest.mark.law
@pytest.mark.parametrize("where", ["gate", "screening site", "road"])
def test_who_comes_together_is_equally_likely_to_be_first(where: str):
    """One of two people gets the only place of the day; in 400 worlds group 0 does so in about 200.

    False alarms: 1 seed in 10,000. Catches an order by group (always or never) with certainty.
    """
    world = make_world(
        ["town", "screening_site", "camp"],
        [(0, 1, 50), (1, 2, 10)],
        {0: [1, 1]},
        1,
        groups=[plain_group(), plain_group()],
    )
    if where == "gate":
        world.capacity[2] = 1.0
    elif where == "screening site":
        world.throughput[1] = 1.0
    else:
        world.route_throughput[2] = 1.0
    rng = np.random.default_rng(4)
    first = sum(people_in(simulate(world, rng), 2, "in_camp", group=0)[1] for _ in range(400))
    assert min(binom.cdf(first, 400, 0.5), binom.sf(first - 1, 400, 0.5)) > 5e-5


@pytest.mark.law
def test_who_stands_at_the_gate_is_equally_likely_to_go_in():
    """The camp closes on day 2 and opens on day 3 with one plot for the two at the gate.

    False alarms: 1 seed in 10,000. Catches an order by group (always or never) with certainty.
    """
    groups = [plain_group(), plain_group()]
    events: list[Event] = [(2, "site", 1, 0.0), (3, "capacity", 1, 1.0), (3, "site", 1, 1.0)]
    world = make_world(["town", "camp"], [(0, 1, 150)], {0: [1, 1]}, 3, groups=groups, events=events)
    rng = np.random.default_rng(7)
    first = sum(people_in(simulate(world, rng), 1, "in_camp", group=0)[3] for _ in range(400))
    assert min(binom.cdf(first, 400, 0.5), binom.sf(first - 1, 400, 0.5)) > 5e-5


# Random small worlds


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_people_are_neither_made_nor_lost_and_stand_where_their_state_allows(seed: int):
    rng = np.random.default_rng(seed)
    world = random_world(rng)
    result = simulate(world, rng)
    by_group = result.stocks.sum(axis=(1, 3))
    assert (by_group == by_group[0]).all() and by_group[0].sum() == 40
    by_state = result.stocks.sum(axis=2)
    for place, kind in enumerate(world.kind):
        lives = kind in ("town", "neighbourhood")
        allowed = {
            "resident": lives,
            "trapped": lives,
            "returned": lives,
            "in_camp": kind in twin.SITES,
            "in_host_community": kind in twin.TAKE_PEOPLE_IN,
            "displaced": kind not in (*twin.SITES, "outside"),
            "left_area": kind == "outside",
        }
        for state, is_allowed in allowed.items():
            assert is_allowed or not by_state[:, place, STATES.index(state)].any(), (kind, state)
    left = by_state[:, :, STATES.index("left_area")]
    assert (np.diff(left, axis=0) == result.arrivals[1:] * [kind == "outside" for kind in world.kind]).all()


def test_random_worlds_exercise_every_rule():
    """Over 200 worlds every kind, state and event occurs; in four of five worlds, five people move."""
    rng = np.random.default_rng(5)
    worlds = [random_world(rng) for _ in range(200)]
    results = [simulate(world, rng) for world in worlds]
    with_state = sum((result.stocks.sum(axis=(0, 1, 2)) > 0).astype(int) for result in results)
    assert min(with_state) >= 20, dict(zip(STATES, with_state, strict=True))
    assert sum(result.flows.sum() >= 5 for result in results) >= 160
    events = {kind for world in worlds for _, kind, _, _ in world.events}
    changes = {"fighting", "siege", "control", "route", "site", "capacity", "throughput", "route_throughput"}
    assert events == changes
    assert {kind for world in worlds for kind in world.kind} == set(KINDS)
    assert {world.rules["leaving"] for world in worlds} == {"hazard", "given"}


@pytest.mark.parametrize(
    ("n_places", "n_groups", "days", "people"), [(2, 1, 2, 1), (3, 1, 3, 5), (9, 4, 12, 100)]
)
def test_random_world_has_the_size_asked_for(n_places: int, n_groups: int, days: int, people: int):
    rng = np.random.default_rng(6)
    for _ in range(20):
        world = random_world(rng, n_places=n_places, n_groups=n_groups, days=days, people=people)
        result = simulate(world, rng)
        assert result.stocks.shape == (days + 1, n_places, n_groups, len(STATES))
        assert result.stocks[-1].sum() == people
