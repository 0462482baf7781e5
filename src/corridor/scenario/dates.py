"""The date of an event as its author wrote it: a text such as ``city_entry+14`` in, a sum of terms out.

Terms are joined by + or -. The first is a date, a range of dates or a prior of unit date; the others are
whole numbers of days or priors of unit day. Says what a date can be at the earliest and the latest; draws
nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from corridor.problems import did_you_mean
from corridor.scenario.cells import RowReader
from corridor.scenario.model import DateTerm, Prior
from corridor.scenario.numbers import date_hint, read_date
from corridor.scenario.values import UNIT_SPELLINGS, support

_ISO = r"\d{4}-\d{1,2}-\d{1,2}"
_FIRST_DATE = re.compile(rf"(?P<low>{_ISO})(?:\s*\.\.\s*(?P<high>{_ISO}))?(?=\s*(?:[+-]|$))")
_DAYS = re.compile(r"\d{1,6}(?=\s*(?:[+-]|$))")
_SIGN = re.compile(r"\s*([+-])\s*")
_WORD = re.compile(r"[^+-]+")

_BEYOND_CALENDARS = 1e9  # days

_GRAMMAR = "write a date, earliest..latest or a prior of unit date; then + or - days or a prior of unit day"


@dataclass(frozen=True, slots=True)
class _Written:
    """One term as written, before its meaning is looked up."""

    sign: Literal[1, -1]
    text: str


def read_event_date(reader: RowReader, column: str, range_name: Callable[[], str]) -> tuple[DateTerm, ...]:
    """Read the date of an event; () where a fault was found.

    ``range_name`` names the prior that stands for a date written as earliest..latest.
    """
    text = reader.needed_text(column)
    if not text:
        return ()
    terms = _split_terms(text, reader.uses.declared)
    if not terms:
        _report(reader, column, f"date is '{text}', which cannot be read", _GRAMMAR)
        return ()
    first = _read_first(reader, column, terms[0].text, range_name)
    others = [_read_offset(reader, column, term) for term in terms[1:]]
    if first is None or any(term is None for term in others):
        return ()
    return (first, *(term for term in others if term is not None))


def earliest_and_latest(when: tuple[DateTerm, ...], priors: dict[str, Prior]) -> tuple[int, int] | None:
    """Return the ordinals between which a date lies; None where one of its priors is unknown or at fault."""
    if not when:
        return None
    earliest = latest = 0.0
    for term in when:
        low = high = float(term.days)
        if term.prior:
            if term.prior not in priors:
                return None
            low, high = (_within_calendars(end) for end in support(priors[term.prior]))
        earliest += min(term.sign * low, term.sign * high)
        latest += max(term.sign * low, term.sign * high)
    return round(earliest), round(latest)


def _within_calendars(days: float) -> float:
    """Return ``days``, or a number beyond all calendars where it is beyond them."""
    return min(max(days, -_BEYOND_CALENDARS), _BEYOND_CALENDARS)


def _split_terms(text: str, declared: frozenset[str]) -> list[_Written]:
    """Split at + and -, but not within dates or names of priors; [] where the text breaks off."""
    terms: list[_Written] = []
    sign: Literal[1, -1] = 1
    at = 0
    while True:
        length = _term_length(text, at, declared, is_first=not terms)
        term = text[at : at + length].strip()
        if not term:
            return []
        terms.append(_Written(sign, term))
        at += length
        joint = _SIGN.match(text, at)
        if joint is None:
            return terms
        sign, at = (1 if joint[1] == "+" else -1), joint.end()


def _term_length(text: str, at: int, declared: frozenset[str], *, is_first: bool) -> int:
    if is_first and (match := _FIRST_DATE.match(text, at)):
        return len(match[0])
    named = [name for name in declared if text.startswith(name, at) and _ends_term(text, at + len(name))]
    if named:
        return max(len(name) for name in named)
    match = _DAYS.match(text, at) or _WORD.match(text, at)
    return len(match[0]) if match else 0


def _ends_term(text: str, at: int) -> bool:
    return at == len(text) or _SIGN.match(text, at) is not None


def _read_first(reader: RowReader, column: str, text: str, range_name: Callable[[], str]) -> DateTerm | None:
    match = _FIRST_DATE.fullmatch(text)
    if match is None:
        return _read_prior(reader, column, text, "date", 1)
    dates = [_read_day(reader, column, part) for part in match.groups() if part]
    if None in dates:
        return None
    days = [date.toordinal() for date in dates if date]
    if len(days) == 1:
        return DateTerm(days=days[0])
    if days[0] > days[1]:
        _report(reader, column, f"date is '{text}'; the earlier date stands first", "")
        return None
    name = range_name()
    spot = reader.row.spot(column)
    reader.uses.add_range(name, days[0], days[1], "date", reader.claims(), spot)
    return DateTerm(prior=name)


def _read_offset(reader: RowReader, column: str, term: _Written) -> DateTerm | None:
    if _DAYS.fullmatch(term.text):
        return DateTerm(days=int(term.text), sign=term.sign)
    return _read_prior(reader, column, term.text, "day", term.sign)


def _read_day(reader: RowReader, column: str, text: str) -> dt.date | None:
    date = read_date(text)
    if date is None:
        _report(reader, column, f"date is '{text}', which is no day of the calendar", date_hint(text))
    return date


def _read_prior(
    reader: RowReader, column: str, name: str, unit: str, sign: Literal[1, -1]
) -> DateTerm | None:
    """Look up a prior whose unit must be ``unit``; nothing is said of priors that are themselves at fault."""
    uses = reader.uses
    uses.used.add(name)
    spot = reader.row.spot(column)
    if name not in uses.declared and name not in uses.priors:
        if uses.is_known:
            message = f"date has '{name}', which is neither a date nor the name of a prior"
            looks_like_date = unit == "date" and name[:1].isdigit()
            hint = date_hint(name) if looks_like_date else did_you_mean(name, uses.declared) or _GRAMMAR
            uses.findings.fault("not-a-date", spot, message, hint)
        return None
    prior = uses.priors.get(name)
    if prior is not None and prior.unit not in UNIT_SPELLINGS[unit]:
        message = f"date has '{name}', a prior of unit '{prior.unit}'; here its unit must be {unit}"
        uses.findings.fault("prior-unit", spot, message, _GRAMMAR)
        return None
    return DateTerm(prior=name, sign=sign) if prior is not None else None


def _report(reader: RowReader, column: str, message: str, hint: str) -> None:
    reader.findings.fault("not-a-date", reader.row.spot(column), message, hint)
