"""The cases, each as lines of text: a run of the flagship, cost against people and members, Dask, Flee."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import curves
from benchmarks.flee_check import INSTANCES
from benchmarks.flee_race import race, tell_on_stderr
from benchmarks.measure import Measured, Task, measure, measure_typed
from benchmarks.on_dask import measure_on_dask

TUTORIAL = "two-towns"
FLAGSHIP = "mosul-2016"


@dataclass(frozen=True)
class Size:
    """How much a case measures; `FULL` for figures to be told, `TINY` to see that a case works."""

    members: int
    calls: int  # per measurement, the first included
    people: tuple[float, ...]
    people_members: int  # fewer, because the largest populations take long
    members_steps: tuple[int, ...]
    compiles: bool  # measure the first call with nothing compiled, which takes half a minute
    least_seconds: float  # short calls are repeated for so long, after warming up for so long


FULL = Size(200, 4, (1e4, 1e5, 1e6, 1e7), 20, (25, 50, 100, 200), True, 2.0)
TINY = Size(2, 3, (1e4, 2e4), 2, (1, 2), False, 0.0)


def measure_run(size: Size) -> list[str]:
    """Case 1: a run of the flagship: first call, later calls, memory, one and two workers; and as typed."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder) if size.compiles else None
        if size.compiles:
            cold = measure(Task(FLAGSHIP, size.members, 1, 1), code)
            lines.append(
                f"nothing compiled yet: first call {cold.first:.1f} s (compiles), 1 worker, "
                f"processor {cold.processor_seconds[0]:.1f} s"
            )
        for workers in (1, 2):
            warm = measure(Task(FLAGSHIP, size.members, workers, size.calls), code)
            lines.append(
                f"{workers} worker{'s' * (workers > 1)}: "
                f"first call of a process {warm.first:.2f} s; {_later(warm)}"
            )
        typed = measure_typed(FLAGSHIP, size.members, size.calls, code)
        low, high = min(typed.seconds), max(typed.seconds)
        lines.append(
            f"as typed, corridor run {FLAGSHIP} --members {size.members} --seed 1, after one call: "
            f"{median(typed.seconds):.3g} s, median of {len(typed.seconds)}, range {low:.3g}-{high:.3g}; "
            f"processor {median(typed.processor_seconds):.3g} s; simulating is "
            f"{median(typed.members_seconds):.3g} s of it by the clock"
        )
    return [_title("run", warm, f"{size.members} members"), *lines]


def measure_people(size: Size) -> list[str]:
    """Case 2: cost against the number of people, on the roads of the tutorial and of the flagship."""
    lines = []
    for scenario in (TUTORIAL, FLAGSHIP):
        found = [
            measure(
                Task(
                    scenario,
                    size.people_members,
                    1,
                    size.calls,
                    people=people,
                    least_seconds=size.least_seconds,
                )
            )
            for people in size.people
        ]
        lines.append(
            _title("cost against people", found[0], f"{size.people_members} members, 1 worker", scenario)
        )
        for one in found:
            times = one.median_processor / found[0].median_processor
            lines.append(
                f"{round(one.people):>10,} people: {_later(one)}; "
                f"{times:.2f} times the processor time of the first"
            )
    return lines


def measure_members(size: Size) -> list[str]:
    """Case 3: cost against the number of members."""
    found = {members: measure(Task(FLAGSHIP, members, 1, size.calls)) for members in size.members_steps}
    lines = [
        f"{members:>5,} members: {_later(one)}; "
        f"{1000 * one.median_processor / members:.0f} ms of processor a member"
        for members, one in found.items()
    ]
    return [_title("cost against members", next(iter(found.values())), "1 worker"), *lines]


def measure_dask(size: Size) -> list[str]:
    """Case 4: members on Dask, two processes on this machine, and what a task costs."""
    one = measure_on_dask(FLAGSHIP, size.members, size.calls)
    low, high = min(one.later), max(one.later)
    return [
        f'run on Dask, scenario "{FLAGSHIP}", {size.members} members, 2 local worker processes',
        f"starting the cluster {one.start:.2f} s; first call {one.first:.2f} s; later calls "
        f"{median(one.later):.3g} s, median of {len(one.later)}, range {low:.3g}-{high:.3g}; "
        f"2 threads, in the same process: {one.threads:.3g} s; an empty task {1000 * one.task:.2g} ms",
    ]


def measure_flee(size: Size) -> list[str]:
    """Case 5: Corridor against Flee itself on the published instances."""
    if size is TINY:
        return list(race(["mali2012"], calls=size.calls, hasten=100, install=False))
    instances = list(INSTANCES)
    return list(race(instances, calls=size.calls, hasten=None, install=True, tell=tell_on_stderr))


def measure_flee_curves(size: Size) -> list[str]:
    """Case 6: Flee's law against people, places and routes, replicates and workers."""
    return list(curves.lines(list(curves.KINDS), curves.TINY if size is TINY else curves.FULL))


CASES = {
    "run": measure_run,
    "people": measure_people,
    "members": measure_members,
    "dask": measure_dask,
    "flee": measure_flee,
    "flee-curves": measure_flee_curves,
}


def _title(what: str, one: Measured, how: str, scenario: str = FLAGSHIP) -> str:
    return f'{what}, scenario "{scenario}" ({one.places} places, {one.routes} routes, {one.days} days), {how}'


def _later(one: Measured) -> str:
    """Word the later calls of a measurement."""
    low, high = min(one.later), max(one.later)
    return (
        f"later calls {one.median_later:.3g} s, median of {len(one.later)}, range {low:.3g}-{high:.3g}; "
        f"processor {one.median_processor:.3g} s; peak memory {one.peak_bytes / 1e6:.0f} MB"
    )
