"""The stored result: whole or not there, opened by xarray as it is, and its questions answered by hand."""

from __future__ import annotations

import json
import os
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from small import ISSUE, place, small_scenario, uniform

from corridor.ensemble.forecast import STATES, Forecast, make_forecast, open_forecast, swap_in
from corridor.ensemble.run import run
from corridor.problems import CorridorRuntimeError, InputError


@pytest.fixture(scope="module")
def forecast() -> Forecast:
    """Four members of the small scenario."""
    scenario = small_scenario(
        places=(place("Town", population="people"), *small_scenario().places[1:]),
        priors={"people": uniform(500, 1500)},
    )
    return run(scenario, members=4, seed=1)


def by_hand(stocks: dict[tuple[int, int, str, str], int], capacity: list[list[int]]) -> Forecast:
    """Return a forecast of two members and three days of the small scenario.

    ``stocks`` has people by (member, day, place, state), ``capacity`` that of the camp by member and day.
    """
    scenario = small_scenario()
    places = [each.name for each in scenario.places]
    cube = np.zeros((2, 3, 3, 1, len(STATES)), np.int32)
    for (member, number, name, state), people in stocks.items():
        cube[member, number, places.index(name), 0, STATES.index(state)] = people
    capacities = np.full((2, 3, 3), -1, np.int32)
    capacities[:, :, 1] = capacity
    variables = {
        "stocks": (("member", "date", "place", "group", "state"), cube),
        "capacity": (("member", "date", "place"), capacities),
    }
    dates = np.datetime64(ISSUE, "D") + np.arange(3)
    coordinates = {
        "place": places,
        "group": ["all"],
        "state": list(STATES),
        "date": dates.astype("datetime64[ns]"),
        "storyline": ("member", ["war", "war"]),
    }
    return make_forecast(scenario, variables, coordinates, seed=7, corridor_version="0")


# Stored and read


def test_what_is_opened_equals_what_was_saved(forecast: Forecast, tmp_path: Path):
    path = forecast.save(tmp_path / "f.zarr")
    opened = open_forecast(path)
    assert opened.to_xarray().identical(forecast.to_xarray())
    assert opened.scenario == forecast.scenario
    assert (opened.seed, opened.version, opened.n_members) == (1, forecast.version, 4)
    assert opened.storylines == ["war"] * 4
    assert repr(opened) == "<Forecast of 'small': 4 members, 2024-03-01 to 2024-03-11>"
    for name in ("stocks", "flows", "arrivals", "capacity"):
        assert opened.array(name).dtype == np.int32


def test_the_folder_of_a_run_may_be_named_instead(forecast: Forecast, tmp_path: Path):
    forecast.save(tmp_path / "run" / "forecast.zarr")
    assert open_forecast(tmp_path / "run").to_xarray().identical(forecast.to_xarray())


