"""A CSV file as rows of cells that know where they stand: tolerant of spreadsheets, strict about meaning.

The csv module splits the records; the physical lines are kept, and the column of a cell is looked up only
when a problem needs it. Separators `,` `;` and tab are told apart by the header; an HXL hashtag row, blank
rows, trailing empty cells and blanks round a cell are dropped, and what was dropped is noted. Says nothing
about what a cell means.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corridor.problems import did_you_mean
from corridor.scenario.files import read_text
from corridor.scenario.findings import Findings, Spot

_SEPARATOR_NAMES = {",": "','", ";": "';'", "\t": "tab"}


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns a file must have and may have."""

    file: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, in the order in which they are written."""
        return self.required + self.optional


@dataclass(frozen=True, slots=True)
class Row:
    """One record. ``number`` is its row in a sheet without blank rows and hashtags; the header is row 1.

    A row of a what-if that changes one of its base has that one ``under`` it: cells that it does not state
    stand there.
    """

    file: str
    line: int
    number: int
    lines: tuple[str, ...]  # physical lines, with their ends
    separator: str
    texts: dict[str, str] = field(default_factory=dict)  # column -> text without blanks round it
    positions: dict[str, int] = field(default_factory=dict)  # column -> which cell of the record
    under: Row | None = None

    def __getitem__(self, column: str) -> str:
        """Return the text under ``column``, "" where the file has no such column."""
        return self.texts.get(column, "")

    def has(self, column: str) -> bool:
        """Tell whether there is a cell under ``column``, here or in the row under this one."""
        return column in self.positions or (self.under is not None and self.under.has(column))

    def spot(self, column: str) -> Spot:
        """Return where the cell under ``column`` stands."""
        if column not in self.positions and self.under is not None:
            return self.under.spot(column)
        return self.spot_of_cell(self.positions[column]) if column in self.positions else self.whole

    def separator_at(self, column: str) -> str:
        """Return the separator of the file in which the cell under ``column`` stands."""
        if column not in self.positions and self.under is not None:
            return self.under.separator_at(column)
        return self.separator

    @property
    def whole(self) -> Spot:
        """The first line of the record, without a mark."""
        return Spot(self.file, self.line, 0, 0, self.lines[0])

    def spot_of_cell(self, position: int) -> Spot:
        """Return where cell number ``position`` (from 0) stands."""
        raw = "".join(self.lines)
        start, end = list(_cell_bounds(raw, self.separator))[position]
        n_before, column = 0, start
        while column >= len(self.lines[n_before]) and n_before + 1 < len(self.lines):
            column -= len(self.lines[n_before])
            n_before += 1
        line = self.lines[n_before].rstrip("\r\n")
        width = max(1, min(end - start, len(line) - column))
        return Spot(self.file, self.line + n_before, column + 1, width, line)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one file that could be split.

    ``is_complete``: every required column is there. ``is_whole``: every record below the header is among the
    rows. ``has_records``: there are such records.
    """

    rows: tuple[Row, ...]
    is_complete: bool
    is_whole: bool
    has_records: bool


def read_table(folder: Path, shape: Shape, findings: Findings) -> Table | None:
    """Read the file of ``shape`` in ``folder``; None where its text or its records cannot be read at all."""
    text = read_text(folder / shape.file, findings)
    if text is None:
        return None
    lines = tuple(io.StringIO(text, newline=""))
    separator = _find_separator(lines, shape)
    if separator != ",":
        findings.note(f"{shape.file}: {_SEPARATOR_NAMES[separator]} taken as the separator")
    n_before = findings.n_faults
    records = [record for record in _split(shape.file, lines, separator, findings) if any(record[1])]
    if not records:
        return None
    is_split = findings.n_faults == n_before
    header = _read_header(records[0], shape, findings)
    data = tuple(_without_hashtags(records[1:], shape, findings))
    n_written = len(records[0][1])
    rows = tuple(_read_rows(data, header, n_written, findings)) if header else ()
    is_complete = set(shape.required) <= set(header)
    return Table(rows, is_complete, is_split and len(rows) == len(data), bool(data))


_Record = tuple[Row, list[str]]


def _find_separator(lines: Sequence[str], shape: Shape) -> str:
    """Return the separator under which the first line with text names the most columns of ``shape``."""
    first = next(line for line in lines if line.strip(" \t\r\n,;"))

    def n_named(separator: str) -> tuple[int, int]:
        cells = [cell.strip(' "\r\n') for cell in first.split(separator)]
        return sum(cell in shape.columns for cell in cells), len(cells)

    return max(_SEPARATOR_NAMES, key=n_named)


