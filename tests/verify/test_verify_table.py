"""The table of baselines: on two toy conflicts, and against the published table on the six instances."""

import datetime as dt
import time
from pathlib import Path

import numpy as np
import pytest

from corridor.verify import (
    Baseline,
    Report,
    baseline_table,
    make_counts,
    make_windows,
    read_count_series,
    score_windows,
    table_of,
)
from corridor.verify.baselines import leave_one_out

INSTANCES = Path(__file__).parents[3] / "shared" / "flee" / "instances"
CONFLICTS = ("burundi2015", "car2013", "mali2012", "nigeria2016", "ssudan2013", "syria2013")
needs_instances = pytest.mark.skipif(not INSTANCES.is_dir(), reason="the folder ../shared is not there")

#: Baseline -> rCRPS at 30, 60, 90 days; near a report; coverage of 50 and of 90 % bands; by conflict.
PUBLISHED = {
    Baseline.PERSISTENCE: ((0.152, 0.202, 0.248), (0.132, 0.196, 0.251), None, None,
                           (0.211, 0.153, 0.350, 0.113, 0.225, 0.153)),
    Baseline.HALF_DRIFT: ((0.139, 0.181, 0.227), (0.118, 0.168, 0.221), None, None, None),
    Baseline.PP: ((0.130, 0.165, 0.196), (0.108, 0.155, 0.191), (0.54, 0.52, 0.52), (0.88, 0.88, 0.87),
                  (0.149, 0.124, 0.278, 0.115, 0.202, 0.114)),
    Baseline.RP: ((0.124, 0.156, 0.186), (0.101, 0.141, 0.174), (0.48, 0.48, 0.48), (0.87, 0.87, 0.85),
                  (0.133, 0.128, 0.263, 0.111, 0.192, 0.103)),
    Baseline.HD: ((0.122, 0.150, 0.175), (0.101, 0.137, 0.168), (0.48, 0.46, 0.46), (0.86, 0.86, 0.86),
                  (0.120, 0.138, 0.227, 0.112, 0.193, 0.103)),
}  # fmt: skip
#: (ours, theirs) -> gains in % at 30, 60, 90 days, and the span of their intervals with conflicts resampled.
PUBLISHED_GAINS = {
    (Baseline.PP, Baseline.PERSISTENCE): ((15, 18, 19), (7, 28)),
    (Baseline.RP, Baseline.PP): ((5, 6, 5), (-2, 13)),
    (Baseline.HD, Baseline.RP): ((1, 3, 4), (-5, 13)),
}
LEADS = (30, 60, 90)


@pytest.fixture(scope="module")
def table():
    start = time.perf_counter()
    made = baseline_table([INSTANCES / name for name in CONFLICTS], LEADS, 14)
    assert time.perf_counter() - start < 10  # seconds; about 0.2 on one core
    return made


@needs_instances
@pytest.mark.parametrize("baseline", Baseline)
def test_scores_are_the_published_ones(table, baseline):
    every, near, *_, by_conflict = PUBLISHED[baseline]
    assert [table.mean(baseline, lead) for lead in LEADS] == pytest.approx(every, abs=0.0015)
    assert [table.mean(baseline, lead, "rcrps_near") for lead in LEADS] == pytest.approx(near, abs=0.0015)
    if by_conflict is not None:
        assert [table.conflict_mean(baseline, name) for name in CONFLICTS] == pytest.approx(
            by_conflict, abs=0.003
        )


@needs_instances
@pytest.mark.parametrize("baseline", [Baseline.PP, Baseline.RP, Baseline.HD])
def test_coverage_is_the_published_one(table, baseline):
    for what, published in zip(("coverage_50", "coverage_90"), PUBLISHED[baseline][2:4], strict=True):
        assert [table.mean(baseline, lead, what) for lead in LEADS] == pytest.approx(published, abs=0.015)


@needs_instances
def test_coverage_differs_between_conflicts_as_published(table):
    """The 50 % bands of HD on seen sites hold .26 to .59, by conflict."""
    held = [
        np.mean([table.scores[Baseline.HD, name, lead].coverage_50 for lead in LEADS]) for name in CONFLICTS
    ]
    assert (min(held), max(held)) == pytest.approx((0.26, 0.59), abs=0.01)


@needs_instances
@pytest.mark.parametrize("pair", PUBLISHED_GAINS)
def test_gains_and_their_intervals_are_the_published_ones(table, pair):
    gains, span = PUBLISHED_GAINS[pair]
    made = [table.compare(*pair, lead, seed=1) for lead in LEADS]
    assert [100 * each.gain for each in made] == pytest.approx(gains, abs=1)
    low, high = min(each.conflicts[0] for each in made), max(each.conflicts[1] for each in made)
    assert (100 * low, 100 * high) == pytest.approx(span, abs=2)


