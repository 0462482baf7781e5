"""The map that moves: its controls, its skeleton in two sizes, and its numbers as data for ``report.js``.

The page works without script: then still maps stand in its place. All numbers are rounded, and those below
ten are masked, before they are written into the page, so that its source tells no more than its pictures.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from corridor.report.basemap import BaseMap
from corridor.report.digest import Digest, Floats, Ints
from corridor.report.maplabels import Labels
from corridor.report.mapplan import MapPlan
from corridor.report.maps import ground, scale_bar
from corridor.report.mapviews import MapView, MapWorld
from corridor.report.markup import element, extend
from corridor.report.texts import LEAST_TOLD, Texts, isolated
from corridor.report.words import USEFUL_LEAD_DAYS

#: Characters of data from which days are left out.
MOST_CHARACTERS = 1_500_000
_STEPS = (1, 2, 7, 14, 28)
#: Stands in the data for a number from 1 to 9 that is not told.
_FEW = -1


def shown_world(
    world: MapWorld, digests: Sequence[Digest], plan: MapPlan, texts: Texts, needed: Sequence[int]
) -> tuple[MapWorld, str]:
    """Return the world of the moving map, and its data as text that can stand in a script element.

    All days, or every second, seventh ... where the data would be too long; the first and the last day and
    those needed are always among them.
    """
    days = world.base.days
    kept = {days[0], days[-1], min(USEFUL_LEAD_DAYS, days[-1]), *needed}
    for step in _STEPS:
        shown = world.on(sorted({*days[::step], *kept}))
        data = as_script_data(map_data(shown, digests, plan, texts))
        if len(data) <= MOST_CHARACTERS:
            break
    return shown, data


# --- data -------------------------------------------------------------------------------------------------


def map_data(world: MapWorld, digests: Sequence[Digest], plan: MapPlan, texts: Texts) -> dict[str, Any]:
    """Return what the script needs to draw any day of any view."""
    days, dates = world.base.days, digests[0].dates
    last = len(dates) - 1
    return {
        "language": texts.language,
        "dates": [texts.full_date(dates[day]) for day in days],
        "start": days.index(min(USEFUL_LEAD_DAYS, last)),
        "places": [
            {
                "name": isolated(place.name),
                "local": isolated(place.local_name),
                "onMap": row in plan.spots,
                "claims": len(place.claims),
            }
            for row, place in enumerate(world.places)
        ],
        "storylines": storyline_titles(world),
        "views": [
            {view.title: _view_data(view, digest, texts) for view in views}
            for views, digest in zip(world.views, digests, strict=True)
        ],
        "texts": {name: getattr(texts, f"live_{name}") for name in _SCRIPT_TEXTS},
    }


_SCRIPT_TEXTS = (
    "play", "pause", "displaced", "trapped", "most", "beyond", "person_list", "people", "place_trapped",
    "room", "half_full", "not_half_full", "few", "claims", "one_claim", "no_claims",
)  # fmt: skip


def storyline_titles(world: MapWorld) -> list[str]:
    """Return the titles of the storylines that any forecast followed, all members ("") first."""
    return list(dict.fromkeys(view.title for views in world.views for view in views))


def _view_data(view: MapView, digest: Digest, texts: Texts) -> dict[str, Any]:
    closed = np.where(np.isnan(view.closed), -1, view.closed >= 0.5).astype(np.int64)
    flow = _rounded(np.abs(view.flow))
    flow = np.where(flow < LEAST_TOLD, 0, np.where(view.flow > 0, flow, -flow))
    return {
        "people": _by_place(view.present, texts),
        "trapped": _by_place(view.trapped, texts),
        "flow": [_changes(road) for road in flow.T],
        "closed": [_changes(road) for road in closed.T],
        "room": [_changes(place) for place in np.floor(np.nan_to_num(view.room) + 0.5).astype(np.int64).T],
        "halfFull": [0 if day is None else texts.full_date(digest.dates[day]) for day in view.half_full],
        "displaced": [_changes(level) for level in _told(view.displaced, texts)],
        "allTrapped": [_changes(level) for level in _told(view.all_trapped, texts)],
    }


def _by_place(values: Floats, texts: Texts) -> list[list[list[int]] | int]:
    """Return the three bands of each place, 0 for a place at which nobody is; values [3, days, places]."""
    told = _told(values, texts)
    shown = np.asarray(told.any(axis=(0, 1)))
    return [
        [_changes(told[level, :, row]) for level in range(3)] if is_shown else 0
        for row, is_shown in enumerate(shown)
    ]


def _told(values: Floats, texts: Texts) -> Ints:
    whole = _rounded(values)
    return whole if texts.tells_small else np.where((whole > 0) & (whole < LEAST_TOLD), _FEW, whole)


def _rounded(values: Floats) -> Ints:
    """Return numbers rounded to two digits, as `corridor.report.texts.rounded` does for one.

    >>> _rounded(np.array([0.4, 7, 94, 95.5, 12_345, 194_999])).tolist()
    [0, 7, 94, 96, 12000, 190000]
    """
    size = np.floor(np.log10(np.maximum(values, 1.0))).astype(np.int64)
    step = 10 ** np.maximum(size - 1, 0)
    return np.where(values < 0.5, 0, np.floor(values / step + 0.5).astype(np.int64) * step)


def _changes(values: Ints) -> list[int]:
    """Return a series as the days on which it changes and its values from then on.

    >>> _changes(np.array([0, 0, 7, 7, 8]))
    [0, 0, 2, 7, 4, 8]
    """
    days = np.concatenate([[0], np.flatnonzero(np.diff(values)) + 1])
    return [int(number) for number in np.column_stack([days, values[days]]).ravel()]


def as_script_data(data: object) -> str:
    """Return JSON that can stand in a script element: nothing in it can end the element or start markup.

    >>> as_script_data({"a": "</script>&"})
    '{"a":"\\\\u003c/script\\\\u003e\\\\u0026"}'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


