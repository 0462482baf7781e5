"""A Flee instance as a scenario of Corridor's: facts in its tables, Flee's law as its rules.

What is quirky about Flee is resolved here, into facts that a person can read and change: capacities are those
after day 0, closures are the roads they really close, conflict begins and ends on its days, and departures
are those of the data table. `corridor.ensemble.flee_scenario` puts such a scenario to the engine as the
instance was put, so both give the same people at every site on every day. Dates are Flee's own: day t of an
instance is its start date plus t, and the issue date is the evening before. Checks and draws nothing; what a
scenario cannot hold is refused by `corridor.formats.flee.importable` first.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from corridor.formats.flee.counts import ReportedCount
from corridor.formats.flee.groups import farmer_share
from corridor.formats.flee.groups_of_scenario import groups_of_scenario
from corridor.formats.flee.model import FleeClosure, FleeInstance, FleePlace, FleeRoute, PlaceChange
from corridor.formats.flee.series import DataTable, data_table, series_values
from corridor.scenario.model import (
    DEFAULT_ATTRACTION,
    DEFAULT_MOVE_CHANCE,
    PLACE_KIND_VALUES,
    Count,
    DateTerm,
    DisplacedOnDay,
    Event,
    EventKind,
    FleeRules,
    Hunger,
    Place,
    PlaceKind,
    Route,
    Rules,
    Scenario,
    Storyline,
)

TOTAL = "total"


def scenario_of_flee(
    instance: FleeInstance,
    counts: Sequence[ReportedCount],
    *,
    name: str,
    provenance: dict[str, str],
) -> Scenario:
    """Return the scenario of an instance.

    Parameters
    ----------
    instance : FleeInstance
        One that `corridor.formats.flee.importable.check_importable` finds nothing wrong with.
    counts : sequence of ReportedCount
        From `read_flee_counts`. Counts after the last day, and of names that are no place, are left out.
    name : str
        Of the scenario.
    provenance : dict
        Where the instance comes from, in words.
    """
    table = data_table(instance)
    first_day = instance.start_date
    departures = _departures(instance)
    groups, groups_at_places = groups_of_scenario(instance)
    return Scenario(
        name=name,
        title=f"{instance_name(instance)}: an instance of Flee",
        description=(
            "Simulated under Flee's law, with the rules of its own section. Day 0 is the evening before "
            f"Flee's first day: what Flee's table has for day t stands here at {first_day} plus t days."
        ),
        issue_date=first_day - dt.timedelta(days=1),
        horizon=first_day + dt.timedelta(days=instance.n_days - 1),
        storylines=(Storyline(name="main", title="As in the instance"),),
        groups=groups,
        rules=Rules(
            law="flee",
            flee=_rules(instance),
            leaving="given" if departures == "given" else "hazard",
            attraction=dict(DEFAULT_ATTRACTION),
            move_chance=dict(DEFAULT_MOVE_CHANCE),
        ),
        places=tuple(_places(instance, table)),
        routes=tuple(_routes(instance)),
        events=tuple(_events(instance)),
        counts=_with_total_of_day_0(instance, tuple(counts_of_sites(instance, counts))),
        displaced_per_day=tuple(_displaced(instance, table)) if departures == "given" else (),
        groups_at_places=groups_at_places,
        hunger=tuple(_hunger(instance)),
        provenance=provenance,
    )


def instance_name(instance: FleeInstance) -> str:
    """Return what an instance is called: the name of its folder."""
    folder = Path(instance.input_csv).resolve()
    return folder.parent.name if folder.name == "input_csv" and folder.parent.name else folder.name


def _departures(instance: FleeInstance) -> str:
    spawn = instance.settings.spawn
    in_flood = spawn.flood_driven_spawn_mode if instance.settings.is_flood_mode else None
    spawning = in_flood or spawn.conflict_driven_spawning
    if spawning is None:
        return "given"
    return {"pop_ratio": "share"}.get(spawning.spawn_mode, spawning.spawn_mode)


def _rules(instance: FleeInstance) -> FleeRules:
    move, spawn = instance.settings.move, instance.settings.spawn
    spawning = None if instance.settings.is_flood_mode else spawn.conflict_driven_spawning
    return FleeRules.model_validate(
        {
            "home_country": instance.home_country.strip(),
            "departures": _departures(instance),
            "displaced_per_day": spawning.displaced_per_conflict_day if spawning else None,
            "population_shrinks": spawn.take_from_population,
            "fighting_decay": spawn.conflict_spawn_decay,
            "fighting_decay_days": spawn.conflict_spawn_decay_interval,
            "ride_km_per_day": move.max_move_speed,
            "walk_km_per_day": move.max_walk_speed,
            "first_leg_on_foot": move.start_on_foot,
            "avoid_short_stints": move.avoid_short_stints,
            "exact_day_is_enough": instance.law == "as-meant",
            "awareness_roads": max(1, move.awareness_level),
            "softening_km": move.softening,
            "distance_power": move.distance_power,
            "attraction_softening": move.weight_softening,
            "attraction_power": move.weight_power,
            "pruning": 1.0 if move.fixed_routes else move.pruning_threshold,
            "abroad_attraction": move.foreign_weight,
            "site_attraction": move.camp_weight,
            "fighting_attraction": move.conflict_weight,
            "population_power": move.pop_power_for_loc_weight if move.use_pop_for_loc_weight else 0.0,
            "nearness_power": move.home_distance_power if move.stay_close_to_home else 0.0,
            "town_move_chance": move.default_movechance,
            "camp_move_chance": move.camp_movechance,
            "emergency_site_move_chance": move.idpcamp_movechance,
            "fighting_move_chance": move.conflict_movechance,
            "size_base_people": move.movechance_pop_base,
            "size_power": move.movechance_pop_scale_factor,
            "capacity_buffer": move.capacity_buffer,
            "capacity_scaling": move.capacity_scaling,
            **_hunger_rules(instance),
            **_flood_rules(instance),
            "harvest_months": [int(month) for month in move.harvest_months],
            "harvest_stops_all": bool(move.harvest_months) and instance.law == "as-run",
            "place_kind_fighting": _new_fighting(instance),
            "fixed_routes": move.fixed_routes,
            "fixed_routes_as_run": move.fixed_routes and instance.law == "as-run",
            "major_routes": [
                [instance.places[place].name.strip() for place in chain] for chain in instance.major_routes
            ],
        }
    )


def _new_fighting(instance: FleeInstance) -> float | None:
    """Return the intensity where a location change brings conflict, None for 1."""
    intensities = [change.conflict_intensity for change in instance.place_changes if change.is_conflict]
    return intensities[0] if intensities and intensities[0] != 1.0 else None


def _flood_rules(instance: FleeInstance) -> dict[str, Any]:
    """Return the numbers for floods by level, and of their forecasts."""
    rules, spawning = instance.settings.move.flood_rules, instance.settings.spawn.flood_driven_spawn_mode
    if instance.flood is None or rules is None or spawning is None:
        return {}
    is_as_run, displaced = instance.law == "as-run", spawning.displaced_per_flood_day
    if is_as_run and spawning.spawn_mode == "poisson":
        displaced = tuple(math.floor(mean) for mean in displaced)  # as Flee cuts them
    found = {
        "flood_displaced_per_day": displaced,
        "flood_move_chance": rules.flood_movechances,
        "flood_attraction": rules.flood_loc_weights,
        "floods_as_run": is_as_run,
    }
    if rules.forecasts:
        found["flood_forecast_days"] = rules.flood_forecaster_timescale
        found["flood_forecast_until"] = _date(instance, rules.flood_forecaster_end_time)
        found["flood_forecast_weights"] = rules.flood_forecaster_weights
    return found


def _hunger_rules(instance: FleeInstance) -> dict[str, bool]:
    """Return which rules of food are on and have an effect: where people leave from is asked only if how many
    leave is given.
    """
    move, spawn = instance.settings.move, instance.settings.spawn
    displaces = spawn.starvation_driven_spawning and instance.settings.arrivals_from == "data"
    return {
        "hunger_displaces": displaces,
        "hunger_displaces_in_peace": displaces and not spawn.conflict_zone_spawning_only,
        "hunger_moves_on": move.flee_when_starving,
        "hunger_repels": move.avoid_food_deprived_locations,
    }


def uses_hunger(instance: FleeInstance) -> bool:
    """Return whether a rule of food has an effect."""
    return any(_hunger_rules(instance).values())


def _hunger(instance: FleeInstance) -> Iterator[Hunger]:
    """Yield the table of food for the areas in which places lie, day by day."""
    if not uses_hunger(instance):
        return
    assert instance.food is not None
    areas = {place.region for place in instance.places}
    for day, percents in zip(instance.food.days.tolist(), instance.food.percent.tolist(), strict=True):
        for area, percent in zip(instance.food.regions, percents, strict=True):
            if area in areas:
                date = instance.start_date + dt.timedelta(days=day)
                yield Hunger(date=date, admin=area, percent=percent)


# --- places and roads -----------------------------------------------------------------------------------
def _places(instance: FleeInstance, table: DataTable) -> Iterator[Place]:
    people = dict(zip(instance.sites, table.day0_people, strict=True))
    for row, place in enumerate(instance.places):
        kind, capacity, grows = place_kind(place), int(table.capacity[row]), place.capacity_per_day > 0
        lat, lon = (place.x, place.y) if abs(place.x) <= 90.0 else (place.y, place.x)
        yield Place(
            name=place.name.strip(),
            lat=lat,
            lon=lon,
            kind=kind,
            country=place.country.strip(),
            admin="" if place.region == "unknown" and not uses_hunger(instance) else place.region.strip(),
            population=float(people[row]) if place.is_camp else float(place.population),
            capacity=float(capacity) if capacity >= 1 or (place.is_camp and grows) else None,
            move_chance=_own_move_chance(instance, place, kind),
            attraction=_attraction(instance, place),
            capacity_per_day=float(place.capacity_per_day) if grows else None,
            residents=float(place.population) or None if place.is_camp else None,
            no_short_stops=place.is_camp and place.is_town and instance.settings.move.avoid_short_stints,
            stay_chance=_stay_chance(instance, place),
            displaced=None if place.is_camp else float(people.get(row, 0)) or None,
            farmer_share=_farmer_share(instance, place),
            flood_zone=place.is_flood_zone and instance.flood is not None and instance.law == "as-run",
            note=_capacity_note(place, capacity),
        )


def place_kind(place: FleePlace) -> PlaceKind:
    """Return the kind of place that behaves like one of Flee's types."""
    if place.is_camp:
        return PlaceKind.EMERGENCY_SITE if place.is_idp_camp else PlaceKind.CAMP
    if place.is_marker:
        return PlaceKind.JUNCTION
    fights = place.is_conflict_type and place.conflict_intensity > 0.0
    return PlaceKind.TOWN if place.is_town or fights else PlaceKind.SCREENING_SITE


