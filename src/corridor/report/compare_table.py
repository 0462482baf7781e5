"""Differences between forecasts as a plain table: one row a what-if, place, quantity and day.

Numbers are exact and not masked: they are averages and quantiles of simulated people.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from corridor.ensemble.compare import Comparison, Difference
from corridor.needs.table import harmless
from corridor.report.quantiles import write_aside

HEADER = (
    *("base", "what_if", "place", "place_id", "kind", "date", "quantity", "unit"),
    *("base_mean", "what_if_mean", "difference_mean"),
    *("q05", "q25", "q50", "q75", "q95"),
    *("unpaired_q05", "unpaired_q25", "unpaired_q50", "unpaired_q75", "unpaired_q95"),
    *("share_differs", "narrowing"),
)

Cell = str | float | int


def difference_rows(comparison: Comparison) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `HEADER`; rows in which nothing differs on any day are left out."""
    for difference in comparison.rows:
        if difference.share_differs.any():
            for day in range(len(comparison.dates)):
                yield _row(comparison, difference, day)


def _row(comparison: Comparison, difference: Difference, day: int) -> tuple[Cell, ...]:
    narrowing = difference.narrowing(day)
    unpaired = difference.independent[:, day].tolist()
    return (
        *(comparison.base.name, comparison.other.name),
        *(difference.place, difference.place_id, difference.kind),
        *(comparison.dates[day].isoformat(), difference.quantity, "people"),
        *_plain([difference.base_mean[day], difference.other_mean[day], difference.mean[day]]),
        *_plain(difference.quantiles[:, day].tolist()),
        *("" if value != value else _plain([value])[0] for value in unpaired),
        round(float(difference.share_differs[day]), 4),
        "" if narrowing is None else round(narrowing, 2),
    )


def _plain(values: Sequence[float]) -> list[Cell]:
    short = [round(float(value), 2) for value in values]
    return [int(value) if value == int(value) else value for value in short]


def write_differences(comparisons: Sequence[Comparison], path: str | Path) -> Path:
    """Write the differences as CSV (UTF-8), aside first and then moved into place.

    Raises
    ------
    CorridorRuntimeError
        If the file cannot be written; nothing is left behind.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for comparison in comparisons:
        writer.writerows([harmless(cell) for cell in row] for row in difference_rows(comparison))
    return write_aside(text.getvalue(), path)
