"""Small scenarios made in Python, complete as a reader would make them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from corridor.scenario.model import (
    DEFAULT_ATTRACTION,
    DEFAULT_MOVE_CHANCE,
    DateTerm,
    Event,
    EventKind,
    Group,
    Place,
    Prior,
    Route,
    Rules,
    Scenario,
    Storyline,
)

ISSUE = dt.date(2024, 3, 1)


def day(number: int) -> dt.date:
    """Return a day counted from the issue date."""
    return ISSUE + dt.timedelta(days=number)


def place(name: str, kind: str = "town", **more: Any) -> Place:
    """Return a place somewhere in country X."""
    return Place(**{"name": name, "lat": 0.0, "lon": 0.0, "kind": kind, "country": "X", **more})


def event(kind: str, where: str, on: int | tuple[DateTerm, ...], value: Any = 0.0, **more: Any) -> Event:
    """Return an event of every storyline on a day counted from the issue date, or on a sum of terms."""
    when = (DateTerm(days=day(on).toordinal()),) if isinstance(on, int) else on
    fields = {"storyline": "", "when": when, "written": "", "kind": EventKind(kind), "place": where}
    return Event(**{**fields, "value": value, **more})


def rules(**more: Any) -> Rules:
    """Return rules with every kind of place filled in."""
    return Rules(**{"attraction": DEFAULT_ATTRACTION, "move_chance": DEFAULT_MOVE_CHANCE, **more})


def uniform(low: float, high: float, unit: str = "people") -> Prior:
    """Return a prior under which every value between two is equally likely."""
    return Prior(distribution="uniform", unit=unit, low=low, high=high)


def small_scenario(**changes: Any) -> Scenario:
    """Return ten days of a town under fire from day 1, a camp 10 km away, and the world beyond."""
    fields: dict[str, Any] = {
        "name": "small",
        "title": "A town and a camp",
        "issue_date": ISSUE,
        "horizon": day(10),
        "storylines": (Storyline(name="war", title="War"),),
        "groups": (Group(name="all", share=1.0),),
        "rules": rules(leave_rate_per_day=0.3),
        "places": (
            place("Town", population=1000),
            place("Camp", "camp", capacity=400),
            place("Beyond", "outside", country="Y"),
        ),
        "routes": (
            Route(start="Town", end="Camp", length_km=10.0),
            Route(start="Camp", end="Beyond", length_km=50.0),
        ),
        "events": (event("fighting", "Town", 1, 1.0),),
    }
    return Scenario(**{**fields, **changes})
