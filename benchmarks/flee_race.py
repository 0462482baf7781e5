"""Corridor against Flee itself on the published instances, in one go: what one run costs, and the ratio.

Flee is the release on PyPI, in an environment of its own that this file makes the first time (its folder,
``benchmarks/.venv``, is not kept in git; 350 MB), driven through its public API by `benchmarks.flee_driver`.
Where the environment variable ``CORRIDOR_FLEE`` names a checkout of Flee, that program's own
``runscripts/run.py`` is run instead. Both programs read the same folders and the same settings, and each run
has a process of its own. Flee is run with fewer people (``hasten``) and its cost taken times that number: its
cost grows as the number of people, less what does not depend on it, which is thereby taken for more than it
is by under a second times ``hasten``. Corridor is run with all people, and the first run, which loads the
compiled engine, does not count.

    python -m benchmarks flee
    python -m benchmarks.flee_race mali2012 burundi2015 --hasten 10
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.flee_check import INSTANCES, REFERENCE
from benchmarks.measure import ROOT

ENVIRONMENT = ROOT / "benchmarks" / ".venv"
RELEASE, DRIVER = "flee==3.1", ROOT / "benchmarks" / "flee_driver.py"
SETTINGS = "modern125"
#: One person of Flee's stands for so many, so that an instance takes it half a minute.
HASTEN = {
    "mali2012": 10,
    "burundi2015": 10,
    "ssudan2013": 50,
    "car2013": 50,
    "nigeria2016": 100,
    "syria2013": 200,
}
COLUMNS = (
    "instance",
    "people",
    "Flee ran with",
    "Flee took",
    "in full",
    "Corridor",
    "ratio",
    "MB, Flee",
    "MB, Corridor",
)
NO_INSTANCES = "the published instances (../shared/flee) are not here; nothing was raced"
#: Processor seconds for which Corridor runs again and again.
LEAST_SECONDS = 4.0
_KILOBYTE = 1 if sys.platform == "darwin" else 1024  # unit of ru_maxrss, in bytes


class FleeFailedError(RuntimeError):
    """Flee could not be installed or did not run to its end."""


Tell = Callable[[str], None]  # is told what is being done


def tell_nobody(_words: str) -> None:
    """Tell nobody."""


def tell_on_stderr(words: str) -> None:
    """Print what is being done where it does not mix with the table."""
    print(f"... {words}", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Cost:
    """What one run took."""

    processor_seconds: float
    peak_bytes: float
    people: float


@dataclass(frozen=True)
class Raced:
    """Both programs on one instance."""

    instance: str
    hasten: int  # of Flee's run
    flee: Cost
    ours: Cost  # with all people

    @property
    def flee_seconds_in_full(self) -> float:
        """Processor seconds of Flee with all people, extrapolated if ``hasten`` is above 1."""
        return self.flee.processor_seconds * self.hasten

    @property
    def ratio(self) -> float:
        """How many times Flee's processor seconds are ours."""
        return self.flee_seconds_in_full / self.ours.processor_seconds


def flee_python(*, install: bool, tell: Tell) -> Path | None:
    """Return the Python that has Flee, None if there is none and none is to be made.

    Raises
    ------
    FleeFailedError
        If Flee cannot be installed.
    """
    python = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin") / "python"
    if (ENVIRONMENT / "flee-is-here").exists():
        return python
    if not install:
        return None
    tell(f"making an environment with {RELEASE} in {ENVIRONMENT.relative_to(ROOT)}: 350 MB, some minutes")
    _run([sys.executable, "-m", "venv", str(ENVIRONMENT)])
    try:
        _run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", RELEASE])
    except FleeFailedError as error:
        raise FleeFailedError(
            f"{RELEASE} could not be installed; is the package index reachable? {error}"
        ) from error
    (ENVIRONMENT / "flee-is-here").touch()
    return python


