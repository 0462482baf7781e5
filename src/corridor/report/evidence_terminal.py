"""The ledger on a terminal of 80 columns: for each quantity who says what, on one axis, and what it comes to.

A claim takes two lines: who, grade, weight in the pool, figure and a bar on the axis; below, when it was
said, as what and through whom. Then the pool, and what the scenario makes of the quantity. Everything is
printed through the console that is passed in, which knows whether there is colour and what it can encode.
"""

from __future__ import annotations

import datetime as dt
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from corridor.ensemble.sample import quantile
from corridor.evidence.chains import carriers
from corridor.evidence.ledger import Assumption, Entry, Ledger
from corridor.evidence.pool import Pooled
from corridor.evidence.quantities import Believed, Quantity
from corridor.evidence.units import claim_unit_fits, read_unit
from corridor.scenario.model import Claim, Prior

_WIDTH = 80
_NAME, _GRADE, _WEIGHT, _AXIS = 27, 2, 5, 26  # columns; figures take what is left
_INDENT = "  "
_BAND = 0.9
#: The share of an axis that is left free on either side.
_MARGIN = 0.04
_ASCII = str.maketrans(
    {"━": "=", "─": "-", "●": "*", "▶": ">", "◀": "<", "┄": ".", "·": ".", "–": "-", "│": "|"}
)


@dataclass(frozen=True, slots=True)
class Axis:
    """The values that the columns of the bars stand for."""

    low: float
    high: float
    columns: int = _AXIS

    def column(self, value: float) -> int:
        """Return the column of a value, the first or the last where it lies outside."""
        share = (value - self.low) / (self.high - self.low)
        return min(max(int(share * self.columns), 0), self.columns - 1)

    def bar(self, low: float | None, high: float | None, mark: str = "━") -> str:
        """Return a bar from low to high; ``●`` for a single value, an arrow where an end is open."""
        cells = [" "] * self.columns
        ends = [end for end in (low, high) if end is not None]
        first, last = self.column(min(ends)), self.column(max(ends))
        for at in range(first, last + 1):
            cells[at] = mark
        if low == high:
            cells[first] = "●"
        if high is None:
            cells[first : first + 2] = [mark, "▶"][: self.columns - first]
        if low is None:
            cells[max(last - 1, 0) : last + 1] = ["◀", mark][-(last + 1) :]
        return "".join(cells).rstrip()


def show_ledger(
    ledger: Ledger, pools: Mapping[str, Pooled], console: Console, *, until: dt.date | None = None
) -> None:
    """Print the whole ledger; ``pools`` are those of `corridor.evidence.ledger.pool_ledger`."""
    shown = _Shown(console, ledger.scenario.household_size, pools)
    scenario = ledger.scenario
    shown.text(scenario.title, "bold")
    known = f"what was said by {until}" if until else f"issued {scenario.issue_date}"
    shown.text(f"Who said what: {ledger.n_claims} claims, {known}.", "dim")
    shown.heading("Quantities of the scenario")
    for entry in ledger.quantities:
        shown.entry(entry)
    if not ledger.quantities:
        shown.text("No claim is about a quantity of the scenario.")
    shown.listing("What others expected (not inputs; to be scored like any forecast)", ledger.outcomes)
    shown.listing("Said in plain words (not pooled)", ledger.words)
    shown.assumptions(ledger.assumptions)
    shown.legend()


def show_entry(ledger: Ledger, entry: Entry, pools: Mapping[str, Pooled], console: Console) -> None:
    """Print one quantity in full, with the notes of its claims."""
    shown = _Shown(console, ledger.scenario.household_size, pools, is_full=True)
    if entry.quantity.kind in ("quantity", "set"):
        shown.entry(entry)
        shown.legend()
    else:
        shown.listing("Not an input of the scenario", (entry,))


def show_assumption(assumption: Assumption, console: Console) -> None:
    """Print a prior that no claim is about."""
    shown = _Shown(console, 1.0, {}, is_full=True)
    shown.text(f"prior {assumption.name}", "bold")
    shown.text(f"No claim gives a figure. The scenario takes {prior_in_words(assumption.prior)}.")
    shown.wrapped(assumption.reason or "No reason is stated.", _INDENT)


