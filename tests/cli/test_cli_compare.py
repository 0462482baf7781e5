"""`corridor compare` and `corridor card` as a user meets them."""

from __future__ import annotations

import csv

import pytest
from process import run_corridor


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a what-if of two-towns, and stored forecasts of both."""
    made = tmp_path_factory.mktemp("compare")
    (made / "larger").mkdir()
    (made / "larger" / "scenario.yaml").write_text(
        "extends: two-towns\ntitle: A larger camp\ndescription: What if the camp had room for all?\n", "utf-8"
    )
    (made / "larger" / "places.csv").write_text("name,capacity\nBirch Camp,3000\n", "utf-8")
    for name in ("two-towns", "larger"):
        run_corridor(made, "run", name, "--members", "40", "--out", f"out/{name}").check_returncode()
    return made


@pytest.fixture
def ask(folder):
    """Run ``corridor ARGUMENTS`` in the folder of the forecasts."""
    return lambda *arguments: run_corridor(folder, *arguments)


def answer(done):
    """Assert that a command succeeded and kept to 80 columns; return what it printed."""
    assert (done.returncode, done.stderr) == (0, "")
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    return done.stdout


def test_scenarios_and_their_stored_forecasts_give_the_same_words(ask):
    stored = answer(ask("compare", "out/two-towns", "out/larger"))
    assert answer(ask("compare", "two-towns", "larger", "--members", "40")) == stored
    assert answer(ask("compare", "out/two-towns", "larger")) == stored
    assert stored.startswith(
        "larger against two-towns\n40 futures of each on the same random numbers, seed 1;"
    )
    assert "What if the camp had room for all?" in stored
    assert "- place 'Birch Camp': capacity is 3000 (was 300)\n" in stored
    assert "More people at Birch Camp (" in stored
    assert "Without the same random numbers the ranges would be " in stored


def test_page_and_table(ask, folder):
    text = answer(ask("compare", "out/two-towns", "out/larger", "--out", "cmp", "--date", "2024-03-10"))
    assert text.endswith("\nPage: cmp/comparison.html\nDifferences: cmp/differences.csv\n")
    assert "Averages over the futures on 10 March." in text
    assert '<h2 id="what-if-1">A larger camp</h2>' in (folder / "cmp" / "comparison.html").read_text("utf-8")
    with (folder / "cmp" / "differences.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["what_if"] for row in rows} == {"larger"}
    assert len({row["date"] for row in rows}) == 15
    again = ask("compare", "out/two-towns", "out/larger", "--out", "cmp")
    assert (again.returncode, again.stdout) == (2, "")
    assert "the folder 'cmp' is not empty" in again.stderr
    answer(ask("compare", "out/two-towns", "out/larger", "--out", "cmp", "--overwrite"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["two-towns"], "[too-few] there is nothing to compare with\n"),
        (["two-towns", "larger-camp"], "[folder-missing] 'larger-camp' is neither a folder nor"),
        (
            ["out/two-towns", "out/larger", "--seed", "2", "--members", "9"],
            "[forecasts-differ] the stored forecast 'out/larger' has seed 1; 2 was asked for\n",
        ),
        (
            ["out/two-towns", "larger", "--until", "2024-03-05"],
            "the stored forecast 'out/two-towns' has last day 2024-03-15; 2024-03-05 was asked for",
        ),
        (
            ["out/two-towns", "mosul-2016", "--members", "40"],
            "[forecasts-differ] 'two-towns' and 'mosul-2016' are forecasts of different places\n",
        ),
        (
            ["out/two-towns", "out/larger", "--date", "2025-01-01"],
            "[date-outside] '2025-01-01' is not a day of the forecast, 2024-03-01 to 2024-03-15\n",
        ),
    ],
)
def test_refused(ask, arguments, words):
    done = ask("compare", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert done.stderr.endswith("Nothing was run.\n")


def test_check_list_and_show_know_what_ifs(ask):
    assert ask("check", "larger", "--no-warnings").stdout.endswith(
        "A what-if of two-towns:\n- place 'Birch Camp': capacity is 3000 (was 300)\n"
    )
    shown = answer(ask("show", "out/larger"))
    assert "A what-if of two-towns: place 'Birch Camp': capacity is 3000 (was 300).\n" in shown
    assert "A what-if of" not in answer(ask("show", "out/two-towns"))


def test_the_terminal_says_what_a_forecast_is_not_for(ask):
    assert "Not for decisions about persons, for targeting, or for stopping people" in (
        answer(ask("show", "out/two-towns"))
    )


def test_triggers_of_the_scenario(ask, folder):
    text = answer(ask("triggers", "out/two-towns"))
    assert text.startswith("Birch Camp over 90 % full\nfired by")
    assert "\nmore than 500 displaced\n" in text
    (folder / "quiet").mkdir(exist_ok=True)
    (folder / "quiet" / "scenario.yaml").write_text("extends: two-towns\ntriggers: []\n", "utf-8")
    run_corridor(folder, "run", "quiet", "--members", "2", "--out", "out/quiet").check_returncode()
    done = ask("triggers", "out/quiet")
    assert (done.returncode, done.stdout) == (2, "")
    assert "[no-triggers] the scenario has no triggers" in done.stderr


def test_card_of_a_scenario_and_of_a_forecast(ask, folder):
    text = ask("card", "two-towns")
    assert (text.returncode, text.stderr) == (0, "")
    assert text.stdout.startswith("# Model card: Two towns and a camp\n")
    assert "Name the folder of a run in place of the scenario" in text.stdout
    assert ask("card", "out/two-towns", "--out", "card.md").stdout == "Card: card.md\n"
    card = (folder / "card.md").read_text("utf-8")
    assert "| Birch Camp | 2 |" in card
    assert ask("card", "out/two-towns", "--out", "card.html").returncode == 0
    assert (folder / "card.html").read_text("utf-8").startswith("<!doctype html>")
    again = ask("card", "out/two-towns", "--out", "card.md")
    assert (again.returncode, again.stdout) == (2, "")
    assert "'card.md' exists already" in again.stderr
    assert "must end with .md or .html" in ask("card", "two-towns", "--out", "card.pdf").stderr
