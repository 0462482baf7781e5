"""What a Flee instance is, once read and checked: frozen records in file order, nothing simulated,
nothing drawn.

Places, routes and sites are Corridor's words for Flee's locations, directed links and camps; the
order of the files is kept everywhere, because Flee's law depends on it. Numbers of people are those
after the scale-down by ``hasten`` (H). Days count from the start date: day 0 is the start date
itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from corridor.formats.flee.settings import FleeSettings
from corridor.problems import Problem

Law = Literal["as-run", "as-meant"]


@dataclass(frozen=True, slots=True)
class FleePlace:
    """One row of locations.csv, as Flee holds it after loading."""

    name: str
    region: str
    country: str
    x: float  # the third number of the row: latitude in the published instances
    y: float  # longitude in the published instances
    kind: str  # the type as written
    is_camp: bool
    is_idp_camp: bool
    is_town: bool  # the town flag: people on their way do not stop here while there is time left
    is_marker: bool
    is_forward: bool
    is_flood_zone: bool
    is_conflict_type: bool  # in conflict by its type, from the start and whatever conflicts.csv says on day 0
    conflict_intensity: float  # from the type; 0 where the type is not conflict (or is dated later)
    population: int  # floor(file / H); 0 for camp types
    capacity: int  # floor(file / H) for camp types, before day 0; below 1: unlimited; -1 elsewhere
    move_chance: float
    is_foreign: bool  # in another country than the first place of the file
    initial_idps: int = 0  # people added on day 0, not divided by H; sites only
    capacity_per_day: int = 0  # added to the capacity every day, not divided by H
    attributes: Mapping[str, str] = field(default_factory=dict)  # the free columns, as written
    line: int = 0  # in locations.csv
    conflict_date: int = 0  # as written, where the type is conflict; above 0 it makes the place a town


@dataclass(frozen=True, slots=True)
class FleeRoute:
    """A directed route. Each row of routes.csv gives one there and one back."""

    start: int  # place, index in file order
    end: int
    length_km: float
    forced_redirection: bool = False  # as run: stored, read by no rule; as meant: all at its start take it
    max_move_speed: float | None = None  # km/day on this route
    walk_probability: float | None = None  # chance of going on foot
    attributes: Mapping[str, str] = field(default_factory=dict)
    line: int = 0  # in routes.csv


@dataclass(frozen=True, slots=True)
class FleeClosure:
    """One row of closures.csv with what it really does."""

    kind: str  # country, location, link, camp, idpcamp or remove_forced_redirection
    name1: str
    name2: str
    start_day: int
    end_day: int  # reopens on this day if it comes at all
    routes: tuple[int, ...]  # directed routes it closes; empty for a `link` closure that does nothing
    place: int = -1  # the camp it closes, for camp and idpcamp; else -1
    line: int = 0


@dataclass(frozen=True, slots=True)
class ConflictSwitch:
    """Conflict switched on or off at a place, before people set out that day. Other changes Flee ignores."""

    day: int
    place: int
    is_on: bool
    intensity: float  # on: the value of that day, frozen from then on; off: -1


@dataclass(frozen=True, slots=True)
class PlaceChange:
    """A row of location_changes.csv: at the start of the day the place takes a new type."""

    day: int
    place: int
    kind: str
    is_camp: bool
    is_idp_camp: bool
    is_town: bool
    is_marker: bool
    is_forward: bool
    is_flood_zone: bool
    is_conflict: bool
    conflict_intensity: float
    move_chance: float
    line: int = 0


@dataclass(frozen=True, slots=True)
class Demographic:
    """How an attribute of people is drawn: weights over its values, by place or by default."""

    attribute: str
    values: tuple[str, ...]
    default: tuple[float, ...]  # normalised
    by_place: Mapping[str, tuple[float, ...]]  # place name -> normalised weights
    file: str = ""


@dataclass(frozen=True, slots=True)
class FoodTable:
    """region_attributes_IPC.csv: percentages by region on some days, linear between them."""

    regions: tuple[str, ...]
    days: npt.NDArray[np.int64]  # [rows]
    percent: npt.NDArray[np.float64]  # [rows, regions]


@dataclass(frozen=True, slots=True)
class FloodTable:
    """flood_level.csv: the level at some places; row k is day k."""

    places: tuple[int, ...]
    level: npt.NDArray[np.int64]  # [days, places], cut to whole numbers as Flee does
    as_written: npt.NDArray[np.float64]  # [days, places]


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """One row of agents.csv: where the person starts, and attributes as written."""

    place: int
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FleeSeries:
    """One row of data_layout.csv: the entries of its files, merged and corrected, in file order."""

    name: str
    place: int  # index of the place; -1 for the total and for names that are no place
    files: tuple[str, ...]
    day: npt.NDArray[np.int64]  # [entries], not always sorted
    people: npt.NDArray[np.float64]  # [entries], divided by H


@dataclass(frozen=True, slots=True)
class FleeInstance:
    """Everything Flee's law needs, checked: see docs/flee.md."""

    input_csv: str
    source_data: str
    settings_file: str
    law: Law
    settings: FleeSettings
    start_date: dt.date
    n_days: int  # the table has this many rows, day 0 first
    home_country: str
    places: tuple[FleePlace, ...]
    routes: tuple[FleeRoute, ...]
    closures: tuple[FleeClosure, ...]
    switches: tuple[ConflictSwitch, ...]  # by day, then in the order of the columns of conflicts.csv
    conflict_columns: tuple[int, ...]  # places with a column in conflicts.csv
    conflict_intensity: npt.NDArray[
        np.float64
    ]  # [days, conflict_columns], as written; Flee uses the switches only
    place_changes: tuple[PlaceChange, ...]
    demographics: tuple[Demographic, ...]
    food: FoodTable | None
    flood: FloodTable | None
    people: tuple[ListedPerson, ...]
    major_routes: tuple[tuple[int, ...], ...]  # chains of places
    series: tuple[FleeSeries, ...]  # the total first, then in the order of data_layout.csv
    sites: tuple[int, ...]  # places that are counted in the output, in file order
    warnings: tuple[Problem, ...]

    @property
    def hasten(self) -> int:
        """How many people one simulated person stands for."""
        return self.settings.hasten

    @property
    def has_sinks(self) -> bool:
        """True where camps keep people; as meant also under the documented spelling of the setting."""
        spawn = self.settings.spawn
        return spawn.camps_are_sinks or (self.law == "as-meant" and spawn.camps_are_sinks_as_documented)

    @property
    def site_names(self) -> tuple[str, ...]:
        """Names of the sites, in file order."""
        return tuple(self.places[site].name for site in self.sites)

    def route_name(self, route: int) -> str:
        """Return "A-B" for a directed route."""
        return f"{self.places[self.routes[route].start].name}-{self.places[self.routes[route].end].name}"
