"""The optional tables of a Flee instance: demographics, food shortage, floods and listed people.

They change results only where a rule of the settings asks for them; a table that is there is
checked all the same, as Flee reads it in any case.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np

from corridor.formats.flee import values
from corridor.formats.flee.lines import Faults, Line, data_lines, read_lines
from corridor.formats.flee.model import Demographic, FleePlace, FloodTable, FoodTable, ListedPerson
from corridor.formats.flee.routes import known_place, place_index
from corridor.formats.flee.settings import FleeSettings, MoveRules
from corridor.problems import did_you_mean

GENDERS = ("male", "female")
#: The attributes of people that a rule can read.
ATTRIBUTES = ("age", "gender", "floodawareness", "religion", "ethnicity")


def attributes_used(move: MoveRules) -> set[str]:
    """Return the attributes of people that rules of the settings read."""
    used = set()
    if move.children_avoid_hazards or move.elderly_avoid_hazards:
        used.add("age")
    if move.women_avoid_hazards or (move.children_avoid_hazards and move.boys_take_risk):
        used.add("gender")
    if move.flood_rules is not None and move.flood_rules.forecasts:
        used.add("floodawareness")
    if move.match_camp_religion:
        used.add("religion")
    if move.match_camp_ethnicity or move.match_town_ethnicity or move.match_conflict_ethnicity:
        used.add("ethnicity")
    return used


def read_demographics(
    folder: Path, places: Sequence[FleePlace], move: MoveRules, faults: Faults
) -> tuple[Demographic, ...]:
    """Read every demographics_<attribute>.csv of a folder, in the order of their names."""
    paths = sorted(folder.glob("demographics_*.csv")) if folder.is_dir() else []
    found = [table for path in paths if (table := _read_demographic(path, places, move, faults)) is not None]
    for attribute in sorted(attributes_used(move)):
        if not any(path.name.split(".")[0].split("_")[1] == attribute for path in paths):
            message = (
                f"a rule of the settings needs {attribute}, but there is no demographics_{attribute}.csv"
            )
            hint = f"its first line is '{attribute},Default', then a line 'value,weight' for each value"
            faults.add("flee-demographics-missing", message, file=str(folder), hint=hint)
    return tuple(found)


def _read_demographic(
    path: Path, places: Sequence[FleePlace], move: MoveRules, faults: Faults
) -> Demographic | None:
    attribute = path.name.split(".")[0].split("_")[1]
    lines = read_lines(path, faults)
    if not lines:
        if lines is not None:
            faults.add("flee-demographics-columns", "is empty", file=str(path))
        return None
    header, rows = lines[0], list(data_lines(lines[1:], faults))
    names = header.cells
    if names[0] != attribute:
        message = f"the first column is '{names[0]}'; by the name of the file it must be '{attribute}'"
        faults.add("flee-demographics-columns", message, line=header, cell=0)
    if "Default" not in names:
        message = "has no column 'Default'; it serves every place without a column"
        near = next((name for name in names if name.strip().casefold() == "default"), "")
        hint = f"write 'Default' for '{near}'" if near else ""
        faults.add("flee-demographics-columns", message, line=header, hint=hint)
        return None
    _check_demographic_rows(header, rows, faults)
    known = place_index(places)
    for cell, name in enumerate(names[1:], start=1):
        if name not in known and name != "Default":
            message = f"'{name}' is not a place of locations.csv; the column is ignored"
            faults.warn(
                "flee-demographics-place", message, line=header, cell=cell, hint=did_you_mean(name, known)
            )
    weights = {name: _weights(header, rows, cell, faults) for cell, name in enumerate(names) if cell}
    _check_words(attribute, rows, move, faults)
    default = weights.pop("Default")
    by_place = MappingProxyType({name: column for name, column in weights.items() if name in known})
    return Demographic(attribute, tuple(row.cells[0] for row in rows), default, by_place, str(path))


def _check_demographic_rows(header: Line, rows: list[Line], faults: Faults) -> None:
    """Check that no column is there twice; tell of values listed twice and of cells beyond the columns."""
    names = header.cells
    for cell, name in enumerate(names):
        if name in names[:cell]:
            message = f"'{name}' has a second column"
            faults.add("flee-demographics-columns", message, line=header, cell=cell)
    first: dict[str, int] = {}
    for row in rows:
        value = row.cells[0]
        if value in first:
            message = f"'{value}' is listed a second time (first in line {first[value]}); both weights count"
            faults.warn("flee-demographics-value", message, line=row, cell=0)
        first.setdefault(value, row.number)
        if any(cell.strip() for cell in row.cells[len(names) :]):
            message = f"the row has {len(row.cells)} cells; the header names {len(names)} columns"
            faults.warn("flee-cells", message, line=row, cell=len(names))


def _weights(header: Line, rows: list[Line], cell: int, faults: Faults) -> tuple[float, ...]:
    what = f"weight of '{header.cells[cell]}'"
    found = [
        values.number(
            row, cell, faults, what=what, code="flee-demographics-weight", low=0, expected="a number >= 0"
        )
        for row in rows
    ]
    column = [value or 0.0 for value in found]
    total = sum(column)
    if total <= 0 and None not in found:
        message = f"the weights of '{header.cells[cell]}' are all 0"
        faults.add("flee-demographics-weight", message, line=header, cell=cell)
    return tuple(value / total for value in column) if total > 0 else tuple(column)


def _check_words(attribute: str, rows: list[Line], move: MoveRules, faults: Faults) -> None:
    for row in rows:
        if attribute in attributes_used(move):
            _check_word(attribute, row, 0, move, faults)


def _check_word(attribute: str, row: Line, cell: int, move: MoveRules, faults: Faults) -> None:
    """Check a value of an attribute that a rule reads."""
    code = "flee-demographics-value"
    if attribute == "age":
        values.number(row, cell, faults, what="age", code=code, low=0, expected="years, a number")
    elif attribute == "gender" and row.cells[cell] not in GENDERS:
        message = f"gender is '{row.cells[cell]}'; the rules know male and female"
        faults.add(code, message, line=row, cell=cell)
    elif attribute in ("religion", "ethnicity") and not row.cells[cell].strip():
        faults.add(code, f"{attribute} is empty; a name was expected", line=row, cell=cell)
    elif attribute == "floodawareness":
        level = values.whole_number(row, cell, faults, what=attribute, code=code, low=0)
        weights = move.flood_rules.flood_awareness_weights if move.flood_rules else ()
        if level is not None and weights and level >= len(weights):
            entries = f"flood_awareness_weights has entries 0 to {len(weights) - 1}"
            message = f"floodawareness is '{level}'; {entries}"
            faults.add(code, message, line=row, cell=cell)


def read_food(
    path: Path, places: Sequence[FleePlace], n_days: int, faults: Faults, *, used: bool
) -> FoodTable | None:
    """Read region_attributes_IPC.csv: percentages by region, on days in growing order."""
    lines = read_lines(path, faults, required=used)
    if not lines:
        if lines is not None and used:
            faults.add("flee-food-rows", "is empty, but a rule of the settings needs it", file=str(path))
        return None
    header, rows = lines[0], list(data_lines(lines[1:], faults))
    regions = tuple(cell.strip() for cell in header.cells[1:] if cell.strip())
    _check_regions(header, regions, rows, faults)
    days, percent = [], []
    for row in rows:
        day = values.whole_number(row, 0, faults, what="day", code="flee-food-day")
        days.append(day or 0)
        percent.append([_percent(row, cell, region, faults) for cell, region in enumerate(regions, start=1)])
        if len(days) > 1 and day is not None and days[-1] <= days[-2]:
            faults.add("flee-food-day", f"day {day} does not come after day {days[-2]}", line=row, cell=0)
    if used:
        _check_food(path, header, regions, days, places, n_days, faults)
    table = np.array(percent, np.float64).reshape(len(rows), len(regions))
    return FoodTable(regions, np.array(days, np.int64), table)


def _check_regions(header: Line, regions: tuple[str, ...], rows: list[Line], faults: Faults) -> None:
    named = [cell.strip() for cell in header.cells]
    for cell, name in enumerate(named):
        if cell and name and name in named[1:cell]:
            message = f"the region '{name}' has two columns"
            faults.add("flee-food-region", message, line=header, cell=cell)
        elif cell and not name and any(named[cell:]):
            faults.add("flee-food-region", "a column without a region", line=header, cell=cell)
    for row in rows:
        if any(value.strip() for value in row.cells[len(regions) + 1 :]):
            message = f"the row has {len(row.cells)} cells; the header names {len(regions)} regions"
            faults.add("flee-cells", message, line=row, cell=len(regions) + 1)


def _percent(row: Line, cell: int, region: str, faults: Faults) -> float:
    found = values.number(
        row,
        cell,
        faults,
        what=f"IPC of '{region}'",
        code="flee-food-value",
        low=0,
        high=100,
        expected="a number from 0 to 100",
    )
    return found or 0.0


def _check_food(
    path: Path,
    header: Line,
    regions: tuple[str, ...],
    days: list[int],
    places: Sequence[FleePlace],
    n_days: int,
    faults: Faults,
) -> None:
    if not days or days[0] > 0 or days[-1] < n_days - 1:
        span = f"days {days[0]} to {days[-1]}" if days else "no days"
        message = f"covers {span}; days 0 to {n_days - 1} are simulated"
        faults.add("flee-food-rows", message, file=str(path))
    for place in places:
        if place.region not in regions:
            message = f"the region '{place.region}' of '{place.name}' has no column"
            faults.add("flee-food-region", message, line=header, hint=did_you_mean(place.region, regions))
        elif place.name in regions:
            message = (
                f"the place '{place.name}' is named like a region; Flee gives it no value and stops, "
                f"here it has that of its region '{place.region}'"
            )
            faults.warn(
                "flee-food-name",
                message,
                line=header,
                cell=[cell.strip() for cell in header.cells].index(place.name),
            )


def read_floods(
    path: Path,
    places: Sequence[FleePlace],
    settings: FleeSettings,
    n_days: int,
    faults: Faults,
    *,
    settings_file: str,
    law: str = "as-run",
) -> FloodTable | None:
    """Read flood_level.csv where floods drive the departures; row k is day k. Flee cuts levels to whole
    numbers; as meant they are taken as written.
    """
    lines = read_lines(path, faults) if settings.is_flood_mode else None
    if not lines:
        if lines is not None:
            faults.add("flee-flood-days", "is empty", file=str(path))
        return None
    header, rows = lines[0], list(data_lines(lines[1:], faults))
    index = place_index(places)
    columns = {
        cell: known_place(header, cell, index, faults)
        for cell, name in enumerate(header.cells)
        if cell and name.strip()
    }
    _check_flood_columns(header, columns, rows, faults)
    written = np.zeros((len(rows), len(columns)))
    _check_flood_days(rows, faults)
    for day, row in enumerate(rows):
        for column, cell in enumerate(columns):
            written[day, column] = _level(row, cell, settings, law, faults)
    needed = _days_needed(settings, n_days)
    if len(rows) < needed:
        what = "simulated" if needed == n_days else "needed, the last of them for forecasts"
        message = f"has {len(rows)} days; {needed} are {what}"
        faults.add("flee-flood-days", message, file=str(path))
    _check_forecaster(settings, settings_file, needed, law, faults)
    known = tuple(place for place in columns.values() if place is not None)
    return FloodTable(known, written.astype(np.int64), written)


def _check_flood_columns(
    header: Line, columns: dict[int, int | None], rows: list[Line], faults: Faults
) -> None:
    seen: set[int] = set()
    for cell, place in columns.items():
        if place in seen:
            message = f"'{header.cells[cell]}' has a second column"
            faults.add("flee-flood-column", message, line=header, cell=cell)
        if place is not None:
            seen.add(place)
    last = max(columns, default=0)
    for row in rows:
        if len(row.cells) <= last or any(value.strip() for value in row.cells[last + 1 :]):
            message = f"the row has {len(row.cells)} cells; the header has {last + 1}"
            faults.add("flee-cells", message, line=row, cell=min(len(row.cells), last + 1))


def _check_flood_days(rows: list[Line], faults: Faults) -> None:
    """Check that the labels count the days: Flee takes rows by position, whatever they say."""
    for day, row in enumerate(rows):
        label = row.cells[0].strip()
        if values.is_number(label) and float(label) != day:
            message = f"the row is labelled day {label}, but it is row {day}, and Flee takes rows by position"
            hint = "give every day a row, from day 0 on"
            faults.add("flee-flood-day", message, line=row, cell=0, hint=hint)
            return


def _days_needed(settings: FleeSettings, n_days: int) -> int:
    """Return how many days of levels the rules read: those simulated, and those forecast."""
    rules = settings.move.flood_rules
    if rules is None or not rules.forecasts:
        return n_days
    last = min(rules.flood_forecaster_end_time, n_days - 1 + rules.flood_forecaster_timescale)
    return max(n_days, last + 1)


def _check_forecaster(
    settings: FleeSettings, settings_file: str, needed: int, law: str, faults: Faults
) -> None:
    """Check that the weights of forecasts reach far enough: by day as Flee runs, by lead time as meant."""
    rules = settings.move.flood_rules
    if rules is None or not rules.forecasts or not rules.flood_forecaster_weights:
        return
    last = min(rules.flood_forecaster_end_time + 1, needed)
    wanted = last if law == "as-run" else rules.flood_forecaster_timescale
    given = len(rules.flood_forecaster_weights)
    if given < wanted:
        what = "one for each day from day 0 on" if law == "as-run" else "one for each day ahead"
        message = f"flood_forecaster_weights has {given} numbers; {wanted} are needed, {what}"
        faults.add("flee-flood-forecast", message, file=settings_file)


def _level(row: Line, cell: int, settings: FleeSettings, law: str, faults: Faults) -> float:
    found = values.number(
        row,
        cell,
        faults,
        what="flood level",
        code="flee-flood-level",
        low=0,
        expected="a number of 0 or more",
    )
    written, highest = found or 0.0, _highest_level(settings)
    level = float(int(written)) if law == "as-run" else written
    if level > highest >= 0:
        message = f"flood level is '{written:g}'; lists of this length end with level {highest}"
        hint = "append a number to the lists of the settings"
        faults.add("flee-flood-level", message, line=row, cell=cell, hint=hint)
    return min(written, highest + 0.999)


def _highest_level(settings: FleeSettings) -> int:
    """Return the last level of the shortest list."""
    rules, spawning = settings.move.flood_rules, settings.spawn.flood_driven_spawn_mode
    lists = [spawning.displaced_per_flood_day] if spawning else []
    lists += [rules.flood_movechances, rules.flood_loc_weights] if rules else []
    return min((len(values_by_level) for values_by_level in lists), default=0) - 1


def read_listed_people(
    path: Path, places: Sequence[FleePlace], move: MoveRules, faults: Faults, *, used: bool
) -> tuple[ListedPerson, ...]:
    """Read agents.csv where the settings ask for it: a header 'location,<attribute>,...', then one
    person a line. Attributes that rules read must be there and have a meaning."""
    lines = read_lines(path, faults) if used else None
    if not lines:
        if lines is not None:
            faults.add("flee-header", "is empty; a header 'location,...' was expected", file=str(path))
        return ()
    header, index, people = lines[0], place_index(places), []
    if header.cells[0].strip() != "location":
        message = f"the first line begins with '{header.cells[0]}'; it must be the header 'location,...'"
        faults.add("flee-header", message, line=header, cell=0)
    columns = _columns_of_people(header, move, faults)
    for line in data_lines(lines[1:], faults):
        place = known_place(line, 0, index, faults)
        if len(line.cells) != len(header.cells):
            message = f"the row has {len(line.cells)} cells, the header {len(header.cells)}"
            faults.add("flee-cells", message, line=line, cell=min(len(line.cells), len(header.cells)))
            continue
        for attribute, cell in columns.items():
            _check_word(attribute, line, cell, move, faults)
        if place is not None:
            attributes = dict(zip(header.cells[1:], line.cells[1:], strict=True))
            people.append(ListedPerson(place, MappingProxyType(attributes)))
    return tuple(people)


def _columns_of_people(header: Line, move: MoveRules, faults: Faults) -> dict[str, int]:
    """Return the columns of the attributes that rules read; a missing one is a fault."""
    columns = {}
    for attribute in sorted(attributes_used(move)):
        if attribute in header.cells[1:]:
            columns[attribute] = header.cells.index(attribute, 1)
            if header.cells.count(attribute) > 1:
                message, last = f"'{attribute}' has a second column", columns[attribute] + 1
                cell = header.cells.index(attribute, last)
                faults.add("flee-demographics-columns", message, line=header, cell=cell)
        else:
            message = f"a rule of the settings needs {attribute}, but no column is named so"
            hint = did_you_mean(attribute, header.cells[1:])
            faults.add("flee-demographics-missing", message, line=header, hint=hint)
    return columns
