"""Tables of a Flee instance, without chance: against worked cases and published results."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from corridor.formats.flee import data_table, read_flee_counts, read_flee_instance
from corridor.formats.flee.series import merge_series, series_values

HASTEN = {
    "mali2012": 10,
    "burundi2015": 10,
    "ssudan2013": 50,
    "car2013": 50,
    "nigeria2016": 100,
    "syria2013": 200,
}
SETTINGS = ("modern125", "modern125aw2dm75")
PAIRS = [(name, settings, HASTEN[name], "") for name in HASTEN for settings in SETTINGS]
FULL = [(name, "modern125", 1, "-full") for name in ("mali2012", "burundi2015")]


def _read(published: Path, name: str, settings: str, hasten: int):
    folder = published / "instances" / name
    yml = published / "settings" / f"{settings}.yml"
    return read_flee_instance(folder / "input_csv", folder / "source_data", yml, hasten=hasten)


@pytest.mark.parametrize(("name", "settings", "hasten", "suffix"), PAIRS + FULL)
def test_observed_is_that_of_flee(published: Path, name: str, settings: str, hasten: int, suffix: str):
    table = data_table(_read(published, name, settings, hasten))
    observed: dict[tuple[int, str], int] = {}
    with gzip.open(published / "reference" / f"{name}-{settings}{suffix}.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            assert int(row["hasten"]) == hasten
            observed[int(row["day"]), row["site"]] = int(row["observed"])
    days = len(observed) // len(table.site_names)
    expected = [[observed[day, site] for site in table.site_names] for day in range(days)]
    np.testing.assert_array_equal(table.observed, expected)


def test_people_and_debt_are_those_of_flee(published: Path):
    with (published / "reference" / "summary.csv").open() as file:
        rows = {(row["instance"], row["settings"], int(row["hasten"])): row for row in csv.DictReader(file)}
    assert len(rows) == len(PAIRS) + len(FULL)
    for (name, settings, hasten), row in rows.items():
        table = data_table(_read(published, name, settings, hasten))
        found = [table.people_created[-1], table.debt[-1], *table.observed.shape]
        assert found == [int(row[key]) for key in ("agents_end", "debt_end", "days", "sites")], name


def test_published_running_counts(published: Path):
    mali = data_table(_read(published, "mali2012", "modern125", 10))
    assert [mali.observed[0].sum(), mali.raw[0], mali.people_created[0]] == [1082, 3089, 1082]
    assert [mali.raw[-1], mali.people_created[-1]] == [11003, 8996]
    burundi = data_table(_read(published, "burundi2015", "modern125", 10))
    last = [burundi.observed[-1].sum(), burundi.people_created[-1], burundi.raw[-1], burundi.debt[-1]]
    assert last == [20543, 21230, 21754, 687]


def test_counting_between_two_counts(tiny):
    table = data_table(tiny.read())
    assert table.observed[1].tolist() == [419, 258]
    assert table.observed[19].tolist() == [2567, 1303]
    assert table.raw[:2].tolist() == [1000, 1177]
    assert table.arrivals[:2].tolist() == [0, 177]
    assert table.people_created[:2].tolist() == [500, 677]
    assert table.total[:2].tolist() == [500, 677]
    assert not table.debt.any()


def test_counting_from_the_total(tiny):
    tiny.setting("spawn_rules", "sum_from_camps: false")
    table = data_table(tiny.read())
    assert table.raw[:2].tolist() == [500, 677]


def test_empty_camps_on_day_0(tiny):
    tiny.setting("spawn_rules", "empty_camps_on_day0: true")
    table = data_table(tiny.read())
    assert table.observed[:2].tolist() == [[0, 0], [119, 58]]
    assert table.raw[:2].tolist() == [0, 177]
    assert table.people_created[:2].tolist() == [0, 177]
    assert table.capacity.tolist() == [-1, -1, 20000 - 300, 10000 - 200]


def test_without_insertion_on_day_0_the_total_counts_twice(tiny):
    tiny.setting("spawn_rules", "insert_day0: false")
    table = data_table(tiny.read())
    assert table.arrivals[0] == 1000
    assert table.capacity.tolist() == [-1, -1, 20000, 10000]


def test_decreases_become_debt_that_later_arrivals_pay_off(tiny):
    tiny.write("source_data/one.csv", "2020-01-01,300\n2020-01-03,290\n2020-01-05,310\n")
    tiny.write("source_data/two.csv", "2020-01-01,200\n")
    table = data_table(tiny.read())
    assert table.observed[:6, 0].tolist() == [300, 295, 290, 300, 310, 310]
    assert table.debt[:6].tolist() == [0, 5, 10, 0, 0, 0]
    assert table.arrivals[:6].tolist() == [0, 0, 0, 0, 10, 0]


def test_division_comes_before_the_cut_to_whole_numbers(tiny):
    table = data_table(tiny.read(hasten=7))
    # 300/7 = 42.86 and 4000/7 = 571.43; day 1 is 42.86 + 528.57/31 = 59.91, cut to 59; 419 // 7 is 59, too,
    # but on day 3 (300 + 3*3700/31)/7 = 94.01 where 658 // 7 is 94.
    assert table.observed[[0, 1, 3], 0].tolist() == [42, 59, 94]
    assert tiny.read(hasten=7).places[2].capacity == 20000 // 7


@pytest.mark.parametrize(("capacity", "left"), [(1000, 700), (301, 1), (300, 0), (250, -50)])
def test_capacity_less_the_people_of_day_0(tiny, capacity: int, left: int):
    tiny.replace("input_csv/locations.csv", "20000", str(capacity))
    assert data_table(tiny.read()).capacity[2] == left


def test_two_files_of_a_site_are_merged_by_flees_rule(tiny):
    tiny.replace("source_data/data_layout.csv", "two.csv", "two.csv,more.csv")
    tiny.write("source_data/two.csv", "2020-01-01,200\n2020-02-01,2000\n")
    tiny.write("source_data/more.csv", "2019-12-01,50\n2020-01-10,60\n2020-02-01,100\n")
    instance = tiny.read()
    series = instance.series[2]
    assert list(zip(series.day, series.people, strict=True)) == [(-31, 250), (0, 250), (9, 2060), (31, 2100)]
    assert data_table(instance).observed[1, 1] == 451


def test_merging_stops_at_the_end_of_the_first_series():
    merged = merge_series([(0, 10.0), (5, 20.0)], [(0, 1.0), (5, 2.0), (9, 3.0)])
    assert merged == [(0, 11.0), (5, 22.0), (5, 22.0)]


def test_a_row_out_of_order_is_a_lower_end_only(tiny):
    tiny.write("source_data/one.csv", "2020-01-11,100\n2020-01-13,120\n2020-01-09,60\n2020-01-21,180\n")
    series = tiny.read().series[1]
    values = series_values(series, np.array([0, 10, 11, 12, 13, 14, 20, 30]))
    # From day 12 on the line runs from (8, 60) to (20, 180), 10 people a day: it steps back from 110 to 100.
    assert values.tolist() == [100, 100, 110, 100, 110, 120, 180, 180]


def test_of_two_rows_on_one_date_the_later_wins(tiny):
    tiny.write("source_data/one.csv", "2020-01-01,100\n2020-01-05,200\n2020-01-05,300\n2020-01-09,340\n")
    values = series_values(tiny.read().series[1], np.arange(6))
    assert values.tolist() == [100, 125, 150, 175, 300, 310]


def test_a_correction_rescales_all_earlier_counts(tiny):
    tiny.write("source_data/one.csv", "2020-01-01,100\n2020-01-05,200\n2020-01-09,150\n2020-01-17,300\n")
    tiny.write("input_csv/registration_corrections.csv", "Camp One,2020-01-09,normalize\n")
    series = tiny.read().series[1]
    assert series.people.tolist() == [75.0, 150.0, 150.0, 300.0]


def test_corrections_of_one_site_compound_in_file_order(tiny):
    tiny.write("source_data/one.csv", "2020-01-01,100\n2020-01-05,200\n2020-01-09,100\n")
    rows = "Camp One,2020-01-09,normalize\nCamp One,2020-01-05,normalize\n"
    tiny.write("input_csv/registration_corrections.csv", rows)
    # First 100, 200 -> 50, 100; then 50 -> 100.
    assert tiny.read().series[1].people.tolist() == [100.0, 100.0, 100.0]


def test_initial_idps_are_added_and_not_divided(tiny):
    tiny.replace("input_csv/locations.csv", "date,population", "date,population,initial_idps")
    text = tiny.path("input_csv/locations.csv").read_text()
    for row, idps in (("50000", 7), ("town,,", 0), ("20000", 9), ("10000", 0)):
        text = text.replace(f"{row}\n", f"{row},{idps}\n")
    tiny.write("input_csv/locations.csv", text)
    instance = tiny.read(hasten=10)
    assert data_table(instance).day0_people.tolist() == [30 + 9, 20]
    assert [warning.code for warning in instance.warnings] == ["flee-initial-idps"]


def test_departures_driven_by_conflict_leave_the_tables_empty(tiny):
    tiny.setting("spawn_rules", "conflict_driven_spawning: {spawn_mode: Poisson}")
    instance = tiny.read()
    table = data_table(instance)
    assert instance.settings.arrivals_from == "conflict"
    assert not table.raw.any() and not table.arrivals.any() and not table.debt.any()
    assert set(table.people_created) == {500}


def test_reported_counts_are_neither_merged_nor_corrected(tiny):
    tiny.replace("source_data/data_layout.csv", "two.csv", "two.csv,more.csv")
    tiny.write("source_data/more.csv", "Date,people\n# closed\n2020-01-10,60\n\n2020-02-01,100\n")
    counts = read_flee_counts(tiny.folder / "source_data")
    found = [(count.site, count.file, count.date.isoformat(), count.people, count.line) for count in counts]
    assert found[:2] == [
        ("total", "refugees.csv", "2020-01-01", 500, 1),
        ("total", "refugees.csv", "2020-02-01", 6000, 2),
    ]
    assert found[-2:] == [
        ("CampTwo", "more.csv", "2020-01-10", 60, 3),
        ("CampTwo", "more.csv", "2020-02-01", 100, 5),
    ]
    assert len(found) == 8
