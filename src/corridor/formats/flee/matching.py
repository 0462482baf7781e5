"""Matching by religion and ethnicity: the values that are known, and what is wrong with their columns.

Flee documents one free column of locations.csv for each value of the attribute, named like the value: how
many such people live at a place. So these columns can be checked only once the demographics are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from corridor.formats.flee import values
from corridor.formats.flee.lines import Faults, Line, data_lines, read_lines
from corridor.formats.flee.model import Demographic, FleeInstance
from corridor.formats.flee.places import N_FIXED_COLUMNS, free_columns
from corridor.formats.flee.settings import MoveRules
from corridor.formats.flee.tables import attributes_used
from corridor.problems import did_you_mean

#: The attributes of people that matching reads.
MATCHED = ("religion", "ethnicity")
#: Factor of a place where everybody has the person's ethnicity; Flee takes a tenth for the average share.
ETHNICITY_FACTOR = 10.0
#: What the columns of a place add up to where they are shares or percentages, and how exactly.
_WHOLES, _NEAR = (1.0, 100.0), 0.02


def attributes_matched(move: MoveRules) -> tuple[str, ...]:
    """Return the attributes by which a rule of the settings matches people and places."""
    return tuple(attribute for attribute in MATCHED if attribute in attributes_used(move))


def known_values(instance: FleeInstance, attribute: str) -> tuple[str, ...]:
    """Return the values of an attribute: those of its table, then others of agents.csv."""
    in_table = [value for table in _tables(instance, attribute) for value in table.values]
    listed = [person.attributes[attribute] for person in instance.people if attribute in person.attributes]
    return tuple(dict.fromkeys((*in_table, *listed)))


def _tables(instance: FleeInstance, attribute: str) -> list[Demographic]:
    return [table for table in instance.demographics if table.attribute == attribute]


def check_matching(instance: FleeInstance, faults: Faults) -> None:
    """Check what the rules of matching read beyond the demographics; nothing if none is on."""
    matched = attributes_matched(instance.settings.move)
    if not matched:
        return
    lines = read_lines(Path(instance.input_csv) / "locations.csv", Faults()) or []  # its faults are told
    for attribute in matched:
        columns = _columns(lines, known_values(instance, attribute), faults)
        numbers = {value: _numbers(lines, value, cell, faults) for value, cell in columns.items()}
        _warn_shares(instance, attribute, numbers, faults)
        _warn_missing(instance, attribute, columns, lines, faults)
        _warn_unlisted(instance, attribute, faults)


def _named(lines: Sequence[Line]) -> list[tuple[str, Line, int]]:
    """Return the name of each free column of locations.csv, with the line and cell that has it."""
    return [
        (name, line, cell)
        for line in lines
        if line.is_comment
        for cell, name in enumerate(free_columns(line, N_FIXED_COLUMNS), start=N_FIXED_COLUMNS)
    ]


def _columns(lines: Sequence[Line], known: Sequence[str], faults: Faults) -> dict[str, int]:
    """Return the cell of each value that has a column; two columns for one value are a fault."""
    found: dict[str, int] = {}
    for number, (name, line, cell) in enumerate(_named(lines)):
        if name in found:
            message = f"'{name}' has a second column"
            faults.add("flee-matching-column", message, line=line, cell=cell, hint="delete one of the two")
        elif name in known:
            found[name] = N_FIXED_COLUMNS + number
    return found


def _numbers(lines: Sequence[Line], value: str, cell: int, faults: Faults) -> list[float]:
    """Return how many of a value live at each place; an empty cell is 0."""
    found = [
        values.number(
            line,
            cell,
            faults,
            what=f"the number of '{value}'",
            code="flee-matching-column",
            low=0,
            empty=0.0,
            expected="a number of people, 0 or more",
        )
        for line in data_lines(lines, Faults())
    ]
    return [number or 0.0 for number in found]


def _warn_shares(
    instance: FleeInstance, attribute: str, numbers: dict[str, list[float]], faults: Faults
) -> None:
    """Warn where the columns look like shares of a whole, as they are added to people who are counted."""
    sums = [total for total in map(sum, zip(*numbers.values(), strict=True)) if total > 0]
    for whole in _WHOLES:
        if len(numbers) > 1 and len(sums) > 1 and all(abs(total - whole) <= _NEAR * whole for total in sums):
            message = (
                f"the columns of {attribute} add up to {whole:g} at every place that has any; they are "
                "taken for people, not for shares"
            )
            file = str(Path(instance.input_csv) / "locations.csv")
            hint = "write how many live there: share times population"
            faults.warn("flee-matching-column", message, file=file, hint=hint)


def _warn_missing(
    instance: FleeInstance, attribute: str, columns: dict[str, int], lines: Sequence[Line], faults: Faults
) -> None:
    """Warn of values without a column where others have one, or a column has a similar name."""
    names = [name for name, _, _ in _named(lines) if name and name not in columns]
    for table in _tables(instance, attribute):
        for value, line in _first_lines(Path(table.file), 0).items():
            hint = did_you_mean(value, names)
            if value not in columns and (columns or hint):
                message = f"no column of locations.csv is named '{value}'; it is 0 at every place"
                faults.warn("flee-matching-column", message, line=line, cell=0, hint=hint)


def _warn_unlisted(instance: FleeInstance, attribute: str, faults: Faults) -> None:
    """Warn of values of agents.csv that the demographics do not know."""
    known = {value for table in _tables(instance, attribute) for value in table.values}
    people = [person.attributes.get(attribute, "") for person in instance.people]
    path = Path(instance.input_csv) / "agents.csv"
    header = (read_lines(path, Faults()) or []) if people else []
    if not known or not header or attribute not in header[0].cells[1:]:
        return  # told as missing
    cell = header[0].cells.index(attribute, 1)
    for value, line in _first_lines(path, cell).items():
        if value.strip() and value not in known and value in people:
            message = (
                f"{attribute} is '{value}', which demographics_{attribute}.csv does not have; "
                f"{people.count(value)} of agents.csv have it"
            )
            hint = did_you_mean(value, known)
            faults.warn("flee-demographics-value", message, line=line, cell=cell, hint=hint)


def _first_lines(path: Path, cell: int) -> dict[str, Line]:
    """Return each value in a column of a table with the first line that has it, the header left out."""
    lines = read_lines(path, Faults()) or []
    found: dict[str, Line] = {}
    for line in data_lines(lines[1:], Faults()):
        if cell < len(line.cells):
            found.setdefault(line.cells[cell], line)
    return found
