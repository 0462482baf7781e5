"""Scores of many forecasters on the same issue dates and targets, and who beats whom beyond chance.

Takes `Windows` (what was to be forecast, and the truth) and quantiles of each model; gives one scored row a
target (`ScoredWindows`), and a `SkillTable` over conflicts, leads and models: relative CRPS, its mean over
conflicts, coverage, gains with block-bootstrap intervals, reliability and ranks. Knows no model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from corridor.verify.baselines import Regime, Windows, crps_of
from corridor.verify.counts import BoolArray, FloatArray
from corridor.verify.scores import (
    Comparison,
    central_band,
    compare,
    is_in_band,
    rcrps_by_issue,
    weighted_interval_score,
)

#: Levels of the weighted interval score: 11 bands and the median, as hubs of forecasts use.
HUB_LEVELS = (
    0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5,
    0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.975, 0.99,
)  # fmt: skip
#: Shares of the central bands whose coverage is drawn in a reliability diagram.
BAND_SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
N_RANK_BINS = 10


@dataclass(frozen=True, slots=True, eq=False)
class ScoredWindows:
    """One model's scores on the windows of one conflict at one lead; arrays ``[rows]``, people."""

    windows: Windows
    crps: FloatArray
    wis: FloatArray  # NaN for a point
    absolute_error: FloatArray  # of the median
    in_50: FloatArray  # 1 or 0; NaN for a point
    in_90: FloatArray
    held: FloatArray  # [rows, BAND_SHARES] 1 or 0; NaN for a point
    rank: FloatArray  # share of quantiles below the truth, ties counted half; NaN for a point

    def by_issue(self, *, near: bool = False) -> FloatArray:
        """Return the relative CRPS of each issue date; with ``near`` over targets near a report only."""
        rows = self.windows.is_near_report if near else np.ones(self.crps.size, bool)
        return rcrps_by_issue(self.crps[rows], self.windows.truth[rows], self.windows.issue_day[rows])

    @property
    def is_seen(self) -> BoolArray:
        """True for sites that had been seen by the issue date: coverage is taken over these."""
        return np.asarray(self.windows.situation.regime != Regime.UNSEEN)

    def coverage(self, share: float) -> float:
        """Return the share of targets at seen sites in the central 50 % or 90 % band; NaN for a point."""
        inside = self.in_50 if share == 0.5 else self.in_90
        return _mean(inside[self.is_seen])


def score_model(windows: Windows, quantiles: FloatArray) -> ScoredWindows:
    """Score quantiles ``[rows, n]`` at levels (k - 0.5)/n; n = 1 is a point.

    Raises
    ------
    ValueError
        If a quantile is not finite: a forecast that is missing must be left out by name, not scored.
    """
    if not np.isfinite(quantiles).all():
        raise ValueError(f"a forecast of '{windows.conflict}' {windows.lead_days} days ahead is not a number")
    truth = windows.truth
    crps = crps_of(windows, quantiles)
    n = quantiles.shape[1]
    median = np.median(quantiles, axis=1)
    if n == 1:
        none = np.full(truth.shape, np.nan)
        held = np.full((truth.size, len(BAND_SHARES)), np.nan)
        return ScoredWindows(windows, crps, none, np.abs(median - truth), none, none, held, none)
    at_hub = quantiles_at(quantiles, HUB_LEVELS)
    held = np.stack([is_in_band(quantiles, truth, share) for share in BAND_SHARES], axis=1).astype(float)
    below = (quantiles < truth[:, None]).mean(axis=1) + (quantiles == truth[:, None]).mean(axis=1) / 2
    return ScoredWindows(
        windows,
        crps,
        weighted_interval_score(at_hub, HUB_LEVELS, truth),
        np.abs(median - truth),
        held[:, BAND_SHARES.index(0.5)],
        held[:, BAND_SHARES.index(0.9)],
        held,
        below,
    )


def quantiles_at(quantiles: FloatArray, levels: Sequence[float]) -> FloatArray:
    """Return quantiles at other levels, drawn linearly between those at (k - 0.5)/n."""
    found = []
    for level in levels:
        low, high = central_band(quantiles, abs(2 * level - 1))
        found.append(high if level > 0.5 else low)
    return np.stack(found, axis=-1)


