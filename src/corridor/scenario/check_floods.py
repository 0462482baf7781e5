"""Checks of the flood rules of the law flee: lists that go together, levels within them, and forecasts.

Takes the rules with their spots, and what the tables hold. Nothing about floods may go without effect: an
event, a column and a rule each need the lists by level.
"""

from __future__ import annotations

from corridor.scenario.findings import Findings
from corridor.scenario.model import Event, EventKind, FleeRules, Place
from corridor.scenario.records import Rows
from corridor.scenario.settings import Settings
from corridor.scenario.tables import Row

#: Lists by flood level: all of them, or none.
BY_LEVEL = ("flood_displaced_per_day", "flood_move_chance", "flood_attraction")
_FORECASTS = ("flood_forecast_days", "flood_forecast_until", "flood_forecast_weights")
_LIST = "a list of numbers by flood level, level 0 first, as in [0, 0.1, 0.5]"


def check_floods(
    settings: Settings, flee: FleeRules, places: Rows[Place], events: Rows[Event], findings: Findings
) -> None:
    """Check rules, events, columns and groups that are about floods."""
    given = [rule for rule in BY_LEVEL if getattr(flee, rule)]
    floods = [(event, row) for event, row in events.good if event.kind is EventKind.FLOOD]
    if given:
        _check_lists(settings, flee, given, floods, findings)
        _check_levels(flee, floods, findings)
    else:
        _check_none(settings, flee, floods, findings)
    _check_places(settings, flee, places, findings)
    _check_forecasts(settings, flee, has_floods=bool(given), findings=findings)
    _check_groups(settings, flee, findings)


def _check_lists(
    settings: Settings,
    flee: FleeRules,
    given: list[str],
    floods: list[tuple[Event, Row]],
    findings: Findings,
) -> None:
    spot = settings.tree.key_spot(("rules", "flee", given[0]))
    for rule in BY_LEVEL:
        if rule not in given:
            message = f"'{rule}' is missing; it is needed with {given[0]}"
            findings.fault("setting-missing", spot, message, f"it is {_LIST}")
    if flee.departures == "given":
        message = "floods decide how many leave a place, and departures is given, day by day"
        where = settings.tree.key_spot(("rules", "flee", given[0]))
        findings.fault("law-unfit", where, message, "set departures to constant, share or poisson")
    if not floods and settings.heading is not None and not findings.n_faults:
        message = f"{given[0]} has no effect: timeline.csv has no event of kind flood"
        findings.fault("law-unfit", spot, message, "add the floods, with their level as value")


def _check_levels(flee: FleeRules, floods: list[tuple[Event, Row]], findings: Findings) -> None:
    lengths = {rule: len(getattr(flee, rule)) for rule in BY_LEVEL if getattr(flee, rule)}
    shortest = min(lengths, key=lambda rule: lengths[rule])
    highest = lengths[shortest] - 1
    for event, row in floods:
        if isinstance(event.value, float) and event.value > highest:
            message = f"value is '{row['value']}'; {shortest} ends with level {highest}"
            findings.fault("out-of-range", row.spot("value"), message, "add numbers to the lists of levels")
        elif isinstance(event.value, float) and flee.floods_as_run and event.value % 1.0:
            message = f"value is '{row['value']}'; with floods_as_run a level is a whole number"
            findings.fault("not-whole", row.spot("value"), message, f"Flee takes it for {int(event.value)}")


def _check_none(
    settings: Settings, flee: FleeRules, floods: list[tuple[Event, Row]], findings: Findings
) -> None:
    """Report what is said of floods where the rules have no numbers for them."""
    needed = f"it needs {', '.join(BY_LEVEL)} under rules, flee"
    for _, row in floods[:1]:
        message = "kind is 'flood', and the rules have no numbers for floods"
        findings.fault("law-unfit", row.spot("kind"), message, needed)
    if flee.floods_as_run:
        spot = settings.tree.key_spot(("rules", "flee", "floods_as_run"))
        findings.fault("law-unfit", spot, "floods_as_run has no effect without floods", needed)


def _check_places(settings: Settings, flee: FleeRules, places: Rows[Place], findings: Findings) -> None:
    for place, row in places.good:
        if place.flood_zone and not flee.floods_as_run:
            message = "flood_zone is 'yes', and floods_as_run is not true: the column has no effect"
            findings.fault("law-unfit", row.spot("flood_zone"), message, "leave it blank")
        if place.displaced is not None and place.is_site:
            message = f"displaced is '{row['displaced']}'; who is at a site stands under population"
            findings.fault("law-unfit", row.spot("displaced"), message, "write it there")


def _check_forecasts(settings: Settings, flee: FleeRules, *, has_floods: bool, findings: Findings) -> None:
    key_spot = settings.tree.key_spot
    stated = [rule for rule in _FORECASTS if getattr(flee, rule)]
    if not stated:
        return
    spot = key_spot(("rules", "flee", stated[0]))
    if not has_floods:
        findings.fault("law-unfit", spot, f"{stated[0]} has no effect without floods", "delete it")
    elif flee.flood_forecast_days < 2:
        message = f"flood_forecast_days is {flee.flood_forecast_days}; forecasts count from 2 days ahead on"
        findings.fault("law-unfit", spot, message, "write how many days ahead floods are forecast")
    elif (wanted := _weights_needed(settings, flee)) > len(flee.flood_forecast_weights):
        what = (
            "one for each day, the first after the issue date first"
            if flee.floods_as_run
            else "one a day ahead"
        )
        message = (
            f"flood_forecast_weights has {len(flee.flood_forecast_weights)} numbers; {wanted} are needed"
        )
        findings.fault("list-length", spot, message, what)
    if flee.flood_forecast_until and settings.issue_date and flee.flood_forecast_until <= settings.issue_date:
        message = f"flood_forecast_until is {flee.flood_forecast_until}, not after the issue date"
        where = settings.tree.spot(("rules", "flee", "flood_forecast_until"))
        findings.fault("law-unfit", where, message, "there would be no forecasts at all")


def _weights_needed(settings: Settings, flee: FleeRules) -> int:
    """Return how many weights forecasts need: one a day ahead; as run one for each day that is forecast."""
    if not flee.floods_as_run or settings.issue_date is None or settings.horizon is None:
        return flee.flood_forecast_days
    days = (settings.horizon - settings.issue_date).days + flee.flood_forecast_days
    until = flee.flood_forecast_until
    return days if until is None else min(days, (until - settings.issue_date).days)


def _check_groups(settings: Settings, flee: FleeRules, findings: Findings) -> None:
    for path, group in settings.groups.items():
        if group.flood_awareness is not None and flee.flood_forecast_days == 0:
            message = "'flood_awareness' has no effect: no floods are forecast"
            spot = settings.tree.key_spot((*path, "flood_awareness"))
            findings.fault("law-unfit", spot, message, "delete it, or set flood_forecast_days")
