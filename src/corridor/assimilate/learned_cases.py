"""The past cases that come with the package: one file of rows without a count, made once and read here.

`make_table` turns the counts of conflicts into ``learned/cases.npz``, `learned_conflicts` reads it back.
Everything in it is relative: errors are shares of scale, the size among the sites and the age of a report
are taken without their floors in people, and cases whose scale is its floor of 50 people are left out, so a
conflict with ten times the people gives the same rows. Numbers keep three digits, too few to find the whole
people behind two shares.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corridor.assimilate.past import Centre, Past, past_of
from corridor.assimilate.sight import AGE_KNEE_DAYS, FEATURES, SIZE_FLOOR
from corridor.verify.baselines import SCALE_FLOOR_PEOPLE, Windows, make_windows
from corridor.verify.counts import BoolArray, CountSeries, FloatArray

#: Leads in days, and targets, of the cases.
LEADS_DAYS = (1, 7, 14, 30, 60, 90)
TARGETS = ("sites", "total")
#: Weights are told times this, so that three digits of them fit a short number.
WEIGHT_UNIT = 1000.0
#: A record is told by the first so many changes of a file.
MARK_CHANGES = 6

Table = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class LearnedConflict:
    """Past cases of one conflict that comes with the package, about its sites or about its total."""

    name: str
    of: str  # one of TARGETS
    pasts: Mapping[tuple[str, int], Past]  # (one of TARGETS, lead)
    marks: frozenset[str]  # of its record; see `marks_of`
    conflicts: tuple[str, ...]  # all that come with the package

    def past(self, lead_days: int) -> Past | None:
        """Return the cases at a lead, None at a lead that was not stored."""
        return self.pasts.get((self.of, lead_days))

    def in_total(self) -> LearnedConflict:
        """Return the cases of the total."""
        return replace(self, of="total")


def learned_conflicts(without: Iterable[CountSeries] = ()) -> tuple[LearnedConflict, ...]:
    """Return the conflicts that come with the package, less those in ``without``.

    A conflict is the same if it has the same name, or if a file of it has the same first changes: renaming or
    shortening a folder does not let it learn from itself.
    """
    ours = list(without)
    return tuple(each for each in _bundled() if not any(_is_same(each, counts) for counts in ours))


def twin_of(counts: CountSeries) -> str:
    """Return the name of the package's conflict that this is, "" if it is none of them."""
    return next((each.name for each in _bundled() if _is_same(each, counts)), "")


def _is_same(ours: LearnedConflict, counts: CountSeries) -> bool:
    return ours.name == counts.name or bool(ours.marks & marks_of(counts))


def stored_width(of: str, lead_days: int, without: str = "") -> float:
    """Return the factor of ``learned/widening.csv`` for "sites", "total" or "split" at a stored lead.

    ``without`` names the conflict that it must not have seen.
    """
    text = (files("corridor.assimilate") / "learned" / "widening.csv").read_text("utf-8")
    return next(
        float(row["widening"])
        for row in csv.DictReader(text.splitlines())
        if (row["of"], row["without"], int(row["lead_days"])) == (of, without, lead_days)
    )


def marks_of(counts: CountSeries) -> frozenset[str]:
    """Return what tells a record apart: SHA-256 of the first changes of each long file, dates and values."""
    found = set()
    for site in counts.sites:
        for file in site.files:
            changes = np.flatnonzero(np.diff(file.people, prepend=-1))[:MARK_CHANGES]
            if changes.size == MARK_CHANGES:
                days = [counts.start.toordinal() + int(day) for day in file.days[changes]]
                people = [int(value) for value in file.people[changes]]
                found.add(hashlib.sha256(repr((days, people)).encode()).hexdigest())
    return frozenset(found)


def _bundled() -> tuple[LearnedConflict, ...]:
    with (
        as_file(files("corridor.assimilate") / "learned" / "cases.npz") as path,
        np.load(path, allow_pickle=False) as stored,
    ):
        return read_table(dict(stored))


def read_table(table: Table) -> tuple[LearnedConflict, ...]:
    """Return the conflicts of a table of cases."""
    names = tuple(str(name) for name in table["conflicts"])
    found = []
    for number, name in enumerate(names):
        pasts = {
            (of, lead): _past(table, name, (table["conflict"] == number) & _rows(table, of, lead))
            for of in TARGETS
            for lead in LEADS_DAYS
        }
        there = {key: past for key, past in pasts.items() if past.regime.size}
        marks = frozenset(str(mark) for mark in table["mark"][table["mark_conflict"] == number])
        found.append(LearnedConflict(name, "sites", there, marks, names))
    return tuple(found)


