"""`corridor run --assimilate` and `corridor reissue`: futures pulled by the counts, written and worded."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from corridor.problems import InputError, Problem

if TYPE_CHECKING:
    from corridor.ensemble.forecast import Forecast
    from corridor.scenario.model import Scenario

#: What an assimilated run writes beside the files of any run.
ASSIMILATED, ASSIMILATION_PAGE = "assimilated.csv", "assimilation.html"
#: What re-issuing writes.
REISSUE_PAGE, REISSUE_SCORES = "reissue.html", "reissue.csv"
SHOWN_AHEAD_DAYS = 28


def add_commands(app: typer.Typer) -> None:
    """Add `reissue` to the command line."""
    app.command()(reissue)


def assimilate_and_write(
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
    issue_date: dt.date | None,
    console: Console,
) -> None:
    """Run a scenario, pull its futures towards the counts, and write both; see `corridor.cli.main.run`.

    Raises
    ------
    InputError
        If the scenario, an argument or the output folder will not do. Nothing is written.
    CorridorRuntimeError
        If the results cannot be written. Nothing is left behind.
    """
    from corridor.assimilate.combine import assimilate, check_issue_date, teach
    from corridor.assimilate.resampled import resampled
    from corridor.assimilate.targets import simulated
    from corridor.cli.running import RESULTS, check_target, written_aside
    from corridor.report.assimilation_page import write_assimilation_page
    from corridor.report.assimilation_words import forecast_section, write_assimilated
    from corridor.report.html import write_report
    from corridor.report.quantiles import write_quantiles
    from corridor.report.skill_words import plain

    scenario = _load(name, console)
    target = out or Path("forecasts") / f"{scenario.name}-assimilated"
    check_target(target, overwrite, [*RESULTS.values(), ASSIMILATED, ASSIMILATION_PAGE])
    date = _issue_date(scenario, issue_date, until)
    with written_aside(target) as aside:
        forecast = _simulate(scenario, members, seed, storyline, until, workers, dask, console)
        sums = simulated(forecast)
        check_issue_date(sums, date)
        made = assimilate(sums, date, teach())
        after = resampled(forecast, made)
        after.save(aside / RESULTS["Forecast"])
        write_quantiles(after, aside / RESULTS["Quantiles"])
        write_report(after, aside / RESULTS["Report"])
        section = forecast_section(made, _shown(date, sums.dates[-1]))
        write_assimilated(made, aside / ASSIMILATED)
        write_assimilation_page(sums, made, [section], aside / ASSIMILATION_PAGE)
    console.print(plain(section), markup=False, soft_wrap=True)
    console.print()
    for sentence in made.sentences():
        console.print(f"- {sentence}", markup=False, soft_wrap=True)
    for what, file in (
        ("With the counts", ASSIMILATED),
        ("Page", ASSIMILATION_PAGE),
        ("Futures by weight", RESULTS["Forecast"]),
        ("Report of the futures", RESULTS["Report"]),
    ):
        console.print(f"{what}: {target / file}", markup=False, soft_wrap=True)


def reissue(
    scenario: Annotated[
        str, typer.Argument(help="A bundled scenario's name, or a scenario folder.", metavar="NAME_OR_FOLDER")
    ],
    every: Annotated[int, typer.Option(help="Days from one issue date to the next.")] = 7,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day, if before the horizon.")
    ] = None,
    members: Annotated[int, typer.Option("--members", "-n", help="Number of simulated futures.")] = 200,
    seed: Annotated[int, typer.Option(help="Names all random numbers.")] = 1,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help=f"Folder for {REISSUE_PAGE} and {REISSUE_SCORES}.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is in the folder.")] = False,
) -> None:
    """Issue the forecast of a scenario again every week with the counts so far, and score it on later counts.

    Examples:

      corridor reissue mosul-2016 --until 2017-01-31

      corridor reissue mosul-2016 --every 14 --out weekly
    """
    from corridor.assimilate.combine import issue_dates, teach
    from corridor.assimilate.combine import reissue as issue_again
    from corridor.assimilate.reissues import score_reissues
    from corridor.assimilate.targets import simulated
    from corridor.cli.running import check_target, written_aside
    from corridor.report.assimilation_page import write_reissue_page
    from corridor.report.assimilation_words import reissue_sections, reissues_csv
    from corridor.report.quantiles import write_aside
    from corridor.report.skill_words import plain

    console = Console(highlight=False, width=None if sys.stdout.isatty() else 80)
    read = _load(scenario, console)
    if every < 1:
        raise InputError([Problem("every", "", 0, 0, f"every {every} days; 1 or more is needed")])
    if out is not None:
        check_target(out, overwrite, [REISSUE_PAGE, REISSUE_SCORES])
    _issue_date(read, None, until.date() if until else None)
    forecast = _simulate(read, members, seed, None, until.date() if until else None, None, None, console)
    sums = simulated(forecast)
    dates = issue_dates(sums, sums.dates[-1] - dt.timedelta(1), every)
    made = issue_again(sums, dates, teach())
    scored = score_reissues(sums, made)
    sections = reissue_sections(sums, made, scored)
    print("\n\n".join(plain(section) for section in sections))
    if out is not None:
        with written_aside(out) as aside:
            write_reissue_page(sums, made, sections, aside / REISSUE_PAGE)
            write_aside(reissues_csv(scored), aside / REISSUE_SCORES)
        print(f"\nPage: {out / REISSUE_PAGE}\nScores: {out / REISSUE_SCORES}")


def _load(name: str, console: Console) -> Scenario:
    from corridor.scenario.load import check_scenario

    checked = check_scenario(name)
    if checked.scenario is None:
        raise InputError(checked.problems)
    for note in checked.notes:
        console.print(f"note: {note}", markup=False)
    return checked.scenario


def _issue_date(scenario: Scenario, wanted: dt.date | None, until: dt.date | None) -> dt.date:
    """Return the issue date: as asked, or that of the last count before the last day."""
    last = until or scenario.horizon
    after = [count.date for count in scenario.counts if scenario.issue_date < count.date < last]
    if not scenario.counts or (wanted is None and not after):
        message = f"'{scenario.name}' has no count between {scenario.issue_date} and {last} to assimilate"
        hint = "add rows to counts.csv: date, place or total, people"
        raise InputError([Problem("counts-none", "counts.csv", 0, 0, message, hint)])
    date = wanted or max(after)
    if not scenario.issue_date <= date < last:
        message = f"the issue date '{date}' must lie from {scenario.issue_date} to the day before {last}"
        raise InputError([Problem("issue-date", "", 0, 0, message)])
    return date


def _simulate(
    scenario: Scenario,
    members: int,
    seed: int,
    storyline: str | None,
    until: dt.date | None,
    workers: int | None,
    dask: str | None,
    console: Console,
) -> Forecast:
    from corridor.cli.running import cluster_notes, progress_bar
    from corridor.ensemble.run import run

    with progress_bar(console, members) as advance, cluster_notes(console):
        return run(
            scenario,
            members=members,
            seed=seed,
            storyline=storyline,
            until=until,
            workers=workers,
            dask=dask,
            progress=advance,
        )


def _shown(date: dt.date, last: dt.date) -> Sequence[dt.date]:
    ahead = min(date + dt.timedelta(SHOWN_AHEAD_DAYS), last)
    return [ahead] if ahead == last else [ahead, last]
