"""Members in parallel: each draws its storyline and its priors, is simulated, and is written to its place in
the result.

Threads share the memory and the compiled engine lets go of Python's lock, so one process uses all cores. A
member depends on (scenario, seed, member) alone: the same seed gives the same bytes whatever the number of
workers, or on many machines (`corridor.ensemble.cluster`).
"""

from __future__ import annotations

import datetime as dt
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corridor.engine.arrays import N_STATES
from corridor.ensemble.compile import AnyCompiler, compiler_of
from corridor.ensemble.forecast import STATES, Forecast, make_forecast
from corridor.ensemble.sample import choose_storyline, sample_priors
from corridor.problems import InputError, Problem, did_you_mean
from corridor.scenario.model import Scenario

if TYPE_CHECKING:
    from distributed import Client

#: Bytes of stocks beyond which a run is refused rather than left to fill the memory.
MOST_BYTES = 12_000_000_000

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Cube:
    """The result as it fills: one row a member, of all members or of a block of them."""

    stocks: NDArray[np.int32]
    flows: NDArray[np.int32]
    arrivals: NDArray[np.int32]
    capacity: NDArray[np.int32]
    parameters: NDArray[np.float64]
    storyline: list[str]


def run(
    scenario: Scenario,
    *,
    members: int = 200,
    seed: int,
    storyline: str | None = None,
    until: dt.date | None = None,
    workers: int | None = None,
    dask: str | Client | None = None,
    progress: Progress | None = None,
) -> Forecast:
    """Simulate many futures of a scenario.

    Parameters
    ----------
    scenario : Scenario
        From `load_scenario`.
    members : int
        Number of futures, >= 1.
    seed : int
        Names all random numbers, 0 to 2**63 - 1. The same seed gives the same bytes.
    storyline : str, optional
        Let every member follow this storyline; else they follow all, by weight.
    until : datetime.date, optional
        Last day, if earlier than the scenario's horizon.
    workers : int, optional
        Threads; all cores if not given. Does not change the result.
    dask : str or distributed.Client, optional
        Simulate on a Dask cluster: its scheduler's address (``tcp://host:8786``), ``local`` for processes on
        this machine, or a client. Does not change the result. A worker that is lost is told as a
        `corridor.ensemble.cluster.LostWorkerWarning`; its members are simulated again.
    progress : callable, optional
        Called with (members done, members) from the calling thread.

    Raises
    ------
    InputError
        If an argument does not fit the scenario, the result would not fit in memory, or no Dask scheduler
        answers.
    CorridorRuntimeError
        If Dask is not installed, or its cluster fails.
    """
    scenario = shortened(scenario, until)
    _check_arguments(scenario, members, seed, storyline, workers)
    if dask is not None:
        from corridor.ensemble.cluster import check_dask, fill_on_cluster

        check_dask(dask, workers)
    started = time.perf_counter()
    compiler = compiler_of(scenario)
    cube = empty_cube(scenario, compiler, members)
    if dask is not None:
        fill_on_cluster(cube, scenario, dask, seed=seed, storyline=storyline, progress=progress)
    else:
        simulate = simulator(scenario, compiler, cube, seed=seed, storyline=storyline)
        run_in_parallel(simulate, members, workers, progress)
    return _label(scenario, compiler, cube, seed, time.perf_counter() - started)


def simulator(
    scenario: Scenario, compiler: AnyCompiler, cube: Cube, *, seed: int, storyline: str | None, first: int = 0
) -> Callable[[int], None]:
    """Return what simulates a member and writes it to the cube, whose first row is member ``first``."""

    def simulate(member: int) -> None:
        row = member - first
        values = sample_priors(scenario.priors, seed=seed, member=member)
        chosen = (
            next(s for s in scenario.storylines if s.name == storyline)
            if storyline
            else choose_storyline(scenario, values, seed=seed, member=member)
        )
        kept = compiler.simulate(chosen, values, seed=seed, member=member)
        cube.stocks[row] = kept.stocks[:, compiler.place_row]
        cube.flows[row] = kept.flows[:, compiler.leg_row]
        cube.arrivals[row] = kept.arrivals[:, compiler.place_row]
        cube.capacity[row] = kept.capacity[:, compiler.place_row]
        cube.parameters[row] = [values[name] for name in scenario.priors]
        cube.storyline[row] = chosen.name

    return simulate


def shortened(scenario: Scenario, until: dt.date | None) -> Scenario:
    """Return the scenario with an earlier horizon; itself if ``until`` is None.

    Raises
    ------
    InputError
        If ``until`` is not after the issue date, or after the scenario's horizon.
    """
    if until is None:
        return scenario
    if not scenario.issue_date < until <= scenario.horizon:
        message = (
            f"the last day '{until}' must be after {scenario.issue_date} and not after {scenario.horizon}"
        )
        raise InputError([Problem("until", "", 0, 0, message, hint="or change 'horizon' in scenario.yaml")])
    return scenario.model_copy(update={"horizon": until})


