"""Needs as plain rows, for a CSV file or the sheet of a workbook: one row a place, group, indicator and day.

Numbers are exact; a number behind which stand fewer than ten people is told as text unless small numbers are
wanted. Words that a spreadsheet would run as a formula are written so that it shows them.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from corridor.needs.needs import TOTAL, Gap, Need, Needs
from corridor.needs.triggers import Outcome
from corridor.problems import CorridorRuntimeError

#: Stands for a number behind which there are fewer than ten people, and not nobody.
MASK = "<10 people"
HEADER = ("place", "place_id", "group", "date", "indicator", "title", "unit",
          "q05", "q25", "q50", "q75", "q95")  # fmt: skip
GAP_HEADER = ("place", "place_id", "indicator", "title", "unit", "date", "available",
              "q05", "q25", "q50", "q75", "q95", "chance_that_day", "chance_by_then")  # fmt: skip
#: With these a spreadsheet takes a text for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")

Cell = str | float | int


def need_rows(
    needs: Needs, *, tells_small: bool = False, days: Sequence[int] | None = None
) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `HEADER`; all days if none are named."""
    for need in needs.rows:
        for day in range(len(needs.dates)) if days is None else days:
            date = needs.dates[day].isoformat()
            who = (need.place, need.place_id, need.group)
            yield (*who, date, need.indicator, need.title, need.unit, *_told(need, day, tells_small))


def gap_rows(
    needs: Needs, *, tells_small: bool = False, days: Sequence[int] | None = None
) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `GAP_HEADER`; all days if none are named."""
    for gap in needs.gaps:
        for day in range(len(needs.dates)) if days is None else days:
            what = (gap.place, gap.place_id, gap.indicator, gap.title, gap.unit)
            chances = (round(float(gap.short_on[day]), 4), round(float(gap.short_by[day]), 4))
            there = float(gap.available[day])
            yield (*what, needs.dates[day].isoformat(), there, *_told(gap, day, tells_small), *chances)


def _told(row: Need | Gap, day: int, tells_small: bool) -> list[Cell]:
    pairs = zip(row.quantiles[:, day].tolist(), row.is_small[:, day].tolist(), strict=True)
    return [MASK if small and not tells_small else _plain(value) for value, small in pairs]


def _plain(value: float) -> Cell:
    """Return a number without a tail of digits that mean nothing."""
    short = round(value, 3)
    return int(short) if short == int(short) else short


def write_needs_csv(needs: Needs, path: str | Path, *, tells_small: bool = False) -> Path:
    """Write the needs as CSV (UTF-8), aside first and then moved into place.

    Raises
    ------
    CorridorRuntimeError
        If the file cannot be written; nothing is left behind.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for row in need_rows(needs, tells_small=tells_small):
        writer.writerow([harmless(cell) for cell in row])
    return _write_aside(text.getvalue(), Path(path))


def harmless(cell: Cell) -> Cell:
    """Return a cell that no spreadsheet runs as a formula: such a text gets a leading apostrophe.

    >>> harmless("=1+1"), harmless("Khazer"), harmless(-5)
    ("'=1+1", 'Khazer', -5)
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS) else cell


def _write_aside(text: str, target: Path) -> Path:
    aside = target.with_name(f".{target.name}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(text, "utf-8", newline="")
        os.replace(aside, target)
    except OSError as error:
        with suppress(OSError):
            aside.unlink()
        raise CorridorRuntimeError(f"'{target}' could not be written: {error}") from error
    return target


def place_words(place: str) -> str:
    """Return a place's name for a reader: the sum over places gets words."""
    return "All places together" if place == TOTAL else place


TRIGGER_HEADER = ("rule", "date", "chance_that_day", "chance_by_then")


def write_triggers_csv(outcomes: Sequence[Outcome], path: str | Path) -> Path:
    """Write the chance of each trigger by day as CSV (UTF-8), aside first and then moved into place.

    Raises
    ------
    CorridorRuntimeError
        If the file cannot be written; nothing is left behind.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(TRIGGER_HEADER)
    for outcome in outcomes:
        chances = zip(outcome.dates, outcome.holds_on.tolist(), outcome.fired_by.tolist(), strict=True)
        for date, that_day, by_then in chances:
            row = (outcome.trigger.rule, date.isoformat(), round(that_day, 4), round(by_then, 4))
            writer.writerow([harmless(cell) for cell in row])
    return _write_aside(text.getvalue(), Path(path))
