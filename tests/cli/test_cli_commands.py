"""What each command prints and with which status it leaves, when all is well."""

from __future__ import annotations

import json
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from process import ROOT

from corridor import __version__
from corridor.scenario.bundled import bundled_folder

COMMANDS = ("list", "check", "run", "show")
#: Packages that only a run, or reading a scenario, is allowed to wait for.
HEAVY = ("numba", "numpy", "xarray", "zarr", "scipy", "ruamel")


def test_version(corridor):
    done = corridor("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"corridor {__version__}\n", "")


def test_list_names_the_bundled_scenarios(corridor):
    done = corridor("list")
    assert done.returncode == 0
    assert done.stdout == (
        "mosul-2016     Mosul, October 2016\n"
        "               issued 2016-10-19, to 2017-01-31; 49 places\n"
        "mosul-2016-northeast-corridor\n"
        "               Mosul, October 2016: a humanitarian corridor to the north-east\n"
        "               a what-if of mosul-2016: 5 changes\n"
        "mosul-2016-west-closed\n"
        "               Mosul, October 2016: the west closed from the start\n"
        "               a what-if of mosul-2016: 2 changes\n"
        "mosul-2016-west-open\n"
        "               Mosul, October 2016: the west open throughout\n"
        "               a what-if of mosul-2016: 5 changes\n"
        "two-towns      Two towns and a camp\n"
        "               issued 2024-03-01, to 2024-03-15; 4 places\n"
    )


def test_help_takes_less_than_half_a_second_of_processor_time(corridor):
    """The least of three, so that a busy machine does not fail the test; about 0.2 s where it was written."""
    taken = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = corridor("--help")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.returncode == 0
        assert all(f" {command} " in done.stdout for command in COMMANDS)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(taken) < 0.5


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"]])
def test_help_imports_nothing_heavy(arguments):
    look = f"""
import json, sys
from corridor.cli.main import run_from_shell
sys.argv = ["corridor", *{arguments!r}]
try:
    run_from_shell()
finally:
    print(json.dumps(sorted(set(sys.modules) & set({HEAVY!r}))), file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", look], cwd=ROOT / "src", capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0
    assert json.loads(done.stderr) == []


def test_no_command_shows_the_help_as_a_wrong_call(corridor):
    done = corridor()
    assert done.returncode == 2
    assert "Usage:" in done.stdout + done.stderr


def test_check_of_a_good_scenario(corridor):
    done = corridor("check", "two-towns")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "two-towns: can be run. 4 places, 3 routes, 2 events, 2 storylines, 1 priors, 2 claims, 2 counts.\n"
    )


def test_check_shows_warnings_unless_told_not_to(corridor):
    assert "[warning: " in corridor("check", "mosul-2016").stdout
    quiet = corridor("check", "mosul-2016", "--no-warnings")
    assert quiet.returncode == 0
    assert "[warning: " not in quiet.stdout


def test_run_writes_its_results_and_says_where(corridor, tmp_path):
    done = corridor("run", "two-towns", "--members", "20", "--seed", "1", "--out", "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(entry.name for entry in (tmp_path / "out").iterdir()) == [
        "forecast.xlsx",
        "forecast.zarr",
        "quantiles.csv",
        "report.html",
    ]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["out"]
    assert done.stdout.endswith(
        "Report: out/report.html\nWorkbook: out/forecast.xlsx\n"
        "Quantiles: out/quantiles.csv\nForecast: out/forecast.zarr\n"
    )


def test_run_is_plain_text_in_a_pipe(corridor):
    done = corridor("run", "two-towns", "--members", "5", "--out", "out")
    assert done.stdout.startswith("Two towns and a camp\n")
    assert "\x1b" not in done.stdout
    assert "\r" not in done.stdout
    text = done.stdout[: done.stdout.index("Report: ")]
    assert max(len(line) for line in text.splitlines()) <= 80


def test_run_writes_to_forecasts_unless_told_otherwise(corridor, tmp_path):
    assert corridor("run", "two-towns", "--members", "2").returncode == 0
    assert (tmp_path / "forecasts" / "two-towns" / "report.html").is_file()


def test_the_same_seed_gives_the_same_table_on_any_number_of_workers(corridor, tmp_path):
    tables = []
    for out, workers in (("one", "1"), ("two", "2"), ("again", "2")):
        done = corridor(
            "run", "two-towns", "--members", "30", "--seed", "4", "--workers", workers, "--out", out
        )
        assert done.returncode == 0
        tables.append((tmp_path / out / "quantiles.csv").read_bytes())
    assert tables[0] == tables[1] == tables[2]
    corridor("run", "two-towns", "--members", "30", "--seed", "5", "--out", "other")
    assert (tmp_path / "other" / "quantiles.csv").read_bytes() != tables[0]


def test_show_repeats_what_the_run_said(corridor):
    done = corridor("run", "two-towns", "--members", "20", "--out", "out")
    said = done.stdout[: done.stdout.index("Report: ")]
    for path in ("out", "out/forecast.zarr"):
        shown = corridor("show", path)
        assert (shown.returncode, shown.stderr, shown.stdout) == (0, "", said)


def test_a_storyline_and_a_last_day_may_be_asked_for(corridor, tmp_path):
    done = corridor(
        "run", "two-towns", "--members", "3", "--storyline", "ceasefire", "--until", "2024-03-05", "-o", "out"
    )
    assert done.returncode == 0
    table = (tmp_path / "out" / "quantiles.csv").read_text("utf-8")
    assert "2024-03-05" in table
    assert "2024-03-06" not in table


def test_a_scenario_folder_in_place_of_a_name(corridor, tmp_path):
    shutil.copytree(bundled_folder("two-towns"), tmp_path / "my-crisis")
    assert corridor("check", "my-crisis").stdout.startswith("my-crisis: can be run. ")
    assert corridor("run", "my-crisis", "--members", "2").returncode == 0
    assert (tmp_path / "forecasts" / "my-crisis").is_dir()


def test_the_examples_of_every_help_page_run(corridor, tmp_path):
    """In the order of the pages: what ``show`` opens, ``run`` has made. No scheduler answers here."""
    shutil.copytree(bundled_folder("mosul-2016"), tmp_path / "my-crisis")
    tried = 0
    for command in COMMANDS:
        page = corridor(command, "--help").stdout
        examples = re.findall(r"^ *corridor (.+?) *$", page, re.MULTILINE)
        assert examples, f"corridor {command} --help has no example"
        for example in examples:
            few = ["--members", "3"] if command == "run" else []
            if "tcp://host:8786" in example:
                example = example.replace("tcp://host:8786", "local --out on-dask")
            done = corridor(*example.split(), *few)
            assert (done.returncode, done.stderr) == (0, ""), example
            tried += 1
    assert tried >= len(COMMANDS)


def test_the_examples_of_the_first_help_page_are_commands(corridor):
    page = corridor("--help").stdout
    examples = re.findall(r"^ *corridor (\S+)", page, re.MULTILINE)
    assert set(examples) <= set(COMMANDS)
    assert len(examples) >= 2


def test_the_package_does_not_run_when_it_is_imported():
    done = subprocess.run(
        [sys.executable, "-c", "import corridor; print(corridor.__version__)"],
        cwd=Path(ROOT / "src"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == f"{__version__}\n"
