"""The counts of a Flee instance: data_layout.csv, its series and corrections, and the tables Flee
makes of them.

Two layers. Reading turns the files into entries (day, people / H) in file order, merged and
corrected by Flee's own rules. `data_table` turns the entries into whole numbers by day: what was
observed, how many set out, what Flee calls debt. Nothing is sorted or repaired, because the
published results depend on it; what looks wrong is a warning.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corridor.formats.flee import values
from corridor.formats.flee.lines import Faults, Line, data_lines, near_file, no_file, read_lines
from corridor.formats.flee.model import FleeInstance, FleePlace, FleeSeries

Entry = tuple[int, float]  # days since the start date, people / H
_HEADER_WORDS = ("Date", "DateTime", "")


@dataclass(frozen=True, slots=True)
class DataTable:
    """Whole numbers by day, as Flee computes them from the counts; no chance is in them.

    Day t holds the state on the evening of day t; all numbers are after the scale-down by ``hasten``.
    With arrivals driven by conflict or floods ``raw``, ``arrivals`` and ``debt`` are 0 (the data do not
    decide them) and ``people_created`` holds the people of day 0 only.
    """

    site_names: tuple[str, ...]
    series_names: tuple[str, ...]  # the total first
    observed: npt.NDArray[np.int64]  # [days, sites]
    by_series: npt.NDArray[np.int64]  # [days, series]
    total: npt.NDArray[np.int64]  # [days], the series named total
    raw: npt.NDArray[np.int64]  # [days], running sum of daily differences
    arrivals: npt.NDArray[np.int64]  # [days], people who set out
    debt: npt.NDArray[np.int64]  # [days], decreases of the data not yet made up for
    people_created: npt.NDArray[np.int64]  # [days], everybody who ever entered, day 0 included
    day0_people: npt.NDArray[np.int64]  # [sites], placed there before the first day
    capacity: npt.NDArray[np.int64]  # [places], after the reduction on day 0; below 1 means unlimited


def data_table(instance: FleeInstance) -> DataTable:
    """Return the tables of an instance: observed, raw, arrivals, debt and people created, by day."""
    spawn = instance.settings.spawn
    days = np.arange(instance.n_days)
    values_by_series = np.stack([series_values(series, days) for series in instance.series], axis=1)
    day0_values = values_by_series[0].copy()
    if spawn.empty_camps_on_day0:
        values_by_series -= day0_values
    column = {series.name: index for index, series in enumerate(instance.series)}
    columns = [column[name] for name in instance.site_names]
    raw, arrivals, debt = _arrivals(instance, values_by_series, day0_values)
    day0_people = _day0_people(instance, day0_values[columns])
    return DataTable(
        site_names=instance.site_names,
        series_names=tuple(series.name for series in instance.series),
        observed=values_by_series[:, columns],
        by_series=values_by_series,
        total=values_by_series[:, column["total"]],
        raw=raw,
        arrivals=arrivals,
        debt=debt,
        people_created=day0_people.sum() + np.cumsum(arrivals),
        day0_people=day0_people,
        capacity=reduced_capacity(instance, day0_values),
    )


def series_values(series: FleeSeries, days: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the value of a series on each day: linear between entries, constant outside, cut to integers.

    The upper end of a segment is the first entry (the very first excepted) that is dated later than the
    day; the lower end is the entry before it in the file, also where the file is out of order.
    """
    latest = np.maximum.accumulate(series.day)
    upper = np.maximum(np.searchsorted(latest, days, side="right"), 1)
    inside = np.minimum(upper, series.day.size - 1)
    lower = np.maximum(inside - 1, 0)
    span = np.where(series.day[inside] > series.day[lower], series.day[inside] - series.day[lower], 1)
    share = (days - series.day[lower]) / span
    value = series.people[lower] + share * (series.people[inside] - series.people[lower])
    value = np.where(upper >= series.day.size, series.people[-1], value)
    value = np.where(days <= series.day[0], series.people[0], value)
    return np.asarray(value.astype(np.int64))


