"""Counts over the bands of an ensemble, by hand and in law."""

import datetime as dt

import numpy as np
import pytest

from corridor.verify import score_counts

DAYS = [dt.date(2016, 10, 17) + dt.timedelta(day) for day in range(3)]


def test_a_count_by_hand():
    """Members 0.5..99.5 on day 1: the p-quantile is 100 p; 20 members lie below 20."""
    samples = np.stack([np.zeros(100), np.arange(0.5, 100), np.full(100, 7)], axis=1)
    (row,) = score_counts(samples, DAYS, [(DAYS[1], 20)]).rows
    assert (row.q05, row.q25, row.median, row.q75, row.q95) == (5, 25, 50, 75, 95)
    assert (row.in_50, row.in_90, row.pit) == (False, True, 0.2)
    assert row.crps == pytest.approx(100 * (0.2**3 + 0.8**3) / 3, abs=0.01)  # uniform on 0..100


def test_members_equal_to_the_count_count_half():
    samples = np.stack([np.zeros(4), [10, 20, 20, 30], np.zeros(4)], axis=1)
    assert score_counts(samples, DAYS, [(DAYS[1], 20)]).rows[0].pit == 0.5
    assert score_counts(samples, DAYS, [(DAYS[2], 0)]).rows[0].pit == 0.5


def test_counts_known_or_beyond_the_forecast_are_left_out_and_told():
    before, after = dt.date(2016, 1, 1), dt.date(2017, 1, 1)
    scores = score_counts(np.ones((5, 3)), DAYS, [(after, 3), (DAYS[2], 1), (DAYS[0], 1), (before, 2)])
    assert [row.date for row in scores.rows] == [DAYS[2]]
    assert scores.left_out == ((before, 2), (DAYS[0], 1), (after, 3))


def test_summaries():
    samples = np.tile(np.arange(0.5, 100)[:, None], (1, 3))
    scores = score_counts(samples, DAYS, [(DAYS[1], 50), (DAYS[2], 10)])
    assert (scores.coverage_50, scores.coverage_90) == (0.5, 1.0)
    assert scores.rcrps == pytest.approx(sum(row.crps for row in scores.rows) / 60)
    nothing = score_counts(samples, DAYS, [])
    assert np.isnan([nothing.coverage_50, nothing.coverage_90, nothing.rcrps]).all()


@pytest.mark.law
def test_a_calibrated_ensemble_covers_and_has_flat_pit():
    """2 000 counts drawn from the gamma law of the 200 members: coverage within 4 standard errors, PIT flat.

    False alarms: none in 60 seeds (the largest departures were 3.2 and 3.5 standard errors). Catches
    bands taken at the wrong levels (0.4 for 0.5: 9 standard errors).
    """
    rng = np.random.default_rng(12)
    dates = [dt.date(2000, 1, 1) + dt.timedelta(day) for day in range(2001)]
    samples = np.round(rng.gamma(3, 1000, (200, 2001)))
    counts = [
        (date, int(people)) for date, people in zip(dates[1:], rng.gamma(3, 1000, 2000).round(), strict=True)
    ]
    scores = score_counts(samples, dates, counts)
    assert scores.coverage_50 == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / 2000))
    assert scores.coverage_90 == pytest.approx(0.9, abs=4 * np.sqrt(0.09 / 2000))
    deciles = np.histogram([row.pit for row in scores.rows], bins=10, range=(0, 1))[0]
    assert np.abs(deciles - 200).max() < 5 * np.sqrt(180)


def test_wrong_shapes_and_gaps_are_refused_in_words():
    with pytest.raises(ValueError, match=r"samples is \(5, 2\); \(members, 3\) was expected"):
        score_counts(np.ones((5, 2)), DAYS, [])
    with pytest.raises(ValueError, match="one day apart"):
        score_counts(np.ones((5, 2)), [DAYS[0], DAYS[2]], [])