def test_saving_and_opening_warn_of_nothing(forecast: Forecast, tmp_path: Path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = forecast.save(tmp_path / "f.zarr")
        with xr.open_zarr(path) as dataset:
            assert dataset.load().identical(forecast.to_xarray())
        open_forecast(path)


def test_one_place_is_one_chunk(forecast: Forecast, tmp_path: Path):
    """So that a site is read without the rest."""
    stored = json.loads((forecast.save(tmp_path / "f.zarr") / "stocks" / "zarr.json").read_text())
    assert stored["chunk_grid"]["configuration"]["chunk_shape"] == [4, 11, 1, 1, 9]


def test_an_earlier_forecast_is_replaced_only_if_asked(forecast: Forecast, tmp_path: Path):
    path = forecast.save(tmp_path / "f.zarr")
    other = run(forecast.scenario, members=2, seed=2)
    with pytest.raises(InputError) as raised:
        other.save(path)
    assert str(raised.value) == (
        f"[output-exists] '{path}' exists already\n"
        "    hint: choose another folder, or remove it\n"
        "1 problem. Nothing was run."
    )
    assert open_forecast(path).n_members == 4
    other.save(path, overwrite=True)
    assert open_forecast(path).n_members == 2
    assert os.listdir(tmp_path) == ["f.zarr"]


@pytest.mark.parametrize("held", [False, True])
def test_a_full_disk_leaves_what_was_there_and_nothing_else(
    held: bool, forecast: Forecast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "f.zarr"
    if held:
        forecast.save(path)
    write = xr.Dataset.to_zarr

    def write_and_fill_the_disk(dataset: xr.Dataset, where: Path, **more: object) -> None:
        write(dataset, where, **more)  # type: ignore[call-overload]
        assert (where / "stocks").is_dir()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(xr.Dataset, "to_zarr", write_and_fill_the_disk)
    with pytest.raises(CorridorRuntimeError) as raised:
        forecast.save(path, overwrite=True)
    assert str(raised.value) == (
        f"the forecast could not be written to '{path}': [Errno 28] No space left on device"
    )
    assert os.listdir(tmp_path) == (["f.zarr"] if held else [])
    if held:
        assert open_forecast(path).to_xarray().identical(forecast.to_xarray())


def test_an_earlier_forecast_comes_back_if_the_new_one_cannot_be_moved_in(
    forecast: Forecast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = forecast.save(tmp_path / "f.zarr")
    replace = os.replace

    def fail_to_move_in(source: Path, target: Path) -> None:
        if source.name == "new":
            raise OSError(5, "Input/output error")
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail_to_move_in)
    with pytest.raises(CorridorRuntimeError, match="Input/output error"):
        run(forecast.scenario, members=2, seed=2).save(path, overwrite=True)
    assert open_forecast(path).n_members == 4
    assert os.listdir(tmp_path) == ["f.zarr"]


def test_what_cannot_be_put_back_is_not_thrown_away(tmp_path: Path):
    """Moving in fails because there is nothing to move in; what was there stays."""
    (tmp_path / "f").mkdir()
    with pytest.raises(FileNotFoundError):
        swap_in(tmp_path / "new", tmp_path / "f", tmp_path / "old")
    assert os.listdir(tmp_path) == ["f"]


def test_a_place_that_cannot_hold_a_folder_is_told_in_words(forecast: Forecast, tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CorridorRuntimeError, match="the forecast could not be written to"):
        forecast.save(tmp_path / "file" / "f.zarr")


def test_a_folder_without_a_forecast_is_told_in_words(tmp_path: Path):
    with pytest.raises(InputError) as raised:
        open_forecast(tmp_path)
    assert str(raised.value) == (
        f"[no-forecast] '{tmp_path}' holds no forecast\n"
        "    hint: name the folder of a run, or its forecast.zarr; corridor run makes one\n"
        "1 problem. Nothing was run."
    )


def test_a_forecast_of_another_format_is_told_in_words(forecast: Forecast, tmp_path: Path):
    path = shutil.copytree(forecast.save(tmp_path / "f.zarr"), tmp_path / "other.zarr")
    stored = (path / "zarr.json").read_text()
    assert stored.count("corridor-forecast-1") == 1
    (path / "zarr.json").write_text(stored.replace("corridor-forecast-1", "corridor-forecast-0"))
    with pytest.raises(InputError) as raised:
        open_forecast(path)
    assert str(raised.value) == (
        f"[forecast-format] '{path}' is of format 'corridor-forecast-0'; 'corridor-forecast-1' was expected\n"
        "    hint: run the scenario again\n"
        "1 problem. Nothing was run."
    )


# Questions


def test_newly_displaced_are_those_away_less_those_away_on_day_0():
    stocks = {
        (0, 0, "Camp", "in_camp"): 5,
        (0, 1, "Camp", "in_camp"): 7,
        (0, 1, "Camp", "waiting"): 1,
        (0, 1, "Town", "travelling"): 2,
        (0, 1, "Town", "trapped"): 90,
        (0, 1, "Town", "returned"): 80,
        (0, 2, "Beyond", "left_area"): 30,
        (1, 2, "Town", "displaced"): 4,
        (1, 2, "Town", "in_host_community"): 6,
        (1, 2, "Town", "resident"): 70,
    }
    forecast = by_hand(stocks, [[-1] * 3] * 2)
    assert forecast.newly_displaced().tolist() == [[0, 5, 25], [0, 0, 10]]
    assert forecast.trapped().tolist() == [[0, 90, 0], [0, 0, 0]]
    assert forecast.trapped("Camp").tolist() == [[0, 0, 0], [0, 0, 0]]
    assert forecast.occupancy("Camp").tolist() == [[5, 8, 0], [0, 0, 0]]
    assert forecast.people(place="Town").tolist() == [[0, 172, 0], [0, 0, 80]]
    assert forecast.people("displaced", "resident", group="all").tolist() == [[0, 0, 0], [0, 0, 74]]


def test_a_place_is_full_from_95_percent_of_its_capacity():
    """Member 0: 94 of 100, then of 98. Member 1: closed, without a limit, then 95 of 100 with its gate."""
    stocks = {(0, 1, "Camp", "in_camp"): 94, (0, 2, "Camp", "in_camp"): 94}
    stocks |= {(1, number, "Camp", "in_camp"): 90 for number in range(3)}
    stocks[1, 2, "Camp", "waiting"] = 5
    forecast = by_hand(stocks, [[100, 100, 98], [0, -1, 100]])
    assert forecast.first_full_day("Camp").tolist() == [2, 2]
    assert forecast.capacity("Camp").tolist() == [[100, 100, 98], [0, -1, 100]]
    assert by_hand(stocks, [[100, 100, 100], [0, -1, 101]]).first_full_day("Camp").tolist() == [-1, -1]


def test_sums_of_many_people_do_not_wrap_around():
    stocks = {(0, 0, name, "displaced"): 2_000_000_000 for name in ("Town", "Camp", "Beyond")}
    assert by_hand(stocks, [[-1] * 3] * 2).people("displaced")[0, 0] == 6_000_000_000


@pytest.mark.parametrize(
    ("states", "names", "message"),
    [
        ((), {"place": "Tonw"}, "'Tonw' is not one of Town, Camp, Beyond"),
        ((), {"group": "men"}, "'men' is not one of all"),
        (("in camp",), {}, f"'in camp' is not one of {', '.join(STATES)}"),
    ],
)
def test_an_unknown_name_is_told_with_those_there_are(
    states: tuple[str, ...], names: dict[str, str], message: str
):
    with pytest.raises(KeyError) as raised:
        by_hand({}, [[-1] * 3] * 2).people(*states, **names)
    assert raised.value.args == (message,)


def test_other_questions_know_the_places_too():
    forecast = by_hand({}, [[-1] * 3] * 2)
    for question in (forecast.capacity, forecast.occupancy, forecast.first_full_day, forecast.trapped):
        with pytest.raises(KeyError, match="'Nowhere' is not one of Town, Camp, Beyond"):
            question("Nowhere")
