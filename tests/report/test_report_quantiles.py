"""The table of quantiles: exact rows, exact bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from corridor.ensemble.forecast import Forecast
from corridor.problems import CorridorRuntimeError
from corridor.report.quantiles import quantile_table, write_quantiles
from corridor.scenario.model import Place

Builder = Callable[..., Forecast]
CAMP = (Place(name="Camp, big", id="X1", lat=36, lon=43, kind="camp", country="Iraq"),)

EXPECTED = """\
place,place_id,kind,date,quantity,unit,q05,q25,q50,q75,q95
total,,,2016-10-20,newly_displaced,people,0,0,0,0,0
total,,,2016-10-21,newly_displaced,people,0,8,20,33,40
total,,,2016-10-20,trapped,people,0,0,0,0,0
total,,,2016-10-21,trapped,people,0,0,0,0,0
total,,,2016-10-20,left_area,people,0,0,0,0,0
total,,,2016-10-21,left_area,people,0,0,0,0,0
total,,,2016-10-20,returned,people,0,0,0,0,0
total,,,2016-10-21,returned,people,0,0,0,0,0
"Camp, big",X1,camp,2016-10-20,people,people,0,0,0,0,0
"Camp, big",X1,camp,2016-10-21,people,people,0,8,20,33,40
"Camp, big",X1,camp,2016-10-20,arrivals,people/day,0,0,0,0,0
"Camp, big",X1,camp,2016-10-21,arrivals,people/day,0,8,20,33,40
"Camp, big",X1,camp,2016-10-20,trapped,people,0,0,0,0,0
"Camp, big",X1,camp,2016-10-21,trapped,people,0,0,0,0,0
"""


def test_the_file_is_exact(forecast_of: Builder, tmp_path: Path) -> None:
    growth = {("Camp, big", "in_camp"): [0, 10, 20, 30, 40]}
    forecast = forecast_of(growth, members=5, n_days=1, places=CAMP, routes=())
    path = write_quantiles(forecast, tmp_path / "new" / "quantiles.csv")
    assert path.read_bytes() == EXPECTED.encode("utf-8")
    assert [file.name for file in path.parent.iterdir()] == ["quantiles.csv"]


def test_people_waiting_at_the_gate_are_counted(forecast_of: Builder) -> None:
    growth = {("Camp, big", "in_camp"): [30], ("Camp, big", "waiting"): [12]}
    rows = quantile_table(forecast_of(growth, members=1, n_days=1, places=CAMP, routes=()))
    assert [row.q50 for row in rows if (row.place, row.quantity) == ("Camp, big", "people")] == [0, 42]


def test_a_folder_in_the_way_is_an_error_in_words(forecast_of: Builder, tmp_path: Path) -> None:
    (tmp_path / "quantiles.csv").mkdir()
    with pytest.raises(CorridorRuntimeError, match=r"quantiles\.csv' could not be written"):
        write_quantiles(forecast_of({}), tmp_path / "quantiles.csv")
    assert [file.name for file in tmp_path.iterdir()] == ["quantiles.csv"]
