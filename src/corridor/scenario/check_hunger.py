"""Checks of hunger.csv: a rule that calls for it, areas in which places lie, and one row a day for each.

Takes the rows, and what the other files hold. An area without rows has no hunger, which is noted.
"""

from __future__ import annotations

from corridor.scenario.findings import Findings, Spot
from corridor.scenario.model import FleeRules, Hunger, Place
from corridor.scenario.records import HUNGER, Rows
from corridor.scenario.settings import Settings

#: The rules that read hunger.csv.
RULES = ("hunger_displaces", "hunger_moves_on", "hunger_repels")


def check_hunger(hunger: Rows[Hunger], places: Rows[Place], settings: Settings, findings: Findings) -> None:
    """Check every row, and the table against the rules."""
    if hunger.all and settings.law == "corridor":
        message = f"{HUNGER.file} is of the law flee; the law here is corridor"
        findings.fault("law-unfit", Spot(HUNGER.file), message, "remove the file")
        return
    if settings.rules is not None and settings.rules.flee is not None:
        _check_rules(hunger, settings.rules.flee, settings, findings)
    if places.is_whole:
        _check_areas(hunger, places, findings)
    _check_twice(hunger, findings)


def _check_rules(hunger: Rows[Hunger], flee: FleeRules, settings: Settings, findings: Findings) -> None:
    on = [rule for rule in RULES if getattr(flee, rule)]
    is_at_fault = any(p.file.endswith(HUNGER.file) and not p.warning for p in findings.problems)
    if on and not hunger.all and not is_at_fault:
        spot = settings.tree.spot(("rules", "flee", on[0]))
        message = f"{on[0]} is true, and there is no {HUNGER.file} with rows"
        findings.fault("file-missing", spot, message, "it has the columns date, admin and percent")
    elif hunger.all and not on:
        message = f"{HUNGER.file} is not used: no rule reads it"
        findings.warn("file-unused", Spot(HUNGER.file), message, f"set one of {', '.join(RULES)} to true")


def _check_areas(hunger: Rows[Hunger], places: Rows[Place], findings: Findings) -> None:
    areas = places.names("admin")
    for row in hunger.all:
        if row["admin"] and row["admin"] not in areas:
            message = f"admin is '{row['admin']}', and no place lies there"
            listed = f"areas of places.csv (column admin): {', '.join(sorted(areas)) or 'none'}"
            hint = findings.nearest(row["admin"], areas) or listed
            findings.fault("area-unknown", row.spot("admin"), message, hint)
    if hunger.all and (others := sorted(areas - hunger.names("admin"))):
        findings.note(f"{HUNGER.file}: no hunger in areas that are not listed", ", ".join(others))


def _check_twice(hunger: Rows[Hunger], findings: Findings) -> None:
    first: dict[tuple[str, str], int] = {}
    for day, row in hunger.good:
        key = day.date.isoformat(), day.admin
        if key in first:
            message = f"'{key[1]}' has date {key[0]} twice, first in line {first[key]}"
            findings.fault("day-twice", row.spot("date"), message, "delete one of the two rows")
        first.setdefault(key, row.line)
