"""Comma-separated lines that know where they stand: file, line and, when a fault needs it, the
column of a cell.

Flee's tables have no header in the usual sense, so a line here is a list of cells by position.
Blank lines are dropped (Flee skips them too); what a spreadsheet adds around a table (a byte-order
mark, a row of commas) is dropped with a warning. `Faults` collects what is wrong and lets the
reader go on.
"""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from corridor.problems import NearestWords, Problem
from corridor.scenario.files import no_text, save_as

#: Names of Flee's own files: never what another one was meant to be.
FILE_NAMES = frozenset(
    f"{name}.csv"
    for name in (
        "locations",
        "routes",
        "closures",
        "conflicts",
        "sim_period",
        "registration_corrections",
        "data_layout",
    )
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_OTHER_SEPARATORS = {"flee-semicolons": (";", "semicolons"), "flee-tabs": ("\t", "tabs")}
BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: its cells as the reader of Flee sees them, blanks included."""

    file: str
    number: int  # from 1
    text: str
    cells: list[str]

    def span(self, cell: int) -> tuple[int, int]:
        """Return (column from 1, width) of a cell as written; a missing cell is the end of the line."""
        spans = _cell_spans(self.text)
        return spans[cell] if cell < len(spans) else (len(self.text) + 1, 0)

    @property
    def is_comment(self) -> bool:
        """True if the first cell starts with ``#``."""
        return self.cells[0].startswith("#")


def _cell_spans(text: str) -> list[tuple[int, int]]:
    spans, start, quoted = [], 0, False
    for position, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            spans.append((start + 1, position - start))
            start = position + 1
    spans.append((start + 1, len(text) - start))
    return spans


@dataclass(slots=True)
class Faults:
    """The problems and warnings found so far, in the order of reading."""

    found: list[Problem] = field(default_factory=list)
    _nearest: NearestWords = field(default_factory=NearestWords)

    def nearest(self, word: str, known: Iterable[str]) -> str:
        """Return "did you mean 'x'?", and "" for all but the first words that are looked up."""
        return self._nearest.hint(word, known)

    def add(
        self,
        code: str,
        message: str,
        *,
        line: Line | None = None,
        cell: int | None = None,
        hint: str = "",
        file: str = "",
        warning: bool = False,
    ) -> None:
        """Add a problem at a cell of a line, at a line, or at a file as a whole."""
        if line is None:
            self.found.append(Problem(code, file, 0, 0, message, hint, warning=warning))
            return
        column, width = (0, 0) if cell is None else line.span(cell)
        self.found.append(
            Problem(code, line.file, line.number, column, message, hint, line.text, width, warning)
        )

    def warn(
        self,
        code: str,
        message: str,
        *,
        line: Line | None = None,
        cell: int | None = None,
        hint: str = "",
        file: str = "",
    ) -> None:
        """Add a warning: something a planner would want to know, with what is assumed."""
        self.add(code, message, line=line, cell=cell, hint=hint, file=file, warning=True)

    @property
    def any_fatal(self) -> bool:
        """True if anything but warnings was found."""
        return self.n_fatal > 0

    @property
    def n_fatal(self) -> int:
        """How many of the problems are no warnings."""
        return sum(not problem.warning for problem in self.found)


def read_lines(path: Path, faults: Faults, *, required: bool = True) -> list[Line] | None:
    """Read a table as lines with cells; None if it is missing or is no comma-separated table.

    A file of blanks alone has no lines.
    """
    text = read_text(path, faults, required=required)
    if text is None:
        return None
    if text.startswith(BYTE_ORDER_MARK):
        text = text[1:]
        message = "begins with a byte-order mark; it is skipped, Flee takes it for part of the first name"
        faults.warn("flee-byte-order-mark", message, file=str(path), hint="save as plain UTF-8")
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for code, (separator, name) in _OTHER_SEPARATORS.items():
        if _separates(separator, rows):
            message = f"has {name} between its cells; Flee's tables are comma-separated"
            faults.add(code, message, file=str(path), hint="save as CSV with commas")
            return None
    return _split(str(path), rows, faults) if any(row.strip(" \t,") for row in rows) else []


def read_text(path: Path, faults: Faults, *, required: bool = True) -> str | None:
    """Read a UTF-8 file; a fault if it is missing (and required) or holds other bytes."""
    if path.is_dir():
        faults.add("flee-file-missing", "is a folder; a file was expected", file=str(path))
        return None
    if not path.is_file():
        if required:
            faults.add("flee-file-missing", no_file(path), file=str(path), hint=near_file(path))
        return None
    content = _content(path, faults)
    if content is None:
        return None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        message = f"the byte 0x{content[error.start]:02x} is not UTF-8"
        hint = "the file looks like Latin-1 (Windows); save it as UTF-8"
        faults.found.append(Problem("flee-encoding", str(path), *_position(before), message, hint))
        text = content.decode("latin-1")
    control = _CONTROL.search(text)
    if control is None:
        return text
    message = f"the control character 0x{ord(control[0]):02x} does not belong in a text file"
    where = _position(text[: control.start()])
    faults.found.append(Problem("flee-control-character", str(path), *where, message, "delete it"))
    return _CONTROL.sub(" ", text)


def _content(path: Path, faults: Faults) -> bytes | None:
    """Return the bytes of a file that may be a text, else None after a fault: nothing more is to be said."""
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        faults.add("flee-file-unreadable", message, file=str(path), hint="check who may read it")
        return None
    if what := no_text(content):
        faults.add("flee-encoding", f"is {what}", file=str(path), hint=save_as(path))
        return None
    return content


def _position(before: str) -> tuple[int, int]:
    """Return (line, column) of what comes after ``before``."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def no_file(path: Path) -> str:
    """Return what is there instead of a file."""
    if path.is_dir():
        return "is a folder; a file was expected"
    return "is no regular file" if path.exists() else "there is no such file"


def near_file(path: Path) -> str:
    """Return a hint naming a file of the same folder with a similar name, or ""."""
    if path.exists():
        return ""
    if not path.parent.is_dir():
        return f"there is no folder '{path.parent}' either"
    names = sorted({entry.name for entry in path.parent.iterdir() if entry.is_file()} - FILE_NAMES)
    near = difflib.get_close_matches(path.name, names, n=1, cutoff=0.8)
    return f"the folder has '{near[0]}'" if near else ""


def _separates(separator: str, rows: Iterable[str]) -> bool:
    """Return whether a character stands in the first rows where commas should."""
    sample = [row for row in rows if row.strip() and not row.startswith("#")][:5]
    return bool(sample) and all(separator in row.strip(" ") and "," not in row for row in sample)


def _split(file: str, rows: list[str], faults: Faults) -> list[Line]:
    lines = []
    for number, row in enumerate(rows, start=1):
        if '"' in row:
            lines.append(Line(file, number, row, _quoted_cells(file, number, row, faults)))
        elif row:
            lines.append(Line(file, number, row, row.split(",")))
    return lines


def _quoted_cells(file: str, number: int, row: str, faults: Faults) -> list[str]:
    """Split a row with quotation marks; one that is not closed in its line is a fault (Flee reads on)."""
    reader = csv.reader([row, ""])
    cells = next(reader)
    if reader.line_num == 1:
        return cells
    message = "a quotation mark is not closed in this line"
    column, hint = row.find('"') + 1, 'write "" for a mark inside a quoted name'
    faults.found.append(Problem("flee-quote", file, number, column, message, hint, row, 1))
    return row.replace('"', "").split(",")


@dataclass(frozen=True)
class LinesAgain:
    """The lines of a table that was read without a fault, for warnings; read again when first asked for."""

    path: Path

    @cached_property
    def _by_number(self) -> Mapping[int, Line]:
        return {line.number: line for line in read_lines(self.path, Faults()) or ()}

    def at(self, number: int) -> Line | None:
        """Return the line of a number, if it is there."""
        return self._by_number.get(number)


def data_lines(lines: Iterable[Line], faults: Faults) -> Iterator[Line]:
    """Yield the lines that hold data: no comments, no rows of empty cells; an empty first cell is a fault."""
    for line in lines:
        if line.is_comment:
            continue
        if not any(cell.strip() for cell in line.cells):
            message = "a row of empty cells; it is skipped here, Flee stops at it"
            faults.warn("flee-empty-row", message, line=line, hint="delete the line")
        elif not line.cells[0]:
            faults.add("flee-first-cell", "the first cell is empty; a name was expected", line=line, cell=0)
        else:
            yield line
