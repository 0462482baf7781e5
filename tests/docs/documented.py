"""A page of the documentation as a list of things to type: run in one folder, it gives the page again.

- ``console`` blocks: each line after ``$ `` is a command; the lines up to the next one are what it shows.
  Where none are shown, anything may be. ``$ echo $?`` shows the exit status of the command before, which must
  be 0 where it is not shown.
- ``python`` blocks: run one after the other with the same names; a ``text`` block that follows at once is
  what they print.
- A line ``...`` in what is shown stands for any number of lines.

`python tests/docs/documented.py PAGE` writes what is shown now into the page; where ``...`` fits, it stays.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(
    r"^```(console|python)\n(.*?)^```\n(?:\n?^```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL
)


def page_as_it_runs(text: str, folder: Path) -> str:
    """Run what a page says in ``folder`` and return the page with what was shown.

    Raises
    ------
    AssertionError
        If a command fails and the page does not say so.
    """
    (folder / "src").symlink_to(ROOT / "src")  # the reader stands in the root of the repository
    names: dict[str, Any] = {"__name__": "documented"}

    def run_block(block: re.Match[str]) -> str:
        kind, code, shown = block.groups()
        if kind == "console":
            return f"```console\n{''.join(_run_commands(code, folder))}```\n" + _rest_of(block)
        printed = _run_python(code, names, folder)
        if shown is None:
            return block.group(0)
        start, end = block.start(3) - block.start(), block.end(3) - block.start()
        whole = block.group(0)
        return whole[:start] + _kept_or_new(shown, printed) + whole[end:]

    return _FENCE.sub(run_block, text)


def _rest_of(block: re.Match[str]) -> str:
    """Return what the pattern took beyond a console block: a text block that has nothing to do with it."""
    return block.group(0)[block.end(2) - block.start() + len("```\n") :]


def _run_commands(code: str, folder: Path) -> Iterator[str]:
    steps = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", code, re.MULTILINE)
    status = 0
    for number, (command, shown) in enumerate(steps):
        if command == "echo $?":
            yield f"$ echo $?\n{status}\n"
            continue
        status, printed = _run_shell(command, folder)
        is_told = number + 1 < len(steps) and steps[number + 1][0] == "echo $?"
        assert status == 0 or is_told, f"{command}: exit status {status}\n{printed}"
        yield f"$ {command}\n{_kept_or_new(shown, printed) if shown else ''}"


def _run_shell(command: str, folder: Path) -> tuple[int, str]:
    with tempfile.TemporaryDirectory() as programs:
        corridor = Path(programs) / "corridor"
        corridor.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m corridor "$@"\n', "utf-8")
        corridor.chmod(corridor.stat().st_mode | stat.S_IXUSR)
        environment = {
            **{name: value for name, value in os.environ.items() if name not in {"FORCE_COLOR", "COLUMNS"}},
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHONIOENCODING": "utf-8",
            "LC_ALL": "C",
        }
        done = subprocess.run(
            command,
            shell=True,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=600,
        )
    return done.returncode, _tidy(done.stdout)


def _run_python(code: str, names: dict[str, Any], folder: Path) -> str:
    printed, before = io.StringIO(), Path.cwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "a python block", "exec"), names)
    finally:
        os.chdir(before)
    return _tidy(printed.getvalue())


def _tidy(printed: str) -> str:
    """Return lines without the blanks at their ends, which a page does not show."""
    return "".join(f"{line.rstrip()}\n" for line in printed.splitlines())


def _kept_or_new(shown: str, printed: str) -> str:
    """Return what is shown if it fits what was printed, else what was printed."""
    parts = [re.escape(part) for part in re.split(r"^\.\.\.\n", shown, flags=re.MULTILINE)]
    return shown if re.fullmatch(r"(?:.*\n)*?".join(parts), printed) else printed


if __name__ == "__main__":
    for name in sys.argv[1:]:
        page = Path(name)
        with tempfile.TemporaryDirectory() as folder:
            page.write_text(page_as_it_runs(page.read_text("utf-8"), Path(folder)), "utf-8")
