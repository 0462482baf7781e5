"""An ensemble Kalman smoother: members of a forecast pulled towards what was counted, one count at a time.

States are any numbers of every member; here the logarithms of people by target and day, so that a count
pulls the days before and after it, and other places, as far as they move together in the ensemble. The
update is the deterministic square-root filter (no noise is added to a count), exact for a linear-Gaussian
case with the sample covariance. Counts far off are trusted less (Student's t), and what an ensemble this
small could show by chance is taken off the gain.

Weighed: filterpy and pykalman keep one covariance matrix and want a linear model; particles and dapper
bring a model of their own to run. None takes futures that are already simulated, which is all that is
needed here.

References
----------
Whitaker & Hamill (2002), Mon. Weather Rev. 130, 1913: data assimilation without perturbed observations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

#: Degrees of freedom of the errors of counts: a count five deviations off is trusted a sixth as much.
TAIL_FREEDOM = 4.0


@dataclass(frozen=True, slots=True)
class Observation:
    """One number that was observed: which state, its value and the standard deviation of its error."""

    state: int
    value: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Innovation:
    """How a count stood against the members when it came: before it was used."""

    state: int
    value: float
    mean: float  # of the members
    deviation: float  # of members and count error together
    trust: float  # 1: as its stated error says; smaller for an outlier; 0: it could not pull

    @property
    def standardised(self) -> float:
        """Return the innovation in standard deviations."""
        return (self.value - self.mean) / self.deviation if self.deviation > 0 else 0.0


def smooth(
    members: FloatArray,
    observations: Sequence[Observation],
    *,
    tail_freedom: float | None = TAIL_FREEDOM,
    tapers: bool = True,
    reach: FloatArray | None = None,
) -> tuple[FloatArray, list[Innovation]]:
    """Pull an ensemble towards observations, in their order.

    Parameters
    ----------
    members : float[members, states]
        At least 2 members, all finite. Not changed.
    observations : list of Observation
        Deviations above 0.
    tail_freedom : float or None
        Student's t; None trusts every count as stated.
    tapers : bool
        Take the part of the gain off that chance could make in so few members.
    reach : float[observations, states], optional
        Share of the gain that gets through to each state, 0 to 1: localisation, here in time.

    Returns
    -------
    float[members, states], list of Innovation
        An observed state that all members agree on cannot be pulled: trust 0.

    Raises
    ------
    ValueError
        With fewer than 2 members, a number that is not finite, or a deviation that is not above 0.
    """
    state = np.array(members, float)
    if state.ndim != 2 or state.shape[0] < 2 or not np.isfinite(state).all():
        raise ValueError(f"members is {state.shape}; 2 or more rows of finite numbers were expected")
    innovations = []
    for row, seen in enumerate(observations):
        if not (seen.deviation > 0 and np.isfinite(seen.value)):
            raise ValueError(f"an observation is {seen.value} with a deviation of {seen.deviation}")
        through = np.ones(state.shape[1]) if reach is None else reach[row]
        innovations.append(_pull(state, seen, tail_freedom, tapers, through))
    return state, innovations


def _pull(
    state: FloatArray, seen: Observation, freedom: float | None, tapers: bool, through: FloatArray
) -> Innovation:
    """Update ``state`` by one observation."""
    n = state.shape[0]
    mean = state.mean(axis=0)
    apart = state - mean
    there = apart[:, seen.state].copy()
    spread = float(there @ there) / (n - 1)
    error = seen.deviation**2
    gap = seen.value - float(mean[seen.state])
    told = Innovation(seen.state, seen.value, float(mean[seen.state]), float(np.sqrt(spread + error)), 0.0)
    if spread <= 1e-12:
        return told
    trust = 1.0
    if freedom is not None:
        trust = min((freedom + 1) / (freedom + gap**2 / (spread + error)), 1.0)
        error /= trust
    shared = apart.T @ there / (n - 1)
    gain = through * shared / (spread + error)
    if tapers:
        gain *= _beyond_chance(shared, apart, spread, n)
    narrows = 1 / (1 + np.sqrt(error / (spread + error)))
    state += gain * gap - narrows * np.outer(there, gain)
    return Innovation(told.state, told.value, told.mean, told.deviation, trust)


def _beyond_chance(shared: FloatArray, apart: FloatArray, spread: float, n: int) -> FloatArray:
    """Return for each state the part of its correlation that n members would not show by chance, 0 to 1."""
    variance = (apart**2).sum(axis=0) / (n - 1)
    r2 = np.divide(shared**2, variance * spread, out=np.zeros_like(shared), where=variance > 1e-12)
    chance = (1 - np.minimum(r2, 1.0)) / (n - 1)
    kept = np.divide(r2 - 4 * chance, r2, out=np.zeros_like(r2), where=r2 > 0)
    return np.asarray(np.clip(kept, 0.0, 1.0))
