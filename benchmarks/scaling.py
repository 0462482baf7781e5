"""A scenario with more or fewer people on the same roads: numbers of people times a factor, and no other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from corridor.scenario.model import EventKind, Prior, Record, Scenario, Value

R = TypeVar("R", bound=Record)

_PEOPLE_UNITS = {"people", "people/day"}
_PEOPLE_EVENTS = {EventKind.CAPACITY, EventKind.THROUGHPUT}
_ENDS = ("low", "mode", "high", "median", "p95", "value")  # of a prior, in its unit


def with_people_times(scenario: Scenario, factor: float) -> Scenario:
    """Return the scenario with populations, groups, capacities and throughputs times ``factor`` (> 0).

    Shares, rates, dates and roads stay. Priors in people or people a day are stretched by the same factor.
    """
    events = [
        _scaled(event, ["value"], factor) if event.kind in _PEOPLE_EVENTS else event
        for event in scenario.events
    ]
    groups = [
        group.model_copy(update={"people": {place: _times(n, factor) for place, n in group.people.items()}})
        for group in scenario.groups
    ]
    changed = {
        "places": _all(scenario.places, ["population", "capacity", "throughput_per_day"], factor),
        "routes": _all(scenario.routes, ["throughput_per_day"], factor),
        "events": tuple(events),
        "groups": tuple(groups),
        "priors": {name: _prior(prior, factor) for name, prior in scenario.priors.items()},
    }
    return scenario.model_copy(update=changed)


def _all(records: Iterable[R], fields: list[str], factor: float) -> tuple[R, ...]:
    return tuple(_scaled(record, fields, factor) for record in records)


def _scaled(record: R, fields: Iterable[str], factor: float) -> R:
    return record.model_copy(update={field: _times(getattr(record, field), factor) for field in fields})


def _times(value: Value | None, factor: float) -> Value | None:
    """Return a number times the factor; the name of a prior stays, as the prior itself is stretched."""
    return value if value is None or isinstance(value, str) else value * factor


def _prior(prior: Prior, factor: float) -> Prior:
    """Return a prior stretched if it is in people; a product follows its factors."""
    if prior.unit not in _PEOPLE_UNITS or prior.distribution == "product":
        return prior
    edges = tuple(edge * factor for edge in prior.edges)
    return _scaled(prior, _ENDS, factor).model_copy(update={"edges": edges})
