"""The `corridor` command. Status 0 only for success, 2 for a wrong input, 1 for our failure, 130 if stopped.

Heavy parts are imported by the command that needs them, so that ``corridor --help`` answers at once.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from corridor import __version__
from corridor.cli.assimilating import add_commands as add_assimilating_commands
from corridor.cli.backtest import add_commands as add_backtest_commands
from corridor.cli.card import add_commands as add_card_commands
from corridor.cli.compare import add_commands as add_compare_commands
from corridor.cli.evidence import app as evidence_app
from corridor.cli.flee import flee_app
from corridor.cli.flee_import import add_commands as add_flee_import
from corridor.cli.needs import add_commands as add_needs_commands
from corridor.cli.plot import add_commands as add_plot_commands
from corridor.cli.sensitivity import sensitivity
from corridor.cli.stopping import Stopped
from corridor.problems import CorridorRuntimeError, InputError, format_problems

app = typer.Typer(
    name="corridor",
    no_args_is_help=True,
    rich_markup_mode="rich",
    add_completion=False,
    pretty_exceptions_enable=False,
    help=(
        "Forecast forced displacement: how many people leave, which way, where and when they arrive, "
        "who is trapped, and how sure that is.\n\n"
        "Start with:\n\n  corridor list\n\n  corridor run mosul-2016\n"
    ),
    epilog=(
        "Corridor is a planning tool for protecting people. "
        "docs/model-card.md says what it must not be used for."
    ),
)

add_flee_import(flee_app)
app.add_typer(flee_app, name="flee")
app.add_typer(evidence_app, name="evidence")

ScenarioArgument = Annotated[
    str, typer.Argument(help="A bundled scenario's name, or a scenario folder.", metavar="NAME_OR_FOLDER")
]


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise Stopped


def run_from_shell() -> NoReturn:
    """Run the command line and leave with its exit status; no error reaches the user as a traceback."""
    signal.signal(signal.SIGINT, _stop)
    try:
        _check_streams()
        status = _run()
        sys.stdout.flush()
    except InputError as error:
        _say_wrong(str(error))
        status = 2
    except Stopped as stopped:
        _say_wrong(f"Stopped. {stopped.kept or 'Nothing was written.'}")
        status = 130
    except CorridorRuntimeError as error:
        _say_wrong(f"Corridor failed: {error}")
        status = 1
    except MemoryError:
        _say_wrong("Corridor failed: there is not enough memory")
        status = 1
    except BrokenPipeError:
        _write_no_more()
        status = 0
    except OSError as error:
        what = f"'{str(error.filename)[:100]}'" if error.filename else "the output"
        _say_wrong(f"Corridor failed: {what} cannot be read or written: {error.strerror or error}")
        _write_no_more()
        status = 2 if error.errno in (errno.EACCES, errno.ENAMETOOLONG) and error.filename else 1
    sys.exit(status)


def _run() -> int:
    """Run the command that was asked for, and return its exit status."""
    try:
        return int(app(standalone_mode=True) or 0)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)


def _check_streams() -> None:
    """Refuse to work where standard output is closed; where standard error is, nobody hears the warnings."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass  # so that no file that is opened later is taken for a closed stream
    os.close(number)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", encoding="utf-8")
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8")
        raise CorridorRuntimeError("standard output is closed")


def _write_no_more() -> None:
    """Let what is left of the output go nowhere, so that Python's end does not try again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _say_wrong(text: str) -> None:
    print(text, file=sys.stderr)


def _console(no_color: bool) -> Console:
    return Console(no_color=no_color or None, highlight=False, width=None if sys.stdout.isatty() else 80)


def _show_version(value: bool) -> None:
    if value:
        print(f"corridor {__version__}")
        raise typer.Exit()


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Options before any command."""


@app.command("list")
def list_scenarios() -> None:
    """List the bundled scenarios.

    Example:

      corridor list
    """
    from corridor.scenario.bundled import bundled_names
    from corridor.scenario.load import load_scenario

    for name in bundled_names():
        scenario = load_scenario(name)
        if len(name) > 14:
            print(name)
        print(f"{name if len(name) <= 14 else '':<14} {scenario.title}")
        about = f"issued {scenario.issue_date}, to {scenario.horizon}; {len(scenario.places)} places"
        if scenario.what_if is not None:
            n_changes = len(scenario.what_if.changes)
            changes = f"{n_changes} change{'s' if n_changes > 1 else ''}"
            about = f"a what-if of {scenario.what_if.extends[-1]}: {changes}"
        print(f"{'':<14} {about}")


