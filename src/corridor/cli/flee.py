"""`corridor flee run`: a Flee instance in, Flee's table out, or a tidy table of many replicates.

The table goes to standard output and nothing else does; warnings, quirks and timing go to standard error.
With ``--out`` the table is written aside and moved into place: a run that fails leaves nothing behind.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from corridor import __version__
from corridor.problems import CorridorRuntimeError, InputError, Problem, format_problems

if TYPE_CHECKING:
    from corridor.ensemble.flee import FleeRuns
    from corridor.formats.flee import FleeInstance

#: Runs at once, and what their results may take.
MOST_REPLICATES, MOST_GIGABYTES = 1_000_000, 16

flee_app = typer.Typer(
    no_args_is_help=True,
    help="Run instances of Flee, the agent-based simulator of forced migration, on Corridor's engine.",
)


class Law(StrEnum):
    """Flee's program as it runs, quirks included, or with the quirks mended that docs/flee.md lists."""

    as_run = "as-run"
    as_meant = "as-meant"


@flee_app.callback()
def _flee() -> None:
    """Commands for instances of Flee."""


@flee_app.command()
def run(
    input_csv: Annotated[Path, typer.Argument(help="Folder of locations.csv, routes.csv and so on.")],
    source_data: Annotated[Path, typer.Argument(help="Folder of data_layout.csv and its series.")],
    settings: Annotated[Path, typer.Argument(help="Settings file (YAML).", metavar="SETTINGS.yml")],
    days: Annotated[
        int | None, typer.Option(help="Number of days, instead of the length in sim_period.csv.")
    ] = None,
    seed: Annotated[
        int, typer.Option(help="Names all random numbers: the same seed gives the same table.")
    ] = 1,
    hasten: Annotated[
        int | None, typer.Option(help="One person simulated stands for so many; overrides the settings.")
    ] = None,
    replicates: Annotated[
        int, typer.Option("--replicates", "-n", help="Number of runs; above 1, a tidy table of all.")
    ] = 1,
    law: Annotated[
        Law, typer.Option(help="Flee as it runs, quirks included, or with some of them mended.")
    ] = Law.as_run,
    location_changes: Annotated[
        Path | None, typer.Option(help="A location_changes.csv, which no folder of Flee's holds.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Threads; all cores by default. Never changes the result.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File for the table, instead of standard output.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier file.")] = False,
) -> None:
    """Run a Flee instance and print the table that Flee prints.

    With --replicates above 1 the table has the columns
    replicate,day,date,site,simulated,observed,hasten.

    Examples:

      corridor flee run mali2012/input_csv mali2012/source_data simsetting.yml > out.csv

      corridor flee run mali2012/input_csv mali2012/source_data simsetting.yml --hasten 10 -n 100 -o many.csv
    """
    from corridor.formats.flee import quirks, read_flee_instance

    _check(days, replicates, out, overwrite)
    instance = read_flee_instance(
        input_csv,
        source_data,
        settings,
        days=days,
        hasten=hasten,
        law=law.value,
        location_changes=location_changes,
    )
    _check_size(replicates, instance)
    _check_no_input(out, instance, location_changes)
    with _opened(out) as file:
        started = time.perf_counter()
        runs = _simulate(instance, replicates, seed, workers)
        seconds = time.perf_counter() - started
        _write(runs, file)
    _tell(
        instance, quirks(instance), f"{_count(replicates, 'replicate')} of {_count(instance.n_days, 'day')}"
    )
    people = int(runs.created[:, -1].mean())
    per_person = "" if instance.hasten == 1 else f", each standing for {instance.hasten}"
    _say(
        f"{people} people simulated{per_person}, on {len(instance.places)} places in {seconds:.2f} s; "
        f"seed {seed}, law {law.value}, corridor {__version__}"
    )
    if out is not None:
        _say(f"Table: {out}")


