"""How the cost of Flee's law grows: with people, with places and routes, with replicates and workers.

Reading too: the synthetic networks written as the files of a Flee instance.

People: one published instance with every number of people times a factor. Places and routes: points at random
on a plane, strip by strip, joined to their neighbours (Delaunay), which gives three routes a place as dense
road networks have; one place in twenty is in conflict and one in twenty a camp; each day one person for five
places leaves home.

    python -m benchmarks flee-curves
    python -m benchmarks.curves people
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from scipy.spatial import Delaunay

from benchmarks.flee_check import REFERENCE
from benchmarks.measure import ROOT
from corridor.engine.step_arrays import StepSetup, StepSizes, last_metres
from corridor.engine.step_leaving import GIVEN
from corridor.engine.stepwise import simulate_steps

#: Instances of the curve against people; the first is that of all other curves.
INSTANCES, SETTINGS = ("ssudan2013", "mali2012"), "modern125"
#: Mean length of a route of the synthetic networks, and days they are run.
MEAN_KM, SYNTHETIC_DAYS = 40.0, 10
#: Width of a strip of places that follow each other in the list, in mean distances.
STRIP = 4.0
#: Sites of the synthetic instances that are written to files; all other places are towns or in conflict.
SITES = 20
_KILOBYTE = 1 if sys.platform == "darwin" else 1024  # unit of ru_maxrss, in bytes


@dataclass(frozen=True)
class Curves:
    """What is measured; `FULL` for figures to be told, `TINY` to see that it works."""

    people: tuple[float, ...] = (1e4, 1e5, 1e6, 1e7, 1e8)
    places: tuple[int, ...] = (100, 1_000, 10_000, 100_000)
    replicates: tuple[int, ...] = (25, 50, 100, 200)
    calls: int = 4  # the first included


FULL = Curves()
TINY = Curves((1e4, 2e4), (50, 100), (1, 2), 2)


@dataclass(frozen=True)
class Point:
    """One point of a curve: what to run."""

    kind: str
    size: float
    calls: int
    workers: int = 1
    instance: str = INSTANCES[0]


@dataclass(frozen=True)
class Cost:
    """What one point took: medians of the calls after the first."""

    seconds: float  # by the clock
    processor_seconds: float
    peak_bytes: float
    people: float
    routes: int


def measure(point: Point) -> Cost:
    """Run a point in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.curves", "--point", json.dumps(asdict(point))]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return Cost(**json.loads(done.stdout))


def measure_here(point: Point) -> Cost:
    """Run a point here and now."""
    run, routes = _RUNS[point.kind](point)
    seconds, processor, people = [], [], 0.0
    for call in range(point.calls):
        started, spent = time.perf_counter(), time.process_time()
        people = run(call)
        seconds.append(time.perf_counter() - started)
        processor.append(time.process_time() - spent)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KILOBYTE
    return Cost(median(seconds[1:]), median(processor[1:]), peak, people, routes)


Run = Callable[[int], float]  # from a seed to the number of people


def _people(point: Point) -> tuple[Run, int]:
    setup, n_days = _published(point.instance)
    factor = point.size / float(setup.given[:n_days].sum() + setup.inserted.sum())

    def times(numbers: Any) -> Any:
        return np.round(numbers * factor).astype(numbers.dtype)

    scaled = setup._replace(
        given=times(setup.given),
        inserted=times(setup.inserted),
        population=times(setup.population),
        capacity=np.where(setup.capacity > 0, times(setup.capacity), setup.capacity),
    )
    return _simulated(scaled, n_days, StepSizes()), setup.leg_start.size // 2


def _published(name: str) -> tuple[StepSetup, int]:
    from corridor.ensemble.flee import step_setup
    from corridor.formats.flee import data_table, read_flee_instance

    folder = REFERENCE / "instances" / name
    settings = REFERENCE / "settings" / f"{SETTINGS}.yml"
    instance = read_flee_instance(folder / "input_csv", folder / "source_data", settings)
    setup, _ = step_setup(instance, data_table(instance))
    return setup, instance.n_days


def _simulated(setup: StepSetup, n_days: int, sizes: StepSizes) -> Run:
    def run(seed: int) -> float:
        kept = simulate_steps(setup, n_days=n_days, seed=seed, member=0, sizes=sizes)
        return float(kept.created[-1])

    return run


def _places(point: Point) -> tuple[Run, int]:
    n_places = int(point.size)
    setup = synthetic_setup(n_places, seed=1)
    rows = 1 << max(12, (8 * n_places).bit_length())
    return _simulated(setup, SYNTHETIC_DAYS, StepSizes(rows, rows, rows)), setup.leg_start.size // 2


