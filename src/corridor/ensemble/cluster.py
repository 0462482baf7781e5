"""Simulation on a Dask cluster: blocks of members, or of futures, go out as tasks and come back as compact
bytes, which are put in their place by number.

A worker is told the scenario once, prepares it once, and refuses if it has another Corridor, or another of
the packages on which the bytes depend. What a lost worker had not delivered, Dask gives to another one; the
caller hears of it as a `LostWorkerWarning`. A block depends on what it is told alone, so the result is the
same on any cluster. The scheduler needs Dask and no Corridor. Dask is imported by what is called here, not
with the module.
"""

from __future__ import annotations

import pickle
import queue
import re
import signal
import time
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from importlib.metadata import version
from logging import CRITICAL
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from corridor.ensemble.compile import compiler_of
from corridor.ensemble.run import Cube, Progress, empty_cube, simulator
from corridor.problems import CorridorRuntimeError, InputError, Problem
from corridor.scenario.model import Scenario

if TYPE_CHECKING:
    from distributed import Client, Future, LocalCluster

#: The word for a cluster of processes on this machine, made for one run.
LOCAL = "local"
#: Seconds within which a scheduler must answer, and for which a cluster may be without any worker.
CONNECT_SECONDS, WORKERLESS_SECONDS = 10.0, 60.0
#: Most members of one task: a task costs a few milliseconds, and a lost one is simulated again.
MOST_MEMBERS = 8
#: Tasks for each thread of the cluster, so that a slow one does not hold up the end.
_TASKS_PER_THREAD = 4
#: Packages in which the same scenario and seed could give other bytes.
_PACKAGES = ("numba", "numpy", "scipy")
#: Folders of the package in which a change could do the same.
_SOURCES = ("engine", "scenario", "ensemble")
_SECONDS_BETWEEN_LOOKS = 2.0
_ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx)://[^\s/]+:\d{1,5}")


class LostWorkerWarning(RuntimeWarning):
    """A worker has left the cluster during a run; what it had not delivered is simulated again."""


class Job(Protocol):
    """What a worker is told once; it must be possible to pickle it."""

    def prepare(self) -> Callable[[Any], bytes]:
        """Return what turns one block into the bytes of its answer."""


@dataclass(frozen=True)
class MembersJob:
    """The members of a run; a block is a range of their numbers, its answer a packed `Cube`."""

    scenario: Scenario
    seed: int
    storyline: str | None

    def prepare(self) -> Callable[[range], bytes]:
        """Return what simulates a range of members."""
        compiler = compiler_of(self.scenario)

        def simulate(members: range) -> bytes:
            cube = empty_cube(self.scenario, compiler, len(members))
            one = simulator(
                self.scenario,
                compiler,
                cube,
                seed=self.seed,
                storyline=self.storyline,
                first=members.start,
            )
            for member in members:
                one(member)
            return _packed(cube)

        return simulate


def check_dask(dask: str | Client, workers: int | None) -> None:
    """Refuse an address that can be none of a Dask scheduler, and threads beside a cluster.

    Raises
    ------
    InputError
        With what is wrong.
    """
    if workers is not None:
        message = f"'{workers}' workers beside Dask, whose cluster has its own"
        raise InputError([Problem("dask-workers", "", 0, 0, message, hint="leave out one of the two")])
    if isinstance(dask, str) and dask != LOCAL and not _ADDRESS.fullmatch(dask):
        message = f"'{dask}' is no address of a Dask scheduler"
        hint = f"write it as tcp://host:8786, or '{LOCAL}' for processes on this machine"
        raise InputError([Problem("dask-address", "", 0, 0, message, hint=hint)])


def fill_on_cluster(
    cube: Cube,
    scenario: Scenario,
    dask: str | Client,
    *,
    seed: int,
    storyline: str | None,
    progress: Progress | None,
) -> None:
    """Simulate all members of a run on a cluster and write them to the cube; see `corridor.run`."""
    members = len(cube.storyline)

    def put(block: range, answer: bytes) -> None:
        rows = slice(block.start, block.stop)
        for name, values in pickle.loads(zlib.decompress(answer)).items():
            getattr(cube, name)[rows] = values

    with connected(dask) as client:
        size = block_size(client, members)
        blocks = [range(at, min(at + size, members)) for at in range(0, members, size)]
        simulate_blocks(client, MembersJob(scenario, seed, storyline), blocks, put, progress)


