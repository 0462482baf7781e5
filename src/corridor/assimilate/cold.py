"""The cold start: how arrivals will split over sites when no site has been counted yet.

Issue day 30 of a Flee instance: places, roads, closures and fighting up to the day are known; no count, no
capacity (it often holds a later count) and no arrivals. The forecast is the mean of four views that need
nothing more: Flee's law run blind, gravity along the roads, every country alike, every site alike. The
weights are even; none was fitted. `cold_start` scores it against plain splits and against what had help.
"""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Mapping

import numpy as np

from corridor.ensemble.flee import run_flee
from corridor.formats.flee import FleeInstance
from corridor.formats.flee.model import FleeClosure
from corridor.formats.flee.settings import ConflictSpawning
from corridor.verify.baselines import FIRST_ISSUE_DAY
from corridor.verify.counts import CountSeries, FloatArray

#: Days after the issue day on which the split is scored; the mean is told.
TARGETS_AFTER_DAYS = (30, 60, 90)
SOFTENING_KM = 100.0
_PEOPLE_PER_DAY = 500.0  # made up: only shares are used
_REPLICATES = 3
_NEVER = 10**6

CORRIDOR, UNIFORM, GRAVITY, NEAREST = "Corridor", "every site alike", "population / distance", "nearest site"
BLIND, TOLD, COUNTED = "Flee law, blind", "Flee law, told the truth", "counts known on the day"


def cold_start(
    instance: FleeInstance,
    counts: CountSeries,
    told: Mapping[int, FloatArray] | None = None,
    *,
    seed: int = 1,
) -> dict[str, float]:
    """Return the share error, the sum over sites of |share - true share|, of every way to split.

    Parameters
    ----------
    instance : FleeInstance
    counts : CountSeries
        For the truth, and for the row that was told the counts of the day.
    told : target day -> people by site ``[sites of the instance]``, optional
        What Flee's law gives that was told the truth.
    seed : int
        Of the blind simulation.

    Returns
    -------
    dict of name -> float
        Means over the targets; empty if the record is too short or the sites are not in the counts.
    """
    issue = FIRST_ISSUE_DAY
    targets = [issue + days for days in TARGETS_AFTER_DAYS if issue + days < counts.n_days]
    columns = [counts.site_names.index(name) for name in instance.site_names if name in counts.site_names]
    truth = np.nan_to_num(counts.truth(targets)[:, columns]) if targets else np.zeros((0, 0))
    if len(columns) < max(len(instance.site_names), 2) or not truth.size or (truth.sum(axis=1) <= 0).any():
        return {}
    views = cold_views(instance, issue, targets, seed=seed)
    known = counts.known([issue])[0, columns]
    splits: dict[str, FloatArray] = {
        CORRIDOR: np.mean(list(views.values()), axis=0),
        BLIND: views[BLIND],
        UNIFORM: views[UNIFORM],
        GRAVITY: _gravity(instance, issue, targets, 0.0),
        NEAREST: _nearest(instance, issue, targets),
    }
    if known.sum() > 0:
        splits[COUNTED] = np.tile(known / known.sum(), (len(targets), 1))
    if told:
        people = np.stack([told[day] for day in targets])
        splits[TOLD] = people / np.maximum(people.sum(axis=1, keepdims=True), 1.0)
    shares = truth / truth.sum(axis=1, keepdims=True)
    return {name: float(np.abs(split - shares).sum(axis=1).mean()) for name, split in splits.items()}


def cold_views(
    instance: FleeInstance, issue_day: int, targets: list[int], *, seed: int
) -> dict[str, FloatArray]:
    """Return the four views of the split, shares ``[targets, sites]``; they read nothing after the day."""
    countries = [instance.places[site].country for site in instance.sites]
    alike = np.array([1 / countries.count(country) / len(set(countries)) for country in countries])
    even = np.full(len(countries), 1 / len(countries))
    blind = run_flee(blinded(instance, issue_day, targets[-1] + 1), replicates=_REPLICATES, seed=seed)
    people = blind.simulated.mean(axis=0)[targets]
    inside = people.sum(axis=1, keepdims=True)
    return {
        BLIND: np.where(inside > 0, people / np.maximum(inside, 1e-9), even),
        "gravity along the roads": _gravity(instance, issue_day, targets, SOFTENING_KM),
        "every country alike": np.tile(alike, (len(targets), 1)),
        UNIFORM: np.tile(even, (len(targets), 1)),
    }


