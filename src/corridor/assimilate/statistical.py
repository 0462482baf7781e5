"""A textbook forecaster to be compared with: exponential smoothing with a damped trend, site by site.

It turns what was known on an issue date, read off every week, into a normal predictive distribution cut off
at 0. The model is ETS(A,Ad,N) of statsmodels, or ETS(A,N,N) where the record is short. statsmodels is an
extra (`pip install 'corridor[skill]'`) and imported only here.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Sequence

import numpy as np

from corridor.verify.counts import CountSeries, FloatArray, IntArray
from corridor.verify.scores import quantile_levels

STEP_DAYS = 7
#: Weeks of the record that are used at most.
MOST_STEPS = 104
#: Weeks below which no trend is fitted, and below which nothing is.
FEW_STEPS, LEAST_STEPS = 12, 4


def has_statsmodels() -> bool:
    """True if statsmodels is installed."""
    return importlib.util.find_spec("statsmodels") is not None


def damped_trend(
    counts: CountSeries,
    issue_days: IntArray,
    leads_days: Sequence[int],
    *,
    progress: Callable[[], None] | None = None,
) -> FloatArray:
    """Forecast every site from each issue day: quantiles ``[leads, issue days, sites, 100]`` in people.

    A site without a change so far, or with too short a record, keeps its known count without a band.
    """
    from scipy.special import ndtri

    z = ndtri(quantile_levels())
    quantiles = np.zeros((len(leads_days), len(issue_days), len(counts.sites), z.size))
    for row, day in enumerate(issue_days):
        weeks = np.arange(day, max(day - MOST_STEPS * STEP_DAYS, -1), -STEP_DAYS)[::-1]
        known = counts.known(weeks)
        for site in range(known.shape[1]):
            middle, spread = _fit(known[:, site], np.asarray(leads_days) / STEP_DAYS)
            quantiles[:, row, site] = np.maximum(middle[:, None] + spread[:, None] * z, 0.0)
        if progress is not None:
            progress()
    return quantiles


def _fit(people: FloatArray, steps: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation so many weeks ahead, drawn linearly between whole weeks."""
    seen = np.flatnonzero(people > 0)
    record = people[seen[0] :] if seen.size else people[:0]
    if record.size < LEAST_STEPS or np.ptp(record) == 0:
        return np.full(steps.size, people[-1]), np.zeros(steps.size)
    import pandas as pd
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    unit = float(record.max())
    trend = {"trend": "add", "damped_trend": True} if record.size >= FEW_STEPS else {}
    with warnings.catch_warnings():  # a fit that stops early is still a fit: the score judges it
        warnings.simplefilter("ignore")
        fitted = ETSModel(pd.Series(record / unit), error="add", **trend).fit(disp=False, maxiter=60)
        last = record.size + int(np.ceil(steps.max())) - 1
        ahead = fitted.get_prediction(start=record.size, end=last)
        deviation = np.sqrt(np.maximum(np.asarray(ahead.forecast_variance, float), 0.0))
        mean = np.asarray(ahead.predicted_mean, float)
    whole = np.arange(1, mean.size + 1)
    middle, spread = (np.interp(steps, whole, values * unit) for values in (mean, deviation))
    if not (np.isfinite(middle).all() and np.isfinite(spread).all()):
        return np.full(steps.size, people[-1]), np.zeros(steps.size)
    return middle, spread
