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


def read_demographics(
    folder: Path, places: Sequence[FleePlace], move: MoveRules, faults: Faults
) -> tuple[Demographic, ...]:
    """Read every demographics_<attribute>.csv of a folder, in the order of their names."""
    paths = sorted(folder.glob("demographics_*.csv")) if folder.is_dir() else []
    found = [table for path in paths if (table := _read_demographic(path, places, move, faults)) is not None]
    needed = {
        "age": move.children_avoid_hazards or move.elderly_avoid_hazards,
        "gender": move.women_avoid_hazards or move.boys_take_risk,
    }
    for attribute, is_needed in needed.items():
        if is_needed and not any(path.name.split(".")[0].split("_")[1] == attribute for path in paths):
            message = (
                f"a rule of the settings needs {attribute}, but there is no demographics_{attribute}.csv"
            )
            faults.add("flee-demographics-missing", message, file=str(folder))
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
        faults.add("flee-demographics-columns", message, line=header, hint=did_you_mean("Default", names))
        return None
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
    uses_age = move.children_avoid_hazards or move.elderly_avoid_hazards
    uses_gender = move.women_avoid_hazards or move.boys_take_risk
    for row in rows:
        if attribute == "age" and uses_age:
            values.number(
                row, 0, faults, what="age", code="flee-demographics-value", low=0, expected="years, a number"
            )
        if attribute == "gender" and uses_gender and row.cells[0] not in GENDERS:
            message = f"gender is '{row.cells[0]}'; the rules know male and female"
            faults.add("flee-demographics-value", message, line=row, cell=0)


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
            message = f"the place '{place.name}' is named like a region; Flee gives it no value and stops"
            faults.add(
                "flee-food-region",
                message,
                line=header,
                cell=[cell.strip() for cell in header.cells].index(place.name),
            )


def read_floods(
    path: Path, places: Sequence[FleePlace], settings: FleeSettings, n_days: int, faults: Faults
) -> FloodTable | None:
    """Read flood_level.csv where floods drive the departures; row k is day k, levels are whole numbers."""
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
    highest = _highest_level(settings)
    level = np.zeros((len(rows), len(columns)), np.int64)
    for day, row in enumerate(rows):
        for column, cell in enumerate(columns):
            level[day, column] = _level(row, cell, highest, faults)
    if len(rows) < n_days:
        faults.add("flee-flood-days", f"has {len(rows)} days; {n_days} are simulated", file=str(path))
    return FloodTable(tuple(place for place in columns.values() if place is not None), level)


def _highest_level(settings: FleeSettings) -> int:
    rules, spawning = settings.move.flood_rules, settings.spawn.flood_driven_spawn_mode
    lists = [spawning.displaced_per_flood_day] if spawning else []
    lists += [rules.flood_movechances, rules.flood_loc_weights] if rules else []
    return min((len(values_by_level) for values_by_level in lists), default=0) - 2


def _level(row: Line, cell: int, highest: int, faults: Faults) -> int:
    found = values.number(
        row,
        cell,
        faults,
        what="flood level",
        code="flee-flood-level",
        low=0,
        expected="a number of 0 or more",
    )
    level = int(found or 0)
    if level > highest:
        message = (
            f"flood level is '{level}'; with lists of this length the highest that Flee can use is {highest}"
        )
        faults.add(
            "flee-flood-level",
            message,
            line=row,
            cell=cell,
            hint="append a number to the lists of the settings",
        )
    return min(level, highest)


def read_listed_people(
    path: Path, places: Sequence[FleePlace], faults: Faults, *, used: bool
) -> tuple[ListedPerson, ...]:
    """Read agents.csv where the settings ask for it: a header 'location,<attribute>,...', then one
    person a line."""
    lines = read_lines(path, faults) if used else None
    if not lines:
        return ()
    header, index, people = lines[0], place_index(places), []
    if header.cells[0].strip() != "location":
        message = f"the first line begins with '{header.cells[0]}'; it must be the header 'location,...'"
        faults.add("flee-header", message, line=header, cell=0)
    for line in lines[1:]:
        place = known_place(line, 0, index, faults)
        if len(line.cells) != len(header.cells):
            message = f"the row has {len(line.cells)} cells, the header {len(header.cells)}"
            faults.add("flee-cells", message, line=line, cell=min(len(line.cells), len(header.cells)))
        elif place is not None:
            attributes = dict(zip(header.cells[1:], line.cells[1:], strict=True))
            people.append(ListedPerson(place, MappingProxyType(attributes)))
    return tuple(people)
