"""One quantity as a picture: its claims on one axis, and behind them what the forecast believes.

Each claim is a bar from its low to its high, a dot where it gives a single figure, an arrow where an end is
open; grade and weight stand before it. The tinted shape is the density of the prior that the forecast uses,
the dashed one the pool of the claims where a person took something else. Drawn in two widths.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from xml.etree.ElementTree import Element

from corridor.ensemble.sample import quantiles
from corridor.evidence.ledger import Entry
from corridor.report.evidence_words import (
    axis_ends,
    band_of,
    claim_figure,
    ends_of,
    short_day,
    short_number,
    short_range,
    weight_of,
)
from corridor.report.markup import element
from corridor.report.scales import Scale
from corridor.report.texts import Texts
from corridor.scenario.model import Claim, Prior, Scenario
from corridor.scenario.pool import Pooled

_ROW, _BAR, _TOP, _BOTTOM = 22.0, 7.0, 6.0, 20.0
_NARROW_ROW = 36.0
_GRID = 80  # quantiles from which the shape of a prior is drawn, where it is not one of steps
_ARROW = 6.0

#: Steps of a density: from, to, height.
Steps = Sequence[tuple[float, float, float]]


@dataclass(frozen=True)
class Form:
    """Size of the picture; in the narrow one the words stand above the bars."""

    width: float
    left: float
    letters: int

    @property
    def is_narrow(self) -> bool:
        """True where there is no room beside the axis."""
        return self.left == 0.0


WIDE = Form(720, 352, 34)
NARROW = Form(360, 0, 34)


@dataclass(frozen=True)
class Shown:
    """An entry of the ledger with its pool and the scenario it belongs to."""

    entry: Entry
    pooled: Pooled | None
    scenario: Scenario

    @cached_property
    def bands(self) -> list[tuple[float, float]]:
        """The central 90 % of everything that the scenario believes of it."""
        found = [band_of(believed, self.scenario.priors) for believed in self.entry.quantity.believed]
        return [band for band in found if band is not None]

    @property
    def prior(self) -> Prior | None:
        """The one prior that gives the quantity, None where there is none or several."""
        quantity = self.entry.quantity
        is_one = len(quantity.believed) == 1 and quantity.kind == "quantity"
        return quantity.believed[0].prior if is_one else None

    @cached_property
    def density(self) -> Steps:
        """The density of the prior; none where there is no single prior, or a fixed number."""
        return [] if self.prior is None else density_of(self.prior, self.scenario.priors)

    @property
    def is_pooled(self) -> bool:
        """True where the forecast uses the pool of the claims."""
        return self.prior is not None and self.prior.pool is not None


def quantity_chart(shown: Shown, form: Form, texts: Texts, *, name: str) -> Element | None:
    """Return the picture of a quantity, None where nothing about it can stand on an axis."""
    ends = axis_ends(shown.pooled, shown.bands)
    if ends is None:
        return None
    rows = [*shown.entry.claims]
    row_height = _NARROW_ROW if form.is_narrow else _ROW
    height = _TOP + row_height * (len(rows) + 1) + _BOTTOM
    x = Scale(*ends, form.left + 4, form.width - 8)
    title = shown.entry.quantity.name
    svg = element(
        "svg",
        element("title", title, id=f"{name}-t"),
        element("desc", describe(shown, texts), id=f"{name}-d"),
        class_="chart quantity",
        role="img",
        aria_labelledby=f"{name}-t {name}-d",
        viewBox=f"0 0 {form.width:g} {height:g}",
    )
    bottom = height - _BOTTOM
    svg.extend(_shapes(shown, x, ends, bottom, _TOP))
    svg.append(element("line", class_="base", x1=x(ends[0]), x2=x(ends[1]), y1=bottom, y2=bottom))
    svg.extend(_axis_labels(shown, x, ends, bottom))
    for row, claim in enumerate(rows):
        svg.extend(_claim_row(shown, claim, form, x, _TOP + row_height * row))
    svg.extend(_believed_row(shown, form, x, _TOP + row_height * len(rows), texts))
    return svg


def _axis_labels(shown: Shown, x: Scale, ends: tuple[float, float], bottom: float) -> list[Element]:
    unit = shown.entry.quantity.unit
    left, right = (short_number(end, unit) for end in ends)
    words = "" if unit == "date" else unit
    first = element("text", f"{left} {words}".strip(), class_="tick", x=x(ends[0]), y=bottom + 14)
    last = element("text", right, class_="tick", x=x(ends[1]), y=bottom + 14, text_anchor="end")
    return [first, last]


def _shapes(shown: Shown, x: Scale, ends: tuple[float, float], bottom: float, top: float) -> list[Element]:
    steps, pooled = shown.density, shown.pooled
    pool = [] if pooled is None or shown.is_pooled else _pool_steps(pooled)
    made = []
    for kind, shape in (("prior", steps), ("pool", pool)):  # each to its own height: widths are compared
        highest = max([height for *_, height in shape] or [0.0])
        if highest > 0.0:
            y = Scale(0.0, highest, bottom, top)
            made.append(element("path", class_=kind, d=_outline(shape, x, y, ends)))
    return made


def density_of(prior: Prior, priors: Mapping[str, Prior]) -> Steps:
    """Return a prior's density as steps; none for a fixed number."""
    if prior.distribution == "steps":
        pairs = zip(prior.edges[:-1], prior.edges[1:], prior.masses, strict=True)
        return [(low, high, mass / (high - low)) for low, high, mass in pairs]
    levels = [0.002 + 0.996 * i / _GRID for i in range(_GRID + 1)]
    values = quantiles(prior, levels, priors)
    share = (levels[-1] - levels[0]) / _GRID
    return [(low, high, share / (high - low)) for low, high in itertools.pairwise(values) if high > low]


