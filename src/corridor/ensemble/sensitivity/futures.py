"""Futures simulated for their outcome alone, kept as they come, so that an interrupted run goes on.

Only one number of a future is kept. With a folder, the numbers are stored there every few seconds and when
the run is stopped, beside a description of the plan; a run of the same plan takes up what it finds. A future
depends on the plan and its place in it alone, so nothing depends on workers or on interruptions.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from corridor.ensemble.cluster import block_size, simulate_blocks
from corridor.ensemble.compile import compiler_of
from corridor.ensemble.run import run_in_parallel
from corridor.ensemble.sample import storyline_at, values_at
from corridor.ensemble.sensitivity.outcome import Outcome, measurer
from corridor.ensemble.sensitivity.plan import Floats, Told
from corridor.problems import CorridorRuntimeError, InputError, Problem
from corridor.scenario.model import Scenario

if TYPE_CHECKING:
    from distributed import Client

#: Called with futures done, futures in all.
Progress = Callable[[int, int], None]

PLAN_FILE, FUTURES_FILE = "plan.json", "futures.npy"
_SECONDS_BETWEEN_SAVES = 10.0


@dataclass
class Store:
    """The outcome of each future, NaN until it is known, and where it is kept; nowhere without a folder."""

    outcomes: Floats
    folder: Path | None = None
    saved_at: float = field(default_factory=time.monotonic)

    @property
    def n_done(self) -> int:
        """Futures whose outcome is known."""
        return int(np.isfinite(self.outcomes).sum())

    def save(self) -> None:
        """Write the outcomes aside and move them into place.

        Raises
        ------
        CorridorRuntimeError
            If they cannot be written.
        """
        self.saved_at = time.monotonic()
        if self.folder is None:
            return
        aside = self.folder / f".{FUTURES_FILE}"
        try:
            with aside.open("wb") as file:
                np.save(file, self.outcomes)
            os.replace(aside, self.folder / FUTURES_FILE)
        except OSError as error:
            message = f"the futures could not be kept in '{self.folder}': {error.strerror or error}"
            raise CorridorRuntimeError(message) from error

    def save_if_due(self) -> None:
        """Save unless that was done a few seconds ago."""
        if time.monotonic() - self.saved_at >= _SECONDS_BETWEEN_SAVES:
            self.save()


def open_store(n_futures: int, plan: dict[str, Any], folder: Path | None) -> Store:
    """Return a store with what the folder holds of the same plan.

    Raises
    ------
    InputError
        If the folder holds anything else, or cannot be made.
    """
    outcomes = np.full(n_futures, np.nan)
    if folder is None:
        return Store(outcomes)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = sorted(entry.name for entry in folder.iterdir())
    except OSError as error:
        message = f"'{folder}' cannot be used: {error.strerror or error}"
        raise _fault("output-folder", message, "choose another with --out") from error
    if not held:
        (folder / PLAN_FILE).write_text(json.dumps(plan, indent=1, ensure_ascii=False), "utf-8")
        return Store(outcomes, folder)
    if PLAN_FILE not in held:
        message = f"'{folder}' holds '{held[0]}', which is not part of a sensitivity study"
        raise _fault("output-exists", message, "choose another with --out")
    different = _differences(plan, folder / PLAN_FILE)
    if different:
        message = f"'{folder}' holds a study with another {' and '.join(different)}"
        raise _fault("output-exists", message, "choose another with --out, or add --overwrite")
    return Store(_read(folder / FUTURES_FILE, outcomes), folder)


def count_kept(folder: Path) -> tuple[int, int]:
    """Return how many futures of a study a folder holds, and of how many; (0, 0) where there are none."""
    kept = _read(folder / FUTURES_FILE, np.empty(0), any_shape=True)
    return int(np.isfinite(kept).sum()), kept.size


def _differences(plan: dict[str, Any], path: Path) -> list[str]:
    try:
        stored = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return [PLAN_FILE]
    if not isinstance(stored, dict):
        return [PLAN_FILE]
    return [key for key in plan if stored.get(key) != plan[key]]


def _read(path: Path, empty: Floats, *, any_shape: bool = False) -> Floats:
    """Return the stored outcomes; none of them if there is no whole file."""
    if not path.is_file():
        return empty
    try:
        stored: NDArray[Any] = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return empty
    fits = (any_shape or stored.shape == empty.shape) and stored.dtype == empty.dtype
    return stored if fits else empty


def _fault(code: str, message: str, hint: str) -> InputError:
    return InputError([Problem(code, "", 0, 0, message, hint)])


class Simulator:
    """Takes what a future is told to its outcome; made once per scenario, safe in threads."""

    def __init__(self, scenario: Scenario, outcome: Outcome, seed: int) -> None:
        self.scenario = scenario
        self.outcome = outcome
        self.seed = seed
        self._compiler = compiler_of(scenario)
        self._measure = measurer(outcome, self._compiler)

    def __call__(self, told: Told) -> float:
        """Simulate one future and return its outcome."""
        fixed = {name: 0.5 for name, prior in self.scenario.priors.items() if prior.distribution == "fixed"}
        values = values_at(self.scenario.priors, {**fixed, **told.probabilities})
        storyline = storyline_at(self.scenario, values, told.position)
        kept = self._compiler.simulate(storyline, values, seed=self.seed, member=told.chance)
        return self._measure(kept)


@dataclass(frozen=True)
class FuturesJob:
    """The futures of a study on a cluster; a block is what some are told, its answer their outcomes."""

    scenario: Scenario
    outcome: Outcome
    seed: int

    def prepare(self) -> Callable[[Sequence[tuple[int, Told]]], bytes]:
        """Return what simulates some futures, each with its row."""
        simulator = Simulator(self.scenario, self.outcome, self.seed)
        return lambda block: np.array([simulator(told) for _, told in block]).tobytes()


def simulate_rows(
    store: Store,
    rows: range,
    tell: Callable[[int], Told],
    simulator: Simulator,
    *,
    workers: int | None,
    client: Client | None,
    progress: Progress | None,
) -> None:
    """Fill in the outcomes of ``rows`` that are not known yet; what is done is kept, however it ends.

    They are simulated in threads, or on the cluster of a ``client``.
    """
    waiting = [row for row in rows if not np.isfinite(store.outcomes[row])]
    n_before = store.n_done

    def simulate(at: int) -> None:
        store.outcomes[waiting[at]] = simulator(tell(waiting[at]))

    def put(block: Sequence[tuple[int, Told]], answer: bytes) -> None:
        store.outcomes[[row for row, _ in block]] = np.frombuffer(answer)

    def report(done: int, _: int) -> None:
        store.save_if_due()
        if progress is not None:
            progress(n_before + done, store.outcomes.size)

    if not waiting:
        return
    try:
        if client is None:
            run_in_parallel(simulate, len(waiting), workers, report)
        else:
            size = block_size(client, len(waiting))
            told = [(row, tell(row)) for row in waiting]
            blocks = [told[at : at + size] for at in range(0, len(told), size)]
            job = FuturesJob(simulator.scenario, simulator.outcome, simulator.seed)
            simulate_blocks(client, job, blocks, put, report)
    finally:
        store.save()