def _run(command: list[str], environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise FleeFailedError(f"{' '.join(command[:4])} ...: {last}")
    return done.stdout


def run_of_flee(python: Path, instance: str, hasten: int) -> Cost:
    """Run Flee once, in a process of its own."""
    checkout = os.environ.get("CORRIDOR_FLEE")
    if checkout:
        with arguments_of_flee(instance, hasten) as (*data, settings):
            return _run_of_checkout(python, Path(checkout), [*data, "-1", settings])
    told = answer_of_flee(python, instance, hasten)
    return Cost(told["read_seconds"] + told["days_seconds"], told["peak_bytes"], told["people"])


def answer_of_flee(python: Path, instance: str, hasten: int, seed: int | None = None) -> dict[str, Any]:
    """Run the release once, in a process of its own, and return what `benchmarks.flee_driver` tells."""
    with arguments_of_flee(instance, hasten) as arguments:
        seeds = [] if seed is None else [str(seed)]
        answer = _run([str(python), str(DRIVER), *arguments, *seeds])
    told: dict[str, Any] = json.loads(answer.splitlines()[-1])
    return told


@contextmanager
def arguments_of_flee(instance: str, hasten: int) -> Iterator[list[str]]:
    """Give the folders of an instance, and a settings file of its own for as long as it is needed."""
    folder = REFERENCE / "instances" / instance
    with tempfile.TemporaryDirectory() as scratch:
        settings = Path(scratch) / "settings.yml"
        text = (REFERENCE / "settings" / f"{SETTINGS}.yml").read_text("utf-8")
        settings.write_text(re.sub(r"hasten:\s*\d+", f"hasten: {hasten}", text), "utf-8")
        yield [str(folder / "input_csv"), str(folder / "source_data"), str(settings)]


def _run_of_checkout(python: Path, checkout: Path, arguments: list[str]) -> Cost:
    """Run a checkout's own program. Its start (about a second) counts, as it cannot be told apart."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    table = _run(
        [str(python), str(checkout / "runscripts" / "run.py"), *arguments],
        {**os.environ, "PYTHONPATH": str(checkout)},
    ).splitlines()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    header = next(row for row, line in enumerate(table) if line.startswith("Day,Date"))
    column = table[header].split(",").index("total refugees (simulation)")
    return Cost(seconds, after.ru_maxrss * _KILOBYTE, float(table[-1].split(",")[column]))


def run_of_corridor(instance: str, calls: int, hasten: int = 1) -> Cost:
    """Run Corridor some times in a process of its own; the median, the first left out."""
    command = [sys.executable, "-m", "benchmarks.flee_race", instance, "--ours", str(calls)]
    done = subprocess.run(
        [*command, "--hasten", str(hasten)], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    return Cost(**json.loads(done.stdout))


def measure_here(instance: str, calls: int, hasten: int) -> Cost:
    """Run Corridor here and now, one replicate on one thread a call: files read, people simulated.

    At least ``calls`` times, and for `LEAST_SECONDS`: a tenth of a second alone says little.
    """
    from corridor.ensemble.flee import run_flee
    from corridor.formats.flee import read_flee_instance

    folder, seconds = REFERENCE / "instances" / instance, []
    while len(seconds) < calls or sum(seconds) < LEAST_SECONDS:
        started = time.process_time()
        settings = REFERENCE / "settings" / f"{SETTINGS}.yml"
        read = read_flee_instance(folder / "input_csv", folder / "source_data", settings, hasten=hasten)
        runs = run_flee(read, seed=len(seconds), workers=1)
        seconds.append(time.process_time() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KILOBYTE
    return Cost(median(seconds[1:]), peak, float(runs.created[0, -1]))


def race(
    instances: list[str], *, calls: int, hasten: int | None, install: bool, tell: Tell = tell_nobody
) -> Iterator[str]:
    """Yield the table of a race, line by line as it is run; ``tell`` is told what is being done.

    Where Flee cannot be had, Corridor runs alone and the table says so.
    """
    if not REFERENCE.is_dir():
        yield NO_INSTANCES
        return
    python = None
    try:
        python = flee_python(install=install, tell=tell)
        if python is None:
            yield f"Flee is not in {ENVIRONMENT.relative_to(ROOT)}; run the case without --tiny to install it"
    except FleeFailedError as error:
        yield f"Flee was not raced: {error}"
    try:
        run_of_corridor(instances[0], 1, 1000)  # who compiles the engine runs it slower than who loads it
        program = os.environ.get("CORRIDOR_FLEE", f"{RELEASE} of PyPI")
        yield f"race with Flee ({program}), settings {SETTINGS}, one replicate, processor seconds"
        yield f"| {' | '.join(COLUMNS)} |"
        yield "|---" * len(COLUMNS) + "|"
        for instance in instances:
            tell(f"{instance}: Corridor" + (", then Flee, half a minute or more" if python else ""))
            yield _line(instance, python, calls, hasten or HASTEN[instance])
    except FleeFailedError as error:
        yield f"Flee was not raced: {error}"


def _line(instance: str, python: Path | None, calls: int, hasten: int) -> str:
    ours = run_of_corridor(instance, calls)
    if python is None:
        cells = [instance, f"{ours.people:,.0f}", *["-"] * 3, f"{ours.processor_seconds:.3g} s", "-", "-"]
        return f"| {' | '.join(cells)} | {ours.peak_bytes / 1e6:.0f} |"
    raced = Raced(instance, hasten, run_of_flee(python, instance, hasten), ours)
    extrapolated = " extrapolated" if hasten > 1 else " measured"
    cells = [
        instance,
        f"{ours.people:,.0f}",
        f"1 in {hasten}",
        f"{raced.flee.processor_seconds:.1f} s",
        f"{raced.flee_seconds_in_full:,.0f} s{extrapolated}",
        f"{ours.processor_seconds:.3g} s",
        f"{raced.ratio:,.0f}",
        f"{raced.flee.peak_bytes / 1e6:.0f}",
        f"{ours.peak_bytes / 1e6:.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print the table of a race."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flee_race", description=__doc__)
    parser.add_argument("instances", nargs="*", default=list(INSTANCES), help="all if none is named")
    parser.add_argument("--hasten", type=int, help="one of Flee's people stands for so many; 1 runs all")
    parser.add_argument("--calls", type=int, default=4, help="runs of Corridor, the first included")
    parser.add_argument("--ours", type=int, metavar="CALLS", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.ours:
        print(json.dumps(asdict(measure_here(asked.instances[0], asked.ours, asked.hasten or 1))))
        return
    unknown = sorted(set(asked.instances) - set(INSTANCES))
    if unknown:
        parser.error(f"'{unknown[0]}' is no instance; there are {', '.join(INSTANCES)}")
    if asked.hasten is not None and asked.hasten < 1:
        parser.error(f"one person cannot stand for {asked.hasten}; --hasten is 1 or more")
    told = {"calls": asked.calls, "hasten": asked.hasten, "install": True}
    for line in race(asked.instances, **told, tell=tell_on_stderr):
        print(line, flush=True)


if __name__ == "__main__":
    main()
