"""Checks of religion and ethnicity under the law flee: groups, composition.csv, and rules that ask for them.

Takes the rows, and what the other files hold. What no rule asks for gets a warning, as it has no effect and
should not be carried needlessly. `places_asked` says where a rule may ask, for those who make scenarios too.
"""

from __future__ import annotations

from collections.abc import Sequence

from corridor.scenario.check_places import check_place_name, place_names
from corridor.scenario.findings import Findings, Spot
from corridor.scenario.model import (
    BECOMES_SITE,
    MATCHING_RULES,
    PLACE_KIND_VALUES,
    Composition,
    Event,
    EventKind,
    FleeRules,
    Group,
    Place,
    PlaceKind,
)
from corridor.scenario.records import COMPOSITION, Rows
from corridor.scenario.settings import Settings
from corridor.scenario.tables import Row

_MOST_NAMED = 4  # groups or places in a message
_NEEDLESS = "such data should not be carried needlessly"


def attributes_asked(flee: FleeRules) -> tuple[str, ...]:
    """Return what a rule that is on asks of people: religion, ethnicity, both or nothing."""
    return tuple(attribute for attribute in MATCHING_RULES if _rules_on(flee, attribute))


def _rules_on(flee: FleeRules, attribute: str) -> list[str]:
    return [rule for rule in MATCHING_RULES[attribute] if getattr(flee, rule) != 0.0]


def places_asked(
    flee: FleeRules, attribute: str, places: Sequence[Place], events: Sequence[Event]
) -> frozenset[str]:
    """Return the places where a rule may ever ask for an attribute of who lives there."""
    on = set(_rules_on(flee, attribute))
    by_place = _rules_by_place(places, events) if on else {}
    return frozenset(name for name, rules in by_place.items() if on & rules)


def _rules_by_place(places: Sequence[Place], events: Sequence[Event]) -> dict[str, set[str]]:
    at_place: dict[str, list[Event]] = {}
    for event in events:
        at_place.setdefault(event.place, []).append(event)
    return {place.name: _rules_of(place, at_place.get(place.name, [])) for place in places}


def _rules_of(place: Place, events: Sequence[Event]) -> set[str]:
    """Return the rules that a place may follow, given the events there."""
    becomes = {event.value for event in events if event.kind is EventKind.PLACE_KIND}
    if place.kind is PlaceKind.JUNCTION and not becomes:
        return set()  # nobody goes there to stay
    turns = place.opens or place.closes or any(event.kind is EventKind.SITE for event in events)
    may_be_site = place.is_site or bool(becomes & BECOMES_SITE)
    may_be_other = not place.is_site or bool(turns) or bool(becomes - BECOMES_SITE)
    fights = any(event.kind is EventKind.FIGHTING for event in events)
    rules = {"same_religion_at_sites", "same_ethnicity_at_sites"} if may_be_site else set()
    if may_be_other:
        rules.add("same_ethnicity_elsewhere")
        if fights or PLACE_KIND_VALUES["fighting"] in becomes:
            rules.add("same_ethnicity_in_fighting")
    return rules


def check_composition(
    rows: Rows[Composition], places: Rows[Place], events: Rows[Event], settings: Settings, findings: Findings
) -> None:
    """Check the groups and every row, and both against the rules."""
    if rows.all and settings.law == "corridor":
        message = f"{COMPOSITION.file} is of the law flee; the law here is corridor"
        findings.fault("law-unfit", Spot(COMPOSITION.file), message, "remove the file")
        return
    known = place_names(places)
    for row in rows.all:
        check_place_name(row, "place", known, findings)
        _check_value(row, settings, findings)
    _check_twice(rows, findings)
    if settings.rules is None or settings.rules.flee is None:
        return
    flee = settings.rules.flee
    for attribute in MATCHING_RULES:
        _check_groups(attribute, flee, settings, findings)
        if places.is_sound and events.is_whole and len(events.good) == len(events.all):
            asked = places_asked(flee, attribute, places.records, events.records)
            _check_rules_idle(attribute, flee, places.records, events.records, settings, findings)
            _check_idle(attribute, rows, known=places.names("name"), asked=asked, findings=findings)
        if rows.is_whole:
            _warn_nowhere(attribute, flee, rows, settings, findings)
    if attributes_asked(flee) and not rows.all:
        findings.note(f"no {COMPOSITION.file}: of who lives at a place no religion or ethnicity counts")


def _stated(settings: Settings, attribute: str) -> list[str]:
    return [value for group in settings.groups.values() if (value := _of(group, attribute))]


def _of(group: Group, attribute: str) -> str:
    return group.religion if attribute == "religion" else group.ethnicity


