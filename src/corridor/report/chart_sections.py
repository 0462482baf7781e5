"""The report's charts: all places together, each site with its counts, storylines and what-ifs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import numpy as np

from corridor.ensemble.compare import compare
from corridor.report.charts import MIDDLE, NARROW, SMALL, WIDE, Fan, fan_chart
from corridor.report.compare_words import comparison_sentences
from corridor.report.digest import Digest, Floats, band
from corridor.report.markup import element
from corridor.report.texts import LEAST_TOLD, Texts, isolated
from corridor.report.words import USEFUL_LEAD_DAYS, storyline_members

#: A group of small charts on one scale ends where the next chart would be less than this share of its first.
_TIER_SHARE = 1 / 3
#: Sites, and towns and host communities, drawn; the table of quantiles has all.
_MOST_SITES, _MOST_HOSTS = 24, 12
#: Names in one list.
_MOST_NAMES = 30
_WEEK = 7


def source_text(digest: Digest, texts: Texts) -> str:
    """Return where the numbers of a figure come from."""
    forecast = digest.forecast
    return texts.chart_source.format(version=forecast.version, members=forecast.n_members, seed=forecast.seed)


def source_line(digest: Digest, texts: Texts, more: str = "") -> Element:
    """Return `source_text` as the line under a figure."""
    return element("p", source_text(digest, texts) + more, class_="source")


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


# --- all places -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """A chart with the words that stand over and under it."""

    title: str
    unit: str
    fan: Fan
    more: str = ""  # after the source


def all_places(digest: Digest, texts: Texts) -> list[Told]:
    """Return the charts of all places together: newly displaced, and trapped where anybody is."""
    made = [displaced(digest, texts)]
    return [*made, trapped(digest, texts)] if digest.totals["trapped"].any() else made


def displaced(digest: Digest, texts: Texts) -> Told:
    """Return the chart of the newly displaced."""
    quantiles = band(digest.totals["newly_displaced"])
    fan = Fan(digest.dates, quantiles, dots=digest.dots("total"))
    day = min(USEFUL_LEAD_DAYS, len(digest.dates) - 1)
    title = _title(texts.displaced_title, quantiles[:, day], digest.dates[day], digest, texts)
    unit = texts.displaced_unit.format(issue=texts.full_date(digest.dates[0]))
    return Told(title, unit, fan, _counts_source(digest, fan, texts))


def trapped(digest: Digest, texts: Texts) -> Told:
    """Return the chart of the trapped."""
    quantiles = band(digest.totals["trapped"])
    peak = int(quantiles[2].argmax())
    fan = Fan(digest.dates, quantiles, tone="trapped")
    title = _title(texts.trapped_title, quantiles[:, peak], digest.dates[peak], digest, texts)
    return Told(title, texts.trapped_unit, fan)


def all_section(digest: Digest, texts: Texts) -> list[Element]:
    """Return what stands in the section on all places together."""
    figures = []
    for name, told in zip(("displaced", "trapped"), all_places(digest, texts), strict=False):
        source = source_line(digest, texts, told.more)
        figures.append(_large_chart(told.fan, name, told.title, told.unit, source, texts))
    return [element("div", *figures, class_="pair")]


def _counts_source(digest: Digest, fan: Fan, texts: Texts) -> str:
    if not fan.shown_dots:
        return ""
    people = sorted(
        {count.counted_by for count in digest.scenario.counts if count.place == "total" and count.counted_by}
    )
    words = texts.chart_source_counts.format(counted_by=texts.listing(people)) if people else ""
    base, issue = digest.base_total(), texts.full_date(digest.dates[0])
    return words + (texts.chart_source_base.format(base=texts.exact(base), issue=issue) if base else "")


def _title(template: str, values: Floats, date: dt.date, digest: Digest, texts: Texts) -> str:
    words = texts.range(float(values[1]), float(values[3]))
    return template.format(range=words, date=texts.date(date, digest.dates[0]))


# --- each site --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tier:
    """Charts of places on one scale, the largest first."""

    head: str
    top: float
    charts: tuple[tuple[int, Told], ...]  # row of the place, its chart


def site_tiers(digest: Digest, texts: Texts, *, hosts: bool = True) -> tuple[list[Tier], list[str]]:
    """Return the charts of places in groups that one scale can show, and what is said of the others.

    Without ``hosts``, of sites only.
    """
    sites = {row: _place_fan(digest, row, texts) for row in digest.site_rows}
    towns = {row: _place_fan(digest, row, texts) for row in digest.host_rows} if hosts else {}
    shown, taken_in = _in_order(digest, sites), _in_order(digest, towns)
    tiers = _tiers(digest, shown[:_MOST_SITES], sites, texts.sites_tier, texts)
    tiers += _tiers(digest, taken_in[:_MOST_HOSTS], towns, texts.hosts_tier, texts)
    quiet = [row for row in sites if row not in shown]
    left_out = (
        (texts.sites_more, shown[_MOST_SITES:]),
        (texts.sites_few, quiet),
        (texts.hosts_more, taken_in[_MOST_HOSTS:]),
    )
    return tiers, [words.format(places=_names(digest, rows, texts)) for words, rows in left_out if rows]


def sites_section(digest: Digest, texts: Texts) -> list[Element]:
    """Return what stands in the section on sites."""
    lead = texts.sites_lead if digest.scenario.counts else texts.sites_lead_no_counts
    tiers, others = site_tiers(digest, texts)
    made = [element("p", lead, class_="lead")]
    for tier in tiers:
        figures = [_small_figure(row, told, tier.top, texts) for row, told in tier.charts]
        made += [element("h3", tier.head), element("div", *figures, class_="many")]
    made += [element("p", words, class_="small") for words in others]
    return [*made, source_line(digest, texts)]


def _names(digest: Digest, rows: Sequence[int], texts: Texts) -> str:
    names = [isolated(digest.places[row].name) for row in rows]
    if len(names) > _MOST_NAMES:
        names = [*names[: _MOST_NAMES - 1], texts.other_places.format(n=len(names) - _MOST_NAMES + 1)]
    return texts.listing(names)


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


def _tiers(digest: Digest, rows: Sequence[int], fans: dict[int, Fan], head: str, texts: Texts) -> list[Tier]:
    groups: list[list[int]] = []
    for row in rows:
        if groups and fans[row].top >= _TIER_SHARE * fans[groups[-1][0]].top:
            groups[-1].append(row)
        else:
            groups.append([row])
    made = []
    for group in groups:
        top = fans[group[0]].top
        charts = tuple((row, _told_of(digest, row, fans[row], texts)) for row in group)
        made.append(Tier(head.format(top=texts.number(top)), top, charts))
    return made


def told_of_place(digest: Digest, row: int, texts: Texts) -> Told:
    """Return the chart of one place."""
    return _told_of(digest, row, _place_fan(digest, row, texts), texts)


def _told_of(digest: Digest, row: int, fan: Fan, texts: Texts) -> Told:
    place, day = digest.places[row], min(USEFUL_LEAD_DAYS, len(digest.dates) - 1)
    range_ = texts.short_range(float(fan.quantiles[1, day]), float(fan.quantiles[3, day]))
    words = texts.small_title.format(range=range_, date=texts.short_date(digest.dates[day]))
    share, half = float(digest.full_by[-1, row]), digest.half_full_day(row)
    if place.is_site and half is not None:
        words += texts.small_half_full.format(date=texts.short_date(digest.dates[half]))
    elif place.is_site and share >= 0.05:
        words += texts.small_full.format(share=texts.share(share))
    if place.is_site:
        words += _busiest_week(digest, row, texts)
    return Told(isolated(place.name), words, fan)


def _busiest_week(digest: Digest, row: int, texts: Texts) -> str:
    """Return how many arrive in the week in which most do, the half of the futures."""
    so_far = digest.arrivals[:, :, row].cumsum(axis=1)
    before = np.zeros_like(so_far)
    before[:, _WEEK:] = so_far[:, :-_WEEK]
    low, high = (float(value) for value in band((so_far - before).max(axis=1), (0.25, 0.75)))
    return texts.small_busiest.format(range=texts.short_range(low, high)) if high >= LEAST_TOLD else ""


def _small_figure(row: int, told: Told, top: float, texts: Texts) -> Element:
    words = _chart_description(told.fan, texts)
    svg = fan_chart(
        told.fan, SMALL, top=top, name=f"place{row}", title=told.title, description=words, texts=texts
    )
    caption = element("figcaption", element("bdi", told.title), element("small", told.unit))
    return element("figure", caption, svg)


# --- storylines and what-ifs ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Course:
    """One way the crisis may go: a storyline, or a what-if."""

    title: str
    count: str
    story: str
    fan: Fan | None  # None where no future followed it


def storyline_courses(digest: Digest, texts: Texts) -> list[Course]:
    """Return the storylines side by side; none where there is only one."""
    followed = storyline_members(digest)
    if len(followed) < 2:
        return []
    made = []
    for line, (title, chosen) in zip(digest.scenario.storylines, followed, strict=True):
        fan = Fan(digest.dates, band(digest.totals["newly_displaced"][chosen])) if chosen.size else None
        count = texts.storyline_share.format(n=chosen.size, members=digest.n_members)
        made.append(Course(title, count if fan else texts.storyline_none, line.story, fan))
    return made


def what_if_courses(digests: Sequence[Digest], names: Sequence[str], texts: Texts) -> list[Course]:
    """Return the forecast and its what-ifs side by side; none where there is only the forecast."""
    made = []
    for digest, name in zip(digests, names, strict=True):
        count = texts.what_if_count.format(members=digest.n_members)
        fan = Fan(digest.dates, band(digest.totals["newly_displaced"]))
        story = digest.scenario.description if digest.scenario.what_if else ""
        made.append(Course(name, count, story, fan))
    return made if len(made) > 1 else []


def courses_top(courses: Sequence[Course]) -> float:
    """Return the highest value of all, for one scale."""
    return max((course.fan.top for course in courses if course.fan), default=0.0)


def courses_section(
    digests: Sequence[Digest], names: Sequence[str], texts: Texts
) -> list[Element | None] | None:
    """Return what stands in the section on storylines and what-ifs, or None if there is only one course."""
    lines = storyline_courses(digests[0], texts)
    what_ifs = what_if_courses(digests, names, texts)
    if not lines and not what_ifs:
        return None
    top = courses_top([*lines, *what_ifs])
    return [
        element("p", texts.storylines_lead.format(top=texts.number(top)), class_="lead"),
        _courses(lines, "line", top, texts) if lines else None,
        element("h3", texts.what_if_head) if what_ifs else None,
        _courses(what_ifs, "whatif", top, texts) if what_ifs else None,
        *_effects(digests, names, texts),
        source_line(digests[0], texts),
    ]


def _effects(digests: Sequence[Digest], names: Sequence[str], texts: Texts) -> list[Element]:
    """Return what each what-if changes, in sentences, member by member on the same random numbers."""
    made = []
    for digest, name in zip(digests[1:], names[1:], strict=True):
        comparison = compare(digests[0].forecast, digest.forecast)
        told = [element("li", words) for words in comparison_sentences(comparison, texts)]
        head = element("h3", element("bdi", texts.what_if_effect.format(name=name)))
        made.append(element("div", head, element("ul", *told), class_="effect"))
    return made


def _courses(courses: Sequence[Course], name: str, top: float, texts: Texts) -> Element:
    figures = []
    for order, course in enumerate(courses):
        caption = element("figcaption", element("bdi", course.title), element("small", course.count))
        svg = None
        if course.fan:
            words = _chart_description(course.fan, texts)
            ids = f"{name}{order}"
            svg = fan_chart(
                course.fan, MIDDLE, top=top, name=ids, title=course.title, description=words, texts=texts
            )
        story = element("p", course.story, class_="small") if course.story else None
        figures.append(element("figure", caption, svg, story))
    return element("div", *figures, class_="many lines")
