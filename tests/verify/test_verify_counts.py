"""What was known on a day, by hand, and each trap of raw counts."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from corridor.problems import InputError
from corridor.scenario.model import Count, Group, Rules, Scenario, Storyline
from corridor.verify import Report, counts_of_scenario, make_counts, read_count_series
from corridor.verify.counts import Series, make_series

START = dt.date(2020, 1, 1)


def series_of(*rows):
    return make_series("camp.csv", [Report(*row) for row in rows])[0]


def counts_of(**sites):
    files = {
        site: {f"{site}-{number}.csv": [Report(*row) for row in rows] for number, rows in enumerate(its)}
        for site, its in sites.items()
    }
    return make_counts("toy", START, 400, files)


def test_known_is_the_last_value_reported_and_0_before_the_first_row():
    assert series_of((10, 100), (20, 300)).known([9, 10, 19, 20, 99]).tolist() == [0, 100, 100, 300, 300]


def test_truth_is_linear_between_rows_and_unknown_before_the_first():
    truth = series_of((10, 100), (20, 300)).truth([9, 10, 15, 20, 99])
    assert np.isnan(truth[0])
    assert truth[1:].tolist() == [100, 200, 300, 300]


def test_a_placeholder_zero_is_no_sighting():
    assert series_of((0, 0), (119, 65618)).is_seen([0, 118, 119]).tolist() == [False, False, True]


def test_days_to_report_looks_both_ways():
    assert series_of((10, 1), (40, 2)).days_to_report([0, 10, 24, 26, 60]).tolist() == [10, 0, 14, 14, 20]


def test_an_empty_file_knows_nothing():
    empty = Series("none.csv", np.zeros(0, np.int64), np.zeros(0))
    assert empty.known([5]).tolist() == [0]
    assert np.isnan(empty.truth([5])).all()
    assert empty.days_to_report([5]).tolist() == [np.inf]
    assert empty.is_seen([5]).tolist() == [False]


def test_a_row_dated_before_a_row_above_it_is_set_aside_with_its_line():
    rows = [Report(10, 100, 1), Report(90, 500, 2), Report(30, 480, 3), Report(95, 510, 4)]
    series, warnings = make_series("camp.csv", rows)
    assert series.days.tolist() == [10, 90, 95]
    assert series.known([30, 60]).tolist() == [100, 100]
    assert [problem.format() for problem in warnings] == [
        "camp.csv:3:1 [warning: counts-out-of-order] the row is dated 60 days before a row above it "
        "(line 2); 480 people are set aside\n    hint: is the year right?"
    ]


def test_of_two_rows_on_one_day_the_later_counts():
    series, warnings = make_series("camp.csv", [Report(10, 100, 1), Report(10, 120, 2)])
    assert series.people.tolist() == [120]
    assert [problem.code for problem in warnings] == ["counts-twice-a-day"]


def test_a_site_is_the_sum_of_the_last_values_of_its_files():
    counts = counts_of(camp=[[(0, 100), (30, 200)], [(10, 50), (50, 70)]])
    assert counts.known([0, 10, 30, 49, 50])[:, 0].tolist() == [100, 150, 250, 250, 270]
    truth = counts.truth([0, 10, 40])[:, 0]
    assert np.isnan(truth[0])  # the second file has not begun
    assert truth[1:].tolist() == [100 + 100 / 3 + 50, 200 + 65]
    assert counts.is_near_report([64, 65, 66])[:, 0].tolist() == [True, True, False]


def test_a_late_first_row_is_not_extended_backwards_and_said():
    counts = counts_of(late=[[(200, 18054), (230, 15985)]])
    assert counts.known([199])[0, 0] == 0
    assert np.isnan(counts.truth([199])[0, 0])
    assert [problem.code for problem in counts.warnings] == ["counts-late-start"]


def write_instance(
    folder: Path, *, period="StartDate,2020-01-01\nLength,100\n", camp="2020-01-01,0\n2020-02-01,40\n"
):
    (folder / "input_csv").mkdir(parents=True)
    (folder / "source_data").mkdir()
    (folder / "input_csv" / "sim_period.csv").write_text(period)
    (folder / "input_csv" / "locations.csv").write_text(
        "#name,region\nTown,r,c,0,0,town,0,1\nCamp,r,c,0,0,camp,0,1\n"
    )
    (folder / "source_data" / "data_layout.csv").write_text(
        "total,all.csv\nCamp,camp.csv\nElsewhere,elsewhere.csv\n"
    )
    (folder / "source_data" / "all.csv").write_text("Date,People\n2019-12-01,5\n2020-03-01,90\n")
    (folder / "source_data" / "camp.csv").write_text(camp)
    (folder / "source_data" / "elsewhere.csv").write_text(
        "# not a place\n2020-02-01,7\n2020-02-15,\n2020-03-01,9\n"
    )
    return folder


def test_read_count_series_leaves_out_what_is_not_a_place(tmp_path):
    counts = read_count_series(write_instance(tmp_path / "toy"))
    assert (counts.name, counts.start, counts.n_days, counts.site_names) == ("toy", START, 100, ("Camp",))
    assert counts.known([30, 31])[:, 0].tolist() == [0, 40]
    assert counts.reported_total is not None
    assert counts.reported_total.days.tolist() == [-31, 60]
    (warning,) = counts.warnings
    assert (warning.code, Path(warning.file).name) == ("counts-no-place", "data_layout.csv")


def test_read_count_series_keeps_it_when_asked(tmp_path):
    counts = read_count_series(write_instance(tmp_path / "toy"), keep_unplaced=True)
    assert counts.site_names == ("Camp", "Elsewhere")
    assert counts.known([31, 60])[:, 1].tolist() == [7, 9]


def test_all_faults_of_an_instance_come_at_once(tmp_path):
    camp = "2020-01-01,0\n2020-02-31,5\n2020-03-01,many\n"
    folder = write_instance(tmp_path / "toy", period="StartDate,2020-01-01\n", camp=camp)
    (folder / "source_data" / "elsewhere.csv").unlink()
    with pytest.raises(InputError) as caught:
        read_count_series(folder, keep_unplaced=True)
    faults = [(Path(each.file).name, each.line) for each in caught.value.problems if not each.warning]
    assert faults == [("sim_period.csv", 0), ("camp.csv", 2), ("camp.csv", 3), ("data_layout.csv", 3)]


def test_counts_of_a_scenario_are_taken_by_place_from_the_issue_date():
    rows = [("Camp", 20, 300), ("Camp", -5, 100), ("total", 3, 900)]
    counts = tuple(Count(date=START + dt.timedelta(days), place=place, people=n) for place, days, n in rows)
    scenario = Scenario(
        name="toy", title="Toy", issue_date=START, horizon=START + dt.timedelta(60), rules=Rules(), places=(),
        routes=(), storylines=(Storyline(name="one", title="One"),), groups=(Group(name="all", share=1.0),),
        counts=counts,
    )  # fmt: skip
    series = counts_of_scenario(scenario)
    assert series.site_names == ("Camp",)
    assert series.known([0, 20]).ravel().tolist() == [100, 300]
    assert series.reported_total is not None
    assert series.reported_total.known([3]).tolist() == [900]
    assert series.n_days == 61
    assert series.day_of(START + dt.timedelta(7)) == 7


def counts_of_two_files():
    rows = {
        "A": {"a.csv": [Report(0, 100), Report(40, 300)], "b.csv": [Report(10, 0), Report(20, 100)]},
        "Late": {"late.csv": [Report(50, 700)]},
    }
    return make_counts("x", dt.date(2020, 1, 1), 100, rows, total=("total.csv", [Report(0, 900)]))


def test_the_age_of_what_is_known_is_weighted_by_people():
    ages = counts_of_two_files().report_age([30, 60])
    assert ages[0, 0] == pytest.approx((30 * 101 + 10 * 101) / 202)
    assert ages[1, 0] == pytest.approx((20 * 301 + 40 * 101) / 402)
    assert ages[:, 1].tolist() == [30.0, 10.0]  # without a report: since day 0


def test_cut_after_a_day_nothing_later_is_known():
    cut = counts_of_two_files().up_to(30)
    assert cut.known([99]).tolist() == [[200.0, 0.0]]
    assert cut.last_report().tolist() == [0.0, -np.inf]  # the file that ends first


def test_the_total_leaves_out_what_started_late():
    counts = counts_of_two_files()
    total = counts.in_total()
    assert total.site_names == ("total",)
    assert total.known([60]).tolist() == [[400.0]]
    only_total = make_counts("x", counts.start, 100, {}, total=("total.csv", [Report(0, 900)]))
    assert only_total.in_total().known([60]).tolist() == [[900.0]]
