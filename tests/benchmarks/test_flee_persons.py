"""The law person by person, by which the lumping is measured, is the law of the plain twin, and Flee's."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # benchmarks is no part of the package
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "engine"))  # the random instances lie there

from benchmarks.flee_persons import compare, compare_with_flee, simulate_persons
from compare import p_value_of_one_law
from step_worlds import random_instance, twin_futures

from corridor.engine.step_leaving import GIVEN
from corridor.ensemble.flee import step_setup
from corridor.formats.flee import data_table

WORLDS, TWIN_FUTURES, FUTURES = 16, 60, 120


@pytest.mark.law
def test_persons_follow_the_law_of_the_twin_where_camps_fill(tmp_path: Path):
    """Random instances whose camps fill within days, so that the order of people matters: permutation tests.

    False alarms: four or more p-values of 0.01 or less in 16, or two of 0.001 or less, come by chance at most
    2 times in 10,000.
    """
    p = []
    for seed in range(WORLDS):
        instance = random_instance(tmp_path / str(seed), seed, is_tight=True)
        setup, _ = step_setup(instance, data_table(instance))
        if setup.leaving != GIVEN:
            continue
        days, places = instance.n_days, len(instance.places)
        persons = [simulate_persons(setup, n_days=days, seed=seed, member=m).ravel() for m in range(FUTURES)]
        twin = twin_futures(instance, TWIN_FUTURES, seed)[:, : days * places]
        p.append(p_value_of_one_law(np.array(persons), twin, seed))
    assert len(p) >= WORLDS // 2
    assert sum(value <= 0.01 for value in p) < 4 and sum(value <= 0.001 for value in p) < 2, np.sort(p)


@pytest.mark.law
def test_persons_and_cohorts_follow_one_law_on_a_published_instance(shared: Path):
    """mali2012 with one person in 100, 60 runs of each: site means on eight days, chance included.

    False alarms: rms of 56 standardised differences above 1.6 comes by chance less than 1 in 1,000 even if
    only 20 of them are independent (chi-square).
    """
    found = compare("mali2012", "modern125aw2dm75", runs=60, hasten=100)
    assert found["rms"] < 1.6


@pytest.mark.law
def test_persons_follow_flee_on_a_published_instance(shared: Path):
    """mali2012 against Flee's ten replicates. False alarms: 1 in 1,000."""
    _, p_value = compare_with_flee("mali2012", "modern125", runs=60)
    assert p_value > 0.001
