"""Replicates of Flee made anew, with a stand-in for Flee: what is told of equal and of different laws."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # benchmarks is no part of the package

from benchmarks.flee_check import REFERENCE

from benchmarks import flee_anew, flee_race
from corridor.ensemble.flee import run_flee
from corridor.formats.flee import read_flee_instance

REPLICATES, RUNS, HASTEN = 8, 40, 100


def of_engine(seed: int) -> np.ndarray:
    """Return replicates of the engine itself as if they were Flee's."""
    folder, settings = REFERENCE / "instances" / "mali2012", REFERENCE / "settings" / "modern125.yml"
    read = read_flee_instance(folder / "input_csv", folder / "source_data", settings, hasten=HASTEN)
    return run_flee(read, replicates=REPLICATES, seed=seed).simulated.astype(float)


def p_value(flee: np.ndarray) -> float:
    cells = flee_anew.line("mali2012", flee, hasten=HASTEN, runs=RUNS).strip("| ").split(" | ")
    assert cells[:3] == ["mali2012", str(HASTEN), f"{REPLICATES} + {RUNS}"]
    assert len(cells) == len(flee_anew.COLUMNS) and cells[-1].startswith("Fassala-Mbera ")
    return float(cells[flee_anew.COLUMNS.index("p")])


def test_equal_laws_are_found_equal_and_others_are_not(shared):
    """Other seeds of one law; and two of a hundred people of a site in another one.

    The seed is fixed; of equal laws one in twenty would have a p below 0.05.
    """
    theirs = of_engine(seed=7)
    assert p_value(theirs) > 0.05
    moved = np.round(0.02 * theirs[:, :, :1])
    theirs[:, :, :1] -= moved
    theirs[:, :, 1:2] += moved
    assert p_value(theirs) == 0.0


def test_the_replicates_are_those_that_the_driver_tells(tmp_path, monkeypatch, shared):
    """A stand-in for the driver: it tells its seed, and the hasten of the settings, as people."""
    driver = tmp_path / "driver.py"
    driver.write_text(
        "import json, re, sys\n"
        "hasten = int(re.search(r'hasten: (\\d+)', open(sys.argv[3]).read())[1])\n"
        "print('words of Flee')\n"
        "print(json.dumps({'sites': ['A', 'B'], 'standing': [[int(sys.argv[4]), hasten]] * 3}))\n"
    )
    monkeypatch.setattr(flee_race, "DRIVER", driver)
    told: list[str] = []
    found = flee_anew.replicates_of_flee(Path(sys.executable), "mali2012", 50, 4, told.append)
    assert found.shape == (4, 3, 2)
    assert (found[:, 0, 0].tolist(), set(found[:, :, 1].ravel())) == ([1, 2, 3, 4], {50})
    assert len(told) == 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mali"], "'mali' is none of mali2012, burundi2015"),
        (["mali2012", "--replicates", "1"], "there must be two replicates or more"),
        (["mali2012", "--runs", "41"], "two runs more than replicates"),
        (["mali2012", "--hasten", "0"], "one person cannot stand for 0"),
    ],
)
def test_what_cannot_be_asked(monkeypatch, capsys, arguments, words):
    monkeypatch.setattr(sys, "argv", ["flee_anew", *arguments])
    with pytest.raises(SystemExit) as ended:
        flee_anew.main()
    assert ended.value.code == 2 and words in capsys.readouterr().err


def test_where_flee_cannot_be_had_nothing_is_compared(monkeypatch, capsys, shared):
    def missing(**_told):
        raise flee_race.FleeFailedError("no index")

    monkeypatch.setattr(flee_anew, "flee_python", missing)
    monkeypatch.setattr(sys, "argv", ["flee_anew", "mali2012"])
    assert flee_anew.main() == 1
    assert capsys.readouterr().err == "nothing was compared: no index\n"
