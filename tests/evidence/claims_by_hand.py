"""A small scenario and claims made by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

from corridor.scenario.model import (
    Claim,
    Group,
    Place,
    PlaceKind,
    Prior,
    Rules,
    Scenario,
    Storyline,
)


def make_claim(**changes: Any) -> Claim:
    """Return a claim about the population of Amara, graded A1, with changes."""
    made = {
        "id": "c",
        "said_on": dt.date(2024, 2, 20),
        "about": "population of Amara",
        "unit": "people",
        "kind": "estimate",
        "source": "town council",
        "reliability": "A",
        "credibility": 1,
    }
    return Claim(**{**made, **changes})


def make_scenario(*claims: Claim) -> Scenario:
    """Return a scenario of two towns and a camp with priors of every unit that claims are about."""
    named = tuple(claim.id for claim in claims)
    return Scenario(
        name="small",
        title="Small",
        issue_date=dt.date(2024, 3, 1),
        horizon=dt.date(2024, 4, 1),
        household_size=6,
        storylines=(
            Storyline(name="long", title="Long", weight=3.0, reason="talks failed"),
            Storyline(name="short", title="Short", weight=1.0),
        ),
        groups=(
            Group(name="children", share=0.5),
            Group(name="adults", share=0.5),
            Group(name="fighters and families", people={"Amara": "armed"}),
        ),
        rules=Rules(leave_rate_per_day="leaving"),
        priors={
            "amara_people": Prior(
                distribution="uniform", unit="people", low=800, high=1200, reason="the council says so"
            ),
            "armed": Prior(
                distribution="uniform", unit="people", low=1, high=9, claims=named, reason="reports disagree"
            ),
            "leaving": Prior(
                distribution="lognormal", unit="1/day", median=0.02, p95=0.1, reason="as elsewhere"
            ),
            "entry": Prior(distribution="uniform", unit="date", low=738945, high=738965, reason="weeks"),
            "siege": Prior(distribution="uniform", unit="share", low=0.2, high=0.9, reason="unknown"),
            "bare": Prior(distribution="uniform", unit="1", low=0, high=1),
        },
        places=(
            Place(name="Amara", lat=36, lon=43, kind=PlaceKind.TOWN, country="X", population="amara_people"),
            Place(name="Tol", lat=36, lon=43.2, kind=PlaceKind.TOWN, country="X", population=500.0),
            Place(name="Birch Camp", lat=36, lon=43.1, kind=PlaceKind.CAMP, country="X", capacity=300.0),
        ),
        routes=(),
        claims=claims,
    )
