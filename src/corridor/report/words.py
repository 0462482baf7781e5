"""The forecast in sentences, each with the numbers it was made of.

What happens, where, what fills first, who cannot get out, who leaves, how the storylines differ. A
`Statement` can be checked against its numbers and told in another language. Ranges come first and the middle
second; a forecast with one member, no sites or nobody displaced gets sentences of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from corridor.ensemble.forecast import Forecast
from corridor.report.digest import Digest, Floats, Ints, band, make_digest
from corridor.report.texts import ENGLISH, LEAST_TOLD, Texts, isolated, rounded
from corridor.scenario.model import PlaceKind

#: Day of the first sentence, days after the issue date.
USEFUL_LEAD_DAYS = 30
#: Members below which the ranges are called rough.
FEW_MEMBERS = 20
#: Share of futures of the date told for a site that fills.
_LIKELY = 0.8
#: Days within which "half of the futures" and "8 of 10" are told as one date.
_SOON_DAYS = 14
#: Share of futures below which an event is not told as likely.
_UNLIKELY = 0.05
#: Returns are told from this share of the newly displaced.
_TOLD_RETURN_SHARE = 0.05


@dataclass(frozen=True)
class Statement:
    """One sentence of the forecast, and what it says in numbers (exact, not rounded)."""

    topic: str  # headline, later, arrivals, full, trapped, left_area, returned, storyline, caution ...
    text: str
    date: dt.date | None = None
    place: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)


def statements(forecast: Forecast | Digest, texts: Texts = ENGLISH) -> list[Statement]:
    """Return the sentences of a forecast, in the order a reader needs them."""
    digest = forecast if isinstance(forecast, Digest) else make_digest(forecast)
    told = _Told(digest, texts)
    found = [*told.headline(), *told.arrivals(), *told.full(), *told.trapped(), *told.left_area()]
    return [*found, *told.returned(), *told.storylines(), *told.cautions()]


def forecast_text(forecast: Forecast | Digest, texts: Texts = ENGLISH) -> str:
    """Return the sentences as one text, a line each."""
    return "\n".join(statement.text for statement in statements(forecast, texts))


@dataclass(frozen=True)
class _Told:
    """The sentences of one digest in one language."""

    digest: Digest
    texts: Texts

    @property
    def is_single(self) -> bool:
        return self.digest.n_members == 1

    @property
    def useful_day(self) -> int:
        return min(USEFUL_LEAD_DAYS, self.last_day)

    @property
    def last_day(self) -> int:
        return len(self.digest.dates) - 1

    def date(self, day: int) -> str:
        return self.texts.date(self.digest.dates[day], self.digest.scenario.issue_date)

    def fields(self, values: Floats, day: int) -> dict[str, str]:
        """Return what a template about a band on a day may name; ``values`` are quantiles [5]."""
        q05, q25, q50, q75, q95 = (float(value) for value in values)
        texts = self.texts
        return {
            "date": self.date(day),
            "range": texts.range(q25, q75),
            "bare": texts.bare_range(q25, q75),
            "wide": texts.bare_range(q05, q95),
            "people": texts.people(q50),
            "middle": texts.middle(q50),
            "high": texts.people(q95),
        }

    def say(
        self, topic: str, template: str, day: int, values: Floats, place: str = "", **more: str
    ) -> Statement:
        text = template.format(**self.fields(values, day), place=isolated(place), **more)
        names = ("q05", "q25", "q50", "q75", "q95")
        figures = {name: float(value) for name, value in zip(names, values, strict=True)}
        return Statement(topic, _capitalised(text), self.digest.dates[day], place, figures)

    # --- how many ---------------------------------------------------------------------------------
    def headline(self) -> list[Statement]:
        displaced = band(self.digest.totals["newly_displaced"])
        first = self._first_sentence(displaced[:, self.useful_day])
        found = [first]
        if not self.is_single and rounded(displaced[3, self.useful_day]) > 0:
            found.append(
                self.say(
                    "headline_wide", self.texts.headline_wide, self.useful_day, displaced[:, self.useful_day]
                )
            )
        if self.last_day > self.useful_day and rounded(displaced[4, self.last_day]) > 0:
            template = self.texts.later_single if self.is_single else self.texts.later
            found.append(self.say("later", template, self.last_day, displaced[:, self.last_day]))
        if not self.is_single:
            found.append(Statement("terms", self.texts.terms))
        return found

    def _first_sentence(self, values: Floats) -> Statement:
        texts, most = self.texts, int(self.digest.totals["newly_displaced"][:, self.useful_day].max())
        if self.is_single:
            template = texts.headline_single if most else texts.nobody_single
        elif not most:
            template = texts.headline_none_ever
        elif rounded(values[3]) == 0:
            template = texts.headline_unlikely if rounded(values[4]) else texts.headline_nobody
        else:
            template = texts.headline
        return self.say("headline", template, self.useful_day, values, members=str(self.digest.n_members))

    # --- where ------------------------------------------------------------------------------------
    def arrivals(self) -> list[Statement]:
        digest, day = self.digest, self.useful_day
        rows = [*digest.site_rows, *digest.host_rows]
        gained = band(digest.present[:, day] - digest.present[:, 0])
        order = sorted(
            (row for row in rows if rounded(gained[2, row]) >= LEAST_TOLD), key=lambda row: -gained[2, row]
        )
        if not order:
            return []
        names = [digest.places[row].name for row in order[:3]]
        template = self.texts.most_arrive_single if self.is_single else self.texts.most_arrive
        listed = self.texts.listing([isolated(name) for name in names[1:]])
        others = self.texts.most_arrive_others.format(others=listed) if listed else ""
        return [
            self.say("arrivals", template, day, np.maximum(gained[:, order[0]], 0.0), names[0], others=others)
        ]

    # --- what fills -------------------------------------------------------------------------------
    def full(self) -> list[Statement]:
        digest, texts = self.digest, self.texts
        rows = digest.site_rows
        limited = [row for row in rows if (digest.capacity[:, :, row] > 0).any()]
        if not limited:
            return [Statement("full", texts.no_capacity)] if rows else []
        already = [row for row in limited if digest.full_by[0, row] >= 0.5]
        found = []
        if already:
            names = [isolated(digest.places[row].name) for row in already]
            found.append(
                Statement("full_now", texts.full_now.format(places=texts.listing(names)), digest.dates[0])
            )
        waiting = [row for row in limited if row not in already]
        return [*found, self._first_full(waiting)] if waiting else found

    def _first_full(self, rows: list[int]) -> Statement:
        digest, texts = self.digest, self.texts
        likely = [row for row in rows if digest.full_by[-1, row] >= 0.5]
        if likely:
            row = min(likely, key=lambda row: (digest.half_full_day(row), -digest.full_by[-1, row]))
        else:
            row = max(rows, key=lambda row: digest.full_by[-1, row])
        most = float(digest.full_by[-1, row])
        if most < _UNLIKELY:
            template = texts.none_fills if most else texts.none_fills_ever
            template = texts.none_fills_single if self.is_single else template
            return Statement("full", template.format(date=self.date(self.last_day)), digest.dates[-1])
        return self._full_statement(row, most, is_likely=bool(likely))

    def _full_statement(self, row: int, most: float, *, is_likely: bool) -> Statement:
        """Tell when a site is full: in 8 of 10 futures if that comes soon after half, else both dates."""
        digest, texts = self.digest, self.texts
        half, day = digest.half_full_day(row), digest.day_full_in(row, min(most, _LIKELY)) or 0
        is_slow = half is not None and day - half > _SOON_DAYS
        first = half if half is not None and is_slow else day
        template = texts.first_full_slow if is_slow else texts.first_full if is_likely else texts.may_fill
        template = texts.fills_single if self.is_single else template
        share, later_share = float(digest.full_by[first, row]), float(digest.full_by[day, row])
        text = template.format(
            place=isolated(digest.places[row].name),
            date=self.date(first),
            share=texts.share(share),
            later=self.date(day),
            later_share=texts.share(later_share),
        )
        return Statement("full", text, digest.dates[first], digest.places[row].name, {"share": share})

    # --- who cannot get out, who leaves, who returns ----------------------------------------------
    def trapped(self) -> list[Statement]:
        texts, everyone = self.texts, self.digest.totals["trapped"]
        if not everyone.any():
            text = texts.trapped_none_single if self.is_single else texts.trapped_none
            return [Statement("trapped", text)]
        quantiles = band(everyone)
        day = int(quantiles[2].argmax())
        if rounded(quantiles[3, day]) == 0:
            return [self._trapped_unlikely(everyone)]
        place = self._mainly_at(self.digest.trapped[:, day])
        where = texts.trapped_where.format(place=isolated(place)) if place else ""
        template = texts.trapped_growing if 0 < day == self.last_day else texts.trapped_peak
        template = texts.trapped_single if self.is_single else template
        return [self.say("trapped", template, day, quantiles[:, day], place, where=where)]

    def _trapped_unlikely(self, everyone: Ints) -> Statement:
        day = int(everyone.max(axis=0).argmax())
        share, most = float(everyone.any(axis=1).mean()), float(everyone[:, day].max())
        text = self.texts.trapped_unlikely.format(
            share=self.texts.share(share), most=self.texts.people(most), date=self.date(day)
        )
        return Statement("trapped", text, self.digest.dates[day], "", {"share": share, "most": most})

    def left_area(self) -> list[Statement]:
        texts, day, left = self.texts, self.last_day, self.digest.totals["left_area"][:, -1]
        if not left.any():
            return []
        values = band(left)
        if rounded(values[3]) == 0:
            share = float((left > 0).mean())
            text = texts.left_area_unlikely.format(date=self.date(day), share=texts.share(share))
            return [Statement("left_area", text, self.digest.dates[day], "", {"share": share})]
        outside = [row for row, place in enumerate(self.digest.places) if place.kind is PlaceKind.OUTSIDE]
        place = self._mainly_at(self.digest.left_area[:, day, outside], outside)
        where = texts.left_area_where.format(place=isolated(place)) if place else ""
        template = texts.left_area_single if self.is_single else texts.left_area
        return [self.say("left_area", template, day, values, place, where=where)]

    def returned(self) -> list[Statement]:
        returned, displaced = (
            band(self.digest.totals[name][:, -1]) for name in ("returned", "newly_displaced")
        )
        if self.is_single or rounded(returned[2]) < max(LEAST_TOLD, _TOLD_RETURN_SHARE * displaced[2]):
            return []
        return [self.say("returned", self.texts.returned, self.last_day, returned)]

    def _mainly_at(self, people: Ints, rows: list[int] | None = None) -> str:
        """Return the place that holds more than half of the people, [members, places]; "" if none does."""
        middle = np.median(people, axis=0)
        if not middle.size or middle.max() <= middle.sum() / 2:
            return ""
        row = int(middle.argmax())
        return self.digest.places[rows[row] if rows else row].name

    # --- storylines and cautions ------------------------------------------------------------------
    def storylines(self) -> list[Statement]:
        told = [self._storyline(title, chosen) for title, chosen in storyline_members(self.digest)]
        return [statement for statement in told if statement] if len(told) > 1 else []

    def _storyline(self, title: str, chosen: Ints) -> Statement | None:
        if not chosen.size:
            return None
        values = band(self.digest.totals["newly_displaced"][chosen][:, self.useful_day])
        template = self.texts.storyline_single if chosen.size == 1 else self.texts.storyline
        count = self.texts.futures.format(n=chosen.size, members=self.digest.n_members)
        return self.say("storyline", template, self.useful_day, values, title=isolated(title), count=count)

    def cautions(self) -> list[Statement]:
        if self.is_single:
            return [Statement("caution", self.texts.single_caution)]
        few = self.digest.n_members < FEW_MEMBERS
        text = self.texts.few_caution.format(members=self.digest.n_members)
        return [Statement("caution", text)] if few else []


def storyline_members(digest: Digest) -> list[tuple[str, Ints]]:
    """Return each storyline's title and the members that follow it, in the order of the scenario."""
    followed = np.array(digest.forecast.storylines)
    return [(line.title, np.flatnonzero(followed == line.name)) for line in digest.scenario.storylines]


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
