"""A scenario with more or fewer people on the same roads: every number of people times one factor, all else as it was."""

from __future__ import annotations

from corridor.scenario.model import Event, EventKind, Place, Prior, Route, Scenario, Value

_PEOPLE_UNITS = {"people", "people/day"}
_PEOPLE_EVENTS = {EventKind.CAPACITY, EventKind.THROUGHPUT}
_ENDS = ("low", "mode", "high", "median", "p95", "value")  # of a prior, in its unit


def with_people_times(scenario: Scenario, factor: float) -> Scenario:
    """Return the scenario with populations, groups, capacities and throughputs times ``factor`` (> 0).

    Shares, rates, dates and roads stay. Priors in people or people a day are stretched by the same factor.
    """
    groups = [
        group.model_copy(update={"people": {place: _times(value, factor) for place, value in group.people.items()}})
        for group in scenario.groups
    ]
    return scenario.model_copy(
        update={
            "places": tuple(_place(place, factor) for place in scenario.places),
            "routes": tuple(_route(route, factor) for route in scenario.routes),
            "events": tuple(_event(event, factor) for event in scenario.events),
            "groups": tuple(groups),
            "priors": {name: _prior(prior, factor) for name, prior in scenario.priors.items()},
        }
    )
