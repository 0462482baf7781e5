"""A study as a whole: outcomes in words, the same answer however it is run, going on, storage."""

from __future__ import annotations

import datetime as dt
import doctest
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from small import event, place, rules, small_scenario, uniform

from corridor.ensemble import compile as compile_module
from corridor.ensemble.run import run
from corridor.ensemble.sensitivity import plan, worth
from corridor.ensemble.sensitivity.analyse import fingerprint_of, measure_sensitivity
from corridor.ensemble.sensitivity.futures import FUTURES_FILE, PLAN_FILE, Simulator, count_kept
from corridor.ensemble.sensitivity.outcome import read_outcome
from corridor.ensemble.sensitivity.plan import (
    CHANCE,
    OTHERS,
    STORYLINE,
    factors_for,
    tell_plain,
    tell_swapped,
    uncertain_priors,
)
from corridor.ensemble.sensitivity.result import RESULT_FILE, TABLE_FILE, read_result
from corridor.problems import InputError
from corridor.scenario.model import Prior, Scenario, Storyline

OUTCOME = "displaced by 2024-03-06"


def scenario(**changes: object) -> Scenario:
    return small_scenario(
        **{
            "rules": rules(leave_rate_per_day="rate"),
            "priors": {
                "rate": uniform(0.02, 0.4, "1/day"),
                "people": uniform(500, 1500),
                "share": uniform(0.2, 0.6, "share"),
                "room": Prior(distribution="product", unit="people", of=("people", "1 - share")),
                "held": Prior(distribution="fixed", unit="1", value=0.3),
            },
            "places": (
                place("Town", population="people"),
                place("Camp", "camp", capacity="room"),
                place("Beyond", "outside", country="Y"),
            ),
            "storylines": (Storyline(name="war", title="War"), Storyline(name="siege", title="Siege")),
            "events": (
                event("fighting", "Town", 1, 1.0),
                event("siege", "Town", 3, "held", storyline="siege"),
            ),
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("words", "unit", "last_day"),
    [
        ("displaced by 2024-03-06", "people", "2024-03-06"),
        ("People in  camp on 2024-03-04", "people", "2024-03-04"),
        ("day Camp is full", "date", "2024-03-11"),
        ("peak trapped", "people", "2024-03-11"),
    ],
)
def test_outcomes_in_words(words: str, unit: str, last_day: str):
    asked = read_outcome(words, scenario())
    assert (asked.unit, asked.last_day.isoformat()) == (unit, last_day)


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        ("displaced soon", "outcome-unknown", "displaced by YYYY-MM-DD"),
        ("displaced in the first weeks", "outcome-unknown", "displaced by"),
        ("displaced by 2024-13-06", "outcome-date", "months"),
        ("displaced by 2024-02-06", "outcome-date", ""),
        ("displaced by 2025-02-06", "outcome-date", ""),
        ("people in Cmap on 2024-03-06", "outcome-place", "Camp"),
        ("day Beyond is full", "outcome-no-limit", ""),
    ],
)
def test_outcomes_that_no_future_has(words: str, code: str, hint: str):
    with pytest.raises(InputError) as wrong:
        read_outcome(words, scenario())
    (problem,) = wrong.value.problems
    assert problem.code == code
    assert hint in problem.hint


@pytest.mark.parametrize(
    "words", ["displaced by 2024-03-06", "people in Camp on 2024-03-06", "day Camp is full", "peak trapped"]
)
def test_a_future_of_the_plain_design_is_the_member_of_the_forecast(words: str):
    """With one storyline the two are told the same, so that the number is that of the forecast."""
    one = scenario(storylines=(Storyline(name="siege", title="Siege"),))
    forecast = run(one, members=12, seed=3, until=dt.date(2024, 3, 6))
    until = one.model_copy(update={"horizon": dt.date(2024, 3, 6)})
    simulate = Simulator(until, read_outcome(words, until), 3)
    ours = [simulate(tell_plain(uncertain_priors(one), 3, row)) for row in range(12)]
    full = forecast.first_full_day("Camp")
    theirs = {
        "displaced": forecast.newly_displaced()[:, -1],
        "people": forecast.occupancy("Camp")[:, -1],
        "day": np.where(full < 0, 6, full),
        "peak": forecast.trapped().max(axis=1),
    }[words.split()[0]]
    assert ours == theirs.tolist()
    assert len(set(ours)) > 1


def test_a_swapped_future_differs_in_its_factor_alone():
    names = ("rate", "people", "share")
    a, b = tell_plain(names, 1, 2), tell_plain(names, 1, 12)
    told = {
        factor: tell_swapped(names, 1, 2, 10, factor, ("rate",))
        for factor in ("rate", OTHERS, STORYLINE, CHANCE)
    }
    assert told["rate"].probabilities == {**a.probabilities, "rate": b.probabilities["rate"]}
    assert told[OTHERS].probabilities == {**b.probabilities, "rate": a.probabilities["rate"]}
    assert [told[key].position == b.position for key in told] == [False, False, True, False]
    assert [told[key].chance == b.chance for key in told] == [False, False, False, True]


