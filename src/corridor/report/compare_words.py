"""What a what-if changes, in sentences and in rows fit for a table: a `Comparison` in, words out.

The terminal, the page and the section of the report say the same, because all of them read from here. Numbers
are averages over the members; what is below ten people is not told as a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corridor.ensemble.compare import TOTAL, Comparison, Difference, Filling
from corridor.report.texts import ENGLISH, LEAST_TOLD, Texts, isolated, rounded

#: Places named in a sentence.
_MOST_NAMED = 3
#: Share of the base from which the change of a total is told in a sentence.
_TOLD_SHARE = 0.01
#: Rows of the table below the totals.
MOST_ROWS = 12
_LOW, _HIGH = 0, 4  # rows of the quantiles: the 90 % band


@dataclass(frozen=True)
class ComparisonRow:
    """One line of the table: numbers on one day, exact, and how many times the pairing narrows the range."""

    title: str
    day: int
    difference: Difference

    @property
    def base(self) -> float:
        """People in the base, on average."""
        return float(self.difference.base_mean[self.day])

    @property
    def other(self) -> float:
        """People in the what-if, on average."""
        return float(self.difference.other_mean[self.day])

    @property
    def change(self) -> float:
        """The difference of both."""
        return float(self.difference.mean[self.day])

    @property
    def band(self) -> tuple[float, float]:
        """Ends of the 90 % band of the difference, members paired by number."""
        quantiles = self.difference.quantiles[:, self.day]
        return float(quantiles[_LOW]), float(quantiles[_HIGH])

    @property
    def unpaired(self) -> tuple[float, float] | None:
        """The same with members paired at random; None with one member."""
        quantiles = self.difference.independent[:, self.day]
        return None if np.isnan(quantiles).any() else (float(quantiles[_LOW]), float(quantiles[_HIGH]))

    @property
    def narrowing(self) -> float | None:
        """How many times narrower the paired difference is."""
        return self.difference.narrowing(self.day)


def comparison_rows(
    comparison: Comparison, *, day: int | None = None, texts: Texts = ENGLISH
) -> list[ComparisonRow]:
    """Return the totals and the places that differ most, each on its own largest day or all on ``day``."""

    def row(difference: Difference) -> ComparisonRow:
        at = difference.peak_day if day is None else day
        return ComparisonRow(_title(difference, texts), at, difference)

    rows = [row(difference) for difference in comparison.rows if difference.share_differs.any()]
    told = [one for one in rows if abs(one.change) >= LEAST_TOLD]
    totals = [one for one in told if one.difference.place == TOTAL]
    places = [one for one in told if one.difference.place != TOTAL]
    places.sort(key=lambda one: (-abs(one.change), one.title))
    return [*totals, *places[:MOST_ROWS]]


def _title(difference: Difference, texts: Texts) -> str:
    if difference.place == TOTAL:
        return {
            "trapped": texts.compare_trapped,
            "newly_displaced": texts.compare_displaced,
            "left_area": texts.compare_left,
            "returned": texts.compare_returned,
        }[difference.quantity]
    if difference.quantity == "trapped":
        return texts.compare_trapped_at.format(place=difference.place)
    return difference.place


def what_if_story(comparison: Comparison) -> str:
    """Return what the what-if says of itself, "" where it has the words of its base."""
    told = comparison.other.description
    is_own = comparison.other.what_if is not None and told != comparison.base.description
    return " ".join(told.split()) if is_own else ""


# --- sentences ------------------------------------------------------------------------------------------
def comparison_sentences(comparison: Comparison, texts: Texts = ENGLISH) -> list[str]:
    """Return what a what-if does, most important first."""
    if comparison.first_day is None:
        return [texts.compare_same]
    rows = comparison_rows(comparison, texts=texts)
    totals = [row for row in rows if row.difference.place == TOTAL]
    told = [row for row in totals if abs(row.change) >= _TOLD_SHARE * row.base]
    told.sort(key=lambda row: row.difference.quantity != "trapped")
    sentences = [_total_sentence(comparison, row, texts) for row in told]
    present = [row for row in rows if row not in totals and row.difference.quantity == "people"]
    more = [row for row in present if row.change > 0][:_MOST_NAMED]
    fewer = [row for row in present if row.change < 0][:_MOST_NAMED]
    for found, template in ((more, texts.compare_places_more), (fewer, texts.compare_places_fewer)):
        if found:
            places = texts.listing([_place_words(comparison, row, texts) for row in found])
            sentences.append(template.format(places=places))
    fillings = [filling for filling in comparison.fillings if filling.differs]
    sentences += [_filling_sentence(comparison, filling, texts) for filling in fillings[:_MOST_NAMED]]
    if not sentences:
        sentences.append(texts.compare_hardly)
    return [*sentences, _from_sentence(comparison, texts)]


def _from_sentence(comparison: Comparison, texts: Texts) -> str:
    first = comparison.first_day or 0
    if first <= 1:
        return texts.compare_from_start
    return texts.compare_from.format(date=texts.date(comparison.dates[first - 1], comparison.dates[0]))


def _total_sentence(comparison: Comparison, row: ComparisonRow, texts: Texts) -> str:
    return texts.compare_total.format(
        what=row.title,
        change=change_words(row.change, texts),
        date=texts.date(comparison.dates[row.day], comparison.dates[0]),
        base=texts.people(row.base),
        band=band_words(*row.band, texts),
    )


def _place_words(comparison: Comparison, row: ComparisonRow, texts: Texts) -> str:
    date = texts.date(comparison.dates[row.day], comparison.dates[0])
    return texts.compare_place.format(
        place=isolated(row.title), number=texts.words(abs(row.change)), date=date
    )


def _filling_sentence(comparison: Comparison, filling: Filling, texts: Texts) -> str:
    def date(day: int | None) -> str:
        return "" if day is None else texts.date(comparison.dates[day], comparison.dates[0])

    before, after = filling.base_half_day, filling.other_half_day
    if before is None and after is None:
        return texts.compare_full_share.format(
            place=isolated(filling.place),
            share=texts.share(filling.other_chance),
            before=texts.share(filling.base_chance),
        )
    template = texts.compare_full_sooner
    if before is None:
        template = texts.compare_full_now
    elif after is None:
        template = texts.compare_full_no_more
    elif before == after:
        template = texts.compare_full_share
    return template.format(
        place=isolated(filling.place),
        date=date(after),
        before=texts.share(filling.base_chance) if before == after else date(before),
        share=texts.share(filling.other_chance),
    )


def change_words(change: float, texts: Texts) -> str:
    """Return "4,600 fewer", "fewer than ten more" or "as many"."""
    if rounded(abs(change)) == 0:
        return texts.compare_equal
    template = texts.compare_more if change > 0 else texts.compare_fewer
    return template.format(number=texts.middle(abs(change)))


def band_words(low: float, high: float, texts: Texts) -> str:
    """Return a range of changes: "between 17,000 and 130 fewer", "between 30 fewer and 4,200 more"."""
    first, last = change_words(low, texts), change_words(high, texts)
    if first == last:
        return first
    if low < 0 and high < 0 and rounded(-high) >= (1 if texts.tells_small else LEAST_TOLD):
        first = texts.middle(-low)
    elif low > 0 and high > 0 and rounded(low) > 0:
        first = texts.middle(low)
    return texts.compare_band_between.format(low=first, high=last)


def narrowing_sentence(rows: Sequence[ComparisonRow], texts: Texts = ENGLISH) -> str:
    """Return how much the same random numbers narrow the ranges of these rows; "" where that is not known."""
    factors = sorted(factor for row in rows if (factor := row.narrowing) is not None)
    if not factors:
        return ""
    middle = float(np.median(factors))
    template = texts.compare_narrower if len(factors) > 1 else texts.compare_narrower_one
    return template.format(
        low=_times(factors[0]),
        high=_times(factors[-1]),
        middle=_times(middle),
        futures=_times(middle**2),
    )


def _times(factor: float) -> str:
    return f"{factor:.1f}" if factor < 9.95 else f"{rounded(factor):,}"


# --- cells ----------------------------------------------------------------------------------------------
def signed(value: float, texts: Texts) -> str:
    """Return a change for a table: +3.7k, −130, 0; "few" for fewer than ten people."""
    whole = rounded(abs(value))
    if whole == 0:
        return "0"
    if whole < LEAST_TOLD and not texts.tells_small:
        return texts.compare_few
    return f"{'+' if value > 0 else '−'}{texts.compact(abs(value))}"


def signed_range(band: tuple[float, float] | None, texts: Texts) -> str:
    """Return a range of changes for a table."""
    if band is None:
        return texts.table_never
    first, last = signed(band[0], texts), signed(band[1], texts)
    return first if first == last else f"{first} … {last}"
