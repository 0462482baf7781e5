"""The conditioned mode: the total on the target day is told, and only its split over the sites is forecast.

This is what simulators of the field are scored on: they are told how many people arrive. The known counts and
the change of the total, split by size and by recent growth, make the centre; errors come from other conflicts
as in the free mode. Never set in one table with a free forecast.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from corridor.assimilate.past import KNOWN, Centre, Past
from corridor.assimilate.sight import sight_at
from corridor.assimilate.soft import Lessons, Source, learn
from corridor.verify.baselines import Regime, Windows, weighted_quantiles
from corridor.verify.counts import CountSeries, FloatArray, IntArray
from corridor.verify.scores import quantile_levels


def told_change(counts: CountSeries, days: IntArray, lead_days: int) -> FloatArray:
    """Return how the total changes from each issue day to its target, ``[days]``: told, not forecast.

    Sites whose count was unknown on the issue day (a first report that came late) are not part of it.
    """
    target = counts.truth(days + lead_days)
    is_told = np.isfinite(counts.truth(days)) & np.isfinite(target)
    change = np.where(is_told, target, 0.0) - np.where(is_told, counts.known(days), 0.0)
    return np.asarray(change.sum(axis=1))


def split_centre(name: str, growth_share: float) -> Centre:
    """Return the centre: known count and a part of the told change, by size and by recent growth."""

    def people(counts: CountSeries, days: IntArray, lead_days: int) -> FloatArray:
        sight = sight_at(counts, days)
        known = sight.known.reshape(len(days), -1)
        grown = np.maximum(sight.drift.reshape(len(days), -1), 0.0)
        by_size = _shares(known, np.ones_like(known))
        by_growth = _shares(grown, by_size)
        change = told_change(counts, days, lead_days)[:, None]
        growing = (1 - growth_share) * by_size + growth_share * by_growth
        return np.asarray(np.maximum(known + change * np.where(change > 0, growing, by_size), 0.0))

    return Centre(name, people)


def _shares(people: FloatArray, otherwise: FloatArray) -> FloatArray:
    """Return each site's share of its day's people; of ``otherwise`` where there are none."""
    filled = np.where(people.sum(axis=1, keepdims=True) > 0, people, otherwise)
    total = filled.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(filled, total, out=np.zeros_like(filled), where=total > 0))


SIZE_CENTRE = split_centre("split by size", 0.0)
SPLIT_CENTRES = (SIZE_CENTRE, split_centre("split by size and growth", 0.5), KNOWN)


def learn_split(pool: Sequence[Source], lead_days: int, *, every: int, first: int, twin: str = "") -> Lessons:
    """Learn from other conflicts how far off the split is; see `corridor.assimilate.soft.learn`."""
    return learn(pool, lead_days, every=every, first=first, centres=SPLIT_CENTRES, twin=twin)


def same_shares(counts: CountSeries, windows: Windows) -> FloatArray:
    """Return the plain baseline of this mode ``[rows, 1]``: every site keeps its share of the told total."""
    days, back = np.unique(windows.issue_day, return_inverse=True)
    return np.asarray(SIZE_CENTRE(counts, days, windows.lead_days)[back, windows.site][:, None])


def same_shares_by_regime(
    counts: CountSeries, windows: Windows, pool: Sequence[Past], *, by_regime: bool
) -> FloatArray:
    """Return shares kept with errors of other conflicts, quantiles ``[rows, 100]``: PP and RP of this
    mode."""
    error = np.concatenate([past.errors[SIZE_CENTRE.name] for past in pool])
    weight = np.concatenate([past.weight for past in pool])
    regime = np.concatenate([past.regime for past in pool])
    middle, at = same_shares(counts, windows), windows.situation
    quantiles = np.empty((windows.truth.size, quantile_levels().size))
    for each in np.unique(at.regime):
        alike = regime == each if by_regime else (regime == Regime.UNSEEN) == (each == Regime.UNSEEN)
        alike = alike if weight[alike].sum() > 0 else np.ones_like(alike)
        rows = at.regime == each
        table = weighted_quantiles(error[alike], weight[alike])
        quantiles[rows] = np.maximum(middle[rows] + at.scale[rows, None] * table, 0.0)
    return quantiles