def blinded(instance: FleeInstance, issue_day: int, n_days: int) -> FleeInstance:
    """Return the instance as one could have written it on the issue day.

    No capacities and no counts; fighting, closures and changes of places up to the day, which then go on as
    they are; people leave every place under fire alike.
    """
    places = tuple(
        dataclasses.replace(place, capacity=-1, capacity_per_day=0, initial_idps=0)
        for place in instance.places
    )
    spawn = dataclasses.replace(
        instance.settings.spawn,
        conflict_driven_spawning=ConflictSpawning("constant", _PEOPLE_PER_DAY / instance.hasten),
        insert_day0=False,
    )
    empty = tuple(
        dataclasses.replace(series, people=series.people[:1] * 0, day=series.day[:1] * 0)
        for series in instance.series
    )
    return dataclasses.replace(
        instance,
        places=places,
        settings=dataclasses.replace(instance.settings, spawn=spawn),
        series=empty,
        n_days=n_days,
        switches=tuple(switch for switch in instance.switches if switch.day <= issue_day),
        closures=tuple(
            _as_known(closure, issue_day) for closure in instance.closures if closure.start_day <= issue_day
        ),
        place_changes=tuple(change for change in instance.place_changes if change.day <= issue_day),
        people=(),
    )


def _as_known(closure: FleeClosure, issue_day: int) -> FleeClosure:
    """Return a closure without its end, if it ends after the issue day: nobody knew that it would."""
    return closure if closure.end_day <= issue_day else dataclasses.replace(closure, end_day=_NEVER)


def _under_fire(instance: FleeInstance, issue_day: int) -> list[int]:
    """Return the places where there is fighting on the issue day."""
    active = {
        row
        for row, place in enumerate(instance.places)
        if place.is_conflict_type and place.conflict_intensity > 0
    }
    for switch in instance.switches:
        if switch.day <= issue_day:
            active = active | {switch.place} if switch.is_on else active - {switch.place}
    return sorted(active)


def _gravity(instance: FleeInstance, issue_day: int, targets: list[int], softening_km: float) -> FloatArray:
    """Each place under fire sends its people to sites in proportion to 1 / (road distance + softening)."""
    share = np.zeros(len(instance.sites))
    for place in _under_fire(instance, issue_day):
        km = _road_km(instance, place)
        pull = np.array([1 / max(km.get(site, np.inf) + softening_km, 1.0) for site in instance.sites])
        if pull.sum() > 0:
            share += max(instance.places[place].population, 1) * pull / pull.sum()
    even = np.full(share.size, 1 / share.size)
    return np.tile(share / share.sum() if share.sum() > 0 else even, (len(targets), 1))


def _nearest(instance: FleeInstance, issue_day: int, targets: list[int]) -> FloatArray:
    """Each place under fire sends its people to the nearest site by road."""
    share = np.zeros(len(instance.sites))
    for place in _under_fire(instance, issue_day):
        km = _road_km(instance, place)
        distances = [km.get(site, np.inf) for site in instance.sites]
        if np.isfinite(distances).any():
            share[int(np.argmin(distances))] += max(instance.places[place].population, 1)
    even = np.full(share.size, 1 / share.size)
    return np.tile(share / share.sum() if share.sum() > 0 else even, (len(targets), 1))


def _road_km(instance: FleeInstance, start: int) -> dict[int, float]:
    """Return the road distance from a place to every place that can be reached."""
    onward: dict[int, list[tuple[int, float]]] = {}
    for route in instance.routes:
        onward.setdefault(route.start, []).append((route.end, route.length_km))
    km, heap = {start: 0.0}, [(0.0, start)]
    while heap:
        so_far, place = heapq.heappop(heap)
        if so_far > km[place]:
            continue
        for end, length in onward.get(place, ()):
            if so_far + length < km.get(end, np.inf):
                km[end] = so_far + length
                heapq.heappush(heap, (km[end], end))
    return km
