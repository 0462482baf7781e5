"""Which futures are simulated: a plain design, and Saltelli's design over what the plain one found to matter.

A future is told three independent things: the values of the priors, a storyline, and its chance, the number
that names the engine's draws. The *plain design* draws all three anew for each future, so that every future
is one of the forecast's kind. Of its rows the first ``n_base`` are the matrix A and the next ``n_base`` the
matrix B of Saltelli et al. (2010); for each factor there are ``n_base`` futures more, which are told what A
is told except for that factor, which B is told. A factor is one quantity, all other quantities together, the
storyline, or chance: so uncertainty of the quantities and chance within a future are told apart.

Every draw is a function of (seed, row, name): the same whatever the order, the workers or the other priors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corridor.ensemble.sample import probability_of
from corridor.scenario.model import Prior, Scenario

Floats = NDArray[np.float64]

#: Names of the factors that are no single prior; no prior can have a name with blanks round it.
OTHERS, STORYLINE, CHANCE = " others", " storyline", " chance"
#: Share of the futures that are of the plain design.
PLAIN_SHARE = 0.5
#: Fewest rows of A: below it nothing can be told.
LEAST_BASE = 16


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many futures there are of each kind."""

    n_plain: int
    n_base: int  # rows of A, and of B
    n_factors: int

    @property
    def n_futures(self) -> int:
        """All futures: the plain ones, of which A and B are part, and ``n_base`` for each factor."""
        return self.n_plain + self.n_base * self.n_factors


@dataclass(frozen=True, slots=True)
class Told:
    """What one future is told: quantiles of the priors, a place on the line of storylines, its chance."""

    probabilities: dict[str, float]
    position: float
    chance: int


def uncertain_priors(scenario: Scenario) -> tuple[str, ...]:
    """Return the priors that are drawn: all but fixed numbers and products of others."""
    return tuple(name for name, prior in scenario.priors.items() if _is_drawn(prior))


def _is_drawn(prior: Prior) -> bool:
    return prior.distribution not in ("fixed", "product")


def plan_sizes(futures: int, n_factors: int) -> Sizes:
    """Share at most ``futures`` futures out between the two designs; ``n_factors`` may be 0.

    >>> plan_sizes(10_000, 15)
    Sizes(n_plain=5005, n_base=333, n_factors=15)
    """
    if n_factors == 0:
        return Sizes(futures, 0, 0)
    n_plain = int(futures * PLAIN_SHARE)
    n_base = min(n_plain // 2, (futures - n_plain) // n_factors)
    return Sizes(futures - n_base * n_factors, n_base, n_factors)


def factors_for(scenario: Scenario, chosen: Sequence[str]) -> tuple[str, ...]:
    """Return the factors: the chosen priors, the others together, the storyline, chance."""
    names = uncertain_priors(scenario)
    has_others = len(chosen) < len(names)
    several = len(scenario.storylines) > 1
    return (*chosen, *([OTHERS] if has_others else []), *([STORYLINE] if several else []), CHANCE)


def tell_plain(names: Sequence[str], seed: int, row: int) -> Told:
    """Return what a future of the plain design is told."""
    return Told(
        {name: probability_of(seed, row, name) for name in names}, probability_of(seed, row, STORYLINE), row
    )


def tell_swapped(
    names: Sequence[str], seed: int, base: int, n_base: int, factor: str, chosen: Sequence[str]
) -> Told:
    """Return what row ``base`` of A is told, with one factor as row ``base`` of B has it."""
    a, b = tell_plain(names, seed, base), tell_plain(names, seed, base + n_base)
    if factor == STORYLINE:
        return Told(a.probabilities, b.position, a.chance)
    if factor == CHANCE:
        return Told(a.probabilities, a.position, b.chance)
    swapped = set(names) - set(chosen) if factor == OTHERS else {factor}
    mixed = {name: (b if name in swapped else a).probabilities[name] for name in names}
    return Told(mixed, a.position, a.chance)


def plain_matrix(names: Sequence[str], seed: int, n_rows: int) -> Floats:
    """Return the quantiles at which the priors lie in the plain design, [rows, names]."""
    told = [[probability_of(seed, row, name) for name in names] for row in range(n_rows)]
    return np.array(told, np.float64).reshape(n_rows, len(names))


def plain_positions(seed: int, n_rows: int) -> Floats:
    """Return the places on the line of storylines in the plain design, [rows]."""
    return np.array([probability_of(seed, row, STORYLINE) for row in range(n_rows)])
