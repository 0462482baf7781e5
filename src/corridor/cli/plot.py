"""The commands that draw a stored forecast: single figures as files, and the report with what-ifs beside it.

Heavy parts are imported by the command that needs them.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corridor.problems import InputError, Problem

if TYPE_CHECKING:
    from corridor.ensemble.forecast import Forecast

ForecastArgument = Annotated[
    Path, typer.Argument(help="The folder of a run, or its forecast.zarr.", metavar="FORECAST")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an existing file.")]
Small = Annotated[
    bool, typer.Option("--small-numbers", help="Tell numbers below ten people; not for sharing.")
]


def add_commands(app: typer.Typer) -> None:
    """Add `plot` and `report` to the command line."""
    app.command()(plot)
    app.command()(report)


def plot(
    forecast: ForecastArgument,
    figure: Annotated[
        str, typer.Option("--figure", "-f", help="displaced, trapped, arrivals, map or storylines.")
    ] = "displaced",
    site: Annotated[str | None, typer.Option(help="For arrivals: one place, drawn large.")] = None,
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="For map: one day, drawn large.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="A .svg or .png file.", show_default="FIGURE.svg"),
    ] = None,
    tells_small: Small = False,
    overwrite: Overwrite = False,
) -> None:
    """Draw one figure of the report as a file of its own.

    Examples:

      corridor plot forecasts/mosul-2016

      corridor plot forecasts/mosul-2016 --figure map --date 2016-11-30 --out map.png

      corridor plot forecasts/mosul-2016 --figure arrivals --site "Khazer M1 camp" --out khazer.svg
    """
    target = out or Path(f"{figure}.svg")
    _check_out(target, (".svg", ".png"), overwrite)
    from corridor.ensemble.forecast import open_forecast
    from corridor.report.digest import make_digest
    from corridor.report.plots import plot_svg, write_plot
    from corridor.report.texts import Texts

    digest = make_digest(open_forecast(forecast))
    svg = plot_svg(
        digest, figure, site=site, date=date.date() if date else None, texts=Texts(tells_small=tells_small)
    )
    print(f"Figure: {write_plot(svg, target)}")


def report(
    forecast: ForecastArgument,
    what_ifs: Annotated[
        list[Path] | None,
        typer.Argument(help="Forecasts of what-ifs, to switch to.", metavar="[WHAT_IF]..."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The HTML file.")] = Path("report.html"),
    tells_small: Small = False,
    overwrite: Overwrite = False,
) -> None:
    """Write the report of a stored forecast again, with what-ifs beside it.

    Examples:

      corridor report forecasts/mosul-2016

      corridor report forecasts/mosul-2016 forecasts/west-closed forecasts/west-open --out report.html
    """
    _check_out(out, (".html",), overwrite)
    from corridor.ensemble.forecast import open_forecast
    from corridor.report.html import write_report

    first, *others = (open_forecast(path) for path in (forecast, *(what_ifs or [])))
    paths = what_ifs or []
    named = dict(zip(_names(first, others, paths), others, strict=True))
    print(f"Report: {write_report(first, out, what_ifs=named, tells_small=tells_small)}")


def _names(first: Forecast, others: list[Forecast], paths: list[Path]) -> list[str]:
    """Return what each what-if is called: its title, without the title of its base before a colon; its
    folder where two would be called the same.
    """
    base = first.scenario.title
    titles = [_capitalised(other.scenario.title.removeprefix(f"{base}: ")) for other in others]
    known = [base, *titles]
    return [
        title if known.count(title) == 1 else path.resolve().name
        for title, path in zip(titles, paths, strict=True)
    ]


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _check_out(out: Path, suffixes: tuple[str, ...], overwrite: bool) -> None:
    """Refuse a file that could not be written, before anything is computed."""
    if out.suffix.lower() not in suffixes:
        wanted = " or ".join(suffixes)
        raise InputError([Problem("output-kind", "", 0, 0, f"'{out}' must end with {wanted}")])
    if out.is_dir():
        raise InputError([Problem("output-exists", "", 0, 0, f"'{out}' is a folder; a file was expected")])
    if out.exists() and not overwrite:
        hint = "choose another with --out, or add --overwrite"
        raise InputError([Problem("output-exists", "", 0, 0, f"'{out}' exists already", hint)])
