"""A forecast into what people need, by place, day and group, and where room and stocks fall short.

Everything is computed in every member and only then boiled down to bands. People are those present at a
place who are not at home there, those waiting at its gate included. Reads a `Forecast`; words nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from corridor.ensemble.forecast import STATES, Forecast
from corridor.needs.amounts import (
    Amounts,
    Bools,
    Crowd,
    Floats,
    Ints,
    amounts,
    band,
    households,
    is_acute,
    people_band,
)
from corridor.needs.standards import Standard, Standards, load_standards
from corridor.needs.stocks import ALL, Stock, available, shortage
from corridor.problems import InputError, Problem
from corridor.scenario.model import Place, Scenario
from corridor.scenario.triggers import unknown_place

#: States of people who are present at a place and not at home there: docs/law.md, "occupancy".
PRESENT_STATES = ("displaced", "waiting", "in_camp", "in_host_community")
#: States of people who are in no site and with no host.
NO_PLACE_STATES = ("displaced", "waiting")
#: Stands for all places looked at; no place can have this name.
TOTAL = "total"
#: Stands for all groups; a group of that name would be told as the same.
ALL_GROUPS = "all"
#: Fewer people than this may point to persons.
LEAST_TOLD = 10
#: Shares of the members for which the day of a gap is told.
TOLD_SHARES = (0.5, 0.8)


@dataclass(frozen=True)
class Need:
    """One indicator at one place for one group: quantiles [levels, days], exact."""

    place: str
    place_id: str
    group: str
    indicator: str
    title: str
    unit: str
    quantiles: Floats
    is_small: Bools  # [levels, days]: fewer than ten people, and not nobody, stand behind it


@dataclass(frozen=True)
class Gap:
    """What is missing at one place: quantiles [levels, days], and the share of members in which it opened."""

    place: str
    place_id: str
    indicator: str
    title: str
    unit: str
    available: Floats  # [days], middle of the members
    quantiles: Floats
    is_small: Bools
    short_on: Floats  # [days]: share of members in which something is missing that day
    short_by: Floats  # [days]: the same, on that day or before

    @property
    def chance(self) -> float:
        """Share of members in which it opens at all."""
        return float(self.short_by[-1])

    def day_open_in(self, share: float) -> int | None:
        """Return the first day by which it is open in this share of the members, or None."""
        reached = self.short_by >= share
        return int(reached.argmax()) if reached.any() else None


@dataclass(frozen=True)
class Needs:
    """The needs of a forecast. ``places`` are those looked at; `TOTAL` is their sum."""

    scenario: Scenario
    standards: Standards
    dates: tuple[dt.date, ...]
    n_members: int
    places: tuple[str, ...]
    rows: tuple[Need, ...]
    gaps: tuple[Gap, ...]

    def of(self, place: str, indicator: str, group: str = ALL_GROUPS) -> Need:
        """Return one need.

        Raises
        ------
        KeyError
            If there is no such need.
        """
        wanted = (place, indicator, group)
        for row in self.rows:
            if (row.place, row.indicator, row.group) == wanted:
                return row
        raise KeyError(f"no need of '{indicator}' at '{place}' for '{group}'")

    def gap(self, place: str, indicator: str) -> Gap | None:
        """Return what is missing of one thing at a place, or None where that is not known."""
        found = (gap for gap in self.gaps if (gap.place, gap.indicator) == (place, indicator))
        return next(found, None)


def needs_of(
    forecast: Forecast,
    standards: Standards | None = None,
    *,
    places: Sequence[str] | None = None,
    stocks: Sequence[Stock] = (),
    by_group: bool = True,
) -> Needs:
    """Return what people need at the sites of a forecast, or at the named places.

    Parameters
    ----------
    forecast : Forecast
    standards : Standards, optional
        From `load_standards`; those that come with Corridor if not given.
    places : list of str, optional
        Names of places; all sites if not given.
    stocks : list of Stock, optional
        What is already there, from `load_stocks`.
    by_group : bool
        Whether the needs of each group are told as well, where there are several.

    Raises
    ------
    InputError
        If a place is not in the forecast, or the scenario has no sites and no place is named.
    """
    chosen = _chosen_places(forecast, places)
    maker = _Maker(forecast, standards or load_standards(), tuple(stocks), by_group)
    rows: list[Need] = []
    gaps: list[Gap] = []
    sums = _Sums()
    for place in chosen:
        at = maker.at(place)
        sums.add(at)
        rows.extend(maker.needs(place.name, place.id, at))
        gaps.extend(maker.gaps(place, at))
    rows.extend(maker.needs(TOTAL, "", sums.total))
    gaps.extend(maker.total_gaps(sums.total))
    names = tuple(place.name for place in chosen)
    dates = tuple(day.astype(dt.date) for day in forecast.dates)
    return Needs(
        forecast.scenario, maker.standards, dates, forecast.n_members, names, tuple(rows), tuple(gaps)
    )


def _chosen_places(forecast: Forecast, names: Sequence[str] | None) -> list[Place]:
    known = {place.name: place for place in forecast.scenario.places}
    if names is None:
        sites = [place for place in forecast.scenario.places if place.is_site]
        if not sites:
            message, hint = "the scenario has no sites", "name a place with --site"
            raise InputError([Problem("no-sites", "", 0, 0, message, hint)])
        return sites
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError([unknown_place(name, known) for name in unknown])
    return [known[name] for name in names]


@dataclass
class _At:
    """What is known of one place in every member."""

    people: Ints
    arrivals: Ints
    groups: dict[str, Crowd]  # empty where there is one group only, or they are not told
    needed: dict[str, Amounts]
    over: Ints | None  # people beyond the capacity, [members, days]; None where no capacity is known
    capacity: Floats  # [members, days], NaN where not known


class _Sums:
    """The sum over places, member by member."""

    def __init__(self) -> None:
        self._total: _At | None = None

    @property
    def total(self) -> _At:
        assert self._total is not None
        return self._total

    def add(self, at: _At) -> None:
        """Add a place; what is missing at one place is not made up for by room at another."""
        total = self._total
        if total is None:
            self._total = at
            return
        over = [part for part in (total.over, at.over) if part is not None]
        self._total = _At(
            total.people + at.people,
            total.arrivals + at.arrivals,
            {name: _joined(crowd, at.groups[name]) for name, crowd in total.groups.items()},
            {name: total.needed[name].plus(needed) for name, needed in at.needed.items()},
            np.sum(over, axis=0) if over else None,
            np.where(
                np.isnan(total.capacity),
                at.capacity,
                np.where(np.isnan(at.capacity), total.capacity, total.capacity + at.capacity),
            ),
        )


def _joined(one: Crowd, other: Crowd) -> Crowd:
    people, arrivals = one.people + other.people, one.arrivals + other.arrivals
    return Crowd(people, arrivals, one.is_acute | other.is_acute, one.months, one.household_size)


class _Maker:
    """Makes needs and gaps of one forecast, place by place, so that only one place is in memory at a time."""

    def __init__(
        self, forecast: Forecast, standards: Standards, stocks: tuple[Stock, ...], by_group: bool
    ) -> None:
        self.forecast, self.standards, self.stocks = forecast, standards, stocks
        self.dataset = forecast.to_xarray()
        self.size = float(forecast.scenario.household_size)
        self.months = np.array([day.astype(dt.date).month for day in forecast.dates])
        self.group_names = [str(name) for name in self.dataset["group"].values]
        self.by_group = by_group and len(self.group_names) > 1

    # --- one place --------------------------------------------------------------------------------
    def at(self, place: Place) -> _At:
        row = self.forecast.places.index(place.name)
        stocks = self.dataset["stocks"].isel(place=row).values
        columns = [STATES.index(state) for state in PRESENT_STATES]
        by_group = stocks[..., columns].sum(axis=3, dtype=np.int64)  # [members, days, groups]
        people = by_group.sum(axis=2)
        arrivals = self.dataset["arrivals"].isel(place=row).values.astype(np.int64)
        acute = is_acute(people, self.standards.acute_days, self._opened(place))
        crowd = Crowd(people, arrivals, acute, self.months, self.size)
        limit = self.dataset["capacity"].isel(place=row).values.astype(float)
        capacity = np.where(limit < 0, np.nan, limit)
        known = ~np.isnan(capacity)
        over = np.where(known, np.maximum(people - np.nan_to_num(capacity), 0), 0).astype(np.int64)
        needed = {name: amounts(rows, crowd) for name, rows in self.standards.indicators.items()}
        needed.update(self._transport(needed))
        groups = self._groups(by_group, crowd)
        return _At(people, arrivals, groups, needed, over if known.any() else None, capacity)

    def _opened(self, place: Place) -> int | None:
        """Return the day a site opened, 0 or less, where that is known and people are there on day 0."""
        if place.opens is None or place.opens > self.forecast.scenario.issue_date:
            return None
        return (place.opens - self.forecast.scenario.issue_date).days

    def _groups(self, by_group: Ints, crowd: Crowd) -> dict[str, Crowd]:
        if not self.by_group:
            return {}
        none = np.zeros_like(crowd.arrivals)
        return {
            name: Crowd(by_group[:, :, column], none, crowd.is_acute, self.months, self.size)
            for column, name in enumerate(self.group_names)
        }

    def _transport(self, needed: dict[str, Amounts]) -> dict[str, Amounts]:
        """Return tonnes and loads by vehicle, of each day and of what equips everybody once."""
        tonnes: dict[str, Amounts] = {}
        for name, rows in self.standards.indicators.items():
            carried = [row for row in rows if row.kg]
            if not carried:
                continue
            key = f"{carried[0].vehicle}_tonnes{'_a_day' if carried[0].is_daily else ''}"
            weight = self._weight(rows, needed[name])
            tonnes[key] = tonnes[key].plus(weight) if key in tonnes else weight
        loads = {}
        for key, weight in tonnes.items():
            vehicle = key.partition("_")[0]
            per_load = 1000 / self.standards.load_kg(vehicle)
            loads[key.replace("tonnes", "loads")] = weight.times(per_load).rounded_up()
        return {**tonnes, **loads}

    def _weight(self, rows: Sequence[Standard], needed: Amounts) -> Amounts:
        """Return tonnes; where rows differ in weight, each day has the weight of its row."""
        kg = np.zeros(len(self.months))
        for row in rows:
            kg[np.isin(self.months, list(row.months))] = row.kg
        low = needed.low * kg / 1000
        return Amounts(low, low if needed.low is needed.high else needed.high * kg / 1000)

    # --- what is told of it -----------------------------------------------------------------------
    def needs(self, place: str, place_id: str, at: _At) -> Iterator[Need]:
        """Yield the needs of a place, those of each group where they can be told apart."""
        people, arrivals = people_band(at.people), people_band(at.arrivals)
        small = _is_small(people)
        yield Need(place, place_id, ALL_GROUPS, "people", "People", "people", people, small)
        indicators = self.standards.indicators
        for name, needed in at.needed.items():
            title, unit, is_whole = self._told(name)
            is_arriving = name in indicators and indicators[name][0].per.startswith("arriving")
            is_small = _is_small(arrivals) if is_arriving else small
            quantiles = band(needed, is_whole=is_whole)
            yield Need(place, place_id, ALL_GROUPS, name, title, unit, quantiles, is_small)
        for group, crowd in at.groups.items():
            yield from self._needs_of_group(place, place_id, group, crowd)

    def _needs_of_group(self, place: str, place_id: str, group: str, crowd: Crowd) -> Iterator[Need]:
        """Yield what is needed by the person; households and facilities are shared between groups.

        In the sum over places the phase differs from place to place, so that only what holds in any phase is
        told there.
        """
        people = people_band(crowd.people)
        small = _is_small(people)
        yield Need(place, place_id, group, "people", "People", "people", people, small)
        for name, rows in self.standards.indicators.items():
            if not all(row.per.startswith("person") for row in rows):
                continue
            if place == TOTAL and any(row.phase != "any" for row in rows):
                continue
            quantiles = band(amounts(rows, crowd), is_whole=rows[0].is_whole)
            yield Need(place, place_id, group, name, rows[0].title, rows[0].need_unit, quantiles, small)

    def _told(self, name: str) -> tuple[str, str, bool]:
        """Return title, unit and whether it is counted in whole things."""
        if name in self.standards.indicators:
            row = self.standards.indicators[name][0]
            return row.title, row.need_unit, row.is_whole
        vehicle, what, *daily = name.split("_", 2)
        every = ", every day" if daily else ", to equip everybody once"
        carried = self.standards.settings[vehicle].indicator.capitalize()
        unit = f"{what}/day" if daily else what
        return f"{carried}s: {what}{every}", unit, what == "loads"

    def gaps(self, place: Place, at: _At) -> Iterator[Gap]:
        """Yield what is missing at a place: room, plots, and what its own stocks do not cover."""
        yield from self._room(place.name, place.id, at)
        yield from self._stock_gaps(
            place.name, place.id, at, [s for s in self.stocks if s.place == place.name]
        )

    def total_gaps(self, at: _At) -> Iterator[Gap]:
        """Yield the sums over places, and who has no place anywhere.

        Stocks are told in the sum for what some stock for all sites is of; there every stock counts for all.
        """
        yield from self._room(TOTAL, "", at)
        for_all = {stock.indicator for stock in self.stocks if stock.place == ALL}
        yield from self._stock_gaps(TOTAL, "", at, [s for s in self.stocks if s.indicator in for_all])
        homeless = self.forecast.people(*NO_PLACE_STATES)
        none = np.zeros(homeless.shape[1])
        title = "People in no site and with no host, everywhere"
        yield _gap(TOTAL, "", "no_place", title, "people", none, homeless, _is_small(people_band(homeless)))

    def _room(self, name: str, place_id: str, at: _At) -> Iterator[Gap]:
        if at.over is None:
            return
        known = ~np.isnan(at.capacity).all(axis=0)
        room = np.zeros(at.capacity.shape[1])
        room[known] = np.nanmedian(at.capacity[:, known], axis=0)
        small = _is_small(people_band(at.over))
        yield _gap(name, place_id, "room", "People beyond the capacity", "people", room, at.over, small)
        plots = households(at.over, self.size)
        rooms = np.floor(room / self.size)
        yield _gap(name, place_id, "plots", "Family plots missing", "plots", rooms, plots, small, True)

    def _stock_gaps(self, name: str, place_id: str, at: _At, stocks: Sequence[Stock]) -> Iterator[Gap]:
        small = _is_small(people_band(at.people))
        for indicator in dict.fromkeys(stock.indicator for stock in stocks):
            title, unit, is_whole = self._told(indicator)
            mine = [stock for stock in stocks if stock.indicator == indicator]
            missing = shortage(at.needed[indicator].middle, mine)
            there = available(mine, missing.shape[1])
            yield _gap(name, place_id, indicator, title, unit, there, missing, small, is_whole)


def _gap(
    place: str,
    place_id: str,
    indicator: str,
    title: str,
    unit: str,
    there: Floats,
    missing: Floats | Ints,
    is_small: Bools,
    is_whole: bool = False,
) -> Gap:
    values = missing.astype(float)
    is_short = values > 0
    quantiles = band(Amounts(values, values), is_whole=is_whole)
    short_by = np.maximum.accumulate(is_short, axis=1).mean(axis=0)
    return Gap(
        place,
        place_id,
        indicator,
        title,
        unit,
        there,
        quantiles,
        is_small,
        is_short.mean(axis=0),
        short_by,
    )


def _is_small(quantiles: Floats) -> Bools:
    return np.asarray((quantiles > 0) & (quantiles < LEAST_TOLD))
