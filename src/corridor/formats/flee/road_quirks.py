"""The quirks of Flee's program about roads: closures, redirections and how long a road takes.

Part of `corridor.formats.flee.quirks`; `names` words a list of places for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from corridor.formats.flee.model import FleeClosure, FleeInstance, FleeRoute
from corridor.formats.flee.routes import overlaps
from corridor.formats.flee.series import DataTable

#: How many names a line lists before it only counts the rest.
MAX_NAMES = 6


def names(of: Iterable[str]) -> str:
    """Return names in quotes, the first of them if there are many."""
    return listed([f"'{name}'" for name in of])


def listed(words: Sequence[str]) -> str:
    """Return words with commas between them, the first of them if there are many."""
    more = f" and {len(words) - MAX_NAMES} more" if len(words) > MAX_NAMES else ""
    return ", ".join(words[:MAX_NAMES]) + more


def closures(instance: FleeInstance) -> Iterator[str]:
    """Yield what closures do that one would not think."""
    meant = "; as meant both directions are closed" if instance.law == "as-meant" else ""
    for closure in instance.closures:
        if closure.start_day >= instance.n_days:
            continue  # it never closes; a warning says so
        span = _span(closure.start_day, closure.end_day, instance.n_days)
        if closure.kind == "location":
            n_roads = len(closure.routes)
            yield (
                f"location closure '{closure.name1}' closes every road of it {span}, {n_roads} "
                "directions in and out" + (f"; '{closure.name2}' is not looked at" if closure.name2 else "")
            )
        elif closure.kind == "link" and not closure.routes:
            yield f"link closure {closure.name1}-{closure.name2} has no effect: the road stays open{meant}"
        elif closure.kind == "link":
            yield (
                f"link closure {closure.name1}-{closure.name2} closes only the way back, to "
                f"'{closure.name1}', {span}{meant}"
            )
        elif closure.kind in ("camp", "idpcamp") and closure.start_day == closure.end_day:
            day = closure.start_day
            yield f"{closure.kind} closure '{closure.name1}' opens it again at once, on day {day}"
        elif closure.kind in ("camp", "idpcamp"):
            yield (
                f"{closure.kind} closure '{closure.name1}': {span} it is a town for those on the way, "
                "its road stays "
                "open and its capacity still counts in its weight, but a full camp no longer turns "
                "people back"
            )
    for first, second, route in overlaps(instance.closures):
        if not _end_in_time(first, second, instance.n_days):
            continue
        yield (
            f"closures of lines {first.line} and {second.line} both close {instance.route_name(route)}: "
            "the first end to come opens it, although the other still holds"
        )


def _end_in_time(first: FleeClosure, second: FleeClosure, n_days: int) -> bool:
    """True if one of two closures opens again within the run."""
    return any(closure.start_day <= closure.end_day < n_days for closure in (first, second))


def _span(start: int, end: int, n_days: int) -> str:
    if end == start:
        return f"on day {start} and opens it at once, which sends back who is on it"
    if end < start or end >= n_days:
        return f"from day {start} to the end"
    days = end - start
    return f"for {days} day{'' if days == 1 else 's'} (days {start} to {end - 1})"


def redirections(instance: FleeInstance) -> Iterator[str]:
    """Yield what becomes of forced redirections."""
    flagged, doubled = _flagged_by_flee(instance)
    if flagged:
        yield (
            f"forced redirection on {names(map(instance.route_name, flagged))} is read by no rule of movement"
        )
    for route in doubled:
        name = instance.route_name(route)
        yield f"road {name} exists twice because of its forced redirection 1, which doubles its weight"
    if any(closure.kind == "remove_forced_redirection" for closure in instance.closures):
        yield "closures of kind remove_forced_redirection change a flag that no rule of movement reads"


def _flagged_by_flee(instance: FleeInstance) -> tuple[list[int], list[int]]:
    """Return the directed routes that Flee's program flags, and the first route of each road it builds twice.

    Routes come in pairs, there and back. As meant 1 flags the way back and 2 the way there; Flee does the
    reverse, and doubles the road of a 1.
    """
    flags = [index for index, route in enumerate(instance.routes) if route.forced_redirection]
    if instance.law == "as-meant":
        return [index ^ 1 for index in flags], [index - 1 for index in flags if index % 2]
    return flags, [index for index in flags if index % 2 == 0]


def route_lengths(instance: FleeInstance, table: DataTable) -> Iterator[str]:
    """Yield what is odd about the time that roads take."""
    starts = _where_people_start(instance, table)
    exact: dict[tuple[int, float, str], dict[tuple[int, int], str]] = {}
    for index, route in enumerate(instance.routes):
        for speed, way in _speeds(instance, route, starts):
            days = _metres(route.length_km) // _metres(speed)
            if days and _metres(route.length_km) % _metres(speed) == 0:
                pair = (min(route.start, route.end), max(route.start, route.end))
                exact.setdefault((days, speed, way), {}).setdefault(pair, instance.route_name(index))
    for (days, speed, way), roads in sorted(exact.items(), key=lambda item: (item[0][2], *item[0][:2])):
        takes = "takes two days, not one" if days == 1 else f"takes {days + 1} days, not {days}"
        long = f"a day's {speed:g} km" if days == 1 else f"{days} days of {speed:g} km"
        yield f"{names(roads.values())}: {way}exactly as long as {long}, which {takes}"
    yield from _short_roads(instance)


def _speeds(instance: FleeInstance, route: FleeRoute, starts: set[int]) -> Iterator[tuple[float, str]]:
    """Yield (km a day, words for how) for each way in which people may travel a road."""
    move = instance.settings.move
    yield route.max_move_speed or move.max_move_speed, ""
    if route.walk_probability:
        yield move.max_walk_speed, "on foot "
    elif move.start_on_foot and route.start in starts:
        yield move.max_walk_speed, "on foot, as a first road, "


def _where_people_start(instance: FleeInstance, table: DataTable) -> set[int]:
    """Return the places from which people may set out for the first time."""
    in_conflict = {place for place, row in enumerate(instance.places) if row.conflict_intensity > 0}
    in_conflict |= {switch.place for switch in instance.switches if switch.is_on}
    in_conflict |= {change.place for change in instance.place_changes if change.is_conflict}
    flooded = set(instance.flood.places) if instance.flood else set()
    hungry = instance.settings.spawn.starvation_driven_spawning and instance.food is not None
    everywhere = set(range(len(instance.places))) if hungry else set()
    listed = {person.place for person in instance.people}
    there = {site for site, people in zip(instance.sites, table.day0_people, strict=True) if people > 0}
    return in_conflict | flooded | everywhere | listed | there


def _metres(km: float) -> int:
    """Return a distance in whole metres, 1 at least, as the engine takes it."""
    return max(1, int(km * 1000.0 + 0.5))


def _short_roads(instance: FleeInstance) -> Iterator[str]:
    default = instance.settings.move.max_move_speed
    short = {
        (min(route.start, route.end), max(route.start, route.end)): route.max_move_speed or default
        for route in instance.routes
        if route.length_km < (route.max_move_speed or default)
    }
    if short:
        shorter = "1 road is shorter" if len(short) == 1 else f"{len(short)} roads are shorter"
        speeds = set(short.values())
        day, again = "a day's distance on them", "a full day's distance"
        if len(speeds) == 1:
            day, again = f"a day's {min(speeds):g} km", f"the full {min(speeds):g} km"
        yield (
            f"{shorter} than {day}: who arrives with time to spare has {again} again for the next road of "
            "the same day"
        )
