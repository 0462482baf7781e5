"""`corridor backtest`: forecasts as they would have been made, scored against what was counted.

Heavy parts are imported by the command that needs them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corridor.problems import InputError, Problem, format_problems

if TYPE_CHECKING:
    from corridor.verify.counts import CountSeries

#: What a backtest writes.
SCORES, PAGE = "scores.csv", "skill.html"


class Mode(StrEnum):
    """Whether the totals are forecast or told."""

    free = "free"
    conditioned = "conditioned"


def add_commands(app: typer.Typer) -> None:
    """Add `backtest` to the command line."""
    app.command()(backtest)


def backtest(
    folders: Annotated[
        list[str],
        typer.Argument(help="Flee instances, scenario folders or bundled scenarios.", metavar="FOLDER..."),
    ],
    leads: Annotated[str, typer.Option(help="Days ahead, with commas.")] = "7,30,60,90",
    every: Annotated[int, typer.Option(help="Days from one issue date to the next.")] = 14,
    mode: Annotated[
        Mode, typer.Option(help="Forecast the totals too, or be told them and forecast their split.")
    ] = Mode.free,
    hindcast: Annotated[
        bool, typer.Option(help="Run Flee's law, told the truth, and the cold start, on Flee instances.")
    ] = True,
    flee_settings: Annotated[
        Path | None, typer.Option(help="Settings of Flee's law, instead of those that come with Corridor.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help=f"Folder for {SCORES} and {PAGE}.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier backtest.")] = False,
) -> None:
    """Issue forecasts over and over in the past, score them, and set them beside plain baselines.

    Each conflict is forecast from what the others, and those that come with Corridor, teach: never from
    itself.

    Examples:

      corridor backtest mosul-2016 --leads 7,14,30 --every 7

      corridor backtest mali2012 syria2013 --out skill

      corridor backtest mali2012 --mode conditioned --flee-settings simsetting.yml
    """
    wanted = _leads(leads)
    _check_out(out, overwrite)
    if flee_settings is not None and not flee_settings.is_file():
        message = f"'{flee_settings}' is not a file; settings of Flee were expected"
        raise InputError([Problem("flee-file-missing", str(flee_settings), 0, 0, message)])
    series = _read(folders)
    warnings = [warning for counts in series for warning in counts.warnings]
    if warnings:
        _say(format_problems(warnings))
    run_backtest(
        series, folders, wanted, every=every, mode=mode.value, told=hindcast, settings=flee_settings, out=out
    )


def run_backtest(
    series: Sequence[CountSeries],
    folders: Sequence[str],
    leads: Sequence[int],
    *,
    every: int,
    mode: str,
    told: bool,
    settings: Path | None,
    out: Path | None,
) -> None:
    """Backtest counts that are read, print the tables, and write the files if a folder is given."""
    from corridor.assimilate.backtest import BAR, CORRIDOR, check_request
    from corridor.assimilate.backtest import backtest as score
    from corridor.assimilate.learned_cases import learned_conflicts
    from corridor.assimilate.statistical import damped_trend, has_statsmodels
    from corridor.assimilate.suite import cold_starts, hindcasts_of
    from corridor.report.skill_page import write_scores, write_skill_page
    from corridor.report.skill_words import cold_section, plain, skill_sections

    learned = learned_conflicts(series)
    check_request(series, leads, every=every, learned=learned)
    if mode == "free" and not has_statsmodels():
        _say("note: no statistical model: it needs statsmodels; pip install 'corridor[skill]'")
    hindcasts, left_out = hindcasts_of(series, folders if told else [], settings, progress=_progress())
    table = score(
        series,
        leads,
        every=every,
        mode="free" if mode == "free" else "conditioned",
        learned=learned,
        statistical=damped_trend if has_statsmodels() else None,
        hindcasts=hindcasts,
        progress=_progress(),
    )
    sections = skill_sections(table, bar=BAR[mode], leader=CORRIDOR)
    if hindcasts and mode == "free":
        cold = cold_starts(series, folders, settings, hindcasts, progress=_progress())
        sections += [cold_section(cold)] if cold else []
    print("\n\n".join(plain(section) for section in sections))
    for note in (*left_out, *table.notes):
        print(f"\nnote: {note}")
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        write_scores(table, {counts.name: counts for counts in series}, out / SCORES)
        write_skill_page(table, out / PAGE, sections, leader=CORRIDOR, mode=mode)
        print(f"\nScores: {out / SCORES}\nPage: {out / PAGE}")


def _leads(text: str) -> list[int]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words or not all(word.isdigit() and int(word) > 0 for word in words):
        message = f"leads is '{text}'; days of 1 or more with commas were expected"
        raise InputError([Problem("leads", "", 0, 0, message, hint="for instance --leads 7,30,60,90")])
    return sorted({int(word) for word in words})


def _read(folders: Sequence[str]) -> list[CountSeries]:
    """Read every folder, and tell the problems of all of them at once."""
    from corridor.assimilate.reading import read_conflict

    series: list[CountSeries] = []
    problems: list[Problem] = []
    for folder in folders:
        try:
            series.append(read_conflict(folder))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return series


def _check_out(out: Path | None, overwrite: bool) -> None:
    """Refuse a folder that could not be written to, before anything is computed."""
    if out is None or not out.exists():
        return
    if not out.is_dir():
        message = f"'{out}' is a file; a folder was expected"
        raise InputError([Problem("output-is-file", "", 0, 0, message, hint="choose another with --out")])
    held = {entry.name for entry in out.iterdir()}
    if (held & {SCORES, PAGE} and not overwrite) or held - {SCORES, PAGE}:
        hint = "choose another with --out, or add --overwrite to replace an earlier backtest"
        raise InputError([Problem("output-exists", "", 0, 0, f"the folder '{out}' is not empty", hint=hint)])


def _progress() -> Callable[[str], None] | None:
    """Return what tells each step on standard error, None where nobody watches."""
    if not sys.stderr.isatty():
        return None
    return lambda words: print(f"{words} ...", file=sys.stderr, flush=True)


def _say(text: str) -> None:
    print(text, file=sys.stderr)
