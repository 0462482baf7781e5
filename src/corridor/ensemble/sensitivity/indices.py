"""Sobol indices of the factors, first and total order with intervals, through SALib.

SALib's estimators are those of Saltelli et al. (2010); its intervals come from a bootstrap over the rows of
A. The total index of chance is the share of the variance that is left where every quantity and the storyline
are known: what no report can settle.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corridor.ensemble.sensitivity.worth import CONFIDENCE

Floats = NDArray[np.float64]

_RESAMPLES = 400


@dataclass(frozen=True, slots=True)
class Indices:
    """Shares of the variance, 0..1 up to error: alone, and with all interactions; intervals of 90 %."""

    first: float
    first_half: float  # half of the interval's width
    total: float
    total_half: float


def sobol_indices(
    factors: Sequence[str], a: Floats, b: Floats, swapped: Floats, *, seed: int
) -> dict[str, Indices]:
    """Estimate the indices of each factor.

    Parameters
    ----------
    factors : sequence of str
    a, b : float64[rows]
        Outcomes of the matrices A and B.
    swapped : float64[rows, factors]
        Outcomes of A with one factor of B.
    seed : int
        Of the bootstrap.
    """
    if np.ptp(np.concatenate([a, b, swapped.ravel()])) == 0.0:
        return {factor: Indices(0.0, 0.0, 0.0, 0.0) for factor in factors}
    from SALib.analyze import sobol

    rows = np.column_stack([a, swapped, b]).ravel()
    problem = {
        "num_vars": len(factors),
        "names": list(factors),
        "bounds": [[0.0, 1.0]] * len(factors),
    }
    with warnings.catch_warnings():  # a factor without any effect in a resample is no news
        warnings.simplefilter("ignore")
        found = sobol.analyze(
            problem,
            rows,
            calc_second_order=False,
            num_resamples=_RESAMPLES,
            conf_level=CONFIDENCE,
            seed=1 + seed % 2**32,  # SALib takes 0 for none
        )
    columns = (found["S1"], found["S1_conf"], found["ST"], found["ST_conf"])
    return {
        factor: Indices(*(float(column[row]) for column in columns)) for row, factor in enumerate(factors)
    }
