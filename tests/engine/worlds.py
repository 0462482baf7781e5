"""Small worlds made by hand, and one future of each from engine and twin.

In a world made here everybody leaves at once, rides 100 km a day and stays where they arrive; a test changes
what it is about. `run_both` is for worlds in which every chance is 0 or 1 and every choice has one candidate:
engine and twin must then agree in every number.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from compare import engine_future
from numpy.testing import assert_array_equal
from twin import KINDS, STATES, Result, World, simulate

CERTAIN = 1e9  # a hazard a day that nobody withstands
Event = tuple[int, str, int, float | str]
Roads = list[tuple[int, int, float]]


def plain_rules(**changes: Any) -> dict[str, Any]:
    """Return rules under which everybody leaves at once, rides 100 km a day and stays where they arrive."""
    return {
        "leaving": "hazard",
        "given": [],
        "leave_rate_per_day": CERTAIN,
        "leave_intensity_power": 1.0,
        "awareness_km": 10_000.0,
        "softening_km": 10.0,
        "distance_power": 1.0,
        "attraction": {
            kind: float(kind not in ("screening_site", "border_crossing", "junction")) for kind in KINDS
        },
        "control_attraction": {},
        "fighting_attraction": 1.0,
        "abroad_attraction": 1.0,
        "capacity_buffer": 1.0,
        "move_chance": dict.fromkeys(KINDS, 0.0),
        "walk_km_per_day": 100.0,
        "ride_km_per_day": 100.0,
        "first_leg_on_foot": False,
        "return_rate_per_day": 0.0,
        "return_after_safe_days": 0,
        "unsafe_control": (),
        **changes,
    }


def plain_group(**changes: Any) -> dict[str, Any]:
    """Return a group that stands out in nothing."""
    return {
        "name": "all",
        "leave_factor": 1.0,
        "speed_factor": 1.0,
        "return_factor": 1.0,
        "held_by_siege": True,
        "control_attraction": {},
        **changes,
    }


def make_world(
    kinds: list[str],
    roads: list[tuple[int, int, float]],
    people: dict[int, list[int]],
    days: int,
    **changes: Any,
) -> World:
    """Return a world of two-way roads: leg 2 r is road r as written, leg 2 r + 1 the way back.

    ``people`` gives the residents of a place by group, or at a site who is inside. Where there are residents
    there is fighting of intensity 1 from the start.
    """
    n = len(kinds)
    routes = [leg for a, b, km in roads for leg in ((a, b, km), (b, a, km))]
    groups = changes.pop("groups", [plain_group()])
    nobody = [0] * len(groups)
    at_site = [kind in ("camp", "emergency_site") for kind in kinds]
    values: dict[str, Any] = {
        "names": [chr(ord("A") + place) for place in range(n)],
        "kind": kinds,
        "country": ["X"] * n,
        "control": [""] * n,
        "residents": [nobody if at_site[p] else people.get(p, nobody) for p in range(n)],
        "inside": [people.get(p, nobody) if at_site[p] else nobody for p in range(n)],
        "capacity": [None] * n,
        "throughput": [None] * n,
        "fighting": [float(p in people and not at_site[p]) for p in range(n)],
        "siege": [0.0] * n,
        "site_open": [True] * n,
        "routes": routes,
        "route_open": [True] * len(routes),
        "route_throughput": [None] * len(routes),
        "events": [],
        "groups": groups,
        "rules": plain_rules(**changes.pop("rules", {})),
        "days": days,
    }
    return World(**{**values, **changes})


def run_twin(world: World, seed: int = 1) -> Result:
    """Return one future of the twin."""
    return simulate(world, np.random.default_rng(seed))


def run_both(world: World) -> Result:
    """Return the future on which engine and twin agree in every number."""
    by_engine, by_twin = engine_future(world, seed=1), run_twin(world)
    assert_array_equal(by_engine.stocks, by_twin.stocks)
    assert_array_equal(by_engine.flows, by_twin.flows)
    assert_array_equal(by_engine.arrivals, by_twin.arrivals)
    return by_engine


def people_in(result: Result, place: int, state: str, group: int | None = None) -> list[int]:
    """Return the people at a place in a state, day by day."""
    stocks = result.stocks[:, place, :, STATES.index(state)]
    counts: list[int] = (stocks.sum(axis=1) if group is None else stocks[:, group]).tolist()
    return counts
