"""A scenario as a folder of plain files: what `corridor.scenario.load` reads, good to diff.

Everything is written to a folder aside, read again and compared, and only then moved into place: what stands
there is whole and equal to the scenario, or it is not there. Existing files are never touched.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import shutil
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from corridor.problems import InputError, Problem
from corridor.scenario.findings import Findings
from corridor.scenario.load import read_folder
from corridor.scenario.model import (
    FLEE_GROUP_RULES,
    OPTIONAL_FLEE_RULES,
    Composition,
    DateTerm,
    Event,
    EventKind,
    FleeRules,
    GroupAtPlace,
    Hunger,
    Place,
    Prior,
    Record,
    Route,
    Scenario,
    Value,
)
from corridor.scenario.numbers import is_dotted_thousands
from corridor.scenario.records import (
    CLAIMS,
    COMPOSITION,
    COUNTS,
    DISPLACED,
    EVENT_WORDS,
    GROUPS,
    HUNGER,
    PLACES,
    ROUTES,
    TIMELINE,
)
from corridor.scenario.sources import SETTINGS_FILE
from corridor.scenario.tables import Shape
from corridor.scenario.values import range_prior

#: Parts of a scenario that are tables, and not in scenario.yaml.
_IN_TABLES = frozenset(
    {
        *("places", "routes", "events", "claims", "counts", "displaced_per_day"),
        *("groups_at_places", "hunger", "composition"),
    }
)
_FIRST_ROW = 2  # the header is row 1
_PRIOR_DATES = ("low", "mode", "high", "value")
_RANGE_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})\s*\.\.\s*(\d{4}-\d{2}-\d{2})")


def write_scenario(scenario: Scenario, folder: str | Path) -> None:
    """Write ``scenario`` so that `load_scenario(folder)` gives an equal one.

    One thing may differ: an event whose date is a range that belongs to another row by now, because rows were
    added or removed before it, is written with the name of the range's prior in place of the range.

    Raises
    ------
    InputError
        If ``folder`` is a file or holds anything, or if the scenario would not be read back as it is. Nothing
        is written then.
    """
    target = Path(folder)
    _refuse_existing(target)
    aside = target.parent / f".{target.name}.{uuid.uuid4().hex}"
    aside.mkdir(parents=True)
    try:
        _write_files(scenario, target.name, aside)
        _compare(scenario, aside)
        if target.is_dir():
            target.rmdir()
        aside.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _refuse_existing(target: Path) -> None:
    if target.is_dir() and not any(target.iterdir()):
        return
    if target.exists():
        message = f"'{target}' exists already; a scenario is written to a new folder"
        raise InputError(
            [Problem("folder-exists", "", 0, 0, message, "name another folder, or remove this one")]
        )


def _compare(scenario: Scenario, aside: Path) -> None:
    """Read what was written and refuse it if it differs."""
    read = read_folder(aside, Findings(), name=scenario.name)
    if read.scenario is None:
        raise InputError(read.problems)
    before, after = (_without_dates_as_written(one) for one in (scenario, read.scenario))
    differing = [key for key in Scenario.model_fields if getattr(before, key) != getattr(after, key)]
    if differing:
        message = f"the scenario's {', '.join(differing)} would be read back as something else"
        hint = "texts must not begin or end with blanks; events of kind control have no value"
        raise InputError([Problem("write-differs", "", 0, 0, message, hint)])


def _without_dates_as_written(scenario: Scenario) -> Scenario:
    events = tuple(event.model_copy(update={"written": ""}) for event in scenario.events)
    return scenario.model_copy(update={"events": events})


def _write_files(scenario: Scenario, folder_name: str, aside: Path) -> None:
    ranges = _Ranges(scenario.priors)
    _write_table(aside, PLACES, [_place_row(place, ranges) for place in scenario.places])
    routes = enumerate(scenario.routes, start=_FIRST_ROW)
    _write_table(aside, ROUTES, [_route_row(route, row, ranges) for row, route in routes])
    events = enumerate(scenario.events, start=_FIRST_ROW)
    _write_table(aside, TIMELINE, [_event_row(event, row, ranges) for row, event in events])
    for shape, records in (
        (CLAIMS, scenario.claims),
        (COUNTS, scenario.counts),
        (DISPLACED, scenario.displaced_per_day),
    ):
        if records:
            _write_table(aside, shape, [_plain_row(record) for record in records])
    groups = enumerate(scenario.groups_at_places, start=_FIRST_ROW)
    if scenario.groups_at_places:
        _write_table(aside, GROUPS, [_group_row(group, row, ranges) for row, group in groups])
    hunger = enumerate(scenario.hunger, start=_FIRST_ROW)
    if scenario.hunger:
        _write_table(aside, HUNGER, [_hunger_row(day, row, ranges) for row, day in hunger])
    living = enumerate(scenario.composition, start=_FIRST_ROW)
    if scenario.composition:
        _write_table(aside, COMPOSITION, [_composition_row(some, row, ranges) for row, some in living])
    with (aside / SETTINGS_FILE).open("w", encoding="utf-8") as file:
        _yaml_writer().dump(_settings(scenario, folder_name, ranges), file)


class _Ranges:
    """Tells which priors are written in a cell as low..high, and remembers those that were."""

    def __init__(self, priors: dict[str, Prior]) -> None:
        self.priors = priors
        self.written: set[str] = set()

    def value(self, value: Value | None, name: str, unit: str, claims: tuple[str, ...]) -> str:
        """Return the cell for a value; ``name`` is what a range in this cell would be called."""
        if value is None:
            return ""
        if not isinstance(value, str):
            return _number(value)
        low_high = self._ends(value, name, unit, claims)
        return value if low_high is None else f"{_number(low_high[0])}..{_number(low_high[1])}"

    def date(self, event: Event, name: str) -> str:
        """Return the cell for a date: as it was written, unless a range in it now has another name."""
        match = _RANGE_DATE.match(event.written)
        if match is None or not event.when:
            return event.written
        ends = None if event.when[0].prior != name else self._ends(name, name, "date", event.claims)
        if ends == tuple(float(dt.date.fromisoformat(day).toordinal()) for day in match.groups()):
            return event.written
        return "".join(_term(term, is_first=at == 0) for at, term in enumerate(event.when))

    def _ends(self, value: str, name: str, unit: str, claims: tuple[str, ...]) -> tuple[float, float] | None:
        prior = self.priors.get(value)
        if value != name or prior is None or prior.low is None or prior.high is None:
            return None
        if prior != range_prior(name, prior.low, prior.high, unit, claims):
            return None
        self.written.add(name)
        return prior.low, prior.high


def _term(term: DateTerm, *, is_first: bool) -> str:
    if is_first:
        return term.prior or dt.date.fromordinal(term.days).isoformat()
    return f"{'+' if term.sign > 0 else '-'}{term.prior or term.days}"


def _place_row(place: Place, ranges: _Ranges) -> dict[str, str]:
    row = _plain_row(place)
    for column, unit in (
        ("population", "people"),
        ("capacity", "people"),
        ("throughput_per_day", "people/day"),
        ("move_chance", ""),
        ("attraction", ""),
        ("capacity_per_day", "people/day"),
        ("residents", "people"),
        ("stay_chance", ""),
        ("displaced", "people"),
    ):
        name = f"{PLACES.file}:{place.name}:{column}"
        row[column] = ranges.value(getattr(place, column), name, unit, place.claims)
    for column in ("flood_zone", "no_short_stops"):
        row[column] = "yes" if getattr(place, column) else ""
    if place.population == 0.0:
        row["population"] = ""
    return row


def _route_row(route: Route, number: int, ranges: _Ranges) -> dict[str, str]:
    row = _plain_row(route)
    row["from"], row["to"] = row.pop("start"), row.pop("end")
    row["one_way"] = "yes" if route.one_way else ""
    for column, unit in (("throughput_per_day", "people/day"), ("km_per_day", "km/day"), ("walk_chance", "")):
        name = f"{ROUTES.file}:{number}:{column}"
        row[column] = ranges.value(getattr(route, column), name, unit, route.claims)
    return row


def _group_row(group: GroupAtPlace, number: int, ranges: _Ranges) -> dict[str, str]:
    name = f"{GROUPS.file}:{number}:people"
    return {**_plain_row(group), "people": ranges.value(group.people, name, "people", ())}


def _hunger_row(hunger: Hunger, number: int, ranges: _Ranges) -> dict[str, str]:
    name = f"{HUNGER.file}:{number}:percent"
    return {**_plain_row(hunger), "percent": ranges.value(hunger.percent, name, "", ())}


def _composition_row(some: Composition, number: int, ranges: _Ranges) -> dict[str, str]:
    name = f"{COMPOSITION.file}:{number}:people"
    return {**_plain_row(some), "people": ranges.value(some.people, name, "people", ())}


def _event_row(event: Event, number: int, ranges: _Ranges) -> dict[str, str]:
    row = _plain_row(event.model_copy(update={"when": ()}))
    del row["when"], row["written"]
    row["date"] = ranges.date(event, f"{TIMELINE.file}:{number}:date")
    name, unit = f"{TIMELINE.file}:{number}:value", _EVENT_UNITS.get(event.kind, "")
    row["value"] = ranges.value(event.value, name, unit, event.claims)
    if event.kind in EVENT_WORDS:
        row["value"] = {number: word for word, number in EVENT_WORDS[event.kind].items()}[float(row["value"])]
    elif event.kind is EventKind.CONTROL and event.value == 0.0:
        row["value"] = ""
    return row


_EVENT_UNITS = {EventKind.CAPACITY: "people", EventKind.THROUGHPUT: "people/day"}


def _plain_row(record: Record) -> dict[str, str]:
    return {name: _cell(getattr(record, name)) for name in type(record).model_fields}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "; ".join(str(item) for item in value)
    return _number(value) if isinstance(value, float) else str(value)


def _number(value: float) -> str:
    """Return the shortest text that reads back as ``value``, never one like 1.200 that could mean 1200."""
    text = str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    return f"{text}0" if is_dotted_thousands(text) else text


def _write_table(aside: Path, shape: Shape, rows: Sequence[dict[str, str]]) -> None:
    """Write the needed columns, and those of the others that hold anything."""
    used = [
        column for column in shape.columns if column in shape.required or any(row[column] for row in rows)
    ]
    with (aside / shape.file).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(used)
        writer.writerows([row[column] for column in used] for row in rows)


def _yaml_writer() -> YAML:
    writer = YAML()
    writer.allow_unicode = True
    writer.width = 110
    writer.indent(mapping=2, sequence=4, offset=2)
    return writer


def _settings(scenario: Scenario, folder_name: str, ranges: _Ranges) -> dict[str, Any]:
    settings = {
        name: _plain(getattr(scenario, name)) for name in Scenario.model_fields if name not in _IN_TABLES
    }
    if scenario.name == folder_name:
        del settings["name"]
    if scenario.rules.law == "flee":
        settings["rules"] = {"law": "flee", "flee": _without_rules_that_are_off(scenario)}
        of_group = ("name", "title", "share", *FLEE_GROUP_RULES, "claims", "reason")
        settings["groups"] = [
            {key: value for key, value in group.items() if key in of_group} for group in settings["groups"]
        ]
    else:
        del settings["rules"]["law"]
    declared = {name: prior for name, prior in scenario.priors.items() if name not in ranges.written}
    settings["priors"] = {name: _prior(prior) for name, prior in declared.items()}
    empty: tuple[Any, ...] = (None, "", [], {})
    return {name: value for name, value in settings.items() if name == "title" or value not in empty}


def _without_rules_that_are_off(scenario: Scenario) -> dict[str, Any]:
    flee = scenario.rules.flee
    fields = FleeRules.model_fields
    off = {key for key in OPTIONAL_FLEE_RULES if getattr(flee, key) == fields[key].default}
    plain: dict[str, Any] = _plain(flee)
    return {key: value for key, value in plain.items() if key not in off}


def _prior(prior: Prior) -> dict[str, Any]:
    plain: dict[str, Any] = _plain(prior)
    if prior.unit == "date":
        for key in set(_PRIOR_DATES) & set(plain):
            if 1 <= plain[key] <= dt.date.max.toordinal():
                plain[key] = dt.date.fromordinal(int(plain[key]))
    return plain


def _plain(value: Any) -> Any:
    """Return what YAML writes: records as mappings without what is empty, whole numbers without a point."""
    if isinstance(value, Record):
        fields = type(value).model_fields
        plain = {name: _plain(getattr(value, name)) for name in fields}
        empty: tuple[Any, ...] = (None, "", [], {})
        return {name: item for name, item in plain.items() if fields[name].is_required() or item not in empty}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return int(value) if value == int(value) and abs(value) < 1e15 else value
    return value
