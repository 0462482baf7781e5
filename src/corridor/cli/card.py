"""`corridor card`: the model card of a scenario or a forecast, as Markdown or as a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corridor.problems import InputError, Problem

if TYPE_CHECKING:
    from corridor.ensemble.forecast import Forecast
    from corridor.scenario.model import Scenario


def add_commands(app: typer.Typer) -> None:
    """Add `card` to the command line."""
    app.command()(card)


def card(
    subject: Annotated[
        str,
        typer.Argument(
            help="A scenario's name or folder, or the folder of a run, whose counts are scored.",
            metavar="SCENARIO_OR_FORECAST",
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write it: Markdown (.md) or a page (.html).")
    ] = None,
    tells_small: Annotated[
        bool, typer.Option("--small-numbers", help="Tell numbers below ten people; not for sharing.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing file.")] = False,
) -> None:
    """Make the model card: purpose, owners, data, method, performance, limits, ethics, misuse.

    Examples:

      corridor card mosul-2016

      corridor card forecasts/mosul-2016 --out card.html
    """
    _check_out(out, overwrite)
    from corridor.report.card import card_html, card_markdown, make_card
    from corridor.report.quantiles import write_aside
    from corridor.report.texts import Texts

    texts = Texts(tells_small=tells_small)
    made = make_card(_opened(subject), texts=texts)
    if out is None:
        print(card_markdown(made), end="")
        return
    is_page = out.suffix.lower() == ".html"
    write_aside(card_html(made, texts) if is_page else card_markdown(made), out)
    print(f"Card: {out}")


def _check_out(out: Path | None, overwrite: bool) -> None:
    """Refuse a file that could not be written, before anything is read."""
    if out is None:
        return
    if out.suffix.lower() not in (".md", ".html"):
        raise InputError([Problem("output-kind", "", 0, 0, f"'{out}' must end with .md or .html")])
    if out.is_dir():
        raise InputError([Problem("output-exists", "", 0, 0, f"'{out}' is a folder; a file was expected")])
    if out.exists() and not overwrite:
        hint = "choose another with --out, or add --overwrite"
        raise InputError([Problem("output-exists", "", 0, 0, f"'{out}' exists already", hint=hint)])


def _opened(name: str) -> Forecast | Scenario:
    folder = Path(name)
    if (folder / "forecast.zarr").is_dir() or (folder / "zarr.json").is_file():
        from corridor.ensemble.forecast import open_forecast

        return open_forecast(folder)
    from corridor.scenario.load import load_scenario

    return load_scenario(name)
