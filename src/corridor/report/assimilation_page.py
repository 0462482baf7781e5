"""Pages of assimilated forecasts: one issue date with its diagnostics, or a series of re-issued ones.

Each is one file that fetches nothing, needs no script and holds its own style sheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from corridor.assimilate.combine import Assimilated
from corridor.assimilate.targets import TOTAL, Simulated, known_counts
from corridor.report.assimilation_words import five, people
from corridor.report.charts import MIDDLE, WIDE, Fan, Form, fan_chart
from corridor.report.digest import Dot
from corridor.report.markup import element, extend, to_html
from corridor.report.quantiles import write_aside
from corridor.report.scales import Scale, date_ticks, ticks
from corridor.report.skill_charts import rank_chart
from corridor.report.skill_page import section_of
from corridor.report.skill_words import Section
from corridor.report.texts import Texts
from corridor.scenario.model import Count

_N_BINS = 10


def write_assimilation_page(
    members: Simulated, made: Assimilated, sections: Sequence[Section], path: str | Path
) -> Path:
    """Write the page of one issue date: bands of what was counted, what does not fit, ranks."""
    counts = known_counts(members.scenario, members.dates[-1])
    counted = [name for name in made.targets.names if made.targets.counts_of(name)]
    wide = [TOTAL, *(name for name in counted if name != TOTAL)]
    charts = [
        _figure(_title(name), _fan(made, name, counts, index, WIDE if name == TOTAL else MIDDLE))
        for index, name in enumerate(wide)
    ]
    ranks = made.pulled.ranks
    shares = np.bincount(np.minimum((ranks * _N_BINS).astype(int), _N_BINS - 1), minlength=_N_BINS)
    diagnostics: list[Element] = []
    if ranks.size:
        standard = np.array([found.standardised for _, found in made.pulled.innovations])
        words = (
            f"{ranks.size} counts stood {np.mean(standard):+.1f} standard deviations from what was "
            f"expected when they "
            f"came, on average, with a spread of {np.std(standard):.1f}; 0 and 1 are ideal."
        )
        diagnostics = [
            element("p", words),
            element(
                "div",
                _figure("Ranks of the counts", rank_chart("ranks", "Ranks", (shares / ranks.size).tolist())),
                class_="many",
            ),
        ]
    body = [
        element(
            "p", f"{members.scenario.title}. Issued {made.issue_date}; counts up to that day.", class_="lead"
        ),
        element("ul", *(element("li", sentence) for sentence in made.sentences())),
        element("div", *charts[:1], class_="pair"),
        element("div", *charts[1:], class_="many lines"),
        *(section_of(section) for section in sections),
        element("section", element("h3", "How the counts stood among the futures"), *diagnostics),
    ]
    return write_aside(_page("The forecast after the counts", members.scenario.title, body), path)


def write_reissue_page(
    members: Simulated, made: Sequence[Assimilated], sections: Sequence[Section], path: str | Path
) -> Path:
    """Write the page of re-issued forecasts: how the bands of the last day narrow, and some issues in
    full."""
    counts = known_counts(members.scenario, members.dates[-1])
    shown = [made[index] for index in sorted({0, len(made) // 5, 2 * len(made) // 5, 4 * len(made) // 5})]
    fans = [
        _figure(f"Issued {each.issue_date}", _fan(each, TOTAL, counts, 100 + index, MIDDLE))
        for index, each in enumerate(shown)
    ]
    last = made[0].targets.dates[-1]
    counted = [count for count in counts if count.place == TOTAL]
    found = counted[-1].people if counted else None
    body = [
        element(
            "p",
            f"{members.scenario.title}. A forecast of the total, issued on {made[0].issue_date} "
            f"from claims alone and "
            f"again on {len(made) - 1} later dates with the counts so far.",
            class_="lead",
        ),
        _figure(
            f"The total on {last}, as each issue date saw it: middle, 50 % and 90 %",
            narrowing_chart(made, found),
        ),
        element("div", *fans, class_="many lines"),
        *(section_of(section) for section in sections),
        element(
            "section",
            element("h3", "What the last issue says of the counts"),
            element("ul", *(element("li", sentence) for sentence in made[-1].sentences())),
        ),
    ]
    return write_aside(_page("Forecasts re-issued as counts came in", members.scenario.title, body), path)


def narrowing_chart(made: Sequence[Assimilated], counted: int | None) -> Element:
    """Return a bar a issue date: its 90 % and 50 % bands and its middle for the last day, and what was
    counted."""
    width, height, left = 720.0, 300.0, 66.0
    levels = np.stack([five(each.quantiles)[each.targets.names.index(TOTAL), -1] for each in made])
    top = float(max(levels.max(), counted or 0))
    x = Scale(made[0].issue_date.toordinal(), made[-1].issue_date.toordinal(), left + 20, width - 30)
    y = Scale(0.0, top * 1.04, height - 24, 12)
    words = "; ".join(
        f"{each.issue_date}: {people(low)} to {people(high)}"
        for each, low, high in zip(made, levels[:, 0], levels[:, 4], strict=True)
    )
    svg = element(
        "svg",
        element("title", "How the bands narrow", id="narrow-t"),
        element("desc", words, id="narrow-d"),
        class_="chart displaced",
        role="img",
        aria_labelledby="narrow-t narrow-d",
        viewBox=f"0 0 {width:g} {height:g}",
    )
    for mark in ticks(top, 4):
        if mark <= top * 1.04:
            svg.append(element("line", class_="grid", x1=left, x2=width, y1=y(mark), y2=y(mark)))
            svg.append(
                element("text", f"{mark:,.0f}", class_="tick", x=left - 6, y=y(mark) + 4, text_anchor="end")
            )
    bar = min(16.0, 0.6 * (width - left) / max(len(made), 1))
    for each, five_levels in zip(made, levels, strict=True):
        centre = x(each.issue_date.toordinal())
        extend(svg, _bar(centre, bar, five_levels, y))
    if counted is not None:
        svg.append(element("path", class_="capacity", d=f"M{left},{y(counted):.1f} H{width}"))
        svg.append(
            element(
                "text",
                f"counted: {counted:,}",
                class_="note halo",
                x=width,
                y=y(counted) - 5,
                text_anchor="end",
            )
        )
    for date in date_ticks(made[0].issue_date, made[-1].issue_date, 8):
        svg.append(
            element(
                "text",
                f"{date.day} {date:%b}",
                class_="tick",
                x=x(date.toordinal()),
                y=height - 6,
                text_anchor="middle",
            )
        )
    return svg


def _bar(
    centre: float, width: float, levels: np.ndarray[tuple[int], np.dtype[np.float64]], y: Scale
) -> Iterable[Element]:
    for kind, low, high in (("band90", 0, 4), ("band50", 1, 3)):
        top, bottom = y(levels[high]), y(levels[low])
        path = f"M{centre - width / 2:.1f},{top:.1f} h{width:.1f} V{bottom:.1f} h-{width:.1f} Z"
        yield element("path", class_=kind, d=path)
    middle = y(levels[2])
    yield element("path", class_="middle", d=f"M{centre - width / 2:.1f},{middle:.1f} h{width:.1f}")


def _fan(made: Assimilated, name: str, counts: Sequence[Count], index: int, form: Form) -> Element:
    row = made.targets.names.index(name)
    days = slice(made.targets.issue_day, None)
    bands = five(made.quantiles)[row, days].T
    dates = made.targets.dates[days]
    dots = tuple(
        Dot(count.date, count.people, count.date <= made.issue_date)
        for count in counts
        if count.place == name and count.date <= dates[-1]
    )
    fan = Fan(dates, bands, dots=dots)
    title = f"{_title(name)}, issued {made.issue_date}"
    last = f"On {dates[-1]}: {people(bands[0, -1])} to {people(bands[4, -1])}, middle {people(bands[2, -1])}."
    return fan_chart(fan, form, top=fan.top, name=f"fan{index}", title=title, description=last, texts=Texts())


def _title(name: str) -> str:
    return "Displaced in total" if name == TOTAL else name


def _figure(title: str, svg: Element) -> Element:
    return element("figure", element("figcaption", title), svg)


def _page(heading: str, title: str, body: Sequence[Element]) -> str:
    style = (files("corridor.report") / "style.css").read_text("utf-8")
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"{title}: {heading}"),
        element("style", style),
    )
    page = element(
        "html",
        head,
        element(
            "body",
            element("header", element("h1", f"Corridor: {title}")),
            element("main", element("h2", heading), *body),
        ),
        lang="en",
    )
    return f"<!DOCTYPE html>\n{to_html(page)}\n"
