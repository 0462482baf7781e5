"""The commands about evidence: what was said about each quantity, and claims proposed from a report.

``corridor evidence FOLDER`` is short for ``corridor evidence show FOLDER``. Heavy parts are imported by the
command that needs them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from corridor.problems import InputError, Problem, did_you_mean, format_problems

if TYPE_CHECKING:
    from corridor.evidence.ledger import Entry, Ledger
    from corridor.scenario.pool import Pooled

_DEFAULT = "show"


class _ShowUnlessTold(TyperGroup):
    """A group of commands in which a first word that is no command is the scenario to show."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default command before words that name none."""
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)


class Rule(StrEnum):
    """How claims are pooled."""

    LINEAR = "linear"
    LOG = "log"


app = typer.Typer(
    cls=_ShowUnlessTold,
    no_args_is_help=True,
    help=(
        "Show who said what about each quantity of a scenario, or read claims from a report.\n\n"
        "  corridor evidence mosul-2016\n\n  corridor evidence read report.txt"
    ),
)


@app.command(_DEFAULT)
def show(
    scenario: Annotated[
        str, typer.Argument(help="A bundled scenario's name, or a scenario folder.", metavar="NAME_OR_FOLDER")
    ],
    about: Annotated[
        str | None, typer.Option(help="One quantity, in full: its words, or the name of a prior.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="What had been said by the end of this day.")
    ] = None,
    pool: Annotated[
        Rule | None,
        typer.Option(help="How claims are pooled.", show_default="as the prior says, else linear"),
    ] = None,
    no_color: Annotated[bool, typer.Option("--no-color", help="Plain text.")] = False,
) -> None:
    """Show for each quantity who says what, what it comes to, and what the scenario makes of it.

    Exit status 2 if the claims have faults; they are all named.

    Examples:

      corridor evidence mosul-2016

      corridor evidence mosul-2016 --about "population of Mosul"

      corridor evidence mosul-2016 --until 2016-10-01
    """
    from corridor.evidence.ledger import claim_rows, make_ledger, pool_ledger
    from corridor.report.evidence_terminal import show_ledger
    from corridor.scenario.bundled import bundled_folder, bundled_names
    from corridor.scenario.load import load_scenario

    loaded = load_scenario(scenario)
    is_folder = Path(scenario).is_dir() or scenario not in bundled_names()
    folder = Path(scenario) if is_folder else bundled_folder(scenario)
    day = until.date() if until else None
    ledger = make_ledger(loaded, rows=claim_rows(folder), until=day)
    pools, faults = pool_ledger(ledger, method=pool.value if pool else None)
    console = Console(no_color=no_color or None, highlight=False, width=None if sys.stdout.isatty() else 80)
    if about is None:
        show_ledger(ledger, pools, console, until=day)
    else:
        _show_one(ledger, pools, about, console)
    shown = (*ledger.problems, *faults)
    _say_problems(shown if about is None else [problem for problem in shown if not problem.warning])


@app.command()
def read(
    report: Annotated[Path, typer.Argument(help="A report as .txt, .html or .md.", metavar="FILE")],
    scenario: Annotated[
        str | None, typer.Option(help="Look for the places of this scenario.", metavar="NAME_OR_FOLDER")
    ] = None,
    said_on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day of the report; else the first date near its head."),
    ] = None,
) -> None:
    """Propose claims from a report, as CSV on standard output, for a person to accept, mend or strike.

    Nothing enters a scenario. Every proposal has its line and its sentence and is graded F6: grading it,
    and saying what it is about, is for a person.

    Examples:

      corridor evidence read report.txt

      corridor evidence read report.html --scenario mosul-2016 > proposals.csv
    """
    from corridor.evidence.reading.propose import propose_claims, write_proposals
    from corridor.evidence.reading.text import read_sentences
    from corridor.scenario.load import load_scenario

    sentences = read_sentences(report)
    known = load_scenario(scenario) if scenario else None
    proposals = propose_claims(sentences, scenario=known, said_on=said_on.date() if said_on else None)
    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
    sys.stdout.write(write_proposals(proposals, stem=report.stem))
    found = f"{len(proposals)} proposal{'' if len(proposals) == 1 else 's'}"
    print(f"{found} from {len(sentences)} sentences. Read each one: rules err.", file=sys.stderr)


def _show_one(ledger: Ledger, pools: Mapping[str, Pooled], about: str, console: Console) -> None:
    """Show the quantities that ``about`` names: exactly one, or all whose name holds its words."""
    from corridor.report.evidence_terminal import show_assumption, show_entry

    word = " ".join(about.casefold().split())
    entries = {_names(entry): entry for entry in (*ledger.quantities, *ledger.outcomes, *ledger.words)}
    loose = [f"prior {item.name}" for item in ledger.assumptions]
    assumptions = {
        (f"prior {item.name}".casefold(), item.name.casefold(), f"date of {item.name}".casefold()): item
        for item in ledger.assumptions
    }
    exact = [names for names in (*entries, *assumptions) if word in names]
    chosen = exact or [names for names in (*entries, *assumptions) if word in names[0]]
    if not chosen:
        known = [*(entry.quantity.name for entry in entries.values()), *loose, *ledger.scenario.priors]
        hint = did_you_mean(about, known) or "corridor evidence NAME_OR_FOLDER lists all"
        raise InputError([Problem("about-unknown", "", 0, 0, f"nothing was said about '{about}'", hint)])
    for names in chosen:
        if names in entries:
            show_entry(ledger, entries[names], pools, console)
        if names in assumptions:
            show_assumption(ledger, assumptions[names], console)


def _names(entry: Entry) -> tuple[str, ...]:
    """Return every name by which a quantity can be asked for, in small letters, its own first."""
    own = entry.quantity.name.casefold()
    priors = [believed.prior_name.casefold() for believed in entry.quantity.believed if believed.prior_name]
    is_prior = len(priors) == 1 and entry.quantity.kind == "quantity"
    return (own, *(f"prior {name}" for name in priors if is_prior), *(name for name in priors if is_prior))


def _say_problems(problems: Sequence[Problem]) -> None:
    """Raise where a problem is a fault; print warnings to standard error."""
    if any(not problem.warning for problem in problems):
        raise InputError(problems)
    if problems:
        print(format_problems(problems), file=sys.stderr)
