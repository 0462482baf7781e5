"""Corridor against Flee's own output on the published instances, as one table.

The reference is the folder ``shared/flee`` beside the repository: instances, settings, and site series of
replicates of Flee's own program. Compared are, for each instance and settings file,

- the observed series, the debt on the last day, the number of people, and the raw count (through the printed
  total error, of which it is the denominator): they must be equal;
- *rms*: the root mean square over sites and eight days of the difference of means, in units of its standard
  error with pooled variance. What it would be under equal laws is found by splitting our own replicates at
  random into a group as large as Flee's and the rest; *p* is the share of such splits that is no smaller;
- the averaged relative difference between simulation and data (*ARD*), mean and standard deviation;
- processor seconds a replicate.

    python -m benchmarks.flee_check                    all twelve pairs
    python -m benchmarks.flee_check mali2012 --replicates 20
"""

from __future__ import annotations

import argparse
import csv
import gzip
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corridor.ensemble.flee import FleeRuns, run_flee
from corridor.formats.flee import read_flee_instance

REFERENCE = Path(__file__).resolve().parents[2] / "shared" / "flee"
INSTANCES = ("mali2012", "burundi2015", "ssudan2013", "car2013", "nigeria2016", "syria2013")
SETTINGS = ("modern125", "modern125aw2dm75")
#: Days that are compared: so many, evenly spread, the first and the last left out.
N_DAYS = 8
SPLITS = 1000
#: A smaller share of equal laws is no good sign for a pair; of many pairs some have it by chance.
TOO_FEW = 0.05

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Reference:
    """Replicates of Flee's own program."""

    simulated: Floats  # [replicates, days, sites]
    observed: NDArray[np.int64]  # [days, sites]
    sites: tuple[str, ...]
    hasten: int
    people: int  # ever created
    debt: int  # on the last day
    raw: NDArray[
        np.float64
    ]  # [replicates] mean over days of the printed total error; it depends on the raw count
    cpu_seconds: float  # a replicate, start-up included


@dataclass(frozen=True)
class Compared:
    """One line of the table."""

    instance: str
    settings: str
    flee_replicates: int
    replicates: int
    differing: tuple[str, ...]  # of what must be equal
    rms: float
    low: float  # 5 % of rms under equal laws
    high: float  # 95 %
    highest: float  # 99.9 %
    p_value: float  # share of equal laws with at least this rms
    flee_ard: Floats  # [replicates]
    ard: Floats
    flee_cpu_seconds: float
    cpu_seconds: float

    @property
    def ard_in_errors(self) -> float:
        """Difference of mean ARD, in standard errors."""
        spread = self.flee_ard.var(ddof=1) / self.flee_ard.size + self.ard.var(ddof=1) / self.ard.size
        return float((self.ard.mean() - self.flee_ard.mean()) / np.sqrt(spread))


