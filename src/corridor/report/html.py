"""One self-contained page that a planner can read, print and send on.

Sentences, table, maps, charts, what it rests on, method: the sections follow the order of a reader's
questions. The page fetches nothing, needs no script and holds its own style sheet. It is built as a tree of
elements, so that names and notes of a scenario can never become markup.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from corridor.ensemble.forecast import Forecast
from corridor.report.charts import MIDDLE, NARROW, SMALL, WIDE, Fan, fan_chart
from corridor.report.digest import Digest, Floats, band, make_digest
from corridor.report.mapkey import map_key
from corridor.report.mapplan import Layer, map_dates, map_days, plan_maps
from corridor.report.maps import beyond, draw_map
from corridor.report.markup import element, to_html
from corridor.report.planning import Expected, PlanningRow, is_quiet, planning_table
from corridor.report.quantiles import write_aside
from corridor.report.rests import method_section, past_section, rests_section
from corridor.report.texts import LEAST_TOLD, Texts
from corridor.report.words import USEFUL_LEAD_DAYS, Statement, statements, storyline_members

#: A group of small charts on one scale ends where the next chart would be less than this share of its first.
_TIER_SHARE = 1 / 3
#: Towns and host communities drawn; the table of quantiles has all.
_MOST_HOSTS = 12
_FACT_TONES = {
    "arrivals": "blue",
    "full": "grey",
    "full_now": "grey",
    "trapped": "orange",
    "left_area": "blue",
    "returned": "blue",
}


def write_report(
    forecast: Forecast | Digest,
    path: str | Path,
    *,
    texts: Texts | None = None,
    base_map: Sequence[Layer] = (),
    tells_small: bool = False,
) -> Path:
    """Write the report as one HTML file, aside first and then moved into place.

    Parameters
    ----------
    forecast : Forecast or Digest
    path : path
        The file, usually ``report.html``.
    texts : Texts, optional
        The language; English if not given.
    base_map : sequence of layers
        Drawn under the places of each map.
    tells_small : bool
        Tell numbers from 1 to 9 as they are, instead of "<10". Not for sharing.

    Raises
    ------
    CorridorRuntimeError
        If the file cannot be written; nothing is left behind.
    """
    digest = forecast if isinstance(forecast, Digest) else make_digest(forecast)
    return write_aside(report_html(digest, texts or Texts(tells_small=tells_small), base_map), path)


def report_html(digest: Digest, texts: Texts, base_map: Sequence[Layer] = ()) -> str:
    """Return the report as HTML text."""
    told = statements(digest, texts)
    sections = [
        _table_section(digest, texts),
        _map_section(digest, texts, base_map),
        _all_section(digest, texts),
        _sites_section(digest, texts),
        _storylines_section(digest, told, texts),
        rests_section(digest, texts),
        past_section(digest, texts),
        method_section(digest, texts),
    ]
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", digest.scenario.title),
        element("style", files("corridor.report").joinpath("style.css").read_text("utf-8")),
    )
    body = element("body", _header(digest, told, texts), element("main", *sections))
    return (
        "<!doctype html>\n"
        + to_html(element("html", head, body, lang=texts.language, dir=texts.direction))
        + "\n"
    )


def _section(head: str, *children: Element | str | None, name: str) -> Element:
    return element("section", element("h2", head, id=name), *children, aria_labelledby=name)


def _header(digest: Digest, told: Sequence[Statement], texts: Texts) -> Element:
    first = digest.scenario.issue_date
    issued = texts.issued.format(issue=texts.full_date(first), horizon=texts.full_date(digest.dates[-1]))
    made = element("header", element("h1", digest.scenario.title), element("p", issued, class_="issued"))
    for statement in told:
        if statement.topic == "headline":
            made.append(element("p", statement.text, class_="headline"))
    ranges = " ".join(s.text for s in told if s.topic in ("headline_wide", "later"))
    made.append(element("p", ranges, class_="wide-range")) if ranges else None
    for topic in ("terms", "caution"):
        made.extend(element("p", s.text, class_=topic) for s in told if s.topic == topic)
    facts = [element("li", s.text, class_=_FACT_TONES[s.topic]) for s in told if s.topic in _FACT_TONES]
    made.append(element("ul", *facts, class_="facts")) if facts else None
    return made


# --- the table to act on --------------------------------------------------------------------------


def _table_section(digest: Digest, texts: Texts) -> Element:
    table = planning_table(digest)
    sites = [_table_row(row, texts) for row in table.sites if not is_quiet(row)]
    quiet = [row.name for row in table.sites if is_quiet(row)]
    sums = [
        _table_row(row, texts, name)
        for name, row in (
            (texts.table_all_sites, table.all_sites),
            (texts.table_hosts, table.hosts),
            (texts.table_total, table.newly_displaced),
        )
        if row is not table.all_sites or sites
    ]
    made = element(
        "table",
        element("thead", _table_head(digest, table.lead_days, texts)),
        element("tbody", *sites) if sites else None,
        element("tbody", *sums, class_="sums"),
        class_="plan",
        aria_describedby="table-note",
    )
    scroll = element("div", made, class_="scroll", role="region", aria_label=texts.table_title, tabindex="0")
    few = element("p", texts.sites_few.format(places=texts.listing(quiet)), class_="small") if quiet else None
    note = element("p", texts.table_caption, class_="note", id="table-note")
    return _section(texts.table_title, note, scroll, few, _source(digest, texts), name="table")


def _table_head(digest: Digest, days: Sequence[int], texts: Texts) -> Element:
    def column(words: str, small: str = "") -> Element:
        below = element("small", small) if small else None
        return element("th", words, below, class_="num", scope="col")

    dated = [column(texts.short_date(digest.dates[day]), _lead(day, texts)) for day in days]
    rest = [column(words) for words in (texts.table_room, texts.table_chance, texts.table_half)]
    return element("tr", element("th", texts.table_site, scope="col"), column(texts.table_now), *dated, *rest)


def _lead(day: int, texts: Texts) -> str:
    weeks, days = divmod(day, 7)
    return texts.table_days.format(days=day) if days else texts.table_weeks.format(weeks=weeks)


def _table_row(row: PlanningRow, texts: Texts, name: str = "") -> Element:
    place_id = element("small", row.place_id) if row.place_id else None
    head = element("th", name or row.name, place_id, scope="row")
    now = element("td", texts.number(row.now), class_="num")
    expected = [_expected_cell(at, texts) for at in row.expected]
    if not row.name:
        return element("tr", head, now, *expected, element("td", colspan="3"))
    room = texts.table_not_known if row.capacity is None else texts.exact(row.capacity)
    half = texts.short_date(row.half_full_on) if row.half_full_on else texts.table_never
    return element(
        "tr",
        head,
        now,
        *expected,
        element("td", room, class_="num"),
        element("td", *_chance(row.chance_full, texts), class_="num"),
        element("td", half, class_="num"),
    )


def _chance(chance: float | None, texts: Texts) -> list[Element | str]:
    if chance is None:
        return [texts.table_never]
    bar = element("i", style=f"width:{100 * chance:.0f}%")
    return [texts.short_share(chance), element("span", bar, class_="meter", aria_hidden="true")]


def _expected_cell(at: Expected, texts: Texts) -> Element:
    middle, range_ = texts.number(at.p50), texts.short_range(at.p10, at.p90)
    return element("td", middle, element("small", range_) if range_ != middle else None, class_="num")


# --- the map --------------------------------------------------------------------------------------


def _map_section(digest: Digest, texts: Texts, base: Sequence[Layer]) -> Element:
    shown = map_days(digest, map_dates(len(digest.dates) - 1))
    plan = plan_maps(digest, shown)
    figures = []
    for order, day in enumerate(shown):
        drawn = draw_map(digest, plan, day, name=f"map{order}", texts=texts, base=base)
        outside = texts.listing(beyond(digest, plan, day, texts))
        below = (
            element("p", texts.map_outside_frame.format(places=outside), class_="small") if outside else None
        )
        caption = element("figcaption", texts.date(digest.dates[day.day], digest.dates[0]))
        figures.append(element("figure", caption, drawn, below))
    return _section(
        texts.map_head,
        element("p", texts.map_lead, class_="lead"),
        element("div", *figures, class_=f"maps of{len(figures)}"),
        map_key(plan, texts, columns=3),
        map_key(plan, texts, columns=1),
        element("p", f"{texts.map_source} {_source_text(digest, texts)}", class_="source"),
        name="map",
    )


# --- charts ---------------------------------------------------------------------------------------


def _source_text(digest: Digest, texts: Texts) -> str:
    forecast = digest.forecast
    return texts.chart_source.format(version=forecast.version, members=forecast.n_members, seed=forecast.seed)


def _source(digest: Digest, texts: Texts, more: str = "") -> Element:
    return element("p", _source_text(digest, texts) + more, class_="source")


def _chart_description(fan: Fan, texts: Texts) -> str:
    """Say what a chart shows: the bands on two days, the capacity, the counts."""
    days = sorted({min(USEFUL_LEAD_DAYS, len(fan.dates) - 1), len(fan.dates) - 1})
    words = []
    for day in days:
        q05, q25, q50, q75, q95 = (float(value) for value in fan.quantiles[:, day])
        half, wide = texts.bare_range(q25, q75), texts.bare_range(q05, q95)
        date = texts.full_date(fan.dates[day])
        words.append(texts.chart_desc.format(date=date, range=half, wide=wide, middle=texts.middle(q50)))
    if fan.capacity is not None and np.isfinite(fan.capacity[-1]):
        words.append(texts.chart_desc_capacity.format(room=fan.room))
    counted = [f"{texts.full_date(dot.date)} {texts.exact(dot.people)}" for dot in fan.shown_dots]
    if counted:
        words.append(texts.chart_desc_counts.format(counts=", ".join(counted)))
    return " ".join(words)


def _large_chart(fan: Fan, name: str, title: str, unit: str, source: Element, texts: Texts) -> Element:
    """Return a figure with the chart in two widths, of which the style sheet shows one."""
    words = _chart_description(fan, texts)
    drawn = []
    for form, kind in ((WIDE, "wide"), (NARROW, "narrow narrow-form")):
        ids = f"{name}-{kind.split()[0]}"
        svg = fan_chart(fan, form, top=fan.top, name=ids, title=title, description=words, texts=texts)
        svg.set("class", f"{svg.get('class')} {kind}")
        drawn.append(svg)
    return element("figure", element("figcaption", title, element("small", unit)), *drawn, source)


def _all_section(digest: Digest, texts: Texts) -> Element:
    figures = [_displaced_figure(digest, texts)]
    if digest.totals["trapped"].any():
        figures.append(_trapped_figure(digest, texts))
    return _section(texts.all_head, element("div", *figures, class_="pair"), name="all")


def _displaced_figure(digest: Digest, texts: Texts) -> Element:
    quantiles = band(digest.totals["newly_displaced"])
    fan = Fan(digest.dates, quantiles, dots=digest.dots("total"))
    day = min(USEFUL_LEAD_DAYS, len(digest.dates) - 1)
    title = _title(texts.displaced_title, quantiles[:, day], digest.dates[day], digest, texts)
    unit = texts.displaced_unit.format(issue=texts.full_date(digest.dates[0]))
    more = _counts_source(digest, fan, texts)
    return _large_chart(fan, "displaced", title, unit, _source(digest, texts, more), texts)


def _counts_source(digest: Digest, fan: Fan, texts: Texts) -> str:
    if not fan.shown_dots:
        return ""
    people = sorted(
        {count.counted_by for count in digest.scenario.counts if count.place == "total" and count.counted_by}
    )
    words = texts.chart_source_counts.format(counted_by=texts.listing(people)) if people else ""
    base, issue = digest.base_total(), texts.full_date(digest.dates[0])
    return words + (texts.chart_source_base.format(base=texts.exact(base), issue=issue) if base else "")


def _trapped_figure(digest: Digest, texts: Texts) -> Element:
    quantiles = band(digest.totals["trapped"])
    peak = int(quantiles[2].argmax())
    fan = Fan(digest.dates, quantiles, tone="trapped")
    title = _title(texts.trapped_title, quantiles[:, peak], digest.dates[peak], digest, texts)
    return _large_chart(fan, "trapped", title, texts.trapped_unit, _source(digest, texts), texts)


def _title(template: str, values: Floats, date: dt.date, digest: Digest, texts: Texts) -> str:
    words = texts.range(float(values[1]), float(values[3]))
    return template.format(range=words, date=texts.date(date, digest.dates[0]))


# --- small multiples ------------------------------------------------------------------------------


def _sites_section(digest: Digest, texts: Texts) -> Element:
    lead = texts.sites_lead if digest.scenario.counts else texts.sites_lead_no_counts
    children = [element("p", lead, class_="lead")]
    sites = {row: _place_fan(digest, row, texts) for row in digest.site_rows}
    hosts = {row: _place_fan(digest, row, texts) for row in digest.host_rows}
    shown = _in_order(digest, sites)
    children += _tiers(digest, shown, sites, texts.sites_tier, texts)
    quiet = [digest.places[row].name for row in sites if row not in shown]
    if quiet:
        children.append(element("p", texts.sites_few.format(places=texts.listing(quiet)), class_="small"))
    taken_in = _in_order(digest, hosts)
    children += _tiers(digest, taken_in[:_MOST_HOSTS], hosts, texts.hosts_tier, texts)
    more = [digest.places[row].name for row in taken_in[_MOST_HOSTS:]]
    if more:
        children.append(element("p", texts.hosts_more.format(places=texts.listing(more)), class_="small"))
    return _section(texts.sites_head, *children, _source(digest, texts), name="sites")


def _in_order(digest: Digest, fans: dict[int, Fan]) -> list[int]:
    """Return the places with something to draw, those with the highest charts first."""
    shown = [row for row, fan in fans.items() if fan.top >= LEAST_TOLD]
    return sorted(shown, key=lambda row: (-fans[row].top, digest.places[row].name))


def _place_fan(digest: Digest, row: int, texts: Texts) -> Fan:
    limits = digest.capacity[:, :, row].astype(np.float64)
    room = digest.usual_capacity(row)
    has_limit = digest.places[row].is_site and room is not None and bool((limits >= 0).all())
    words = texts.exact(room or 0) if digest.capacity_is_exact(row) else texts.number(room or 0)
    return Fan(
        digest.dates,
        band(digest.present[:, :, row]),
        capacity=np.asarray(np.median(limits, axis=0)) if has_limit else None,
        room=words,
        dots=digest.dots(digest.places[row].name),
    )


def _tiers(
    digest: Digest, rows: Sequence[int], fans: dict[int, Fan], head: str, texts: Texts
) -> list[Element]:
    """Draw places, largest first, in groups that one scale can show."""
    tiers: list[list[int]] = []
    for row in rows:
        if tiers and fans[row].top >= _TIER_SHARE * fans[tiers[-1][0]].top:
            tiers[-1].append(row)
        else:
            tiers.append([row])
    made = []
    for tier in tiers:
        top = fans[tier[0]].top
        words = head.format(top=texts.number(top))
        figures = [_small_figure(digest, row, fans[row], top, texts) for row in tier]
        made += [element("h3", words), element("div", *figures, class_="many")]
    return made


def _small_figure(digest: Digest, row: int, fan: Fan, top: float, texts: Texts) -> Element:
    place, day = digest.places[row], min(USEFUL_LEAD_DAYS, len(digest.dates) - 1)
    range_ = texts.short_range(float(fan.quantiles[1, day]), float(fan.quantiles[3, day]))
    words = texts.small_title.format(range=range_, date=texts.short_date(digest.dates[day]))
    share, half = float(digest.full_by[-1, row]), digest.half_full_day(row)
    if place.is_site and half is not None:
        words += texts.small_half_full.format(date=texts.short_date(digest.dates[half]))
    elif place.is_site and share >= 0.05:
        words += texts.small_full.format(share=texts.share(share))
    description = _chart_description(fan, texts)
    svg = fan_chart(
        fan, SMALL, top=top, name=f"place{row}", title=place.name, description=description, texts=texts
    )
    return element("figure", element("figcaption", place.name, element("small", words)), svg)


# --- storylines -----------------------------------------------------------------------------------


def _storylines_section(digest: Digest, told: Sequence[Statement], texts: Texts) -> Element | None:
    followed = storyline_members(digest)
    if len(followed) < 2:
        return None
    quantiles = {
        title: band(digest.totals["newly_displaced"][chosen]) for title, chosen in followed if chosen.size
    }
    top = max(float(values[4].max()) for values in quantiles.values())
    figures = []
    for order, (line, (title, chosen)) in enumerate(zip(digest.scenario.storylines, followed, strict=True)):
        if not chosen.size:
            figures.append(
                element("figure", element("figcaption", title, element("small", texts.storyline_none)))
            )
            continue
        fan = Fan(digest.dates, quantiles[title])
        words = _chart_description(fan, texts)
        svg = fan_chart(
            fan, MIDDLE, top=top, name=f"line{order}", title=title, description=words, texts=texts
        )
        count = texts.storyline_share.format(n=chosen.size, members=digest.n_members)
        story = element("p", line.story, class_="small") if line.story else None
        figures.append(element("figure", element("figcaption", title, element("small", count)), svg, story))
    lead = texts.storylines_lead.format(top=texts.number(top))
    return _section(
        texts.storylines_head,
        element("p", lead, class_="lead"),
        element("div", *figures, class_="many lines"),
        _source(digest, texts),
        name="storylines",
    )
