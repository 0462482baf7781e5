"""A forecast boiled down once: people by place and day, totals, and how likely each site is full by each day.

The words, the table, the terminal page and the report all read from one `Digest`, so that they cannot
disagree. Numbers here are exact; rounding is the work of ``texts``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corridor.ensemble.forecast import AWAY_STATES, FULL_SHARE, STATES, Forecast
from corridor.scenario.model import Place, PlaceKind, Scenario

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Quantiles of every band: 90 % band, 50 % band, middle.
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
#: States of people present at a place and not at home there: docs/law.md, "occupancy".
PRESENT_STATES = ("displaced", "waiting", "in_camp", "in_host_community")
#: Kinds that take people in without being sites.
HOST_KINDS = frozenset({PlaceKind.TOWN, PlaceKind.NEIGHBOURHOOD, PlaceKind.HOST_COMMUNITY})
#: The quantities told for all places together.
TOTALS = ("newly_displaced", "trapped", "left_area", "returned")


@dataclass(frozen=True)
class Dot:
    """One count to set against a band; ``seen`` if the forecast rests on it or it was known before."""

    date: dt.date
    people: int
    seen: bool


@dataclass(frozen=True)
class Digest:
    """The arrays a report is made of, [members, days, places] and [members, days]; day 0 is the issue day."""

    forecast: Forecast
    scenario: Scenario
    dates: tuple[dt.date, ...]
    present: Ints  # people at the place who are not at home there
    arrivals: Ints  # people who stopped at the place that day
    trapped: Ints
    left_area: Ints  # people who have left the area, at the place they went to
    capacity: Ints  # 0 closed, -1 no limit known
    totals: dict[str, Ints]  # by name, see TOTALS
    full_by: Floats  # [days, places]: share of members in which the place has been full on or before that day

    @property
    def n_members(self) -> int:
        """Number of simulated futures."""
        return int(self.present.shape[0])

    @property
    def places(self) -> tuple[Place, ...]:
        """The places, in the order of the arrays."""
        return self.scenario.places

    @property
    def site_rows(self) -> list[int]:
        """Rows of the places that receive people and are counted."""
        return [row for row, place in enumerate(self.places) if place.is_site]

    @property
    def host_rows(self) -> list[int]:
        """Rows of the places that take people in without being sites."""
        return [row for row, place in enumerate(self.places) if place.kind in HOST_KINDS]

    def half_full_day(self, row: int) -> int | None:
        """Return the first day by which the place has been full in half of the futures, or None."""
        return self.day_full_in(row, 0.5)

    def day_full_in(self, row: int, share: float) -> int | None:
        """Return the first day by which the place has been full in this share of the futures, or None."""
        reached = self.full_by[:, row] >= share
        return int(reached.argmax()) if reached.any() else None

    def full_by_in(self, members: Ints) -> Floats:
        """Return `full_by` of some members only."""
        return _full_by(self.capacity[members], self.present[members])

    def usual_capacity(self, row: int, day: int = -1) -> int | None:
        """Return the middle capacity of a place on a day, over members; None where no limit is known."""
        limits = self.capacity[:, day, row]
        known = limits[limits >= 0]
        return int(np.median(known)) if known.size else None

    def capacity_is_exact(self, row: int) -> bool:
        """True if the last capacity is the same in all members, so that all its digits are known."""
        return bool(np.ptp(self.capacity[:, -1, row]) == 0)

    def dots(self, place: str) -> tuple[Dot, ...]:
        """Return the counts of a place, or of ``"total"``, up to the last day, by date.

        Totals are told as people newly displaced since the issue date: the last total counted by then is
        taken off.
        """
        seen_until = self.forecast.known_until
        counts = sorted(
            (c.date, c.people) for c in self.scenario.counts if c.place == place and c.date <= self.dates[-1]
        )
        base = self.base_total() if place == "total" else 0
        kept = [(date, people - base) for date, people in counts if people >= base]
        return tuple(Dot(date, people, date <= seen_until) for date, people in kept)

    def base_total(self) -> int:
        """Return the last total counted on or before the issue date; 0 if there is none."""
        issue = self.scenario.issue_date
        known = [
            (count.date, count.people)
            for count in self.scenario.counts
            if count.place == "total" and count.date <= issue
        ]
        return max(known)[1] if known else 0


def make_digest(forecast: Forecast) -> Digest:
    """Boil a forecast down to what is told of it."""
    stocks = forecast.array("stocks")
    sums = _sums_of(stocks)
    present, trapped, away, left_area, returned = (sums[name] for name in _SUMMED)
    everyone_away = away.sum(axis=2)
    totals = {
        "newly_displaced": np.maximum(everyone_away - everyone_away[:, :1], 0),
        "trapped": trapped.sum(axis=2),
        "left_area": left_area.sum(axis=2),
        "returned": returned.sum(axis=2),
    }
    capacity = forecast.array("capacity").astype(np.int64)
    full_by = _full_by(capacity, present)
    dates = tuple(day.astype(dt.date) for day in forecast.dates)
    arrivals = forecast.array("arrivals").astype(np.int64)
    scenario = forecast.scenario
    return Digest(forecast, scenario, dates, present, arrivals, trapped, left_area, capacity, totals, full_by)


def _full_by(capacity: Ints, present: Ints) -> Floats:
    """Return the share of members in which a place has been full by each day, [days, places]."""
    is_full = (capacity > 0) & (present >= FULL_SHARE * capacity)
    return np.asarray(np.maximum.accumulate(is_full, axis=1).mean(axis=0))


#: What is summed over groups and states for every place and day.
_SUMMED: dict[str, tuple[str, ...]] = {
    "present": PRESENT_STATES,
    "trapped": ("trapped",),
    "away": AWAY_STATES,
    "left_area": ("left_area",),
    "returned": ("returned",),
}


def _sums_of(stocks: NDArray[np.int32]) -> dict[str, Ints]:
    """Return people by each of `_SUMMED`, summed over groups, [members, days, places].

    Member by member, so that the numbers summed are near each other in memory and few at a time.
    """
    made = {name: np.empty(stocks.shape[:3], np.int64) for name in _SUMMED}
    columns = {name: [STATES.index(state) for state in states] for name, states in _SUMMED.items()}
    for member, of_member in enumerate(stocks):
        by_state = np.einsum("dpgs->sdp", of_member)  # [states, days, places]
        for name, chosen in columns.items():
            made[name][member] = by_state[chosen].sum(axis=0)
    return made


def band(values: NDArray[np.signedinteger[Any]], levels: tuple[float, ...] = LEVELS) -> Floats:
    """Return quantiles over members, [levels, ...]: the k-th of n members stands at (k - 0.5)/n.

    The same rule as `corridor.verify`, so that a count drawn inside a band is counted as inside.

    >>> band(np.array([0, 10, 20, 30, 40])).tolist()
    [0.0, 7.5, 20.0, 32.5, 40.0]
    """
    ordered = np.sort(values, axis=0)
    last = ordered.shape[0] - 1
    made = np.empty((len(levels), *ordered.shape[1:]))
    for row, level in enumerate(levels):
        at = min(max(level * (last + 1) - 0.5, 0.0), float(last))
        below = int(at)
        low, high = ordered[below].astype(np.float64), ordered[min(below + 1, last)]
        made[row] = low + (high - low) * (at - below)
    return made
