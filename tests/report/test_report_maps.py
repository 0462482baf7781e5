"""The maps: what they show on a day, what lies under them, and the numbers that the moving map is given."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from importlib.resources import files
from itertools import pairwise

import numpy as np
import pytest

from corridor.ensemble.forecast import Forecast
from corridor.problems import InputError
from corridor.report.basemap import base_map
from corridor.report.digest import Digest, band, make_digest
from corridor.report.livemap import as_script_data, map_data, shown_world
from corridor.report.maplabels import Labels
from corridor.report.mapplan import LIVE, Frame, _near_pairs, plan_maps
from corridor.report.maps import beyond, draw_map
from corridor.report.mapviews import FLOW_DAYS, closed_routes, make_world
from corridor.report.markup import to_html
from corridor.report.texts import Texts, rounded
from corridor.scenario.model import DateTerm, Event, Place, Prior, Route, Storyline, WhatIf

Builder = Callable[..., Forecast]
TEXTS = Texts()


def route_event(date: dt.date, value: float, storyline: str = "", prior: str = "") -> Event:
    when = (DateTerm(prior=prior),) if prior else (DateTerm(days=date.toordinal()),)
    ends = {"place": "Khazer", "to": "Home"}
    return Event(storyline=storyline, when=when, written="", kind="route", value=value, **ends)


def with_flows(forecast: Forecast, leg: int, by_day: list[int]) -> Forecast:
    """Put the same people on a leg in every member."""
    forecast.array("flows")[:, :, leg] = by_day
    return forecast


@pytest.mark.parametrize("members", [1, 2, 3, 20])
def test_bands_are_hazens(members: int) -> None:
    values = np.random.default_rng(members).integers(0, 10**6, (members, 9, 4))
    levels = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
    expected = np.quantile(values, levels, axis=0, method="hazen")
    np.testing.assert_allclose(band(values, levels), expected, rtol=1e-12)


# --- roads ------------------------------------------------------------------------------------------------


def test_a_road_is_closed_from_the_day_of_its_event(forecast_of: Builder) -> None:
    digest = make_digest(forecast_of({}, events=(route_event(dt.date(2016, 11, 1), 0.0),)))
    first, *others = closed_routes(digest, [11, 12])
    assert first[:, 0].max() == 0 and first[:, 1].min() == 1
    assert not any(shut.any() for shut in others)
    world = make_world([digest], range(41))
    plan, shown = plan_maps(world, [40]), world.base.day(40)
    drawn = to_html(draw_map(digest, world, plan, shown, name="m", texts=TEXTS))
    assert drawn.count('class="closed"') == 1


def test_the_latest_event_counts_and_of_one_day_the_later_in_the_file(forecast_of: Builder) -> None:
    days = [dt.date(2016, 11, 5), dt.date(2016, 10, 25), dt.date(2016, 10, 25)]
    events = tuple(route_event(day, value) for day, value in zip(days, (1.0, 1.0, 0.0), strict=True))
    digest = make_digest(forecast_of({}, events=events))
    assert closed_routes(digest, [4, 5, 15, 16])[0][0].tolist() == [0, 1, 1, 0]


def test_a_road_closes_in_the_members_of_its_storyline_and_on_their_own_dates(forecast_of: Builder) -> None:
    lines = (Storyline(name="a", title="Slow"), Storyline(name="b", title="Fast"))
    early, late = dt.date(2016, 10, 25).toordinal(), dt.date(2016, 11, 4).toordinal()
    prior = Prior(distribution="uniform", unit="date", low=early, high=late)
    event = route_event(dt.date(2016, 1, 1), 0.0, storyline="a", prior="cut")
    forecast = forecast_of(
        {}, members=3, followed=["a", "a", "b"], storylines=lines, events=(event,), priors={"cut": prior}
    )
    forecast.array("parameters")[:, 0] = [early, late + 0.9, early]
    shut = closed_routes(make_digest(forecast), [4, 5, 14, 15])[0]
    assert shut.tolist() == [[0, 1, 1, 1], [0, 0, 0, 1], [0, 0, 0, 0]]


def test_a_week_of_flow_is_summed_both_ways_and_points_where_most_go(forecast_of: Builder) -> None:
    forecast = with_flows(forecast_of({}), 0, [0, *([10] * 40)])  # Home to Khazer
    with_flows(forecast, 1, [0, *([30] * 40)])  # and back
    world = make_world([make_digest(forecast)], range(41))
    flow = world.base.flow[:, world.roads.index(("Home", "Khazer"))]
    assert flow[[0, 1, 6, 7, 8, 40]].tolist() == [0, -40, -240, -280, -280, -280]
    assert FLOW_DAYS == 7


# --- places, scales, what is beyond -----------------------------------------------------------------------


def test_areas_stand_for_people(usual: Forecast) -> None:
    world = make_world([make_digest(usual)], [40])
    plan = plan_maps(world, [40])
    assert plan.radius_of(400) == pytest.approx(2 * plan.radius_of(100))
    x, y = np.array(list(plan.spots.values())).T
    assert (
        (x >= 0).all() and (x <= plan.frame.width).all() and (y >= 0).all() and (y <= plan.frame.height).all()
    )


def test_people_beyond_the_frame_are_told(usual: Forecast) -> None:
    world = make_world([make_digest(usual)], [0, 40])
    plan = plan_maps(world, [40])
    assert {world.places[row].name for row in plan.spots} == {"Home", "Khazer", "Zelikan"}
    assert beyond(world, plan, world.base.day(40), TEXTS) == ["Abroad (48)"]


# --- the base map -----------------------------------------------------------------------------------------


def drawn_for(places: tuple[Place, ...], forecast_of: Builder, **changes: object) -> str | None:
    growth = {(places[-1].name, "in_camp"): [500] * 4}
    forecast = forecast_of(growth, members=4, places=places, routes=(), **changes)
    world = make_world([make_digest(forecast)], [0, 40])
    base = base_map(world.places, plan_maps(world, [40], LIVE).frame)
    return None if base is None else " ".join([name.words for name in base.names])


def camps(lat: float, lon: float, country: str) -> tuple[Place, ...]:
    spots = [(lat, lon), (lat + 0.5, lon + 0.5)]
    return tuple(
        Place(name=f"Camp {i}", lat=lat, lon=lon, kind="camp", country=country)
        for i, (lat, lon) in enumerate(spots)
    )


def test_iraq_has_rivers_and_names(forecast_of: Builder) -> None:
    assert drawn_for(camps(35.85, 42.65, "Iraq"), forecast_of) == "Iraq Tigris"


@pytest.mark.parametrize(
    ("lat", "lon", "written", "shown"),
    [(12.9, 24.9, "Sudan", "Sudan"), (-1.7, 28.0, "DRC", "Congo"), (6.9, 31.0, "SSD", "S. Sudan")],
)
def test_the_rest_of_the_world_is_coarse(
    forecast_of: Builder, lat: float, lon: float, written: str, shown: str
) -> None:
    assert shown in (drawn_for(camps(lat, lon, written), forecast_of) or "")


def test_a_made_up_country_has_no_base_map(forecast_of: Builder) -> None:
    assert drawn_for(camps(10.0, 20.0, "X"), forecast_of) is None
    assert drawn_for(camps(35.9, 43.1, "Northland"), forecast_of) is None
    assert drawn_for(camps(35.9, 43.1, "Brazil"), forecast_of) is None


@pytest.mark.parametrize(
    ("lat", "lon", "country"), [(33.1, 35.8, "Syria"), (34.2, 73.9, "Pakistan"), (15.2, 24.4, "Sudan")]
)
def test_disputed_lines_are_drawn_apart(lat: float, lon: float, country: str) -> None:
    """About the Golan Heights and the line of control in Kashmir; not about Darfur."""
    frame = Frame(lon - 0.9, lat + 0.7, 4.0, 95.0, 600, 720)
    at_home = {"Syria": (33.5, 36.3), "Pakistan": (33.7, 73.1), "Sudan": (15.6, 32.5)}[country]
    place = Place(name="A", lat=at_home[0], lon=at_home[1], kind="town", country=country)
    base = base_map([place], frame)
    assert base is not None
    dotted = [part for part in base.elements if part.get("class") == "border disputed"]
    assert base.has_disputed == bool(dotted) == (country != "Sudan")


def test_the_base_maps_say_where_they_come_from() -> None:
    for name in ("world", "iraq-syria"):
        path = files("corridor.report").joinpath(f"basemap/{name}.json")
        stored = json.loads(path.read_text("utf-8"))
        assert "public domain" in stored["source"]
        assert stored["disputed"] and stored["rivers"] and stored["borders"]
        assert len(path.read_bytes()) < 600_000


# --- the moving map ---------------------------------------------------------------------------------------


def data_of(digests: list[Digest], texts: Texts = TEXTS) -> dict:
    world = make_world(digests, range(41))
    return map_data(world, digests, plan_maps(world, world.base.days, LIVE), texts)


def series(changes: list[int], n_days: int) -> list[int]:
    """Write out a series as the script reads it."""
    days, values = changes[::2], changes[1::2]
    return [values[sum(day <= at for day in days) - 1] for at in range(n_days)]


def test_the_data_are_the_rounded_bands(usual: Forecast) -> None:
    digest = make_digest(usual)
    data = data_of([digest])
    row = [place["name"] for place in data["places"]].index("Khazer")
    told = [series(level, 41) for level in data["views"][0][""]["people"][row]]
    expected = band(digest.present[:, :, row], (0.25, 0.5, 0.75))
    assert [level[0] for level in told] == [0, 0, 0]
    assert [level[20] for level in told] == [rounded(value) for value in expected[:, 20]]
    assert [level[40] for level in told] == [rounded(value) for value in expected[:, 40]]
    assert data["dates"][40] == "29 November 2016"
    assert data["start"] == 30


def test_numbers_below_ten_are_not_in_the_page(usual: Forecast) -> None:
    def small(texts: Texts) -> set[int]:
        view = data_of([make_digest(usual)], texts)["views"][0][""]
        places = [levels for name in ("people", "trapped") for levels in view[name] if levels]
        every = [level for levels in (*places, view["displaced"], view["allTrapped"]) for level in levels]
        return {value for level in every for value in level[1::2] if 0 < value < 10}

    assert small(TEXTS) == set()
    assert small(Texts(tells_small=True)) != set()


def test_what_ifs_are_lined_up_by_name(usual: Forecast, forecast_of: Builder) -> None:
    """A what-if with one more site and one road less."""
    places = (
        Place(name="New", lat=36.5, lon=43.3, kind="camp", country="Iraq", capacity=90),
        *usual.scenario.places[::-1],
    )
    routes = (Route(start="New", end="Home", length_km=9), *usual.scenario.routes[1:])
    numbered = usual.scenario.numbered_places
    what_if = WhatIf(extends=("tiny",), changes=("New opens",), places=numbered)
    other = forecast_of({("New", "in_camp"): [80] * 20}, places=places, routes=routes, what_if=what_if)
    digests = [make_digest(usual), make_digest(other)]
    world = make_world(digests, [0, 40])
    names = [place.name for place in world.places]
    assert names == ["Home", "Khazer", "Zelikan", "Abroad", "New"]
    as_is, what_if = (views[0] for views in world.views)
    assert as_is.present[1, 1, names.index("New")] == 0
    assert what_if.present[1, 1, names.index("New")] == 80
    gone, new = world.roads.index(("Home", "Khazer")), world.roads.index(("Home", "New"))
    assert np.isnan(as_is.closed[:, new]).all() and not np.isnan(as_is.closed[:, gone]).any()
    assert np.isnan(what_if.closed[:, gone]).all() and not np.isnan(what_if.closed[:, new]).any()


def test_forecasts_of_other_days_or_places_are_refused(usual: Forecast, forecast_of: Builder) -> None:
    shorter = forecast_of({}, n_days=10)
    elsewhere = forecast_of({}, places=camps(1, 1, "X"), routes=(), name="elsewhere")
    for other in (shorter, elsewhere):
        with pytest.raises(InputError) as refused:
            make_world([make_digest(usual), make_digest(other)], [0])
        assert {problem.code for problem in refused.value.problems} == {"forecasts-differ"}


def test_large_forecasts_leave_days_out(usual: Forecast, monkeypatch: pytest.MonkeyPatch) -> None:
    digests = [make_digest(usual)]
    world = make_world(digests, range(41))
    plan = plan_maps(world, [40])
    whole, data = shown_world(world, digests, plan, TEXTS, [15])
    assert whole.base.days == tuple(range(41))
    monkeypatch.setattr("corridor.report.livemap.MOST_CHARACTERS", len(data) - 1)
    fewer, less = shown_world(world, digests, plan, TEXTS, [15])
    assert fewer.base.days == tuple(sorted({*range(0, 41, 2), 15}))
    assert len(less) < len(data)
    monkeypatch.setattr("corridor.report.livemap.MOST_CHARACTERS", 0)
    few, _ = shown_world(world, digests, plan, TEXTS, [15])
    assert few.base.days == (0, 15, 28, 30, 40)
    assert few.base.day(15).present.tolist() == world.base.day(15).present.tolist()


def test_data_cannot_end_its_element() -> None:
    evil = "</script><script>alert(1)</script><!-- \u2028 & "
    written = as_script_data({"name": evil})
    assert not set("<>&\u2028") & set(written)
    assert json.loads(written) == {"name": evil}


def test_names_stand_beside_the_roads(forecast_of: Builder) -> None:
    """Three places on one straight road: each name would lie on it if it stood to the right of its mark."""
    places = tuple(
        Place(name=name, lat=36.0, lon=43.0 + at / 5, kind="camp", country="X", capacity=100)
        for at, name in enumerate(("One", "Two", "Three"))
    )
    routes = tuple(Route(start=a.name, end=b.name, length_km=18) for a, b in pairwise(places))
    growth = {(place.name, "in_camp"): [90] * 4 for place in places}
    world = make_world([make_digest(forecast_of(growth, members=4, places=places, routes=routes))], [0, 40])
    plan = plan_maps(world, [40], LIVE)
    shown = world.base.day(40)
    names = Labels(world, plan, shown.present[1], shown.trapped[1]).places()
    road = plan.spots[0][1]
    assert {name.text for name in names} == {"One", "Two", "Three"}
    assert all(abs(float(name.get("y", "")) - road) > 10 for name in names)


@pytest.mark.parametrize("n", [0, 1, 60])
def test_the_circles_that_could_overlap_are_those_of_all_pairs(n: int):
    """Against a look at every pair, in the same order."""
    rng = np.random.default_rng(3)
    home, size, farthest = rng.random((n, 2)) * 300.0, rng.random(n) * 20.0, 12.0
    expected = [
        (a, b)
        for a in range(n)
        for b in range(n)
        if a != b
        and size[a] + size[b] > 8.0
        and np.hypot(*(home[a] - home[b])) < 0.75 * (size[a] + size[b]) + 2 * farthest
    ]
    one, other = _near_pairs(home, size, farthest)
    assert list(zip(one.tolist(), other.tolist(), strict=True)) == expected
    assert n < 60 or 50 < len(expected) < n * (n - 1) / 2
