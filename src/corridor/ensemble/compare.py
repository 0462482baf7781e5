"""Two forecasts of the same crisis on the same random numbers, and what differs: member by member, by place.

Members with one number draw the same numbers in both, so that what differs between them is what the what-if
changed, and hardly anything else. How much that narrows a difference is measured: beside every difference
stands that of members paired at random, which is what two independent runs would give. Reads forecasts; words
nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corridor.ensemble.forecast import AWAY_STATES, FULL_SHARE, STATES, Forecast
from corridor.problems import InputError, Problem
from corridor.scenario.model import Place, Scenario

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Quantiles of every band: 90 % band, 50 % band, middle.
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
#: States of people present at a place and not at home there: docs/law.md, "occupancy".
PRESENT_STATES = ("displaced", "waiting", "in_camp", "in_host_community")
#: Stands for all places together; no place can have this name.
TOTAL = "total"
#: The quantities told for all places together, by name, with the states they are made of.
TOTALS = {
    "newly_displaced": AWAY_STATES,
    "trapped": ("trapped",),
    "left_area": ("left_area",),
    "returned": ("returned",),
}
#: Independent pairs looked at for each member.
_PAIRINGS = 8
#: Share of the members, and days, by which a site must fill otherwise to be told.
_TOLD_SHARE, _TOLD_DAYS = 0.05, 7


@dataclass(frozen=True)
class Difference:
    """One quantity at one place, the other forecast less the base; quantiles [levels, days]."""

    place: str  # or TOTAL
    place_id: str
    kind: str
    quantity: str  # people (present and not at home there), trapped, or one of `TOTALS`
    base_mean: Floats  # [days]
    other_mean: Floats  # [days]
    quantiles: Floats  # members paired by number
    independent: Floats  # members paired at random; NaN with one member
    spread: Floats  # [days], standard deviation over members paired by number
    independent_spread: Floats  # [days], the same over members paired at random
    share_differs: Floats  # [days]: share of members in which there is any difference

    @property
    def mean(self) -> Floats:
        """The difference on average over the members, [days]."""
        return self.other_mean - self.base_mean

    @property
    def peak_day(self) -> int:
        """The day on which the difference is largest on average."""
        return int(np.abs(self.mean).argmax())

    def narrowing(self, day: int) -> float | None:
        """Return how many times narrower than between independent runs the difference is on a day.

        The ratio of both standard deviations; None where nothing differs or there is one member only.
        """
        paired, independent = float(self.spread[day]), float(self.independent_spread[day])
        return independent / paired if paired > 0 and np.isfinite(independent) else None


@dataclass(frozen=True)
class Filling:
    """How a site fills in both: share of members in which it is ever full, first day full in half of them."""

    place: str
    base_chance: float
    other_chance: float
    base_half_day: int | None
    other_half_day: int | None

    @property
    def differs(self) -> bool:
        """True where a planner would act otherwise: by a twentieth of the members, or by a week."""
        if abs(self.base_chance - self.other_chance) >= _TOLD_SHARE:
            return True
        if self.base_half_day is None or self.other_half_day is None:
            return False  # near half in both: which of them gets there is chance
        return abs(self.base_half_day - self.other_half_day) >= _TOLD_DAYS


@dataclass(frozen=True)
class Comparison:
    """What differs between two forecasts: totals first, then places in the order of the base."""

    base: Scenario
    other: Scenario
    seed: int
    n_members: int
    dates: tuple[dt.date, ...]
    rows: tuple[Difference, ...]
    fillings: tuple[Filling, ...]
    first_day: int | None  # the first day on which anything differs in any member

    @property
    def changes(self) -> tuple[str, ...]:
        """What the other scenario changes that the base does not, as sentences; () if it is no what-if."""
        known = self.base.what_if.changes if self.base.what_if else ()
        told = self.other.what_if.changes if self.other.what_if else ()
        return tuple(change for change in told if change not in known)

    def of(self, place: str, quantity: str) -> Difference:
        """Return one difference.

        Raises
        ------
        KeyError
            If there is no such row.
        """
        for row in self.rows:
            if (row.place, row.quantity) == (place, quantity):
                return row
        raise KeyError(f"no difference of '{quantity}' at '{place}'")


def compare(base: Forecast, other: Forecast) -> Comparison:
    """Return what differs between two forecasts that were made on the same random numbers.

    Parameters
    ----------
    base, other : Forecast
        Of the same seed, members, dates and version, and of the same places but for those that a what-if
        adds or removes.

    Raises
    ------
    InputError
        If they cannot be compared.
    """
    check_comparable([base, other])
    partners = _partners(base.n_members)
    rows = list(_totals(base, other, partners))
    fillings: list[Filling] = []
    for place in _all_places(base.scenario, other.scenario):
        mine, theirs = _At(base, place.name), _At(other, place.name)
        pairs = {"people": (mine.present, theirs.present), "trapped": (mine.trapped, theirs.trapped)}
        for quantity, (first, second) in pairs.items():
            if quantity == "people" or first.any() or second.any():
                rows.append(_difference(place, quantity, first, second, partners))
        if place.is_site and (mine.has_limit or theirs.has_limit):
            fillings.append(_filling(place.name, mine.full_by, theirs.full_by))
    dates = tuple(day.astype(dt.date) for day in base.dates)
    differing = [row.share_differs > 0 for row in rows]
    any_day = np.logical_or.reduce(differing)
    first_day = int(any_day.argmax()) if any_day.any() else None
    return Comparison(
        base.scenario,
        other.scenario,
        base.seed,
        base.n_members,
        dates,
        tuple(rows),
        tuple(fillings),
        first_day,
    )


# --- what can be compared --------------------------------------------------------------------------
def check_comparable(forecasts: Sequence[Forecast]) -> None:
    """Check that all forecasts were made on the same random numbers as the first.

    Raises
    ------
    InputError
        With a problem for everything that keeps one of them from being compared.
    """
    first = forecasts[0]
    problems = [problem for other in forecasts[1:] for problem in _obstacles(first, other)]
    if problems:
        raise InputError(problems)


def _obstacles(first: Forecast, other: Forecast) -> list[Problem]:
    names = f"'{first.scenario.name}' and '{other.scenario.name}'"
    days = [f"{forecast.dates[0]} to {forecast.dates[-1]}" for forecast in (first, other)]
    told = (
        ("seed", first.seed, other.seed, "run one of them again with the seed of the other"),
        ("number of members", first.n_members, other.n_members, "run one of them again with --members"),
        ("days", *days, "end the longer one earlier with --until; the issue date must be the same"),
        ("version", first.version, other.version, "run the older one again"),
    )
    problems = [
        Problem("forecasts-differ", "", 0, 0, f"{names} differ in {what}: {mine} and {theirs}", hint=hint)
        for what, mine, theirs, hint in told
        if mine != theirs
    ]
    if not problems and not np.array_equal(_simulated(first), _simulated(other)):
        message = f"{names} hold other members: one of them was drawn anew to fit counts"
        hint = "compare the forecasts from before the counts were taken in"
        problems.append(Problem("forecasts-differ", "", 0, 0, message, hint=hint))
    if not _have_the_same_places(first.scenario, other.scenario):
        message = f"{names} are forecasts of different places"
        hint = "compare a scenario with a what-if that extends it: docs/what-ifs.md"
        problems.append(Problem("forecasts-differ", "", 0, 0, message, hint=hint))
    return problems


def _simulated(forecast: Forecast) -> Ints:
    """Return the number under which each member was simulated: it names its random numbers."""
    dataset = forecast.to_xarray()
    if "simulated_member" in dataset.coords:
        return np.asarray(dataset["simulated_member"].values, np.int64)
    return np.arange(forecast.n_members)


def _have_the_same_places(first: Scenario, other: Scenario) -> bool:
    """Tell whether places have the same numbers in both, so that they draw the same random numbers."""
    numbers = [{name: at for at, name in enumerate(one.numbered_places)} for one in (first, other)]
    agree = all(numbers[1].get(name, at) == at for name, at in numbers[0].items())
    return agree and (_root(first) == _root(other) or numbers[0].keys() == numbers[1].keys())


def _root(scenario: Scenario) -> str:
    return scenario.what_if.extends[0] if scenario.what_if else scenario.name


def _all_places(base: Scenario, other: Scenario) -> list[Place]:
    known = {place.name for place in base.places}
    return [*base.places, *(place for place in other.places if place.name not in known)]


# --- differences --------------------------------------------------------------------------------------
class _At:
    """What is known of one place in every member; nobody is at a place that the forecast does not have."""

    def __init__(self, forecast: Forecast, name: str) -> None:
        shape = (forecast.n_members, len(forecast.dates))
        self.present: Ints = np.zeros(shape, np.int64)
        self.trapped: Ints = np.zeros(shape, np.int64)
        capacity: NDArray[Any] = np.full(shape, -1)
        if name in forecast.places:
            row = forecast.places.index(name)
            dataset = forecast.to_xarray()
            stocks = dataset["stocks"].isel(place=row).values  # [members, days, groups, states]
            self.present, self.trapped = _sum_of(stocks, PRESENT_STATES), _sum_of(stocks, ("trapped",))
            capacity = dataset["capacity"].isel(place=row).values
        is_full = (capacity > 0) & (self.present >= FULL_SHARE * capacity)
        self.has_limit = bool((capacity > 0).any())
        self.full_by: Floats = np.maximum.accumulate(is_full, axis=1).mean(axis=0)


def _sum_of(stocks: NDArray[Any], states: Sequence[str]) -> Ints:
    columns = [STATES.index(state) for state in states]
    return np.asarray(stocks[..., columns].sum(axis=(-1, -2), dtype=np.int64))


def _totals(base: Forecast, other: Forecast, partners: Ints) -> list[Difference]:
    rows = []
    for quantity, states in TOTALS.items():
        first, second = (forecast.people(*states) for forecast in (base, other))
        if quantity == "newly_displaced":
            first, second = first - first[:, :1], second - second[:, :1]
        rows.append(_difference(None, quantity, first, second, partners))
    return rows


def _difference(place: Place | None, quantity: str, first: Ints, second: Ints, partners: Ints) -> Difference:
    """Return the difference of two arrays, [members, days], at a place or (None) everywhere."""
    paired = second - first
    strangers = np.concatenate([second[other] - first for other in partners]) if len(partners) else None
    n_days = first.shape[1]
    unknown = np.full((len(LEVELS), n_days), np.nan)
    return Difference(
        place=place.name if place else TOTAL,
        place_id=place.id if place else "",
        kind=place.kind.value if place else "",
        quantity=quantity,
        base_mean=first.mean(axis=0),
        other_mean=second.mean(axis=0),
        quantiles=_quantiles(paired),
        independent=unknown if strangers is None else _quantiles(strangers),
        spread=paired.std(axis=0),
        independent_spread=unknown[0] if strangers is None else strangers.std(axis=0),
        share_differs=(paired != 0).mean(axis=0),
    )


def _partners(n_members: int) -> Ints:
    """Return partners for each member, never itself, [pairings, members]; none for one member.

    Storylines follow an additive recurrence over the members, so that neighbours at a fixed distance are
    alike: partners are drawn, with a seed of their own that is always the same.
    """
    rng = np.random.default_rng(20161019)
    pairings = min(_PAIRINGS, n_members - 1)
    partners = np.empty((pairings, n_members), np.int64)
    for row in range(pairings):
        ring = rng.permutation(n_members)
        partners[row, ring] = np.roll(ring, 1)
    return partners


def _quantiles(values: Ints) -> Floats:
    """Return quantiles over members, [levels, days]: the k-th of n members stands at (k - 0.5)/n."""
    return np.asarray(np.quantile(values, LEVELS, axis=0, method="hazen"))


def _filling(place: str, base: Floats, other: Floats) -> Filling:
    def half(full_by: Floats) -> int | None:
        return int((full_by >= 0.5).argmax()) if full_by[-1] >= 0.5 else None

    return Filling(place, float(base[-1]), float(other[-1]), half(base), half(other))