def _arrivals(
    instance: FleeInstance, table: npt.NDArray[np.int64], day0_values: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return (raw, arrivals, debt) by day; all zero where the data do not decide who sets out."""
    spawn, n_days = instance.settings.spawn, instance.n_days
    arrivals, debts = np.zeros(n_days, np.int64), np.zeros(n_days, np.int64)
    if instance.settings.arrivals_from != "data":
        return np.zeros(n_days, np.int64), arrivals, debts
    names = [series.name for series in instance.series]
    counted = table[:, 1:].sum(axis=1) if spawn.sum_from_camps else table[:, names.index("total")]
    change = np.diff(counted, prepend=0)
    change[0] = day0_values.sum() if spawn.sum_from_camps else day0_values[names.index("total")]
    if spawn.empty_camps_on_day0:
        change[0] = 0
    debt = 0
    for day in range(n_days):
        wanted = 0 if day == 0 and spawn.insert_day0 else int(change[day]) - debt
        arrivals[day], debt = max(wanted, 0), max(-wanted, 0)
        debts[day] = debt
    return np.cumsum(change), arrivals, debts


def _day0_people(instance: FleeInstance, observed: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    spawn = instance.settings.spawn
    if spawn.empty_camps_on_day0:
        return np.zeros(len(instance.sites), np.int64)
    extra = np.array([instance.places[site].initial_idps for site in instance.sites], np.int64)
    return extra + (observed if spawn.insert_day0 else 0)


def reduced_capacity(instance: FleeInstance, day0_values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the capacity of every place after the reduction by its day-0 data value; below 1 means
    unlimited."""
    capacity = np.array([place.capacity for place in instance.places], np.int64)
    if instance.settings.spawn.insert_day0:
        column = {series.name: index for index, series in enumerate(instance.series)}
        for index, place in enumerate(instance.places):
            if place.capacity > 0:
                capacity[index] -= day0_values[column[place.name]]
    return capacity


@dataclass(frozen=True, slots=True)
class LayoutRow:
    """One row of data_layout.csv."""

    name: str
    files: tuple[str, ...]
    line: Line


def read_layout(folder: Path, faults: Faults) -> list[LayoutRow]:
    """Read data_layout.csv: a name and its files in each row."""
    n_before = faults.n_fatal
    lines = read_lines(folder / "data_layout.csv", faults)
    rows, seen = [], dict[str, int]()
    for line in data_lines(lines or (), faults):
        name, files = line.cells[0], tuple(cell for cell in line.cells[1:] if cell)
        if not files:
            faults.add("flee-cells", f"'{name}' has no file", line=line, cell=len(line.cells))
        elif name in seen:
            message = f"'{name}' is listed a second time (first in line {seen[name]})"
            hint = "write all files of a site in one row: name,file1,file2"
            faults.add("flee-layout-twice", message, line=line, cell=0, hint=hint)
        else:
            rows.append(LayoutRow(name, files, line))
        seen.setdefault(name, line.number)
    if not rows and faults.n_fatal == n_before:
        faults.add("flee-layout-none", "holds no rows 'name,file'", file=str(folder / "data_layout.csv"))
    return rows


def read_series(
    folder: Path,
    places: Sequence[FleePlace],
    start_date: dt.date,
    n_days: int,
    hasten: int,
    faults: Faults,
    *,
    all_places: bool = False,
) -> tuple[FleeSeries, ...]:
    """Read the layout and all its series, merged but not yet corrected; sites are places with the
    camp flag."""
    rows = read_layout(folder, faults)
    if rows:
        _check_layout(folder, rows, places, faults, all_places=all_places)
    index = {place.name: number for number, place in enumerate(places)}
    found = []
    for row in rows:
        parts = [
            _read_entries(folder, row, cell, start_date, n_days, hasten, faults)
            for cell in range(1, len(row.files) + 1)
        ]
        entries = _merge_files(row, parts, n_days, faults)
        if entries:
            days, people = (np.array(column) for column in zip(*entries, strict=True))
            found.append(
                FleeSeries(row.name, index.get(row.name, -1), row.files, days.astype(np.int64), people)
            )
    return tuple(found)


def _check_layout(
    folder: Path, rows: list[LayoutRow], places: Sequence[FleePlace], faults: Faults, *, all_places: bool
) -> None:
    names = [row.name for row in rows]
    if "total" not in names:
        message = (
            f"the first row is '{names[0]}'; it must be the total, else Flee leaves this row out of "
            "the arrivals"
        )
        near = next((name for name in names if name.strip().casefold() == "total"), "")
        hint = f"write 'total' for '{near}'" if near else "add a first row 'total,refugees.csv'"
        faults.add("flee-layout-total", message, line=rows[0].line, cell=0, hint=hint)
    elif names[0] != "total":
        message = (
            "the total is not in the first row; Flee would leave the first row out of the arrivals instead"
        )
        row = rows[names.index("total")]
        faults.add("flee-layout-total", message, line=row.line, cell=0, hint="move the row to the top")
    known = {place.name for place in places}
    without_place = [name for name in names if name not in known and name != "total"]
    without_row = [place.name for place in places if place.is_camp and place.name not in names]
    for row in rows:
        if row.name not in known and row.name != "total":
            message = f"'{row.name}' is not a place of locations.csv; its people still count in the arrivals"
            faults.warn(
                "flee-layout-place",
                message,
                line=row.line,
                cell=0,
                hint=faults.nearest(row.name, without_row),
            )
    for place in places:
        if (place.is_camp or all_places) and place.name not in names:
            message = f"the site '{place.name}' of locations.csv (line {place.line}) has no row"
            hint = faults.nearest(place.name, without_place) or f"add a row '{place.name},<file>'"
            faults.add("flee-layout-site", message, file=str(folder / "data_layout.csv"), hint=hint)


def _read_entries(
    folder: Path, row: LayoutRow, cell: int, start_date: dt.date, n_days: int, hasten: int, faults: Faults
) -> list[Entry]:
    path = folder / row.files[cell - 1]
    if not path.is_file():
        what = f"the file '{row.files[cell - 1]}' of '{row.name}'"
        message = f"{what} {no_file(path)}" if path.exists() else f"{what} is not in {folder}"
        faults.add("flee-file-missing", message, line=row.line, cell=cell, hint=near_file(path))
        return []
    n_before = faults.n_fatal
    lines = read_lines(path, faults)
    dated = read_counts(lines or [], faults)
    if not dated and faults.n_fatal == n_before:
        faults.add("flee-series-empty", "holds no rows 'YYYY-MM-DD,people'", file=str(path))
    days = [(date - start_date).days for date, _, _ in dated]
    _check_order(days, [line for _, _, line in dated], faults)
    _check_span(days, [line for _, _, line in dated], row.name, n_days, faults)
    return [(day, people / hasten) for day, (_, people, _) in zip(days, dated, strict=True)]


def read_counts(lines: Sequence[Line], faults: Faults) -> list[tuple[dt.date, int, Line]]:
    """Return (date, people, line) for each row of a series, as reported and in file order."""
    rows = [line for line in lines if not line.is_comment]
    if rows and rows[0].cells[0] in _HEADER_WORDS:
        rows = rows[1:]
    counts = []
    for line in data_lines(rows, faults):
        if len(line.cells) < 2 or not line.cells[1]:
            continue
        hint = (
            "start a header with 'Date' or '#'" if line is rows[0] and not line.cells[0][:1].isdigit() else ""
        )
        date = values.date(line, 0, faults, what="date", code="flee-series-date", hint=hint)
        people = values.whole_number(
            line, 1, faults, what="count", code="flee-series-count", low=0, hint=hint
        )
        if date is not None and people is not None:
            counts.append((date, people, line))
    return counts


def _check_order(days: list[int], lines: list[Line], faults: Faults) -> None:
    steps = np.diff(np.array(days, np.int64))
    if steps.size and (steps < 0).sum() * 2 > steps.size:
        message = "the rows run from the newest to the oldest; Flee would take the first for the whole time"
        faults.add("flee-series-order", message, line=lines[0], hint="sort the rows by date, oldest first")
        return
    for index in np.flatnonzero(steps <= 0):
        line = lines[index + 1]
        if steps[index] == 0:
            message = (
                f"a second row for {line.cells[0].strip()}; from that day on this one counts, as in Flee"
            )
            faults.warn("flee-series-date-twice", message, line=line, cell=0)
        else:
            message = (
                f"{line.cells[0].strip()} comes after a later date; it is used as Flee does, see docs/flee.md"
            )
            faults.warn("flee-series-order", message, line=line, cell=0, hint="sort the rows by date")


def _check_span(days: list[int], lines: list[Line], name: str, n_days: int, faults: Faults) -> None:
    if not days or n_days <= 0:
        return
    if max(days) < 0:
        message = (
            f"all counts of '{name}' are dated before the start date; the last would hold for the whole time"
        )
        hint = "check StartDate in sim_period.csv"
        faults.add("flee-series-span", message, line=lines[-1], cell=0, hint=hint)
    elif min(days) >= n_days:
        message = f"all counts of '{name}' are dated after the last day; the first holds for the whole time"
        hint = "check StartDate and Length in sim_period.csv"
        faults.add("flee-series-span", message, line=lines[0], cell=0, hint=hint, warning=name != "total")


def _merge_files(row: LayoutRow, parts: list[list[Entry]], n_days: int, faults: Faults) -> list[Entry]:
    if not all(parts):
        return []
    merged = parts[0]
    for number, part in enumerate(parts[1:], start=1):
        if merged[0][0] < part[0][0]:
            message = (
                f"'{row.files[number]}' begins {part[0][0] - merged[0][0]} days after the files before it; "
                "Flee stops at this"
            )
            hint = "add a first row with the date of the other file and its count then (0 if none)"
            faults.add("flee-merge-start", message, line=row.line, cell=number + 1, hint=hint)
            return []
        _warn_dropped(row, number, merged, part, n_days, faults)
        merged = merge_series(merged, part)
    return merged


def _warn_dropped(
    row: LayoutRow, number: int, first: list[Entry], second: list[Entry], n_days: int, faults: Faults
) -> None:
    ends = first[-1][0], second[-1][0]
    if ends[0] != ends[1] and min(ends) < n_days - 1:
        file = row.files[number] if ends[1] > ends[0] else "the files before it"
        message = (
            f"entries of {file} after day {min(ends)} are dropped when the files of '{row.name}' are merged"
        )
        faults.warn("flee-merge-dropped", message, line=row.line, cell=number + 1)


def merge_series(first: Sequence[Entry], second: Sequence[Entry]) -> list[Entry]:
    """Merge two series of a site by Flee's rule, not a sum; ``first`` must not begin before ``second``.

    >>> merge_series([(0, 200.0), (31, 2000.0)], [(-31, 50.0), (9, 60.0), (31, 100.0)])
    [(-31, 250.0), (0, 250.0), (9, 2060.0), (31, 2100.0)]
    """
    merged: list[Entry] = []
    cursor, last = 0, len(first) - 1
    used = 0.0  # value of the last entry of second already used
    for day, people in second:
        while first[cursor][0] < day:
            merged.append((first[cursor][0], first[cursor][1] + used))
            if cursor == last:
                break
            cursor += 1
        if first[cursor][0] >= day:
            merged.append((day, people + first[cursor][1]))
            cursor = min(cursor + (first[cursor][0] == day), last)
            used = people
    return merged


def read_corrections(path: Path, faults: Faults) -> list[Line]:
    """Return the rows of registration_corrections.csv that Flee reads; the file may be missing."""
    rows = []
    for line in read_lines(path, faults, required=False) or ():
        if len(line.cells) < 2:
            continue
        if line.is_comment:
            message = "a comment is skipped here; Flee takes it for the name of a site and stops"
            faults.warn("flee-correction-comment", message, line=line, cell=0, hint="delete the line")
        else:
            rows.append(line)
    return list(data_lines(rows, faults))


def correct_series(
    series: Sequence[FleeSeries],
    corrections: Sequence[Line],
    start_date: dt.date,
    hasten: int,
    faults: Faults,
) -> tuple[FleeSeries, ...]:
    """Rescale the entries before each new registration so that the series runs on without a jump."""
    by_name: Mapping[str, int] = {item.name: index for index, item in enumerate(series)}
    corrected = list(series)
    for line in corrections if series else ():  # else it has been said why no site is known
        date = values.date(line, 1, faults, what="date", code="flee-correction-date")
        if line.cells[0] not in by_name:
            hint = faults.nearest(line.cells[0], by_name)
            message = f"'{line.cells[0]}' is not a name of data_layout.csv"
            faults.add("flee-correction-site", message, line=line, cell=0, hint=hint)
        elif date is not None:
            index = by_name[line.cells[0]]
            corrected[index] = _corrected(
                corrected[index], line, (date - start_date).days, start_date, hasten, faults
            )
    return tuple(corrected)


def _corrected(
    series: FleeSeries, line: Line, day: int, start_date: dt.date, hasten: int, faults: Faults
) -> FleeSeries:
    if day < 0:
        faults.warn(
            "flee-correction-early", "is dated before the start date; it has no effect", line=line, cell=1
        )
        return series
    positions = [int(position) for position in np.flatnonzero(series.day == day) if position >= 1]
    if not positions:
        message = f"'{series.name}' has no count on {line.cells[1].strip()} after its first one"
        hint = _nearest_date(series, day, start_date)
        faults.add("flee-correction-date", message, line=line, cell=1, hint=hint)
        return series
    people = series.people.copy()
    for position in positions:
        if people[position - 1] < 1:
            message = (
                f"the count of '{series.name}' before {line.cells[1].strip()} is below 1"
                + (f" after division by hasten ({hasten})" if hasten > 1 else "")
                + "; nothing can be rescaled"
            )
            faults.add("flee-correction-zero", message, line=line, cell=1, hint="delete the correction")
            return series
        people[:position] *= people[position] / people[position - 1]
    return FleeSeries(series.name, series.place, series.files, series.day, people)


def _nearest_date(series: FleeSeries, day: int, start_date: dt.date) -> str:
    if series.day.size < 2:
        return ""
    later = series.day[1:]
    nearest = int(later[np.argmin(np.abs(later - day))])
    return f"the nearest count is of {start_date + dt.timedelta(days=nearest)}"
