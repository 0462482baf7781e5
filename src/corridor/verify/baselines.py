"""The plain forecasts that any model has to beat: they know no road and no fighting, only earlier counts.

Five baselines turn the counts known on an issue date into a forecast of every site. Two are points
(persistence, half drift); three are quantiles, whose spread is the errors the same rule made in *other*
conflicts: pooled persistence (PP), regime persistence (RP) and half drift with regime errors (HD).
`fit_errors` makes the error tables, `forecast_sites` applies them, `score_windows` scores the result. A
forecast reads rows dated up to its issue date and nothing else. docs/verification.md states every choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from corridor.verify.counts import BoolArray, CountSeries, FloatArray, IntArray
from corridor.verify.scores import N_QUANTILES, crps_from_quantiles, quantile_levels

#: First issue day, and days from one issue date to the next.
FIRST_ISSUE_DAY = 30
ISSUE_EVERY_DAYS = 14
#: Days over which the recent change of a site is taken.
DRIFT_DAYS = 60
#: Share of the recent change per day that half drift carries on.
DRIFT_SHARE = 0.5
#: The scale of a site is its known count plus this share of an average site, and at least SCALE_FLOOR_PEOPLE.
SCALE_SHARE = 0.25
SCALE_FLOOR_PEOPLE = 50.0


class Baseline(StrEnum):
    """The baselines, plainest first."""

    PERSISTENCE = "persistence"
    HALF_DRIFT = "half drift"
    PP = "PP"  # pooled persistence: one error table for seen sites, one for unseen
    RP = "RP"  # regime persistence: an error table for each regime
    HD = "HD"  # half drift, with its own errors by regime


#: Baselines that give one number a site and no spread.
POINTS = (Baseline.PERSISTENCE, Baseline.HALF_DRIFT)


class Regime(IntEnum):
    """How a site moved in the last 60 days, as a share x of its scale."""

    FLAT = 0  # |x| < 0.01
    SLOW = 1  # |x| from 0.01 to 0.05
    RISING = 2  # x to 0.2
    FAST = 3  # x above 0.2
    SHRINKING = 4  # x below -0.05
    UNSEEN = 5  # nothing above 0 reported yet


FLAT_BELOW, SLOW_UP_TO, RISING_UP_TO = 0.01, 0.05, 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """What is known of the sites on one or many issue dates; every array ``[..., sites]``."""

    known: FloatArray  # people, sum of the last value each file had reported
    drift: FloatArray  # people gained in the last 60 days
    scale: FloatArray  # people
    regime: NDArray[np.int64]  # Regime


def situation_at(counts: CountSeries, issue_days: Sequence[int] | IntArray) -> Situation:
    """Return what was known on each issue day: ``[issue days, sites]``."""
    days = np.asarray(issue_days, np.int64)
    known = counts.known(days)
    drift = known - counts.known(days - DRIFT_DAYS)
    average = known.mean(axis=1, keepdims=True) if known.shape[1] else 0.0
    scale = np.maximum(known + SCALE_SHARE * average, SCALE_FLOOR_PEOPLE)
    return Situation(known, drift, scale, regime_of(drift / scale, counts.is_seen(days)))


def regime_of(change: FloatArray, is_seen: BoolArray) -> NDArray[np.int64]:
    """Return the `Regime` of sites from their 60-day change as a share of scale."""
    moving = np.select(
        [change < -SLOW_UP_TO, np.abs(change) < FLAT_BELOW, change <= SLOW_UP_TO, change <= RISING_UP_TO],
        [Regime.SHRINKING, Regime.FLAT, Regime.SLOW, Regime.RISING],
        Regime.FAST,
    )
    return np.where(is_seen, moving, Regime.UNSEEN).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Forecasts to make in one conflict at one lead, with the truth: a row is one site on one issue date.

    Rows whose truth is unknown (before the first report of a site that starts late) are not there.
    """

    conflict: str
    lead_days: int
    issue_day: IntArray  # [rows]
    site: IntArray  # [rows], column of the site in the counts
    situation: Situation  # arrays [rows]
    truth: FloatArray  # [rows]
    is_near_report: BoolArray  # [rows]

    @property
    def weight(self) -> FloatArray:
        """Weight of a row in a pool: scale / people counted at the target / issue dates of the conflict.

        A date on which nobody is counted at the target weighs nothing, as it has no score.
        """
        _, index = np.unique(self.issue_day, return_inverse=True)
        counted = np.bincount(index, self.truth)
        share = np.divide(
            self.situation.scale, counted[index], out=np.zeros_like(self.truth), where=counted[index] > 0
        )
        return np.asarray(share / max(counted.size, 1))


def make_windows(
    counts: CountSeries, lead_days: int, *, every: int = ISSUE_EVERY_DAYS, first: int = FIRST_ISSUE_DAY
) -> Windows:
    """Return the windows of a conflict: issue dates at even steps whose target lies in the period.

    Raises
    ------
    ValueError
        If ``lead_days`` or ``every`` is below 1, or the period is too short for a single window.
    """
    if lead_days < 1 or every < 1:
        raise ValueError(f"lead_days is {lead_days} and every {every}; both must be 1 or more")
    issue_days = np.arange(first, counts.n_days - lead_days, every)
    truth = counts.truth(issue_days + lead_days)
    known = ~np.isnan(truth)
    if not known.any():
        raise ValueError(
            f"'{counts.name}' has no target {lead_days} days ahead to score: "
            f"issue days start at {first}, its last day is {counts.n_days - 1}"
        )
    at = situation_at(counts, issue_days)
    situation = Situation(at.known[known], at.drift[known], at.scale[known], at.regime[known])
    issue_day = np.broadcast_to(issue_days[:, None], truth.shape)[known]
    near = counts.is_near_report(issue_days + lead_days)[known]
    site = np.nonzero(known)[1]
    return Windows(counts.name, lead_days, issue_day, site, situation, truth[known], near)