def test_factors():
    assert uncertain_priors(scenario()) == ("rate", "people", "share")
    assert factors_for(scenario(), ("rate",)) == ("rate", OTHERS, STORYLINE, CHANCE)
    alone = scenario(storylines=(Storyline(name="war", title="War"),))
    assert factors_for(alone, ("rate", "people", "share")) == ("rate", "people", "share", CHANCE)


def study(**more: object):
    return measure_sensitivity(
        scenario(), **{"outcome": OUTCOME, "futures": 200, "quantities": 2, "seed": 5, **more}
    )


def test_the_same_seed_gives_the_same_answer_whatever_the_workers():
    first = study(workers=1)
    assert study(workers=3) == first
    assert study(seed=6) != first
    assert first.n_futures == 200


def test_an_interrupted_study_goes_on_and_ends_with_the_same_answer(tmp_path: Path, monkeypatch):
    """Stopped three times: in the plain design, between the two, and in the second one."""
    whole, folder = study(), tmp_path / "study"
    simulated: list[int] = []
    real = compile_module.simulate_member

    def counted(*args: object, **more: object):
        simulated.append(1)
        return real(*args, **more)

    monkeypatch.setattr(compile_module, "simulate_member", counted)
    for stop_at in (40, 120, 180):

        def stop(done: int, total: int, stop_at: int = stop_at) -> None:
            if done >= stop_at:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            study(folder=folder, workers=1, progress=stop)
        done, total = count_kept(folder)
        assert stop_at <= done < total == 200
        assert not (folder / RESULT_FILE).exists()
    assert study(folder=folder) == whole
    assert sum(simulated) == 200
    assert study(folder=folder) == whole
    assert sum(simulated) == 200


def test_a_folder_with_another_study_is_refused(tmp_path: Path):
    study(folder=tmp_path / "a")
    with pytest.raises(InputError, match="holds a study with another seed"):
        study(folder=tmp_path / "a", seed=6)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "diary.txt").write_text("mine")
    with pytest.raises(InputError, match=r"holds 'diary.txt'"):
        study(folder=tmp_path / "b")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be used"):
        study(folder=tmp_path / "file")


def test_a_spoilt_file_of_futures_is_made_again(tmp_path: Path):
    whole = study(folder=tmp_path)
    for spoilt in (b"", b"\x93NUMPY\x01"):
        (tmp_path / FUTURES_FILE).write_bytes(spoilt)
        assert study(folder=tmp_path) == whole
    (tmp_path / PLAN_FILE).write_text("[]")
    with pytest.raises(InputError, match=PLAN_FILE):
        study(folder=tmp_path)


def test_what_is_stored_reads_back_equal(tmp_path: Path):
    result = study(folder=tmp_path)
    assert read_result(tmp_path) == result == read_result(tmp_path / RESULT_FILE)
    rows = (tmp_path / TABLE_FILE).read_text("utf-8").splitlines()
    assert len(rows) == 1 + len(result.lines)
    assert rows[0].startswith("name,title,kind,claims,worth,")
    (tmp_path / RESULT_FILE).write_text(json.dumps({"format": "another"}))
    with pytest.raises(InputError, match="is not of format"):
        read_result(tmp_path)
    with pytest.raises(InputError, match="holds no sensitivity study"):
        read_result(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"futures": 50}, "futures"),
        ({"quantities": 0}, "quantities"),
        ({"seed": -1}, "seed"),
        ({"workers": 0}, "workers"),
    ],
)
def test_arguments_that_will_not_do(changes: dict[str, int], code: str):
    with pytest.raises(InputError) as wrong:
        study(**changes)
    assert code in [problem.code for problem in wrong.value.problems]


def test_a_day_that_does_not_come_counts_as_the_day_after():
    far = scenario(
        places=(
            place("Town", population="people"),
            place("Camp", "camp", capacity=100_000),
            place("Beyond", "outside", country="Y"),
        )
    )
    result = measure_sensitivity(far, outcome="day Camp is full", futures=200, quantities=2, seed=1)
    assert (result.low, result.high, result.never) == (11.0, 11.0, 1.0)
    assert result.best is None
    assert all(line.indices is None or line.indices.total == 0.0 for line in result.lines)


def test_weights_of_storylines_may_be_unknown():
    lines = (
        Storyline(name="war", title="War", weight="w"),
        Storyline(name="siege", title="Siege", weight=0.5),
    )
    unknown = scenario(storylines=lines, priors={**scenario().priors, "w": uniform(0, 1, "chance")})
    result = measure_sensitivity(unknown, outcome=OUTCOME, futures=400, quantities=4, seed=1)
    assert {line.name for line in result.quantities} == {"rate", "people", "share", "w"}
    assert result.of_kind("storyline")[0].worth is not None


def test_a_scenario_without_anything_unknown_has_chance_alone():
    known = small_scenario()
    result = measure_sensitivity(known, outcome="displaced by 2024-03-04", futures=200, seed=1)
    assert [line.kind for line in result.lines] == ["chance"]
    chance = result.lines[0].indices
    assert chance is not None and chance.total == pytest.approx(1.0, abs=0.5)


def test_the_fingerprint_tells_scenarios_apart():
    assert fingerprint_of(scenario()) == fingerprint_of(scenario())
    assert fingerprint_of(scenario()) != fingerprint_of(scenario(title="Another"))


@pytest.mark.parametrize("module", [plan, worth])
def test_examples(module: ModuleType):
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0
