"""Corridor against replicates of Flee made anew, as many as are wanted.

The reference output (`benchmarks.flee_check`) has ten replicates of an instance or four: where a site fills
on one day and stays full, one odd replicate moves the mean for the rest of the run. Here the release on PyPI
is run again and again, in the environment that `benchmarks.flee_race` makes. With the awareness level 1 of
the settings used its law is that of the commit behind the reference; with higher levels it is not, as people
with a route stop there by chance. The statistic and what it would be under equal laws are those of
`benchmarks.flee_check`; *by site* are differences of means over days, in standard errors.

    python -m benchmarks.flee_anew burundi2015
    python -m benchmarks.flee_anew mali2012 --replicates 100 --hasten 10
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from benchmarks.flee_check import INSTANCES, REFERENCE, Floats, ard, compared_days, rms, rms_under_equal_laws
from benchmarks.flee_race import (
    HASTEN,
    RELEASE,
    SETTINGS,
    FleeFailedError,
    Tell,
    answer_of_flee,
    flee_python,
    tell_on_stderr,
)
from corridor.ensemble.flee import run_flee
from corridor.formats.flee import read_flee_instance

COLUMNS = (
    "instance",
    "1 person in",
    "replicates, Flee's + ours",
    "rms",
    "5-95 % if equal",
    "p",
    "ARD of Flee (sd)",
    "ARD here (sd)",
    "by site",
)


def replicates_of_flee(python: Path, instance: str, hasten: int, replicates: int, tell: Tell) -> Floats:
    """Run the release with the seeds 1, 2, ... on two processors; return [replicates, days, sites]."""

    def one(seed: int) -> tuple[list[str], list[list[int]]]:
        told = answer_of_flee(python, instance, hasten, seed)
        tell(f"{instance}: replicate {seed} of {replicates}")
        return told["sites"], told["standing"]

    with ThreadPoolExecutor(2) as pool:
        return np.array([standing for _, standing in pool.map(one, range(1, replicates + 1))], float)


def line(instance: str, flee: Floats, *, hasten: int, runs: int, seed: int = 1) -> str:
    """Run Corridor as often as asked and return its row of the table beside Flee's replicates."""
    folder = REFERENCE / "instances" / instance
    settings = REFERENCE / "settings" / f"{SETTINGS}.yml"
    read = read_flee_instance(folder / "input_csv", folder / "source_data", settings, hasten=hasten)
    found = run_flee(read, replicates=runs, seed=seed)
    ours, days = found.simulated.astype(np.float64), compared_days(read.n_days)
    if_equal = rms_under_equal_laws(ours[:, days], len(flee), seed)
    apart, (low, high) = rms(flee[:, days], ours[:, days]), np.quantile(if_equal, (0.05, 0.95))
    theirs, here = (ard(simulated, found.table.observed) for simulated in (flee, ours))
    means = [simulated.mean(axis=1) for simulated in (ours, flee)]
    error = np.sqrt(sum(mean.var(axis=0, ddof=1) / len(mean) for mean in means))
    shift = (means[0].mean(axis=0) - means[1].mean(axis=0)) / np.where(error > 0, error, 1.0)
    names = zip(found.table.site_names, shift, strict=True)
    cells = (
        instance,
        str(hasten),
        f"{len(flee)} + {runs}",
        f"{apart:.2f}",
        f"{low:.2f}-{high:.2f}",
        f"{(if_equal >= apart).mean():.2f}",
        f"{theirs.mean():.4f} ({theirs.std(ddof=1):.4f})",
        f"{here.mean():.4f} ({here.std(ddof=1):.4f})",
        ", ".join(f"{name} {value:+.1f}" for name, value in names),
    )
    return f"| {' | '.join(cells)} |"


def lines(
    instances: list[str], *, replicates: int, runs: int, hasten: int | None, tell: Tell
) -> Iterator[str]:
    """Yield the table, line by line as it is made."""
    python = flee_python(install=True, tell=tell)
    assert python is not None
    yield f"{RELEASE} of PyPI made anew, settings {SETTINGS}"
    yield f"| {' | '.join(COLUMNS)} |"
    yield "|---" * len(COLUMNS) + "|"
    for instance in instances:
        one_in = hasten or HASTEN[instance]
        flee = replicates_of_flee(python, instance, one_in, replicates, tell)
        yield line(instance, flee, hasten=one_in, runs=runs)


def main() -> int:
    """Print the table; status 1 if Flee could not be had or failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flee_anew", description=__doc__)
    parser.add_argument("instances", nargs="*", default=list(INSTANCES), help="all if none is named")
    parser.add_argument("--replicates", type=int, default=40, help="of Flee")
    parser.add_argument("--runs", type=int, default=400, help="of Corridor")
    parser.add_argument("--hasten", type=int, help="one person stands for so many")
    asked = parser.parse_args()
    if unknown := [name for name in asked.instances if name not in INSTANCES]:
        parser.error(f"'{unknown[0]}' is none of {', '.join(INSTANCES)}")
    if asked.hasten is not None and asked.hasten < 1:
        parser.error(f"one person cannot stand for {asked.hasten}; --hasten is 1 or more")
    if asked.replicates < 2 or asked.runs < asked.replicates + 2:
        parser.error("there must be two replicates or more, and two runs more than replicates")
    if not REFERENCE.is_dir():
        print("the published instances (../shared/flee) are not here; nothing was compared")
        return 0
    told = {"replicates": asked.replicates, "runs": asked.runs, "hasten": asked.hasten}
    try:
        for row in lines(asked.instances, **told, tell=tell_on_stderr):
            print(row, flush=True)
    except FleeFailedError as error:
        print(f"nothing was compared: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
