"""`corridor plot` and `corridor report` as a user meets them."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from process import run_corridor


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a stored forecast of two-towns in ``t``."""
    made = tmp_path_factory.mktemp("plot")
    run_corridor(made, "run", "two-towns", "--members", "20", "--seed", "1", "--out", "t").check_returncode()
    return made


@pytest.fixture
def ask(folder):
    """Run ``corridor ARGUMENTS`` in the folder of the forecast."""
    return lambda *arguments: run_corridor(folder, *arguments)


def refusal(done):
    """Assert that a command refused its input; return what it said."""
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr


def test_a_figure_becomes_a_file(ask, folder):
    done = ask("plot", "t", "--figure", "arrivals", "--out", "figures/arrivals.svg")
    assert (done.returncode, done.stdout, done.stderr) == (0, "Figure: figures/arrivals.svg\n", "")
    words = " ".join(ElementTree.parse(folder / "figures" / "arrivals.svg").getroot().itertext())
    assert "Birch Camp" in words
    assert "exists already" in refusal(
        ask("plot", "t", "--figure", "arrivals", "--out", "figures/arrivals.svg")
    )
    again = ask("plot", "t", "--figure", "arrivals", "--out", "figures/arrivals.svg", "--overwrite")
    assert again.returncode == 0


def test_without_out_it_is_named_after_the_figure(ask, folder):
    assert ask("plot", "t", "--figure", "map", "--date", "2024-03-08").stdout == "Figure: map.svg\n"
    assert "8 March 2024" in (folder / "map.svg").read_text("utf-8")


def test_what_cannot_be_drawn(ask, folder):
    assert "'pie' is no figure" in refusal(ask("plot", "t", "--figure", "pie"))
    assert "did you mean 'Birch Camp'?" in refusal(ask("plot", "t", "-f", "arrivals", "--site", "Birch"))
    assert "must end with .svg or .png" in refusal(ask("plot", "t", "--out", "figure.pdf"))
    assert "holds no forecast" in refusal(ask("plot", "nowhere"))
    assert not (folder / "pie.svg").exists()


def test_the_report_again(ask, folder):
    """The report of a stored forecast is the one that the run wrote."""
    done = ask("report", "t")
    assert (done.returncode, done.stdout, done.stderr) == (0, "Report: report.html\n", "")
    assert (folder / "report.html").read_bytes() == (folder / "t" / "report.html").read_bytes()


def test_a_report_with_what_ifs(ask, folder):
    (folder / "closed").mkdir()
    (folder / "closed" / "scenario.yaml").write_text("extends: two-towns\ntitle: The camp is larger\n")
    (folder / "closed" / "places.csv").write_text("name,capacity\nBirch Camp,900\n")
    made = ask("run", "closed", "--members", "20", "--seed", "1", "--out", "c")
    assert made.returncode == 0, made.stderr
    assert ask("report", "t", "c", "--out", "both.html").returncode == 0
    text = (folder / "both.html").read_text("utf-8")
    assert text.count("The camp is larger") >= 3
    other = ask("run", "two-towns", "--members", "3", "--out", "fewer")
    assert other.returncode == 0
    assert "differ in number of members: 20 and 3" in refusal(ask("report", "t", "fewer", "--out", "no.html"))
