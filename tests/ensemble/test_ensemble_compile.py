"""Names become numbers: what a member is told of places, routes, events, groups and values out of range."""

from __future__ import annotations

import csv
import datetime as dt
import math
import random
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import ISSUE, day, event, place, rules, small_scenario, uniform

from corridor.engine import arrays as law
from corridor.engine.arrays import NO_LIMIT, Setup
from corridor.ensemble.compile import Compiler, event_ordinal, legs_of, share_out
from corridor.ensemble.run import run
from corridor.scenario.bundled import bundled_folder
from corridor.scenario.load import load_scenario
from corridor.scenario.model import DateTerm, DisplacedOnDay, Group, Route, Scenario, Storyline


def setup_of(scenario: Scenario, values: dict[str, float] | None = None, storyline: int = 0) -> Setup:
    """Return what a member of a storyline with these values of the priors is told."""
    return Compiler(scenario).setup(scenario.storylines[storyline], values or {})


def events_of(setup: Setup) -> list[tuple[int, int, int, float]]:
    columns = (setup.event_day, setup.event_kind, setup.event_target, setup.event_value)
    return [(int(d), int(k), int(t), float(v)) for d, k, t, v in zip(*columns, strict=True)]


# Shares


@given(st.integers(0, 2 * 10**9), st.lists(st.floats(0.001, 1), min_size=1, max_size=12))
def test_shares_are_whole_numbers_that_sum_to_the_people(people: int, shares: list[float]):
    counts = share_out(people, shares)
    assert sum(counts) == people
    for count, share in zip(counts, shares, strict=True):
        assert abs(count - people * share / math.fsum(shares)) < 1 + 1e-6


def test_what_is_left_goes_to_the_largest_remainders_and_then_to_the_first():
    assert share_out(10, [0.55, 0.25, 0.2]) == [6, 2, 2]
    assert share_out(1, [0.5, 0.5]) == [1, 0]
    assert share_out(5, [1, 1, 1]) == [2, 2, 1]
    assert share_out(100, [0.29, 0.71]) == [29, 71]  # 100 x 0.29 is a little below 29 in binary
    assert share_out(0, [0.4, 0.6]) == [0, 0]


# Places and legs


def test_places_are_in_order_of_name_and_legs_in_order_of_their_start():
    scenario = small_scenario()
    compiler = Compiler(scenario)
    assert [each.name for each in compiler.places] == ["Beyond", "Camp", "Town"]
    setup = setup_of(scenario)
    assert setup.stops.tolist() == [law.STOPS_OUTSIDE, law.STOPS_IN_SITE, law.STOPS_IN_HOST]
    assert setup.country.tolist() == [1, 0, 0]
    assert setup.leg_start.tolist() == [0, 1, 1, 2]
    assert setup.leg_end.tolist() == [1, 2, 0, 1]
    assert setup.out_first.tolist() == [0, 1, 3, 4]
    assert setup.leg_metres.tolist() == [50_000, 10_000, 50_000, 10_000]
    assert compiler.place_row.tolist() == [2, 1, 0]
    assert compiler.leg_row.tolist() == [3, 1, 2, 0]  # Town-Camp, Camp-Town, Camp-Beyond, Beyond-Camp


def test_a_one_way_route_is_one_leg():
    routes = (Route(start="Town", end="Camp", length_km=10.0, one_way=True),)
    assert [(leg.start, leg.end) for leg in legs_of(small_scenario(routes=routes))] == [("Town", "Camp")]


@pytest.mark.parametrize(("km", "metres"), [(0.0001, 1), (1.2344, 1234), (1.2345, 1235), (12.3, 12_300)])
def test_lengths_are_whole_metres_and_at_least_one(km: float, metres: int):
    setup = setup_of(small_scenario(routes=(Route(start="Town", end="Camp", length_km=km),)))
    assert setup.leg_metres.tolist() == [metres, metres]


def test_population_of_a_site_is_inside_it_and_groups_counted_apart_come_on_top():
    groups = (
        Group(name="children", share=0.5),
        Group(name="fighters", people={"Town": 30, "Camp": "few"}),
        Group(name="adults", share=0.5),
    )
    places = (place("Camp", "camp", population=11), place("Town", population="many"))
    scenario = small_scenario(groups=groups, places=places, routes=small_scenario().routes[:1])
    setup = setup_of(scenario, {"few": 2.5, "many": 100.5})
    assert setup.residents.tolist() == [[0, 0, 0], [51, 30, 50]]  # 100.5 people are 101
    assert setup.inside.tolist() == [[6, 3, 5], [0, 0, 0]]


