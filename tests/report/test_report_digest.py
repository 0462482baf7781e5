"""What everything told of a forecast is made from, against plain sums."""

from __future__ import annotations

import numpy as np

from corridor.ensemble.forecast import STATES
from corridor.report.digest import PRESENT_STATES, _sums_of


def test_sums_over_groups_and_states() -> None:
    stocks = np.random.default_rng(3).integers(0, 1000, (4, 6, 5, 3, len(STATES)), dtype=np.int32)
    sums = _sums_of(stocks)
    present = np.zeros(stocks.shape[:3], np.int64)
    for group in range(3):
        for state in PRESENT_STATES:
            present += stocks[:, :, :, group, STATES.index(state)]
    assert (sums["present"] == present).all()
    assert (sums["trapped"] == stocks[..., STATES.index("trapped")].sum(axis=3)).all()
    left = stocks[..., STATES.index("left_area")].sum(axis=3)
    travelling = stocks[..., STATES.index("travelling")].sum(axis=3)
    assert (sums["away"] == present + left + travelling).all()
