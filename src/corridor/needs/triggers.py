"""Triggers against a forecast: how likely each has fired by each day, and what the counts say of it.

A trigger fires in a member on the first day on which its quantity is above its limit. Chances are shares of
the members. Where later counts tell whether a rule held, the forecast's yes or no is set against them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from corridor.ensemble.forecast import Forecast
from corridor.needs.amounts import Bools, Floats, Ints
from corridor.needs.needs import TOLD_SHARES
from corridor.scenario.triggers import Quantity, Trigger

#: Chance from which a planner who acts on the forecast is taken to act.
ACTS_FROM = 0.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """One count that tells whether a rule held on its day, beside the chance that the forecast gave it."""

    date: dt.date
    place: str
    people: int
    held: bool
    chance: float


@dataclass(frozen=True)
class Outcome:
    """What a forecast says of a trigger."""

    trigger: Trigger
    n_members: int
    dates: tuple[dt.date, ...]
    holds_on: Floats  # [days]: share of members in which the rule holds that day
    fired_by: Floats  # [days]: share of members in which it has held on that day or before
    verdicts: tuple[Verdict, ...]  # by date; empty where no count tells
    cannot_tell: str = ""  # why no count tells, "" where one does
    by_place: tuple[tuple[str, float, dt.date | None], ...] = ()  # any site: each one's chance, date at 50 %

    @property
    def chance(self) -> float:
        """Share of members in which it fires by the last day."""
        return float(self.fired_by[-1])

    def first_day(self, share: float) -> int | None:
        """Return the first day by which it has fired in this share of the members; its number is the lead."""
        reached = self.fired_by >= share
        return int(reached.argmax()) if reached.any() else None

    def first_date(self, share: float) -> dt.date | None:
        """Return the date of `first_day`."""
        day = self.first_day(share)
        return None if day is None else self.dates[day]

    @property
    def first_dates(self) -> dict[float, dt.date | None]:
        """The first date at each of `TOLD_SHARES`."""
        return {share: self.first_date(share) for share in TOLD_SHARES}

    def tally(self, acts_from: float = ACTS_FROM) -> dict[str, int]:
        """Count the verdicts: rightly fired, wrongly fired, missed (held and not fired), rightly quiet.

        The forecast is taken to fire for a date if the chance it gave is ``acts_from`` or more.
        """
        counted = {"rightly": 0, "wrongly": 0, "missed": 0, "quiet": 0}
        for verdict in self.verdicts:
            fired = verdict.chance >= acts_from
            name = (
                ("rightly" if verdict.held else "wrongly") if fired else "missed" if verdict.held else "quiet"
            )
            counted[name] += 1
        return counted


def evaluate(forecast: Forecast, triggers: Sequence[Trigger]) -> tuple[Outcome, ...]:
    """Return what a forecast says of each trigger."""
    dates = tuple(day.astype(dt.date) for day in forecast.dates)
    return tuple(_outcome(forecast, trigger, dates) for trigger in triggers)


def _outcome(forecast: Forecast, trigger: Trigger, dates: tuple[dt.date, ...]) -> Outcome:
    holds = _holds(forecast, trigger)
    fired_by = _fired_by(holds)
    verdicts = tuple(sorted(_verdicts(forecast, trigger, dates), key=lambda verdict: verdict.date))
    why = "" if verdicts else _why_not(trigger)
    by_place = tuple(_by_place(forecast, trigger, dates))
    return Outcome(trigger, forecast.n_members, dates, holds.mean(axis=0), fired_by, verdicts, why, by_place)


def _fired_by(holds: Bools) -> Floats:
    return np.asarray(np.maximum.accumulate(holds, axis=1).mean(axis=0))


def _by_place(
    forecast: Forecast, trigger: Trigger, dates: tuple[dt.date, ...]
) -> Iterator[tuple[str, float, dt.date | None]]:
    """Yield each site's part in a rule about any site, those at which it never fires left out."""
    if trigger.quantity is not Quantity.FULL or trigger.place:
        return
    for name in _sites(forecast):
        fired_by = _fired_by(_is_full(forecast, name, trigger.limit))
        if fired_by[-1] > 0:
            half = dates[int((fired_by >= ACTS_FROM).argmax())] if fired_by[-1] >= ACTS_FROM else None
            yield name, float(fired_by[-1]), half


