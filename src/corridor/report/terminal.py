"""A forecast on a terminal of 80 columns: sentences, the table with a curve for each site, the files.

Everything is printed through the console that is passed in, which knows whether there is colour and what it
can encode.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from corridor.ensemble.forecast import Forecast
from corridor.report.digest import Digest, make_digest
from corridor.report.planning import PlanningRow, PlanningTable, planning_table
from corridor.report.texts import ENGLISH, Texts
from corridor.report.words import statements

#: Sites shown; the files hold all.
MOST_SITES = 12
#: Changes of a what-if shown; `corridor check` lists all.
MOST_CHANGES = 3
_CURVE_WIDTH = 20  # characters
_BLOCKS = "▁▂▃▄▅▆▇█"
_ASCII_BLOCKS = "_.-=+*%#"
_LOUD = {"headline": "bold", "caution": "italic", "terms": "dim"}


def show(
    forecast: Forecast | Digest,
    console: Console,
    *,
    files: Mapping[str, Path] | None = None,
    texts: Texts = ENGLISH,
) -> None:
    """Print a forecast.

    Parameters
    ----------
    forecast : Forecast or Digest
    console : rich.console.Console
    files : mapping, optional
        What was written, by what it is: ``{"Report": Path("out/report.html")}``.
    texts : Texts
        The language.
    """
    digest = forecast if isinstance(forecast, Digest) else make_digest(forecast)
    _print(console, Text(digest.scenario.title, style="bold"))
    issue, horizon = texts.full_date(digest.dates[0]), texts.full_date(digest.dates[-1])
    _print(console, Text(texts.issued.format(issue=issue, horizon=horizon), style="dim"))
    what_if = digest.scenario.what_if
    if what_if is not None:
        changes = [*what_if.changes[:MOST_CHANGES]]
        if len(what_if.changes) > MOST_CHANGES:
            changes.append(texts.compare_more_changes.format(n=len(what_if.changes) - MOST_CHANGES))
        words = texts.what_if_line.format(base=what_if.extends[-1], changes="; ".join(changes))
        _print(console, Text(words))
    console.print()
    for statement in statements(digest, texts):
        _print(console, Text(statement.text, style=_LOUD.get(statement.topic, "")))
    console.print()
    _show_table(digest, console, texts)
    _print(console, Text(texts.terminal_must_not, style="dim"))
    for what, path in (files or {}).items():
        console.print(Text(f"{what}: {path}"), soft_wrap=True)


def _print(console: Console, text: Text) -> None:
    """Print a text, without the signs that the console cannot encode."""
    if console.options.ascii_only:
        text = Text(_plain_ascii(text.plain), style=text.style)
    console.print(text)


def _plain_ascii(text: str) -> str:
    signs = str.maketrans({"–": "-", "“": '"', "”": '"', "’": "'"})
    return text.translate(signs).encode("ascii", "replace").decode("ascii")


def _show_table(digest: Digest, console: Console, texts: Texts) -> None:
    table = planning_table(digest)
    if not table.sites:
        return _print(console, Text(texts.terminal_no_sites))
    shown = table.sites[:MOST_SITES]
    top = max(float(np.quantile(digest.present[:, :, site.row], 0.5, axis=0).max()) for site in shown)
    console.print(_rich_table(digest, table, shown, top, console.options.ascii_only, texts))
    if len(table.sites) > len(shown):
        _print(console, Text(texts.terminal_more.format(n=len(table.sites) - len(shown)), style="dim"))
    dates = [texts.short_date(digest.dates[day]) for day in (0, -1)]
    note = texts.terminal_note.format(start=dates[0], end=dates[1], top=texts.number(top))
    _print(console, Text(note, style="dim"))
    console.print()


def _rich_table(
    digest: Digest,
    table: PlanningTable,
    shown: Sequence[PlanningRow],
    top: float,
    is_ascii: bool,
    texts: Texts,
) -> Table:
    made = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), collapse_padding=True)
    made.add_column(texts.table_site, no_wrap=True, width=_CURVE_WIDTH)
    made.add_column(texts.terminal_now, justify="right", no_wrap=True)
    for expected in table.all_sites.expected:
        made.add_column(texts.short_date(expected.date), justify="right", no_wrap=True)
    made.add_column(texts.terminal_room, justify="right", no_wrap=True)
    made.add_column(texts.terminal_full, justify="right", no_wrap=True)
    for site in shown:
        middle = np.median(digest.present[:, :, site.row], axis=0)
        made.add_row(*_cells(site, Text(sparkline(middle.tolist(), top, is_ascii), "blue"), is_ascii, texts))
    for name, row in ((texts.table_all_sites, table.all_sites), (texts.table_hosts, table.hosts)):
        made.add_row(*_cells(row, Text(""), is_ascii, texts, name))
    return made


def _cells(site: PlanningRow, curve: Text, is_ascii: bool, texts: Texts, name: str = "") -> list[Text]:
    def two_lines(first: str, second: str) -> Text:
        lines = (_plain_ascii(first), _plain_ascii(second)) if is_ascii else (first, second)
        return Text.assemble(lines[0], "\n", (lines[1], "dim"))

    title = name or site.name
    title = title if len(title) <= _CURVE_WIDTH else title[: _CURVE_WIDTH - 1] + "…"
    room = "" if site.capacity is None else texts.compact(site.capacity)
    half = (
        texts.short_date(site.half_full_on)
        if site.half_full_on
        else ("" if site.chance_full is None else texts.table_never)
    )
    chance = "" if site.chance_full is None else texts.short_share(site.chance_full)
    expected = [two_lines(texts.compact(at.p50), texts.compact_range(at.p10, at.p90)) for at in site.expected]
    first = Text.assemble(_plain_ascii(title) if is_ascii else title, "\n", curve)
    return [first, Text(texts.compact(site.now)), *expected, Text(room), two_lines(half, chance)]


def sparkline(values: Sequence[float], top: float, is_ascii: bool = False, width: int = _CURVE_WIDTH) -> str:
    """Return values as a line of blocks, 0 to ``top``, at most ``width`` characters; 0 is a space.

    >>> sparkline([0, 1, 4, 8], top=8)
    ' ▁▄█'
    """
    blocks = _ASCII_BLOCKS if is_ascii else _BLOCKS
    picked = (
        [values[round(i * (len(values) - 1) / (width - 1))] for i in range(width)]
        if len(values) > width
        else values
    )
    levels = [0 if top <= 0 else min(len(blocks), -int(-value * len(blocks) // top)) for value in picked]
    return "".join(blocks[level - 1] if level > 0 else " " for level in levels)
