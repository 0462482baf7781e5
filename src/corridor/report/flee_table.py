"""Replicates of a Flee instance as text: the table Flee prints of one, and a tidy table of many.

`table_lines` words one replicate exactly as Flee's own program does (commas without quotes, numbers as Python
prints them), so that what reads Flee's output reads this. `tidy_lines` is a CSV with one row a replicate, day
and site. In both, the date of day t is that of the day after it, as Flee has it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator

import numpy as np

from corridor.ensemble.flee import FleeRuns
from corridor.formats.flee import FleeInstance

TIDY_COLUMNS = ("replicate", "day", "date", "site", "simulated", "observed", "hasten")
#: Below this many people in the data Flee takes the error of a site for 0.
_NOBODY = 0.00001
_ERROR_DIGITS = 4
_TAIL = (
    "Total error",
    "refugees in camps (UNHCR)",
    "total refugees (simulation)",
    "raw UNHCR refugee count",
    "refugees in camps (simulation)",
    "refugee_debt",
)


def table_lines(runs: FleeRuns, replicate: int = 0) -> Iterator[str]:
    """Yield the lines of Flee's table of one replicate, the header first, without line ends."""
    yield table_header(runs.instance)
    for day in range(runs.instance.n_days):
        yield ",".join(_row(runs, replicate, day))


def table_header(instance: FleeInstance) -> str:
    """Return the header of Flee's table."""
    sites = [f"{name} {what}" for name in instance.site_names for what in ("sim", "data", "error")]
    idps = ["total IDPs"] if instance.settings.log.idp_totals > 0 else []
    return ",".join(["Day", "Date", *sites, *_TAIL, *idps])


def _row(runs: FleeRuns, replicate: int, day: int) -> list[str]:
    simulated = runs.simulated[replicate, day].tolist()
    observed = runs.table.observed[day].tolist()
    cells = [str(day), _date(runs.instance, day)]
    for people, counted in zip(simulated, observed, strict=True):
        cells += [str(people), str(counted), site_error(people, counted)]
    cells += _tail(runs, replicate, day, simulated, observed)
    if runs.instance.settings.log.idp_totals > 0:
        cells.append(str(int(runs.in_idp_camps[replicate, day])))
    return cells


def _date(instance: FleeInstance, day: int) -> str:
    return (instance.start_date + dt.timedelta(days=day + 1)).isoformat()


def site_error(simulated: int, observed: int) -> str:
    """Return the error of a site as Flee prints it.

    >>> site_error(412, 419), site_error(838, 419), site_error(5, 0)
    ('0.0167', '1.0', '0.0')
    """
    if observed < _NOBODY:
        return "0.0"
    return str(np.round(np.float64(abs(simulated / observed - 1)), _ERROR_DIGITS))


def _tail(runs: FleeRuns, replicate: int, day: int, simulated: list[int], observed: list[int]) -> list[str]:
    raw, created = int(runs.table.raw[day]), int(runs.created[replicate, day])
    if raw <= 0:
        return ["0.0", "0", str(created), "0", str(sum(simulated)), "0"]
    apart = sum(abs(people - counted) for people, counted in zip(simulated, observed, strict=True))
    numbers = (sum(observed), created, raw, sum(simulated), int(runs.table.debt[day]))
    return [str(apart / raw), *(str(number) for number in numbers)]


def tidy_lines(runs: FleeRuns) -> Iterator[str]:
    """Yield the lines of the table of all replicates, the header first, without line ends."""
    yield ",".join(TIDY_COLUMNS)
    sites = [_cell(name) for name in runs.instance.site_names]
    hasten = runs.instance.hasten
    for replicate in range(runs.simulated.shape[0]):
        for day in range(runs.instance.n_days):
            start = f"{replicate},{day},{_date(runs.instance, day)}"
            numbers = zip(
                sites,
                runs.simulated[replicate, day].tolist(),
                runs.table.observed[day].tolist(),
                strict=True,
            )
            for site, simulated, observed in numbers:
                yield f"{start},{site},{simulated},{observed},{hasten}"


def _cell(text: str) -> str:
    """Return a name as a cell of a CSV, in quotes where it needs them."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow([text])
    return buffer.getvalue()
