"""Charts of a backtest as SVG: score against lead, reliability, ranks.

A chart draws the numbers it is given; each has a title and a description for readers who do not see it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

import numpy as np

from corridor.report.markup import element, extend
from corridor.report.scales import Scale, spread, ticks

#: Colours that survive grey and colour blindness, for up to eight models; the leader comes first.
COLOURS = ("#08519c", "#767b83", "#b34700", "#2a7f5f", "#7b5ea7", "#b8860b", "#444a52", "#c2577a")
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 560.0, 300.0, 34.0, 170.0, 14.0, 30.0

Floats = Sequence[float]


def lead_chart(name: str, leads_days: Sequence[int], scores: Mapping[str, Floats]) -> Element:
    """Return lines of a score by lead, one a model, with its name at its end; NaN breaks a line."""
    top = max(
        (max(v for v in row if not np.isnan(v)) for row in scores.values() if not np.isnan(row).all()),
        default=1,
    )
    marks = _marks(top)
    x = Scale(0, max(leads_days), _LEFT, _WIDTH - _RIGHT)
    y = Scale(0.0, marks[-1], _HEIGHT - _BOTTOM, _TOP)
    words = "; ".join(f"{model}: {', '.join(f'{v:.3f}' for v in row)}" for model, row in scores.items())
    svg = _svg(name, "Score by lead time", f"Relative CRPS, smaller is better. {words}")
    extend(svg, _grid(marks, y, [(lead, f"{lead}") for lead in leads_days], x, "days ahead"))
    ends = {
        m: [(d, v) for d, v in zip(leads_days, row, strict=True) if not np.isnan(v)]
        for m, row in scores.items()
    }
    drawn = {model: points for model, points in ends.items() if points}
    places = spread([y(points[-1][1]) + 4 for points in drawn.values()], 14, _TOP, _HEIGHT - _BOTTOM)
    for place, (model, points), colour in zip(places, drawn.items(), _colours(len(drawn)), strict=True):
        path = "M" + " ".join(f"{x(day):.1f},{y(value):.1f}" for day, value in points)
        wide = 2.4 if colour == COLOURS[0] else 1.4
        svg.append(element("path", d=path, fill="none", stroke=colour, stroke_width=wide))
        label = element("text", model, x=x(points[-1][0]) + 8, y=place, style=f"fill:{colour}")
        svg.append(label)
        extend(svg, [element("circle", cx=x(d), cy=y(v), r=2.4, fill=colour) for d, v in points])
    return svg


def reliability_chart(name: str, shares: Floats, held: Mapping[int, Floats]) -> Element:
    """Return how much each band holds against what it is meant to hold, one line a lead."""
    x = Scale(0.0, 1.0, _LEFT, _WIDTH - _RIGHT)
    y = Scale(0.0, 1.0, _HEIGHT - _BOTTOM, _TOP)
    words = "; ".join(f"{lead} days: {', '.join(f'{v:.2f}' for v in row)}" for lead, row in held.items())
    svg = _svg(name, "Reliability", f"Share of targets held by bands meant to hold {list(shares)}. {words}")
    marks = [0.0, 0.25, 0.5, 0.75, 1.0]
    extend(svg, _grid(marks, y, [(m, f"{m:.2f}") for m in marks], x, "the band is meant to hold"))
    svg.append(element("path", d=f"M{x(0):.1f},{y(0):.1f} L{x(1):.1f},{y(1):.1f}", class_="capacity"))
    rows = {lead: row for lead, row in held.items() if not np.isnan(row).any()}
    places = spread([y(row[-1]) + 4 for row in rows.values()], 14, _TOP, _HEIGHT - _BOTTOM)
    for place, (lead, row), colour in zip(places, rows.items(), _colours(len(rows)), strict=True):
        path = "M" + " ".join(
            f"{x(share):.1f},{y(value):.1f}" for share, value in zip(shares, row, strict=True)
        )
        svg.append(element("path", d=path, fill="none", stroke=colour, stroke_width=1.8))
        svg.append(element("text", f"{lead} days", x=x(shares[-1]) + 24, y=place, style=f"fill:{colour}"))
    return svg


def rank_chart(name: str, title: str, shares: Floats) -> Element:
    """Return the share of targets in each part of the forecast; even bars are ideal."""
    width, height = 260.0, 150.0
    most = max([*shares, 0.2])
    y = Scale(0.0, most, height - 22, 10)
    step = (width - 20) / len(shares)
    words = ", ".join(f"{value:.2f}" for value in shares)
    svg = _svg(
        name, title, f"Shares of targets by tenth of the forecast, 0.1 each is ideal: {words}", width, height
    )
    for index, value in enumerate(shares):
        left = 10 + index * step
        svg.append(
            element("rect", x=left + 1, y=y(value), width=step - 2, height=y(0) - y(value), fill=COLOURS[0])
        )
    even = y(1 / len(shares))
    svg.append(element("path", d=f"M10,{even:.1f} H{width - 10:.1f}", class_="capacity"))
    svg.append(element("text", "below the forecast", class_="tick", x=10, y=height - 6))
    svg.append(element("text", "above", class_="tick", x=width - 10, y=height - 6, text_anchor="end"))
    return svg


def _svg(name: str, title: str, description: str, width: float = _WIDTH, height: float = _HEIGHT) -> Element:
    return element(
        "svg",
        element("title", title, id=f"{name}-t"),
        element("desc", description, id=f"{name}-d"),
        class_="chart",
        role="img",
        aria_labelledby=f"{name}-t {name}-d",
        viewBox=f"0 0 {width:g} {height:g}",
    )


def _grid(
    marks: Sequence[float], y: Scale, along: Sequence[tuple[float, str]], x: Scale, words: str
) -> list[Element]:
    made = []
    for mark in marks:
        kind = "base" if mark == 0 else "grid"
        made.append(element("line", class_=kind, x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y(mark), y2=y(mark)))
        made.append(
            element("text", f"{mark:.2f}", class_="tick", x=_LEFT - 4, y=y(mark) + 4, text_anchor="end")
        )
    for value, label in along:
        made.append(element("text", label, class_="tick", x=x(value), y=_HEIGHT - 14, text_anchor="middle"))
    made.append(element("text", words, class_="tick", x=_WIDTH - _RIGHT, y=_HEIGHT - 2, text_anchor="end"))
    return made


def _marks(top: float) -> list[float]:
    return [mark / 1000 for mark in ticks(top * 1000, 4)]


def _colours(n: int) -> list[str]:
    return [COLOURS[index % len(COLOURS)] for index in range(n)]
