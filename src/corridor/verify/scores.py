"""Scores of forecasts: how far from the count, how wide, and whether one method beats another beyond chance.

Every function takes plain arrays and returns plain arrays or a frozen record. A score of a single value is
in people and smaller is better; `rcrps_by_issue` makes it relative to the people counted. Quantile
forecasts stand at the levels (k - 0.5) / n, so that n quantiles read as an equally weighted sample of the
distribution.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

#: Number of quantiles of a quantile forecast; levels (k - 0.5) / 100.
N_QUANTILES = 100


def quantile_levels(n: int = N_QUANTILES) -> FloatArray:
    """Return the levels (k - 0.5) / n for k = 1..n.

    >>> quantile_levels(2).tolist()
    [0.25, 0.75]
    """
    return (np.arange(n) + 0.5) / n


def crps_from_quantiles(quantiles: ArrayLike, observed: ArrayLike) -> FloatArray:
    """Continuous ranked probability score from quantiles at (k - 0.5)/n, in the unit of the quantiles.

    The mean over levels of twice the pinball loss: it equals the integral of the squared difference between
    the step function through the quantiles and the observation, so n equal quantiles score the absolute
    error.

    Parameters
    ----------
    quantiles : float[..., n]
        Rising along the last axis.
    observed : float[...]

    Raises
    ------
    ValueError
        If the shapes do not match.

    >>> float(crps_from_quantiles([100.0, 100.0], 130.0))
    30.0
    """
    forecast, truth = _matched(quantiles, observed)
    levels = quantile_levels(forecast.shape[-1])
    below = (truth[..., None] < forecast).astype(float)
    return np.asarray(2 * np.mean((below - levels) * (forecast - truth[..., None]), axis=-1))


def crps_from_samples(samples: ArrayLike, observed: ArrayLike, *, fair: bool = False) -> FloatArray:
    """Continuous ranked probability score of an ensemble: mean |x - y| less half the mean |x - x'|.

    Parameters
    ----------
    samples : float[..., members]
    observed : float[...]
    fair : bool
        False scores the ensemble as the distribution it is. True estimates the score an ensemble of endless
        size would get (the mean |x - x'| over pairs of different members); use it to compare ensembles of
        unequal size.

    Raises
    ------
    ValueError
        If the shapes do not match, or ``fair`` is asked of a single member.

    References
    ----------
    Ferro (2014), Q. J. R. Meteorol. Soc. 140, 1917: fair scores for ensemble forecasts.
    """
    members, truth = _matched(samples, observed)
    n = members.shape[-1]
    if fair and n < 2:
        raise ValueError("a fair score needs 2 members or more; there is 1")
    members = np.sort(members, axis=-1)
    rank_weight = 2 * np.arange(n) - (n - 1)  # each member's place among the differences of sorted pairs
    spread = np.sum(rank_weight * members, axis=-1) / (n * (n - 1) if fair else n * n)
    return np.asarray(np.mean(np.abs(members - truth[..., None]), axis=-1) - spread)


def interval_score(low: ArrayLike, high: ArrayLike, observed: ArrayLike, *, share: float) -> FloatArray:
    """Interval score of a central band meant to hold ``share``: width plus 2 / (1 - share) per unit missed.

    >>> float(interval_score(10.0, 20.0, 25.0, share=0.5))
    30.0
    """
    if not 0 < share < 1:
        raise ValueError(f"share is {share}; a number between 0 and 1 was expected")
    bottom, top, truth = (np.asarray(values, float) for values in (low, high, observed))
    missed = np.maximum(bottom - truth, 0) + np.maximum(truth - top, 0)
    return np.asarray(top - bottom + 2 / (1 - share) * missed)


def weighted_interval_score(quantiles: ArrayLike, levels: ArrayLike, observed: ArrayLike) -> FloatArray:
    """Weighted interval score of quantiles at symmetric levels with the median among them.

    With K bands it is (|median - y| / 2 + sum of (1 - share)/2 x interval score) / (K + 1/2), as hubs of
    forecasts score.

    Parameters
    ----------
    quantiles : float[..., n]
    levels : float[n]
        Rising, symmetric about 0.5 and with 0.5 in the middle.
    observed : float[...]

    Raises
    ------
    ValueError
        If the levels are not like that, or the shapes do not match.

    References
    ----------
    Bracher, Ray, Gneiting & Reich (2021), PLoS Comput. Biol. 17, e1008618.
    """
    forecast, truth = _matched(quantiles, observed)
    at = np.asarray(levels, float)
    n_bands = at.size // 2
    symmetric = at.size % 2 == 1 and np.all(np.diff(at) > 0) and np.allclose(at + at[::-1], 1)
    if at.shape != forecast.shape[-1:] or not symmetric:
        raise ValueError(
            "levels must rise, be symmetric about 0.5, hold 0.5, and be as many as the quantiles"
        )
    total = np.abs(forecast[..., n_bands] - truth) / 2
    for band in range(n_bands):
        share = float(at[-1 - band] - at[band])
        bounds = forecast[..., band], forecast[..., -1 - band]
        total = total + (1 - share) / 2 * interval_score(*bounds, truth, share=share)
    return np.asarray(total / (n_bands + 0.5))


def central_band(quantiles: ArrayLike, share: float) -> tuple[FloatArray, FloatArray]:
    """Return the ends of the central band holding ``share``, drawn linearly between quantiles at (k - 0.5)/n.

    Beyond the outermost levels the outermost quantile is used.
    """
    forecast = np.asarray(quantiles, float)
    n = forecast.shape[-1]
    ends = []
    for level in ((1 - share) / 2, (1 + share) / 2):
        position = min(max(round(level * n - 0.5, 9), 0.0), n - 1.0)  # rounded: 0.05 x 100 must be 5
        below = int(position)
        above = min(below + 1, n - 1)
        ends.append(forecast[..., below] + (position - below) * (forecast[..., above] - forecast[..., below]))
    return ends[0], ends[1]


def is_in_band(quantiles: ArrayLike, observed: ArrayLike, share: float) -> BoolArray:
    """True where the observed value lies in the central band holding ``share``, ends included."""
    forecast, truth = _matched(quantiles, observed)
    low, high = central_band(forecast, share)
    return np.asarray((low <= truth) & (truth <= high))


def coverage(quantiles: ArrayLike, observed: ArrayLike, share: float) -> float:
    """Return the share of observed values in the central band; ``share`` if the forecast is calibrated."""
    return float(np.mean(is_in_band(quantiles, observed, share)))


def mean_absolute_error(forecast: ArrayLike, observed: ArrayLike) -> float:
    """Return the mean of |forecast - observed|, in people."""
    return float(np.mean(np.abs(np.asarray(forecast, float) - np.asarray(observed, float))))


def averaged_relative_difference(forecast: ArrayLike, observed: ArrayLike) -> float:
    """Return the mean over dates of sum |forecast - observed| / sum observed; arrays ``[dates, sites]``.

    Dates on which nobody was counted are left out; if there is no other date the answer is NaN.

    >>> averaged_relative_difference([[90.0, 20.0], [50.0, 50.0]], [[100.0, 0.0], [50.0, 50.0]])
    0.15
    """
    errors = np.abs(np.asarray(forecast, float) - np.asarray(observed, float))
    dates = np.broadcast_to(np.arange(errors.shape[0])[:, None], errors.shape)
    scores = rcrps_by_issue(errors.ravel(), np.asarray(observed, float).ravel(), dates.ravel())
    return float(np.nanmean(scores)) if np.isfinite(scores).any() else float("nan")


def rcrps_by_issue(crps: ArrayLike, truth: ArrayLike, issue: ArrayLike) -> FloatArray:
    """Relative CRPS of each issue date: the sum of the CRPS over its sites by the sum of the truth.

    Parameters
    ----------
    crps, truth : float[rows]
        A row is one site on one issue date. For a point forecast give the absolute error.
    issue : int[rows]
        Which issue date a row belongs to; any numbers.

    Returns
    -------
    float[issue dates]
        In rising order of ``issue``; NaN where nobody is counted at the target.
    """
    _, index = np.unique(np.asarray(issue), return_inverse=True)
    score = np.bincount(index, np.asarray(crps, float))
    people = np.bincount(index, np.asarray(truth, float))
    return np.asarray(np.divide(score, people, out=np.full(score.shape, np.nan), where=people > 0))


@dataclass(frozen=True, slots=True)
class Comparison:
    """How much better one method is than another: gains as shares of the other's score, 0.05 = 5 % lower.

    The gain is 1 - exp(mean over conflicts of the log ratio of mean scores). ``dates`` is the interval when
    issue dates are resampled within each conflict, ``conflicts`` when conflicts are resampled as well. An
    effect whose ``conflicts`` interval holds 0 is not established for a new conflict.
    """

    gain: float
    by_conflict: dict[str, float]
    dates: tuple[float, float]
    conflicts: tuple[float, float]


def compare(
    ours: Mapping[str, ArrayLike],
    theirs: Mapping[str, ArrayLike],
    *,
    block: int,
    seed: int,
    n_resamples: int = 2000,
    share: float = 0.95,
) -> Comparison:
    """Compare two methods on the same issue dates by log ratio, with a circular block bootstrap.

    Neighbouring issue dates share their errors, so whole blocks of dates are drawn, from a circle so that
    every date is as likely as any other; both methods get the same dates.

    Parameters
    ----------
    ours, theirs : conflict -> float[issue dates]
        Scores above 0, paired by position; pairs with a NaN are left out.
    block : int
        Issue dates in a block; take it longer than the lead: lead // days between issues + 1.
    seed, n_resamples : int
        The resamples drawn; the same seed gives the same intervals.
    share : float
        What the intervals are meant to hold.

    Raises
    ------
    ValueError
        If the conflicts or the numbers of issue dates differ, a mean score is 0, or ``block`` or
        ``n_resamples`` is below 1.
    """
    if block < 1 or n_resamples < 1:
        raise ValueError(f"block is {block} and n_resamples {n_resamples}; both must be 1 or more")
    pairs = _paired(ours, theirs)
    rng = np.random.default_rng(seed)
    observed = {name: float(_log_ratio(pair.mean(axis=1))) for name, pair in pairs.items()}
    resampled = np.stack(
        [_log_ratio(_resampled_means(pair, block, n_resamples, rng)) for pair in pairs.values()]
    )
    drawn = rng.integers(len(pairs), size=resampled.shape)
    return Comparison(
        gain=-float(np.expm1(np.mean(list(observed.values())))),
        by_conflict={name: -float(np.expm1(ratio)) for name, ratio in observed.items()},
        dates=_gain_interval(resampled.mean(axis=0), share),
        conflicts=_gain_interval(np.take_along_axis(resampled, drawn, axis=0).mean(axis=0), share),
    )


def _paired(ours: Mapping[str, ArrayLike], theirs: Mapping[str, ArrayLike]) -> dict[str, FloatArray]:
    if not ours or set(ours) != set(theirs):
        raise ValueError(
            f"both methods must score the same conflicts; got {sorted(ours)} and {sorted(theirs)}"
        )
    pairs = {}
    for name in ours:
        one, other = np.asarray(ours[name], float), np.asarray(theirs[name], float)
        if one.shape != other.shape or one.ndim != 1:
            raise ValueError(
                f"'{name}' has scores of shape {one.shape} and {other.shape}; equal lists were expected"
            )
        pair = np.stack([one, other])
        pairs[name] = pair[:, np.isfinite(pair).all(axis=0)]
        if not pairs[name].size or (pairs[name].mean(axis=1) <= 0).any():
            raise ValueError(
                f"'{name}' has no issue date scored by both, or a mean score of 0: no ratio can be taken"
            )
    return pairs


def _log_ratio(means: FloatArray) -> FloatArray:
    return np.asarray(np.log(means[0]) - np.log(means[1]))


def _resampled_means(pair: FloatArray, block: int, n_resamples: int, rng: np.random.Generator) -> FloatArray:
    """Return means ``[2, resamples]`` over circular blocks, cut to as many dates as there were."""
    n = pair.shape[1]
    n_blocks = -(-n // block)
    starts = rng.integers(n, size=(n_resamples, n_blocks, 1))
    index = ((starts + np.arange(block)) % n).reshape(n_resamples, -1)[:, :n]
    return np.asarray(pair[:, index].mean(axis=2))


def _gain_interval(log_ratios: FloatArray, share: float) -> tuple[float, float]:
    low, high = np.quantile(log_ratios, [(1 - share) / 2, (1 + share) / 2])
    return -float(np.expm1(high)), -float(np.expm1(low))


def _matched(forecast: ArrayLike, observed: ArrayLike) -> tuple[FloatArray, FloatArray]:
    values, truth = np.asarray(forecast, float), np.asarray(observed, float)
    if values.ndim != truth.ndim + 1 or values.shape[:-1] != truth.shape or values.shape[-1] == 0:
        raise ValueError(
            f"the forecast is {values.shape} and the observations {truth.shape}; one more axis was expected"
        )
    return values, truth
