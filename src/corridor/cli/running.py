"""`corridor run`: simulate with a progress bar, write all aside, move it into place, and say what was found.

The folder aside is made before the first member is simulated, so that who names a place that cannot be
written to hears of it at once.
"""

from __future__ import annotations

import datetime as dt
import logging
import secrets
import shutil
import signal
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread, current_thread, main_thread
from types import FrameType
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from corridor.problems import CorridorRuntimeError, InputError, Problem

if TYPE_CHECKING:
    from corridor.ensemble.forecast import Forecast
    from corridor.report.digest import Digest

#: What a run writes, and what it is; a folder that holds nothing else may be replaced with --overwrite.
RESULTS = {
    "Report": "report.html",
    "Workbook": "forecast.xlsx",
    "Quantiles": "quantiles.csv",
    "Forecast": "forecast.zarr",
}
#: Rows of needs in the workbook of a run, where time counts; `corridor needs` tells more days, and groups.
MOST_NEEDS = 5_000


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
    dask: str | None,
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
    check_target(target, overwrite, RESULTS.values())
    for note in checked.notes:
        console.print(f"note: {note}", markup=False)
    n_warnings = sum(problem.warning for problem in checked.problems)
    if n_warnings:
        what = "1 warning; see it" if n_warnings == 1 else f"{n_warnings} warnings; see them"
        console.print(f"{what} with: corridor check {name}", markup=False)

    from corridor.ensemble.run import run
    from corridor.report.terminal import show

    with written_aside(target) as aside:
        with progress_bar(console, members) as advance, cluster_notes(console):
            Thread(target=_load_writers, daemon=True).start()
            forecast = run(
                checked.scenario,
                members=members,
                seed=seed,
                storyline=storyline,
                until=until,
                workers=workers,
                dask=dask,
                progress=advance,
            )
        digest = _write_results(forecast, aside, target)
    show(digest, console, files={what: target / file for what, file in RESULTS.items()})


def check_target(target: Path, overwrite: bool, known: Iterable[str], what: str = "forecast") -> None:
    """Refuse a folder that could not be written, or that holds more than the ``known`` files.

    Raises
    ------
    InputError
        With what stands in the way.
    """
    for folder in (target, *target.parents):
        if folder.exists() and not folder.is_dir():
            message = f"'{folder}' is a file; a folder was expected"
            raise InputError([Problem("output-is-file", "", 0, 0, message, hint="choose another with --out")])
    if not target.exists():
        return
    held = {entry.name for entry in target.iterdir()}
    strange = sorted(held - set(known))
    if strange:
        message = f"the folder '{target}' holds '{strange[0]}', which is not part of a {what}"
        raise InputError([Problem("output-exists", "", 0, 0, message, hint="choose another with --out")])
    if held and not overwrite:
        hint = "choose another with --out, or add --overwrite"
        raise InputError(
            [Problem("output-exists", "", 0, 0, f"the folder '{target}' is not empty", hint=hint)]
        )


@contextmanager
def cluster_notes(console: Console) -> Iterator[None]:
    """Print as notes what a run on a cluster warns of, and keep Dask's own log off the screen."""
    usual = warnings.showwarning

    def show_note(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if category.__module__ == "corridor.ensemble.cluster":
            console.print(f"note: {message}", markup=False, soft_wrap=True)
        else:
            usual(message, category, filename, lineno, file, line)

    with warnings.catch_warnings():
        warnings.showwarning = show_note
        logging.disable(logging.ERROR)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)


@contextmanager
def progress_bar(console: Console, members: int) -> Iterator[Callable[[int, int], None]]:
    """Yield what is to be called with (members done, members); draws nothing where there is no terminal."""
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
    with bar, _ctrl_c_kept() as is_pressed:
        task = bar.add_task("starting (a machine's first run compiles the engine)", total=members)

        def advance(done: int, total: int) -> None:
            if is_pressed():
                raise KeyboardInterrupt
            bar.update(task, completed=done, total=total, description="simulating")

        yield advance


@contextmanager
def _ctrl_c_kept() -> Iterator[Callable[[], bool]]:
    """Yield what says whether Ctrl-C was pressed: its exception gets lost where compiled code is at work."""
    pressed = Event()
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler or current_thread() is not main_thread():
        yield pressed.is_set
        return

    def note_and_raise(number: int, frame: FrameType | None) -> None:
        pressed.set()
        signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, note_and_raise)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def _load_writers() -> None:
    """Import what writes the results while the members are simulated: a second that nobody waits for."""
    import xarray  # noqa: F401

    import corridor.needs.needs
    import corridor.report.html
    import corridor.report.quantiles
    import corridor.report.workbook  # noqa: F401


def _write_results(forecast: Forecast, aside: Path, target: Path) -> Digest:
    """Write everything to ``aside`` and return what was told; a failure names ``target``, which the user
    knows.
    """
    from corridor.needs.needs import needs_of
    from corridor.report.digest import make_digest
    from corridor.report.html import write_report
    from corridor.report.quantiles import write_quantiles
    from corridor.report.workbook import write_workbook

    try:
        with ThreadPoolExecutor(1) as other:  # the futures are packed while the rest is written
            saved = other.submit(forecast.save, aside / RESULTS["Forecast"])
            digest = make_digest(forecast)
            needs = needs_of(forecast, by_group=False) if digest.site_rows else None
            write_quantiles(digest, aside / RESULTS["Quantiles"])
            write_workbook(digest, aside / RESULTS["Workbook"], needs, most_rows=MOST_NEEDS)
            write_report(digest, aside / RESULTS["Report"], needs=needs)
            saved.result()
    except (OSError, CorridorRuntimeError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        reason = (cause.strerror if isinstance(cause, OSError) else None) or str(error)
        raise CorridorRuntimeError(f"the results could not be written to '{target}': {reason}") from error
    return digest


@contextmanager
def written_aside(target: Path) -> Iterator[Path]:
    """Yield a folder beside ``target``; moved into its place if all is well, else removed without a trace."""
    made = [folder for folder in target.parents if not folder.exists()]
    # named before it is there, so that a Ctrl-C finds it
    aside = target.parent / f".{target.name}.{secrets.token_hex(4)}"
    try:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            aside.mkdir(mode=0o700)
            (aside / "new").mkdir()
        except OSError as error:
            message = f"'{target}' cannot be written: {error.strerror or error}"
            raise InputError(
                [Problem("output-folder", "", 0, 0, message, hint="choose another with --out")]
            ) from error
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
