"""The commands about what people need, and about rules that raise alarm.

Heavy parts are imported by the command that needs them.
"""

from __future__ import annotations

import datetime as dt
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from corridor.problems import InputError, Problem

if TYPE_CHECKING:
    from corridor.ensemble.forecast import Forecast
    from corridor.needs.needs import Needs
    from corridor.needs.standards import Standards
    from corridor.needs.stocks import Stock
    from corridor.scenario.model import Scenario

ForecastArgument = Annotated[
    Path, typer.Argument(help="The folder of a run, or its forecast.zarr.", metavar="FORECAST")
]
NoColor = Annotated[bool, typer.Option("--no-color", help="Plain text.")]
#: Days after the issue date that are shown unless a date is named, or the last day of a shorter forecast.
USUAL_LEAD_DAYS = 28


def add_commands(app: typer.Typer) -> None:
    """Add `needs` and `triggers` to the command line."""
    app.command()(needs)
    app.command()(triggers)


def needs(
    forecast: ForecastArgument,
    standards: Annotated[
        str, typer.Option(help="Name of standards that come with Corridor, or a CSV file.")
    ] = "sphere-2018",
    stocks: Annotated[
        Path | None, typer.Option(help="What is already there: site, indicator, quantity, unit, from.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write all days: a workbook (.xlsx) or a table (.csv).")
    ] = None,
    site: Annotated[str | None, typer.Option(help="One place, with everything it needs.")] = None,
    date: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="The day shown.", show_default="four weeks after the issue date"
        ),
    ] = None,
    tells_small: Annotated[
        bool, typer.Option("--small-numbers", help="Tell numbers below ten people; not for sharing.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing file.")] = False,
    no_color: NoColor = False,
) -> None:
    """Say what people need at each site: water, food, shelter, latrines, and where room runs short.

    Examples:

      corridor needs forecasts/mosul-2016

      corridor needs forecasts/mosul-2016 --site "Khazer M1 camp" --date 2016-11-30

      corridor needs forecasts/mosul-2016 --standards mine.csv --stocks stocks.csv --out needs.xlsx
    """
    _check_out(out, (".xlsx", ".csv"), overwrite)
    from corridor.ensemble.forecast import open_forecast
    from corridor.needs.needs import needs_of
    from corridor.needs.standards import load_standards
    from corridor.report.needs_terminal import show_needs
    from corridor.report.texts import Texts

    opened = open_forecast(forecast)
    told_by = load_standards(standards)
    there = _load_stocks(stocks, opened.scenario, told_by)
    made = needs_of(opened, told_by, places=[site] if site else None, stocks=there)
    shown = _date(made, date.date() if date else None)
    if out is not None:
        _write_needs(opened, made, out, tells_small)
    console = _console(no_color)
    show_needs(made, console, date=shown, place=site, texts=Texts(tells_small=tells_small))
    if out is not None:
        console.print(f"\nNeeds: {out}", markup=False, soft_wrap=True)


def triggers(
    forecast: ForecastArgument,
    rule: Annotated[
        list[str] | None,
        typer.Option(
            *("--rule", "-r"),
            help="A rule in plain words; may be repeated.",
            show_default="those of the scenario",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the chances of every day (.csv).")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing file.")] = False,
    no_color: NoColor = False,
) -> None:
    """Say how likely a rule has fired by when, how early that is known, and what later counts say of it.

    Without --rule, the rules under 'triggers' in the scenario's scenario.yaml are looked at.

    Examples:

      corridor triggers forecasts/mosul-2016

      corridor triggers forecasts/mosul-2016 --rule "more than 200,000 displaced"

      corridor triggers forecasts/mosul-2016 -r "site over 90 % full" -r "more than 50,000 trapped"

      corridor triggers forecasts/mosul-2016 -r "more than 5,000 arrivals at Khazer M1 camp within 7 days"
    """
    _check_out(out, (".csv",), overwrite)
    from corridor.ensemble.forecast import open_forecast
    from corridor.needs.table import write_triggers_csv
    from corridor.needs.triggers import evaluate
    from corridor.report.needs_terminal import show_triggers
    from corridor.scenario.triggers import read_rules

    opened = open_forecast(forecast)
    rules = rule or opened.scenario.triggers
    if not rules:
        hint = "give one with --rule, or write them into scenario.yaml under 'triggers'"
        raise InputError([Problem("no-triggers", "", 0, 0, "the scenario has no triggers", hint=hint)])
    outcomes = evaluate(opened, read_rules(rules, opened.scenario.places))
    if out is not None:
        write_triggers_csv(outcomes, out)
    console = _console(no_color)
    show_triggers(outcomes, console)
    if out is not None:
        console.print(f"\nTriggers: {out}", markup=False, soft_wrap=True)


def _console(no_color: bool) -> Console:
    return Console(no_color=no_color or None, highlight=False, width=None if sys.stdout.isatty() else 80)


def _check_out(out: Path | None, suffixes: tuple[str, ...], overwrite: bool) -> None:
    """Refuse a file that could not be written, before anything is computed."""
    if out is None:
        return
    if out.suffix.lower() not in suffixes:
        wanted = " or ".join(suffixes)
        raise InputError([Problem("output-kind", "", 0, 0, f"'{out}' must end with {wanted}")])
    if out.is_dir():
        raise InputError([Problem("output-exists", "", 0, 0, f"'{out}' is a folder; a file was expected")])
    if out.exists() and not overwrite:
        hint = "choose another with --out, or add --overwrite"
        raise InputError([Problem("output-exists", "", 0, 0, f"'{out}' exists already", hint)])


def _load_stocks(path: Path | None, scenario: Scenario, standards: Standards) -> tuple[Stock, ...]:
    if path is None:
        return ()
    from corridor.needs.stocks import load_stocks

    return load_stocks(path, scenario, standards)


def _date(made: Needs, date: dt.date | None) -> dt.date:
    dates = made.dates
    if date is None:
        return dates[min(USUAL_LEAD_DAYS, len(dates) - 1)]
    if date not in dates:
        message = f"'{date}' is not a day of the forecast, {dates[0]} to {dates[-1]}"
        raise InputError([Problem("date-outside", "", 0, 0, message)])
    return date


def _write_needs(opened: Forecast, made: Needs, out: Path, tells_small: bool) -> None:
    from corridor.needs.table import write_needs_csv
    from corridor.report.workbook import write_workbook

    if out.suffix.lower() == ".csv":
        write_needs_csv(made, out, tells_small=tells_small)
    else:
        write_workbook(opened, out, made, tells_small=tells_small)
