"""`corridor evidence` as a user meets it: what it prints, where, and with which status."""

from __future__ import annotations

import csv
import io
import shutil

import pytest

from corridor.scenario.bundled import bundled_folder

HEADER = "id,said_on,about,low,high,unit,kind,source,carried_by,reliability,credibility\n"
GOOD = (
    "headcount,2024-02-20,population of Amara,850,950,people,estimate,Amara town council,,B,2\n"
    "elders,2024-02-25,population of Amara,120,,families,estimate,the elders,a newspaper > a blog,C,3\n"
    "mediator-week,2024-02-29,date of ceasefire_day,6,10,days,forecast,the mediators,a newspaper,C,3\n"
    "un,2024-02-29,displaced by 2024-03-10,400,,people,forecast,UN,,B,3\n"
)


@pytest.fixture
def folder(tmp_path):
    """Return a copy of two-towns with claims that say what they are about."""
    copy = tmp_path / "my-crisis"
    shutil.copytree(bundled_folder("two-towns"), copy)
    (copy / "claims.csv").write_text(HEADER + GOOD, encoding="utf-8")
    return copy


def add_claims(folder, *rows):
    with (folder / "claims.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{row}\n" for row in rows)


def test_who_says_what(corridor, folder):
    done = corridor("evidence", "my-crisis")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    assert "4 claims, issued 2024-03-01" in done.stdout
    lines = done.stdout.splitlines()
    assert "population of Amara" in lines
    assert next(line for line in lines if "Amara town council" in line).split()[3:6] == ["B2", "69", "%"]
    assert "    25 Feb 24, estimate; through a newspaper > a blog" in lines
    assert next(line for line in lines if line.startswith("  the elders")).rstrip().endswith("▶")
    assert "What others expected" in done.stdout
    assert done.stdout.index("What others expected") < done.stdout.index("displaced by 2024-03-10")


def test_the_word_show_may_be_left_out(corridor, folder):
    assert corridor("evidence", "show", "my-crisis").stdout == corridor("evidence", "my-crisis").stdout


def test_one_quantity_by_its_words_its_prior_or_a_part(corridor, folder):
    by_words = corridor("evidence", "my-crisis", "--about", "date of ceasefire_day").stdout
    assert by_words.startswith("\ndate of ceasefire_day\n")
    assert "A week, give or take two days." in by_words
    assert corridor("evidence", "--about", "ceasefire_day", "my-crisis").stdout == by_words
    assert corridor("evidence", "my-crisis", "--about", "CEASE").stdout == by_words
    assert "town council" not in by_words


def test_a_quantity_nobody_spoke_of(corridor, folder):
    done = corridor("evidence", "my-crisis", "--about", "population of Amarra")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "[about-unknown] nothing was said about 'population of Amarra'\n"
        "    hint: did you mean 'population of Amara'?\n"
        "1 problem. Nothing was run.\n"
    )


def test_what_was_known_on_a_day(corridor, folder):
    done = corridor("evidence", "my-crisis", "--until", "2024-02-24")
    assert done.returncode == 0
    assert "1 claims, what was said by 2024-02-24" in done.stdout
    assert "the elders" not in done.stdout


def test_faults_are_named_with_line_and_column_after_the_ledger(corridor, folder):
    add_claims(
        folder,
        "typo,2024-02-20,population of Amarra,5,5,people,estimate,x,,B,2",
        "loop,2024-02-20,population of Tol,5,5,people,estimate,x,y > X,B,2",
        "tents,2024-02-20,population of Tol,5,5,tents,estimate,z,,B,2",
    )
    done = corridor("evidence", "my-crisis")
    assert done.returncode == 2
    assert "population of Amara" in done.stdout
    assert done.stderr == (
        "claims.csv:6:17 [about-unknown] about is 'population of Amarra': "
        "'Amarra' is no place of the scenario\n"
        "    6 | typo,2024-02-20,population of Amarra,5,5,people,estimate,x,,B,2\n"
        "      |                 ^^^^^^^^^^^^^^^^^^^^\n"
        "    hint: did you mean 'Amara'?\n"
        "claims.csv:7:57 [chain-circular] 'X' stands twice in the chain 'x > y > X'\n"
        "    7 | loop,2024-02-20,population of Tol,5,5,people,estimate,x,y > X,B,2\n"
        "      |                                                         ^^^^^\n"
        "    hint: list each carrier once, in the order in which they handed it on\n"
        "claims.csv:8:40 [unit-unknown] 'tents' is no known unit\n"
        "    8 | tents,2024-02-20,population of Tol,5,5,tents,estimate,z,,B,2\n"
        "      |                                        ^^^^^\n"
        "    hint: write people or families\n"
        "3 problems in 1 file. Nothing was run.\n"
    )


