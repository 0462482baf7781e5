"""A sensitivity study on a terminal of 80 columns: the sentences, then a table with a bar for each quantity.

Everything is printed through the console that is passed in, which knows whether there is colour and what it
can encode.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from corridor.ensemble.sensitivity.result import Line, Sensitivity
from corridor.report.sensitivity_words import Worded, index_words, percent, percents
from corridor.report.texts import ENGLISH

_WIDTH = 80
_NAME, _CLAIMS, _SHARE, _INTERVAL, _BAR, _BAND, _INDEX = 25, 6, 6, 7, 8, 12, 6
_ASCII = str.maketrans({"━": "=", "─": "-", "–": "-", "“": '"', "”": '"', "…": ".", "±": "~", "\u00a0": " "})


def show_sensitivity(
    result: Sensitivity, console: Console, *, files: Sequence[tuple[str, Path]] = ()
) -> None:
    """Print a study; ``files`` are those that were written, with what they are."""
    worded = Worded(result, ENGLISH)
    _print(console, ENGLISH.worth_outcome.format(outcome=result.outcome), "bold")
    _print(console, f"{result.title}; issued {result.issue_date}.", "dim")
    _wrapped(console, worded.band_now())
    for number, sentence in enumerate(worded.sentences()):
        _print(console, "")
        _wrapped(console, sentence, "bold" if number == 0 else "")
    if result.low < result.high:
        _table(worded, console)
    _print(console, "")
    _wrapped(console, worded.design(), "dim")
    for what, path in files:
        _print(console, f"{what + ':':<9} {path}")


def _table(worded: Worded, console: Console) -> None:
    result = worded.result
    quantities = result.quantities
    shown = [line for line in quantities if line.indices is not None]
    widest = max([line.worth.share for line in result.lines if line.worth] + [1e-9])
    _print(console, "")
    _print(console, f"{'share of variance':>{_WIDTH}}", "dim")
    head = (
        f"{'quantity':<{_NAME}}{'claims':>{_CLAIMS}}{'narrows by':>{_SHARE + _INTERVAL + 1}} "
        f"{'':<{_BAR}}{'band then':>{_BAND}}{'alone':>{_INDEX + 1}}{'in all':>{_INDEX + 1}}"
    )
    _print(console, head, "dim")
    for line in shown:
        _print(console, _row(worded, line, widest), "bold" if line in (result.best,) else "")
    if len(quantities) > len(shown):
        rest = len(quantities) - len(shown)
        _print(console, f"and {rest} less telling ones in sensitivity.csv", "dim")
    for line in result.lines:
        if line.kind != "quantity":
            _print(console, _row(worded, line, widest), "cyan")
    _print(console, "")
    _wrapped(
        console,
        "narrows by: what knowing the quantity would take off the width of the band, on average, with a 90 % "
        "interval. Share of the variance: of the quantity alone, and with all it acts together with (Sobol "
        "indices of first and total order; half-widths of their 90 % intervals in sensitivity.csv). "
        "docs/sensitivity.md has the method.",
        "dim",
    )


def _row(worded: Worded, line: Line, widest: float) -> str:
    name = line.title if len(line.title) <= _NAME - 1 else f"{line.title[: _NAME - 2]}…"
    claims = str(line.n_claims) if line.n_claims else ""
    worth = line.worth
    share = f"{percent(worth.share)} %" if worth else ""
    interval = percents(worth.share_low, worth.share_high) if worth else ""
    bar = "━" * round(_BAR * max(worth.share, 0.0) / widest) if worth else ""
    band = worded.short_band(worth.low, worth.high) if worth else ""
    found = line.indices
    first, total = (index_words(found.first), index_words(found.total)) if found else ("", "")
    return (
        f"{name:<{_NAME}}{claims:>{_CLAIMS}}{share:>{_SHARE}} {interval:>{_INTERVAL}} {bar:<{_BAR}}"
        f"{band:>{_BAND}}{first:>{_INDEX + 1}}{total:>{_INDEX + 1}}"
    ).rstrip()


def _wrapped(console: Console, text: str, style: str = "") -> None:
    for line in textwrap.wrap(text, _WIDTH):
        _print(console, line, style)


def _print(console: Console, text: str, style: str = "") -> None:
    if console.options.ascii_only:
        text = text.translate(_ASCII).encode("ascii", "replace").decode("ascii")
    console.print(Text(text, style=style), soft_wrap=True)
