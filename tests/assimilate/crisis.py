"""A made-up crisis of two camps whose futures follow a known law, without an engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import numpy as np

from corridor.assimilate.soft import Lessons, learn
from corridor.assimilate.targets import Simulated
from corridor.scenario.model import (
    DEFAULT_ATTRACTION,
    DEFAULT_MOVE_CHANCE,
    Count,
    Group,
    Place,
    Rules,
    Scenario,
    Storyline,
)
from corridor.verify.counts import CountSeries, Report, make_counts

DAY0 = dt.date(2024, 3, 1)
N_DAYS = 91
NORTH_SHARE = 0.6


def day(number: int) -> dt.date:
    return DAY0 + dt.timedelta(number)


def count(place: str, on: int, people: int, by: str = "camp management") -> Count:
    return Count(date=day(on), place=place, people=people, counted_by=by)


def scenario(counts: Iterable[Count] = ()) -> Scenario:
    def place(name: str, kind: str, population: float = 0.0) -> Place:
        return Place(name=name, lat=0.0, lon=0.0, kind=kind, country="X", population=population)

    return Scenario(
        name="made-up",
        title="A made-up crisis",
        issue_date=DAY0,
        horizon=day(N_DAYS - 1),
        storylines=(Storyline(name="war", title="War"),),
        groups=(Group(name="all", share=1.0),),
        rules=Rules(attraction=DEFAULT_ATTRACTION, move_chance=DEFAULT_MOVE_CHANCE),
        places=(
            place("Town", "town", 50_000.0),
            place("North", "camp"),
            place("South", "camp"),
            place("Empty", "camp"),
        ),
        routes=(),
        counts=tuple(counts),
    )


def arrivals(size: float, rate: float) -> np.ndarray:
    """People displaced by the end of each day: size x (1 - exp(-rate t))."""
    return size * -np.expm1(-rate * np.arange(N_DAYS))


def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The prior of the two parameters of the law: final size, and rate a day."""
    return 10_000 * np.exp(0.6 * rng.standard_normal(n)), rng.uniform(0.01, 0.05, n)


def members(sizes: Sequence[float], rates: Sequence[float], counts: Iterable[Count] = ()) -> Simulated:
    total = np.stack([arrivals(size, rate) for size, rate in zip(sizes, rates, strict=True)])
    present = np.zeros((total.shape[0], 4, N_DAYS))
    present[:, 1], present[:, 2] = NORTH_SHARE * total, (1 - NORTH_SHARE) * total
    dates = tuple(day(number) for number in range(N_DAYS))
    return Simulated(scenario(counts), 1, dates, present, total)


def record(name: str, sites: dict[str, list[tuple[int, int]]], n_days: int = 400) -> CountSeries:
    """A conflict to learn from or to forecast, one file a site."""
    files = {site: {f"{site}.csv": [Report(*row) for row in rows]} for site, rows in sites.items()}
    return make_counts(name, dt.date(2020, 1, 1), n_days, files)


def steady(name: str, seed: int, n_sites: int = 3) -> CountSeries:
    """A conflict with a report every two weeks: growth that fades, with noise."""
    rng = np.random.default_rng(seed)
    sites = {}
    for site in range(n_sites):
        size, rate = 5_000 * rng.uniform(0.5, 2), rng.uniform(0.005, 0.03)
        days = np.arange(0, 400, 14)
        people = size * -np.expm1(-rate * days) * np.exp(0.05 * rng.standard_normal(days.size))
        sites[f"{name} {site}"] = [(int(d), int(p)) for d, p in zip(days, people, strict=True)]
    return record(name, sites)


def lessons(lead_days: int = 30) -> Lessons:
    return learn([steady("one", 1), steady("two", 2)], lead_days, widens=False)


def crowd_of(counts: Iterable[Count], n: int = 60, seed: int = 1) -> Simulated:
    """Futures drawn from the prior, with counts."""
    return members(*draw(np.random.default_rng(seed), n), counts)
