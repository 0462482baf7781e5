"""On a Dask cluster: the same bytes as in threads, what goes wrong in exact words, nothing left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from deadly import DeadlyJob
from process import environment, start_corridor

from corridor import load_scenario, run
from corridor.ensemble import cluster as on_cluster
from corridor.ensemble.cluster import LostWorkerWarning, refusal_and_answer, simulate_blocks, versions
from corridor.ensemble.forecast import Forecast
from corridor.problems import CorridorRuntimeError, InputError

distributed = pytest.importorskip("distributed", reason="Dask is not installed")
cloudpickle = pytest.importorskip("cloudpickle", reason="Dask is not installed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two worker processes on this machine."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50
    ) as cluster:
        yield cluster


@pytest.fixture
def client(cluster: Any) -> Iterator[Any]:
    with distributed.Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        yield client


def same_numbers(a: Forecast, b: Forecast) -> bool:
    """Tell whether two forecasts agree in every number and label; how long they took does not count."""
    return bool(a.to_xarray().drop_attrs().identical(b.to_xarray().drop_attrs()))


@pytest.fixture(scope="module")
def in_threads() -> Forecast:
    return run(load_scenario("two-towns"), members=61, seed=5)


def test_the_same_bytes_and_progress_up_to_the_end(cluster: Any, in_threads: Forecast):
    told: list[tuple[int, int, bool]] = []

    def progress(done: int, members: int) -> None:
        told.append((done, members, threading.current_thread() is threading.main_thread()))

    scenario, address = load_scenario("two-towns"), cluster.scheduler_address
    there = run(scenario, members=61, seed=5, dask=address, progress=progress)
    assert same_numbers(there, in_threads)
    assert not same_numbers(run(scenario, members=61, seed=6, dask=address), in_threads)
    done = [each[0] for each in told]
    assert done == sorted(set(done)) and done[-1] == 61 and len(done) == 8
    assert {each[1:] for each in told} == {(61, True)}


def test_one_storyline_and_an_earlier_end(client: Any):
    scenario = load_scenario("two-towns")
    asked = {"members": 3, "seed": 1, "storyline": "ceasefire", "until": scenario.horizon.replace(day=9)}
    assert same_numbers(run(scenario, dask=client, **asked), run(scenario, **asked))
    assert client.status == "running"  # who made it closes it


def test_the_command_line_writes_the_same_quantiles(corridor, cluster, tmp_path):
    arguments = ["run", "two-towns", "--members", "20", "--seed", "3"]
    there = corridor(*arguments, "--dask", cluster.scheduler_address, "--out", "there")
    here = corridor(*arguments, "--workers", "1", "--out", "here")
    assert (there.returncode, there.stderr) == (here.returncode, here.stderr) == (0, "")
    assert there.stdout.replace("there/", "here/") == here.stdout
    assert (tmp_path / "there" / "quantiles.csv").read_bytes() == (
        tmp_path / "here" / "quantiles.csv"
    ).read_bytes()


def test_a_lost_worker_is_told_and_changes_nothing(cluster: Any, client: Any, in_threads: Forecast):
    """One of two is killed when the first block has come; Dask starts another in its place."""
    address, process = next(iter(client.run(os.getpid).items()))

    def kill_one(done: int, members: int) -> None:
        if address in client.nthreads():
            os.kill(process, signal.SIGKILL)
        while address in client.nthreads():
            time.sleep(0.05)

    with pytest.warns(LostWorkerWarning) as told:
        there = run(load_scenario("two-towns"), members=61, seed=5, dask=client, progress=kill_one)
    assert [str(each.message) for each in told] == [
        f"the worker '{address}' was lost; what it had not delivered is simulated again"
    ]
    assert same_numbers(there, in_threads)


def test_a_lost_worker_is_a_note_on_the_screen(capsys):
    from rich.console import Console

    from corridor.cli.running import cluster_notes

    with cluster_notes(Console(width=80)):
        warnings.warn("the worker 'tcp://[::1]:5' was lost", LostWorkerWarning, stacklevel=1)
    assert capsys.readouterr() == ("note: the worker 'tcp://[::1]:5' was lost\n", "")


def test_members_that_kill_their_workers(cluster: Any, client: Any):
    before, cluster.scheduler.allowed_failures = cluster.scheduler.allowed_failures, 0
    try:
        with warnings.catch_warnings(), pytest.raises(CorridorRuntimeError) as raised:
            warnings.simplefilter("ignore", LostWorkerWarning)
            simulate_blocks(client, DeadlyJob(), [range(1)], lambda block, answer: None, None)
    finally:
        cluster.scheduler.allowed_failures = before
    assert str(raised.value) == (
        "the workers that were given the same members died one after the other; "
        "they may need more memory, or fewer threads"
    )


def test_a_worker_of_another_version_refuses(client: Any, monkeypatch: pytest.MonkeyPatch):
    numba = versions()["numba"]
    monkeypatch.setattr(on_cluster, "versions", lambda: {**versions(), "numba": "0.1"})
    with pytest.raises(CorridorRuntimeError) as raised:
        run(load_scenario("two-towns"), members=4, seed=1, dask=client)
    words = re.sub(r"tcp://[\d.:]+", "ADDRESS", str(raised.value))
    assert words == (f"the worker 'ADDRESS' has numba {numba}, not 0.1 as here; install the same versions")


@pytest.mark.parametrize("what", ["corridor", "numba", "numpy", "scipy"])
def test_every_version_counts(what: str):
    there = versions()[what]
    refusal, answer = refusal_and_answer(b"", b"", {**versions(), what: "0.1"})
    assert refusal == f"has {what} {there}, not 0.1 as here; install the same versions"
    assert answer == b""


def test_a_worker_without_corridor_says_so():
    """The task travels by value, so that a worker, and a scheduler, can read it without the package."""
    program = (
        "import sys, types, distributed, cloudpickle\n"
        "sys.modules['corridor.ensemble.cluster'] = None\n"
        "distributed.get_worker = lambda: types.SimpleNamespace(address='tcp://there:1')\n"
        "task = cloudpickle.loads(sys.stdin.buffer.read())\n"
        "print(*task(b'', told=b'', expected={}), sep='|')\n"
    )
    sent = cloudpickle.dumps(on_cluster._task())
    done = subprocess.run(
        [sys.executable, "-c", program], input=sent, capture_output=True, env=environment(), check=True
    )
    assert done.stdout.decode() == (
        "tcp://there:1|cannot simulate: import of corridor.ensemble.cluster halted; None in sys.modules; "
        "install corridor[dask] there too|b''\n"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--dask", "host"],
            "[dask-address] 'host' is no address of a Dask scheduler\n"
            "    hint: write it as tcp://host:8786, or 'local' for processes on this machine\n",
        ),
        (
            ["--dask", "http://host:8786/x"],
            "[dask-address] 'http://host:8786/x' is no address of a Dask scheduler\n"
            "    hint: write it as tcp://host:8786, or 'local' for processes on this machine\n",
        ),
        (
            ["--dask", "local", "--workers", "2"],
            "[dask-workers] '2' workers beside Dask, whose cluster has its own\n"
            "    hint: leave out one of the two\n",
        ),
    ],
)
def test_an_argument_that_does_not_fit(corridor, tmp_path, arguments, words):
    done = corridor("run", "two-towns", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == words + "1 problem. Nothing was run.\n"
    assert list(tmp_path.iterdir()) == []


def test_no_scheduler_at_the_address(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(on_cluster, "CONNECT_SECONDS", 1.0)
    with pytest.raises(InputError) as raised:
        run(load_scenario("two-towns"), members=4, seed=1, dask="tcp://127.0.0.1:1")
    assert str(raised.value) == (
        "[dask-unreachable] no Dask scheduler answers at 'tcp://127.0.0.1:1' within 1 s\n"
        "    hint: `dask scheduler` starts one and says its address; 'local' needs none\n"
        "1 problem. Nothing was run."
    )


def test_a_scheduler_of_another_version(cluster: Any, monkeypatch: pytest.MonkeyPatch):
    found = {"scheduler": {"packages": {"distributed": "2020.1.0"}}}
    monkeypatch.setattr(distributed.Client, "get_versions", lambda client: found)
    with pytest.raises(CorridorRuntimeError) as raised:
        run(load_scenario("two-towns"), members=4, seed=1, dask=cluster.scheduler_address)
    assert str(raised.value) == (
        f"the Dask of the scheduler at '{cluster.scheduler_address}' is 2020.1.0, "
        f"not {distributed.__version__} as here; install the same versions"
    )


def test_dask_is_not_installed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CorridorRuntimeError) as raised:
        run(load_scenario("two-towns"), members=4, seed=1, dask="local")
    assert str(raised.value) == "Dask is not installed: pip install 'corridor[dask]'"


def test_a_cluster_without_workers(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(on_cluster, "WORKERLESS_SECONDS", 1.0)
    monkeypatch.setattr(on_cluster, "_SECONDS_BETWEEN_LOOKS", 0.2)
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0", silence_logs=50) as empty,
        pytest.raises(CorridorRuntimeError) as raised,
    ):
        run(load_scenario("two-towns"), members=4, seed=1, dask=empty.scheduler_address)
    assert str(raised.value) == (
        "the Dask scheduler has had no worker for 1 s; `dask worker ADDRESS` starts one"
    )


def test_a_scheduler_that_goes_away():
    with distributed.LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0", silence_logs=50) as empty:
        timer = threading.Timer(1.0, empty.close)
        timer.start()
        with pytest.raises(CorridorRuntimeError) as raised:
            run(load_scenario("two-towns"), members=4, seed=1, dask=empty.scheduler_address)
        timer.join()
    assert str(raised.value) == "the Dask scheduler is gone, or cannot be reached any more"


@pytest.mark.usefixtures("compiled")
def test_an_interrupted_run_leaves_nothing_here_or_there(tmp_path, cluster, client):
    """Ctrl-C when the cluster has begun."""
    address = cluster.scheduler_address
    running = start_corridor(tmp_path, "run", "mosul-2016", "-n", "2000", "--out", "out", "--dask", address)
    deadline = time.monotonic() + 60
    while not any(client.processing().values()) and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, complained = running.communicate(timeout=60)
    assert (running.returncode, complained) == (130, "Stopped. Nothing was written.\n")
    assert list(tmp_path.iterdir()) == []
    while any(client.processing().values()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(client.processing().values())


def test_blocks_are_small_and_enough_for_all_threads(client: Any):
    sizes = [on_cluster.block_size(client, members) for members in (1, 8, 9, 60, 61, 10_000)]
    assert sizes == [1, 1, 2, 8, 8, 8]


def test_a_study_gives_the_same_answer(client: Any, cluster: Any):
    """Sobol indices, worth and bands rest on the same futures, whoever simulated them."""
    from corridor.ensemble.sensitivity.analyse import measure_sensitivity

    def study(**where: Any) -> Any:
        return measure_sensitivity(
            load_scenario("two-towns"), outcome="people in Tol on 2024-03-08", futures=160, seed=2, **where
        )

    told: list[int] = []
    there = study(dask=client, progress=lambda done, total: told.append(done))
    assert there == study(workers=2)
    assert told == sorted(set(told)) and 64 < told[-1] <= 160
    with pytest.raises(InputError, match="'2' workers beside Dask"):
        study(dask=cluster.scheduler_address, workers=2)
