"""Where Flee's program departs from its documentation or from the evident intention, told for one
instance.

One line for each departure that really touches the instance, with its names, days and numbers, so
that who compares two results knows where to look. What each is, and how it was found, stands in
docs/flee.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from corridor.formats.flee.model import FleeInstance
from corridor.formats.flee.reader import changed_intensities
from corridor.formats.flee.routes import overlaps
from corridor.formats.flee.series import DataTable, data_table
from corridor.formats.flee.tables import attributes_used

#: How many names a line lists before it only counts the rest.
MAX_NAMES = 6


def quirks(instance: FleeInstance) -> tuple[str, ...]:
    """Return one line for each quirk of Flee that touches this instance; empty if none does."""
    table = data_table(instance)
    by_instance: Sequence[Callable[[FleeInstance], Iterable[str]]] = (
        _closures,
        _redirections,
        _route_lengths,
        _conflict_types,
        _conflict_dates,
        _intensities,
        _decay,
        _series,
        _settings,
        _food,
        _floods,
        _fixed_routes,
        _people,
    )
    lines = [line for rule in by_instance for line in rule(instance)]
    return (*lines, *_counts(instance, table), *_capacities(instance, table))


def _names(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - MAX_NAMES} more" if len(listed) > MAX_NAMES else ""
    return ", ".join(f"'{name}'" for name in listed[:MAX_NAMES]) + more


def _closures(instance: FleeInstance) -> Iterator[str]:
    for closure in instance.closures:
        span = _span(closure.start_day, closure.end_day, instance.n_days)
        if closure.kind == "location":
            n_roads = len(closure.routes)
            yield (
                f"location closure '{closure.name1}' closes every road of it {span}, {n_roads} "
                "directions in and out" + (f"; '{closure.name2}' is not looked at" if closure.name2 else "")
            )
        elif closure.kind == "link" and not closure.routes:
            yield f"link closure {closure.name1}-{closure.name2} has no effect: the road stays open"
        elif closure.kind == "link":
            yield (
                f"link closure {closure.name1}-{closure.name2} closes only the way back, to "
                f"'{closure.name1}', {span}"
            )
        elif closure.kind in ("camp", "idpcamp"):
            yield (
                f"{closure.kind} closure '{closure.name1}': {span} it is a town for those on the way, "
                "its road stays "
                "open and its capacity still counts in its weight, but a full camp no longer turns "
                "people back"
            )
    for first, second, route in overlaps(instance.closures):
        yield (
            f"closures of lines {first.line} and {second.line} both close {instance.route_name(route)}: "
            "the first end to come opens it, although the other still holds"
        )


def _span(start: int, end: int, n_days: int) -> str:
    if end <= start or end >= n_days:
        return f"from day {start} to the end"
    days = end - start
    return f"for {days} day{'' if days == 1 else 's'} (days {start} to {end - 1})"


def _redirections(instance: FleeInstance) -> Iterator[str]:
    if instance.law == "as-meant":
        return
    flagged = [index for index, route in enumerate(instance.routes) if route.forced_redirection]
    if flagged:
        yield (
            f"forced redirection on {_names(map(instance.route_name, flagged))} is read by no rule "
            "of movement"
        )
    lines: dict[tuple[int, int], int] = {}
    for route in instance.routes:
        lines[route.line, route.start] = lines.get((route.line, route.start), 0) + 1
    doubled = {line for (line, _), times in lines.items() if times > 1}
    for line in sorted(doubled):
        name = next(instance.route_name(i) for i, route in enumerate(instance.routes) if route.line == line)
        yield f"road {name} exists twice because of its forced redirection 1, which doubles its weight"
    if any(closure.kind == "remove_forced_redirection" for closure in instance.closures):
        yield "closures of kind remove_forced_redirection change a flag that no rule of movement reads"


def _route_lengths(instance: FleeInstance) -> Iterator[str]:
    default = instance.settings.move.max_move_speed
    exact: dict[tuple[int, int], str] = {}
    for index, route in enumerate(instance.routes):
        if route.length_km == (route.max_move_speed or default):
            pair = (min(route.start, route.end), max(route.start, route.end))
            exact.setdefault(pair, instance.route_name(index))
    if exact:
        yield (
            f"{_names(exact.values())}: exactly as long as a day's {default:g} km, which takes two "
            "days, not one"
        )
    short = sum(1 for route in instance.routes if route.length_km < (route.max_move_speed or default)) // 2
    if short:
        yield (
            f"{short} roads are shorter than a day's {default:g} km: who arrives with time to spare "
            "has the full "
            f"{default:g} km again for the next road of the same day"
        )


def _conflict_types(instance: FleeInstance) -> Iterator[str]:
    if instance.settings.is_flood_mode:
        return  # conflicts.csv is not read
    on_day0 = {switch.place for switch in instance.switches if switch.is_on and switch.day == 0}
    ever_on = {switch.place for switch in instance.switches if switch.is_on}
    by_type = {index for index, place in enumerate(instance.places) if place.is_conflict_type}
    quiet = sorted(by_type - on_day0)
    if quiet:
        names = _names(instance.places[place].name for place in quiet)
        yield f"{names}: in conflict from day 0 by type, although conflicts.csv says 0 on day 0"
    camps = [place for place in sorted(ever_on) if instance.places[place].is_camp]
    if camps:
        names = _names(instance.places[place].name for place in camps)
        yield f"{names}: a camp in conflicts.csv keeps its capacity, and nobody sets out there"


def _conflict_dates(instance: FleeInstance) -> Iterator[str]:
    if instance.settings.is_flood_mode:
        return
    first_on: dict[int, int] = {}
    for switch in instance.switches:
        if switch.is_on:
            first_on.setdefault(switch.place, switch.day)
    differing = []
    for index, place in enumerate(instance.places):
        dated = "conflict" in place.kind.lower() and not place.is_camp and not place.is_conflict_type
        if dated and index not in first_on:
            differing.append(f"{place.name} (never in conflict)")
        elif not dated and place.is_town and index in first_on:
            differing.append(
                f"{place.name} (a town in locations.csv, in conflict from day {first_on[index]})"
            )
    if differing:
        yield (
            "the conflict date of locations.csv starts nothing, conflicts.csv decides: "
            f"{'; '.join(differing)}"
        )


def _intensities(instance: FleeInstance) -> Iterator[str]:
    changed = changed_intensities(instance)
    if changed:
        n_changes = sum(len(days) for days in changed.values())
        names = _names(instance.places[place].name for place in changed)
        yield f"{n_changes} changes of intensity after the start of a conflict are ignored, at {names}"


def _decay(instance: FleeInstance) -> Iterator[str]:
    spawn = instance.settings.spawn
    if len(set(spawn.conflict_spawn_decay)) > 1:
        factors = ", ".join(f"{factor:g}" for factor in spawn.conflict_spawn_decay)
        every = f"{spawn.conflict_spawn_decay_interval:g} days"
        yield (
            f"decay {factors} every {every}: departures follow it one day late, except on days when a "
            "conflict starts or "
            "ends; and it weakens how much an old conflict repels people, too"
        )


def _series(instance: FleeInstance) -> Iterator[str]:
    for series in instance.series:
        if len(series.files) > 1:
            yield (
                f"'{series.name}': its {len(series.files)} files are merged by Flee's rule, which is "
                "not their sum"
            )
    codes = {
        "flee-series-order": "dated earlier than the row before",
        "flee-series-date-twice": "a date listed twice",
    }
    for code, words in codes.items():
        found = [warning for warning in instance.warnings if warning.code == code]
        if found:
            where = _names(f"{Path(warning.file).name}:{warning.line}" for warning in found)
            yield f"{len(found)} rows of the counts are {words} and are used as they stand: {where}"
    for series in instance.series:
        if series.place < 0 and series.name != "total" and instance.settings.spawn.sum_from_camps:
            yield f"'{series.name}' of data_layout.csv is no place, but its people count in the arrivals"
        if series.day[0] > 0 and series.people[0] >= 1 and series.place in instance.sites:
            yield (
                f"'{series.name}': its first count, on day {series.day[0]}, is taken for all days before "
                f"({int(series.people[0])} people from day 0)"
            )


def _settings(instance: FleeInstance) -> Iterator[str]:
    move, spawn = instance.settings.move, instance.settings.spawn
    if move.awareness_level < 0:
        yield f"awareness_level {move.awareness_level} is the same as 1"
    if move.stay_close_to_home:
        yield (
            "stay_close_to_home keeps people near where they are, not near home, with latitude and "
            "longitude exchanged"
        )
    if move.boys_take_risk and move.children_avoid_hazards:
        yield "BoysTakeRisk holds for all males above 14, adults too"
    if move.harvest_months:
        yield "in harvest months everybody stops and is counted at home, farmer or not"
    if move.weight_power < 0:
        yield (
            "with a weight_power below 0 Flee stops at the first destination of weight 0, a full camp for "
            "instance; here that weight stays 0"
        )
    if move.movechance_pop_scale_factor < 0:
        yield from _places_without_size(instance)
    if move.two_system_decision_making:
        yield "two_system_decision_making never takes effect"
    if spawn.empty_camps_on_day0 and spawn.insert_day0:
        yield "camps start empty, but their capacity is still reduced by the people of day 0"
    if instance.settings.arrivals_from != "data":
        yield (
            f"departures are driven by {instance.settings.arrivals_from}: not divided by hasten, "
            "printed error 0"
        )


def _places_without_size(instance: FleeInstance) -> Iterator[str]:
    empty = [place.name for place in instance.places if max(place.population, place.capacity) <= 0]
    if empty:
        yield (
            "with a movechance_pop_scale_factor below 0 Flee stops at the first person in a place without "
            f"population or capacity; here everybody leaves it: {_names(empty)}"
        )


def _food(instance: FleeInstance) -> Iterator[str]:
    spawn = instance.settings.spawn
    if spawn.starvation_driven_spawning and spawn.conflict_zone_spawning_only:
        yield (
            "starvation_driven_spawning lets people leave places in conflict alone, as "
            "conflict_zone_spawning_only is on (the default)"
        )
    if instance.settings.uses_food:
        yield (
            "lack of food counts from day 1 on for leaving home and for destinations, from day 0 on for who "
            "goes on"
        )


def _floods(instance: FleeInstance) -> Iterator[str]:
    rules, flood = instance.settings.move.flood_rules, instance.flood
    spawning = instance.settings.spawn.flood_driven_spawn_mode
    if rules is None or flood is None or spawning is None:
        return
    lists = (rules.flood_movechances, rules.flood_loc_weights, spawning.displaced_per_flood_day)
    highest = min(len(numbers) for numbers in lists) - 1
    if (flood.level[: instance.n_days] >= highest).any():
        yield f"flood level {highest} is the last of a list, at which Flee stops; here its number is used"
    n_cut = int(np.count_nonzero(flood.as_written != flood.level))
    if n_cut:
        yield f"{n_cut} flood levels are cut to whole numbers"
    zones = [place.name for place in instance.places if place.is_flood_zone]
    if zones:
        yield f"{_names(zones)}: as flood zones their flood counts twice in their score"
    if spawning.spawn_mode == "poisson" and any(rate % 1 for rate in spawning.displaced_per_flood_day):
        yield "the means of displaced_per_flood_day are cut to whole numbers before people are drawn"
    if rules.forecasts:
        yield (
            "the flood forecaster empties the score of dry places, and nobody leaves them: people prefer "
            "places with a forecast flood"
        )
        yield "flood_forecaster_weights are taken by the number of the day, not by how many days ahead it is"


def _fixed_routes(instance: FleeInstance) -> Iterator[str]:
    if not instance.settings.move.fixed_routes:
        return
    yield (
        "with fixed_routes the score of a destination counts twice, markers cost a level, and the room left "
        "and pruning do not count"
    )
    yield (
        "with fixed_routes a place stores the scores of places listed after it as they were the day before "
        "(1 on day 0)"
    )


def _people(instance: FleeInstance) -> Iterator[str]:
    if instance.people and attributes_used(instance.settings.move):
        yield (
            "attributes of agents.csv are text to Flee, which stops at the first rule for numbers; here they "
            "are taken as numbers"
        )


def _counts(instance: FleeInstance, table: DataTable) -> Iterator[str]:
    in_sites = int(table.observed[0].sum())
    if instance.settings.arrivals_from == "data" and table.raw[0] != in_sites:
        yield (
            f"Flee divides its total error by a count that starts at {table.raw[0]} (the total and "
            "all sites together), "
            f"where the sites hold {in_sites}: the printed error is too small"
        )
    if table.debt.any():
        n_days = int(np.count_nonzero(table.debt))
        times = f"{n_days} day{'' if n_days == 1 else 's'}"
        yield (
            f"falling counts are kept as a debt that later arrivals pay off, on {times}; nobody leaves, and "
            f"{table.debt[-1]} are still owed on the last day"
        )


def _capacities(instance: FleeInstance, table: DataTable) -> Iterator[str]:
    scaling = instance.settings.move.capacity_scaling
    unlimited, full, reduced = [], [], []
    for column, site in enumerate(instance.sites):
        place, capacity = instance.places[site], int(table.capacity[site])
        if place.capacity > capacity and capacity * scaling < 1:
            unlimited.append(place.name)
        elif place.capacity > capacity and capacity * scaling <= table.day0_people[column]:
            full.append(place.name)
        elif place.capacity > capacity:
            reduced.append(place.name)
    if unlimited:
        yield f"{_names(unlimited)}: the people of day 0 use up the capacity, which makes it unlimited"
    if full:
        yield (
            f"{_names(full)}: full from the start, because the people of day 0 count twice against "
            "the capacity"
        )
    if reduced:
        yield f"{_names(reduced)}: the people of day 0 count twice against the capacity"
    by_file = [
        instance.places[site].name for site in instance.sites if instance.places[site].capacity * scaling < 1
    ]
    if by_file:
        yield (
            f"{_names(by_file)}: no capacity in locations.csv (after division by hasten), which "
            "means unlimited"
        )