def synthetic_setup(n_places: int, *, seed: int) -> StepSetup:
    """Return places at random, joined to their neighbours, with the rules of the settings file."""
    rng = np.random.default_rng(seed)
    points = rng.random((n_places, 2)) * np.sqrt(n_places)
    points = points[np.lexsort((points[:, 1], np.floor(points[:, 0] / STRIP)))]
    triangles = Delaunay(points).simplices
    pairs = np.unique(np.sort(triangles[:, [0, 1, 1, 2, 0, 2]].reshape(-1, 2), axis=1), axis=0)
    starts, ends = np.concatenate([pairs, pairs[:, ::-1]]).T
    metres = np.tile(rng.integers(int(500 * MEAN_KM), int(1500 * MEAN_KM), len(pairs)), 2)
    order = np.lexsort((ends, starts))
    kind = rng.permutation(n_places) % 20  # 0 in conflict, 1 a camp, else a town
    base, _ = _published(INSTANCES[0])
    zeros, none = np.zeros(n_places), np.zeros(0, np.int64)
    out_first = np.searchsorted(starts[order], np.arange(n_places + 1)).astype(np.int64)
    lengths, no_speeds = metres[order].astype(np.int64), np.zeros(len(order), np.int64)
    return base._replace(
        population=np.where(kind == 0, 10_000.0, 0.0),
        capacity=np.where(kind == 1, 5_000, -1),
        capacity_per_day=np.zeros(n_places, np.int64),
        is_camp=kind == 1,
        is_town=kind > 1,
        is_marker=np.zeros(n_places, np.bool_),
        base_score=np.ones(n_places),
        x_degrees=zeros,
        y_degrees=zeros,
        move_chance=np.where(kind == 0, 1.0, np.where(kind == 1, 0.001, 0.5)),
        intensity=np.where(kind == 0, 1.0, 0.0),
        conflict_start=np.full(n_places, -1),
        inserted=np.zeros(n_places, np.int64),
        leg_start=starts[order].astype(np.int64),
        leg_end=ends[order].astype(np.int64),
        leg_metres=lengths,
        leg_speed=no_speeds,
        leg_walk_chance=np.zeros(len(order)),
        out_first=out_first,
        last_metres=last_metres(out_first, lengths, no_speeds, base.metres_per_day),
        event_day=none,
        event_kind=none,
        event_target=none,
        event_value=np.zeros(0),
        leaving=GIVEN,
        given=np.full(SYNTHETIC_DAYS, n_places // 5),
        group_weight=np.ones((n_places, 1)),
    )


def _reading(point: Point) -> tuple[Run, int]:
    from corridor.formats.flee import read_flee_instance

    setup, folder = synthetic_setup(int(point.size), seed=1), tempfile.TemporaryDirectory()
    settings = REFERENCE / "settings" / f"{SETTINGS}.yml"
    write_instance(setup, Path(folder.name))

    def run(_seed: int) -> float:
        read_flee_instance(Path(folder.name) / "input_csv", Path(folder.name) / "source_data", settings)
        return float(setup.given.sum())

    return run, setup.leg_start.size // 2


def write_instance(setup: StepSetup, folder: Path) -> None:
    """Write a synthetic network as the files of a Flee instance, its people arriving at the first sites."""
    sites = np.flatnonzero(setup.is_camp)[:SITES].tolist()
    fought_over = np.flatnonzero(setup.intensity > 0).tolist()
    days = range(SYNTHETIC_DAYS + 1)
    kind = np.where(setup.intensity > 0, "conflict_zone", "town").astype(object)
    kind[sites] = "camp"
    size = {"conflict_zone": 10_000, "camp": 5_000, "town": 0}
    there = setup.leg_start < setup.leg_end
    roads = zip(setup.leg_start[there], setup.leg_end[there], setup.leg_metres[there] / 1000, strict=True)
    series = {"total": setup.given.max(), **{f"P{site}": setup.given.max() / len(sites) for site in sites}}
    tables = {
        "input_csv/locations.csv": [
            "#name,region,country,latitude,longitude,location_type,conflict_date,population",
            *(
                f"P{place},R,C,{place % 89},{place % 179},{kind[place]},0,{size[kind[place]]}"
                for place in range(kind.size)
            ),
        ],
        "input_csv/routes.csv": ["#name1,name2,distance", *(f"P{a},P{b},{km:.0f}" for a, b, km in roads)],
        "input_csv/conflicts.csv": [
            ",".join(["#Day", *(f"P{place}" for place in fought_over)]),
            *(",".join([str(day), *("1" for _ in fought_over)]) for day in days),
        ],
        "input_csv/closures.csv": ["#closure_type,name1,name2,closure_start,closure_end"],
        "input_csv/sim_period.csv": ["StartDate,2013-01-01", f"Length,{SYNTHETIC_DAYS}"],
        "source_data/data_layout.csv": [f"{name},{name}.csv" for name in series],
    }
    for name, a_day in series.items():
        first = date(2013, 1, 1)
        tables[f"source_data/{name}.csv"] = [
            f"{first + timedelta(days=day)},{int(day * a_day)}" for day in days
        ]
    for name, lines_of_table in tables.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("\n".join(lines_of_table) + "\n")


def _replicates(point: Point) -> tuple[Run, int]:
    from corridor.ensemble.flee import run_flee
    from corridor.formats.flee import read_flee_instance

    folder = REFERENCE / "instances" / point.instance
    settings = REFERENCE / "settings" / f"{SETTINGS}.yml"
    instance = read_flee_instance(folder / "input_csv", folder / "source_data", settings, hasten=50)

    def run(seed: int) -> float:
        runs = run_flee(instance, replicates=int(point.size), seed=seed, workers=point.workers)
        return float(runs.created[0, -1])

    return run, len(instance.routes) // 2


_RUNS = {"people": _people, "places": _places, "reading": _reading, "replicates": _replicates}


def lines(kinds: list[str], curves: Curves) -> Iterator[str]:
    """Yield the curves as text, point by point as it is measured."""
    if not REFERENCE.is_dir():
        yield "the published instances (../shared/flee) are not here; no curve was measured"
        return
    for kind in kinds:
        yield from KINDS[kind](curves)


def _people_lines(curves: Curves) -> Iterator[str]:
    for instance in INSTANCES:
        yield f"cost against people, {instance} with {SETTINGS}, one replicate, 1 worker"
        first = 0.0
        for people in curves.people:
            cost = measure(Point("people", people, curves.calls, instance=instance))
            first = first or cost.processor_seconds
            times = cost.processor_seconds / first
            yield f"{cost.people:>13,.0f} people: {_worded(cost)}; {times:.2f} times the first"


def _places_lines(curves: Curves) -> Iterator[str]:
    yield f"cost against places, synthetic networks, {SYNTHETIC_DAYS} days, one replicate, 1 worker"
    for places in curves.places:
        cost = measure(Point("places", places, curves.calls))
        each = 1e6 * cost.processor_seconds / places / SYNTHETIC_DAYS
        yield (
            f"{places:>9,} places, {cost.routes:,} routes, {cost.people:,.0f} people: {_worded(cost)}; "
            f"{each:.3g} microseconds a place and day"
        )


def _reading_lines(curves: Curves) -> Iterator[str]:
    yield "cost of reading against places, the synthetic networks as files of Flee"
    for places in curves.places:
        cost = measure(Point("reading", places, curves.calls))
        each = 1e6 * cost.processor_seconds / places
        yield f"{places:>9,} places, {cost.routes:,} routes: {_worded(cost)}; {each:.3g} microseconds a place"


def _replicates_lines(curves: Curves) -> Iterator[str]:
    yield f"cost against replicates, {INSTANCES[0]} with {SETTINGS}, 1 person in 50"
    for workers in (1, 2):
        for replicates in curves.replicates:
            cost = measure(Point("replicates", replicates, curves.calls, workers))
            yield f"{replicates:>5} replicates, {workers} worker{'s' * (workers > 1)}: {_worded(cost)}"


KINDS = {
    "people": _people_lines,
    "places": _places_lines,
    "reading": _reading_lines,
    "replicates": _replicates_lines,
}


def _worded(cost: Cost) -> str:
    return (
        f"{cost.seconds:.3g} s by the clock, {cost.processor_seconds:.3g} s of processor, "
        f"peak memory {cost.peak_bytes / 1e6:.0f} MB"
    )


def main() -> None:
    """Print the curves named, all of them if none is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.curves", description=__doc__)
    parser.add_argument("kinds", nargs="*", default=list(KINDS), help=f"of {', '.join(KINDS)}")
    parser.add_argument("--point", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.point:
        print(json.dumps(asdict(measure_here(Point(**json.loads(asked.point))))))
        return
    for line in lines(asked.kinds, FULL):
        print(line, flush=True)


if __name__ == "__main__":
    main()
