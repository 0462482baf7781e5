"""Matching by religion and ethnicity worked by hand, and from the files of an instance to the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_step_families import family, setup_of
from test_stepwise import at_camp, camps, plain_setup, same, simulated, state_of

import flee_tiny
from corridor.engine.arrays import TODAY
from corridor.engine.step_arrays import StepSetup, StepState
from corridor.engine.step_cohorts import PEOPLE, stand, start_day
from corridor.engine.step_matching import (
    CAMP,
    CONFLICT,
    ELSEWHERE,
    ETHNICITY,
    RELIGION,
    match_factor,
    work_out_matching,
)
from corridor.engine.step_morning import decide
from corridor.engine.step_optional import keep_in_camps
from corridor.engine.step_travel import travel
from corridor.engine.step_ways import find_ways_ahead, write_weights
from corridor.engine.structs import as_struct
from corridor.ensemble.flee import run_flee
from corridor.formats.flee import FleeInstance

LEGS = [(0, 1, 10.0), (0, 2, 10.0)]


def by_religion(legs: list[tuple[int, int, float]], own: list[list[float]], **changes: Any) -> StepSetup:
    """Return places with two religions, a group of each, that count 4 r everywhere."""
    n_places = len(own)
    rules: dict[str, Any] = {
        "has_special_weights": True,
        "group_weight": np.full((n_places, 2), 0.5),
        "score_power": np.ones(2),
        "awareness_of_group": np.zeros(2),
        "own_people": np.array(own, np.float64),
        "attribute_of_value": np.array([RELIGION, RELIGION]),
        "value_of_group": np.array([[0, -1], [1, -1]]),
        "match_weight": np.array([[4.0, 0.0], [4.0, 0.0], [4.0, 0.0]]),
    }
    return plain_setup(n_places, legs, [0, 0, 0], **{**rules, **changes})


def morning(setup: StepSetup, standing: list[tuple[int, int, int]]) -> StepState:
    """Return the state on a morning on which (place, group, people) stand somewhere."""
    state = state_of(setup)
    for place, group, people in standing:
        stand(as_struct(setup), as_struct(state), place, group, 0, -1, 0, people)
    start_day(as_struct(setup), as_struct(state))
    work_out_matching(as_struct(setup), as_struct(state))
    return state


def factors(setup: StepSetup, state: StepState, place: int) -> list[float]:
    """Return the factor of a place for each group."""
    n_groups = setup.score_power.size
    return [match_factor(as_struct(setup), as_struct(state), place, group) for group in range(n_groups)]


# The share


def test_the_share_is_of_those_who_live_there_and_those_who_stand_there():
    """At 1 live 5 and 1, and stand 1 and 3: 6 and 4 of 10. At 2 nobody is known, at 0 nobody of group 1."""
    setup = by_religion(LEGS, [[0, 0], [5, 1], [0, 0]])
    state = morning(setup, [(1, 0, 1), (1, 1, 3), (0, 0, 7)])
    assert factors(setup, state, 1) == pytest.approx([4 * 0.6, 4 * 0.4])
    assert factors(setup, state, 2) == [1.0, 1.0]
    assert factors(setup, state, 0) == [4.0, 0.0]


def test_a_place_of_average_composition_has_factor_1():
    setup = by_religion(LEGS, [[0, 0], [25, 75], [0, 0]])
    assert factors(setup, morning(setup, []), 1)[0] == pytest.approx(1.0)


def test_who_is_on_a_road_counts_nowhere():
    """On day 0 ten of group 0 set out on a road of two days; nobody is known at place 1 on either morning."""
    setup = by_religion([(0, 1, 500.0)], [[0, 0], [0, 0]], listed=np.array([[0, 0, 10]]))
    state = state_of(setup)
    assert simulated(setup, 1).standing.tolist() == [[0, 0]]
    stand(as_struct(setup), as_struct(state), 0, 0, 0, -1, 0, 10)
    start_day(as_struct(setup), as_struct(state))
    decide(as_struct(setup), as_struct(state), np.zeros(1, np.int64))
    travel(as_struct(setup), as_struct(state), np.zeros(1, np.int64))
    start_day(as_struct(setup), as_struct(state))
    work_out_matching(as_struct(setup), as_struct(state))
    assert factors(setup, state, 0) == factors(setup, state, 1) == [1.0, 1.0]


def test_who_leaves_home_in_the_morning_counts_there_that_morning():
    """Twenty of group 1 at place 2 choose between 0 and 1 on day 0. At 0 five of group 0 have just left home,
    so nobody goes there; by the count of the evening before nothing would be known, and half would go.
    """
    legs = [(2, 0, 10.0), (2, 1, 10.0)]
    setup = by_religion(legs, [[0, 0]] * 3, listed=np.array([[2, 1, 20]]), move_chance=np.array([0, 0, 1.0]))
    setup = setup._replace(given=np.array([5]), group_weight=np.array([[1.0, 0.0]] * 3))
    assert simulated(setup, 1).standing.tolist() == [[5, 20, 0]]


def test_the_count_of_the_morning_holds_all_day():
    """A thousand of either group go from 0 to 1 and, on the same day, to 2, where nobody is known, or to 3,
    where group 1 lives: all of group 0 to 2, and of group 1 with weights 1 and 4 one in five. By the count of
    the moment nobody of group 1 would go where those of group 0 have just come.
    """
    legs = [(0, 1, 10.0), (1, 2, 10.0), (1, 3, 10.0)]
    listed = np.array([[0, 0, 1000], [0, 1, 1000]])
    setup = by_religion(legs, [[0, 0], [0, 0], [0, 0], [0, 9]], listed=listed, **camps(4, 2, 3))
    standing = simulated(at_camp(setup), 1).standing[0]
    assert standing[:2].tolist() == [0, 0]
    assert abs(standing[2] - 1200) < 64  # 5 standard deviations of 12.6: one seed in 2 million


def test_in_harvest_who_is_counted_at_home_counts_there():
    """One of group 0, whose home is 1, stands at 2 with one of group 1, who does not farm."""
    setup = by_religion(LEGS, [[0, 0]] * 3, group_home=np.array([1, 1]), group_farms=np.array([True, False]))
    at_work = morning(setup._replace(is_harvest=np.array([True])), [(2, 0, 1), (2, 1, 1)])
    assert factors(setup, at_work, 1) == [4.0, 0.0] and factors(setup, at_work, 2) == [0.0, 4.0]
    after = morning(setup._replace(is_harvest=np.array([False])), [(2, 0, 1), (2, 1, 1)])
    assert factors(setup, after, 1) == [1.0, 1.0] and factors(setup, after, 2) == [2.0, 2.0]


def test_who_stays_in_a_camp_for_good_goes_on_counting():
    """Three of group 0 stay at camp 1 for good; one of group 1 comes: 3 of 4 and 1 of 4."""
    setup = by_religion(LEGS, [[0, 0]] * 3, stay_chance=np.ones(3), **camps(3, 1))
    state = state_of(setup)
    stand(as_struct(setup), as_struct(state), 1, 0, 0, -1, 0, 3)
    keep_in_camps(as_struct(setup), as_struct(state))
    start_day(as_struct(setup), as_struct(state))
    assert state.today[0, PEOPLE] == 0
    state.counters[TODAY] = 1
    stand(as_struct(setup), as_struct(state), 1, 1, 0, -1, 0, 1)
    start_day(as_struct(setup), as_struct(state))
    work_out_matching(as_struct(setup), as_struct(state))
    assert factors(setup, state, 1) == pytest.approx([3.0, 1.0])


# Where which rule holds


def test_each_rule_of_matching_has_its_kind_of_place():
    """One religion and two ethnicities, 30 and 10 of 40 at each place: a camp, a conflict zone, a town, a
    camp in conflict. Religion counts 5 r in camps alone, ethnicity 10 r, 20 r in conflict and 30 r in towns.
    """
    setup = by_religion(
        LEGS,
        [[40, 30, 10]] * 4,
        attribute_of_value=np.array([RELIGION, ETHNICITY, ETHNICITY]),
        value_of_group=np.array([[0, 1], [0, 2]]),
        match_weight=np.zeros((3, 2)),
        is_camp=np.array([True, False, False, True]),
        intensity=np.array([0.0, 1.0, 0.0, 1.0]),
    )
    setup.match_weight[CAMP] = 5.0, 10.0
    setup.match_weight[CONFLICT] = 0.0, 20.0
    setup.match_weight[ELSEWHERE] = 0.0, 30.0
    state = morning(setup, [])
    assert factors(setup, state, 0) == pytest.approx([5 * 7.5, 5 * 2.5])
    assert factors(setup, state, 1) == pytest.approx([15.0, 5.0])
    assert factors(setup, state, 2) == pytest.approx([22.5, 7.5])
    assert factors(setup, state, 3) == pytest.approx([5 * 7.5, 5 * 2.5])
    state.is_camp[0] = False  # a camp that closes is a town from that morning on
    work_out_matching(as_struct(setup), as_struct(state))
    assert factors(setup, state, 0) == pytest.approx([22.5, 7.5])


@pytest.mark.parametrize(
    ("key", "weight"),
    [
        ("MatchCampReligion", [[5.0, 0], [0, 0], [0, 0]]),
        ("MatchCampEthnicity", [[0, 10.0], [0, 0], [0, 0]]),
        ("MatchConflictEthnicity", [[0, 0], [0, 10.0], [0, 0]]),
        ("MatchTownEthnicity", [[0, 0], [0, 0], [0, 10.0]]),
    ],
)
def test_the_settings_say_which_rule_is_on(tmp_path, key: str, weight: list[list[float]]):
    move = f"  {key}: true\n  avg_religion_fraction: 0.2\n"
    setup = setup_of(family(tmp_path, move=move, **TABLES))
    assert setup.match_weight == pytest.approx(np.array(weight))


def test_the_factor_comes_after_the_power_of_the_score():
    """Score 3 at camp 1; group 1 squares it: 4 x 0.5 x 3 / 10 and 4 x 0.5 x 9 / 10 km."""
    setup = by_religion(LEGS, [[0, 0], [1, 1], [0, 0]], base_score=np.array([1.0, 3.0, 1.0]))
    setup = setup._replace(score_power=np.array([1.0, 2.0]))
    assert [weights(setup, 0, group)[0] for group in (0, 1)] == pytest.approx([0.6, 1.8])


def test_on_fixed_routes_the_factor_counts_once():
    """The score 3 counts twice, 4 r once: 3 / 10 x 3 x 4 x 0.75."""
    setup = by_religion(LEGS, [[0, 0], [3, 1], [0, 0]], base_score=np.array([1.0, 3.0, 1.0]))
    setup = setup._replace(routes_are_fixed=True, chain_first=np.zeros(1, np.int64))
    assert weights(setup, 0, 0)[0] == pytest.approx(2.7)


def weights(setup: StepSetup, origin: int, group: int) -> list[float]:
    """Return the weights of the ways from a place for a group, on a morning on which nobody stands about."""
    state = morning(setup, [])
    find_ways_ahead(as_struct(setup), as_struct(state), origin)
    weight = np.zeros(state.ways_count[origin])
    write_weights(as_struct(setup), as_struct(state), origin, group, weight)
    return [float(value) for value in weight]


# From the files

TABLES = {
    "demographics_religion": "religion,Default,Beta\namber,1,0\nbirch,3,1\n",
    "demographics_ethnicity": "ethnicity,Default\nbirch,1\ndune,1\n",
}
LOCATIONS = """\
#name,region,country,latitude,longitude,location_type,conflict_date,population,birch,amber
Alpha,North,Homeland,1.0,10.0,conflict_zone,0,50000,1000,
Beta,North,Homeland,1.5,10.5,town,,,30,10
Camp One,East,Abroad,2.0,11.0,camp,,20000,,15.5
CampTwo,East,Abroad,2.5,11.5,camp,,10000,,
"""


def matched(folder: Path, move: str, **more: Any) -> FleeInstance:
    return family(folder, move=move, **{"locations": LOCATIONS, **TABLES, **more})


@pytest.mark.parametrize("how", ["as-run", "as-meant"])
def test_columns_of_the_file_are_who_lives_there(tmp_path, how: str):
    """Birch is a religion and an ethnicity with one column; dune has none. Amber, birch, birch, dune."""
    instance = matched(tmp_path, "  MatchCampReligion: true\n  MatchTownEthnicity: true\n", law=how)
    setup = setup_of(instance)
    assert setup.own_people.tolist() == [
        [0.0, 1000.0, 1000.0, 0.0],
        [10.0, 30.0, 30.0, 0.0],
        [15.5, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0],
    ]
    assert setup.attribute_of_value.tolist() == [RELIGION, RELIGION, ETHNICITY, ETHNICITY]
    assert setup.value_of_group.tolist() == [[0, 2], [1, 2], [0, 3], [1, 3]]
    assert setup.group_weight[:2].tolist() == [[0.125, 0.375, 0.125, 0.375], [0.0, 0.5, 0.0, 0.5]]
    assert setup.match_weight.tolist() == [[4.0, 0.0], [0.0, 0.0], [0.0, 10.0]]
    assert setup.has_special_weights


def test_columns_are_divided_by_hasten_and_not_rounded(tmp_path):
    matched(tmp_path, "  MatchCampReligion: true\n")
    setup = setup_of(flee_tiny.read(tmp_path, hasten=10))
    assert setup.own_people.tolist() == [[0.0, 100.0], [1.0, 3.0], [1.55, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize(
    ("move", "values"),
    [
        ("", []),
        ("  MatchCampReligion: true\n", [[0, -1], [1, -1]]),
        ("  MatchConflictEthnicity: true\n", [[-1, 0], [-1, 1]]),
    ],
)
def test_people_are_told_apart_by_what_a_rule_reads_alone(tmp_path, move: str, values: list[list[int]]):
    setup = setup_of(matched(tmp_path, move))
    assert setup.value_of_group.tolist() == values
    assert setup.score_power.size == max(1, len(values))


def test_without_a_rule_the_tables_change_nothing(tmp_path):
    same(matched(tmp_path / "a", ""), family(tmp_path / "b"))


def test_people_of_agents_csv_bring_their_own_values(tmp_path):
    """Cedar is in no table: two cedars of the file and the amber share a group with nobody and with some."""
    instance = matched(
        tmp_path,
        "  MatchCampReligion: true\n",
        spawn="  read_from_agents_csv_file: true\n",
        agents="location,religion\nBeta,cedar\nBeta,cedar\nBeta,amber\n",
    )
    setup = setup_of(instance)
    assert setup.value_of_group.tolist() == [[0, -1], [1, -1], [2, -1]]
    assert setup.group_weight[:, 2].tolist() == [0.0] * 4
    assert sorted(setup.listed.tolist()) == [[1, 0, 1], [1, 2, 2]]


def test_people_prefer_camps_of_their_own_religion(tmp_path):
    """Camp One is all amber, CampTwo all birch, by far; nobody goes where nobody is like them.

    The camps begin empty and all who leave are birch, so nobody ever comes to Camp One, though it is nearer.
    """
    locations = LOCATIONS.replace(",,15.5", ",,1000").replace("10000,,", "10000,1000,")
    tables = {"demographics_religion": "religion,Default\namber,0\nbirch,1\n"}
    spawn = "  empty_camps_on_day0: true\n"
    rule = "  MatchCampReligion: true\n"
    instance = family(tmp_path / "a", move=rule, spawn=spawn, locations=locations, **tables)
    runs = in_camps(instance)
    assert runs[:, 0].tolist() == [0] * 20 and runs[-1, 1] > 1000
    without = in_camps(family(tmp_path / "b", spawn=spawn, locations=locations, **tables))
    assert without[-1, 0] > without[-1, 1] > 0


def in_camps(instance: FleeInstance) -> Any:
    """Return [days, sites] of one future."""
    return run_flee(instance, seed=1).simulated[0]
