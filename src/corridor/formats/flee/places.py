"""locations.csv as places: flags, move chance, population and capacity as Flee sets them on
loading.

The type is matched by the first word found in it, as in Flee; but a type in which no known word
occurs, a name used twice, and a number that is none are problems here, where Flee would go on with
something else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from corridor.formats.flee import values
from corridor.formats.flee.lines import Faults, Line, LinesAgain, data_lines, read_lines
from corridor.formats.flee.model import FleePlace
from corridor.formats.flee.settings import CAMP_MOVE_CHANCE, FleeSettings
from corridor.problems import did_you_mean

_TYPE_WORDS = ("camp", "conflict", "forward", "marker", "flood_zone", "default", "town")
_TYPE_NAMES = (
    "camp",
    "idpcamp",
    "conflict_zone",
    "forwarding_hub",
    "marker",
    "flood_zone",
    "town",
    "default",
)
N_FIXED_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class PlaceType:
    """What a type word makes of a place."""

    word: str
    is_camp: bool
    is_idp_camp: bool
    is_town: bool
    is_marker: bool
    is_forward: bool
    is_flood_zone: bool
    is_conflict: bool
    move_chance: float


def place_type(kind: str, settings: FleeSettings) -> PlaceType | None:
    """Return what Flee makes of a type; None where it knows no word in it. Matching ignores case."""
    folded = kind.lower()
    word = next((known for known in _TYPE_WORDS if known in folded), "")
    if not word:
        return None
    is_idp = word == "camp" and "idp" in folded
    move = settings.move
    chances = {
        "camp": move.idpcamp_movechance if is_idp else move.camp_movechance,
        "conflict": move.conflict_movechance,
        "forward": 1.0,
        "marker": 1.0,
    }
    return PlaceType(
        word,
        is_camp=word == "camp",
        is_idp_camp=is_idp,
        is_town=word in ("default", "town"),
        is_marker=word == "marker",
        is_forward=word == "forward",
        is_flood_zone=word == "flood_zone",
        is_conflict=word == "conflict",
        move_chance=chances.get(word, move.default_movechance),
    )


def type_hint(kind: str) -> str:
    """Return the repair for a type that is not known."""
    return did_you_mean(kind, _TYPE_NAMES) or f"types: {', '.join(_TYPE_NAMES)}"


def read_places(path: Path, settings: FleeSettings, faults: Faults) -> tuple[FleePlace, ...]:
    """Read locations.csv; a faulty place is kept, so that other files can be checked against its name."""
    lines = read_lines(path, faults)
    if lines is None:
        return ()
    names: list[str] = []
    places: list[FleePlace] = []
    for line in lines:
        if line.is_comment:
            _add_attribute_names(names, line, faults)
        else:
            places.extend(_read_place(row, names, settings, faults) for row in data_lines([line], faults))
    if not places:
        faults.add(
            "flee-places-none",
            "holds no places; rows 'name,region,country,...' were expected",
            file=str(path),
        )
        return ()
    _check_names(places, lines, faults)
    home = places[0].country
    return tuple(replace(place, is_foreign=place.country != home) for place in places)


def free_columns(line: Line, n_fixed: int, faults: Faults | None = None) -> list[str]:
    """Return the names of the free columns in a comment line, blanks included; one of blanks alone is none.

    Flee compares them exactly, so that a name with a blank is another one: told if there is whom to tell.
    """
    names = [cell if cell.strip() else "" for cell in line.cells[n_fixed:]]
    for cell, name in enumerate(names, start=n_fixed):
        if faults is not None and name != name.strip():
            bare = name.strip()
            message = f"the column '{name}' has a blank at its end or start"
            message += f"; Flee does not take it for '{bare}'"
            faults.warn("flee-attribute-names", message, line=line, cell=cell, hint=f"write '{bare}'")
    return names


def _add_attribute_names(names: list[str], line: Line, faults: Faults) -> None:
    extra = free_columns(line, N_FIXED_COLUMNS, faults)
    if extra and names:
        message = "a second comment line with more than eight cells; its names are added to the free columns"
        faults.warn("flee-attribute-names", message, line=line)
    names.extend(extra)


def _read_place(line: Line, names: list[str], settings: FleeSettings, faults: Faults) -> FleePlace:
    if line.number == 1 and line.cells[0].strip().lower() == "name":
        message = "the header is taken for a place; it must start with '#'"
        faults.add("flee-header", message, line=line, cell=0, hint=f"write '#{line.cells[0]}'")
    elif len(line.cells) < N_FIXED_COLUMNS:
        message = f"the row has {len(line.cells)} cells; name to population make {N_FIXED_COLUMNS}"
        faults.add("flee-cells", message, line=line, cell=len(line.cells))
    else:
        return _checked_place(line, names, settings, faults)
    return _stand_in(line)


def _stand_in(line: Line) -> FleePlace:
    country = values.cell_of(line, 2) or "unknown"
    return FleePlace(
        line.cells[0],
        "unknown",
        country,
        0.0,
        0.0,
        "",
        False,
        False,
        False,
        False,
        False,
        False,
        False,
        0.0,
        0,
        -1,
        1.0,
        False,
        line=line.number,
    )


def _checked_place(line: Line, names: list[str], settings: FleeSettings, faults: Faults) -> FleePlace:
    name, kind = line.cells[0], line.cells[5]
    found = place_type(kind, settings)
    if found is None:
        message = f"type '{kind}' is not known; Flee would make it a place that everybody leaves at once"
        faults.add("flee-place-type", message, line=line, cell=5, hint=type_hint(kind))
        return _stand_in(line)
    attributes = _attributes(line, names, faults)
    conflict_date = _conflict_date(line, faults) if found.is_conflict else 0
    is_later = conflict_date > 0
    if is_later:
        found = place_type("town", settings) or found
    people = _people(line, found, faults) // settings.hasten
    intensity = _number_attribute(line, names, "conflict_intensity", 1.0, faults)
    chance = found.move_chance
    _check_shares(line, names, settings, faults)
    turns_camp = not found.is_camp and not found.is_flood_zone and chance < CAMP_MOVE_CHANCE
    return FleePlace(
        name=name,
        region=line.cells[1] or "unknown",
        country=line.cells[2] or "unknown",
        x=_coordinate(line, 3, faults),
        y=_coordinate(line, 4, faults),
        kind=kind,
        is_camp=found.is_camp or turns_camp,
        is_idp_camp=found.is_idp_camp,
        is_town=found.is_town,
        is_marker=found.is_marker,
        is_forward=found.is_forward,
        is_flood_zone=found.is_flood_zone,
        is_conflict_type=found.is_conflict,
        conflict_intensity=intensity if found.is_conflict else 0.0,
        population=0 if found.is_camp else people,
        capacity=people if found.is_camp else -1,
        move_chance=chance,
        is_foreign=False,
        initial_idps=int(_number_attribute(line, names, "initial_idps", 0.0, faults)),
        capacity_per_day=int(_number_attribute(line, names, "capacity_per_day", 0.0, faults)),
        attributes=MappingProxyType(attributes),
        line=line.number,
        conflict_date=conflict_date,
    )


def _attributes(line: Line, names: list[str], faults: Faults) -> dict[str, str]:
    extra = line.cells[N_FIXED_COLUMNS:]
    wanted = [name for name in names if name]
    if any(cell.strip() for cell in extra[len(names) :]):
        message = (
            f"the row has {len(line.cells)} cells, but only {N_FIXED_COLUMNS + len(names)} columns are named"
        )
        hint = "name the columns in the comment line '#name,...' at the top"
        faults.add("flee-cells", message, line=line, cell=N_FIXED_COLUMNS + len(names), hint=hint)
    if len(extra) < len(names) and any(names[len(extra) :]):
        message = (
            f"the row has {len(line.cells)} cells; with '{wanted[-1]}' it must have "
            f"{N_FIXED_COLUMNS + len(names)}"
        )
        faults.add("flee-cells", message, line=line, cell=len(line.cells))
    return {name: cell for name, cell in zip(names, extra, strict=False) if name}


def _conflict_date(line: Line, faults: Faults) -> int:
    hint = "0 for a place in conflict from the start"
    found = values.whole_number(line, 6, faults, what="conflict date", code="flee-conflict-date", hint=hint)
    return found if found is not None else 0


def _people(line: Line, found: PlaceType, faults: Faults) -> int:
    what = "capacity" if found.is_camp else "population"
    if found.is_camp and not line.cells[7].strip():
        message = f"camp '{line.cells[0]}' has no capacity; it is taken as unlimited, as in Flee"
        faults.warn("flee-capacity-none", message, line=line, cell=7)
    return values.whole_number(line, 7, faults, what=what, code=f"flee-{what}", low=0, empty=0) or 0


def _coordinate(line: Line, cell: int, faults: Faults) -> float:
    what, high = ("latitude", 90.0) if cell == 3 else ("longitude", 180.0)
    text = line.cells[cell].strip()
    expected = f"a number from {-high:g} to {high:g}"
    found = values.number(
        line,
        cell,
        faults,
        what=what,
        code="flee-coordinate",
        empty=0.0,
        low=-180.0,
        high=180.0,
        expected=expected,
    )
    if found is not None and abs(found) > high:
        message = f"latitude is '{text}', beyond 90; latitude comes first, then longitude"
        faults.warn("flee-coordinate-order", message, line=line, cell=cell)
    return found if found is not None else 0.0


def _number_attribute(line: Line, names: list[str], name: str, default: float, faults: Faults) -> float:
    cell = N_FIXED_COLUMNS + names.index(name) if name in names else len(line.cells)
    if not values.cell_of(line, cell).strip():
        return default
    if name == "conflict_intensity":
        expected = "a number of 0 or more"
        found = values.number(line, cell, faults, what=name, code="flee-attribute", low=0, expected=expected)
    else:
        found = values.whole_number(line, cell, faults, what=name, code="flee-attribute", low=0)
    return default if found is None else float(found)


def _check_shares(line: Line, names: list[str], settings: FleeSettings, faults: Faults) -> None:
    """Check the free columns of chances and shares that a rule of the settings reads; empty is 0."""
    spawn = settings.spawn
    has_sinks = spawn.camps_are_sinks or spawn.camps_are_sinks_as_documented
    used = {
        "deactivation_probability": has_sinks,
        "farmer_fraction": bool(settings.move.harvest_months),
    }
    for name, is_used in used.items():
        cell = N_FIXED_COLUMNS + names.index(name) if name in names else len(line.cells)
        if is_used and values.cell_of(line, cell).strip():
            values.number(
                line,
                cell,
                faults,
                what=name,
                code="flee-attribute",
                low=0,
                high=1,
                expected="a number from 0 to 1",
            )


def _check_names(places: list[FleePlace], lines: list[Line], faults: Faults) -> None:
    by_number = {line.number: line for line in lines}
    seen: dict[str, int] = {}
    for place in places:
        line = by_number[place.line]
        if place.name in seen:
            message = f"place '{place.name}' is listed a second time (first in line {seen[place.name]})"
            faults.add("flee-place-twice", message, line=line, cell=0, hint="delete one of the two rows")
        elif place.name != place.name.strip():
            message = f"the name '{place.name}' has a blank at its end or start; names are compared exactly"
            faults.warn("flee-name-blank", message, line=line, cell=0, hint=f"write '{place.name.strip()}'")
        seen.setdefault(place.name, place.line)


def initial_idps_elsewhere(
    places: tuple[FleePlace, ...], sites: tuple[int, ...], locations: LinesAgain, faults: Faults
) -> None:
    """Warn of initial_idps at places that are no site: Flee places nobody there."""
    for index, place in enumerate(places):
        if place.initial_idps and index not in sites:
            message = f"initial_idps of '{place.name}' has no effect: Flee uses it at sites only"
            faults.warn("flee-initial-idps", message, line=locations.at(place.line))
