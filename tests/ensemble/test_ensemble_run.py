"""Members in parallel: the same bytes for any number of workers, arguments checked, and a prompt end."""

from __future__ import annotations

import _thread
import datetime as dt
import signal
import threading
import time
from typing import Any

import numpy as np
import pytest
from small import day, event, place, rules, small_scenario, uniform

from corridor.ensemble import compile as compile_module
from corridor.ensemble.forecast import Forecast
from corridor.ensemble.run import run, shortened
from corridor.problems import InputError
from corridor.scenario.load import load_scenario
from corridor.scenario.model import DateTerm, Prior, Scenario, Storyline


def eventful() -> Scenario:
    """Return a scenario with two storylines, priors, returns and a camp that fills."""
    ceasefire = (DateTerm(prior="ceasefire"),)
    return small_scenario(
        storylines=(Storyline(name="war", title="War", weight=2), Storyline(name="peace", title="Peace")),
        places=(place("Town", population="people"), *small_scenario().places[1:]),
        rules=rules(leave_rate_per_day=0.3, return_rate_per_day=0.1, return_after_safe_days=1),
        priors={
            "people": uniform(500, 1500),
            "ceasefire": Prior(
                distribution="uniform", unit="date", low=day(3).toordinal(), high=day(6).toordinal()
            ),
        },
        events=(
            event("fighting", "Town", 1, 1.0),
            event("fighting", "Town", ceasefire, 0.0, storyline="peace"),
        ),
    )


def same_numbers(a: Forecast, b: Forecast) -> bool:
    """Tell whether two forecasts agree in every number and label; how long they took does not count."""
    first, second = (forecast.to_xarray().drop_attrs(deep=False) for forecast in (a, b))
    return (
        bool(first.identical(second))
        and first["stocks"].values.tobytes() == second["stocks"].values.tobytes()
    )


def test_the_number_of_workers_changes_no_byte():
    alone = run(eventful(), members=24, seed=3, workers=1)
    for workers in (2, 5, None):
        assert same_numbers(alone, run(eventful(), members=24, seed=3, workers=workers))


def test_a_member_does_not_depend_on_the_others():
    few, many = run(eventful(), members=3, seed=3), run(eventful(), members=9, seed=3)
    first_of_many = Forecast(many.to_xarray().isel(member=slice(3)), many.scenario)
    assert same_numbers(few, first_of_many)
    assert not same_numbers(few, run(eventful(), members=3, seed=4))
    stocks = many.array("stocks")
    assert len({stocks[member].tobytes() for member in range(9)}) == 9


def test_a_forecast_is_labelled_and_says_what_made_it():
    forecast = run(eventful(), members=2, seed=3)
    dataset = forecast.to_xarray()
    assert {name: variable.dims for name, variable in dataset.data_vars.items()} == {
        "stocks": ("member", "date", "place", "group", "state"),
        "flows": ("member", "date", "leg"),
        "arrivals": ("member", "date", "place"),
        "capacity": ("member", "date", "place"),
        "parameters": ("member", "parameter"),
    }
    assert dataset["date"].values[[0, -1]].astype("datetime64[D]").tolist() == [day(0), day(10)]
    assert dataset["place"].values.tolist() == ["Town", "Camp", "Beyond"]  # in the order of the scenario
    assert dataset["leg_from"].values.tolist() == ["Town", "Camp", "Camp", "Beyond"]
    assert dataset["leg_to"].values.tolist() == ["Camp", "Town", "Beyond", "Camp"]
    assert dataset["leg_km"].values.tolist() == [10, 10, 50, 50]
    assert dataset["kind"].values.tolist() == ["town", "camp", "outside"]
    assert dataset["parameter"].values.tolist() == ["people", "ceasefire"]
    assert (forecast.seed, forecast.scenario) == (3, eventful())
    assert dataset.attrs["seconds"] > 0


def test_two_towns_by_hand():
    """One in ten of the 900 of Amara leaves each day; of those, 6 in 9 choose the camp until it fills.

    Means of 400 members within four standard errors: 1 false alarm in 8,000 seeds.
    """
    forecast = run(load_scenario("two-towns"), members=400, seed=1, until=dt.date(2024, 3, 3))
    home = forecast.people("resident", place="Amara")
    assert (home[:, 0] == 900).all()
    for number, share in ((1, 0.9), (2, 0.81)):
        error = np.sqrt(900 * share * (1 - share) / 400)
        assert abs(home[:, number].mean() - 900 * share) < 4 * error
    left = 900 - home[:, 2]
    in_camp = forecast.people("in_camp", place="Birch Camp")[:, 2]
    error = np.sqrt(left.mean() * (6 / 9) * (3 / 9) / 400)
    assert abs((in_camp - left * 6 / 9).mean()) < 4 * error


def test_until_ends_earlier_and_changes_nothing_before():
    whole, short = run(eventful(), members=4, seed=3), run(eventful(), members=4, seed=3, until=day(6))
    assert short.scenario.horizon == day(6) and len(short.dates) == 7
    assert np.array_equal(short.array("stocks"), whole.array("stocks")[:, :7])
    assert np.array_equal(short.array("flows"), whole.array("flows")[:, :7])
    assert shortened(eventful(), None) == eventful()


