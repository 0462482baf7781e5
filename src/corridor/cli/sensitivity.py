"""`corridor sensitivity`: which quantity matters most for an outcome; a stopped study goes on where it was.

Heavy parts are imported by the command when it runs.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from corridor.cli.stopping import Stopped
from corridor.problems import InputError, Problem

if TYPE_CHECKING:
    from corridor.ensemble.sensitivity.result import Sensitivity
    from corridor.scenario.model import Scenario

#: What a study writes, and what it is.
RESULTS = {"Chart": "sensitivity.svg", "Page": "sensitivity.html", "Table": "sensitivity.csv"}


def sensitivity(
    scenario: Annotated[
        str, typer.Argument(help="A bundled scenario's name, or a scenario folder.", metavar="NAME_OR_FOLDER")
    ],
    outcome: Annotated[
        str,
        typer.Option(
            help="displaced by DATE, people in PLACE on DATE, day PLACE is full, or peak trapped.",
        ),
    ],
    futures: Annotated[int, typer.Option(help="Simulate at most so many futures.")] = 10_000,
    quantities: Annotated[
        int, typer.Option(help="Study so many quantities one by one, the most telling ones.")
    ] = 12,
    seed: Annotated[
        int, typer.Option(help="Names all random numbers: the same seed gives the same answer.")
    ] = 1,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Last day, for an outcome that names none."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Threads; all cores by default. Never changes the answer.")
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Simulate on a Dask cluster: tcp://host:8786, or local. Never changes the answer.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for the study.", show_default="sensitivity/NAME/OUTCOME"),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier study in the folder.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(help="A forecast of the scenario: write its report again, with the answer in it."),
    ] = None,
    no_color: Annotated[bool, typer.Option("--no-color", help="Plain text.")] = False,
) -> None:
    """Find out which quantity matters most for an outcome, and what it would be worth to know it.

    The study is kept as it grows. If it is stopped, the same command goes on where it was.

    Examples:

      corridor sensitivity mosul-2016 --outcome "displaced by 2016-11-20"

      corridor sensitivity mosul-2016 --outcome "day Khazer M1 camp is full" --futures 4000

      corridor sensitivity mosul-2016 --outcome "peak trapped" --until 2016-12-31
    """
    from corridor.ensemble.sensitivity.outcome import read_outcome
    from corridor.scenario.load import load_scenario

    loaded = load_scenario(scenario)
    day = until.date() if until else None
    words = read_outcome(outcome, loaded, until=day).words
    folder = out or Path("sensitivity") / loaded.name / _slug(words)
    console = Console(no_color=no_color or None, highlight=False, width=None if sys.stdout.isatty() else 80)
    if report is not None:
        _check_report(report, loaded)
    if overwrite:
        _clear(folder)

    from corridor.cli.running import cluster_notes, progress_bar
    from corridor.ensemble.sensitivity.analyse import measure_sensitivity

    with _kept_when_stopped(folder), progress_bar(console, futures) as advance, cluster_notes(console):
        result = measure_sensitivity(
            loaded,
            outcome=words,
            futures=futures,
            quantities=quantities,
            seed=seed,
            until=day,
            workers=workers,
            dask=dask,
            folder=folder,
            progress=advance,
        )
    _write(result, loaded, folder)
    files = [(what, folder / name) for what, name in RESULTS.items()]
    if report is not None:
        files.append(("Report", _write_report(result, report)))

    from corridor.report.sensitivity_terminal import show_sensitivity

    show_sensitivity(result, console, files=files)


def _slug(words: str) -> str:
    """Return words as the name of a folder: day-khazer-m1-camp-is-full."""
    return re.sub(r"[^\w]+", "-", words.casefold()).strip("-")


@contextmanager
def _kept_when_stopped(folder: Path) -> Iterator[None]:
    try:
        yield
    except Stopped as stopped:
        from corridor.ensemble.sensitivity.futures import count_kept

        done, total = count_kept(folder)
        words = f"{done:,} of {total:,} futures are kept in '{folder}'; the same command goes on from there."
        raise Stopped(words if done else "No future had been simulated yet.") from stopped


def _clear(folder: Path) -> None:
    """Remove an earlier study; refuse a folder that holds anything else."""
    from corridor.ensemble.sensitivity.futures import FUTURES_FILE, PLAN_FILE
    from corridor.ensemble.sensitivity.result import RESULT_FILE

    if not folder.is_dir():
        return
    own = {PLAN_FILE, FUTURES_FILE, f".{FUTURES_FILE}", RESULT_FILE, *RESULTS.values()}
    held = {entry.name for entry in folder.iterdir()}
    if strange := sorted(held - own):
        message = f"'{folder}' holds '{strange[0]}', which is not part of a sensitivity study"
        raise InputError([Problem("output-exists", "", 0, 0, message, "choose another with --out")])
    for name in sorted(held):
        (folder / name).unlink()


def _write(result: Sensitivity, scenario: Scenario, folder: Path) -> None:
    from corridor.report.quantiles import write_aside
    from corridor.report.sensitivity_chart import chart_file
    from corridor.report.sensitivity_page import sensitivity_page

    write_aside(chart_file(result), folder / RESULTS["Chart"])
    write_aside(sensitivity_page(result, scenario), folder / RESULTS["Page"])


def _check_report(path: Path, scenario: Scenario) -> None:
    """Refuse a forecast of another scenario before anything is simulated."""
    from corridor.ensemble.forecast import open_forecast
    from corridor.ensemble.sensitivity.analyse import fingerprint_of

    forecast = open_forecast(path)
    whole = forecast.scenario.model_copy(update={"horizon": scenario.horizon})
    if fingerprint_of(whole) != fingerprint_of(scenario):
        message = f"'{path}' is a forecast of '{forecast.scenario.name}' as it was, not of this scenario"
        hint = "run the scenario again, or leave out --report"
        raise InputError([Problem("forecast-other", "", 0, 0, message, hint)])


def _write_report(result: Sensitivity, path: Path) -> Path:
    from corridor.ensemble.forecast import open_forecast
    from corridor.report.html import write_report

    folder = path.parent if path.name == "forecast.zarr" else path
    return write_report(open_forecast(path), folder / "report.html", sensitivity=result)
