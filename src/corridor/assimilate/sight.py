"""What a forecaster sees of every site on an issue date, as numbers that mean the same in every conflict.

`sight_at` turns the counts known on a day into four features (recent change, time since the first day, age
of the report, size among the sites), a scale and a regime. Only rows dated up to the day are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corridor.verify.baselines import DRIFT_DAYS, Situation, situation_at
from corridor.verify.counts import BoolArray, CountSeries, FloatArray, IntArray

#: What a unit of each feature is; two sites a unit apart count as different. Chosen once, by reasoning.
CHANGE_KNEE = 0.05  # 60-day change, as a share of scale, beyond which changes are told apart by ratio
CRISIS_KNEE_DAYS = 30.0  # days since the first day are told apart by ratio beyond this
AGE_KNEE_DAYS = 7.0  # ages of reports are told apart by ratio beyond a week
SIZE_FLOOR_PEOPLE = 50.0
SIZE_FLOOR = 0.05  # of an average site
FEATURES = ("change", "day", "age", "size")


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What is seen of sites; arrays ``[rows]``, a row is one site on one issue date."""

    known: FloatArray  # people
    drift: FloatArray  # people gained in the last 60 days
    scale: FloatArray  # people; errors are told as shares of it
    regime: IntArray  # verify.Regime
    features: FloatArray  # [rows, FEATURES]
    n_sites: IntArray  # sites counted or listed in the conflict

    def __getitem__(self, rows: BoolArray | IntArray) -> Sight:
        """Return some of the rows."""
        return Sight(
            self.known[rows],
            self.drift[rows],
            self.scale[rows],
            self.regime[rows],
            self.features[rows],
            self.n_sites[rows],
        )

    def __len__(self) -> int:
        return int(self.known.size)


def sight_at(counts: CountSeries, issue_days: Sequence[int] | IntArray) -> Sight:
    """Return what is seen on each issue day; rows run over days, then sites: ``[days x sites]``."""
    days = np.asarray(issue_days, np.int64)
    at = situation_at(counts, days)
    n_sites = at.known.shape[1]
    features = _features(at, counts.report_age(days), days)
    return Sight(
        at.known.ravel(),
        at.drift.ravel(),
        at.scale.ravel(),
        at.regime.ravel(),
        features.reshape(-1, len(FEATURES)),
        np.full(at.known.size, n_sites),
    )


def _features(at: Situation, age_days: FloatArray, days: IntArray) -> FloatArray:
    """Return ``[days, sites, FEATURES]``; each is a logarithm beyond its knee."""
    change = at.drift / at.scale
    total = at.known.sum(axis=1, keepdims=True)
    n_sites = max(at.known.shape[1], 1)
    size = (at.known + SIZE_FLOOR_PEOPLE) / (total / n_sites + SIZE_FLOOR_PEOPLE)
    crisis = np.log((np.maximum(days, 0.0) + CRISIS_KNEE_DAYS) / (2 * CRISIS_KNEE_DAYS))
    return np.stack(
        [
            np.sign(change) * np.log1p(np.abs(change) / CHANGE_KNEE),
            np.broadcast_to(crisis[:, None], change.shape),
            np.log1p(age_days / AGE_KNEE_DAYS),
            np.log(size + SIZE_FLOOR) / 2,
        ],
        axis=-1,
    )


def drift_per_day(sight: Sight) -> FloatArray:
    """Return the people a day gained over the last 60 days, ``[rows]``."""
    return np.asarray(sight.drift / DRIFT_DAYS)
