"""A sensitivity study in sentences: what to settle first, what it would bring, and what nobody can settle.

Numbers are rounded here and nowhere else; terminal, chart and page take their words from `Worded`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from corridor.ensemble.sensitivity.result import Line, Sensitivity
from corridor.report.evidence_words import short_range
from corridor.report.texts import Texts
from corridor.scenario.units import kept_unit

#: Disputed quantities told of in the sentence, and from which total index the second one is.
_MOST_DISPUTED, _TELLING = 2, 0.03


@dataclass(frozen=True)
class Worded:
    """A study with the language in which it is told."""

    result: Sensitivity
    texts: Texts

    def sentences(self) -> tuple[str, ...]:
        """Return the answer, the most useful sentence first."""
        result, texts = self.result, self.texts
        if result.low == result.high:
            agreed = texts.worth_constant.format(value=self.value(result.median))
            return tuple(unbroken(words) for words in (agreed, *self._never()))
        told = [self._settle(result.best, texts.worth_best) or texts.worth_none]
        told.append(self._disputed())
        for line in result.of_kind("storyline"):
            is_sure = line.worth is not None and line.worth.share_low > 0.0
            told.append(self._settle(line, texts.worth_storyline if is_sure else texts.worth_storyline_weak))
        for line in result.of_kind("chance"):
            if line.indices is not None:
                told.append(texts.worth_chance.format(share=percent(line.indices.total)))
        return tuple(unbroken(words) for words in (*told, *self._never()) if words)

    def _disputed(self) -> str:
        """Return what is to be settled among the reports, "" where the first sentence has said it."""
        result, texts = self.result, self.texts
        lines = [line for line in result.disputed[:_MOST_DISPUTED] if line != result.best]
        if not lines or lines[0] != result.disputed[0]:
            return ""
        told = [self._told(line) for line in lines if line is lines[0] or _matters(line)]
        return (texts.worth_disputed if len(told) > 1 else texts.worth_disputed_one).format(
            lines="; ".join(told)
        )

    def _told(self, line: Line) -> str:
        assert line.worth is not None and line.indices is not None
        return self.texts.worth_disputed_line.format(
            title=line.title,
            now=self.range_now(line),
            total=percent(line.indices.total),
            share=percent(line.worth.share),
            interval=percents(line.worth.share_low, line.worth.share_high),
        )

    def range_now(self, line: Line) -> str:
        """Return what a quantity is believed to be now: 0.001–0.025 1/day."""
        unit = "" if kept_unit(line.unit) in ("", "date") else f" {line.unit}"
        return f"{short_range(line.low, line.high, kept_unit(line.unit))}{unit}"

    def _never(self) -> tuple[str, ...]:
        result, texts = self.result, self.texts
        if not result.never:
            return ()
        day = texts.full_date(dt.date.fromisoformat(result.last_day))
        return (texts.worth_never.format(share=percent(result.never), date=day),)

    def _settle(self, line: Line | None, template: str) -> str:
        if line is None or line.worth is None:
            return ""
        return template.format(
            title=line.title,
            now=self.range_now(line),
            band=self.band(self.result.low, self.result.high),
            narrower=self.band(line.worth.low, line.worth.high),
            share=percent(line.worth.share),
            interval=percents(line.worth.share_low, line.worth.share_high),
        )

    def band_now(self) -> str:
        """Return the band of the forecast as a sentence."""
        result = self.result
        band, middle = self.band(result.low, result.high), self.value(result.median)
        return unbroken(self.texts.worth_band.format(band=band, middle=middle))

    def value(self, number: float) -> str:
        """Return a number of people, or a day."""
        if self.result.unit == "date":
            return self._day(number)
        return self.texts.number(max(number, 0.0))

    def band(self, low: float, high: float) -> str:
        """Return a range of people or of days."""
        first, last = self.value(low), self.value(high)
        if first == last:
            return first
        return self.texts.worth_range.format(low=first, high=last)

    def short_band(self, low: float, high: float) -> str:
        """Return a range for a narrow column."""
        if self.result.unit == "date":
            return f"{self._day(low, short=True)}–{self._day(high, short=True)}"
        return self.texts.compact_range(max(low, 0.0), max(high, 0.0))

    def _day(self, number: float, *, short: bool = False) -> str:
        date = dt.date.fromisoformat(self.result.issue_date) + dt.timedelta(round(number))
        last = dt.date.fromisoformat(self.result.last_day)
        if date > last:
            after = self.texts.worth_later_short if short else self.texts.worth_later
            return after.format(date=self.texts.short_date(last))
        return self.texts.short_date(date)

    def design(self) -> str:
        """Return how the study was made, in one sentence."""
        result = self.result
        return self.texts.worth_design.format(
            futures=f"{result.n_futures:,}",
            plain=f"{result.n_plain:,}",
            base=f"{result.n_base:,}",
            classes=result.n_classes,
            seed=result.seed,
            version=result.version,
        )


def _matters(line: Line) -> bool:
    return line.indices is not None and line.indices.total >= _TELLING


def unbroken(words: str) -> str:
    """Return words in which no line ends before a percent sign."""
    return words.replace(" %", "\u00a0%")


def index_words(share: float) -> str:
    """Return a Sobol index with two decimals, what is nearly none as 0.

    >>> index_words(0.123), index_words(-0.001)
    ('0.12', '0.00')
    """
    return f"{share:.2f}".replace("-0.00", "0.00")


def percent(share: float) -> str:
    """Return a share in percent: 41, 0.4, <0.1.

    >>> percent(0.412), percent(0.004), percent(-0.01), percent(0.00001)
    ('41', '0.4', '0', '<0.1')
    """
    number = 100.0 * share
    if number <= 0.0:
        return "0"
    if number < 0.05:
        return "<0.1"
    return f"{number:.0f}" if number >= 0.95 else f"{number:.1f}"


def percents(low: float, high: float) -> str:
    """Return an interval of shares in percent: 38–44; what lies below 0 is told as 0."""
    first, last = f"{max(100.0 * low, 0.0):.0f}", f"{max(100.0 * high, 0.0):.0f}"
    return first if first == last else f"{first}–{last}"