def _rows(table: Table, of: str, lead_days: int) -> BoolArray:
    return np.asarray((table["of"] == TARGETS.index(of)) & (table["lead_days"] == lead_days))


def _past(table: Table, conflict: str, rows: BoolArray) -> Past:
    lead = int(table["lead_days"][rows][0]) if rows.any() else 0
    errors = {
        str(name): table["errors"][rows, column].astype(float) for column, name in enumerate(table["centres"])
    }
    features = table["features"][rows].astype(float)
    weight = table["weight"][rows].astype(float) / WEIGHT_UNIT
    return Past(conflict, lead, table["regime"][rows].astype(np.int64), features, weight, errors)


def make_table(series: Sequence[CountSeries], centres: Sequence[Centre]) -> Table:
    """Make the table of cases from counts; the same counts give the same arrays.

    Rows run over targets, leads, conflicts, then as in `past_of`: a row is one site on one issue date. A lead
    at which a conflict has no target is left out.
    """
    parts = [
        _relative(counts if of == "sites" else counts.in_total(), lead, centres)
        | {"of": TARGETS.index(of), "lead_days": lead, "conflict": number}
        for of in TARGETS
        for lead in LEADS_DAYS
        for number, counts in enumerate(series)
        if counts.n_days > lead
    ]
    marks = [(mark, number) for number, counts in enumerate(series) for mark in sorted(marks_of(counts))]
    short = {"of": np.int8, "lead_days": np.int8, "conflict": np.int8, "regime": np.int8}
    table: Table = {
        "conflicts": np.array([counts.name for counts in series]),
        "centres": np.array([centre.name for centre in centres]),
        "mark": np.array([mark for mark, _ in marks]),
        "mark_conflict": np.array([number for _, number in marks], np.int8),
    }
    for name in ("of", "lead_days", "conflict", "regime", "features", "weight", "errors"):
        columns = [np.broadcast_to(p[name], p["regime"].shape) if name in _KEYS else p[name] for p in parts]
        table[name] = np.concatenate(columns).astype(short.get(name, np.float16))
    return table


_KEYS = ("of", "lead_days", "conflict")


def _relative(counts: CountSeries, lead_days: int, centres: Sequence[Centre]) -> dict[str, Any]:
    """Return the columns of one conflict, none of which tells a level."""
    past = past_of(counts, lead_days, centres)
    if past is None:
        empty = np.zeros(0)
        shapes = {"features": np.zeros((0, len(FEATURES))), "errors": np.zeros((0, len(centres)))}
        return {"regime": empty, "weight": empty, **shapes}
    windows = make_windows(counts, lead_days)
    features = past.features.copy()
    features[:, FEATURES.index("size")] = _size(counts, windows)
    features[:, FEATURES.index("age")] = _age(counts, windows)
    errors = np.stack([past.errors[centre.name] for centre in centres], axis=1)
    kept = windows.situation.scale > SCALE_FLOOR_PEOPLE
    columns = {"regime": past.regime, "features": features, "weight": past.weight * WEIGHT_UNIT}
    columns["errors"] = errors
    return {name: column[kept] for name, column in columns.items()}


def _size(counts: CountSeries, windows: Windows) -> FloatArray:
    """Return the feature "size" without its floor in people: known by that of an average site."""
    average = counts.known(windows.issue_day).mean(axis=1)
    known = windows.situation.known
    share = np.divide(known, average, out=np.ones_like(known), where=average > 0)
    return np.asarray(np.log(share + SIZE_FLOOR) / 2)


def _age(counts: CountSeries, windows: Windows) -> FloatArray:
    """Return the feature "age" with files weighted by their people alone, alike where they hold nobody."""
    ages = np.zeros((windows.issue_day.size, len(counts.sites)))
    for column, site in enumerate(counts.sites):
        people = np.array([file.known(windows.issue_day) for file in site.files])  # [files, rows]
        days = np.array([file.age(windows.issue_day) for file in site.files])
        weight = np.where(people.sum(axis=0) > 0, people, 1.0)
        ages[:, column] = np.average(days, axis=0, weights=weight) if site.files else 0.0
    of_row = ages[np.arange(windows.issue_day.size), windows.site]
    return np.asarray(np.log1p(of_row / AGE_KNEE_DAYS))
