"""Scores by hand, their properties, and agreement with oracles written from the definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm

from corridor.verify import (
    averaged_relative_difference,
    compare,
    coverage,
    crps_from_quantiles,
    crps_from_samples,
    mean_absolute_error,
    rcrps_by_issue,
    weighted_interval_score,
)
from corridor.verify.scores import central_band, interval_score, is_in_band, quantile_levels

people = st.floats(0, 1e6, allow_nan=False)
ensembles = arrays(float, st.integers(2, 30), elements=people)


def crps_by_integral(values, observed):
    """Integrate (F - step)^2 piece by piece, F the step function through the values: the definition."""
    ends = np.sort(np.append(values, observed))
    middle = (ends[1:] + ends[:-1]) / 2
    below = np.mean(np.asarray(values)[None, :] <= middle[:, None], axis=1)
    return float(np.sum((below - (middle >= observed)) ** 2 * np.diff(ends)))


def test_crps_by_hand():
    """Members 0 and 10, truth 10: mean distance 5, half the mean pair distance 2.5 (fair: 5)."""
    assert crps_from_samples([0, 10], 10) == 2.5
    assert crps_from_samples([0, 10], 10, fair=True) == 0
    assert crps_from_quantiles([0.0, 10.0], 10.0) == 2.5


@given(people, people, st.integers(1, 40))
def test_crps_of_a_point_is_the_absolute_error(point, observed, n):
    error = abs(point - observed)
    assert crps_from_quantiles(np.full(n, point), observed) == pytest.approx(error, abs=1e-6)
    assert crps_from_samples(np.full(n, point), observed) == pytest.approx(error, abs=1e-6)


@given(ensembles, people)
def test_crps_is_the_integral_from_samples_and_from_quantiles(values, observed):
    expected = crps_by_integral(values, observed)
    assert crps_from_samples(values, observed) == pytest.approx(expected, abs=1e-4, rel=1e-9)
    assert crps_from_quantiles(np.sort(values), observed) == pytest.approx(expected, abs=1e-4, rel=1e-9)


@given(ensembles, people)
def test_fair_crps_is_the_mean_over_pairs_of_different_members(values, observed):
    n = len(values)
    pairs = np.abs(values[:, None] - values[None, :]).sum() / (n * (n - 1))
    expected = np.abs(values - observed).mean() - pairs / 2
    assert crps_from_samples(values, observed, fair=True) == pytest.approx(expected, abs=1e-4)


def test_crps_near_the_closed_form_of_a_normal_distribution():
    """N(0, 1) against y: y (2 Phi(y) - 1) + 2 phi(y) - 1/sqrt(pi) (Gneiting & Raftery 2007, JASA)."""
    for y in (-2.0, 0.0, 0.7):
        expected = y * (2 * norm.cdf(y) - 1) + 2 * norm.pdf(y) - 1 / np.sqrt(np.pi)
        assert crps_from_quantiles(norm.ppf(quantile_levels()), y) == pytest.approx(expected, abs=0.002)


@pytest.mark.law
def test_crps_and_interval_score_are_proper():
    """The true distribution beats shifted, narrow and wide ones. 20 000 draws of N(0, 1), one seed.

    The smallest margin is 0.04 with a standard error of 0.002 (20 seeds): false alarms below 1 in 10 000.
    Catches a score without its spread term, which prefers the narrow forecast.
    """
    truth = np.random.default_rng(5).normal(size=20_000)
    levels = np.array([0.05, 0.25, 0.5, 0.75, 0.95])

    def crps(mean, sd):
        forecast = np.broadcast_to(mean + sd * norm.ppf(quantile_levels(50)), (truth.size, 50))
        return np.mean(crps_from_quantiles(forecast, truth)), np.mean(crps_from_samples(forecast, truth))

    def wis(mean, sd):
        forecast = np.broadcast_to(mean + sd * norm.ppf(levels), (truth.size, 5))
        return np.mean(weighted_interval_score(forecast, levels, truth))

    for mean, sd in ((0.5, 1.0), (0.0, 0.5), (0.0, 1.8)):
        assert crps(0.0, 1.0)[0] < crps(mean, sd)[0]
        assert crps(0.0, 1.0)[1] < crps(mean, sd)[1]
        assert wis(0.0, 1.0) < wis(mean, sd)


def test_agrees_with_scoringrules():
    oracle = pytest.importorskip("scoringrules", reason="scoringrules is not installed")
    rng = np.random.default_rng(3)
    members, truth = rng.gamma(2.0, 500.0, (40, 25)), rng.gamma(2.0, 500.0, 40)
    assert crps_from_samples(members, truth) == pytest.approx(
        oracle.crps_ensemble(truth, members, estimator="nrg")
    )
    fair = oracle.crps_ensemble(truth, members, estimator="fair")
    assert crps_from_samples(members, truth, fair=True) == pytest.approx(fair)
    quantiles = np.sort(members, axis=1)
    expected = oracle.crps_quantile(truth, quantiles, quantile_levels(25))
    assert crps_from_quantiles(quantiles, truth) == pytest.approx(expected)
    levels = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    low, high = quantiles[:, [4, 2]], quantiles[:, [20, 22]]
    five = np.column_stack([low[:, 1], low[:, 0], quantiles[:, 12], high[:, 0], high[:, 1]])
    alpha = np.array([0.5, 0.1])
    expected = oracle.weighted_interval_score(truth, quantiles[:, 12], low, high, alpha)
    assert weighted_interval_score(five, levels, truth) == pytest.approx(expected)


def test_weighted_interval_score_by_hand():
    """Quantiles 10, 20, 40 at .25, .5, .75, truth 50: (30/2 + .25 (30 + 4 x 10)) / 1.5 = 32.5 / 1.5."""
    assert weighted_interval_score([10, 20, 40], [0.25, 0.5, 0.75], 50) == pytest.approx(32.5 / 1.5)


@given(people, people)
def test_weighted_interval_score_of_a_point_is_the_absolute_error(point, observed):
    score = weighted_interval_score(np.full(3, point), [0.1, 0.5, 0.9], observed)
    assert score == pytest.approx(abs(point - observed), abs=1e-6)


def test_bands_and_coverage_by_hand():
    quantiles = np.arange(0.5, 100)  # the p-quantile is 100 p
    low, high = central_band(quantiles, 0.5)
    assert (float(low), float(high)) == (25, 75)
    assert tuple(float(end) for end in central_band(quantiles, 0.995)) == (0.5, 99.5)
    assert is_in_band(np.tile(quantiles, (3, 1)), [25, 75, 76], 0.5).tolist() == [True, True, False]
    assert coverage(np.tile(quantiles, (4, 1)), [4, 6, 94, 96], 0.9) == 0.5


def test_errors_by_hand():
    assert mean_absolute_error([1.0, 4.0], [2.0, 2.0]) == 1.5
    forecast, truth = [[90.0, 20.0], [1.0, 1.0], [60.0, 50.0]], [[100.0, 0.0], [0.0, 0.0], [50.0, 50.0]]
    assert averaged_relative_difference(forecast, truth) == pytest.approx((0.3 + 0.1) / 2)
    assert np.isnan(averaged_relative_difference([[1.0]], [[0.0]]))


def test_rcrps_by_issue_sums_before_it_divides():
    scores = rcrps_by_issue([10, 30, 5, 2], [100, 300, 50, 0], [30, 30, 44, 58])
    assert scores[:2].tolist() == [0.1, 0.1]
    assert np.isnan(scores[2])


def test_compare_by_hand():
    """Half the score in one conflict and the same in another: the log ratios average to -log(2)/2."""
    comparison = compare({"a": [1, 1], "b": [2, 2]}, {"a": [2, 2], "b": [2, 2]}, block=1, seed=1)
    assert comparison.gain == pytest.approx(1 - np.sqrt(0.5))
    assert comparison.by_conflict == pytest.approx({"a": 0.5, "b": 0.0})
    assert comparison.dates == pytest.approx((comparison.gain, comparison.gain))
    assert comparison.conflicts == pytest.approx((0.0, 0.5))


def test_compare_is_repeatable_and_ignores_the_scale_of_a_conflict():
    rng = np.random.default_rng(1)
    ours, theirs = rng.uniform(1, 2, 40), rng.uniform(1, 2, 40)
    first = compare({"a": ours}, {"a": theirs}, block=5, seed=9)
    assert first == compare({"a": ours}, {"a": theirs}, block=5, seed=9)
    scaled = compare({"a": 8 * ours}, {"a": 8 * theirs}, block=5, seed=9)
    assert scaled.dates == pytest.approx(first.dates)
    assert first.conflicts == first.dates  # one conflict: resampling conflicts adds nothing


def test_compare_leaves_out_dates_that_one_method_did_not_score():
    comparison = compare({"a": [1, np.nan, 1]}, {"a": [2, 5, 2]}, block=1, seed=1)
    assert comparison.gain == pytest.approx(0.5)


@pytest.mark.law
def test_block_bootstrap_widens_with_dependence():
    """Errors that last 8 dates make the interval of the mean wider, by about sqrt(8) for endless blocks.

    400 dates in steps of 8 equal values, blocks of 40 against blocks of 1; the ratio was 1.5 to 3.3 over 40
    seeds, mean 2.5. Catches blocks that are not kept together (ratio 1). False alarms: none in 40 seeds.
    """
    steps = np.repeat(np.random.default_rng(2).uniform(1, 2, 50), 8)
    flat = {"a": np.ones(400)}
    widths = [np.diff(compare({"a": steps}, flat, block=block, seed=4).dates)[0] for block in (1, 40)]
    assert 1.4 < widths[1] / widths[0] < 3.6


@settings(max_examples=25)
@given(st.integers(1, 60), st.integers(1, 80), st.integers(0, 5))
def test_circular_blocks_use_every_date_alike(n, block, seed):
    """Equal scores on all dates give an interval of one point, whatever the block."""
    comparison = compare(
        {"a": np.full(n, 0.3)}, {"a": np.full(n, 0.6)}, block=block, seed=seed, n_resamples=20
    )
    assert comparison.dates == pytest.approx((0.5, 0.5))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: crps_from_quantiles([[1.0, 2.0]], 1.0), "one more axis"),
        (lambda: crps_from_samples([1.0], 1.0, fair=True), "2 members"),
        (lambda: interval_score(1, 2, 1, share=1.0), "between 0 and 1"),
        (lambda: weighted_interval_score([1, 2, 3], [0.1, 0.5, 0.8], 2), "symmetric"),
        (lambda: weighted_interval_score([1, 2], [0.25, 0.75], 2), "hold 0.5"),
        (lambda: compare({"a": [1.0]}, {"b": [1.0]}, block=1, seed=1), "same conflicts"),
        (lambda: compare({"a": [1.0]}, {"a": [1.0, 2.0]}, block=1, seed=1), "equal lists"),
        (lambda: compare({"a": [0.0]}, {"a": [1.0]}, block=1, seed=1), "mean score of 0"),
        (lambda: compare({"a": [1.0]}, {"a": [1.0]}, block=0, seed=1), "block is 0"),
    ],
)
def test_wrong_arguments_are_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()
