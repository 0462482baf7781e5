"""The free forecast from counts: hand cases, what it must not know, how sure it is."""

import dataclasses

import numpy as np
import pytest
from crisis import lessons, record, steady

from corridor.assimilate import soft
from corridor.assimilate.sight import sight_at
from corridor.verify import Report, make_counts
from corridor.verify.baselines import make_windows


def test_one_past_case_is_repeated():
    """The pool fell by a tenth in 30 days, always: so does the forecast of a site that falls like it."""
    rows = [(day, int(100_000 * 0.9 ** (day / 30))) for day in range(0, 391, 10)]
    pool = [record("falling", {"A": rows})]
    told = soft.learn(pool, 30, widens=False)
    here = record("here", {"B": rows})
    quantiles = soft.forecast(here, [200], told)[0, 0]
    known = here.known([200])[0, 0]
    assert quantiles[10:90] == pytest.approx(np.full(80, 0.9 * known), rel=0.035)


def test_no_row_after_the_issue_date_changes_a_byte():
    """Every later row is changed, dropped or doubled; the forecast of the day is the same to the last bit."""
    told = dataclasses.replace(lessons(), widening=1.3)  # so that own past needs are looked up too
    here = steady("here", 3)
    for day in (30, 120, 200):
        before = soft.forecast(here, [day], told).tobytes()
        sites = {}
        for number, site in enumerate(here.sites):
            file = site.files[0]
            kept = [Report(int(d), int(p)) for d, p in zip(file.days, file.people, strict=True)]
            late = [row for row in kept if row.day > day]
            changed = [Report(row.day + 1, row.people * (number + 3) + 7) for row in late[:: number + 1]]
            sites[site.name] = {file.file: [row for row in kept if row.day <= day] + changed}
        other = make_counts("here", here.start, here.n_days, sites)
        assert soft.forecast(other, [day], told).tobytes() == before


def test_the_past_does_change_it():
    """The guard of the test above: a row before the issue date is used."""
    told, rows = lessons(), [(0, 100), (50, 4_000), (100, 5_000)]
    one = soft.forecast(record("here", {"A": rows}), [110], told)
    two = soft.forecast(record("here", {"A": [*rows[:2], (100, 5_001)]}), [110], told)
    assert one.tobytes() != two.tobytes()


def test_other_issue_days_change_nothing():
    told, here = lessons(), steady("here", 4)
    alone = soft.forecast(here, [150], told)[0]
    among = soft.forecast(here, [30, 150, 300], told)[1]
    assert np.array_equal(alone, among)


def test_an_old_report_is_less_sure():
    """One of the pool reports weekly, one every 60 days and jumps: an old report looks like the latter."""
    rng = np.random.default_rng(2)
    weekly = [(day, 10_000 + int(rng.normal(0, 50))) for day in range(0, 400, 7)]
    jumping = [(day, int(10_000 * np.exp(rng.normal(0, 0.5)))) for day in range(0, 400, 60)]
    told = soft.learn([record("fresh", {"A": weekly}), record("stale", {"A": jumping})], 30, widens=False)
    new = soft.forecast(record("n", {"A": [(0, 10_000), (199, 10_000)]}), [200], told)[0, 0]
    old = soft.forecast(record("o", {"A": [(0, 10_000), (140, 10_000)]}), [200], told)[0, 0]
    assert old[95] - old[4] > 1.3 * (new[95] - new[4])


def test_quantiles_rise_and_are_never_below_nobody():
    told = lessons()
    here = record("here", {"A": [(0, 0), (20, 30), (60, 5)], "B": [(0, 0)], "C": [(0, 9_000), (90, 2_000)]})
    quantiles = soft.forecast(here, [30, 60, 100], told)
    assert np.isfinite(quantiles).all()
    assert (quantiles >= 0).all()
    assert (np.diff(quantiles, axis=-1) >= -1e-9).all()


def test_a_pool_without_unseen_sites_still_forecasts_one():
    told = soft.learn([record("seen", {"A": [(0, 500), (390, 600)]})], 30, widens=False)
    quantiles = soft.forecast(record("here", {"A": [(0, 0), (390, 10)]}), [60], told)
    assert np.isfinite(quantiles).all()


def test_bands_are_widened_where_the_others_need_it():
    pool = [steady(name, seed) for seed, name in enumerate(("a", "b", "c"))]
    plain = soft.learn(pool, 30, widens=False)
    wide = soft.learn(pool, 30)
    assert plain.widening == 1.0
    assert wide.widening in soft.WIDTHS_TRIED
    here = steady("here", 9)
    if wide.widening > 1:
        narrow_band, wide_band = (np.ptp(soft.forecast(here, [100], each)[0, 0]) for each in (plain, wide))
        assert wide_band > narrow_band
    stretched = soft._widened(np.arange(100.0)[None], 2.0)[0]
    assert np.array_equal(stretched[30:70], np.arange(30.0, 70.0))  # the middle half stays
    assert stretched[99] == pytest.approx(50 + 2 * 49)


def test_own_errors_count_only_once_their_truth_was_reported():
    here = record("here", {"A": [(0, 1_000), (40, 2_000), (100, 2_500)]})
    centre = soft.FREE_CENTRES[0]
    assert soft.own_cases(here, 59, 30, centre) is None  # no target of day 30 or later is past
    assert soft.own_cases(here, 99, 30, centre) is None  # targets lie beyond the report of day 40
    own = soft.own_cases(here, 100, 30, centre)
    assert own is not None and len(own.error) == 6  # issue days 30, 37 ... 65, targets up to day 95


def test_what_is_seen_of_a_site():
    here = record("here", {"A": [(0, 1_000), (90, 1_200)], "B": [(0, 0)]})
    sight = sight_at(here, [100])
    assert sight.known.tolist() == [1_200.0, 0.0]
    assert sight.drift.tolist() == [200.0, 0.0]
    change, day, age, size = sight.features[0]
    assert change == pytest.approx(np.log1p(200 / 1_350 / 0.05))
    assert day == pytest.approx(np.log(130 / 60))
    assert age == pytest.approx(np.log1p(10 / 7))
    assert size == pytest.approx(np.log(1_250 / 650 + 0.05) / 2)


def test_nothing_to_learn_from_is_named():
    with pytest.raises(ValueError, match="no conflict of the pool"):
        soft.learn([record("short", {"A": [(0, 10)]}, n_days=40)], 30)


def test_windows_and_forecast_agree():
    told, here = lessons(), steady("here", 5)
    windows = make_windows(here, 30)
    rows = soft.forecast_windows(here, windows, told)
    at = np.flatnonzero((windows.issue_day == 100) & (windows.site == 1))[0]
    assert np.array_equal(rows[at], soft.forecast(here, [100], told)[0, 1])