def test_one_storyline_for_every_member():
    forecast = run(eventful(), members=6, seed=3, storyline="peace")
    assert forecast.storylines == ["peace"] * 6
    mixed = run(eventful(), members=6, seed=3)
    assert set(mixed.storylines) == {"war", "peace"}
    same = [member for member in range(6) if mixed.storylines[member] == "peace"]
    assert np.array_equal(mixed.array("stocks")[same], forecast.array("stocks")[same])
    assert np.array_equal(mixed.array("parameters"), forecast.array("parameters"))


def test_wrong_arguments_are_told_all_at_once():
    with pytest.raises(InputError) as raised:
        run(eventful(), members=0, seed=-1, storyline="pease", workers=0)
    assert str(raised.value) == (
        "[members] '0' members; at least 1 is needed\n"
        "[seed] the seed is '-1'; it must be 0 to 2**63 - 1\n"
        "[workers] '0' workers; at least 1 is needed\n"
        "[unknown-storyline] 'pease' is not a storyline\n"
        "    hint: did you mean 'peace'?\n"
        "4 problems. Nothing was run."
    )


def test_a_storyline_like_no_other_lists_those_there_are():
    with pytest.raises(InputError) as raised:
        run(eventful(), members=1, seed=2**63, storyline="x")
    assert str(raised.value) == (
        "[seed] the seed is '9223372036854775808'; it must be 0 to 2**63 - 1\n"
        "[unknown-storyline] 'x' is not a storyline\n"
        "    hint: storylines: war, peace\n"
        "2 problems. Nothing was run."
    )


@pytest.mark.parametrize("until", [day(0), day(11)])
def test_a_last_day_beyond_the_scenario_is_refused(until: dt.date):
    with pytest.raises(InputError) as raised:
        run(eventful(), members=1, seed=1, until=until)
    assert str(raised.value) == (
        f"[until] the last day '{until}' must be after 2024-03-01 and not after 2024-03-11\n"
        "    hint: or change 'horizon' in scenario.yaml\n"
        "1 problem. Nothing was run."
    )


def test_a_run_that_would_not_fit_is_refused_before_it_begins():
    """11 days x 3 places x 1 group x 9 states x 4 bytes are 1,188 bytes; 12 GB hold 10,101,010 members."""
    with pytest.raises(InputError) as raised:
        run(eventful(), members=20_000_000, seed=1)
    assert str(raised.value) == (
        "[too-large] 20000000 members would need 24 GB of memory\n"
        "    hint: at most 10101010 members fit; or end earlier with 'until'\n"
        "1 problem. Nothing was run."
    )


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_is_told_from_the_calling_thread_up_to_the_end(workers: int):
    told: list[tuple[int, int, bool]] = []

    def progress(done: int, members: int) -> None:
        told.append((done, members, threading.current_thread() is threading.main_thread()))

    run(eventful(), members=12, seed=1, workers=workers, progress=progress)
    done = [each[0] for each in told]
    assert done == sorted(set(done)) and done[-1] == 12 and done[0] >= 1
    assert {each[1:] for each in told} == {(12, True)}


class BrokenMemberError(Exception):
    """What fails here."""


def slow_members(monkeypatch: pytest.MonkeyPatch, *, broken: int | None = None) -> list[int]:
    """Let each member take 50 ms, and one fail; return the list of those that were begun."""
    begun: list[int] = []
    simulate = compile_module.simulate_member

    def slow(*arguments: Any, member: int, **more: Any) -> Any:
        begun.append(member)
        time.sleep(0.05)
        if member == broken:
            raise BrokenMemberError(f"member {member}")
        return simulate(*arguments, member=member, **more)

    monkeypatch.setattr(compile_module, "simulate_member", slow)
    return begun


def test_an_error_in_a_member_ends_the_run_at_once(monkeypatch: pytest.MonkeyPatch):
    """400 members of 50 ms would take 10 s on two workers; the fourth fails."""
    begun, threads = slow_members(monkeypatch, broken=3), threading.active_count()
    with pytest.raises(BrokenMemberError, match="member 3"):
        run(eventful(), members=400, seed=1, workers=2)
    assert len(begun) < 100
    assert threading.active_count() == threads


def test_an_interrupt_ends_the_run_at_once(monkeypatch: pytest.MonkeyPatch):
    """Ctrl-C after 0.2 s of 10 s."""
    begun, threads = slow_members(monkeypatch), threading.active_count()
    timer = threading.Timer(0.2, _thread.interrupt_main)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    try:
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            run(eventful(), members=400, seed=1, workers=2)
        timer.join()
    finally:
        signal.signal(signal.SIGINT, before)
    assert 0 < len(begun) < 100
    assert threading.active_count() == threads


def test_an_error_in_progress_ends_the_run_at_once(monkeypatch: pytest.MonkeyPatch):
    begun = slow_members(monkeypatch)

    def progress(done: int, members: int) -> None:
        raise BrokenMemberError("the screen is gone")

    with pytest.raises(BrokenMemberError, match="the screen is gone"):
        run(eventful(), members=400, seed=1, workers=2, progress=progress)
    assert len(begun) < 100
