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

from corridor.evidence.ledger import Assumption, Entry, Ledger
from corridor.evidence.quantities import Believed, Quantity
from corridor.report.evidence_words import (
    BAND,
    axis_ends,
    band_of,
    claim_figure,
    ends_of,
    own_figure,
    prior_in_words,
    short_day,
    short_number,
    short_range,
    weight_of,
)
from corridor.scenario.chains import carriers
from corridor.scenario.model import Claim, Prior, Scenario
from corridor.scenario.pool import Pooled

_WIDTH = 80
_NAME, _GRADE, _WEIGHT, _AXIS = 27, 2, 5, 26  # columns; figures take what is left
_INDENT = "  "
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
    shown = _Shown(console, ledger.scenario, pools)
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
    shown = _Shown(console, ledger.scenario, pools, is_full=True)
    if entry.quantity.kind in ("quantity", "set"):
        shown.entry(entry)
        shown.legend()
    else:
        shown.listing("Not an input of the scenario", (entry,))


def show_assumption(ledger: Ledger, assumption: Assumption, console: Console) -> None:
    """Print a prior that no claim is about."""
    shown = _Shown(console, ledger.scenario, {}, is_full=True)
    shown.text(f"prior {assumption.name}", "bold")
    shown.text(
        f"No claim gives a figure. The scenario takes {prior_in_words(assumption.prior, shown.priors)}."
    )
    shown.wrapped(assumption.reason or "No reason is stated.", _INDENT)


@dataclass(frozen=True, slots=True)
class _Shown:
    console: Console
    scenario: Scenario
    pools: Mapping[str, Pooled]
    is_full: bool = False

    @property
    def priors(self) -> Mapping[str, Prior]:
        """All priors of the scenario: a product needs those that it names."""
        return self.scenario.priors

    @property
    def household_size(self) -> float:
        """People in a family, for claims made in families."""
        return self.scenario.household_size

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
        bands = [(believed, band_of(believed, self.priors)) for believed in entry.quantity.believed]
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
            if pooled and believed.prior and believed.prior.pool and entry.quantity.kind == "quantity":
                self._reason("the scenario: the pool. ", believed.reason, _INDENT, "green")
            else:
                self._believed(believed, band, entry.quantity, axis, is_pooled=pooled is not None)
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
        left, right = (short_number(end, quantity.unit) for end in (axis.low, axis.high))
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
        weight, why = weight_of(claim, pooled)
        grade = f"{claim.reliability}{claim.credibility}"
        ends = ends_of(claim, quantity, self.household_size)
        bar = axis.bar(*ends, "━" if weight else "┄") if axis and ends else ""
        figure = claim_figure(claim, quantity, ends)
        self.text(self._row(f"{_INDENT}{claim.source}", grade, weight or "-", figure, bar))
        self._how(claim, why)

    def _how(self, claim: Claim, why: str = "") -> None:
        through = "".join(f" > {carrier}" for carrier in carriers(claim))
        parts = [short_day(claim.said_on), claim.kind, *([why] if why else [])]
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
        low, high = pooled.band(BAND)
        bar = list(axis.bar(low, high, "─"))
        bar[axis.column(pooled.quantile(0.5))] = "│"
        label = f"{_INDENT}together, 90 % band"
        figure = short_range(low, high, pooled.quantity.unit)
        self.text(self._row(label, "", "", figure, "".join(bar)), "cyan")
        middle = short_number(pooled.quantile(0.5), pooled.quantity.unit)
        rule = {"linear": "linear pool", "log": "logarithmic pool"}[pooled.method]
        sd = (
            f"{pooled.sd:.1f} days"
            if pooled.quantity.unit == "date"
            else short_number(pooled.sd, pooled.quantity.unit)
        )
        self.text(f"{_INDENT * 2}{rule}: median {middle}, standard deviation {sd}", "dim")

    def _believed(
        self,
        believed: Believed,
        band: tuple[float, float] | None,
        quantity: Quantity,
        axis: Axis | None,
        *,
        is_pooled: bool,
    ) -> None:
        is_alone = len(quantity.believed) == 1 and quantity.kind != "set"
        name = re.sub(r"^(population|capacity|people) of ", "", believed.label)
        label = f"{_INDENT}the scenario" if is_alone else f"{_INDENT}= {name}"
        figure = short_range(*band, quantity.unit) if band else "no limit"
        bar = axis.bar(*band, "━") if axis and band else ""
        self.text(self._row(label, "", "", figure, bar), "green")
        against = "instead of the pool: " if is_pooled and is_alone and believed.prior else ""
        self._reason(against, believed.reason or "no reason is stated", _INDENT * 2, "dim")

    def _reason(self, head: str, reason: str, indent: str, style: str) -> None:
        """Print why something is as it is: in full, or as much as a line holds."""
        if self.is_full:
            self.wrapped(f"{head}{reason}", indent, style)
        else:
            self.text(f"{indent}{_first_words(f'{head}{reason}', _WIDTH - len(indent))}", style)

    def _aside(self, what: str, claim: Claim) -> None:
        figure = own_figure(claim)
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
                figure = own_figure(claim)
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
            line = f"{label:<24} {prior_in_words(assumption.prior, self.priors):<24} "
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


def _axis(pooled: Pooled | None, bands: Sequence[tuple[float, float]]) -> Axis | None:
    """Return an axis that holds every figure, the pool's 90 % and the scenario's bands."""
    ends = axis_ends(pooled, bands)
    return Axis(*ends) if ends else None


def _first_words(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: max(room - 1, 0)].rstrip()}…"
