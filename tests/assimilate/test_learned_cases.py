"""The past cases that come with the package: no level in them, never learned from by their own conflict."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from crisis import count, crowd_of, day, record, steady

from corridor.assimilate import backtest as bt
from corridor.assimilate import learned_cases as lc
from corridor.assimilate import soft
from corridor.assimilate.combine import assimilate, teach
from corridor.assimilate.conditioned import SPLIT_CENTRES
from corridor.assimilate.past import FADING, HALF_DRIFT, KNOWN, past_of
from corridor.assimilate.reading import read_conflict
from corridor.assimilate.targets import TOTAL
from corridor.problems import InputError
from corridor.verify import Report, make_counts
from corridor.verify.counts import CountSeries

ROOT = Path(__file__).parents[2]
CENTRES = (KNOWN, FADING, HALF_DRIFT, *SPLIT_CENTRES[:2])


def changed(counts: CountSeries, *, name: str, times: int = 1, until: int = 10_000) -> CountSeries:
    """The same reports under other names, each times a number, up to a day."""
    sites = {
        f"x{site.name}": {
            file.file: [
                Report(int(day), int(people) * times)
                for day, people in zip(file.days, file.people, strict=True)
                if day <= until
            ]
            for file in site.files
        }
        for site in counts.sites
    }
    return make_counts(name, counts.start, counts.n_days, sites)


def test_eight_times_the_people_gives_the_same_rows():
    """Nothing but the marks, which are hashes, tells how many people there were."""
    pool = [steady("one", 1), steady("two", 2)]
    few = lc.make_table(pool, CENTRES)
    many = lc.make_table([changed(counts, name=counts.name, times=8) for counts in pool], CENTRES)
    assert few["errors"].shape[0] > 500
    for name in few.keys() - {"mark"}:
        assert np.array_equal(few[name], many[name]), name


def test_eight_times_the_people_of_the_six_gives_the_same_rows(shared):
    """Sites with several files, zeros and late starts are among them."""
    folders = sorted((shared / "flee" / "instances").iterdir())
    pool = [read_conflict(folder) for folder in folders]
    few = lc.make_table(pool, CENTRES)
    many = lc.make_table([changed(counts, name=counts.name, times=8) for counts in pool], CENTRES)
    for name in few.keys() - {"mark"}:
        assert np.array_equal(few[name], many[name]), name


def test_cases_that_rest_on_the_floor_in_people_are_left_out():
    tiny = record("tiny", {"A": [(0, 3), (50, 20), (390, 30)], "B": [(0, 0), (390, 9)]})
    assert lc.make_table([tiny], CENTRES)["errors"].shape == (0, len(CENTRES))


def test_a_table_gives_the_cases_of_its_counts_to_three_digits():
    own = steady("one", 1)
    (learned,) = lc.read_table(lc.make_table([own], CENTRES))
    assert learned.past(21) is None
    for source, each in ((own, learned), (own.in_total(), learned.in_total())):
        made, stored = past_of(source, 30, CENTRES), each.past(30)
        assert made is not None and stored is not None
        assert np.array_equal(stored.regime, made.regime)
        assert stored.weight == pytest.approx(made.weight, rel=6e-4)
        for name, errors in made.errors.items():
            assert stored.errors[name] == pytest.approx(errors, rel=6e-4, abs=1e-6)
        assert stored.features[:, :3] == pytest.approx(made.features[:, :3], rel=6e-4)
        assert stored.features[:, 3] == pytest.approx(made.features[:, 3], abs=0.02)  # no floor in people


def test_the_file_is_made_again_from_the_folders(shared):
    """`python scripts/make_lessons.py FOLDER...`; every array is compared."""
    spec = importlib.util.spec_from_file_location("make_lessons", ROOT / "scripts" / "make_lessons.py")
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    folders = sorted((shared / "flee" / "instances").iterdir())
    made = lc.make_table([read_conflict(folder) for folder in folders], script.CENTRES)
    path = Path(str(files("corridor.assimilate") / "learned" / "cases.npz"))
    with np.load(path, allow_pickle=False) as stored:
        assert set(stored) == set(made)
        for name in made:
            assert stored[name].dtype == made[name].dtype
            assert np.array_equal(stored[name], made[name]), name


def test_the_package_holds_shares_and_no_counts():
    folder = files("corridor.assimilate") / "learned"
    held = {item.name for item in folder.iterdir()}
    assert held == {"README.md", "cases.npz", "flee-rules.yml", "widening.csv"}
    path = Path(str(folder / "cases.npz"))
    assert path.stat().st_size < 500_000
    with np.load(path, allow_pickle=False) as stored:
        wide = {name for name in stored if stored[name].dtype.itemsize > 2}
    assert wide == {"conflicts", "centres", "mark"}


def test_a_stored_width_is_that_of_the_counts(shared):
    """Two of the 126 are worked out again; `scripts/make_lessons.py --widening` gives them all."""
    pool = [read_conflict(folder) for folder in sorted((shared / "flee" / "instances").iterdir())]
    assert lc.stored_width("sites", 90) == soft.learn(pool, 90).widening
    others = [counts.in_total() for counts in pool if counts.name != "mali2012"]
    assert lc.stored_width("total", 30, "mali2012") == soft.learn(others, 30).widening


def test_a_copy_of_a_learned_conflict_is_not_learned_from(shared):
    mali = read_conflict(shared / "flee" / "instances" / "mali2012")
    for copy in (changed(mali, name="elsewhere"), changed(mali, name="short", until=200)):
        assert "mali2012" not in [each.name for each in lc.learned_conflicts([copy])]
        assert lc.twin_of(copy) == "mali2012"
    assert lc.twin_of(changed(mali, name="doubled", times=2)) == ""


def test_a_record_is_told_by_hashes(monkeypatch):
    pool = [steady("one", 1), steady("two", 2)]
    made = lc.read_table(lc.make_table(pool, CENTRES))
    monkeypatch.setattr(lc, "_bundled", lambda: made)
    assert [each.name for each in lc.learned_conflicts([changed(pool[0], name="new", until=200)])] == ["two"]
    assert [each.name for each in lc.learned_conflicts([record("two", {"A": [(0, 5)]})])] == ["one"]
    assert len(lc.learned_conflicts([steady("three", 3)])) == 2
    assert lc.twin_of(steady("three", 3)) == ""
    assert all(len(mark) == 64 for each in made for mark in each.marks)


def test_the_stored_width_never_saw_the_conflict_that_is_forecast():
    six = lc.learned_conflicts()
    assert len(six) == 6
    assert soft.learn(six, 90).widening == lc.stored_width("sites", 90)
    five = [each for each in six if each.name != "mali2012"]
    assert lc.stored_width("total", 30, "mali2012") != lc.stored_width("total", 30)
    in_total = [each.in_total() for each in five]
    assert soft.learn(in_total, 30).widening == lc.stored_width("total", 30, "mali2012")
    four = [each for each in in_total if each.name != "syria2013"]
    assert soft.learn(four, 30, twin="mali2012").widening == lc.stored_width("total", 30, "mali2012")


def test_given_conflicts_and_those_of_the_package_share_the_width():
    """Two given, six stored: the mean by conflict."""
    given, six = [steady("one", 1), steady("two", 2)], lc.learned_conflicts()
    found = soft.learn([*given, *six], 30)
    stored = lc.stored_width("sites", 30)
    own = (8 * found.widening - 6 * stored) / 2
    assert any(own == pytest.approx(width, abs=1e-4) for width in soft.WIDTHS_TRIED)
    assert found.conflicts == ("one", "two", *(each.name for each in six))
    assert len(found.cases[0].error) == sum(
        each.regime.size
        for each in (soft.past_from(s, 30, CENTRES, every=14, first=30) for s in (*given, *six))
    )


def test_one_folder_is_scored_against_the_package():
    own = [steady("here", 1)]
    six = lc.learned_conflicts(own)
    for mode, models in (("free", 5), ("conditioned", 4)):
        table = bt.backtest(own, (30,), mode=mode, every=28, learned=six)
        assert len(table.models) == models
        assert all(np.isfinite(table.rcrps(model, "here", 30)) for model in table.models)


def test_a_lead_without_past_cases_needs_a_second_folder():
    one, two = steady("one", 1), steady("two", 2)
    six = lc.learned_conflicts()
    with pytest.raises(InputError, match=r"\[21\] have nothing to learn from.* 1, 7, 14, 30, 60, 90 days"):
        bt.backtest([one], (30, 21), learned=six)
    table = bt.backtest([one, two], (21,), every=28, learned=six)
    assert ("Corridor", "one", 21) in table.sites
    assert table.notes == ("21 days ahead: no past case of the package; learned from the folders alone",)
    short = record("short", {"A": [(0, 100), (60, 300)]}, n_days=45)
    table = bt.backtest([one, short], (21,), every=28, learned=six)
    assert ("Corridor", "one", 21) not in table.sites
    assert "one: no other conflict reaches 21 days ahead to learn from; left out" in table.notes


def test_a_total_of_nobody_so_far_is_left_to_the_futures():
    """No past case of a total began at 0 in relative units, so the counts alone say nothing."""
    told = teach()
    made = assimilate(crowd_of([count(TOTAL, 0, 0), count("North", 20, 900)]), day(30), told)
    at = [made.targets.names.index(name) for name in (TOTAL, "North")]
    assert np.isnan(made.from_counts[at[0]]).all()
    assert made.mechanism_weight[at[0]] == 1.0
    assert np.isfinite(made.from_counts[at[1], 30:]).all()
    assert np.isfinite(made.quantiles).all()


def test_every_conflict_of_the_package_can_be_left_out():
    six = lc.learned_conflicts()
    for each in six:
        others = [other for other in six if other.name != each.name]
        assert soft.learn(others, 7, centres=SPLIT_CENTRES).widening == lc.stored_width("split", 7, each.name)
        assert replace(each, of="total").past(7) is each.in_total().past(7)
