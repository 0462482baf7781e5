"""How much a crowd needs: people by member and day, and the rows of one indicator, into amounts.

The people of one place in every member go in, ``[members, days]``; amounts come out on the same axes. What
is counted in whole things is rounded up in every member, before anything is said about all of them: two
half-empty latrines are two latrines. Bands over members are made here too. Reads no file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corridor.needs.standards import DAYS_PER_MONTH, Standard

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Quantiles of every band: 90 % band, 50 % band, middle.
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
#: Rounding up forgives this much, so that 15.000000001 households are 15.
_SLACK = 1e-9


@dataclass(frozen=True)
class Crowd:
    """The people of one place, or of one group there, in every member."""

    people: Ints  # [members, days], at the end of the day
    arrivals: Ints  # [members, days], people who stopped there that day
    is_acute: Bools  # [members, days], True while the acute phase holds
    months: Ints  # [days], 1 to 12
    household_size: float  # people


@dataclass(frozen=True)
class Amounts:
    """What is needed by the low and the high end of a standard, [members, days]; one array if equal."""

    low: Floats
    high: Floats

    @property
    def middle(self) -> Floats:
        """The mean of both ends."""
        return self.low if self.low is self.high else (self.low + self.high) / 2

    def plus(self, other: Amounts) -> Amounts:
        """Return the sum of two."""
        low = self.low + other.low
        is_one = self.low is self.high and other.low is other.high
        return Amounts(low, low if is_one else self.high + other.high)

    def times(self, factor: float) -> Amounts:
        """Return the amounts times a factor."""
        low = self.low * factor
        return Amounts(low, low if self.low is self.high else self.high * factor)

    def rounded_up(self) -> Amounts:
        """Return whole amounts."""
        low = round_up(self.low)
        return Amounts(low, low if self.low is self.high else round_up(self.high))


def round_up(values: Floats) -> Floats:
    """Return the next whole numbers.

    >>> round_up(np.array([0.0, 2.0000000001, 2.01])).tolist()
    [0.0, 2.0, 3.0]
    """
    return np.asarray(np.ceil(values - _SLACK) + 0.0)


def first_day_with_people(people: Ints, before: int | None) -> Ints:
    """Return the day from which the phases of a place count, [members].

    The first day with people. Where people are there on day 0 already it is ``before``, the day on which the
    place opened (0 or less); without one the acute phase counts as over.
    """
    first = np.where(people.any(axis=1), (people > 0).argmax(axis=1), 0)
    long_ago = -(10**6) if before is None else before
    return np.where(people[:, 0] > 0, long_ago, first)


def is_acute(people: Ints, acute_days: int, before: int | None) -> Bools:
    """Return where the acute phase holds: the first ``acute_days`` days with people, [members, days]."""
    since = np.arange(people.shape[1])[None, :] - first_day_with_people(people, before)[:, None]
    return np.asarray(since < acute_days)


def amounts(rows: Sequence[Standard], crowd: Crowd) -> Amounts:
    """Return what a crowd needs of one indicator; 0 on days for which no row holds."""
    low = np.zeros(crowd.people.shape)
    high = low if all(row.low == row.high for row in rows) else low.copy()
    for row in rows:
        holds = _holds(row, crowd)
        ends = (row.high, row.low) if row.is_shared else (row.low, row.high)
        low[holds] = _amount(row, ends[0], crowd)[holds]
        if high is not low:
            high[holds] = _amount(row, ends[1], crowd)[holds]
    return Amounts(low, high)


def _holds(row: Standard, crowd: Crowd) -> Bools:
    in_months = np.isin(crowd.months, list(row.months))[None, :]
    if row.phase == "any":
        return np.broadcast_to(in_months, crowd.people.shape)
    return in_months & (crowd.is_acute if row.phase == "acute" else ~crowd.is_acute)


def _amount(row: Standard, value: float, crowd: Crowd) -> Floats:
    served = _served(row.unit if row.is_shared else row.per, crowd)
    per_day = 1 / DAYS_PER_MONTH if row.per.endswith("/month") else 1.0
    exact = served / value if row.is_shared else served * value * per_day
    return round_up(exact) if row.is_whole else exact


def _served(per: str, crowd: Crowd) -> Floats:
    """Return how many persons, households or sites there are to serve, [members, days]."""
    people = crowd.arrivals if per.startswith("arriving") else crowd.people
    if per.startswith("site"):
        return (people > 0).astype(float)
    if "household" in per:
        return households(people, crowd.household_size)
    return people.astype(float)


def households(people: Ints, household_size: float) -> Floats:
    """Return whole households, rounded up."""
    return round_up(people / household_size)


def band(needed: Amounts, *, is_whole: bool) -> Floats:
    """Return quantiles over members, [levels, days]; whole things are rounded up.

    The k-th of n members stands at (k - 0.5)/n. Where a standard has a low and a high end, the lower half of
    the band is of the low end, the upper half of the high end and the middle of their mean.
    """
    below, middle, above = LEVELS[:2], LEVELS[2:3], LEVELS[3:]
    if needed.low is needed.high:
        quantiles = _quantiles(needed.low, LEVELS)
    else:
        parts = ((needed.low, below), (needed.middle, middle), (needed.high, above))
        quantiles = np.concatenate([_quantiles(values, levels) for values, levels in parts])
    return round_up(quantiles) if is_whole else quantiles


def _quantiles(values: Floats | Ints, levels: Sequence[float]) -> Floats:
    """Return quantiles over members, [levels, days], as NumPy's method "hazen"; sorted by day, for speed."""
    ordered = np.sort(np.ascontiguousarray(values.T), axis=1)  # [days, members]
    last = ordered.shape[1] - 1
    at = np.clip(np.asarray(levels) * (last + 1) - 0.5, 0.0, last)
    below = at.astype(np.int64)
    low = ordered[:, below].astype(np.float64)
    high = ordered[:, np.minimum(below + 1, last)]
    return np.asarray((low + (high - low) * (at - below)).T)


def people_band(people: Ints) -> Floats:
    """Return quantiles of people over members, [levels, days]."""
    return _quantiles(people, LEVELS)
