"""Figures as files of their own: well-formed, self-contained, escaped, and as PNG with words in them."""

from __future__ import annotations

import datetime as dt
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from corridor.ensemble.forecast import Forecast
from corridor.problems import CorridorRuntimeError, InputError
from corridor.report.digest import make_digest
from corridor.report.plots import FIGURES, figure_style, plot_svg, png_of, write_plot
from corridor.scenario.model import Place, Storyline

Builder = Callable[..., Forecast]
LINES = (Storyline(name="a", title="Slow"), Storyline(name="b", title="Fast & <b>furious</b>"))


@pytest.fixture
def two_courses(forecast_of: Builder) -> Forecast:
    growth = {("Khazer", "in_camp"): [20 * m for m in range(10)], ("Home", "trapped"): [100] * 10}
    return forecast_of(growth, members=10, followed=["a"] * 6 + ["b"] * 4, storylines=LINES)


def words_of(svg: str) -> str:
    return " ".join(" ".join(ElementTree.fromstring(svg).itertext()).split())


@pytest.mark.parametrize("figure", FIGURES)
def test_each_figure_is_a_whole_drawing(two_courses: Forecast, figure: str) -> None:
    svg = plot_svg(make_digest(two_courses), figure)
    root = ElementTree.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "A tiny crisis." in words_of(svg) and "20 futures" not in words_of(svg)
    assert "Source: Corridor 0.1.0, 10 futures, seed 7." in words_of(svg)
    assert "var(" not in svg and "href" not in svg and "<script" not in svg


def test_one_site_and_one_day(two_courses: Forecast) -> None:
    digest = make_digest(two_courses)
    assert "Zelikan" not in words_of(plot_svg(digest, "arrivals", site="Khazer"))
    one = words_of(plot_svg(digest, "map", date=dt.date(2016, 11, 1)))
    assert "1 November 2016" in one and "29 November 2016" not in one
    assert "Boundaries and names do not imply endorsement." in one


def test_markup_in_names_is_text(two_courses: Forecast) -> None:
    svg = plot_svg(make_digest(two_courses), "storylines")
    assert "Fast & <b>furious</b>" in words_of(svg)
    assert "<b>" not in svg


@pytest.mark.parametrize(
    ("figure", "options", "code"),
    [
        ("pie", {}, "figure-unknown"),
        ("map", {"site": "Khazer"}, "figure-option"),
        ("trapped", {"date": dt.date(2016, 11, 1)}, "figure-option"),
        ("arrivals", {"site": "Khaser"}, "place-unknown"),
        ("map", {"date": dt.date(2017, 11, 1)}, "date-outside"),
        ("storylines", {}, "figure-empty"),
    ],
)
def test_what_cannot_be_drawn_is_said(usual: Forecast, figure: str, options: dict, code: str) -> None:
    with pytest.raises(InputError) as refused:
        plot_svg(make_digest(usual), figure, **options)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_nobody_at_any_site(forecast_of: Builder) -> None:
    digest = make_digest(forecast_of({}, members=1))
    with pytest.raises(InputError, match="fewer than ten people are expected at every site"):
        plot_svg(digest, "arrivals")
    assert "Khazer" in words_of(plot_svg(digest, "arrivals", site="Khazer"))
    for figure in ("displaced", "trapped", "map"):
        assert plot_svg(digest, figure)


def test_the_colours_are_those_of_the_report() -> None:
    style = figure_style()
    assert ".displaced .band50 { fill: #7fb1da; }" in style
    assert "var(" not in style


# --- files ------------------------------------------------------------------------------------------------


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    return struct.unpack(">II", png[16:24])


def test_png_is_drawn_twice_as_large(usual: Forecast, tmp_path: Path) -> None:
    pytest.importorskip("resvg_py")
    svg = plot_svg(make_digest(usual), "displaced")
    path = write_plot(svg, tmp_path / "deep" / "displaced.png")
    width, height = (
        round(2 * float(ElementTree.fromstring(svg).get(name, ""))) for name in ("width", "height")
    )
    assert size_of(path.read_bytes()) == (width, height)
    assert [file.name for file in path.parent.iterdir()] == ["displaced.png"]


def test_arabic_is_written(forecast_of: Builder) -> None:
    """The name leaves marks on the drawing: without it the picture is another."""
    pytest.importorskip("resvg_py")
    pictures = []
    for name in ("الخازر", "            "):
        place = Place(name=name, lat=36, lon=43, kind="camp", country="Iraq", capacity=100)
        forecast = forecast_of({(name, "in_camp"): [90] * 4}, members=4, places=(place,), routes=())
        pictures.append(png_of(plot_svg(make_digest(forecast), "arrivals")))
    assert pictures[0] != pictures[1]


def test_a_missing_font_is_said_and_nothing_is_written(usual: Forecast, tmp_path: Path) -> None:
    pytest.importorskip("resvg_py")
    svg = plot_svg(make_digest(usual), "displaced")
    with pytest.raises(CorridorRuntimeError, match="no font was found"):
        png_of(svg, font_dirs=[str(tmp_path)])


def test_png_without_its_extra_is_said(
    usual: Forecast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    svg = plot_svg(make_digest(usual), "displaced")
    with pytest.raises(CorridorRuntimeError, match=r"pip install 'corridor\[png\]'"):
        write_plot(svg, tmp_path / "figure.png")
    assert list(tmp_path.iterdir()) == []
    assert write_plot(svg, tmp_path / "figure.svg").read_text("utf-8") == svg


def test_other_kinds_and_places_that_cannot_be_written(usual: Forecast, tmp_path: Path) -> None:
    svg = plot_svg(make_digest(usual), "displaced")
    with pytest.raises(InputError, match=r"must end with \.svg or \.png"):
        write_plot(svg, tmp_path / "figure.pdf")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CorridorRuntimeError, match="could not be written"):
        write_plot(svg, tmp_path / "file" / "figure.svg")
