"""Checks of groups.csv: places and groups that are there, and shares that sum to 1 at every place.

Takes the rows, and what the other files hold. A group without a share at a place has its general share there.
"""

from __future__ import annotations

import math

from corridor.scenario.check_places import check_place_name, place_names
from corridor.scenario.check_settings import SHARE_TOLERANCE
from corridor.scenario.findings import Findings, Spot
from corridor.scenario.model import GroupAtPlace, Place
from corridor.scenario.records import GROUPS, Rows
from corridor.scenario.settings import Settings
from corridor.scenario.tables import Row


def check_groups_at_places(
    groups: Rows[GroupAtPlace], places: Rows[Place], settings: Settings, findings: Findings
) -> None:
    """Check every row, and the shares of each place together."""
    if groups.all and settings.law == "corridor":
        message = f"{GROUPS.file} is of the law flee; the law here is corridor"
        findings.fault("law-unfit", Spot(GROUPS.file), message, "remove the file")
        return
    n_before, known = findings.n_faults, place_names(places)
    for row in groups.all:
        check_place_name(row, "place", known, findings)
        _check_group_name(row, settings, findings)
    _check_twice(groups, findings)
    if findings.n_faults == n_before and len(groups.good) == len(groups.all):
        _check_sums(groups, settings, findings)


def _check_group_name(row: Row, settings: Settings, findings: Findings) -> None:
    names = [*settings.names("groups"), *(group.name for group in settings.groups.values())]
    if names and row["group"] and row["group"] not in names:
        message = f"group is '{row['group']}', which scenario.yaml does not have"
        hint = findings.nearest(row["group"], names) or f"groups: {', '.join(dict.fromkeys(names))}"
        findings.fault("group-unknown", row.spot("group"), message, hint)


def _check_twice(groups: Rows[GroupAtPlace], findings: Findings) -> None:
    first: dict[tuple[str, str], int] = {}
    for row in groups.all:
        key = row["place"], row["group"]
        if key in first:
            message = f"'{key[1]}' at '{key[0]}' is there twice, first in line {first[key]}"
            findings.fault("group-twice", row.spot("group"), message, "delete one of the two rows")
        first.setdefault(key, row.line)


def _check_sums(groups: Rows[GroupAtPlace], settings: Settings, findings: Findings) -> None:
    """Check that the shares of a place sum to 1; silent where a group of scenario.yaml is at fault."""
    general = {group.name: group.share for group in settings.groups.values()}
    if not general or any(share is None for share in general.values()):
        return
    at_place: dict[str, tuple[Row, dict[str, float]]] = {}
    for group, row in groups.good:
        if group.share is None:
            continue
        at_place.setdefault(group.place, (row, {}))[1][group.group] = group.share
    for place, (row, stated) in at_place.items():
        shares = [stated.get(name, share) for name, share in general.items()]
        total = math.fsum(share for share in shares if share is not None)
        if abs(total - 1.0) > SHARE_TOLERANCE:
            added = " + ".join(f"{share:g}" for share in shares)
            message = f"the shares of the groups at '{place}' sum to {total:g}; they must sum to 1"
            missing = [name for name in general if name not in stated]
            others = f"; {', '.join(missing)} as everywhere" if missing else ""
            findings.fault("shares-sum", row.spot("share"), message, f"{added} = {total:g}{others}")
