"""`corridor run`: simulate with a progress bar, write all aside, move it into place, and say what was found.

The folder aside is made before the first member is simulated, so that who names a place that cannot be
written to hears of it at once.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from corridor.problems import CorridorRuntimeError, InputError, Problem

if TYPE_CHECKING:
    from corridor.ensemble.forecast import Forecast

#: What a run writes, and what it is; a folder that holds nothing else may be replaced with --overwrite.
RESULTS = {"Report": "report.html", "Quantiles": "quantiles.csv", "Forecast": "forecast.zarr"}


class _MembersPerSecond(ProgressColumn):
    """Members simulated a second."""

    def render(self, task: Task) -> Text:
        """Return the speed of a task in words."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.0f} members/s" if speed else "")


def run_and_write(
    name: str,
    *,
    members: int,
    seed: int,
    storyline: str | None,
    until: dt.date | None,
    workers: int | None,
    out: Path | None,
    overwrite: bool,
    console: Console,
) -> None:
    """Run a scenario and write its results; see `corridor.cli.main.run` for the arguments.

    Raises
    ------
    InputError
        If the scenario, an argument or the output folder will not do. Nothing is written.
    CorridorRuntimeError
        If the results cannot be written. Nothing is left behind.
    """
    from corridor.scenario.load import check_scenario

    checked = check_scenario(name)
    if checked.scenario is None:
        raise InputError(checked.problems)
    target = out or Path("forecasts") / checked.scenario.name
    _check_target(target, overwrite)
    for note in checked.notes:
        console.print(f"note: {note}", markup=False)
    n_warnings = sum(problem.warning for problem in checked.problems)
    if n_warnings:
        what = "1 warning; see it" if n_warnings == 1 else f"{n_warnings} warnings; see them"
        console.print(f"{what} with: corridor check {name}", markup=False)

    from corridor.ensemble.run import run
    from corridor.report.terminal import show

    with _written_aside(target) as aside:
        with _progress(console, members) as advance:
            forecast = run(
                checked.scenario,
                members=members,
                seed=seed,
                storyline=storyline,
                until=until,
                workers=workers,
                progress=advance,
            )
        _write_results(forecast, aside, target)
    show(forecast, console, files={what: target / file for what, file in RESULTS.items()})


def _check_target(target: Path, overwrite: bool) -> None:
    for folder in (target, *target.parents):
        if folder.exists() and not folder.is_dir():
            message = f"'{folder}' is a file; a folder was expected"
            raise InputError([Problem("output-is-file", "", 0, 0, message, hint="choose another with --out")])
    if not target.exists():
        return
    held = {entry.name for entry in target.iterdir()}
    if held and not overwrite:
        hint = "choose another with --out, or add --overwrite"
        raise InputError(
            [Problem("output-exists", "", 0, 0, f"the folder '{target}' is not empty", hint=hint)]
        )
    strange = sorted(held - set(RESULTS.values()))
    if strange:
        message = f"the folder '{target}' holds '{strange[0]}', which is not part of a forecast"
        raise InputError([Problem("output-exists", "", 0, 0, message, hint="choose another with --out")])


@contextmanager
def _progress(console: Console, members: int) -> Iterator[Callable[[int, int], None]]:
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} members"),
        _MembersPerSecond(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task("starting (a machine's first run compiles the engine)", total=members)
        yield lambda done, total: bar.update(task, completed=done, total=total, description="simulating")


def _write_results(forecast: Forecast, aside: Path, target: Path) -> None:
    """Write everything to ``aside``; a failure names ``target``, the folder that the user knows."""
    from corridor.report.html import write_report
    from corridor.report.quantiles import write_quantiles

    try:
        forecast.save(aside / "forecast.zarr")
        write_quantiles(forecast, aside / "quantiles.csv")
        write_report(forecast, aside / "report.html")
    except (OSError, CorridorRuntimeError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        reason = (cause.strerror if isinstance(cause, OSError) else None) or str(error)
        raise CorridorRuntimeError(f"the results could not be written to '{target}': {reason}") from error


@contextmanager
def _written_aside(target: Path) -> Iterator[Path]:
    """Yield a folder beside ``target``; moved into its place if all is well, else removed without a trace."""
    made = [folder for folder in target.parents if not folder.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        (aside / "new").mkdir()
    except OSError as error:
        message = f"'{target}' cannot be written: {error.strerror or error}"
        raise InputError(
            [Problem("output-folder", "", 0, 0, message, hint="choose another with --out")]
        ) from error
    try:
        yield aside / "new"
        _move_into_place(aside, target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        with suppress(OSError):  # not empty: the results are in it
            for folder in made:
                folder.rmdir()


def _move_into_place(aside: Path, target: Path) -> None:
    from corridor.ensemble.forecast import swap_in

    try:
        swap_in(aside / "new", target, aside / "old")
    except OSError as error:
        message = f"the results could not be moved to '{target}': {error.strerror or error}"
        raise CorridorRuntimeError(message) from error
