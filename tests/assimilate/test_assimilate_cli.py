"""The commands: backtest, run --assimilate and reissue, as a user types them, right and wrong."""

from __future__ import annotations

import csv
import shutil
from html.parser import HTMLParser

import pytest
from typer.testing import CliRunner

from corridor.cli.main import app
from corridor.problems import InputError
from corridor.report.skill_words import SCORE_COLUMNS
from corridor.scenario.bundled import bundled_folder
from flee_tiny import write_files


def corridor(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def wrong(*arguments):
    """Return what a wrong call says."""
    done = corridor(*arguments)
    assert isinstance(done.exception, InputError), (done.output, done.exception)
    return str(done.exception)


class Outside(HTMLParser):
    """Collects what a page would fetch or run."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag in {"script", "link", "img", "iframe"} or any(name in {"src", "href"} for name, _ in attrs):
            self.found.append(tag)


def is_whole(page):
    text = page.read_text("utf-8")
    parser = Outside()
    parser.feed(text)
    return not parser.found and "NaN" not in text and ">nan" not in text


@pytest.fixture(scope="module")
def two_towns(tmp_path_factory):
    """The tutorial with more counts and a longer horizon."""
    folder = tmp_path_factory.mktemp("towns") / "two-towns-counted"
    shutil.copytree(bundled_folder("two-towns"), folder)
    settings = (folder / "scenario.yaml").read_text("utf-8")
    settings = settings.replace("horizon: 2024-03-15", "horizon: 2024-04-20")
    (folder / "scenario.yaml").write_text(settings, "utf-8")
    counts = [("03-04", "Birch Camp", 155), ("03-06", "Birch Camp", 239), ("03-12", "Birch Camp", 290)]
    counts += [("03-05", "total", 250), ("03-20", "total", 700)]
    rows = [f"2024-{date},{place},{people},camp management" for date, place, people in counts]
    (folder / "counts.csv").write_text("\n".join(["date,place,people,counted_by", *rows]) + "\n", "utf-8")
    return folder


def test_a_backtest_of_a_scenario_folder(tmp_path, two_towns):
    done = corridor("backtest", two_towns, "--leads", "7,90", "--every", "3", "--out", tmp_path / "out")
    assert done.exit_code == 0, (done.output, done.exception)
    assert "7 days ahead, by site" in done.output
    left_out = "two-towns-counted: too short a record, or no site with counts, to score 90 days ahead"
    assert left_out in done.output
    with open(tmp_path / "out" / "scores.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == SCORE_COLUMNS
    assert {row["target"] for row in rows} == {"Birch Camp", "total"}
    assert {"Corridor", "RP", "PP", "HD", "persistence"} <= {row["model"] for row in rows}
    assert not [row for row in rows if "nan" in row.values()]
    assert is_whole(tmp_path / "out" / "skill.html")
    said = wrong("backtest", two_towns, "--leads", "7", "--out", tmp_path / "out")
    assert "[output-exists]" in said


def test_a_backtest_of_a_flee_instance(tmp_path):
    """The tiny instance has a record of few days: that is named."""
    said = wrong("backtest", write_files(tmp_path / "tiny"), "--leads", "7", "--every", "5")
    assert "backtest-short" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("mosul-2016", "--leads", "7,x"), "[leads] leads is '7,x'"),
        (("mosul-2016", "--leads", "0"), "[leads]"),
        (("mosul-2016", "--every", "0"), "[every] every 0 days"),
        (("no-such", "nor-this"), "2 problems"),
        (("mosul-2016", "--flee-settings", "none.yml"), "[flee-file-missing] 'none.yml' is not a file"),
        (("mosul-2016", "mosul-2016"), "[backtest-name-twice] two folders are called 'mosul-2016'"),
        (("mosul-2016", "--leads", "200"), "[backtest-short]"),
    ],
)
def test_a_wrong_backtest_is_named(arguments, words):
    assert words in wrong("backtest", *arguments)


def test_a_folder_without_counts_is_named(tmp_path, two_towns):
    folder = tmp_path / "uncounted"
    shutil.copytree(two_towns, folder)
    (folder / "counts.csv").unlink()
    assert "[counts-none]" in wrong("backtest", folder)
    assert "[counts-none]" in wrong("run", folder, "--assimilate", "--members", "10", "--out", tmp_path / "o")


def test_faults_of_counts_are_told_with_their_place(tmp_path, two_towns):
    folder = tmp_path / "faulty"
    shutil.copytree(two_towns, folder)
    rows = ["2024-03-04,Birch Camp,-5", "2024-03-05,Oak Camp,10", "2024-03-06,Tol,7", "2024-03-06,Tol,8"]
    (folder / "counts.csv").write_text("\n".join(["date,place,people", *rows]) + "\n", "utf-8")
    said = wrong("backtest", folder)
    assert "counts.csv:2:23 [out-of-range]" in said
    assert "counts.csv:3:12 [place-unknown]" in said
    assert "counts.csv:5:16 [count-twice]" in said


def test_a_run_with_counts(tmp_path, two_towns):
    target = tmp_path / "out"
    call = (
        "run",
        two_towns,
        "--assimilate",
        "--issue-date",
        "2024-03-12",
        "--members",
        "30",
        "--out",
        target,
    )
    done = corridor(*call)
    assert done.exit_code == 0, (done.output, done.exception)
    assert "Issued 2024-03-12" in done.output
    with open(target / "assimilated.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["place"] for row in rows} == {"Birch Camp", "total"}
    assert min(row["date"] for row in rows) == "2024-03-12"
    assert all(int(row["q05"]) <= int(row["q50"]) <= int(row["q95"]) for row in rows)
    assert is_whole(target / "assimilation.html")
    shown = corridor("show", target, "--no-color")
    assert shown.exit_code == 0
    before = (target / "assimilated.csv").read_bytes()

    other = tmp_path / two_towns.name
    shutil.copytree(two_towns, other)
    text = (other / "counts.csv").read_text("utf-8").replace("03-20,total,700", "03-21,total,7000")
    (other / "counts.csv").write_text(text, "utf-8")
    again = corridor("run", other, *call[2:], "--overwrite")
    assert again.exit_code == 0, (again.output, again.exception)
    assert (target / "assimilated.csv").read_bytes() == before  # nothing after the issue date is read


def test_forecasts_issued_again(tmp_path, two_towns):
    done = corridor("reissue", two_towns, "--every", "7", "--members", "30", "--out", tmp_path / "re")
    assert done.exit_code == 0, (done.output, done.exception)
    assert "The total, scored on later counts" in done.output
    assert is_whole(tmp_path / "re" / "reissue.html")
    assert (tmp_path / "re" / "reissue.csv").read_text("utf-8").count("last count repeated") > 3
    assert "[every]" in wrong("reissue", two_towns, "--every", "0")


@pytest.mark.parametrize("date", ["2024-02-01", "2024-04-20"])
def test_a_date_outside_is_named(two_towns, tmp_path, date):
    said = wrong("run", two_towns, "--assimilate", "--issue-date", date, "--out", tmp_path / "o")
    assert "[issue-date]" in said
    assert not (tmp_path / "o").exists()
