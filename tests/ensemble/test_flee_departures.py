"""Who should leave home and cannot: told after the run, by its day; never lost without a word."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

import flee_tiny
from corridor.engine.step_leaving import CONSTANT
from corridor.ensemble.flee import first_day_short, run_flee, step_setup
from corridor.ensemble.run import run
from corridor.formats.flee import data_table, read_flee_counts
from corridor.formats.flee.scenario import scenario_of_flee
from corridor.problems import InputError
from corridor.scenario.load import load_scenario
from corridor.scenario.write import write_scenario

LOCATIONS = flee_tiny.FILES["input_csv/locations.csv"]
SHRINKING = flee_tiny.FILES["settings.yml"].replace(
    "spawn_rules:\n", "spawn_rules:\n  take_from_population: true\n"
)


def shrinking(folder: Path, people: int, **files: str) -> Path:
    """Write the instance with so many people in its one place in conflict, who get fewer as they leave.

    177 should leave on days 1 and 2, 119 for one camp and 58 for the other.
    """
    locations = LOCATIONS.replace("50000", str(people))
    return flee_tiny.write_files(folder, locations=locations, settings=SHRINKING, **files)


def test_flee_stops_on_the_day_after_the_last_have_left(tmp_path: Path):
    instance = flee_tiny.read(shrinking(tmp_path, 50))
    with pytest.raises(InputError) as caught:
        run_flee(instance, replicates=3, seed=1)
    (problem,) = caught.value.problems
    assert problem.format().replace(f"{tmp_path}/", "") == (
        "input_csv/locations.csv [flee-population-short] on day 2 (2020-01-03) 177 people should leave home, "
        "but nobody is left in 'Alpha', where there is conflict; Flee stops there\n"
        "    hint: raise the population, or switch take_from_population off"
    )


@pytest.mark.parametrize("people", [50, 177])
def test_more_may_leave_at_once_than_live_there(tmp_path: Path, people: int):
    """On day 1 all 177 are drawn with the weights of the evening before, in which 50 people will do."""
    instance = flee_tiny.read(shrinking(tmp_path, people), days=2)
    assert run_flee(instance, seed=1).created.tolist() == [[500, 677]]


def test_who_is_short_of_how_many_counts_each_day_alone(tmp_path: Path):
    """0 people on day 0, 177 on days 1 and 2: who leaves for the last time on day 1 is short on day 2."""
    instance = flee_tiny.read(shrinking(tmp_path, 5000), days=4)
    setup, _ = step_setup(instance, data_table(instance))
    given = setup.given[:4].tolist()
    assert given[:3] == [0, 177, 177]
    whole = 500 + np.cumsum(given)
    assert first_day_short(setup._replace(given=np.array(given)), whole) is None
    for day in (1, 2, 3):
        short = np.where(np.arange(4) >= day, whole[day - 1], whole)
        assert first_day_short(setup._replace(given=np.array(given)), short) == day
    driven = setup._replace(leaving=CONSTANT, given=np.array(given))
    assert first_day_short(driven, np.zeros(4)) is None


def test_as_many_may_leave_as_live_in_two_places(tmp_path: Path):
    """178 people in two places: 177 of them leave on day 1, and on day 2 nobody or one place has any."""
    locations = LOCATIONS.replace("50000", "89").replace("town,,\n", "conflict_zone,0,89\n")
    folder = flee_tiny.write_files(tmp_path, locations=locations, settings=SHRINKING)
    assert (
        run_flee(flee_tiny.read(folder, days=2), replicates=20, seed=1).created[:, 1].tolist() == [677] * 20
    )


@pytest.mark.parametrize(("shrinks", "cause"), [(True, "is left"), (False, "lives")])
def test_a_scenario_tells_the_day_and_the_storyline(tmp_path: Path, shrinks: bool, cause: str):
    folder = shrinking(tmp_path / "tiny", 50)
    instance = flee_tiny.read(folder)
    scenario = scenario_of_flee(
        instance, read_flee_counts(folder / "source_data"), name="tiny", provenance={}
    )
    write_scenario(scenario, tmp_path / "crisis")
    if not shrinks:  # peace comes before the third day
        file = tmp_path / "crisis" / "scenario.yaml"
        text = file.read_text("utf-8")
        assert "population_shrinks: true" in text
        file.write_text(text.replace("population_shrinks: true", "population_shrinks: false"), "utf-8")
        timeline = tmp_path / "crisis" / "timeline.csv"
        timeline.write_text(timeline.read_text("utf-8") + ",2020-01-02,fighting,Alpha,0\n", "utf-8")
    with pytest.raises(InputError) as caught:
        run(load_scenario(str(tmp_path / "crisis")), members=2, seed=1)
    (problem,) = caught.value.problems
    day = "2020-01-03" if shrinks else "2020-01-02"
    more = "; or set population_shrinks: false" if shrinks else ""
    assert problem.format() == (
        f"displaced_per_day.csv [nobody-left] on {day} 177 people should leave home in the storyline 'main', "
        f"but nobody {cause} where there is fighting\n"
        f"    hint: check the fighting in timeline.csv and the populations{more}"
    )


def test_more_people_than_can_be_counted(tmp_path: Path):
    driven = "spawn_rules:\n  conflict_driven_spawning: {displaced_per_conflict_day: 150000000}\n"
    settings = flee_tiny.FILES["settings.yml"].replace("spawn_rules:\n", driven)
    folder = flee_tiny.write_files(tmp_path, settings=settings)
    instance = flee_tiny.read(folder)
    assert run_flee(instance, seed=1).created[0, -1] == 500 + 20 * 150_000_000
    counts = read_flee_counts(folder / "source_data")
    scenario = scenario_of_flee(instance, counts, name="tiny", provenance={})
    with pytest.raises(InputError) as caught:
        run(scenario, members=1, seed=1)
    assert str(caught.value).splitlines()[0] == (
        "[too-many-people] in the storyline 'main' 3e+09 people are displaced in all; at most 2e+09 can be "
        "counted"
    )


def test_an_error_of_input_comes_back_whole_from_a_worker(tmp_path: Path):
    with pytest.raises(InputError) as caught:
        run_flee(flee_tiny.read(shrinking(tmp_path, 50)), seed=1)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.problems, str(copy)) == (caught.value.problems, str(caught.value))
