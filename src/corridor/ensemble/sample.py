"""What one member is told of what is not known: its storyline and a value of each prior.

A value is the prior's quantile at a uniform number that depends on (seed, member, name of the prior) alone.
So a new prior does not shift the others, a member has the same values in every storyline and what-if, and
members can be drawn in any order. Storylines are spread over the members by an additive recurrence, so that
any first N members hold them nearly by weight.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence

from corridor.engine.random import new_rng, open_draw, uniform
from corridor.scenario.model import Prior, Scenario, Storyline, Value

_PRIOR_DECISION = 200  # beyond the engine's own decisions
_STORYLINE_DECISION = 201
_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
_Z95 = 1.6448536269514722  # standard normal quantile at 0.95


def quantile(prior: Prior, probability: float) -> float:
    """Return the value of a prior below which it lies with the given probability (0..1).

    Raises
    ------
    ValueError
        If the prior lacks a parameter of its distribution; the reader of scenarios has checked this.
    """
    low, high = _number(prior.low, 0.0), _number(prior.high, 1.0)
    if prior.distribution == "fixed":
        return _number(prior.value)
    if prior.distribution == "uniform":
        return low + probability * (high - low)
    if prior.distribution == "triangular":
        return _triangular(low, _number(prior.mode), high, probability)
    from scipy import special

    if prior.distribution == "lognormal":
        median = _number(prior.median)
        sigma = math.log(_number(prior.p95) / median) / _Z95
        return float(median * math.exp(sigma * special.ndtri(probability)))
    mean, total = _number(prior.mean), _number(prior.concentration)
    return float(low + (high - low) * special.betaincinv(mean * total, (1.0 - mean) * total, probability))


def _number(value: float | None, default: float | None = None) -> float:
    number = default if value is None else value
    if number is None:
        raise ValueError("a prior lacks a parameter of its distribution")
    return number


def _triangular(low: float, mode: float, high: float, probability: float) -> float:
    if high == low:
        return low
    if probability < (mode - low) / (high - low):
        return low + math.sqrt(probability * (high - low) * (mode - low))
    return high - math.sqrt((1.0 - probability) * (high - low) * (high - mode))


def probability_of(seed: int, member: int, name: str) -> float:
    """Return the uniform number in (0, 1) that fixes a member's value of the prior of this name."""
    rng = new_rng(seed, member)
    open_draw(rng, 0, zlib.crc32(name.encode("utf-8")), _PRIOR_DECISION, 0)
    return min(max(float(uniform(rng)), 1e-12), 1.0 - 1e-12)


def sample_priors(priors: Mapping[str, Prior], *, seed: int, member: int) -> dict[str, float]:
    """Return a member's value of every prior, by name, in the prior's unit (dates as ordinals)."""
    return {name: quantile(prior, probability_of(seed, member, name)) for name, prior in priors.items()}


def resolve(value: Value, values: Mapping[str, float]) -> float:
    """Return a scenario's value as a number: itself, or the member's value of the prior it names."""
    return values[value] if isinstance(value, str) else float(value)


def storyline_weights(storylines: Sequence[Storyline], values: Mapping[str, float]) -> list[float]:
    """Return the weights of the storylines, normalised to sum to 1."""
    weights = [max(0.0, resolve(storyline.weight, values)) for storyline in storylines]
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def choose_storyline(scenario: Scenario, values: Mapping[str, float], *, seed: int, member: int) -> Storyline:
    """Return the storyline of a member."""
    rng = new_rng(seed, 0)
    open_draw(rng, 0, 0, _STORYLINE_DECISION, 0)
    position = (float(uniform(rng)) + member * _GOLDEN) % 1.0
    for storyline, weight in zip(
        scenario.storylines, storyline_weights(scenario.storylines, values), strict=True
    ):
        if position < weight:
            return storyline
        position -= weight
    return max(scenario.storylines, key=lambda storyline: resolve(storyline.weight, values))