def _check(days: int | None, replicates: int, out: Path | None, overwrite: bool) -> None:
    problems = []
    if days is not None and days < 1:
        problems.append(Problem("days", "", 0, 0, f"'{days}' days; at least 1 is needed"))
    if replicates > MOST_REPLICATES:
        message = f"'{replicates}' replicates; at most {MOST_REPLICATES} are run at once"
        problems.append(Problem("replicates", "", 0, 0, message))
    if out is not None and out.is_dir():
        problems.append(Problem("output-is-folder", "", 0, 0, f"'{out}' is a folder; a file was expected"))
    elif out is not None and out.exists() and not out.is_file():
        message = f"'{out}' is no regular file"
        problems.append(Problem("output-special", "", 0, 0, message, hint="choose another with --out"))
    elif out is not None and out.exists() and not overwrite:
        hint = "choose another with --out, or add --overwrite"
        problems.append(Problem("output-exists", "", 0, 0, f"the file '{out}' exists already", hint=hint))
    if problems:
        raise InputError(problems)


def _check_size(replicates: int, instance: FleeInstance) -> None:
    """Refuse more replicates than a machine can hold the results of."""
    by_day = len(instance.sites) + len(instance.routes) + 2
    gigabytes = 8e-9 * replicates * instance.n_days * by_day
    if gigabytes > MOST_GIGABYTES:
        message = (
            f"'{replicates}' replicates of {instance.n_days} days would fill {gigabytes:.0f} GB of memory"
        )
        hint = f"at most {MOST_GIGABYTES} GB are used; take fewer, and another --seed for more"
        raise InputError([Problem("replicates", "", 0, 0, message, hint=hint)])


def _check_no_input(out: Path | None, instance: FleeInstance, location_changes: Path | None) -> None:
    """Refuse to replace a file that was just read."""
    if out is None or not out.exists():
        return
    data = Path(instance.source_data)
    series = [data / file for one in instance.series for file in one.files]
    read = [*Path(instance.input_csv).iterdir(), data / "data_layout.csv", *series]
    read += [Path(instance.settings_file), *([location_changes] if location_changes else [])]
    if any(out.samefile(path) for path in read if path.exists()):
        message = f"'{out}' is a file of the instance itself"
        raise InputError([Problem("output-is-input", "", 0, 0, message, hint="choose another with --out")])


def _simulate(instance: FleeInstance, replicates: int, seed: int, workers: int | None) -> FleeRuns:
    from corridor.ensemble.flee import run_flee

    return run_flee(instance, replicates=replicates, seed=seed, workers=workers, progress=_progress())


def _progress() -> Callable[[int, int], None] | None:
    """Return what shows the replicates done on a terminal, None where nobody watches."""
    if not sys.stderr.isatty():
        return None

    def show(done: int, total: int) -> None:
        print(f"\r{done}/{total} replicates", end="\n" if done == total else "", file=sys.stderr, flush=True)

    return show


def _write(runs: FleeRuns, file: TextIO) -> None:
    from corridor.report.flee_table import table_lines, tidy_lines

    for line in table_lines(runs) if runs.simulated.shape[0] == 1 else tidy_lines(runs):
        file.write(f"{line}\n")


@contextmanager
def _opened(target: Path | None) -> Iterator[TextIO]:
    """Yield standard output, or a file beside ``target`` that is moved into its place if all is well."""
    if target is None:
        yield sys.stdout
        return
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        message = f"'{target}' cannot be written: {error.strerror or error}"
        hint = "choose another with --out"
        raise InputError([Problem("output-folder", "", 0, 0, message, hint=hint)]) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, target)
    except OSError as error:
        message = f"the table could not be written to '{target}': {error.strerror or error}"
        raise CorridorRuntimeError(message) from error
    finally:
        with suppress(FileNotFoundError):  # it is in its place
            os.unlink(name)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _tell(instance: FleeInstance, quirks: tuple[str, ...], what: str) -> None:
    """Say on standard error what was assumed, and where Flee does other than one would think."""
    from corridor.ensemble.flee_support import check_supported

    warnings = [*instance.warnings, *check_supported(instance)]
    if warnings:
        _say(format_problems(warnings))
    for line in quirks:
        _say(f"quirk of Flee: {line}")
    if quirks and instance.law == "as-meant":
        _say("as meant: the lines above are of Flee as it runs; docs/flee.md says what is mended")
    _say(what)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
