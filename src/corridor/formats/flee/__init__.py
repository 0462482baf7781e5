"""Flee's instances: read and checked (`read_flee_instance`), as tables by day (`data_table`), and
told (`quirks`).

Flee (github.com/djgroen/flee) is an agent-based simulator of forced migration. This package reads
its files and reproduces everything in its results that chance does not touch; the movement itself
belongs to the engine.
"""

from corridor.formats.flee.counts import ReportedCount, read_flee_counts
from corridor.formats.flee.model import (
    ConflictSwitch,
    Demographic,
    FleeClosure,
    FleeInstance,
    FleePlace,
    FleeRoute,
    FleeSeries,
    FloodTable,
    FoodTable,
    ListedPerson,
    PlaceChange,
)
from corridor.formats.flee.quirks import quirks
from corridor.formats.flee.reader import read_flee_instance
from corridor.formats.flee.series import DataTable, data_table
from corridor.formats.flee.settings import FleeSettings

__all__ = [
    "ConflictSwitch",
    "DataTable",
    "Demographic",
    "FleeClosure",
    "FleeInstance",
    "FleePlace",
    "FleeRoute",
    "FleeSeries",
    "FleeSettings",
    "FloodTable",
    "FoodTable",
    "ListedPerson",
    "PlaceChange",
    "ReportedCount",
    "data_table",
    "quirks",
    "read_flee_counts",
    "read_flee_instance",
]
