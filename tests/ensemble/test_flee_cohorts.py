"""How finely people are told apart under Flee's law, in the instance of four places: more around openings."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import flee_tiny
from corridor.engine.step_arrays import StepSetup
from corridor.engine.step_cohorts import AT_NIGHT, FREE
from corridor.engine.step_events import CLOSE_CAMP, CLOSE_LEG, CONFLICT_ON, OPEN_LEG, REDIRECT_ON, SET_CAMP
from corridor.ensemble.flee import step_setup
from corridor.ensemble.flee_cohorts import opening_days, tell_cohorts_apart
from corridor.formats.flee import data_table

CAMP, TOWN, LEG = 2, 1, 0


def told(folder: Path, places: int = 13, **files: str) -> StepSetup:
    """Return what the engine is told of the instance of 20 days, with more places without roads."""
    more = "".join(f"Extra{row},Region,Homeland,1,1,town,,100\n" for row in range(places - 4))
    locations = flee_tiny.FILES["input_csv/locations.csv"] + more
    instance = flee_tiny.read(flee_tiny.write_files(folder, locations=locations, **files))
    assert len(instance.places) == places
    return step_setup(instance, data_table(instance))[0]


def with_events(setup: StepSetup, *events: tuple[int, int, int, float]) -> StepSetup:
    """Return a setup with these events: (day, kind, target, value)."""
    days, kinds, targets, values = zip(*events, strict=True)
    whole = {"event_day": days, "event_kind": kinds, "event_target": targets}
    arrays = {name: np.array(column, np.int64) for name, column in whole.items()}
    return tell_cohorts_apart(setup._replace(**arrays, event_value=np.array(values)))


@pytest.mark.parametrize(("places", "rows", "age"), [(12, 1024, 8.0), (13, 16, math.inf)])
def test_in_a_small_network_more_cohorts_are_told_apart(tmp_path, places: int, rows: int, age: float):
    setup = told(tmp_path, places)
    assert setup.age_apart == age
    assert (setup.few_rows == rows).all()
    assert (setup.most_rows == [1, 2, 1, 1]).all()


def test_from_three_days_before_a_route_opens_to_eight_after_more_are_told_apart(tmp_path):
    closures = "#closure_type,name1,name2,closure_start,closure_end\nlocation,Beta,none,7,15\n"
    setup = told(tmp_path, closures=closures)
    assert opening_days(setup) == {7, 15}
    around = np.arange(20) >= 4
    assert setup.few_rows.tolist() == np.where(around, 256, 16).tolist()
    assert setup.most_rows[:, FREE].tolist() == np.where(around, 6, 2).tolist()
    assert setup.most_rows[:, AT_NIGHT].tolist() == np.where(around, 3, 1).tolist()


def test_only_what_was_not_so_before_is_an_opening(tmp_path):
    setup = told(tmp_path)
    for event, opens in (
        ((1, OPEN_LEG, LEG, 0.0), False),
        ((1, CLOSE_LEG, LEG, 0.0), True),
        ((1, REDIRECT_ON, LEG, 0.0), True),
        ((1, CLOSE_CAMP, CAMP, 0.0), True),
        ((1, CLOSE_CAMP, TOWN, 0.0), False),
        ((1, SET_CAMP, CAMP, 1.0), False),
        ((1, SET_CAMP, CAMP, 0.0), True),
        ((1, SET_CAMP, TOWN, 1.0), True),
        ((1, CONFLICT_ON, TOWN, 1.0), False),
    ):
        changed = with_events(setup, event)
        assert opening_days(changed) == ({1} if opens else set()), event
        assert changed.few_rows.tolist() == ([256] * 10 + [16] * 10 if opens else [16] * 20)
    twice = with_events(setup, (2, CLOSE_LEG, LEG, 0.0), (5, CLOSE_LEG, LEG, 0.0), (19, OPEN_LEG, LEG, 0.0))
    assert opening_days(twice) == {2, 19}
    assert twice.few_rows.tolist() == [256] * 11 + [16] * 5 + [256] * 4


def test_in_a_small_network_an_opening_leaves_as_many_apart(tmp_path):
    setup = with_events(told(tmp_path, 12), (5, CLOSE_LEG, LEG, 0.0))
    assert (setup.few_rows == 1024).all()
