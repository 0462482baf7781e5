"""Corridor against replicates of Flee's own program: the quick part of `python -m benchmarks.flee_check`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # benchmarks is no part of the package

from benchmarks.flee_check import SETTINGS, Compared, compare, verdict_lines

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


def pair(p_value: float, ard: float) -> Compared:
    return Compared(
        instance="mali2012",
        settings="modern125",
        flee_replicates=2,
        replicates=2,
        differing=(),
        rms=1.0,
        low=0.5,
        high=1.5,
        highest=2.0,
        p_value=p_value,
        flee_ard=np.array([0.1, 0.3]),
        ard=np.array([0.1, 0.3]) + ard,
        flee_cpu_seconds=1.0,
        cpu_seconds=0.1,
    )


def test_the_table_is_summed_up_with_what_chance_alone_gives():
    """Of three pairs one or more are below 0.05 in 1 - 0.95^3 = 14 %, of twelve two or more in 12 %."""
    assert list(verdict_lines([pair(0.5, 0.0), pair(0.05, 0.0), pair(0.9, -0.2)])) == [
        "0 of 3 pairs with p below 0.05; by chance alone 1 or more in 14 of 100 such tables",
        "ARD within 1.4 standard errors",
    ]
    assert next(verdict_lines([pair(0.04, 0.0)] * 2 + [pair(0.5, 0.0)] * 10)) == (
        "2 of 12 pairs with p below 0.05: mali2012 modern125, mali2012 modern125; by chance alone 2 or "
        "more in 12 of 100 such tables"
    )
