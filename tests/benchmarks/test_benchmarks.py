"""The benchmarks run, scale what they say they scale, and keep nothing unless asked. No figure is tested."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

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
    ("case", "words"), [("run", "2 workers: "), ("people", "20,"), ("members", "2 members: ")]
)
def test_each_case_runs(case, words):
    kept = ROOT / "benchmarks" / "results.md"
    before = kept.read_bytes() if kept.is_file() else None
    done = run_benchmarks(case, "--tiny")
    assert (done.returncode, done.stderr) == (0, "")
    assert words in done.stdout
    assert "median of 2, range" in done.stdout
    assert f"Repeat: python -m benchmarks {case} --tiny" in done.stdout
    assert (kept.read_bytes() if kept.is_file() else None) == before


def test_an_unknown_case_is_refused():
    done = run_benchmarks("speed")
    assert done.returncode == 2
    assert "'speed' is no case; there are run, people, members" in done.stderr


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
