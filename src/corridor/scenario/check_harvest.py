"""Checks of the months of harvest of the law flee: months that are some, and farmers who are told apart.

Takes the rules with their spots, and the rows of places and of groups at places.
"""

from __future__ import annotations

from corridor.scenario.findings import Findings
from corridor.scenario.model import FleeRules, GroupAtPlace, Place
from corridor.scenario.records import Rows
from corridor.scenario.settings import Settings
from corridor.scenario.values import Allowed

#: Groups that the engine can name, as `corridor.engine.step_cohorts` has it, which takes long to import.
MOST_GROUPS = 1 << 16
_MONTH = Allowed(1.0, 12.0)


def check_harvest(
    settings: Settings,
    flee: FleeRules,
    places: Rows[Place],
    groups: Rows[GroupAtPlace],
    findings: Findings,
) -> None:
    """Check the rules about the harvest, and the farmers of every place."""
    for at, month in enumerate(flee.harvest_months):
        if not _MONTH.holds(month):
            spot = settings.tree.spot(("rules", "flee", "harvest_months", at))
            message = f"harvest_months has {month}; a month is a number from 1 to 12"
            findings.fault("out-of-range", spot, message)
    if flee.harvest_stops_all and not flee.harvest_months:
        spot = settings.tree.key_spot(("rules", "flee", "harvest_stops_all"))
        message = "harvest_stops_all has no effect without harvest_months"
        findings.fault("law-unfit", spot, message, "give the months, or delete it")
    _check_farmers(flee, places, findings)
    if flee.harvest_months:
        _check_number(settings, places, findings)
        if not flee.harvest_stops_all:
            _check_listed(places, groups, findings)


def _check_farmers(flee: FleeRules, places: Rows[Place], findings: Findings) -> None:
    why = (
        "there are no harvest_months" if not flee.harvest_months else "harvest_stops_all lets everybody stop"
    )
    for place, row in places.good:
        if place.farmer_share is not None and (flee.harvest_stops_all or not flee.harvest_months):
            message = f"farmer_share is '{row['farmer_share']}', and has no effect: {why}"
            findings.fault("law-unfit", row.spot("farmer_share"), message, "leave it blank")
    farmers = any(place.farmer_share for place in places.records)
    if flee.harvest_months and not flee.harvest_stops_all and not farmers:
        findings.note("places.csv: nobody stops for the harvest, as no place has a farmer_share")


def _check_number(settings: Settings, places: Rows[Place], findings: Findings) -> None:
    number = 2 * len(places.all) * max(1, len(settings.groups))
    if number > MOST_GROUPS:
        spot = settings.tree.key_spot(("rules", "flee", "harvest_months"))
        message = f"with harvest_months {number:,} groups of people would be told apart by their homes"
        findings.fault("law-unfit", spot, message, f"at most {MOST_GROUPS:,}: fewer places, or fewer groups")


def _check_listed(places: Rows[Place], groups: Rows[GroupAtPlace], findings: Findings) -> None:
    share = {place.name: place.farmer_share or 0.0 for place in places.records}
    for group, row in groups.good:
        if group.people is not None and 0.0 < share.get(group.place, 0.0) < 1.0:
            message = f"people is '{row['people']}', and who of them farms is not known"
            hint = f"farmer_share of '{group.place}' must be 0 or 1 then"
            findings.fault("law-unfit", row.spot("people"), message, hint)