def _own_move_chance(instance: FleeInstance, place: FleePlace, kind: PlaceKind) -> float | None:
    """Return the move chance of a place where it is not that of its kind."""
    move = instance.settings.move
    general = {
        PlaceKind.CAMP: move.camp_movechance,
        PlaceKind.EMERGENCY_SITE: move.idpcamp_movechance,
        PlaceKind.TOWN: move.default_movechance,
    }.get(kind, 1.0)
    fights = place.is_conflict_type and place.conflict_intensity > 0.0
    return None if fights or place.move_chance == general else place.move_chance


def _attraction(instance: FleeInstance, place: FleePlace) -> float | None:
    if not (instance.settings.move.use_economic_pull and place.is_foreign):
        return None
    return 1.0 + float(place.attributes["trade_volume"]) + float(place.attributes["hdi"]) ** 2


def _capacity_note(place: FleePlace, capacity: int) -> str:
    if not place.is_camp or place.capacity == capacity:
        return ""
    less = f"capacity is {place.capacity} in locations.csv, less {place.capacity - capacity} counted on day 0"
    if capacity >= 1:
        return less
    until = " until it has grown to 1" if place.capacity_per_day > 0 else ""
    return f"{less}: for Flee that is no limit{until}"


def _farmer_share(instance: FleeInstance, place: FleePlace) -> float | None:
    """Return the share of farmers where they are told apart, None for 0."""
    has_farmers = instance.law == "as-meant" and instance.settings.move.harvest_months
    return farmer_share(place) or None if has_farmers else None


