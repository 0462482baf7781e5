"""Tiny forecasts made by hand: two camps, a town and a place outside, a few members, forty days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np

from corridor.ensemble.forecast import STATES, Forecast, make_forecast
from corridor.scenario.model import Group, Place, Route, Rules, Scenario, Storyline

ISSUE = dt.date(2016, 10, 20)
PLACES = (
    Place(name="Home", id="P1", lat=36.3, lon=43.1, kind="town", country="Iraq", population=1000),
    Place(name="Khazer", id="P2", lat=36.33, lon=43.56, kind="camp", country="Iraq", capacity=200),
    Place(name="Zelikan", id="P3", lat=36.49, lon=43.51, kind="camp", country="Iraq", capacity=400),
    Place(name="Abroad", id="P4", lat=36.4, lon=41.1, kind="outside", country="Syria"),
)
ROUTES = tuple(Route(start="Home", end=name, length_km=40) for name in ("Khazer", "Zelikan", "Abroad"))

#: (place, state) -> people, [members] at the end; they grow evenly from 0 on day 0.
Growth = Mapping[tuple[str, str], list[int]]


def scenario_of(n_days: int = 40, **changes: Any) -> Scenario:
    fields: dict[str, Any] = {
        "name": "tiny",
        "title": "A tiny crisis",
        "issue_date": ISSUE,
        "horizon": ISSUE + dt.timedelta(n_days),
        "storylines": (Storyline(name="only", title="As it is"),),
        "groups": (Group(name="all", share=1.0),),
        "rules": Rules(),
        "places": PLACES,
        "routes": ROUTES,
    }
    return Scenario(**{**fields, **changes})


def build(
    growth: Growth,
    *,
    members: int = 20,
    n_days: int = 40,
    followed: list[str] | None = None,
    **changes: Any,
) -> Forecast:
    scenario = scenario_of(n_days, **changes)
    names = [place.name for place in scenario.places]
    stocks = np.zeros((members, n_days + 1, len(names), 1, len(STATES)), np.int32)
    for (place, state), at_end in growth.items():
        rising = np.outer(at_end, np.arange(n_days + 1)) // n_days
        stocks[:, :, names.index(place), 0, STATES.index(state)] = rising
    arrivals = np.zeros(stocks.shape[:3], np.int32)
    arrivals[:, 1:] = np.diff(stocks[..., STATES.index("in_camp")].sum(axis=3), axis=1)
    limits = [-1 if place.capacity is None else int(place.capacity) for place in scenario.places]
    capacity = np.broadcast_to(np.array(limits, np.int32), arrivals.shape)
    axes = ("member", "date", "place")
    variables = {
        "stocks": ((*axes, "group", "state"), stocks),
        "flows": (
            ("member", "date", "leg"),
            np.zeros((members, n_days + 1, 2 * len(scenario.routes)), np.int32),
        ),
        "arrivals": (axes, arrivals),
        "capacity": (axes, capacity),
        "parameters": (("member", "parameter"), np.zeros((members, len(scenario.priors)))),
    }
    dates = np.datetime64(ISSUE, "D") + np.arange(n_days + 1)
    coordinates = {
        "date": dates.astype("datetime64[ns]"),
        "place": np.array(names),
        "group": np.array(["all"]),
        "state": np.array(STATES),
        "parameter": np.array(list(scenario.priors), dtype=np.str_),
        "storyline": ("member", np.array(followed or ["only"] * members)),
    }
    return make_forecast(scenario, variables, coordinates, seed=7, corridor_version="0.1.0")
