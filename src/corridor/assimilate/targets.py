"""What is counted and what is simulated, side by side: targets of a forecast.

A target is a place, or "total" (people newly displaced since the first day). `simulated` sums a `Forecast` up
once, `targets_of` sets beside it the counts up to an issue date; nothing later is read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corridor.ensemble.forecast import AWAY_STATES, STATES, Forecast
from corridor.scenario.model import Count, Scenario
from corridor.verify.counts import CountSeries, Report, make_counts

FloatArray = NDArray[np.float64]

TOTAL = "total"
_PRESENT = ("displaced", "waiting", "in_camp", "in_host_community")


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """People of every member by target and day, and the counts known on the issue date."""

    names: tuple[str, ...]  # places that are sites or were counted, then "total"
    dates: tuple[dt.date, ...]  # the first is day 0 of the scenario
    people: FloatArray  # [members, targets, days]
    counts: tuple[Count, ...]  # up to the issue date, by date
    issue_date: dt.date

    @property
    def issue_day(self) -> int:
        """The issue date as a day of the scenario."""
        return (self.issue_date - self.dates[0]).days

    def counts_of(self, name: str) -> list[Count]:
        """Return the counts of a target, by date."""
        return [count for count in self.counts if count.place == name]

    def series(self) -> CountSeries:
        """Return the counts as series by target, the total as a site of its own."""
        return series_of(self.counts, self.dates[0], len(self.dates))


def series_of(counts: Iterable[Count], start: dt.date, n_days: int) -> CountSeries:
    """Return counts as a `CountSeries` without a total: "total" is one of its sites."""
    rows: dict[str, list[Report]] = {}
    for count in sorted(counts, key=lambda count: count.date):
        rows.setdefault(count.place, []).append(Report((count.date - start).days, count.people))
    return make_counts("here", start, n_days, {name: {"counts.csv": its} for name, its in rows.items()})


def known_counts(scenario: Scenario, issue_date: dt.date) -> tuple[Count, ...]:
    """Return the counts dated up to the issue date, by date; totals as people since the first day.

    The total is what was counted since day 0: the last total counted by then is taken off.
    """
    up_to = sorted((c for c in scenario.counts if c.date <= issue_date), key=lambda c: (c.date, c.place))
    before = [c.people for c in up_to if c.place == TOTAL and c.date <= scenario.issue_date]
    base = before[-1] if before else 0
    return tuple(
        c.model_copy(update={"people": max(c.people - base, 0)}) if c.place == TOTAL else c for c in up_to
    )


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """People of every member by place and day, taken from a forecast once."""

    scenario: Scenario
    seed: int
    dates: tuple[dt.date, ...]
    present: FloatArray  # [members, places, days] people there who are not at home
    total: FloatArray  # [members, days] newly displaced

    @property
    def n_members(self) -> int:
        """Number of simulated futures."""
        return int(self.total.shape[0])


def simulated(forecast: Forecast) -> Simulated:
    """Sum a forecast up to what is counted."""
    stocks = forecast.array("stocks")
    by_state = stocks.sum(axis=3, dtype=np.int64)  # [members, days, places, states]
    present = by_state[..., [STATES.index(state) for state in _PRESENT]].sum(axis=3)
    away = by_state[..., [STATES.index(state) for state in AWAY_STATES]].sum(axis=(2, 3))
    total = np.maximum(away - away[:, :1], 0).astype(np.float64)
    dates = tuple(date.astype(dt.date) for date in forecast.dates)
    people = np.ascontiguousarray(present.transpose(0, 2, 1), dtype=np.float64)
    return Simulated(forecast.scenario, forecast.seed, dates, people, total)


def targets_of(members: Simulated, issue_date: dt.date) -> Targets:
    """Take the targets known on a date: the sites, the places counted by then, and the total."""
    counts = known_counts(members.scenario, issue_date)
    counted = {count.place for count in counts}
    places = members.scenario.places
    rows = [row for row, place in enumerate(places) if place.is_site or place.name in counted]
    people = np.concatenate([members.present[:, rows], members.total[:, None]], axis=1)
    names = (*(places[row].name for row in rows), TOTAL)
    return Targets(names, members.dates, people, counts, issue_date)