def _holds(forecast: Forecast, trigger: Trigger) -> Bools:
    """Return where the rule holds, [members, days]."""
    if trigger.quantity is Quantity.FULL:
        names = [trigger.place] if trigger.place else _sites(forecast)
        full = [_is_full(forecast, name, trigger.limit) for name in names]
        return (
            np.logical_or.reduce(full) if full else np.zeros((forecast.n_members, len(forecast.dates)), bool)
        )
    return np.asarray(_people(forecast, trigger) > trigger.limit)


def _sites(forecast: Forecast) -> list[str]:
    return [place.name for place in forecast.scenario.places if place.is_site]


def _is_full(forecast: Forecast, place: str, share: float) -> Bools:
    """Return where a place is fuller than a share of its capacity; never where it is closed or has none."""
    capacity = forecast.capacity(place)
    return np.asarray((capacity > 0) & (forecast.occupancy(place) > share * capacity))


def _people(forecast: Forecast, trigger: Trigger) -> Ints:
    """Return the people that the rule compares with its limit, [members, days]."""
    if trigger.quantity is Quantity.TRAPPED:
        return forecast.trapped(trigger.place or None)
    if trigger.quantity is Quantity.DISPLACED:
        return forecast.newly_displaced()
    if trigger.quantity is Quantity.PEOPLE:
        return forecast.occupancy(trigger.place)
    names = [trigger.place] if trigger.place else _sites(forecast)
    rows = [forecast.places.index(name) for name in names]
    by_day = forecast.array("arrivals")[:, :, rows].sum(axis=2, dtype=np.int64)
    so_far = np.cumsum(by_day, axis=1)
    before = np.zeros_like(so_far)
    before[:, trigger.days :] = so_far[:, : -trigger.days]
    return np.asarray(so_far - before)


# --- what the counts say -------------------------------------------------------------------------------
def _verdicts(forecast: Forecast, trigger: Trigger, dates: tuple[dt.date, ...]) -> Iterator[Verdict]:
    """Yield a verdict for every count that the forecast has not seen and that tells whether the rule held."""
    days = {date: day for day, date in enumerate(dates) if date > forecast.known_until}
    base, holds = _base_total(forecast), _holds(forecast, trigger)
    for count in forecast.scenario.counts:
        if count.date not in days:
            continue
        day = days[count.date]
        if trigger.quantity is Quantity.DISPLACED and count.place == "total":
            held = count.people - base > trigger.limit
            chance = float(holds[:, day].mean())
        elif trigger.quantity is Quantity.PEOPLE and count.place == trigger.place:
            held = count.people > trigger.limit
            chance = float(holds[:, day].mean())
        elif trigger.quantity is Quantity.FULL and count.place in _told_full(forecast, trigger):
            room = _certain_capacity(forecast, count.place, day)
            if room is None:
                continue
            held = count.people > trigger.limit * room
            chance = float(_is_full(forecast, count.place, trigger.limit)[:, day].mean())
        else:
            continue
        yield Verdict(count.date, count.place, count.people, held, chance)


def _told_full(forecast: Forecast, trigger: Trigger) -> list[str]:
    """Return the places whose counts tell of a rule about full sites, each on its own."""
    return [trigger.place] if trigger.place else _sites(forecast)


def _certain_capacity(forecast: Forecast, place: str, day: int) -> int | None:
    """Return a capacity that all members agree on; None where it is not known, or the site is closed."""
    capacity = forecast.capacity(place)[:, day]
    return int(capacity[0]) if capacity[0] > 0 and np.ptp(capacity) == 0 else None


def _base_total(forecast: Forecast) -> int:
    """Return the last total counted by the issue date, which later totals are told above; 0 without one."""
    scenario = forecast.scenario
    known = [
        (count.date, count.people)
        for count in scenario.counts
        if count.place == "total" and count.date <= scenario.issue_date
    ]
    return max(known)[1] if known else 0


def _why_not(trigger: Trigger) -> str:
    """Return why no count tells whether the rule held."""
    if trigger.quantity is Quantity.ARRIVALS:
        return "counts are of people present, not of arrivals"
    if trigger.quantity is Quantity.TRAPPED:
        return "nobody counts the trapped"
    if trigger.quantity is Quantity.DISPLACED:
        return "no total was counted after the issue date"
    if trigger.quantity is Quantity.FULL:
        return "it takes a count after the issue date at a site whose capacity is certain"
    return f"no count at {trigger.place} after the issue date"