def test_a_scenario_that_cannot_be_read_says_so_first(corridor, folder):
    add_claims(folder, "wrong,2024-02-20,population of Tol,9,5,people,estimate,x,,G,2")
    done = corridor("evidence", "my-crisis")
    assert (done.returncode, done.stdout) == (2, "")
    assert "[range-order]" in done.stderr
    assert "[not-a-choice]" in done.stderr


def test_the_logarithmic_pool_of_contradictory_certainties(corridor, folder):
    add_claims(
        folder,
        "low,2024-02-20,population of Tol,50,51,people,observation,x,,A,1",
        "high,2024-02-20,population of Tol,900,950,people,observation,y,,A,1",
    )
    assert corridor("evidence", "my-crisis").returncode == 0
    done = corridor("evidence", "my-crisis", "--pool", "log")
    assert done.returncode == 2
    assert "[pool-no-overlap] 'population of Tol'" in done.stderr
    assert "logarithmic pool" in done.stdout


def test_mosul_reads_well_in_80_columns(corridor):
    done = corridor("evidence", "mosul-2016")
    lines = done.stdout.splitlines()
    assert max(len(line) for line in lines) <= 80
    assert {"population of Mosul", "people of armed men in Mosul", "displaced in the first weeks"} <= set(
        lines
    )
    assert "Traceback" not in done.stderr


def test_a_terminal_without_unicode(corridor, folder, monkeypatch):
    monkeypatch.setattr("process.environment", lambda: ascii_environment())
    done = corridor("evidence", "my-crisis")
    assert done.returncode == 0
    assert done.stdout.isascii()


def ascii_environment():
    from test_cli_commands import ROOT

    return {"PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "ascii", "TERM": "dumb"}


def test_read_proposes_claims_and_says_they_need_reading(corridor, folder, tmp_path):
    report = tmp_path / "report.txt"
    report.write_text(
        "20 February 2024\n\nAt least 60 families fled Amara, a priest told the Daily.\n", "utf-8"
    )
    done = corridor("evidence", "read", "report.txt", "--scenario", "my-crisis")
    assert (done.returncode, done.stderr) == (0, "1 proposal from 2 sentences. Read each one: rules err.\n")
    (row,) = csv.DictReader(io.StringIO(done.stdout))
    assert (row["low"], row["unit"], row["source"], row["carried_by"]) == (
        "60",
        "families",
        "priest",
        "Daily",
    )
    assert (row["said_on"], row["about"], row["line"]) == ("2024-02-20", "people displaced in Amara", "3")
    assert row["sentence"] == "At least 60 families fled Amara, a priest told the Daily."


def test_proposals_can_be_added_to_the_ledger_as_they_are(corridor, folder, tmp_path):
    report = tmp_path / "report.txt"
    report.write_text("20 February 2024\n\nUp to 300 people fled Tol, a priest said.\n", "utf-8")
    rows = list(csv.DictReader(io.StringIO(corridor("evidence", "read", "report.txt").stdout)))
    columns = HEADER.strip().split(",")
    add_claims(folder, ",".join(rows[0][column] for column in columns))
    assert corridor("check", "my-crisis").returncode == 0
    assert "displaced by 2024-02-20" in corridor("evidence", "my-crisis").stdout


def test_read_of_what_is_no_report(corridor, tmp_path):
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7")
    done = corridor("evidence", "read", "paper.pdf")
    assert (done.returncode, done.stdout) == (2, "")
    assert "[report-not-text] 'paper.pdf' is a PDF" in done.stderr


def test_help_names_both_commands(corridor):
    done = corridor("evidence", "--help")
    assert done.returncode == 0
    assert all(f" {command} " in done.stdout for command in ("show", "read"))
