"""Priors that are products of others: the entries of ``of`` as factors, and the range a product can take.

A factor is a number, the name of a prior, or ``1 - NAME`` for what a share leaves over. So the people of two
banks of a city can hang together: the city's people times a share, and times what that share leaves.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corridor.scenario.model import Prior, Value

_REST = "1 - "


@dataclass(frozen=True, slots=True)
class Factor:
    """One entry of a product: a number where ``name`` is "", else a prior or what it leaves of 1."""

    name: str = ""
    value: float = 1.0
    is_rest: bool = False

    def at(self, values: Mapping[str, float]) -> float:
        """Return the factor for given values of the priors."""
        if not self.name:
            return self.value
        return 1.0 - values[self.name] if self.is_rest else values[self.name]


def read_factor(entry: Value) -> Factor:
    """Return an entry of ``of`` as a factor.

    >>> read_factor("1 - east_share")
    Factor(name='east_share', value=1.0, is_rest=True)
    """
    if not isinstance(entry, str):
        return Factor(value=float(entry))
    words = " ".join(entry.split())
    if words.startswith(_REST):
        return Factor(words.removeprefix(_REST), is_rest=True)
    return Factor(words)


def factors_of(prior: Prior) -> tuple[Factor, ...]:
    """Return the factors of a product, none for any other prior."""
    return tuple(read_factor(entry) for entry in prior.of)


def names_in(prior: Prior) -> tuple[str, ...]:
    """Return the priors that a product names, each once."""
    return tuple(dict.fromkeys(factor.name for factor in factors_of(prior) if factor.name))


def product_at(prior: Prior, values: Mapping[str, float]) -> float:
    """Return a product for given values of the priors that it names."""
    return math.prod(factor.at(values) for factor in factors_of(prior))


def product_range(prior: Prior, ranges: Mapping[str, tuple[float, float]]) -> tuple[float, float]:
    """Return the lowest and the highest product for priors that lie in given ranges.

    A product is linear in each prior that it names once, so its extremes lie at ends of the ranges; for one
    named several times the result is a range that holds it.
    """
    ends: Sequence[tuple[float, float]] = [_ends(factor, ranges) for factor in factors_of(prior)]
    corners = [math.prod(corner) for corner in itertools.product(*ends)]
    return min(corners), max(corners)


def _ends(factor: Factor, ranges: Mapping[str, tuple[float, float]]) -> tuple[float, float]:
    if not factor.name:
        return factor.value, factor.value
    low, high = ranges[factor.name]
    return (1.0 - high, 1.0 - low) if factor.is_rest else (low, high)