def centre(situation: Situation, baseline: Baseline, lead_days: int) -> FloatArray:
    """Return the people a baseline expects before its errors are added, not below 0."""
    if baseline not in (Baseline.HALF_DRIFT, Baseline.HD):
        return situation.known
    return np.maximum(situation.known + DRIFT_SHARE * situation.drift / DRIFT_DAYS * lead_days, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class ErrorTables:
    """Errors of one baseline at one lead, as shares of scale: quantiles for each regime of `Regime`."""

    baseline: Baseline
    lead_days: int
    quantiles: FloatArray  # [regimes, levels]


def fit_errors(pool: Iterable[Windows], baseline: Baseline) -> ErrorTables:
    """Pool the errors (truth - centre) / scale of a baseline over the windows of other conflicts.

    PP has one table for the seen regimes and one for unseen; RP and HD have one for each regime. A regime
    that the pool never saw takes the table of all seen sites.

    Raises
    ------
    ValueError
        If the baseline is a point, or the pool is empty or mixes leads.
    """
    if baseline in POINTS:
        raise ValueError(f"'{baseline.value}' is a point and has no table of errors; PP, RP and HD have")
    windows = list(pool)
    leads = {each.lead_days for each in windows}
    if len(leads) != 1:
        raise ValueError(f"the pool has windows of the leads {sorted(leads)}; one lead was expected")
    return error_tables(
        baseline,
        leads.pop(),
        error=np.concatenate([_errors(each, baseline) for each in windows]),
        weight=np.concatenate([each.weight for each in windows]),
        regime=np.concatenate([each.situation.regime for each in windows]),
    )


def error_tables(
    baseline: Baseline, lead_days: int, *, error: FloatArray, weight: FloatArray, regime: IntArray
) -> ErrorTables:
    """Make the tables of `fit_errors` from errors that are at hand, arrays ``[cases]``."""
    seen = regime != Regime.UNSEEN
    tables = np.empty((len(Regime), N_QUANTILES))
    for each in Regime:
        rows = regime == each
        if each != Regime.UNSEEN and (baseline == Baseline.PP or not weight[rows].any()):
            rows = seen
        tables[each] = weighted_quantiles(error[rows], weight[rows]) if weight[rows].any() else np.nan
    return ErrorTables(baseline, lead_days, tables)


def _errors(windows: Windows, baseline: Baseline) -> FloatArray:
    at = windows.situation
    return np.asarray((windows.truth - centre(at, baseline, windows.lead_days)) / at.scale)


def weighted_quantiles(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the smallest value whose cumulative share of the weight reaches each level (k - 0.5) / 100."""
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weights[order]) / weights.sum()
    row = np.searchsorted(share, quantile_levels())
    return np.asarray(values[order][np.minimum(row, values.size - 1)])


def forecast_sites(situation: Situation, tables: ErrorTables) -> FloatArray:
    """Return quantiles ``[..., sites, 100]`` in people, at the levels (k - 0.5) / 100, not below 0.

    Raises
    ------
    ValueError
        If the pool held nothing for a regime that the sites are in.

    >>> import datetime as dt
    >>> from corridor.verify.counts import Report, make_counts
    >>> counts = make_counts("toy", dt.date(2020, 1, 1), 100, {"Camp": {"camp.csv": [Report(0, 400)]}})
    >>> table = ErrorTables(Baseline.RP, 30, np.full((6, 100), 0.1))
    >>> float(forecast_sites(situation_at(counts, [60]), table)[0, 0, 0])  # 400 + 0.1 x (400 + 100)
    450.0
    """
    error = tables.quantiles[situation.regime]
    if np.isnan(error).any():
        missing = sorted({Regime(int(each)).name for each in situation.regime[np.isnan(error).any(axis=-1)]})
        raise ValueError(
            f"the pool of {tables.baseline.value} has no window of a site that is {', '.join(missing)}"
        )
    middle = centre(situation, tables.baseline, tables.lead_days)
    return np.maximum(middle[..., None] + situation.scale[..., None] * error, 0.0)


def leave_one_out(windows: Mapping[str, Windows], baseline: Baseline) -> dict[str, FloatArray]:
    """Forecast every conflict with errors pooled from the others: conflict -> quantiles ``[rows, 100]``.

    The point baselines need no pool and give ``[rows, 1]``.
    """
    if baseline in POINTS:
        return {
            name: centre(own.situation, baseline, own.lead_days)[:, None] for name, own in windows.items()
        }
    forecasts = {}
    for name, own in windows.items():
        tables = fit_errors([each for other, each in windows.items() if other != name], baseline)
        forecasts[name] = forecast_sites(own.situation, tables)
    return forecasts


def crps_of(windows: Windows, quantiles: FloatArray) -> FloatArray:
    """Return the CRPS of each row in people; a single quantile scores the absolute error."""
    return crps_from_quantiles(quantiles, windows.truth)
