"""What is kept of a member under the law flee, as the stocks of every scenario.

Rows of the engine are Flee's days; a day 0 comes before them. Places and legs keep the engine's order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corridor.engine import arrays as states
from corridor.engine.arrays import Ints, Record
from corridor.engine.step_arrays import AT_HOME, ON_THE_WAY, STANDING, StepRecord, StepSetup


def record_of(
    setup: StepSetup,
    kept: StepRecord,
    *,
    is_site: NDArray[np.bool_],
    closed: list[int],
    shares: NDArray[np.float64],
) -> Record:
    """Return the stocks, flows and arrivals of a member.

    Parameters
    ----------
    is_site : bool[places]
        Whether people at a place are counted as in camp.
    closed : list of int
        The sites that are closed on the issue date.
    shares : float64[places, groups]
        Of the groups of the scenario.
    """
    n_days, places, groups, _ = kept.people.shape
    stocks = np.zeros((n_days + 1, places, groups, states.N_STATES), np.int32)
    at_home, standing = kept.people[..., AT_HOME], kept.people[..., STANDING]
    in_site = is_site[:, np.newaxis]
    stocks[1:, ..., states.IN_CAMP] = np.where(in_site, at_home + standing, 0)
    left_here = kept.left.any(axis=0)  # else who has not moved yet is one of those listed in groups.csv
    stocks[1:, ..., states.TRAPPED] = np.where(~in_site & left_here, at_home, 0)
    stocks[1:, ..., states.DISPLACED] = np.where(in_site, 0, standing + np.where(left_here, 0, at_home))
    stocks[1:, ..., states.TRAVELLING] = kept.people[..., ON_THE_WAY]
    stocks[0, ..., states.IN_CAMP] = np.where(in_site, kept.at_start, 0)
    stocks[0, ..., states.DISPLACED] = np.where(in_site, 0, kept.at_start)
    stocks[..., states.RESIDENT] = _residents(setup, kept, shares)
    return Record(
        stocks=stocks,
        flows=_after_day_0(kept.flows),
        arrivals=_after_day_0(kept.stopped),
        capacity=np.concatenate([_room_on_day_0(setup, closed), kept.room]).astype(np.int32),
    )


def _room_on_day_0(setup: StepSetup, closed: list[int]) -> Ints:
    """Return [1, places] how many people each place holds on the issue date; 0 at a closed site."""
    in_all = setup.capacity * setup.capacity_scaling
    room = np.where(in_all >= 1.0, in_all.astype(np.int64), -1)
    room[closed] = 0
    return room[np.newaxis]


def _residents(setup: StepSetup, kept: StepRecord, shares: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return people at home who do not want to leave, [days + 1, places, groups].

    They are the population, or as many as leave where those are more: Flee's law does not count down who
    lives at a place, and nobody comes from nowhere.
    """
    share = shares / shares.sum(axis=1, keepdims=True)
    left = np.cumsum(_after_day_0(kept.left).astype(np.int64), axis=0)
    up_to = np.floor(setup.population[:, np.newaxis] * np.cumsum(share, axis=1) + 0.5).astype(np.int64)
    population = np.diff(up_to, axis=1, prepend=0)
    return np.asarray(np.maximum(population, left[-1]) - left)


def _after_day_0(numbers: Ints) -> NDArray[np.int32]:
    """Return numbers by Flee's days as int32 with a day 0 of nobody before them."""
    return np.concatenate([np.zeros_like(numbers[:1]), numbers]).astype(np.int32)
