"""What a backtest of folders needs beside the counts: hindcasts and cold starts of those that are Flee
instances."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from corridor.assimilate.backtest import Hindcast
from corridor.assimilate.cold import TARGETS_AFTER_DAYS, cold_start
from corridor.assimilate.hindcast import flee_hindcast, read_instance
from corridor.assimilate.reading import is_flee_instance
from corridor.problems import InputError
from corridor.verify.baselines import FIRST_ISSUE_DAY
from corridor.verify.counts import CountSeries

Say = Callable[[str], None]


def hindcasts_of(
    series: Sequence[CountSeries],
    folders: Sequence[str],
    settings: Path | None,
    *,
    progress: Say | None = None,
) -> tuple[dict[str, Hindcast], tuple[str, ...]]:
    """Return Flee's law, told the truth, for each folder that is a Flee instance, by conflict; and notes.

    An instance that Flee's law cannot run is left out, and the note says why: its counts can be scored.
    """
    found, notes = {}, []
    for counts, folder in zip(series, folders, strict=False):  # no folders: no hindcast is wanted
        if is_flee_instance(folder):
            if progress is not None:
                progress(f"Flee's law, {counts.name}")
            try:
                found[counts.name] = flee_hindcast(read_instance(folder, settings))
            except InputError as error:
                why = next(problem.message for problem in error.problems if not problem.warning)
                notes.append(f"{counts.name}: Flee's law and the cold start are left out: {why}")
    return found, tuple(notes)


def cold_starts(
    series: Sequence[CountSeries],
    folders: Sequence[str],
    settings: Path | None,
    hindcasts: Mapping[str, Hindcast],
    *,
    progress: Say | None = None,
) -> dict[str, dict[str, float]]:
    """Return the share errors of the cold start by conflict; conflicts that are too short are left out."""
    found = {}
    for counts, folder in zip(series, folders, strict=True):
        if counts.name not in hindcasts:
            continue
        if progress is not None:
            progress(f"cold start, {counts.name}")
        people = hindcasts[counts.name].people.mean(axis=0)
        targets = [FIRST_ISSUE_DAY + days for days in TARGETS_AFTER_DAYS]
        told = {day: people[day] for day in targets if day < len(people)}
        errors = cold_start(read_instance(folder, settings), counts, told)
        if errors:
            found[counts.name] = errors
    return found
