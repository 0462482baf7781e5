"""Flee's optional rules worked by hand: food, floods, harvest, camps that keep people, fixed routes and roads
that everybody must take. Each oddity of docs/flee.md that belongs to them has a test here.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_stepwise import at_camp, camps, plain_setup, same, simulated, state_of, ways_from

import flee_tiny
from corridor.engine.step_arrays import StepSetup
from corridor.engine.step_events import SET_MOVE_CHANCE
from corridor.engine.step_leaving import work_out_leave_weights
from corridor.engine.step_moving import chance_to_go
from corridor.engine.step_optional import factor_for
from corridor.engine.step_scores import work_out_scores
from corridor.engine.step_ways import find_ways_ahead, write_weights
from corridor.engine.structs import as_struct
from corridor.ensemble.flee import run_flee, step_setup
from corridor.formats.flee import FleeInstance, data_table, quirks
from corridor.problems import InputError

FILES = flee_tiny.FILES
IPC = "#Day,North,East\n0,10,20\n10,60,20\n30,60,20\n"


def family(
    folder: Path, *, spawn: str = "", move: str = "", law: str = "as-run", columns: str = "", **files: str
) -> FleeInstance:
    """Return the tiny instance with rules and files; ``columns`` is a name and a value for every place."""
    settings = FILES["settings.yml"].replace("spawn_rules:\n", f"spawn_rules:\n{spawn}")
    settings = settings.replace("move_rules:\n", f"move_rules:\n{move}")
    if columns:
        name, value = columns.split("=")
        header, *rows = FILES["input_csv/locations.csv"].splitlines()
        files["locations"] = "\n".join([f"{header},{name}", *(f"{row},{value}" for row in rows)]) + "\n"
    written = flee_tiny.write_files(folder, **{"settings": settings, **files})
    return flee_tiny.read(written, law=law)


def setup_of(instance: FleeInstance) -> StepSetup:
    return step_setup(instance, data_table(instance))[0]


# Food


def test_lack_of_food_falls_between_the_days_of_the_table(tmp_path):
    """Alpha and Beta lie in the north, at home: IPC 10 on day 0 and 60 on day 10, so 35 on day 5."""
    rules = "  flee_when_starving: true\n  avoid_food_deprived_locations: true\n"
    setup = setup_of(family(tmp_path, move=rules, region_attributes_IPC=IPC))
    assert setup.chance_least[[0, 5, 10], 0, 0] == pytest.approx([0.1, 0.35, 0.6])
    assert setup.chance_share[[0, 5, 10], 0, 0] == pytest.approx([0.9, 0.65, 0.4])
    assert setup.day_score[[0, 5, 10], 0] == pytest.approx([1.0, 1 - 0.35**2, 1 - 0.6**2])
    assert setup.day_score[[0, 5, 10], 2].tolist() == [1.0, 1.0, 1.0]  # abroad


@pytest.mark.parametrize(("only", "weights"), [("true", [72_500.0, 0.0]), ("false", [72_500.0, 3_150.0])])
def test_starvation_adds_to_the_weight_of_leaving_from_day_1_on(tmp_path, only: str, weights: list[float]):
    """Day 8: 50,000 x (1 + 0.45 + 0) at Alpha; 7,000 x 0.45 at Beta, which is not in conflict."""
    locations = FILES["input_csv/locations.csv"].replace("town,,", "town,,7000")
    spawn = f"  starvation_driven_spawning: true\n  conflict_zone_spawning_only: {only}\n"
    setup = setup_of(family(tmp_path, spawn=spawn, locations=locations, region_attributes_IPC=IPC))
    table = setup.leave_share
    assert table[[0, 1, 7], 0] == pytest.approx([0.0, 0.15, 0.45])
    ipc_of_day_7 = pytest.approx([50_000 * 1.45, weights[1]])
    state = state_of(setup)
    work_out_leave_weights(as_struct(setup), as_struct(state), 7)
    assert state.leave_weight[:2] == ipc_of_day_7
    work_out_leave_weights(as_struct(setup), as_struct(state), 0)
    assert state.leave_weight[:2].tolist() == [50_000.0, 0.0]


def test_who_starves_goes_on(tmp_path):
    """IPC 100: everybody goes on although the move chance is 0."""
    full = "#Day,North,East\n0,100,100\n30,100,100\n"
    rules = "  flee_when_starving: true\n"
    setup = setup_of(family(tmp_path, move=rules, region_attributes_IPC=full))
    state = state_of(setup._replace(move_chance=np.zeros(4)))
    assert chance_to_go(as_struct(setup), as_struct(state), 1, 0) == 1.0


def test_a_place_named_like_a_region_has_the_value_of_its_own_region(tmp_path):
    table = IPC.replace("East", "East,Beta").replace(",20\n", ",20,90\n")
    setup = setup_of(family(tmp_path, move="  flee_when_starving: true\n", region_attributes_IPC=table))
    assert setup.chance_least[0, :, 0] == pytest.approx([0.1, 0.1, 0.2, 0.2])


# Floods

LAYOUT = FILES["source_data/data_layout.csv"] + "Alpha,two.csv\nBeta,two.csv\n"
LISTS = "flood_movechances: [0, 0.2, 0.6], flood_loc_weights: [1, 0.5, 0.2]"


def flooded(
    folder: Path,
    levels: list[float],
    *,
    law: str = "as-run",
    mode: str = "pop_ratio",
    rates: str = "[0, 0.1, 0.4]",
    rules: str = "",
    **files: str,
) -> FleeInstance:
    """Return an instance driven by floods at Beta, a flood zone, whose 1000 people may leave; 5 days."""
    locations = FILES["input_csv/locations.csv"].replace("town,,", "flood_zone,,1000")
    spawn = "  conflict_zone_spawning_only: false\n  flood_zone_spawning_only: true\n"
    spawn += "  take_from_population: true\n"
    spawn += f"  flood_driven_spawn_mode: {{spawn_mode: {mode}, displaced_per_flood_day: {rates}}}\n"
    settings = f"spawn_rules:\n{spawn}move_rules:\n  flood_rules: {{{LISTS}{rules}}}\n"
    table = "#Day,Beta\n" + "".join(f"{day},{level}\n" for day, level in enumerate(levels))
    files = {"locations": locations, "data_layout": LAYOUT, "flood_level": table, **files}
    return flee_tiny.read(flee_tiny.write_files(folder, settings=settings, **files), law=law, days=5)


def test_floods_move_people(tmp_path):
    """Levels 0, 1, 2, the last of the lists, at which Flee stops: 100 of 1000 leave, then 360 of 900."""
    instance = flooded(tmp_path, [0, 1, 2, 0, 0])
    runs = run_flee(instance, seed=1)
    in_camps = 700  # 300 and 200 in the camps, 200 each at Alpha and Beta
    assert (runs.created[0] - runs.created[0, 0]).tolist() == [0, 100, 460, 460, 460]
    assert runs.created[0, 0] == in_camps + 200
    setup = setup_of(instance)
    assert setup.chance_least[:, 1, 0].tolist() == [0.0, 0.2, 0.6, 0.0, 0.0]
    assert setup.chance_share[:, 1, 0].tolist() == [1.0, 0.0, 0.0, 1.0, 1.0]
    assert any("flood level 2 is the last of a list" in line for line in quirks(instance))


def test_a_flood_counts_twice_in_the_score_of_a_flood_zone(tmp_path):
    """As run: once as the score of the place, once as that of a destination. As meant: once."""
    for how, score in (("as-run", 0.25), ("as-meant", 0.5)):
        setup = setup_of(flooded(tmp_path / how, [1] * 5, law=how))
        state = state_of(setup)
        factor = factor_for(as_struct(setup), as_struct(state), 1, 0)
        assert state.score[1] * factor == pytest.approx(score)


@pytest.mark.parametrize(("how", "rate", "chance"), [("as-run", 0.1, 0.2), ("as-meant", 0.25, 0.4)])
def test_levels_are_cut_to_whole_numbers(tmp_path, how: str, rate: float, chance: float):
    """Level 1.5: that of 1 as run, half way between 1 and 2 as meant."""
    instance = flooded(tmp_path, [1.5] * 5, law=how)
    setup = setup_of(instance)
    assert setup.leave_rate[0, 1] == pytest.approx(rate)
    assert setup.chance_least[0, 1, 0] == pytest.approx(chance)
    assert any("5 flood levels are cut to whole numbers" in line for line in quirks(instance))


@pytest.mark.parametrize(("how", "mean"), [("as-run", 2.0), ("as-meant", 2.9)])
def test_means_of_poisson_departures_are_cut(tmp_path, how: str, mean: float):
    setup = setup_of(flooded(tmp_path, [1] * 5, law=how, mode="poisson", rates="[0, 2.9, 5]"))
    assert setup.leave_rate[0, 1] == mean


def test_a_constant_number_leaves_by_flood_level(tmp_path):
    instance = flooded(tmp_path, [0, 1, 2, 1, 0], mode="constant", rates="[0, 7.9, 20]")
    runs = run_flee(instance, seed=1)
    assert np.diff(runs.created[0]).tolist() == [7, 20, 7, 0]


FORECASTER = (
    ", flood_forecaster: true, flood_forecaster_timescale: 2, flood_forecaster_end_time: 3"
    ", flood_forecaster_weights: [0.1, 0.2, 0.4, 0.8, 9], flood_awareness_weights: [0, 0.5]"
)
AWARENESS = {"demographics_floodawareness": "floodawareness,Default\n0,1\n1,3\n"}


def test_the_forecaster_as_run_by_hand(tmp_path):
    """Beta is dry on day 0, level 1 on day 1, 2 on day 2: B = 0.5 x 0.2 + 0.2 x 0.4 = 0.18, days by number.

    p = 0.3 x 0.18 / 2 x 0.5. In e the flood of today stands for both: B = 1 x 0.2 + 1 x 0.4, B^2 / 2 x 0.5.
    The forecast ends with day 3. Alpha, dry throughout, has chance and score 0.
    """
    instance = flooded(tmp_path, [0, 1, 2, 2, 1], rules=FORECASTER, **AWARENESS)
    setup = setup_of(instance)
    assert setup.awareness_of_group.tolist() == [0.0, 0.5]
    assert setup.group_weight[1].tolist() == [0.25, 0.75]
    state = state_of(setup)
    assert chance_to_go(as_struct(setup), as_struct(state), 1, 1) == pytest.approx(0.3 * 0.09 * 0.5)
    assert chance_to_go(as_struct(setup), as_struct(state), 1, 0) == 0.0
    assert factor_for(as_struct(setup), as_struct(state), 1, 1) == pytest.approx(0.6**2 / 2 * 0.5)
    assert state.score[1] == 0.0  # a flood zone
    assert chance_to_go(as_struct(setup), as_struct(state), 0, 1) == 0.0
    assert factor_for(as_struct(setup), as_struct(state), 0, 1) == 0.0
    # day 2: both days ahead are day 3, on which it stops: B = 0.2 x 0.8 for p, f(level 2) = 0.2 for e, too
    assert setup.chance_least[2, 1].tolist() == pytest.approx([0.0, 0.6 * 0.2 * 0.8 / 2])
    assert setup.end_factor[2, 1].tolist() == pytest.approx([0.0, 0.2 * (0.2 * 0.8) ** 2 / 2])
    assert setup.end_factor[4, 1].tolist() == [0.5, 0.0]  # no forecast after day 3
    assert setup.day_score[:, 1].tolist() == [0.0, 0.0, 0.0, 0.0, 0.5]


def test_the_forecaster_as_meant_by_hand(tmp_path):
    """Weights by days ahead: r = (0.1 x 0.5 + 0.2 x 0.8) / 2 = 0.105, m = (0.1 x 0.2 + 0.2 x 0.6) / 2 = 0.07.

    Half aware: e x (1 - 0.0525), p = 0.3 + 0.7 x 0.035. Who is not aware, and dry places, are as ever.
    """
    instance = flooded(tmp_path, [0, 1, 2, 2, 1], law="as-meant", rules=FORECASTER, **AWARENESS)
    setup = setup_of(instance)
    state = state_of(setup)
    chance = [chance_to_go(as_struct(setup), as_struct(state), 1, group) for group in (0, 1)]
    assert chance == pytest.approx([0.3, 0.3 + 0.7 * 0.035])
    factor = [factor_for(as_struct(setup), as_struct(state), 1, group) for group in (0, 1)]
    assert factor == pytest.approx([1.0, 1 - 0.0525])
    assert factor_for(as_struct(setup), as_struct(state), 0, 1) == 1.0
    # day 2: level 2 today; day 3 is the last of the forecast, so it looks one day ahead only
    assert setup.end_factor[2, 1].tolist() == pytest.approx([0.2, -0.2 * 0.1 * 0.8 / 2])


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("as-run", "has 1 numbers; 4 are needed, one for each day from day 0 on"),
        ("as-meant", "has 1 numbers; 2 are needed, one for each day ahead"),
    ],
)
def test_a_forecast_needs_its_weights(tmp_path, how: str, words: str):
    rules = FORECASTER.replace("[0.1, 0.2, 0.4, 0.8, 9]", "[0.1]")
    with pytest.raises(InputError, match=f"flood_forecaster_weights {words}"):
        flooded(tmp_path, [1] * 5, law=how, rules=rules, **AWARENESS)


# Fixed routes


def fixed(n_places: int, legs: list[tuple[int, int, float]], **changes: Any) -> StepSetup:
    chains = changes.pop("chains", [])
    lengths = [0, *(len(chain) for chain in chains)]
    changes = {
        "has_special_weights": True,
        "routes_are_fixed": True,
        "chain_first": np.cumsum(lengths),
        "chain_place": np.array([place for chain in chains for place in chain], np.int64),
        **changes,
    }
    return plain_setup(n_places, legs, [0], **changes)


def test_a_fixed_route_is_the_best_to_its_destination_and_counts_its_score_twice():
    """0-1-2 (10 + 20 km) and 0-2 (40 km): to 2 by 1. Scores 1 and 3 abroad: weights 1/10 x 1 and 3/30 x 3."""
    legs = [(0, 1, 10.0), (1, 2, 20.0), (0, 2, 40.0)]
    setup = fixed(3, legs, awareness=2, base_score=np.array([1.0, 1.0, 3.0]), stores_today=True)
    assert ways_from(setup, 0) == [
        ([0, 1], pytest.approx(0.1)),
        ([0, 1, 2], pytest.approx(0.3)),
    ]


def test_markers_cost_a_level_of_fixed_routes():
    legs = [(0, 1, 10.0), (1, 2, 20.0)]
    setup = fixed(3, legs, is_marker=np.arange(3) == 1)
    assert ways_from(setup, 0) == []
    assert [way for way, _ in ways_from(setup._replace(awareness=2), 0)] == [[0, 1, 2]]


def test_room_and_pruning_do_not_count_on_fixed_routes():
    """The near camp is almost full: factor 0.5. Pruning at 1.5 would drop the far one."""
    setup = fixed(3, [(0, 1, 10.0), (0, 2, 40.0)], pruning_threshold=1.5, **camps(3, 1, 2))
    setup = at_camp(setup)._replace(capacity=np.array([-1, 100, 100]), capacity_buffer=0.5)
    state = state_of(setup, [0, 75, 0])
    find_ways_ahead(as_struct(setup), as_struct(state), 0)
    weight = np.zeros(2)
    write_weights(as_struct(setup), as_struct(state), 0, 0, weight)
    assert weight == pytest.approx([1 / 10, 1 / 40])


def test_a_full_camp_still_turns_people_away_on_fixed_routes():
    setup = at_camp(fixed(2, [(0, 1, 50.0)], capacity=np.array([-1, 100]), **camps(2, 1)))
    setup = setup._replace(given=np.array([10]), inserted=np.array([0, 100]))
    assert simulated(setup, 1).standing.tolist() == [[10, 100]]


def test_major_routes_lead_beyond_at_a_quarter_of_the_distance():
    """0-1 10 km; the chain 1-2-3 (20 + 50 km) adds 3 at (10 + 70) / 4 = 20 km, and not 2, its stop."""
    legs = [(0, 1, 10.0), (1, 2, 20.0), (2, 3, 50.0)]
    setup = fixed(4, legs, chains=[[1, 2, 3]])
    assert ways_from(setup, 0) == [
        ([0, 1], pytest.approx(1 / 10)),
        ([0, 1, 2, 3], pytest.approx(1 / 20)),
    ]
    assert [way for way, _ in ways_from(setup, 1)] == [[1, 2], [1, 2, 3]]


def test_a_marker_stores_no_way_even_where_a_major_route_begins():
    legs = [(0, 1, 10.0), (1, 2, 20.0)]
    setup = fixed(3, legs, chains=[[0, 1, 2]])
    assert [way for way, _ in ways_from(setup, 0)] == [[0, 1], [0, 1, 2]]
    assert ways_from(setup._replace(is_marker=np.arange(3) == 0), 0) == []


def test_a_major_route_to_a_known_destination_or_along_a_closed_road_adds_nothing():
    legs = [(0, 1, 10.0), (0, 2, 30.0), (1, 2, 5.0), (2, 3, 5.0)]
    setup = fixed(4, legs, chains=[[1, 2]])
    assert [way for way, _ in ways_from(setup, 0)] == [[0, 1], [0, 2]]
    setup = fixed(4, legs, chains=[[1, 2, 3]])
    state = state_of(setup)
    state.leg_open[3] = False
    find_ways_ahead(as_struct(setup), as_struct(state), 0)
    assert state.ways_count[0] == 2


def test_places_later_in_the_file_are_stored_with_the_score_of_the_day_before():
    """Day 0: from place 1, place 0 counts with its score of today, 0.1, place 2 with 1; then 0.1, too."""
    legs = [(1, 0, 10.0), (1, 2, 10.0)]
    setup = fixed(3, legs, base_score=np.array([0.1, 1.0, 0.1]), intensity=np.zeros(3), stores_today=False)
    state = state_of(setup)
    find_ways_ahead(as_struct(setup), as_struct(state), 1)
    weight = np.zeros(2)
    write_weights(as_struct(setup), as_struct(state), 1, 0, weight)
    assert weight == pytest.approx([0.1 * 0.1 / 10, 1.0 * 0.1 / 10])
    work_out_scores(as_struct(setup), as_struct(state), 1)
    write_weights(as_struct(setup), as_struct(state), 1, 0, weight)
    assert weight == pytest.approx([0.1 * 0.1 / 10, 0.1 * 0.1 / 10])
    meant = setup._replace(stores_today=True)
    write_weights(as_struct(meant), as_struct(state_of(meant)), 1, 0, np.zeros(0))
    assert ways_from(meant, 1) == [([1, 0], pytest.approx(0.001)), ([1, 2], pytest.approx(0.001))]


def test_where_no_stored_weight_is_above_0_people_stay():
    setup = fixed(2, [(0, 1, 10.0)], base_score=np.array([1.0, 0.0]))._replace(given=np.array([5]))
    assert simulated(setup, 1).standing.tolist() == [[5, 0]]


# Harvest


def test_in_harvest_everybody_who_stands_is_counted_at_home():
    """Two go from 0 to 1 and on to 2, 150 km each, 100 km a day; 3 are at home at 2. Days 1 to 3 are harvest.

    On day 1 they arrive at 1 with time to go on, and are counted at home from then on; on day 4 they are at 1
    again and set out; on day 5 they are at 2.
    """
    setup = plain_setup(3, [(0, 1, 150.0), (1, 2, 150.0)], [2, 0, 0, 0, 0, 0], metres_per_day=100_000)
    setup = setup._replace(
        group_weight=np.eye(3),
        score_power=np.ones(3),
        awareness_of_group=np.zeros(3),
        group_home=np.arange(3),
        group_farms=np.ones(3, np.bool_),
        is_harvest=np.array([False, True, True, True, False, False]),
        inserted=np.array([0, 0, 3]),
    )
    assert simulated(setup, 6).standing.tolist() == [
        [0, 0, 3],
        [2, 0, 3],
        [2, 0, 3],
        [2, 0, 3],
        [0, 0, 3],
        [0, 0, 5],
    ]
    nobody = setup._replace(group_farms=np.zeros(3, np.bool_))
    assert simulated(nobody, 4).standing.tolist() == [[0, 0, 3], [0, 0, 3], [0, 0, 5], [0, 0, 5]]


@pytest.mark.parametrize(("how", "farmers"), [("as-run", 1.0), ("as-meant", 0.25)])
def test_farmers_are_told_apart_as_meant_alone(tmp_path, how: str, farmers: float):
    columns = "farmer_fraction=0.25"
    instance = family(tmp_path, law=how, move="  harvest_months: [1]\n", columns=columns)
    setup = setup_of(instance)
    at_alpha = setup.group_weight[0]
    assert at_alpha[setup.group_farms].sum() == pytest.approx(farmers)
    assert at_alpha.sum() == pytest.approx(1.0) and set(setup.group_home[at_alpha > 0]) == {0}
    assert setup.is_harvest.all()
    assert any("farmer or not" in line for line in quirks(instance))


def test_harvest_is_by_the_month_of_the_day(tmp_path):
    period = "StartDate,2020-01-30\nLength,4\n"
    instance = family(tmp_path, move="  harvest_months: [2]\n", sim_period=period)
    assert setup_of(instance).is_harvest.tolist() == [False, False, True, True]


# Camps that keep people


def test_who_stays_in_a_camp_for_good_still_counts_there():
    """Everybody would leave the camp the next day; with chance 1 all stay who have spent a night there."""
    setup = plain_setup(2, [(0, 1, 50.0), (1, 0, 50.0)], [10, 0, 0, 0], is_camp=np.arange(2) == 1)
    setup = setup._replace(is_town=np.zeros(2, np.bool_), move_chance=np.array([1.0, 0.0]))
    kept = setup._replace(stay_chance=np.array([1.0, 1.0]))
    assert simulated(kept, 3).standing.tolist() == [[0, 10], [0, 10], [0, 10]]
    opened = {"event_day": np.array([1]), "event_kind": np.array([SET_MOVE_CHANCE])}
    opened |= {"event_target": np.array([1]), "event_value": np.ones(1)}
    stayed = simulated(kept._replace(**opened), 3)
    assert stayed.standing.tolist() == [[0, 10]] * 3 and stayed.flows[:, 1].sum() == 0
    free = simulated(setup._replace(**opened), 2)
    assert free.flows[1, 1] >= 10  # on day 1 all ten take the way back, some more than once


@pytest.mark.parametrize(
    ("key", "how", "keeps"),
    [
        ("camps_are_sicks", "as-run", True),
        ("camps_are_sinks", "as-run", False),
        ("camps_are_sinks", "as-meant", True),
    ],
)
def test_the_setting_is_known_by_its_misspelt_name(tmp_path, key: str, how: str, keeps: bool):
    instance = family(tmp_path, spawn=f"  {key}: true\n", columns="deactivation_probability=0.5", law=how)
    assert setup_of(instance).stay_chance.tolist() == ([0.5] * 4 if keeps else [])


# Roads that everybody must take


def test_everybody_takes_a_forced_road_whatever_the_room_at_its_end():
    """Ten with move chance 0 stay; where the road to the full camp 1 is forced all ten take it."""
    setup = plain_setup(3, [(0, 1, 50.0), (0, 2, 1.0)], [10], capacity=np.array([-1, 10, -1]), **camps(3, 1))
    setup = at_camp(setup)._replace(move_chance=np.zeros(3), inserted=np.array([0, 10, 0]))
    assert simulated(setup, 1).standing.tolist() == [[10, 10, 0]]
    forced = setup._replace(leg_redirects=np.array([True, False]))
    assert simulated(forced, 1).standing.tolist() == [[0, 20, 0]]


def test_a_forced_road_ends_a_plan_that_leads_elsewhere():
    """The plan 0-1-3 (place 1 scores 0): at 1 everybody must go to 2, on the same day."""
    legs = [(0, 1, 10.0), (1, 2, 10.0), (1, 3, 10.0)]
    score = {"base_score": np.array([1.0, 0.0, 0.0, 1.0]), "move_chance": np.array([1.0, 1.0, 0.0, 0.0])}
    setup = plain_setup(4, legs, [6], awareness=2, **score)
    assert simulated(setup, 1).standing.tolist() == [[0, 0, 0, 6]]
    forced = setup._replace(leg_redirects=np.array([False, True, False]))
    assert simulated(forced, 1).standing.tolist() == [[0, 0, 6, 0]]


def redirected(folder: Path, value: int, how: str, closures: str = "") -> FleeInstance:
    routes = FILES["input_csv/routes.csv"].replace("Beta,Camp One,150,0", f"Beta,Camp One,150,{value}")
    table = FILES["input_csv/closures.csv"] + closures
    return family(folder, law=how, routes=routes, closures=table)


def test_as_run_a_redirection_2_has_no_effect_and_1_doubles_the_road(tmp_path):
    same(redirected(tmp_path / "2", 2, "as-run"), redirected(tmp_path / "0", 0, "as-run"))
    doubled = redirected(tmp_path / "1", 1, "as-run")
    assert [doubled.route_name(row) for row in range(2, 6)] == ["Beta-Camp One", "Camp One-Beta"] * 2
    assert setup_of(doubled).leg_redirects.size == 0


@pytest.mark.parametrize(("value", "towards"), [(1, "Camp One-Beta"), (2, "Beta-Camp One")])
def test_as_meant_1_leads_to_the_first_place_and_2_to_the_second(tmp_path, value: int, towards: str):
    instance = redirected(tmp_path, value, "as-meant")
    flagged = [row for row, route in enumerate(instance.routes) if route.forced_redirection]
    assert [instance.route_name(row) for row in flagged] == [towards]
    assert len(instance.routes) == 6
    setup, leg_row = step_setup(instance, data_table(instance))
    assert np.flatnonzero(setup.leg_redirects).tolist() == [leg_row[flagged[0]]]


def test_a_redirection_is_removed_and_set_again_as_meant(tmp_path):
    """Value 2, so all of Beta go to Camp One; between days 5 and 12 they are free, and some go to CampTwo."""
    closures = "remove_forced_redirection,Beta,Camp One,5,12\n"
    instance = redirected(tmp_path / "a", 2, "as-meant", closures)
    entered = run_flee(instance, seed=4, replicates=3).entered.sum(axis=0)
    to_two = entered[:, 4]
    assert to_two[:5].sum() == 0 < to_two[5:12].sum() and to_two[12:].sum() == 0
    same(redirected(tmp_path / "b", 2, "as-run", closures), redirected(tmp_path / "c", 0, "as-run"))


def test_as_meant_a_redirection_that_is_not_there_cannot_be_removed(tmp_path):
    closures = "remove_forced_redirection,Beta,Camp One,5,12\n"
    instance = redirected(tmp_path, 0, "as-meant", closures)
    (warning,) = instance.warnings
    assert (warning.code, warning.message) == (
        "flee-closure-nothing",
        "no redirection between 'Beta' and 'Camp One' to remove",
    )


# People of agents.csv


def test_listed_people_follow_the_rules_of_their_attributes(tmp_path):
    """Two elderly and a child at Beta, one of age 30 at Alpha; the table of ages knows 30 and 70 alone."""
    instance = family(
        tmp_path,
        spawn="  read_from_agents_csv_file: true\n  take_from_population: true\n",
        move="  ElderlyAvoidHazards: true\n  ChildrenAvoidHazards: true\n",
        agents="location,age\nBeta,70\nBeta,81\nBeta,12\nAlpha,30\n",
        demographics_age="age,Default\n30,1\n70,1\n",
    )
    setup = setup_of(instance)
    assert setup.score_power.tolist() == [1.0, 2.0]
    assert sorted(setup.listed.tolist()) == [[0, 0, 1], [1, 1, 3]]
    assert setup.population.tolist() == [49_999, 0, 0, 0]
    assert run_flee(instance, seed=1).created[0, 0] == 504


# Powers below 0


def test_a_negative_weight_power_prefers_small_weights_and_never_a_full_camp():
    """Weights 1/10 and 1/40 to the power -1: 10 and 40. Flee stops at a full camp; here it has weight 0."""
    setup = plain_setup(3, [(0, 1, 10.0), (0, 2, 40.0)], [0], weight_power=-1.0, **camps(3, 2))
    setup = setup._replace(has_special_weights=True)
    assert [weight for _, weight in ways_from(setup, 0)] == pytest.approx([10.0, 40.0])
    setup = at_camp(setup)._replace(capacity=np.array([-1, -1, 5]))
    state = state_of(setup, [0, 0, 5])
    find_ways_ahead(as_struct(setup), as_struct(state), 0)
    weight = np.zeros(2)
    write_weights(as_struct(setup), as_struct(state), 0, 0, weight)
    assert weight == pytest.approx([10.0, 0.0])


def test_a_negative_power_of_the_size_lets_everybody_leave_a_place_of_no_size():
    """(1000 / 100)^-1 of 0.5 is 0.05; of a place of size 0 everybody goes, unless its move chance is 0."""
    rules = {"size_power": -1.0, "size_base": 100.0, "move_chance": np.array([0.5, 0.5, 0.0])}
    setup = plain_setup(3, [(0, 1, 1.0)], [0], **rules)
    state = state_of(setup)
    chances = [chance_to_go(as_struct(setup), as_struct(state), place, 0) for place in range(3)]
    assert chances[0] == pytest.approx(0.05) and chances[1] > 1.0 and chances[2] == 0.0


# What Flee reads and nothing follows


@pytest.mark.parametrize(
    ("spawn", "move"),
    [
        ("", "  two_system_decision_making: true\n"),
        ("", "  max_crossing_speed: 5\n"),
        ("  conflict_zone_spawning_only: false\n", ""),
        ("  average_social_connectivity: 9\n", ""),
    ],
)
def test_settings_without_effect(tmp_path, spawn: str, move: str):
    same(family(tmp_path / "a", spawn=spawn, move=move), family(tmp_path / "b"))


def test_flood_spawn_mode_is_no_key_that_flee_reads(tmp_path):
    instance = flooded(tmp_path, [1] * 5, rates="[0, 0.1, 0.4], flood_spawn_mode: constant")
    assert instance.settings.spawn.flood_driven_spawn_mode.spawn_mode == "pop_ratio"
    told = [warning for warning in instance.warnings if "flood_spawn_mode" in warning.message]
    assert [warning.hint for warning in told] == ["the key the program reads is 'spawn_mode'"]


def test_initial_idps_count_at_sites_alone_and_are_not_scaled(tmp_path):
    instance = family(tmp_path, columns="initial_idps=7")
    assert setup_of(instance).inserted.tolist() == [0, 0, 307, 207]
    scaled = flee_tiny.read(tmp_path, hasten=10)
    assert setup_of(scaled).inserted.tolist() == [0, 0, 37, 27]


def test_boys_of_all_ages_only_with_the_rule_for_children(tmp_path):
    tables = {
        "demographics_age": "age,Default\n45,1\n",
        "demographics_gender": "gender,Default\nmale,1\n",
    }
    alone = family(tmp_path / "a", move="  BoysTakeRisk: true\n", **tables)
    assert setup_of(alone).score_power.tolist() == [1.0]
    rules = "  BoysTakeRisk: true\n  ChildrenAvoidHazards: true\n"
    assert setup_of(family(tmp_path / "b", move=rules, **tables)).score_power.tolist() == [0.0]


def test_every_oddity_has_a_test():
    """The table of docs/flee.md: numbered rows, each naming tests that are there."""
    root = Path(__file__).parents[2]
    page = (root / "docs" / "flee.md").read_text("utf-8")
    rows = [
        line for line in page.split("### Oddities of Flee")[1].splitlines() if re.match(r"\| [0-9]+ \|", line)
    ]
    assert [int(row.split("|")[1]) for row in rows] == list(range(1, 50))
    folders = ("engine", "formats", "cli", "ensemble")
    sources = "".join(p.read_text("utf-8") for f in folders for p in (root / "tests" / f).glob("test_*.py"))
    for row in rows:
        names = re.findall(r"`(test_[a-z0-9_]+)`", row)
        assert names, row
        assert [name for name in names if f"def {name}(" not in sources] == []
