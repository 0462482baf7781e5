"""A sensitivity study from its scenario to its answer: plan, simulate, choose what to study, estimate.

The plain futures come first. The quantities that they show to be most worth knowing are studied one by one in
the second design, all others together, so that what matters only in company is not lost unseen.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corridor.ensemble.cluster import check_dask, connected
from corridor.ensemble.run import shortened
from corridor.ensemble.sample import quantile, storyline_at, values_at
from corridor.ensemble.sensitivity.futures import Progress, Simulator, open_store, simulate_rows
from corridor.ensemble.sensitivity.indices import sobol_indices
from corridor.ensemble.sensitivity.outcome import Outcome, read_outcome
from corridor.ensemble.sensitivity.plan import (
    CHANCE,
    LEAST_BASE,
    OTHERS,
    STORYLINE,
    Floats,
    Sizes,
    factors_for,
    plain_matrix,
    plain_positions,
    plan_sizes,
    tell_plain,
    tell_swapped,
    uncertain_priors,
)
from corridor.ensemble.sensitivity.result import Line, Sensitivity, store_result
from corridor.ensemble.sensitivity.worth import (
    LEVELS,
    USUAL_RESAMPLES,
    Ints,
    band_of,
    classes_of,
    n_classes,
    rank_influence,
    worth_of,
)
from corridor.evidence.ledger import make_ledger, pool_entry
from corridor.problems import InputError, Problem
from corridor.scenario.model import Scenario

if TYPE_CHECKING:
    from distributed import Client

#: Futures simulated if nobody says how many.
USUAL_FUTURES = 10_000
#: Quantities studied one by one if nobody says how many.
USUAL_QUANTITIES = 12
#: Bootstrap samples for the quantities that are not studied one by one.
ROUGH_RESAMPLES = 60


def measure_sensitivity(
    scenario: Scenario,
    *,
    outcome: str,
    futures: int = USUAL_FUTURES,
    quantities: int = USUAL_QUANTITIES,
    seed: int,
    until: dt.date | None = None,
    workers: int | None = None,
    dask: str | Client | None = None,
    folder: str | Path | None = None,
    progress: Progress | None = None,
) -> Sensitivity:
    """Find out which quantity matters most for an outcome.

    Parameters
    ----------
    scenario : Scenario
    outcome : str
        ``displaced by DATE``, ``people in PLACE on DATE``, ``day PLACE is full`` or ``peak trapped``.
    futures : int
        At most so many are simulated, two in five of them as a forecast's members.
    quantities : int
        So many are studied one by one for their Sobol indices; the worth is told for all.
    seed : int
        Names all random numbers, 0 to 2**63 - 1. The same seed gives the same answer.
    until : datetime.date, optional
        Last day for outcomes that name none; the horizon if not given.
    workers : int, optional
        Threads; all cores if not given. Does not change the answer.
    dask : str or distributed.Client, optional
        Simulate on a Dask cluster, as `corridor.run` does. Does not change the answer.
    folder : path, optional
        Where the futures are kept as they come, and the answer; a study that was stopped goes on from there.
    progress : callable, optional
        Called with (futures done, futures) from the calling thread.

    Raises
    ------
    InputError
        If an argument does not fit the scenario, or the folder holds something else.
    """
    asked = read_outcome(outcome, scenario, until=until)
    names = uncertain_priors(scenario)
    n_chosen = min(quantities, len(names))
    n_factors = len(factors_for(scenario, names[:n_chosen]))
    sizes = plan_sizes(futures, n_factors)
    _check_arguments(futures, quantities, seed, workers, sizes)
    if dask is not None:
        check_dask(dask, workers)
    home = Path(folder) if folder is not None else None
    plan = describe_plan(scenario, asked, seed=seed, futures=futures, quantities=n_chosen)
    store = open_store(sizes.n_futures, plan, home)
    simulator = Simulator(shortened(scenario, asked.last_day), asked, seed)
    rows = range(sizes.n_plain)

    def tell(row: int) -> Any:
        return tell_plain(names, seed, row)

    with connected(dask) if dask is not None else nullcontext() as client:
        simulate_rows(store, rows, tell, simulator, workers=workers, client=client, progress=progress)
        study = _Study(scenario, asked, names, seed, sizes, store.outcomes)
        chosen = study.most_telling(n_chosen)
        factors = factors_for(scenario, chosen)

        def tell_again(row: int) -> Any:
            base, factor = divmod(row - sizes.n_plain, len(factors))
            return tell_swapped(names, seed, base, sizes.n_base, factors[factor], chosen)

        rest = range(sizes.n_plain, sizes.n_futures)
        simulate_rows(store, rest, tell_again, simulator, workers=workers, client=client, progress=progress)
    result = study.answer(factors)
    if home is not None:
        store_result(result, home)
    return result


def describe_plan(
    scenario: Scenario, outcome: Outcome, *, seed: int, futures: int, quantities: int
) -> dict[str, Any]:
    """Return what a study depends on, in words that a problem can name."""
    from corridor import __version__

    return {
        "scenario": fingerprint_of(scenario),
        "outcome": outcome.words,
        "last day": outcome.last_day.isoformat(),
        "seed": seed,
        "number of futures": futures,
        "number of quantities": quantities,
        "version of Corridor": __version__,
    }


def fingerprint_of(scenario: Scenario) -> str:
    """Return a short text that two scenarios share only if they are equal."""
    return hashlib.sha256(scenario.model_dump_json().encode()).hexdigest()[:16]


def _check_arguments(futures: int, quantities: int, seed: int, workers: int | None, sizes: Sizes) -> None:
    problems = []
    if quantities < 1:
        message = f"'{quantities}' quantities; at least 1 is needed"
        problems.append(Problem("quantities", "", 0, 0, message))
    elif sizes.n_base < LEAST_BASE:
        least = -(-LEAST_BASE * sizes.n_factors * 5 // 3)
        message = f"'{futures}' futures are too few for {sizes.n_factors} factors"
        problems.append(Problem("futures", "", 0, 0, message, f"take {least} or more, or fewer --quantities"))
    if not 0 <= seed < 2**63:
        problems.append(Problem("seed", "", 0, 0, f"the seed is '{seed}'; it must be 0 to 2**63 - 1"))
    if workers is not None and workers < 1:
        problems.append(Problem("workers", "", 0, 0, f"'{workers}' workers; at least 1 is needed"))
    if problems:
        raise InputError(problems)


class _Study:
    """The outcomes of a study with what its futures were told."""

    def __init__(
        self,
        scenario: Scenario,
        asked: Outcome,
        names: tuple[str, ...],
        seed: int,
        sizes: Sizes,
        outcomes: Floats,
    ) -> None:
        self.scenario, self.asked, self.names = scenario, asked, names
        self.seed, self.sizes, self.outcomes = seed, sizes, outcomes
        self.plain = outcomes[: sizes.n_plain]
        self.n_classes = n_classes(sizes.n_plain)
        self.matrix = plain_matrix(names, seed, sizes.n_plain)
        self.classes = {
            name: classes_of(self.matrix[:, column], self.n_classes) for column, name in enumerate(names)
        }

    def most_telling(self, number: int) -> tuple[str, ...]:
        """Return the quantities with the strongest influence, in the order of the scenario."""
        influence = {name: rank_influence(self.plain, self.classes[name]) for name in self.names}
        ranked = sorted(self.names, key=lambda name: -influence[name])[:number]
        return tuple(name for name in self.names if name in ranked)

    def answer(self, factors: Sequence[str]) -> Sensitivity:
        """Return the answer, once all futures are there."""
        from corridor import __version__

        n, sizes = self.sizes.n_base, self.sizes
        swapped = self.outcomes[sizes.n_plain :].reshape(n, len(factors))
        found = sobol_indices(factors, self.plain[:n], self.plain[n : 2 * n], swapped, seed=self.seed)
        about = _words_and_claims(self.scenario)
        worths = {
            name: worth_of(
                self.plain,
                self.classes[name],
                seed=self.seed,
                positions=self.matrix[:, column],
                resamples=USUAL_RESAMPLES if name in factors else ROUGH_RESAMPLES,
            )
            for column, name in enumerate(self.names)
        }
        lines = [
            Line(
                *(name, about[name][0], "quantity", about[name][1]),
                *(self.scenario.priors[name].unit, *self._range(name)),
                *(worths[name], found.get(name)),
            )
            for name in sorted(self.names, key=lambda name: (name not in found, -worths[name].share))
        ]
        if STORYLINE in factors:
            title = "which storyline comes true"
            worth = worth_of(self.plain, self._storylines(), seed=self.seed)
            lines.append(Line("", title, "storyline", worth=worth, indices=found[STORYLINE]))
        if OTHERS in factors:
            title = f"the other {len(self.names) - sum(name in factors for name in self.names)} quantities"
            lines.append(Line("", title, "others", indices=found[OTHERS]))
        lines.append(Line("", "chance", "chance", indices=found[CHANCE]))
        low, high = band_of(self.plain)
        latest = (self.asked.last_day - self.scenario.issue_date).days
        return Sensitivity(
            scenario=self.scenario.name,
            title=self.scenario.title,
            fingerprint=fingerprint_of(self.scenario),
            outcome=self.asked.words,
            unit=self.asked.unit,
            issue_date=self.scenario.issue_date.isoformat(),
            last_day=self.asked.last_day.isoformat(),
            seed=self.seed,
            n_futures=sizes.n_futures,
            n_plain=sizes.n_plain,
            n_base=sizes.n_base,
            n_classes=self.n_classes,
            low=low,
            median=float(np.median(self.plain)),
            high=high,
            never=float((self.plain > latest).mean()) if self.asked.unit == "date" else 0.0,
            lines=tuple(lines),
            version=__version__,
        )

    def _range(self, name: str) -> tuple[float, float]:
        """Return the central 90 % of a prior."""
        prior = self.scenario.priors[name]
        return quantile(prior, LEVELS[0]), quantile(prior, LEVELS[1])

    def _storylines(self) -> Ints:
        """Return the number of the storyline of each plain future."""
        positions = plain_positions(self.seed, self.sizes.n_plain)
        order = {line.name: number for number, line in enumerate(self.scenario.storylines)}
        fixed = dict.fromkeys(self.scenario.priors, 0.5)
        return np.array(
            [
                order[storyline_at(self.scenario, self._values(row, fixed), position).name]
                for row, position in enumerate(positions)
            ],
            np.int64,
        )

    def _values(self, row: int, fixed: dict[str, float]) -> dict[str, float]:
        if not any(isinstance(line.weight, str) for line in self.scenario.storylines):
            return {}
        drawn = dict(zip(self.names, self.matrix[row].tolist(), strict=True))
        return values_at(self.scenario.priors, {**fixed, **drawn})


def _words_and_claims(scenario: Scenario) -> dict[str, tuple[str, int]]:
    """Return for each prior the words people use for it, and how many claims give a figure for it."""
    found = {name: (name.replace("_", " "), 0) for name in scenario.priors}
    for entry in make_ledger(scenario).quantities:
        believed = entry.quantity.believed
        if entry.quantity.kind != "quantity" or len(believed) != 1 or not believed[0].prior_name:
            continue
        pooled = pool_entry(entry, household_size=scenario.household_size)
        words = entry.quantity.name.removeprefix("prior ").replace("_", " ")
        found[believed[0].prior_name] = (words, len(pooled.voices) if pooled else 0)
    return found