# --- the skeleton -----------------------------------------------------------------------------------------


def live_map(world: MapWorld, plan: MapPlan, base: BaseMap | None, texts: Texts, class_: str) -> Element:
    """Return a map without people; the script finds its marks by the numbers of places and roads."""
    frame = plan.frame
    svg = element(
        "svg",
        class_=f"map live-map {class_}",
        role="img",
        aria_labelledby="live-date live-status",
        viewBox=f"0 0 {frame.width:g} {frame.height:.0f}",
        data_largest=f"{plan.largest:.0f}",
        data_radius=f"{plan.form.largest_radius:g}",
        data_widest=f"{plan.widest_flow:.0f}",
        data_road=f"{plan.form.widest_road:g}",
    )
    extend(svg, ground(frame, base))
    rows = {place.name: row for row, place in enumerate(world.places)}
    for number, road in enumerate(world.roads):
        (x1, y1), (x2, y2) = (plan.spot(world, rows[name]) for name in road)
        if _is_near(frame.width, frame.height, x1, y1, x2, y2):
            svg.append(element("g", data_road=str(number), data_ends=f"{x1:.1f} {y1:.1f} {x2:.1f} {y2:.1f}"))
    for row in sorted(plan.spots, key=lambda row: -float(max(plan.most[row], plan.room[row]))):
        x, y = plan.spots[row]
        svg.append(element("g", data_place=str(row), transform=f"translate({x:.1f} {y:.1f})"))
    present = np.max([view.present[1] for views in world.views for view in views], axis=(0, 1))
    trapped = np.max([view.trapped[1] for views in world.views for view in views], axis=(0, 1))
    labels = Labels(world, plan, 0.5 * present, 0.5 * trapped)
    extend(svg, labels.places())
    extend(svg, labels.base(base.names) if base else [])
    extend(svg, scale_bar(frame, texts))
    return svg


def _is_near(width: float, height: float, x1: float, y1: float, x2: float, y2: float) -> bool:
    return max(x1, x2) > 0 and min(x1, x2) < width and max(y1, y2) > 0 and min(y1, y2) < height


def controls(world: MapWorld, digest: Digest, names: Sequence[str], texts: Texts) -> list[Element]:
    """Return the switches and the slider; ``names`` are those of the forecasts, the first as it is."""
    made = []
    if len(names) > 1:
        made.append(_switch("forecast", texts.live_what_if, [texts.live_as_is, *names[1:]]))
    titles = storyline_titles(world)
    if len(titles) > 1:
        made.append(_switch("storyline", texts.live_storyline, [texts.live_all_storylines, *titles[1:]]))
    last = len(world.base.days) - 1
    slider = element(
        "input", type="range", id="live-day", min="0", max=str(last), step="1", value=str(last),
        aria_label=texts.live_day,
    )  # fmt: skip
    buttons = [
        element("button", "‹", type="button", id="live-back", aria_label=texts.live_back),
        element("button", texts.live_play, type="button", id="live-play"),
        element("button", "›", type="button", id="live-on", aria_label=texts.live_on),
    ]
    date = element("output", "", id="live-date", for_="live-day", class_="date")
    ends = [element("span", texts.short_date(digest.dates[day])) for day in (0, -1)]
    row = element("div", *buttons, class_="buttons")
    made.append(
        element("div", date, row, slider, element("div", *ends, class_="ends"), role="group", class_="time")
    )
    return made


def _switch(name: str, legend: str, options: Sequence[str]) -> Element:
    labels = []
    for number, words in enumerate(options):
        checked = "checked" if number == 0 else None
        box = element("input", type="radio", name=f"live-{name}", value=str(number), checked=checked)
        labels.append(element("label", box, element("span", words, dir="auto")))
    return element("fieldset", element("legend", legend), *labels, class_="switch")


def card(world: MapWorld, plan: MapPlan, texts: Texts) -> Element:
    """Return the card of one place, chosen from a list or on the map."""
    rows = sorted(plan.spots, key=lambda row: world.places[row].name)
    options = [element("option", texts.live_no_place, value="")]
    options += [element("option", isolated(world.places[row].name), value=str(row)) for row in rows]
    chosen = element("label", texts.live_place, element("select", *options, id="live-place"))
    return element(
        "div", chosen, element("div", id="live-card", role="status", class_="card"), class_="place"
    )
