"""Checks of places and routes: names, coordinates, lengths, and whether anybody can get anywhere.

Takes the records of places.csv and routes.csv with their rows; a name counts as known when any row has it,
also one that is at fault elsewhere.
"""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Iterable

from corridor.scenario.findings import Findings, Spot
from corridor.scenario.geography import great_circle_km
from corridor.scenario.model import Group, Place, PlaceKind, Route
from corridor.scenario.records import Rows
from corridor.scenario.settings import Settings
from corridor.scenario.tables import Row

#: A route may be this much shorter than the straight line: coordinates and lengths are rounded.
SHORTEST_TO_STRAIGHT = 0.98
#: A route longer than this many straight lines and ``LONGEST_SLACK_KM`` gets a warning.
LONGEST_TO_STRAIGHT = 5.0
LONGEST_SLACK_KM = 5.0
#: A place further than this from the middle of all places is looked at for swapped coordinates.
FAR_AWAY_KM = 300.0

#: The word that stands for all places together in counts.csv.
TOTAL = "total"

NOBODY_LIVES_HERE = frozenset(
    {
        PlaceKind.HOST_COMMUNITY,
        PlaceKind.SCREENING_SITE,
        PlaceKind.BORDER_CROSSING,
        PlaceKind.JUNCTION,
        PlaceKind.OUTSIDE,
    }
)
_HOMES = frozenset({PlaceKind.TOWN, PlaceKind.NEIGHBOURHOOD})
_DESTINATIONS = frozenset(
    {
        PlaceKind.TOWN,
        PlaceKind.NEIGHBOURHOOD,
        PlaceKind.CAMP,
        PlaceKind.EMERGENCY_SITE,
        PlaceKind.HOST_COMMUNITY,
        PlaceKind.OUTSIDE,
    }
)


def check_places(places: Rows[Place], settings: Settings, findings: Findings) -> None:
    """Check every place on its own, and its name and id against all others."""
    _check_names(places, findings)
    _check_ids(places, findings)
    for place, row in places.good:
        if place.name == TOTAL:
            message = "'total' cannot be the name of a place: in counts.csv it means all places"
            findings.fault("name-unfit", row.spot("name"), message)
        if place.population != 0.0 and place.kind in NOBODY_LIVES_HERE and settings.law == "corridor":
            message = f"population is '{row['population']}'; nobody lives at a place of kind {place.kind}"
            hint = "leave it blank, or make the place a town or a camp"
            findings.fault("population-kind", row.spot("population"), message, hint)
        check_open_days(row, place.opens, place.closes, settings, findings)
    _check_swapped(places, findings)


def _check_names(places: Rows[Place], findings: Findings) -> None:
    first_rows: dict[str, Row] = {}
    folded: dict[str, Row] = {}
    for row in places.all:
        name = row["name"]
        if not name:
            continue
        alike = " ".join(name.casefold().split())
        if name in first_rows:
            message = f"'{name}' is there twice, first in line {first_rows[name].line}"
            findings.fault("place-twice", row.spot("name"), message, "give each place its own name")
        elif alike in folded:
            other = folded[alike]
            message = f"'{name}' differs from '{other['name']}' in line {other.line} only in case or blanks"
            findings.warn("place-alike", row.spot("name"), message, "taken as two places")
        first_rows.setdefault(name, row)
        folded.setdefault(alike, row)


def _check_ids(places: Rows[Place], findings: Findings) -> None:
    first_rows: dict[str, Row] = {}
    for row in places.all:
        if row["id"] in first_rows:
            first = first_rows[row["id"]]
            message = f"id '{row['id']}' is that of '{first['name']}' in line {first.line} as well"
            findings.warn("id-twice", row.spot("id"), message, "tables joined by id will mix the two places")
        elif row["id"]:
            first_rows[row["id"]] = row


def check_open_days(
    row: Row, opens: dt.date | None, closes: dt.date | None, settings: Settings, findings: Findings
) -> None:
    """Check the days on which a place or a route opens and closes."""
    if opens and closes and opens >= closes:
        message = f"opens is {opens} and closes is {closes}; it must open before it closes"
        findings.fault("opens-after-closes", row.spot("opens"), message, "closes is the first day closed")
    elif opens and settings.horizon and opens > settings.horizon:
        message = f"opens is {opens}, after the horizon {settings.horizon}: it is never open"
        findings.warn("never-open", row.spot("opens"), message)
    elif closes and settings.issue_date and closes <= settings.issue_date:
        message = f"closes is {closes}, not after the issue date {settings.issue_date}: it is never open"
        findings.warn("never-open", row.spot("closes"), message)


