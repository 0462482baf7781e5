"""The free forecast of counts: what happened elsewhere to sites that looked like this one.

Regime persistence sorts sites into six boxes and gives every site in a box the same errors. Here the boxes
have soft edges: every past case of other conflicts counts by how much it looks like the case at hand
(recent change, age of the crisis, age of the report, size among the sites), so that the spread grows with
the age of a report and shrinks as a crisis settles. Two centres are used, the known count and a share of
its drift; their quantiles are averaged with those of regime persistence (RP). Errors this conflict has made
so far, as they were known on the issue date, enter with n / (n + 60). Nothing is fitted to the conflict
that is forecast. `learn` makes the lessons, `forecast` uses them. docs/assimilation.md states the law and
what was tried without gain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corridor.assimilate.learned_cases import LearnedConflict, stored_width
from corridor.assimilate.past import FADING, KNOWN, Centre, Past, past_of, tables_of
from corridor.assimilate.sight import Sight, sight_at
from corridor.verify.baselines import (
    FIRST_ISSUE_DAY,
    ISSUE_EVERY_DAYS,
    Baseline,
    ErrorTables,
    Regime,
    Windows,
    make_windows,
)
from corridor.verify.counts import CountSeries, FloatArray, IntArray
from corridor.verify.scores import central_band, is_in_band, quantile_levels

#: Days from one own past issue date to the next.
OWN_EVERY_DAYS = 7
#: Own errors weigh n / (n + OWN_FROM), n in issue dates of 14 days.
OWN_FROM = 60.0
#: A past target counts as known if the last report of its site is at most so many days older.
OWN_SLACK_DAYS = 7
#: A record with fewer days of issue dates teaches nothing where longer ones are there: in a pool it would
#: weigh as much as one of five years.
LEAST_TAUGHT_DAYS = 120
#: Likeness of two cases: exp(-d^2 / 2 WIDTH^2), d the distance of their features.
WIDTH = 0.7
#: Share of the weight that every case of the same regime gets, however far away.
REGIME_SHARE = 0.3
#: Least and most that the own past of a conflict may ask the tails to be stretched.
OWN_WIDTHS = (0.5, 3.0)
#: Coverage that the 90 % bands are widened to reach on the conflicts learned from, and the widths tried.
WANTED_COVERAGE = 0.9
WIDTHS_TRIED = tuple(round(1 + 0.05 * step, 2) for step in range(21))

#: The centres of the free forecast, besides RP.
FREE_CENTRES = (KNOWN, FADING)

#: What can be learned from: counts, or past cases that come with the package.
Source = CountSeries | LearnedConflict


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """Past cases and how far off one centre the truth was, sorted by error."""

    regime: IntArray  # [cases], verify.Regime
    features: FloatArray  # [cases, sight.FEATURES]
    error: FloatArray  # [cases], shares of scale, rising
    weight: FloatArray  # [cases]


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """What other conflicts taught about one lead."""

    lead_days: int
    centres: tuple[Centre, ...]
    cases: tuple[Cases, ...]  # one for each centre
    regimes: ErrorTables | None  # of RP, averaged with the others; None leaves it out
    widening: float  # factor on the distance from the median in the tails
    conflicts: tuple[str, ...]  # learned from


def learn(
    pool: Sequence[Source],
    lead_days: int,
    *,
    every: int = ISSUE_EVERY_DAYS,
    first: int = FIRST_ISSUE_DAY,
    centres: Sequence[Centre] = FREE_CENTRES,
    widens: bool = True,
    twin: str = "",
) -> Lessons:
    """Learn from other conflicts how far off the centres are at a lead.

    Conflicts too short for a single window at this lead are left out; where others are longer, those with
    less than 120 days of issue dates as well. ``centres`` other than the free ones are not averaged with
    RP, whose centre is the known count. With ``widens`` each conflict of the pool whose counts are given is
    forecast from the others, and the tails are widened until the 90 % bands cover 90 % of the targets,
    averaged over these conflicts; for those that come with the package a stored factor stands. A pool of one
    conflict with its counts is not widened. ``twin`` names the conflict of the package that is to be
    forecast, if it is one: the stored factor is then one that never saw it.

    Raises
    ------
    ValueError
        If no conflict of the pool is long enough.
    """
    usable = [each for each in pool if _is_usable(each, lead_days, first)]
    usable = [each for each in usable if is_long(each, lead_days, first)] or usable
    pasts = [past_from(each, lead_days, centres, every=every, first=first) for each in usable]
    found = [(source, past) for source, past in zip(usable, pasts, strict=True) if past is not None]
    if not found:
        raise ValueError(f"no conflict of the pool has a target {lead_days} days ahead to learn from")
    taught = [past for _, past in found]
    cases = tuple(_pooled(taught, centre) for centre in centres)
    regimes = tables_of(taught, Baseline.RP) if centres is FREE_CENTRES else None
    sources = [source for source, _ in found]
    width = _widening(sources, lead_days, every, first, centres, twin) if widens else 1.0
    names = tuple(source.name for source in sources)
    return Lessons(lead_days, tuple(centres), cases, regimes, width, names)


def _is_usable(source: Source, lead_days: int, first: int) -> bool:
    if isinstance(source, LearnedConflict):
        return source.past(lead_days) is not None
    return source.n_days > first + lead_days and bool(source.sites)


def is_long(source: Source, lead_days: int, first: int = FIRST_ISSUE_DAY) -> bool:
    """True for a record long enough to teach other conflicts at a lead; those of the package are."""
    return isinstance(source, LearnedConflict) or source.n_days - lead_days - first >= LEAST_TAUGHT_DAYS


def past_from(
    source: Source, lead_days: int, centres: Sequence[Centre], *, every: int, first: int
) -> Past | None:
    """Return the past cases of counts, or those that come with the package (every 14 days from day 30)."""
    if isinstance(source, LearnedConflict):
        return source.past(lead_days)
    return past_of(source, lead_days, centres, every=every, first=first)


def _pooled(pasts: Sequence[Past], centre: Centre) -> Cases:
    return _sorted(
        np.concatenate([past.regime for past in pasts]),
        np.concatenate([past.features for past in pasts]),
        np.concatenate([past.errors[centre.name] for past in pasts]),
        np.concatenate([past.weight for past in pasts]),
    )


def _sorted(regime: IntArray, features: FloatArray, error: FloatArray, weight: FloatArray) -> Cases:
    order = np.argsort(error, kind="stable")
    return Cases(regime[order], features[order], error[order], weight[order])


def _widening(
    pool: Sequence[Source], lead_days: int, every: int, first: int, centres: Sequence[Centre], twin: str
) -> float:
    """Return the widening of a pool: of the conflicts given, and the stored one for those of the package.

    The two are averaged by number of conflicts.
    """
    ours = [each for each in pool if isinstance(each, LearnedConflict)]
    held = _held(pool, lead_days, every, first, centres) if len(pool) > 1 else []
    widths = [_least_width(held)] * len(held)
    if ours:
        of = ours[0].of if centres is FREE_CENTRES else "split"
        widths += [stored_width(of, lead_days, twin or _left_out(ours))] * len(ours)
    return round(float(np.mean(widths)), 6) if widths else 1.0


def _left_out(ours: Sequence[LearnedConflict]) -> str:
    """Return the one conflict of the package that is not in a pool, "" where none or several are missing."""
    missing = sorted({name for each in ours for name in each.conflicts} - {each.name for each in ours})
    return missing[0] if len(missing) == 1 else ""


def _held(
    pool: Sequence[Source], lead_days: int, every: int, first: int, centres: Sequence[Centre]
) -> list[FloatArray]:
    """Return the share of targets in the bands ``[widths tried]`` of each conflict given, from the others."""
    held: list[FloatArray] = []
    for own in pool:
        if isinstance(own, LearnedConflict):
            continue
        others = [each for each in pool if each is not own]
        windows = make_windows(own, lead_days, every=every, first=first)
        lessons = learn(others, lead_days, every=every, first=first, centres=centres, widens=False)
        quantiles = forecast_windows(own, windows, lessons)
        seen = windows.situation.regime != Regime.UNSEEN
        if seen.any():
            held.append(
                np.array(
                    [
                        is_in_band(_widened(quantiles[seen], width), windows.truth[seen], 0.9).mean()
                        for width in WIDTHS_TRIED
                    ]
                )
            )
    return held


def _least_width(held: Sequence[FloatArray]) -> float:
    """Return the smallest width tried at which the conflicts are covered on average, else the largest."""
    enough = np.mean(held, axis=0) >= WANTED_COVERAGE if held else np.array([True])
    return float(WIDTHS_TRIED[int(enough.argmax()) if enough.any() else -1])


def _widened(quantiles: FloatArray, width: float) -> FloatArray:
    """Stretch the tails: the middle half stays, the distance from the median grows to ``width`` at 5 %."""
    if width == 1.0:
        return quantiles
    levels = quantile_levels(quantiles.shape[-1])
    outward = np.clip((np.abs(levels - 0.5) - 0.25) / 0.2, 0.0, 1.0)
    median = quantiles[..., [quantiles.shape[-1] // 2]]
    stretched = median + (quantiles - median) * (1 + (width - 1) * outward)
    return np.asarray(np.sort(np.maximum(stretched, 0.0), axis=-1))


def forecast_windows(counts: CountSeries, windows: Windows, lessons: Lessons) -> FloatArray:
    """Forecast the targets of windows: quantiles ``[rows, 100]``, each from what its issue day knew."""
    days, back = np.unique(windows.issue_day, return_inverse=True)
    quantiles = forecast(counts, days, lessons)
    return np.asarray(quantiles[back, windows.site])


def forecast(counts: CountSeries, issue_days: Sequence[int] | IntArray, lessons: Lessons) -> FloatArray:
    """Forecast every site: quantiles ``[issue days, sites, 100]`` in people at levels (k - 0.5)/100.

    Each issue day uses the rows dated up to it and nothing else of this conflict.
    """
    asked = np.asarray(issue_days, np.int64)
    last = int(asked.max(initial=0)) - lessons.lead_days
    earlier = np.arange(FIRST_ISSUE_DAY, last + 1, ISSUE_EVERY_DAYS)
    days = np.unique(np.concatenate([asked, earlier]))
    plain = _plain_forecast(counts, days, lessons)
    found = np.empty((asked.size, *plain.shape[1:]))
    for row, day in enumerate(asked):
        width = _own_width(counts, int(day), earlier, plain[np.searchsorted(days, earlier)], lessons)
        found[row] = _widened(plain[np.searchsorted(days, day)], width)
    return found


def _plain_forecast(counts: CountSeries, days: IntArray, lessons: Lessons) -> FloatArray:
    """Return quantiles ``[days, sites, 100]`` before their tails are widened."""
    lead = lessons.lead_days
    sight = sight_at(counts, days)
    parts = []
    for centre, cases in zip(lessons.centres, lessons.cases, strict=True):
        middle = centre(counts, days, lead).ravel()
        error = np.empty((len(sight), quantile_levels().size))
        for index, day in enumerate(days):
            rows = np.arange(index * len(counts.sites), (index + 1) * len(counts.sites))
            error[rows] = _error_quantiles(sight[rows], cases, own_cases(counts, int(day), lead, centre))
        parts.append(np.maximum(middle[:, None] + sight.scale[:, None] * error, 0.0))
    if lessons.regimes is not None:
        parts.append(_regime_persistence(sight, lessons.regimes))
    return np.asarray(np.mean(parts, axis=0).reshape(days.size, len(counts.sites), -1))


def _own_width(
    counts: CountSeries, day: int, earlier: IntArray, quantiles: FloatArray, lessons: Lessons
) -> float:
    """Return the widening for a day: of other conflicts, and n / (n + 60) of what this one has needed so far.

    ``quantiles`` are the forecasts ``[earlier, sites, 100]`` of earlier issue days; those whose target is
    known on the day say how wide the 90 % band had to be.
    """
    past = earlier[earlier + lessons.lead_days <= day]
    if not past.size or lessons.widening == 1.0:
        return lessons.widening
    known = counts.up_to(day)
    target = past + lessons.lead_days
    truth = known.truth(target)
    usable = np.isfinite(truth) & (target[:, None] <= known.last_report() + OWN_SLACK_DAYS)
    usable &= counts.is_seen(past)
    n = np.count_nonzero(usable.any(axis=1))
    if not n:
        return lessons.widening
    low, high = central_band(quantiles[: past.size], WANTED_COVERAGE)
    median = quantiles[: past.size, :, quantiles.shape[-1] // 2]
    off = np.where(truth >= median, truth - median, median - truth)
    room = np.where(truth >= median, high - median, median - low)
    needed = np.divide(off, room, out=np.where(off > 0, np.inf, 0.0), where=room > 0)[usable]
    own = float(np.clip(np.quantile(needed, WANTED_COVERAGE, method="higher"), *OWN_WIDTHS))
    return float((OWN_FROM * lessons.widening + n * own) / (OWN_FROM + n))


def _regime_persistence(sight: Sight, tables: ErrorTables) -> FloatArray:
    """Return the quantiles of RP; where the pool had no unseen site, those of all seen sites stand in."""
    quantiles = tables.quantiles.copy()
    if np.isnan(quantiles[Regime.FLAT]).any():  # a pool that never saw a site
        quantiles[Regime.FLAT] = 0.0
    empty = np.isnan(quantiles).any(axis=1)
    quantiles[empty] = quantiles[Regime.FLAT]
    return np.asarray(np.maximum(sight.known[:, None] + sight.scale[:, None] * quantiles[sight.regime], 0.0))


def own_cases(counts: CountSeries, day: int, lead_days: int, centre: Centre) -> Cases | None:
    """Return the errors that this conflict's own past forecasts are known on a day to have made.

    A past target is known if every file of its site has a row not older than a week before it; its truth is
    drawn between the rows known on the day.
    """
    past = np.arange(FIRST_ISSUE_DAY, day - lead_days + 1, OWN_EVERY_DAYS)
    if not past.size:
        return None
    known = counts.up_to(day)
    truth = known.truth(past + lead_days)
    is_known = np.isfinite(truth) & (past[:, None] + lead_days <= known.last_report() + OWN_SLACK_DAYS)
    if not is_known.any():
        return None
    sight = sight_at(known, past)
    error = (truth.ravel() - centre(known, past, lead_days).ravel()) / sight.scale
    people = np.maximum(np.where(is_known, truth, 0.0).sum(axis=1), 1.0)
    weight = sight.scale / np.repeat(people, len(counts.sites)) / past.size
    rows = np.nonzero(is_known.ravel())[0]
    return _sorted(sight.regime[rows], sight.features[rows], error[rows], weight[rows])


def _error_quantiles(asked: Sight, cases: Cases, own: Cases | None) -> FloatArray:
    """Return quantiles ``[asked, 100]`` of the error, as shares of scale."""
    likeness, error = _likeness(asked, cases), cases.error
    lost = np.flatnonzero(likeness.sum(axis=1) == 0)
    if lost.size:  # a pool of seen sites only, or of unseen ones
        likeness[lost] = cases.weight / cases.weight.sum()
    if own is not None:
        mine = _likeness(asked, own)
        unseen = own.regime == Regime.UNSEEN
        alike = np.where(asked.regime == Regime.UNSEEN, unseen.sum(), (~unseen).sum())
        n = alike / asked.n_sites * (OWN_EVERY_DAYS / ISSUE_EVERY_DAYS)
        share = np.where(mine.sum(axis=1) > 0, n / (n + OWN_FROM), 0.0)[:, None]
        likeness = np.concatenate([likeness * (1 - share), mine * share], axis=1)
        error = np.concatenate([error, own.error])
        order = np.argsort(error, kind="stable")
        likeness, error = likeness[:, order], error[order]
    heap = np.cumsum(likeness, axis=1)
    heap /= heap[:, -1:]
    levels = quantile_levels()
    index = np.stack([np.searchsorted(row, levels) for row in heap])
    return np.asarray(error[np.minimum(index, error.size - 1)])


def _likeness(asked: Sight, cases: Cases) -> FloatArray:
    """Return how much each case counts ``[asked, cases]``; rows sum to 1, or to 0 where nothing is alike.

    Seen and unseen sites do not count for each other.
    """
    distance = ((asked.features[:, None] - cases.features[None]) ** 2).sum(axis=2)
    seen, seen_there = asked.regime != Regime.UNSEEN, cases.regime != Regime.UNSEEN
    comparable = (seen[:, None] == seen_there[None]) * cases.weight
    near = _normalised(np.exp(-distance / (2 * WIDTH**2)) * comparable)
    same = _normalised((asked.regime[:, None] == cases.regime[None]) * cases.weight)
    near = np.where(near.sum(axis=1, keepdims=True) > 0, near, _normalised(comparable))
    same = np.where(same.sum(axis=1, keepdims=True) > 0, same, near)
    return np.asarray((1 - REGIME_SHARE) * near + REGIME_SHARE * same)


def _normalised(weights: FloatArray) -> FloatArray:
    total = weights.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(weights, total, out=np.zeros_like(weights), where=total > 1e-290))
