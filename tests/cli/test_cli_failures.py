"""What goes wrong: the exact words, the exit status, and that nothing is left behind."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from process import environment, start_corridor
from rich.console import Console

from corridor.cli.running import progress_bar
from corridor.scenario.bundled import bundled_folder


def refused(done: subprocess.CompletedProcess[str], words: str) -> None:
    """Assert that a command was refused as a wrong input, in these words and with no other."""
    assert (done.returncode, done.stdout, done.stderr) == (2, "", words)


def files_in(folder: Path) -> list[str]:
    """Return everything below a folder, hidden entries included."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("command", ["check", "run"])
def test_an_unknown_scenario(corridor, command):
    words = (
        "[folder-missing] 'two-town' is neither a folder nor a bundled scenario\n"
        "    hint: did you mean 'two-towns'?\n"
        "1 problem. Nothing was run.\n"
    )
    refused(corridor(command, "two-town"), words)


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_wrong_file(corridor, tmp_path, command):
    shutil.copytree(bundled_folder("two-towns"), tmp_path / "mine")
    routes = tmp_path / "mine" / "routes.csv"
    routes.write_text(
        routes.read_text("utf-8").replace("Amara,Birch Camp,10", "Amara,Birch Kamp,10"), "utf-8"
    )
    before = files_in(tmp_path)
    done = corridor(command, "mine")
    words = (
        "routes.csv:2:7 [place-unknown] to is 'Birch Kamp', which is no place of places.csv\n"
        "    2 | Amara,Birch Kamp,10,road\n"
        "      |       ^^^^^^^^^^\n"
        "    hint: did you mean 'Birch Camp'?\n"
        "1 problem in 1 file. Nothing was run.\n"
    )
    refused(done, words)
    assert files_in(tmp_path) == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--storyline", "longfight"],
            "[unknown-storyline] 'longfight' is not a storyline\n    hint: did you mean 'long-fight'?\n",
        ),
        (
            ["--storyline", "zzz"],
            "[unknown-storyline] 'zzz' is not a storyline\n    hint: storylines: long-fight, ceasefire\n",
        ),
        (["--members", "0"], "[members] '0' members; at least 1 is needed\n"),
        (["--seed", "-1"], "[seed] the seed is '-1'; it must be 0 to 2**63 - 1\n"),
        (["--workers", "0"], "[workers] '0' workers; at least 1 is needed\n"),
        (
            ["--until", "2024-02-01"],
            "[until] the last day '2024-02-01' must be after 2024-03-01 and not after 2024-03-15\n"
            "    hint: or change 'horizon' in scenario.yaml\n",
        ),
        (
            ["--until", "2024-04-01"],
            "[until] the last day '2024-04-01' must be after 2024-03-01 and not after 2024-03-15\n"
            "    hint: or change 'horizon' in scenario.yaml\n",
        ),
        (
            ["--members", "100000000"],
            "[too-large] 100000000 members would need 432 GB of memory\n"
            "    hint: at most 2777777 members fit; or end earlier with 'until'\n",
        ),
    ],
)
def test_an_argument_that_does_not_fit(corridor, tmp_path, arguments, words):
    refused(corridor("run", "two-towns", *arguments), words + "1 problem. Nothing was run.\n")
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["bogus"],
        ["run"],
        ["run", "two-towns", "--members", "many"],
        ["run", "two-towns", "--until", "soon"],
        ["run", "two-towns", "--bogus"],
        ["check", "two-towns", "extra"],
    ],
)
def test_a_call_that_cannot_be_parsed(corridor, tmp_path, arguments):
    done = corridor(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage:" in done.stderr
    assert "Traceback" not in done.stderr
    assert files_in(tmp_path) == []


def test_the_folder_one_stands_in_has_a_name(corridor, tmp_path):
    done = corridor("check", ".")
    assert done.returncode == 2
    assert f"there is no places.csv in '{tmp_path.name}'\n" in done.stderr


def test_an_output_folder_that_is_not_empty(corridor, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.doc").write_text("mine")
    words = (
        "[output-exists] the folder 'out' holds 'thesis.doc', which is not part of a forecast\n"
        "    hint: choose another with --out\n"
        "1 problem. Nothing was run.\n"
    )
    refused(corridor("run", "two-towns", "--out", "out"), words)
    refused(corridor("run", "two-towns", "--out", "out", "--overwrite"), words)
    assert files_in(tmp_path) == ["out", "out/thesis.doc"]


def test_an_output_folder_with_an_earlier_forecast(corridor, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.html").write_text("earlier")
    words = (
        "[output-exists] the folder 'out' is not empty\n"
        "    hint: choose another with --out, or add --overwrite\n"
        "1 problem. Nothing was run.\n"
    )
    refused(corridor("run", "two-towns", "--out", "out"), words)
    assert files_in(tmp_path) == ["out", "out/report.html"]


def test_overwrite_replaces_a_forecast(corridor, tmp_path):
    assert corridor("run", "two-towns", "-n", "3", "--seed", "1", "--out", "out").returncode == 0
    first = (tmp_path / "out" / "quantiles.csv").read_bytes()
    assert corridor("run", "two-towns", "-n", "3", "--seed", "2", "--out", "out").returncode == 2
    assert (tmp_path / "out" / "quantiles.csv").read_bytes() == first
    assert (
        corridor("run", "two-towns", "-n", "3", "--seed", "2", "--out", "out", "--overwrite").returncode == 0
    )
    assert (tmp_path / "out" / "quantiles.csv").read_bytes() != first
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["out"]


@pytest.mark.parametrize("out", ["file", "file/below", "file/below/deeper"])
def test_an_output_folder_that_is_a_file(corridor, tmp_path, out):
    (tmp_path / "file").write_text("mine")
    words = (
        "[output-is-file] 'file' is a file; a folder was expected\n"
        "    hint: choose another with --out\n"
        "1 problem. Nothing was run.\n"
    )
    refused(corridor("run", "two-towns", "--out", out), words)
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder in which even root cannot write")
def test_an_output_folder_that_cannot_be_written_is_told_before_anything_runs(corridor):
    done = corridor("run", "two-towns", "--members", "1000000", "--out", "/proc/corridor")
    words = (
        "[output-folder] '/proc/corridor' cannot be written: No such file or directory\n"
        "    hint: choose another with --out\n"
        "1 problem. Nothing was run.\n"
    )
    refused(done, words)


@pytest.mark.parametrize("path", ["nothing", "file", "folder"])
def test_show_without_a_forecast(corridor, tmp_path, path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    words = (
        f"[no-forecast] '{path}' holds no forecast\n"
        "    hint: name the folder of a run, or its forecast.zarr; corridor run makes one\n"
        "1 problem. Nothing was run.\n"
    )
    refused(corridor("show", path), words)


def test_show_of_another_format(corridor, tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "zarr.json").write_text('{"attributes": {"format": "corridor-forecast-0"}}')
    words = (
        "[forecast-format] 'old' is of format 'corridor-forecast-0'; 'corridor-forecast-1' was expected\n"
        "    hint: run the scenario again\n"
        "1 problem. Nothing was run.\n"
    )
    refused(corridor("show", "old"), words)


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("most_bytes", [0, 3_000, 12_000])
def test_a_full_disk(corridor, tmp_path, most_bytes):
    """Files that cannot grow beyond a size stand for the full disk."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    done = corridor("run", "two-towns", "--members", "20", "--out", "deep/out", preexec_fn=limit)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Corridor failed: the results could not be written to 'deep/out': File too large\n"
    assert files_in(tmp_path) == []


@pytest.mark.usefixtures("compiled")
def test_a_full_disk_leaves_the_earlier_forecast(corridor, tmp_path):
    assert corridor("run", "two-towns", "-n", "3", "--out", "out").returncode == 0
    before = {path: (tmp_path / path).stat().st_size for path in files_in(tmp_path)}

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, 3_000))

    done = corridor("run", "two-towns", "-n", "20", "--out", "out", "--overwrite", preexec_fn=limit)
    assert done.returncode == 1
    assert {path: (tmp_path / path).stat().st_size for path in files_in(tmp_path)} == before


def stopped(tmp_path: Path, *arguments: str, once: str, seconds: float) -> tuple[int, str, str]:
    """Start ``corridor`` and press Ctrl-C ``seconds`` after a path like ``once`` is there."""
    running = start_corridor(tmp_path, *arguments)
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob(once)) and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(seconds)
    running.send_signal(signal.SIGINT)
    said, complained = running.communicate(timeout=120)
    return running.returncode, said, complained


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("seconds", [0.0, 1.0])
def test_an_interrupted_run_leaves_nothing(tmp_path, seconds):
    arguments = ["run", "mosul-2016", "--members", "1000", "--out", "new/deep/out"]
    status, _, complained = stopped(tmp_path, *arguments, once="new/deep/.out.*", seconds=seconds)
    assert (status, complained) == (130, "Stopped. Nothing was written.\n")
    assert files_in(tmp_path) == []


def test_an_interrupt_that_gets_lost_stops_at_the_next_member():
    """Compiled code may clear the exception of a Ctrl-C, as is done here."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), progress_bar(Console(), 3) as advance:
            advance(1, 3)
            with suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
            advance(2, 3)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("compiled")
def test_an_interrupted_run_leaves_the_earlier_forecast(corridor, tmp_path):
    assert corridor("run", "two-towns", "-n", "3", "--out", "out").returncode == 0
    before = (tmp_path / "out" / "quantiles.csv").read_bytes()
    arguments = ["run", "mosul-2016", "--members", "1000", "--out", "out", "--overwrite"]
    status, _, complained = stopped(tmp_path, *arguments, once=".out.*", seconds=1.0)
    assert (status, complained) == (130, "Stopped. Nothing was written.\n")
    assert (tmp_path / "out" / "quantiles.csv").read_bytes() == before
    assert os.listdir(tmp_path) == ["out"]


def test_a_reader_that_goes_away_meets_no_traceback(tmp_path):
    """``corridor list | head -0``: the pipe is closed before anything is written."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "corridor", "list"],
        cwd=tmp_path,
        env=environment(),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    os.close(writing)
    assert "Traceback" not in done.stderr
