"""The baselines on cases small enough to work out by hand, and that nothing later leaks into a forecast."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridor.verify import (
    Baseline,
    Regime,
    Report,
    fit_errors,
    forecast_sites,
    make_counts,
    make_windows,
    situation_at,
    table_of,
)
from corridor.verify.baselines import ErrorTables, centre, leave_one_out, regime_of

START = dt.date(2020, 1, 1)


def conflict(name, n_days, **sites):
    files = {site: {f"{site}.csv": [Report(*row) for row in rows]} for site, rows in sites.items()}
    return make_counts(name, START, n_days, files)


def test_situation_by_hand():
    """Day 60: A had 1,000, has 1,100; B nothing. T/n = 550, S = 1,237.5 and 137.5, x = 100/1,237.5."""
    at = situation_at(conflict("toy", 200, a=[(0, 1000), (50, 1100)], b=[(0, 0), (90, 7)]), [60])
    assert at.known.tolist() == [[1100, 0]]
    assert at.drift.tolist() == [[100, 0]]
    assert at.scale.tolist() == [[1237.5, 137.5]]
    assert at.regime.tolist() == [[Regime.RISING, Regime.UNSEEN]]


def test_the_first_60_days_drift_from_nothing():
    assert situation_at(conflict("toy", 200, a=[(0, 1000)]), [30]).drift.tolist() == [[1000]]


def test_the_scale_is_never_below_50_people():
    assert situation_at(conflict("toy", 200, a=[(0, 8)]), [70]).scale.tolist() == [[50]]


@pytest.mark.parametrize(
    ("change", "regime"),
    [
        (0.0, Regime.FLAT), (0.0099, Regime.FLAT), (-0.0099, Regime.FLAT), (0.01, Regime.SLOW),
        (-0.01, Regime.SLOW), (0.05, Regime.SLOW), (-0.05, Regime.SLOW), (0.051, Regime.RISING),
        (0.2, Regime.RISING), (0.21, Regime.FAST),
        (-0.051, Regime.SHRINKING), (-3.0, Regime.SHRINKING),
    ],
)  # fmt: skip
def test_regimes_meet_without_gap_or_overlap(change, regime):
    assert regime_of(np.array([change]), np.array([True])).tolist() == [regime]
    assert regime_of(np.array([change]), np.array([False])).tolist() == [Regime.UNSEEN]


def test_half_drift_by_hand():
    """600 in 60 days is 10 a day; half of it over 30 days is 150. A fall stops at 0."""
    at = situation_at(conflict("toy", 200, up=[(0, 400), (60, 1000)], down=[(0, 9000), (60, 100)]), [60])
    assert centre(at, Baseline.HD, 30).tolist() == [[1150, 0]]
    assert centre(at, Baseline.HALF_DRIFT, 30).tolist() == [[1150, 0]]
    assert centre(at, Baseline.RP, 30).tolist() == [[1000, 100]]


def test_windows_end_with_the_period_and_start_with_the_first_report():
    counts = conflict("toy", 89, a=[(0, 100), (200, 300)], late=[(75, 40), (200, 40)])
    windows = make_windows(counts, 30, every=14, first=30)
    assert windows.issue_day.tolist() == [
        30,
        44,
        58,
        58,
    ]  # 58 + 30 = 88, the last day; 72 + 30 lies beyond it
    assert windows.site.tolist() == [0, 0, 0, 1]
    assert windows.truth.tolist() == [160, 174, 188, 40]
    assert windows.is_near_report.tolist() == [False, False, False, True]


def test_pool_weights_by_hand():
    """Two dates, 400 counted at both targets: S/400/2 with S = 100 + 50 and 300 + 50."""
    windows = make_windows(conflict("toy", 75, a=[(0, 100)], b=[(0, 300)]), 30, every=14, first=30)
    assert windows.weight.tolist() == [150 / 800, 350 / 800] * 2


def pool(*errors, lead=30):
    """Windows of conflicts with one flat site each, whose truth is off by the errors (in shares of scale)."""
    series = []
    for number, error in enumerate(errors):
        rows = [(-100, 800), (60, 800 + round(1000 * error)), (61, 800)]
        series.append(conflict(f"c{number}", 61, a=rows, b=[(-100, 800)]))
    return [make_windows(each, lead, every=14, first=30) for each in series]


def test_error_tables_are_weighted_quantiles():
    """Errors 0.1 (site a) and 0 (site b) of equal weight: the lower half of the table is 0, the upper 0.1."""
    tables = fit_errors(pool(0.1), Baseline.RP)
    assert tables.quantiles[Regime.FLAT].tolist() == [0.0] * 50 + [0.1] * 50


def test_forecast_by_hand():
    """A site of 800 beside an empty one has scale 900: 800 + 0.1 x 900 in the upper half."""
    at = situation_at(conflict("toy", 200, a=[(0, 800)], b=[(0, 0)]), [100])
    quantiles = forecast_sites(
        at, ErrorTables(Baseline.RP, 30, np.tile(fit_errors(pool(0.1), Baseline.RP).quantiles[0], (6, 1)))
    )
    assert quantiles.shape == (1, 2, 100)
    assert np.unique(quantiles[0, 0]).tolist() == [800, 890]
    assert np.unique(quantiles[0, 1]).tolist() == [0, 10]


def test_forecasts_do_not_fall_below_zero():
    at = situation_at(conflict("toy", 200, a=[(0, 800)]), [100])
    assert forecast_sites(at, ErrorTables(Baseline.PP, 30, np.full((6, 100), -2.0))).max() == 0


def test_a_regime_the_pool_never_saw_takes_the_table_of_all_seen_sites():
    tables = fit_errors(pool(0.1, 0.2), Baseline.RP)
    assert np.array_equal(tables.quantiles[Regime.FAST], fit_errors(pool(0.1, 0.2), Baseline.PP).quantiles[0])


def test_unseen_sites_without_a_table_are_refused_in_words():
    at = situation_at(conflict("toy", 200, a=[(0, 800)], b=[(0, 0)]), [100])
    with pytest.raises(ValueError, match="pool of RP has no window of a site that is UNSEEN"):
        forecast_sites(at, fit_errors(pool(0.1), Baseline.RP))


def test_pools_of_mixed_leads_and_short_periods_are_refused():
    with pytest.raises(ValueError, match="'half drift' is a point"):
        fit_errors(pool(0.1), Baseline.HALF_DRIFT)
    with pytest.raises(ValueError, match="one lead was expected"):
        fit_errors([], Baseline.PP)
    with pytest.raises(ValueError, match=r"leads \[20, 30\]"):
        fit_errors([*pool(0.1), *pool(0.1, lead=20)], Baseline.PP)
    with pytest.raises(ValueError, match="no target 90 days ahead"):
        make_windows(conflict("toy", 100, a=[(0, 1)]), 90)
    with pytest.raises(ValueError, match="both must be 1 or more"):
        make_windows(conflict("toy", 100, a=[(0, 1)]), 0)
    with pytest.raises(ValueError, match="two or more of different names"):
        table_of([conflict("toy", 200, a=[(0, 1)])])


def test_a_conflict_is_not_in_its_own_pool():
    """Doubling the errors of conflict 0 changes the forecasts of conflict 1 and not its own."""
    before = {each.conflict: each for each in pool(0.1, 0.2)}
    after = {each.conflict: each for each in pool(0.4, 0.2)}
    for baseline in (Baseline.PP, Baseline.RP, Baseline.HD):
        own, others = leave_one_out(before, baseline), leave_one_out(after, baseline)
        assert np.array_equal(own["c0"], others["c0"])
        assert not np.array_equal(own["c1"], others["c1"])


rows_of_a_file = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 10**6)), min_size=1, max_size=25).map(
    sorted
)
later_rows = st.lists(st.tuples(st.integers(151, 400), st.integers(0, 10**6)), max_size=12)


@settings(max_examples=60, deadline=None)
@given(rows_of_a_file, rows_of_a_file, later_rows, st.integers(0, 150))
def test_rows_after_the_issue_date_change_no_byte_of_a_forecast(first, second, later, misdated):
    """Every row after day 150 is thrown away and others, in any order, put in its place.

    Among them stands one with a date long past, as a wrong year makes: below a row of a later day it must
    not count.
    """
    issue_days = [30, 90, 150]
    kept = [row for row in first if row[0] <= 150]
    changed = [*kept, (200, 1), (misdated if misdated < 150 else 149, 999_999), *later]
    tables = {each: fit_errors(POOL, each) for each in (Baseline.PP, Baseline.RP, Baseline.HD)}
    one = situation_at(conflict("toy", 500, a=first, b=second), issue_days)
    other = situation_at(conflict("toy", 500, a=changed, b=second), issue_days)
    for table in tables.values():
        assert forecast_sites(one, table).tobytes() == forecast_sites(other, table).tobytes()


def _pool_of_everything():
    """Windows in which every regime occurs: sites that jump, creep, shrink and are not yet seen."""
    rng = np.random.default_rng(8)
    sites = {
        "steps": [(day, int(rng.integers(9000))) for day in range(0, 500, 20)],
        "creeps": [(day, 5000 + 3 * day) for day in range(0, 500, 25)],
        "shrinks": [(day, 9000 - 15 * day) for day in range(0, 500, 25)],
        "late": [(0, 0), (300, 4000), (450, 4100)],
    }  # fmt: skip
    return [make_windows(conflict("pool", 450, **sites), 30)]


POOL = _pool_of_everything()


def test_the_pool_of_the_leak_test_holds_every_regime():
    assert set(POOL[0].situation.regime.tolist()) == set(Regime)
