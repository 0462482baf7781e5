"""Members on Dask: a scenario run several times on two worker processes of this machine, and empty tasks.

`measure_on_dask` starts a process and reads its answer; `python -m benchmarks.on_dask` is that process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median

from benchmarks.measure import ROOT

WORKERS, EMPTY_TASKS = 2, 500


@dataclass(frozen=True)
class OnDask:
    """Seconds by the clock on the wall."""

    start: float  # of the cluster
    first: float  # call: each worker loads the compiled engine
    later: list[float]
    threads: float  # median of as many calls in as many threads as there are processes
    task: float  # one that does nothing


@dataclass(frozen=True)
class EmptyJob:
    """Work of no time, so that what is left is the cost of a task."""

    def prepare(self) -> Callable[[range], bytes]:
        """Return what does nothing."""
        return lambda block: b""


def measure_on_dask(scenario: str, members: int, calls: int) -> OnDask:
    """Run a scenario in a new process that makes a cluster."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.on_dask", scenario, str(members), str(calls)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return OnDask(**json.loads(done.stdout))


def measure_here(name: str, members: int, calls: int) -> OnDask:
    """Make a cluster and measure."""
    from distributed import Client, LocalCluster

    from benchmarks.on_dask import EmptyJob  # by its own name, not __main__, so that a worker finds it
    from corridor import load_scenario, run
    from corridor.ensemble.cluster import simulate_blocks

    scenario = load_scenario(name)

    def timed(work: Callable[[], object]) -> float:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started

    started = time.perf_counter()
    with (
        LocalCluster(
            n_workers=WORKERS, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        client.wait_for_workers(WORKERS)
        start = time.perf_counter() - started
        there = [timed(lambda: run(scenario, members=members, seed=1, dask=client)) for _ in range(calls)]
        blocks = [range(1)] * EMPTY_TASKS
        empty = timed(lambda: simulate_blocks(client, EmptyJob(), blocks, lambda block, answer: None, None))
    here = [timed(lambda: run(scenario, members=members, seed=1, workers=WORKERS)) for _ in range(calls)]
    return OnDask(start, there[0], there[1:], median(here[1:]), empty / EMPTY_TASKS)


if __name__ == "__main__":
    scenario, members, calls = sys.argv[1:]
    print(json.dumps(asdict(measure_here(scenario, int(members), int(calls)))))