def _check_value(row: Row, settings: Settings, findings: Findings) -> None:
    attribute, value = row["attribute"], row["value"]
    if attribute not in MATCHING_RULES or not value:
        return
    names = _stated(settings, attribute)
    n_written = len(settings.names("groups"))
    if value in names or len(settings.groups) < n_written:  # a group at fault may have it
        return
    message = f"value is '{value}', and no group of scenario.yaml has this {attribute}"
    listed = f"a group with share: 0 will do; groups have: {', '.join(dict.fromkeys(names)) or 'none'}"
    findings.fault("group-unknown", row.spot("value"), message, findings.nearest(value, names) or listed)


def _check_twice(rows: Rows[Composition], findings: Findings) -> None:
    first: dict[tuple[str, str, str], int] = {}
    for some, row in rows.good:
        key = some.place, some.attribute, some.value
        if key in first:
            message = f"{key[1]} '{key[2]}' at '{key[0]}' is there twice, first in line {first[key]}"
            findings.fault("group-twice", row.spot("value"), message, "delete one of the two rows")
        first.setdefault(key, row.line)


def _check_groups(attribute: str, flee: FleeRules, settings: Settings, findings: Findings) -> None:
    """Check that all groups have an attribute that is asked for, and tell of one that is not."""
    on, rules = _rules_on(flee, attribute), MATCHING_RULES[attribute]
    without = [group.name for group in settings.groups.values() if not _of(group, attribute)]
    if on and without:
        more = f" and {len(without) - _MOST_NAMED} more" if len(without) > _MOST_NAMED else ""
        named = ", ".join(f"'{name}'" for name in without[:_MOST_NAMED])
        message = f"{on[0]} asks for {attribute}, and none is given for {named}{more}"
        spot = settings.tree.key_spot(("rules", "flee", on[0]))
        findings.fault("setting-missing", spot, message, f"write it in each group, as in {attribute}: NAME")
    stated = [path for path, group in settings.groups.items() if _of(group, attribute)]
    if stated and not on:
        message = f"the {attribute} of groups has no effect: no rule asks for it"
        hint = f"set {' or '.join(rules)}, or leave it out: {_NEEDLESS}"
        findings.warn("attribute-idle", settings.tree.key_spot((*stated[0], attribute)), message, hint)


def _warn_nowhere(
    attribute: str, flee: FleeRules, rows: Rows[Composition], settings: Settings, findings: Findings
) -> None:
    """Tell of what a group has and nobody who lives anywhere, where others have rows."""
    listed = {row["value"] for row in rows.all if row["attribute"] == attribute}
    stated = {_of(group, attribute) for group in settings.groups.values()}
    if not listed or listed - stated or not _rules_on(flee, attribute):
        return  # a value that no group has is told: it may be this one
    told: set[str] = set()
    for path, group in settings.groups.items():
        value = _of(group, attribute)
        if value and value not in listed | told:
            told.add(value)
            message = f"{COMPOSITION.file} has no row with the {attribute} '{value}': none live anywhere"
            spot = settings.tree.spot((*path, attribute))
            hint = findings.nearest(value, listed) or "add rows, or leave it if it is so"
            findings.warn("value-nowhere", spot, message, hint)


def _check_rules_idle(
    attribute: str,
    flee: FleeRules,
    places: Sequence[Place],
    events: Sequence[Event],
    settings: Settings,
    findings: Findings,
) -> None:
    """Tell of rules that no place ever follows."""
    on = _rules_on(flee, attribute)
    followed = set[str]().union(*_rules_by_place(places, events).values()) if on else set[str]()
    for rule in on:
        if rule not in followed:
            message = f"{rule} has no effect: no place is ever of this kind"
            spot = settings.tree.key_spot(("rules", "flee", rule))
            findings.warn("attribute-idle", spot, message, "delete it")


def _check_idle(
    attribute: str,
    rows: Rows[Composition],
    *,
    known: frozenset[str],
    asked: frozenset[str],
    findings: Findings,
) -> None:
    """Tell of people at places where no rule ever asks for the attribute; once, at the first row."""
    idle = [(some, row) for some, row in rows.good if some.attribute == attribute]
    idle = [(some, row) for some, row in idle if some.place in known - asked]
    if idle:
        others = sorted({some.place for some, _ in idle} - {idle[0][0].place})
        also = "".join(f", nor at '{place}'" for place in others[:_MOST_NAMED])
        also += f", nor at {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else ""
        message = f"no rule ever asks for the {attribute} of who lives at '{idle[0][0].place}'{also}"
        hint = f"leave it out: {_NEEDLESS}"
        findings.warn("attribute-idle", idle[0][1].spot("place"), message, hint)