def _packed(cube: Cube) -> bytes:
    """Return a cube as bytes: an eighth of its size, for a tenth of the time that simulating it took."""
    return zlib.compress(pickle.dumps({name: getattr(cube, name) for name in cube.__dataclass_fields__}), 1)


def block_size(client: Client, members: int) -> int:
    """Return how many members to put into one task; the result does not depend on it."""
    threads: int = max(1, sum(client.nthreads().values()))
    return min(MOST_MEMBERS, -(-members // (threads * _TASKS_PER_THREAD)))


@contextmanager
def connected(dask: str | Client) -> Iterator[Client]:
    """Yield a client of a cluster; what was opened here is closed in the end, a client given is not.

    Raises
    ------
    InputError
        If no scheduler answers at the address.
    CorridorRuntimeError
        If Dask is not installed, or the scheduler's is of another version.
    """
    try:
        from distributed import Client
    except ImportError as error:
        message = "Dask is not installed: pip install 'corridor[dask]'"
        raise CorridorRuntimeError(message) from error
    if isinstance(dask, Client):
        yield dask
    elif dask == LOCAL:
        with _local_cluster() as cluster, Client(cluster, set_as_default=False) as client:
            yield client
    else:
        with _client_at(dask) as client:
            yield client


def _client_at(address: str) -> Client:
    from distributed import Client, __version__

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions: told below
            client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
            there = client.get_versions()["scheduler"]["packages"]["distributed"]
    except (OSError, TimeoutError, ValueError) as error:
        message = f"no Dask scheduler answers at '{address}' within {CONNECT_SECONDS:.0f} s"
        hint = f"`dask scheduler` starts one and says its address; '{LOCAL}' needs none"
        raise InputError([Problem("dask-unreachable", "", 0, 0, message, hint=hint)]) from error
    except TypeError:  # what a scheduler answers to words that it does not know
        there = "of another version"
        client = None
    if there != __version__:
        if client is not None:
            client.close()
        message = f"the Dask of the scheduler at '{address}' is {there}, not {__version__} as here"
        raise CorridorRuntimeError(f"{message}; install the same versions")
    return client


def _local_cluster() -> LocalCluster:
    """Start one process for each core. Ctrl-C, which a terminal sends to all, is for this process alone.

    A process that is started while the signal is blocked never hears it; here it comes when all have started.
    """
    from multiprocessing import resource_tracker

    from distributed import LocalCluster

    can_block = hasattr(signal, "pthread_sigmask")  # not on Windows
    if can_block:
        resource_tracker.ensure_running()  # else the first process starts it, which lets the signal through
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if can_block else set()
    try:
        return LocalCluster(threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=CRITICAL)
    finally:
        if can_block:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def simulate_blocks(
    client: Client,
    job: Job,
    blocks: Sequence[Any],
    take: Callable[[Any, bytes], None],
    progress: Progress | None,
) -> None:
    """Have all blocks simulated, and hand each with its answer to ``take`` in the calling thread.

    The order of answers is that of their arrival. On an interrupt or an error the tasks are given up and the
    exception goes on. ``progress`` is called with (items done, items), the items of a block being its length.

    Raises
    ------
    CorridorRuntimeError
        If a worker refuses, workers die of a block, none is left, or the scheduler is gone.
    """
    told, given = zlib.compress(pickle.dumps(job), 1), [pickle.dumps(block) for block in blocks]
    arrived: queue.SimpleQueue[Future] = queue.SimpleQueue()
    futures: list[Future] = []
    watch = _Watch(client)
    done, total = 0, sum(len(block) for block in blocks)
    try:
        shared = client.submit(bytes, told)
        futures = client.map(_task(), given, told=shared, expected=versions(), pure=False, key="simulate")
        block_of = {future.key: block for future, block in zip(futures, blocks, strict=True)}
        for future in futures:
            future.add_done_callback(arrived.put)
        for _ in blocks:
            future = watch.next_of(arrived)
            block = block_of[future.key]
            take(block, _answer(future))
            future.release()
            done += len(block)
            if progress is not None:
                progress(done, total)
        watch.look()
    except BaseException:
        with suppress(OSError, TimeoutError):
            client.cancel(futures)
        raise


class _Watch:
    """Waits for what arrives, and looks now and then which workers are there."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._workers: set[str] = set()
        self._last_with_workers = time.monotonic()
        self.look()

    def next_of(self, arrived: queue.SimpleQueue[Future]) -> Future:
        """Return the next future that is done."""
        while True:
            if time.monotonic() - self._looked_at >= _SECONDS_BETWEEN_LOOKS:
                self.look()
            with suppress(queue.Empty):
                return arrived.get(timeout=_SECONDS_BETWEEN_LOOKS)

    def look(self) -> None:
        """Tell of workers that have left since the last look.

        Raises
        ------
        CorridorRuntimeError
            If there has been no worker for `WORKERLESS_SECONDS`, or the scheduler is gone.
        """
        self._looked_at = time.monotonic()
        try:
            workers = set(self._client.nthreads())
        except (OSError, TimeoutError) as error:
            raise _scheduler_gone() from error
        for address in sorted(self._workers - workers):
            message = f"the worker '{address}' was lost; what it had not delivered is simulated again"
            warnings.warn(message, LostWorkerWarning, stacklevel=2)
        self._workers = workers
        if workers:
            self._last_with_workers = self._looked_at
        elif self._looked_at - self._last_with_workers >= WORKERLESS_SECONDS:
            message = f"the Dask scheduler has had no worker for {WORKERLESS_SECONDS:.0f} s"
            raise CorridorRuntimeError(f"{message}; `dask worker ADDRESS` starts one")


def _answer(future: Future) -> bytes:
    """Return the bytes of a future that is done."""
    from distributed import CancelledError, KilledWorker

    try:
        address, refusal, answer = future.result()
    except KilledWorker as error:
        message = "the workers that were given the same members died one after the other"
        raise CorridorRuntimeError(f"{message}; they may need more memory, or fewer threads") from error
    except (OSError, TimeoutError, CancelledError) as error:
        raise _scheduler_gone() from error
    if refusal:
        raise CorridorRuntimeError(f"the worker '{address}' {refusal}")
    return bytes(answer)


def _scheduler_gone() -> CorridorRuntimeError:
    return CorridorRuntimeError("the Dask scheduler is gone, or cannot be reached any more")


# --- on a worker ------------------------------------------------------------------------------------------


def _task() -> Callable[..., tuple[str, str, bytes]]:
    """Return what a worker runs. As a function within a function it travels by value, not by name."""

    def simulate(block: bytes, told: bytes, expected: dict[str, str]) -> tuple[str, str, bytes]:
        from distributed import get_worker

        address = str(get_worker().address)
        try:
            from corridor.ensemble.cluster import refusal_and_answer
        except ImportError as error:
            return address, f"cannot simulate: {error}; install corridor[dask] there too", b""
        return address, *refusal_and_answer(block, told, expected)

    return simulate


def refusal_and_answer(block: bytes, told: bytes, expected: Mapping[str, str]) -> tuple[str, bytes]:
    """Simulate a block on a worker; refuse, in words, if a version is not the ``expected`` one."""
    for what, here in versions().items():
        if here != expected.get(what):
            words = f"has {what} {here}, not {expected.get(what)} as here; install the same versions"
            return words, b""
    return "", _prepared(told)(pickle.loads(block))


@lru_cache(maxsize=2)
def _prepared(told: bytes) -> Callable[[Any], bytes]:
    job: Job = pickle.loads(zlib.decompress(told))
    return job.prepare()


@lru_cache(maxsize=1)
def versions() -> Mapping[str, str]:
    """Return the versions on which the bytes of a result depend."""
    from corridor import __version__

    package = Path(__file__).parents[1]
    sources = sorted(path for name in _SOURCES for path in (package / name).rglob("*.py"))
    digest = blake2b(b"".join(path.read_bytes() for path in sources), digest_size=4).hexdigest()
    return {"corridor": f"{__version__} ({digest})", **{name: version(name) for name in _PACKAGES}}
