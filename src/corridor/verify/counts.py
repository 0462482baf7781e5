"""Reported counts as they were known: files of (date, people) rows become "what was known on day d".

Nothing is corrected, smoothed or filled in. A site has one or more files, each a `Series` of its own; the
known count of a site is the sum of the last value each of its files had reported. The truth at a target day
is drawn linearly between reports and is for scoring only. Rows that cannot be trusted are set aside with a
warning that names file and line; the rules are in docs/verification.md. Day 0 is the start date; days
before it are negative.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from corridor.formats.flee import ReportedCount, read_flee_counts
from corridor.formats.flee.conflicts import read_period
from corridor.formats.flee.lines import Faults, data_lines, read_lines
from corridor.problems import InputError, Problem
from corridor.scenario.model import Count, Scenario

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

#: A target counts as "near a report" if one of the site's files has a row at most this many days away.
NEAR_REPORT_DAYS = 15

_TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Report:
    """One row of a file: people reported on a day."""

    day: int  # since the start date; negative before it
    people: int
    line: int = 0  # in the file, from 1; 0 where there is no file


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """The trusted rows of one file: at most one a day, days rising."""

    file: str
    days: IntArray  # [reports]
    people: FloatArray  # [reports]

    def known(self, days: ArrayLike) -> FloatArray:
        """Return the last value reported up to each day; 0 before the first row."""
        row = np.searchsorted(self.days, np.asarray(days), side="right")
        return np.concatenate(([0.0], self.people))[row]

    def truth(self, days: ArrayLike) -> FloatArray:
        """Return the count drawn linearly between rows; NaN before the first row, flat after the last."""
        if not self.days.size:
            return np.full(np.shape(days), np.nan)
        return np.asarray(np.interp(np.asarray(days, float), self.days, self.people, left=np.nan))

    def is_seen(self, days: ArrayLike) -> BoolArray:
        """True on days by which a value above 0 had been reported; a placeholder 0 is no sighting."""
        positive = self.days[self.people > 0]
        return np.searchsorted(positive, np.asarray(days), side="right") > 0

    def age(self, days: ArrayLike) -> FloatArray:
        """Return the days since the last row; before the first row the days since day 0, at least 0."""
        at = np.asarray(days, float)
        row = np.searchsorted(self.days, at, side="right")
        return np.asarray(np.maximum(at - np.concatenate(([0], self.days))[row], 0.0))

    def up_to(self, day: int) -> Series:
        """Return the series as it was known on a day: its rows up to that day."""
        had = self.days <= day
        return Series(self.file, self.days[had], self.people[had])

    def days_to_report(self, days: ArrayLike) -> FloatArray:
        """Return the distance in days to the nearest row, before or after; infinite where there is none."""
        targets = np.asarray(days, float)
        if not self.days.size:
            return np.full(targets.shape, np.inf)
        after = np.searchsorted(self.days, targets)
        left = np.abs(targets - self.days[np.maximum(after - 1, 0)])
        right = np.abs(targets - self.days[np.minimum(after, self.days.size - 1)])
        return np.minimum(left, right)


@dataclass(frozen=True, slots=True, eq=False)
class SiteCounts:
    """One counted site and its files."""

    name: str
    files: tuple[Series, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CountSeries:
    """Everything reported of one crisis, by site and file. Answers for several days are ``[days, sites]``.

    ``reported_total`` is the file of the total. It is not the sum of the sites (other sites, other
    definitions): use its growth, not its level. ``warnings`` says which rows and sites were set aside.
    """

    name: str
    start: dt.date  # day 0
    n_days: int  # the period is day 0 to n_days - 1
    sites: tuple[SiteCounts, ...]
    reported_total: Series | None = None
    warnings: tuple[Problem, ...] = ()

    @property
    def site_names(self) -> tuple[str, ...]:
        """Names of the sites, in the order of the columns of every answer."""
        return tuple(site.name for site in self.sites)

    def known(self, days: Sequence[int] | IntArray) -> FloatArray:
        """Return the known count ``[days, sites]``: last values reported, summed over files."""
        return self._sum(lambda series: series.known(days), len(days))

    def truth(self, days: Sequence[int] | IntArray) -> FloatArray:
        """Return the interpolated count ``[days, sites]``; NaN before the first row of one of the files."""
        return self._sum(lambda series: series.truth(days), len(days))

    def is_seen(self, days: Sequence[int] | IntArray) -> BoolArray:
        """True ``[days, sites]`` where a value above 0 had been reported by the day."""
        return self._sum(lambda series: series.is_seen(days).astype(float), len(days)) > 0

    def is_near_report(
        self, days: Sequence[int] | IntArray, within_days: int = NEAR_REPORT_DAYS
    ) -> BoolArray:
        """True ``[days, sites]`` where a file of the site has a row at most ``within_days`` away."""

        def is_near(series: Series) -> FloatArray:
            return (series.days_to_report(days) <= within_days).astype(float)

        return self._sum(is_near, len(days)) > 0

    def report_age(self, days: Sequence[int] | IntArray) -> FloatArray:
        """Return the age ``[days, sites]`` of what is known, in days, files weighted by their people."""
        people = self._sum(lambda series: series.known(days) + 1, len(days))
        aged = self._sum(lambda series: series.age(days) * (series.known(days) + 1), len(days))
        return np.divide(aged, people, out=np.zeros_like(aged), where=people > 0)

    def up_to(self, day: int) -> CountSeries:
        """Return what was known on a day: every file cut after it."""
        sites = tuple(
            SiteCounts(site.name, tuple(file.up_to(day) for file in site.files)) for site in self.sites
        )
        total = None if self.reported_total is None else self.reported_total.up_to(day)
        return replace(self, sites=sites, reported_total=total)

    def last_report(self) -> FloatArray:
        """Return the day ``[sites]`` of the last row of the site's file that ends first; -inf without a
        row."""
        return np.array(
            [
                min((file.days[-1] if file.days.size else -np.inf for file in site.files), default=-np.inf)
                for site in self.sites
            ],
            float,
        )

    def in_total(self) -> CountSeries:
        """Return the series of the total as the only site.

        It is the sum over the sites whose files all begin with the period or with a 0; a site whose first
        count came late is not part of it, since nothing is known of the days before. Where no site is counted
        it is the file of the total.
        """
        files = tuple(
            file
            for site in self.sites
            if site.files and not any(starts_late(file) for file in site.files)
            for file in site.files
            if file.days.size
        )
        if not files and self.reported_total is not None:
            files = (self.reported_total,)
        return replace(self, sites=(SiteCounts(_TOTAL, files),), reported_total=None)

    def day_of(self, when: dt.date) -> int:
        """Return a date as a day of this series."""
        return (when - self.start).days

    def _sum(self, answer: Callable[[Series], FloatArray], n_days: int) -> FloatArray:
        columns = [sum((answer(series) for series in site.files), np.zeros(n_days)) for site in self.sites]
        return np.stack(columns, axis=1) if columns else np.zeros((n_days, 0))


def make_series(file: str, reports: Iterable[Report]) -> tuple[Series, list[Problem]]:
    """Keep the rows of a file that can be trusted, in file order.

    A row dated before an earlier row of its file is dropped: its date is most likely mistyped, and put
    where it says it would carry a later value into the past. Of two rows on one day the later one counts.
    Whether a row is kept depends on the rows above it alone, so a later row changes nothing that was known
    before.
    """
    kept: list[Report] = []
    warnings: list[Problem] = []
    for report in reports:
        if kept and report.day < kept[-1].day:
            warnings.append(_out_of_order(file, report, kept[-1]))
            continue
        if kept and report.day == kept[-1].day:
            warnings.append(_twice_a_day(file, report, kept.pop()))
        kept.append(report)
    days = np.array([report.day for report in kept], np.int64)
    people = np.array([report.people for report in kept], np.float64)
    return Series(file, days, people), warnings


def _out_of_order(file: str, report: Report, before: Report) -> Problem:
    message = (
        f"the row is dated {before.day - report.day} days before a row above it (line {before.line}); "
        f"{report.people:,} people are set aside"
    )
    return Problem("counts-out-of-order", file, report.line, 1, message, "is the year right?", warning=True)


def _twice_a_day(file: str, report: Report, before: Report) -> Problem:
    message = (
        f"the day has a row already (line {before.line}: {before.people:,} people); the later row counts"
    )
    return Problem("counts-twice-a-day", file, report.line, 1, message, warning=True)


def make_counts(
    name: str, start: dt.date, n_days: int, sites: Mapping[str, Mapping[str, Sequence[Report]]],
    *, total: tuple[str, Sequence[Report]] | None = None, warnings: Sequence[Problem] = (),
) -> CountSeries:  # fmt: skip
    """Build a `CountSeries` from plain rows: site -> file -> reports in file order."""
    found = list(warnings)
    made = []
    for site, files in sites.items():
        series = []
        for file, reports in files.items():
            one, doubts = make_series(file, reports)
            series.append(one)
            found += [*doubts, *_late_start(site, one)]
        made.append(SiteCounts(site, tuple(series)))
    reported_total = None
    if total is not None:
        reported_total, doubts = make_series(*total)
        found += doubts
    return CountSeries(name, start, n_days, tuple(made), reported_total, tuple(found))


def starts_late(series: Series) -> bool:
    """True where the first row is above 0 and after day 0: nothing is known of the days before."""
    return bool(series.days.size and series.days[0] > 0 and series.people[0] > 0)


def _late_start(site: str, series: Series) -> list[Problem]:
    if not starts_late(series):
        return []
    message = (
        f"the first row of '{site}' is {int(series.people[0]):,} people on day {series.days[0]}; "
        "the days before it are unknown, not extended backwards, and not scored"
    )
    return [Problem("counts-late-start", series.file, 0, 0, message, warning=True)]


def counts_of_scenario(scenario: Scenario) -> CountSeries:
    """Return the counts of a scenario as one series a place; day 0 is the issue date.

    Rows are put in order of date. Counts of "total" become ``reported_total``.
    """
    rows: dict[str, list[Count]] = {}
    for count in sorted(scenario.counts, key=lambda count: count.date):
        rows.setdefault(count.place, []).append(count)
    reports = {
        place: [Report((count.date - scenario.issue_date).days, count.people) for count in counts]
        for place, counts in rows.items()
    }
    total = ("counts.csv", reports.pop(_TOTAL)) if _TOTAL in reports else None
    sites = {place: {"counts.csv": its} for place, its in reports.items()}
    return make_counts(scenario.name, scenario.issue_date, scenario.n_days + 1, sites, total=total)


def read_count_series(folder: str | Path, *, keep_unplaced: bool = False) -> CountSeries:
    """Read the raw counts of a Flee instance: sim_period.csv, locations.csv, data_layout.csv, series files.

    Registration corrections and closures are not read: they were written with hindsight. A site of the
    layout that is not in locations.csv is left out with a warning, or kept with ``keep_unplaced``.

    Raises
    ------
    InputError
        With every fault found: a missing file, a date or a number that cannot be read.
    """
    folder = Path(folder)
    faults = Faults()
    start, n_days = read_period(folder / "input_csv" / "sim_period.csv", faults)
    locations = folder / "input_csv" / "locations.csv"
    places = {line.cells[0] for line in data_lines(read_lines(locations, faults) or (), faults)}
    reported = _reported(folder / "source_data", faults)
    if start is None or faults.any_fatal:
        raise InputError(faults.found)
    sites: dict[str, dict[str, list[Report]]] = {}
    for row in reported:
        file = str(folder / "source_data" / row.file)
        report = Report((row.date - start).days, row.people, row.line)
        sites.setdefault(row.site, {}).setdefault(file, []).append(report)
    total = next(iter(sites.pop(_TOTAL, {}).items()), None)
    for name in () if keep_unplaced else sorted(sites.keys() - places):
        message = f"'{name}' is not a place of locations.csv; its counts are left out"
        faults.warn("counts-no-place", message, file=str(folder / "source_data" / "data_layout.csv"))
        del sites[name]
    return make_counts(folder.resolve().name, start, n_days, sites, total=total, warnings=faults.found)


def _reported(source_data: Path, faults: Faults) -> tuple[ReportedCount, ...]:
    """Return the rows of all files, or add what is wrong with them to the faults found so far."""
    try:
        return read_flee_counts(source_data)
    except InputError as error:
        faults.found += error.problems
        return ()
