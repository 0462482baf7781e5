"""The answer of a sensitivity study: the band, and for each quantity what knowing it would be worth.

A `Sensitivity` is plain data. `store_result` writes it as JSON, which reads back equal, and as CSV, one row
a quantity.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from corridor.ensemble.sensitivity.indices import Indices
from corridor.ensemble.sensitivity.worth import Worth
from corridor.problems import InputError, Problem

RESULT_FILE, TABLE_FILE = "sensitivity.json", "sensitivity.csv"
_FORMAT = "corridor-sensitivity-1"

#: quantity: a prior; storyline: which storyline comes true; others: all quantities not studied one by one;
#: chance: what is left where everything else is known.
Kind = Literal["quantity", "storyline", "others", "chance"]


@dataclass(frozen=True, slots=True)
class Line:
    """One quantity, or the storyline, the other quantities together, or chance."""

    name: str  # of the prior; "" for the other kinds
    title: str  # as people say it
    kind: Kind
    n_claims: int = 0  # claims that give a figure for it
    unit: str = ""  # of the prior
    low: float = 0.0  # of the central 90 % of the prior, dates as ordinals
    high: float = 0.0
    worth: Worth | None = None  # None for others and for chance, which nobody can know
    indices: Indices | None = None  # None for quantities that are not studied one by one


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What matters most for one outcome of a scenario."""

    scenario: str
    title: str
    fingerprint: str  # of the scenario; see `corridor.ensemble.sensitivity.analyse.fingerprint_of`
    outcome: str
    unit: str  # people or date; a date is a day after the issue date
    issue_date: str
    last_day: str
    seed: int
    n_futures: int
    n_plain: int
    n_base: int
    n_classes: int
    low: float  # of the 90 % band
    median: float
    high: float
    never: float  # for unit date: share of the futures in which it does not happen by the last day
    lines: tuple[Line, ...]  # quantities studied one by one by worth, other quantities, then the rest
    version: str

    def of_kind(self, kind: Kind) -> tuple[Line, ...]:
        """Return the lines of one kind."""
        return tuple(line for line in self.lines if line.kind == kind)

    @property
    def quantities(self) -> tuple[Line, ...]:
        """The quantities, the one most worth knowing first."""
        return self.of_kind("quantity")

    @property
    def best(self) -> Line | None:
        """The quantity most worth knowing, None where none would narrow the band for sure."""
        return next((line for line in self.quantities if _is_sure(line)), None)

    @property
    def disputed(self) -> tuple[Line, ...]:
        """Quantities studied one by one for which claims give figures, the most telling first."""
        found = [line for line in self.quantities if line.n_claims and line.indices]
        return tuple(sorted(found, key=lambda line: -line.indices.total if line.indices else 0.0))


def _is_sure(line: Line) -> bool:
    return line.worth is not None and line.worth.share_low > 0.0


def store_result(result: Sensitivity, folder: Path) -> None:
    """Write a result as JSON and as CSV."""
    plain = {"format": _FORMAT, **asdict(result)}
    (folder / RESULT_FILE).write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n", "utf-8")
    (folder / TABLE_FILE).write_text(_as_csv(result), "utf-8")


def read_result(path: str | Path) -> Sensitivity:
    """Read a stored result: its JSON file, or the folder that holds it.

    Raises
    ------
    InputError
        If there is none, or it was written in another format.
    """
    file = Path(path)
    file = file / RESULT_FILE if file.is_dir() else file
    try:
        plain = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        hint = "corridor sensitivity makes one"
        message = f"'{path}' holds no sensitivity study"
        raise InputError([Problem("no-sensitivity", "", 0, 0, message, hint)]) from error
    if not isinstance(plain, dict) or plain.pop("format", "") != _FORMAT:
        message = f"'{path}' is not of format '{_FORMAT}'"
        raise InputError([Problem("no-sensitivity", "", 0, 0, message, "run the study again")])
    lines = tuple(_line(line) for line in plain.pop("lines"))
    return Sensitivity(**plain, lines=lines)


def _line(plain: dict[str, Any]) -> Line:
    worth, indices = plain.pop("worth"), plain.pop("indices")
    return Line(
        **plain, worth=Worth(**worth) if worth else None, indices=Indices(**indices) if indices else None
    )


_COLUMNS = (
    *("name", "title", "kind", "claims", "worth", "worth_low", "worth_high", "band_low", "band_high"),
    *("first", "first_low", "first_high", "total", "total_low", "total_high"),
)


def _as_csv(result: Sensitivity) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for line in result.lines:
        writer.writerow([line.name, line.title, line.kind, line.n_claims, *_numbers(line)])
    return text.getvalue()


def _numbers(line: Line) -> list[str]:
    worth, found = line.worth, line.indices
    first = (worth.share, worth.share_low, worth.share_high, worth.low, worth.high) if worth else (None,) * 5
    second: tuple[float | None, ...] = (None,) * 6
    if found:
        second = (
            *(found.first, found.first - found.first_half, found.first + found.first_half),
            *(found.total, found.total - found.total_half, found.total + found.total_half),
        )
    return ["" if number is None else f"{number:.6g}" for number in (*first, *second)]
