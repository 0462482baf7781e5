"""Each figure of the report as a file of its own: SVG text, or PNG made from it.

A plot is the same drawing as in the report, with its title, unit and source written round it, and with the
part of the style sheet that it needs written into it. PNG is made by resvg (`resvg-py`), which comes with the
extra ``png``.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import textwrap
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

from corridor.problems import CorridorRuntimeError, InputError, Problem
from corridor.report.chart_sections import (
    Told,
    courses_top,
    displaced,
    site_tiers,
    source_text,
    storyline_courses,
    told_of_place,
    trapped,
)
from corridor.report.charts import MIDDLE, SMALL, WIDE, Form, fan_chart
from corridor.report.digest import Digest
from corridor.report.mapkey import map_key
from corridor.report.mapplan import LIVE, STILL, still_days
from corridor.report.maps import beyond, draw_map
from corridor.report.mapsection import plan_stills
from corridor.report.mapviews import make_world
from corridor.report.markup import element, extend
from corridor.report.texts import ENGLISH, Texts
from corridor.scenario.triggers import unknown_place

#: The figures that can be drawn, and what each shows.
FIGURES = {
    "displaced": "newly displaced, all places together",
    "trapped": "people who find no way out, all places together",
    "arrivals": "people at each site, with capacity and counts",
    "map": "where people are and the roads they take",
    "storylines": "newly displaced by storyline",
}
#: Pixels of a PNG for each unit of the drawing.
PNG_ZOOM = 2.0
#: Fonts asked for, the first one found is taken; all know Arabic but the last.
_FONTS = "'Noto Sans', 'DejaVu Sans', 'Liberation Sans', Arial, sans-serif"
_EDGE, _GAP = 20.0, 24.0
_TITLE, _LINE, _SMALL = 17.0, 22.0, 16.0  # font of the title, height of its lines and of small ones
_CHARACTER = 0.56  # width of a letter, as a share of the font


@dataclass(frozen=True)
class Panel:
    """One drawing of a plot, with the words over and under it."""

    drawn: Element
    width: float
    height: float
    title: str = ""
    unit: str = ""
    below: str = ""


def plot_svg(
    digest: Digest,
    figure: str,
    *,
    site: str | None = None,
    date: dt.date | None = None,
    texts: Texts = ENGLISH,
) -> str:
    """Return a figure as SVG text.

    Parameters
    ----------
    digest : Digest
    figure : str
        One of `FIGURES`.
    site : str, optional
        For ``arrivals``: one place, drawn large; any place will do.
    date : datetime.date, optional
        For ``map``: one day; else the days of the report's still maps.
    texts : Texts
        The language.

    Raises
    ------
    InputError
        If the figure, place or date is not there, or an option does not belong to the figure.
    """
    _check(digest, figure, site, date)
    if figure in ("displaced", "trapped"):
        told = (displaced if figure == "displaced" else trapped)(digest, texts)
        panels, columns, title = [_large(told, texts)], 1, ""
    elif figure == "arrivals":
        panels, columns, title = _arrivals(digest, site, texts)
    elif figure == "map":
        panels, columns, title = _maps(digest, date, texts)
    else:
        panels, columns, title = _storylines(digest, texts)
    before, after = _notes(digest, figure, texts)
    words = (f"{digest.scenario.title}.", before, source_text(digest, texts), after)
    return _sheet(panels, columns, title, " ".join(filter(None, words)), texts)


def _notes(digest: Digest, figure: str, texts: Texts) -> tuple[str, str]:
    """Return what is said under a figure before and after its source: what its marks mean."""
    if figure == "map":
        return texts.map_source, texts.map_endorse
    if figure == "displaced":
        return "", displaced(digest, texts).more.strip()
    if figure == "arrivals":
        return (texts.sites_lead if digest.scenario.counts else texts.sites_lead_no_counts), ""
    return texts.plot_bands, ""


def _check(digest: Digest, figure: str, site: str | None, date: dt.date | None) -> None:
    def refuse(code: str, message: str, hint: str = "") -> InputError:
        return InputError([Problem(code, "", 0, 0, message, hint)])

    if figure not in FIGURES:
        raise refuse("figure-unknown", f"'{figure}' is no figure", f"figures: {', '.join(FIGURES)}")
    if site is not None and figure != "arrivals":
        raise refuse("figure-option", f"'{figure}' is of all places", "--site belongs to the figure arrivals")
    if date is not None and figure != "map":
        raise refuse("figure-option", f"'{figure}' shows all days", "--date belongs to the figure map")
    known = {place.name: place for place in digest.places}
    if site is not None and site not in known:
        raise InputError([unknown_place(site, known)])
    if date is not None and date not in digest.dates:
        message = f"'{date}' is not a day of the forecast, {digest.dates[0]} to {digest.dates[-1]}"
        raise refuse("date-outside", message)
    if figure == "storylines" and len(digest.scenario.storylines) < 2:
        raise refuse(
            "figure-empty", f"'{digest.scenario.name}' has one storyline only; nothing to set beside it"
        )


# --- the panels -------------------------------------------------------------------------------------------


def _chart(told: Told, form: Form, top: float, name: str, texts: Texts) -> Panel:
    drawn = fan_chart(
        told.fan, form, top=top, name=name, title=told.title, description=told.unit, texts=texts
    )
    return Panel(drawn, form.width, form.height, told.title, told.unit)


def _large(told: Told, texts: Texts) -> Panel:
    return _chart(told, WIDE, told.fan.top, "chart", texts)


def _arrivals(digest: Digest, site: str | None, texts: Texts) -> tuple[list[Panel], int, str]:
    if site is not None:
        row = [place.name for place in digest.places].index(site)
        return [_large(told_of_place(digest, row, texts), texts)], 1, ""
    tiers, _ = site_tiers(digest, texts, hosts=False)
    if not tiers:
        message = "fewer than ten people are expected at every site, or there is none"
        raise InputError([Problem("figure-empty", "", 0, 0, message, "name a place with --site")])
    panels = [
        _chart(told, SMALL, tier.top, f"place{row}", texts) for tier in tiers for row, told in tier.charts
    ]
    return panels, min(3, len(panels)), f"{texts.sites_head}. {texts.plot_scales if len(tiers) > 1 else ''}"


def _maps(digest: Digest, date: dt.date | None, texts: Texts) -> tuple[list[Panel], int, str]:
    days = [digest.dates.index(date)] if date else still_days(len(digest.dates) - 1)
    world = make_world([digest], sorted({0, *days}), storylines=False)
    form = LIVE if date else STILL
    plan, base, _ = plan_stills(world, days, form)
    panels = []
    for day in days:
        shown = world.base.day(day)
        drawn = draw_map(digest, world, plan, shown, name=f"map{day}", texts=texts, base=base)
        outside = texts.listing(beyond(world, plan, shown, texts))
        below = texts.map_outside_frame.format(places=outside) if outside else ""
        panels.append(
            Panel(drawn, plan.frame.width, plan.frame.height, texts.full_date(digest.dates[day]), "", below)
        )
    has_disputed = base is not None and base.has_disputed
    width = max(plan.frame.width, 600.0)
    key = map_key(plan, texts, name="key", width=width, columns=3, has_disputed=has_disputed, class_="")
    panels.append(Panel(key, width, float(key.get("viewBox", "").split()[3])))
    return panels, len(days), texts.map_head


def _storylines(digest: Digest, texts: Texts) -> tuple[list[Panel], int, str]:
    courses = [course for course in storyline_courses(digest, texts) if course.fan]
    top = courses_top(courses)
    panels = [
        _chart(Told(course.title, course.count, course.fan), MIDDLE, top, f"line{order}", texts)
        for order, course in enumerate(courses)
        if course.fan
    ]
    lead = texts.storylines_lead.format(top=texts.number(top))
    return panels, min(3, len(panels)), lead


# --- the sheet --------------------------------------------------------------------------------------------


def _sheet(panels: Sequence[Panel], columns: int, title: str, source: str, texts: Texts) -> str:
    """Set panels in columns, words over and under them, on one sheet; return it as SVG text."""
    rows = _rows(panels, columns)
    inner = max(sum(panel.width for panel in row) + _GAP * (len(row) - 1) for row in rows)
    made: list[Element] = []
    y = _EDGE
    if title:
        y = _words(made, title, _EDGE, y, inner, _TITLE + 2, "title") + 8
    for row in rows:
        y = _set_row(made, row, y) + _GAP
    y = _words(made, source, _EDGE, y - 8, inner, 12, "small")
    width, height = inner + 2 * _EDGE, y + _EDGE / 2
    root = element(
        "svg",
        element("style", figure_style()),
        element("rect", x=0.0, y=0.0, width=width, height=height, fill="#ffffff"),
        xmlns="http://www.w3.org/2000/svg",
        width=width,
        height=height,
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        font_family=_FONTS,
        lang=texts.language,
    )
    extend(root, made)
    return tostring(root, encoding="unicode") + "\n"


def _rows(panels: Sequence[Panel], columns: int) -> list[list[Panel]]:
    """Return panels row by row; one of another width begins a row of its own."""
    rows: list[list[Panel]] = []
    for panel in panels:
        if rows and len(rows[-1]) < columns and rows[-1][0].width == panel.width:
            rows[-1].append(panel)
        else:
            rows.append([panel])
    return rows


def _set_row(made: list[Element], row: Sequence[Panel], y: float) -> float:
    """Set panels side by side, their drawings in line; return where they end."""
    heads: list[list[Element]] = []
    ends = []
    for order, panel in enumerate(row):
        head: list[Element] = []
        x = _EDGE + sum(other.width + _GAP for other in row[:order])
        end = _words(head, panel.title, x, y, panel.width, _TITLE, "panel") if panel.title else y
        ends.append(_words(head, panel.unit, x, end, panel.width, 13, "small") if panel.unit else end)
        heads.append(head)
    top, bottom = max(ends) + 4, y
    for order, (panel, head) in enumerate(zip(row, heads, strict=True)):
        x = _EDGE + sum(other.width + _GAP for other in row[:order])
        made.extend(head)
        for name, value in (("x", x), ("y", top), ("width", panel.width), ("height", panel.height)):
            panel.drawn.set(name, f"{value:g}")
        made.append(panel.drawn)
        end = top + panel.height
        below = _words(made, panel.below, x, end + 4, panel.width, 12, "small") if panel.below else end
        bottom = max(bottom, below)
    return bottom


def _words(
    made: list[Element], words: str, x: float, y: float, width: float, font: float, class_: str
) -> float:
    """Write words in lines that fit the width; return where they end."""
    height = _LINE if font >= _TITLE else _SMALL
    for line in textwrap.wrap(words, max(10, int(width / (_CHARACTER * font)))):
        y += height
        made.append(element("text", line, class_=f"sheet-{class_}", x=x, y=y - 4, font_size=f"{font:g}"))
    return y


def figure_style() -> str:
    """Return the part of the report's style sheet that figures need, colours written out."""
    sheet = files("corridor.report").joinpath("style.css").read_text("utf-8")
    colours = dict(re.findall(r"--([\w]+):\s*(#\w+)", sheet))
    start = sheet.index("/* figures")
    part = sheet[start : sheet.index("/* end of figures */")].replace("font-family: inherit; ", "")
    own = ".sheet-title, .sheet-panel { font-weight: 600; } .sheet-small { fill: var(--quiet); }\n"
    return re.sub(r"var\(--(\w+)\)", lambda found: colours[found.group(1)], part + own)


