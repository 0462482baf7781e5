"""Tiny forecasts for the tests of the report."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from corridor.ensemble.forecast import Forecast
from tiny_forecast import build


@pytest.fixture
def forecast_of() -> Callable[..., Forecast]:
    """Return the builder of tiny forecasts."""
    return build


@pytest.fixture
def usual() -> Forecast:
    """Twenty members, each with more people than the one before; Khazer is full in fifteen of them."""
    steps = [40 * member for member in range(20)]
    return build(
        {
            ("Khazer", "in_camp"): [min(people, 200) for people in steps],
            ("Zelikan", "in_camp"): [people // 2 for people in steps],
            ("Home", "trapped"): [10 * member for member in range(20)],
            ("Abroad", "left_area"): [5 * member for member in range(20)],
        }
    )
