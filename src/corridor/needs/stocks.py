"""What is already there: a stocks file read and checked, and what it leaves short, member by member.

A row of ``stocks.csv`` gives a quantity of one indicator at a site, or for ``all`` sites, from a date on. Its
unit says what kind it is: ``litres/day`` is a supply of every day, ``litres`` of something needed by the day
is a heap that is used up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corridor.needs.amounts import Floats
from corridor.needs.standards import Standards
from corridor.problems import InputError, Problem
from corridor.scenario.cells import RowReader
from corridor.scenario.findings import Findings
from corridor.scenario.model import Scenario
from corridor.scenario.tables import Row, Shape, read_table
from corridor.scenario.values import Allowed, ValueUses

#: What stands for all sites together in the column ``site``.
ALL = "all"
_QUANTITY = Allowed(high=1e12)


@dataclass(frozen=True, slots=True)
class Stock:
    """A quantity from a day on; ``place`` is a place's name, or `ALL`."""

    place: str
    indicator: str
    quantity: float
    is_heap: bool  # used up by what is needed each day
    day: int  # from 0, the issue date


def load_stocks(path: str | Path, scenario: Scenario, standards: Standards) -> tuple[Stock, ...]:
    """Read a stocks file with the columns site, indicator, quantity, unit, from and note.

    Raises
    ------
    InputError
        With every problem of the file, or if there is none.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError([Problem("file-missing", "", 0, 0, f"there is no file '{path}'")])
    findings = Findings()
    shape = Shape(file.name, ("site", "indicator", "quantity", "unit"), ("from", "note"))
    table = read_table(file.parent, shape, findings)
    rows = table.rows if table and table.is_complete else ()
    stocks = tuple(_read_row(row, scenario, standards, findings) for row in rows)
    if findings.n_faults:
        raise InputError(findings.problems)
    return stocks


def _read_row(row: Row, scenario: Scenario, standards: Standards, findings: Findings) -> Stock:
    cells = RowReader(row, ValueUses(findings))
    place, indicator = cells.needed_text("site"), cells.needed_text("indicator")
    names = [ALL, *(known.name for known in scenario.places)]
    if place and place not in names:
        hint = findings.nearest(place, names)
        findings.fault("place-unknown", row.spot("site"), f"site is '{place}', which is no place", hint)
    known = standards.indicators
    if indicator and indicator not in known:
        hint = findings.nearest(indicator, known) or f"indicators: {', '.join(known)}"
        message = f"'{indicator}' is not an indicator of {standards.name}"
        findings.fault("indicator-unknown", row.spot("indicator"), message, hint)
    unit = cells.needed_text("unit")
    wanted = known[indicator][0].need_unit if indicator in known else unit
    heap = wanted.removesuffix("/day")
    if unit and unit not in (wanted, heap):
        choice = f"'{wanted}'" if heap == wanted else f"'{wanted}', or '{heap}' for a heap that is used up"
        message = f"unit is '{unit}'; {indicator} is in {choice}"
        findings.fault("stock-unit", row.spot("unit"), message)
    day = _day(cells, row, scenario, findings)
    return Stock(place, indicator, cells.number("quantity", _QUANTITY), unit != wanted, day)


def _day(cells: RowReader, row: Row, scenario: Scenario, findings: Findings) -> int:
    date: dt.date | None = cells.date_or_none("from")
    if date is None:
        return 0
    if date > scenario.horizon:
        message = f"from is '{date}', after the last day, {scenario.horizon}"
        findings.fault("stock-late", row.spot("from"), message, "correct the date or delete the row")
    return max(0, (date - scenario.issue_date).days)


def available(stocks: Sequence[Stock], n_days: int) -> Floats:
    """Return what is there by day: supplies of the day, and what was ever put on the heap, [days]."""
    total = np.zeros(n_days)
    for stock in stocks:
        total[min(stock.day, n_days) :] += stock.quantity
    return total


def shortage(needed: Floats, stocks: Sequence[Stock]) -> Floats:
    """Return what is missing, [members, days]; heaps are used once the supply of the day is."""
    n_days = needed.shape[1]
    supply = available([stock for stock in stocks if not stock.is_heap], n_days)
    missing = np.maximum(needed - supply, 0.0)
    delivered = np.diff(available([stock for stock in stocks if stock.is_heap], n_days), prepend=0.0)
    left = np.zeros(needed.shape[0])
    for day in range(n_days):
        left += delivered[day]
        used = np.minimum(left, missing[:, day])
        missing[:, day] -= used
        left -= used
    return np.asarray(missing)
