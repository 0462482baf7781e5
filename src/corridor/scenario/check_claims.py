"""Checks of what was said and counted: claims and who names them, counts, and the people displaced a day.

Takes the records of claims.csv, counts.csv and displaced_per_day.csv with their rows, and every cell that
names a claim.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from corridor.scenario.check_places import TOTAL, check_place_name, place_names
from corridor.scenario.findings import Findings, Spot
from corridor.scenario.model import Claim, Count, DisplacedOnDay, Group, Place, Prior, Storyline
from corridor.scenario.records import CLAIMS, DISPLACED, Rows
from corridor.scenario.settings import Settings
from corridor.scenario.yaml_tree import Path


def check_claims(claims: Rows[Claim], settings: Settings, findings: Findings) -> None:
    """Check that every claim has its own id and was made by the issue date."""
    seen: dict[str, int] = {}
    for row in claims.all:
        if row["id"] in seen:
            message = f"claim '{row['id']}' is there twice, first in line {seen[row['id']]}"
            findings.fault("claim-twice", row.spot("id"), message, "give each claim its own id")
        elif ";" in row["id"]:
            message = f"'{row['id']}' cannot be the id of a claim: ; stands between ids"
            findings.fault("name-unfit", row.spot("id"), message)
        seen.setdefault(row["id"], row.line)
    for claim, row in claims.good:
        if settings.issue_date and claim.said_on > settings.issue_date:
            message = f"said_on is {claim.said_on}, after the issue date {settings.issue_date}"
            findings.warn(
                "claim-late", row.spot("said_on"), message, "a forecast made that day cannot have known it"
            )


def check_claim_names(
    claims: Rows[Claim], tables: Iterable[Rows[Any]], settings: Settings, findings: Findings
) -> None:
    """Check that every claim that is named somewhere is in claims.csv."""
    if claims.all and claims.known("id") is None:
        return
    known = claims.names("id")
    for name, spot in (*_named_in_tables(tables), *_named_in_settings(settings)):
        if name not in known:
            hint = findings.nearest(name, known) or f"every claim has a row in {CLAIMS.file}"
            findings.fault("claim-unknown", spot, f"'{name}' is no claim of {CLAIMS.file}", hint)


def _named_in_tables(tables: Iterable[Rows[Any]]) -> Iterator[tuple[str, Spot]]:
    for rows in tables:
        for row in rows.all:
            for column in ("claims", "claim"):
                yield from (
                    (part.strip(), row.spot(column)) for part in row[column].split(";") if part.strip()
                )


def _named_in_settings(settings: Settings) -> Iterator[tuple[str, Spot]]:
    parts: dict[Path, Storyline | Group | Prior] = {
        **settings.storylines,
        **settings.groups,
        **{("priors", name): prior for name, prior in settings.priors.items()},
    }
    for path, part in parts.items():
        for at, name in enumerate(part.claims):
            yield name, settings.tree.spot((*path, "claims", at))


def check_counts(counts: Rows[Count], places: Rows[Place], settings: Settings, findings: Findings) -> None:
    """Check where and when people were counted, and that no place has two counts on a day."""
    names = place_names(places)
    known = None if names is None else names | {TOTAL}
    for row in counts.all:
        check_place_name(row, "place", known, findings)
    seen: dict[tuple[object, str], tuple[Count, int]] = {}
    for count, row in counts.good:
        if settings.horizon and count.date > settings.horizon:
            message = f"date is {count.date}, after the horizon {settings.horizon}"
            findings.warn("count-late", row.spot("date"), message, "nothing is forecast for that day")
        first, line = seen.setdefault((count.date, count.place), (count, row.line))
        if first is not count:
            same = first.people == count.people
            message = f"'{count.place}' has a count of {first.people} on this day in line {line}"
            hint = "" if same else "keep one; the other can stand in claims.csv"
            findings.fault("count-twice", row.spot("people"), message, hint, warning=same)
    _check_against_places(counts, places, settings, findings)


def _check_against_places(
    counts: Rows[Count], places: Rows[Place], settings: Settings, findings: Findings
) -> None:
    """Warn of people counted at a site before it opens, and of more people than the scenario has.

    Where a place could not be read, or opens never, that is told already.
    """
    by_name = {place.name: place for place, _ in places.good}
    populations = [place.population for place in by_name.values()]
    is_known = len(list(places.good)) == len(list(places.all))
    is_known = is_known and not any(isinstance(value, str) for value in populations)
    everybody = sum(value for value in populations if isinstance(value, int | float))
    for count, row in counts.good:
        place = by_name.get(count.place)
        opens = place.opens if place is not None else None
        ends = place.closes if place is not None and place.closes else settings.horizon
        if opens and count.date < opens and count.people > 0 and ends and opens <= ends:
            message = f"{count.people} people on {count.date}, and '{count.place}' opens on {opens}"
            findings.warn("count-before-open", row.spot("date"), message, "the count is used as it stands")
        if is_known and count.people > everybody > 0:
            message = f"people is {count.people}; all places together have {everybody:.0f}"
            findings.warn("count-above-people", row.spot("people"), message, "the count is used as it stands")


def check_displaced(
    displaced: Rows[DisplacedOnDay], is_read: bool, settings: Settings, findings: Findings
) -> None:
    """Check displaced_per_day.csv against the rule that calls for it."""
    if settings.rules is None or not settings.law:
        return
    given = settings.rules.leaving == "given"
    rule, value = "leaving", str(settings.rules.leaving)
    path: Path = ("rules", "leaving")
    if settings.rules.flee is not None:
        rule, value = "departures", str(settings.rules.flee.departures)
        path = ("rules", "flee", "departures")
    spot = settings.tree.spot(path)
    if given and not is_read:
        message = f"{rule} is given, and there is no {DISPLACED.file}"
        findings.fault("file-missing", spot, message, "it has the columns date and people")
    elif is_read and not given:
        message = f"{DISPLACED.file} is not used: {rule} is {value}"
        findings.warn("file-unused", Spot(DISPLACED.file), message, f"set {rule}: given to use it")
    elif given and not _is_every_day_listed(displaced, settings):
        findings.note(f"{DISPLACED.file}: days that are not listed count as 0")
    _check_displaced_days(displaced, settings, findings)


def _check_displaced_days(displaced: Rows[DisplacedOnDay], settings: Settings, findings: Findings) -> None:
    seen: dict[object, int] = {}
    for day, row in displaced.good:
        if day.date in seen:
            message = f"date {day.date} is there twice, first in line {seen[day.date]}"
            findings.fault("day-twice", row.spot("date"), message, "add the two up")
        seen.setdefault(day.date, row.line)
        if (
            settings.issue_date
            and settings.horizon
            and not settings.issue_date < day.date <= settings.horizon
        ):
            message = f"date is {day.date}; it must lie after the issue date, up to {settings.horizon}"
            findings.warn("day-outside", row.spot("date"), message, "the row is not used")


def _is_every_day_listed(displaced: Rows[DisplacedOnDay], settings: Settings) -> bool:
    if settings.issue_date is None or settings.horizon is None:
        return False
    return len({row.date for row in displaced.records}) >= (settings.horizon - settings.issue_date).days
