"""Needs worked by hand: on two-towns, and on forecasts of a few numbers."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest

from corridor.ensemble.run import run
from corridor.needs.needs import TOTAL, needs_of
from corridor.needs.stocks import load_stocks
from corridor.problems import InputError
from corridor.scenario.load import load_scenario
from corridor.scenario.model import Place


@pytest.fixture(scope="module")
def two_towns():
    """Eight futures of the tutorial; those of the long fight fill Birch Camp."""
    return run(load_scenario("two-towns"), members=8, seed=1)


def middle(needs, place, indicator, day, group="all"):
    return float(needs.of(place, indicator, group).quantiles[2, day])


def test_two_towns_by_hand(two_towns):
    """Every need of Birch Camp on 8 March from the people of each member, with the standards' own numbers.

    All have come since 2 March, so the acute phase holds; March is a month of winter; a household is five.
    """
    day = 7
    people = two_towns.occupancy("Birch Camp")[:, day].tolist()
    assert len(set(people)) > 1
    by_hand = {
        "people": lambda n: n,
        "water_survival": lambda n: 7.5 * n,
        "water_full": lambda n: 15 * n,
        "food_energy": lambda n: 2100 * n,
        "food_ration": lambda n: 0.555 * n,
        "covered_space": lambda n: 3.5 * n,
        "family_plots": lambda n: math.ceil(n / 5),
        "tents": lambda n: math.ceil(n / 5),
        "latrines": lambda n: math.ceil(n / 50),
        "taps": lambda n: math.ceil(n / 250),
        "health_posts": lambda n: 1 if n else 0,
        "blankets": lambda n: 2 * n,
        "winter_kits": lambda n: math.ceil(n / 5),
        "heating_fuel": lambda n: 100 / 30 * math.ceil(n / 5),
    }
    needs = needs_of(two_towns)
    for indicator, need in by_hand.items():
        ranked = sorted(need(n) for n in people)
        expected = (ranked[3] + ranked[4]) / 2  # the middle of eight
        if needs.of("Birch Camp", indicator).unit not in ("litres/day", "kcal/day", "kg/day", "m2", "people"):
            expected = math.ceil(expected)
        assert middle(needs, "Birch Camp", indicator, day) == pytest.approx(expected), indicator


def test_a_full_birch_camp_needs_this():
    """300 people: 4,500 litres, 60 plots, 6 latrines, 2 taps, 600 blankets."""
    storyline = run(load_scenario("two-towns"), members=4, seed=1, storyline="long-fight")
    needs = needs_of(storyline)
    assert middle(needs, "Birch Camp", "people", 14) == 300
    wanted = {"water_full": 4500, "family_plots": 60, "latrines": 6, "taps": 2, "blankets": 600}
    assert {name: middle(needs, "Birch Camp", name, 14) for name in wanted} == wanted
    # kg: tents 60 x 55, blankets 600 x 1.67, mats 300, kitchen sets 60 x 5,
    # containers 120 x 0.5 and winter kits 60 x 25 kg
    assert middle(needs, "Birch Camp", "truck_tonnes", 14) == pytest.approx(
        (3300 + 1002 + 300 + 300 + 60 + 1500) / 1000
    )
    assert middle(needs, "Birch Camp", "truck_loads", 14) == 1


def test_whole_things_are_rounded_up_in_every_member(forecast_of, standards_of):
    """51 people need 2 latrines, 49 need 1; the middle of both is one and a half, rounded up at the end."""
    standards = standards_of("latrines,Latrines,50,,,people,latrine,,,,,a book")
    needs = needs_of(forecast_of({("Khazer", "in_camp"): [[51], [51], [51], [49]]}), standards)
    assert needs.of("Khazer", "latrines").quantiles[:, 0].tolist() == [1, 2, 2, 2, 2]
    needs = needs_of(forecast_of({("Khazer", "in_camp"): [[101], [1]]}), standards)
    assert needs.of("Khazer", "latrines").quantiles[2, 0] == 2  # of 3 and 1
    assert needs.of("Khazer", "latrines").unit == "latrines"


def test_sites_are_rounded_up_each_on_its_own(forecast_of, standards_of):
    standards = standards_of("latrines,Latrines,50,,,people,latrine,,,,,a book")
    people = {("Khazer", "in_camp"): [[10]], ("Zelikan", "in_camp"): [[10]]}
    assert middle(needs_of(forecast_of(people), standards), TOTAL, "latrines", 0) == 2


def test_who_counts_is_present_and_not_at_home(forecast_of, standards_of):
    standards = standards_of("water,Water,10,,,litres,person/day,,,,,a book")
    states = ("resident", "trapped", "displaced", "travelling", "waiting", "in_camp", "returned", "left_area")
    people = {("Khazer", state): [[10**at]] for at, state in enumerate(states)}
    needs = needs_of(forecast_of(people), standards)
    assert middle(needs, "Khazer", "people", 0) == 100 + 10**4 + 10**5
    assert middle(needs, "Khazer", "water", 0) == 10 * (100 + 10**4 + 10**5)


def test_the_acute_phase_lasts_so_many_days_from_the_first_with_people(forecast_of, standards_of):
    standards = standards_of(
        "latrines,Latrines,50,,,people,latrine,acute,,,,a book",
        "latrines,Latrines,20,,,people,latrine,longer,,,,a book",
        "acute_days,Acute phase,3,,,days,site,,,,,a book",
    )
    needs = needs_of(forecast_of({("Khazer", "in_camp"): [[0, 100, 100, 100, 100, 100]]}), standards)
    assert needs.of("Khazer", "latrines").quantiles[2].tolist() == [0, 2, 2, 2, 5, 5]
    there_before = needs_of(forecast_of({("Khazer", "in_camp"): [[100, 100]]}), standards)
    assert there_before.of("Khazer", "latrines").quantiles[2].tolist() == [5, 5]


def test_a_site_opened_the_day_before_is_still_acute(forecast_of, standards_of):
    standards = standards_of(
        "latrines,Latrines,50,,,people,latrine,acute,,,,a book",
        "latrines,Latrines,20,,,people,latrine,longer,,,,a book",
        "acute_days,Acute phase,3,,,days,site,,,,,a book",
    )
    opened = Place(name="New", lat=36, lon=43, kind="camp", country="Iraq", opens=dt.date(2016, 10, 19))
    forecast = forecast_of({("New", "in_camp"): [[100, 100, 100]]}, places=(opened,))
    assert needs_of(forecast, standards).of("New", "latrines").quantiles[2].tolist() == [2, 2, 5]


def test_months_of_winter(forecast_of, standards_of):
    standards = standards_of(
        "blankets,Blankets,1,,,pieces,person,,4-10,,,a book",
        "blankets,Blankets,2,,,pieces,person,,11-3,,,a book",
        "kits,Winter kits,1,,,kits,household,,11-3,,,a book",
    )
    forecast = forecast_of({("Khazer", "in_camp"): [[12, 12]]}, issue=dt.date(2016, 10, 31), household_size=6)
    needs = needs_of(forecast, standards)
    assert needs.of("Khazer", "blankets").quantiles[2].tolist() == [12, 24]
    assert needs.of("Khazer", "kits").quantiles[2].tolist() == [0, 2]


def test_a_range_widens_the_band(forecast_of, standards_of):
    standards = standards_of("space,Space,,4,6,m2,person,,,,,a book")
    needs = needs_of(forecast_of({("Khazer", "in_camp"): [[100]]}), standards)
    assert needs.of("Khazer", "space").quantiles[:, 0].tolist() == [400, 400, 500, 600, 600]
    shared = standards_of("taps,Taps,,50,100,people,tap,,,,,a book")
    needs = needs_of(forecast_of({("Khazer", "in_camp"): [[200]]}), shared)
    assert needs.of("Khazer", "taps").quantiles[:, 0].tolist() == [2, 2, 3, 4, 4]


def test_packs_are_for_households_that_arrive(forecast_of, standards_of):
    standards = standards_of("packs,Packs,1,,,packs,arriving household,,,,,a book")
    forecast = forecast_of({("Khazer", "in_camp"): [[0, 11, 11]]}, arrivals={"Khazer": [[0, 11, 0]]})
    assert needs_of(forecast, standards).of("Khazer", "packs").quantiles[2].tolist() == [0, 3, 0]


def test_groups_share_what_is_needed_by_the_person(forecast_of, standards_of):
    standards = standards_of(
        "water,Water,10,,,litres,person/day,,,,,a book", "plots,Plots,1,,,plots,household,,,,,a book"
    )
    forecast = forecast_of({("Khazer", "in_camp"): [[40]]}, groups=("children", "adults"))
    needs = needs_of(forecast, standards)
    assert middle(needs, "Khazer", "water", 0, "children") == 400
    assert middle(needs, "Khazer", "water", 0, "adults") == 0
    with pytest.raises(KeyError, match="no need of 'plots'"):
        needs.of("Khazer", "plots", "children")
    together = needs_of(forecast, standards, by_group=False)
    assert {row.group for row in together.rows} == {"all"}
    assert middle(together, "Khazer", "water", 0, "all") == middle(needs, "Khazer", "water", 0, "all") == 400


def test_room_runs_short(forecast_of):
    """200 places: in three of four futures more people come, in half of them from day 2 on."""
    forecast = forecast_of(
        {
            ("Khazer", "in_camp"): [[0, 200, 200], [0, 200, 200], [0, 200, 200], [0, 100, 100]],
            ("Khazer", "waiting"): [[0, 21, 50], [0, 0, 31], [0, 0, 4], [0, 0, 0]],
        }
    )
    gap = needs_of(forecast).gap("Khazer", "room")
    assert gap.short_by.tolist() == [0, 0.25, 0.75]
    assert (gap.chance, gap.day_open_in(0.5), gap.day_open_in(0.8)) == (0.75, 2, None)
    assert gap.quantiles[2].tolist() == [0, 0, (4 + 31) / 2]
    plots = needs_of(forecast).gap("Khazer", "plots")
    assert plots.quantiles[4].tolist() == [0, 5, 10]  # 21 people are 5 households, 50 are 10
    assert plots.available.tolist() == [40, 40, 40]
    assert needs_of(forecast).gap("Zelikan", "room") is None  # no capacity is known


def test_room_at_one_site_does_not_help_at_another(forecast_of):
    places = tuple(
        Place(name=name, lat=36, lon=43, kind="camp", country="Iraq", capacity=100) for name in ("A", "B")
    )
    forecast = forecast_of({("A", "in_camp"): [[0, 150]], ("B", "in_camp"): [[0, 20]]}, places=places)
    assert needs_of(forecast).gap(TOTAL, "room").quantiles[2].tolist() == [0, 50]


def test_people_without_a_place_anywhere(forecast_of):
    people = {
        ("Home", "displaced"): [[0, 7]],
        ("Khazer", "waiting"): [[0, 5]],
        ("Khazer", "in_camp"): [[0, 90]],
    }
    assert needs_of(forecast_of(people)).gap(TOTAL, "no_place").quantiles[2].tolist() == [0, 12]


STOCKS = "site,indicator,quantity,unit,from,note\n"


def stocks_from(tmp_path, forecast, standards, rows):
    path = tmp_path / "stocks.csv"
    path.write_text(STOCKS + rows, "utf-8")
    return load_stocks(path, forecast.scenario, standards)


def test_stocks_supplies_and_heaps(forecast_of, standards_of, tmp_path):
    """100 people need 1,000 litres a day. A supply of 400 a day from day 1, and a heap of 1,000 on day 2.

    Day 0: 1,000 short. Day 1: 600. Day 2: 600 from the heap, none short. Day 3: 400 are left, 200 short.
    """
    standards = standards_of("water,Water,10,,,litres,person/day,,,,,a book")
    forecast = forecast_of({("Khazer", "in_camp"): [[100, 100, 100, 100, 100]]})
    rows = "Khazer,water,400,litres/day,2016-10-21,\nKhazer,water,1000,litres,2016-10-22,\n"
    needs = needs_of(forecast, standards, stocks=stocks_from(tmp_path, forecast, standards, rows))
    assert needs.gap("Khazer", "water").quantiles[2].tolist() == [1000, 600, 0, 200, 600]
    assert needs.gap(TOTAL, "water") is None  # nothing is said of all sites


def test_stocks_for_all_sites(forecast_of, standards_of, tmp_path):
    standards = standards_of("tents,Tents,1,,,tents,household,,,,,a book")
    people = {("Khazer", "in_camp"): [[100, 100]], ("Zelikan", "in_camp"): [[0, 50]]}
    forecast = forecast_of(people)
    stocks = stocks_from(tmp_path, forecast, standards, "all,tents,25,tents,,\n")
    gap = needs_of(forecast, standards, stocks=stocks).gap(TOTAL, "tents")
    assert gap.quantiles[2].tolist() == [0, 5]
    assert gap.day_open_in(0.5) == 1


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("Kazer,water,1,litres/day,,\n", "[place-unknown] site is 'Kazer', which is no place"),
        ("Khazer,watr,1,litres/day,,\n", "'watr' is not an indicator of "),
        ("Khazer,water,1,m3/day,,\n", "unit is 'm3/day'; water is in 'litres/day', or 'litres' for a heap"),
        ("Khazer,water,-1,litres/day,,\n", "quantity is '-1'; it must be a number from 0"),
        ("Khazer,water,1,litres/day,2017-01-01,\n", "after the last day, 2016-10-21"),
        ("Khazer,water,1,litres/day,soon,\n", "from is 'soon'; it must be a date"),
    ],
)
def test_wrong_stocks(forecast_of, standards_of, tmp_path, row, words):
    standards = standards_of("water,Water,10,,,litres,person/day,,,,,a book")
    forecast = forecast_of({("Khazer", "in_camp"): [[100, 100]]})
    with pytest.raises(InputError) as raised:
        stocks_from(tmp_path, forecast, standards, row)
    assert words in str(raised.value)


def test_an_unknown_place_is_refused_with_those_like_it(forecast_of):
    forecast = forecast_of({("Khazer", "in_camp"): [[1]]})
    with pytest.raises(InputError, match="did you mean 'Zelikan'"):
        needs_of(forecast, places=["Zeli"])


def test_a_town_can_be_asked_for_by_name(two_towns):
    needs = needs_of(two_towns, places=["Tol"])
    assert np.array_equal(
        needs.of("Tol", "people").quantiles[2],
        np.quantile(two_towns.occupancy("Tol"), 0.5, 0, method="hazen"),
    )


def test_a_scenario_without_sites_is_refused(forecast_of):
    town = Place(name="Town", lat=36, lon=43, kind="town", country="Iraq", population=5)
    with pytest.raises(InputError, match="the scenario has no sites"):
        needs_of(forecast_of({("Town", "displaced"): [[1]]}, places=(town,)))


def test_one_member_has_a_band_of_no_width(forecast_of):
    need = needs_of(forecast_of({("Khazer", "in_camp"): [[123]]})).of("Khazer", "people")
    assert need.quantiles[:, 0].tolist() == [123] * 5


def test_fewer_than_ten_people_are_marked(forecast_of):
    need = needs_of(forecast_of({("Khazer", "in_camp"): [[0, 9, 10]]})).of("Khazer", "water_full")
    assert need.is_small[2].tolist() == [False, True, False]
