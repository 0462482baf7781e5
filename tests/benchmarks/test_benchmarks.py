"""The benchmarks run, scale what they say they scale, and keep nothing unless asked. No figure is tested."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # benchmarks is no part of the package

from benchmarks.curves import synthetic_setup
from benchmarks.flee_race import COLUMNS, Cost, FleeFailedError, Raced, run_of_flee

from corridor import load_scenario
from corridor.ensemble.sample import sample_priors

ROOT = Path(__file__).resolve().parents[2]


def run_benchmarks(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("run", "2 workers: "),
        ("run", "as typed"),
        ("people", "20,"),
        ("members", "2 members: "),
        ("dask", "an empty task "),
    ],
)
def test_each_case_runs(case, words):
    if case == "dask":
        pytest.importorskip("distributed", reason="Dask is not installed")
    kept = ROOT / "benchmarks" / "results.md"
    before = kept.read_bytes() if kept.is_file() else None
    done = run_benchmarks(case, "--tiny")
    assert (done.returncode, done.stderr) == (0, "")
    assert words in done.stdout
    assert "median of 2, range" in done.stdout
    assert f"Repeat: python -m benchmarks {case} --tiny" in done.stdout
    assert (kept.read_bytes() if kept.is_file() else None) == before


def test_the_race_with_flee_runs_and_installs_nothing(shared):
    environment = ROOT / "benchmarks" / ".venv"
    was_there = environment.exists()
    done = run_benchmarks("flee", "--tiny")
    assert (done.returncode, done.stderr) == (0, "")
    line = next(line for line in done.stdout.splitlines() if line.startswith("| mali2012 | 89,991 |"))
    assert len(line.split("|")) == len(COLUMNS) + 2
    assert environment.exists() == was_there


def test_the_curves_of_flees_law_run(shared):
    done = run_benchmarks("flee-curves", "--tiny")
    assert (done.returncode, done.stderr) == (0, "")
    told = ("10,004 people", "times the first", "100 places, 282 routes", "2 replicates, 2 workers: ")
    for words in (*told, "microseconds a place and day", "microseconds a place\n"):
        assert words in done.stdout


def test_flees_cost_with_all_people_is_its_cost_times_hasten():
    raced = Raced("mali2012", 10, flee=Cost(8.5, 1e8, 8996), ours=Cost(0.1, 2e8, 89991))
    assert raced.flee_seconds_in_full == 85.0
    assert raced.ratio == pytest.approx(850.0)


def test_a_checkout_of_flee_is_run_by_its_own_program(tmp_path, monkeypatch, shared):
    """A stand-in for a checkout: it prints Flee's header and, as its last row, what it was given."""
    program = tmp_path / "runscripts" / "run.py"
    program.parent.mkdir()
    program.write_text(
        "import sys\n"
        "hasten = open(sys.argv[4]).read().split('hasten: ')[1].strip()\n"
        "print('Day,Date,total refugees (simulation)')\n"
        "print('0,2012-03-01,' + hasten)\n",
        "utf-8",
    )
    monkeypatch.setenv("CORRIDOR_FLEE", str(tmp_path))
    cost = run_of_flee(Path(sys.executable), "mali2012", 250)
    assert cost.people == 250.0 and cost.processor_seconds > 0.0


def test_a_flee_that_fails_is_told(tmp_path, monkeypatch, shared):
    monkeypatch.setenv("CORRIDOR_FLEE", str(tmp_path / "nowhere"))
    with pytest.raises(FleeFailedError, match="nowhere"):
        run_of_flee(Path(sys.executable), "mali2012", 250)


def test_a_synthetic_network_has_three_routes_a_place(shared):
    setup = synthetic_setup(400, seed=1)
    assert 2.8 < setup.leg_start.size / 2 / 400 < 3.0
    assert (np.diff(setup.leg_start) >= 0).all() and (setup.leg_start != setup.leg_end).all()
    both = set(zip(setup.leg_start.tolist(), setup.leg_end.tolist(), strict=True))
    assert all((end, start) in both for start, end in both)


def test_an_unknown_case_is_refused():
    done = run_benchmarks("speed")
    assert done.returncode == 2
    assert "'speed' is no case; there are run, people, members, dask, flee, flee-curves" in done.stderr


def test_scaling_changes_people_and_nothing_else(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks.scaling import with_people_times

    base = load_scenario("mosul-2016")
    ten = with_people_times(base, 10.0)
    before = sample_priors(base.priors, seed=1, member=3)
    after = sample_priors(ten.priors, seed=1, member=3)
    ratios = {
        name: after[name] / before[name] for name in before if base.priors[name].unit.startswith("people")
    }
    assert len(ratios) > 10
    assert np.allclose(list(ratios.values()), 10.0)
    assert all(after[name] == before[name] for name in before if name not in ratios)
    assert ten.rules == base.rules
    assert [route.length_km for route in ten.routes] == [route.length_km for route in base.routes]
