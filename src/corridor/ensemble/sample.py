"""What one member is told of what is not known: its storyline and a value of each prior.

A value is the prior's quantile at a uniform number that depends on (seed, member, name of the prior) alone.
So a new prior does not shift the others, a member has the same values in every storyline and what-if, and
members can be drawn in any order. Storylines are spread over the members by an additive recurrence, so that
any first N members hold them nearly by weight.
"""

from __future__ import annotations

import itertools
import math
import zlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from corridor.engine.random import new_rng, open_draw, uniform
from corridor.scenario.model import Prior, Scenario, Storyline, Value
from corridor.scenario.products import factors_of, names_in, product_at

_PRIOR_DECISION = 200  # beyond the engine's own decisions
_STORYLINE_DECISION = 201
_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
_PRODUCT_GRID = 4_000  # values of a product from which its quantiles are told
_Z95 = 1.6448536269514722  # standard normal quantile at 0.95


def quantile(prior: Prior, probability: float, priors: Mapping[str, Prior] = MappingProxyType({})) -> float:
    """Return the value of a prior below which it lies with the given probability (0..1).

    ``priors`` are those that a product names; its quantile is that of a grid of their values, of which there
    are some thousands.

    Raises
    ------
    ValueError
        If the prior lacks a parameter of its distribution, or names a prior that is not given; the reader of
        scenarios has checked this.
    """
    if prior.distribution == "product":
        return _at(product_values(prior, priors), probability)
    if prior.distribution == "steps":
        return _steps_quantile(prior, probability)
    if prior.distribution == "claims":
        raise ValueError("a prior of claims is pooled when its scenario is read")
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


def _steps_quantile(prior: Prior, probability: float) -> float:
    """Return the quantile of a density that is even between edges; never one where there is no mass."""
    filled = [row for row, mass in enumerate(prior.masses) if mass > 0.0]
    below = 0.0
    for row in filled:
        mass, low, high = prior.masses[row], prior.edges[row], prior.edges[row + 1]
        if probability <= below + mass or row == filled[-1]:
            return low + min(max((probability - below) / mass, 0.0), 1.0) * (high - low)
        below += mass
    raise ValueError("a prior lacks a parameter of its distribution")


def quantiles(
    prior: Prior, probabilities: Sequence[float], priors: Mapping[str, Prior] = MappingProxyType({})
) -> list[float]:
    """Return the values at several probabilities; see `quantile`."""
    if prior.distribution != "product":
        return [quantile(prior, probability) for probability in probabilities]
    values = product_values(prior, priors)
    return [_at(values, probability) for probability in probabilities]


def _at(values: Sequence[float], probability: float) -> float:
    """Return the quantile of equally likely values in ascending order."""
    place = probability * len(values) - 0.5
    row = min(max(math.floor(place), 0), len(values) - 2)
    share = min(max(place - row, 0.0), 1.0)
    return values[row] + share * (values[row + 1] - values[row])


def product_values(prior: Prior, priors: Mapping[str, Prior]) -> list[float]:
    """Return the products of a grid of equally likely values of what a product names, in ascending order.

    Raises
    ------
    ValueError
        If it names a prior that is not given.
    """
    names = names_in(prior)
    if missing := [name for name in names if name not in priors]:
        raise ValueError(f"a product names '{missing[0]}', which is no prior")
    n = max(2, round(_PRODUCT_GRID ** (1 / max(len(names), 1))))
    axes = [[quantile(priors[name], (i + 0.5) / n) for i in range(n)] for name in names]
    factors = factors_of(prior)
    rows = (dict(zip(names, row, strict=True)) for row in itertools.product(*axes))
    return sorted(math.prod([factor.at(row) for factor in factors]) for row in rows)


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
    return _probability(new_rng(seed, member), name)


def _probability(rng: NDArray[np.uint64], name: str) -> float:
    open_draw(rng, 0, zlib.crc32(name.encode("utf-8")), _PRIOR_DECISION, 0)
    return min(max(float(uniform(rng)), 1e-12), 1.0 - 1e-12)


def sample_priors(priors: Mapping[str, Prior], *, seed: int, member: int) -> dict[str, float]:
    """Return a member's value of every prior, by name, in the prior's unit (dates as ordinals)."""
    independent = {name for name, prior in priors.items() if prior.distribution != "product"}
    rng = new_rng(seed, member)
    return values_at(priors, {name: _probability(rng, name) for name in independent})


def values_at(priors: Mapping[str, Prior], probabilities: Mapping[str, float]) -> dict[str, float]:
    """Return the values of all priors, where those that are no products lie at these quantiles."""
    drawn = {
        name: quantile(prior, probabilities[name])
        for name, prior in priors.items()
        if prior.distribution != "product"
    }
    return {
        name: drawn[name] if name in drawn else product_at(prior, drawn) for name, prior in priors.items()
    }


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
    return storyline_at(scenario, values, (float(uniform(rng)) + member * _GOLDEN) % 1.0)


def storyline_at(scenario: Scenario, values: Mapping[str, float], position: float) -> Storyline:
    """Return the storyline at a position (0..1) on the line on which each has its weight as length."""
    for storyline, weight in zip(
        scenario.storylines, storyline_weights(scenario.storylines, values), strict=True
    ):
        if position < weight:
            return storyline
        position -= weight
    return max(scenario.storylines, key=lambda storyline: resolve(storyline.weight, values))
