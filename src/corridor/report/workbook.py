"""A forecast as a workbook: a cover that says what it is, and sheets that a planner can filter and sort.

Every text is written as text, so that a name never becomes a formula; numbers below ten people are told as
"<10" unless small numbers are wanted. The file is written aside and moved into place.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from corridor.ensemble.forecast import Forecast
from corridor.needs.needs import TOTAL, Needs
from corridor.needs.table import FORMULA_SIGNS, MASK, gap_rows, need_rows
from corridor.problems import CorridorRuntimeError
from corridor.report.digest import TOTALS, Digest, Ints, band, make_digest
from corridor.report.planning import planning_table
from corridor.report.texts import ENGLISH, LEAST_TOLD, Texts
from corridor.report.words import statements

if TYPE_CHECKING:
    from openpyxl.cell.cell import WriteOnlyCell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

#: Rows of the sheet of needs above which it has fewer days: every seventh, or every fourth week. The last is
#: always in it. A sheet of so many rows takes about ten seconds to write.
MOST_ROWS = 30_000
_STEPS = {1: "Every day", 7: "Every seventh day and the last", 28: "Every fourth week and the last day"}
_QUANTILES = ("5 %", "25 %", "middle", "75 %", "95 %")
_TOTAL_TITLES = {
    "newly_displaced": "Newly displaced",
    "trapped": "Trapped",
    "left_area": "Have left the area",
    "returned": "Have returned home",
}
_LONGEST_TEXT = 32_000  # characters; a cell holds 32,767
_NOT_PRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

_FONT = "Calibri"
_A4 = 9  # the number of this paper in a workbook

Value = str | float | int | None


@dataclass(frozen=True)
class _Sheet:
    """One sheet: its columns as (title, width, number format), and its rows."""

    name: str
    columns: tuple[tuple[str, int, str], ...]
    rows: Iterable[Sequence[Value]]
    lead: str = ""  # a line above the header


def write_workbook(
    forecast: Forecast | Digest,
    path: str | Path,
    needs: Needs | None = None,
    *,
    tells_small: bool = False,
) -> Path:
    """Write a forecast, and its needs if given, as an XLSX workbook.

    Parameters
    ----------
    forecast : Forecast or Digest
    path : path
    needs : Needs, optional
        From `corridor.needs.needs.needs_of`; adds the sheets Needs, Gaps and Standards.
    tells_small : bool
        Whether numbers below ten people are told as they are.

    Raises
    ------
    CorridorRuntimeError
        If the file cannot be written; nothing is left behind.
    """
    digest = forecast if isinstance(forecast, Digest) else make_digest(forecast)
    target = Path(path)
    aside = target.with_name(f".{target.name}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _save(digest, needs, aside, tells_small)
        os.replace(aside, target)
    except OSError as error:
        with suppress(OSError):
            aside.unlink()
        raise CorridorRuntimeError(f"'{target}' could not be written: {error}") from error
    return target


def _save(digest: Digest, needs: Needs | None, path: Path, tells_small: bool) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.properties.title = _clean(digest.scenario.title)
    book.properties.creator = f"Corridor {digest.forecast.version}"
    _write_cover(book.create_sheet("Cover"), digest, needs, tells_small)
    for sheet in _sheets(digest, needs, tells_small):
        _write_sheet(book.create_sheet(sheet.name), sheet)
    book.save(path)


def _sheets(digest: Digest, needs: Needs | None, tells_small: bool) -> Iterator[_Sheet]:
    yield _summary(digest, tells_small)
    yield _by_site(
        digest, tells_small, "Sites", "People present at the end of the day, people", digest.present, True
    )
    yield _by_site(
        digest, tells_small, "Arrivals", "People who stopped there that day, people a day", digest.arrivals
    )
    yield _trapped(digest, tells_small)
    yield _totals(digest, tells_small)
    if needs is not None:
        yield from _needs_sheets(needs, tells_small)


# --- the cover ----------------------------------------------------------------------------------------
def _write_cover(sheet: WriteOnlyWorksheet, digest: Digest, needs: Needs | None, tells_small: bool) -> None:
    from openpyxl.styles import Alignment, Font

    _fit_to_page(sheet)
    sheet.column_dimensions["A"].width = 28
    sheet.column_dimensions["B"].width = 100
    title = _text(sheet, digest.scenario.title)
    title.font = Font(name=_FONT, bold=True, size=16)
    sheet.append([title])
    for label, words in _cover_lines(digest, needs, tells_small):
        first, second = _text(sheet, label), _text(sheet, words)
        first.font = Font(name=_FONT, bold=True, size=11)
        first.alignment = Alignment(vertical="top")
        second.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.append([first, second])


def _cover_lines(digest: Digest, needs: Needs | None, tells_small: bool) -> Iterator[tuple[str, str]]:
    scenario, texts = digest.scenario, Texts(tells_small=tells_small)
    yield texts.must_not_head, texts.must_not
    yield "", ""
    for statement in statements(digest, texts):
        yield "", statement.text
    yield "", ""
    yield texts.fact_scenario, scenario.name
    yield texts.fact_issue, scenario.issue_date.isoformat()
    yield texts.fact_horizon, digest.dates[-1].isoformat()
    yield texts.fact_members, str(digest.n_members)
    yield texts.fact_seed, str(digest.forecast.seed)
    yield texts.fact_version, digest.forecast.version
    yield "Data dates", _data_dates(digest)
    yield "Bands", "5 % to 95 % hold nine of ten futures, 25 % to 75 % half of them."
    if not tells_small:
        yield "Small numbers", f"Fewer than ten people are told as <{LEAST_TOLD}, in needs as {MASK}."
    if needs is not None:
        yield "Standards", f"{needs.standards.name}; sources on the sheet Standards"
        yield "Household", f"{scenario.household_size:g} people"
    for what, where in scenario.provenance.items():
        yield f"Provenance: {what}", where


def _data_dates(digest: Digest) -> str:
    scenario = digest.scenario
    parts = []
    if scenario.claims:
        said = [claim.said_on for claim in scenario.claims]
        parts.append(f"{len(said)} claims, said from {min(said)} to {max(said)}")
    known = [count.date for count in scenario.counts if count.date <= scenario.issue_date]
    if known:
        parts.append(f"{len(known)} counts by the issue date, from {min(known)} to {max(known)}")
    return "; ".join(parts) or "no claims and no counts by the issue date"


# --- the sheets of the forecast ----------------------------------------------------------------------
_PLACE = (("Place", 34, "@"), ("P-code", 12, "@"), ("Kind", 16, "@"))
_PEOPLE = "#,##0"
_BAND = tuple((name, 12, _PEOPLE) for name in _QUANTILES)
_DAY = "yyyy-mm-dd"
_DATE = ("Date", 12, _DAY)


def _summary(digest: Digest, tells_small: bool) -> _Sheet:
    table = planning_table(digest)
    dates = [expected.date.isoformat() for expected in table.all_sites.expected]
    numbers = tuple((f"{date}, {level}", 18, _PEOPLE) for date in dates for level in ("P10", "P50", "P90"))
    columns = (
        ("Site", 34, "@"),
        ("P-code", 12, "@"),
        ("Now", 10, _PEOPLE),
        *numbers,
        ("Capacity", 12, _PEOPLE),
        ("Chance it fills", 16, "0%"),
        ("Full in half of futures by", 26, _DAY),
    )
    named = [(row, row.name) for row in table.sites]
    named += [(table.all_sites, ENGLISH.table_all_sites), (table.hosts, ENGLISH.table_hosts)]
    rows = []
    for row, name in [*named, (table.newly_displaced, ENGLISH.table_total)]:
        people = [value for at in row.expected for value in (at.p10, at.p50, at.p90)]
        half = row.half_full_on.isoformat() if row.half_full_on else None
        told = [_people(value, tells_small) for value in (row.now, *people)]
        rows.append([name, row.place_id, *told, row.capacity, row.chance_full, half])
    lead = "People expected at each site at the end of the day, people. Full: 95 % of the capacity."
    return _Sheet("Summary", columns, rows, lead)


def _by_site(
    digest: Digest, tells_small: bool, name: str, lead: str, people: Ints, with_room: bool = False
) -> _Sheet:
    room = (("Capacity", 12, _PEOPLE), ("Chance full by then", 20, "0%")) if with_room else ()

    def rows() -> Iterator[list[Value]]:
        for row in [*digest.site_rows, *digest.host_rows]:
            quantiles = band(people[:, :, row])
            if not quantiles[-1].any():
                continue
            for day, date in enumerate(digest.dates):
                told = [_people(value, tells_small) for value in quantiles[:, day].tolist()]
                more: list[Value] = []
                if with_room:
                    has_limit = bool((digest.capacity[:, :, row] > 0).any())
                    chance = round(float(digest.full_by[day, row]), 4) if has_limit else None
                    more = [digest.usual_capacity(row, day), chance]
                yield [*_who(digest, row), date.isoformat(), *told, *more]

    lead += "; places where nobody comes in nine of ten futures are left out."
    return _Sheet(name, (*_PLACE, _DATE, *_BAND, *room), rows(), lead)


def _trapped(digest: Digest, tells_small: bool) -> _Sheet:
    def rows() -> Iterator[list[Value]]:
        for row in range(len(digest.places)):
            quantiles = band(digest.trapped[:, :, row])
            if not quantiles[-1].any():
                continue
            for day, date in enumerate(digest.dates):
                told = [_people(value, tells_small) for value in quantiles[:, day].tolist()]
                chance = round(float((digest.trapped[:, day, row] > 0).mean()), 4)
                yield [*_who(digest, row), date.isoformat(), *told, chance]

    lead = "People who want to leave home and find no way out, people."
    columns = (*_PLACE, _DATE, *_BAND, ("Chance of any", 14, "0%"))
    return _Sheet("Trapped", columns, rows(), lead)


def _totals(digest: Digest, tells_small: bool) -> _Sheet:
    def rows() -> Iterator[list[Value]]:
        for name in TOTALS:
            quantiles = band(digest.totals[name])
            for day, date in enumerate(digest.dates):
                told = [_people(value, tells_small) for value in quantiles[:, day].tolist()]
                yield [_TOTAL_TITLES[name], date.isoformat(), *told]

    return _Sheet("Totals", (("Quantity", 24, "@"), _DATE, *_BAND), rows(), "All places together, people.")


def _who(digest: Digest, row: int) -> list[Value]:
    place = digest.places[row]
    return [place.name, place.id, place.kind.value]


def _people(value: float, tells_small: bool) -> Value:
    whole = int(np.floor(value + 0.5))
    return f"<{LEAST_TOLD}" if 0 < whole < LEAST_TOLD and not tells_small else whole


# --- the sheets of the needs ---------------------------------------------------------------------------
def _needs_sheets(needs: Needs, tells_small: bool) -> Iterator[_Sheet]:
    days, every = _days_told(needs)
    amount = "#,##0.###"
    quantiles = tuple((name, 13, amount) for name in _QUANTILES)
    columns = (
        ("Place", 34, "@"), ("P-code", 12, "@"), ("Group", 22, "@"), _DATE,
        ("Indicator", 22, "@"), ("Title", 40, "@"), ("Unit", 16, "@"), *quantiles,
    )  # fmt: skip
    rows = (_worded(row) for row in need_rows(needs, tells_small=tells_small, days=days))
    yield _Sheet("Needs", columns, rows, f"What people need at each place. {every}.")
    gap_columns = (
        ("Place", 34, "@"), ("P-code", 12, "@"), ("What", 16, "@"), ("Title", 44, "@"), ("Unit", 14, "@"),
        _DATE, ("Available", 13, amount), *quantiles, ("Chance that day", 16, "0%"),
        ("Chance by then", 16, "0%"),
    )  # fmt: skip
    rows = (_worded(row) for row in gap_rows(needs, tells_small=tells_small, days=days))
    lead = f"What is missing against stated capacities and stocks. {every}."
    yield _Sheet("Gaps", gap_columns, rows, lead)
    yield _standards(needs)


def _days_told(needs: Needs) -> tuple[list[int], str]:
    """Return the days on the sheets of needs, and what to call them."""
    last = len(needs.dates) - 1
    days: list[int] = []
    for step in _STEPS:
        days = sorted({*range(0, last, step), last})
        if len(needs.rows) * len(days) <= MOST_ROWS:
            break
    every = _STEPS[step]
    return days, every if step == 1 else f"{every}; the CSV file has every day"


def _worded(row: tuple[Value, ...]) -> list[Value]:
    return ["All places together" if row[0] == TOTAL else row[0], *row[1:]]


def _standards(needs: Needs) -> _Sheet:
    columns = (
        ("Indicator", 22, "@"), ("Title", 38, "@"), ("Value", 14, "@"), ("Unit", 10, "@"), ("Per", 22, "@"),
        ("Phase", 10, "@"), ("Months", 18, "@"), ("Weight of one, kg", 18, "0.###"), ("Weight from", 40, "@"),
        ("Rests on", 20, "@"), ("Source", 60, "@"), ("Address", 60, "@"), ("Note", 80, "@"),
    )  # fmt: skip
    rows: list[list[Value]] = [
        [
            row.indicator, row.title, row.value_in_words, row.unit, row.per, row.phase, _months(row.months),
            row.kg or None, row.kg_source, row.basis, row.source, row.url, row.note,
        ]
        for row in needs.standards.rows
    ]  # fmt: skip
    for setting in needs.standards.settings.values():
        said = [setting.indicator, "setting", f"{setting.value:g}", setting.unit, "", "", "", None, ""]
        rows.append([*said, setting.basis, setting.source, "", setting.note])
    return _Sheet("Standards", columns, rows, f"Standards {needs.standards.name}.")


def _months(months: frozenset[int]) -> str:
    return "all" if len(months) == 12 else ", ".join(str(month) for month in sorted(months))


# --- cells ------------------------------------------------------------------------------------------------
def _write_sheet(sheet: WriteOnlyWorksheet, made: _Sheet) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for column, (_, width, _) in enumerate(made.columns, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "B3"
    sheet.print_title_rows = "1:2"
    _fit_to_page(sheet)
    sheet.append([_text(sheet, made.lead)])
    bold, grey = Font(name=_FONT, bold=True, size=11), PatternFill("solid", fgColor="E6E6E6")
    header = [_text(sheet, title) for title, _, _ in made.columns]
    for cell, (_, _, style) in zip(header, made.columns, strict=True):
        cell.font, cell.fill = bold, grey
        cell.alignment = Alignment(horizontal="left" if style in ("@", _DAY) else "right")
    sheet.append(header)
    columns = [_Column(sheet, style) for _, _, style in made.columns]
    n_rows = 2
    for row in made.rows:
        sheet.append([column.cell(value) for column, value in zip(columns, row, strict=True)])
        n_rows += 1
    sheet.auto_filter.ref = f"A2:{get_column_letter(len(made.columns))}{n_rows}"


def _fit_to_page(sheet: WriteOnlyWorksheet) -> None:
    """Print all columns on one page, lying."""
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0


class _Column:
    """Makes the cells of one column; each is written at once, so that all rows share one object."""

    def __init__(self, sheet: WriteOnlyWorksheet, style: str) -> None:
        from openpyxl.cell import WriteOnlyCell

        self._sheet = sheet
        self._shared = WriteOnlyCell(sheet)
        self._shared.number_format = style
        self._is_date = style == _DAY

    def cell(self, value: Value) -> WriteOnlyCell | None:
        """Return a cell that holds the value; None for an empty one."""
        if value is None or value == "":
            return None
        if self._is_date and isinstance(value, str):
            self._shared.value = dt.date.fromisoformat(value)
            self._shared.number_format = _DAY
            return self._shared
        if isinstance(value, str) and value.startswith(FORMULA_SIGNS):
            return _text(self._sheet, value)
        self._shared.value = _clean(value) if isinstance(value, str) else value
        if isinstance(value, str):
            self._shared.data_type = "s"
        return self._shared


def _text(sheet: WriteOnlyWorksheet, words: str) -> WriteOnlyCell:
    """Return a cell that holds text whatever the text looks like: never a formula, never an error value."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=_clean(words))
    cell.data_type = "s"
    if words.startswith(FORMULA_SIGNS):
        cell.quotePrefix = True
    return cell


def _clean(words: str) -> str:
    """Return a text that a workbook can hold."""
    return _NOT_PRINTABLE.sub(" ", words)[:_LONGEST_TEXT]
