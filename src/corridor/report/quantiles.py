"""The quantiles of a forecast as a plain table, for a spreadsheet or another program.

One row a place, day and quantity. Numbers are whole people, halves up. The same forecast gives
the same bytes.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np

from corridor.ensemble.forecast import Forecast
from corridor.problems import CorridorRuntimeError
from corridor.report.digest import TOTALS, Digest, Floats, band, make_digest


class QuantileRow(NamedTuple):
    """One row of the table; ``unit`` is people (a stock at the end of the day) or people/day."""

    place: str
    place_id: str
    kind: str
    date: str
    quantity: str
    unit: str
    q05: int
    q25: int
    q50: int
    q75: int
    q95: int


def quantile_table(forecast: Forecast | Digest) -> list[QuantileRow]:
    """Return the quantiles of people, arrivals and people trapped by place and day, and of the totals."""
    digest = forecast if isinstance(forecast, Digest) else make_digest(forecast)
    rows = list(_total_rows(digest))
    present, arrivals, trapped = band(digest.present), band(digest.arrivals), band(digest.trapped)
    for row, place in enumerate(digest.places):
        who = (place.name, place.id, place.kind.value)
        rows.extend(_rows(digest, who, "people", "people", present[:, :, row]))
        rows.extend(_rows(digest, who, "arrivals", "people/day", arrivals[:, :, row]))
        rows.extend(_rows(digest, who, "trapped", "people", trapped[:, :, row]))
    return rows


def _total_rows(digest: Digest) -> Iterator[QuantileRow]:
    for quantity in TOTALS:
        yield from _rows(digest, ("total", "", ""), quantity, "people", band(digest.totals[quantity]))


def _rows(
    digest: Digest, who: tuple[str, str, str], quantity: str, unit: str, quantiles: Floats
) -> Iterator[QuantileRow]:
    for date, values in zip(digest.dates, np.floor(quantiles.T + 0.5).astype(int).tolist(), strict=True):
        yield QuantileRow(*who, date.isoformat(), quantity, unit, *values)


def write_quantiles(forecast: Forecast | Digest, path: str | Path) -> Path:
    """Write the quantile table as CSV (UTF-8, ``\\n`` line ends), aside first and then moved into place.

    Raises
    ------
    CorridorRuntimeError
        If the file cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(QuantileRow._fields)
    writer.writerows(quantile_table(forecast))
    return write_aside(text.getvalue(), path)


def write_aside(text: str, path: str | Path) -> Path:
    """Write a text file next to its place and move it there, so that nobody ever reads half of it.

    Raises
    ------
    CorridorRuntimeError
        If the file cannot be written; nothing is left behind.
    """
    target = Path(path)
    aside = target.with_name(f".{target.name}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(text.encode("utf-8"))
        os.replace(aside, target)
    except OSError as error:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise CorridorRuntimeError(f"'{target}' could not be written: {error}") from error
    return target
