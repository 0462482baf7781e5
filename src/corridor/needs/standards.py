"""Standards as data: a CSV file of indicators, each with value, unit, basis and source, checked and frozen.

One row says how much one person, household or site needs, or how many people share one facility. A file of
the user's own has the same columns as the one that comes with the package. Nothing is computed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from corridor.problems import InputError, Problem, did_you_mean
from corridor.scenario.cells import RowReader
from corridor.scenario.findings import Findings, Spot
from corridor.scenario.tables import Row, Shape, read_table
from corridor.scenario.values import Allowed, ValueUses

#: Days in a month, for standards given by the month.
DAYS_PER_MONTH = 30
#: The standards used unless others are named.
USUAL = "sphere-2018"

#: What one unit of the value is for, other than a facility.
BASES = (
    "person",
    "person/day",
    "person/month",
    "household",
    "household/day",
    "household/month",
    "arriving person",
    "arriving household",
    "site",
    "site/day",
)
#: Units that are used up, or measured; everything else is counted in whole things and rounded up.
USED_UP = ("litres", "kcal")
MEASURED = ("kg", "m2")
WHOLE = ("pieces", "sets", "packs", "plots", "tents", "kits", "mats", "staff", "beds", "vehicles")
#: Units of facilities: so many people, or households, share one of what ``per`` names.
SHARED = ("people", "households")
UNITS = (*USED_UP, *MEASURED, *WHOLE, *SHARED)

PHASES = ("any", "acute", "longer")
#: What a value rests on: a document that was read, general knowledge of one, or an assumption of the author.
GROUNDS = ("document", "general-knowledge", "assumption")

_ALL_MONTHS = frozenset(range(1, 13))
_ABOVE_0 = Allowed(high=1e9, above_low=True)
_REQUIRED = ("indicator", "title", "unit", "per", "source")
_OPTIONAL = (
    "value", "low", "high", "phase", "months", "kg", "vehicle", "kg_source", "basis", "url", "note",
)  # fmt: skip
#: Rows that are no need but a setting: their unit and what it is per.
_SETTINGS = {"acute_days": ("days", "site"), "truck": ("kg", "load"), "tanker": ("kg", "load")}
#: What carries goods and water.
VEHICLES = ("truck", "tanker")


@dataclass(frozen=True, slots=True)
class Standard:
    """One row: how much of what, for whom, in which phase and months, on whose word."""

    indicator: str
    title: str
    low: float  # low == high where one value is given
    high: float
    unit: str
    per: str  # one of BASES, or the facility that so many people share
    phase: str  # one of PHASES
    months: frozenset[int]
    kg: float  # weight of one unit for transport; 0 = not carried
    vehicle: str
    kg_source: str
    basis: str  # one of GROUNDS
    source: str
    url: str
    note: str
    line: int

    @property
    def is_shared(self) -> bool:
        """True for facilities that so many people or households share."""
        return self.unit in SHARED

    @property
    def is_whole(self) -> bool:
        """True for what is counted in whole things, and rounded up."""
        return self.is_shared or self.unit in WHOLE

    @property
    def is_daily(self) -> bool:
        """True for what is needed anew every day."""
        return self.per.endswith(("/day", "/month")) or self.per.startswith("arriving")

    @property
    def need_unit(self) -> str:
        """The unit of the need: litres/day, latrines, m2."""
        unit = _plural(self.per) if self.is_shared else self.unit
        return f"{unit}/day" if self.is_daily else unit

    @property
    def value_in_words(self) -> str:
        """The value as the file gives it: 15, or 4.5 to 5.5."""
        return f"{self.low:g}" if self.low == self.high else f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Setting:
    """A number that is no need: days of the acute phase, what a truck carries."""

    indicator: str
    value: float
    unit: str
    basis: str
    source: str
    note: str


@dataclass(frozen=True)
class Standards:
    """All rows of a file. ``name`` is what the user called it."""

    name: str
    rows: tuple[Standard, ...]
    settings: dict[str, Setting]

    @property
    def indicators(self) -> dict[str, tuple[Standard, ...]]:
        """The rows of each indicator, in the order of the file."""
        found: dict[str, list[Standard]] = {}
        for row in self.rows:
            found.setdefault(row.indicator, []).append(row)
        return {name: tuple(rows) for name, rows in found.items()}

    @property
    def acute_days(self) -> int:
        """Days, from the first on which people are at a site, for which the acute phase holds there."""
        return int(self.settings["acute_days"].value) if "acute_days" in self.settings else 0

    def load_kg(self, vehicle: str) -> float:
        """Return what a vehicle carries, kg."""
        return self.settings[vehicle].value


def standards_names() -> tuple[str, ...]:
    """Return the names of the standards that come with the package."""
    folder = resources.files("corridor.needs") / "standards"
    return tuple(sorted(entry.name.removesuffix(".csv") for entry in folder.iterdir()))


def load_standards(name_or_file: str | Path = USUAL) -> Standards:
    """Read standards by name (`standards_names`), or from a CSV file.

    Raises
    ------
    InputError
        With every problem of the file, or if there is none.
    """
    path = _find(str(name_or_file))
    findings = Findings()
    shape = Shape(path.name, _REQUIRED, _OPTIONAL)
    table = read_table(path.parent, shape, findings)
    rows, settings = _read_rows(table.rows if table and table.is_complete else (), findings)
    if table and not findings.n_faults:
        _check_settings(rows, settings, path.name, findings)
    if findings.n_faults:
        raise InputError(findings.problems)
    return Standards(str(name_or_file), tuple(rows), settings)


def _find(name: str) -> Path:
    bundled = standards_names()
    if name in bundled:
        return Path(str(resources.files("corridor.needs") / "standards" / f"{name}.csv"))
    path = Path(name)
    if path.is_file():
        return path
    message = f"'{name}' is neither a file nor the name of standards"
    hint = did_you_mean(name, bundled) or f"standards that come with Corridor: {', '.join(bundled)}"
    raise InputError([Problem("standards-missing", "", 0, 0, message, hint)])


def _read_rows(rows: Iterable[Row], findings: Findings) -> tuple[list[Standard], dict[str, Setting]]:
    standards: list[Standard] = []
    settings: dict[str, Setting] = {}
    for row in rows:
        n_before = findings.n_faults
        standard = _RowOfStandards(row, findings).read()
        if findings.n_faults > n_before:
            continue
        if standard.indicator in _SETTINGS:
            _add_setting(standard, row, settings, findings)
        else:
            _check_against(standard, row, standards, findings)
            standards.append(standard)
    return standards, settings


class _RowOfStandards:
    """Reads one row; what is wrong goes to the findings, each fault once."""

    def __init__(self, row: Row, findings: Findings) -> None:
        self.row, self.findings = row, findings
        self.cells = RowReader(row, ValueUses(findings))

    def read(self) -> Standard:
        cells = self.cells
        indicator, title = cells.needed_text("indicator"), cells.needed_text("title")
        low, high = self._values()
        unit, per = self._unit_and_per(indicator)
        kg = cells.number_or_none("kg", _ABOVE_0) or 0.0
        vehicle = cells.word("vehicle", VEHICLES, default="truck") if kg else ""
        if kg and not cells.text("kg_source"):
            message = "a weight is given without its source"
            self.findings.fault("cell-empty", self._spot("kg_source"), message, "or write: assumption")
        return Standard(
            indicator=indicator,
            title=title,
            low=low,
            high=high,
            unit=unit,
            per=per,
            phase=cells.word("phase", PHASES, default="any"),
            months=self._months(),
            kg=kg,
            vehicle=vehicle,
            kg_source=cells.text("kg_source"),
            basis=cells.word("basis", GROUNDS, default="document"),
            source=cells.needed_text("source"),
            url=cells.text("url"),
            note=cells.text("note"),
            line=self.row.line,
        )

    def _spot(self, column: str) -> Spot:
        return self.row.spot(column)

    def _values(self) -> tuple[float, float]:
        value = self.cells.number_or_none("value", _ABOVE_0)
        ends = [self.cells.number_or_none(column, _ABOVE_0) for column in ("low", "high")]
        given = [bool(self.row[column]) for column in ("value", "low", "high")]
        if given not in ([True, False, False], [False, True, True]):
            message = "a row has either a value, or low and high"
            self.findings.fault("standard-value", self._spot("value"), message)
        low, high = (value, value) if value is not None else ends
        if low is not None and high is not None and low > high:
            message = f"low is '{self.row['low']}' and high '{self.row['high']}'"
            self.findings.fault("range-order", self._spot("low"), message, "swap the two")
        return low or 1.0, high or 1.0

    def _unit_and_per(self, indicator: str) -> tuple[str, str]:
        unit, per = self.cells.needed_text("unit"), self.cells.needed_text("per")
        if indicator in _SETTINGS:
            wanted = _SETTINGS[indicator]
            if unit and per and (unit, per) != wanted:
                message = (
                    f"'{indicator}' is in '{unit}' per '{per}'; it must be in {wanted[0]} per {wanted[1]}"
                )
                self.findings.fault("standard-unit", self._spot("unit"), message)
            return unit, per
        if unit and unit not in UNITS:
            hint = did_you_mean(unit, UNITS) or f"units: {', '.join(UNITS)}"
            message = f"unit is '{unit}', which is not known"
            self.findings.fault("standard-unit", self._spot("unit"), message, hint)
        elif unit and per:
            self._check_per(unit, per)
        return unit, per

    def _check_per(self, unit: str, per: str) -> None:
        if unit in SHARED:
            if per in BASES:
                message = f"'{unit}' per '{per}'; {unit} share a facility, so per must name it"
                self.findings.fault("standard-per", self._spot("per"), message, "for instance latrine or tap")
        elif per not in BASES:
            hint = did_you_mean(per, BASES) or f"known: {', '.join(BASES)}; or unit people per '{per}'"
            self.findings.fault(
                "standard-per", self._spot("per"), f"per is '{per}', which is not known", hint
            )
        elif unit in USED_UP and not per.endswith(("/day", "/month")):
            message = f"{unit} are used up day by day; per is '{per}'"
            self.findings.fault(
                "standard-unit", self._spot("per"), message, f"write {per}/day or {per}/month"
            )
        elif unit == "m2" and "/" in per:
            message = f"space is not used up; per is '{per}'"
            hint = f"write {per.partition('/')[0]}"
            self.findings.fault("standard-unit", self._spot("per"), message, hint)

    def _months(self) -> frozenset[int]:
        text = self.cells.text("months")
        months = read_months(text) if text else _ALL_MONTHS
        if not months:
            message = f"months is '{text}'; it must be months from 1 to 12"
            self.findings.fault(
                "standard-months", self._spot("months"), message, "for instance 11-3 or 12;1;2"
            )
        return months


def read_months(text: str) -> frozenset[int]:
    """Return the months of a text such as 11-3 or 1;4-6; empty where it is none.

    >>> sorted(read_months("11-2"))
    [1, 2, 11, 12]
    """
    months: set[int] = set()
    for part in text.split(";"):
        found = re.fullmatch(r" *(\d{1,2})(?: *- *(\d{1,2}))? *", part)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not (1 <= first <= 12 and 1 <= last <= 12):
            return frozenset()
        months.update((first - 1 + step) % 12 + 1 for step in range((last - first) % 12 + 1))
    return frozenset(months)


def _check_against(standard: Standard, row: Row, earlier: Sequence[Standard], findings: Findings) -> None:
    """Report a row that says again, or otherwise, what an earlier row has said."""
    for other in earlier:
        if other.indicator != standard.indicator:
            continue
        if (other.need_unit, other.title) != (standard.need_unit, standard.title):
            message = f"'{standard.indicator}' has another title, unit or per than in line {other.line}"
            hint = "rows of one indicator differ in value, phase and months only"
            findings.fault("standard-differs", row.spot("indicator"), message, hint)
            return
        if other.months & standard.months and (
            "any" in (other.phase, standard.phase) or other.phase == standard.phase
        ):
            message = f"'{standard.indicator}' is given in line {other.line} already, for the same days"
            hint = "keep one, or tell them apart by phase or months"
            findings.fault("standard-twice", row.spot("indicator"), message, hint)
            return


def _add_setting(standard: Standard, row: Row, settings: dict[str, Setting], findings: Findings) -> None:
    name = standard.indicator
    if name in settings:
        findings.fault("standard-twice", row.spot("indicator"), f"'{name}' is given twice", "keep one")
    if name == "acute_days" and standard.low != int(standard.low):
        findings.fault("not-whole", row.spot("value"), "acute_days must be whole days")
    settings[name] = Setting(
        name, standard.low, standard.unit, standard.basis, standard.source, standard.note
    )


def _check_settings(
    rows: Sequence[Standard], settings: dict[str, Setting], file: str, findings: Findings
) -> None:
    wanted = {row.vehicle for row in rows if row.kg}
    if any(row.phase != "any" for row in rows):
        wanted.add("acute_days")
    for name in sorted(wanted - set(settings)):
        unit, per = _SETTINGS[name]
        message = f"{file} has no row '{name}', which other rows need"
        hint = f"add one: its value in {unit}, per {per}"
        findings.fault("standard-missing", Spot(file), message, hint)
    if not rows:
        findings.fault("table-empty", Spot(file), f"{file} has no standards")


def _plural(word: str) -> str:
    return word if word.endswith("s") else f"{word}s"