@app.command()
def check(
    folder: ScenarioArgument,
    warnings: Annotated[bool, typer.Option(help="Show warnings, or only problems.")] = True,
) -> None:
    """Check a scenario and say everything that is wrong with it, with file, line and repair.

    Exit status 0 if it can be run (warnings or not), 2 if not.

    Examples:

      corridor check mosul-2016

      corridor check my-crisis --no-warnings
    """
    from corridor.scenario.load import check_scenario

    checked = check_scenario(folder)
    shown = [problem for problem in checked.problems if warnings or not problem.warning]
    for note in checked.notes:
        print(f"note: {note}")
    if checked.scenario is None:
        raise InputError(shown)
    if shown:
        print(format_problems(shown))
    scenario = checked.scenario
    print(
        f"{scenario.name}: can be run. {len(scenario.places)} places, {len(scenario.routes)} routes, "
        f"{len(scenario.events)} events, {len(scenario.storylines)} storylines, "
        f"{len(scenario.priors)} priors, {len(scenario.claims)} claims, {len(scenario.counts)} counts."
    )
    if scenario.what_if is not None:
        print(f"A what-if of {scenario.what_if.extends[-1]}:")
        for change in scenario.what_if.changes:
            print(f"- {change}")


@app.command()
def run(
    scenario: ScenarioArgument,
    members: Annotated[int, typer.Option("--members", "-n", help="Number of simulated futures.")] = 200,
    seed: Annotated[
        int, typer.Option(help="Names all random numbers: the same seed gives the same bytes.")
    ] = 1,
    storyline: Annotated[str | None, typer.Option(help="Let every member follow this storyline.")] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day, if before the horizon.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Threads; all cores by default. Never changes the result.")
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Simulate on a Dask cluster: tcp://host:8786, or local. Never changes the result.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for the results.", show_default="forecasts/NAME"),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier forecast in the folder.")
    ] = False,
    assimilate: Annotated[
        bool, typer.Option("--assimilate", help="Pull the futures towards the counts of counts.csv.")
    ] = False,
    issue_date: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="With --assimilate: use counts up to this day.",
            show_default="day of the last count",
        ),
    ] = None,
    no_color: Annotated[bool, typer.Option("--no-color", help="Plain text.")] = False,
) -> None:
    """Simulate many futures of a scenario, and write the forecast, its quantiles and a report.

    Examples:

      corridor run mosul-2016

      corridor run mosul-2016 --members 200 --seed 1 --out OUT

      corridor run my-crisis --storyline long-siege --until 2016-12-31

      corridor run mosul-2016 --assimilate --issue-date 2016-12-15

      corridor run mosul-2016 --members 5000 --dask tcp://host:8786
    """
    if assimilate or issue_date:
        from corridor.cli.assimilating import assimilate_and_write

        assimilate_and_write(
            scenario,
            members=members,
            seed=seed,
            storyline=storyline,
            until=until.date() if until else None,
            workers=workers,
            dask=dask,
            out=out,
            overwrite=overwrite,
            issue_date=issue_date.date() if issue_date else None,
            console=_console(no_color),
        )
        return
    from corridor.cli.running import run_and_write

    run_and_write(
        scenario,
        members=members,
        seed=seed,
        storyline=storyline,
        until=until.date() if until else None,
        workers=workers,
        dask=dask,
        out=out,
        overwrite=overwrite,
        console=_console(no_color),
    )


@app.command()
def show(
    forecast: Annotated[
        Path, typer.Argument(help="The folder of a run, or its forecast.zarr.", metavar="FORECAST")
    ],
    no_color: Annotated[bool, typer.Option("--no-color", help="Plain text.")] = False,
) -> None:
    """Show a stored forecast in words and tables.

    Example:

      corridor show forecasts/mosul-2016
    """
    from corridor.ensemble.forecast import open_forecast
    from corridor.report.terminal import show as show_forecast

    show_forecast(open_forecast(forecast), _console(no_color))


app.command()(sensitivity)
add_needs_commands(app)
add_plot_commands(app)
add_compare_commands(app)
add_card_commands(app)
add_backtest_commands(app)
add_assimilating_commands(app)
