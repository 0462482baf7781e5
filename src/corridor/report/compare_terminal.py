"""What-ifs on a terminal of 80 columns: what is changed, what that does, and a table of where it matters.

Everything is printed through the console that is passed in, which knows whether there is colour and what it
can encode.
"""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from corridor.ensemble.compare import Comparison
from corridor.report.compare_words import (
    ComparisonRow,
    comparison_rows,
    comparison_sentences,
    narrowing_sentence,
    signed,
    signed_range,
    what_if_story,
)
from corridor.report.texts import ENGLISH, Texts

#: Changes shown; the scenario has all.
_MOST_CHANGES = 8
_TITLE_WIDTH = 20


def show_comparison(
    comparison: Comparison, console: Console, *, date: dt.date | None = None, texts: Texts = ENGLISH
) -> None:
    """Print what differs between two forecasts.

    Parameters
    ----------
    comparison : Comparison
    console : rich.console.Console
    date : datetime.date, optional
        The day of the table, one of ``comparison.dates``; for each row its largest difference if not given.
    texts : Texts
        The language.
    """
    head = texts.compare_head.format(other=comparison.other.name, base=comparison.base.name)
    _print(console, head, "bold")
    lead = texts.compare_lead.format(
        members=comparison.n_members,
        seed=comparison.seed,
        issue=texts.full_date(comparison.dates[0]),
        horizon=texts.full_date(comparison.dates[-1]),
    )
    _print(console, lead, "dim")
    if comparison.n_members == 1:
        _print(console, texts.single_caution, "italic")
    if story := what_if_story(comparison):
        console.print()
        _print(console, story)
    console.print()
    _show_changes(comparison, console, texts)
    _print(console, texts.compare_effects, "bold")
    for sentence in comparison_sentences(comparison, texts):
        _item(console, sentence)
    console.print()
    day = None if date is None else comparison.dates.index(date)
    rows = comparison_rows(comparison, day=day, texts=texts)
    if rows:
        console.print(_table(comparison, rows, console, texts))
        note = texts.compare_note
        if date is not None:
            note = texts.compare_note_on.format(date=texts.date(date, comparison.dates[0]))
        _print(console, note, "dim")
        if narrower := narrowing_sentence(rows, texts):
            _print(console, narrower)


def _show_changes(comparison: Comparison, console: Console, texts: Texts) -> None:
    changes = comparison.changes
    if not changes:
        _print(console, texts.compare_no_changes)
    else:
        _print(console, texts.compare_changes, "bold")
    for change in changes[:_MOST_CHANGES]:
        _item(console, change)
    if len(changes) > _MOST_CHANGES:
        _item(console, texts.compare_more_changes.format(n=len(changes) - _MOST_CHANGES))
    console.print()


def _table(comparison: Comparison, rows: Sequence[ComparisonRow], console: Console, texts: Texts) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), collapse_padding=True)
    table.add_column(_text(console, texts.compare_place_head, ""), no_wrap=True, width=_TITLE_WIDTH)
    heads = (
        *(texts.compare_most, texts.compare_without, texts.compare_with),
        *(texts.compare_change, texts.compare_band, texts.compare_independent),
    )
    for head, width in zip(heads, (7, 7, 6, 6, 15, 13), strict=True):
        table.add_column(_text(console, head, ""), justify="right", no_wrap=True, width=width)
    for row in rows:
        title = row.title if len(row.title) <= _TITLE_WIDTH else row.title[: _TITLE_WIDTH - 1] + "…"
        cells = (
            title,
            texts.short_date(comparison.dates[row.day]),
            texts.compact(row.base),
            texts.compact(row.other),
            signed(row.change, texts),
            signed_range(row.band, texts),
        )
        unpaired = _text(console, signed_range(row.unpaired, texts), "dim")
        table.add_row(*(_text(console, cell, "") for cell in cells), unpaired)
    return table


def _item(console: Console, words: str) -> None:
    """Print a line of a list; what does not fit goes on indented."""
    lines = textwrap.wrap(words, console.width - 4, break_on_hyphens=False) or [""]
    _print(console, "\n".join(f"{'  ' if at else '- '}{line}" for at, line in enumerate(lines)))


def _print(console: Console, words: str, style: str = "") -> None:
    console.print(_text(console, words, style))


def _text(console: Console, words: str, style: str) -> Text:
    return Text(_ascii(words) if console.options.ascii_only else words, style=style)


def _ascii(words: str) -> str:
    signs = str.maketrans({"–": "-", "−": "-", "“": '"', "”": '"', "’": "'", "…": ".."})
    return words.translate(signs).encode("ascii", "replace").decode("ascii")