@dataclass(frozen=True, slots=True)
class _Shown:
    console: Console
    household_size: float
    pools: Mapping[str, Pooled]
    is_full: bool = False

    def text(self, text: str, style: str = "") -> None:
        if self.console.options.ascii_only:
            text = text.translate(_ASCII).encode("ascii", "replace").decode("ascii")
        self.console.print(Text(text, style=style), soft_wrap=True)

    def wrapped(self, text: str, indent: str, style: str = "") -> None:
        for line in textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent):
            self.text(line, style)

    def heading(self, text: str) -> None:
        self.text("")
        self.text(text, "bold underline")

    def entry(self, entry: Entry) -> None:
        """Print one quantity: its axis, its claims, the pool and what the scenario makes of it."""
        pooled = self.pools.get(entry.quantity.name)
        bands = [(believed, _band(believed)) for believed in entry.quantity.believed]
        self.text("")
        self.text(entry.quantity.name, "bold")
        axis = _axis(pooled, [band for _, band in bands if band])
        if axis:
            self._scale(axis, entry.quantity)
        for claim in entry.claims:
            self._claim(claim, entry.quantity, pooled, axis)
        if pooled and axis:
            self._pooled(pooled, axis)
        if len(bands) > 1 or entry.quantity.kind == "set":
            self.text(f"{_INDENT}the scenario has", "green")
        for believed, band in bands:
            self._believed(believed, band, entry.quantity, axis)
        for claim in entry.bearing:
            self._aside("bears on it", claim)
        if entry.named_by:
            names = [
                name for name in dict.fromkeys(use.label for use in entry.named_by) if ".csv:" not in name
            ]
            more = f" and {len(names) - 4} more" if len(names) > 4 and not self.is_full else ""
            self.wrapped(
                f"also used by: {', '.join(names if self.is_full else names[:4])}{more}", _INDENT, "dim"
            )

    def _scale(self, axis: Axis, quantity: Quantity) -> None:
        left, right = (_number(end, quantity.unit) for end in (axis.low, axis.high))
        unit = "" if quantity.unit == "date" else quantity.unit
        blank = " " * max(axis.columns - len(left) - len(right), 1)
        head = self._row("", "", "", unit, "").rstrip()
        self.text(f"{head:<{_WIDTH - axis.columns}}{left}{blank}{right}", "dim")

    def _row(self, name: str, grade: str, weight: str, figure: str, bar: str) -> str:
        """Return a line of the table; a long figure takes room from what stands before it."""
        name = name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
        left = f"{name:<{_NAME}} {grade:<{_GRADE}} {weight:>{_WEIGHT}}".rstrip()
        before_axis = _WIDTH - _AXIS - 1
        left = left[: before_axis - len(figure) - 1]
        return f"{left}{figure:>{before_axis - len(left)}} {bar}".rstrip()

    def _claim(self, claim: Claim, quantity: Quantity, pooled: Pooled | None, axis: Axis | None) -> None:
        weight, why = _weight(claim, pooled)
        grade = f"{claim.reliability}{claim.credibility}"
        ends = _ends(claim, quantity, self.household_size)
        bar = axis.bar(*ends, "━" if weight else "┄") if axis and ends else ""
        figure = _claim_figure(claim, quantity, ends)
        self.text(self._row(f"{_INDENT}{claim.source}", grade, weight or "-", figure, bar))
        self._how(claim, why)

    def _how(self, claim: Claim, why: str = "") -> None:
        through = "".join(f" > {carrier}" for carrier in carriers(claim))
        parts = [_day(claim.said_on), claim.kind, *([why] if why else [])]
        line = f"{', '.join(parts)}{f'; through{through[2:]}' if through else ''}"
        for row in self._fitting(line):
            self.text(f"{_INDENT * 2}{row}", "dim")
        if self.is_full and claim.note:
            self.wrapped(claim.note, _INDENT * 2, "dim")

    def _fitting(self, line: str) -> list[str]:
        room = _WIDTH - 2 * len(_INDENT)
        if self.is_full:
            return textwrap.wrap(line, room)
        return [line if len(line) <= room else f"{line[: room - 1]}…"]

    def _pooled(self, pooled: Pooled, axis: Axis) -> None:
        low, high = pooled.band(_BAND)
        bar = list(axis.bar(low, high, "─"))
        bar[axis.column(pooled.quantile(0.5))] = "│"
        label = f"{_INDENT}together, 90 % band"
        figure = _range(low, high, pooled.quantity.unit)
        self.text(self._row(label, "", "", figure, "".join(bar)), "cyan")
        middle = _number(pooled.quantile(0.5), pooled.quantity.unit)
        rule = {"linear": "linear pool", "log": "logarithmic pool"}[pooled.method]
        sd = (
            f"{pooled.sd:.1f} days"
            if pooled.quantity.unit == "date"
            else _number(pooled.sd, pooled.quantity.unit)
        )
        self.text(f"{_INDENT * 2}{rule}: median {middle}, standard deviation {sd}", "dim")

    def _believed(
        self, believed: Believed, band: tuple[float, float] | None, quantity: Quantity, axis: Axis | None
    ) -> None:
        is_alone = len(quantity.believed) == 1 and quantity.kind != "set"
        name = re.sub(r"^(population|capacity|people) of ", "", believed.label)
        label = f"{_INDENT}the scenario" if is_alone else f"{_INDENT}= {name}"
        figure = _range(*band, quantity.unit) if band else "no limit"
        bar = axis.bar(*band, "━") if axis and band else ""
        self.text(self._row(label, "", "", figure, bar), "green")
        reason = believed.reason or "no reason is stated"
        if self.is_full:
            self.wrapped(reason, _INDENT * 2, "dim")
        else:
            self.text(f"{_INDENT * 2}{_first_words(reason, _WIDTH - 4)}", "dim")

    def _aside(self, what: str, claim: Claim) -> None:
        figure = _own_figure(claim)
        grade = f"{claim.reliability}{claim.credibility}"
        self.text(self._row(f"{_INDENT}{claim.source}", grade, "-", figure, what))
        self._how(claim)

    def listing(self, head: str, entries: Sequence[Entry]) -> None:
        """Print entries that are no inputs: one line a claim under the words."""
        if not entries:
            return
        self.heading(head)
        for entry in entries:
            self.text(entry.quantity.name)
            for claim in entry.claims:
                figure = _own_figure(claim)
                who = " > ".join((claim.source, *carriers(claim)))
                grade = f"{claim.reliability}{claim.credibility}"
                line = f"{_INDENT}{figure:<20} {claim.said_on} {grade} {who}"
                if self.is_full:
                    self.wrapped(line, _INDENT)
                    self.wrapped(claim.note, _INDENT * 2, "dim")
                else:
                    self.text(line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…", "dim")

    def assumptions(self, assumptions: Sequence[Assumption]) -> None:
        """Print the priors that no claim is about, one line each."""
        if not assumptions:
            return
        self.heading("Priors that rest on a stated reason, not on a figure anybody gave")
        for assumption in assumptions:
            label = assumption.name if len(assumption.name) <= 24 else f"{assumption.name[:23]}…"
            line = f"{label:<24} {prior_in_words(assumption.prior):<24} "
            reason = (assumption.reason or "no reason is stated").removeprefix("Assumption: ")
            self.text(f"{line}{_first_words(reason, _WIDTH - len(line))}", "dim")

    def legend(self) -> None:
        """Say what the signs mean."""
        self.text("")
        self.wrapped(
            "Grade: reliability of who said it (A-F), credibility of what was said (1-6). Next to it the "
            "weight in the pool. ━ a range, ● a single figure, ▶ at least, ◀ up to, │ median. "
            "docs/evidence.md has the rule.",
            "",
            "dim",
        )


def prior_in_words(prior: Prior) -> str:
    """Return the central 90 % of a prior with its unit; a single number where it is fixed."""
    ends = quantile(prior, (1 - _BAND) / 2), quantile(prior, (1 + _BAND) / 2)
    unit = "" if prior.unit in ("date", "1", "") else f" {prior.unit}"
    return f"{_range(*ends, prior.unit)}{unit}"


def _band(believed: Believed) -> tuple[float, float] | None:
    """Return the central 90 % of what the scenario believes; a fixed number twice; None for no limit."""
    if believed.prior:
        return quantile(believed.prior, (1 - _BAND) / 2), quantile(believed.prior, (1 + _BAND) / 2)
    return None if believed.value is None else (believed.value, believed.value)


def _axis(pooled: Pooled | None, bands: Sequence[tuple[float, float]]) -> Axis | None:
    """Return an axis that holds every figure, the pool's 90 % and the scenario's bands."""
    ends = [end for band in bands for end in band]
    if pooled:
        ends += [*pooled.band(_BAND), *(end for voice in pooled.voices for end in (voice.low, voice.high))]
    if not ends or min(ends) == max(ends) == 0.0:
        return None
    low, high = min(ends), max(ends)
    margin = (high - low) * _MARGIN or abs(high) * _MARGIN
    if 0.0 <= low < 0.4 * high:
        return Axis(0.0, high + margin)
    return Axis(low - margin, high + margin)


def _ends(
    claim: Claim, quantity: Quantity, household_size: float
) -> tuple[float | None, float | None] | None:
    """Return what a claim says in the quantity's unit, None where it gives no figure in a unit that fits."""
    unit = read_unit(claim.unit, household_size)
    if unit is None or not claim_unit_fits(unit.kept_in, quantity.unit):
        return None
    if claim.low is None and claim.high is None:
        return None
    shift = 0.0
    if quantity.unit == "date" and unit.kept_in == "day":
        shift = float(claim.said_on.toordinal())
    low, high = (None if end is None else end * unit.factor + shift for end in (claim.low, claim.high))
    return low, high


def _weight(claim: Claim, pooled: Pooled | None) -> tuple[str, str]:
    """Return the weight of a claim in the pool, "" for none, and why it has none."""
    if pooled is None:
        return "", ""
    for voice in pooled.voices:
        if voice.claim is claim:
            return f"{100 * voice.weight:.0f} %", ""
    for other, why in pooled.unused:
        if other is claim:
            return "", why
    return "", "repeats another"


def _claim_figure(claim: Claim, quantity: Quantity, ends: tuple[float | None, float | None] | None) -> str:
    if ends is None:
        return _own_figure(claim)
    low, high = ends
    if low is None or high is None:
        end, word = (low, "from") if low is not None else (high, "up to")
        return f"{word} {_number(end or 0.0, quantity.unit)}"
    return _range(low, high, quantity.unit)


def _own_figure(claim: Claim) -> str:
    """Return what a claim says in its own unit."""
    if claim.low is None and claim.high is None:
        return "no figure"
    ends = [_number(end, "") for end in (claim.low, claim.high) if end is not None]
    words = "–".join(dict.fromkeys(ends))
    words = f"from {words}" if claim.high is None else f"up to {words}" if claim.low is None else words
    return f"{words} {claim.unit}".strip()


def _range(low: float, high: float, unit: str) -> str:
    ends = _number(low, unit), _number(high, unit)
    if ends[0] == ends[1]:
        return ends[0]
    if unit == "date" and ends[0][-3:] == ends[1][-3:]:
        return f"{ends[0][:-3]}–{ends[1]}"
    if unit != "date" and ends[0].endswith(("k", "M")) and ends[0][-1] == ends[1][-1]:
        return f"{ends[0][:-2]}–{ends[1]}"
    return f"{ends[0]}–{ends[1]}"


def _number(value: float, unit: str) -> str:
    """Return a number short enough for a table: 8,400, 85 k, 1.2 M, 0.47, 24 Oct 16 for a date."""
    if unit == "date":
        return _day(dt.date.fromordinal(round(value)))
    if abs(value) >= 999_500:
        return f"{value / 1e6:.3g} M"
    if abs(value) >= 9_999.5:
        return f"{value / 1e3:.3g} k"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2g}"


def _day(day: dt.date) -> str:
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{day.day} {months[day.month - 1]} {day.year % 100:02}"


def _first_words(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: max(room - 1, 0)].rstrip()}…"
