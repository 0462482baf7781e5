"""What of Flee is not there yet is refused in words: each rule alone, in the instance of four places."""

from __future__ import annotations

from pathlib import Path

import pytest

import flee_tiny
from corridor.ensemble.flee import run_flee
from corridor.ensemble.flee_support import check_supported
from corridor.problems import InputError


def with_rule(folder: Path, section: str, lines: str, **files: str) -> Path:
    settings = flee_tiny.FILES["settings.yml"].replace(f"{section}:\n", f"{section}:\n{lines}")
    return flee_tiny.write_files(folder, settings=settings, **files)


@pytest.mark.parametrize(
    ("section", "lines", "files", "words"),
    [
        (
            "move_rules",
            "  max_walk_speed: 3000\n",
            {},
            "settings.yml:4:3 [flee-not-supported] max_walk_speed is '3000' km/day; "
            "the engine goes up to 2000",
        ),
    ],
)
def test_a_rule_that_is_not_there(tmp_path, section: str, lines: str, files: dict[str, str], words: str):
    instance = flee_tiny.read(with_rule(tmp_path, section, lines, **files))
    (problem,) = check_supported(instance)
    assert problem.format().splitlines()[0].replace(f"{tmp_path}/", "") == words
    with pytest.raises(InputError):
        run_flee(instance, seed=1)


def test_a_road_that_is_too_fast(tmp_path):
    routes = "#name1,name2,distance,redirection,max_move_speed\n"
    routes += "Alpha,Beta,100,0,400\nBeta,Camp One,150,0,5000\nBeta,CampTwo,300,0,400\n"
    (problem,) = check_supported(flee_tiny.read(flee_tiny.write_files(tmp_path, routes=routes)))
    assert problem.line == 3
    assert problem.message == "max_move_speed is '5000' km/day; the engine goes up to 2000"


def test_more_kinds_of_people_than_can_be_told_apart(tmp_path):
    """257 religions x 257 ethnicities are 66,049 groups; by one of the two alone there are 257."""
    kinds = "".join(f"v{number},1\n" for number in range(257))
    tables = {f"demographics_{name}": f"{name},Default\n{kinds}" for name in ("religion", "ethnicity")}
    rules = "  MatchCampReligion: true\n  MatchTownEthnicity: true\n"
    (problem,) = check_supported(flee_tiny.read(with_rule(tmp_path / "a", "move_rules", rules, **tables)))
    assert problem.format().splitlines()[0].replace(f"{tmp_path}/a/", "") == (
        "settings.yml:3:1 [flee-not-supported] with so many kinds of religion and ethnicity people cannot be "
        "told apart (at most 65536 groups)"
    )
    rule = "  MatchCampReligion: true\n"
    assert check_supported(flee_tiny.read(with_rule(tmp_path / "b", "move_rules", rule, **tables))) == []


def with_farmers(folder: Path, share: str) -> Path:
    """Write the instance with a share of farmers at each place, and somebody of agents.csv."""
    rows = flee_tiny.FILES["input_csv/locations.csv"].splitlines()
    locations = "\n".join([f"{rows[0]},farmer_fraction", *(f"{row},{share}" for row in rows[1:])]) + "\n"
    settings = flee_tiny.FILES["settings.yml"].replace(
        "spawn_rules:\n", "spawn_rules:\n  read_from_agents_csv_file: true\n"
    )
    settings = settings.replace("move_rules:\n", "move_rules:\n  harvest_months: [1]\n")
    return flee_tiny.write_files(folder, locations=locations, settings=settings, agents="location\nBeta\n")


def test_who_of_the_listed_people_is_a_farmer_is_not_known(tmp_path):
    folder = with_farmers(tmp_path, "0.5")
    assert check_supported(flee_tiny.read(folder)) == []
    (problem,) = check_supported(flee_tiny.read(folder, law="as-meant"))
    assert problem.format().splitlines()[0].replace(f"{tmp_path}/", "") == (
        "settings.yml:5:3 [flee-not-supported] who of the people of agents.csv at 'Beta' is a farmer is not "
        "known; as meant, farmer_fraction must be 0 or 1 there"
    )


def test_homes_and_groups_that_do_not_fit(tmp_path, monkeypatch):
    monkeypatch.setattr("corridor.ensemble.flee_support.MOST_GROUPS", 7)
    (problem,) = check_supported(flee_tiny.read(with_farmers(tmp_path, "1")))
    assert problem.message == (
        "harvest_months: with so many places and groups the homes cannot be told apart (at most 7 together)"
    )


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
