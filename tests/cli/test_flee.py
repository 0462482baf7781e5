"""`corridor flee run` as a user meets it: the table to the letter, and the words of what goes wrong."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

import flee_tiny
from corridor.ensemble.flee import FleeRuns, run_flee
from corridor.report.flee_table import site_error, table_lines, tidy_lines

ARGUMENTS = ("flee", "run", "input_csv", "source_data", "settings.yml")
HEADER = (
    "Day,Date,Camp One sim,Camp One data,Camp One error,CampTwo sim,CampTwo data,CampTwo error,Total error,"
    "refugees in camps (UNHCR),total refugees (simulation),raw UNHCR refugee count,"
    "refugees in camps (simulation),refugee_debt"
)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """The instance of four places, in the folder in which the command runs."""
    return flee_tiny.write_files(tmp_path)


def setting(folder: Path, section: str, line: str) -> None:
    """Add a line to a section of the settings."""
    file = folder / "settings.yml"
    file.write_text(file.read_text("utf-8").replace(f"{section}:\n", f"{section}:\n  {line}\n"), "utf-8")


def no_chance(folder: Path) -> None:
    """Let nobody leave a camp, so that the first two rows are without chance: nobody arrives so soon."""
    setting(folder, "move_rules", "camp_movechance: 0")
    setting(folder, "move_rules", "start_on_foot: true")


def test_the_table_to_the_letter(corridor, tiny):
    """Camps hold 300 and 200; by hand, day 1 has 300 + 3700/31 = 419 and 200 + 1800/31 = 258 in the data.

    Raw counts the total, too: 1000 on day 0, 1000 + 119 + 58 on day 1. Errors: 119/419, 58/258, 177/1177.
    """
    no_chance(tiny)
    done = corridor(*ARGUMENTS, "--days", "2")
    assert done.returncode == 0
    assert done.stdout == (
        f"{HEADER}\n"
        "0,2020-01-02,300,300,0.0,200,200,0.0,0.0,500,500,1000,500,0\n"
        f"1,2020-01-03,300,419,0.284,200,258,0.2248,{177 / 1177},677,677,1177,500,0\n"
    )


def test_diagnostics_go_to_standard_error(corridor, tiny):
    done = corridor(*ARGUMENTS, "--days", "2", "--seed", "7", "--hasten", "2")
    assert done.returncode == 0
    assert "quirk of Flee: " not in done.stdout and len(done.stdout.splitlines()) == 3
    lines = done.stderr.splitlines()
    assert any(line.startswith("quirk of Flee: 3 roads are shorter than a day's 400 km: ") for line in lines)
    assert lines[-2] == "1 replicate of 2 days"
    assert lines[-1].startswith("338 people simulated, each standing for 2, on 4 places in ")
    assert "; seed 7, law as-run, corridor " in lines[-1]


def test_many_replicates_make_a_tidy_table(corridor, tiny):
    done = corridor(*ARGUMENTS, "-n", "3", "--days", "4", "--out", "many.csv")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.endswith("\nTable: many.csv\n")
    rows = list(csv.DictReader((tiny / "many.csv").open(encoding="utf-8")))
    assert list(rows[0]) == ["replicate", "day", "date", "site", "simulated", "observed", "hasten"]
    assert [(r["replicate"], r["day"], r["date"], r["site"]) for r in rows] == [
        (str(replicate), str(day), f"2020-01-0{day + 2}", site)
        for replicate in range(3)
        for day in range(4)
        for site in ("Camp One", "CampTwo")
    ]
    assert [r["observed"] for r in rows[2:4]] == ["419", "258"]
    assert sorted(entry.name for entry in tiny.iterdir()) == [
        "input_csv",
        "many.csv",
        "settings.yml",
        "source_data",
    ]


def test_the_same_seed_gives_the_same_table_on_any_number_of_workers(corridor, tiny):
    tables = [
        corridor(*ARGUMENTS, "-n", "4", "--seed", seed, "--workers", workers).stdout
        for seed, workers in (("5", "1"), ("5", "2"), ("6", "2"))
    ]
    assert tables[0] == tables[1] != tables[2]


def test_one_replicate_is_the_first_of_many(tmp_path):
    instance = flee_tiny.read(flee_tiny.write_files(tmp_path))
    one, many = run_flee(instance, seed=3), run_flee(instance, seed=3, replicates=2)
    assert list(table_lines(one)) == list(table_lines(many))


def test_idp_totals_are_those_standing_in_idp_camps(corridor, tiny):
    locations = tiny / "input_csv" / "locations.csv"
    locations.write_text(locations.read_text("utf-8").replace("camp,,10000", "idpcamp,,10000"), "utf-8")
    no_chance(tiny)
    setting(tiny, "move_rules", "idpcamp_movechance: 0")
    with (tiny / "settings.yml").open("a", encoding="utf-8") as file:
        file.write("log_levels:\n  idp_totals: 1\n")
    lines = corridor(*ARGUMENTS, "--days", "1").stdout.splitlines()
    assert lines[0] == f"{HEADER},total IDPs"
    assert lines[1].endswith(",500,0,200")


def test_conflict_driven_departures_print_no_error(corridor, tiny):
    setting(tiny, "spawn_rules", "conflict_driven_spawning: {displaced_per_conflict_day: 10}")
    no_chance(tiny)
    lines = corridor(*ARGUMENTS, "--days", "2").stdout.splitlines()
    assert lines[1].endswith(",0.0,0,510,0,500,0")
    assert lines[2].endswith(",0.0,0,520,0,500,0")


def test_names_with_commas_are_quoted_in_the_tidy_table_alone(tmp_path):
    files = {
        name: flee_tiny.FILES[f"{folder}/{name}.csv"].replace("CampTwo", '"Camp, Two"')
        for folder, name in (
            ("input_csv", "locations"),
            ("input_csv", "routes"),
            ("input_csv", "conflicts"),
            ("source_data", "data_layout"),
        )
    }
    runs = run_flee(flee_tiny.read(flee_tiny.write_files(tmp_path, **files), days=1), seed=1)
    assert "Camp, Two sim,Camp, Two data" in next(table_lines(runs))
    assert next(csv.reader(io.StringIO(list(tidy_lines(runs))[2])))[3] == "Camp, Two"


@pytest.mark.parametrize(
    ("simulated", "observed", "printed"),
    [
        (5, 0, "0.0"),
        (419, 419, "0.0"),
        (838, 419, "1.0"),
        (300, 419, "0.284"),
        (1, 3, "0.6667"),
        (7, 1, "6.0"),
    ],
)
def test_error_of_a_site(simulated: int, observed: int, printed: str):
    assert site_error(simulated, observed) == printed


def refused(done, words: str) -> None:
    """Assert that a command was refused as a wrong input, in these words and with no other."""
    assert (done.returncode, done.stdout, done.stderr) == (2, "", words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--days", "0"], "[days] '0' days; at least 1 is needed\n1 problem. Nothing was run.\n"),
        (
            ["--replicates", "0"],
            "[replicates] '0' replicates; at least 1 is needed\n1 problem. Nothing was run.\n",
        ),
        (
            ["--seed", "-1"],
            "[seed] the seed is '-1'; it must be 0 to 2**63 - 1\n1 problem. Nothing was run.\n",
        ),
        (["--workers", "0"], "[workers] '0' workers; at least 1 is needed\n1 problem. Nothing was run.\n"),
        (
            ["--out", "settings.yml"],
            "[output-exists] the file 'settings.yml' exists already\n"
            "    hint: choose another with --out, or add --overwrite\n1 problem. Nothing was run.\n",
        ),
        (
            ["--out", "input_csv"],
            "[output-is-folder] 'input_csv' is a folder; a file was expected\n1 problem. Nothing was run.\n",
        ),
        (
            ["--out", "nowhere/table.csv"],
            "[output-folder] 'nowhere/table.csv' cannot be written: No such file or directory\n"
            "    hint: choose another with --out\n1 problem. Nothing was run.\n",
        ),
    ],
)
def test_wrong_arguments(corridor, tiny, arguments: list[str], words: str):
    refused(corridor(*ARGUMENTS, *arguments), words)


def test_a_wrong_file_is_told_and_nothing_is_written(corridor, tiny):
    routes = tiny / "input_csv" / "routes.csv"
    routes.write_text(routes.read_text("utf-8").replace("Alpha,Beta,100", "Alpha,Betta,100"), "utf-8")
    before = sorted(entry.name for entry in tiny.iterdir())
    done = corridor(*ARGUMENTS, "--out", "table.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert "input_csv/routes.csv:2:7 [flee-place-unknown]" in done.stderr
    assert done.stderr.endswith("Nothing was run.\n")
    assert sorted(entry.name for entry in tiny.iterdir()) == before


def test_who_should_leave_and_cannot_is_told_and_nothing_is_written(corridor, tiny):
    setting(tiny, "spawn_rules", "take_from_population: true")
    places = tiny / "input_csv" / "locations.csv"
    places.write_text(places.read_text("utf-8").replace("50000", "50"), "utf-8")
    for more in ((), ("-n", "3"), ("--out", "table.csv")):
        done = corridor(*ARGUMENTS, *more)
        assert (done.returncode, done.stdout) == (2, "")
        assert "[flee-population-short] on day 2 (2020-01-03) 177 people should leave home" in done.stderr
    assert sorted(entry.name for entry in tiny.iterdir()) == ["input_csv", "settings.yml", "source_data"]


def test_a_rule_that_is_not_there_is_refused(corridor, tiny):
    setting(tiny, "move_rules", "max_walk_speed: 3000")
    words = (
        "settings.yml:4:3 [flee-not-supported] max_walk_speed is '3000' km/day; the engine goes up to 2000\n"
        "    4 |   max_walk_speed: 3000\n"
        "      |   ^^^^^^^^^^^^^^\n"
        "1 problem in 1 file. Nothing was run.\n"
    )
    done = corridor(*ARGUMENTS, "--out", "table.csv")
    refused(done, words)
    assert sorted(entry.name for entry in tiny.iterdir()) == ["input_csv", "settings.yml", "source_data"]


def test_a_file_is_replaced_if_told_so(corridor, tiny):
    (tiny / "table.csv").write_text("old", "utf-8")
    assert corridor(*ARGUMENTS, "--days", "1", "--out", "table.csv", "--overwrite").returncode == 0
    assert (tiny / "table.csv").read_text("utf-8").startswith("Day,Date,")


def test_flees_own_tables_are_met_in_what_chance_does_not_touch(shared):
    """Figures of Flee's own program, burundi2015 with hasten 10: the tail of the last row."""
    folder = shared / "flee"
    instance = flee_tiny.read_flee_instance(
        folder / "instances" / "burundi2015" / "input_csv",
        folder / "instances" / "burundi2015" / "source_data",
        folder / "settings" / "modern125.yml",
        hasten=10,
    )
    runs = run_flee(instance, seed=1)
    cells = list(table_lines(runs))[-1].split(",")
    assert (cells[-5], cells[-4], cells[-3], cells[-1]) == ("20543", "21230", "21754", "687")
    apart = np.abs(runs.simulated[0, -1] - runs.table.observed[-1]).sum()
    assert cells[-6] == str(int(apart) / 21754)
    assert isinstance(runs, FleeRuns)
