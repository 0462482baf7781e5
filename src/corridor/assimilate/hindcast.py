"""Flee's law on a Flee instance, told the truth, as a hindcast to set beside forecasts.

It is given the arrivals that were counted, the counts of day 0 and capacities that often hold a later count:
nothing of this was known on an issue date, so its scores are never a forecast's.
"""

from __future__ import annotations

import dataclasses
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from corridor.assimilate.backtest import Hindcast
from corridor.ensemble.flee import run_flee
from corridor.formats.flee import FleeInstance, read_flee_instance

REPLICATES = 5


def read_instance(folder: str | Path, settings: str | Path | None = None) -> FleeInstance:
    """Read a Flee instance with given settings, or with the rules that come with the package."""
    if settings is not None:
        return read_flee_instance(Path(folder) / "input_csv", Path(folder) / "source_data", settings)
    with as_file(files("corridor.assimilate") / "learned" / "flee-rules.yml") as rules:
        instance = read_flee_instance(Path(folder) / "input_csv", Path(folder) / "source_data", rules)
    return dataclasses.replace(instance, settings_file="flee-rules.yml")


def flee_hindcast(instance: FleeInstance, *, replicates: int = REPLICATES, seed: int = 1) -> Hindcast:
    """Simulate an instance as Flee does; row t of the days stands beside the counts of day t.

    Raises
    ------
    InputError
        If the instance needs a rule that is not there yet.
    """
    runs = run_flee(instance, replicates=replicates, seed=seed)
    return Hindcast(instance.site_names, np.asarray(runs.simulated * instance.hasten, np.float64))
