"""Checks of the timeline: storylines, places and routes that events name, their dates and their effect.

Takes the events with their rows, and what the other files hold. Dates are checked at the earliest and the
latest that their priors allow.
"""

from __future__ import annotations

import datetime as dt

from corridor.problems import did_you_mean
from corridor.scenario.check_places import check_place_name, place_names
from corridor.scenario.dates import earliest_and_latest
from corridor.scenario.findings import Findings
from corridor.scenario.model import SITE_KINDS, Event, EventKind, Place, PlaceKind, Route
from corridor.scenario.records import Rows
from corridor.scenario.settings import Settings
from corridor.scenario.tables import Row
from corridor.scenario.values import ValueUses
from corridor.scenario.yaml_tree import Path

_Pairs = frozenset[tuple[str, ...]]

_OPENS_ROUTES = frozenset({EventKind.ROUTE, EventKind.ROUTE_ONE_WAY, EventKind.FORCED_ROUTE})
_ABOUT_ROUTES = _OPENS_ROUTES | {EventKind.THROUGHPUT}
_WITHOUT_CAPACITY = frozenset(
    {PlaceKind.SCREENING_SITE, PlaceKind.BORDER_CROSSING, PlaceKind.JUNCTION, PlaceKind.OUTSIDE}
)


def check_timeline(
    events: Rows[Event], places: Rows[Place], routes: Rows[Route], settings: Settings, uses: ValueUses
) -> None:
    """Check every event."""
    findings = uses.findings
    if uses.is_known:
        _check_storylines(events, settings, findings)
    known = place_names(places)
    for row in events.all:
        for column in ("place", "to"):
            check_place_name(row, column, known, findings)
    kinds = {place.name: place.kind for place in places.records}
    pairs = routes.known("from", "to")
    for event, row in events.good:
        _check_subject(event, row, kinds, pairs, findings)
        if settings.law == "corridor":
            _check_effect(event, row, kinds, findings)
    _check_dates(events, settings, uses)
    _check_twice(events, findings)


def _check_storylines(events: Rows[Event], settings: Settings, findings: Findings) -> None:
    storylines = {storyline.name for storyline in settings.storylines.values()} | set(
        settings.names("storylines")
    )
    if not storylines:
        return  # a fault of its own
    for row in events.all:
        name = row["storyline"]
        if name and name not in storylines:
            message = f"storyline is '{name}', which scenario.yaml does not have"
            hint = (
                did_you_mean(name, storylines)
                or f"storylines: {', '.join(sorted(storylines))}; blank means all"
            )
            findings.fault("storyline-unknown", row.spot("storyline"), message, hint)


def _check_subject(
    event: Event, row: Row, kinds: dict[str, PlaceKind], pairs: _Pairs | None, findings: Findings
) -> None:
    """Check that the event has what its kind needs: another end, an actor, a site."""
    if event.to and event.kind not in _ABOUT_ROUTES:
        message = f"to is '{event.to}'; an event of kind {event.kind} is about one place"
        findings.fault("event-to", row.spot("to"), message, "leave it blank")
    elif event.kind in _OPENS_ROUTES and not event.to:
        message = f"to is blank; an event of kind {event.kind} needs both ends"
        findings.fault("event-to", row.spot("to"), message)
    elif event.to and {event.place, event.to} <= set(kinds) and not _is_route(event, pairs):
        message = f"there is no route between '{event.place}' and '{event.to}'"
        findings.fault("route-unknown", row.spot("to"), message, "routes.csv holds all routes")
    if event.kind is EventKind.CONTROL and not event.actor:
        message = "actor is blank; an event of kind control needs who holds the place from then on"
        findings.fault("event-actor", row.spot("actor"), message)
    if event.kind is EventKind.SITE and event.place in kinds and kinds[event.place] not in SITE_KINDS:
        message = f"'{event.place}' is a {kinds[event.place]}; an event of kind site needs a site"
        findings.fault("event-site", row.spot("place"), message, f"sites: {', '.join(sorted(SITE_KINDS))}")


def _is_route(event: Event, pairs: _Pairs | None) -> bool:
    return pairs is None or (event.place, event.to) in pairs or (event.to, event.place) in pairs