def _check_arguments(
    scenario: Scenario, members: int, seed: int, storyline: str | None, workers: int | None
) -> None:
    problems = []
    if members < 1:
        problems.append(Problem("members", "", 0, 0, f"'{members}' members; at least 1 is needed"))
    if not 0 <= seed < 2**63:
        problems.append(Problem("seed", "", 0, 0, f"the seed is '{seed}'; it must be 0 to 2**63 - 1"))
    if workers is not None and workers < 1:
        problems.append(Problem("workers", "", 0, 0, f"'{workers}' workers; at least 1 is needed"))
    names = [line.name for line in scenario.storylines]
    if storyline is not None and storyline not in names:
        hint = did_you_mean(storyline, names) or f"storylines: {', '.join(names)}"
        problems.append(
            Problem("unknown-storyline", "", 0, 0, f"'{storyline}' is not a storyline", hint=hint)
        )
    cells = (scenario.n_days + 1) * len(scenario.places) * len(scenario.groups) * N_STATES
    if members * cells * 4 > MOST_BYTES:
        message = f"{members} members would need {members * cells * 4 / 1e9:.0f} GB of memory"
        hint = f"at most {MOST_BYTES // (cells * 4)} members fit; or end earlier with 'until'"
        problems.append(Problem("too-large", "", 0, 0, message, hint=hint))
    if problems:
        raise InputError(problems)


def empty_cube(scenario: Scenario, compiler: AnyCompiler, members: int) -> Cube:
    """Return a cube to be filled."""
    days, places, legs = scenario.n_days + 1, len(scenario.places), len(compiler.legs)
    return Cube(
        stocks=np.empty((members, days, places, len(scenario.groups), N_STATES), np.int32),
        flows=np.empty((members, days, legs), np.int32),
        arrivals=np.empty((members, days, places), np.int32),
        capacity=np.empty((members, days, places), np.int32),
        parameters=np.empty((members, len(scenario.priors)), np.float64),
        storyline=[""] * members,
    )


def run_in_parallel(
    simulate: Callable[[int], None], members: int, workers: int | None, progress: Progress | None
) -> None:
    """Run all members; on an interrupt or an error the rest is given up at once and the exception goes on."""
    give_up = threading.Event()

    def guarded(member: int) -> None:
        if not give_up.is_set():
            simulate(member)

    with ThreadPoolExecutor(max_workers=workers or os.cpu_count() or 1) as pool:
        pending: set[Future[None]] = {pool.submit(guarded, member) for member in range(members)}
        try:
            done_count = 0
            while pending:
                done, pending = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                done_count += len(done)
                if progress is not None and done:
                    progress(done_count, members)
        except BaseException:
            give_up.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _label(scenario: Scenario, compiler: AnyCompiler, cube: Cube, seed: int, seconds: float) -> Forecast:
    from corridor import __version__

    places, legs = scenario.places, compiler.legs
    dates = np.datetime64(scenario.issue_date, "D") + np.arange(scenario.n_days + 1)
    variables = {
        "stocks": (("member", "date", "place", "group", "state"), cube.stocks, {"units": "people"}),
        "flows": (("member", "date", "leg"), cube.flows, {"units": "people/day"}),
        "arrivals": (("member", "date", "place"), cube.arrivals, {"units": "people/day"}),
        "capacity": (("member", "date", "place"), cube.capacity, {"units": "people"}),
        "parameters": (("member", "parameter"), cube.parameters),
    }
    coordinates = {
        "member": np.arange(len(cube.storyline)),
        "date": dates.astype("datetime64[ns]"),
        "place": _text([place.name for place in places]),
        "group": _text([group.name for group in scenario.groups]),
        "state": _text(STATES),
        "leg": np.arange(len(legs)),
        "parameter": _text(list(scenario.priors)),
        "storyline": ("member", _text(cube.storyline)),
        "place_id": ("place", _text([place.id for place in places])),
        "lat": ("place", np.array([place.lat for place in places])),
        "lon": ("place", np.array([place.lon for place in places])),
        "kind": ("place", _text([place.kind.value for place in places])),
        "leg_from": ("leg", _text([leg.start for leg in legs])),
        "leg_to": ("leg", _text([leg.end for leg in legs])),
        "leg_km": ("leg", np.array([leg.length_km for leg in legs])),
    }
    return make_forecast(
        scenario, variables, coordinates, seed=seed, corridor_version=__version__, seconds=round(seconds, 3)
    )


def _text(words: list[str] | tuple[str, ...]) -> NDArray[np.object_]:
    return np.array(list(words), dtype=np.object_)