def _check_swapped(places: Rows[Place], findings: Findings) -> None:
    """Find places that lie far away, or off the globe, and near when lat and lon are swapped."""
    for row in places.all:
        lat, lon = _plain_number(row["lat"]), _plain_number(row["lon"])
        if abs(lat) > 90.0 >= abs(lon) and abs(lat) <= 180.0:
            message, hint = (
                f"lat is '{row['lat']}' and lon is '{row['lon']}'",
                "lat and lon seem to be swapped",
            )
            findings.warn("lat-lon-swapped", row.spot("lat"), message, hint)
    if len(places.good) < 3:
        return
    middle = [
        statistics.median(value) for value in zip(*((p.lat, p.lon) for p in places.records), strict=True)
    ]
    for place, row in places.good:
        away_km = great_circle_km(place.lat, place.lon, *middle)
        if away_km > FAR_AWAY_KM and abs(place.lon) <= 90.0:
            swapped_km = great_circle_km(place.lon, place.lat, *middle)
            if swapped_km < away_km / 5.0:
                message = f"'{place.name}' lies {away_km:.0f} km from the middle of all places"
                hint = f"lat and lon seem to be swapped: then it would be {swapped_km:.0f} km"
                findings.warn("lat-lon-swapped", row.spot("lat"), message, hint)


def _plain_number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def check_routes(routes: Rows[Route], places: Rows[Place], settings: Settings, findings: Findings) -> None:
    """Check the ends of every route, its length, and that it is there once."""
    known = place_names(places)
    first_rows: dict[tuple[str, str], Row] = {}
    for row in routes.all:
        for column in ("from", "to"):
            check_place_name(row, column, known, findings)
        ends = row["from"], row["to"]
        if ends[0] and ends[0] == ends[1]:
            findings.fault("route-to-itself", row.spot("to"), f"the route leads from '{ends[0]}' to itself")
        elif ends in first_rows:
            message = f"the route from '{ends[0]}' to '{ends[1]}' is in line {first_rows[ends].line} as well"
            hint = "people take the shorter open one"
            if settings.law == "flee":
                hint = "each counts when people choose, and the first is the one they take"
            findings.warn("route-twice", row.spot("from"), message, hint)
        else:
            first_rows[ends] = row
            if row["one_way"] != "yes":
                first_rows[ends[1], ends[0]] = row
    by_name = {place.name: place for place in places.records}
    for route, row in routes.good:
        is_between = route.start != route.end and route.start in by_name and route.end in by_name
        if is_between and settings.law == "flee":
            _note_length(route, by_name[route.start], by_name[route.end], findings)
        elif is_between:
            _check_length(route, row, by_name[route.start], by_name[route.end], findings)
        check_open_days(row, route.opens, route.closes, settings, findings)


def place_names(places: Rows[Place]) -> frozenset[str] | None:
    """Return the names of all places, None where a fault of places.csv may hide some."""
    known = places.known("name")
    return None if known is None else frozenset(name for (name,) in known)


def check_place_name(row: Row, column: str, known: frozenset[str] | None, findings: Findings) -> None:
    """Report a cell that names no place of places.csv."""
    if known is not None and row[column] and row[column] not in known:
        hint = findings.nearest(row[column], known) or "every place has a row in places.csv"
        message = f"{column} is '{row[column]}', which is no place of places.csv"
        findings.fault("place-unknown", row.spot(column), message, hint)


def _check_length(route: Route, row: Row, start: Place, end: Place, findings: Findings) -> None:
    straight_km = great_circle_km(start.lat, start.lon, end.lat, end.lon)
    hint = f"{start.name} and {end.name} are {straight_km:.1f} km apart in a straight line"
    spot, length = row.spot, row["length_km"]
    if route.length_km < straight_km * SHORTEST_TO_STRAIGHT:
        message = f"length_km is '{length}'; a road cannot be shorter than the straight line"
        findings.fault("route-too-short", spot("length_km"), message, hint)
    elif route.length_km > straight_km * LONGEST_TO_STRAIGHT + LONGEST_SLACK_KM:
        message = f"length_km is '{length}', which is much for this route"
        findings.warn("route-too-long", spot("length_km"), message, hint)