def _check_effect(event: Event, row: Row, kinds: dict[str, PlaceKind], findings: Findings) -> None:
    kind = kinds.get(event.place)
    if event.kind is EventKind.CAPACITY and kind in _WITHOUT_CAPACITY:
        message = f"a place of kind {kind} has no capacity: the event does nothing"
        findings.warn("event-idle", row.spot("kind"), message, "its throughput can be limited")
    elif event.kind in {EventKind.FIGHTING, EventKind.SIEGE} and kind is PlaceKind.OUTSIDE:
        message = f"a place of kind outside is beyond the area: {event.kind} there does nothing"
        findings.warn("event-idle", row.spot("kind"), message)
    if event.kind is EventKind.THROUGHPUT and isinstance(event.value, float) and event.value % 1.0:
        message = f"value is '{row['value']}'; a throughput is a whole number of people a day"
        findings.warn("throughput-not-whole", row.spot("value"), message, f"taken as {int(event.value)}")


def _check_dates(events: Rows[Event], settings: Settings, uses: ValueUses) -> None:
    """Check that every event can happen; what is dated before the issue date holds from day 0 on.

    That some events may come too late is usual where dates are uncertain: all of them get one warning.
    """
    if settings.horizon is None:
        return
    may_miss: list[tuple[Event, Row, int]] = []
    for event, row in events.good:
        between = earliest_and_latest(event.when, uses.priors)
        if between is None:
            continue
        last = _last_day(event, settings, settings.horizon)
        is_forecast = last != settings.horizon
        what = f"{last}, the last day forecast" if is_forecast else f"the horizon {last}"
        if _is_impossible(event, row, between, last, what, uses.findings):
            continue
        if between[1] > last.toordinal():
            may_miss.append((event, row, between[1]))
    if may_miss:
        _warn_of_late(may_miss, settings.horizon, uses.findings)


def _last_day(event: Event, settings: Settings, horizon: dt.date) -> dt.date:
    """Return the last day on which an event can matter: a flood also where it is forecast."""
    flee = settings.rules.flee if settings.rules is not None else None
    if event.kind is not EventKind.FLOOD or flee is None:
        return horizon
    return horizon + dt.timedelta(days=flee.flood_forecast_days)


def _is_impossible(
    event: Event, row: Row, between: tuple[int, int], last: dt.date, what: str, findings: Findings
) -> bool:
    """Report a date that cannot be, or that lies after the last day whatever its priors give."""
    earliest, latest = between
    is_date = dt.date.min.toordinal() <= earliest <= latest <= dt.date.max.toordinal()
    if not is_date:
        message = f"date is '{event.written}', which leaves the calendar"
        findings.fault("not-a-date", row.spot("date"), message)
    elif earliest > last.toordinal():
        message = f"date is '{event.written}', which lies after {what}"
        hint = "the event never happens: move the horizon, or delete the row"
        findings.fault("event-after-horizon", row.spot("date"), message, hint)
    return not is_date or earliest > last.toordinal()


def _warn_of_late(may_miss: list[tuple[Event, Row, int]], horizon: dt.date, findings: Findings) -> None:
    event, row, latest = may_miss[0]
    last = dt.date.fromordinal(latest)
    message = f"date is '{event.written}', which can be as late as {last}; the horizon is {horizon}"
    others = f"; so with {len(may_miss) - 1} more rows" if len(may_miss) > 1 else ""
    hint = f"where it is later than the horizon it does not happen{others}"
    findings.warn("event-may-miss", row.spot("date"), message, hint)


def _check_twice(events: Rows[Event], findings: Findings) -> None:
    first_rows: dict[tuple[str, ...], Row] = {}
    for _, row in events.good:
        key = tuple(row[column] for column in ("storyline", "date", "kind", "place", "to"))
        if key in first_rows:
            message = f"line {first_rows[key].line} has an event of the same storyline, date, kind and place"
            findings.warn("event-twice", row.spot("date"), message, "the later row holds")
        first_rows[key] = row


def check_actors(events: Rows[Event], places: Rows[Place], settings: Settings, findings: Findings) -> None:
    """Warn of actors that scenario.yaml has rules for and that never hold a place."""
    holders = places.names("control") | {row["actor"] for row in events.all if row["actor"]}
    named: list[tuple[Path, str]] = [
        (("rules", "unsafe_control", at), actor) for at, actor in enumerate(_unsafe(settings))
    ]
    if settings.rules is not None:
        named += [
            (("rules", "control_attraction", actor), actor) for actor in settings.rules.control_attraction
        ]
    for path, group in settings.groups.items():
        named += [((*path, "control_attraction", actor), actor) for actor in group.control_attraction]
    for where, actor in named:
        if actor not in holders:
            hint = (
                did_you_mean(actor, holders)
                or "places.csv (control) and timeline.csv (actor) say who holds a place"
            )
            findings.warn(
                "actor-unknown", settings.tree.key_spot(where), f"'{actor}' never holds a place", hint
            )


def _unsafe(settings: Settings) -> tuple[str, ...]:
    return () if settings.rules is None else settings.rules.unsafe_control
