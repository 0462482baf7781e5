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
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from corridor.formats.flee.counts import ReportedCount
from corridor.formats.flee.events_of_scenario import events_of_scenario
from corridor.formats.flee.groups import farmer_share
from corridor.formats.flee.groups_of_scenario import composition_of_scenario, groups_of_scenario
from corridor.formats.flee.model import FleeInstance, FleePlace
from corridor.formats.flee.rules_of_scenario import (
    departures,
    hunger_of_scenario,
    rules_of_scenario,
    uses_hunger,
)
from corridor.formats.flee.series import DataTable, data_table, series_values
from corridor.scenario.model import (
    DEFAULT_ATTRACTION,
    DEFAULT_MOVE_CHANCE,
    Count,
    DisplacedOnDay,
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
    leaving = departures(instance)
    groups, groups_at_places = groups_of_scenario(instance)
    rules, places = rules_of_scenario(instance), tuple(_places(instance, table))
    events = tuple(events_of_scenario(instance))
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
            flee=rules,
            leaving="given" if leaving == "given" else "hazard",
            attraction=dict(DEFAULT_ATTRACTION),
            move_chance=dict(DEFAULT_MOVE_CHANCE),
        ),
        places=places,
        routes=tuple(_routes(instance)),
        events=events,
        counts=_with_total_of_day_0(instance, tuple(counts_of_sites(instance, counts))),
        displaced_per_day=tuple(_displaced(instance, table)) if leaving == "given" else (),
        groups_at_places=groups_at_places,
        hunger=tuple(hunger_of_scenario(instance)),
        composition=tuple(composition_of_scenario(instance, rules, places, events)),
        provenance=provenance,
    )


def instance_name(instance: FleeInstance) -> str:
    """Return what an instance is called: the name of its folder."""
    folder = Path(instance.input_csv).resolve()
    return folder.parent.name if folder.name == "input_csv" and folder.parent.name else folder.name


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
    return 1.0 + (float(place.attributes["trade_volume"]) + float(place.attributes["hdi"]) ** 2)


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
