"""Checks of what scenario.yaml says: dates, storylines, groups, rules and priors, alone and together.

Takes settings that were read without a fault in their form; adds what is wrong in their meaning to the
findings.
"""

from __future__ import annotations

import math

from corridor.scenario.findings import Findings, Spot
from corridor.scenario.model import Group, Value
from corridor.scenario.numbers import is_not_finite, read_number
from corridor.scenario.products import names_in
from corridor.scenario.settings import Settings
from corridor.scenario.values import (
    CHANCE,
    FACTOR,
    KM,
    PEOPLE,
    RATE,
    SPEED,
    SPEED_FACTOR,
    Allowed,
    ValueUses,
)
from corridor.scenario.yaml_tree import Path, YamlTree

#: How far the shares of all groups may sum to something else than 1.
SHARE_TOLERANCE = 0.001
#: A longer horizon gets a warning: five years.
LONG_HORIZON_DAYS = 1826
#: A horizon that is farther away is refused: a hundred years.
LONGEST_DAYS = 36_525

#: The numbers each rule can have; rules by kind of place or by actor have theirs for every entry.
RULES: dict[str, Allowed] = {
    "leave_rate_per_day": RATE,
    "leave_intensity_power": FACTOR,
    "awareness_km": KM,
    "softening_km": KM,
    "distance_power": FACTOR,
    "attraction": FACTOR,
    "control_attraction": FACTOR,
    "fighting_attraction": FACTOR,
    "abroad_attraction": FACTOR,
    "capacity_buffer": CHANCE,
    "move_chance": CHANCE,
    "walk_km_per_day": SPEED,
    "ride_km_per_day": SPEED,
    "return_rate_per_day": RATE,
}

#: The numbers each factor of a group can have.
GROUPS: dict[str, Allowed] = {
    "leave_factor": FACTOR,
    "speed_factor": SPEED_FACTOR,
    "return_factor": FACTOR,
    "people": PEOPLE,
    "control_attraction": FACTOR,
    "destination_power": FACTOR,
    "flood_awareness": FACTOR,
}


def check_settings(settings: Settings, uses: ValueUses) -> None:
    """Check everything in scenario.yaml that needs no other file."""
    findings = uses.findings
    _check_days(settings, findings)
    _check_household(settings, uses)
    _check_rules(settings, uses)
    _check_storylines(settings, uses)
    _check_groups(settings, uses)
    for prior in settings.priors.values():
        uses.used.update(names_in(prior))


def _check_days(settings: Settings, findings: Findings) -> None:
    if settings.issue_date is None or settings.horizon is None:
        return
    n_days = (settings.horizon - settings.issue_date).days
    spot = settings.tree.spot(("horizon",))
    if n_days <= 0:
        message = f"horizon is {settings.horizon}; it must lie after the issue date {settings.issue_date}"
        findings.fault("horizon-empty", spot, message, "horizon is the last day simulated")
        settings.horizon = None  # what is checked against it would only say the same again
    elif n_days > LONGEST_DAYS:
        message = f"horizon lies {n_days:,} days after the issue date; at most {LONGEST_DAYS:,} are simulated"
        findings.fault("horizon-long", spot, message, "horizon is the last day simulated")
        settings.horizon = None  # as nothing can be counted by day
    elif n_days > LONG_HORIZON_DAYS and not _is_hindcast(settings):
        years = n_days / 365.25
        hint = "nothing is known that far ahead; runs grow with the days"
        findings.warn("horizon-long", spot, f"horizon lies {years:.1f} years after the issue date", hint)


def _is_hindcast(settings: Settings) -> bool:
    """Tell whether the departures of an import from Flee are given, so that nothing lies ahead."""
    return settings.law == "flee" and settings.rules is not None and settings.rules.leaving == "given"


def _check_household(settings: Settings, uses: ValueUses) -> None:
    if settings.heading is not None:
        allowed = Allowed(above_low=True)
        spot = settings.tree.spot(("household_size",))
        uses.check_number(settings.heading.household_size, allowed, spot, "household_size")


def _check_rules(settings: Settings, uses: ValueUses) -> None:
    if settings.rules is None:
        return
    for key, allowed in RULES.items():
        _check_values(settings.tree, ("rules", key), getattr(settings.rules, key), allowed, uses)


def _check_values(
    tree: YamlTree, path: Path, value: Value | dict[str, Value], allowed: Allowed, uses: ValueUses
) -> None:
    """Check a value, or each value of a mapping, if the file has it: what was filled in is sound."""
    if isinstance(value, dict):
        for key, one in value.items():
            _check_values(tree, (*path, str(key)), one, allowed, uses)
    elif path in tree.spots:
        in_part = (str(step) for step in path[1:] if not isinstance(step, int))
        _check_value(value, allowed, tree.spot(path), " for ".join(in_part), uses)


