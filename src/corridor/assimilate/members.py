"""Members pulled towards the counts, and what they say of them: the mechanistic side of an assimilation.

Futures that were simulated from the first day are weighted and pulled by the counts reported up to the
issue date. Errors of counts have heavy tails and are shared by counts of one week; an old count says less
than a new one, because the model drifts from the world. `pull` gives the people of every member afterwards,
and the diagnostics: weights, innovations, and sentences where the model does not fit.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from corridor.assimilate.particles import Weights, log_likelihood, temper
from corridor.assimilate.past import GROWTH_DAYS
from corridor.assimilate.smoother import FloatArray, Innovation, Observation, smooth
from corridor.assimilate.targets import TOTAL, Targets
from corridor.scenario.model import Count

#: People added before taking logarithms, so that an empty site is a number and stocks never fall below 0.
LOG_FLOOR_PEOPLE = 50.0
#: Standard deviation of a count's error, as a share: rounded, "about", families times six.
COUNT_ERROR = 0.1
#: More where the counter of a target changed.
CHANGED_COUNTER_ERROR = 0.2
#: Variance a day by which the logarithms of model and world drift apart: 0.15 in a month.
DRIFT_VARIANCE_PER_DAY = 0.15**2 / 30
#: A gap without a count that is told, in days; a fall that is told, as a share.
LONG_GAP_DAYS = 30
TOLD_FALL = 0.05
#: An innovation beyond so many standard deviations is told as an outlier.
OUTLIER = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Pulled:
    """The ensemble after the counts."""

    targets: Targets
    people: FloatArray  # [members, targets, days], >= 0
    weights: Weights
    innovations: tuple[tuple[Count, Innovation], ...]
    ranks: FloatArray  # [counts] share of the simulated members below each count
    sentences: tuple[str, ...]  # what does not fit, and what was done about it

    def median(self, name: str) -> FloatArray:
        """Return the middle of a target over the days."""
        return np.asarray(np.median(self.people[:, self.targets.names.index(name)], axis=0))


def pull(targets: Targets, *, seed: int) -> Pulled:
    """Pull the members of a forecast towards the counts known on the issue date.

    Raises
    ------
    ValueError
        With fewer than 2 members.
    """
    logs = np.log(targets.people + LOG_FLOOR_PEOPLE)
    n_members, n_targets, n_days = logs.shape
    used = [c for c in targets.counts if c.place in targets.names and targets.dates[0] < c.date]
    observations = [_observation(count, targets, n_days) for count in used]
    pulled, found = smooth(logs.reshape(n_members, -1), observations, reach=_reach(used, targets))
    pulled = pulled.reshape(n_members, n_targets, n_days) + _drift(targets, logs.shape, seed)
    people = np.maximum(np.exp(np.minimum(pulled, 25.0)) - LOG_FLOOR_PEOPLE, 0.0)
    weights = _weights(logs.reshape(n_members, -1), observations, used)
    ranks = np.array([_rank(targets, count) for count in used])
    innovations = tuple(zip(used, found, strict=True))
    told = (*_collapse(weights), *_sentences(targets, innovations))
    return Pulled(targets, people, weights, innovations, ranks, told)


def _observation(count: Count, targets: Targets, n_days: int) -> Observation:
    day = (count.date - targets.dates[0]).days
    state = targets.names.index(count.place) * n_days + day
    error = CHANGED_COUNTER_ERROR if _is_new_counter(count, targets) else COUNT_ERROR
    age = targets.issue_day - day
    deviation = float(np.sqrt(error**2 + DRIFT_VARIANCE_PER_DAY * age))
    return Observation(state, float(np.log(count.people + LOG_FLOOR_PEOPLE)), deviation)


def _reach(used: list[Count], targets: Targets) -> FloatArray:
    """Return how far each count reaches ``[counts, targets x days]``: it fades with the days between.

    What made a count higher than expected falls back, as growth does.
    """
    days = np.arange(len(targets.dates))
    at = np.array([(count.date - targets.dates[0]).days for count in used])
    fading = np.exp(-np.abs(days[None] - at[:, None]) / GROWTH_DAYS)
    return np.tile(fading, (1, len(targets.names)))


def _is_new_counter(count: Count, targets: Targets) -> bool:
    before = [c for c in targets.counts_of(count.place) if c.date < count.date]
    return bool(before) and before[-1].counted_by != count.counted_by


def _drift(targets: Targets, shape: tuple[int, ...], seed: int) -> FloatArray:
    """Return what model and world drift apart after the issue date: a random walk a target and member.

    Its noise is a function of the seed and the target's name alone, so that no count changes it.
    """
    n_members, _, n_days = shape
    walk = np.zeros(shape)
    after = n_days - 1 - targets.issue_day
    for row, name in enumerate(targets.names):
        rng = np.random.default_rng(np.random.SeedSequence([seed, *name.encode("utf-8")]))
        steps = rng.normal(scale=np.sqrt(DRIFT_VARIANCE_PER_DAY), size=(n_members, n_days))[:, :after]
        if after > 0:
            walk[:, row, targets.issue_day + 1 :] = np.cumsum(steps - steps.mean(axis=0), axis=1)
    return walk


def _weights(logs: FloatArray, observations: list[Observation], used: list[Count]) -> Weights:
    if not observations:
        return temper(np.zeros(logs.shape[0]))
    states = [seen.state for seen in observations]
    gaps = np.array([seen.value for seen in observations]) - logs[:, states]
    deviations = np.array([seen.deviation for seen in observations])
    weeks = [(count.place, count.date.isocalendar()[:2]) for count in used]
    shares = np.array([1 / weeks.count(week) for week in weeks])
    return temper(log_likelihood(gaps, deviations, shares))


def _rank(targets: Targets, count: Count) -> float:
    there = targets.people[:, targets.names.index(count.place), (count.date - targets.dates[0]).days]
    return float(np.mean(there < count.people) + np.mean(there == count.people) / 2)


def _collapse(weights: Weights) -> list[str]:
    if not weights.has_collapsed:
        return []
    return [
        f"The counts fit next to none of the futures (effective number {weights.size_untempered:.1f} of "
        f"{weights.weights.size}): their weights were evened out until {weights.size:.0f} count."
    ]


def _sentences(targets: Targets, innovations: tuple[tuple[Count, Innovation], ...]) -> list[str]:
    told = []
    for name in dict.fromkeys(count.place for count, _ in innovations):
        own = [(count, found) for count, found in innovations if count.place == name]
        told += _outside(targets, name, [count for count, _ in own])
        told += [
            f"{_title(name)}, {_day(count.date)}: the count of {count.people:,} lies "
            f"{abs(found.standardised):.1f} "
            f"standard deviations {'above' if found.standardised > 0 else 'below'} what was "
            f"expected; it pulls "
            f"{found.trust:.0%} as much as its stated error says."
            for count, found in own
            if abs(found.standardised) > OUTLIER
        ]
        told += [
            f"{_title(name)}: no future has anybody there by {_day(count.date)}, so its count of "
            f"{count.people:,} "
            "cannot pull the futures; the forecast rests on the counts."
            for count, found in own[:1]
            if found.trust == 0 and count.people > 0
        ]
        told += _history(targets, name)
    return told


def _outside(targets: Targets, name: str, counts: list[Count]) -> list[str]:
    """Say since when the counts of a target lie outside all futures, if the last one does."""
    people = targets.people[:, targets.names.index(name)]
    since: Count | None = None
    for count in counts:
        there = people[:, (count.date - targets.dates[0]).days]
        is_outside = not there.min() <= count.people <= there.max()
        since = (since or count) if is_outside else None
    if since is None:
        return []
    return [f"{_title(name)} counts lie outside all futures since {_day(since.date)}."]


def _history(targets: Targets, name: str) -> list[str]:
    """Say what is odd about the record of a target: falls, changes of counter, a long silence, closure."""
    counts, told = targets.counts_of(name), []
    for before, after in pairwise(counts):
        if after.people == 0 < before.people:
            told.append(f"{_title(name)}: nobody is counted since {_day(after.date)}; taken as closed.")
        elif after.people < (1 - TOLD_FALL) * before.people:
            told.append(
                f"{_title(name)}: the count fell from {before.people:,} to {after.people:,} by "
                f"{_day(after.date)}; "
                "a revision or departures, the later count is used."
            )
        if after.counted_by != before.counted_by:
            told.append(
                f"{_title(name)}: counted by {after.counted_by or 'nobody named'} on "
                f"{_day(after.date)}, before by "
                f"{before.counted_by or 'nobody named'}; that count is trusted half as much."
            )
    silent = (targets.issue_date - counts[-1].date).days if counts else 0
    if silent > LONG_GAP_DAYS:
        told.append(f"{_title(name)}: no count for {silent} days, since {_day(counts[-1].date)}.")
    return told


def _title(name: str) -> str:
    return "Total" if name == TOTAL else name


def _day(date: dt.date) -> str:
    return f"{date.day} {date:%B %Y}"
