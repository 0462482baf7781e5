"""Counts set against an ensemble: for every count the bands it was forecast to lie in, and where it lay.

Takes the simulated people of one site (or a total) as ``[member, date]`` and dated counts; gives a row per
count. It is how the counts of a crisis are laid over the bands of its forecast.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from corridor.verify.scores import central_band, crps_from_samples


@dataclass(frozen=True, slots=True)
class CountScore:
    """One count against the members on its date; people, unless said otherwise."""

    date: dt.date
    people: int
    q05: float
    q25: float
    median: float
    q75: float
    q95: float
    in_50: bool  # inside the central 50 % band, ends included
    in_90: bool
    pit: float  # share of members below the count, those equal to it counted half; 0..1
    crps: float


@dataclass(frozen=True, slots=True)
class CountScores:
    """The scored counts in order of date, and the counts that could not be scored."""

    rows: tuple[CountScore, ...]
    left_out: tuple[tuple[dt.date, int], ...]  # on or before the issue date, or beyond the last date

    @property
    def coverage_50(self) -> float:
        """Share of counts inside the 50 % band; NaN without counts."""
        return _share([row.in_50 for row in self.rows])

    @property
    def coverage_90(self) -> float:
        """Share of counts inside the 90 % band; NaN without counts."""
        return _share([row.in_90 for row in self.rows])

    @property
    def rcrps(self) -> float:
        """Sum of the CRPS by the sum of the counts; NaN if nobody was counted."""
        counted = sum(row.people for row in self.rows)
        return sum(row.crps for row in self.rows) / counted if counted else float("nan")


def score_counts(
    samples: ArrayLike, dates: Sequence[dt.date], counts: Iterable[tuple[dt.date, int]]
) -> CountScores:
    """Set counts against an ensemble.

    Parameters
    ----------
    samples : float[member, date]
        People simulated; the first date is the issue date, the state before the first step.
    dates : list of date
        One for each column, a day apart.
    counts : (date, people)
        In any order. Those on or before the issue date were known to the forecast and are left out.

    Raises
    ------
    ValueError
        If the shape of ``samples`` does not match, or the dates are not one day apart.

    >>> days = [dt.date(2020, 1, 1), dt.date(2020, 1, 2)]
    >>> scores = score_counts([[0, 10], [0, 20], [0, 30], [0, 40]], days, [(days[1], 20)])
    >>> scores.rows[0].in_50, scores.rows[0].pit, scores.rows[0].crps
    (True, 0.375, 3.75)
    """
    members = np.asarray(samples, float)
    if members.ndim != 2 or members.shape[0] == 0 or members.shape[1] != len(dates):
        raise ValueError(
            f"samples is {members.shape}; (members, {len(dates)}) was expected, with a member or more"
        )
    if any((after - before).days != 1 for before, after in pairwise(dates)):
        raise ValueError("dates must be one day apart, in order")
    column = {date: index for index, date in enumerate(dates) if index > 0}
    in_order = sorted(counts)
    rows = tuple(
        _score(members[:, column[date]], date, people) for date, people in in_order if date in column
    )
    return CountScores(rows, tuple(count for count in in_order if count[0] not in column))


def _score(members: np.ndarray[tuple[int], np.dtype[np.float64]], date: dt.date, people: int) -> CountScore:
    ordered = np.sort(members)
    (q25, q75), (q05, q95) = central_band(ordered, 0.5), central_band(ordered, 0.9)
    below, equal = float(np.mean(ordered < people)), float(np.mean(ordered == people))
    return CountScore(
        date=date,
        people=people,
        q05=float(q05),
        q25=float(q25),
        median=float(central_band(ordered, 0.0)[0]),
        q75=float(q75),
        q95=float(q95),
        in_50=bool(q25 <= people <= q75),
        in_90=bool(q05 <= people <= q95),
        pit=below + equal / 2,
        crps=float(crps_from_samples(ordered, people)),
    )


def _share(held: list[bool]) -> float:
    return sum(held) / len(held) if held else float("nan")
