"""Weights of members: the likelihood where it can be, tempered where it would leave nobody."""

import numpy as np
import pytest

from corridor.assimilate.particles import log_likelihood, resample, temper


def test_equal_members_weigh_the_same():
    weights = temper(np.full(40, -3.0))
    assert weights.weights == pytest.approx(np.full(40, 1 / 40))
    assert (weights.power, weights.size) == (1.0, pytest.approx(40))


def test_a_mild_likelihood_is_used_as_it_is():
    logs = np.log(np.array([1.0, 2.0, 1.0, 2.0]))
    weights = temper(logs)
    assert weights.weights == pytest.approx([1 / 6, 2 / 6, 1 / 6, 2 / 6])
    assert weights.power == 1.0


def test_a_collapse_is_tempered_and_told():
    logs = -np.arange(100.0) * 50
    weights = temper(logs)
    assert weights.size_untempered == pytest.approx(1.0)
    assert weights.has_collapsed
    assert weights.size == pytest.approx(25, abs=0.1)
    assert 0 < weights.power < 1
    assert np.all(np.diff(weights.weights) <= 0)


def test_one_member_is_kept():
    assert temper(np.array([-5.0])).weights.tolist() == [1.0]


@pytest.mark.parametrize("logs", [[], [np.nan, 0.0], [-np.inf, 0.0]])
def test_what_is_no_likelihood_is_refused(logs):
    with pytest.raises(ValueError, match="finite"):
        temper(np.array(logs))


def test_tails_are_heavy_and_shares_count():
    gaps = np.array([[0.0], [1.0], [100.0]])
    full = log_likelihood(gaps, np.array([1.0]), np.array([1.0]))
    half = log_likelihood(gaps, np.array([1.0]), np.array([0.5]))
    assert full[0] == 0.0
    assert full[1] == pytest.approx(-2.5 * np.log(1.25))
    assert full[2] > -25  # a Gaussian would give -5,000
    assert half == pytest.approx(full / 2)


def test_members_are_drawn_by_weight():
    weights = np.array([0.5, 0.25, 0.25, 0.0])
    drawn = resample(np.tile(weights / 25, 25), seed=1)
    counts = np.bincount(drawn % 4, minlength=4)
    assert counts.tolist() == [50, 25, 25, 0]
    assert np.array_equal(drawn, resample(np.tile(weights / 25, 25), seed=1))