def _note_length(route: Route, start: Place, end: Place, findings: Findings) -> None:
    """Note a road that is shorter than the straight line: Flee's law takes lengths as they stand."""
    straight_km = great_circle_km(start.lat, start.lon, end.lat, end.lon)
    if route.length_km < straight_km * SHORTEST_TO_STRAIGHT:
        example = f"{start.name} to {end.name}, {route.length_km:g} km where it is {straight_km:.0f} km"
        findings.note("routes.csv: roads shorter than the straight line are taken as they stand", example)


def check_group_places(settings: Settings, places: Rows[Place], findings: Findings) -> None:
    """Check where the people of groups counted apart are."""
    known = place_names(places)
    kinds = {place.name: place.kind for place in places.records}
    for path, group in settings.groups.items():
        for name in group.people:
            spot = settings.tree.key_spot((*path, "people", name))
            if known is not None and name not in known:
                message = f"people has '{name}', which is no place of places.csv"
                hint = findings.nearest(name, known) or "every place has a row in places.csv"
                findings.fault("place-unknown", spot, message, hint)
            elif kinds.get(name) in NOBODY_LIVES_HERE:
                message = f"people has '{name}'; nobody lives at a place of kind {kinds[name]}"
                findings.fault("population-kind", spot, message, "name a town or a camp")


def check_reach(
    places: Rows[Place],
    routes: Rows[Route],
    groups: Iterable[Group],
    findings: Findings,
    *,
    with_people: Iterable[str] = (),
) -> None:
    """Check that people exist, that they can get somewhere, and that every site can be reached."""
    groups = tuple(groups)
    homes = {
        place.name
        for place in places.records
        if place.population != 0.0 or place.residents or place.displaced
    }
    homes |= set(with_people)
    homes |= {name for group in groups for name, people in group.people.items() if people != 0.0}
    if not homes:
        hint = "give one place a population at least"
        findings.fault(
            "nobody", Spot("places.csv"), "no place has a population: there is nobody to move", hint
        )
        return
    _check_population_has_groups(places, groups, findings)
    kinds = {place.name: place.kind for place in places.records}
    onward = _onward(routes.records)
    reached = _reached_from(homes, onward, kinds)
    if not any(kinds.get(name) in _DESTINATIONS for name in reached):
        message = "no town and no site can be reached from any place with a population"
        hint = "check the ends and the directions of the routes"
        findings.fault("nowhere-to-go", Spot("routes.csv"), message, hint)
        return
    for place, row in places.good:
        if place.is_site and place.name not in reached:
            message = f"no route leads people to '{place.name}': nobody will arrive there"
            findings.warn("site-not-reached", row.spot("name"), message)
        elif place.name in homes and place.kind in _HOMES and place.name not in onward:
            message = f"no route leads out of '{place.name}': whoever wants to leave is trapped"
            findings.warn("no-way-out", row.spot("name"), message)


def _check_population_has_groups(places: Rows[Place], groups: tuple[Group, ...], findings: Findings) -> None:
    populated = [row for place, row in places.good if place.population != 0.0]
    if populated and groups and all(group.share is None for group in groups):
        message = "the place has a population, and no group has a share of it"
        hint = "add a group with share: 1, or leave the population blank"
        findings.fault("shares-sum", populated[0].spot("population"), message, hint)


def _onward(routes: tuple[Route, ...]) -> dict[str, set[str]]:
    """Return where the routes out of each place lead, on whatever day they are open."""
    onward: dict[str, set[str]] = {}
    for route in routes:
        onward.setdefault(route.start, set()).add(route.end)
        if not route.one_way:
            onward.setdefault(route.end, set()).add(route.start)
    return onward


def _reached_from(starts: set[str], onward: dict[str, set[str]], kinds: dict[str, PlaceKind]) -> set[str]:
    """Return the places at the end of a way from any of ``starts``; nobody goes on from outside."""
    reached: set[str] = set()
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if kinds.get(name) is not PlaceKind.OUTSIDE:
            new = onward.get(name, set()) - reached
            reached |= new
            waiting.extend(new)
    return reached
