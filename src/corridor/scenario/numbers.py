"""Numbers and dates as people type them: text in, a value out, or a hint at what was meant.

Thousands separators and decimal commas are understood where they are unambiguous. Nothing here knows a file
or a column; who calls words the problem and notes what was taken for what.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_BLANKS = " \u00a0\u2009\u202f"  # blank, no-break, thin and narrow no-break blank
_THOUSANDS = re.compile(rf"[+-]?\d{{1,3}}([,'’٬{_BLANKS}])\d{{3}}(\1\d{{3}})*(\.\d+)?")
_DOTTED_THOUSANDS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+")
_DECIMAL_COMMA = re.compile(rf"[+-]?(\d+|\d{{1,3}}([.'’{_BLANKS}])\d{{3}}(\2\d{{3}})*),\d+")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
#: Day 0 of the day numbers of spreadsheets.
_SPREADSHEET_DAY_0 = dt.date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class ReadNumber:
    """A number and how its text was read."""

    value: float
    how: Literal["plain", "thousands", "decimal comma"] = "plain"


def read_number(
    text: str, *, comma_is_decimal: bool = False, counts_people: bool = False
) -> ReadNumber | None:
    """Read a number; None where ``text`` is none, or could mean two numbers a thousandfold apart.

    >>> read_number("1,200")
    ReadNumber(value=1200.0, how='thousands')
    >>> read_number("36,19", comma_is_decimal=True)
    ReadNumber(value=36.19, how='decimal comma')
    >>> read_number("1.200", counts_people=True) is None
    True
    """
    if counts_people and is_dotted_thousands(text):
        return None
    if _PLAIN.fullmatch(text):
        return ReadNumber(float(text))
    thousands = _THOUSANDS.fullmatch(text)
    if comma_is_decimal and _DECIMAL_COMMA.fullmatch(text) and not (counts_people and thousands):
        whole, _, fraction = text.rpartition(",")
        return ReadNumber(float(f"{_without_separators(whole)}.{fraction}"), "decimal comma")
    return ReadNumber(float(text.replace(thousands[1], "")), "thousands") if thousands else None


def is_dotted_thousands(text: str) -> bool:
    """Tell whether ``text`` reads like 1.200, which is 1200 to some people and 1.2 to others."""
    return _DOTTED_THOUSANDS.fullmatch(text) is not None


def is_not_finite(text: str) -> bool:
    """Tell whether ``text`` is one of the spellings of infinity and of "not a number"."""
    return text.casefold().lstrip("+-.") in {"inf", "infinity", "nan"}


def number_hint(text: str, *, in_percent: bool = False) -> str:
    """Return the likeliest number behind a text that is none, or ""; in percent if that is asked for."""
    if is_dotted_thousands(text):
        return f"write {text.replace('.', '')} or {float(text.split('.')[0] + '.' + text.split('.')[1]):g}"
    if read := read_number(text):
        return f"write {read.value:.15g}"
    if re.fullmatch(r"\d+,\d+", text):
        return f"write {text.replace(',', '.')}"
    if match := re.fullmatch(r"(\d+(?:\.\d+)?) ?%", text):
        return f"write {float(match[1]) / (1 if in_percent else 100):g}"
    if match := re.match(r"[+-]?\d+(\.\d+)?(?=\s*[^\d\s.,])", text):
        return f"write the number alone: {match[0]}"
    return ""


def read_date(text: str) -> dt.date | None:
    """Read a date written as 2016-10-19; None where ``text`` is none.

    >>> read_date("2016-10-19")
    datetime.date(2016, 10, 19)
    """
    if not _ISO_DATE.fullmatch(text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def date_hint(text: str) -> str:
    """Return how a date in another form, or one the calendar lacks, would be written.

    >>> date_hint("19/10/2016")
    'write 2016-10-19'
    """
    if match := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text):
        first, second, year = (int(part) for part in match.groups())
        return _either([(year, second, first), (year, first, second)])
    if match := re.fullmatch(r"(\d{4})[/.-]?(\d{1,2})[/.-]?(\d{1,2})(?:[T ].*)?", text):
        year, month, day = (int(part) for part in match.groups())
        return _either([(year, month, day)]) or "months go from 01 to 12, days to the end of the month"
    if re.fullmatch(r"[34]\d{4}", text):
        day_written = _SPREADSHEET_DAY_0 + dt.timedelta(days=int(text))
        return f"if this is the day number of a spreadsheet, write {day_written.isoformat()}"
    return "write year-month-day, as in 2016-10-19"


def _either(candidates: list[tuple[int, int, int]]) -> str:
    texts = [f"{year:04}-{month:02}-{day:02}" for year, month, day in candidates]
    dates = list(dict.fromkeys(text for text in texts if read_date(text)))
    return f"write {' or '.join(dates)}" if dates else ""


def _without_separators(text: str) -> str:
    return re.sub(rf"[.'’{_BLANKS}]", "", text)
