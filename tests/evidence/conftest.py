"""Claims and a small scenario for all tests of the evidence."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from claims_by_hand import make_claim, make_scenario

from corridor.scenario.model import Claim, Scenario


@pytest.fixture
def claim() -> Callable[..., Claim]:
    return make_claim


@pytest.fixture
def small() -> Callable[..., Scenario]:
    return make_scenario
