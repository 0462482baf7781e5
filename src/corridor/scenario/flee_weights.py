"""Whether the weights of ways under the law flee fit a number: numbers in, the setting at fault out.

A weight is made of powers, and a power that is far out makes it larger than any number can be, so that nobody
could choose. Everything here is a range of logarithms to base 10: the lowest above 0 and the highest that a
place, a road or a prior allows. Weights of 0 are sound: where all are 0, all ways are alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from corridor.scenario.model import (
    MATCHING_RULES,
    Event,
    EventKind,
    FleeRules,
    Group,
    Place,
    Route,
    Value,
)

Range = tuple[float, float]
#: The power of ten at which numbers end, with some room for sums.
LARGEST = 300.0
#: The share of who is like oneself is not less than this power of ten, where it is above 0.
LEAST_SHARE = -10.0
#: Half way round the Earth.
FARTHEST_KM = 20_040.0
_ONE = (1.0, 1.0)


@dataclass(frozen=True)
class WeightNumbers:
    """The lowest and the highest of each number in a weight; those of rules have the names of `FleeRules`."""

    km: Range  # of a way
    attraction: Range  # of a place before all else, abroad included
    people: Range  # who live at a place
    size: Range  # people, or the capacity of a site
    fighting: Range  # intensity times decay
    factors: Sequence[tuple[str, Range]]  # of floods, hunger and matching, by the setting they come from
    softening_km: Range
    distance_power: Range
    attraction_softening: Range
    attraction_power: Range
    site_attraction: Range
    fighting_attraction: Range
    population_power: Range
    nearness_power: Range
    destination_power: Range
    size_base_people: Range
    size_power: Range
    counts_twice: bool  # the attraction, on fixed routes


def too_far_out(numbers: WeightNumbers) -> tuple[str, float] | None:
    """Return the setting that makes a number too large, and its power of ten; None if none does."""
    return next(((key, high) for key, (_, high) in _steps(numbers) if high > LARGEST), None)


def _steps(n: WeightNumbers) -> Iterator[tuple[str, Range]]:
    """Yield what makes up a weight, in the order in which it is worked out, with the setting it hangs on."""
    yield "fighting_decay", _times(_log(n.people), _log(n.fighting))
    yield "size_power", _power(_over(_log(n.size), _log(n.size_base_people)), n.size_power)
    softened = (n.softening_km[0] + n.km[0], n.softening_km[1] + n.km[1])
    base = _power(_over((0.0, 0.0), _log(softened)), n.distance_power)
    yield "distance_power", base
    fought = _power(_log(n.fighting_attraction), (0.0, n.fighting[1]))
    yield "fighting_attraction", fought
    score = _times(_log(n.attraction), fought)
    yield "abroad_attraction", score
    score = _times(score, _or_one(_log(n.site_attraction)))
    yield "site_attraction", score
    score = _power(score, n.destination_power)
    yield "destination_power", score
    score = _times(score, _or_one(_power(_log(n.people), n.population_power)))
    yield "population_power", score
    score = _times(score, _power(_log((1.0, FARTHEST_KM)), (-n.nearness_power[1], -n.nearness_power[0])))
    yield "nearness_power", score
    for key, factor in n.factors:
        score = _times(score, factor)
        yield key, score
    softening = _log(n.attraction_softening) if n.attraction_softening[1] > 0.0 else score
    weight = _times((min(score[0], softening[0]), max(score[1], softening[1]) + math.log10(2.0)), base)
    yield "distance_power" if base[1] > score[1] else "attraction_softening", weight
    room_for_one = -3.0 - math.log10(n.size[1])  # the scaling of capacities does not reach the 3
    weight = _power((weight[0] + room_for_one, weight[1]), n.attraction_power)
    yield "attraction_power", weight
    if n.counts_twice:
        yield "attraction_power", _times(weight, score)


def _log(numbers: Range) -> Range:
    """Return the logarithms of what is above 0; 0 and below, where nothing is, count as the highest."""
    low, high = numbers
    if high <= 0.0:
        return 0.0, 0.0
    return math.log10(low if low > 0.0 else high), math.log10(high)


def _power(base: Range, power: Range) -> Range:
    corners = [b * p for b in base for p in power]
    return min(corners), max(corners)


def _times(some: Range, others: Range) -> Range:
    return some[0] + others[0], some[1] + others[1]


def _over(some: Range, others: Range) -> Range:
    return some[0] - others[1], some[1] - others[0]


def _or_one(some: Range) -> Range:
    return min(some[0], 0.0), max(some[1], 0.0)


def span(numbers: Iterator[float] | Sequence[float], other: Range = _ONE) -> Range:
    """Return the lowest above 0 and the highest of some numbers, ``other`` where none is above 0."""
    found = [number for number in numbers if number > 0.0]
    return (min(found), max(found)) if found else other


def numbers_of(
    rules: FleeRules,
    groups: Sequence[Group],
    places: Sequence[Place],
    routes: Sequence[Route],
    events: Sequence[Event],
    bounds: Callable[[Value], Range],
) -> WeightNumbers:
    """Return what makes up the weights of a scenario; ``bounds`` says between what a value lies."""

    def ends(values: Sequence[Value | None]) -> list[float]:
        return [end for value in values if value is not None for end in bounds(value)]

    own = span(ends([place.attraction for place in places]))
    abroad = bounds(rules.abroad_attraction)
    residents = [place.residents if place.is_site else place.population for place in places]
    capacities: list[Value | None] = [place.capacity for place in places]
    capacities += [event.value for event in events if event.kind is EventKind.CAPACITY]
    people = span([1.0, *ends(residents)])
    fighting = [1.0, *ends([event.value for event in events if event.kind is EventKind.FIGHTING])]
    fighting += ends([rules.place_kind_fighting])
    roads = [route.length_km for route in routes]
    return WeightNumbers(
        km=(min(roads, default=1.0) / 4.0, max(1.0, math.fsum(roads))),
        attraction=(min(own[0], 1.0) * min(1.0, span(abroad)[0]), max(own[1], 1.0) * max(1.0, abroad[1])),
        people=people,
        size=span([*people, *ends(capacities)]),
        fighting=(0.0, max(fighting) * max(rules.fighting_decay, default=1.0)),
        factors=[*_flood_factors(rules), *_matching_factors(rules, bounds)],
        counts_twice=rules.fixed_routes,
        destination_power=span([1.0, *ends([group.destination_power for group in groups])]),
        **{key: bounds(getattr(rules, key)) for key in POWERS},
    )


#: The rules whose values make up a weight.
POWERS = (
    *("softening_km", "distance_power", "attraction_softening", "attraction_power", "site_attraction"),
    *("fighting_attraction", "population_power", "nearness_power", "size_base_people", "size_power"),
)


def _flood_factors(rules: FleeRules) -> Iterator[tuple[str, Range]]:
    if rules.flood_attraction:
        yield "flood_attraction", flood_factor(rules.flood_attraction, rules.flood_forecast_weights)


def flood_factor(attraction: Sequence[float], forecast_weights: Sequence[float]) -> Range:
    """Return the factor of floods: twice that of the level, and in forecasts the sum over the days, twice."""
    low, high = _log(span(attraction))
    days = _log(span([1.0, math.fsum(forecast_weights)]))
    return 4.0 * min(low, 0.0) - 2.0 * days[1], 4.0 * max(high, 0.0) + 3.0 * days[1]


def _matching_factors(rules: FleeRules, bounds: Callable[[Value], Range]) -> Iterator[tuple[str, Range]]:
    for rule in (rule for rules_of in MATCHING_RULES.values() for rule in rules_of):
        if (high := bounds(getattr(rules, rule))[1]) > 0.0:
            yield rule, (math.log10(high) + LEAST_SHARE, max(0.0, math.log10(high)))
