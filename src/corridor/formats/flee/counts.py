"""Counts as they were reported: one record for every row of every series, nothing interpolated,
merged or corrected.

For verification, which must not mistake a line drawn between two counts for a count.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from corridor.formats.flee.lines import Faults, read_lines
from corridor.formats.flee.series import read_counts, read_layout
from corridor.problems import InputError


@dataclass(frozen=True, slots=True)
class ReportedCount:
    """People reported at a site, or in total, on a date."""

    site: str  # a name of data_layout.csv, "total" among them
    file: str  # below the folder of the data
    date: dt.date
    people: int
    line: int


def read_flee_counts(source_data: str | Path) -> tuple[ReportedCount, ...]:
    """Read every count behind data_layout.csv, in the order of the layout and of the files.

    A site with several files has several records for one date: who adds them up decides how.

    Raises
    ------
    InputError
        With every problem of the layout and the series.
    """
    folder, faults = Path(source_data), Faults()
    records = []
    for row in read_layout(folder, faults):
        for cell, file in enumerate(row.files, start=1):
            if not (folder / file).is_file():
                message = f"the file '{file}' of '{row.name}' is not in {folder}"
                faults.add("flee-file-missing", message, line=row.line, cell=cell)
                continue
            for date, people, line in read_counts(read_lines(folder / file, faults) or [], faults):
                records.append(ReportedCount(row.name, file, date, people, line.number))
    if faults.any_fatal:
        raise InputError(faults.found)
    return tuple(records)
