"""Output that cannot be written, and files that must not be: told on standard error, never a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from process import environment

import flee_tiny

INSTANCE = ("input_csv", "source_data", "settings.yml")
COMMANDS = {
    "flee run": ("flee", "run", *INSTANCE),
    "flee import": ("flee", "import", *INSTANCE, "--out", "imported"),
    "check": ("check", "two-towns"),
    "run": ("run", "two-towns", "--members", "2", "--out", "forecast"),
    "list": ("list",),
}


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """The instance of four places, in the folder in which the command runs."""
    return flee_tiny.write_files(tmp_path)


def in_shell(folder: Path, arguments: tuple[str, ...], redirection: str) -> subprocess.CompletedProcess[str]:
    """Run corridor with its streams redirected by a shell."""
    command = f"exec {sys.executable} -m corridor {' '.join(arguments)} {redirection}"
    return subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment(), capture_output=True, text=True, timeout=300
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_behind_standard_output(tiny, command):
    done = in_shell(tiny, COMMANDS[command], "> /dev/full")
    assert done.returncode == 1
    last = "Corridor failed: the output cannot be read or written: No space left on device"
    assert done.stderr.splitlines()[-1] == last
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_a_closed_standard_output(tiny, command):
    done = in_shell(tiny, COMMANDS[command], ">&-")
    assert (done.returncode, done.stderr) == (1, "Corridor failed: standard output is closed\n")


def test_a_closed_standard_error_leaves_the_table_alone(tiny):
    whole = in_shell(tiny, COMMANDS["flee run"], "2> /dev/null")
    done = in_shell(tiny, COMMANDS["flee run"], "2>&-")
    assert (done.returncode, done.stdout) == (0, whole.stdout)


def test_a_reader_who_goes_away_hears_nothing(tiny):
    done = in_shell(tiny, COMMANDS["list"], "| true")
    assert (done.returncode, done.stderr) == (0, "")


def refused(done: subprocess.CompletedProcess[str], words: str) -> None:
    assert (done.returncode, done.stdout, done.stderr) == (2, "", words)


def test_what_is_no_regular_file_is_not_replaced(corridor, tiny):
    words = (
        "[output-special] '/dev/null' is no regular file\n"
        "    hint: choose another with --out\n1 problem. Nothing was run.\n"
    )
    refused(corridor(*COMMANDS["flee run"], "--out", "/dev/null", "--overwrite"), words)


@pytest.mark.parametrize("file", ["settings.yml", "source_data/one.csv", "input_csv/../input_csv/routes.csv"])
def test_a_file_of_the_instance_is_not_replaced(corridor, tiny, file):
    before = (tiny / file).read_bytes()
    words = (
        f"[output-is-input] '{file}' is a file of the instance itself\n"
        "    hint: choose another with --out\n1 problem. Nothing was run.\n"
    )
    refused(corridor(*COMMANDS["flee run"], "--out", file, "--overwrite"), words)
    assert (tiny / file).read_bytes() == before


def test_more_replicates_than_a_machine_can_hold(corridor, tiny):
    words = "[replicates] '10000000000' replicates; at most 1000000 are run at once\n"
    words += "1 problem. Nothing was run.\n"
    refused(corridor(*COMMANDS["flee run"], "-n", "10000000000"), words)


def test_days_of_more_than_a_hundred_years(corridor, tiny):
    words = (
        "[flee-period-length] 99999999999999999999 days are too many; at most 36525 are simulated, "
        "a hundred years\n1 problem. Nothing was run.\n"
    )
    refused(corridor(*COMMANDS["flee run"], "--days", "9" * 20), words)


def test_a_name_that_no_disk_takes(corridor, tiny):
    done = corridor(*COMMANDS["flee run"], "--out", "x" * 300)
    words = f"Corridor failed: '{'x' * 100}' cannot be read or written: File name too long\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", words)


def test_hasten_of_the_command_line_is_not_blamed_on_the_settings(corridor, tiny):
    words = (
        "[flee-import-not-supported] --hasten is '10'; a scenario holds people, not one for many\n"
        "    hint: leave it out, or give --hasten 1\n1 problem. Nothing was run.\n"
    )
    refused(corridor(*COMMANDS["flee import"], "--hasten", "10"), words)


def test_importing_beside_other_files(corridor, tiny):
    (tiny / "imported").mkdir()
    (tiny / "imported" / "note.txt").write_text("mine", "utf-8")
    words = (
        "[output-exists] the folder 'imported' holds 'note.txt', which is not part of a scenario\n"
        "    hint: choose another with --out\n1 problem. Nothing was run.\n"
    )
    refused(corridor(*COMMANDS["flee import"]), words)