def test_open_and_closed_on_the_issue_date_and_later():
    """A site or a route is open from the day it opens until the day before it closes."""
    places = (
        place("A", "camp", opens=day(0)),
        place("B", "camp", opens=day(1)),
        place("C", "camp", closes=day(0)),
        place("D", "camp", closes=day(2)),
        place("E", "camp", opens=day(3), closes=day(5)),
        place("F", "camp", opens=day(-9), closes=day(-2)),
    )
    routes = (
        Route(start="A", end="B", length_km=1.0, opens=day(4)),
        Route(start="B", end="C", length_km=1.0, closes=day(1)),
    )
    setup = setup_of(small_scenario(places=places, routes=routes, events=()))
    assert setup.site_open.tolist() == [True, False, False, True, False, False]
    assert setup.leg_open.tolist() == [False, False, True, True]  # A-B, B-A, B-C, C-B
    assert events_of(setup) == [
        (1, law.SITE, 1, 1.0),
        (1, law.ROUTE, 2, 0.0),
        (1, law.ROUTE, 3, 0.0),
        (2, law.SITE, 3, 0.0),
        (3, law.SITE, 4, 1.0),
        (4, law.ROUTE, 0, 1.0),
        (4, law.ROUTE, 1, 1.0),
        (5, law.SITE, 4, 0.0),
    ]


# Events


def test_the_date_of_an_event_is_the_sum_of_its_terms_rounded_down():
    scenario = small_scenario()
    terms = (DateTerm(prior="start"), DateTerm(days=3), DateTerm(prior="delay", sign=-1))
    values = {"start": ISSUE.toordinal() + 1.75, "delay": 0.5}
    assert event_ordinal(event("fighting", "Town", terms), values) == day(4).toordinal()
    events = (event("fighting", "Town", terms, 1.0), event("fighting", "Town", 2, 0.5))
    setup = setup_of(small_scenario(events=events), values)
    assert events_of(setup) == [(2, law.FIGHTING, 2, 0.5), (4, law.FIGHTING, 2, 1.0)]
    assert scenario.n_days == 10


def test_events_of_a_day_stay_in_file_order_and_earlier_ones_come_first():
    """Also before the issue date: the later of two events makes the state of day 0."""
    events = (
        event("fighting", "Town", 3, 0.1),
        event("fighting", "Town", -1, 0.2),
        event("fighting", "Town", -9, 0.3),
        event("fighting", "Town", 3, 0.4),
    )
    scenario = small_scenario(events=events, rules=rules(leave_rate_per_day=1e9))
    assert [value for _, _, _, value in events_of(setup_of(scenario))] == [0.3, 0.2, 0.1, 0.4]
    quiet = (event("fighting", "Town", -1, 0.0), event("fighting", "Town", -9, 1.0))
    forecast = run(scenario.model_copy(update={"events": quiet}), members=1, seed=1)
    assert (forecast.people("resident") == 1000).all()


def test_each_kind_of_event_becomes_a_row_of_the_engine():
    events = (
        event("control", "Camp", 1, actor="blue"),
        event("siege", "Town", 2, 1.5),
        event("site", "Camp", 3, 1.0),
        event("capacity", "Camp", 4, 99.9),
        event("throughput", "Camp", 5, 20.9),
        event("route", "Camp", 6, 0.0, to="Town"),
        event("throughput", "Beyond", 7, 7.0, to="Camp"),
        event("fighting", "Town", 8, -1.0),
    )
    scenario = small_scenario(
        events=events, places=(*small_scenario().places[:2], place("Beyond", "outside", control="red"))
    )
    assert Compiler(scenario).holders == ["", "blue", "red"]
    setup = setup_of(scenario)
    assert setup.control.tolist() == [2, 0, 0]
    assert events_of(setup) == [
        (1, law.CONTROL, 1, 1.0),
        (2, law.SIEGE, 2, 1.0),
        (3, law.SITE, 1, 1.0),
        (4, law.CAPACITY, 1, 99.0),
        (5, law.THROUGHPUT, 1, 20.0),
        (6, law.ROUTE, 1, 0.0),
        (6, law.ROUTE, 3, 0.0),
        (7, law.ROUTE_THROUGHPUT, 0, 7.0),
        (7, law.ROUTE_THROUGHPUT, 2, 7.0),
        (8, law.FIGHTING, 2, 0.0),
    ]


def test_a_storyline_has_its_own_events_and_those_of_every_storyline():
    lines = (Storyline(name="war", title=""), Storyline(name="peace", title=""))
    events = (event("fighting", "Town", 1, 1.0), event("fighting", "Town", 2, 0.0, storyline="peace"))
    scenario = small_scenario(storylines=lines, events=events)
    assert [len(events_of(setup_of(scenario, storyline=number))) for number in (0, 1)] == [1, 2]


# Values