@dataclass(frozen=True, slots=True, eq=False)
class SkillTable:
    """Scores by (model, conflict, lead), over sites and over the total; both on the same issue dates."""

    conflicts: tuple[str, ...]
    leads_days: tuple[int, ...]
    every: int
    models: tuple[str, ...]
    sites: Mapping[tuple[str, str, int], ScoredWindows]
    totals: Mapping[tuple[str, str, int], ScoredWindows]
    site_names: Mapping[str, tuple[str, ...]]  # by conflict
    notes: tuple[str, ...] = ()  # what was left out, and why

    def conflicts_of(self, model: str, lead_days: int, *, totals: bool = False) -> list[str]:
        """Return the conflicts in which a model was scored at a lead."""
        scored = self.totals if totals else self.sites
        return [name for name in self.conflicts if (model, name, lead_days) in scored]

    def rcrps(
        self, model: str, conflict: str, lead_days: int, *, near: bool = False, totals: bool = False
    ) -> float:
        """Return the mean over issue dates of the relative CRPS; NaN where the model was not scored."""
        scored = (self.totals if totals else self.sites).get((model, conflict, lead_days))
        return float("nan") if scored is None else _mean(scored.by_issue(near=near))

    def mean_rcrps(self, model: str, lead_days: int, *, near: bool = False, totals: bool = False) -> float:
        """Return the mean over conflicts."""
        return _mean(
            [self.rcrps(model, name, lead_days, near=near, totals=totals) for name in self.conflicts]
        )

    def coverage(self, model: str, lead_days: int, share: float, conflict: str | None = None) -> float:
        """Return the coverage of the 50 % or 90 % bands in one conflict, or its mean over conflicts."""
        names = self.conflicts if conflict is None else (conflict,)
        found = [self.sites[key] for name in names if (key := (model, name, lead_days)) in self.sites]
        return _mean([scored.coverage(share) for scored in found])

    def gain(
        self, model: str, other: str, lead_days: int, *, seed: int, near: bool = False
    ) -> Comparison | None:
        """Compare two models on the conflicts that both were scored in; None where there is none.

        Blocks of issue dates are longer than the lead. Conflicts in which a score is 0 are left out.
        """
        ours, theirs = {}, {}
        for name in self.conflicts:
            pair = [self.sites.get((each, name, lead_days)) for each in (model, other)]
            if pair[0] is None or pair[1] is None:
                continue
            one, two = pair[0].by_issue(near=near), pair[1].by_issue(near=near)
            both = np.isfinite(one) & np.isfinite(two)
            if both.any() and one[both].mean() > 0 and two[both].mean() > 0:
                ours[name], theirs[name] = one, two
        if not ours:
            return None
        return compare(ours, theirs, block=lead_days // self.every + 1, seed=seed)

    def reliability(self, model: str, lead_days: int) -> FloatArray:
        """Return the share of targets held by each band of ``BAND_SHARES``: mean over conflicts."""
        found = self._scored(model, lead_days)
        if not found:
            return np.full(len(BAND_SHARES), np.nan)
        return np.asarray(np.mean([each.held[each.is_seen].mean(axis=0) for each in found], axis=0))

    def rank_shares(self, model: str, lead_days: int) -> FloatArray:
        """Return the share of targets in each tenth of the forecast, mean over conflicts; 0.1 each is
        ideal."""
        found = self._scored(model, lead_days)
        if not found:
            return np.full(N_RANK_BINS, np.nan)
        shares = []
        for each in found:
            bins = np.minimum((each.rank[each.is_seen] * N_RANK_BINS).astype(int), N_RANK_BINS - 1)
            shares.append(np.bincount(bins, minlength=N_RANK_BINS) / max(bins.size, 1))
        return np.asarray(np.mean(shares, axis=0))

    def _scored(self, model: str, lead_days: int) -> list[ScoredWindows]:
        found = [self.sites.get((model, name, lead_days)) for name in self.conflicts]
        return [
            each for each in found if each is not None and each.is_seen.any() and np.isfinite(each.rank).any()
        ]


def _mean(values: Sequence[float] | FloatArray) -> float:
    numbers = np.asarray(values, float)
    finite = numbers[np.isfinite(numbers)]
    return float(finite.mean()) if finite.size else float("nan")
