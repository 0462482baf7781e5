"""What matters most as a bar chart: one bar a quantity, its interval as a thin line, the band it would leave.

Drawn as SVG in two widths; the style sheet of the page shows one. ``chart_file`` gives a file that stands for
itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, tostring

from corridor.ensemble.sensitivity.result import Line, Sensitivity
from corridor.report.markup import element
from corridor.report.scales import Scale, ticks
from corridor.report.sensitivity_words import Worded, percent, percents
from corridor.report.texts import ENGLISH, Texts

#: Bars drawn; the table of the study has all.
MOST_BARS = 10
_ROW, _TOP, _BOTTOM = 26.0, 26.0, 24.0
_BAR = 13.0

_STYLE = """
svg { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
text { fill: #1b1d21; } .tick { fill: #5a6069; font-size: 11px; }
.title { font-weight: 600; font-size: 14px; }
.grid { stroke: #000; stroke-opacity: .1; } .whisker { stroke: #1b1d21; stroke-width: 1.2; }
.worth { fill: #7fb1da; } .worth.first { fill: #08519c; } .worth.line { fill: #c9ccd1; }
"""


@dataclass(frozen=True)
class Form:
    """Width of the chart, and of the columns left and right of its bars."""

    width: float
    left: float
    right: float
    letters: int  # of a name, at most
    font: float


WIDE = Form(720, 210, 150, 34, 12)
NARROW = Form(360, 132, 66, 19, 12)


def worth_chart(worded: Worded, form: Form, *, name: str) -> Element:
    """Return the chart; ``name`` is its id on the page."""
    lines = chart_lines(worded.result)
    height = _TOP + _ROW * len(lines) + _BOTTOM
    top = max([line.worth.share_high for line in lines if line.worth] + [0.01])
    marks = [mark for mark in ticks(100.0 * top, 4) if mark <= 100.0 * top * 1.02]
    x = Scale(0.0, top, form.left, form.width - form.right)
    texts = worded.texts
    svg = element(
        "svg",
        element("title", texts.worth_outcome.format(outcome=worded.result.outcome), id=f"{name}-t"),
        element("desc", " ".join(_described(worded, line) for line in lines), id=f"{name}-d"),
        class_="chart worths",
        role="img",
        aria_labelledby=f"{name}-t {name}-d",
        viewBox=f"0 0 {form.width:g} {height:g}",
    )
    bottom = height - _BOTTOM
    for mark in marks:
        at = x(mark / 100.0)
        svg.append(element("line", class_="grid", x1=at, x2=at, y1=_TOP - 4, y2=bottom))
        label = f"{mark:g} %"
        svg.append(element("text", label, class_="tick", x=at, y=bottom + 15, text_anchor="middle"))
    svg.append(element("text", texts.worth_share, class_="tick", x=form.left, y=12))
    then = element("text", texts.worth_then, class_="tick", x=form.width, y=12, text_anchor="end")
    svg.append(then)
    for row, line in enumerate(lines):
        svg.extend(_bar(worded, line, form, x, _TOP + _ROW * (row + 0.5)))
    return svg


def chart_lines(result: Sensitivity) -> Sequence[Line]:
    """Return what is drawn: the quantities most worth knowing, and the storyline last."""
    return (*result.quantities[:MOST_BARS], *result.of_kind("storyline"))


def _bar(worded: Worded, line: Line, form: Form, x: Scale, middle: float) -> list[Element]:
    if line.worth is None:
        return []
    worth, start = line.worth, x(0.0)
    end = max(x(max(worth.share, 0.0)), start)
    kind = (
        "worth line" if line.kind == "storyline" else "worth first" if line == worded.result.best else "worth"
    )
    name = line.title if len(line.title) <= form.letters else f"{line.title[: form.letters - 1]}…"
    low, high = x(max(worth.share_low, 0.0)), x(max(worth.share_high, 0.0))
    band = worded.short_band(worth.low, worth.high)
    return [
        element("text", name, x=form.left - 8, y=middle + 4, text_anchor="end", font_size=form.font),
        element("rect", class_=kind, x=start, y=middle - _BAR / 2, width=end - start, height=_BAR),
        element("line", class_="whisker", x1=low, x2=high, y1=middle, y2=middle),
        element("text", band, class_="tick", x=form.width, y=middle + 4, text_anchor="end"),
    ]


def _described(worded: Worded, line: Line) -> str:
    if line.worth is None:
        return ""
    return worded.texts.worth_chart_desc.format(
        title=line.title,
        share=percent(line.worth.share),
        interval=percents(line.worth.share_low, line.worth.share_high),
        narrower=worded.band(line.worth.low, line.worth.high),
    )


def chart_file(result: Sensitivity, texts: Texts = ENGLISH) -> str:
    """Return the chart as an SVG file that carries its own style and says what it shows."""
    worded = Worded(result, texts)
    inner = worth_chart(worded, WIDE, name="worth")
    height = float(str(inner.get("viewBox")).split()[3])
    head = 44.0
    for key in ("class", "role", "aria-labelledby", "viewBox"):
        inner.attrib.pop(key)
    inner.tag = "g"
    inner.set("transform", f"translate(16 {head:g})")
    full = (WIDE.width + 32, height + head + 12)
    svg = element(
        "svg",
        element("style", _STYLE),
        element("rect", x=0, y=0, width=full[0], height=full[1], fill="#fff"),
        element("text", texts.worth_outcome.format(outcome=result.outcome), class_="title", x=16, y=22),
        element("text", worded.band_now(), class_="tick", x=16, y=38),
        inner,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {full[0]:g} {full[1]:g}",
        width=full[0],
        height=full[1],
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(svg, encoding="unicode")}\n'
