"""Backtests: same targets for all models, nothing known early, and the published gains on the six
conflicts."""

from __future__ import annotations

import numpy as np
import pytest
from crisis import record, steady

from corridor.assimilate import backtest as bt
from corridor.assimilate import conditioned
from corridor.assimilate.learned_cases import learned_conflicts
from corridor.assimilate.reading import is_flee_instance, read_conflict
from corridor.assimilate.statistical import damped_trend, has_statsmodels
from corridor.problems import InputError
from corridor.verify import Report, make_counts
from corridor.verify.baselines import Baseline

POOL = [steady("one", 1), steady("two", 2), steady("three", 3)]


@pytest.fixture(scope="module")
def table():
    return bt.backtest(POOL, (30, 60))


def test_all_models_are_scored_on_the_same_targets(table):
    assert table.models == ("Corridor", "persistence", "PP", "RP", "HD")
    for name in table.conflicts:
        for lead in (30, 60):
            windows = [table.sites[model, name, lead].windows for model in table.models]
            assert all(np.array_equal(each.truth, windows[0].truth) for each in windows)
            assert np.isfinite(table.rcrps("Corridor", name, lead))


def test_baselines_are_those_of_the_table_of_baselines(table):
    from corridor.verify import table_of

    plain = table_of(POOL, (30, 60))
    for baseline in (Baseline.PERSISTENCE, Baseline.PP, Baseline.RP, Baseline.HD):
        for name in table.conflicts:
            assert table.rcrps(baseline.value, name, 60) == pytest.approx(
                plain.scores[baseline, name, 60].rcrps
            )


def test_the_total_is_forecast_too(table):
    scored = table.totals["Corridor", "one", 30]
    assert scored.windows.truth == pytest.approx(
        [POOL[0].truth([day + 30]).sum() for day in scored.windows.issue_day]
    )


def test_a_conflict_does_not_learn_from_itself():
    """Its own later counts are multiplied by ten: forecasts issued before stay the same."""
    own = POOL[0]
    sites = {
        site.name: {
            "a.csv": [
                Report(int(day), int(people) * (10 if day > 150 else 1))
                for day, people in zip(site.files[0].days, site.files[0].people, strict=True)
            ]
        }
        for site in own.sites
    }
    other = make_counts("one", own.start, own.n_days, sites)
    found = []
    for each in (own, other):
        field = bt._field([each, *POOL[1:]], [], 30, 14, 30, "free", [])
        made = bt._forecasts(each, field.windows["one"], field.others("one"), 14, 30, "free")
        early = field.windows["one"].issue_day <= 150
        found.append({model: quantiles[early].tobytes() for model, quantiles in made.items()})
    assert found[0] == found[1]


def test_the_conditioned_mode_is_told_the_total_only():
    table = bt.backtest(POOL, (30,), mode="conditioned")
    assert table.models == ("Corridor", "same shares", "same shares, PP", "same shares, RP")
    counts = record("two sites", {"A": [(0, 100), (200, 300)], "B": [(0, 300), (200, 900)]})
    days = np.array([100])
    assert conditioned.told_change(counts, days, 30) == pytest.approx([800 * 130 / 200 - 0])
    assert conditioned.SIZE_CENTRE(counts, days, 30)[0] == pytest.approx([100 + 520 / 4, 300 + 520 * 3 / 4])


def test_a_record_too_short_is_named_and_left_out():
    short = record("short", {"A": [(0, 100), (60, 300)]}, n_days=70)
    table = bt.backtest([*POOL, short], (30, 60))
    assert ("Corridor", "short", 30) in table.sites
    assert ("Corridor", "short", 60) not in table.sites
    assert table.notes == (
        "short: too short a record, or no site with counts, to score 60 days ahead; left out",
    )
    with pytest.raises(InputError, match="backtest-short"):
        bt.backtest([record("tiny", {"A": [(0, 10)]}, n_days=40)], (30,), learned=learned_conflicts())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([POOL[0], POOL[0]], (30,)), "backtest-name-twice"),
        (([POOL[0]], (30,)), "backtest-alone"),
        ((POOL, ()), "leads"),
        ((POOL, (0,)), "leads"),
    ],
)
def test_what_cannot_be_backtested_is_named(arguments, words):
    with pytest.raises(InputError, match=words):
        bt.backtest(*arguments)


def test_a_hindcast_is_scored_and_knows_only_its_sites():
    own = POOL[0]
    names = own.site_names[:2]
    truth = np.nan_to_num(own.truth(range(own.n_days)))[None, :, :2]
    hindcast = bt.Hindcast(names, np.repeat(truth, 3, axis=0))
    table = bt.backtest(POOL, (30,), hindcasts={"one": hindcast})
    scored = table.sites[bt.TOLD, "one", 30]
    known = scored.windows.site < 2
    assert scored.crps[known] == pytest.approx(np.zeros(known.sum()), abs=1e-9)
    assert scored.crps[~known] == pytest.approx(scored.windows.truth[~known])
    assert table.conflicts_of(bt.TOLD, 30) == ["one"]


def test_on_six_conflicts_it_beats_regime_persistence_and_loses_on_none(shared):
    """30 days ahead, every 28 days, each conflict from the five others; the full table is `make skill`.

    Gain 2 to 20 % on average, no conflict worse by more than 2 %, 90 % bands that hold 85 to 95 %.
    """
    folders = sorted((shared / "flee" / "instances").iterdir())
    table = bt.backtest([read_conflict(folder) for folder in folders], (30,), every=28)
    found = table.gain("Corridor", "RP", 30, seed=1)
    assert 0.02 < found.gain < 0.2
    assert min(found.by_conflict.values()) > -0.02
    assert 0.85 <= table.coverage("Corridor", 30, 0.9) <= 0.95


@pytest.mark.skipif(not has_statsmodels(), reason="statsmodels is not installed")
def test_the_damped_trend_follows_a_line_and_keeps_what_never_changed():
    line = [(day, 1_000 + 20 * day) for day in range(0, 400, 7)]
    counts = record("line", {"A": line, "B": [(0, 500)], "C": [(0, 0)]})
    quantiles = damped_trend(counts, np.array([350]), (14, 28))
    assert quantiles.shape == (2, 1, 3, 100)
    assert np.median(quantiles[1, 0, 0]) == pytest.approx(1_000 + 20 * 378, rel=0.03)
    assert np.array_equal(quantiles[:, 0, 1], np.full((2, 100), 500.0))
    assert np.array_equal(quantiles[:, 0, 2], np.zeros((2, 100)))


def test_folders_are_told_apart(tmp_path):
    (tmp_path / "input_csv").mkdir()
    assert not is_flee_instance(tmp_path)
    (tmp_path / "source_data").mkdir()
    assert is_flee_instance(tmp_path)
    with pytest.raises(InputError, match="folder-missing"):
        read_conflict("no-such-crisis")


def test_a_short_record_teaches_nothing_where_others_are_long():
    short = record("short", {"A": [(0, 100), (60, 30_000), (99, 10)]}, n_days=100)
    alone = bt.backtest(POOL, (30,))
    beside = bt.backtest([*POOL, short], (30,))
    for model in ("Corridor", "RP"):
        assert beside.rcrps(model, "one", 30) == alone.rcrps(model, "one", 30)
    assert ("Corridor", "short", 30) in beside.sites