# --- files ------------------------------------------------------------------------------------------------


def write_plot(svg: str, path: str | Path) -> Path:
    """Write a figure as ``.svg`` or ``.png``, aside first and then moved into place.

    Raises
    ------
    InputError
        If the name ends otherwise.
    CorridorRuntimeError
        If the file cannot be written, or for PNG if resvg or a font is missing; nothing is left behind.
    """
    target = Path(path)
    kind = target.suffix.lower()
    if kind not in (".svg", ".png"):
        raise InputError([Problem("output-kind", "", 0, 0, f"'{target}' must end with .svg or .png")])
    data = svg.encode("utf-8") if kind == ".svg" else png_of(svg)
    aside = target.with_name(f".{target.name}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(data)
        os.replace(aside, target)
    except OSError as error:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise CorridorRuntimeError(f"'{target}' could not be written: {error}") from error
    return target


def png_of(svg: str, *, font_dirs: Sequence[str] | None = None) -> bytes:
    """Return SVG text as PNG.

    Parameters
    ----------
    svg : str
    font_dirs : sequence of str, optional
        Folders with the fonts to use; those of the system if not given.

    Raises
    ------
    CorridorRuntimeError
        If resvg is not installed, or there is no font to write words with.
    """
    try:
        import resvg_py
    except ImportError as error:
        message = "PNG needs resvg-py, which is not installed: pip install 'corridor[png]'; SVG needs nothing"
        raise CorridorRuntimeError(message) from error

    def drawn(text: str, zoom: float) -> bytes:
        if font_dirs is None:
            return bytes(resvg_py.svg_to_bytes(svg_string=text, zoom=zoom))
        dirs = list(font_dirs)
        return bytes(
            resvg_py.svg_to_bytes(svg_string=text, zoom=zoom, skip_system_fonts=True, font_dirs=dirs)
        )

    blank = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"{}>{}</svg>'
    family = f' font-family="{_FONTS}"'
    if drawn(blank.format(family, '<text y="16">M</text>'), 1.0) == drawn(blank.format(family, ""), 1.0):
        message = (
            "no font was found to write the words of a PNG with; install one, such as the package "
            "fonts-dejavu-core, or write SVG"
        )
        raise CorridorRuntimeError(message)
    return drawn(svg, PNG_ZOOM)
