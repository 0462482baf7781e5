"""Corridor against replicates of Flee's own program: the quick part of `python -m benchmarks.flee_check`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # benchmarks is no part of the package

from benchmarks.flee_check import SETTINGS, compare

REPLICATES = 20
#: The difference of mean ARD that is too much, in standard errors.
MOST_ERRORS = 6.0


@pytest.mark.law
@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("instance", ["mali2012", "burundi2015"])
def test_the_published_instances_follow_flees_law(shared: Path, instance: str, settings: str):
    """What chance does not touch is equal on every day; the rest differs by no more than chance explains.

    False alarms: rms above 1.5 times the 99.9 % point of equal laws, or means of ARD 6 standard errors apart,
    come by chance less than once in 1,000 (Student's t with about 18 degrees of freedom: 1 in 90,000).
    """
    compared = compare(instance, settings, replicates=REPLICATES)
    assert compared.differing == ()
    assert compared.rms <= 1.5 * compared.highest
    assert abs(compared.ard_in_errors) <= MOST_ERRORS
