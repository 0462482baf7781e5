"""`corridor needs` and `corridor triggers` as a user meets them."""

from __future__ import annotations

import csv

import openpyxl
import pytest
from process import run_corridor


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a stored forecast of two-towns in ``t``."""
    made = tmp_path_factory.mktemp("needs")
    run_corridor(made, "run", "two-towns", "--members", "40", "--seed", "1", "--out", "t").check_returncode()
    return made


@pytest.fixture
def ask(folder):
    """Run ``corridor ARGUMENTS`` in the folder of the forecast."""
    return lambda *arguments: run_corridor(folder, *arguments)


def answer(done):
    """Assert that a command succeeded and kept to 80 columns; return what it printed."""
    assert (done.returncode, done.stderr) == (0, "")
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    return done.stdout


def test_needs_of_all_sites(ask):
    text = answer(ask("needs", "t"))
    assert text.startswith(
        "What people need: Two towns and a camp\nIssued 1 March 2024; standards sphere-2018;"
    )
    assert "On 15 March: the middle of the futures" in text  # the last day: the horizon is near
    camp = next(line for line in text.splitlines() if line.startswith("Birch Camp"))
    assert camp.split() == ["Birch", "Camp", "300", "4.5", "0.17", "60", "6", "600"]
    assert "by truck, to equip everybody once: 6.5" in text
    assert "Birch Camp: in 9 of 10 futures, in half of the futures by 8 March" in text


def test_needs_of_one_site_on_a_day(ask):
    text = answer(ask("needs", "t", "--site", "Birch Camp", "--date", "2024-03-02", "--no-color"))
    assert "Birch Camp on 2 March\n" in text
    water = next(line for line in text.splitlines() if line.startswith("Water, full"))
    assert water.split()[-1] == "litres/day"
    assert "Of these people:\n  children: " in text
    assert "\x1b" not in text


def test_needs_as_a_workbook_and_as_a_table(ask, folder):
    assert answer(ask("needs", "t", "--out", "needs.xlsx")).endswith("\nNeeds: needs.xlsx\n")
    assert "Needs" in openpyxl.load_workbook(folder / "needs.xlsx").sheetnames
    answer(ask("needs", "t", "--out", "needs.csv"))
    with (folder / "needs.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["date"] for row in rows} == {f"2024-03-{day:02}" for day in range(1, 16)}
    assert {row["group"] for row in rows} == {"all", "children", "adults"}


def test_own_standards_and_stocks(ask, folder):
    (folder / "mine.csv").write_text(
        "indicator,title,value,unit,per,source\nbread,Bread,2,pieces,person/day,the baker\n", "utf-8"
    )
    (folder / "stocks.csv").write_text(
        "site,indicator,quantity,unit\nBirch Camp,bread,500,pieces/day\n", "utf-8"
    )
    text = answer(ask("needs", "t", "--standards", "mine.csv", "--stocks", "stocks.csv"))
    assert "Bread" in text
    assert "Birch Camp, Bread: short in nearly all futures" in text or "short in all futures" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--site", "Brich Camp"],
            "[place-unknown] 'Brich Camp' is no place of the forecast\n"
            "    hint: did you mean 'Birch Camp'?\n",
        ),
        (
            ["--date", "2025-01-01"],
            "[date-outside] '2025-01-01' is not a day of the forecast, 2024-03-01 to 2024-03-15\n",
        ),
        (["--out", "needs.pdf"], "[output-kind] 'needs.pdf' must end with .xlsx or .csv\n"),
        (
            ["--standards", "sphere"],
            "[standards-missing] 'sphere' is neither a file nor the name of standards\n"
            "    hint: did you mean 'sphere-2018'?\n",
        ),
        (["--stocks", "none.csv"], "[file-missing] there is no file 'none.csv'\n"),
    ],
)
def test_needs_refused(ask, arguments, words):
    done = ask("needs", "t", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == words + "1 problem. Nothing was run.\n"


def test_an_existing_file_is_kept_unless_told_otherwise(ask, folder):
    (folder / "mine.xlsx").write_text("keep me")
    done = ask("needs", "t", "--out", "mine.xlsx")
    assert done.returncode == 2
    assert "'mine.xlsx' exists already" in done.stderr
    assert (folder / "mine.xlsx").read_text() == "keep me"
    answer(ask("needs", "t", "--out", "mine.xlsx", "--overwrite"))
    assert openpyxl.load_workbook(folder / "mine.xlsx").sheetnames[0] == "Cover"


def test_triggers(ask, folder):
    rules = ["--rule", "Birch Camp over 90 % full", "--rule", "more than 500 displaced"]
    text = answer(ask("triggers", "t", *rules, "--out", "triggers.csv"))
    assert "Birch Camp over 90 % full\nfired by" in text
    assert "In half of the futures by 7 March, 6 days after the issue date; in 8 of 10 by" in text
    assert "Against 2 counts: would have fired rightly 0, wrongly 0, not when it should 0," in text
    assert "Right or wrong cannot be told: no total was counted after the issue date." in text
    with (folder / "triggers.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 15
    chances = [float(row["chance_by_then"]) for row in rows if row["rule"] == rules[1]]
    assert chances == sorted(chances) and chances[0] == 0 and chances[-1] > 0.5


def test_wrong_rules_are_refused_together(ask):
    done = ask("triggers", "t", "--rule", "Birch Kamp over 90 % full", "--rule", "no idea")
    assert (done.returncode, done.stdout) == (2, "")
    assert "hint: did you mean 'Birch Camp'?" in done.stderr
    assert "[trigger-form] the rule 'no idea' is not understood" in done.stderr
    assert done.stderr.endswith("2 problems. Nothing was run.\n")


def test_markup_in_a_title_is_shown_and_not_obeyed(ask, folder):
    (folder / "loud.csv").write_text(
        "indicator,title,value,unit,per,source\nx,[red]X[/],2,pieces,person/day,s\n", "utf-8"
    )
    assert "[red]X[/]" in answer(ask("needs", "t", "--standards", "loud.csv", "--site", "Birch Camp"))


def test_one_future_is_called_one(ask, folder):
    run_corridor(folder, "run", "two-towns", "--members", "1", "--out", "one").check_returncode()
    caution = "One future does not say how sure this is. Simulate many to see ranges."
    assert caution in answer(ask("needs", "one"))
    assert caution in answer(ask("triggers", "one", "--rule", "more than 5 trapped"))


def test_a_town_without_a_capacity(ask):
    text = answer(ask("needs", "t", "--site", "Tol"))
    assert "No capacity is known, so that it cannot be said where room runs short." in text


def test_help_shows_both_commands(ask):
    text = ask("--help").stdout
    assert " needs " in text and " triggers " in text