def _check_value(value: Value, allowed: Allowed, spot: Spot, what: str, uses: ValueUses) -> None:
    """Check a value; a text that is no prior and looks like a number gets its own words."""
    if isinstance(value, str) and value not in uses.declared:
        low, dots, _ = value.partition("..")
        if dots:
            message, hint = f"{what} is '{value}'; a range needs a prior here", "declare it under 'priors'"
            uses.findings.fault("not-a-number", spot, message, hint)
            return
        number = read_number(low)
        if number is not None or is_not_finite(value) or value[:1].isdigit():
            hint = f"write {number.value:.15g}" if number else ""
            message = f"{what} is '{value}'; it must be {allowed.in_words()}"
            uses.findings.fault("not-a-number", spot, message, hint)
            return
    uses.check(value, allowed, spot, what)


def _check_storylines(settings: Settings, uses: ValueUses) -> None:
    tree = settings.tree
    _check_names(settings, "storylines", uses.findings)
    for path, storyline in settings.storylines.items():
        _check_values(tree, (*path, "weight"), storyline.weight, FACTOR, uses)
    weights = [storyline.weight for storyline in settings.storylines.values()]
    if weights and all(weight == 0 for weight in weights):
        spot = tree.key_spot(("storylines",))
        uses.findings.fault(
            "weights-zero", spot, "the weights of all storylines are 0; one at least must be above 0"
        )
    if "storylines" in tree.data and tree.data["storylines"] == []:
        hint = "delete the line to have one storyline called 'main'"
        uses.findings.fault("list-empty", tree.key_spot(("storylines",)), "storylines has no entry", hint)


def _check_groups(settings: Settings, uses: ValueUses) -> None:
    tree = settings.tree
    _check_names(settings, "groups", uses.findings)
    for path, group in settings.groups.items():
        _check_share(tree, path, group, uses)
        for key, allowed in GROUPS.items():
            _check_values(tree, (*path, key), getattr(group, key), allowed, uses)
    if "groups" in tree.data and tree.data["groups"] == []:
        hint = "delete the line to have one group called 'everyone'"
        uses.findings.fault("list-empty", tree.key_spot(("groups",)), "groups has no entry", hint)
    _check_sum_of_shares(settings, uses.findings)


def _check_share(tree: YamlTree, path: Path, group: Group, uses: ValueUses) -> None:
    spot = tree.key_spot((*path, "name"))
    if group.share is not None and group.people:
        message = f"group '{group.name}' has both share and people"
        uses.findings.fault("group-size", spot, message, "keep share, or people where it is counted apart")
    elif group.share is None and not group.people and path in tree.spots:
        message = f"group '{group.name}' has neither share nor people"
        uses.findings.fault("group-size", spot, message, "give the share of every population, from 0 to 1")
    elif group.share is not None:
        uses.check_number(group.share, CHANCE, tree.spot((*path, "share")), "share")


def _check_sum_of_shares(settings: Settings, findings: Findings) -> None:
    """Check that shares sum to 1; silent while a group is at fault, as its share may be the missing one."""
    n_written = len(settings.tree.get(("groups",)) or [None])
    shares = [group.share for group in settings.groups.values() if group.share is not None]
    total = math.fsum(shares)
    if any(not CHANCE.holds(share) for share in shares):
        return
    if shares and len(settings.groups) == n_written and abs(total - 1.0) > SHARE_TOLERANCE:
        spot = settings.tree.key_spot(("groups",))
        added = " + ".join(f"{share:g}" for share in shares)
        message = f"the shares of the groups sum to {total:g}; they must sum to 1"
        findings.fault("shares-sum", spot, message, f"{added} = {total:g}")


def _check_names(settings: Settings, part: str, findings: Findings) -> None:
    seen: set[str] = set()
    entries = settings.tree.get((part,))
    for at, entry in enumerate(entries if isinstance(entries, list) else []):
        name = entry.get("name") if isinstance(entry, dict) else None
        if name is None:
            continue
        spot = settings.tree.spot((part, at, "name"))
        if not str(name).strip():
            findings.fault("name-unfit", spot, f"entry {at + 1} of {part} has a blank name")
        elif name in seen:
            findings.fault(
                "name-twice", spot, f"'{name}' is there twice under {part}", "give each its own name"
            )
        seen.add(str(name))
