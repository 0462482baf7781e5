"""The table to act on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from corridor.ensemble.forecast import Forecast
from corridor.report.planning import planning_table

Builder = Callable[..., Forecast]


def test_what_a_planner_reads_off(forecast_of: Builder) -> None:
    people = [20 * member for member in range(11)]  # 0 to 200 at the end
    table = planning_table(forecast_of({("Khazer", "in_camp"): people}, members=11))
    assert table.lead_days == (14, 28)
    khazer = table.sites[0]
    assert (khazer.name, khazer.place_id, khazer.now, khazer.capacity) == ("Khazer", "P2", 0.0, 200)
    assert [(e.date, round(e.p10, 6), e.p50, e.p90) for e in khazer.expected] == [
        (dt.date(2016, 11, 3), 4.2, 35.0, 65.8),
        (dt.date(2016, 11, 17), 8.4, 70.0, 131.6),
    ]
    assert khazer.chance_full == 1 / 11  # only the member that ends at 200 reaches 190
    assert khazer.half_full_on is None


def test_sites_come_by_people_and_sums_follow(forecast_of: Builder) -> None:
    growth = {
        ("Khazer", "in_camp"): [100] * 4,
        ("Zelikan", "in_camp"): [400] * 4,
        ("Home", "in_host_community"): [40] * 4,
    }
    table = planning_table(forecast_of(growth, members=4))
    assert [site.name for site in table.sites] == ["Zelikan", "Khazer"]
    assert [row.expected[-1].p50 for row in (table.all_sites, table.hosts, table.newly_displaced)] == [
        350,
        28,
        378,
    ]
    assert table.sites[0].half_full_on == dt.date(2016, 11, 27)  # day 38: 380 of 400


def test_a_short_horizon_has_its_last_day(forecast_of: Builder) -> None:
    assert planning_table(forecast_of({}, n_days=5)).lead_days == (5,)
