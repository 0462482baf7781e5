"""The futures that the counts speak for, as a `Forecast`: drawn by weight, otherwise as they were simulated.

Nobody is added to or taken from a future, so that stocks, flows and needs still agree; which of them stand
for the crisis is what changes. The quantiles of `Assimilated` are nearer to the counts.
"""

from __future__ import annotations

import numpy as np

from corridor.assimilate.combine import Assimilated
from corridor.assimilate.particles import resample
from corridor.ensemble.forecast import Forecast


def resampled(forecast: Forecast, made: Assimilated) -> Forecast:
    """Return the forecast with members drawn by their weights, as many as there were.

    The coordinate ``simulated_member`` says which future each is.
    """
    drawn = resample(made.pulled.weights.weights, seed=forecast.seed)
    dataset = forecast.to_xarray().isel(member=drawn)
    dataset = dataset.assign_coords(
        simulated_member=("member", drawn), member=np.arange(drawn.size)
    ).assign_attrs(assimilated_until=made.issue_date.isoformat())
    return Forecast(dataset, forecast.scenario)