def _pool_steps(pooled: Pooled) -> Steps:
    edges, masses = pooled.edges.tolist(), pooled.masses.tolist()
    return [
        (low, high, mass / (high - low))
        for low, high, mass in zip(edges[:-1], edges[1:], masses, strict=True)
    ]


def _outline(steps: Steps, x: Scale, y: Scale, ends: tuple[float, float]) -> str:
    """Return the path round a density, cut at the ends of the axis."""
    inside = [(max(low, ends[0]), min(high, ends[1]), height) for low, high, height in steps]
    inside = [step for step in inside if step[0] < step[1]]
    if not inside:
        return ""
    points = [f"M{x(inside[0][0]):.1f},{y(0.0):.1f}"]
    points += [f"V{y(height):.1f} H{x(high):.1f}" for _, high, height in inside]
    return f"{' '.join(points)} V{y(0.0):.1f}Z"


def _claim_row(shown: Shown, claim: Claim, form: Form, x: Scale, top: float) -> list[Element]:
    weight, _ = weight_of(claim, shown.pooled)
    ends = ends_of(claim, shown.entry.quantity, shown.scenario.household_size)
    grade = f"{claim.reliability}{claim.credibility}"
    who = claim.source if len(claim.source) <= form.letters else f"{claim.source[: form.letters - 1]}…"
    middle = top + (_NARROW_ROW - 10 if form.is_narrow else _ROW / 2)
    words = top + 13 if form.is_narrow else middle + 4
    when = element("tspan", f" {short_day(claim.said_on)}", class_="quiet")
    right = f"{grade}  {weight}" if weight else grade
    edge = form.width - 8 if form.is_narrow else form.left - 12
    figure = claim_figure(claim, shown.entry.quantity, ends)
    made = [
        element("text", who, when, class_="halo", x=0, y=words),
        element("text", right, class_="tick halo", x=edge, y=words, text_anchor="end"),
    ]
    if ends is None:
        at = x.start if form.is_narrow else form.left + 4
        return [*made, element("text", figure, class_="tick", x=at, y=middle + 4)]
    return [*made, *_bar(ends, x, middle, "claim" if weight else "claim unused", f"{who}: {figure}")]


def _bar(
    ends: tuple[float | None, float | None], x: Scale, middle: float, kind: str, card: str
) -> list[Element]:
    low, high = ends
    first, last = (x.start if low is None else x(low)), (x.end if high is None else x(high))
    first, last = (min(max(at, x.start), x.end) for at in (first, last))
    if low == high:
        return [element("circle", element("title", card), class_=kind, cx=first, cy=middle, r=4.2)]
    if high is None:
        last = min(first + 46, x.end)
    if low is None:
        first = max(last - 46, x.start)
    made = [
        element(
            "rect",
            element("title", card),
            class_=kind,
            x=first,
            y=middle - _BAR / 2,
            width=max(last - first, 1.5),
            height=_BAR,
        )
    ]
    if high is None:
        made.append(_arrow(last, middle, _ARROW, kind))
    if low is None:
        made.append(_arrow(first, middle, -_ARROW, kind))
    return made


def _arrow(at: float, middle: float, length: float, kind: str) -> Element:
    d = f"M{at:.1f},{middle - 6:.1f} L{at + length:.1f},{middle:.1f} L{at:.1f},{middle + 6:.1f}Z"
    return element("path", class_=kind, d=d)


def _believed_row(shown: Shown, form: Form, x: Scale, top: float, texts: Texts) -> list[Element]:
    """The 90 % band of what the forecast uses, or of the pool where it uses several things or none."""
    quantity, bands = shown.entry.quantity, shown.bands
    alone = len(bands) == 1 and quantity.kind == "quantity"
    if not alone and shown.pooled is None:
        return []
    band = bands[0] if alone else shown.pooled.band() if shown.pooled else (0.0, 0.0)
    middle = top + (_NARROW_ROW - 10 if form.is_narrow else _ROW / 2)
    words = top + 13 if form.is_narrow else middle + 4
    label = texts.rests_forecast_has if alone else texts.rests_pool_is
    figure = short_range(*band, quantity.unit)
    first, last = (min(max(x(end), x.start), x.end) for end in band)
    edge = form.width - 8 if form.is_narrow else form.left - 12
    made = [
        element("text", label, class_="end main halo", x=0, y=words),
        element("text", figure, class_="end main halo", x=edge, y=words, text_anchor="end"),
    ]
    if first == last:
        return [*made, element("circle", class_="believed", cx=first, cy=middle, r=4.2)]
    return [*made, element("line", class_="believed", x1=first, x2=last, y1=middle, y2=middle)]


def describe(shown: Shown, texts: Texts) -> str:
    """Say what the picture shows: every claim, and the band of what the forecast believes."""
    quantity = shown.entry.quantity
    words = []
    for claim in shown.entry.claims:
        ends = ends_of(claim, quantity, shown.scenario.household_size)
        figure, grade = claim_figure(claim, quantity, ends), f"{claim.reliability}{claim.credibility}"
        weight = weight_of(claim, shown.pooled)[0] or texts.rests_no_weight
        words.append(f"{claim.source}: {figure}, {grade}, {weight}.")
    words += [f"{texts.rests_forecast_has} {short_range(*band, quantity.unit)}." for band in shown.bands]
    return " ".join(words)
