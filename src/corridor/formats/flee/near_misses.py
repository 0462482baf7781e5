"""What in a Flee instance is nearly right and would go without effect or without a word.

Names that differ by a slip from one that counts, cells and columns beyond those that are read, numbers that
are left out where they matter. Nothing here changes an answer: everything is told, and only a column that is
there twice stops the reading.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path

from corridor.formats.flee import places, routes
from corridor.formats.flee.lines import Faults, Line, read_lines
from corridor.formats.flee.model import FleeInstance
from corridor.formats.flee.tables import ATTRIBUTES

#: The free columns that a rule can read.
_COLUMNS_OF_PLACES = (
    *("conflict_intensity", "initial_idps", "capacity_per_day", "deactivation_probability"),
    *("farmer_fraction", "trade_volume", "hdi"),
)
_COLUMNS_OF_ROUTES = ("max_move_speed", "walk_probability")
#: Files that may be missing, and so are not missed where they have a slip in their name.
_OPTIONAL_FILES = (
    *("registration_corrections.csv", "region_attributes_IPC.csv", "flood_level.csv", "agents.csv"),
    *("major_routes.csv", *(f"demographics_{attribute}.csv" for attribute in ATTRIBUTES)),
)
#: Tables without a header, and how many of the cells of a row are read.
_N_READ = {"closures.csv": 5, "sim_period.csv": 2, "registration_corrections.csv": 3}
_NEAR = 0.85
#: In a name of fewer letters a slip is no slip: RC and DRC are two countries.
_SHORT = 5


def check_near_misses(instance: FleeInstance, location_changes: Path | None, faults: Faults) -> None:
    """Tell all of it; the faults that stop a reading are told elsewhere."""
    folder = Path(instance.input_csv)
    of_places = _lines(folder / "locations.csv")
    _check_columns(of_places, places.N_FIXED_COLUMNS, _COLUMNS_OF_PLACES, faults)
    _check_columns(_lines(folder / "routes.csv"), routes.N_FIXED_COLUMNS, _COLUMNS_OF_ROUTES, faults)
    _warn_order_of_coordinates(of_places, faults)
    _warn_countries(instance, of_places, faults)
    _warn_blank_coordinates(instance, of_places, faults)
    _warn_files(folder, faults)
    for name, n_read in _N_READ.items():
        _warn_more_cells(_lines(folder / name), n_read, faults)
    if location_changes is not None:
        changes = _lines(location_changes)
        _warn_more_cells(changes, 3, faults)
        _warn_late_changes(instance, changes, faults)


def _lines(path: Path) -> Sequence[Line]:
    """Return the lines of a table once more; what is wrong with it has been told."""
    return read_lines(path, Faults(), required=False) or () if path.is_file() else ()


def _near(word: str, known: Iterable[str]) -> str:
    """Return the known word that differs by a slip, "" if there is none."""
    folded = {_folded(name): name for name in known}
    found = difflib.get_close_matches(_folded(word), list(folded), n=1, cutoff=_NEAR)
    return folded[found[0]] if found else ""


def _folded(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold().strip()


# Columns and cells


def _check_columns(lines: Sequence[Line], n_fixed: int, known: tuple[str, ...], faults: Faults) -> None:
    named = [
        (name, line, cell)
        for line in lines
        if line.is_comment
        for cell, name in enumerate(line.cells[n_fixed:], start=n_fixed)
        if name.strip()
    ]
    names = [name.strip() for name, _, _ in named]
    for at, (name, line, cell) in enumerate(named):
        if name.strip() in names[:at] and name.strip() in known:
            message = f"'{name.strip()}' has a second column"
            faults.add("flee-attribute-names", message, line=line, cell=cell, hint="delete one of the two")
        near = "" if name.strip() in known else _near(name, set(known) - set(names))
        if near:
            message = f"no rule reads the column '{name.strip()}'"
            faults.warn("flee-attribute-names", message, line=line, cell=cell, hint=f"did you mean '{near}'?")


def _warn_more_cells(lines: Sequence[Line], n_read: int, faults: Faults) -> None:
    for line in lines:
        if not line.is_comment and any(cell.strip() for cell in line.cells[n_read:]):
            message = f"the row has {len(line.cells)} cells; the first {n_read} are read"
            faults.warn("flee-cells", message, line=line, cell=n_read)


def _warn_order_of_coordinates(lines: Sequence[Line], faults: Faults) -> None:
    for line in lines:
        names = [cell.strip().lower() for cell in line.cells[3:5]]
        if line.is_comment and len(names) == 2 and names[0].startswith("lon") and names[1].startswith("lat"):
            message = "the header names the longitude first; the first number is read as latitude, as by Flee"
            faults.warn("flee-coordinate-order", message, line=line, cell=3, hint="swap the two columns")


# Names


def _warn_countries(instance: FleeInstance, lines: Sequence[Line], faults: Faults) -> None:
    """Warn of two countries whose names differ by a slip, at the first place of the rarer one."""
    counts = Counter(place.country for place in instance.places)
    for first, second in combinations(counts, 2):
        if not _differ_by_a_slip(_folded(first), _folded(second)):
            continue
        rare, usual = (second, first) if counts[second] <= counts[first] else (first, second)
        line = next((line for line in lines if not line.is_comment and rare in line.cells[2:3]), None)
        message = f"'{rare}' and '{usual}' are taken for two countries"
        hint = f"did you mean '{usual}'?" if _folded(rare) != _folded(usual) else f"write '{usual}'"
        file = str(Path(instance.input_csv) / "locations.csv")
        faults.warn("flee-country-near", message, line=line, cell=2, hint=hint, file=file)


def _differ_by_a_slip(some: str, other: str) -> bool:
    """Return whether a letter left out, put in, replaced or swapped with the next makes one of the other.

    >>> _differ_by_a_slip("abroad", "abraod"), _differ_by_a_slip("niger", "nigeria")
    (True, False)
    """
    if some == other:
        return True
    if abs(len(some) - len(other)) > 1 or min(len(some), len(other)) < _SHORT:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(some, other, strict=False)) if a != b), min(len(some), len(other))
    )
    a, b = some[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _warn_files(folder: Path, faults: Faults) -> None:
    names = sorted(path.name for path in folder.iterdir() if path.suffix.lower() == ".csv")
    missing = [name for name in _OPTIONAL_FILES if name not in names]
    for name in names:
        is_demographic = re.fullmatch(r"demographics_[^_.]+\.csv", name)
        near = "" if is_demographic or name in _OPTIONAL_FILES else _near(name, missing)
        if near:
            hint = f"did you mean '{near}'?"
            faults.warn("flee-file-near", "no rule reads this file", file=str(folder / name), hint=hint)


# Numbers


def _warn_blank_coordinates(instance: FleeInstance, lines: Sequence[Line], faults: Faults) -> None:
    if not instance.settings.move.stay_close_to_home:
        return
    for line, cell in _blank(lines, (3, 4)):
        what = "latitude" if cell == 3 else "longitude"
        message = f"{what} is empty; it is taken as 0, as by Flee, and stay_close_to_home uses it"
        faults.warn("flee-coordinate-none", message, line=line, cell=cell)


def _blank(lines: Sequence[Line], cells: tuple[int, ...]) -> Iterator[tuple[Line, int]]:
    rows = [line for line in lines if not line.is_comment and any(cell.strip() for cell in line.cells)]
    return (
        (row, cell) for row in rows for cell in cells if cell < len(row.cells) and not row.cells[cell].strip()
    )


def _warn_late_changes(instance: FleeInstance, lines: Sequence[Line], faults: Faults) -> None:
    by_number = {line.number: line for line in lines}
    for change in instance.place_changes:
        if change.day >= instance.n_days > 0 and change.line in by_number:
            message = (
                f"day {change.day} comes after the last day simulated ({instance.n_days - 1}); no effect"
            )
            faults.warn("flee-change-late", message, line=by_number[change.line], cell=2)
