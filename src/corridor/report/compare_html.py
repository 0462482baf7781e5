"""What-ifs as a section of a page, and as a page of their own: sentences, a table, and charts of the change.

Built as a tree of elements, so that names and notes of a scenario can never become markup. The charts carry
their colours themselves and need no style sheet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from corridor.ensemble.compare import Comparison
from corridor.report.compare_words import (
    ComparisonRow,
    band_words,
    change_words,
    comparison_rows,
    comparison_sentences,
    narrowing_sentence,
    signed,
    signed_range,
    what_if_story,
)
from corridor.report.digest import Floats
from corridor.report.markup import element, extend, to_html
from corridor.report.quantiles import write_aside
from corridor.report.scales import Scale, date_ticks
from corridor.report.texts import ENGLISH, LEAST_TOLD, Texts

#: Charts drawn for each what-if: the rows of the table with the largest change.
_MOST_CHARTS = 4
#: Share of the scale that an end must be away from nought to get a mark.
_LEAST_MARKED = 0.2
_WIDTH, _HEIGHT, _TOP, _BOTTOM, _LEFT, _RIGHT = 360.0, 190.0, 14.0, 24.0, 6.0, 8.0
_INK, _QUIET, _PAIRED, _UNPAIRED = "#1b1d21", "#5a6069", "#7fb1da", "#e4eaf0"


def compare_section(comparison: Comparison, *, name: str, texts: Texts = ENGLISH) -> Element:
    """Return a section on one what-if; ``name`` is its id on the page."""
    head = comparison.other.title
    lead = texts.compare_lead.format(
        members=comparison.n_members,
        seed=comparison.seed,
        issue=texts.full_date(comparison.dates[0]),
        horizon=texts.full_date(comparison.dates[-1]),
    )
    story = what_if_story(comparison)
    rows = comparison_rows(comparison, texts=texts)
    sentences = comparison_sentences(comparison, texts)
    children: list[Element | None] = [
        element("p", f"{texts.compare_head.format(**_names(comparison))}. {lead}", class_="lead"),
        element("p", story) if story else None,
        _listing(texts.compare_effects, sentences),
    ]
    if rows:
        children += [
            _table(comparison, rows, texts),
            element("p", texts.compare_note, class_="source"),
            element("p", narrowing_sentence(rows, texts)),
            *_charts(comparison, rows, name, texts),
        ]
    children.append(_changes(comparison, texts))
    return element("section", element("h2", head, id=name), *children, aria_labelledby=name)


def write_comparisons(comparisons: Sequence[Comparison], path: str | Path, *, texts: Texts = ENGLISH) -> Path:
    """Write a self-contained page with a section for each what-if, aside first and then moved into place.

    Raises
    ------
    CorridorRuntimeError
        If the file cannot be written.
    """
    return write_aside(comparisons_html(comparisons, texts), path)


def comparisons_html(comparisons: Sequence[Comparison], texts: Texts = ENGLISH) -> str:
    """Return a page with a section for each what-if as HTML text."""
    base = comparisons[0].base
    sections = [
        compare_section(comparison, name=f"what-if-{at}", texts=texts)
        for at, comparison in enumerate(comparisons, start=1)
    ]
    must_not = element(
        "div", element("h3", texts.must_not_head), element("p", texts.must_not), class_="must-not"
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element(
            "meta",
            http_equiv="Content-Security-Policy",
            content="default-src 'none'; style-src 'unsafe-inline'",
        ),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"{texts.compare_title}: {base.title}"),
        element("style", files("corridor.report").joinpath("style.css").read_text("utf-8")),
    )
    title = element("header", element("h1", f"{texts.compare_title}: {base.title}"))
    body = element("body", title, element("main", *sections), element("footer", must_not))
    page = element("html", head, body, lang=texts.language, dir=texts.direction)
    return f"<!doctype html>\n{to_html(page)}\n"


def _names(comparison: Comparison) -> dict[str, str]:
    return {"other": comparison.other.name, "base": comparison.base.name}


def _listing(head: str, words: Sequence[str]) -> Element:
    return element("div", element("h3", head), element("ul", *(element("li", line) for line in words)))


def _changes(comparison: Comparison, texts: Texts) -> Element:
    if not comparison.changes:
        return element("p", texts.compare_no_changes, class_="small")
    listed = element("ul", *(element("li", change) for change in comparison.changes))
    return element("details", element("summary", texts.compare_changes), listed)


# --- the table ----------------------------------------------------------------------------------------
def _table(comparison: Comparison, rows: Sequence[ComparisonRow], texts: Texts) -> Element:
    heads = (
        *(texts.compare_most, texts.compare_without, texts.compare_with),
        *(texts.compare_change, texts.compare_band, texts.compare_independent),
    )
    columns = [element("th", head, class_="num", scope="col") for head in heads]
    head = element("tr", element("th", texts.compare_place_head, scope="col"), *columns)
    body = [_table_row(comparison, row, texts) for row in rows]
    table = element("table", element("thead", head), element("tbody", *body), class_="plan")
    label = texts.compare_head.format(**_names(comparison))
    return element("div", table, class_="scroll", role="region", aria_label=label, tabindex="0")


def _table_row(comparison: Comparison, row: ComparisonRow, texts: Texts) -> Element:
    place_id = element("small", row.difference.place_id) if row.difference.place_id else None
    cells = (
        texts.short_date(comparison.dates[row.day]),
        texts.number(row.base),
        texts.number(row.other),
        signed(row.change, texts),
        signed_range(row.band, texts),
        signed_range(row.unpaired, texts),
    )
    return element(
        "tr",
        element("th", element("bdi", row.title), place_id, scope="row"),
        *(element("td", cell, class_="num") for cell in cells),
    )


# --- charts -------------------------------------------------------------------------------------------
def _charts(comparison: Comparison, rows: Sequence[ComparisonRow], name: str, texts: Texts) -> list[Element]:
    largest = sorted(rows, key=lambda row: -abs(row.change))[:_MOST_CHARTS]
    figures = [
        element(
            "figure",
            element("figcaption", texts.compare_chart.format(what=row.title)),
            change_chart(comparison, row, name=f"{name}-chart{at}", texts=texts),
        )
        for at, row in enumerate(largest)
    ]
    return [
        element("div", *figures, class_="many"),
        element("p", texts.compare_chart_key, class_="source"),
    ]


def change_chart(comparison: Comparison, row: ComparisonRow, *, name: str, texts: Texts = ENGLISH) -> Element:
    """Return a chart of a difference by day: average, 90 % band, and the same of unpaired members."""
    difference, dates = row.difference, comparison.dates
    paired, strangers = difference.quantiles[[0, 4]], difference.independent[[0, 4]]
    low, high = _ends(difference.mean, paired)
    x = Scale(dates[0].toordinal(), dates[-1].toordinal(), _LEFT, _WIDTH - _RIGHT)
    y = Scale(low, high, _HEIGHT - _BOTTOM, _TOP)
    svg = element(
        "svg",
        element("title", texts.compare_chart.format(what=row.title), id=f"{name}-t"),
        element("desc", _description(comparison, row, texts), id=f"{name}-d"),
        role="img",
        aria_labelledby=f"{name}-t {name}-d",
        viewBox=f"0 0 {_WIDTH:g} {_HEIGHT:g}",
        font_size="12",
        fill=_QUIET,
        style="width:100%;height:auto",
    )
    if not np.isnan(strangers).any():
        extend(svg, [_band(dates, np.clip(strangers, low, high), _UNPAIRED, x, y)])
    extend(svg, [_band(dates, np.clip(paired, low, high), _PAIRED, x, y)])
    extend(svg, _frame(dates, low, high, x, y, texts))
    line = _points(dates, difference.mean, x, y)
    extend(svg, [element("polyline", points=line, fill="none", stroke=_INK, stroke_width=1.8)])
    return svg


def _ends(mean: Floats, paired: Floats) -> tuple[float, float]:
    """Return a scale that holds the average and the paired band; the unpaired one is cut off."""
    low = min(float(mean.min()), float(paired.min()), 0.0)
    high = max(float(mean.max()), float(paired.max()), 0.0)
    room = max(0.08 * (high - low), LEAST_TOLD)
    return low - room, high + room


def _description(comparison: Comparison, row: ComparisonRow, texts: Texts) -> str:
    return texts.compare_chart_desc.format(
        what=row.title,
        start=texts.full_date(comparison.dates[0]),
        end=texts.full_date(comparison.dates[-1]),
        change=change_words(row.change, texts),
        date=texts.date(comparison.dates[row.day], comparison.dates[0]),
        band=band_words(*row.band, texts),
    )


def _points(dates: Sequence[dt.date], values: Floats, x: Scale, y: Scale) -> str:
    pairs = zip(dates, values.tolist(), strict=True)
    return " ".join(f"{x(date.toordinal()):.1f},{y(value):.1f}" for date, value in pairs)


def _band(dates: Sequence[dt.date], ends: Floats, colour: str, x: Scale, y: Scale) -> Element:
    there, back = _points(dates, ends[1], x, y), _points(dates[::-1], ends[0][::-1], x, y)
    return element("polygon", points=f"{there} {back}", fill=colour)


def _frame(
    dates: Sequence[dt.date], low: float, high: float, x: Scale, y: Scale, texts: Texts
) -> list[Element]:
    """Return the line for nought, the marks on both sides of it, and the dates."""
    made = [element("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y(0.0), y2=y(0.0), stroke=_QUIET)]
    for value in sorted({_mark(low, high - low), _mark(high, high - low)} - {0.0}):
        made.append(
            element(
                "line",
                x1=_LEFT,
                x2=_WIDTH - _RIGHT,
                y1=y(value),
                y2=y(value),
                stroke=_QUIET,
                stroke_dasharray="2 3",
            )
        )
        made.append(element("text", signed(value, texts), x=_LEFT + 2, y=y(value) - 3))
    for date in date_ticks(dates[0], dates[-1], 4):
        place = x(date.toordinal())
        anchor = "start" if place < 30 else "end" if place > _WIDTH - 40 else "middle"
        made.append(element("text", texts.short_date(date), x=place, y=_HEIGHT - 6, text_anchor=anchor))
    return made


def _mark(end: float, width: float) -> float:
    """Return the round number nearest to an end of the scale, towards nought; 0 where that is near."""
    size = abs(end)
    if size < max(2 * LEAST_TOLD, _LEAST_MARKED * width):
        return 0.0
    power = 10.0 ** np.floor(np.log10(size))
    step = next(step for step in (5.0, 2.0, 1.0) if step * power <= size)
    return float(np.sign(end) * step * power)