@needs_instances
def test_persistence_scored_by_a_plain_loop(table):
    """One conflict scored from the text of its files alone: sum |z - y| / sum z on each issue date."""
    files = {"Iraq": "iraq", "Jordan": "jordan", "Lebanon": "lebanon", "Turkey": "turkey"}
    start, rows = dt.date(2013, 1, 1), {}
    for site, file in files.items():
        text = (INSTANCES / "syria2013" / "source_data" / f"{file}.csv").read_text()
        pairs = [line.split(",")[:2] for line in text.splitlines() if line[:1].isdigit()]
        rows[site] = [((dt.date.fromisoformat(day) - start).days, int(people)) for day, people in pairs]
    scores = []
    for issue in range(30, 1095 - 60, 14):
        off = counted = 0.0
        for reports in rows.values():
            known = [people for day, people in reports if day <= issue][-1]
            (d0, v0) = [row for row in reports if row[0] <= issue + 60][-1]
            (d1, v1) = next((row for row in reports if row[0] > issue + 60), (d0 + 1, v0))
            truth = v0 + (issue + 60 - d0) / (d1 - d0) * (v1 - v0)
            off, counted = off + abs(truth - known), counted + truth
        scores.append(off / counted)
    assert table.scores[Baseline.PERSISTENCE, "syria2013", 60].by_issue == pytest.approx(scores)


@needs_instances
def test_the_misdated_rows_of_nigeria_are_named_and_do_not_leak():
    counts = read_count_series(INSTANCES / "nigeria2016")
    assert [problem.code for problem in counts.warnings] == ["counts-out-of-order"] * 3
    day = counts.day_of(dt.date(2018, 5, 15))
    known = dict(zip(counts.site_names, counts.known([day])[0].tolist(), strict=True))
    assert known == {"Niger": 108_470, "Cameroon": 93_114, "Chad": 9_933}  # and not 118,868, 104,724, 15,915


@needs_instances
def test_a_site_that_is_no_place_is_left_out_unless_asked_for():
    assert "Bossobolo" not in read_count_series(INSTANCES / "car2013").site_names
    counts = read_count_series(INSTANCES / "car2013", keep_unplaced=True)
    windows = make_windows(counts, 30)
    rows = windows.site == counts.site_names.index("Bossobolo")
    assert (windows.issue_day[rows].min() + 30) >= 512  # its first report


def toys():
    rows = {
        "a": [(0, 1000), (40, 1500), (90, 1400), (160, 2000), (220, 2100)],
        "b": [(0, 0), (100, 300), (200, 350)],
    }
    files = {site: {f"{site}.csv": [Report(*row) for row in its]} for site, its in rows.items()}
    start = dt.date(2020, 1, 1)
    doubled = {
        site: {file: [Report(r.day, 2 * r.people) for r in its] for file, its in of.items()}
        for site, of in files.items()
    }
    return [make_counts("one", start, 220, files), make_counts("two", start, 220, doubled)]


def test_a_twice_as_large_crisis_has_the_same_relative_scores():
    """Counts, scales and errors all double (no scale is at its floor of 50), so nothing relative changes."""
    table = table_of(toys(), (30,), 14)
    for baseline in Baseline:
        scores = [table.scores[baseline, name, 30] for name in ("one", "two")]
        assert scores[0].by_issue == pytest.approx(scores[1].by_issue)
        assert scores[0].rcrps == pytest.approx(table.mean(baseline, 30))


def test_markdown_of_the_table():
    lines = table_of(toys(), (30,), 14).to_markdown().splitlines()
    assert lines[0] == "| rCRPS | 30 | near a report 30 | cover 50 % 30 | cover 90 % 30 |"
    assert lines[2].startswith("| persistence | .")
    assert lines[2].endswith("| - | - |")
    assert lines[8] == "| mean over leads | one | two |"


def test_any_method_can_be_scored_on_the_same_windows():
    windows = {counts.name: make_windows(counts, 30) for counts in toys()}
    table = table_of(toys(), (30,))
    for name, quantiles in leave_one_out(windows, Baseline.RP).items():
        assert np.array_equal(
            score_windows(windows[name], quantiles).by_issue, table.scores[Baseline.RP, name, 30].by_issue
        )
    perfect = score_windows(windows["one"], windows["one"].truth[:, None])
    assert perfect.rcrps == 0
    assert np.isnan(perfect.coverage_50)