def read_reference(instance: str, settings: str) -> Reference:
    """Read Flee's replicates of an instance and settings file."""
    with gzip.open(REFERENCE / "reference" / f"{instance}-{settings}.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    sites = tuple(dict.fromkeys(row["site"] for row in rows))
    replicates = sorted({int(row["replicate"]) for row in rows})
    shape = (len(replicates), max(int(row["day"]) for row in rows) + 1, len(sites))
    simulated, observed = np.zeros(shape), np.zeros(shape[1:], np.int64)
    for row in rows:
        day, site = int(row["day"]), sites.index(row["site"])
        simulated[replicates.index(int(row["replicate"])), day, site] = int(row["simulated"])
        observed[day, site] = int(row["observed"])
    hasten = int(rows[0]["hasten"])
    summary = _summary(instance, settings, hasten)
    return Reference(
        simulated=simulated,
        observed=observed,
        sites=sites,
        hasten=hasten,
        people=int(summary[0]["agents_end"]),
        debt=int(summary[0]["debt_end"]),
        raw=np.array([float(row["total_error_mean"]) for row in summary]),
        cpu_seconds=float(np.mean([float(row["cpu_seconds"]) for row in summary])),
    )


def _summary(instance: str, settings: str, hasten: int) -> list[dict[str, str]]:
    with (REFERENCE / "reference" / "summary.csv").open(encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if (r["instance"], r["settings"]) == (instance, settings)]
    return sorted((r for r in rows if int(r["hasten"]) == hasten), key=lambda r: int(r["replicate"]))


def compared_days(n_days: int) -> NDArray[np.int64]:
    """Return the days that are compared."""
    return np.linspace(0, n_days - 1, N_DAYS + 2).astype(np.int64)[1:-1]


def compare(instance: str, settings: str, *, replicates: int, seed: int = 1) -> Compared:
    """Run an instance and compare it with the reference.

    Raises ValueError if there are no more replicates than Flee's, so that they cannot be split.
    """
    reference = read_reference(instance, settings)
    if replicates < len(reference.simulated) + 2:
        message = (
            f"{replicates} replicates of '{instance}'; at least {len(reference.simulated) + 2} are needed"
        )
        raise ValueError(
            f"{message}, to split them into as many as Flee's {len(reference.simulated)} and more"
        )
    folder = REFERENCE / "instances" / instance
    read = read_flee_instance(
        folder / "input_csv",
        folder / "source_data",
        REFERENCE / "settings" / f"{settings}.yml",
        hasten=reference.hasten,
    )
    run_flee(read, seed=seed)  # compiled, and the files are in the cache
    started = time.process_time()
    runs = run_flee(read, replicates=replicates, seed=seed)
    cpu_seconds = (time.process_time() - started) / replicates
    ours = runs.simulated.astype(np.float64)
    days = compared_days(read.n_days)
    flee_n = reference.simulated.shape[0]
    if_equal = rms_under_equal_laws(ours[:, days], flee_n, seed)
    low, high, highest = np.quantile(if_equal, (0.05, 0.95, 0.999))
    apart = rms(reference.simulated[:, days], ours[:, days])
    return Compared(
        instance=instance,
        settings=settings,
        flee_replicates=flee_n,
        replicates=replicates,
        differing=tuple(_differing(reference, runs)),
        rms=apart,
        low=float(low),
        high=float(high),
        highest=float(highest),
        p_value=float((if_equal >= apart).mean()),
        flee_ard=ard(reference.simulated, reference.observed),
        ard=ard(ours, reference.observed),
        flee_cpu_seconds=reference.cpu_seconds,
        cpu_seconds=cpu_seconds,
    )


def _differing(reference: Reference, runs: FleeRuns) -> Iterator[str]:
    """Yield what chance does not touch and yet differs."""
    table = runs.table
    if reference.sites != table.site_names:
        yield "sites"
    if not np.array_equal(reference.observed, table.observed):
        yield "observed"
    if not np.all(runs.created[:, -1] == reference.people):
        yield "people"
    if not np.all(runs.created == table.people_created):
        yield "people by day"
    if int(table.debt[-1]) != reference.debt:
        yield "debt"
    apart = np.abs(reference.simulated - reference.observed).sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        total_error = np.where(table.raw > 0, apart / table.raw, 0.0).mean(axis=1)
    if not np.allclose(total_error, reference.raw, atol=6e-7, rtol=1e-5):
        yield "raw"


def rms(first: Floats, second: Floats) -> float:
    """Return the root mean square of standardised differences of two groups of [replicates, days, sites]."""
    n, m = len(first), len(second)
    pooled = (first.var(axis=0, ddof=1) * (n - 1) + second.var(axis=0, ddof=1) * (m - 1)) / (n + m - 2)
    varies = pooled > 0
    difference = (first.mean(axis=0) - second.mean(axis=0))[varies]
    return float(np.sqrt((difference**2 / (pooled[varies] * (1 / n + 1 / m))).mean()))


def rms_under_equal_laws(ours: Floats, flee_replicates: int, seed: int) -> Floats:
    """Return rms of random splits of our replicates into a group as large as Flee's and the rest."""
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(SPLITS):
        order = rng.permutation(len(ours))
        values.append(rms(ours[order[:flee_replicates]], ours[order[flee_replicates:]]))
    return np.array(values)


def ard(simulated: Floats, observed: NDArray[np.int64]) -> Floats:
    """Return the averaged relative difference of each replicate, over days with anybody in the data."""
    people = observed.sum(axis=1)
    counted = people > 0
    apart = np.abs(simulated - observed).sum(axis=2)
    return np.asarray((apart[:, counted] / people[counted]).mean(axis=1))


def table_lines(compared: list[Compared]) -> Iterator[str]:
    """Yield the table as Markdown."""
    yield (
        "| instance | settings | replicates, Flee's + ours | observed, raw, debt, people | rms "
        "| 5-95 % if equal | p | ARD of Flee (sd) | ARD here (sd) | in standard errors "
        "| processor s, Flee | here |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|---|---|"
    for c in compared:
        equal = "equal" if not c.differing else f"differ: {', '.join(c.differing)}"
        cells = (
            c.instance,
            c.settings,
            f"{c.flee_replicates} + {c.replicates}",
            equal,
            f"{c.rms:.2f}",
            f"{c.low:.2f}-{c.high:.2f}",
            f"{c.p_value:.2f}",
            f"{c.flee_ard.mean():.4f} ({c.flee_ard.std(ddof=1):.4f})",
            f"{c.ard.mean():.4f} ({c.ard.std(ddof=1):.4f})",
            f"{c.ard_in_errors:+.1f}",
            f"{c.flee_cpu_seconds:.1f}",
            f"{c.cpu_seconds:.2f}",
        )
        yield f"| {' | '.join(cells)} |"


def verdict_lines(compared: list[Compared]) -> Iterator[str]:
    """Yield in words what the table says as a whole, and how often chance alone says so."""
    n, above = len(compared), [c for c in compared if c.p_value < TOO_FEW]
    chance = 1.0 - sum(_binomial(n, k, TOO_FEW) for k in range(max(1, len(above))))
    names = f": {', '.join(f'{c.instance} {c.settings}' for c in above)}" if above else ""
    yield (
        f"{len(above)} of {n} pairs with p below {TOO_FEW:g}{names}; by chance alone "
        f"{max(1, len(above))} or more in {100 * chance:.0f} of 100 such tables"
    )
    furthest = max(abs(c.ard_in_errors) for c in compared)
    yield f"ARD within {furthest:.1f} standard errors"


def _binomial(n: int, k: int, p: float) -> float:
    return math.comb(n, k) * p**k * (1.0 - p) ** (n - k)


def main() -> int:
    """Print the table; status 1 if anything that chance does not touch differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flee_check", description=__doc__)
    parser.add_argument("instances", nargs="*", metavar="instance", help="names; all if none is given")
    parser.add_argument("--replicates", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.instances if name not in INSTANCES]:
        parser.error(f"'{unknown[0]}' is none of {', '.join(INSTANCES)}")
    if not REFERENCE.is_dir():
        print("the reference output of Flee (../shared/flee) is not here; nothing was compared")
        return 0
    compared = []
    for instance in arguments.instances or INSTANCES:
        for settings in SETTINGS:
            try:
                compared.append(
                    compare(instance, settings, replicates=arguments.replicates, seed=arguments.seed)
                )
            except ValueError as error:
                parser.error(str(error))
            print(f"{instance} {settings} done", file=sys.stderr, flush=True)
    print("\n".join([*table_lines(compared), "", *verdict_lines(compared)]))
    return 1 if any(c.differing for c in compared) else 0


if __name__ == "__main__":
    sys.exit(main())
