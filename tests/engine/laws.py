"""Comparing drawn numbers with a closed form: the p-values that the tests of the law rest on."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import chisquare

#: A test of the law fails below this p-value: 1 seed in 100,000 of a sound engine.
ALARM = 1e-5


def p_value_of_counts(observed: npt.ArrayLike, chances: npt.ArrayLike) -> float:
    """Return the chi-square p-value of how often each outcome came; an impossible outcome that came gives 0.

    Outcomes expected fewer than 5 times are taken together, so that the p-value is near enough.
    """
    seen, p = np.asarray(observed, float).ravel(), np.asarray(chances, float).ravel()
    if seen[p <= 0].any():
        return 0.0
    order = np.argsort(p)
    seen, expected = seen[order], p[order] * seen.sum() / p.sum()
    rare = int(np.searchsorted(expected, 5.0))
    if expected[:rare].sum() < 5.0:
        rare += 1
    starts = np.r_[0, rare : expected.size]
    return float(chisquare(np.add.reduceat(seen, starts), np.add.reduceat(expected, starts)).pvalue)


def p_value_of_draws(draws: npt.ArrayLike, distribution: Any, cells: int = 30) -> float:
    """Return the chi-square p-value of draws of a scipy distribution of whole numbers, in like cells."""
    edges = np.unique(distribution.ppf(np.linspace(0, 1, cells + 1)[1:-1]))
    below = np.concatenate([[0.0], distribution.cdf(edges), [1.0]])
    observed = np.bincount(np.searchsorted(edges, np.asarray(draws)), minlength=edges.size + 1)
    return p_value_of_counts(observed, np.diff(below))
