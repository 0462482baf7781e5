"""Tables as an XLSX workbook: sheets of plain cells in, one file out, the same bytes for the same sheets.

XlsxWriter writes the format; this module says what a sheet of ours looks like: a line above the header, the
header and the first column in view, filters, page set-up. Every text is a text, whatever it looks like: no
cell is a formula. Knows no forecast.
"""

from __future__ import annotations

import datetime as dt
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Value = str | float | int | dt.date | None

#: Number formats of columns; TEXT stands for words.
TEXT = "@"
DAY = "yyyy-mm-dd"
PEOPLE = "#,##0"
AMOUNT = "#,##0.###"
SHORT = "0.###"
SHARE = "0%"
_FORMATS = (DAY, PEOPLE, AMOUNT, SHORT, SHARE)

_LONGEST_TEXT = 32_000  # characters; a cell holds 32,767
_NOT_PRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: With these a spreadsheet would take a text that somebody edits for a formula.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_DAY_0 = dt.date(1899, 12, 30)
_A4 = 9
_COVER_WIDTHS = (28, 100)  # characters
_LINE_POINTS = 15  # height of a line
#: Share of a column's width that words fill, where the font is wider than the one the widths are made for.
_FIT = 0.9
_GREY = "#E6E6E6"


@dataclass(frozen=True)
class Column:
    """One column: its title, its width in characters, and the format of its numbers, or `TEXT`."""

    title: str
    width: int
    form: str = TEXT


@dataclass(frozen=True)
class Sheet:
    """A table with a line above its header; the header and the first column stay in view."""

    name: str  # at most 31 characters, without : \\ / ? * [ ]
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    lead: str = ""


@dataclass(frozen=True)
class Cover:
    """A sheet of labels and words under a title."""

    name: str
    title: str
    lines: Sequence[tuple[str, str]]


def write_workbook_file(
    path: Path, cover: Cover, sheets: Iterable[Sheet], *, creator: str, created: dt.date
) -> None:
    """Write a workbook to ``path``.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    book = Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    stamp = dt.datetime.combine(created, dt.time())
    book.set_properties({"title": _clean(cover.title), "author": _clean(creator), "created": stamp})
    styles = _Styles(book)
    _write_cover(book, cover, styles)
    for sheet in sheets:
        _write_sheet(book, sheet, styles)
    try:
        book.close()
    except FileCreateError as error:
        raise error.args[0] if isinstance(error.args[0], OSError) else OSError(str(error)) from error


class _Styles:
    """The looks of cells, made once for each workbook."""

    def __init__(self, book: Any) -> None:
        head = {"bold": True, "bg_color": _GREY, "text_wrap": True, "valign": "bottom"}
        self.plain = book.add_format()
        self.quoted = book.add_format({"quote_prefix": True})
        self.title = book.add_format({"bold": True, "font_size": 16})
        self.label = book.add_format({"bold": True, "valign": "top"})
        self.wrapped = book.add_format({"valign": "top", "text_wrap": True})
        self.head_left = book.add_format({**head, "align": "left"})
        self.head_right = book.add_format({**head, "align": "right"})
        self.of = {form: book.add_format({"num_format": form}) for form in _FORMATS}


def _write_text(page: Any, row: int, column: int, words: str, style: Any, styles: _Styles) -> None:
    """Write a cell that holds text whatever the text looks like."""
    if style is styles.plain and words.startswith(_FORMULA_SIGNS):
        style = styles.quoted
    if words:
        page.write_string(row, column, _clean(words), style)


def _clean(words: str) -> str:
    """Return a text that a workbook can hold."""
    return _NOT_PRINTABLE.sub(" ", words)[:_LONGEST_TEXT]


def _lines(words: str, width: int) -> int:
    """Return how many lines a text takes in a column of so many characters; wide fonts are allowed for."""
    return max(1, len(textwrap.wrap(words, max(1, int(width * _FIT)))))


def _set_page(page: Any) -> None:
    """Print all columns on one page, lying."""
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.5, right=0.5, top=0.5, bottom=0.5)


def _write_cover(book: Any, cover: Cover, styles: _Styles) -> None:
    page = book.add_worksheet(cover.name)
    _set_page(page)
    for column, width in enumerate(_COVER_WIDTHS):
        page.set_column(column, column, width)
    _write_text(page, 0, 0, cover.title, styles.title, styles)
    for row, (label, words) in enumerate(cover.lines, start=1):
        page.set_row(row, _lines(words, _COVER_WIDTHS[1]) * _LINE_POINTS)
        _write_text(page, row, 0, label, styles.label, styles)
        _write_text(page, row, 1, words, styles.wrapped, styles)


def _write_sheet(book: Any, sheet: Sheet, styles: _Styles) -> None:
    page = book.add_worksheet(sheet.name)
    _set_page(page)
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, column.width)
    _write_text(page, 0, 0, sheet.lead, styles.plain, styles)
    page.set_row(1, max(_lines(column.title, column.width) for column in sheet.columns) * _LINE_POINTS)
    for at, column in enumerate(sheet.columns):
        head = styles.head_left if column.form == TEXT else styles.head_right
        _write_text(page, 1, at, column.title, head, styles)
    last = _write_rows(page, sheet, styles)
    page.freeze_panes(2, 1)
    page.autofilter(1, 0, last, len(sheet.columns) - 1)
    page.repeat_rows(0, 1)


def _write_rows(page: Any, sheet: Sheet, styles: _Styles) -> int:
    """Write the rows below the header, empty cells left out; return the last row."""
    forms = [styles.of.get(column.form, styles.plain) for column in sheet.columns]
    last = 1
    for last, row in enumerate(sheet.rows, start=2):
        for at, value in enumerate(row):
            if isinstance(value, str):
                _write_text(page, last, at, value, styles.plain, styles)
            elif isinstance(value, dt.date):
                page.write_number(last, at, (value - _DAY_0).days, forms[at])
            elif value is not None:
                page.write_number(last, at, value, forms[at])
    return last
