"""The result: stocks, flows and arrivals of every member, labelled, with the scenario, seed and version that
made them.

A `Forecast` wraps an `xarray.Dataset` (``to_xarray``) that ``xarray.open_zarr`` opens as it is. This module
stores and reads it and answers the questions every user asks of it; it draws nothing and words nothing.

Variables, in people:

- ``stocks`` int32 ``[member, date, place, group, state]``: at the end of the day; day 0 is the state before
  the first step.
- ``flows`` int32 ``[member, date, leg]``: people who entered the leg that day. A leg is one direction of a
  route.
- ``arrivals`` int32 ``[member, date, place]``: people who stopped at the place that day.
- ``capacity`` int32 ``[member, date, place]``: 0 at a closed site, -1 where no limit is known.
- ``parameters`` float64 ``[member, parameter]``: each member's values of the priors (dates as ordinals).
"""

from __future__ import annotations

import datetime as dt
import json
import os
import tempfile
import warnings
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from corridor.problems import CorridorRuntimeError, InputError, Problem
from corridor.scenario.model import Scenario

if TYPE_CHECKING:
    import xarray as xr

#: States of a person, in the order of the results.
STATES = (
    "resident",
    "trapped",
    "displaced",
    "travelling",
    "waiting",
    "in_camp",
    "in_host_community",
    "returned",
    "left_area",
)
#: States of people who are away from home because of the crisis.
AWAY_STATES = ("displaced", "travelling", "waiting", "in_camp", "in_host_community", "left_area")
#: Share of its capacity from which a site counts as full.
FULL_SHARE = 0.95

_FORMAT = "corridor-forecast-1"


