"""Forecasts that use the counts: what earlier conflicts teach about them, and members pulled towards them.

`learn` and `forecast` make the forecast from counts alone; the module ``backtest`` issues it over and over in
the past and scores it. `simulated`, `teach` and `assimilate` pull the futures of a `Forecast` towards the
counts known on a day and combine the two; `reissue` does so on many days. docs/assimilation.md says how.
"""

from corridor.assimilate.combine import Assimilated, assimilate, reissue, teach
from corridor.assimilate.learned_cases import learned_conflicts
from corridor.assimilate.reading import read_conflict
from corridor.assimilate.soft import forecast, learn
from corridor.assimilate.targets import simulated

__all__ = [
    "Assimilated",
    "assimilate",
    "forecast",
    "learn",
    "learned_conflicts",
    "read_conflict",
    "reissue",
    "simulated",
    "teach",
]
