"""Cells as values: whole numbers, numbers and dates, each with a message that names what was found
and expected.

The readings are those of Flee (blanks around a number are allowed, a date is YYYY-MM-DD); what Flee
would stumble over is a fault. Every function returns None after reporting a fault, so that its
caller goes on with the next cell.
"""

from __future__ import annotations

import datetime as dt
import math
import re

from corridor.formats.flee.lines import Faults, Line

#: No count of people, days or places comes near this.
TOO_LARGE = 10**12
_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def is_number(text: str) -> bool:
    """True if a text is a decimal number of a size that counts and shares have."""
    return bool(_NUMBER.fullmatch(text.strip())) and abs(float(text)) < TOO_LARGE


def whole(text: str) -> int | None:
    """Return a whole number, one of more digits than anybody counts as a thousandfold `TOO_LARGE`."""
    if not _WHOLE.fullmatch(text):
        return None
    digits = text.lstrip("+-0")
    size = int(digits or "0") if len(digits) < 20 else 1000 * TOO_LARGE
    return -size if text.startswith("-") else size


def cell_of(line: Line, cell: int) -> str:
    """Return a cell, or "" where the line is shorter."""
    return line.cells[cell] if cell < len(line.cells) else ""


def whole_number(
    line: Line,
    cell: int,
    faults: Faults,
    *,
    what: str,
    code: str,
    low: int | None = None,
    empty: int | None = None,
    hint: str = "",
) -> int | None:
    """Read a whole number >= ``low``; an empty cell counts as ``empty`` where that is given."""
    text = cell_of(line, cell).strip()
    if not text and empty is not None:
        return empty
    expected = "a whole number" if low is None else f"a whole number of {low} or more"
    found = whole(text)
    if found is not None and (low is None or found >= low):
        if abs(found) < TOO_LARGE:
            return found
        expected = f"{expected}, and below {TOO_LARGE:.0e}"
    faults.add(
        code,
        f"{what} is '{text}'; it must be {expected}",
        line=line,
        cell=cell,
        hint=hint or _repair(text, low),
    )
    return None


def _repair(text: str, low: int | None) -> str:
    """Return how to write a number that is meant to be whole; nothing if that would not do, either."""
    meant = -1.0
    if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+", text):
        meant = float(text.replace(",", ""))
    elif _NUMBER.fullmatch(text) and not _WHOLE.fullmatch(text):
        meant = float(text)
    would_do = meant.is_integer() and max(0, low or 0) <= meant < TOO_LARGE
    return f"write {int(meant)}" if would_do else ""


def number(
    line: Line,
    cell: int,
    faults: Faults,
    *,
    what: str,
    code: str,
    low: float = -math.inf,
    above: float = -math.inf,
    high: float = math.inf,
    empty: float | None = None,
    expected: str = "a number",
) -> float | None:
    """Read a finite number with ``low <= x <= high`` and ``x > above``."""
    text = cell_of(line, cell).strip()
    if not text and empty is not None:
        return empty
    if _NUMBER.fullmatch(text):
        value = float(text)
        if low <= value <= high and value > above:
            if abs(value) < TOO_LARGE:
                return value
            expected = f"{expected}, and below {TOO_LARGE:.0e}"
    hint = "write the decimal point as '.'" if re.fullmatch(r"[0-9]+,[0-9]+", text) else ""
    faults.add(code, f"{what} is '{text}'; it must be {expected}", line=line, cell=cell, hint=hint)
    return None


def date(line: Line, cell: int, faults: Faults, *, what: str, code: str, hint: str = "") -> dt.date | None:
    """Read a date written YYYY-MM-DD."""
    text = cell_of(line, cell).strip()
    try:
        if _ISO_DATE.fullmatch(text):
            return dt.date.fromisoformat(text)
    except ValueError as error:
        hint = str(error)
    message = f"{what} is '{text}'; it must be a date YYYY-MM-DD"
    faults.add(code, message, line=line, cell=cell, hint=hint or _date_repair(text))
    return None


def _date_repair(text: str) -> str:
    short = re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", text)
    if short:
        return f"write {short[1]}-{short[2]:0>2}-{short[3]:0>2}"
    european = re.fullmatch(r"([0-9]{1,2})[./]([0-9]{1,2})[./]([0-9]{4})", text)
    return (
        f"write {european[3]}-{european[2]:0>2}-{european[1]:0>2}, if the day comes first" if european else ""
    )
