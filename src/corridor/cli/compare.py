"""`corridor compare`: what differs between a scenario and its what-ifs, on the same random numbers.

Heavy parts are imported when the command runs.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from corridor.problems import InputError, Problem

if TYPE_CHECKING:
    from corridor.ensemble.compare import Comparison
    from corridor.ensemble.forecast import Forecast
    from corridor.scenario.model import Scenario

#: What --out writes, and what it is.
RESULTS = {"Page": "comparison.html", "Differences": "differences.csv"}
_USUAL_MEMBERS, _USUAL_SEED = 200, 1


def add_commands(app: typer.Typer) -> None:
    """Add `compare` to the command line."""
    app.command()(compare)


def compare(
    scenarios: Annotated[
        list[str],
        typer.Argument(
            help="The base, then one what-if or more: names, scenario folders, or folders of runs.",
            metavar="BASE WHAT_IF...",
            show_default=False,
        ),
    ],
    members: Annotated[
        int | None, typer.Option("--members", "-n", help="Futures of each.", show_default="200")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Names all random numbers.", show_default="1")] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day, if before the horizon.")
    ] = None,
    date: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="The day of the table.", show_default="each row's largest difference"
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Threads; all cores by default. Never changes the result.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for a page and a table of all days.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier comparison in the folder.")
    ] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="Plain text.")] = False,
) -> None:
    """Say what differs between a scenario and its what-ifs, member by member on the same random numbers.

    Stored forecasts must have the same seed, members and days; what is not stored is run with theirs.

    Examples:

      corridor compare mosul-2016 mosul-2016-west-closed

      corridor compare mosul-2016 mosul-2016-west-closed mosul-2016-west-open --members 100 --out OUT

      corridor compare forecasts/mosul-2016 my-what-if --date 2016-11-30
    """
    from corridor.cli.running import check_target, written_aside
    from corridor.ensemble.compare import compare as compare_forecasts
    from corridor.report.compare_terminal import show_comparison

    if len(scenarios) < 2:
        hint = "name the base first, then what is set against it"
        raise InputError([Problem("too-few", "", 0, 0, "there is nothing to compare with", hint=hint)])
    if out is not None:
        check_target(out, overwrite, RESULTS.values())
    console = Console(no_color=no_color or None, highlight=False, width=None if sys.stdout.isatty() else 80)
    plan = _Plan(scenarios, members, seed, until.date() if until else None, workers, console)
    made: list[Comparison] = []
    forecasts = plan.forecasts()
    base = next(forecasts)
    day = _day(base, date.date() if date else None)
    for other in forecasts:
        made.append(compare_forecasts(base, other))
        if len(made) > 1:
            console.print()
        show_comparison(made[-1], console, date=day)
    if out is not None:
        with written_aside(out) as aside:
            _write(made, aside)
        console.print()
        for what, file in RESULTS.items():
            console.print(f"{what}: {out / file}", markup=False, soft_wrap=True)


class _Plan:
    """What is to be compared, loaded and checked before the first member is simulated."""

    def __init__(
        self,
        names: list[str],
        members: int | None,
        seed: int | None,
        until: dt.date | None,
        workers: int | None,
        console: Console,
    ) -> None:
        from corridor.ensemble.forecast import open_forecast
        from corridor.ensemble.run import shortened

        self.workers, self.console = workers, console
        self.sources: list[Forecast | Scenario] = []
        stored = [open_forecast(name) if _is_stored(name) else None for name in names]
        first = next((forecast for forecast in stored if forecast is not None), None)
        if first is not None:
            members = first.n_members if members is None else members
            seed = first.seed if seed is None else seed
        self.members = _USUAL_MEMBERS if members is None else members
        self.seed = _USUAL_SEED if seed is None else seed
        problems: list[Problem] = []
        for name, forecast in zip(names, stored, strict=True):
            if forecast is not None:
                self.sources.append(forecast)
                problems += self._unlike(name, forecast, until)
            else:
                scenario = _loaded(name)
                last = until or (first.scenario.horizon if first is not None else None)
                if until is None and last is not None and last > scenario.horizon:
                    last = None
                self.sources.append(shortened(scenario, last))
        if problems:
            raise InputError(problems)

    def _unlike(self, name: str, forecast: Forecast, until: dt.date | None) -> Iterator[Problem]:
        """Yield what keeps a stored forecast from being one of these, before anything is run."""
        told = (
            ("members", forecast.n_members, self.members),
            ("seed", forecast.seed, self.seed),
            ("last day", forecast.scenario.horizon, until or forecast.scenario.horizon),
        )
        for what, stored, wanted in told:
            if stored != wanted:
                message = f"the stored forecast '{name}' has {what} {stored}; {wanted} was asked for"
                hint = "name its scenario to run it again, or leave the option out"
                yield Problem("forecasts-differ", "", 0, 0, message, hint=hint)

    def forecasts(self) -> Iterator[Forecast]:
        """Yield the forecasts, each run when its turn comes, so that few are in memory."""
        from corridor.cli.running import progress_bar
        from corridor.ensemble.forecast import Forecast
        from corridor.ensemble.run import run

        for source in self.sources:
            if isinstance(source, Forecast):
                yield source
                continue
            with progress_bar(self.console, self.members) as advance:
                forecast = run(
                    source, members=self.members, seed=self.seed, workers=self.workers, progress=advance
                )
            yield forecast


def _is_stored(name: str) -> bool:
    folder = Path(name)
    return (folder / "forecast.zarr").is_dir() or (folder / "zarr.json").is_file()


def _loaded(name: str) -> Scenario:
    from corridor.scenario.load import load_scenario

    return load_scenario(name)


def _day(base: Forecast, date: dt.date | None) -> dt.date | None:
    days = [day.astype(dt.date) for day in base.dates]
    if date is not None and date not in days:
        message = f"'{date}' is not a day of the forecast, {days[0]} to {days[-1]}"
        raise InputError([Problem("date-outside", "", 0, 0, message)])
    return date


def _write(comparisons: list[Comparison], folder: Path) -> None:
    from corridor.report.compare_html import write_comparisons
    from corridor.report.compare_table import write_differences

    write_differences(comparisons, folder / RESULTS["Differences"])
    write_comparisons(comparisons, folder / RESULTS["Page"])
