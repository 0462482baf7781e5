"""The table to act on: for each site how many people come when, how much room there is, when it fills."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from corridor.ensemble.forecast import Forecast
from corridor.report.digest import Digest, Ints, band, make_digest
from corridor.report.texts import LEAST_TOLD, rounded

#: Days after the issue date that a planner is told, where they lie within the horizon.
LEAD_DAYS = (14, 28, 56, 84)
#: Quantiles of the table: 8 of 10 futures lie between the outer two.
TABLE_LEVELS = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Expected:
    """People on a date: P10, P50 and P90 of the members, exact."""

    date: dt.date
    p10: float
    p50: float
    p90: float


@dataclass(frozen=True)
class PlanningRow:
    """One line of the table. ``name`` is "" for sums over places."""

    name: str
    place_id: str
    now: float  # middle of the members on day 0
    expected: tuple[Expected, ...]
    capacity: (
        float | None
    )  # on the last day, middle of the members; rounded if they differ, None if not known
    chance_full: float | None  # share of members in which it is full on some day; None without a capacity
    half_full_on: dt.date | None  # first day by which it was full in half of the members
    row: int = -1  # of the place in the digest


@dataclass(frozen=True)
class PlanningTable:
    """The sites, most people first, and the sums a planner asks for next."""

    lead_days: tuple[int, ...]
    sites: tuple[PlanningRow, ...]
    all_sites: PlanningRow
    hosts: PlanningRow
    newly_displaced: PlanningRow


def lead_days(last_day: int) -> tuple[int, ...]:
    """Return the leads within the horizon; the last day itself if the horizon is shorter than all of them.

    >>> lead_days(60), lead_days(9)
    ((14, 28, 56), (9,))
    """
    return tuple(days for days in LEAD_DAYS if days <= last_day) or (last_day,)


def planning_table(forecast: Forecast | Digest) -> PlanningTable:
    """Return the table to act on."""
    digest = forecast if isinstance(forecast, Digest) else make_digest(forecast)
    days = lead_days(len(digest.dates) - 1)
    sites = [_site_row(digest, row, days) for row in digest.site_rows]
    in_order = sorted(sites, key=lambda site: (-site.expected[-1].p50, -site.expected[-1].p90, site.name))
    return PlanningTable(
        days,
        tuple(in_order),
        _sum_row(digest, digest.present[:, :, digest.site_rows].sum(axis=2), days),
        _sum_row(digest, digest.present[:, :, digest.host_rows].sum(axis=2), days),
        _sum_row(digest, digest.totals["newly_displaced"], days),
    )


def _site_row(digest: Digest, row: int, days: tuple[int, ...]) -> PlanningRow:
    place, people = digest.places[row], digest.present[:, :, row]
    half = digest.half_full_day(row)
    has_limit = bool((digest.capacity[:, :, row] > 0).any())
    return PlanningRow(
        name=place.name,
        place_id=place.id,
        now=float(np.median(people[:, 0])),
        expected=_expected(digest, people, days),
        capacity=_told_capacity(digest, row),
        chance_full=float(digest.full_by[-1, row]) if has_limit else None,
        half_full_on=None if half is None else digest.dates[half],
        row=row,
    )


def _told_capacity(digest: Digest, row: int) -> float | None:
    capacity = digest.usual_capacity(row)
    return capacity if capacity is None or digest.capacity_is_exact(row) else rounded(capacity)


def _sum_row(digest: Digest, people: Ints, days: tuple[int, ...]) -> PlanningRow:
    return PlanningRow(
        "", "", float(np.median(people[:, 0])), _expected(digest, people, days), None, None, None
    )


def _expected(digest: Digest, people: Ints, days: tuple[int, ...]) -> tuple[Expected, ...]:
    quantiles = band(people[:, list(days)], TABLE_LEVELS)
    numbers = zip(days, *quantiles.tolist(), strict=True)
    return tuple(Expected(digest.dates[day], p10, p50, p90) for day, p10, p50, p90 in numbers)


def is_quiet(row: PlanningRow) -> bool:
    """True for a place at which fewer than ten people are expected on every date, in 9 of 10 futures."""
    return max(row.now, *(at.p90 for at in row.expected)) < LEAST_TOLD
