"""Weights of members by how well they fit what was counted, tempered so that no few of them stand for all.

Weights say which storylines and which values of the priors the counts speak for. The likelihood has heavy
tails; where it would leave too few members, it is raised to a power below 1 until enough are left, and the
power is told.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

#: Share of the members that must be left, as effective sample size.
KEPT_SHARE = 0.25
#: Below this share of the members before tempering, the ensemble is said to have collapsed.
COLLAPSE_SHARE = 0.05
FREEDOM = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Weights of members, and how much the likelihood had to be tempered."""

    weights: FloatArray  # [members], sum 1
    power: float  # of the likelihood: 1 = as it is
    size_untempered: float  # effective sample size of the likelihood as it is

    @property
    def size(self) -> float:
        """Effective sample size."""
        return float(1 / (self.weights**2).sum())

    @property
    def has_collapsed(self) -> bool:
        """True if the likelihood as it is would have left next to nobody."""
        return self.size_untempered < max(2.0, COLLAPSE_SHARE * self.weights.size)


def log_likelihood(gaps: FloatArray, deviations: FloatArray, shares: FloatArray) -> FloatArray:
    """Return the log likelihood ``[members]`` of counts under Student's t with 4 degrees of freedom.

    Parameters
    ----------
    gaps : float[members, counts]
        Count less member, in any unit.
    deviations : float[counts]
        Of the errors, in that unit, above 0.
    shares : float[counts]
        How much each count says of its own, 0 to 1: counts of one week by one counter share their errors.
    """
    squares = (gaps / deviations) ** 2
    return np.asarray(-(FREEDOM + 1) / 2 * (np.log1p(squares / FREEDOM) * shares).sum(axis=1))


def temper(log_likelihoods: FloatArray, *, kept_share: float = KEPT_SHARE) -> Weights:
    """Return weights of which at least ``kept_share`` of the members are effectively left.

    Raises
    ------
    ValueError
        If there is no member, or a likelihood is not finite.
    """
    if not log_likelihoods.size or not np.isfinite(log_likelihoods).all():
        raise ValueError(f"{log_likelihoods.size} likelihoods; 1 or more finite numbers were expected")
    n = log_likelihoods.size
    relative = log_likelihoods - log_likelihoods.max()
    untempered = _size(_weights(relative, 1.0))
    wanted = min(max(kept_share * n, 1.0), float(n))
    low, high = 0.0, 1.0
    if untempered < wanted:
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if _size(_weights(relative, middle)) >= wanted else (low, middle)
        power = low
    else:
        power = 1.0
    return Weights(_weights(relative, power), power, untempered)


def _weights(relative: FloatArray, power: float) -> FloatArray:
    raw = np.exp(relative * power)
    return np.asarray(raw / raw.sum())


def _size(weights: FloatArray) -> float:
    return float(1 / (weights**2).sum())


def resample(weights: FloatArray, *, seed: int) -> NDArray[np.int64]:
    """Return members drawn by weight, as many as there are, by systematic resampling; in rising order."""
    n = weights.size
    start = np.random.default_rng(np.random.SeedSequence([seed, 6])).random()
    steps = (np.arange(n) + start) / n
    return np.minimum(np.searchsorted(np.cumsum(weights), steps), n - 1).astype(np.int64)
