"""What differs between forecasts on the same random numbers: nothing until the change matters."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from corridor.ensemble.compare import TOTAL, Comparison, _partners, compare
from corridor.ensemble.forecast import Forecast
from corridor.ensemble.run import run
from corridor.problems import InputError
from corridor.scenario.load import load_scenario
from corridor.scenario.model import Scenario
from corridor.scenario.write import write_scenario

MEMBERS = 60


def what_if(folder: Path, settings: str = "", **tables: str) -> Scenario:
    folder.mkdir(parents=True)
    (folder / "scenario.yaml").write_text(f"extends: two-towns\n{settings}", "utf-8")
    for table, text in tables.items():
        (folder / f"{table}.csv").write_text(text, "utf-8")
    return load_scenario(folder)


@pytest.fixture(scope="module")
def base() -> Forecast:
    return run(load_scenario("two-towns"), members=MEMBERS, seed=1)


@pytest.fixture(scope="module")
def larger(tmp_path_factory) -> Forecast:
    """The camp has room for all."""
    folder = tmp_path_factory.mktemp("what-if") / "larger"
    return run(what_if(folder, places="name,capacity\nBirch Camp,3000\n"), members=MEMBERS, seed=1)


def same_stocks(first: Forecast, second: Forecast) -> bool:
    return all(
        np.array_equal(first.people(state, place=place), second.people(state, place=place))
        for place in first.places
        for state in ("resident", "trapped", "displaced", "in_camp", "in_host_community", "left_area")
    )


def test_a_forecast_does_not_differ_from_itself(base):
    made = compare(base, base)
    assert made.first_day is None
    assert made.changes == ()
    assert not any(row.share_differs.any() or row.mean.any() for row in made.rows)
    assert not any(filling.differs for filling in made.fillings)


@pytest.mark.parametrize("name", ["Aaa", "Elsewhere", "Zzz"])
def test_a_place_that_nobody_reaches_changes_no_number(base, tmp_path, name):
    """Whatever its place in the order of names: places of the base keep the numbers that name their draws."""
    made = what_if(
        tmp_path / "if",
        places=f"change,name,lat,lon,kind,country\nadd,{name},10.1,20.1,town,X\n",
        routes=f"change,from,to,length_km,opens\nadd,{name},Tol,20,2024-05-01\n",
    )
    forecast = run(made, members=MEMBERS, seed=1)
    assert same_stocks(base, forecast)
    assert compare(base, forecast).first_day is None


def test_a_place_that_is_removed_changes_no_number_elsewhere(tmp_path):
    """A site that is closed throughout is removed: all other places draw what they drew before."""
    closed = what_if(
        tmp_path / "closed",
        places="change,name,lat,lon,kind,country,closes\nadd,Closed,10.0,20.2,camp,X,2024-02-01\n",
        routes="change,from,to,length_km\nadd,Tol,Closed,10\n",
    )
    (tmp_path / "gone").mkdir()
    (tmp_path / "gone" / "scenario.yaml").write_text("extends: ../closed\n", "utf-8")
    (tmp_path / "gone" / "places.csv").write_text("change,name\nremove,Closed\n", "utf-8")
    (tmp_path / "gone" / "routes.csv").write_text("change,from,to\nremove,Tol,Closed\n", "utf-8")
    first, second = (run(one, members=20, seed=3) for one in (closed, load_scenario(tmp_path / "gone")))
    assert "Closed" not in second.places
    assert same_stocks(second, first)
    assert compare(first, second).first_day is None


def test_a_new_prior_and_a_changed_one_leave_all_others_as_they_are(base, tmp_path):
    made = what_if(
        tmp_path / "if",
        settings=(
            "rules: {softening_km: other}\n"
            "priors:\n  other: {distribution: uniform, unit: km, low: 9, high: 11}\n"
        ),
    )
    forecast = run(made, members=MEMBERS, seed=1)
    mine, theirs = base.to_xarray()["parameters"], forecast.to_xarray()["parameters"]
    shared = [str(name) for name in mine["parameter"].values]
    assert np.array_equal(mine.values, theirs.sel(parameter=shared).values)
    assert base.storylines == forecast.storylines


def test_futures_are_the_same_until_the_change_matters(base, larger):
    """Nobody notices a larger camp before the smaller one begins to fill, at 9 of 10 of its 300 places."""
    made = compare(base, larger)
    first = made.first_day
    assert first is not None and first > 2
    before, after = (forecast.occupancy("Birch Camp") for forecast in (base, larger))
    assert np.array_equal(before[:, :first], after[:, :first])
    assert before[:, first - 1].max() > 270


def test_differences_by_hand(base, larger):
    made = compare(base, larger)
    camp = made.of("Birch Camp", "people")
    by_hand = larger.occupancy("Birch Camp") - base.occupancy("Birch Camp")
    assert camp.quantiles == pytest.approx(
        np.quantile(by_hand, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0, method="hazen")
    )
    assert camp.mean == pytest.approx(by_hand.mean(axis=0))
    assert camp.share_differs[-1] == (by_hand[:, -1] != 0).mean()
    assert (camp.place_id, camp.kind) == ("XA03", "camp")
    assert camp.mean[camp.peak_day] == np.abs(camp.mean).max()
    displaced = made.of(TOTAL, "newly_displaced")
    assert displaced.mean == pytest.approx((larger.newly_displaced() - base.newly_displaced()).mean(axis=0))
    full = next(filling for filling in made.fillings if filling.place == "Birch Camp")
    assert full.base_chance > 0.8 and full.other_chance == 0 and full.differs


def test_unpaired_members_say_what_independent_runs_say(base, larger):
    """Unpaired differences spread as those of runs with other seeds, within a fifth; paired ones less.

    Standard deviations of 60 members have an error of a tenth or less here; fixed seeds, so no false alarms.
    """
    paired = compare(base, larger).of("Tol", "people")
    others = run(larger.scenario, members=MEMBERS, seed=2).occupancy("Tol")[:, -1]
    independent = (others - base.occupancy("Tol")[:, -1]).std()
    assert paired.independent_spread[-1] == pytest.approx(independent, rel=0.2)
    assert paired.narrowing(len(paired.mean) - 1) > 1.5


def test_partners_are_never_oneself_and_each_is_taken_once():
    partners = _partners(11)
    assert partners.shape == (8, 11)
    for row in partners:
        assert sorted(row.tolist()) == list(range(11))
        assert (row != np.arange(11)).all()
    assert _partners(1).shape == (0, 1)


def test_one_member_has_no_unpaired_band():
    scenario = load_scenario("two-towns")
    made = compare(run(scenario, members=1, seed=1), run(scenario, members=1, seed=1))
    assert np.isnan(made.of("Tol", "people").independent).all()
    assert made.of("Tol", "people").narrowing(3) is None


def told_of(first: Forecast, second: Forecast) -> str:
    with pytest.raises(InputError) as raised:
        compare(first, second)
    assert {problem.code for problem in raised.value.problems} == {"forecasts-differ"}
    return str(raised.value)


def test_what_cannot_be_compared_is_refused_with_all_reasons(base):
    scenario = load_scenario("two-towns")
    other = run(scenario, members=3, seed=9, until=dt.date(2024, 3, 5))
    words = told_of(base, other)
    assert "differ in seed: 1 and 9" in words
    assert "differ in number of members: 60 and 3" in words
    assert "differ in days: 2024-03-01 to 2024-03-15 and 2024-03-01 to 2024-03-05" in words


def test_members_drawn_anew_are_refused(base):
    """Members chosen by counts no longer share their random numbers with those of their own place."""
    drawn = np.roll(np.arange(MEMBERS), 1)
    dataset = base.to_xarray().isel(member=drawn)
    dataset = dataset.assign_coords(simulated_member=("member", drawn), member=np.arange(MEMBERS))
    other = Forecast(dataset, base.scenario)
    assert "hold other members: one of them was drawn anew to fit counts" in told_of(base, other)
    assert compare(other, other).first_day is None


def test_forecasts_of_different_places_are_refused(base):
    scenario = base.scenario
    renamed = tuple(
        place.model_copy(update={"name": "Ash Camp"}) if place.name == "Birch Camp" else place
        for place in scenario.places
    )
    routes = tuple(
        route.model_copy(
            update={end: "Ash Camp" for end in ("start", "end") if getattr(route, end) == "Birch Camp"}
        )
        for route in scenario.routes
    )
    other = run(
        scenario.model_copy(update={"places": renamed, "routes": routes, "name": "ash"}),
        members=MEMBERS,
        seed=1,
    )
    assert "'two-towns' and 'ash' are forecasts of different places" in told_of(base, other)


def test_a_written_out_what_if_gives_the_same_forecast(tmp_path, base):
    made = what_if(
        tmp_path / "if",
        places="change,name,lat,lon,kind,country,capacity\nadd,Aaa,10.0,20.1,camp,X,200\n",
        routes="change,from,to,length_km\nadd,Aaa,Amara,12\n",
    )
    write_scenario(made, tmp_path / "written")
    first, second = (run(one, members=20, seed=1) for one in (made, load_scenario(tmp_path / "written")))
    assert np.array_equal(first.array("stocks"), second.array("stocks"))


def test_a_comparison_knows_what_changed(base, larger):
    made: Comparison = compare(base, larger)
    assert made.changes == ("place 'Birch Camp': capacity is 3000 (was 300)",)
    assert compare(larger, base).changes == ()
