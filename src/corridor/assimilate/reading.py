"""Folders as counts: `read_conflict` reads a Flee instance, a scenario folder or a bundled scenario."""

from __future__ import annotations

from pathlib import Path

from corridor.problems import InputError, Problem
from corridor.scenario.load import check_scenario
from corridor.verify.counts import (
    CountSeries,
    counts_of_scenario,
    read_count_series,
)


def is_flee_instance(folder: str | Path) -> bool:
    """True for a folder that holds input_csv and source_data."""
    return (Path(folder) / "input_csv").is_dir() and (Path(folder) / "source_data").is_dir()


def read_conflict(folder: str | Path) -> CountSeries:
    """Read the counts of a Flee instance, a scenario folder or a bundled scenario.

    Raises
    ------
    InputError
        If the folder cannot be read, or holds no count.
    """
    if is_flee_instance(folder):
        counts = read_count_series(folder, keep_unplaced=True)
    else:
        checked = check_scenario(str(folder))
        if checked.scenario is None:
            raise InputError(checked.problems)
        counts = counts_of_scenario(checked.scenario)
    if not _n_reports(counts):
        message = f"'{folder}' holds no count"
        hint = "counts.csv of a scenario has the columns date, place and people"
        raise InputError([Problem("counts-none", str(folder), 0, 0, message, hint)])
    return counts


def _n_reports(counts: CountSeries) -> int:
    files_of_sites = [file for site in counts.sites for file in site.files]
    totals = [counts.reported_total] if counts.reported_total is not None else []
    return sum(file.days.size for file in [*files_of_sites, *totals])