def _stay_chance(instance: FleeInstance, place: FleePlace) -> float | None:
    """Return the chance a day of staying for good in a camp, None for 0."""
    is_ever_camp = place.is_camp or any(
        change.is_camp and instance.places[change.place] is place for change in instance.place_changes
    )
    written = place.attributes.get("deactivation_probability", "").strip()
    return float(written) or None if instance.has_sinks and is_ever_camp and written else None


def _routes(instance: FleeInstance) -> Iterator[Route]:
    """Yield one road, both ways, for each two directed routes: Flee lists there and back together."""
    for there, back in zip(instance.routes[::2], instance.routes[1::2], strict=True):
        forced = [way.end for way in (there, back) if way.forced_redirection and instance.law == "as-meant"]
        yield Route(
            start=instance.places[there.start].name.strip(),
            end=instance.places[there.end].name.strip(),
            length_km=there.length_km,
            km_per_day=there.max_move_speed,
            walk_chance=there.walk_probability or None,
            forced_to=instance.places[forced[0]].name.strip() if forced else "",
        )


# --- what happens -----------------------------------------------------------------------------------------
def _events(instance: FleeInstance) -> list[Event]:
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
    date = _date(instance, day)
    return Event(
        storyline="",
        when=(DateTerm(days=date.toordinal()),),
        written=date.isoformat(),
        kind=kind,
        place=place.strip(),
        to=to.strip(),
        value=value,
    )


