"""The table of many models: scores, coverage, gains and what a page draws, against hand-made answers."""

import datetime as dt

import numpy as np
import pytest

from corridor.verify import Report, crps_from_quantiles, make_counts, make_windows
from corridor.verify.scores import quantile_levels
from corridor.verify.skill import BAND_SHARES, SkillTable, quantiles_at, score_model

START = dt.date(2020, 1, 1)


def windows(name="a", n_days=300):
    rows = {
        "A": {"a.csv": [Report(0, 1_000), Report(299, 4_000)]},
        "B": {"b.csv": [Report(0, 0), Report(200, 500)]},
    }
    return make_windows(make_counts(name, START, n_days, rows), 30)


def table(quantiles):
    its = {name: windows(name) for name in ("a", "b")}
    sites = {
        (model, name, 30): score_model(its[name], made(its[name]))
        for model, made in quantiles.items()
        for name in its
    }
    return SkillTable(("a", "b"), (30,), 14, tuple(quantiles), sites, {}, dict.fromkeys(its, ("A", "B")))


def spread(its, share):
    """Normal-like quantiles around the truth, the tails at +- share of it."""
    return its.truth[:, None] * (1 + share * (2 * quantile_levels() - 1))


def test_scores_of_a_forecast_are_those_of_its_quantiles():
    its = windows()
    scored = score_model(its, spread(its, 0.2))
    assert scored.crps == pytest.approx(crps_from_quantiles(spread(its, 0.2), its.truth))
    assert scored.absolute_error == pytest.approx(np.zeros(its.truth.size), abs=1e-9)
    assert (scored.in_50 == 1).all() and (scored.in_90 == 1).all()
    assert scored.rank == pytest.approx(np.full(its.truth.size, 0.5))
    assert scored.held.shape == (its.truth.size, len(BAND_SHARES))


def test_a_point_has_no_bands():
    its = windows()
    scored = score_model(its, its.truth[:, None] + 7)
    assert scored.crps == pytest.approx(np.full(its.truth.size, 7.0))
    assert np.isnan(scored.wis).all() and np.isnan(scored.in_90).all() and np.isnan(scored.rank).all()
    assert np.isnan(scored.coverage(0.9))


def test_a_forecast_that_is_no_number_is_refused():
    its = windows()
    with pytest.raises(ValueError, match="not a number"):
        score_model(its, np.full((its.truth.size, 100), np.nan))


def test_quantiles_between_levels():
    quantiles = np.arange(100.0)[None]
    assert quantiles_at(quantiles, (0.25, 0.5, 0.75))[0].tolist() == [24.5, 49.5, 74.5]


def test_means_gains_and_coverage():
    made = table({"good": lambda its: spread(its, 0.1), "bad": lambda its: spread(its, 0.2)})
    assert made.mean_rcrps("good", 30) == pytest.approx(made.mean_rcrps("bad", 30) / 2)
    gain = made.gain("good", "bad", 30, seed=1)
    assert gain is not None
    assert gain.gain == pytest.approx(0.5)
    assert gain.dates == pytest.approx((0.5, 0.5))
    assert made.coverage("good", 30, 0.9) == 1.0
    assert made.coverage("good", 30, 0.9, "a") == 1.0
    assert np.isnan(made.rcrps("absent", "a", 30))
    assert made.gain("good", "absent", 30, seed=1) is None


def test_what_a_page_draws():
    """All truths lie at the top of the forecast: every band misses, and the last tenth holds all."""
    made = table({"low": lambda its: its.truth[:, None] * np.linspace(0.1, 0.9, 100)})
    seen = made.sites["low", "a", 30].is_seen & (made.sites["low", "a", 30].windows.truth > 0)
    assert seen.any()
    assert made.rank_shares("low", 30)[-1] == pytest.approx(1.0)
    assert made.reliability("low", 30) == pytest.approx(np.zeros(len(BAND_SHARES)))
    assert np.isnan(made.rank_shares("absent", 30)).all()
