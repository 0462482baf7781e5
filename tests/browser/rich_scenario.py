"""A small forecast with all that a scenario can say: storylines, counts, claims, Arabic names, markup."""

from __future__ import annotations

import datetime as dt
from typing import Any

from corridor.ensemble.forecast import Forecast
from corridor.report.texts import Texts
from corridor.scenario.model import Claim, Count, Place, Prior, Route, Storyline
from tiny_forecast import build

EVIL = '"><script>alerted=1</script><img src=x onerror=alerted=1>'
CAMP = "مخيم الخازر"

PLACES = (
    Place(
        name="Mosul", lat=36.35, lon=43.15, kind="town", country="Iraq", local_name="الموصل", population=1000
    ),
    Place(name=CAMP, id="P2", lat=36.33, lon=43.56, kind="camp", country="Iraq", capacity=2000),
    Place(
        name=EVIL, id=EVIL, lat=36.49, lon=43.51, kind="camp", country="Iraq", capacity=4000, claims=("c1",)
    ),
    Place(name="Abroad", lat=36.4, lon=41.1, kind="outside", country="Syria"),
)  # fmt: skip
ROUTES = tuple(Route(start="Mosul", end=place.name, length_km=40) for place in PLACES[1:])
LINES = (Storyline(name="a", title="Slow"), Storyline(name="b", title=EVIL, story=EVIL))


def rich_forecast(scale: int = 1, followed: str = "ab", **changes: Any) -> Forecast:
    claim = Claim(
        id="c1", said_on=dt.date(2016, 10, 1), about=EVIL, low=5, unit="people", kind="estimate", source=EVIL,
        url="javascript:alerted=1",
    )  # fmt: skip
    counts = (
        Count(date=dt.date(2016, 10, 15), place=CAMP, people=40, counted_by="IOM"),
        Count(date=dt.date(2016, 11, 9), place=CAMP, people=770, counted_by=EVIL),
    )
    prior = Prior(distribution="triangular", unit="people", low=1000, mode=2000, high=4000, reason=EVIL)
    growth = {
        (CAMP, "in_camp"): [scale * 200 * m for m in range(10)],
        (EVIL, "in_camp"): [scale * 100 * m for m in range(10)],
        ("Mosul", "trapped"): [scale * 90 * m for m in range(10)],
        ("Abroad", "left_area"): [scale * 30 * m for m in range(10)],
    }
    members = [followed[m % len(followed)] for m in range(10)]
    fields = {"claims": (claim,), "counts": counts, "priors": {EVIL: prior}, "storylines": LINES}
    fields |= {"places": PLACES, "routes": ROUTES, "title": EVIL, "provenance": {EVIL: EVIL}}
    forecast = build(growth, members=10, followed=members, **{**fields, **changes})
    forecast.array("flows")[:, 1:, 0] = 500
    return forecast


class FromTheRight(Texts):
    """A few Arabic words: enough to lay the page out from right to left."""

    language = "ar"
    direction = "rtl"
    table_site = "الموقع"
    table_now = "الآن"
    map_head = "أين الناس، وأي طرق يسلكون"
    live_play = "تشغيل"
    live_day = "اليوم"