def _split(file: str, lines: Sequence[str], separator: str, findings: Findings) -> Iterator[_Record]:
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True)
    while True:
        first = reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            spot = Spot(file, first + 1, 0, 0, lines[min(first, len(lines) - 1)])
            _report_quotes(spot, error, findings)
            return
        stripped = [cell.strip() for cell in cells]
        row = Row(file, first + 1, 0, tuple(lines[first : reader.line_num]), separator)
        if stripped != cells or (f"{separator} " in row.lines[0] and '"' not in row.lines[0]):
            findings.note(f"{file}: blanks round cells were dropped", f"line {row.line}")
        yield row, stripped


def _report_quotes(spot: Spot, error: csv.Error, findings: Findings) -> None:
    message = "a quote is opened in this row and never closed"
    if "expected after" in str(error):
        message = "a quoted cell of this row goes on behind its closing quote"
    elif "limit" in str(error):
        message = f"a cell has more than {csv.field_size_limit()} characters: a quote may be open"
    hint = 'a quote inside a quoted cell is written twice: "the ""old"" camp"'
    findings.fault("csv-quotes", spot, message, hint)


def _without_hashtags(
    records: Sequence[_Record], shape: Shape, findings: Findings
) -> Iterator[tuple[Row, list[str]]]:
    """Pass records on without an HXL hashtag row."""
    for at, (row, cells) in enumerate(records):
        if at == 0 and all(cell.startswith("#") for cell in cells if cell):
            findings.note(f"{shape.file}: HXL row skipped", f"line {row.line}")
        else:
            yield row, cells


def _read_header(record: _Record, shape: Shape, findings: Findings) -> dict[str, int]:
    row, cells = record
    header: dict[str, int] = {}
    for position, name in enumerate(cells):
        if not name:
            continue
        if name not in shape.columns:
            _report_unknown_column(row.spot_of_cell(position), name, shape, findings)
        elif name in header:
            spot = row.spot_of_cell(position)
            findings.fault("column-twice", spot, f"column '{name}' is there twice", "delete one of the two")
        header.setdefault(name, position)
    missing = [column for column in shape.required if column not in header]
    for column in missing:
        known = ", ".join(shape.required)
        findings.fault("column-missing", row.whole, f"column '{column}' is missing; needed are {known}")
    return header


def _report_unknown_column(spot: Spot, name: str, shape: Shape, findings: Findings) -> None:
    hint = did_you_mean(name, shape.columns) or f"columns of {shape.file}: {', '.join(shape.columns)}"
    findings.fault("column-unknown", spot, f"'{name}' is not a column of {shape.file}", hint)


def _read_rows(
    records: Sequence[_Record], header: dict[str, int], n_written: int, findings: Findings
) -> Iterator[Row]:
    """Yield the rows that fit the header, which has ``n_written`` cells, blank ones at its end included."""
    named = set(header.values())
    n_columns = max(named) + 1
    for number, (row, cells) in enumerate(records, start=2):
        stray = next((at for at, cell in enumerate(cells) if cell and at not in named), None)
        if len(cells) > n_written or len(cells) < n_columns:
            message = f"the row has {len(cells)} cells; the header has {n_written}"
            findings.fault("row-cells", row.whole, message, _cells_hint(row, too_many=len(cells) > n_written))
        elif stray is not None:
            message = f"'{cells[stray]}' stands in a column without a name"
            findings.fault("row-cells", row.spot_of_cell(stray), message, "name the column or clear the cell")
        else:
            texts = {name: cells[position] for name, position in header.items()}
            yield Row(row.file, row.line, number, row.lines, row.separator, texts, header)


def _cells_hint(row: Row, *, too_many: bool) -> str:
    if too_many:
        return f"a cell with '{row.separator}' in it needs quotes round it"
    return f"a blank cell needs its '{row.separator}' as well"


def _cell_bounds(raw: str, separator: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each cell of a record as written, quotes included, blanks round it not."""
    unquoted = f"[^{re.escape(separator)}\r\n]*"
    cell = re.compile(f' *(?P<cell>"(?:[^"]|"")*"{unquoted}|{unquoted})')
    at = 0
    while match := cell.match(raw, at):
        start = match.start("cell")
        yield start, start + len(match["cell"].rstrip())
        at = match.end() + 1
        if at > len(raw) or raw[at - 1] != separator:
            return
