"""Corridor forecasts forced displacement from places, roads, a timeline of events and what was said by whom.

``load_scenario(name_or_folder)`` reads and checks a scenario, ``run(scenario, members=..., seed=...)``
simulates many futures and returns a `Forecast`. Names are imported when first used, so ``import corridor``
stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corridor.ensemble.forecast import Forecast, open_forecast
    from corridor.ensemble.run import run
    from corridor.problems import InputError, Problem
    from corridor.scenario.load import load_scenario
    from corridor.scenario.model import Scenario

__version__ = "0.1.0"

_HOME = {
    "Forecast": "corridor.ensemble.forecast",
    "open_forecast": "corridor.ensemble.forecast",
    "run": "corridor.ensemble.run",
    "InputError": "corridor.problems",
    "Problem": "corridor.problems",
    "load_scenario": "corridor.scenario.load",
    "Scenario": "corridor.scenario.model",
}

__all__ = [
    "Forecast",
    "InputError",
    "Problem",
    "Scenario",
    "__version__",
    "load_scenario",
    "open_forecast",
    "run",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'corridor' has no attribute '{name}'")
