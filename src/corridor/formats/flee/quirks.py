"""Where Flee's program departs from its documentation or from the evident intention, told for one
instance.

One line for each departure that really touches the instance, with its names, days and numbers, so
that who compares two results knows where to look. What each is, and how it was found, stands in
docs/flee.md.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from corridor.formats.flee.model import FleeInstance, FleePlace
from corridor.formats.flee.reader import changed_intensities
from corridor.formats.flee.road_quirks import closures, listed, names, redirections, route_lengths
from corridor.formats.flee.series import DataTable, data_table
from corridor.formats.flee.tables import attributes_used

#: Flee's rule for children holds up to this age, in years.
LAST_AGE_OF_CHILDREN = 18


def quirks(instance: FleeInstance) -> tuple[str, ...]:
    """Return one line for each quirk of Flee that touches this instance; empty if none does."""
    table = data_table(instance)
    by_instance: Sequence[Callable[[FleeInstance], Iterable[str]]] = (
        closures,
        redirections,
        lambda instance: route_lengths(instance, table),
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


def _conflict_types(instance: FleeInstance) -> Iterator[str]:
    if instance.settings.is_flood_mode:
        return  # conflicts.csv is not read
    on_day0 = {switch.place for switch in instance.switches if switch.is_on and switch.day == 0}
    ever_on = {switch.place for switch in instance.switches if switch.is_on}
    by_type = {index for index, place in enumerate(instance.places) if place.is_conflict_type}
    quiet = sorted(by_type - on_day0)
    if quiet:
        told = names(instance.places[place].name for place in quiet)
        yield f"{told}: in conflict from day 0 by type, although conflicts.csv says 0 on day 0"
    camps = [instance.places[place] for place in sorted(ever_on) if instance.places[place].is_camp]
    for sets_out, words in ((False, "nobody sets out there"), (True, "people set out there, too")):
        alike = [camp.name for camp in camps if _sets_out(instance, camp) is sets_out]
        if alike:
            yield f"{names(alike)}: a camp in conflicts.csv keeps its capacity, and {words}"


def _sets_out(instance: FleeInstance, camp: FleePlace) -> bool:
    """True if people leave home in a camp that is in conflict."""
    driven = instance.settings.spawn.conflict_driven_spawning
    return camp.population > 0 or (driven is not None and driven.spawn_mode != "pop_ratio")


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
        elif dated and first_on[index] != place.conflict_date:
            differing.append(
                f"{place.name} (day {place.conflict_date} in locations.csv, in conflict from day "
                f"{first_on[index]})"
            )
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
        at = names(instance.places[place].name for place in changed)
        changes = "1 change" if n_changes == 1 else f"{n_changes} changes"
        are = "is" if n_changes == 1 else "are"
        yield f"{changes} of intensity after the start of a conflict {are} ignored, at {at}"


def _decay(instance: FleeInstance) -> Iterator[str]:
    spawn = instance.settings.spawn
    reached = _decay_reached(instance)
    lags = any(len(set(factors)) > 1 for factors in reached) and instance.settings.arrivals_from == "data"
    repels_less = any(factor != 1.0 for factors in reached for factor in factors)
    if not lags and not repels_less:
        return
    factors = ", ".join(f"{factor:g}" for factor in spawn.conflict_spawn_decay)
    late = "departures follow it one day late, except on days when a conflict starts or ends"
    weak = "it weakens how much an old conflict repels people"
    if lags:
        told = f"{late}; and {weak}, too" if repels_less else late
    else:
        told = (
            f"{weak}, too"
            if instance.settings.arrivals_from == "data"
            else f"no departures follow it, but {weak}"
        )
    yield f"decay {factors} every {spawn.conflict_spawn_decay_interval:g} days: {told}"


def _decay_reached(instance: FleeInstance) -> list[list[float]]:
    """Return the factors that each conflict has while it lasts, from its first day to its last."""
    spawn, n_days = instance.settings.spawn, instance.n_days
    begun = {index: -1 for index, place in enumerate(instance.places) if place.conflict_intensity > 0}
    spells = []
    for change in instance.place_changes:
        if change.is_conflict and change.day < n_days:
            begun.setdefault(change.place, -1)  # it takes no note of the day
    for switch in instance.switches:
        if switch.place in begun and switch.day >= 0:
            spells.append((begun.pop(switch.place), switch.day))
        if switch.is_on:
            begun[switch.place] = switch.day
    spells += [(start, n_days) for start in begun.values()]
    return [
        [spawn.decay(day - start) for day in range(max(0, start), min(end, n_days))] for start, end in spells
    ]


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
            where = names(f"{Path(warning.file).name}:{warning.line}" for warning in found)
            rows = "1 row of the counts is" if len(found) == 1 else f"{len(found)} rows of the counts are"
            yield f"{rows} {words} and used as {'it stands' if len(found) == 1 else 'they stand'}: {where}"
    for series in instance.series:
        if series.place < 0 and series.name != "total" and instance.settings.spawn.sum_from_camps:
            yield f"'{series.name}' of data_layout.csv is no place, but its people count in the arrivals"
        if series.day[0] > 0 and series.people[0] >= 1 and series.place in instance.sites:
            yield (
                f"'{series.name}': its first count, on day {series.day[0]}, is taken for all days before "
                f"({int(series.people[0])} people from day 0)"
            )


def _settings(instance: FleeInstance) -> Iterator[str]:
    move = instance.settings.move
    if move.awareness_level < 0:
        yield f"awareness_level {move.awareness_level} is the same as 1"
    if move.stay_close_to_home:
        yield (
            "stay_close_to_home keeps people near where they are, not near home, with latitude and "
            "longitude exchanged"
        )
    if move.boys_take_risk and move.children_avoid_hazards and _has_grown_men(instance):
        yield "BoysTakeRisk holds for all males above 14, adults too"
    if any(day.month in move.harvest_months for day in _dates(instance)):
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
    if instance.settings.arrivals_from != "data":
        yield (
            f"departures are driven by {instance.settings.arrivals_from}: not divided by hasten, "
            "printed error 0"
        )


def _dates(instance: FleeInstance) -> Iterator[dt.date]:
    return (instance.start_date + dt.timedelta(days=day) for day in range(instance.n_days))


def _has_grown_men(instance: FleeInstance) -> bool:
    """True if there may be males who are children no longer."""
    ages = [float(person.attributes["age"]) for person in instance.people]
    genders = [person.attributes["gender"] for person in instance.people]
    if any(age > LAST_AGE_OF_CHILDREN and who == "male" for age, who in zip(ages, genders, strict=True)):
        return True
    drawn: dict[str, set[str]] = {}
    for table in instance.demographics:
        columns = [table.default, *table.by_place.values()]
        drawn[table.attribute] = {
            value for row, value in enumerate(table.values) if any(column[row] > 0 for column in columns)
        }
    is_grown = any(float(age) > LAST_AGE_OF_CHILDREN for age in drawn.get("age", ()))
    return is_grown and "male" in drawn.get("gender", ())


def _places_without_size(instance: FleeInstance) -> Iterator[str]:
    empty = [place.name for place in instance.places if max(place.population, place.capacity) <= 0]
    if empty:
        yield (
            "with a movechance_pop_scale_factor below 0 Flee stops at the first person in a place without "
            f"population or capacity; here everybody leaves it: {names(empty)}"
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
        levels = "1 flood level is" if n_cut == 1 else f"{n_cut} flood levels are"
        yield f"{levels} cut to whole numbers"
    zones = [place.name for place in instance.places if place.is_flood_zone]
    if zones:
        yield f"{names(zones)}: as flood zones their flood counts twice in their score"
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
    starts_empty = instance.settings.spawn.empty_camps_on_day0
    unlimited, full, reduced, by_file = [], [], [], []
    for column, site in enumerate(instance.sites):
        place = instance.places[site]
        capacity = int(table.capacity[site]) + place.capacity_per_day  # of day 0
        is_reduced = place.capacity > table.capacity[site]
        if "camp" in place.kind.lower() and not is_reduced and capacity * scaling < 1:
            by_file.append(_until_it_grows(instance, place, capacity))
        elif is_reduced and capacity * scaling < 1:
            unlimited.append(_until_it_grows(instance, place, capacity))
        elif is_reduced and capacity * scaling <= table.day0_people[column]:
            full.append(f"'{place.name}'")
        elif is_reduced:
            reduced.append(f"'{place.name}'")
    if unlimited:
        yield f"{listed(unlimited)}: the people of day 0 use up the capacity, which makes it unlimited"
    if full:
        yield (
            f"{listed(full)}: full from the start, because the people of day 0 count twice against "
            "the capacity"
        )
    if reduced and starts_empty:
        yield (
            f"{listed(reduced)}: the capacity is reduced by the people of day 0, although the camps start "
            "empty"
        )
    elif reduced:
        yield f"{listed(reduced)}: the people of day 0 count twice against the capacity"
    if by_file:
        yield (
            f"{listed(by_file)}: no capacity in locations.csv (after division by hasten), which "
            "means unlimited"
        )


def _until_it_grows(instance: FleeInstance, place: FleePlace, capacity: int) -> str:
    """Return the name of a place without limit, and until when, where its capacity grows by the day."""
    if place.capacity_per_day <= 0:
        return f"'{place.name}'"
    least = 1.0 / instance.settings.move.capacity_scaling
    day = max(1, math.ceil((least - capacity) / place.capacity_per_day))
    return f"'{place.name}' (before day {day})" if day < instance.n_days else f"'{place.name}'"
