"""Checks that a scenario states only what its law has: nothing that is written down may go without effect.

A scenario follows the law of docs/law.md (``law: corridor``) or that of Flee (``law: flee``), and each has
rules, columns and events that the other does not know. Takes the settings and the records with their rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from corridor.problems import did_you_mean
from corridor.scenario.check_fixed_routes import check_fixed_routes
from corridor.scenario.check_floods import check_floods
from corridor.scenario.check_harvest import check_harvest
from corridor.scenario.findings import Findings
from corridor.scenario.flee_weights import numbers_of, too_far_out
from corridor.scenario.model import (
    BECOMES_SITE,
    FLEE_GROUP_RULES,
    MATCHING_RULES,
    PLACE_KIND_VALUES,
    SITE_OPENS_AS,
    Event,
    EventKind,
    FleeRules,
    Group,
    GroupAtPlace,
    Place,
    PlaceKind,
    Route,
    Value,
)
from corridor.scenario.records import PLACES, ROUTES, Rows
from corridor.scenario.settings import Settings
from corridor.scenario.tables import Row
from corridor.scenario.values import CHANCE, FACTOR, KM, PEOPLE_PER_DAY, Allowed, ValueUses, support

_ANY = Allowed(low=float("-inf"))
#: Flee's law goes on with a day's distance on every road; beyond this its order of arrivals is lost.
FASTEST_KM_PER_DAY = 2000.0
_SPEED = Allowed(0.001, FASTEST_KM_PER_DAY, unit="km/day")  # from a metre a day on

#: The numbers that each rule of `FleeRules` can have.
FLEE_RULES: dict[str, Allowed] = {
    "displaced_per_day": PEOPLE_PER_DAY,
    "fighting_decay_days": Allowed(above_low=True, unit="day"),
    "ride_km_per_day": _SPEED,
    "walk_km_per_day": _SPEED,
    "softening_km": KM,
    "distance_power": _ANY,
    "attraction_softening": FACTOR,
    "attraction_power": _ANY,
    "pruning": FACTOR,
    "abroad_attraction": FACTOR,
    "site_attraction": FACTOR,
    "fighting_attraction": FACTOR,
    "population_power": _ANY,
    "nearness_power": _ANY,
    "town_move_chance": CHANCE,
    "camp_move_chance": CHANCE,
    "emergency_site_move_chance": CHANCE,
    "fighting_move_chance": CHANCE,
    "place_kind_fighting": FACTOR,
    **{rule: FACTOR for rules in MATCHING_RULES.values() for rule in rules},
    "size_base_people": Allowed(above_low=True, unit="people"),
    "size_power": _ANY,
    "capacity_buffer": CHANCE,
    "capacity_scaling": Allowed(above_low=True),
}

#: The numbers that each list of `FleeRules` can have.
FLEE_LISTS: dict[str, Allowed] = {
    "fighting_decay": FACTOR,
    "flood_displaced_per_day": FACTOR,
    "flood_move_chance": CHANCE,
    "flood_attraction": FACTOR,
    "flood_forecast_weights": FACTOR,
}

#: Columns that only one law has.
_COLUMNS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "corridor": {PLACES.file: ("throughput_per_day", "control"), ROUTES.file: ("throughput_per_day",)},
    "flee": {
        PLACES.file: (
            *("move_chance", "attraction", "capacity_per_day", "residents", "stay_chance"),
            *("displaced", "farmer_share", "flood_zone", "no_short_stops"),
        ),
        ROUTES.file: ("km_per_day", "walk_chance", "forced_to"),
    },
}
_OTHER_LAW = {"corridor": "flee", "flee": "corridor"}
#: Kinds of event that only one law has.
_EVENTS: Mapping[str, tuple[EventKind, ...]] = {
    "corridor": (EventKind.CONTROL, EventKind.SIEGE, EventKind.THROUGHPUT),
    "flee": (EventKind.FORCED_ROUTE, EventKind.PLACE_KIND, EventKind.FLOOD),
}
_PLAIN_GROUP = Group(name="", share=1.0)


def check_law(
    settings: Settings,
    places: Rows[Place],
    routes: Rows[Route],
    events: Rows[Event],
    groups: Rows[GroupAtPlace],
    uses: ValueUses,
) -> None:
    """Check rules, groups, tables and timeline against the law of the scenario."""
    law, findings = settings.law, uses.findings
    _check_rules(settings, findings)
    if not law:
        return
    for table in (places, routes):
        _check_columns(table.all, law, findings)
    _check_events(events, law, findings)
    if law != "flee":
        _check_groups_of_corridor(settings, findings)
        return
    _check_groups(settings, findings)
    _check_places(places, events, findings)
    _warn_blank_populations(settings, places, events, findings)
    _check_routes(routes, events, findings)
    if settings.rules is not None and settings.rules.flee is not None:
        _check_flee_rules(settings, settings.rules.flee, places, routes, events, uses)
        check_harvest(settings, settings.rules.flee, places, groups, findings)
        check_fixed_routes(settings, settings.rules.flee, places, routes, findings)


def _check_rules(settings: Settings, findings: Findings) -> None:
    stated = settings.tree.get(("rules",)) if settings.tree.data else None
    keys = stated if isinstance(stated, dict) else {}
    if settings.law != "flee":
        if "flee" in keys and keys.get("law", "corridor") == "corridor":
            message = "'flee' holds the numbers of the law flee; the law here is corridor"
            findings.fault("law-unfit", settings.tree.key_spot(("rules", "flee")), message, "set law: flee")
        return
    if "flee" not in keys and ("rules", "flee") not in settings.tree.empty:
        message, hint = "law is 'flee', and rules has no section 'flee'", "flee needs home_country at least"
        findings.fault("setting-missing", settings.tree.spot(("rules", "law")), message, hint)
    for key in keys:
        if key not in ("law", "flee"):
            message = f"'{key}' is a rule of the law corridor; the law here is flee"
            is_here = key in FleeRules.model_fields
            hint = f"write '{key}' under flee" if is_here else "delete it; docs/scenario.md has those of flee"
            findings.fault("law-unfit", settings.tree.key_spot(("rules", key)), message, hint)


def _check_columns(rows: Iterable[Row], law: str, findings: Findings) -> None:
    other = _OTHER_LAW[law]
    for row in rows:
        for column in _COLUMNS[other].get(row.file.rpartition("/")[2], ()):
            if row[column]:
                message = f"{column} is '{row[column]}'; it is of the law {other}, the law here is {law}"
                findings.fault("law-unfit", row.spot(column), message, "leave it blank")


def _check_events(events: Rows[Event], law: str, findings: Findings) -> None:
    other = _OTHER_LAW[law]
    for event, row in events.good:
        if event.kind in _EVENTS[other]:
            message = f"kind is '{event.kind}'; such events are of the law {other}, the law here is {law}"
            findings.fault("law-unfit", row.spot("kind"), message, f"delete the row, or set law: {other}")
        elif event.kind is EventKind.SITE and event.value in SITE_OPENS_AS and law == "corridor":
            message = f"value is '{row['value']}'; what a site opens as is of the law flee"
            findings.fault("law-unfit", row.spot("value"), message, "write open")


def _check_groups(settings: Settings, findings: Findings) -> None:
    for path, group in settings.groups.items():
        for key in Group.model_fields:
            is_rule = key not in ("name", "title", "share", *FLEE_GROUP_RULES, "claims", "reason")
            if is_rule and getattr(group, key) != getattr(_PLAIN_GROUP, key):
                message = f"'{key}' is of the law corridor; the law here is flee"
                findings.fault("law-unfit", settings.tree.key_spot((*path, key)), message, "delete it")


def _check_groups_of_corridor(settings: Settings, findings: Findings) -> None:
    for path, group in settings.groups.items():
        for key in FLEE_GROUP_RULES:
            if getattr(group, key) != getattr(_PLAIN_GROUP, key):
                message = f"'{key}' is of the law flee; the law here is corridor"
                spot = settings.tree.key_spot((*path, key))
                findings.fault("law-unfit", spot, message, "delete it")


def _check_places(places: Rows[Place], events: Rows[Event], findings: Findings) -> None:
    become_sites = {
        event.place
        for event in events.records
        if event.kind is EventKind.PLACE_KIND and event.value in BECOMES_SITE
    }
    for place, row in places.good:
        if place.kind is PlaceKind.OUTSIDE:
            message = "kind is 'outside'; under the law flee nobody leaves the area"
            hint = "make it a camp without a capacity"
            findings.fault("law-unfit", row.spot("kind"), message, hint)
        capacity = place.capacity if place.capacity_per_day is None else None  # one that grows may be below 1
        if isinstance(capacity, float) and capacity < 1.0:
            message = f"capacity is '{row['capacity']}'; under the law flee no room below 1 can be stated"
            hint = "leave it blank for no limit, or close the site"
            findings.fault("law-unfit", row.spot("capacity"), message, hint)
        for column in ("residents", "stay_chance"):
            if column == "stay_chance" and place.name in become_sites:
                continue
            if row[column] and not place.is_site:
                message = (
                    f"{column} is '{row[column]}'; it is about sites, and '{place.name}' is a {place.kind}"
                )
                hint = "write it under population" if column == "residents" else "leave it blank"
                findings.fault("law-unfit", row.spot(column), message, hint)


def _warn_blank_populations(
    settings: Settings, places: Rows[Place], events: Rows[Event], findings: Findings
) -> None:
    """Tell of places with fighting whose population is blank, where it decides how many leave home."""
    flee = settings.rules.flee if settings.rules else None
    if flee is None or flee.departures not in ("given", "share") or flee.flood_displaced_per_day:
        return
    fought_over = {
        event.place for event in events.records if event.kind is EventKind.FIGHTING and event.value
    }
    for place, row in places.good:
        if place.name in fought_over and not place.is_site and not row["population"]:
            message = (
                f"there is fighting in '{place.name}' and its population is blank; nobody leaves home there"
            )
            findings.warn("population-blank", row.spot("population"), message, "write who lives there, or 0")


def _check_short_stops(flee: FleeRules, places: Rows[Place], findings: Findings) -> None:
    for place, row in places.good:
        if place.no_short_stops and (not place.is_site or not flee.avoid_short_stints):
            why = "avoid_short_stints is not true" if place.is_site else "it is about sites"
            message = f"no_short_stops is 'yes', and has no effect: {why}"
            findings.fault("law-unfit", row.spot("no_short_stops"), message, "leave it blank")


def _check_new_fighting(settings: Settings, flee: FleeRules, events: Rows[Event], findings: Findings) -> None:
    begins = PLACE_KIND_VALUES["fighting"]
    kinds = {event.value for event in events.records if event.kind is EventKind.PLACE_KIND}
    if flee.place_kind_fighting is not None and events.is_whole and begins not in kinds:
        message = "place_kind_fighting has no effect: no event of kind place_kind has the value fighting"
        spot = settings.tree.key_spot(("rules", "flee", "place_kind_fighting"))
        findings.fault("law-unfit", spot, message, "delete it")


def _check_routes(routes: Rows[Route], events: Rows[Event], findings: Findings) -> None:
    for route, row in routes.good:
        ends = (route.end,) if route.one_way else (route.start, route.end)
        if route.forced_to and route.forced_to not in ends:
            message = (
                f"forced_to is '{route.forced_to}'; it must be {' or '.join(ends)}, where the road leads"
            )
            findings.fault("not-a-choice", row.spot("forced_to"), message)
    ways = {(route.start, route.end) for route in routes.records}
    ways |= {(route.end, route.start) for route in routes.records if not route.one_way}
    for event, row in events.good:
        goes = (event.place, event.to) in ways or (event.to, event.place) not in ways
        if event.kind is EventKind.FORCED_ROUTE and not goes:
            message = f"the road between '{event.place}' and '{event.to}' is one way, and not this way"
            findings.fault("route-unknown", row.spot("to"), message, "swap place and to")
    _check_speeds(routes, findings)


def _check_speeds(routes: Rows[Route], findings: Findings) -> None:
    for route, row in routes.good:
        if isinstance(route.km_per_day, float) and not _SPEED.holds(route.km_per_day):
            message = (
                f"km_per_day is '{row['km_per_day']}'; under the law flee it must be {_SPEED.in_words()}"
            )
            findings.fault("out-of-range", row.spot("km_per_day"), message)


def _check_departures(settings: Settings, flee: FleeRules, findings: Findings) -> None:
    key_spot = settings.tree.key_spot
    if flee.departures == "given" and flee.displaced_per_day is not None:
        message = "displaced_per_day has no effect: departures is given, day by day"
        hint = "delete it, or set departures to constant, share or poisson"
        findings.fault("law-unfit", key_spot(("rules", "flee", "displaced_per_day")), message, hint)
    elif flee.flood_displaced_per_day and flee.displaced_per_day is not None:
        message = "displaced_per_day has no effect: floods decide how many leave a place"
        spot = key_spot(("rules", "flee", "displaced_per_day"))
        findings.fault("law-unfit", spot, message, "delete it, or flood_displaced_per_day")
    elif flee.departures != "given" and flee.displaced_per_day is None and not flee.flood_displaced_per_day:
        message = f"departures is '{flee.departures}', and displaced_per_day is missing; it is needed"
        what = (
            "which share of the population leaves" if flee.departures == "share" else "how many people leave"
        )
        hint = f"{what} a place a day where fighting is 1"
        findings.fault("setting-missing", key_spot(("rules", "flee", "departures")), message, hint)


def _check_hunger_rules(settings: Settings, flee: FleeRules, findings: Findings) -> None:
    key_spot = settings.tree.key_spot
    if flee.hunger_displaces and flee.departures != "given":
        message = f"hunger_displaces has no effect: departures is {flee.departures}, by the fighting alone"
        hint = "delete it, or set departures to given"
        findings.fault("law-unfit", key_spot(("rules", "flee", "hunger_displaces")), message, hint)
    if flee.hunger_displaces_in_peace and not flee.hunger_displaces:
        message, hint = "hunger_displaces_in_peace has no effect without hunger_displaces", "set both to true"
        findings.fault("law-unfit", key_spot(("rules", "flee", "hunger_displaces_in_peace")), message, hint)


def _check_flee_rules(
    settings: Settings,
    flee: FleeRules,
    places: Rows[Place],
    routes: Rows[Route],
    events: Rows[Event],
    uses: ValueUses,
) -> None:
    tree = settings.tree
    for key, allowed in FLEE_RULES.items():
        path = ("rules", "flee", key)
        if path in tree.spots:
            is_share = key == "displaced_per_day" and flee.departures == "share"
            uses.check(getattr(flee, key), FACTOR if is_share else allowed, tree.spot(path), key)
    _check_departures(settings, flee, uses.findings)
    _check_hunger_rules(settings, flee, uses.findings)
    check_floods(settings, flee, places, events, uses.findings)
    _check_short_stops(flee, places, uses.findings)
    _check_new_fighting(settings, flee, events, uses.findings)
    for key, allowed in FLEE_LISTS.items():
        for at, factor in enumerate(getattr(flee, key)):
            uses.check_number(factor, allowed, tree.spot(("rules", "flee", key, at)), key)
    _check_weights(flee, settings, places, routes, events, uses)
    countries = {place.country for place in places.records}
    if countries and flee.home_country not in countries:
        message = f"home_country is '{flee.home_country}', and no place lies there"
        hint = did_you_mean(flee.home_country, countries) or f"countries: {', '.join(sorted(countries))}"
        uses.findings.fault("law-unfit", tree.spot(("rules", "flee", "home_country")), message, hint)


def _check_weights(
    flee: FleeRules,
    settings: Settings,
    places: Rows[Place],
    routes: Rows[Route],
    events: Rows[Event],
    uses: ValueUses,
) -> None:
    """Check that no weight of a way is larger than a number can be, as far as priors have bounds."""

    def bounds(value: Value) -> tuple[float, float]:
        if not isinstance(value, str):
            return value, value
        low, high = support(uses.priors[value], uses.priors) if value in uses.priors else (1.0, 1.0)
        return (low, high) if math.isfinite(low) and math.isfinite(high) else (1.0, 1.0)

    groups = list(settings.groups.values())
    numbers = numbers_of(flee, groups, places.records, routes.records, events.records, bounds)
    found = too_far_out(numbers)
    if found is not None:
        key, power = found
        path = ("rules", "flee", key)
        stated = f"{key} is '{settings.tree.get(path)}'" if path in settings.tree.spots else key
        message = f"{stated}: a weight would be up to 10^{power:.0f}, more than a number can hold"
        hint = "weights are what people choose their way by; docs/scenario.md has the law"
        uses.findings.fault("weight-too-large", settings.tree.spot(path), message, hint)
