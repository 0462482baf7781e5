"""The terminal page: 80 columns, plain in a pipe, ASCII where nothing else can be encoded."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from corridor.ensemble.forecast import Forecast
from corridor.report.terminal import show

Builder = Callable[..., Forecast]


def shown(forecast: Forecast, encoding: str = "utf-8", **files: Path) -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    show(forecast, Console(file=stream, width=80), files=files)
    stream.flush()
    return raw.getvalue().decode(encoding)


def test_the_page(usual: Forecast) -> None:
    text = shown(usual, Report=Path("out/report.html"))
    lines = text.splitlines()
    assert lines[:5] == [
        "A tiny crisis",
        "Forecast issued 20 October 2016, looking ahead to 29 November 2016",
        "",
        "By 19 November, between 220 and 420 people will probably have been displaced; ",
        "middle estimate 330.",
    ]
    table = lines[next(i for i, line in enumerate(lines) if line.startswith("Site")) :]
    assert table[0].split() == ["Site", "now", "3", "Nov", "17", "Nov", "room", "full", "by"]
    assert table[1].split() == ["Khazer", "0", "70", "140", "200", "27", "Nov"]
    assert table[2].split()[-5:] == ["21–70", "42–140", "8", "of", "10"]
    assert lines[-1] == "Report: out/report.html"
    assert max(map(len, lines)) <= 80


def test_a_pipe_gets_no_escape_codes(usual: Forecast) -> None:
    assert "\x1b" not in shown(usual)


def test_ascii_is_enough(usual: Forecast) -> None:
    text = shown(usual, "ascii")
    assert "21-70" in text
    assert '"Probably" means in half' in text


def test_more_sites_than_fit_are_counted(forecast_of: Builder) -> None:
    from corridor.scenario.model import Place

    places = tuple(Place(name=f"Camp {n}", lat=36, lon=43, kind="camp", country="Iraq") for n in range(15))
    text = shown(forecast_of({}, places=places, routes=()))
    assert "and 3 more, in the files" in text


def test_without_sites_there_is_no_table(forecast_of: Builder) -> None:
    from corridor.scenario.model import Place

    places = (Place(name="Town", lat=36, lon=43, kind="town", country="Iraq"),)
    assert "The scenario has no sites." in shown(forecast_of({}, places=places, routes=()))
