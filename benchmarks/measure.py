"""One measurement in a process of its own: a scenario run several times, as seconds a call and peak memory.

`measure` starts the process and reads its answer; `python -m benchmarks.measure` is that process.
`measure_typed` measures `corridor run` whole, as a user types it.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
_KILOBYTE = 1 if sys.platform == "darwin" else 1024  # unit of ru_maxrss, in bytes


@dataclass(frozen=True)
class Task:
    """What to measure: ``calls`` runs of a scenario one after the other."""

    scenario: str
    members: int
    workers: int
    calls: int
    people: float | None = None  # of the scenario, scaled to this number on day 0; None = as it is
    seed: int = 1
    least_seconds: float = 0.0  # warm up for so long, and then go on measuring for so long


@dataclass(frozen=True)
class Measured:
    """What came out. The first call loads the compiled engine, or compiles it where there is none; calls that
    only warm up are not told.
    """

    seconds: tuple[float, ...]  # one a call, by the clock on the wall
    processor_seconds: tuple[float, ...]  # one a call, all threads together
    peak_bytes: int
    people: float  # on day 0, mean over members
    places: int
    routes: int
    days: int

    @property
    def first(self) -> float:
        """Seconds of the first call."""
        return self.seconds[0]

    @property
    def later(self) -> tuple[float, ...]:
        """Seconds of the later calls."""
        return self.seconds[1:]

    @property
    def median_later(self) -> float:
        """Median seconds of the later calls."""
        return median(self.later)

    @property
    def median_processor(self) -> float:
        """Median processor seconds of the later calls: what a busy machine cannot change much."""
        return median(self.processor_seconds[1:])


def measure(task: Task, compiled_code: Path | None = None) -> Measured:
    """Run a task in a new process, with compiled code in the folder ``compiled_code`` (else as always)."""
    environment = dict(os.environ)
    if compiled_code is not None:
        environment["NUMBA_CACHE_DIR"] = str(compiled_code)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.measure", json.dumps(asdict(task))],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    answer = json.loads(done.stdout)
    lists = {name: tuple(value) for name, value in answer.items() if isinstance(value, list)}
    return Measured(**{**answer, **lists})


@dataclass(frozen=True)
class Typed:
    """A command as typed: seconds a call from the first letter to the prompt, Python's start included."""

    seconds: tuple[float, ...]  # by the clock on the wall
    processor_seconds: tuple[float, ...]
    members_seconds: tuple[float, ...]  # of the first: simulating, the scenario made into arrays included


def measure_typed(scenario: str, members: int, calls: int, compiled_code: Path | None = None) -> Typed:
    """Run ``corridor run`` in new processes, on all cores; the first one, which warms up, is not told."""
    from corridor import open_forecast

    environment = dict(os.environ)
    if compiled_code is not None:
        environment["NUMBA_CACHE_DIR"] = str(compiled_code)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(calls):
            out = Path(folder) / str(number)
            asked = ["run", scenario, "--members", str(members), "--seed", "1", "--out", str(out)]
            before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "corridor", *asked], env=environment, check=True, capture_output=True
            )
            wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            rows.append((wall, spent, float(open_forecast(out).to_xarray().attrs["seconds"])))
    return Typed(*zip(*rows[1:], strict=True))


def run_task(task: Task) -> Measured:
    """Run a task here and now."""
    from benchmarks.scaling import with_people_times
    from corridor import load_scenario, run

    scenario = load_scenario(task.scenario)
    if task.people is not None:
        probe = run(
            scenario, members=task.members, seed=task.seed, until=scenario.issue_date + dt.timedelta(1)
        )
        scenario = with_people_times(scenario, task.people / float(probe.people()[:, 0].mean()))

    def call() -> tuple[float, float]:
        started, spent = time.perf_counter(), time.process_time()
        run(scenario, members=task.members, seed=task.seed, workers=task.workers)
        return time.perf_counter() - started, time.process_time() - spent

    first = call()
    warming = first[0]
    while warming < task.least_seconds:
        warming += call()[0]
    later = [call() for _ in range(task.calls - 1)]
    while sum(wall for wall, _ in later) < task.least_seconds:
        later.append(call())
    forecast = run(
        scenario, members=task.members, seed=task.seed, until=scenario.issue_date + dt.timedelta(1)
    )
    return Measured(
        seconds=(first[0], *(wall for wall, _ in later)),
        processor_seconds=(first[1], *(spent for _, spent in later)),
        peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KILOBYTE,
        people=float(forecast.people()[:, 0].mean()),
        places=len(scenario.places),
        routes=len(scenario.routes),
        days=scenario.n_days,
    )


if __name__ == "__main__":
    print(json.dumps(asdict(run_task(Task(**json.loads(sys.argv[1]))))))