def test_values_out_of_range_are_brought_into_it():
    many = {"big": 1e12, "small": -3.0}
    places = (
        place("A", "camp", capacity="big", throughput_per_day="small", population="small"),
        place("B", capacity="small", population="big"),
    )
    groups = (
        Group(name="all", share=1.0, leave_factor="small", speed_factor="small", return_factor="small"),
    )
    values: dict[str, Any] = dict.fromkeys(
        ["leave_rate_per_day", "softening_km", "distance_power", "capacity_buffer", "walk_km_per_day"],
        "small",
    )
    values |= dict.fromkeys(
        ["ride_km_per_day", "return_rate_per_day", "fighting_attraction", "awareness_km"], "small"
    )
    base = small_scenario()
    chances = dict.fromkeys(base.rules.move_chance, "big")
    attractions = dict.fromkeys(base.rules.attraction, "small")
    law_rules = rules(**values, move_chance=chances, attraction=attractions)
    routes = (Route(start="A", end="B", length_km=1.0, throughput_per_day="small"),)
    setup = setup_of(
        base.model_copy(
            update={"places": places, "routes": routes, "groups": groups, "rules": law_rules, "events": ()}
        ),
        many,
    )
    assert setup.capacity.tolist() == [2_000_000_000, 0]
    assert setup.throughput.tolist() == [0, NO_LIMIT]
    assert setup.leg_throughput.tolist() == [0, 0]
    assert setup.residents.tolist() == [[0], [2_000_000_000]]
    assert (setup.move_chance == 1.0).all() and (setup.attraction == 0.0).all()
    assert (setup.leave_factor[0], setup.speed_factor[0], setup.return_factor[0]) == (0.0, 0.001, 0.0)
    assert (setup.leave_rate_per_day, setup.softening_km, setup.distance_power) == (0.0, 0.001, 0.0)
    assert (setup.capacity_buffer, setup.walk_km_per_day, setup.ride_km_per_day) == (0.0, 0.1, 0.1)
    assert (setup.awareness_metres, setup.return_rate_per_day) == (0, 0.0)


def test_a_group_has_its_own_factor_for_a_holder_or_that_of_all():
    groups = (
        Group(name="a", share=0.5, control_attraction={"red": 0.5}),
        Group(name="b", share=0.5, control_attraction={"green": "g"}),
    )
    scenario = small_scenario(groups=groups, rules=rules(control_attraction={"red": 2.0, "blue": 3.0}))
    assert Compiler(scenario).holders == ["", "blue", "green", "red"]
    assert setup_of(scenario, {"g": 7.0}).control_attraction.tolist() == [[1, 3, 1, 0.5], [1, 3, 7, 2]]


def test_given_numbers_are_of_days_from_1_to_the_horizon():
    rows = [DisplacedOnDay(date=day(number), people=10 + number) for number in (-1, 1, 3, 10, 11)]
    scenario = small_scenario(displaced_per_day=tuple(rows), rules=rules(leaving="given"))
    setup = setup_of(scenario)
    assert setup.leaving_given
    assert setup.given.tolist() == [0, 11, 0, 13, 0, 0, 0, 0, 0, 0, 20]


# The order of rows in the files


def shuffled(name: str, folder: Path, seed: int) -> Path:
    """Return a copy of a bundled scenario with the rows of places.csv and routes.csv in another order."""
    shutil.copytree(bundled_folder(name), folder)
    for file in ("places.csv", "routes.csv"):
        header, *rows = csv.reader((folder / file).read_text("utf-8").splitlines(keepends=True))
        random.Random(seed).shuffle(rows)
        with (folder / file).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header, *rows])
    return folder


@pytest.mark.parametrize(("name", "last"), [("two-towns", None), ("mosul-2016", dt.date(2016, 12, 1))])
def test_other_orders_of_places_and_routes_permute_the_result_and_change_nothing_else(
    name: str, last: dt.date | None, tmp_path: Path
):
    plain = run(load_scenario(name), members=3, seed=5, until=last).to_xarray()
    for seed in (1, 2):
        scenario = load_scenario(shuffled(name, tmp_path / f"{name}-{seed}", seed))
        other = run(scenario, members=3, seed=5, until=last).to_xarray()
        assert other["place"].values.tolist() != plain["place"].values.tolist()
        by_name = other.sel(place=plain["place"].values)
        for variable in ("stocks", "arrivals", "capacity"):
            assert np.array_equal(by_name[variable].values, plain[variable].values), variable
        assert (plain["flows"].values > 0).any()
        assert flows_by_name(other) == flows_by_name(plain)
        parameters = other["parameters"].sel(parameter=plain["parameter"].values)
        assert np.array_equal(parameters.values, plain["parameters"].values)


def flows_by_name(dataset: Any) -> dict[tuple[str, str], list[int]]:
    """Return the flows of all members and days by the names of the ends of the leg."""
    ends = list(zip(dataset["leg_from"].values, dataset["leg_to"].values, strict=True))
    assert len(set(ends)) == len(ends)
    return {end: dataset["flows"].values[..., leg].ravel().tolist() for leg, end in enumerate(ends)}


def test_values_of_priors_reach_the_engine():
    """A population between 0 and 2,000: each member has its own, in parameters and in the stocks of day 0."""
    places = (place("Town", population="people"), *small_scenario().places[1:])
    scenario = small_scenario(places=places, priors={"people": uniform(0, 2000)})
    forecast = run(scenario, members=20, seed=1)
    drawn = forecast.array("parameters")[:, 0]
    assert np.array_equal(forecast.people("resident")[:, 0], np.floor(drawn + 0.5))
    assert len(set(drawn.tolist())) == 20
