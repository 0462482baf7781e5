"""scenario.yaml as records: settings checked one by one, so that a fault in one group hides none in the next.

The pydantic models of `corridor.scenario.model` say what is allowed; here each of their errors becomes a
problem at the line and column of the key or value at fault. What may be left out is filled in, and noted
where it matters.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails

from corridor.problems import did_you_mean
from corridor.scenario.findings import Findings, Spot
from corridor.scenario.model import (
    DEFAULT_ATTRACTION,
    DEFAULT_MOVE_CHANCE,
    FleeRules,
    Group,
    Number,
    PlaceKind,
    Prior,
    Record,
    Rules,
    Storyline,
    Value,
    WhatIf,
)
from corridor.scenario.numbers import date_hint, number_hint, read_date
from corridor.scenario.yaml_tree import Path, YamlTree

_RULE_KEYS = {"attraction": DEFAULT_ATTRACTION, "move_chance": DEFAULT_MOVE_CHANCE}
_PRIOR_DATES = ("low", "mode", "high", "value")

AnyRecord = TypeVar("AnyRecord", bound=Record)


class Heading(Record):
    """The settings that are single values."""

    title: str
    name: str = ""
    description: str = ""
    household_size: Number = 5.0
    triggers: tuple[str, ...] = ()
    what_if: WhatIf | None = None
    provenance: dict[str, str] = Field(default_factory=dict)


_DATES = ("issue_date", "horizon")
_PARTS = ("storylines", "groups", "rules", "priors")
SETTINGS = (
    *("name", "title", "description", *_DATES, "household_size", *_PARTS),
    *("triggers", "provenance", "extends", "what_if"),
)

_OF_TABLES = {
    "places": "places.csv",
    "routes": "routes.csv",
    "events": "timeline.csv",
    "timeline": "timeline.csv",
    "claims": "claims.csv",
    "counts": "counts.csv",
    "displaced_per_day": "displaced_per_day.csv",
    "groups_at_places": "groups.csv",
    "hunger": "hunger.csv",
    "composition": "composition.csv",
}


@dataclass
class Settings:
    """What scenario.yaml says; a part at fault is None or missing from its mapping.

    Storylines, groups and priors are kept with the path of their mapping in ``tree``.
    """

    tree: YamlTree
    heading: Heading | None = None
    issue_date: dt.date | None = None
    horizon: dt.date | None = None
    rules: Rules | None = None
    storylines: dict[Path, Storyline] = field(default_factory=dict)
    groups: dict[Path, Group] = field(default_factory=dict)
    priors: dict[str, Prior] = field(default_factory=dict)

    def names(self, part: str) -> list[str]:
        """Return the names written under ``storylines`` or ``groups``, those at fault included."""
        entries = self.tree.get((part,))
        named = entries if isinstance(entries, list) else []
        return [str(entry["name"]) for entry in named if isinstance(entry, dict) and "name" in entry]

    @property
    def law(self) -> str:
        """The law the scenario follows; "" where that cannot be read, so that nothing hangs on it."""
        if not self.tree.data:
            return ""
        rules = self.tree.get(("rules",))
        stated = (
            rules.get("law", "" if "flee" in rules else "corridor") if isinstance(rules, dict) else "corridor"
        )
        return stated if stated in ("corridor", "flee") else ""

    @property
    def declared_priors(self) -> frozenset[str]:
        """Names of all priors, those at fault included."""
        priors = self.tree.get(("priors",))
        return frozenset(priors) if isinstance(priors, dict) else frozenset()


def read_settings(tree: YamlTree, findings: Findings) -> Settings:
    """Read every part of scenario.yaml on its own."""
    settings = Settings(tree)
    reader = _SettingsReader(tree, findings)
    reader.report_unknown()
    single = {key: tree.data[key] for key in Heading.model_fields if key in tree.data}
    settings.heading = reader.record(Heading, (), single)
    settings.issue_date, settings.horizon = (reader.date(key) for key in _DATES)
    settings.rules = reader.rules()
    settings.storylines = reader.records("storylines", Storyline)
    settings.groups = reader.records("groups", Group)
    settings.priors = reader.priors()
    _fill_in(settings, findings)
    return settings


def _of_flee(rules: Rules, flee: FleeRules | None) -> dict[str, Any]:
    """Return what the law flee adds to the rules, and what follows from it for the others."""
    if rules.law != "flee" or flee is None:
        return {"flee": flee}
    return {"flee": flee, "leaving": "given" if flee.departures == "given" else "hazard"}


def _fill_in(settings: Settings, findings: Findings) -> None:
    file = settings.tree.file
    if "storylines" not in settings.tree.data:
        settings.storylines[("storylines", 0)] = Storyline(name="main", title="Main storyline")
        findings.note(f"{file}: no storylines; one called 'main' is taken")
    if "groups" not in settings.tree.data:
        settings.groups[("groups", 0)] = Group(name="everyone", title="Everyone", share=1.0)
        findings.note(f"{file}: no groups; one called 'everyone' is taken")


class _SettingsReader:
    def __init__(self, tree: YamlTree, findings: Findings) -> None:
        self.tree = tree
        self.findings = findings

    def report_unknown(self) -> None:
        for key in self.tree.data:
            if key not in SETTINGS:
                hint = f"{_OF_TABLES[key]} holds these" if key in _OF_TABLES else _hint_among(key, SETTINGS)
                spot = self.tree.key_spot((key,))
                self.findings.fault("setting-unknown", spot, f"'{key}' is not a setting", hint)

    def date(self, key: str) -> dt.date | None:
        """Return a date that must be there."""
        value = self.tree.data.get(key)
        if value is None and (key,) not in self.tree.empty:
            self._report_missing((), key)
        if value is None:
            return None
        date = read_date(str(value))
        if date is None:
            message = f"{key} is '{value}'; it must be a date such as 2016-10-19"
            self.findings.fault("not-a-date", self.tree.spot((key,)), message, date_hint(str(value)))
        return date

    def rules(self) -> Rules | None:
        """Return the rules with the values of all kinds of place filled in."""
        stated, flee = self.tree.data.get("rules", {}), None
        if isinstance(stated, dict) and "flee" in stated:
            flee = self.record(FleeRules, ("rules", "flee"), stated["flee"])
            stated = {key: value for key, value in stated.items() if key != "flee"}
        rules = self.record(Rules, ("rules",), stated)
        if rules is None or (flee is None and self.tree.get(("rules", "flee")) is not None):
            return None
        filled: dict[str, dict[PlaceKind, Value]] = {
            key: {**defaults, **getattr(rules, key)} for key, defaults in _RULE_KEYS.items()
        }
        return rules.model_copy(update={**filled, **_of_flee(rules, flee)})

    def records(self, part: str, model: type[AnyRecord]) -> dict[Path, AnyRecord]:
        """Return the good records of a list of mappings, by path."""
        entries = self.tree.data.get(part, [])
        if not isinstance(entries, list):
            self._report_shape((part,), "a list, each entry beginning with '- name: ...'")
            return {}
        found = {(part, at): self.record(model, (part, at), entry) for at, entry in enumerate(entries)}
        return {path: record for path, record in found.items() if record is not None}

    def priors(self) -> dict[str, Prior]:
        """Return the good priors by name; their dates become ordinals."""
        entries = self.tree.data.get("priors", {})
        if not isinstance(entries, dict):
            self._report_shape(("priors",), "a mapping from the name of a prior to what it is")
            return {}
        found = {name: self._prior(name, entry) for name, entry in entries.items()}
        return {name: prior for name, prior in found.items() if prior is not None}

    def _prior(self, name: str, entry: Any) -> Prior | None:
        n_before = self.findings.n_faults
        if isinstance(entry, dict) and entry.get("unit") == "date":
            entry = dict(entry)
            for key in _PRIOR_DATES:
                if key in entry:
                    entry[key] = self._ordinal(("priors", name, key), entry[key])
        prior = self.record(Prior, ("priors", name), entry)
        return prior if self.findings.n_faults == n_before else None

    def _ordinal(self, path: Path, value: Any) -> int:
        date = read_date(str(value))
        if date is None:
            message = f"{path[-1]} is '{value}'; with unit date it must be a date such as 2016-10-19"
            self.findings.fault("not-a-date", self.tree.spot(path), message, date_hint(str(value)))
        return date.toordinal() if date else 1

    def record(self, model: type[AnyRecord], path: Path, data: Any) -> AnyRecord | None:
        """Return ``data`` as a record, or None after reporting each of its faults."""
        try:
            return model.model_validate(data)
        except ValidationError as error:
            self._report_errors(model, path, error.errors(include_url=False))
            return None

    def _report_errors(self, model: type[Record], path: Path, errors: Iterable[ErrorDetails]) -> None:
        reported: set[Path] = set()
        for error in errors:
            where = self._nearest(path, error["loc"])
            if error["type"] in {"missing", "extra_forbidden"}:
                where = (*path, *error["loc"])
            if where not in reported and where not in self.tree.empty:
                reported.add(where)
                self._report(model, path, where, error)

    def _nearest(self, path: Path, loc: tuple[int | str, ...]) -> Path:
        """Return the part of an error's location that is in the file: pydantic adds steps of its own."""
        where = path
        for step in loc:
            if (*where, step) not in self.tree.spots:
                break
            where = (*where, step)
        return where

    def _report(self, model: type[Record], path: Path, where: Path, error: ErrorDetails) -> None:
        kind, spot = error["type"], self.tree.spot(where)
        name = _part_in_words(where[-1:])
        given = f"{name} is {_given(self.tree.get(where))}"
        if kind == "extra_forbidden":
            of = f" of {_part_in_words(path)}" if path else ""
            hint = _hint_among(str(name), model.model_fields)
            self.findings.fault(
                "setting-unknown", self.tree.key_spot(where), f"'{name}' is not a setting{of}", hint
            )
        elif kind == "missing":
            self._report_missing(path, str(name))
        elif kind == "enum":
            hint = _hint_among(str(name), tuple(PlaceKind))
            self.findings.fault(
                "not-a-choice", self.tree.key_spot(where), f"'{name}' is not a kind of place", hint
            )
        elif kind == "literal_error":
            allowed = str(error["ctx"]["expected"]).replace("'", "")
            hint = did_you_mean(str(error["input"]), allowed.replace(" or ", ", ").split(", "))
            self.findings.fault("not-a-choice", spot, f"{given}; it must be {allowed}", hint)
        elif kind == "finite_number":
            self.findings.fault("not-finite", spot, f"{given}; it must be a finite number")
        elif kind == "bool_parsing":
            self.findings.fault("not-a-choice", spot, f"{given}; it must be true or false")
        elif kind == "string_type" and not isinstance(error["input"], dict | list):
            self.findings.fault(
                "setting-text", spot, f"{given}; it must be a text", f'write "{error["input"]}"'
            )
        elif kind == "greater_than_equal":
            self.findings.fault(
                "out-of-range", spot, f"{given}; it must be a number of at least {error['ctx']['ge']}"
            )
        elif kind == "value_error":  # of a date
            message = f"{given}; it must be a date such as 2016-10-19"
            self.findings.fault("not-a-date", spot, message, date_hint(str(error["input"])))
        elif kind in {"float_parsing", "float_type", "int_parsing", "int_type", "int_from_float"}:
            is_whole = kind.startswith("int")
            hint = "" if is_whole else number_hint(str(error["input"]))
            message = f"{given}; it must be a {'whole ' if is_whole else ''}number"
            self.findings.fault("not-a-number", spot, message, hint)
        else:
            self._report_shape(where, _SHAPES_IN_WORDS.get(kind, error["msg"]))

    def _report_missing(self, path: Path, name: str) -> None:
        spot = self.tree.key_spot(path) if path else Spot(self.tree.file)
        of = f" in {_part_in_words(path)}" if path else ""
        self.findings.fault("setting-missing", spot, f"'{name}' is missing{of}; it is needed")

    def _report_shape(self, where: Path, wanted: str) -> None:
        message = f"{_part_in_words(where[-1:])} is {_given(self.tree.get(where))}; it must be {wanted}"
        self.findings.fault("setting-shape", self.tree.spot(where), message)


_SHAPES_IN_WORDS = {
    "tuple_type": "a list, as in [a, b]",
    "dict_type": "a mapping, one 'key: value' a line",
    "model_type": "a mapping, one 'key: value' a line",
    "string_type": "a text",
}


def _part_in_words(path: Path) -> str:
    """Return "rules", "groups, entry 2" and the like."""
    return ", ".join(f"entry {step + 1}" if isinstance(step, int) else step for step in path)


def _given(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = " ".join(str(value).split())
    return f"'{text}'" if len(text) <= 60 else f"'{text[:59]}…'"


def _hint_among(word: str, known: Iterable[str]) -> str:
    return did_you_mean(word, known) or f"all: {', '.join(known)}"
