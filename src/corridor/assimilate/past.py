"""Past cases: one conflict's counts as forecasts that could have been issued, and how far off each was.

`past_of` turns a `CountSeries` into the rows that other conflicts learn from: regime, features of likeness,
weight, and the errors about one or several centres as shares of scale. Rows hold no people and no date.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from corridor.assimilate.sight import drift_per_day, sight_at
from corridor.verify.baselines import (
    FIRST_ISSUE_DAY,
    ISSUE_EVERY_DAYS,
    Baseline,
    ErrorTables,
    centre,
    error_tables,
    make_windows,
    situation_at,
)
from corridor.verify.counts import CountSeries, FloatArray, IntArray

#: Growth falls back to zero with this time: of a drift d a day, d x 45 x (1 - exp(-lead / 45)) is carried on.
GROWTH_DAYS = 45.0


@dataclass(frozen=True, slots=True)
class Centre:
    """People expected at the target, ``[days, sites]``, before errors are added; never below 0."""

    name: str
    people: Callable[[CountSeries, IntArray, int], FloatArray]

    def __call__(self, counts: CountSeries, days: IntArray, lead_days: int) -> FloatArray:
        """Return the people expected so many days after each day."""
        return self.people(counts, days, lead_days)


def drift_centre(name: str, share: float) -> Centre:
    """Return the centre: known count and a share of the 60-day drift, which falls back to zero."""

    def people(counts: CountSeries, days: IntArray, lead_days: int) -> FloatArray:
        sight = sight_at(counts, days)
        days_of_drift = -GROWTH_DAYS * np.expm1(-lead_days / GROWTH_DAYS)
        expected = np.maximum(sight.known + share * days_of_drift * drift_per_day(sight), 0.0)
        return np.asarray(expected.reshape(len(days), -1))

    return Centre(name, people)


def _half_drift(counts: CountSeries, days: IntArray, lead_days: int) -> FloatArray:
    return np.asarray(centre(situation_at(counts, days), Baseline.HD, lead_days))


#: The known count; half its drift, falling back to zero; and the centre of the baseline HD.
KNOWN = drift_centre("known", 0.0)
FADING = drift_centre("fading drift", 0.5)
HALF_DRIFT = Centre("half drift", _half_drift)


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """Past cases of one conflict at one lead; a row is one site on one issue date."""

    conflict: str
    lead_days: int
    regime: IntArray  # [cases], verify.Regime
    features: FloatArray  # [cases, sight.FEATURES]
    weight: FloatArray  # [cases], of a row in a pool; see verify.Windows
    errors: Mapping[str, FloatArray]  # centre -> [cases], (truth - centre) / scale


def past_of(
    counts: CountSeries,
    lead_days: int,
    centres: Sequence[Centre],
    *,
    every: int = ISSUE_EVERY_DAYS,
    first: int = FIRST_ISSUE_DAY,
) -> Past | None:
    """Return the past cases of a conflict, None where no target of it has a known truth."""
    targets = np.arange(first, counts.n_days - lead_days, every) + lead_days
    if not np.isfinite(counts.truth(targets)).any():
        return None
    windows = make_windows(counts, lead_days, every=every, first=first)
    days, back = np.unique(windows.issue_day, return_inverse=True)
    rows = back * len(counts.sites) + windows.site
    sight = sight_at(counts, days)[rows]
    errors = {
        each.name: (windows.truth - each(counts, days, lead_days).ravel()[rows]) / sight.scale
        for each in centres
    }
    return Past(counts.name, lead_days, sight.regime, sight.features, windows.weight, errors)


def tables_of(pool: Sequence[Past], baseline: Baseline) -> ErrorTables:
    """Return the error tables of PP, RP or HD over past cases of other conflicts."""
    name = HALF_DRIFT.name if baseline == Baseline.HD else KNOWN.name
    return error_tables(
        baseline,
        pool[0].lead_days,
        error=np.concatenate([past.errors[name] for past in pool]),
        weight=np.concatenate([past.weight for past in pool]),
        regime=np.concatenate([past.regime for past in pool]),
    )
