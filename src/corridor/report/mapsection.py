"""The report's section of maps: the one that moves, and three still ones for paper and for pages without
script."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from corridor.report.basemap import BaseMap, base_map
from corridor.report.digest import Digest
from corridor.report.livemap import card, controls, live_map, shown_world
from corridor.report.mapkey import map_key
from corridor.report.mapplan import LIVE, PHONE, STILL, MapForm, MapPlan, plan_maps, still_days
from corridor.report.maps import beyond, draw_map
from corridor.report.mapviews import MapWorld, make_world
from corridor.report.markup import element
from corridor.report.texts import Texts

_GAP = 14.0  # between two still maps on the page, in units of a map


def map_section(
    digests: Sequence[Digest], names: Sequence[str], texts: Texts, source: str
) -> tuple[list[Element | None], Element]:
    """Return what stands in the section, and the data of the moving map as a script element.

    Parameters
    ----------
    digests : sequence of Digest
        The forecast, then its what-ifs.
    names : sequence of str
        What each is called in the switch.
    texts : Texts
    source : str
        Where the numbers come from, in words.
    """
    last = len(digests[0].dates) - 1
    world = make_world(digests, range(last + 1))
    wide, phone = (plan_maps(world, world.base.days, form) for form in (LIVE, PHONE))
    shown, data = shown_world(world, digests, wide, texts, still_days(last))
    live, based = _live(shown, (wide, phone), digests[0], names, texts)
    words = [texts.map_source, source, _base_words(based, texts)]
    if len(shown.base.days) <= last:
        words.insert(0, texts.live_stepped)
    script = element("script", data, type="application/json", id="live-data")
    children: list[Element | None] = [
        element("p", texts.map_lead, class_="lead"),
        live,
        *still_maps(world, digests[0], texts),
        element("p", " ".join(words), class_="source"),
    ]
    return children, script


def _base_words(base: BaseMap | None, texts: Texts) -> str:
    return texts.map_base.format(source=base.source) if base else texts.map_no_base


def _live(
    world: MapWorld, plans: tuple[MapPlan, MapPlan], digest: Digest, names: Sequence[str], texts: Texts
) -> tuple[Element, BaseMap | None]:
    """Return the moving map, wide and for phones, and the base map of the wide one."""
    wide, phone = plans
    bases = [base_map(world.places, plan.frame) for plan in plans]
    drawn = []
    for plan, base, class_, columns in ((wide, bases[0], "wide", 3), (phone, bases[1], "narrow", 1)):
        drawn.append(live_map(world, plan, base, texts, class_))
        drawn.append(_key(plan, base, texts, f"key-{class_}", plan.form.width, columns, class_))
    told = element("p", id="live-status", class_="status", aria_live="polite")
    note = element("p", texts.live_note, class_="small")
    side = element("div", told, card(world, wide, texts), note, class_="side")
    shown = element("div", *drawn, class_="shown")
    live = element("div", *controls(world, digest, names, texts), shown, side, id="live", class_="live")
    return live, bases[0]


def _key(
    plan: MapPlan, base: BaseMap | None, texts: Texts, name: str, width: float, columns: int, class_: str
) -> Element:
    has_disputed = base is not None and base.has_disputed
    return map_key(
        plan, texts, name=name, width=width, columns=columns, has_disputed=has_disputed, class_=class_
    )


def still_maps(world: MapWorld, digest: Digest, texts: Texts) -> list[Element]:
    """Return the still maps of a page, with their key in two widths."""
    plan, base, maps = plan_stills(world, still_days(len(digest.dates) - 1))
    figures = []
    for order, day in enumerate(maps):
        shown = world.base.day(day)
        drawn = draw_map(digest, world, plan, shown, name=f"map{order}", texts=texts, base=base)
        outside = texts.listing(beyond(world, plan, shown, texts))
        words = texts.map_outside_frame.format(places=outside)
        below = element("p", words, class_="small") if outside else None
        caption = element("figcaption", texts.date(digest.dates[day], digest.dates[0]))
        figures.append(element("figure", caption, drawn, below))
    keys = [
        _key(plan, base, texts, "key-stills", 2 * STILL.width + _GAP, 3, "wide"),
        _key(plan, base, texts, "key-stills-narrow", STILL.width, 1, "narrow"),
    ]
    return [element("div", element("div", *figures, class_=f"maps of{len(figures)}"), *keys, class_="stills")]


def plan_stills(
    world: MapWorld, days: Sequence[int], form: MapForm = STILL
) -> tuple[MapPlan, BaseMap | None, list[int]]:
    """Return the plan and the base map that still maps of the first view share, and their days."""
    first = MapWorld(world.places, world.roads, ((world.base,),))
    plan = plan_maps(first, days, form)
    return plan, base_map(world.places, plan.frame), list(days)
