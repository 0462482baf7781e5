"""Fan charts as SVG: two tints for the 50 % and 90 % bands, a thin middle line, capacity, counts as dots.

A chart draws what it is given: quantiles, a capacity, dots. Colours are classes of the page's style sheet;
words come from ``texts``. Every chart carries a title and a description for readers who do not see it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import numpy as np

from corridor.report.digest import Dot, Floats
from corridor.report.markup import element, extend
from corridor.report.scales import Scale, date_ticks, spread, ticks
from corridor.report.texts import Texts

#: Days before the issue date from which counts are still drawn.
SHOWN_BEFORE_DAYS = 21
_LINE_HEIGHT = 15.0
_HEADROOM = 1.04  # of the scale above its highest value


@dataclass(frozen=True)
class Fan:
    """What a chart shows: a band of people over the days of the forecast."""

    dates: tuple[dt.date, ...]
    quantiles: Floats  # [5, days]: 0.05, 0.25, 0.5, 0.75, 0.95
    tone: str = "displaced"  # or trapped: the colour
    capacity: Floats | None = None  # [days], people; None or NaN where no limit is known
    room: str = ""  # the last capacity in figures
    dots: tuple[Dot, ...] = ()

    @property
    def shown_dots(self) -> tuple[Dot, ...]:
        """The dots from shortly before the issue date on."""
        first = self.dates[0] - dt.timedelta(SHOWN_BEFORE_DAYS)
        return tuple(dot for dot in self.dots if first <= dot.date <= self.dates[-1])

    @property
    def top(self) -> float:
        """The highest value that must be seen: of the 90 % band and the dots."""
        return max([float(self.quantiles[4].max()), *(float(dot.people) for dot in self.shown_dots)])


@dataclass(frozen=True)
class Form:
    """Size of a chart in units of its view box, and what is written on it."""

    width: float
    height: float
    right: float  # margin for labels at the end of the bands
    most_dates: int
    is_labelled: bool


WIDE = Form(720, 300, 110, 8, True)
NARROW = Form(360, 260, 92, 4, True)
SMALL = Form(280, 140, 14, 4, False)
MIDDLE = Form(280, 190, 68, 3, True)

_LEFT, _TOP, _BOTTOM = 4.0, 20.0, 22.0


def fan_chart(
    fan: Fan, form: Form, *, top: float, name: str, title: str, description: str, texts: Texts
) -> Element:
    """Return a chart whose scale holds ``top``; ``name`` is its id on the page."""
    most = max(top * _HEADROOM, 10.0)
    marks = [mark for mark in ticks(top, 3 if form.height < 200 else 4) if mark <= most]
    first = min([fan.dates[0], *(dot.date for dot in fan.shown_dots)])
    x = Scale(first.toordinal(), fan.dates[-1].toordinal(), _LEFT + 4, form.width - form.right)
    y = Scale(0.0, most, form.height - _BOTTOM, _TOP)
    svg = element(
        "svg",
        element("title", title, id=f"{name}-t"),
        element("desc", description, id=f"{name}-d"),
        class_=f"chart {fan.tone}",
        role="img",
        aria_labelledby=f"{name}-t {name}-d",
        viewBox=f"0 0 {form.width:g} {form.height:g}",
    )
    extend(svg, _bands(fan, x, y))
    extend(svg, _capacity(fan, form, x, y, most, texts))
    extend(svg, _middle(fan, x, y))
    extend(svg, _axes(fan, form, x, y, marks, texts))
    extend(svg, _dots(fan, form, x, y, texts))
    if form.is_labelled:
        extend(svg, _end_labels(fan, form, x, y, texts))
        extend(svg, _band_names(fan, form, x, y, texts) if form.height > 200 else [])
    return svg


def _axes(fan: Fan, form: Form, x: Scale, y: Scale, marks: Sequence[float], texts: Texts) -> list[Element]:
    end = form.width - form.right
    made = []
    for mark in marks:
        kind = "base" if mark == 0 else "grid"
        made.append(element("line", class_=kind, x1=_LEFT, x2=end, y1=y(mark), y2=y(mark)))
        if mark:
            made.append(element("text", f"{mark:,.0f}", class_="tick halo", x=_LEFT, y=y(mark) - 4))
    for date in date_ticks(fan.dates[0], fan.dates[-1], form.most_dates):
        place = x(date.toordinal())
        anchor = "start" if place < 20 else "end" if place > end - 12 else "middle"
        made.append(element("line", class_="base", x1=place, x2=place, y1=y(0), y2=y(0) + 4))
        words = texts.short_date(date)
        made.append(element("text", words, class_="tick", x=place, y=form.height - 5, text_anchor=anchor))
    return made


def _bands(fan: Fan, x: Scale, y: Scale) -> list[Element]:
    return [
        element("path", class_=kind, d=_area(fan.dates, fan.quantiles[low], fan.quantiles[high], x, y))
        for kind, low, high in (("band90", 0, 4), ("band50", 1, 3))
    ]


def _middle(fan: Fan, x: Scale, y: Scale) -> list[Element]:
    return [element("path", class_="middle", d=f"M{_points(fan.dates, fan.quantiles[2], x, y)}")]


def _points(dates: Sequence[dt.date], values: Floats, x: Scale, y: Scale) -> str:
    return " ".join(
        f"{x(date.toordinal()):.1f},{y(value):.1f}" for date, value in zip(dates, values, strict=True)
    )


def _area(dates: Sequence[dt.date], low: Floats, high: Floats, x: Scale, y: Scale) -> str:
    return f"M{_points(dates, high, x, y)} L{_points(dates[::-1], low[::-1], x, y)}Z"


def _capacity(fan: Fan, form: Form, x: Scale, y: Scale, top: float, texts: Texts) -> list[Element]:
    """A grey step line, broken where it lies above the chart; its last value in words."""
    if fan.capacity is None or not np.isfinite(fan.capacity).any():
        return []
    steps, was_inside = [], False
    for date, value in zip(fan.dates, fan.capacity.tolist(), strict=True):
        inside = np.isfinite(value) and 0 < value <= top
        place, height = f"{x(date.toordinal()):.1f}", f"{y(value):.1f}" if inside else ""
        if inside:
            steps.append(f"H{place} V{height}" if was_inside else f"M{place},{height}")
        was_inside = inside
    last = float(fan.capacity[-1])
    made = [element("path", class_="capacity", d=" ".join(steps))] if steps else []
    if not np.isfinite(last) or last <= 0:
        return made
    if last > top:
        words = texts.small_capacity_above.format(room=fan.room)
        return [
            *made,
            element("text", words, class_="note halo", x=form.width - form.right, y=11, text_anchor="end"),
        ]
    words = texts.label_capacity.format(number=fan.room)
    below = y(last) < _TOP + 8
    baseline = y(last) + 12 if below else y(last) - 4
    return [
        *made,
        element("text", words, class_="note halo", x=form.width - form.right, y=baseline, text_anchor="end"),
    ]


def _dots(fan: Fan, form: Form, x: Scale, y: Scale, texts: Texts) -> list[Element]:
    made = []
    radius = 3.2 if form.height >= 200 else 2.6
    for dot in fan.shown_dots:
        card = element(
            "title", f"{texts.short_date(dot.date)}: {texts.exact(dot.people)} {texts.label_counted}"
        )
        kind = "seen" if dot.seen else "unseen"
        made.append(
            element("circle", card, class_=kind, cx=x(dot.date.toordinal()), cy=y(dot.people), r=radius)
        )
    return made


def _end_labels(fan: Fan, form: Form, x: Scale, y: Scale, texts: Texts) -> list[Element]:
    """The numbers of the last day at the end of the bands."""
    values = fan.quantiles[:, -1].tolist()
    words = [texts.number(value) for value in values]
    if form.right > 100:
        words[2] = texts.label_middle.format(number=words[2])
    picked = range(5) if form.height > 200 else (0, 2, 4)
    wanted = [y(values[i]) + 4 for i in picked]
    places = spread(wanted, _LINE_HEIGHT, _TOP, form.height - _BOTTOM + 4)
    left = form.width - form.right + 6
    return [
        element("text", words[i], class_="end main" if i == 2 else "end", x=left, y=place)
        for i, place in zip(picked, places, strict=True)
    ]


def _band_names(fan: Fan, form: Form, x: Scale, y: Scale, texts: Texts) -> list[Element]:
    """What each band is, written into it near its end where it is high enough."""
    day = round(0.97 * (len(fan.dates) - 1))
    place, made = x(fan.dates[day].toordinal()), []
    for low, high, words in ((3, 4, texts.label_wide), (2, 3, texts.label_half)):
        bottom, top = y(float(fan.quantiles[low, day])), y(float(fan.quantiles[high, day]))
        if bottom - top >= _LINE_HEIGHT:
            middle = (bottom + top) / 2 + 4
            made.append(element("text", words, class_="band-name", x=place, y=middle, text_anchor="end"))
    return made
