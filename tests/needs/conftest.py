"""Forecasts made by hand, and standards from a few lines of text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from corridor.ensemble.forecast import STATES, Forecast, make_forecast
from corridor.needs.standards import Standards, load_standards
from corridor.scenario.model import Count, Group, Place, Rules, Scenario, Storyline

ISSUE = dt.date(2016, 10, 20)
PLACES = (
    Place(name="Home", id="P1", lat=36.3, lon=43.1, kind="town", country="Iraq", population=1000),
    Place(name="Khazer", id="P2", lat=36.33, lon=43.56, kind="camp", country="Iraq", capacity=200),
    Place(name="Zelikan", id="P3", lat=36.49, lon=43.51, kind="camp", country="Iraq"),
)

#: (place, state) -> people by member and day, or one list for all members.
People = dict[tuple[str, str], Sequence[Sequence[int]]]


def build(
    people: People,
    *,
    arrivals: dict[str, Sequence[Sequence[int]]] | None = None,
    counts: Sequence[tuple[str, str, int]] = (),
    groups: Sequence[str] = ("all",),
    household_size: float = 5,
    issue: dt.date = ISSUE,
    places: tuple[Place, ...] = PLACES,
) -> Forecast:
    """Return a forecast with these people, all of them in the first group."""
    first = np.array(next(iter(people.values())))
    members, n_rows = first.shape
    scenario = Scenario(
        name="tiny",
        title="A tiny crisis",
        issue_date=issue,
        horizon=issue + dt.timedelta(n_rows - 1),
        household_size=household_size,
        storylines=(Storyline(name="only", title="As it is"),),
        groups=tuple(Group(name=name, share=1 / len(groups)) for name in groups),
        rules=Rules(),
        places=places,
        routes=(),
        counts=tuple(Count(date=dt.date.fromisoformat(d), place=p, people=n) for d, p, n in counts),
    )
    names = [place.name for place in places]
    stocks = np.zeros((members, n_rows, len(names), len(groups), len(STATES)), np.int32)
    for (place, state), values in people.items():
        stocks[:, :, names.index(place), 0, STATES.index(state)] = values
    arrived = np.zeros((members, n_rows, len(names)), np.int32)
    for place, values in (arrivals or {}).items():
        arrived[:, :, names.index(place)] = values
    limits = [-1 if place.capacity is None else int(place.capacity) for place in places]
    axes = ("member", "date", "place")
    variables = {
        "stocks": ((*axes, "group", "state"), stocks),
        "flows": (("member", "date", "leg"), np.zeros((members, n_rows, 0), np.int32)),
        "arrivals": (axes, arrived),
        "capacity": (axes, np.broadcast_to(np.array(limits, np.int32), arrived.shape)),
        "parameters": (("member", "parameter"), np.zeros((members, 0))),
    }
    dates = np.datetime64(issue, "D") + np.arange(n_rows)
    coordinates = {
        "date": dates.astype("datetime64[ns]"),
        "place": np.array(names),
        "group": np.array(groups),
        "state": np.array(STATES),
        "parameter": np.array([], dtype=np.str_),
        "storyline": ("member", np.array(["only"] * members)),
    }
    return make_forecast(scenario, variables, coordinates, seed=7, corridor_version="0.1.0")


@pytest.fixture
def forecast_of() -> Callable[..., Forecast]:
    """Return the builder of forecasts."""
    return build


@pytest.fixture
def standards_of(tmp_path: Path) -> Callable[..., Standards]:
    """Return a reader of standards given as rows of text."""

    def read(*rows: str) -> Standards:
        path = tmp_path / "mine.csv"
        header = "indicator,title,value,low,high,unit,per,phase,months,kg,kg_source,source"
        path.write_text("\n".join((header, *rows)) + "\n", "utf-8")
        return load_standards(path)

    return read
