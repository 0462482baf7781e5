"""A Flee instance (input_csv, source_data and a settings file) as one checked, frozen
`FleeInstance`.

All files are read before anything is refused, so that every fault of every file is told at once.
What Flee does by accident and the published instances rely on is reproduced with a warning; what
can only be a mistake stops the reading, also where Flee would run on with a different answer.
docs/flee.md lists every case.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np

from corridor.formats.flee.conflicts import (
    THRESHOLD,
    no_conflicts,
    read_conflicts,
    read_period,
    read_place_changes,
    switches,
)
from corridor.formats.flee.departures import check_departures
from corridor.formats.flee.folders import check_folders
from corridor.formats.flee.lines import Faults, Line, LinesAgain, near_file, no_file, read_lines
from corridor.formats.flee.matching import check_matching
from corridor.formats.flee.model import FleeInstance, FleePlace, Law
from corridor.formats.flee.near_misses import check_near_misses
from corridor.formats.flee.places import initial_idps_elsewhere, read_places
from corridor.formats.flee.routes import (
    read_closures,
    read_major_routes,
    read_routes,
    warn_no_way_out,
    warn_unreachable,
)
from corridor.formats.flee.series import correct_series, read_corrections, read_series
from corridor.formats.flee.settings import FleeSettings, read_settings
from corridor.formats.flee.tables import read_demographics, read_floods, read_food, read_listed_people
from corridor.formats.flee.values import is_number
from corridor.formats.flee.weights import check_weights
from corridor.problems import InputError


def read_flee_instance(
    input_csv: str | Path,
    source_data: str | Path,
    settings_yml: str | Path,
    *,
    days: int | None = None,
    hasten: int | None = None,
    law: Law = "as-run",
    location_changes: str | Path | None = None,
) -> FleeInstance:
    """Read and check a Flee instance.

    Parameters
    ----------
    input_csv, source_data
        The two folders of the instance.
    settings_yml
        The settings file.
    days
        Overrides the length in sim_period.csv if above 0, as on Flee's command line.
    hasten
        Overrides the scale-down factor H of the settings: one simulated person stands for H people.
    law
        "as-run": what the program does, quirks included; see `quirks` for those that touch an instance.
        "as-meant": the same with a few quirks mended; docs/flee.md says which.
    location_changes
        A location_changes.csv. Flee takes it from the folder where it is started, not from ``input_csv``.

    Raises
    ------
    InputError
        With every problem found, and the warnings; nothing is returned then.
    ValueError
        If ``law`` is not known.
    """
    if law not in ("as-run", "as-meant"):
        raise ValueError(f"law is '{law}'; 'as-run' and 'as-meant' are known")
    faults = Faults()
    folder, data = Path(input_csv), Path(source_data)
    are_there = check_folders(folder, data, faults)
    settings = read_settings(Path(settings_yml), faults, hasten=hasten, law=law)
    if not are_there:
        raise InputError(faults.found)
    start, n_days = read_period(folder / "sim_period.csv", faults, days=days)
    places = read_places(folder / "locations.csv", settings, faults)
    if not places:
        _report_missing(folder, data, faults)
        raise InputError(faults.found)
    changes = _location_changes(folder, location_changes, faults)
    instance = _assemble(
        folder, data, Path(settings_yml), settings, start, n_days, places, changes, law, faults
    )
    check_matching(instance, faults)
    check_near_misses(instance, changes, faults)
    if not faults.any_fatal:
        _check_whole(instance, faults)
    if faults.any_fatal:
        raise InputError(faults.found)
    return replace(instance, warnings=tuple(faults.found))


def _report_missing(folder: Path, data: Path, faults: Faults) -> None:
    """Name the missing files where the places could not be read, so that no name can be checked."""
    names = ("routes.csv", "closures.csv", "conflicts.csv")
    for path in (*(folder / name for name in names), data / "data_layout.csv"):
        if not path.is_file():
            faults.add("flee-file-missing", no_file(path), file=str(path), hint=near_file(path))


def _location_changes(folder: Path, given: str | Path | None, faults: Faults) -> Path | None:
    inside = folder / "location_changes.csv"
    if given is None and inside.is_file():
        message = "is ignored: Flee reads it only from the folder in which it is started"
        faults.warn(
            "flee-changes-ignored", message, file=str(inside), hint="name the file if it is meant to count"
        )
    return None if given is None else Path(given)


def _assemble(
    folder: Path,
    data: Path,
    settings_file: Path,
    settings: FleeSettings,
    start: dt.date | None,
    n_days: int,
    places: tuple[FleePlace, ...],
    changes: Path | None,
    law: Law,
    faults: Faults,
) -> FleeInstance:
    start_date = start or dt.date(1970, 1, 1)  # a stand-in: the fault is reported
    routes = read_routes(folder / "routes.csv", places, faults, law=law)
    place_changes = read_place_changes(changes, places, settings, faults)
    closures = read_closures(
        folder / "closures.csv", places, routes, n_days, faults, changes=place_changes, law=law
    )
    flood_sites = settings.is_flood_mode
    columns, intensity = no_conflicts(n_days)
    if not flood_sites:
        columns, intensity = read_conflicts(folder / "conflicts.csv", places, n_days, faults)
    series = read_series(
        data, places, start_date, n_days if start else 0, settings.hasten, faults, all_places=flood_sites
    )
    corrections = read_corrections(folder / "registration_corrections.csv", faults)
    return FleeInstance(
        input_csv=str(folder),
        source_data=str(data),
        settings_file=str(settings_file),
        law=law,
        settings=settings,
        start_date=start_date,
        n_days=n_days,
        home_country=places[0].country,
        places=places,
        routes=routes,
        closures=closures,
        switches=switches(columns, intensity),
        conflict_columns=columns,
        conflict_intensity=intensity,
        place_changes=place_changes,
        demographics=read_demographics(folder, places, settings.move, faults),
        food=read_food(folder / "region_attributes_IPC.csv", places, n_days, faults, used=settings.uses_food),
        flood=read_floods(
            folder / "flood_level.csv",
            places,
            settings,
            n_days,
            faults,
            settings_file=str(settings_file),
            law=law,
        ),
        people=read_listed_people(
            folder / "agents.csv",
            places,
            settings.move,
            faults,
            used=settings.spawn.read_from_agents_csv_file,
        ),
        major_routes=read_major_routes(
            folder / "major_routes.csv", places, routes, faults, used=settings.move.fixed_routes
        ),
        series=correct_series(series, corrections, start_date, settings.hasten, faults),
        sites=tuple(index for index, place in enumerate(places) if place.is_camp or flood_sites),
        warnings=(),
    )


def _check_whole(instance: FleeInstance, faults: Faults) -> None:
    """Check what only all files together can tell."""
    locations = LinesAgain(Path(instance.input_csv) / "locations.csv")
    _check_home_country(instance, locations, faults)
    _check_columns(instance, faults)
    _check_markers(instance, faults)
    warn_unreachable(instance.places, instance.routes, locations, faults)
    driven = instance.settings.spawn.conflict_driven_spawning
    warn_no_way_out(
        _ever_in_conflict(instance),
        instance.places,
        instance.routes,
        locations,
        faults,
        population_counts=driven is None or driven.spawn_mode == "pop_ratio",
    )
    initial_idps_elsewhere(instance.places, instance.sites, locations, faults)
    _warn_conflict(instance, faults)
    if not faults.any_fatal:
        check_weights(instance, faults)
    check_departures(instance, faults)


def _check_home_country(instance: FleeInstance, locations: LinesAgain, faults: Faults) -> None:
    fought_over = {instance.places[place].country for place in _ever_in_conflict(instance)}
    if not fought_over or instance.home_country in fought_over:
        return
    move = instance.settings.move
    matters = move.foreign_weight != 1 or move.use_economic_pull or move.avoid_food_deprived_locations
    message = (
        f"the first place lies in '{instance.home_country}', which Flee takes for the home country; "
        f"the fighting is in {', '.join(sorted(fought_over))}"
        + ("" if matters else "; no rule depends on it")
    )
    faults.add(
        "flee-home-country",
        message,
        line=locations.at(instance.places[0].line),
        cell=2,
        hint="list a place of the home country first",
        warning=not matters,
    )


def _ever_in_conflict(instance: FleeInstance) -> set[int]:
    by_type = {index for index, place in enumerate(instance.places) if place.conflict_intensity > 0}
    changed = {change.place for change in instance.place_changes if change.is_conflict}
    return by_type | changed | {switch.place for switch in instance.switches if switch.is_on}


def _check_columns(instance: FleeInstance, faults: Faults) -> None:
    """Check the free columns of locations.csv that a rule of the settings needs, or cannot bear."""
    file = str(Path(instance.input_csv) / "locations.csv")
    if instance.settings.move.use_economic_pull:
        for name in ("trade_volume", "hdi"):
            without = [place for place in instance.places if not is_number(place.attributes.get(name, ""))]
            if without:
                message = (
                    f"use_economic_pull needs a number '{name}' for every place; '{without[0].name}' has none"
                )
                hint = "name the column in the comment line '#name,...'"
                faults.add("flee-column-missing", message, file=file, hint=hint)
    if instance.has_sinks:
        _warn_sinks(instance, faults)


def _warn_sinks(instance: FleeInstance, faults: Faults) -> None:
    file, name = str(Path(instance.input_csv) / "locations.csv"), "deactivation_probability"
    key = "camps_are_sicks" if instance.settings.spawn.camps_are_sinks else "camps_are_sinks"
    if not any(place.attributes.get(name, "").strip() for place in instance.places):
        message = f"{key} is on, but there is no column '{name}'; nobody stays in a camp for good"
        faults.warn("flee-camps-are-sinks", message, file=file)
    else:
        message = f"with {key} Flee stops at the first person in a camp, as it takes '{name}' for text"
        hint = "here people stay for good with that chance a day, as documented"
        faults.warn("flee-camps-are-sinks", message, file=file, hint=hint)


def _check_markers(instance: FleeInstance, faults: Faults) -> None:
    level = instance.settings.move.awareness_level
    if level < 0 and any(place.is_marker for place in instance.places):
        message = (
            f"awareness_level is '{level}' and there are marker places: what Flee does then is not known"
        )
        faults.add(
            "flee-awareness", message, file=instance.settings_file, hint="1 looks at the neighbouring places"
        )


def _warn_conflict(instance: FleeInstance, faults: Faults) -> None:
    for switch in instance.switches:
        place = instance.places[switch.place]
        if switch.is_on and place.is_camp:
            message = (
                f"'{place.name}' is a camp; from day {switch.day} it gets the move chance of a conflict zone"
            )
            line, cell = _conflict_cell(instance, switch.day, switch.place)
            hint = "write 0 if there is no fighting"
            faults.warn("flee-conflict-camp", message, line=line, cell=cell, hint=hint)
    for place_number, days in changed_intensities(instance).items():
        name = instance.places[place_number].name
        message = (
            f"the intensity of '{name}' changes on day {days[0]} without passing 0; Flee keeps the "
            "first value"
        )
        line, cell = _conflict_cell(instance, days[0], place_number)
        hint = "the intensity of the day on which a conflict begins counts"
        faults.warn("flee-conflict-frozen", message, line=line, cell=cell, hint=hint)


def _conflict_cell(instance: FleeInstance, day: int, place: int) -> tuple[Line, int]:
    """Return where conflicts.csv, read without a fault, has a place on a day."""
    lines = read_lines(Path(instance.input_csv) / "conflicts.csv", Faults()) or []
    names = [cell.strip() for cell in lines[0].cells]
    return lines[day + 1], names.index(instance.places[place].name, 1)


def changed_intensities(instance: FleeInstance) -> dict[int, list[int]]:
    """Return place -> days on which its intensity changes while in conflict, which Flee ignores."""
    table = instance.conflict_intensity
    changed = (table[1:] > THRESHOLD) & (table[:-1] > THRESHOLD) & (table[1:] != table[:-1])
    found: dict[int, list[int]] = {}
    for day, column in zip(*np.nonzero(changed), strict=True):
        found.setdefault(instance.conflict_columns[column], []).append(int(day) + 1)
    return found
