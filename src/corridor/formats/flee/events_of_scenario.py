"""What happens in a Flee instance as the events of a scenario: conflict, closures, floods, changes of places.

Closures become the roads that they really close, and conflict the days on which it begins and ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from corridor.formats.flee.model import FleeClosure, FleeInstance, FleeRoute, PlaceChange
from corridor.formats.flee.rules_of_scenario import date_of
from corridor.scenario.model import PLACE_KIND_VALUES, SITE_OPENS_AS, DateTerm, Event, EventKind, PlaceKind

_OPENS_AS = {kind: value for value, kind in SITE_OPENS_AS.items()}


def events_of_scenario(instance: FleeInstance) -> list[Event]:
    """Return all events in order of day: conflict first, then closures, as they stand in their files."""
    dated: list[tuple[int, Event]] = []
    on_first_day = {switch.place for switch in instance.switches if switch.is_on and switch.day == 0}
    for row, place in enumerate(instance.places):
        if place.is_conflict_type and place.conflict_intensity > 0.0 and row not in on_first_day:
            dated.append(_fighting(instance, -1, place.name, place.conflict_intensity))
    for change in instance.place_changes:
        if change.day < instance.n_days:
            dated.append((change.day, _place_kind_event(instance, change)))
    for switch in instance.switches:
        name = instance.places[switch.place].name
        dated.append(_fighting(instance, switch.day, name, switch.intensity if switch.is_on else 0.0))
    for closure in instance.closures:
        for day, is_closing in ((closure.start_day, True), (closure.end_day, False)):
            if 0 <= day < instance.n_days:
                dated += [(day, event) for event in _closing(instance, closure, day, is_closing=is_closing)]
    dated += _floods(instance)
    dated.sort(key=lambda pair: pair[0])
    return list(_without_repetitions(event for _, event in dated))


def _event(
    instance: FleeInstance, day: int, kind: EventKind, place: str, value: float, to: str = ""
) -> Event:
    date = date_of(instance, day)
    return Event(
        storyline="",
        when=(DateTerm(days=date.toordinal()),),
        written=date.isoformat(),
        kind=kind,
        place=place.strip(),
        to=to.strip(),
        value=value,
    )


def _fighting(instance: FleeInstance, day: int, place: str, intensity: float) -> tuple[int, Event]:
    return day, _event(instance, day, EventKind.FIGHTING, place, intensity)


def _floods(instance: FleeInstance) -> Iterator[tuple[int, Event]]:
    """Yield every change of a flood level, as far as floods are forecast; one at least."""
    if instance.flood is None:
        return
    levels = instance.flood.level if instance.law == "as-run" else instance.flood.as_written
    rules, n_told = instance.settings.move.flood_rules, instance.n_days
    if rules is not None and rules.forecasts:
        n_told += rules.flood_forecaster_timescale
    told = 0
    for place, by_day in zip(instance.flood.places, levels[:n_told].T.tolist(), strict=True):
        before = 0.0
        for day, level in enumerate(by_day):
            if level != before:
                yield day, _event(instance, day, EventKind.FLOOD, instance.places[place].name, float(level))
                told += 1
            before = level
    if told == 0:
        yield 0, _event(instance, 0, EventKind.FLOOD, instance.places[0].name, 0.0)


def _place_kind_event(instance: FleeInstance, change: PlaceChange) -> Event:
    flags = {
        "town": change.is_town,
        "emergency_site": change.is_idp_camp,
        "camp": change.is_camp,
        "screening_site": change.is_forward,
        "junction": change.is_marker,
        "flood_zone": change.is_flood_zone,
        "fighting": change.is_conflict,
    }
    value = PLACE_KIND_VALUES[next(word for word, is_so in flags.items() if is_so)]
    name = instance.places[change.place].name
    return _event(instance, change.day, EventKind.PLACE_KIND, name, value)


def _closing(instance: FleeInstance, closure: FleeClosure, day: int, *, is_closing: bool) -> Iterator[Event]:
    """Yield what a closure does on its first or its last day: to a camp, or to roads, both ways or one."""
    value = 0.0 if is_closing else 1.0
    if closure.kind in ("camp", "idpcamp"):
        place = instance.places[closure.place]
        if not is_closing and place.is_idp_camp != (closure.kind == "idpcamp"):
            value = _OPENS_AS[PlaceKind.EMERGENCY_SITE if closure.kind == "idpcamp" else PlaceKind.CAMP]
        yield _event(instance, day, EventKind.SITE, place.name, value)
        return
    if closure.kind == "remove_forced_redirection":
        for route in _redirections_between(instance, closure):
            names = instance.places[route.start].name, instance.places[route.end].name
            yield _event(instance, day, EventKind.FORCED_ROUTE, names[0], value, names[1])
        return
    ways = _closed_ways(instance, closure)
    for start, end in ways:
        if (end, start) not in ways or start < end:
            kind = EventKind.ROUTE if (end, start) in ways else EventKind.ROUTE_ONE_WAY
            names = instance.places[start].name, instance.places[end].name
            yield _event(instance, day, kind, names[0], value, names[1])


def _closed_ways(instance: FleeInstance, closure: FleeClosure) -> dict[tuple[int, int], None]:
    """Return the (start, end) of the directed routes that a closure closes, in file order.

    A ``link`` is closed both ways if the law is as meant.
    """
    if closure.kind == "link" and instance.law == "as-meant":
        names = {closure.name1, closure.name2}
        ways = [(route.start, route.end) for route in instance.routes]
        return dict.fromkeys(way for way in ways if {instance.places[place].name for place in way} == names)
    return dict.fromkeys((instance.routes[row].start, instance.routes[row].end) for row in closure.routes)


def _redirections_between(instance: FleeInstance, closure: FleeClosure) -> list[FleeRoute]:
    """Return the forced roads between the two places of a closure; none if the law is as run."""
    if instance.law == "as-run":
        return []
    names = {closure.name1, closure.name2}
    return [
        route
        for route in instance.routes
        if route.forced_redirection
        and {instance.places[route.start].name, instance.places[route.end].name} == names
    ]


def _without_repetitions(events: Iterable[Event]) -> Iterator[Event]:
    """Leave out what a second closure of the same roads says again on the same day."""
    last: dict[tuple[str, ...], float] = {}
    for event in events:
        key = (event.written, event.kind, event.place, event.to)
        if event.kind is EventKind.FIGHTING or last.get(key) != event.value:
            yield event
        if isinstance(event.value, float):
            last[key] = event.value
