"""sim_period.csv, conflicts.csv and location_changes.csv: how long, and where there is fighting
from which day.

conflicts.csv holds an intensity for every day, but Flee acts only on the days on which it goes from
0 to something or back; `read_conflicts` returns those switches. Rows are days by position: a day
label that says otherwise is a problem.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corridor.formats.flee import values
from corridor.formats.flee.lines import Faults, Line, data_lines, read_lines
from corridor.formats.flee.model import ConflictSwitch, FleePlace, PlaceChange
from corridor.formats.flee.places import place_type, type_hint
from corridor.formats.flee.routes import known_place, place_index
from corridor.formats.flee.settings import FleeSettings
from corridor.problems import did_you_mean

#: An intensity counts as conflict above this.
THRESHOLD = 1e-6
_PERIOD_KEYS = ("startdate", "length")
#: No run is longer: a hundred years.
LONGEST_DAYS = 36_525


def read_period(path: Path, faults: Faults, *, days: int | None = None) -> tuple[dt.date | None, int]:
    """Read (start date, days simulated); ``days`` above 0 overrides the length.

    None and 0 stand in where a fault was reported.
    """
    lines = read_lines(path, faults)
    rows: dict[str, Line] = {}
    for line in data_lines(lines or (), faults):
        key = line.cells[0].strip().lower()
        if key not in _PERIOD_KEYS:
            hint = did_you_mean(line.cells[0], ("StartDate", "Length"))
            message = f"'{line.cells[0]}' is not read; StartDate and Length are"
            faults.warn("flee-period-key", message, line=line, cell=0, hint=hint)
        elif key in rows:
            message = f"'{line.cells[0]}' is given a second time (first in line {rows[key].number})"
            faults.add("flee-period-twice", message, line=line, cell=0)
        else:
            rows[key] = line
    if lines is None:
        return None, 0
    start = _start_date(path, rows.get("startdate"), faults)
    n_days = _length(path, rows.get("length"), days, faults)
    if start is None or n_days <= (dt.date.max - start).days:
        return start, n_days
    message = f"{n_days} days from {start} on end after the year {dt.MAXYEAR}"
    hint = "check StartDate and the length"
    faults.add("flee-period-length", message, line=rows["startdate"], cell=1, hint=hint)
    return start, 0


def _start_date(path: Path, line: Line | None, faults: Faults) -> dt.date | None:
    if line is None:
        faults.add("flee-period-start", "has no row 'StartDate,YYYY-MM-DD'", file=str(path))
        return None
    return values.date(line, 1, faults, what="StartDate", code="flee-period-start")


def _length(path: Path, line: Line | None, days: int | None, faults: Faults) -> int:
    if days is not None and days > 0:
        return _not_too_long(days, None, faults)
    if line is None:
        message = "has no row 'Length,<days>'; Flee would simulate nothing"
        faults.add("flee-period-length", message, file=str(path))
        return 0
    length = values.whole_number(line, 1, faults, what="Length", code="flee-period-length", low=1)
    return _not_too_long(length or 0, line, faults)


def _not_too_long(days: int, line: Line | None, faults: Faults) -> int:
    if days <= LONGEST_DAYS:
        return days
    message = f"{days} days are too many; at most {LONGEST_DAYS} are simulated, a hundred years"
    faults.add("flee-period-length", message, line=line, cell=1)
    return 0


def read_conflicts(
    path: Path, places: Sequence[FleePlace], n_days: int, faults: Faults
) -> tuple[tuple[int, ...], npt.NDArray[np.float64]]:
    """Read conflicts.csv as (places by column, intensity[days, columns])."""
    lines = read_lines(path, faults)
    if lines is None:
        return no_conflicts(n_days)
    if not lines:
        faults.warn("flee-conflicts-none", "is empty; only the types of the places decide", file=str(path))
        return no_conflicts(n_days)
    if len(lines[0].cells) == 1 and len(lines) > 1:
        _report_no_columns(lines[0], places, faults)
    columns = _columns(lines[0], places, faults)
    n_named = max((cell + 1 for cell, name in enumerate(lines[0].cells) if name.strip()), default=1)
    rows = [_day_row(line, n_named, lines[0], faults) for line in lines[1:]]
    _check_headings(lines, faults)
    _check_labels(lines[1:], faults)
    _check_days(path, lines, n_days, faults)
    _warn_unknown_columns(lines[0], columns, rows, [place.name for place in places], faults)
    kept = [(cell, place) for cell, place in columns.items() if place is not None]
    table = np.zeros((n_days, len(kept)))
    if kept and (used := rows[:n_days]):
        table[: len(used)] = np.array(used)[:, [cell - 1 for cell, _ in kept]]
    return tuple(place for _, place in kept), table


def no_conflicts(n_days: int) -> tuple[tuple[int, ...], npt.NDArray[np.float64]]:
    """Return what an empty conflicts.csv holds: no column, so that only the types of the places decide."""
    return (), np.zeros((n_days, 0))


def _report_no_columns(header: Line, places: Sequence[FleePlace], faults: Faults) -> None:
    """Tell of a header without places: a mistake if it names some in another way."""
    if any(place.name in header.text for place in places):
        message = "the header names no place, as there are no commas between the names"
        faults.add("flee-conflict-heading", message, line=header, cell=0, hint="save as CSV with commas")
    else:
        message = "the header names no place; only the types of the places decide"
        faults.warn("flee-conflicts-none", message, line=header, cell=0)


def _columns(header: Line, places: Sequence[FleePlace], faults: Faults) -> dict[int, int | None]:
    index = place_index(places)
    columns: dict[int, int | None] = {}
    seen: set[str] = set()
    for cell, heading in enumerate(header.cells[1:], start=1):
        name = heading.strip()
        if name and name in seen:
            message = f"'{name}' has a second column; one place, one column"
            faults.add("flee-conflict-column-twice", message, line=header, cell=cell)
        elif name:
            columns[cell] = index.get(name)
        seen.add(name)
    return columns


def _day_row(line: Line, n_named: int, header: Line, faults: Faults) -> list[float]:
    """Return one value per heading up to the last with a name, 0 where a cell is faulty or has no heading."""
    cells = line.cells
    if len(cells) >= n_named:
        row = _all_numbers(cells[1:n_named], line.text)
        if row is not None and not any(cell.strip() for cell in cells[len(header.cells) :]):
            return row
    if len(cells) > len(header.cells):
        message = f"the row has {len(cells)} cells, the header {len(header.cells)}"
        faults.add("flee-conflict-cells", message, line=line, cell=len(header.cells))
    found = [0.0] * (n_named - 1)
    for cell, heading in enumerate(header.cells[1:n_named], start=1):
        if not heading.strip():
            continue
        if cell >= len(cells):
            message = (
                f"the row has {len(cells)} cells; '{heading.strip()}' has no value, Flee would shift its days"
            )
            faults.add("flee-conflict-cells", message, line=line, cell=len(cells))
            break
        found[cell - 1] = _intensity(line, cell, heading.strip(), faults)
    return found


def _intensity(line: Line, cell: int, name: str, faults: Faults) -> float:
    found = values.number(
        line,
        cell,
        faults,
        what=f"intensity of '{name}'",
        code="flee-conflict-value",
        low=0,
        expected="a number of 0 or more",
    )
    return found or 0.0


def _check_headings(lines: list[Line], faults: Faults) -> None:
    """Check that nothing stands in a column without a name; the first such cell tells enough."""
    nameless = [cell for cell, name in enumerate(lines[0].cells) if cell and not name.strip()]
    for line in lines[1:] if nameless else ():
        for cell in nameless:
            text = values.cell_of(line, cell).strip()
            if text:
                message = f"'{text}' stands in a column without a name"
                faults.add(
                    "flee-conflict-heading",
                    message,
                    line=line,
                    cell=cell,
                    hint="name the column, or empty it",
                )
                return


def _all_numbers(cells: list[str], text: str) -> list[float] | None:
    """Return the cells as numbers if every one is finite and not negative: the common case, fast."""
    try:
        row = [float(cell) for cell in cells]
    except ValueError:
        return None
    is_usual = math.isfinite(sum(row)) and "_" not in text  # Python takes 1_000 for a number
    return (
        row
        if is_usual and min(row, default=0.0) >= 0.0 and max(row, default=0.0) < values.TOO_LARGE
        else None
    )


def _check_labels(lines: list[Line], faults: Faults) -> None:
    """Check that the k-th row is labelled k; the first row that is not tells enough."""
    for day, line in enumerate(lines):
        label = line.cells[0].strip()
        if label == str(day):
            continue
        if line.is_comment:
            message = f"a comment among the days; this row would be day {day}"
            faults.add("flee-conflict-day", message, line=line, cell=0, hint="delete the line")
        elif (labelled := values.whole(label)) is not None:
            message = f"the row is labelled day {label}, but it is day {day}: Flee takes days by position"
            hint = "add the missing days" if labelled > day else "delete the row, or number the days from 0"
            faults.add("flee-conflict-day", message, line=line, cell=0, hint=hint)
        else:
            message = f"'{label}' is no day number; rows are taken by position, this one is day {day}"
            faults.warn("flee-conflict-label", message, line=line, cell=0)
        return


def _check_days(path: Path, lines: list[Line], n_days: int, faults: Faults) -> None:
    if len(lines) - 1 < n_days:
        n_given = len(lines) - 1
        message = f"has {n_given} days; {n_days} are simulated, {n_days - n_given} are missing at the end"
        faults.add("flee-conflict-days", message, file=str(path), hint="add the days, or shorten Length")


def _warn_unknown_columns(
    header: Line, columns: dict[int, int | None], rows: list[list[float]], places: list[str], faults: Faults
) -> None:
    headings = {name.strip() for name in header.cells}
    without_column = [name for name in places if name not in headings]
    for cell, place in columns.items():
        if place is None:
            name = header.cells[cell].strip()
            fights = any(row[cell - 1] > THRESHOLD for row in rows)
            message = f"'{name}' is not a place of locations.csv; " + (
                "its conflict would be left out" if fights else "its column of zeros is ignored"
            )
            hint = faults.nearest(name, without_column)
            faults.add("flee-conflict-place", message, line=header, cell=cell, hint=hint, warning=not fights)


def switches(columns: Sequence[int], intensity: npt.NDArray[np.float64]) -> tuple[ConflictSwitch, ...]:
    """Return the days on which a place goes into conflict or out of it, by Flee's comparisons."""
    before = np.vstack([np.zeros_like(intensity[:1]), intensity[:-1]])
    starts = (intensity > THRESHOLD) & (before < THRESHOLD)
    ends = (intensity < THRESHOLD) & (before >= THRESHOLD)
    return tuple(
        ConflictSwitch(
            int(day),
            columns[column],
            bool(starts[day, column]),
            float(intensity[day, column]) if starts[day, column] else -1.0,
        )
        for day, column in np.argwhere(starts | ends)
    )


def read_place_changes(
    path: Path | None, places: Sequence[FleePlace], settings: FleeSettings, faults: Faults
) -> tuple[PlaceChange, ...]:
    """Read location_changes.csv: name, new type, day. None if there is no such file."""
    if path is None:
        return ()
    index = place_index(places)
    changes = []
    for line in data_lines(read_lines(path, faults) or (), faults):
        place = known_place(line, 0, index, faults)
        kind = values.cell_of(line, 1)
        found = place_type(kind, settings)
        day = values.whole_number(line, 2, faults, what="day", code="flee-change-day", low=0)
        if found is None:
            faults.add(
                "flee-place-type", f"type '{kind}' is not known", line=line, cell=1, hint=type_hint(kind)
            )
        elif place is not None and day is not None:
            intensity = float(settings.default_conflict_intensity) if found.is_conflict else -1.0
            changes.append(
                PlaceChange(
                    day,
                    place,
                    kind,
                    found.is_camp,
                    found.is_idp_camp,
                    found.is_town,
                    found.is_marker,
                    found.is_forward,
                    found.is_flood_zone,
                    found.is_conflict,
                    intensity,
                    found.move_chance,
                    line.number,
                )
            )
    return tuple(changes)
