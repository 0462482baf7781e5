"""`corridor sensitivity` as a user meets it: what it prints and writes, stopping, going on, wrong words."""

from __future__ import annotations

import csv
import os
import re
import signal
import time

import pytest
from process import start_corridor

ASK = ("sensitivity", "two-towns", "--outcome", "displaced by 2024-03-15")


@pytest.mark.usefixtures("compiled")
def test_what_matters_most(corridor, tmp_path):
    done = corridor(*ASK, "--futures", "600")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    words = " ".join(done.stdout.split())
    assert "If you can settle one thing, settle date of ceasefire day (now 7 Mar–11 Mar 24)" in words
    assert "To know which storyline comes true would narrow it to about" in words
    folder = tmp_path / "sensitivity" / "two-towns" / "displaced-by-2024-03-15"
    assert sorted(os.listdir(folder)) == [
        *("futures.npy", "plan.json", "sensitivity.csv", "sensitivity.html"),
        *("sensitivity.json", "sensitivity.svg"),
    ]
    with (folder / "sensitivity.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["kind"] for row in rows] == ["quantity", "storyline", "chance"]
    assert float(rows[0]["worth_low"]) < float(rows[0]["worth"]) < float(rows[0]["worth_high"])
    again = corridor(*ASK, "--futures", "600", "--workers", "1")
    assert again.stdout == done.stdout
    other = corridor(*ASK, "--futures", "600", "--seed", "2")
    assert other.returncode == 2
    assert "holds a study with another seed" in other.stderr
    assert corridor(*ASK, "--futures", "600", "--seed", "2", "--overwrite").returncode == 0


@pytest.mark.usefixtures("compiled")
def test_a_stopped_study_goes_on(corridor, tmp_path):
    asked = (*ASK, "--futures", "4000", "--out", "study")
    running = start_corridor(tmp_path, *asked, "--workers", "1")
    deadline = time.monotonic() + 120
    while not (tmp_path / "study" / "plan.json").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(2.0)
    running.send_signal(signal.SIGINT)
    said, complained = running.communicate(timeout=120)
    assert (running.returncode, said) == (130, "")
    kept = re.fullmatch(
        r"Stopped\. ([\d,]+) of 4,000 futures are kept in 'study'; the same command goes on from there\.\n",
        complained,
    )
    assert kept, complained
    assert 0 < int(kept[1].replace(",", "")) < 4000
    assert sorted(os.listdir(tmp_path / "study")) == ["futures.npy", "plan.json"]
    assert corridor(*asked).returncode == 0
    assert corridor(*ASK, "--futures", "4000", "--out", "whole").returncode == 0
    for name in ("futures.npy", "sensitivity.json", "sensitivity.svg", "sensitivity.html"):
        assert (tmp_path / "study" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.usefixtures("compiled")
def test_the_report_tells_the_answer(corridor, tmp_path):
    assert corridor("run", "two-towns", "-n", "5", "--out", "forecast").returncode == 0
    page = tmp_path / "forecast" / "report.html"
    assert "If you can settle one thing" not in page.read_text("utf-8")
    done = corridor(*ASK, "--futures", "600", "--report", "forecast")
    assert (done.returncode, done.stderr) == (0, "")
    assert "If you can settle one thing" in page.read_text("utf-8")
    other = corridor("sensitivity", "mosul-2016", "--outcome", "peak trapped", "--report", "forecast")
    assert other.returncode == 2
    assert "[forecast-other]" in other.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--outcome", "displaced by Easter"), "[outcome-unknown]"),
        (("--outcome", "people in Birch Cmap on 2024-03-08"), "did you mean 'Birch Camp'?"),
        (("--outcome", "peak trapped", "--until", "2025-01-01"), "[outcome-date]"),
        (("--outcome", "peak trapped", "--futures", "10"), "[futures]"),
        (("--outcome", "peak trapped", "--out", "diary"), "holds 'mine.txt'"),
        (("--outcome", "peak trapped", "--out", "diary", "--overwrite"), "holds 'mine.txt'"),
    ],
)
def test_wrong_words_are_answered(corridor, tmp_path, arguments, told):
    (tmp_path / "diary").mkdir()
    (tmp_path / "diary" / "mine.txt").write_text("secret")
    done = corridor("sensitivity", "two-towns", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert os.listdir(tmp_path / "diary") == ["mine.txt"]