class Forecast:
    """An ensemble of simulated futures of one scenario."""

    def __init__(self, dataset: xr.Dataset, scenario: Scenario) -> None:
        self._dataset = dataset
        self.scenario = scenario

    def __repr__(self) -> str:
        days = f"{self.dates[0]} to {self.dates[-1]}"
        return f"<Forecast of '{self.scenario.name}': {self.n_members} members, {days}>"

    def to_xarray(self) -> xr.Dataset:
        """Return the labelled arrays."""
        return self._dataset

    @property
    def n_members(self) -> int:
        """Number of simulated futures."""
        return int(self._dataset.sizes["member"])

    @property
    def seed(self) -> int:
        """Seed of the run."""
        return int(self._dataset.attrs["seed"])

    @property
    def version(self) -> str:
        """Version of Corridor that made the forecast."""
        return str(self._dataset.attrs["corridor_version"])

    @property
    def known_until(self) -> dt.date:
        """The last day whose counts the members were drawn to fit; the issue date where they were not."""
        stated = self._dataset.attrs.get("assimilated_until")
        return dt.date.fromisoformat(stated) if stated else self.scenario.issue_date

    @property
    def dates(self) -> NDArray[np.datetime64]:
        """Days as datetime64[D], day 0 first."""
        return self._dataset["date"].values.astype("datetime64[D]")

    @property
    def places(self) -> list[str]:
        """Names of the places, in the order of places.csv."""
        return [str(name) for name in self._dataset["place"].values]

    @property
    def storylines(self) -> list[str]:
        """The storyline of each member."""
        return [str(name) for name in self._dataset["storyline"].values]

    def array(self, name: str) -> NDArray[Any]:
        """Return a variable's numbers, on the axes the module page names."""
        return self._dataset[name].values

    def people(self, *states: str, place: str | None = None, group: str | None = None) -> NDArray[np.int64]:
        """Return people in the given states (all if none), summed over places and groups not named, [members,
        days].

        Raises
        ------
        KeyError
            If a state, place or group is not in the forecast.
        """
        columns = [
            STATES.index(state) if state in STATES else _unknown(state, STATES) for state in states or STATES
        ]
        if group is None:
            stocks = self._all_groups
        else:
            stocks = self.array("stocks")[:, :, :, self._row("group", group)]
        if place is not None:
            here: NDArray[np.int32] = stocks[:, :, self._row("place", place)][..., columns]
            return np.asarray(here.sum(axis=2, dtype=np.int64))
        total = np.zeros(stocks.shape[:2], np.int64)
        for column in columns:
            total += stocks[..., column].sum(axis=2, dtype=np.int64)
        return total

    @cached_property
    def _all_groups(self) -> NDArray[np.int32]:
        """Stocks summed over groups, [members, days, places, states]: asked for again and again."""
        return np.asarray(self.array("stocks").sum(axis=3, dtype=np.int32))

    def newly_displaced(self) -> NDArray[np.int64]:
        """Return people away from home because of the crisis, less those who were so on day 0, [members,
        days].
        """
        away = self.people(*AWAY_STATES)
        return away - away[:, :1]

    def trapped(self, place: str | None = None) -> NDArray[np.int64]:
        """Return people who want to leave home and find no way out, [members, days]."""
        return self.people("trapped", place=place)

    def occupancy(self, place: str) -> NDArray[np.int64]:
        """Return people inside a place or at its gate who are not at home there, [members, days]."""
        return self.people("displaced", "waiting", "in_camp", "in_host_community", place=place)

    def capacity(self, place: str) -> NDArray[np.int32]:
        """Return the capacity of a place, [members, days]: 0 at a closed site, -1 where no limit is known."""
        return self.array("capacity")[:, :, self._row("place", place)]

    def first_full_day(self, place: str) -> NDArray[np.int64]:
        """Return the first day on which a place holds 95 % of its capacity or more, [members]; -1 = never."""
        capacity = self.capacity(place)
        full = (capacity > 0) & (self.occupancy(place) >= FULL_SHARE * capacity)
        return np.where(full.any(axis=1), full.argmax(axis=1), -1)

    def _row(self, axis: str, name: str) -> int:
        names = [str(value) for value in self._dataset[axis].values]
        return names.index(name) if name in names else _unknown(name, names)

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Store the forecast as a Zarr folder, written aside and moved into place.

        Raises
        ------
        InputError
            If ``path`` exists and ``overwrite`` is False.
        CorridorRuntimeError
            If it cannot be written, for instance on a full disk; nothing is left behind.
        """
        target = Path(path)
        if target.exists() and not overwrite:
            message = f"'{target}' exists already"
            raise InputError(
                [Problem("output-exists", "", 0, 0, message, hint="choose another folder, or remove it")]
            )
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(
                prefix=f".{target.name}.", dir=target.parent, ignore_cleanup_errors=True
            ) as aside:
                self._write(Path(aside) / "new")
                swap_in(Path(aside) / "new", target, Path(aside) / "old")
        except OSError as error:
            raise CorridorRuntimeError(f"the forecast could not be written to '{target}': {error}") from error
        return target

    def _write(self, path: Path) -> None:
        from zarr.codecs import ZstdCodec

        dataset = self._dataset
        encoding: dict[str, dict[str, Any]] = {}
        for name, variable in dataset.data_vars.items():
            chunks = tuple(1 if axis == "place" else variable.sizes[axis] for axis in variable.dims)
            encoding[str(name)] = {"chunks": chunks, "compressors": [ZstdCodec(level=1)]}
        with (
            warnings.catch_warnings()
        ):  # the format is new: readers of it other than zarr and xarray may lag behind
            warnings.filterwarnings("ignore", "Consolidated metadata is currently not part", UserWarning)
            dataset.to_zarr(path, mode="w", zarr_format=3, consolidated=True, encoding=encoding)


def swap_in(new: Path, target: Path, old: Path) -> None:
    """Move ``new`` to ``target``; what was there goes to ``old``, and comes back if the move fails."""
    held = target.exists()
    if held:
        os.replace(target, old)
    try:
        os.replace(new, target)
    except OSError:
        if held:
            os.replace(old, target)
        raise


def _unknown(name: str, known: Sequence[str]) -> NoReturn:
    raise KeyError(f"'{name}' is not one of {', '.join(map(str, known))}")


def make_forecast(
    scenario: Scenario, variables: dict[str, Any], coordinates: dict[str, Any], **attributes: Any
) -> Forecast:
    """Label arrays and return them as a `Forecast`; ``variables`` and ``coordinates`` map names to (axes,
    numbers).
    """
    import xarray as xr

    attributes = {
        "format": _FORMAT,
        "scenario": scenario.model_dump_json(),
        "scenario_name": scenario.name,
        **attributes,
    }
    return Forecast(xr.Dataset(variables, coords=coordinates, attrs=attributes), scenario)


def open_forecast(path: str | Path) -> Forecast:
    """Open a stored forecast: a Zarr folder, or the folder of a run that holds ``forecast.zarr``.

    Raises
    ------
    InputError
        If there is no forecast at the path, or it was written by another version's format.
    """
    import xarray as xr

    folder = Path(path)
    folder = folder / "forecast.zarr" if (folder / "forecast.zarr").is_dir() else folder
    if not (folder / "zarr.json").is_file():
        hint = "name the folder of a run, or its forecast.zarr; corridor run makes one"
        raise InputError([Problem("no-forecast", "", 0, 0, f"'{path}' holds no forecast", hint=hint)])
    stored = json.loads((folder / "zarr.json").read_text("utf-8")).get("attributes", {}).get("format", "")
    if stored != _FORMAT:
        message = f"'{path}' is of format '{stored}'; '{_FORMAT}' was expected"
        raise InputError([Problem("forecast-format", "", 0, 0, message, hint="run the scenario again")])
    dataset = xr.open_zarr(folder, chunks=None)
    return Forecast(dataset, Scenario.model_validate_json(dataset.attrs["scenario"]))