def _date(instance: FleeInstance, day: int) -> dt.date:
    return instance.start_date + dt.timedelta(days=day)


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
            value = 3.0 if closure.kind == "idpcamp" else 2.0  # see SITE_OPENS_AS
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


def _displaced(instance: FleeInstance, table: DataTable) -> Iterator[DisplacedOnDay]:
    """Yield the days on which people leave home, and the first day whether they do or not."""
    for day, people in enumerate(table.arrivals.tolist()):
        if people > 0 or day == 0:
            yield DisplacedOnDay(date=instance.start_date + dt.timedelta(days=day), people=people)


# --- what was counted -------------------------------------------------------------------------------------
def counts_of_sites(instance: FleeInstance, counts: Sequence[ReportedCount]) -> Iterator[Count]:
    """Yield what was reported, by place and date, up to the last day.

    Of two rows of a file on one date the later counts. Where a site has several files, its count is the sum
    of the last one each of them had reported.
    """
    last_day = instance.start_date + dt.timedelta(days=instance.n_days - 1)
    known = {place.name for place in instance.places} | {TOTAL}
    by_site: dict[str, dict[str, dict[dt.date, int]]] = {}
    for count in counts:
        if count.site in known:
            by_site.setdefault(count.site, {}).setdefault(count.file, {})[count.date] = count.people
    for site, files in by_site.items():
        for date in sorted({date for rows in files.values() for date in rows}):
            if date <= last_day:
                people = sum(_last_known(rows, date) for rows in files.values())
                yield Count(date=date, place=site.strip(), people=people, note=" + ".join(files))


def _with_total_of_day_0(instance: FleeInstance, counts: tuple[Count, ...]) -> tuple[Count, ...]:
    """Return the counts with the total of the issue date, from which totals are told as newly displaced.

    People of day 0 are those of Flee's first day, so that day's total belongs to them.
    """
    day_0 = instance.start_date - dt.timedelta(days=1)
    if any(count.place == TOTAL and count.date == day_0 for count in counts):
        return counts
    series = next(series for series in instance.series if series.name == TOTAL)
    people = int(series_values(series, np.zeros(1, np.int64))[0])
    note = f"as of {instance.start_date}: the people of day 0 are those of Flee's first day"
    return (Count(date=day_0, place=TOTAL, people=people, note=note), *counts)


def _last_known(rows: dict[dt.date, int], date: dt.date) -> int:
    earlier = [day for day in rows if day <= date]
    return rows[max(earlier)] if earlier else 0
