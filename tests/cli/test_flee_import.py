"""`corridor flee import` as a user meets it: the folder, the words, and what goes wrong."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import flee_tiny
from corridor.ensemble.forecast import open_forecast

ARGUMENTS = ("flee", "import", "input_csv", "source_data", "settings.yml", "--out", "tiny")


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """The instance of four places, in the folder in which the command runs."""
    return flee_tiny.write_files(tmp_path, closures="location,CampTwo,,3,8\n")


def test_what_it_says(corridor, tiny):
    done = corridor(*ARGUMENTS)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[:7] == [
        f"{tiny.name}, an instance of Flee, is now a scenario:",
        "- 4 places, 2 of them sites; 3 roads",
        "- 3 events: 1 of kind fighting, 2 of kind route",
        "- people: 500 are at sites on the issue date, and 3,370 leave home, on 19 days "
        "(displaced_per_day.csv)",
        "- 4 counts",
        "- 20 days after the issue date, 2019-12-31, to 2020-01-20",
        "left out: 3 counts after the last day",
    ]
    assert lines[7] == (
        "quirk of Flee: location closure 'CampTwo' closes every road of it for 5 days (days 3 to 7), "
        "2 directions in and out"
    )
    assert lines[-2:] == ["Scenario: tiny", "Next: corridor run tiny --members 100 --seed 1"]


def test_the_folder_is_sound_and_knows_no_path_of_this_machine(corridor, tiny):
    corridor(*ARGUMENTS).check_returncode()
    assert sorted(path.name for path in (tiny / "tiny").iterdir()) == [
        "counts.csv",
        "displaced_per_day.csv",
        "places.csv",
        "routes.csv",
        "scenario.yaml",
        "timeline.csv",
    ]
    checked = corridor("check", "tiny")
    assert checked.returncode == 0
    assert checked.stdout == (
        "tiny: can be run. 4 places, 3 routes, 3 events, 1 storylines, 0 priors, 0 claims, 4 counts.\n"
    )
    text = "".join(path.read_text("utf-8") for path in (tiny / "tiny").iterdir())
    assert str(tiny.parent) not in text
    assert f"source: 'an instance of Flee: {tiny.name}/input_csv and {tiny.name}/source_data" in text


def test_who_should_leave_and_cannot_is_told_by_the_run(corridor, tiny):
    settings, places = tiny / "settings.yml", tiny / "input_csv" / "locations.csv"
    rule = "spawn_rules:\n  take_from_population: true\n"
    settings.write_text(settings.read_text("utf-8").replace("spawn_rules:\n", rule), "utf-8")
    places.write_text(places.read_text("utf-8").replace("50000", "50"), "utf-8")
    corridor(*ARGUMENTS).check_returncode()
    done = corridor("run", "tiny", "--members", "2", "--seed", "1", "--out", "forecast")
    assert done.returncode == 2
    assert "[nobody-left] on 2020-01-03 177 people should leave home in the storyline 'main'" in done.stderr
    assert not (tiny / "forecast").exists()


OPTIONAL_RULES = (
    "move_rules:\n",
    "move_rules:\n  WomenAvoidHazards: true\n  MatchCampReligion: true\n  flee_when_starving: true\n"
    "  harvest_months: [1]\n",
)


@pytest.mark.parametrize("rules", [("", ""), OPTIONAL_RULES], ids=["plain", "optional rules"])
def test_the_same_people_at_every_site_as_flee_run(corridor, tiny, rules: tuple[str, str]):
    settings = tiny / "settings.yml"
    settings.write_text(settings.read_text("utf-8").replace(*rules, 1), "utf-8")
    (tiny / "input_csv" / "region_attributes_IPC.csv").write_text(
        "#Day,North,East\n0,9,60\n40,1,2\n", "utf-8"
    )
    table = "gender,Default,Alpha\nmale,1,1\nfemale,1,2\n"
    (tiny / "input_csv" / "demographics_gender.csv").write_text(table, "utf-8")
    table = "religion,Default\namber,1\nbirch,3\n"
    (tiny / "input_csv" / "demographics_religion.csv").write_text(table, "utf-8")
    period = tiny / "input_csv" / "sim_period.csv"
    if rules[0]:  # the harvest begins after some days
        period.write_text("StartDate,2019-12-26\nLength,20\n", "utf-8")
    corridor(*ARGUMENTS).check_returncode()
    corridor("flee", "run", *ARGUMENTS[2:5], "-n", "3", "--out", "many.csv").check_returncode()
    corridor("run", "tiny", "--members", "3", "--out", "forecast").check_returncode()
    forecast = open_forecast(tiny / "forecast")
    rows = list(csv.DictReader((tiny / "many.csv").open(encoding="utf-8")))
    assert len(rows) == 3 * 20 * 2
    days = {str(date): row for row, date in enumerate(forecast.dates)}
    for row in rows:
        people = forecast.people("in_camp", place=row["site"])[int(row["replicate"])]
        assert people[int(row["day"]) + 1] == int(row["simulated"])
        # Flee's table carries the date of the day after; here a day carries its own
        assert days[str(np.datetime64(row["date"]) - 1)] == int(row["day"]) + 1


def test_location_changes_become_events(corridor, tiny):
    (tiny / "changes.csv").write_text("Beta,camp,3\n", "utf-8")
    corridor(*ARGUMENTS, "--location-changes", "changes.csv").check_returncode()
    assert ",2020-01-04,place_kind,Beta,,camp\n" in (tiny / "tiny" / "timeline.csv").read_text("utf-8")


def test_an_earlier_scenario_is_kept_unless_told(corridor, tiny):
    corridor(*ARGUMENTS).check_returncode()
    (tiny / "tiny" / "places.csv").write_text("mine", "utf-8")
    again = corridor(*ARGUMENTS)
    assert again.returncode == 2
    assert again.stderr == (
        "[output-exists] the folder 'tiny' is not empty\n"
        "    hint: choose another with --out, or add --overwrite\n"
        "1 problem. Nothing was run.\n"
    )
    assert (tiny / "tiny" / "places.csv").read_text("utf-8") == "mine"
    corridor(*ARGUMENTS, "--overwrite").check_returncode()
    assert (tiny / "tiny" / "places.csv").read_text("utf-8").startswith("name,lat,lon")
    (tiny / "tiny" / "thesis.docx").write_text("years of work", "utf-8")
    assert corridor(*ARGUMENTS, "--overwrite").returncode == 2
    assert (tiny / "tiny" / "thesis.docx").is_file()


def test_what_cannot_be_imported_leaves_nothing_behind(corridor, tiny):
    settings = tiny / "settings.yml"
    text = settings.read_text("utf-8").replace("hasten: 1", "hasten: 5")
    settings.write_text(text, "utf-8")
    done = corridor(*ARGUMENTS)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "settings.yml:8:3 [flee-import-not-supported] hasten is '5': each person stands for so many; "
        "a scenario holds people\n"
        "    8 |   hasten: 5\n"
        "      |   ^^^^^^\n"
        "    hint: import with --hasten 1; the engine takes as long for all as for some\n"
        "1 problem in 1 file. Nothing was run.\n"
    )
    assert sorted(path.name for path in tiny.iterdir()) == ["input_csv", "settings.yml", "source_data"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("nowhere", "source_data", "settings.yml", "--out", "x"),
            "nowhere [flee-folder-missing]",
        ),
        (("input_csv", "source_data", "other.yml", "--out", "x"), "other.yml [flee-file-missing]"),
        (("input_csv", "source_data", "settings.yml", "--out", "x", "--days", "0"), "[days] '0' days"),
        (("input_csv", "source_data", "settings.yml", "--out", "settings.yml"), "[output-is-file]"),
        (("input_csv", "source_data", "settings.yml"), "Missing option '--out'"),
    ],
)
def test_wrong_arguments(corridor, tiny, arguments: tuple[str, ...], words: str):
    done = corridor("flee", "import", *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tiny / "x").exists()
