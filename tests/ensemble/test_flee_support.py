"""What of Flee is not there yet is refused in words: each rule alone, in the instance of four places."""

from __future__ import annotations

from pathlib import Path

import pytest

import flee_tiny
from corridor.ensemble.flee import run_flee
from corridor.ensemble.flee_support import check_supported
from corridor.problems import InputError

FOOD = "#Day,North,East\n0,10,20\n30,40,20\n"


def with_rule(folder: Path, section: str, lines: str, **files: str) -> Path:
    settings = flee_tiny.FILES["settings.yml"].replace(f"{section}:\n", f"{section}:\n{lines}")
    return flee_tiny.write_files(folder, settings=settings, **files)


@pytest.mark.parametrize(
    ("section", "lines", "files", "words"),
    [
        (
            "move_rules",
            "  flee_when_starving: true\n",
            {"region_attributes_IPC": FOOD},
            "settings.yml:4:3 [flee-not-supported] flee_when_starving is on; "
            "people moving on for lack of food cannot be simulated yet",
        ),
        (
            "move_rules",
            "  avoid_food_deprived_locations: true\n",
            {"region_attributes_IPC": FOOD},
            "settings.yml:4:3 [flee-not-supported] avoid_food_deprived_locations is on; "
            "food in the choice of a destination cannot be simulated yet",
        ),
        (
            "spawn_rules",
            "  starvation_driven_spawning: true\n",
            {"region_attributes_IPC": FOOD},
            "settings.yml:2:3 [flee-not-supported] starvation_driven_spawning is on; "
            "people leaving home for lack of food cannot be simulated yet",
        ),
        (
            "move_rules",
            "  # fixed_routes: false\n  fixed_routes: true\n",
            {},
            "settings.yml:5:3 [flee-not-supported] fixed_routes is on; fixed routes cannot be simulated yet",
        ),
        (
            "move_rules",
            "  harvest_months: [1]\n",
            {},
            "settings.yml:4:3 [flee-not-supported] harvest_months is on; "
            "months of harvest cannot be simulated yet",
        ),
        (
            "move_rules",
            "  weight_power: -1\n",
            {},
            "settings.yml:4:3 [flee-not-supported] weight_power is '-1'; "
            "the weight 0 of a full camp has no such power",
        ),
        (
            "move_rules",
            "  movechance_pop_scale_factor: -0.5\n",
            {},
            "settings.yml:4:3 [flee-not-supported] movechance_pop_scale_factor is '-0.5'; "
            "a place without population has no such power",
        ),
        (
            "move_rules",
            "  max_walk_speed: 3000\n",
            {},
            "settings.yml:4:3 [flee-not-supported] max_walk_speed is '3000' km/day; "
            "the engine goes up to 2000",
        ),
        (
            "spawn_rules",
            "  read_from_agents_csv_file: true\n  take_from_population: true\n",
            {"agents": "location,age\nBeta,12\n"},
            "settings.yml:2:3 [flee-not-supported] read_from_agents_csv_file together with "
            "take_from_population is not known to the engine",
        ),
    ],
)
def test_a_rule_that_is_not_there(tmp_path, section: str, lines: str, files: dict[str, str], words: str):
    instance = flee_tiny.read(with_rule(tmp_path, section, lines, **files))
    (problem,) = check_supported(instance)
    assert problem.format().splitlines()[0].replace(f"{tmp_path}/", "") == words
    with pytest.raises(InputError):
        run_flee(instance, seed=1)


FLOODS = """\
spawn_rules:
  conflict_zone_spawning_only: false
  flood_zone_spawning_only: true
  take_from_population: true
  flood_driven_spawn_mode: {spawn_mode: pop_ratio}
move_rules:
  flood_rules: {flood_movechances: [0, 0.2, 0.5, 0.8, 1], flood_loc_weights: [1, 0.8, 0.5, 0.2, 0.1]}
"""


def test_floods(tmp_path):
    layout = flee_tiny.FILES["source_data/data_layout.csv"] + "Alpha,two.csv\nBeta,two.csv\n"
    levels = "#Day,Alpha,Beta\n" + "".join(f"{day},{day % 4},0\n" for day in range(20))
    folder = flee_tiny.write_files(tmp_path, settings=FLOODS, data_layout=layout, flood_level=levels)
    problems = check_supported(flee_tiny.read(folder))
    assert [(p.code, p.line) for p in problems] == [("flee-not-supported", 3), ("flee-not-supported", 7)]


def test_forced_redirection_does_nothing_as_run_and_is_refused_as_meant(tmp_path):
    routes = flee_tiny.FILES["input_csv/routes.csv"].replace("150,0", "150,2")
    folder = flee_tiny.write_files(tmp_path, routes=routes)
    assert check_supported(flee_tiny.read(folder)) == []
    (problem,) = check_supported(flee_tiny.read(folder, law="as-meant"))
    assert problem.format().replace(f"{tmp_path}/", "") == (
        "input_csv/routes.csv:3 [flee-not-supported] forced redirection from 'Camp One' to 'Beta': "
        "as meant, it cannot be simulated yet\n"
        "    hint: set it to 0, or take the law as run, where it has no effect"
    )


def test_a_road_that_is_too_fast(tmp_path):
    routes = "#name1,name2,distance,redirection,max_move_speed\n"
    routes += "Alpha,Beta,100,0,400\nBeta,Camp One,150,0,5000\nBeta,CampTwo,300,0,400\n"
    (problem,) = check_supported(flee_tiny.read(flee_tiny.write_files(tmp_path, routes=routes)))
    assert problem.line == 3
    assert problem.message == "max_move_speed is '5000' km/day; the engine goes up to 2000"


def test_age_rules_for_listed_people(tmp_path):
    lines = "  read_from_agents_csv_file: true\n"
    files = {"agents": "location,age\nBeta,12\n", "demographics_age": "age,Default\n12,1\n70,1\n"}
    folder = with_rule(tmp_path, "spawn_rules", lines, **files)
    settings = folder / "settings.yml"
    text = settings.read_text("utf-8").replace("move_rules:\n", "move_rules:\n  ElderlyAvoidHazards: true\n")
    settings.write_text(text, "utf-8")
    (problem,) = check_supported(flee_tiny.read(folder))
    assert "rules for age or gender" in problem.message


def test_logs_that_are_not_written_are_a_warning(tmp_path):
    settings = flee_tiny.FILES["settings.yml"] + "log_levels:\n  agent: 1\n  link: 2\n"
    instance = flee_tiny.read(flee_tiny.write_files(tmp_path, settings=settings))
    problems = check_supported(instance)
    assert [(p.warning, p.line, p.message) for p in problems] == [
        (True, 10, "the log 'agents.out.0' is not written"),
        (True, 11, "the log 'links.out.0' is not written"),
    ]
    assert run_flee(instance, seed=1).simulated.shape == (1, 20, 2)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [({"replicates": 0}, "replicates"), ({"seed": -1}, "seed"), ({"workers": 0}, "workers")],
)
def test_arguments_out_of_range(tmp_path, arguments: dict[str, int], code: str):
    with pytest.raises(InputError) as caught:
        run_flee(flee_tiny.read(flee_tiny.write_files(tmp_path)), **{"seed": 1, **arguments})
    assert [problem.code for problem in caught.value.problems] == [code]
