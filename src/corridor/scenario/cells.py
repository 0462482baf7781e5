"""The cells of one row as typed values: text in, numbers, dates and names out, each fault with its spot.

A cell at fault stands in as a harmless value, so that the other cells of its row are still checked; the
caller drops a row in which a fault was found. Knows no file's columns.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from corridor.problems import did_you_mean
from corridor.scenario.findings import Findings
from corridor.scenario.model import Value
from corridor.scenario.numbers import (
    date_hint,
    is_dotted_thousands,
    is_not_finite,
    number_hint,
    read_date,
    read_number,
)
from corridor.scenario.tables import Row
from corridor.scenario.values import PEOPLE, PERCENT, Allowed, ValueUses

Choice = TypeVar("Choice", bound=StrEnum)


class RowReader:
    """Reads one row; what cannot be read is reported to ``uses.findings``."""

    def __init__(self, row: Row, uses: ValueUses) -> None:
        self.row = row
        self.uses = uses
        self.findings: Findings = uses.findings

    def text(self, column: str) -> str:
        """Return the text of an optional cell."""
        return self.row[column]

    def needed_text(self, column: str) -> str:
        """Return the text of a cell that must not be blank."""
        if not self.row[column]:
            self._fault("cell-empty", column, f"{column} is blank; it is needed")
        return self.row[column]

    def claims(self, column: str = "claims") -> tuple[str, ...]:
        """Return claim ids, written with ; between them."""
        return tuple(part.strip() for part in self.row[column].split(";") if part.strip())

    def choice(self, column: str, kinds: type[Choice]) -> Choice:
        """Return one of the words of ``kinds``."""
        return kinds(self.word(column, tuple(kinds)))

    def word(self, column: str, words: tuple[str, ...], default: str = "") -> str:
        """Return one of ``words``; a blank cell gives ``default``, or is a fault where there is none."""
        text = self.row[column]
        if not text and default:
            return default
        if text not in words and self.needed_text(column):
            known = ", ".join(words)
            message = f"{column} is '{text}'; it must be one of {known}"
            self._fault("not-a-choice", column, message, did_you_mean(text, words))
        return text if text in words else words[0]

    def number(self, column: str, allowed: Allowed) -> float:
        """Return a number that must be there."""
        text = self.needed_text(column)
        number = self._number(column, text, allowed) if text else None
        return max(allowed.low, 0.0) if number is None else number

    def number_or_none(self, column: str, allowed: Allowed) -> float | None:
        """Return a number, or None for a blank cell."""
        return self._number(column, self.row[column], allowed) if self.row[column] else None

    def whole(self, column: str) -> int:
        """Return a whole number of people that must be there."""
        number = self.number(column, PEOPLE)
        if number != int(number):
            self._fault("not-whole", column, f"{column} is '{self.row[column]}'; it must be a whole number")
        return int(number)

    def date(self, column: str, *, month_will_do: bool = False) -> dt.date:
        """Return a date that must be there."""
        if not self.needed_text(column):
            return dt.date.min
        return self.date_or_none(column, month_will_do=month_will_do) or dt.date.min

    def date_or_none(self, column: str, *, month_will_do: bool = False) -> dt.date | None:
        """Return a date, None for a blank cell. A month is its first day where ``month_will_do``."""
        text = self.row[column]
        date = read_date(text)
        if not text or date:
            return date
        first_of_month = read_date(f"{text}-01") if month_will_do else None
        if first_of_month:
            self.findings.note(
                f"{self.row.file}: a month taken as its first day", f"{text} in line {self.row.line}"
            )
            return first_of_month
        message = f"{column} is '{text}'; it must be a date such as 2016-10-19"
        self._fault("not-a-date", column, message, date_hint(text))
        return None

    def yes_or_no(self, column: str) -> bool:
        """Return True for yes; blank means no."""
        return self.word(column, ("no", "yes"), default="no") == "yes"

    def value(self, column: str, allowed: Allowed, range_name: Callable[[], str]) -> Value | None:
        """Return a number or the name of a prior, None for a blank cell.

        ``range_name`` names the prior that stands for a cell written as low..high.
        """
        text = self.row[column]
        if not text:
            return None
        if text in self.uses.declared:
            self.uses.use(text, allowed, self.row.spot(column), column)
            return text
        low, dots, high = text.partition("..")
        if dots:
            return self._range(column, low.strip(), high.strip(), allowed, range_name())
        if _looks_like_a_number(text):
            return self._number(column, text, allowed)
        self.uses.use(text, allowed, self.row.spot(column), column)
        return text

    def _range(self, column: str, low: str, high: str, allowed: Allowed, name: str) -> Value | None:
        ends = self._number(column, low, allowed), self._number(column, high, allowed)
        if ends[0] is None or ends[1] is None:
            return None
        if ends[0] > ends[1]:
            message = f"{column} is '{self.row[column]}'; the lower end stands first"
            self._fault("range-order", column, message, f"write {high}..{low}")
            return None
        spot = self.row.spot(column)
        self.uses.add_range(name, ends[0], ends[1], allowed.unit, self.claims(), spot)
        return name

    def _number(self, column: str, text: str, allowed: Allowed) -> float | None:
        counts_people = allowed.unit.startswith("people")
        comma_is_decimal = self.row.separator_at(column) != ","
        read = read_number(text, comma_is_decimal=comma_is_decimal, counts_people=counts_people)
        if read is None and is_not_finite(text):
            message = f"{column} is '{text}'; it must be a finite number"
            self._fault("not-finite", column, message)
        elif read is None and counts_people and is_dotted_thousands(text):
            message = f"{column} is '{text}', which may mean a thousand times more or less"
            self._fault("number-ambiguous", column, message, number_hint(text))
        elif read is None:
            message = f"{column} is '{text}'; it must be {allowed.in_words()}"
            hint = number_hint(text, in_percent=allowed == PERCENT)
            self._fault("not-a-number", column, message, hint)
        elif not math.isfinite(read.value):
            self._fault("not-finite", column, f"{column} is '{text}'; it must be a finite number")
        elif not allowed.holds(read.value):
            self._fault("out-of-range", column, f"{column} is '{text}'; it must be {allowed.in_words()}")
        else:
            if read.how != "plain":
                example = f"'{text}' in line {self.row.line} taken as {read.value:.15g}"
                self.findings.note(f"{self.row.file}: {read.how} in {column}", example)
            return read.value
        return None

    def _fault(self, code: str, column: str, message: str, hint: str = "") -> None:
        """Report a fault of a cell; a column that is missing was reported once, with the header."""
        if self.row.has(column):
            self.findings.fault(code, self.row.spot(column), message, hint)


def _looks_like_a_number(text: str) -> bool:
    return text.lstrip("+-.,")[:1].isdigit() or is_not_finite(text)
