"""Weights larger than any number under the law flee: told for the member that draws them, where a prior has
no bounds; what no file can show is in tests/scenario/wrong/weight-too-large.txt and flee_bad_input.txt."""

from __future__ import annotations

from pathlib import Path

import pytest

from corridor.ensemble.run import run
from corridor.problems import InputError
from corridor.scenario.load import check_scenario

SETTINGS = """\
title: A town and a camp
issue_date: 2024-01-01
horizon: 2024-01-10
rules:
  law: flee
  flee:
    home_country: Iraq
    departures: constant
    displaced_per_day: 10
    population_power: how_crowded
priors:
  how_crowded: {distribution: lognormal, median: 1, p95: 20, unit: "1", reason: a wild guess}
"""
FILES = {
    "scenario.yaml": SETTINGS,
    "places.csv": "name,lat,lon,kind,country,population,capacity\n"
    "Amara,36.00,43.00,town,Iraq,1000000000,\nKhazer,36.10,43.10,camp,Iraq,,100\n",
    "routes.csv": "from,to,length_km\nAmara,Khazer,20\n",
    "timeline.csv": "storyline,date,kind,place,value\n,2024-01-01,fighting,Amara,1\n",
}


def test_a_member_that_draws_such_a_value_is_refused(tmp_path: Path):
    for file, text in FILES.items():
        (tmp_path / file).write_text(text, "utf-8")
    checked = check_scenario(tmp_path)
    assert [problem for problem in checked.problems if not problem.warning] == []
    with pytest.raises(InputError, match=r"in one of the futures population_power is \d+\.?\d*: a weight"):
        run(checked.scenario, members=200, seed=1)
