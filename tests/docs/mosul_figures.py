"""The figures of the model card: mosul-2016 with 200 members and seed 1 against what was counted later.

`python tests/docs/mosul_figures.py` prints them as they stand in the card.
"""

from __future__ import annotations

import datetime as dt
import sys

from corridor import Forecast, load_scenario, run
from corridor.ensemble.forecast import AWAY_STATES, STATES
from corridor.verify import CountScore, CountScores, score_counts

DAYS_TOLD = (dt.date(2016, 11, 4), dt.date(2016, 11, 20), dt.date(2016, 12, 21), dt.date(2017, 1, 31))


def figures() -> str:
    """Run the forecast and return its scores as lines of Markdown."""
    forecast = run(load_scenario("mosul-2016"), members=200, seed=1)
    total = _total_in_iraq(forecast)
    first = [row for row in total.rows if row.date <= dt.date(2016, 11, 17)]
    return "\n".join(
        [
            "| day | counted | median | 50 % band | 90 % band | inside |",
            "|---|---|---|---|---|---|",
            *[_line(row) for row in total.rows if row.date in DAYS_TOLD],
            "",
            f"- Of the total counts, {_share(total.rows, 'in_50')} lie in the 50 % band "
            f"and {_share(total.rows, 'in_90')} in the 90 % band.",
            f"- Of those up to 17 November, {_share(first, 'in_50')} lie in the 50 % band, "
            f"and {sum(row.people > row.median for row in first)} of them are above the median.",
            f"- CRPS summed over the counts, divided by the sum of the counts: {total.rcrps:.2f}.",
            *_site_lines(forecast),
        ]
    )


def _total_in_iraq(forecast: Forecast) -> CountScores:
    """Score the IOM totals, which count people inside Iraq, against the newly displaced in Iraq."""
    in_iraq = [row for row, place in enumerate(forecast.scenario.places) if place.country == "Iraq"]
    away = [STATES.index(state) for state in AWAY_STATES]
    people = forecast.array("stocks")[:, :, in_iraq][..., away].sum(axis=(2, 3, 4))
    return _scores(forecast, people - people[:, :1], "total")


def _scores(forecast: Forecast, people: object, place: str) -> CountScores:
    counts = [(count.date, count.people) for count in forecast.scenario.counts if count.place == place]
    return score_counts(people, [day.astype(object) for day in forecast.dates], counts)  # type: ignore[arg-type]


def _site_lines(forecast: Forecast) -> list[str]:
    sites = {
        place.name: _scores(forecast, forecast.occupancy(place.name), place.name).rows
        for place in forecast.scenario.places
        if place.is_site
    }
    counted = {name: rows for name, rows in sites.items() if rows}
    rows = [row for its in counted.values() for row in its]
    by_site = "; ".join(f"{name} {_share(its, 'in_90')}" for name, its in counted.items())
    return [
        f"- Of the counts of single sites, {_share(rows, 'in_50')} lie in the 50 % band "
        f"and {_share(rows, 'in_90')} in the 90 % band.",
        f"- In the 90 % band, by site: {by_site}.",
    ]


def _line(row: CountScore) -> str:
    inside = "50 % and 90 %" if row.in_50 else "90 % only" if row.in_90 else "neither"
    day = f"{row.date.day} {row.date:%b %Y}"
    return (
        f"| {day} | {row.people:,} | {row.median:,.0f} | {row.q25:,.0f} to {row.q75:,.0f} "
        f"| {row.q05:,.0f} to {row.q95:,.0f} | {inside} |"
    )


def _share(rows: tuple[CountScore, ...] | list[CountScore], band: str) -> str:
    inside = sum(getattr(row, band) for row in rows)
    return f"{inside} of {len(rows)}"


if __name__ == "__main__":
    sys.stdout.write(figures() + "\n")
